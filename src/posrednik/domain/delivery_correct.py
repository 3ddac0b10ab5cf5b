"""A wrong step is put right by a further one: what was said stays in the history, the right figures hold from now on.

Rules: domain.md §2, contract.md §5 (`correction`). Whose step it was corrects it, says why, and gives the whole right
step, as he would have sent it. Its event carries what the step's own event does, so that documents can be renewed.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from posrednik.domain.changes import Change, Contradiction, contradiction, kopecks, record, same
from posrednik.domain.deliveries import Delivery, Line, Stage
from posrednik.domain.delivery_courier import check_payment
from posrednik.domain.errors import (
    AlreadySettled,
    CorrectionReasonMissing,
    MoreThanAccepted,
    MoreThanCarried,
    NotHisDelivery,
    ReasonMissing,
    ReasonUnknown,
)
from posrednik.domain.events import Actor, Cause, Data, Names, hand_over_data, lines_with
from posrednik.domain.quantities import figures, over_line, something, whole_unless_named
from posrednik.domain.stages import check_actor, check_arrow
from posrednik.domain.texts import REASONS


def correct_hand_over(
    *,
    delivery: Delivery,
    why: str | None,
    amount_taken_kop: int,
    payment_method: str,
    actor: Actor,
    now: datetime,
    names: Names,
    accepted: Mapping[str, int] | None = None,
    reference: str | None = None,
    receipt_url: str | None = None,
    difference_reason: str | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«Отдал», put right by who handed it over. accepted: line id -> thousandths; not named = all he had at the door.

    Possible until its cash is handed in; one settled because no cash was taken is open again when there was some.
    Raises CorrectionReasonMissing, NotHisDelivery, AlreadySettled, QuantityOverLine, MoreThanCarried (at the door, or
    than is left after the warehouse counted some in), MoreThanAccepted (less than was returned since), LineUnknown,
    QuantityNotANumber, AmountNotANumber, PaymentMethodUnknown, PrepaidTakesNothing, StageJump, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    by = delivery.handed_over_by
    _gate("correct_hand_over", delivery, cause, why, owner_ref=by.ref if by else None)
    check_payment(kopecks(amount_taken_kop), payment_method)
    if delivery.stage is Stage.SETTLED and delivery.cash_taken_kop:
        raise AlreadySettled(order_number=delivery.order_number, who=None, since_at=delivery.settled_at)
    fields = {
        **_goods(delivery, _given(delivery, accepted), cause),
        "amount_taken_kop": amount_taken_kop,
        "payment_method": payment_method,
        "reference": reference,
        "receipt_url": receipt_url,
        "difference_reason": difference_reason,
    }
    right = replace(delivery, **fields)
    if right == delivery:
        return same(delivery)
    if right.stage is Stage.SETTLED and right.cash_taken_kop:
        fields |= {"stage": Stage.HANDED_OVER, "settled_at": None}
    before, told, found = hand_over_data(delivery), hand_over_data(right), _amount_differs(delivery, right, cause)
    return _corrected("hand_over", delivery, cause, why, before, told, found, fields)


def _given(delivery: Delivery, accepted: Mapping[str, int] | None) -> dict[str, int]:
    at_the_door = {line.line: line.accepted_milli + line.refused_milli for line in delivery.lines}
    given = whole_unless_named(delivery, accepted, at_the_door)
    over_line(delivery, given)
    for line in delivery.lines:
        # What the warehouse has counted in since is not with the customer, and what he gave back was once his.
        most = min(at_the_door[line.line], line.accepted_milli + line.carried_milli)
        if given[line.line] > most:
            raise MoreThanCarried(**figures(line, given, most))
        if given[line.line] < line.returned_milli:
            raise MoreThanAccepted(**figures(line, {line.line: line.returned_milli}, given[line.line]))
    return given


def _goods(delivery: Delivery, given: Mapping[str, int], cause: Cause) -> dict[str, Any]:
    """The fields about goods; none when they were right. They are his to correct while nobody else has any."""
    if all(line.accepted_milli == given[line.line] for line in delivery.lines):
        return {}
    if delivery.holder_ref not in (None, cause.person.ref):
        raise NotHisDelivery(order_number=delivery.order_number, courier_ref=delivery.holder_ref)
    lines = tuple(_accepted(line, given[line.line]) for line in delivery.lines)
    left = any(line.carried_milli for line in lines)
    carriers = dict.fromkeys((*delivery.carriers, cause.person.ref)) if left else delivery.carriers
    return {"lines": lines, "holder": cause.person if left else None, "carriers": tuple(carriers)}


def _accepted(line: Line, accepted_milli: int) -> Line:
    at_the_door = line.accepted_milli + line.refused_milli
    return replace(line, accepted_milli=accepted_milli, refused_milli=at_the_door - accepted_milli)


def _amount_differs(before: Delivery, right: Delivery, cause: Cause) -> tuple[Contradiction, ...]:
    """A difference that was there before, in the same figures, was told then."""
    taken_kop, due_kop = right.amount_taken_kop, right.amount_due_kop
    if taken_kop == due_kop or (taken_kop, due_kop) == (before.amount_taken_kop, before.amount_due_kop):
        return ()
    who, said = cause.person.name or cause.person.ref, right.difference_reason
    data = {"who": who, "action": "correct_hand_over", "taken_kop": taken_kop, "due_kop": due_kop, "said": said}
    return (contradiction("amount_mismatch", right, **data),)


def correct_not_deliver(
    *,
    delivery: Delivery,
    why: str | None,
    reason: str | None,
    actor: Actor,
    now: datetime,
    names: Names,
    comment: str | None = None,
    next_date: date | None = None,
    reasons: Collection[str] = tuple(REASONS),
    cause_base: UUID | None = None,
) -> Change:
    """«Не вручил», put right by who still has the goods. reason: the right one of the division's `reasons`.

    Raises CorrectionReasonMissing, ReasonMissing, ReasonUnknown, NotHisDelivery, StageJump, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    _gate("correct_not_deliver", delivery, cause, why, owner_ref=delivery.holder_ref)
    if not reason:
        raise ReasonMissing()
    if reason not in reasons:
        raise ReasonUnknown(reason=reason)
    fields: dict[str, Any] = {"reason": reason, "reason_comment": comment, "next_date": next_date}
    right = replace(delivery, **fields)
    if right == delivery:
        return same(delivery)
    told = {"courier_ref": cause.person.ref, **_reason(right)}
    return _corrected("not_deliver", delivery, cause, why, _reason(delivery), told, (), fields)


