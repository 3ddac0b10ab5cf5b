"""`event.*`, `events`, `feature.get` and `app.info`: what an application asks about itself and is told of."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal.callbacks import checked
from posrednik_sandbox.portal.calls import Call, Listing, Method, page
from posrednik_sandbox.portal.clock import iso, parse_time
from posrednik_sandbox.portal.errors import RestError, denied, empty_argument
from posrednik_sandbox.portal.events import NEVER_OFFLINE, SCOPES, TEST, EventHandler, OfflineRow, new_process
from posrednik_sandbox.portal.limits import LICENCES, has_extended
from posrednik_sandbox.portal.values import as_dict, as_int, as_list, flag

LANGUAGE = "ru"
RESERVED_S = 30 * 24 * 3600
FEATURES = ("rest_offline_extended", "rest_auth_connector")
SORTS: dict[str, Callable[[OfflineRow], Any]] = {
    "ID": lambda row: row.id,
    "TIMESTAMP_X": lambda row: row.at,
    "EVENT_NAME": lambda row: row.event,
    "MESSAGE_ID": lambda row: row.message_id,
    "PROCESS_ID": lambda row: row.process_id,
    "ERROR": lambda row: int(row.error),
}


def app_info(call: Call) -> dict[str, Any]:
    """A webhook is no application, so of it only scope and licence are known."""
    known: dict[str, Any] = {"SCOPE": sorted(call.who.scope), **LICENCES[call.portal.limits.tariff]}
    if not call.who.client_id:
        return known
    state = {"STATUS": "L", "INSTALLED": call.portal.installed, "PAYMENT_EXPIRED": "N", "DAYS": None}
    return {"ID": 1, "CODE": call.who.client_id, "VERSION": 1, **state, "LANGUAGE_ID": LANGUAGE, **known}


def feature(call: Call) -> dict[str, str]:
    code = str(call.any_case("CODE") or "")
    if code not in FEATURES:
        raise empty_argument("CODE")
    return {"value": "Y" if has_extended(call.portal.limits.tariff) else "N"}


def events(call: Call) -> list[str]:
    """Names of events: of one scope, of all (`FULL`), else of the application's own scopes."""
    wanted = call.any_case("SCOPE")
    if wanted:
        scopes = [str(wanted)]
    elif flag(call.any_case("FULL")):
        scopes = list(SCOPES)
    else:
        scopes = ["", *call.who.scope]
    return [name for scope, names in SCOPES.items() if scope in scopes for name in names]


def bind(call: Call) -> bool:
    event, offline = _event(call), _offline(call)
    _may_bind(call, offline)
    if not offline and not call.any_case("HANDLER"):
        raise empty_argument("HANDLER")
    if event not in {name for scope in ("", *call.who.scope) for name in SCOPES.get(scope, ())}:
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    if offline and event in NEVER_OFFLINE:
        raise RestError("ERROR_ARGUMENT", "Offline event cannot be registered for this event.")
    handlers = call.portal.events.handlers
    row = _handler(call, handlers.next_id(), event, offline)
    if any(_place(other) == _place(row) for other in handlers):
        raise RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
    handlers.put(row)
    return True


def _may_bind(call: Call, offline: bool) -> None:
    """An employee binds for himself and reads no queue."""
    if call.portal.is_admin(call.who.user_id):
        return
    if (as_int(call.any_case("AUTH_TYPE"), 0) or 0) not in (0, call.who.user_id):
        raise denied("Event binding with AUTH_TYPE requires administrator access rights")
    if offline:
        raise denied("Offline events binding requires administrator access rights")


def _handler(call: Call, row_id: int, event: str, offline: bool) -> EventHandler:
    client_id, user_id = call.who.client_id, call.who.user_id
    if offline:
        return EventHandler(row_id, client_id, event, "", connector=_connector(call))
    url = checked(call.portal, str(call.any_case("HANDLER")))
    own = 0 if call.portal.is_admin(user_id) else user_id
    timeout = as_int(as_dict(call.any_case("OPTIONS")).get("minTimeout"))
    return EventHandler(
        row_id, client_id, event, url, as_int(call.any_case("AUTH_TYPE"), 0) or own,
        min_timeout_s=1 if timeout is None else max(0, timeout),
    )  # fmt: skip


