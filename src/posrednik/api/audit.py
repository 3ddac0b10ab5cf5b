"""The door to what people did. See docs/subsystems/people.md."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromQuery

from posrednik.api import documents_people as told
from posrednik.api.auth import asked, check_range, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.people import division_names
from posrednik.api.problems import Problem, language, plain
from posrednik.api.shapes import destination_title
from posrednik.domain.rights import Right
from posrednik.domain.texts import text
from posrednik.store.db import Row
from posrednik.usecases import manage_people as manage

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 500


@get("/audit", summary="What people did, last first",
     **documented("audit", answer=told.Audit, right=Right.AUDIT_SEE))  # fmt: skip
async def audit(
    request: AnyRequest,
    who: FromQuery[str] = "",
    action: FromQuery[str] = "",
    q: FromQuery[str] = "",
    division: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    """who: of `people`. action: a right, or what stands before its dot. since, until: ISO 8601 with an offset."""
    await person_of(request, Right.AUDIT_SEE)
    check_range("limit", limit, 1, MOST_ROWS)
    check_range("before", before or 0, 0, 2**63 - 1)
    services = services_of(request)
    rows = await manage.acts(
        services.db, who=asked(who) or None, action=asked(action) or None, q=asked(q) or None,
        division_ref=asked(division).lower() or None, from_at=_time("since", since), to_at=_time("until", until),
        before=before, limit=limit,
    )  # fmt: skip
    names, lang = await division_names(services.db, services.rules), language(request)
    return plain({
        "acts": [_shown(row, names, lang) for row in rows], "next": rows[-1].id if len(rows) == limit else None,
        "people": [{"who": row.who, "name": row.name} for row in await manage.known_actors(services.db)],
        "names": {row.id: _named(row) for row in await manage.names_in(services.db, rows) if row.title},
    })  # fmt: skip


def _time(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1970 < at.year < 3000:
        raise Problem(400, "malformed", errors=[{"pointer": f"/query/{name}", "detail": "ISO 8601 with an offset"}])
    return at


def _named(row: Row) -> dict[str, str]:
    kind, _, way = row.kind.partition(":")
    if kind != "destination":
        return {"kind": kind, "title": row.title, "ref": row.ref}
    bases = {row.title.removeprefix("onec:"): row.base or "?"}
    return {"kind": kind, "title": destination_title(row.title, way, row.ref, bases), "ref": row.title}


def _shown(row: Row, divisions: dict[str, str], lang: str) -> dict[str, Any]:
    ref = row.division_ref
    return {
        "id": row.id, "at": row.at.isoformat(), "who": row.who, "name": row.name, "action": row.action,
        "operation": row.operation, "subject": row.subject, "outcome": row.outcome, "data": row.data,
        "outcome_text": None if row.outcome == "done" else text(row.outcome, lang),
        "division": None if ref is None else {"ref": ref, "name": divisions.get(ref, ref)},
    }  # fmt: skip


router = Router("/api/v1/admin", route_handlers=[audit], tags=["People"])
