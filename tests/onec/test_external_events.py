"""The old 1C takes events: once each, with their documents, whatever happens on the way."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.old_stage import ACK, MESSAGES, OUTGOING, Said, Stage, event, fill

from posrednik_sandbox.onec.base import Onec
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
NOTHING = {"kind": "shipment", "rows": []}


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Onec]:
    """The same base as the sandbox's own Python keeps it."""
    path = tmp_path / "twin.sqlite3"
    fill(path)
    made = Onec(path, "http://127.0.0.1:1", str(uuid.uuid4()), "", lambda *a, **k: None, profile="ut103")
    yield made
    made.store.close()


def people(stage: Stage) -> tuple[str, str, str]:
    """A courier, his warehouse, and the main one of his division."""
    rows = {ref: json.loads(data) for ref, data in stage.rows("SELECT ref, data FROM object WHERE kind = 'warehouse'")}
    bag, data = next((ref, one) for ref, one in sorted(rows.items()) if one.get("courier"))
    main = next(
        ref for ref, one in sorted(rows.items()) if not one.get("courier") and one["division"] == data["division"]
    )
    return data["courier"], bag, main


def order_of(stage: Stage) -> tuple[str, Json]:
    ref, data = stage.rows("SELECT ref, data FROM object WHERE kind = 'order' ORDER BY ref LIMIT 1")[0]
    return ref, json.loads(data)


def handed_over(stage: Stage, number: int = 1, **more: Any) -> Json:
    ref, order = order_of(stage)
    courier, _, _ = people(stage)
    lines = [
        {"line": one["line"], "product": one["product"], "accepted": one["quantity"], "refused": "0",
         "price": one["price"], "sum": one["sum"]}
        for one in order["lines"]
    ]  # fmt: skip
    data = {
        "courier": courier, "warehouse": order["warehouse"], "lines": lines, "amount_due": "1500.00",
        "amount_taken": "1500.00", "payment_method": "cash", **more.pop("data", {}),
    }  # fmt: skip
    return event("delivery.handed_over", data, number, order=ref, **more)


def documents(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=str)


# -- once each


def test_an_event_makes_its_documents_and_they_come_back_with_its_id(stage: Stage) -> None:
    told = handed_over(stage)
    acked = stage.take(told)
    assert acked["accepted"] == [told["id"]]
    assert acked.get("rejected") is None
    before = len(stage.messages)
    stage.app.send()
    back = {one["kind"]: one for one in stage.objects(before) if one.get("event")}
    assert {kind: one["event"] for kind, one in back.items()} == {"shipment": told["id"], "cash_receipt": told["id"]}
    assert back["shipment"]["data"]["order"] == told["subject"]["order_ref"]
    assert back["cash_receipt"]["data"]["sum"] == "1500"
    assert stage.app.get("Доставка", told["subject"]["order_ref"])["Стадия"] == "handed_over"


def test_the_same_event_again_changes_nothing_and_is_acknowledged(stage: Stage) -> None:
    told = handed_over(stage)
    stage.take(told)
    documents = stage.rows("SELECT count(*), sum(sum) FROM document")
    assert stage.take(told)["accepted"] == [told["id"]]
    assert stage.rows("SELECT count(*), sum(sum) FROM document") == documents


def test_a_base_that_dies_before_the_commit_has_neither_event_nor_document(stage: Stage) -> None:
    before = stage.rows("SELECT count(*) FROM document")
    told = handed_over(stage)
    stage.give(told)
    stage.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        stage.app.call("ШагПриема")
    assert stage.rows("SELECT count(*) FROM document") == before
    assert not stage.items("evt")
    assert stage.take(told)["accepted"] == [told["id"]]
    assert stage.rows("SELECT count(*) FROM document") == [(before[0][0] + 2,)]


def test_a_base_that_dies_before_the_acknowledgement_gets_the_event_again_and_makes_nothing_twice(stage: Stage) -> None:
    told = handed_over(stage)
    stage.give(told)
    stage.base.fault("die", ACK)
    with pytest.raises(KilledHere):
        stage.app.call("ШагПриема")
    made = stage.rows("SELECT count(*) FROM document")
    assert stage.take(told)["accepted"] == [told["id"]]
    assert stage.rows("SELECT count(*) FROM document") == made


