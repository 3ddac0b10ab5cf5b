"""Events of the portal: only hints. Lost, doubled, swapped, late, forged: in the end both sides agree all the same."""

from collections.abc import AsyncIterator

import pytest
from httpx import Response
from tests.flow.exchange_client import Json, courier
from tests.flow.portal_stage import ADMIN, LOGISTICIAN, SECOND_USER, USER, Stage, a_stage, told_of_events

from posrednik.kit import metrics
from posrednik.usecases import take_hint

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def stage(database: str) -> AsyncIterator[Stage]:
    async with a_stage(database) as made:
        yield made


def form(
    stage: Stage, event: str = "ONTASKUPDATE", task: int = 101, user: int = USER, **changed: str
) -> dict[str, str]:
    app = stage.portal.application
    return {
        "event": event, "event_handler_id": "1", "ts": "1", "data[FIELDS_BEFORE][ID]": str(task),
        "data[FIELDS_AFTER][ID]": str(task), "auth[domain]": stage.portal.address, "auth[member_id]": app.member_id,
        "auth[application_token]": app.application_token, "auth[user_id]": str(user), **changed,
    }  # fmt: skip


async def post(stage: Stage, told: dict[str, str]) -> Response:
    return await stage.service.client.post("/bitrix24/events", data=told)


async def hints(stage: Stage) -> list[Json]:
    return await stage.service.rows(
        "SELECT task_id, times, extract(epoch FROM due_at - clock_timestamp())::float8 AS in_s FROM portal_hint"
    )


def counted(result: str) -> float:
    return float(metrics.REGISTRY.get_sample_value("posrednik_portal_events_total", {"result": result}) or 0)


FORGED: list[dict[str, str]] = [
    {"auth[application_token]": "f" * 32},
    {"auth[application_token]": ""},
    {"auth[application_token]": "ж"},
    {"auth[member_id]": "0" * 32},
    {"auth[domain]": "other.bitrix24.ru"},
    {"auth[domain]": ""},
]
UNREADABLE: list[tuple[bytes, dict[str, str], int]] = [
    (b"a=" + b"x" * 65_536, FORM, 413),
    (b"{}", {"Content-Type": "application/json"}, 415),
    ("event=ж".encode(), FORM, 400),
    (b"&".join(b"a%d=1" % n for n in range(300)), FORM, 400),
    (b"", FORM, 403),
]

# -- the door


async def test_an_event_becomes_one_hint_however_often_it_comes(stage: Stage) -> None:
    delivery = await stage.delivery()
    task = stage.task(delivery).id
    for _ in range(3):
        answer = await post(stage, form(stage, task=task))
        assert (answer.status_code, answer.content) == (200, b"")
    (hint,) = await hints(stage)
    assert (hint["task_id"], hint["times"]) == (task, 3)
    assert hint["in_s"] <= 1.5
    (watch,) = await stage.service.rows("SELECT events FROM portal_watch")
    assert watch["events"] >= 1


async def test_our_own_change_is_looked_at_later(stage: Stage) -> None:
    delivery = await stage.delivery()
    await post(stage, form(stage, task=stage.task(delivery).id, user=ADMIN))
    (hint,) = await hints(stage)
    assert 20 < hint["in_s"] <= 30
    await post(stage, form(stage, task=stage.task(delivery).id))
    (hint,) = await hints(stage)
    assert hint["in_s"] <= 1.5


async def test_what_is_no_task_of_ours_is_taken_and_forgotten(stage: Stage) -> None:
    await stage.delivery()
    for event in ("ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD", "ONAPPTEST", "ONNOTHING", ""):
        assert (await post(stage, form(stage, event, task=999))).status_code == 200
    assert await hints(stage) == []


async def test_a_forged_event_is_refused_and_counted(stage: Stage) -> None:
    delivery = await stage.delivery()
    before = counted("forged")
    for number, changed in enumerate(FORGED, start=1):
        answer = await post(stage, form(stage, task=stage.task(delivery).id, **changed))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), changed
        assert (counted("forged"), await hints(stage)) == (before + number, [])


async def test_a_storm_of_forged_events_is_one_line_a_minute(stage: Stage) -> None:
    for _ in range(take_hint.FORGED_BURST + 10):
        assert (await post(stage, form(stage, **{"auth[application_token]": "x"}))).status_code == 403
    rows = await stage.service.rows("SELECT summary FROM journal WHERE code = 'event_forged'")
    assert [row["summary"] for row in rows] == [
        "события не от нашего портала Битрикс24 отвергнуты: 1, последнее с адреса 127.0.0.1"
    ]
    assert (await stage.service.rows("SELECT forged FROM portal_watch"))[0]["forged"] == 1


async def test_what_cannot_be_read_is_refused(stage: Stage) -> None:
    for body, headers, status in UNREADABLE:
        answer = await stage.service.client.post("/bitrix24/events", content=body, headers=headers)
        assert answer.status_code == status
    for number in ("0", "-1", "1e3", "' OR 1", "9" * 40, "[]"):
        told = form(stage, "ONTASKADD") | {"data[FIELDS_AFTER][ID]": number, "data[FIELDS_BEFORE]": "undefined"}
        del told["data[FIELDS_BEFORE][ID]"]
        assert (await post(stage, told)).status_code == 200
    assert await hints(stage) == []


async def test_without_a_token_of_ours_the_door_is_shut(stage: Stage) -> None:
    door = stage.service.client._transport.app.state.services.portal_events  # type: ignore[attr-defined]
    door.configured = take_hint.Configured(door.configured.domain)
    assert (await post(stage, form(stage, **{"auth[application_token]": ""}))).status_code == 403


