"""`correction`: a step that was sent wrong is put right by a further event: domain/delivery_correct.py."""

from typing import Any
from uuid import UUID

from posrednik.domain import delivery_correct as rules
from posrednik.domain.changes import Change
from posrednik.store import phones
from posrednik.usecases import courier_rules
from posrednik.usecases.courier_case import Act, Done, open_delivery
from posrednik.usecases.courier_event import MalformedEvent, NothingToCorrect, quantities, said
from posrednik.usecases.courier_record import write
from posrednik.usecases.courier_steps import check_photos, hand_over_said, not_deliver_said
from posrednik.usecases.courier_trade import correct_sale


async def correct(act: Act) -> Done:
    """Raises NothingToCorrect when the courier has no such accepted step, and what the rules say no with."""
    payload = act.event.payload
    original = await phones.original(act.tx, _of(payload), act.phone.courier_ref)
    if original is not None and original.type == "sale.make":
        return await correct_sale(act, _of(payload), _right(payload), said(payload, "reason"))
    if original is None or original.delivery_id is None or not original.newest:
        raise NothingToCorrect
    delivery = await open_delivery(act, original.delivery_id)
    right = _right(payload)
    action = original.type.rpartition(".")[2]
    policy = await courier_rules.seen(act.tx, act.event.rules_version, delivery.division_ref, act.rules)
    change = _corrected(act, action, said(payload, "reason"), right, policy.reason_codes)
    await check_photos(act)
    return await write(act, change, change.contradictions, (), action=f"correct_{action}")


def _right(payload: dict[str, Any]) -> dict[str, Any]:
    right = payload.get("payload")
    if not isinstance(right, dict):
        raise MalformedEvent(pointer="/payload/payload")
    return right


def _of(payload: dict[str, Any]) -> UUID:
    try:
        return UUID(str(payload.get("of")))
    except ValueError as error:
        raise MalformedEvent(pointer="/payload/of") from error


def _corrected(act: Act, action: str, why: str | None, right: dict[str, Any], reasons: tuple[str, ...]) -> Change:
    match action:
        case "hand_over":
            return rules.correct_hand_over(**act.step(), why=why, **hand_over_said(right))
        case "not_deliver":
            return rules.correct_not_deliver(**act.step(), why=why, **not_deliver_said(right), reasons=reasons)
        case "pick_up":
            lines = quantities(right.get("lines"), "quantity")
            return rules.correct_pick_up(**act.step(), why=why, lines=lines)
        case _:
            raise NothingToCorrect
