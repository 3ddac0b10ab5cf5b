"""The way in for 1C: raw body → connectors/onec (wire, canonical) → use case, in one transaction (contract.md §2)."""

import asyncio
import hashlib
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.connectors.onec import outbound
from posrednik.connectors.onec.inbound import Command, Inbound, Object, Unreadable
from posrednik.connectors.onec.wire import Ack, Envelope, EpochCall, SingleCommand
from posrednik.intake.readers import Readers
from posrednik.intake.reading import JSON, Form, Malformed, decode_form
from posrednik.kit import metrics, values
from posrednik.store import outgoing
from posrednik.store.commands import Stored
from posrednik.store.db import Database, Tx
from posrednik.store.inbox import get_base
from posrednik.store.mirror import Bad, State
from posrednik.usecases import declare_epoch, give_outgoing, own_restore, take_command
from posrednik.usecases.exchange_guard import Conflict, Sender
from posrednik.usecases.give_outgoing import NO_BATCH, Answered
from posrednik.usecases.once import Keyed
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.take_message import COMMAND_INDEX, Answer, MapsChanged, Message, take_message
from posrednik.usecases.take_objects import Arrived

OFFLOAD_BYTES = 64 * 1024  # a body above this is packed and hashed in a thread: both release the interpreter
LARGEST_NUMBER = 2**53 - 1  # what every JSON reader keeps exactly
LONGEST_INSTANCE = 500
MOST_ANSWERED = 10_000
ENCODING_KEPT_S = 5.0


class NotYours(Exception):
    """The token belongs to another base than the request speaks for."""


@dataclass(frozen=True, slots=True)
class Limits:
    objects: int = 1000
    commands: int = 200


