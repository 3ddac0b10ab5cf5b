"""What people do by hand to a courier's card, and what must become of it: domain.md §1, in words of its own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.portal_system import GROUPS, LOGISTICIAN, Courier

TITLES = {
    "ready": "Готов", "picked_up": "Забрал", "en_route": "В пути", "handed_over": "Отдал", "settled": "Сдал деньги",
    "not_delivered": "Не вручено", "returned": "Возврат", "cancelled": "Отменено",
}  # fmt: skip
# Of the portal's own, which mean nothing to us.
FOREIGN = ("Выполняются", "Сделаны")
FORWARD = ("ready", "picked_up", "en_route", "handed_over")
TAKEN, BACK, NOTHING = "taken", "back", "nothing"


@dataclass(slots=True)
class Hand:
    """One thing that somebody does. expected: what must become of it where nothing else happens meanwhile; stage,
    courier: where the delivery stands then."""

    user: int
    do: str
    how: dict[str, Any] = field(default_factory=dict)
    expected: str = BACK
    stage: str = ""
    courier: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A delivery as the person before it sees it. stage: of its column; courier: whose it is."""

    stage: str
    division: str
    courier: Courier
    closed: bool


def a_hand(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    """Anything that people do to a card; most of all they drag it."""
    kinds = (_forward, _drag, _edit, _assign, _status, _project, _talk)
    return rng.choices(kinds, weights=(6, 4, 4, 3, 2, 1, 1))[0](rng, card, staff)


def _forward(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    """The courier drags his card on, one column or several, as he did before there was an application."""
    if card.stage not in FORWARD[:-1]:
        return _drag(rng, card, staff)
    before = FORWARD.index(card.stage)
    after = rng.randrange(before + 1, len(FORWARD))
    counts_goods = before == 0 and card.division == "Север"
    user = rng.choice((card.courier.user, LOGISTICIAN))
    expected, stage = (BACK, card.stage) if counts_goods else (TAKEN, FORWARD[after])
    return Hand(user, "move", {"stage": TITLES[FORWARD[after]]}, expected, stage, card.courier.ref)


def _drag(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    """To where no card gets by dragging; only who may cancel gets it cancelled."""
    impossible = {"settled", "not_delivered", "returned", "cancelled"} - {card.stage}
    title = rng.choice(sorted([*(TITLES[stage] for stage in impossible), *FOREIGN]))
    user = rng.choice((card.courier.user, LOGISTICIAN))
    open_ = card.stage in ("ready", "picked_up", "en_route", "not_delivered")
    cancels = title == TITLES["cancelled"] and user == LOGISTICIAN and open_
    expected, stage = (TAKEN, "cancelled") if cancels else (BACK, card.stage)
    return Hand(user, "move", {"stage": title}, expected, stage, card.courier.ref)


def _edit(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    changes: tuple[dict[str, Any], ...] = (
        {"title": "Срочно!!! позвонить"}, {"description": "Адрес другой, см. переписку"},
        {"deadline": f"2030-01-{rng.randrange(10, 28)}T10:00:00+03:00"},
        {"title": "Доставка", "description": ""},
    )  # fmt: skip
    return Hand(LOGISTICIAN, "edit", rng.choice(changes), BACK, card.stage, card.courier.ref)


def _assign(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    """To a colleague, by who may; a card on its way, or one given to nobody's user, comes back."""
    others = [one for one in staff if one.division == card.division and one.user != card.courier.user]
    if rng.random() < 0.3 or not others:
        return Hand(LOGISTICIAN, "assign", {"responsible": LOGISTICIAN}, BACK, card.stage, card.courier.ref)
    to = rng.choice(others)
    expected, courier = (TAKEN, to.ref) if card.stage == "ready" else (BACK, card.courier.ref)
    return Hand(LOGISTICIAN, "assign", {"responsible": to.user}, expected, card.stage, courier)


def _status(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    do = "renew" if card.closed else "complete"
    return Hand(LOGISTICIAN, do, {}, BACK, card.stage, card.courier.ref)


def _project(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    other = next(group for name, group in GROUPS.items() if name != card.division)
    return Hand(LOGISTICIAN, "move_group", {"group": other}, BACK, card.stage, card.courier.ref)


def _talk(rng: random.Random, card: Card, staff: Sequence[Courier]) -> Hand:
    return Hand(card.courier.user, "comment", {"text": "Буду через час"}, NOTHING, card.stage, card.courier.ref)
