"""GET /events: the same bodies that webhooks carry, by cursor (contract.md §4)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.events import Actor, Event
from posrednik.domain.publication import site_body
from posrednik.domain.routes import TABLE, WEBHOOK
from posrednik.store import feed
from posrednik.store.db import Database, Row


async def read_feed(db: Database, *, after: int, limit: int, types: Sequence[str] | None) -> dict[str, Any]:
    """Events after the cursor and the cursor to ask with next time."""
    while await db.transact(feed.stamp):
        pass
    rows = await feed.read(db, after=after, limit=limit, types=types)
    told = [body(row) for row in rows if WEBHOOK in TABLE.get(row.type, ())]
    return {"events": told, "next": str(rows[-1].feed_no if rows else after)}


def body(row: Row) -> dict[str, Any]:
    event = Event(
        row.type, row.subject_kind, UUID(row.subject_id), row.version, row.occurred_at,
        msgspec.convert(msgspec.json.decode(row.actor), Actor), row.division_ref, row.trial,
        msgspec.json.decode(row.data),
    )  # fmt: skip
    return site_body(row.id, event)
