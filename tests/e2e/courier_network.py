"""The network between a phone and the service: it is cut, loses answers, is slow, or belongs to somebody else.

The phone talks to this address only; what it is told here is true of its sockets: a cut network refuses connections and
resets those that stand, a lost answer was delivered to the service before it was lost.
"""

import asyncio
import contextlib
import gzip
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Json = dict[str, Any]
# These belong to one connection, not to the message; the length is counted anew.
OF_A_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer"}
PORTAL_PAGE = "<!doctype html><title>Wi-Fi</title><h1>Войдите в сеть вокзала</h1>"
LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Weather:
    """lost: share of answers to POST and PUT that do not come back; torn: share of all requests that do not arrive.

    captive: every address answers with the page of somebody's Wi-Fi. slow_s: before each answer. torn_from: requests to
    this path do not arrive.
    """

    lost: float = 0.0
    torn: float = 0.0
    captive: bool = False
    slow_s: float = 0.0
    torn_from: str = ""


FAIR = Weather()


@dataclass
class Network:
    """port: where the phone comes. service: `http://127.0.0.1:8000`.

    Counts what it did to requests in `fates`; the last good answer of each path is in `told`.
    """

    port: int
    service: str
    seed: int = 1
    weather: Weather = FAIR
    # Of which address it is: tries to log in are limited by it.
    home: int = 1
    fates: dict[str, int] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    # What becomes of the body of an answer, by the path.
    changes: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self._rng = random.Random(self.seed)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Network"]:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            await self.connect()
            try:
                yield self
            finally:
                await self._runner.cleanup()

    async def connect(self, weather: Weather = FAIR) -> None:
        self.weather = weather
        if self._site is None and self._runner is not None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
            await self._site.start()

    async def cut(self) -> None:
        """Nobody listens any more, and what is open is reset: an answer under way is lost."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        server = self._runner.server if self._runner is not None else None
        for connection in list(server.connections if isinstance(server, web.Server) else ()):
            if connection.transport is not None:
                connection.transport.abort()

    def count(self, fate: str) -> int:
        return self.fates.get(fate, 0)

    def json(self, path: str) -> Any:
        """The last good answer of a path."""
        return json.loads(self.told[path])

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body, weather = await request.read(), self.weather
        if weather.captive:
            return self._fated("captive", web.Response(text=PORTAL_PAGE, content_type="text/html"))
        if request.path == weather.torn_from or self._rng.random() < weather.torn:
            return self._torn(request, "torn")
        answer = await self._asked(request, body)
        if weather.slow_s:
            await asyncio.sleep(weather.slow_s)
        if request.method in ("POST", "PUT") and self._rng.random() < weather.lost:
            return self._torn(request, "lost")
        return self._fated("answered", answer)

    async def _asked(self, request: web.Request, body: bytes) -> web.Response:
        headers = _end_to_end(request.headers) | {"X-Forwarded-For": f"198.18.0.{self.home}"}
        if request.path in self.changes:
            headers.pop("Accept-Encoding", None)  # what is packed cannot be changed
        try:
            async with self._session.request(
                request.method,
                self.service + request.path_qs,
                data=body,
                headers=headers,
                allow_redirects=False,
                skip_auto_headers=("Accept-Encoding", "User-Agent"),
            ) as answer:
                content = self.changes.get(request.path, bytes)(await answer.read())
                if answer.status == 200:
                    packed = answer.headers.get("Content-Encoding") == "gzip"
                    self.told[request.path] = gzip.decompress(content) if packed else content
                return web.Response(status=answer.status, body=content, headers=_end_to_end(answer.headers))
        except aiohttp.ClientError:
            return web.Response(status=502, text="bad gateway")

    def _torn(self, request: web.Request, fate: str) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return self._fated(fate, web.Response())

    def _fated(self, fate: str, answer: web.Response) -> web.Response:
        self.fates[fate] = self.count(fate) + 1
        return answer


def _end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in OF_A_HOP}
