"""The portal as people see it: the kanban, the task card, and the switches of faults and limits."""

import json
import mimetypes
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import web

from posrednik_sandbox.portal import acts, app_pages, open_page, page_data, people_pages
from posrednik_sandbox.portal.errors import PageError, RestRefusal
from posrednik_sandbox.portal.faults import KINDS
from posrednik_sandbox.portal.limits import LATENCY, TARIFFS
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.seed import LOGISTICIAN
from posrednik_sandbox.portal.values import as_int

PICTURES = ("image/jpeg", "image/png", "image/webp")
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
    "Cache-Control": "no-cache",
}
Reply = Callable[[Portal, web.Request, dict[str, Any]], Any]


def pages(portal: Portal) -> web.Application:
    """An application to mount under `/portal/`. Its JSON answers errors as `{"error": sentence}`."""
    app = web.Application()
    app.router.add_get("/", _page("kanban.html"))
    for name in ("apps", "chat", "notices", "users"):
        app.router.add_get(f"/{name}", _page(f"{name}.html"))
    app.router.add_get(r"/task/{id:\d+}", _to_card)
    app.router.add_get("/open", open_page.to_the_portal(portal))
    app.router.add_static("/static/", STATIC)
    for verb, path, reply in (
        ("GET", "/api/board", board),
        ("GET", "/api/state", state),
        ("GET", "/api/chat", chat),
        ("GET", "/api/faults", faults),
        ("POST", "/api/faults", set_faults),
        ("GET", "/api/limits", limits),
        ("POST", "/api/limits", set_limits),
        *app_pages.ROUTES,
        *people_pages.ROUTES,
        ("GET", "/api/bin", bin_),
        ("GET", r"/api/tasks/{id:\d+}", card),
        ("POST", r"/api/tasks/{id:\d+}", edit),
        ("DELETE", r"/api/tasks/{id:\d+}", delete),
        ("POST", r"/api/tasks/{id:\d+}/move", move),
        ("POST", r"/api/tasks/{id:\d+}/action", action),
        ("POST", r"/api/tasks/{id:\d+}/comment", comment),
        ("POST", "/api/act", act),
        ("GET", r"/api/files/{id:\d+}", file),
    ):
        app.router.add_route(verb, path, _json(portal, reply))
    return app


def _page(name: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def handle(request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / name, headers=HEADERS)

    return handle


async def _to_card(request: web.Request) -> NoReturn:
    raise web.HTTPFound(f"../?task={request.match_info['id']}")


def _json(portal: Portal, reply: Reply) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            portal.clock.use()
            told = reply(portal, request, await _body(request))
            body, status = await told if isawaitable(told) else told, 200
            if isinstance(body, web.Response):
                return body
        except RestRefusal as refusal:
            body, status = {"error": refusal.text}, refusal.status
        except PageError as error:
            body, status = {"error": str(error)}, error.status
        portal.journal.flush()
        return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})

    return handle


async def _body(request: web.Request) -> dict[str, Any]:
    """A JSON object, sent as such: a foreign page's form cannot press the portal's buttons."""
    if request.method not in ("POST", "PUT"):
        return {}
    if request.content_type != "application/json":
        raise PageError("Ожидается application/json")
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise PageError("Тело запроса не разобрать") from None
    if not isinstance(body, dict):
        raise PageError("Ожидается объект")
    return body


def _task(portal: Portal, request: web.Request) -> Task:
    task = portal.tasks.get(int(request.match_info["id"]))
    if task is None:
        raise PageError("Задача удалена или не существует", 404)
    return task


