"""Beside the task: checklist, lines of its chat, photos, notices, from 1C's command and the phone to the portal."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.flow.courier_phone import a_phone, picture
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Json,
    Service,
    courier,
    division,
    new_ref,
    order,
    references,
    running,
    settings,
    until,
)
from tests.flow.portal_kit import URL
from tests.sandbox.portal_running import SECRET
from tests.sandbox.portal_running import running as portal_running

from posrednik import bootstrap, bootstrap_worker
from posrednik.config import Bitrix24, Division, Proofs, Server
from posrednik.domain.changes import found
from posrednik.domain.task_notes import MOST_INCIDENTS
from posrednik.kit.http import Sessions
from posrednik.store import lanes
from posrednik.store.db import Database, Tx
from posrednik.usecases import incidents
from posrednik.usecases.incidents import About
from posrednik_sandbox.portal import Portal, drive
from posrednik_sandbox.portal.model import Task

PORTAL = Bitrix24(portal_url="https://portal.example", webhook="1/secret")


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, settings(bitrix24=PORTAL)) as made:
        await made.onec.send(
            [division(), courier(bitrix24_user="17"), courier(SECOND_COURIER, "Анна Белова", bitrix24_user="18")]
        )
        yield made


async def waiting(service: Service, method: str) -> list[Json]:
    """Bodies of messages of a method, oldest first."""
    rows = await service.rows("SELECT body, l.key FROM message m JOIN lane l ON l.id = m.lane_id"
                              " WHERE m.method = %s ORDER BY m.made_at, l.key", method)  # fmt: skip
    return [{**row["body"], "lane": row["key"]} for row in rows]


async def ready(service: Service, courier_ref: str = COURIER, **more: Any) -> tuple[str, str]:
    """(order, delivery) of a new «Готов»; couriers stay as they were told of."""
    ref = new_ref()
    await service.onec.send([*(one for one in references() if one["kind"] != "courier"), order(ref, **more)])
    done = await service.onec.press("delivery.ready", ref, courier=courier_ref)
    assert done["status"] == "done", done
    return ref, done["result"]["delivery"]["id"]


# -- what is put, and for whom


async def test_who_is_assigned_is_told_and_who_was_before_too(service: Service) -> None:
    _, delivery = await ready(service)
    await service.act(delivery, "assign", courier=SECOND_COURIER)
    told = {(one["user"], one["about"]) for one in await waiting(service, "notice.put")}
    assert told == {("17", "taken"), ("18", "new")}
    assert {one["lane"] for one in await waiting(service, "notice.put")} == {
        f"notice:{delivery}:17",
        f"notice:{delivery}:18",
    }


async def test_an_edited_order_says_what_changed_and_only_what_matters(service: Service) -> None:
    ref, delivery = await ready(service)
    await service.onec.send([order(ref, comment="Не звонить")])
    assert [one["about"] for one in await waiting(service, "notice.put")] == ["new"]
    await service.onec.send([order(ref, comment="Не звонить", delivery_price="500.00")])
    (told,) = await waiting(service, "notice.put")
    assert (told["about"], told["changed"], told["amount_due_kop"]) == ("changed", ["amount"], 248000)
    assert told["delivery"] == delivery


async def test_a_courier_is_not_told_of_his_own_steps_and_one_without_a_user_of_nothing(service: Service) -> None:
    _, mine = await ready(service)
    phone = await a_phone(service)
    for step, more in (("pick_up", {}), ("not_deliver", {"payload": {"reason": "not_home"}}), ("retry", {})):
        assert (await phone.do(f"delivery.{step}", mine, **more))["status"] == "accepted"
    assert [one["about"] for one in await waiting(service, "notice.put")] == ["new"]
    await service.onec.send([courier(SECOND_COURIER, "Анна Белова", bitrix24_user="нет")])
    await ready(service, SECOND_COURIER)
    assert len(await waiting(service, "notice.put")) == 1


async def test_the_checklist_has_the_mandatory_steps_of_the_divisions_rules(database: str) -> None:
    rules = Proofs(
        pick_up={"items": "off"}, depart={"photo": "required"},
        hand_over={"code": "required", "photo": "optional", "amount": "optional"},
    )  # fmt: skip
    async with running(database, settings(bitrix24=PORTAL, proofs=rules)) as made:
        _, delivery = await made.ready_order()
        (body,) = await waiting(made, "steps.put")
    assert [(step["title"], step["done"]) for step in body["steps"]] == [
        ("Забрать заказ", False),
        ("Выехать к покупателю: фото", False),
        ("Отдать заказ: код покупателя", False),
    ]
    assert body["delivery"] == delivery["id"]


async def test_steps_are_ticked_and_another_try_begins_anew(service: Service) -> None:
    _, delivery = await ready(service)
    assert await ticks(service) == [False, False]
    await service.act(delivery, "pick_up")
    assert await ticks(service) == [True, False]
    await service.act(delivery, "not_deliver", reason="not_home")
    await service.act(delivery, "retry", courier=SECOND_COURIER)
    assert await ticks(service) == [False, False]


async def ticks(service: Service) -> list[bool]:
    (body,) = await waiting(service, "steps.put")
    return [step["done"] for step in body["steps"]]


async def test_the_chat_hears_what_happened_with_its_figures(service: Service) -> None:
    _, first = await ready(service)
    await service.act(first, "pick_up")
    await service.act(first, "hand_over", amount_taken="2000.00", payment_method="cash", difference_reason="скидка")
    _, second = await ready(service)
    await service.act(second, "pick_up")
    await service.act(second, "not_deliver", reason="not_home", comment="Домофон не работает")
    await service.act(second, "cancel", reason="Клиент передумал")
    said = [one["text"] for one in await waiting(service, "task.say")]
    assert "Получено 2\u2009000\u00a0₽, наличными. К получению было 2\u2009280\u00a0₽. Причина: скидка." in said[0]
    assert "нет дома" in said[1]
    assert "Комментарий: Домофон не работает" in said[1]
    assert "Доставка отменена" in said[2]
    assert "Товар у курьера" in said[2]


async def test_photos_go_behind_everything_else_and_each_kind_of_step_has_its_lane(service: Service) -> None:
    _, delivery = await ready(service)
    phone = await a_phone(service)
    taken = [await phone.put_photo(number) for number in (1, 2)]
    await phone.do("delivery.pick_up", delivery, photos=taken[:1])
    await phone.do("delivery.depart", delivery)
    await phone.do("delivery.hand_over", delivery, photos=taken[1:],
                   payload={"amount_taken": "2280.00", "payment_method": "cash"})  # fmt: skip
    told = await waiting(service, "photos.put")
    assert [(one["lane"], one["photos"]) for one in told] == [
        (f"photos:{delivery}:picked_up", taken[:1]),
        (f"photos:{delivery}:handed_over", taken[1:]),
    ]
    assert {
        row["p"] for row in await service.rows("SELECT priority AS p FROM message WHERE method = 'photos.put'")
    } == {1}


# -- incidents


async def test_a_division_is_told_of_twenty_incidents_an_hour_and_then_of_their_number(service: Service) -> None:
    db = await a_database(service)

    async def work(tx: Tx) -> None:
        raised = [
            (found("amount_mismatch", order_number=str(n), who="Иван", taken_kop=1, due_kop=2),
             About("delivery", str(uuid4()), DIVISION, "c", order_number=str(n)))
            for n in range(MOST_INCIDENTS + 5)
        ]  # fmt: skip
        await incidents.raise_many(tx, raised, datetime.now(UTC))

    try:
        await db.transact(work)
        keys = [one["lane"] for one in await waiting(service, "notice.incident")]
        assert len([lane for lane in keys if lane.startswith("notice:incident:")]) == MOST_INCIDENTS
        (many,) = [one for one in await waiting(service, "notice.incident") if "many" in one]
        assert (many["many"], many["lane"]) == (MOST_INCIDENTS + 5, f"notice:incidents:{DIVISION}")
        weak, about = [found("no_position", order_number="1", who="Иван")], About("delivery", "x", DIVISION)
        await db.transact(lambda tx: incidents.raise_all(tx, weak, about, datetime.now(UTC)))
        assert len(await waiting(service, "notice.incident")) == MOST_INCIDENTS + 1
    finally:
        await db.close()


async def a_database(service: Service) -> Database:
    db = bootstrap.database(settings(bitrix24=PORTAL), service.dsn)
    await db.open()
    return db


async def test_in_shadow_people_of_the_portal_hear_nothing(database: str) -> None:
    quiet = settings(bitrix24=PORTAL, divisions=(Division(ref=DIVISION, mode="shadow"),))
    async with running(database, quiet) as made:
        _, delivery = await made.picked_up()
        await made.act(delivery["id"], "hand_over", amount_taken="1.00", payment_method="cash")
        assert await made.rows("SELECT 1 AS x FROM message") == []
        told = await made.rows("SELECT DISTINCT method FROM shadow_message")
    assert {row["method"] for row in told} >= {"task.put", "steps.put", "task.say", "notice.incident"}


# -- who of the portal a courier is


async def test_another_user_of_a_courier_gets_his_open_tasks_at_once(service: Service) -> None:
    _, open_one = await ready(service)
    _, done = await ready(service)
    await service.act(done, "cancel", reason="не нужно")
    answer = await service.person("PUT", f"/api/v1/admin/mappings/couriers/{COURIER}",
                                  {"bitrix24_user": "23", "reason": "новый телефон"})  # fmt: skip
    assert answer.status_code == 200, answer.text
    users = {one["delivery"]: one["courier"]["bitrix24_user"] for one in await waiting(service, "task.put")}
    assert users == {open_one: "23", done: "17"}


async def test_another_user_of_a_courier_by_1c_gets_his_open_tasks_with_that_message(service: Service) -> None:
    _, open_one = await ready(service)
    _, done = await ready(service)
    await service.act(done, "cancel", reason="не нужно")
    _, others = await ready(service, SECOND_COURIER)
    before = await service.rows("SELECT count(*) AS n FROM message")
    await service.onec.send(
        [division(), courier(bitrix24_user="17"), courier(phone="+79160000000", bitrix24_user=" 17 ")]
    )
    assert await service.rows("SELECT count(*) AS n FROM message") == before, "the user is the same"
    await service.onec.send([courier(bitrix24_user="23")])
    users = {one["delivery"]: one["courier"]["bitrix24_user"] for one in await waiting(service, "task.put")}
    assert users == {open_one: "23", done: "17", others: "18"}
    await service.onec.send([courier()])
    users = {one["delivery"]: one["courier"].get("bitrix24_user") for one in await waiting(service, "task.put")}
    assert users[open_one] is None, "1C took his user away"


async def test_a_page_that_maps_a_courier_wins_so_1c_moves_none_of_his_tasks(service: Service) -> None:
    await ready(service)
    path = f"/api/v1/admin/mappings/couriers/{COURIER}"
    await service.person("PUT", path, {"bitrix24_user": "23", "reason": "так"})
    before = await service.rows("SELECT count(*) AS n FROM message")
    await service.onec.send([courier(bitrix24_user="40")])
    assert await service.rows("SELECT count(*) AS n FROM message") == before
    await service.person("PUT", path, {"bitrix24_user": None, "reason": "1С права"})
    [task] = await waiting(service, "task.put")
    assert task["courier"]["bitrix24_user"] == "40"


async def test_an_order_that_changes_with_its_couriers_user_is_one_task_of_both(service: Service) -> None:
    order_ref, _ = await ready(service)
    await service.onec.send([courier(bitrix24_user="23"), order(order_ref, comment="позвонить", head={"version": "2"})])
    [task] = await waiting(service, "task.put")
    assert (task["courier"]["bitrix24_user"], task["comment"]) == ("23", "позвонить")


async def test_what_waits_for_a_task_goes_as_soon_as_it_is_made(service: Service) -> None:
    _, delivery = await ready(service)
    await service.act(delivery, "pick_up")
    await service.act(delivery, "not_deliver", reason="not_home")
    _, other = await ready(service)
    waits = "state = 'ready', why = 'no_task_yet', due_at = now() + interval '1 hour'"
    await service.rows(f"UPDATE lane SET {waits} WHERE key ~ '^(steps|talk):' RETURNING id")
    db = await a_database(service)
    try:
        [lane] = await service.rows(
            "SELECT l.id FROM lane l JOIN destination d ON d.id = l.destination_id"
            " WHERE d.kind = 'bitrix24' AND l.key = %s", f"delivery:{delivery}",
        )  # fmt: skip
        await db.transact(lambda tx: lanes.finish(tx, "bitrix24", [], [], [lanes.Remote(lane["id"], "77", None)]))
    finally:
        await db.close()
    due = await service.rows("SELECT key FROM lane WHERE why = 'no_task_yet' AND due_at <= now() ORDER BY key")
    assert [row["key"] for row in due] == [f"steps:{delivery}", f"talk:{delivery}"]
    assert other != delivery


# -- all of it on a portal


@asynccontextmanager
async def served(dsn: str, folder: Any) -> AsyncIterator[tuple[Portal, Service]]:
    """A portal, a service that knows two couriers of it (7 and 8), and a worker between them."""
    async with portal_running() as at:
        server = Server(requests_per_second=1e6, request_burst=1e6, public_url=URL, data_dir=str(folder))
        b24 = Bitrix24(
            portal_url=at.http, webhook=SECRET, client_id="local.1", default_group=11, calls_per_second=0,
            time_limit_s=1.0,
        )  # fmt: skip
        made = settings(server=server, bitrix24=b24)
        db, sessions = bootstrap.database(made, dsn), Sessions()
        async with running(dsn, made) as service:
            await service.onec.send(
                [division(), courier(bitrix24_user="7"), courier(SECOND_COURIER, "Ринат", bitrix24_user="8")]
            )
            await db.open()
            await bootstrap.keep_person(db, "pavel", "Павел", "logistician", "2", "pavel-token")
            worker = bootstrap_worker.worker(made, db, sessions)
            await worker.start()
            try:
                yield at.portal, service
            finally:
                await worker.stop(2.0)
                await sessions.close()
                await db.close()


async def so(true: Callable[[], Any]) -> Any:
    async def look() -> Any:
        return true()

    return await until(look)


def noticed(portal: Portal, user: int, words: str) -> bool:
    return any(words in row.text for row in portal.notifications if row.user_id == user)


async def test_a_delivery_is_told_on_the_portal_from_ready_to_the_photo_at_the_door(
    database: str, tmp_path: Any
) -> None:
    """While the Disk is slow and fails once, and the photo comes from the phone long after its step."""
    async with served(database, tmp_path) as (portal, service):
        portal.faults.set("delay", seconds=0.2, method="disk.*")
        portal.faults.set("http_500_before", count=1, method="disk.folder.uploadfile")
        _, delivery = await ready(service)
        task: Task = await so(lambda: next(iter(portal.tasks), None))
        assert f"marketplace/view/local.1/?params%5Bdelivery%5D={delivery}" in task.description
        assert f"{URL}/courier/#delivery={delivery}" in task.description
        await so(lambda: noticed(portal, 7, "Новая доставка"))
        await service.act(delivery, "assign", courier=SECOND_COURIER)
        await so(lambda: noticed(portal, 7, "другому курьеру") and noticed(portal, 8, "Новая доставка"))
        phone = await a_phone(service, SECOND_COURIER)
        name, content = picture(5)
        await phone.do("delivery.pick_up", delivery)
        taken = {"amount_taken": "2000.00", "payment_method": "cash"}
        assert (await phone.do("delivery.hand_over", delivery, photos=[name], payload=taken))["status"] == "accepted"
        await so(lambda: [row.complete for row in portal.checklist if row.parent_id] == [True, True])
        await so(lambda: any("Получено 2" in row.text for row in portal.messages))
        await so(lambda: noticed(portal, 2, "Нужно решение"))
        assert not drive.attached(portal, task)
        put = await phone.call("PUT", f"photos/{name}", content=content, headers={"Content-Type": "image/jpeg"})
        assert put.status_code == 201
        [(_, photo)] = await so(lambda: drive.attached(portal, task))
        assert portal.blobs.get(photo.id) == content
        assert drive.path_of(portal, photo).startswith("Фото доставок/")
        assert len(list(portal.tasks)) == 1
        assert await service.rows("SELECT 1 AS x FROM message WHERE dead_at IS NOT NULL") == []
