"""What couriers did, taken from their phones: each event in a transaction of its own, answered one by one.

Rules: domain.md §1 and §2, contract.md §5, docs/subsystems/courier.md. A repeat gets its first fate again; an event
that cannot be yet because an earlier number of the phone is missing is parked until that comes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.errors import (
    DomainError,
    MoreThanAccepted,
    MoreThanCarried,
    NotHisDelivery,
    NotInBackpack,
    StageJump,
)
from posrednik.domain.events import Actor
from posrednik.domain.texts import text
from posrednik.kit.log import get_logger
from posrednik.store import journal, phones
from posrednik.store.db import Cause, Database, Row, StoreError, Tx
from posrednik.store.journal import Entry
from posrednik.store.phones import Fate, Phone
from posrednik.usecases import courier_act, own_restore
from posrednik.usecases.act_on_delivery import NoSuchDelivery
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.courier_event import Answer, Event, NothingToCorrect, ShiftNotOpen, Unread, WaitsForEarlier
from posrednik.usecases.order_facts import Rules

__all__ = ["Phone", "missing", "take"]

log = get_logger("courier")
FARTHEST_AHEAD = 10_000  # a phone with so large a hole has lost its database; numbers beyond are refused
# An earlier event may be the one that makes these possible.
MAY_WAIT = (
    StageJump, MoreThanAccepted, MoreThanCarried, NotHisDelivery, NotInBackpack, NothingToCorrect, ShiftNotOpen,
    WaitsForEarlier,
)  # fmt: skip
_UNAVAILABLE = "unavailable"


async def take(
    db: Database, phone: Phone, name: str | None, sent: Sequence[Event | Unread], rules: Rules, lang: str
) -> list[Answer]:
    """Answers in the order of `sent`. name: the courier's, for events and texts."""
    desk = _Desk(db, phone, Actor("courier", phone.courier_ref, name), rules, lang)
    by_number = sorted(range(len(sent)), key=lambda i: sent[i].seq or 0)
    answers: dict[int, Answer] = {i: await desk.answer(sent[i]) for i in by_number}
    late = {one.id: one for one in await desk.release()}
    told = [answers[i] for i in range(len(sent))]
    return [late.get(one.id, one) if one.status == "retry_later" else one for one in told]


async def missing(db: Database, phone: Phone) -> list[int]:
    """Numbers that the phone has given and that have not come."""
    return await phones.missing(db, phone.courier_ref, phone.device)


class _NotYet(Exception):
    """What the step needs may be among what 1C is sending again."""


def _never_his(act: Act, error: DomainError) -> bool:
    return act.delivery is None and isinstance(error, NotHisDelivery | NoSuchDelivery)


