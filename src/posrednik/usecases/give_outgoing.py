"""GET /exchange/outgoing and its ack: events for a base that pulls (contract.md §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from posrednik.kit.quoting import quotable
from posrednik.store import destinations, inbox, journal, lags, outgoing
from posrednik.store.db import Row, Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.usecases.exchange_guard import Conflict, Sender, misfit, refuse, system

NO_BATCH = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Answered:
    """What 1C said of one event. retry: ask again later; else it never will."""

    id: UUID
    code: str
    message: str
    retry: bool


class UnknownEvents(Exception):
    """An ack names events that were never given to this base; nothing of it is taken."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        super().__init__(", ".join(map(str, ids)))
        self.ids = list(ids)


async def check(tx: Tx, sender: Sender) -> tuple[Base, int] | Conflict:
    """The base and its destination, if the sender fits."""
    base = await inbox.get_base(tx, sender.base_id)
    if base is None:
        return Conflict("unknown_base")
    wrong = misfit(base, sender)
    if wrong:
        return await refuse(tx, base, wrong, sender)
    return base, await destinations.ensure(tx, system(base.id), "onec")


@dataclass(frozen=True, slots=True)
class Given:
    """Events for a base as they are stored, by number. batch: what the lease is called; nil = nothing is leased."""

    batch: UUID
    events: Sequence[Row]


async def give(tx: Tx, base: Base, destination_id: int, limit: int) -> Given:
    """Lease the next events; none when there is nothing to give now."""
    batch, rows, attempts = await outgoing.give(tx, base, destination_id, limit)
    await journal.add(tx, [_given(base, row, attempts[row.id]) for row in rows])
    return Given(batch if rows else NO_BATCH, rows)


async def give_again(tx: Tx, base: Base, after: int, limit: int) -> Given:
    """Events after a number once more, acknowledged ones too: a restored base has lost them. No lease."""
    return Given(NO_BATCH, await outgoing.read(tx, base.id, None, after=after, limit=limit))


async def acknowledge(tx: Tx, base: Base, accepted: Sequence[UUID], rejected: Sequence[Answered]) -> dict[str, Any]:
    """Take 1C's word on events; repeatable. Raises UnknownEvents, then nothing is taken."""
    await outgoing.lock(tx, base.id)
    ids = [*accepted, *(one.id for one in rejected)]
    known = await outgoing.find(tx, base.id, ids)
    missing = [event_id for event_id in ids if event_id not in known]
    if missing:
        raise UnknownEvents(missing)
    await outgoing.accept(tx, base.id, accepted)
    for one in rejected:
        if one.retry:
            await outgoing.hold(tx, base, one.id, one.code or "retry", one.message)
        else:
            await outgoing.reject(tx, base.id, one.id, one.code or "rejected", one.message)
    await lags.note_dead(tx, [r.id for r in rejected if not r.retry and known[r.id].state == "given"])
    fresh = [event_id for event_id in accepted if known[event_id].state != "accepted"]
    entries = [_answered(base, known[i], "accepted", "1С провела событие", "accepted") for i in fresh]
    entries += [
        _answered(base, known[r.id], "try_later" if r.retry else "refused", r.message, r.code) for r in rejected
    ]
    await journal.add(tx, entries)
    return {"accepted": len(accepted), "rejected": len(rejected)}


def _given(base: Base, row: Row, attempt: int) -> Entry:
    again = f", попытка {attempt}" if attempt > 1 else ""
    return Entry("attempt", system(base.id), "given", f"передано в 1С под № {row.number}{again}",
                 "given", row.order_ref, row.id)  # fmt: skip


def _answered(base: Base, row: Row, outcome: str, summary: str, code: str) -> Entry:
    return Entry(
        "attempt", system(base.id), outcome, quotable(summary) or outcome, quotable(code), row.order_ref, row.event_id
    )
