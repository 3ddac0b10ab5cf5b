"""Couriers as 1C knows them, read from the mirror."""

from collections.abc import Sequence

from posrednik.store.db import Database, Params, Row, Tx


async def get(source: Tx | Database, ref: str) -> Row | None:
    """ref, base_id, name, phone, division, active, bitrix24_user of a courier (ref in lower case), else None."""
    rows = await _read(source, "courier_get", {"ref": ref})
    return rows[0] if rows else None


async def found(source: Tx | Database, *, name: str | None = None, bitrix24_user: str | None = None) -> Sequence[Row]:
    """Couriers by name (spelt whole, in any case) or by their user of the portal; without both all. Columns of `get`
    and division_name."""
    return await _read(source, "couriers_found", {"name": name, "bitrix24_user": bitrix24_user})


async def _read(source: Tx | Database, query: str, params: Params) -> Sequence[Row]:
    """Within a transaction, or by itself."""
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)