def board(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`since` equal to the current version gives the version alone, so that asking each second is cheap."""
    if as_int(request.query.get("since"), -1) == portal.version and request.query.get("since"):
        return {"version": portal.version, "online": portal.online}
    groups = sorted(portal.groups, key=lambda group: group.id)
    wanted = portal.groups.get(as_int(request.query.get("group")))
    return page_data.board(portal, groups, wanted or (groups[0] if groups else None))


def state(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Counts for tests and for the start page."""
    return {
        "online": portal.online,
        "tasks": len(portal.tasks),
        "tasks_by_group": page_data.tasks_by_group(portal),
        "duplicates": portal.same_xml_id(),
        "requests": portal.requests,
        "requests_by_method": dict(portal.by_method),
        "last_requests": list(portal.last_requests)[:50],
        "idempotency_keys": len(portal.idempotency),
        "notifications": len(portal.notifications),
        "messages": len(portal.messages),
        "files": sum(not row.folder for row in portal.objects),
        "attachments": len(portal.attachments),
        "deleted": len(portal.deleted),
        "bucket": portal.limits.levels(portal.now()),
        "operating_s": portal.limits.operating(portal.now()),
        "faults": portal.faults.rows(),
        "version": portal.version,
    }


def chat(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """The general chat, where whoever is connected may write."""
    return {"lines": page_data.chat(portal)}


def faults(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    kinds = {name: vars(kind) for name, kind in KINDS.items()}
    return {"kinds": kinds, "faults": portal.faults.rows()}


def set_faults(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{kind, share, method, count, seconds}` switches on, with `"on": false` off; `{faults: [...]}` replaces all."""
    rows = body.get("faults", [body])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PageError("faults: ожидается список объектов")
    if "faults" in body:
        portal.faults.clear()
    for row in rows:
        _set_fault(portal, row)
    return faults(portal, request, body)


def _set_fault(portal: Portal, row: dict[str, Any]) -> None:
    kind = str(row.get("kind"))
    if row.get("on") is False:
        portal.faults.clear(kind, None if row.get("method") is None else str(row["method"]).lower())
        return
    try:
        portal.faults.set(
            kind,
            share=float(row.get("share", 1.0)),
            method=str(row.get("method") or "*"),
            count=None if row.get("count") is None else int(row["count"]),
            seconds=float(row.get("seconds") or 0.0),
        )
    except (TypeError, ValueError) as error:
        raise PageError(f"Сбой не включён: {error}") from error


NUMBERS = ("time_limit_s", "wait_scale", "charge_scale")
SWITCHES = ("strict_filters", "v3_race", "new_card", "shared_tags")


def limits(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    now = portal.limits
    return {
        "tariff": now.tariff,
        "tariffs": list(TARIFFS),
        "latency": now.latency,
        "latencies": list(LATENCY),
        "operating_limit_s": now.operating_limit_s,
        **{name: getattr(now, name) for name in NUMBERS},
        **{name: getattr(portal, name) for name in SWITCHES},
        "portal_time": page_data.moment(portal.now()),
    }


def set_limits(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Any of the names `limits` gives, and `advance_s` (moves the clock), `forget` (empties the counters)."""
    now = portal.limits
    try:
        if "tariff" in body:
            now.set_tariff(str(body["tariff"]))
        if "latency" in body:
            now.latency = {name: name for name in LATENCY}[str(body["latency"])]
        if "operating_limit_s" in body:
            limit = body["operating_limit_s"]
            now.operating_limit_s = None if limit is None else _not_negative(limit)
        for name in NUMBERS:
            if name in body:
                setattr(now, name, _not_negative(body[name]))
        portal.clock.advance(_not_negative(body.get("advance_s", 0)))
    except (KeyError, TypeError, ValueError) as error:
        raise PageError(f"Недопустимое значение: {error}") from error
    for name in SWITCHES:
        if name in body:
            setattr(portal, name, bool(body[name]))
    if body.get("forget"):
        now.forget()
    return limits(portal, request, body)


def _not_negative(value: Any) -> float:
    number = float(value)
    if not 0 <= number < float("inf"):
        raise ValueError(value)
    return number


def card(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`as`: the employee who looks; `can` of the answer is what he may do."""
    return page_data.card(portal, _task(portal, request), as_int(request.query.get("as"), LOGISTICIAN) or LOGISTICIAN)


def bin_(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """Tasks that were deleted, the latest first."""
    rows = sorted(portal.deleted, key=lambda task: -task.id)
    return {"tasks": [{"id": task.id, "title": task.title, "group": task.group_id} for task in rows]}


def act(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """`{"user": 7, "task": 105, "do": "move", …}`: what an employee does by hand, as `acts.do`; the card after it."""
    user_id = as_int(body.get("user"), 0) or 0
    task = acts.do(portal, user_id, as_int(body.get("task"), 0) or 0, body)
    return {"deleted": True} if task is None else page_data.card(portal, task, user_id)


def _done(portal: Portal, request: web.Request, body: dict[str, Any], do: str) -> dict[str, Any]:
    """An act of the page of a task; who does not say who he is acts as the logistician."""
    task, user_id = _task(portal, request), as_int(body.get("user_id"), LOGISTICIAN) or LOGISTICIAN
    after = acts.do(portal, user_id, task.id, {**body, "do": do})
    return {"deleted": True} if after is None else page_data.card(portal, after, user_id)


def edit(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """A person changes `title`, `description`, `responsible_id` or `deadline` (ISO, null clears it)."""
    if "responsible_id" in body:
        done = _done(portal, request, {**body, "responsible": body["responsible_id"]}, "assign")
        if not {"title", "description", "deadline"} & set(body):
            return done
    return _done(portal, request, body, "edit")


def delete(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    return _done(portal, request, {"user_id": request.query.get("user_id")}, "delete")


def move(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    """A card dragged to column `stage_id`, above the card `before` or under the card `after`."""
    return _done(portal, request, {**body, "stage": body.get("stage_id")}, "move")


def action(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    return _done(portal, request, body, str(body.get("action")))


def comment(portal: Portal, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    return _done(portal, request, body, "comment")


def file(portal: Portal, request: web.Request, body: dict[str, Any]) -> web.Response:
    """What a file of the Disk holds, for the pages; a picture is shown, anything else is a download."""
    number = int(request.match_info["id"])
    row, content = portal.objects.get(number), portal.blobs.get(number)
    if row is None or content is None:
        raise PageError("Такого файла на Диске нет", 404)
    kind = mimetypes.guess_type(row.name)[0] or "application/octet-stream"
    shown = kind if kind in PICTURES else "application/octet-stream"
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=600"}
    return web.Response(body=content, content_type=shown, headers=headers)
