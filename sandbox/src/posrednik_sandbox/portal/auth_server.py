"""The authorisation server: tells an application whose token it was given. A host of its own in the real world.

Here it shares the portal's port: `GET /rest/app.info` (with or without a slash at the end) is its, while the
portal's own method of the same name is a POST. Under /oauth-server it has both verbs to itself.
"""

import asyncio
import time
from typing import Any

from aiohttp import web

from posrednik_sandbox.portal.application import AccessToken
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.portal import Portal

METHOD = "app.info"
OTHER_DOMAIN = "other-company.example"


def holder(portal: Portal, value: str) -> AccessToken:
    """The token by its value. RestError 401: NO_AUTH_FOUND, invalid_token (also of a dismissed user), expired_token."""
    if not value:
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    token = portal.tokens.find(value)
    owner = portal.users.get(token.user_id) if token else None
    if token is None or owner is None or not owner.active:
        raise RestError("invalid_token", "Unable to get application by token", 401)
    if token.expires_at <= portal.now():
        raise RestError("expired_token", "The access token provided has expired", 401)
    return token


def routes(portal: Portal) -> list[web.RouteDef]:
    server = AuthServer(portal)
    own = [web.get(path, server.app_info, allow_head=False) for path in ("/rest/app.info", "/rest/app.info/")]
    prefixed = [
        web.route(verb, f"/oauth-server/rest/app.info{slash}", server.app_info)
        for verb in ("GET", "POST")
        for slash in ("", "/")
    ]
    return own + prefixed


class AuthServer:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def app_info(self, request: web.Request) -> web.Response:
        started, faults = time.perf_counter(), self._portal.faults
        if faults.strikes("auth_down", METHOD):
            if request.transport is not None:
                request.transport.abort()
            return self._told(web.Response(status=500), started, "не отвечает: связь оборвана")
        slow = faults.strikes("auth_slow", METHOD)
        if slow is not None:
            await asyncio.sleep(slow.seconds)
        return self._answered(await _shown(request), started)

    def _answered(self, value: str, started: float) -> web.Response:
        try:
            token = holder(self._portal, value)
        except RestError as error:
            return self._told(web.json_response(error.body(), status=error.status), started, f"отказ {error.code}")
        owner = self._portal.users.get(token.user_id)
        name = owner.full_name if owner else ""
        response = web.json_response({"result": self._info(token), "time": self._time()})
        return self._told(response, started, f"приложение открыл сотрудник {name}", ok=True)

    def _info(self, token: AccessToken) -> dict[str, Any]:
        scope = ",".join(token.scope)
        return {
            "client_id": token.client_id,
            "scope": scope,
            "expires": iso(token.expires_at),
            "install": {
                "installed": True,
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

    def _told(self, response: web.Response, started: float, text: str, ok: bool = False) -> web.Response:
        said = f"Сервер авторизации: {text}"
        self._portal.served(
            {
                "system": "bitrix24",
                "direction": "in",
                "method": METHOD,
                "version": "classic",
                "status": response.status,
                "summary": said,
                "text": said[0].lower() + said[1:],
                "ok": ok,
                "detail": f"{METHOD}, ответ {response.status}",
                "duration_ms": round((time.perf_counter() - started) * 1000),
            }
        )
        return response


async def _shown(request: web.Request) -> str:
    shown = request.query.get("auth")
    if shown is None and request.method == "POST":
        shown = str((await request.post()).get("auth") or "")
    return shown or ""
