"""Containers, types and identifiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bsl.native import BslError
from tests.bsl.running import run, value
from tests.bsl.tables import ValueTable
from tests.bsl.values import NULL, Array, Map, Uuid, to_bsl, to_python

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_pythons_shapes_come_back_as_they_were(shape: object) -> None:
    assert to_python(to_bsl(shape)) == shape


@given(st.lists(st.integers() | st.booleans() | st.text(max_size=3), max_size=10))
def test_a_map_keeps_each_key_apart(keys: list[Any]) -> None:
    found = Map.of((key, i) for i, key in enumerate(keys))
    assert found.count() == len({(type(key), key) for key in keys})
    assert all(keys[kv.value] == kv.key and type(keys[kv.value]) is type(kv.key) for kv in found.bsl_iter())


def test_a_map_is_walked_in_no_order_that_a_module_could_rely_on() -> None:
    keys = run('С = Новый Соответствие; Для Н = 1 По 9 Цикл С[Н] = Н; КонецЦикла; Р = Новый Массив;'
               ' Для Каждого КЗ Из С Цикл Р.Добавить(КЗ.Ключ); КонецЦикла; Возврат Р;')  # fmt: skip
    assert sorted(keys) == list(range(1, 10)) != keys


def test_true_and_one_are_different_keys() -> None:
    assert run("С = Новый Соответствие; С[1] = 5; С.Вставить(Истина, 6); Возврат С[1] * 10 + С[Истина];") == 56


def test_a_missing_key_is_undefined() -> None:
    assert run('С = Новый Соответствие; Возврат С["нет"] = Неопределено И С.Получить(1) = Неопределено;') is True


def test_a_structure_has_no_case_and_tells_what_it_has() -> None:
    body = """
        С = Новый Структура("Имя, Цена", "Стол");
        С.Вставить("ИМЯ", "Стул"); С.цена = 5; Х = 1;
        Есть = С.Свойство("Цена", Х); Нет = С.Свойство("Вес", Х);
        Ключи = "";
        Для Каждого КЗ Из С Цикл Ключи = Ключи + КЗ.Ключ + ";"; КонецЦикла;
        Возврат Новый Структура("А,Б,В,Г,Д,Е", С.Имя, Есть, Нет, Х, Ключи, С["имя"]);"""
    assert run(body) == {"А": "Стул", "Б": True, "В": False, "Г": None, "Д": "Имя;Цена;", "Е": "Стул"}


@pytest.mark.parametrize(
    "body",
    ['С = Новый ФиксированнаяСтруктура("А", 1); С.А = 2;', 'С = Новый ФиксированнаяСтруктура("А", 1); С.Вставить("Б");',
     "М = Новый ФиксированныйМассив(Новый Массив(3)); М[0] = 1;", 'С = Новый Структура("А", 1, 2);',
     'С = Новый Структура("А б");', "С = Новый Структура; С.Нет = 1;", "М = Новый Массив; М.Вставить(1, 1);"],
)  # fmt: skip
def test_what_a_container_does_not_allow_is_an_error(body: str) -> None:
    with pytest.raises(BslError):
        run(body)


def test_arrays_are_counted_from_zero() -> None:
    body = """
        М = Новый Массив(2); М[0] = "а"; М.Установить(1, "б"); М.Вставить(0, "в"); М.Добавить("г"); М.Удалить(1);
        Возврат СтрСоединить(М, "") + М.Количество() + М.ВГраница() + М.Найти("г") + (М.Найти("нет") = Неопределено);"""
    assert run(body) == "вбг322Да"


def test_arrays_may_have_arrays() -> None:
    assert run("М = Новый Массив(2, 3); М[1][2] = 5; Возврат М;") == [[None] * 3, [None, None, 5]]


def test_a_list_of_values_has_presentations_and_an_order() -> None:
    body = """
        С = Новый СписокЗначений; С.Добавить(2, "два"); С.Добавить(1, "один", Истина); С.СортироватьПоЗначению();
        Возврат С[0].Представление + С.НайтиПоЗначению(2).Представление + С.Количество()
            + СтрСоединить(С.ВыгрузитьЗначения(), ",") + С[0].Пометка;"""
    assert run(body) == "одиндва21,2Да"


def test_a_table_finds_sorts_groups_and_sums() -> None:
    body = """
        Т = Новый ТаблицаЗначений; Т.Колонки.Добавить("Товар");
        Т.Колонки.Добавить("Число", Новый ОписаниеТипов("Число"));
        Для Каждого Имя Из СтрРазделить("б,а,б", ",") Цикл
            С = Т.Добавить(); С.Товар = Имя; С.Число = С.Число + 1.5;
        КонецЦикла;
        Нашли = Т.НайтиСтроки(Новый Структура("Товар", "б")).Количество();
        Итог = Т.Итог("Число");
        К = Т.Скопировать(); К.Свернуть("Товар", "Число"); К.Сортировать("Число Убыв, Товар");
        Первая = Т.Найти("а", "Товар");
        Т.Удалить(Первая);
        Возврат Новый Структура("А,Б,В,Г", Нашли, Итог, К, Т.ВыгрузитьКолонку("Товар"));"""
    half = Decimal("1.5")
    rows = [{"Товар": "б", "Число": 3}, {"Товар": "а", "Число": half}]
    assert run(body) == {"А": 2, "Б": 3 * half, "В": rows, "Г": ["б", "б"]}


def test_python_makes_tables_too() -> None:
    table = ValueTable.of(["А", "Б"], [[1, "х"], [2, "у"]])
    assert run("Возврат А[1].Б + А.Найти(1).А;", table) == "у1"


def test_properties_are_filled_by_what_both_have() -> None:
    body = """
        К = Новый Структура("Имя, Вес, Цена", 0, 0, 0); О = Новый Структура("имя, Цвет, цена", "Стол", "белый", 5);
        ЗаполнитьЗначенияСвойств(К, О, , "Цена");
        Возврат К;"""
    assert run(body) == {"Имя": "Стол", "Вес": 0, "Цена": 0}


def test_named_properties_must_be_there() -> None:
    with pytest.raises(BslError, match=r"Поле объекта не обнаружено \(Вес\)"):
        run('К = Новый Структура("Имя"); ЗаполнитьЗначенияСвойств(К, Новый Структура("Имя"), "Имя, Вес");')


@pytest.mark.parametrize(
    ("expression", "filled"),
    [('""', False), ('"  "', False), ("0", False), ("Ложь", True), ("'00010101'", False), ("Неопределено", False),
     ("Null", False), ("Новый Массив", False), ("Новый УникальныйИдентификатор", True), ("-1", True),
     ('Новый УникальныйИдентификатор("00000000-0000-0000-0000-000000000000")', False),
     ('Новый Структура("А")', True)],
)  # fmt: skip
def test_what_counts_as_filled(expression: str, filled: bool) -> None:
    assert value(f"ЗначениеЗаполнено({expression})") is filled


@pytest.mark.parametrize(
    ("expression", "name"),
    [("1", "Число"), ("1.5", "Число"), ('"а"', "Строка"), ("Истина", "Булево"), ("'20240101'", "Дата"),
     ("Null", "Null"), ("Неопределено", "Неопределено"), ("Новый Массив", "Массив"), ('Тип("Число")', "Тип"),
     ("Новый Map", "Соответствие")],
)  # fmt: skip
def test_each_value_has_its_type(expression: str, name: str) -> None:
    assert value(f'ТипЗнч({expression}) = Тип("{name}")') is True


def test_english_names_are_the_same_types() -> None:
    assert value('Тип("String") = Тип("Строка") И Тип("Array") = ТипЗнч(Новый Массив)') is True


@given(st.uuids())
def test_an_identifier_is_its_small_text(guid: Any) -> None:
    assert Uuid(str(guid).upper()) == Uuid(str(guid))
    assert run("Возврат Строка(Новый УникальныйИдентификатор(А));", str(guid).upper()) == str(guid)


def test_new_identifiers_are_new() -> None:
    assert value("Новый УникальныйИдентификатор <> Новый УникальныйИдентификатор") is True


@pytest.mark.parametrize(
    ("expression", "expected"),
    [('"12"', 12), ('"а"', 0), ("Неопределено", 0), ("5", 5)],
)
def test_a_description_of_types_makes_a_value_fit(expression: str, expected: object) -> None:
    assert run(f'О = Новый ОписаниеТипов("Число"); Возврат О.ПривестиЗначение({expression});') == expected


def test_qualifiers_cut_what_is_too_long() -> None:
    body = """
        О = Новый ОписаниеТипов("Строка", , , , Новый КвалификаторыСтроки(3));
        Ч = Новый ОписаниеТипов("Число", Новый КвалификаторыЧисла(10, 2));
        Возврат О.ПривестиЗначение("длинная") + Ч.ПривестиЗначение(1.005);"""
    assert run(body) == "дли1,01"


def test_containers_are_equal_only_to_themselves() -> None:
    assert run("А = Новый Массив; Б = Новый Массив; В = А; Возврат А = В И А <> Б;") is True


def test_null_is_no_undefined() -> None:
    assert value("Null") is NULL
    assert isinstance(value("Новый Массив"), Array)
