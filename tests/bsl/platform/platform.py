"""What the platform's functions find in their session: its connection, its user, its references."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import BslError, KilledHere, Native, Ref, Skipped, Value
from tests.bsl.platform import additional
from tests.bsl.platform.columns import EMPTY_DATE, ZERO_GUID, Column, cut, decimal_of, fitted
from tests.bsl.platform.configuration import Thing
from tests.bsl.platform.data import Data
from tests.bsl.platform.metadata import MetadataObject
from tests.bsl.platform.refs import EnumReference, Reference
from tests.bsl.runtime import Runtime, Session
from tests.bsl.simple import NULL, Uuid

if TYPE_CHECKING:
    from tests.bsl.frames import Code, Instance
    from tests.bsl.platform.infobase import Infobase

WRONG_TYPE = "Недопустимый тип значения поля «{name}»: {type}"
# What a reused value may be asked by; a container is another one each time.
KEYS = (str, bool, int, Decimal, datetime, type(None), Skipped, Reference, EnumReference, Uuid)
_numbers = itertools.count(1)
LOCKED = "Конфликт блокировок при выполнении транзакции: объект {name} заблокирован другим пользователем"
OPEN = "Ошибка блокировки объекта: {name} редактируется в другом сеансе"


class Platform:
    """user: name of the session's user; roles: None = full rights."""

    def __init__(self, base: Infobase, data: Data, user: str, roles: Sequence[str] | None) -> None:
        self.base, self.data, self.user, self.roles = base, data, user, roles
        self.privileged = 0
        self.parameters: dict[str, Value] = {}
        self.messages: list[str] = []
        self.session: BaseSession
        # What modules with reused return values have given.
        self.reused: dict[Any, Value] = {}

    # -- names

    def thing(self, full: str) -> Thing:
        found = self.base.configuration.find(full)
        if found is None:
            raise BslError(f"Объект метаданных не найден ({full})")
        return found

    def metadata(self, full: str) -> MetadataObject:
        found = self.base.metadata.find(full)
        if found is None:
            raise BslError(f"Объект метаданных не найден ({full})")
        return found

    def reference(self, full: str, guid: str) -> Reference:
        return Reference(self, self.thing(full), guid or ZERO_GUID)

    def known_type(self, name: str) -> str | None:
        return self.base.metadata.types.get(name.lower())

    def check_right(self, right: str, full: str) -> None:
        """Raises BslError where neither the session's roles nor the privileged mode give it. Objects of the УТ are
        the business of its own roles.
        """
        if self.roles is None or self.privileged or self.base.configuration.find(full) is not None:
            return
        if not any((right, full) in self.base.rights.get(role, ()) for role in self.roles):
            raise BslError(f"Нарушение прав доступа! {right}: {full}")

    def check_locked(self, thing: Thing, guid: str) -> None:
        """Raises BslError where somebody else has the object open (Infobase.lock)."""
        if (thing.full.lower(), guid) in self.base.locked:
            raise BslError(OPEN.format(name=thing.full))

    def check_space(self, space: str, key: Any) -> None:
        """The same of the rows of a space of locks that have this value in their key."""
        if (space.lower(), key) in self.base.locked:
            raise BslError(LOCKED.format(name=space))

    # -- values

    def read(self, ref: Reference) -> Any:
        """All attributes of an object as they lie in the file; None if it is not there."""
        return self.row(ref.thing, ref.guid)

    def row(self, thing: Thing, guid: str) -> Any:
        """As `read`, by GUID. What a word's reference stands for never changes."""
        words = self.base.words if thing.word not in ("", "-") else None
        if words is not None and (thing.full, guid) in words:
            return words[(thing.full, guid)]
        found = self._row(thing, guid)
        if words is not None and found is not None:
            words[(thing.full, guid)] = found
        return found

    def _row(self, thing: Thing, guid: str) -> Any:
        state = self.data.state
        if self.data.cache.get("state") != state:
            self.data.cache.clear()
            self.data.cache["state"] = state
        key = (thing.full, guid)
        if key not in self.data.cache:
            source = self.base.tables.find((thing.full,))
            assert source is not None, thing.full
            self.data.cache[key] = self.data.row(f'SELECT * FROM {source.sql} t WHERE t."Ссылка" = ?', (guid,))
        return self.data.cache[key]

    def decode(self, column: Column, raw: Any) -> Value:
        """A cell as a value of BSL; None = nothing was written there."""
        kind = column.kind
        if kind == "ref":
            if raw in (None, "", ZERO_GUID) and column.composite:
                return None
            other = column.also and self._row(self.thing(column.also), str(raw)) is not None
            return self.reference(column.also if other else column.target, str(raw or ZERO_GUID))
        if kind == "enum":
            return EnumReference(self, self.thing(column.target), self._enum_name(column.target, str(raw or "")))
        if kind == "number":
            return ops.number(decimal_of(raw or 0))
        if kind == "boolean":
            return bool(raw)
        if kind == "date":
            return date_of(str(raw or EMPTY_DATE))
        if kind == "uuid":
            return Uuid(str(raw or ZERO_GUID))
        if kind == "storage":
            return self.base.stored(str(raw or ""))
        if kind == "characteristic":
            return additional.decoded(self, raw)
        return self._any(raw) if kind == "any" else str(raw or "")

    def _enum_name(self, full: str, name: str) -> str:
        """What a base's own words have no value for is shown as empty."""
        return name if name in self.thing(full).values else ""

    def _any(self, raw: Any) -> Value:
        if raw is None or isinstance(raw, str | int):
            return raw
        return ops.number(Decimal(repr(raw)))

    def encode(self, column: Column, value: Value) -> Any:
        """A value as a cell. Raises BslError where the column is of another type."""
        if value is None or value is NULL:
            return _EMPTY.get(column.kind, ZERO_GUID if column.kind in ("ref", "uuid") else "")
        found = _ENCODE[column.kind](self, column, value)
        if found is None:
            raise BslError(WRONG_TYPE.format(name=column.name, type=type_of(value)))
        return found

    def adjusted(self, column: Column, value: Value) -> Value:
        """The value as the field keeps it from the moment of the assignment."""
        return self.decode(column, self.encode(column, value)) if column.kind not in ("any", "storage") else value


