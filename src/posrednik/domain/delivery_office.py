"""What the office does with a delivery: «Готов», its withdrawal, courier, price, amount, an edited order, cancel.

Rules: domain.md §1, contract.md §2. Every function is pure, gives a `Change`, and raises a `DomainError` where
the table says no. `names` puts names to references in the event, `cause_base` is the base whose command it is.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.cash import ceiling_state
from posrednik.domain.changes import (
    Change,
    already_handed_over,
    already_picked_up,
    contradiction,
    kopecks,
    plan,
    record,
    same,
)
from posrednik.domain.deliveries import Delivery, Line, OrderFacts, OrderLine, Preset, Stage
from posrednik.domain.errors import (
    AlreadyOnItsWay,
    CashCeilingReached,
    CourierInactive,
    CourierOtherDivision,
    DomainError,
    OrderCancelled,
    OrderUnknown,
)
from posrednik.domain.events import Actor, Cause, Names, delivery_event
from posrednik.domain.stages import check_actor, check_arrow


@dataclass(frozen=True, slots=True)
class CourierFacts:
    """What is known of a courier. divisions: further ones in which he has the right to deliver.

    cash_kop: what he holds by the ledger; ceiling_kop: how much he may hold, None = no ceiling.
    """

    ref: str
    division_ref: str
    active: bool = True
    divisions: tuple[str, ...] = ()
    cash_kop: int = 0
    ceiling_kop: int | None = None


def check_courier(courier: CourierFacts | None, division_ref: str) -> None:
    """Raise if he cannot be assigned. None = not in the mirror yet, which is allowed: he may come later.

    Raises CourierInactive, CourierOtherDivision, CashCeilingReached (domain.md §4).
    """
    if courier is None:
        return
    if not courier.active:
        raise CourierInactive(courier_ref=courier.ref)
    if division_ref not in (courier.division_ref, *courier.divisions):
        raise CourierOtherDivision(courier_ref=courier.ref)
    if courier.ceiling_kop is not None and ceiling_state(courier.cash_kop, courier.ceiling_kop) == "reached":
        raise CashCeilingReached(courier_ref=courier.ref, cash_kop=courier.cash_kop, ceiling_kop=courier.ceiling_kop)


def ready(
    *,
    order: OrderFacts | None,
    delivery: Delivery | None,
    new_id: UUID,
    actor: Actor,
    now: datetime,
    names: Names,
    courier_ref: str | None = None,
    courier: CourierFacts | None = None,
    comment: str | None = None,
    preset: Preset | None = None,
    cause_base: UUID | None = None,
    keep: Collection[str] = (),
) -> Change:
    """«Готов». Makes the delivery, reopens a withdrawn one, or takes a new courier or comment into a ready one.

    order: None = not in the mirror. delivery: the order's one, if there ever was any. new_id is used only for a
    new one. preset: what commands set on the order before. keep: as of `order_changed`. Raises OrderUnknown,
    OrderCancelled, AlreadyOnItsWay, AlreadyHandedOver, CourierInactive, CourierOtherDivision, CashCeilingReached.

    A delivery cancelled only because its order was deleted or unposted is reopened when the order is good again,
    and so is one that came back whole; one cancelled on purpose is not.
    """
    check_actor("ready", actor)
    if order is None:
        raise OrderUnknown()
    if order.cancelled:
        raise OrderCancelled(order_number=order.number)
    preset = preset or Preset()
    if delivery is None:
        courier_ref = courier_ref or preset.courier_ref
        check_courier(courier, order.division_ref)
        return _new(order, new_id, courier_ref, comment, preset, Cause(actor, now, names, cause_base))
    if courier_ref not in (None, delivery.courier_ref):
        check_courier(courier, order.division_ref)
    cause = Cause(actor, now, names, cause_base)
    if delivery.stage is Stage.READY and delivery.on_board:
        return _ready_again(delivery, courier_ref, comment, cause)
    _check_reopening(delivery)
    return _reopened(delivery, order, courier_ref, comment, cause, keep)


def _new(
    order: OrderFacts, new_id: UUID, courier_ref: str | None, comment: str | None, preset: Preset, cause: Cause
) -> Change:
    price_kop = order.delivery_price_kop if preset.delivery_price_kop is None else preset.delivery_price_kop
    delivery = Delivery(
        id=new_id,
        base_id=order.base_id,
        order_ref=order.ref,
        courier_ref=courier_ref,
        stage=Stage.READY,
        on_board=True,
        version=1,
        ready_comment=comment,
        amount_due_by_hand_kop=preset.amount_due_kop,
        trial=order.trial,
        ready_at=cause.now,
        **{**_of_order(order), "delivery_price_kop": price_kop},
    )
    return Change(delivery, (delivery_event("delivery.readied", delivery, cause, {"reopened": False}),))


def _ready_again(delivery: Delivery, courier_ref: str | None, comment: str | None, cause: Cause) -> Change:
    """A courier or comment that is not said changes nothing."""
    fields: dict[str, Any] = {}
    if comment is not None and comment != delivery.ready_comment:
        fields["ready_comment"] = comment
    if courier_ref is not None and courier_ref != delivery.courier_ref:
        return _assigned(delivery, courier_ref, cause, **fields)
    if not fields:
        return same(delivery)
    return record(delivery, "delivery.changed", cause, {"changed": ["comment"]}, **fields)


def _check_reopening(delivery: Delivery) -> None:
    if delivery.handed_over_at is not None:
        raise already_handed_over(delivery)
    if delivery.holder is not None:
        raise AlreadyOnItsWay(
            order_number=delivery.order_number,
            who=delivery.holder.name or delivery.holder.ref,
            since_at=delivery.picked_up_at,
        )
    if delivery.stage is Stage.CANCELLED and not delivery.cancelled_by_order:
        raise OrderCancelled(order_number=delivery.order_number)
    check_arrow("ready", delivery)


def _reopened(
    delivery: Delivery, order: OrderFacts, courier_ref: str | None, comment: str | None, cause: Cause,
    keep: Collection[str],
) -> Change:  # fmt: skip
    fields, kept = _masked(delivery, _edited(delivery, order), keep)
    if courier_ref is not None and courier_ref != delivery.courier_ref:
        fields |= _courier_fields(delivery, courier_ref)
    change = record(
        delivery,
        "delivery.readied",
        cause,
        {"reopened": True},
        **fields,
        stage=Stage.READY,
        on_board=True,
        ready_at=cause.now,
        ready_comment=delivery.ready_comment if comment is None else comment,
        picked_up_at=None,
        departed_at=None,
        reason=None,
        reason_comment=None,
        next_date=None,
        cancelled_by_order=False,
        carriers=(),
        other_steps=(),
    )
    return replace(change, kept=kept)


def withdraw(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    reason: str | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """Take «Готов» back: off the board, kept in history. Raises AlreadyPickedUp (who, since when) and others."""
    check_actor("withdraw", actor)
    if not delivery.on_board:
        return same(delivery)
    _check_still_in_warehouse("withdraw", delivery)
    cause = Cause(actor, now, names, cause_base)
    data = {"reason": reason, "by": cause.person.name or cause.person.ref}
    return record(delivery, "delivery.withdrawn", cause, data, on_board=False, reason=reason)


def assign(
    *,
    delivery: Delivery,
    courier_ref: str,
    actor: Actor,
    now: datetime,
    names: Names,
    courier: CourierFacts | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """Give the delivery to a courier, as long as it is `ready` (a withdrawn one keeps him for its next «Готов»).

    Raises CourierInactive, CourierOtherDivision, CashCeilingReached, AlreadyPickedUp, AlreadyHandedOver,
    OrderCancelled, StageJump.
    """
    check_actor("assign", actor)
    if courier_ref == delivery.courier_ref:
        return same(delivery)
    _check_still_in_warehouse("assign", delivery)
    check_courier(courier, delivery.division_ref)
    return _assigned(delivery, courier_ref, Cause(actor, now, names, cause_base))


def _assigned(delivery: Delivery, courier_ref: str, cause: Cause, **fields: Any) -> Change:
    data = {"courier_ref": courier_ref, "previous_courier_ref": delivery.courier_ref}
    return record(delivery, "delivery.assigned", cause, data, **_courier_fields(delivery, courier_ref), **fields)


def _courier_fields(delivery: Delivery, courier_ref: str) -> dict[str, Any]:
    former = dict.fromkeys((*delivery.former_courier_refs, delivery.courier_ref))
    return {
        "courier_ref": courier_ref,
        "former_courier_refs": tuple(ref for ref in former if ref not in (None, courier_ref)),
    }


def set_price(
    *,
    delivery: Delivery,
    delivery_price_kop: int,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """«Цена доставки», until the hand-over. Raises AmountNotANumber, AlreadyHandedOver, OrderCancelled, StageJump."""
    check_actor("set_price", actor)
    price_kop = kopecks(delivery_price_kop)
    if price_kop == delivery.delivery_price_kop:
        return same(delivery)
    _check_money_open("set_price", delivery)
    cause = Cause(actor, now, names, cause_base)
    data = {"changed": ["delivery_price_kop"]}
    return record(delivery, "delivery.changed", cause, data, delivery_price_kop=price_kop)


def set_amount_due(
    *,
    delivery: Delivery,
    amount_due_kop: int | None,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
) -> Change:
    """«Сумма к получению» by hand; None = computed again. Raises as `set_price`."""
    check_actor("set_amount_due", actor)
    amount_kop = None if amount_due_kop is None else kopecks(amount_due_kop)
    if amount_kop == delivery.amount_due_by_hand_kop:
        return same(delivery)
    _check_money_open("set_amount_due", delivery)
    cause = Cause(actor, now, names, cause_base)
    data = {"changed": ["amount_due_by_hand_kop"]}
    return record(delivery, "delivery.changed", cause, data, amount_due_by_hand_kop=amount_kop)


def order_changed(
    *,
    delivery: Delivery,
    order: OrderFacts,
    actor: Actor,
    now: datetime,
    names: Names,
    cause_base: UUID | None = None,
    keep: Collection[str] = (),
) -> Change:
    """The order was sent again. Updates the delivery until it is picked up; after that it contradicts.

    A deleted or unposted order cancels. A withdrawn delivery reads its order at the next «Готов». Never raises.
    keep: attributes of the delivery that are not the order's to write; what it wants of them is told in `kept`.
    """
    if order.cancelled:
        if "stage" in keep and delivery.stage in _CAN_BE_CANCELLED:
            return Change(delivery, already=True, kept=("stage",))
        cause = Cause(actor, now, names, cause_base)
        return _cancelled(delivery, "order_deleted" if order.deleted else "order_unposted", cause, by_order=True)
    if not delivery.on_board or delivery.stage in (Stage.CANCELLED, Stage.RETURNED):
        return same(delivery)
    fields, kept = _masked(delivery, _edited(delivery, order), keep)
    if delivery.stage is not Stage.READY or delivery.goods_out:
        return replace(_edited_too_late(delivery, fields), kept=kept)
    different = [name for name, value in fields.items() if getattr(delivery, name) != value]
    if not different:
        return replace(same(delivery), kept=kept)
    if different == ["order_price_kop"]:
        # The order has learned what a command told before it: kept for the next comparison, and no news to anybody.
        return Change(replace(delivery, order_price_kop=fields["order_price_kop"]), kept=kept)
    cause = Cause(actor, now, names, cause_base)
    return replace(record(delivery, "delivery.changed", cause, {"changed": different}, **fields), kept=kept)


def _masked(
    delivery: Delivery, fields: dict[str, Any], keep: Collection[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """`fields` with those of `keep` as the delivery has them, and which of them differed."""
    if not keep:
        return fields, ()
    theirs = {name: value for name, value in fields.items() if name in keep}
    kept = tuple(name for name, value in theirs.items() if _otherwise(delivery, name, value))
    return {**fields, **{name: getattr(delivery, name) for name in theirs}}, kept


def _otherwise(delivery: Delivery, name: str, value: Any) -> bool:
    """Whether the order wants another. What became of the goods is no part of it, and 1C's note of that is no news."""
    if name != "lines":
        return bool(value != getattr(delivery, name))
    known = [plan(delivery.lines), *([_kept(delivery)] if delivery.handed_over_at else [])]
    return plan(value) not in known


