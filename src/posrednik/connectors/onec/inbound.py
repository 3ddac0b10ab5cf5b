"""From 1C's words to ours, pure: each object and command of a message by itself, canonical or refused with a reason."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec

from posrednik.connectors.onec import lists
from posrednik.connectors.onec.wire import COMMAND_LINES, COMMANDS, JSON, KINDS, NULLABLE, Fields
from posrednik.kit import values
from posrednik.kit.quoting import quotable


class Unreadable(Exception):
    """One object or command cannot be taken; the rest of the message is not touched.

    code: unknown_kind, missing_ref, missing_field, unreadable_value, unknown_command, not_a_command
    field: its path ("lines.product"), "" = the whole. value: as value maps name it, None = no single value.
    """

    def __init__(self, code: str, what: str, field: str = "", value: Any = None) -> None:
        super().__init__(what)
        self.code, self.what = code, what
        self.field, self.value = _INDEX.sub("", field), named(value) if field else None


class Object(msgspec.Struct, frozen=True, gc=False):
    """One object in canonical form. body: JSON text with sorted keys; hash: of all that makes it different.

    odd_sums: lines whose sum is not quantity × price, in words. A deleted object may come without its data ("{}").
    """

    index: int
    kind: str
    ref: str
    version: str
    deleted: bool
    posted: bool
    event_id: UUID | None
    data: JSON
    body: str
    hash: bytes
    needs: tuple[tuple[str, str], ...]
    odd_sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command in canonical form. order_ref: None = it is about no order."""

    id: UUID
    type: str
    order_ref: UUID | None
    data: JSON
    issued_at: str | None
    issued_by: str
    hash: bytes


class WireObject(msgspec.Struct, gc=False):
    """An object as it came: JSON values, each still to be read."""

    kind: Any = None
    ref: Any = None
    version: str | int | float | None = None
    deleted: Any = None
    posted: Any = None
    event: Any = None
    data: dict[str, Any] | None = None


class _WireCommand(msgspec.Struct):
    id: UUID
    type: str
    data: dict[str, Any] | None = None
    issued_at: Any = None
    issued_by: Any = None


DEEPEST = 64  # levels; a person's attributes have two or three
LONGEST_VALUE = 200  # characters of a value that can be mapped
_INDEX = re.compile(r"\[[0-9]+\]")
_encoder = msgspec.json.Encoder(order="sorted")
_object_decoder = msgspec.json.Decoder(WireObject)
_command_decoder = msgspec.json.Decoder(_WireCommand)
Reader = Callable[[Any], Any]
Maps = Mapping[tuple[str, str], Mapping[str, str]]  # (kind, path of a field) → their value → ours


@dataclass(frozen=True, slots=True)
class _Shape:
    """The reader of each known field, and which fields must be there: put together once, used for every object.

    absent: what stands in for a required field that is not there.
    """

    readers: Mapping[str, Reader]
    required: frozenset[str]
    absent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The shapes of one kind's data, of its lines and of its parts."""

    data: _Shape
    lines: _Shape
    parts: tuple[tuple[str, _Shape, bool], ...]


