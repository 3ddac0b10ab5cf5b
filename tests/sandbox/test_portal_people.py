"""Employees, members of projects, what each scope shows of them, and what the pages do with them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_running import Running, a_task, running


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def user(portal: Running, number: int) -> dict[str, Any]:
    rows = await portal.ok("user.get", {"FILTER": {"ID": number}})
    assert len(rows) == 1
    return dict(rows[0])


async def invite(portal: Running, **more: Any) -> int:
    body = {"name": "Илья", "last_name": "Петров", "position": "Курьер", **more}
    status, person = await portal.page("POST", "users", body)
    assert status == 200
    return int(person["id"])


async def test_somebody_who_never_came_has_no_last_login(portal: Running) -> None:
    fresh = await invite(portal, last_login=None, groups=[12])
    assert (await user(portal, fresh))["LAST_LOGIN"] == ""
    assert (await user(portal, 7))["LAST_LOGIN"]
    await portal.page("POST", f"users/{fresh}", {"last_login": "now"})
    assert (await user(portal, fresh))["LAST_LOGIN"]
    await portal.page("POST", f"users/{fresh}", {"last_login": "2026-01-15T10:00:00+03:00"})
    assert (await user(portal, fresh))["LAST_LOGIN"] == "2026-01-15T10:00:00+03:00"


async def test_two_of_one_name_are_found_by_a_search_that_is_not_for_one(portal: Running) -> None:
    fresh = await invite(portal)
    found = await portal.ok("user.search", {"FIND": "Петров"})
    assert [row["ID"] for row in found] == ["7", str(fresh)]
    await portal.page("POST", "users/7", {"active": False})
    assert [row["ID"] for row in await portal.ok("user.search", {"FIND": "петров илья"})] == [str(fresh)]
    everyone = await portal.ok("user.get", {"FILTER": {"%LAST_NAME": "петр"}})
    assert [(row["ID"], row["ACTIVE"]) for row in everyone] == [("7", False), (str(fresh), True)]


async def test_fifty_employees_are_a_page(portal: Running) -> None:
    for _ in range(46):
        await invite(portal)
    _, body = await portal.call("user.get")
    assert (len(body["result"]), body["total"], body["next"]) == (50, 52, 50)
    _, body = await portal.call("user.get", {"start": 50})
    assert len(body["result"]) == 2
    assert "next" not in body


@pytest.mark.parametrize(
    ("scope", "hidden"),
    [
        ("user", set()),
        ("user_basic", {"LAST_LOGIN"}),
        ("user_brief", {"EMAIL", "PERSONAL_MOBILE", "WORK_PHONE", "LAST_LOGIN"}),
    ],
)
async def test_a_scope_opens_its_part_of_a_user(portal: Running, scope: str, hidden: set[str]) -> None:
    whole = set(await user(portal, 7))
    portal.portal.add_webhook("1", "narrow", frozenset({scope}))
    _, body = await portal.call("user.get", {"FILTER": {"ID": 7}}, "1/narrow")
    assert whole - set(body["result"][0]) == hidden
    portal.portal.add_webhook("1", "none", frozenset({"task"}))
    status, body = await portal.call("user.get", {}, "1/none")
    assert (status, body["error"]) == (403, "insufficient_scope")


async def test_members_of_a_project_come_go_and_moderate(portal: Running) -> None:
    roles = {row["USER_ID"]: row["ROLE"] for row in await portal.ok("sonet_group.user.get", {"ID": 11})}
    assert roles == {"1": "A", "2": "E", "7": "K", "8": "K"}
    assert await portal.ok("sonet_group.user.add", {"GROUP_ID": 11, "USER_ID": [9, 7, 999]}) == ["9"]
    assert await portal.ok("sonet_group.user.update", {"GROUP_ID": 11, "USER_ID": 9, "ROLE": "E"}) == ["9"]
    assert portal.portal.groups.get(11).moderators == [2, 9]  # type: ignore[union-attr]
    assert await portal.ok("sonet_group.user.delete", {"GROUP_ID": 11, "USER_ID": [9, 1]}) == ["9"]
    await portal.page("POST", "users/8", {"active": False})
    assert [row["USER_ID"] for row in await portal.ok("sonet_group.user.get", {"ID": 11})] == ["1", "2", "7"]
    assert [row["GROUP_NAME"] for row in await portal.ok("sonet_group.user.groups")] == [
        "Доставка. Центр",
        "Доставка. Север",
    ]


@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        ("add", {"USER_ID": 9}, "Wrong group ID"),
        ("add", {"GROUP_ID": 99, "USER_ID": 9}, "Socialnetwork group not found"),
        ("add", {"GROUP_ID": 11, "USER_ID": 999}, "Wrong user IDs"),
        ("update", {"GROUP_ID": 11, "USER_ID": 7, "ROLE": "X"}, "Incorrect role code"),
    ],
)
async def test_what_cannot_be_done_with_members(
    portal: Running, method: str, params: dict[str, Any], text: str
) -> None:
    status, body = await portal.call(f"sonet_group.user.{method}", params)
    assert (status, body["error_description"]) == (400, text)


async def test_only_administrators_and_owners_add_members(portal: Running) -> None:
    portal.portal.add_webhook("7", "mine")
    _, body = await portal.call("sonet_group.user.add", {"GROUP_ID": 11, "USER_ID": 9}, "7/mine")
    assert body["error_description"] == "No permissions to add users"


async def test_what_a_caller_learns_of_methods_and_of_himself(portal: Running) -> None:
    assert await portal.ok("user.admin") is True
    portal.portal.add_webhook("7", "mine", frozenset({"task"}))
    assert (await portal.call("user.admin", {}, "7/mine"))[1]["result"] is False
    assert await portal.ok("method.get", {"name": "tasks.task.add"}) == {"isExisting": True, "isAvailable": True}
    _, body = await portal.call("method.get", {"name": "im.message.add"}, "7/mine")
    assert body["result"] == {"isExisting": True, "isAvailable": False}
    assert await portal.ok("method.get", {"name": "crm.no"}) == {"isExisting": False, "isAvailable": False}
    assert set(await portal.ok("scope")) < set(await portal.ok("scope", {"full": True}))


async def test_the_page_of_employees_changes_what_it_is_told(portal: Running) -> None:
    _, person = await portal.page(
        "POST", "users/7", {"email": "i@x.ru", "phone": "8 912", "position": "Старший курьер"}
    )
    assert (person["email"], person["phone"], person["position"]) == ("i@x.ru", "8 912", "Старший курьер")
    assert (await user(portal, 7))["PERSONAL_MOBILE"] == "8 912"
    for body in ({}, {"active": "да"}, {"last_login": "вчера"}):
        assert (await portal.page("POST", "users/7", body))[0] == 400
    assert (await portal.page("POST", "users/999", {"active": False}))[0] == 404
    assert (await portal.page("POST", "users", {"name": "Без фамилии"}))[0] == 400
    _, listed = await portal.page("GET", "people")
    assert [row["id"] for row in listed["people"]] == [1, 2, 7, 8, 9, 10]
    assert listed["people"][2]["groups"] == ["Доставка. Центр"]


async def test_notices_of_a_person_are_counted_until_they_are_read(portal: Running) -> None:
    for number in (1, 2):
        await portal.ok("im.notify.personal.add", {"USER_ID": 7, "MESSAGE": f"Доставка {number}", "TAG": f"d{number}"})
    _, page = await portal.page("GET", "notices?user=7")
    assert [row["text"] for row in page["notices"]] == ["Доставка 2", "Доставка 1"]
    assert page["user"]["unread"] == 2
    assert (await portal.page("GET", "board"))[1]["unread"] == {"7": 2}
    assert (await portal.page("POST", "notices/read", {"user": 7}))[1]["unread"] == 0
    assert (await portal.page("GET", "notices?user=999"))[0] == 404


async def test_the_card_tells_what_the_one_who_looks_may_do(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    able = {number: (await portal.page("GET", f"tasks/101?as={number}"))[1]["can"] for number in (2, 7, 8, 9)}
    assert [able[number]["EDIT"] for number in (2, 7, 8, 9)] == [True, False, False, False]
    assert [able[number]["COMPLETE"] for number in (2, 7, 8, 9)] == [True, True, False, False]
    assert [able[number]["MOVE"] for number in (2, 7, 8, 9)] == [True, True, True, False]
    assert (await portal.page("GET", "bin"))[1] == {"tasks": []}
    await portal.page("DELETE", "tasks/101")
    assert [row["id"] for row in (await portal.page("GET", "bin"))[1]["tasks"]] == [101]
