"""Additional attributes of БСП, which a user makes without a configurator, as paths of the map of attributes."""

import json
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from tests.onec.ut import Courier

PERSONS, STORES, ORDERS = "Справочник.ФизическиеЛица", "Справочник.Склады", "Документ.ЗаказКлиента"
DIVISION = "ДополнительныеРеквизиты[Свойство=Подразделение доставки].Значение"


@pytest.fixture
def own(tmp_path: Path) -> Courier:
    return Courier(tmp_path)


def ref(catalog: str, guid: str) -> str:
    return f'Справочники.{catalog}.ПолучитьСсылку(Новый УникальныйИдентификатор("{guid}"))'


def division(base: Courier) -> str:
    return next(iter(base.store.names("division")))


def a_person(base: Courier, name: str = "Сидоров Пётр") -> str:
    """Somebody who is no courier yet."""
    person = str(uuid.uuid4())
    base.store.put("courier", person, {"name": name, "active": True})
    assert base.described("courier", person) is None
    return person


def couriers(base: Courier) -> set[str]:
    return {one["ref"] for one in base.call("кд_ВыгрузкаОбъектов.Версии", "courier", "")}


def say(base: Courier, field: str, value: str, path: str = "Доп") -> object:
    """A field of the order from an additional attribute of that value."""
    base.additional(ORDERS, base.order, path, value)
    base.map("order", field, f"ДополнительныеРеквизиты[Свойство={path}].Значение")
    found: object = base.data("order", base.order)
    for name in field.split("."):
        found = found.get(name)  # type: ignore[attr-defined]
    return found


# -- who it is


@pytest.mark.parametrize(
    "named", ["ПодразделениеДоставки", "Подразделение доставки", "Подразделение доставки (ФизическиеЛица)"]
)
def test_an_additional_attribute_is_known_by_its_identifier_its_title_and_its_name(own: Courier, named: str) -> None:
    person = a_person(own)
    own.additional(PERSONS, person, "Рост", "180")
    own.additional(PERSONS, person, "Подразделение доставки", ref("СтруктураПредприятия", division(own)),
                   "ПодразделениеДоставки")  # fmt: skip
    own.map("courier", "division", f"ДополнительныеРеквизиты[Свойство={named}].Значение")
    assert own.data("courier", person)["division"] == division(own)


@pytest.mark.parametrize("named", ["подразделение доставки", "Подразделение", "Подразделение доставки 2"])
def test_another_case_or_a_part_of_the_name_is_another_attribute(own: Courier, named: str) -> None:
    person = a_person(own)
    own.additional(PERSONS, person, "Подразделение доставки", ref("СтруктураПредприятия", division(own)))
    own.map("courier", "division", f"ДополнительныеРеквизиты[Свойство={named}].Значение")
    assert own.described("courier", person) is None


def test_a_title_with_a_dot_is_left_out_with_a_word_and_its_identifier_works(own: Courier) -> None:
    own.additional(ORDERS, own.order, "Эт. | этаж", '"5"', "Этаж")
    own.map("order", "address.floor", "ДополнительныеРеквизиты[Свойство=Эт. | этаж].Значение|Комментарий")
    own.base.log.clear()
    assert own.data("order", own.order)["address"].get("floor") == own.object("order", own.order)["data"].get("comment")
    assert any("не разобрать" in entry["text"] for entry in own.base.log)
    own.map("order", "address.floor", "ДополнительныеРеквизиты[Свойство=Этаж].Значение")
    assert own.data("order", own.order)["address"]["floor"] == "5"


def test_a_path_without_a_condition_in_its_brackets_is_left_out_too(own: Courier) -> None:
    own.additional(ORDERS, own.order, "Этаж", '"5"')
    for condition in ("[Свойство]", "[=Этаж]", "[Свойство=Этаж", "[Свойство=]"):
        own.map("order", "comment", f"ДополнительныеРеквизиты{condition}.Значение|Номер")
        assert own.data("order", own.order)["comment"] == own.object("order", own.order)["data"]["number"]


