"""Backpacks, sales and cash books as they stand; what is where and who owes what is in the ledgers (ledger.py)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from posrednik.domain.backpack import Backpack, Load
from posrednik.domain.cash import CashBook, Entry
from posrednik.domain.sales import Sale
from posrednik.domain.shifts import Key
from posrednik.kit.values import kopecks
from posrednik.store.db import Database, Params, Row, Tx

T = TypeVar("T")
Source = Tx | Database


async def _read(source: Source, query: str, params: Params) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def _locked(tx: Tx, query: str, courier_ref: str, kind: type[T]) -> T | None:
    """What is not there yet locks nobody out: the first two who are about to make it take turns."""
    known = await _one(tx, query, {"courier_ref": courier_ref}, kind)
    if known is None:
        await tx.run("trade_turn", {"name": f"{query} {courier_ref}"})
        known = await _one(tx, query, {"courier_ref": courier_ref}, kind)
    return known


async def _one(tx: Tx, query: str, params: Params, kind: type[T]) -> T | None:
    row = await tx.one(query, params)
    return msgspec.json.decode(row.doc, type=kind) if row else None


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def lock_backpack(tx: Tx, courier_ref: str) -> Backpack | None:
    return await _locked(tx, "backpack_lock", courier_ref, Backpack)


async def backpacks(source: Source) -> dict[str, Backpack]:
    """All of them by courier, not locked: for pages."""
    rows = await _read(source, "backpacks_all", {})
    return {row.courier_ref: msgspec.json.decode(row.doc, type=Backpack) for row in rows}


async def save_backpack(tx: Tx, backpack: Backpack, loads: Iterable[Load] = ()) -> None:
    await tx.run("backpack_put", {
        "courier_ref": backpack.courier_ref, "version": backpack.version, "doc": _text(backpack),
    })  # fmt: skip
    for load in loads:
        await tx.run("backpack_load_put", {
            "id": load.id, "courier_ref": backpack.courier_ref, "document": load.document, "doc": _text(load),
        })  # fmt: skip


async def find_load(tx: Tx, courier_ref: str, load_id: UUID, document: str | None) -> Load | None:
    """By its id, else by its document."""
    params = {"courier_ref": courier_ref, "id": load_id, "document": document}
    return await _one(tx, "backpack_load_find", params, Load)


async def lock_sale(tx: Tx, sale_id: UUID) -> Sale | None:
    return await _one(tx, "sale_lock", {"id": sale_id}, Sale)


async def save_sale(tx: Tx, sale: Sale) -> None:
    await tx.run("sale_put", {
        "id": sale.id, "courier_ref": sale.courier_ref, "division_ref": sale.division_ref, "made_at": sale.made_at,
        "version": sale.version, "doc": _text(sale),
    })  # fmt: skip


async def sales_since(source: Source, courier_ref: str, since: datetime) -> list[Sale]:
    """Newest first."""
    rows = await _read(source, "sales_of_courier", {"courier_ref": courier_ref, "since": since})
    return [msgspec.json.decode(row.doc, type=Sale) for row in rows]


async def sold_times(source: Source, courier_ref: str, since: datetime) -> dict[Key, int]:
    """How often he sold each product since then."""
    rows = await _read(source, "sold_counts", {"courier_ref": courier_ref, "since": since})
    return {(row.product, row.characteristic): row.times for row in rows}


async def lock_book(tx: Tx, courier_ref: str) -> CashBook | None:
    return await _locked(tx, "cash_book_lock", courier_ref, CashBook)


async def save_book(tx: Tx, book: CashBook, entry: Entry | None) -> None:
    await tx.run("cash_book_put", {"courier_ref": book.courier_ref, "version": book.version, "doc": _text(book)})
    if entry is not None:
        await tx.run("cash_entry_put", {
            "id": entry.id, "courier_ref": book.courier_ref, "kind": entry.kind, "at": entry.at, "doc": _text(entry),
        })  # fmt: skip


async def lock_entry(tx: Tx, entry_id: UUID) -> tuple[str, Entry] | None:
    """(courier, entry)."""
    row = await tx.one("cash_entry_lock", {"id": entry_id})
    return (row.courier_ref, msgspec.json.decode(row.doc, type=Entry)) if row else None


async def entries_since(source: Source, courier_ref: str, since: datetime) -> list[Entry]:
    """Change and hand-ins, newest first."""
    rows = await _read(source, "cash_entries_since", {"courier_ref": courier_ref, "since": since})
    return [msgspec.json.decode(row.doc, type=Entry) for row in rows]


async def put_count(
    tx: Tx, count_id: UUID, courier_ref: str, counted_kop: int, declared_kop: int | None, receiver: str, state: str
) -> None:
    """A blind count. state: open (it differs and waits for a reason), posted, given_up."""
    await tx.run("cash_count_put", {
        "id": count_id, "courier_ref": courier_ref, "counted_kop": counted_kop, "declared_kop": declared_kop,
        "receiver": receiver, "state": state,
    })  # fmt: skip


async def lock_count(tx: Tx, count_id: UUID) -> Row | None:
    """id, courier_ref, counted_kop, declared_kop, receiver, state, made_at."""
    return await tx.one("cash_count_lock", {"id": count_id})


async def open_counts(source: Source) -> Sequence[Row]:
    return await _read(source, "cash_counts_open", {})


async def counts_given_up(tx: Tx, courier_ref: str) -> list[int]:
    """Kopecks that were counted before, since the last hand-in, and counted again."""
    return [row.counted_kop for row in await tx.fetch("cash_counts_before", {"courier_ref": courier_ref})]


async def ask_hand_in(tx: Tx, courier_ref: str, sum_kop: int, code: str, at: datetime) -> None:
    await tx.run("hand_in_request_put", {
        "courier_ref": courier_ref, "sum_kop": sum_kop, "code": code, "asked_at": at,
    })  # fmt: skip


async def drop_request(tx: Tx, courier_ref: str) -> None:
    await tx.run("hand_in_request_drop", {"courier_ref": courier_ref})


async def requests(source: Source, courier_ref: str | None = None) -> Sequence[Row]:
    """courier_ref, sum_kop, code, asked_at; of one courier or of all."""
    return await _read(source, "hand_in_requests", {"courier_ref": courier_ref})


async def prices(source: Source, base_id: UUID, products: Iterable[str]) -> dict[Key, int]:
    """1C's prices now, kopecks a unit, by product and characteristic; one without a price is absent."""
    rows = await _read(source, "product_prices", {"base_id": base_id, "products": sorted(set(products))})
    return {(row.product, row.characteristic): kopecks(row.price) for row in rows}


async def warehouse_of(source: Source, base_id: UUID, courier_ref: str) -> str | None:
    """His own warehouse in 1C."""
    rows = await _read(source, "warehouse_of_courier", {"base_id": base_id, "courier_ref": courier_ref})
    return rows[0].ref if rows else None


async def quiet_backpacks(source: Source, since: datetime, courier_ref: str | None = None) -> list[str]:
    """Couriers, of all or this one, whose backpack can be compared with 1C: nothing waits, nothing moved since then."""
    rows = await _read(source, "quiet_backpacks", {"since": since, "courier_ref": courier_ref})
    return [row.courier_ref for row in rows]


async def last_hand_ins(source: Source) -> Sequence[Row]:
    """courier_ref, at, sum_kop, receiver of every courier's newest hand-in."""
    return await _read(source, "last_hand_ins", {})
