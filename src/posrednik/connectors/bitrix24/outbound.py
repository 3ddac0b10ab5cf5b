"""Delivery -> task of Bitrix24, pure: its fields, and the commands that bring a task to the wanted state."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from posrednik.connectors.bitrix24 import links, texts, wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Columns, TaskRow
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.domain.texts import STAGES

# Column of each stage, in the order of the board. The card of a withdrawn delivery stays, closed, where that of
# a cancelled one would be.
COLUMNS: Final[Mapping[str, str]] = {
    stage: STAGES[stage][0]
    for stage in (
        "ready",
        "picked_up",
        "en_route",
        "handed_over",
        "settled",
        "not_delivered",
        "returned",
        "cancelled",
    )
}
_COLUMN_OF: Final[Mapping[str, str]] = {**COLUMNS, "withdrawn": COLUMNS["cancelled"]}


class BadBody(ValueError):
    """The neutral body is not what the route table promises; the text says where."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What one delivery's task is to be.

    fields: classic field names -> values, always the full set. stage: id of the wanted column, None where the
    task has no project. first: id of the project's first column, which a task may carry as 0.
    """

    marker: str
    fields: Mapping[str, str | int]
    group: int | None
    column: str
    stage: int | None
    first: int | None
    closed: bool
    version: int


@dataclass(frozen=True, slots=True)
class Written:
    """What we know stands in the task: `fields` as hashes; None = not known. version: of the delivery."""

    fields: Mapping[str, str] = field(default_factory=dict)
    group: int | None = None
    stage: int | None = None
    closed: bool | None = None
    version: int = 0

    def as_body(self) -> dict[str, Any]:
        """The form kept with the lane; `from_body` reads it back."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    @staticmethod
    def from_body(body: Mapping[str, Any] | None) -> "Written | None":
        """None for nothing kept and for an unreadable form: then the task is read and written whole."""
        try:
            return msgspec.convert(body, Written) if body else None
        except msgspec.ValidationError:
            return None

    @staticmethod
    def of_row(row: TaskRow, fields: Mapping[str, str] | None = None) -> "Written":
        """What reading a task back tells: column, project, status; its texts stay unknown unless given."""
        closed = row.status in wire.CLOSED_STATUSES if row.status is not None else None
        known = dict(fields or {})
        if row.group_id is not None and known.get("GROUP_ID") != digest(row.group_id):
            known.pop("GROUP_ID", None)  # somebody took it to another project
        return Written(known, row.group_id or None, row.stage_id, closed)


def parse(body: Mapping[str, Any]) -> texts.Task:
    """The neutral body, typed; a number may come as text. Raises BadBody."""
    try:
        task = msgspec.convert(_named(body), texts.Task, strict=False)
        UUID(task.delivery)
        ZoneInfo(task.time_zone)
        _check_times(task)
    except (msgspec.ValidationError, ValueError, KeyError, OSError) as error:
        raise BadBody(str(error)) from error
    if task.stage not in _COLUMN_OF:
        raise BadBody(f"unknown stage {task.stage!r}")
    return task


