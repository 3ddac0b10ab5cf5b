"""Couriers and their users of the portal: 1C's word, and over it a person's. See docs/subsystems/settings.md."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.store.db import Database, Row, Tx


async def every(source: Tx | Database, ref: str | None = None) -> Sequence[Row]:
    """Columns of queries/mappings.sql, of all couriers or of one."""
    return await (source.fetch if isinstance(source, Tx) else source.read)("mappings", {"ref": ref})


async def lock(tx: Tx) -> None:
    """One change at a time, until the commit."""
    await tx.run("mappings_lock")


async def put(tx: Tx, ref: str, user: str | None, who: str, at: datetime, reason: str) -> None:
    """user: None = 1C's again, "" = none."""
    await tx.run("mapping_put", {"ref": ref, "bitrix24_user": user, "who": who, "at": at, "reason": reason})


async def open_deliveries(tx: Tx, *refs: str) -> list[UUID]:
    """Ids of the deliveries of these couriers that are not over."""
    return [row.id for row in await tx.fetch("mapping_open_deliveries", {"refs": list(refs)})]


async def users(tx: Tx, base_id: UUID) -> dict[str, str]:
    """Courier of a base → his user of the portal, "" = none."""
    return {row.ref: row.bitrix24_user for row in await tx.fetch("mapping_users", {"base_id": base_id})}
