"""Users and projects of the portal: read whole once an hour and when somebody asks, and who of ours they are.

See docs/subsystems/portal.md, "Who is who".
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from posrednik.domain.errors import DomainError
from posrednik.domain.portal_desk import PortalDesk, PortalTrouble, Project
from posrednik.domain.portal_people import Directory, Person, PortalUser, Suggestion, suggestions
from posrednik.kit.log import get_logger
from posrednik.store import audit, portal_users
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases import mappings
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.mappings import Mapped
from posrednik.usecases.ownership import telling

log = get_logger("usecases")
EVERY = timedelta(hours=1)
# After a failure sooner, so that a portal that was away for a moment is not unknown for an hour.
AGAIN = timedelta(minutes=5)
SOON = timedelta(seconds=10)
LONGEST_S = 40.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What is kept of the portal. read_at None: it was never read. why: of the last try, "" = it was good."""

    read_at: datetime | None
    users: int
    projects: int
    why: str

    def told(self) -> dict[str, Any]:
        at = self.read_at.isoformat() if self.read_at else None
        return {"read_at": at, "users": self.users, "projects": self.projects, "why": self.why}


NEVER = Reading(None, 0, 0, "")


async def read(db: Database, desk: PortalDesk, now: datetime) -> Reading:
    """Ask the portal now. A failure leaves what was read before, and is told in `why`."""
    try:
        users, projects = await desk.users(), await desk.projects()
    except PortalTrouble as error:
        log.warning("portal.people_not_read", code=error.code or error.what)
        why = error.why
        await db.transact(lambda tx: portal_users.failed(tx, why, now))
    else:
        await db.transact(lambda tx: portal_users.keep(tx, users, projects, now))
        log.info("portal.people_read", users=len(users), projects=len(projects))
    return await reading(db)


async def read_again(db: Database, desk: PortalDesk, now: datetime) -> Reading:
    """For somebody who presses a button: what was read a moment ago is not asked for again."""
    last = await reading(db)
    if not last.why and last.read_at is not None and now - last.read_at < SOON:
        return last
    return await read(db, desk, now)


async def keep_fresh(db: Database, desk: PortalDesk, now: datetime) -> bool:
    """For a duty: read when it is time. Whether it was. A portal that takes too long does not keep the other duties."""
    last = await portal_users.reading(db)
    if last is not None and now - last.tried_at < (AGAIN if last.why else EVERY):
        return False
    try:
        async with asyncio.timeout(LONGEST_S):
            await read(db, desk, now)
    except TimeoutError:
        log.warning("portal.people_not_read", code="timeout")
        await db.transact(lambda tx: portal_users.failed(tx, "Битрикс24 отвечает слишком долго", now))
    return True


async def reading(source: Tx | Database) -> Reading:
    row = await portal_users.reading(source)
    return Reading(row.read_at, row.users, row.projects, row.why or "") if row else NEVER


@dataclass(frozen=True, slots=True)
class Matched:
    """All couriers, and all people of the office who are active, beside the users of the portal.

    found: by a courier's ref or a person's id. problems: by the same, also those that `mappings` knows.
    """

    couriers: Sequence[Mapped]
    people: Sequence[Row]
    projects: Sequence[Project]
    directory: Directory
    found: Mapping[str, Suggestion]

    def problems(self, one: Mapped) -> tuple[str, ...]:
        """Of a courier: those of mappings.Mapped, and of his user on the portal; () of one who is not active."""
        return (*one.wrong, *self.directory.problems(one.user)) if one.row.active else ()

    def user(self, number: str | None) -> PortalUser | None:
        return self.directory.get(number or "")


async def matched(source: Tx | Database) -> Matched:
    """Of all divisions together: nobody's user is suggested to another. A courier who has none because a page says so
    is left alone."""
    couriers = await mappings.couriers(source, None)
    office = [row for row in await portal_users.office(source) if row.active]
    directory = Directory(await portal_users.users(source))
    found = {
        **suggestions([_courier(one) for one in couriers if one.row.active and one.row.told != ""], directory),
        **suggestions([_person(row) for row in office], directory),
    }
    return Matched(couriers, office, await portal_users.projects(source), directory, found)


def _courier(one: Mapped) -> Person:
    """Of a number that is none, and of one that a page took back, 1C's word is still a hint."""
    user = "" if "bad_user" in one.wrong else one.user
    return Person(one.row.ref, user, one.row.said, "", one.row.phone or "")


def _person(row: Row) -> Person:
    return Person(str(row.id), row.bitrix24_user or "", "", row.email, "")


async def take_suggestions(
    db: Database, live: LiveRules, who: str, reason: str, now: datetime
) -> list[tuple[Mapped, Suggestion, DomainError | None]]:
    """Give couriers the users suggested for them, each by itself; with why not, where it was refused."""
    seen = await matched(db)
    found = [(one, seen.found[one.row.ref]) for one in seen.couriers if one.row.ref in seen.found]
    return [(one, wanted, await _take(db, live, one, wanted, who, reason, now)) for one, wanted in found]


async def _take(
    db: Database, live: LiveRules, one: Mapped, found: Suggestion, who: str, reason: str, now: datetime
) -> DomainError | None:  # fmt: skip
    ref, user = one.row.ref, str(found.user.id)

    async def work(tx: Tx) -> None:
        await mappings.map_courier(tx, ref, user, version=one.row.version, who=who, reason=reason, now=now, live=live)
        await audit.write(tx, who, "settings.change", ref, {"bitrix24_user": user, "reason": reason})

    try:
        await telling(db, db.transact(work), now)
    except DomainError as error:
        return error
    return None
