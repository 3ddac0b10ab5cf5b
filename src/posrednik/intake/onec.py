"""The way in for 1C: raw body → connectors/onec (wire, canonical) → use case, in one transaction (contract.md §2)."""

import asyncio
import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from posrednik.connectors.onec.inbound import Command, Inbound, Object, Unreadable
from posrednik.connectors.onec.wire import Ack, Envelope, EpochCall, SingleCommand
from posrednik.kit import metrics
from posrednik.kit.values import without_nul
from posrednik.store import outgoing
from posrednik.store.commands import Stored
from posrednik.store.db import Database, Tx
from posrednik.store.inbox import get_base
from posrednik.store.mirror import Bad, State
from posrednik.usecases import declare_epoch, give_outgoing, take_command
from posrednik.usecases.exchange_guard import Conflict, Sender
from posrednik.usecases.give_outgoing import Answered
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.take_message import COMMAND_INDEX, Answer, Message, take_message
from posrednik.usecases.take_objects import Arrived

T = TypeVar("T")
OFFLOAD_BYTES = 64 * 1024  # a body above this is packed and hashed in a thread: both release the interpreter


class Malformed(Exception):
    """The envelope cannot be read or is over a limit; nothing was taken. status: 400 or 413."""

    def __init__(self, what: str, *, status: int = 400, code: str = "malformed") -> None:
        super().__init__(what)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Limits:
    objects: int = 1000
    commands: int = 200


class OneC:
    """Everything a base can ask for. Answers are plain data; a Conflict is told as 409."""

    def __init__(self, db: Database, rules: Rules, limits: Limits = Limits()) -> None:
        self._db, self._rules, self._limits = db, rules, limits

    async def message(self, body: bytes, caller: UUID) -> Answer | Conflict:
        """POST /exchange/messages. Raises Malformed."""
        envelope = _decode(body, Envelope)
        _own(envelope.base, caller)
        self._check(envelope)
        base = await self._db.transact(lambda tx: get_base(tx, envelope.base))
        if base is None:
            return Conflict("unknown_base")
        message = self._read(envelope, Inbound(base.time_zone), base.epoch_no or 1)
        message.body_hash, message.packed = await _pack(body)
        answer = await self._db.transact(lambda tx: take_message(tx, message, self._rules, datetime.now(UTC)))
        _count(str(envelope.base), answer)
        return answer

    def _check(self, envelope: Envelope) -> None:
        if envelope.number < 1:
            raise Malformed("номер сообщения начинается с 1")
        if len(envelope.objects) > self._limits.objects or len(envelope.commands) > self._limits.commands:
            raise Malformed(
                f"в сообщении не больше {self._limits.objects} объектов и {self._limits.commands} команд",
                status=413, code="too_large",
            )  # fmt: skip

    def _read(self, envelope: Envelope, inbound: Inbound, epoch_no: int) -> Message:
        sender = Sender(envelope.base, envelope.epoch, envelope.instance)
        message = Message(sender, envelope.number, b"", b"", len(envelope.objects))
        for index, raw in enumerate(envelope.objects):
            try:
                message.arrived.append(_arrived(inbound.object(index, raw), epoch_no, envelope.number))
            except Unreadable as error:
                message.bad.append(_bad(index, bytes(raw), error))
        for index, raw in enumerate(envelope.commands):
            try:
                command = inbound.command(raw)
                message.commands.append(_stored(command, (epoch_no, envelope.number, COMMAND_INDEX + index)))
            except Unreadable as error:
                message.refused.append(_refused(bytes(raw), error))
        return message

    async def command(self, body: bytes, caller: UUID) -> Answer | Conflict:
        """POST /exchange/commands. Raises Malformed."""
        call = _decode(body, SingleCommand)
        _own(call.base, caller)
        base = await self._db.transact(lambda tx: get_base(tx, call.base))
        if base is None:
            return Conflict("unknown_base")
        try:
            command = _stored(Inbound(base.time_zone).command(call.command), (0, 0, 0))
        except Unreadable as error:
            return _refused(bytes(call.command), error)
        sender = Sender(call.base, call.epoch, call.instance)
        answer = await self._db.transact(
            lambda tx: take_command.take_command(tx, sender, command, self._rules, datetime.now(UTC))
        )
        if not isinstance(answer, Conflict):
            metrics.COMMANDS.labels(command.type, answer["status"]).inc()
        return answer

    async def epoch(self, body: bytes, caller: UUID) -> Answer | Conflict:
        """POST /exchange/epochs. Raises Malformed."""
        call = _decode(body, EpochCall)
        _own(call.base, caller)
        sender = Sender(call.base, call.epoch, call.instance)
        return await self._db.transact(lambda tx: declare_epoch.declare_epoch(tx, sender, call.reason))

    async def state(self, sender: Sender, caller: UUID) -> Answer | Conflict:
        """GET /exchange/state."""
        _own(sender.base_id, caller)
        return await self._db.transact(lambda tx: declare_epoch.exchange_state(tx, sender))

    async def outgoing(
        self, sender: Sender, caller: UUID, *, limit: int, after: int | None, wait_for_news: Any, wait_s: float
    ) -> Answer | Conflict:
        """GET /exchange/outgoing: long poll. wait_for_news(seconds) returns early when there may be something."""
        _own(sender.base_id, caller)
        checked = await self._db.transact(lambda tx: give_outgoing.check(tx, sender))
        if isinstance(checked, Conflict):
            return checked
        base, destination_id = checked
        if after is not None:
            return await self._db.transact(lambda tx: give_outgoing.give_again(tx, base, after, limit))
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            if await outgoing.anything_due(self._db, destination_id):
                given = await self._db.transact(lambda tx: give_outgoing.give(tx, base, destination_id, limit))
                if given["events"]:
                    return given
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return {"batch": str(UUID(int=0)), "events": []}
            await wait_for_news(min(left, 1.0))

    async def acknowledge(self, body: bytes, caller: UUID) -> Answer | Conflict:
        """POST /exchange/outgoing/ack. Raises Malformed and give_outgoing.UnknownEvents."""
        ack = _decode(body, Ack)
        _own(ack.base, caller)
        sender = Sender(ack.base, ack.epoch, ack.instance)
        rejected = [Answered(r.id, r.code, r.message, r.retry) for r in ack.rejected]

        async def work(tx: Tx) -> Answer | Conflict:
            checked = await give_outgoing.check(tx, sender)
            if isinstance(checked, Conflict):
                return checked
            return await give_outgoing.acknowledge(tx, checked[0], ack.accepted, rejected)

        return await self._db.transact(work)


