"""What lay in quarantine and can be read now is applied at its own rank: newer versions of it stay what holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from posrednik.store import journal, mirror
from posrednik.store.db import Database, Row, Tx
from posrednik.store.inbox import Base, lock_base
from posrednik.store.journal import Entry
from posrednik.store.mirror import State
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.order_desk import OrderDesk
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.take_message import follow
from posrednik.usecases.take_objects import Arrived, Taken, take_objects

MOST = 500


@dataclass(frozen=True, slots=True)
class Tried:
    """One row of the quarantine. arrived: None = it cannot be read even now; then code and message say why.

    became: applied, unchanged, stale (a newer version holds), waiting (for what it refers to), bad.
    """

    id: int
    kind: str
    ref: str
    arrived: Arrived | None
    code: str = ""
    message: str = ""
    became: str = "bad"


Read = Callable[[Base, Row], Tried]


class _OnlyTried(Exception):
    def __init__(self, tried: list[Tried]) -> None:
        self.tried = tried


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None = any. ids: these. base: of this one."""

    ids: list[int] | None = None
    base: UUID | None = None
    kind: str | None = None
    code: str | None = None


async def would_replay(db: Database, wanted: Wanted, read: Read, rules: Rules, who: str, now: datetime) -> list[Tried]:
    """What `replay_quarantine` would do: done whole and rolled back."""

    async def attempt(tx: Tx) -> None:
        raise _OnlyTried(await replay_quarantine(tx, wanted, read, rules, who, now))

    try:
        await db.transact(attempt)
    except _OnlyTried as only:
        return only.tried
    return []


async def replay_quarantine(tx: Tx, wanted: Wanted, read: Read, rules: Rules, who: str, now: datetime) -> list[Tried]:
    """Apply what can be read now, at most MOST of a base, each base locked in turn. What cannot stays where it is."""
    tried: list[Tried] = []
    for known in sorted(await tx.fetch("bases"), key=lambda one: str(one.id)):
        base = await lock_base(tx, known.id) if wanted.base in (None, known.id) else None
        if base is None:
            continue
        rows = await mirror.in_quarantine(tx, base.id, wanted.ids, wanted.kind, wanted.code, MOST)
        tried += await _apply(tx, base, [read(base, row) for row in rows], rules, who, now)
    return tried


async def _apply(tx: Tx, base: Base, rows: Sequence[Tried], rules: Rules, who: str, now: datetime) -> list[Tried]:
    """rows: in the order of their ranks."""
    done: list[Tried] = []
    orders: list[State] = []
    transfers: list[State] = []
    for row in rows:
        if row.arrived is None:
            done.append(row)
            continue
        epoch_no, number, _ = row.arrived.state.rank
        taken = await take_objects(tx, base.id, epoch_no, number, [row.arrived], [])
        orders += taken.orders
        transfers += taken.transfers
        done.append(replace(row, became=_became(taken)))
    good = [one for one in done if one.arrived is not None]
    await mirror.leave_quarantine(tx, [one.id for one in good], f"применено повторно: {who}")
    await follow(OrderDesk(tx, base, rules, now), orders, transfers)
    await journal.add(tx, [_entry(base, one, who) for one in good])
    return done


def _became(taken: Taken) -> str:
    return next(name for name in ("applied", "unchanged", "stale", "waiting") if getattr(taken, name))


def _entry(base: Base, one: Tried, who: str) -> Entry:
    summary = f"из карантина: {one.kind} {one.ref}, применено повторно ({who}), итог: {one.became}"
    return Entry("object", system(base.id), "replayed", summary, detail={"kind": one.kind, "ref": one.ref})
