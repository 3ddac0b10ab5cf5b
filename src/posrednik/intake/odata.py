"""The way in for a first load: rows of connectors/odata, read as objects of a message would be (contract.md §2)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from posrednik.connectors.odata.client import ODataError, Page
from posrednik.connectors.odata.profile import LINES, Names, Place
from posrednik.connectors.odata.reader import Known, Reader, Unnamed
from posrednik.connectors.odata.reader import Window as ODataWindow
from posrednik.connectors.odata.rows import Row, ref_of, wires_of
from posrednik.connectors.onec.inbound import Inbound, Unreadable, WireObject
from posrednik.connectors.onec.wire import KINDS
from posrednik.domain.loads import SourceFailed
from posrednik.intake.onec import arrived
from posrednik.store import mirror
from posrednik.store.db import Database
from posrednik.store.mirror import Bad
from posrednik.usecases.first_load import Read, Rows, Window

T = TypeVar("T")
AT_ONCE = 50  # rows; a page of documents takes tens of milliseconds
_encoder = msgspec.json.Encoder()


class ODataSource:
    """One base's `Source`. inbound: reads values as they are mapped now; dates have no offset, they are of its zone."""

    def __init__(self, reader: Reader, inbound: Callable[[], Awaitable[Inbound]]) -> None:
        self._reader, self._inbound = reader, inbound

    async def prepare(self) -> list[str]:
        """A set whose required field has no place is not read at all: nothing is guessed."""
        told = [_words(one) for one in await _asked(self._reader.publish())]
        for kind, names in list(self._reader.names.items()):
            if missing := _nameless(names):
                told.append(_not_read(names, missing))
                del self._reader.names[kind]
        return told

    def kinds(self) -> list[str]:
        return list(self._reader.names)

    def is_register(self, kind: str) -> bool:
        return bool(self._reader.names[kind].virtual)

    async def total(self, kind: str) -> int | None:
        return await _asked(self._reader.total(kind))

    async def bounds(self, kind: str) -> tuple[str, str] | None:
        return await _asked(self._reader.bounds(kind))

    async def page(self, kind: str, window: Window, skip: int, top: int) -> Rows:
        page = await _asked(self._reader.page(kind, ODataWindow(*window), skip, top))
        return Rows(await self._read(kind, page.rows), page.count)

    async def keys(self, kind: str, window: Window, skip: int, top: int) -> Rows:
        if self.is_register(kind):
            return await self.page(kind, window, skip, top)
        page: Page = await _asked(self._reader.keys(kind, ODataWindow(*window), skip, top))
        names = self._reader.names[kind]
        rows = [
            Read(ref_of(names, row, {}), str(row.get("DataVersion") or ""), row.get("DeletionMark") is True)
            for row in page.rows
        ]
        return Rows(rows, page.count)

    async def again(self, kind: str, refs: Sequence[str]) -> list[Read]:
        return await self._read(kind, await _asked(self._reader.again(kind, refs)))

    async def _read(self, kind: str, rows: Sequence[Row]) -> list[Read]:
        names, shown = self._reader.names[kind], await _asked(self._reader.shown(kind, rows))
        inbound = await self._inbound()
        read: list[Read] = []
        for wire in wires_of(names, rows, shown):
            read.append(_one(names, wire, inbound))
            if len(read) % AT_ONCE == 0:
                await asyncio.sleep(0)  # the database writes the page before while this one is read, if it is asked to
        return read


def _one(names: Names, wire: dict[str, Any], inbound: Inbound) -> Read:
    ref, version, deleted = str(wire["ref"]), str(wire["version"] or ""), bool(wire["deleted"])
    rest = wire["posted"], wire["event"], wire["data"]
    try:
        one = inbound.read(0, WireObject(names.kind, ref, version, deleted, *rest))
    except Unreadable as error:
        bad = Bad(names.kind, ref, 0, error.code, error.what, _encoder.encode(wire), error.field, error.value)
        return Read(ref, version, deleted, bad=bad)
    if names.virtual:  # a register has no versions; its content is one
        one = msgspec.structs.replace(one, version=one.hash.hex())
    return Read(one.ref, one.version, one.deleted, arrived(one, 0, 0))


def read_before(db: Database, base_id: UUID, names: Sequence[Names]) -> Known:
    """What references to objects of the mirror are shown as: a name is read once, with what it is the name of."""
    fields = {
        (one.set, at[0].name): (one.kind, path)
        for one in names for path, at in one.places.items()
        if at == (Place(at[0].name),) and "." not in path and path not in one.values
    }  # fmt: skip

    async def known(entity: str, name: str, refs: Sequence[str]) -> Mapping[str, Any]:
        kind, field = fields.get((entity, name), ("", ""))
        return await mirror.texts(db, base_id, kind, field, refs) if kind else {}

    return known


async def _asked(call: Awaitable[T]) -> T:
    try:
        return await call
    except ODataError as error:
        raise SourceFailed(error.why) from error


def _nameless(names: Names) -> list[str]:
    """Required fields of the kind that are read from nowhere."""
    fields, known = KINDS[names.kind], {*names.places, *names.fixed}
    needed = {*fields.required, *(f"{LINES}.{name}" for name in fields.lines)}
    return sorted(needed - known)


def _words(one: Unnamed) -> str:
    if not one.path:
        return f"{one.name} не опубликовано в OData этой базы: вид {one.kind} не загружается"
    return (
        f"в базе нет реквизита «{one.name}» для поля {one.kind}.{one.path}: оно останется пустым; "
        f"если он назван иначе, укажите его в [bases.odata] fields"
    )


def _not_read(names: Names, missing: Sequence[str]) -> str:
    fields = ", ".join(f"{names.kind}.{path}" for path in missing)
    return (
        f"вид {names.kind} не загружается: неизвестно, откуда брать обязательные поля {fields}; "
        f"укажите их в [bases.odata] fields или fixed"
    )
