"""The board as somebody looks at it: columns with sums, and a page of deliveries. See docs/subsystems/board.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from posrednik.domain.board import COLUMNS, Filter, Seen
from posrednik.store import board
from posrednik.store.board import Shown
from posrednik.store.db import Database, Row

# So many are looked at and no more: a board of more than this is no board.
MOST_LOOKED_AT = 20_000
ZoneOf = Callable[[str, UUID], str]  # division, base → time zone


@dataclass(frozen=True, slots=True)
class Column:
    """Sums in kopecks. on_hand_kop: cash that was taken and not handed in."""

    stage: str
    n: int
    due_kop: int
    taken_kop: int
    on_hand_kop: int


@dataclass(frozen=True, slots=True)
class Page:
    """cursor: what the stream goes on from. columns: of all that fit, those of COLUMNS first. shown: newest change
    first. next: of the next page; None = there is none."""

    cursor: str
    columns: tuple[Column, ...]
    shown: tuple[Shown, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """number: as it was typed. after: `next` of the page before. Limits a page, never the columns."""

    filter: Filter
    number: str = ""
    after: str = ""
    limit: int = 500


async def read_board(db: Database, wanted: Wanted, zone_of: ZoneOf, now: datetime) -> Page:
    """Raises ValueError for an `after` that is none."""
    after = _key(wanted.after) if wanted.after else None
    cursor = await board.cursor(db)
    f = wanted.filter
    rows = await board.look(
        db, day=f.day, carry=f.day is not None and abs((f.day - now.date()).days) <= 1, number=wanted.number or None,
        divisions=f.divisions, division=f.division, courier=f.courier, most=MOST_LOOKED_AT,
    )  # fmt: skip
    fitting = [row for row in rows if f.fits(seen_of(row, zone_of), now)]
    page = sorted(fitting, key=_place, reverse=True)
    if after is not None:
        page = [row for row in page if _place(row) < after]
    more, page = len(page) > wanted.limit, page[: wanted.limit]
    docs = await board.docs(db, [row.id for row in page])
    shown = tuple(docs[row.id] for row in page if row.id in docs)
    return Page(cursor, _columns(fitting), shown, _text(page[-1]) if more else None)


def seen_of(row: Row, zone_of: ZoneOf) -> Seen:
    return Seen(
        row.stage if row.on_board else "withdrawn", row.on_board, row.division_ref, row.courier_ref, row.planned_at,
        row.due_kop or 0, row.taken_kop, row.search or "", row.changed_at, row.incidents,
        zone_of(row.division_ref, row.base_id),
    )  # fmt: skip


def _columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    of_stage: dict[str, list[Row]] = {stage: [] for stage in COLUMNS}
    for row in rows:
        of_stage.setdefault(row.stage if row.on_board else "withdrawn", []).append(row)
    return tuple(
        Column(stage, len(them), sum(r.due_kop or 0 for r in them), sum(r.taken_kop or 0 for r in them),
               sum(r.on_hand_kop or 0 for r in them))
        for stage, them in of_stage.items()
    )  # fmt: skip


def _place(row: Row) -> tuple[datetime, UUID]:
    return row.changed_at, row.id


def _text(row: Row) -> str:
    return f"{row.changed_at.isoformat()}_{row.id}"


def _key(text: str) -> tuple[datetime, UUID]:
    at, _, id = text.partition("_")
    found = datetime.fromisoformat(at)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found, UUID(id)
