"""Finds lines of the journal, newest first, page by page. A line is known by its time and id: the time finds its
partition."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from posrednik.store.db import Database, Row, Tx
from posrednik.store.sql import sql

# What did not go well, of whatever is written down.
TROUBLE = (
    "refused", "unclear", "try_later", "rejected", "dead", "late_refused", "late_unclear", "late_try_later", "odd_sum",
    "skipped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search:
    """since, until: moments, a must. Others None = any. order_refs: of these orders. words: a part of the summary, in
    lower case. outcomes: one of these. before: (at, id) of the last line seen."""

    since: datetime
    until: datetime
    system: str | None = None
    kind: str | None = None
    outcomes: tuple[str, ...] | None = None
    code: str | None = None
    order_refs: tuple[UUID, ...] | None = None
    words: str | None = None
    before: tuple[datetime, int] | None = None


async def search(db: Database, wanted: Search, limit: int) -> Sequence[Row]:
    """Columns of journal_search. Planned anew each time: which index serves depends on what is asked."""
    params = {**asdict(wanted), "limit": limit}
    params["before_at"], params["before_id"] = params.pop("before") or (None, None)
    if wanted.before is not None:  # partitions and the index are entered by the time alone
        params["until"] = min(wanted.until, wanted.before[0] + timedelta(microseconds=1))
    for name in ("outcomes", "order_refs"):
        params[name] = None if params[name] is None else list(params[name])

    async def work(tx: Tx) -> list[Row]:
        cursor = await tx.conn.execute(sql("journal_search"), params, prepare=False)
        return await cursor.fetchall()

    return await db.transact(work)


async def one(db: Database, at: datetime, line_id: int) -> Row | None:
    """The whole line, the event it is about, and of a message of 1C its body as it came (packed)."""
    rows = await db.read("journal_one", {"at": at, "id": line_id})
    return rows[0] if rows else None
