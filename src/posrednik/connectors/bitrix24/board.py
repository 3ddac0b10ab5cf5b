"""What stands for a delivery in the portal, and on which board: the port behind which `Work` and the connector keep it.

Everything that is particular to tasks of a project is said here; when something is created, looked up, written or read
again is not. How elements of a smart process would say it: docs/decisions/0013-a-port-for-the-task-board.md.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from posrednik.connectors.bitrix24 import inbound, outbound, wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Columns, Found, TaskRow
from posrednik.connectors.bitrix24.outbound import Desired, Written
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import Task


class TaskBoard(Protocol):
    """Pure: makes commands, reads answers. place: where the delivery's board is, None = it has none.

    create_method: what a create is called, for pauses and metrics.
    """

    create_method: str

    def place_of(self, task: Task) -> int | None: ...

    def wanted(self, task: Task, columns: Columns | None) -> Desired:
        """The whole state that is to stand there. columns: of its place."""

    def create(self, wanted: Desired) -> Command:
        """Without a key against repeats: goes only after a look-up."""

    def create_with_key(self, wanted: Desired) -> dict[str, Any]:
        """Body of a create that the portal protects by an `Idempotency-Key`; must not depend on the clock."""

    def find(self, marker: str, below: int | None = None, offset: int | None = None) -> Command:
        """Look-up by the marker, newest first; as `outbound.find`."""

    def found(self, result: Any, marker: str) -> Found:
        """One page of `find`, every row checked by the marker itself."""

    def read(self, remote_id: str) -> Command: ...

    def row(self, result: Any) -> TaskRow | None:
        """What a read or a create tells; None = it is not there."""

    def changes(self, wanted: Desired, written: Written, remote_id: str) -> list[Command]:
        """Commands for what differs, in the order they must take effect; each may be done twice."""

    def after(self, step: Step, wanted: Desired, written: Written) -> Written:
        """What is known to stand there once the command of `step` was done."""

    # Columns of a place. Their titles are the same everywhere: `outbound.COLUMNS`.

    def read_columns(self, place: int) -> Command: ...

    def columns(self, result: Any) -> Columns: ...

    def add_column(self, place: int, title: str, after: int | None) -> Command: ...

    def drop_column(self, number: int) -> Command: ...


class ProjectTasks:
    """A task in the project of the division, its kanban columns = stages."""

    create_method = wire.TASK_ADD

    def __init__(self, settings: Bitrix24Settings) -> None:
        self._settings = settings

    def place_of(self, task: Task) -> int | None:
        return outbound.group_of(task, self._settings)

    def wanted(self, task: Task, columns: Columns | None) -> Desired:
        return outbound.desired(task, self._settings, columns)

    def create(self, wanted: Desired) -> Command:
        return outbound.classic_add(wanted, self._settings)

    def create_with_key(self, wanted: Desired) -> dict[str, Any]:
        return outbound.v3_add(wanted, self._settings)

    def find(self, marker: str, below: int | None = None, offset: int | None = None) -> Command:
        return outbound.find(marker, below, offset)

    def found(self, result: Any, marker: str) -> Found:
        return inbound.found(result, marker)

    def read(self, remote_id: str) -> Command:
        return outbound.read(remote_id)

    def row(self, result: Any) -> TaskRow | None:
        return inbound.one_task(result)

    def changes(self, wanted: Desired, written: Written, remote_id: str) -> list[Command]:
        return outbound.plan(wanted, written, remote_id)

    def after(self, step: Step, wanted: Desired, written: Written) -> Written:
        return outbound.after(step, wanted, written)

    def read_columns(self, place: int) -> Command:
        return Command(Step.READ, wire.STAGES_GET, {"entityId": place, "isAdmin": "Y"})

    def columns(self, result: Any) -> Columns:
        return inbound.columns(result)

    def add_column(self, place: int, title: str, after: int | None) -> Command:
        fields: Mapping[str, Any] = {"TITLE": title, "ENTITY_ID": place} | ({"AFTER_ID": after} if after else {})
        return Command(Step.CALL, wire.STAGES_ADD, {"fields": fields, "isAdmin": "Y"})

    def drop_column(self, number: int) -> Command:
        return Command(Step.CALL, wire.STAGES_DELETE, {"id": number, "isAdmin": "Y"})
