"""Each fault that dispatch meets at a portal, driven to its end, and what must be left of it there.

Which fault of the specification is shown where: docs/acceptance_portal.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.connectors.bitrix24_harness import GROUP, Bitrix24Harness, a_portal
from tests.connectors.bitrix24_lanes import Lane, one_round, to_the_end
from tests.connectors.bitrix24_steps import after, column, created, fill, look_up, send
from tests.connectors.bitrix24_steps import system as system
from tests.connectors.harness import HURRIED_S, PATIENT_S, TestGate, new_key

from posrednik.connectors.base import Accepted, NotThere, TryLater, Unclear
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.dispatch.breaker import Breaker
from posrednik.kit import http
from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.model import COMPLETED

V3 = pytest.mark.parametrize("v3", [True, False], ids=["v3", "classic"])
# The portal has done it; what comes back says nothing.
COMMITTED: dict[str, dict[str, Any]] = {
    "dropped": {"kind": "drop"}, "late": {"kind": "delay", "seconds": 5.0}, "500": {"kind": "http_500"},
    "502": {"kind": "http_502"}, "504": {"kind": "http_504"}, "cut": {"kind": "truncated"},
}  # fmt: skip
WRITES = ("tasks.task.update", "task.stages.movetask", "tasks.task.complete")
CLOSED_DOORS = ("overload", "portal_deleted", "tariff_lapsed", "webhook_revoked")


def some(system: Bitrix24Harness, count: int, **body: Any) -> list[Lane]:
    return [Lane([system.item(new_key(), **body)]) for _ in range(count)]


async def standing(system: Bitrix24Harness, count: int) -> list[Lane]:
    """Deliveries whose tasks stand, each with a message that changes text, column and status."""
    lanes = some(system, count)
    firsts = [lane.messages[0] for lane in lanes]
    await to_the_end(system, lanes)
    for lane, first in zip(lanes, firsts, strict=True):
        done = {**first.body, "version": 2, "stage": "settled", "closed": True, "comment": "Готово, версия 2"}
        lane.messages.append(replace(system.item(first.key), body=done))
    return lanes


def spoil(system: Bitrix24Harness, how: str, method: str, count: int) -> None:
    system.portal.faults.set(method=method, count=count, **COMMITTED[how])
    system.wait_at_most(HURRIED_S if how == "late" else PATIENT_S)


def assert_each_is_once(system: Bitrix24Harness, keys: Sequence[str], stage: str = "Готов") -> None:
    assert [system.effects(key) for key in keys] == [1] * len(keys)
    assert {column(system, key) for key in keys} == {stage}


def keys_of(lanes: Sequence[Lane]) -> list[str]:
    return [lane.messages[0].key for lane in lanes]


# -- done, and not said ----------------------------------------------------------------------------------------


@V3
@pytest.mark.parametrize("how", COMMITTED)
async def test_a_create_that_was_done_and_not_said_is_one_task(system: Bitrix24Harness, how: str, v3: bool) -> None:
    if not v3:
        system.portal.faults.set("v3_off")
    await created(system)
    spoil(system, how, "tasks.task.add", 3)
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await to_the_end(system, lanes)
    assert any(isinstance(outcome, Unclear) for lane in lanes for outcome in lane.outcomes)
    assert_each_is_once(system, keys)


@pytest.mark.parametrize("how", COMMITTED)
async def test_the_same_key_after_a_lost_answer_is_answered_by_the_same_task(system: Bitrix24Harness, how: str) -> None:
    await created(system)
    spoil(system, how, "tasks.task.add", 1)
    item = system.item(new_key())
    assert isinstance((await send(system, item))[0], Unclear)
    system.wait_at_most(PATIENT_S)
    (made,) = system.tasks(item.key)
    again = (await send(system, item))[0]
    assert isinstance(again, Accepted)
    assert (again.remote_id, system.effects(item.key)) == (str(made.id), 1)


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("how", COMMITTED)
async def test_a_change_that_was_done_and_not_said_stands_once_and_whole(
    system: Bitrix24Harness, how: str, method: str
) -> None:
    lanes = await standing(system, 3)
    keys = keys_of(lanes)
    spoil(system, how, method, 1)
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys, "Сдал деньги")
    assert {system.tasks(key)[0].status for key in keys} == {COMPLETED}
    assert {system.version(key) for key in keys} == {2}


@V3
async def test_a_create_that_was_not_done_and_not_said_is_done_once(system: Bitrix24Harness, v3: bool) -> None:
    if not v3:
        system.portal.faults.set("v3_off")
    await created(system)
    system.portal.faults.set("http_500_before", method="tasks.task.add", count=4)
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)


# -- limits ----------------------------------------------------------------------------------------------------


@V3
async def test_a_burst_of_too_many_requests_loses_nothing_and_costs_no_try(system: Bitrix24Harness, v3: bool) -> None:
    if not v3:
        system.portal.faults.set("v3_off")
    await created(system)
    system.portal.faults.set("query_limit", count=12)
    lanes = some(system, 10)
    keys = keys_of(lanes)
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)
    waits = [outcome for lane in lanes for outcome in lane.outcomes if isinstance(outcome, TryLater)]
    assert {(one.code, one.scope, one.free) for one in waits} <= {("query_limit_exceeded", "message", True)}


async def test_while_one_method_has_spent_its_time_the_others_go_on_and_it_comes_back(system: Bitrix24Harness) -> None:
    session, gate = http.new_session(), TestGate()
    system.connector = Bitrix24Connector(system.settings(), session, clock=system.portal.now)
    old = [await created(system) for _ in range(4)]
    limits = system.portal.limits
    limits.latency, limits.wait_scale, limits.operating_limit_s = "docs", 0.0, 3.0
    texts = [after(system, item, out, comment="иначе, версия 2") for item, out in old]
    outcomes = await send(system, *texts, gate=gate)
    assert [type(one) for one in outcomes] == [Accepted, Accepted, Accepted, TryLater]
    assert set(gate.paused) == {"tasks.task.update"}
    moved = await send(system, *(after(system, item, out, stage="picked_up") for item, out in old), gate=gate)
    assert sum(isinstance(one, Accepted) for one in moved) == 4, "moving cards has a budget of its own"
    system.portal.clock.advance(610)
    assert isinstance((await send(system, texts[-1], gate=gate))[0], Accepted)
    await session.close()


@pytest.mark.parametrize("fault", CLOSED_DOORS)
async def test_at_a_closed_door_one_call_is_made_nothing_is_lost_and_all_goes_on_afterwards(
    system: Bitrix24Harness, fault: str
) -> None:
    lanes = await standing(system, 4)
    keys = keys_of(lanes)
    system.portal.faults.set(fault)
    before = system.received
    await one_round(system, lanes)
    assert system.received == before + 1
    seen = [lane.outcomes[-1] for lane in lanes]
    assert {(type(one), getattr(one, "scope", ""), getattr(one, "free", False)) for one in seen} == {
        (TryLater, "destination", True)
    }
    system.portal.faults.clear()
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys, "Сдал деньги")


async def test_an_overloaded_portal_is_left_alone_for_a_quarter_of_an_hour_and_then_asked_once(
    system: Bitrix24Harness,
) -> None:
    item, first = await created(system)
    system.portal.faults.set("overload")
    (outcome,) = await send(system, after(system, item, first, stage="picked_up"))
    assert isinstance(outcome, TryLater)
    opened = Breaker().after(outcome, probe=False)
    assert (opened.state, opened.pause_s) == ("open", 900.0)
    asked = replace(opened, state="half_open")
    assert asked.after(outcome, probe=True) == opened
    assert asked.after(Accepted(first.remote_id, first.written), probe=True).state == "closed"


# -- odd answers -----------------------------------------------------------------------------------------------


@V3
async def test_an_error_with_status_200_is_an_error_and_ends_in_one_task(system: Bitrix24Harness, v3: bool) -> None:
    if not v3:
        system.portal.faults.set("v3_off")
    await created(system)
    system.portal.faults.set("error_200", method="tasks.task.add", count=4)
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await to_the_end(system, lanes)
    assert any(isinstance(outcome, Unclear) for lane in lanes for outcome in lane.outcomes)
    assert_each_is_once(system, keys)


@V3
async def test_answers_without_their_time_are_answers(system: Bitrix24Harness, v3: bool) -> None:
    if not v3:
        system.portal.faults.set("v3_off")
    system.portal.faults.set("no_time")
    lanes = await standing(system, 3)
    keys = keys_of(lanes)
    await one_round(system, lanes)
    assert {type(lane.outcomes[-1]) for lane in lanes} == {Accepted}
    assert_each_is_once(system, keys, "Сдал деньги")


# -- what cannot be found --------------------------------------------------------------------------------------


@pytest.mark.parametrize("modes", [("filter_ignored",), ("start_ignored",)], ids=["filter", "start"])
async def test_lost_creates_are_found_where_the_portal_ignores_what_is_asked(
    system: Bitrix24Harness, modes: Sequence[str]
) -> None:
    fill(system, 120)
    await created(system)
    for mode in modes:
        system.portal.faults.set(mode)
    system.portal.faults.set("drop", method="tasks.task.add", count=4)
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)


async def test_where_nothing_can_be_found_nothing_is_made_until_it_can(system: Bitrix24Harness) -> None:
    await created(system)
    system.portal.faults.set("drop", method="tasks.task.add", count=2)
    lanes = some(system, 2)
    keys = keys_of(lanes)
    await one_round(system, lanes)
    fill(system, 120)
    system.portal.faults.set("filter_ignored")
    system.portal.faults.set("start_ignored")
    for _ in range(3):
        await one_round(system, lanes)
    assert {lane.outcomes[-1].code for lane in lanes if isinstance(lane.outcomes[-1], TryLater)} == {
        "look_up_impossible"
    }
    system.portal.faults.clear()
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)


async def test_a_twin_made_behind_our_back_is_told_and_both_are_left_as_they_are(system: Bitrix24Harness) -> None:
    system.portal.faults.set("duplicate", count=1)
    item, first = await created(system)
    older, twin = sorted(system.tasks(item.key), key=lambda task: int(task.id))
    before = vars(twin).copy()
    (found,) = await look_up(system, item)
    assert isinstance(found, Accepted)
    assert (found.code, found.remote_id) == ("double_at_destination", str(older.id))
    changed = replace(after(system, item, first, stage="picked_up"), remote_id=None, written=None)
    (outcome,) = await send(system, changed)
    assert isinstance(outcome, Accepted)
    assert (outcome.code, outcome.remote_id) == ("double_at_destination", str(older.id))
    assert str(twin.id) in outcome.why
    assert vars(twin) == before, "which of them is right is for a person to say"
    assert system.columns()[older.stage_id] == "Забрал"


# -- people at the card while we write ---------------------------------------------------------------------------


async def test_regression_a_task_taken_to_another_project_comes_home_with_its_next_column(
    system: Bitrix24Harness,
) -> None:
    lanes = await standing(system, 2)
    keys = keys_of(lanes)
    for body in ({"closed": False, "stage": "picked_up", "comment": "Позвонить за час, версия 1"}, {}):
        lane = lanes[0 if body else 1]
        lane.messages[-1] = replace(lane.messages[-1], body={**lane.messages[-1].body, **body})
    for key in keys:
        (task,) = system.tasks(key)
        tasks.update(system.portal, 2, task, {"group_id": 12})
    await to_the_end(system, lanes, rounds=2)
    assert [system.tasks(key)[0].group_id for key in keys] == [GROUP, GROUP]
    assert [column(system, key) for key in keys] == ["Забрал", "Сдал деньги"]


# -- REST v3 comes and goes ------------------------------------------------------------------------------------


async def test_where_v3_is_absent_each_create_is_looked_up_first(system: Bitrix24Harness) -> None:
    await created(system)
    system.portal.faults.set("v3_off")
    lanes = some(system, 16)
    keys = keys_of(lanes)
    foreign = tasks.create(system.portal, 1, {"title": "Уже есть", "responsible_id": 7, "group_id": GROUP})
    foreign.xml_id = f"posrednik:{keys[0].removeprefix('delivery:')}"
    system.portal.tasks.put(foreign)
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)
    assert system.tasks(keys[0])[0].id == foreign.id, "one that stands there already is taken for it"


async def test_v3_that_goes_away_between_two_tries_makes_no_second_task(system: Bitrix24Harness) -> None:
    await created(system)
    system.portal.faults.set("drop", method="tasks.task.add")
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await one_round(system, lanes)
    system.portal.faults.clear()
    system.portal.faults.set("v3_off")
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)
    assert all(NotThere not in {type(outcome) for outcome in lane.outcomes} for lane in lanes)


async def test_v3_that_comes_back_makes_no_second_task(system: Bitrix24Harness) -> None:
    now = [system.portal.now()]
    session = http.new_session()
    system.connector = Bitrix24Connector(system.settings(), session, clock=lambda: now[0])
    system.portal.faults.set("v3_off")
    await created(system)
    system.portal.faults.set("drop", method="tasks.task.add", count=1)
    lanes = some(system, 6)
    keys = keys_of(lanes)
    await one_round(system, lanes)
    system.portal.faults.clear()
    now[0] += 3601
    await to_the_end(system, lanes)
    assert_each_is_once(system, keys)
    await session.close()


# -- a slow portal ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1.0, 3.0])
async def test_changes_pass_a_portal_as_slow_as_its_documentation_says_and_slower(times: float) -> None:
    """A second there is a hundredth of one here, and so is its own cut at 60 s."""
    async with a_portal(timeout_s=2.0, time_limit_s=0.6) as system:
        limits = system.portal.limits
        limits.latency, limits.wait_scale, limits.time_limit_s = "docs", 0.01 * times, 0.6
        lanes = await standing(system, 60)
        keys = keys_of(lanes)
        await to_the_end(system, lanes, rounds=8)
        assert_each_is_once(system, keys, "Сдал деньги")
