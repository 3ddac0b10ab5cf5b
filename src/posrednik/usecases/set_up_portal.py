"""Makes on the portal what is missing: projects, their columns and members, events, placements. See
docs/subsystems/portal.md, "Set-up".

Repeatable, also after it was cut off anywhere: each step looks first and makes only what is not there. One set-up runs
at a time; a second one waits and then finds what the first one made.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from posrednik.domain import portal_setup
from posrednik.domain.portal_check import Bindings, Line
from posrednik.domain.portal_desk import Bound, PortalDesk, PortalTrouble, Project
from posrednik.domain.rights import Role
from posrednik.kit.log import get_logger
from posrednik.store import audit, division, upkeep
from posrednik.store.db import Database, StoreError, Tx
from posrednik.usecases import portal_people
from posrednik.usecases.check_portal import DivisionProject, PortalWanted, couriers_of, keep_report, projects_of
from posrednik.usecases.division_settings import LiveRules, SettingsChanged, change_settings, known, settings_of
from posrednik.usecases.portal_people import Matched

log = get_logger("usecases")
DUTY = "portal set-up"
LEASE_S = 30.0
LONGEST_WAIT_S = 60.0  # longer than the lease of one that was killed
LOOK_AGAIN_S = 0.5
REASON = "настройка портала"


class _Lost(Exception):
    """Another set-up took over: this one was thought dead."""


async def set_up(
    db: Database, live: LiveRules, desk: PortalDesk, wanted: PortalWanted, who: str, clock: Callable[[], datetime],
    *, wait_s: float = LONGEST_WAIT_S, bindings_only: bool = False,
) -> tuple[Line, ...]:  # fmt: skip
    """What was done, line by line; never raises for what the portal answers. who: for history and audit.

    bindings_only: events and placements, which every installation loses, and no project before somebody asks for it.
    """
    one = _SetUp(db, live, desk, wanted, who, clock)
    if not await one.begin(wait_s):
        return (Line("set_up", "wrong", "busy"),)
    try:
        await (one.bind() if bindings_only else one.run())
    except (PortalTrouble, _Lost) as error:
        why = error.why if isinstance(error, PortalTrouble) else "её продолжает другой запуск"
        one.lines.append(Line("set_up", "wrong", "stopped", {"why": why}))
    finally:
        await one.end()
    found = tuple(one.lines)
    if not bindings_only:
        await keep_report(db, "setup", found, who, clock())
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    """A division's project, made or found."""

    ref: str
    project: Project


