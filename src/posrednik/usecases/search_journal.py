"""What an administrator reads of the journal of exchanges."""

from collections.abc import Sequence
from datetime import datetime

from posrednik.store import journal_search as store
from posrednik.store.db import Database, Row
from posrednik.store.journal_search import TROUBLE, Search

__all__ = ["TROUBLE", "Search", "line", "search"]


async def search(db: Database, wanted: Search, limit: int) -> Sequence[Row]:
    """Newest first; columns of journal_search."""
    return await store.search(db, wanted, limit)


async def line(db: Database, at: datetime, line_id: int) -> Row | None:
    """One line with all that is known of its exchange; columns of journal_one."""
    return await store.one(db, at, line_id)
