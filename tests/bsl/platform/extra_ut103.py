"""What УТ 10.3 has besides, for the external processing: Справочник.ХранилищеДополнительнойИнформации.

Give this module to Infobase as `library` and call `prepare` on the base. Items lie in an SQLite table of their own: the
processing keeps its whole state in them, each with a reference that it chooses and a name that it searches by.
"""

from __future__ import annotations

import sqlite3
import uuid
import weakref
from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Native, Value, global_property, method, prop
from tests.bsl.platform.columns import ZERO_GUID, Column
from tests.bsl.platform.configuration import Attribute, Thing
from tests.bsl.platform.managers import Managers
from tests.bsl.platform.objects import CHANGED
from tests.bsl.platform.refs import Reference
from tests.bsl.platform.tables import Source
from tests.bsl.simple import Uuid

from posrednik_sandbox.onec.store import Store

if TYPE_CHECKING:
    from tests.bsl.platform.infobase import Infobase
    from tests.bsl.platform.platform import Platform

NAME = "ХранилищеДополнительнойИнформации"
FULL = f"Справочник.{NAME}"
TABLE = "сп_хранилище"
SQL = f"""
CREATE TABLE IF NOT EXISTS "{TABLE}" (
    ref TEXT PRIMARY KEY, name TEXT NOT NULL, file TEXT NOT NULL, data TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "{TABLE}_name" ON "{TABLE}" (name);
"""
LOCKED = "Не удалось заблокировать запись: она уже заблокирована другим сеансом"
THING = Thing(
    "Справочник", NAME, word="-", source=f'"{TABLE}" o WHERE 1',
    attributes={
        "ссылка": Attribute(Column("Ссылка", "ref", target=FULL), "o.ref", standard=True),
        "наименование": Attribute(Column("Наименование", "string", 100), "o.name", standard=True),
    },
)  # fmt: skip
# Pessimistic locks of items, by the base's file and reference: gone with the object that holds them.
_locks: dict[tuple[str, str], weakref.ref[Item]] = {}


def prepare(base: Infobase) -> None:
    """Let the base have the catalog; its file gets the table."""
    store = Store(base.path)
    try:
        store.db.executescript(SQL)
    finally:
        store.close()
    base.configuration.things[FULL.lower()] = THING
    listed = ", ".join(f'{one.sql} AS "{one.name}"' for one in THING.attributes.values())
    columns = {key: one.column for key, one in THING.attributes.items()}
    base.tables.everything[FULL.lower()] = Source(f"(SELECT {listed} FROM {THING.source})", columns)  # type: ignore[index]


def items(base: Infobase, table: str) -> list[tuple[str, Value]]:
    """(name, data) of the processing's records of a table, for tests."""
    db = sqlite3.connect(base.path)
    try:
        found = db.execute(f'SELECT name, data FROM "{TABLE}" WHERE name LIKE ? ORDER BY name', (f"кд.{table}.%",))
        return [(name, base.stored(data).get()) for name, data in found]  # type: ignore[attr-defined]
    finally:
        db.close()


def release(platform: Platform) -> None:
    """What a dead session had locked is free."""
    for key, found in list(_locks.items()):
        item = found()
        if item is None or item.platform is platform:
            del _locks[key]


class ItemReference(Reference):
    """СправочникСсылка.ХранилищеДополнительнойИнформации."""

    @method("ПолучитьОбъект", "GetObject")
    def get_object(self) -> Any:
        row = self.platform.data.row(f'SELECT * FROM "{TABLE}" WHERE ref = ?', (self.guid,))
        return None if row is None else Item(self.platform, self.guid, row)


