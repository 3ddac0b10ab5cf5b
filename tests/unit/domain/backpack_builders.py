"""A courier's backpack, sales and cash with defaults, and the ledgers that their events make."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import BASE, CASH_DESK, LOGISTICIAN, NOW, ONEC, WAREHOUSE

from posrednik.domain import backpack as backpacks
from posrednik.domain import cash as cashes
from posrednik.domain import ledger, sales
from posrednik.domain.backpack import Backpack, BackpackChange, Load
from posrednik.domain.cash import CashBook, CashChange, Entry
from posrednik.domain.events import Actor, Event
from posrednik.domain.goods import sums
from posrednik.domain.ledger import Balances, postings_of
from posrednik.domain.sales import Item, Sale, SaleChange
from posrednik.domain.shifts import Goods, Key

REF = "33333333-3333-4333-8333-333333333333"
COURIER = Actor("courier", REF, "Петров Иван")
OTHER = Actor("courier", "44444444-4444-4444-8444-444444444444", "Сидоров Олег")
FLASK, CHEESE = ("flask", None), ("cheese", "aged")
NAMES = {FLASK: "Термос 1 л", CHEESE: "Сыр"}
PRICES = {FLASK: 99000, CHEESE: 123456}
MAIN, FAR = "main", "far"
TILL = "till-1"

KEYS = st.sampled_from([FLASK, CHEESE])
QUANTITIES = st.dictionaries(KEYS, st.integers(0, 6000), max_size=2)
SOMETHING = st.dictionaries(KEYS, st.integers(1, 6000), min_size=1, max_size=2)


def goods(quantities: dict[Key, int]) -> list[Goods]:
    return [Goods(*key, milli, NAMES.get(key)) for key, milli in quantities.items()]


def a_load(quantities: dict[Key, int], number: int = 1, **fields: Any) -> Load:
    values = {"warehouse_ref": MAIN, "at": NOW, "document": f"transfer-{number}"}
    return Load(UUID(int=number), tuple(goods(quantities)), **{**values, **fields})


def an_item(quantity_milli: int = 1000, key: Key = FLASK, price_kop: int | None = None, **fields: Any) -> Item:
    return Item(*key, quantity_milli, PRICES[key] if price_kop is None else price_kop, NAMES[key], **fields)


@dataclass
class World:
    """One courier: what the store would hold, and the ledgers of all his events."""

    backpack: Backpack = field(
        default_factory=lambda: Backpack(REF, BASE, "moscow", "courier-warehouse", courier_name="Петров Иван")
    )
    book: CashBook = field(default_factory=lambda: CashBook(REF, BASE, "moscow", courier_name="Петров Иван"))
    loads: dict[UUID, Load] = field(default_factory=dict)
    sales: dict[UUID, Sale] = field(default_factory=dict)
    entries: dict[UUID, Entry] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    balances: Balances = field(default_factory=Balances)

    @property
    def now(self) -> Any:
        return NOW + timedelta(minutes=len(self.events))

    def of(self, account: str) -> dict[Key, int]:
        return {
            (product, characteristic): milli
            for (name, product, characteristic), milli in self.balances.goods.items()
            if name == account and milli
        }

    @property
    def carried(self) -> list[Goods]:
        return goods(self.of(ledger.backpack(REF)))

    @property
    def short(self) -> list[Goods]:
        return goods(self.of(ledger.shortage(REF)))

    @property
    def disputed(self) -> dict[Key, int]:
        return self.of(ledger.disputed(MAIN, "moscow"))

    @property
    def cash_kop(self) -> int:
        return self.balances.money_of(ledger.cash(REF))

    def take(self, change: Any) -> Any:
        for event in change.events:
            self.balances.add(postings_of(event))
            self.events.append(event)
        self.found += [one.kind for one in change.contradictions]
        return change

    def _backpack(self, change: BackpackChange) -> BackpackChange:
        self.backpack = self.take(change).backpack
        self.loads |= {one.id: one for one in change.loads}
        return change

    def load(self, quantities: dict[Key, int], number: int = 1, **fields: Any) -> BackpackChange:
        load = a_load(quantities, number, **fields)
        known = self.loads.get(load.id)
        return self._backpack(self.act(backpacks.load, ONEC, load=load, known=known, carried=self.carried))

    def undo(self, number: int = 1) -> BackpackChange:
        load = self.loads[UUID(int=number)]
        return self._backpack(self.act(backpacks.undo_load, ONEC, load=load, carried=self.carried))

    def unload(self, quantities: dict[Key, int], **fields: Any) -> BackpackChange:
        values = {"lines": goods(quantities), "warehouse_ref": MAIN, "carried": self.carried}
        return self._backpack(self.act(backpacks.unload, WAREHOUSE, **{**values, **fields}))

    def accept(self, quantities: dict[Key, int], **fields: Any) -> BackpackChange:
        values = {"goods": goods(quantities), "carried": self.carried}
        return self._backpack(self.act(backpacks.accept, COURIER, **{**values, **fields}))

    def count(self, quantities: dict[Key, int], **fields: Any) -> BackpackChange:
        values = {"goods": goods(quantities), "carried": self.carried, "prices": PRICES}
        return self._backpack(self.act(backpacks.count, COURIER, **{**values, **fields}))

    def write_off(self, quantities: dict[Key, int], **fields: Any) -> BackpackChange:
        values = {"lines": goods(quantities), "short": self.short, "reason": "разбит", "prices": PRICES}
        return self._backpack(self.act(backpacks.write_off, LOGISTICIAN, **{**values, **fields}))

    def find(self, quantities: dict[Key, int], **fields: Any) -> BackpackChange:
        values = {"lines": goods(quantities), "short": self.short, "reason": "нашёлся в машине"}
        return self._backpack(self.act(backpacks.find, LOGISTICIAN, **{**values, **fields}))

    def act(self, action: Any, usual: Actor, **fields: Any) -> Any:
        return action(**{"backpack": self.backpack, "actor": usual, "now": self.now, **fields})

    def sell(self, *items: Item, number: int = 1, **fields: Any) -> SaleChange:
        values = {
            "made": self.sales.get(UUID(int=number)),
            "new_id": UUID(int=number),
            "base_id": BASE,
            "division_ref": "moscow",
            "warehouse_ref": "courier-warehouse",
            "items": items,
            "payment_method": "cash",
            "carried": self.carried,
            "prices": PRICES,
            "oversale_milli": 0,
            "actor": COURIER,
            "now": self.now,
        }
        change = self.take(sales.make(**{**values, **fields}))
        self.sales[change.sale.id] = change.sale
        return change

    def correct_sale(self, *items: Item, number: int = 1, **fields: Any) -> SaleChange:
        values = {
            "sale": self.sales[UUID(int=number)],
            "items": items,
            "payment_method": "cash",
            "why": "ошибся",
            "carried": self.carried,
            "prices": PRICES,
            "oversale_milli": 0,
            "actor": COURIER,
            "now": self.now,
        }
        change = self.take(sales.correct(**{**values, **fields}))
        self.sales[change.sale.id] = change.sale
        return change

    def _cash(self, action: Any, **fields: Any) -> CashChange:
        change = self.take(action(**{"book": self.book, "actor": CASH_DESK, "now": self.now, **fields}))
        self.book = change.book
        if change.entry is not None:
            self.entries[change.entry.id] = change.entry
        return change

    def issue(self, sum_kop: int, number: int = 1, **fields: Any) -> CashChange:
        values = {"known": self.entries.get(UUID(int=number)), "new_id": UUID(int=number), "till_ref": TILL}
        return self._cash(cashes.issue_change, sum_kop=sum_kop, **{**values, **fields})

    def hand_in(self, counted_kop: int, number: int = 2, **fields: Any) -> CashChange:
        values = {
            "known": self.entries.get(UUID(int=number)),
            "new_id": UUID(int=number),
            "till_ref": TILL,
            "cash_kop": self.cash_kop,
        }
        return self._cash(cashes.hand_in, counted_kop=counted_kop, **{**values, **fields})

    def correct_cash(self, sum_kop: int, number: int = 2, **fields: Any) -> CashChange:
        values = {"entry": self.entries[UUID(int=number)], "why": "ошибка кассы"}
        return self._cash(cashes.correct, sum_kop=sum_kop, **{**values, **fields})

    def settle(self, difference_kop: int, **fields: Any) -> CashChange:
        return self._cash(cashes.settle_difference, difference_kop=difference_kop, **{"reason": "решено", **fields})


def total(world: World) -> dict[Key, int]:
    """All accounts of every product together; nothing is lost when each is zero."""
    every = sums(Goods(*key[1:], milli) for key, milli in world.balances.goods.items())
    return {key: milli for key, milli in every.items() if milli}


def plus(*parts: dict[Key, int]) -> dict[Key, int]:
    both = sums(one for part in parts for one in goods(part))
    return {key: milli for key, milli in both.items() if milli}


def minus(part: dict[Key, int], other: dict[Key, int]) -> dict[Key, int]:
    return plus(part, {key: -milli for key, milli in other.items()})
