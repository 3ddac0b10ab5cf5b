"""The pilot as a person sees it: how each division stands, what speaks against a switch, what one would do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from posrednik.domain.errors import DomainError
from posrednik.domain.modes import MODES
from posrednik.domain.pilot import GATE_DAYS, Check, SwitchFacts, checklist, may_switch
from posrednik.store import division, pilot, views
from posrednik.store.db import Database, Row, Tx
from posrednik.store.division import Own
from posrednik.usecases.division_settings import Divisions, LiveRules, known, rules_of
from posrednik.usecases.gates import Fact, gates_facts
from posrednik.usecases.switch_mode import Plan, Switched, Wanted, plan, standing_of, switch

SHOWN = 20


class SwitchNotReady(DomainError):
    """The check list says no, and nobody forced it. checks: those that say so."""

    code = "switch_not_ready"

    def __init__(self, checks: Sequence[Check]) -> None:
        super().__init__()
        self.checks = checks


@dataclass(frozen=True, slots=True)
class Look:
    """A switch before it is made."""

    own: Own
    plan: Plan
    checks: Sequence[Check]

    @property
    def may(self) -> bool:
        return may_switch(self.checks)


@dataclass(frozen=True, slots=True)
class Stand:
    """A division on the page of the pilot. next: the mode that the check list is for."""

    ref: str
    name: str
    own: Own
    mode: str
    next: str
    checks: Sequence[Check]
    gates: Sequence[Fact]
    couriers: Sequence[Row]
    trials: Sequence[Row]


async def look(source: Tx | Database, live: LiveRules, ref: str, wanted: Wanted) -> Look:
    """What `switch_checked` would do, and what stands against it. Raises ModeUnknown, TooManyCouriers."""
    own = await division.get(source, ref)
    planned = await plan(source, live, own, wanted)
    gates = await gates_of(source, ref)
    facts = await _facts(source, live, own, planned.after.couriers, pilot_only=planned.after.mode == "pilot")
    return Look(own, planned, checklist(planned.after.mode, facts, gates))


async def switch_checked(
    tx: Tx, live: LiveRules, ref: str, wanted: Wanted, *, version: int | None, who: str, reason: str, now: datetime,
    force: bool = False,
) -> tuple[Switched, Look]:  # fmt: skip
    """Look, then switch in the same transaction. force: although the check list says no; the reason tells why.

    Raises SwitchNotReady, SettingsChanged, ReasonNeeded, ModeUnknown, TooManyCouriers.
    """
    before = await look(tx, live, ref, wanted)
    if not (before.may or force or before.plan.already):
        raise SwitchNotReady([check for check in before.checks if check.state == "stop"])
    told = reason if before.may or not force else f"{reason} (принудительно)"
    done = await switch(tx, live, ref, wanted, version=version, who=who, reason=told, now=now)
    return done, before


async def gates_of(source: Tx | Database, ref: str, lang: str = "ru") -> Sequence[Fact]:
    """Of the last two weeks, and of today what is red already."""
    return await gates_facts(source, ref, GATE_DAYS, lang=lang)


def told_gate(gate: Fact) -> dict[str, Any]:
    """JSON-able."""
    return {"key": gate.key, "title": gate.title, "day": gate.day.isoformat(), "value": gate.value,
            "limit": gate.limit, "fine": gate.fine, "why": gate.why, "cases": gate.cases}  # fmt: skip


async def stands(db: Database, live: LiveRules, mine: Collection[str] | None, lang: str = "ru") -> list[Stand]:
    """All divisions that somebody may see, by name."""
    divisions = await known(db, live, mine)
    couriers = [row for row in await views.names(db) if row.kind == "courier"]
    trials = await pilot.trials(db, None if mine is None else sorted(mine))
    return [await _stand(db, live, divisions, ref, couriers, trials, lang) for ref in divisions.refs]


async def _stand(
    db: Database, live: LiveRules, divisions: Divisions, ref: str, couriers: Sequence[Row], trials: Sequence[Row],
    lang: str,
) -> Stand:  # fmt: skip
    own = divisions.own(ref)
    mode = standing_of(live, own).mode
    following = MODES[min(MODES.index(mode) + 1, len(MODES) - 1)]
    gates = await gates_of(db, ref, lang)
    facts = await _facts(db, live, own, own.pilot_couriers, pilot_only=following == "pilot")
    return Stand(
        ref, divisions.names.get(ref, ref), own, mode, following, checklist(following, facts, gates), gates,
        [row for row in couriers if row.division == ref or row.ref in own.pilot_couriers],
        [row for row in trials if row.division_ref == ref],
    )  # fmt: skip


async def _facts(
    source: Tx | Database, live: LiveRules, own: Own, couriers: Collection[str], *, pilot_only: bool
) -> SwitchFacts:
    """couriers: of the pilot's list as it is to be. pilot_only: only they must be mapped."""
    rows = [row for row in await views.names(source) if row.kind == "courier"]
    active = {row.ref: row for row in rows if row.division == own.ref and row.active}
    concerned = [row for row in active.values() if not pilot_only or row.ref in couriers]
    figures, portals = await pilot.figures(source, own.ref), await pilot.portals(source)
    names = {row.ref: row.name for row in rows}
    return SwitchFacts(
        bases=[(row.name, row.age_s, row.token) for row in await pilot.bases(source, own.ref)],
        portal=(portals[0].state, portals[0].breaker) if portals else None,
        group=rules_of(live.file, own).group is not None or live.file.default_group, couriers=len(active),
        unmapped=_some([row.name for row in concerned if not (row.bitrix24_user or "").strip()]),
        pilot=len(couriers), strangers=_some([names.get(ref) or ref for ref in sorted(couriers) if ref not in active]),
        **_counts(figures),
    )  # fmt: skip


def _counts(figures: Row) -> Mapping[str, Any]:
    names = ("workers", "incidents", "dead", "waits", "quarantined", "subscribers")
    return {name: getattr(figures, name) for name in names}


def _some(names: Sequence[str]) -> list[str]:
    return [*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])]
