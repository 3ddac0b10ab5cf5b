"""The authorisation server: codes, tokens that live an hour, refresh tokens that work once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from b24pysdk import BitrixApp, BitrixToken
from b24pysdk.api.requesters import BitrixOAuthRequester
from b24pysdk.errors.oauth import BitrixOAuthInvalidClient, BitrixOAuthInvalidGrant, BitrixOauthWrongClient
from tests.sandbox.portal_running import Running, a_task, running

ANNA, ILYA = 1, 7


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def opened(portal: Running, user: int = ANNA) -> dict[str, str]:
    _, answer = await portal.page("POST", "open", {"user": user, "device": "web"})
    form: dict[str, str] = answer["form"]
    return form


async def exchanged(portal: Running, **more: str) -> tuple[int, Any]:
    """A question to /oauth/token/ with the application's own keys unless `more` says otherwise."""
    app = portal.portal.application
    asked = {"grant_type": "refresh_token", "client_id": app.client_id, "client_secret": app.client_secret} | more
    async with portal.session.get(f"{portal.http}/oauth/token/", params=asked) as response:
        return response.status, await response.json()


async def unanswered(portal: Running, refresh: str) -> None:
    """The same question by POST, which a client does not repeat by itself when the connection is cut."""
    app = portal.portal.application
    asked = {"grant_type": "refresh_token", "client_id": app.client_id, "client_secret": app.client_secret}
    with pytest.raises(aiohttp.ClientError):
        await portal.session.post(f"{portal.http}/oauth-server/oauth/token", data=asked | {"refresh_token": refresh})


async def called(portal: Running, token: str, method: str = "profile") -> tuple[int, Any]:
    async with portal.session.post(f"{portal.http}/rest/{method}", json={"auth": token}) as response:
        return response.status, await response.json()


async def fault(portal: Running, kind: str, **row: Any) -> None:
    status, answer = await portal.page("POST", "faults", {"kind": kind} | row)
    assert status == 200, answer


async def test_an_opening_can_be_renewed_into_a_new_pair(portal: Running) -> None:
    form = await opened(portal)
    status, pair = await exchanged(portal, refresh_token=form["REFRESH_ID"])
    assert status == 200, pair
    assert set(pair) == {
        "access_token", "refresh_token", "expires", "expires_in", "scope", "domain", "server_endpoint",
        "client_endpoint", "status", "member_id", "user_id",
    }  # fmt: skip
    assert (pair["user_id"], pair["expires_in"], pair["status"]) == (ANNA, 3600, "L")
    assert pair["refresh_token"] != form["REFRESH_ID"]
    assert (await called(portal, pair["access_token"]))[1]["result"]["ADMIN"] is True


async def test_a_refresh_token_works_once(portal: Running) -> None:
    form = await opened(portal)
    first = (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]
    status, refused = await exchanged(portal, refresh_token=form["REFRESH_ID"])
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert (await exchanged(portal, refresh_token=first["refresh_token"]))[0] == 200


async def test_an_access_token_lives_an_hour_of_the_portals_clock_and_a_refresh_token_half_a_year(
    portal: Running,
) -> None:
    form = await opened(portal)
    await portal.page("POST", "clock", {"shift_s": 3601})
    assert (await called(portal, form["AUTH_ID"]))[1]["error"] == "expired_token"
    await portal.page("POST", "clock", {"shift_s": 179 * 24 * 3600})
    pair = (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]
    assert (await called(portal, pair["access_token"]))[0] == 200
    await portal.page("POST", "clock", {"shift_s": 180 * 24 * 3600 + 1})
    assert (await exchanged(portal, refresh_token=pair["refresh_token"]))[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"client_id": "local.other.1"}, 200, "wrong_client"),
        ({"client_secret": "other"}, 400, "invalid_client"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "неизвестный"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "0" * 70}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
    ],
)
async def test_what_the_server_of_tokens_refuses(
    portal: Running, asked: dict[str, str], status: int, code: str
) -> None:
    given = {"refresh_token": (await opened(portal))["REFRESH_ID"]} | asked
    told, body = await exchanged(portal, **given)
    assert (told, body["error"]) == (status, code)


