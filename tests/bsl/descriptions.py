"""ОписаниеТипов with its qualifiers."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Native, Value, method
from tests.bsl.simple import TypeValue, type_name
from tests.bsl.values import Array


class Qualifiers(Native):
    """КвалификаторыСтроки, КвалификаторыЧисла, КвалификаторыДаты: only carried."""

    def __init__(self, *args: Value) -> None:
        self.args = tuple(0 if a is SKIPPED else a for a in args)


class StringQualifiers(Qualifiers):
    """КвалификаторыСтроки(Длина, ДопустимаяДлина)."""

    bsl_type = "КвалификаторыСтроки"
    bsl_type_en = "StringQualifiers"
    bsl_creatable = True


class NumberQualifiers(Qualifiers):
    """КвалификаторыЧисла(Разрядность, ДробнаяЧасть, Знак)."""

    bsl_type = "КвалификаторыЧисла"
    bsl_type_en = "NumberQualifiers"
    bsl_creatable = True


class DateQualifiers(Qualifiers):
    """КвалификаторыДаты(ЧастиДаты)."""

    bsl_type = "КвалификаторыДаты"
    bsl_type_en = "DateQualifiers"
    bsl_creatable = True


class TypeDescription(Native):
    """ОписаниеТипов: a list of types (array or text with commas) and qualifiers in any order after it."""

    bsl_type = "ОписаниеТипов"
    bsl_type_en = "TypeDescription"
    bsl_creatable = True

    def __init__(self, types: Value = SKIPPED, *rest: Value) -> None:
        given = [] if types in (SKIPPED, None) else types
        names = re.split(r"\s*,\s*", given.strip()) if isinstance(given, str) else list(given)
        self.types = [t if isinstance(t, TypeValue) else TypeValue(t) for t in names]
        self.qualifiers = [q for q in rest if isinstance(q, Qualifiers)]

    @method("Типы", "Types")
    def bsl_types(self) -> Value:
        """A new Массив of the types."""
        return Array.of(self.types)

    @classmethod
    def bsl_new(cls, session: Any, args: list[Value]) -> Native:
        """As in Python, but each type has to be known to the configuration."""
        made = cls(*args)
        for i, type_ in enumerate(made.types):
            if (name := session.known_type(type_.name)) is None:
                raise BslError(f"Тип не определен ({type_.name})")
            made.types[i] = TypeValue(name)
        return made

    @method("СодержитТип", "ContainsType")
    def contains(self, wanted: Any) -> bool:
        return wanted in self.types

    @method("ПривестиЗначение", "AdjustValue")
    def adjust(self, value: Any = None) -> Value:
        """The value where its type is among ours, else the first type's empty or converted value."""
        if TypeValue(type_name(value)) in self.types:
            return self._cut(value)
        return self._cut(_converted(self.types[0].name, value)) if len(self.types) == 1 else None

    def _cut(self, value: Value) -> Value:
        for q in self.qualifiers:
            if isinstance(q, StringQualifiers) and isinstance(value, str) and q.args and q.args[0]:
                return value[: q.args[0]]
            if isinstance(q, NumberQualifiers) and ops.is_number(value) and q.args:
                places = Decimal(1).scaleb(-(q.args[1] if len(q.args) > 1 else 0))
                return ops.number(Decimal(value).quantize(places, ROUND_HALF_UP))
        return value


def _converted(name: str, value: Value) -> Value:
    try:
        match name.lower():
            case "строка":
                return ops.text(value)
            case "число":
                return ops.to_number(value)
            case "булево":
                return ops.to_bool(value)
    except BslError:
        pass
    return {"строка": "", "число": 0, "булево": False, "дата": ops.EMPTY_DATE}.get(name.lower())
