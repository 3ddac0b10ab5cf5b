"""Events are complete and neutral, go where domain.md §5 says, and a delivery survives being stored as JSON."""

import json
from datetime import date
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.unit.domain.delivery_builders import (
    BASE,
    NEW_ID,
    NOW,
    ONEC,
    SIDOROV,
    a_delivery,
    an_order,
    do,
    readied,
)

from posrednik.domain.changes import Change
from posrednik.domain.deliveries import Delivery, OrderFacts
from posrednik.domain.events import Event, command_finished, with_evidence
from posrednik.domain.publication import base_data, site_body
from posrednik.domain.routes import TABLE, routes_for
from posrednik.domain.task_body import task_body

EVERYWHERE = {"bitrix24", "onec", "site"}


def a_full_life() -> Delivery:
    """One with as many fields filled as one life can fill."""
    delivery = do("assign", a_delivery(), courier_ref="sidorov").delivery
    delivery = do("set_amount_due", delivery, amount_due_kop=200000).delivery
    delivery = do("pick_up", delivery, actor=SIDOROV).delivery
    delivery = do("pick_up", delivery, offline=True).delivery
    delivery = do("not_deliver", delivery, actor=SIDOROV, next_date=date(2026, 11, 21)).delivery
    delivery = do("retry", delivery, next_date=date(2026, 11, 21)).delivery
    delivery = do("hand_over", delivery, actor=SIDOROV, accepted={"1": 1000}, reference="5").delivery
    delivery = do("hand_over", delivery, offline=True).delivery
    return do("settle", delivery).delivery


def stored_and_read(value: object, kind: type) -> object:
    return msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(value))), kind)


@pytest.mark.parametrize("delivery", [a_delivery(), a_full_life()])
def test_a_delivery_is_the_same_after_being_stored_as_json(delivery: Delivery):
    assert stored_and_read(delivery, Delivery) == delivery


def test_an_order_is_the_same_after_being_stored_as_json():
    order = an_order(date_at=NOW)
    assert stored_and_read(order, OrderFacts) == order


def one_of_each() -> dict[str, Event]:
    """An event of every type that a delivery can have, each made by its action."""
    picked, handed_over = a_delivery("pick_up"), a_delivery("pick_up", "hand_over")
    failed = a_delivery("pick_up", "not_deliver")
    with_sidorov = do("pick_up", do("assign", a_delivery(), courier_ref="sidorov").delivery, actor=SIDOROV).delivery
    changes: list[Change] = [
        readied(),
        do("assign", a_delivery(), courier_ref="sidorov"),
        do("set_price", a_delivery(), delivery_price_kop=1),
        do("withdraw", a_delivery()),
        do("cancel", a_delivery()),
        do("pick_up", a_delivery()),
        do("depart", picked),
        do("hand_over", picked),
        do("not_deliver", picked),
        do("retry", failed),
        do("give_back", failed),
        do("settle", handed_over),
        do("customer_return", handed_over, lines={"1": 1}, refund_kop=0),
        do("pick_up", with_sidorov, offline=True),
        do("claim_give_back", failed),
        do("correct_not_deliver", failed, reason="refused"),
    ]
    return {event.type: event for change in changes for event in change.events}


EVENTS = one_of_each()


def test_every_event_of_a_delivery_has_a_row_in_the_route_table():
    assert {*EVENTS} == {event_type for event_type in TABLE if event_type.startswith("delivery.")}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_every_event_is_json_and_carries_the_delivery_as_of_its_version(event: Event):
    assert json.loads(json.dumps(event.data)) == event.data
    assert event.data["delivery"]["version"] == event.version
    assert event.data["delivery"]["id"] == str(event.subject_id)
    assert (event.subject_kind, event.division_ref, event.trial) == ("delivery", "moscow", False)


@pytest.mark.parametrize(
    ("event_type", "destinations"),
    [
        ("delivery.readied", {"bitrix24", "site"}),
        ("delivery.assigned", {"bitrix24", "site"}),
        ("delivery.changed", {"bitrix24", "site"}),
        ("delivery.picked_up", EVERYWHERE),
        ("delivery.departed", EVERYWHERE),
        ("delivery.handed_over", EVERYWHERE),
        ("delivery.not_delivered", EVERYWHERE),
        ("delivery.retried", EVERYWHERE),
        ("delivery.returned", EVERYWHERE),
        ("delivery.customer_returned", EVERYWHERE),
        ("delivery.settled", {"bitrix24"}),
        ("delivery.withdrawn", EVERYWHERE),
        ("delivery.cancelled", EVERYWHERE),
        ("delivery.done_by_another", set()),
        ("delivery.give_back_claimed", set()),
        ("delivery.corrected", EVERYWHERE),
    ],
)
def test_events_go_where_the_table_of_the_domain_says(event_type: str, destinations: set[str]):
    assert {route.destination for route in routes_for(EVENTS[event_type])} == destinations


def test_an_event_is_not_sent_back_to_the_base_whose_command_caused_it():
    own = do("cancel", a_delivery(), cause_base=BASE).events[0]
    others = do("cancel", a_delivery(), cause_base=uuid4()).events[0]
    assert {route.destination for route in routes_for(own)} == {"bitrix24", "site"}
    assert {route.destination for route in routes_for(others)} == EVERYWHERE


