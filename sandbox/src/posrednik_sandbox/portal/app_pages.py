"""JSON behind the page «Приложения» and the left menu: the application, its installation, its events, opening it."""

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from posrednik_sandbox.portal import installing, page_data
from posrednik_sandbox.portal.application import CHAT, DEFAULT, MENU
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.event_sender import Outgoing
from posrednik_sandbox.portal.events import SCOPES
from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.opening import open_as
from posrednik_sandbox.portal.portal import SCOPE, Portal
from posrednik_sandbox.portal.values import as_int

ADMINISTRATOR = 1
SETTINGS = ("page_url", "chat_url", "office_url", "redirect_url", "title")
LATEST_SHIFT_S = 20 * 365 * 24 * 3600.0


def application(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Settings of the local application, and all employees; couriers are those whose position says so."""
    app = portal.application
    people = sorted(portal.users, key=lambda user: user.id)
    places = {row.placement: row.handler for row in portal.placements} if portal.installed else {}
    settings = {place: url for place in (DEFAULT, CHAT, MENU) if (url := app.handler(place))}
    return {
        "application": {
            **installing.state(portal),
            "title": app.title,
            "domain": portal.address,
            "auth_url": f"http://{portal.address}",
            "mobile": app.mobile,
            "handlers": settings | places,
        },
        "people": [_person(portal, user) for user in people],
    }


def change_application(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`page_url`, `chat_url`, `office_url`, `redirect_url`, `title`, `mobile`, `scope` (list): what the form holds."""
    changes: dict[str, Any] = {name: str(body[name]) for name in SETTINGS if name in body}
    if "mobile" in body:
        changes["mobile"] = bool(body["mobile"])
    if "scope" in body:
        changes["scope"] = tuple(sorted(_texts(body, "scope")))
    installing.change(portal, changes)
    return application(portal, request, body)


async def install(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user, url?, api_only?, new?, finish?}`: as installing.install; gives the installation and `posted`."""
    return await installing.install(portal, _user(body), **_form(body), finish=body.get("finish") is not False)


def begin(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user, url?, api_only?, new?}`: the form alone; the installer is opened by a person."""
    installing.begin(portal, _user(body), **_form(body))
    return installing.state(portal)


def _user(body: dict[str, Any]) -> int:
    return as_int(body.get("user"), ADMINISTRATOR) or 0


def _form(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": None if body.get("url") is None else str(body["url"]),
        "api_only": None if body.get("api_only") is None else bool(body["api_only"]),
        "new": bool(body.get("new")),
    }


def finish(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user}`: BX24.installFinish() of the page he has open."""
    installing.finished(portal, _user(body))
    return installing.state(portal)


def uninstall(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user, clean?}`: delete the application."""
    return installing.uninstall(portal, _user(body), body.get("clean") is not False)


def events(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{bound, offline, placements, sent, failed, dropped, throttled, lost, waiting, log}`; log: newest first."""
    sender = portal.events.sender
    return {
        "bound": [asdict(row) for row in portal.events.handlers],
        "offline": [asdict(row) for row in portal.events.offline],
        "placements": [asdict(row) for row in portal.placements],
        **sender.counts,
        "waiting": sender.waiting,
        "log": [asdict(row) for row in sender.log],
    }


async def settle_events(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Answer when all that is due has been sent."""
    await portal.events.sender.settled()
    return events(portal, request, body)


async def forge_event(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{event, task, url?}`: send one that did not come from the portal, to `url` or to all bound addresses."""
    event, task_id = str(body.get("event") or "ONTASKUPDATE").upper(), as_int(body.get("task"), 0)
    if event not in {name for names in SCOPES.values() for name in names}:
        raise PageError("Такого события нет.")
    data = {"FIELDS_BEFORE": {"ID": task_id}, "FIELDS_AFTER": {"ID": task_id}}
    bound = {row.handler for row in portal.events.handlers if row.handler}
    for url in sorted({str(body["url"])} if body.get("url") else bound):
        portal.events.sender.put_forged(Outgoing(0, url, event, data))
    return await settle_events(portal, request, body)


def clock(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """The portal's time; `{"shift_s": n}` moves it by n seconds, back if negative."""
    if request.method == "POST":
        try:
            shift = float(body.get("shift_s", 0))
        except (TypeError, ValueError):
            shift = math.nan
        if not abs(shift) <= LATEST_SHIFT_S:
            raise PageError("shift_s: ожидается число секунд, не больше двадцати лет.")
        portal.clock.advance(shift)
    moved = round(portal.clock.shift_s, 3)
    return {"portal_time": page_data.moment(portal.now()), "shift_s": moved, "zone": portal.clock.zone_name}


def zone(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{"zone": "Asia/Omsk"}`: in what time zone the portal writes and reads its dates."""
    try:
        portal.clock.set_zone(str(body.get("zone") or ""))
    except ValueError as error:
        raise PageError(f"Часовой пояс: {error}.") from error
    return {"portal_time": page_data.moment(portal.now()), "zone": portal.clock.zone_name}


def preset(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{"preset": "cloud"}`: as a portal in the cloud; "box": no limits, no REST v3, the old card of a task."""
    name = body.get("preset")
    if name not in ("cloud", "box"):
        raise PageError("preset: cloud или box.")
    portal.limits.set_tariff("box" if name == "box" else "standard")
    portal.limits.forget()
    portal.new_card = name == "cloud"
    portal.faults.clear("v3_off")
    if name == "box":
        portal.faults.set("v3_off")
    return {"preset": name, "tariff": portal.limits.tariff, "new_card": portal.new_card, "v3": name == "cloud"}


def webhooks(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user, secret, scope?, expires_in_s?}` adds one or replaces it; with `"on": false` it is revoked."""
    if request.method == "POST":
        user_id, secret = str(as_int(body.get("user"), ADMINISTRATOR)), str(body.get("secret") or "")
        if not secret.isalnum():
            raise PageError("secret: ожидаются буквы и цифры.")
        if body.get("on") is False:
            portal.revoke_webhook(user_id, secret)
        else:
            scope = frozenset(_texts(body, "scope")) if "scope" in body else SCOPE
            life = as_int(body.get("expires_in_s"))
            portal.add_webhook(user_id, secret, scope, None if life is None else portal.now() + life)
    return {
        "webhooks": [
            {
                "user": who.user_id,
                "secret": secret,
                "scope": sorted(who.scope),
                "expires_at": page_data.moment(who.expires_at),
            }
            for (_, secret), who in portal.webhooks.items()
        ]
    }


def _texts(body: dict[str, Any], name: str) -> list[str]:
    rows = body.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise PageError(f"{name}: ожидается список строк.")
    return rows


def _person(portal: Portal, user: User) -> dict[str, Any]:
    return {
        **page_data.person(portal, user.id),
        "active": user.active,
        "admin": user.admin,
        "courier": page_data.is_courier(user),
    }


def opened(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{user, placement, device, options?}` → `{url, query, form, mode}`: what the portal would post, not posted."""
    options = body.get("options") or {}
    if not isinstance(options, dict):
        raise PageError("options: ожидается объект")
    user_id, device = as_int(body.get("user"), 0) or 0, str(body.get("device", "phone"))
    return vars(open_as(portal, user_id, str(body.get("placement", DEFAULT)), device, options))


ROUTES: tuple[tuple[str, str, Callable[[Portal, web.Request, dict[str, Any]], Any]], ...] = (
    ("GET", "/api/application", application),
    ("POST", "/api/application", change_application),
    ("POST", "/api/install", install),
    ("POST", "/api/install/begin", begin),
    ("POST", "/api/install/finish", finish),
    ("POST", "/api/uninstall", uninstall),
    ("GET", "/api/events", events),
    ("POST", "/api/events/settle", settle_events),
    ("POST", "/api/events/forge", forge_event),
    ("GET", "/api/clock", clock),
    ("POST", "/api/clock", clock),
    ("POST", "/api/zone", zone),
    ("POST", "/api/preset", preset),
    ("GET", "/api/webhooks", webhooks),
    ("POST", "/api/webhooks", webhooks),
    ("POST", "/api/open", opened),
)
