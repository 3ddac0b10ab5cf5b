"""БСП's additional attributes: a part of an object with values of any of the chart's types."""

from collections.abc import Callable

import pytest
from tests.bsl.native import BslError
from tests.bsl.platform import additional
from tests.bsl.platform.infobase import Infobase
from tests.onec.ut import Courier

PROPERTY = """
    Свойство = ПланыВидовХарактеристик.ДополнительныеРеквизитыИСведения.СоздатьЭлемент();
    Свойство.Имя = "Этаж"; Свойство.Заголовок = "Этаж дома"; Свойство.Наименование = "Этаж дома (Заказ)";
    Свойство.Записать();
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Courier:
    return Courier(tmp_path_factory.mktemp("ut"))


@pytest.fixture
def run(base: Courier) -> Callable[[str], list[str]]:
    """Runs BSL and gives what it has told."""

    def run(code: str) -> list[str]:
        base.session.platform.messages.clear()
        base.session.execute(code)
        return base.session.platform.messages

    return run


def with_row(base: Courier, value: str) -> str:
    uuid = f'Новый УникальныйИдентификатор("{base.order}")'
    return f"""{PROPERTY}
    Ссылка = Документы.ЗаказКлиента.ПолучитьСсылку({uuid});
    Объект = Ссылка.ПолучитьОбъект();
    Объект.ДополнительныеРеквизиты.Очистить();
    Строка = Объект.ДополнительныеРеквизиты.Добавить();
    Строка.Свойство = Свойство.Ссылка;
    Строка.Значение = {value};
    Объект.Записать();
"""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"пятый"', "Строка пятый"), ("5.25", "Число 5,25"), ("Истина", "Булево Да"),
        ("'20261120'", "Дата 20.11.2026 0:00:00"), ("Неопределено", "Неопределено "),
        ("Справочники.Склады.НайтиПоНаименованию(\"Склад «Центр»\")", "СправочникСсылка.Склады Склад «Центр»"),
    ],
)  # fmt: skip
def test_a_value_keeps_its_type(base: Courier, run: Callable[[str], list[str]], value: str, shown: str) -> None:
    kind, _, text = shown.partition(" ")
    (told,) = run(with_row(base, value) + 'Сообщить("" + ТипЗнч(Ссылка.ДополнительныеРеквизиты[0].Значение) + " " +'
                  " Ссылка.ДополнительныеРеквизиты[0].Значение);")  # fmt: skip
    assert told.endswith(text)
    assert told.startswith(kind)


def test_a_value_of_another_type_is_refused(base: Courier, run: Callable[[str], list[str]]) -> None:
    for value in ("Документы.ЗаказКлиента.ПустаяСсылка()", "Новый Массив", "Перечисления.ФормыОплаты.Наличная"):
        with pytest.raises(BslError, match="Недопустимый тип значения поля «Значение»"):
            run(with_row(base, value))


def test_a_property_is_a_reference_of_a_chart_and_of_nothing_else(
    base: Courier, run: Callable[[str], list[str]]
) -> None:
    (told,) = run(PROPERTY + """
        Тип = ТипЗнч(Свойство.Ссылка);
        Сообщить("" + Справочники.ТипВсеСсылки().СодержитТип(Тип) + Документы.ТипВсеСсылки().СодержитТип(Тип)
            + ПланыВидовХарактеристик.ТипВсеСсылки().СодержитТип(Тип) + " " + Свойство.Ссылка.Имя + " "
            + Свойство.Метаданные().ПолноеИмя());""")  # fmt: skip
    assert told == "НетНетДа Этаж ПланВидовХарактеристик.ДополнительныеРеквизитыИСведения"
    with pytest.raises(BslError):
        run(with_row(base, "1").replace("Строка.Свойство = Свойство.Ссылка", "Строка.Свойство = Ссылка"))


def test_a_query_reads_the_part_but_compares_no_value_of_many_types(
    base: Courier, run: Callable[[str], list[str]]
) -> None:
    query = """
        Запрос = Новый Запрос("ВЫБРАТЬ Т.Ссылка КАК Ссылка, Т.Свойство.Имя КАК Имя, Т.Значение КАК Значение
            |ИЗ Документ.ЗаказКлиента.ДополнительныеРеквизиты КАК Т");
        Выборка = Запрос.Выполнить().Выбрать();
        Выборка.Следующий();
        Сообщить(Выборка.Имя + " " + Выборка.Значение + " " + (Выборка.Ссылка = Ссылка));"""
    assert run(with_row(base, "7") + query) == ["Этаж 7 Да"]
    with pytest.raises(BslError):
        run(with_row(base, "7") + query.replace(" КАК Т", " КАК Т ГДЕ Т.Значение = 7"))


def test_a_base_without_the_library_has_no_additional_attributes(base: Courier) -> None:
    plain = Infobase(base.store.path, bsp=False).configuration
    assert plain.find(additional.CHART) is None
    assert "дополнительныереквизиты" not in plain.things["документ.заказклиента"].parts
