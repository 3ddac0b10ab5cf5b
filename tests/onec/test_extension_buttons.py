"""The managers' buttons and what the two forms show and write: the server's part of them, run in a base of УТ 11."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import BslError
from tests.bsl.platform.infobase import EXTENSION
from tests.bsl.values import Array, KeyAndValue, Structure, to_bsl, to_python
from tests.onec.extension import BASE, COMMANDS, MESSAGES, Asked, Said, Service, accepted
from tests.onec.ut import Courier

Json = dict[str, Any]
DELIVERY = ["Готов", "СнятьГотовность", "ЦенаДоставки", "СуммаКПолучению", "НазначитьКурьера", "ОтменитьДоставку",
            "ДоставкаЗаказа"]  # fmt: skip


def structured(value: Any) -> Any:
    """Dicts become Структура, as a form gives them."""
    if isinstance(value, list):
        return Array.of(structured(one) for one in value)
    if not isinstance(value, dict):
        return to_bsl(value)
    made = Structure()
    for name, one in value.items():
        made.items[name.lower()] = KeyAndValue(name, structured(one))
    return made


class Shop(Courier):
    """A base whose exchange with the service is set up, and its documents as a form has them."""

    def __init__(self, folder: Path, service: Service, **options: Any) -> None:
        super().__init__(folder, **options)
        self.set(АдресСервиса=service.url, ИдентификаторБазы=BASE)
        self.call("кд_Настройки.УстановитьТокен", "token")
        self.call("кд_Настройки.ПроверитьКопию")
        self.set(ЗнакомаяЭпоха=str(self.call("кд_Настройки.Значение", "Эпоха")))

    def link(self, name: str, ref: str) -> Any:
        return self.session.evaluate(f'Документы.{name}.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"))')

    def ask(self, path: str, *args: Any) -> Any:
        return to_python(self.session.call(path, *(structured(one) for one in args)))

    def press(self, kind: str, ref: str = "", name: str = "ЗаказКлиента", **given: Any) -> Json:
        document = self.link(name, ref or self.order)
        return self.ask("кд_Кнопки.Нажать", kind, document, given)  # type: ignore[no-any-return]

    def delivery(self) -> Json:
        return next(row for row in self.base.rows("кд_Доставки", "1") if row["Заказ"] == self.order)


@pytest.fixture
def shop(tmp_path: Path, service: Service) -> Shop:
    return Shop(tmp_path, service)


def test_orders_have_the_buttons_of_deliveries_and_both_those_of_backpacks(shop: Shop) -> None:
    buttons = shop.ask("кд_Кнопки.Кнопки")
    named = {kind: [one["Имя"] for one in buttons if kind in one["Вид"].split(",")] for kind in ("order", "transfer")}
    assert named == {"order": [*DELIVERY, "ПоложитьВРюкзак"], "transfer": ["ПоложитьВРюкзак", "ЗабратьИзРюкзака"]}


def test_ready_is_written_sent_and_answered_at_once(shop: Shop, service: Service) -> None:
    told = shop.press("delivery.ready")
    assert (told["Состояние"], told["Текст"]) == ("done", "принято")
    assert shop.delivery()["Готов"] == 1
    sent = [one for asked in service.of(MESSAGES) for one in asked.body["commands"]]
    sent += [asked.body["command"] for asked in service.of(COMMANDS)]
    assert [(one["type"], one["data"]) for one in sent] == [("delivery.ready", {"order": shop.order})]


@pytest.mark.parametrize(
    ("kind", "given", "data", "kept"),
    [
        ("delivery.set_price", {"Сумма": 450}, {"delivery_price": "450.00"}, {"ЦенаДоставки": "450.00"}),
        ("delivery.set_amount_due", {"Сумма": 0}, {"amount_due": "0.00"}, {"СуммаКПолучению": "0.00"}),
        ("delivery.set_amount_due", {"ПоЗаказу": True}, {"amount_due": None}, {"СуммаКПолучению": ""}),
        ("delivery.withdraw", {"Причина": " нет товара "}, {"reason": "нет товара"}, {"Готов": 0}),
        ("delivery.cancel", {"Причина": ""}, {}, {"Готов": 0}),
        ("delivery.assign", {"Курьер": "c"}, {"courier": "c"}, {"Курьер": "c"}),
    ],
)
def test_a_button_says_what_the_manager_entered(
    shop: Shop, service: Service, kind: str, given: Json, data: Json, kept: Json
) -> None:
    shop.press(kind, **given)
    (row,) = shop.base.rows("кд_Команды", "1")
    assert shop.call("кд_ОбщегоНазначения.ИзJSON", row["Данные"]) == {"order": shop.order, **data}
    assert {name: shop.delivery()[name] for name in kept} == kept


def test_a_refusal_is_told_and_leaves_what_was(shop: Shop, service: Service) -> None:
    said = Said(body={"status": "rejected", "code": "too_late", "message": "Курьер уже выехал"})
    service.then(COMMANDS, said)
    service.then(MESSAGES, Said(status=503))
    told = shop.press("delivery.set_price", Сумма=10)
    assert (told["Состояние"], told["Текст"]) == ("rejected", "Курьер уже выехал")
    assert shop.delivery()["ЦенаДоставки"] == ""


def test_a_silent_service_leaves_the_command_to_the_queue(shop: Shop, service: Service) -> None:
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(status=503))
    told = shop.press("delivery.ready")
    assert (told["Состояние"], told["Сохранено"]) == ("queued", True)


def test_a_refusal_that_comes_later_leaves_no_order_ready_that_has_no_delivery(shop: Shop, service: Service) -> None:
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(status=503))
    shop.press("delivery.ready")
    assert shop.delivery()["Готов"] == 1
    shop.set(НеРаньше="")

    def refused(asked: Asked) -> Said:
        said = [{"id": one["id"], "status": "rejected", "code": "order_cancelled"} for one in asked.body["commands"]]
        return Said(body=accepted(asked.body["number"], said))

    service.then(MESSAGES, refused)
    shop.call("кд_Отправка.ОтправитьСейчас")
    assert shop.delivery()["Готов"] == 0


def test_a_refusal_of_an_earlier_press_leaves_the_order_ready_by_a_later_one(shop: Shop, service: Service) -> None:
    for _ in range(2):
        service.then(MESSAGES, Said(status=503))
        service.then(COMMANDS, Said(status=503))
        shop.press("delivery.ready")
        shop.set(НеРаньше="")

    answers = iter(
        [
            {"status": "rejected", "code": "order_cancelled"},
            {"status": "done", "result": {"delivery": {"id": "d", "version": 1, "stage": "ready"}}},
        ]
    )

    def next_answer(asked: Asked) -> Said:
        said = [{"id": one["id"]} | next(answers) for one in asked.body["commands"]]
        return Said(body=accepted(asked.body["number"], said))

    service.then(MESSAGES, next_answer, next_answer)
    shop.call("кд_Отправка.ОтправитьСейчас")
    assert (shop.delivery()["Готов"], shop.delivery()["Стадия"]) == (1, "ready")


def test_a_second_press_that_is_refused_later_leaves_the_order_on_its_way(shop: Shop, service: Service) -> None:
    shop.press("delivery.ready")
    shop.take("delivery.picked_up", "d", 2)
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(body={"status": "rejected", "code": "already_on_its_way", "message": "Уже в пути"}))
    assert shop.press("delivery.ready")["Состояние"] == "rejected"
    assert (shop.delivery()["Готов"], shop.delivery()["Стадия"]) == (1, "picked_up")


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("delivery.set_price", {"Сумма": -1}, "не меньше нуля"),
        ("delivery.teleport", {}, "команды доставки нет"),
        ("", {}, "команды доставки нет"),
        ("backpack.unload", {}, "«Забрать из рюкзака» нажимают в перемещении"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(shop: Shop, kind: str, given: Json, why: str) -> None:
    told = shop.press(kind, **given)
    assert told["Состояние"] == "rejected"
    assert why in told["Текст"]
    assert not shop.base.rows("кд_Команды", "1")


def test_before_the_question_the_sum_that_was_set_is_offered(shop: Shop) -> None:
    order = shop.link("ЗаказКлиента", shop.order)
    fresh = shop.ask("кд_КомандыВызовСервера.Подготовка", "delivery.set_amount_due", order)
    assert (fresh["СуммаЗадана"], fresh["Отказ"], fresh["Заголовок"]) == (False, "", "Сумма к получению")
    shop.press("delivery.set_amount_due", Сумма=1234.5)
    again = shop.ask("кд_КомандыВызовСервера.Подготовка", "delivery.set_amount_due", order)
    assert (again["СуммаЗадана"], float(again["Сумма"])) == (True, 1234.5)


def test_couriers_to_choose_from_are_those_of_the_base_by_name(shop: Shop) -> None:
    order = shop.link("ЗаказКлиента", shop.order)
    told = shop.session.call("кд_КомандыВызовСервера.Подготовка", "delivery.assign", order)
    names = [one.label for one in told.items["курьеры"].value.items]
    assert names == sorted(names)
    assert "Петров Илья" in names


def moved(shop: Shop, source: str, target: str, *, post: bool = True) -> str:
    """A transfer of one thermos and half a kilo of coffee, as a person writes it."""
    ref = str(uuid.uuid4())
    lines = ((shop.thermos, "1"), (shop.coffee, "0.5"))
    made = "".join(
        f"""Строка = Документ.Товары.Добавить(); Строка.Количество = {count};
        Строка.Номенклатура = Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор("{product}"));"""
        for product, count in lines
    )
    sides = "".join(
        f'Документ.{side} = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор("{warehouse}"));'
        for side, warehouse in (("СкладОтправитель", source), ("СкладПолучатель", target))
    )
    shop.write(
        f"""Документ = Документы.ПеремещениеТоваров.СоздатьДокумент();
        Документ.УстановитьСсылкуНового(
            Документы.ПеремещениеТоваров.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}")));
        Документ.Дата = ТекущаяДатаСеанса(); {sides} {made}
        Документ.Записать(РежимЗаписиДокумента.{"Проведение" if post else "Запись"});"""
    )
    return ref


def test_a_transfer_to_a_courier_is_put_into_his_backpack(shop: Shop, service: Service) -> None:
    ref = moved(shop, shop.main, shop.bag)
    assert shop.press("backpack.load", ref, "ПеремещениеТоваров")["Состояние"] == "done"
    (row,) = shop.base.rows("кд_Команды", "1")
    data = shop.call("кд_ОбщегоНазначения.ИзJSON", row["Данные"])
    assert (data["courier"], data["warehouse"], data["document"]) == (shop.courier, shop.main, ref)
    assert [(one["product"], one["quantity"]) for one in data["lines"]] == [(shop.thermos, "1"), (shop.coffee, "0.5")]


def test_a_transfer_that_is_of_no_backpack_or_not_posted_is_refused(shop: Shop) -> None:
    into = moved(shop, shop.main, shop.bag)
    assert "отправитель не рюкзак" in shop.press("backpack.unload", into, "ПеремещениеТоваров")["Текст"]
    draft = moved(shop, shop.main, shop.bag, post=False)
    assert "не проведено" in shop.press("backpack.load", draft, "ПеремещениеТоваров")["Текст"]
    assert not shop.base.rows("кд_Команды", "1")


def test_the_settings_are_checked_and_the_token_is_never_shown(shop: Shop) -> None:
    new = {"АдресСервиса": "delivery.example.ru", "ИдентификаторБазы": BASE, "Токен": "", "СпособПриема": "pull",
           "ПроверятьПодпись": True}  # fmt: skip
    assert "https://" in shop.ask("кд_ПанельОбмена.ЗаписатьНастройки", new)
    new["АдресСервиса"] = " https://delivery.example.ru/ "
    assert "36 знаков" in shop.ask("кд_ПанельОбмена.ЗаписатьНастройки", new | {"ИдентификаторБазы": "x" * 36})
    assert shop.ask("кд_ПанельОбмена.ЗаписатьНастройки", new | {"ИдентификаторБазы": BASE.upper()}) == ""
    shown = shop.ask("кд_ПанельОбмена.Настройки")
    assert shown == {"АдресСервиса": "https://delivery.example.ru", "ИдентификаторБазы": BASE, "ТокенЗадан": True,
                     "СпособПриема": "pull", "ПроверятьПодпись": True}  # fmt: skip
    assert shop.call("кд_Настройки.Токен") == "token"


def test_the_state_says_how_much_waits_and_what_stops_it(shop: Shop) -> None:
    assert shop.ask("кд_ПанельОбмена.Состояние")["СостояниеОбмена"] == "работает"
    shop.call("кд_Настройки.Остановить", "other_instance", "Это копия базы?")
    state = shop.ask("кд_ПанельОбмена.Состояние")
    assert (state["Остановлен"], state["ПоследняяОшибка"]) == ("Это копия базы?", "Это копия базы?")
    assert "остановлен" in state["СостояниеОбмена"]
    assert state["Очередь"].endswith("команд 0, сообщений 0")


def test_jobs_are_switched_by_the_form(shop: Shop) -> None:
    assert shop.ask("кд_ПанельОбмена.Состояние")["Задания"] == "выключены"
    assert shop.ask("кд_ПанельОбмена.ПереключитьЗадания", True) == ""
    assert shop.ask("кд_ПанельОбмена.Состояние")["Задания"] == "включены"


def test_the_exchange_is_not_switched_on_without_settings(shop: Shop) -> None:
    shop.set(АдресСервиса="")
    assert "адрес" in shop.ask("кд_ПанельОбмена.ПереключитьЗадания", True)


def test_the_composition_is_written_as_a_whole(shop: Shop) -> None:
    rows = shop.ask("кд_ПанельОбмена.Состав")
    assert {row["Вид"] for row in rows} >= {"order", "product", "warehouse", "courier"}
    kept = [row for row in rows if row["Вид"] != "receipt"]
    assert shop.ask("кд_ПанельОбмена.ЗаписатьСостав", kept) == ""
    assert shop.ask("кд_ПанельОбмена.Состав") == kept
    wrong = [*kept, kept[0] | {"ИмяОбъекта": "Документ.Нет"}]
    assert "Документ.Нет" in shop.ask("кд_ПанельОбмена.ЗаписатьСостав", wrong)
    assert "есть дважды" in shop.ask("кд_ПанельОбмена.ЗаписатьСостав", [*kept, kept[0]])
    assert shop.ask("кд_ПанельОбмена.Состав") == kept


def test_the_map_of_attributes_is_written_as_a_whole(shop: Shop) -> None:
    rows = shop.ask("кд_ПанельОбмена.СоответствиеРеквизитов")
    assert rows
    assert "есть дважды" in shop.ask("кд_ПанельОбмена.ЗаписатьСоответствие", [*rows, rows[0]])
    assert shop.ask("кд_ПанельОбмена.СоответствиеРеквизитов") == rows
    shop.ask("кд_ПанельОбмена.ЗаписатьСоответствие", rows[:2])
    assert shop.ask("кд_ПанельОбмена.СоответствиеРеквизитов") == rows[:2]


def test_of_the_other_settings_only_known_ones_are_written(shop: Shop) -> None:
    epoch = shop.call("кд_Настройки.Значение", "Эпоха")
    shop.ask(
        "кд_ПанельОбмена.ЗаписатьПрочие",
        [{"Имя": "Эпоха", "Значение": "1"}, {"Имя": "ВидЦены", "Значение": "Розничная "}],
    )
    assert shop.call("кд_Настройки.Значение", "Эпоха") == epoch
    shown = {row["Имя"]: row["Значение"] for row in shop.ask("кд_ПанельОбмена.ПрочиеНастройки")}
    assert shown["ВидЦены"] == "Розничная"


def test_an_order_shows_its_buttons_and_events(shop: Shop) -> None:
    shop.press("delivery.set_price", Сумма=300)
    shop.take("delivery.picked_up", "d", 2)
    shown = shop.ask("кд_ПанельОбмена.ДоставкаЗаказа", shop.link("ЗаказКлиента", shop.order))
    assert (shown["Цена"], shown["Сумма"], shown["Готовность"]) == ("300.00", "по заказу", "нет")
    assert [(one["Команда"], one["Состояние"]) for one in shown["Команды"]] == [("Цена доставки", "выполнена")]
    assert [one["Событие"] for one in shown["События"]] == ["Курьер забрал заказ"]


def test_quarantine_names_the_object_and_sends_it_again(shop: Shop) -> None:
    shop.write(
        f"""Запись = РегистрыСведений.кд_Карантин.СоздатьМенеджерЗаписи();
        Запись.Вид = "warehouse"; Запись.Идентификатор = "{shop.main}"; Запись.Код = "bad"; Запись.Номер = 3;
        Запись.Записать(Истина);"""
    )
    (row,) = shop.ask("кд_ПанельОбмена.Карантин")
    assert (row["Объект"], row["Номер"]) == ("Склад «Центр»", 3)
    shop.ask("кд_ПанельОбмена.ОтправитьСнова", "warehouse", shop.main)
    assert shop.main in {one["Идентификатор"] for one in shop.base.rows("кд_Изменения", "1")}


def test_a_document_that_the_manager_cannot_read_is_not_touched(shop: Shop) -> None:
    """One that is not there looks the same as one that the rights to records hide."""
    ref = str(uuid.uuid4())
    assert "недоступен" in shop.press("delivery.ready", ref)["Текст"]
    assert shop.ask("кд_ПанельОбмена.ДоставкаЗаказа", shop.link("ЗаказКлиента", ref))["Команды"] == []
    assert not shop.base.rows("кд_Команды", "1")


def as_role(shop: Shop, *roles: str) -> Any:
    return shop.base.session("Кладовщик", roles=list(roles))


def test_a_manager_presses_buttons_but_does_not_set_the_exchange_up(shop: Shop) -> None:
    manager = as_role(shop, "кд_Менеджер")
    order = manager.evaluate(f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"))')
    told = to_python(manager.call("кд_КомандыВызовСервера.Нажать", "delivery.ready", order, Structure()))
    assert told["Состояние"] == "done"
    manager.call("кд_ПанельОбмена.ДоставкаЗаказа", order)
    with pytest.raises(BslError, match="Нет права настраивать"):
        manager.call("кд_ПанельОбмена.ПереключитьЗадания", True)


def test_who_has_no_role_of_ours_is_told_which_one_he_needs(shop: Shop) -> None:
    guest = as_role(shop)
    order = guest.evaluate(f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"))')
    told = to_python(guest.call("кд_КомандыВызовСервера.Нажать", "delivery.ready", order, Structure()))
    assert "кнопки в заказах" in told["Текст"]
    with pytest.raises(BslError, match="Нет права смотреть"):
        guest.call("кд_ПанельОбмена.ДоставкаЗаказа", order)
    assert not shop.base.rows("кд_Команды", "1")


def test_the_administrator_reads_the_tables_of_the_form_by_his_own_rights(shop: Shop) -> None:
    administrator = as_role(shop, "кд_Администратор")
    for table in (
        "Состояние",
        "Состав",
        "СоответствиеРеквизитов",
        "Карантин",
        "Отклоненные",
        "Сообщения",
        "ПрочиеНастройки",
    ):
        administrator.call(f"кд_ПанельОбмена.{table}")
    assert administrator.call("кд_ПанельОбмена.ПереключитьЗадания", True) == ""


def test_the_subsystem_of_attached_commands_gets_each_button(tmp_path: Path, service: Service) -> None:
    """The interception is called here as БСП would: with the table of commands that it has."""
    path = EXTENSION / "CommonModules" / "ПодключаемыеКомандыПереопределяемый" / "Ext" / "Module.bsl"
    text = path.read_bytes().decode("utf-8-sig")
    text = text.replace("ПодключенныеОтчетыИОбработки, Команды)", "ПодключенныеОтчетыИОбработки, Команды) Экспорт")
    shop = Shop(tmp_path, service, modules={"Перехват": text})
    shop.write(
        """Таблица = Новый ТаблицаЗначений;
        Для Каждого Имя Из СтрРазделить("Вид,Идентификатор,Представление,Порядок,Важность,ТипПараметра,РежимЗаписи,"
            + "МножественныйВыбор,Обработчик", ",") Цикл
            Таблица.Колонки.Добавить(Имя);
        КонецЦикла;
        Перехват.кд_ПриОпределенииКомандПодключенныхКОбъекту(Неопределено, Неопределено, Неопределено, Таблица);
        Для Каждого Строка Из Таблица Цикл
            кд_Настройки.Установить(Строка.Идентификатор, Строка.Обработчик + " " + Строка.РежимЗаписи);
        КонецЦикла;"""
    )
    client = (EXTENSION / "CommonModules" / "кд_КомандыКлиент" / "Ext" / "Module.bsl").read_text("utf-8-sig")
    for name in [*DELIVERY, "ПоложитьВРюкзак", "ЗабратьИзРюкзака"]:
        handler, mode = str(shop.call("кд_Настройки.Значение", name)).split()
        assert handler == f"кд_КомандыКлиент.{name}"
        assert f"Процедура {name}(ПараметрКоманды, ПараметрыВыполнения) Экспорт" in client
        assert mode in ("Проводить", "Записывать", "ЗаписыватьТолькоНовые")
