"""Places of the portal where the application builds itself in, and opening it there."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_application import ILYA, PAVEL, Installed, installed
from tests.sandbox.portal_running import a_task

CHAT = "IMMOBILE_CONTEXT_MENU"


@pytest.fixture
async def app() -> AsyncIterator[Installed]:
    """Installed by its page, so that only what it binds itself is there."""
    async with installed("/install") as started:
        await started.portal.page("POST", "install", {"user": 1})
        yield started


async def place(app: Installed, name: str, path: str = "/place", **more: Any) -> None:
    assert await app.ok("placement.bind", PLACEMENT=name, HANDLER=app.listening.url + path, **more) is True


async def opened(app: Installed, name: str, device: str = "web", **options: Any) -> tuple[int, Any]:
    return await app.portal.page(
        "POST", "open", {"user": PAVEL, "placement": name, "device": device, "options": options}
    )


async def test_what_is_bound_is_opened_at_its_place_with_its_context(app: Installed) -> None:
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    assert (await opened(app, "TASK_VIEW_TAB", taskId="101"))[0] == 400
    await place(app, "TASK_VIEW_TAB", TITLE="Доставка")
    status, told = await opened(app, "TASK_VIEW_TAB", taskId="101")
    assert (status, told["url"]) == (200, f"{app.listening.url}/place")
    assert told["form"]["PLACEMENT"] == "TASK_VIEW_TAB"
    assert json.loads(told["form"]["PLACEMENT_OPTIONS"])["taskId"] == "101"
    assert (await opened(app, "TASK_VIEW_TAB", device="phone", taskId="101"))[0] == 400


async def test_a_tab_for_some_projects_is_not_in_the_tasks_of_others(app: Installed) -> None:
    await place(app, "TASK_VIEW_TAB", OPTIONS={"groupId": "11,13"})
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.portal.ok("tasks.task.add", {"fields": a_task(GROUP_ID=12)})
    assert (await opened(app, "TASK_VIEW_TAB", taskId="101"))[0] == 200
    assert (await opened(app, "TASK_VIEW_TAB", taskId="102"))[0] == 400


async def test_the_menu_of_a_chat_is_there_on_the_phone_once_it_is_bound(app: Installed) -> None:
    assert (await opened(app, CHAT, "phone"))[0] == 400
    await place(app, CHAT, OPTIONS={"context": "CHAT;USER", "role": "USER", "extranet": "N", "iconName": "fa-bars"})
    assert (await opened(app, CHAT, "phone", dialogId="chat17"))[1]["url"].endswith("/place")
    [row] = await app.ok("placement.get")
    assert row["options"] == {"context": "CHAT;USER", "role": "USER", "extranet": "N", "iconName": "fa-bars"}


async def test_the_pages_frame_may_be_the_bound_handlers(app: Installed) -> None:
    await app.ok("placement.bind", PLACEMENT="LEFT_MENU", HANDLER="https://board.example.com/office")
    address = f"{app.portal.http}/portal/open?user={PAVEL}&placement=LEFT_MENU&device=web"
    async with app.portal.session.get(address) as response:
        assert "https://board.example.com" in response.headers["Content-Security-Policy"]


async def test_a_link_goes_to_the_handler_of_links_when_there_is_one(app: Installed) -> None:
    client_id = app.state.application.client_id
    link = f"{app.portal.http}/marketplace/view/{client_id}/?params[delivery]=17&user={PAVEL}"
    await place(app, "REST_APP_URI", "/links")
    async with app.portal.session.get(link) as response:
        text = await response.text()
    assert f"{app.listening.url}/links" in text
    assert 'value="REST_APP_URI"' in text
    async with app.portal.session.get(f"{link}&device=phone") as response:
        assert 'value="DEFAULT"' in await response.text()


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"PLACEMENT": ""}, 400, "ERROR_ARGUMENT"),
        ({"PLACEMENT": "DEFAULT"}, 400, "ERROR_ARGUMENT"),
        ({"PLACEMENT": "TASK_VIEW_MOBILE"}, 400, "ERROR_PLACEMENT_NOT_FOUND"),
        ({"PLACEMENT": "CRM_DEAL_DETAIL_TAB"}, 400, "ERROR_PLACEMENT_NOT_FOUND"),
        ({"HANDLER": ""}, 400, "ERROR_ARGUMENT"),
        ({"HANDLER": "javascript:alert(1)"}, 400, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"HANDLER": "http://"}, 400, "ERROR_WRONG_HANDLER_URL"),
        ({"USER_ID": ILYA}, 200, "ERROR_PLACEMENT_USER_MODE"),
        ({"PLACEMENT": "PAGE_BACKGROUND_WORKER"}, 200, "EMPTY_ERROR_HANDLER_URL"),
        ({"PLACEMENT": CHAT, "OPTIONS": {"context": "MOON"}}, 400, "INVALID_ERROR_CONTEXT"),
        ({"PLACEMENT": CHAT, "OPTIONS": {"role": "KING"}}, 400, "INVALID_ERROR_ROLE"),
        ({"PLACEMENT": CHAT, "OPTIONS": {"extranet": "да"}}, 400, "INVALID_ERROR_EXTRANET"),
    ],
)
async def test_what_cannot_be_bound(app: Installed, asked: dict[str, Any], status: int, code: str) -> None:
    given = {"PLACEMENT": "LEFT_MENU", "HANDLER": "http://127.0.0.1:1/h"} | asked
    assert await app.refused("placement.bind", **given) == (status, code)
    assert await app.ok("placement.get") == []


async def test_a_place_is_bound_once_and_of_links_there_is_one(app: Installed) -> None:
    await place(app, "LEFT_MENU")
    await place(app, "LEFT_MENU", "/second")
    same = {"PLACEMENT": "LEFT_MENU", "HANDLER": f"{app.listening.url}/place"}
    assert await app.refused("placement.bind", **same) == (400, "ERROR_CORE")
    await place(app, "REST_APP_URI")
    other = {"PLACEMENT": "REST_APP_URI", "HANDLER": f"{app.listening.url}/x"}
    assert await app.refused("placement.bind", **other) == (200, "ERROR_PLACEMENT_MAX_COUNT")
    assert await app.ok("placement.unbind", **same) == {"count": 2}
    assert await app.ok("placement.unbind", PLACEMENT="LEFT_MENU") == {"count": 2}
    assert await app.ok("placement.unbind", PLACEMENT="LEFT_MENU") == {"count": 0}
    assert [row["placement"] for row in await app.ok("placement.get")] == ["REST_APP_URI"]


async def test_only_an_administrator_binds_and_looks(app: Installed) -> None:
    given = {"PLACEMENT": "LEFT_MENU", "HANDLER": "http://127.0.0.1:1/h"}
    for method in ("placement.bind", "placement.get", "placement.unbind"):
        assert await app.refused(method, ILYA, **given) == (403, "ACCESS_DENIED")
    assert "TASK_VIEW_TAB" in await app.ok("placement.list", user=ILYA)


async def test_places_are_listed_by_the_applications_rights(app: Installed) -> None:
    assert set(await app.ok("placement.list", SCOPE="im")) >= {CHAT, "IM_SIDEBAR"}
    assert "CRM_DEAL_DETAIL_TAB" not in await app.ok("placement.list")
    assert "CRM_DEAL_DETAIL_TAB" in await app.ok("placement.list", FULL=True)


async def test_titles_are_kept_by_language(app: Installed) -> None:
    titles = {"ru": {"TITLE": "Доставки"}, "en": {"TITLE": "Deliveries"}}
    await place(app, "LEFT_MENU", LANG_ALL=titles)
    [row] = await app.ok("placement.get")
    assert (row["title"], row["langAll"]["en"]["TITLE"], row["userId"]) == ("Доставки", "Deliveries", 0)


async def test_the_page_of_applications_shows_what_is_bound(app: Installed) -> None:
    await place(app, "LEFT_MENU")
    shown = (await app.portal.page("GET", "application"))[1]["application"]
    assert shown["handlers"] == {"DEFAULT": f"{app.listening.url}/app", "LEFT_MENU": f"{app.listening.url}/place"}
    assert (await app.portal.page("GET", "events"))[1]["placements"][0]["placement"] == "LEFT_MENU"
