"""The HTTP service of an extension (`/hs/kd/v1/events`), as far as a push meets it: mark E-40 of the facts about 1C."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from lxml import etree

from posrednik.kit import xml

Json = dict[str, Any]
Answer = Callable[[Json], web.StreamResponse | None]


class FakeOneC:
    """Applies events once by id; `answers` are given first, each once: None = as usual."""

    def __init__(self, encoding: str = "json") -> None:
        self.encoding, self.url = encoding, ""
        self.applied: list[str] = []
        self.batches: list[Json] = []
        self.poison: set[str] = set()
        self.answers: list[Answer] = []
        self.users: set[str] = set()
        self.cut_after_effect = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        known = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        self.users.add(known)
        batch = self._read(raw, request.headers["Content-Type"])
        self.batches.append(batch)
        if self.answers and (said := self.answers.pop(0)(batch)) is not None:
            return said
        if any(event["id"] in self.poison for event in batch["events"]):
            return self.problem(422, {"code": "posting", "message": "Не хватает товара на складе"})
        for event in batch["events"]:
            if event["id"] not in self.applied:
                self.applied.append(event["id"])
        if self.cut_after_effect:
            self.cut_after_effect -= 1
            assert request.transport is not None
            request.transport.abort()
        return self.told({"accepted": [event["id"] for event in batch["events"]], "rejected": []})

    def _read(self, raw: bytes, kind: str) -> Json:
        if self.encoding == "json":
            assert kind == "application/json"
            return json.loads(raw)
        assert kind.startswith("application/xml")
        assert etree.fromstring(raw).tag == "message"
        return xml.read(raw, "message")

    def told(self, body: Json, status: int = 200) -> web.Response:
        if self.encoding == "json":
            return web.json_response(body, status=status)
        return web.Response(body=xml.write({"http_status": status, **body}, "result"), content_type="application/xml")

    def problem(self, status: int, body: Json) -> web.Response:
        """An old base says everything with HTTP 200."""
        return self.told(body, status)


@asynccontextmanager
async def onec_service(encoding: str = "json") -> AsyncIterator[FakeOneC]:
    fake = FakeOneC(encoding)
    app = web.Application()
    app.router.add_post("/trade/hs/kd/v1/events", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]
    fake.url = f"http://127.0.0.1:{port}/trade/hs/kd/v1/events"
    try:
        yield fake
    finally:
        await asyncio.wait_for(runner.cleanup(), 45)
