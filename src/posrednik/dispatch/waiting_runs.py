"""Lanes that were claimed and not yet begun, in this worker: what a person waits for overtakes bulk here too."""

import asyncio
import itertools

from posrednik.dispatch.run import LaneRun


class WaitingRuns:
    """A queue of groups of lanes. room: how many lanes may still be claimed, (all, of these bulk)."""

    def __init__(self, runners: int, group_size: int) -> None:
        self._runners, self._group_size = runners, group_size
        self._queue: asyncio.PriorityQueue[tuple[bool, int, list[LaneRun]]] = asyncio.PriorityQueue()
        self._numbers = itertools.count()
        self._urgent = 0

    def put(self, runs: list[LaneRun]) -> None:
        urgent = any(run.urgent for run in runs)
        self._urgent += urgent
        self._queue.put_nowait((not urgent, next(self._numbers), runs))

    async def get(self) -> list[LaneRun]:
        bulk, _, runs = await self._queue.get()
        self._urgent -= not bulk
        return runs

    def empty(self) -> bool:
        return self._queue.empty()

    def room(self, busy: int) -> tuple[int, int]:
        """Lanes to claim now: keep the runners fed and a little more, never more than the leases can bear. Bulk that
        waits already does not take the place of what a person waits for."""
        waiting = self._queue.qsize()
        if self._group_size > 1:
            urgent = self._urgent == 0 or busy + self._urgent < self._runners
            return self._group_size * urgent, self._group_size * (busy + waiting < self._runners)
        return self._fill(self._urgent), self._fill(waiting)

    def _fill(self, waiting: int) -> int:
        return 2 * self._runners - waiting if waiting < self._runners else 0
