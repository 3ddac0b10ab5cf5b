"""Gathers what was seen around a step and asks domain/evidence.py what in it a person should look at."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from posrednik.domain.changes import Contradiction
from posrednik.domain.deliveries import Delivery
from posrednik.domain.evidence import (
    AT_ADDRESS,
    Photo,
    Place,
    Repeat,
    SeenStep,
    StepContext,
    photo_flags,
    step_flags,
)
from posrednik.domain.incidents import About
from posrednik.domain.policy import DivisionPolicy
from posrednik.store import couriers, phones, photos, step_photos
from posrednik.store.db import Row, Tx
from posrednik.usecases import incidents
from posrednik.usecases.courier_event import Event

DAY = timedelta(hours=24)
NEAR_HAND_OVERS = timedelta(minutes=10)
PHOTOS_KEPT_APART = timedelta(days=30)


async def weigh_step(
    tx: Tx, event: Event, delivery: Delivery, who: str, at: datetime, policy: DivisionPolicy,
    last_offset_ms: int | None, zone: str, courier_ref: str,
) -> tuple[Contradiction, ...]:  # fmt: skip
    """Flags of a step that is about to be accepted. zone: of its division, for «today»."""
    address = delivery.address
    known = address.latitude is not None and address.longitude is not None
    step = SeenStep(
        event.id, event.action, delivery.id, at, event.place,
        Place(address.latitude or 0.0, address.longitude or 0.0) if known else None, delivery.order_number,
    )  # fmt: skip
    rows = await phones.steps_around(tx, courier_ref, at - DAY, at + NEAR_HAND_OVERS)
    others = [_seen(row) for row in rows if row.id != event.id]
    return step_flags(
        StepContext(
            step=step, order_number=delivery.order_number, who=who, radius_m=policy.radius_m,
            position_level=policy.proofs.level(event.action, "position"), previous=_previous(step, others),
            same_delivery=(*(o for o in others if o.delivery_id == delivery.id), step),
            hand_overs=tuple(o for o in others if _other_hand_over(step, o)),
            same_place_addresses=_addresses(step, others, zone), offset_ms=event.clock_offset_ms,
            last_offset_ms=last_offset_ms, geo_error=event.geo_error, time_zone=zone,
        )
    )  # fmt: skip


def _seen(row: Row) -> SeenStep:
    place = None if row.latitude is None else Place(row.latitude, row.longitude, row.accuracy_m)
    address = msgspec.json.decode(row.address)
    known = address.get("latitude") is not None and address.get("longitude") is not None
    return SeenStep(
        row.id, row.type.rpartition(".")[2], row.delivery_id, row.occurred_at, place,
        Place(address["latitude"], address["longitude"]) if known else None, row.order_number,
    )  # fmt: skip


def _previous(step: SeenStep, others: Sequence[SeenStep]) -> SeenStep | None:
    before = [one for one in others if one.place is not None and one.at <= step.at]
    return max(before, key=lambda one: one.at, default=None)


def _other_hand_over(step: SeenStep, other: SeenStep) -> bool:
    near = abs(other.at - step.at) <= NEAR_HAND_OVERS
    return other.action == "hand_over" and other.delivery_id != step.delivery_id and near


def _addresses(step: SeenStep, others: Sequence[SeenStep], zone: str) -> int:
    """At how many addresses exactly these coordinates were sent on the step's day."""
    if step.place is None:
        return 0
    today = step.at.astimezone(ZoneInfo(zone)).date()
    same = [
        one for one in (*others, step)
        if one.action in AT_ADDRESS and one.place is not None and one.address is not None
        and (one.place.latitude, one.place.longitude) == (step.place.latitude, step.place.longitude)
        and one.at.astimezone(ZoneInfo(zone)).date() == today
    ]  # fmt: skip
    return len({one.address for one in same})


# -- photos, which may come before their step or after it


async def weigh_photos(
    tx: Tx, source: UUID, sha256s: Sequence[str], at: datetime, order_number: str | None, who: str, zone: str
) -> tuple[Contradiction, ...]:
    """Flags of the pictures of a step as far as they have arrived."""
    flags: list[Contradiction] = []
    for row in await photos.photo_facts(tx, sha256s):
        photo = Photo(row.sha256, row.brightness, row.phash)
        found = await photos.photo_repeats(tx, row.sha256, row.phash, not_source=source, since=at - PHOTOS_KEPT_APART)
        repeats = [Repeat(r.sha256, r.phash, r.order_number, r.at, await _name(tx, r.courier_ref)) for r in found]
        flags += photo_flags(photo, order_number, who, repeats, time_zone=zone)
    return tuple(flags)


async def on_photo(tx: Tx, sha256: str, now: datetime, zone: str = "Europe/Moscow") -> None:
    """A picture came after the steps that name it: weigh it now, in the same transaction."""
    for row in await step_photos.naming(tx, sha256):
        who = await _name(tx, row.courier_ref) or ""
        flags = await weigh_photos(tx, row.source, [sha256], row.at, row.order_number, who, zone)
        if not flags:
            continue
        await phones.flag(tx, row.source, [{"kind": one.kind, "data": one.data} for one in flags])
        about = About(
            "delivery", str(row.delivery_id), row.division_ref, row.courier_ref, row.base_id, str(row.order_ref),
            row.order_number,
        )  # fmt: skip
        await incidents.raise_all(tx, flags, about, now)


async def _name(tx: Tx, courier_ref: str | None) -> str | None:
    known = await couriers.get(tx, courier_ref) if courier_ref else None
    return (known.name if known else None) or courier_ref
