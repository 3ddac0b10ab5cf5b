"""The two forms and the client's modules: opened, filled in and pressed as a person does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.platform import client
from tests.bsl.platform.client import Screen, screen
from tests.bsl.platform.forms import Form
from tests.bsl.platform.infobase import EXTENSION
from tests.bsl.tables import ValueTable
from tests.bsl.values import Array, Structure
from tests.onec.extension import COMMANDS, MESSAGES, OUTGOING, Said, Service
from tests.onec.test_extension_buttons import Shop

FORMS = {name: EXTENSION / "CommonForms" / name / "Ext" for name in ("кд_Настройки", "кд_ДоставкаЗаказа")}
MODULES = {
    **{f"ОбщаяФорма.{name}.Форма": folder / "Form" / "Module.bsl" for name, folder in FORMS.items()},
    **{
        name: EXTENSION / "CommonModules" / name / "Ext" / "Module.bsl"
        for name in ("кд_КомандыКлиент", "ПодключаемыеКомандыПереопределяемый")
    },
}


class Desk:
    """A manager's screen over a base."""

    def __init__(self, shop: Shop, service: Service) -> None:
        self.shop, self.service = shop, service
        self.screen: Screen = screen(shop.session)

    def form(self, name: str, **parameters: Any) -> Form:
        """A form, opened."""
        made = Form(self.shop.session, f"ОбщаяФорма.{name}.Форма", FORMS[name] / "Form.xml", **parameters)
        assert made.open()
        return made

    def order_form(self) -> Form:
        return self.form("кд_ДоставкаЗаказа", Заказ=self.shop.link("ЗаказКлиента", self.shop.order))

    def press(self, form: Form, command: str, *answers: Any) -> list[tuple[str, str]]:
        """Press a button, answer its dialogs; what was shown."""
        self.screen.said.clear()
        self.screen.answers.extend(answers)
        form.press(command)
        assert not self.screen.answers
        return self.screen.said

    def sent(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of the commands that were pressed, in their order; each has reached the service."""
        rows = self.shop.base.rows("кд_Команды", "Позиция")
        assert {row["Состояние"] for row in rows} <= {"done", "rejected"}
        return [(row["Тип"], json.loads(row["Данные"])) for row in rows]


@pytest.fixture
def desk(tmp_path: Path, service: Service) -> Desk:
    return Desk(Shop(tmp_path, service, modules=MODULES, library=[client]), service)


def test_the_form_of_an_order_opens_with_its_delivery(desk: Desk) -> None:
    form = desk.order_form()
    assert form["Документ"] is not None
    assert form.items.bsl_get("Документ")["ограничениетипа"] is not None


def test_ready_is_sent_at_once_and_the_open_form_shows_it(desk: Desk) -> None:
    form = desk.order_form()
    before = form["Готовность"]
    shown = desk.press(form, "Готов")
    assert [kind for kind, _ in shown] == ["state", "notification"]
    assert [kind for kind, _ in desk.sent()] == ["delivery.ready"]
    assert form["Готовность"] != before
    assert form["НажатыеКоманды"].count() == 1


@pytest.mark.parametrize(
    ("command", "answers", "kind", "part"),
    [
        ("ЦенаДоставки", [250], "delivery.set_price", {"delivery_price": "250.00"}),
        ("СуммаКПолучению", [1500], "delivery.set_amount_due", {"amount_due": "1500.00"}),
        ("СнятьГотовность", ["нет товара"], "delivery.withdraw", {"reason": "нет товара"}),
        ("ОтменитьДоставку", ["клиент передумал"], "delivery.cancel", {"reason": "клиент передумал"}),
    ],
)
def test_what_the_manager_enters_goes_with_the_command(
    desk: Desk, command: str, answers: list[Any], kind: str, part: dict[str, Any]
) -> None:
    form = desk.order_form()
    desk.press(form, "Готов")
    desk.press(form, command, *answers)
    assert desk.sent()[-1] == (kind, {"order": desk.shop.order, **part})


@pytest.mark.parametrize("command", ["ЦенаДоставки", "СуммаКПолучению", "ОтменитьДоставку", "НазначитьКурьера"])
def test_a_dialog_that_is_closed_sends_nothing(desk: Desk, command: str) -> None:
    form = desk.order_form()
    desk.press(form, "Готов")
    desk.press(form, command, None)
    assert [kind for kind, _ in desk.sent()] == ["delivery.ready"]


def test_a_courier_is_chosen_from_the_list(desk: Desk) -> None:
    form = desk.order_form()
    desk.press(form, "Готов")
    desk.press(form, "НазначитьКурьера", desk.shop.courier)
    assert desk.sent()[-1][1]["courier"] == desk.shop.courier


def test_an_amount_set_by_hand_may_be_counted_by_the_order_again(desk: Desk) -> None:
    form = desk.order_form()
    desk.press(form, "Готов")
    desk.press(form, "СуммаКПолучению", 1500)
    desk.press(form, "СуммаКПолучению", "Нет")
    assert desk.sent()[-1] == ("delivery.set_amount_due", {"order": desk.shop.order, "amount_due": None})


def test_a_refusal_of_the_service_is_shown_in_a_window(desk: Desk) -> None:
    form = desk.order_form()
    desk.service.then(MESSAGES, Said(status=503))
    desk.service.then(COMMANDS, Said(body={"status": "rejected", "code": "too_late", "message": "Заказ уже доставлен"}))
    desk.press(form, "Готов")
    assert desk.screen.texts("warning") == ["Заказ уже доставлен"]


def test_without_an_order_each_button_asks_for_one(desk: Desk) -> None:
    form = desk.form("кд_ДоставкаЗаказа")
    for command in form.actions:
        if command != "Обновить":
            assert [kind for kind, _ in desk.press(form, command)] == ["warning"], command
    assert desk.sent() == []


def test_another_order_in_the_field_shows_its_delivery(desk: Desk) -> None:
    form = desk.order_form()
    desk.press(form, "Готов")
    ready = form["Готовность"]
    form.change("Документ", desk.shop.link("ЗаказКлиента", "00000000-0000-0000-0000-000000000001"))
    assert form["Готовность"] != ready
    assert form["НажатыеКоманды"].count() == 0


def test_a_transfer_is_put_into_a_backpack_and_cannot_be_taken_out_by_the_same_paper(desk: Desk) -> None:
    paper = desk.shop.link("ПеремещениеТоваров", desk.shop.paper_of_a_load("1"))
    form = desk.form("кд_ДоставкаЗаказа", Заказ=paper)
    assert [kind for kind, _ in desk.press(form, "ПоложитьВРюкзак")] == ["state", "notification"]
    assert [kind for kind, _ in desk.press(form, "ЗабратьИзРюкзака")] == ["state", "warning"]
    assert [kind for kind, _ in desk.sent()] == ["backpack.load"]


def test_what_another_person_has_pressed_is_seen_when_the_form_is_read_again(desk: Desk) -> None:
    form = desk.order_form()
    desk.shop.press("delivery.ready")
    assert form["НажатыеКоманды"].count() == 0
    assert desk.press(form, "Обновить") == []
    assert form["НажатыеКоманды"].count() == 1


def test_the_settings_are_read_changed_and_written(desk: Desk) -> None:
    form = desk.form("кд_Настройки")
    assert form["АдресСервиса"] == desk.service.url
    assert form["Токен"] == ""
    form.bsl_set("АдресСервиса", "https://dostavka.example.ru")
    desk.press(form, "ЗаписатьНастройки")
    assert desk.screen.texts("warning") == []
    assert desk.shop.call("кд_Настройки.Значение", "АдресСервиса") == "https://dostavka.example.ru"
    assert desk.shop.call("кд_Настройки.Токен") == "token"


def test_the_form_of_settings_writes_what_it_has_shown(desk: Desk) -> None:
    form = desk.form("кд_Настройки")
    before = desk.shop.base.rows("кд_СоставОбмена"), desk.shop.base.rows("кд_СоответствиеРеквизитов")
    for command in ("ЗаписатьСостав", "ЗаписатьСоответствие", "ЗаписатьПрочие"):
        assert desk.press(form, command) == [("notification", "Записано: Настройки доставки")], command
    assert (desk.shop.base.rows("кд_СоставОбмена"), desk.shop.base.rows("кд_СоответствиеРеквизитов")) == before


def test_each_button_of_the_settings_has_something_that_it_does(desk: Desk) -> None:
    form = desk.form("кд_Настройки")
    answers = {"ПродолжитьОбмен": ["Да"], "ЗарегистрироватьВсе": ["Да"], "НоваяЭпоха": ["restore"]}
    for command in form.actions:
        desk.press(form, command, *answers.get(command, []))
    assert desk.screen.opened[0][0] == "ОбщаяФорма.кд_ДоставкаЗаказа"


def test_sending_by_hand_says_what_came_of_it(desk: Desk) -> None:
    form = desk.form("кд_Настройки")
    assert desk.press(form, "ОтправитьСейчас") == [("warning", "Все отправлено.")]
    owner = desk.shop.call("кд_Отправка.НовыйВладелец")
    desk.shop.set(Пульс=f"{owner} {desk.shop.call('кд_ОбщегоНазначения.СейчасМС')}")
    assert desk.press(form, "ОтправитьСейчас") == [("warning", "Отправка уже идет в другом сеансе.")]


def test_taking_in_by_hand_says_what_came_of_it(desk: Desk) -> None:
    form = desk.form("кд_Настройки")

    def told() -> str:
        (said,) = desk.press(form, "ПринятьСейчас")
        return str(said[1])

    known = desk.shop.call("кд_Настройки.Значение", "ЗнакомаяЭпоха")
    desk.shop.set(ЗнакомаяЭпоха="")
    assert "Сначала нажмите «Отправить сейчас»" in told()
    desk.shop.set(ЗнакомаяЭпоха=known, СпособПриема="push")
    assert "события приносит сам сервис" in told()
    desk.shop.set(СпособПриема="pull")
    assert told() == "Новых событий не принято."
    event = desk.shop.event("delivery.picked_up", "d", 2) | {"number": 7}
    desk.service.then(OUTGOING, Said(body={"batch": "b", "events": [event]}), Said(status=503, body={}))
    assert told() == "События приняты."
    refused = told()
    assert refused == desk.shop.call("кд_Настройки.Значение", "ОшибкаПриема") != ""
    assert told() == "Новых событий не принято."


def test_what_comparisons_and_other_events_left_is_of_no_order(desk: Desk) -> None:
    desk.shop.write(
        """Запись = РегистрыСведений.кд_Команды.СоздатьМенеджерЗаписи();
        Запись.Идентификатор = "1"; Запись.Тип = "digest"; Запись.Записать(Истина);
        Запись = РегистрыСведений.кд_ПринятыеСобытия.СоздатьМенеджерЗаписи();
        Запись.Идентификатор = "1"; Запись.Тип = "sale.made"; Запись.Записать(Истина);"""
    )
    form = desk.form("кд_ДоставкаЗаказа")
    assert (form["НажатыеКоманды"].count(), form["СобытияДоставки"].count()) == (0, 0)


def test_the_form_of_an_order_tells_that_its_goods_are_in_a_backpack(desk: Desk) -> None:
    form = desk.order_form()
    assert form["Готовность"] == "нет"
    desk.press(form, "ПоложитьВРюкзак", desk.shop.courier)
    assert form["Готовность"].startswith("нет, товар в рюкзаке: Перемещение № ")
    assert [kind for kind, _ in desk.press(form, "Готов")] == ["warning"]


def test_all_objects_are_marked_only_after_yes(desk: Desk) -> None:
    form = desk.form("кд_Настройки")
    desk.press(form, "ЗарегистрироватьВсе", "Нет")
    assert desk.shop.base.rows("кд_Изменения") == []
    (said,) = [text for kind, text in desk.press(form, "ЗарегистрироватьВсе", "Да") if kind == "warning"]
    assert str(len(desk.shop.base.rows("кд_Изменения"))) in re.sub(r"\s", "", said)


def test_a_stop_is_seen_and_may_be_ended(desk: Desk) -> None:
    desk.shop.set(Остановлен="Это копия базы?")
    form = desk.form("кд_Настройки")
    assert form.items.bsl_get("Остановлен")["видимость"] is True
    desk.press(form, "ПродолжитьОбмен", "Да")
    assert form["Остановлен"] == ""
    assert form.items.bsl_get("Остановлен")["видимость"] is False


def test_the_buttons_of_documents_lead_to_the_clients_module(desk: Desk) -> None:
    names = [button["Имя"] for button in desk.shop.ask("кд_Кнопки.Кнопки")]
    client_module = desk.shop.session.common("кд_КомандыКлиент")
    assert [name for name in names if client_module.routine(name) is None] == []


def test_the_library_gets_a_submenu_and_a_command_for_each_button(desk: Desk) -> None:
    hooks = "ПодключаемыеКомандыПереопределяемый.кд_ПриОпределении"
    kinds, commands = (ValueTable.of(names.split(), []) for names in (KINDS, COMMAND))
    desk.shop.session.call(f"{hooks}ВидовПодключаемыхКоманд", kinds)
    desk.shop.session.call(f"{hooks}КомандПодключенныхКОбъекту", Structure(), Array(), ValueTable(), commands)
    (submenu,) = kinds.rows
    assert {row["Вид"] for row in commands.rows} == {submenu["Имя"]}
    names = [button["Имя"] for button in desk.shop.ask("кд_Кнопки.Кнопки")]
    assert len({row["Идентификатор"] for row in commands.rows}) == len(commands.rows)
    handlers = list(dict.fromkeys(row["Обработчик"] for row in commands.rows))
    assert handlers == [f"кд_КомандыКлиент.{name}" for name in names]


# The columns of БСП 3.1.
KINDS = "Имя ИмяПодменю Заголовок Порядок Картинка Отображение ВидГруппыФормы"
COMMAND = """
    Вид Идентификатор Представление Важность Порядок СочетаниеКлавиш Картинка ТипПараметра ВидимостьВФормах Назначение
    ФункциональныеОпции УсловияВидимости ИзменяетВыбранныеОбъекты МножественныйВыбор РежимЗаписи Менеджер ИмяФормы
    ПараметрыФормы ИмяПараметраФормы Обработчик ДополнительныеПараметры ТребуетсяРаботаСФайлами
"""


def test_buttons_take_a_list_of_one_document_and_that_of_money_refuses_two(desk: Desk) -> None:
    order = desk.shop.link("ЗаказКлиента", desk.shop.order)
    desk.shop.session.call("кд_КомандыКлиент.Готов", [order], None)
    assert [kind for kind, _ in desk.sent()] == ["delivery.ready"]
    transfer = desk.shop.link("ПеремещениеТоваров", desk.shop.order)
    desk.shop.session.call("кд_КомандыКлиент.ЦенаДоставки", [order, transfer], None)
    assert len(desk.sent()) == 1
    assert desk.screen.texts("warning") != []
