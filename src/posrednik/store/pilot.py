"""Reads for the pilot: what a switch depends on, and the trial orders. See docs/subsystems/pilot.md."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from posrednik.store import lanes
from posrednik.store.db import Database, Row, Tx

ALIVE_S = 30.0


async def _read(source: Tx | Database, query: str, **params: object) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def bases(source: Tx | Database, ref: str) -> Sequence[Row]:
    """Of a division: name, age_s (seconds since its last message, None = never), token (whether it has one)."""
    return await _read(source, "pilot_bases", ref=ref)


async def figures(source: Tx | Database, ref: str) -> Row:
    """workers, incidents, dead, waits, quarantined, subscribers."""
    return (await _read(source, "pilot_figures", ref=ref, alive_s=ALIVE_S))[0]


async def portals(source: Tx | Database) -> Sequence[Row]:
    """id, name, state, breaker of Bitrix24's destinations."""
    return await _read(source, "destinations_of_kind", kind="bitrix24")


async def trials(source: Tx | Database, divisions: Sequence[str] | None, most: int = 200) -> Sequence[Row]:
    """Trial orders, newest first; None: of all divisions."""
    return await _read(source, "pilot_trials", divisions=divisions, most=most)


async def week_figures(
    source: Tx | Database, first: date, last: date, before: date, divisions: Sequence[str] | None
) -> dict[str, tuple[int, int]]:
    """By name of domain/figures.py: of the days from first to last, and of those from `before` until first."""
    params = {"first": first, "last": last, "before": before, "divisions": divisions}
    rows = await _read(source, "week_figures", **params)
    return {row.name: (row.value, row.earlier) for row in rows}


async def week_counts(source: Tx | Database, since: datetime, until: datetime, divisions: Sequence[str] | None) -> Row:
    """raised, decided, open_now, dead_now, quarantined_now, shadow."""
    return (await _read(source, "week_counts", since=since, until=until, divisions=divisions))[0]


async def week_switches(
    source: Tx | Database, since: datetime, until: datetime, divisions: Sequence[str] | None
) -> Sequence[Row]:
    """division_ref, at, who, reason, before, after (modes), oldest first."""
    return await _read(source, "week_switches", since=since, until=until, divisions=divisions)


async def say(tx: Tx, key: str, message_id: UUID, dialog: str, text: str) -> int:
    """A line into a chat of each portal, by its lane. Returns how many portals there are."""
    body = msgspec.json.encode({"dialog": dialog, "text": text}).decode()
    found = await portals(tx)
    await lanes.put(tx, [lanes.Draft(row.id, f"status:{key}", message_id, "chat.say", body) for row in found])
    return len(found)
