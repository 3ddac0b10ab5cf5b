"""State messages for the portal, put into their lanes through the store, and how many of them still wait."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from bench.work import an_event
from posrednik import bootstrap
from posrednik.config import Settings
from posrednik.dispatch.notifier import Notifier
from posrednik.domain.task_body import task_body
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes
from posrednik.store.db import Database, Tx
from posrednik.store.lanes import Draft

Body = dict[str, Any]
Wanted = tuple[UUID, Body]
Put = Callable[[], None]
CHUNK = 500
WAITING = "SELECT coalesce(sum(depth), 0) FROM lane WHERE priority <= %s AND state <> 'idle'"


def draft(destination_id: int, delivery: UUID, body: Body, priority: int) -> Draft:
    """The task of a delivery as it is to be, or, where the body names a user, a notice for him."""
    text = msgspec.json.encode(body).decode()
    if "user" in body:
        lane = f"notice:{delivery}:{body['user']}"
        return Draft(destination_id, lane, uuid7(), "notice.put", text, delivery, "notice", priority)
    return Draft(destination_id, f"delivery:{delivery}", uuid7(), "task.put", text, delivery, "task", priority)


async def put(db: Database, destination_id: int, work: Sequence[Wanted], priority: int) -> None:
    for at in range(0, len(work), CHUNK):
        drafts = [draft(destination_id, one, body, priority) for one, body in work[at : at + CHUNK]]

        async def put_them(tx: Tx, drafts: Sequence[Draft] = drafts) -> None:
            await lanes.put(tx, drafts)

        await db.transact(put_them)


class Desk:
    """Puts messages as the API process does: in transactions, with hints to the workers."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self._settings, self._dsn = settings, dsn

    def put(self, deliveries: Sequence[UUID], version: int, priority: int) -> None:
        now = datetime.now(UTC)
        self.put_bodies([(one, task_body(an_event(one, version, now))) for one in deliveries], priority)

    def put_bodies(self, work: Sequence[Wanted], priority: int) -> None:
        asyncio.run(self._put(work, priority))

    async def _put(self, work: Sequence[Wanted], priority: int) -> None:
        db = bootstrap.database(self._settings, self._dsn)
        db.on_hints = Notifier(db).hint
        await db.open()
        await bootstrap.apply_configuration(db, self._settings)
        destination_id = await db.transact(lambda tx: destinations.ensure(tx, bootstrap.BITRIX24, "bitrix24"))
        await put(db, destination_id, work, priority)
        await asyncio.sleep(0.1)  # the last hint
        await db.close()


def until_done(connection: psycopg.Connection, timeout_s: float) -> None:
    """Until no lane has anything to send. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while waiting := waits(connection):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{waiting} messages still wait after {timeout_s:.0f} s")
        time.sleep(0.05)


def waits(connection: psycopg.Connection, priority: int = lanes.BULK) -> int:
    """Messages that wait in lanes of this priority or a more urgent one."""
    row = connection.execute(WAITING.encode(), [priority]).fetchone()
    assert row is not None
    return int(row[0])
