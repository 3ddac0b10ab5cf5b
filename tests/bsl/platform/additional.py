"""БСП's additional attributes in УТ 11: a table part of every object, the chart of what a user has made, its values.

A user makes such an attribute without a change of the configuration; facts: metadata of БСП 3.1 and УТ 11.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import Value
from tests.bsl.platform.columns import Column, cut, fitted
from tests.bsl.platform.configuration import Attribute, Configuration, TablePart, Thing
from tests.bsl.platform.refs import Reference

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

CHART = "ПланВидовХарактеристик.ДополнительныеРеквизитыИСведения"
VALUES = "Справочник.ЗначенияСвойствОбъектов"
# The types of the chart that the emulated УТ has. There is no document among them.
REFERENCES = (
    VALUES, "Справочник.СтруктураПредприятия", "Справочник.ФизическиеЛица", "Справочник.Склады",
    "Справочник.Контрагенты", "Справочник.Партнеры", "Справочник.Номенклатура", "Справочник.Валюты",
    "Справочник.УпаковкиЕдиницыИзмерения",
)  # fmt: skip
TYPE_NAMES = ("Строка", "Число", "Дата", "Булево", *(name.replace(".", "Ссылка.") for name in REFERENCES))
TEXT, NUMBER = Column("", "string", 1024), Column("", "number", 17, 5)
# A customer's own catalog: it has no such part until he gives it one.
WITHOUT = ("Справочник.ТорговыеТочки",)


def extend(configuration: Configuration) -> None:
    """Give the objects of a УТ 11 the part, and the base the chart and the catalog of values."""
    part = _part()
    for key, thing in configuration.things.items():
        if thing.kind and not thing.word and thing.full not in WITHOUT:
            configuration.things[key] = replace(thing, parts={**thing.parts, part.name.lower(): part})
    names = (("Наименование", 150, "name"), ("Имя", 100, "word"), ("Заголовок", 75, "title"))
    for made in (
        _thing(CHART, "property", [_text(*one) for one in names]),
        _thing(VALUES, "property_value", [_text("Наименование", 100, "name"), _owner()]),
    ):
        configuration.things[made.full.lower()] = made


def tagged(value: Value) -> dict[str, Any] | None:
    """A value with its type, as it lies in the data; None for what is of no type of the chart."""
    if isinstance(value, bool):
        return {"type": "Булево", "value": value}
    if isinstance(value, str):
        return {"type": "Строка", "value": cut(TEXT, value)}
    if isinstance(value, int | Decimal):
        return {"type": "Число", "value": str(fitted(NUMBER, Decimal(value)))}
    if isinstance(value, datetime):
        return {"type": "Дата", "value": value.isoformat()}
    if isinstance(value, Reference) and value.thing.full in REFERENCES:
        return {"type": value.thing.full, "value": value.guid}
    return None


def encoded(value: Value) -> str | None:
    """The cell of a value; None for what is of no type of the chart."""
    found = tagged(value)
    return None if found is None else json.dumps(found, ensure_ascii=False)


def decoded(platform: Platform, cell: Any) -> Value:
    if not cell:
        return None
    found = json.loads(cell)
    value = found["value"]
    if found["type"] == "Число":
        return ops.number(Decimal(value))
    if found["type"] == "Дата":
        return datetime.fromisoformat(value)
    return platform.reference(found["type"], value) if "." in found["type"] else value


def _part() -> TablePart:
    made = (
        Attribute(Column("НомерСтроки", "number", 5), "CAST(j.key AS INTEGER) + 1", standard=True),
        Attribute(Column("Свойство", "ref", target=CHART), "json_extract(j.value, '$.property')", ("property",)),
        Attribute(Column("Значение", "characteristic"), "json_extract(j.value, '$.value')", ("value",)),
        Attribute(Column("ТекстоваяСтрока", "string", memo=True), "coalesce(json_extract(j.value, '$.text'), '')",
                  ("text",)),
    )  # fmt: skip
    return TablePart("ДополнительныеРеквизиты", "additional", {one.name.lower(): one for one in made})


def _thing(full: str, kind: str, more: list[Attribute]) -> Thing:
    cls, _, name = full.partition(".")
    made = [
        Attribute(Column("Ссылка", "ref", target=full), "o.ref", standard=True),
        Attribute(Column("ВерсияДанных", "string"), "o.version", standard=True),
        Attribute(Column("ПометкаУдаления", "boolean"), "(o.deleted > 0)", standard=True),
        Attribute(Column("Предопределенный", "boolean"), "0", standard=True),
        *more,
    ]
    source = f"object o WHERE o.kind = '{kind}' AND o.deleted < 2"
    return Thing(cls, name, kind, "", {one.name.lower(): one for one in made}, source=source)


def _text(name: str, length: int, path: str) -> Attribute:
    sql = f"coalesce(json_extract(o.data, '$.{path}'), '')"
    return Attribute(Column(name, "string", length), sql, (path,), standard=name == "Наименование")


def _owner() -> Attribute:
    return Attribute(
        Column("Владелец", "ref", target=CHART), "json_extract(o.data, '$.owner')", ("owner",), standard=True
    )
