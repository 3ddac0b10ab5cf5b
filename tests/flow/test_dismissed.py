"""Whoever is dismissed on the portal loses access at once: his openings, his phone, his office session (portal.md)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.oauth_kit import EMPLOYEE, World, a_world
from tests.flow.entry_kit import home, knocks, new_code, token_of
from tests.flow.exchange_client import SECOND_COURIER, Service, courier, division, running, settings
from tests.flow.people_kit import Office

from posrednik import bootstrap, bootstrap_portal
from posrednik.config import Settings
from posrednik.connectors.base import Held
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.dismissed import dismissed
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.kit.http import Sessions

ILYA, PAVEL, COLLEAGUE = str(EMPLOYEE), "2", "8"
WEBHOOK = "1/sandboxsecret"


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


def configured(world: World) -> Settings:
    return settings(bitrix24=msgspec.structs.replace(world.settings().bitrix24, webhook=WEBHOOK))


@pytest.fixture
async def service(world: World) -> AsyncIterator[Service]:
    async with running(world.dsn, configured(world)) as made:
        colleague = courier(SECOND_COURIER, "Иван Сидоров", bitrix24_user=COLLEAGUE)
        await made.onec.send([division(), courier(name="Илья Петров", bitrix24_user=ILYA), colleague])
        yield made


async def opened(service: Service, world: World, user: str, door: str) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": home()}
    return await service.client.post(door, content=urlencode(world.form(int(user))), headers=headers)


async def on_phone(service: Service, world: World, user: str = ILYA) -> str:
    """The token of a phone that came in from the portal."""
    answer = await opened(service, world, user, "/courier/open")
    assert answer.status_code == 303, answer.text
    return await token_of(service, answer.headers["location"].partition("#ticket=")[2])


async def in_office(service: Service, world: World, user: str) -> str:
    answer = await opened(service, world, user, "/office/open")
    ticket = answer.headers["location"].partition("#ticket=")[2]
    entered = await service.client.post(
        "/api/v1/signin/portal", json={"ticket": ticket}, headers={"X-Forwarded-For": home()}
    )
    assert entered.status_code == 200, entered.text
    token: str = entered.json()["token"]
    return token


async def is_in(service: Service, token: str) -> bool:
    answer = await service.client.get("/api/v1/board/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def dismiss(world: World, user: str) -> None:
    found = world.portal.users.get(int(user))
    assert found is not None
    found.active = False


async def minute(world: World) -> None:
    """The duty as the housekeeper runs it."""
    async with _duty(world) as run:
        await run()


@asynccontextmanager
async def _duty(world: World) -> AsyncIterator[Any]:
    db, sessions = bootstrap.database(configured(world), world.dsn), Sessions()
    await db.open()
    [duty] = [one for one in bootstrap_portal.duties(configured(world), db, sessions) if one.name == "dismissed"]
    try:
        yield duty.run
    finally:
        await sessions.close()
        await db.close()


async def ended(service: Service) -> list[str]:
    return [row["summary"] for row in await service.rows("SELECT summary FROM journal WHERE code = 'user_dismissed'")]


async def test_a_dismissed_courier_opens_nothing_and_his_phone_is_out_within_a_minute(service: Service, world: World):
    token, colleague = await on_phone(service, world), await on_phone(service, world, COLLEAGUE)
    await minute(world)
    assert await service.rows("SELECT 1 FROM token WHERE revoked_at IS NOT NULL") == []
    dismiss(world, ILYA)
    answer = await opened(service, world, ILYA, "/courier/open")
    assert (answer.status_code, "не подтвердил вход" in answer.text) == (403, True)
    await minute(world)
    assert not await knocks(service, token)
    assert await knocks(service, colleague)
    [line] = await ended(service)
    assert "Илья Петров" in line
    assert "№ 7" in line
    await minute(world)
    assert len(await ended(service)) == 1


async def test_a_dismissed_employee_of_the_office_is_out_and_his_password_is_another_matter(
    service: Service, world: World
):
    office = Office(service)
    _, by_password = await office.employed("pavel", bitrix24_user=PAVEL)
    by_portal = await in_office(service, world, PAVEL)
    dismiss(world, PAVEL)
    await minute(world)
    assert not await is_in(service, by_portal)
    assert await is_in(service, by_password)
    [line] = await ended(service)
    assert "сотрудник pavel Петрова" in line


async def test_who_came_by_a_code_stays(service: Service, world: World):
    await on_phone(service, world)
    by_code = await token_of(service, (await new_code(service))["code"], "other-phone")
    dismiss(world, ILYA)
    await minute(world)
    assert await knocks(service, by_code)


async def test_all_who_are_in_are_asked_for_in_one_call_and_nobody_when_nobody_is(service: Service, world: World):
    await minute(world)
    assert [path for path in world.asked if path.startswith("/rest/1/")] == []
    for _ in range(3):
        await on_phone(service, world)
    await on_phone(service, world, COLLEAGUE)
    await minute(world)
    assert [path for path in world.asked if path.startswith("/rest/1/")] == [f"/rest/{WEBHOOK}/batch"]


@pytest.mark.parametrize("fault", ["http_500_before", "portal_deleted", "truncated", "drop"])
async def test_a_portal_that_is_unwell_puts_nobody_out(service: Service, world: World, fault: str):
    token = await on_phone(service, world)
    dismiss(world, ILYA)
    world.portal.faults.set(fault)
    await minute(world)
    assert await knocks(service, token)


async def test_a_portal_that_forgets_a_user_puts_him_out_only_when_it_says_so(service: Service, world: World):
    token = await on_phone(service, world)
    world.portal.users.drop(int(ILYA))
    await minute(world)
    assert await knocks(service, token)


async def test_taken_back_he_comes_in_again(service: Service, world: World):
    await on_phone(service, world)
    dismiss(world, ILYA)
    await minute(world)
    found = world.portal.users.get(int(ILYA))
    assert found is not None
    found.active = True
    assert await knocks(service, await on_phone(service, world))


# -- reading the portal's answers


class Says:
    """Calls of a portal that answers every command with the same."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self.batches: list[int] = []

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Any]:
        self.batches.append(len(commands))
        if isinstance(self.said, Held):
            raise self.said
        return dict.fromkeys(commands, self.said)


