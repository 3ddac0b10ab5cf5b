"""The portal as `b24pysdk`, the vendor's client, sees it over TLS."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from b24pysdk import BitrixWebhook
from b24pysdk.errors import (
    BitrixAPIBadRequest,
    BitrixAPIError,
    BitrixAPIOperationTimeLimit,
    BitrixAPIOverloadLimit,
    BitrixResponse500JSONDecodeError,
)
from b24pysdk.errors.v3 import BitrixAPIEntityNotFoundException, BitrixAPIValidationDTOValidationException
from tests.sandbox.portal_running import SECRET, Running, a_task, a_v3_task, running

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.model import User

QUICK: dict[str, Any] = {"initial_retry_delay": 0.01, "retry_delay_increment": 0}


@pytest.fixture
async def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    async with running(certificates=tmp_path) as started:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "portal.crt"))
        yield started


def webhook(portal: Running) -> BitrixWebhook:
    return BitrixWebhook(domain=portal.https.removeprefix("https://"), webhook_token=SECRET)


async def call(portal: Running, method: str, params: Any = None, **options: Any) -> Any:
    """The client is synchronous, the portal lives in this loop: so the client gets a thread."""
    return await asyncio.to_thread(webhook(portal).call_method, method, params, **{**QUICK, **options})


def fill(portal: Running, count: int) -> None:
    for number in range(count):
        tasks.create(portal.portal, 1, {"title": f"Доставка {number}", "responsible_id": 7, "group_id": 11})


def add_users(portal: Running, count: int) -> None:
    for number in range(100, 100 + count):
        portal.portal.users.put(User(number, "Курьер", f"№{number}", "Курьер", f"k{number}@sandbox.local"))


async def test_a_single_call_creates_a_task(portal: Running) -> None:
    answer = await call(portal, "tasks.task.add", {"fields": a_task()})
    assert answer["result"]["task"]["id"] == "101"
    assert answer["time"]["date_start"].endswith("+03:00")


async def test_the_typed_client_reads_the_profile(portal: Running) -> None:
    client = webhook(portal).get_client()
    assert await asyncio.to_thread(lambda: client.profile().result) == {
        "ID": "1",
        "ADMIN": True,
        "NAME": "Анна",
        "LAST_NAME": "Королёва",
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "",
    }


async def test_a_batch_keeps_labels_and_text_that_looks_like_a_url(portal: Running) -> None:
    commands: dict[str, Any] = {
        "a": ("tasks.task.add", {"fields": a_task("A & b #1 + 2?", TAGS=["срочно", "центр"])}),
        "b": ("user.get", {}),
        "c": ("tasks.task.add", {"fields": {"TITLE": ""}}),
    }
    answer = await asyncio.to_thread(webhook(portal).call_batch, commands)
    result = answer["result"]
    assert result["result"]["a"]["task"]["title"] == "A & b #1 + 2?"
    assert [tag["title"] for tag in result["result"]["a"]["task"]["tags"].values()] == ["срочно", "центр"]
    assert result["result_total"]["b"] == 6
    assert result["result_error"]["c"]["error"] == "ERROR_CORE"


async def test_a_batch_of_a_sequence_answers_in_a_list(portal: Running) -> None:
    commands: list[Any] = [("profile", {}), ("server.time", {})]
    answer = await asyncio.to_thread(webhook(portal).call_batch, commands)
    assert isinstance(answer["result"]["result"], list)
    assert answer["result"]["result_error"] == []


async def test_as_list_collects_pages_by_start(portal: Running) -> None:
    add_users(portal, 120)
    client = webhook(portal).get_client()
    users = await asyncio.to_thread(lambda: client.user.get().as_list().result)
    assert [user["ID"] for user in users] == [str(user.id) for user in portal.portal.users]


async def test_as_list_fast_walks_by_references_to_the_last_id(portal: Running) -> None:
    add_users(portal, 170)
    client = webhook(portal).get_client()
    users = await asyncio.to_thread(lambda: list(client.user.get().as_list_fast().result))
    assert [user["ID"] for user in users] == [str(user.id) for user in portal.portal.users]


@pytest.mark.parametrize("descending", [False, True])
async def test_as_list_fast_collects_tasks_once_in_either_direction(portal: Running, descending: bool) -> None:
    fill(portal, 160)
    client = webhook(portal).get_client()
    listing = client.tasks.task.list(select=["ID"], filter={"GROUP_ID": 11})
    rows = await asyncio.to_thread(lambda: list(listing.as_list_fast(descending=descending).result))
    assert [int(row["id"]) for row in rows] == sorted(range(101, 261), reverse=descending)


async def test_tasks_by_ids_come_back_in_one_list(portal: Running) -> None:
    fill(portal, 10)
    client = webhook(portal).get_client()
    listing = client.tasks.task.list(select=["ID", "TITLE"], filter={"ID": [101, 105, 999]})
    rows = await asyncio.to_thread(lambda: listing.as_list().result)
    assert [row["title"] for row in rows] == ["Доставка 0", "Доставка 4"]


async def test_v3_creates_and_reads_a_task(portal: Running) -> None:
    made = await call(portal, "tasks.task.add", a_v3_task(xmlId="1c:a:1"), prefer_version=3)
    read = await call(portal, "tasks.task.get", {"id": made["result"]["item"]["id"]}, prefer_version=3)
    assert read["result"]["item"]["xmlId"] == "1c:a:1"
    assert portal.portal.last_requests[0]["version"] == "v3"


async def test_v3_errors_have_types_of_their_own(portal: Running) -> None:
    with pytest.raises(BitrixAPIEntityNotFoundException):
        await call(portal, "tasks.task.get", {"id": 999}, prefer_version=3)
    with pytest.raises(BitrixAPIValidationDTOValidationException):
        await call(portal, "tasks.task.add", {"fields": {"title": "Без людей"}}, prefer_version=3)


async def test_a_classic_error_carries_code_and_text(portal: Running) -> None:
    with pytest.raises(BitrixAPIBadRequest) as refused:
        await call(portal, "tasks.task.add", {"fields": {"TITLE": ""}})
    assert refused.value.error == "ERROR_CORE"
    assert "название" in refused.value.error_description


async def test_an_unknown_webhook_is_refused(portal: Running) -> None:
    stranger = BitrixWebhook(domain=portal.https.removeprefix("https://"), webhook_token="1/wrong")
    with pytest.raises(BitrixAPIError) as refused:
        await asyncio.to_thread(stranger.call_method, "profile")
    assert refused.value.error == "NO_AUTH_FOUND"


async def test_a_503_is_repeated_until_it_passes(portal: Running) -> None:
    portal.portal.faults.set("query_limit", count=2)
    answer = await call(portal, "profile")
    assert answer["result"]["ID"] == "1"
    assert [line["status"] for line in portal.portal.last_requests] == [200, 503, 503]


async def test_overload_stays_an_error_after_three_tries(portal: Running) -> None:
    portal.portal.faults.set("overload")
    with pytest.raises(BitrixAPIOverloadLimit):
        await call(portal, "profile")
    assert portal.portal.requests == 3


async def test_a_429_is_raised_at_once(portal: Running) -> None:
    portal.portal.faults.set("operation_limit", method="tasks.task.add")
    with pytest.raises(BitrixAPIOperationTimeLimit):
        await call(portal, "tasks.task.add", {"fields": a_task()})
    assert portal.portal.requests == 1


async def test_a_page_instead_of_json_is_a_decoding_error(portal: Running) -> None:
    portal.portal.faults.set("http_500")
    with pytest.raises(BitrixResponse500JSONDecodeError):
        await call(portal, "profile")


async def test_a_checklist_through_the_typed_client(portal: Running) -> None:
    fill(portal, 1)
    client = webhook(portal).get_client()

    def work() -> list[tuple[str, str]]:
        steps = client.task.checklistitem
        heading = steps.add(task_id=101, fields={"TITLE": "Шаги", "PARENT_ID": 0}).result
        item = steps.add(task_id=101, fields={"TITLE": "Забрал", "PARENT_ID": heading}).result
        assert steps.complete(task_id=101, item_id=item).result is True
        return [(row["TITLE"], row["IS_COMPLETE"]) for row in steps.getlist(task_id=101).result]

    assert await asyncio.to_thread(work) == [("Забрал", "Y"), ("Шаги", "N")]


async def test_a_file_on_the_disk_through_the_client(portal: Running) -> None:
    fill(portal, 1)
    storages = (await call(portal, "disk.storage.getlist", {"filter": {"ENTITY_TYPE": "group", "ENTITY_ID": 11}}))[
        "result"
    ]
    params = {"id": storages[0]["ROOT_OBJECT_ID"], "data": {"NAME": "а.jpg"}, "fileContent": ["а.jpg", "eA=="]}
    file = (await call(portal, "disk.folder.uploadfile", params))["result"]
    done = await call(portal, "tasks.task.file.attach", {"taskId": 101, "fileIds": [file["ID"]]}, prefer_version=3)
    assert done["result"] == {"result": True}
    with pytest.raises(BitrixAPIBadRequest) as refused:
        await call(portal, "disk.folder.uploadfile", params)
    assert refused.value.error == "DISK_OBJ_22000"


async def test_notices_and_a_line_of_the_chat_through_the_client(portal: Running) -> None:
    fill(portal, 1)
    for text in ("Новая", "Изменена"):
        await call(portal, "im.notify.personal.add", {"USER_ID": 7, "MESSAGE": text, "TAG": "d1"})
    assert [row.text for row in portal.portal.notifications] == ["Изменена"]
    sent = {"fields": {"taskId": 101, "text": "Забрал"}}
    await call(portal, "tasks.task.chat.message.send", sent, prefer_version=3)
    read = await call(portal, "im.dialog.messages.get", {"DIALOG_ID": "chat5101"})
    assert [row["text"] for row in read["result"]["messages"]] == ["Забрал"]


async def test_employees_who_never_came_through_the_client(portal: Running) -> None:
    portal.portal.users.put(User(100, "Олег", "Новиков", "Курьер", "novikov@sandbox.local"))
    rows = (await call(portal, "user.get", {"FILTER": {"ACTIVE": True}}))["result"]
    assert [row["ID"] for row in rows if not row["LAST_LOGIN"]] == ["100"]
    members = (await call(portal, "sonet_group.user.add", {"GROUP_ID": 11, "USER_ID": [100]}))["result"]
    assert members == ["100"]
