"""The floor: a bare asyncpg loop. SKIP LOCKED batch claim with a lease, group-committed outcome and attempt journal;
no lanes, limits, look-ups, signatures, logs or metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from bench.contenders.base import CONCURRENT, chunks
from bench.contenders.sending import Poster
from bench.work import Job

SCHEMA = """
CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, key text NOT NULL,
    body text NOT NULL, due_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX job_due ON job (due_at);
CREATE TABLE attempt (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), outcome text NOT NULL);
"""
CLAIM = """
UPDATE job SET due_at = now() + interval '60 s' WHERE id = ANY(ARRAY(
    SELECT id FROM job WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING id, event_id, body
"""
FINISH = """
WITH done AS (DELETE FROM job WHERE id = ANY($1::bigint[]) RETURNING event_id)
INSERT INTO attempt (event_id, outcome) SELECT event_id, 'accepted' FROM done
"""


class Floor:
    name, ours = "bare loop (floor)", False
    recorded = "SELECT count(*) FROM attempt"

    async def prepare(self, dsn: str, sink: str) -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute(SCHEMA)
        await connection.close()

    async def enqueue(self, dsn: str, jobs: Sequence[Job], chunk: int) -> float:
        connection = await asyncpg.connect(dsn)
        insert = "INSERT INTO job (event_id, key, body) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])"
        started = time.perf_counter()
        for part in chunks(jobs, chunk):
            await connection.execute(
                insert, [job.id for job in part], [job.key for job in part], [job.body.decode() for job in part]
            )
        took_s = time.perf_counter() - started
        await connection.close()
        return took_s

    async def work(self, dsn: str, sink: str, ready: Callable[[], Awaitable[None]]) -> None:
        claimer, finisher = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
        poster, queue, done = Poster(sink), asyncio.Queue[Any](2 * CONCURRENT), list[int]()
        ended = asyncio.Event()

        async def claim() -> None:
            while True:
                for row in await claimer.fetch(CLAIM, 4 * CONCURRENT) or [None]:
                    await (asyncio.sleep(0.1) if row is None else queue.put(row))

        async def send() -> None:
            while True:
                row = await queue.get()
                await poster.post(str(row["event_id"]), row["body"].encode())
                done.append(row["id"])
                ended.set()

        async def finish() -> None:
            while await ended.wait():
                ended.clear()
                batch, done[:] = list(done), []
                await finisher.execute(FINISH, batch)

        await ready()
        await asyncio.gather(claim(), finish(), *(send() for _ in range(CONCURRENT)))
