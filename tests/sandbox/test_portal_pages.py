"""The kanban's own JSON: what people do by hand, and the switches."""

from collections.abc import AsyncIterator

import pytest
from tests.sandbox.portal_running import Running, a_task, running

from posrednik_sandbox.portal.page_data import amount_kop


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def test_the_page_and_its_files_are_served(portal: Running) -> None:
    for path, kind in (("", "html"), ("static/main.js", "javascript"), ("static/kanban.css", "css")):
        async with portal.session.get(f"{portal.control}/portal/{path}") as response:
            assert response.status == 200
            assert response.content_type.endswith(kind)
    async with portal.session.get(f"{portal.control}/portal/task/101", allow_redirects=False) as response:
        assert response.headers["Location"] == "../?task=101"


async def test_the_board_shows_columns_with_cards(portal: Running) -> None:
    fields = a_task(DESCRIPTION="К получению: 2 450 ₽", DEADLINE="2020-01-01T10:00:00+03:00")
    await portal.ok("tasks.task.add", {"fields": fields})
    _, board = await portal.page("GET", "board?group=11")
    assert [(row["title"], row["count"]) for row in board["stages"]] == [
        ("Новые", 1),
        ("Выполняются", 0),
        ("Сделаны", 0),
    ]
    card = board["cards"][0]
    assert (card["stage"], card["amount_kop"], card["overdue"]) == (board["stages"][0]["id"], 245000, True)
    assert [(group["id"], group["tasks"]) for group in board["groups"]] == [(11, 1), (12, 0)]


async def test_an_unchanged_board_is_one_number(portal: Running) -> None:
    _, board = await portal.page("GET", "board?group=11")
    since = f"board?group=11&since={board['version']}"
    assert set((await portal.page("GET", since))[1]) == {"version", "online"}
    await portal.ok("tasks.task.add", {"fields": a_task()})
    assert len((await portal.page("GET", since))[1]["cards"]) == 1


@pytest.mark.parametrize(
    ("text", "kop"),
    [
        ("К получению: 2 450 ₽", 245000),
        ("Цена доставки 300 ₽\nК получению 2\u00a0450,50 руб.", 245050),
        ("[b]К получению:[/b] 990 ₽", 99000),
        ("ул. Ленина, 10\nСумма: 12\u2009300 ₽", 1230000),
        ("Итого 5 ₽", 500),
        ("ул. Ленина, 10, кв. 17", None),
    ],
)
def test_the_amount_is_read_from_the_text(text: str, kop: int | None) -> None:
    assert amount_kop(text) == kop


