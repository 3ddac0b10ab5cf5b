"""Which users of the portal were dismissed: many asked in one batch. See docs/subsystems/portal.md.

Source: official REST documentation of Bitrix24 (user.get), as of August 2026.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from posrednik.connectors.base import Held
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.transport import Calls

USER_GET = "user.get"
NO = ("N", "0", "FALSE")


async def dismissed(calls: Calls, users: Collection[str]) -> set[str]:
    """Of these users (numbers as text) those of whom the portal says now that they are not active. Nobody is, of whom
    it says nothing, or while it does not answer."""
    asked = sorted(users)
    chunks = [asked[n : n + wire.PAGE] for n in range(0, len(asked), wire.PAGE)]
    commands = [command for chunk in chunks for command in _commands(chunk)]
    found: set[str] = set()
    for n in range(0, len(commands), wire.BATCH_MAX):
        batch = {f"u{label}": command for label, command in enumerate(commands[n : n + wire.BATCH_MAX])}
        found |= await _answers(calls, batch)
    return found & set(asked)


def _commands(chunk: Sequence[str]) -> list[Command]:
    """Asked in both ways: some portals leave the dismissed out unless they are asked for."""
    conditions: list[dict[str, Any]] = [{"ID": list(chunk)}, {"ID": list(chunk), "ACTIVE": False}]
    return [Command(Step.READ, USER_GET, {"FILTER": one, "ADMIN_MODE": True}) for one in conditions]


async def _answers(calls: Calls, commands: Mapping[str, Command]) -> set[str]:
    try:
        answers = await calls.batch(commands)
    except Held:
        return set()
    return {user for answer in answers.values() for user in _inactive(answer)}


def _inactive(answer: Answer | Problem) -> list[str]:
    if isinstance(answer, Problem):
        return []
    rows = answer.result.values() if isinstance(answer.result, Mapping) else answer.result
    rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, Collection) else []
    return [str(row.get("ID")) for row in rows if _is_no(row.get("ACTIVE"))]


def _is_no(value: Any) -> bool:
    return value is False or str(value).upper() in NO
