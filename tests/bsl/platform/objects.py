"""Objects of catalogs and documents: their attributes, table parts, writing and deleting."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, Native, Value, method
from tests.bsl.platform import writing
from tests.bsl.platform.columns import ZERO_GUID
from tests.bsl.platform.configuration import Attribute, TablePart, Thing
from tests.bsl.platform.events import Source
from tests.bsl.platform.refs import Reference
from tests.bsl.values import Array, Structure

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

WRITE_MODES = Enumeration(
    ("РежимЗаписиДокумента", "DocumentWriteMode"), "Запись=Write", "Проведение=Posting", "ОтменаПроведения=UndoPosting"
)
POSTING_MODES = Enumeration(
    ("РежимПроведенияДокумента", "DocumentPostingMode"), "Оперативный=RealTime", "Неоперативный=Regular"
)
CHANGED = "Данные были изменены или удалены другим пользователем"


class PartRow(Native):
    """A row of a table part. source: what the sandbox keeps of it besides the attributes."""

    def __init__(self, part: PartTable, source: dict[str, Any] | None = None) -> None:
        self.part, self.source = part, dict(source or {})
        self.values: dict[str, Value] = {}
        self.changed: set[str] = set()

    def bsl_type_name(self) -> str:
        return f"{self.part.owner.thing.cls}ТабличнаяЧастьСтрока.{self.part.owner.thing.name}.{self.part.part.name}"

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.part.part.attributes.values()]

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.part.part.attributes

    def bsl_get(self, name: str) -> Value:
        low = name.lower()
        if low == "номерстроки":
            return self.part.rows.index(self) + 1 if self in self.part.rows else 0
        attribute = self._attribute(name)
        if low not in self.values:
            self.values[low] = self.part.owner.platform.decode(attribute.column, None)
        return self.values[low]

    def bsl_set(self, name: str, value: Value) -> None:
        attribute = self._attribute(name)
        if attribute.standard:
            raise BslError(f"Поле объекта недоступно для записи ({name})")
        self.values[name.lower()] = self.part.owner.platform.adjusted(attribute.column, value)
        self.changed.add(name.lower())
        self.part.changed = True

    def _attribute(self, name: str) -> Attribute:
        found = self.part.part.attributes.get(name.lower())
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class PartTable(Native):
    """A table part of an object."""

    def __init__(self, owner: DataObject, part: TablePart) -> None:
        self.owner, self.part = owner, part
        self.rows: list[PartRow] = []
        self.changed = False

    def bsl_type_name(self) -> str:
        return f"{self.owner.thing.cls}ТабличнаяЧасть.{self.owner.thing.name}.{self.part.name}"

    def bsl_iter(self) -> Iterator[Value]:
        yield from list(self.rows)

    def bsl_index(self, key: Value) -> Value:
        if not ops.is_number(key) or not 0 <= key < len(self.rows):
            raise BslError("Индекс находится за границами массива")
        return self.rows[int(key)]

    @method("Добавить", "Add")
    def add(self) -> PartRow:
        self.changed = True
        self.rows.append(PartRow(self))
        return self.rows[-1]

    @method("Вставить", "Insert")
    def insert(self, place: Any) -> PartRow:
        self.changed = True
        self.rows.insert(int(place), PartRow(self))
        return self.rows[int(place)]

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.changed = True
        self.rows.clear()

    @method("Удалить", "Delete")
    def delete(self, what: Any) -> None:
        self.changed = True
        self.rows.remove(what if isinstance(what, PartRow) else self.bsl_index(what))

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.rows)

    @method("Получить", "Get")
    def get(self, place: Any) -> Value:
        return self.bsl_index(place)

    @method("Индекс", "IndexOf")
    def index(self, row: Any) -> int:
        return self.rows.index(row) if row in self.rows else -1

    @method("Найти", "Find")
    def find(self, value: Any, names: Any = "") -> Value:
        wanted = (
            [name.strip() for name in names.split(",")] if names not in ("", SKIPPED) else list(self.part.attributes)
        )
        fits = (row for row in self.rows for name in wanted if ops.equal(row.bsl_get(name), value))
        return next(fits, None)

    @method("НайтиСтроки", "FindRows")
    def find_rows(self, wanted: Any) -> Array:
        pairs = list(wanted.items.values())
        return Array.of(row for row in self.rows if all(ops.equal(row.bsl_get(one.key), one.value) for one in pairs))

    @method("Итог", "Total")
    def total(self, name: Any) -> Value:
        found: Value = 0
        for row in self.rows:
            found = ops.add(found, row.bsl_get(name))
        return found

    @method("ВыгрузитьКолонку", "UnloadColumn")
    def unload_column(self, name: Any) -> Array:
        return Array.of(row.bsl_get(name) for row in self.rows)

    @method("Выгрузить", "Unload")
    def unload(self, *args: Any) -> Value:
        from tests.bsl.platform.query import value_table

        columns = [one.column for one in self.part.attributes.values()]
        return value_table(columns, [[row.bsl_get(one.name) for one in columns] for row in self.rows])

    @method("Загрузить", "Load")
    def load(self, table: Any) -> None:
        self.clear()
        names = {one.name.lower() for one in table.columns.bsl_iter()}
        for given in table.bsl_iter():
            row = self.add()
            for low, attribute in self.part.attributes.items():
                if low in names and not attribute.standard:
                    row.bsl_set(attribute.name, given.bsl_get(attribute.name))


class DataObject(Source):
    """СправочникОбъект.X, ДокументОбъект.X. version: of the row that was read; "" = a new one."""

    def __init__(self, platform: Platform, thing: Thing, guid: str = "") -> None:
        self.platform, self.thing, self.guid = platform, thing, guid
        self.cls, self.name = thing.cls, thing.name
        self.version = ""
        self.data: dict[str, Any] = {}
        self.values: dict[str, Value] = {}
        self.changed: set[str] = set()
        self.deleted = self.posted = False
        super().__init__()
        self.parts = {key: PartTable(self, part) for key, part in thing.parts.items()}

    @classmethod
    def load(cls, platform: Platform, thing: Thing, guid: str) -> DataObject | None:
        """None where there is none, or the object is made of words only."""
        if thing.word or not thing.kind:
            return None
        row = platform.row(thing, guid)
        stored = platform.data.row(
            "SELECT * FROM object WHERE kind = ? AND ref = ? AND deleted < 2", (thing.kind, guid)
        )
        if row is None or stored is None:
            return None
        made = cls(platform, thing, guid)
        made.version, made.data = stored["version"], json.loads(stored["data"])
        made.deleted, made.posted = bool(stored["deleted"]), bool(stored["posted"])
        made._take(row)
        return made

    def _take(self, row: Any) -> None:
        for low, attribute in self.thing.attributes.items():
            self.values[low] = self.platform.decode(attribute.column, row[attribute.name])
        for table in self.parts.values():
            full = f"{self.thing.full}.{table.part.name}"
            source = self.platform.base.tables.find((full,))
            assert source is not None, full
            sql = f'SELECT * FROM {source.sql} t WHERE t."Ссылка" = ? ORDER BY t."НомерСтроки"'
            lines = self.data.get(table.part.path) or []
            for place, found in enumerate(self.platform.data.rows(sql, (self.guid,))):
                line = PartRow(table, lines[place] if place < len(lines) else {})
                for low, attribute in table.part.attributes.items():
                    line.values[low] = self.platform.decode(attribute.column, found[attribute.name])
                table.rows.append(line)

    # -- attributes

    def bsl_type_name(self) -> str:
        return f"{self.thing.cls}Объект.{self.thing.name}"

    def bsl_text(self) -> str:
        return self.reference().bsl_text() or self.thing.name

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.thing.attributes.values()]

    def bsl_has(self, name: str) -> bool:
        low = name.lower()
        return super().bsl_has(name) or low in self.thing.attributes or low in self.parts

    def bsl_get(self, name: str) -> Value:
        low = name.lower()
        if low in self.parts:
            return self.parts[low]
        attribute = self.thing.attributes.get(low)
        if attribute is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        if low in ("ссылка", "версияданных"):
            return self.reference() if low == "ссылка" else self.version
        if low in ("пометкаудаления", "проведен"):
            return self.deleted if low == "пометкаудаления" else self.posted
        if low not in self.values:
            self.values[low] = self.platform.decode(attribute.column, None)
        return self.values[low]

    def bsl_set(self, name: str, value: Value) -> None:
        low = name.lower()
        attribute = self.thing.attributes.get(low)
        if attribute is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        if low in ("ссылка", "версияданных", "этогруппа", "предопределенный"):
            raise BslError(f"Поле объекта недоступно для записи ({name})")
        if low in ("пометкаудаления", "проведен"):
            setattr(self, "deleted" if low == "пометкаудаления" else "posted", ops.to_bool(value))
            return
        self.values[low] = self.platform.adjusted(attribute.column, value)
        self.changed.add(low)

    def reference(self) -> Reference:
        """Empty until a new object is written."""
        return Reference(self.platform, self.thing, self.guid if self.version else ZERO_GUID)

    @method("Метаданные", "Metadata")
    def metadata(self) -> Value:
        return self.platform.metadata(self.thing.full)

    @method("ЭтоНовый", "IsNew")
    def is_new(self) -> bool:
        return not self.version

    @method("УстановитьСсылкуНового", "SetNewObjectRef")
    def set_new_reference(self, ref: Any) -> None:
        if self.version:
            raise BslError("Ссылка нового устанавливается только новому объекту")
        if not isinstance(ref, Reference) or ref.thing.full != self.thing.full:
            raise BslError("Несоответствие типов (параметр номер '1')")
        self.guid = ref.guid

    @method("ПолучитьСсылкуНового", "GetNewObjectRef")
    def new_reference(self) -> Reference:
        return Reference(self.platform, self.thing, self.guid or ZERO_GUID)

    @method("Модифицированность", "Modified")
    def modified(self) -> bool:
        return bool(self.changed) or any(one.changed for one in self.parts.values())

    @method("Заполнить", "Fill")
    def fill(self, basis: Any = None) -> None:
        """Filling belongs to the configuration; what is filled here is only what a structure names."""
        for one in basis.items.values() if isinstance(basis, Structure) else ():
            if self.bsl_has(one.key):
                self.bsl_set(one.key, one.value)

    @method("ПроверитьЗаполнение", "CheckFilling")
    def check_filling(self) -> bool:
        return True

    @method("УстановитьНовыйНомер", "SetNewNumber")
    def set_new_number(self, prefix: Any = "") -> None:
        with self.platform.data.write() as store:
            self.bsl_set("Номер", writing.next_number(store, self.thing, self.platform.base.local_now.year))

    @method("Прочитать", "Read")
    def read(self) -> None:
        found = DataObject.load(self.platform, self.thing, self.guid)
        if found is None:
            raise BslError(CHANGED)
        for name in ("version", "data", "values", "deleted", "posted"):
            setattr(self, name, getattr(found, name))
        self.changed = set()
        for key, table in found.parts.items():
            self.parts[key].rows, self.parts[key].changed = table.rows, False
            for row in table.rows:
                row.part = self.parts[key]

    @method("Заблокировать", "Lock")
    def lock(self) -> None:
        """What keeps nobody from writing, only from locking: who would write what a person may have open asks first."""
        self.platform.check_locked(self.thing, self.guid)

    @method("Заблокирован", "IsLocked")
    def locked(self) -> bool:
        return False

    @method("Разблокировать", "Unlock")
    def unlock(self) -> None:
        """Nothing is held longer than a call here."""

    @method("Скопировать", "Copy")
    def copy(self) -> DataObject:
        made = DataObject(self.platform, self.thing)
        for low, value in self.values.items():
            attribute = self.thing.attributes[low]
            if not attribute.standard or low == "наименование":
                made.bsl_set(attribute.name, value)
        for key, table in self.parts.items():
            for row in table.rows:
                copied = made.parts[key].add()
                for low, attribute in table.part.attributes.items():
                    if not attribute.standard:
                        copied.bsl_set(attribute.name, row.bsl_get(low))
        return made

    # -- writing

    @method("Записать", "Write")
    def write(self, mode: Any = None, posting: Any = None) -> None:
        """One transaction: BeforeWrite, the row, posting or its undoing, OnWrite."""
        wanted = WRITE_MODES["Запись"] if mode in (None, SKIPPED) else mode
        if not self.thing.is_document and mode not in (None, SKIPPED):
            raise BslError("Слишком много фактических параметров")
        before = (self.version, self.posted, self.deleted)
        try:
            with self.platform.data.write() as store:
                self._before_write(wanted, posting)
                self._store(store, wanted)
                self.platform.data.cache.clear()
                self._tell("OnWrite")
        except BaseException:
            self.version, self.posted, self.deleted = before
            raise
        self.changed.clear()
        for table in self.parts.values():
            table.changed = False

    def _before_write(self, mode: Value, posting: Value) -> None:
        if mode is WRITE_MODES["Проведение"]:
            if self.deleted:
                raise BslError("Помеченный на удаление документ не может быть проведен!")
            self.posted = True
        elif mode is WRITE_MODES["ОтменаПроведения"] or self.deleted:
            self.posted = False
        more = (mode, posting or POSTING_MODES["Неоперативный"]) if self.thing.is_document else ()
        self.platform.base.subscribers.tell(self.platform.session, self, "BeforeWrite", *more)

    def _store(self, store: Any, mode: Value) -> None:
        now = store.row(
            "SELECT version FROM object WHERE kind = ? AND ref = ? AND deleted < 2", self.thing.kind, self.guid
        )
        if (now["version"] if now else "") != self.version:
            raise BslError(CHANGED)
        self.guid = self.guid if self.guid not in ("", ZERO_GUID) else str(uuid.uuid4())
        posting = mode is not WRITE_MODES["Запись"] or (self.deleted and bool(self.version))
        self.data = writing.written(self.platform, store, self, posting=posting)
        self.version = store.value("SELECT version FROM object WHERE kind = ? AND ref = ?", self.thing.kind, self.guid)

    def _tell(self, event: str) -> None:
        self.platform.base.subscribers.tell(self.platform.session, self, event)

    @method("УстановитьПометкуУдаления", "SetDeletionMark")
    def mark_deleted(self, mark: Any = True, *more: Any) -> None:
        before = self.deleted
        self.deleted = ops.to_bool(mark)
        try:
            self.write()
        except BaseException:
            self.deleted = before
            raise

    @method("Удалить", "Delete")
    def remove(self) -> None:
        """Physically. The handlers hear of it before."""
        with self.platform.data.write() as store:
            self._tell("BeforeDelete")
            writing.removed(self.platform, store, self)
        self.platform.data.cache.clear()

    def changed_values(self) -> Mapping[str, Value]:
        return {low: self.values[low] for low in self.changed}


__all__ = ["DataObject", "PartRow", "PartTable"]