_CAN_BE_CANCELLED = frozenset({Stage.READY, Stage.PICKED_UP, Stage.EN_ROUTE, Stage.NOT_DELIVERED})


def _edited_too_late(delivery: Delivery, fields: dict[str, Any]) -> Change:
    """The way of payment is the customer's by now, and 1C's own note of what he accepted is no news."""
    planned = {**fields, "lines": plan(fields["lines"])}
    now_is = {name: getattr(delivery, name) for name in fields} | {"lines": plan(delivery.lines)}
    skipped = {"payment_method", "order_price_kop"}
    different = [name for name in planned if name not in skipped and planned[name] != now_is[name]]
    if different == ["lines"] and delivery.handed_over_at and planned["lines"] == _kept(delivery):
        different = []
    if not different:
        return same(delivery)
    found = contradiction("order_changed_after_pick_up", delivery, fields=different)
    return Change(delivery, already=True, contradictions=(found,))


def _kept(delivery: Delivery) -> list[tuple[str, str, str | None, int, int]]:
    """The order's lines as they would be if the order held only what the customer accepted."""
    return [
        (line.line, line.product, line.characteristic, line.accepted_milli, line.sum_of_kop(line.accepted_milli))
        for line in delivery.lines
        if line.accepted_milli
    ]


def cancel(
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
    names: Names,
    reason: str | None = None,
    cause_base: UUID | None = None,
) -> Change:
    """Cancel before the hand-over; goods that are out stay owed by their courier until given back.

    After the hand-over the Change has a refusal (AlreadyHandedOver) and a contradiction, and nothing changes.
    """
    check_actor("cancel", actor)
    return _cancelled(delivery, reason, Cause(actor, now, names, cause_base), by_order=False)


