"""What employees do by hand, each in his own name and within his rights."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal.happenings import Happening


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    """With task 101 of courier 7 in project 11, made by administrator 1."""
    async with running() as started:
        await started.ok("tasks.task.add", {"fields": a_task(XML_ID="1c:a:1")})
        yield started


async def act(portal: Running, user: int, do: str, task: int = 101, **body: Any) -> tuple[int, Any]:
    return await portal.page("POST", "act", {"user": user, "task": task, "do": do, **body})


async def test_a_card_dragged_to_a_column_named_by_its_title(portal: Running) -> None:
    status, card = await act(portal, 8, "move", stage="Выполняются")
    assert (status, card["stage"]) == (200, portal.portal.group_stages(11)[1].id)
    assert (card["changed_by"]["id"], card["history"][-1]["who"]) == (8, "Ринат Ахметов")


async def test_a_moderator_edits_assigns_and_moves_to_another_project(portal: Running) -> None:
    _, card = await act(portal, 2, "edit", title="Иначе", description="Новое", deadline="2026-11-22T18:00")
    assert (card["title"], card["description"], card["deadline"]) == ("Иначе", "Новое", "2026-11-22T18:00:00+03:00")
    assert (await act(portal, 2, "edit", deadline=None))[1]["deadline"] is None
    assert (await act(portal, 2, "assign", responsible=8))[1]["responsible"]["id"] == 8
    _, card = await act(portal, 2, "move_group", group=12, stage="Сделаны")
    assert (card["group"]["id"], card["stage"]) == (12, portal.portal.group_stages(12)[2].id)


async def test_a_courier_works_on_his_task_and_no_more(portal: Running) -> None:
    assert (await act(portal, 7, "complete"))[1]["status"] == 5
    assert (await act(portal, 7, "renew"))[1]["status"] == 2
    assert (await act(portal, 7, "comment", text="Звонил"))[1]["messages"][0]["author"]["name"] == "Илья Петров"
    for do, body in (("edit", {"title": "Моя"}), ("delete", {}), ("move_group", {"group": 12})):
        assert (await act(portal, 7, do, **body))[0] == 403
    assert (await act(portal, 9, "comment", text="Чужой"))[0] == 403


async def test_steps_are_ticked_by_number_or_title(portal: Running) -> None:
    _, card = await act(portal, 7, "add_item", title="Позвонить")
    item = next(row for row in card["checklist"] if not row["heading"])
    assert (await act(portal, 7, "tick", item=item["id"]))[1]["checklist"][-1]["complete"] is True
    assert (await act(portal, 7, "tick", item="позвонить", complete=False))[1]["checklist"][-1]["complete"] is False
    assert (await act(portal, 7, "tick", item="нет такого"))[0] == 400


async def test_a_deleted_task_comes_back_out_of_the_bin_under_its_number(portal: Running) -> None:
    assert (await act(portal, 2, "delete"))[1] == {"deleted": True}
    assert await portal.ok("tasks.task.get", {"taskId": 101}) == []
    assert (await act(portal, 2, "comment", text="А где"))[0] == 404
    _, card = await act(portal, 2, "restore")
    assert (card["id"], card["xml_id"]) == (101, "1c:a:1")
    assert (await act(portal, 2, "restore"))[0] == 404


async def test_a_copy_and_a_task_of_the_same_code_are_twins(portal: Running) -> None:
    await act(portal, 2, "copy")
    status, card = await act(portal, 2, "create", 0, group=11, title="Руками", responsible=8, xml_id="1c:a:1")
    assert (status, card["creator"]["id"], card["responsible"]["id"]) == (200, 2, 8)
    assert portal.portal.same_xml_id() == {"1c:a:1": [101, 102, 103]}


async def test_a_dismissed_or_unknown_employee_does_nothing(portal: Running) -> None:
    await portal.page("POST", "users/8", {"active": False})
    assert (await act(portal, 8, "comment", text="Я"))[0] == 403
    assert (await act(portal, 99, "comment", text="Я"))[0] == 400
    assert (await act(portal, 2, "fly"))[0] == 400


async def test_every_act_is_told_to_watchers(portal: Running) -> None:
    seen: list[Happening] = []
    portal.portal.on_happening(seen.append)
    await act(portal, 2, "edit", title="Иначе")
    await act(portal, 7, "comment", text="Звонил")
    await act(portal, 2, "delete")
    assert [(one.event, one.task_id, one.user_id) for one in seen] == [
        ("ONTASKUPDATE", 101, 2),
        ("ONTASKCOMMENTADD", 101, 7),
        ("ONTASKDELETE", 101, 2),
    ]
