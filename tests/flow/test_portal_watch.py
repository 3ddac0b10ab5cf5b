"""People change tasks in the portal by hand: taken as an action of theirs, or put back with the reason in the task."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.flow.exchange_client import DIVISION, SECOND_COURIER, Json
from tests.flow.portal_stage import (
    ADMIN,
    GROUP,
    LOGISTICIAN,
    OTHER_GROUP,
    SECOND_USER,
    USER,
    Stage,
    a_stage,
    told_of_events,
)
from typer.testing import CliRunner

from posrednik import bootstrap_watch
from posrednik.cli import app
from posrednik.domain.moved_task import MOST_BACKS
from posrednik.kit.http import Sessions
from posrednik.store import portal_watch
from posrednik.usecases import own_restore

# Who drags the card of a delivery that its courier has picked up, where to, and what he is told.
NOWHERE = [
    (SECOND_USER, "В пути", "везёт другой курьер или он ещё не назначен"),
    (LOGISTICIAN, "Сделаны", "Колонка «Сделаны» ничего не значит"),
    (LOGISTICIAN, "Готов", "Из «Забрал» в «Готов» доставка так не переходит"),
    (LOGISTICIAN, "Сдал деньги", "Примите деньги на странице «Касса»"),
    (LOGISTICIAN, "Возврат", "склад пересчитал товар"),
    (LOGISTICIAN, "Не вручено", "нужна причина"),
    (LOGISTICIAN, "Отменено", "нет на это права"),
]


@pytest.fixture
async def stage(database: str) -> AsyncIterator[Stage]:
    async with a_stage(database) as made:
        yield made


async def on_the_way(stage: Stage) -> Json:
    delivery = await stage.delivery()
    await stage.service.act(delivery["id"], "pick_up")
    await stage.quiet()
    return delivery


async def put_back(stage: Stage, delivery: Json, words: str, *, lines: int = 1) -> None:
    """The task stands as it did, and the talk says why, once."""
    said = stage.said(delivery)
    assert len(said) == lines, said
    assert words in said[-1]
    for _ in range(2):
        await stage.noticed()
    assert stage.said(delivery) == said
    assert (await stage.watch.compare()).hinted == 0


# -- moved


async def test_a_dragged_card_is_taken_when_nothing_must_be_proved(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.noticed()
    assert await stage.stage(delivery) == "en_route"
    assert stage.column(delivery) == "В пути"
    assert (await stage.incidents(), stage.said(delivery)) == ([], [])
    (event,) = await stage.service.rows("SELECT actor FROM event WHERE type = 'delivery.departed'")
    assert event["actor"]["name"] == "Пётр Иванов"
    rows = await stage.service.rows("SELECT summary FROM journal WHERE system = 'bitrix24' AND kind = 'action'")
    assert rows == [{"summary": "В пути (Битрикс24: Пётр Иванов)"}]


async def test_a_card_dragged_past_a_proof_goes_back_with_the_reason(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
    await stage.noticed()
    assert (await stage.stage(delivery), stage.column(delivery)) == ("ready", "Готов")
    (incident,) = await stage.incidents()
    assert (incident["kind"], incident["doc"]["data"]["who"]) == ("moved_by_hand", "Битрикс24: Павел Логинов")
    await put_back(stage, delivery, "Битрикс24: Павел Логинов: Для шага «Забрал» нужно: пересчёт товаров.")


async def test_a_card_goes_back_from_where_it_may_not_be(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    for number, (user, column, words) in enumerate(NOWHERE, start=1):
        stage.do(user, stage.task(delivery), "move", stage=column)
        await stage.noticed()
        assert (await stage.stage(delivery), stage.column(delivery)) == ("picked_up", "Забрал")
        await put_back(stage, delivery, words, lines=number)
        await stage.service.rows("UPDATE portal_task SET backs = 0 RETURNING 1")


async def test_who_may_cancel_in_the_office_may_cancel_by_the_card(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    await stage.service.rows(
        "INSERT INTO person (id, login, name, bitrix24_user, roles) VALUES"
        " (gen_random_uuid(), 'pavel', 'Павел Логинов', '2', '{logistician}') RETURNING 1"
    )
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Отменено")
    await stage.noticed()
    assert (await stage.stage(delivery), stage.column(delivery)) == ("cancelled", "Отменено")
    assert stage.task(delivery).status == 5
    assert await stage.incidents() == []


async def test_somebody_who_moves_it_again_and_again_is_given_up_and_told_of(stage: Stage) -> None:
    delivery = await stage.delivery()
    for _ in range(MOST_BACKS + 3):
        stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
        await stage.noticed()
    assert stage.column(delivery) == "Забрал"
    assert len(stage.said(delivery)) == MOST_BACKS
    (incident,) = await stage.incidents()
    assert "Посредник на час перестал" in incident["doc"]["news"][-1]["what"] or incident["doc"]["times"] == 6
    await stage.service.rows("UPDATE portal_task SET backs_since = backs_since - interval '2 hours' RETURNING 1")
    await stage.watch.compare()
    await stage.look()
    assert stage.column(delivery) == "Готов"


# -- edited


async def test_edited_texts_are_put_back_once(stage: Stage) -> None:
    delivery = await stage.delivery()
    before = (stage.task(delivery).title, stage.task(delivery).description)
    await stage.noticed()
    stage.do(LOGISTICIAN, stage.task(delivery), "edit", title="Позвонить!", description="Другое", deadline="2026-12-01")
    await stage.noticed()
    assert (stage.task(delivery).title, stage.task(delivery).description) == before
    assert stage.task(delivery).deadline is None
    await put_back(stage, delivery, "Изменено вручную: название, описание, крайний срок.")
    assert await stage.incidents() == []


async def test_a_portal_that_spells_texts_its_own_way_makes_no_loop(stage: Stage) -> None:
    delivery = await stage.delivery()
    task = stage.task(delivery)
    task.description = task.description.replace("\n", "\r\n") + " "
    for _ in range(3):
        await stage.noticed()
    assert (stage.said(delivery), task.description[-1]) == ([], " ")
    stage.do(LOGISTICIAN, task, "edit", title="Другое имя")
    await stage.noticed()
    assert stage.task(delivery).title.startswith("Доставка ТД00-000123")
    await put_back(stage, delivery, "Изменено вручную: название.")


async def test_an_edit_before_anybody_looked_is_written_over_without_a_word(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "edit", title="Позвонить!")
    await stage.noticed()
    assert stage.task(delivery).title.startswith("Доставка ТД00-000123")
    assert stage.said(delivery) == []


async def test_regression_an_edit_under_something_that_we_wrote_after_it_is_not_taken_for_the_portals_spelling(
    stage: Stage,
) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "edit", title="Позвонить!")
    stage.task(delivery).changed_by = ADMIN  # a tick of the checklist, a column
    await stage.noticed()
    assert stage.task(delivery).title.startswith("Доставка ТД00-000123")


async def test_a_task_in_another_project_comes_home(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(ADMIN, stage.task(delivery), "move_group", group=OTHER_GROUP)
    stage.task(delivery).changed_by = LOGISTICIAN
    await stage.noticed()
    assert stage.task(delivery).group_id == OTHER_GROUP, "a poll asks for our projects"
    assert (await stage.watch.compare()).hinted == 1
    await stage.look()
    assert (stage.task(delivery).group_id, stage.column(delivery)) == (GROUP, "Готов")
    await put_back(stage, delivery, "Задачи доставки живут в проекте своего подразделения")


async def test_a_task_completed_by_hand_is_opened_again(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    stage.do(USER, stage.task(delivery), "complete")
    await stage.noticed()
    assert (await stage.stage(delivery), stage.task(delivery).status) == ("picked_up", 2)
    await put_back(stage, delivery, "Задачу завершает Посредник")


async def test_a_task_opened_again_after_its_end_is_completed_again(stage: Stage) -> None:
    delivery = await stage.delivery()
    await stage.service.act(delivery["id"], "cancel", reason="дубль")
    await stage.quiet()
    assert stage.task(delivery).status == 5
    stage.do(LOGISTICIAN, stage.task(delivery), "renew")
    await stage.noticed()
    assert stage.task(delivery).status == 5
    await put_back(stage, delivery, "Доставка закончена", lines=2)


# -- given to somebody else


async def test_a_task_given_to_another_goes_back_where_the_portal_owns_no_couriers(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "assign", responsible=SECOND_USER)
    await stage.noticed()
    assert stage.task(delivery).responsible_id == USER
    assert [one["kind"] for one in await stage.incidents()] == ["ownership_violation"]
    await put_back(stage, delivery, "Это поле в Битрикс24 не меняют, оно принадлежит: 1С, Посредник.")


async def test_a_task_given_to_a_courier_assigns_him_where_the_portal_may(database: str) -> None:
    owners = {"delivery.courier": ("1c", "posrednik", "bitrix24")}
    async with a_stage(database, ownership=owners) as stage:
        delivery = await stage.delivery()
        stage.do(LOGISTICIAN, stage.task(delivery), "assign", responsible=SECOND_USER)
        await stage.noticed()
        rows = await stage.service.rows("SELECT courier_ref FROM delivery")
        assert (rows, stage.task(delivery).responsible_id) == ([{"courier_ref": SECOND_COURIER}], SECOND_USER)
        stage.do(LOGISTICIAN, stage.task(delivery), "assign", responsible=LOGISTICIAN)
        await stage.noticed()
        assert stage.task(delivery).responsible_id == SECOND_USER
        await put_back(stage, delivery, "Пользователь 2 не сопоставлен ни с одним действующим курьером")
        await stage.service.act(delivery["id"], "pick_up")
        await stage.quiet()
        stage.do(LOGISTICIAN, stage.task(delivery), "assign", responsible=USER)
        await stage.noticed()
        assert stage.task(delivery).responsible_id == SECOND_USER
        assert "Доставка уже «Забрал»" in stage.said(delivery)[-1]


# -- deleted


async def decide(stage: Stage, decision: str) -> None:
    (incident,) = await stage.incidents("task_deleted")
    answer = await stage.service.person(
        "POST", f"/api/v1/board/incidents/{incident['id']}/decide", {"decision": decision, "reason": "так надо"}
    )
    assert answer.status_code == 200, answer.text
    await stage.quiet()


async def test_a_deleted_task_is_told_once_and_made_anew_when_somebody_says_so(stage: Stage) -> None:
    delivery = await stage.delivery()
    first = stage.task(delivery).id
    stage.do(ADMIN, stage.task(delivery), "delete")
    for _ in range(2):
        await stage.watch.compare()
        await stage.look()
    (incident,) = await stage.incidents()
    assert (incident["kind"], incident["doc"]["times"]) == ("task_deleted", 1)
    await decide(stage, "recreated")
    assert stage.task(delivery).id != first
    assert stage.column(delivery) == "Готов"
    await stage.service.act(delivery["id"], "pick_up")
    await stage.quiet()
    assert (stage.column(delivery), len(stage.tasks(delivery))) == ("Забрал", 1)


async def test_a_delivery_may_be_left_without_its_task(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(ADMIN, stage.task(delivery), "delete")
    await stage.service.act(delivery["id"], "pick_up")  # a message that dies of it
    await stage.quiet()
    await stage.watch.compare()
    await stage.look()
    await decide(stage, "left")
    await stage.service.act(delivery["id"], "depart")
    await stage.quiet()
    dead = await stage.service.rows("SELECT 1 FROM lane WHERE state = 'dead'")
    assert (dead, stage.tasks(delivery)) == ([], [])


async def test_a_deleted_task_that_is_there_again_is_written_anew_and_nobody_need_decide(stage: Stage) -> None:
    delivery = await stage.delivery()
    task = stage.task(delivery)
    stage.do(ADMIN, task, "delete")
    await stage.watch.compare()
    await stage.look()
    await stage.service.act(delivery["id"], "pick_up")
    await stage.quiet()
    stage.do(ADMIN, task, "restore")
    await stage.noticed()
    assert stage.column(delivery) == "Забрал"
    assert [(one["kind"], one["state"]) for one in await stage.incidents()] == [("task_deleted", "decided")]
    assert "Задача снова на месте" in stage.said(delivery)[-1]


async def test_what_we_may_not_see_is_not_taken_for_deleted(stage: Stage) -> None:
    delivery = await stage.delivery()
    owner = stage.portal.users.get(ADMIN)
    assert owner is not None
    owner.admin = False
    task = stage.task(delivery)
    task.creator_id, task.group_id, task.responsible_id = SECOND_USER, OTHER_GROUP, SECOND_USER
    group = stage.portal.groups.get(OTHER_GROUP)
    assert group is not None
    group.members = [SECOND_USER]
    await stage.watch.compare()
    await stage.look()
    assert await stage.incidents() == []


# -- by whom and when


async def test_two_watches_at_once_take_a_card_once(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    other = await bootstrap_watch.watch(stage.settings, stage.db, Sessions())
    assert other is not None
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.watch.poll()
    await asyncio.gather(stage.watch.look(), other.look())
    await stage.quiet()
    assert await stage.stage(delivery) == "en_route"
    rows = await stage.service.rows("SELECT count(*)::int AS n FROM event WHERE type = 'delivery.departed'")
    assert rows == [{"n": 1}]


async def test_a_running_watch_takes_a_card_by_itself(stage: Stage) -> None:
    async with told_of_events(stage):
        delivery = await on_the_way(stage)
        running = asyncio.create_task(stage.watch.run())
        try:
            stage.do(USER, stage.task(delivery), "move", stage="В пути")
            async with asyncio.timeout(60):
                while await stage.stage(delivery) != "en_route":
                    await asyncio.sleep(0.05)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert await stage.service.rows("SELECT 1 FROM leader WHERE duty = 'portal'") == []


async def test_who_did_it_is_told_by_the_task_where_its_history_is_shut(stage: Stage) -> None:
    delivery = await stage.delivery()
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
    stage.portal.faults.set("error_200", method="tasks.task.history.list")
    await stage.noticed()
    await put_back(stage, delivery, "Битрикс24: пользователь 2: Для шага «Забрал»")


async def test_only_one_watch_leads(stage: Stage) -> None:
    other = await bootstrap_watch.watch(stage.settings, stage.db, Sessions())
    assert other is not None
    await stage.watch.round()
    before = stage.portal.requests
    await other.round()
    assert stage.portal.requests == before


async def test_a_watch_killed_between_reading_and_deciding_loses_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = await on_the_way(stage)
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.watch.poll()

    async def killed(*_: Any) -> str:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(stage.watch, "_decide", killed)
        with pytest.raises(asyncio.CancelledError):
            await stage.look()
    again = await bootstrap_watch.watch(stage.settings, stage.db, Sessions())
    assert again is not None
    await again.look()
    await stage.quiet()
    assert await stage.stage(delivery) == "en_route"


async def test_what_we_write_meanwhile_is_not_taken_for_somebodys_hand(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    task = stage.task(delivery)
    stage.do(USER, task, "move", stage="Возврат")
    read = stage.watch.portal.read

    async def slow(known: Any) -> Any:
        """While the card is being read the courier's own step is sent."""
        found = await read(known)
        await stage.service.act(delivery["id"], "depart")
        await stage.quiet()
        return found

    stage.watch.portal.read = slow  # type: ignore[method-assign]
    await stage.noticed()
    stage.watch.portal.read = read  # type: ignore[method-assign]
    assert stage.said(delivery) == []
    await stage.look()
    assert (await stage.stage(delivery), stage.column(delivery)) == ("en_route", "В пути")
    assert await stage.incidents() == []


