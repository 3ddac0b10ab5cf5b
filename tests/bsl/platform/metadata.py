"""Метаданные: what the configuration and the extension consist of, as BSL asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.bsl.descriptions import TypeDescription
from tests.bsl.native import BslError, Enumeration, Native, Value, global_property, method, prop
from tests.bsl.platform import additional
from tests.bsl.platform.columns import Column
from tests.bsl.platform.configuration import Configuration, Thing
from tests.bsl.platform.dump import Dump
from tests.bsl.platform.refs import synonym
from tests.bsl.platform.tables import Tables
from tests.bsl.simple import TypeValue
from tests.bsl.values import Array

COLLECTIONS = {
    "справочники": "Справочник", "документы": "Документ", "перечисления": "Перечисление",
    "регистрысведений": "РегистрСведений", "регистрынакопления": "РегистрНакопления", "общиемодули": "ОбщийМодуль",
    "роли": "Роль", "httpсервисы": "HTTPСервис", "регламентныезадания": "РегламентноеЗадание",
    "подпискинасобытия": "ПодпискаНаСобытие", "константы": "Константа", "планыобмена": "ПланОбмена",
    "catalogs": "Справочник", "documents": "Документ", "enums": "Перечисление",
    "informationregisters": "РегистрСведений", "accumulationregisters": "РегистрНакопления",
    "commonmodules": "ОбщийМодуль", "roles": "Роль", "подсистемы": "Подсистема", "обработки": "Обработка",
    "определяемыетипы": "ОпределяемыйТип", "общиекоманды": "ОбщаяКоманда", "общиеформы": "ОбщаяФорма",
    "параметрысеанса": "ПараметрСеанса", "планывидовхарактеристик": "ПланВидовХарактеристик",
}  # fmt: skip
PARTS = {"реквизиты", "стандартныереквизиты", "табличныечасти", "измерения", "ресурсы", "значенияперечисления"}
TYPES = {"string": "Строка", "number": "Число", "boolean": "Булево", "date": "Дата", "uuid": "УникальныйИдентификатор",
         "storage": "ХранилищеЗначения"}  # fmt: skip


HIERARCHIES = Enumeration(
    ("ВидИерархии", "HierarchyType"),
    "ИерархияЭлементов=HierarchyItems", "ИерархияГруппИЭлементов=HierarchyFoldersAndItems",
)  # fmt: skip


class ObjectProperties(Native):
    """Метаданные.СвойстваОбъектов."""

    bsl_type = "СвойстваОбъектовМетаданных"

    @prop("ВидИерархии", "HierarchyType")
    def hierarchies(self) -> Value:
        return HIERARCHIES


class MetadataObject(Native):
    """An object, attribute or table part; equal by its full name."""

    bsl_type = "ОбъектМетаданных"

    def __init__(self, cls: str, name: str, owner: str = "", column: Column | None = None) -> None:
        self.cls, self.name, self.owner, self.column = cls, name, owner, column
        self.collections: dict[str, Collection] = {}

    @property
    def full(self) -> str:
        return f"{self.owner}.{self.cls}.{self.name}" if self.owner else f"{self.cls}.{self.name}"

    def bsl_type_name(self) -> str:
        return f"ОбъектМетаданных: {self.cls}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MetadataObject) and other.full == self.full

    def __hash__(self) -> int:
        return hash(self.full)

    def bsl_text(self) -> str:
        return self.full

    @prop("Имя", "Name")
    def bsl_name(self) -> str:
        return self.name

    @prop("Синоним", "Synonym")
    def bsl_synonym(self) -> str:
        return synonym(self.name)

    @prop("Тип", "Type")
    def bsl_types(self) -> TypeDescription:
        if self.column is None:
            raise BslError("Поле объекта не обнаружено (Тип)")
        return description(self.column)

    @prop("Иерархический", "Hierarchical")
    def hierarchical(self) -> bool:
        """Catalogs of the sandbox have parents, but no groups."""
        standard = self.collections.get("стандартныереквизиты")
        return standard is not None and standard.find("Родитель") is not None

    @prop("ВидИерархии", "HierarchyType")
    def hierarchy(self) -> Value:
        return HIERARCHIES["ИерархияЭлементов"]

    @method("ПолноеИмя", "FullName")
    def full_name(self) -> str:
        return self.full

    @method("Представление", "Presentation")
    def presentation(self) -> str:
        return synonym(self.name)

    def bsl_has(self, name: str) -> bool:
        return super().bsl_has(name) or name.lower() in self.collections

    def bsl_get(self, name: str) -> Value:
        found = self.collections.get(name.lower())
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found


class Collection(Native):
    """КоллекцияОбъектовМетаданных."""

    bsl_type = "КоллекцияОбъектовМетаданных"

    def __init__(self, items: Sequence[MetadataObject] = ()) -> None:
        self.items = {one.name.lower(): one for one in items}

    def bsl_get(self, name: str) -> Value:
        found = self.items.get(name.lower())
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found

    def bsl_index(self, key: Value) -> Value:
        if isinstance(key, str):
            return self.bsl_get(key)
        if not isinstance(key, int) or not 0 <= key < len(self.items):
            raise BslError("Индекс находится за границами массива")
        return list(self.items.values())[key]

    def bsl_iter(self) -> Iterator[Value]:
        yield from self.items.values()

    @method("Найти", "Find")
    def find(self, name: Any) -> Value:
        return self.items.get(name.lower())

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.items)

    @method("Содержит", "Contains")
    def contains(self, value: Any) -> bool:
        return any(one == value for one in self.items.values())

    @method("Индекс", "IndexOf")
    def index(self, value: Any) -> int:
        return next((place for place, one in enumerate(self.items.values()) if one == value), -1)


class Metadata(Native):
    """types: full names of the types of references, objects, record sets and the like, by lower case."""

    bsl_type = "ОбъектМетаданныхКонфигурация"

    def __init__(self, configuration: Configuration, dump: Dump, tables: Tables, modules: Sequence[str]) -> None:
        self.configuration, self.dump = configuration, dump
        found = [_of_thing(one) for one in configuration.things.values()]
        found += [_of_register("РегистрСведений", one.name, one.dimensions, one.resources, one.attributes)
                  for one in dump.registers.values()]  # fmt: skip
        found += [_of_register(*_words(one.full), one.dimensions, one.resources) for one in tables.registers.values()]
        found += [MetadataObject("ОбщийМодуль", name) for name in modules]
        found += [MetadataObject("Роль", name) for name in dump.roles]
        found += [MetadataObject("HTTPСервис", one.name) for one in dump.services]
        found += [MetadataObject("РегламентноеЗадание", name) for name in dump.jobs]
        found += [MetadataObject("ПодпискаНаСобытие", one.name) for one in dump.subscriptions]
        self.objects = {one.full.lower(): one for one in found}
        self.by_class = {cls: Collection([one for one in found if one.cls == cls]) for cls in COLLECTIONS.values()}
        self.types: dict[str, str] = {}
        for one in found:
            for kind in _TYPE_WORDS.get(one.cls, ()):
                self.types[f"{one.cls}{kind}.{one.name}".lower()] = f"{one.cls}{kind}.{one.name}"

    def find(self, full: str) -> MetadataObject | None:
        return self.objects.get(full.lower())

    def of_type(self, name: str) -> MetadataObject | None:
        """By a type's name, `ДокументСсылка.X`."""
        word, _, rest = name.partition(".")
        cls = next((cls for cls, kinds in _TYPE_WORDS.items() if word.removeprefix(cls) in kinds), "")
        return self.find(f"{cls}.{rest}")

    def bsl_get(self, name: str) -> Value:
        cls = COLLECTIONS.get(name.lower())
        if cls is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.by_class[cls]

    @prop("СвойстваОбъектов", "ObjectProperties")
    def properties(self) -> Value:
        return ObjectProperties()

    @prop("Имя", "Name")
    def bsl_name(self) -> str:
        return "УправлениеТорговлей" if self.configuration.profile.name == "ut11" else "УправлениеТорговлейРедакция103"

    @prop("Версия", "Version")
    def bsl_version(self) -> str:
        return "11.5.15.69" if self.configuration.profile.name == "ut11" else "10.3.70.1"

    @method("НайтиПоПолномуИмени", "FindByFullName")
    def find_by_full_name(self, name: Any) -> Value:
        words = str(name).split(".")
        found: Any = self.find(".".join(words[:2]))
        for kind, inner in zip(words[2::2], words[3::2], strict=False):
            plural = {"реквизит": "реквизиты", "табличнаячасть": "табличныечасти", "измерение": "измерения",
                      "ресурс": "ресурсы"}.get(kind.lower(), "")  # fmt: skip
            holder = found.collections.get(plural) if found is not None else None
            found = holder.find(inner) if holder is not None else None
        return found

    @method("НайтиПоТипу", "FindByType")
    def find_by_type(self, wanted: Any) -> Value:
        return self.of_type(wanted.name)


