"""What a courier has in his backpack and in cash by the ledgers, with what 1C calls it and asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from posrednik.domain import delivery_after as after
from posrednik.domain import ledger as accounts
from posrednik.domain.backpack import Backpack
from posrednik.domain.cash import CashBook
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.events import Actor, Event, Names
from posrednik.domain.ledger import postings_of
from posrednik.domain.shifts import Goods, Key
from posrednik.store import deliveries, events, inbox, ledger, mirror, trade
from posrednik.store.db import Database, Tx
from posrednik.usecases.couriers import Courier, courier_of
from posrednik.usecases.order_facts import Rules, names_of


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
    more = next((one.name for one in told.characteristics if one.ref == characteristic and one.name), None)
    name = f"{told.name} ({more})" if more else told.name
    return Product(name, told.unit, told.by_weight, tuple(told.barcodes), told.code, told.article)


class _Characteristic(msgspec.Struct):
    ref: str = ""
    name: str = ""


class _Told(msgspec.Struct):
    name: str = NAMELESS.name
    unit: str = NAMELESS.unit
    by_weight: bool = False
    barcodes: list[str] = []
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


def emit(tx: Tx, happened: Sequence[Event], base_id: UUID, rules: Rules) -> None:
    """Events of backpack, sale and cash: to 1C as far as their routes say."""
    for event in happened:
        send = rules.of(event.division_ref).mode in ("live", "pilot")
        events.emit(tx, event, base_id, None, send=send)


async def settle_covered(tx: Tx, courier_ref: str, happened: Sequence[Event], rules: Rules) -> list[str]:
    """Deliveries whose cash is covered now become settled (domain.md §4). happened: events of this transaction that are
    not posted yet. Returns the numbers of their orders."""
    entries = await ledger.cash_entries(tx, courier_ref)
    entries += [posting for event in happened for posting in postings_of(event).money]
    done: list[str] = []
    for delivery_id in sorted(accounts.settled_by(entries, courier_ref)):
        delivery = await deliveries.lock(tx, delivery_id)
        if delivery is not None and delivery.stage is Stage.HANDED_OVER:
            done.append(await _settle(tx, delivery, happened[-1], rules))
    return done


async def _settle(tx: Tx, delivery: Delivery, by: Event, rules: Rules) -> str:
    names = await _names(tx, delivery, rules)
    change = after.settle(delivery=delivery, actor=Actor("system"), now=by.occurred_at, names=names)
    send = rules.of(delivery.division_ref).mode in ("live", "pilot")
    for event in change.events:
        events.emit(tx, event, delivery.base_id, UUID(delivery.order_ref), send=send)
    await deliveries.save(tx, [change.delivery])
    return delivery.order_number


async def _names(tx: Tx, delivery: Delivery, rules: Rules) -> Names:
    ref, division = delivery.courier_ref or "", delivery.division_ref
    rows = await mirror.get(tx, delivery.base_id, [("courier", ref), ("division", division)])
    base = await inbox.get_base(tx, delivery.base_id)
    known = {kind: msgspec.json.decode(row.data) for (kind, _), row in rows.items()}
    zone = base.time_zone if base else "Europe/Moscow"
    return names_of(delivery.courier_ref, known.get("courier"), known.get("division"), rules.of(division), zone)
