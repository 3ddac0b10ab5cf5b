"""Keeps one task per delivery in a Bitrix24 portal. See docs/subsystems/connectors.md.

Creates are single calls of REST v3 under an idempotency key; everything else rides in classic batches, at most one
writing command of a task in each. What a task needs next is decided in `work.py`; here it is only carried there.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence

import aiohttp
import structlog

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
from posrednik.connectors.bitrix24.access import WebhookAccess
from posrednik.connectors.bitrix24.acts import Acts, OneByOne
from posrednik.connectors.bitrix24.board import ProjectTasks, TaskBoard
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.grouping import chunks, following, one_of_each_key, slices
from posrednik.connectors.bitrix24.inbound import Answer, Columns, Problem
from posrednik.connectors.bitrix24.pace import Pace
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import Task
from posrednik.connectors.bitrix24.transport import Calls, Transport
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.connectors.bitrix24.work import LookUp, Work

METHOD = "task.put"
V3_ABSENT_FOR_S = 3600.0
COLUMNS_KEPT_S = 600.0
PROJECT_PAUSE_S = 300.0
# We end before whoever called us gives up, so that each item is judged by what is known here.
OWN_SHARE = 0.95

_log = structlog.get_logger()

_STOPPED = TryLater("отправка прервана остановкой службы", "stopped", free=True)
_LATE = TryLater("на отправку не хватило времени", "no_time")
_BUG = TryLater("внутренняя ошибка отправки, подробности в журнале службы", "internal_error")
_CUT = Unclear("отправка прервана до ответа Битрикс24", "interrupted", fault=False)


class Bitrix24Connector:
    """One portal. session: made by `kit.http.new_session`; it is not closed here.

    Method `task.put`: the full wanted state of one delivery's task, body as `texts.Task`. Method `chat.say`: a line in
    a chat, body as `chat.Line`. acts: take the other methods. transport: None = by the webhook of `settings`.
    board: what stands there for a delivery, None = a task of a project. clock: Unix time in seconds.
    """

    kind = "bitrix24"
    group_size = wire.BATCH_MAX

    def __init__(
        self,
        settings: Bitrix24Settings,
        session: aiohttp.ClientSession,
        *,
        clock: Callable[[], float] = time.time,
        transport: Transport | None = None,
        acts: Sequence[Acts] = (),
        board: TaskBoard | None = None,
    ) -> None:
        self.time_limit_s = settings.time_limit_s
        # A create, its column and its status are three calls one after another.
        self.timeout_s = settings.timeout_s * 3
        self._settings, self._clock = settings, clock
        self._transport = transport or Transport(
            WebhookAccess(settings.portal_url, settings.webhook), session, timeout_s=settings.timeout_s, clock=clock
        )
        self._acts: dict[str, Acts] = {
            method: one for one in (OneByOne(chat.METHOD, chat.say, chat.find), *acts) for method in one.methods
        }
        self._board = board or ProjectTasks(settings)
        self._pace = Pace(settings.time_limit_s)
        self._v3_absent_until = 0.0
        self._columns: dict[int, tuple[float, Columns]] = {}
        self._column_locks: dict[int, asyncio.Lock] = {}

    async def close(self) -> None:
        """The session belongs to whoever made it."""

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        """Bring each item's task to its wanted state, carry out the other acts; a report as soon as it is known."""
        async with asyncio.TaskGroup() as all_:
            for acts, theirs in self._by_acts(items):
                all_.create_task(self._act(acts.send, theirs, gate, report, _CUT))
            all_.create_task(self._send_tasks(self._tasks(items), gate, report))

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        """Find out what became of items, many in one batch; reads only."""
        async with asyncio.TaskGroup() as all_:
            for acts, theirs in self._by_acts(items):
                all_.create_task(self._act(acts.look_up, theirs, gate, report, _LATE))
            all_.create_task(self._look_up_tasks(self._tasks(items), gate, report))

    # -- other acts ------------------------------------------------------------------------------------------

    def _tasks(self, items: Sequence[Item]) -> list[Item]:
        return [item for item in items if item.method not in self._acts]

    def _by_acts(self, items: Sequence[Item]) -> list[tuple[Acts, list[Item]]]:
        kinds = {id(acts): acts for acts in self._acts.values()}
        found = [(acts, [item for item in items if item.method in acts.methods]) for acts in kinds.values()]
        return [(acts, theirs) for acts, theirs in found if theirs]

    async def _act(
        self, do: Callable[..., Awaitable[None]], items: Sequence[Item], gate: Gate, report: Callable[..., None],
        cut: Outcome,
    ) -> None:  # fmt: skip
        """cut: what it means for an item when nothing was said of it in time."""
        # One event may make several messages, each in a lane of its own.
        left, otherwise = {(item.id, item.key): item for item in items}, cut

        def told(item: Item, outcome: Outcome | NotThere) -> None:
            if left.pop((item.id, item.key), None) is not None:
                report(item, outcome)

        try:
            async with asyncio.timeout(self.timeout_s * OWN_SHARE):
                await do(Calls(self._transport, gate), items, told)
        except Held as held:
            otherwise = held.outcome()
        except TimeoutError:
            pass
        except Exception as error:
            _log_bug("bitrix24.act", error)
        finally:
            for item in left.values():
                report(item, otherwise)

    # -- tasks -----------------------------------------------------------------------------------------------

    async def _send_tasks(self, rest: list[Item], gate: Gate, report: Report) -> None:
        ended: dict[str, Outcome] = {}
        originals = {item.id: item for item in rest}

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

    async def _look_up_tasks(self, tasks: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
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
            return Work(item, _task_of(item), self._board, self._clock())
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
        try:
            answer = await self._transport.call(
                gate,
                self._board.create_method,
                work.keyed_body(),
                key=str(work.item.id),
                before=work.mark_sent,
                v3=True,
            )
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
            if command is not None and (held := self._transport.pause_of(command.method)):
                work.fail(held)
            elif command is not None:
                wanted.append((work, command))
        self._tell(works, report)
        for chunk in chunks(wanted, self._pace):
            await self._one_batch(chunk, gate)
            self._tell([work for work, _ in chunk], report)

    async def _one_batch(self, chunk: Sequence[tuple[Work, Command]], gate: Gate) -> None:
        lines = {f"c{number}": command for number, (_, command) in enumerate(chunk)}

        def before() -> None:
            for work, command in chunk:
                work.in_flight = command.writes

        try:
            answers = await self._batch(lines, gate, before)
        except Held as held:
            for work, _ in chunk:
                work.fail(held.outcome())
            return
        for number, (work, command) in enumerate(chunk):
            work.take(command, answers[f"c{number}"])

    async def _batch(
        self, lines: Mapping[str, Command], gate: Gate, before: Callable[[], None] = lambda: None
    ) -> dict[str, Answer | Problem]:
        """A batch of the transport, and how long it took remembered. Raises Held."""
        left_at = 0.0

        def leaving() -> None:
            nonlocal left_at
            left_at = time.monotonic()
            before()

        answers = await self._transport.batch(gate, lines, leaving)
        methods = {label: command.method for label, command in lines.items()}
        self._pace.learn(methods, answers, time.monotonic() - left_at)
        return answers

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
        answer = await self._one(self._board.read_columns(group), gate)
        return self._board.columns(answer.result) if isinstance(answer, Answer) else answer

    async def _add_columns(self, group: int, columns: Columns, gate: Gate) -> Columns | Problem:
        """Make the missing columns, each after the last; the portal's own ones stay where they are."""
        after, made = columns.last, {}
        for title in _missing(columns):
            answer = await self._one(self._board.add_column(group, title, after), gate)
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
            if number is not None:
                await self._one(self._board.drop_column(number), gate)

    async def _one(self, command: Command, gate: Gate) -> Answer | Problem:
        return await self._transport.call(gate, command.method, command.params)

    # -- looking up ------------------------------------------------------------------------------------------

    def _look(self, item: Item, report: LookUpReport) -> LookUp | None:
        try:
            return LookUp(item, _task_of(item), self._board)
        except outbound.BadBody as error:
            report(item, Refused(f"сообщение непригодно: {error}", "bad_body"))
        return None

    async def _find_all(self, looks: Sequence[LookUp], gate: Gate) -> None:
        while wanted := [(look, command) for look in looks if (command := look.next()) is not None]:
            for chunk in slices(wanted, self._pace):
                lines = {f"c{number}": command for number, (_, command) in enumerate(chunk)}
                try:
                    answers = await self._batch(lines, gate)
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
