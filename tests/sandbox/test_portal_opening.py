"""The portal opens the application as an employee, and its authorisation server tells whose token it was."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from b24pysdk.api.responses.bitrix_app_info_response import BitrixAppInfoResponse
from b24pysdk.credentials.oauth_placement_data import OAuthPlacementData
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal.faults import KINDS

ILYA = 7
QUERY = {"DOMAIN", "PROTOCOL", "LANG", "APP_SID"}
BODY = {
    "AUTH_ID", "AUTH_EXPIRES", "REFRESH_ID", "SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE", "member_id",
    "status", "PLACEMENT", "PLACEMENT_OPTIONS",
}  # fmt: skip


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def opened(portal: Running, **asked: Any) -> dict[str, Any]:
    """What the portal would post; must be allowed."""
    body = {"user": ILYA, "placement": "DEFAULT", "device": "phone"} | asked
    status, answer = await portal.page("POST", "open", body)
    assert status == 200, answer
    assert isinstance(answer, dict)
    return answer


async def refused(portal: Running, **asked: Any) -> tuple[int, str]:
    status, answer = await portal.page(
        "POST", "open", {"user": ILYA, "placement": "DEFAULT", "device": "phone"} | asked
    )
    return status, str(answer.get("error"))


async def app_info(portal: Running, token: str | None, path: str = "/rest/app.info/") -> tuple[int, Any]:
    params = {} if token is None else {"auth": token}
    async with portal.session.get(portal.http + path, params=params) as response:
        return response.status, await response.json()


async def with_token(portal: Running, method: str, token: str) -> tuple[int, Any]:
    async with portal.session.post(f"{portal.http}/rest/{method}", json={"auth": token}) as response:
        return response.status, await response.json()


async def fault(portal: Running, kind: str, **row: Any) -> None:
    status, answer = await portal.page("POST", "faults", {"kind": kind} | row)
    assert status == 200, answer


async def test_an_opening_has_exactly_the_fields_of_the_real_one(portal: Running) -> None:
    opening = await opened(portal)
    app = portal.portal.application
    query, form = opening["query"], opening["form"]
    assert (opening["url"], opening["mode"]) == (app.page_url, "page")
    assert (set(query), set(form)) == (QUERY, BODY)
    assert (query["DOMAIN"], query["PROTOCOL"], query["LANG"]) == (portal.portal.address, "0", "ru")
    assert (form["APPLICATION_TOKEN"], form["member_id"]) == (app.application_token, app.member_id)
    assert (form["AUTH_EXPIRES"], form["status"], form["PLACEMENT"]) == ("3600", "L", "DEFAULT")
    assert form["SERVER_ENDPOINT"] == f"{portal.http}/rest/"


async def test_the_vendors_client_reads_an_opening_and_its_user(portal: Running) -> None:
    opening = await opened(portal)
    data = OAuthPlacementData.from_dict(opening["query"] | opening["form"])
    _, body = await app_info(portal, data.oauth_token.access_token)
    info = BitrixAppInfoResponse.from_dict(body).result
    assert data.validate_against_app_info(info)
    assert (info.user_id, info.client_id) == (ILYA, portal.portal.application.client_id)


async def test_the_web_page_carries_its_uri_and_goes_into_a_frame(portal: Running) -> None:
    opening = await opened(portal, device="web")
    options = opening["form"]["PLACEMENT_OPTIONS"]
    client_id = portal.portal.application.client_id
    assert opening["mode"] == "frame"
    assert json.loads(options) == {"URI": f"/marketplace/view/{client_id}/"}
    assert "\\/marketplace" in options


async def test_the_chat_of_the_phone_carries_its_dialog_and_never_an_uri(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    asked = {"placement": "IMMOBILE_CONTEXT_MENU", "options": {"URI": "/x/"}}
    opening = await opened(portal, **asked)
    assert (opening["url"], opening["mode"]) == (portal.portal.application.chat_url, "page")
    chat = portal.portal.tasks.get(101)
    assert chat is not None
    assert json.loads(opening["form"]["PLACEMENT_OPTIONS"]) == {"dialogId": f"chat{chat.chat_id}"}
    other = await opened(portal, placement="IMMOBILE_CONTEXT_MENU", options={"dialogId": "chat17"})
    assert json.loads(other["form"]["PLACEMENT_OPTIONS"]) == {"dialogId": "chat17"}


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        ({"placement": "TASK_VIEW_TAB"}, 400, "мобильном приложении"),
        ({"placement": "LEFT_MENU"}, 400, "мобильном приложении"),
        ({"placement": "TASK_VIEW_TAB", "device": "web"}, 400, "обработчик не задан"),
        ({"placement": "IMMOBILE_CONTEXT_MENU", "device": "web"}, 400, "только в мобильном"),
        ({"device": "fridge"}, 400, "phone или web"),
        ({"user": 999}, 404, "нет"),
        ({"user": "никто"}, 404, "нет"),
        ({"options": "[]"}, 400, "options"),
    ],
)
async def test_what_a_portal_would_not_open_is_refused_with_the_reason(
    portal: Running, asked: dict[str, Any], status: int, reason: str
) -> None:
    told, error = await refused(portal, **asked)
    assert told == status
    assert reason in error


async def test_an_application_not_made_for_phones_has_no_page_there(portal: Running) -> None:
    portal.portal.application = replace(portal.portal.application, mobile=False)
    assert "BitrixMobile" in (await refused(portal))[1]
    assert (await opened(portal, device="web"))["mode"] == "frame"
    assert (await opened(portal, placement="IMMOBILE_CONTEXT_MENU"))["mode"] == "page"


async def test_a_stopped_portal_opens_nothing(portal: Running) -> None:
    portal.portal.online = False
    assert (await refused(portal))[0] == 503


@pytest.mark.parametrize(
    "path", ["/rest/app.info/", "/rest/app.info", "/oauth-server/rest/app.info", "/oauth-server/rest/app.info/"]
)
async def test_the_authorisation_server_names_user_application_and_portal(portal: Running, path: str) -> None:
    token = (await opened(portal))["form"]["AUTH_ID"]
    status, body = await app_info(portal, token, path)
    assert status == 200
    info, app = body["result"], portal.portal.application
    assert set(info) == {"client_id", "scope", "expires", "install", "user_id"}
    assert (info["client_id"], info["user_id"]) == (app.client_id, ILYA)
    assert set(info["install"]) == {
        "installed", "version", "status", "scope", "domain", "uri", "client_endpoint", "member_id", "member_type",
    }  # fmt: skip
    install = info["install"]
    assert (install["member_id"], install["domain"]) == (app.member_id, portal.portal.address)
    assert (install["installed"], install["status"]) == (True, "L")


@pytest.mark.parametrize(
    ("token", "code"), [(None, "NO_AUTH_FOUND"), ("", "NO_AUTH_FOUND"), ("x" * 70, "invalid_token")]
)
async def test_a_missing_or_unknown_token_is_401_in_json(portal: Running, token: str | None, code: str) -> None:
    status, body = await app_info(portal, token)
    assert (status, body["error"]) == (401, code)
    assert body["error_description"]


async def test_each_opening_has_a_token_of_its_own_that_lives_an_hour(portal: Running) -> None:
    first, second = [(await opened(portal))["form"]["AUTH_ID"] for _ in range(2)]
    assert first != second
    portal.portal.clock.advance(3599)
    assert (await app_info(portal, first))[0] == 200
    portal.portal.clock.advance(2)
    for status, body in (await app_info(portal, first), await with_token(portal, "profile", first)):
        assert (status, body["error"]) == (401, "expired_token")


async def test_a_dismissed_employee_opens_nothing_and_his_tokens_are_refused(portal: Running) -> None:
    token = (await opened(portal))["form"]["AUTH_ID"]
    assert (await portal.page("POST", f"users/{ILYA}", {"active": False}))[1]["active"] is False
    assert (await refused(portal))[0] == 403
    for status, body in (await app_info(portal, token), await with_token(portal, "profile", token)):
        assert (status, body["error"]) == (401, "invalid_token")
    await portal.page("POST", f"users/{ILYA}", {"active": True})
    assert (await app_info(portal, token))[0] == 200


async def test_a_token_calls_the_portal_as_its_user_within_its_scope(portal: Running) -> None:
    token = (await opened(portal))["form"]["AUTH_ID"]
    assert (await with_token(portal, "profile", token))[1]["result"]["ID"] == str(ILYA)
    assert (await with_token(portal, "user.current", token))[1]["result"]["LAST_NAME"] == "Петров"
    assert (await with_token(portal, "app.info", token))[1]["result"]["CODE"] == portal.portal.application.client_id
    status, body = await with_token(portal, "department.get", token)
    assert (status, body["error"]) == (403, "insufficient_scope")
    bearer = {"Authorization": f"Bearer {token}"}
    async with portal.session.post(f"{portal.http}/rest/profile", headers=bearer) as response:
        assert (await response.json())["result"]["ADMIN"] is False
    async with portal.session.get(f"{portal.http}/rest/profile", params={"auth": token}) as response:
        assert response.status == 200


async def test_an_expired_token_may_be_posted(portal: Running) -> None:
    await fault(portal, "open_expired")
    form = (await opened(portal))["form"]
    assert form["AUTH_EXPIRES"] == "3600"
    assert (await app_info(portal, form["AUTH_ID"]))[1]["error"] == "expired_token"


async def test_a_token_of_another_application_names_that_application(portal: Running) -> None:
    await fault(portal, "open_other_app")
    form = (await opened(portal))["form"]
    info = (await app_info(portal, form["AUTH_ID"]))[1]["result"]
    assert info["client_id"] != portal.portal.application.client_id
    assert info["install"]["member_id"] == form["member_id"] == portal.portal.application.member_id


async def test_a_token_of_another_portal_names_that_portal_and_is_unknown_here(portal: Running) -> None:
    await fault(portal, "open_other_member")
    form = (await opened(portal))["form"]
    info = (await app_info(portal, form["AUTH_ID"]))[1]["result"]
    assert info["client_id"] == portal.portal.application.client_id
    assert info["install"]["member_id"] == form["member_id"] != portal.portal.application.member_id
    assert info["install"]["domain"] != portal.portal.address
    assert (await with_token(portal, "profile", form["AUTH_ID"]))[1]["error"] == "invalid_token"


async def test_a_forged_domain_stands_in_the_query_alone(portal: Running) -> None:
    await fault(portal, "open_forged_domain")
    opening = await opened(portal)
    assert opening["query"]["DOMAIN"] != portal.portal.address
    info = (await app_info(portal, opening["form"]["AUTH_ID"]))[1]["result"]
    assert info["install"]["domain"] == portal.portal.address


async def test_the_same_token_is_posted_again(portal: Running) -> None:
    first = (await opened(portal))["form"]["AUTH_ID"]
    await fault(portal, "open_same_token", count=1)
    assert (await opened(portal))["form"]["AUTH_ID"] == first
    assert (await opened(portal))["form"]["AUTH_ID"] != first


async def test_an_authorisation_server_that_is_down_cuts_the_connection(portal: Running) -> None:
    token = (await opened(portal))["form"]["AUTH_ID"]
    await fault(portal, "auth_down")
    with pytest.raises(aiohttp.ClientError):
        await portal.session.get(f"{portal.http}/rest/app.info", params={"auth": token})
    await fault(portal, "auth_down", on=False)
    assert (await app_info(portal, token))[0] == 200


async def test_a_slow_authorisation_server_outlasts_a_clients_patience(portal: Running) -> None:
    token = (await opened(portal))["form"]["AUTH_ID"]
    await fault(portal, "auth_slow", seconds=20, count=1)
    patience = aiohttp.ClientTimeout(total=0.2)
    with pytest.raises(TimeoutError):
        await portal.session.get(f"{portal.http}/rest/app.info", params={"auth": token}, timeout=patience)
    assert (await app_info(portal, token))[0] == 200


async def test_the_drawer_knows_the_faults_of_the_entry(portal: Running) -> None:
    _, answer = await portal.page("GET", "faults")
    entry = {name for name, kind in answer["kinds"].items() if kind["when"] == "entry"}
    assert entry == {name for name in KINDS if name.startswith(("open_", "auth_"))}
    assert len(entry) == 7


async def test_openings_and_checks_are_told_to_those_who_watch_without_tokens(portal: Running) -> None:
    told: list[Any] = []
    portal.portal.on_traffic(told.append)
    token = (await opened(portal))["form"]["AUTH_ID"]
    await app_info(portal, token)
    await app_info(portal, "чужой")
    assert ["Илья Петров открывает" in told[0]["text"], "Илья Петров" in told[1]["text"]] == [True, True]
    assert [line.get("ok", True) for line in told] == [True, True, False]
    assert token not in json.dumps(told)


class Read(HTMLParser):
    """The form, the frame and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.form: dict[str, str | None] = {}
        self.frame: dict[str, str | None] = {}
        self.fields: dict[str, str | None] = {}
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "form":
            self.form = found
        elif tag == "iframe":
            self.frame = found
        elif tag == "input":
            self.fields[str(found["name"])] = found["value"]


