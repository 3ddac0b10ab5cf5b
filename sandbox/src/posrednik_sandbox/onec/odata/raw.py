"""Addresses with raw Cyrillic, which old programs send and the HTTP parser of this server refuses (E-10)."""

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

_METHODS = (b"GET ", b"POST ", b"PATCH ", b"PUT ", b"DELETE ", b"MERGE ")


class _Handler(RequestHandler):
    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        super().data_received(encoded(data))


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


def take_raw(server: web.Server | None) -> None:
    """Let a server of this process read such request lines. The library makes the server, so its class is changed."""
    if server is not None:
        server.__class__ = _Server


def encoded(data: bytes) -> bytes:
    """The same request with its first line percent-encoded where it is not ASCII."""
    line, end, rest = data.partition(b"\r\n")
    if line.isascii() or not line.startswith(_METHODS):
        return data
    return b"".join(bytes([byte]) if byte < 128 else b"%%%02X" % byte for byte in line) + end + rest
