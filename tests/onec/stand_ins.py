"""What the objects of a base say in tests of the protocol: the modules that know УТ, told by Python instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.bsl.native import BslError, Value, global_function
from tests.bsl.values import to_bsl, to_python

Json = dict[str, Any]

EXPORT = """
Функция Описание(ИмяОбъекта, Идентификатор, Удален) Экспорт
	Возврат ТестОписание(ИмяОбъекта, Идентификатор, Удален);
КонецФункции
Функция Выборка(Вид, Ссылка) Экспорт
	Возврат ТестВыборка(Вид, Ссылка);
КонецФункции
Функция ВсеИдентификаторы(ИмяОбъекта, Срез = "") Экспорт
	Возврат ТестВсеИдентификаторы(ИмяОбъекта, Срез);
КонецФункции
Функция Версии(Вид, Срез) Экспорт
	Результат = Новый Массив;
	Для Каждого Версия Из ТестВерсии(Вид, Срез) Цикл
		Результат.Добавить(Новый Структура("ref, version", Версия.Получить("ref"), Версия.Получить("version")));
	КонецЦикла;
	Возврат Результат;
КонецФункции
Функция Срезы() Экспорт
	Результат = Новый Массив;
	Для Каждого Срез Из ТестСрезы() Цикл
		Результат.Добавить(Новый Структура("Вид, Срез", Срез[0], Срез[1]));
	КонецЦикла;
	Возврат Результат;
КонецФункции
Функция ИмяПоВиду(Вид) Экспорт
	Возврат ТестИмяПоВиду(Вид);
КонецФункции
Функция ИдентификаторыПоСсылкам(Вид, Ссылки) Экспорт
	Возврат ТестИдентификаторыПоСсылкам(Вид, Ссылки);
КонецФункции
Функция КлючиНабора(ИмяОбъекта, НаборЗаписей) Экспорт
	Ключи = Новый Массив;
	Для Каждого Запись Из НаборЗаписей Цикл
		Ключи.Добавить(Запись.Вид + "|" + Запись.Поле + ?(Запись.Реквизит = "", "", "=" + Запись.Реквизит));
	КонецЦикла;
	Возврат Ключи;
КонецФункции
"""
LOAD = """
Функция ПовторитьБезПроведения(ТекстОшибки) Экспорт
	Возврат Ложь;
КонецФункции
Процедура Применить(Событие, БезПроведения = Ложь) Экспорт
	Текст = ТестПрименить(Событие);
	Запись = РегистрыСведений.кд_ДокументыСобытий.СоздатьМенеджерЗаписи();
	Запись.ИмяОбъекта = "Документ.Проба";
	Запись.Идентификатор = Событие.Получить("id");
	Запись.Событие = Событие.Получить("id");
	Запись.Записать(Истина);
	Если Текст <> "" Тогда
		ВызватьИсключение Текст;
	КонецЕсли;
	ТестоваяТочка("applied");
КонецПроцедуры
"""
KINDS = {
    "Справочник.Номенклатура": ("product", 1),
    "РегистрСведений.ЦеныНоменклатуры": ("price", 3),
    "Документ.ЗаказКлиента": ("order", 5),
    "Документ.ПеремещениеТоваров": ("transfer", 6),
}


@dataclass
class Objects:
    """What a base has: (name, identifier) → description, an error text to raise, or None. `refusals`: by event type."""

    known: dict[tuple[str, str], Json | str | None] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    applied: list[Json] = field(default_factory=list)
    when_described: list[Any] = field(default_factory=list)

    def put(self, kind: str, ref: str, **data: Any) -> tuple[str, str]:
        name = name_of(kind)
        self.known[name, ref] = {"kind": kind, "ref": ref, "version": f"{ref}-1", "deleted": False,
                                 "posted": True, "data": data}  # fmt: skip
        return name, ref

    def of_kind(self, kind: str) -> list[Json]:
        return [one for one in self.known.values() if isinstance(one, dict) and one["kind"] == kind]


def name_of(kind: str) -> str:
    return next((name for name, (one, _) in KINDS.items() if one == kind), "")


def _objects(session: Any) -> Objects:
    return session.base.objects  # type: ignore[no-any-return]


@global_function("ТестОписание")
def describe(session: Any, name: Value, ref: Value, deleted: Value) -> Value:
    objects = _objects(session)
    for said in objects.when_described:
        said(name, ref)
    found = objects.known.get((name, ref))
    if isinstance(found, str):
        raise BslError(found)
    if found is None and deleted:
        found = {"kind": KINDS[name][0], "ref": ref, "version": "", "deleted": True, "posted": False, "data": {}}
    return to_bsl(found)


@global_function("ТестВыборка")
def sample(session: Any, kind: Value, ref: Value) -> Value:
    found = _objects(session).known.get((name_of(kind), ref))
    if isinstance(found, str):
        raise BslError(found)
    return to_bsl({"kind": kind, "ref": ref, "found": False} if found is None else {**found, "found": True})


@global_function("ТестВсеИдентификаторы")
def all_of(session: Any, name: Value, part: Value) -> Value:
    known = _objects(session).known
    return to_bsl([ref for (one, ref), said in known.items() if one == name and _in_slice(said, part)])


@global_function("ТестВерсии")
def versions(session: Any, kind: Value, part: Value) -> Value:
    found = [one for one in _objects(session).of_kind(kind) if not one["deleted"] and _in_slice(one, part)]
    return to_bsl([{"ref": one["ref"], "version": one["version"]} for one in found])


@global_function("ТестСрезы")
def slices(session: Any) -> Value:
    known = [one for one in _objects(session).known.values() if isinstance(one, dict)]
    return to_bsl(sorted({(one["kind"], one["data"].get("month", "")) for one in known}))


@global_function("ТестИмяПоВиду")
def name_by_kind(session: Any, kind: Value) -> Value:
    return name_of(kind)


@global_function("ТестИдентификаторыПоСсылкам")
def by_refs(session: Any, kind: Value, refs: Value) -> Value:
    known = _objects(session).known
    return to_bsl({ref: ref for ref in to_python(refs) if (name_of(kind), ref) in known})


@global_function("ТестПрименить")
def apply(session: Any, event: Value) -> str:
    objects, told = _objects(session), to_python(event)
    objects.applied.append(told)
    return objects.refusals.get(told["type"], "")


def _in_slice(said: Any, part: str) -> bool:
    return not part or (isinstance(said, dict) and said["data"].get("month", "") == part)
