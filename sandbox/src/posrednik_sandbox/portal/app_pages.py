"""JSON behind the page «Приложения» and the left menu: the application's settings, who may open it, opening as him."""

from typing import Any

from aiohttp import web

from posrednik_sandbox.portal import page_data
from posrednik_sandbox.portal.application import CHAT, DEFAULT, MENU
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.opening import open_as
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import as_int


def application(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Settings of the local application, and all employees; couriers are those whose position says so."""
    app = portal.application
    people = sorted(portal.users, key=lambda user: user.id)
    return {
        "application": {
            "title": app.title,
            "client_id": app.client_id,
            "application_token": app.application_token,
            "member_id": app.member_id,
            "domain": portal.address,
            "auth_url": f"http://{portal.address}",
            "mobile": app.mobile,
            "scope": list(app.scope),
            "handlers": {DEFAULT: app.page_url, CHAT: app.chat_url, MENU: app.office_url},
        },
        "people": [_person(portal, user) for user in people],
    }


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


def change_user(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{"active": false}` dismisses an employee: his tokens and openings are refused; true takes him back."""
    user = portal.users.get(int(request.match_info["id"]))
    if user is None:
        raise PageError("Такого сотрудника нет", 404)
    if not isinstance(body.get("active"), bool):
        raise PageError("active: ожидается true или false")
    user.active = body["active"]
    portal.users.put(user)
    return _person(portal, user)
