"""Reads tasks back: the port `PortalTasks` for one portal. Nothing is changed there.

Rows of a list are always checked: an unknown filter key is ignored by the portal without a word.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from posrednik.connectors.base import Held
from posrednik.connectors.bitrix24 import seen, wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.seen import Kanban, Row
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.values import moment
from posrednik.domain.portal_tasks import Hand, Known, Marked, Page, PortalSilent, Reading

T = TypeVar("T")
# A list costs 0.1 to 0.4 s there and a request is cut at 60 s.
LISTS_A_BATCH: Final = 20
PAGES_MAX: Final = 1000
COLUMNS_KEPT_S = 600.0
HISTORY: Final = "tasks.task.history.list"
USER_ADMIN: Final = "user.admin"
_FIELDS: Final[Mapping[str, Collection[str]]] = {
    "stage": ("STAGE", "STAGE_ID"), "group": ("GROUP_ID", "GROUP"), "status": ("STATUS", "REAL_STATUS"),
    "responsible": ("RESPONSIBLE_ID",), "title": ("TITLE",), "description": ("DESCRIPTION",),
    "deadline": ("DEADLINE",),
}  # fmt: skip


class PortalReader:
    """calls: charged to the portal's bucket. clock: seconds, for what is kept here."""

    def __init__(self, calls: Calls, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls, self._clock = calls, clock
        self._columns: dict[int, tuple[float, Kanban]] = {}

    @property
    def user_id(self) -> int:
        return self._calls.transport.access.user_id

    # -- single tasks

    async def read(self, known: Sequence[Known]) -> Reading:
        """See PortalTasks. A task that no list shows is asked for by itself; its absence proves something only to an
        administrator, since others do not see all."""
        wanted = {one.task_id: one for one in known}
        rows = await self._listed(list(wanted))
        missing = [number for number in wanted if number not in rows]
        asked, gone = await self._asked(missing) if missing else ({}, frozenset[int]())
        rows |= asked
        columns = await self._columns_for([row for row in rows.values() if seen.moved_column(row, wanted[row.id])])
        edited = await self._edited_before(rows, wanted)
        found = [
            seen.beside(
                row, wanted[row.id], columns.get(row.group or 0, Kanban()), 0 if number in edited else self.user_id
            )
            for number, row in rows.items()
        ]
        return Reading(found, gone)

    async def _edited_before(self, rows: Mapping[int, Row], known: Mapping[int, Known]) -> frozenset[int]:
        """Tasks whose texts somebody edited before we wrote something else, by their history."""
        names = {one: seen.spelled(row, known[one], self.user_id) for one, row in rows.items()}
        found: set[int] = set()
        for some in _parts([one for one, texts in names.items() if texts], wire.BATCH_MAX):
            answers = await self._batch([_history(one) for one in some], strict=False)
            for number, answer in zip(some, answers.values(), strict=True):
                lines = await self._last_page(number, answer) if isinstance(answer, Answer) else []
                if _last_is_theirs(lines, names[number], self.user_id):
                    found.add(number)
        return frozenset(found)

    async def _listed(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Rows by number, 50 a command, many commands a call."""
        commands = [_list({"ID": list(part)}) for part in _parts(numbers, wire.PAGE)]
        found: dict[int, Row] = {}
        for some in _parts(commands, LISTS_A_BATCH):
            for answer in (await self._batch(some)).values():
                if isinstance(answer, Answer):
                    found |= {row.id: _sure(row, answer.at) for row in _rows(answer)}
        wanted = set(numbers)
        return {number: row for number, row in found.items() if number in wanted}

    async def _asked(self, numbers: Sequence[int]) -> tuple[dict[int, Row], frozenset[int]]:
        """Rows of tasks that lists did not show, and those that are not there."""
        found: dict[int, Row] = {}
        gone: set[int] = set()
        for some in _parts(numbers, wire.BATCH_MAX - 1):
            commands = [Command(Step.READ, wire.TASK_GET, {"taskId": one, "select": list(seen.SELECT)}) for one in some]
            answers = await self._batch([*commands, Command(Step.READ, USER_ADMIN, {})])
            *told, admin = answers.values()
            for number, answer in zip(some, told, strict=True):
                row = _one(answer)
                if row is not None:
                    found[number] = _sure(row, answer.at if isinstance(answer, Answer) else None)
                elif _absent(answer) and not _denied(admin):
                    gone.add(number)
        return found, frozenset(gone)

    async def _columns_for(self, rows: Sequence[Row]) -> dict[int, Kanban]:
        """Of the projects of these rows; read again where a row stands in a column that is not known."""
        now, found = self._clock(), dict[int, Kanban]()
        for group in {row.group for row in rows if row.group}:
            until, kept = self._columns.get(group, (0.0, Kanban()))
            stages = {row.stage for row in rows if row.group == group}
            if now < until and all(kept.title(stage) for stage in stages):
                found[group] = kept
        commands = {group: Command(Step.READ, wire.STAGES_GET, {"entityId": group, "isAdmin": "Y"})
                    for group in {row.group for row in rows if row.group} if group not in found}  # fmt: skip
        for some in _parts(commands, wire.BATCH_MAX):
            answers = await self._batch([commands[group] for group in some])
            for group, answer in zip(some, answers.values(), strict=True):
                if isinstance(answer, Problem):
                    raise _silent(answer)
                found[group] = seen.kanban(answer.result)
                self._columns[group] = (now + COLUMNS_KEPT_S, found[group])
        return found

    # -- who

    async def hands(self, task_ids: Collection[int], fields: Mapping[int, Collection[str]]) -> dict[int, Hand]:
        """See PortalTasks; by the history of the task. Where that may not be read, nobody is known."""
        found: dict[int, Hand] = {}
        for some in _parts(task_ids, wire.BATCH_MAX):
            answers = await self._batch([_history(one) for one in some], strict=False)
            for number, answer in zip(some, answers.values(), strict=True):
                lines = await self._last_page(number, answer) if isinstance(answer, Answer) else []
                hand = _hand(lines, fields.get(number, ()), self.user_id)
                if hand is not None:
                    found[number] = hand
        return found

    async def _last_page(self, number: int, answer: Answer) -> Sequence[Any]:
        """A long history comes oldest first, 50 a page."""
        lines = _lines(answer)
        if answer.next is None or not answer.total or answer.total <= len(lines):
            return lines
        start = (answer.total - 1) // wire.PAGE * wire.PAGE
        last = await self._call(HISTORY, {"taskId": number, "start": start})
        return [*lines, *_lines(last)]

    # -- lists

    async def changed(self, since: datetime, groups: Collection[int]) -> Page:
        """See PortalTasks. Ends at the first row that does not fit: then the portal does not filter."""
        wanted = {**_of(groups), ">=CHANGED_DATE": since.isoformat(timespec="seconds")}
        found: list[Marked] = []
        at, last, chained = None, 0, True
        for _ in range(PAGES_MAX):
            for number, answer in enumerate(await self._pages(wanted, last, LISTS_A_BATCH if found and chained else 1)):
                rows = _rows(answer) if isinstance(answer, Answer) else []
                fits = [row for row in rows if row.id > last and _fits(row, since, groups)]
                if number and (isinstance(answer, Problem) or len(fits) < len(rows)):
                    chained = False
                    break
                at = at or (answer.at if isinstance(answer, Answer) else None)
                found += [row.marked() for row in fits]
                if len(fits) < len(rows):
                    return Page(found, at, whole=False, ignored=True)
                if len(rows) < wire.PAGE:
                    return Page(found, at, whole=True)
                last = max(row.id for row in rows)
        return Page(found, at, whole=False)

    async def _pages(self, wanted: Mapping[str, Any], last: int, count: int) -> Sequence[Answer | Problem]:
        """So many pages by one call, each from where the one before it ends. A portal that does not put the answer of
        a command into the next one shows itself by rows of other pages; pages after the last are worth nothing."""
        first = _list({**wanted, ">ID": last})
        if count == 1:
            return [await self._call(wire.TASK_LIST, first.params)]
        ends = [f"$result[c{number}][tasks][{wire.PAGE - 1}][id]" for number in range(count - 1)]
        answers = await self._batch([first, *(_list({**wanted, ">ID": end}) for end in ends)])
        if isinstance(answers["c0"], Problem):
            raise _silent(answers["c0"])
        return list(answers.values())

    async def marked(self, groups: Collection[int], since: datetime | None) -> Page:
        """See PortalTasks. A portal that ignores `>ID` is walked by offset; what comes twice is counted once."""
        wanted = _of(groups)
        if since is not None:
            wanted[">=CHANGED_DATE"] = since.isoformat(timespec="seconds")
        found: dict[int, Marked] = {}
        at, last, offset, chained = None, 0, 0, True
        for _ in range(PAGES_MAX):
            for number, answer in enumerate(await self._walk(wanted, last, offset, chained and bool(found))):
                rows = _rows(answer) if isinstance(answer, Answer) else []
                stuck = any(row.id <= last for row in rows)
                if number and (isinstance(answer, Problem) or stuck):
                    chained = False
                    break
                at = at or (answer.at if isinstance(answer, Answer) else None)
                news = {row.id: row.marked() for row in rows if row.id not in found}
                found |= news
                if len(rows) < wire.PAGE:
                    return Page(_ours(found), at, whole=True)
                if not news and offset:
                    return Page(_ours(found), at, whole=False, ignored=True)
                offset = offset + wire.PAGE if offset or stuck else 0
                last = max(found)
                if offset:
                    break
        return Page(_ours(found), at, whole=False, ignored=True)

    async def _walk(
        self, wanted: Mapping[str, Any], last: int, offset: int, many: bool
    ) -> Sequence[Answer | Problem]:  # fmt: skip
        if offset:
            return [await self._call(wire.TASK_LIST, _list(wanted, offset).params)]
        return await self._pages(wanted, last, LISTS_A_BATCH if many else 1)

    # -- the wire

    async def _call(self, method: str, params: Mapping[str, Any]) -> Answer:
        try:
            answer = await self._calls.call(method, params)
        except Held as held:
            raise PortalSilent("held", held.why, held.after_s) from held
        if isinstance(answer, Problem):
            raise _silent(answer)
        return answer

    async def _batch(self, commands: Sequence[Command], *, strict: bool = True) -> dict[str, Answer | Problem]:
        """In their order. Raises PortalSilent; strict: also where no command was answered."""
        lines = {f"c{number}": command for number, command in enumerate(commands)}
        try:
            answers = await self._calls.batch(lines)
        except Held as held:
            raise PortalSilent("held", held.why, held.after_s) from held
        problems = [answer for answer in answers.values() if isinstance(answer, Problem)]
        if strict and problems and len(problems) == len(answers) and not _absent(problems[0]):
            raise _silent(problems[0])
        return answers


def _list(wanted: Mapping[str, Any], start: int = -1) -> Command:
    """start -1: the portal need not count, which takes minutes on large ones."""
    params = {"filter": wanted, "order": {"ID": "asc"}, "select": list(seen.SELECT), "start": start}
    return Command(Step.READ, wire.TASK_LIST, params)


def _history(number: int) -> Command:
    return Command(Step.READ, HISTORY, {"taskId": number})


def _of(groups: Collection[int]) -> dict[str, Any]:
    return {"GROUP_ID": sorted(groups)} if groups else {}


def _fits(row: Row, since: datetime, groups: Collection[int]) -> bool:
    """Whole seconds are compared there."""
    recent = row.changed_at is None or row.changed_at >= since - timedelta(seconds=1)
    return recent and (not groups or (row.group or 0) in groups)


def _ours(found: Mapping[int, Marked]) -> list[Marked]:
    return [one for one in found.values() if one.marker]


def _rows(answer: Answer) -> list[Row]:
    tasks = answer.result.get("tasks") if isinstance(answer.result, Mapping) else answer.result
    return [row for raw in _values(tasks) if (row := seen.row(raw)) is not None]


def _sure(row: Row, at: datetime | None) -> Row:
    """Whole seconds are told. A task that was read within the second of its change may change again in it, and nothing
    would tell: so it counts as seen a second before. at: when the portal began to answer."""
    if at is None or row.changed_at is None or row.changed_at < at:
        return row
    return replace(row, changed_at=row.changed_at - timedelta(seconds=1))


def _one(answer: Answer | Problem) -> Row | None:
    if isinstance(answer, Problem) or not isinstance(answer.result, Mapping):
        return None
    return seen.row(answer.result.get("task") or answer.result)


def _absent(answer: Answer | Problem) -> bool:
    """Whether the portal says that there is no such task: an empty result, an error of its own on other versions."""
    if isinstance(answer, Problem):
        return answer.kind is wire.Kind.MISSING
    return not answer.result


def _denied(admin: Answer | Problem) -> bool:
    """We see not all: what is not shown may be there all the same. Where nobody tells, an administrator is assumed."""
    return isinstance(admin, Answer) and not admin.result


def _lines(answer: Answer) -> list[Any]:
    told = answer.result.get("list") if isinstance(answer.result, Mapping) else answer.result
    return list(_values(told))


def _hand(lines: Sequence[Any], fields: Collection[str], us: int) -> Hand | None:
    """The last line about one of these fields that is not ours."""
    wanted = {name for one in fields for name in _FIELDS[one]}
    found = [hand for line in lines if (hand := _hand_of(line, wanted, us)) is not None]
    return max(enumerate(found), key=lambda one: (one[1].at is not None, one[1].at, one[0]))[1] if found else None


def _last_is_theirs(lines: Sequence[Any], fields: Collection[str], us: int) -> bool:
    """Whether the last line about these fields is of somebody else; they come oldest first."""
    wanted = {name for one in fields for name in _FIELDS[one]}
    about = [line for line in lines if isinstance(line, Mapping) and str(line.get("field")).upper() in wanted]
    return bool(about) and _hand_of(about[-1], wanted, us) is not None


def _hand_of(line: Any, wanted: Collection[str], us: int) -> Hand | None:
    user = line.get("user") if isinstance(line, Mapping) else None
    if not isinstance(user, Mapping) or str(line.get("field")).upper() not in wanted:
        return None
    number = str(user.get("id") or "")
    if not (number.isascii() and number.isdigit()) or int(number) in (0, us):
        return None
    name = " ".join(str(part) for part in (user.get("name"), user.get("lastName")) if part)
    return Hand(int(number), name, moment(line.get("createdDate")))


def _values(raw: Any) -> Iterator[Any]:
    """Maps with keys 0..n come as lists, empty ones too."""
    yield from raw.values() if isinstance(raw, Mapping) else raw if isinstance(raw, list) else ()


def _silent(problem: Problem) -> PortalSilent:
    return PortalSilent(problem.code, problem.why, problem.pause_s)


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
