"""What the office sees and does about couriers' phones: the list, a code, the end of a token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING
from uuid import UUID

from posrednik.store import couriers, logins
from posrednik.store.db import Database, Row, Tx

if TYPE_CHECKING:
    from segno import QRCode


@dataclass(frozen=True, slots=True)
class CourierPhones:
    """courier: columns of couriers_found. phones: columns of device_list, last seen first."""

    courier: Row
    phones: Sequence[Row]


class NotOneCourier(Exception):
    """Nobody has this name, or several have: refs, to choose from."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__("not one courier")
        self.refs = refs


async def all_phones(db: Database) -> list[CourierPhones]:
    """All couriers by name, each with his phones."""
    by_courier: dict[str, list[Row]] = {}
    for row in await logins.phones(db):
        by_courier.setdefault(row.courier_ref, []).append(row)
    known: Mapping[str, Row] = _once(await couriers.found(db))
    return [CourierPhones(row, by_courier.get(ref, [])) for ref, row in known.items()]


def _once(rows: Sequence[Row]) -> dict[str, Row]:
    """Of a courier whom two bases call differently, the row that has him active."""
    kept: dict[str, Row] = {}
    for row in rows:
        if row.ref not in kept or row.active > kept[row.ref].active:
            kept[row.ref] = row
    return kept


async def revoke(tx: Tx, token_id: UUID) -> str | None:
    """End a courier's token; whose it was, None = there is no such token of a courier."""
    return await logins.revoke(tx, token_id)


async def courier_ref(db: Database, ref_or_name: str) -> str:
    """The ref of a courier by his exact name; a GUID is taken as it is. Raises NotOneCourier."""
    try:
        return str(UUID(ref_or_name))
    except ValueError:
        refs: list[str] = sorted({row.ref for row in await couriers.found(db, name=ref_or_name)})
    if len(refs) != 1:
        raise NotOneCourier(refs)
    return refs[0]


def login_url(public_url: str, code: str) -> str:
    """Where a phone enters with this code; what follows `#` is sent to no server."""
    return f"{public_url}/courier/#code={code}"


def qr_rows(text: str) -> list[list[int]]:
    """Rows of modules, 1 = dark, without the quiet zone of 4 modules around."""
    return [list(row) for row in _qr(text).matrix]


def qr_text(text: str) -> str:
    """The same for a terminal, with its border."""
    drawn = StringIO()
    _qr(text).terminal(drawn, compact=True)
    return drawn.getvalue()


def _qr(text: str) -> "QRCode":
    import segno  # of all processes few ever draw one, and none at its start

    return segno.make(text, error="m", micro=False)