class NotYours(Exception):
    """The token belongs to another base than the request speaks for."""


def _own(base: UUID, caller: UUID) -> None:
    if base != caller:
        raise NotYours


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"конверт не читается: {error}") from error


async def _pack(body: bytes) -> tuple[bytes, bytes]:
    def work() -> tuple[bytes, bytes]:
        return hashlib.sha256(body).digest(), zlib.compress(body, 1)

    return work() if len(body) < OFFLOAD_BYTES else await asyncio.to_thread(work)


def _arrived(one: Object, epoch_no: int, number: int) -> Arrived:
    state = State(
        one.kind, one.ref, one.version, one.hash, (epoch_no, number, one.index), one.deleted, one.posted, one.event_id,
        one.body,
    )  # fmt: skip
    return Arrived(state, one.needs)


def _stored(command: Command, rank: tuple[int, int, int]) -> Stored:
    issued_at = datetime.fromisoformat(command.issued_at) if command.issued_at else None
    return Stored(
        command.id, command.type, command.hash, command.order_ref, command.data, rank, issued_at, command.issued_by
    )


def _bad(index: int, raw: bytes, error: Unreadable) -> Bad:
    found = _peek(raw)
    return Bad(str(found.get("kind") or ""), str(found.get("ref") or ""), index, error.code, error.what, raw)


def _refused(raw: bytes, error: Unreadable) -> Answer:
    found = _peek(raw)
    return {"id": str(found.get("id") or ""), "status": "rejected", "code": error.code, "message": error.what,
            "result": {}}  # fmt: skip


def _peek(raw: bytes) -> dict[str, Any]:
    found = without_nul(msgspec.json.decode(raw))
    return found if isinstance(found, dict) else {}


def _count(base: str, answer: Answer | Conflict) -> None:
    if isinstance(answer, Conflict):
        metrics.INTAKE.labels(base, answer.code).inc()
        return
    metrics.INTAKE.labels(base, answer["status"]).inc()
    if answer["status"] == "accepted":
        for became, count in answer["objects"].items():
            metrics.INTAKE_OBJECTS.labels(base, became).inc(count)
        metrics.INTAKE_OBJECTS.labels(base, "quarantined").inc(len(answer["quarantined"]))
