"""Events: recorded once, and routed into lanes in the same transaction. Where each type goes: domain/routes.py.

Whether they go at all is decided here and nowhere else, by the mode of their division as it is in this transaction.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from uuid import UUID

import msgspec

from posrednik.domain import task_notes
from posrednik.domain.events import Data, Event
from posrednik.domain.modes import Standing, is_public, is_sent
from posrednik.domain.proofs import DEFAULT_RULES, ProofRules
from posrednik.domain.publication import site_body
from posrednik.domain.routes import Route, routes_for
from posrednik.domain.task_body import task_body
from posrednik.domain.task_notes import Around, Note
from posrednik.kit.ids import uuid7, uuid7_of
from posrednik.store import figures, lags, lanes, ledger, modes, portal_watch, shadow
from posrednik.store.db import Row, Tx
from posrednik.store.lanes import PERSON, Draft
from posrednik.store.modes import Modes
from posrednik.store.portal_watch import ProjectOf

FileMode = Callable[[str], str]
ProofsOf = Callable[[str], ProofRules]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on its way into the store."""

    id: UUID
    event: Event
    base_id: UUID | None
    order_ref: UUID | None
    priority: int = PERSON


def emit(tx: Tx, event: Event, base_id: UUID | None, order_ref: UUID | None, *, priority: int = PERSON) -> UUID:
    """Record `event` with the commit of `tx`. Returns its id."""
    happened = Happened(_new_id(tx, event), event, base_id, order_ref, priority)
    tx.outbox.append(happened)
    return happened.id


def _new_id(tx: Tx, event: Event) -> UUID:
    """What a phone or 1C asked for has the same id whenever it is taken: after the database was restored from a copy
    they ask again, and others know what they have. See docs/decisions/0012-same-cause-same-id.md."""
    if tx.cause is None:
        return uuid7()
    taken, number = {one.id for one in tx.outbox}, 0
    parts = (tx.cause.id, event.type, event.subject_kind, event.subject_id)
    while (made := uuid7_of(tx.cause.at, *parts, number)) in taken:
        number += 1
    return made


async def flush(
    tx: Tx, file_mode: FileMode = lambda division: "live", proofs: ProofsOf = lambda division: DEFAULT_RULES,
    project: ProjectOf | None = None,
) -> None:  # fmt: skip
    """The last statements of a transaction (Database.before_commit): all its events, their postings, their messages,
    and the tasks that are told anew (`tx.retold`).

    file_mode: of a division whose mode nobody has switched yet. proofs: its rules, for the checklists of tasks.
    project: of a division now, for tasks that are told anew.
    """
    happened: list[Happened] = tx.outbox
    known = await modes.fixed(tx, [one.event for one in happened], file_mode)
    sent = {one.id for one in happened if is_sent(one.event, known.of(one.event.division_ref), known.members)}
    await _add(tx, happened, sent)
    await ledger.append(tx, ((one.id, one.event) for one in happened))
    await figures.add(tx, ((one.id, one.event, one.base_id) for one in happened))
    await lags.note_events(tx, ((one.id, one.event, one.base_id) for one in happened), known.group_of)
    await modes.join_pilot(tx, known, (one.event for one in happened if one.id in sent))
    drafts: list[Draft] = []
    silent: list[shadow.Note] = []
    ways = list(_ways(happened, known))
    around = await _around(tx, [one.event for one, _, to in ways if to.kind == "bitrix24"], proofs)
    for one, route, destination in ways:
        for note in _notes(one, route, around):
            if one.id in sent:
                drafts.append(_draft(one, route, note, destination.id))
            else:
                silent.append(_silent(one, route, note, destination.name, known.of(one.event.division_ref)))
    await shadow.add(tx, silent)
    again = await portal_watch.rewritten(tx, tx.retold, file_mode, project) if tx.retold else []
    await lanes.put(tx, [*again, *drafts])  # a new event of the same delivery is newer than what is told anew


