"""contract.md §2: messages, their numbers, and what becomes of objects (marks E-nn: the facts about 1C)."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    OTHER_BASE,
    OTHER_TOKEN,
    PRODUCT,
    WAREHOUSE,
    Exchange,
    Service,
    command,
    courier,
    division,
    line,
    new_ref,
    obj,
    order,
    product,
    references,
    warehouse,
)  # fmt: skip

from posrednik.store.db import Database, Tx
from posrednik.usecases.courier_goods import products

# -- the first message, repeats, gaps, conflicts (E-20 to E-23)


async def test_e20_the_first_message_of_a_base_binds_its_epoch_and_instance(service: Service):
    before = await service.onec.state()
    assert (before["epoch"], before["last_accepted"]) == (None, 0)
    told = await service.onec.send([division()])
    assert (told["status"], told["number"], told["last_accepted"]) == ("accepted", 1, 1)
    assert told["epoch"] == service.onec.epoch
    assert (await service.onec.state())["epoch"] == service.onec.epoch


async def test_e21_a_repeat_of_the_same_bytes_gets_the_first_answer_and_the_current_number(service: Service):
    body = json.dumps(service.onec.envelope([division(), product()], number=1)).encode()
    first = (await service.onec.post("messages", body)).json()
    await service.onec.send([courier()], number=2)
    again = (await service.onec.post("messages", body)).json()
    assert again == {**first, "status": "duplicate", "last_accepted": 2}
    assert len(await service.mirror()) == 3


async def test_e22_two_identical_messages_at_once_have_one_effect_and_the_same_answer(service: Service):
    ref = new_ref()
    body = json.dumps(service.onec.envelope([*references(), order(ref)], [command("delivery.ready", ref)])).encode()
    answers = [a.json() for a in await asyncio.gather(*(service.onec.post("messages", body) for _ in range(5)))]
    assert sorted(a.pop("status") for a in answers) == ["accepted"] + ["duplicate"] * 4
    assert all(answer == answers[0] for answer in answers)
    assert (await service.rows("SELECT count(*) AS n FROM delivery"))[0]["n"] == 1
    assert (await service.rows("SELECT count(*) AS n FROM event"))[0]["n"] == 1


async def test_e23_a_gap_is_accepted_reported_and_closed_by_late_messages(service: Service):
    told = await service.onec.send([division()], number=5)
    assert (told["last_accepted"], told["gap"]) == (5, [1, 2, 3, 4])
    told = await service.onec.send([product()], number=3)
    assert (told["number"], told["last_accepted"], told["gap"]) == (3, 5, [1, 2, 4])
    for number, left in ((1, [2, 4]), (4, [2]), (2, [])):
        assert (await service.onec.send(number=number))["gap"] == left
    assert (await service.onec.state())["gaps"] == []


async def test_a_wide_gap_is_told_by_its_first_thousand_numbers(service: Service):
    told = await service.onec.send(number=2**53 - 1)
    assert told["gap"] == list(range(1, 1001))
    assert (await service.onec.state())["gaps"] == list(range(1, 1001))
    assert (await service.onec.send(number=700))["gap"][698:701] == [699, 701, 702]


async def test_e23_the_same_number_with_other_content_is_a_conflict_and_changes_nothing(service: Service):
    await service.onec.send([division(name="Центр")], number=1)
    answer = await service.onec.post("messages", service.onec.envelope([division(name="Юг")], number=1))
    assert answer.status_code == 409
    told = answer.json()
    assert (told["code"], told["last_accepted"], told["epoch"]) == ("message_conflict", 1, service.onec.epoch)
    assert [row["data"]["name"] for row in await service.mirror()] == ["Центр"]
    journal = await service.rows("SELECT outcome, code FROM journal WHERE code = 'message_conflict'")
    assert journal == [{"outcome": "refused", "code": "message_conflict"}]


async def test_a_message_with_nothing_in_it_counts_its_number(service: Service):
    assert (await service.onec.send())["last_accepted"] == 1


# -- epochs and instances (E-24, E-25)


async def test_e24_a_new_epoch_starts_a_new_series_and_a_repeat_of_the_call_changes_nothing(service: Service):
    await service.onec.send([division()], number=7)
    begun = await service.onec.begin_epoch()
    assert begun.json() == {"epoch": service.onec.epoch, "last_accepted": 0}
    assert (await service.onec.send([division(name="Юг")], number=1))["objects"]["applied"] == 1
    again = await service.onec.post("epochs", {**service.onec.sender(), "reason": "restore"})
    assert again.json() == {"epoch": service.onec.epoch, "last_accepted": 1}
    assert (await service.onec.state())["gaps"] == []


async def test_e24_the_epoch_that_was_left_is_refused_everywhere(service: Service):
    await service.onec.send([division()])
    old = service.onec.epoch
    await service.onec.begin_epoch()
    new, service.onec.epoch = service.onec.epoch, old
    answer = await service.onec.post("epochs", {**service.onec.sender(), "reason": "back"})
    assert (answer.status_code, answer.json()["code"], answer.json()["epoch"]) == (409, "old_epoch", new)
    for answer in await every_call(service.onec):
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_epoch")
        assert (answer.json()["epoch"], answer.json()["last_accepted"]) == (new, 0)


async def test_e24_numbers_that_go_back_in_the_same_epoch_conflict_and_the_answer_says_where_to_go_on(service: Service):
    for name in ("а", "б", "в"):
        await service.onec.send([division(name=name)])
    answer = await service.onec.post("messages", service.onec.envelope([division(name="г")], number=2))
    assert (answer.status_code, answer.json()["last_accepted"]) == (409, 3)
    assert (await service.onec.send([division(name="г")], number=4))["objects"]["applied"] == 1


async def test_e25_a_copy_of_the_base_with_the_same_epoch_is_refused_until_an_epoch_binds_it(service: Service):
    await service.onec.send([division()])
    service.onec.instance = "srv1/copy"
    for answer in await every_call(service.onec):
        assert (answer.status_code, answer.json()["code"]) == (409, "other_instance")
    answer = await service.onec.post("epochs", service.onec.sender())
    assert (answer.status_code, answer.json()["code"]) == (409, "other_instance")
    assert (await service.onec.begin_epoch("moved")).status_code == 200
    assert (await service.onec.send([division(name="Юг")]))["objects"]["applied"] == 1


async def every_call(onec: Exchange) -> list:
    """Every call of the exchange but epochs."""
    return [
        await onec.post("messages", onec.envelope([division(name="Нет")], number=9)),
        await onec.post("commands", {**onec.sender(), "command": command("delivery.ready", new_ref())}),
        await onec.call("GET", "/api/v1/exchange/state", params=onec.sender()),
        await onec.outgoing(),
        await onec.ack(),
    ]


async def test_only_the_state_of_a_base_never_seen_is_an_answer(service: Service):
    assert (await service.onec.state()) == {
        "epoch": None, "last_accepted": 0, "gaps": [], "waiting": 0, "quarantined": 0, "outgoing": 0,
    }  # fmt: skip
    for answer in (
        await service.onec.post("commands", {**service.onec.sender(), "command": command("delivery.ready", new_ref())}),
        await service.onec.outgoing(),
        await service.onec.ack(),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_epoch")
        assert answer.json()["epoch"] is None


async def test_the_epochs_call_of_a_base_never_seen_binds_it(service: Service):
    answer = await service.onec.post("epochs", {**service.onec.sender(), "reason": "start"})
    assert answer.json() == {"epoch": service.onec.epoch, "last_accepted": 0}
    assert (await service.onec.state())["epoch"] == service.onec.epoch


async def test_state_of_a_former_epoch_is_older_than_any_of_the_next(service: Service):
    await service.onec.send([division(name="старое")], number=900)
    await service.onec.begin_epoch()
    assert (await service.onec.send([division(name="новое")], number=1))["objects"]["applied"] == 1
    assert [row["data"]["name"] for row in await service.mirror()] == ["новое"]


async def test_bases_do_not_see_each_other(service: Service):
    await service.onec.send([division(), product()])
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    told = await other.send([division(name="Чужое"), order(new_ref())])
    assert told["objects"] == {"applied": 1, "unchanged": 0, "stale": 0, "waiting": 1}


# -- what becomes of objects


async def test_unchanged_content_is_told_and_makes_no_news(service: Service):
    ref, _ = await service.ready_order()
    told = await service.onec.send([order(ref)])
    assert told["objects"] == {"applied": 0, "unchanged": 1, "stale": 0, "waiting": 0}
    assert len(await service.rows("SELECT 1 FROM event")) == 1


async def test_an_older_state_is_stale_by_number_and_by_place(service: Service):
    await service.onec.send([division(name="пять")], number=5)
    assert (await service.onec.send([division(name="три")], number=3))["objects"]["stale"] == 1
    told = await service.onec.send([division(name="а"), division(name="б")], number=6)
    assert told["objects"]["applied"] == 2
    assert [row["data"]["name"] for row in await service.mirror()] == ["б"]


async def test_a_state_seen_again_is_as_new_as_its_last_message(service: Service):
    await service.onec.send([division(name="а")], number=1)
    await service.onec.send([division(name="а")], number=9)
    assert (await service.onec.send([division(name="б")], number=5))["objects"]["stale"] == 1


async def test_unchanged_then_changed_in_one_message_ranks_as_the_change(service: Service):
    await service.onec.send([division(name="а")], number=1)
    told = await service.onec.send([division(name="а"), division(name="б")], number=2)
    assert (told["objects"]["unchanged"], told["objects"]["applied"]) == (1, 1)
    assert (await service.rows("SELECT number, idx FROM mirror")) == [{"number": 2, "idx": 1}]


async def test_e29_an_order_waits_for_division_product_and_warehouse_and_is_released_by_the_last(service: Service):
    ref = new_ref()
    told = await service.onec.send([order(ref)])
    assert told["objects"]["waiting"] == 1
    assert (await service.onec.state())["waiting"] == 1
    for needed in (division(), product()):
        assert (await service.onec.send([needed]))["released"] == 0
    told = await service.onec.send([warehouse()])
    assert (told["objects"]["applied"], told["released"]) == (1, 1)
    assert (await service.onec.state())["waiting"] == 0
    assert ("order", ref) in [(row["kind"], row["ref"]) for row in await service.mirror()]


async def test_e29_the_order_of_objects_within_a_message_does_not_matter(service: Service):
    told = await service.onec.send([order(new_ref()), *references()])
    assert told["objects"] == {"applied": 6, "unchanged": 0, "stale": 0, "waiting": 0}


async def test_e29_counterparty_characteristic_courier_may_come_later(service: Service):
    await service.onec.send([division(), product(), warehouse()])
    one = order(new_ref(), counterparty=new_ref(), courier=new_ref(), lines=[line(characteristic=new_ref())])
    assert (await service.onec.send([one]))["objects"]["applied"] == 1


async def test_e29_documents_wait_too(service: Service):
    await service.onec.send([division()])
    document = {"number": "1", "date": "2026-11-20T10:00:00", "lines": [{"product": PRODUCT, "quantity": "1"}]}
    told = await service.onec.send([
        obj("shipment", new_ref(), {**document, "warehouse": WAREHOUSE, "sum": "10.00"}),
        obj("transfer", new_ref(), {**document, "from": WAREHOUSE, "to": WAREHOUSE}),
    ])  # fmt: skip
    assert told["objects"]["waiting"] == 2
    assert (await service.onec.send([product(), warehouse()]))["released"] == 2


async def test_a_newer_version_takes_the_place_of_one_that_waits(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref, comment="первый")])
    assert (await service.onec.send([order(ref, comment="второй")]))["objects"]["waiting"] == 1
    assert (await service.onec.state())["waiting"] == 1
    assert (await service.onec.send([order(ref, comment="ноль")], number=1000))["objects"]["waiting"] == 1
    assert (await service.onec.send([order(ref, comment="старый")], number=500))["objects"]["stale"] == 1
    await service.onec.send([division(), product(), warehouse()], number=1001)
    assert [r["data"]["comment"] for r in await service.mirror() if r["kind"] == "order"] == ["ноль"]


async def test_every_kind_of_the_contract_is_applied(service: Service):
    ref, date = new_ref(), {"number": "7", "date": "2026-11-20T10:00:00"}
    goods = {**date, "warehouse": WAREHOUSE, "sum": "10.00", "lines": [{"product": PRODUCT, "quantity": "1,5"}]}
    told = await service.onec.send([
        *references(), order(ref),
        obj("price", "цена-1", {"product": PRODUCT, "price_type": "розница", "price": "990"}),
        obj("stock", "остаток-1", {"warehouse": WAREHOUSE, "product": PRODUCT, "quantity": "3"}),
        obj("counterparty", new_ref(), {"name": "ООО «Ромашка»", "legal": "Да"}),
        obj("outlet", new_ref(), {"name": "Точка"}),
        obj("shipment", new_ref(), goods), obj("receipt", new_ref(), goods), obj("return", new_ref(), goods),
        obj("transfer", new_ref(), {**date, "from": WAREHOUSE, "to": WAREHOUSE, "lines": goods["lines"]}),
        obj("cash_receipt", new_ref(), {**date, "sum": "10.00", "courier": COURIER}),
    ])  # fmt: skip
    assert told["quarantined"] == []
    assert told["objects"]["applied"] == 15


async def test_unknown_fields_and_unknown_texts_of_open_lists_are_kept(service: Service):
    ref = new_ref()
    await service.onec.send([*references(), order(ref, payment_method="биткоин", ИШ_Цвет={"тон": ["синий", 1, None]})])
    data = next(row["data"] for row in await service.mirror() if row["kind"] == "order")
    assert (data["payment_method"], data["ИШ_Цвет"]) == ("биткоин", {"тон": ["синий", 1, None]})


async def test_the_sum_wins_over_quantity_times_price_and_the_difference_is_journalled(service: Service):
    ref, delivery = await service.ready_order(lines=[line(quantity=2, price="990.00", sum="1900.00")])
    assert delivery["amount_due"] == "2200.00"
    journal = await service.rows("SELECT order_ref, summary FROM journal WHERE code = 'odd_sum'")
    assert [str(row["order_ref"]) for row in journal] == [ref]
    assert "1900.00" in journal[0]["summary"]


async def test_a_sum_that_is_off_by_rounding_alone_is_no_difference(service: Service):
    await service.ready_order(lines=[line(quantity="0.333", price="100.00", sum="33.30")])
    assert await service.rows("SELECT 1 FROM journal WHERE code = 'odd_sum'") == []


async def test_an_echo_keeps_the_id_of_our_event(service: Service):
    ref, event = new_ref(), str(uuid4())
    await service.onec.send([*references(), order(ref)])
    await service.onec.send([order(ref, head={"event": event})])
    assert [str(r["event_id"]) for r in await service.rows("SELECT event_id FROM mirror WHERE kind='order'")] == [event]
    await service.onec.send([order(ref, comment="правка")])
    assert [str(r["event_id"]) for r in await service.rows("SELECT event_id FROM mirror WHERE kind='order'")] == [event]


# -- one bad object (invariant 9)


BAD = [
    ("unknown_kind", {"kind": "nonsense", "ref": new_ref(), "data": {}}),
    ("unknown_kind", {"kind": None, "ref": new_ref(), "data": {}}),
    ("unknown_kind", {"kind": ["order"], "ref": new_ref(), "data": {}}),
    ("missing_ref", {"kind": "division", "data": {"name": "x"}}),
    ("missing_ref", obj("division", "00000000-0000-0000-0000-000000000000", {"name": "x"})),
    ("unreadable_value", obj("division", "not a guid", {"name": "x"})),
    ("missing_field", obj("division", new_ref(), {"name": "  "})),
    ("missing_field", obj("order", new_ref(), {"number": "1"})),
    ("unreadable_value", order(new_ref(), date="вчера")),
    ("unreadable_value", order(new_ref(), delivery_price="дорого")),
    ("unreadable_value", order(new_ref(), delivery_price="1e999999999")),
    ("unreadable_value", order(new_ref(), lines=[line(quantity=-1)])),
    ("unreadable_value", order(new_ref(), lines=["строка"])),
    ("missing_field", order(new_ref(), lines=None)),
    ("missing_field", order(new_ref(), recipient="Анна")),
    ("unreadable_value", obj("division", new_ref(), {"name": {"ru": "x"}})),
    ("unreadable_value", obj("division", new_ref(), {"name": "x", "extra": json.loads("[" * 90 + "]" * 90)})),
    ("unreadable_value", obj("division", new_ref(), {"name": "x"}, deleted="может быть")),
    ("unreadable_value", obj("division", new_ref(), {"name": "x"}, event="не событие")),
    ("unreadable_value", 5),
    ("unreadable_value", "строка"),
    ("unreadable_value", None),
    ("unreadable_value", [1, 2]),
    ("unreadable_value", obj("division", new_ref(), "данные")),
]  # fmt: skip


async def test_one_bad_object_is_quarantined_alone(service: Service):
    told = await service.onec.send([bad for _, bad in BAD] + [division()])
    assert told["objects"]["applied"] == 1
    assert [(q["index"], q["code"]) for q in told["quarantined"]] == [(i, code) for i, (code, _) in enumerate(BAD)]
    assert all(q["message"] for q in told["quarantined"])
    assert (await service.onec.state())["quarantined"] == len(BAD)


async def test_a_quarantined_object_is_kept_whole_shown_and_cleared_by_a_later_good_version(service: Service):
    ref = new_ref().upper()
    bad = obj("division", "{" + ref + "}", {"title": "x"})
    await service.onec.send([bad])
    kept = await service.rows("SELECT body, cleared_at FROM quarantine")
    assert json.loads(kept[0]["body"]) == bad
    assert (await service.onec.state())["quarantined"] == 1
    await service.onec.send([division(ref.lower())])
    assert (await service.onec.state())["quarantined"] == 0


async def test_going_back_to_the_content_before_the_bad_version_clears_it(service: Service):
    await service.onec.send([division()])
    await service.onec.send([obj("division", DIVISION, {})])
    assert (await service.onec.state())["quarantined"] == 1
    assert (await service.onec.send([division()]))["objects"]["unchanged"] == 1
    assert (await service.onec.state())["quarantined"] == 0


async def test_an_older_good_version_does_not_clear_a_newer_bad_one(service: Service):
    await service.onec.send([obj("division", DIVISION, {})], number=5)
    assert (await service.onec.send([division()], number=3))["objects"]["applied"] == 1
    assert (await service.onec.state())["quarantined"] == 1
    await service.onec.send([division(), obj("division", DIVISION, {})], number=6)
    assert (await service.onec.state())["quarantined"] == 1


async def test_an_object_that_waits_has_cleared_its_quarantine(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref, date="вчера")])
    assert (await service.onec.send([order(ref)]))["objects"]["waiting"] == 1
    assert (await service.onec.state()) | {"last_accepted": 0, "epoch": ""} == {
        "epoch": "", "last_accepted": 0, "gaps": [], "waiting": 1, "quarantined": 0, "outgoing": 0,
    }  # fmt: skip


# -- deletion (E-26)


async def test_e26_a_deletion_mark_is_taken_off_again(service: Service):
    await service.onec.send([division()])
    await service.onec.send([{**division(), "deleted": True}])
    assert (await service.mirror())[0]["deleted"]
    await service.onec.send([division()])
    assert not (await service.mirror())[0]["deleted"]


async def test_e26_a_physical_deletion_has_no_data_and_keeps_what_was_known(service: Service):
    await service.onec.send([division()])
    gone = {"kind": "division", "ref": DIVISION, "deleted": True}
    assert (await service.onec.send([gone]))["objects"]["applied"] == 1
    row = (await service.mirror())[0]
    assert (row["deleted"], row["data"]["name"]) == (True, "Центр")
    assert (await service.onec.send([gone]))["objects"]["unchanged"] == 1


async def test_e26_the_deletion_of_something_never_seen_is_no_error(service: Service):
    ref = new_ref()
    gone = [{"kind": kind, "ref": ref, "deleted": True, "data": {}} for kind in ("order", "courier", "division")]
    assert (await service.onec.send(gone))["objects"]["applied"] == 3
    assert (await service.onec.press("delivery.ready", ref))["status"] == "waiting"
    await service.onec.send([*references(), order(new_ref(), division=ref)])


async def test_e26_posted_that_is_not_said_counts_as_posted(service: Service):
    _, delivery = await service.ready_order()
    ref, delivery = await service.ready_order(number="2")
    await service.onec.send([order(ref, number="2", comment="x", head={"posted": None})])
    card = await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")
    assert card.json()["stage"] == "ready"


# What is read or written again after some seconds, whatever a message brings.
NOW_AND_THEN = {"token_find", "division_settings", "field_owners", "base_heard"}


@pytest.mark.parametrize("waits", [False, True], ids=["applied", "waiting"])
async def test_a_message_of_five_hundred_costs_as_many_statements_as_one_of_five(
    service: Service, monkeypatch: pytest.MonkeyPatch, waits: bool
):
    statements: list[str] = []
    for name in ("fetch", "one", "run", "copy"):
        monkeypatch.setattr(Tx, name, _counting(getattr(Tx, name), statements))
    await service.onec.send([*references(), order(new_ref())])

    async def cost(count: int) -> list[str]:
        statements.clear()
        more = {"division": new_ref()} if waits else {}
        told = await service.onec.send([order(new_ref(), **more) for _ in range(count)])
        assert told["objects"]["waiting" if waits else "applied"] == count
        return sorted(statements)

    many = await cost(500)
    assert many == await cost(5)
    assert len(many) < 20


def _counting(method: Any, statements: list[str]) -> Any:
    async def counted(tx: Tx, query: str, params: Any = None) -> Any:
        if query not in NOW_AND_THEN:
            statements.append(query)
        return await method(tx, query, params)

    return counted


async def test_e23_a_number_that_is_no_longer_kept_is_a_conflict_and_one_that_was_missing_is_still_taken(
    service: Service,
):
    await service.onec.send([division()], number=1)
    await service.onec.send([product()], number=3)
    await service.rows("DELETE FROM inbox RETURNING number")  # as its months are dropped
    body = service.onec.envelope([courier()], number=1)
    old = await service.onec.post("messages", body)
    assert (old.status_code, old.json()["code"], old.json()["last_accepted"]) == (409, "message_conflict", 3)
    assert len(await service.mirror()) == 2
    detail = await service.rows("SELECT detail FROM journal WHERE code = 'message_conflict'")
    assert detail[0]["detail"]["forgotten"] is True
    assert (await service.rows("SELECT doubt_number FROM base WHERE doubt_epoch_no > 0"))[0]["doubt_number"] == 3
    assert (await service.onec.send([warehouse()], number=2))["status"] == "accepted"
    assert (await service.onec.state())["gaps"] == []


async def test_e04_a_product_is_known_by_its_characteristics_and_barcodes_however_they_are_written(service: Service):
    red = new_ref()
    goods = product()
    goods["data"] |= {
        "characteristics": [{"ref": f"{{{red.upper()}}}", "name": " красный "}, {"ref": None, "name": "нет"}],
        "packagings": [{"ref": new_ref(), "name": "коробка", "coefficient": "12,000"}],
        "barcodes": [4600000000017, " 4600000000024\u00a0", {"barcode": "4600000000031", "characteristic": red}, ""],
    }
    told = await service.onec.send([goods])
    assert told["objects"]["applied"] == 1
    db = Database(service.dsn)
    await db.open()
    known = await db.transact(lambda tx: products(tx, BASE, [(PRODUCT, red), (PRODUCT, None)]))
    await db.close()
    plain = ("4600000000017", "4600000000024")
    assert (known[PRODUCT, red].name, known[PRODUCT, red].barcodes) == ("Термос (красный)", (*plain, "4600000000031"))
    assert (known[PRODUCT, None].name, known[PRODUCT, None].barcodes) == ("Термос", plain)
    (kept,) = await service.mirror()
    assert kept["data"]["packagings"][0]["coefficient"] == "12"
