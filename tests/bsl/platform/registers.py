"""Own information registers: record managers, record sets with their filter, reading by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, Native, Value, global_property, method, prop
from tests.bsl.platform.columns import Column
from tests.bsl.platform.dump import Register
from tests.bsl.platform.events import Source
from tests.bsl.platform.tables import table_of
from tests.bsl.values import FixedStructure, Structure

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

EXISTS = "Запись с такими ключевыми полями существует!"
# What Записать and the subscriptions may get instead of a Булево, from 8.3.25 on.
REPLACING = Enumeration(
    ("РежимЗамещения", "ReplacementMode"),
    "Добавление=Append", "Замещение=Replace", "Обновление=Update", "Слияние=Merge", "Удаление=Delete", since="8.3",
)  # fmt: skip


class Fields(Native):
    """Something with typed fields; a value is fitted to its column when it is assigned."""

    def __init__(self, platform: Platform, columns: Sequence[Column]) -> None:
        self.platform = platform
        self.columns = {one.name.lower(): one for one in columns}
        self.values: dict[str, Value] = {key: platform.decode(one, None) for key, one in self.columns.items()}

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.columns or super().bsl_has(name)

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.columns.values()]

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.columns:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        column = self.columns.get(name.lower())
        if column is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        self.values[name.lower()] = self.platform.adjusted(column, value)

    def take(self, row: Any) -> None:
        """Values from a row of the file."""
        for key, column in self.columns.items():
            self.values[key] = self.platform.decode(column, row[column.name])

    def cell(self, column: Column) -> Any:
        return self.platform.encode(column, self.values[column.name.lower()])

    def key(self, columns: Sequence[Column]) -> tuple[Any, ...]:
        return tuple(self.cell(one) for one in columns)


class Record(Fields):
    """РегистрСведенийЗапись.X."""

    def __init__(self, platform: Platform, register: Register) -> None:
        super().__init__(platform, register.columns)
        self.register = register

    def bsl_type_name(self) -> str:
        return f"РегистрСведенийЗапись.{self.register.name}"


class FilterItem(Native):
    """ЭлементОтбора of one dimension."""

    bsl_type = "ЭлементОтбора"

    def __init__(self, platform: Platform, column: Column) -> None:
        self.platform, self.column = platform, column
        self.used = False
        self.value = platform.decode(column, None)

    @method("Установить", "Set")
    def set(self, value: Any, used: Any = True) -> None:
        self.value, self.used = self.platform.adjusted(self.column, value), ops.to_bool(used)

    @prop("Имя", "Name")
    def bsl_name(self) -> str:
        return self.column.name

    @prop("Значение", "Value")
    def bsl_value(self) -> Value:
        return self.value

    @bsl_value.setter
    def put_value(self, value: Value) -> None:
        self.value = self.platform.adjusted(self.column, value)

    @prop("Использование", "Use")
    def bsl_used(self) -> bool:
        return self.used

    @bsl_used.setter
    def put_used(self, value: Value) -> None:
        self.used = ops.to_bool(value)


class Filter(Native):
    """Отбор of a record set."""

    bsl_type = "Отбор"

    def __init__(self, platform: Platform, columns: Sequence[Column]) -> None:
        self.items = {one.name.lower(): FilterItem(platform, one) for one in columns}

    def bsl_get(self, name: str) -> Value:
        found = self.items.get(name.lower())
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found

    def bsl_iter(self) -> Iterator[Value]:
        yield from self.items.values()

    @method("Сбросить", "Reset")
    def reset(self) -> None:
        for one in self.items.values():
            one.used = False

    def condition(self) -> tuple[str, list[Any]]:
        used = [one for one in self.items.values() if one.used]
        where = " AND ".join(f'"{one.column.name}" = ?' for one in used) or "1"
        return where, [one.platform.encode(one.column, one.value) for one in used]


class RecordSet(Source):
    """РегистрСведенийНаборЗаписей.X."""

    cls = "РегистрСведений"

    def __init__(self, platform: Platform, register: Register) -> None:
        self.platform, self.register, self.name = platform, register, register.name
        self.filter = Filter(platform, register.dimensions)
        self.records: list[Record] = []
        super().__init__()

    def bsl_type_name(self) -> str:
        return f"РегистрСведенийНаборЗаписей.{self.register.name}"

    def bsl_iter(self) -> Iterator[Value]:
        yield from list(self.records)

    def bsl_index(self, key: Value) -> Value:
        if not ops.is_number(key) or not 0 <= key < len(self.records):
            raise BslError("Индекс находится за границами массива")
        return self.records[int(key)]

    @prop("Отбор", "Filter")
    def bsl_filter(self) -> Filter:
        return self.filter

    @method("Метаданные", "Metadata")
    def metadata(self) -> Value:
        return self.platform.metadata(full_name(self.register))

    @method("Добавить", "Add")
    def add(self) -> Record:
        self.records.append(Record(self.platform, self.register))
        return self.records[-1]

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.records)

    @method("Получить", "Get")
    def get(self, index: Any) -> Value:
        return self.bsl_index(index)

    @method("Удалить", "Delete")
    def delete(self, what: Any) -> None:
        self.records.remove(what if isinstance(what, Record) else self.bsl_index(what))

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.records.clear()

    @method("Прочитать", "Read")
    def read(self) -> None:
        self.platform.check_right("Чтение", full_name(self.register))
        where, values = self.filter.condition()
        self.records.clear()
        for row in self.platform.data.rows(f'SELECT * FROM "{table_of(self.register)}" WHERE {where}', values):
            self.add().take(row)

    @method("Выгрузить", "Unload")
    def unload(self) -> Value:
        from tests.bsl.platform.query import value_table

        return value_table(list(self.register.columns), [list(one.values.values()) for one in self.records])

    @method("ВыгрузитьКолонку", "UnloadColumn")
    def unload_column(self, name: Any) -> Value:
        from tests.bsl.values import Array

        return Array.of(one.bsl_get(name) for one in self.records)

    @method("Загрузить", "Load")
    def load(self, table: Any) -> None:
        self.records.clear()
        for row in table.bsl_iter():
            record = self.add()
            for column in self.register.columns:
                if table.has_column(column.name):
                    record.bsl_set(column.name, row.bsl_get(column.name))

    @method("Записать", "Write")
    def write(self, replacing: Any = True) -> None:
        """Replace what the filter holds by the records (Истина), add them (Ложь), or one of REPLACING."""
        self.platform.check_right("Изменение", full_name(self.register))
        self._check_filter()
        with self.platform.data.write():
            self.subscribed("BeforeWrite", replacing)
            if replacing is True or replacing is REPLACING["Замещение"]:
                where, values = self.filter.condition()
                self.platform.data.execute(f'DELETE FROM "{table_of(self.register)}" WHERE {where}', values)
            for record in self._left(replacing):
                insert(self.platform, self.register, record)
            self.subscribed("OnWrite", replacing)

    def _left(self, replacing: Value) -> list[Record]:
        """The records to insert. Those modes that go by keys take away what stood there before."""
        if replacing not in (REPLACING["Обновление"], REPLACING["Слияние"], REPLACING["Удаление"]):
            return self.records
        keys = {id(one): one.key(self.register.dimensions) for one in self.records}
        known = {id(one) for one in self.records if _found(self.platform, self.register, keys[id(one)]) is not None}
        for one in self.records:
            _remove(self.platform, self.register, keys[id(one)])
        if replacing is REPLACING["Удаление"]:
            return []
        return [one for one in self.records if replacing is REPLACING["Слияние"] or id(one) in known]

    def subscribed(self, event: str, replacing: Value) -> None:
        session = self.platform.session
        self.platform.base.subscribers.tell(session, self, event, replacing)

    def _check_filter(self) -> None:
        for one in self.filter.items.values():
            if one.used and any(not ops.equal(record.bsl_get(one.column.name), one.value) for record in self.records):
                raise BslError(f"Значение поля «{one.column.name}» записи не соответствует отбору набора записей")


def full_name(register: Register) -> str:
    return f"РегистрСведений.{register.name}"


def insert(platform: Platform, register: Register, record: Fields) -> None:
    """Add a record. Raises BslError where its key is there already."""
    found = _found(platform, register, record.key(register.dimensions))
    if found is not None:
        raise BslError(EXISTS)
    names = ", ".join(f'"{one.name}"' for one in register.columns)
    places = ", ".join("?" * len(register.columns))
    platform.data.execute(
        f'INSERT INTO "{table_of(register)}" ({names}) VALUES ({places})',
        record.key(register.columns),
    )


def _found(platform: Platform, register: Register, key: Sequence[Any]) -> Any:
    where = " AND ".join(f'"{one.name}" = ?' for one in register.dimensions) or "1"
    return platform.data.row(f'SELECT * FROM "{table_of(register)}" WHERE {where}', list(key))


def _remove(platform: Platform, register: Register, key: Sequence[Any]) -> None:
    where = " AND ".join(f'"{one.name}" = ?' for one in register.dimensions) or "1"
    platform.data.execute(f'DELETE FROM "{table_of(register)}" WHERE {where}', list(key))


class RecordManager(Fields):
    """РегистрСведенийМенеджерЗаписи.X. read_key: of the record it was read from; written elsewhere, that one goes."""

    def __init__(self, platform: Platform, register: Register) -> None:
        super().__init__(platform, register.columns)
        self.register = register
        self.read_key: tuple[Any, ...] | None = None

    def bsl_type_name(self) -> str:
        return f"РегистрСведенийМенеджерЗаписи.{self.register.name}"

    @method("Прочитать", "Read")
    def read(self) -> None:
        self.platform.check_right("Чтение", full_name(self.register))
        key = self.key(self.register.dimensions)
        found = _found(self.platform, self.register, key)
        self.read_key = None if found is None else key
        if found is not None:
            self.take(found)
            return
        # 1C empties the key, too: who writes the record after this gives it once more.
        for one in self.register.columns:
            self.values[one.name.lower()] = self.platform.decode(one, None)

    @method("Выбран", "Selected")
    def selected(self) -> bool:
        return self.read_key is not None

    @method("Записать", "Write")
    def write(self, replacing: Any = True) -> None:
        self.platform.check_right("Изменение", full_name(self.register))
        key = self.key(self.register.dimensions)
        with self.platform.data.write():
            written = self._as_set(key)
            written.subscribed("BeforeWrite", True)
            if self.read_key is not None and self.read_key != key:
                _remove(self.platform, self.register, self.read_key)
            if replacing is True or self.read_key == key:
                _remove(self.platform, self.register, key)
            insert(self.platform, self.register, self)
            written.subscribed("OnWrite", True)
        self.read_key = key

    @method("Удалить", "Delete")
    def delete(self) -> None:
        self.platform.check_right("Изменение", full_name(self.register))
        key = self.read_key or self.key(self.register.dimensions)
        with self.platform.data.write():
            written = self._as_set(key)
            written.records.clear()
            _remove(self.platform, self.register, key)
            written.subscribed("OnWrite", True)
        self.read_key = None

    def _as_set(self, key: tuple[Any, ...]) -> RecordSet:
        """The record set that the platform writes for a record manager."""
        made = RecordSet(self.platform, self.register)
        record = made.add()
        record.values = dict(self.values)
        for column, cell in zip(self.register.dimensions, key, strict=True):
            made.filter.items[column.name.lower()].set(self.platform.decode(column, cell))
        return made


class RegisterManager(Native):
    """РегистрСведенийМенеджер.X."""

    def __init__(self, platform: Platform, register: Register) -> None:
        self.platform, self.register = platform, register

    def bsl_type_name(self) -> str:
        return f"РегистрСведенийМенеджер.{self.register.name}"

    @method("СоздатьМенеджерЗаписи", "CreateRecordManager")
    def manager(self) -> RecordManager:
        return RecordManager(self.platform, self.register)

    @method("СоздатьНаборЗаписей", "CreateRecordSet")
    def record_set(self) -> RecordSet:
        return RecordSet(self.platform, self.register)

    @method("Получить", "Get")
    def get(self, keys: Any) -> Structure:
        """The resources of one record by all its dimensions; empty ones where there is none."""
        self.platform.check_right("Чтение", full_name(self.register))
        given = Fields(self.platform, self.register.dimensions)
        for one in _pairs(keys):
            given.bsl_set(one.key, one.value)
        found = _found(self.platform, self.register, given.key(self.register.dimensions))
        made = Structure()
        for column in self.register.columns[len(self.register.dimensions) :]:
            made.put(column.name, self.platform.decode(column, found[column.name] if found is not None else None))
        return made

    @method("Выбрать", "Select")
    def select(self, *args: Any) -> Value:
        """A selection by the dimensions of a Структура."""
        from tests.bsl.platform.query import Selection

        self.platform.check_right("Чтение", full_name(self.register))
        keys = next((one for one in args if isinstance(one, FixedStructure)), None)
        given = Filter(self.platform, self.register.dimensions)
        for one in _pairs(keys) if keys is not None else ():
            given.bsl_get(one.key).set(one.value)
        where, values = given.condition()
        rows = self.platform.data.rows(f'SELECT * FROM "{table_of(self.register)}" WHERE {where}', values)
        columns = list(self.register.columns)
        return Selection(columns, [[self.platform.decode(one, row[one.name]) for one in columns] for row in rows])


def _pairs(keys: Value) -> list[Any]:
    if not isinstance(keys, FixedStructure):
        raise BslError("Несоответствие типов (параметр номер '1')")
    return list(keys.items.values())


class Registers(Native):
    """РегистрыСведений, a name of the global context."""

    bsl_type = "РегистрыСведенийМенеджер"

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.managers: dict[str, Value] = {}

    def bsl_has(self, name: str) -> bool:
        return name.lower() in {one.lower() for one in self.platform.base.dump.registers}

    def bsl_get(self, name: str) -> Value:
        from tests.bsl.platform.sources import ut_manager

        low = name.lower()
        if low not in self.managers:
            registers = self.platform.base.dump.registers
            found = next((one for key, one in registers.items() if key.lower() == low), None)
            if found is not None:
                self.managers[low] = RegisterManager(self.platform, found)
            else:
                self.managers[low] = ut_manager(self.platform, "РегистрСведений", name)
        return self.managers[low]


@global_property("РегистрыСведений", "InformationRegisters")
def registers(session: Any) -> Registers:
    platform = session.platform
    if not hasattr(platform, "registers_root"):
        platform.registers_root = Registers(platform)
    return platform.registers_root  # type: ignore[no-any-return]


__all__ = ["SKIPPED", "RecordSet", "RegisterManager", "Registers"]
