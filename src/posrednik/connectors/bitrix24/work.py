"""One delivery's task on its way to the wanted state: asks for the next command, takes its answer. Pure.

find ──none──▶ create ──▶ fields ──▶ column ──▶ status ──▶ done
  └──found──▶ read ────────▲           a refused write is followed by `read`, which tells whether the task
                                       is gone, is already as wanted, or really refuses
"""

from dataclasses import replace
from uuid import UUID

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.board import TaskBoard
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Columns, Problem, TaskRow
from posrednik.connectors.bitrix24.outbound import Desired, Written
from posrednik.connectors.bitrix24.texts import Task
from posrednik.connectors.bitrix24.wire import KEY_KEPT_S, PAGE, Kind

# A portal that ignores the filter makes us walk over all its tasks, 50 a page; beyond this we give up.
FIND_PAGES_MAX = 400


class Finder:
    """Look-up by the marker.

    Where the portal ignores the filter it walks over all tasks, newest first: by ids going down, and where even
    that filter is ignored, by offset. A walk that does not get on proves nothing: `gave_up`.
    """

    def __init__(self, marker: str, board: TaskBoard) -> None:
        self._board = board
        self.rows: dict[str, TaskRow] = {}
        self.finished = False
        self.gave_up = False
        self._marker = marker
        self._below: int | None = None
        self._offset: int | None = None
        self._pages = 0

    def command(self) -> Command:
        if self._offset is not None:
            return self._board.find(self._marker, offset=self._offset)
        return self._board.find(self._marker, self._below)

    def take(self, answer: Answer) -> None:
        page = self._board.found(answer.result, self._marker)
        self.rows |= {row.id: row for row in page.rows}
        self._pages += 1
        if page.lowest_seen is None:
            self.finished = True
            return
        stuck = self._below is not None and page.lowest_seen >= self._below
        if self._offset is not None:
            self._offset += PAGE
        elif stuck:
            self._offset, stuck = PAGE, False
        self.gave_up = self.finished = stuck or self._pages >= FIND_PAGES_MAX
        self._below = page.lowest_seen

    @property
    def ids(self) -> list[str]:
        return sorted(self.rows, key=int)


def doubles(ids: list[str]) -> str:
    """The sentence for several tasks under one marker; empty for none or one."""
    return f"в Битрикс24 несколько задач этой доставки: {', '.join(ids)}" if len(ids) > 1 else ""


