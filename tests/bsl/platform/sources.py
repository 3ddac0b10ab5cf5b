"""Registers of the УТ as BSL meets them: record sets that subscriptions are told of, reading by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Native, Value, global_property, method, prop
from tests.bsl.platform.columns import ZERO_GUID, Column
from tests.bsl.platform.events import Source
from tests.bsl.platform.registers import Fields, Filter
from tests.bsl.platform.tables import STOCK, UtRegister

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

    from posrednik_sandbox.onec.books import Move


class UtRecordSet(Source):
    """A record set of a УТ register, as the handler of a subscription gets it. Its filter is the recorder, as both
    registers of the УТ have one; only movements of goods can be read by it.
    """

    def __init__(self, platform: Platform, register: UtRegister) -> None:
        self.platform, self.register = platform, register
        self.cls, _, self.name = register.full.partition(".")
        self.records: list[Fields] = []
        super().__init__()
        self.filter = Filter(platform, [Column("Регистратор", "any", composite=True)])

    def bsl_type_name(self) -> str:
        return f"{self.cls}НаборЗаписей.{self.name}"

    def bsl_iter(self) -> Iterator[Value]:
        yield from list(self.records)

    @prop("Отбор", "Filter")
    def bsl_filter(self) -> Filter:
        return self.filter

    @method("Прочитать", "Read")
    def read(self) -> None:
        recorder = self.filter.items["регистратор"]
        if self.register.full != STOCK or not recorder.used:
            raise BslError(f"Набор записей {self.register.full} без отбора по регистратору не читается")
        sql = "SELECT warehouse, product, characteristic, milli FROM goods_move WHERE document = ? ORDER BY rowid"
        self.take(self.platform.data.rows(sql, (recorder.value.guid,)))

    def take(self, rows: Iterable[Any]) -> None:
        """Movements of goods: rows of (warehouse, product, characteristic, milli)."""
        names = [one.name for one in (*self.register.dimensions, self.register.resources[0])]
        self.records = []
        for warehouse, product, characteristic, milli in rows:
            record = Fields(self.platform, [*self.register.dimensions, *self.register.resources])
            cells = (warehouse, product, characteristic or ZERO_GUID, str(Decimal(abs(milli)) / 1000))
            empty: dict[str, Any] = {one.name: None for one in record.columns.values()}
            record.take(empty | dict(zip(names, cells, strict=True)))
            self.records.append(record)

    @method("Метаданные", "Metadata")
    def metadata(self) -> Value:
        return self.platform.metadata(self.register.full)

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.records)

    @method("Выгрузить", "Unload")
    def unload(self) -> Value:
        from tests.bsl.platform.query import value_table

        columns = [*self.register.dimensions, *self.register.resources]
        return value_table(columns, [list(one.values.values()) for one in self.records])


class UtRegisterManager(Native):
    """A manager of a УТ register: only what reading by query does not need."""

    def __init__(self, platform: Platform, register: UtRegister) -> None:
        self.platform, self.register = platform, register

    def bsl_type_name(self) -> str:
        cls, _, name = self.register.full.partition(".")
        return f"{cls}Менеджер.{name}"

    @method("СоздатьНаборЗаписей", "CreateRecordSet")
    def record_set(self) -> UtRecordSet:
        return UtRecordSet(self.platform, self.register)


def ut_manager(platform: Platform, cls: str, name: str) -> UtRegisterManager:
    found = platform.base.tables.registers.get(f"{cls}.{name}".lower())
    if found is None:
        raise BslError(f"Поле объекта не обнаружено ({name})")
    return UtRegisterManager(platform, found)


def source_of(platform: Platform, kind: str, ref: str) -> Any:
    """What 1C would have written where the sandbox has written this object; None for what a УТ does not know."""
    register = next((one for one in platform.base.tables.registers.values() if one.kind == kind), None)
    if register is None:
        from tests.bsl.platform.objects import DataObject

        thing = platform.base.configuration.of_kind(kind)
        return None if thing is None else DataObject.load(platform, thing, ref)
    made = UtRecordSet(platform, register)
    columns = [*register.dimensions, *register.resources]
    for row in platform.data.rows(f'SELECT * FROM ({register.sql}) WHERE "@" = ?', (ref,)):
        record = Fields(platform, columns)
        record.take(row)
        made.records.append(record)
    return made


def moved_set(platform: Platform, document: Value, moves: Iterable[Move]) -> UtRecordSet:
    """The record set of the register of goods that a document writes with these movements."""
    made = UtRecordSet(platform, platform.base.tables.registers[STOCK.lower()])
    made.filter.items["регистратор"].set(document)
    made.take((one.warehouse, one.product, one.characteristic, one.milli) for one in moves)
    return made


@global_property("РегистрыНакопления", "AccumulationRegisters")
def accumulation(session: Any) -> Value:
    return AccumulationRegisters(session.platform)


class AccumulationRegisters(Native):
    bsl_type = "РегистрыНакопленияМенеджер"

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def bsl_get(self, name: str) -> Value:
        return ut_manager(self.platform, "РегистрНакопления", name)
