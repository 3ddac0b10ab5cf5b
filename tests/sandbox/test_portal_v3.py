"""REST v3: typed fields, errors as objects, batches that fail whole, and the Idempotency-Key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_running import Running, a_task, a_v3_task, running


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


def name_of(body: Any) -> str:
    return str(body["error"]["code"]).removeprefix("BITRIX_REST_V3_EXCEPTION_").removesuffix("EXCEPTION")


async def test_a_task_has_typed_fields(portal: Running) -> None:
    params = a_v3_task(xmlId="1c:a:1", priority="high", deadline="2026-11-22T16:00:00+03:00")
    status, body, _ = await portal.v3("tasks.task.add", params)
    item = body["result"]["item"]
    assert status == 200
    assert (item["id"], item["status"], item["priority"], item["groupId"]) == (101, "pending", "high", 11)
    assert (item["deadline"], item["xmlId"]) == ("2026-11-22T16:00:00+03:00", "1c:a:1")
    assert "operating" in body["time"]


async def test_both_versions_see_one_task(portal: Running) -> None:
    await portal.v3("tasks.task.add", a_v3_task(xmlId="1c:a:1"))
    rows = (await portal.ok("tasks.task.list", {"filter": {"XML_ID": "1c:a:1"}}))["tasks"]
    assert [row["xmlId"] for row in rows] == ["1c:a:1"]
    _, body, _ = await portal.v3("tasks.task.update", {"id": 101, "fields": {"title": "Иначе"}})
    assert body["result"] == {"result": True}
    assert (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]["title"] == "Иначе"


@pytest.mark.parametrize(
    ("method", "params", "name"),
    [
        ("tasks.task.add", {}, "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.add", {"fields": {"title": "A"}}, "VALIDATION_DTOVALIDATION"),
        ("tasks.task.add", a_v3_task(responsibleId="7"), "VALIDATION_DTOVALIDATION"),
        ("tasks.task.add", a_v3_task(responsibleId=999), "VALIDATION_DTOVALIDATION"),
        ("tasks.task.add", a_v3_task(id=5), "VALIDATION_DTOVALIDATION"),
        ("tasks.task.add", a_v3_task(tags=["a"]), "UNKNOWNDTOPROPERTY"),
        ("tasks.task.add", a_v3_task(TITLE="A"), "UNKNOWNDTOPROPERTY"),
        ("tasks.task.get", {"id": "101"}, "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.get", {"id": 999}, "ENTITYNOTFOUND"),
        ("tasks.task.get", {"id": 101, "select": ["no"]}, "UNKNOWNDTOPROPERTY"),
        ("tasks.task.update", {"id": 101, "fields": {"creatorId": 2}}, "VALIDATION_DTOVALIDATION"),
        ("tasks.task.list", {}, "INVALIDSELECT"),
        ("tasks.task.list", {"select": ["id"], "filter": [["xmlId", "=", "a"]]}, "INVALIDFILTER"),
        ("tasks.task.list", {"select": ["id"], "filter": [["id", "~", 1]]}, "UNKNOWNFILTEROPERATOR"),
        ("tasks.task.list", {"select": ["id"], "order": {"title": "asc"}}, "INVALIDORDER"),
        ("tasks.task.list", {"select": ["id"], "pagination": {"limit": "5"}}, "INVALIDPAGINATION"),
        ("tasks.task.start", {"id": 101}, "METHODNOTFOUND"),
    ],
)
async def test_what_v3_refuses(portal: Running, method: str, params: Any, name: str) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    status, body, _ = await portal.v3(method, params)
    assert (status, name_of(body)) == (400, name)
    assert len(portal.portal.tasks) == 1


async def test_every_missing_field_is_named(portal: Running) -> None:
    _, body, _ = await portal.v3("tasks.task.add", {"fields": {"title": "A"}})
    assert [row["field"] for row in body["error"]["validation"]] == ["creatorId", "responsibleId"]


async def test_only_json_is_read(portal: Running) -> None:
    async with portal.session.post(f"{portal.http}/rest/api/1/sandboxsecret/tasks.task.get", data=b"id=1") as response:
        assert (response.status, name_of(await response.json())) == (400, "INVALIDJSON")


async def test_lists_filter_by_id_and_page(portal: Running) -> None:
    for number in range(7):
        await portal.ok("tasks.task.add", {"fields": a_task(f"Доставка {number}")})

    async def ids(**params: Any) -> list[int]:
        _, body, _ = await portal.v3("tasks.task.list", {"select": ["id"], **params})
        return [item["id"] for item in body["result"]["items"]]

    assert await ids(filter=[["id", "in", [102, 104]]]) == [102, 104]
    assert await ids(filter=[["id", "between", [102, 104]], ["id", "!=", 103]]) == [102, 104]
    assert await ids(filter=[["id", ">", 103]], order={"id": "desc"}) == [107, 106, 105, 104]
    assert await ids(pagination={"page": 2, "limit": 3}) == [104, 105, 106]
    assert await ids(pagination={"offset": 6, "limit": 3}) == [107]


async def test_relations_are_selected_by_a_dot(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    _, body, _ = await portal.v3("tasks.task.get", {"id": 101, "select": ["title", "responsible.name", "chat.id"]})
    assert body["result"]["item"] == {
        "id": 101,
        "title": "Доставка 000-123",
        "responsible": {"name": "Илья Петров"},
        "chat": {"id": 5101},
    }


async def test_a_message_goes_to_the_chat_of_the_task(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    fields = {"taskId": 101, "text": "Перенесено назад"}
    assert (await portal.v3("tasks.task.chat.message.send", {"fields": fields}))[1]["result"] == {"result": True}
    assert [(row.dialog, row.text) for row in portal.portal.messages] == [("chat5101", "Перенесено назад")]


async def test_fields_tell_what_can_be_filtered_by(portal: Running) -> None:
    _, body, _ = await portal.v3("tasks.task.field.list")
    assert [row["name"] for row in body["result"]["items"] if row["filterable"]] == ["id"]
    assert [row["name"] for row in body["result"]["items"] if row["required"]] == [
        "title",
        "creatorId",
        "responsibleId",
    ]


async def test_a_batch_answers_in_order(portal: Running) -> None:
    commands = [
        {"method": "tasks.task.add", "query": a_v3_task("Первая")},
        {"method": "tasks.task.get", "query": {"id": 101, "select": ["title"]}},
    ]
    _, body, _ = await portal.v3("batch", commands)
    assert body["result"][1] == {"item": {"id": 101, "title": "Первая"}}


async def test_one_error_fails_a_whole_batch_and_keeps_what_was_done(portal: Running) -> None:
    commands = [{"method": "tasks.task.add", "query": a_v3_task()}, {"method": "tasks.task.get", "query": {"id": 999}}]
    status, body, _ = await portal.v3("batch", commands)
    assert (status, name_of(body)) == (400, "ENTITYNOTFOUND")
    assert len(portal.portal.tasks) == 1
    assert name_of((await portal.v3("batch", {"cmd": {"a": "tasks.task.get?id=1"}}))[1]) == "INVALIDSELECT"


async def test_the_same_key_gives_the_same_answer_once_executed(portal: Running) -> None:
    first = await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    again = await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    assert first[:2] == again[:2]
    assert len(portal.portal.tasks) == 1
    assert first[2]["Idempotency-Key"] == again[2]["Idempotency-Key"] == "intent-1"
    assert "Idempotent-Replayed" not in first[2]
    assert again[2]["Idempotent-Replayed"] == "true"


async def test_the_same_key_with_another_body_is_refused(portal: Running) -> None:
    await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    status, body, _ = await portal.v3("tasks.task.add", a_v3_task("Другая"), "intent-1")
    assert (status, name_of(body)) == (422, "IDEMPOTENCYKEYREUSED")
    assert len(portal.portal.tasks) == 1


async def test_a_key_belongs_to_a_webhook_and_a_method(portal: Running) -> None:
    portal.portal.add_webhook("1", "second")
    await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    _, _, headers = await portal.v3("tasks.task.add", a_v3_task(), "intent-1", webhook="1/second")
    assert "Idempotent-Replayed" not in headers
    status, _, _ = await portal.v3("tasks.task.update", {"id": 101, "fields": {"title": "A"}}, "intent-1")
    assert status == 200
    assert len(portal.portal.tasks) == 2


async def test_an_error_is_not_stored(portal: Running) -> None:
    params = a_v3_task(groupId=99)
    assert (await portal.v3("tasks.task.add", params, "intent-1"))[0] == 400
    assert (await portal.v3("tasks.task.add", a_v3_task(), "intent-1"))[0] == 200


async def test_a_key_is_forgotten_after_a_day_of_the_portal(portal: Running) -> None:
    await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    portal.portal.clock.advance(24 * 3600 - 5)
    assert (await portal.v3("tasks.task.add", a_v3_task(), "intent-1"))[2]["Idempotent-Replayed"] == "true"
    portal.portal.clock.advance(10)
    assert (await portal.v3("tasks.task.add", a_v3_task(), "intent-1"))[0] == 200
    assert len(portal.portal.tasks) == 2


@pytest.mark.parametrize("key", ["", "я", "x" * 256])
async def test_a_bad_key_is_refused(portal: Running, key: str) -> None:
    status, body, _ = await portal.v3("tasks.task.add", a_v3_task(), key)
    assert (status, name_of(body)) == (400, "INVALIDIDEMPOTENCYKEY")


async def test_a_key_on_a_read_means_nothing(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    for title in ("Доставка 000-123", "Иначе"):
        _, body, headers = await portal.v3("tasks.task.get", {"id": 101}, "read-1")
        assert body["result"]["item"]["title"] == title
        assert "Idempotent-Replayed" not in headers
        await portal.v3("tasks.task.update", {"id": 101, "fields": {"title": "Иначе"}})


async def at_once(portal: Running) -> int:
    """Send one keyed create twice at the same time to a portal that takes a moment; gives the tasks made."""
    portal.portal.limits.latency, portal.portal.limits.wait_scale = "docs", 0.05
    await asyncio.gather(*[portal.v3("tasks.task.add", a_v3_task(), "intent-1") for _ in range(2)])
    return len(portal.portal.tasks)


async def test_two_at_once_may_both_be_executed(portal: Running) -> None:
    assert await at_once(portal) == 2


async def test_two_at_once_are_one_when_the_race_is_off(portal: Running) -> None:
    portal.portal.v3_race = False
    assert await at_once(portal) == 1


async def test_a_classic_call_ignores_the_key(portal: Running) -> None:
    for _ in range(2):
        headers = {"Idempotency-Key": "intent-1"}
        address = f"{portal.webhook}tasks.task.add"
        async with portal.session.post(address, json={"fields": a_task()}, headers=headers) as response:
            assert response.status == 200
    assert len(portal.portal.tasks) == 2


async def test_refusals_before_the_method_are_objects_too(portal: Running) -> None:
    status, body, _ = await portal.v3("tasks.task.list", {"select": ["id"]}, webhook="1/wrong")
    assert (status, body["error"]["code"]) == (401, "NO_AUTH_FOUND")
    portal.portal.add_webhook("1", "narrow", frozenset({"task"}))
    status, body, _ = await portal.v3("tasks.task.list", {"select": ["id"]}, webhook="1/narrow")
    assert (status, name_of(body)) == (403, "INSUFFICIENTSCOPE")


async def add_result(portal: Running, text: str = "Отдал", webhook: str = "1/sandboxsecret") -> Any:
    _, body, _ = await portal.v3("tasks.task.result.add", {"fields": {"taskId": 101, "text": text}}, webhook=webhook)
    return body["result"]["item"]


async def test_results_of_a_task_are_their_authors(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    portal.portal.add_webhook("7", "mine")
    own, foreign = await add_result(portal), await add_result(portal, "Принял деньги", "7/mine")
    assert (own["authorId"], own["status"], own["rights"]) == (1, "open", {"edit": True, "remove": True})
    _, body, _ = await portal.v3("tasks.task.result.update", {"id": own["id"], "fields": {"text": "Иначе"}})
    assert body["result"]["item"]["text"] == "Иначе"
    for method, params in (("update", {"fields": {"text": "Моё"}}), ("delete", {})):
        status, _, _ = await portal.v3(f"tasks.task.result.{method}", {"id": foreign["id"], **params})
        assert status == 403
    _, body, _ = await portal.v3("tasks.task.result.list", {"filter": [["taskId", 101]], "select": ["text"]})
    assert body["result"]["items"] == [{"id": 1, "text": "Иначе"}, {"id": 2, "text": "Принял деньги"}]
    classic = await portal.ok("tasks.task.result.list", {"taskId": 101})
    assert [(row["id"], row["createdBy"], row["status"]) for row in classic] == [(2, 7, 0), (1, 1, 0)]
    await portal.v3("tasks.task.result.delete", {"id": own["id"]})
    assert len(portal.portal.results) == 1


async def test_a_result_is_made_of_a_line_of_the_chat(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    line = await portal.ok("im.message.add", {"DIALOG_ID": "chat5101", "MESSAGE": "Всё отдал"})
    _, body, _ = await portal.v3("tasks.task.result.addfromchatmessage", {"fields": {"messageId": line}})
    assert (body["result"]["item"]["text"], body["result"]["item"]["messageId"]) == ("Всё отдал", line)
    other = await portal.ok("im.message.add", {"DIALOG_ID": "chat1", "MESSAGE": "Всем"})
    for params in ({"fields": {"messageId": other}}, {"fields": {"messageId": "1"}}, {"fields": {"text": "А"}}, {}):
        assert (await portal.v3("tasks.task.result.addfromchatmessage", params))[0] == 400


@pytest.mark.parametrize(
    ("method", "params", "name"),
    [
        ("tasks.task.result.list", {"filter": []}, "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.result.list", {"filter": [["taskId", 101]], "select": ["no"]}, "UNKNOWNDTOPROPERTY"),
        ("tasks.task.result.list", {"filter": [["text", "А"]]}, "INVALIDFILTER"),
        ("tasks.task.result.add", {"fields": {"taskId": 101}}, "VALIDATION_DTOVALIDATION"),
        ("tasks.task.result.add", {"fields": {"taskId": 101, "text": "А", "fileIds": []}}, "UNKNOWNDTOPROPERTY"),
        ("tasks.task.result.delete", {"id": 999}, "ENTITYNOTFOUND"),
        ("tasks.task.field.get", {"name": "no"}, "ENTITYNOTFOUND"),
        ("tasks.task.access.get", {"id": "101"}, "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.file.attach", {"taskId": 101, "fileIds": []}, "VALIDATION_REQUESTVALIDATION"),
        ("tasks.task.chat.message.send", {"fields": {"taskId": 101, "text": " "}}, "VALIDATION_DTOVALIDATION"),
    ],
)
async def test_what_the_newer_methods_refuse(portal: Running, method: str, params: Any, name: str) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    status, body, _ = await portal.v3(method, params)
    assert (status, name_of(body)) == (400, name)


async def test_access_says_what_the_caller_may_do_and_the_portal_holds_him_to_it(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    portal.portal.add_webhook("8", "other")
    _, body, _ = await portal.v3("tasks.task.access.get", {"id": 101}, webhook="8/other")
    assert [body["result"][name] for name in ("read", "sort", "edit", "remove", "complete")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    for method, params in (("update", {"fields": {"title": "Моя"}}), ("delete", {})):
        status, body, _ = await portal.v3(f"tasks.task.{method}", {"id": 101, **params}, webhook="8/other")
        assert (status, name_of(body)) == (403, "ACCESSDENIED")
    assert (await portal.v3("tasks.task.field.get", {"name": "xmlId"}))[1]["result"]["item"]["type"] == "string"
