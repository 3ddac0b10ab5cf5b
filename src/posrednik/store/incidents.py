"""Incidents: what a person must decide. Each is stored whole; the columns beside it are for queries and the one index
that allows one open incident of a kind, subject and courier. See docs/subsystems/incidents.md."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from posrednik.domain.incidents import Incident
from posrednik.store.db import Row, Tx

# kind, subject_kind, subject_id, courier's ref ("" = none)
Key = tuple[str, str, str, str]

_decoder = msgspec.json.Decoder(Incident)


def key_of(incident: Incident) -> Key:
    return incident.kind, incident.subject_kind, incident.subject_id, incident.courier_ref or ""


async def add(tx: Tx, incidents: Sequence[Incident]) -> set[UUID]:
    """Store those of which none is open yet; their ids. Waits for another transaction that raises the same one."""
    if not incidents:
        return set()
    rows = await tx.fetch("incident_add", {
        "ids": [i.id for i in incidents], "kinds": [i.kind for i in incidents],
        "severities": [i.severity for i in incidents], "subject_kinds": [i.subject_kind for i in incidents],
        "subject_ids": [i.subject_id for i in incidents], "division_refs": [i.division_ref for i in incidents],
        "courier_refs": [i.courier_ref for i in incidents], "base_ids": [i.base_id for i in incidents],
        "order_refs": [_uuid(i.order_ref) for i in incidents], "raised_ats": [i.raised_at for i in incidents],
        "last_ats": [i.last_at for i in incidents], "versions": [i.version for i in incidents],
        "docs": [_doc(i) for i in incidents],
    })  # fmt: skip
    return {row.id for row in rows}


async def lock_open(tx: Tx, keys: Iterable[Key]) -> dict[Key, Incident]:
    """The open incidents of these keys, locked until the commit, in one order so that two requests never cross."""
    wanted = list(keys)
    if not wanted:
        return {}
    kinds, subject_kinds, subject_ids, couriers = (list(column) for column in zip(*wanted, strict=True))
    rows = await tx.fetch("incidents_lock_open", {
        "kinds": kinds, "subject_kinds": subject_kinds, "subject_ids": subject_ids, "couriers": couriers,
    })  # fmt: skip
    return {key_of(incident): incident for incident in (_decoder.decode(row.doc) for row in rows)}


async def lock(tx: Tx, incident_id: UUID) -> Incident | None:
    row = await tx.one("incident_lock", {"id": incident_id})
    return _decoder.decode(row.doc) if row else None


async def save(tx: Tx, incidents: Sequence[Incident]) -> None:
    """Write locked incidents that have news or were decided."""
    if incidents:
        await tx.run("incidents_put", {
            "ids": [i.id for i in incidents], "last_ats": [i.last_at for i in incidents],
            "versions": [i.version for i in incidents], "states": [i.state for i in incidents],
            "docs": [_doc(i) for i in incidents],
        })  # fmt: skip


def _doc(incident: Incident) -> str:
    return msgspec.json.encode(incident).decode()


def _uuid(ref: str | UUID | None) -> UUID | None:
    return UUID(ref) if isinstance(ref, str) else ref


async def newest(tx: Tx, kind: str, subject_kind: str, subject_id: str) -> Incident | None:
    """The last one of this kind about the subject, open or decided."""
    row = await tx.one("incident_newest", {"kind": kind, "subject_kind": subject_kind, "subject_id": subject_id})
    return _decoder.decode(row.doc) if row else None


async def open_about(tx: Tx, kind: str, subject_kind: str, subject_ids: Sequence[str] | None = None) -> list[Row]:
    """id, subject_id of the open ones of this kind about such subjects; None = all."""
    wanted = list(subject_ids) if subject_ids is not None else None
    return await tx.fetch("incidents_open_about", {
        "kind": kind, "subject_kind": subject_kind, "subject_ids": wanted,
    })  # fmt: skip


async def lost_events(tx: Tx, kind: str, subject_kind: str, subjects: Sequence[str]) -> list[Row]:
    """Open ones about events that only 1C has: id, subject_id (the event's id), type, subject, data (JSON text)."""
    return await tx.fetch("incidents_lost_events", {
        "kind": kind, "subject_kind": subject_kind, "subjects": list(subjects),
    })  # fmt: skip
