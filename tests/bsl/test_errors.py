"""A broken program says what 1C would say, and where."""

from __future__ import annotations

import pytest
from tests.bsl.native import BslError
from tests.bsl.running import run, session, value
from tests.bsl.tree import CompileError


def problems(source: str, features: str = "8.3", **modules: str) -> list[tuple[int, str]]:
    """What is wrong with the module М."""
    found = session(source, features, **modules).runtime.problems()
    return found[0].problems if found else []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Возврат А.Нет;", "Значение не является значением объектного типа (Нет)"),
        ('С = Новый Структура("Б"); Возврат С.Нет;', "Поле объекта не обнаружено (Нет)"),
        ("С = Новый Массив; С.Нет();", "Метод объекта не обнаружен (Нет)"),
        ("С = Новый Массив; Возврат С[0];", "Индекс находится за границами массива"),
        ('Возврат 1 + "а";', "Преобразование значения к типу Число не может быть выполнено"),
        ("Возврат 1 / 0;", "Деление на 0"),
        ("Если А Тогда КонецЕсли;", "Преобразование значения к типу Булево не может быть выполнено"),
        ("Для Каждого Э Из А Цикл КонецЦикла;", "Итератор для значения не определен"),
        ("С = Новый Структура; С.Вставить(1, 2);", "Задано неправильное имя атрибута структуры '1'"),
        ('Возврат Тип("Слон");', "Тип не определен (Слон)"),
        ("Возврат СтрСоединить(5);", "Несоответствие типов (СтрСоединить)"),
        ('Возврат Новый УникальныйИдентификатор("1");', "Неверный формат уникального идентификатора"),
        ('ВызватьИсключение "Так нельзя";', "Так нельзя"),
        ("Возврат А[0];", "Получение элемента по индексу для значения не определено"),
        ("М = Новый Массив; М.Добавить(1, 2);", "Слишком много фактических параметров"),
        ("М = Новый Массив; М.Найти();", "Недостаточно фактических параметров"),
    ],
)
def test_what_cannot_be_done_is_said_in_the_words_of_1c(body: str, text: str) -> None:
    with pytest.raises(BslError) as raised:
        run(body, None)
    assert str(raised.value) == text


@pytest.mark.parametrize("expression", ['1 < "1"', "Истина > 1", "Неопределено < 1", "Новый Массив > Новый Массив"])
def test_values_of_different_types_have_no_order(expression: str) -> None:
    with pytest.raises(BslError, match="допустимы только для значений совпадающих примитивных типов"):
        value(expression)


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("Процедура П()\n\tА = Опечатка;\nКонецПроцедуры", 2, "Переменная не определена (Опечатка)"),
        ("Процедура П()\nА = А + 1;\nКонецПроцедуры", 2, "Переменная не определена (А)"),
        (
            "Процедура П()\nОпечатка(1);\nКонецПроцедуры", 2,
            "Процедура или функция с указанным именем не определена (Опечатка)",
        ),
        ("Процедура П(А)\nП();\nКонецПроцедуры", 2, "Недостаточно фактических параметров (П)"),
        ("Процедура П(А)\nП(1, 2);\nКонецПроцедуры", 2, "Слишком много фактических параметров (П)"),
        ("Процедура П()\nА = П();\nКонецПроцедуры", 2, "Обращение к процедуре как к функции (П)"),
        ("Процедура П()\nА = Новый Слон;\nКонецПроцедуры", 2, "Тип не определен (Слон)"),
        ("Процедура П()\nПрервать;\nКонецПроцедуры", 2, "Оператор Прервать может стоять только внутри цикла"),
        (
            "Процедура П()\nВызватьИсключение;\nКонецПроцедуры", 2,
            "ВызватьИсключение без параметра может стоять только внутри Исключение",
        ),
        ("Процедура П()\nКонецПроцедуры\nПроцедура П()\nКонецПроцедуры", 3,
         "Процедура или функция с указанным именем уже определена (П)"),
        ("Перем А;", 1, "Общий модуль не может иметь переменных"),
        ("А = 1;", 1, "Общий модуль не может иметь тела"),
    ],
)  # fmt: skip
def test_mistakes_are_found_by_loading_the_module(source: str, line: int, text: str) -> None:
    assert (line, text) in problems(source)


@pytest.mark.parametrize(
    "body", ["Если Истина Тогда", "А = ;", "А = 1 Б = 2;", "Для Каждого Из А Цикл КонецЦикла;", 'А = "незакрыта;']
)
def test_what_is_no_bsl_does_not_compile(body: str) -> None:
    assert problems(f"Процедура П()\n{body}\nКонецПроцедуры")


