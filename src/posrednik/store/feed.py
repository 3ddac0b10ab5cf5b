"""The feed for those who cannot be called: events in one order, by cursor (contract.md §4)."""

from collections.abc import Sequence

from posrednik.store.db import Database, Row, Tx

STAMP_AT_ONCE = 5000


async def stamp(tx: Tx) -> bool:
    """Give the next cursors to events that are committed and have none. True when there may be more.

    Numbered by the reader and not by the writer: an event that commits late gets a late number, so a cursor never
    passes one by, and producers share no hot row.
    """
    lock = await tx.one("feed_lock")
    assert lock is not None
    stamped = await tx.one("feed_stamp", {"last_no": lock.last_no, "limit": STAMP_AT_ONCE})
    return stamped is not None and stamped.last_no - lock.last_no == STAMP_AT_ONCE


async def read(
    db: Database, *, after: int, limit: int, types: Sequence[str] | None, division_ref: str | None = None
) -> Sequence[Row]:
    """Events after a cursor. types: patterns like `delivery.*`."""
    likes = None
    if types:
        likes = [t.replace("\\", "").replace("%", "").replace("_", r"\_").replace("*", "%") for t in types]
    return await db.read("feed_read", {"after": after, "limit": limit, "likes": likes, "division_ref": division_ref})
