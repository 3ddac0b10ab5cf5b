"""NOTIFY as a hint: throttled when sent, and only listened to on a connection of its own.

Behind a transaction pooler a LISTEN silently hears nothing (infra.md §8); polling finds everything all the same.
"""

import asyncio
import random
from collections.abc import Callable

import psycopg
from psycopg import AsyncConnection, sql

from posrednik.kit.log import get_logger
from posrednik.store.db import Database, StoreError, Tx

log = get_logger("dispatch")
CHANNEL = "posrednik_lanes"
THROTTLE_S = 0.05
HEALTH_S = 20.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0


class Notifier:
    """Tells workers which destinations got messages: at once, then at most every THROTTLE_S. After the commit, in a
    transaction of its own: a NOTIFY takes an instance-wide lock at commit and must not sit in the intake's."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pending: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def hint(self, destination_ids: set[int]) -> None:
        self._pending |= destination_ids
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._pending:
            payload = ",".join(map(str, sorted(self._pending)))
            self._pending.clear()

            async def work(tx: Tx, payload: str = payload) -> None:
                await tx.conn.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])

            try:
                await self._db.transact(work)
            except StoreError:
                return
            await asyncio.sleep(THROTTLE_S)


class Listener:
    """Hears hints; checks its connection, and reconnects for ever, with a growing pause."""

    def __init__(self, dsn: str, heard: Callable[[set[int]], None]) -> None:
        self._dsn, self._heard = dsn, heard

    async def run(self) -> None:
        """Until cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as conn:
                    await conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    pause = FIRST_PAUSE_S
                    while True:
                        await self._hear(conn)
            except psycopg.Error as error:
                log.info("listener.reconnects", error=type(error).__name__, in_s=pause)
            await asyncio.sleep(pause * (0.8 + 0.4 * random.random()))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _hear(self, conn: AsyncConnection) -> None:
        """Hints for a while, then a sign of life: a dead connection is as silent as a calm one."""
        async for note in conn.notifies(timeout=HEALTH_S):
            self._heard({int(part) for part in note.payload.split(",") if part.isdigit()})
        try:
            async with asyncio.timeout(HEALTH_S):
                await conn.execute("SELECT 1")
        except TimeoutError as error:
            raise psycopg.OperationalError("no answer") from error
