"""References: to objects of the base and to values of enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Native, Value, method
from tests.bsl.platform.columns import ZERO_GUID
from tests.bsl.platform.configuration import Thing
from tests.bsl.simple import Uuid

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

WORDS = {"Справочник": "Справочник", "Документ": "Документ", "Перечисление": "Перечисление"}


class Reference(Native):
    """СправочникСсылка.X, ДокументСсылка.X; equal by metadata and GUID."""

    def __init__(self, platform: Platform, thing: Thing, guid: str) -> None:
        self.platform, self.thing, self.guid = platform, thing, guid

    def bsl_type_name(self) -> str:
        return f"{self.thing.cls}Ссылка.{self.thing.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and (other.thing.full, other.guid) == (self.thing.full, self.guid)

    def __hash__(self) -> int:
        return hash((self.thing.full, self.guid))

    def __repr__(self) -> str:
        return f"{self.thing.full}({self.guid})"

    def bsl_filled(self) -> bool:
        return self.guid != ZERO_GUID

    def bsl_text(self) -> str:
        """The presentation: a catalog's name, «Заказ клиента 000-1 от …» of a document."""
        if self.guid == ZERO_GUID:
            return ""
        found = self.platform.read(self)
        if found is None:
            return f"<Объект не найден> ({self.platform.base.number_of(self.thing)}:{self.guid.replace('-', '')})"
        if not self.thing.is_document:
            return str(found["Наименование"])
        date = str(found["Дата"])
        shown = f"{date[8:10]}.{date[5:7]}.{date[:4]} {int(date[11:13] or 0)}{date[13:19]}"
        return f"{self.thing.name} {found['Номер']} от {shown}"

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.thing.attributes or name.lower() in self.thing.parts

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.thing.attributes.values()]

    def bsl_get(self, name: str) -> Value:
        low = name.lower()
        if low == "ссылка":
            return self
        if low in self.thing.parts:
            made = self.get_object()
            return made.bsl_get(name) if made is not None else None
        attribute = self.thing.attributes.get(low)
        if attribute is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        found = self.platform.read(self)
        return self.platform.decode(attribute.column, found[attribute.name] if found is not None else None)

    @method("Пустая", "IsEmpty")
    def empty(self) -> bool:
        return self.guid == ZERO_GUID

    @method("УникальныйИдентификатор", "UUID")
    def uuid(self) -> Uuid:
        return Uuid(self.guid)

    @method("Метаданные", "Metadata")
    def metadata(self) -> Value:
        return self.platform.metadata(self.thing.full)

    @method("ПолучитьОбъект", "GetObject")
    def get_object(self) -> Any:
        from tests.bsl.platform.objects import DataObject

        return DataObject.load(self.platform, self.thing, self.guid)


class EnumReference(Native):
    """A value of an enumeration of the configuration; empty name = ПустаяСсылка."""

    def __init__(self, platform: Platform, thing: Thing, name: str) -> None:
        self.platform, self.thing, self.name = platform, thing, name

    def bsl_type_name(self) -> str:
        return f"ПеречислениеСсылка.{self.thing.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumReference) and (other.thing.full, other.name) == (self.thing.full, self.name)

    def __hash__(self) -> int:
        return hash((self.thing.full, self.name))

    def __repr__(self) -> str:
        return f"{self.thing.full}.{self.name}"

    def bsl_filled(self) -> bool:
        return bool(self.name)

    def bsl_text(self) -> str:
        """The synonym: words of the name with blanks, as УТ's are."""
        return synonym(self.name)

    @method("Пустая", "IsEmpty")
    def empty(self) -> bool:
        return not self.name

    @method("Метаданные", "Metadata")
    def metadata(self) -> Value:
        return self.platform.metadata(self.thing.full)


def synonym(name: str) -> str:
    """«КОтгрузке» → «К отгрузке»; abbreviations stay whole."""
    words = ""
    for place, letter in enumerate(name):
        starts = (
            letter.isupper() and place > 0 and not (name[place - 1].isupper() and name[place + 1 : place + 2].isupper())
        )
        words += f" {letter.lower()}" if starts else letter
    return words
