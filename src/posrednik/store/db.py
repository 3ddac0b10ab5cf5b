"""Transactions: one request, one transaction, and an answer only after the commit. See docs/subsystems/store.md."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import psycopg
from psycopg import AsyncConnection, errors
from psycopg.rows import namedtuple_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from posrednik.store.sql import sql

T = TypeVar("T")
Params = Mapping[str, Any]
Row = Any  # a named tuple with the columns of its query

TRIES = 4
REPEATABLE = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
STANDBY = "25006"  # a write on what has become a standby: we are connected to the old primary
CANCELLED = "57014"


class StoreError(Exception):
    """The database did not do what was asked.

    ├── Unavailable      no connection; nothing was done
    └── CommitUnknown    the connection broke in the commit: it may have been done, repeat with the same id
    """


class Unavailable(StoreError):
    """No usable connection within the time; nothing was done."""


class CommitUnknown(StoreError):
    """The connection broke while committing; a repeat with the same id finds out and is harmless."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What outside asked for this: a phone's event, a command of 1C. at: when it says that it was done."""

    id: UUID
    at: datetime | None


@dataclass
class Tx:
    """A running transaction. `outbox` is written by the last statement before the commit (store/messages.py), so
    that lane rows are locked for the shortest time and always in one order; `hints` are the destinations that
    are told afterwards. retold: deliveries, locked, whose tasks are to be written as they are to be now: with it, too.
    cause: of what is being done now, None = nobody outside can ask for it once more."""

    conn: AsyncConnection[Row]
    cause: Cause | None = None
    outbox: list[Any] = field(default_factory=list)
    retold: set[UUID] = field(default_factory=set)
    hints: set[int] = field(default_factory=set)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    async def fetch(self, query: str, params: Params | None = None) -> list[Row]:
        """Rows of queries/<query>.sql as named tuples."""
        cursor = await self.conn.execute(sql(query), params)
        return await cursor.fetchall()

    async def one(self, query: str, params: Params | None = None) -> Row | None:
        """The first row, or None."""
        cursor = await self.conn.execute(sql(query), params)
        return await cursor.fetchone()

    async def copy(self, query: str, rows: str) -> None:
        """Write rows by the COPY … FROM STDIN of queries/<query>.sql, in its text format."""
        async with self.conn.cursor() as cursor, cursor.copy(sql(query)) as copy:
            await copy.write(rows)

    async def run(self, query: str, params: Params | None = None) -> int:
        """Execute; returns the number of rows touched."""
        return (await self.conn.execute(sql(query), params)).rowcount


Work = Callable[[Tx], Awaitable[T]]


def _repeatable(error: psycopg.Error) -> bool:
    """Whether nothing was done and a fresh try may work: deadlock, lost connection, failover, no room."""
    state = error.sqlstate or ""
    if isinstance(error, REPEATABLE) or state in ("", STANDBY):
        return True
    return state != CANCELLED and state[:2] in ("08", "53", "57")


def _out_of_resources(error: psycopg.Error) -> bool:
    """Class 53: disk full, too many connections, out of memory. Trying again at once makes it worse."""
    return (error.sqlstate or "").startswith("53")


def _why(error: psycopg.Error) -> str:
    return (
        f"the database cannot work: {error.diag.message_primary}" if error.sqlstate else "the database does not answer"
    )


async def _configure(conn: AsyncConnection[Row]) -> None:
    set_json_loads(msgspec.json.decode, conn)


class Database:
    """A pool and the one way to change something with it.

    pooler: the DSN leads to a transaction pooler, so nothing may be prepared on a connection. direct_dsn: past it,
    for what needs a session of its own (LISTEN, partitions).
    before_commit: writes `tx.outbox`, `tx.retold`. on_hints: told the destinations that got messages, after the commit.
    """

    def __init__(self, dsn: str, *, size: int = 8, pooler: bool = False, direct_dsn: str = "") -> None:
        kwargs: dict[str, Any] = {"row_factory": namedtuple_row, "connect_timeout": 5}
        if pooler:
            kwargs["prepare_threshold"] = None
        self.dsn, self.direct_dsn = dsn, direct_dsn or dsn
        self.pool: AsyncConnectionPool[AsyncConnection[Row]] = AsyncConnectionPool(
            dsn, min_size=1, max_size=size, open=False, kwargs=kwargs, configure=_configure,
            timeout=5, reconnect_timeout=60, max_lifetime=3600,
        )  # fmt: skip
        self.before_commit: Callable[[Tx], Awaitable[None]] | None = None
        self.on_hints: Callable[[set[int]], None] | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self, wait_s: float = 20.0) -> None:
        """Start the pool and wait for the first connection. Raises Unavailable."""
        try:
            await self.pool.open(wait=True, timeout=wait_s)
        except PoolTimeout as error:
            raise Unavailable("the database does not answer") from error

    async def close(self) -> None:
        """Wait for what is being committed, then close."""
        if self._running:
            await asyncio.wait(self._running, timeout=10)
        await self.pool.close()

    async def transact(self, work: Work[T]) -> T:
        """Run `work` in one transaction and commit. Repeated from the start after deadlocks and lost connections.

        A caller that is cancelled does not cancel it: a cancelled commit may report success without being durable
        (with synchronous replication), and half a request must not depend on whether somebody still listens.
        Raises Unavailable or CommitUnknown, and whatever `work` raises; then nothing was changed.
        """
        task = asyncio.create_task(self._transact(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _transact(self, work: Work[T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(work)
            except PoolTimeout as error:
                raise Unavailable("the database does not answer") from error
            except (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction) as error:
                if not _repeatable(error):
                    raise
                if attempt == TRIES or _out_of_resources(error):
                    raise Unavailable(_why(error)) from error
                if not isinstance(error, REPEATABLE):
                    await self.pool.check()  # one lost connection means that the others are stale too
                await asyncio.sleep(0.05 * 4**attempt)
        raise Unavailable("unreachable")

    async def finish(self, tx: Tx) -> None:
        """The last statements before the commit, where something is to be written by them."""
        if (tx.outbox or tx.retold) and self.before_commit:
            await self.before_commit(tx)

    async def _once(self, work: Work[T]) -> T:
        async with self._connection() as conn:
            tx = Tx(conn)
            try:
                result = await work(tx)
                await self.finish(tx)
            except BaseException:
                if not conn.closed:
                    await conn.rollback()
                raise
            await self._commit(conn)
        for effect in tx.after_commit:
            effect()
        if tx.hints and self.on_hints:
            self.on_hints(tx.hints)
        return result

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Row]]:
        conn = await self.pool.getconn()
        try:
            yield conn
        finally:
            await self.pool.putconn(conn)

    @staticmethod
    async def _commit(conn: AsyncConnection[Row]) -> None:
        try:
            await conn.commit()
        except REPEATABLE:
            raise
        except LOST as error:
            raise CommitUnknown("the connection broke while committing") from error

    async def read(self, query: str, params: Params | None = None) -> Sequence[Row]:
        """One query by itself (autocommitted reads for screens and polls)."""

        async def work(tx: Tx) -> list[Row]:
            return await tx.fetch(query, params)

        return await self.transact(work)
