"""Alarms as they stand, and what they are made of. See docs/subsystems/alarms.md."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from posrednik.store.db import Database, Row, Tx

Key = tuple[str, str]


async def every(source: Tx | Database) -> Sequence[Row]:
    """code, subject, since, facts (JSON text); the oldest first."""
    return await (source.fetch if isinstance(source, Tx) else source.read)("alarms", {})


async def put(tx: Tx, key: Key, since: datetime | None, facts: Mapping[str, Any]) -> None:
    """since: None = now, if it is new."""
    told = msgspec.json.encode(facts).decode()
    await tx.run("alarm_put", {"code": key[0], "subject": key[1], "since": since, "facts": told})


async def over(tx: Tx, keys: Collection[Key]) -> None:
    if keys:
        await tx.run("alarms_over", {"codes": [code for code, _ in keys], "subjects": [one for _, one in keys]})


async def destinations(db: Database) -> Sequence[Row]:
    """Columns of alarm_destinations.sql."""
    return await db.read("alarm_destinations")


async def bases(db: Database) -> Sequence[Row]:
    """id, name, at, since, pause_s of bases that have called."""
    return await db.read("alarm_bases")


async def workers(db: Database) -> Sequence[Row]:
    """host, pid, started_at, beat_at of all that beat within a day and did not say good-bye."""
    return await db.read("alarm_workers")


async def portal(db: Database) -> Row | None:
    """How the portal lets us in, and what it tells: columns of alarm_portal.sql; None = there is none."""
    rows = await db.read("alarm_portal")
    return rows[0] if rows else None
