"""The door to what people did. See docs/subsystems/people.md."""

import re
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
from posrednik.store import views
from posrednik.store.db import Database, Row
from posrednik.usecases import manage_people as manage

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 500
MOST_SAID = 300
_SAID = re.compile(r"[A-Za-z._]{1,40}|[A-Za-z._]{0,40}\?[a-z_]{1,40}=[a-z_]{1,40}(&[a-z_]{1,40}=[a-z_]{1,40}){0,3}")
_PLAIN = {"true": True, "false": False, "null": None}


@get("/audit", summary="What people did, last first",
     **documented("audit", answer=told.Audit, right=Right.AUDIT_SEE))  # fmt: skip
async def audit(
    request: AnyRequest,
    who: FromQuery[str] = "",
    action: FromQuery[str] = "",
    q: FromQuery[str] = "",
    said: FromQuery[str] = "",
    division: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    """who: of `people`. action: a right, or what stands before its dot. since, until: ISO 8601 with an offset.

    q: is in what is shown of an act or was asked with it. said: acts that the page tells by words in which q is, by
    commas: an operation, and what was asked with it (`switchMode`, `actOnDelivery?action=assign`, `?decision=found`).
    """
    await person_of(request, Right.AUDIT_SEE)
    check_range("limit", limit, 1, MOST_ROWS)
    check_range("before", before or 0, 0, 2**63 - 1)
    services, words = services_of(request), asked(q)
    rows = await manage.acts(
        services.db, words, _said(said), await _destinations(services.db) if words else {},
        who=asked(who) or None, action=asked(action) or None, division_ref=asked(division).lower() or None,
        from_at=_time("since", since), to_at=_time("until", until), before=before, limit=limit,
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


def _said(text: str) -> list[tuple[str, dict[str, Any]]]:
    """(operation, what was asked with it) of each; a bare true, false or null is that."""
    parts = [one.partition("?") for one in text.split(",")] if text else []
    if len(parts) > MOST_SAID or not all(_SAID.fullmatch("".join(one)) for one in parts):
        raise Problem(
            400, "malformed", errors=[{"pointer": "/query/said", "detail": "operation?field=value, by commas"}]
        )
    pairs = [(operation, [one.split("=") for one in said.split("&") if one]) for operation, _, said in parts]
    return [(operation, {key: _PLAIN.get(value, value) for key, value in said}) for operation, said in pairs]


async def _destinations(db: Database) -> dict[int, str]:
    bases = {str(base.id): base.name for base in await views.base_settings(db)}
    rows = await views.destinations(db)
    return {row.id: destination_title(row.name, row.kind, row.url, bases) for row in rows}


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
