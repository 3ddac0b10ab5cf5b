"""The limits of one destination: a token bucket shared by all workers through the database, charged once per HTTP
call, and pauses per method fed from the answers. See docs/subsystems/dispatch.md, "Limits"."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from posrednik.connectors.base import EVERY, Held
from posrednik.dispatch.turns import Turns
from posrednik.kit.log import get_logger
from posrednik.store.db import Database, StoreError, Tx

log = get_logger("dispatch")
LONGEST_WAIT_S = 5.0
PAUSES_TTL_S = 1.0
LONGEST_PAUSE_S = 3600.0
LONGEST_REST_S = 60.0
# What a refusal for too many calls teaches: half as fast, and soon after that the rate that is surely allowed; from
# there a fifth less each time.
HALF, SLOWER, SLOWEST = 0.5, 0.8, 0.2
SOON_S, TOGETHER_S = 60.0, 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """bucket: name shared by all that use the same (portal, egress address). rate: calls a second. burst: calls.
    first: methods that go before others in a queue, because each of their calls carries many messages.
    sure: calls a second that everybody is allowed; refusals for too many calls go back to them."""

    bucket: str
    rate: float
    burst: float
    first: frozenset[str] = frozenset()
    sure: float = 2.0


def slower(rate: float, sure: float, slowed_s: float | None, rest_s: float) -> float | None:
    """Calls a second after a refusal at `rate`; None: as it is, for calls on the way together are refused together.

    sure: see Limits. slowed_s: seconds since the refusal before, None = none is known. rest_s: how long nobody calls
    after one.
    """
    if slowed_s is not None and slowed_s <= rest_s + TOGETHER_S:
        return None
    if rate <= sure:
        return max(SLOWEST, rate * SLOWER)
    soon = slowed_s is not None and slowed_s <= max(SOON_S, 4 * rest_s)
    return sure if soon else max(sure, rate * HALF)


class Limiter:
    """The `Gate` of connectors/base.py. Tokens are fetched from the shared bucket one by one (rates here are a few a
    second); without `limits` the bucket is never asked. Waiting for it never costs an attempt."""

    def __init__(self, db: Database, destination_id: int, limits: Limits | None) -> None:
        self._db, self._destination_id, self._limits = db, destination_id, limits
        self._turns = Turns()
        self._rest_until = float("-inf")
        self._pauses: dict[str, tuple[float, str]] = {}
        self._pauses_read_at = float("-inf")
        self._writes: set[asyncio.Task[None]] = set()

    async def enter(self, method: str) -> None:
        """Wait for a token; raise Held when the method is paused or the token is too far away."""
        asked_at = time.monotonic()
        if asked_at - self._pauses_read_at >= PAUSES_TTL_S:
            with suppress(StoreError):  # then what is known here must do
                await self.refresh()
            asked_at = time.monotonic()
        if self._pauses:
            self._check_pause(method)
        if self._limits is None:
            if self._rest_until > asked_at:
                await self._rest(asked_at)
        else:
            await self._token(self._limits, method, asked_at)

    def pause(self, method: str, seconds: float, why: str) -> None:
        """Known here at once, to the other workers within a second."""
        seconds = min(LONGEST_PAUSE_S, seconds)
        self._pauses[method] = (time.monotonic() + seconds, why)
        self._later(self._write_pause(method, seconds, why))

    def slow_down(self, seconds: float) -> None:
        """Nobody calls for `seconds`, then all slower than before; here at once, elsewhere by the shared bucket."""
        seconds = min(LONGEST_REST_S, seconds)
        self._rest_until = max(self._rest_until, time.monotonic() + seconds)
        if self._limits is not None:
            self._later(self._empty(self._limits, seconds))

    async def refresh(self) -> None:
        """Read the pauses that other workers learned of."""
        now = time.monotonic()
        if now - self._pauses_read_at < PAUSES_TTL_S:
            return
        self._pauses_read_at = now
        rows = await self._db.read("method_pauses", {"destination_id": self._destination_id})
        # What is still being written is known here alone.
        ours = {method: pause for method, pause in self._pauses.items() if self._writes and pause[0] > now}
        self._pauses = ours | {row.method: (now + row.left_s, row.why) for row in rows}

    def _check_pause(self, method: str) -> None:
        for name in (EVERY, method):
            until, why = self._pauses.get(name, (0.0, ""))
            left = until - time.monotonic()
            if left > 0:
                what = "все обращения приостановлены" if name == EVERY else f"метод {method} приостановлен"
                raise Held(f"{what}: {why}", left, "method_pause")

    async def _token(self, limits: Limits, method: str, asked_at: float) -> None:
        """By rank, then first come, first served within the worker; between workers the row lock of the bucket
        decides."""
        async with self._turns.turn(0 if method in limits.first else 1):
            await self._rest(asked_at)
            while (wait_s := await self._take(limits)) > 0:
                await self._sleep(wait_s, asked_at)

    async def _rest(self, asked_at: float) -> None:
        """Out of what this process was told itself; the bucket may not know of it yet."""
        while (left := self._rest_until - time.monotonic()) > 0:
            await self._sleep(left, asked_at)

    async def _sleep(self, wait_s: float, asked_at: float) -> None:
        if time.monotonic() - asked_at + wait_s > LONGEST_WAIT_S:
            raise Held("лимит обращений к системе исчерпан, ждём очереди", wait_s, "limiter")
        await asyncio.sleep(wait_s)

    async def _take(self, limits: Limits) -> float:
        """0 when a token was taken, else seconds until there may be one."""

        async def work(tx: Tx) -> float:
            row = await tx.one("bucket_fill", {"name": limits.bucket, "rate": limits.rate, "burst": limits.burst})
            assert row is not None
            if row.tokens < 1:
                return float(1 - row.tokens) / float(row.rate)
            await tx.run("bucket_spend", {"name": limits.bucket, "spent": 1.0})
            return 0.0

        return await self._db.transact(work)

    def _later(self, write: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _empty(self, limits: Limits, seconds: float) -> None:
        async def work(tx: Tx) -> None:
            row = await tx.one("bucket_fill", {"name": limits.bucket, "rate": limits.rate, "burst": limits.burst})
            assert row is not None
            learned = slower(row.rate, limits.sure, row.slowed_s, seconds)
            tokens = -seconds * (learned or row.rate)
            await tx.run("bucket_slow", {"name": limits.bucket, "tokens": tokens, "learned": learned})

        try:
            await self._db.transact(work)
        except StoreError as error:
            log.warning("dispatch.pause_not_shared", method=EVERY, error=str(error))

    async def _write_pause(self, method: str, seconds: float, why: str) -> None:
        params = {"destination_id": self._destination_id, "method": method, "for_s": seconds, "why": why}

        async def work(tx: Tx) -> None:
            await tx.run("method_pause_set", params)

        try:
            await self._db.transact(work)
        except StoreError as error:
            log.warning("dispatch.pause_not_shared", method=method, error=str(error))
