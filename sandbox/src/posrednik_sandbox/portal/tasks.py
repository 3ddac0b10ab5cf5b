"""What can be done to a task, whoever asks: a REST method of either version or a person at the kanban."""

import uuid
from typing import Any

from posrednik_sandbox.portal import drive
from posrednik_sandbox.portal.errors import RestError, core, not_allowed
from posrednik_sandbox.portal.happenings import ADDED, COMMENTED, DELETED, UPDATED, Happening
from posrednik_sandbox.portal.model import (
    AWAITING_CONTROL,
    COMPLETED,
    DEFERRED,
    IN_PROGRESS,
    PENDING,
    Attachment,
    Change,
    Message,
    Stage,
    Task,
)
from posrednik_sandbox.portal.portal import Portal

# A task's chat has the task's number, moved by this.
FIRST_CHAT = 5000
# From which status an action is open, and where it leads.
TRANSITIONS: dict[str, tuple[frozenset[int], int]] = {
    "start": (frozenset({PENDING, DEFERRED}), IN_PROGRESS),
    "pause": (frozenset({IN_PROGRESS}), PENDING),
    "defer": (frozenset({PENDING, IN_PROGRESS}), DEFERRED),
    "complete": (frozenset({PENDING, IN_PROGRESS, DEFERRED}), COMPLETED),
    "renew": (frozenset({AWAITING_CONTROL, COMPLETED, DEFERRED}), PENDING),
    "approve": (frozenset({AWAITING_CONTROL}), COMPLETED),
    "disapprove": (frozenset({AWAITING_CONTROL}), PENDING),
}


def create(portal: Portal, actor_id: int, values: dict[str, Any]) -> Task:
    """Add a task; `values` are fields of Task. RestError ERROR_CORE for what the portal does not accept.

    `files` are marks as of `drive.set_files`.
    """
    values = {"creator_id": actor_id, **values}
    files = values.pop("files", [])
    _check(portal, values)
    if not values.get("title"):
        raise core("Не указано название задачи")
    if not values.get("responsible_id"):
        raise core("Не указан исполнитель")
    now, task_id = portal.now(), portal.tasks.next_id()
    service = {"created_at": now, "changed_at": now, "changed_by": actor_id, "chat_id": FIRST_CHAT + task_id}
    task = Task(**{"id": task_id, "guid": f"{{{uuid.uuid4()}}}", "sort": -task_id, **service, **values})
    _check_stage(portal, task)
    portal.tasks.put(task)
    drive.set_files(portal, actor_id, task, files)
    portal.tasks.put(task)
    _remember(portal, task, actor_id, "NEW", "", "")
    portal.happened(Happening(ADDED, task.id, actor_id))
    if portal.faults.strikes("duplicate", "tasks.task.add"):
        copy(portal, task)
    return task


def update(portal: Portal, actor_id: int, task: Task, values: dict[str, Any]) -> Task:
    """Change fields; a changed status runs as an action would, without asking whether it is open."""
    values = dict(values)
    _check(portal, values)
    if "title" in values and not values["title"]:
        raise core("Не указано название задачи")
    if values.get("group_id", task.group_id) != task.group_id and "stage_id" not in values:
        values = {**values, "stage_id": 0}
    before, files = vars(task).copy(), values.pop("files", None)
    after = Task(**{**before, **values})
    _check_stage(portal, after)
    if "status" in values and values["status"] != task.status:
        set_status(portal, actor_id, task, values["status"])
    for name, value in values.items():
        if name != "status" and before[name] != value:
            setattr(task, name, value)
            _remember(portal, task, actor_id, name.upper(), before[name], value)
    if files is not None:
        drive.set_files(portal, actor_id, task, files)
    _touch(portal, actor_id, task)
    return task


def attach(portal: Portal, actor_id: int, task: Task, object_ids: list[int]) -> list[Attachment]:
    """Hang files of the Disk on a task. RestError ERROR_CORE without access to one of them; then none hangs."""
    for number in object_ids:
        drive.must_open(portal, actor_id, number)
    hung = [drive.attach(portal, actor_id, task, number) for number in object_ids]
    note(portal, actor_id, task, "UF_TASK_WEBDAV_FILES", "", ", ".join(_file_name(portal, one) for one in hung))
    return hung


def _file_name(portal: Portal, hung: Attachment) -> str:
    row = portal.objects.get(hung.object_id)
    return row.name if row else ""


def note(portal: Portal, actor_id: int, task: Task, field: str, old: object, new: object) -> None:
    """Write a line of the task's history and mark the task changed."""
    _remember(portal, task, actor_id, field, old, new)
    _touch(portal, actor_id, task)


def right_for(values: dict[str, Any]) -> str:
    """The right of `rights.rights` it takes to change these fields."""
    names = set(values)
    if names == {"deadline"}:
        return "CHANGE_DEADLINE"
    if names == {"responsible_id"}:
        return "DELEGATE"
    return "MOVE" if names == {"stage_id"} else "EDIT"


def act(portal: Portal, actor_id: int, task: Task, action: str) -> Task:
    """start, pause, defer, complete, renew, approve, disapprove; RestError 0 where it is not open now."""
    allowed, target = TRANSITIONS[action]
    if task.status not in allowed:
        raise not_allowed("Действие над задачей не разрешено")
    if action == "complete" and task.control and actor_id != task.creator_id:
        target = AWAITING_CONTROL
    set_status(portal, actor_id, task, target)
    _touch(portal, actor_id, task)
    return task


