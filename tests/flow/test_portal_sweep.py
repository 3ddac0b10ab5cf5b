"""Every task is counted at the portal; all open tasks are compared within few calls."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.flow.portal_stage import ADMIN, LOGISTICIAN, Stage, a_stage

from posrednik.connectors.bitrix24 import outbound
from posrednik_sandbox.portal.model import Task


@pytest.fixture
async def stage(database: str) -> AsyncIterator[Stage]:
    async with a_stage(database) as made:
        yield made


async def doubles(stage: Stage) -> list[tuple[str, str, int]]:
    return [(one["kind"], one["state"], one["doc"]["times"]) for one in await stage.incidents()]


async def test_a_second_task_is_one_incident_until_it_is_gone(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "copy")
    first, second = stage.tasks(delivery)
    assert (await stage.watch.sweep()).news == 1
    assert (await stage.watch.sweep()).news == 0
    assert await doubles(stage) == [("double_at_destination", "open", 1)]
    (incident,) = await stage.incidents()
    assert incident["doc"]["why"] == f"У всех одна метка. Посредник пишет только в {first.id}."
    (row,) = await stage.service.rows("SELECT task_ids FROM portal_duplicate WHERE over_at IS NULL")
    assert row["task_ids"] == [first.id, second.id]
    counted = await stage.service.rows("SELECT name, n FROM day_count WHERE name = 'double_incidents'")
    assert counted == [{"name": "double_incidents", "n": 1}]
    stage.do(ADMIN, second, "delete")
    assert (await stage.watch.sweep()).doubles == 0
    assert await doubles(stage) == [("double_at_destination", "decided", 1)]
    assert len(stage.tasks(delivery)) == 1


async def test_a_count_without_doubles_is_a_met_target(stage: Stage) -> None:
    await stage.delivery()
    today = datetime.now(UTC).date().isoformat()
    path = f"/api/v1/board/kpi?from={today}&to={today}"
    for state, note in (("unknown", "У получателей ещё не проверялось"), ("met", "")):
        told = (await stage.service.person("GET", path)).json()
        (duplicates,) = [one for one in told["kpis"] if one["key"] == "duplicates"]
        assert (duplicates["state"], duplicates["note"][: len(note)]) == (state, note)
        await stage.watch.sweep()


async def test_a_third_task_is_news_again(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "copy")
    await stage.watch.sweep()
    stage.do(LOGISTICIAN, stage.task(delivery), "copy")
    assert (await stage.watch.sweep()).news == 1
    assert await doubles(stage) == [("double_at_destination", "open", 2)]


@pytest.mark.parametrize("fault", ["filter_ignored", "start_ignored"])
async def test_a_portal_that_does_not_filter_is_counted_whole(stage: Stage, fault: str) -> None:
    for number in range(180):
        stage.do_create(number)
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "copy")
    stage.portal.faults.set(fault)
    swept = await stage.watch.sweep(everything=True)
    assert (swept.whole, swept.doubles, swept.tasks) == (True, 1, 2)


async def test_it_is_counted_once_a_day_at_its_time(stage: Stage) -> None:
    await stage.watch.round()
    (before,) = await stage.service.rows("SELECT swept_at FROM portal_watch")
    assert before["swept_at"] is not None
    await stage.watch.round()
    (after,) = await stage.service.rows("SELECT swept_at FROM portal_watch")
    assert after == before
    await stage.service.rows("UPDATE portal_watch SET swept_at = swept_at - interval '25 hours' RETURNING 1")
    await stage.watch.round()
    (after,) = await stage.service.rows("SELECT swept_at FROM portal_watch")
    assert after["swept_at"] > datetime.now(UTC) - timedelta(minutes=1)


async def test_two_thousand_open_tasks_are_compared_within_a_few_calls(stage: Stage) -> None:
    delivery = await stage.delivery()
    written = await stage.service.rows("SELECT written FROM remote_object r JOIN lane l ON l.id = r.lane_id"
                                       " WHERE l.key ~ '^delivery:'")  # fmt: skip
    assert written[0]["written"]["stage"] == stage.task(delivery).stage_id
    plain = vars(stage.task(delivery))
    first = stage.portal.tasks.next_id()
    for number in range(first, first + 1999):
        stage.portal.tasks.put(Task(**{**plain, "id": number, "chat_id": 5000 + number, "xml_id": f"other:{number}"}))
    await stage.service.rows(_MANY, first)
    moved = stage.portal.tasks.get(first + 1000)
    assert moved is not None
    moved.title, moved.changed_by = "Переписано", LOGISTICIAN
    before = stage.portal.requests
    compared = await stage.watch.compare()
    assert (compared.tasks, compared.hinted) == (2000, 1)
    assert stage.portal.requests - before <= 24


def test_the_marker_of_a_task_names_its_delivery() -> None:
    assert outbound.marker("6A6DD74E-0AA1-53CF-AE03-FD030A99820C") == "posrednik:6a6dd74e-0aa1-53cf-ae03-fd030a99820c"


# 1999 deliveries more, each with a task as the first one has it.
_MANY = """
WITH one AS (
    SELECT d.*, l.destination_id, r.written FROM delivery d JOIN lane l ON l.key = 'delivery:' || d.id
    JOIN remote_object r ON r.lane_id = l.id
), made AS (
    INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version,
        doc)
    SELECT gen_random_uuid(), base_id, gen_random_uuid(), order_number, division_ref, courier_ref, stage, on_board,
        version, doc
    FROM one, generate_series(1, 1999) RETURNING id
), lanes AS (
    INSERT INTO lane (destination_id, key, last_seq) SELECT one.destination_id, 'delivery:' || made.id, 1 FROM made, one
    RETURNING id
)
INSERT INTO remote_object (lane_id, remote_id, written)
SELECT lanes.id, (%s::bigint - 1 + row_number() OVER (ORDER BY lanes.id))::text, one.written FROM lanes, one RETURNING 1
"""
