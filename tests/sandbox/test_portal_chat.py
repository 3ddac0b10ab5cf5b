"""Chats, their lines and files, and notifications."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.sandbox.portal_application import ANNA, ILYA, installed
from tests.sandbox.portal_running import Running, a_task, running


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    """With task 101 of courier 7 in project 11, whose chat is chat5101."""
    async with running() as started:
        await started.ok("tasks.task.add", {"fields": a_task()})
        yield started


async def say(portal: Running, text: str, dialog: str = "chat5101") -> int:
    return int(await portal.ok("im.message.add", {"DIALOG_ID": dialog, "MESSAGE": text}))


async def lines(portal: Running, **window: Any) -> list[str]:
    answer = await portal.ok("im.dialog.messages.get", {"DIALOG_ID": "chat5101", **window})
    return [row["text"] for row in answer["messages"]]


async def test_lines_are_read_newest_first_and_paged_by_ids(portal: Running) -> None:
    ids = [await say(portal, f"Строка {number}") for number in range(5)]
    assert await lines(portal, LIMIT=2) == ["Строка 4", "Строка 3"]
    assert await lines(portal, LIMIT=2, LAST_ID=ids[3]) == ["Строка 2", "Строка 1"]
    assert await lines(portal, LIMIT=2, FIRST_ID=ids[1]) == ["Строка 2", "Строка 3"]


async def test_an_author_changes_and_deletes_his_lines(portal: Running) -> None:
    first, second = await say(portal, "Опечатка"), await say(portal, "Лишнее")
    assert await portal.ok("im.message.update", {"MESSAGE_ID": first, "MESSAGE": "Верно"}) is True
    assert await portal.ok("im.message.delete", {"MESSAGE_ID": second}) is True
    assert await lines(portal) == ["Сообщение удалено", "Верно"]
    portal.portal.add_webhook("7", "mine")
    status, body = await portal.call("im.message.update", {"MESSAGE_ID": first, "MESSAGE": "Моё"}, "7/mine")
    assert (status, body["error"]) == (403, "CANT_EDIT_MESSAGE")
    assert (await portal.call("im.message.delete", {}))[1]["error"] == "MESSAGE_ID_ERROR"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("im.message.add", {"DIALOG_ID": "chat5101"}, "MESSAGE_EMPTY"),
        ("im.message.add", {"MESSAGE": "А"}, "DIALOG_ID_EMPTY"),
        ("im.message.add", {"DIALOG_ID": "chat9999", "MESSAGE": "А"}, "ACCESS_ERROR"),
        ("im.message.add", {"DIALOG_ID": "999", "MESSAGE": "А"}, "USER_NOT_FOUND"),
        ("im.message.add", {"DIALOG_ID": "chat5101", "ATTACH": "x" * 60_001}, "ATTACH_OVERSIZE"),
        ("im.notify.personal.add", {"USER_ID": 7, "MESSAGE": "А", "ATTACH": "x" * 60_001}, "ATTACH_OVERSIZE"),
        ("im.disk.file.commit", {"DIALOG_ID": "chat5101"}, "FILE_ID_EMPTY"),
        ("pull.application.push.add", {"USER_ID": 7, "TEXT": "А"}, "WRONG_AUTH_TYPE"),
    ],
)
async def test_what_chats_refuse(portal: Running, method: str, params: dict[str, Any], code: str) -> None:
    assert (await portal.call(method, params))[1]["error"] == code


async def test_a_chat_knows_the_task_it_belongs_to(portal: Running) -> None:
    await say(portal, "Привет")
    chat = await portal.ok("im.dialog.get", {"DIALOG_ID": "chat5101"})
    assert (chat["entity_type"], chat["entity_id"], chat["message_count"]) == ("TASKS_TASK", "101", 1)
    assert (await portal.ok("im.dialog.get", {"DIALOG_ID": "7"}))["name"] == "Илья Петров"


async def test_strangers_read_no_chat_of_a_task(portal: Running) -> None:
    portal.portal.add_webhook("9", "north")
    status, body = await portal.call("im.dialog.messages.get", {"DIALOG_ID": "chat5101"}, "9/north")
    assert (status, body["error"]) == (403, "ACCESS_ERROR")


async def test_a_file_of_the_disk_becomes_a_line(portal: Running) -> None:
    folder = (await portal.ok("im.disk.folder.get", {"CHAT_ID": 5101}))["ID"]
    assert (await portal.ok("im.disk.folder.get", {"DIALOG_ID": "chat5101"}))["ID"] == folder
    body = {"id": folder, "data": {"NAME": "а.jpg"}, "fileContent": ["а.jpg", base64.b64encode(b"x").decode()]}
    file = (await portal.ok("disk.folder.uploadFile", body))["ID"]
    done = await portal.ok("im.disk.file.commit", {"CHAT_ID": 5101, "UPLOAD_ID": [file], "MESSAGE": "Фото"})
    assert done["FILES"][f"upload{file}"]["name"] == "а.jpg"
    answer = await portal.ok("im.dialog.messages.get", {"DIALOG_ID": "chat5101"})
    assert [row["name"] for row in answer["files"]] == ["а.jpg"]
    assert answer["messages"][0]["params"]["FILE_ID"] == [str(file)]


async def test_one_tag_is_one_notification_of_the_application_whoever_gets_it(portal: Running) -> None:
    """As in the portal's source: a tag shared by two people leaves the notice of the last one alone."""

    async def told() -> list[tuple[int, str]]:
        for user in (2, 7):
            await portal.ok(
                "im.notify.personal.add", {"USER_ID": user, "MESSAGE": f" Разбор {user} ", "TAG": "incident"}
            )
        return [(row.user_id, row.text) for row in portal.portal.notifications]

    assert await told() == [(7, "Разбор 7")]
    portal.portal.shared_tags = False
    assert await told() == [(2, "Разбор 2"), (7, "Разбор 7")]


async def test_another_application_has_tags_of_its_own(portal: Running) -> None:
    for client in ("one", "two"):
        body = {"USER_ID": 7, "MESSAGE": client, "TAG": "a", "CLIENT_ID": client}
        await portal.ok("im.notify.personal.add", body)
    assert [row.text for row in portal.portal.notifications] == ["one", "two"]


async def test_an_application_has_a_disk_of_its_own_and_pushes_to_phones() -> None:
    async with installed() as app:
        app.state.application = replace(app.state.application, scope=("disk", "im", "pull", "task", "user"))
        storage = await app.ok("disk.storage.getForApp")
        assert (storage["ENTITY_TYPE"], storage["ID"]) == ("restapp", (await app.ok("disk.storage.getForApp"))["ID"])
        assert await app.refused("disk.storage.getForApp", user=ILYA) == (400, "ACCESS_DENIED")
        file = await app.ok("disk.storage.uploadFile", id=storage["ID"], data={"NAME": "а"}, fileContent=["а", "eA=="])
        async with app.portal.session.get(file["DOWNLOAD_URL"], headers={"Referer": "http://portal/"}) as response:
            assert await response.read() == b"x"
        assert await app.ok("pull.application.push.add", USER_ID=7, TEXT="Новая доставка") is True
        assert await app.refused("pull.application.push.add", user=ILYA, USER_ID=7, TEXT="А") == (403, "ACCESS_DENIED")
        for user in (ANNA, ILYA):
            await app.ok("im.notify.personal.add", user=user, USER_ID=7, MESSAGE="Доставка", TAG="d1")
        assert [(row.push, row.author_id) for row in app.state.notifications] == [(True, 0), (False, ILYA)]