def set_status(portal: Portal, actor_id: int, task: Task, status: int) -> None:
    if status not in (PENDING, IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED):
        raise core("Недопустимый статус задачи")
    _remember(portal, task, actor_id, "STATUS", task.status, status)
    now = portal.now()
    task.status, task.status_changed_at, task.status_changed_by = status, now, actor_id
    closed = status == COMPLETED
    task.closed_at, task.closed_by = (now, actor_id) if closed else (None, None)
    if status == IN_PROGRESS and task.started_at is None:
        task.started_at = now


def move(portal: Portal, actor_id: int, task: Task, stage: Stage, sort: float | None = None) -> None:
    """Put a task into a column of its group. The status stays: columns and statuses are two things."""
    if stage.group_id != task.group_id:
        raise RestError("NOT_FOUND", "Стадия не найдена")
    before = task.stage_id
    task.stage_id = stage.id
    task.sort = task.sort if sort is None else sort
    if column_of(portal, before, task.group_id) != stage.id:
        _remember(portal, task, actor_id, "STAGE", _stage_title(portal, before, task.group_id), stage.title)
    _touch(portal, actor_id, task)


def sort_beside(portal: Portal, task: Task, before_id: int | None, after_id: int | None) -> float | None:
    """The place just above the card `before_id` or just under `after_id`; None keeps the place as it is."""
    neighbour = portal.tasks.get(before_id or after_id)
    if neighbour is None or neighbour.id == task.id:
        return None
    places = sorted(row.sort for row in portal.tasks if row.group_id == task.group_id and row.id != task.id)
    upward = bool(before_id)
    beyond = [place for place in places if (place < neighbour.sort if upward else place > neighbour.sort)]
    if not beyond:
        return neighbour.sort + (-1 if upward else 1)
    return (neighbour.sort + (beyond[-1] if upward else beyond[0])) / 2


def delete(portal: Portal, actor_id: int, task: Task) -> None:
    """Into the bin, from where `restore` takes it out under its number."""
    portal.deleted.put(task)
    portal.tasks.drop(task.id)
    portal.happened(Happening(DELETED, task.id, actor_id))


def restore(portal: Portal, actor_id: int, task_id: int) -> Task | None:
    """The task out of the bin; None when it is not there."""
    task = portal.deleted.get(task_id)
    if task is None:
        return None
    portal.deleted.drop(task_id)
    _touch(portal, actor_id, task)
    return task


def say(portal: Portal, author_id: int, dialog: str, text: str) -> Message:
    """A line in a chat; `dialog` of a task is `chat` and the task's chat id."""
    row = portal.messages.put(Message(portal.messages.next_id(), dialog, author_id, text, portal.now()))
    task = task_of(portal, dialog)
    if task is not None:
        task.active_at = row.at
        portal.tasks.put(task)
        portal.happened(Happening(COMMENTED, task.id, author_id, row.id))
    return row


def task_of(portal: Portal, dialog: str) -> Task | None:
    """The task whose chat `dialog` is; a deleted one has no chat any more."""
    chat = dialog.removeprefix("chat")
    task = portal.tasks.get(int(chat) - FIRST_CHAT) if dialog != chat and chat.isdecimal() else None
    return task if task is not None and dialog_of(task) == dialog else None


def dialog_of(task: Task) -> str:
    return f"chat{task.chat_id}"


def column_of(portal: Portal, stage_id: int, group_id: int) -> int:
    """The column a task stands in: stage 0, or one that is gone, means the first of the group."""
    stages = portal.group_stages(group_id)
    if any(stage.id == stage_id for stage in stages):
        return stage_id
    return stages[0].id if stages else 0


def visible(portal: Portal, user_id: int, task: Task) -> bool:
    """Administrators see all; others what they take part in and what is in their groups."""
    if portal.is_admin(user_id):
        return True
    group = portal.groups.get(task.group_id)
    people = {task.creator_id, task.responsible_id, *task.accomplices, *task.auditors}
    return user_id in people or (group is not None and user_id in group.members)


def find(portal: Portal, user_id: int, task_id: int | None) -> Task | None:
    task = portal.tasks.get(task_id)
    return task if task is not None and visible(portal, user_id, task) else None


def _check(portal: Portal, values: dict[str, Any]) -> None:
    if "<br" in str(values.get("title", "")).lower():
        raise core("Название задачи содержит недопустимую разметку")
    for name in ("responsible_id", "creator_id"):
        user = portal.users.get(values.get(name, 0))
        if values.get(name) and (user is None or not user.active):
            raise core("Исполнитель не найден" if name == "responsible_id" else "Постановщик не найден")
    if values.get("group_id") and portal.groups.get(values["group_id"]) is None:
        raise core("Проект не найден")


def _check_stage(portal: Portal, task: Task) -> None:
    if task.stage_id and task.stage_id not in {stage.id for stage in portal.group_stages(task.group_id)}:
        raise core("Стадия не относится к проекту задачи")


def _touch(portal: Portal, actor_id: int, task: Task) -> None:
    task.changed_at = task.active_at = portal.now()
    task.changed_by = actor_id
    portal.tasks.put(task)
    portal.happened(Happening(UPDATED, task.id, actor_id))


def _remember(portal: Portal, task: Task, actor_id: int, field: str, old: object, new: object) -> None:
    portal.history.put(Change(portal.history.next_id(), task.id, portal.now(), actor_id, field, _text(old), _text(new)))


def copy(portal: Portal, task: Task) -> None:
    copy = Task(**{**vars(task), "id": portal.tasks.next_id(), "guid": f"{{{uuid.uuid4()}}}", "files": []})
    copy.chat_id = FIRST_CHAT + copy.id
    portal.tasks.put(copy)
    portal.happened(Happening(ADDED, copy.id, copy.creator_id))


def _stage_title(portal: Portal, stage_id: int, group_id: int) -> str:
    stage = portal.stages.get(column_of(portal, stage_id, group_id))
    return stage.title if stage else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)
