"""The port `PortalDesk` for one portal: what check, set-up and mappings ask of it. See docs/subsystems/portal.md."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from posrednik.connectors.base import Held
from posrednik.connectors.bitrix24 import outbound, people, wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.people import Change, number, text, yes
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.values import moment
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.portal_desk import About, Arranged, Board, Bound, Me, PortalTrouble, Project, Titled, What
from posrednik.domain.portal_people import PortalUser

PROFILE, SCOPE, APP_INFO, SERVER_TIME = "profile", "scope", "app.info", "server.time"
USER_GET, GROUP_GET, GROUP_CREATE = "user.get", "sonet_group.get", "sonet_group.create"
MEMBERS_GET, MEMBERS_ADD = "sonet_group.user.get", "sonet_group.user.add"
STAGES_UPDATE = "task.stages.update"
EVENT_GET, EVENT_BIND, EVENT_UNBIND = "event.get", "event.bind", "event.unbind"
PLACE_GET, PLACE_BIND, PLACE_UNBIND = "placement.get", "placement.bind", "placement.unbind"
# Beyond so many pages of 50 a portal is not read: it repeats itself.
PAGES_MAX = 400
# Our columns need one change each, then a move each at the worst.
COLUMN_CHANGES_MAX = 40
OURS: Final = tuple(outbound.COLUMNS.values())
_WHAT: Final[Mapping[Kind, What]] = {
    Kind.LIMIT: "busy", Kind.BUDGET: "busy", Kind.OVERLOAD: "busy", Kind.PASSING: "busy", Kind.AMBIGUOUS: "unclear",
    Kind.ACCESS: "access", Kind.ABSENT: "absent", Kind.NOT_SENT: "busy",
}  # fmt: skip
_CODES: Final[Mapping[str, What]] = {
    "name_not_found": "address", "no_connection": "address", "bad_address": "address", "connect_timeout": "address",
    "private_address": "address", "moved": "address", "invalid_request": "address", "portal_deleted": "address",
    "tls": "tls", "payment_required": "tariff", "access_denied": "tariff", "wrong_auth_type": "webhook",
    "insufficient_scope": "scope",
}  # fmt: skip


def trouble(problem: Problem, method: str) -> PortalTrouble:
    """A refusal of everything is the tariff's. What is said of a missing right names the method: elsewhere it speaks
    of tasks alone."""
    what = _WHAT.get(problem.kind, "refused")
    if problem.kind in (Kind.ACCESS, Kind.NOT_SENT):
        what = _CODES.get(problem.code, what)
    why = f"Битрикс24: для {method} не хватает права" if what in ("scope", "absent") else problem.why
    return PortalTrouble(what, why, problem.code)


class Desk:
    """application: calls are an application's, not a webhook's."""

    def __init__(self, calls: Calls, *, application: bool) -> None:
        self.application, self._calls = application, calls

    async def _ask(self, method: str, body: Mapping[str, Any] | None = None, *, v3: bool = False) -> Answer:
        try:
            answer = await self._calls.call(method, body or {}, v3=v3)
        except Held as held:
            raise PortalTrouble("busy", held.why, held.code) from held
        if isinstance(answer, Problem):
            raise trouble(answer, method)
        return answer

    async def _pages(self, method: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """All rows. A portal that ignores `start` gives the same ones again: that is no whole list."""
        found: dict[int, Mapping[str, Any]] = {}
        for page in range(PAGES_MAX):
            answer = await self._ask(method, {**body, "start": page * wire.PAGE})
            rows = people.rows(answer.result)
            fresh = {number(row.get("ID")): row for row in rows if number(row.get("ID")) not in found}
            found |= fresh
            if len(rows) < wire.PAGE:
                return list(found.values())
            if not fresh:
                break
        raise PortalTrouble("refused", f"Битрикс24 не даёт списка целиком ({method})", "not_whole")

    # -- who acts, what we may

    async def me(self) -> Me:
        row = (await self._ask(PROFILE)).result
        if not isinstance(row, Mapping) or not number(row.get("ID")):
            raise PortalTrouble("unclear", "Битрикс24 не назвал пользователя", "no_profile")
        return Me(
            number(row["ID"]), f"{text(row.get('LAST_NAME'))} {text(row.get('NAME'))}".strip(), yes(row.get("ADMIN"))
        )

    async def about(self, now: datetime) -> About:
        names = {method: Command(Step.READ, method, {}) for method in (SCOPE, APP_INFO, SERVER_TIME)}
        try:
            told = await self._calls.batch(names)
        except Held as held:
            raise PortalTrouble("busy", held.why, held.code) from held
        scopes, info, clock = told[SCOPE], told[APP_INFO], told[SERVER_TIME]
        if isinstance(scopes, Problem):
            raise trouble(scopes, SCOPE)
        app = info.result if isinstance(info, Answer) and isinstance(info.result, Mapping) else {}
        at = moment(clock.result) if isinstance(clock, Answer) else None
        return About(
            frozenset(map(text, scopes.result if isinstance(scopes.result, list) else [])),
            text(app.get("LICENSE")), yes(app.get("INSTALLED")) if self.application and "INSTALLED" in app else None,
            (at - now).total_seconds() if at else None, await self._has_v3(),
        )  # fmt: skip

    async def _has_v3(self) -> bool | None:
        """A task with no such number is asked for: whoever knows the method says that there is none."""
        try:
            await self._ask(wire.TASK_GET, {"id": 2**31 - 1, "select": ["id"]}, v3=True)
        except PortalTrouble as error:
            return {"absent": False, "refused": True}.get(error.what)
        return True

    # -- people and projects

    async def users(self) -> list[PortalUser]:
        return people.users(await self._pages(USER_GET, {"sort": "ID", "order": "ASC", "ADMIN_MODE": "Y"}))

    async def projects(self, name: str = "") -> list[Project]:
        """A filter that a portal ignores gives too much: names are compared here."""
        asked = {"ORDER": {"ID": "ASC"}, "IS_ADMIN": "Y"} | ({"FILTER": {"NAME": name}} if name else {})
        found = people.projects(await self._pages(GROUP_GET, asked))
        wanted = name.strip().casefold()
        kept = [one for one in found if not wanted or one.name.casefold() == wanted]
        return sorted(kept, key=lambda one: (one.closed, one.id))

    async def board(self, project: int) -> Board:
        return Board(people.missing(await self._stages(project), OURS), await self._members(project))

    async def _members(self, project: int) -> frozenset[int]:
        return people.members((await self._ask(MEMBERS_GET, {"ID": project})).result)

    async def make_project(self, name: str) -> int:
        body = {"NAME": name, "PROJECT": "Y", "VISIBLE": "Y", "OPENED": "N", "INITIATE_PERMS": "E"}
        made = number((await self._ask(GROUP_CREATE, body)).result)
        if not made:
            raise PortalTrouble("unclear", "Битрикс24 не назвал номер созданного проекта", "no_project_id")
        return made

    async def add_members(self, project: int, users: Collection[int]) -> None:
        await self._ask(MEMBERS_ADD, {"GROUP_ID": project, "USER_ID": sorted(users)})

    # -- columns

    async def arrange_columns(self, project: int) -> Arranged:
        """Read before each change: whoever makes columns at the same time is seen, and nothing is made twice."""
        done: dict[str, list[str]] = {"add": [], "rename": [], "move": [], "drop": []}
        left: set[int] = set()
        for _ in range(COLUMN_CHANGES_MAX):
            change = people.next_change(await self._stages(project), OURS, left)
            if change is None:
                break
            if change.do == "drop":
                left.add(change.id)
            if await self._change_column(project, change):
                done[change.do].append(change.title)
        return Arranged(*(tuple(done[do]) for do in ("add", "rename", "move", "drop")))

    async def _stages(self, project: int) -> list[people.Stage]:
        return people.stages((await self._ask(wire.STAGES_GET, {"entityId": project, "isAdmin": "Y"})).result)

    async def _change_column(self, project: int, change: Change) -> bool:
        """False: a double that holds tasks or is the portal's own stays, it does no harm."""
        after = {"AFTER_ID": change.after} if change.after else {}
        match change.do:
            case "add":
                fields = {"TITLE": change.title, "ENTITY_ID": project, **after}
                await self._ask(wire.STAGES_ADD, {"fields": fields, "isAdmin": "Y"})
            case "drop":
                return await self._drop_column(change.id)
            case _:
                fields = {"TITLE": change.title, **after}
                await self._ask(STAGES_UPDATE, {"id": change.id, "fields": fields, "isAdmin": "Y"})
        return True

    async def _drop_column(self, stage: int) -> bool:
        try:
            await self._ask(wire.STAGES_DELETE, {"id": stage, "isAdmin": "Y"})
        except PortalTrouble as error:
            if error.what != "refused":
                raise
            return False
        return True

    # -- events and placements

    async def events(self) -> Sequence[Bound]:
        return people.bound((await self._ask(EVENT_GET)).result, "event")

    async def bind_event(self, one: Bound) -> None:
        await self._ask(EVENT_BIND, {"event": one.name, "handler": one.handler})

    async def unbind_event(self, one: Bound) -> None:
        await self._ask(EVENT_UNBIND, {"event": one.name, "handler": one.handler})

    async def placements(self) -> Sequence[Bound]:
        return people.bound((await self._ask(PLACE_GET)).result, "placement")

    async def bind_placement(self, one: Titled) -> None:
        titles = {lang: {"TITLE": title} for lang, title in one.titles.items()}
        title = one.titles.get("ru", "")
        await self._ask(PLACE_BIND, {"PLACEMENT": one.name, "HANDLER": one.handler, "TITLE": title, "LANG_ALL": titles})

    async def unbind_placement(self, one: Bound) -> None:
        await self._ask(PLACE_UNBIND, {"PLACEMENT": one.name, "HANDLER": one.handler})
