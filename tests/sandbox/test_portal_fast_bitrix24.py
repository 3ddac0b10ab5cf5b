"""The portal as `fast_bitrix24` sees it: a client written by others, over HTTP."""

import warnings
from collections.abc import AsyncIterator

import pytest
from fast_bitrix24 import BitrixAsync
from fast_bitrix24.server_response import ErrorInServerResponseException
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.model import User


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


def client(portal: Running) -> BitrixAsync:
    return BitrixAsync(portal.webhook, verbose=False)


def fill(portal: Running, count: int) -> None:
    for number in range(count):
        tasks.create(portal.portal, 1, {"title": f"Доставка {number}", "responsible_id": 7, "group_id": 11})


async def test_a_single_call_goes_through_a_batch_and_gives_the_task(portal: Running) -> None:
    task = await client(portal).call("tasks.task.add", {"fields": a_task("Заказ & скидка №1 +")})
    assert task["title"] == "Заказ & скидка №1 +"
    assert task["responsibleId"] == "7"


async def test_a_list_of_calls_answers_each(portal: Running) -> None:
    items = [{"fields": a_task(f"Доставка {number}")} for number in range(60)]
    answers = await client(portal).call("tasks.task.add", items)
    assert {answer["title"] for answer in answers} == {f"Доставка {number}" for number in range(60)}
    assert len(portal.portal.tasks) == 60


async def test_get_all_collects_every_page_of_tasks(portal: Running) -> None:
    fill(portal, 130)
    rows = await client(portal).get_all("tasks.task.list", {"select": ["ID", "TITLE"], "filter": {"GROUP_ID": 11}})
    assert {row["title"] for row in rows} == {f"Доставка {number}" for number in range(130)}


async def test_get_all_collects_every_page_of_users(portal: Running) -> None:
    for number in range(100, 160):
        portal.portal.users.put(User(number, "Курьер", f"№{number}", "Курьер", f"k{number}@sandbox.local"))
    rows = await client(portal).get_all("user.get")
    assert len({row["ID"] for row in rows}) == 66


async def test_get_by_id_labels_answers_with_the_ids(portal: Running) -> None:
    fill(portal, 3)
    rows = await client(portal).get_by_ID("tasks.task.get", [101, 102, 103], ID_field_name="taskId")
    assert {label: row["task"]["id"] for label, row in rows.items()} == {"101": "101", "102": "102", "103": "103"}


async def test_a_raw_call_gives_the_whole_answer(portal: Running) -> None:
    body = await client(portal).call("profile", raw=True)
    assert body["result"]["ADMIN"] is True
    assert body["time"]["operating"] >= 0


async def test_call_batch_keeps_labels_and_substitutes_references(portal: Running) -> None:
    answers = await client(portal).call_batch(
        {
            "halt": 0,
            "cmd": {
                "made": "tasks.task.add?fields[TITLE]=Первая&fields[RESPONSIBLE_ID]=7",
                "read": "tasks.task.get?taskId=$result[made][task][id]",
            },
        }
    )
    assert answers["read"]["task"]["title"] == "Первая"


async def test_an_error_of_a_command_is_raised(portal: Running) -> None:
    with warnings.catch_warnings(), pytest.raises(ErrorInServerResponseException, match="ERROR_CORE"):
        await client(portal).call("tasks.task.add", {"fields": {"TITLE": "Без исполнителя"}})


async def test_a_retrying_client_makes_doubles_after_a_500_that_had_written(portal: Running) -> None:
    """Why creates never go through such a client: the portal did the work it reported as failed."""
    portal.portal.faults.set("http_500", method="tasks.task.add", count=1)
    await client(portal).call("tasks.task.add", {"fields": a_task(XML_ID="1c:a:1")})
    assert portal.portal.same_xml_id() == {"1c:a:1": [101, 102]}


async def test_steps_and_notices_are_sent_many_at_once(portal: Running) -> None:
    fill(portal, 3)
    steps = [{"TASKID": 101, "FIELDS": {"TITLE": f"Шаг {number}"}} for number in range(60)]
    made = await client(portal).call("task.checklistitem.add", steps)
    assert len({str(number) for number in made}) == 60
    notices = [{"USER_ID": 7, "MESSAGE": f"Доставка {number}", "TAG": f"d{number}"} for number in range(3)]
    await client(portal).call("im.notify.personal.add", notices)
    assert len(portal.portal.notifications) == 3


async def test_a_file_goes_to_the_disk_and_to_the_task(portal: Running) -> None:
    fill(portal, 1)
    bitrix = client(portal)
    storages = await bitrix.get_all("disk.storage.getlist")
    root = next(row["ROOT_OBJECT_ID"] for row in storages if (row["ENTITY_TYPE"], row["ENTITY_ID"]) == ("group", "11"))
    sent = {"id": root, "data": {"NAME": "дверь & вход #1.jpg"}, "fileContent": ["x.jpg", "eA=="]}
    file = await bitrix.call("disk.folder.uploadfile", sent, raw=True)
    await bitrix.call("tasks.task.files.attach", {"taskId": 101, "fileId": file["result"]["ID"]})
    children = await bitrix.call("disk.folder.getchildren", {"id": root}, raw=True)
    assert [row["NAME"] for row in children["result"]] == ["дверь & вход #1.jpg"]
    assert [row.object_id for row in portal.portal.attachments] == [file["result"]["ID"]]
