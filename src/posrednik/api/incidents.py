"""Doors for people who decide: incidents, and the evidence of a delivery's steps."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from posrednik.api import documents_incidents as told
from posrednik.api.auth import asked, body_of, caller_of, keyed, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.shapes import Card, Known, known
from posrednik.domain.incidents import Incident
from posrednik.domain.texts import contradiction_text
from posrednik.domain.texts_courier import INCIDENTS
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Tx
from posrednik.usecases.decide_incident import decide_incident
from posrednik.usecases.incidents import NoSuchIncident

AnyRequest = Request[Any, Any, Any]
MOST = 500
NEWS_SHOWN = 5
STATES = {"open": "open", "decided": "decided", "all": None}


@get("/incidents", summary="What people must decide", **documented("incidents", answer=told.Incidents))
async def incidents(
    request: AnyRequest,
    wanted: Annotated[str, QueryParameter(name="state", description="open, decided or all")] = "open",
    delivery: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    await caller_of(request, "person")
    db, lang = services_of(request).db, language(request)
    if wanted not in STATES:
        raise _malformed("state", "open, decided or all")
    found = await views.incidents(
        db, state=STATES[wanted], delivery=_id(delivery), courier=asked(courier).lower() or None,
        limit=min(max(limit, 0), MOST),
    )  # fmt: skip
    names = await known(db, services_of(request).rules)
    return plain({
        "incidents": [shown(one, names, lang) for one in found], "open": await views.incidents_open(db),
    })  # fmt: skip


def _id(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError as error:
        raise _malformed("delivery", "an id of a delivery") from error


def _malformed(name: str, what: str) -> Problem:
    return Problem(400, "malformed", errors=[{"pointer": f"/query/{name}", "detail": what}])


@post(
    "/incidents/{incident_id:uuid}/decide", status_code=200, summary="Decide an incident",
    **documented("decideIncident", body=told.Decision, answer=told.Incident, says_no=(404, 409, 415, 422)),
)  # fmt: skip
async def decision(request: AnyRequest, incident_id: FromPath[UUID]) -> Response[bytes]:
    caller = await caller_of(request, "person")
    services, body, lang = services_of(request), await body_of(request), language(request)
    said, once = decode_text(body, told.Decision), keyed(request, caller, body)
    names = await known(services.db, services.rules)

    async def work(tx: Tx) -> Any:
        person = caller.name or caller.owner
        decided = await decide_incident(
            tx, services.rules, incident_id, said.decision, said.reason, person, datetime.now(UTC)
        )
        return shown(decided, names, lang)

    try:
        answer = await once.run(work)
    except NoSuchIncident as error:
        raise Problem(404, "not_found") from error
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


def shown(incident: Incident, names: Known, lang: str) -> Card:
    """One incident as people are shown it, in their language."""
    i, zone = incident, names.rules.of(incident.division_ref).time_zone
    zone = zone or (names.zones.get(i.base_id) if i.base_id else None)
    what, why, suggestion = _words(i.kind, (i.what, i.why, i.suggestion), i.data, lang, zone)
    return {
        "id": str(i.id), "kind": i.kind, "title": INCIDENTS[i.kind][lang == "en"] if i.kind in INCIDENTS else i.kind,
        "severity": i.severity, "state": i.state, "what": what, "why": why, "suggestion": suggestion,
        "order_number": i.order_number, "order_ref": i.order_ref,
        "delivery_id": i.subject_id if i.subject_kind == "delivery" else None,
        "courier": {"ref": i.courier_ref, "name": names.couriers.get(i.courier_ref)} if i.courier_ref else None,
        "division": {"ref": i.division_ref, "name": names.divisions.get(i.division_ref)} if i.division_ref else None,
        "raised_at": i.raised_at.isoformat(), "last_at": i.last_at.isoformat(), "times": i.times,
        "news": [{"at": n.at.isoformat(), "what": _words(i.kind, (n.what, "", ""), n.data, lang, zone)[0]}
                 for n in reversed(i.news[-NEWS_SHOWN:])],
        "decision": i.decision, "decided_by": i.decided_by,
        "decided_at": i.decided_at.isoformat() if i.decided_at else None, "reason": i.reason,
    }  # fmt: skip


def _words(kind: str, russian: tuple[str, str, str], data: Card, lang: str, zone: str | None) -> tuple[str, str, str]:
    """The sentences in that language; those that were stored where the catalogue has lost the kind."""
    try:
        return contradiction_text(kind, lang, **{"time_zone": zone, **data})
    except KeyError:
        return russian


router = Router("/api/v1/board", route_handlers=[incidents, decision], tags=["Board"])
