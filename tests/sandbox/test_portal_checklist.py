"""Checklists, time spent, comments of the old card, and fields an administrator adds."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.portal_running import Running, a_task, a_v3_task, running

from posrednik_sandbox.portal import Portal, checklists, page_data, tasks
from posrednik_sandbox.portal.calls import Call
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import Principal


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    """With task 101 of courier 7 in project 11."""
    async with running() as started:
        await started.ok("tasks.task.add", {"fields": a_task()})
        yield started


async def add(portal: Running, title: str, **fields: Any) -> int:
    return int(await portal.ok("task.checklistitem.add", [101, {"TITLE": title, **fields}]))


async def rows(portal: Running, order: dict[str, str] | None = None) -> list[dict[str, Any]]:
    found = await portal.ok("task.checklistitem.getlist", [101, order] if order else [101])
    assert isinstance(found, list)
    return found


async def test_a_list_of_its_own_with_steps_under_it(portal: Running) -> None:
    heading = await add(portal, "Шаги курьера", PARENT_ID=0)
    for title in ("Забрал", "В пути"):
        await add(portal, title, PARENT_ID=heading, MEMBERS={"8": {"TYPE": "A"}})
    found = await rows(portal, {"SORT_INDEX": "asc", "ID": "asc"})
    assert [(row["TITLE"], row["PARENT_ID"]) for row in found] == [
        ("Шаги курьера", 0),
        ("Забрал", str(heading)),
        ("В пути", str(heading)),
    ]
    assert [row["ID"] for row in await rows(portal)] == ["3", "2", "1"]
    assert (found[1]["MEMBERS"][0]["NAME"], portal.portal.tasks.get(101).accomplices) == ("Ринат Ахметов", [8])  # type: ignore[union-attr]


async def test_a_step_without_a_parent_goes_into_the_first_list(portal: Running) -> None:
    await add(portal, "Без списка")
    assert [row["TITLE"] for row in await rows(portal, {"ID": "asc"})] == ["BX_CHECKLIST_1", "Без списка"]
    await add(portal, "Ещё")
    assert [row["PARENT_ID"] for row in await rows(portal, {"ID": "asc"})] == [0, "1", "1"]
    await add(portal, "Новый список", PARENT_ID=999)
    assert (await rows(portal))[0]["PARENT_ID"] == 0


async def test_ticks_are_idempotent_and_remember_who_and_when(portal: Running) -> None:
    item = await add(portal, "Забрал")
    for _ in range(2):
        assert await portal.ok("task.checklistitem.complete", {"TASKID": 101, "ITEMID": item}) is True
    row = (await rows(portal))[0]
    assert (row["IS_COMPLETE"], row["TOGGLED_BY"]) == ("Y", "1")
    assert await portal.ok("task.checklistitem.renew", {"0": "101", "1": str(item)}) is True
    assert (await rows(portal))[0]["IS_COMPLETE"] == "N"
    fields = [change.field for change in portal.portal.history if change.field.startswith("CHECKLIST")]
    assert fields == ["CHECKLIST_ITEM_CREATE", "CHECKLIST_ITEM_CHECK", "CHECKLIST_ITEM_UNCHECK"]
    assert await portal.ok("task.checklistitem.complete", [101, 999]) is False


async def test_steps_are_renamed_moved_and_deleted_with_all_below(portal: Running) -> None:
    heading = await add(portal, "Список", PARENT_ID=0)
    first, second = await add(portal, "А", PARENT_ID=heading), await add(portal, "Б", PARENT_ID=heading)
    assert await portal.ok("task.checklistitem.update", [101, first, {"TITLE": "В", "IS_COMPLETE": "Y"}]) is None
    assert (await portal.ok("task.checklistitem.get", [101, first]))["IS_COMPLETE"] == "Y"
    assert await portal.ok("task.checklistitem.moveafteritem", [101, first, second]) is True
    order = [row["TITLE"] for row in await rows(portal, {"SORT_INDEX": "asc"}) if row["PARENT_ID"]]
    assert order == ["Б", "В"]
    assert await portal.ok("task.checklistitem.isactionallowed", [101, first, 4]) is True
    assert await portal.ok("task.checklistitem.isactionallowed", [101, first, 9]) is False
    assert await portal.ok("task.checklistitem.delete", [101, heading]) is True
    assert await rows(portal) == []


@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        ("task.checklistitem.add", {}, "#256; Param #0 (taskId) expected by method ctaskchecklistitem::add()"),
        ("task.checklistitem.add", [101], "#256; Param #1 (arFields)"),
        ("task.checklistitem.add", ["x", {"TITLE": "А"}], 'expected to be of type "integer"'),
        ("task.checklistitem.add", [101, {"SORT_INDEX": 1}], "#8; Не указано название элемента"),
        ("task.checklistitem.add", [999, {"TITLE": "А"}], "#8; Добавление элемента: действие недоступно"),
        ("task.checklistitem.delete", [101, 999], "#8; Удаление элемента"),
        ("task.checklistitem.complete", [101], "#256; Param #1 (itemId)"),
        ("task.elapseditem.add", [101, {"SECONDS": 0}], "#256; Param #1"),
        ("task.commentitem.add", [101, {"POST_MESSAGE": ""}], "#8; "),
        ("task.commentitem.getlist", [101], "#8; Метод не работает в новой карточке"),
    ],
)
async def test_refusals_are_those_of_the_old_methods(portal: Running, method: str, params: Any, text: str) -> None:
    status, body = await portal.call(method, params)
    assert (status, body["error"]) == (400, "ERROR_CORE")
    assert text in body["error_description"]


async def test_time_spent_is_kept_beside_a_task(portal: Running) -> None:
    item = await portal.ok("task.elapseditem.add", [101, {"SECONDS": 600, "COMMENT_TEXT": "Ждал", "USER_ID": 7}])
    found = await portal.ok("task.elapseditem.getlist", [101])
    assert [(row["ID"], row["MINUTES"], row["USER_ID"]) for row in found] == [(str(item), "10", "7")]
    assert await portal.ok("task.elapseditem.delete", [101, item]) is True


async def test_the_old_card_has_comments_and_no_chat(portal: Running) -> None:
    portal.portal.new_card = False
    comment = await portal.ok("task.commentitem.add", [101, {"POST_MESSAGE": "Звонил"}])
    await portal.ok("task.commentitem.update", [101, comment, {"POST_MESSAGE": "Звонил дважды"}])
    assert [row["POST_MESSAGE"] for row in await portal.ok("task.commentitem.getlist", [101])] == ["Звонил дважды"]
    assert (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]["chatId"] is None
    assert (await portal.call("im.message.add", {"DIALOG_ID": "chat5101", "MESSAGE": "А"}))[1][
        "error"
    ] == "ACCESS_ERROR"
    status, _, _ = await portal.v3("tasks.task.chat.message.send", {"fields": {"taskId": 101, "text": "А"}})
    assert status == 404
    assert await portal.ok("task.commentitem.delete", [101, comment]) is True


async def test_a_mandatory_field_breaks_every_new_task(portal: Running) -> None:
    made = {"USER_TYPE_ID": "string", "FIELD_NAME": "courier_code", "EDIT_FORM_LABEL": {"ru": "Код курьера"}}
    field = await portal.ok("task.item.userfield.add", {"PARAMS": {**made, "MANDATORY": "Y"}})
    assert (await portal.ok("task.item.userfield.get", {"ID": field}))["FIELD_NAME"] == "UF_COURIER_CODE"
    status, body = await portal.call("tasks.task.add", {"fields": a_task()})
    assert (status, body["error"]) == (400, "ERROR_CORE")
    assert "Код курьера" in body["error_description"]
    assert (await portal.v3("tasks.task.add", a_v3_task()))[0] == 400
    await portal.ok("tasks.task.add", {"fields": a_task(UF_COURIER_CODE="7")})
    assert "UF_COURIER_CODE" in (await portal.ok("tasks.task.getFields"))["fields"]
    await portal.ok("task.item.userfield.update", {"ID": field, "DATA": {"MANDATORY": "N"}})
    await portal.ok("tasks.task.add", {"fields": a_task()})
    assert await portal.ok("task.item.userfield.delete", {"ID": field}) is True
    names = [row["FIELD_NAME"] for row in await portal.ok("task.item.userfield.getlist")]
    assert names == ["UF_CRM_TASK", "UF_TASK_WEBDAV_FILES"]


@pytest.mark.parametrize(
    "made",
    [
        {"FIELD_NAME": "A"},
        {"USER_TYPE_ID": "file", "FIELD_NAME": "A"},
        {"USER_TYPE_ID": "string"},
        {"USER_TYPE_ID": "string", "FIELD_NAME": "код"},
    ],
)
async def test_what_cannot_be_a_field(portal: Running, made: dict[str, str]) -> None:
    assert (await portal.call("task.item.userfield.add", {"PARAMS": made}))[1]["error"] == "ERROR_CORE"


async def test_only_administrators_add_fields(portal: Running) -> None:
    portal.portal.add_webhook("7", "mine")
    params = {"PARAMS": {"USER_TYPE_ID": "string", "FIELD_NAME": "A"}}
    assert (await portal.call("task.item.userfield.add", params, "7/mine"))[1]["error"] == "ERROR_CORE"


KINDS = ["add", "update", "delete", "moveafteritem", "complete"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "update", "delete", "moveafteritem", "complete"]), st.integers(0, 9), st.integers(0, 9)
    ),
    max_size=30,
)


@given(STEPS)
def test_whatever_is_done_every_step_stays_under_a_list_of_its_task(steps: list[tuple[str, int, int]]) -> None:
    portal = Portal(seed=1)
    who = Principal("webhook:1:x", 1, frozenset({"task"}))
    task = tasks.create(portal, 1, {"title": "Доставка", "responsible_id": 7, "group_id": 11})
    arguments = {
        "add": lambda one, two: {"0": task.id, "1": {"TITLE": "А", **({"PARENT_ID": one} if two % 2 else {})}},
        "update": lambda one, two: {"0": task.id, "1": one, "2": {"PARENT_ID": two}},
        "delete": lambda one, two: {"0": task.id, "1": one},
        "moveafteritem": lambda one, two: {"0": task.id, "1": one, "2": two},
        "complete": lambda one, two: {"0": task.id, "1": one},
    }
    for name, one, two in steps:
        method = f"task.checklistitem.{name}"
        with suppress(RestError):
            checklists.METHODS[method].run(Call(portal, who, method, arguments[name](one, two)))
        held = {row.id: row for row in portal.checklist}
        for row in held.values():
            above, seen = row.parent_id, {row.id}
            while above:
                assert above not in seen
                seen.add(above)
                above = held[above].parent_id
        assert len(page_data.card(portal, task, 1)["checklist"]) == len(held)
