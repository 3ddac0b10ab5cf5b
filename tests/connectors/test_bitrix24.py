"""The Bitrix24 connector against the sandbox's portal: what is special to it."""

import asyncio
from dataclasses import replace

import pytest
from tests.connectors.bitrix24_harness import GROUP, Bitrix24Harness
from tests.connectors.bitrix24_steps import OWN_COLUMNS, after, calls, column, created, fill, look_up, send
from tests.connectors.bitrix24_steps import system as system
from tests.connectors.harness import new_key

from posrednik.connectors.base import Accepted, Item, NotThere, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.kit import http
from posrednik_sandbox.portal.model import COMPLETED, PENDING, Stage


async def test_a_new_delivery_is_a_task_in_the_column_ready(system: Bitrix24Harness) -> None:
    item, _ = await created(system)
    task = system.tasks(item.key)[0]
    assert task.title == "Доставка 000-000123 · ул. Ленина, 10"
    assert "К получению: 2 450 ₽" in task.description
    assert (task.responsible_id, task.group_id, task.status) == (7, GROUP, PENDING)
    assert column(system, item.key) == "Готов"


async def test_the_columns_are_made_once_and_in_the_order_of_the_stages(system: Bitrix24Harness) -> None:
    await asyncio.gather(*(created(system) for _ in range(4)))
    assert list(system.columns().values()) == OWN_COLUMNS + list(outbound.COLUMNS.values())
    assert calls(system)["task.stages.add"] == 8


async def test_columns_that_exist_already_are_used_whatever_their_case(system: Bitrix24Harness) -> None:
    number = system.portal.stages.next_id()
    system.portal.stages.put(Stage(number, GROUP, " ГОТОВ ", 900, "FFFFFF"))
    item, _ = await created(system)
    assert system.tasks(item.key)[0].stage_id == number
    assert calls(system)["task.stages.add"] == 7


async def test_once_prepared_a_create_costs_one_call(system: Bitrix24Harness) -> None:
    await created(system)
    before = system.received
    await created(system)
    assert system.received == before + 1


async def test_creates_and_changes_of_one_group_go_side_by_side(system: Bitrix24Harness) -> None:
    old = [await created(system) for _ in range(10)]
    changes = [after(system, item, outcome, stage="picked_up") for item, outcome in old]
    news = [system.item(new_key()) for _ in range(10)]
    before = system.received
    outcomes = await send(system, *changes, *news)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert system.received == before + 1 + 10


