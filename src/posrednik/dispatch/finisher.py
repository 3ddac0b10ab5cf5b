"""Group commit of outcomes: whatever came to an end meanwhile is recorded by one transaction.

A failure to record never re-opens a sent message: the results are kept and tried again, and if the lease ends first,
the lane is rescued as in doubt and looked up (engines.md §2, 14).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from posrednik.kit.log import get_logger
from posrednik.store import lanes
from posrednik.store.db import CommitUnknown, Database, StoreError, Tx
from posrednik.store.lanes import Attempt, LaneResult, Remote

log = get_logger("dispatch")
RETRY_S = 0.5

# Told what was written: the results, and of those that were still ours whether their lane is due again at once.
Recorded = Callable[[Mapping[int, LaneResult], Mapping[int, bool]], None]


@dataclass(slots=True)
class _Batch:
    results: dict[int, LaneResult] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    remotes: list[Remote] = field(default_factory=list)

    def merge(self, newer: "_Batch") -> "_Batch":
        return _Batch({**self.results, **newer.results}, self.attempts + newer.attempts, self.remotes + newer.remotes)

    def of(self, lane_id: int) -> "_Batch":
        """The part of one lane."""
        return _Batch(
            {lane_id: self.results[lane_id]},
            [a for a in self.attempts if a.lane_id == lane_id],
            [r for r in self.remotes if r.lane_id == lane_id],
        )


class Finisher:
    """Collects results of one destination and writes them as fast as the database commits, never faster."""

    def __init__(self, db: Database, system: str, recorded: Recorded) -> None:
        self._db, self._system, self._recorded = db, system, recorded
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
            except Exception:
                log.exception("dispatch.batch_unfit", system=self._system, lanes=len(batch.results))
                await self._one_by_one(batch)
            if not self._batch.results:
                self._idle.set()

    async def _write(self, batch: _Batch) -> None:
        transaction, ours = "", dict[int, bool]()

        async def work(tx: Tx) -> None:
            nonlocal transaction, ours
            transaction = await lanes.transaction(tx)
            ours = await lanes.finish(tx, self._system, list(batch.results.values()), batch.attempts, batch.remotes)

        try:
            await self._db.transact(work)
        except CommitUnknown:
            # Written again, what was written would look as if the leases had been lost.
            if not await lanes.committed(self._db, transaction):
                raise
        for lane_id in batch.results.keys() - ours.keys():
            log.warning("dispatch.lease_lost", system=self._system, lane=lane_id)
        self._recorded(batch.results, ours)

    async def _one_by_one(self, batch: _Batch) -> None:
        """Something in the batch cannot be stored: it must not keep the outcomes of other lanes from being so."""
        for lane_id in batch.results:
            part = batch.of(lane_id)
            try:
                await self._write(part)
            except StoreError:
                self._batch = part.merge(self._batch)
                self._due.set()
            except Exception:
                log.exception("dispatch.result_unfit", system=self._system, lane=lane_id)
                await self._bare(part.results[lane_id])

    async def _bare(self, result: LaneResult) -> None:
        """The outcome alone, without its texts. What even so cannot be written is rescued as in doubt."""
        try:
            await self._write(_Batch({result.lane_id: replace(result, why="unstorable", why_text="")}))
        except Exception:
            log.exception("dispatch.result_lost", system=self._system, lane=result.lane_id)

    async def drain(self) -> None:
        """Wait until everything added so far is recorded."""
        await self._idle.wait()