def _named(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ends of the window by one pair of names; they are also told as `from` and `to`."""
    window = body.get("window")
    if not isinstance(window, Mapping) or not ("from" in window or "to" in window):
        return body
    return {**body, "window": {"from_at": window.get("from"), "to_at": window.get("to")}}


def _check_times(task: texts.Task) -> None:
    for end in (task.window.from_at, task.window.to_at) if task.window else ():
        if end:
            texts.local(end, task.time_zone)


def group_of(task: texts.Task, settings: Bitrix24Settings) -> int | None:
    """Project of the task."""
    return project_of(task.division, settings)


def project_of(division: texts.Division | None, settings: Bitrix24Settings) -> int | None:
    """Told by the division, else from the settings by division, else the default one."""
    if division is None:
        return settings.default_group or None
    told = str(division.group or "")
    number = int(told) if told.isascii() and told.isdigit() else 0
    return number or settings.groups.get(division.ref) or settings.default_group or None


def desired(task: texts.Task, settings: Bitrix24Settings, columns: Columns | None) -> Desired:
    """The whole wanted state; columns: of the task's project, None where it has none."""
    group = group_of(task, settings)
    fields: dict[str, str | int] = {
        "TITLE": texts.title(task),
        "DESCRIPTION": texts.description(task, links.of_task(settings, task.delivery)),
        "RESPONSIBLE_ID": responsible(task, settings),
        "DEADLINE": deadline(task),
        "GROUP_ID": group or 0,
    }
    column = _COLUMN_OF[task.stage]
    stage = columns.ids.get(column.casefold()) if columns else None
    first = columns.first if columns else None
    return Desired(marker(task.delivery), fields, group, column, stage, first, task.closed, task.version)


def marker(delivery: str) -> str:
    """External key of a delivery's task: stable over versions and retries, free of anything mutable."""
    return f"posrednik:{UUID(delivery)}"


def responsible(task: texts.Task, settings: Bitrix24Settings) -> int:
    """The courier's user, or the fallback while there is no courier or he has no user."""
    user = (task.courier.bitrix24_user or "").strip() if task.courier else ""
    return int(user) if user.isascii() and user.isdigit() and int(user) else settings.fallback_user


def deadline(task: texts.Task) -> str:
    """End of the window with the offset of the division's zone; empty = no deadline."""
    if task.window is None or not task.window.to_at:
        return ""
    return texts.local(task.window.to_at, task.time_zone).isoformat()


def same_stage(there: int | None, wanted: Desired) -> bool:
    """Whether a column read back is the wanted one. A task of the first column may carry 0 for it."""
    if wanted.stage is None or there == wanted.stage:
        return True
    return there == 0 and wanted.stage == wanted.first


def plan(wanted: Desired, written: Written, task_id: str) -> list[Command]:
    """Commands for what differs, in the order they must take effect: fields, column, status.

    Each is a full-state write, so that doing it twice is the same as once. They go into different batches.
    """
    commands: list[Command] = []
    changed = {name: value for name, value in wanted.fields.items() if written.fields.get(name) != digest(value)}
    if changed:
        commands.append(Command(Step.UPDATE, wire.TASK_UPDATE, {"taskId": int(task_id), "fields": changed}))
    # A task that goes to another project loses its column.
    moved = wanted.stage is not None and written.group != wanted.group
    if moved or not same_stage(written.stage, wanted):
        commands.append(Command(Step.MOVE, wire.STAGES_MOVE, {"id": int(task_id), "stageId": wanted.stage}))
    if written.closed is not wanted.closed and not (written.closed is None and not wanted.closed):
        step, method = (Step.COMPLETE, wire.TASK_COMPLETE) if wanted.closed else (Step.RENEW, wire.TASK_RENEW)
        commands.append(Command(step, method, {"taskId": int(task_id)}))
    return commands


def after(step: Step, wanted: Desired, written: Written) -> Written:
    """What is known to stand there once the command of `step` was done."""
    match step:
        case Step.UPDATE:
            stage = written.stage if written.group == wanted.group else None
            return replace(written, fields=hashes(wanted), group=wanted.group, stage=stage)
        case Step.MOVE:
            return replace(written, stage=wanted.stage)
        case Step.COMPLETE | Step.RENEW:
            return replace(written, closed=wanted.closed)
        case _:
            return written


def hashes(wanted: Desired) -> dict[str, str]:
    """Field -> hash of its wanted value: what `Written` keeps instead of texts with people's data."""
    return {name: digest(value) for name, value in wanted.fields.items()}


def digest(value: str | int) -> str:
    return hashlib.blake2b(str(value).encode(), digest_size=8).hexdigest()


def classic_add(wanted: Desired, settings: Bitrix24Settings) -> Command:
    """Create by the classic method: no idempotency there, so only after a look-up by the marker."""
    fields = {**_filled(wanted), "CREATED_BY": settings.creator, "XML_ID": wanted.marker}
    if wanted.stage is not None:
        fields["STAGE_ID"] = wanted.stage
    return Command(Step.ADD, wire.TASK_ADD, {"fields": fields})


_V3_NAMES: Final[Mapping[str, str]] = {
    "TITLE": "title",
    "DESCRIPTION": "description",
    "RESPONSIBLE_ID": "responsibleId",
    "DEADLINE": "deadline",
    "GROUP_ID": "groupId",
}


def v3_add(wanted: Desired, settings: Bitrix24Settings) -> dict[str, Any]:
    """Body of a create by REST v3; sent under an `Idempotency-Key`, so it must not depend on the clock."""
    fields: dict[str, Any] = {_V3_NAMES[name]: value for name, value in _filled(wanted).items()}
    fields |= {"creatorId": settings.creator, "xmlId": wanted.marker}
    if wanted.stage is not None:
        fields["stageId"] = wanted.stage
    return {"fields": fields}


def find(wanted_marker: str, below: int | None = None, offset: int | None = None) -> Command:
    """Look-up by the marker, newest first; below: only ids less than this; offset: rows to skip.

    Without an offset the portal is asked not to count, which takes minutes on large ones.
    """
    wanted: dict[str, Any] = {"XML_ID": wanted_marker} if below is None else {"XML_ID": wanted_marker, "<ID": below}
    params = {
        "filter": wanted,
        "order": {"ID": "desc"},
        "select": list(wire.TASK_SELECT),
        "start": -1 if offset is None else offset,
    }
    return Command(Step.FIND, wire.TASK_LIST, params)


def read(task_id: str) -> Command:
    return Command(Step.READ, wire.TASK_GET, {"taskId": int(task_id), "select": list(wire.TASK_SELECT)})


def _filled(wanted: Desired) -> dict[str, str | int]:
    return {name: value for name, value in wanted.fields.items() if value not in ("", 0)}
