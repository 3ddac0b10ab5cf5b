"""The Disk: storages, folders, files in both ways of sending, files on tasks."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from tests.sandbox.portal_running import Running, a_task, running

PICTURE = b"\xff\xd8\xff\xe0 a picture"
BROWSER = {"User-Agent": "test", "Accept": "*/*", "Referer": "http://portal/"}


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def root(portal: Running) -> str:
    rows = await portal.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "group", "ENTITY_ID": 11}})
    assert [row["NAME"] for row in rows] == ["Доставка. Центр"]
    return str(rows[0]["ROOT_OBJECT_ID"])


def a_file(folder: Any, name: str = "фото.jpg", content: bytes = PICTURE, **more: Any) -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"id": folder, "data": {"NAME": name}, "fileContent": [name, text], **more}


async def test_a_file_is_sent_found_fetched_and_deleted(portal: Running) -> None:
    folder = await portal.ok("disk.folder.addSubFolder", {"id": await root(portal), "data": {"NAME": "Фото"}})
    assert (folder["TYPE"], folder["CREATED_BY"]) == ("folder", "1")
    sent = await portal.ok("disk.folder.uploadFile", a_file(folder["ID"]))
    assert (sent["SIZE"], sent["PARENT_ID"], sent["TYPE"]) == (str(len(PICTURE)), str(folder["ID"]), "file")
    rows = await portal.ok("disk.folder.getChildren", {"id": folder["ID"], "filter": {"NAME": "фото.jpg"}})
    assert [row["ID"] for row in rows] == [str(sent["ID"])]
    link = (await portal.ok("disk.file.get", {"id": sent["ID"]}))["DOWNLOAD_URL"]
    async with portal.session.get(link, headers=BROWSER) as response:
        assert await response.read() == PICTURE
    assert await portal.ok("disk.file.delete", {"id": sent["ID"]}) is True
    assert (await portal.call("disk.file.get", {"id": sent["ID"]}))[1]["error"] == "ERROR_NOT_FOUND"
    assert await portal.ok("disk.folder.getChildren", {"id": folder["ID"]}) == []


async def test_a_name_is_taken_unless_the_portal_may_change_it(portal: Running) -> None:
    where = await root(portal)
    await portal.ok("disk.folder.uploadFile", a_file(where))
    for upper in ("фото.jpg", "ФОТО.jpg"):
        assert (await portal.call("disk.folder.uploadFile", a_file(where, upper)))[1]["error"] == "DISK_OBJ_22000"
    again = await portal.ok("disk.folder.uploadFile", a_file(where, generateUniqueName=True))
    assert again["NAME"] == "фото (1).jpg"
    body = {"id": where, "data": {"NAME": "Фото"}}
    await portal.ok("disk.folder.addSubFolder", body)
    assert (await portal.call("disk.folder.addSubFolder", body))[1]["error"] == "DISK_OBJ_22000"


async def test_without_content_the_portal_names_the_address_for_a_form(portal: Running) -> None:
    place = await portal.ok("disk.folder.uploadFile", {"id": await root(portal)})
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(place["field"], PICTURE, filename="дверь.jpg", content_type="image/jpeg")
    async with portal.session.post(place["uploadUrl"], data=form) as response:
        sent = (await response.json())["result"]
    assert (sent["NAME"], portal.portal.blobs.get(sent["ID"])) == ("дверь.jpg", PICTURE)
    async with portal.session.post(place["uploadUrl"], data={"other": "x"}) as response:
        assert (await response.json())["error"] == "ERROR_COULD_NOT_SAVE_FILE"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("disk.folder.uploadFile", {}, "ERROR_ARGUMENT"),
        ("disk.folder.uploadFile", {"id": 99999, "data": {"NAME": "a"}}, "ERROR_NOT_FOUND"),
        ("disk.folder.uploadFile", {"fileContent": ["a", "YQ=="]}, "DISK_BASE_SERVICE_22001"),
        (
            "disk.folder.uploadFile",
            {"data": {"NAME": "a"}, "fileContent": ["a", "не base64"]},
            "ERROR_COULD_NOT_SAVE_FILE",
        ),
        ("disk.folder.uploadFile", {"data": {"NAME": "a"}, "fileContent": "YQ=="}, "ERROR_COULD_NOT_SAVE_FILE"),
        ("disk.folder.addSubFolder", {"data": {}}, "ERROR_ARGUMENT"),
        ("disk.storage.getForApp", {"id": 1}, "ACCESS_DENIED"),
    ],
)
async def test_what_the_disk_refuses(portal: Running, method: str, params: dict[str, Any], code: str) -> None:
    whole = params if "id" in params or not params else {"id": await root(portal), **params}
    assert (await portal.call(method, whole))[1]["error"] == code


async def test_a_download_wants_the_headers_of_a_browser_and_a_link_that_lives(portal: Running) -> None:
    sent = await portal.ok("disk.folder.uploadFile", a_file(await root(portal)))
    for lacking in ("User-Agent", "Accept", "Referer"):
        headers = {**BROWSER, lacking: ""}
        async with portal.session.get(sent["DOWNLOAD_URL"], headers=headers) as response:
            assert response.status == 404
    portal.portal.clock.advance(3601)
    async with portal.session.get(sent["DOWNLOAD_URL"], headers=BROWSER) as response:
        assert (response.status, (await response.json())["error"]) == (401, "NO_AUTH_FOUND")


async def test_members_use_the_disk_of_their_project_only(portal: Running) -> None:
    where = await root(portal)
    portal.portal.add_webhook("9", "north")
    status, body = await portal.call("disk.folder.uploadFile", a_file(where), "9/north")
    assert (status, body["error"]) == (400, "ACCESS_DENIED")
    _, seen = await portal.call("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "group"}}, "9/north")
    assert [row["ENTITY_ID"] for row in seen["result"]] == ["12"]


async def test_a_file_hangs_on_a_task_each_time_it_is_attached(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    sent = await portal.ok("disk.folder.uploadFile", a_file(await root(portal)))
    hung = [await portal.ok("tasks.task.files.attach", {"taskId": 101, "fileId": sent["ID"]}) for _ in range(2)]
    read = {"taskId": 101, "select": ["ID", "UF_TASK_WEBDAV_FILES"]}
    task = (await portal.ok("tasks.task.get", read))["task"]
    assert task["ufTaskWebdavFiles"] == [one["attachmentId"] for one in hung]
    place = await portal.ok("disk.attachedObject.get", {"id": hung[0]["attachmentId"]})
    assert (place["OBJECT_ID"], place["ENTITY_ID"], place["NAME"]) == (str(sent["ID"]), "101", "фото.jpg")
    assert "ufTaskWebdavFiles" not in (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]
    status, body = await portal.call("tasks.task.files.attach", {"taskId": 101, "fileId": 99999})
    assert (status, body["error"]) == (400, "ERROR_CORE")
    assert (await portal.call("tasks.task.files.attach", {"taskId": 101}))[1]["error"] == "100"
    await portal.ok("disk.file.delete", {"id": sent["ID"]})
    assert (await portal.ok("tasks.task.get", read))["task"]["ufTaskWebdavFiles"] == []


async def test_the_files_of_a_task_are_set_whole_by_an_update(portal: Running) -> None:
    where = await root(portal)
    first, second = [
        (await portal.ok("disk.folder.uploadFile", a_file(where, name)))["ID"] for name in ("а.jpg", "б.jpg")
    ]
    await portal.ok("tasks.task.add", {"fields": a_task(UF_TASK_WEBDAV_FILES=[f"n{first}"])})
    kept = (await portal.ok("tasks.task.get", {"taskId": 101, "select": ["UF_TASK_WEBDAV_FILES"]}))["task"]
    both = {"UF_TASK_WEBDAV_FILES": [*kept["ufTaskWebdavFiles"], f"n{second}"]}
    await portal.ok("tasks.task.update", {"taskId": 101, "fields": both})
    await portal.ok("tasks.task.update", {"taskId": 101, "fields": {"UF_TASK_WEBDAV_FILES": [f"n{second}"]}})
    assert [row.object_id for row in portal.portal.attachments] == [second]


async def test_v3_attaches_all_files_or_none(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    sent = await portal.ok("disk.folder.uploadFile", a_file(await root(portal)))
    status, _, _ = await portal.v3("tasks.task.file.attach", {"taskId": 101, "fileIds": [sent["ID"], 99999]})
    assert (status, len(portal.portal.attachments)) == (400, 0)
    _, body, _ = await portal.v3("tasks.task.file.attach", {"taskId": 101, "fileIds": [sent["ID"]]})
    assert body["result"] == {"result": True}


async def test_a_slow_disk_fails_one_call_in_twenty_and_leaves_the_rest_alone(portal: Running) -> None:
    where = await root(portal)
    portal.portal.limits.wait_scale = 0
    portal.portal.faults.set("disk_slow")
    answers = [await portal.call("disk.folder.uploadFile", a_file(where, f"{number}.jpg")) for number in range(200)]
    refused = [body["error"] for status, body in answers if status == 503]
    assert set(refused) == {"INTERNAL_SERVER_ERROR"}
    assert 2 <= len(refused) <= 25
    assert sum(not row.folder for row in portal.portal.objects) == 200 - len(refused)
    spent = portal.portal.limits.operating(portal.portal.now())["disk.folder.uploadfile"]
    assert 200 * 0.08 < spent < 200 * 3.5
    await portal.ok("tasks.task.add", {"fields": a_task()})
    assert portal.portal.limits.operating(portal.portal.now())["tasks.task.add"] < 0.08


async def test_calls_of_the_disk_take_what_the_documentation_measured(portal: Running) -> None:
    where = await root(portal)
    portal.portal.limits.latency, portal.portal.limits.wait_scale = "docs", 0
    await portal.ok("disk.folder.uploadFile", a_file(where))
    await portal.ok("disk.folder.addSubFolder", {"id": where, "data": {"NAME": "Фото"}})
    spent = portal.portal.limits.operating(portal.portal.now())
    assert 0.4 <= spent["disk.folder.uploadfile"] < 0.75
    assert 0.9 <= spent["disk.folder.addsubfolder"] < 0.95


async def test_a_batch_uploads_but_never_through_the_addresses_of_bytes(portal: Running) -> None:
    body = f"disk.folder.addSubFolder?id={await root(portal)}&data[NAME]=Фото"
    answer = await portal.batch(body, "upload?token=x", "download?token=x")
    assert answer["result"]["c0"]["NAME"] == "Фото"
    assert {row["error"] for row in answer["result_error"].values()} == {"ERROR_BATCH_METHOD_NOT_ALLOWED"}
