"""What would have been sent: one line of the journal each, and for the report the body too, without whole phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.events import Data, Event
from posrednik.domain.publication import base_data
from posrednik.store import journal
from posrednik.store.db import Database, Row, Tx

LARGEST_BODY = 16 * 1024
_WHY = {"off": "режим «Выключено»", "shadow": "теневой режим", "pilot": "не в пилоте"}


@dataclass(frozen=True, slots=True)
class Note:
    """A message that is not sent. destination: its name. body: what it would have said, JSON-able. mode: why not."""

    event_id: UUID
    event: Event
    order_ref: UUID | None
    destination: str
    method: str
    body: Data
    mode: str


def base_body(event: Event) -> Data:
    """What a base that asks would have been given, but for the number (contract.md §3)."""
    return {
        "type": event.type, "subject": {"kind": event.subject_kind, "id": str(event.subject_id)},
        "version": event.version, "occurred_at": event.occurred_at.isoformat(), "division": event.division_ref or None,
        "trial": event.trial, "data": base_data(event.type, event.data),
    }  # fmt: skip


async def add(tx: Tx, notes: Sequence[Note]) -> None:
    """In the transaction of the events."""
    if not notes:
        return
    await journal.add(tx, [_line(note) for note in notes])
    bodies = [msgspec.json.encode(without_phones(note.body)) for note in notes]
    await tx.run("shadow_add", {
        "divisions": [n.event.division_ref for n in notes], "types": [n.event.type for n in notes],
        "destinations": [n.destination for n in notes], "methods": [n.method for n in notes],
        "event_ids": [n.event_id for n in notes], "order_refs": [n.order_ref for n in notes],
        "trials": [n.event.trial for n in notes], "bytes": [len(body) for body in bodies],
        "bodies": [body.decode() if len(body) <= LARGEST_BODY else None for body in bodies],
    })  # fmt: skip


def _line(note: Note) -> journal.Entry:
    summary = f"{_WHY.get(note.mode, note.mode)}: ушло бы «{note.event.type}»"
    return journal.Entry("shadow", note.destination, "not_sent", summary, note.mode, note.order_ref, note.event_id)


def without_phones(value: Any) -> Any:
    """The same, of each phone only the last four digits."""
    if isinstance(value, dict):
        return {k: _last_digits(v) if k == "phone" else without_phones(v) for k, v in value.items()}
    return [without_phones(one) for one in value] if isinstance(value, list) else value


def _last_digits(phone: Any) -> Any:
    return f"…{phone[-4:]}" if isinstance(phone, str) and len(phone) > 4 else phone


async def summary(db: Database, since: datetime, until: datetime, divisions: Sequence[str] | None) -> Sequence[Row]:
    """By type and destination: type, destination, method, n, trial_n, bytes, first_at, last_at. None: of all."""
    return await db.read("shadow_summary", {"since": since, "until": until, "divisions": divisions})


async def examples(
    db: Database, since: datetime, until: datetime, divisions: Sequence[str] | None, most: int
) -> Sequence[Row]:
    """The newest `most` of each type and destination: at, event_id, order_number, bytes, body (text)."""
    params = {"since": since, "until": until, "divisions": divisions, "most": most}
    return await db.read("shadow_examples", params)
