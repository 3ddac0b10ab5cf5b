"""Catalogs and documents of a УТ over the sandbox's file, by small programs of BSL."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import BslError
from tests.bsl.platform.dump import Subscription
from tests.bsl.platform.events import Subscribers
from tests.bsl.platform.infobase import Infobase

from posrednik_sandbox.onec import books, opening, seed
from posrednik_sandbox.onec.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LISTENER = """
Процедура Услышать(Источник, Отказ) Экспорт
	Запись = РегистрыСведений.кд_Изменения.СоздатьМенеджерЗаписи();
	Запись.ИмяОбъекта = Источник.Метаданные().ПолноеИмя();
	Запись.Идентификатор = Строка(Источник.Ссылка.УникальныйИдентификатор());
	Запись.Метка = НРег(Строка(Новый УникальныйИдентификатор));
	Запись.Записать();
КонецПроцедуры
Процедура ПриЗаписиСправочника(Источник, Отказ) Экспорт
	Услышать(Источник, Отказ);
КонецПроцедуры
Процедура ПриЗаписиДокумента(Источник, Отказ) Экспорт
	Если Источник.Комментарий = "нельзя" Тогда
		ВызватьИсключение "обработчик против";
	КонецЕсли;
	Услышать(Источник, Отказ);
КонецПроцедуры
Процедура ПриЗаписиНабораСведений(Источник, Отказ, Замещение) Экспорт
	Если Источник.Метаданные().Имя = "ЦеныНоменклатуры" Тогда
		Для Каждого Строка Из Источник Цикл
			ЗаписьЖурналаРегистрации("Цена", , , , "" + Строка.ВидЦены + "=" + XMLСтрока(Строка.Цена));
		КонецЦикла;
	КонецЕсли;
КонецПроцедуры
Процедура ПриЗаписиНабораНакопления(Источник, Отказ, Замещение) Экспорт
	Для Каждого Строка Из Источник Цикл
		ЗаписьЖурналаРегистрации("Остаток", , , , "" + Строка.Склад);
	КонецЦикла;
КонецПроцедуры
Процедура ПередУдалениемСправочника(Источник, Отказ) Экспорт
	ЗаписьЖурналаРегистрации("Удаление", , , , Источник.Метаданные().Имя);
КонецПроцедуры
Процедура ПередУдалениемДокумента(Источник, Отказ) Экспорт
	ЗаписьЖурналаРегистрации("Удаление", , , , Источник.Метаданные().Имя);
