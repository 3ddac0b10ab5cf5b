"""The two ledgers, goods and money: double-entry, append-only. Rules: domain.md §4; docs/subsystems/ledgers.md.

A posting has one source account, one target account and a positive amount, so that everything sums to zero.
`postings_of` is the one place where an event becomes postings, and it reads nothing but the event. What it reads:

    delivery.picked_up              courier_ref, warehouse_ref, lines, taken_over_from_ref, snapshot's carried_milli
    delivery.handed_over            courier_ref, lines (accepted_milli, refused_milli), taken_over_from_ref,
                                    amount_taken_kop, payment_method
    delivery.returned               courier_ref, warehouse_ref, lines
    delivery.customer_returned      courier_ref, lines, refund_cash_kop
    delivery.corrected              what the step's own event has, corrects (pick_up, hand_over), before
    delivery.done_by_another        action, courier_ref, accepted_milli (by line), amount_taken_kop, payment_method
    backpack.loaded, .unloaded      courier_ref, warehouse_ref, lines; of an undone load disputed_lines, which the
                                    count did not find
    backpack.accepted, .counted     the same, lines with expected_milli and counted_milli
    backpack.written_off, .found    courier_ref, lines
    sale.made, .corrected           courier_ref, lines, sum_kop, payment_method; before (the earlier data)
    cash.change_issued, .handed_in  courier_ref, till_ref, sum_kop, entry_id; delivery_id if a hand-in names one
    cash.corrected                  the same, before, corrects (change_issued, handed_in); or, for a decided
                                    difference, corrects "difference" and difference_kop (counted less expected)

lines: [{product, characteristic, quantity_milli}]. Every other event moves nothing: a shift's own counts come to the
ledgers as `backpack.counted` and `cash.*`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from posrednik.domain.deliveries import PaymentMethod
from posrednik.domain.events import Data, Event

Product = tuple[str, str | None]  # product, characteristic
Quantities = Mapping[Product, int]

CUSTOMER = "customer"
WRITTEN_OFF = "written_off"
ACQUIRING = "acquiring"
TRANSFERS = "transfers"
CASH_SURPLUS = "cash_surplus"


def warehouse(warehouse_ref: str | None, division_ref: str) -> str:
    """An unknown warehouse is the division's."""
    return f"warehouse:{warehouse_ref or division_ref}"


def disputed(warehouse_ref: str | None, division_ref: str) -> str:
    return f"disputed:{warehouse_ref or division_ref}"


def orders(courier_ref: str) -> str:
    return f"orders:{courier_ref}"


def backpack(courier_ref: str) -> str:
    return f"backpack:{courier_ref}"


def shortage(courier_ref: str) -> str:
    return f"shortage:{courier_ref}"


def surplus(courier_ref: str) -> str:
    return f"surplus:{courier_ref}"


def till(till_ref: str | None, division_ref: str) -> str:
    return f"till:{till_ref or division_ref}"


def cash(courier_ref: str) -> str:
    return f"cash:{courier_ref}"


def cash_shortage(courier_ref: str) -> str:
    return f"cash_shortage:{courier_ref}"


@dataclass(frozen=True, slots=True)
class _Posting:
    """subject: what it came of, kind and id of the event. courier_ref: whose ledger. at: when it happened."""

    source: str
    target: str
    why: str
    subject_kind: str
    subject_id: str
    courier_ref: str
    at: datetime


