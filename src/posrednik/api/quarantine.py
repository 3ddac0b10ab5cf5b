"""Doors to the quarantine: what could not be applied, as it came, and the second try with a dry run."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_quarantine as told
from posrednik.api.auth import asked, body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.intake.quarantine import Again, expected
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases.fit_for_audit import readable
from posrednik.usecases.replay_quarantine import MOST, Tried, Wanted, replay_quarantine, would_replay

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 1000
MOST_REASONS = 200
MOST_SHOWN = 100


@get("/quarantine", summary="What could not be applied", **documented(
    "quarantine", answer=told.Quarantine, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def quarantine(
    request: AnyRequest,
    base: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    code: FromQuery[str] = "",
    field: FromQuery[str] = "",
    value: FromQuery[str | None] = None,
    q: FromQuery[str] = "",
    before: FromQuery[int] = 0,
    limit: FromQuery[int] = 200,
) -> Response[bytes]:
    """value: "" = empty. before: `next` of the last page."""
    await person_of(request, Right.EXCHANGE_SEE)
    most = min(max(limit, 1), MOST_ROWS)
    rows = await views.quarantine(
        services_of(request).db, most, base=base_of(base), kind=asked(kind, 50) or None, code=asked(code, 50) or None,
        field=asked(field, 50) or None, value=None if value is None else asked(value),
        q=asked(q).lower() or None, before=min(max(before, 0), 2**63 - 1) or None,
    )  # fmt: skip
    return plain({"objects": [_object(row) for row in rows], "next": rows[-1].id if len(rows) == most else None})


def base_of(value: str) -> UUID | None:
    """The id of a base of a query, "" = of any."""
    try:
        return UUID(value) if value else None
    except ValueError as error:
        where = [{"pointer": "/query/base", "detail": "the id of a base"}]
        raise Problem(400, "malformed", errors=where) from error


def _unread(row: Row) -> dict[str, Any]:
    wanted = expected(row.kind, row.field or "")
    may = wanted is not None and row.value is not None and (bool(row.value) or wanted.required)
    return {
        "base": row.base, "base_id": row.base_id, "kind": row.kind, "code": row.code, "message": row.message,
        "field": row.field, "value": row.value, "expects": wanted and wanted.type,
        "refers": wanted and wanted.refers, "may_map": may,
    }  # fmt: skip


def _object(row: Row) -> dict[str, Any]:
    return {
        **_unread(row), "id": row.id, "ref": row.ref, "received_at": row.received_at.astimezone(UTC),
        "number": row.number,
    }  # fmt: skip


@get("/quarantine/reasons", summary="Why things lie in quarantine, the most frequent first", **documented(
    "quarantineReasons", answer=told.Reasons, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def reasons(request: AnyRequest, base: FromQuery[str] = "") -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    rows = await views.quarantine_reasons(services_of(request).db, MOST_REASONS + 1, base_of(base))
    return plain({"reasons": [_reason(row) for row in rows[:MOST_REASONS]], "more": len(rows) > MOST_REASONS})


def _reason(row: Row) -> dict[str, Any]:
    first, last = row.first_at.astimezone(UTC), row.last_at.astimezone(UTC)
    return {**_unread(row), "count": row.n, "first_at": first, "last_at": last}


@get("/quarantine/{row_id:int}", summary="One object as it came", **documented(
    "quarantined", answer=told.QuarantinedWhole, says_no=(404,), right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def quarantined(request: AnyRequest, row_id: FromPath[int]) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    rows = await views.quarantine(services_of(request).db, 1, id=row_id) if 0 <= row_id < 2**63 else ()
    if not rows:
        raise Problem(404, "not_found")
    return plain({**_object(rows[0]), "raw": readable(bytes(rows[0].body))})


@post("/quarantine/replay", status_code=200, summary="Apply quarantined objects again", **documented(
    "replayQuarantine", body=told.ReplayQuarantine, answer=told.ReplayedQuarantine, says_no=(409, 415, 422),
    right=Right.EXCHANGE_REPAIR,
))  # fmt: skip
async def replay(request: AnyRequest) -> Response[bytes]:
    caller, services = await person_of(request, Right.EXCHANGE_REPAIR), services_of(request)
    body = await body_of(request)
    said, who = decode_text(body, told.ReplayQuarantine), caller.name or caller.owner
    wanted = Wanted(said.ids, said.base, said.kind, said.code, said.field, said.value)
    if said.dry_run:
        return plain(replayed(
            await would_replay(services.db, wanted, Again, services.rules, who, datetime.now(UTC)), done=False
        ))  # fmt: skip

    async def work(tx: Tx) -> dict[str, Any]:
        tried = await replay_quarantine(tx, wanted, Again, services.rules, who, datetime.now(UTC))
        return replayed(tried, done=True)

    once = keyed(request, caller, body)
    answer = await once.run(work)
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


def replayed(tried: list[Tried], *, done: bool) -> dict[str, Any]:
    good = [one for one in tried if one.became != "bad"]
    return {
        "count": len(good), "replayed": len(good) if done else 0, "more": len(tried) >= MOST,
        "objects": [
            {"id": one.id, "kind": one.kind, "ref": one.ref, "became": one.became, "code": one.code,
             "message": one.message}
            for one in tried[:MOST_SHOWN]
        ],
    }  # fmt: skip


router = Router("/api/v1/admin", route_handlers=[quarantine, reasons, quarantined, replay], tags=["Exchange"])
