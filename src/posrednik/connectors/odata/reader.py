"""Reads the sets of one base page by page: bounds, windows by Date, pages, keys, single rows again.

Facts about the interface that this is built on (measured on live bases by others): only `$skip` and `$top` with a full
sort key page through a set, so pages shift while people work; a filter over Date is refused by some publications.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from posrednik.connectors.odata.client import ODataClient, ODataError, Page
from posrednik.connectors.odata.profile import LINES, Names, Place
from posrednik.connectors.odata.rows import Row, Shown, wanted_of

OLDEST = "1990-01-01T00:00:00"
AT_ONCE = 15  # keys of one filter: the address stays below two kilobytes
KEPT = 20_000  # showings of references kept
Known = Callable[[str, str, Sequence[str]], Awaitable[Mapping[str, Any]]]  # (entity set, field, refs) → ref → its value
HEAD = ("Ref_Key", "DataVersion", "DeletionMark")


@dataclass(frozen=True, slots=True)
class Window:
    """Documents of since <= Date < until, local times of the base; None = no bound."""

    since: str | None = None
    until: str | None = None

    @property
    def filter(self) -> str:
        parts = [f"Date {sign} datetime'{at}'" for sign, at in (("ge", self.since), ("lt", self.until)) if at]
        return " and ".join(parts)


WHOLE = Window()


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A field of ours that this base has no place for. name: of 1C, as the profile has it; "" = the whole set."""

    kind: str
    path: str
    name: str


async def _nothing(entity: str, name: str, refs: Sequence[str]) -> Mapping[str, Any]:
    return {}


class Reader:
    """One base. names: of its profile; `publish` takes away what the base does not have.

    known: showings of references that 1C need not be asked for, as far as there are any.
    """

    def __init__(self, client: ODataClient, names: Sequence[Names], known: Known = _nothing) -> None:
        self._client, self._known = client, known
        self.names = {one.kind: one for one in names}
        self._shown: dict[Shown, Any] = {}

    async def publish(self) -> list[Unnamed]:
        """Compare the names with what is published; what is not there is not read, and told. Raises ODataError."""
        types = await self._client.metadata([name for one in self.names.values() for name in _types_of(one)])
        told: list[Unnamed] = []
        for kind, names in list(self.names.items()):
            if not names.virtual and names.set not in types:
                told.append(Unnamed(kind, "", names.set))
                del self.names[kind]
                continue
            self.names[kind], missing = _published(names, types)
            told += missing
        return told

    async def total(self, kind: str) -> int | None:
        """Rows of the set; None = 1C does not tell. Raises ODataError."""
        page = await self._client.page(self.names[kind].address, {"$top": "1", "$inlinecount": "allpages"})
        return page.count

    async def bounds(self, kind: str) -> tuple[str, str] | None:
        """Months ("2019-03") of the first and the last document; None = read whole: no dates, or none are allowed.

        Raises ODataError.
        """
        names = self.names[kind]
        if not names.dated:
            return None
        try:
            first, last = [
                (await self._client.page(names.address, {
                    "$filter": Window(OLDEST).filter, "$orderby": f"Date{way}", "$top": "1", "$select": "Date",
                })).rows for way in ("", " desc")
            ]  # fmt: skip
        except ODataError as error:
            if error.status in (400, 500, 501):
                return None
            raise
        return (str(first[0]["Date"])[:7], str(last[0]["Date"])[:7]) if first and last else None

    async def page(self, kind: str, window: Window, skip: int, top: int) -> Page:
        """Whole rows, with the count of the window. Raises ODataError."""
        names = self.names[kind]
        return await self._client.page(names.address, {
            **_paged(names, window, skip, top), **({} if names.virtual else {"$select": ",".join(_columns(names))}),
        })  # fmt: skip

    async def keys(self, kind: str, window: Window, skip: int, top: int) -> Page:
        """The same with Ref_Key, DataVersion and DeletionMark alone; of a register whole rows."""
        names = self.names[kind]
        if names.virtual:
            return await self.page(kind, window, skip, top)
        return await self._client.page(names.address, {**_paged(names, window, skip, top), "$select": ",".join(HEAD)})

    async def again(self, kind: str, refs: Sequence[str]) -> list[Row]:
        """These objects as they are now; those that are gone are missing. Raises ODataError."""
        names = self.names[kind]
        if names.virtual:
            return []
        return await self._of_refs(names.set, refs, _columns(names))

    async def shown(self, kind: str, rows: Sequence[Row]) -> dict[Shown, Any]:
        """What the references of these rows are shown as. Raises ODataError."""
        wanted = wanted_of(self.names[kind], rows)
        for entity, name in {(entity, name) for entity, _, name in wanted - self._shown.keys()}:
            refs = sorted(ref for e, ref, n in wanted - self._shown.keys() if (e, n) == (entity, name))
            told = dict(await self._known(entity, name, refs))
            found = await self._of_refs(entity, [ref for ref in refs if ref not in told], ("Ref_Key", name))
            told |= {str(row["Ref_Key"]).lower(): row.get(name) for row in found}
            self._shown.update({(entity, ref, name): told.get(ref) for ref in refs})
        answer = {one: self._shown[one] for one in wanted}
        if len(self._shown) > KEPT:
            self._shown.clear()
        return answer

    async def _of_refs(self, entity: str, refs: Sequence[str], columns: Collection[str]) -> list[Row]:
        rows: list[Row] = []
        for at in range(0, len(refs), AT_ONCE):
            keys = " or ".join(f"Ref_Key eq guid'{ref}'" for ref in refs[at : at + AT_ONCE])
            rows += (await self._client.page(entity, {"$filter": keys, "$select": ",".join(columns)})).rows
        return rows


