"""The state page of the portal: who acts there, what waits, what its limits leave, what comes from it, its doubles.

See docs/subsystems/portal.md, "State".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from posrednik.domain.alarms import OVERLOAD, TOKEN_DEAD
from posrednik.domain.portal_install import UNREADABLE
from posrednik.domain.texts_portal import no_access
from posrednik.store import alarms, portal_limits, portal_users, portal_watch, views
from posrednik.store.db import Database, Row
from posrednik.usecases import check_portal
from posrednik.usecases.portal_tokens import Chest, unreadable

Document = dict[str, Any]
MOST_DUPLICATES = 100


@dataclass(frozen=True, slots=True)
class PortalSaid:
    """What the configuration says. url: "" = there is no portal. webhook_user: owner of the webhook, None = there is
    none. application: ours is registered there. bucket: (name, calls a second, burst), None = without limits.
    method_s: how long a method may run in ten minutes until the portal says otherwise, None = as long as it likes.
    chest: of its tokens."""

    url: str = ""
    webhook_user: int | None = None
    application: bool = False
    bucket: tuple[str, float, float] | None = None
    method_s: float | None = None
    chest: Chest | None = None


async def show_portal(db: Database, said: PortalSaid, now: datetime, lang: str = "ru") -> Document | None:
    """All of it; figures of what was never used are null. None = there is no portal."""
    seen = await alarms.portal(db)
    if not said.url or seen is None:
        return None
    row = next(one for one in await views.destinations(db) if one.id == seen.destination_id)
    health, watch = await portal_limits.health(db, row.id), await portal_watch.state(db)
    return {
        "url": said.url, "standing": _standing(row, health), "why": _why(row, health),
        "stopped_at": _utc(health.stopped_at) if health else None, "ok_at": _utc(health.ok_at) if health else None,
        "access": await _access(db, said, seen, now, lang), "limits": await _limits(db, said),
        "queue": [_queued(one) for one in await portal_limits.queue(db, row.id)],
        "methods": [_method(one, said) for one in await portal_limits.methods(db, row.id)],
        "events": {
            "count": watch.events, "last_at": _utc(watch.last_event_at), "forged": watch.forged,
            "last_forged_at": _utc(watch.last_forged_at),
        },
        "watch": {
            "polled_at": _utc(watch.polled_at), "failed_since": _utc(watch.failed_since), "failure": watch.failure,
            "compared_at": _utc(watch.compared_at), "swept_at": _utc(watch.swept_at),
        },
        "duplicates": [_duplicate(one) for one in await portal_watch.duplicates(db, MOST_DUPLICATES)],
        "check": await last_check(db, lang),
    }  # fmt: skip


async def last_check(db: Database, lang: str = "ru") -> Document | None:
    """What was found when somebody asked last; None = nobody has."""
    report = await check_portal.last(db)
    if report is None:
        return None
    return {"at": _utc(report.at), "by": report.who, "lines": [one.told(lang) for one in report.lines]}


def _standing(row: Row, health: Row | None) -> str:
    """The worst that holds."""
    if row.state != "open":
        return str(row.state)
    if health and health.stopped_at:
        return "overload" if health.code == OVERLOAD else "stopped"
    if row.breaker != "closed":
        return "away"
    return "works" if health and health.ok_at else "unused"


def _why(row: Row, health: Row | None) -> str:
    if row.state != "open":
        return str(row.why)
    stopped = health.why if health and health.stopped_at else ""
    return str(stopped or (row.breaker_why if row.breaker != "closed" else ""))


async def _access(db: Database, said: PortalSaid, seen: Row, now: datetime, lang: str) -> Document:
    """way: by what calls are made. days_left: until the tokens end unless they are renewed."""
    state = UNREADABLE if await unreadable(db, said.chest) else seen.state
    installed = state == "installed" and said.application
    user = seen.user_id if installed else said.webhook_user
    names = {one.id: one.name for one in await portal_users.users(db)}
    return {
        "way": "application" if installed else "webhook" if said.webhook_user else "none",
        "user": user, "user_name": names.get(user) if user else None,
        "application": said.application, "state": state,
        "why": no_access(seen.broken if state == "broken" else state, lang) if state in ("broken", UNREADABLE) else "",
        "scope": sorted(seen.scope or ()), "installed_at": _utc(seen.installed_at),
        "renewed_at": _utc(seen.refreshed_at),
        "days_left": max((seen.refreshed_at + TOKEN_DEAD - now).days, 0) if installed else None,
    }  # fmt: skip


async def _limits(db: Database, said: PortalSaid) -> Document | None:
    """rate: calls a second that are allowed now, less than configured after a refusal. refused: calls, since ever."""
    if said.bucket is None:
        return None
    name, rate, burst = said.bucket
    row = await portal_limits.bucket(db, name, rate, burst)
    now_rate, free = (row.rate, row.tokens) if row else (rate, burst)
    return {
        "rate": round(now_rate, 2), "configured": rate, "burst": burst, "free": round(max(free, 0.0), 1),
        "refused": row.refused if row else 0, "slowed_at": _utc(row.slowed_at) if row and row.learned else None,
    }  # fmt: skip


def _queued(row: Row) -> Document:
    oldest = None if row.oldest_s is None else round(row.oldest_s, 1)
    return {"method": row.method, "waiting": row.waiting, "dead": row.dead, "doubt": row.doubt, "oldest_s": oldest}


def _method(row: Row, said: PortalSaid) -> Document:
    """limit_s: of ten minutes; null = nobody has told of one. rests_s: how long it is left alone."""
    return {
        "method": row.method, "calls": row.calls, "refused": row.refused,
        "operating_s": None if row.operating_s is None else round(row.operating_s, 1),
        "limit_s": row.limit_s or said.method_s, "learned": row.limit_s is not None, "reset_at": _utc(row.reset_at),
        "rests_s": round(row.rests_s, 1), "why": row.why, "code": row.last_code, "at": _utc(row.last_at),
    }  # fmt: skip


def _duplicate(row: Row) -> Document:
    return {
        "delivery": str(row.delivery_id), "order_number": row.order_number,
        "order_ref": row.order_ref and str(row.order_ref), "tasks": _ids(row.task_ids),
        "kept": int(row.kept) if row.kept else None, "found_at": _utc(row.found_at),
    }  # fmt: skip


def _ids(ids: Sequence[int]) -> list[int]:
    return sorted(ids)


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)
