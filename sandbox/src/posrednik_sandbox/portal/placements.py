"""`placement.*`: where the application builds itself in, and the handlers it has bound there.

Source: api-reference/widgets/ of the official REST documentation, 2026-08; statuses of refusals as there.
"""

from dataclasses import dataclass
from typing import Any

from posrednik_sandbox.portal.application import CHAT, DEFAULT, MENU
from posrednik_sandbox.portal.callbacks import checked
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.errors import RestError, denied, empty_argument
from posrednik_sandbox.portal.model import Placement
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_dict, as_int, flag

URI, WORKER = "REST_APP_URI", "PAGE_BACKGROUND_WORKER"
# Only the phone has it, and of the phone's there is no other.
ON_PHONE = (DEFAULT, CHAT)


@dataclass(frozen=True)
class Place:
    """most: handlers of one application, 0 = any number. options: names and types it keeps, of OPTIONS."""

    scope: str = ""
    most: int = 0
    own: bool = False
    options: tuple[str, ...] = ()


PLACES: dict[str, Place] = {
    URI: Place(most=1),
    MENU: Place(),
    WORKER: Place(most=1, own=True, options=("errorHandlerUrl",)),
    CHAT: Place("im", options=("context", "role", "extranet", "iconName")),
    "IM_CONTEXT_MENU": Place("im", options=("context", "role", "extranet")),
    "IM_SIDEBAR": Place("im", options=("context", "role", "extranet", "iconName")),
    "IM_TEXTAREA": Place("im", options=("context", "role", "extranet", "iconName", "width", "height")),
    "IM_NAVIGATION": Place("im", options=("role", "extranet", "iconName")),
    "TASK_VIEW_TAB": Place("task", options=("groupId",)),
    "TASK_VIEW_SIDEBAR": Place("task", options=("groupId",)),
    "TASK_VIEW_TOP_PANEL": Place("task"),
    "TASK_LIST_CONTEXT_MENU": Place("task"),
    "TASK_GROUP_LIST_TOOLBAR": Place("task"),
    "TASK_USER_LIST_TOOLBAR": Place("task"),
    "SONET_GROUP_DETAIL_TAB": Place("sonet_group"),
    "USER_PROFILE_TOOLBAR": Place("user"),
    "CRM_DEAL_DETAIL_TAB": Place("crm"),
    "CRM_CONTACT_DETAIL_TAB": Place("crm"),
}
CHOICES = {
    "context": ("INVALID_ERROR_CONTEXT", {"ALL", "USER", "CHAT", "LINES", "CRM"}),
    "extranet": ("INVALID_ERROR_EXTRANET", {"Y", "N"}),
    "role": ("INVALID_ERROR_ROLE", {"USER", "ADMIN"}),
}


def handler(portal: Portal, placement: str) -> Placement | None:
    """What the application has bound there first; None also while its installation is not finished."""
    if not portal.installed:
        return None
    return next((row for row in portal.placements if row.placement == placement), None)


def unbind_all(portal: Portal) -> None:
    for row in list(portal.placements):
        portal.placements.drop(row.id)


def bind(call: Call) -> bool:
    portal = call.portal
    _administrator(call)
    name, place = _place(call)
    url = str(call.any_case("HANDLER") or "")
    if not url:
        raise empty_argument("HANDLER")
    checked(portal, url)
    if place is None or place.scope not in ("", *call.who.scope):
        raise RestError("ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
    user_id = max(0, as_int(call.any_case("USER_ID"), 0) or 0)
    if user_id and not place.own:
        raise RestError("ERROR_PLACEMENT_USER_MODE", "User mode is not available.", 200)
    options = _options(name, place, as_dict(call.any_case("OPTIONS")))
    row = Placement(portal.placements.next_id(), call.who.client_id, name, url, user_id, options, _titles(call))
    _there_is_room(portal, place, row)
    portal.placements.put(row)
    return True


def _there_is_room(portal: Portal, place: Place, row: Placement) -> None:
    bound = [one for one in portal.placements if (one.client_id, one.placement) == (row.client_id, row.placement)]
    if place.most and len(bound) >= place.most:
        raise RestError("ERROR_PLACEMENT_MAX_COUNT", f"Placement max count: {place.most}", 200)
    if any((one.handler, one.user_id) == (row.handler, row.user_id) for one in bound):
        raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")


def list_(call: Call) -> list[str]:
    wanted = call.any_case("SCOPE")
    if wanted:
        return [name for name, place in PLACES.items() if place.scope == str(wanted)]
    if flag(call.any_case("FULL")):
        return list(PLACES)
    return [name for name, place in PLACES.items() if place.scope in ("", *call.who.scope)]


def get(call: Call) -> list[dict[str, Any]]:
    _administrator(call)
    return [
        {
            "placement": row.placement, "userId": row.user_id, "handler": row.handler, "options": row.options,
            "title": row.titles.get("ru", {}).get("TITLE", ""),
            "description": row.titles.get("ru", {}).get("DESCRIPTION", ""), "langAll": row.titles,
        }
        for row in call.portal.placements if row.client_id == call.who.client_id
    ]  # fmt: skip


def unbind(call: Call) -> dict[str, int]:
    """`count` grows by two for each handler that is gone: once when it is found, once when it is deleted."""
    _administrator(call)
    name, _ = _place(call)
    url, user_id = str(call.any_case("HANDLER") or ""), as_int(call.any_case("USER_ID"))
    gone = [
        row for row in call.portal.placements
        if (row.client_id, row.placement) == (call.who.client_id, name)
        and (not url or row.handler == url) and (user_id is None or row.user_id == user_id)
    ]  # fmt: skip
    for row in gone:
        call.portal.placements.drop(row.id)
    return {"count": 2 * len(gone)}


def _administrator(call: Call) -> None:
    if not call.portal.is_admin(call.who.user_id):
        raise denied()


def _place(call: Call) -> tuple[str, Place | None]:
    name = str(call.any_case("PLACEMENT") or "").upper()
    if not name:
        raise empty_argument("PLACEMENT")
    if name == DEFAULT:
        raise RestError("ERROR_ARGUMENT", "Wrong value", argument="PLACEMENT")
    return name, PLACES.get(name)


def _options(name: str, place: Place, given: Params) -> dict[str, str]:
    """What the place knows of OPTIONS; other names are lost in silence."""
    kept = {key: str(value) for key, value in given.items() if key in place.options}
    for option, (code, allowed) in CHOICES.items():
        values = {part.strip().upper() for part in kept.get(option, "").split(";") if part.strip()}
        if values - allowed:
            raise RestError(code, f"Invalid value of {option}")
    if name == WORKER and not kept.get("errorHandlerUrl"):
        raise RestError("EMPTY_ERROR_HANDLER_URL", "Parameter errorHandlerUrl is not set", 200)
    return kept


def _titles(call: Call) -> dict[str, dict[str, str]]:
    names = ("TITLE", "DESCRIPTION", "GROUP_NAME")
    told = as_dict(call.any_case("LANG_ALL"))
    if told:
        return {lang: {name: str(as_dict(row).get(name) or "").strip() for name in names} for lang, row in told.items()}
    own = {name: str(call.any_case(name)).strip() for name in names if call.any_case(name)}
    return {"ru": {name: own.get(name, "") for name in names} if own else {"TITLE": call.portal.application.title}}


METHODS: dict[str, Method] = {
    "placement.bind": Method(bind, "placement", application=True),
    "placement.list": Method(list_, "placement", application=True),
    "placement.get": Method(get, "placement", application=True),
    "placement.unbind": Method(unbind, "placement", application=True),
}