def _check(source: str, target: str, amount: int) -> None:
    if type(amount) is not int or amount <= 0:
        raise ValueError(f"a posting of {amount!r}")
    if source == target:
        raise ValueError(f"a posting from {source} to itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsPosting(_Posting):
    """quantity_milli: thousandths, above zero. Raises ValueError otherwise, and for one account twice."""

    product: str
    characteristic: str | None
    quantity_milli: int

    def __post_init__(self) -> None:
        _check(self.source, self.target, self.quantity_milli)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPosting(_Posting):
    """sum_kop: kopecks, above zero. Raises ValueError otherwise, and for one account twice.

    entry_id: of the cash desk's entry that it comes of. delivery_id: the one whose cash a hand-in names.
    """

    sum_kop: int
    entry_id: UUID | None = None
    delivery_id: UUID | None = None

    def __post_init__(self) -> None:
        _check(self.source, self.target, self.sum_kop)


@dataclass(frozen=True, slots=True)
class Postings:
    goods: tuple[GoodsPosting, ...] = ()
    money: tuple[MoneyPosting, ...] = ()


NOTHING = Postings()


@dataclass(slots=True)
class Balances:
    """What each account has: thousandths by (account, product, characteristic), kopecks by account."""

    goods: dict[tuple[str, str, str | None], int] = field(default_factory=lambda: defaultdict(int))
    money: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, postings: Postings) -> None:
        for one in postings.goods:
            self.goods[one.source, one.product, one.characteristic] -= one.quantity_milli
            self.goods[one.target, one.product, one.characteristic] += one.quantity_milli
        for paid in postings.money:
            self.money[paid.source] -= paid.sum_kop
            self.money[paid.target] += paid.sum_kop

    def goods_of(self, account: str, product: str, characteristic: str | None = None) -> int:
        return self.goods.get((account, product, characteristic), 0)

    def money_of(self, account: str) -> int:
        return self.money.get(account, 0)


def postings_of(event: Event) -> Postings:
    """What the event moves; nothing for most. The same event gives the same postings in the same order.

    Raises KeyError for an event that is not complete, ValueError for figures that no domain function lets through.
    """
    post = _POSTS.get(event.type)
    if post is None:
        return NOTHING
    book = _Book(event)
    post(book, event.data)
    return Postings(tuple(book.goods), tuple(book.money))


class _Book:
    """Collects the postings of one event."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.goods: list[GoodsPosting] = []
        self.money: list[MoneyPosting] = []

    def _about(self, courier_ref: str) -> dict[str, Any]:
        event = self.event
        return {
            "subject_kind": event.subject_kind,
            "subject_id": str(event.subject_id),
            "courier_ref": courier_ref,
            "at": event.occurred_at,
        }

    def move(self, courier_ref: str, source: str, target: str, quantities: Quantities, why: str) -> None:
        """One posting for each product of which there is any."""
        about = self._about(courier_ref)
        self.goods += [
            GoodsPosting(
                source, target, why, product=product, characteristic=characteristic, quantity_milli=milli, **about
            )
            for (product, characteristic), milli in quantities.items()
            if milli
        ]

    def move_again(
        self, courier_ref: str, source: str, target: str, was: Quantities, right: Quantities, why: str
    ) -> None:
        """Where `was` was wrong: the reverse of it, then the right one."""
        wrong = {product for product in {*was, *right} if was.get(product, 0) != right.get(product, 0)}
        self.move(courier_ref, target, source, _only(was, wrong), f"{why}_reversed")
        self.move(courier_ref, source, target, _only(right, wrong), why)

    def pay(self, courier_ref: str, source: str, target: str, sum_kop: int, why: str) -> None:
        if sum_kop:
            about = {**self._about(courier_ref), **self._entry()}
            self.money.append(MoneyPosting(source, target, why, sum_kop=sum_kop, **about))

    def _entry(self) -> dict[str, UUID | None]:
        """Of the cash desk's own events; a sale names its delivery for other reasons."""
        if self.event.subject_kind != "cash":
            return {}
        return {name: UUID(ref) if (ref := self.event.data.get(name)) else None for name in ("entry_id", "delivery_id")}

    def take(self, courier_ref: str, paid: "_Paid", why: str) -> None:
        """What the customer paid; nothing when he had paid before."""
        if paid.account is not None:
            self.pay(courier_ref, CUSTOMER, paid.account, paid.sum_kop, why)

    def take_again(self, courier_ref: str, was: "_Paid", right: "_Paid", why: str) -> None:
        if was == right:
            return
        if was.account is not None:
            self.pay(courier_ref, was.account, CUSTOMER, was.sum_kop, f"{why}_reversed")
        self.take(courier_ref, right, why)

    def warehouse(self, data: Data) -> str:
        return warehouse(data.get("warehouse_ref"), self.event.division_ref)

    def till(self, data: Data) -> str:
        return till(data.get("till_ref"), self.event.division_ref)


@dataclass(frozen=True, slots=True)
class _Paid:
    """account: where the customer's money goes, None = it does not pass through the courier."""

    account: str | None
    sum_kop: int