def test_a_module_with_a_mistake_runs_nothing() -> None:
    s = session("Функция Ф() Экспорт Возврат 1; КонецФункции Процедура П() А = Опечатка; КонецПроцедуры")
    for _ in range(2):
        with pytest.raises(CompileError, match=r"ОбщийМодуль\.М\.Модуль\(1\)\}: Переменная не определена"):
            s.call("М.Ф")


def test_an_attempt_does_not_hide_a_module_that_does_not_compile() -> None:
    s = session(
        "Процедура П() Экспорт Попытка Другой.Ф(); Исключение КонецПопытки; КонецПроцедуры",
        Другой="Процедура Ф() Экспорт А = Опечатка; КонецПроцедуры",
    )
    with pytest.raises(CompileError):
        s.call("М.П")


def test_an_error_tells_the_module_and_line_where_it_was_first() -> None:
    s = session(
        "Функция Ф() Экспорт\n\tВозврат Другой.Г();\nКонецФункции",
        Другой="Функция Г() Экспорт\n\n\tА = Новый Структура;\n\tВозврат А.Нет;\nКонецФункции",
    )
    with pytest.raises(BslError) as raised:
        s.call("М.Ф")
    assert [str(place) for place in raised.value.stack] == [
        "{ОбщийМодуль.Другой.Модуль(4)}",
        "{ОбщийМодуль.М.Модуль(2)}",
    ]
    assert raised.value.place is not None
    assert raised.value.place.source == "Возврат А.Нет;"


def test_the_description_has_the_place_and_the_brief_presentation_has_not() -> None:
    body = """
        Попытка ВызватьИсключение "[not_posted] Документ не проведен";
        Исключение
            Возврат Новый Структура("О, К", ОписаниеОшибки(), КраткоеПредставлениеОшибки(ИнформацияОбОшибке()));
        КонецПопытки;"""
    text = "[not_posted] Документ не проведен"
    assert run(body) == {"О": f"{{ОбщийМодуль.М.Модуль(3)}}: {text}", "К": text}


def test_error_information_has_its_parts() -> None:
    body = """
        Попытка
            А = 1 / 0;
        Исключение
            И = ИнформацияОбОшибке();
            Возврат Новый Структура("О,М,Н,С,П", И.Описание, И.ИмяМодуля, И.НомерСтроки, И.ИсходнаяСтрока, И.Причина);
        КонецПопытки;"""
    found = {"О": "Деление на 0", "М": "ОбщийМодуль.М.Модуль", "Н": 4, "С": "А = 1 / 0;", "П": None}
    assert run(body) == found


def test_raising_again_keeps_the_error_and_its_place() -> None:
    s = session(
        "Функция Ф() Экспорт\nПопытка\nА = 1 / 0;\nИсключение\nБ = 2;\nВызватьИсключение;\nКонецПопытки;\nКонецФункции"
    )
    with pytest.raises(BslError, match="Деление на 0") as raised:
        s.call("М.Ф")
    assert raised.value.place is not None
    assert raised.value.place.line == 3


def test_an_inner_attempt_does_not_make_the_outer_one_forget_its_error() -> None:
    body = """
        Попытка ВызватьИсключение "первая";
        Исключение
            Попытка ВызватьИсключение "вторая";
            Исключение В = КраткоеПредставлениеОшибки(ИнформацияОбОшибке());
            КонецПопытки;
            Возврат В + " " + КраткоеПредставлениеОшибки(ИнформацияОбОшибке());
        КонецПопытки;"""
    assert run(body) == "вторая первая"


def test_outside_of_a_handler_there_is_no_error() -> None:
    assert run('Попытка А = 1 / 0; Исключение КонецПопытки; Возврат ОписаниеОшибки() + "|";') == "|"


@pytest.mark.parametrize("name", ["СтрРазделить", "СтрШаблон", "СтрНайти", "СтрНачинаетсяС", "ПобитовоеИ"])
def test_8_2_has_none_of_the_later_functions(name: str) -> None:
    source = f'Процедура П()\nА = {name}("а", "б");\nКонецПроцедуры'
    assert problems(source, "8.2") == [(2, f"Процедура или функция с указанным именем не определена ({name})")]
    assert problems(source) == []


def test_8_2_has_no_regions() -> None:
    assert problems("#Область Х\nПроцедура П()\nКонецПроцедуры\n#КонецОбласти", "8.2")
