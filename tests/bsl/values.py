"""The containers: Структура, Соответствие, Массив, their fixed forms, СписокЗначений; and Python's shapes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Native, Ref, Value, method, prop
from tests.bsl.simple import NULL, Null, TypeValue, Uuid, type_name

__all__ = [
    "NULL", "Array", "FixedArray", "FixedMap", "FixedStructure", "KeyAndValue", "Map", "Null", "Structure", "TypeValue",
    "Uuid", "ValueList", "ValueListItem", "names_of", "to_bsl", "to_python", "type_name",
]  # fmt: skip
NAME = re.compile(r"[^\W\d]\w*\Z")


def names_of(text: str) -> list[str]:
    """The names of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def key_of(value: Value) -> Value:
    """A key for a dict: Истина and 1 are different keys."""
    return (bool, value) if value is True or value is False else value


class KeyAndValue(Native):
    """КлючИЗначение: what goes round when a Структура or a Соответствие is walked."""

    bsl_type = "КлючИЗначение"
    bsl_type_en = "KeyAndValue"

    def __init__(self, key: Value, value: Value) -> None:
        self.key, self.value = key, value

    @prop("Ключ", "Key")
    def bsl_key(self) -> Value:
        return self.key

    @prop("Значение", "Value")
    def bsl_value(self) -> Value:
        return self.value


class FixedStructure(Native):
    """ФиксированнаяСтруктура; `Structure` may also be changed. Keys without case, in the order of insertion."""

    bsl_type = "ФиксированнаяСтруктура"
    bsl_type_en = "FixedStructure"
    bsl_creatable = True

    def __init__(self, keys: Value = SKIPPED, *values: Value) -> None:
        self.items: dict[str, KeyAndValue] = {}
        if isinstance(keys, FixedStructure):
            self.items = {low: KeyAndValue(kv.key, kv.value) for low, kv in keys.items.items()}
        elif isinstance(keys, str):
            self._fill(names_of(keys), values)

    def _fill(self, names: list[str], values: tuple[Value, ...]) -> None:
        if len(values) > len(names):
            raise BslError("Слишком много фактических параметров")
        for i, name in enumerate(names):
            given = values[i] if i < len(values) else None
            self.put(name, None if given is SKIPPED else given)

    def put(self, name: str, value: Value) -> None:
        """Insert or replace. Raises BslError for a key that is not an identifier."""
        if not isinstance(name, str) or not NAME.match(name):
            raise BslError(f"Задано неправильное имя атрибута структуры '{ops.text(name)}'")
        known = self.items.get(name.lower())
        if known is None:
            self.items[name.lower()] = KeyAndValue(name, value)
        else:
            known.value = value

    def __getitem__(self, name: str) -> Value:
        return self.items[name.lower()].value

    def bsl_get(self, name: str) -> Value:
        found = self.items.get(name.lower())
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found.value

    def bsl_set(self, name: str, value: Value) -> None:
        raise BslError(f"Поле объекта недоступно для записи ({name})")

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.items

    def bsl_names(self) -> list[str]:
        return [kv.key for kv in self.items.values()]

    def bsl_iter(self) -> Iterator[KeyAndValue]:
        return iter([KeyAndValue(kv.key, kv.value) for kv in self.items.values()])

    def bsl_filled(self) -> bool:
        return bool(self.items)

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.items)

    @method("Свойство", "Property", ref=(1,))
    def has(self, name: Any, out: Any = None) -> bool:
        found = self.items.get(name.lower())
        if isinstance(out, Ref):
            out.value = None if found is None else found.value
        return found is not None


class Structure(FixedStructure):
    """Структура."""

    bsl_type = "Структура"
    bsl_type_en = "Structure"

    def bsl_set(self, name: str, value: Value) -> None:
        if name.lower() not in self.items:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        self.items[name.lower()].value = value

    @method("Вставить", "Insert")
    def insert(self, name: Any, value: Any = None) -> None:
        self.put(name, value)

    @method("Удалить", "Delete")
    def delete(self, name: Any) -> None:
        self.items.pop(name.lower(), None)

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.items.clear()


def _scattered(pair: KeyAndValue) -> int:
    return crc32(ops.text(pair.key).encode("utf-8", "surrogatepass"))


