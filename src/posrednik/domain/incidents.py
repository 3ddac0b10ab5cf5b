"""What a person must decide: domain.md §3. One contradiction is one incident, later news on it joins the open one."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from posrednik.domain.changes import Contradiction
from posrednik.domain.errors import AlreadyDecided, DecisionMissing
from posrednik.domain.events import Actor, Data, Event

# What a decision may be. Those with names also do something: move money or goods, where there is something to move, or
# make a deleted task of the portal anew, or leave the delivery without one.
SETTLED, WRITTEN_OFF, FOUND = "settled", "written_off", "found"
RECREATED, LEFT = "recreated", "left"
DECISIONS = ("accepted", "corrected", "rejected", "explained", SETTLED, WRITTEN_OFF, FOUND, RECREATED, LEFT)
MOST_NEWS = 50

_ALARMS = frozenset(
    {
        "cancelled_but_handed_over",
        "handed_over_twice",
        "cash_difference",
        "ceiling_exceeded",
        "backpack_negative",
        "transfer_undone_after_sale",
        "dead_letter",
        "double_at_destination",
        "ownership_violation",
    }
)
_NOTICES = frozenset({"no_position", "dark_photo", "clock_jump", "same_coordinates", "repeated_step", "moved_by_hand"})


@dataclass(frozen=True, slots=True)
class About:
    """What the contradictions are about. subject_kind, subject_id: "delivery" and its id, "shift", "device".

    courier_ref: who acted. send: whether the division's events go out at all (not in shadow).
    """

    subject_kind: str
    subject_id: str
    division_ref: str = ""
    courier_ref: str | None = None
    base_id: UUID | None = None
    order_ref: str | None = None
    order_number: str | None = None
    trial: bool = False
    send: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """Something more that was found for an open incident; data: its figures."""

    at: datetime
    what: str
    data: Data


@dataclass(frozen=True, slots=True)
class Incident:
    """what, why, suggestion: Russian; other languages by `texts.contradiction_text(kind, lang, **data)`.

    state: open or decided. times: how often it was found. version grows by one with each event.
    """

    id: UUID
    kind: str
    severity: str
    subject_kind: str
    subject_id: str
    division_ref: str
    courier_ref: str | None
    base_id: UUID | None
    order_ref: str | None
    order_number: str | None
    what: str
    why: str
    suggestion: str
    data: Data
    raised_at: datetime
    last_at: datetime
    trial: bool = False
    state: str = "open"
    decision: str | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1
    times: int = 1
    news: tuple[News, ...] = ()


def severity_of(kind: str) -> str:
    """alarm: goods, money or data are at stake. notice: a weak sign alone. warning: the rest, unknown kinds too."""
    return "alarm" if kind in _ALARMS else "notice" if kind in _NOTICES else "warning"


def raised(found: Contradiction, about: About, id: UUID, now: datetime) -> tuple[Incident, Event]:
    """A new open incident and its `incident.raised`."""
    incident = Incident(
        id=id,
        kind=found.kind,
        severity=severity_of(found.kind),
        subject_kind=about.subject_kind,
        subject_id=about.subject_id,
        division_ref=about.division_ref,
        courier_ref=about.courier_ref,
        base_id=about.base_id,
        order_ref=about.order_ref,
        order_number=about.order_number,
        what=found.what,
        why=found.why,
        suggestion=found.suggestion,
        data=found.data,
        raised_at=now,
        last_at=now,
        trial=about.trial,
    )
    return incident, _event("incident.raised", incident, Actor("system"), now)


def joined(incident: Incident, found: Contradiction, now: datetime) -> Incident:
    """The open `incident` with this news on it: no event and no new version. The newest `MOST_NEWS` are kept.

    Raises AlreadyDecided: what is found after a decision is an incident of its own.
    """
    _check_open(incident)
    news = (*incident.news, News(now, found.what, found.data))[-MOST_NEWS:]
    return replace(incident, times=incident.times + 1, last_at=max(incident.last_at, now), news=news)


def moves_of(incident: Incident) -> tuple[str, ...]:
    """The decisions that also do something: of cash that differs, of goods that a count found missing, of a task that
    was deleted."""
    if incident.kind == "task_deleted":
        return (RECREATED, LEFT)
    if incident.courier_ref is None:
        return ()
    if incident.kind == "cash_difference":
        return (SETTLED,)
    counted = incident.kind == "count_difference" and incident.data.get("occasion") == "backpack_count"
    return (WRITTEN_OFF, FOUND) if counted else ()


def decide(incident: Incident, decision: str, reason: str, person: str, now: datetime) -> tuple[Incident, Event]:
    """What a person says of it; final. decision: one of `DECISIONS`. person: his name.

    Raises AlreadyDecided, DecisionMissing (no such decision of this kind, or no reason given).
    """
    _check_open(incident)
    if decision not in (*DECISIONS[:4], *moves_of(incident)) or not reason.strip():
        raise DecisionMissing()
    decided = replace(
        incident,
        state="decided",
        version=incident.version + 1,
        decision=decision,
        reason=reason.strip(),
        decided_by=person,
        decided_at=now,
    )
    return decided, _event("incident.decided", decided, Actor("logistician", None, person), now)


def _check_open(incident: Incident) -> None:
    if incident.state != "open":
        raise AlreadyDecided(who=incident.decided_by, since_at=incident.decided_at)


def _event(event_type: str, incident: Incident, actor: Actor, now: datetime) -> Event:
    return Event(
        type=event_type,
        subject_kind="incident",
        subject_id=incident.id,
        version=incident.version,
        occurred_at=now,
        actor=actor,
        division_ref=incident.division_ref,
        trial=incident.trial,
        data=_told(incident),
    )


def _told(incident: Incident) -> Data:
    return {
        "kind": incident.kind,
        "severity": incident.severity,
        "state": incident.state,
        "subject": {"kind": incident.subject_kind, "id": incident.subject_id},
        "courier_ref": incident.courier_ref,
        "order_ref": incident.order_ref,
        "order_number": incident.order_number,
        "what": incident.what,
        "why": incident.why,
        "suggestion": incident.suggestion,
        "figures": incident.data,
        "decision": incident.decision,
        "reason": incident.reason,
        "decided_by": incident.decided_by,
    }
