"""What follows the door: another try, goods back to the warehouse, money in, goods back from the customer.

Rules: domain.md §1. The ledgers (domain.md §4) post from the same events; who holds what is `Delivery.holder`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from posrednik.domain.changes import Change, Contradiction, already_handed_over, contradiction, kopecks, record, same
from posrednik.domain.deliveries import Delivery, Line, PaymentMethod, Person, Stage
from posrednik.domain.delivery_office import CourierFacts, check_courier
from posrednik.domain.errors import NotHisDelivery, OrderCancelled, StageJump
from posrednik.domain.events import Actor, Cause, Names, lines_with
from posrednik.domain.quantities import over_carried, over_kept, read, something
from posrednik.domain.stages import check_actor, check_arrow


def retry(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    next_date: date | None = None,
    courier_ref: str | None = None,
    courier: CourierFacts | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """Try again: on the way at once if the courier still has the goods, else «Готов». None keeps the courier.

    Raises NotHisDelivery (a courier for another's), CourierInactive, CourierOtherDivision, StageJump,
    AlreadyHandedOver, OrderCancelled, NotAllowed.
    """
    check_actor("retry", actor)
    chosen = courier_ref or delivery.courier_ref
    if actor.kind == "courier" and actor.ref not in (delivery.holder_ref, delivery.courier_ref):
        raise NotHisDelivery(order_number=delivery.order_number, courier_ref=delivery.courier_ref)
    _check_not_over("retry", delivery)
    if delivery.stage is not Stage.NOT_DELIVERED:
        return _retried_before(delivery, chosen, next_date)
    check_courier(courier if courier_ref else None, delivery.division_ref)
    has_goods = delivery.holder is not None and delivery.holder_ref == chosen
    former = dict.fromkeys((*delivery.former_courier_refs, delivery.courier_ref))
    return record(
        delivery,
        "delivery.retried",
        Cause(actor, now, names, cause_base),
        {"courier_ref": chosen, "next_date": next_date.isoformat() if next_date else None},
        stage=Stage.PICKED_UP if has_goods else Stage.READY,
        courier_ref=chosen,
        former_courier_refs=tuple(ref for ref in former if ref not in (None, chosen)),
        next_date=next_date,
        reason=None,
        reason_comment=None,
        departed_at=None,
        claimed_back=None if has_goods else delivery.claimed_back,
        retries=delivery.retries + 1,
    )


def _check_not_over(action: str, delivery: Delivery) -> None:
    if delivery.stage is Stage.CANCELLED:
        raise OrderCancelled(order_number=delivery.order_number)
    if delivery.handed_over_at is not None:
        raise already_handed_over(delivery)
    check_arrow(action, delivery)


def _retried_before(delivery: Delivery, chosen: str | None, next_date: date | None) -> Change:
    """The same retry once more holds already; without a failed try before it there is nothing to repeat."""
    if delivery.retries and (delivery.courier_ref, delivery.next_date) == (chosen, next_date):
        return same(delivery)
    raise StageJump(order_number=delivery.order_number, action="retry", stage=delivery.shown_stage)


def claim_give_back(
    *,
    delivery: Delivery,
    quantities: Mapping[str, int] | None,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """The courier says what he brings back. quantities: line id -> thousandths, not named = none; None = all he has.

    Nothing moves until the warehouse has counted (`give_back`). A claim that comes when that is done holds already.
    Raises MoreThanCarried, LineUnknown, QuantityNotANumber, NothingNamed, NotHisDelivery, StageJump, NotAllowed.
    """
    check_actor("claim_give_back", actor)
    check_arrow("claim_give_back", delivery)
    if _counted_in_before(delivery, actor, quantities):
        return same(delivery)
    if delivery.holder is None or delivery.holder_ref != actor.ref:
        raise NotHisDelivery(order_number=delivery.order_number, courier_ref=delivery.holder_ref)
    claimed = _carried(delivery) if quantities is None else read(delivery, quantities)
    something(claimed)
    over_carried(delivery, claimed)
    said = {line: quantity_milli for line, quantity_milli in claimed.items() if quantity_milli}
    if said == delivery.claimed_back:
        return same(delivery)
    data = {
        "courier_ref": actor.ref,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_with(delivery, claimed),
    }
    cause = Cause(actor, now, names, cause_base)
    return record(delivery, "delivery.give_back_claimed", cause, data, claimed_back=said)


def _carried(delivery: Delivery) -> dict[str, int]:
    return {line.line: line.carried_milli for line in delivery.lines}


def _counted_in_before(delivery: Delivery, actor: Actor, quantities: Mapping[str, int] | None) -> bool:
    """His phone was slower than the warehouse: all he had is in by now, and no less than he says."""
    by = delivery.handed_over_by
    was_his = actor.ref in (delivery.courier_ref, *delivery.former_courier_refs, by.ref if by else None)
    if delivery.holder is not None or not was_his:
        return False
    said = read(delivery, quantities or {})
    counted = any(line.given_back_milli for line in delivery.lines)
    return counted and all(said[line.line] <= line.given_back_milli for line in delivery.lines)


def give_back(
    *,
    delivery: Delivery,
    quantities: Mapping[str, int] | None,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """The warehouse counted goods in. quantities: line id -> thousandths, not named = none; None = all he has.

    `returned` when nothing is left with the courier and nothing was accepted, else the stage stays.
    What differs from the courier's claim is the contradiction count_difference; the claim is done with.
    Raises MoreThanCarried, LineUnknown, QuantityNotANumber, NothingNamed, StageJump, NotAllowed.
    """
    check_actor("give_back", actor)
    check_arrow("give_back", delivery)
    counted = _carried(delivery) if quantities is None else read(delivery, quantities)
    something(counted)
    over_carried(delivery, counted)
    lines = tuple(replace(line, given_back_milli=line.given_back_milli + counted[line.line]) for line in delivery.lines)
    left = any(line.carried_milli for line in lines)
    data = {
        "courier_ref": delivery.holder_ref,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_with(delivery, counted),
    }
    return record(
        delivery,
        "delivery.returned",
        Cause(actor, now, names, cause_base),
        data,
        _count_differs(delivery, counted),
        lines=lines,
        holder=delivery.holder if left else None,
        carriers=tuple(ref for ref in delivery.carriers if left or ref != delivery.holder_ref),
        stage=_stage_after_give_back(delivery, left=left),
    )


def _count_differs(delivery: Delivery, counted: Mapping[str, int]) -> tuple[Contradiction, ...]:
    claimed, holder = delivery.claimed_back, delivery.holder
    if claimed is None:
        return ()
    differences = [
        {
            "goods": line.name,
            "counted_milli": counted[line.line],
            "expected_milli": claimed.get(line.line, 0),
        }
        for line in delivery.lines
        if counted[line.line] != claimed.get(line.line, 0)
    ]
    if not differences:
        return ()
    who = (holder.name or holder.ref) if holder else None
    return (contradiction("count_difference", delivery, who=who, occasion="give_back", differences=differences),)


def _stage_after_give_back(delivery: Delivery, *, left: bool) -> Stage:
    """From `ready` another courier is to try again: then the goods only change hands by way of the warehouse."""
    if left or delivery.anything_accepted or delivery.stage is Stage.READY:
        return delivery.stage
    return Stage.RETURNED


def settle(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """The cash taken for it is in, or none was taken (`cash_taken_kop` = 0): who knows that calls this.

    Raises StageJump, NotAllowed.
    """
    check_actor("settle", actor)
    if delivery.stage is Stage.SETTLED:
        return same(delivery)
    check_arrow("settle", delivery)
    cause = Cause(actor, now, names, cause_base)
    by = delivery.handed_over_by
    data = {"courier_ref": by.ref if by else None, "sum_kop": delivery.cash_taken_kop}
    return record(delivery, "delivery.settled", cause, data, stage=Stage.SETTLED, settled_at=now)


def customer_return(
    *,
    delivery: Delivery,
    lines: Mapping[str, int],
    refund_kop: int,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """The customer gives accepted goods back, to the courier. lines: line id -> thousandths, not named = none.

    `returned` when he has none of them left, else the stage stays. The courier owes the goods until `give_back`.
    Raises MoreThanAccepted, AmountNotANumber, LineUnknown, QuantityNotANumber, NothingNamed, NotHisDelivery
    (another courier still carries refused goods of it), StageJump, NotAllowed.
    """
    check_actor("customer_return", actor)
    check_arrow("customer_return", delivery)
    back, refund_kop = read(delivery, lines), kopecks(refund_kop)
    something(back)
    over_kept(delivery, back)
    cause = Cause(actor, now, names, cause_base)
    taker = _taker(delivery, cause)
    after = tuple(replace(line, returned_milli=line.returned_milli + back[line.line]) for line in delivery.lines)
    # Money goes back the way it came: what was paid by card or transfer is no cash of the courier's.
    refund_cash_kop = refund_kop if delivery.payment_method == PaymentMethod.CASH else 0
    data = {
        "courier_ref": taker.ref if taker else None,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_with(delivery, back),
        "refund_kop": refund_kop,
        "refund_cash_kop": refund_cash_kop,
    }
    return record(
        delivery,
        "delivery.customer_returned",
        cause,
        data,
        **_returned_fields(delivery, after),
        holder=taker,
        refund_kop=delivery.refund_kop + refund_kop,
        cash_refunds_kop=_refunded(delivery, taker, refund_cash_kop),
    )


def _refunded(delivery: Delivery, taker: Person | None, refund_cash_kop: int) -> dict[str, int] | None:
    if taker is None or not refund_cash_kop:
        return delivery.cash_refunds_kop
    before = delivery.cash_refunds_kop or {}
    return {**before, taker.ref: before.get(taker.ref, 0) + refund_cash_kop}


def _taker(delivery: Delivery, cause: Cause) -> Person | None:
    """Who takes the goods from the customer: the courier who acts, else the one who handed them over."""
    if cause.actor.kind != "courier":
        return delivery.holder or delivery.handed_over_by
    if delivery.holder is not None and delivery.holder.ref != cause.person.ref:
        raise NotHisDelivery(order_number=delivery.order_number, courier_ref=delivery.holder.ref)
    return cause.person


def _returned_fields(delivery: Delivery, lines: tuple[Line, ...]) -> dict[str, Any]:
    all_back = not any(line.kept_milli for line in lines)
    return {"lines": lines, "stage": Stage.RETURNED if all_back else delivery.stage}
