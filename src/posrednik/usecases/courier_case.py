"""A courier's event on its way through its transaction: who sent it, what it is about, what is learnt of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.deliveries import Delivery
from posrednik.domain.errors import NotHisDelivery
from posrednik.domain.events import Actor, Names
from posrednik.store import deliveries, inbox, mirror
from posrednik.store.db import Tx
from posrednik.store.phones import Phone
from posrednik.usecases.act_on_delivery import NoSuchDelivery
from posrednik.usecases.courier_event import Event, MalformedEvent
from posrednik.usecases.order_facts import Rules, names_of


@dataclass(slots=True)
class Act:
    """An event on its way; what is learnt of it is kept for the record, also when it is refused.

    now: when it is taken. last_offset_ms: the phone's clock offset at the event before. asked: proofs that the rules
    he saw want of it.
    """

    tx: Tx
    phone: Phone
    event: Event
    actor: Actor
    rules: Rules
    now: datetime
    last_offset_ms: int | None
    delivery: Delivery | None = None
    zone: str = "Europe/Moscow"
    names: Names = field(default_factory=Names)
    asked: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return self.event.occurred_at(self.now)

    @property
    def who(self) -> str:
        return self.actor.name or self.phone.courier_ref

    @property
    def delivery_id(self) -> UUID | None:
        return self.delivery.id if self.delivery else None

    @property
    def order_ref(self) -> UUID | None:
        return UUID(self.delivery.order_ref) if self.delivery else None

    @property
    def division_ref(self) -> str:
        return self.delivery.division_ref if self.delivery else ""

    def step(self) -> dict[str, Any]:
        """Arguments of every action of the domain."""
        return {"delivery": self.delivery, "actor": self.actor, "now": self.at, "names": self.names}

    def fact(self) -> dict[str, Any]:
        """Arguments of the steps on the way: what the phone knew. A phone that does not say knew nothing new."""
        seen = self.event.version
        return {**self.step(), "seen_version": seen, "offline": seen is None}


@dataclass(frozen=True, slots=True)
class Done:
    """What an accepted event did. flags: [{"kind", "data"}] of its evidence."""

    incident_id: UUID | None = None
    delivery_version: int | None = None
    order_ref: UUID | None = None
    division_ref: str = ""
    shift_id: UUID | None = None
    flags: tuple[Any, ...] = ()


async def open_delivery(act: Act, delivery_id: UUID | None) -> Delivery:
    """His delivery, locked, with the names around it. Raises MalformedEvent, NoSuchDelivery, NotHisDelivery."""
    if delivery_id is None:
        raise MalformedEvent(pointer="/delivery")
    delivery = await deliveries.lock(act.tx, delivery_id)
    if delivery is None:
        raise NoSuchDelivery
    ref = act.phone.courier_ref
    if ref not in (delivery.courier_ref, delivery.holder_ref, *delivery.former_courier_refs, *delivery.carriers):
        raise NotHisDelivery(order_number="", courier_ref=None)  # not even its number is his to know
    act.delivery = delivery
    await _learn_names(act, delivery)
    return delivery


async def _learn_names(act: Act, delivery: Delivery) -> None:
    ref, division = act.phone.courier_ref, delivery.division_ref
    rows = await mirror.get(act.tx, delivery.base_id, [("courier", ref), ("division", division)])
    base = await inbox.get_base(act.tx, delivery.base_id)
    known = {kind: msgspec.json.decode(row.data) for (kind, _), row in rows.items()}
    rule = act.rules.of(division)
    act.zone = rule.time_zone or (base.time_zone if base else act.zone)
    act.names = names_of(ref, known.get("courier"), known.get("division"), rule, act.zone)