class _Desk:
    """One phone's events, one after another."""

    def __init__(self, db: Database, phone: Phone, actor: Actor, rules: Rules, lang: str) -> None:
        self._db, self._phone, self._actor, self._rules, self._lang = db, phone, actor, rules, lang

    async def answer(self, one: Event | Unread) -> Answer:
        """Never raises: what goes wrong here is no fault of the phone, which keeps the event and sends it again."""
        try:
            if isinstance(one, Unread):
                return await self._db.transact(lambda tx: self._unread(tx, one))
            return await self._db.transact(lambda tx: self._take(tx, one))
        except StoreError:
            return self._says(str(one.id), "retry_later", _UNAVAILABLE)
        except Exception:
            log.exception("courier.event_failed", event_id=str(one.id), device=self._phone.device)
            return self._says(str(one.id), "retry_later", _UNAVAILABLE)

    async def release(self) -> list[Answer]:
        """Steps that waited for numbers which are there now."""
        try:
            waiting = await self._db.transact(lambda tx: phones.parked(tx, self._phone))
            answers = [await self._db.transact(partial(self._again, event_id=event_id)) for event_id in waiting]
        except StoreError:
            return []
        return [one for one in answers if one is not None]

    async def _take(self, tx: Tx, event: Event) -> Answer:
        row = await phones.touch(tx, self._phone)
        known = await phones.find(tx, self._phone, event.id, event.seq)
        if known is not None:
            return await self._repeat(tx, event, known)
        if event.seq > row.whole_to + FARTHEST_AHEAD:
            return await self._conflict(tx, event, "sequence_conflict")
        if not courier_act.known(event.type):
            return self._says(str(event.id), "retry_later", "not_supported_yet")
        now = datetime.now(UTC)
        act = Act(tx, self._phone, event, self._actor, self._rules, now, row.clock_offset_ms)
        try:
            fate, answer = await self._fate(tx, act)
        except _NotYet:
            return self._says(str(event.id), "retry_later", "awaits_resend")
        await phones.add(tx, _columns(self._phone, event, act), fate)
        await phones.advance(tx, self._phone, event.seq, event.clock_offset_ms)
        await self._journal(tx, event, fate)
        return answer

    async def _fate(self, tx: Tx, act: Act) -> tuple[Fate, Answer]:
        event = act.event
        tx.cause = Cause(event.id, event.at_device)
        try:
            done = await courier_act.perform(act)
        except (*MAY_WAIT, NoSuchDelivery) as error:
            if await own_restore.awaited(tx):
                raise _NotYet from error
            holes = await phones.missing(tx, self._phone.courier_ref, self._phone.device, below=event.seq, most=3)
            if not holes or _never_his(act, error):
                return await self._refused(act, error)
            words = self._words("waits_for_earlier", {"missing": holes})
            fate = Fate("parked", "waits_for_earlier", words, division_ref=act.division_ref, order_ref=act.order_ref)
            return fate, Answer(str(event.id), "retry_later", "waits_for_earlier", words)
        except DomainError as error:
            return await self._refused(act, error)
        return _accepted(done), Answer(str(event.id), "accepted", incident=done.incident_id)

    async def _refused(self, act: Act, error: DomainError) -> tuple[Fate, Answer]:
        words = self._words(error.code, error.data)
        incident_id = await courier_act.report_refusal(act, error)
        fate = Fate("rejected", error.code, words, incident_id, order_ref=act.order_ref, division_ref=act.division_ref)
        return fate, Answer(str(act.event.id), "rejected", error.code, words, incident_id)

    async def _again(self, tx: Tx, event_id: UUID) -> Answer | None:
        """A parked step once more. None: it waits on, or it is parked no more."""
        phone = await phones.touch(tx, self._phone)
        body = await phones.still_parked(tx, event_id)
        if body is None:
            return None
        event = msgspec.json.decode(body, type=Event)
        act = Act(tx, self._phone, event, self._actor, self._rules, datetime.now(UTC), phone.clock_offset_ms)
        try:
            fate, answer = await self._fate(tx, act)
        except _NotYet:
            return None
        if fate.state == "parked":
            return None
        await phones.finish(tx, event.id, fate, act.delivery_id)
        await self._journal(tx, event, fate)
        return answer

    async def _repeat(self, tx: Tx, event: Event, known: Row) -> Answer:
        if known.id != event.id:
            return await self._conflict(tx, event, "sequence_conflict")
        if known.courier_ref != self._phone.courier_ref or bytes(known.body_hash) != event.fingerprint:
            return await self._conflict(tx, event, "event_conflict")
        match known.state:
            case "accepted":
                return Answer(str(event.id), "duplicate", incident=known.incident_id)
            case "rejected":
                return Answer(str(event.id), "rejected", known.code, known.message, known.incident_id)
            case _:
                return Answer(str(event.id), "retry_later", known.code, known.message)

    async def _conflict(self, tx: Tx, event: Event, code: str) -> Answer:
        """The same id with other content, or the same number for another event: nothing changes, the journal tells."""
        words = self._words(code, {})
        detail = {"event": str(event.id), "seq": event.seq, "type": event.type, "device": self._phone.device}
        await journal.add(tx, [Entry("step", "courier", "conflict", words, code, detail=detail)])
        return Answer(str(event.id), "rejected", code, words)

    async def _unread(self, tx: Tx, one: Unread) -> Answer:
        """Kept whole in the journal; its number counts, so that it leaves no hole."""
        row = await phones.touch(tx, self._phone)
        words = self._words("malformed_event", {"what": one.what})
        detail = {"what": one.what, "body": one.body, "device": self._phone.device}
        try:
            event_id = UUID(one.id)
        except ValueError:
            event_id = None
        if event_id is None or one.seq is None or one.seq > row.whole_to + FARTHEST_AHEAD:
            await journal.add(tx, [Entry("step", "courier", "rejected", words, "malformed_event", detail=detail)])
            return Answer(one.id, "rejected", "malformed_event", words)
        if await phones.find(tx, self._phone, event_id, one.seq) is None:
            await journal.add(tx, [Entry("step", "courier", "rejected", words, "malformed_event", detail=detail)])
            await phones.add(
                tx, _unread_columns(self._phone, event_id, one), Fate("rejected", "malformed_event", words)
            )
            await phones.advance(tx, self._phone, one.seq, row.clock_offset_ms or 0)
        return Answer(one.id, "rejected", "malformed_event", words)

    async def _journal(self, tx: Tx, event: Event, fate: Fate) -> None:
        title = courier_act.title(event.type)
        who = self._actor.name or self._phone.courier_ref
        summary = f"{title} ({who})" + (f": {fate.message}" if fate.message else "")
        await journal.add(tx, [Entry("step", "courier", fate.state, summary, fate.code, fate.order_ref)])

    def _says(self, event_id: str, status: str, code: str) -> Answer:
        return Answer(event_id, status, code, self._words(code, {}))

    def _words(self, code: str, data: Mapping[str, Any]) -> str:
        return text(code, self._lang, **data)


def _accepted(done: Done) -> Fate:
    return Fate(
        "accepted", incident_id=done.incident_id, delivery_version=done.delivery_version, order_ref=done.order_ref,
        division_ref=done.division_ref, shift_id=done.shift_id, flags=done.flags,
    )  # fmt: skip


def _columns(phone: Phone, event: Event, act: Act) -> dict[str, Any]:
    place = event.place
    return {
        "id": event.id, "courier_ref": phone.courier_ref, "device": phone.device, "seq": event.seq, "type": event.type,
        "delivery_id": act.delivery_id, "at_device": event.at_device, "clock_offset_ms": event.clock_offset_ms,
        "occurred_at": act.at, "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None, "accuracy_m": place.accuracy_m if place else None,
        "geo_error": event.geo_error, "rules_version": event.rules_version, "body_hash": event.fingerprint,
        "body": msgspec.json.encode(event).decode(), "received_at": act.now,
    }  # fmt: skip


def _unread_columns(phone: Phone, event_id: UUID, one: Unread) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": event_id, "courier_ref": phone.courier_ref, "device": phone.device, "seq": one.seq, "type": "unreadable",
        "delivery_id": None, "at_device": now, "clock_offset_ms": 0, "occurred_at": now, "latitude": None,
        "longitude": None, "accuracy_m": None, "geo_error": None, "rules_version": "", "body_hash": b"",
        "body": msgspec.json.encode(one.body).decode(), "received_at": now,
    }  # fmt: skip
