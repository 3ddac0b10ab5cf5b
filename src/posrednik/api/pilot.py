"""Doors of the pilot: how divisions stand, switching them, who takes part, what would have been sent."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from posrednik.api import documents_pilot as told
from posrednik.api.auth import asked, body_of, check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.shapes import destination_title
from posrednik.api.zone import zone_of
from posrednik.domain.pilot import GATE_DAYS, may_switch
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases import mark_trial as trials
from posrednik.usecases import pilot
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.division_settings import SettingsChanged, known
from posrednik.usecases.ownership import telling
from posrednik.usecases.pilot import Look, Stand, SwitchNotReady
from posrednik.usecases.shadow import Period, report
from posrednik.usecases.switch_mode import Wanted, listed

AnyRequest = Request[Any, Any, Any]
LONGEST_DAYS = 92


@get("/pilot", summary="How each division stands, and what speaks against the next step",
     **documented("pilot", answer=told.Pilot, right=Right.PILOT_SEE))  # fmt: skip
async def stands(request: AnyRequest) -> Response[bytes]:
    caller, services = await person_of(request, Right.PILOT_SEE), services_of(request)
    lang = language(request)
    found = await pilot.stands(services.db, services.live, caller.divisions, lang)
    return plain({"divisions": [_stand(one, lang) for one in found], "gate_days": GATE_DAYS,
                  "status_chat": bool(services.status_chat)})  # fmt: skip


def _stand(one: Stand, lang: str) -> dict[str, Any]:
    own, stops = one.own, [check for check in one.checks if check.state == "stop"]
    return {
        "ref": one.ref, "name": one.name, "version": own.version, "mode": one.mode,
        "source": "file" if own.mode is None else "page", "since": own.mode_at.isoformat() if own.mode_at else None,
        "by": own.mode_by, "next": one.next, "may_switch": may_switch(one.checks),
        "why_not": [check.told(lang)["text"] for check in stops],
        "checklist": [check.told(lang) for check in one.checks],
        "couriers": [
            {"ref": c.ref, "name": c.name, "active": c.active, "mapped": bool(c.bitrix24_user),
             "chosen": c.ref in own.pilot_couriers} for c in one.couriers
        ],
        "trial_orders": [_trial(row) for row in one.trials],
        "gates": [pilot.told_gate(gate) for gate in one.gates],
    }  # fmt: skip


def _trial(row: Row) -> dict[str, Any]:
    stage = None if row.stage is None else row.stage if row.on_board else "withdrawn"
    return {"order_ref": str(row.order_ref), "order_number": row.order_number, "stage": stage,
            "delivery": str(row.delivery_id) if row.delivery_id else None}  # fmt: skip


@post("/pilot/{ref:uuid}/mode", status_code=200, summary="Switch a division; dry_run tells the check list only",
      **documented("switchMode", body=told.SwitchMode, answer=told.Switched, says_no=(404, 409, 415, 422),
                   right=Right.PILOT_SWITCH))  # fmt: skip
async def mode(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, body = await person_of(request, Right.PILOT_SWITCH, str(ref)), await body_of(request)
    asked_for = decode_text(body, told.SwitchMode)
    await _known(request, str(ref), caller)
    if asked_for.dry_run:
        return plain(_looked(await _look(request, str(ref), Wanted(asked_for.mode)), language(request)))
    return await _switched(request, caller, body, str(ref), Wanted(asked_for.mode), asked_for, force=asked_for.force)


@post("/pilot/{ref:uuid}/couriers", status_code=200, summary="Who takes part in the pilot of a division",
      **documented("pilotCouriers", body=told.PilotCouriers, answer=told.Switched, says_no=(404, 409, 415, 422),
                   right=Right.PILOT_SWITCH))  # fmt: skip
async def couriers(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, body = await person_of(request, Right.PILOT_SWITCH, str(ref)), await body_of(request)
    asked_for = decode_text(body, told.PilotCouriers)
    await _known(request, str(ref), caller)
    wanted = Wanted(None, listed(asked_for.add), listed(asked_for.remove))
    if asked_for.dry_run:
        return plain(_looked(await _look(request, str(ref), wanted), language(request)))
    return await _switched(request, caller, body, str(ref), wanted, asked_for, force=True)


async def _known(request: AnyRequest, ref: str, caller: Caller) -> None:
    services = services_of(request)
    if ref not in (await known(services.db, services.live, caller.divisions)).refs:
        raise Problem(404, "not_found")


async def _look(request: AnyRequest, ref: str, wanted: Wanted) -> Look:
    services = services_of(request)
    return await pilot.look(services.db, services.live, ref, wanted)


async def _switched(
    request: AnyRequest, caller: Caller, body: bytes, ref: str, wanted: Wanted,
    asked_for: told.SwitchMode | told.PilotCouriers, *, force: bool,
) -> Response[bytes]:  # fmt: skip
    """force: of the list of couriers, for it is no switch: what speaks against it is only told."""
    services, lang, once = services_of(request), language(request), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(division=ref)
        done, before = await pilot.switch_checked(
            tx, services.live, ref, wanted, version=asked_for.version, who=caller.name or caller.owner,
            reason=asked_for.reason, now=datetime.now(UTC), force=force,
        )  # fmt: skip
        return {**_looked(before, lang), "done": not done.plan.already, "version": done.own.version,
                "plan": done.plan.counts}  # fmt: skip

    try:
        answer = await once.run(work)
    except SwitchNotReady as error:
        stops = [{"pointer": f"/{one.key}", "detail": one.told(lang)["text"]} for one in error.checks]
        raise Problem(422, error.code, errors=stops) from error
    except SettingsChanged as error:
        raise Problem(409, error.code, version=error.data["version"]) from error
    return answer_of(answer, replayed=once.replayed)


def _looked(look: Look, lang: str) -> dict[str, Any]:
    return {
        "done": False, "version": look.own.version, "mode": look.plan.after.mode, "was": look.plan.before.mode,
        "may_switch": look.may, "checklist": [check.told(lang) for check in look.checks], "plan": look.plan.counts,
    }  # fmt: skip


@post("/pilot/orders", status_code=200, summary="Mark an order as a trial one, or take the mark away",
      **documented("markTrial", body=told.TrialMark, answer=told.TrialMarked, says_no=(409, 415, 422),
                   right=Right.PILOT_SWITCH))  # fmt: skip
async def orders(request: AnyRequest) -> Response[bytes]:
    caller, services, body = await person_of(request, Right.PILOT_SWITCH), services_of(request), await body_of(request)
    wanted, once = decode_text(body, told.TrialMark), keyed(request, caller, body)
    q = asked(wanted.order, 100)
    found = list(await views.orders_found(services.db, q))

    async def work(tx: Tx) -> dict[str, Any]:
        desk, ref = await trials.mark(
            tx, found, q, trial=wanted.trial, rules=services.rules, who=caller.name or caller.owner,
            reason=wanted.reason, now=datetime.now(UTC),
        )  # fmt: skip
        order, delivery = desk.orders[ref], desk.deliveries.get(ref)
        check(caller, Right.PILOT_SWITCH, delivery.division_ref if delivery else order.division_ref)
        once.about(subject=order.number, division=order.division_ref)
        return {"order_ref": str(ref), "order_number": order.number, "trial": wanted.trial,
                "delivery": {"id": str(delivery.id), "version": delivery.version} if delivery else None}  # fmt: skip

    answer = await telling(services.db, once.run(work), datetime.now(UTC))
    return answer_of(answer, replayed=once.replayed)


@get("/shadow", summary="What would have been sent, by kind of event and destination, with examples",
     **documented("shadow", answer=told.Shadow, right=Right.PILOT_SEE))  # fmt: skip
async def shadow(
    request: AnyRequest, since: Annotated[str, QueryParameter(name="from", description="A day, inclusive")] = "",
    until: Annotated[str, QueryParameter(name="to", description="A day, inclusive")] = "",
    division: FromQuery[str] = "", examples: FromQuery[int] = 2,
) -> Response[bytes]:  # fmt: skip
    """Without days: today and the six days before."""
    ref = asked(division).lower() or None
    caller, services = await person_of(request, Right.PILOT_SEE, ref), services_of(request)
    period = _period(since, until, await zone_of(services, caller, ref))
    shown = [ref] if ref else None if caller.divisions is None else sorted(caller.divisions)
    found = await report(services.db, period, shown, min(max(examples, 0), 5))
    bases = {str(b.id): b.name for b in await views.base_settings(services.db)}
    urls = {row.name: row for row in await views.destinations(services.db)}
    return plain({
        "since": period.since.isoformat(), "until": period.until.isoformat(), "total": sum(k.row.n for k in found),
        "kinds": [
            {**_kind(kind.row), "title": _title(urls.get(kind.row.destination), kind.row.destination, bases),
             "examples": [_example(row) for row in kind.examples]} for kind in found
        ],
    })  # fmt: skip


def _title(row: Row | None, name: str, bases: dict[str, str]) -> str:
    return name if row is None else destination_title(row.name, row.kind, row.url, bases)


def _kind(row: Row) -> dict[str, Any]:
    return {"type": row.type, "destination": row.destination, "method": row.method, "n": row.n, "trial": row.trial_n,
            "bytes": row.bytes, "first_at": row.first_at.isoformat(), "last_at": row.last_at.isoformat()}  # fmt: skip


def _example(row: Row) -> dict[str, Any]:
    return {"at": row.at.isoformat(), "event_id": str(row.event_id), "order_number": row.order_number,
            "bytes": row.bytes, "body": None if row.body is None else msgspec.json.decode(row.body)}  # fmt: skip


def _period(since: str, until: str, zone: ZoneInfo) -> Period:
    """Raises Problem 400."""
    today = datetime.now(zone).date()
    last = _day("to", until) or today
    first = _day("from", since) or last - timedelta(days=6)
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST_DAYS):
        raise Problem(400, "malformed", errors=[{"pointer": "/query/from", "detail": f"0..{LONGEST_DAYS} days"}])
    return Period.of(first, last, zone)


def _day(name: str, value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Problem(400, "malformed", errors=[{"pointer": f"/query/{name}", "detail": "YYYY-MM-DD"}]) from error


router = Router("/api/v1/admin", route_handlers=[stands, mode, couriers, orders, shadow], tags=["Pilot"])
