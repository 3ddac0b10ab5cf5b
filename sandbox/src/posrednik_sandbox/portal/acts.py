"""What a person does by hand on the kanban and in the task card: in his own name and within his rights."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal import checklists, tasks
from posrednik_sandbox.portal.clock import parse_time
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.model import ChecklistItem, Stage, Task
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.rights import rights
from posrednik_sandbox.portal.values import as_dict, as_int

Body = dict[str, Any]
Act = Callable[[Portal, int, Task, Body], None]


def do(portal: Portal, user_id: int, task_id: int, body: Body) -> Task | None:
    """One act, `body["do"]`, of an employee with a task; None when the task is gone after it.

    PageError says in words why not: no such person or task, dismissed, no right, nothing there to do.
    """
    name = str(body.get("do") or "")
    _must_work(portal, user_id)
    if name == "create":
        return _create(portal, user_id, body)
    if name == "restore":
        return _restored(portal, user_id, task_id)
    task = portal.tasks.get(task_id)
    if task is None:
        raise PageError("Задача удалена или не существует", 404)
    if name not in ACTS:
        raise PageError("Неизвестное действие")
    right, act = ACTS[name]
    if name == "edit" and "deadline" in body and not {"title", "description"} & set(body):
        right = "CHANGE_DEADLINE"
    closed = name in tasks.TRANSITIONS and task.status not in tasks.TRANSITIONS[name][0]
    if not closed and not rights(portal, user_id, task)[right]:
        raise PageError("Этому сотруднику портал такого не позволяет: нет прав на задачу", 403)
    act(portal, user_id, task, body)
    return portal.tasks.get(task_id)


def _must_work(portal: Portal, user_id: int) -> None:
    user = portal.users.get(user_id)
    if user is None:
        raise PageError("Нет такого сотрудника")
    if not user.active:
        raise PageError(f"{user.full_name}: уволен и на портал не войдёт", 403)


def _create(portal: Portal, user_id: int, body: Body) -> Task:
    values: Body = {"title": str(body.get("title") or "").strip(), "description": str(body.get("description") or "")}
    values["group_id"] = as_int(body.get("group"), 0) or 0
    values["responsible_id"] = as_int(body.get("responsible"), user_id)
    if body.get("xml_id"):
        values["xml_id"] = str(body["xml_id"])
    return tasks.create(portal, user_id, values)


def _restored(portal: Portal, user_id: int, task_id: int) -> Task:
    task = tasks.restore(portal, user_id, task_id)
    if task is None:
        raise PageError("В корзине такой задачи нет", 404)
    return task


def _move(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    """A card dragged to the column `stage` (number or title), above the card `before` or under the card `after`."""
    stage = _stage(portal, task.group_id, body.get("stage"))
    sort = tasks.sort_beside(portal, task, as_int(body.get("before")), as_int(body.get("after")))
    tasks.move(portal, user_id, task, stage, sort)


def _stage(portal: Portal, group_id: int, wanted: Any) -> Stage:
    for stage in portal.group_stages(group_id):
        if as_int(wanted) == stage.id or str(wanted).casefold() == stage.title.casefold():
            return stage
    raise PageError("В этом проекте нет такой колонки")


def _edit(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    """`title`, `description`, `deadline` (ISO, null clears it), any of them."""
    changes: Body = {name: str(body[name]).strip() for name in ("title", "description") if name in body}
    if "deadline" in body:
        changes["deadline"] = deadline(body["deadline"])
    if not changes:
        raise PageError("Нечего менять: нет ни названия, ни описания, ни срока")
    tasks.update(portal, user_id, task, changes)


def deadline(value: Any) -> float | None:
    if not value:
        return None
    at = parse_time(value)
    if at is None:
        raise PageError("Крайний срок не разобрать")
    return at


def _assign(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    tasks.update(portal, user_id, task, {"responsible_id": as_int(body.get("responsible"), -1)})


def _move_group(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    """To the project `group`, 0 for none; there to the column `stage` or to the first."""
    group_id = as_int(body.get("group"), -1)
    changes: Body = {"group_id": group_id}
    if body.get("stage") is not None:
        changes["stage_id"] = _stage(portal, group_id or 0, body["stage"]).id
    tasks.update(portal, user_id, task, changes)


def _delete(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    tasks.delete(portal, user_id, task)


def _copy(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    tasks.copy(portal, task)


def _comment(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    text = str(body.get("text") or "").strip()
    if not text:
        raise PageError("Пустое сообщение")
    tasks.say(portal, user_id, tasks.dialog_of(task), text)


def _tick(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    """The step `item` (number or title); `"complete": false` takes the tick off."""
    checklists.toggle(portal, user_id, _item(portal, task, body.get("item")), body.get("complete", True) is not False)


def _item(portal: Portal, task: Task, wanted: Any) -> ChecklistItem:
    for row in checklists.items_of(portal, task.id):
        if as_int(wanted) == row.id or str(wanted).casefold() == row.title.casefold():
            return row
    raise PageError("В чек-листе нет такого пункта")


def _add_item(portal: Portal, user_id: int, task: Task, body: Body) -> None:
    title = str(body.get("title") or "").strip()
    if not title:
        raise PageError("Пустой пункт чек-листа")
    checklists.add_item(portal, user_id, task, as_dict({"TITLE": title}))


def _status(name: str) -> Act:
    def act(portal: Portal, user_id: int, task: Task, body: Body) -> None:
        tasks.act(portal, user_id, task, name)

    return act


# What is done, and the right of `rights.rights` it takes.
ACTS: dict[str, tuple[str, Act]] = {
    "move": ("MOVE", _move),
    "edit": ("EDIT", _edit),
    "assign": ("DELEGATE", _assign),
    "move_group": ("EDIT", _move_group),
    "delete": ("REMOVE", _delete),
    "copy": ("EDIT", _copy),
    "comment": ("READ", _comment),
    "tick": ("CHECKLIST", _tick),
    "add_item": ("CHECKLIST", _add_item),
    **{name: (name.upper(), _status(name)) for name in tasks.TRANSITIONS},
}
