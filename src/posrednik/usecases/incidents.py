"""Contradictions become incidents, and a person decides them: domain.md §3, docs/subsystems/incidents.md."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from posrednik.domain import incidents as rules
from posrednik.domain.changes import Contradiction
from posrednik.domain.deliveries import Delivery
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, Event
from posrednik.domain.incidents import About, Incident
from posrednik.kit.ids import uuid7
from posrednik.store import events, incidents, journal
from posrednik.store.db import Tx
from posrednik.store.incidents import Key
from posrednik.store.journal import Entry

__all__ = ["About", "Found", "NoSuchIncident", "Permit", "about_delivery", "decide", "raise_all", "raise_many"]

Found = tuple[Contradiction, About]
Permit = Callable[[Incident], None]


class NoSuchIncident(DomainError):
    """No incident has this id."""

    code = "not_found"


def _anybody(_: Incident) -> None:
    return


def about_delivery(delivery: Delivery, actor: Actor | None = None) -> About:
    """actor: who acted. A courier's own step is about him; what the office did, about the one who has the goods."""
    by = delivery.handed_over_by.ref if delivery.handed_over_by else None
    courier_ref = actor.ref if actor is not None and actor.kind == "courier" else None
    return About(
        subject_kind="delivery", subject_id=str(delivery.id), division_ref=delivery.division_ref,
        courier_ref=courier_ref or delivery.holder_ref or by or delivery.courier_ref, base_id=delivery.base_id,
        order_ref=delivery.order_ref, order_number=delivery.order_number, trial=delivery.trial,
    )  # fmt: skip


async def raise_all(
    tx: Tx, found: Sequence[Contradiction], about: About, now: datetime, *, operation: UUID | None = None
) -> list[UUID]:
    """One incident for each contradiction, a new one or the open one that it joins; their ids in the same order.

    operation: what they came of, as a phone's event; the journal tells it.
    """
    return await raise_many(tx, [(one, about) for one in found], now, operation=operation)


async def raise_many(tx: Tx, found: Sequence[Found], now: datetime, *, operation: UUID | None = None) -> list[UUID]:
    """The same for contradictions about several subjects: a handful of statements however many there are."""
    if not found:
        return []
    await journal.add(tx, [_entry(one, about, operation) for one, about in found])
    incident_of: dict[Key, UUID] = {}
    rest = _by_key(found)
    while rest:  # a second round only if a person decided one between the two statements of the first
        taken = await _take(tx, rest, now)
        incident_of |= taken
        rest = {key: news for key, news in rest.items() if key not in taken}
    return [incident_of[_key(one, about)] for one, about in found]


async def _take(tx: Tx, found: dict[Key, list[Found]], now: datetime) -> dict[Key, UUID]:
    """Raise what is new, join what is open. Returns the incidents of the keys for which one of both was possible."""
    fresh = {key: rules.raised(*news[0], uuid7(), now) for key, news in found.items()}
    added = await incidents.add(tx, [incident for incident, _ in fresh.values()])
    new = {key: made for key, made in fresh.items() if made[0].id in added}
    held = await incidents.lock_open(tx, [key for key in found if key not in new])
    for incident, event in new.values():
        _tell(tx, incident, event)
    joining = {key: (incident, found[key]) for key, incident in held.items()}
    joining |= {key: (made[0], found[key][1:]) for key, made in new.items() if len(found[key]) > 1}
    await incidents.save(tx, [_joined(incident, news, now) for incident, news in joining.values()])
    return {key: made[0].id for key, made in new.items()} | {key: incident.id for key, incident in held.items()}


def _joined(incident: Incident, news: Sequence[Found], now: datetime) -> Incident:
    for one, _ in news:
        incident = rules.joined(incident, one, now)
    return incident


def _by_key(found: Sequence[Found]) -> dict[Key, list[Found]]:
    grouped: dict[Key, list[Found]] = {}
    for one, about in found:
        grouped.setdefault(_key(one, about), []).append((one, about))
    return grouped


def _key(found: Contradiction, about: About) -> Key:
    return found.kind, about.subject_kind, about.subject_id, about.courier_ref or ""


async def decide(
    tx: Tx, incident_id: UUID, decision: str, reason: str, person: str, now: datetime, *, permit: Permit = _anybody
) -> Incident:
    """A person's decision. permit: raises if it is not his. Raises NoSuchIncident, AlreadyDecided, DecisionMissing."""
    incident = await incidents.lock(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    permit(incident)
    decided, event = rules.decide(incident, decision, reason, person, now)
    await incidents.save(tx, [decided])
    _tell(tx, decided, event)
    title = f"решение «{decision}» ({person}): {reason}"
    await journal.add(tx, [Entry("decision", "office", decision, title, decided.kind, _order(decided))])
    return decided


def _tell(tx: Tx, incident: Incident, event: Event) -> None:
    """Recorded with everything else that happened, but nobody's business outside: subscribers never see it."""
    events.emit(tx, event, incident.base_id, _order(incident))


def _order(incident: Incident) -> UUID | None:
    return UUID(incident.order_ref) if incident.order_ref else None


def _entry(found: Contradiction, about: About, operation: UUID | None) -> Entry:
    order_ref = UUID(about.order_ref) if about.order_ref else None
    detail = {"why": found.why, "suggestion": found.suggestion}
    detail |= {} if operation is None else {"operation": str(operation)}
    return Entry("contradiction", "posrednik", found.kind, found.what, found.kind, order_ref, detail=detail)