async def test_a_dismissed_employee_renews_nothing_until_he_is_back(portal: Running) -> None:
    form = await opened(portal, ILYA)
    await portal.page("POST", f"users/{ILYA}", {"active": False})
    assert (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]["error"] == "invalid_grant"
    await portal.page("POST", f"users/{ILYA}", {"active": True})
    assert (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[0] == 200


async def test_a_server_that_is_down_leaves_the_refresh_token_alive(portal: Running) -> None:
    form = await opened(portal)
    await fault(portal, "refresh_down", count=1)
    await unanswered(portal, form["REFRESH_ID"])
    assert (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[0] == 200


async def test_a_lost_answer_has_used_up_the_refresh_token(portal: Running) -> None:
    form = await opened(portal)
    await fault(portal, "refresh_lost", count=1)
    await unanswered(portal, form["REFRESH_ID"])
    assert (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]["error"] == "invalid_grant"


async def test_a_slow_server_of_tokens_outlasts_a_clients_patience_and_changes_nothing(portal: Running) -> None:
    form = await opened(portal)
    await fault(portal, "refresh_slow", seconds=20, count=1)
    app = portal.portal.application
    asked = {"grant_type": "refresh_token", "client_id": app.client_id, "client_secret": app.client_secret}
    asked["refresh_token"] = form["REFRESH_ID"]
    with pytest.raises(TimeoutError):
        await portal.session.get(f"{portal.http}/oauth/token/", params=asked, timeout=aiohttp.ClientTimeout(total=0.2))
    assert (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[0] == 200


async def test_a_token_may_end_before_its_time_and_nothing_is_done(portal: Running) -> None:
    form = await opened(portal)
    await fault(portal, "token_expired", count=1, method="tasks.task.add")
    body = {"auth": form["AUTH_ID"], "fields": a_task()}
    async with portal.session.post(f"{portal.http}/rest/tasks.task.add", json=body) as response:
        assert (response.status, (await response.json())["error"]) == (401, "expired_token")
    assert len(portal.portal.tasks) == 0
    assert (await called(portal, form["AUTH_ID"]))[1]["error"] == "expired_token"
    pair = (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]
    assert (await called(portal, pair["access_token"]))[0] == 200


async def test_a_token_may_end_in_the_middle_of_a_batch(portal: Running) -> None:
    form = await opened(portal)
    await fault(portal, "token_expired_inside", count=1)
    body = {"auth": form["AUTH_ID"], "cmd": {"a": "profile", "b": "profile", "c": "server.time"}}
    async with portal.session.post(f"{portal.http}/rest/batch", json=body) as response:
        result = (await response.json())["result"]
    assert (response.status, list(result["result"])) == (200, ["a"])
    assert {name: row["error"] for name, row in result["result_error"].items()} == dict.fromkeys("bc", "expired_token")
    assert (await called(portal, form["AUTH_ID"]))[1]["error"] == "expired_token"


async def test_a_webhooks_batch_knows_nothing_of_tokens(portal: Running) -> None:
    await fault(portal, "token_expired_inside")
    await fault(portal, "token_expired")
    assert (await portal.batch("profile", "profile"))["result_error"] == []


async def test_a_person_leads_the_application_to_its_first_tokens(portal: Running) -> None:
    app = portal.portal.application
    asked = {"client_id": app.client_id, "state": "откуда", "user": str(ILYA)}
    async with portal.session.get(f"{portal.http}/oauth/authorize/", params=asked, allow_redirects=False) as response:
        target = urlsplit(response.headers["Location"])
    told = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert (response.status, f"{target.scheme}://{target.netloc}{target.path}") == (302, app.page_url)
    assert (told["state"], told["member_id"], told["domain"]) == ("откуда", app.member_id, portal.portal.address)
    status, pair = await exchanged(portal, grant_type="authorization_code", code=told["code"])
    assert (status, pair["user_id"]) == (200, ILYA)
    again = await exchanged(portal, grant_type="authorization_code", code=told["code"])
    assert again[1]["error"] == "invalid_grant"


async def test_a_code_is_over_after_half_a_minute(portal: Running) -> None:
    code = portal.portal.tokens.code(ILYA, portal.portal.application.client_id)
    await portal.page("POST", "clock", {"shift_s": 31})
    status, body = await exchanged(portal, grant_type="authorization_code", code=code)
    assert (status, body["error"]) == (400, "invalid_grant")


async def test_the_portal_asks_who_is_there_and_tells_the_application_nothing_of_refusals(portal: Running) -> None:
    app = portal.portal.application
    for query, status, word in (
        (f"client_id={app.client_id}", 200, "Илья Петров"),
        ("client_id=local.other.1&user=7", 404, "client_id"),
        (f"client_id={app.client_id}&user=999", 403, "сотрудника"),
    ):
        async with portal.session.get(f"{portal.http}/oauth/authorize/?{query}", allow_redirects=False) as response:
            assert (response.status, word in await response.text()) == (status, True)


async def test_a_link_into_the_application_brings_its_parameters(portal: Running) -> None:
    client_id = portal.portal.application.client_id
    link = f"{portal.http}/marketplace/view/{client_id}/?params[delivery]=17&user={ILYA}"
    async with portal.session.get(link) as response:
        text = await response.text()
    assert response.status == 200
    assert "&quot;delivery&quot;:&quot;17&quot;" in text
    assert 'value="DEFAULT"' in text
    async with portal.session.get(f"{portal.http}/marketplace/view/local.other.1/?user={ILYA}") as response:
        assert response.status == 404
    async with portal.session.get(f"{portal.http}/marketplace/view/{client_id}/?params[delivery]=17") as response:
        assert "params%5Bdelivery%5D=17&amp;user=7" in await response.text()


async def test_tokens_and_codes_stand_in_no_line_that_is_told(portal: Running) -> None:
    told: list[Any] = []
    portal.portal.on_traffic(told.append)
    form = await opened(portal)
    pair = (await exchanged(portal, refresh_token=form["REFRESH_ID"]))[1]
    await exchanged(portal, refresh_token=form["REFRESH_ID"])
    text = json.dumps(told)
    secrets = (form["AUTH_ID"], form["REFRESH_ID"], pair["access_token"], portal.portal.application.client_secret)
    assert not any(secret in text for secret in secrets)
    assert [line.get("ok", True) for line in told] == [True, True, False]


async def test_the_users_of_an_application_share_its_budget_of_execution(portal: Running) -> None:
    portal.portal.limits.operating_limit_s = 1e-9
    tokens = [(await opened(portal, user))["AUTH_ID"] for user in (ANNA, ILYA)]
    assert (await called(portal, tokens[0]))[0] == 200
    assert (await called(portal, tokens[1]))[1]["error"] == "OPERATION_TIME_LIMIT"
    assert (await portal.call("profile"))[0] == 200


# Incoming webhooks.


async def test_a_webhook_has_an_end_when_it_was_given_one(portal: Running) -> None:
    await portal.page("POST", "webhooks", {"user": 1, "secret": "short", "expires_in_s": 60, "scope": ["user"]})
    assert (await portal.call("user.current", webhook="1/short"))[0] == 200
    assert (await portal.call("tasks.task.list", webhook="1/short"))[1]["error"] == "insufficient_scope"
    await portal.page("POST", "clock", {"shift_s": 61})
    assert (await portal.call("user.current", webhook="1/short"))[1]["error"] == "NO_AUTH_FOUND"
    await portal.page("POST", "webhooks", {"user": 1, "secret": "short"})
    assert (await portal.call("user.current", webhook="1/short"))[0] == 200
    await portal.page("POST", "webhooks", {"user": 1, "secret": "short", "on": False})
    assert (await portal.call("user.current", webhook="1/short"))[1]["error"] == "NO_AUTH_FOUND"


async def test_a_portal_may_refuse_plain_http(portal: Running) -> None:
    portal.portal.https_only = True
    assert (await portal.call("profile"))[1]["error"] == "INVALID_REQUEST"


async def test_a_box_has_no_limits_no_third_version_and_the_old_card(portal: Running) -> None:
    portal.portal.limits.set_tariff("standard")
    assert (await portal.page("POST", "preset", {"preset": "box"}))[1]["tariff"] == "box"
    assert (await portal.v3("tasks.task.get", {"id": 1}))[0] == 404
    assert all([(await portal.call("profile"))[0] == 200 for _ in range(60)])
    assert (await portal.call("app.info"))[1]["result"]["LICENSE_FAMILY"] == "selfhosted"
    assert (portal.portal.new_card, (await portal.page("POST", "preset", {"preset": "moon"}))[0]) == (False, 400)
    assert (await portal.page("POST", "preset", {"preset": "cloud"}))[1]["v3"] is True
    assert (await portal.v3("tasks.task.get", {"id": 1}))[1]["error"]["code"].endswith("ENTITYNOTFOUNDEXCEPTION")


# The clock.


async def test_the_portal_writes_and_reads_dates_in_the_zone_it_is_given(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    before = (await portal.call("tasks.task.get", {"taskId": 101, "select": ["CHANGED_DATE"]}))[1]
    assert before["time"]["date_start"].endswith("+03:00")
    status, told = await portal.page("POST", "zone", {"zone": "Asia/Omsk"})
    assert (status, told["zone"], told["portal_time"][-6:]) == (200, "Asia/Omsk", "+06:00")
    after = (await portal.call("tasks.task.get", {"taskId": 101, "select": ["CHANGED_DATE"]}))[1]
    assert after["time"]["date_start"].endswith("+06:00")
    moments = [datetime.fromisoformat(body["result"]["task"]["changedDate"]) for body in (before, after)]
    assert moments[0] == moments[1]
    naive = moments[1].astimezone(ZoneInfo("Asia/Omsk")).replace(tzinfo=None).isoformat()
    found = await portal.ok("tasks.task.list", {"filter": {">=CHANGED_DATE": naive}, "select": ["ID"]})
    assert len(found["tasks"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("zone", {"zone": "Нигде/Никак"}), ("zone", {}), ("clock", {"shift_s": "завтра"}), ("clock", {"shift_s": 1e12})],
)
async def test_a_zone_or_a_shift_that_cannot_be_is_refused(portal: Running, path: str, body: dict[str, Any]) -> None:
    assert (await portal.page("POST", path, body))[0] == 400


async def test_the_clock_goes_back_too(portal: Running) -> None:
    before = portal.portal.now()
    await portal.page("POST", "clock", {"shift_s": -600})
    assert portal.portal.now() < before - 590
    assert (await portal.page("GET", "clock"))[1]["shift_s"] == -600


# The vendor's client.


async def renewing_token(portal: Running, monkeypatch: pytest.MonkeyPatch, folder: Path) -> BitrixToken:
    """b24pysdk as an application, its authorisation server being ours."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "portal.crt"))
    for name, path in (("_OAUTH_TOKEN_URL", "/oauth/token/"), ("_APP_INFO_URL", "/rest/app.info/")):
        monkeypatch.setattr(BitrixOAuthRequester, name, portal.https + path)
    app, form = portal.portal.application, await opened(portal)
    return BitrixToken(
        domain=portal.https.removeprefix("https://"),
        auth_token=form["AUTH_ID"],
        refresh_token=form["REFRESH_ID"],
        bitrix_app=BitrixApp(client_id=app.client_id, client_secret=app.client_secret),
    )


async def test_b24pysdk_renews_an_expired_token_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(certificates=tmp_path) as portal:
        token = await renewing_token(portal, monkeypatch, tmp_path)
        first = token.auth_token
        await portal.page("POST", "clock", {"shift_s": 3601})
        answer = await asyncio.to_thread(token.call_method, "user.current")
        assert answer["result"]["ID"] == str(ANNA)
        assert token.auth_token != first
        batch = await asyncio.to_thread(token.call_batch, {"a": ("profile", {}), "b": ("user.get", {})})
        assert batch["result"]["result"]["a"]["ADMIN"] is True
        info = (await asyncio.to_thread(token.get_app_info)).result
        assert (info.client_id, info.user_id) == (portal.portal.application.client_id, ANNA)


async def test_b24pysdk_knows_the_refusals_of_the_server_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(certificates=tmp_path) as portal:
        token = await renewing_token(portal, monkeypatch, tmp_path)
        used = token.refresh_token
        await asyncio.to_thread(token.refresh_and_set_oauth_token)
        token.refresh_token = used
        with pytest.raises(BitrixOAuthInvalidGrant):
            await asyncio.to_thread(token.refresh_and_set_oauth_token)
        token.bitrix_app = BitrixApp(client_id=portal.portal.application.client_id, client_secret="other")
        with pytest.raises(BitrixOAuthInvalidClient):
            await asyncio.to_thread(token.refresh_and_set_oauth_token)
        token.bitrix_app = BitrixApp(client_id="local.other.1", client_secret="other")
        with pytest.raises(BitrixOauthWrongClient):
            await asyncio.to_thread(token.refresh_and_set_oauth_token)


async def test_b24pysdk_exchanges_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(certificates=tmp_path) as portal:
        token = await renewing_token(portal, monkeypatch, tmp_path)
        code = portal.portal.tokens.code(ILYA, portal.portal.application.client_id)
        renewed = await asyncio.to_thread(token.get_oauth_token, code)
        assert (renewed.user_id, renewed.member_id) == (ILYA, portal.portal.application.member_id)


async def test_b24pysdk_binds_events_and_placements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(certificates=tmp_path) as portal:
        client = (await renewing_token(portal, monkeypatch, tmp_path)).get_client()
        url = "http://127.0.0.1:1/handler"
        assert await asyncio.to_thread(lambda: client.event.bind(event="ONTASKADD", handler=url).result) is True
        [bound] = await asyncio.to_thread(lambda: client.event.get().result)
        assert (bound["event"], bound["handler"]) == ("ONTASKADD", url)
        assert await asyncio.to_thread(lambda: client.placement.bind("LEFT_MENU", url, title="Доска").result) is True
        assert "LEFT_MENU" in await asyncio.to_thread(lambda: client.placement.list().result)
        assert portal.portal.placements.get(1) is not None
