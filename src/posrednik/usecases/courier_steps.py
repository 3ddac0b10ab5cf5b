"""What a courier does with a delivery, from his phone: domain.md §1 and §2.

The order is: whose delivery, the rule of the action, photos that are his, proofs, and only then anything is written;
so what is refused leaves nothing behind but the refusal.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from posrednik.domain import delivery_after as after
from posrednik.domain import delivery_courier as steps
from posrednik.domain import proofs
from posrednik.domain.changes import Change, Contradiction, contradiction, same
from posrednik.domain.deliveries import Delivery
from posrednik.store import photos
from posrednik.usecases import courier_rules, weigh_evidence
from posrednik.usecases.courier_case import Act, Done, open_delivery
from posrednik.usecases.courier_event import Event, ForeignPhoto, MalformedEvent, kop, link, quantities, said
from posrednik.usecases.courier_record import write

Reasons = tuple[str, ...]


async def step(act: Act) -> Done:
    """One step of the courier. Raises what the rules say no with; then nothing is written."""
    delivery = await open_delivery(act, act.event.delivery)
    if _overtaken(act, delivery):
        await check_photos(act)
        return await write(act, same(delivery), (), ())
    policy = await courier_rules.seen(act.tx, act.event.rules_version, delivery.division_ref, act.rules)
    change = _STEPS[act.event.action](act, policy.reason_codes)
    await check_photos(act)
    if change.already:
        found: tuple[Contradiction, ...] = (again(act, delivery),)
        return await write(act, change, found, ())
    proofs.check(policy.proofs, act.event.action, _given(act.event))
    act.asked = policy.proofs.asked(act.event.action)
    flags = await weigh_evidence.weigh_step(
        act.tx, act.event, delivery, act.who, act.at, policy, act.last_offset_ms, act.zone, act.phone.courier_ref
    )
    return await write(act, change, change.contradictions, flags)


def _overtaken(act: Act, delivery: Delivery) -> bool:
    """He left before he handed it over, and the phone's batches came in the other order: kept, and nobody's fault."""
    by, handed_over_at = delivery.handed_over_by, delivery.handed_over_at
    if act.event.action != "depart" or by is None or handed_over_at is None or delivery.departed_at is not None:
        return False
    return by.ref == act.phone.courier_ref and act.at <= handed_over_at


def again(act: Act, delivery: Delivery) -> Contradiction:
    """Another id for a step that was done (courier.md §6.6): two phones, or a button pressed twice."""
    return contradiction("repeated_step", delivery, who=act.who, action=act.event.action)


async def check_photos(act: Act) -> None:
    """A picture that only others sent is no proof of his."""
    owner = f"device:{act.phone.courier_ref}"
    whose = await photos.known_to(act.tx, act.event.photos, owner)
    foreign = [sha256 for sha256, state in whose.items() if state == "foreign"]
    if foreign:
        raise ForeignPhoto(sha256=foreign[0])


def _given(event: Event) -> proofs.Given:
    payload = event.payload
    return proofs.Given(
        photos=len(event.photos), position=event.place is not None, amount=payload.get("amount_taken") is not None,
        items=payload.get("lines") is None or bool(payload["lines"]), code=bool(said(payload, "code", 50)),
    )  # fmt: skip


# -- what each step says


def _pick_up(act: Act, _: Reasons) -> Change:
    return steps.pick_up(**act.fact(), lines=quantities(act.event.payload.get("lines"), "quantity"))


def _depart(act: Act, _: Reasons) -> Change:
    return steps.depart(**act.fact())


def _hand_over(act: Act, _: Reasons) -> Change:
    return steps.hand_over(**act.fact(), **hand_over_said(act.event.payload))


def hand_over_said(payload: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `hand_over` that the courier entered."""
    return {
        "amount_taken_kop": kop(payload.get("amount_taken")),
        "payment_method": said(payload, "payment_method", 50) or "",
        "accepted": quantities(payload.get("lines"), "accepted"),
        "reference": said(payload, "reference", 200),
        "receipt_url": link(payload, "receipt_url"),
        "difference_reason": said(payload, "difference_reason"),
    }


def _not_deliver(act: Act, reasons: Reasons) -> Change:
    return steps.not_deliver(**act.fact(), **not_deliver_said(act.event.payload), reasons=reasons)


def not_deliver_said(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "reason": said(payload, "reason", 50), "comment": said(payload, "comment"),
        "next_date": day(payload.get("next_date")),
    }  # fmt: skip


def day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise MalformedEvent(pointer="/payload/next_date") from error


def _retry(act: Act, _: Reasons) -> Change:
    return after.retry(**act.step(), next_date=day(act.event.payload.get("next_date")))


def _give_back(act: Act, _: Reasons) -> Change:
    return after.claim_give_back(**act.step(), quantities=quantities(act.event.payload.get("lines"), "quantity"))


def _customer_return(act: Act, _: Reasons) -> Change:
    payload = act.event.payload
    refund = payload.get("refund")
    return after.customer_return(
        **act.step(), lines=quantities(payload.get("lines"), "quantity") or {},
        refund_kop=0 if refund is None else kop(refund),
    )  # fmt: skip


Perform = Callable[[Act, Reasons], Change]
_STEPS: dict[str, Perform] = {
    "pick_up": _pick_up, "depart": _depart, "hand_over": _hand_over, "not_deliver": _not_deliver, "retry": _retry,
    "give_back": _give_back, "customer_return": _customer_return,
}  # fmt: skip
TYPES = frozenset(f"delivery.{action}" for action in _STEPS)