async def _around(tx: Tx, events: Sequence[Event], proofs: ProofsOf) -> Around:
    """What notes need beside their events; asks the database only where one does."""
    refs = sorted({ref for event in events for ref in task_notes.couriers_told(event)})
    users = await tx.fetch("courier_users", {"refs": refs}) if refs else []
    loud = {event.subject_id: event for event in events
            if event.type == "incident.raised" and task_notes.is_loud(event)}  # fmt: skip
    return Around(
        {row.ref: row.bitrix24_user for row in users if row.bitrix24_user}, proofs,
        await _nth(tx, list(loud.values())) if loud else {},
    )  # fmt: skip


async def _nth(tx: Tx, raised: Collection[Event]) -> dict[UUID, int]:
    """Which one each incident is in its division within the last hour. Its row is there already."""
    own = Counter(event.division_ref for event in raised)
    rows = await tx.fetch("incidents_of_hour", {"divisions": sorted(own)})
    before = {row.division_ref: row.n - own[row.division_ref] for row in rows}
    nth = Counter[str]()
    found: dict[UUID, int] = {}
    for event in raised:
        nth[event.division_ref] += 1
        found[event.subject_id] = max(0, before.get(event.division_ref, 0)) + nth[event.division_ref]
    return found


def _ways(happened: list[Happened], known: Modes) -> Iterator[tuple[Happened, Route, Row]]:
    """Every event with each place it goes to."""
    for one in happened:
        for route in routes_for(one.event):
            for destination in known.destinations:
                if destination.kind == route.destination and _wants(one, destination):
                    yield one, route, destination


async def _add(tx: Tx, happened: list[Happened], sent: set[UUID]) -> None:
    encode = msgspec.json.encode
    events = [one.event for one in happened]
    await tx.run("events_add", {
        "ids": [one.id for one in happened], "types": [e.type for e in events],
        "subject_kinds": [e.subject_kind for e in events], "subject_ids": [str(e.subject_id) for e in events],
        "versions": [e.version for e in events], "occurred_ats": [e.occurred_at for e in events],
        "actors": [encode(e.actor).decode() for e in events], "division_refs": [e.division_ref for e in events],
        "trials": [e.trial for e in events], "base_ids": [one.base_id for one in happened],
        "cause_bases": [e.cause_base for e in events], "order_refs": [one.order_ref for one in happened],
        "datas": [encode(e.data).decode() for e in events],
        "publisheds": [one.id in sent and is_public(one.event) for one in happened],
    })  # fmt: skip


def _wants(one: Happened, row: Row) -> bool:
    if row.kind == "onec":
        return bool(row.name == f"onec:{one.base_id}")
    if row.kind == "site" and not is_public(one.event):
        return False
    if row.division_ref and row.division_ref != one.event.division_ref:
        return False
    return row.events is None or any(fnmatchcase(one.event.type, pattern) for pattern in row.events)


def _notes(one: Happened, route: Route, around: Around) -> Sequence[Note]:
    """The messages of one route of an event, each with its lane."""
    if route.method in task_notes.METHODS:
        return task_notes.notes(one.event, route, around)
    return [Note(lane_key(one.event), _body(one, route), "task" if route.kind == "state" else None)]


def _draft(one: Happened, route: Route, note: Note, destination_id: int) -> Draft:
    return Draft(
        destination_id, note.lane, one.id, route.method, msgspec.json.encode(note.body).decode(),
        one.order_ref, note.state_of, lanes.BULK if note.background else one.priority,
    )  # fmt: skip


def lane_key(event: Event) -> str:
    return f"{event.subject_kind}:{event.subject_id}"


def _body(one: Happened, route: Route) -> Data:
    """A base that pulls reads the event itself; the others get all they need with the message."""
    match route.destination:
        case "bitrix24":
            return task_body(one.event)
        case "site":
            return site_body(one.id, one.event)
        case "onec":
            return {}


def _silent(one: Happened, route: Route, note: Note, destination: str, standing: Standing) -> shadow.Note:
    body = shadow.base_body(one.event) if route.destination == "onec" else note.body
    return shadow.Note(one.id, one.event, one.order_ref, destination, route.method, body, standing.mode)


async def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these events are here."""
    return {row.id for row in await tx.fetch("events_known", {"ids": list(ids)})} if ids else set()
