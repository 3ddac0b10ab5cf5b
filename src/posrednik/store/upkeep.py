"""Statements of maintenance: leadership, pruning, and what must always be true."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg

from posrednik.store import partitions
from posrednik.store.db import Database, Row, Tx

CHECKS: tuple[LiteralString, ...] = (
    "check_lane_depths", "check_versions", "check_leases", "check_ledger_sums",
    "check_ledger_deliveries",
)  # fmt: skip
DEEP_CHECKS: tuple[LiteralString, ...] = (
    "check_ledger_balances",
    "check_numbers",
    "check_outgoing",
)  # these read whole tables


async def lead(db: Database, duty: str, holder: UUID, ttl_s: float) -> bool:
    """Take or renew a duty for `ttl_s` seconds of the database's clock. True while it is ours."""

    async def work(tx: Tx) -> bool:
        return await tx.one("leader_take", {"duty": duty, "holder": holder, "ttl_s": ttl_s}) is not None

    return await db.transact(work)


async def resign(db: Database, duty: str, holder: UUID) -> None:
    async def work(tx: Tx) -> None:
        await tx.run("leader_resign", {"duty": duty, "holder": holder})

    await db.transact(work)


async def prune(db: Database, query: str, *, keep_days: int, limit: int, timeout_ms: int) -> int:
    """One bounded delete; returns the rows gone. Raises psycopg.errors.QueryCanceled when it took too long."""

    async def work(tx: Tx) -> int:
        await tx.conn.execute("SELECT set_config('statement_timeout', %s, true)", [str(timeout_ms)])
        return await tx.run(query, {"keep_days": keep_days, "limit": limit})

    return await db.transact(work)


async def keep_partitions(db: Database, keep_days: Mapping[str, int]) -> list[str]:
    """Make the next partitions, drop those whose every row is older; returns the names of the dropped ones.

    keep_days: of each table of `partitions.TABLES`.
    """

    def work() -> list[str]:
        now = datetime.now(UTC)
        with psycopg.connect(db.direct_dsn, autocommit=True) as conn:
            conn.execute("SET lock_timeout = '1s'")  # those who write to these tables wait behind us
            partitions.ensure(conn, now)
            return [
                name for table, days in keep_days.items()
                for name in partitions.drop_before(conn, table, now - timedelta(days=days))
            ]  # fmt: skip

    return await asyncio.to_thread(work)


async def check(db: Database, query: str) -> Sequence[Row]:
    """Rows (subject, what) that show where something that must be true is not."""
    return await db.read(query)