class OneC:
    """Everything a base can ask for. Answers are plain data; a Conflict is told as 409.

    keyed: runs the request's transaction (usecases/once.py). All calls raise Malformed and NotYours.
    """

    def __init__(self, db: Database, rules: Rules, limits: Limits = Limits()) -> None:
        self._db, self._rules, self._limits = db, rules, limits
        self._encodings: dict[UUID, tuple[float, str]] = {}
        self._readers = Readers(db)

    async def message(self, body: bytes, caller: UUID, keyed: Keyed, form: Form = JSON) -> Answer | Conflict:
        """POST /exchange/messages."""
        envelope = decode_form(body, Envelope, form)
        sender = _sender(envelope, caller)
        self._check(envelope)
        packing = _pack(body)  # in its thread while the objects are read
        while True:
            try:
                answer = await self._taken(envelope, sender, packing, keyed)
                break
            except MapsChanged:
                continue  # a person has just saved a map; each change costs one more reading
        _count(str(sender.base_id), answer)
        return answer

    async def _taken(
        self, envelope: Envelope, sender: Sender, packing: asyncio.Future[tuple[bytes, bytes]], keyed: Keyed
    ) -> Answer | Conflict:  # fmt: skip
        found = await self._readers.get(sender.base_id)
        if found is None:
            return Conflict("unknown_base")
        base, inbound = found
        message = Message(
            sender, base.epoch_no or 1, envelope.number, b"", b"", len(envelope.objects or ()), base.maps_version
        )
        _read(message, envelope, inbound)
        message.body_hash, message.packed = await packing
        return await keyed.run(lambda tx: take_message(tx, message, self._rules, datetime.now(UTC)))

    def _check(self, envelope: Envelope) -> None:
        if not 1 <= envelope.number <= LARGEST_NUMBER:
            raise Malformed(f"expected 1 to {LARGEST_NUMBER}", "/number")
        for name, limit in (("objects", self._limits.objects), ("commands", self._limits.commands)):
            if len(getattr(envelope, name) or ()) > limit:
                raise Malformed(f"at most {limit} in a message", f"/{name}", status=413, code="too_large")

    async def command(self, body: bytes, caller: UUID, keyed: Keyed, form: Form = JSON) -> Answer | Conflict:
        """POST /exchange/commands."""
        call = decode_form(body, SingleCommand, form)
        sender = _sender(call, caller)
        found = await self._readers.get(sender.base_id)
        if found is None:
            return Conflict("unknown_base")
        try:
            command = _stored(found[1].command(call.command), (0, 0, 0))
        except Unreadable as error:
            refused = _refused(bytes(call.command), error)
            return await keyed.run(lambda tx: take_command.refuse_command(tx, sender, refused))
        answer = await keyed.run(
            lambda tx: take_command.take_command(tx, sender, command, self._rules, datetime.now(UTC))
        )
        if not isinstance(answer, Conflict):
            metrics.COMMANDS.labels(command.type, answer["status"]).inc()
        return answer

    async def epoch(self, body: bytes, caller: UUID, keyed: Keyed, form: Form = JSON) -> Answer | Conflict:
        """POST /exchange/epochs."""
        call = decode_form(body, EpochCall, form)
        sender, reason = _sender(call, caller), values.text(call.reason) or ""
        return await keyed.run(lambda tx: declare_epoch.declare_epoch(tx, sender, reason))

    async def encoding(self, base_id: UUID) -> str:
        """json or xml: what the base is configured for."""
        until, kept = self._encodings.get(base_id, (0.0, "json"))
        if until > time.monotonic():
            return kept
        base = await self._db.transact(lambda tx: get_base(tx, base_id))
        kept = base.encoding if base else "json"
        self._encodings[base_id] = (time.monotonic() + ENCODING_KEPT_S, kept)
        return kept

    async def state(self, sender: Sender, caller: UUID) -> Answer | Conflict:
        """GET /exchange/state."""
        sender = _sender_of(sender.base_id, sender.epoch, sender.instance, caller)
        return await self._db.transact(lambda tx: declare_epoch.exchange_state(tx, sender))

    async def outgoing(
        self, sender: Sender, caller: UUID, *, limit: int, after: int | None, known: int | None = None,
        wait_for_news: Callable[[float], Awaitable[bool]], wait_s: float,
    ) -> Answer | Conflict:  # fmt: skip
        """GET /exchange/outgoing: long poll. wait_for_news(seconds) returns early when there may be something.

        False from it: the process stops, so the poll ends now.
        """
        sender = _sender_of(sender.base_id, sender.epoch, sender.instance, caller)
        checked = await self._db.transact(lambda tx: give_outgoing.check(tx, sender))
        if isinstance(checked, Conflict):
            return checked
        base, destination_id = checked
        if known:
            await self._db.transact(lambda tx: own_restore.notice(tx, base, known, datetime.now(UTC)))
        if after is not None:
            again = await self._db.transact(lambda tx: give_outgoing.give_again(tx, base, after, limit))
            return outbound.batch(again.batch, again.events)
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            if await outgoing.anything_due(self._db, destination_id):
                given = await self._db.transact(lambda tx: give_outgoing.give(tx, base, destination_id, limit))
                if given.events:
                    return outbound.batch(given.batch, given.events)
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or not await wait_for_news(min(left, 1.0)):
                return outbound.batch(NO_BATCH, ())

    async def acknowledge(self, body: bytes, caller: UUID, keyed: Keyed, form: Form = JSON) -> Answer | Conflict:
        """POST /exchange/outgoing/ack. Raises also give_outgoing.UnknownEvents."""
        ack = decode_form(body, Ack, form)
        sender, accepted, rejected = _sender(ack, caller), ack.accepted or [], ack.rejected or []
        if len(accepted) + len(rejected) > MOST_ANSWERED:
            raise Malformed(f"at most {MOST_ANSWERED} ids", "/accepted", status=413, code="too_large")
        answers = [
            Answered(r.id, values.text(r.code) or "", values.text(r.message) or "", bool(r.retry)) for r in rejected
        ]

        async def work(tx: Tx) -> Answer | Conflict:
            checked = await give_outgoing.check(tx, sender)
            if isinstance(checked, Conflict):
                return checked
            return await give_outgoing.acknowledge(tx, checked[0], accepted, answers)

        return await keyed.run(work)


