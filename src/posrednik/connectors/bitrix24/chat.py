"""A line in a chat of the portal, for the weekly status. `im.message.add` has no key against repeats, so the line
carries the message's id, and what is in doubt is looked for among the chat's last lines first."""

from collections.abc import Mapping
from typing import Any

import msgspec

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome, Refused
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.inbound import Problem, new_id
from posrednik.connectors.bitrix24.transport import Calls

METHOD = "chat.say"
LAST_LINES = 50


class Line(msgspec.Struct, frozen=True):
    """dialog: "chat17" or a user's id. text: with Bitrix24's own marks ([B], [URL])."""

    dialog: str
    text: str


async def say(calls: Calls, item: Item) -> Outcome:
    """Put the line into its chat."""
    line = _line(item)
    if line is None:
        return _unfit()
    answer = await calls.call(wire.MESSAGE_ADD, {"DIALOG_ID": line.dialog, "MESSAGE": marked(item, line)})
    if isinstance(answer, Problem):
        return answer.outcome(writing=True)
    return Accepted(str(new_id(answer.result) or answer.result))


async def find(calls: Calls, item: Item) -> Outcome | NotThere:
    """Whether the line stands among the last of its chat. Reads only."""
    line = _line(item)
    if line is None:
        return _unfit()
    answer = await calls.call(wire.MESSAGES_GET, {"DIALOG_ID": line.dialog, "LIMIT": LAST_LINES})
    if isinstance(answer, Problem):
        return answer.outcome(writing=False)
    found = next((one for one in _messages(answer.result) if marker(item) in str(one.get("text") or "")), None)
    return NotThere() if found is None else Accepted(str(found.get("id")))


def marker(item: Item) -> str:
    return f"№ {item.id}"


def marked(item: Item, line: Line) -> str:
    return f"{line.text}\n{marker(item)}"


def _line(item: Item) -> Line | None:
    try:
        return msgspec.convert(dict(item.body), Line)
    except msgspec.ValidationError:
        return None


def _messages(result: Any) -> list[Mapping[str, Any]]:
    rows = result.get("messages") if isinstance(result, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _unfit() -> Refused:
    return Refused("сообщение непригодно: нужны чат и текст", "bad_body")
