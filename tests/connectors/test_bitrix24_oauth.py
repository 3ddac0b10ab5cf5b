"""Calls of the portal by the tokens of the installed application: renewed once, never lost, never told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from aiohttp import web
from psycopg.rows import dict_row
from tests.connectors.oauth_kit import ADMIN, EMPLOYEE, Process, World, a_process, a_world, installed

from posrednik import bootstrap_portal
from posrednik.connectors.base import TryLater
from posrednik.connectors.bitrix24 import oauth
from posrednik.connectors.bitrix24.access import NoAccess
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.oauth import OAuthAccess, TokenServer
from posrednik.domain.entry import NotVerified
from posrednik.domain.portal_install import INSTALLED, Fresh, Pair, VaultAway
from posrednik.kit.sealing import Sealer
from posrednik.usecases.install_portal import PortalInstall
from posrednik_sandbox.portal.portal import WEBHOOK

ADD = Command(Step.CALL, "im.message.add", {"DIALOG_ID": "chat1", "MESSAGE": "раз"})


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


def row(world: World) -> dict[str, Any]:
    with psycopg.connect(world.dsn, row_factory=dict_row) as conn:
        found = conn.execute("SELECT * FROM portal_install").fetchone()
    assert found is not None
    return found


def change(world: World, query: str, *params: Any) -> None:
    with psycopg.connect(world.dsn) as conn:
        conn.execute(query, params)


def everything(world: World) -> str:
    """What the database holds of it all, as text."""
    with psycopg.connect(world.dsn) as conn:
        tables = ("portal_install", "journal", "secret", "destination", "portal_entry")
        return "".join(str(conn.execute(f"SELECT t::text FROM {name} t").fetchall()) for name in tables)


def why(said: Answer | Problem) -> str:
    assert isinstance(said, Problem), said
    assert isinstance(said.outcome(writing=True), TryLater)
    assert said.outcome(writing=True).free
    return said.code


def installer(world: World, process: Process, **more: Any) -> PortalInstall:
    made = bootstrap_portal.installer(world.settings(**more), process.db, process.sessions)
    assert made is not None
    return made


async def who(process: Process) -> str:
    """Whom the portal takes us for."""
    said = await process.call("user.current")
    assert isinstance(said, Answer), said
    return str(said.result["ID"])


# -- by its tokens


async def test_calls_go_by_the_token_of_whoever_installed_it_and_it_is_in_no_address(world: World):
    async with installed(world) as process:
        assert (await who(process), process.access.user_id) == (str(ADMIN), ADMIN)
        ticket = await process.access.ticket()
        assert ticket.classic_root == f"{world.url}/rest/"
        assert ticket.v3_root == f"{world.url}/rest/api/"
        assert not [path for path in world.asked if ticket.auth in path and "app.info" not in path]
        assert world.renewals() == 0


async def test_an_hour_later_it_is_renewed_once_and_the_call_goes_through(world: World):
    async with installed(world) as process:
        world.hour_later()
        assert await who(process) == str(ADMIN)
        assert process.gate.entered == ["user.current"] * 2
        assert await who(process) == str(ADMIN)
        assert world.renewals() == 1
        assert (row(world)["revision"], row(world)["state"]) == (2, "installed")


async def test_what_expires_in_the_middle_of_a_batch_is_done_once(world: World):
    async with installed(world) as process:
        world.portal.faults.set("token_expired_inside", count=1)
        lines = {f"c{n}": ADD for n in range(5)}
        answers = await process.transport.batch(process.gate, lines)
        assert {type(one) for one in answers.values()} == {Answer}
        assert len(list(world.portal.messages)) == 5
        assert world.renewals() == 1


async def test_many_batches_whose_token_expires_at_once_renew_it_once(world: World):
    async with installed(world) as process:
        world.portal.faults.set("token_expired_inside", count=1)
        batches = [{f"c{n}": ADD for n in range(3)} for _ in range(4)]
        transport = process.transport
        said = await asyncio.gather(*(transport.batch(process.gate, one) for one in batches))
        assert {type(answer) for answers in said for answer in answers.values()} == {Answer}
        assert len(list(world.portal.messages)) == 12
        assert world.renewals() == 1


async def test_two_processes_with_many_calls_at_once_renew_once(world: World):
    async with installed(world) as one, a_process(world) as other:
        world.hour_later()
        world.portal.faults.set("refresh_slow", seconds=0.3)
        said = await asyncio.gather(*(process.call("user.current") for process in (one, other) * 6))
        assert {type(answer) for answer in said} == {Answer}
        assert world.renewals() == 1
        assert row(world)["lease_owner"] is None


async def test_a_pair_that_another_process_renewed_is_taken_without_asking(world: World):
    async with installed(world) as one, a_process(world) as other:
        await asyncio.gather(one.access.ticket(), other.access.ticket())
        world.hour_later()
        await who(one)
        assert await who(other) == str(ADMIN)
        assert world.renewals() == 1


async def test_renewed_again_and_again_it_works_for_a_week(world: World):
    async with installed(world) as process:
        assert isinstance(process.access, OAuthAccess)
        for _ in range(7 * 24):
            process.access._renewed.clear()
            world.hour_later()
            assert isinstance(await process.call("user.current"), Answer)
        assert world.renewals() == 7 * 24


# -- what fails


async def test_a_lost_answer_is_asked_for_once_more_and_then_an_administrator_must_help(world: World):
    async with installed(world) as process:
        world.hour_later()
        world.portal.faults.set("refresh_lost", count=1)
        assert why(await process.call("user.current")) == "token_dead"
        assert world.renewals() == 2
        assert (row(world)["state"], row(world)["code"]) == ("broken", "token_dead")
        for _ in range(3):
            assert why(await process.call("user.current")) == "token_dead"
        assert world.renewals() == 2
        assert "больше не принимает токены" in everything(world)


async def test_an_administrator_who_opens_the_application_heals_it_and_an_employee_does_not(world: World):
    async with installed(world) as process:
        world.hour_later()
        world.portal.faults.set("refresh_lost", count=1)
        await process.call("user.current")
        install = installer(world, process)
        assert not await install.heal(world.form(EMPLOYEE))
        assert not await install.heal({**world.form(), "REFRESH_ID": ""})
        assert row(world)["state"] == "broken"
        assert await install.heal(world.form())
        assert row(world)["state"] == "installed"
        assert isinstance(process.access, OAuthAccess)
        process.access._known.at = float("-inf")
        assert await who(process) == str(ADMIN)
        assert not await install.heal(world.form())


async def test_while_the_server_is_down_nothing_is_lost_and_it_is_asked_seldom(world: World):
    async with installed(world) as process, a_process(world) as other:
        world.hour_later()
        world.portal.faults.set("refresh_down")
        said = [await one.call("user.current") for one in (process, other, process)]
        assert [why(one) for one in said] == ["auth_away"] * 3
        assert world.renewals() == 2, "one question, once more because it was in doubt"
        assert 0 < said[-1].pause_s <= 15
        world.portal.faults.clear()
        change(world, "UPDATE portal_install SET rest_until = now()")
        assert await who(process) == await who(other) == str(ADMIN)
        assert (row(world)["failures"], row(world)["rest_until"]) == (0, None)


async def test_pauses_grow_while_the_server_stays_down(world: World):
    async with installed(world) as process:
        world.hour_later()
        world.portal.faults.set("refresh_down")
        pauses = []
        for _ in range(7):
            said = await process.call("user.current")
            assert isinstance(said, Problem)
            pauses.append(round(said.pause_s))
            change(world, "UPDATE portal_install SET rest_until = now()")
        assert pauses == [15, 30, 60, 120, 240, 300, 300]


async def test_a_refresh_token_that_was_used_already_is_dead(world: World):
    """As after the database was put back from a copy."""
    async with installed(world) as process:
        old = row(world)
        world.hour_later()
        await who(process)
        change(world, "UPDATE portal_install SET access = %s, refresh = %s", old["access"], old["refresh"])
    async with a_process(world) as restored:
        world.hour_later()
        assert why(await restored.call("user.current")) == "token_dead"
        assert world.renewals() == 2


@pytest.mark.parametrize("changed", ["client_id", "client_secret"])
async def test_an_application_that_was_made_anew_is_told_by_its_name(world: World, changed: str):
    async with installed(world) as process:
        world.hour_later()
        world.portal.application = replace(world.portal.application, **{changed: "made.anew"})
        assert why(await process.call("user.current")) == "wrong_client"
        assert row(world)["state"] == "broken"


async def test_a_pair_of_somebody_else_is_not_taken(world: World):
    async with installed(world) as process:
        world.hour_later()
        stranger = world.portal.tokens.issue(EMPLOYEE, world.portal.application, world.portal.address)
        world.instead["/oauth/token/"] = answers(
            access_token=stranger.value, refresh_token=stranger.refresh, expires_in=3600, user_id=EMPLOYEE,
            member_id=stranger.member_id,
        )  # fmt: skip
        assert why(await process.call("user.current")) == "other_owner"
        assert row(world)["state"] == "broken"


def answers(status: int = 200, **body: Any) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return answer


NO_ANSWERS = [
    (200, b"<html>hello</html>", 2), (200, b'{"access_token": "x"}', 2), (502, b"Bad Gateway", 2), (500, b"{}", 2),
    (404, b"<html>not here</html>", 1), (302, b"", 1), (400, b'{"error": "invalid_request"}', 1),
    (200, b'{"access_token": "", "refresh_token": ""}', 2), (200, b"[" * 60_000, 2), (200, b" " * 70_000, 2),
    (403, b'{"error": "PAYMENT_REQUIRED"}', 1),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "questions"), NO_ANSWERS)
async def test_an_answer_that_is_none_leaves_the_tokens_as_they_are(
    world: World, status: int, body: bytes, questions: int
):
    async with installed(world) as process:
        world.hour_later()

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status, body=body, headers={"Location": "/elsewhere"} if status == 302 else {})

        world.instead["/oauth/token/"] = answer
        assert why(await process.call("user.current")) in ("auth_away", "payment_required")
        assert world.renewals() == questions
        del world.instead["/oauth/token/"]
        change(world, "UPDATE portal_install SET rest_until = now()")
        assert await who(process) == str(ADMIN)


async def test_a_portal_that_refuses_what_it_has_just_renewed_is_left_alone(world: World):
    async with installed(world) as process:
        world.portal.faults.set("token_expired")
        said = [await process.call("user.current") for _ in range(6)]
        assert {type(one) for one in said} == {Problem}
        assert world.renewals() == oauth.MOST_IN_A_ROW
        assert why(said[-1]) == "token_refused"


async def test_a_dismissed_installer_is_noticed(world: World):
    async with installed(world) as process:
        user = world.portal.users.get(ADMIN)
        assert user is not None
        user.active = False
        assert why(await process.call("user.current")) == "token_dead"


# -- processes and the database come and go


async def test_a_process_that_died_with_the_lease_holds_nobody_up_for_ever(world: World):
    async with installed(world) as process:
        world.hour_later()
        change(world, "UPDATE portal_install SET lease_owner = gen_random_uuid(), "
                      "lease_until = now() + interval '1 hour'")  # fmt: skip
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                change(world, "UPDATE portal_install SET lease_until = now()")

        assert isinstance(process.access, OAuthAccess)
        process.access._sleep = sleep
        assert await who(process) == str(ADMIN)
        assert (len(slept), world.renewals()) == (3, 1)


async def test_whoever_waits_too_long_for_another_comes_again_later(world: World):
    async with installed(world) as process:
        world.hour_later()
        change(world, "UPDATE portal_install SET lease_owner = gen_random_uuid(), "
                      "lease_until = now() + interval '1 hour'")  # fmt: skip
        now = [0.0]

        async def sleep(seconds: float) -> None:
            now[0] += 10

        assert isinstance(process.access, OAuthAccess)
        process.access._sleep, process.access._clock = sleep, lambda: now[0]
        assert why(await process.call("user.current")) == "auth_away"
        assert world.renewals() == 0


async def test_a_caller_who_is_cancelled_does_not_lose_the_new_pair(world: World):
    async with installed(world) as process:
        world.hour_later()
        reached = asyncio.Event()

        async def slow(request: web.Request) -> web.StreamResponse:
            reached.set()
            await asyncio.sleep(0.2)
            return await token(request)

        token = next(
            route.handler for route in world.server._runner.app.router.routes()
            if route.resource is not None and route.resource.canonical == "/oauth/token/"
        )  # fmt: skip
        world.instead["/oauth/token/"] = slow
        call = asyncio.create_task(process.call("user.current"))
        await reached.wait()
        call.cancel()
        assert isinstance(process.access, OAuthAccess)
        await asyncio.gather(*process.access._running)
        assert row(world)["revision"] == 2
        assert await who(process) == str(ADMIN)
        assert world.renewals() == 1


class Forgetful:
    """A vault that is away for the first `away` writes."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.pair = Pair(ADMIN, 1, INSTALLED, "old-access", "old-refresh", "m")

    async def read(self) -> Pair:
        return self.pair

    async def lease(self, revision: int, seconds: float) -> bool:
        return True

    async def keep(self, revision: int, fresh: Fresh) -> Pair:
        self.away -= 1
        if self.away >= 0:
            raise VaultAway
        self.pair = Pair(ADMIN, revision + 1, INSTALLED, fresh.access, fresh.refresh, "m")
        return self.pair

    async def rest(self, revision: int, seconds: float, code: str) -> None: ...

    async def break_(self, revision: int, code: str) -> None: ...


