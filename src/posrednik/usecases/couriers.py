"""Who a courier is: 1C says so, and says when he is one no more. Every courier door asks here."""

from dataclasses import dataclass
from uuid import UUID

from posrednik.store import couriers
from posrednik.store.db import Database, Row, Tx


@dataclass(frozen=True, slots=True)
class Courier:
    """ref: his ref in 1C, lower case. division: its ref. active: False = left, switched off or deleted in 1C.

    bitrix24_user: his user's number on the portal, as text.
    """

    ref: str
    name: str
    phone: str
    division: str
    base_id: UUID
    active: bool
    bitrix24_user: str

    @classmethod
    def not_told_yet(cls, ref: str) -> "Courier":
        """One with a token of whom 1C has not told: his deliveries may be here before he is. No base, no division."""
        return cls(ref, "", "", "", UUID(int=0), True, "")


async def courier_of(source: Tx | Database, ref: str) -> Courier | None:
    """The courier with this ref, also an inactive or deleted one (then maybe without a name); None = 1C never told of
    him."""
    row = await couriers.get(source, ref.lower())
    return None if row is None else courier_from(row)


def courier_from(row: Row) -> Courier:
    """row: columns of courier_get."""
    return Courier(
        row.ref,
        row.name or "",
        row.phone or "",
        row.division or "",
        row.base_id,
        bool(row.active),
        row.bitrix24_user or "",
    )