class FixedMap(Native):
    """ФиксированноеСоответствие; `Map` may also be changed. Keys of any type.

    BSL walks it in an order that has nothing to do with that of insertion, as in 1C; Python, by `items`, in this one.
    """

    bsl_type = "ФиксированноеСоответствие"
    bsl_type_en = "FixedMap"
    bsl_creatable = True

    def __init__(self, source: Value = SKIPPED) -> None:
        self.items: dict[Value, KeyAndValue] = {}
        if isinstance(source, FixedMap):
            self.items = {key: KeyAndValue(kv.key, kv.value) for key, kv in source.items.items()}

    def put(self, key: Value, value: Value) -> None:
        """Insert or replace."""
        known = self.items.get(key_of(key))
        if known is None:
            self.items[key_of(key)] = KeyAndValue(key, value)
        else:
            known.value = value

    def bsl_index(self, key: Value) -> Value:
        found = self.items.get(key_of(key))
        return None if found is None else found.value

    def bsl_iter(self) -> Iterator[KeyAndValue]:
        return iter([KeyAndValue(kv.key, kv.value) for kv in sorted(self.items.values(), key=_scattered)])

    def bsl_filled(self) -> bool:
        return bool(self.items)

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.items)

    @method("Получить", "Get")
    def get(self, key: Any) -> Value:
        return self.bsl_index(key)


class Map(FixedMap):
    """Соответствие."""

    bsl_type = "Соответствие"
    bsl_type_en = "Map"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, pairs: Iterable[tuple[Value, Value]]) -> Map:
        made = cls()
        for key, value in pairs:
            made.put(key, value)
        return made

    def bsl_set_index(self, key: Value, value: Value) -> None:
        self.put(key, value)

    @method("Вставить", "Insert")
    def insert(self, key: Any, value: Any = None) -> None:
        self.put(key, value)

    @method("Удалить", "Delete")
    def delete(self, key: Any) -> None:
        self.items.pop(key_of(key), None)

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.items.clear()


class FixedArray(Native):
    """ФиксированныйМассив; `Array` may also be changed. Indexes from 0."""

    bsl_type = "ФиксированныйМассив"
    bsl_type_en = "FixedArray"
    bsl_creatable = True

    def __init__(self, source: Value = SKIPPED) -> None:
        self.items: list[Value] = list(source.items) if isinstance(source, FixedArray) else []

    def at(self, index: Value) -> int:
        """A checked index."""
        if not ops.is_number(index):
            raise BslError("Преобразование значения к типу Число не может быть выполнено")
        if not 0 <= index < len(self.items):
            raise BslError("Индекс находится за границами массива")
        return int(index)

    def bsl_index(self, key: Value) -> Value:
        return self.items[self.at(key)]

    def bsl_iter(self) -> Iterator[Value]:
        return _live(self.items)

    def bsl_filled(self) -> bool:
        return bool(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.items)

    @method("ВГраница", "UBound")
    def upper(self) -> int:
        return len(self.items) - 1

    @method("Получить", "Get")
    def get(self, index: Any) -> Value:
        return self.bsl_index(index)

    @method("Найти", "Find")
    def find(self, value: Any) -> Value:
        return next((i for i, item in enumerate(self.items) if ops.equal(item, value)), None)


def _live(items: list[Value]) -> Iterator[Value]:
    """Walks by position, so that what is added or deleted meanwhile counts (as in 1C)."""
    i = 0
    while i < len(items):
        yield items[i]
        i += 1


class Array(FixedArray):
    """Массив(Размер…): each further size makes nested arrays."""

    bsl_type = "Массив"
    bsl_type_en = "Array"

    def __init__(self, size: Value = SKIPPED, *inner: Value) -> None:
        super().__init__(size)
        if ops.is_number(size):
            self.items = [Array(*inner) if inner else None for _ in range(int(size))]

    @classmethod
    def of(cls, items: Iterable[Value]) -> Array:
        made = cls()
        made.items = list(items)
        return made

    def bsl_set_index(self, key: Value, value: Value) -> None:
        self.items[self.at(key)] = value

    @method("Добавить", "Add")
    def add(self, value: Any = None) -> None:
        self.items.append(value)

    @method("Вставить", "Insert")
    def insert(self, index: Any, value: Any = None) -> None:
        if not ops.is_number(index) or not 0 <= index <= len(self.items):
            raise BslError("Индекс находится за границами массива")
        self.items.insert(int(index), value)

    @method("Установить", "Set")
    def set(self, index: Any, value: Any) -> None:
        self.items[self.at(index)] = value

    @method("Удалить", "Delete")
    def delete(self, index: Any) -> None:
        del self.items[self.at(index)]

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.items.clear()


class ValueListItem(Native):
    """ЭлементСпискаЗначений."""

    bsl_type = "ЭлементСпискаЗначений"
    bsl_type_en = "ValueListItem"

    def __init__(self, value: Value, label: Value = "", check: Value = False) -> None:
        self.value, self.label, self.check = value, label, check

    @prop("Значение", "Value")
    def bsl_value(self) -> Value:
        return self.value

    @bsl_value.setter
    def set_value(self, value: Value) -> None:
        self.value = value

    @prop("Представление", "Presentation")
    def bsl_label(self) -> Value:
        return self.label

    @bsl_label.setter
    def set_label(self, value: Value) -> None:
        self.label = value

    @prop("Пометка", "Check")
    def bsl_check(self) -> Value:
        return self.check

    @bsl_check.setter
    def set_check(self, value: Value) -> None:
        self.check = value

    def bsl_text(self) -> str:
        return self.label or ops.text(self.value)


