"""The authorisation server: gives tokens, renews them, and tells an application whose token it was given.

A host of its own in the real world; here it shares the portal's port: `/oauth/token/` and `GET /rest/app.info` (with or
without a slash at the end) are its, while the portal's own app.info is a POST. Under /oauth-server it has all verbs to
itself. Source: settings/oauth/ of the official REST documentation, 2026-08; statuses as the vendor's client names them.
"""

import asyncio
import hmac
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from posrednik_sandbox.portal.application import REMOVED
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.tokens import AccessToken

METHOD = "app.info"
REFRESH = "oauth.token"
OTHER_DOMAIN = "other-company.example"


def holder(portal: Portal, value: str) -> AccessToken:
    """The token by its value. RestError 401: NO_AUTH_FOUND, invalid_token (also of a dismissed user), expired_token."""
    if not value:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    token = portal.tokens.find(value)
    if token is None or not _employed(portal, token.user_id):
        raise RestError("invalid_token", "Unable to get application by token", 401)
    if token.expires_at <= portal.now():
        raise RestError("expired_token", "The access token provided has expired", 401)
    return token


def _employed(portal: Portal, user_id: int) -> bool:
    owner = portal.users.get(user_id)
    return owner is not None and owner.active


def routes(portal: Portal) -> list[web.RouteDef]:
    server = AuthServer(portal)
    own = [web.get(path, server.app_info, allow_head=False) for path in ("/rest/app.info", "/rest/app.info/")]
    tokens = [web.get(path, server.token, allow_head=False) for path in ("/oauth/token", "/oauth/token/")]
    prefixed = [
        web.route(verb, f"/oauth-server{path}{slash}", handler)
        for verb in ("GET", "POST")
        for slash in ("", "/")
        for path, handler in (("/rest/app.info", server.app_info), ("/oauth/token", server.token))
    ]
    return own + tokens + prefixed


