"""Lines in the chat of a delivery's task. In the new task card the chat takes the place of comments.

Nothing protects a line from being written twice, so each ends with a short mark, and what is in doubt is looked for
among the last lines. One or two go by REST v3, each by itself; many ride in batches to the chats of their tasks, which
costs a portal of two calls a second far less.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from posrednik.connectors.base import Accepted, Held, Item, LookUpReport, NotThere, Outcome, Report
from posrednik.connectors.bitrix24 import asides, wire
from posrednik.connectors.bitrix24.acts import Facts
from posrednik.connectors.bitrix24.asides import Got
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.inbound import Problem
from posrednik.connectors.bitrix24.texts import harmless
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.routes import SAY

LAST_LINES = 50
LONGEST = 4000
SINGLES = 2
ABSENT_FOR_S = 3600.0
_GONE = "сказать об этом некуда"


class Body(asides.OfDelivery, frozen=True):
    """Of `task.say`. text: plain, of anybody."""

    text: str


class Line:
    """One line on its way. chat: of its task, None = not known or none."""

    def __init__(self, item: Item, body: Body, task_id: str) -> None:
        self.item, self.task_id = item, task_id
        self.text = f"{harmless(body.text[:LONGEST])}\n{mark(item)}"
        self.chat: str | None = None
        self.outcome: Outcome | None = None

    @property
    def open(self) -> bool:
        return self.outcome is None


class Comments:
    """The acts of `task.say`. clock: Unix time in seconds."""

    methods = frozenset({SAY.method})

    def __init__(self, facts: Facts, clock: Callable[[], float] = time.time) -> None:
        self._facts, self._clock = facts, clock
        self._patience = asides.for_task()
        self._v3_absent_until = 0.0

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        lines = await self._lines(items, report)
        if len(lines) > SINGLES or not self._has_v3:
            await _find_chats(calls, lines)
            await _run(calls, [line for line in lines if line.open and line.chat], _to_chat)
        for line in lines:
            if line.open and self._has_v3:
                line.outcome = await self._by_v3(calls, line)
        await _run(calls, [line for line in lines if line.open], _as_comment)
        for line in lines:
            report(line.item, line.outcome or Accepted())

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        lines = await self._lines(items, report)
        await _find_chats(calls, lines)
        asked = [(line, _last_lines(line)) for line in lines if line.open]
        for line, _, answer in await asides.run(calls, asked):
            report(line.item, _found(line, answer))
        for line in lines:
            if line.outcome is not None:
                report(line.item, line.outcome)

    @property
    def _has_v3(self) -> bool:
        return self._clock() >= self._v3_absent_until

    async def _lines(self, items: Sequence[Item], report: Callable[[Item, Outcome], None]) -> list[Line]:
        going = await asides.with_tasks(self._facts, self._patience, items, Body, report)
        return [Line(item, body, task_id) for item, body, task_id in going]

    async def _by_v3(self, calls: Calls, line: Line) -> Outcome | None:
        """None: REST v3 of this portal is no way to say it."""
        try:
            fields = {"taskId": int(line.task_id), "text": line.text}
            answer: Got = await calls.call(wire.CHAT_SEND, {"fields": fields}, key=str(line.item.id), v3=True)
        except Held as held:
            answer = asides.not_let(held)
        if isinstance(answer, Problem) and (asides.closed(answer) or answer.kind is Kind.UNFIT):
            self._v3_absent_until = self._clock() + ABSENT_FOR_S
            return None
        return _said(answer)


def mark(item: Item) -> str:
    return f"№ {item.id.hex[-8:]}"


async def _find_chats(calls: Calls, lines: Sequence[Line]) -> None:
    asked = [(line, asides.read_task(line.task_id, "CHAT_ID")) for line in lines]
    for line, _, answer in await asides.run(calls, asked):
        task = asides.task_in(answer)
        if isinstance(answer, Problem):
            line.outcome = asides.outcome_of(answer, writing=False)
        elif task is None:
            line.outcome = asides.without_task(_GONE)
        else:
            number = str(task.get("chatId") or "")
            line.chat = f"chat{number}" if number.isdigit() and int(number) else None


async def _run(calls: Calls, lines: Sequence[Line], command_of: Callable[[Line], Command]) -> None:
    """A chat that is closed to us leaves its lines open for another way."""
    for line, command, answer in await asides.run(calls, [(line, command_of(line)) for line in lines]):
        refused = isinstance(answer, Problem) and (asides.closed(answer) or answer.kind is Kind.RULE)
        if not (refused and command.method == wire.MESSAGE_ADD):
            line.outcome = _said(answer)


def _to_chat(line: Line) -> Command:
    return asides.write(wire.MESSAGE_ADD, {"DIALOG_ID": line.chat, "MESSAGE": line.text, "URL_PREVIEW": "N"})


def _as_comment(line: Line) -> Command:
    return asides.write(wire.COMMENT_ADD, {"0": int(line.task_id), "1": {"POST_MESSAGE": line.text}})


def _said(answer: Got) -> Outcome:
    if not isinstance(answer, Problem):
        return Accepted()
    return asides.without_task(_GONE) if answer.kind is Kind.MISSING else asides.outcome_of(answer, writing=True)


def _last_lines(line: Line) -> Command:
    if line.chat:
        return asides.read(wire.MESSAGES_GET, {"DIALOG_ID": line.chat, "LIMIT": LAST_LINES})
    return asides.read(wire.COMMENT_LIST, {"0": int(line.task_id), "1": {"ID": "desc"}})


def _found(line: Line, answer: Got) -> Outcome | NotThere:
    """Where nobody lets us look, the line counts as written: lost once is better than said twice."""
    if isinstance(answer, Problem):
        if asides.closed(answer) or answer.kind is Kind.RULE:
            return Accepted(why="дошло ли, проверить нельзя: портал не показывает строки чата", code="not_checked")
        return asides.outcome_of(answer, writing=False)
    return Accepted() if any(mark(line.item) in text for text in _texts(answer.result)) else NotThere()


def _texts(result: Any) -> list[str]:
    rows = result.get("messages") if isinstance(result, Mapping) else result
    known = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return [str(row.get("text") or row.get("POST_MESSAGE") or "") for row in known]