def _place(row: EventHandler) -> tuple[Any, ...]:
    return row.client_id, row.event, row.handler, row.user_id, row.connector


def unbind(call: Call) -> dict[str, int]:
    portal, admin, offline = call.portal, call.portal.is_admin(call.who.user_id), _offline(call)
    event, handler = _event(call), str(call.any_case("HANDLER") or "")
    if offline and not admin:
        raise denied("Offline events unbinding requires administrator access rights")
    if not offline and not handler:
        raise empty_argument("HANDLER")
    given = call.any_case("AUTH_TYPE")
    user_id = None if given is None and admin else as_int(given, call.who.user_id if given is None else 0)
    if not admin and user_id != call.who.user_id:
        raise denied("Event unbinding with AUTH_TYPE requires administrator access rights")
    gone = [
        row for row in portal.events.of_application(call.who.client_id)
        if row.event == event and row.handler == ("" if offline else handler)
        and (offline or user_id is None or row.user_id == user_id)
        and (not offline or row.connector == _connector(call))
    ]  # fmt: skip
    for row in gone:
        portal.events.handlers.drop(row.id)
    return {"count": len(gone)}


def get(call: Call) -> list[dict[str, Any]]:
    rows = call.portal.events.of_application(call.who.client_id)
    if not call.portal.is_admin(call.who.user_id):
        rows = [row for row in rows if row.user_id == call.who.user_id and not row.offline]
    return [
        {"event": row.event, "connector_id": row.connector, "offline": 1} if row.offline
        else {"event": row.event, "handler": row.handler, "auth_type": str(row.user_id), "offline": 0}
        for row in rows
    ]  # fmt: skip


def test(call: Call) -> int:
    query = {name: value for name, value in call.params.items() if name not in ("auth", "access_token")}
    call.portal.events.emit(TEST, {"QUERY": query, "LANGUAGE_ID": LANGUAGE}, call.who.user_id)
    return 1


def _event(call: Call) -> str:
    event = str(call.any_case("EVENT") or "").upper()
    if not event:
        raise empty_argument("EVENT")
    return event


def _offline(call: Call) -> bool:
    kind = str(call.any_case("EVENT_TYPE") or "online").lower()
    if kind not in ("online", "offline"):
        raise RestError("ERROR_ARGUMENT", "Value must be one of {online|offline}", argument="EVENT_TYPE")
    return kind == "offline"


def _connector(call: Call) -> str:
    """The source key; a tariff without the feature knows no sources."""
    given = str(call.any_case("auth_connector") or "")
    return given if has_extended(call.portal.limits.tariff) else ""


# The offline queue.


def offline_get(call: Call) -> dict[str, Any]:
    """Rows of the queue; taken away at once, or with `clear=0` kept under a `process_id` until acknowledged."""
    _administrator(call)
    clear = (as_int(call.any_case("clear"), 1) or 0) == 1
    if not clear and not has_extended(call.portal.limits.tariff):
        raise RestError("ACCESS_DENIED", "License check failed: extended offline events handling", 403)
    limit = as_int(call.any_case("limit"), 50)
    if limit is None or limit <= 0:
        raise RestError("ERROR_ARGUMENT", "Value must be positive integer", argument="LIMIT")
    process = call.any_case("process_id")
    failed = as_int(call.any_case("error"), 0) == 1
    rows = [row for row in _rows(call) if row.error == failed and row.process_id == str(process or "").strip()]
    taken, queue = _ordered(rows, call, "TIMESTAMP_X")[:limit], call.portal.events.offline
    reserved = str(process).strip() if process is not None else new_process()
    for row in taken:
        if clear:
            queue.drop(row.id)
        elif not row.process_id:
            row.process_id = reserved
            queue.put(row)
    shown = None if clear and process is None else reserved
    return {"process_id": shown, "events": [_offline_row(row) for row in taken]}


