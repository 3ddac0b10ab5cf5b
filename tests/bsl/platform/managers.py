"""Справочники, Документы, ПланыВидовХарактеристик, Перечисления: the managers of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.bsl.descriptions import TypeDescription
from tests.bsl.native import SKIPPED, BslError, Native, Value, global_property, method
from tests.bsl.platform.columns import ZERO_GUID
from tests.bsl.platform.configuration import Thing
from tests.bsl.platform.objects import DataObject
from tests.bsl.platform.query import Selection
from tests.bsl.platform.refs import EnumReference, Reference
from tests.bsl.simple import TypeValue, Uuid
from tests.bsl.values import Array

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

READ_ONLY = "Объект {name} в этой базе только читается"


class Manager(Native):
    """СправочникМенеджер.X, ДокументМенеджер.X."""

    def __init__(self, platform: Platform, thing: Thing) -> None:
        self.platform, self.thing = platform, thing

    def bsl_type_name(self) -> str:
        return f"{self.thing.cls}Менеджер.{self.thing.name}"

    def _reference(self, guid: str) -> Reference:
        return Reference(self.platform, self.thing, guid)

    @method("ПолучитьСсылку", "GetRef")
    def get_reference(self, uuid: Any = None) -> Reference:
        if uuid in (None, SKIPPED):
            uuid = Uuid()
        if not isinstance(uuid, Uuid):
            raise BslError("Несоответствие типов (параметр номер '1')")
        return self._reference(uuid.value)

    @method("ПустаяСсылка", "EmptyRef")
    def empty(self) -> Reference:
        return self._reference(ZERO_GUID)

    @method("СоздатьДокумент", "CreateDocument")
    def create_document(self) -> DataObject:
        if not self.thing.is_document:
            raise BslError("Метод объекта не обнаружен (СоздатьДокумент)")
        return DataObject(self.platform, self.thing)

    @method("СоздатьЭлемент", "CreateItem")
    def create_item(self) -> DataObject:
        if self.thing.is_document:
            raise BslError("Метод объекта не обнаружен (СоздатьЭлемент)")
        if self.thing.word:
            raise BslError(READ_ONLY.format(name=self.thing.full))
        return DataObject(self.platform, self.thing)

    @method("НайтиПоКоду", "FindByCode")
    def find_by_code(self, code: Any, *more: Any) -> Reference:
        return self._found("Код", code)

    @method("НайтиПоНаименованию", "FindByDescription")
    def find_by_name(self, name: Any, whole: Any = False, *more: Any) -> Reference:
        """By the whole name, or by its beginning without Истина as the second argument."""
        found = self._found("Наименование", name)
        if whole is True or found.guid != ZERO_GUID:
            return found
        return self._first("t.\"Наименование\" LIKE ? || '%'", name)

    @method("НайтиПоНомеру", "FindByNumber")
    def find_by_number(self, number: Any, date: Any = None) -> Reference:
        """Of the year of the date, or of this year."""
        year = (date if date not in (None, SKIPPED) else self.platform.base.local_now).year
        return self._first('t."Номер" = ? AND substr(t."Дата", 1, 4) = ?', number, f"{year:04d}")

    @method("НайтиПоРеквизиту", "FindByAttribute")
    def find_by_attribute(self, name: Any, value: Any, *more: Any) -> Reference:
        return self._found(name, value)

    def _found(self, name: str, value: Value) -> Reference:
        attribute = self.thing.attributes.get(name.lower())
        if attribute is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self._first(f't."{attribute.name}" = ?', self.platform.encode(attribute.column, value))

    def _first(self, where: str, *values: Any) -> Reference:
        source = self.platform.base.tables.find((self.thing.full,))
        assert source is not None
        sql = f'SELECT t."Ссылка" AS ref FROM {source.sql} t WHERE {where} ORDER BY 1 LIMIT 1'
        row = self.platform.data.row(sql, values)
        return self._reference(ZERO_GUID if row is None else row["ref"])

    @method("Выбрать", "Select")
    def select(self, *args: Any) -> ObjectSelection:
        """All objects in the order of their names or dates; filters are what queries are for."""
        order = "Дата" if self.thing.is_document else "Наименование"
        source = self.platform.base.tables.find((self.thing.full,))
        assert source is not None
        columns = [one.column for one in self.thing.attributes.values()]
        rows = self.platform.data.rows(f'SELECT * FROM {source.sql} t ORDER BY t."{order}", t."Ссылка"')
        values = [[self.platform.decode(one, row[one.name]) for one in columns] for row in rows]
        return ObjectSelection(columns, values)


class ObjectSelection(Selection):
    """СправочникВыборка, ДокументВыборка."""

    bsl_type = "ВыборкаОбъектов"

    @method("ПолучитьОбъект", "GetObject")
    def get_object(self) -> Value:
        return self.bsl_get("Ссылка").get_object()


class Managers(Native):
    """Справочники, Документы."""

    bsl_type = "КоллекцияМенеджеров"

    def __init__(self, platform: Platform, cls: str) -> None:
        self.platform, self.cls = platform, cls

    def bsl_get(self, name: str) -> Value:
        found = self.platform.base.configuration.find(f"{self.cls}.{name}")
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return EnumManager(self.platform, found) if self.cls == "Перечисление" else Manager(self.platform, found)

    def bsl_iter(self) -> Iterator[Value]:
        for one in self.platform.base.configuration.of_class(self.cls):
            yield self.bsl_get(one.name)

    @method("ТипВсеСсылки", "AllRefsType")
    def all_references(self) -> TypeDescription:
        names = [f"{self.cls}Ссылка.{one.name}" for one in self.platform.base.configuration.of_class(self.cls)]
        return TypeDescription(Array.of(TypeValue(name) for name in names))


class EnumManager(Native):
    """ПеречислениеМенеджер.X."""

    def __init__(self, platform: Platform, thing: Thing) -> None:
        self.platform, self.thing = platform, thing

    def bsl_type_name(self) -> str:
        return f"ПеречислениеМенеджер.{self.thing.name}"

    def bsl_get(self, name: str) -> Value:
        found = next((one for one in self.thing.values if one.lower() == name.lower()), None)
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return EnumReference(self.platform, self.thing, found)

    def bsl_index(self, key: Value) -> Value:
        return self.bsl_get(key if isinstance(key, str) else self.thing.values[int(key)])

    def bsl_iter(self) -> Iterator[Value]:
        for name in self.thing.values:
            yield EnumReference(self.platform, self.thing, name)

    @method("ПустаяСсылка", "EmptyRef")
    def empty(self) -> EnumReference:
        return EnumReference(self.platform, self.thing, "")

    @method("Индекс", "IndexOf")
    def index(self, value: Any) -> int:
        return self.thing.values.index(value.name)


@global_property("Справочники", "Catalogs")
def catalogs(session: Any) -> Managers:
    return Managers(session.platform, "Справочник")


@global_property("Документы", "Documents")
def documents(session: Any) -> Managers:
    return Managers(session.platform, "Документ")


@global_property("ПланыВидовХарактеристик", "ChartsOfCharacteristicTypes")
def charts(session: Any) -> Managers:
    return Managers(session.platform, "ПланВидовХарактеристик")


@global_property("Перечисления", "Enums")
def enums(session: Any) -> Managers:
    return Managers(session.platform, "Перечисление")