def _cancelled(delivery: Delivery, reason: str | None, cause: Cause, *, by_order: bool) -> Change:
    if delivery.stage in (Stage.HANDED_OVER, Stage.SETTLED):
        who = delivery.handed_over_by.name or delivery.handed_over_by.ref if delivery.handed_over_by else None
        found = contradiction("cancelled_but_handed_over", delivery, who=who)
        refusal: DomainError = already_handed_over(delivery)
        return Change(delivery, already=True, contradictions=(found,), refusal=refusal)
    if delivery.stage in (Stage.CANCELLED, Stage.RETURNED):
        return same(delivery)
    data = {"reason": reason, "by": cause.person.name or cause.person.ref}
    return record(
        delivery,
        "delivery.cancelled",
        cause,
        data,
        stage=Stage.CANCELLED,
        on_board=True,
        reason=reason,
        cancelled_by_order=by_order,
    )


def _check_still_in_warehouse(action: str, delivery: Delivery) -> None:
    if delivery.stage is Stage.CANCELLED:
        raise OrderCancelled(order_number=delivery.order_number)
    if delivery.handed_over_at is not None:
        raise already_handed_over(delivery)
    if delivery.holder is not None and (delivery.stage is not Stage.READY or action == "withdraw"):
        raise already_picked_up(delivery)
    check_arrow(action, delivery)


