"""Commands of 1C: each id takes effect once, and its answer is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Row, Tx
from posrednik.store.mirror import Rank


@dataclass(slots=True)
class Stored:
    """One command and what became of it. status: done, waiting, rejected. data: canonical, by name.

    order_ref: None = it is about no order.
    """

    id: UUID
    type: str
    hash: bytes
    order_ref: UUID | None
    data: dict[str, Any]
    rank: Rank
    issued_at: datetime | None = None
    issued_by: str = ""
    status: str = "waiting"
    code: str | None = None
    message: str | None = None
    result: dict[str, Any] | None = None


async def find(tx: Tx, base_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Earlier commands of these ids: content_hash, status, code, message, result (JSON text)."""
    if not ids:
        return {}
    return {row.id: row for row in await tx.fetch("commands_find", {"base_id": base_id, "ids": list(ids)})}


async def waiting_for(tx: Tx, base_id: UUID, order_refs: Sequence[UUID]) -> list[Stored]:
    """Commands that wait for these orders, in rank order."""
    if not order_refs:
        return []
    rows = await tx.fetch("commands_waiting", {"base_id": base_id, "order_refs": list(order_refs)})
    return [
        Stored(r.id, r.type, r.content_hash, r.order_ref, msgspec.json.decode(r.data), (r.epoch_no, r.number, r.idx),
               r.issued_at, r.issued_by)
        for r in rows
    ]  # fmt: skip


async def put(tx: Tx, base_id: UUID, commands: Sequence[Stored]) -> None:
    """Write new commands and new states of waiting ones."""
    if not commands:
        return
    encode = msgspec.json.encode
    await tx.run("commands_put", {
        "base_id": base_id,
        "ids": [c.id for c in commands], "types": [c.type for c in commands], "hashes": [c.hash for c in commands],
        "statuses": [c.status for c in commands], "codes": [c.code for c in commands],
        "messages": [c.message for c in commands], "results": [encode(c.result or {}).decode() for c in commands],
        "order_refs": [c.order_ref for c in commands], "datas": [encode(c.data).decode() for c in commands],
        "issued_ats": [c.issued_at for c in commands], "issued_bys": [c.issued_by for c in commands],
        "epoch_nos": [c.rank[0] for c in commands], "numbers": [c.rank[1] for c in commands],
        "idxs": [c.rank[2] for c in commands],
    })  # fmt: skip
