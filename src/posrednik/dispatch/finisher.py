"""Group commit of outcomes: whatever came to an end meanwhile is recorded by one transaction.

A failure to record never re-opens a sent message: the results are kept and tried again, and if the lease ends first,
the lane is rescued as in doubt and looked up (engines.md §2, 14).
"""

import asyncio
from dataclasses import dataclass, field

from posrednik.kit.log import get_logger
from posrednik.store import lanes
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.lanes import Attempt, LaneResult, Remote

log = get_logger("dispatch")
RETRY_S = 0.5


@dataclass(slots=True)
class _Batch:
    results: dict[int, LaneResult] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    remotes: list[Remote] = field(default_factory=list)

    def merge(self, newer: "_Batch") -> "_Batch":
        return _Batch({**self.results, **newer.results}, self.attempts + newer.attempts, self.remotes + newer.remotes)


class Finisher:
    """Collects results of one destination and writes them as fast as the database commits, never faster."""

    def __init__(self, db: Database, system: str) -> None:
        self._db, self._system = db, system
        self._batch = _Batch()
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, result: LaneResult, attempts: list[Attempt], remotes: list[Remote]) -> None:
        """A later result of a lane replaces its earlier one: both speak of the same lease and only grow."""
        self._batch.results[result.lane_id] = result
        self._batch.attempts += attempts
        self._batch.remotes += remotes
        self._idle.clear()
        self._due.set()

    async def run(self) -> None:
        """Until cancelled; call `drain` before."""
        while True:
            await self._due.wait()
            self._due.clear()
            batch, self._batch = self._batch, _Batch()
            try:
                await self._write(batch)
            except StoreError as error:
                log.error("dispatch.not_recorded", system=self._system, error=str(error), lanes=len(batch.results))
                self._batch = batch.merge(self._batch)
                self._due.set()
                await asyncio.sleep(RETRY_S)
            if not self._batch.results:
                self._idle.set()

    async def _write(self, batch: _Batch) -> None:
        async def work(tx: Tx) -> set[int]:
            return await lanes.finish(tx, self._system, list(batch.results.values()), batch.attempts, batch.remotes)

        ours = await self._db.transact(work)
        for lane_id in batch.results.keys() - ours:
            log.warning("dispatch.lease_lost", system=self._system, lane=lane_id)

    async def drain(self) -> None:
        """Wait until everything added so far is recorded."""
        await self._idle.wait()
