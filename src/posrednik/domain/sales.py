"""Quick sales from the backpack: made at the customer's door, corrected afterwards, never edited. Rules: domain.md §4.

What the phone says it sold, and for how much, is the fact; 1C's price of the moment is only compared with it. Money is
kopecks, quantities are thousandths of a unit; the balances come from the ledger. Each function is pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from posrednik.domain.backpack import below_zero, negative
from posrednik.domain.changes import Contradiction, found, kopecks
from posrednik.domain.deliveries import PaymentMethod
from posrednik.domain.delivery_courier import check_payment
from posrednik.domain.errors import CorrectionReasonMissing, NotAllowed, NothingNamed, NotHisSale, NotInBackpack
from posrednik.domain.events import Actor, Data, Event
from posrednik.domain.goods import Names, Sums, check_quantity, sums, worth_kop
from posrednik.domain.shifts import Goods, Key

_MAY_CORRECT = ("courier", "logistician", "cash_desk")


@dataclass(frozen=True, slots=True)
class Item:
    """What the phone says of one line. price_kop: per unit. sum_kop: what was taken for it; None = price x quantity."""

    product: str
    characteristic: str | None
    quantity_milli: int
    price_kop: int
    name: str | None = None
    sum_kop: int | None = None


@dataclass(frozen=True, slots=True)
class SaleLine:
    product: str
    characteristic: str | None
    name: str | None
    quantity_milli: int
    price_kop: int
    sum_kop: int

    @property
    def key(self) -> Key:
        return self.product, self.characteristic


@dataclass(frozen=True, slots=True)
class Sale:
    """id: of the phone's event. warehouse_ref: the courier's own in 1C. lines: () = taken back whole.

    delivery_id: the delivery it was sold with, None = by itself.
    """

    id: UUID
    courier_ref: str
    courier_name: str | None
    base_id: UUID
    division_ref: str
    warehouse_ref: str | None
    lines: tuple[SaleLine, ...]
    payment_method: str
    made_at: datetime
    reference: str | None = None
    receipt: bool = False
    receipt_url: str | None = None
    delivery_id: UUID | None = None
    version: int = 1
    trial: bool = False

    @property
    def who(self) -> str:
        return self.courier_name or self.courier_ref

    @property
    def sum_kop(self) -> int:
        return sum(line.sum_kop for line in self.lines)

    @property
    def cash_kop(self) -> int:
        return self.sum_kop if self.payment_method == PaymentMethod.CASH else 0


@dataclass(frozen=True, slots=True)
class SaleChange:
    """As `changes.Change`. warnings: names of proofs that are missing and only asked for: "reference"."""

    sale: Sale
    events: tuple[Event, ...] = ()
    already: bool = False
    contradictions: tuple[Contradiction, ...] = ()
    warnings: tuple[str, ...] = ()


def make(
    *,
    made: Sale | None,
    new_id: UUID,
    base_id: UUID,
    division_ref: str,
    warehouse_ref: str | None,
    items: Iterable[Item],
    payment_method: str,
    carried: Sequence[Goods],
    prices: Mapping[Key, int],
    oversale_milli: int,
    actor: Actor,
    now: datetime,
    reference: str | None = None,
    receipt: bool = False,
    receipt_url: str | None = None,
    delivery_id: UUID | None = None,
    late: bool = False,
    trial: bool = False,
) -> SaleChange:
    """The courier `actor` sold. made: the sale of this id if there is one, which then stays as it is.

    carried: his backpack by the ledger. prices: 1C's now, kopecks per unit; an absent one is not compared.
    oversale_milli: how far below zero one product may get. late: the books fell after his phone last saw them, so the
    goods are gone whatever the limit says. Below zero is the contradiction backpack_negative, a price that is not 1C's
    price_changed_meanwhile, a sum that is not price x quantity amount_mismatch.
    Raises NotInBackpack, NothingNamed, QuantityNotANumber, AmountNotANumber, PaymentMethodUnknown,
    PrepaidTakesNothing, NotAllowed.
    """
    if actor.kind != "courier" or actor.ref is None:
        raise NotAllowed(action="sell", actor_kind=actor.kind)
    if made is not None:
        return SaleChange(made, already=True)
    where = _Where(new_id, base_id, division_ref, warehouse_ref, delivery_id, trial)
    sale = _new(where, actor, now, _read(items), payment_method, reference, receipt, receipt_url)
    if not sale.lines:
        raise NothingNamed()
    _check_money(sale)
    below = _below(sale, sums(carried), {}, carried, None if late else oversale_milli)
    contradictions = _contradictions(sale, sale.lines, prices, below)
    event = _event("sale.made", sale, actor, now, sale_data(sale))
    return SaleChange(sale, (event,), contradictions=contradictions, warnings=_warnings(sale))


@dataclass(frozen=True, slots=True)
class _Where:
    """What a new sale is of."""

    id: UUID
    base_id: UUID
    division_ref: str
    warehouse_ref: str | None
    delivery_id: UUID | None
    trial: bool


def _new(
    where: _Where,
    actor: Actor,
    now: datetime,
    lines: tuple[SaleLine, ...],
    payment_method: str,
    reference: str | None,
    receipt: bool,
    receipt_url: str | None,
) -> Sale:
    return Sale(
        id=where.id,
        courier_ref=actor.ref or actor.kind,
        courier_name=actor.name,
        base_id=where.base_id,
        division_ref=where.division_ref,
        warehouse_ref=where.warehouse_ref,
        lines=lines,
        payment_method=payment_method,
        made_at=now,
        reference=reference or None,
        receipt=receipt,
        receipt_url=receipt_url,
        delivery_id=where.delivery_id,
        trial=where.trial,
    )


def correct(
    *,
    sale: Sale,
    items: Iterable[Item],
    payment_method: str,
    why: str | None,
    carried: Sequence[Goods],
    prices: Mapping[Key, int],
    oversale_milli: int,
    actor: Actor,
    now: datetime,
    reference: str | None = None,
    receipt: bool = False,
    receipt_url: str | None = None,
    late: bool = False,
) -> SaleChange:
    """The whole right sale in place of the wrong one; no items = the customer gave everything back.

    carried: the backpack now, with this sale as it was. What was told of the sale before is not told again.
    Raises CorrectionReasonMissing, NotHisSale (a courier for another's) and what `make` raises.
    """
    _may_correct(sale, actor)
    if not (why or "").strip():
        raise CorrectionReasonMissing()
    lines = _read(items)
    right = replace(
        sale,
        lines=lines,
        payment_method=payment_method,
        reference=reference or None,
        receipt=receipt,
        receipt_url=receipt_url,
    )
    _check_money(right)
    if right == sale:
        return SaleChange(sale, already=True)
    below = _below(right, sums(carried), _sold(sale), carried, None if late else oversale_milli)
    right = replace(right, version=sale.version + 1)
    known = {(line.key, line.price_kop, line.quantity_milli, line.sum_kop) for line in sale.lines}
    news = tuple(one for one in lines if (one.key, one.price_kop, one.quantity_milli, one.sum_kop) not in known)
    data = {**sale_data(right), "before": sale_data(sale), "correction_reason": (why or "").strip()}
    event = _event("sale.corrected", right, actor, now, data)
    told = _contradictions(right, news, prices, below)
    return SaleChange(right, (event,), contradictions=told, warnings=_warnings(right))


def _may_correct(sale: Sale, actor: Actor) -> None:
    if actor.kind not in _MAY_CORRECT:
        raise NotAllowed(action="correct_sale", actor_kind=actor.kind)
    if actor.kind == "courier" and actor.ref != sale.courier_ref:
        raise NotHisSale(courier_ref=sale.courier_ref)


def _read(items: Iterable[Item]) -> tuple[SaleLine, ...]:
    """Lines of nothing are left out."""
    lines = (_line(item) for item in items)
    return tuple(line for line in lines if line.quantity_milli)


def _line(item: Item) -> SaleLine:
    quantity_milli = check_quantity(item.quantity_milli, item.name or item.product)
    price_kop = kopecks(item.price_kop)
    sum_kop = worth_kop(price_kop, quantity_milli) if item.sum_kop is None else item.sum_kop
    return SaleLine(item.product, item.characteristic, item.name, quantity_milli, price_kop, kopecks(sum_kop))


def _check_money(sale: Sale) -> None:
    check_payment(kopecks(sale.sum_kop), sale.payment_method)


def _sold(sale: Sale) -> Sums:
    return sums(Goods(*line.key, line.quantity_milli) for line in sale.lines)


def _below(sale: Sale, have: Sums, before: Sums, carried: Sequence[Goods], limit_milli: int | None) -> list[Data]:
    """What this sale takes below zero. before: what it had taken itself, which is there again; only more of it counts.

    Raises NotInBackpack for what is further below than the limit; None = no limit.
    """
    names = Names(carried, (Goods(*line.key, 0, line.name) for line in sale.lines))
    more = {key: milli for key, milli in _sold(sale).items() if milli > before.get(key, 0)}
    there = {key: have.get(key, 0) + before.get(key, 0) for key in more}
    below = below_zero(more, there, names)
    for one in below:
        if limit_milli is not None and one["asked_milli"] - one["have_milli"] > limit_milli:
            have_milli = max(0, one["have_milli"])
            raise NotInBackpack(
                line=one["product"], goods=one["goods"], asked_milli=one["asked_milli"], have_milli=have_milli
            )
    return below


def _contradictions(
    sale: Sale, lines: tuple[SaleLine, ...], prices: Mapping[Key, int], below: list[Data]
) -> tuple[Contradiction, ...]:
    return (*negative(sale.who, "sell", below), *_prices_differ(sale, lines, prices), *_sums_differ(sale, lines))


def _prices_differ(sale: Sale, lines: tuple[SaleLine, ...], prices: Mapping[Key, int]) -> tuple[Contradiction, ...]:
    differ = [
        {"goods": line.name or line.product, "price_kop": line.price_kop, "base_price_kop": prices[line.key]}
        for line in lines
        if prices.get(line.key, line.price_kop) != line.price_kop
    ]
    data = {"variant": "sale", "who": sale.who, "sold_at": sale.made_at.isoformat(), "prices": differ}
    return (found("price_changed_meanwhile", **data),) if differ else ()


def _sums_differ(sale: Sale, lines: tuple[SaleLine, ...]) -> tuple[Contradiction, ...]:
    due_kop = sum(worth_kop(line.price_kop, line.quantity_milli) for line in lines)
    differ = [line for line in lines if line.sum_kop != worth_kop(line.price_kop, line.quantity_milli)]
    if not differ:
        return ()
    goods = [line.name or line.product for line in differ]
    taken_kop = sum(line.sum_kop for line in lines)
    data = {"variant": "sale", "who": sale.who, "sold_at": sale.made_at.isoformat(), "goods": goods}
    return (found("amount_mismatch", **data, taken_kop=taken_kop, due_kop=due_kop),)


def _warnings(sale: Sale) -> tuple[str, ...]:
    asked = sale.payment_method == PaymentMethod.TRANSFER and sale.lines
    return ("reference",) if asked and not sale.reference else ()


def sale_data(sale: Sale) -> Data:
    """The whole sale as an event tells it; also the `before` of its correction."""
    return {
        "base_id": str(sale.base_id),
        "courier_ref": sale.courier_ref,
        "courier_name": sale.courier_name,
        "warehouse_ref": sale.warehouse_ref,
        "delivery_id": str(sale.delivery_id) if sale.delivery_id else None,
        "lines": [
            {
                "product": line.product,
                "characteristic": line.characteristic,
                "name": line.name,
                "quantity_milli": line.quantity_milli,
                "price_kop": line.price_kop,
                "sum_kop": line.sum_kop,
            }
            for line in sale.lines
        ],
        "sum_kop": sale.sum_kop,
        "payment_method": sale.payment_method,
        "reference": sale.reference,
        "receipt": sale.receipt,
        "receipt_url": sale.receipt_url,
    }


def _event(event_type: str, sale: Sale, actor: Actor, now: datetime, data: Data) -> Event:
    return Event(event_type, "sale", sale.id, sale.version, now, actor, sale.division_ref, sale.trial, data)
