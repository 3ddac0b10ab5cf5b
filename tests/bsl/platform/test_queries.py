"""What holds for all rows: a query finds what Python finds; sessions in threads take turns."""

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bsl.native import BslError
from tests.bsl.platform.columns import Column, cut, fitted
from tests.bsl.platform.events import Subscribers
from tests.bsl.platform.infobase import Infobase
from tests.bsl.platform.query_text import parse
from tests.bsl.values import to_python

from posrednik_sandbox.onec.store import Store

ASK = """
Функция В(Порядки, Момент, Сколько) Экспорт
	Запрос = Новый Запрос(СтрЗаменить("ВЫБРАТЬ ПЕРВЫЕ СКОЛЬКО Т.Идентификатор КАК Ид
	|ИЗ РегистрСведений.кд_Изменения КАК Т
	|ГДЕ Т.Порядок В (&Порядки) И (Т.Момент < &Момент ИЛИ Т.Удален)
	|УПОРЯДОЧИТЬ ПО Т.Порядок УБЫВ, Т.Момент, Т.Идентификатор", "СКОЛЬКО", Формат(Сколько, "ЧГ=0")));
	Запрос.УстановитьПараметр("Порядки", Порядки);
	Запрос.УстановитьПараметр("Момент", Момент);
	Возврат Запрос.Выполнить().Выгрузить().ВыгрузитьКолонку("Ид");
КонецФункции
Функция Сводка() Экспорт
	Запрос = Новый Запрос("ВЫБРАТЬ Т.Порядок КАК Порядок, КОЛИЧЕСТВО(*) КАК Число, МАКСИМУМ(Т.Момент) КАК Момент
	|ИЗ РегистрСведений.кд_Изменения КАК Т СГРУППИРОВАТЬ ПО Т.Порядок УПОРЯДОЧИТЬ ПО Порядок");
	Возврат Запрос.Выполнить().Выгрузить();
КонецФункции
Процедура Прибавить() Экспорт
	НачатьТранзакцию();
	Попытка
		Запись = РегистрыСведений.кд_Настройки.СоздатьМенеджерЗаписи();
		Запись.Имя = "Счетчик";
		Запись.Прочитать();
		Было = ?(Запись.Выбран(), Число(Запись.Значение), 0);
		Запись.Имя = "Счетчик";
		Запись.Значение = Формат(Было + 1, "ЧГ=0");
		Запись.Записать();
		ЗафиксироватьТранзакцию();
	Исключение
		ОтменитьТранзакцию();
		ВызватьИсключение;
	КонецПопытки;
КонецПроцедуры
"""
ROWS = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 50), st.booleans()), max_size=30)


def base_of(folder: Path) -> Infobase:
    base = Infobase(folder / "base.db", modules={"Проба": ASK})
    base.subscribers = Subscribers([])
    return base


def fill(store: Store, rows: list[tuple[int, int, bool]]) -> None:
    sql = 'INSERT INTO "рс_кд_Изменения" ("Идентификатор", "Порядок", "Момент", "Удален") VALUES (?, ?, ?, ?)'
    with store.tx():
        store.db.execute('DELETE FROM "рс_кд_Изменения"')
        store.db.executemany(sql, [(f"{place:03d}", *row) for place, row in enumerate(rows)])


def test_a_query_finds_and_counts_what_python_does(tmp_path_factory: Any) -> None:
    base = base_of(tmp_path_factory.mktemp("base"))
    store, session = Store(base.path), base.session()

    @settings(max_examples=40, deadline=None)
    @given(ROWS, st.lists(st.integers(-1, 4), max_size=4), st.integers(0, 50), st.integers(1, 9))
    def check(rows: list[tuple[int, int, bool]], orders: list[int], moment: int, top: int) -> None:
        fill(store, rows)
        named = [(f"{place:03d}", *row) for place, row in enumerate(rows)]
        kept = [row for row in named if row[1] in orders and (row[2] < moment or row[3])]
        wanted = [row[0] for row in sorted(kept, key=lambda row: (-row[1], row[2], row[0]))][:top]
        assert to_python(session.call("Проба.В", orders, moment, top)) == wanted
        counted = {order: [row[1] for row in rows if row[0] == order] for order in sorted({row[0] for row in rows})}
        summed = [{"Порядок": order, "Число": len(all_), "Момент": max(all_)} for order, all_ in counted.items()]
        assert to_python(session.call("Проба.Сводка")) == summed

    check()
    store.close()


def test_sessions_in_threads_take_turns(tmp_path: Path) -> None:
    base = base_of(tmp_path)

    def work() -> None:
        session = base.session()
        for _ in range(8):
            session.call("Проба.Прибавить")
        session.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert base.rows("кд_Настройки")[0]["Значение"] == "24"


@given(st.text(max_size=20), st.integers(1, 10), st.decimals(-(10**9), 10**9, places=4), st.integers(0, 3))
def test_a_value_never_leaves_its_column(text: str, length: int, number: Any, scale: int) -> None:
    assert cut(Column("А", "string", length), text) == text[:length]
    column = Column("Б", "number", 6, scale)
    kept = fitted(column, number)
    assert abs(kept) < 10 ** (6 - scale)
    assert abs(number) >= 10 ** (6 - scale) or abs(kept - number) <= 10**-scale


def test_a_keyword_is_no_alias_unless_1c_takes_it_for_one() -> None:
    for word in ("Когда", "Тогда", "Все", "Первые", "Иерархия", "Null"):
        with pytest.raises(BslError, match="Синтаксическая ошибка"):
            parse(f"ВЫБРАТЬ Т.Момент КАК {word} ИЗ РегистрСведений.кд_Изменения КАК Т")
    for word in ("Изменения", "Ссылка", "Количество", "Сумма", "Значение", "Месяц", "Конец"):
        assert parse(f"ВЫБРАТЬ {word}.Момент КАК {word} ИЗ РегистрСведений.кд_Изменения КАК {word}")