def offline_list(call: Call) -> Listing:
    """The queue as it is."""
    _administrator(call)
    rows = _ordered(_rows(call), call, "ID")
    shown, total, following = page(rows, call.any_case("start"))
    state = [{"PROCESS_ID": row.process_id, "ERROR": str(int(row.error))} for row in shown]
    return Listing([_offline_row(row) | more for row, more in zip(shown, state, strict=True)], total, following)


def offline_clear(call: Call) -> bool:
    for row in _acknowledged(call, ids=True):
        call.portal.events.offline.drop(row.id)
    return True


def offline_error(call: Call) -> bool:
    for row in _acknowledged(call, ids=False):
        row.process_id, row.error = "", True
        call.portal.events.offline.put(row)
    return True


def _acknowledged(call: Call, ids: bool) -> list[OfflineRow]:
    """Rows reserved under `process_id`; all, or those named by `id` or by 32 characters of `message_id`."""
    _administrator(call)
    process = str(call.any_case("process_id") or "").strip()
    if not process:
        raise empty_argument("PROCESS_ID")
    rows = [row for row in _rows(call) if row.process_id == process]
    if ids and call.any_case("id") is not None:
        wanted = {as_int(value) for value in as_list(call.any_case("id"))}
        return [row for row in rows if row.id in wanted]
    messages = call.any_case("message_id")
    if messages is None:
        return rows
    named = [str(value).strip() for value in as_list(messages)]
    if any(len(value) != 32 for value in named):
        raise RestError("ERROR_ARGUMENT", "Value must be array of MESSAGE_ID values", argument="message_id")
    return [row for row in rows if row.message_id in named]


def _administrator(call: Call) -> None:
    if not call.portal.is_admin(call.who.user_id):
        raise denied()


def _rows(call: Call) -> list[OfflineRow]:
    """Those of the caller's application and source that fit `filter`; what nobody acknowledged is gone in a month."""
    queue, long_ago = call.portal.events.offline, call.now - RESERVED_S
    for row in [row for row in queue if row.process_id and row.at < long_ago]:
        queue.drop(row.id)
    place = (call.who.client_id, _connector(call))
    rows = [row for row in call.portal.events.offline if (row.client_id, row.connector) == place]
    for key, value in as_dict(call.any_case("filter")).items():
        rows = [row for row in rows if _fits(row, key, value)]
    return rows


def _fits(row: OfflineRow, key: str, value: Any) -> bool:
    name = key.lstrip("<>=!@%").upper()
    if name not in SORTS:
        return True
    found, prefix = SORTS[name](row), key[: len(key) - len(name)]
    if prefix in ("<", "<=", ">", ">="):
        limit = parse_time(value) if name == "TIMESTAMP_X" else as_int(value)
        if limit is None or isinstance(found, str):
            return False
        return bool({"<": found < limit, "<=": found <= limit, ">": found > limit, ">=": found >= limit}[prefix])
    wanted = [str(item) for item in as_list(value)]
    return (str(found) in wanted) != prefix.startswith("!")


def _ordered(rows: list[OfflineRow], call: Call, default: str) -> list[OfflineRow]:
    for name, way in reversed((as_dict(call.any_case("order")) or {default: "ASC"}).items()):
        if name.upper() in SORTS:
            rows = sorted(rows, key=SORTS[name.upper()], reverse=str(way).upper() == "DESC")
    return rows


def _offline_row(row: OfflineRow) -> dict[str, Any]:
    return {
        "ID": str(row.id),
        "TIMESTAMP_X": iso(row.at),
        "EVENT_NAME": row.event,
        "EVENT_DATA": row.data or False,
        "EVENT_ADDITIONAL": {"user_id": str(row.user_id)} if row.user_id else False,
        "MESSAGE_ID": row.message_id,
    }


METHODS: dict[str, Method] = {
    "app.info": Method(app_info),
    "feature.get": Method(feature),
    "events": Method(events, application=True),
    "event.bind": Method(bind, application=True),
    "event.unbind": Method(unbind, application=True),
    "event.get": Method(get, application=True),
    "event.test": Method(test, application=True),
    "event.offline.get": Method(offline_get, application=True),
    "event.offline.list": Method(offline_list, application=True),
    "event.offline.clear": Method(offline_clear, application=True),
    "event.offline.error": Method(offline_error, application=True),
}
