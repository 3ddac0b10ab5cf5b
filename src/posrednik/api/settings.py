"""Doors of the page «Настройки» beside those of divisions: changes looked at before they are saved, mappings, and
subscriptions with their state. See docs/subsystems/settings.md."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath

from posrednik.api import documents_settings as told
from posrednik.api.auth import body_of, check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.subscribers import shown as shown_subscription
from posrednik.domain.portal_people import Suggestion
from posrednik.domain.rights import Right, rights_of
from posrednik.domain.routes import TABLE
from posrednik.domain.texts_settings import EVENTS
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases import division_settings as divisions
from posrednik.usecases import look_settings, mappings, portal_people
from posrednik.usecases.division_settings import Divisions
from posrednik.usecases.manage_subscriptions import ROTATION_OVERLAP_S
from posrednik.usecases.mappings import Mapped, MappingChanged
from posrednik.usecases.ownership import telling
from posrednik.usecases.portal_people import Matched, Reading

AnyRequest = Request[Any, Any, Any]


# -- divisions, before a change is saved


@post("/divisions/{ref:uuid}/look", status_code=200, summary="What changed settings would be on a courier's phone",
      **documented("lookAtSettings", body=told.Changes, answer=told.SettingsLook, says_no=(404, 415, 422),
                   right=Right.SETTINGS_SEE))  # fmt: skip
async def look(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, services = await person_of(request, Right.SETTINGS_SEE, str(ref)), services_of(request)
    wanted = decode_text(await body_of(request), told.Changes)
    known = await divisions.known(services.db, services.live, caller.divisions)
    if str(ref) not in known.refs:
        raise Problem(404, "not_found")
    seen = await look_settings.look(services.db, services.live, known, str(ref), wanted.changes)
    return plain({
        "wrong": seen.wrong, "now": seen.now, "then": seen.then, "proofs": seen.proofs,
        "reasons": look_settings.reasons(), "default_group": services.live.file.default_group,
    })  # fmt: skip


# -- mappings


@get("/mappings", summary="Couriers and users, divisions and projects, couriers and warehouses; what is missing",
     **documented("mappings", answer=told.Mappings, right=Right.SETTINGS_SEE))  # fmt: skip
async def mapped(request: AnyRequest) -> Response[bytes]:
    caller, services = await person_of(request, Right.SETTINGS_SEE), services_of(request)
    known = await divisions.known(services.db, services.live, caller.divisions)
    seen, reading = await portal_people.matched(services.db), await portal_people.reading(services.db)
    mine = [one for one in seen.couriers if caller.divisions is None or one.row.division in caller.divisions]
    manages = Right.PEOPLE_MANAGE in rights_of(caller.roles, limited=caller.divisions is not None)
    return plain({
        "couriers": [_courier(one, seen) for one in mine],
        "divisions": [_division(services.live.file, known, ref, seen, reading) for ref in known.refs],
        "default_group": services.live.file.default_group,
        "people": [_person(row, seen) for row in seen.people] if manages else None,
        "projects": [{"id": one.id, "name": one.name, "closed": one.closed} for one in seen.projects],
        "portal": services.portal_desk is not None, "reading": reading.told(),
    })  # fmt: skip


def _courier(one: Mapped, seen: Matched) -> dict[str, Any]:
    row, user = one.row, seen.user(one.user)
    return {
        "ref": row.ref, "name": row.name, "active": row.active,
        "division": {"ref": row.division or "", "name": row.division_name}, "said": row.said, "user": one.user,
        "user_name": user.name if user else None, "source": "1c" if row.told is None else "page",
        "version": row.version, "who": row.who, "at": row.at.isoformat() if row.at else None, "reason": row.reason,
        "warehouses": row.warehouses, "wrong": list(seen.problems(one)),
        "suggestion": _suggested(seen.found.get(row.ref)),
    }  # fmt: skip


def _suggested(found: Suggestion | None) -> dict[str, str] | None:
    return {"user": str(found.user.id), "name": found.user.name, "by": found.by} if found else None


def _person(row: Row, seen: Matched) -> dict[str, Any]:
    user = seen.user(row.bitrix24_user)
    return {
        "id": str(row.id), "login": row.login, "name": row.name, "user": row.bitrix24_user or "",
        "user_name": user.name if user else None, "version": row.version,
        "wrong": list(seen.directory.problems(row.bitrix24_user or "")),
        "suggestion": _suggested(seen.found.get(str(row.id))),
    }  # fmt: skip


def _division(
    file: divisions.DivisionFile, known: Divisions, ref: str, seen: Matched, reading: Reading
) -> dict[str, Any]:  # fmt: skip
    own = known.own(ref)
    group = divisions.settings_of(file, own)["bitrix24_group"]
    project = next((one for one in seen.projects if one.id == group.value), None)
    lost = group.value is not None and project is None and reading.read_at is not None
    wrong = {
        "no_group": group.value is None and not file.default_group, "group_unknown": lost,
        "group_closed": project is not None and project.closed,
    }  # fmt: skip
    return {
        "ref": ref, "name": known.names.get(ref), "group": group.value, "project": project.name if project else None,
        "source": group.source, "who": group.who, "at": group.at.isoformat() if group.at else None,
        "version": own.version, "wrong": [key for key, holds in wrong.items() if holds],
    }  # fmt: skip


@put("/mappings/couriers/{ref:uuid}", summary="Which user of Bitrix24 a courier is, over what 1C says",
     **documented("mapCourier", body=told.MapCourier, answer=told.CourierMapping, says_no=(404, 409, 415, 422),
                  right=Right.SETTINGS_CHANGE))  # fmt: skip
async def map_courier(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, body = await person_of(request, Right.SETTINGS_CHANGE), await body_of(request)
    wanted, once = decode_text(body, told.MapCourier), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        before = await mappings.courier(tx, str(ref))
        check(caller, Right.SETTINGS_CHANGE, (before.row.division or "") if before else None)
        after = await mappings.map_courier(
            tx, str(ref), wanted.bitrix24_user, version=wanted.version, who=caller.name or caller.owner,
            reason=wanted.reason, now=datetime.now(UTC), live=services_of(request).live,
        )  # fmt: skip
        if after is None:
            raise Problem(404, "not_found")
        once.about(str(ref), after.row.division)
        return _courier(after, await portal_people.matched(tx))

    try:
        answer = await telling(services_of(request).db, once.run(work), datetime.now(UTC))
    except MappingChanged as error:
        raise Problem(409, error.code, version=error.data["version"]) from error
    return answer_of(answer, replayed=once.replayed)


@post("/mappings/refresh", status_code=200, summary="Users and projects of the portal are read now",
      **documented("readPortalPeople", answer=told.PortalReading, says_no=(409, 422),
                   right=Right.SETTINGS_CHANGE))  # fmt: skip
async def read_people(request: AnyRequest) -> Response[bytes]:
    caller, services = await person_of(request, Right.SETTINGS_CHANGE), services_of(request)
    desk = await services.portal_desk() if services.portal_desk else None
    if desk is None:
        raise Problem(409, "no_portal")
    reading = await portal_people.read_again(services.db, desk, datetime.now(UTC))
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        return reading.told()

    return answer_of(await once.run(work), replayed=once.replayed)


# -- subscriptions as the page shows them


@get("/subscriptions", summary="Subscriptions with their state, and what can be subscribed to",
     **documented("subscriptionsPage", answer=told.SubscriptionsPage, right=Right.SUBSCRIPTION_MANAGE))  # fmt: skip
async def subscriptions(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.SUBSCRIPTION_MANAGE)
    db, lang = services_of(request).db, language(request)
    standing = {row.name: row for row in await views.destinations(db)}
    hour = await views.destination_hour(db)
    names = {row.ref: row.name for row in await views.names(db) if row.kind == "division"}
    rows = await views.subscriptions(db)
    return plain({
        "subscriptions": [_state(row, standing[row.destination], hour.get(row.destination), names) for row in rows
                          if row.destination in standing],
        "events": _events(lang), "divisions": [{"ref": ref, "name": name} for ref, name in names.items()],
        "rotation_hours": round(ROTATION_OVERLAP_S / 3600),
    })  # fmt: skip


def _state(row: Row, now: Row, hour: Row | None, names: dict[str, str]) -> dict[str, Any]:
    until = row.old_secret_until
    error_at = hour.last_error_at if hour else None
    return {
        **shown_subscription(row), "division_name": names.get(row.division_ref), "destination": row.destination,
        "waiting": now.waiting, "dead": now.dead, "oldest_s": now.oldest_s, "breaker": now.breaker,
        "last_error": now.breaker_why or (hour.last_error if hour else None),
        "last_error_at": error_at.isoformat() if error_at else None, "done_last_hour": hour.done if hour else 0,
        "old_secret_until": until.isoformat() if until else None,
    }  # fmt: skip


def _events(lang: str) -> list[dict[str, str]]:
    """In the order of the table of routes."""
    told_as, heard = int(lang == "en"), [type for type in TABLE if type in EVENTS]
    return [{"type": t, "title": EVENTS[t][0][told_as], "about": EVENTS[t][1][told_as]} for t in heard]


router = Router(
    "/api/v1/admin", route_handlers=[look, mapped, map_courier, read_people, subscriptions], tags=["Settings"]
)
