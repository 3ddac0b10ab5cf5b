"""What the courier does: «Забрал», «В пути», «Отдал», «Не вручил».

Rules: domain.md §1. Facts win: what the office's table would refuse only because the office changed something
that his phone did not know of (`offline`, or `seen_version` older than the delivery's) is accepted, and the
Change carries the contradiction. What can never be right is raised.

Each action goes through the same gates in the same order, so that a further gate has one place:
    1 actor and figures   possible in themselves
    2 his                 `courier_step`: his delivery, or once his, or somebody else's
    3 way                 the arrow of `stages.TABLE`, or a fact against it
  (4 proofs               domain.md §2 looks here, after what is plainly wrong and before anything is recorded)
    5 record              the next version and its event
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from posrednik.domain.changes import (
    Change,
    Contradiction,
    already_handed_over,
    already_picked_up,
    kopecks,
    plan,
    record,
    same,
)
from posrednik.domain.courier_step import (
    Step,
    a_step,
    by_another_or_too_late,
    check_could_be_his,
    keep_other,
    name_of,
    now_his,
    office_meanwhile,
)
from posrednik.domain.deliveries import Delivery, Line, PaymentMethod, Stage
from posrednik.domain.errors import (
    DeliveryWithdrawn,
    OrderCancelled,
    PaymentMethodUnknown,
    PrepaidTakesNothing,
    ReasonMissing,
    ReasonUnknown,
    TakeOverIncomplete,
)
from posrednik.domain.events import Actor, Cause, Data, Names, hand_over_data, lines_with
from posrednik.domain.quantities import over_carried, over_line, something, whole_unless_named
from posrednik.domain.texts import REASONS

_UNDER_WAY = (Stage.PICKED_UP, Stage.EN_ROUTE)


def pick_up(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    lines: Mapping[str, int] | None = None,
    offline: bool = False,
    seen_version: int | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«Забрал». lines: line id -> thousandths taken; a line that is not named is taken whole.

    Raises NotHisDelivery, AlreadyPickedUp, AlreadyHandedOver, OrderCancelled, DeliveryWithdrawn, StageJump,
    LineUnknown, QuantityOverLine, QuantityNotANumber, NothingNamed, TakeOverIncomplete, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    now_is, delivery = delivery, _as_he_saw(delivery, seen_version)
    step = a_step("pick_up", delivery, cause, offline=offline, seen_version=seen_version)
    step = replace(step, edited=delivery is not now_is)
    taken = whole_unless_named(delivery, lines, {line.line: line.quantity_milli for line in delivery.lines})
    over_line(delivery, taken)
    if any(line.quantity_milli for line in delivery.lines):
        something(taken)
    if delivery.stage is Stage.READY:
        return _pick_up_ready(step, taken, said=lines is not None)
    if step.ref == delivery.holder_ref:
        return _pick_up_again(step, taken, said=lines is not None)
    if delivery.stage is Stage.CANCELLED and delivery.holder is None:
        return _pick_up_cancelled(step, taken)
    return by_another_or_too_late(step, accepted_milli=None)


def _as_he_saw(delivery: Delivery, seen_version: int | None) -> Delivery:
    """With the goods of the version that he saw: these he took, whatever the office edited since (facts win)."""
    if seen_version is None or delivery.goods_out or delivery.stage not in (Stage.READY, Stage.CANCELLED):
        return delivery
    earlier = next((one.lines for one in delivery.earlier_lines if seen_version <= one.until_version), delivery.lines)
    return delivery if plan(earlier) == plan(delivery.lines) else replace(delivery, lines=earlier)


def _pick_up_ready(step: Step, taken: dict[str, int], *, said: bool) -> Change:
    delivery = step.delivery
    found: tuple[Contradiction, ...] = ()
    if step.ref != delivery.courier_ref:
        if not (step.stale and step.was_his):
            raise step.not_his()
        found = (step.contradicts("reassigned_but_done"),)
    if not delivery.on_board:
        if not step.stale:
            raise DeliveryWithdrawn(order_number=delivery.order_number)
        found += (step.contradicts("withdrawn_but_done"),)
    lines = _take_over(step, taken, said=said) if delivery.goods_out else _picked(delivery, taken)
    return _picked_up(step, lines, found, stage=Stage.PICKED_UP, on_board=True, **now_his(step))


def _pick_up_again(step: Step, taken: Mapping[str, int], *, said: bool) -> Change:
    delivery = step.delivery
    if said and any(line.picked_milli != taken[line.line] for line in delivery.lines):
        raise already_picked_up(delivery)
    if delivery.stage in _UNDER_WAY:
        return same(delivery)
    if delivery.handed_over_at is not None:
        raise already_handed_over(delivery)
    if delivery.stage is Stage.CANCELLED:
        raise OrderCancelled(order_number=delivery.order_number)
    raise step.jump()


def _pick_up_cancelled(step: Step, taken: dict[str, int]) -> Change:
    """The cancellation stands; the goods are out all the same and owed until given back."""
    if not step.stale:
        raise OrderCancelled(order_number=step.delivery.order_number)
    if not step.was_his:
        raise step.not_his()
    found = (step.contradicts("cancelled_but_done"),)
    return _picked_up(step, _picked(step.delivery, taken), found, **now_his(step))


def _picked(delivery: Delivery, taken: Mapping[str, int]) -> tuple[Line, ...]:
    """A new trip starts from the warehouse: what an earlier one left in the counters was all given back."""
    return tuple(
        replace(
            line,
            picked_milli=taken[line.line],
            accepted_milli=0,
            refused_milli=0,
            given_back_milli=0,
            returned_milli=0,
        )
        for line in delivery.lines
    )


def _take_over(step: Step, taken: Mapping[str, int], *, said: bool) -> tuple[Line, ...]:
    """Another courier still has the goods of an earlier try: they change hands, all of them or none."""
    delivery = step.delivery
    if said and any(taken[line.line] != line.carried_milli for line in delivery.lines):
        raise TakeOverIncomplete(who=name_of(delivery.holder))
    return delivery.lines


def _picked_up(step: Step, lines: tuple[Line, ...], found: tuple[Contradiction, ...], **fields: Any) -> Change:
    delivery = step.delivery
    data: Data = {
        "courier_ref": step.ref,
        "taken_over_from_ref": delivery.holder_ref if delivery.goods_out else None,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_with(delivery, {line.line: line.picked_milli for line in lines}),
    }
    if step.edited:
        found += (step.contradicts("order_changed_after_pick_up", fields=["lines"]),)
    return record(
        delivery,
        "delivery.picked_up",
        step.cause,
        data,
        found,
        lines=lines,
        earlier_lines=(),
        holder=step.cause.person,
        carriers=tuple(dict.fromkeys((*delivery.carriers, step.ref))),
        picked_up_at=step.cause.now,
        **fields,
    )


def depart(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    offline: bool = False,
    seen_version: int | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«В пути». Raises NotHisDelivery, StageJump, AlreadyHandedOver, OrderCancelled, NotAllowed."""
    cause = Cause(actor, now, names, cause_base)
    step = a_step("depart", delivery, cause, offline=offline, seen_version=seen_version)
    if step.ref != delivery.holder_ref:
        return by_another_or_too_late(step, accepted_milli=None)
    if delivery.stage is Stage.EN_ROUTE:
        return same(delivery)
    found: tuple[Contradiction, ...] = ()
    fields: dict[str, Any] = {"departed_at": now}
    if delivery.stage is Stage.PICKED_UP:
        fields["stage"] = Stage.EN_ROUTE
    else:
        found = office_meanwhile(step)
    return record(delivery, "delivery.departed", cause, {"courier_ref": step.ref}, found, **fields)