def type_of(value: Value) -> str:
    return value.bsl_type_name() if isinstance(value, Native) else type(value).__name__


def date_of(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return datetime.fromisoformat(EMPTY_DATE)


def iso(moment: datetime) -> str:
    """ISO text of seconds; strftime would forget the year's noughts."""
    return moment.replace(microsecond=0).isoformat()


def _string(platform: Platform, column: Column, value: Value) -> Any:
    return cut(column, value) if isinstance(value, str) else None


def _number(platform: Platform, column: Column, value: Value) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = fitted(column, Decimal(value))
    return int(number) if not column.scale else format(number.normalize(), "f")


def _ref(platform: Platform, column: Column, value: Value) -> Any:
    if not isinstance(value, Reference):
        return None
    return value.guid if value.thing.full.lower() in (column.target.lower(), column.also.lower()) else None


def _enum(platform: Platform, column: Column, value: Value) -> Any:
    return value.name if isinstance(value, EnumReference) and value.thing.full == column.target else None


_EMPTY = {"number": 0, "boolean": 0, "date": EMPTY_DATE}
_ENCODE: dict[str, Any] = {
    "string": _string,
    "number": _number,
    "boolean": lambda p, c, value: int(value) if isinstance(value, bool) else None,
    "date": lambda p, c, value: iso(value) if isinstance(value, datetime) else None,
    "ref": _ref,
    "enum": _enum,
    "uuid": lambda p, c, value: value.value if isinstance(value, Uuid) else None,
    "storage": lambda p, c, value: p.base.store_value(value),
    "any": lambda p, c, value: value if isinstance(value, str | int) else None,
    "characteristic": lambda p, c, value: additional.encoded(value),
}


class BaseSession(Session):
    """A session of an infobase. Its call ends as 1C's call of the server does: no transaction outlives it."""

    platform: Platform

    def __init__(self, runtime: Runtime, platform: Platform) -> None:
        super().__init__(runtime, platform)
        self.number = next(_numbers)
        self._depth = 0
        platform.session = self

    @property
    def base(self) -> Infobase:
        return self.platform.base

    @property
    def works(self) -> bool:
        """Whether it is running something now."""
        return self._depth > 0

    def call(self, path: str, *args: Any) -> Value:
        with self.entered():
            return super().call(path, *args)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Around all that runs BSL from outside. A killed session loses what it has not committed."""
        self._depth += 1
        before = self.platform.data.depth
        try:
            yield
        except BaseException as error:
            data = self.platform.data
            if isinstance(error, KilledHere) or (self._depth == 1 and (data.depth != before or data.broken)):
                data.close()
            raise
        finally:
            self._depth -= 1
        if self._depth == 0:
            self._ended(before)

    def _ended(self, before: int) -> None:
        if self.platform.data.depth != before:
            self.platform.data.close()
            raise BslError("Транзакция не завершена: вызов сервера закончился внутри нее")
        self.platform.data.end_of_call()

    def common(self, name: str) -> Instance:
        found = super().common(name)
        return found if hasattr(found, "guarded") else self._guarded(found, name)

    def module(self, name: str, context: Native | None = None) -> Instance:
        return self._guarded(super().module(name, context), name)

    def _guarded(self, module: Instance, name: str) -> Instance:
        """A routine's end switches off what of the privileged mode it has switched on; a privileged module has it
        from its beginning; a module with reused return values gives them again.
        """
        platform, original = self.platform, module.run
        privileged = int(name.lower() in self.base.privileged)

        def run(code: Code, args: list[Value | Ref]) -> Value:
            before = platform.privileged
            platform.privileged += privileged
            try:
                return original(code, args)
            finally:
                platform.privileged = before

        module.run = _reusing(platform, module, run) if name.lower() in self.base.reused else run  # type: ignore[method-assign]
        module.guarded = True  # type: ignore[attr-defined]
        return module

    def close(self) -> None:
        self.platform.data.close()


def _reusing(platform: Platform, module: Instance, run: Any) -> Any:
    kept = platform.reused

    def reusing(code: Code, args: list[Value | Ref]) -> Value:
        if not code.export or not code.is_function:
            return run(code, args)
        given = tuple(_plain(one) for one in args)
        if not all(isinstance(one, KEYS) for one in given):
            return run(code, args)
        key = (module.program.name, code.name, tuple((type(one), one) for one in given))
        if key not in kept:
            kept[key] = run(code, args)
        return kept[key]

    return reusing


def _plain(value: Value | Ref) -> Value:
    return value.value if isinstance(value, Ref) else value