def _paged(names: Names, window: Window, skip: int, top: int) -> dict[str, str]:
    options = {"$orderby": names.sorting, "$skip": str(skip), "$top": str(top), "$inlinecount": "allpages"}
    return {**options, "$filter": window.filter} if window.filter else options


def _columns(names: Names) -> tuple[str, ...]:
    """What is asked for of a row: wide documents are read several times faster so."""
    found = dict.fromkeys((*HEAD, "Posted") if names.dated else HEAD)
    for path, place in _places(names):
        if path.startswith(f"{LINES}."):
            continue
        found[place.part or place.name] = None
        if place.type and not place.part:
            found[f"{place.name}_Type"] = None
    if names.part:
        found[names.part] = None
    return tuple(found)


def _places(names: Names) -> Iterator[tuple[str, Place]]:
    return ((path, place) for path, places in names.places.items() for place in places)


def _types_of(names: Names) -> Iterator[str]:
    yield names.set
    for path, place in _places(names):
        if part := _part(names, path, place):
            yield f"{names.set}_{part}_RowType"
        if place.shown_by:
            yield place.shown_by


def _part(names: Names, path: str, place: Place) -> str:
    return names.part if path.startswith(f"{LINES}.") else place.part


def _published(names: Names, types: dict[str, frozenset[str]]) -> tuple[Names, list[Unnamed]]:
    """The names that the base has; a virtual table's are not described, they are taken as they are."""
    if names.virtual:
        return names, []
    kept: dict[str, tuple[Place, ...]] = {}
    missing: list[Unnamed] = []
    for path, places in names.places.items():
        there = tuple(place for place in places if _is_there(names, path, place, types))
        if there:
            kept[path] = tuple(_untyped(names, path, place, types) for place in there)
        else:
            missing.append(Unnamed(names.kind, path, "|".join(place.name for place in places)))
    return replace(names, places=kept), missing


def _is_there(names: Names, path: str, place: Place, types: dict[str, frozenset[str]]) -> bool:
    part = _part(names, path, place)
    fields = types.get(f"{names.set}_{part}_RowType" if part else names.set, frozenset())
    return place.name in fields and (not place.shown_by or place.shown in types.get(place.shown_by, frozenset()))


def _untyped(names: Names, path: str, place: Place, types: dict[str, frozenset[str]]) -> Place:
    """A reference of one type has no `_Type` to ask for."""
    part = _part(names, path, place)
    fields = types.get(f"{names.set}_{part}_RowType" if part else names.set, frozenset())
    return place if not place.type or f"{place.name}_Type" in fields else replace(place, type="")
