"""Several orders of a list, one press: each is a command of its own, one question and one summary for all."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.platform import client
from tests.bsl.tables import ValueTable
from tests.bsl.values import Array, Structure, to_python
from tests.onec.extension import COMMANDS, MESSAGES, Asked, Said, Service, accepted
from tests.onec.test_extension_buttons import Shop
from tests.onec.test_extension_forms import COMMAND, MODULES, Desk

Json = dict[str, Any]
DELIVERIES = "РегистрСведений.кд_Доставки"


class List(Desk):
    """A manager's list of orders, of which he has selected some."""

    def __init__(self, folder: Path, service: Service) -> None:
        super().__init__(Shop(folder, service, modules=MODULES, library=[client]), service)

    def orders(self, count: int, **more: Any) -> list[str]:
        """So many orders like the first one."""
        data = self.shop.object("order", self.shop.order)["data"]
        refs = [str(uuid.uuid4()) for _ in range(count)]
        with self.shop.store.tx():
            for number, ref in enumerate(refs):
                self.shop.store.put("order", ref, data | {"number": f"М-{number:04}"}, unseen=True, **more)
        return refs

    def select(self, button: str, refs: list[str], *answers: Any) -> list[tuple[str, str]]:
        """Press a button on these rows as the subsystem of БСП does; what was shown."""
        self.screen.said.clear()
        self.screen.answers.extend(answers)
        links = [self.shop.link("ЗаказКлиента", ref) for ref in refs]
        self.shop.session.call(f"кд_КомандыКлиент.{button}", Array.of(links), Structure())
        assert not self.screen.answers
        return self.screen.said

    def summary(self) -> str:
        (told,) = [text for kind, text in self.screen.said if kind in ("warning", "notification")]
        return told

    @property
    def messages(self) -> list[str]:
        return self.shop.session.platform.messages  # type: ignore[no-any-return]

    def told(self, kind: str) -> list[Json]:
        """The data of the commands of a type, each as it lies in the base."""
        rows = self.shop.base.rows("кд_Команды", "Позиция")
        return [json.loads(row["Данные"]) for row in rows if row["Тип"] == kind]


@pytest.fixture
def orders(tmp_path: Path, service: Service) -> List:
    return List(tmp_path, service)


def sent(service: Service) -> list[str]:
    """The orders of the commands that have come to the service, by messages and one by one."""
    told = [one["data"]["order"] for asked in service.of(MESSAGES) for one in asked.body["commands"]]
    return told + [asked.body["command"]["data"]["order"] for asked in service.of(COMMANDS)]


def test_each_selected_order_is_a_command_of_its_own_and_they_go_together(orders: List, service: Service) -> None:
    refs = orders.orders(12)
    shown = orders.select("Готов", refs)
    assert [kind for kind, _ in shown] == ["state", "notification"]
    assert "Готово: 12." in orders.summary()
    assert [one["order"] for one in orders.told("delivery.ready")] == refs
    assert len({row["Идентификатор"] for row in orders.shop.base.rows("кд_Команды", "1")}) == 12
    assert sorted(sent(service)) == sorted(refs)
    assert len(service.of(MESSAGES)) == 1
    ready = {row["Заказ"] for row in orders.shop.base.rows("кд_Доставки", "1") if row["Готов"]}
    assert ready == set(refs)


def test_bad_orders_stop_nobody_and_each_says_why(orders: List, service: Service) -> None:
    good, (taken, opened) = orders.orders(12), orders.orders(2)
    (draft,), (loaded,) = orders.orders(1, posted=False), orders.orders(1)
    ready = good[3]
    orders.shop.press("delivery.ready", ready)
    orders.shop.press("backpack.load", loaded, Курьер=orders.shop.courier)
    orders.shop.base.lock(DELIVERIES, taken)
    orders.shop.base.lock("Документ.ЗаказКлиента", opened)  # a person has it open: nothing is written into it

    def answered(asked: Asked) -> Said:
        said = [{"id": one["id"], "status": "done", "result": {"already": one["data"]["order"] == ready}}
                for one in asked.body["commands"]]  # fmt: skip
        said[0] = {"id": said[0]["id"], "status": "rejected", "code": "order_cancelled", "message": "Заказ отменён"}
        return Said(body=accepted(asked.body["number"], said))

    service.then(MESSAGES, answered)
    orders.select("Готов", [taken, draft, *good[1:], loaded, opened, good[0]])
    head, *reasons = orders.summary().splitlines()
    assert head == "Готово: 12. Не удалось: 4."
    assert len(reasons) == 4
    for part in ("сейчас занят", "не проведен: проведите", "уже в рюкзаке курьера", "Заказ отменён"):
        assert any(part in one for one in reasons), part
    assert all(one.startswith("ЗаказКлиента М-") for one in reasons)
    assert orders.messages == reasons
    kept = {row["Заказ"] for row in orders.shop.base.rows("кд_Доставки", "1") if row["Готов"]}
    assert kept == {*good[1:], opened, good[0]} - {orders.told("delivery.ready")[1]["order"]}


