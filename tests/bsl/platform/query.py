"""Запрос, its result and its selection, over the SQL that query_sql.py makes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import BslError, Native, Value, method, prop
from tests.bsl.platform.columns import ZERO_GUID, Column
from tests.bsl.platform.metadata import description
from tests.bsl.platform.platform import iso, type_of
from tests.bsl.platform.query_sql import Step, Use, compiled
from tests.bsl.platform.refs import EnumReference, Reference
from tests.bsl.platform.tables import Source
from tests.bsl.simple import NULL, Uuid
from tests.bsl.tables import ValueTable
from tests.bsl.values import FixedArray, Structure, ValueList

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

WRONG = "Неверные параметры в операции сравнения. Тип параметра «{name}»: {type}, сравнивается с типом {kind}"
_numbers = itertools.count(1)


class Query(Native):
    """Запрос(Текст)."""

    bsl_type = "Запрос"
    bsl_type_en = "Query"
    bsl_creatable = True

    def __init__(self, session: Any, text: Any = "") -> None:
        self.platform: Platform = session.platform
        self.text = text
        self.parameters = Structure()
        self.manager: Value = None

    @prop("Текст", "Text")
    def bsl_query(self) -> Value:
        return self.text

    @bsl_query.setter
    def put_text(self, value: Value) -> None:
        self.text = ops.text(value)

    @prop("Параметры", "Parameters")
    def bsl_parameters(self) -> Structure:
        return self.parameters

    @prop("МенеджерВременныхТаблиц", "TempTablesManager")
    def bsl_manager(self) -> Value:
        return self.manager

    @bsl_manager.setter
    def put_manager(self, value: Value) -> None:
        self.manager = value

    @method("УстановитьПараметр", "SetParameter")
    def set_parameter(self, name: Any, value: Any = None) -> None:
        self.parameters.put(name, value)

    @method("Выполнить", "Execute")
    def execute(self) -> QueryResult:
        return self._run()[-1]

    @method("ВыполнитьПакет", "ExecuteBatch")
    def batch(self) -> Value:
        from tests.bsl.values import Array

        return Array.of(self._run())

    def _run(self) -> list[QueryResult]:
        manager = self.manager if isinstance(self.manager, TemporaryTables) else TemporaryTables()
        steps = self._compiled(manager)
        try:
            return [self._step(step, manager) for step in steps]
        finally:
            if manager is not self.manager:
                manager.close_for(self.platform)

    def _compiled(self, manager: TemporaryTables) -> list[Step]:
        """Compiled once per text; what depends on tables of this moment is compiled anew."""
        base = self.platform.base
        if not manager.tables and self.text in base.queries:
            return base.queries[self.text]
        steps = compiled(self.text, base.tables, manager.tables, self._table_columns, base.configuration.find)
        if not manager.tables and not any(use.table for step in steps for use in step.uses):
            base.queries[self.text] = steps
        return steps

    def _step(self, step: Step, manager: TemporaryTables) -> QueryResult:
        for full in step.reads:
            self._check_right(full)
        values = {use.key: self._bound(use) for use in step.uses}
        if step.drop:
            manager.drop(self.platform, step.drop)
            return QueryResult([], [])
        sql = step.sql.replace('temp."вт_', f'temp."вт{manager.number}_')
        if step.into:
            manager.fill(self.platform, step.into, sql, step.outputs, values)
            return QueryResult([], [])
        rows = self.platform.data.rows(sql, values)
        outputs = step.outputs
        return QueryResult(outputs, [[self._cell(c, raw) for c, raw in zip(outputs, row, strict=True)] for row in rows])

    def _check_right(self, full: str) -> None:
        """Tables of a manager and registers of the УТ are nobody's to forbid here."""
        known = self.platform.base.metadata.find(full)
        if known is not None and known.name in self.platform.base.dump.registers:
            self.platform.check_right("Чтение", known.full)

    def _cell(self, column: Column, raw: Any) -> Value:
        if column.target.startswith("&"):
            return self.parameters[column.target[1:]]
        if raw is None:
            return NULL
        if column.target.startswith("@"):
            return ops.text(self.platform.decode(column, raw))
        return self.platform.decode(column, raw)

    def _given(self, name: str) -> Value:
        if name.lower() not in self.parameters.items:
            raise BslError(f'Не задано значение параметра "{name}"')
        return self.parameters[name]

    def _bound(self, use: Use) -> Any:
        value = self._given(use.name)
        if use.table:
            columns = [one.name for one in value.columns.bsl_iter()]
            return json.dumps([[_cell(row.bsl_get(name)) for name in columns] for row in value.bsl_iter()])
        if not use.many:
            return _checked(use, value)
        if isinstance(value, ValueList):
            return json.dumps([_checked(use, one.value) for one in value.items])
        listed = value.items if isinstance(value, FixedArray) else [value]
        return json.dumps([_checked(use, one) for one in listed])

    def _table_columns(self, name: str) -> Source:
        """A table of values in FROM; its columns must have types, as 1C wants it."""
        table = self._given(name)
        if not isinstance(table, ValueTable):
            raise BslError(f'Параметр "{name}" не является таблицей')
        columns = {one.name.lower(): self._typed(one) for one in table.columns.bsl_iter()}
        listed = ", ".join(
            f"json_extract(value, '$[{place}]') AS \"{one.name}\"" for place, one in enumerate(columns.values())
        )
        return Source(f"(SELECT {listed} FROM json_each(:table))", columns)

    def _typed(self, column: Any) -> Column:
        types = column.type.types if column.type else []
        if len(types) != 1:
            raise BslError(f'Тип не может быть выбран в запросе "{column.name}"')
        name = types[0].name
        kind = {"Строка": "string", "Число": "number", "Булево": "boolean", "Дата": "date"}.get(name)
        if kind is not None:
            return Column(column.name, kind)  # type: ignore[arg-type]
        cls = "enum" if name.startswith("Перечисление") else "ref"
        return Column(column.name, cls, target=name.replace("Ссылка.", "."))  # type: ignore[arg-type]


