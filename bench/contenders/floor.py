"""The floor: a bare asyncpg loop. SKIP LOCKED batch claim with a lease, group-committed outcome and attempt journal;
no lanes, limits, look-ups, signatures, logs or metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg  # type: ignore[import-untyped]

from bench.contenders.base import CONCURRENT, chunks
from bench.contenders.sending import Poster
from bench.work import Job

SCHEMA = """
CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, key text NOT NULL,
    body text NOT NULL, attempt integer NOT NULL DEFAULT 0, due_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX job_due ON job (due_at);
CREATE TABLE attempt (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL,
    event_id uuid NOT NULL, attempt integer NOT NULL, duration_ms integer NOT NULL, outcome text NOT NULL,
    why text NOT NULL);
"""
CLAIM = """
UPDATE job SET due_at = now() + interval '60 s', attempt = attempt + 1 WHERE id = ANY(ARRAY(
    SELECT id FROM job WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING id, event_id, body, attempt
"""
FINISH = """
WITH u AS (SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::int[], $5::int[], $6::text[],
    $7::text[]) AS u (id, at, event_id, attempt, duration_ms, outcome, why)
), done AS (
    DELETE FROM job WHERE id IN (SELECT id FROM u WHERE outcome = 'accepted')
), again AS (
    UPDATE job SET due_at = now() + interval '5 s' WHERE id IN (SELECT id FROM u WHERE outcome <> 'accepted')
)
INSERT INTO attempt (at, event_id, attempt, duration_ms, outcome, why)
SELECT at, event_id, attempt, duration_ms, outcome, why FROM u
"""


class Floor:
    name, ours = "bare loop (floor)", False
    recorded = "SELECT count(*) FROM attempt WHERE outcome = 'accepted'"

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
        poster, queue, ended = Poster(sink), asyncio.Queue[Any](2 * CONCURRENT), list[Any]()
        some = asyncio.Event()

        async def claim() -> None:
            while True:
                for row in await claimer.fetch(CLAIM, 4 * CONCURRENT) or [None]:
                    await (asyncio.sleep(0.1) if row is None else queue.put(row))

        async def send() -> None:
            while True:
                job_id, event_id, body, attempt = await queue.get()
                started, outcome, why = time.monotonic(), "accepted", ""
                try:
                    await poster.post(str(event_id), body.encode())
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    outcome, why = "try_later", repr(error)
                took_ms = round(1000 * (time.monotonic() - started))
                ended.append((job_id, datetime.now(UTC), event_id, attempt, took_ms, outcome, why))
                some.set()

        async def finish() -> None:
            while await some.wait():
                some.clear()
                batch, ended[:] = list(ended), []
                await finisher.execute(FINISH, *zip(*batch, strict=True))

        await ready()
        await asyncio.gather(claim(), finish(), *(send() for _ in range(CONCURRENT)))
