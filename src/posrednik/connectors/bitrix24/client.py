"""Keeps one task per delivery in a Bitrix24 portal. See docs/subsystems/connectors.md.

Creates are single calls of REST v3 under an idempotency key; everything else rides in classic batches, at most one
writing command of a task in each. What a task needs next is decided in `work.py`; here it is only carried there.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import aiohttp
import msgspec
import structlog
from yarl import URL

from posrednik.connectors.base import (
    Gate,
    Held,
    Item,
    LookUpReport,
    NotThere,
    Outcome,
    Refused,
    Report,
    TryLater,
    Unclear,
)
from posrednik.connectors.bitrix24 import chat, inbound, outbound, wire
from posrednik.connectors.bitrix24.grouping import chunks, following, one_of_each_key, slices
from posrednik.connectors.bitrix24.inbound import Answer, Columns, Problem
from posrednik.connectors.bitrix24.outbound import Command
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import Task
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.connectors.bitrix24.work import LookUp, Work
from posrednik.kit import http

METHOD = "task.put"
T = TypeVar("T")
V3_ABSENT_FOR_S = 3600.0
COLUMNS_KEPT_S = 600.0
PROJECT_PAUSE_S = 300.0
# We end before whoever called us gives up, so that each item is judged by what is known here.
OWN_SHARE = 0.95
# Bounds of a pause that the portal's own `operating_reset_at` asks for.
BUDGET_PAUSE_S = (60.0, 600.0)

_log = structlog.get_logger()

_STOPPED = TryLater("отправка прервана остановкой службы", "stopped", free=True)
_LATE = TryLater("на отправку не хватило времени", "no_time")
_BUG = TryLater("внутренняя ошибка отправки, подробности в журнале службы", "internal_error")
_CUT = Unclear("отправка прервана до ответа Битрикс24", "interrupted", fault=False)


class Bitrix24Connector:
    """One portal by an incoming webhook. session: made by `kit.http.new_session`; it is not closed here.

    Method `task.put`: the full wanted state of one delivery's task, body as `texts.Task`. Method `chat.say`: a line in
    a chat, body as `chat.Line`.
    clock: Unix time in seconds.
    """

    kind = "bitrix24"
    group_size = wire.BATCH_MAX

    def __init__(
        self,
        settings: Bitrix24Settings,
        session: aiohttp.ClientSession,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.time_limit_s = settings.time_limit_s
        # A create, its column and its status are three calls one after another.
        self.timeout_s = settings.timeout_s * 3
        self._settings, self._session, self._clock = settings, session, clock
        self._timeout = http.timeouts(settings.timeout_s)
        self._secrets = (settings.secret,)
        self._urls: dict[str, URL] = {}
        self._v3_absent_until = 0.0
        self._paused: dict[str, tuple[float, Problem]] = {}
        self._reset_at: dict[str, float] = {}
        self._columns: dict[int, tuple[float, Columns]] = {}
        self._column_locks: dict[int, asyncio.Lock] = {}

    async def close(self) -> None:
        """The session belongs to whoever made it."""

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        """Bring each item's task to its wanted state, put the lines of chats; a report as soon as it is known."""
        for item in items:
            if item.method == chat.METHOD:
                report(item, await self._about_chat(chat.say(self._call, item, gate), _CUT))
        rest = [item for item in items if item.method != chat.METHOD]
        ended: dict[str, Outcome] = {}
        originals = {item.id: item for item in items}

        def keep(item: Item, outcome: Outcome) -> None:
            ended[item.key] = outcome
            report(originals[item.id], outcome)

        try:
            while rest:
                wave, rest = one_of_each_key(rest)
                await self._send_wave(following(wave, ended, keep), gate, keep)
        except asyncio.CancelledError:
            for item in rest:
                keep(item, _STOPPED)
            raise

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        """Find the tasks of items by their marker, many in one batch; reads only."""
        for item in items:
            if item.method == chat.METHOD:
                report(item, await self._about_chat(chat.find(self._call, item, gate), _STOPPED))
        tasks = [item for item in items if item.method != chat.METHOD]
        open_ = [look for look in (self._look(item, report) for item in tasks) if look is not None]
        try:
            async with asyncio.timeout(self.timeout_s * OWN_SHARE):
                await self._find_all(open_, gate)
                await self._judge(open_, gate)
        except asyncio.CancelledError:
            _end_looks(open_, _STOPPED)
            raise
        except TimeoutError:
            _end_looks(open_, _LATE)
        except Exception as error:
            _log_bug("bitrix24.look_up", error)
            _end_looks(open_, _BUG)
        finally:
            for look in open_:
                report(look.item, look.outcome or _LATE)

    async def _about_chat(self, done: Awaitable[T], cut: Outcome) -> T | Outcome:
        """cut: what it means when no answer came in time."""
        try:
            async with asyncio.timeout(self.timeout_s * OWN_SHARE):
                return await done
        except TimeoutError:
            return cut
        except Exception as error:
            _log_bug("bitrix24.chat", error)
            return cut

    # -- sending ---------------------------------------------------------------------------------------------

    async def _send_wave(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        works = [work for work in (self._work(item, report) for item in items) if work is not None]
        try:
            async with asyncio.timeout(self.timeout_s * OWN_SHARE):
                await self._give_columns(works, gate)
                self._tell(works, report)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._drive([w for w in works if w.wants_create], gate, report))
                    both.create_task(self._drive([w for w in works if not w.wants_create], gate, report))
        except asyncio.CancelledError:
            _cut_off(works, _STOPPED)
            raise
        except TimeoutError:
            _cut_off(works, _LATE)
        except Exception as error:
            _log_bug("bitrix24.send", error)
            _cut_off(works, _BUG)
        finally:
            _cut_off(works, _LATE)
            self._tell(works, report)

    def _work(self, item: Item, report: Report) -> Work | None:
        try:
            return Work(item, _task_of(item), self._settings, self._clock())
        except outbound.BadBody as error:
            report(item, Refused(f"сообщение непригодно: {error}", "bad_body"))
        return None

    async def _drive(self, works: list[Work], gate: Gate, report: Report) -> None:
        """Rounds until every work has its outcome."""
        while works:
            await self._give_columns([work for work in works if work.stale_columns], gate)
            singles = [work for work in works if work.wants_create and self._has_v3()]
            for work in works:
                if work.wants_create and not self._has_v3():
                    work.find_first()
            batched = [work for work in works if work not in singles]
            async with asyncio.TaskGroup() as both:
                both.create_task(self._create_all(singles, gate, report))
                both.create_task(self._batch_round(batched, gate, report))
            works = [work for work in works if work.outcome is None]

    def _tell(self, works: Sequence[Work], report: Report) -> None:
        for work in works:
            if work.outcome is not None and not work.told:
                work.told = True
                report(work.item, work.outcome)

    # -- creating --------------------------------------------------------------------------------------------

    def _has_v3(self) -> bool:
        return self._clock() >= self._v3_absent_until

    async def _create_all(self, works: Sequence[Work], gate: Gate, report: Report) -> None:
        places = asyncio.Semaphore(self._settings.concurrent_creates)

        async def one(work: Work) -> None:
            async with places:
                await self._create(work, gate)
            self._tell([work], report)

        async with asyncio.TaskGroup() as creates:
            for work in works:
                creates.create_task(one(work))

    async def _create(self, work: Work, gate: Gate) -> None:
        """One create under the item's id as key: the same key and body again is answered by the first task."""
        if not self._has_v3():
            return
        key = {"Idempotency-Key": str(work.item.id)}
        try:
            answer = await self._call(gate, wire.TASK_ADD, work.v3_body(), headers=key, before=work.mark_sent, v3=True)
        except Held as held:
            work.fail(held.outcome())
            return
        if isinstance(answer, Answer):
            work.take_created(answer)
        elif answer.kind in (Kind.ABSENT, Kind.UNFIT):
            work.in_flight = False
            self._v3_absent_until = self._clock() + V3_ABSENT_FOR_S
        else:
            work.fail(answer.outcome(writing=True))

    # -- batches ---------------------------------------------------------------------------------------------

    async def _batch_round(self, works: Sequence[Work], gate: Gate, report: Report) -> None:
        """One command of each work, in as few batches as their limits allow."""
        wanted: list[tuple[Work, Command]] = []
        for work in works:
            command = work.next()
            if command is not None and (held := self._pause_of(command.method)):
                work.fail(held)
            elif command is not None:
                wanted.append((work, command))
        self._tell(works, report)
        for chunk in chunks(wanted):
            await self._one_batch(chunk, gate)
            self._tell([work for work, _ in chunk], report)

    async def _one_batch(self, chunk: Sequence[tuple[Work, Command]], gate: Gate) -> None:
        lines = {f"c{number}": command for number, (_, command) in enumerate(chunk)}

        def before() -> None:
            for work, command in chunk:
                work.in_flight = command.writes

        try:
            answers = await self._batch(gate, lines, before)
        except Held as held:
            for work, _ in chunk:
                work.fail(held.outcome())
            return
        for number, (work, command) in enumerate(chunk):
            work.take(command, answers[f"c{number}"])

    async def _batch(
        self, gate: Gate, commands: Mapping[str, Command], before: Callable[[], None] = lambda: None
    ) -> dict[str, Answer | Problem]:
        """All commands in one HTTP call, answered per label. An answer that is no batch's is everyone's."""
        body = {"halt": 0, "cmd": {label: command.line() for label, command in commands.items()}}
        answer = await self._call(gate, wire.BATCH, body, before=before)
        if isinstance(answer, Problem):
            return dict.fromkeys(commands, answer)
        parts = inbound.batch(answer, commands, self._secrets)
        for label, part in parts.items():
            parts[label] = self._learn(gate, commands[label].method, part)
        return parts

    # -- columns ---------------------------------------------------------------------------------------------

    async def _give_columns(self, works: Sequence[Work], gate: Gate) -> None:
        """Tell each work the columns of its project; a project is read once, all projects at once."""
        for group in {work.group for work in works if work.stale_columns}:
            self._columns.pop(group or 0, None)
        async with asyncio.TaskGroup() as reads:
            found = {
                group: reads.create_task(self._columns_or_outcome(group, gate))
                for group in {work.group for work in works}
            }
        for work in works:
            columns = found[work.group].result()
            if columns is None or isinstance(columns, Columns):
                work.want(columns)
            else:
                work.fail(columns)

    async def _columns_or_outcome(self, group: int | None, gate: Gate) -> Columns | Outcome | None:
        if group is None:
            return None
        try:
            answer = await self._columns_of(group, gate, create=True)
        except Held as held:
            return held.outcome()
        return _no_columns(group, answer) if isinstance(answer, Problem) else answer

    async def _columns_of(self, group: int, gate: Gate, create: bool) -> Columns | Problem:
        """Columns of a project, kept for ten minutes. create: make those of ours that are missing.

        One task at a time per project, and it reads again before it adds, so that a column is made once.
        """
        async with self._column_locks.setdefault(group, asyncio.Lock()):
            until, kept = self._columns.get(group, (0.0, Columns()))
            if self._clock() < until:
                return kept
            columns = await self._read_columns(group, gate)
            if create and isinstance(columns, Columns) and _missing(columns):
                columns = await self._add_columns(group, columns, gate)
            if isinstance(columns, Columns) and not _missing(columns):
                self._columns[group] = (self._clock() + COLUMNS_KEPT_S, columns)
            return columns

    async def _read_columns(self, group: int, gate: Gate) -> Columns | Problem:
        answer = await self._call(gate, wire.STAGES_GET, {"entityId": group, "isAdmin": "Y"})
        return inbound.columns(answer.result) if isinstance(answer, Answer) else answer

    async def _add_columns(self, group: int, columns: Columns, gate: Gate) -> Columns | Problem:
        """Make the missing columns, each after the last; the portal's own ones stay where they are."""
        after, made = columns.last, {}
        for title in _missing(columns):
            fields = {"TITLE": title, "ENTITY_ID": group} | ({"AFTER_ID": after} if after else {})
            answer = await self._call(gate, wire.STAGES_ADD, {"fields": fields, "isAdmin": "Y"})
            if isinstance(answer, Problem):
                return answer
            after = inbound.new_id(answer.result) or after
            made[title.casefold()] = after
        now = await self._read_columns(group, gate)
        if isinstance(now, Columns):
            await self._drop_twins([number for name, number in made.items() if now.ids.get(name) != number], gate)
        return now

    async def _drop_twins(self, ours: Sequence[int | None], gate: Gate) -> None:
        """Another process made the same columns at the same time: everyone uses the lower id, ours are empty yet.

        A failure is left alone: the portal keeps a column that holds tasks, and a spare one does no harm.
        """
        for number in ours:
            await self._call(gate, wire.STAGES_DELETE, {"id": number, "isAdmin": "Y"})

    # -- looking up ------------------------------------------------------------------------------------------

    def _look(self, item: Item, report: LookUpReport) -> LookUp | None:
        try:
            return LookUp(item, _task_of(item), self._settings)
        except outbound.BadBody as error:
            report(item, Refused(f"сообщение непригодно: {error}", "bad_body"))
        return None

    async def _find_all(self, looks: Sequence[LookUp], gate: Gate) -> None:
        while wanted := [(look, command) for look in looks if (command := look.next()) is not None]:
            for chunk in slices(wanted):
                lines = {f"c{number}": command for number, (_, command) in enumerate(chunk)}
                try:
                    answers = await self._batch(gate, lines)
                except Held as held:
                    _end_looks([look for look, _ in chunk], held.outcome())
                    continue
                for number, (look, _) in enumerate(chunk):
                    look.take(answers[f"c{number}"])

    async def _judge(self, looks: Sequence[LookUp], gate: Gate) -> None:
        for look in looks:
            if not look.is_found:
                continue
            try:
                columns = await self._columns_of(look.group, gate, create=False) if look.group else None
            except Held as held:
                look.outcome = held.outcome()
                continue
            if isinstance(columns, Problem):
                look.outcome = _no_columns(look.group or 0, columns)
            else:
                look.judge(columns)

    # -- the wire --------------------------------------------------------------------------------------------

    async def _call(
        self,
        gate: Gate,
        method: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        before: Callable[[], None] = lambda: None,
        v3: bool = False,
    ) -> Answer | Problem:
        """One HTTP call, charged once. before: called when it is about to leave. Raises Held."""
        await gate.enter(method)
        before()
        root = self._settings.v3_root if v3 else self._settings.classic_root
        try:
            async with self._session.post(
                self._url(root + method),
                data=msgspec.json.encode(body),
                headers={"Content-Type": "application/json", "Accept": "application/json", **(headers or {})},
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                raw = await http.read_capped(response)
                answer = inbound.read(response.status, raw, self._secrets, v3)
        except http.TRANSPORT_ERRORS as error:
            return inbound.transport(http.classify(error))
        return self._learn(gate, method, answer)

    def _url(self, text: str) -> URL:
        return self._urls.setdefault(text, URL(text))

    def _learn(self, gate: Gate, method: str, answer: Answer | Problem) -> Answer | Problem:
        """Remember when the method's budget grows; a spent one pauses the method until then."""
        if isinstance(answer, Answer):
            if answer.operating_reset_at is not None:
                self._reset_at[method] = answer.operating_reset_at
            return answer
        if answer.kind is not Kind.BUDGET:
            return answer
        low, high = BUDGET_PAUSE_S
        told = self._reset_at.get(method, 0.0) - self._clock()
        seconds = min(max(told, low), high) if told > 0 else answer.pause_s
        paused = Problem(answer.kind, answer.code, answer.why, seconds, answer.status)
        self._paused[method] = (self._clock() + seconds, paused)
        gate.pause(method, seconds, answer.why)
        return paused

    def _pause_of(self, method: str) -> TryLater | None:
        """Commands inside a batch do not pass the gate by their own names, so their pauses are kept here."""
        until, problem = self._paused.get(method, (0.0, None))
        left = until - self._clock()
        if problem is None or left <= 0:
            return None
        return TryLater(problem.why, problem.code, left, "method", free=True, status=problem.status)


def _task_of(item: Item) -> Task:
    if item.method != METHOD:
        raise outbound.BadBody(f"неизвестное действие «{item.method}»")
    return outbound.parse(item.body)


def _missing(columns: Columns) -> list[str]:
    return [title for title in outbound.COLUMNS.values() if title.casefold() not in columns.ids]


def _no_columns(group: int, problem: Problem) -> Outcome:
    """Without its columns a project takes no tasks, but nothing is lost: an administrator can mend it."""
    outcome = problem.outcome(writing=False)
    if not isinstance(outcome, Refused):
        return outcome
    why = f"нет доступа к колонкам проекта {group}: {problem.why}"
    return TryLater(why, "project_unavailable", PROJECT_PAUSE_S, free=True, status=problem.status)


def _log_bug(where: str, error: Exception) -> None:
    """A bug of ours. Only its kind and place are logged: the text of an exception may quote an address."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    _log.error("connector.failed", where=where, error=type(error).__name__, place=place)


def _cut_off(works: Sequence[Work], why: TryLater) -> None:
    for work in works:
        work.fail(_CUT if work.in_flight else why)


def _end_looks(looks: Sequence[LookUp], outcome: Outcome | NotThere) -> None:
    for look in looks:
        look.outcome = look.outcome or outcome
