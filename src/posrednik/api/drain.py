"""A request that is refused before its body was read is read on for a while before the answer goes out.

Without that the server closes the connection on a client that is still sending, and the client sees a broken pipe in
place of the 401, 413 or 429 that would have told it what to do.
"""

import asyncio
import contextlib
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

DRAIN_S, DRAIN_BYTES = 10.0, 64 * 1024 * 1024  # none of it is kept


def drained(app: ASGIApp) -> ASGIApp:
    """The middleware. It touches nothing of a request whose body was read to its end."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_body(scope):
            await app(scope, receive, send)
            return
        body = _Body(receive)

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                await body.drain()
            await send(message)

        await app(scope, body.receive, answer)

    return middleware


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


class _Body:
    """Knows whether the end of the request has been read."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._ended = receive, False

    async def receive(self) -> Any:
        message: Any = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        read = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while not self._ended and read < DRAIN_BYTES:
                    read += len((await self.receive()).get("body", b""))