# -- what it is worth


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("address.flat", '"12а"', "12а"),
        ("address.flat", "1012", "1012"),
        ("address.flat", "2.5", "2.5"),
        ("delivery_price", "350", "350.00"),
        ("address.latitude", "56.125", Decimal("56.125")),
        ("window.from", "'20261120100000'", "2026-11-20T10:00:00"),
        ("receipt", "Истина", True),
        ("receipt", "Ложь", False),
        ("receipt", '"Да"', True),
    ],
)
def test_a_value_of_each_type_is_said_as_the_field_wants_it(own: Courier, field: str, value: str, said: object) -> None:
    assert say(own, field, value) == said


@pytest.mark.parametrize(
    ("field", "name", "said"),
    [
        ("address.entrance", "второй", "второй"), ("receipt", "Да", True), ("receipt", "Нет", False),
        ("payment_method", "Наличная", "cash"), ("payment_method", "Сертификат", "Сертификат"),
        ("delivery_price", "350,00", "350,00"),
    ],
)  # fmt: skip
def test_a_value_of_a_list_is_said_by_its_name(own: Courier, field: str, name: str, said: object) -> None:
    """Справочник.ЗначенияСвойствОбъектов: what a user picks from a list of his own."""
    own.session.execute(f"""
        Значение = Справочники.ЗначенияСвойствОбъектов.СоздатьЭлемент();
        Значение.Наименование = "{name}"; Значение.Записать();""")
    assert say(own, field, f'Справочники.ЗначенияСвойствОбъектов.НайтиПоНаименованию("{name}")') == said


def test_a_value_of_a_list_is_no_reference_to_a_division(own: Courier) -> None:
    person = a_person(own)
    own.session.execute("""
        Значение = Справочники.ЗначенияСвойствОбъектов.СоздатьЭлемент();
        Значение.Наименование = "Центр"; Значение.Записать();""")
    own.map("courier", "division", DIVISION)
    value = 'Справочники.ЗначенияСвойствОбъектов.НайтиПоНаименованию("Центр")'
    own.additional(PERSONS, person, "Подразделение доставки", value)
    assert own.described("courier", person) is None
    assert person not in couriers(own)


def test_an_attribute_of_what_an_additional_attribute_refers_to_may_be_named(own: Courier) -> None:
    own.additional(ORDERS, own.order, "Забрать со склада", ref("Склады", own.main))
    own.map("order", "comment", "ДополнительныеРеквизиты[Свойство=Забрать со склада].Значение.Наименование")
    assert own.data("order", own.order)["comment"] == own.object("warehouse", own.main)["data"]["name"]


# -- noticing


def test_a_changed_additional_attribute_is_a_change_of_the_object(own: Courier) -> None:
    own.session.execute("""
        Набор = РегистрыСведений.кд_Изменения.СоздатьНаборЗаписей(); Набор.Записать();""")
    own.additional(PERSONS, own.courier, "Рост", "180")
    assert own.courier in {row["Идентификатор"] for row in own.base.rows("кд_Изменения", "1")}


# -- defaults


def test_the_defaults_name_additional_attributes_where_the_standard_has_no_place(own: Courier) -> None:
    rows = {(row["Вид"], row["Поле"]): row["Реквизит"] for row in own.base.rows("кд_СоответствиеРеквизитов", "1")}
    fields = own.call("кд_СоставОбмена.ПоляПоУмолчанию", "order")
    defaults = {one["Поле"]: one["Реквизит"] for one in fields}
    for field, title in (("entrance", "Подъезд"), ("floor", "Этаж"), ("flat", "Квартира"), ("intercom", "Домофон")):
        assert defaults[f"address.{field}"] == f"ДополнительныеРеквизиты[Свойство={title}].Значение"
    own.session.execute("""
        Набор = РегистрыСведений.кд_СоответствиеРеквизитов.СоздатьНаборЗаписей(); Набор.Записать();""")
    own.call("кд_СоставОбмена.ЗаполнитьПоУмолчанию")
    rows = {(row["Вид"], row["Поле"]): row["Реквизит"] for row in own.base.rows("кд_СоответствиеРеквизитов", "1")}
    assert rows["courier", "division"] == DIVISION
    assert rows["courier", "bitrix24_user"] == "ДополнительныеРеквизиты[Свойство=Пользователь Битрикс24].Значение"
    assert rows["warehouse", "courier"] == "ДополнительныеРеквизиты[Свойство=Курьер].Значение"
    assert rows["order", "address.flat"] == "ДополнительныеРеквизиты[Свойство=Квартира].Значение"


