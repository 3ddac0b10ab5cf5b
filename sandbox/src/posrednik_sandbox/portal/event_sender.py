"""Sends events to their handlers as the portal's queue server does: once, without a repeat, one at a time each.

A handler that is slow is called more seldom. What is late on purpose (a fault) waits by the portal's clock.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from posrednik_sandbox.portal.clock import iso

if TYPE_CHECKING:
    from posrednik_sandbox.portal.portal import Portal

MOST_WAITING = 100_000
SLOW_S = 1.0
LONGEST_REST_S = 10.0
# A swapped event that nothing follows is sent after so long.
HELD_S = 2.0


@dataclass(frozen=True)
class Outgoing:
    """One event for one handler. system: without anybody's token. refresh: its token can be renewed."""

    handler_id: int
    url: str
    event: str
    data: Mapping[str, Any]
    user_id: int = 0
    hops: int = 0
    system: bool = False
    refresh: bool = False
    forged: bool = False


@dataclass
class Line:
    """What waits for one address: `(due, order, what)`, the earliest first."""

    waiting: list[tuple[float, int, Outgoing]] = field(default_factory=list)
    held: Outgoing | None = None
    busy: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None


@dataclass
class Told:
    """What became of one delivery; `status` 0 = no answer."""

    at: str | None
    event: str
    url: str
    status: int
    error: str
    note: str
    subject: dict[str, Any]


