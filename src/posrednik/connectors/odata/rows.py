"""A row of 1C as an object of the exchange: contract.md §2, `{kind, ref, version, deleted, posted, data}`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from posrednik.connectors.odata.profile import AS_IT_IS, LINES, OTHERS, Names, Place

Row = Mapping[str, Any]
Shown = tuple[str, str, str]  # (entity set, ref, field): what a reference is shown as
EMPTY = (None, "", "00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00")
EVENT = "@event"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def ref_of(names: Names, row: Row, data: Mapping[str, Any]) -> str:
    """Ref_Key; of a row of a register what messages make of its dimensions: UUIDv5 in the first one's namespace.

    Where there is no such rule, or the first is no GUID: its dimensions, which are the same each time it is read.
    """
    if names.ref and _GUID.fullmatch(space := str(data.get(names.ref[0], ""))):
        return str(uuid5(UUID(space), "".join(str(data.get(name, "")) for name in names.ref[1:])))
    if names.keys:
        return "/".join(str(row.get(key, "")) for key in names.keys)
    return str(row.get("Ref_Key") or "").lower()


def wires_of(names: Names, rows: Iterable[Row], shown: Mapping[Shown, Any]) -> Iterator[dict[str, Any]]:
    """shown: what `wanted_of` asked for. A value that `values` does not know stays unreadable, so that it is told."""
    own, of_lines = _Fields(names), _Fields(names, f"{LINES}.")
    for row in rows:
        data: dict[str, Any] = {"recipient": {}, "address": {}} if names.kind == "order" else {}
        own.read(data, row, shown)
        for path, value in names.fixed.items():
            _put(data, path.split("."), value)
        if names.part:
            data[LINES] = [of_lines.read({}, line, shown) for line in row.get(names.part) or ()]
        yield {
            "kind": names.kind, "ref": ref_of(names, row, data), "version": row.get("DataVersion", ""),
            "deleted": row.get("DeletionMark") is True, "posted": row.get("Posted", True) is True,
            "event": data.pop(EVENT, None), "data": data,
        }  # fmt: skip


def wanted_of(names: Names, rows: Iterable[Row]) -> set[Shown]:
    """References whose showing is needed for these rows."""
    found = [place for places in names.places.values() for place in places if place.shown_by]
    refs = ((place, _raw(place, row)) for row in rows for place in found)
    return {(place.shown_by, str(ref).lower(), place.shown) for place, ref in refs if ref not in EMPTY}


class _Fields:
    """Where the fields of a row stand, or of a line (within: "lines."); put together once for many rows.

    Most of them are one attribute that is taken as it is.
    """

    def __init__(self, names: Names, within: str = "") -> None:
        self._plain: list[tuple[str, str]] = []
        self._rest: list[tuple[list[str], tuple[Place, ...], Mapping[str, Any] | None]] = []
        for path, places in names.places.items():
            if path.startswith(f"{LINES}.") != bool(within):
                continue
            name, values = path.removeprefix(within), names.values.get(path)
            if values is None and "." not in name and places == (Place(places[0].name),):
                self._plain.append((name, places[0].name))
            else:
                self._rest.append((name.split("."), places, values))

    def read(self, data: dict[str, Any], row: Row, shown: Mapping[Shown, Any]) -> dict[str, Any]:
        """Put what the row has into `data`, and return it."""
        for name, attribute in self._plain:
            value = row.get(attribute)
            if value not in EMPTY:
                data[name] = value
        for way, places, values in self._rest:
            _put(data, way, _value(places, values, row, shown))
        return data


def _value(places: Iterable[Place], values: Mapping[str, Any] | None, row: Row, shown: Mapping[Shown, Any]) -> Any:
    for place in places:
        value = _raw(place, row)
        if place.shown_by:
            value = shown.get((place.shown_by, str(value).lower(), place.shown))
        if value not in EMPTY:
            return _renamed(values, value)
    return None


def _raw(place: Place, row: Row) -> Any:
    if not place.part:
        return _typed(place, row)
    for one in row.get(place.part) or ():
        if place.where and str(one.get(place.where)) != place.wanted:
            continue
        if (value := _typed(place, one)) not in EMPTY:
            return value
    return None


def _typed(place: Place, row: Row) -> Any:
    """Of a reference of several types only the one that is meant; publications without `_Type` have but one."""
    if place.type and not str(row.get(f"{place.name}_Type", place.type)).endswith(place.type):
        return None
    return row.get(place.name)


def _renamed(values: Mapping[str, Any] | None, value: Any) -> Any:
    if values is None or not isinstance(value, str):
        return value
    if value in values:
        return values[value]
    other = values.get(OTHERS, {value: "неизвестное значение"})
    return value if other == AS_IT_IS else other


def _put(data: dict[str, Any], way: Sequence[str], value: Any) -> None:
    if value is None:
        return
    for name in way[:-1]:
        data = data.setdefault(name, {})
    data[way[-1]] = value
