"""A row of 1C as an object of the exchange: contract.md §2, `{kind, ref, version, deleted, posted, data}`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from posrednik.connectors.odata.profile import AS_IT_IS, LINES, OTHERS, Names, Place

Row = Mapping[str, Any]
Shown = tuple[str, str, str]  # (entity set, ref, field): what a reference is shown as
EMPTY = (None, "", "00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00")
EVENT = "@event"


def ref_of(names: Names, row: Row) -> str:
    """Ref_Key; of a row of a register its dimensions, which are the same each time it is read."""
    if names.keys:
        return "/".join(str(row.get(key, "")) for key in names.keys)
    return str(row.get("Ref_Key") or "").lower()


def wire_of(names: Names, row: Row, shown: Mapping[Shown, Any]) -> dict[str, Any]:
    """shown: what `wanted_of` asked for. A value that `values` does not know stays unreadable, so that it is told."""
    data: dict[str, Any] = {"recipient": {}, "address": {}} if names.kind == "order" else {}
    for path, places in names.places.items():
        if not path.startswith(f"{LINES}."):
            _put(data, path, _value(names, path, places, row, shown))
    for path, value in names.fixed.items():
        _put(data, path, value)
    if names.part:
        data[LINES] = [_line(names, line, shown) for line in row.get(names.part) or ()]
    return {
        "kind": names.kind, "ref": ref_of(names, row), "version": row.get("DataVersion", ""),
        "deleted": row.get("DeletionMark") is True, "posted": row.get("Posted", True) is True,
        "event": data.pop(EVENT, None), "data": data,
    }  # fmt: skip


def wanted_of(names: Names, rows: Iterable[Row]) -> set[Shown]:
    """References whose showing is needed for these rows."""
    return {one for row in rows for one in _wanted(names, row)}


def _wanted(names: Names, row: Row) -> Iterator[Shown]:
    for places in names.places.values():
        for place in places:
            if place.shown_by and (ref := _raw(place, row)) not in EMPTY:
                yield place.shown_by, str(ref).lower(), place.shown


def _line(names: Names, row: Row, shown: Mapping[Shown, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for path, places in names.places.items():
        if path.startswith(f"{LINES}."):
            _put(line, path.partition(".")[2], _value(names, path, places, row, shown))
    return line


def _value(names: Names, path: str, places: Iterable[Place], row: Row, shown: Mapping[Shown, Any]) -> Any:
    for place in places:
        value = _raw(place, row)
        if place.shown_by:
            value = shown.get((place.shown_by, str(value).lower(), place.shown))
        if value not in EMPTY:
            return _renamed(names.values.get(path), value)
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


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        return
    *way, last = path.split(".")
    for name in way:
        data = data.setdefault(name, {})
    data[last] = value