class AuthServer:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def app_info(self, request: web.Request) -> web.Response:
        """Whose token `auth` is: `{client_id, scope, expires, install, user_id}`."""
        started = self._begin()
        if await self._fails(request, "auth_down", "auth_slow", METHOD):
            return self._told(METHOD, web.Response(status=500), started, "не отвечает: связь оборвана")
        value = str((await _parameters(request)).get("auth") or "")
        try:
            token = holder(self._portal, value)
        except RestError as error:
            return self._refused(METHOD, error, started)
        response = web.json_response({"result": self._info(token), "time": self._time()})
        return self._told(METHOD, response, started, f"приложение открыл сотрудник {self._name(token)}", ok=True)

    async def token(self, request: web.Request) -> web.Response:
        """`grant_type` authorization_code or refresh_token: a new pair; a refresh token is taken once."""
        started = self._begin()
        if await self._fails(request, "refresh_down", "refresh_slow", REFRESH):
            return self._told(REFRESH, web.Response(status=500), started, "не отвечает: связь оборвана")
        try:
            token = self._exchanged(await _parameters(request))
        except RestError as error:
            return self._refused(REFRESH, error, started)
        finally:
            self._portal.journal.flush()
        if self._portal.faults.strikes("refresh_lost", REFRESH):
            _cut(request)
            return self._told(REFRESH, web.Response(status=500), started, "ключи заменены, ответ потерян")
        return self._told(REFRESH, web.json_response(self._pair(token)), started, f"ключи {self._name(token)}", ok=True)

    def _begin(self) -> float:
        self._portal.clock.use()
        return time.perf_counter()

    async def _fails(self, request: web.Request, down: str, slow: str, method: str) -> bool:
        """Switched-on faults: no answer at all, or a late one."""
        if self._portal.faults.strikes(down, method):
            _cut(request)
            return True
        fault = self._portal.faults.strikes(slow, method)
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        return False

    def _exchanged(self, given: Mapping[str, Any]) -> AccessToken:
        """A new token for a code or a refresh token. RestError with the server's own statuses."""
        portal, kind = self._portal, str(given.get("grant_type") or "")
        app = portal.application
        if kind not in ("authorization_code", "refresh_token"):
            raise RestError("invalid_request", "Invalid grant_type")
        if str(given.get("client_id") or "") != app.client_id:
            raise RestError("wrong_client", "Wrong client", 200)
        if not hmac.compare_digest(str(given.get("client_secret") or "").encode(), app.client_secret.encode()):
            raise RestError("invalid_client", "Invalid client")
        row = portal.installations.get(1)
        if row is not None and row.state == REMOVED:
            raise RestError("NOT_INSTALLED", "Application not installed", 401)
        name = "code" if kind == "authorization_code" else "refresh_token"
        if not given.get(name):
            raise RestError("invalid_request", f'No "{name}" parameter found')
        user_id = self._of_code(str(given[name])) if name == "code" else self._of_refresh(str(given[name]))
        return portal.tokens.issue(user_id, app, portal.address)

    def _of_code(self, value: str) -> int:
        code = self._portal.tokens.take_code(value)
        if code is None or code.client_id != self._portal.application.client_id:
            raise RestError("invalid_grant", "Invalid grant")
        return code.user_id

    def _of_refresh(self, value: str) -> int:
        portal = self._portal
        old = portal.tokens.by_refresh(value)
        dead = old is None or old.refreshed or old.refresh_until <= portal.now()
        if old is None or dead or old.client_id != portal.application.client_id or not _employed(portal, old.user_id):
            raise RestError("invalid_grant", "Invalid grant")
        portal.tokens.used(old)
        return old.user_id

    def _pair(self, token: AccessToken) -> dict[str, Any]:
        portal = self._portal
        return {
            "access_token": token.value,
            "refresh_token": token.refresh,
            "expires": round(token.expires_at),
            "expires_in": round(token.expires_at - portal.now()),
            "scope": ",".join(token.scope),
            "domain": portal.address,
            "server_endpoint": portal.server_endpoint,
            "client_endpoint": portal.client_endpoint,
            "status": "L",
            "member_id": token.member_id,
            "user_id": token.user_id,
        }

    def _info(self, token: AccessToken) -> dict[str, Any]:
        scope = ",".join(token.scope)
        return {
            "client_id": token.client_id,
            "scope": scope,
            "expires": iso(token.expires_at),
            "install": {
                "installed": self._portal.installed,
                "version": "1",
                "status": "L",
                "scope": scope,
                "domain": token.domain,
                "uri": f"http://{token.domain}",
                "client_endpoint": f"http://{token.domain}/rest/",
                "member_id": token.member_id,
                "member_type": "portal",
            },
            "user_id": token.user_id,
        }

    def _time(self) -> dict[str, Any]:
        now = self._portal.now()
        moments = {"start": now, "finish": now, "date_start": iso(now), "date_finish": iso(now)}
        return {**moments, "duration": 0.0, "processing": 0.0}

    def _name(self, token: AccessToken) -> str:
        owner = self._portal.users.get(token.user_id)
        return owner.full_name if owner else ""

    def _refused(self, method: str, error: RestError, started: float) -> web.Response:
        return self._told(method, web.json_response(error.body(), status=error.status), started, f"отказ {error.code}")

    def _told(self, method: str, response: web.Response, started: float, text: str, ok: bool = False) -> web.Response:
        said = f"Сервер авторизации: {text}"
        self._portal.served(
            {
                "system": "bitrix24",
                "direction": "in",
                "method": method,
                "version": "classic",
                "status": response.status,
                "summary": said,
                "text": said[0].lower() + said[1:],
                "ok": ok,
                "detail": f"{method}, ответ {response.status}",
                "duration_ms": round((time.perf_counter() - started) * 1000),
            }
        )
        return response


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _parameters(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    return given | (dict(await request.post()) if request.method == "POST" else {})
