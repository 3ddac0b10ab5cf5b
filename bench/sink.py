"""A local receiver of POSTs that is never the bottleneck: it answers 200, counts, and knows what came twice.

`python -m bench.sink`: prints its port; `GET /` answers "<posts> <different webhook-ids>".
"""

import asyncio
import http.client
import sys
import time
from collections.abc import Callable
from typing import cast

HEAD_END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"


class Counted:
    def __init__(self) -> None:
        self.posts = 0
        self.ids: set[bytes] = set()


class Receiver(asyncio.Protocol):
    """One keep-alive connection: just enough HTTP/1.1 for requests with a Content-Length."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end].lower()
            length = int(header(head, b"content-length") or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"post"):
            self._counted.posts += 1
            self._counted.ids.add(header(head, b"webhook-id"))
            self._transport.write(OK)
            return
        text = f"{self._counted.posts} {len(self._counted.ids)}".encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))


def header(head: bytes, name: bytes) -> bytes:
    """Value of a header in a lower-case head, empty when absent."""
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].strip() if found else b""


class Asker:
    """Reads the counters from outside."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def counts(self) -> tuple[int, int]:
        """(posts, different ids) so far."""
        self._connection.request("GET", "/")
        posts, ids = self._connection.getresponse().read().split()
        return int(posts), int(ids)

    def wait_for(self, posts: int, deadline: float, check: Callable[[], None], every_s: float = 0.01) -> None:
        """Until so many POSTs have come. deadline: of time.monotonic(). check: raises when there is no hope any more.

        Raises TimeoutError.
        """
        while (seen := self.counts()[0]) < posts:
            check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"the sink got {seen} of {posts} in time")
            time.sleep(every_s)

    def close(self) -> None:
        self._connection.close()


async def serve() -> None:
    counted = Counted()
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(counted), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    from bench import loop

    sys.exit(loop.serve(serve()))
