"""The check list before a division is switched, and the mark of a trial order. Pure. See docs/subsystems/pilot.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from posrednik.domain.changes import Change, record, same
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, Cause, Names
from posrednik.domain.texts_pilot import check_text

State = Literal["ok", "warn", "stop"]
GATE_DAYS = 14
# Two working weeks: on a day off nothing happens, so nothing is known of it.
DAYS_WITH_FACTS = 10


class TrialTooLate(DomainError):
    """The goods are on their way, or were: others may have heard of the order."""

    code = "trial_too_late"


class GateFact(Protocol):
    """One gate on one day: what `usecases/gates.py` tells. fine None: there is no data."""

    @property
    def key(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def fine(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class SwitchFacts:
    """What is known of a division and of what it needs. Ages in seconds, None = never.

    bases: (name, seconds since its last message, has a token). portal: (state, breaker), None = there is none.
    unmapped: names of the couriers concerned that have no user in Bitrix24. strangers: refs in the pilot's list that
    are no active couriers of the division. dead: letters of its deliveries. waits: lanes of it that are not empty.
    """

    bases: Sequence[tuple[str, float | None, bool]]
    portal: tuple[str, str] | None
    workers: int
    group: bool
    couriers: int
    unmapped: Sequence[str]
    pilot: int
    strangers: Sequence[str]
    incidents: int
    dead: int
    waits: int
    quarantined: int
    subscribers: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list. data: the figures in its sentence."""

    key: str
    state: State
    data: dict[str, Any]

    def told(self, lang: str = "ru") -> dict[str, Any]:
        """{"key", "state", "title", "text"}: what is so, what it means, what to do."""
        title, sentence = check_text(self.key, self.state, lang, self.data)
        return {"key": self.key, "state": self.state, "title": title, "text": sentence}


QUIET_BASE_S = 24 * 3600.0


def checklist(mode: str, facts: SwitchFacts, gates: Sequence[GateFact] | None) -> tuple[Check, ...]:
    """What stands before switching to `mode`. gates: of the last days, None = nobody counts them.

    `stop` keeps from switching on unless it is forced; switching back is never stopped.
    """
    if mode in ("off", "shadow"):
        return (_waits(facts), _incidents(facts))
    own = [_bases(facts), _tokens(facts), _portal(facts), _workers(facts), _group(facts), _couriers(facts)]
    pilot = [_pilot(facts)] if mode == "pilot" else []
    rest = [_subscribers(facts), _dead(facts), _waits(facts), _quarantine(facts), _incidents(facts)]
    return (*own, *pilot, *rest, _gates(mode, gates))


def may_switch(checks: Sequence[Check]) -> bool:
    return all(check.state != "stop" for check in checks)


def _check(key: str, state: State, **data: Any) -> Check:
    return Check(key, state, data)


def _bases(f: SwitchFacts) -> Check:
    ages = [age for _, age, _ in f.bases if age is not None]
    if not ages:
        return _check("bases", "stop", n=len(f.bases))
    return _check("bases", "ok" if min(ages) <= QUIET_BASE_S else "warn", n=len(f.bases), age_s=round(min(ages)))


def _tokens(f: SwitchFacts) -> Check:
    without = [name for name, _, token in f.bases if not token]
    return _check("tokens", "stop" if len(without) == len(f.bases) else "warn" if without else "ok", names=without)


def _portal(f: SwitchFacts) -> Check:
    if f.portal is None:
        return _check("portal", "stop", what="none")
    state, breaker = f.portal
    if state != "open":
        return _check("portal", "stop", what=state)
    return _check("portal", "ok" if breaker == "closed" else "stop", what=breaker)


def _workers(f: SwitchFacts) -> Check:
    return _check("workers", "ok" if f.workers else "stop", n=f.workers)


def _group(f: SwitchFacts) -> Check:
    return _check("group", "ok" if f.group else "warn")


def _couriers(f: SwitchFacts) -> Check:
    if not f.couriers:
        return _check("couriers", "stop", n=0, names=[])
    return _check("couriers", "warn" if f.unmapped else "ok", n=f.couriers, names=list(f.unmapped))


def _pilot(f: SwitchFacts) -> Check:
    if f.strangers:
        return _check("pilot_couriers", "stop", n=f.pilot, names=list(f.strangers))
    return _check("pilot_couriers", "ok" if f.pilot else "warn", n=f.pilot, names=[])


def _subscribers(f: SwitchFacts) -> Check:
    return _check("subscribers", "ok" if f.subscribers else "warn", n=f.subscribers)


def _dead(f: SwitchFacts) -> Check:
    return _check("dead", "warn" if f.dead else "ok", n=f.dead)


def _waits(f: SwitchFacts) -> Check:
    return _check("waits", "ok", n=f.waits)


def _quarantine(f: SwitchFacts) -> Check:
    return _check("quarantine", "warn" if f.quarantined else "ok", n=f.quarantined)


def _incidents(f: SwitchFacts) -> Check:
    return _check("incidents", "warn" if f.incidents else "ok", n=f.incidents)


def _gates(mode: str, gates: Sequence[GateFact] | None) -> Check:
    """«2 недели стабильно и ноль расхождений» is for `live`; a pilot is there to find out."""
    worse: State = "stop" if mode == "live" else "warn"
    if not gates:
        return _check("gates", worse, days=0, red=0, unknown=0)
    known = {gate.day for gate in gates if gate.fine is not None}
    red, unknown = {gate.day for gate in gates if gate.fine is False}, {gate.day for gate in gates} - known
    fine = not red and len(known) >= DAYS_WITH_FACTS
    return _check("gates", "ok" if fine else worse, days=len(known), red=len(red), unknown=len(unknown))


def mark_trial(*, delivery: Delivery, trial: bool, actor: Actor, now: datetime, names: Names) -> Change:
    """Mark an order's delivery as a trial one, or take the mark away, while it is ready. Raises TrialTooLate."""
    if delivery.trial == trial:
        return same(delivery)
    if delivery.stage is not Stage.READY or delivery.goods_out or delivery.handed_over_at is not None:
        raise TrialTooLate(order_number=delivery.order_number, stage=delivery.shown_stage)
    return record(delivery, "delivery.changed", Cause(actor, now, names), {"changed": ["trial"]}, trial=trial)