def _paid(courier_ref: str, sum_kop: int | None, payment_method: str | None) -> _Paid:
    accounts = {
        PaymentMethod.CASH.value: cash(courier_ref),
        PaymentMethod.CARD.value: ACQUIRING,
        PaymentMethod.TRANSFER.value: TRANSFERS,
    }
    account = accounts.get(payment_method or "")
    return _Paid(account, (sum_kop or 0) if account else 0)


def _only(quantities: Quantities, products: Iterable[Product]) -> Quantities:
    wanted = set(products)
    return {product: milli for product, milli in quantities.items() if product in wanted}


def _quantities(lines: Iterable[Data], *names: str) -> Quantities:
    """Thousandths by product, the sum of these figures of its lines."""
    sums: dict[Product, int] = defaultdict(int)
    for line in lines:
        sums[line["product"], line.get("characteristic")] += sum(line.get(name) or 0 for name in names)
    return sums


def _differences(lines: Iterable[Data]) -> tuple[Quantities, Quantities]:
    """(what was counted less than expected, what more)."""
    told = list(lines)
    expected, counted = _quantities(told, "expected_milli"), _quantities(told, "counted_milli")
    more = {product: milli - expected[product] for product, milli in counted.items()}
    return (
        {product: -milli for product, milli in more.items() if milli < 0},
        {product: milli for product, milli in more.items() if milli > 0},
    )


# -- deliveries


def _picked_up(book: _Book, data: Data) -> None:
    """Goods come from the warehouse, or from who still had them of an earlier try: then all that is left of them."""
    ref, giver = data["courier_ref"], data.get("taken_over_from_ref")
    if giver is None:
        book.move(ref, book.warehouse(data), orders(ref), _quantities(data["lines"], "quantity_milli"), "pick_up")
    elif giver != ref:
        carried = _quantities(data["delivery"]["lines"], "carried_milli")
        book.move(ref, orders(giver), orders(ref), carried, "take_over")


def _handed_over(book: _Book, data: Data) -> None:
    ref, giver = data["courier_ref"], data.get("taken_over_from_ref")
    if giver not in (None, ref):
        at_the_door = _quantities(data["lines"], "accepted_milli", "refused_milli")
        book.move(ref, orders(giver), orders(ref), at_the_door, "take_over")
    book.move(ref, orders(ref), CUSTOMER, _quantities(data["lines"], "accepted_milli"), "hand_over")
    book.take(ref, _paid(ref, data["amount_taken_kop"], data["payment_method"]), "hand_over")


def _returned(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, orders(ref), book.warehouse(data), _quantities(data["lines"], "quantity_milli"), "give_back")


def _customer_returned(book: _Book, data: Data) -> None:
    """What was paid by card or transfer is refunded past the courier."""
    ref = data["courier_ref"]
    book.move(ref, CUSTOMER, orders(ref), _quantities(data["lines"], "quantity_milli"), "customer_return")
    book.pay(ref, cash(ref), CUSTOMER, data["refund_cash_kop"], "refund")


def _corrected(book: _Book, data: Data) -> None:
    ref, before = data["courier_ref"], data["before"]
    if data["corrects"] == "pick_up":
        was, right = (_quantities(told["lines"], "quantity_milli") for told in (before, data))
        book.move_again(ref, book.warehouse(data), orders(ref), was, right, "pick_up")
    if data["corrects"] == "hand_over":
        was, right = (_quantities(told["lines"], "accepted_milli") for told in (before, data))
        book.move_again(ref, orders(ref), CUSTOMER, was, right, "hand_over")
        paid, truly = (_paid(ref, told["amount_taken_kop"], told["payment_method"]) for told in (before, data))
        book.take_again(ref, paid, truly, "hand_over")


def _done_by_another(book: _Book, data: Data) -> None:
    """A second hand-over: goods and money of who says so. That he never had the goods shows as less than none."""
    if data["action"] != "hand_over":
        return
    ref, accepted = data["courier_ref"], data["accepted_milli"] or {}
    lines = [{**line, "accepted_milli": accepted.get(line["line"], 0)} for line in data["delivery"]["lines"]]
    book.move(ref, orders(ref), CUSTOMER, _quantities(lines, "accepted_milli"), "hand_over_by_another")
    book.take(ref, _paid(ref, data["amount_taken_kop"], data["payment_method"]), "hand_over_by_another")


