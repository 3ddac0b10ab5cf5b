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
from posrednik.domain.rights import Right
from posrednik.domain.routes import TABLE
from posrednik.domain.texts_settings import EVENTS
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases import division_settings as divisions
from posrednik.usecases import look_settings, mappings
from posrednik.usecases.division_settings import Divisions
from posrednik.usecases.manage_subscriptions import ROTATION_OVERLAP_S
from posrednik.usecases.mappings import Mapped, MappingChanged
from posrednik.usecases.ownership import telling

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
    return plain({
        "couriers": [_courier(one) for one in await mappings.couriers(services.db, caller.divisions)],
        "divisions": [_division(services.live.file, known, ref) for ref in known.refs],
        "default_group": services.live.file.default_group,
    })  # fmt: skip


def _courier(one: Mapped) -> dict[str, Any]:
    row = one.row
    return {
        "ref": row.ref, "name": row.name, "active": row.active,
        "division": {"ref": row.division or "", "name": row.division_name}, "said": row.said, "user": one.user,
        "source": "1c" if row.told is None else "page", "version": row.version, "who": row.who,
        "at": row.at.isoformat() if row.at else None, "reason": row.reason, "warehouses": row.warehouses,
        "wrong": list(one.wrong),
    }  # fmt: skip


def _division(file: divisions.DivisionFile, known: Divisions, ref: str) -> dict[str, Any]:
    own = known.own(ref)
    group = divisions.settings_of(file, own)["bitrix24_group"]
    return {
        "ref": ref, "name": known.names.get(ref), "group": group.value, "source": group.source, "who": group.who,
        "at": group.at.isoformat() if group.at else None, "version": own.version,
        "wrong": ["no_group"] if group.value is None and not file.default_group else [],
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
            reason=wanted.reason, now=datetime.now(UTC), policy=services_of(request).rules.ownership,
        )  # fmt: skip
        if after is None:
            raise Problem(404, "not_found")
        once.about(str(ref), after.row.division)
        return _courier(after)

    try:
        answer = await telling(services_of(request).db, once.run(work), datetime.now(UTC))
    except MappingChanged as error:
        raise Problem(409, error.code, version=error.data["version"]) from error
    return answer_of(answer, replayed=once.replayed)


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


router = Router("/api/v1/admin", route_handlers=[look, mapped, map_courier, subscriptions], tags=["Settings"])
