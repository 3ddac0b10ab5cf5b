"""The dispatch worker: one process, all destinations. See docs/subsystems/dispatch.md.

Work is found by polling (always) and by NOTIFY (a hint that makes it faster). Rescue is built in: every worker
gives back the lanes of workers that fell silent.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from posrednik.connectors.base import Connector
from posrednik.dispatch.dispatcher import Dispatcher, Tuning
from posrednik.dispatch.heart import Heart
from posrednik.dispatch.limiter import Limiter, Limits
from posrednik.dispatch.notifier import Listener
from posrednik.kit import metrics
from posrednik.kit.ids import uuid7
from posrednik.kit.log import get_logger
from posrednik.store import destinations, lanes
from posrednik.store.db import Database, Row, StoreError

log = get_logger("dispatch")
RETIRE_S = 5.0


@dataclass(frozen=True, slots=True)
class Served:
    """How a destination is to be served: made by bootstrap for its kind and settings."""

    connector: Connector
    limits: Limits | None = None
    tuning: Tuning = field(default_factory=Tuning)


Serve = Callable[[Row], Awaitable[Served | None]]


class Worker:
    """serve: builds the connector of a destination row, or None when this worker cannot serve it.

    limits_s: kind -> the destination's own time limit, for rescued lanes. notify False = polling alone.
    """

    def __init__(
        self, db: Database, serve: Serve, limits_s: dict[str, float], *, poll_s: float = 1.0, beat_s: float = 3.0,
        notify: bool = True, worker_id: UUID | None = None,
    ) -> None:  # fmt: skip
        self.id = worker_id or uuid7()
        self.heart = Heart(db, self.id, beat_s)
        self._db, self._serve, self._limits_s, self._poll_s = db, serve, limits_s, poll_s
        self._dispatchers: dict[int, tuple[int, Dispatcher]] = {}
        self._retiring: dict[int, asyncio.Task[Dispatcher]] = {}
        self._listener = Listener(db.direct_dsn, self._hinted) if notify else None
        self._soon = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Register, then serve in the background until `stop`."""
        await self.heart.beat()
        log.info("worker.started", worker=self.id)
        loops: list[Coroutine[Any, Any, None]] = [self.heart.run(), self._poll_loop(), self._rescue_loop()]
        if self._listener:
            loops.append(self._listener.run())
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def stop(self, grace_s: float = 20.0) -> None:
        """Give back what is not being sent, wait for the rest; the heart beats until the end."""
        heart, *others = self._loops
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        ends = [dispatcher.stop(grace_s) for _, dispatcher in self._dispatchers.values()]
        await asyncio.gather(*ends, *self._retiring.values(), return_exceptions=True)
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
        try:
            await self._db.transact(lambda tx: tx.run("worker_gone", {"id": self.id}))
        except StoreError as error:
            log.warning("worker.left_silently", error=str(error))
        log.info("worker.stopped", worker=self.id)

    def _hinted(self, ids: set[int]) -> None:
        for destination_id in ids:
            known = self._dispatchers.get(destination_id)
            if known:
                known[1].wake()
            else:
                self._soon.set()

    async def _poll_loop(self) -> None:
        while True:
            try:
                await self._poll()
            except StoreError as error:
                log.warning("worker.poll_failed", error=str(error))
            except Exception:
                log.exception("worker.poll_crashed")
            pause = self._poll_s * (0.8 + 0.4 * random.random())
            try:
                async with asyncio.timeout(pause):
                    await self._soon.wait()
            except TimeoutError:
                pass
            self._soon.clear()

    async def _poll(self) -> None:
        rows = await destinations.due(self._db)
        for row in rows:
            metrics.BREAKER.labels(row.name).set(row.breaker != "closed")
            try:
                await self._look_at(row)
            except StoreError:
                raise
            except Exception:
                log.exception("worker.destination_unfit", destination=row.name)
        for gone in self._dispatchers.keys() - {row.id for row in rows}:
            self._retire(gone)

    async def _look_at(self, row: Row) -> None:
        dispatcher = await self._dispatcher(row)
        if dispatcher is None:
            return
        dispatcher.see(row.state, row.breaker, row.probe_due and row.due)
        if row.due:
            dispatcher.wake()
        elif row.next_s is not None and row.next_s < self._poll_s:
            dispatcher.wake_in(row.next_s)

    async def _dispatcher(self, row: Row) -> Dispatcher | None:
        """The running dispatcher of a destination. When its settings have changed, none until the old one is through:
        two of one worker must never serve one destination. Nobody waits for that but the destination itself."""
        known = self._dispatchers.get(row.id)
        if known and known[0] == row.revision:
            return known[1]
        if known:
            self._retire(row.id)
        retiring = self._retiring.get(row.id)
        if retiring and not retiring.done():
            return None
        served = await self._serve(row)
        if served is None:
            return None
        before = self._retiring.pop(row.id).result() if retiring else None
        limiter = Limiter(self._db, row.id, served.limits)
        dispatcher = Dispatcher(
            self._db, row.id, row.name, served.connector, limiter, self.heart, served.tuning, before
        )
        dispatcher.start()
        self._dispatchers[row.id] = (row.revision, dispatcher)
        return dispatcher

    def _retire(self, destination_id: int) -> None:
        _, dispatcher = self._dispatchers.pop(destination_id)

        async def stop() -> Dispatcher:
            try:
                await dispatcher.stop(RETIRE_S)
            except Exception:
                log.exception("dispatch.stop_crashed", destination=dispatcher.name)
            self._soon.set()
            return dispatcher

        self._retiring[destination_id] = asyncio.create_task(stop())

    async def _rescue_loop(self) -> None:
        while True:
            await asyncio.sleep(self.heart.interval_s * (0.8 + 0.4 * random.random()))
            try:
                await self._rescue()
            except StoreError as error:
                log.warning("worker.rescue_failed", error=str(error))
            except Exception:
                log.exception("worker.rescue_crashed")

    async def _rescue(self) -> None:
        rows = await self._db.transact(
            lambda tx: lanes.rescue(tx, me=self.id, dead_after_s=self.heart.dead_after_s, limits_s=self._limits_s)
        )
        metrics.RESCUED.inc(len(rows))
        for row in rows:
            log.warning("lane.rescued", destination=row.destination, key=row.key, attempt=row.attempt)
