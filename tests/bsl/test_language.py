"""What statements and expressions of BSL do."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bsl.native import BslError, KilledHere, Native, Ref, method
from tests.bsl.running import run, session, value
from tests.bsl.runtime import Runtime, Session

WHOLE = st.integers(-(10**12), 10**12)


def test_names_have_no_case() -> None:
    assert run("переменная = 1; ПЕРЕМЕННАЯ = Переменная + 1; возврат ПеРеменная;") == 2


def test_english_keywords_are_the_same_language() -> None:
    assert run("If True And Not False Then Return 5; EndIf;") == 5


def test_arguments_go_by_reference_unless_by_value() -> None:
    s = session(
        """
        Процедура Меняет(А, Знач Б)
            А = А + 1; Б = 100;
        КонецПроцедуры
        Функция Ф() Экспорт
            А = 1; Б = 2;
            Меняет(А, Б);
            Возврат "" + А + "," + Б;
        КонецФункции"""
    )
    assert s.call("Проба.Ф") == "2,2"


def test_an_expression_as_an_argument_leaves_the_variable_alone() -> None:
    s = session(
        """
        Процедура Меняет(А)
            А = 100;
        КонецПроцедуры
        Функция Ф() Экспорт
            А = 1; С = Новый Структура("Б", 2);
            Меняет(А + 0);
            Меняет(С.Б);
            Возврат А + С.Б;
        КонецФункции"""
    )
    assert s.call("Проба.Ф") == 3


def test_python_may_pass_a_variable() -> None:
    s = session("Процедура П(А) Экспорт А = А * 2; КонецПроцедуры")
    variable = Ref(21)
    s.call("Проба.П", variable)
    assert variable.value == 42


def test_skipped_arguments_have_their_defaults() -> None:
    s = session(
        """
        Функция Г(А, Б = "б", В = -3)
            Возврат "" + А + Б + В;
        КонецФункции
        Функция Ф() Экспорт
            Возврат Г(1) + Г(1, , 2) + Г(1, "х");
        КонецФункции"""
    )
    assert s.call("Проба.Ф") == "1б-31б21х-3"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Не 1 = 2", True),
        ("Не Истина Или Истина", True),
        ("Истина Или Ложь И Ложь", True),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-2 * 3", -6),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("1 = Истина", False),
        ('1 = "1"', False),
        ('"а" = "А"', False),
        ("Неопределено = Null", False),
        ("Неопределено = Неопределено", True),
        ('1 + "2"', 3),
        ('"1" + 2', "12"),
        ("?(1 > 2, 1, 2)", 2),
        ("10 / 4", Decimal("2.5")),
        ("1 / 3 * 3", Decimal("0." + "9" * 27)),
        ("0.1 + 0.2 = 0.3", True),
        ("'20240131' + 86400 = '20240201'", True),
        ("'20240201' - '20240131'", 86400),
        ('"б" > "А"', True),
    ],
)
def test_operators_bind_and_convert_as_in_1c(expression: str, expected: object) -> None:
    assert value(expression) == expected


@given(WHOLE, WHOLE)
def test_whole_numbers_are_counted_exactly(a: int, b: int) -> None:
    assert run("Возврат (А + Б) * (А - Б) = А * А - Б * Б;", a, b) is True


@given(st.decimals(-(10**9), 10**9, places=2), st.decimals(-(10**9), 10**9, places=2))
def test_sums_of_money_have_no_rounding(a: Decimal, b: Decimal) -> None:
    assert run("Возврат А + Б - Б = А;", a, b) is True


NUMBERS = st.lists(st.integers(-9, 9), min_size=2, max_size=4)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """A condition that reads the same in Python, without a bracket: only precedence says what it means."""
    sides = [" ".join(draw(_chain())) for _ in range(2)]
    comparison = draw(st.sampled_from(["<", ">", "<=", ">=", "==", "!="]))
    return draw(st.sampled_from(["", "not "])) + f" {comparison} ".join(sides)


@st.composite
def _chain(draw: st.DrawFn) -> list[str]:
    numbers = draw(NUMBERS)
    words = [str(numbers[0])]
    for number in numbers[1:]:
        words += [draw(st.sampled_from("+-*")), str(number)]
    return words


@given(st.lists(conditions(), min_size=1, max_size=4), st.data())
def test_operators_bind_as_pythons_do(parts: list[str], data: st.DataObject) -> None:
    text = parts[0]
    for part in parts[1:]:
        text += data.draw(st.sampled_from([" and ", " or "])) + part
    words = {"==": "=", "!=": "<>", "and": "И", "or": "Или", "not": "Не"}
    assert value(" ".join(words.get(word, word) for word in text.split())) is eval(text)


def test_and_or_do_not_look_at_what_does_not_matter() -> None:
    assert run("Возврат (Ложь И А.Нет) Или (Истина Или А.Нет);", None) is True


def test_strings_over_lines_lose_their_bars_and_comments() -> None:
    assert run('Возврат "раз\n\t\t|два ""2""\n// нет\n|три";') == 'раз\nдва "2"\nтри'


def test_date_literals_may_have_the_time() -> None:
    assert value("'20240131'") == datetime(2024, 1, 31)
    assert value("'2024-01-31 10:20:30'") == datetime(2024, 1, 31, 10, 20, 30)
    assert value("'00010101'") == datetime(1, 1, 1)


def test_a_loop_up_counts_to_the_end_that_it_had_at_the_start() -> None:
    assert run("К = 3; С = 0; Для Н = 1 По К Цикл К = 100; С = С + Н; КонецЦикла; Возврат С;") == 6


def test_the_body_may_change_the_counter() -> None:
    assert run("С = 0; Для Н = 1 По 10 Цикл Н = Н + 4; С = С + 1; КонецЦикла; Возврат С;") == 2


def test_break_and_continue_belong_to_the_inner_loop() -> None:
    body = """
        С = "";
        Для А = 1 По 3 Цикл
            Для Каждого Б Из СтрРазделить("1,2,3,4", ",") Цикл
                Если Б = "2" Тогда Продолжить; ИначеЕсли Б = "4" Тогда Прервать; КонецЕсли;
                С = С + А + Б + " ";
            КонецЦикла;
            Пока Истина Цикл Прервать; КонецЦикла;
        КонецЦикла;
        Возврат С;"""
    assert run(body) == "11 13 21 23 31 33 "


def test_a_return_leaves_loops_and_attempts() -> None:
    assert run("Пока Истина Цикл Попытка Возврат 5; Исключение КонецПопытки; КонецЦикла;") == 5


def test_a_function_without_return_gives_undefined() -> None:
    assert run("А = 1;") is None


def test_what_is_added_to_an_array_while_it_is_walked_is_walked_too() -> None:
    body = "Для Каждого Э Из А Цикл Если Э < 4 Тогда А.Добавить(Э + 1); КонецЕсли; КонецЦикла; Возврат А;"
    assert run(body, [1]) == [1, 2, 3, 4]


def test_preprocessor_takes_the_server_branch() -> None:
    body = """
        #Область Имя
        #Если Клиент Тогда
            А = 1;
        #ИначеЕсли Сервер И Не Клиент Тогда
            А = 2;
        #Иначе
            А = 3;
        #КонецЕсли
        #КонецОбласти
        Возврат А;"""
    assert run(body) == 2


def test_new_takes_a_type_and_an_array_of_arguments() -> None:
    body = 'П = Новый Массив; П.Добавить("А,Б"); П.Добавить(1); Возврат Новый(Тип("Структура"), П);'
    assert run(body) == {"А": 1, "Б": None}


def test_evaluate_sees_the_variables_around_it() -> None:
    assert run('Х = 5; Возврат Вычислить("Х + А * 2");', 10) == 25


def test_execute_assigns_the_variables_around_it() -> None:
    assert run('Х = 5; Выполнить("Х = Х + 1; Новая = Х;"); Возврат Х;') == 6


def test_modules_call_what_others_export_and_only_that() -> None:
    other = "Функция Видно() Экспорт Возврат Скрыто(); КонецФункции Функция Скрыто() Возврат 7; КонецФункции"
    calls = "Функция Ф() Экспорт Возврат Другой.Видно(); КонецФункции"
    s = session(calls + " Функция Г() Экспорт Возврат Другой.Скрыто(); КонецФункции", Другой=other)
    assert s.call("Проба.Ф") == 7
    with pytest.raises(BslError, match=r"Метод объекта не обнаружен \(Скрыто\)"):
        s.call("Проба.Г")


def test_a_module_is_a_value() -> None:
    s = session(
        'Функция Ф() Экспорт Х = Вычислить("Другой"); Возврат Х.Дать(2); КонецФункции',
        Другой="Функция Дать(А) Экспорт Возврат А * 2; КонецФункции",
    )
    assert s.call("Проба.Ф") == 4


class Card(Native):
    """A context object."""

    bsl_type = "Карточка"

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"имя": "Стол", "цена": 5}

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.values

    def bsl_get(self, name: str) -> object:
        return self.values[name.lower()]

    def bsl_set(self, name: str, value: object) -> None:
        self.values[name.lower()] = value

    @method("Удвоить")
    def double(self) -> None:
        self.values["цена"] *= 2


def test_a_module_of_an_object_sees_its_properties_and_methods_as_names() -> None:
    source = """
        Перем Счет Экспорт;
        Функция Ф() Экспорт
            Имя = Имя + "!"; Своя = 3; Счет = Счет + Своя;
            Удвоить();
            Возврат ЭтотОбъект.Цена;
        КонецФункции
        Счет = 1;"""
    s = Session(Runtime((), {"Справочник.Х.МодульОбъекта": source}))
    card = Card()
    module = s.module("Справочник.Х.МодульОбъекта", card)
    assert module.call("Ф") == 10
    assert card.values == {"имя": "Стол!", "цена": 10}
    assert module.bsl_get("Счет") == 4


def test_each_instance_of_a_module_has_its_own_variables() -> None:
    s = Session(Runtime((), {"Обработка.Х.МодульОбъекта": "Перем А Экспорт; А = 1;"}))
    one, two = s.module("Обработка.Х.МодульОбъекта"), s.module("Обработка.Х.МодульОбъекта")
    one.bsl_set("А", 2)
    assert (one.bsl_get("А"), two.bsl_get("А")) == (2, 1)


class Bomb(Native):
    """Dies or breaks."""

    bsl_type = "Бомба"
    bsl_creatable = True

    @method("Убить")
    def kill(self) -> None:
        raise KilledHere

    @method("Сломать")
    def fault(self) -> None:
        raise RuntimeError("a fault of Python")


@pytest.mark.parametrize(("name", "kind"), [("Убить", KilledHere), ("Сломать", RuntimeError)])
def test_an_attempt_catches_neither_death_nor_faults_of_python(name: str, kind: type[BaseException]) -> None:
    s = session(f"Процедура П(Б) Экспорт Попытка Б.{name}(); Исключение КонецПопытки; КонецПроцедуры")
    with pytest.raises(kind):
        s.call("Проба.П", Bomb())


def test_deep_recursion_is_no_trouble() -> None:
    s = session("Функция Ф(Н) Экспорт Возврат ?(Н = 0, 0, 1 + Ф(Н - 1)); КонецФункции")
    assert s.call("Проба.Ф", 1000) == 1000
