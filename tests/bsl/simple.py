"""The values that are not containers: Null, Тип, УникальныйИдентификатор; the names of types."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Final

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Native, Value

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class Null(Native):
    """The only value is NULL."""

    bsl_type = "Null"

    def bsl_text(self) -> str:
        return ""

    def bsl_filled(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NULL"


NULL: Final = Null()


class TypeValue(Native):
    """Тип("Строка"); equal to another by its name."""

    bsl_type = "Тип"
    bsl_type_en = "Type"

    def __init__(self, name: str) -> None:
        self.name = name

    def bsl_text(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeValue) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __repr__(self) -> str:
        return f'Тип("{self.name}")'


class Uuid(Native):
    """УникальныйИдентификатор: 36 small characters; equal by them."""

    bsl_type = "УникальныйИдентификатор"
    bsl_type_en = "UUID"
    bsl_creatable = True

    def __init__(self, value: Value = SKIPPED) -> None:
        self.value = str(uuid.uuid4()) if value is SKIPPED else ops.text(value).lower()
        if not _UUID.match(self.value):
            raise BslError("Неверный формат уникального идентификатора")

    def bsl_text(self) -> str:
        return self.value

    def bsl_filled(self) -> bool:
        return self.value != EMPTY_UUID

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uuid) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Uuid({self.value})"


EMPTY_UUID = str(uuid.UUID(int=0))
_PRIMITIVE = {
    bool: "Булево",
    int: "Число",
    Decimal: "Число",
    str: "Строка",
    datetime: "Дата",
    type(None): "Неопределено",
}
ENGLISH = {
    "boolean": "Булево", "number": "Число", "string": "Строка", "date": "Дата", "undefined": "Неопределено",
    "null": "Null",
}  # fmt: skip
PRIMITIVE = {name.lower(): name for name in (*_PRIMITIVE.values(), "Null", "Тип")}


def type_name(value: Value) -> str:
    """The name of a value's type as ТипЗнч says it."""
    return value.bsl_type_name() if isinstance(value, Native) else _PRIMITIVE[type(value)]
