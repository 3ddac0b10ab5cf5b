"""Which use case an event of a phone is for, and what is said of one that is refused."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from posrednik.domain.changes import contradiction
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import ACTIONS
from posrednik.usecases import courier_correct, courier_shift, courier_steps, courier_trade, incidents
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.incidents import about_delivery

Perform = Callable[[Act], Awaitable[Done]]
_TYPES: dict[str, Perform] = {
    **dict.fromkeys(courier_steps.TYPES, courier_steps.step),
    "shift.open": courier_shift.open_shift,
    "shift.close": courier_shift.close_shift,
    "correction": courier_correct.correct,
    "sale.make": courier_trade.sell,
    "backpack.accept": courier_trade.accept,
    "backpack.count": courier_trade.count,
    "cash.hand_in_request": courier_trade.ask_hand_in,
}
_TITLES = {
    "shift.open": "Начало смены", "shift.close": "Конец смены", "correction": "Исправление", "sale.make": "Продажа",
    "backpack.accept": "Приём рюкзака", "backpack.count": "Пересчёт рюкзака",
    "cash.hand_in_request": "Хочет сдать деньги",
}  # fmt: skip


def known(event_type: str) -> bool:
    """False: a type of the contract that this version does not take yet, or none at all."""
    return event_type in _TYPES


def title(event_type: str) -> str:
    """For the journal, Russian."""
    action = event_type.removeprefix("delivery.")
    return ACTIONS[action][0] if action in ACTIONS else _TITLES.get(event_type, event_type)


async def perform(act: Act) -> Done:
    """Raises the rule that says no; then nothing of it is written."""
    return await _TYPES[act.event.type](act)


async def report_refusal(act: Act, error: DomainError) -> UUID | None:
    """A refused step is for a person to look at, if it is about a delivery of this courier."""
    if act.delivery is None:
        return None
    found = contradiction(
        "step_rejected", act.delivery, who=act.who, action=act.event.action, code=error.code,
        error={"time_zone": act.zone, **error.data},
    )  # fmt: skip
    raised = await incidents.raise_all(act.tx, [found], about_delivery(act.delivery, act.actor), act.now)
    return raised[0]
