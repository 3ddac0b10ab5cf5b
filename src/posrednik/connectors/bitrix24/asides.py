"""What messages beside a task have in common: batches of their calls, how long they wait, what a failure means.

Nothing of theirs may stand in the way of tasks: what only they need (a scope, the Disk, a chat) and cannot have never
rests the whole destination, and a server that fails on it is no sign that the portal is unwell.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from posrednik.connectors.base import Accepted, Held, Item, Outcome, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.acts import Facts
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.wire import Kind

T = TypeVar("T")
B = TypeVar("B", bound=msgspec.Struct)
D = TypeVar("D", bound="OfDelivery")
Got = Answer | Problem
# Only this method or module is closed to us; an administrator can open it, and tasks go on meanwhile.
_OWN: Final = frozenset({
    "insufficient_scope", "error_method_not_found", "user_access_error", "allowed_only_intranet_user",
    "method_confirm_waiting", "method_confirm_denied", "wrong_auth_type",
    "bitrix_rest_v3_exception_insufficientscopeexception", "bitrix_rest_v3_exception_methodnotfoundexception",
})  # fmt: skip
_CLOSED_PAUSE_S: Final = 900.0
_MOST_REMEMBERED: Final = 20_000


class OfDelivery(msgspec.Struct, frozen=True):
    """What the bodies of messages beside a delivery's task begin with."""

    delivery: str


def closed(problem: Problem) -> bool:
    """Whether this method is not for us at all, as far as the portal is set up now."""
    return problem.code.lower() in _OWN or problem.kind is Kind.ABSENT


def outcome_of(problem: Problem, *, writing: bool) -> Outcome:
    """What a problem means for a message beside a task."""
    if closed(problem):
        return TryLater(problem.why, problem.code, _CLOSED_PAUSE_S, free=True, status=problem.status)
    match problem.outcome(writing):
        case Unclear() as unclear:
            return msgspec.structs.replace(unclear, fault=False)
        case TryLater(scope="message") as later:
            return msgspec.structs.replace(later, fault=later.fault and problem.kind is Kind.NOT_SENT)
        case other:
            return other


async def run(calls: Calls, wanted: Sequence[tuple[T, Command]]) -> list[tuple[T, Command, Got]]:
    """All commands in as few batches as can be, each with its answer, in their order. Never raises Held: what was not
    let through is answered by a problem that says so."""
    done: list[tuple[T, Command, Got]] = []
    for start in range(0, len(wanted), wire.BATCH_MAX):
        chunk = wanted[start : start + wire.BATCH_MAX]
        lines = {f"c{n}": command for n, (_, command) in enumerate(chunk) if _paused(calls, command) is None}
        answers = await _batch(calls, lines) if lines else {}
        for n, (one, command) in enumerate(chunk):
            paused = _paused(calls, command) if f"c{n}" not in lines else None
            done.append((one, command, paused or answers[f"c{n}"]))
    return done


async def _batch(calls: Calls, lines: Mapping[str, Command]) -> Mapping[str, Got]:
    try:
        return await calls.batch(lines)
    except Held as held:
        return dict.fromkeys(lines, not_let(held))


def not_let(held: Held) -> Problem:
    """Nothing was sent and nothing charged."""
    return Problem(Kind.BUDGET, held.code, held.why, held.after_s)


def _paused(calls: Calls, command: Command) -> Problem | None:
    rest = calls.pause_of(command.method)
    return None if rest is None else Problem(Kind.BUDGET, rest.code, rest.why, rest.after_s or 0.0, rest.status)


def read(method: str, params: Mapping[str, Any]) -> Command:
    return Command(Step.READ, method, params)


def write(method: str, params: Mapping[str, Any]) -> Command:
    return Command(Step.CALL, method, params)


def read_task(task_id: str, *fields: str) -> Command:
    return read(wire.TASK_GET, {"taskId": int(task_id), "select": ["ID", *fields]})


def task_in(answer: Got) -> Mapping[str, Any] | None:
    """The task of such an answer; None = it is not there (any more)."""
    result = answer.result if isinstance(answer, Answer) else None
    task = result.get("task") if isinstance(result, Mapping) else None
    return task if isinstance(task, Mapping) else None


def without_task(what: str) -> Accepted:
    """The task was deleted, so there is nothing to write into; what becomes of the delivery is decided elsewhere."""
    return Accepted(why=f"задачи больше нет на портале, {what}", code="task_gone")


def body_of(item: Item, kind: type[B]) -> B | Refused:
    """The body typed, or why it is unfit."""
    try:
        return msgspec.convert(dict(item.body), kind, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        return Refused(f"сообщение непригодно: {error}", "bad_body")


def parsed(items: Sequence[Item], kind: type[B], report: Callable[[Item, Outcome], None]) -> list[tuple[Item, B]]:
    """Each with its body typed; unfit ones are refused."""
    typed = [(item, body_of(item, kind)) for item in items]
    for item, body in typed:
        if isinstance(body, Refused):
            report(item, body)
    return [(item, body) for item, body in typed if not isinstance(body, Refused)]


async def with_tasks(
    facts: Facts, patience: "Patience", items: Sequence[Item], kind: type[D], report: Callable[[Item, Outcome], None]
) -> list[tuple[Item, D, str]]:
    """Each that has a task, with its body and the task's id; unfit ones are refused, those without a task wait."""
    bodies = parsed(items, kind, report)
    tasks = await facts.tasks_of({body.delivery for _, body in bodies})
    going = [(item, body, tasks[body.delivery]) for item, body in bodies if body.delivery in tasks]
    for item, body in bodies:
        if body.delivery not in tasks:
            report(item, patience.wait(item, "задача этой доставки ещё не создана", "no_task_yet"))
    patience.over([item for item, _, _ in going])
    return going


class Patience:
    """How long a message that cannot go yet waits: `times` as long each time, in this process. It costs no attempt.

    What it waits for wakes it (a task, a photo); the pauses are for where that was missed, so they may grow fast.
    """

    def __init__(self, first_s: float, most_s: float, times: int = 4) -> None:
        self._first_s, self._most_s, self._times = first_s, most_s, times
        self._tries: dict[str, int] = {}

    def wait(self, item: Item, why: str, code: str) -> TryLater:
        if len(self._tries) >= _MOST_REMEMBERED:
            self._tries.clear()
        key = f"{item.key} {item.id}"
        tries = self._tries.get(key, 0)
        self._tries[key] = tries + 1
        return TryLater(why, code, min(self._most_s, self._first_s * self._times ** min(tries, 20)), free=True)

    def over(self, items: Collection[Item]) -> None:
        for item in items:
            self._tries.pop(f"{item.key} {item.id}", None)


def for_task() -> Patience:
    return Patience(1.0, 3600.0)