async def test_a_card_dragged_by_a_person_is_history_of_that_person(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    stage = portal.portal.group_stages(11)[2].id
    status, card = await portal.page("POST", "tasks/101/move", {"stage_id": stage, "user_id": 8})
    assert (status, card["stage"]) == (200, stage)
    assert [(row["who"], row["old"], row["new"]) for row in card["history"][1:]] == [
        ("Ринат Ахметов", "Новые", "Сделаны")
    ]
    task = (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]
    assert (task["stageId"], task["changedBy"], task["status"]) == (str(stage), "8", "2")
    north = portal.portal.group_stages(12)[0].id
    assert (await portal.page("POST", "tasks/101/move", {"stage_id": north}))[0] == 400


async def test_cards_keep_the_place_they_were_dropped_at(portal: Running) -> None:
    for number in range(4):
        await portal.ok("tasks.task.add", {"fields": a_task(f"Доставка {number}")})
    stage = portal.portal.group_stages(11)[0].id

    async def order() -> list[int]:
        return [card["id"] for card in (await portal.page("GET", "board?group=11"))[1]["cards"]]

    assert await order() == [104, 103, 102, 101]
    await portal.page("POST", "tasks/101/move", {"stage_id": stage, "before": 103})
    assert await order() == [104, 101, 103, 102]
    await portal.page("POST", "tasks/104/move", {"stage_id": stage, "before": 103})
    assert await order() == [101, 104, 103, 102]
    await portal.page("POST", "tasks/101/move", {"stage_id": stage, "after": 102})
    assert await order() == [104, 103, 102, 101]


async def test_a_person_edits_finishes_and_deletes(portal: Running) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    change = {"title": "Иначе", "responsible_id": 8, "deadline": "2026-11-22T18:00"}
    _, card = await portal.page("POST", "tasks/101", change)
    assert (card["title"], card["responsible"]["id"], card["deadline"]) == ("Иначе", 8, "2026-11-22T18:00:00+03:00")
    assert (await portal.page("POST", "tasks/101/action", {"action": "complete"}))[1]["done"] is True
    _, card = await portal.page("POST", "tasks/101/comment", {"text": "Готово", "user_id": 7})
    assert [(row["author"]["name"], row["text"]) for row in card["messages"]] == [("Илья Петров", "Готово")]
    assert (await portal.page("DELETE", "tasks/101"))[1] == {"deleted": True}
    assert (await portal.page("GET", "tasks/101"))[0] == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tasks/101", {"title": ""}),
        ("tasks/101", {"responsible_id": 999}),
        ("tasks/101", {"deadline": "вчера"}),
        ("tasks/101/action", {"action": "renew"}),
        ("tasks/101/action", {"action": "fly"}),
        ("tasks/101/comment", {"text": "  "}),
        ("tasks/101/move", {"stage_id": 1, "user_id": 999}),
        ("faults", {"kind": "no"}),
        ("faults", {"kind": "drop", "share": "много"}),
        ("faults", {"faults": "drop"}),
        ("limits", {"tariff": "no"}),
        ("limits", {"time_limit_s": -1}),
        ("limits", {"wait_scale": "inf"}),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(portal: Running, path: str, body: dict[str, object]) -> None:
    await portal.ok("tasks.task.add", {"fields": a_task()})
    status, answer = await portal.page("POST", path, body)
    assert status == 400
    assert answer["error"]


async def test_a_foreign_form_presses_no_button(portal: Running) -> None:
    async with portal.session.post(f"{portal.control}/portal/api/faults", data={"kind": "drop"}) as response:
        assert response.status == 400
    assert portal.portal.faults.rows() == []


async def test_faults_are_switched_on_and_off(portal: Running) -> None:
    row = {"kind": "drop", "share": 0.1, "method": "tasks.task.add", "count": 5}
    _, answer = await portal.page("POST", "faults", row)
    assert answer["faults"] == [
        {"kind": "drop", "share": 0.1, "method": "tasks.task.add", "left": 5, "seconds": 0.0, "hits": 0}
    ]
    await portal.page("POST", "faults", {"kind": "query_limit"})
    _, answer = await portal.page("POST", "faults", {"kind": "drop", "on": False})
    assert [fault["kind"] for fault in answer["faults"]] == ["query_limit"]
    assert (await portal.page("POST", "faults", {"faults": []}))[1]["faults"] == []


async def test_limits_are_set_and_the_clock_is_moved(portal: Running) -> None:
    before = portal.portal.now()
    body = {"tariff": "enterprise", "latency": "docs", "wait_scale": 0, "strict_filters": True, "advance_s": 3600}
    _, limits = await portal.page("POST", "limits", body)
    assert (limits["tariff"], limits["operating_limit_s"], limits["strict_filters"]) == ("enterprise", 480.0, True)
    assert portal.portal.now() - before >= 3600


async def test_the_state_counts_tasks_doubles_and_requests(portal: Running) -> None:
    for _ in range(2):
        await portal.ok("tasks.task.add", {"fields": a_task(XML_ID="1c:a:1")})
    _, state = await portal.page("GET", "state")
    assert (state["tasks"], state["duplicates"], state["requests"]) == (2, {"1c:a:1": [101, 102]}, 2)
    assert state["requests_by_method"] == {"tasks.task.add": 2}
    assert [line["method"] for line in state["last_requests"]] == ["tasks.task.add"] * 2


async def test_somebody_who_is_hired_may_work_in_his_projects(portal: Running) -> None:
    status, hired = await portal.page(
        "POST", "users", {"name": "Олег", "last_name": "Новиков", "phone": "+79120000011", "groups": [11]}
    )
    assert (status, hired["name"], hired["active"]) == (200, "Олег Новиков", True)
    (found,) = await portal.ok("user.get", {"FILTER": {"ID": hired["id"]}})
    assert (found["NAME"], found["LAST_NAME"]) == ("Олег", "Новиков")
    await portal.ok("tasks.task.add", {"fields": a_task(RESPONSIBLE_ID=hired["id"])})
    assert hired["id"] in portal.portal.groups.get(11).members  # type: ignore[union-attr]
    refused, _ = await portal.page("POST", "users", {"name": "Олег", "last_name": "Новиков", "groups": [99]})
    assert refused == 400