def _sender(call: Envelope | SingleCommand | EpochCall | Ack, caller: UUID) -> Sender:
    return _sender_of(call.base, call.epoch, call.instance, caller)


def _sender_of(base: UUID, epoch: UUID, instance: str, caller: UUID) -> Sender:
    if base != caller:
        raise NotYours
    read = values.text(instance)
    if read is None or len(read) > LONGEST_INSTANCE:
        raise Malformed(f"expected a text of 1 to {LONGEST_INSTANCE} characters", "/instance")
    return Sender(base, epoch, read)


# -- reading


def _read(message: Message, envelope: Envelope, inbound: Inbound) -> None:
    """Each object and command by itself; a bad one spoils only itself. Bytes that are no UTF-8 spoil all."""
    try:
        for index, raw in enumerate(envelope.objects or ()):
            try:
                message.arrived.append(arrived(inbound.object(index, raw), message.epoch_no, message.number))
            except Unreadable as error:
                message.bad.append(_bad(index, bytes(raw), error))
        for index, raw in enumerate(envelope.commands or ()):
            try:
                rank = (message.epoch_no, message.number, COMMAND_INDEX + index)
                message.commands.append(_stored(inbound.command(raw), rank))
            except Unreadable as error:
                message.refused[index] = _refused(bytes(raw), error)
    except UnicodeDecodeError as error:
        raise Malformed(str(error)) from error


def _pack(body: bytes) -> asyncio.Future[tuple[bytes, bytes]]:
    """Hash and packed body, begun at once."""
    loop = asyncio.get_running_loop()
    if len(body) >= OFFLOAD_BYTES:
        return loop.run_in_executor(None, _packed, body)
    done: asyncio.Future[tuple[bytes, bytes]] = loop.create_future()
    done.set_result(_packed(body))
    return done


def _packed(body: bytes) -> tuple[bytes, bytes]:
    return hashlib.sha256(body).digest(), zlib.compress(body, 1)


def arrived(one: Object, epoch_no: int, number: int) -> Arrived:
    """What a use case takes of an object that was read, at its rank."""
    state = State(
        one.kind, one.ref, one.version, one.hash, (epoch_no, number, one.index), one.deleted, one.posted, one.event_id,
        one.body,
    )  # fmt: skip
    return Arrived(state, one.needs, one.odd_sums)


def _stored(command: Command, rank: tuple[int, int, int]) -> Stored:
    issued_at = datetime.fromisoformat(command.issued_at) if command.issued_at else None
    return Stored(
        command.id, command.type, command.hash, command.order_ref, command.data, rank, issued_at, command.issued_by
    )


class _Head(msgspec.Struct):
    """What tells an unreadable object or command; the rest of it is passed over."""

    kind: Any = None
    ref: Any = None
    id: Any = None


def _head(raw: bytes) -> tuple[str, str, str]:
    """(kind, ref, id) as far as they can be read; the reference as it is compared with later versions'."""
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", "", ""
    try:
        ref = values.guid(head.ref)
    except ValueError:
        ref = _text(head.ref)
    return _text(head.kind), ref or "", _text(head.id)


def _text(value: Any) -> str:
    try:
        return values.text(value) or ""
    except ValueError:
        return ""


def _bad(index: int, raw: bytes, error: Unreadable) -> Bad:
    kind, ref, _ = _head(raw)
    return Bad(kind, ref, index, error.code, error.what, raw, error.field, error.value)


def _refused(raw: bytes, error: Unreadable) -> Answer:
    return {"id": _head(raw)[2], "status": "rejected", "code": error.code, "message": error.what, "result": {}}


def _count(base: str, answer: Answer | Conflict) -> None:
    if isinstance(answer, Conflict):
        metrics.INTAKE.labels(base, answer.code).inc()
        return
    metrics.INTAKE.labels(base, answer["status"]).inc()
    if answer["status"] == "accepted":
        for became, count in answer["objects"].items():
            metrics.INTAKE_OBJECTS.labels(base, became).inc(count)
        metrics.INTAKE_OBJECTS.labels(base, "quarantined").inc(len(answer["quarantined"]))
