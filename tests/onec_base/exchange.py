"""The exchange as the sandbox's pages know it (outbox, sender, receiver), told by the extension's registers."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from tests.bsl.platform.infobase import Infobase

from posrednik_sandbox.onec import outbox as sandbox
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
Told = Callable[[], Mapping[str, str]]
LOOK_S = 0.02
EVENTS = "/base/hs/kd/v1/events"


class Outbox:
    """What waits in the base."""

    def __init__(self, store: Store, base_id: str, encoding: str) -> None:
        self.store, self.base_id, self.encoding = store, base_id, encoding
        self.held: set[str] = set()

    @property
    def last_number(self) -> int:
        return int(self.store.get("last_number", "0"))

    def head(self) -> Json:
        return {"base": self.base_id, "epoch": self.store.get("epoch"), "instance": self.store.get("instance")}

    def on_its_way(self) -> Json | None:
        return self.store.row("SELECT * FROM message WHERE state = 'waiting'")

    counts = sandbox.Outbox.counts


class Sender:
    """The job that sends. told: what it says of itself. wake: called whenever there is something to do."""

    def __init__(self, told: Told, wake: Callable[[], None]) -> None:
        self.told, self.wake = told, wake
        self.next_try_s: float | None = None

    @property
    def last_error(self) -> str:
        return self.told().get("ПоследняяОшибка", "")

    @property
    def stopped(self) -> str:
        return self.told().get("Остановлен", "")

    async def until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Let the job work until `done`. False = not in time."""
        self.wake()
        end = time.monotonic() + timeout_s
        while not (found := done()) and time.monotonic() < end and not self.stopped:
            await asyncio.sleep(LOOK_S)
        return found


class Service:
    """The publication of the base: its HTTP service is the extension's."""

    def __init__(self, infobase: Infobase) -> None:
        self.infobase, self.online = infobase, False

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        headers = dict(request.headers)
        told = await asyncio.to_thread(self.infobase.serve, request.method, EVENTS, headers, raw)
        return web.Response(status=told[0], headers=told[1], body=told[2])


class Receiver:
    """The job that takes events in."""

    def __init__(self, told: Told) -> None:
        self.told = told

    @property
    def last_error(self) -> str:
        return self.told().get("ОшибкаПриема", "")