async def test_a_pair_that_cannot_be_written_now_is_used_and_written_later(world: World):
    world.instead["/oauth/token/"] = answers(access_token="new-access", refresh_token="new-refresh")
    vault = Forgetful(away=oauth.KEEP_TRIES + 1)

    async def at_once(_: float) -> None: ...

    access = OAuthAccess(world.url, vault, TokenServer(world.url, "a", "b"), sleep=at_once)
    ticket = await access.renew(await access.ticket())
    assert (ticket.auth, vault.pair.access) == ("new-access", "old-access")
    assert (await access.ticket()).auth == "new-access"
    assert (await access.ticket()).auth == "new-access"
    assert (vault.pair.access, vault.pair.revision) == ("new-access", 2)


# -- the webhook beside it


async def test_the_webhook_is_used_until_it_is_installed_and_while_its_tokens_are_dead(world: World):
    webhook = "/".join(WEBHOOK)
    async with a_process(world, webhook=webhook) as process:
        await who(process)
        assert world.asked[-1] == f"/rest/{webhook}/user.current"
        await installer(world, process).install(world.form())
        assert isinstance(process.access, OAuthAccess)
        process.access._known.at = float("-inf")
        await who(process)
        assert world.asked[-1] == "/rest/user.current"
        world.hour_later()
        world.portal.faults.set("refresh_lost", count=1)
        await who(process)
        assert world.asked[-1] == f"/rest/{webhook}/user.current"


