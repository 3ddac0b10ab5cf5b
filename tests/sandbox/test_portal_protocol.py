"""Parsing, printing and batches of the classic REST, call by call."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.values import parse_query, php


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("fields[TITLE]=A+%26+b%231&fields[N]=", {"fields": {"TITLE": "A & b#1", "N": ""}}),
        ("select[]=ID&select[]=TITLE", {"select": ["ID", "TITLE"]}),
        ("filter[%3EID]=5", {"filter": {">ID": "5"}}),
        ("f[0]=a&f[1]=b", {"f": ["a", "b"]}),
        ("f[1]=a&f[2]=b", {"f": {"1": "a", "2": "b"}}),
        ("a=1&a=2", {"a": "2"}),
        ("a[b][]=1&a[b][]=2&a[c]=3", {"a": {"b": ["1", "2"], "c": "3"}}),
        ("E[]=", {"E": [""]}),
        ("&&=x&", {}),
        ("a" + "[b]" * 2000 + "=x&c=1", {"c": "1"}),
    ],
)
def test_queries_are_read_with_php_brackets(query: str, parsed: dict[str, Any]) -> None:
    assert parse_query(query) == parsed


def test_maps_are_printed_as_php_does() -> None:
    assert php({}) == []
    assert php({"0": "a", "1": "b"}) == ["a", "b"]
    assert php({"1": "a"}) == {"1": "a"}
    assert php({"a": {"0": {}}}) == {"a": [[]]}


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=8))
def test_no_query_breaks_the_parser(pairs: list[tuple[str, str]]) -> None:
    parse_query("&".join(f"{name}={value}" for name, value in pairs))


async def test_json_is_read_only_when_no_form_was_sent(portal: Running) -> None:
    form = {"fields[TITLE]": "Из формы", "fields[RESPONSIBLE_ID]": "7"}
    address = f"{portal.webhook}tasks.task.add?fields[TITLE]=Из+адреса&fields[X]=1"
    async with portal.session.post(address, data=form) as response:
        assert (await response.json())["result"]["task"]["title"] == "Из формы"


async def test_a_get_with_a_query_creates_a_task_too(portal: Running) -> None:
    address = f"{portal.webhook}TASKS.Task.Add.json/?fields[TITLE]=A&fields[RESPONSIBLE_ID]=7"
    async with portal.session.get(address) as response:
        assert (await response.json())["result"]["task"]["id"] == "101"


async def test_broken_json_becomes_no_parameters(portal: Running) -> None:
    for body in (b'{"fields":', b"[" * 100_000, b"\xff\xfe"):
        async with portal.session.post(f"{portal.webhook}tasks.task.add", data=body) as response:
            assert response.status == 400
            assert (await response.json())["error"] == "100"


async def test_an_unknown_method_and_a_missing_scope(portal: Running) -> None:
    assert (await portal.call("tasks.task.fly"))[1]["error"] == "ERROR_METHOD_NOT_FOUND"
    portal.portal.add_webhook("1", "narrow", frozenset({"user"}))
    status, body = await portal.call("tasks.task.list", webhook="1/narrow")
    assert (status, body["error"]) == (403, "insufficient_scope")


async def test_who_may_not_call(portal: Running) -> None:
    assert (await portal.call("profile", webhook="1/wrong"))[0] == 401
    portal.portal.add_webhook("7", "mine")
    assert (await portal.call("profile", webhook="7/mine"))[1]["result"]["ADMIN"] is False
    courier = portal.portal.users.get(7)
    assert courier is not None
    courier.active = False
    status, body = await portal.call("profile", webhook="7/mine")
    assert (status, body["error"]) == (403, "INVALID_CREDENTIALS")
    async with portal.session.post(f"{portal.http}/rest/profile?auth=x") as response:
        assert (response.status, (await response.json())["error"]) == (401, "invalid_token")


async def test_old_methods_read_names_in_any_case(portal: Running) -> None:
    for name in ("FILTER", "filter", "Filter"):
        assert [row["ID"] for row in await portal.ok("user.get", {name: {"ID": [7, 8]}})] == ["7", "8"]
    assert [row["ID"] for row in await portal.ok("user.search", {"find": "петров"})] == ["7"]
    assert [row["ID"] for row in await portal.ok("user.get", {"FILTER": {">ID": 8, "ACTIVE": True}})] == ["9", "10"]


async def test_pages_of_fifty_and_no_count_below_zero(portal: Running) -> None:
    for number in range(100, 160):
        portal.portal.users.put(User(number, "Курьер", str(number), "Курьер", f"k{number}@sandbox.local"))
    _, first = await portal.call("user.get")
    assert (len(first["result"]), first["total"], first["next"]) == (50, 66, 50)
    _, last = await portal.call("user.get", {"start": 50})
    assert len(last["result"]) == 16
    assert "next" not in last
    _, uncounted = await portal.call("user.get", {"start": -1})
    assert len(uncounted["result"]) == 50
    assert not {"total", "next"} & set(uncounted)


async def test_the_time_block_is_complete(portal: Running) -> None:
    _, body = await portal.call("server.time")
    assert set(body["time"]) == {
        "start",
        "finish",
        "duration",
        "processing",
        "date_start",
        "date_finish",
        "operating_reset_at",
        "operating",
    }


async def test_a_batch_goes_on_after_an_error_unless_halted(portal: Running) -> None:
    commands = ("profile", "tasks.task.add?fields[TITLE]=", "server.time")
    going_on = await portal.batch(*commands)
    assert set(going_on["result"]) == {"c0", "c2"}
    assert going_on["result_error"]["c1"]["error"] == "ERROR_CORE"
    assert going_on["result_total"] == going_on["result_next"] == []
    for halt in (1, "1", True, "Y"):
        halted = await portal.batch(*commands, halt=halt)
        assert set(halted["result"]) == {"c0"}
        assert set(halted["result_time"]) == {"c0"}


async def test_a_batch_runs_fifty_and_refuses_the_rest(portal: Running) -> None:
    result = await portal.batch(*["server.time"] * 52)
    assert len(result["result"]) == 50
    assert {label: row["error"] for label, row in result["result_error"].items()} == {
        "c50": "ERROR_BATCH_LENGTH_EXCEEDED",
        "c51": "ERROR_BATCH_LENGTH_EXCEEDED",
    }


async def test_a_batch_inside_a_batch_is_refused(portal: Running) -> None:
    result = await portal.batch("batch?cmd[a]=profile")
    assert result["result_error"]["c0"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


async def test_references_reach_into_all_five_maps(portal: Running) -> None:
    for number in range(55):
        await portal.ok("tasks.task.add", {"fields": a_task(f"Доставка {number}")})
    result = await portal.batch(
        "tasks.task.list?select[]=ID",
        "tasks.task.add?fields[TITLE]=",
        "tasks.task.add?fields[RESPONSIBLE_ID]=7&fields[TITLE]=Всего+$TOTAL[c0],+дальше+$next[c0]: $error[c1][error]",
        "tasks.task.update?taskId=$result[c2][task][id]&fields[DESCRIPTION]=$time[c0][date_start]|$result[c9][x]",
        "tasks.task.list?order[ID]=ASC&start=-1&filter[>ID]=$result[c0][tasks][49][id]",
    )
    assert result["result"]["c2"]["task"]["title"] == "Всего 55, дальше 50: ERROR_CORE"
    assert result["result"]["c3"]["task"]["description"].endswith("+03:00|")
    assert len(result["result"]["c4"]["tasks"]) == 6


async def test_an_unresolved_reference_in_an_order_finds_nothing(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    result = await portal.batch("tasks.task.list?filter[>ID]=$result[no][tasks][49][id]")
    assert result["result"]["c0"] == {"tasks": []}


async def test_a_raw_hash_cuts_a_command_short(portal: Running) -> None:
    result = await portal.batch("tasks.task.add?fields[RESPONSIBLE_ID]=7&fields[TITLE]=Заказ #5&fields[XML_ID]=lost")
    assert result["result"]["c0"]["task"]["title"] == "Заказ"
    assert result["result"]["c0"]["task"]["xmlId"] is None


async def test_numeric_labels_from_zero_make_lists(portal: Running) -> None:
    answer = await portal.ok("batch", {"cmd": ["profile", "tasks.task.get"]})
    assert isinstance(answer["result"], list)
    assert {label: row["error"] for label, row in answer["result_error"].items()} == {"1": "100"}


async def test_a_stopped_portal_answers_with_a_page(portal: Running) -> None:
    portal.portal.online = False
    async with portal.session.post(f"{portal.webhook}profile") as response:
        assert response.status == 503
        assert response.content_type == "text/html"


async def test_each_request_is_told_to_those_who_watch(portal: Running) -> None:
    told: list[Any] = []
    portal.portal.on_traffic(told.append)
    await portal.ok("tasks.task.add", {"fields": a_task()})
    await portal.batch("profile", "profile")
    assert [line["summary"] for line in told] == [
        "Создана задача № 101 «Доставка 000-123»",
        "Пакет: проверка связи × 2",
    ]
    expected = {"system": "bitrix24", "direction": "in", "method": "tasks.task.add", "status": 200}
    assert expected.items() <= told[0].items()
    assert told[0]["duration_ms"] >= 0


async def test_a_watcher_that_fails_breaks_no_answer(portal: Running) -> None:
    def fail(line: Any) -> None:
        raise RuntimeError(line)

    portal.portal.on_traffic(fail)
    assert await portal.ok("profile")
