"""Doors for administrators: destinations, lanes and why they wait, quarantine, dead letters, routes."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromQuery

from posrednik.api.auth import asked, caller_of, services_of
from posrednik.api.problems import plain
from posrednik.api.shapes import destination_title
from posrednik.domain.routes import TABLE
from posrednik.store import views
from posrednik.store.db import Row

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 1000


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


@get("/exchange", summary="Destinations, bases and workers with their figures")
async def exchange(request: AnyRequest) -> Response[bytes]:
    await caller_of(request, "person")
    db = services_of(request).db
    bases = await views.bases(db)
    hour = await views.destination_hour(db)
    titles = {str(b.id): b.name for b in bases}
    return plain({
        "destinations": [_destination(row, hour.get(row.name), titles) for row in await views.destinations(db)],
        "bases": [
            {"id": str(b.id), "name": b.name, "epoch": str(b.epoch) if b.epoch else None,
             "last_accepted": b.last_accepted, "gaps": msgspec.json.decode(b.gaps), "waiting": b.waiting,
             "quarantined": b.quarantined}
            for b in bases
        ],
        "workers": [
            {"id": str(w.id), "host": w.host, "pid": w.pid, "beat_age_s": round(w.beat_age_s, 1), "leases": w.leases}
            for w in await views.workers(db)
        ],
    })  # fmt: skip


def _destination(row: Row, hour: Row | None, bases: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "kind": row.kind,
        "title": destination_title(row.name, row.kind, row.url, bases),
        "state": row.state, "why": row.why, "breaker": row.breaker, "breaker_until": _at(row.breaker_until),
        "breaker_why": row.breaker_why, "waiting": row.waiting, "dead": row.dead,
        "oldest_s": None if row.oldest_s is None else round(row.oldest_s, 1),
        "last_error": hour.last_error if hour else None, "last_error_at": _at(hour.last_error_at) if hour else None,
        "done_last_hour": hour.done if hour else 0,
    }  # fmt: skip


@get("/lanes", summary="Lanes that are not empty, and why each waits")
async def lanes(request: AnyRequest, destination: FromQuery[str] = "", limit: FromQuery[int] = 200) -> Response[bytes]:
    await caller_of(request, "person")
    rows = await views.lanes_waiting(services_of(request).db, asked(destination), min(max(limit, 1), MOST_ROWS))
    return plain({
        "lanes": [
            {"lane_id": r.lane_id, "destination": r.destination, "key": r.key, "order_number": r.order_number,
             "depth": r.depth, "state": r.state, "why": r.why, "why_text": r.why_text, "due_at": _at(r.due_at),
             "attempt": r.attempt, "since": _at(r.since)}
            for r in rows
        ]
    })  # fmt: skip


@get("/quarantine", summary="What could not be applied")
async def quarantine(request: AnyRequest, limit: FromQuery[int] = 200) -> Response[bytes]:
    await caller_of(request, "person")
    rows = await views.quarantine(services_of(request).db, min(max(limit, 1), MOST_ROWS))
    return plain({
        "objects": [
            {"id": r.id, "base": r.base, "kind": r.kind, "ref": r.ref, "code": r.code, "message": r.message,
             "received_at": _at(r.received_at), "number": r.number}
            for r in rows
        ]
    })  # fmt: skip


@get("/routes", summary="Which event goes where")
async def routes(request: AnyRequest) -> Response[bytes]:
    await caller_of(request, "person")
    systems = ("bitrix24", "onec", "site")
    return plain({
        "routes": [
            {"event": event, **{system: any(r.destination == system for r in row) for system in systems}}
            for event, row in TABLE.items()
        ]
    })  # fmt: skip


router = Router("/api/v1/admin", route_handlers=[exchange, lanes, quarantine, routes], tags=["Exchange"])
