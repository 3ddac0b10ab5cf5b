"""Steps of phones that wait for an earlier one too long, and gaps that nobody fills."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from posrednik.store.db import Database, Row, Tx


async def waiting(db: Database, before: datetime, limit: int) -> Sequence[Row]:
    """courier_ref, device of phones with a step that has been parked since before that time."""
    return await db.read("parked_devices", {"before": before, "limit": limit})


async def gaps(db: Database, before: datetime, wait: timedelta, limit: int) -> Sequence[Row]:
    """courier_ref, device of phones with a gap that is as old, nothing parked, and no incident about it yet."""
    return await db.read("gaps_of_devices", {"before": before, "wait": wait, "limit": limit})


async def lock(tx: Tx, courier_ref: str, device: str) -> None:
    """As while the phone sends: it waits until we are done, and we until it is."""
    await tx.one("phone_lock", {"courier_ref": courier_ref, "device": device})


async def give_up(tx: Tx, courier_ref: str, device: str, before: datetime, code: str, message: str) -> list[Row]:
    """Refuse what has been parked since before that time: id, delivery_id, order_ref of each."""
    return await tx.fetch("parked_give_up", {
        "courier_ref": courier_ref, "device": device, "before": before, "code": code, "message": message,
    })  # fmt: skip


async def told_by(tx: Tx, event_ids: Sequence[UUID], incident_id: UUID) -> None:
    await tx.run("parked_incident", {"ids": list(event_ids), "incident_id": incident_id})
