"""Writes what a courier's event did: delivery, events for the other systems, pictures, incidents, his shift."""

from collections.abc import Sequence
from typing import Any

from posrednik.domain import cash
from posrednik.domain import delivery_after as after
from posrednik.domain.changes import Change, Contradiction
from posrednik.domain.deliveries import Stage
from posrednik.domain.events import Actor, with_evidence
from posrednik.store import deliveries, events, photos, step_photos
from posrednik.usecases import incidents, weigh_evidence
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.courier_goods import cash_kop, own_cash
from posrednik.usecases.courier_late import late
from posrednik.usecases.incidents import about_delivery


async def write(
    act: Act, change: Change, found: Sequence[Contradiction], flags: Sequence[Contradiction], *, action: str = ""
) -> Done:
    """found: contradictions with the office. flags: of the step's evidence; those of its pictures join here.
    action: of `stages.TABLE`, if it is not the event's.
    """
    event = act.event
    await photos.lock(act.tx, event.photos)
    await step_photos.put(
        act.tx, event.id, event.photos, delivery_id=change.delivery.id, action=event.action,
        courier_ref=act.phone.courier_ref, at=act.at,
    )  # fmt: skip
    seen = await weigh_evidence.weigh_photos(
        act.tx, event.id, event.photos, act.at, change.delivery.order_number, act.who, act.zone
    )
    doubts = (*flags, *seen)
    after_shift, shift_id = await late(act, change, action or event.action)
    told = [*found, *doubts, *await over_ceiling(act, change)]
    raised = await incidents.raise_all(act.tx, told, about_delivery(change.delivery, act.actor), act.now)
    raised += after_shift
    if change.refusal is not None:
        raise change.refusal
    version = await _keep(act, change)
    return Done(
        raised[0] if raised else None, version, act.order_ref, change.delivery.division_ref, shift_id,
        tuple({"kind": one.kind, "data": one.data} for one in doubts),
    )  # fmt: skip


async def over_ceiling(act: Act, change: Change) -> tuple[Contradiction, ...]:
    """The fact that takes his cash over the ceiling (domain.md §4)."""
    if change.already or not act.rules.ceilings:
        return ()
    ceiling = act.rules.of(change.delivery.division_ref).policy.cash_ceiling_kop
    before = await cash_kop(act.tx, act.phone.courier_ref)
    after_kop = before + own_cash(act.phone.courier_ref, change.events)
    return cash.over_ceiling(who=act.who, before_kop=before, after_kop=after_kop, ceiling_kop=ceiling)


async def _keep(act: Act, change: Change) -> int | None:
    """The delivery's new version and its events; None when it holds already."""
    if change.already:
        return None
    place = act.event.place
    position = None
    if place is not None:
        position = {"latitude": place.latitude, "longitude": place.longitude, "accuracy_m": place.accuracy_m}
    evidence: dict[str, Any] = {"position": position, "photos": act.event.photos, "asked": act.asked}
    _emit(act, change, [with_evidence(one, **evidence) for one in change.events])
    delivery = change.delivery
    if delivery.stage is Stage.HANDED_OVER and delivery.cash_taken_kop == 0:
        settled = after.settle(delivery=delivery, actor=Actor("system"), now=act.at, names=act.names)
        _emit(act, settled, settled.events)
        delivery = settled.delivery
    await deliveries.save(act.tx, [delivery])
    act.delivery = delivery
    return change.delivery.version


def _emit(act: Act, change: Change, happened: Sequence[Any]) -> None:
    delivery = change.delivery
    for event in happened:
        events.emit(act.tx, event, delivery.base_id, act.order_ref)