def test_a_document_that_was_lost_is_made_again_under_the_same_reference(stage: Stage) -> None:
    told = handed_over(stage)
    before = {ref for (ref,) in stage.rows("SELECT ref FROM document")}
    stage.take(told)
    made = {ref for (ref,) in stage.rows("SELECT ref FROM document")} - before
    assert {ref[2:] for ref in made} == {told["id"][2:]}
    assert len(made) == 2


def test_one_event_that_cannot_be_applied_does_not_hold_the_others(stage: Stage) -> None:
    bad = event("sale.made", {"lines": [{"product": stage.refs("product")[0], "quantity": "1", "price": "10"}]}, 1)
    good = handed_over(stage, 2)
    acked = stage.take(bad, good)
    assert acked["accepted"] == [good["id"]]
    (refused,) = acked["rejected"]
    assert (refused["id"], refused["code"], refused["retry"]) == (bad["id"], "cannot_apply", "false")
    assert "склада" in refused["message"]
    (shown,) = stage.app.get("СписокОтказов")
    assert (shown["Событие"], shown["Раз"]) == (bad["id"], 1)
    assert stage.state()["Отказов"] == 1


def test_a_document_that_somebody_has_open_asks_for_the_event_again(stage: Stage) -> None:
    ref, _ = order_of(stage)
    told = event("delivery.corrected", {"corrects": "hand_over", "lines": []}, 2, order=ref, subject="d-1", version=2)
    first = handed_over(stage, 1, subject="d-1")
    stage.take(first)
    (shipment,) = [one for (one,) in stage.rows("SELECT ref FROM document WHERE kind = 'shipment'")]
    stage.base.lock("Документ.РеализацияТоваровУслуг", shipment)
    (refused,) = stage.take(told)["rejected"]
    assert (refused["code"], refused["retry"]) == ("object_locked", "true")
    stage.base.unlock("Документ.РеализацияТоваровУслуг", shipment)
    assert stage.take(told)["accepted"] == [told["id"]]
    assert stage.state()["Отказов"] == 0


def test_goods_that_are_not_there_are_no_shipment(stage: Stage) -> None:
    stage.base.control_stock = True
    courier, bag, _ = people(stage)
    product = stage.refs("product")[0]
    line = {"line": "1", "product": product, "accepted": "100000", "price": "1.00", "sum": "1.00"}
    before = stage.rows("SELECT count(*) FROM document")
    told = handed_over(stage, data={"warehouse": bag, "courier": courier, "lines": [line]})
    (refused,) = stage.take(told)["rejected"]
    assert (refused["code"], refused["retry"]) == ("not_posted", "false")
    assert "Не хватает остатка" in refused["message"]
    assert stage.rows("SELECT count(*) FROM document") == before


# -- numbers


def test_the_question_names_the_last_number_and_after_a_restore_asks_from_there(stage: Stage) -> None:
    stage.take(handed_over(stage, 7))
    stage.app.call("ШагПриема", 20)
    assert stage.service.of(OUTGOING)[-1].params["known"] == "7"
    assert stage.service.of(OUTGOING)[-1].params["wait"] == "20"
    stage.app.call("НачатьНовуюЭпоху", "restore")
    lost = handed_over(stage, 9)
    stage.take(lost)
    assert stage.service.of(OUTGOING)[-1].params["after"] == "7"
    stage.app.call("ШагПриема")
    assert stage.service.of(OUTGOING)[-1].params["after"] == "9"
    stage.app.call("ШагПриема")
    assert stage.service.of(OUTGOING)[-1].params["known"] == "9"


def test_a_known_event_under_another_number_is_renumbered(stage: Stage) -> None:
    told = handed_over(stage, 5)
    stage.take(told)
    stage.take(told | {"number": 8})
    (name, _), *_ = stage.items("evt")
    assert name.endswith("#000000000008")


def test_an_older_stage_does_not_replace_a_newer_one(stage: Stage) -> None:
    ref, _ = order_of(stage)
    courier, _, _ = people(stage)
    late = event("delivery.departed", {"courier": courier}, 2, order=ref, subject="d-1", version=2)
    stage.take(handed_over(stage, 3, subject="d-1", version=3), late)
    assert stage.app.get("Доставка", ref)["Стадия"] == "handed_over"