async def page_of(portal: Running, query: str) -> tuple[int, str, Any]:
    async with portal.session.get(f"{portal.control}/portal/open?{query}") as response:
        assert str(response.url).startswith(portal.http), "it stands on the portal's own port"
        return response.status, await response.text(), response.headers


async def test_the_phones_page_posts_itself_as_a_page_of_its_own(portal: Running) -> None:
    status, text, headers = await page_of(portal, f"user={ILYA}&placement=DEFAULT&device=phone")
    read = Read(text)
    assert (status, read.form["method"], "target" in read.form, "iframe" in read.tags) == (200, "post", False, False)
    action = urlsplit(str(read.form["action"]))
    assert f"{action.scheme}://{action.netloc}{action.path}" == portal.portal.application.page_url
    assert set(parse_qs(action.query)) == QUERY
    assert set(read.fields) == BODY
    assert "button" in read.tags
    assert headers["Cache-Control"] == "no-store"
    assert (await app_info(portal, str(read.fields["AUTH_ID"])))[0] == 200


async def test_the_webs_page_posts_into_a_frame_of_the_slider(portal: Running) -> None:
    _, text, _ = await page_of(portal, f"user={ILYA}&device=web")
    read = Read(text)
    assert read.form["target"] == read.frame["name"]
    assert str(read.frame["name"]).startswith(f"{portal.portal.address}|0|")
    assert "src" not in read.frame


