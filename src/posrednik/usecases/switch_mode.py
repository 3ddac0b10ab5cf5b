"""Switching a division: which of what happens in it goes to the other systems. See docs/subsystems/pilot.md.

One transaction, exact to the event: whoever sends holds the division's modes until his commit, and the switch waits.
On: Bitrix24 gets the newest state of each open delivery, once; what waited goes on. Back: what waits is held.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.errors import DomainError
from posrednik.domain.modes import MODES, SENDING, TITLES, Standing, couriers_of
from posrednik.domain.proofs import ProofRules
from posrednik.store import division, journal, modes
from posrednik.store.db import Database, Row, Tx
from posrednik.store.division import Own
from posrednik.store.journal import Entry
from posrednik.usecases.division_settings import LiveRules, check_version, checked_reason

MOST_COURIERS = 500


class ModeUnknown(DomainError):
    """Not one of off, shadow, pilot, live."""

    code = "mode_unknown"


class TooManyCouriers(DomainError):
    """A pilot with so many couriers is none."""

    code = "pilot_too_large"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a division is to stand. mode None: the same. add, remove: couriers of its pilot, `listed`."""

    mode: str | None = None
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a switch does. tell: rows of `modes.untold`. hold, release: lanes. join: delivery → its division."""

    before: Standing
    after: Standing
    tell: Sequence[Row] = ()
    hold: Sequence[Row] = ()
    release: Sequence[Row] = ()
    join: Sequence[UUID] = ()

    @property
    def already(self) -> bool:
        return self.before == self.after

    @property
    def counts(self) -> dict[str, int]:
        """For people: deliveries told of, lanes held and let go."""
        return {"tell": len(self.tell), "hold": len(self.hold), "release": len(self.release), "join": len(self.join)}


@dataclass(frozen=True, slots=True)
class Switched:
    own: Own
    plan: Plan


async def plan(source: Tx | Database, live: LiveRules, own: Own, wanted: Wanted) -> Plan:
    """What `switch` would do now. Raises ModeUnknown, TooManyCouriers."""
    before = standing_of(live, own)
    after = Standing(wanted.mode or before.mode, (own.pilot_couriers | wanted.add) - wanted.remove)
    if after.mode not in MODES:
        raise ModeUnknown(mode=after.mode)
    if len(after.couriers) > MOST_COURIERS:
        raise TooManyCouriers(most=MOST_COURIERS)
    if before == after:
        return Plan(before, after)
    return await _plan(source, own, before, after)


async def _plan(source: Tx | Database, own: Own, before: Standing, after: Standing) -> Plan:
    members = await modes.members(source, own.ref) if after.mode == "pilot" else set()
    untold = await modes.untold(source, own.ref, own.quiet_since) if after.mode in SENDING else ()
    tell = [row for row in untold if _sent(after, row, members)]
    lanes = await modes.waiting_lanes(source, own.ref)
    joins = await modes.open_deliveries(source, own.ref) if after.mode == "pilot" else ()
    goes = {row.lane_id: after.sends_of(row.couriers, trial=row.trial, member=row.member) for row in lanes}
    return Plan(
        before, after, tell,
        [row for row in lanes if not goes[row.lane_id] and not row.held],
        [row for row in lanes if goes[row.lane_id] and row.held],
        [row.id for row in joins if after.sends_of(row.couriers, trial=row.trial, member=row.id in members)],
    )  # fmt: skip


def _sent(after: Standing, row: Row, members: Collection[UUID]) -> bool:
    return after.sends_of(couriers_of(msgspec.json.decode(row.data)), trial=row.trial, member=row.id in members)


def standing_of(live: LiveRules, own: Own) -> Standing:
    return Standing(own.mode or live.file.values(own.ref)["mode"], own.pilot_couriers)


async def switch(
    tx: Tx, live: LiveRules, ref: str, wanted: Wanted, *, version: int | None, who: str, reason: str, now: datetime
) -> Switched:  # fmt: skip
    """Do it, journalled. version: that the page saw, None = whatever it is. What holds already changes nothing.

    Raises ModeUnknown, TooManyCouriers, SettingsChanged, ReasonNeeded.
    """
    why = checked_reason(reason)
    await division.lock_modes(tx, ref)
    own = await division.lock(tx, ref)
    check_version(own, version)
    planned = await plan(tx, live, own, wanted)
    if planned.already:
        return Switched(own, planned)
    after = _after(own, planned, who, now)
    told = _told(planned)
    kind = "mode" if "mode" in told else "couriers"
    await division.save(tx, after, kind=kind, who=who, reason=why, at=now, changes=told)
    line = Entry("switch", "office", planned.after.mode, _summary(planned, who, why), ref, detail=told)
    await journal.add(tx, [line])
    await _do(tx, ref, planned, live.rules.of(ref).policy.proofs)
    tx.after_commit.append(live.soon)
    return Switched(after, planned)


def _after(own: Own, planned: Plan, who: str, now: datetime) -> Own:
    after = replace(own, version=own.version + 1, pilot_couriers=planned.after.couriers)
    if planned.before.mode == planned.after.mode:
        return after
    quiet = own.quiet_since
    if planned.after.mode == "live":
        quiet = None
    elif planned.before.mode in SENDING and quiet is None:
        quiet = now
    return replace(after, mode=planned.after.mode, mode_at=now, mode_by=who, quiet_since=quiet)


async def _do(tx: Tx, ref: str, planned: Plan, proofs: ProofRules) -> None:
    """Lanes last, as everywhere, and in one order."""
    if planned.after.mode != "pilot":
        await modes.end_pilot(tx, ref)
    elif planned.join:
        await modes.add_members(tx, dict.fromkeys(planned.join, ref))
    lanes = [row.lane_id for row in (*planned.hold, *planned.release)]
    await modes.lock_lanes(tx, lanes, modes.told_keys(planned.tell))
    await modes.hold(tx, [row.lane_id for row in planned.hold], held=True)
    await modes.hold(tx, [row.lane_id for row in planned.release], held=False)
    await modes.tell_states(tx, planned.tell, proofs)


def _told(planned: Plan) -> dict[str, Any]:
    before, after = planned.before, planned.after
    told: dict[str, Any] = {"counts": planned.counts}
    if before.mode != after.mode:
        told["mode"] = {"before": before.mode, "after": after.mode}
    if before.couriers != after.couriers:
        told["pilot_couriers"] = {"before": sorted(before.couriers), "after": sorted(after.couriers)}
    return told


def _summary(planned: Plan, who: str, why: str) -> str:
    before, after, n = planned.before, planned.after, planned.counts
    if before.mode == after.mode:
        what = f"пилот: курьеров было {len(before.couriers)}, стало {len(after.couriers)}"
    else:
        what = f"режим подразделения: «{TITLES[before.mode][0]}» → «{TITLES[after.mode][0]}»"
    done = f"сообщено состояний {n['tell']}, отпущено дорожек {n['release']}, удержано {n['hold']}"
    return f"{what} ({who}); причина: {why}; {done}"


def listed(refs: Iterable[str]) -> frozenset[str]:
    """Refs of couriers as they are kept: lower case, without blanks."""
    return frozenset(ref.strip().lower() for ref in refs if ref.strip())
