"""PgQueuer from PyPI: durable tables, an asyncpg pool, batches of 100; not tuned further."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg  # type: ignore[import-untyped]
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.models import Job as Picked
from pgqueuer.queries import Queries

from bench.contenders.base import CONCURRENT, chunks
from bench.contenders.sending import Poster
from bench.work import Job

BATCH = 100


class PgQueuerContender:
    name, ours = "PgQueuer", False
    recorded = (
        "SELECT (SELECT count(*) FROM pgqueuer_log WHERE status = 'successful') - (SELECT count(*) FROM pgqueuer)"
    )

    async def prepare(self, dsn: str, sink: str) -> None:
        connection = await asyncpg.connect(dsn)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    async def enqueue(self, dsn: str, jobs: Sequence[Job], chunk: int) -> float:
        connection = await asyncpg.connect(dsn)
        queries = Queries(AsyncpgDriver(connection))
        started = time.perf_counter()
        for part in chunks(jobs, chunk):
            payloads: list[bytes | None] = [job.id.bytes + job.body for job in part]
            await queries.enqueue(["post"] * len(part), payloads, [0] * len(part))
        took_s = time.perf_counter() - started
        await connection.close()
        return took_s

    async def work(self, dsn: str, sink: str, ready: Callable[[], Awaitable[None]]) -> None:
        poster = Poster(sink)
        async with asyncpg.create_pool(dsn, min_size=4, max_size=10) as pool:
            engine = PgQueuer(AsyncpgPoolDriver(pool))

            @engine.entrypoint("post")
            async def post(job: Picked) -> None:
                assert job.payload is not None
                await poster.post(job.payload[:16].hex(), job.payload[16:])

            await ready()
            await engine.qm.run(
                batch_size=BATCH, max_concurrent_tasks=max(2 * BATCH, CONCURRENT), dequeue_timeout=timedelta(seconds=1)
            )