async def test_the_pages_allow_the_application_and_nothing_else(portal: Running) -> None:
    for device in ("phone", "web"):
        _, text, headers = await page_of(portal, f"user={ILYA}&device={device}")
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["form-action"] == policy["frame-src"] == "http://127.0.0.1:8000"
        assert (policy["default-src"], policy["script-src"], policy["frame-ancestors"]) == (
            "'none'",
            "'self'",
            "'none'",
        )
        assert "<script>" not in text
        assert "style=" not in text


async def test_the_chats_page_takes_the_dialog_from_its_address(portal: Running) -> None:
    _, text, _ = await page_of(portal, f"user={ILYA}&placement=IMMOBILE_CONTEXT_MENU&dialog=chat42")
    assert json.loads(str(Read(text).fields["PLACEMENT_OPTIONS"])) == {"dialogId": "chat42"}


async def test_a_page_that_cannot_open_says_why(portal: Running) -> None:
    for query, status in (("user=999", 404), (f"user={ILYA}&placement=<b>", 400), ("", 404)):
        told, text, _ = await page_of(portal, query)
        assert told == status
        assert 'role="alert"' in text
        assert "<b>" not in text
        assert "form" not in Read(text).tags


async def test_a_foreign_host_name_gets_no_token(portal: Running) -> None:
    headers = {"Host": "evil.example"}
    async with portal.session.get(f"{portal.http}/portal/open?user={ILYA}", headers=headers) as response:
        assert response.status == 403
        assert "AUTH_ID" not in await response.text()