async def test_a_card_of_a_division_that_sends_nothing_stays_as_it_is(stage: Stage) -> None:
    delivery = await stage.delivery()
    await stage.service.rows(
        "INSERT INTO division_setting (division_ref, mode, mode_at, mode_by) VALUES (%s, 'shadow', now(), 'Анна')"
        " RETURNING 1",
        DIVISION,
    )
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
    await stage.noticed()
    assert (stage.column(delivery), stage.said(delivery), await stage.incidents()) == ("Забрал", [], [])


async def test_a_new_user_of_a_courier_is_written_into_his_tasks(stage: Stage) -> None:
    delivery = await stage.delivery()
    await stage.service.rows(
        "INSERT INTO courier_mapping (courier_ref, bitrix24_user, who, at, reason)"
        " SELECT courier_ref, '9', 'Анна', now(), '' FROM delivery RETURNING 1"
    )
    count = await stage.db.transact(lambda tx: portal_watch.rewrite(tx, UUID(delivery["id"])))
    await stage.quiet()
    assert (count, stage.task(delivery).responsible_id) == (1, 9)


# -- the hand-over, a restored database


async def test_a_card_dragged_to_handed_over_is_a_hand_over_where_nothing_need_be_proved(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    stage.do(USER, stage.task(delivery), "move", stage="Отдал")
    await stage.noticed()
    assert (await stage.stage(delivery), stage.column(delivery)) == ("handed_over", "Отдал")
    types = await stage.service.rows("SELECT type FROM event WHERE subject_kind = 'delivery' ORDER BY pos")
    assert [row["type"].removeprefix("delivery.") for row in types] == [
        "readied", "picked_up", "departed", "handed_over",
    ]  # fmt: skip
    taken = await stage.service.rows("SELECT doc ->> 'amount_taken_kop' AS kop FROM delivery")
    assert taken == [{"kop": "228000"}]  # goods 1 980 and 300 for the delivery
    assert await stage.incidents() == []


async def test_a_failed_try_begins_again_by_the_card_of_who_may(stage: Stage) -> None:
    delivery = await on_the_way(stage)
    await stage.service.rows(
        "INSERT INTO person (id, login, name, bitrix24_user, roles) VALUES"
        " (gen_random_uuid(), 'pavel', 'Павел Логинов', '2', '{logistician}') RETURNING 1"
    )
    await stage.service.act(delivery["id"], "not_deliver", reason="not_home")
    await stage.quiet()
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Готов")
    await stage.noticed()
    assert await stage.stage(delivery) == "not_delivered", "the goods are with the courier"
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
    await stage.noticed()
    assert (await stage.stage(delivery), stage.column(delivery)) == ("picked_up", "Забрал")


async def test_while_a_restored_database_waits_for_what_it_lost_nobody_is_accused(stage: Stage) -> None:
    delivery = await stage.delivery()
    await stage.db.transact(lambda tx: own_restore.ask_all(tx, datetime.now(UTC)))
    stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
    await stage.noticed()
    assert (stage.column(delivery), stage.said(delivery)) == ("Забрал", [])
    await stage.service.rows("UPDATE incident SET state = 'decided' WHERE kind = 'does_not_agree' RETURNING 1")
    await stage.look()
    assert stage.column(delivery) == "Готов"
    assert (stage.said(delivery), await stage.incidents("moved_by_hand")) == ([], [])


# -- by hand


def test_the_command_line_compares_and_counts(database: str, tmp_path: Path) -> None:
    async def played() -> None:
        async with a_stage(database) as stage:
            delivery = await stage.delivery()
            stage.do(LOGISTICIAN, stage.task(delivery), "copy")
            stage.do(LOGISTICIAN, stage.task(delivery), "move", stage="Забрал")
            port, told = stage.server.port, stage.settings.bitrix24
            file = tmp_path / "config.toml"
            file.write_text(
                f'[database]\nurl = "{database}"\n[bitrix24]\nportal_url = "http://127.0.0.1:{port}"\n'
                f'webhook = "{told.webhook}"\ncalls_per_second = 0\n'
                f'[[divisions]]\nref = "{DIVISION}"\nbitrix24_group = {GROUP}\n'
            )
            compared = await asyncio.to_thread(CliRunner().invoke, app, ["bitrix24", "compare", "-c", str(file)])
            assert (compared.exit_code, "изменены вручную или удалены: 1" in compared.output) == (0, True), compared
            await stage.quiet()
            assert stage.column(delivery) == "Готов"
            swept = await asyncio.to_thread(CliRunner().invoke, app, ["bitrix24", "sweep", "-c", str(file)])
            assert (swept.exit_code, "доставок с несколькими задачами: 1" in swept.output) == (1, True), swept
            stage.portal.online = False
            silent = await asyncio.to_thread(CliRunner().invoke, app, ["bitrix24", "compare", "-c", str(file)])
            assert (silent.exit_code, "Портал не прочитан" in silent.output) == (1, True), silent

    asyncio.run(played())
