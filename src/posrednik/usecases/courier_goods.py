"""What a courier has in his backpack and in cash by the ledgers, with what 1C calls it and asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from posrednik.domain import ledger as accounts
from posrednik.domain.backpack import Backpack
from posrednik.domain.cash import CashBook
from posrednik.domain.events import Event
from posrednik.domain.ledger import postings_of
from posrednik.domain.shifts import Goods, Key
from posrednik.store import events, inbox, ledger, mirror, trade
from posrednik.store.db import Database, Tx
from posrednik.usecases.couriers import Courier, courier_of


@dataclass(frozen=True, slots=True)
class Product:
    """What 1C says of a product."""

    name: str
    unit: str
    by_weight: bool
    barcodes: tuple[str, ...]
    code: str
    article: str | None


NAMELESS = Product("Товар без названия", "шт", False, (), "", None)


async def courier_here(tx: Tx, ref: str, name: str | None) -> Courier:
    """As 1C knows him; one that it has not told of yet belongs to the first base."""
    known = await courier_of(tx, ref)
    if known is not None:
        return known
    base = await inbox.first_base(tx)
    return replace(Courier.not_told_yet(ref), base_id=base.id, name=name or "")


async def products(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> dict[Key, Product]:
    """By product and characteristic, whose name joins the product's."""
    wanted = list(dict.fromkeys(keys))
    rows = await mirror.get(tx, base_id, {("product", product) for product, _ in wanted})
    known = {ref: msgspec.json.decode(row.data) for (_, ref), row in rows.items()}
    return {key: _product(known.get(key[0]), key[1]) for key in wanted}


def _product(data: dict[str, object] | None, characteristic: str | None) -> Product:
    if not data:
        return NAMELESS
    told = msgspec.convert(data, _Told)
    of_all = [one for one in told.barcodes if isinstance(one, str)]
    own = (one for one in told.barcodes if isinstance(one, _Barcode) and one.characteristic in (None, characteristic))
    codes = [*of_all, *(one.barcode for one in own)]
    more = next((one.name for one in told.characteristics if one.ref == characteristic and one.name), None)
    name = f"{told.name} ({more})" if more else told.name
    return Product(name, told.unit, told.by_weight, tuple(dict.fromkeys(codes)), told.code, told.article)


class _Characteristic(msgspec.Struct):
    ref: str = ""
    name: str = ""


class _Barcode(msgspec.Struct):
    barcode: str
    characteristic: str | None = None


class _Told(msgspec.Struct):
    name: str = NAMELESS.name
    unit: str = NAMELESS.unit
    by_weight: bool = False
    barcodes: list[str | _Barcode] = []
    code: str = ""
    article: str | None = None
    characteristics: list[_Characteristic] = []


async def carried(tx: Tx, courier: Courier) -> list[Goods]:
    """His backpack by the ledger, with names; below zero where late facts took it there."""
    account = accounts.backpack(courier.ref)
    found = (await ledger.goods(tx, [account]))[account]
    known = await products(tx, courier.base_id, found)
    return [Goods(product, characteristic, milli, known[product, characteristic].name)
            for (product, characteristic), milli in found.items()]  # fmt: skip


async def backpack_of(tx: Tx, courier: Courier) -> Backpack:
    """Locked; made if new."""
    known = await trade.lock_backpack(tx, courier.ref)
    own = await trade.warehouse_of(tx, courier.base_id, courier.ref)
    if known is None:
        return Backpack(courier.ref, courier.base_id, courier.division, own, courier_name=courier.name or None)
    return replace(known, warehouse_ref=own or known.warehouse_ref, courier_name=courier.name or known.courier_name)


async def book_of(tx: Tx, courier: Courier) -> CashBook:
    """Locked; made if new."""
    known = await trade.lock_book(tx, courier.ref)
    return known or CashBook(courier.ref, courier.base_id, courier.division, courier_name=courier.name or None)


async def cash_kop(source: Tx | Database, courier_ref: str) -> int:
    """«К сдаче»."""
    account = accounts.cash(courier_ref)
    return (await ledger.money(source, [account]))[account]


def own_cash(courier_ref: str, happened: Sequence[Event]) -> int:
    """By how much these events, not posted yet, change what he holds."""
    account = accounts.cash(courier_ref)
    moved = [posting for event in happened for posting in postings_of(event).money]
    return sum(p.sum_kop for p in moved if p.target == account) - sum(p.sum_kop for p in moved if p.source == account)


def emit(tx: Tx, happened: Sequence[Event], base_id: UUID) -> None:
    """Events of backpack, sale and cash: to 1C as far as their routes say."""
    for event in happened:
        events.emit(tx, event, base_id, None)
