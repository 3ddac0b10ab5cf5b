"""Flags on a courier's step: what in its evidence a person should look at, never an accusation. domain.md §2.

Pure: the use case gathers what was seen before, this module compares. Missing data raises no flag, except that a
position which the division wants is not there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, ceil, cos, floor, radians, sin, sqrt
from typing import Any
from uuid import UUID

from posrednik.domain.changes import Contradiction, found

FLAGS = (
    "far_from_address",
    "no_position",
    "repeated_photo",
    "dark_photo",
    "clock_jump",
    "batch_clicking",
    "impossible_speed",
    "same_coordinates",
)

# Steps that happen at the customer's address; the others happen in the warehouse or on the way.
AT_ADDRESS = frozenset({"hand_over", "not_deliver", "customer_return"})
_TRIP = frozenset({"pick_up", "depart", "hand_over", "not_deliver"})
_ENDS = frozenset({"hand_over", "not_deliver"})

BATCH = timedelta(seconds=60)
BATCH_APART_M = 500
BATCH_STEPS = 3
CLOCK_JUMP_MS = 300_000
SPEED_KMH = 120
SAME_PLACES = 3
DARK = 0.06  # mean brightness of 0..1: a lens in a pocket is near 0, a badly lit entrance about 0.1
NEAR = 5  # of 64 bits: a picture compressed again or cropped by a hair; another photo of one door is farther
_BITS = (1 << 64) - 1
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees; accuracy_m: radius in metres in which the phone believes itself, None for an address or unknown."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class SeenStep:
    """at: corrected time, aware. place: where the phone was. address: of the delivery, if its coordinates are known."""

    event_id: UUID
    action: str
    delivery_id: UUID | None
    at: datetime
    place: Place | None = None
    address: Place | None = None
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class StepContext:
    """A step and what was seen around it.

    position_level: of the division's rules for this step. previous: the courier's step before this one that has a
    place. same_delivery: his accepted steps of this delivery, with this one. hand_overs: his of other deliveries within
    10 minutes. same_place_addresses: at how many different addresses exactly these coordinates were sent today by steps
    of `AT_ADDRESS`, with this one. offset_ms: server's clock minus the phone's, last_offset_ms: at the step before.
    geo_error: why there is no position, as the phone says. time_zone: of the times in the texts.
    """

    step: SeenStep
    order_number: str | None
    who: str
    radius_m: int
    position_level: str
    previous: SeenStep | None = None
    same_delivery: tuple[SeenStep, ...] = ()
    hand_overs: tuple[SeenStep, ...] = ()
    same_place_addresses: int = 0
    offset_ms: int = 0
    last_offset_ms: int | None = None
    geo_error: str | None = None
    time_zone: str = "Europe/Moscow"

    def flag(self, kind: str, **data: Any) -> Contradiction:
        return found(kind, order_number=self.order_number, who=self.who, action=self.step.action, **data)


def distance_m(a: Place, b: Place) -> float:
    """Metres along the great circle (haversine); the same both ways, accuracies do not count."""
    north = sin(radians(a.latitude - b.latitude) / 2) ** 2
    east = sin(radians(a.longitude - b.longitude) / 2) ** 2
    angle = north + cos(radians(a.latitude)) * cos(radians(b.latitude)) * east
    return 2 * _EARTH_M * asin(sqrt(min(1.0, max(0.0, angle))))


def on_earth(place: Place | None) -> Place | None:
    """The place, unless its coordinates cannot be: off the globe, or the two zeros of a field that nobody filled in."""
    if place is None or abs(place.latitude) > 90 or abs(place.longitude) > 180:
        return None
    return place if place.latitude or place.longitude else None


def step_flags(context: StepContext) -> tuple[Contradiction, ...]:
    """What a person should look at; at most one of each kind."""
    return tuple(one for rule in _RULES if (one := rule(context)) is not None)


def _no_position(context: StepContext) -> Contradiction | None:
    if context.step.place is not None or context.position_level not in ("required", "warn"):
        return None
    return context.flag("no_position", geo_error=context.geo_error or "unknown")


def _far_from_address(context: StepContext) -> Contradiction | None:
    place, address = on_earth(context.step.place), on_earth(context.step.address)
    if context.step.action not in AT_ADDRESS or place is None or address is None or place.accuracy_m is None:
        return None
    distance = distance_m(place, address)
    if distance - place.accuracy_m <= context.radius_m:
        return None
    # Rounded so that what is shown is above the radius too.
    figures = {"distance_m": ceil(distance), "accuracy_m": floor(place.accuracy_m), "radius_m": context.radius_m}
    return context.flag("far_from_address", **figures)


def _clock_jump(context: StepContext) -> Contradiction | None:
    if context.last_offset_ms is None or abs(context.offset_ms - context.last_offset_ms) <= CLOCK_JUMP_MS:
        return None
    before_s, after_s = round(context.last_offset_ms / 1000), round(context.offset_ms / 1000)
    return context.flag("clock_jump", before_s=before_s, after_s=after_s, jump_s=abs(after_s - before_s))


def _batch_clicking(context: StepContext) -> Contradiction | None:
    return _two_at_once(context) or _all_at_once(context)


def _two_at_once(context: StepContext) -> Contradiction | None:
    if context.step.action != "hand_over":
        return None
    for other in context.hand_overs:
        passed = abs(context.step.at - other.at)
        apart = _surely_apart_m(context.step, other)
        if other.delivery_id != context.step.delivery_id and passed < BATCH and apart > BATCH_APART_M:
            figures = {"passed_s": int(passed.total_seconds()), "distance_m": ceil(apart)}
            return context.flag("batch_clicking", other_number=other.order_number, **figures)
    return None


def _surely_apart_m(a: SeenStep, b: SeenStep) -> float:
    """How far apart two hand-overs were: by their addresses or by the phone, whichever says more."""
    one, other = on_earth(a.address), on_earth(b.address)
    by_address = distance_m(one, other) if one and other else 0.0
    return max(by_address, _moved_m(a.place, b.place))


def _moved_m(a: Place | None, b: Place | None) -> float:
    """The least that lies between two positions of a phone, both accuracies granted; unknown: nothing."""
    one, other = on_earth(a), on_earth(b)
    if one is None or other is None or one.accuracy_m is None or other.accuracy_m is None:
        return 0.0
    return max(0.0, distance_m(one, other) - one.accuracy_m - other.accuracy_m)


def _all_at_once(context: StepContext) -> Contradiction | None:
    """A whole trip, from the pick-up to its end, within a minute."""
    steps = {one.event_id: one for one in (*context.same_delivery, context.step) if one.action in _TRIP}
    actions = {one.action for one in steps.values()}
    if context.step.action not in _TRIP or len(steps) < BATCH_STEPS or "pick_up" not in actions or not actions & _ENDS:
        return None
    times = [one.at for one in steps.values()]
    passed = max(times) - min(times)
    if passed > BATCH:
        return None
    figures = {"steps": len(steps), "passed_s": int(passed.total_seconds())}
    return context.flag("batch_clicking", variant="one_delivery", **figures)


def _impossible_speed(context: StepContext) -> Contradiction | None:
    """Times are taken as whole seconds at least: two steps in one instant say nothing of a few metres."""
    previous, step = context.previous, context.step
    if previous is None:
        return None
    moved = _moved_m(previous.place, step.place)
    passed_s = max(1.0, abs((step.at - previous.at).total_seconds()))
    speed = moved / passed_s * 3.6
    if speed <= SPEED_KMH:
        return None
    figures = {"distance_m": ceil(moved), "passed_s": int(passed_s), "speed_kmh": ceil(speed), "limit_kmh": SPEED_KMH}
    return context.flag("impossible_speed", **figures)


def _same_coordinates(context: StepContext) -> Contradiction | None:
    place = context.step.place
    if place is None or context.step.action not in AT_ADDRESS or context.same_place_addresses < SAME_PLACES:
        return None
    figures = {"latitude": place.latitude, "longitude": place.longitude, "addresses": context.same_place_addresses}
    return context.flag("same_coordinates", **figures)


_RULES = (_no_position, _far_from_address, _clock_jump, _batch_clicking, _impossible_speed, _same_coordinates)


@dataclass(frozen=True, slots=True)
class Photo:
    """sha256: hex. brightness: mean, 0 (black) to 1. phash: 64 bits that are alike for pictures that look alike."""

    sha256: str
    brightness: float
    phash: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier photo that is the same or near. at: aware. who: courier's name, else reference. source: its step."""

    sha256: str
    phash: int
    order_number: str | None
    at: datetime
    who: str | None
    source: UUID | None = None


