"""Shifts of couriers. A shift is stored whole; columns beside it are for queries."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.shifts import Shift
from posrednik.store.db import Database, Row, Tx

_decoder = msgspec.json.Decoder(Shift)


async def current(tx: Tx, courier_ref: str) -> Shift | None:
    """The open shift, for reading."""
    row = await tx.one("shift_now", {"courier_ref": courier_ref})
    return _decoder.decode(row.doc) if row else None


async def lock_open(tx: Tx, courier_ref: str) -> Shift | None:
    row = await tx.one("shift_open", {"courier_ref": courier_ref})
    return _decoder.decode(row.doc) if row else None


async def lock_at(tx: Tx, courier_ref: str, at: datetime, *, itself: bool = False) -> Shift | None:
    """The shift in which the moment lies, or, unless itself, whose phone went on after a manager had closed it."""
    row = await tx.one("shift_at", {"courier_ref": courier_ref, "at": at, "itself": itself})
    return _decoder.decode(row.doc) if row else None


async def lock(tx: Tx, shift_id: UUID) -> Shift | None:
    row = await tx.one("shift_lock", {"id": shift_id})
    return _decoder.decode(row.doc) if row else None


async def between(db: Database, since: datetime, until: datetime, courier_ref: str | None) -> list[tuple[Shift, Any]]:
    """Shifts, of all couriers or this one, of which any moment lies there, newest first, each with its phones: rows
    courier_ref, device, agent, whole_to, last_seq, unsent, last_at."""
    params = {"since": since, "until": until, "courier_ref": courier_ref}
    found = [_decoder.decode(row.doc) for row in await db.read("shifts_between", params)]
    phones = await db.read("shift_phones", {"couriers": sorted({one.courier_ref for one in found}), "since": since})
    return [(one, [row for row in phones if row.courier_ref == one.courier_ref]) for one in found]


async def save(tx: Tx, shift: Shift) -> None:
    await tx.run("shift_put", {
        "id": shift.id, "courier_ref": shift.courier_ref, "division_ref": shift.division_ref, "base_id": shift.base_id,
        "opened_at": shift.opened_at, "closed_at": shift.closed_at, "version": shift.version,
        "doc": msgspec.json.encode(shift).decode(),
    })  # fmt: skip


async def backpack(tx: Tx | Database, base_id: UUID, courier_ref: str) -> list[Row]:
    """Stock of the courier's warehouse: product, characteristic, quantity (text), data (the product's JSON or None)."""
    read = tx.fetch if isinstance(tx, Tx) else tx.read
    return list(await read("courier_backpack", {"base_id": base_id, "courier_ref": courier_ref}))
