"""contract.md §3: events for a base that pulls: numbers, leases, acknowledgement."""

import asyncio
import time
from uuid import UUID, uuid4

from tests.flow.exchange_client import (
    BASE,
    COURIER,
    OTHER_BASE,
    OTHER_TOKEN,
    Exchange,
    Service,
    command,
    new_ref,
    order,
    references,
)  # fmt: skip


async def given_again(service: Service) -> list[dict]:
    """What comes when leases are over."""
    await service.end_leases()
    return await service.onec.events()


async def test_an_event_has_the_shape_of_the_contract(service: Service):
    ref, delivery = await service.picked_up()
    answer = (await service.onec.outgoing()).json()
    assert set(answer) == {"batch", "events"}
    assert UUID(answer["batch"]).int
    [event] = answer["events"]
    assert set(event) == {
        "id", "number", "type", "subject", "version", "occurred_at", "actor", "division", "trial", "data",
    }  # fmt: skip
    assert event["subject"] == {
        "kind": "delivery", "id": delivery["id"], "order_ref": ref, "order_number": "ТД00-000123",
    }  # fmt: skip
    assert (event["number"], event["type"], event["version"], event["trial"]) == (1, "delivery.picked_up", 2, False)
    assert event["actor"] == {"kind": "courier", "ref": COURIER, "name": "Пётр Иванов"}
    assert event["data"]["courier"] == COURIER
    assert event["data"]["photos"] == 0
    assert event["occurred_at"].endswith("+00:00")


async def test_a_hand_over_tells_lines_money_and_way_of_payment(service: Service):
    _, delivery = await service.picked_up(receipt=True)
    await service.act(delivery["id"], "hand_over", lines=[{"line": "1", "quantity": 1}], amount_taken="1290.00")
    event = (await service.onec.events())[-1]
    assert event["type"] == "delivery.handed_over"
    data = event["data"]
    assert (data["amount_due"], data["amount_taken"], data["payment_method"]) == ("1290.00", "1290.00", "cash")
    assert data["receipt"] is True
    [one] = data["lines"]
    assert {name: one[name] for name in ("line", "accepted", "refused", "price", "sum")} == {
        "line": "1", "accepted": "1", "refused": "1", "price": "990.00", "sum": "990.00",
    }  # fmt: skip


async def test_numbers_have_no_gaps_and_go_on_across_epochs(service: Service):
    numbers = []
    for epoch in range(2):
        _, delivery = await service.picked_up(number=str(epoch))
        await service.act(delivery["id"], "depart")
        events = await service.onec.events()
        numbers += [event["number"] for event in events]
        await service.onec.ack([event["id"] for event in events])
        await service.onec.begin_epoch()
    assert numbers == [1, 2, 3, 4]


