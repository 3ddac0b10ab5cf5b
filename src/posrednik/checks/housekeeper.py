"""Maintenance by one worker at a time: partitions, pruning, and what must always be true. See
docs/subsystems/store.md, "Upkeep". Delivery itself needs no leader; only this does.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import errors

from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import lags, upkeep
from posrednik.store.db import Database, StoreError

log = get_logger("checks")
DUTY = "housekeeping"
TTL_S = 60.0
MARGIN_S = 5.0
FULL_BATCH, SMALL_BATCH = 10_000, 1_000
TIMEOUTS_TO_DEGRADE = 3
STATEMENT_MS = 5_000
LAG_DAYS = 2


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept, days. The journal and what tells a repeat (`repeat_days`) go by whole months.

    Why: docs/decisions/0011-what-is-kept-how-long.md.
    """

    journal_days: int = 400
    repeat_days: int = 90
    idle_lane_days: int = 7
    entry_days: int = 30
    shadow_days: int = 90


@dataclass(slots=True)
class Duty:
    name: str
    every_s: float
    run: Callable[[], Awaitable[None]]
    due_at: float = 0.0


class Housekeeper:
    """Runs duties while it leads; another worker takes over when it stops or falls silent.

    more: duties that need what this layer does not know.
    """

    def __init__(self, db: Database, holder: UUID, keep: Keep = Keep(), more: Sequence[Duty] = ()) -> None:
        self._db, self._holder, self._keep = db, holder, keep
        self._leads_until = float("-inf")
        self._batch, self._timeouts = FULL_BATCH, 0
        self.duties = [
            Duty("partitions", 3600, self._partitions),
            Duty("prune", 900, self._prune),
            Duty("checks", 60, self._checks),
            Duty("deep checks", 3600, self._deep_checks),
            *more,
        ]

    async def run(self) -> None:
        """Until cancelled. Renews at half time and trusts only its own clock in between."""
        try:
            while True:
                await asyncio.sleep(TTL_S / 2 * (0.8 + 0.2 * random.random()))
                await self.round()
        finally:
            await self._resign()

    async def round(self) -> None:
        """One look: lead if possible, then do what is due. Never raises for the database."""
        try:
            if await self._lead():
                await self._work()
        except (StoreError, psycopg.Error) as error:
            log.warning("upkeep.failed", error=str(error).strip())

    async def _lead(self) -> bool:
        at = time.monotonic()
        if await upkeep.lead(self._db, DUTY, self._holder, TTL_S):
            self._leads_until = at + TTL_S - MARGIN_S
            return True
        self._leads_until = float("-inf")
        return False

    async def _resign(self) -> None:
        if self._leads_until > time.monotonic():
            try:
                await upkeep.resign(self._db, DUTY, self._holder)
            except StoreError:
                log.info("upkeep.not_resigned", duty=DUTY)

    async def _work(self) -> None:
        for duty in self.duties:
            now = time.monotonic()
            if now >= duty.due_at and now < self._leads_until:
                duty.due_at = now + duty.every_s
                await duty.run()

    async def _partitions(self) -> None:
        keep = self._keep
        days = {"journal": keep.journal_days, "inbox": keep.repeat_days, "idempotency": keep.repeat_days}
        for name in await upkeep.keep_partitions(self._db, days):
            log.info("partition.dropped", name=name)

    async def _prune(self) -> None:
        await self._prune_one("prune_lanes", self._keep.idle_lane_days)
        await self._prune_one("prune_commands", self._keep.repeat_days)
        await self._prune_one("prune_quarantine", self._keep.journal_days)
        await self._prune_one("prune_found", self._keep.journal_days)
        await self._prune_one("prune_slice_checks", self._keep.journal_days)
        await self._prune_one("prune_field_refusals", self._keep.journal_days)
        await self._prune_one("prune_login_codes", self._keep.entry_days)
        await self._prune_one("prune_portal_entries", self._keep.entry_days)
        await self._prune_one("prune_portal_tasks", self._keep.entry_days)
        await self._prune_one("prune_lags", LAG_DAYS)
        await self._prune_one("prune_sessions", self._keep.entry_days)
        await self._prune_one("prune_person_entries", self._keep.entry_days)
        await self._prune_one("prune_shadow", self._keep.shadow_days)

    async def _prune_one(self, query: str, keep_days: int) -> None:
        """Bounded deletes until there is nothing left; smaller ones after repeated timeouts."""
        while time.monotonic() < self._leads_until:
            try:
                gone = await upkeep.prune(
                    self._db, query, keep_days=keep_days, limit=self._batch, timeout_ms=STATEMENT_MS
                )
            except errors.QueryCanceled:
                self._timeouts += 1
                if self._timeouts >= TIMEOUTS_TO_DEGRADE:
                    self._batch = SMALL_BATCH
                log.warning("upkeep.slow", query=query, batch=self._batch)
                return
            self._timeouts = 0
            if gone < self._batch:
                return

    async def _checks(self) -> None:
        await self._check(upkeep.CHECKS)

    async def _deep_checks(self) -> None:
        await self._check(upkeep.DEEP_CHECKS)

    async def _check(self, queries: Sequence[LiteralString]) -> None:
        for query in queries:
            rows = await upkeep.check(self._db, query)
            metrics.CHECKS.labels(query).set(len(rows))
            if rows:
                await lags.count_most(self._db, "checks", len(rows))
            for row in rows:
                log.error("check.failed", check=query, subject=row.subject, what=row.what)