def not_deliver(
    *,
    delivery: Delivery,
    reason: str | None,
    actor: Actor,
    now: datetime,
    names: Names,
    comment: str | None = None,
    next_date: date | None = None,
    reasons: Collection[str] = tuple(REASONS),
    offline: bool = False,
    seen_version: int | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«Не вручил». The goods stay with him. reasons: those of the division.

    Raises ReasonMissing, ReasonUnknown, NotHisDelivery, StageJump, AlreadyHandedOver, OrderCancelled, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    step = a_step("not_deliver", delivery, cause, offline=offline, seen_version=seen_version)
    if not reason:
        raise ReasonMissing()
    if reason not in reasons:
        raise ReasonUnknown(reason=reason)
    if step.ref != delivery.holder_ref:
        return by_another_or_too_late(step, accepted_milli=None, reason=reason)
    said: dict[str, Any] = {"reason": reason, "reason_comment": comment, "next_date": next_date}
    if delivery.stage is Stage.NOT_DELIVERED:
        if all(getattr(delivery, name) == value for name, value in said.items()):
            return same(delivery)
        raise step.jump()
    data = {
        "courier_ref": step.ref,
        "reason": reason,
        "comment": comment,
        "next_date": next_date.isoformat() if next_date else None,
    }
    if delivery.stage in _UNDER_WAY:
        return record(delivery, "delivery.not_delivered", cause, data, stage=Stage.NOT_DELIVERED, **said)
    # The office's own reason stays on the delivery; his is in the event.
    return record(delivery, "delivery.not_delivered", cause, data, office_meanwhile(step))


def hand_over(
    *,
    delivery: Delivery,
    amount_taken_kop: int,
    payment_method: str,
    actor: Actor,
    now: datetime,
    names: Names,
    accepted: Mapping[str, int] | None = None,
    reference: str | None = None,
    receipt_url: str | None = None,
    difference_reason: str | None = None,
    offline: bool = False,
    seen_version: int | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«Отдал». accepted: line id -> thousandths; a line that is not named is accepted as far as it is carried.

    What is not accepted is refused and stays with the courier. An amount other than the one due is a fact and a
    contradiction. Raises AmountNotANumber, PaymentMethodUnknown, PrepaidTakesNothing, LineUnknown,
    QuantityNotANumber, QuantityOverLine, MoreThanCarried, NotHisDelivery, StageJump, AlreadyHandedOver,
    OrderCancelled, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    step = a_step("hand_over", delivery, cause, offline=offline, seen_version=seen_version)
    check_payment(kopecks(amount_taken_kop), payment_method)
    money = _Money(amount_taken_kop, payment_method, reference, receipt_url, difference_reason, seen_version)
    if delivery.handed_over_at is not None:
        return _handed_over_before(step, accepted, money)
    given = _given(step, accepted)
    found = _hand_over_gate(step)
    return _handed_over(step, given, money, found)


@dataclass(frozen=True, slots=True)
class _Money:
    taken_kop: int
    payment_method: str
    reference: str | None
    receipt_url: str | None
    difference_reason: str | None
    seen_version: int | None


def check_payment(taken_kop: int, payment_method: str) -> None:
    """Raise PaymentMethodUnknown or PrepaidTakesNothing."""
    if payment_method not in tuple(PaymentMethod):
        raise PaymentMethodUnknown(payment_method=payment_method)
    if payment_method == PaymentMethod.PREPAID and taken_kop:
        raise PrepaidTakesNothing(taken_kop=taken_kop)


def _given(step: Step, accepted: Mapping[str, int] | None) -> dict[str, int]:
    delivery = step.delivery
    carried = {line.line: line.carried_milli for line in delivery.lines}
    given = whole_unless_named(delivery, accepted, carried)
    over_line(delivery, given)
    if step.ref in delivery.carriers:
        over_carried(delivery, given)
    return given


def _hand_over_gate(step: Step) -> tuple[Contradiction, ...]:
    """May he hand it over, and what of the office's plan does it contradict?"""
    delivery = step.delivery
    if step.ref == delivery.holder_ref:
        if delivery.stage in _UNDER_WAY:
            return ()
        if delivery.stage is Stage.CANCELLED and step.stale:
            return (step.contradicts("cancelled_but_handed_over"),)
        return office_meanwhile(step)
    check_could_be_his(step)
    if step.ref not in delivery.carriers or delivery.holder is None:
        raise step.jump()
    if delivery.stage is Stage.CANCELLED:
        return (step.contradicts("cancelled_but_handed_over"),)
    return (step.contradicts("reassigned_but_done"),)


def _handed_over(step: Step, given: dict[str, int], money: _Money, found: tuple[Contradiction, ...]) -> Change:
    delivery = step.delivery
    lines = tuple(
        replace(line, accepted_milli=given[line.line], refused_milli=line.carried_milli - given[line.line])
        for line in delivery.lines
    )
    fields: dict[str, Any] = {
        "stage": Stage.HANDED_OVER,
        "lines": lines,
        "holder": step.cause.person if any(line.carried_milli for line in lines) else None,
        "handed_over_at": step.cause.now,
        "handed_over_by": step.cause.person,
        "amount_taken_kop": money.taken_kop,
        "payment_method": money.payment_method,
        "reference": money.reference,
        "receipt_url": money.receipt_url,
        "difference_reason": money.difference_reason,
    }
    # A courier from whom it was taken may have had the goods all the while.
    giver_ref = delivery.holder_ref if delivery.holder_ref != step.ref else None
    data = {**hand_over_data(replace(delivery, **fields)), "taken_over_from_ref": giver_ref}
    found += _amount_differs(step, data["amount_due_kop"], money)
    return record(delivery, "delivery.handed_over", step.cause, data, found, **fields, **now_his(step))


def _amount_differs(step: Step, due_kop: int, money: _Money) -> tuple[Contradiction, ...]:
    if money.taken_kop == due_kop:
        return ()
    seen = money.seen_version
    unseen = seen is not None and seen < step.delivery.amount_changed_version
    kind = "price_changed_meanwhile" if unseen else "amount_mismatch"
    said = money.difference_reason
    return (step.contradicts(kind, taken_kop=money.taken_kop, due_kop=due_kop, said=said),)


def _handed_over_before(step: Step, accepted: Mapping[str, int] | None, money: _Money) -> Change:
    """The customer has it already: the same news again, or a second courier who says so too."""
    delivery = step.delivery
    if delivery.handed_over_by is not None and step.ref == delivery.handed_over_by.ref:
        if _same_hand_over(delivery, accepted, money):
            return same(delivery)
        raise already_handed_over(delivery)
    if not step.was_his:
        raise step.not_his()
    if step.ref not in delivery.carriers:
        raise step.jump()
    whole = {line.line: line.quantity_milli for line in delivery.lines}
    given = whole_unless_named(delivery, accepted, whole)
    over_line(delivery, given)
    found = step.contradicts("handed_over_twice", first=name_of(delivery.handed_over_by), taken_kop=money.taken_kop)
    return keep_other(
        step,
        found,
        accepted_milli=given,
        amount_taken_kop=money.taken_kop,
        payment_method=money.payment_method,
        reference=money.reference,
        receipt_url=money.receipt_url,
    )


def _same_hand_over(delivery: Delivery, accepted: Mapping[str, int] | None, money: _Money) -> bool:
    before = (delivery.amount_taken_kop, delivery.payment_method, delivery.reference, delivery.receipt_url)
    if before != (money.taken_kop, money.payment_method, money.reference, money.receipt_url):
        return False
    could = {line.line: line.accepted_milli + line.refused_milli for line in delivery.lines}
    given = whole_unless_named(delivery, accepted, could)
    return all(line.accepted_milli == given[line.line] for line in delivery.lines)
