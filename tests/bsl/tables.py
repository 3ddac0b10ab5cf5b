"""ТаблицаЗначений with its columns and rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.bsl import ops
from tests.bsl.descriptions import TypeDescription
from tests.bsl.native import BslError, Native, Value, method, prop
from tests.bsl.values import Array, FixedArray, FixedStructure, key_of, names_of, sort_key


class Column(Native):
    """КолонкаТаблицыЗначений."""

    bsl_type = "КолонкаТаблицыЗначений"
    bsl_type_en = "ValueTableColumn"

    def __init__(self, name: str, type_: TypeDescription | None, title: str) -> None:
        self.name, self.type, self.title = name, type_, title

    @prop("Имя", "Name")
    def bsl_name(self) -> str:
        return self.name

    @prop("Заголовок", "Title")
    def bsl_title(self) -> str:
        return self.title or self.name

    @prop("ТипЗначения", "ValueType")
    def bsl_value_type(self) -> TypeDescription:
        return self.type or TypeDescription()

    def empty(self) -> Value:
        """What a new row has in this column."""
        return self.type.adjust(None) if self.type and self.type.types else None

    def fit(self, value: Value) -> Value:
        """A value as the column keeps it."""
        return self.type.adjust(value) if self.type and self.type.types else value


class Columns(Native):
    """КоллекцияКолонокТаблицыЗначений; in Python a dict by small names."""

    bsl_type = "КоллекцияКолонокТаблицыЗначений"
    bsl_type_en = "ValueTableColumnCollection"

    def __init__(self, rows: list[Row]) -> None:
        self.by_name: dict[str, Column] = {}
        self.rows = rows

    @method("Добавить", "Add")
    def add(self, name: Any = "", type_: Any = None, title: Any = "", width: Any = None) -> Column:
        if name.lower() in self.by_name:
            raise BslError(f"Колонка с указанным именем уже существует ({name})")
        column = self.by_name[name.lower()] = Column(name, type_, title)
        for row in self.rows:
            row.values[name.lower()] = column.empty()
        return column

    @method("Найти", "Find")
    def find(self, name: Any) -> Value:
        return self.by_name.get(name.lower())

    @method("Удалить", "Delete")
    def delete(self, which: Any) -> None:
        name = which.name if isinstance(which, Column) else which
        del self.by_name[name.lower()]
        for row in self.rows:
            del row.values[name.lower()]

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.by_name)

    def bsl_iter(self) -> Iterator[Column]:
        return iter(list(self.by_name.values()))

    def bsl_index(self, key: Value) -> Column:
        return list(self.by_name.values())[int(key)] if ops.is_number(key) else self.bsl_get(key)

    def bsl_get(self, name: str) -> Column:
        if name.lower() not in self.by_name:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.by_name[name.lower()]

    def named(self, names: str) -> list[Column]:
        """The columns of a list with commas; all for an empty one."""
        return [self.bsl_get(name) for name in names_of(names)] or list(self.by_name.values())


class Row(Native):
    """СтрокаТаблицыЗначений."""

    bsl_type = "СтрокаТаблицыЗначений"
    bsl_type_en = "ValueTableRow"

    def __init__(self, table: ValueTable) -> None:
        self.table = table
        self.values = {low: column.empty() for low, column in table.columns.by_name.items()}

    def __getitem__(self, name: str) -> Value:
        return self.values[name.lower()]

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        self.values[name.lower()] = self.table.columns.by_name[name.lower()].fit(value)

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.values

    def bsl_names(self) -> list[str]:
        return [column.name for column in self.table.columns.by_name.values()]

    def bsl_index(self, key: Value) -> Value:
        return list(self.values.values())[int(key)] if ops.is_number(key) else self.bsl_get(key)

    def bsl_set_index(self, key: Value, value: Value) -> None:
        self.bsl_set(list(self.values)[int(key)] if ops.is_number(key) else key, value)

    def bsl_iter(self) -> Iterator[Value]:
        return iter(list(self.values.values()))

    def bsl_to_python(self) -> dict[str, Value]:
        return {column.name: self.values[low] for low, column in self.table.columns.by_name.items()}

    @method("Владелец", "Owner")
    def owner(self) -> ValueTable:
        return self.table

    @method("Получить", "Get")
    def get(self, index: Any) -> Value:
        return self.bsl_index(index)

    @method("Установить", "Set")
    def set(self, index: Any, value: Any) -> None:
        self.bsl_set_index(index, value)


class Indexes(Native):
    """ИндексыКоллекции: only speed, nothing to keep."""

    bsl_type = "ИндексыКоллекции"
    bsl_type_en = "CollectionIndexes"

    @method("Добавить", "Add")
    def add(self, names: Any) -> None:
        """Nothing."""


class ValueTable(Native):
    """ТаблицаЗначений."""

    bsl_type = "ТаблицаЗначений"
    bsl_type_en = "ValueTable"
    bsl_creatable = True

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.columns = Columns(self.rows)

    @classmethod
    def of(cls, names: Iterable[str], rows: Iterable[Iterable[Value]]) -> ValueTable:
        """A table of Python rows."""
        made = cls()
        for name in names:
            made.columns.add(name)
        for values in rows:
            row = made.add()
            row.values.update(zip(row.values, values, strict=True))
        return made

    @prop("Колонки", "Columns")
    def bsl_columns(self) -> Columns:
        return self.columns

    @prop("Индексы", "Indexes")
    def indexes(self) -> Indexes:
        return Indexes()

    def bsl_iter(self) -> Iterator[Row]:
        i = 0
        while i < len(self.rows):
            yield self.rows[i]
            i += 1

    def bsl_index(self, key: Value) -> Row:
        if not ops.is_number(key) or not 0 <= key < len(self.rows):
            raise BslError("Индекс находится за границами массива")
        return self.rows[int(key)]

    def bsl_filled(self) -> bool:
        return bool(self.rows)

    def bsl_to_python(self) -> list[dict[str, Value]]:
        return [row.bsl_to_python() for row in self.rows]

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.rows)

    @method("Получить", "Get")
    def get(self, index: Any) -> Row:
        return self.bsl_index(index)

    @method("Добавить", "Add")
    def add(self) -> Row:
        self.rows.append(Row(self))
        return self.rows[-1]

    @method("Вставить", "Insert")
    def insert(self, index: Any) -> Row:
        row = Row(self)
        self.rows.insert(int(index), row)
        return row

    @method("Индекс", "IndexOf")
    def index(self, row: Any) -> int:
        return next((i for i, known in enumerate(self.rows) if known is row), -1)

    @method("Удалить", "Delete")
    def delete(self, which: Any) -> None:
        row = which if isinstance(which, Row) else self.bsl_index(which)
        del self.rows[self.index(row)]

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.rows.clear()

    @method("Сдвинуть", "Move")
    def move(self, which: Any, offset: Any) -> None:
        at = self.index(which) if isinstance(which, Row) else int(which)
        self.rows.insert(at + int(offset), self.rows.pop(at))

    @method("Найти", "Find")
    def find(self, value: Any, names: Any = "") -> Value:
        columns = [column.name.lower() for column in self.columns.named(names)]
        return next((row for row in self.rows if any(ops.equal(row.values[low], value) for low in columns)), None)

    @method("НайтиСтроки", "FindRows")
    def find_rows(self, wanted: Any) -> Array:
        return Array.of(self._matching(wanted))

    def _matching(self, wanted: FixedStructure) -> list[Row]:
        keys = [(kv.key, kv.value) for kv in wanted.items.values()]
        return [row for row in self.rows if all(ops.equal(row.bsl_get(name), value) for name, value in keys)]

    @method("Сортировать", "Sort")
    def sort(self, order: Any, comparison: Any = None) -> None:
        """«А Убыв, Б»."""
        for part in reversed(names_of(order)):
            name, _, direction = part.partition(" ")
            low = self.columns.bsl_get(name).name.lower()
            backwards = direction.strip().lower() in ("убыв", "desc")
            self.rows.sort(key=lambda row, low=low: sort_key(row.values[low]), reverse=backwards)  # type: ignore[misc]

    @method("Свернуть", "GroupBy")
    def group(self, keys: Any, sums: Any = "") -> None:
        """Rows with equal keys become one with the sums; other columns go."""
        groups = [column.name for column in self.columns.named(keys)] if names_of(keys) else []
        totals = [self.columns.bsl_get(name).name for name in names_of(sums)]
        found: dict[Value, Row] = {}
        for row in self.rows:
            key = tuple(key_of(row[name]) for name in groups)
            kept = found.setdefault(key, row)
            for name in totals if kept is not row else ():
                kept.values[name.lower()] = ops.add(kept[name], row[name])
        self.rows[:] = list(found.values())
        for column in list(self.columns.by_name.values()):
            if column.name not in groups + totals:
                self.columns.delete(column)

    @method("ВыгрузитьКолонку", "UnloadColumn")
    def unload_column(self, which: Any) -> Array:
        column = which if isinstance(which, Column) else self.columns.bsl_index(which)
        return Array.of(row[column.name] for row in self.rows)

    @method("ЗагрузитьКолонку", "LoadColumn")
    def load_column(self, values: Any, which: Any) -> None:
        column = which if isinstance(which, Column) else self.columns.bsl_index(which)
        for row, value in zip(self.rows, values.items if isinstance(values, FixedArray) else (), strict=False):
            row.bsl_set(column.name, value)

    @method("ЗаполнитьЗначения", "FillValues")
    def fill(self, value: Any, names: Any = "") -> None:
        for row in self.rows:
            for column in self.columns.named(names):
                row.bsl_set(column.name, value)

    @method("Итог", "Total")
    def total(self, name: Any) -> Value:
        found: Value = 0
        for row in self.rows:
            value = row.bsl_get(name)
            found = ops.add(found, value) if ops.is_number(value) else found
        return found

    @method("СкопироватьКолонки", "CopyColumns")
    def copy_columns(self, names: Any = "") -> ValueTable:
        made = ValueTable()
        for column in self.columns.named(names):
            made.columns.add(column.name, column.type, column.title)
        return made

    @method("Скопировать", "Copy")
    def copy(self, which: Any = None, names: Any = "") -> ValueTable:
        """All rows, or an array of them, or those that match a Структура."""
        made = self.copy_columns(names)
        rows = self._matching(which) if isinstance(which, FixedStructure) else list(which or self.rows)
        for row in rows:
            copied = made.add()
            copied.values.update({low: row.values[low] for low in copied.values})
        return made
