"""Calls to a portal in memory: answers by method, counted; faults by the number of the command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posrednik.connectors.base import TryLater
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import Kind

Serve = Callable[[str, Mapping[str, Any]], Any]
LOST = Problem(Kind.AMBIGUOUS, "http_502", "ответ потерян")


@dataclass
class FakeCalls:
    """serve: the portal; what it raises as `Refusal` is an error there. lost: numbers of commands whose answers get
    lost, done or not."""

    serve: Serve
    lost: frozenset[int] = frozenset()
    done: list[str] = field(default_factory=list)
    rests: dict[str, TryLater] = field(default_factory=dict)

    async def call(self, method: str, body: Mapping[str, Any], *, key: str = "", v3: bool = False) -> Answer | Problem:
        return self._one(method, body)

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | Problem]:
        return {label: self._one(command.method, command.params) for label, command in commands.items()}

    def pause_of(self, method: str) -> TryLater | None:
        return self.rests.get(method)

    def _one(self, method: str, params: Mapping[str, Any]) -> Answer | Problem:
        self.done.append(method)
        try:
            answer = Answer(self.serve(method, params))
        except Refusal as refusal:
            return refusal.problem
        return LOST if len(self.done) in self.lost else answer


class Refusal(Exception):
    def __init__(self, code: str, kind: Kind = Kind.RULE) -> None:
        super().__init__(code)
        self.problem = Problem(kind, code, "Битрикс24: нельзя")
