"""Looks once a minute whether an administrator has to know of something; tells him, and that it is over.

See docs/subsystems/alarms.md.
"""

import asyncio
import shutil
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from posrednik.domain.alarms import Alarm, BaseSeen, DestinationSeen, PortalSeen, Seen, WorkerSeen, alarms, by_portal
from posrednik.domain.portal_install import UNREADABLE
from posrednik.domain.routes import ALARM
from posrednik.kit.ids import uuid7
from posrednik.kit.log import get_logger
from posrednik.store import alarms as stored
from posrednik.store import lanes, portal_watch
from posrednik.store.db import Database, Row, Tx
from posrednik.store.lanes import Draft
from posrednik.usecases.portal_tokens import Chest, unreadable

log = get_logger("alarms")
FORGED_WITHIN = timedelta(minutes=10)


class WatchAlarms:
    """The duty. folder: where photos are on this machine, None = elsewhere. chest: of the portal's tokens, None = none
    are kept. Keeps in mind how many false calls there were lately; another worker that takes over begins anew with
    that."""

    def __init__(self, db: Database, folder: Path | None = None, chest: Chest | None = None) -> None:
        self._db, self._folder, self._chest = db, folder, chest
        self._forged: deque[tuple[datetime, int]] = deque()

    async def look(self, now: datetime) -> None:
        """One look: what is new is told, what is over goes."""
        found = alarms(await self._seen(now))
        raised, over = await self._db.transact(lambda tx: _keep(tx, found))
        for one in raised:
            log.error("alarm.raised", code=one.code, subject=one.subject, text=one.words()[0])
        for one in over:
            log.info("alarm.over", code=one.code, subject=one.subject)

    async def _seen(self, now: datetime) -> Seen:
        portal = await stored.portal(self._db)
        return Seen(
            now, portal=portal and await self._portal(portal, now),
            destinations=[destination_of(row) for row in await stored.destinations(self._db)],
            bases=[BaseSeen(str(r.id), r.name, r.at, r.since, r.pause_s) for r in await stored.bases(self._db)],
            workers=await workers_of(self._db),
            disk=await asyncio.to_thread(_disk, self._folder) if self._folder else None,
        )  # fmt: skip

    async def _portal(self, row: Row, now: datetime) -> PortalSeen:
        state = UNREADABLE if await unreadable(self._db, self._chest) else row.state
        return PortalSeen(
            row.stopped_at, row.code, row.why, state, row.broken, row.refreshed_at, row.last_event_at,
            row.changed_at, self._forged_lately(row.forged, now),
        )  # fmt: skip

    def _forged_lately(self, ever: int, now: datetime) -> int:
        self._forged.append((now, ever))
        while now - self._forged[0][0] > FORGED_WITHIN:
            self._forged.popleft()
        return ever - self._forged[0][1]


async def show_alarms(db: Database, now: datetime, lang: str = "ru") -> list[dict[str, Any]]:
    """What stands now, the gravest first. That nobody works can be told by no worker, so it is looked at here."""
    known = [_alarm(row) for row in await stored.every(db)]
    nobody = alarms(Seen(now, workers=await workers_of(db))).get(("no_worker", ""))
    if nobody is not None:
        known = [nobody, *(one for one in known if one.code != "no_worker")]
    return [_told(one, lang) for one in sorted(known, key=lambda one: one.level != "red")]


async def workers_of(db: Database) -> list[WorkerSeen]:
    return [WorkerSeen(row.host, row.pid, row.started_at, row.beat_at) for row in await stored.workers(db)]


def destination_of(row: Row) -> DestinationSeen:
    return DestinationSeen(
        row.name, row.kind, _title(row), row.state == "open", row.breaker_since, row.breaker_why, row.dead, row.oldest_s
    )


def _title(row: Row) -> str:
    match row.kind:
        case "bitrix24":
            return "Битрикс24"
        case "onec":
            return f"1С «{row.base or '?'}»"
        case _:
            return f"Сайт {(row.url or '').partition('://')[2].partition('/')[0]}".strip()


def _told(one: Alarm, lang: str) -> dict[str, Any]:
    title, text, todo = one.words(lang)
    since = one.since and one.since.astimezone(UTC)
    return {
        "code": one.code, "subject": one.subject, "level": one.level, "since": since, "title": title, "text": text,
        "todo": todo,
    }  # fmt: skip


def _alarm(row: Row) -> Alarm:
    return Alarm(row.code, row.subject, row.since, msgspec.json.decode(row.facts, type=dict[str, Any]))


async def _keep(tx: Tx, found: Mapping[tuple[str, str], Alarm]) -> tuple[list[Alarm], list[Alarm]]:
    """(new ones, those that are over)"""
    known = {(row.code, row.subject): _alarm(row) for row in await stored.every(tx)}
    for key, one in found.items():
        await stored.put(tx, key, one.since, one.facts)
    over = [one for key, one in known.items() if key not in found]
    await stored.over(tx, [one.key for one in over])
    raised = [one for key, one in found.items() if key not in known]
    await _notify(tx, raised, over)
    return raised, over


async def _notify(tx: Tx, raised: Sequence[Alarm], over: Sequence[Alarm]) -> None:
    told = [(one, False) for one in raised if by_portal(one)] + [(one, True) for one in over if by_portal(one)]
    portals = await portal_watch.portals(tx) if told else ()
    await lanes.put(tx, [_notice(portals[0], one, is_over) for one, is_over in told] if portals else [])


def _notice(destination_id: int, one: Alarm, over: bool) -> Draft:
    """State: of one that came and went while the portal was away, only the end is told."""
    code = f"{one.code}:{one.subject}" if one.subject else one.code
    title, text, todo = replace(one, since=None).words()
    said = title if over else f"{title}. {text} {todo}"
    body = msgspec.json.encode({"code": code, "text": said, "over": over}).decode()
    return Draft(destination_id, f"notice:alarm:{code}", uuid7(), ALARM.method, body, None, f"alarm:{code}")


def _disk(folder: Path) -> tuple[int, int] | None:
    """(free, whole) bytes; None: the folder is not there yet."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free, usage.total