def photo_flags(
    photo: Photo,
    order_number: str | None,
    who: str,
    repeats: Sequence[Repeat],
    *,
    source: UUID | None = None,
    time_zone: str = "Europe/Moscow",
) -> tuple[Contradiction, ...]:
    """source: the photo's own step; what it names twice repeats nothing. The picture of a dark photo is not compared:
    all of them look alike. Of several repeats the nearest and oldest is told."""
    whose = {"order_number": order_number, "who": who, "sha256": photo.sha256}
    flags = []
    if photo.brightness < DARK:
        flags.append(found("dark_photo", **whose, brightness_percent=round(photo.brightness * 100)))
    others = (one for one in repeats if source is None or one.source != source)
    if known := sorted(_near(photo, others), key=lambda pair: (pair[0], pair[1].at)):
        flags.append(_repeated(whose, *known[0], time_zone))
    return tuple(flags)


def _near(photo: Photo, repeats: Iterator[Repeat]) -> Iterator[tuple[int, Repeat]]:
    """With the bits that differ; -1 for the very same file."""
    for one in repeats:
        if one.sha256 == photo.sha256:
            yield -1, one
        elif photo.brightness >= DARK and (bits := ((one.phash ^ photo.phash) & _BITS).bit_count()) <= NEAR:
            yield bits, one


def _repeated(whose: dict[str, Any], bits: int, first: Repeat, time_zone: str) -> Contradiction:
    data = {
        **whose,
        "first_number": first.order_number,
        "first_who": first.who,
        "first_at": first.at.isoformat(),
        "first_sha256": first.sha256,
        "time_zone": time_zone,
    }
    return (
        found("repeated_photo", **data) if bits < 0 else found("repeated_photo", variant="similar", bits=bits, **data)
    )
