"""Doors of the exchange pages: destinations with their limits, lanes and why they wait, routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromQuery

from posrednik.api import documents_exchange as told
from posrednik.api.auth import asked, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import plain
from posrednik.api.shapes import destination_title
from posrednik.domain.rights import Right
from posrednik.domain.routes import TABLE, Route
from posrednik.store import views
from posrednik.store.db import Row

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 1000
# Where a person who does not want to wait changes anything; what else waits goes on by itself or needs a decision.
HASTENED = frozenset({"try_later", "method_pause", "limiter"})


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


@get("/exchange", summary="Destinations, bases and workers with their figures", **documented(
    "exchange", answer=told.Exchange, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def exchange(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    services = services_of(request)
    db = services.db
    bases = await views.bases(db)
    seen = _Seen(
        await views.destination_hour(db), await views.limits(db), {str(b.id): b.name for b in bases}, services.limits
    )
    return plain({
        "destinations": [seen.destination(row) for row in await views.destinations(db)],
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


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of all destinations together. allowed: (bucket, rate, burst) by destination."""

    hours: Mapping[str, Row]
    limits: Sequence[Row]
    bases: dict[str, str]
    allowed: Mapping[str, tuple[str, float, float]]

    def destination(self, row: Row) -> dict[str, Any]:
        hour = self.hours.get(row.name)
        return {
            "id": row.id, "name": row.name, "kind": row.kind,
            "title": destination_title(row.name, row.kind, row.url, self.bases),
            "state": row.state, "why": row.why, "breaker": row.breaker, "breaker_until": _at(row.breaker_until),
            "breaker_why": row.breaker_why, "waiting": row.waiting, "dead": row.dead,
            "oldest_s": None if row.oldest_s is None else round(row.oldest_s, 1),
            "last_error": hour.last_error if hour else None,
            "last_error_at": _at(hour.last_error_at) if hour else None,
            "done_last_hour": hour.done if hour else 0, "failed_last_hour": hour.failed if hour else 0,
            "per_minute": round(hour.done_5m / 5, 1) if hour else 0.0, "limits": self._limits(row.name),
            "pauses": [{"method": one.method, "left_s": round(one.left_s, 1), "why": one.why}
                       for one in self.limits if one.kind == "pause" and one.name == row.name],
        }  # fmt: skip

    def _limits(self, name: str) -> dict[str, float] | None:
        """Its bucket as it is now: filled since somebody last took of it. One that was never used is full."""
        if name not in self.allowed:
            return None
        bucket, rate, burst = self.allowed[name]
        last = next((one for one in self.limits if one.kind == "bucket" and one.name == bucket), None)
        tokens = burst if last is None else min(burst, last.tokens + rate * max(last.age_s, 0))
        return {"rate": rate, "burst": burst, "fill": round(max(tokens, 0) / burst, 2)}


@get("/lanes", summary="Lanes that are not empty, and why each waits", **documented(
    "lanes", answer=told.Lanes, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def lanes(
    request: AnyRequest, destination: FromQuery[str] = "", why: FromQuery[str] = "", q: FromQuery[str] = "",
    limit: FromQuery[int] = 200,
) -> Response[bytes]:  # fmt: skip
    """why: a code. q: number or ref of an order, id of a delivery, or the key of a lane."""
    await person_of(request, Right.EXCHANGE_SEE)
    rows = await views.lanes_waiting(
        services_of(request).db, asked(destination), min(max(limit, 1), MOST_ROWS), why=asked(why, 50) or None,
        q=asked(q, 100) or None,
    )  # fmt: skip
    return plain({
        "lanes": [
            {"lane_id": r.lane_id, "destination": r.destination, "key": r.key, "order_number": r.order_number,
             "depth": r.depth, "state": r.state, "why": r.why, "why_text": r.why_text, "due_at": _at(r.due_at),
             "attempt": r.attempt, "since": _at(r.since), "may_hasten": r.why in HASTENED}
            for r in rows
        ]
    })  # fmt: skip


@get("/routes", summary="Which event goes where", **documented(
    "routes", answer=dict[str, Any], right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def routes(request: AnyRequest) -> Response[bytes]:
    """messages: what the portal gets of it, by the methods of its messages."""
    await person_of(request, Right.EXCHANGE_SEE)
    return plain({"routes": [_route(event, row) for event, row in TABLE.items()]})


def _route(event: str, row: Sequence[Route]) -> dict[str, Any]:
    systems = ("bitrix24", "onec", "site")
    goes = {system: any(r.destination == system for r in row) for system in systems}
    return {"event": event, **goes, "messages": [r.method for r in row if r.destination == "bitrix24"]}


router = Router("/api/v1/admin", route_handlers=[exchange, lanes, routes], tags=["Exchange"])
