"""The session every connector uses: what it refuses, and how its failures are told apart."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from tests.connectors.harness import Server, TestGate

from posrednik.connectors.base import Item, Outcome, TryLater
from posrednik.connectors.site.client import SiteConnector
from posrednik.connectors.site.outbound import BadTarget
from posrednik.kit import http
from posrednik.kit.quoting import quotable


@contextlib.asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[Server]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    server = Server(app)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def failure_of(session: aiohttp.ClientSession, url: str) -> http.Failure:
    with pytest.raises(http.TRANSPORT_ERRORS) as raised:
        async with session.post(url, data=b"x", timeout=http.timeouts(0.3)) as response:
            await http.read_capped(response, 1000)
    return http.classify(raised.value)


class PointsTo(AbstractResolver):
    """Every name is this address, as a rebound DNS entry would be."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        family = 10 if ":" in self._address else 2
        return [ResolveResult(hostname=host, host=self._address, port=port, family=family, proto=0, flags=4)]

    async def close(self) -> None:
        pass


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not http.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2a02:6b8::2:242", "::ffff:8.8.8.8"])
def test_addresses_outside_are_public(address: str) -> None:
    assert http.is_public(address)


async def answers(_: web.Request) -> web.Response:
    return web.Response(text="ok")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_a_guarded_session_does_not_reach_this_machine(host: str) -> None:
    async with serving(answers) as server, http.new_session(public_only=True) as session:
        failure = await failure_of(session, f"http://{host}:{server.port}/")
    assert (failure.fate, failure.code) == ("not_sent", "private_address")


async def test_a_name_that_turns_to_an_inner_address_is_refused_at_the_socket() -> None:
    async with serving(answers) as server:
        connector = http.GuardedConnector(resolver=PointsTo("127.0.0.1"))
        async with aiohttp.ClientSession(connector=connector) as session:
            failure = await failure_of(session, f"http://shop.example:{server.port}/")
    assert failure.code == "private_address"


async def test_a_subscription_on_a_private_address_is_never_called() -> None:
    seen: list[str] = []

    async def remember(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    async with serving(remember) as server:
        connector = http.GuardedConnector(resolver=PointsTo("127.0.0.1"))
        async with aiohttp.ClientSession(connector=connector) as session:
            site = SiteConnector(f"https://shop.example:{server.port}/", ["whsec_" + "A" * 32], False, session)
            outcomes: list[Outcome] = []
            item = Item(id=uuid4(), key="k", method="webhook", body={})
            await site.send([item], TestGate(), lambda _, outcome: outcomes.append(outcome))
    assert isinstance(outcomes[0], TryLater)
    assert (outcomes[0].code, outcomes[0].fault) == ("private_address", False)
    assert seen == []


async def test_a_session_without_guard_is_not_taken_for_strangers() -> None:
    async with http.new_session() as session:
        with pytest.raises(BadTarget):
            SiteConnector("https://shop.example/", ["whsec_" + "A" * 32], False, session)


async def test_a_closed_port_is_not_sent(free_port: int) -> None:
    async with http.new_session() as session:
        failure = await failure_of(session, f"http://127.0.0.1:{free_port}/secret-path")
    assert (failure.fate, failure.code) == ("not_sent", "no_connection")
    assert "secret" not in failure.why


async def test_an_unknown_name_is_not_sent() -> None:
    async with http.new_session() as session:
        failure = await failure_of(session, "http://no-such-name.invalid/")
    assert failure.fate == "not_sent"


async def test_a_failed_handshake_is_not_sent() -> None:
    async with serving(answers) as server, http.new_session() as session:
        failure = await failure_of(session, f"https://127.0.0.1:{server.port}/")
    assert failure.fate == "not_sent"


def test_a_bad_certificate_is_not_sent() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("h", 443, True, True, None, None, None)
    error = aiohttp.ClientConnectorCertificateError(key, ssl.SSLCertVerificationError("self-signed"))
    assert http.classify(error) == http.Failure("not_sent", "tls", "сертификат сервера не прошёл проверку")


async def test_silence_after_sending_is_in_doubt() -> None:
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with serving(silent) as server, http.new_session() as session:
        failure = await failure_of(session, f"http://127.0.0.1:{server.port}/")
        released.set()
    assert (failure.fate, failure.code) == ("in_doubt", "timeout")


async def test_a_connection_closed_without_answer_is_in_doubt() -> None:
    async def abort(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with serving(abort) as server, http.new_session() as session:
        failure = await failure_of(session, f"http://127.0.0.1:{server.port}/")
    assert (failure.fate, failure.code) == ("in_doubt", "connection_lost")


async def test_an_answer_that_never_ends_is_not_read_to_its_end() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"x" * 65536)
        return response

    async with serving(endless) as server, http.new_session() as session:
        failure = await failure_of(session, f"http://127.0.0.1:{server.port}/")
    assert (failure.fate, failure.code) == ("in_doubt", "answer_too_long")


async def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=307, headers={"Location": "/other"})

    async with serving(redirect) as server, http.new_session() as session:
        site = SiteConnector(f"http://127.0.0.1:{server.port}/hook", ["whsec_" + "A" * 32], True, session)
        outcomes: list[Outcome] = []
        item = Item(id=uuid4(), key="k", method="webhook", body={})
        await site.send([item], TestGate(), lambda _, outcome: outcomes.append(outcome))
    assert [getattr(outcome, "code", "") for outcome in outcomes] == ["redirect"]
    assert seen == ["/hook"]


def test_an_unknown_error_is_in_doubt_and_tells_no_details() -> None:
    failure = http.classify(RuntimeError("https://portal/rest/1/secret/"))
    assert failure.fate == "in_doubt"
    assert "secret" not in failure.why


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("позвоните +7 (916) 123-45-67 завтра", "позвоните …67 завтра"),
        ("89161234567", "…67"),
        ("заказ 000-000123", "заказ 000-000123"),
        ("a\x00b\nc\td", "a b c d"),
        ("ключ TOPSECRET тут", "ключ *** тут"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_foreign_text_is_made_fit_for_the_journal(text: str, shown: str) -> None:
    assert quotable(text, ["TOPSECRET"]) == shown
