"""What the extension notices of the base's writes, and how it knows itself from a copy."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.onec.extension import Base, Clock

Json = dict[str, Any]


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path, None, Clock())


def packed(base: Base) -> Json:
    found = base.pack()
    assert found is not None
    return found


# -- registering


def test_ten_writes_of_an_object_are_one_row_with_a_new_mark_each_time(base: Base) -> None:
    marks = set()
    for _ in range(10):
        base.touch("product", "p1")
        marks.add(base.rows("кд_Изменения")[0]["Метка"])
    assert len(base.rows("кд_Изменения")) == 1
    assert len(marks) == 10


def test_what_is_not_exchanged_is_not_registered(base: Base) -> None:
    base.call("кд_Регистрация.ОтметитьИзменение", "Справочник.Прочее", "x")
    assert base.dirty() == []


def test_everything_is_registered_in_portions_and_compared_afterwards(base: Base) -> None:
    for number in range(620):
        base.objects.put("product", f"p{number}")
    base.objects.put("order", "o1")
    assert base.call("кд_Регистрация.ЗарегистрироватьВсе") == 621
    assert len(base.dirty()) == 621
    assert base.setting("СверитьПослеЗагрузки") == "Да"


def test_a_slice_is_registered_by_its_month(base: Base) -> None:
    base.objects.put("order", "o1", month="2026-10")
    base.objects.put("order", "o2", month="2026-11")
    base.objects.put("transfer", "t1", month="2026-11")
    assert base.call("кд_Регистрация.ЗарегистрироватьСрез", "order", "2026-11") == 1
    assert base.dirty() == ["o2"]


# -- a base and its copy


def test_a_first_start_makes_epoch_and_instance_once(tmp_path: Path) -> None:
    base = Base(tmp_path, None, Clock(), known=False)
    assert base.setting("Эпоха") == ""
    assert base.call("кд_Настройки.ПроверитьКопию") is True
    made = base.setting("Эпоха"), base.setting("ЭкземплярБазы")
    assert base.call("кд_Настройки.ПроверитьКопию") is True
    assert (base.setting("Эпоха"), base.setting("ЭкземплярБазы")) == made
    assert all(made)


def test_a_copied_base_stops_before_its_first_request(base: Base) -> None:
    base.base.connection = 'File="C:\\Bases\\Copy";'
    assert base.call("кд_Настройки.ПроверитьКопию") is False
    assert "копия" in base.setting("Остановлен").lower()
    assert base.setting("КодОстановки") == "copied_base"


def test_the_same_base_written_otherwise_is_no_copy(base: Base) -> None:
    base.base.connection = 'file="c:\\bases\\trade";'
    assert base.call("кд_Настройки.ПроверитьКопию") is True


def test_without_bsp_the_token_is_in_a_register_of_its_own(tmp_path: Path) -> None:
    base = Base(tmp_path, None, Clock(), bsp=False)
    assert base.call("кд_Настройки.Токен") == "token-of-the-base"
    assert [row["Имя"] for row in base.rows("кд_Секреты")] == ["Токен"]


def test_with_bsp_the_token_is_nowhere_in_our_registers(base: Base) -> None:
    assert base.call("кд_Настройки.Токен") == "token-of-the-base"
    assert base.rows("кд_Секреты") == []


# -- subscriptions, by registers of our own that stand for prices


def test_a_record_set_marks_what_it_had_and_what_it_has(base: Base) -> None:
    base.exchange("РегистрСведений.кд_СоответствиеРеквизитов", "price", 3)

    def write(*fields: str) -> list[str]:
        for row in base.rows("кд_Изменения"):
            base.forget(row["ИмяОбъекта"], row["Идентификатор"])
        base.set_of("кд_СоответствиеРеквизитов", "Вид", "order", "Поле", fields)
        return sorted(base.dirty())

    assert write("recipient.phone") == ["order|recipient.phone"]
    assert write("comment", "number") == ["order|comment", "order|number", "order|recipient.phone"]
    # Undoing a posting writes an empty set: what it held has changed all the same.
    assert write() == ["order|comment", "order|number"]
    assert write() == []


@pytest.mark.parametrize(
    ("mode", "left"), [("Замещение", ["новый"]), ("Слияние", ["новый"]), ("Удаление", [])], ids=str
)
def test_a_newer_platforms_way_of_replacing_marks_what_was_there(base: Base, mode: str, left: list[str]) -> None:
    """From 8.3.25 on Замещение may be no Булево: a condition on it would undo the write of somebody else."""
    name = "кд_СоответствиеРеквизитов"
    base.exchange(f"РегистрСведений.{name}", "price", 3)

    def write(value: str, mode: str, filtered: bool) -> None:
        base.session.execute(
            f"""
            Набор = РегистрыСведений.{name}.СоздатьНаборЗаписей();
            {'Набор.Отбор.Вид.Установить("order");' if filtered else ""}
            Запись = Набор.Добавить();
            Запись.Вид = "order";
            Запись.Поле = "number";
            Запись.Реквизит = "{value}";
            Набор.Записать({mode});"""
        )

    write("прежний", "Ложь", filtered=False)
    base.forget(f"РегистрСведений.{name}", "order|number=прежний")
    assert base.dirty() == []
    write("новый", f"РежимЗамещения.{mode}", filtered=mode == "Замещение")
    assert [row["Реквизит"] for row in base.rows(name)] == left
    assert sorted(base.dirty()) == ["order|number=новый", "order|number=прежний"]


def test_a_write_that_is_rolled_back_leaves_no_mark(base: Base) -> None:
    base.exchange("РегистрСведений.кд_СоответствиеРеквизитов", "price", 3)
    base.session.execute("НачатьТранзакцию();")
    base.set_of("кд_СоответствиеРеквизитов", "Вид", "order", "Поле", ["number"])
    base.session.execute("ОтменитьТранзакцию();")
    assert base.dirty() == []


# -- subscriptions, by objects of the УТ


def test_every_writer_is_heard_also_one_that_loads(base: Base) -> None:
    base.session.execute(
        """
        Товар = Справочники.Номенклатура.СоздатьЭлемент();
        Товар.Наименование = "Термос";
        Товар.ОбменДанными.Загрузка = Истина;
        Товар.Записать();"""
    )
    (row,) = base.rows("кд_Изменения")
    assert (row["ИмяОбъекта"], row["Порядок"], row["Удален"]) == ("Справочник.Номенклатура", 1, 0)
    assert row["Момент"] == pytest.approx(base.clock.ms, abs=100)
    assert uuid.UUID(row["Идентификатор"])


def test_a_manager_without_rights_on_our_registers_is_heard_too(base: Base) -> None:
    base.base.rights["Кладовщик"] = {
        ("Изменение", "Справочник.Номенклатура"),
        ("Добавление", "Справочник.Номенклатура"),
    }
    keeper = base.base.session("Кладовщик", roles=["Кладовщик"])
    keeper.execute(
        """
        Товар = Справочники.Номенклатура.СоздатьЭлемент();
        Товар.Наименование = "Термос";
        Товар.Записать();"""
    )
    assert len(base.dirty()) == 1


def test_a_physical_deletion_leaves_a_mark_that_says_so(base: Base) -> None:
    base.session.execute(
        """
        Товар = Справочники.Номенклатура.СоздатьЭлемент();
        Товар.Наименование = "Термос";
        Товар.Записать();
        Товар.Удалить();"""
    )
    (row,) = base.rows("кд_Изменения")
    assert row["Удален"] == 1
    (told,) = base.packed()["objects"]
    assert (told["ref"], told["deleted"]) == (row["Идентификатор"], True)


def test_documents_before_the_first_day_of_the_exchange_are_left_out(base: Base) -> None:
    base.session.execute(
        """
        Запись = РегистрыСведений.кд_СоставОбмена.СоздатьМенеджерЗаписи();
        Запись.ИмяОбъекта = "Документ.ЗаказКлиента";
        Запись.Прочитать();
        Запись.ДатаНачала = '20261101';
        Запись.Записать();"""
    )
    base.base.refresh_reused()
    base.session.execute(
        """
        Для Каждого ДатаЗаказа Из СтрРазделить("20261031235959,20261101000000", ",") Цикл
            Заказ = Документы.ЗаказКлиента.СоздатьДокумент();
            Заказ.Дата = Дата(ДатаЗаказа);
            Заказ.Записать(РежимЗаписиДокумента.Запись);
        КонецЦикла;"""
    )
    assert len(base.dirty()) == 1


def test_a_thousand_old_rows_are_cleaned_at_a_time_and_the_next_job_goes_on(base: Base) -> None:
    base.session.execute(
        """
        НачатьТранзакцию();
        Для Номер = 1 По 1001 Цикл
            Запись = РегистрыСведений.кд_Команды.СоздатьМенеджерЗаписи();
            Запись.Идентификатор = "к" + Номер;
            Запись.Состояние = "done";
            Запись.МоментОтвета = 1;
            Запись.Записать();
        КонецЦикла;
        ЗафиксироватьТранзакцию();"""
    )
    assert base.call("кд_Очередь.ОчиститьСтарое") is False
    assert len(base.rows("кд_Команды")) == 1
    assert base.call("кд_Очередь.ОчиститьСтарое") is True
    assert base.rows("кд_Команды") == []
