"""The global functions of strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bsl import texts
from tests.bsl.native import BslError
from tests.bsl.running import run, value

TEXT = st.text(st.sampled_from("абвгАБ яЁё12,; \n"), max_size=20)
MARK = st.sampled_from([",", ";", " ", "а"])
COUNT = st.integers(-3, 25)


@given(TEXT, COUNT)
def test_left_and_mid_cut_a_string_in_two(text: str, n: int) -> None:
    assert run("Возврат Лев(А, Б) + Сред(А, Макс(Б, 0) + 1);", text, n) == text


@given(TEXT, COUNT)
def test_right_gives_the_end_and_no_more_than_there_is(text: str, n: int) -> None:
    found = texts.right(text, n)
    assert text.endswith(found)
    assert len(found) == max(0, min(n, len(text)))


@given(TEXT, st.integers(-3, 25), st.integers(-3, 25))
def test_mid_counts_from_one(text: str, start: int, count: int) -> None:
    begin = max(start, 1)
    assert texts.mid(text, start, count) == text[begin - 1 : begin - 1 + max(count, 0)]


@given(TEXT, TEXT)
def test_what_is_found_stands_at_the_position_from_one(text: str, part: str) -> None:
    at = texts.str_find(text, part)
    assert (at == 0) == (part not in text)
    assert at == 0 or texts.mid(text, at, len(part)) == part


@given(TEXT, MARK)
def test_what_is_split_may_be_joined_again(text: str, mark: str) -> None:
    assert run("Возврат СтрСоединить(СтрРазделить(А, Б), Б);", text, mark) == text


@given(TEXT)
def test_a_string_is_its_lines(text: str) -> None:
    loop = "Для Н = 1 По СтрЧислоСтрок(А) Цикл Р.Добавить(СтрПолучитьСтроку(А, Н)); КонецЦикла;"
    assert run(f"Р = Новый Массив; {loop} Возврат Р;", text) == text.split("\n")


@given(TEXT, TEXT)
def test_order_without_case_is_the_same_both_ways(a: str, b: str) -> None:
    assert texts.str_compare(a, b) == -texts.str_compare(b, a)


@given(st.integers(1, 0xFFFF).filter(lambda code: not 0xD800 <= code < 0xE000))
def test_a_character_and_its_code_are_one(code: int) -> None:
    assert texts.char_code(texts.char(code)) == code


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('СокрЛП("  а б " + Символы.ПС)', "а б"),
        ('СтрНайти("абаб", "б", НаправлениеПоиска.СКонца)', 4),
        ('СтрНайти("абаб", "б", , 3)', 4),
        ('СтрНайти("абаб", "б", , , 2)', 4),
        ('СтрНайти("абаб", "б", НаправлениеПоиска.СКонца, , 2)', 2),
        ('СтрНайти("абаб", "в")', 0),
        ('СтрЗаменить("а.б.в", ".", "")', "абв"),
        ('СтрРазделить("а,,б;в", ",;", Ложь).Количество()', 3),
        ('СтрРазделить("а,,б", ",").Количество()', 3),
        ('СтрШаблон("%2 и %1, 100%%", "а", 1000)', "1\u00a0000 и а, 100%"),
        ('СтрШаблон("%(1)0", 5)', "50"),
        ('ТРег("иван петров")', "Иван Петров"),
        ('КодСимвола("", 1)', -1),
        ("ПустаяСтрока(Символы.Таб + Символы.НПП)", True),
        ('СтрЧислоВхождений("ааа", "а")', 3),
        ("НСтр(\"ru = 'Заказ ''1'''; en = 'Order'\")", "Заказ '1'"),
        ("НСтр(\"ru = 'Заказ'; en = 'Order'\", \"en\")", "Order"),
        ("НСтр(\"en = 'Order'\")", "Order"),
        ('СтрДлина("а😀б")', 4),
        ('СтрНайти("а😀б", "б")', 4),
        ('КодСимвола("😀", 2)', 0xDE00),
        ('Сред("а😀б", 2, 1) + Сред("а😀б", 3)', "😀б"),
        ('НайтиНедопустимыеСимволыXML("а😀" + Символ(7))', 4),
        ('НайтиНедопустимыеСимволыXML(Лев("😀", 1))', 1),
        ('НайтиНедопустимыеСимволыXML("а😀" + Символы.ПС)', 0),
    ],
)
def test_functions_of_strings(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize("call", ['"%1 %2", 1', '"%0", 1', '"%а", 1', '"100%", 1'])
def test_a_template_has_a_value_for_each_place(call: str) -> None:
    with pytest.raises(BslError):
        value(f"СтрШаблон({call})")


def test_a_translation_without_its_quote_is_an_error() -> None:
    with pytest.raises(BslError):
        value('НСтр("ru = \'Заказ")')