def test_the_defaults_leave_out_what_this_configuration_has_not(tmp_path: Path) -> None:
    base = Courier(tmp_path, bsp=False)
    base.session.execute("""
        Набор = РегистрыСведений.кд_СоответствиеРеквизитов.СоздатьНаборЗаписей(); Набор.Записать();""")
    base.call("кд_СоставОбмена.ЗаполнитьПоУмолчанию")
    assert not [
        row for row in base.base.rows("кд_СоответствиеРеквизитов", "1") if "ДополнительныеРек" in row["Реквизит"]
    ]
    assert not base.call("кд_Реквизиты.ЕстьВМетаданных", PERSONS, DIVISION)


def test_a_condition_on_a_column_that_is_not_there_is_no_path(own: Courier) -> None:
    assert own.call("кд_Реквизиты.ЕстьВМетаданных", PERSONS, DIVISION)
    assert not own.call("кд_Реквизиты.ЕстьВМетаданных", PERSONS, DIVISION.replace("Свойство", "Вид"))


def test_a_path_longer_than_a_hundred_and_fifty_signs_is_kept_whole(own: Courier) -> None:
    path = "|".join(f"Контрагент.КонтактнаяИнформация[Тип=Телефон].НомерТелефона{number}" for number in range(7))
    own.map("order", "recipient.phone", path)
    rows = {(row["Вид"], row["Поле"]): row["Реквизит"] for row in own.base.rows("кд_СоответствиеРеквизитов", "1")}
    assert rows["order", "recipient.phone"] == path


# -- couriers and their backpacks


@pytest.mark.parametrize("path", [DIVISION, f"ИШ_Подразделение|{DIVISION}", f"НетТакого|{DIVISION}|ИШ_Подразделение|="])
def test_who_is_a_courier_follows_the_path_in_lists_versions_and_digests(own: Courier, path: str) -> None:
    before, other = couriers(own), a_person(own, "Бухгалтер")
    person = a_person(own)
    own.additional(PERSONS, person, "Подразделение доставки", ref("СтруктураПредприятия", division(own)))
    own.additional(PERSONS, other, "Рост", "180")
    own.map("courier", "division", path)
    now = couriers(own)
    assert now == {person} if path == DIVISION else now == before | {person}
    assert now == {one for one in own.store.names("courier") if own.described("courier", one) is not None}
    assert listed(own) == now


def listed(base: Courier) -> set[str]:
    """The couriers that a button offers."""
    order = f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{base.order}"))'
    base.session.platform.messages.clear()
    base.session.execute(f"""
        Подготовка = кд_Кнопки.Подготовка("delivery.assign", {order});
        Для Каждого Элемент Из Подготовка.Курьеры Цикл
            Сообщить(Элемент.Значение);
        КонецЦикла;""")
    return set(base.session.platform.messages)


def test_not_every_person_of_the_base_is_read_to_find_the_couriers(own: Courier) -> None:
    own.map("courier", "division", DIVISION)
    own.additional(PERSONS, own.courier, "Подразделение доставки", ref("СтруктураПредприятия", division(own)))

    def asked() -> int:
        told: list[str] = []
        couriers(own)
        own.session.platform.data.store.db.set_trace_callback(told.append)
        assert couriers(own) == {own.courier}
        own.session.platform.data.store.db.set_trace_callback(None)
        return len(told)

    few = asked()
    for number in range(20):
        own.store.put("courier", str(uuid.uuid4()), {"name": f"Бухгалтер {number}"})
    assert asked() == few


def test_whose_backpack_a_warehouse_is_follows_the_path(own: Courier) -> None:
    own.map("warehouse", "courier", "ДополнительныеРеквизиты[Свойство=Курьер].Значение")
    assert own.call("кд_ДокументыРюкзака.СкладКурьера", own.courier) == ""
    own.additional(STORES, own.main, "Курьер", ref("Контрагенты", str(uuid.uuid4())))
    own.additional(STORES, own.bag, "Курьер", ref("ФизическиеЛица", own.courier))
    assert own.data("warehouse", own.bag)["courier"] == own.courier
    assert own.call("кд_ДокументыРюкзака.СкладКурьера", own.courier) == own.bag


