"""Each event of trade: its documents, a refusal by switch, the echo that names the event; a transfer counted in."""

from typing import Any

import pytest
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import drained
from tests.sandbox.test_onec_papers import Field, a_sale

from posrednik_sandbox.onec import Onec, views

Json = dict[str, Any]
# Documents of each event; those that the contract has a kind for come back with the event's id.
MADE = {
    "sale.made": {"order", "shipment", "cash_receipt"},
    "delivery.handed_over": {"shipment", "cash_receipt"},
    "delivery.customer_returned": {"return", "cash_refund"},
    "backpack.accepted": {"transfer"},
    "backpack.unloaded": {"transfer"},
    "backpack.counted": {"write_off"},
    "backpack.found": {"surplus"},
    "backpack.written_off": set(),
    "cash.change_issued": {"change_issue"},
    "cash.handed_in": {"cash_hand_in"},
}
ON_THE_WIRE = {"order", "shipment", "return", "transfer", "cash_receipt"}


def told(field: Field, kind: str) -> Json:
    """Data of such an event about the courier and one thermos."""
    if kind == "sale.made":
        return a_sale(field, "1")
    line = {"line": "1", "product": field.thermos, "quantity": "1", "accepted": "1", "expected": "1", "counted": "0"}
    if kind == "backpack.unloaded":
        line |= {"counted": "1"}
    money = {"sum": "500.00", "amount_taken": "990.00", "payment_method": "cash", "refund": "990.00"}
    where = field.bag if kind.startswith("backpack.") else field.main
    return {"warehouse": where, "lines": [line | {"price": "990.00"}], **money}


async def given(fake: FakePosrednik, onec: Onec, field: Field, kind: str) -> Json:
    subject = {"kind": kind.split(".")[0], "id": "one"}
    if subject["kind"] == "delivery":
        subject["order_ref"] = onec.store.value("SELECT ref FROM order_card ORDER BY position LIMIT 1")
    event = fake.tell(kind, subject, 1, {"courier": field.courier, **told(field, kind)})
    await fake.until(lambda: event["id"] in fake.acked)
    return event


def kinds(onec: Onec) -> set[str]:
    return {row["kind"] for row in onec.store.rows("SELECT kind FROM document WHERE posted = 1")}


@pytest.mark.parametrize("kind", MADE)
async def test_every_event_is_refused_by_its_switch_and_then_makes_its_documents_once(
    fake: FakePosrednik, onec: Onec, kind: str
) -> None:
    await onec.start()
    await drained(fake, onec)
    field = Field(onec)
    onec.switches.change({"reject_type": kind, "reject_retry": True})
    event = await given(fake, onec, field, kind)
    assert (fake.acked.pop(event["id"]), kinds(onec)) == ("rejected:object_locked:True", set())
    onec.switches.change({"reject_type": ""})
    fake.leased.clear()
    await fake.until(lambda: fake.acked.get(event["id"]) == "accepted")
    await drained(fake, onec)
    assert kinds(onec) == MADE[kind]
    echoed = {name for (name, _), item in fake.objects.items() if item.get("event") == event["id"]}
    assert echoed == MADE[kind] & ON_THE_WIRE
    assert onec.store.value("SELECT count(*) FROM document") == len(MADE[kind])


@pytest.mark.parametrize("kind", ["sale.made", "backpack.accepted", "backpack.unloaded", "backpack.counted"])
async def test_controlled_stock_posts_nothing_below_zero(fake: FakePosrednik, onec: Onec, kind: str) -> None:
    await onec.start()
    await drained(fake, onec)
    field = Field(onec)
    onec.store.db.execute("DELETE FROM goods_move WHERE warehouse = ?", (field.bag,))
    onec.switches.change({"control_stock": True})
    event = await given(fake, onec, field, kind)
    assert (fake.acked[event["id"]], kinds(onec)) == ("rejected:not_posted:False", set())


async def test_prices_and_stock_are_told_before_anything_is_sold(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    field = Field(onec)
    sent = [(kind, item["data"]) for (kind, _), item in fake.objects.items()]
    assert any(kind == "price" and data["product"] == field.thermos for kind, data in sent)
    before = [data["quantity"] for kind, data in sent if kind == "stock" and data["warehouse"] == field.bag]
    await given(fake, onec, field, "sale.made")
    await drained(fake, onec)
    after = [item["data"] for (kind, _), item in fake.objects.items() if kind == "stock"]
    assert before != [data["quantity"] for data in after if data["warehouse"] == field.bag]


async def test_a_transfer_that_was_counted_in_shows_it(fake: FakePosrednik, onec: Onec) -> None:
    field = Field(onec)
    lines = [{"product": field.thermos, "expected": "1", "counted": "1"}]
    field.take("backpack.unloaded", field.courier, 1, lines=[{"product": field.thermos, "quantity": "1"}])
    (paper,) = views.documents(onec.store, 10)
    assert paper["accepted"] is None
    field.take("backpack.accepted", field.courier, 2, warehouse=field.main, lines=lines, documents=[paper["ref"]])
    (paper,) = views.documents(onec.store, 10)
    assert paper["accepted"] == "2026-11-22T10:00:00+00:00"