def test_command_finished_answers_a_command_that_waited(stage: Stage) -> None:
    ref, _ = order_of(stage)

    def waits(asked: Any) -> Said:
        said = stage.service._messages(asked)
        said.body["commands"][0]["status"] = "waiting"
        return said

    stage.service.then(MESSAGES, waits)
    pressed = stage.app.get("Нажать", "delivery.ready", ref)
    assert pressed["Состояние"] == "waiting"
    assert "не дошел" in pressed["Текст"]
    key = pressed["Идентификатор"]
    told = {"id": key, "status": "done", "result": {"delivery": {"id": "d-1", "version": 1, "stage": "ready"}}}
    stage.take(event("command.finished", told, 1, subject=key))
    assert stage.app.get("Команда", key)["Состояние"] == "done"
    assert stage.app.get("Доставка", ref)["Стадия"] == "ready"


# -- Posrednik was restored from a copy


def test_stored_messages_go_again_byte_for_byte_then_commands_then_the_events(stage: Stage) -> None:
    ref, _ = order_of(stage)
    stage.app.call("Нажать", "delivery.ready", ref)
    told = handed_over(stage, 3)
    stage.take(told)
    stage.app.send()
    after = stage.service.last_accepted - 1
    kept = [asked.raw for asked in stage.messages if int(asked.body["number"]) > after]
    again = {"epoch": stage.service.epoch, "after": after, "since": "2026-01-01T00:00:00Z", "events_after": 2}
    before = len(stage.messages)
    stage.take(event("exchange.send_again", again, 4))
    stage.app.send()
    sent = stage.messages[before:]
    assert [one.raw for one in sent[: len(kept)]] == kept
    commands = [one for asked in sent[len(kept) :] for one in asked.body.get("commands") or []]
    assert [one["type"] for one in commands] == ["delivery.ready", "sent_again"]
    (named,) = commands[-1]["data"]["events"]
    assert (named["id"], named["type"], named["number"]) == (told["id"], "delivery.handed_over", "3")
    assert named["data"]["amount_taken"] == "1500.00"
    assert commands[-1]["data"]["more"] == "false"


def test_where_the_stored_messages_are_gone_everything_is_sent(stage: Stage) -> None:
    again = {"epoch": str(uuid.uuid4()), "after": 0, "events_after": 0}
    before = len(stage.messages)
    stage.take(event("exchange.send_again", again, 1))
    stage.app.send()
    assert len(stage.objects(before)) > 150


# -- documents, as the sandbox's own Python makes them


def story(stage: Stage) -> list[Json]:
    """Events of one day of a courier, each kind of them."""
    ref, order = order_of(stage)
    courier, _bag, main = people(stage)
    first, second, third = stage.refs("product")[:3]
    line = order["lines"][0]
    back = [{"line": line["line"], "product": line["product"], "quantity": "1", "price": line["price"],
             "sum": line["price"]}]  # fmt: skip
    whose = {"courier": courier, "warehouse": main}
    sold = [{"product": first, "quantity": "2", "price": "990.00", "sum": "1980.00"},
            {"product": second, "quantity": "1.5", "price": "100.00", "sum": "150.01"}]  # fmt: skip
    counted = [
        {"product": first, "expected": "5", "counted": "4"},
        {"product": second, "expected": "1", "counted": "3"},
    ]
    division = stage.refs("division")[0]
    of_delivery = {"order": ref, "subject": "d-1"}
    part = handed_over(stage, 1, subject="d-1", version=3)
    part["data"]["lines"][0] |= {"accepted": "1", "refused": "1"}
    right = {**handed_over(stage)["data"], "corrects": "hand_over", "amount_taken": "900.00", "payment_method": "card"}
    number = iter(range(2, 50))
    return [
        part,
        event("delivery.corrected", right, next(number), version=4, **of_delivery),
        event("delivery.returned", whose | {"lines": back}, next(number), version=5, **of_delivery),
        event("delivery.customer_returned", whose | {"lines": back, "refund": "500.00", "refund_cash": "200.00"},
              next(number), version=6, **of_delivery),
        event("delivery.not_delivered", whose | {"reason": "нет дома"}, next(number), version=7, **of_delivery),
        event("sale.made", whose | {"lines": sold, "sum": "2130.01", "payment_method": "cash"}, next(number),
              subject="s-1", division=division),
        event("sale.corrected", whose | {"lines": sold[:1], "sum": "1980.00", "payment_method": "transfer"},
              next(number), subject="s-1", version=2, division=division),
        event("sale.made", whose | {"lines": sold, "sum": "2130.01", "payment_method": "card"}, next(number),
              subject="s-2", division=division),
        event("sale.corrected", whose | {"lines": []}, next(number), subject="s-2", version=2, division=division),
        event("backpack.accepted", whose | {"lines": counted, "documents": []}, next(number)),
        event("backpack.unloaded", whose | {"lines": [{"product": third, "quantity": "2"}]}, next(number)),
        event("backpack.counted", whose | {"lines": counted}, next(number)),
        event("backpack.found", whose | {"lines": [{"product": first, "quantity": "1"}]}, next(number)),
        event("cash.change_issued", whose | {"sum": "2000.00", "entry_id": "e-1", "till": "Касса"}, next(number)),
        event("cash.handed_in", whose | {"sum": "3000.00", "entry_id": "e-2"}, next(number)),
        event("cash.corrected", whose | {"corrects": "handed_in", "sum": "2900.00", "entry_id": "e-2",
                                         "before": {"sum": "3000.00"}}, next(number)),
        event("cash.corrected", whose | {"corrects": "difference", "difference": "-100.00"}, next(number)),
        event("cash.corrected", whose | {"corrects": "difference", "difference": "50.00"}, next(number)),
    ]  # fmt: skip


