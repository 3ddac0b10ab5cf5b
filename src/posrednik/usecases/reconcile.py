"""How far bases and Posrednik agree, by the last comparison of each slice; and slices that a person asks for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor
from posrednik.store import inbox, slices, views
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases.compare_slice import ask_slice, slice_of

MOST_COMPARISONS = 100
PERSON_AGAIN_S = 60.0  # a person may ask again sooner than a digest does
Document = dict[str, Any]


class NoSuchBase(DomainError):
    """No base has this id."""

    code = "not_found"


async def agreement(db: Database, base_id: UUID | None = None) -> list[Document]:
    """All bases, or one: what was compared, the share that agrees (by objects; None = nothing was compared yet)."""
    lost = await slices.lost(db)
    bases = [row for row in await views.bases(db) if base_id in (None, row.id)]
    return [_base(row, await slices.latest(db, row.id), lost.get(row.id, 0)) for row in bases]


def share(rows: Sequence[Row]) -> tuple[int, int]:
    """(objects compared, of them that agree). Of a slice whose differing objects were listed the rest agrees; of any
    other that does not agree all counts as not agreeing: the share is never too good."""
    return sum(_size(row) for row in rows), sum(_agreeing(row) for row in rows)


def _size(row: Row) -> int:
    return int(max(row.theirs_count, row.ours_count))


def _agreeing(row: Row) -> int:
    if row.equal:
        return _size(row)
    return 0 if row.differing is None else max(0, _size(row) - int(row.differing))


def _base(row: Row, compared: Sequence[Row], lost: int) -> Document:
    checked, agreeing = share(compared)
    return {
        "id": str(row.id), "name": row.name, "checked": checked, "agreeing": agreeing,
        "share": agreeing / checked if checked else None, "lost": lost,
        "last_at": max((one.at for one in compared), default=None),
        "slices": [_slice(one) for one in compared],
    }  # fmt: skip


def _slice(row: Row) -> Document:
    return {
        "kind": row.kind, "slice": row.slice, "at": row.at, "theirs": row.theirs_count, "ours": row.ours_count,
        "equal": row.equal, "asked": row.asked, "times": row.times, "differed": row.differed,
    }  # fmt: skip


async def history(db: Database, base_id: UUID, kind: str, slice: str) -> list[Document]:
    """Comparisons of one slice, newest first."""
    rows = await slices.history(db, base_id, kind, slice, MOST_COMPARISONS)
    return [
        {"at": r.at, "theirs": r.theirs_count, "ours": r.ours_count, "equal": r.equal, "asked": r.asked} for r in rows
    ]


async def ask(tx: Tx, base_id: UUID, kind: str, month: str, who: str, now: datetime) -> bool:
    """Ask a base for a slice; False: it was asked for a moment ago. Raises NoSuchBase, DigestWrong."""
    base = await inbox.lock_base(tx, base_id)
    if base is None:
        raise NoSuchBase
    one = slice_of(base, kind, month)
    asked = await ask_slice(tx, one, Actor("system", None, who), now, PERSON_AGAIN_S)
    if asked:
        await slices.add_check(tx, one, base.epoch_no, None, None, equal=None, asked=True)
    return asked