# -- the backpack and what is sold from it


def _loaded(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, book.warehouse(data), backpack(ref), _quantities(data["lines"], "quantity_milli"), "load")


def _unloaded(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, backpack(ref), book.warehouse(data), _quantities(data["lines"], "quantity_milli"), "unload")
    never_came = _quantities(data.get("disputed_lines") or (), "quantity_milli")
    other = disputed(data.get("warehouse_ref"), book.event.division_ref)
    book.move(ref, other, book.warehouse(data), never_came, "unload")


def _accepted(book: _Book, data: Data) -> None:
    ref, other = data["courier_ref"], disputed(data.get("warehouse_ref"), book.event.division_ref)
    less, more = _differences(data["lines"])
    book.move(ref, backpack(ref), other, less, "accept")
    book.move(ref, other, backpack(ref), more, "accept")


def _counted(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    less, more = _differences(data["lines"])
    book.move(ref, backpack(ref), shortage(ref), less, "count")
    book.move(ref, surplus(ref), backpack(ref), more, "count")


def _written_off(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, shortage(ref), WRITTEN_OFF, _quantities(data["lines"], "quantity_milli"), "write_off")


def _found(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, shortage(ref), backpack(ref), _quantities(data["lines"], "quantity_milli"), "find")


def _sold(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.move(ref, backpack(ref), CUSTOMER, _quantities(data["lines"], "quantity_milli"), "sale")
    book.take(ref, _paid(ref, data["sum_kop"], data["payment_method"]), "sale")


def _sale_corrected(book: _Book, data: Data) -> None:
    ref, before = data["courier_ref"], data["before"]
    was, right = (_quantities(told["lines"], "quantity_milli") for told in (before, data))
    book.move_again(ref, backpack(ref), CUSTOMER, was, right, "sale")
    paid, truly = (_paid(ref, told["sum_kop"], told["payment_method"]) for told in (before, data))
    book.take_again(ref, paid, truly, "sale")


# -- money


def _change_issued(book: _Book, data: Data) -> None:
    ref = data["courier_ref"]
    book.pay(ref, book.till(data), cash(ref), data["sum_kop"], "change_issued")


def _handed_in(book: _Book, data: Data) -> None:
    """As counted; what is missing stays his until it is decided."""
    ref = data["courier_ref"]
    book.pay(ref, cash(ref), book.till(data), data["sum_kop"], "hand_in")


def _cash_corrected(book: _Book, data: Data) -> None:
    ref, corrects = data["courier_ref"], data["corrects"]
    if corrects == "difference":
        missing_kop = -data["difference_kop"]
        book.pay(ref, cash(ref), cash_shortage(ref), max(0, missing_kop), "difference")
        book.pay(ref, CASH_SURPLUS, cash(ref), max(0, -missing_kop), "difference")
        return
    before = data["before"]
    was, now = (book.till(before), before["sum_kop"]), (book.till(data), data["sum_kop"])
    if was == now:
        return
    if corrects == "change_issued":
        book.pay(ref, cash(ref), was[0], was[1], "change_issued_reversed")
        book.pay(ref, now[0], cash(ref), now[1], "change_issued_right")
    else:
        book.pay(ref, was[0], cash(ref), was[1], "hand_in_reversed")
        book.pay(ref, cash(ref), now[0], now[1], "hand_in")


_POSTS: Mapping[str, Callable[[_Book, Data], None]] = MappingProxyType(
    {
        "delivery.picked_up": _picked_up,
        "delivery.handed_over": _handed_over,
        "delivery.returned": _returned,
        "delivery.customer_returned": _customer_returned,
        "delivery.corrected": _corrected,
        "delivery.done_by_another": _done_by_another,
        "backpack.loaded": _loaded,
        "backpack.unloaded": _unloaded,
        "backpack.accepted": _accepted,
        "backpack.counted": _counted,
        "backpack.written_off": _written_off,
        "backpack.found": _found,
        "sale.made": _sold,
        "sale.corrected": _sale_corrected,
        "cash.change_issued": _change_issued,
        "cash.handed_in": _handed_in,
        "cash.corrected": _cash_corrected,
    }
)
MOVING = frozenset(_POSTS)
