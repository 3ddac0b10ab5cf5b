"""The wire to one portal: one HTTP call or one classic batch at a time, authorised, charged, judged, learned from.

Shared by the connector and by whatever else asks the portal, so that all of them keep to the same pauses and use one
renewal of tokens.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import aiohttp
import msgspec
from yarl import URL

from posrednik.connectors.base import EVERY, Gate, Held, TryLater
from posrednik.connectors.bitrix24 import inbound, wire
from posrednik.connectors.bitrix24.access import Access, NoAccess, Ticket
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.meter import Ledger
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.kit import http

# A token may be called expired once more right after its renewal; after that it is for an administrator.
TRIES = 2
# One call too many was not executed: it goes once more when the gate lets it, as long as that is not far off.
LIMITED_TRIES = 3
Before = Callable[[], None]


class Meter(Protocol):
    """Is told what each call cost there. Never waits, never raises."""

    def used(self, method: str, answer: Answer) -> float:
        """A definite yes of `method`, alone or inside a batch. Returns seconds that the method had better rest."""

    def refused(self, method: str, problem: Problem) -> float:
        """Anything else. Returns seconds that the method rests where its budget is spent."""


class Transport:
    """session: made by `kit.http`; it is not closed here. timeout_s: one HTTP call. clock: Unix time in seconds."""

    def __init__(
        self, access: Access, session: aiohttp.ClientSession, *, timeout_s: float,
        clock: Callable[[], float] = time.time, meter: Meter | None = None,
    ) -> None:  # fmt: skip
        self.access, self._session, self._clock = access, session, clock
        self._timeout_s = timeout_s
        self._meter = meter or Ledger(clock=clock)
        self._urls: dict[str, URL] = {}
        self._paused: dict[str, tuple[float, Problem]] = {}

    async def call(
        self, gate: Gate, method: str, body: Mapping[str, Any], *, key: str = "", before: Before = lambda: None,
        v3: bool = False, timeout_s: float | None = None,
    ) -> Answer | Problem:  # fmt: skip
        """One HTTP call, charged once; a second one when the token has to be renewed. Raises Held.

        key: of idempotency, REST v3 only. before: called when bytes are about to leave.
        """
        try:
            ticket = await self.access.ticket()
            for left in reversed(range(TRIES)):
                answer = await self._one(gate, ticket, method, body, key, before, v3, timeout_s or self._timeout_s)
                if not (left and ticket.auth and _token_over(answer)):
                    break
                ticket = await self.access.renew(ticket)
        except NoAccess as error:
            self._meter.refused(method, error.problem)
            return error.problem
        return answer if method == wire.BATCH and isinstance(answer, Answer) else self._learn(gate, method, answer)

    async def _one(
        self, gate: Gate, ticket: Ticket, method: str, body: Mapping[str, Any], key: str, before: Before, v3: bool,
        timeout_s: float,
    ) -> Answer | Problem:  # fmt: skip
        """The answer to a call that was let in there."""
        for left in reversed(range(LIMITED_TRIES)):
            await gate.enter(method)
            before()
            answer = await self._post(ticket, method, body, key, v3, timeout_s)
            if not (isinstance(answer, Problem) and answer.kind is Kind.LIMIT):
                break
            gate.slow_down(answer.pause_s)
            if left:
                self._meter.refused(method, answer)
        return answer

    async def batch(
        self, gate: Gate, commands: Mapping[str, Command], before: Before = lambda: None
    ) -> dict[str, Answer | Problem]:
        """At most 50 commands in one HTTP call, answered per label; commands whose token expired on the way, which
        were not executed, go once more. An answer that is no batch's is everyone's. Raises Held."""
        parts, ticket = await self._batch_once(gate, commands, before)
        over = {label: commands[label] for label, part in parts.items() if ticket and _token_over(part)}
        if not over or ticket is None:
            return parts
        try:
            await self.access.renew(ticket)
            return parts | (await self._batch_once(gate, over, before))[0]
        except (NoAccess, Held):
            return parts

    async def _batch_once(
        self, gate: Gate, commands: Mapping[str, Command], before: Before
    ) -> tuple[dict[str, Answer | Problem], Ticket | None]:
        """With a ticket not newer than the one that the commands went by, so that nobody renews what somebody has
        renewed meanwhile; None where no batch was answered at all."""
        body = {"halt": 0, "cmd": {label: command.line() for label, command in commands.items()}}
        try:
            ticket = await self.access.ticket()
        except NoAccess as error:
            return dict.fromkeys(commands, error.problem), None
        answer = await self.call(gate, wire.BATCH, body, before=before)
        if isinstance(answer, Problem):
            return dict.fromkeys(commands, answer), None
        parts = inbound.batch(answer, commands, ticket.secrets)
        return {label: self._learn(gate, commands[label].method, part) for label, part in parts.items()}, ticket

    async def _post(
        self, ticket: Ticket, method: str, body: Mapping[str, Any], key: str, v3: bool, timeout_s: float
    ) -> Answer | Problem:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        told = {**body, "auth": ticket.auth} if ticket.auth else body
        try:
            async with self._session.post(
                self._url((ticket.v3_root if v3 else ticket.classic_root) + method),
                data=msgspec.json.encode(told), headers=headers, allow_redirects=False,
                timeout=http.timeouts(timeout_s),
            ) as response:  # fmt: skip
                raw = await http.read_capped(response)
                return inbound.read(response.status, raw, ticket.secrets, v3)
        except http.TRANSPORT_ERRORS as error:
            return inbound.transport(http.classify(error))

    def _url(self, text: str) -> URL:
        return self._urls.setdefault(text, URL(text))

    def _learn(self, gate: Gate, method: str, answer: Answer | Problem) -> Answer | Problem:
        """Tell the meter; a method whose budget is spent, or nearly, rests."""
        if isinstance(answer, Answer):
            rest_s = self._meter.used(method, answer)
            if rest_s > 0:
                self._rest(gate, method, Problem(Kind.BUDGET, "operating_rest", wire.NEARLY_SPENT, rest_s))
            return answer
        rest_s = self._meter.refused(method, answer)
        if answer.kind is Kind.OVERLOAD:  # nobody may call meanwhile, whoever asks the portal
            gate.pause(EVERY, answer.pause_s, answer.why)
        if answer.kind is not Kind.BUDGET:
            return answer
        spent = replace(answer, pause_s=rest_s)
        self._rest(gate, method, spent)
        return spent

    def _rest(self, gate: Gate, method: str, why: Problem) -> None:
        self._paused[method] = (self._clock() + why.pause_s, why)
        gate.pause(method, why.pause_s, why.why)

    def pause_of(self, method: str) -> TryLater | None:
        """Commands inside a batch do not pass the gate by their own names, so their pauses are kept here."""
        until, problem = self._paused.get(method, (0.0, None))
        left = until - self._clock()
        if problem is None or left <= 0:
            return None
        return TryLater(problem.why, problem.code, left, "method", free=True, status=problem.status)


def _token_over(part: Answer | Problem) -> bool:
    return isinstance(part, Problem) and part.code in wire.TOKEN_OVER


@dataclass(frozen=True, slots=True)
class Calls:
    """A transport at one gate. Both raise Held: nothing was sent then."""

    transport: Transport
    gate: Gate

    async def call(self, method: str, body: Mapping[str, Any], *, key: str = "", v3: bool = False) -> Answer | Problem:
        return await self.transport.call(self.gate, method, body, key=key, v3=v3)

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | Problem]:
        return await self.transport.batch(self.gate, commands)

    def pause_of(self, method: str) -> TryLater | None:
        return self.transport.pause_of(method)