class _SetUp:
    def __init__(
        self, db: Database, live: LiveRules, desk: PortalDesk, wanted: PortalWanted, who: str,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._db, self._live, self._desk, self._wanted, self._who, self._clock = db, live, desk, wanted, who, clock
        self._holder, self._lost = uuid4(), False
        self._beating: asyncio.Task[None] | None = None
        self.lines: list[Line] = []

    async def begin(self, wait_s: float) -> bool:
        """Take the turn. False: somebody else has it for too long."""
        try:
            async with asyncio.timeout(wait_s):
                while not await upkeep.lead(self._db, DUTY, self._holder, LEASE_S):
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return False
        self._beating = asyncio.create_task(self._beat())
        return True

    async def end(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
        await upkeep.resign(self._db, DUTY, self._holder)

    async def _beat(self) -> None:
        while not self._lost:
            await asyncio.sleep(LEASE_S / 3)
            try:
                self._lost = not await upkeep.lead(self._db, DUTY, self._holder, LEASE_S)
            except StoreError as error:
                log.info("portal.set_up_not_renewed", error=str(error))

    def _still(self) -> None:
        if self._lost:
            raise _Lost

    async def run(self) -> None:
        me = await self._desk.me()
        if not me.admin:
            self.lines.append(Line("set_up", "wrong", "no_admin", {"name": me.name or str(me.id), "id": me.id}))
            return
        await portal_people.read(self._db, self._desk, self._clock())
        matched = await portal_people.matched(self._db)
        made = await self._projects(matched)
        for project in {one.project.id: one.project for one in made}.values():
            self._still()
            await self._columns(project)
            await self._members(project, [one.ref for one in made if one.project.id == project.id], matched)
        await self.bind()
        await portal_people.read(self._db, self._desk, self._clock())

    # -- projects

    async def _projects(self, matched: Matched) -> list[_Made]:
        divisions = await known(self._db, self._live, None)
        there = {one.id: one for one in matched.projects}
        found = []
        for place in projects_of(divisions, self._live, self._wanted.default_group):
            self._still()
            project = await (self._made(place) if place.group is None else self._set_before(place, there))
            if project is not None:
                found.append(_Made(place.ref, project))
        return found

    async def _set_before(self, place: DivisionProject, there: dict[int, Project]) -> Project | None:
        project = there.get(place.group or 0)
        data = {"division": place.name, "group": place.group, "project": project.name if project else ""}
        if project is None or project.closed:
            self.lines.append(Line("set_project", "wrong", "unknown", data))
            return None
        self.lines.append(Line("set_project", "ok", "common" if place.common else "kept", data))
        return project

    async def _made(self, place: DivisionProject) -> Project | None:
        """Found by its name or made; after an answer that was lost, found. The lowest number of several."""
        name = portal_setup.project_name(place.name)
        data: dict[str, Any] = {"division": place.name, "project": name}
        try:
            before = await self._named(name)
            if not before:
                await self._make(name)
            found = before or await self._named(name)
        except PortalTrouble as error:
            self.lines.append(Line("set_project", "wrong", "failed", data | {"why": error.why}))
            return None
        if not found:
            why = "Битрикс24 не показывает созданный проект"
            self.lines.append(Line("set_project", "wrong", "failed", data | {"why": why}))
            return None
        return await self._given(place, found, "found" if before else "made")

    async def _named(self, name: str) -> list[Project]:
        return [one for one in await self._desk.projects(name) if not one.closed]

    async def _make(self, name: str) -> None:
        try:
            await self._desk.make_project(name)
        except PortalTrouble as error:
            if error.what != "unclear":
                raise
            log.info("portal.project_unclear", code=error.code)

    async def _given(self, place: DivisionProject, found: Sequence[Project], how: str) -> Project:
        project = found[0]
        with suppress(SettingsChanged):  # by a person, this very moment: his word counts
            await self._db.transact(lambda tx: self._save(tx, place.ref, project.id))
        data = {"division": place.name, "project": project.name, "group": project.id}
        self.lines.append(Line("set_project", "done", how, data))
        if len(found) > 1:
            twins = [f"№ {one.id}" for one in found]
            self.lines.append(Line("set_project", "warn", "twins", data | {"names": twins}))
        return project

    async def _save(self, tx: Tx, ref: str, group: int) -> None:
        """Unless somebody chose one meanwhile."""
        own = await division.get(tx, ref)
        if settings_of(self._live.file, own)["bitrix24_group"].value:
            return
        await audit.write(tx, self._who, "settings.change", ref, {"bitrix24_group": group, "reason": REASON})
        await change_settings(
            tx, self._live, ref, {"bitrix24_group": group}, version=own.version, who=self._who, reason=REASON,
            now=self._clock(),
        )  # fmt: skip

    # -- columns and members

    async def _columns(self, project: Project) -> None:
        data: dict[str, Any] = {"project": project.name}
        try:
            done = await self._desk.arrange_columns(project.id)
        except PortalTrouble as error:
            self.lines.append(Line("set_columns", "wrong", "failed", data | {"why": error.why}))
            return
        told = {"added": done.added, "renamed": done.renamed, "moved": done.moved, "dropped": done.dropped}
        named = {key: list(titles) for key, titles in told.items()} if any(told.values()) else {}
        self.lines.append(Line("set_columns", "done" if named else "ok", data=data | named))

    async def _members(self, project: Project, refs: Sequence[str], matched: Matched) -> None:
        data: dict[str, Any] = {"project": project.name}
        wanted = {number: name for ref in refs for number, name in people_of(ref, matched).items()}
        names: list[str] = []
        try:
            members = (await self._desk.board(project.id)).members
            absent = {number: name for number, name in wanted.items() if number not in members}
            names = list(absent.values())
            if absent:
                await self._desk.add_members(project.id, absent.keys())
        except PortalTrouble as error:
            self.lines.append(Line("set_members", "wrong", "failed", data | {"names": names, "why": error.why}))
            return
        self.lines.append(Line("set_members", "done" if names else "ok", data=data | {"names": names}))

    # -- events and placements

    async def bind(self) -> None:
        desk, url = self._desk, self._wanted.own_url
        events, placements = portal_setup.wanted_events(url), portal_setup.wanted_placements(url)
        titled = {one.name: one for one in placements}
        if not desk.application:
            self.lines += [Line(key, "skip", "webhook") for key in ("set_events", "set_placements")]
            return
        self._still()
        await self._bind("set_events", events, desk.events, desk.bind_event, desk.unbind_event)
        await self._bind(
            "set_placements", placements, desk.placements, lambda one: desk.bind_placement(titled[one.name]),
            desk.unbind_placement,
        )  # fmt: skip

    async def _bind(
        self, key: str, wanted: Sequence[Bound], there: Callable[[], Awaitable[Sequence[Bound]]],
        bind: Callable[[Bound], Awaitable[None]], unbind: Callable[[Bound], Awaitable[None]],
    ) -> None:  # fmt: skip
        """An earlier address goes first: a place may allow one handler only. What counts is what is there at the end:
        a handler that is bound already is refused."""
        data: dict[str, Any] = {"url": self._wanted.own_url}
        why = ""
        try:
            before = Bindings(wanted, await there())
            for act, ones in ((unbind, before.stale), (bind, before.missing)):
                for one in ones:
                    why = await _tried(act, one) or why
            after = Bindings(wanted, await there()) if before.stale or before.missing else before
        except PortalTrouble as error:
            names = [one.name for one in wanted]
            self.lines.append(Line(key, "wrong", "failed", data | {"names": names, "why": error.why}))
            return
        if after.missing:
            names = [one.name for one in after.missing]
            self.lines.append(Line(key, "wrong", "failed", data | {"names": names, "why": why}))
            return
        made = [one.name for one in before.missing]
        gone = len(before.stale) - len(after.stale)
        self.lines.append(Line(key, "done" if made or gone else "ok", data=data | {"names": made, "gone": gone}))


async def _tried(act: Callable[[Bound], Awaitable[None]], one: Bound) -> str:
    """Why not, "" = done. Raises PortalTrouble where others would fail as well."""
    try:
        await act(one)
    except PortalTrouble as error:
        if error.what in ("address", "tls", "access", "tariff", "busy"):
            raise
        return error.why
    return ""


def people_of(ref: str, matched: Matched) -> dict[int, str]:
    """Users who have to see the division's kanban, with their names: its couriers, its logisticians and heads."""
    found = couriers_of(ref, matched)
    for row in matched.people:
        user = matched.user(row.bitrix24_user)
        concerned = {Role.LOGISTICIAN, Role.HEAD} & set(row.roles) and (row.divisions is None or ref in row.divisions)
        if concerned and user is not None and user.active:
            found[user.id] = row.name
    return found
