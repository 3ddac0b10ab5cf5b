"""People of the board, and their streams: server-sent events read from the application itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
from tests.flow.exchange_client import Service

from posrednik.store.tokens import hash_of

Event = tuple[str, Any]
PATIENCE_S = 45.0  # nothing here takes long, but the machine may be busy


async def person(service: Service, *roles: str, divisions: list[str] | None = None) -> str:
    """A token of somebody with these roles, limited to these divisions."""
    token, who = f"token-{uuid4()}", uuid4()
    async with await psycopg.AsyncConnection.connect(service.dsn, autocommit=True) as conn:
        await conn.execute(
            "INSERT INTO person (id, login, name, roles, divisions) VALUES (%s, %s, %s, %s, %s)",
            [who, f"login-{who}", "Ольга Седова", list(roles), divisions],
        )
        await conn.execute(
            "INSERT INTO token (id, kind, owner, name, hash, person_id) VALUES (%s, 'person', %s, '', %s, %s)",
            [uuid4(), str(who), hash_of(token), who],
        )
    return token


def as_person(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Stream:
    """An open stream. `read` gives the next events; `last_id` is what a reader would come back with."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.last_id = ""
        self.started, self.ended = asyncio.Event(), asyncio.Event()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._rest = b""
        self.gone = asyncio.Event()

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.started.set()
            return
        *blocks, self._rest = (self._rest + message.get("body", b"")).split(b"\n\n")
        for block in blocks:
            self._take(block.decode())
        if not message.get("more_body"):
            self.ended.set()
            self.gone.set()

    def _take(self, block: str) -> None:
        said = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        self.last_id = said.get("id", self.last_id)
        if "event" in said:
            self._events.put_nowait((said["event"], json.loads(said["data"])))

    async def end(self) -> None:
        """Wait until the service has ended it."""
        async with asyncio.timeout(PATIENCE_S):
            await self.ended.wait()

    async def next(self, *wanted: str) -> Event:
        """The next event of these kinds (any but signs of life, if none are named)."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                event = await self._events.get()
                if event[0] in wanted or (not wanted and event[0] != "beat"):
                    return event

    def nothing_left(self) -> bool:
        return self._events.empty()


@asynccontextmanager
async def stream(service: Service, token: str, *, last_id: str = "", query: str = "") -> AsyncIterator[Stream]:
    """Open it, leave it open, and go away at the end. An application that goes on afterwards fails the test."""
    app: Any = service.client._transport.app  # type: ignore[attr-defined]
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"posrednik.test")]
    headers += [(b"last-event-id", last_id.encode())] if last_id else []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/api/v1/board/stream", "raw_path": b"/api/v1/board/stream", "query_string": query.encode(),
        "headers": headers, "client": ("127.0.0.1", 50_001), "server": ("posrednik.test", 80), "root_path": "",
    }  # fmt: skip
    opened = Stream()
    task = asyncio.create_task(app(scope, opened.receive, opened.send))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await opened.started.wait()
        yield opened
    finally:
        opened.gone.set()
        async with asyncio.timeout(PATIENCE_S):
            await task
