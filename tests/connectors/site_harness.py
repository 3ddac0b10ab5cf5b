"""The site connector against a receiver that checks signatures with the reference library."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web
from standardwebhooks import Webhook
from tests.connectors.harness import PATIENT_S, Harness, Server, Trouble, harness

from posrednik.connectors.base import Item
from posrednik.connectors.site.client import SiteConnector
from posrednik.kit import http
from posrednik.kit.ids import uuid7

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class SiteHarness(Harness):
    secrets = (SECRET, SECRET.removeprefix("whsec_"))
    settles_by_looking = False
    session: aiohttp.ClientSession

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, dict[str, Any]] = {}
        self.seen: list[tuple[str, str]] = []
        app = web.Application()
        app.router.add_post("/hook", self._hook)
        self.server = Server(app)

    def item(self, key: str, version: int = 1, attempt: int = 1) -> Item:
        order = {"ref": str(uuid4()), "number": "000-000123", "site_number": "1001"}
        delivery = {"id": key, "version": version, "stage": "ready", "order": order, "amount_due": "2450.00"}
        event = {"event_id": str(uuid4()), "delivery": delivery}
        body = {"type": "delivery.readied", "timestamp": "2026-11-22T10:00:00Z", "data": event}
        return Item(uuid7(), key, "webhook", body, attempt)

    def effects(self, key: str) -> int:
        return len([body for body in self.taken.values() if body["data"]["delivery"]["id"] == key])

    def version(self, key: str) -> int | None:
        found = [body["data"]["delivery"] for body in self.taken.values()]
        versions = [delivery["version"] for delivery in found if delivery["id"] == key]
        return versions[-1] if versions else None

    def markers(self, key: str) -> set[str]:
        return {message_id for seen_key, message_id in self.seen if seen_key == key}

    def wait_at_most(self, seconds: float) -> None:
        url = f"http://127.0.0.1:{self.server.port}/hook"
        self.connector = SiteConnector(url, [SECRET], True, self.session, timeout_s=seconds)

    async def down(self, is_down: bool) -> None:
        await (self.server.close_port() if is_down else self.server.start())

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        self.received += 1
        body = Webhook(SECRET).verify(await request.read(), dict(request.headers))
        message_id = request.headers["webhook-id"]
        self.seen.append((body["data"]["delivery"]["id"], message_id))
        if self.trouble is Trouble.REFUSES:
            return web.Response(status=410)
        if self.trouble is Trouble.LIMITED:
            return web.Response(status=429, headers={"Retry-After": "7"})
        # Repeats are known by the id, as the convention asks of a receiver.
        self.taken.setdefault(message_id, body)
        return await self.spoil(request, web.Response(status=204))


@harness("site")
async def site() -> AsyncIterator[Harness]:
    made = SiteHarness()
    await made.server.start()
    made.session = http.new_session()
    made.wait_at_most(PATIENT_S)
    try:
        yield made
    finally:
        made.release()
        await made.session.close()
        await made.server.stop()