ROWS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ID", "ACTIVE", "0", "1"]), inner),
)


@given(result=ROWS, asked=st.sets(st.sampled_from(["1", "2", "3"])))
async def test_whatever_comes_back_only_those_who_were_asked_for_can_be_out(result: Any, asked: set[str]):
    assert await dismissed(Says(Answer(result)), asked) <= asked  # type: ignore[arg-type]


@pytest.mark.parametrize(("active", "out"), [
    (False, True), ("N", True), ("false", True), (0, True), ("0", True), (True, False), ("Y", False), (None, False),
    ("", False), ([], False),
])  # fmt: skip
async def test_only_a_plain_no_puts_somebody_out(active: Any, out: bool):
    rows = [{"ID": 7, "ACTIVE": active}, {"ID": "8", "ACTIVE": True}]
    for result in (rows, {"0": rows[0], "1": rows[1]}):
        assert await dismissed(Says(Answer(result)), {"7", "8"}) == ({"7"} if out else set())  # type: ignore[arg-type]


async def test_thousands_are_asked_for_in_batches_of_fifty_commands():
    calls = Says(Problem(Kind.LIMIT, "query_limit_exceeded", "реже"))
    assert await dismissed(calls, {str(n) for n in range(1, 3001)}) == set()  # type: ignore[arg-type]
    assert calls.batches == [50, 50, 20]
    assert await dismissed(Says(Held("занято", 2.0)), {"1"}) == set()  # type: ignore[arg-type]
