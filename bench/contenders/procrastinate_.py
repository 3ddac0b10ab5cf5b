"""Procrastinate from PyPI: its lock is the key, so it keeps the order as ours does; it fetches job by job."""

import time
from collections.abc import Awaitable, Callable, Sequence

from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager

from bench.contenders.base import CONCURRENT, chunks
from bench.contenders.sending import Poster
from bench.work import Job


def app_of(dsn: str, poster: Poster | None) -> App:
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=4, max_size=20))

    @app.task(name="post", queue="bench")
    async def post(job_id: str, body: str) -> None:
        assert poster is not None
        await poster.post(job_id, body.encode())

    return app


class ProcrastinateContender:
    name, ours = "Procrastinate", False
    recorded = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"

    async def prepare(self, dsn: str, sink: str) -> None:
        app = app_of(dsn, None)
        async with app.open_async():
            await SchemaManager(connector=app.connector).apply_schema_async()

    async def enqueue(self, dsn: str, jobs: Sequence[Job], chunk: int) -> float:
        app = app_of(dsn, None)
        async with app.open_async():
            started = time.perf_counter()
            for part in chunks(jobs, chunk):
                await app.job_manager.batch_defer_jobs_async([
                    app.configure_task("post", lock=job.key).make_new_job(job_id=str(job.id), body=job.body.decode())
                    for job in part
                ])  # fmt: skip
            return time.perf_counter() - started

    async def work(self, dsn: str, sink: str, ready: Callable[[], Awaitable[None]]) -> None:
        app = app_of(dsn, Poster(sink))
        async with app.open_async():
            await ready()
            await app.run_worker_async(queues=["bench"], concurrency=CONCURRENT, install_signal_handlers=False)