async def test_a_column_deleted_by_people_is_made_again(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    gone = next(number for number, title in system.columns().items() if title == "Забрал")
    system.portal.stages.drop(gone)
    assert isinstance((await send(system, after(system, item, outcome, stage="picked_up")))[0], Accepted)
    assert column(system, item.key) == "Забрал"


async def test_the_first_column_may_be_told_as_stage_zero(system: Bitrix24Harness) -> None:
    for stage in list(system.portal.group_stages(GROUP)):
        system.portal.stages.drop(stage.id)
    item, _ = await created(system)
    system.tasks(item.key)[0].stage_id = 0
    found = (await look_up(system, item))[0]
    assert isinstance(found, Accepted)


async def test_a_project_without_access_loses_nothing(system: Bitrix24Harness) -> None:
    item = system.item(new_key(), division={"ref": "other", "name": "", "group": 999})
    outcome = (await send(system, item))[0]
    assert isinstance(outcome, TryLater)
    assert (outcome.code, outcome.free) == ("project_unavailable", True)


async def test_a_delivery_without_project_gets_a_task_without_column(system: Bitrix24Harness) -> None:
    item, outcome = await created(system, division=None)
    assert system.tasks(item.key)[0].group_id == 0
    assert isinstance((await send(system, after(system, item, outcome, stage="picked_up")))[0], Accepted)


# -- changing ------------------------------------------------------------------------------------------------


async def test_a_stage_of_fifty_deliveries_moves_in_one_call(system: Bitrix24Harness) -> None:
    old: list[tuple[Item, Accepted]] = []
    session = http.new_session()
    system.connector = Bitrix24Connector(system.settings(timeout_s=20.0), session)
    await created(system)
    for part in range(2):
        items = [system.item(new_key()) for _ in range(25)]
        done = await send(system, *items)
        old += [(item, out) for item, out in zip(items, done, strict=True) if isinstance(out, Accepted)]
        assert len(old) == 25 * (part + 1)
    before = system.received
    changes = [after(system, item, outcome, stage="en_route") for item, outcome in old]
    assert all(isinstance(outcome, Accepted) for outcome in await send(system, *changes))
    assert system.received == before + 1
    assert {column(system, item.key) for item in changes} == {"В пути"}
    await session.close()


async def test_nothing_changed_costs_no_call(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    before = system.received
    assert isinstance((await send(system, after(system, item, outcome)))[0], Accepted)
    assert system.received == before


async def test_closing_completes_and_reopening_renews(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    closed = after(system, item, outcome, stage="cancelled", closed=True, reason="Клиент отказался")
    done = (await send(system, closed))[0]
    task = system.tasks(item.key)[0]
    assert isinstance(done, Accepted)
    assert task.status == COMPLETED
    assert column(system, item.key) == "Отменено"
    assert "Клиент отказался" in task.description
    assert isinstance((await send(system, after(system, closed, done, stage="ready", closed=False)))[0], Accepted)
    assert system.tasks(item.key)[0].status == PENDING
    assert column(system, item.key) == "Готов"


async def test_a_task_that_people_completed_already_is_as_wanted(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    system.tasks(item.key)[0].status = COMPLETED
    done = (await send(system, after(system, item, outcome, stage="settled", closed=True)))[0]
    assert isinstance(done, Accepted)
    assert column(system, item.key) == "Сдал деньги"


async def test_another_project_takes_the_task_and_its_column(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    moved = after(system, item, outcome, division={"ref": "north", "name": "Север", "group": 12})
    assert isinstance((await send(system, moved))[0], Accepted)
    task = system.tasks(item.key)[0]
    titles = {stage.id: stage.title for stage in system.portal.group_stages(12)}
    assert (task.group_id, titles[task.stage_id]) == (12, "Готов")


async def test_a_deleted_task_is_refused_and_its_neighbours_go_on(system: Bitrix24Harness) -> None:
    old = [await created(system) for _ in range(3)]
    system.portal.tasks.drop(int(old[1][1].remote_id or 0))
    outcomes = await send(system, *(after(system, item, out, stage="picked_up") for item, out in old))
    assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted]
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].code == "task_deleted"


async def test_a_dismissed_courier_is_refused_with_the_words_of_the_portal(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    dismissed = after(system, item, outcome, courier={"ref": "c", "name": "Нет", "bitrix24_user": "999"})
    refused = (await send(system, dismissed))[0]
    assert isinstance(refused, Refused)
    assert "Исполнитель не найден" in refused.why


async def test_a_comment_cannot_reach_into_the_batch(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    nasty = after(system, item, outcome, comment="$result[c0][task][id] 100% & #1 ?+=[B]жирный[/B]")
    assert isinstance((await send(system, nasty))[0], Accepted)
    text = system.tasks(item.key)[0].description
    assert "\u200bresult[" in text
    assert "100% & #1 ?+=" in text
    assert "[B]жирный" not in text


async def test_after_a_bad_try_the_task_is_read_and_written_whole(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    system.tasks(item.key)[0].title = "Испорчено"
    again = replace(after(system, item, outcome), attempt=2)
    assert isinstance((await send(system, again))[0], Accepted)
    assert system.tasks(item.key)[0].title.startswith("Доставка 000-000123")


# -- doubt ---------------------------------------------------------------------------------------------------


async def test_the_same_key_and_body_again_is_the_same_task(system: Bitrix24Harness) -> None:
    item, first = await created(system)
    again = (await send(system, item))[0]
    assert isinstance(again, Accepted)
    assert again.remote_id == first.remote_id
    assert system.effects(item.key) == 1


async def test_a_used_key_with_another_body_is_settled_by_looking(system: Bitrix24Harness) -> None:
    item, first = await created(system)
    other = replace(item, body={**item.body, "comment": "иначе"})
    outcome = (await send(system, other))[0]
    assert isinstance(outcome, Unclear)
    found = (await look_up(system, other))[0]
    assert isinstance(found, Accepted)
    assert found.remote_id == first.remote_id


async def test_a_task_that_was_created_but_not_finished_is_found_and_finished(system: Bitrix24Harness) -> None:
    await created(system)
    item = system.item(new_key(), stage="cancelled", closed=True)
    system.portal.faults.set("query_limit", method="tasks.task.complete")
    outcome = (await send(system, item))[0]
    assert isinstance(outcome, Unclear)
    system.portal.faults.clear()
    assert isinstance((await look_up(system, item))[0], NotThere)
    assert isinstance((await send(system, replace(item, attempt=2)))[0], Accepted)
    assert [task.status for task in system.tasks(item.key)] == [COMPLETED]


async def test_a_later_version_without_a_known_task_looks_before_it_creates(system: Bitrix24Harness) -> None:
    item, first = await created(system)
    later = system.item(item.key, 2, stage="picked_up")
    outcome = (await send(system, later))[0]
    assert isinstance(outcome, Accepted)
    assert outcome.remote_id == first.remote_id
    assert column(system, item.key) == "Забрал"


async def test_a_message_replayed_after_days_looks_before_it_creates(system: Bitrix24Harness) -> None:
    await created(system)
    dead = system.item(new_key())
    system.portal.faults.set("drop", count=1)
    assert isinstance((await send(system, dead))[0], Unclear)
    system.portal.faults.clear()
    system.portal.clock.advance(3 * 86400.0)
    session = http.new_session()
    system.connector = Bitrix24Connector(system.settings(), session, clock=system.portal.now)
    assert isinstance((await send(system, dead))[0], Accepted)
    assert system.effects(dead.key) == 1
    await session.close()


async def test_after_a_version_that_was_left_out_the_task_is_written_whole(system: Bitrix24Harness) -> None:
    item, outcome = await created(system)
    lost = after(system, item, outcome, comment="потеряно", stage="cancelled", closed=True)
    system.portal.faults.set("drop", method="tasks.task.complete")
    assert isinstance((await send(system, lost))[0], Unclear)
    system.portal.faults.clear()
    third = after(system, item, outcome, version=3)
    assert isinstance((await send(system, third))[0], Accepted)
    task = system.tasks(item.key)[0]
    assert (task.status, column(system, item.key)) == (PENDING, "Готов")
    assert "потеряно" not in task.description


async def test_two_tasks_of_one_delivery_are_told_and_the_older_is_kept(system: Bitrix24Harness) -> None:
    await created(system)
    system.portal.faults.set("duplicate", count=1)
    item, first = await created(system)
    found = (await look_up(system, item))[0]
    assert isinstance(found, Accepted)
    assert (found.remote_id, found.code) == (first.remote_id, "double_at_destination")
    assert all(str(task.id) in found.why for task in system.tasks(item.key))
    again = (await send(system, replace(item, attempt=2)))[0]
    assert isinstance(again, Accepted)
    assert (again.remote_id, again.code) == (first.remote_id, "double_at_destination")


@pytest.mark.parametrize("foreign", [0, 30, 120])
async def test_a_portal_that_ignores_the_filter_fools_nobody(system: Bitrix24Harness, foreign: int) -> None:
    item, first = await created(system)
    fill(system, foreign)
    system.portal.faults.set("filter_ignored")
    absent = system.item(new_key())
    found, nothing = await look_up(system, item, absent)
    assert isinstance(found, Accepted)
    assert found.remote_id == first.remote_id
    assert isinstance(nothing, NotThere)


async def test_where_looking_proves_nothing_nothing_is_created(system: Bitrix24Harness) -> None:
    await created(system)
    fill(system, 120)
    system.portal.faults.set("filter_ignored")
    system.portal.faults.set("start_ignored")
    absent = system.item(new_key(), 1, 2)
    for outcome in [*await look_up(system, absent), *await send(system, absent)]:
        assert isinstance(outcome, TryLater)
        assert outcome.code == "look_up_impossible"
    assert system.effects(absent.key) == 0


async def test_many_look_ups_ride_in_one_batch(system: Bitrix24Harness) -> None:
    await created(system)
    items = [system.item(new_key()) for _ in range(50)]
    before = system.received
    assert all(isinstance(outcome, NotThere) for outcome in await look_up(system, *items))
    assert system.received == before + 1


# -- REST v3 is not everywhere -------------------------------------------------------------------------------


async def test_without_rest_v3_the_classic_create_looks_first(system: Bitrix24Harness) -> None:
    system.portal.faults.set("v3_off")
    items = [system.item(new_key()) for _ in range(20)]
    assert all(isinstance(outcome, Accepted) for outcome in await send(system, *items))
    assert [system.effects(item.key) for item in items] == [1] * 20
    assert {column(system, item.key) for item in items} == {"Готов"}
    again = await send(system, *items)
    assert all(isinstance(outcome, Accepted) for outcome in again)
    assert [system.effects(item.key) for item in items] == [1] * 20


async def test_a_classic_create_in_doubt_never_doubles(system: Bitrix24Harness) -> None:
    system.portal.faults.set("v3_off")
    await created(system)
    item = system.item(new_key())
    system.portal.faults.set("drop", method="tasks.task.add")
    assert isinstance((await send(system, item))[0], Unclear)
    system.portal.faults.clear("drop")
    assert isinstance((await look_up(system, item))[0], Accepted)
    assert system.effects(item.key) == 1


async def test_the_absence_of_v3_is_remembered_for_an_hour(system: Bitrix24Harness) -> None:
    now = [1_000_000.0]
    session = http.new_session()
    system.connector = Bitrix24Connector(system.settings(), session, clock=lambda: now[0])
    system.portal.faults.set("v3_off")
    for _ in range(3):
        await created(system)
    assert calls(system)["tasks.task.add"] == 1
    system.portal.faults.clear()
    now[0] += 3601
    await created(system)
    assert calls(system)["tasks.task.add"] == 2
    await session.close()


async def test_classic_creates_go_at_most_fifteen_in_a_batch(system: Bitrix24Harness) -> None:
    system.portal.faults.set("v3_off")
    await created(system)
    before = calls(system)["batch"]
    await send(system, *(system.item(new_key()) for _ in range(31)))
    assert calls(system)["batch"] - before == 1 + 3


# -- limits and errors ---------------------------------------------------------------------------------------