class ValueList(Native):
    """СписокЗначений."""

    bsl_type = "СписокЗначений"
    bsl_type_en = "ValueList"
    bsl_creatable = True

    def __init__(self) -> None:
        self.items: list[ValueListItem] = []

    def bsl_index(self, key: Value) -> ValueListItem:
        if not ops.is_number(key) or not 0 <= key < len(self.items):
            raise BslError("Индекс находится за границами списка")
        return self.items[int(key)]

    def bsl_iter(self) -> Iterator[Value]:
        return _live(self.items)

    def bsl_filled(self) -> bool:
        return bool(self.items)

    @method("Добавить", "Add")
    def add(self, value: Any = None, label: Any = "", check: Any = False, picture: Any = None) -> ValueListItem:
        self.items.append(ValueListItem(value, label, check))
        return self.items[-1]

    @method("Вставить", "Insert")
    def insert(self, index: Any, value: Any = None, label: Any = "", check: Any = False) -> ValueListItem:
        self.items.insert(int(index), ValueListItem(value, label, check))
        return self.items[int(index)]

    @method("Количество", "Count")
    def count(self) -> int:
        return len(self.items)

    @method("Получить", "Get")
    def get(self, index: Any) -> ValueListItem:
        return self.bsl_index(index)

    @method("НайтиПоЗначению", "FindByValue")
    def find(self, value: Any) -> Value:
        return next((item for item in self.items if ops.equal(item.value, value)), None)

    @method("Индекс", "IndexOf")
    def index(self, item: Any) -> int:
        return next((i for i, known in enumerate(self.items) if known is item), -1)

    @method("ПоказатьВыборЭлемента", "ShowChooseItem")
    def choose(self, session: Any, notice: Any, title: Any = "", first: Any = None) -> None:
        """Lets the person at the screen choose an item (the answer: its value)."""
        session.platform.screen.ask(notice, "choice", title, self.find)

    @method("ВыгрузитьЗначения", "UnloadValues")
    def unload(self) -> Array:
        return Array.of(item.value for item in self.items)

    @method("ЗагрузитьЗначения", "LoadValues")
    def load(self, values: Any) -> None:
        self.items = [ValueListItem(value) for value in values]

    @method("Удалить", "Delete")
    def delete(self, which: Any) -> None:
        self.items.remove(which if isinstance(which, ValueListItem) else self.bsl_index(which))

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.items.clear()

    @method("СортироватьПоЗначению", "SortByValue")
    def sort_by_value(self, direction: Any = None) -> None:
        self.items.sort(key=lambda item: sort_key(item.value), reverse=ops.text(direction).lower() == "убыв")

    @method("СортироватьПоПредставлению", "SortByPresentation")
    def sort_by_label(self, direction: Any = None) -> None:
        self.items.sort(key=lambda item: ops.collated(item.bsl_text()), reverse=ops.text(direction).lower() == "убыв")


_ORDER = {type(None): 0, bool: 1, int: 2, Decimal: 2, datetime: 3, str: 4}


def sort_key(value: Value) -> tuple[int, Any]:
    """The order of values of any types: by the kind first."""
    kind = _ORDER.get(type(value), 5)
    if kind == 0:
        return 0, 0
    return kind, value if kind < 4 else ops.collated(ops.text(value))


def to_bsl(value: Any) -> Value:
    """Python's dict, list, tuple, float inside out as Соответствие, Массив, Число; what is a value of BSL stays."""
    if isinstance(value, Mapping):
        return Map.of((to_bsl(k), to_bsl(v)) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return Array.of(to_bsl(v) for v in value)
    if isinstance(value, float):
        return ops.number(Decimal(repr(value)))
    return value


def to_python(value: Value) -> Any:
    """Соответствие and Структура as dict, Массив and СписокЗначений as list, the identifier as str; the rest stays."""
    if isinstance(value, FixedStructure | FixedMap):
        return {to_python(kv.key): to_python(kv.value) for kv in value.items.values()}
    if isinstance(value, FixedArray):
        return [to_python(item) for item in value.items]
    if isinstance(value, ValueList):
        return [to_python(item.value) for item in value.items]
    if isinstance(value, Uuid):
        return value.value
    return to_python(value.bsl_to_python()) if hasattr(value, "bsl_to_python") else value