def test_two_hundred_orders_go_in_portions_and_the_manager_sees_how_far(orders: List, service: Service) -> None:
    refs = orders.orders(200)
    shown = orders.select("Готов", refs)
    assert "Готово: 200." in orders.summary()
    assert [text.rpartition(" ")[2] for kind, text in shown if kind == "state"] == [str(n) for n in range(0, 200, 25)]
    assert sorted(sent(service)) == sorted(refs)
    assert len(service.asked) == 8


def test_a_service_that_is_silent_is_waited_for_once(orders: List, service: Service) -> None:
    refs = orders.orders(60)
    service.then(MESSAGES, *[Said(status=503)] * 10)
    service.then(COMMANDS, *[Said(status=503)] * 100)
    orders.select("Готов", refs)
    assert orders.summary() == "Готово: 0. Сохранено: 60.\nКоманда сохранена и будет отправлена"
    assert len(service.of(MESSAGES)) == len(service.of(COMMANDS)) == 1
    assert len(orders.told("delivery.ready")) == 60


def test_while_the_exchange_stands_still_the_manager_is_told_to_tell_the_administrator(orders: List) -> None:
    orders.shop.call("кд_Настройки.Остановить", "other_instance", "Это копия базы?")
    orders.select("Готов", orders.orders(2))
    head, why = orders.summary().splitlines()
    assert head == "Готово: 0. Сохранено: 2."
    assert "обмен с сервисом стоит: Это копия базы?" in why
    orders.shop.set(Остановлен="", АдресСервиса="")
    assert "Не указан адрес" in orders.shop.press("delivery.ready")["Текст"]


def test_while_another_session_sends_the_commands_go_one_by_one(orders: List, service: Service) -> None:
    refs = orders.orders(5)
    owner = orders.shop.call("кд_Отправка.НовыйВладелец")
    orders.shop.set(Пульс=f"{owner} {orders.shop.call('кд_ОбщегоНазначения.СейчасМС')}")
    said = [Said(body={"status": "waiting"}), Said(body={"status": "rejected", "code": "x", "message": "Нельзя"})]
    service.then(COMMANDS, *said)
    orders.select("Готов", refs)
    assert orders.summary().startswith("Готово: 3. Ждет заказа в сервисе: 1. Не удалось: 1.\nЗаказКлиента М-")
    assert (service.of(MESSAGES), sent(service)) == ([], refs)


def test_the_courier_is_asked_for_once(orders: List) -> None:
    refs = orders.orders(3)
    shown = orders.select("НазначитьКурьера", refs, orders.shop.courier)
    assert shown[0] == ("choice", "Назначить курьера, заказов: 3")
    assert [kind for kind, _ in shown] == ["choice", "state", "notification"]
    assert orders.told("delivery.assign") == [{"order": ref, "courier": orders.shop.courier} for ref in refs]


@pytest.mark.parametrize(
    ("button", "kind"), [("СнятьГотовность", "delivery.withdraw"), ("ОтменитьДоставку", "delivery.cancel")]
)
def test_the_reason_is_asked_for_once(orders: List, button: str, kind: str) -> None:
    refs = orders.orders(3)
    orders.select("Готов", refs)
    assert orders.select(button, refs, None)[-1][0] == "string"
    assert orders.told(kind) == []
    shown = orders.select(button, refs, " нет товара ")
    assert [one for one, _ in shown] == ["string", "state", "notification"]
    assert orders.told(kind) == [{"order": ref, "reason": "нет товара"} for ref in refs]


@pytest.mark.parametrize("button", ["ЦенаДоставки", "СуммаКПолучению", "ПоложитьВРюкзак"])
def test_what_each_order_has_of_its_own_is_asked_of_one_order_only(orders: List, button: str) -> None:
    orders.select(button, orders.orders(2))
    assert "выберите один" in orders.summary()
    orders.select(button, [])
    assert orders.summary() == "Выберите документ."
    assert orders.shop.base.rows("кд_Команды", "1") == []


