"""Which pictures a step names. The bytes may come before or after it, so nothing here refers to them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from posrednik.store.db import Row, Tx


async def put(
    tx: Tx, source: UUID, sha256s: Iterable[str], *, delivery_id: UUID | None, action: str, courier_ref: str | None,
    at: datetime,
) -> None:  # fmt: skip
    """Keep what a step names. source: a courier's event, or a fresh id for an action of the office. sha256s: hex."""
    named = [bytes.fromhex(sha256) for sha256 in dict.fromkeys(sha256s)]
    if named:
        await tx.run("step_photo_put", {
            "source": source, "sha256s": named, "delivery_id": delivery_id, "action": action,
            "courier_ref": courier_ref, "at": at,
        })  # fmt: skip


async def naming(tx: Tx, sha256: str) -> list[Row]:
    """Accepted steps of couriers that name this picture: source, at, courier_ref, delivery_id, order_number, order_ref,
    division_ref, base_id."""
    return await tx.fetch("step_photo_naming", {"sha256": bytes.fromhex(sha256)})


async def of_deliveries(tx: Tx, delivery_ids: list[UUID]) -> list[Row]:
    """delivery_id, sha256, action, at of the pictures that steps of these deliveries name, oldest first."""
    return await tx.fetch("delivery_photos", {"delivery_ids": delivery_ids}) if delivery_ids else []
