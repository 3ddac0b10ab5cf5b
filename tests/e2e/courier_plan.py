"""What a courier is to do in a day, when his phone dies in it, and his own record of what its screen told him."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
# Moments of a step at which the phone may die: in the middle of what the name says, or right after it.
MOMENTS: Mapping[str, tuple[str, ...]] = {
    "pick_up": ("open", "camera", "photo", "press", "done"), "depart": ("press", "done"),
    "hand_over": ("open", "fill", "camera", "photo", "press", "done"),
    "not_deliver": ("open", "fill", "camera", "photo", "press", "done"),
}  # fmt: skip
WEATHERS = ("lossy", "captive", "slow", "torn", "fair")
UNDONE_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Errand:
    """One order. delivery: as the phone was told. end: hand_over or not_deliver. photos: how many, by the step."""

    delivery: Json
    end: str
    method: str
    partial: bool
    photos: Mapping[str, int]

    @property
    def id(self) -> str:
        return str(self.delivery["id"])

    @property
    def number(self) -> str:
        return str(self.delivery["order"]["number"])

    @property
    def steps(self) -> tuple[str, ...]:
        return ("pick_up", "depart", self.end)


@dataclass(slots=True)
class Step:
    """What the screen said is done. said: the figures, which must be the server's too. Without an errand: a shift's."""

    errand: Errand | None
    action: str
    shots: list[int] = field(default_factory=list)
    said: Json = field(default_factory=dict)

    @property
    def type(self) -> str:
        return self.action if self.errand is None else f"delivery.{self.action}"

    @property
    def delivery(self) -> str | None:
        return None if self.errand is None else self.errand.id


@dataclass(slots=True)
class Fate:
    """Where the phone dies: at these moments of these steps, and at these of its starts (counted from 1)."""

    moments: set[tuple[str, str, str]] = field(default_factory=set)
    starts: set[int] = field(default_factory=set)
    undone: set[tuple[str, str]] = field(default_factory=set)
    weathers: dict[int, str] = field(default_factory=dict)

    def strikes(self, delivery: str, action: str, moment: str) -> bool:
        """Once each."""
        found = (delivery, action, moment) in self.moments
        self.moments.discard((delivery, action, moment))
        return found


def errands_of(day: bytes, photos: int, rng: random.Random) -> list[Errand]:
    """The day as it was told to the phone, planned; `photos` in all."""
    deliveries = json.loads(day)["deliveries"]
    counts = _spread(photos, 2 * len(deliveries))
    kinds = ["hand_over"] * 4 + ["not_deliver"]
    return [
        _errand(delivery, kinds[index % 5], index, {"pick_up": counts[2 * index], "end": counts[2 * index + 1]}, rng)
        for index, delivery in enumerate(deliveries)
    ]


def _errand(delivery: Json, end: str, index: int, photos: Mapping[str, int], rng: random.Random) -> Errand:
    method = ("cash", "card", "transfer", "cash")[index % 4] if float(delivery["amount_due"]) > 0 else "prepaid"
    several = len(delivery["lines"]) > 1 and float(delivery["prepaid"]) == 0 and method != "prepaid"
    partial = end == "hand_over" and several and rng.random() < 0.4
    return Errand(delivery, end, method, partial, {"pick_up": photos["pick_up"], end: photos["end"]})


def _spread(total: int, places: int) -> list[int]:
    """At least one for each, the rest from the end."""
    most, more = divmod(total, places)
    return [most + (places - place <= more) for place in range(places)]


def fate_of(errands: Sequence[Errand], deaths: int, rng: random.Random) -> Fate:
    """Each moment of the day is equally likely; an eighth of the deaths come while the application starts."""
    at_start = deaths // 8
    chances = [
        (errand.id, action, moment) for errand in errands for action in errand.steps for moment in MOMENTS[action]
        if moment not in ("camera", "photo") or errand.photos.get(action)
    ]  # fmt: skip
    undone = {(errand.id, action) for errand in errands for action in errand.steps if rng.random() < UNDONE_SHARE}
    places = rng.sample(range(2, 2 * len(errands) - 1), min(len(WEATHERS), 2 * len(errands) - 3))
    return Fate(
        moments=set(rng.sample(chances, deaths - at_start)),
        starts=set(rng.sample(range(1, deaths - at_start + 1), at_start)), undone=undone,
        weathers=dict(zip(sorted(places), WEATHERS, strict=False)),
    )  # fmt: skip
