"""`posrednik bitrix24 setup`: what is missing on the portal is made, once, however often and wherever it is cut off."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from tests.flow.exchange_client import DIVISION, courier, division
from tests.flow.people_kit import Office
from tests.flow.portal_kit import (  # fmt: skip
    ANNA,
    ILYA,
    PAVEL,
    RINAT,
    SECOND,
    SOUTH,
    URL,
    Beside,
    Counted,
    Killed,
    beside,
    now,
)

from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.desk import Desk
from posrednik.domain.portal_check import Line, worst
from posrednik.domain.portal_desk import PortalDesk
from posrednik.domain.portal_setup import EVENTS
from posrednik.store import upkeep
from posrednik.usecases import set_up_portal
from posrednik.usecases.check_portal import last
from posrednik.usecases.set_up_portal import set_up

OURS = list(outbound.COLUMNS.values())
NAME = "Доставка: Центр"
THEIRS = ["Выполняются", "Сделаны"]


@pytest.fixture
async def there(database: str) -> AsyncIterator[Beside]:
    async with beside(database) as made:
        yield made


async def run(there: Beside, desk: PortalDesk | None = None, **wanted: object) -> tuple[Line, ...]:
    wish = there.wanted(**wanted)
    return await set_up(there.db, there.live, desk or there.desk(), wish, "cli:anna", now)


def states(lines: tuple[Line, ...]) -> dict[str, tuple[str, str]]:
    return {one.key: (one.state, one.what) for one in lines}


# -- what is made


async def test_a_division_gets_its_project_with_columns_and_members_and_a_second_run_changes_nothing(
    there: Beside,
) -> None:
    await there.service.onec.send([division(SOUTH, "Юг")])
    await Office(there.service).hired("pavel", bitrix24_user=str(PAVEL))
    lines = await run(there)
    assert worst(lines) == "ok", [one.told() for one in lines]
    [centre], [south] = there.projects(NAME), there.projects("Доставка: Юг")
    assert (await there.group(), await there.group(SOUTH)) == (centre, south)
    assert there.titles(centre) == there.titles(south) == [*OURS, *THEIRS]
    assert there.members(centre) == {ANNA, ILYA, PAVEL}
    assert there.members(south) == {ANNA, PAVEL}
    before = there.state.version
    again = await run(there)
    assert there.state.version == before
    assert {one.state for one in again} == {"ok", "skip"}
    kept = await last(there.db, "setup")
    assert kept is not None
    assert kept.lines == again


async def test_a_new_courier_is_added_by_the_next_run(there: Beside) -> None:
    await run(there)
    await there.service.onec.send([courier(SECOND, "Ринат Ахметов", bitrix24_user=str(RINAT))])
    lines = await run(there)
    [project] = there.projects(NAME)
    assert there.members(project) == {ANNA, ILYA, RINAT}
    [members] = [one for one in lines if one.key == "set_members"]
    assert (members.state, list(members.data["names"])) == ("done", ["Ринат Ахметов"])


async def test_a_dismissed_courier_is_not_added(there: Beside) -> None:
    ilya = there.state.users.get(ILYA)
    assert ilya is not None
    ilya.active = False
    await run(there)
    [project] = there.projects(NAME)
    assert there.members(project) == {ANNA}


async def test_a_project_of_that_name_is_taken_and_its_own_columns_stay(there: Beside) -> None:
    made = await there.portal.ok("sonet_group.create", {"NAME": NAME, "PROJECT": "Y"})
    first = there.state.group_stages(made)[0].id
    await there.portal.ok("task.stages.update", {"id": first, "fields": {"TITLE": "Склад"}})
    lines = await run(there)
    assert states(lines)["set_project"] == ("done", "found")
    assert there.projects(NAME) == [made]
    assert there.titles(made) == [*OURS, *THEIRS]
    assert there.state.group_stages(made)[0].id == first


async def test_of_several_projects_of_one_name_the_first_is_taken_and_a_person_is_told(there: Beside) -> None:
    twins = [await there.portal.ok("sonet_group.create", {"NAME": NAME, "PROJECT": "Y"}) for _ in range(2)]
    lines = await run(there)
    assert await there.group() == min(twins)
    assert ("warn", "twins") in [(one.state, one.what) for one in lines]


async def test_a_project_that_is_set_is_kept_and_gets_what_it_lacks(there: Beside) -> None:
    change = {"changes": {"bitrix24_group": 12}, "reason": "наш проект"}
    await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    lines = await run(there)
    assert states(lines)["set_project"] == ("ok", "kept")
    assert there.projects(NAME) == []
    assert there.titles(12) == [*OURS, *THEIRS]
    assert ILYA in there.members(12)


async def test_with_a_common_project_no_other_is_made(there: Beside) -> None:
    lines = await run(there, default_group=11)
    assert states(lines)["set_project"] == ("ok", "common")
    assert (there.projects(NAME), await there.group()) == ([], None)
    assert there.titles(11) == [*OURS, *THEIRS]


async def test_a_project_that_is_not_there_is_told_and_not_replaced(there: Beside) -> None:
    change = {"changes": {"bitrix24_group": 77}, "reason": "ошибка"}
    await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    lines = await run(there)
    assert states(lines)["set_project"] == ("wrong", "unknown")
    assert await there.group() == 77


async def test_a_change_of_the_project_is_in_the_history_with_who_and_why(there: Beside) -> None:
    await run(there)
    told = (await there.service.person("GET", f"/api/v1/admin/divisions/{DIVISION}")).json()
    assert told["settings"]["bitrix24_group"]["source"] == "page"
    assert (told["history"][0]["who"], told["history"][0]["reason"]) == ("cli:anna", "настройка портала")
    [act] = await Office(there.service).acts(action="settings.change")
    assert (act["subject"], act["data"]["bitrix24_group"]) == (DIVISION, there.projects(NAME)[0])


async def test_a_process_knows_the_project_with_its_next_look_at_the_settings(there: Beside) -> None:
    """Every second, and the number is in each message: no worker has to start again."""
    await run(there)
    await there.live.refresh()
    assert there.live.rules.of(DIVISION).group == str(there.projects(NAME)[0])


# -- twice, cut off, refused


async def test_two_at_once_make_everything_once(there: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up_portal, "LOOK_AGAIN_S", 0.02)
    both = await asyncio.gather(run(there), run(there), run(there))
    [project] = there.projects(NAME)
    assert there.titles(project) == [*OURS, *THEIRS]
    assert sorted(states(lines)["set_project"] for lines in both) == [("done", "made"), ("ok", "kept"), ("ok", "kept")]


async def test_cut_off_after_any_call_the_next_run_ends_what_was_begun(there: Beside) -> None:
    whole = Counted(there.calls())
    await run(there, Desk(whole, application=False))
    [project] = there.projects(NAME)
    expected = (there.titles(project), there.members(project))
    for n in range(1, whole.n + 1):
        for one in list(there.state.groups):
            if one.name == NAME:
                there.state.groups.drop(one.id)
        back = {"changes": {"bitrix24_group": None}, "reason": "снова"}
        await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", back)
        with pytest.raises(Killed):
            await run(there, Desk(Counted(there.calls(), dies_after=n), application=False))
        lines = await run(there)
        assert worst(lines) == "ok"
        [project] = there.projects(NAME)
        assert (there.titles(project), there.members(project)) == expected, n
        assert await there.group() == project


@pytest.mark.parametrize("fault", ["drop", "http_500", "http_502", "truncated"])
async def test_a_project_whose_answer_was_lost_is_found_and_not_made_again(there: Beside, fault: str) -> None:
    there.state.faults.set(fault, method="sonet_group.create", count=1)
    lines = await run(there)
    assert states(lines)["set_project"] == ("done", "made")
    [project] = there.projects(NAME)
    assert await there.group() == project


async def test_columns_whose_answers_were_lost_are_not_made_again(there: Beside) -> None:
    there.state.faults.set("drop", method="task.stages.add", count=2)
    for _ in range(3):
        await run(there)
    [project] = there.projects(NAME)
    assert there.titles(project) == [*OURS, *THEIRS]


async def test_what_one_that_died_held_is_taken_over_when_its_time_is_over(there: Beside) -> None:
    dead = uuid4()
    assert await upkeep.lead(there.db, set_up_portal.DUTY, dead, 0.2)
    assert worst(await run(there)) == "ok"


async def test_while_another_one_runs_for_too_long_nothing_is_done_and_it_is_said(there: Beside) -> None:
    assert await upkeep.lead(there.db, set_up_portal.DUTY, uuid4(), 60)
    lines = await set_up(there.db, there.live, there.desk(), there.wanted(), "cli:", now, wait_s=0.05)
    assert states(lines) == {"set_up": ("wrong", "busy")}
    assert there.projects(NAME) == []


async def test_a_webhook_of_no_administrator_changes_nothing(there: Beside) -> None:
    there.state.add_webhook(str(PAVEL), "pavelsecret")
    before = there.state.version
    lines = await run(there, there.desk("2/pavelsecret"))
    assert states(lines) == {"set_up": ("wrong", "no_admin")}
    assert there.state.version == before


async def test_a_portal_that_is_away_is_said_in_a_sentence(there: Beside) -> None:
    there.state.faults.set("portal_deleted")
    [line] = await run(there)
    assert (line.key, line.state, line.what) == ("set_up", "wrong", "stopped")
    assert "портал Битрикс24 удалён" in line.told()["text"]


async def test_one_division_that_fails_does_not_keep_the_others_from_theirs(there: Beside) -> None:
    await there.service.onec.send([division(SOUTH, "Юг")])
    there.state.faults.set("error_200", method="sonet_group.create", count=1)
    lines = await run(there)
    assert sorted((one.state, one.what) for one in lines if one.key == "set_project") == [
        ("done", "made"), ("wrong", "failed"),
    ]  # fmt: skip
    assert worst(await run(there)) == "ok"


# -- events and placements, which only an application has


def bound(there: Beside) -> list[tuple[str, str]]:
    return sorted((one.event, one.handler) for one in there.state.events.handlers)


def places(there: Beside) -> list[tuple[str, str]]:
    return sorted((one.placement, one.handler) for one in there.state.placements)


async def test_events_and_placements_are_bound_once(there: Beside) -> None:
    desk = await there.application()
    lines = await run(there, desk)
    assert (states(lines)["set_events"], states(lines)["set_placements"]) == (("done", ""), ("done", ""))
    assert bound(there) == sorted((name, f"{URL}/bitrix24/events") for name in EVENTS)
    assert places(there) == [
        ("IMMOBILE_CONTEXT_MENU", f"{URL}/courier/open/chat"), ("LEFT_MENU", f"{URL}/office/open"),
    ]  # fmt: skip
    before = there.state.version
    again = await run(there, desk)
    assert there.state.version == before
    assert (states(again)["set_events"], states(again)["set_placements"]) == (("ok", ""), ("ok", ""))


async def test_at_a_new_address_the_old_ones_are_taken_away(there: Beside) -> None:
    desk = await there.application()
    await run(there, desk, own_url="https://old.example")
    await run(there, desk)
    assert {handler.split("/")[2] for _, handler in [*bound(there), *places(there)]} == {"posrednik.example"}
    assert (len(bound(there)), len(places(there))) == (len(EVENTS), 2)


async def test_an_address_that_the_portal_refuses_is_told_and_the_rest_is_done(there: Beside) -> None:
    there.state.public_handlers = True
    lines = await run(there, await there.application(), own_url="http://127.0.0.1:8000")
    told = {one.key: one for one in lines}
    assert (told["set_events"].state, told["set_events"].what) == ("wrong", "failed")
    assert "127.0.0.1:8000" in told["set_events"].told()["text"]
    assert told["set_columns"].state == "done"


async def test_a_binding_whose_answer_was_lost_is_not_made_twice(there: Beside) -> None:
    desk = await there.application()
    there.state.faults.set("drop", method="event.bind", count=1)
    there.state.faults.set("drop", method="placement.bind", count=1)
    for _ in range(2):
        lines = await run(there, desk)
    assert worst(lines) == "ok"
    assert (len(bound(there)), len(places(there))) == (len(EVENTS), 2)


# -- open tasks go where their division goes


async def put(there: Beside, group: int | None) -> None:
    change = {"changes": {"bitrix24_group": group}, "reason": "так"}
    answer = await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    assert answer.status_code == 200, answer.text


async def told(there: Beside) -> list[tuple[str, str | None]]:
    """(lane, project) of the messages with tasks, in their order."""
    rows = await there.service.rows(
        "SELECT l.key, m.body::jsonb #>> '{division,group}' AS g FROM message m JOIN lane l ON l.id = m.lane_id"
        " WHERE m.method = 'task.put' ORDER BY m.lane_id, m.seq"
    )
    return [(row["key"], row["g"]) for row in rows]


async def test_tasks_that_are_open_go_to_the_new_project_at_once_and_those_that_are_over_stay(there: Beside) -> None:
    await put(there, 11)
    _, open_one = await there.service.ready_order()
    _, over = await there.service.ready_order()
    await there.service.act(over["id"], "cancel", reason="передумали")
    before = dict(await told(there))
    await put(there, 12)
    after = dict(await told(there))
    assert after == {**before, f"delivery:{open_one['id']}": "12"}
    await put(there, None)
    assert dict(await told(there))[f"delivery:{open_one['id']}"] is None


async def test_the_same_project_or_another_setting_writes_no_task(there: Beside) -> None:
    await put(there, 11)
    await there.service.ready_order()
    before = await there.service.rows("SELECT count(*) AS n FROM message")
    await put(there, 11)
    change = {"changes": {"radius_m": 300}, "reason": "так"}
    await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    assert await there.service.rows("SELECT count(*) AS n FROM message") == before


async def test_a_set_up_brings_open_tasks_into_the_project_that_it_makes(there: Beside) -> None:
    _, delivery = await there.service.ready_order()
    assert dict(await told(there))[f"delivery:{delivery['id']}"] is None
    await run(there)
    assert dict(await told(there))[f"delivery:{delivery['id']}"] == str(there.projects(NAME)[0])
