"""The buttons of the old 1C: the order, the command and the answer; also without an answer."""

import json
import uuid
from typing import Any

import pytest
from tests.bsl.native import BslError, KilledHere
from tests.onec.old_base import structure
from tests.onec.old_stage import COMMANDS, MESSAGES, Said, Stage

from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]


def test_a_button_sends_the_order_and_its_command_in_one_message(stage: Stage) -> None:
    ref, courier = stage.refs("order")[0], stage.refs("courier")[0]
    stage.edit("order", ref, comment="перед нажатием")
    before = len(stage.messages)
    answer = stage.app.get("Нажать", "delivery.ready", ref, {"courier": courier})
    (message,) = stage.messages[before:]
    assert [one["ref"] for one in message.body["objects"]][:1] == [ref]
    (command,) = message.body["commands"]
    assert command["type"] == "delivery.ready"
    assert command["data"] == {"order": ref, "courier": courier}
    assert answer["Сохранено"] is False
    assert answer["Текст"] == "Принято."
    told = stage.app.get("Доставка", ref)
    assert told["Готов"] is True
    assert told["Курьер"] == courier


def test_a_button_does_not_look_through_the_base_but_tells_of_what_its_order_needs(stage: Stage) -> None:
    ref, edited, new = stage.refs("order")[0], stage.refs("product")[0], str(uuid.uuid4())
    stage.edit("product", edited, name="Переименован")
    store = Store(stage.path)
    with store.tx():
        store.put("product", new, {"code": "Н-1", "name": "Новый товар", "unit": "шт"})
        order = store.object("order", ref)
        assert order is not None
        lines = [{**order["data"]["lines"][0], "product": new}]
        store.put("order", ref, order["data"] | {"lines": lines})
    store.close()
    before = len(stage.messages)
    stage.app.call("Нажать", "delivery.ready", ref)
    assert {one["ref"] for one in stage.objects(before)} == {ref, new}
    stage.app.send()
    assert edited in {one["ref"] for one in stage.objects(before)}