def test_goods_come_back_from_such_a_backpack_to_the_warehouse_of_such_a_division(own: Courier) -> None:
    own.map("warehouse", "courier", "ДополнительныеРеквизиты[Свойство=Курьер].Значение")
    own.map("courier", "division", DIVISION)
    own.map("warehouse", "division", "ДополнительныеРеквизиты[Свойство=Чей].Значение")
    mine = own.object("warehouse", own.main)["data"]["division"]
    own.additional(STORES, own.bag, "Курьер", ref("ФизическиеЛица", own.courier))
    own.additional(STORES, own.main, "Чей", ref("СтруктураПредприятия", mine))
    own.additional(PERSONS, own.courier, "Подразделение доставки", ref("СтруктураПредприятия", mine))
    unloaded = {"lines": [{"product": own.thermos, "quantity": "1"}]}
    assert own.take("backpack.unloaded", "b", 1, **unloaded) == "accepted"
    (paper,) = own.store.rows("SELECT data FROM document WHERE kind = 'transfer'")
    moved = json.loads(paper["data"])
    assert (moved["from"], moved["to"]) == (own.bag, own.main)


def test_a_constant_is_the_division_of_a_warehouse_that_names_none(own: Courier) -> None:
    mine = own.object("courier", own.courier)["data"]["division"]
    own.map("warehouse", "division", f"ДополнительныеРеквизиты[Свойство=Чей].Значение|={mine}")
    unloaded = {"lines": [{"product": own.thermos, "quantity": "1"}]}
    assert own.take("backpack.unloaded", "b", 1, **unloaded) == "accepted"


def test_a_courier_without_such_a_backpack_is_told_which_attribute_to_fill(own: Courier) -> None:
    own.map("warehouse", "courier", "ДополнительныеРеквизиты[Свойство=Курьер].Значение")
    order = f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{own.order}"))'
    own.session.platform.messages.clear()
    own.session.execute(f"""
        Ввод = Новый Структура("Курьер", "{own.courier}");
        Сообщить(кд_Кнопки.Нажать("backpack.load", {order}, Ввод).Текст);""")
    assert "в реквизите «Курьер»" in own.session.platform.messages[0]


@pytest.mark.parametrize(
    "path",
    [
        "ДополнительныеРеквизиты[Свойство=Курьер].Значение", "ИШ_Курьер", "ИШ_Курьер.Наименование",
        "ДополнительныеРеквизиты[Свойство=Сосед].Значение.ИШ_Курьер", "ДополнительныеРеквизиты.Значение",
        "ДополнительныеРеквизиты[Свойство=Курьер].Значение|ДополнительныеРеквизиты[Свойство=Сосед].Значение|=",
        "ДополнительныеРеквизиты[Свойство=Никто].Значение",
    ],
)  # fmt: skip
def test_a_path_read_of_all_objects_at_once_gives_what_it_gives_of_each(own: Courier, path: str) -> None:
    own.additional(STORES, own.main, "Сосед", ref("Склады", own.bag))
    own.additional(STORES, own.main, "Курьер", ref("ФизическиеЛица", own.courier))
    own.additional(STORES, own.bag, "Сосед", ref("Склады", own.main))
    own.session.platform.messages.clear()
    own.session.execute(f"""
        Варианты = СтрРазделить("{path}", "|");
        Вместе = кд_Реквизиты.ЗначенияПоПути("Справочник.Склады", Варианты);
        Выборка = Справочники.Склады.Выбрать();
        Пока Выборка.Следующий() Цикл
            Значение = кд_Реквизиты.ЗначениеПоПути(Выборка.Ссылка, Варианты);
            Если Не ЗначениеЗаполнено(Значение) Тогда
                Значение = Неопределено;
            КонецЕсли;
            Сообщить(?(Вместе[Выборка.Ссылка] = Значение, "то же", "другое"));
        КонецЦикла;""")
    assert set(own.session.platform.messages) == {"то же"}


def test_what_a_query_cannot_tell_is_said_to_be_unknown(own: Courier) -> None:
    for path in ("=3f0c4a4e-7a51-4f0a-9c07-5f2a0d3c9a11", "НетТакого", "НетТакой[Вид=1].Значение"):
        assert own.call("кд_Реквизиты.ЗначенияПоПути", PERSONS, [path, DIVISION]) is None
