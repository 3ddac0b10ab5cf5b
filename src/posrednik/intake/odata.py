"""The way in for a first load: rows of connectors/odata, read as objects of a message would be (contract.md §2)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from posrednik.connectors.odata.client import ODataError, Page
from posrednik.connectors.odata.profile import LINES, Names
from posrednik.connectors.odata.reader import Reader, Unnamed
from posrednik.connectors.odata.reader import Window as ODataWindow
from posrednik.connectors.odata.rows import Row, ref_of, wire_of
from posrednik.connectors.onec.inbound import Inbound, Unreadable
from posrednik.connectors.onec.wire import KINDS
from posrednik.domain.loads import SourceFailed
from posrednik.intake.onec import arrived
from posrednik.store.mirror import Bad
from posrednik.usecases.first_load import Read, Rows, Window

T = TypeVar("T")
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
            Read(ref_of(names, row), str(row.get("DataVersion") or ""), row.get("DeletionMark") is True)
            for row in page.rows
        ]
        return Rows(rows, page.count)

    async def again(self, kind: str, refs: Sequence[str]) -> list[Read]:
        return await self._read(kind, await _asked(self._reader.again(kind, refs)))

    async def _read(self, kind: str, rows: Sequence[Row]) -> list[Read]:
        names, shown = self._reader.names[kind], await _asked(self._reader.shown(kind, rows))
        inbound = await self._inbound()
        return [_one(names, wire_of(names, row, shown), inbound) for row in rows]


def _one(names: Names, wire: dict[str, object], inbound: Inbound) -> Read:
    ref, version, deleted = str(wire["ref"]), str(wire["version"] or ""), bool(wire["deleted"])
    raw = _encoder.encode(wire)
    try:
        one = inbound.object(0, raw)
    except Unreadable as error:
        return Read(
            ref, version, deleted, bad=Bad(names.kind, ref, 0, error.code, error.what, raw, error.field, error.value)
        )
    if names.virtual:  # a register has no versions; its content is one
        one = msgspec.structs.replace(one, version=one.hash.hex())
    return Read(one.ref, one.version, one.deleted, arrived(one, 0, 0))


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
