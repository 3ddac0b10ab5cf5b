"""What a courier did, from his phone to delivery, events and incidents: contract.md §5, domain.md §1 and §2."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.flow.courier_phone import HERE, Phone, a_phone
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Service,
    courier,
    line,
    new_ref,
    obj,
    order,
    running,
    settings,
)
from tests.pictures import picture

from posrednik.config import Division, Proofs

CASH = {"amount_taken": "2280.00", "payment_method": "cash"}


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    """With the real default rules."""
    async with running(database, settings(proofs=Proofs(), divisions=(Division(ref=DIVISION),))) as made:
        yield made


async def with_courier(service: Service, **data: object) -> tuple[str, str, Phone]:
    """(order, delivery, phone of its courier)."""
    ref, delivery = await service.ready_order(ready={"courier": COURIER}, **data)
    return ref, delivery["id"], await a_phone(service)


async def incidents(service: Service) -> list[str]:
    return [row["kind"] for row in await service.rows("SELECT kind FROM incident ORDER BY raised_at, kind")]


async def test_a_whole_delivery_reaches_1c_with_position_and_photos(service: Service):
    _, delivery, phone = await with_courier(service)
    sha256, _ = picture(1)
    told = await phone.send(
        phone.act("delivery.pick_up", delivery, photos=[sha256]),
        phone.act("delivery.depart", delivery),
        phone.act("delivery.hand_over", delivery, payload=CASH, photos=[sha256]),
    )
    assert [one["status"] for one in told["results"]] == ["accepted"] * 3
    assert told["missing"] == []
    events = {one["type"]: one for one in await service.onec.events()}
    assert list(events) == ["delivery.picked_up", "delivery.departed", "delivery.handed_over"]
    picked_up = events["delivery.picked_up"]["data"]
    assert picked_up["photos"] == 1
    assert picked_up["position"]["latitude"] == HERE["latitude"]
    assert "photo_hashes" not in picked_up
    assert events["delivery.handed_over"]["data"]["amount_taken"] == "2280.00"
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert (shown["stage"], shown["amount_taken"]) == ("handed_over", "2280.00")


async def test_a_repeat_is_a_duplicate_and_changes_nothing(service: Service):
    _, delivery, phone = await with_courier(service)
    event = phone.act("delivery.pick_up", delivery)
    assert (await phone.send(event))["results"][0]["status"] == "accepted"
    assert (await phone.send({**event, "clock_offset_ms": 40}, event))["results"] == [
        {"id": event["id"], "status": "duplicate"},
        {"id": event["id"], "status": "duplicate"},
    ]
    assert len(await service.onec.events()) == 1


async def test_the_same_id_with_other_content_is_refused_and_journalled(service: Service):
    _, delivery, phone = await with_courier(service)
    event = phone.act("delivery.pick_up", delivery)
    await phone.send(event)
    (refused,) = (await phone.send({**event, "type": "delivery.depart"}))["results"]
    assert (refused["status"], refused["code"]) == ("rejected", "event_conflict")
    (refused,) = (await phone.send({**event, "id": new_ref()}))["results"]
    assert (refused["status"], refused["code"]) == ("rejected", "sequence_conflict")
    journal = await service.rows("SELECT code FROM journal WHERE kind = 'step' AND outcome = 'conflict' ORDER BY at")
    assert [row["code"] for row in journal] == ["event_conflict", "sequence_conflict"]


async def test_a_missing_photo_is_refused_for_good_and_a_person_is_told(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    await phone.do("delivery.depart", delivery)
    refused = await phone.do("delivery.hand_over", delivery, payload=CASH)
    assert (refused["status"], refused["code"]) == ("rejected", "proof_missing")
    assert refused["incident"]
    assert "фото" in refused["message"].lower()
    assert (await phone.delivery(delivery))["stage"] == "en_route"  # type: ignore[index]
    assert await incidents(service) == ["step_rejected"]


async def test_a_step_that_needs_a_lost_one_is_parked_until_it_comes(service: Service):
    _, delivery, phone = await with_courier(service)
    pick_up, depart = phone.act("delivery.pick_up", delivery), phone.act("delivery.depart", delivery)
    told = await phone.send(depart)
    assert (told["results"][0]["status"], told["results"][0]["code"]) == ("retry_later", "waits_for_earlier")
    assert told["missing"] == [1]
    again = await phone.send(depart)
    assert again["results"][0]["status"] == "retry_later"
    told = await phone.send(pick_up)
    assert told["missing"] == []
    assert (await phone.delivery(delivery))["stage"] == "en_route"  # type: ignore[index]
    assert (await phone.send(depart))["results"][0]["status"] == "duplicate"


async def test_regression_a_parked_step_is_released_once_by_parallel_requests(service: Service):
    _, delivery, phone = await with_courier(service)
    pick_up, depart = phone.act("delivery.pick_up", delivery), phone.act("delivery.depart", delivery)
    await phone.send(depart)
    await asyncio.gather(*(phone.send(pick_up) for _ in range(4)))
    assert (await phone.delivery(delivery))["stage"] == "en_route"  # type: ignore[index]
    assert await incidents(service) == []


async def test_other_content_gets_no_yes_because_the_step_that_waited_is_taken_now(service: Service):
    _, delivery, phone = await with_courier(service)
    depart = phone.act("delivery.depart", delivery, seq=2)
    assert (await phone.send(depart))["results"][0]["status"] == "retry_later"
    await (await a_phone(service)).do("delivery.pick_up", delivery)
    told = await phone.send({**depart, "payload": {"note": "другое"}})
    assert told["results"][0]["code"] == "event_conflict"
    assert (await phone.send(depart))["results"][0]["status"] == "duplicate"


async def test_events_of_one_request_are_taken_in_the_order_of_the_phone(service: Service):
    _, delivery, phone = await with_courier(service)
    pick_up, depart = phone.act("delivery.pick_up", delivery), phone.act("delivery.depart", delivery)
    told = await phone.send(depart, pick_up)
    assert [one["status"] for one in told["results"]] == ["accepted", "accepted"]


async def test_a_jump_without_a_hole_is_refused(service: Service):
    _, delivery, phone = await with_courier(service)
    refused = await phone.do("delivery.depart", delivery)
    assert (refused["status"], refused["code"]) == ("rejected", "stage_jump")


async def test_another_couriers_delivery_is_refused_without_telling_of_it(service: Service):
    _, delivery, _ = await with_courier(service)
    stranger = await a_phone(service, SECOND_COURIER)
    refused = await stranger.do("delivery.pick_up", delivery)
    assert (refused["status"], refused["code"]) == ("rejected", "not_his_delivery")
    assert "000123" not in refused["message"]
    assert await stranger.delivery(delivery) is None
    assert (await stranger.do("delivery.pick_up", new_ref()))["code"] == "not_found"


async def test_a_photo_that_only_another_courier_sent_is_refused(service: Service):
    _, delivery, phone = await with_courier(service)
    stranger = await a_phone(service, SECOND_COURIER)
    sha256 = await stranger.put_photo(5)
    refused = await phone.do("delivery.pick_up", delivery, photos=[sha256])
    assert (refused["status"], refused["code"]) == ("rejected", "foreign_photo")


async def test_what_was_done_offline_wins_over_a_cancellation(service: Service):
    ref, delivery, phone = await with_courier(service)
    version = (await phone.delivery(delivery))["version"]  # type: ignore[index]
    await phone.do("delivery.pick_up", delivery, version=version)
    assert (await service.onec.press("delivery.cancel", ref))["status"] == "done"
    sha256, _ = picture(2)
    done = await phone.do("delivery.hand_over", delivery, version=version, payload=CASH, photos=[sha256])
    assert done["status"] == "accepted"
    assert done["incident"]
    assert await incidents(service) == ["cancelled_but_handed_over"]


async def test_the_goods_he_saw_are_the_goods_he_took(service: Service):
    ref, delivery, phone = await with_courier(service)
    seen = await phone.delivery(delivery)
    assert seen is not None
    fewer = order(ref, lines=[line("1", 1, "990.00", "990.00")]) | {"version": "2"}
    await service.onec.send([fewer])
    lines = [{"line": "1", "quantity": "2"}]
    done = await phone.do("delivery.pick_up", delivery, version=seen["version"], payload={"lines": lines})
    assert (done["status"], await incidents(service)) == ("accepted", ["order_changed_after_pick_up"])
    now = await phone.delivery(delivery)
    assert now is not None
    assert (now["lines"][0]["carried"], now["amount_due"]) == ("2", seen["amount_due"])


async def test_another_id_for_a_done_step_is_an_incident(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    other = await a_phone(service)
    done = await other.do("delivery.pick_up", delivery)
    assert done["status"] == "accepted"
    assert await incidents(service) == ["repeated_step"]


async def test_far_from_the_address_is_flagged_and_never_refused(service: Service):
    address = {"text": "Москва, Тверская, 1", "latitude": 55.70, "longitude": 37.50}
    _, delivery, phone = await with_courier(service, address=address)
    await phone.do("delivery.pick_up", delivery)
    sha256, _ = picture(3)
    done = await phone.do("delivery.hand_over", delivery, payload=CASH, photos=[sha256])
    assert done["status"] == "accepted"
    assert "far_from_address" in await incidents(service)
    (row,) = await service.rows("SELECT flags FROM courier_event WHERE type = 'delivery.hand_over'")
    assert "far_from_address" in [flag["kind"] for flag in row["flags"]]


async def test_a_photo_that_repeats_another_is_flagged_whichever_comes_first(service: Service):
    _, first, phone = await with_courier(service)
    _, second = await service.ready_order(ready={"courier": COURIER})
    sha256, content = picture(8)
    await phone.do("delivery.pick_up", first, photos=[sha256])
    await phone.do("delivery.pick_up", second["id"], photos=[sha256])
    assert await incidents(service) == []
    headers = {"Content-Type": "image/jpeg"}
    assert (await phone.call("PUT", f"photos/{sha256}", content=content, headers=headers)).status_code == 201
    assert await incidents(service) == ["repeated_photo", "repeated_photo"]
    _, third = await service.ready_order(ready={"courier": COURIER})
    assert (await phone.do("delivery.pick_up", third["id"], photos=[sha256]))["incident"]


async def test_an_unreadable_event_stops_no_other_and_leaves_no_hole(service: Service):
    _, delivery, phone = await with_courier(service)
    bad = phone.act("delivery.pick_up", delivery, at_device="вчера")
    good = phone.act("delivery.pick_up", delivery)
    told = await phone.send(bad, {"id": "x"}, good)
    assert [one["status"] for one in told["results"]] == ["rejected", "rejected", "accepted"]
    assert told["results"][0]["code"] == "malformed_event"
    assert told["missing"] == []
    assert (await phone.send(bad))["results"][0]["status"] == "rejected"


@pytest.mark.parametrize(
    "payload",
    [
        {"amount_taken": "много", "payment_method": "cash"},
        {"amount_taken": -5, "payment_method": "cash"},
        {"payment_method": "cash"},
        {"amount_taken": "10.001", "payment_method": "cash"},
        {"amount_taken": "10.00", "payment_method": "фантики"},
        {"amount_taken": "10.00", "payment_method": "cash", "lines": [{"line": "1", "accepted": "3"}]},
        {"amount_taken": "10.00", "payment_method": "cash", "lines": [{"line": "7", "accepted": "1"}]},
        {"amount_taken": "10.00", "payment_method": "cash", "lines": "всё"},
    ],
)
async def test_impossible_figures_are_refused(service: Service, payload: dict[str, object]):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    refused = await phone.do("delivery.hand_over", delivery, payload=payload, photos=[picture(1)[0]])
    assert refused["status"] == "rejected", refused


async def test_partial_refusal_and_goods_on_their_way_back(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    payload = {"amount_taken": "1290.00", "payment_method": "card", "lines": [{"line": "1", "accepted": "1"}]}
    assert (await phone.do("delivery.hand_over", delivery, payload=payload, photos=[picture(1)[0]]))[
        "status"
    ] == "accepted"
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert (shown["stage"], shown["lines"][0]["refused"], shown["goods_out"]) == ("settled", "1", True)
    back = await phone.do("delivery.give_back", delivery, payload={"lines": [{"line": "1", "quantity": "1"}]})
    assert back["status"] == "accepted"
    assert (await phone.delivery(delivery))["claimed_back"] is True  # type: ignore[index]
    await service.act(delivery, "give_back", lines=[{"line": "1", "quantity": "1"}])
    assert (await phone.delivery(delivery))["goods_out"] is False  # type: ignore[index]


async def test_a_correction_is_a_new_event_with_its_reason(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    handed = phone.act("delivery.hand_over", delivery, payload=CASH, photos=[picture(1)[0]])
    await phone.send(handed)
    right = {"amount_taken": "2000.00", "payment_method": "cash", "difference_reason": "не хватило"}
    done = await phone.do("correction", payload={"of": handed["id"], "reason": "ошибся", "payload": right})
    assert done["status"] == "accepted", done
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert shown["amount_taken"] == "2000.00"
    assert "amount_mismatch" in await incidents(service)
    assert [one["type"] for one in await service.onec.events()][-1] == "delivery.corrected"
    refused = await phone.do("correction", payload={"of": new_ref(), "reason": "x", "payload": right})
    assert (refused["status"], refused["code"]) == ("rejected", "nothing_to_correct")


async def test_a_correction_that_came_before_its_step_is_found_at_its_delivery(service: Service):
    _, delivery, phone = await with_courier(service)
    pick_up = phone.act("delivery.pick_up", delivery)
    right = {"lines": [{"line": "1", "quantity": "1"}]}
    correction = phone.act("correction", payload={"of": pick_up["id"], "reason": "одна", "payload": right})
    assert (await phone.send(correction))["results"][0]["status"] == "retry_later"
    await phone.send(pick_up)
    rows = await service.rows("SELECT delivery_id::text AS of, state FROM courier_event ORDER BY seq")
    assert rows == [{"of": delivery, "state": "accepted"}] * 2


async def test_goods_claimed_before_their_pick_up_came_wait_for_it(service: Service):
    ref, delivery, phone = await with_courier(service)
    pick_up = phone.act("delivery.pick_up", delivery, version=1)
    await service.onec.press("delivery.cancel", ref)
    claim = phone.act("delivery.give_back", delivery)
    assert (await phone.send(claim))["results"][0]["status"] == "retry_later"
    await phone.send(pick_up)
    assert (await phone.send(claim))["results"][0]["status"] == "duplicate"


async def test_a_return_of_more_than_is_known_of_waits_for_the_correction(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    one = {**CASH, "amount_taken": "1290.00", "lines": [{"line": "1", "accepted": "1"}]}
    handed = phone.act("delivery.hand_over", delivery, payload=one, photos=[picture(1)[0]])
    await phone.send(handed)
    correction = phone.act("correction", payload={"of": handed["id"], "reason": "обе", "payload": CASH})
    back = phone.act("delivery.customer_return", delivery, payload={"lines": [{"line": "1", "quantity": "2"}]})
    assert (await phone.send(back))["results"][0]["status"] == "retry_later"
    await phone.send(correction)
    assert (await phone.delivery(delivery))["stage"] == "returned"  # type: ignore[index]


async def test_not_delivered_then_tried_again(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    refused = await phone.do("delivery.not_deliver", delivery, payload={})
    assert refused["code"] == "reason_missing"
    payload = {"reason": "not_home", "comment": "домофон молчит", "next_date": "2026-11-23"}
    assert (await phone.do("delivery.not_deliver", delivery, payload=payload))["status"] == "accepted"
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert (shown["stage"], shown["reason"], shown["next_date"]) == ("not_delivered", "not_home", "2026-11-23")
    assert (await phone.do("delivery.retry", delivery, payload={}))["status"] == "accepted"
    assert (await phone.delivery(delivery))["stage"] == "picked_up"  # type: ignore[index]


async def test_a_shift_counts_goods_and_cash_and_waits_for_the_queue(service: Service):
    bag = new_ref()
    await service.onec.send([obj("warehouse", bag, {"name": "Рюкзак Иванова", "courier": COURIER})])
    _, delivery, phone = await with_courier(service)
    product = (await phone.delivery(delivery))["lines"][0]["product"]  # type: ignore[index]
    await service.onec.send([obj("stock", "s1", {"warehouse": bag, "product": product, "quantity": 3, "reserved": 0})])
    assert (await phone.day())["backpack"][0]["quantity"] == "3"
    opened = await phone.do("shift.open", payload={"goods": [{"product": product, "quantity": 2}], "cash": "2000.00"})
    assert opened["status"] == "accepted"
    assert await incidents(service) == ["count_difference"]
    await phone.do("delivery.pick_up", delivery)
    await phone.do("delivery.hand_over", delivery, payload=CASH, photos=[picture(1)[0]])
    cash = (await phone.day())["cash"]
    assert (cash["change"], cash["collected"], cash["to_hand_in"]) == ("2000.00", "2280.00", "4280.00")
    assert [(one["kind"], one["sum"]) for one in cash["lines"]] == [("delivery", "2280.00"), ("change", "2000.00")]
    lost = phone.act("delivery.depart", delivery)
    close = phone.act("shift.close", payload={"goods": [{"product": product, "quantity": 3}], "cash": "4200.00"})
    told = await phone.send(close)
    assert (told["results"][0]["status"], told["missing"]) == ("retry_later", [lost["seq"]])
    await phone.send(lost)
    assert (await phone.day())["shift"] is None
    assert "cash_difference" in await incidents(service)


async def test_what_comes_after_the_shift_belongs_to_it_and_is_told(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("shift.open", payload={"goods": [], "cash": "0"})
    await phone.do("delivery.pick_up", delivery)
    other = await a_phone(service)
    at = datetime.now(UTC).isoformat()
    assert (await phone.do("shift.close", payload={"goods": [], "cash": "0"}))["status"] == "accepted"
    late = await other.do("delivery.hand_over", delivery, payload=CASH, photos=[picture(1)[0]], at_device=at)
    assert late["status"] == "accepted"
    assert "late_after_shift" in await incidents(service)


async def test_a_step_is_judged_by_the_rules_that_its_courier_saw(database: str):
    lenient = settings(proofs=Proofs(hand_over={"photo": "optional"}), divisions=(Division(ref=DIVISION),))
    async with running(database, lenient) as service:
        _, delivery, phone = await with_courier(service)
        seen = (await phone.day())["rules_version"]
        await phone.do("delivery.pick_up", delivery)
    async with running(database, settings(proofs=Proofs(), divisions=(Division(ref=DIVISION),))) as service:
        phone.service = service
        assert (await phone.day())["rules_version"] != seen
        refused = await phone.do("delivery.hand_over", delivery, payload=CASH)
        assert refused["code"] == "proof_missing"
        done = await phone.do("delivery.hand_over", delivery, payload=CASH, rules_version=seen)
        assert done["status"] == "accepted"


async def test_the_day_is_not_sent_again_while_nothing_changed(service: Service):
    _, delivery, phone = await with_courier(service)
    first = await phone.call("GET", "courier/day")
    tag = first.headers["etag"]
    same = await phone.call("GET", "courier/day", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    await phone.do("delivery.pick_up", delivery)
    assert (await phone.call("GET", "courier/day", headers={"If-None-Match": tag})).status_code == 200


async def test_only_a_courier_who_works_here_comes_in(service: Service):
    _, _, phone = await with_courier(service)
    assert (await service.client.get("/api/v1/courier/day")).status_code == 401
    assert (await service.person("GET", "/api/v1/courier/day")).status_code == 403
    await service.onec.send([courier(active=False) | {"version": "2"}])
    refused = await phone.call("GET", "courier/day")
    assert (refused.status_code, refused.json()["code"]) == (403, "courier_unknown")


async def test_a_clock_ahead_never_makes_a_step_of_the_future(service: Service):
    _, delivery, phone = await with_courier(service)
    ahead = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    await phone.do("delivery.pick_up", delivery, at_device=ahead)
    (row,) = await service.rows("SELECT occurred_at <= received_at AS ok FROM courier_event")
    assert row["ok"]


async def test_a_number_far_ahead_is_refused_and_never_counted_through(service: Service):
    _, delivery, phone = await with_courier(service)
    refused = await phone.do("delivery.pick_up", delivery, seq=10**15)
    assert (refused["status"], refused["code"]) == ("rejected", "sequence_conflict")


async def test_what_this_version_cannot_take_stays_on_the_phone(service: Service):
    _, _, phone = await with_courier(service)
    later = await phone.do("route.planned", payload={})
    assert (later["status"], later["code"]) == ("retry_later", "not_supported_yet")


async def test_a_departure_that_its_hand_over_overtook_is_kept_and_raises_nothing(service: Service):
    _, delivery, phone = await with_courier(service)
    await phone.do("delivery.pick_up", delivery)
    left = phone.act("delivery.depart", delivery)
    payload = {"amount_taken": "2280.00", "payment_method": "cash"}
    handed = phone.act("delivery.hand_over", delivery, payload=payload, photos=[picture(1)[0]])
    assert (await phone.send(handed))["results"][0]["status"] == "accepted"
    (result,) = (await phone.send(left))["results"]
    assert (result["status"], result.get("incident")) == ("accepted", None)
    (kept,) = await service.rows("SELECT state, delivery_version FROM courier_event WHERE type = 'delivery.depart'")
    assert kept == {"state": "accepted", "delivery_version": None}
    kinds = {row["kind"] for row in await service.rows("SELECT kind FROM incident")}
    assert not kinds & {"repeated_step", "step_rejected"}
    later = await phone.do("delivery.depart", delivery)
    assert (later["status"], later["code"]) == ("rejected", "already_handed_over")
