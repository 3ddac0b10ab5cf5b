"""What the doors need, built by bootstrap and handed in with the application's state."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from posrednik.intake.onec import OneC
from posrednik.store.db import Database
from posrednik.usecases.order_facts import Rules


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
class Services:
    """ready: None, or why the process cannot do its work now. allow_private: webhooks may go to private addresses.

    portal_origin: of the Bitrix24 portal (https://company.bitrix24.ru), empty without one.
    """

    db: Database
    rules: Rules
    onec: OneC
    waker: Waker
    rate: RateLimit
    ready: Callable[[], Awaitable[str | None]]
    metrics_token: str = ""
    allow_private: bool = False
    portal_origin: str = ""
    title: str = "Posrednik"
