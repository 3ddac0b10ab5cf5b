"""Outgoing HTTP: one way to make a session, one way to read an answer, one way to judge a failure.

Texts made here name neither a URL nor a header, because both may hold a secret; an exception of aiohttp is
never shown as it is, for the same reason.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import aiohttp

from posrednik.kit.addresses import is_public

USER_AGENT = f"Posrednik/{version('posrednik')}"
MAX_BODY = 4 * 1024 * 1024


class AddressRefused(OSError):
    """The name resolved to an address of a private network, and that is not allowed here."""


class BodyTooLong(Exception):
    """The answer is longer than we are ready to read; its connection is dropped."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failed call means. "not_sent": nothing left this machine; "in_doubt": bytes may have left."""

    fate: Literal["not_sent", "in_doubt"]
    code: str
    why: str


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to public addresses only.

    The check is made on the address the socket is about to connect to, after the name was resolved, so that a
    name which answers differently the second time (DNS rebinding) gains nothing; literal addresses count too.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(socket_factory=_guarded_socket, **options)


def timeouts(total_s: float, connect_s: float = 10.0, read_s: float | None = None) -> aiohttp.ClientTimeout:
    """total_s: the whole call. connect_s: until the connection stands. read_s: silence between bytes."""
    return aiohttp.ClientTimeout(
        total=total_s,
        connect=min(connect_s, total_s),
        sock_connect=min(connect_s, total_s),
        sock_read=read_s or total_s,
    )


def new_session(
    *,
    total_s: float = 30.0,
    connect_s: float = 10.0,
    limit: int = 100,
    limit_per_host: int = 0,
    public_only: bool = False,
    trust_env: bool = False,
) -> aiohttp.ClientSession:
    """A session for calls to other systems; needs a running loop.

    TLS is verified, cookies are not kept, the environment (proxies, netrc) is not read unless `trust_env`.
    public_only: private, loopback and link-local addresses are refused when connecting.
    """
    kind = GuardedConnector if public_only else aiohttp.TCPConnector
    connector = kind(limit=limit, limit_per_host=limit_per_host, ttl_dns_cache=60, keepalive_timeout=30)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeouts(total_s, connect_s),
        headers={"User-Agent": USER_AGENT},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=trust_env,
        raise_for_status=False,
    )


async def read_capped(response: aiohttp.ClientResponse, limit: int = MAX_BODY) -> bytes:
    """The body, or `BodyTooLong` as soon as it is over `limit` bytes (after decompression)."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > limit:
            response.close()
            raise BodyTooLong
        parts.append(part)
    return b"".join(parts) if len(parts) != 1 else parts[0]


NOT_SENT: tuple[tuple[type[BaseException], str, str], ...] = (
    (aiohttp.ClientConnectorDNSError, "name_not_found", "имя сервера не найдено"),
    (aiohttp.ClientConnectorCertificateError, "tls", "сертификат сервера не прошёл проверку"),
    (aiohttp.ClientConnectorSSLError, "tls", "защищённое соединение не установлено"),
    (aiohttp.ClientConnectorError, "no_connection", "сервер не принимает соединение"),
    (aiohttp.ConnectionTimeoutError, "connect_timeout", "сервер не ответил на попытку соединения"),
    (aiohttp.InvalidURL, "bad_address", "адрес записан неверно"),
)
IN_DOUBT: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "timeout", "ответа нет в отведённое время"),
    (aiohttp.ServerDisconnectedError, "connection_lost", "сервер закрыл соединение, не ответив"),
    (aiohttp.ClientPayloadError, "answer_cut", "ответ оборвался на середине"),
    (BodyTooLong, "answer_too_long", "ответ длиннее допустимого"),
    (aiohttp.ClientError, "connection_lost", "соединение оборвалось"),
    (OSError, "connection_lost", "соединение оборвалось"),
)
TRANSPORT_ERRORS = (aiohttp.ClientError, BodyTooLong, TimeoutError, OSError)


def classify(error: BaseException) -> Failure:
    """Tell a call that certainly did not leave from one that may have; when unsure, the second.

    aiohttp raises its connector errors and `ConnectionTimeoutError` only before the first byte of a request.
    """
    if any(isinstance(link, AddressRefused) for link in _chain(error)):
        return Failure("not_sent", "private_address", "адрес ведёт во внутреннюю сеть, это не разрешено")
    for kind, code, why in NOT_SENT:
        if isinstance(error, kind):
            return Failure("not_sent", code, why)
    for kind, code, why in IN_DOUBT:
        if isinstance(error, kind):
            return Failure("in_doubt", code, why)
    return Failure("in_doubt", "unexpected", f"непредвиденная ошибка ({type(error).__name__})")


def _chain(error: BaseException) -> Iterable[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        inner = getattr(seen, "os_error", None)
        seen = inner if inner is not None and inner is not seen else seen.__cause__


def _guarded_socket(info: tuple[Any, ...]) -> socket.socket:
    family, kind, proto, _, address = info
    if not is_public(str(address[0]).partition("%")[0]):
        raise AddressRefused("private address")
    return socket.socket(family=family, type=kind, proto=proto)


class Sessions:
    """The HTTP sessions of a process: one for addresses that must be public, one for the rest."""

    def __init__(self) -> None:
        self._made: dict[bool, aiohttp.ClientSession] = {}

    def get(self, *, public_only: bool) -> aiohttp.ClientSession:
        if public_only not in self._made:
            self._made[public_only] = new_session(public_only=public_only, limit=0)
        return self._made[public_only]

    async def close(self) -> None:
        for session in self._made.values():
            await session.close()
