"""Asks the portal whether all that we need of it is there. Changes nothing there. See docs/subsystems/portal.md."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from posrednik.domain import portal_setup
from posrednik.domain.portal_check import Bindings, DivisionFacts, Facts, Line, lines
from posrednik.domain.portal_desk import About, Board, Bound, PortalDesk, PortalTrouble
from posrednik.store import portal_users
from posrednik.store.db import Database, Row
from posrednik.usecases import portal_people
from posrednik.usecases.division_settings import Divisions, LiveRules, known, settings_of
from posrednik.usecases.portal_people import Matched

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class PortalWanted:
    """What the file says. own_url: how the portal reaches us. default_group: None = none. responsible: user who answers
    for tasks without a courier, None = whoever acts."""

    own_url: str
    default_group: int | None = None
    responsible: int | None = None


@dataclass(frozen=True, slots=True)
class DivisionProject:
    """Where a division's tasks go. group: None = nowhere. common: it has none of its own."""

    ref: str
    name: str
    group: int | None
    common: bool


def projects_of(divisions: Divisions, live: LiveRules, default_group: int | None) -> list[DivisionProject]:
    """Of each division that takes deliveries."""
    refs = [ref for ref in divisions.refs if divisions.mode(ref) != "off"]
    own = {ref: settings_of(live.file, divisions.own(ref))["bitrix24_group"].value for ref in refs}
    return [
        DivisionProject(ref, divisions.names.get(ref, ref), own[ref] or default_group, common=not own[ref])
        for ref in refs
    ]


async def check(
    db: Database, live: LiveRules, desk: PortalDesk, wanted: PortalWanted, now: datetime
) -> tuple[Line, ...]:  # fmt: skip
    """Reads users and projects as well, and keeps them."""
    try:
        me = await desk.me()
    except PortalTrouble as error:
        return lines(Facts(desk.application, wanted.own_url, trouble=error))
    about, reading = await _about(desk, now), await portal_people.read(db, desk, now)
    matched = await portal_people.matched(db)
    places = projects_of(await known(db, live, None), live, wanted.default_group)
    divisions = await _divisions(desk, places, matched)
    people = [("creator", me.id)] + ([("fallback", wanted.responsible)] if wanted.responsible else [])
    return lines(Facts(
        desk.application, wanted.own_url, me=me, about=about, failed=reading.why,
        people=[(key, number, matched.directory.users.get(number)) for key, number in people],
        divisions=divisions, couriers=_couriers(matched), mapped=sum(one.row.active for one in matched.couriers),
        events=await _bindings(desk, portal_setup.wanted_events(wanted.own_url), desk.events),
        placements=await _bindings(desk, portal_setup.wanted_placements(wanted.own_url), desk.placements),
    ))  # fmt: skip


async def check_and_keep(
    db: Database, live: LiveRules, desk: PortalDesk, wanted: PortalWanted, who: str, now: datetime
) -> tuple[Line, ...]:  # fmt: skip
    """`check`, kept for the page (`last`)."""
    found = await check(db, live, desk, wanted, now)
    await keep_report(db, "check", found, who, now)
    return found


async def keep_report(db: Database, kind: str, found: Sequence[Line], who: str, now: datetime) -> None:
    kept: list[dict[str, Any]] = msgspec.to_builtins(found)
    await db.transact(lambda tx: portal_users.keep_report(tx, kind, kept, who, now))


@dataclass(frozen=True, slots=True)
class Report:
    """What was said last."""

    at: datetime
    who: str
    lines: tuple[Line, ...]


async def last(db: Database, kind: str = "check") -> Report | None:
    """Of the last "check" or "setup"; None: there was none."""
    row = await portal_users.report(db, kind)
    return _report(row) if row else None


def _report(row: Row) -> Report:
    """Without lines of an older program that have no sentence any more."""
    kept = msgspec.json.decode(row.lines, type=tuple[Line, ...])
    return Report(row.at, row.who, tuple(one for one in kept if _tellable(one)))


def _tellable(one: Line) -> bool:
    try:
        return bool(one.told())
    except (KeyError, TypeError):
        return False


async def _about(desk: PortalDesk, now: datetime) -> About | PortalTrouble:
    try:
        return await desk.about(now)
    except PortalTrouble as error:
        return error


async def _divisions(desk: PortalDesk, places: Sequence[DivisionProject], matched: Matched) -> list[DivisionFacts]:
    """Each project is asked once, a few at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def board(group: int) -> Board | PortalTrouble:
        async with turn:
            try:
                return await desk.board(group)
            except PortalTrouble as error:
                return error

    projects = {one.id: one for one in matched.projects}
    groups = sorted({one.group for one in places if one.group in projects and one.group is not None})
    boards = dict(zip(groups, await asyncio.gather(*map(board, groups)), strict=True))
    return [
        DivisionFacts(
            one.name, one.group, one.common, projects.get(one.group or 0), *_board_of(boards.get(one.group or 0)),
            absent=_absent(one.ref, boards.get(one.group or 0), matched),
        )
        for one in places
    ]  # fmt: skip


def _board_of(board: Board | PortalTrouble | None) -> tuple[Board | None, str]:
    return (None, board.why) if isinstance(board, PortalTrouble) else (board, "")


def _absent(ref: str, board: Board | PortalTrouble | None, matched: Matched) -> list[str]:
    """Names of the division's couriers who are no members."""
    if not isinstance(board, Board):
        return []
    return [name for number, name in couriers_of(ref, matched).items() if number not in board.members]


def couriers_of(ref: str, matched: Matched) -> dict[int, str]:
    """Users of the division's active couriers who work there, with the couriers' names."""
    found: dict[int, str] = {}
    for one in matched.couriers:
        user = matched.user(one.user) if one.row.active and one.row.division == ref else None
        if user is not None and user.active:
            found[user.id] = one.row.name or user.name
    return found


def _couriers(matched: Matched) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in matched.couriers:
        for key in matched.problems(one):
            found[key].append(one.row.name or one.row.ref)
    return found


async def _bindings(
    desk: PortalDesk, wanted: Sequence[Bound], there: Callable[[], Awaitable[Sequence[Bound]]]
) -> Bindings | None:
    """None: a webhook has none."""
    if not desk.application:
        return None
    try:
        return Bindings(wanted, await there())
    except PortalTrouble as error:
        return Bindings(wanted, trouble=error)
