"""The ordinary form of the external processing: opened, its buttons pressed, its settings saved."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.platform import extra_ut103
from tests.bsl.platform.infobase import Infobase
from tests.bsl.tables import ValueTable
from tests.bsl.values import to_bsl
from tests.onec import old_client
from tests.onec.old_base import EXTERNAL, old_base
from tests.onec.old_stage import CONNECTION, Stage, copied, fill

FORM = "ВнешняяОбработка.Посредник.Форма.Форма"
ATTRIBUTES: dict[str, Any] = {
    "ЗаказКнопки": None, "Курьер": None, "Склад": None, "ДнейВСписке": 0, "РаботатьПостоянно": False,
    "АдресСервиса": "", "ИдентификаторБазы": "", "НовыйТокен": "", "ФайлТокена": "", "Кодировка": "", "ТипыЦен": "",
    "ДатаНачала": None, "ГлубинаДней": 0,
}  # fmt: skip
COLUMNS = ("Ссылка", "Номер", "Дата", "Идентификатор", "Готов", "Стадия", "ЦенаДоставки", "СуммаКПолучению")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Infobase:
    path = tmp_path_factory.mktemp("base") / "base.sqlite3"
    fill(path)
    empty = path.with_name("no-dump")
    empty.mkdir()
    return old_base(
        path, empty, connection=CONNECTION, library=(extra_ut103, old_client),
        more={FORM: EXTERNAL / "МодульФормы.bsl"},
    )  # fmt: skip


@pytest.fixture
def stage(source: Path, old: Infobase) -> Iterator[Stage]:
    for kept in (old_client.shown, old_client.entered, old_client.waiting):
        kept.clear()
    old_client.started_with[0] = ""
    with copied(source, old) as made:
        yield made


class Window:
    """The opened form."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        tables = {"Заказы": table(COLUMNS), "ТоварыРюкзака": table(("Номенклатура", "Характеристика", "Количество"))}
        self.form = old_client.Form(stage.app.module, ATTRIBUTES | tables)
        self.module = stage.app.session.module(FORM, self.form)

    def press(self, handler: str) -> None:
        with self.stage.app.session.entered():
            self.module.call(handler, *([] if handler in ("ПриОткрытии", "ПриЗакрытии", "ШагОбмена") else [None]))

    def choose(self, ref: str) -> Any:
        row = next(one for one in self.form.bsl_get("Заказы").bsl_iter() if one.bsl_get("Идентификатор") == ref)
        self.form.elements.setdefault("заказы", old_client.Element()).bsl_set("ТекущаяСтрока", row)
        return row


def table(columns: tuple[str, ...]) -> ValueTable:
    return ValueTable.of(columns, [])


@pytest.fixture
def window(stage: Stage) -> Window:
    made = Window(stage)
    made.press("ПриОткрытии")
    return made


def test_the_form_shows_the_orders_and_the_state_of_the_exchange(window: Window) -> None:
    rows = list(window.form.bsl_get("Заказы").bsl_iter())
    assert {row.bsl_get("Идентификатор") for row in rows} == set(window.stage.refs("order"))
    caption = window.form.elements["надписьсостояние"].bsl_get("Заголовок")
    assert f"Последний номер: {window.stage.service.last_accepted}" in caption
    assert window.form.bsl_get("АдресСервиса") == window.stage.service.url


def test_a_button_without_an_order_says_so(window: Window) -> None:
    window.press("КнопкаГотовНажатие")
    assert old_client.shown == ["Выберите заказ."]


@pytest.mark.parametrize(
    ("handler", "enter", "type_", "key", "value"),
    [
        ("КнопкаГотовНажатие", [], "delivery.ready", "order", None),
        ("КнопкаЦенаДоставкиНажатие", [450], "delivery.set_price", "delivery_price", "450.00"),
        ("КнопкаСуммаКПолучениюНажатие", [1234], "delivery.set_amount_due", "amount_due", "1234.00"),
        ("КнопкаСнятьГотовностьНажатие", ["не тот склад"], "delivery.withdraw", "reason", "не тот склад"),
        ("КнопкаОтменитьНажатие", ["передумали"], "delivery.cancel", "reason", "передумали"),
    ],
)
def test_each_button_sends_its_command(
    window: Window, handler: str, enter: list[Any], type_: str, key: str, value: str | None
) -> None:
    ref = window.stage.refs("order")[0]
    row = window.choose(ref)
    old_client.entered.extend(to_bsl(one) for one in enter)
    before = len(window.stage.messages)
    window.press(handler)
    (command,) = [one for asked in window.stage.messages[before:] for one in asked.body["commands"]]
    assert (command["type"], command["data"]["order"]) == (type_, ref)
    assert command["data"][key] == (value or ref)
    assert old_client.shown[-1] == "Принято."
    assert row.bsl_get("Готов") is (type_ == "delivery.ready")


def test_a_dialog_that_was_closed_presses_nothing(window: Window) -> None:
    window.choose(window.stage.refs("order")[0])
    before = len(window.stage.service.asked)
    window.press("КнопкаЦенаДоставкиНажатие")
    assert len(window.stage.service.asked) == before


def test_without_lines_the_goods_of_the_chosen_order_are_put_into_the_backpack(window: Window) -> None:
    ref = window.stage.refs("order")[0]
    window.choose(ref)
    window.press("КнопкаПоложитьВРюкзакНажатие")
    assert old_client.shown[-1] == "Выберите курьера над списком."
    rows = window.stage.rows("SELECT data FROM object WHERE kind = 'warehouse'")
    courier = next(found for (data,) in rows if (found := json.loads(data).get("courier")))
    window.stage.app.call("Нажать", "delivery.assign", ref, {"courier": courier})
    before = len(window.stage.messages)
    window.press("КнопкаПоложитьВРюкзакНажатие")
    (command,) = [one for asked in window.stage.messages[before:] for one in asked.body["commands"]]
    assert (command["type"], command["data"]["courier"]) == ("backpack.load", courier)
    assert old_client.shown[-1] == "Принято."
    window.press("КнопкаГотовНажатие")
    assert old_client.shown[-1].startswith("Не записано: Товар заказа уже в рюкзаке"), "no place in a module, no {…}"


def test_settings_are_saved_and_the_connection_is_tried(window: Window) -> None:
    window.form.bsl_set("ГлубинаДней", 60)
    window.form.bsl_set("НовыйТокен", "другой-токен")
    window.press("КнопкаСохранитьНажатие")
    kept = window.stage.app.get("ПрочитатьНастройки")
    assert (kept["ГлубинаДней"], kept["Токен"]) == (60, "другой-токен")
    assert window.form.bsl_get("НовыйТокен") == ""
    assert "отвечает" in old_client.shown[-1]


def test_the_robot_works_by_itself_when_it_is_started_so(stage: Stage) -> None:
    old_client.started_with[0] = "ПосредникОбмен"
    window = Window(stage)
    window.press("ПриОткрытии")
    assert old_client.waiting == {"ШагОбмена": 1}
    stage.edit("order", stage.refs("order")[0], comment="иначе")
    before = len(stage.messages)
    window.press("ШагОбмена")
    assert len(stage.messages) == before + 1
    window.press("ПриЗакрытии")
    assert old_client.waiting == {}
    assert old_client.shown == []
