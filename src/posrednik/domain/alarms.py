"""What an administrator has to know now, of what is seen of the service. Pure. See docs/subsystems/alarms.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from posrednik.domain.portal_install import UNREADABLE
from posrednik.domain.texts import told
from posrednik.domain.texts_alarms import ALARMS
from posrednik.domain.texts_portal import no_access

Level = Literal["red", "amber"]

OVERLOAD = "overload_limit"
BREAKER = timedelta(minutes=5)
LATE_S = 900.0
WORKER_S = 60.0
# A refresh token lives 180 days from its last renewal.
TOKEN_OLD, TOKEN_DEAD = timedelta(days=150), timedelta(days=180)
# How long a base may be silent: twice its longest pause of late, within these; a day while nobody knows its pauses.
SILENT, SILENT_MOST, PAUSES_KNOWN = timedelta(minutes=30), timedelta(days=1), timedelta(days=3)
# Changes that the poll found and no event told, and calls at the door of events that were none of the portal's.
UNTOLD = timedelta(minutes=15)
FORGED_MANY = 20
DISK_SHARE, DISK_BYTES = 0.05, 2**30

AMBER = frozenset({"token_old", "events_silent", "events_forged", "dead_letters", "worker_gone"})
# These cannot be told through Bitrix24, for they say that it takes nothing.
NOT_BY_PORTAL = frozenset({"portal_stopped", "portal_overload", "token_dead", "token_unreadable"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """subject: which of several, "" = there is but one. since: None = since it was seen. facts: what its texts name."""

    code: str
    subject: str = ""
    since: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.subject

    @property
    def level(self) -> Level:
        return "amber" if self.code in AMBER else "red"

    def words(self, lang: str = "ru") -> tuple[str, str, str]:
        """(what happened, what it means, what to do)"""
        facts = {**self.facts, "why": no_access(self.facts["broken"], lang)} if "broken" in self.facts else self.facts
        title, text, todo = (told(words, lang, **facts) for words in ALARMS[self.code])
        return title, text, todo


@dataclass(frozen=True, slots=True)
class PortalSeen:
    """stopped_at, code, why: of the portal as a whole, None = it lets us in. state (also `unreadable`), broken: of our
    application there, "" = not installed. renewed_at: its refresh token. told_at: the last event, changed_at: the last
    change that was seen. forged: false calls at the door of events in the last ten minutes."""

    stopped_at: datetime | None = None
    code: str = ""
    why: str = ""
    state: str = ""
    broken: str = ""
    renewed_at: datetime | None = None
    told_at: datetime | None = None
    changed_at: datetime | None = None
    forged: int = 0


@dataclass(frozen=True, slots=True)
class DestinationSeen:
    """oldest_s: age of what has waited longest and should not wait. away_since: since then the breaker is not
    closed."""

    name: str
    kind: str
    title: str
    open: bool = True
    away_since: datetime | None = None
    why: str = ""
    dead: int = 0
    oldest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BaseSeen:
    """heard_at: the last call. counted_since: its pauses are known since then, pause_s: the longest of late."""

    id: str
    name: str
    heard_at: datetime
    counted_since: datetime
    pause_s: float


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """disk: (free, whole) bytes where photos are kept, None = elsewhere."""

    now: datetime
    portal: PortalSeen | None = None
    destinations: Sequence[DestinationSeen] = ()
    bases: Sequence[BaseSeen] = ()
    workers: Sequence[WorkerSeen] = ()
    disk: tuple[int, int] | None = None


def alarms(seen: Seen) -> dict[tuple[str, str], Alarm]:
    """All that is wrong, by code and subject. What follows of another alarm is not told beside it."""
    silent = [*_silent(seen)]
    quiet = {f"onec:{one.subject}" for one in silent}
    portal = [*_portal(seen.portal, seen.now)] if seen.portal else []
    stopped = any(one.code in NOT_BY_PORTAL for one in portal)
    found = [
        *portal, *silent, *_workers(seen), *_disk(seen.disk),
        *(alarm for one in seen.destinations for alarm in _destination(one, stopped, quiet, seen.now)),
    ]  # fmt: skip
    return {one.key: one for one in found}


def by_portal(alarm: Alarm) -> bool:
    """Whether Bitrix24 can be asked to tell it."""
    return alarm.code not in NOT_BY_PORTAL and alarm.key != ("destination_away", "bitrix24")


def _portal(portal: PortalSeen, now: datetime) -> Iterator[Alarm]:
    dead = portal.state in ("broken", UNREADABLE)
    if portal.state == UNREADABLE:
        yield Alarm("token_unreadable", since=portal.stopped_at)
    elif dead:
        yield Alarm("token_dead", since=portal.stopped_at, facts={"broken": portal.broken})
    elif portal.state == "installed" and portal.renewed_at and now - portal.renewed_at > TOKEN_OLD:
        left = (portal.renewed_at + TOKEN_DEAD - now).days
        yield Alarm("token_old", facts={"days": (now - portal.renewed_at).days, "left": max(left, 0)})
    if portal.stopped_at and not dead:
        code = "portal_overload" if portal.code == OVERLOAD else "portal_stopped"
        yield Alarm(code, since=portal.stopped_at, facts={"why": portal.why})
    yield from _events(portal)


def _events(portal: PortalSeen) -> Iterator[Alarm]:
    wanted = portal.state == "installed" or portal.told_at is not None
    if wanted and portal.changed_at and portal.changed_at - (portal.told_at or portal.changed_at - 2 * UNTOLD) > UNTOLD:
        yield Alarm("events_silent", since=portal.changed_at, facts={
            "changed_at": portal.changed_at.isoformat(),
            "told_at": portal.told_at.isoformat() if portal.told_at else None,
        })  # fmt: skip
    if portal.forged >= FORGED_MANY:
        yield Alarm("events_forged", facts={"forged": portal.forged})


def _destination(one: DestinationSeen, stopped: bool, quiet: Iterable[str], now: datetime) -> Iterator[Alarm]:
    told = {"title": one.title}
    known = (stopped and one.kind == "bitrix24") or one.name in quiet
    away = one.away_since is not None and now - one.away_since > BREAKER
    if away and not known:
        yield Alarm("destination_away", one.name, one.away_since, told | {"why": one.why or "—"})
    if one.open and one.oldest_s > LATE_S and not known and not away:
        yield Alarm("late", one.name, now - timedelta(seconds=one.oldest_s), told | {"since_at": _since(one, now)})
    if one.dead:
        yield Alarm("dead_letters", one.name, facts=told | {"dead": one.dead})


def _since(one: DestinationSeen, now: datetime) -> str:
    return (now - timedelta(seconds=one.oldest_s)).isoformat()


def may_be_silent(base: BaseSeen, now: datetime) -> timedelta:
    """How long a base may say nothing before somebody should look."""
    if now - base.counted_since < PAUSES_KNOWN:
        return SILENT_MOST
    return min(max(2 * timedelta(seconds=base.pause_s), SILENT), SILENT_MOST)


def _silent(seen: Seen) -> Iterator[Alarm]:
    for base in seen.bases:
        if seen.now - base.heard_at > may_be_silent(base, seen.now):
            facts = {"base": base.name, "heard_at": base.heard_at.isoformat(), "usual_s": int(base.pause_s)}
            yield Alarm("base_silent", base.id, base.heard_at, facts)


def _workers(seen: Seen) -> Iterator[Alarm]:
    """One that fell silent without a word; a new one on its machine has taken its place."""
    dead_at = seen.now - timedelta(seconds=WORKER_S)
    alive = [one for one in seen.workers if one.beat_at >= dead_at]
    if seen.workers and not alive:
        yield Alarm("no_worker", since=max(one.beat_at for one in seen.workers))
        return
    for one in seen.workers:
        replaced = any(other.host == one.host and other.started_at > one.beat_at for other in alive)
        if one.beat_at < dead_at and not replaced:
            yield Alarm("worker_gone", f"{one.host}:{one.pid}", one.beat_at, {"host": one.host, "pid": one.pid})


def _disk(disk: tuple[int, int] | None) -> Iterator[Alarm]:
    if disk is None:
        return
    free, whole = disk
    if free < max(DISK_BYTES, DISK_SHARE * whole):
        yield Alarm("disk_low", facts={"free_mb": free // 2**20, "whole_gb": whole // 2**30})
