"""Messages beside tasks: each arrives once in effect, whatever becomes of answers, and no task ever waits for them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.connectors.harness import TestGate
from tests.connectors.notes_kit import (
    Office,
    Saboteur,
    again,
    an_office,
    incident,
    message,
    notice,
    photos,
    retried,
    say,
    steps,
)

from posrednik.connectors.base import Accepted, Item, NotThere, Refused, TryLater, Unclear
from posrednik_sandbox.portal import drive
from posrednik_sandbox.portal.model import ChecklistItem, Message, Notification

LOST = ("drop", "http_500", "http_502", "truncated")
EVERYTHING = "$result[c0] $NEXT[a] $total[b] [B]жирно[/B] <br>"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with an_office() as made:
        yield made


def checklist(office: Office, delivery: str) -> list[ChecklistItem]:
    task = office.task(delivery)
    return [row for row in office.made.portal.checklist if row.task_id == task.id]


def ticks(office: Office, delivery: str) -> dict[str, bool]:
    return {row.title: row.complete for row in checklist(office, delivery) if row.parent_id}


def lines(office: Office, delivery: str) -> list[Message]:
    dialog = f"chat{office.task(delivery).chat_id}"
    return [row for row in office.made.portal.messages if row.dialog == dialog and row.author_id and not row.system]


def notices(office: Office, user: int = 7) -> list[Notification]:
    return [row for row in office.made.portal.notifications if row.user_id == user]


def hung(office: Office, delivery: str) -> list[str]:
    return [file.name for _, file in drive.attached(office.made.portal, office.task(delivery))]


def paths(office: Office) -> list[str]:
    portal = office.made.portal
    return [drive.path_of(portal, row) for row in portal.objects if not row.folder]


# -- the checklist


async def test_the_mandatory_steps_stand_in_the_task_and_are_ticked_as_they_happen(office: Office) -> None:
    delivery = office.a_task()
    first = await office.one(steps(delivery))
    assert [row.title for row in checklist(office, delivery)] == [
        "Шаги курьера", "Забрать заказ: сверить товары", "Отдать заказ: фото, сумма",
    ]  # fmt: skip
    assert set(ticks(office, delivery).values()) == {False}
    second = await office.one(again(steps(delivery, "pick_up"), first))
    assert ticks(office, delivery) == {"Забрать заказ: сверить товары": True, "Отдать заказ: фото, сумма": False}
    await office.one(again(steps(delivery), second))
    assert set(ticks(office, delivery).values()) == {False}


async def test_what_stands_as_wanted_costs_no_call(office: Office) -> None:
    delivery = office.a_task()
    first = await office.one(steps(delivery, "pick_up"))
    before = office.calls()
    assert isinstance(await office.one(again(steps(delivery, "pick_up"), first)), Accepted)
    assert office.calls() == before


async def test_checklists_of_many_tasks_ride_together(office: Office) -> None:
    deliveries = [office.a_task() for _ in range(40)]
    gate_calls = office.made.received
    outcomes = await office.send(*(steps(delivery, "pick_up") for delivery in deliveries))
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert office.made.received - gate_calls <= 4
    assert all(len(checklist(office, delivery)) == 3 for delivery in deliveries)


async def test_a_list_that_people_changed_is_mended_and_their_own_items_stay(office: Office) -> None:
    delivery, portal = office.a_task(), office.made.portal
    first = await office.one(steps(delivery))
    root, _, gone = checklist(office, delivery)
    portal.checklist.drop(gone.id)
    portal.checklist.put(ChecklistItem(portal.checklist.next_id(), root.task_id, "Купить хлеб", root.id, 5, 7))
    await office.one(again(steps(delivery, "hand_over"), first))
    assert ticks(office, delivery)["Отдать заказ: фото, сумма"] is True
    assert "Купить хлеб" in ticks(office, delivery)


async def test_other_rules_of_the_division_rename_a_step(office: Office) -> None:
    delivery = office.a_task()
    first = await office.one(steps(delivery, "pick_up"))
    await office.one(again(steps(delivery, "pick_up", title="Отдать заказ: фото, код покупателя"), first))
    assert list(ticks(office, delivery)) == ["Забрать заказ: сверить товары", "Отдать заказ: фото, код покупателя"]


# -- waiting for the task, and tasks that are gone


@pytest.mark.parametrize("made", [steps, say, photos])
async def test_what_comes_before_its_task_waits_free_and_longer_each_time(office: Office, made: Any) -> None:
    item = made("5b4f0b0e-0000-4000-8000-0000000000aa")
    waits = [await office.one(item) for _ in range(4)]
    assert all(isinstance(one, TryLater) and one.free for one in waits)
    pauses = [one.after_s for one in waits]
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]
    assert office.made.received == 0


async def test_a_deleted_task_is_nobodys_fault(office: Office) -> None:
    first, second, third = (office.a_task() for _ in range(3))
    for delivery in (first, second, third):
        office.made.portal.tasks.drop(office.task(delivery).id)
    outcomes = await office.send(steps(first), say(second), photos(third, office.photo()))
    assert [one.code for one in outcomes] == ["task_gone", "task_gone", "task_gone"]  # type: ignore[union-attr]


# -- lines


async def test_one_line_goes_by_rest_v3_and_many_ride_in_batches(office: Office) -> None:
    alone = office.a_task()
    assert isinstance(await office.one(say(alone)), Accepted)
    assert office.calls()["tasks.task.chat.message.send"] == 1
    many = [office.a_task() for _ in range(60)]
    before = office.made.received
    await office.send(*(say(delivery) for delivery in many))
    assert office.made.received - before == 4
    assert all("Отдано" in lines(office, delivery)[-1].text for delivery in many)


async def test_without_rest_v3_a_line_goes_to_the_chat(office: Office) -> None:
    office.made.portal.faults.set("v3_off")
    delivery = office.a_task()
    await office.one(say(delivery))
    assert [row.text.splitlines()[0] for row in lines(office, delivery)] == ["Отдано, получено 2 450 ₽"]


async def test_an_old_card_gets_a_comment(office: Office) -> None:
    office.made.portal.faults.set("v3_off")
    office.made.portal.new_card = False
    delivery = office.a_task()
    assert isinstance(await office.one(say(delivery)), Accepted)
    assert len(lines(office, delivery)) == 1


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("v3", [True, False])
async def test_a_line_whose_answer_was_lost_is_looked_for_by_its_mark(office: Office, fault: str, v3: bool) -> None:
    if not v3:
        office.made.portal.faults.set("v3_off")
    delivery = office.a_task()
    item = say(delivery)
    if not v3:
        await office.one(say(office.a_task()))
    lost = await office.one(item, gate=Saboteur(office, 1 if v3 else 2, fault))
    assert isinstance(lost, Unclear)
    assert not lost.fault
    assert isinstance(await office.one(item, look=True), Accepted)
    assert len(lines(office, delivery)) == 1


async def test_a_line_that_never_left_is_not_found(office: Office) -> None:
    delivery = office.a_task()
    await office.one(say(delivery, "другое"))
    assert isinstance(await office.one(say(delivery), look=True), NotThere)


# -- notices


async def test_a_courier_is_told_of_a_delivery_and_each_notice_takes_the_place_of_the_last(office: Office) -> None:
    delivery = office.a_task()
    first = await office.one(notice(delivery))
    (row,) = notices(office)
    assert "Новая доставка 000-000123" in row.text
    assert "К получению: 2" in row.text
    assert "https://127.0.0.1" not in row.text
    assert "params%5Bdelivery%5D=" + delivery in row.text
    await office.one(again(notice(delivery, "changed", changed=["address"]), first))
    (row,) = notices(office)
    assert "Изменилась доставка 000-000123: адрес" in row.text


async def test_two_people_of_one_delivery_do_not_take_each_others_notices_away(office: Office) -> None:
    delivery = office.a_task()
    told = await office.one(notice(delivery))
    both = notice(delivery, user="8"), again(notice(delivery, "taken"), told)
    assert all(isinstance(one, Accepted) for one in await office.send(*both))
    assert "Новая доставка" in notices(office, 8)[0].text
    assert "другому курьеру" in notices(office, 7)[0].text


async def test_one_event_may_tell_two_people(office: Office) -> None:
    """The messages have one id and two lanes."""
    delivery = office.a_task()
    first = notice(delivery)
    second = Item(first.id, f"notice:{delivery}:8", "notice.put", {**first.body, "user": "8"})
    assert [type(one) for one in await office.send(first, second)] == [Accepted, Accepted]


@pytest.mark.parametrize("about", ["taken", "cancelled"])
async def test_who_was_told_nothing_is_not_told_that_it_is_over(office: Office, about: str) -> None:
    outcome = await office.one(notice(office.a_task(), about))
    assert outcome.code == "nothing_to_tell"
    assert notices(office) == []


async def test_notices_ride_fifty_in_a_call(office: Office) -> None:
    items = [notice(office.a_task()) for _ in range(100)]
    assert all(isinstance(one, Accepted) for one in await office.send(*items))
    assert office.made.received == 2
    assert len(notices(office)) == 100


@pytest.mark.parametrize("fault", LOST)
async def test_a_notice_whose_answer_was_lost_is_sent_again_and_stands_once(office: Office, fault: str) -> None:
    item = notice(office.a_task())
    office.made.portal.faults.set(fault, count=1)
    assert isinstance(await office.one(item), Unclear)
    assert isinstance(await office.one(item, look=True), NotThere)
    assert isinstance(await office.one(retried(item)), Accepted)
    assert len(notices(office)) == 1


async def test_a_notice_of_yesterday_is_not_told_today(office: Office) -> None:
    office.now = 13 * 3600
    outcome = await office.one(notice(office.a_task()))
    assert outcome.code == "too_late"
    assert notices(office) == []


async def test_a_user_who_is_not_there_holds_nobody_up(office: Office) -> None:
    outcome = await office.one(notice(office.a_task(), user="999"))
    assert isinstance(outcome, Accepted)
    assert outcome.code == "not_all_told"


async def test_those_who_decide_hear_of_an_incident_and_of_its_end(office: Office) -> None:
    first = await office.one(incident())
    assert all("Нужно решение, заказ 000-000123" in notices(office, user)[0].text for user in (2, 9))
    assert "https://p.example/office/#/incidents?q=000-000123" in notices(office, 2)[0].text
    office.facts.people["incident"] = [2, 9, 10]
    await office.one(again(incident(state="decided"), first))
    assert ["Решено" in row.text for user in (2, 9) for row in notices(office, user)] == [True, True]
    assert notices(office, 10) == []


async def test_of_a_decision_nobody_hears_who_did_not_hear_of_the_incident(office: Office) -> None:
    outcome = await office.one(incident(state="decided"))
    assert outcome.code == "nothing_to_tell"
    assert office.made.received == 0


async def test_many_incidents_are_one_line(office: Office) -> None:
    for many in (21, 22):
        body = {"division": "d", "many": many, "hour": "2026112211", "at": "2026-11-22T11:05:00+00:00"}
        await office.one(message("notice.incident", "notice:incidents:d", body))
    (row,) = notices(office, 2)
    assert "инцидентов: 22" in row.text


async def test_administrators_hear_of_an_alarm_and_of_its_end(office: Office) -> None:
    alarm = message("notice.alarm", "notice:alarm:overload", {"code": "overload", "text": "Портал закрыл доступ."})
    first = await office.one(alarm)
    assert "Тревога Посредника. Портал закрыл доступ." in notices(office, 1)[0].text
    await office.one(again(alarm, first, over=True))
    (row,) = notices(office, 1)
    assert "снята" in row.text


# -- photos


async def test_a_photo_goes_to_the_projects_disk_and_onto_the_task(office: Office) -> None:
    delivery, sha = office.a_task(), office.photo()
    assert isinstance(await office.one(photos(delivery, sha)), Accepted)
    name = f"000-000123 Отдал 14-05 {sha[:8]}.jpg"
    assert paths(office) == [f"Фото доставок/2026-11/{name}"]
    assert hung(office, delivery) == [name]
    file = next(row for row in office.made.portal.objects if row.name == name)
    assert office.made.portal.blobs.get(file.id) == "фото".encode()


async def test_two_photos_of_one_step_cost_two_uploads_and_one_batch(office: Office) -> None:
    delivery = office.a_task()
    await office.one(photos(office.a_task(), office.photo("ещё")))
    before = office.made.received
    await office.one(photos(delivery, office.photo("один"), office.photo("два")))
    assert office.made.received - before == 3
    assert len(hung(office, delivery)) == 2


async def test_the_same_photo_twice_is_one_file_in_one_place(office: Office) -> None:
    delivery, sha = office.a_task(), office.photo()
    for attempt in (photos(delivery, sha), photos(delivery, sha), retried(photos(delivery, sha))):
        assert isinstance(await office.one(attempt), Accepted)
    assert len(paths(office)) == len(hung(office, delivery)) == 1


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("method", ["disk.folder.uploadfile", "tasks.task.files.attach", "disk.folder.addsubfolder"])
async def test_a_photo_whose_answer_was_lost_is_there_once(office: Office, fault: str, method: str) -> None:
    delivery, sha = office.a_task(), office.photo()
    item = photos(delivery, sha)
    office.made.portal.faults.set(fault, count=1, method=method)
    first = await office.one(item)
    assert isinstance(first, Unclear | TryLater)
    assert not getattr(first, "fault", False)
    if isinstance(first, Unclear):
        assert isinstance(await office.one(item, look=True), NotThere)
    assert isinstance(await office.one(retried(item)), Accepted)
    assert len(paths(office)) == len(hung(office, delivery)) == 1
    assert len([row for row in office.made.portal.objects if row.folder and row.parent_id]) == 2


async def test_a_photo_that_has_not_come_from_the_phone_waits_free_and_holds_up_no_other(office: Office) -> None:
    delivery, here = office.a_task(), office.photo()
    missing = "ab" * 32
    item = photos(delivery, here, missing)
    waits = [await office.one(item) for _ in range(3)]
    assert [one.code for one in waits] == ["no_photo_yet"] * 3
    assert all(one.free for one in waits)
    assert waits[0].after_s < waits[2].after_s
    assert len(hung(office, delivery)) == 1
    assert office.calls()["disk.folder.uploadfile"] == 1
    office.facts.photos[missing] = b"late"
    assert isinstance(await office.one(item), Accepted)
    assert len(hung(office, delivery)) == 2


async def test_a_photo_that_never_comes_is_given_up_after_a_week(office: Office) -> None:
    delivery = office.a_task()
    item = photos(delivery, office.photo(), "cd" * 32)
    assert isinstance(await office.one(item), TryLater)
    office.now = 8 * 86400
    outcome = await office.one(item)
    assert isinstance(outcome, Accepted)
    assert outcome.code == "photo_never_came"


async def test_a_folder_that_people_took_away_is_made_again(office: Office) -> None:
    first, second = office.a_task(), office.a_task()
    await office.one(photos(first, office.photo("раз")))
    portal = office.made.portal
    drive.remove(portal, next(row for row in portal.objects if row.name == "Фото доставок"))
    item = photos(second, office.photo("два"))
    assert isinstance(await office.one(item), TryLater)
    assert isinstance(await office.one(retried(item)), Accepted)
    assert len(hung(office, second)) == 1


async def test_names_of_photos_fit_every_disk(office: Office) -> None:
    delivery = office.a_task()
    item = photos(delivery, office.photo(), order_number='А/12:3*"<>|')
    assert isinstance(await office.one(item), Accepted)
    assert not set(hung(office, delivery)[0]) & set('/\\:*?"<>|')


async def test_a_slow_and_failing_disk_never_touches_tasks_and_loses_no_photo(office: Office) -> None:
    """0.08 to 3.5 s a call, here at a twentieth of it, 5 % failures and a lost answer now and then: tasks sent beside
    the photos have their answers meanwhile, the breaker hears nothing, and in the end each photo is there once."""
    portal = office.made.portal
    portal.limits.wait_scale = 0.05
    portal.faults.set("disk_slow")
    portal.faults.set("drop", share=0.1, method="disk.folder.uploadfile")
    deliveries = [office.a_task() for _ in range(20)]
    pictures = [photos(one, office.photo(one)) for one in deliveries]
    tasks = [office.made.item(f"delivery:{office.a_task()}") for _ in range(10)]
    order: list[str] = []

    def report(item: Item, outcome: Any) -> None:
        order.append(item.method if isinstance(outcome, Accepted) else "")
        assert not getattr(outcome, "fault", False)

    await office.made.connector.send([*pictures, *tasks], TestGate(), report)
    assert order.count("task.put") == 10
    done = [n for n, method in enumerate(order) if method == "task.put"]
    assert "photos.put" not in order[: done[-1]]
    left = pictures
    while left:
        outcomes = await office.send(*left)
        left = [retried(one) for one, out in zip(left, outcomes, strict=True) if not isinstance(out, Accepted)]
    assert len(paths(office)) == len(deliveries)
    assert [len(hung(office, delivery)) for delivery in deliveries] == [1] * len(deliveries)


async def test_photos_of_two_groups_do_not_hold_two_runners(office: Office) -> None:
    office.made.portal.faults.set("delay", seconds=0.2, method="disk.*")
    first, second = photos(office.a_task(), office.photo("1")), photos(office.a_task(), office.photo("2"))
    one = asyncio.create_task(office.send(first))
    while not office.made.received:
        await asyncio.sleep(0.005)
    (other,) = await office.send(second)
    assert isinstance(other, TryLater)
    assert other.free
    assert other.code == "photos_queue"
    assert isinstance((await one)[0], Accepted)


# -- whatever they carry


async def test_references_and_marks_in_any_text_are_harmless(office: Office) -> None:
    delivery = office.a_task()
    many = [office.a_task() for _ in range(3)]
    told = again(notice(delivery, address=EVERYTHING, order_number=EVERYTHING))
    await office.send(
        *(say(one, EVERYTHING) for one in many), told, incident(what=EVERYTHING, order_number=EVERYTHING),
        photos(delivery, office.photo(), order_number=EVERYTHING),
    )  # fmt: skip
    texts = [row.text for row in office.made.portal.notifications] + [lines(office, one)[-1].text for one in many]
    assert len(texts) == 6
    for text in texts:
        assert "$result[" not in text
        assert "[B]" not in text
        assert "<br>" not in text
        assert "жирно" in text
    assert len(hung(office, delivery)) == 1


@pytest.mark.parametrize("scope", ["im", "disk"])
async def test_a_right_that_is_missing_stops_only_what_needs_it(office: Office, scope: str) -> None:
    portal = office.made.portal
    portal.webhooks = {key: replace(who, scope=who.scope - {scope}) for key, who in portal.webhooks.items()}
    delivery = office.a_task()
    item = notice(delivery) if scope == "im" else photos(delivery, office.photo())
    task = office.made.item(f"delivery:{office.a_task()}")
    stopped, done = await office.send(item, task)
    assert isinstance(done, Accepted)
    assert isinstance(stopped, TryLater)
    assert stopped.free
    assert stopped.scope != "destination"


@pytest.mark.parametrize(
    "method", ["steps.put", "task.say", "photos.put", "notice.put", "notice.incident", "notice.alarm"]
)
async def test_an_unfit_body_is_refused(office: Office, method: str) -> None:
    outcome = await office.one(message(method, "x", {"nothing": 1}))
    assert isinstance(outcome, Refused)
    assert outcome.code == "bad_body"
