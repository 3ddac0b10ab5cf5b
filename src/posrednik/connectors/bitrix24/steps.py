"""«Шаги курьера»: a checklist in the task, kept as the last message wants it; what people add to it is left alone.

The portal has no key of an item but its title. Nothing is added before the list was read in the same send, so that a
repeat finds what an earlier try has left; ticks and titles do no harm however often they are written.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from posrednik.connectors.base import Accepted, Item, LookUpReport, NotThere, Outcome, Report
from posrednik.connectors.bitrix24 import asides, wire
from posrednik.connectors.bitrix24.acts import Facts
from posrednik.connectors.bitrix24.asides import Got
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.values import integer
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.routes import STEPS
from posrednik.domain.texts import told
from posrednik.domain.texts_notes import CHECKLIST

TITLE = told(CHECKLIST)
_SAFE = NotThere("список шагов пишется целиком, повтор безопасен")


class Wanted(msgspec.Struct, frozen=True):
    key: str
    title: str
    done: bool


class Body(asides.OfDelivery, frozen=True):
    """Of `steps.put`: all steps in their order."""

    version: int
    steps: Sequence[Wanted]


class There(msgspec.Struct):
    """An item as it stands there."""

    id: int
    title: str
    done: bool


class Written(msgspec.Struct):
    """task: whose list it is. root: the list itself. items: step -> item."""

    task: str
    root: int
    items: dict[str, There]


class Steps:
    """The acts of `steps.put`."""

    methods = frozenset({STEPS.method})

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._patience = asides.for_task()

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        works = await self._works(items, report)
        while works:
            wanted = [(work, command) for work in works for command in work.commands()]
            for work, command, answer in await asides.run(calls, wanted):
                work.take(command, answer)
            for work in works:
                if work.outcome is not None:
                    report(work.item, work.outcome)
            works = [work for work in works if work.outcome is None]

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        for item in items:
            report(item, _SAFE)

    async def _works(self, items: Sequence[Item], report: Report) -> list["Work"]:
        going = await asides.with_tasks(self._facts, self._patience, items, Body, report)
        return [Work(item, body, task_id) for item, body, task_id in going]


class Work:
    """One checklist on its way to the wanted state. outcome is set once."""

    def __init__(self, item: Item, body: Body, task_id: str) -> None:
        self.item, self.task_id = item, task_id
        self.outcome: Outcome | None = None
        self._steps = body.steps
        self._there = _trusted(item, task_id)
        self._reads = 0
        self._refused: Problem | None = None

    def commands(self) -> list[Command]:
        """What to do next; none when all is done, and then the outcome is set."""
        if self._refused is not None:
            return [asides.read_task(self.task_id)]
        adds = self._there is None or not self._there.root or any(s.key not in self._there.items for s in self._steps)
        if self._there is None or (adds and not self._reads):
            return [asides.read(wire.CHECKLIST_LIST, {"0": int(self.task_id), "1": {"ID": "asc"}})]
        if not self._there.root:
            return [self._add({"TITLE": TITLE, "PARENT_ID": 0})]
        commands = [one for place, step in enumerate(self._steps) for one in self._commands_of(step, place)]
        if not commands:
            self.outcome = Accepted(str(self._there.root), msgspec.to_builtins(self._there))
        return commands

    def _commands_of(self, step: Wanted, place: int) -> list[Command]:
        assert self._there is not None
        there = self._there.items.get(step.key)
        if there is None:
            fields = {"TITLE": step.title, "PARENT_ID": self._there.root, "SORT_INDEX": place, "IS_COMPLETE": step.done}
            return [self._add(fields)]
        commands = []
        if there.title != step.title:
            commands.append(asides.write(wire.CHECKLIST_UPDATE, self._of(there) | {"2": {"TITLE": step.title}}))
        if there.done != step.done:
            commands.append(asides.write(wire.CHECKLIST_DONE if step.done else wire.CHECKLIST_UNDONE, self._of(there)))
        return commands

    def _add(self, fields: Mapping[str, Any]) -> Command:
        return asides.write(wire.CHECKLIST_ADD, {"0": int(self.task_id), "1": fields})

    def _of(self, there: There) -> dict[str, Any]:
        return {"0": int(self.task_id), "1": there.id}

    def take(self, command: Command, answer: Got) -> None:
        """Of several answers of one round the first that is no yes counts; what the others did is read."""
        if command.method == wire.TASK_GET:
            self._take_task(answer)
        elif self.outcome is not None or self._refused is not None:
            return
        elif isinstance(answer, Problem):
            self._fail(command, answer)
        elif command.step is Step.READ:
            self._reads += 1
            self._there = _read(answer, self.task_id, self._steps)
        elif self._there is None:
            return
        elif command.method == wire.CHECKLIST_ADD:
            self._take_added(command, answer)
        else:
            self._take_changed(command, answer)

    def _take_added(self, command: Command, answer: Answer) -> None:
        assert self._there is not None
        number, fields = integer(answer.result), command.params["1"]
        if number is None:
            self._again("портал не назвал номер пункта", "no_item_id")
        elif not fields["PARENT_ID"]:
            self._there.root = number
        else:
            step = next(step for step in self._steps if step.title == fields["TITLE"])
            self._there.items[step.key] = There(number, step.title, step.done)

    def _take_changed(self, command: Command, answer: Answer) -> None:
        """`false` is the portal's word for an item that people took away."""
        assert self._there is not None
        if answer.result is False:
            self._again("пункт списка удалили на портале", "item_gone")
            return
        there = next(one for one in self._there.items.values() if one.id == command.params["1"])
        if command.method == wire.CHECKLIST_UPDATE:
            there.title = command.params["2"]["TITLE"]
        else:
            there.done = command.method == wire.CHECKLIST_DONE

    def _fail(self, command: Command, problem: Problem) -> None:
        if problem.kind not in (Kind.RULE, Kind.MISSING) or asides.closed(problem):
            self.outcome = asides.outcome_of(problem, writing=command.step is not Step.READ)
        elif command.step is Step.READ or self._reads:
            self._refused = problem
        else:
            self._there = None

    def _again(self, why: str, code: str) -> None:
        """Read the list anew, but not for ever."""
        self._there = None
        if self._reads > 1:
            self.outcome = asides.outcome_of(Problem(Kind.PASSING, code, f"Битрикс24: {why}"), writing=True)

    def _take_task(self, answer: Got) -> None:
        """Refused: because the task is gone, or for good."""
        assert self._refused is not None
        if isinstance(answer, Problem):
            self.outcome = asides.outcome_of(answer, writing=False)
        elif asides.task_in(answer) is None:
            self.outcome = asides.without_task("список шагов писать некуда")
        else:
            self.outcome = asides.outcome_of(self._refused, writing=True)


