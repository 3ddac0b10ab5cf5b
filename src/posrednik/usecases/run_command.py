"""One command of 1C on a loaded desk: contract.md §2, commands of deliveries. No I/O here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from posrednik.domain import delivery_office as office
from posrednik.domain.changes import Change
from posrednik.domain.changes import kopecks as a_sum
from posrednik.domain.deliveries import Delivery, OrderFacts
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, Names
from posrednik.domain.ownership import NotOwner, written
from posrednik.domain.publication import rubles
from posrednik.domain.texts import text
from posrednik.kit.values import kopecks
from posrednik.store.commands import Stored
from posrednik.store.db import Cause
from posrednik.usecases.order_desk import OrderDesk, actor_of

Result = dict[str, Any]


def run_command(desk: OrderDesk, command: Stored) -> None:
    """Decide `command` and put its effect on the desk. Sets status, code, message and result; never raises a rule."""
    assert command.order_ref is not None  # others are run_backpack's
    desk.tx.cause = Cause(command.id, command.issued_at)
    order = desk.orders.get(command.order_ref)
    if order is None:
        command.status, command.code = "waiting", "order_unknown"
        command.message, command.result = text("order_unknown"), _result(None, already=False)
        return
    try:
        already = _COMMANDS[command.type](_Context(desk, command, order))
        command.status, command.code, command.message = "done", None, None
    except DomainError as error:
        command.status, command.code = "rejected", error.code
        command.message = text(error.code, **error.data)
        already = False
    command.result = _result(desk.deliveries.get(command.order_ref), already=already)


def _result(delivery: Delivery | None, *, already: bool) -> Result:
    if delivery is None:
        return {"delivery": None, "already": already}
    told = {"id": str(delivery.id), "version": delivery.version, "stage": delivery.shown_stage,
            "amount_due": rubles(delivery.amount_due_kop), "courier": delivery.courier_ref}  # fmt: skip
    return {"delivery": told, "already": already}


class DivisionOff(DomainError):
    """The division is switched off in Posrednik."""

    code = "division_off"


class _Context:
    """What every command needs, and the two ways in which one ends."""

    def __init__(self, desk: OrderDesk, command: Stored, order: OrderFacts) -> None:
        self.desk, self.command, self.data, self.ref = desk, command, command.data, UUID(order.ref)
        self.order, self.delivery = order, desk.deliveries.get(self.ref)
        self.actor: Actor = actor_of(desk.base, command.issued_by)

    def names(self, courier_ref: str | None = None) -> Names:
        division = self.delivery.division_ref if self.delivery else self.order.division_ref
        after = courier_ref or (self.delivery.courier_ref if self.delivery else None)
        return self.desk.names(after, division)

    def office(self, action: Callable[..., Change], **arguments: Any) -> bool:
        """Do it to the delivery. Returns whether it held already."""
        change = action(
            delivery=self.delivery, actor=self.actor, now=self.desk.now, names=self.names(arguments.get("courier_ref")),
            cause_base=self.desk.base.id, **arguments,
        )  # fmt: skip
        if not change.already:
            self.check(*written(self.delivery, change.delivery))
        self.desk.apply(self.ref, change)
        if change.refusal is not None:
            raise change.refusal
        return change.already

    def check(self, *fields: str) -> None:
        """Raise NotOwner if one of these, which the command changes, is not this base's."""
        if wrong := self.desk.foreign(fields):
            first = self.desk.refuse(self.ref, wrong, "command")[0]
            raise NotOwner(object_kind=first.kind, field=first.field, owners=first.owners)

    def newest(self, name: str) -> bool:
        """Whether no command of a later rank has set the same field."""
        term = self.desk.terms.get(self.ref, {}).get(name)
        return term is None or tuple(term["rank"]) <= self.command.rank

    def remember(self, name: str, *, already: bool, **term: Any) -> None:
        """already: it held before. What another owns is not this base's to hold on to."""
        if not already:
            self.check(name)
        elif self.desk.foreign([name]):
            return
        self.desk.set_term(self.ref, name, {**term, "rank": list(self.command.rank)})


_SAID_WITH_READY = {"courier": "courier", "comment": "ready_comment"}


def _ready(c: _Context) -> bool:
    if c.desk.rules.of(c.order.division_ref).mode == "off":
        raise DivisionOff
    order, preset = c.desk.facts(c.ref), c.desk.preset(c.ref)
    courier_ref = c.data.get("courier") or (preset.courier_ref if c.delivery is None else None)
    if c.delivery is None:
        c.check(*(name for key, name in _SAID_WITH_READY.items() if key in c.data))
    return c.office(
        office.ready, courier_ref=courier_ref, order=order, new_id=uuid5(c.desk.base.id, str(c.ref)),
        courier=c.desk.courier(courier_ref), comment=c.data.get("comment"), preset=preset,
        keep=c.desk.keep(),
    )  # fmt: skip


def _withdraw(c: _Context) -> bool:
    return True if c.delivery is None else c.office(office.withdraw, reason=c.data.get("reason"))


def _cancel(c: _Context) -> bool:
    return True if c.delivery is None else c.office(office.cancel, reason=c.data.get("reason"))


def _set_price(c: _Context) -> bool:
    price_kop = a_sum(kopecks(c.data["delivery_price"]))
    if not c.newest("delivery_price"):
        return True
    before = c.desk.preset(c.ref).delivery_price_kop
    already = c.office(office.set_price, delivery_price_kop=price_kop) if c.delivery else before == price_kop
    c.remember("delivery_price", already=already, kop=price_kop, own=c.order.delivery_price_kop)
    return already


def _set_amount_due(c: _Context) -> bool:
    amount_kop = a_sum(kopecks(c.data["amount_due"])) if "amount_due" in c.data else None
    if not c.newest("amount_due"):
        return True
    before = c.desk.preset(c.ref).amount_due_kop
    already = c.office(office.set_amount_due, amount_due_kop=amount_kop) if c.delivery else before == amount_kop
    c.remember("amount_due", already=already, kop=amount_kop)
    return already


def _assign(c: _Context) -> bool:
    courier_ref = c.data["courier"]
    if not c.newest("courier"):
        return True
    courier = c.desk.courier(courier_ref)
    if c.delivery is not None:
        already = c.office(office.assign, courier_ref=courier_ref, courier=courier)
    else:
        office.check_courier(courier, c.order.division_ref)
        already = c.desk.preset(c.ref).courier_ref == courier_ref
    c.remember("courier", already=already, ref=courier_ref)
    return already


_COMMANDS: dict[str, Callable[[_Context], bool]] = {
    "delivery.ready": _ready,
    "delivery.withdraw": _withdraw,
    "delivery.set_price": _set_price,
    "delivery.set_amount_due": _set_amount_due,
    "delivery.assign": _assign,
    "delivery.cancel": _cancel,
}


def order_changed(desk: OrderDesk, order_ref: UUID, priority: int) -> None:
    """An order was applied anew: its delivery follows until it is picked up (contract.md §2)."""
    desk.tx.cause = None
    delivery = desk.deliveries.get(order_ref)
    if delivery is None or order_ref not in desk.orders:
        return
    change = office.order_changed(
        delivery=delivery, order=desk.facts(order_ref), actor=actor_of(desk.base, ""), now=desk.now,
        names=desk.names(delivery.courier_ref, delivery.division_ref), cause_base=desk.base.id, keep=desk.keep(),
    )  # fmt: skip
    desk.apply(order_ref, change, priority=priority)
