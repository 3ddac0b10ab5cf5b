"""Doors for people who decide: incidents, what a decision would do and what it did."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from posrednik.api import documents_incidents as told
from posrednik.api.auth import asked, body_of, check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.query import malformed, moment_of
from posrednik.api.shapes import Card, Known, destination_title, known
from posrednik.api.way import EVENTS
from posrednik.domain.evidence import FLAGS
from posrednik.domain.incidents import Incident, moves_of
from posrednik.domain.publication import rubles, units
from posrednik.domain.rights import Right
from posrednik.domain.routes import TABLE
from posrednik.domain.texts import contradiction_text
from posrednik.domain.texts_board import account_title
from posrednik.domain.texts_courier import INCIDENTS
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Database, Row, Tx
from posrednik.store.views import IncidentFilter
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.cash_desk import NoSuchCourier
from posrednik.usecases.decide_incident import decide_incident, decide_many, effect_of, would_be
from posrednik.usecases.incidents import NoSuchIncident, Permit

AnyRequest = Request[Any, Any, Any]
MOST = 500
NEWS_SHOWN = 5
STATES = {"open": "open", "decided": "decided", "all": None}
SEVERITIES = ("", "alarm", "warning", "notice")
# What a decision takes beside the right to decide: it moves money or goods.
ALSO = {"settled": Right.CASH_CORRECT, "written_off": Right.BACKPACK_DECIDE, "found": Right.BACKPACK_DECIDE}


@get(
    "/incidents", summary="What people must decide",
    **documented("incidents", answer=told.Incidents, right=Right.INCIDENT_SEE),
)  # fmt: skip
async def incidents(
    request: AnyRequest,
    wanted: Annotated[str, QueryParameter(name="state", description="open, decided or all")] = "open",
    delivery: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    division: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    severity: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    """since, until: moments; what began or had news between them. q: a part of its sentence or the order's number."""
    caller = await person_of(request, Right.INCIDENT_SEE)
    db, lang = services_of(request).db, language(request)
    if wanted not in STATES:
        raise malformed("state", "open, decided or all")
    if severity not in SEVERITIES:
        raise malformed("severity", "alarm, warning or notice")
    chosen = IncidentFilter(
        STATES[wanted], _id(delivery), asked(courier).lower() or None, asked(division).lower() or None,
        None if caller.divisions is None else sorted(caller.divisions), asked(kind, 50) or None, severity or None,
        moment_of("since", since), moment_of("until", until), asked(q).lower() or None,
    )  # fmt: skip
    found = await views.incidents(db, chosen, min(max(limit, 0), MOST))
    names, kinds = await known(db, services_of(request).rules), await views.incidents_open(db, caller.divisions)
    choice = names.only(caller.divisions)
    return plain({
        "incidents": [shown(one, names, lang) for one in found], "open": sum(kinds.values()),
        "kinds": [{"kind": one, "title": _title(one, lang), "open": n} for one, n in kinds.items()],
        "couriers": choice.active, "divisions": [{"ref": ref, "name": name} for ref, name in choice.divisions.items()],
    })  # fmt: skip


