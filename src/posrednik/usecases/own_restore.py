"""Posrednik's own database was restored from a copy: what it has lost is asked for again, and nothing is taken for
something else meanwhile. See docs/runbooks/restored-posrednik.md.

It shows by itself when a base says that it has an event with a number that was never given here. Until the base has
sent again, a phone's step that cannot be is not refused: what it needs may be on its way.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import events as domain
from posrednik.domain.changes import Contradiction, found
from posrednik.domain.events import Actor, send_again
from posrednik.domain.incidents import About
from posrednik.domain.publication import base_data
from posrednik.domain.texts_exchange_found import ASKED_FOR_IS_HERE, DONE_AGAIN
from posrednik.kit.ids import uuid7
from posrednik.store import events, inbox, incidents, journal, outgoing, portal_watch
from posrednik.store.commands import Stored
from posrednik.store.db import Row, Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.usecases import incidents as cases
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.order_desk import OrderDesk

SENT_AGAIN = "sent_again"
KIND, BASE, EVENT = "does_not_agree", "base", "lost_event"
# Numbers of events that a copy cannot have seen given; one base gets fewer in years.
BEYOND = 1_000_000
# The clocks of 1C and of this machine, and what was under way when the copy was made.
MARGIN = timedelta(hours=1)
Data = dict[str, Any]
_EVIDENCE = ("position", "photos")


async def ask_all(tx: Tx, now: datetime) -> list[str]:
    """Ask every base that was ever seen. Their names."""
    known = [await inbox.lock_base(tx, row.id) for row in await tx.fetch("bases") if row.epoch is not None]
    asked = [base for base in known if base is not None]
    for base in asked:
        await ask_again(tx, base, now)
    return [base.name for base in asked]


async def notice(tx: Tx, base: Base, known: int, now: datetime) -> bool:
    """A base names the last event that it has; one that was never given here shows that this database is a copy."""
    if known <= await outgoing.lock(tx, base.id):
        return False
    await ask_again(tx, base, now, known)
    return True


async def ask_again(tx: Tx, base: Base, now: datetime, known: int | None = None) -> None:
    """Numbers of events go on behind `known` (None: behind any that can have been given), and 1C is asked for all that
    it has sent and got since the copy."""
    last_number = await outgoing.lock(tx, base.id)
    await outgoing.skip(tx, base.id, last_number + BEYOND if known is None else known)
    heard = await inbox.last_heard(tx, base.id)
    assert base.epoch is not None
    event = send_again(
        id=uuid7(), epoch=base.epoch, after=base.last_accepted, events_after=last_number,
        since=heard - MARGIN if heard else None, actor=Actor("system"), now=now,
    )  # fmt: skip
    events.emit(tx, event, base.id, None)
    await portal_watch.distrust_base(tx, base.id)
    told = found(KIND, variant="own_restore", base=base.name, number=str(base.last_accepted),
                 heard_at=(heard or now).isoformat(), time_zone=base.time_zone)  # fmt: skip
    await cases.raise_all(tx, [told], About(BASE, str(base.id), base_id=base.id), now)
    summary = f"Посредник восстановлен из копии: запрошено всё после № {base.last_accepted}"
    await journal.add(tx, [Entry("message", system(base.id), "asked_again", summary, detail=event.data)])


async def awaited(tx: Tx) -> bool:
    """Whether a base has not yet sent again what this database has lost."""
    return bool(await incidents.open_about(tx, KIND, BASE))


async def sent_again(desk: OrderDesk, command: Stored) -> None:
    """1C has sent what it had, and names the events it has got: those that are not here are lost, each an incident."""
    sent = command.data.get("events")
    told = [one for one in sent if _is_event(one)] if isinstance(sent, list) else []
    here = await events.known(desk.tx, [UUID(one["id"]) for one in told])
    lost = [one for one in told if UUID(one["id"]) not in here]
    base = desk.base
    found_lost = [(_lost(base, one), About(EVENT, one["id"], base_id=base.id)) for one in lost]
    await cases.raise_many(desk.tx, found_lost, desk.now)
    if not command.data.get("more"):
        await _over(desk.tx, base, desk.now)
    command.status, command.code, command.message = "done", None, None
    command.result = {"lost": [one["id"] for one in lost]}


def _is_event(one: Any) -> bool:
    try:
        return bool(UUID(one["id"]) and one["type"] and one["subject"] and datetime.fromisoformat(one["occurred_at"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _lost(base: Base, one: Data) -> Contradiction:
    about = one.get("order_number") or one["subject"]
    return found(KIND, variant="lost_event", base=base.name, event=str(one["type"]), about=str(about),
                 subject=str(one["subject"]), occurred_at=str(one["occurred_at"]), time_zone=base.time_zone,
                 data=_told(given if isinstance(given := one.get("data"), dict) else {}))  # fmt: skip


async def _over(tx: Tx, base: Base, now: datetime) -> None:
    for row in await incidents.open_about(tx, KIND, BASE, [str(base.id)]):
        await cases.decide(tx, row.id, "explained", ASKED_FOR_IS_HERE, "1С", now)


async def reclaim(tx: Tx) -> None:
    """A step of a delivery that was lost has been done again by a person: it gets the id that 1C knows it by, so that
    1C makes no second document of it, and the incident is over. Only if 1C would be told the same."""
    steps = {str(one.event.subject_id) for one in tx.outbox if one.event.subject_kind == "delivery"}
    for row in await incidents.lost_events(tx, KIND, EVENT, sorted(steps)) if steps else ():
        again = next((i for i, one in enumerate(tx.outbox) if _same(one.event, row)), None)
        if again is not None:
            tx.outbox[again] = replace(tx.outbox[again], id=UUID(row.subject_id))
            await cases.decide(tx, row.id, "corrected", DONE_AGAIN, "Посредник", datetime.now(UTC))


def _same(event: domain.Event, row: Row) -> bool:
    if event.type != row.type or str(event.subject_id) != row.subject:
        return False
    return bool(_told(base_data(event.type, event.data)) == msgspec.json.decode(row.data))


def _told(data: Data) -> Data:
    """What 1C makes documents of."""
    return {name: value for name, value in data.items() if name not in _EVIDENCE}
