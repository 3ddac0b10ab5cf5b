"""Couriers enter from Bitrix24: only the authorisation server is believed (docs/subsystems/entry.md)."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from httpx import ASGITransport, AsyncClient, Response
from msgspec.structs import replace
from tests.flow.entry_kit import PHONE, home, knocks, login, new_code, phones, with_courier, with_task
from tests.flow.exchange_client import (
    COURIER,
    OTHER_BASE,
    OTHER_TOKEN,
    SECOND_COURIER,
    Exchange,
    Service,
    courier,
    division,
    running,
    settings,
    started,
)  # fmt: skip
from tests.flow.fake_auth_server import AuthServer, auth_server

from posrednik import bootstrap_api
from posrednik.config import Bitrix24, Server, Settings
from posrednik.connectors.bitrix24 import entry as connector

PORTAL = "https://portal.example"
DELIVERY = "0192a1b2-0000-7000-8000-000000000001"
LETS_IN = re.compile(r"/courier/#ticket=([2-9A-HJKMNP-Z]{32})")


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with auth_server() as made:
        yield made


def with_portal(server: AuthServer, **more: Any) -> Settings:
    return settings(bitrix24=Bitrix24(**{
        "portal_url": PORTAL, "client_id": "local.app", "auth_url": server.url, **more,
    }))  # fmt: skip


@pytest.fixture
async def service(database: str, server: AuthServer) -> AsyncIterator[Service]:
    async with running(database, with_portal(server)) as made:
        await with_courier(made, bitrix24_user="7")
        yield made


async def opened(service: Service, auth_id: str, door: str = "", query: str = "", **fields: Any) -> Response:
    """What the portal posts, as facts of its documentation have it."""
    form = {
        "AUTH_ID": auth_id, "AUTH_EXPIRES": "3600", "REFRESH_ID": "r" * 70, "SERVER_ENDPOINT": f"{PORTAL}/rest/",
        "APPLICATION_TOKEN": "app-token", "APPLICATION_SCOPE": "task", "member_id": "member-1", "status": "L",
        "PLACEMENT": "DEFAULT", "PLACEMENT_OPTIONS": '{"URI": "/"}', **fields,
    }  # fmt: skip
    where = f"/courier/open{door}?" + (query or "DOMAIN=portal.example&PROTOCOL=1&LANG=ru&APP_SID=x")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": home(), "User-Agent": PHONE}
    return await service.client.post(where, content=urlencode(form), headers=headers)


def says_no(answer: Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert words in answer.text
    assert "<script" not in answer.text
    assert "location" not in answer.headers
    framed_like_the_portal_may(answer)


def framed_like_the_portal_may(answer: Response) -> None:
    assert f"frame-ancestors 'self' {PORTAL}" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


# -- yes


async def test_a_courier_of_the_portal_gets_a_ticket_for_one_login_of_twelve_hours(
    service: Service, server: AuthServer
):
    answer = await opened(service, server.give("auth-id-1"))
    assert answer.status_code == 303
    framed_like_the_portal_may(answer)
    ticket = LETS_IN.fullmatch(answer.headers["location"])
    assert ticket
    entered = await login(service, ticket[1], "phone-1")
    assert entered.status_code == 200
    assert (entered.json()["entry"], entered.json()["courier"]["ref"]) == ("portal", COURIER)
    assert await knocks(service, entered.json()["token"])
    [row] = await service.rows("SELECT expires_at - created_at AS lives FROM token WHERE kind = 'device'")
    assert round(row["lives"].total_seconds() / 3600, 1) == 12
    [phone] = await phones(service)
    assert phone["entry"] == "portal"
    assert (await login(service, ticket[1])).status_code == 401


async def test_a_server_that_answers_without_a_wrapper_is_understood(service: Service, server: AuthServer):
    server.give("auth-id-1")
    server.answer = web.json_response(server.passes["auth-id-1"])
    assert LETS_IN.fullmatch((await opened(service, "auth-id-1")).headers["location"])


async def test_a_ticket_lives_two_minutes(service: Service, server: AuthServer):
    await opened(service, server.give("auth-id-1"))
    [row] = await service.rows("SELECT expires_at - made_at AS lives, made_by FROM login_code")
    assert (row["lives"].total_seconds(), row["made_by"]) == (120, "bitrix24:7")


async def test_a_ticket_does_not_end_a_code_that_the_office_made(service: Service, server: AuthServer):
    code = (await new_code(service))["code"]
    await opened(service, server.give("auth-id-1"))
    assert (await login(service, code)).status_code == 200


# -- where he lands

LANDS = re.compile(r"/courier/#(?:ticket=[2-9A-HJKMNP-Z]{32}&)?delivery=([0-9a-f-]{36})")


def lands(answer: Response) -> str:
    """The delivery that the application is told of; empty = its list."""
    where = answer.headers["location"]
    found = LANDS.fullmatch(where)
    assert found or where == "/courier/" or LETS_IN.fullmatch(where), where
    return found[1] if found else ""


async def from_chat(service: Service, auth_id: str, chat: object) -> str:
    return lands(await opened(service, auth_id, "/chat", PLACEMENT_OPTIONS=json.dumps({"dialogId": chat})))


async def test_opened_from_the_chat_of_a_task_he_lands_at_its_delivery_with_and_without_a_ticket(
    service: Service, server: AuthServer
):
    first, second = await with_task(service, 5101), await with_task(service, 5102)
    server.give("auth-id-1")
    answer = await opened(service, "auth-id-1", "/chat", PLACEMENT_OPTIONS='{"dialogId":"chat5101"}')
    assert "#ticket=" in answer.headers["location"]
    assert lands(answer) == first
    assert await from_chat(service, "auth-id-1", "chat5102") == second
    again = await opened(service, "auth-id-1", "/chat", PLACEMENT_OPTIONS='{"dialogId":"chat5101"}')
    assert again.headers["location"] == f"/courier/#delivery={first}"


async def test_a_chat_tells_nobody_of_a_delivery_that_is_another_couriers(service: Service, server: AuthServer):
    delivery = await with_task(service, 5101, SECOND_COURIER)
    server.give("auth-id-1")
    assert await from_chat(service, "auth-id-1", "chat5101") == ""
    assert await from_chat(service, "auth-id-1", "chat5101") == ""
    await service.act(delivery, "assign", courier=COURIER)
    assert await from_chat(service, "auth-id-1", "chat5101") == delivery


async def test_the_chat_of_a_deleted_task_leads_to_the_list(service: Service, server: AuthServer):
    await with_task(service, 5101)
    await service.rows("UPDATE portal_task SET gone_at = now() RETURNING 1")
    assert await from_chat(service, server.give("auth-id-1"), "chat5101") == ""


NO_CHATS = (
    "chat404", 5101, "5101", "chat5101&delivery=1", "../x", ["chat5101"], "chat99999999999999999999", "chat", "", None,
)  # fmt: skip


async def test_a_chat_that_is_of_no_delivery_leads_to_the_list(service: Service, server: AuthServer):
    await with_task(service, 5101)
    server.give("auth-id-1")
    for chat in NO_CHATS:
        assert await from_chat(service, "auth-id-1", chat) == "", chat


@pytest.mark.parametrize("door", ["", "/chat"])
@pytest.mark.parametrize(
    "options", ["[]", "chat5101", "", "null", "[" * 5000, '{"delivery":{}}', '{"delivery":"x&ticket=2"}']
)
async def test_options_that_name_nothing_lead_to_the_list(
    service: Service, server: AuthServer, door: str, options: str
):
    assert lands(await opened(service, server.give("auth-id-1"), door, PLACEMENT_OPTIONS=options)) == ""


async def test_a_link_of_the_tasks_text_leads_to_its_delivery(service: Service, server: AuthServer):
    options = json.dumps({"URI": "/marketplace/view/local.app/", "delivery": "{" + DELIVERY.upper() + "}"})
    answer = await opened(service, server.give("auth-id-1"), PLACEMENT_OPTIONS=options)
    assert "#ticket=" in answer.headers["location"]
    assert lands(answer) == DELIVERY
    again = await opened(service, "auth-id-1", PLACEMENT_OPTIONS=options)
    assert again.headers["location"] == f"/courier/#delivery={DELIVERY}"


async def test_a_link_lets_nobody_in_who_would_not_come_in_without_it(service: Service, server: AuthServer):
    options = json.dumps({"delivery": DELIVERY})
    says_no(await opened(service, server.give("auth-id-9", 9), PLACEMENT_OPTIONS=options), 403, "номер 9")
    says_no(await opened(service, "unknown-id", "/chat", PLACEMENT_OPTIONS=options), 403, "не подтвердил вход")


async def test_the_page_itself_knows_of_no_chat_and_a_chat_of_no_link(service: Service, server: AuthServer):
    options = json.dumps({"dialogId": "chat5101", "delivery": DELIVERY})
    delivery = await with_task(service, 5101)
    server.give("auth-id-1")
    assert lands(await opened(service, "auth-id-1", "", PLACEMENT_OPTIONS=options)) == DELIVERY
    assert lands(await opened(service, "auth-id-1", "/chat", PLACEMENT_OPTIONS=options)) == delivery


@pytest.mark.parametrize("path", ["/courier/open", "/courier/open/chat", "/courier/open?AUTH_ID=x"])
async def test_opened_by_hand_the_application_comes_without_a_ticket(service: Service, path: str):
    answer = await service.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/courier/")


async def test_the_fields_may_be_in_the_query_and_the_body_wins(service: Service, server: AuthServer):
    server.give("of-the-query")
    answer = await service.client.post(f"/courier/open?AUTH_ID=of-the-query&member_id={'member-1'}")
    assert LETS_IN.fullmatch(answer.headers["location"])
    answer = await opened(service, server.give("of-the-body"), query="AUTH_ID=unknown-id")
    assert LETS_IN.fullmatch(answer.headers["location"])


async def test_a_courier_of_another_base_enters_too(service: Service, server: AuthServer):
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await other.send([division(), courier(SECOND_COURIER, "Иван Петров", bitrix24_user="8")])
    answer = await opened(service, server.give("auth-id-8", 8))
    entered = await login(service, LETS_IN.fullmatch(answer.headers["location"])[1])
    assert entered.json()["courier"]["name"] == "Иван Петров"


# -- once


async def test_a_pass_lets_in_once_and_then_shows_the_application_without_a_ticket(
    service: Service, server: AuthServer
):
    assert LETS_IN.fullmatch((await opened(service, server.give("auth-id-1"))).headers["location"])
    again = await opened(service, "auth-id-1")
    assert (again.status_code, again.headers["location"]) == (303, "/courier/")
    server.answer = web.Response(status=500)
    assert (await opened(service, "auth-id-1")).headers["location"] == "/courier/"
    assert len(await service.rows("SELECT 1 FROM login_code")) == 1
    assert "auth-id-1" not in str(await service.rows("SELECT * FROM portal_entry"))


async def test_a_pass_used_many_times_at_once_gives_one_ticket(service: Service, server: AuthServer):
    server.give("auth-id-1")
    answers = await asyncio.gather(*(opened(service, "auth-id-1") for _ in range(6)))
    assert sorted(bool(LETS_IN.fullmatch(answer.headers["location"])) for answer in answers) == [False] * 5 + [True]


# -- no


async def test_a_user_who_is_no_courier_is_told_his_number(service: Service, server: AuthServer):
    says_no(await opened(service, server.give("auth-id-9", 9)), 403, "номер 9")
    assert await service.rows("SELECT 1 FROM portal_entry") == []


async def test_a_courier_who_left_does_not_enter(service: Service, server: AuthServer):
    await service.onec.send([{**courier(active=False, bitrix24_user="7"), "version": "2"}])
    says_no(await opened(service, server.give("auth-id-1")), 403, "Вас нет среди курьеров")


async def test_a_user_of_two_couriers_does_not_enter_as_either(service: Service, server: AuthServer):
    await service.onec.send([courier(SECOND_COURIER, "Иван Петров", bitrix24_user="7")])
    says_no(await opened(service, server.give("auth-id-1")), 403, "у нескольких курьеров")


async def test_a_user_told_by_the_page_is_not_believed(service: Service, server: AuthServer):
    answer = await opened(service, server.give("auth-id-9", 9), USER_ID="7", user_id="7", query="user_id=7")
    says_no(answer, 403, "номер 9")


async def test_a_pass_of_another_application_does_not_let_in(service: Service, server: AuthServer):
    says_no(await opened(service, server.give("auth-id-1", client_id="local.other")), 403, "другим приложением")


async def test_a_pass_of_another_portal_does_not_let_in_whatever_the_page_says(service: Service, server: AuthServer):
    auth_id = server.give("auth-id-1", domain="evil.example", member_id="member-1")
    says_no(await opened(service, auth_id), 403, "с другого портала")


async def test_a_forged_member_does_not_let_in(service: Service, server: AuthServer):
    says_no(await opened(service, server.give("auth-id-1"), member_id="forged"), 403, "с другого портала")
    assert LETS_IN.fullmatch((await opened(service, "auth-id-1", member_id="")).headers["location"])


async def test_the_first_verified_member_is_the_one_that_counts(service: Service, server: AuthServer):
    assert (await opened(service, server.give("auth-id-1"))).status_code == 303
    auth_id = server.give("auth-id-2", member_id="member-2")
    says_no(await opened(service, auth_id, member_id="member-2"), 403, "с другого портала")


async def test_who_does_not_fit_is_not_kept_as_the_member_that_counts(service: Service, server: AuthServer):
    for n, install in enumerate(({"domain": "evil.example"}, {"client_id": "local.other"})):
        await opened(service, server.give(f"auth-id-{n}", **{"member_id": "evil", **install}), member_id="evil")
    assert (await opened(service, server.give("auth-id-9"))).status_code == 303


async def test_a_configured_member_and_token_of_the_application_are_compared(database: str, server: AuthServer):
    configured = with_portal(server, member_id="member-1", application_token="app-token")
    async with running(database, configured) as service:
        await with_courier(service, bitrix24_user="7")
        says_no(await opened(service, server.give("auth-id-1"), APPLICATION_TOKEN="x"), 403, "другим приложением")
        says_no(await opened(service, "auth-id-1", APPLICATION_TOKEN="ж"), 403, "другим приложением")
        assert server.asked == []
        auth_id = server.give("auth-id-2", member_id="member-2")
        says_no(await opened(service, auth_id, member_id=""), 403, "с другого портала")
        assert (await opened(service, "auth-id-1")).status_code == 303


async def test_the_address_in_the_page_is_never_called(service: Service, server: AuthServer):
    async with auth_server() as evil:
        evil.give("auth-id-1")
        host = evil.url.removeprefix("http://")
        answer = await opened(
            service, "auth-id-1", query=f"DOMAIN={host}&PROTOCOL=0", DOMAIN=host, SERVER_ENDPOINT=f"{evil.url}/rest/",
            auth_url=evil.url,
        )  # fmt: skip
        says_no(answer, 403, "не подтвердил вход")
        assert evil.asked == []
    assert server.asked == ["/rest/app.info/?auth=auth-id-1"]


async def test_a_pass_that_is_over_does_not_let_in(service: Service):
    says_no(await opened(service, "unknown-id"), 403, "не подтвердил вход")


# -- the authorisation server misbehaves


def info(**changes: Any) -> bytes:
    install = {"domain": "portal.example", "member_id": "member-1"}
    return json.dumps({"result": {"client_id": "local.app", "user_id": 7, "install": install, **changes}}).encode()


AWAY = {
    "garbage": {"body": b"<html>hello</html>"},
    "nothing": {"body": b""},
    "no result": {"body": b'{"result": []}'},
    "too deep": {"body": b"[" * 60_000},
    "too long": {"body": info() + b" " * 70_000},
    "no user": {"body": info(user_id=0)},
    "a user that is no number": {"body": info(user_id="7 or 1=1")},
    "500": {"body": info(), "status": 500},
    "502 with a page": {"body": b"Bad Gateway", "status": 502},
    "a firewall": {"body": b"<html>forbidden</html>", "status": 403},
    "a redirect": {"status": 302, "headers": {"Location": "/elsewhere"}},
    "not text": {"body": b"\xff\xfe\x00"},
}


@pytest.mark.parametrize("answer", AWAY.values(), ids=AWAY.keys())
async def test_a_server_that_answers_nonsense_is_away(service: Service, server: AuthServer, answer: dict):
    server.answer = web.Response(**answer)
    told = await opened(service, "auth-id-1")
    says_no(told, 503, "сейчас не отвечает")
    assert told.headers["retry-after"] == "30"
    assert len(server.asked) == 1


async def test_a_server_that_is_not_there_is_away(database: str, server: AuthServer, free_port: int):
    async with running(database, with_portal(server, auth_url=f"http://127.0.0.1:{free_port}")) as service:
        says_no(await opened(service, "auth-id-1"), 503, "сейчас не отвечает")


async def test_a_silent_server_is_not_waited_for_for_ever(
    service: Service, server: AuthServer, monkeypatch: pytest.MonkeyPatch
):
    assert connector.ASK_S == 10
    monkeypatch.setattr(connector, "ASK_S", 0.2)
    server.silent = True
    says_no(await opened(service, "auth-id-1"), 503, "сейчас не отвечает")


@pytest.mark.parametrize("error", [b'{"error":"expired_token"}', b'{"error":"invalid_token","error_description":"x"}'])
@pytest.mark.parametrize("status", [200, 400, 401, 403])
async def test_a_server_that_says_no_is_believed(service: Service, server: AuthServer, error: bytes, status: int):
    server.answer = web.Response(body=error, status=status)
    says_no(await opened(service, "auth-id-1"), 403, "не подтвердил вход")


# -- the request


async def test_a_request_that_is_no_opening_is_told_so(service: Service, server: AuthServer):
    post = service.client.post
    says_no(await post("/courier/open"), 400, "не похож на открытие")
    says_no(await post("/courier/open", json={"AUTH_ID": "auth-id-1"}), 415, "не похож на открытие")
    says_no(await post("/courier/open", content=b"a=" + b"x" * 70_000), 413, "не похож на открытие")
    says_no(await post("/courier/open", content="&".join(f"a{n}=1" for n in range(200))), 400, "не похож")
    says_no(await post("/courier/open", content=b"AUTH_ID=\xff"), 400, "не похож на открытие")
    for auth_id in ("short", "x" * 1025, "a b c d e f", "жжжжжжжж", "auth-id\r\nX: y"):
        says_no(await opened(service, auth_id), 400, "не похож на открытие")
    assert server.asked == []


async def test_one_address_does_not_open_it_for_ever(no_time_passes: None, service: Service, server: AuthServer):
    headers = {"X-Forwarded-For": home()}
    answers = [await service.client.post("/courier/open", headers=headers) for _ in range(70)]
    assert {answer.status_code for answer in answers[:60]} == {400}
    says_no(answers[-1], 429, "Слишком много")
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_without_an_application_on_the_portal_there_is_no_such_door(database: str):
    async with running(database) as service:
        answer = await service.client.post("/courier/open", content=b"AUTH_ID=auth-id-1")
        assert answer.status_code == 404
        assert "не настроен" in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_the_built_application_leaves_these_doors_open(database: str, server: AuthServer, tmp_path: Path):
    (tmp_path / "courier" / "assets").mkdir(parents=True)
    (tmp_path / "courier" / "index.html").write_text("the application", encoding="utf-8")
    configured = replace(with_portal(server), server=Server(data_dir=str(tmp_path / "var")))
    app = bootstrap_api.api(configured, database, tmp_path)
    async with started(app), AsyncClient(transport=ASGITransport(app), base_url="http://posrednik.test") as client:
        assert (await client.get("/courier/")).text == "the application"
        for path in ("/courier/open", "/courier/open/", "/courier/open/chat"):
            assert (await client.get(path)).headers["location"] == "/courier/"
            says_no(await client.post(path), 400, "не похож на открытие")


async def test_a_page_in_english_for_those_who_ask(service: Service):
    answer = await service.client.post("/courier/open", headers={"Accept-Language": "en-GB"})
    assert "This does not look like Bitrix24" in answer.text


async def test_passes_and_tickets_are_in_no_log(
    service: Service, server: AuthServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    answer = await opened(service, server.give("secret-auth-id"), APPLICATION_TOKEN="secret-app-token")
    ticket = LETS_IN.fullmatch(answer.headers["location"])[1]
    token = (await login(service, ticket)).json()["token"]
    server.answer = web.Response(body=b"secret-auth-id")
    says_no(await opened(service, "secret-auth-id-2"), 503, "не отвечает")
    written = "".join(capfd.readouterr()) + caplog.text
    for secret in ("secret-auth-id", "secret-app-token", ticket, token):
        assert secret not in written