async def test_what_was_given_is_leased_and_comes_again_under_its_number(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    assert await service.onec.events() == []
    assert await given_again(service) == [event]


async def test_ids_that_were_not_named_come_again(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    first, second = await service.onec.events()
    assert (await service.onec.ack([first["id"]])).status_code == 200
    assert await service.onec.events() == []
    assert await given_again(service) == [second]


async def test_an_acknowledgement_is_repeatable_and_frees_the_lane_at_once(service: Service):
    _, delivery = await service.picked_up()
    [event] = await service.onec.events()
    answers = [await service.onec.ack([event["id"]]) for _ in range(3)]
    assert [a.status_code for a in answers] == [200] * 3
    await service.act(delivery["id"], "depart")
    assert [e["type"] for e in await service.onec.events()] == ["delivery.departed"]
    assert (await service.onec.state())["outgoing"] == 1


async def test_a_late_acknowledgement_still_counts(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    await given_again(service)
    assert (await service.onec.ack([event["id"]])).status_code == 200
    await service.end_leases()
    assert await service.onec.events() == []
    assert (await service.onec.state())["outgoing"] == 0


async def test_a_rejection_with_retry_holds_only_that_lane(service: Service):
    await service.picked_up()
    _, other = await service.picked_up(number="2")
    held, free = await service.onec.events()
    answer = await service.onec.ack(
        [free["id"]], [{"id": held["id"], "code": "locked", "message": "документ заблокирован", "retry": True}]
    )
    assert answer.status_code == 200
    await service.act(other["id"], "depart")
    assert [e["type"] for e in await service.onec.events()] == ["delivery.departed"]
    assert held["id"] in [event["id"] for event in await given_again(service)]


async def test_a_rejection_for_good_is_passed_by_as_a_dead_letter(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    first, second = await service.onec.events()
    await service.onec.ack([], [{"id": first["id"], "code": "no_rights", "message": "Нет прав"}])
    assert (await service.onec.state())["outgoing"] == 1
    await service.onec.ack([second["id"]])
    await service.act(delivery["id"], "not_deliver", reason="refused")
    assert [e["type"] for e in await service.onec.events()] == ["delivery.not_delivered"]
    dead = (await service.person("GET", "/api/v1/admin/dead")).json()["dead"]
    assert [(d["code"], d["why"]) for d in dead] == [("no_rights", "Нет прав")]
    assert (await service.onec.state())["outgoing"] == 1


async def test_a_replayed_dead_letter_is_given_again_and_can_be_answered_anew(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    await service.onec.ack([], [{"id": event["id"], "code": "no_rights"}])
    done = await service.person("POST", "/api/v1/admin/replay", {"dry_run": False})
    assert (done.status_code, done.json().get("replayed")) == (200, 1), done.text
    assert await service.onec.events() == [event]
    await service.onec.ack([event["id"]])
    assert (await service.onec.state())["outgoing"] == 0


async def test_after_gives_all_greater_numbers_again_without_a_lease_acknowledged_ones_too(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    events = await service.onec.events()
    await service.onec.ack([events[0]["id"]])
    await service.onec.begin_epoch()
    assert await service.onec.events(after=0) == events
    assert await service.onec.events(after=0, limit=1) == events[:1]
    assert await service.onec.events(after=1) == events[1:]
    assert await service.onec.events(after=2) == []
    assert (await service.onec.ack([events[0]["id"]])).status_code == 200


async def test_an_acknowledgement_with_an_unknown_id_is_refused_whole(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    unknown = str(uuid4())
    answer = await service.onec.ack([event["id"], unknown])
    assert (answer.status_code, answer.json()["code"], answer.json()["events"]) == (422, "unknown_event", [unknown])
    assert (await service.onec.state())["outgoing"] == 1


async def test_the_event_of_another_base_is_unknown_here(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await other.send()
    assert (await other.ack([event["id"]])).status_code == 422
    assert await other.events() == []


async def test_two_gets_at_once_never_give_the_same_event_twice(service: Service):
    for i in range(4):
        await service.picked_up(number=str(i))
    answers = await asyncio.gather(*(service.onec.events(limit=2) for _ in range(4)))
    numbers = sorted(event["number"] for events in answers for event in events)
    assert numbers == [1, 2, 3, 4]


async def test_events_of_one_subject_are_given_in_their_order(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    await service.act(delivery["id"], "not_deliver", reason="refused")
    assert [e["version"] for e in await service.onec.events()] == [2, 3, 4]


async def test_a_limit_in_the_middle_of_a_lane_goes_on_with_the_next_after_the_word_on_the_first(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    [first] = await service.onec.events(limit=1)
    assert await service.onec.events(limit=1) == []
    await service.onec.ack([first["id"]])
    assert [e["number"] for e in await service.onec.events(limit=1)] == [2]


async def test_a_long_poll_wakes_long_before_its_end(service: Service):
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    poll = asyncio.create_task(service.onec.events(wait=60))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await service.act(delivery["id"], "pick_up")
    assert [e["type"] for e in await poll] == ["delivery.picked_up"]
    assert time.monotonic() - started < 50


async def test_an_empty_poll_ends_after_wait_seconds(service: Service):
    await service.onec.send()
    started = time.monotonic()
    assert (await service.onec.outgoing(wait=0.3)).json() == {"batch": str(UUID(int=0)), "events": []}
    assert 0.25 < time.monotonic() - started < 45


async def test_an_event_caused_by_a_command_of_the_base_is_not_sent_back_to_it(service: Service):
    ref, _ = await service.ready_order()
    for name in ("delivery.withdraw", "delivery.ready", "delivery.cancel"):
        await service.onec.press(name, ref)
    assert await service.onec.events() == []
    _, delivery = await service.ready_order(number="2")
    await service.act(delivery["id"], "cancel", reason="нет товара")
    assert [e["type"] for e in await service.onec.events()] == ["delivery.cancelled"]


async def test_each_giving_and_answer_is_in_the_journal(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    await service.onec.ack([], [{"id": event["id"], "code": "locked", "message": "занято", "retry": True}])
    await given_again(service)
    await service.onec.ack([event["id"]])
    rows = await service.rows(
        "SELECT outcome FROM journal WHERE event_id = %s AND kind = 'attempt' AND system = %s ORDER BY at",
        event["id"], f"onec:{BASE}",
    )  # fmt: skip
    assert [row["outcome"] for row in rows] == ["given", "try_later", "given", "accepted"]


async def test_the_state_counts_what_is_not_yet_acknowledged(service: Service):
    ref = new_ref()
    await service.onec.send(commands=[command("delivery.ready", ref)])
    await service.onec.send([*references(), order(ref)])
    assert (await service.onec.state())["outgoing"] == 1
    [event] = await service.onec.events()
    assert (await service.onec.state())["outgoing"] == 1
    await service.onec.ack([event["id"]])
    assert (await service.onec.state())["outgoing"] == 0
