"""People of the office come in from Bitrix24: whom the portal vouches for, and nobody who has no account here."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import Response
from tests.flow.exchange_client import running, settings
from tests.flow.fake_auth_server import AuthServer, auth_server
from tests.flow.people_kit import CHROME, Office, home

from posrednik.config import Bitrix24

PORTAL = "https://portal.example"
LETS_IN = re.compile(r"/office/#ticket=([\w-]{43})")


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with auth_server() as made:
        yield made


@pytest.fixture
async def office(database: str, server: AuthServer) -> AsyncIterator[Office]:
    portal = Bitrix24(portal_url=PORTAL, client_id="local.app", auth_url=server.url)
    async with running(database, settings(bitrix24=portal)) as service:
        yield Office(service)


async def opened(office: Office, auth_id: str, **fields: Any) -> Response:
    form = {"AUTH_ID": auth_id, "member_id": "member-1", "PLACEMENT": "LEFT_MENU", **fields}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": home(), "User-Agent": CHROME}
    where = "/office/open?DOMAIN=portal.example&PROTOCOL=1"
    return await office.service.client.post(where, content=urlencode(form), headers=headers)


async def by_ticket(office: Office, ticket: str) -> Response:
    headers = {"X-Forwarded-For": home(), "User-Agent": CHROME}
    return await office.service.client.post("/api/v1/signin/portal", json={"ticket": ticket}, headers=headers)


async def ticket_of(office: Office, auth_id: str) -> str:
    answer = await opened(office, auth_id)
    assert answer.status_code == 303, answer.text
    found = LETS_IN.fullmatch(answer.headers["location"])
    assert found, answer.headers["location"]
    return found[1]


async def test_a_person_of_the_portal_gets_a_ticket_for_one_session_of_twelve_hours(office: Office, server: AuthServer):
    await office.hired("anna", ["logistician"], bitrix24_user="7")
    answer = await opened(office, server.give("auth-id-1"))
    assert f"frame-ancestors 'self' {PORTAL}" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    ticket = LETS_IN.fullmatch(answer.headers["location"])[1]
    entered = await by_ticket(office, ticket)
    assert entered.status_code == 200, entered.text
    assert (await office.me(entered.json()["token"])).json()["login"] == "anna"
    assert (await by_ticket(office, ticket)).json()["code"] == "sign_in_ticket_over"
    [row] = await office.service.rows(
        "SELECT extract(epoch FROM expires_at - created_at)::int AS s, entry FROM token WHERE person_id IS NOT NULL"
    )
    assert (row["s"], row["entry"]) == (12 * 3600, "portal")
    [act] = await office.acts(action="session")
    assert act["data"]["entry"] == "portal"


async def test_a_session_of_the_portal_is_not_longer_for_being_used(office: Office, server: AuthServer):
    await office.hired("anna", bitrix24_user="7")
    token = (await by_ticket(office, await ticket_of(office, server.give("auth-id-1")))).json()["token"]
    await office.service.rows("""UPDATE token SET last_at = now() - interval '1 hour', expires_at = now() + interval
        '9 minutes' WHERE person_id IS NOT NULL RETURNING id""")
    assert (await office.me(token)).status_code == 200
    [row] = await office.service.rows("SELECT expires_at < now() + interval '9 minutes' AS soon FROM token"
                                      " WHERE person_id IS NOT NULL")  # fmt: skip
    assert row["soon"]


async def test_a_reload_with_the_same_pass_gives_no_second_ticket(office: Office, server: AuthServer):
    await office.hired("anna", bitrix24_user="7")
    await ticket_of(office, server.give("auth-id-1"))
    answer = await opened(office, "auth-id-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/")


async def test_a_ticket_ends_within_two_minutes(office: Office, server: AuthServer):
    await office.hired("anna", bitrix24_user="7")
    ticket = await ticket_of(office, server.give("auth-id-1"))
    [row] = await office.service.rows("SELECT extract(epoch FROM expires_at - made_at)::int AS s FROM person_code")
    assert 115 <= row["s"] <= 120
    await office.service.rows("UPDATE person_code SET expires_at = now() RETURNING 1 AS x")
    assert (await by_ticket(office, ticket)).json()["code"] == "sign_in_ticket_over"


@pytest.mark.parametrize("who", ["unmapped", "locked"])
async def test_an_administrator_of_the_portal_without_an_account_gets_a_page_and_no_access(
    office: Office, server: AuthServer, who: str
):
    if who == "locked":
        await office.hired("anna", bitrix24_user="7")
        await office.change("anna", active=False)
    answer = await opened(office, server.give("auth-id-1"))
    assert answer.status_code == 403
    assert "У вас нет доступа к Посреднику" in answer.text
    assert "номер 7" in answer.text
    assert "location" not in answer.headers
    assert await office.service.rows("SELECT 1 FROM person_code") == []


async def test_what_the_page_says_of_the_user_is_not_believed(office: Office, server: AuthServer):
    await office.hired("anna", bitrix24_user="7")
    await office.hired("boss", ["administrator"], bitrix24_user="1")
    forged = {"USER_ID": "1", "user_id": "1", "DOMAIN": "evil.example"}
    answer = await opened(office, server.give("auth-id-1"), **forged)
    token = (await by_ticket(office, LETS_IN.fullmatch(answer.headers["location"])[1])).json()["token"]
    assert (await office.me(token)).json()["login"] == "anna"


async def test_a_pass_that_nobody_vouches_for_opens_nothing(office: Office):
    await office.hired("anna", bitrix24_user="7")
    assert (await opened(office, "auth-id-never-given")).status_code == 403
    assert (await opened(office, "")).status_code == 400