@pytest.mark.parametrize(
    ("event_type", "methods"),
    [
        ("shift.opened", []),
        ("shift.closed", []),
        ("incident.raised", ["notice.incident"]),
        ("incident.decided", ["notice.incident"]),
    ],
)
def test_what_is_no_delivery_is_told_to_people_at_most_and_needs_no_delivery_in_it(event_type: str, methods: list[str]):
    event = Event(event_type, event_type.split(".")[0], NEW_ID, 1, NOW, ONEC, "moscow", False, {}, cause_base=BASE)
    assert [route.method for route in routes_for(event)] == methods


PLACE = {"latitude": 55.75, "longitude": 37.62, "accuracy_m": 12.0}
HASHES = ("ab" * 32, "cd" * 32)


@pytest.mark.parametrize("event_type", ["delivery.picked_up", "delivery.departed", "delivery.retried"])
def test_1c_is_told_where_a_step_was_and_how_many_photos_it_has(event_type: str):
    event = with_evidence(EVENTS[event_type], position=PLACE, photos=HASHES)
    told = base_data(event_type, event.data)
    assert (told["photos"], told["position"]) == (2, PLACE)
    nothing = base_data(event_type, with_evidence(event, position=None, photos=()).data)
    assert (nothing["photos"], "position" in nothing) == (0, False)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_the_names_of_photos_never_leave(event: Event):
    proven = with_evidence(event, position=PLACE, photos=HASHES)
    assert proven.data["photo_hashes"] == list(HASHES)
    outside = [base_data(event.type, proven.data), site_body(NEW_ID, proven), task_body(proven)]
    assert not [text for text in (*HASHES, "photo_hashes") if text in json.dumps(outside)]
    assert outside[0]["photos"] == 2


def test_where_a_hand_over_was_is_not_told_to_1c():
    proven = with_evidence(EVENTS["delivery.handed_over"], position=PLACE, photos=HASHES)
    assert "position" not in base_data("delivery.handed_over", proven.data)


def test_a_delivery_stored_before_claims_existed_can_be_read():
    stored = msgspec.to_builtins(a_delivery("pick_up", "not_deliver"))
    del stored["claimed_back"]
    assert msgspec.convert(json.loads(json.dumps(stored)), Delivery).claimed_back is None


def test_only_states_of_the_portal_may_be_superseded():
    kinds = {(route.destination, route.kind, route.method) for row in TABLE.values() for route in row}
    assert kinds == {
        ("bitrix24", "state", "task.put"),
        ("bitrix24", "state", "steps.put"),
        ("bitrix24", "state", "notice.put"),
        ("bitrix24", "state", "notice.incident"),
        ("bitrix24", "event", "task.say"),
        ("bitrix24", "event", "photos.put"),
        ("onec", "event", "event"),
        ("site", "event", "webhook"),
    }


def test_a_finished_command_goes_back_to_its_own_base():
    command = UUID(int=7)
    event = command_finished(
        command_id=command,
        base_id=BASE,
        status="done",
        result={"already": False},
        actor=ONEC,
        now=NOW,
        division_ref="moscow",
    )
    assert (event.version, event.subject_kind, event.data["id"]) == (1, "command", str(command))
    assert [route.destination for route in routes_for(event)] == ["onec"]


def test_the_handed_over_event_has_all_that_1c_needs_for_its_documents():
    change = do("hand_over", a_delivery("pick_up"), accepted={"1": 1000}, amount_taken_kop=146000)
    data = {key: value for key, value in change.events[0].data.items() if key != "delivery"}
    line = {"characteristic": None, "price_kop": 99000}
    assert data == {
        "courier_ref": "petrov",
        "warehouse_ref": "main",
        "lines": [
            {"line": "1", "product": "product-1", "accepted_milli": 1000, "refused_milli": 1000, "sum_kop": 99000}
            | line,
            {"line": "2", "product": "product-2", "accepted_milli": 1000, "refused_milli": 0, "sum_kop": 27000} | line,
        ],
        "amount_due_kop": 146000,
        "amount_taken_kop": 146000,
        "payment_method": "cash",
        "reference": None,
        "receipt": True,
        "receipt_url": None,
        "difference_reason": None,
        "taken_over_from_ref": None,
    }


def test_the_task_is_made_of_the_event_alone():
    body = task_body(readied().events[0])
    assert set(body) == {
        "delivery",
        "version",
        "order_number",
        "site_number",
        "stage",
        "recipient",
        "address",
        "window",
        "comment",
        "lines",
        "delivery_price_kop",
        "prepaid_kop",
        "amount_due_kop",
        "amount_taken_kop",
        "payment_method",
        "receipt",
        "courier",
        "division",
        "reason",
        "reason_title",
        "next_date",
        "closed",
        "trial",
        "time_zone",
    }
    assert (body["delivery"], body["order_number"], body["stage"]) == (str(NEW_ID), "000-123", "ready")
    assert body["courier"] == {"ref": "petrov", "name": "Петров Иван", "bitrix24_user": "17"}
    assert body["division"] == {"ref": "moscow", "name": "Москва", "group": "sonet-5"}
    assert body["lines"][0] == {
        "name": "Термос 1 л",
        "quantity_milli": 2000,
        "unit": "шт",
        "price_kop": 99000,
        "sum_kop": 198000,
        "accepted_milli": 0,
        "refused_milli": 0,
    }


@pytest.mark.parametrize(("action", "stage"), [("withdraw", "withdrawn"), ("cancel", "cancelled")])
def test_the_task_of_a_withdrawn_or_cancelled_delivery_is_closed_with_the_reason(action: str, stage: str):
    body = task_body(do(action, a_delivery(), reason="передумал").events[0])
    assert (body["stage"], body["closed"], body["reason"]) == (stage, True, "передумал")