def named(value: Any) -> str | None:
    """A value as value maps name it: its text, "" of an empty one; None = no single value, or a very long one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = values.text(value) or ""
    except ValueError:
        return None
    return text if len(text) <= LONGEST_VALUE else None


def _mapped(read: Reader, meant: Mapping[str, Any]) -> Reader:
    """A reader that looks first whether a value means another one; by its canonical form, too."""

    def read_mapped(value: Any) -> Any:
        name = named(value)
        if name is not None and name in meant:
            return meant[name]
        found = read(value)
        return meant.get(found, found) if isinstance(found, str) else found

    return read_mapped


class Inbound:
    """Reads what one base sends. zone: the base's time zone, for times without an offset.

    maps: what values of the base mean here; a field without any costs nothing more.
    """

    def __init__(self, zone: str, maps: Maps | None = None) -> None:
        self._readers: dict[str, Reader] = {
            "text": values.text, "guid": values.guid, "money": values.money, "quantity": values.quantity,
            "flag": values.flag, "number": values.number, "time": lambda value: values.time(value, zone),
            "exact": _exact, "list": _list, **lists.READERS,
        }  # fmt: skip
        self._maps = maps or {}
        self._kinds = {kind: self._shapes(kind, fields) for kind, fields in KINDS.items()}
        self._commands = {kind: self._shape(*shape) for kind, shape in COMMANDS.items()}
        self._command_lines = {kind: self._shape(*shape) for kind, shape in COMMAND_LINES.items()}

    def canonical(self, type: str, value: Any) -> Any:
        """One value in canonical form, without its map; None = empty. Raises ValueError."""
        return self._readers[type](value)

    def _shape(
        self, required: Mapping[str, str], optional: Mapping[str, str], kind: str = "", path: str = ""
    ) -> _Shape:  # fmt: skip
        readers, absent = dict[str, Reader](), dict[str, Any]()
        for name, type in {**optional, **required}.items():
            readers[name] = self._readers[type]
            if known := self._maps.get((kind, path + name)):
                meant = self._meant(readers[name], known)
                readers[name] = _mapped(readers[name], meant)
                absent |= {name: meant[""]} if "" in meant else {}
        return _Shape(readers, frozenset(required), absent)

    @staticmethod
    def _meant(read: Reader, known: Mapping[str, str]) -> dict[str, Any]:
        """Canonical values; one that this version cannot read means nothing, and the field is judged as it came."""
        meant = {}
        for theirs, ours in known.items():
            with suppress(ValueError):
                meant[theirs] = read(ours)
        return {theirs: ours for theirs, ours in meant.items() if ours is not None}

    def _shapes(self, kind: str, fields: Fields) -> _Shapes:
        parts = tuple(
            (name, self._shape({}, shape, kind, name + "."), name in fields.parts_required)
            for name, shape in fields.parts.items()
        )
        data = self._shape(fields.required, fields.optional, kind)
        return _Shapes(data, self._shape(fields.lines, fields.lines_optional, kind, "lines."), parts)

    def object(self, index: int, raw: msgspec.Raw | bytes) -> Object:
        """Raises Unreadable."""
        try:
            wire = _object_decoder.decode(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable("unreadable_value", f"объект не читается: {error}") from error
        return self.read(index, wire)

    def read(self, index: int, wire: WireObject) -> Object:
        """Raises Unreadable."""
        fields = KINDS.get(wire.kind) if isinstance(wire.kind, str) else None
        if fields is None:
            raise Unreadable(
                "unknown_kind", f"вид «{quotable(str(wire.kind), limit=60)}» неизвестен", "kind", wire.kind
            )
        ref = self._ref(wire.ref, fields)
        event = None if wire.event is None else self._value("guid", "event", wire.event)
        deleted = wire.deleted is not False and self._value("flag", "deleted", wire.deleted) is True
        posted = wire.posted is True or self._value("flag", "posted", wire.posted) is not False
        if deleted and not wire.data:
            data: JSON = {}
        else:
            data = self._data(wire.data or {}, self._kinds[str(wire.kind)], bool(fields.lines))
        data, body = _canonical(data)
        return Object(
            index, wire.kind, ref, values.text(wire.version) or "", deleted, posted,
            UUID(event) if event else None, data, body.decode(), values.content_hash(deleted, posted, body),
            _needs(data, fields) if data else (), tuple(_odd_sums(data["lines"])) if fields.lines and data else (),
        )  # fmt: skip

    def command(self, raw: msgspec.Raw | bytes) -> Command:
        """Raises Unreadable."""
        try:
            wire = _command_decoder.decode(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable("not_a_command", f"команда не читается: {error}") from error
        shape = self._commands.get(wire.type)
        if shape is None:
            raise Unreadable("unknown_command", f"команда «{quotable(wire.type, limit=60)}» неизвестна")
        given = wire.data or {}
        if missing := [name for name in NULLABLE.get(wire.type, ()) if name not in given]:
            raise Unreadable("missing_field", f"нет поля «{missing[0]}»")
        read = self._part(given, shape, "")
        if wire.type in self._command_lines:
            read["lines"] = self._lines(given.get("lines"), self._command_lines[wire.type])
        if wire.type == "sample":
            read["objects"] = [self._sampled(one) for one in read.get("objects", ())]
        data, _ = _canonical(read)
        digest = blake2b(_encoder.encode([wire.type, data]), digest_size=16)
        return Command(
            wire.id, wire.type, UUID(data["order"]) if "order" in data else None, data,
            self._value("time", "issued_at", wire.issued_at),
            self._value("text", "issued_by", wire.issued_by) or "", digest.digest(),
        )  # fmt: skip

    def _sampled(self, one: Any) -> JSON:
        """An object of the command `sample`, read as one of a message is: {kind, ref, found, deleted, posted, data}, or
        what is known of one that cannot be read, with `unreadable` = why."""
        given = one if isinstance(one, dict) else {}
        kind, ref = str(given.get("kind")), str(given.get("ref"))
        try:
            if kind in KINDS:
                ref = self._ref(given.get("ref"), KINDS[kind])
            if self._value("flag", "found", given.get("found")) is False:
                return {"kind": kind, "ref": ref, "found": False, "deleted": False}
            read = self.object(0, _encoder.encode(given))
        except (Unreadable, TypeError) as error:
            return {"kind": kind, "ref": ref, "unreadable": str(error)}
        return {"kind": read.kind, "ref": read.ref, "found": True, "deleted": read.deleted, "posted": read.posted,
                "data": read.data}  # fmt: skip

    def _ref(self, ref: Any, fields: Fields) -> str:
        read = self._value("guid" if fields.ref_is_guid else "text", "ref", ref)
        if read is None:
            raise Unreadable("missing_ref", "нет ссылки (ref)", "ref")
        return str(read)

    def _data(self, wire: JSON, shapes: _Shapes, with_lines: bool) -> JSON:
        data = self._part(wire, shapes.data, "")
        for name, shape, required in shapes.parts:
            part = wire.get(name)
            if isinstance(part, dict):
                data[name] = self._part(part, shape, name + ".")
            elif required:
                raise Unreadable("missing_field", f"нет поля «{name}»", name)
            else:
                data.pop(name, None)
        if with_lines:
            data["lines"] = self._lines(wire.get("lines"), shapes.lines)
        return data

    def _lines(self, wire: Any, shape: _Shape) -> list[JSON]:
        if not isinstance(wire, list):
            raise Unreadable("missing_field", "нет строк (lines)", "lines")
        lines = []
        for i, line in enumerate(wire):
            if not isinstance(line, dict):
                raise Unreadable("unreadable_value", f"строка {i + 1} не читается", "lines", line)
            read = self._part(line, shape, f"lines[{i}].")
            if read["quantity"].startswith("-"):
                what, field = f"строка {i + 1}: количество меньше нуля", "lines.quantity"
                raise Unreadable("unreadable_value", what, field, line.get("quantity"))
            lines.append(read)
        return lines

    @staticmethod
    def _part(wire: JSON, shape: _Shape, path: str) -> JSON:
        """Known fields canonical, empty ones absent, unknown ones kept as they are."""
        data: JSON = {}
        name, value, readers = "", None, shape.readers
        try:
            for name, value in wire.items():
                if name not in readers:
                    data[name] = value
                elif value is not None and (read := readers[name](value)) is not None:
                    data[name] = read
        except ValueError as error:
            raise _not_read(path, name, value, error) from error
        if missing := shape.required.difference(data):
            data |= {name: shape.absent[name] for name in missing & shape.absent.keys()}
            if missing := missing - shape.absent.keys():
                field = path + min(missing)
                raise Unreadable("missing_field", f"нет поля «{field}»", field)
        return data

    def _value(self, kind: str, path: str, value: Any) -> Any:
        return _read(self._readers[kind], "", path, value)


def _exact(value: Any) -> str | None:
    """A text to the last blank."""
    if value is not None and not isinstance(value, str):
        raise ValueError("not a text")
    return value or None


def _list(value: Any) -> list[Any] | None:
    if value in (None, ""):
        return None  # as XML writes one without items
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _read(read: Reader, path: str, name: str, value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise _not_read(path, name, value, error) from error


def _not_read(path: str, name: str, value: Any, error: ValueError) -> Unreadable:
    what = f"поле «{path}{name}» не читается ({error}): {quotable(str(value), limit=60)!r}"
    return Unreadable("unreadable_value", what, path + name, value)


def _canonical(data: JSON) -> tuple[JSON, bytes]:
    """The data and its JSON text as PostgreSQL can keep them: no U+0000, nested no deeper than sense has."""
    body = _encoder.encode(data)
    if body.count(b"[") + body.count(b"{") > DEEPEST and values.depth(data) > DEEPEST:
        raise Unreadable("unreadable_value", f"вложенность больше {DEEPEST}")
    if b"\\u0000" in body:
        data = values.without_nul(data)
        body = _encoder.encode(data)
    return data, body


def _odd_sums(lines: list[JSON]) -> Iterator[str]:
    """The sum wins over quantity × price (contract.md §2); one that differs by a kopeck or more is told."""
    for i, line in enumerate(lines):
        if "sum" not in line or "price" not in line:
            continue
        if _is_odd(line["sum"], line["price"], line["quantity"]):
            yield f"строка {line.get('line', i + 1)}: {line['quantity']} × {line['price']} ≠ {line['sum']}"


@lru_cache(maxsize=16384)
def _is_odd(total: str, price: str, quantity: str) -> bool:
    return abs(values.kopecks(total) * 1000 - values.kopecks(price) * values.milli(quantity)) >= 1000


def _needs(data: JSON, fields: Fields) -> tuple[tuple[str, str], ...]:
    """What must be known before: (kind, ref) pairs, each once."""
    if not fields.needs:
        return ()
    found = {(kind, data[name]) for name, kind in fields.needs.items() if name in data}
    found |= {("product", line["product"]) for line in data.get("lines", ())}
    return tuple(sorted(found))
