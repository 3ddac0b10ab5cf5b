"""Figures of days in the database: counted with the events they come of. See docs/subsystems/reports.md.

What is counted is decided by domain/figures.py alone; `events.flush` calls `add` for all events of a transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import figures as rules
from posrednik.domain.events import Event
from posrednik.domain.figures import DayEntry, entry_of
from posrednik.domain.ledger import postings_of
from posrednik.store import ledger
from posrednik.store.db import Database, Row, Tx

CHUNK = 500
Happened = tuple[UUID, Event, UUID | None]  # event's id, event, base
Entry = tuple[UUID, DayEntry]
Zones = dict[tuple[str, UUID | None], str]


async def add(tx: Tx, happened: Iterable[Happened]) -> None:
    """Count these events; nothing is asked of the database when none of them is."""
    await _put(tx, await _entries(tx, happened))


async def _entries(tx: Tx, happened: Iterable[Happened]) -> list[Entry]:
    counted = [one for one in happened if one[1].type in rules.COUNTED and not one[1].trial]
    zones = await _zones(tx, [(event.division_ref, base_id) for _, event, base_id in counted])
    found = [
        (event_id, entry_of(event, postings_of(event), zones[event.division_ref, base_id]))
        for event_id, event, base_id in counted
    ]
    return [(event_id, entry) for event_id, entry in found if entry is not None]


async def _zones(tx: Tx, wanted: Sequence[tuple[str, UUID | None]]) -> Zones:
    if not wanted:
        return {}
    pairs = list(dict.fromkeys(wanted))
    params = {"division_refs": [ref for ref, _ in pairs], "base_ids": [base_id for _, base_id in pairs]}
    rows = await tx.fetch("figures_zones", params)
    return {(row.division_ref, row.base_id): row.time_zone for row in rows}


async def _put(tx: Tx, entries: Sequence[Entry]) -> None:
    if entries:
        await tx.run("figures_add", {
            "event_ids": [event_id for event_id, _ in entries], "days": [entry.day for _, entry in entries],
            "division_refs": [entry.division_ref for _, entry in entries],
            "courier_refs": [entry.courier_ref for _, entry in entries],
            "counteds": [msgspec.json.encode(_counted(entry)).decode() for _, entry in entries],
        })  # fmt: skip


def _counted(entry: DayEntry) -> dict[str, Any]:
    products = [[*product, sold.quantity_milli, sold.sum_kop] for product, sold in entry.products.items()]
    told = {"figures": dict(entry.figures), "reasons": dict(entry.reasons), "products": products}
    return {name: value for name, value in told.items() if value}


async def set_zone(tx: Tx, division_ref: str, time_zone: str) -> None:
    """Days of the division begin by this zone from now on; `rebuild` counts those that are over by it too."""
    await tx.run("figures_zone_put", {"division_ref": division_ref, "time_zone": time_zone})


async def forget_zone(tx: Tx, division_ref: str) -> None:
    """Its days begin by the zone of its base again."""
    await tx.run("figures_zone_drop", {"division_ref": division_ref})


# -- counted again, and checked


async def rebuild(
    db: Database, *, after: int = 0, chunk: int = CHUNK, seen: Callable[[int, int], None] = lambda pos, changed: None
) -> int:
    """Count every event after this place anew, those that were never counted too; how many were counted otherwise.

    Beside live traffic, as often as one likes, cut off at any moment: each chunk is a transaction of its own. seen:
    told the place reached and how many were changed so far.
    """
    changed = 0
    while rows := await db.read("figures_events", {"after": after, "types": sorted(rules.COUNTED), "limit": chunk}):
        happened = [(row.id, ledger.event_of(row), row.base_id) for row in rows]
        changed += await db.transact(lambda tx, happened=happened: _recount(tx, happened))  # type: ignore[misc]
        after = rows[-1].pos
        seen(after, changed)
    return changed


async def _recount(tx: Tx, happened: Sequence[Happened]) -> int:
    right = dict(await _entries(tx, happened))
    known = {row.event_id: row for row in await tx.fetch("figures_entries", {"event_ids": list(_ids(happened))})}
    wrong = [row.event_id for row in known.values() if not _is(row, right.get(row.event_id))]
    if wrong:
        await tx.run("figures_drop", {"event_ids": wrong})
    fresh = [(event_id, entry) for event_id, entry in right.items() if event_id not in known or event_id in wrong]
    await _put(tx, fresh)
    return len({*wrong, *(event_id for event_id, _ in fresh)})


def _ids(happened: Iterable[Happened]) -> Iterable[UUID]:
    return (event_id for event_id, _, _ in happened)


def _is(row: Row, entry: DayEntry | None) -> bool:
    if entry is None:
        return False
    told = (row.day, row.division_ref, row.courier_ref, row.counted)
    return bool(told == (entry.day, entry.division_ref, entry.courier_ref, _counted(entry)))


async def last_place(db: Database) -> int:
    """The place of the last event that is recorded."""
    (row,) = await db.read("figures_last")
    return int(row.pos)


async def check(db: Database, since: date, after: int) -> list[Row]:
    """(subject, what) of what does not agree: sums with entries, money with the ledger, from the day `since` on; and
    events later than the place `after` that are not counted."""
    sums = await db.read("figures_check", {"since": since, "money": sorted(rules.MONEY)})
    missing = await db.read("figures_missing", {"after": after, "types": sorted(rules.COUNTED)})
    return list(chain(sums, missing))