class Work:
    """State of one item within one `send`.

    outcome is set exactly once; told: it was reported. in_flight: a write left and its answer was not taken yet.
    """

    def __init__(self, item: Item, task: Task, board: TaskBoard, now_s: float) -> None:
        self.item, self.task = item, task
        self.group = board.place_of(task)
        self.outcome: Outcome | None = _left(item)
        self.told = False
        self.in_flight = False
        self.stale_columns = False
        self._board = board
        self._wanted: Desired | None = None
        self._remote_id = item.remote_id
        self._written = _trusted(item, task)
        # A first create needs no look-up. A later one may follow a create that nobody saw the end of.
        self._finder = Finder(outbound.marker(task.delivery), board)
        first = item.attempt == 1 and task.version <= 1 and key_is_kept(item.id, now_s)
        self._must_find = item.remote_id is None and not first
        self._created = False
        self._refusal: tuple[Step, Problem] | None = None
        self._columns_renewed = False
        self._twins: list[str] = []

    @property
    def wants_create(self) -> bool:
        return self.outcome is None and self._remote_id is None and not self._must_find

    def want(self, columns: Columns | None) -> None:
        """Give it the columns of its project, also again after `stale_columns`. Raises ValueError."""
        self._wanted = self._board.wanted(self.task, columns)
        self._columns_renewed = self._columns_renewed or self.stale_columns
        self.stale_columns = False

    def find_first(self) -> None:
        """The classic create knows no idempotency: look before it, unless that was done just now."""
        self._must_find = not self._finder.finished

    def mark_sent(self) -> None:
        self.in_flight = True

    def keyed_body(self) -> dict[str, object]:
        return self._board.create_with_key(self.wanted)

    @property
    def wanted(self) -> Desired:
        assert self._wanted is not None, "want() comes first"
        return self._wanted

    def next(self) -> Command | None:
        """The next command, None when there is none; sets the outcome when the task stands as wanted."""
        if self.outcome is not None:
            return None
        if self._remote_id is None:
            return self._finder.command() if self._must_find else self._board.create(self.wanted)
        if self._written is None or self._refusal is not None:
            return self._board.read(self._remote_id)
        self._settle()
        return None if self.outcome else self._plan()[0]

    def take(self, command: Command, answer: Answer | Problem) -> None:
        """The answer to `command`; afterwards either `outcome` is set or `next` says how it goes on."""
        self.in_flight = False
        if isinstance(answer, Problem):
            self._fail(command, answer)
        elif command.step is Step.FIND:
            self._take_found(answer)
        elif command.step is Step.READ:
            self._take_read(self._board.row(answer.result))
        elif command.step is Step.ADD:
            self.take_created(answer)
        else:
            self._written = self._board.after(command.step, self.wanted, self._written or Written())
        self._settle()

    def take_created(self, answer: Answer) -> None:
        """A create said yes. What it does not say about the column is written by a command of its own."""
        self.in_flight = False
        row = self._board.row(answer.result)
        if row is None:
            self.outcome = Unclear("Битрикс24 не назвал номер созданной задачи", "no_task_id")
            return
        self._remote_id, self._created = row.id, True
        known = Written.of_row(row, outbound.hashes(self.wanted))
        self._written = Written(known.fields, self.wanted.group, known.stage, known.closed or False)
        self._settle()

    def fail(self, outcome: Outcome) -> None:
        """End with an outcome from outside (a limiter, a stop, columns that could not be read)."""
        self.in_flight = False
        if self.outcome is None:
            self.outcome = self._not_whole(outcome)

    def _plan(self) -> list[Command]:
        if self._remote_id is None or self._written is None:
            return []
        return self._board.changes(self.wanted, self._written, self._remote_id)

    def _settle(self) -> None:
        """Accept as soon as the task stands as wanted, without another round."""
        unknown = self._remote_id is None or self._written is None
        if self.outcome is not None or unknown or self._refusal or self.stale_columns or self._plan():
            return
        assert self._written is not None
        self._written = replace(self._written, version=self.task.version)
        why = doubles(self._twins)
        code = "double_at_destination" if why else "accepted"
        self.outcome = Accepted(self._remote_id, self._written.as_body(), why, code=code)

    def _take_found(self, answer: Answer) -> None:
        self._finder.take(answer)
        if not self._finder.finished:
            return
        self._must_find = False
        if self._finder.gave_up and not self._finder.rows:
            self.fail(TryLater("Битрикс24 не даёт искать задачи по внешнему ключу", "look_up_impossible"))
            return
        self._twins = self._finder.ids
        if self._twins:
            self._remote_id = self._twins[0]
            self._written = Written.of_row(self._finder.rows[self._remote_id])

    def _take_read(self, row: TaskRow | None) -> None:
        if row is None:
            self.outcome = Refused("задача удалена в Битрикс24", "task_deleted")
            return
        known = self._written.fields if self._written is not None else None
        self._written = Written.of_row(row, known)
        refusal, self._refusal = self._refusal, None
        if refusal is None:
            return
        step, problem = refusal
        plan = [command.step for command in self._plan()]
        # What comes before it now may be all that it lacked: somebody took the task to another project.
        if plan[:1] == [step]:
            self.fail(Refused(problem.why, problem.code, status=problem.status))

    def _fail(self, command: Command, problem: Problem) -> None:
        if command.step is Step.MOVE and problem.kind is Kind.MISSING and not self._columns_renewed:
            self.stale_columns = True
        elif command.step in _CHECKED and problem.kind in (Kind.RULE, Kind.MISSING):
            self._refusal = (command.step, problem)
        else:
            self.fail(problem.outcome(command.writes))

    def _not_whole(self, outcome: Outcome) -> Outcome:
        """The task was created just now, but not whole: the next try must look it up, not create it again.

        `Unclear` says exactly this to the dispatcher; `TryLater` would make it forget the id.
        """
        if not self._created or not isinstance(outcome, TryLater):
            return outcome
        why = f"задача {self._remote_id} создана, но не доведена до конца: {outcome.why}"
        return Unclear(why, outcome.code, outcome.status, fault=False)