def _trusted(item: Item, task_id: str) -> Written | None:
    """What an earlier message left behind, unless the task is another one or a try did not end well."""
    if item.attempt != 1 or not item.written:
        return None
    try:
        written = msgspec.convert(dict(item.written), Written)
    except msgspec.ValidationError:
        return None
    return written if written.task == task_id else None


def _read(answer: Answer, task_id: str, steps: Sequence[Wanted]) -> Written:
    """Our list among all of the task: the oldest of that name, and in it our steps by the words before the colon."""
    rows = [row for row in answer.result if isinstance(row, Mapping)] if isinstance(answer.result, list) else []
    known = sorted({n: row for row in rows if (n := integer(row.get("ID"))) is not None}.items())
    root = next((n for n, row in known if not integer(row.get("PARENT_ID")) and row.get("TITLE") == TITLE), 0)
    written = Written(task_id, root, {})
    keys = {_head(step.title): step.key for step in steps}
    for number, row in known:
        title = str(row.get("TITLE") or "")
        key = keys.get(_head(title)) if root and integer(row.get("PARENT_ID")) == root else None
        if key is not None:
            written.items.setdefault(key, There(number, title, row.get("IS_COMPLETE") in ("Y", True)))
    return written


def _head(title: str) -> str:
    return title.partition(":")[0].strip().casefold()
