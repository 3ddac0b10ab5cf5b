"""Delivers events to one subscription as Standard Webhooks. See docs/subsystems/connectors.md."""

import asyncio
import time
from collections.abc import Callable, Sequence

import aiohttp

from posrednik.connectors.base import (
    Gate,
    Held,
    Item,
    LookUpReport,
    NotThere,
    Outcome,
    Refused,
    Report,
    TryLater,
)
from posrednik.connectors.site import inbound, outbound, wire
from posrednik.kit import http
from posrednik.kit.quoting import quotable

retry_schedule = wire.RETRY_SCHEDULE
REQUEST_TIMEOUT_S = 20.0
CONNECT_S = 10.0
GATE_METHOD = "webhook"
# Enough for the reason of a refusal; a receiver that answers at length does not get its answer read.
ANSWER_LIMIT = 4096
_REPEATABLE = NotThere("приёмник узнаёт повтор по webhook-id, отправка безопасна")
_STOPPED = TryLater("отправка прервана остановкой службы", "stopped", free=True)


class SiteConnector:
    """One subscription: posts each event, in order per lane, under the message's id.

    url: see `outbound.target`. secrets: one or more `whsec_…`, newest first.
    session: made by `kit.http.new_session`, with `public_only=True` unless `allow_private`.
    Raises BadTarget (a ValueError) for an address, a secret or a session that is unfit.
    The session is not closed here.
    """

    kind = "site"
    group_size = 1
    # Nothing is ever unclear here, so nothing has to be waited out.
    time_limit_s = 0.0

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        allow_private: bool,
        session: aiohttp.ClientSession,
        *,
        timeout_s: float = REQUEST_TIMEOUT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not allow_private and not isinstance(session.connector, http.GuardedConnector):
            raise outbound.BadTarget("сессия не проверяет адреса: нужна new_session(public_only=True)")
        self.timeout_s = timeout_s
        self._url = outbound.target(url, allow_private)
        self._signer = outbound.Signer(secrets)
        self._secrets = tuple(secrets)
        self._session = session
        # The call as a whole is bounded; a timer for each part of it too costs a twentieth of the worker's time.
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(CONNECT_S, timeout_s))
        self._clock = clock

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        """Post each item; reports in the order given. Method: `webhook`."""
        waiting = list(items)
        try:
            while waiting:
                outcome = await self._one(waiting[0], gate)
                report(waiting.pop(0), outcome)
        except asyncio.CancelledError:
            for item in waiting:
                report(item, _STOPPED)
            raise

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        """There is nothing to look at and no need to: a repeat under the same id has no second effect."""
        for item in items:
            report(item, _REPEATABLE)

    async def close(self) -> None:
        """The session belongs to whoever made it."""

    async def _one(self, item: Item, gate: Gate) -> Outcome:
        if item.method != GATE_METHOD:
            return Refused(f"неизвестное действие «{item.method}»", "unknown_method")
        try:
            body = outbound.encode(item.body)
            await gate.enter(GATE_METHOD)
            return await self._post(str(item.id), body)
        except Held as held:
            return held.outcome()
        except http.TRANSPORT_ERRORS as error:
            return inbound.failure(http.classify(error))
        except (TypeError, ValueError) as error:
            return Refused(f"сообщение нельзя записать в JSON ({type(error).__name__})", "bad_body")

    async def _post(self, message_id: str, body: bytes) -> Outcome:
        now_s = self._clock()
        headers = self._signer.headers(message_id, int(now_s), body)
        async with self._session.post(
            self._url, data=body, headers=headers, allow_redirects=False, timeout=self._timeout
        ) as response:
            answer = await self._answer(response)
            return inbound.outcome(response.status, response.headers.get("Retry-After"), answer, now_s)

    async def _answer(self, response: aiohttp.ClientResponse) -> str:
        """The text of an answer. Its status has come whole already, so a cut body changes nothing.

        A success has nothing to tell; its body is only taken off the connection, if it is not off already.
        """
        if 200 <= response.status < 300 and response.content.is_eof():
            return ""
        try:
            raw = await http.read_capped(response, ANSWER_LIMIT)
        except http.TRANSPORT_ERRORS:
            return ""
        if 200 <= response.status < 300:
            return ""
        return quotable(inbound.readable(raw.decode(errors="replace")), self._secrets)
