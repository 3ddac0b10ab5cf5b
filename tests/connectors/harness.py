"""What the conformance suite needs of a system: a fake destination with switches, and items made for it.

A connector joins the suite by one function here: an async context manager that gives a `Harness`, under `@harness`.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID, uuid4

from aiohttp import web

from posrednik.connectors.base import Connector, Held, Item, NotThere, Outcome

# How long a connector of ours waits: long enough for a busy machine, or short where nothing will come.
PATIENT_S, HURRIED_S = 30.0, 0.8


class Trouble(Enum):
    """How the destination may behave; each is on until `NONE` is set again."""

    NONE = "answers yes"
    REFUSES = "answers no to every message"
    LIMITED = "says that it is called too often, nothing was done"
    DROPS = "does it, then closes the connection without an answer"
    HANGS = "does it, then says nothing for longer than the connector waits"
    GARBAGE = "does it, then answers what nobody can read"
    FAILS = "does it, then answers 502 with a page of a proxy"
    DOWN = "accepts no connection"


IN_DOUBT = (Trouble.DROPS, Trouble.HANGS, Trouble.GARBAGE, Trouble.FAILS)


@dataclass
class TestGate:
    """Lets everything through and counts; `held` makes it raise instead."""

    __test__ = False
    entered: list[str] = field(default_factory=list)
    paused: dict[str, float] = field(default_factory=dict)
    held: bool = False
    slowed: list[float] = field(default_factory=list)

    async def enter(self, method: str) -> None:
        await asyncio.sleep(0)
        if self.held:
            raise Held("все вызовы заняты", 2.0)
        self.entered.append(method)

    def pause(self, method: str, seconds: float, why: str) -> None:
        self.paused[method] = seconds

    def slow_down(self, seconds: float) -> None:
        self.slowed.append(seconds)


class Reports:
    """Collects reports and keeps their order; `of` fails unless there is exactly one."""

    def __init__(self) -> None:
        self.rows: list[tuple[UUID, Outcome | NotThere]] = []

    def __call__(self, item: Item, outcome: Outcome | NotThere) -> None:
        self.rows.append((item.id, outcome))

    def of(self, item: Item) -> Outcome | NotThere:
        found = [outcome for item_id, outcome in self.rows if item_id == item.id]
        assert len(found) == 1, f"{len(found)} reports for one item"
        return found[0]


class Harness(ABC):
    """One connector and its fake destination.

    secrets: texts that must never be seen in an outcome. received: HTTP requests that arrived.
    settles_by_looking: False where repeats are recognised by the destination and nothing is ever unclear.
    """

    connector: Connector
    secrets: tuple[str, ...] = ()
    settles_by_looking = True

    def __init__(self) -> None:
        self.trouble = Trouble.NONE
        self.received = 0
        self._released = asyncio.Event()

    @abstractmethod
    def item(self, key: str, version: int = 1, attempt: int = 1) -> Item:
        """A message of the subject `key`; every call makes a new id."""

    @abstractmethod
    def effects(self, key: str) -> int:
        """How many things stand at the destination because of messages of `key`; 1 is right for one message."""

    @abstractmethod
    def version(self, key: str) -> int | None:
        """Version of `key` that the destination shows last."""

    @abstractmethod
    def markers(self, key: str) -> set[str]:
        """Every marker or idempotency key that came with messages of `key`."""

    @abstractmethod
    def wait_at_most(self, seconds: float) -> None:
        """How long the connector waits for one answer from now on."""

    @abstractmethod
    async def down(self, is_down: bool) -> None:
        """Close or open the port."""

    async def have(self, trouble: Trouble) -> None:
        if (trouble is Trouble.DOWN) != (self.trouble is Trouble.DOWN):
            await self.down(trouble is Trouble.DOWN)
        self.trouble = trouble
        self.wait_at_most(HURRIED_S if trouble is Trouble.HANGS else PATIENT_S)

    async def spoil(self, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        """What the trouble of the moment makes of an answer whose work is done."""
        if self.trouble is Trouble.DROPS:
            assert request.transport is not None
            request.transport.abort()
        if self.trouble is Trouble.HANGS:
            await self._released.wait()
        if self.trouble is Trouble.GARBAGE:
            return web.Response(body=b'{"result": [{"id"', content_type="application/json")
        if self.trouble is Trouble.FAILS:
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        return answer

    def release(self) -> None:
        """Let hanging answers go, so that the server can stop."""
        self._released.set()


class Server:
    """A small aiohttp server on a free port of the loopback that can be stopped and started on the same port."""

    def __init__(self, app: web.Application) -> None:
        self.port = 0
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._site: web.TCPSite | None = None

    async def start(self) -> None:
        if self._runner.server is None:
            await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def close_port(self) -> None:
        assert self._site is not None
        await self._site.stop()
        for connection in list(self._runner.server.connections if self._runner.server else ()):
            connection.force_close()
            if connection.transport is not None:
                connection.transport.abort()

    async def stop(self) -> None:
        await self._runner.cleanup()


Make = Callable[[], AbstractAsyncContextManager[Harness]]
HARNESSES: dict[str, Make] = {}


def harness(name: str) -> Callable[[Callable[[], AsyncIterator[Harness]]], Make]:
    """Register a connector with the suite under a name."""

    def register(make: Callable[[], AsyncIterator[Harness]]) -> Make:
        HARNESSES[name] = asynccontextmanager(make)
        return HARNESSES[name]

    return register


def new_key() -> str:
    return f"delivery:{uuid4()}"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
