"""Entity sets of the OData interface: which of their fields stand for what of the base's own objects.

A field is one line of text: `NAME TYPE PATH`, or `NAME = VALUE` for what is the same everywhere. TYPE: text, number,
flag, date, ref:KIND (a GUID), any:KIND (a reference of several types, with its `_Type`), word:LIST (a catalog made of
the words in use), enum:TABLE. PATH: where the value is in the object's data, parts by a point.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

Json = dict[str, Any]
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = "0001-01-01T00:00:00"
WORDS = uuid.UUID("0d0e4c1a-5d1f-4d0b-9b43-0e6a8a2b77d1")
EDM = {"text": "Edm.String", "number": "Edm.Double", "flag": "Edm.Boolean", "date": "Edm.DateTime", "ref": "Edm.Guid",
       "any": "Edm.String", "word": "Edm.Guid", "enum": "Edm.String"}  # fmt: skip
ENUMS: dict[str, dict[Any, str]] = {
    "status": {
        "К обеспечению": "КОбеспечению",
        "Готов к доставке": "КОтгрузке",
        "Отменён": "Отменен",
        "Закрыт": "Закрыт",
    },
    "payment": {"cash": "Наличная", "card": "ПлатежнаяКарта", "transfer": "Безналичная", "prepaid": "Предоплата"},
    "vat": {"20%": "НДС20", "10%": "НДС10", "0%": "НДС0", "Без НДС": "БезНДС"},
    "goods": {True: "Услуга", False: "Товар"},
    "legal": {True: "ЮридическоеЛицо", False: "ФизическоеЛицо"},
}
# Catalogs made of the words in use, by their list.
LISTS = {"unit": ("product", "unit"), "price_type": ("price", "price_type"), "currency": ("price", "currency")}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    path: tuple[str, ...] = ()
    about: str = ""
    fixed: Any = None

    @property
    def edm(self) -> str:
        return EDM[self.type]


@dataclass(frozen=True, slots=True)
class Part:
    """A table part. path: the list in the data; empty = one row with fields of the document itself."""

    name: str
    path: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class EntitySet:
    name: str
    kind: str
    fields: tuple[Field, ...]
    parts: tuple[Part, ...] = ()

    @property
    def is_document(self) -> bool:
        return self.name.startswith("Document_")


@dataclass(frozen=True, slots=True)
class Profile:
    """One configuration's names. sets: of objects, by name; lists: name → list of words; own: names of the rest."""

    name: str
    sets: Mapping[str, EntitySet]
    lists: Mapping[str, str]
    own: Mapping[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str) -> EntitySet | None:
        return next((one for one in self.sets.values() if one.kind == kind), None)

    def target(self, one: Field) -> str:
        """The entity set that a reference points to."""
        if one.type == "word":
            return next(name for name, about in self.lists.items() if about == one.about)
        found = self.of_kind(one.about)
        return found.name if found else ""


def fields(text: str) -> tuple[Field, ...]:
    return tuple(_field(line.split()) for line in text.splitlines() if line.strip())


def _field(words: list[str]) -> Field:
    name, kind, value = words
    if kind == "=":
        return Field(name, "text", fixed=value) if not value.isdigit() else Field(name, "number", fixed=int(value))
    kind, _, about = kind.partition(":")
    return Field(name, kind, tuple(value.split(".")), about)


def word_ref(word: Any) -> str:
    return str(uuid.uuid5(WORDS, str(word))) if word else ZERO_GUID


def shown(one: Field, data: Mapping[str, Any], profile: Profile) -> Iterator[tuple[str, Any]]:
    """The field as OData shows it: one key, two for a reference of several types."""
    value = one.fixed if one.fixed is not None else _at(data, one.path)
    if one.type == "any":
        yield one.name, str(value or "")
        yield f"{one.name}_Type", f"StandardODATA.{profile.target(one)}" if value else "StandardODATA.Undefined"
    else:
        yield one.name, _SHOW[one.type](one, value)


def taken(one: Field, value: Any, words: Mapping[str, str]) -> Any:
    """A value that a client wrote, in the object's own form; None = empty. words: ref → word of the lists."""
    if value in (None, "", ZERO_GUID, EMPTY_DATE):
        return None
    if one.type == "number":
        return plain_number(value)
    if one.type == "flag":
        return truth(value)
    if one.type == "word":
        return words.get(str(value))
    if one.type == "enum":
        return next((key for key, name in ENUMS[one.about].items() if name == value), value)
    return value


def truth(value: Any) -> bool:
    return value in (True, "true")


def put_at(data: Json, path: tuple[str, ...], value: Any) -> None:
    *way, last = path
    for name in way:
        data = data.setdefault(name, {})
    if value is None:
        data.pop(last, None)
    else:
        data[last] = value


def plain_number(value: Any) -> str:
    """A number as the base keeps it: text without a tail of noughts beyond what it had."""
    return str(value) if isinstance(value, str) else format(Decimal(repr(value)), "f")


def as_number(value: Any) -> int | float | None:
    """None for what is no number: an emptied resource of a register comes so too."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _at(data: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = data
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _enum(one: Field, value: Any) -> str:
    table = ENUMS[one.about]
    if value is None:
        return table.get(False, "")
    return table.get(value, str(value).replace(" ", "")) if isinstance(value, str | bool) else ""


_SHOW: dict[str, Any] = {
    "text": lambda one, value: "" if value is None else str(value),
    "number": lambda one, value: 0 if value is None else as_number(value),
    "flag": lambda one, value: value is True,
    "date": lambda one, value: str(value)[:19] if value else EMPTY_DATE,
    "ref": lambda one, value: str(value) if value else ZERO_GUID,
    "word": lambda one, value: word_ref(value),
    "enum": _enum,
}