def _reason(delivery: Delivery) -> Data:
    date_ = delivery.next_date
    return {
        "reason": delivery.reason,
        "comment": delivery.reason_comment,
        "next_date": date_.isoformat() if date_ else None,
    }


def correct_pick_up(
    *,
    delivery: Delivery,
    why: str | None,
    actor: Actor,
    now: datetime,
    names: Names,
    lines: Mapping[str, int] | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """«Забрал», put right by who has the goods. lines: line id -> thousandths taken; not named = whole.

    Raises CorrectionReasonMissing, QuantityOverLine, MoreThanCarried (less than he has brought back already),
    NothingNamed, LineUnknown, QuantityNotANumber, NotHisDelivery, StageJump, NotAllowed.
    """
    cause = Cause(actor, now, names, cause_base)
    _gate("correct_pick_up", delivery, cause, why, owner_ref=delivery.holder_ref)
    taken = whole_unless_named(delivery, lines, {line.line: line.quantity_milli for line in delivery.lines})
    over_line(delivery, taken)
    right = tuple(replace(line, picked_milli=taken[line.line]) for line in delivery.lines)
    for line in right:
        if line.carried_milli < 0:
            raise MoreThanCarried(**figures(line, {line.line: line.given_back_milli}, line.picked_milli))
    if any(line.quantity_milli for line in right):
        something({line.line: line.carried_milli for line in right})
    if right == delivery.lines:
        return same(delivery)
    before = {"lines": lines_with(delivery, {line.line: line.picked_milli for line in delivery.lines})}
    told = {
        "courier_ref": cause.person.ref,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_with(delivery, taken),
    }
    return _corrected("pick_up", delivery, cause, why, before, told, (), {"lines": right})


def _gate(action: str, delivery: Delivery, cause: Cause, why: str | None, *, owner_ref: str | None) -> None:
    check_actor(action, cause.actor)
    if not (why or "").strip():
        raise CorrectionReasonMissing()
    check_arrow(action, delivery)
    if owner_ref != cause.person.ref:
        raise NotHisDelivery(order_number=delivery.order_number, courier_ref=owner_ref)


def _corrected(
    step: str,
    delivery: Delivery,
    cause: Cause,
    why: str | None,
    before: Data,
    told: Data,
    found: tuple[Contradiction, ...],
    fields: dict[str, Any],
) -> Change:
    """`correction_reason`, because `reason` is what a failed delivery has of its own."""
    data = {**told, "corrects": step, "correction_reason": (why or "").strip(), "before": before}
    return record(delivery, "delivery.corrected", cause, data, found, **fields)
