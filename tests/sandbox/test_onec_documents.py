"""What the emulated base makes of the events it gets: documents, once, renewed by corrections."""

import json

import pytest
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import drained, first_order

from posrednik_sandbox.onec import Onec


async def test_event_is_applied_once_and_makes_its_documents(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    line = stored["data"]["lines"][0]
    data = {
        "lines": [line | {"accepted": line["quantity"], "refused": "0"}],
        "amount_taken": "150.00",
        "payment_method": "cash",
        "courier": None,
        "warehouse": None,
    }
    onec.switches.crash_before_ack = 1
    event = fake.emit("delivery.handed_over", order, 4, data)
    await fake.until(lambda: onec.store.value("SELECT count(*) FROM event") == 1)
    assert fake.acked == {}
    fake.leased.clear()
    await fake.until(lambda: event["id"] in fake.acked)
    kinds = sorted(row["kind"] for row in onec.store.rows("SELECT kind FROM document"))
    assert kinds == ["cash_receipt", "shipment"]
    assert onec.store.value("SELECT seen FROM event") == 2
    await drained(fake, onec)
    echoes = [item for (kind, _), item in fake.objects.items() if kind in kinds]
    assert {item["event"] for item in echoes} == {event["id"]}
    assert onec.store.value("SELECT stage FROM order_card WHERE ref = ?", order["ref"]) == "handed_over"


async def test_documents_of_a_trial_order_are_marked(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    lines = [line | {"accepted": line["quantity"], "refused": "0"} for line in stored["data"]["lines"]]
    data = {"lines": lines, "amount_taken": "1.00", "payment_method": "cash"}
    event = fake.emit("delivery.handed_over", order, 4, data)
    event["trial"] = True
    await fake.until(lambda: fake.acked.get(event["id"]) == "accepted")
    rows = onec.store.rows("SELECT data FROM document")
    assert [json.loads(row["data"])["comment"] for row in rows] == ["Пробный заказ"] * 2


async def test_corrected_hand_over_rewrites_its_documents_and_unposts_the_needless_one(
    fake: FakePosrednik, onec: Onec
) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    lines = [line | {"accepted": line["quantity"], "refused": "0"} for line in stored["data"]["lines"]]
    data = {"lines": lines, "amount_taken": "150.00", "payment_method": "cash"}
    fake.emit("delivery.handed_over", order, 4, data)
    await fake.until(lambda: len(fake.acked) == 1)
    before = {row["kind"]: row for row in onec.store.rows("SELECT * FROM document")}
    right = {"lines": [lines[0] | {"accepted": "0.001"}], "amount_taken": "70.00", "payment_method": "card"}
    correction = fake.emit("delivery.corrected", order, 5, {"corrects": "hand_over", "before": data} | right)
    await fake.until(lambda: fake.acked.get(correction["id"]) == "accepted")
    after = {row["kind"]: row for row in onec.store.rows("SELECT * FROM document WHERE posted = 1")}
    assert set(before) == {"shipment", "cash_receipt"}
    assert set(after) == {"shipment", "card_payment"}
    assert (after["shipment"]["ref"], after["shipment"]["number"]) == (
        before["shipment"]["ref"],
        before["shipment"]["number"],
    )
    assert after["card_payment"]["sum"] == "70.00"
    await drained(fake, onec)
    shipment = fake.objects["shipment", before["shipment"]["ref"]]
    receipt = fake.objects["cash_receipt", before["cash_receipt"]["ref"]]
    assert (shipment["event"], shipment["posted"], shipment["data"]["lines"][0]["quantity"]) == (
        correction["id"],
        True,
        "0.001",
    )
    assert (receipt["event"], receipt["posted"]) == (correction["id"], False)
    assert onec.store.value("SELECT stage FROM order_card WHERE ref = ?", order["ref"]) == "handed_over"


async def test_correction_of_another_step_is_taken_and_changes_no_document(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.handed_over", order, 4, {"amount_taken": "150.00", "payment_method": "cash"})
    fake.emit("delivery.corrected", order, 5, {"corrects": "not_deliver", "reason": "refused", "before": {}})
    await fake.until(lambda: len(fake.acked) == 2)
    assert set(fake.acked.values()) == {"accepted"}
    assert [row["kind"] for row in onec.store.rows("SELECT kind FROM document")] == ["cash_receipt"]


async def test_correction_leaves_the_documents_of_an_earlier_trip_alone(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.handed_over", order, 4, {"amount_taken": "150.00", "payment_method": "cash"})
    fake.emit("delivery.handed_over", order, 9, {"amount_taken": "90.00", "payment_method": "cash"})
    right = {"corrects": "hand_over", "amount_taken": "80.00", "payment_method": "card"}
    fake.emit("delivery.corrected", order, 10, right)
    fake.emit("delivery.corrected", order, 11, right | {"amount_taken": "70.00"})
    await fake.until(lambda: len(fake.acked) == 4)
    sql = "SELECT kind, sum FROM document WHERE posted = 1 ORDER BY kind"
    papers = [(row["kind"], row["sum"]) for row in onec.store.rows(sql)]
    assert papers == [("card_payment", "70.00"), ("cash_receipt", "150.00")]


async def test_return_of_a_part_leaves_the_stage_and_of_all_turns_it(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    lines = stored["data"]["lines"]
    fake.emit("delivery.handed_over", order, 4)
    fake.emit("delivery.customer_returned", order, 5, {"lines": [lines[0] | {"quantity": "0.001"}], "refund": "10.00"})
    await fake.until(lambda: len(fake.acked) == 2)
    stage = "SELECT stage FROM order_card WHERE ref = ?"
    assert onec.store.value(stage, order["ref"]) == "handed_over"
    fake.emit("delivery.customer_returned", order, 6, {"lines": lines})
    await fake.until(lambda: len(fake.acked) == 3)
    assert onec.store.value(stage, order["ref"]) == "returned"
    assert onec.store.value("SELECT count(*) FROM document WHERE kind = 'cash_refund'") == 1


@pytest.mark.parametrize("known", [True, False])
async def test_documents_name_the_courier_only_by_a_ref_of_the_base(onec: Onec, known: bool) -> None:
    order = first_order(onec)
    courier = next(iter(onec.store.names("courier"))) if known else "Петров, внештатный"
    data = {"lines": [], "amount_taken": 150, "payment_method": "cash", "courier": courier}
    event = {"id": "e-1", "number": 1, "type": "delivery.handed_over", "version": 1, "data": data}
    subject = {"kind": "delivery", "id": "d", "order_ref": order["ref"]}
    accepted, _ = onec.receiver._apply_all([event | {"subject": subject}])
    assert accepted == ["e-1"]
    (receipt,) = onec.store.names("cash_receipt").values()
    assert receipt.get("courier") == (courier if known else None)
    assert receipt["sum"] == "150.00"