async def test_the_page_of_applications_shows_settings_and_people(portal: Running) -> None:
    async with portal.session.get(f"{portal.control}/portal/apps") as response:
        assert "Приложения" in await response.text()
    _, data = await portal.page("GET", "application")
    app = portal.portal.application
    shown = data["application"]
    assert (shown["client_id"], shown["member_id"], shown["mobile"]) == (app.client_id, app.member_id, True)
    handlers = {"DEFAULT": app.page_url, "IMMOBILE_CONTEXT_MENU": app.chat_url, "LEFT_MENU": app.office_url}
    assert shown["handlers"] == handlers
    assert shown["auth_url"] == portal.http
    assert [row["id"] for row in data["people"] if row["courier"]] == [7, 8, 9, 10]


async def test_a_task_card_knows_its_chat_and_whether_a_courier_does_it(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    _, card = await portal.page("GET", "tasks/101")
    assert card["responsible"]["courier"] is True
    assert card["creator"]["courier"] is False
    assert card["dialog"].startswith("chat")


@pytest.mark.parametrize("body", [{}, {"active": "нет"}, {"active": 0}])
async def test_an_employee_is_dismissed_by_a_plain_yes_or_no(portal: Running, body: dict[str, Any]) -> None:
    assert (await portal.page("POST", f"users/{ILYA}", body))[0] == 400
    assert (await portal.page("POST", "users/999", {"active": False}))[0] == 404
