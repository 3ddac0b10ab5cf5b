"""Tasks, columns, people and messages of the classic REST."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal.clock import iso


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def add(portal: Running, title: str = "Доставка", **fields: Any) -> int:
    return int((await portal.ok("tasks.task.add", {"fields": a_task(title, **fields)}))["task"]["id"])


async def found(portal: Running, **conditions: Any) -> list[int]:
    answer = await portal.ok("tasks.task.list", {"filter": conditions, "select": ["ID"]})
    return [int(row["id"]) for row in answer["tasks"]]


async def test_a_task_comes_back_in_camel_case_with_ids_as_text(portal: Running) -> None:
    fields = a_task(DEADLINE="2026-11-22T18:00:00+05:00", XML_ID="1c:a:1", TASK_CONTROL="Y", UF_COURIER="x")
    task = (await portal.ok("tasks.task.add", {"fields": fields}))["task"]
    assert (task["id"], task["groupId"], task["stageId"], task["status"]) == ("101", "11", "0", "2")
    assert (task["deadline"], task["xmlId"], task["taskControl"]) == ("2026-11-22T16:00:00+03:00", "1c:a:1", "Y")
    assert (task["ufCourier"], task["closedDate"], task["tags"]) == ("x", None, [])
    assert task["responsible"]["name"] == "Илья Петров"


async def test_select_leaves_the_asked_columns(portal: Running) -> None:
    await add(portal, TAGS=["срочно"])
    rows = (await portal.ok("tasks.task.list", {"select": ["TITLE", "TAGS"]}))["tasks"]
    assert rows == [{"id": "101", "title": "Доставка", "tags": {"1": {"id": 1, "title": "срочно"}}}]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "100"),
        ({"fields": {"RESPONSIBLE_ID": 7}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A"}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A", "RESPONSIBLE_ID": 999}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A<br>b", "RESPONSIBLE_ID": 7}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A", "RESPONSIBLE_ID": 7, "DEADLINE": "вчера"}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A", "RESPONSIBLE_ID": 7, "DEADLINE": "9999-12-31T23:59:59-12:00"}}, "ERROR_CORE"),
        ({"fields": {"TITLE": "A", "RESPONSIBLE_ID": 7, "GROUP_ID": 99}}, "ERROR_CORE"),
    ],
)
async def test_what_cannot_be_created(portal: Running, params: Any, code: str) -> None:
    status, body = await portal.call("tasks.task.add", params)
    assert (status, body["error"]) == (400, code)
    assert len(portal.portal.tasks) == 0


async def test_a_missing_task_reads_as_empty_but_cannot_be_changed(portal: Running) -> None:
    assert await portal.ok("tasks.task.get", {"taskId": 999}) == []
    for method in ("update", "delete", "start"):
        status, body = await portal.call(f"tasks.task.{method}", {"taskId": 999, "fields": {"TITLE": "A"}})
        assert (status, body["error"]) == (400, "0")
    assert (await portal.call("tasks.task.get"))[1]["error"] == "100"


async def test_filters(portal: Running) -> None:
    first = await add(portal, "Ленина", XML_ID="1c:a:1", TAGS=["срочно", "центр"])
    second = await add(portal, "Мира", XML_ID="1c:a:2", RESPONSIBLE_ID=8, TAGS=["центр"], GROUP_ID=12)
    assert await found(portal, XML_ID="1c:a:1") == [first]
    assert await found(portal, XML_ID="1c:a") == []
    assert await found(portal, XML_ID=["1c:a:1", "1c:a:2"]) == [first, second]
    assert await found(portal, **{"!RESPONSIBLE_ID": 7}) == [second]
    assert await found(portal, **{">ID": first}) == [second]
    assert await found(portal, **{"<=ID": first, "GROUP_ID": [11, 12]}) == [first]
    assert await found(portal, **{"%TITLE": "мир"}) == [second]
    assert await found(portal, TAG=["срочно", "центр"]) == [first]
    assert await found(portal, GROUP_ID="12", STAGE_ID=[0, 999]) == [second]


async def test_a_filter_by_change_date_sees_every_write(portal: Running) -> None:
    first, second = await add(portal, "A"), await add(portal, "B")
    portal.portal.clock.advance(60)
    since = iso(portal.portal.now())
    assert await found(portal, **{">=CHANGED_DATE": since}) == []
    await portal.ok("task.stages.movetask", {"id": first, "stageId": portal.portal.group_stages(11)[1].id})
    await portal.ok("tasks.task.start", {"taskId": second})
    assert await found(portal, **{">=CHANGED_DATE": since}) == [first, second]


async def test_unknown_filter_keys_are_ignored_unless_strict(portal: Running) -> None:
    await add(portal, "A"), await add(portal, "B")
    assert len(await found(portal, EXTERNAL_ID="нет такого")) == 2
    portal.portal.strict_filters = True
    assert (await portal.call("tasks.task.list", {"filter": {"EXTERNAL_ID": 1}}))[1]["error"] == "ERROR_CORE"


async def test_status_filters_by_the_virtual_status(portal: Running) -> None:
    late = await add(portal, DEADLINE=iso(portal.portal.now() - 60))
    await add(portal)
    assert await found(portal, STATUS=-1) == [late]
    assert len(await found(portal, REAL_STATUS=2)) == 2


async def test_order_and_a_column_that_cannot_be_sorted_by(portal: Running) -> None:
    for title in ("Б", "А", "В"):
        await add(portal, title)
    rows = (await portal.ok("tasks.task.list", {"order": {"TITLE": "desc"}, "select": ["TITLE"]}))["tasks"]
    assert [row["title"] for row in rows] == ["В", "Б", "А"]
    assert (await portal.call("tasks.task.list", {"order": {"NO": "asc"}}))[1]["error"] == "0"


async def test_actions_follow_the_status(portal: Running) -> None:
    task_id = await add(portal)
    for action, status in (("start", "3"), ("pause", "2"), ("defer", "6"), ("complete", "5"), ("renew", "2")):
        assert (await portal.ok(f"tasks.task.{action}", {"taskId": task_id}))["task"]["status"] == status
    assert (await portal.call("tasks.task.renew", {"taskId": task_id}))[1]["error"] == "0"


async def test_a_controlled_task_completed_by_another_waits_for_its_author(portal: Running) -> None:
    task_id = await add(portal, TASK_CONTROL="Y", CREATED_BY=2)
    assert (await portal.ok("tasks.task.complete", {"taskId": task_id}))["task"]["status"] == "4"


async def test_delegation_and_history(portal: Running) -> None:
    task_id = await add(portal)
    await portal.ok("tasks.task.delegate", {"taskId": task_id, "userId": 8})
    rows = (await portal.ok("tasks.task.history.list", {"taskId": task_id}))["list"]
    assert [row["field"] for row in rows] == ["NEW", "RESPONSIBLE_ID"]
    assert rows[1]["value"] == {"from": "7", "to": "8"}


async def test_a_courier_sees_own_work_and_deletes_nothing_of_others(portal: Running) -> None:
    own, foreign = await add(portal), await add(portal, RESPONSIBLE_ID=9, GROUP_ID=12)
    portal.portal.add_webhook("7", "mine")
    assert (await portal.call("tasks.task.get", {"taskId": foreign}, "7/mine"))[1]["result"] == []
    status, body = await portal.call("tasks.task.delete", {"taskId": own}, "7/mine")
    assert (status, body["error"]) == (400, "1048582")
    assert await portal.ok("tasks.task.delete", {"taskId": own}) == {"task": True}
    assert await add(portal) == foreign + 1


async def test_a_new_project_gets_its_first_columns(portal: Running) -> None:
    group_id = await portal.ok("sonet_group.create", {"NAME": "Доставка. Юг", "PROJECT": "Y"})
    stages = await portal.ok("task.stages.get", {"entityId": group_id})
    assert [row["SYSTEM_TYPE"] for row in stages.values()] == ["NEW", "WORK", "FINISH"]
    assert [row["NAME"] for row in await portal.ok("sonet_group.get", {"FILTER": {"%NAME": "юг"}})] == ["Доставка. Юг"]
    assert await portal.ok("task.stages.get", {"entityId": 0}) == []


async def test_columns_are_added_after_one_another_and_only_empty_ones_go(portal: Running) -> None:
    first, second, last = portal.portal.group_stages(11)
    fields = {"TITLE": "Забрал", "COLOR": "A77BFF", "ENTITY_ID": 11, "AFTER_ID": first.id}
    added = await portal.ok("task.stages.add", {"fields": fields})
    assert list(await portal.ok("task.stages.get", {"entityId": 11})) == [
        str(number) for number in (first.id, added, second.id, last.id)
    ]
    task_id = await add(portal, STAGE_ID=added)
    refusals = {first.id: "CANT_DELETE_FIRST", last.id: "IS_SYSTEM", added: "NOT_EMPTY", 9999: "NOT_FOUND"}
    for stage_id, code in refusals.items():
        assert (await portal.call("task.stages.delete", {"id": stage_id}))[1]["error"] == code
    await portal.ok("tasks.task.delete", {"taskId": task_id})
    assert await portal.ok("task.stages.delete", {"id": added}) is True
    assert (await portal.call("task.stages.add", {"fields": {"ENTITY_ID": 11}}))[1]["error"] == "EMPTY_TITLE"
    for color, kept in (("#ff8a3d", "FF8A3D"), ("red;x", "FF8A3D")):
        await portal.ok("task.stages.update", {"id": second.id, "fields": {"COLOR": color, "TITLE": "В пути"}})
        row = (await portal.ok("task.stages.get", {"entityId": 11}))[str(second.id)]
        assert (row["COLOR"], row["TITLE"]) == (kept, "В пути")
    assert (await portal.call("task.stages.get", {"entityId": 99}))[1]["error"] == "ACCESS_DENIED"


async def test_the_first_column_holds_stage_zero_and_moves_leave_the_status(portal: Running) -> None:
    first, second, _ = portal.portal.group_stages(11)
    task_id = await add(portal)
    assert await found(portal, STAGE_ID=first.id) == []
    assert await found(portal, STAGE_ID=[0, first.id]) == [task_id]
    assert await portal.ok("task.stages.movetask", {"id": task_id, "stageId": second.id}) is True
    task = (await portal.ok("tasks.task.get", {"taskId": task_id}))["task"]
    assert (task["stageId"], task["status"]) == (str(second.id), "2")
    await portal.ok("tasks.task.complete", {"taskId": task_id})
    assert await found(portal, STAGE_ID=second.id) == [task_id]


async def test_who_may_move_a_card(portal: Running) -> None:
    stage = portal.portal.group_stages(11)[1].id
    task_id = await add(portal)
    portal.portal.add_webhook("9", "north")
    portal.portal.tasks.get(task_id).accomplices = [9]  # type: ignore[union-attr]
    status, body = await portal.call("task.stages.movetask", {"id": task_id, "stageId": stage}, "9/north")
    assert (status, body["error"]) == (400, "ACCESS_DENIED_MOVE")
    assert (await portal.call("task.stages.movetask", {"id": 999, "stageId": stage}))[1]["error"] == "TASK_NOT_FOUND"
    north = portal.portal.group_stages(12)[0].id
    assert (await portal.call("task.stages.movetask", {"id": task_id, "stageId": north}))[1]["error"] == "NOT_FOUND"
    may = {"entityId": 11, "entityType": "G"}
    assert (await portal.call("task.stages.canmovetask", may, "9/north"))[1]["result"] is False
    assert await portal.ok("task.stages.canmovetask", may) is True


async def test_old_task_methods_take_parameters_by_order(portal: Running) -> None:
    task_id = await add(portal)
    item = await portal.ok("task.checklistitem.add", [task_id, {"TITLE": "Термос"}])
    assert await portal.ok("task.checklistitem.complete", {"TASKID": task_id, "ITEMID": item}) is True
    rows = await portal.ok("task.checklistitem.getlist", [task_id])
    assert [(row["TITLE"], row["IS_COMPLETE"]) for row in rows] == [("Термос", "Y"), ("BX_CHECKLIST_1", "N")]
    swapped = {"FIELDS": {"TITLE": "Плед"}, "TASKID": task_id}
    status, body = await portal.call("task.checklistitem.add", swapped)
    assert status == 400
    assert "TASKS_ERROR_EXCEPTION_#256" in body["error_description"]


async def test_a_comment_becomes_a_message_of_the_task(portal: Running) -> None:
    task_id = await add(portal)
    await portal.ok("task.commentitem.add", [task_id, {"POST_MESSAGE": "Позвонить за час"}])
    chat = (await portal.ok("tasks.task.get", {"taskId": task_id}))["task"]["chatId"]
    await portal.ok("im.message.add", {"DIALOG_ID": f"chat{chat}", "MESSAGE": "Принято"})
    assert [row.text for row in portal.portal.messages] == ["Позвонить за час", "Принято"]


async def test_a_notification_with_the_same_tag_replaces_the_earlier(portal: Running) -> None:
    for text in ("Новая доставка", "Доставка изменена"):
        await portal.ok("im.notify.personal.add", {"USER_ID": 7, "MESSAGE": text, "TAG": "delivery|1|7"})
    await portal.ok("im.notify.personal.add", {"user_id": 8, "message": "Новая доставка", "tag": "delivery|1|8"})
    assert [(row.user_id, row.text) for row in portal.portal.notifications] == [
        (7, "Доставка изменена"),
        (8, "Новая доставка"),
    ]
    assert (await portal.call("im.notify.personal.add", {"MESSAGE": "A"}))[1]["error"] == "USER_ID_EMPTY"
    assert (await portal.call("im.notify.personal.add", {"USER_ID": 7}))[1]["error"] == "MESSAGE_EMPTY"


async def test_what_a_webhook_may_ask_about_itself(portal: Running) -> None:
    assert "tasks.task.add" in await portal.ok("methods")
    assert await portal.ok("scope") == sorted(await portal.ok("scope"))
    assert (await portal.ok("app.info"))["SCOPE"] == await portal.ok("scope")
    assert (await portal.ok("user.current"))["LAST_NAME"] == "Королёва"
    assert [row["NAME"] for row in await portal.ok("department.get", {"PARENT": 1})] == [
        "Доставка. Центр",
        "Доставка. Север",
    ]
    assert (await portal.ok("tasks.task.getFields"))["fields"]["TITLE"]["required"] is True


async def test_access_is_told_for_each_asked_employee_and_kept(portal: Running) -> None:
    await add(portal)
    answer = (await portal.ok("tasks.task.getaccess", {"taskId": 101, "users": [1, 7, 8, 9]}))["allowedActions"]
    assert [answer[number]["EDIT"] for number in "1789"] == [True, False, False, False]
    assert [answer[number]["COMPLETE"] for number in "1789"] == [True, True, False, False]
    assert await portal.ok("tasks.task.getaccess", {"taskId": 999}) == {"allowedActions": []}
    assert (await portal.call("tasks.task.getaccess", {"taskId": 101, "users": "1"}))[1]["error"] == "100"
    portal.portal.add_webhook("8", "other")
    for method, params in (
        ("update", {"fields": {"TITLE": "Моя"}}),
        ("delegate", {"userId": 8}),
        ("complete", {}),
        ("files.attach", {"fileId": 1}),
    ):
        status, body = await portal.call(f"tasks.task.{method}", {"taskId": 101, **params}, "8/other")
        assert (status, body["error"]) == (400, "0")


async def test_an_assignee_moves_the_deadline_only_where_he_may(portal: Running) -> None:
    portal.portal.add_webhook("7", "mine")
    change = {"fields": {"DEADLINE": "2026-11-22T18:00:00+03:00"}}
    for allowed, status in (("Y", 200), ("N", 400)):
        task_id = await add(portal, ALLOW_CHANGE_DEADLINE=allowed)
        assert (await portal.call("tasks.task.update", {"taskId": task_id, **change}, "7/mine"))[0] == status


async def test_talk_moves_the_activity_and_not_the_change_of_a_task(portal: Running) -> None:
    await add(portal)
    portal.portal.clock.advance(60)
    await portal.ok("im.message.add", {"DIALOG_ID": "chat5101", "MESSAGE": "Звонил"})
    task = (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]
    assert task["activityDate"] > task["changedDate"] == task["createdDate"]
    assert await found(portal, **{">ACTIVITY_DATE": task["changedDate"]}) == [101]
    portal.portal.clock.advance(60)
    await portal.ok("task.checklistitem.add", [101, {"TITLE": "Забрал"}])
    later = (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]
    assert later["changedDate"] == later["activityDate"] > task["activityDate"]
