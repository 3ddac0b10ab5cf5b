"""Posrednik as it is installed: `bootstrap.worker` with every feature on, events through the outbox."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench.contenders.base import chunks
from bench.work import BASE, SECRET, Job
from posrednik import bootstrap, bootstrap_worker
from posrednik.config import DatabaseSection, Settings, SubscriptionSection, Webhooks
from posrednik.kit import log
from posrednik.kit.http import Sessions
from posrednik.kit.memory import calm_collector
from posrednik.store import events
from posrednik.store.db import Tx
from posrednik.store.lanes import PERSON


def settings_of(dsn: str, sink: str) -> Settings:
    return Settings(
        database=DatabaseSection(url=dsn), webhooks=Webhooks(allow_private=True),
        subscriptions=(SubscriptionSection(sink, SECRET),),
    )  # fmt: skip


class Ours:
    name, ours = "Posrednik", True
    # Of this run: a worker is registered before it sends. The count is only made once nothing is leased any more.
    recorded = (
        "SELECT count(*) FROM journal WHERE kind = 'attempt' AND outcome = 'accepted'"
        " AND at >= (SELECT max(started_at) FROM worker) AND NOT EXISTS (SELECT 1 FROM lane WHERE state = 'leased')"
    )

    def __init__(self, priority: int = PERSON) -> None:
        self._priority = priority

    async def prepare(self, dsn: str, sink: str) -> None:
        settings = settings_of(dsn, sink)
        db = bootstrap.database(settings, dsn)
        await db.open()
        await bootstrap.apply_configuration(db, settings)
        await db.close()

    async def enqueue(self, dsn: str, jobs: Sequence[Job], chunk: int) -> float:
        db = bootstrap.database(Settings(), dsn)
        await db.open()
        started = time.perf_counter()
        for part in chunks(jobs, chunk):

            async def put(tx: Tx, part: Sequence[Job] = part) -> None:
                for job in part:
                    events.emit(tx, job.event, BASE, job.event.subject_id, priority=self._priority)

            await db.transact(put)
        took_s = time.perf_counter() - started
        await db.close()
        return took_s

    async def work(self, dsn: str, sink: str, ready: Callable[[], Awaitable[None]]) -> None:
        log.configure("info", terminal=False)
        settings = settings_of(dsn, sink)
        db, sessions = bootstrap.database(settings, dsn), Sessions()
        await db.open()
        worker = bootstrap_worker.worker(settings, db, sessions)
        calm_collector()
        await ready()
        await worker.start()
        await asyncio.Event().wait()