class Item(Native):
    """СправочникОбъект.ХранилищеДополнительнойИнформации."""

    def __init__(self, platform: Platform, guid: str = ZERO_GUID, row: Any = None) -> None:
        self.platform, self.guid = platform, guid
        self.title: str = row["name"] if row else ""
        self.file: str = row["file"] if row else ""
        self.data: Value = platform.base.stored(row["data"] if row else "")
        self.version = int(row["version"]) if row else 0

    def bsl_type_name(self) -> str:
        return f"СправочникОбъект.{NAME}"

    @prop("Наименование", "Description")
    def name(self) -> str:
        return self.title

    @name.setter
    def put_name(self, value: Value) -> None:
        if not isinstance(value, str):
            raise BslError("Недопустимый тип значения поля «Наименование»")
        self.title = value[:100]

    @prop("ИмяФайла")
    def file_name(self) -> str:
        return self.file

    @file_name.setter
    def put_file_name(self, value: Value) -> None:
        self.file = value

    @prop("Хранилище")
    def storage(self) -> Value:
        return self.data

    @storage.setter
    def put_storage(self, value: Value) -> None:
        if self.platform.base.store_value(value) is None:
            raise BslError("Недопустимый тип значения поля «Хранилище»")
        self.data = value

    @prop("Ссылка", "Ref")
    def ref(self) -> Value:
        return ItemReference(self.platform, THING, self.guid if self.version else ZERO_GUID)

    @method("ЭтоНовый", "IsNew")
    def is_new(self) -> bool:
        return not self.version

    @method("УстановитьСсылкуНового", "SetNewObjectRef")
    def set_new_reference(self, ref: Any) -> None:
        if self.version or not isinstance(ref, Reference) or ref.thing.full != FULL:
            raise BslError("Несоответствие типов (параметр номер '1')")
        self.guid = ref.guid

    @method("Записать", "Write")
    def write(self) -> None:
        """Refused when somebody has written the item since it was read; another one's lock keeps nobody from it."""
        if self.guid == ZERO_GUID:
            self.guid = str(uuid.uuid4())
        text = self.platform.base.store_value(self.data) or ""
        with self.platform.data.write() as store:
            known = store.value(f'SELECT version FROM "{TABLE}" WHERE ref = ?', self.guid)
            if int(known or 0) != self.version:
                raise BslError(CHANGED)
            row = (self.guid, self.title, self.file, text, self.version + 1)
            store.db.execute(f'INSERT OR REPLACE INTO "{TABLE}" VALUES (?, ?, ?, ?, ?)', row)
        self.version += 1

    @method("Удалить", "Delete")
    def remove(self) -> None:
        with self.platform.data.write() as store:
            store.db.execute(f'DELETE FROM "{TABLE}" WHERE ref = ?', (self.guid,))

    @method("Заблокировать", "Lock")
    def lock(self) -> None:
        self._check_lock()
        _locks[self._key] = weakref.ref(self)

    @method("Разблокировать", "Unlock")
    def unlock(self) -> None:
        if self._holder() is self:
            del _locks[self._key]

    @property
    def _key(self) -> tuple[str, str]:
        return str(self.platform.base.path), self.guid

    def _holder(self) -> Item | None:
        found = _locks.get(self._key)
        return found() if found is not None else None

    def _check_lock(self) -> None:
        if self._holder() not in (None, self):
            raise BslError(LOCKED)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class ItemManager(Native):
    """Справочники.ХранилищеДополнительнойИнформации."""

    bsl_type = f"СправочникМенеджер.{NAME}"

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @method("ПолучитьСсылку", "GetRef")
    def get_reference(self, uuid: Any) -> ItemReference:
        if not isinstance(uuid, Uuid):
            raise BslError("Несоответствие типов (параметр номер '1')")
        return ItemReference(self.platform, THING, uuid.value)

    @method("СоздатьЭлемент", "CreateItem")
    def create(self) -> Item:
        return Item(self.platform)


class OldCatalogs(Managers):
    """Справочники of УТ 10.3."""

    def bsl_get(self, name: str) -> Value:
        return ItemManager(self.platform) if name.lower() == NAME.lower() else super().bsl_get(name)


@global_property("Справочники", "Catalogs")
def catalogs(session: Any) -> OldCatalogs:
    return OldCatalogs(session.platform, "Справочник")