def _checked(use: Use, value: Value) -> Any:
    """The parameter as SQL gets it. Raises BslError for a type that can never be equal."""
    cell = _cell(value)
    if use.kind and value is not None and value is not NULL and _kind(value) != use.kind:
        raise BslError(WRONG.format(name=use.name, type=type_of(value), kind=use.kind))
    return cell


def _kind(value: Value) -> str:
    for kind, types in (("boolean", bool), ("number", int | Decimal), ("string", str), ("date", datetime),
                        ("ref", Reference), ("enum", EnumReference), ("uuid", Uuid)):  # fmt: skip
        if isinstance(value, types):
            return kind
    return type_of(value)


def _cell(value: Value) -> Any:
    if value is None or value is NULL:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Reference):
        return value.guid
    if isinstance(value, EnumReference):
        return value.name
    if isinstance(value, Uuid):
        return value.value
    return value if isinstance(value, str | int) else ZERO_GUID


class TemporaryTables(Native):
    """МенеджерВременныхТаблиц."""

    bsl_type = "МенеджерВременныхТаблиц"
    bsl_type_en = "TempTablesManager"
    bsl_creatable = True

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.tables: dict[str, Source] = {}

    def fill(
        self, platform: Platform, name: str, sql: str, outputs: Sequence[Column], values: Mapping[str, Any]
    ) -> None:
        low = name.lower()
        if low in self.tables:
            raise BslError(f'Временная таблица уже существует "{name}"')
        # CREATE … AS takes no parameters and keeps no affinity that a later comparison needs.
        columns = ", ".join(f'"{one.name}"' for one in outputs)
        platform.data.rows(f'CREATE TEMP TABLE "вт{self.number}_{low}" ({columns})')
        platform.data.rows(f'INSERT INTO temp."вт{self.number}_{low}" {sql}', dict(values))
        self.tables[low] = Source(f'temp."вт_{low}"', {one.name.lower(): one for one in outputs})

    def drop(self, platform: Platform, low: str) -> None:
        platform.data.rows(f'DROP TABLE temp."вт{self.number}_{low}"')
        self.tables.pop(low, None)

    @method("Закрыть", "Close")
    def close(self, session: Any) -> None:
        self.close_for(session.platform)

    def close_for(self, platform: Platform) -> None:
        for low in list(self.tables):
            if platform.data.broken:
                self.tables.pop(low)
            else:
                self.drop(platform, low)


class QueryResult(Native):
    """РезультатЗапроса."""

    bsl_type = "РезультатЗапроса"
    bsl_type_en = "QueryResult"

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
        self.columns, self.rows = columns, rows

    @method("Пустой", "IsEmpty")
    def empty(self) -> bool:
        return not self.rows

    @method("Выбрать", "Select")
    def select(self, *args: Any) -> Selection:
        return Selection(self.columns, self.rows)

    @method("Выгрузить", "Unload")
    def unload(self, *args: Any) -> ValueTable:
        return value_table(self.columns, self.rows)


def value_table(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> ValueTable:
    made = ValueTable()
    for one in columns:
        typed = one.kind != "any" and not one.target.startswith(("&", "@"))
        made.columns.add(one.name, description(one) if typed else None)
    for values in rows:
        row = made.add()
        row.values.update(zip(row.values, values, strict=True))
    return made


class Selection(Native):
    """ВыборкаИзРезультатаЗапроса."""

    bsl_type = "ВыборкаИзРезультатаЗапроса"
    bsl_type_en = "QueryResultSelection"

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
        self.columns, self.rows = columns, rows
        self.places = {one.name.lower(): place for place, one in enumerate(columns)}
        self.at = -1

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.columns]

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.places

    def bsl_get(self, name: str) -> Value:
        place = self.places.get(name.lower())
        if place is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.rows[self.at][place] if 0 <= self.at < len(self.rows) else None

    def bsl_index(self, key: Value) -> Value:
        return self.bsl_get(key) if isinstance(key, str) else self.rows[self.at][int(key)]

    def bsl_iter(self) -> Iterator[Value]:
        raise BslError("Итератор для значения не определен")

    @method("Следующий", "Next")
    def next(self) -> bool:
        self.at += 1
        return self.at < len(self.rows)

    @method("Сбросить", "Reset")
    def reset(self) -> None:
        self.at = -1

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.rows)

    @method("НайтиСледующий", "FindNext")
    def find_next(self, value: Any, names: Any = "") -> bool:
        wanted = value if isinstance(value, Structure) else Structure(names, value)
        while self.next():
            if all(ops.equal(self.bsl_get(one.key), one.value) for one in wanted.items.values()):
                return True
        return False
