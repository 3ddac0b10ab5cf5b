"""The gates that every step of a courier goes through, and what becomes of a step by the wrong person.

`delivery_courier.py` draws their order. Rules: domain.md §1, its last paragraph («facts win»).
"""

from dataclasses import dataclass, replace
from typing import Any

from posrednik.domain.changes import Change, Contradiction, already_handed_over, contradiction, record, same
from posrednik.domain.deliveries import Delivery, OtherStep, Person, Stage
from posrednik.domain.errors import NotHisDelivery, OrderCancelled, StageJump
from posrednik.domain.events import Cause
from posrednik.domain.stages import check_actor


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a courier on its way through the gates.

    edited: the office has changed the goods since he saw them; `delivery` has them as he did.
    """

    action: str
    delivery: Delivery
    cause: Cause
    stale: bool
    edited: bool = False

    @property
    def ref(self) -> str:
        return self.cause.person.ref

    @property
    def who(self) -> str:
        return self.cause.person.name or self.ref

    @property
    def was_his(self) -> bool:
        """He was assigned or has carried it at some time, so he may have acted without knowing of the change."""
        delivery = self.delivery
        return self.ref in (delivery.courier_ref, *delivery.former_courier_refs, *delivery.carriers)

    def contradicts(self, kind: str, **data: Any) -> Contradiction:
        return contradiction(kind, self.delivery, who=self.who, action=self.action, **data)

    def jump(self) -> StageJump:
        return StageJump(order_number=self.delivery.order_number, action=self.action, stage=self.delivery.shown_stage)

    def not_his(self) -> NotHisDelivery:
        return NotHisDelivery(order_number=self.delivery.order_number, courier_ref=self.delivery.courier_ref)


def a_step(action: str, delivery: Delivery, cause: Cause, *, offline: bool, seen_version: int | None) -> Step:
    check_actor(action, cause.actor)
    stale = offline or (seen_version is not None and seen_version < delivery.version)
    return Step(action, delivery, cause, stale)


def now_his(step: Step) -> dict[str, Any]:
    delivery = step.delivery
    former = dict.fromkeys((*delivery.former_courier_refs, delivery.courier_ref))
    return {
        "courier_ref": step.ref,
        "former_courier_refs": tuple(ref for ref in former if ref not in (None, step.ref)),
    }


def office_meanwhile(step: Step) -> tuple[Contradiction, ...]:
    """He has the goods, but the stage is not on the way: the office changed it, or he jumps."""
    delivery = step.delivery
    if delivery.stage is Stage.CANCELLED:
        if step.stale:
            return (step.contradicts("cancelled_but_done"),)
        raise OrderCancelled(order_number=delivery.order_number)
    if delivery.stage is Stage.READY and step.stale:
        # The next try was given to another courier while this one still had the goods.
        return (step.contradicts("reassigned_but_done"),)
    if delivery.stage in (Stage.HANDED_OVER, Stage.SETTLED):
        raise already_handed_over(delivery)
    raise step.jump()


def check_could_be_his(step: Step) -> None:
    """Somebody who does not have the goods: his own jump, another's delivery, or news he had not heard."""
    if not step.was_his:
        raise step.not_his()
    if step.delivery.holder is None and step.ref == step.delivery.courier_ref:
        raise step.jump()
    if not step.stale:
        raise step.not_his()


def by_another_or_too_late(step: Step, *, accepted_milli: dict[str, int] | None, **said: Any) -> Change:
    """A step by somebody who does not have the goods now."""
    delivery = step.delivery
    if delivery.handed_over_by is not None and step.ref == delivery.handed_over_by.ref:
        raise already_handed_over(delivery)
    check_could_be_his(step)
    if step.action != "pick_up" and step.ref not in delivery.carriers:
        raise step.jump()
    return keep_other(step, step.contradicts("reassigned_but_done"), accepted_milli=accepted_milli, **said)


def keep_other(step: Step, found: Contradiction, **said: Any) -> Change:
    """Store what another person says he did; stage, goods and money of the delivery stay as they are.

    The ledgers (domain.md §4) post it to his accounts; which of the two stories holds is a person's decision.
    """
    delivery = step.delivery
    other = OtherStep(action=step.action, by=step.cause.person, at=step.cause.now, **said)
    if any(replace(known, at=other.at) == other for known in delivery.other_steps):
        return same(delivery)
    data = {
        "action": step.action,
        "courier_ref": step.ref,
        "at": step.cause.now.isoformat(),
        "accepted_milli": other.accepted_milli,
        "amount_taken_kop": other.amount_taken_kop,
        "payment_method": other.payment_method,
        "reference": other.reference,
        "receipt_url": other.receipt_url,
        "reason": other.reason,
    }
    return record(
        delivery,
        "delivery.done_by_another",
        step.cause,
        data,
        (found,),
        other_steps=(*delivery.other_steps, other),
        carriers=tuple(dict.fromkeys((*delivery.carriers, step.ref))),
    )


def name_of(person: Person | None) -> str | None:
    return (person.name or person.ref) if person else None
