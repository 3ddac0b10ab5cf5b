"""What the doors need, built by bootstrap and handed in with the application's state."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from posrednik.domain.entry import PortalDoor
from posrednik.domain.portal_desk import PortalDesk
from posrednik.intake.onec import OneC
from posrednik.kit.passwords import Passwords
from posrednik.store.db import Database
from posrednik.usecases.check_portal import PortalWanted
from posrednik.usecases.count_objects import ObjectCounts
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.gates import Faults
from posrednik.usecases.heard import Heard
from posrednik.usecases.install_portal import PortalInstall
from posrednik.usecases.keep_photo import KeepPhoto
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.portal_state import PortalSaid
from posrednik.usecases.show_photo import ShowPhoto
from posrednik.usecases.take_hint import EventDoor
from posrednik.usecases.watch_board import BoardWatch


class Waker:
    """Wakes long polls when there may be news; a wait that nobody wakes ends by itself."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.closing = False

    def wake(self, _: set[int] | None = None) -> None:
        self._event.set()
        if not self.closing:
            self._event = asyncio.Event()

    def close(self) -> None:
        """The process stops: nobody waits any more."""
        self.closing = True
        self.wake()

    async def wait(self, seconds: float) -> bool:
        """Until there may be news, at most so long. False: the process stops, answer now."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass
        return not self.closing


@dataclass(slots=True)
class RateLimit:
    """A token bucket per principal, in this process: a guard against a runaway client, not an accounting."""

    rate: float
    burst: float
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_s(self, principal: str) -> float:
        """0 = go on; else the seconds until the next request is welcome."""
        now = time.monotonic()
        tokens, at = self._buckets.get(principal, (self.burst, now))
        tokens = min(self.burst, tokens + (now - at) * self.rate)
        if len(self._buckets) > 10_000:
            self._buckets.clear()
        if tokens < 1:
            return (1 - tokens) / self.rate
        self._buckets[principal] = (tokens - 1, now)
        return 0.0


@dataclass(slots=True)
class Tries:
    """At most `most` in any `within_s` seconds, all callers together, in this process. A try counts until it is given
    back."""

    most: int
    within_s: float
    _taken: deque[float] = field(default_factory=deque)

    def take(self) -> float:
        """0 = go on; else the seconds until the next try is welcome."""
        now = time.monotonic()
        while self._taken and now - self._taken[0] >= self.within_s:
            self._taken.popleft()
        if len(self._taken) >= self.most:
            return self.within_s - (now - self._taken[0])
        self._taken.append(now)
        return 0.0

    def give_back(self) -> None:
        """It was none of those that are counted."""
        if self._taken:
            self._taken.pop()


@dataclass(slots=True)
class Services:
    """ready: None, or why the process cannot do its work now. allow_private: webhooks may go to private addresses.

    portal_origin: of the Bitrix24 portal (https://company.bitrix24.ru), empty without one. portal_door: who vouches for
    its users. portal_install: takes its
    installations. portal_events: takes its events. portal_js: address of its library for pages. portal_desk: asks
    it now, None = there is none; its answer None = nobody lets us in yet. public_url: how phones reach us. logins,
    openings: tries of one address. wrong_logins: of all together. exports: how many reports are written to files at
    once. limits: (bucket, calls a second, burst) by destination.
    portal_said, portal_wanted: of the portal, by the configuration. checking: one check of it at a time.
    loadable: bases that have OData. heard: notes calls of bases. counts: how many objects they have here.
    """

    db: Database
    rules: Rules
    live: LiveRules
    onec: OneC
    waker: Waker
    board: BoardWatch
    rate: RateLimit
    ready: Callable[[], Awaitable[str | None]]
    keep_photo: KeepPhoto
    show_photo: ShowPhoto
    faults: Faults
    heard: Heard
    counts: ObjectCounts
    metrics_token: str = ""
    allow_private: bool = False
    portal_origin: str = ""
    portal_door: PortalDoor | None = None
    portal_install: PortalInstall | None = None
    portal_events: EventDoor | None = None
    portal_js: str = ""
    portal_desk: Callable[[], Awaitable[PortalDesk | None]] | None = None
    portal_said: PortalSaid = field(default_factory=PortalSaid)
    portal_wanted: PortalWanted | None = None
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    public_url: str = ""
    logins: RateLimit = field(default_factory=lambda: RateLimit(rate=10 / 60, burst=10))
    wrong_logins: Tries = field(default_factory=lambda: Tries(most=300, within_s=600))
    openings: RateLimit = field(default_factory=lambda: RateLimit(rate=1, burst=60))
    passwords: Passwords = field(default_factory=Passwords)
    exports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    title: str = "Posrednik"
    status_chat: str = ""
    limits: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    loadable: frozenset[UUID] = frozenset()
