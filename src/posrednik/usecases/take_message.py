"""POST /exchange/messages: one message of a base, applied whole in one transaction. Rules: contract.md §2."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.events import command_finished
from posrednik.domain.texts import ACTIONS, text
from posrednik.kit.quoting import quotable
from posrednik.store import commands, inbox, journal
from posrednik.store.commands import Stored
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.store.lanes import BULK, PERSON
from posrednik.store.mirror import Bad, State
from posrednik.usecases.after_restore import confirm
from posrednik.usecases.exchange_guard import Conflict, Sender, admit, refuse, system
from posrednik.usecases.order_desk import OrderDesk, actor_of, orders_of
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.own_restore import SENT_AGAIN, sent_again
from posrednik.usecases.owned_objects import take_owned
from posrednik.usecases.reconcile_commands import COMPARING, compare
from posrednik.usecases.run_backpack import BACKPACK, run_backpack, transfers_changed
from posrednik.usecases.run_command import order_changed, run_command
from posrednik.usecases.take_objects import Arrived, Taken

MANY_OBJECTS = 100  # more than a person changes by hand: a load, which gives way to what people wait for
COMMAND_INDEX = 10_000  # within a message commands rank after its objects
SINGLE_INDEX = 1_000_000  # a single command ranks after the last message, by arrival
MOST_ODD = 5  # lines named in one entry of the journal
Answer = dict[str, Any]


class MapsChanged(Exception):
    """A value of the base got another meaning while the message was being read: it is to be read again."""


@dataclass(slots=True)
class Message:
    """A message whose parts have been read; their ranks are of epoch `epoch_no`.

    refused: answers of commands that could not be read, by their place in the message. maps_version: of the value maps
    of the base by which it was read.
    """

    sender: Sender
    epoch_no: int
    number: int
    body_hash: bytes
    packed: bytes
    sent: int
    maps_version: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    commands: list[Stored] = field(default_factory=list)
    refused: dict[int, Answer] = field(default_factory=dict)

    def move_to(self, epoch_no: int) -> None:
        """The epoch changed while the message was being read: its ranks are of the new one."""
        self.epoch_no = epoch_no
        self.arrived = [_ranked(one, epoch_no) for one in self.arrived]
        self.commands = [replace(one, rank=(epoch_no, *one.rank[1:])) for one in self.commands]

    def answers(self, done: Sequence[Answer]) -> list[Answer]:
        """The answers of all commands, read and unread, in the order of the message."""
        rest = iter(done)
        total = len(done) + len(self.refused)
        return [self.refused[i] if i in self.refused else next(rest) for i in range(total)]


def _ranked(one: Arrived, epoch_no: int) -> Arrived:
    state = msgspec.structs.replace(one.state, rank=(epoch_no, *one.state.rank[1:]))
    return msgspec.structs.replace(one, state=state)


async def take_message(tx: Tx, message: Message, rules: Rules, now: datetime) -> Answer | Conflict:
    """Apply it and answer; a repeat gets the first answer again, other content under the same number a conflict.

    Raises MapsChanged.
    """
    base = await admit(tx, message.sender, bind=True)
    if isinstance(base, Conflict):
        return base
    before = await inbox.find_message(tx, base, message.number)
    if before is not None:
        return await _again(tx, base, message, before)
    if message.maps_version != base.maps_version:
        raise MapsChanged
    if message.epoch_no != base.epoch_no:
        message.move_to(base.epoch_no)
    last_accepted = await inbox.take_number(tx, base, message.number)
    if last_accepted is None:
        return await _conflict(tx, base, message, forgotten=True)
    rank = (base.epoch_no, message.number)
    taken, bad = await take_owned(tx, base, rules.ownership, rank, message.arrived, message.bad, now)
    if len(bad) > len(message.bad):
        message = replace(message, bad=sorted(bad, key=lambda one: one.index))
    await confirm(tx, base.id, [one.state for one in message.arrived], now)
    done = await _orders_and_commands(tx, base, message, taken, rules, now)
    answer = _answer(message, base, taken, done, last_accepted, await inbox.gaps(tx, base))
    await inbox.add_message(tx, base, message.number, message.body_hash, message.packed, answer)
    await journal.add(tx, _entries(base, message, taken, answer))
    return answer


async def _conflict(tx: Tx, base: Base, message: Message, **detail: Any) -> Conflict:
    """Its numbers have gone back. forgotten: so far that their content is not known any more."""
    await inbox.doubt(tx, base)
    return await refuse(tx, base, "message_conflict", message.sender, number=message.number, **detail)


async def _again(tx: Tx, base: Base, message: Message, before: Any) -> Answer | Conflict:
    if before.body_hash != message.body_hash:
        return await _conflict(tx, base, message)
    answer: Answer = msgspec.json.decode(before.answer)
    summary = f"сообщение № {message.number} повторено, действует первый ответ"
    await journal.add(tx, [Entry("message", system(base.id), "duplicate", summary)])
    return {**answer, "status": "duplicate", "last_accepted": base.last_accepted}


async def _orders_and_commands(
    tx: Tx, base: Base, message: Message, taken: Taken, rules: Rules, now: datetime
) -> list[Answer]:
    priority = BULK if message.sent > MANY_OBJECTS else PERSON
    desk = OrderDesk(tx, base, rules, now)
    return message.answers(await follow(desk, taken.orders, taken.transfers, message.commands, priority=priority))


async def follow(
    desk: OrderDesk, orders: Sequence[State], transfers: Sequence[State], batch: Sequence[Stored] = (), *,
    priority: int = PERSON,
) -> list[Answer]:  # fmt: skip
    """What these objects bring about: deliveries follow their orders, commands that waited for them run, then `batch`.

    Loads of transfers are confirmed last. Loads and saves the desk; answers in the order of `batch`.
    """
    if not orders and not batch and not transfers:
        return []
    changed = orders_of(orders)
    waiting = await commands.waiting_for(desk.tx, desk.base.id, changed)
    await desk.load(*await _touched(desk, changed, [*waiting, *batch]))
    for order_ref in changed:
        order_changed(desk, order_ref, priority)
    _finish_waiting(desk, waiting)
    answers = await run_new(desk, batch)
    await transfers_changed(desk, transfers)
    await desk.save()
    return answers


async def _touched(desk: OrderDesk, changed: Sequence[UUID], batch: Sequence[Stored]) -> tuple[list[UUID], set[str]]:
    """The orders to load (of a bulk of orders only those that anything is known of), and the couriers named."""
    rows = await desk.tx.fetch("orders_touched", {"base_id": desk.base.id, "order_refs": list(changed)})
    refs = [row.order_ref for row in rows] + [command.order_ref for command in batch if command.order_ref]
    return refs, {command.data["courier"] for command in batch if "courier" in command.data}


def _finish_waiting(desk: OrderDesk, waiting: Sequence[Stored]) -> None:
    """Commands whose order has come: run them and tell 1C by an event."""
    for command in waiting:
        run_command(desk, command)
        if command.status == "waiting":
            continue
        assert command.order_ref is not None  # only commands of an order wait for one
        order = desk.orders[command.order_ref]
        event = command_finished(
            command_id=command.id, base_id=desk.base.id, status=command.status, result=command.result or {},
            actor=actor_of(desk.base, command.issued_by), now=desk.now, division_ref=order.division_ref,
            code=command.code, message=command.message,
        )  # fmt: skip
        desk.emit(event, command.order_ref)
        desk.entries.append(_command_entry(desk.base, command))
    desk.finished = list(waiting)


async def run_new(desk: OrderDesk, batch: Sequence[Stored]) -> list[Answer]:
    """Run commands that are new; known ids get their current answer. Answers in the order of `batch`."""
    known = await commands.find(desk.tx, desk.base.id, [command.id for command in batch])
    ran = {command.id: command for command in desk.finished}
    answers: list[Answer] = []
    for command in batch:
        if command.id in ran or command.id in known:
            answers.append(_known_answer(desk, command, known.get(command.id), ran.get(command.id)))
            continue
        if command.type in BACKPACK:
            await run_backpack(desk, command)
        elif command.type in COMPARING:
            await compare(desk, command)
        elif command.type == SENT_AGAIN:
            await sent_again(desk, command)
        else:
            run_command(desk, command)
        ran[command.id] = command
        desk.entries.append(_command_entry(desk.base, command))
        answers.append(command_answer(command))
    await commands.put(desk.tx, desk.base.id, list(ran.values()))
    return answers


def command_answer(command: Stored) -> Answer:
    """An element of `commands` of the answer."""
    return _told(command.id, command.status, command.code, command.message, command.result or {})


def _known_answer(desk: OrderDesk, command: Stored, row: Any, ran: Stored | None) -> Answer:
    """What became of this id. ran: in this request; row: as it was stored before it."""
    if (ran.hash if ran else row.content_hash) != command.hash:
        desk.entries.append(_conflict_entry(desk.base, command))
        return _told(command.id, "rejected", "command_conflict", text("command_conflict"), {})
    if ran:
        return command_answer(ran)
    return _told(command.id, row.status, row.code, row.message, msgspec.json.decode(row.result))


def _told(command_id: UUID, status: str, code: str | None, message: str | None, result: Any) -> Answer:
    return {"id": str(command_id), "status": status, "code": code, "message": message, "result": result}


def _command_entry(base: Base, command: Stored) -> Entry:
    title = ACTIONS[command.type.removeprefix("delivery.")][0]
    summary = f"«{title}»" + (f" ({quotable(command.issued_by)})" if command.issued_by else "")
    if command.message:
        summary += f": {command.message}"
    return Entry("command", system(base.id), command.status, summary, command.code or "", command.order_ref,
                 detail={"id": str(command.id), "type": command.type})  # fmt: skip


def _conflict_entry(base: Base, command: Stored) -> Entry:
    return Entry("command", system(base.id), "refused", text("command_conflict"), "command_conflict",
                 command.order_ref, detail={"id": str(command.id), "type": command.type})  # fmt: skip


def _answer(
    message: Message, base: Base, taken: Taken, done: list[Answer], last_accepted: int, gap: list[int]
) -> Answer:
    return {
        "status": "accepted",
        "number": message.number,
        "last_accepted": last_accepted,
        "epoch": str(base.epoch),
        "objects": taken.counts(),
        "released": taken.released,
        "quarantined": [
            {
                "index": b.index,
                "kind": b.kind,
                "ref": b.ref,
                "code": b.code,
                "message": b.message,
                "field": b.field,
                "value": b.value,
            }
            for b in message.bad
        ],
        "commands": done,
        "gap": gap,
    }


def _entries(base: Base, message: Message, taken: Taken, answer: Answer) -> list[Entry]:
    objects = answer["objects"]
    summary = f"сообщение № {message.number}: объектов {message.sent}, команд {len(answer['commands'])}"
    if message.bad:
        summary += f", в карантин {len(message.bad)}"
    if answer["gap"]:
        summary += f", не хватает номеров: {len(answer['gap'])}"
    statuses = dict(Counter(c["status"] for c in answer["commands"]))
    detail = {
        "number": message.number,
        **objects,
        "released": taken.released,
        "quarantined": len(message.bad),
        "commands": statuses,
    }
    where = system(base.id)
    entries = [Entry("message", where, "accepted", summary, detail=detail)]
    entries += [_order_entry(where, state, "applied", message.number) for state in taken.orders]
    entries += [_order_entry(where, state, "waiting", message.number) for state in taken.waiting_orders]
    entries += [_odd_sum_entry(where, state, odd) for state, odd in taken.odd_sums]
    entries += [refused_entry(where, refused) for refused in message.refused.values()]
    return entries


def _order_entry(where: str, state: State, became: str, number: int) -> Entry:
    words = {"applied": "заказ принят", "waiting": "заказ ждёт данных, на которые ссылается"}
    return Entry("object", where, became, f"{words[became]}, сообщение № {number}", order_ref=UUID(state.ref))


def _odd_sum_entry(where: str, state: State, odd: Sequence[str]) -> Entry:
    order_ref = UUID(state.ref) if state.kind == "order" else None
    summary = f"сумма строки не равна количеству × цене, принята сумма: {'; '.join(odd[:MOST_ODD])}"
    return Entry("object", where, "odd_sum", summary, "odd_sum", order_ref,
                 detail={"kind": state.kind, "ref": state.ref, "lines": len(odd)})  # fmt: skip


def refused_entry(where: str, refused: Answer) -> Entry:
    return Entry("command", where, "rejected", f"команда не читается: {refused['message']}", refused["code"],
                 detail={"id": refused["id"]})  # fmt: skip
