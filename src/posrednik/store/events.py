"""Events: recorded once, and routed into lanes in the same transaction. Where each type goes: domain/routes.py."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from uuid import UUID

import msgspec

from posrednik.domain.events import Event
from posrednik.domain.publication import site_body
from posrednik.domain.routes import Route, routes_for
from posrednik.domain.task_body import task_body
from posrednik.kit.ids import uuid7
from posrednik.store import journal, lanes, ledger
from posrednik.store.db import Row, Tx
from posrednik.store.lanes import PERSON, Draft


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on its way into the store. send False: the division is in shadow or off, so it is only journalled."""

    id: UUID
    event: Event
    base_id: UUID | None
    order_ref: UUID | None
    priority: int = PERSON
    send: bool = True


def emit(
    tx: Tx, event: Event, base_id: UUID | None, order_ref: UUID | None, *, priority: int = PERSON, send: bool = True
) -> UUID:
    """Record `event` with the commit of `tx`. Returns its id."""
    happened = Happened(uuid7(), event, base_id, order_ref, priority, send)
    tx.outbox.append(happened)
    return happened.id


async def flush(tx: Tx) -> None:
    """The last statements of a transaction (Database.before_commit): all its events, their postings, their messages."""
    happened: list[Happened] = tx.outbox
    await _add(tx, happened)
    await ledger.append(tx, ((one.id, one.event) for one in happened))
    destinations = await tx.fetch("destinations_routable")
    drafts: list[Draft] = []
    shadows: list[journal.Entry] = []
    for one in happened:
        for route in routes_for(one.event):
            for destination in _destinations(one, route, destinations):
                if one.send:
                    drafts.append(_draft(one, route, destination.id))
                else:
                    shadows.append(_shadow(one, destination.name))
    await journal.add(tx, shadows)
    await lanes.put(tx, drafts)


async def _add(tx: Tx, happened: list[Happened]) -> None:
    encode = msgspec.json.encode
    events = [one.event for one in happened]
    await tx.run("events_add", {
        "ids": [one.id for one in happened], "types": [e.type for e in events],
        "subject_kinds": [e.subject_kind for e in events], "subject_ids": [str(e.subject_id) for e in events],
        "versions": [e.version for e in events], "occurred_ats": [e.occurred_at for e in events],
        "actors": [encode(e.actor).decode() for e in events], "division_refs": [e.division_ref for e in events],
        "trials": [e.trial for e in events], "base_ids": [one.base_id for one in happened],
        "cause_bases": [e.cause_base for e in events], "order_refs": [one.order_ref for one in happened],
        "datas": [encode(e.data).decode() for e in events], "publisheds": [one.send for one in happened],
    })  # fmt: skip


def _destinations(one: Happened, route: Route, rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.kind == route.destination and _wants(one, row)]


def _wants(one: Happened, row: Row) -> bool:
    if row.kind == "onec":
        return bool(row.name == f"onec:{one.base_id}")
    if row.division_ref and row.division_ref != one.event.division_ref:
        return False
    return row.events is None or any(fnmatchcase(one.event.type, pattern) for pattern in row.events)


def _draft(one: Happened, route: Route, destination_id: int) -> Draft:
    event = one.event
    return Draft(
        destination_id, f"{event.subject_kind}:{event.subject_id}", one.id, route.method, _body(one, route),
        one.order_ref, "task" if route.kind == "state" else None, one.priority,
    )  # fmt: skip


def _body(one: Happened, route: Route) -> str:
    """A base that pulls reads the event itself; the others get all they need with the message."""
    match route.destination:
        case "bitrix24":
            return msgspec.json.encode(task_body(one.event)).decode()
        case "site":
            return msgspec.json.encode(site_body(one.id, one.event)).decode()
        case "onec":
            return "{}"


def _shadow(one: Happened, destination: str) -> journal.Entry:
    summary = f"теневой режим: ушло бы «{one.event.type}»"
    return journal.Entry("shadow", destination, "not_sent", summary, "shadow", one.order_ref, one.id)
