"""The board: deliveries by its filters, what changed since a look, comments. See docs/subsystems/board.md."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import errors

from posrednik.domain.board import facts_of
from posrednik.domain.deliveries import Delivery
from posrednik.store.db import Database, Row, Tx

_decoder = msgspec.json.Decoder(Delivery)
_SNAPSHOT = re.compile(r"\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?", re.ASCII)  # xmin:xmax:those in progress


class CursorUnknown(Exception):
    """It is no snapshot of this database: damaged, or from before a restore."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery with what its card shows beside it; marks: the columns of queries/board_docs.sql."""

    delivery: Delivery
    marks: Row


@dataclass(frozen=True, slots=True)
class Changes:
    """What was committed between two looks. cursor: of this look. moved_from: delivery → the division that had it
    before. open_incidents: division → how many; None = none changed. cash: rows of queries/board_cash.sql. more: there
    was more than asked for, so that these are not all."""

    cursor: str
    moved_from: Mapping[UUID, str | None]
    open_incidents: Mapping[str, int] | None
    cash: Sequence[Row]
    more: bool


def columns(deliveries: Sequence[Delivery]) -> dict[str, list[Any]]:
    """What stands beside stored deliveries for the board, as parameters of a query."""
    facts = [facts_of(delivery) for delivery in deliveries]
    return {
        "planned_ats": [f.planned_at for f in facts], "dues": [f.due_kop for f in facts],
        "takens": [f.taken_kop for f in facts], "on_hands": [f.on_hand_kop for f in facts],
        "searches": [f.search for f in facts],
    }  # fmt: skip


async def look(
    db: Database, *, day: date | None, carry: bool, number: str | None, divisions: Collection[str] | None,
    division: str | None, courier: str | None, most: int,
) -> Sequence[Row]:  # fmt: skip
    """Rows of queries/board_open.sql, or of board_day.sql: more than belongs to the day, which the caller sorts out."""
    seen = None if divisions is None else sorted(divisions)
    chosen = {"divisions": seen, "division": division, "courier": courier, "most": most}
    if day is None:
        return await db.read("board_open", {**chosen, "number": number})
    return await db.read("board_day", {**chosen, "day": day, "carry": carry})


async def docs(source: Database | Tx, ids: Collection[UUID]) -> dict[UUID, Shown]:
    if not ids:
        return {}
    read = source.fetch if isinstance(source, Tx) else source.read
    rows = await read("board_docs", {"ids": list(ids)})
    shown = [Shown(_decoder.decode(row.doc), row) for row in rows]
    return {one.delivery.id: one for one in shown}


async def cursor(db: Database) -> str:
    """Where the stream is now: asked before the board is read, so that nothing falls between the two."""
    return str((await db.read("board_cursor"))[0].cursor)


async def changes(db: Database, since: str, most: int) -> Changes:
    """What was committed after the look of that cursor. Raises CursorUnknown."""

    async def work(tx: Tx) -> Changes:
        rows = await tx.fetch("board_changes", {"cursor": since, "most": most})
        cash = await tx.fetch("board_cash", {"cursor": since})
        open_incidents = None
        if rows[0].incidents_changed:
            open_incidents = {row.division_ref: row.n for row in await tx.fetch("board_incidents")}
        touched = {row.id: row.moved_from for row in rows if row.id is not None}
        return Changes(rows[0].cursor, touched, open_incidents, cash, len(touched) >= most)

    if _SNAPSHOT.fullmatch(since) is None:
        raise CursorUnknown
    try:
        found = await db.transact(work)
    except errors.DataError as error:
        raise CursorUnknown from error
    if _xmax(found.cursor) < _xmax(since):
        raise CursorUnknown
    return found


def _xmax(cursor: str) -> int:
    return int(cursor.split(":")[1])


async def comment(tx: Tx, id: UUID, delivery_id: UUID, at: datetime, author: str, text: str) -> None:
    await tx.run(
        "delivery_comment_add", {"id": id, "delivery_id": delivery_id, "at": at, "author": author, "text": text}
    )


async def fill(db: Database, most: int) -> int:
    """The board's columns of deliveries that are older than these. Returns how many got theirs; 0 = all have them."""

    async def work(tx: Tx) -> int:
        rows = [_decoder.decode(row.doc) for row in await tx.fetch("board_not_filled", {"most": most})]
        if rows:
            await tx.run("board_fill", {"ids": [d.id for d in rows], **columns(rows)})
        return len(rows)

    return await db.transact(work)
