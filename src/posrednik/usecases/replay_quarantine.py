"""What lay in quarantine and can be read now is applied at its own rank: newer versions of it stay what holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from posrednik.store import journal, mirror, value_maps
from posrednik.store.db import Database, Row, Tx
from posrednik.store.inbox import Base, lock_base
from posrednik.store.journal import Entry
from posrednik.store.mirror import Bad, State
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.order_desk import OrderDesk
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.owned_objects import screen
from posrednik.usecases.ownership import tell
from posrednik.usecases.take_message import follow
from posrednik.usecases.take_objects import Arrived, take_objects

MOST = 5000


@dataclass(frozen=True, slots=True)
class Tried:
    """One row of the quarantine. arrived: None = it cannot be read even now; then code and message say why, field and
    value what.

    became: applied, unchanged, stale (a newer version holds), waiting (for what it refers to), bad.
    """

    id: int
    kind: str
    ref: str
    arrived: Arrived | None
    code: str = ""
    message: str = ""
    field: str = ""
    value: str | None = None
    became: str = "bad"


class Reads(Protocol):
    """Reads what was kept once more. row: of `mirror.in_quarantine`. state: of what waits; None = unreadable."""

    def row(self, row: Row) -> Tried: ...
    def state(self, state: State) -> Arrived | None: ...


Reading = Callable[[Base, Sequence[Row]], Reads]  # a base and its value maps


class _OnlyTried(Exception):
    def __init__(self, tried: list[Tried]) -> None:
        self.tried = tried


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None = any. ids: these. base: of this one. field, value: what could not be read."""

    ids: list[int] | None = None
    base: UUID | None = None
    kind: str | None = None
    code: str | None = None
    field: str | None = None
    value: str | None = None


async def would_replay(
    db: Database, wanted: Wanted, reading: Reading, rules: Rules, who: str, now: datetime
) -> list[Tried]:  # fmt: skip
    """What `replay_quarantine` would do: done whole and rolled back."""

    async def attempt(tx: Tx) -> None:
        raise _OnlyTried(await replay_quarantine(tx, wanted, reading, rules, who, now))

    try:
        await db.transact(attempt)
    except _OnlyTried as only:
        return only.tried
    return []


async def replay_quarantine(
    tx: Tx, wanted: Wanted, reading: Reading, rules: Rules, who: str, now: datetime
) -> list[Tried]:  # fmt: skip
    """Apply what can be read now, at most MOST of a base, each base locked in turn. What cannot stays, with the reason
    that holds now."""
    tried: list[Tried] = []
    for known in sorted(await tx.fetch("bases"), key=lambda one: str(one.id)):
        base = await lock_base(tx, known.id) if wanted.base in (None, known.id) else None
        if base is not None:
            tried += await replay_of(tx, base, wanted, reading, rules, who, now)
    return tried


async def replay_of(
    tx: Tx, base: Base, wanted: Wanted, reading: Reading, rules: Rules, who: str, now: datetime
) -> list[Tried]:  # fmt: skip
    """The same of one base, which the caller has locked."""
    reads = reading(base, await value_maps.every(tx, base.id))
    rows = await mirror.in_quarantine(
        tx, base.id, ids=wanted.ids, kind=wanted.kind, code=wanted.code, field=wanted.field, value=wanted.value,
        limit=MOST,
    )  # fmt: skip
    return await _apply(tx, base, [reads.row(row) for row in rows], rules, who, now)


async def _apply(tx: Tx, base: Base, rows: Sequence[Tried], rules: Rules, who: str, now: datetime) -> list[Tried]:
    """rows: in the order of their ranks."""
    good = [one for one in rows if one.arrived is not None]
    ends = await _applied(tx, base, [one.arrived for one in good if one.arrived], rules, now)
    tried = {one.id: _ended(one, end) for one, end in zip(good, ends, strict=True)}
    all_tried = [tried.get(one.id, one) for one in rows]
    done = [one for one in all_tried if one.arrived is not None]
    bad = [one for one in all_tried if one.arrived is None]
    await mirror.leave_quarantine(tx, [one.id for one in done], f"применено повторно: {who}")
    await mirror.stay_in_quarantine(tx, [(one.id, one.code, one.message, one.field, one.value) for one in bad])
    await journal.add(tx, [_entry(base, one, who) for one in done])
    return all_tried


def _ended(one: Tried, end: str | Bad) -> Tried:
    if isinstance(end, str):
        return replace(one, became=end)
    return replace(one, arrived=None, code=end.code, message=end.message, field=end.field, value=end.value)


async def apply_again(
    tx: Tx, base: Base, arrived: Sequence[Arrived], rules: Rules, now: datetime
) -> list[str]:  # fmt: skip
    """Each at the rank it has, with all that follows; in the order of their ranks. What became of each."""
    return [end if isinstance(end, str) else "bad" for end in await _applied(tx, base, arrived, rules, now)]


async def _applied(
    tx: Tx, base: Base, arrived: Sequence[Arrived], rules: Rules, now: datetime
) -> list[str | Bad]:  # fmt: skip
    """A Bad has fields of other owners without which it cannot be."""
    screened = await screen(tx, base, rules.ownership, arrived)
    taken = await take_objects(tx, base.id, 0, 0, screened.arrived, [])
    await tell(tx, screened.refusals(taken.became), now)
    await follow(OrderDesk(tx, base, rules, now), taken.orders, taken.transfers)
    return screened.ends(taken.became)


def _entry(base: Base, one: Tried, who: str) -> Entry:
    summary = f"из карантина: {one.kind} {one.ref}, применено повторно ({who}), итог: {one.became}"
    return Entry("object", system(base.id), "replayed", summary, detail={"kind": one.kind, "ref": one.ref})