def test_without_an_answer_the_command_is_kept_and_goes_with_the_queue(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    stage.base.fault("cut", times=1)
    answer = stage.app.get("Нажать", "delivery.ready", ref)
    assert answer["Сохранено"] is True
    assert "сохранена" in answer["Текст"]
    assert stage.state()["Команд"] == 1
    stage.app.send()
    assert stage.app.get("Команда", answer["Идентификатор"])["Состояние"] == "done"
    assert stage.state()["Команд"] == 0


def test_a_failed_write_leaves_neither_the_price_nor_the_command(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    before = stage.rows("SELECT data FROM object WHERE ref = ?", ref)
    stage.base.lock("Документ.ЗаказПокупателя", ref)
    with pytest.raises(Exception, match="блокир"):
        stage.app.call("Нажать", "delivery.set_price", ref, {"delivery_price": "450.00"})
    assert stage.rows("SELECT data FROM object WHERE ref = ?", ref) == before
    assert stage.state()["Команд"] == 0
    assert stage.app.get("Доставка", ref)["ЦенаДоставки"] is None


def test_the_price_is_written_into_the_order_where_it_has_a_place(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    before = len(stage.messages)
    stage.app.call("Нажать", "delivery.set_price", ref, {"delivery_price": "450.00"})
    (message,) = stage.messages[before:]
    (order,) = [one for one in message.body["objects"] if one["ref"] == ref]
    assert order["data"]["delivery_price"] == "450"
    assert message.body["commands"][0]["data"]["delivery_price"] == "450.00"


def test_a_button_while_another_session_sends_goes_by_itself(stage: Stage) -> None:
    other, ref = stage.another(), stage.refs("order")[0]
    stage.edit("order", stage.refs("order")[1], comment="иначе")
    answers: list[Json] = []

    def meanwhile(asked: Any) -> Said:
        answers.append(other.get("Нажать", "delivery.ready", ref))
        other.close()
        return stage.service._messages(asked)

    stage.service.then(MESSAGES, meanwhile)
    stage.app.send()
    assert answers[0]["Состояние"] == "done"
    assert [one.body["command"]["type"] for one in stage.service.of(COMMANDS)] == ["delivery.ready"]


def test_what_the_service_says_of_a_command_is_shown_with_the_delivery(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    told = {"id": "d-1", "version": 3, "stage": "ready", "amount_due": "2450.00", "courier": {"ref": "c-1"}}

    def answered(asked: Any) -> Said:
        said = stage.service._messages(asked)
        said.body["commands"][0]["result"] = {"already": True, "delivery": told}
        return said

    stage.service.then(MESSAGES, answered)
    answer = stage.app.get("Нажать", "delivery.ready", ref)
    shown = stage.app.get("Доставка", ref)
    assert answer["Текст"] == "Уже было сделано."
    assert (shown["Стадия"], shown["ВерсияСтадии"], shown["Курьер"]) == ("ready", 3, "c-1")
    assert str(shown["СуммаКПолучению"]) == "2450"


def test_commands_keep_their_order_also_when_the_clock_is_put_back(stage: Stage) -> None:
    stage.base.fault("cut", times=20)
    refs = stage.refs("order")[:3]
    for ref in refs:
        stage.app.call("Нажать", "delivery.ready", ref)
        stage.clock.pass_(hours=-1)
    stage.base.http_faults.clear()
    before = len(stage.messages)
    stage.clock.pass_(hours=4)
    stage.app.send()
    told = [one["data"]["order"] for asked in stage.messages[before:] for one in asked.body.get("commands") or []]
    assert told == refs


def test_answered_commands_go_after_a_hundred_days_and_waiting_ones_stay(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    old = stage.app.get("Нажать", "delivery.ready", ref)["Идентификатор"]
    stage.base.fault("cut", times=5)
    kept = stage.app.get("Нажать", "delivery.withdraw", ref)["Идентификатор"]
    stage.clock.pass_(days=101)
    stage.app.call("ШагОтправки")
    assert stage.app.get("Команда", old) is not None
    stage.base.http_faults.clear()
    stage.app.send()
    assert stage.app.get("Команда", old) is None
    assert stage.app.get("Команда", kept)["Состояние"] == "done"


def test_goods_put_into_a_backpack_are_a_posted_transfer_and_its_command(stage: Stage) -> None:
    bags = {data["courier"]: ref for ref, data in _warehouses(stage).items() if data.get("courier")}
    courier, bag = next(iter(bags.items()))
    main = next(ref for ref, data in _warehouses(stage).items() if not data.get("courier"))
    product = stage.refs("product")[0]
    before = len(stage.messages)
    line = structure({"product": product, "quantity": 2})
    answer = stage.app.get("ПереместитьРюкзак", "load", courier, main, [line])
    objects = {one["ref"]: one for one in stage.objects(before)}
    transfer = objects[answer["Документ"]]
    assert (transfer["kind"], transfer["posted"]) == ("transfer", "true")
    assert (transfer["data"]["from"], transfer["data"]["to"]) == (main, bag)
    (command,) = [one for asked in stage.messages[before:] for one in asked.body.get("commands") or []]
    assert command["data"] == {
        "courier": courier, "warehouse": main, "document": answer["Документ"],
        "lines": [{"product": product, "quantity": "2"}],
    }  # fmt: skip


def bag_of_the_first(stage: Stage) -> tuple[str, str]:
    """A courier and his warehouse."""
    return next((data["courier"], ref) for ref, data in _warehouses(stage).items() if data.get("courier"))


def test_the_goods_of_an_order_are_put_into_a_backpack_once_until_that_is_taken_back(stage: Stage) -> None:
    order, (courier, bag) = stage.refs("order")[0], bag_of_the_first(stage)
    before = len(stage.messages)
    done = stage.app.get("ПоложитьЗаказВРюкзак", order, courier)
    told = json.loads(stage.rows("SELECT data FROM object WHERE ref = ?", order)[0][0])
    paper = json.loads(stage.rows("SELECT data FROM object WHERE ref = ?", done["Документ"])[0][0])
    assert (paper["from"], paper["to"], paper["order"]) == (told["warehouse"], bag, order)
    (command,) = [one for asked in stage.messages[before:] for one in asked.body.get("commands") or []]
    assert [(one["product"], one["quantity"]) for one in command["data"]["lines"]] == [
        (one["product"], one["quantity"]) for one in told["lines"]
    ]
    with pytest.raises(BslError, match=f"Уже положено: Перемещение № {paper['number']}"):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)
    stage.edit("transfer", done["Документ"], posted=False)
    assert stage.app.get("ПоложитьЗаказВРюкзак", order, courier)["Документ"] != done["Документ"]


def test_an_order_whose_goods_are_in_a_backpack_is_not_given_out_too(stage: Stage) -> None:
    order, (courier, _) = stage.refs("order")[0], bag_of_the_first(stage)
    done = stage.app.get("ПоложитьЗаказВРюкзак", order, courier)
    before = len(stage.messages)
    why = r"уже в рюкзаке курьера: Перемещение № .* отмените проведение .* новый заказ копированием"
    with pytest.raises(BslError, match=why):
        stage.app.call("Нажать", "delivery.ready", order)
    assert (len(stage.messages), stage.app.get("Доставка", order)["Готов"]) == (before, False)
    stage.edit("transfer", done["Документ"], posted=False)
    assert stage.app.get("Нажать", "delivery.ready", order)["Состояние"] == "done"


def test_a_refused_ready_leaves_the_order_to_the_backpack_unless_another_press_waits(stage: Stage) -> None:
    order, (courier, _) = stage.refs("order")[0], bag_of_the_first(stage)

    def refused(asked: Any) -> Said:
        said = stage.service._messages(asked)
        said.body["commands"][0] |= {"status": "rejected", "code": "order_cancelled"}
        return said

    for _ in range(2):
        stage.base.fault("cut", times=1)
        stage.app.call("Нажать", "delivery.ready", order)
    assert stage.state()["Команд"] == 2
    stage.service.then(MESSAGES, refused)
    stage.app.send()
    assert stage.app.get("Доставка", order)["Готов"] is True
    stage.service.then(MESSAGES, refused)
    assert stage.app.get("Нажать", "delivery.ready", order)["Состояние"] == "rejected"
    assert stage.app.get("Доставка", order)["Готов"] is False
    assert stage.app.get("ПоложитьЗаказВРюкзак", order, courier)["Состояние"] == "done"


@pytest.mark.parametrize(
    ("stage_of_it", "why"),
    [("en_route", "после того, как курьер вернет"), ("settled", "уже вручен"), ("ready", "снимите готовность")],
)
def test_what_to_do_with_an_order_that_is_out_follows_how_far_it_is(stage: Stage, stage_of_it: str, why: str) -> None:
    order, (courier, _) = stage.refs("order")[0], bag_of_the_first(stage)

    def answered(asked: Any) -> Said:
        said = stage.service._messages(asked)
        said.body["commands"][0]["result"] = {"delivery": {"id": "d", "version": 3, "stage": stage_of_it}}
        return said

    stage.service.then(MESSAGES, answered)
    stage.app.get("Нажать", "delivery.ready", order)
    with pytest.raises(BslError, match=why):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)


def test_an_order_that_cannot_be_put_into_a_backpack_leaves_nothing(stage: Stage) -> None:
    order, (courier, bag) = stage.refs("order")[0], bag_of_the_first(stage)
    transfers = len(stage.refs("transfer"))
    with pytest.raises(BslError, match="нет своего склада: укажите"):
        stage.app.call("ПоложитьЗаказВРюкзак", order, str(uuid.uuid4()))
    stage.app.get("Нажать", "delivery.ready", order, {"courier": courier}, structure({"Готов": True}))
    with pytest.raises(BslError, match="снимите готовность"):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)
    stage.app.get("Нажать", "delivery.withdraw", order, {}, structure({"Готов": False}))
    stage.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)
    stage.edit("order", order, warehouse=bag)
    with pytest.raises(BslError, match="уже у него"):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)
    stage.edit("order", order, posted=False)
    with pytest.raises(BslError, match="не проведен"):
        stage.app.call("ПоложитьЗаказВРюкзак", order, courier)
    assert len(stage.refs("transfer")) == transfers


def _warehouses(stage: Stage) -> dict[str, Json]:
    return {ref: json.loads(data) for ref, data in stage.rows("SELECT ref, data FROM object WHERE kind = 'warehouse'")}
