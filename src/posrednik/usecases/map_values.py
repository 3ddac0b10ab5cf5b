"""A value that a base writes means another one here from now on; what could not be applied because of it is applied.

See docs/subsystems/value_maps.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.store import journal, mirror, value_maps
from posrednik.store.db import Database, Tx
from posrednik.store.inbox import Base, lock_base
from posrednik.store.journal import Entry
from posrednik.store.mirror import Key
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.reconcile import NoSuchBase
from posrednik.usecases.replay_quarantine import MOST, Reading, Tried, Wanted, apply_again, replay_of

MOST_MAPS = 10_000  # of a base: all of them are read whenever one changes
EMPTY = "пусто"


class ValueMapWrong(DomainError):
    """The field takes no map, or not this value. data: kind, field."""

    code = "value_map_wrong"


class ValueMapUnknown(DomainError):
    """There is no such object to refer to. data: kind (of the object), value."""

    code = "value_map_unknown"


class ValueMapChained(DomainError):
    """One value would lead to another, and that to a third. data: value."""

    code = "value_map_chained"


class ValueMapsFull(DomainError):
    """The base has as many as it may have. data: most."""

    code = "value_maps_full"


@dataclass(frozen=True, slots=True)
class Meaning:
    """theirs, ours: canonical where they can be read; theirs "" = empty. refers: the object that ours points to.

    waits: the kind that an object waits for by this field.
    """

    kind: str
    field: str
    theirs: str
    ours: str
    refers: Key | None = None
    waits: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants: raw texts of a base's field."""

    base: UUID
    kind: str
    field: str
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """tried: what lay in quarantine. waited: what became of objects that waited for `theirs`. more: there may be
    further ones, because there are more than are tried at once."""

    id: int
    tried: list[Tried]
    waited: list[str]
    more: bool


Judge = Callable[[Base, str, str, str, str], Meaning]


class _OnlyMapped(Exception):
    def __init__(self, mapped: Mapped) -> None:
        self.mapped = mapped


async def would_map(
    db: Database, asked: Asked, judge: Judge, reading: Reading, rules: Rules, who: str, now: datetime
) -> Mapped:  # fmt: skip
    """What `map_value` would do: done whole and rolled back. Raises as it does."""

    async def attempt(tx: Tx) -> Mapped:
        raise _OnlyMapped(await map_value(tx, asked, judge, reading, rules, who, now))

    try:
        return await db.transact(attempt)
    except _OnlyMapped as only:
        return only.mapped


async def map_value(
    tx: Tx, asked: Asked, judge: Judge, reading: Reading, rules: Rules, who: str, now: datetime
) -> Mapped:  # fmt: skip
    """Keep it, and apply what it makes readable: as if the base had sent `ours` at once.

    Raises NoSuchBase, ValueMapWrong, ValueMapUnknown, ValueMapChained, ValueMapsFull.
    """
    base = await lock_base(tx, asked.base)
    if base is None:
        raise NoSuchBase
    one = judge(base, asked.kind, asked.field, asked.theirs, asked.ours)
    await _check(tx, base, one)
    map_id = await value_maps.put(tx, base.id, one.kind, one.field, one.theirs, one.ours, who, now)
    await journal.add(tx, [_entry(base, "mapped", f"{_told(one.kind, one.field, one.theirs)} → «{one.ours}» ({who})")])
    wanted = Wanted(base=base.id, kind=one.kind, field=one.field, value=one.theirs)
    tried = await replay_of(tx, base, wanted, reading, rules, who, now)
    waited = await _waited(tx, base, one, reading, rules, now)
    return Mapped(map_id, tried, waited, MOST in (len(tried), len(waited)))


async def _check(tx: Tx, base: Base, one: Meaning) -> None:
    if one.refers and one.refers not in await mirror.have(tx, base.id, [one.refers]):
        raise ValueMapUnknown(kind=one.refers[0], value=one.ours)
    known = await value_maps.every(tx, base.id)
    of_field = {row.theirs: row.ours for row in known if (row.kind, row.field) == (one.kind, one.field)}
    if one.theirs == one.ours or one.ours in of_field or one.theirs in of_field.values():
        raise ValueMapChained(value=one.ours if one.ours in of_field else one.theirs or EMPTY)
    if len(known) >= MOST_MAPS and one.theirs not in of_field:
        raise ValueMapsFull(most=MOST_MAPS)


async def _waited(tx: Tx, base: Base, one: Meaning, reading: Reading, rules: Rules, now: datetime) -> list[str]:
    """Objects that wait for what `theirs` refers to wait for it no more."""
    if not one.waits:
        return []
    reads = reading(base, await value_maps.every(tx, base.id))
    states = await mirror.waiting_for(tx, base.id, one.kind, (one.waits, one.theirs), MOST)
    return await apply_again(tx, base, [again for state in states if (again := reads.state(state))], rules, now)


async def unmap_value(tx: Tx, map_id: int, who: str) -> dict[str, Any] | None:
    """The value means itself again; what was applied by it stays. The map as it was; None: there is none."""
    found = await value_maps.every(tx, map_id=map_id)
    base = await lock_base(tx, found[0].base_id) if found else None
    rows = await value_maps.every(tx, map_id=map_id)
    if base is None or not rows:
        return None
    row = rows[0]
    await value_maps.drop(tx, base.id, map_id)
    summary = f"{_told(row.kind, row.field, row.theirs)} → «{row.ours}»: убрано ({who})"
    await journal.add(tx, [_entry(base, "unmapped", summary)])
    return {"base": str(base.id), "kind": row.kind, "field": row.field, "theirs": row.theirs, "ours": row.ours}


def _told(kind: str, field: str, theirs: str) -> str:
    return f"сопоставление {kind}.{field}: «{theirs or EMPTY}»"


def _entry(base: Base, outcome: str, summary: str) -> Entry:
    return Entry("settings", system(base.id), outcome, summary)