def test_an_order_that_is_selected_twice_is_pressed_once(orders: List) -> None:
    (first, second) = orders.orders(2)
    orders.select("Готов", [first, second, first])
    assert [one["order"] for one in orders.told("delivery.ready")] == [first, second]
    orders.select("Готов", [first, first])
    assert "Готово" not in orders.summary()


def test_more_than_ten_reasons_go_to_the_messages_and_the_next_press_clears_them(orders: List) -> None:
    refs = orders.orders(14, posted=False)
    orders.select("Готов", refs)
    lines = orders.summary().splitlines()
    assert (lines[0], len(lines)) == ("Готово: 0. Не удалось: 14.", 12)
    assert lines[-1] == "и еще 4, все перечислены в сообщениях"
    assert len(orders.messages) == 14
    orders.select("Готов", orders.orders(2))
    assert orders.messages == []


def test_who_has_no_role_is_told_so_once_and_asked_nothing(tmp_path: Path, service: Service) -> None:
    orders = List(tmp_path, service)
    refs = orders.orders(2)
    guest = orders.shop.base.session("Кладовщик", roles=[])
    told = to_python(guest.call("кд_КомандыВызовСервера.ПодготовкаВсех", "delivery.assign"))
    assert "кнопки в заказах" in told["Отказ"]
    assert told["НуженКурьер"] is False
    links = Array.of(guest.evaluate(f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"))')
                     for ref in refs)  # fmt: skip
    pressed = to_python(guest.call("кд_КомандыВызовСервера.НажатьВсе", "delivery.ready", links, Structure(), True))
    assert ["кнопки в заказах" in one["Текст"] for one in pressed] == [True, True]
    assert orders.shop.base.rows("кд_Команды", "1") == []


def test_what_is_no_order_in_the_selection_is_refused_alone(orders: List) -> None:
    (ref,) = orders.orders(1)
    links = Array.of([orders.shop.link("ЗаказКлиента", ref), orders.shop.link("ЗаказКлиента", str(uuid.uuid4())),
                      orders.shop.link("ПеремещениеТоваров", ref), "текст"])  # fmt: skip
    told = to_python(orders.shop.session.call("кд_Кнопки.НажатьВсе", "delivery.ready", links, Structure()))
    assert [one["Состояние"] for one in told] == ["done", "rejected", "rejected", "rejected"]
    assert [bool(one["Представление"]) for one in told] == [True, False, False, False]


def test_nobody_is_left_without_a_courier_by_an_empty_answer(orders: List) -> None:
    refs = orders.orders(2)
    links = Array.of(orders.shop.link("ЗаказКлиента", ref) for ref in refs)
    told = to_python(orders.shop.session.call("кд_Кнопки.НажатьВсе", "delivery.assign", links, Structure()))
    assert ["выберите курьера" in one["Текст"] for one in told] == [True, True]


def test_lists_get_a_command_that_posts_nothing_and_forms_one_that_does(orders: List) -> None:
    hook = "ПодключаемыеКомандыПереопределяемый.кд_ПриОпределенииКомандПодключенныхКОбъекту"
    commands = ValueTable.of(COMMAND.split(), [])
    orders.shop.session.call(hook, Structure(), Array(), ValueTable(), commands)
    found = {row["Идентификатор"]: row for row in commands.rows}
    told = [tuple(found[name][column] for column in ("Назначение", "РежимЗаписи", "Обработчик"))
            for name in ("Готов", "ГотовВСписке")]  # fmt: skip
    assert told == [
        ("ДляОбъекта", "Проводить", "кд_КомандыКлиент.Готов"),
        ("ДляСписка", "ЗаписыватьТолькоНовые", "кд_КомандыКлиент.Готов"),
    ]
    many = {name for name, row in found.items() if row["МножественныйВыбор"] is True}
    assert many == {"Готов", "ГотовВСписке", "СнятьГотовность", "НазначитьКурьера", "ОтменитьДоставку"}
    assert all(found[name]["РежимЗаписи"] == "Записывать" for name in many - {"Готов", "ГотовВСписке"})


def test_the_open_form_of_one_of_the_orders_shows_the_press(orders: List) -> None:
    form = orders.order_form()
    orders.select("Готов", [*orders.orders(2), orders.shop.order])
    assert form["НажатыеКоманды"].count() == 1
