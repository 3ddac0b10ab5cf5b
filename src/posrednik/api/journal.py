"""Doors to the journal of exchanges: search, page by page, and one line with the whole exchange."""

import time
import zlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from posrednik.api import documents_exchange as told
from posrednik.api.auth import asked, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, plain
from posrednik.api.query import malformed, moment_of
from posrednik.domain.rights import Right
from posrednik.store import views
from posrednik.store.db import Database, Row
from posrednik.usecases import search_journal
from posrednik.usecases.fit_for_audit import masked, readable
from posrednik.usecases.search_journal import TROUBLE, Search

AnyRequest = Request[Any, Any, Any]
MOST = 200
USUAL = timedelta(days=1)
# Words are looked for line by line; without anything narrower that is bearable for so long.
LONGEST_WITH_WORDS = timedelta(days=31)
LARGEST_SHOWN = 256 * 1024
ONLY = ("", "trouble")


@get("/journal", summary="Lines of the journal, newest first", **documented(
    "journal", answer=told.Journal, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def journal(
    request: AnyRequest,
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    system: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
    only: FromQuery[str] = "",
    code: FromQuery[str] = "",
    order: FromQuery[str] = "",
    q: FromQuery[str] = "",
    before: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    """since, until: moments, the last day if absent. only: `trouble`. order: its number, ref or delivery. q: a part of
    the text. before: `next` of the last page."""
    await person_of(request, Right.EXCHANGE_SEE)
    db, started, most = services_of(request).db, time.perf_counter(), min(max(limit, 1), MOST)
    if only not in ONLY:
        raise malformed("only", "trouble")
    outcomes = (asked(outcome, 50),) if asked(outcome, 50) else TROUBLE if only else None
    wanted = Search(
        *_period(since, until), asked(system, 100) or None, asked(kind, 50) or None, outcomes, asked(code, 100) or None,
        await _orders(db, asked(order, 100)), asked(q).lower() or None, _before(before),
    )  # fmt: skip
    _check_words(wanted)
    rows = await search_journal.search(db, wanted, most)
    lines = [_line(row) for row in rows]
    following = f"{rows[-1].at.isoformat()}~{rows[-1].id}" if len(rows) == most else None
    return plain({"lines": lines, "next": following, "took_ms": round((time.perf_counter() - started) * 1000)})


def _period(since: str, until: str) -> tuple[datetime, datetime]:
    to = moment_of("until", until) or datetime.now(UTC) + timedelta(minutes=1)
    return moment_of("since", since) or to - USUAL, to


def _before(value: str) -> tuple[datetime, int] | None:
    at, _, line_id = value.partition("~")
    if not value:
        return None
    moment = moment_of("before", at)
    if moment is None or not line_id.isdecimal() or len(line_id) > 18:
        raise malformed("before", "`next` of an earlier answer")
    return moment, int(line_id)


def _check_words(wanted: Search) -> None:
    narrow = wanted.order_refs is not None or wanted.code is not None
    if wanted.words and not narrow and wanted.until - wanted.since > LONGEST_WITH_WORDS:
        raise malformed("q", f"at most {LONGEST_WITH_WORDS.days} days with words")


async def _orders(db: Database, order: str) -> tuple[UUID, ...] | None:
    """An order that nobody knows has no lines."""
    if not order:
        return None
    return tuple(UUID(row.ref) for row in await views.orders_found(db, order))


def _line(row: Row) -> dict[str, Any]:
    return {
        "id": row.id, "at": row.at.astimezone(UTC), "kind": row.kind, "system": row.system, "outcome": row.outcome,
        "order_number": row.order_number, "order_ref": row.order_ref, "event_id": row.event_id, "attempt": row.attempt,
        "duration_ms": row.duration_ms, "code": row.code, "summary": row.summary,
    }  # fmt: skip


@get("/journal/{line_id:int}", summary="One line of the journal with the whole exchange", **documented(
    "journalLine", answer=told.WholeLine, says_no=(404,), right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def journal_line(
    request: AnyRequest, line_id: FromPath[int], at: Annotated[str, QueryParameter(description="when it was written")]
) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    moment = moment_of("at", at)
    if moment is None or not 0 <= line_id < 2**63:
        raise malformed("at", "a moment with its offset")
    row = await search_journal.line(services_of(request).db, moment, line_id)
    if row is None:
        raise Problem(404, "not_found")
    message, cut = _unpacked(row.body)
    return plain({
        **_line(row), "detail": masked(_read(row.detail)),
        "event": None if row.event_data is None else {"type": row.event_type, "data": masked(_read(row.event_data))},
        "message": message, "cut": cut,
    })  # fmt: skip


def _read(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _unpacked(body: bytes | None) -> tuple[Any, bool]:
    """What 1C sent, if it is not too long to look at; else the beginning of it as a text."""
    if body is None:
        return None, False
    raw = zlib.decompressobj().decompress(bytes(body), LARGEST_SHOWN + 1)
    return readable(raw[:LARGEST_SHOWN]), len(raw) > LARGEST_SHOWN


router = Router("/api/v1/admin", route_handlers=[journal, journal_line], tags=["Exchange"])
