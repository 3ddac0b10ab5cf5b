"""Reads for the screens. Nothing here changes anything; shapes of rows are in the headers of queries/view_*.sql."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from posrednik.domain.deliveries import Delivery
from posrednik.domain.incidents import Incident
from posrednik.store.db import Database, Row, Tx

_decoder = msgspec.json.Decoder(Delivery)
_incident = msgspec.json.Decoder(Incident)


async def delivery(db: Database, delivery_id: UUID) -> tuple[Delivery, Row] | None:
    rows = await db.read("delivery_get", {"id": delivery_id})
    return (_decoder.decode(rows[0].doc), rows[0]) if rows else None


async def marks(source: Database | Tx, deliveries: Iterable[Delivery]) -> dict[UUID, Row]:
    """By delivery: how many incidents of its order are open, how many pictures its steps name."""
    orders = {d.id: UUID(d.order_ref) for d in deliveries}
    read = source.fetch if isinstance(source, Tx) else source.read
    rows = await read("view_delivery_marks", {"ids": list(orders), "order_refs": list(orders.values())})
    return {row.id: row for row in rows}


async def delivery_comments(db: Database, delivery_id: UUID) -> Sequence[Row]:
    return await db.read("view_delivery_comments", {"delivery_id": delivery_id})


async def delivery_money(db: Database, delivery_id: UUID) -> Sequence[Row]:
    """Its lines of the ledger of money, in the order they were posted."""
    return await db.read("view_delivery_money", {"delivery_id": str(delivery_id)})


async def delivery_steps(db: Database, delivery_id: UUID) -> tuple[Sequence[Row], Sequence[Row]]:
    """What phones recorded of it, in the order it happened, and the pictures that its steps name."""
    key = {"delivery_id": delivery_id}
    return await db.read("view_delivery_steps", key), await db.read("view_step_photos", key)


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """None = any. state: open, decided. delivery: what concerns its order. divisions: of these only. since, until: its
    beginning or its news lie between. words: a part of what it says, in lower case."""

    state: str | None = None
    delivery: UUID | None = None
    courier: str | None = None
    division: str | None = None
    divisions: list[str] | None = None
    kind: str | None = None
    severity: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None
    id: UUID | None = None


async def incidents(db: Database, wanted: IncidentFilter, limit: int) -> list[Incident]:
    """Newest news first."""
    rows = await db.read("view_incidents", {**asdict(wanted), "limit": limit})
    return [_incident.decode(row.doc) for row in rows]


async def incidents_open(db: Database, divisions: Iterable[str] | None = None) -> dict[str, int]:
    """How many wait for a person, by kind. divisions: of these only, None = of all."""
    return {row.kind: row.n for row in await db.read("view_incidents_open", {"divisions": _sorted(divisions)})}


async def names(source: Database | Tx) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)("view_names")


async def orders_found(db: Database, q: str, divisions: Iterable[str] | None = None) -> Sequence[Row]:
    """Orders by number, site number, ref or delivery id. divisions: only of these, None = of all."""
    return await db.read("view_orders_found", {"q": q.strip(), "uuid": _uuid(q), "divisions": _sorted(divisions)})


def _sorted(divisions: Iterable[str] | None) -> list[str] | None:
    return None if divisions is None else sorted(divisions)


async def order(db: Database, base_id: UUID, ref: str) -> Row | None:
    rows = await db.read("view_order", {"base_id": base_id, "ref": ref})
    return rows[0] if rows else None


async def order_parts(db: Database, base_id: UUID, ref: str) -> tuple[Sequence[Row], Sequence[Row]]:
    """What an order waits for, and why versions of it are in quarantine."""
    key = {"base_id": base_id, "ref": ref}
    return await db.read("view_order_waits", key), await db.read("view_order_quarantine", key)


async def order_lanes(db: Database, keys: list[str]) -> Sequence[Row]:
    return await db.read("view_order_lanes", {"keys": keys})


async def order_journal(db: Database, order_ref: UUID, limit: int) -> Sequence[Row]:
    return await db.read("view_order_journal", {"order_ref": order_ref, "limit": limit})


async def order_events(db: Database, order_ref: UUID) -> Sequence[Row]:
    return await db.read("view_order_events", {"order_ref": order_ref})


async def destinations(db: Database) -> Sequence[Row]:
    return await db.read("view_destinations")


async def destination_hour(db: Database) -> dict[str, Row]:
    return {row.system: row for row in await db.read("view_destination_hour")}


async def base_settings(db: Database) -> Sequence[Row]:
    return await db.read("bases")


async def office_zone(source: Database | Tx, divisions: Iterable[str], *, every: bool = False) -> str:
    """In whose days one thinks who sees these divisions (refs): theirs; of none, or if they differ, the company's.
    every: all that 1C has, too."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return str((await read("office_zone", {"divisions": sorted(divisions), "every": every}))[0].time_zone)


async def bases(db: Database) -> Sequence[Row]:
    return await db.read("view_bases")


async def workers(db: Database) -> Sequence[Row]:
    return await db.read("view_workers")


async def limits(db: Database) -> Sequence[Row]:
    return await db.read("view_limits")


async def quarantine(
    db: Database, limit: int, *, base: UUID | None = None, kind: str | None = None, code: str | None = None,
    q: str | None = None, field: str | None = None, value: str | None = None, id: int | None = None,
    before: int | None = None,
) -> Sequence[Row]:  # fmt: skip
    """Newest first. q: a ref, or a part of the reason in lower case. before: an id, to go on after it."""
    return await db.read("view_quarantine", {
        "limit": limit, "base": base, "kind": kind, "code": code, "q": q, "field": field, "value": value, "id": id,
        "before": before,
    })  # fmt: skip


async def quarantine_reasons(db: Database, limit: int, base: UUID | None = None) -> Sequence[Row]:
    """Columns of queries/quarantine_reasons.sql."""
    return await db.read("quarantine_reasons", {"limit": limit, "base_id": base})


async def value_maps(db: Database, base: UUID | None = None) -> Sequence[Row]:
    """Columns of queries/view_value_maps.sql."""
    return await db.read("view_value_maps", {"base_id": base})


async def value_choices(db: Database, base: UUID, kind: str, q: str | None, limit: int) -> Sequence[Row]:
    """Objects that a reference may point to: ref, name. q: in lower case."""
    return await db.read("value_choices", {"base_id": base, "kind": kind, "q": q, "limit": limit})


async def figures(db: Database) -> Row:
    return (await db.read("view_figures"))[0]


async def subscriptions(db: Database) -> Sequence[Row]:
    return await db.read("subscriptions")


async def lanes_waiting(
    db: Database, destination: str, limit: int, *, why: str | None = None, q: str | None = None
) -> Sequence[Row]:
    """Oldest head first. q: number of an order, its ref, a delivery's id, or the key of a lane."""
    return await db.read("view_lanes_waiting", {
        "destination": destination or None, "limit": limit, "why": why, "q": q, "uuid": _uuid(q or ""),
    })  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
