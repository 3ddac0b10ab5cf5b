"""An application of a portal: an address that remembers what the portal posts to it, and calls with its tokens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from tests.sandbox.portal_running import Running, running

from posrednik_sandbox.portal import Portal

ANNA, PAVEL, ILYA = 1, 2, 7
Form = dict[str, str]


@dataclass
class Listening:
    """`got`: the forms that came, query included, in order. status: what it answers; gate: closed, it answers late."""

    url: str = ""
    got: list[tuple[str, Form]] = field(default_factory=list)
    status: int = 200
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.got.append((request.path, dict(request.query) | form))
        await self.gate.wait()
        return web.Response(text="<p>Принято</p>", status=self.status)

    def events(self, name: str = "") -> list[Form]:
        return [form for _, form in self.got if form.get("event", "") and name in ("", form["event"])]


@dataclass
class Installed:
    """A portal with the application on it, and the application itself."""

    portal: Running
    listening: Listening

    @property
    def state(self) -> Portal:
        return self.portal.portal

    async def token(self, user: int = ANNA) -> str:
        status, answer = await self.portal.page("POST", "open", {"user": user, "device": "web"})
        assert status == 200, answer
        return str(answer["form"]["AUTH_ID"])

    async def call(self, method: str, user: int = ANNA, token: str = "", **params: Any) -> tuple[int, Any]:
        body = params | {"auth": token or await self.token(user)}
        async with self.portal.session.post(f"{self.portal.http}/rest/{method}", json=body) as response:
            return response.status, await response.json()

    async def ok(self, method: str, user: int = ANNA, token: str = "", **params: Any) -> Any:
        status, body = await self.call(method, user, token, **params)
        assert status == 200, body
        return body["result"]

    async def refused(self, method: str, user: int = ANNA, **params: Any) -> tuple[int, str]:
        status, body = await self.call(method, user, **params)
        return status, str(body["error"])

    async def bind(self, event: str, path: str = "/events", **more: Any) -> None:
        assert await self.ok("event.bind", event=event, handler=self.listening.url + path, **more) is True

    async def fault(self, kind: str, **row: Any) -> None:
        status, answer = await self.portal.page("POST", "faults", {"kind": kind} | row)
        assert status == 200, answer

    async def settled(self) -> dict[str, Any]:
        _, told = await self.portal.page("POST", "events/settle", {})
        assert isinstance(told, dict)
        return told


@asynccontextmanager
async def installed(install_path: str = "", tariff: str = "box") -> AsyncIterator[Installed]:
    """install_path: «Путь для первоначальной установки», not gone yet; without one nothing is to be installed."""
    listening = Listening()
    listening.gate.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", listening.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        listening.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with running(_portal(listening.url, install_path, tariff)) as started:
            yield Installed(started, listening)
    finally:
        await runner.cleanup()


def _portal(url: str, install_path: str, tariff: str) -> Portal:
    portal = Portal(seed=1)
    portal.limits.set_tariff(tariff)
    portal.limits.forget()
    install_url = url + install_path if install_path else ""
    portal.application = replace(portal.application, page_url=f"{url}/app", install_url=install_url)
    return portal
