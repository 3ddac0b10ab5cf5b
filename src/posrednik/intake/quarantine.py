"""Reads again what could not be read when it came: the base may have been set right since, a value mapped, or our
reader. And what a value may be mapped to."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from posrednik.connectors.onec.inbound import Inbound, Unreadable, named
from posrednik.connectors.onec.wire import KINDS, REFERS, type_of
from posrednik.intake.onec import arrived
from posrednik.intake.readers import inbound_of
from posrednik.store.db import Row
from posrednik.store.inbox import Base
from posrednik.store.mirror import State
from posrednik.usecases.map_values import Meaning, ValueMapWrong
from posrednik.usecases.replay_quarantine import Tried
from posrednik.usecases.take_objects import Arrived

SINGLE = ("text", "guid", "money", "quantity", "flag", "time", "number")  # types that are no lists


class Again:
    """Reads of one base, by its value maps. maps: columns of queries/value_maps.sql."""

    def __init__(self, base: Base, maps: Sequence[Row]) -> None:
        self._inbound = inbound_of(base, maps)

    def row(self, row: Row) -> Tried:
        """row: of `mirror.in_quarantine`."""
        try:
            found = self._inbound.object(row.idx, bytes(row.body))
        except Unreadable as error:
            return Tried(row.id, row.kind, row.ref, None, error.code, error.what, error.field, error.value)
        return Tried(row.id, found.kind, found.ref, arrived(found, row.epoch_no, row.number))

    def state(self, state: State) -> Arrived | None:
        """What waits, read as if it came now. None: it cannot be read."""
        epoch_no, number, index = state.rank
        whole = {
            "kind": state.kind, "ref": state.ref, "version": state.version, "deleted": state.deleted,
            "posted": state.posted, "event": state.event_id, "data": msgspec.Raw(state.body.encode()),
        }  # fmt: skip
        try:
            return arrived(self._inbound.object(index, msgspec.json.encode(whole)), epoch_no, number)
        except Unreadable:
            return None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a field is read as. type: text, guid, money, quantity, flag, time, number. refers: the kind that a reference
    points to. required: an absent value may be mapped, too."""

    type: str
    refers: str | None
    required: bool


def expected(kind: str, field: str) -> Expected | None:
    """None: no value of this field can be mapped."""
    type = type_of(kind, field)
    if type not in SINGLE:
        return None
    fields, name = KINDS[kind], field.rpartition(".")[2]
    required = name in (fields.lines if field.startswith("lines.") else fields.required if field == name else ())
    return Expected(type, REFERS.get(name) if type == "guid" else None, required)


def mappable() -> dict[str, dict[str, Expected]]:
    """Kind → path of a field → how it is read."""
    return {kind: {path: one for path in _paths(kind) if (one := expected(kind, path))} for kind in KINDS}


def _paths(kind: str) -> list[str]:
    fields = KINDS[kind]
    parts = [f"{part}.{name}" for part, names in fields.parts.items() for name in names]
    lines = [f"lines.{name}" for name in {**fields.lines, **fields.lines_optional}]
    return [*fields.required, *fields.optional, *parts, *lines]


def meaning(base: Base, kind: str, field: str, theirs: str, ours: str) -> Meaning:
    """A map in the form in which it is kept and looked up. Raises ValueMapWrong."""
    wanted, told = expected(kind, field), named(theirs)
    if wanted is None or told is None:
        raise ValueMapWrong(kind=kind, field=field)
    inbound = Inbound(base.time_zone)
    read = _canonical(inbound, wanted.type, told)
    told, meant = told if read is None else read, _canonical(inbound, wanted.type, named(ours) or "")
    if not meant or (not told and not wanted.required):
        raise ValueMapWrong(kind=kind, field=field)
    return Meaning(kind, field, told, meant, (wanted.refers, meant) if wanted.refers else None, _waits(kind, field))


def _canonical(inbound: Inbound, type: str, text: str) -> str | None:
    """As maps keep it: "" = empty, None = it cannot be read."""
    try:
        read = inbound.canonical(type, text)
    except ValueError:
        return None
    return "" if read is None else read if isinstance(read, str) else text


def _waits(kind: str, field: str) -> str | None:
    """The kind that an object waits for by this field."""
    return "product" if field == "lines.product" else KINDS[kind].needs.get(field)
