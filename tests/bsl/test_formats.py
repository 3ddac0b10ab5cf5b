"""Numbers and dates: their texts, Формат, and the functions that count with them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bsl import dates, formats, ops
from tests.bsl.native import BslError
from tests.bsl.running import value

NUMBER = st.integers(-(10**14), 10**14) | st.decimals(-(10**12), 10**12, places=4)
MOMENT = st.datetimes(datetime(1, 1, 2), datetime(3799, 12, 31)).map(lambda d: d.replace(microsecond=0))


@given(NUMBER)
def test_the_text_of_a_number_is_that_number(n: int | Decimal) -> None:
    assert ops.to_number(ops.text(n)) == n


@given(NUMBER)
def test_a_number_for_the_wire_is_that_number(n: int | Decimal) -> None:
    text = formats.formatted(n, "ЧДЦ=4; ЧРД=.; ЧГ=0; ЧН=0")
    assert Decimal(text) == n
    assert ops.NBSP not in text


@given(MOMENT)
def test_a_date_for_the_wire_is_that_date(moment: datetime) -> None:
    text = formats.formatted(moment, "ДФ='гггг-ММ-ддTЧЧ:мм:сс'")
    assert datetime.fromisoformat(text) == moment


@given(MOMENT)
def test_the_digits_of_a_date_are_that_date(moment: datetime) -> None:
    assert dates.date(formats.formatted(moment, "ДФ=yyyyMMddHHmmss")) == moment


@given(MOMENT, st.integers(-100, 100))
def test_months_come_and_go(moment: datetime, count: int) -> None:
    first = dates.add_month(dates.month_start(moment), 1200)
    assert dates.add_month(dates.add_month(first, count), -count) == first


@given(MOMENT)
def test_a_month_ends_a_second_before_the_next(moment: datetime) -> None:
    assert ops.add(dates.month_end(moment), 1) == dates.add_month(dates.month_start(moment), 1)


@given(MOMENT, st.integers(-(10**7), 10**7))
def test_seconds_move_a_date_and_are_its_difference(moment: datetime, seconds: int) -> None:
    moment = dates.add_month(moment, 1200)
    assert ops.subtract(ops.add(moment, seconds), moment) == seconds


@given(st.decimals(-(10**6), 10**6, places=4))
def test_rounding_goes_to_the_nearest_and_a_half_away_from_zero(n: Decimal) -> None:
    rounded = dates.round_(n, 2)
    assert abs(rounded - n) <= Decimal("0.005")
    assert dates.round_(-n, 2) == -rounded


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_bits_follow_de_morgan(a: int, b: int) -> None:
    assert dates.bit_not(dates.bit_and(a, b)) == dates.bit_or(dates.bit_not(a), dates.bit_not(b))
    assert dates.bit_xor(a, b) == dates.bit_or(a, b) - dates.bit_and(a, b)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Строка(1234567.5)", "1\u00a0234\u00a0567,5"),
        ("Строка(-1000)", "-1\u00a0000"),
        ("Строка(0)", "0"),
        ("Строка(Истина)", "Да"),
        ("Строка('20240131090500')", "31.01.2024 9:05:00"),
        ("Строка('00010101')", "01.01.0001 0:00:00"),
        ("Строка(Неопределено) + Строка(Null)", ""),
        ("Строка(Новый Массив)", "Массив"),
        ("Формат(1234.5)", "1\u00a0234,5"),
        ("Формат(0)", ""),
        ('Формат(0, "ЧН=")', "0"),
        ('Формат(0, "ЧДЦ=2; ЧН=")', "0,00"),
        ('Формат(0, "ЧН=нет")', "нет"),
        ('Формат(1234.567, "ЧЦ=15; ЧДЦ=2")', "1\u00a0234,57"),
        ('Формат(1234.5, "ЧГ=")', "1234,5"),
        ('Формат(1234.5, "ЧГ=0; ЧРД=.")', "1234.5"),
        ('Формат(123456789, "ЧГ=3,2")', "12\u00a034\u00a056\u00a0789"),
        ('Формат(123456789, "ЧГ=3,0")', "123456\u00a0789"),
        ("Формат(1234567, \"ЧРГ=' '\")", "1 234 567"),
        ('Формат(7, "ЧЦ=5; ЧВН=; ЧГ=0")', "00007"),
        ('Формат(12345, "ЧЦ=3")', "999"),
        ('Формат(-5, "ЧДЦ=1")', "-5,0"),
        ('Формат(1234.5, "NFD=2; NDS=.; NG=0")', "1234.50"),
        ('Формат(Истина, "БИ=есть; БЛ=нет")', "есть"),
        ('Формат(Ложь, "БЛ=нет; БИ=есть")', "нет"),
        ("Формат('00010101')", ""),
        ("Формат('20240131090500')", "31.01.2024 9:05:00"),
        ("Формат('20240131090500', \"ДЛФ=Д\")", "31.01.2024"),
        ("Формат('20240131090500', \"ДЛФ=ДД\")", "31 января 2024 г."),
        ("Формат('20240131090500', \"ДФ='дд.ММ.гггг ЧЧ:мм'\")", "31.01.2024 09:05"),
        ("Формат('20240131', \"ДФ='д МММ гг'\")", "31 янв 24"),
        ("XMLСтрока(1234.5) + XMLСтрока(Истина)", "1234.5true"),
        ("XMLСтрока('20240131')", "2024-01-31T00:00:00"),
        ('XMLЗначение(Тип("Дата"), "2024-01-31T10:20:30")', datetime(2024, 1, 31, 10, 20, 30)),
        ('XMLЗначение(Тип("Число"), "1.50")', Decimal("1.5")),
        ('Число(" 1 234,5 ")', Decimal("1234.5")),
        ("Цел(-1.9)", -1),
        ("Окр(2.5) + Окр(-2.5) + Окр(1234, -2)", 1200),
        ("Окр(2.5, 0, РежимОкругления.Окр15как10)", 2),
        ("Мин(3, 1, 2) * 10 + Макс(3, 1, 2)", 13),
        ("Pow(2, 10) + Sqrt(16)", 1028),
        ("Дата(2024, 2, 29)", datetime(2024, 2, 29)),
        ('Дата("20240229")', datetime(2024, 2, 29)),
        ("ДеньНедели('20240205')", 1),
        ("НачалоНедели('20240211')", datetime(2024, 2, 5)),
        ("ДобавитьМесяц('20240131', 1)", datetime(2024, 2, 29)),
        ("КонецДня('20240131')", datetime(2024, 1, 31, 23, 59, 59)),
        ("ПобитовыйСдвигВлево(1, 31) - ПобитовыйСдвигВправо(4, 1)", 2**31 - 2),
        ('ЧислоИзШестнадцатеричнойСтроки("0xFF")', 255),
    ],
)
def test_numbers_and_dates(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ['Число("")', 'Число("1e5")', 'Число("1-2")', "Число(Неопределено)", "Дата(2024, 2, 30)", 'Дата("2024")',
     'Булево("может быть")', 'Формат(1, "?")', "Год(5)", 'XMLЗначение(Тип("Дата"), "вчера")', "Дата(1, 1, 1) - 1"],
)  # fmt: skip
def test_what_is_no_number_or_date_is_an_error(expression: str) -> None:
    with pytest.raises(BslError):
        value(expression)