def _left(item: Item) -> Accepted | None:
    """The task was deleted there, and a person decided to leave the delivery without one."""
    if item.remote_id is None or not (item.written or {}).get("left"):
        return None
    return Accepted(item.remote_id, item.written, "задача удалена в Битрикс24 и не нужна", code="task_left")


def key_is_kept(message_id: UUID, now_s: float) -> bool:
    """Whether the portal surely still knows a create under this id, by the time inside a UUIDv7.

    A dead message that is replayed after days counts as a first try again, but its key has been forgotten.
    """
    return message_id.version == 7 and now_s - (message_id.int >> 80) / 1000 < KEY_KEPT_S


def _trusted(item: Item, task: Task) -> Written | None:
    """What an earlier message left behind, if nothing can have been written since.

    After a try that did not end well, and after a version that never ended well or was replaced, nobody knows
    what of it stands there: the task is read and written whole.
    """
    written = Written.from_body(item.written) if item.attempt == 1 else None
    if written is None or not 0 <= task.version - written.version <= 1:
        return None
    return written


_CHECKED = frozenset({Step.UPDATE, Step.MOVE, Step.COMPLETE, Step.RENEW})


class LookUp:
    """State of one item within one `look_up`. Changes nothing there."""

    def __init__(self, item: Item, task: Task, board: TaskBoard) -> None:
        self.item, self.task = item, task
        self.group = board.place_of(task)
        self.outcome: Outcome | NotThere | None = None
        self._board = board
        self._finder = Finder(outbound.marker(task.delivery), board)
        if item.remote_id is not None:
            self.outcome = NotThere("состояние пишется целиком, повтор безопасен")

    def next(self) -> Command | None:
        return self._finder.command() if self.outcome is None and not self._finder.finished else None

    def take(self, answer: Answer | Problem) -> None:
        if isinstance(answer, Problem):
            self.outcome = answer.outcome(writing=False)
            return
        self._finder.take(answer)
        if not self._finder.finished or self._finder.rows:
            return
        if self._finder.gave_up:
            self.outcome = TryLater("Битрикс24 не даёт искать задачи по внешнему ключу", "look_up_impossible")
        else:
            self.outcome = NotThere()

    @property
    def is_found(self) -> bool:
        return self.outcome is None and self._finder.finished and bool(self._finder.rows)

    def judge(self, columns: Columns | None) -> None:
        """The task exists: was the whole of the wanted state written? Column and status show how far it came.

        Texts were written by the create itself; a column or a status that is missing is written by the next
        try, which looks the task up again and creates nothing.
        """
        ids = self._finder.ids
        row, wanted = self._finder.rows[ids[0]], self._board.wanted(self.task, columns)
        there = replace(Written.of_row(row, outbound.hashes(wanted)), version=self.task.version)
        twins = doubles(ids)
        if self._board.changes(wanted, there, row.id):
            self.outcome = NotThere(f"задача {row.id} есть, но записана не полностью")
            return
        code = "double_at_destination" if twins else "accepted"
        self.outcome = Accepted(row.id, there.as_body(), twins or "найдена по метке", code=code)