async def test_without_both_there_is_no_way_and_with_an_installation_there_is(world: World):
    async with a_process(world, install=ADMIN) as process:
        settings = world.settings(client_id="local.never.installed")
        assert await bootstrap_portal.access_of(settings, process.db, process.sessions) is None
        await installer(world, process).uninstall({
            "event": "ONAPPUNINSTALL", "auth[domain]": world.portal.address,
            "auth[member_id]": world.portal.application.member_id,
            "auth[application_token]": world.portal.application.application_token,
        })  # fmt: skip
        access = await bootstrap_portal.access_of(world.settings(), process.db, process.sessions)
        assert access is not None
        with pytest.raises(NoAccess, match="uninstalled"):
            await access.ticket()


# -- what is secret


async def test_under_another_client_secret_nothing_opens_until_an_administrator_opens_it(world: World):
    async with installed(world):
        pass
    async with a_process(world, client_secret="another") as process:
        with pytest.raises(NoAccess, match="unreadable"):
            await process.access.ticket()
        assert await installer(world, process, client_secret="another").heal(world.form())
        access = await bootstrap_portal.access_of(world.settings(client_secret="another"), process.db, process.sessions)
        assert access is not None
        assert (await access.ticket()).auth


def test_what_is_sealed_opens_only_where_it_belongs():
    sealer = Sealer("secret", "tokens")
    sealed = sealer.seal("text", "portal access")
    assert sealer.open(sealed, "portal access") == "text"
    assert sealer.seal("text", "portal access") != sealed
    assert b"text" not in sealed
    for other, bound, bytes_ in [
        (sealer, "portal refresh", sealed), (Sealer("secrets", "tokens"), "portal access", sealed),
        (Sealer("secret", "token"), "portal access", sealed), (sealer, "portal access", sealed[:-1]),
        (sealer, "portal access", b""), (sealer, "portal access", bytes([sealed[0] ^ 1]) + sealed[1:]),
    ]:  # fmt: skip
        assert other.open(bytes_, bound) is None


async def test_no_secret_is_in_the_database_a_log_a_sentence_or_a_picture_of_an_object(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    seen: list[Any] = []
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(installed(world))
        seen += [await process.access.ticket(), await process.db.transact(vault_of(world, process)._read)]
        for fault in ("refresh_slow", "refresh_down", "refresh_lost"):
            world.hour_later()
            world.portal.faults.set(fault, count=1)
            seen.append(await process.call("user.current"))
            world.portal.faults.clear()
            change(world, "UPDATE portal_install SET rest_until = now()")
        with pytest.raises(NotVerified) as refused:
            await installer(world, process).install(world.form(EMPLOYEE))
        seen += [refused.value, refused.value.__context__, refused.value.__cause__]
        await world.server.close_port()
        with pytest.raises(NotVerified) as away:
            await installer(world, process).install(world.form())
        seen += [away.value, away.value.__context__, away.value.__cause__]
    told = "".join(capfd.readouterr()) + caplog.text + everything(world) + json.dumps([repr(one) for one in seen])
    assert "portal.token_dead" in told
    assert not [secret for secret in world.secrets() if secret in told]


def vault_of(world: World, process: Process) -> Any:
    assert isinstance(process.access, OAuthAccess)
    return process.access._vault
