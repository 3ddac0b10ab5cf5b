"""Deliveries and what commands said of their orders. A delivery is stored whole; columns beside it are for queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.deliveries import Delivery
from posrednik.store import board
from posrednik.store.db import Database, Tx

_decoder = msgspec.json.Decoder(Delivery)


async def lock_of_orders(tx: Tx, base_id: UUID, order_refs: Sequence[UUID]) -> dict[UUID, Delivery]:
    """Deliveries by order, locked until the commit, in one order so that two requests never cross."""
    if not order_refs:
        return {}
    rows = await tx.fetch("deliveries_lock", {"base_id": base_id, "order_refs": list(order_refs)})
    return {row.order_ref: _decoder.decode(row.doc) for row in rows}


async def lock(tx: Tx, delivery_id: UUID) -> Delivery | None:
    row = await tx.one("delivery_lock", {"id": delivery_id})
    return _decoder.decode(row.doc) if row else None


async def of_courier(source: Tx | Database, courier_ref: str, since: datetime) -> list[Delivery]:
    """His deliveries that are not over, those whose goods he has, and those changed since; newest change first."""
    read = source.fetch if isinstance(source, Tx) else source.read
    rows = await read("courier_deliveries", {"courier_ref": courier_ref, "since": since})
    return [_decoder.decode(row.doc) for row in rows]


async def to_settle(tx: Tx, courier_ref: str) -> list[UUID]:
    """Those that this courier handed over and whose money is not in yet."""
    return [row.id for row in await tx.fetch("deliveries_to_settle", {"courier_ref": courier_ref})]


async def save(tx: Tx, deliveries: Iterable[Delivery]) -> None:
    """Write new and changed deliveries, sorted by id as they are locked."""
    rows = sorted(deliveries, key=lambda d: d.id)
    if not rows:
        return
    await tx.run("deliveries_put", {
        "ids": [d.id for d in rows], "base_ids": [d.base_id for d in rows],
        "order_refs": [UUID(d.order_ref) for d in rows], "order_numbers": [d.order_number for d in rows],
        "division_refs": [d.division_ref for d in rows], "courier_refs": [d.courier_ref for d in rows],
        "stages": [d.stage.value for d in rows], "on_boards": [d.on_board for d in rows],
        "versions": [d.version for d in rows], "trials": [d.trial for d in rows],
        "docs": [msgspec.json.encode(d).decode() for d in rows], **board.columns(rows),
    })  # fmt: skip


async def terms(tx: Tx, base_id: UUID, order_refs: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What commands set on these orders, each with its rank: {"delivery_price": {"kop": …, "rank": […]}, …}."""
    if not order_refs:
        return {}
    rows = await tx.fetch("terms_get", {"base_id": base_id, "order_refs": list(order_refs)})
    return {row.order_ref: msgspec.json.decode(row.terms) for row in rows}


async def save_terms(tx: Tx, base_id: UUID, changed: dict[UUID, dict[str, Any]]) -> None:
    if changed:
        await tx.run("terms_put", {
            "base_id": base_id, "order_refs": list(changed),
            "terms": [msgspec.json.encode(value).decode() for value in changed.values()],
        })  # fmt: skip