def _id(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError as error:
        raise malformed("delivery", "an id of a delivery") from error


@get(
    "/incidents/{incident_id:uuid}", summary="One incident with all its news and what its decision did",
    **documented("incident", answer=told.WholeIncident, says_no=(404,), right=Right.INCIDENT_SEE),
)  # fmt: skip
async def incident(request: AnyRequest, incident_id: FromPath[UUID]) -> Response[bytes]:
    caller, services, lang = await person_of(request, Right.INCIDENT_SEE), services_of(request), language(request)
    found = await views.incidents(services.db, IncidentFilter(id=incident_id), 1)
    if not found:
        raise Problem(404, "not_found")
    check(caller, Right.INCIDENT_SEE, found[0].division_ref)
    names = await known(services.db, services.rules)
    did = await effect_of(services.db, found[0])
    return plain({
        **shown(found[0], names, lang, most_news=MOST), "effect": await _effect(services.db, did, names, lang),
    })  # fmt: skip


@get(
    "/incidents/{incident_id:uuid}/effect", summary="What a decision would post and send; nothing is done",
    **documented("incidentEffect", answer=told.Effect, says_no=(404, 422), right=Right.INCIDENT_DECIDE),
)  # fmt: skip
async def effect(request: AnyRequest, incident_id: FromPath[UUID], decision: FromQuery[str]) -> Response[bytes]:
    caller, services, lang = await person_of(request, Right.INCIDENT_DECIDE), services_of(request), language(request)
    wanted = asked(decision, 50)
    try:
        did = await would_be(
            services.db, services.rules, incident_id, wanted, caller.name or caller.owner, datetime.now(UTC),
            _permit(caller, wanted),
        )  # fmt: skip
    except (NoSuchIncident, NoSuchCourier) as error:
        raise Problem(404, "not_found") from error
    return plain({"effect": await _effect(services.db, did, await known(services.db, services.rules), lang)})


def _permit(caller: Caller, decision: str) -> Permit:
    """His division, and for what moves money or goods the right to that too."""

    def permit(found: Incident) -> None:
        check(caller, Right.INCIDENT_DECIDE, found.division_ref)
        if decision in ALSO:
            check(caller, ALSO[decision], found.division_ref)

    return permit


@post(
    "/incidents/{incident_id:uuid}/decide", status_code=200, summary="Decide an incident",
    **documented("decideIncident", body=told.Decision, answer=told.Incident, says_no=(404, 409, 415, 422),
                 right=Right.INCIDENT_DECIDE),
)  # fmt: skip
async def decision(request: AnyRequest, incident_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.INCIDENT_DECIDE)
    services, body, lang = services_of(request), await body_of(request), language(request)
    said, once = decode_text(body, told.Decision), keyed(request, caller, body)
    names = await known(services.db, services.rules)

    async def work(tx: Tx) -> Any:
        person = caller.name or caller.owner
        decided = await decide_incident(
            tx, services.rules, incident_id, said.decision, said.reason, person, datetime.now(UTC),
            _permit(caller, said.decision),
        )  # fmt: skip
        once.about(str(incident_id), decided.division_ref)
        return shown(decided, names, lang)

    try:
        answer = await once.run(work)
    except (NoSuchIncident, NoSuchCourier) as error:
        raise Problem(404, "not_found") from error
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


@post(
    "/incidents/decide", status_code=200, summary="The same decision on many doubts of one kind",
    **documented("decideIncidents", body=told.Decisions, answer=told.DecidedMany, says_no=(404, 409, 415, 422),
                 right=Right.INCIDENT_DECIDE),
)  # fmt: skip
async def decisions(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.INCIDENT_DECIDE)
    services, body = services_of(request), await body_of(request)
    said, once = decode_text(body, told.Decisions), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        decided, before = await decide_many(
            tx, said.ids, said.decision, said.reason, caller.name or caller.owner, datetime.now(UTC),
            _permit(caller, said.decision),
        )  # fmt: skip
        divisions = {one.division_ref for one in decided}
        once.about(", ".join(str(one.id) for one in decided[:5]), divisions.pop() if len(divisions) == 1 else None)
        return {"decided": len(decided), "before": [str(one) for one in before]}

    try:
        answer = await once.run(work)
    except NoSuchIncident as error:
        raise Problem(404, "not_found") from error
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


async def _effect(db: Database, did: Any, names: Known, lang: str) -> list[Card]:
    """Events that are not the incident's own, each with what it posted and where its messages are."""
    bases = {str(one.id): one.name for one in await views.bases(db)} if did else {}
    return [_event(row, names, bases, lang) for row in did]


def _event(row: Row, names: Known, bases: dict[str, str], lang: str) -> Card:
    goes_to = {route.destination for route in TABLE.get(row.type, ())}
    lanes = [lane for lane in msgspec.json.decode(row.lanes) if lane["kind"] in goes_to]
    return {
        "id": str(row.id), "type": row.type, "title": EVENTS.get(row.type, row.type), "order_number": row.order_number,
        "money": [{"sum": rubles(one["sum_kop"]), **_ways(one, names, lang)} for one in msgspec.json.decode(row.money)],
        "goods": [{"quantity": units(one["quantity_milli"]), "name": one["name"], **_ways(one, names, lang)}
                  for one in msgspec.json.decode(row.goods)],
        "messages": [
            {"destination": lane["name"], "title": destination_title(lane["name"], lane["kind"], lane["url"], bases),
             "state": "waits" if lane["waits"] else "done", "text": (lane["why_text"] or "") if lane["waits"] else ""}
            for lane in lanes
        ],
    }  # fmt: skip


def _ways(posting: Card, names: Known, lang: str) -> Card:
    return {"from": _account(posting["source"], names, lang), "to": _account(posting["target"], names, lang)}


def _account(account: str, names: Known, lang: str) -> str:
    who = names.couriers.get(account.partition(":")[2])
    return f"{account_title(account, lang)} ({who})" if who else account_title(account, lang)


def _title(kind: str, lang: str) -> str:
    return INCIDENTS[kind][lang == "en"] if kind in INCIDENTS else kind


def shown(incident: Incident, names: Known, lang: str, *, most_news: int = NEWS_SHOWN) -> Card:
    """One incident as people are shown it, in their language."""
    i, zone = incident, names.rules.of(incident.division_ref).time_zone
    zone = zone or (names.zones.get(i.base_id) if i.base_id else None)
    what, why, suggestion = _words(i.kind, (i.what, i.why, i.suggestion), i.data, lang, zone)
    return {
        "id": str(i.id), "kind": i.kind, "title": _title(i.kind, lang),
        "severity": i.severity, "state": i.state, "what": what, "why": why, "suggestion": suggestion,
        "order_number": i.order_number, "order_ref": i.order_ref,
        "delivery_id": i.subject_id if i.subject_kind == "delivery" else None,
        "courier": {"ref": i.courier_ref, "name": names.couriers.get(i.courier_ref)} if i.courier_ref else None,
        "division": {"ref": i.division_ref, "name": names.divisions.get(i.division_ref)} if i.division_ref else None,
        "raised_at": i.raised_at.isoformat(), "last_at": i.last_at.isoformat(), "times": i.times,
        "news": [{"at": n.at.isoformat(), "what": _words(i.kind, (n.what, "", ""), n.data, lang, zone)[0]}
                 for n in reversed(i.news[-most_news:])],
        "moves": list(moves_of(i)), "together": i.kind in FLAGS,
        "decision": i.decision, "decided_by": i.decided_by,
        "decided_at": i.decided_at.isoformat() if i.decided_at else None, "reason": i.reason,
    }  # fmt: skip


def _words(kind: str, russian: tuple[str, str, str], data: Card, lang: str, zone: str | None) -> tuple[str, str, str]:
    """The sentences in that language; those that were stored where the catalogue has lost the kind."""
    try:
        return contradiction_text(kind, lang, **{"time_zone": zone, **data})
    except KeyError:
        return russian


router = Router(
    "/api/v1/board", route_handlers=[incidents, incident, effect, decision, decisions], tags=["Board"]
)  # fmt: skip
