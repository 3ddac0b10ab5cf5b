"""What is learned of a portal: the cost of its methods, and whether it lets us in. See
docs/subsystems/portal.md, "Limits"."""

from collections.abc import Mapping, Sequence
from typing import Any

from posrednik.store.db import Database, Row, Tx


async def note(db: Database, destination_id: int, uses: Sequence[Mapping[str, Any]], health: Mapping[str, Any]) -> None:
    """uses: parameters of portal_method_note.sql. health: ok_at, stopped_at, code, why."""
    await db.transact(lambda tx: _note(tx, destination_id, uses, health))


async def _note(tx: Tx, destination_id: int, uses: Sequence[Mapping[str, Any]], health: Mapping[str, Any]) -> None:
    for use in uses:
        await tx.run("portal_method_note", {"destination_id": destination_id, **use})
    await tx.run("portal_health_note", {"destination_id": destination_id, **health})


async def methods(db: Database, destination_id: int) -> Sequence[Row]:
    """Columns of portal_methods.sql, the dearest first."""
    return await db.read("portal_methods", {"destination_id": destination_id})


async def health(db: Database, destination_id: int) -> Row | None:
    """ok_at, stopped_at, code, why; None = never called."""
    return _first(await db.read("portal_health", {"destination_id": destination_id}))


async def queue(db: Database, destination_id: int) -> Sequence[Row]:
    """What waits, by kind of message: method, waiting, dead, doubt, oldest_s."""
    return await db.read("portal_queue", {"destination_id": destination_id})


async def bucket(db: Database, name: str, rate: float, burst: float) -> Row | None:
    """tokens, rate, learned, slowed_at, refused; None = never used."""
    return _first(await db.read("portal_bucket", {"name": name, "rate": rate, "burst": burst}))


def _first(rows: Sequence[Row]) -> Row | None:
    return rows[0] if rows else None