_TYPE_WORDS: Mapping[str, tuple[str, ...]] = {
    "Справочник": ("Ссылка", "Объект", "Менеджер", "Выборка"),
    "Документ": ("Ссылка", "Объект", "Менеджер", "Выборка"),
    "ПланВидовХарактеристик": ("Ссылка", "Объект", "Менеджер", "Выборка"),
    "Перечисление": ("Ссылка", "Менеджер"),
    "РегистрСведений": ("Запись", "НаборЗаписей", "МенеджерЗаписи", "Менеджер", "Выборка", "КлючЗаписи"),
    "РегистрНакопления": ("Запись", "НаборЗаписей", "Менеджер", "Выборка"),
}


def type_name_of(column: Column) -> str:
    if column.kind in ("ref", "enum"):
        cls, _, name = column.target.partition(".")
        return f"{cls}Ссылка.{name}"
    return TYPES.get(column.kind, "Строка")


def description(column: Column) -> TypeDescription:
    if column.kind == "characteristic":
        return TypeDescription(Array.of(TypeValue(name) for name in additional.TYPE_NAMES))
    return TypeDescription(type_name_of(column))


def _attributes(columns: Sequence[Column], owner: str, cls: str = "Реквизит") -> Collection:
    return Collection([MetadataObject(cls, one.name, owner, one) for one in columns])