class Sender:
    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self._lines: dict[str, Line] = {}
        self._session: aiohttp.ClientSession | None = None
        self._moved = asyncio.Event()
        self._order = 0
        self.timeout_s, self.slow_s = 10.0, SLOW_S
        self.counts = {"sent": 0, "failed": 0, "dropped": 0, "throttled": 0, "lost": 0}
        self.log: deque[Told] = deque(maxlen=200)
        portal.clock.on_move(self._clock_moved)

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Sends while the portal's server runs."""
        async with aiohttp.ClientSession() as session:
            self._session = session
            for url in self._lines:
                self._begin(url)
            yield
            self._session = None
            tasks = [line.task for line in self._lines.values() if line.task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def put(self, what: Outgoing) -> None:
        """Into the queue, as the switched-on faults would have it."""
        faults, name = self._portal.faults, what.event.lower()
        if faults.strikes("event_forged", name):
            self._add(replace(what, forged=True))
        if faults.strikes("event_dropped", name):
            self.counts["dropped"] += 1
            self._tell(what, 0, "", "потеряно порталом")
            return
        late = faults.strikes("event_delayed", name)
        if late is None and faults.strikes("event_reordered", name):
            self._hold(what)
            return
        due = self._portal.now() + (late.seconds if late else 0.0)
        for _ in range(2 if faults.strikes("event_duplicated", name) else 1):
            self._add(what, due)

    def put_forged(self, what: Outgoing) -> None:
        """An event from somebody who is not the portal."""
        self._add(replace(what, forged=True))

    async def settled(self) -> None:
        """Wait until nothing is under way and nothing is due."""
        while any(self._is_due(line) for line in self._lines.values()):
            self._moved.clear()
            await self._moved.wait()

    @property
    def waiting(self) -> int:
        return sum(len(line.waiting) + bool(line.held) for line in self._lines.values())

    def _is_due(self, line: Line) -> bool:
        return line.busy or bool(line.waiting and line.waiting[0][0] <= self._portal.now())

    def _hold(self, what: Outgoing) -> None:
        """It goes after the next one to the same address."""
        line = self._line(what.url)
        if line.held is not None:
            self._add(what)
        else:
            line.held = what
            line.wake.set()

    def _add(self, what: Outgoing, due: float | None = None) -> None:
        line = self._line(what.url)
        if len(line.waiting) >= MOST_WAITING:
            self.counts["lost"] += 1
            return
        self._push(line, what, self._portal.now() if due is None else due)
        if line.held is not None and not what.forged:
            held, line.held = line.held, None
            self._push(line, held, self._portal.now())
        line.wake.set()

    def _push(self, line: Line, what: Outgoing, due: float) -> None:
        self._order += 1
        heappush(line.waiting, (due, self._order, what))

    def _line(self, url: str) -> Line:
        if url not in self._lines:
            self._lines[url] = Line()
        self._begin(url)
        return self._lines[url]

    def _begin(self, url: str) -> None:
        line = self._lines[url]
        if self._session is not None and (line.task is None or line.task.done()):
            line.task = asyncio.get_running_loop().create_task(self._serve(line))

    def _clock_moved(self) -> None:
        for line in self._lines.values():
            line.wake.set()

    async def _serve(self, line: Line) -> None:
        while True:
            pause = self._pause(line)
            if pause is None or pause > 0:
                line.wake.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(line.wake.wait(), pause)
                if pause is not None and line.held is not None and not line.waiting and not line.wake.is_set():
                    held, line.held = line.held, None
                    self._push(line, held, self._portal.now())
                continue
            line.busy, what = True, heappop(line.waiting)[2]
            try:
                took = await self._deliver(what)
            finally:
                line.busy = False
                self._moved.set()
            if took > self.slow_s:
                self.counts["throttled"] += 1
                await asyncio.sleep(min(took, LONGEST_REST_S))

    def _pause(self, line: Line) -> float | None:
        """Seconds until there is something to do; None: until somebody wakes the line."""
        if line.waiting:
            return max(0.0, line.waiting[0][0] - self._portal.now())
        return HELD_S if line.held is not None else None

    async def _deliver(self, what: Outgoing) -> float:
        """Post it; seconds it took. What fails is lost, as it is with the real one."""
        started = time.perf_counter()
        if self._session is None:
            return 0.0
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        status, error = 0, ""
        try:
            form = flat(self._payload(what))
            async with self._session.post(what.url, data=form, timeout=timeout, allow_redirects=False) as answer:
                await answer.content.read(1024)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            error = type(problem).__name__
        self.counts["sent" if 200 <= status < 300 else "failed"] += 1
        self._tell(what, status, error, "поддельное" if what.forged else "")
        return time.perf_counter() - started

    def _payload(self, what: Outgoing) -> dict[str, Any]:
        return {
            "event": what.event,
            "event_handler_id": what.handler_id,
            "data": what.data,
            "ts": int(self._portal.now()),
            "auth": self._auth(what),
        }

    def _auth(self, what: Outgoing) -> dict[str, Any]:
        """The token of whoever acted; a forged event knows everything but `application_token`."""
        portal, app = self._portal, self._portal.application
        auth: dict[str, Any] = {
            "domain": portal.address,
            "server_endpoint": portal.server_endpoint,
            "client_endpoint": portal.client_endpoint,
            "member_id": app.member_id,
            "application_token": secrets.token_hex(16) if what.forged else app.application_token,
        }
        if what.system or what.forged or not what.user_id:
            return auth
        token = portal.tokens.issue(what.user_id, app, portal.address, renewable=what.refresh, hops=what.hops)
        seconds = round(token.expires_at - portal.now())
        auth |= {"access_token": token.value, "expires": round(token.expires_at), "expires_in": seconds}
        auth |= {"scope": ",".join(token.scope), "status": "L", "user_id": what.user_id}
        return auth | ({"refresh_token": token.refresh} if what.refresh else {})

    def _tell(self, what: Outgoing, status: int, error: str, note: str) -> None:
        self._portal.clock.use()
        fields = [what.data.get(name) for name in ("FIELDS_AFTER", "FIELDS_BEFORE")]
        subject = next((row for row in fields if isinstance(row, dict)), {})
        self.log.appendleft(Told(iso(self._portal.now()), what.event, what.url, status, error, note, subject))
        outcome = note or (f"ответ {status}" if status else f"не дошло ({error})")
        self._portal.tell(
            {
                "direction": "out",
                "method": what.event,
                "text": f"событие {what.event}: {outcome}",
                "ok": 200 <= status < 300,
                "merge": f"event:{what.event}:{outcome}",
            }
        )
        self._moved.set()


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """`{"a": {"b": 1}}` as the form field `a[b]=1`, as PHP builds a query."""
    if isinstance(value, Mapping):
        return [pair for key, item in value.items() for pair in flat(item, f"{name}[{key}]" if name else str(key))]
    if isinstance(value, list | tuple):
        return flat(dict(enumerate(value)), name)
    if isinstance(value, bool):
        return [(name, str(int(value)))]
    return [] if value is None else [(name, str(value))]
