"""What happens to one order in a chaos run, made from a seed: buttons of 1C, then the courier's steps."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Where = Literal["press", "act"]


@dataclass(frozen=True, slots=True)
class Move:
    """A button of 1C or an action of the board. event: what it makes of the delivery, None before the first «Готов».
    `courier: True` in the body stands for a courier of the order's division."""

    where: Where
    name: str
    event: str | None
    body: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """moves in their order; column: title of the portal's column in which the task ends; closed: it is done there."""

    moves: tuple[Move, ...]
    stage: str
    column: str
    closed: bool


def press(name: str, event: str | None = None, **body: Any) -> Move:
    return Move("press", name, event, tuple(body.items()))


def act(name: str, event: str, **body: Any) -> Move:
    return Move("act", name, event, tuple(body.items()))


def scenario(rng: random.Random) -> Scenario:
    """One of the ways an order goes: most are handed over, some are not, some are withdrawn or cancelled."""
    end = rng.choices(_ENDS, weights=(8, 4, 2, 2, 1, 1))[0]
    moves = _made_ready(rng, owes=end == "handed_over")
    pick_up = act("pick_up", "delivery.picked_up")
    match end:
        case "settled":
            return _end([*moves, pick_up, *_on_the_way(rng), *_HANDED_OVER, _SETTLE], "settled", "Сдал деньги")
        case "handed_over":
            return _end([*moves, pick_up, *_on_the_way(rng), *_HANDED_OVER], "handed_over", "Отдал", closed=False)
        case "retried":
            again = [_NOT_DELIVERED, act("retry", "delivery.retried")]
            return _end([*moves, pick_up, *again, *_HANDED_OVER, _SETTLE], "settled", "Сдал деньги")
        case "returned":
            back = act("give_back", "delivery.returned")
            return _end([*moves, pick_up, *_on_the_way(rng), _NOT_DELIVERED, back], "returned", "Возврат")
        case "cancelled":
            cancel = rng.choice((press("cancel", "delivery.cancelled"), act("cancel", "delivery.cancelled")))
            return _end([*moves, cancel], "cancelled", "Отменено")
        case _:
            return _end([*moves, press("withdraw", "delivery.withdrawn")], "withdrawn", "Отменено")


def _made_ready(rng: random.Random, *, owes: bool) -> list[Move]:
    """«Готов» with what managers do around it. owes: something is surely left to pay at the door."""
    moves: list[Move] = []
    if rng.random() < 0.25:
        moves.append(press("price", delivery_price=str(rng.randrange(100, 900))))
    if rng.random() < 0.5:
        moves.append(press("ready", "delivery.readied", courier=True))
    else:
        moves += [press("ready", "delivery.readied"), press("assign", "delivery.assigned", courier=True)]
    if rng.random() < 0.15:
        moves += [press("withdraw", "delivery.withdrawn"), press("ready", "delivery.readied", courier=True)]
    if owes or rng.random() < 0.3:
        moves.append(press("amount", "delivery.changed", amount_due=f"{rng.randrange(1000, 9000)}.37"))
    return moves


def _on_the_way(rng: random.Random) -> Sequence[Move]:
    return (act("depart", "delivery.departed"),) if rng.random() < 0.6 else ()


def _end(moves: Sequence[Move], stage: str, column: str, *, closed: bool = True) -> Scenario:
    return Scenario(tuple(moves), stage, column, closed)


_ENDS = ("settled", "handed_over", "retried", "returned", "cancelled", "withdrawn")
_HANDED_OVER = (act("hand_over", "delivery.handed_over", payment_method="cash"),)
_SETTLE = act("settle", "delivery.settled")
_NOT_DELIVERED = act("not_deliver", "delivery.not_delivered", reason="not_home")
