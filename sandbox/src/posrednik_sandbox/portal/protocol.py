"""The REST surface of the portal over HTTP: what a client library talks to."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web

from posrednik_sandbox.portal import auth_server, batch, disk_http, doors, frame, limits, open_page, summary, v3_tasks
from posrednik_sandbox.portal.errors import (
    ExecutionKilledError,
    RestError,
    RestRefusal,
    V3Error,
)
from posrednik_sandbox.portal.execution import Executed, Execution
from posrednik_sandbox.portal.faults import KINDS, Fault
from posrednik_sandbox.portal.idempotency import checked_key
from posrednik_sandbox.portal.model import Principal
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_dict, as_int, parse_brackets, parse_query, php

LARGEST_BODY = 64 * 1024 * 1024
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
REASONS = {500: "500 Internal Server Error", 502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}
REASONS[504] = "504 Gateway Time-out"


@dataclass
class Exchange:
    """One request on its way through: what is known of it so far, and what it will be told as."""

    request: web.Request
    method: str
    v3: bool
    started: float = field(default_factory=time.perf_counter)
    methods: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    subject: str = ""
    error: str = ""
    note: str = ""
    token: str = ""
    dropped: bool = False

    @property
    def route(self) -> tuple[str, str] | None:
        """User and secret of an incoming webhook; None when authorisation is looked for elsewhere."""
        info = self.request.match_info
        return (info["user"], info["secret"]) if "user" in info else None


def protocol_app(portal: Portal) -> web.Application:
    """Routes of webhooks and of access tokens in both REST versions, the authorisation server, the page of openings."""
    app = web.Application(client_max_size=LARGEST_BODY)
    service = RestService(portal)
    for part in (auth_server, open_page, doors, frame, disk_http):
        app.add_routes(part.routes(portal))
    app.cleanup_ctx.append(portal.events.sender.running)
    for path, v3 in (
        (r"/rest/api/{user:\d+}/{secret}/{method:[^/]+}{slash:/?}", True),
        (r"/rest/api/{method:[^/]+}{slash:/?}", True),
        (r"/rest/{user:\d+}/{secret}/{method:[^/]+}{slash:/?}", False),
        (r"/rest/{method:[^/]+}{slash:/?}", False),
    ):
        app.router.add_route("*", path, service.handler(v3))
    return app


class RestService:
    """Answers requests: gates and limits, authorisation, the methods, then what the switched-on faults do to it."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def handler(self, v3: bool) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            self._portal.clock.use()
            method = request.match_info["method"].lower()
            exchange = Exchange(request, method if v3 else method.removesuffix(".json"), v3)
            exchange.methods = [exchange.method]
            response = await self._respond(exchange)
            self._tell(exchange, 0 if exchange.dropped else response.status)
            return response

        return handle

    async def _respond(self, exchange: Exchange) -> web.Response:
        if not self._portal.online:
            exchange.error = "503"
            return html(503)
        try:
            response = await (self._v3(exchange) if exchange.v3 else self._classic(exchange))
        except RestRefusal as refusal:
            response = self._refused(exchange, refusal)
        except ExecutionKilledError:
            exchange.error, response = "504", html(504)
        finally:
            self._portal.journal.flush()
        return response

    def _refused(self, exchange: Exchange, refusal: RestRefusal) -> web.Response:
        exchange.error = refusal.code
        return answer(refusal.body_v3() if exchange.v3 else refusal.body(), refusal.status)

    # What may stop a request before anything is done.

    def _admit(self, exchange: Exchange) -> Principal:
        """The caller, after the gates and the bucket; raises RestRefusal."""
        faults, names = self._portal.faults, exchange.methods
        if self._portal.https_only and not exchange.request.secure:
            raise RestError("INVALID_REQUEST", "Https required.")
        if faults.strikes("portal_deleted", *names):
            raise RestError("PORTAL_DELETED", "Portal was deleted", 500)
        if faults.strikes("overload", *names):
            raise limits.overload()
        if faults.strikes("query_limit", *names):
            raise limits.query_limit()
        self._portal.limits.admit(exchange.request.remote or "", self._portal.now())
        if exchange.v3 and faults.strikes("v3_off", *names):
            raise V3Error("METHODNOTFOUND", f"Method {exchange.method} was not found", 404)
        return self._authorised(exchange)

    def _authorised(self, exchange: Exchange) -> Principal:
        portal, faults = self._portal, self._portal.faults
        if exchange.route is None:
            return self._by_token(exchange)
        who = portal.webhooks.get(exchange.route)
        if who is not None and who.expires_at is not None and who.expires_at <= portal.now():
            who = None
        if who is None or faults.strikes("webhook_revoked", *exchange.methods):
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
        owner = portal.users.get(who.user_id)
        if owner is None or not owner.active:
            raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 403)
        if faults.strikes("tariff_lapsed", *exchange.methods):
            raise RestError("ACCESS_DENIED", "REST is available only on commercial plans.", 403)
        return who

    def _by_token(self, exchange: Exchange) -> Principal:
        """A user in an application of this portal; a token of another portal is unknown here."""
        portal = self._portal
        token = auth_server.holder(portal, exchange.token or _shown_token(exchange.request))
        if token.member_id != portal.application.member_id:
            raise RestError("invalid_token", "Unable to get application by token", 401)
        if portal.faults.strikes("token_expired", *exchange.methods):
            portal.tokens.expire(token)
            raise RestError("expired_token", "The access token provided has expired", 401)
        if portal.faults.strikes("tariff_lapsed", *exchange.methods):
            raise RestError("ACCESS_DENIED", "REST is available only on commercial plans.", 403)
        scope = frozenset(token.scope)
        return Principal(f"app:{token.client_id}", token.user_id, scope, token.client_id, token.hops)

    def _ends_inside(self, exchange: Exchange, who: Principal) -> bool:
        """Whether the token's hour ends while this batch runs: what comes after the first command is refused."""
        if not who.client_id or not self._portal.faults.strikes("token_expired_inside", *exchange.methods):
            return False
        self._portal.tokens.expire(auth_server.holder(self._portal, exchange.token or _shown_token(exchange.request)))
        return True

    def _failing_early(self, exchange: Exchange) -> web.Response | None:
        faults = self._portal.faults
        if faults.strikes("http_500_before", *exchange.methods):
            exchange.error, exchange.note = "500", KINDS["http_500_before"].title
            return html(500)
        if faults.strikes("error_200", *exchange.methods):
            refusal = RestError("INTERNAL_SERVER_ERROR", "Internal server error", 200)
            return self._refused(exchange, refusal)
        return None

    # The two versions.

    async def _classic(self, exchange: Exchange) -> web.Response:
        params = await classic_params(exchange.request)
        exchange.token = str(params.get("auth") or "")
        if exchange.method == "batch":
            exchange.methods += [method for _, method, _ in batch.commands(params)]
        who = self._admit(exchange)
        if (early := self._failing_early(exchange)) is not None:
            return early
        execution = Execution(self._portal, who)
        exchange.ran = execution.ran
        if exchange.method == "batch":
            result = await batch.run_classic(execution, params, self._ends_inside(exchange, who))
            body = {"result": php(result), "time": execution.time_block(execution.started)}
        else:
            done = await execution.classic(exchange.method, params)
            exchange.subject, body = self._subject(done.result, params), classic_body(done)
        return await self._spoiled(exchange, body)

    async def _v3(self, exchange: Exchange) -> web.Response:
        raw = await exchange.request.read()
        body = _loaded(raw)
        if exchange.route is None and isinstance(body, dict) and "auth" in body:
            # The token stands in the body; what it is asked for, and what a key is bound to, is the rest.
            exchange.token = str(body.pop("auth") or "")
            raw = json.dumps(body).encode()
        if exchange.method == "batch" and isinstance(body, list):
            exchange.methods += [str(row.get("method")).lower() for row in body if isinstance(row, dict)]
        who = self._admit(exchange)
        if (early := self._failing_early(exchange)) is not None:
            return early
        if body is _BROKEN:
            raise V3Error("INVALIDJSON", "Invalid JSON in the request body")
        key = exchange.request.headers.get("Idempotency-Key")
        if key is None or exchange.method not in v3_tasks.WRITES:
            return await self._spoiled(exchange, await self._run_v3(exchange, who, body))
        return await self._once(exchange, who, body, raw, checked_key(key))

    async def _once(self, exchange: Exchange, who: Principal, body: Any, raw: bytes, key: str) -> web.Response:
        """A keyed write: a repeat is answered from the store, only success is stored."""
        scope = f"{who.key}:{who.user_id}:{exchange.method}"
        if self._portal.v3_race:
            return await self._looked_up(exchange, who, body, raw, (scope, key))
        async with self._locks.setdefault(f"{scope}:{key}", asyncio.Lock()):
            return await self._looked_up(exchange, who, body, raw, (scope, key))

    async def _looked_up(
        self, exchange: Exchange, who: Principal, body: Any, raw: bytes, place: tuple[str, str]
    ) -> web.Response:
        store, echo = self._portal.idempotency, {"Idempotency-Key": place[1]}
        stored = store.find(*place, raw, self._portal.now())
        if stored is not None:
            exchange.note = "повтор, ответ из хранилища"
            replay = {**echo, "Idempotent-Replayed": "true"}
            return await self._spoiled(exchange, json.loads(stored), stored, replay)
        fresh = await self._run_v3(exchange, who, body)
        text = json.dumps(fresh)
        store.keep(*place, raw, text, self._portal.now())
        return await self._spoiled(exchange, fresh, text, echo)

    async def _run_v3(self, exchange: Exchange, who: Principal, body: Any) -> dict[str, Any]:
        execution = Execution(self._portal, who)
        exchange.ran = execution.ran
        if exchange.method == "batch":
            result: Any = await batch.run_v3(execution, body)
            return {"result": result, "time": execution.time_block(execution.started)}
        if not isinstance(body, dict):
            raise V3Error("INVALIDJSON", "The request body must be an object")
        done = await execution.v3(exchange.method, body)
        exchange.subject = self._subject(done.result, body)
        return {"result": done.result, "time": done.time}

    # What faults do to an answer that is ready.

    async def _spoiled(
        self,
        exchange: Exchange,
        body: dict[str, Any],
        text: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        """The answer, or what a switched-on fault leaves of it; the work itself is done and kept."""
        self._portal.journal.flush()
        if self._strikes(exchange, "drop"):
            exchange.error, exchange.dropped = "обрыв", True
            if exchange.request.transport is not None:
                exchange.request.transport.abort()
            return web.Response(status=500)
        delay = self._strikes(exchange, "delay")
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        for kind, status in (("http_500", 500), ("http_502", 502), ("http_504", 504)):
            if self._strikes(exchange, kind):
                exchange.error = str(status)
                return html(status)
        if self._strikes(exchange, "no_time"):
            body, text = {name: value for name, value in body.items() if name != "time"}, None
        text = json.dumps(body) if text is None else text
        if self._strikes(exchange, "truncated"):
            text = text[: len(text) // 2]
        return web.Response(text=text, content_type="application/json", headers=headers)

    def _strikes(self, exchange: Exchange, kind: str) -> Fault | None:
        fault = self._portal.faults.strikes(kind, *exchange.methods)
        if fault is not None:
            exchange.note = KINDS[kind].title.lower()
        return fault

    def _subject(self, result: Any, params: Params) -> str:
        """The task a call was about, as `№ 105 «Доставка 000-123»`, as far as call or answer name one."""
        made = result.get("task") or result.get("item") if isinstance(result, dict) else None
        own = made.get("id") if isinstance(made, dict) else None
        fields = as_dict(params.get("fields"))
        named = own or params.get("taskId") or params.get("id") or fields.get("taskId")
        task = self._portal.tasks.get(as_int(named))
        return f"№ {task.id} «{task.title}»" if task else ""

    def _tell(self, exchange: Exchange, status: int) -> None:
        text = summary.sentence(exchange.method, exchange.ran, exchange.subject, exchange.error, exchange.note)
        duration_ms = round((time.perf_counter() - exchange.started) * 1000)
        self._portal.served(
            {
                "system": "bitrix24",
                "direction": "in",
                "method": exchange.method,
                "version": "v3" if exchange.v3 else "classic",
                "status": status,
                "summary": text,
                "subject": exchange.subject,
                "text": text,
                "ok": not exchange.error,
                "detail": f"{exchange.method}, {f'ответ {status}' if status else 'без ответа'}, {duration_ms} мс",
                "merge": summary.merge_key(exchange.method, exchange.ran, exchange.error),
                "duration_ms": duration_ms,
            }
        )


_BROKEN = object()


def _loaded(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return _BROKEN


async def classic_params(request: web.Request) -> Params:
    """Parameters as PHP sees them: form over query; JSON only when no form was sent, and silently nothing if broken."""
    query = parse_query(request.query_string)
    if request.content_type in FORMS:
        form = await request.post()
        pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
        if pairs:
            return {**query, **parse_brackets(pairs)}
    body = _loaded(await request.read())
    return {**query, **as_dict(body)}


def classic_body(done: Executed) -> dict[str, Any]:
    body: dict[str, Any] = {"result": php(done.result)}
    if done.next is not None:
        body["next"] = done.next
    if done.total is not None:
        body["total"] = done.total
    return {**body, "time": done.time}


def _shown_token(request: web.Request) -> str:
    """`auth` of the query or the header `Authorization: Bearer`; "" where neither is there."""
    return request.query.get("auth") or request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def answer(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(body), status=status, content_type="application/json")


def html(status: int) -> web.Response:
    """The page of the web server in front of the portal, where a client expects JSON."""
    return web.Response(text=PAGE.format(REASONS[status]), status=status, content_type="text/html")
