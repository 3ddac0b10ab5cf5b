"""A portal listening on free ports of 127.0.0.1, and plain ways to call it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from posrednik_sandbox.portal import Portal, make_certificate, pages, protocol_app

SECRET = "1/sandboxsecret"


@dataclass
class Running:
    """`https` is empty unless certificates were asked for."""

    portal: Portal
    http: str
    https: str
    control: str
    session: aiohttp.ClientSession

    @property
    def webhook(self) -> str:
        return f"{self.http}/rest/{SECRET}/"

    async def call(self, method: str, params: Any = None, webhook: str = SECRET) -> tuple[int, Any]:
        """A classic call with a JSON body: status and parsed answer."""
        async with self.session.post(f"{self.http}/rest/{webhook}/{method}", json=params or {}) as response:
            return response.status, await response.json()

    async def ok(self, method: str, params: Any = None) -> Any:
        """The `result` of a classic call that must succeed."""
        status, body = await self.call(method, params)
        assert status == 200, body
        return body["result"]

    async def batch(self, *commands: str, halt: Any = 0) -> dict[str, Any]:
        result = await self.ok("batch", {"halt": halt, "cmd": {f"c{i}": text for i, text in enumerate(commands)}})
        assert isinstance(result, dict)
        return result

    async def v3(
        self, method: str, params: Any = None, key: str | None = None, webhook: str = SECRET
    ) -> tuple[int, Any, Any]:
        """A v3 call: status, parsed answer, headers."""
        headers = {} if key is None else {"Idempotency-Key": key}
        address = f"{self.http}/rest/api/{webhook}/{method}"
        async with self.session.post(address, json={} if params is None else params, headers=headers) as response:
            return response.status, await response.json(), response.headers

    async def page(self, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A call of the pages' own JSON."""
        async with self.session.request(verb, f"{self.control}/portal/api/{path}", json=body) as response:
            return response.status, await response.json()


@asynccontextmanager
async def running(portal: Portal | None = None, certificates: Path | None = None) -> AsyncIterator[Running]:
    """Without limits unless the given portal has them."""
    if portal is None:
        portal = Portal(seed=1)
        portal.limits.set_tariff("box")
    control = web.Application()
    control.add_subapp("/portal/", pages(portal))
    context = None
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*make_certificate(certificates))
    runners = [web.AppRunner(protocol_app(portal), shutdown_timeout=0.1), web.AppRunner(control)]
    try:
        http, https = await _listen(runners[0], context)
        control_at, _ = await _listen(runners[1], None)
        portal.address, portal.home = http.removeprefix("http://"), f"{control_at}/portal/"
        async with aiohttp.ClientSession() as session:
            yield Running(portal, http, https, control_at, session)
    finally:
        for runner in runners:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, context: ssl.SSLContext | None) -> tuple[str, str]:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    if context is not None:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    ports = [address[1] for address in runner.addresses]
    return f"http://127.0.0.1:{ports[0]}", f"https://127.0.0.1:{ports[1]}" if context else ""


def a_task(title: str = "Доставка 000-123", **fields: Any) -> dict[str, Any]:
    """Classic `fields` of a courier's task."""
    return {"TITLE": title, "RESPONSIBLE_ID": 7, "GROUP_ID": 11, **fields}


def a_v3_task(title: str = "Доставка 000-123", **fields: Any) -> dict[str, Any]:
    return {"fields": {"title": title, "creatorId": 1, "responsibleId": 7, "groupId": 11, **fields}}