def _check_money_open(action: str, delivery: Delivery) -> None:
    if delivery.stage is Stage.CANCELLED:
        raise OrderCancelled(order_number=delivery.order_number)
    if delivery.handed_over_at is not None:
        raise already_handed_over(delivery)
    check_arrow(action, delivery)


def _edited(delivery: Delivery, order: OrderFacts) -> dict[str, Any]:
    """The fields that the order decides, as it has them now.

    A price set by a command stays unless the order's own value differs from its own last (contract.md §2).
    """
    fields = _of_order(order)
    if order.delivery_price_kop == delivery.order_price_kop:
        fields["delivery_price_kop"] = delivery.delivery_price_kop
    return fields


def _of_order(order: OrderFacts) -> dict[str, Any]:
    return {
        "order_number": order.number,
        "site_number": order.site_number,
        "division_ref": order.division_ref,
        "recipient": order.recipient,
        "address": order.address,
        "window": order.window,
        "order_comment": order.comment,
        "lines": tuple(_line(line) for line in order.lines if not line.cancelled),
        "delivery_price_kop": order.delivery_price_kop,
        "order_price_kop": order.delivery_price_kop,
        "prepaid_kop": order.prepaid_kop,
        "payment_method": order.payment_method,
        "receipt": order.receipt,
        "warehouse_ref": order.warehouse_ref,
    }


def _line(line: OrderLine) -> Line:
    return Line(
        line=line.line,
        product=line.product,
        characteristic=line.characteristic,
        name=line.name,
        unit=line.unit,
        quantity_milli=line.quantity_milli,
        price_kop=line.price_kop,
        sum_kop=line.sum_kop,
    )