# -- what the portal's sender does to them (facts, §10.4)


async def dragged(stage: Stage) -> Json:
    """A card that its courier drags on while the portal tells of it."""
    delivery = await stage.delivery()
    await stage.service.act(delivery["id"], "pick_up")
    await stage.quiet()
    return delivery


async def agreed(stage: Stage, delivery: Json) -> None:
    assert (await stage.stage(delivery), stage.column(delivery)) == ("en_route", "В пути")
    rows = await stage.service.rows("SELECT count(*)::int AS n FROM event WHERE type = 'delivery.departed'")
    assert (rows, await stage.incidents()) == ([{"n": 1}], [])


@pytest.mark.parametrize("fault", ["", "event_duplicated", "event_reordered", "event_forged"])
async def test_an_event_brings_the_card_at_once(stage: Stage, fault: str) -> None:
    async with told_of_events(stage):
        delivery = await dragged(stage)
        if fault:
            stage.portal.faults.set(fault)
        stage.do(USER, stage.task(delivery), "move", stage="В пути")
        stage.do(USER, stage.task(delivery), "comment", text="Еду")  # lets a swapped event go
        await stage.portal.events.sender.settled()
        await stage.look()
    await agreed(stage, delivery)


@pytest.mark.parametrize("fault", ["event_dropped", "event_delayed"])
async def test_polling_heals_what_events_do_not_tell(stage: Stage, fault: str) -> None:
    async with told_of_events(stage):
        delivery = await dragged(stage)
        stage.portal.faults.set(fault, seconds=600)
        await stage.portal.events.sender.settled()
        await stage.service.rows("DELETE FROM portal_hint RETURNING 1")
        stage.do(USER, stage.task(delivery), "move", stage="В пути")
        await stage.portal.events.sender.settled()
        await stage.look()
        assert await stage.stage(delivery) == "picked_up"
        await stage.noticed()
        await agreed(stage, delivery)
        stage.portal.faults.clear()
        stage.portal.clock.advance(601)  # the late one comes after all
        await stage.portal.events.sender.settled()
        await stage.look()
        await agreed(stage, delivery)


async def test_a_deleted_task_is_told_by_its_event(stage: Stage) -> None:
    async with told_of_events(stage):
        delivery = await stage.delivery()
        stage.do(ADMIN, stage.task(delivery), "delete")
        await stage.portal.events.sender.settled()
        await stage.look()
    assert [one["kind"] for one in await stage.incidents()] == ["task_deleted"]


async def test_a_second_task_is_told_by_its_event(stage: Stage) -> None:
    async with told_of_events(stage):
        delivery = await stage.delivery()
        stage.do(LOGISTICIAN, stage.task(delivery), "copy")
        await stage.portal.events.sender.settled()
        await stage.look()
        await stage.look()
    (incident,) = await stage.incidents()
    assert (incident["kind"], incident["doc"]["times"]) == ("double_at_destination", 1)


# -- clocks and zones


@pytest.mark.parametrize("shift_s", [-86_400, 7200])
async def test_a_portal_whose_clock_jumps_is_still_polled_whole(stage: Stage, shift_s: int) -> None:
    delivery = await dragged(stage)
    await stage.noticed()
    stage.portal.clock.advance(shift_s)
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.noticed()
    await agreed(stage, delivery)


@pytest.mark.parametrize("zone", ["Asia/Omsk", "America/New_York"])
async def test_a_portal_that_changes_its_zone_is_still_polled_whole(stage: Stage, zone: str) -> None:
    delivery = await dragged(stage)
    await stage.noticed()
    stage.portal.clock.set_zone(zone)
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.noticed()
    await agreed(stage, delivery)
    await stage.noticed()
    await agreed(stage, delivery)


# -- lists that do not do what they are asked


@pytest.mark.parametrize("fault", ["filter_ignored", "start_ignored"])
async def test_a_portal_that_ignores_what_it_is_asked_is_watched_all_the_same(stage: Stage, fault: str) -> None:
    stage.portal.faults.set(fault)
    for number in range(120):  # tasks of others
        stage.do_create(number)
    delivery = await dragged(stage)
    await stage.noticed()
    await stage.service.rows("UPDATE portal_watch SET compared_at = NULL RETURNING 1")
    stage.do(USER, stage.task(delivery), "move", stage="В пути")
    await stage.noticed()
    await agreed(stage, delivery)


async def test_a_silent_portal_is_told_and_asked_again(stage: Stage) -> None:
    await stage.delivery()
    stage.portal.online = False
    await stage.watch.round()
    (watch,) = await stage.service.rows("SELECT failure, failed_since FROM portal_watch")
    assert watch["failure"].startswith("Битрикс24")
    assert watch["failed_since"] is not None
    stage.portal.online = True
    await stage.watch.poll()
    (watch,) = await stage.service.rows("SELECT failure, failed_since FROM portal_watch")
    assert (watch["failure"], watch["failed_since"]) == ("", None)


# -- what is our own hand


async def test_a_courier_whose_user_changes_in_1c_has_his_open_tasks_at_the_portal(stage: Stage) -> None:
    delivery = await stage.delivery()
    await stage.service.onec.send([courier(bitrix24_user=str(SECOND_USER))])
    await stage.quiet()
    assert stage.task(delivery).responsible_id == SECOND_USER
    await stage.noticed()
    assert (stage.said(delivery), await stage.incidents()) == ([], []), "it was our hand"
