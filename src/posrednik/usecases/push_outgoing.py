"""Events pushed to a base instead of pulled by it: the same lease and the same ack (contract.md §3).

At least once, as a pull: whatever was not named in an answer comes again after its lease, with the same id. A batch
that 1C refuses as a whole is given again one by one, so that only the event that it means is refused.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from posrednik.kit.log import get_logger
from posrednik.store import bases, destinations, inbox, outgoing
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.inbox import Base
from posrednik.usecases import give_outgoing
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.give_outgoing import Answered, Given, UnknownEvents

log = get_logger("push")
MOST, LONGEST_PAUSE_S = 100, 300.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """No word on single events. refused: a definite no to the batch. after_s: 1C asks for this pause."""

    code: str
    why: str
    refused: bool
    after_s: float | None


@dataclass(frozen=True, slots=True)
class Told:
    accepted: Sequence[UUID] = ()
    rejected: Sequence[Answered] = ()
    trouble: Trouble | None = None


class Pusher:
    """One base. send: one POST of what was given. `round` never raises for what 1C did."""

    def __init__(self, db: Database, base_id: UUID, send: Callable[[Given], Awaitable[Told]]) -> None:
        self._db, self._base_id, self._send = db, base_id, send
        self._limit, self._troubles = MOST, 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                pause_s = await self.round()
            except StoreError as error:
                log.warning("push.store_failed", base=self._base_id, error=str(error))
                pause_s = 1.0
            await asyncio.sleep(pause_s)

    async def round(self) -> float:
        """Push what is due. Returns the seconds until the next look is worth while; 0 = there may be more."""
        base, destination_id = await self._db.transact(self._known)
        if base is None or not await outgoing.anything_due(self._db, destination_id):
            return 1.0
        given = await self._db.transact(lambda tx: give_outgoing.give(tx, base, destination_id, self._limit))
        if not given.events:
            return 1.0
        told = await self._send(given)
        return await self._take(base, given, told)

    async def _known(self, tx: Tx) -> tuple[Base | None, int]:
        base = await inbox.get_base(tx, self._base_id)
        return base, await destinations.ensure(tx, system(self._base_id), "onec")

    async def _take(self, base: Base, given: Given, told: Told) -> float:
        ids = [row.id for row in given.events]
        if told.trouble is None:
            return await self._heard(base, told)
        if told.trouble.refused and len(ids) == 1:
            trouble = told.trouble
            return await self._heard(base, Told((), [Answered(ids[0], trouble.code, trouble.why, retry=False)]))
        return await self._put_off(base, ids, told.trouble)

    async def _heard(self, base: Base, told: Told) -> float:
        """1C has answered the batch, so it was heard, too."""
        self._troubles, self._limit = 0, min(MOST, self._limit * 2)
        await bases.heard(self._db, base.id)
        try:
            await self._acknowledge(base, told)
        except UnknownEvents as error:
            log.warning("push.unknown_events", base=base.id, events=len(error.ids))
            return 1.0  # it named what it was never given: none of its word is taken, all comes again
        return 0.0 if told.accepted or told.rejected else 1.0

    async def _put_off(self, base: Base, ids: Sequence[UUID], trouble: Trouble) -> float:
        """Nothing was taken. A batch that is refused as a whole is halved until the event that is meant is alone."""
        pause_s = 0.0
        if trouble.refused:
            self._limit = max(1, len(ids) // 2)
        else:
            self._troubles += 1
            pause_s = trouble.after_s or min(2.0 ** min(self._troubles, 20), LONGEST_PAUSE_S)
        log.warning("push.failed", base=base.id, code=trouble.code, why=trouble.why, events=len(ids), pause_s=pause_s)
        again = Told((), [Answered(event_id, trouble.code, trouble.why, retry=True) for event_id in ids])
        await self._acknowledge(replace(base, lease_s=math.ceil(pause_s)), again)
        return pause_s

    async def _acknowledge(self, base: Base, told: Told) -> None:
        await self._db.transact(lambda tx: give_outgoing.acknowledge(tx, base, told.accepted, told.rejected))
