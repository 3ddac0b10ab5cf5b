"""Steps of phones that wait for an earlier one do not wait for ever. See docs/subsystems/incidents.md.

After a day the missing number is not coming by itself: what waited is refused, and a person is told; a gap behind which
nothing waits is told of as well.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.events import Actor
from posrednik.domain.texts import text
from posrednik.kit.log import get_logger
from posrednik.store import couriers, deliveries, journal, parked, phones
from posrednik.store.db import Database, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.incidents import About, about_delivery, raise_all

log = get_logger("usecases")
WAIT = timedelta(hours=24)
MOST_PHONES = 100
SHOWN = 20
CODE = "waits_for_earlier"


async def give_up_parked(db: Database, now: datetime) -> int:
    """One round over all phones, each in a transaction of its own. Returns how many steps were refused."""
    refused = 0
    for row in await parked.waiting(db, now - WAIT, MOST_PHONES):
        refused += await db.transact(partial(_refuse, courier_ref=row.courier_ref, device=row.device, now=now))
    for row in await parked.gaps(db, now - WAIT, WAIT, MOST_PHONES):
        await db.transact(partial(_tell_of_gap, courier_ref=row.courier_ref, device=row.device, now=now))
    if refused:
        log.warning("steps.given_up", steps=refused)
    return refused


async def _refuse(tx: Tx, *, courier_ref: str, device: str, now: datetime) -> int:
    await parked.lock(tx, courier_ref, device)
    numbers = await phones.missing(tx, courier_ref, device, most=SHOWN)
    message = text("waited_in_vain", missing=numbers)
    rows = await parked.give_up(tx, courier_ref, device, now - WAIT, CODE, message)
    await journal.add(tx, [Entry("step", "courier", "rejected", message, CODE, row.order_ref) for row in rows])
    gap = await _gap(tx, courier_ref, device, numbers)
    for delivery_id in dict.fromkeys(row.delivery_id for row in rows):
        about = await _about(tx, courier_ref, device, delivery_id)
        (incident,) = await raise_all(tx, [gap], about, now)
        await parked.told_by(tx, [row.id for row in rows if row.delivery_id == delivery_id], incident)
    return len(rows)


async def _tell_of_gap(tx: Tx, *, courier_ref: str, device: str, now: datetime) -> None:
    await parked.lock(tx, courier_ref, device)
    numbers = await phones.missing(tx, courier_ref, device, most=SHOWN)
    if numbers:
        gap = await _gap(tx, courier_ref, device, numbers)
        await raise_all(tx, [gap], await _about(tx, courier_ref, device, None), now)


async def _gap(tx: Tx, courier_ref: str, device: str, numbers: Sequence[int]) -> Contradiction:
    courier = await couriers.get(tx, courier_ref)
    who = (courier.name if courier else None) or courier_ref
    return found("sequence_gap", who=who, device=device, missing=list(numbers))


async def _about(tx: Tx, courier_ref: str, device: str, delivery_id: UUID | None) -> About:
    """The delivery whose step waited; without one the phone."""
    delivery = await deliveries.lock(tx, delivery_id) if delivery_id is not None else None
    if delivery is not None:
        return about_delivery(delivery, Actor("courier", courier_ref))
    courier = await couriers.get(tx, courier_ref)
    return About(
        "device", f"{courier_ref}/{device}", courier.division or "" if courier else "", courier_ref,
        courier.base_id if courier else None,
    )  # fmt: skip
