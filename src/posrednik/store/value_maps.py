"""What values of a base mean here: kind, field, theirs → ours. See docs/subsystems/value_maps.md."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.store.db import Database, Row, Tx


async def every(source: Tx | Database, base_id: UUID | None = None, map_id: int | None = None) -> Sequence[Row]:
    """Columns of queries/value_maps.sql: all of them, of one base, or one."""
    asked = {"base_id": base_id, "id": map_id}
    return await (source.fetch if isinstance(source, Tx) else source.read)("value_maps", asked)


async def put(
    tx: Tx, base_id: UUID, kind: str, field: str, theirs: str, ours: str, who: str, now: datetime
) -> int:  # fmt: skip
    """A new map, or another meaning of a mapped value. Under the base's lock. Its id."""
    row = await tx.one("value_map_put", {
        "base_id": base_id, "kind": kind, "field": field, "theirs": theirs, "ours": ours, "who": who, "at": now,
    })  # fmt: skip
    assert row is not None
    await tx.run("value_maps_changed", {"base_id": base_id})
    return int(row.id)


async def drop(tx: Tx, base_id: UUID, map_id: int) -> None:
    await tx.run("value_map_drop", {"id": map_id})
    await tx.run("value_maps_changed", {"base_id": base_id})
