"""The sandbox's portal as a process of its own, which remembers when each request came and went.

`python -m bench.portal_process`: prints its port. Under /bench/: GET seen (and forgets), else as the sandbox's pages.
"""

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from bench import loop
from posrednik_sandbox.portal import pages, protocol_app
from posrednik_sandbox.portal.portal import WEBHOOK, Portal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
GROUP = 11
SETTINGS = [f'webhook = "{WEBHOOK[0]}/{WEBHOOK[1]}"', f"default_group = {GROUP}"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: Unix times, the task's external key if it creates one, commands of a batch, status."""

    came: float
    went: float
    method: str
    marker: str
    commands: int
    status: int


def application() -> web.Application:
    portal, seen = Portal(seed=1), list[Seen]()
    app = protocol_app(portal)
    app.middlewares.append(_remember(seen))
    app.router.add_get("/bench/seen", _told(seen))
    app.add_subapp("/bench/", pages(portal))
    return app


def _remember(seen: list[Seen]) -> Any:
    @web.middleware
    async def remember(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/bench/"):
            return await handler(request)
        body = json.loads(await request.read() or b"{}")
        came = time.time()
        response = await handler(request)
        marker = str(body.get("fields", {}).get("xmlId", ""))
        method = request.match_info.get("method", "")
        seen.append(Seen(came, time.time(), method, marker, len(body.get("cmd", ())), response.status))
        return response

    return remember


def _told(seen: list[Seen]) -> Handler:
    async def told(request: web.Request) -> web.StreamResponse:
        rows = msgspec.json.encode(seen)
        seen.clear()
        return web.Response(body=rows)

    return told


class Asker:
    """The portal from outside."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port

    def seen(self) -> list[Seen]:
        """Requests since the last time it was asked."""
        return msgspec.json.decode(self._call("GET", "/bench/seen"), type=list[Seen])

    def limits(self, **wanted: Any) -> None:
        """tariff, latency, forget, …: see posrednik_sandbox.portal.pages.set_limits."""
        self._call("POST", "/bench/api/limits", json.dumps(wanted))

    def faults(self, *wanted: Mapping[str, Any]) -> None:
        """These and no other: see posrednik_sandbox.portal.pages.set_faults."""
        self._call("POST", "/bench/api/faults", json.dumps({"faults": wanted}))

    def state(self) -> dict[str, Any]:
        """Counts: see posrednik_sandbox.portal.pages.state."""
        told: dict[str, Any] = json.loads(self._call("GET", "/bench/api/state"))
        return told

    def tasks(self) -> int:
        return int(self.state()["tasks"])

    def doubles(self) -> int:
        return len(self.state()["duplicates"])

    def _call(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            raw = response.read()
            if response.status != 200:
                raise AssertionError(f"{path}: {response.status} {raw[:300]!r}")
            return raw
        finally:
            connection.close()


async def serve() -> None:
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(loop.serve(serve()))