BOOKS = "SELECT warehouse, product, sum(milli) FROM goods_move GROUP BY 1, 2 HAVING sum(milli) <> 0 ORDER BY 1, 2"
PAPERS = """SELECT d.kind, d.sum, d.courier, coalesce(o.event, '') <> '' FROM document d
 LEFT JOIN object o ON o.ref = d.ref WHERE d.posted = 1 AND d.kind <> 'return'"""
RETURNS = "SELECT count(*), sum(sum) FROM document WHERE kind = 'return'"
OF_SHIPPED = f"{RETURNS} AND event IN (SELECT id FROM event WHERE type = 'delivery.customer_returned')"


def test_a_day_of_events_makes_the_documents_and_balances_of_the_sandbox(stage: Stage, twin: Onec) -> None:
    """The differential. Only a return of what was never shipped differs: there is none, since it would bring goods in
    that had not gone."""
    told = story(stage)
    accepted, rejected = twin.receiver.take(told)
    assert (len(accepted), rejected) == (len(told), [])
    acked = stage.take(*told)
    assert acked.get("rejected") is None, acked
    assert stage.rows(BOOKS) == [tuple(one.values()) for one in twin.store.rows(BOOKS)]
    ours = documents([(kind, amount, courier) for kind, amount, courier, _ in stage.rows(PAPERS)])
    theirs = documents([(one["kind"], one["sum"], one["courier"]) for one in twin.store.rows(PAPERS)])
    no_worth = ("transfer", "write_off", "surplus")  # the sandbox values them at the price of the day
    assert [one for one in ours if one[0] not in no_worth] == [one for one in theirs if one[0] not in no_worth]
    assert [one[0] for one in ours] == [one[0] for one in theirs]
    assert stage.rows(RETURNS) == [tuple(one.values()) for one in twin.store.rows(OF_SHIPPED)]


def test_what_a_person_has_shipped_and_the_courier_brings_back_is_returned(stage: Stage) -> None:
    ref, order = order_of(stage)
    courier, _, main = people(stage)
    line = order["lines"][0]
    shipped = {"number": "РТ-1", "date": "2026-11-22T10:00:00", "order": ref, "warehouse": main, "lines": [line]}
    store = Store(stage.path)
    with store.tx():
        store.put("shipment", str(uuid.uuid4()), shipped)
    store.close()
    back = {"courier": courier, "warehouse": main, "lines": [{**line, "quantity": "100"}]}
    stage.take(event("delivery.returned", back, 1, order=ref))
    ((text,),) = stage.rows("SELECT data FROM document WHERE kind = 'return' AND posted = 1")
    (returned,) = json.loads(text)["lines"]
    assert (returned["product"], float(returned["quantity"])) == (line["product"], float(line["quantity"]))


def test_what_stays_inside_the_base_is_not_sent(stage: Stage) -> None:
    """Cash that was handed in is a receipt in 1C, but no payment of a customer."""
    courier, _, _ = people(stage)
    stage.take(event("cash.handed_in", {"courier": courier, "sum": "3000.00"}, 1))
    before = len(stage.messages)
    stage.app.send()
    assert [one["kind"] for one in stage.objects(before)] == []
    stage.app.send()
    assert len(stage.messages) == before
