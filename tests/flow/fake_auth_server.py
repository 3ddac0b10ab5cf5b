"""An authorisation server of Bitrix24 on loopback: what it knows of passes, and how it misbehaves when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Json = dict[str, Any]


class AuthServer:
    """passes: AUTH_ID → the result of app.info. answer: instead of all that. asked: paths with queries."""

    def __init__(self) -> None:
        self.passes: dict[str, Json] = {}
        self.answer: web.Response | None = None
        self.silent = False
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self.url = ""

    def give(self, auth_id: str, user_id: Any = 7, *, client_id: str = "local.app", **install: Any) -> str:
        """A pass of a user for an application on a portal; returned as it is posted."""
        known = {"installed": True, "version": 1, "status": "L", "scope": "task", "domain": "portal.example",
                 "uri": "https://portal.example/rest/", "client_endpoint": "https://portal.example/rest/",
                 "member_id": "member-1", "member_type": "cloud"}  # fmt: skip
        self.passes[auth_id] = {
            "client_id": client_id, "scope": "task", "expires": 1, "user_id": user_id, "install": {**known, **install},
        }  # fmt: skip
        return auth_id

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if self.silent:
            await self.gate.wait()
        if self.answer is not None:
            return self.answer
        if request.method != "GET" or request.path != "/rest/app.info/":
            return web.json_response({"error": "ERROR_METHOD_NOT_FOUND"}, status=404)
        known = self.passes.get(request.query.get("auth", ""))
        if known is None:
            return web.json_response({"error": "expired_token", "error_description": "x"}, status=401)
        return web.json_response({"result": known, "time": {"start": 1.0}})


@asynccontextmanager
async def auth_server() -> AsyncIterator[AuthServer]:
    """It listens on an address of its own until the end."""
    server = AuthServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        server.gate.set()
        await runner.cleanup()