def _of_thing(thing: Thing) -> MetadataObject:
    made = MetadataObject(thing.cls, thing.name)
    own = [one.column for one in thing.attributes.values() if not one.standard]
    standard = [one.column for one in thing.attributes.values() if one.standard]
    made.collections = {
        "реквизиты": _attributes(own, made.full),
        "стандартныереквизиты": _attributes(standard, made.full, "СтандартныйРеквизит"),
        "значенияперечисления": Collection(
            [MetadataObject("ЗначениеПеречисления", one, made.full) for one in thing.values]
        ),
    }
    parts = []
    for part in thing.parts.values():
        one = MetadataObject("ТабличнаяЧасть", part.name, made.full)
        columns = [attribute.column for attribute in part.attributes.values() if not attribute.standard]
        one.collections["реквизиты"] = _attributes(columns, one.full)
        parts.append(one)
    made.collections["табличныечасти"] = Collection(parts)
    return made


def _words(full: str) -> tuple[str, str]:
    cls, _, name = full.partition(".")
    return cls, name


def _of_register(
    cls: str, name: str, dimensions: Sequence[Column], resources: Sequence[Column], attributes: Sequence[Column] = ()
) -> MetadataObject:
    made = MetadataObject(cls, name)
    made.collections = {
        "измерения": _attributes(dimensions, made.full, "Измерение"),
        "ресурсы": _attributes(resources, made.full, "Ресурс"),
        "реквизиты": _attributes(attributes, made.full),
    }
    return made


@global_property("Метаданные", "Metadata")
def metadata(session: Any) -> Metadata:
    return session.base.metadata  # type: ignore[no-any-return]