КонецПроцедуры
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A small base with goods, prices, balances and one order."""
    made = Store(tmp_path / "base.db")
    with made.tx():
        seed.fill(made, 7)
        opening.open_books(made, "7")
        known = seed.catalogs(made)
        ref, data = seed.order(random.Random(1), known, 101, datetime(2026, 3, 4, 10))
        made.put("order", ref, data)
    yield made
    made.close()


def base_of(store: Store, text: str = "", profile: str = "ut11", **options: Any) -> Infobase:
    modules = {"Проба": text, "кд_Регистрация": LISTENER}
    base = Infobase(store.path, profile, modules=modules, clock=lambda: NOW, wait_ms=300, **options)
    known = [one for one in base.dump.subscriptions if f"{one.handler.partition('.')[2]}(" in LISTENER]
    base.subscribers = Subscribers(known)
    return base


def call(store: Store, text: str, *args: Any, **options: Any) -> Any:
    return base_of(store, text, **options).session().call("Проба.В", *args)


def one(store: Store, kind: str) -> tuple[str, dict[str, Any]]:
    row = store.row("SELECT ref FROM object WHERE kind = ? ORDER BY ref LIMIT 1", kind)
    assert row is not None
    found = store.object(kind, row["ref"])
    assert found is not None
    return row["ref"], found["data"]


def test_attributes_are_read_through_the_dot_along_references(store: Store) -> None:
    ref, data = one(store, "order")
    counterparty = store.object("counterparty", data["counterparty"])
    assert counterparty is not None
    text = """
	Функция В(Идентификатор) Экспорт
		Заказ = Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
		Возврат Заказ.Контрагент.Наименование + "|" + Заказ.Номер + "|" + Заказ.Товары.Количество()
			+ "|" + Заказ.Товары[0].Номенклатура.ЕдиницаИзмерения + "|" + XMLСтрока(Заказ.ФормаОплаты)
			+ "|" + Заказ.Контрагент.Партнер + "|" + XMLСтрока(Заказ.Товары[0].Сумма);
	КонецФункции"""
    product = store.object("product", data["lines"][0]["product"])
    assert product is not None
    name, payment = counterparty["data"]["name"], {"cash": "Наличная", "card": "ПлатежнаяКарта"}
    said = call(store, text, ref).split("|")
    assert said[:4] == [name, data["number"], str(len(data["lines"])), product["data"]["unit"]]
    assert said[4] == payment.get(data["payment_method"], said[4])
    assert said[5] == name
    assert float(said[6]) == float(data["lines"][0]["sum"])


def test_a_query_walks_from_a_document_to_what_it_refers_to(store: Store) -> None:
    ref, data = one(store, "order")
    text = """
	Функция В(Идентификатор) Экспорт
		Запрос = Новый Запрос("ВЫБРАТЬ
		|	Т.Ссылка.Контрагент.Наименование КАК Кто, Т.Номенклатура КАК Товар, Т.Цена КАК Цена
		|ИЗ Документ.ЗаказКлиента.Товары КАК Т
		|ГДЕ Т.Ссылка = &Заказ И Т.Номенклатура.СтавкаНДС = ЗНАЧЕНИЕ(Перечисление.СтавкиНДС.НДС20)
		|УПОРЯДОЧИТЬ ПО Т.НомерСтроки");
		Ключ = Новый УникальныйИдентификатор(Идентификатор);
		Запрос.УстановитьПараметр("Заказ", Документы.ЗаказКлиента.ПолучитьСсылку(Ключ));
		Найдено = Новый Массив;
		Выборка = Запрос.Выполнить().Выбрать();
		Пока Выборка.Следующий() Цикл
			Найдено.Добавить(XMLСтрока(Выборка.Товар) + "=" + XMLСтрока(Выборка.Цена));
		КонецЦикла;
		Возврат СтрСоединить(Найдено, ";");
	КонецФункции"""
    found = [pair.split("=") for pair in call(store, text, ref).split(";")]
    assert [(key, float(price)) for key, price in found] == [
        (line["product"], float(line["price"])) for line in data["lines"]
    ]


def test_a_query_orders_by_what_a_reference_leads_to(store: Store) -> None:
    text = """
	Функция В() Экспорт
		Запрос = Новый Запрос("ВЫБРАТЬ ПЕРВЫЕ 3 Т.Ссылка КАК Склад ИЗ Справочник.Склады КАК Т
		|УПОРЯДОЧИТЬ ПО Т.Подразделение.Наименование УБЫВ, Т.Наименование");
		Возврат СтрСоединить(Запрос.Выполнить().Выгрузить().ВыгрузитьКолонку("Склад"), ";");
	КонецФункции"""
    found = call(store, text).split(";")
    known = list(store.names("warehouse").values())
    names = {ref: data["name"] for ref, data in store.names("division").items()}
    known.sort(key=lambda data: data["name"])
    known.sort(key=lambda data: names[data["division"]], reverse=True)
    assert found == [data["name"] for data in known[:3]]


def test_prices_and_balances_are_asked_of_their_registers(store: Store) -> None:
    product, data = one(store, "product")
    text = """
	Функция В(Идентификатор) Экспорт
		Товар = Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
		Запрос = Новый Запрос("ВЫБРАТЬ Ц.Цена КАК Цена, Ц.ВидЦены КАК Вид
		|ИЗ РегистрСведений.ЦеныНоменклатуры.СрезПоследних(
		|	, Номенклатура = &Товар И ВидЦены.Наименование = ""Розничная"") КАК Ц;
		|ВЫБРАТЬ СУММА(О.ВНаличииОстаток) КАК Остаток
		|ИЗ РегистрНакопления.ТоварыНаСкладах.Остатки(, Номенклатура = &Товар) КАК О");
		Запрос.УстановитьПараметр("Товар", Товар);
		Пакет = Запрос.ВыполнитьПакет();
		Цена = Пакет[0].Выгрузить()[0];
		Возврат XMLСтрока(Цена.Цена) + "|" + Цена.Вид + "|" + XMLСтрока(Пакет[1].Выгрузить()[0].Остаток);
	КонецФункции"""
    price, kind, left = call(store, text, product).split("|")
    assert (float(price), kind) == (float(data["base_price"]), "Розничная")
    sql = "SELECT sum(milli) FROM goods_move WHERE product = ?"
    assert round(float(left) * 1000) == store.value(sql, product)


def test_what_the_configuration_has_not_is_an_error(store: Store) -> None:
    for expression in ("Справочники.Нету", "Документы.ЗаказКлиента.ПустаяСсылка().Нету", "Перечисления.СтавкиНДС.НДС99",
                       "Метаданные.Документы.Нету", "Тип(\"ДокументСсылка.Нету\")"):  # fmt: skip
        with pytest.raises(BslError, match=r"не обнаружено|не определен"):
            call(store, f"Функция В() Экспорт\nВозврат {expression};\nКонецФункции")


def test_metadata_answer_what_they_consist_of(store: Store) -> None:
    text = """
	Функция В() Экспорт
		Документ = Метаданные.НайтиПоПолномуИмени("Документ.ЗаказКлиента");
		Найдено = "" + (Документ.Реквизиты.Найти("Курьер") <> Неопределено)
			+ (Документ.Реквизиты.Найти("Нету") = Неопределено)
			+ (Документ.ТабличныеЧасти.Товары.Реквизиты.Найти("Цена") <> Неопределено);
		Тип = Документ.Реквизиты.Контрагент.Тип.Типы()[0];
		Возврат Найдено + Тип + (Метаданные.НайтиПоТипу(Тип).Имя)
			+ Документы.ТипВсеСсылки().СодержитТип(ТипЗнч(Документы.ЗаказКлиента.ПустаяСсылка()));
	КонецФункции"""
    assert call(store, text) == "ДаДаДаСправочникСсылка.КонтрагентыКонтрагентыДа"


WRITE = """
Функция В(Склад, Товар, Количество, Комментарий = "") Экспорт
	Ссылка = Документы.РеализацияТоваровУслуг.ПолучитьСсылку(Новый УникальныйИдентификатор);
	Документ = Документы.РеализацияТоваровУслуг.СоздатьДокумент();
	Документ.УстановитьСсылкуНового(Ссылка);
	Документ.Дата = ТекущаяДатаСеанса();
	Документ.Склад = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор(Склад));
	Документ.Комментарий = Комментарий;
	Строка = Документ.Товары.Добавить();
	Строка.Номенклатура = Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор(Товар));
	Строка.Количество = Количество;
	Строка.Цена = 100;
	Строка.Сумма = 100 * Количество;
	Документ.СуммаДокумента = Строка.Сумма;
	Документ.Записать(РежимЗаписиДокумента.Проведение);
	Возврат Документ.Номер + "|" + XMLСтрока(Документ.Ссылка) + "|" + Документ.Проведен;
КонецФункции
Процедура Отменить(Идентификатор) Экспорт
	Ссылка = Документы.РеализацияТоваровУслуг.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
	Документ = Ссылка.ПолучитьОбъект();
	Документ.УстановитьПометкуУдаления(Истина);
КонецПроцедуры
Процедура Заблокировать(Идентификатор) Экспорт
	Ссылка = Документы.РеализацияТоваровУслуг.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
	Ссылка.ПолучитьОбъект().Заблокировать();
КонецПроцедуры
Процедура Поспорить(Идентификатор) Экспорт
	Ссылка = Документы.РеализацияТоваровУслуг.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
	Первый = Ссылка.ПолучитьОбъект();
	Второй = Ссылка.ПолучитьОбъект();
	Первый.Комментарий = "первый";
	Первый.Записать();
	Второй.Записать();
КонецПроцедуры
"""


def stocked(store: Store) -> tuple[str, str, int]:
    row = store.row("SELECT warehouse, product, milli FROM goods_move ORDER BY milli DESC LIMIT 1")
    assert row is not None
    return row["warehouse"], row["product"], row["milli"]


def test_a_posted_document_moves_goods_and_an_undone_one_gives_them_back(store: Store) -> None:
    warehouse, product, milli = stocked(store)
    base = base_of(store, WRITE)
    number, ref, posted = base.session().call("Проба.В", warehouse, product, 2).split("|")
    assert (number, posted) == ("РТ00-000001", "Да")
    assert books.balance(store, warehouse, product) == milli - 2000
    paper = store.row("SELECT * FROM document WHERE ref = ?", ref)
    assert paper is not None
    assert (paper["kind"], paper["sum"], paper["posted"]) == ("shipment", "200.00", 1)
    marks = [(row["ИмяОбъекта"], row["Идентификатор"]) for row in base.rows("кд_Изменения")]
    assert ("Документ.РеализацияТоваровУслуг", ref) in marks
    base.session().call("Проба.Отменить", ref)
    assert books.balance(store, warehouse, product) == milli
    kept = store.object("shipment", ref)
    assert kept is not None
    assert (kept["deleted"], kept["posted"]) == (1, 0)


def test_a_handler_that_fails_takes_the_document_back(store: Store) -> None:
    warehouse, product, milli = stocked(store)
    with pytest.raises(BslError, match="обработчик против"):
        call(store, WRITE, warehouse, product, 2, "нельзя")
    assert books.balance(store, warehouse, product) == milli
    assert store.value("SELECT count(*) FROM document") == 0


def test_stock_is_controlled_where_the_base_wants_it(store: Store) -> None:
    warehouse, product, _ = stocked(store)
    base = base_of(store, WRITE)
    base.control_stock = True
    with pytest.raises(BslError, match="Не хватает остатка"):
        base.session().call("Проба.В", warehouse, product, 10**6)


def test_two_writers_of_one_object_do_not_overwrite_each_other(store: Store) -> None:
    warehouse, product, _ = stocked(store)
    base = base_of(store, WRITE)
    ref = base.session().call("Проба.В", warehouse, product, 1).split("|")[1]
    with pytest.raises(BslError, match="изменены или удалены"):
        base.session().call("Проба.Поспорить", ref)


def test_an_open_form_keeps_nobody_from_writing_only_from_locking(store: Store) -> None:
    warehouse, product, _ = stocked(store)
    base = base_of(store, WRITE)
    ref = base.session().call("Проба.В", warehouse, product, 1).split("|")[1]
    base.lock("Документ.РеализацияТоваровУслуг", ref)
    with pytest.raises(BslError, match="блокировки"):
        base.session().call("Проба.Заблокировать", ref)
    base.session().call("Проба.Отменить", ref)


def test_a_catalog_item_is_made_found_and_deleted(store: Store) -> None:
    text = """
	Функция В() Экспорт
		Элемент = Справочники.Склады.СоздатьЭлемент();
		Элемент.Наименование = "Новый склад";
		Элемент.Записать();
		Найден = Справочники.Склады.НайтиПоНаименованию("Новый склад", Истина);
		Одинаковы = Найден = Элемент.Ссылка;
		Найден.ПолучитьОбъект().Удалить();
		Возврат "" + Одинаковы + (Найден.ПолучитьОбъект() = Неопределено);
	КонецФункции"""
    base = base_of(store, text)
    assert base.session().call("Проба.В") == "ДаДа"
    assert [entry["text"] for entry in base.log] == ["Склады"]


def told_and_failed(base: Infobase, store: Store, ref: str, data: dict[str, Any]) -> float:
    store.put("order", ref, data)
    base.fire("order", ref, store)
    return 1 / 0


def test_the_sandboxs_own_writes_are_told_in_their_transaction(store: Store) -> None:
    base = base_of(store)
    ref, data = one(store, "order")
    price, _ = one(store, "price")
    stock, _ = one(store, "stock")
    with pytest.raises(ZeroDivisionError), store.tx():
        told_and_failed(base, store, ref, data)
    assert base.rows("кд_Изменения") == []
    with store.tx():
        store.put("order", ref, data)
        base.fire("order", ref, store)
        base.fire("price", price, store)
        base.fire("stock", stock, store)
    assert [row["Идентификатор"] for row in base.rows("кд_Изменения")] == [ref]
    assert [entry["event"] for entry in base.log] == ["Цена", "Остаток"]


def test_an_old_configuration_has_its_own_names(store: Store) -> None:
    ref, data = one(store, "order")
    text = """
	Функция В(Идентификатор) Экспорт
		Заказ = Документы.ЗаказПокупателя.ПолучитьСсылку(Новый УникальныйИдентификатор(Идентификатор));
		Возврат Заказ.Номер + "|" + Заказ.СкладГруппа + "|" + XMLСтрока(Заказ.Товары[0].Количество);
	КонецФункции"""
    number, warehouse, quantity = call(store, text, ref, profile="ut103", features="8.2").split("|")
    assert (number, float(quantity)) == (data["number"], float(data["lines"][0]["quantity"]))
    assert warehouse.startswith("Склад")


def test_an_error_that_bsl_swallows_inside_anothers_transaction_is_seen(store: Store) -> None:
    text = """
	Процедура В() Экспорт
		Попытка
			НачатьТранзакцию();
			ОтменитьТранзакцию();
		Исключение
			Возврат;
		КонецПопытки;
	КонецПроцедуры"""
    base = base_of(store, text + WRITE.replace("Функция В(", "Функция Продать("))
    with pytest.raises(BslError, match="уже происходили ошибки"), store.tx():
        base.inside(store).call("Проба.В")
    warehouse, product, milli = stocked(store)
    for _ in range(2):
        with pytest.raises(BslError, match="обработчик против"), store.tx():
            base.inside(store).call("Проба.Продать", warehouse, product, 1, "нельзя")
    with store.tx():
        base.inside(store).call("Проба.Продать", warehouse, product, 1)
    assert books.balance(store, warehouse, product) == milli - 1000


BEFORE = (
    LISTENER
    + """
Процедура ПередНабором(Источник, Отказ, Замещение) Экспорт
	Прежний = РегистрыНакопления.ТоварыНаСкладах.СоздатьНаборЗаписей();
	Для Каждого Элемент Из Источник.Отбор Цикл
		Прежний.Отбор[Элемент.Имя].Установить(Элемент.Значение);
	КонецЦикла;
	Прежний.Прочитать();
	ЗаписьЖурналаРегистрации("Было", , , , "" + Прежний.Количество() + " станет " + Источник.Количество());
КонецПроцедуры
"""
)


def test_the_movements_that_a_document_had_can_be_read_before_they_are_replaced(store: Store) -> None:
    warehouse, product, _ = stocked(store)
    base = Infobase(store.path, modules={"Проба": WRITE, "кд_Регистрация": BEFORE}, clock=lambda: NOW)
    before = Subscription("П", ("AccumulationRegisterRecordSet",), "BeforeWrite", "кд_Регистрация.ПередНабором")
    base.subscribers = Subscribers([before])
    ref = base.session().call("Проба.В", warehouse, product, 2).split("|")[1]
    base.session().call("Проба.Отменить", ref)
    assert [entry["text"] for entry in base.log] == ["0 станет 1", "1 станет 0"]
