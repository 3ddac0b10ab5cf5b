"""Transactions and locks of data as BSL calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Enumeration, Native, Value, global_function, method, prop

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

MODES = Enumeration(("РежимБлокировкиДанных", "DataLockMode"), "Исключительный=Exclusive", "Разделяемый=Shared")


@global_function("НачатьТранзакцию", "BeginTransaction")
def begin(session: Any, mode: Any = None) -> None:
    session.platform.data.begin()


@global_function("ЗафиксироватьТранзакцию", "CommitTransaction")
def commit(session: Any) -> None:
    session.platform.data.commit()


@global_function("ОтменитьТранзакцию", "RollbackTransaction")
def rollback(session: Any) -> None:
    session.platform.data.rollback()


@global_function("ТранзакцияАктивна", "TransactionActive")
def active(session: Any) -> bool:
    return bool(session.platform.data.in_transaction)


class LockItem(Native):
    """ЭлементБлокировкиДанных."""

    bsl_type = "ЭлементБлокировкиДанных"

    def __init__(self, fields: set[str], space: str) -> None:
        self.fields, self.space, self.mode = fields, space, MODES["Исключительный"]
        self.source: Any = None
        self.values: dict[str, Value] = {}

    @prop("Режим", "Mode")
    def bsl_mode(self) -> Value:
        return self.mode

    @bsl_mode.setter
    def put_mode(self, value: Value) -> None:
        self.mode = value

    @prop("ИсточникДанных", "DataSource")
    def bsl_source(self) -> Value:
        return self.source

    @bsl_source.setter
    def put_source(self, value: Value) -> None:
        self.source = value

    @method("ИспользоватьИзИсточникаДанных", "UseFromDataSource")
    def use(self, name: Any, column: Any) -> None:
        """The column must be one of the source's."""
        self.set_value(name, None)
        self.source.columns.bsl_get(column)

    @method("УстановитьЗначение", "SetValue")
    def set_value(self, name: Any, value: Any) -> None:
        if name.lower() not in self.fields:
            raise BslError(f"Неверное имя поля блокировки ({name}) пространства «{self.space}»")
        self.values[name.lower()] = value


class DataLock(Native):
    """БлокировкаДанных: checks its names. SQLite's write transaction is one lock for all, so it needs no more; what a
    test has locked (Infobase.lock with a value of the key) is refused as after the time of waiting."""

    bsl_type = "БлокировкаДанных"
    bsl_type_en = "DataLock"
    bsl_creatable = True

    def __init__(self, session: Any) -> None:
        self.platform: Platform = session.platform
        self.items: list[LockItem] = []

    @method("Добавить", "Add")
    def add(self, space: Any) -> LockItem:
        words = str(space).split(".")
        full = ".".join(words[:2])
        found = self.platform.base.metadata.find(full)
        if found is None or words[2:] not in ([], ["НаборЗаписей"]):
            raise BslError(f"Неизвестное пространство блокировки «{space}»")
        holder = found.collections.get("измерения")
        names = set(holder.items) if holder is not None else {"ссылка"}
        self.items.append(LockItem(names, str(space)))
        return self.items[-1]

    @method("Заблокировать", "Lock")
    def lock(self) -> None:
        if not self.platform.data.in_transaction:
            raise BslError("Вызов метода «Заблокировать» вне транзакции: транзакция не активна")
        if not self.items:
            raise BslError("Не заданы элементы блокировки")
        for item in self.items:
            for value in item.values.values():
                self.platform.check_space(item.space, value)


@global_function("ЗаблокироватьДанныеДляРедактирования", "LockDataForEdit")
def lock_for_edit(session: Any, what: Any, version: Any = None, form: Any = None) -> None:
    session.platform.check_locked(what.thing, what.guid)


@global_function("РазблокироватьДанныеДляРедактирования", "UnlockDataForEdit")
def unlock_for_edit(session: Any, what: Any = None, form: Any = None) -> None:
    """Nothing is held longer than a call here."""
