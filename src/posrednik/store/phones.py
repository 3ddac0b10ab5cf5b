"""What phones recorded: events as they were sent, each phone's sequence of numbers, and the rules they were given."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Database, Row, Tx

KEEP_RULES_H = 48


@dataclass(frozen=True, slots=True)
class Phone:
    """A courier's application on one phone. device: its own text. unsent: how many events are still on it."""

    courier_ref: str
    device: str
    token_id: UUID | None = None
    agent: str = ""
    app_version: str = ""
    unsent: int | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event. state: accepted, rejected or parked. flags: [{"kind", "data"}]."""

    state: str
    code: str = ""
    message: str = ""
    incident_id: UUID | None = None
    delivery_version: int | None = None
    order_ref: UUID | None = None
    division_ref: str = ""
    shift_id: UUID | None = None
    flags: tuple[Any, ...] = ()

    def columns(self) -> dict[str, Any]:
        return {**asdict(self), "flags": _json(self.flags)}


async def touch(tx: Tx, phone: Phone) -> Row:
    """Lock the phone until the commit; made if new. Row: whole_to, last_seq, clock_offset_ms (None = never told)."""
    row = await tx.one("phone_touch", asdict(phone))
    assert row is not None
    return row


async def get(db: Database, courier_ref: str, device: str) -> Row | None:
    rows = await db.read("phone_get", {"courier_ref": courier_ref, "device": device})
    return rows[0] if rows else None


async def advance(tx: Tx, phone: Phone, seq: int, clock_offset_ms: int) -> None:
    """Number `seq` of the phone is in the store now."""
    key = {"courier_ref": phone.courier_ref, "device": phone.device}
    await tx.run("phone_advance", {**key, "seq": seq, "clock_offset_ms": clock_offset_ms})


async def missing(
    source: Tx | Database, courier_ref: str, device: str, *, below: int | None = None, most: int = 1000
) -> list[int]:
    """Numbers under `below` that have not come; None = under the greatest one that has."""
    params = {"courier_ref": courier_ref, "device": device, "below": below, "limit": most}
    rows = await (source.fetch if isinstance(source, Tx) else source.read)("phone_missing", params)
    return [row.seq for row in rows]


async def find(tx: Tx, phone: Phone, event_id: UUID, seq: int) -> Row | None:
    """The event with this id, else the one that has this number of the phone."""
    return await tx.one("courier_event_find", {
        "id": event_id, "courier_ref": phone.courier_ref, "device": phone.device, "seq": seq,
    })  # fmt: skip


async def add(tx: Tx, recorded: dict[str, Any], fate: Fate) -> None:
    """recorded: the columns of courier_event that do not depend on its fate."""
    await tx.run("courier_event_add", {**fate.columns(), **recorded})


async def finish(tx: Tx, event_id: UUID, fate: Fate, delivery_id: UUID | None) -> None:
    await tx.run("courier_event_finish", {"id": event_id, "delivery_id": delivery_id, **fate.columns()})


async def flag(tx: Tx, event_id: UUID, flags: Sequence[Any]) -> None:
    await tx.run("courier_event_flag", {"id": event_id, "flags": _json(flags)})


async def parked(tx: Tx, phone: Phone) -> list[UUID]:
    """The phone's steps that wait for earlier ones, in its order."""
    rows = await tx.fetch("courier_events_parked", {"courier_ref": phone.courier_ref, "device": phone.device})
    return [row.id for row in rows]


async def still_parked(tx: Tx, event_id: UUID) -> str | None:
    """The step's body (JSON text), locked; None when another request or the housekeeper was faster."""
    row = await tx.one("courier_event_parked", {"id": event_id})
    return row.body if row else None


async def original(tx: Tx, event_id: UUID, courier_ref: str) -> Row | None:
    """type, delivery_id, newest (of its kind on the delivery) of an accepted event of this courier."""
    return await tx.one("courier_event_original", {"id": event_id, "courier_ref": courier_ref})


async def steps_around(tx: Tx, courier_ref: str, from_at: datetime, to_at: datetime) -> list[Row]:
    return await tx.fetch("courier_steps_around", {"courier_ref": courier_ref, "from": from_at, "to": to_at})


async def keep_rules(tx: Tx, version: str, rules: Any) -> None:
    """Phones get these rules now."""
    await tx.run("proof_rules_put", {"version": version, "rules": _json(rules)})


async def rules_seen(tx: Tx, version: str) -> Any:
    """The rules of that version, if a phone may still act by them; else None."""
    row = await tx.one("proof_rules_get", {"version": version, "keep_h": KEEP_RULES_H})
    return msgspec.json.decode(row.rules) if row else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
