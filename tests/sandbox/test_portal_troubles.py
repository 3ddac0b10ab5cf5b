"""Limits, faults and restarts: how the portal fails, and what is left of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.sandbox.portal_running import Running, a_task, a_v3_task, running

from posrednik_sandbox.portal import Clock, Portal


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


def with_limits(tariff: str) -> Portal:
    """A portal whose clock stands still until it is moved."""
    portal = Portal(clock=Clock(lambda: 1_795_000_000.0), seed=1)
    portal.limits.set_tariff(tariff)
    return portal


@pytest.mark.parametrize(("tariff", "threshold", "drain"), [("standard", 50, 2), ("enterprise", 250, 5)])
async def test_the_bucket_fills_to_the_threshold_and_drains(tariff: str, threshold: int, drain: int) -> None:
    async with running(with_limits(tariff)) as portal:
        for _ in range(threshold):
            assert (await portal.call("server.time"))[0] == 200
        status, body = await portal.call("tasks.task.add", {"fields": a_task()})
        assert (status, body["error"]) == (503, "QUERY_LIMIT_EXCEEDED")
        assert len(portal.portal.tasks) == 0
        portal.portal.clock.advance(1)
        statuses = [(await portal.call("server.time"))[0] for _ in range(drain + 1)]
        assert statuses == [200] * drain + [503]


async def test_a_batch_is_one_request_for_the_bucket() -> None:
    async with running(with_limits("standard")) as portal:
        for _ in range(3):
            await portal.batch(*["server.time"] * 50)
        assert list(portal.portal.limits.levels(portal.portal.now()).values()) == [3.0]


async def test_the_call_that_crosses_the_budget_finishes_and_the_next_waits() -> None:
    async with running(with_limits("enterprise")) as portal:
        limits = portal.portal.limits
        limits.latency, limits.wait_scale, limits.operating_limit_s = "docs", 0, 2.0
        for _ in range(3):
            status, body = await portal.call("tasks.task.add", {"fields": a_task()})
            assert status == 200
        assert body["time"]["operating"] == pytest.approx(3 * 0.96, abs=0.1)
        assert body["time"]["operating_reset_at"] == 1_795_000_600
        status, body = await portal.call("tasks.task.add", {"fields": a_task()})
        assert (status, body["error"]) == (429, "OPERATION_TIME_LIMIT")
        assert (await portal.call("tasks.task.list"))[0] == 200
        portal.portal.clock.advance(599)
        assert (await portal.call("tasks.task.add", {"fields": a_task()}))[0] == 429
        portal.portal.clock.advance(2)
        assert (await portal.call("tasks.task.add", {"fields": a_task()}))[0] == 200


async def test_inner_calls_of_a_batch_have_budgets_of_their_own() -> None:
    async with running(with_limits("enterprise")) as portal:
        limits = portal.portal.limits
        limits.latency, limits.wait_scale, limits.operating_limit_s = "docs", 0, 0.5
        add = "tasks.task.add?fields[TITLE]=A&fields[RESPONSIBLE_ID]=7"
        result = await portal.batch(add, add, "profile")
        assert list(result["result"]) == ["c0", "c2"]
        assert result["result_error"]["c1"]["error"] == "OPERATION_TIME_LIMIT"


async def test_another_webhook_has_a_budget_of_its_own() -> None:
    async with running(with_limits("enterprise")) as portal:
        limits = portal.portal.limits
        limits.latency, limits.wait_scale, limits.operating_limit_s = "docs", 0, 0.5
        portal.portal.add_webhook("1", "second")
        await portal.call("tasks.task.add", {"fields": a_task()})
        assert (await portal.call("tasks.task.add", {"fields": a_task()}))[0] == 429
        assert (await portal.call("tasks.task.add", {"fields": a_task()}, "1/second"))[0] == 200


async def test_a_request_over_its_time_is_killed_and_keeps_what_it_did(portal: Running) -> None:
    limits = portal.portal.limits
    limits.latency, limits.wait_scale, limits.time_limit_s = "docs", 0.02, 0.05
    add = "tasks.task.add?fields[TITLE]=A&fields[RESPONSIBLE_ID]=7"
    commands = {"cmd": [add] * 10}
    async with portal.session.post(f"{portal.webhook}batch", json=commands) as response:
        assert (response.status, response.content_type) == (504, "text/html")
    assert len(portal.portal.tasks) == 2


async def test_the_docs_latency_is_waited(portal: Running) -> None:
    limits = portal.portal.limits
    limits.latency, limits.wait_scale = "docs", 0.05
    _, body = await portal.call("tasks.task.add", {"fields": a_task()})
    assert body["time"]["duration"] >= 0.96 * 0.05


async def test_a_dropped_connection_leaves_the_task_and_a_repeat_finds_the_answer(portal: Running) -> None:
    portal.portal.faults.set("drop", method="tasks.task.add", count=1)
    with pytest.raises(aiohttp.ClientError):
        await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    assert len(portal.portal.tasks) == 1
    status, body, headers = await portal.v3("tasks.task.add", a_v3_task(), "intent-1")
    assert (status, body["result"]["item"]["id"], headers["Idempotent-Replayed"]) == (200, 101, "true")
    assert len(portal.portal.tasks) == 1
    assert portal.portal.last_requests[1]["status"] == 0


async def test_a_late_answer_comes_after_the_client_gave_up(portal: Running) -> None:
    portal.portal.faults.set("delay", seconds=60, count=1)
    asking = asyncio.create_task(portal.call("tasks.task.add", {"fields": a_task()}))
    async with asyncio.timeout(45):
        while not len(portal.portal.tasks):
            await asyncio.sleep(0.01)
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert len(portal.portal.tasks) == 1


@pytest.mark.parametrize(
    ("kind", "status", "made"), [("http_500", 500, 1), ("http_502", 502, 1), ("http_500_before", 500, 0)]
)
async def test_error_pages_after_and_before_the_work(portal: Running, kind: str, status: int, made: int) -> None:
    portal.portal.faults.set(kind)
    async with portal.session.post(f"{portal.webhook}tasks.task.add", json={"fields": a_task()}) as response:
        assert (response.status, response.content_type) == (status, "text/html")
    assert len(portal.portal.tasks) == made


async def test_truncated_json_with_status_200(portal: Running) -> None:
    portal.portal.faults.set("truncated")
    async with portal.session.post(f"{portal.webhook}tasks.task.add", json={"fields": a_task()}) as response:
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            await response.json()
    assert len(portal.portal.tasks) == 1


async def test_an_error_with_status_200_and_an_answer_without_time(portal: Running) -> None:
    portal.portal.faults.set("error_200", count=1)
    status, body = await portal.call("tasks.task.add", {"fields": a_task()})
    assert (status, body["error"], len(portal.portal.tasks)) == (200, "INTERNAL_SERVER_ERROR", 0)
    portal.portal.faults.set("no_time")
    assert "time" not in (await portal.call("profile"))[1]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("query_limit", 503, "QUERY_LIMIT_EXCEEDED"),
        ("overload", 503, "OVERLOAD_LIMIT"),
        ("operation_limit", 429, "OPERATION_TIME_LIMIT"),
        ("webhook_revoked", 401, "NO_AUTH_FOUND"),
        ("tariff_lapsed", 403, "ACCESS_DENIED"),
        ("portal_deleted", 500, "PORTAL_DELETED"),
    ],
)
async def test_refusals_do_nothing(portal: Running, kind: str, status: int, code: str) -> None:
    portal.portal.faults.set(kind)
    answered, body = await portal.call("tasks.task.add", {"fields": a_task()})
    assert (answered, body["error"]) == (status, code)
    answered, body, _ = await portal.v3("tasks.task.add", a_v3_task())
    assert (answered, body["error"]["code"]) == (status, code)
    assert len(portal.portal.tasks) == 0


async def test_v3_may_be_absent_while_classic_works(portal: Running) -> None:
    portal.portal.faults.set("v3_off")
    status, body, _ = await portal.v3("tasks.task.add", a_v3_task())
    assert (status, body["error"]["code"]) == (404, "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION")
    assert (await portal.call("tasks.task.list"))[0] == 200


async def test_a_blocked_method_leaves_the_others_of_a_batch(portal: Running) -> None:
    portal.portal.faults.set("operation_limit", method="tasks.task.add")
    result = await portal.batch("tasks.task.add?fields[TITLE]=A&fields[RESPONSIBLE_ID]=7", "profile")
    assert result["result_error"]["c0"]["error"] == "OPERATION_TIME_LIMIT"
    assert "c1" in result["result"]


async def test_a_fault_of_a_method_strikes_the_batch_that_holds_it(portal: Running) -> None:
    portal.portal.faults.set("http_502", method="tasks.task.add")
    assert await portal.batch("profile")
    command = {"cmd": ["tasks.task.add?fields[TITLE]=A&fields[RESPONSIBLE_ID]=7"]}
    async with portal.session.post(f"{portal.webhook}batch", json=command) as response:
        assert response.status == 502
    assert len(portal.portal.tasks) == 1


async def test_an_ignored_filter_gives_rows_nobody_asked_for(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task(XML_ID="1c:a:1")})
    portal.portal.faults.set("filter_ignored")
    rows = (await portal.ok("tasks.task.list", {"filter": {"XML_ID": "1c:a:2"}}))["tasks"]
    assert [row["xmlId"] for row in rows] == ["1c:a:1"]


async def test_start_may_be_ignored_inside_a_batch(portal: Running) -> None:
    for _ in range(60):
        await portal.ok("tasks.task.add", {"fields": a_task()})
    portal.portal.faults.set("start_ignored")
    result = await portal.batch("tasks.task.list?start=50")
    assert len(result["result"]["c0"]["tasks"]) == 50
    assert len((await portal.ok("tasks.task.list", {"start": 50}))["tasks"]) == 10


async def test_a_duplicate_made_by_others_is_counted(portal: Running) -> None:
    portal.portal.faults.set("duplicate", count=1)
    await portal.v3("tasks.task.add", a_v3_task(xmlId="1c:a:1"))
    await portal.v3("tasks.task.add", a_v3_task(xmlId="1c:a:2"))
    assert portal.portal.same_xml_id() == {"1c:a:1": [101, 102]}


async def test_a_share_strikes_about_as_often(portal: Running) -> None:
    portal.portal.faults.set("query_limit", share=0.3)
    refused = [(await portal.call("server.time"))[0] == 503 for _ in range(200)]
    assert 35 <= sum(refused) <= 85
    portal.portal.faults.clear("query_limit")
    assert (await portal.call("server.time"))[0] == 200


def test_faults_that_cannot_be(portal_alone: Portal) -> None:
    for options in ({"kind": "no"}, {"kind": "drop", "share": 2}, {"kind": "drop", "count": -1}):
        with pytest.raises(ValueError, match=r"сбой|доля"):
            portal_alone.faults.set(**options)


@pytest.fixture
def portal_alone() -> Portal:
    return Portal(seed=1)


async def filled(data_dir: Path) -> Portal:
    async with running(unlimited(data_dir)) as portal:
        await portal.v3("tasks.task.add", a_v3_task(xmlId="1c:a:1"), "intent-1")
        await portal.ok("tasks.task.add", {"fields": a_task()})
        await portal.ok("tasks.task.add", {"fields": a_task()})
        await portal.ok("tasks.task.delete", {"taskId": 103})
        stage = portal.portal.group_stages(11)[1].id
        await portal.ok("task.stages.movetask", {"id": 101, "stageId": stage})
        await portal.ok("im.notify.personal.add", {"USER_ID": 7, "MESSAGE": "Новая доставка", "TAG": "a"})
        return portal.portal


def unlimited(data_dir: Path) -> Portal:
    portal = Portal(data_dir, seed=1)
    portal.limits.set_tariff("box")
    return portal


def contents(portal: Portal) -> list[Any]:
    tables = (portal.users, portal.groups, portal.stages, portal.tasks, portal.history, portal.notifications)
    return [[vars(row) for row in table] for table in tables]


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """The first portal is never closed, as after kill -9."""
    before = await filled(tmp_path)
    for _ in range(2):
        after = unlimited(tmp_path)
        assert contents(after) == contents(before)
        async with running(after) as portal:
            _, body, headers = await portal.v3("tasks.task.add", a_v3_task(xmlId="1c:a:1"), "intent-1")
            assert (body["result"]["item"]["id"], headers["Idempotent-Replayed"]) == (101, "true")
        after.close()


async def test_ids_of_deleted_tasks_are_never_given_again(tmp_path: Path) -> None:
    await filled(tmp_path)
    async with running(unlimited(tmp_path)) as portal:
        assert (await portal.ok("tasks.task.add", {"fields": a_task()}))["task"]["id"] == "104"


async def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    before = await filled(tmp_path)
    with (tmp_path / "portal.journal").open("a") as journal:
        journal.write('{"t": "task", "id": 1')
    assert contents(unlimited(tmp_path)) == contents(before)
