"""`task.checklistitem.*`: lists of steps in a task, whose first level are the lists themselves.

Source: api-reference/tasks/checklist-item of the official documentation, 2026-08.
"""

from collections.abc import Callable, Sequence
from typing import Any

from posrednik_sandbox.portal import talk, tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.model import ChecklistItem, Task
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_dict, as_int, flag

# The name a list gets when nobody named it; people read «Чек-лист 1».
UNNAMED = "BX_CHECKLIST_1"
ACTIONS = {1: "add", 2: "modify", 3: "remove", 4: "toggle", 5: "reorder"}


def items_of(portal: Portal, task_id: int) -> list[ChecklistItem]:
    return portal.checklist.of(task_id)


def add(call: Call) -> int:
    task_id, raw = talk.by_order(call, 2)
    task = talk.task_of(call, task_id, "Добавление элемента")
    given = talk.fields(call, raw, 1)
    if not str(given.get("TITLE") or "").strip():
        raise talk.failed("Не указано название элемента")
    return add_item(call.portal, call.who.user_id, task, given).id


def add_item(portal: Portal, actor_id: int, task: Task, given: Params) -> ChecklistItem:
    """A new item of the fields `given`, under its parent, in the first list, or as a list of its own."""
    parent = _parent(portal, actor_id, task, given.get("PARENT_ID"))
    own = [row.sort_index for row in items_of(portal, task.id) if row.parent_id == parent]
    sort = as_int(given.get("SORT_INDEX"), max(own, default=-1) + 1) or 0
    item = ChecklistItem(portal.checklist.next_id(), task.id, "", parent, sort, actor_id)
    _read(portal, actor_id, task, item, given)
    portal.checklist.put(item)
    tasks.note(portal, actor_id, task, "CHECKLIST_ITEM_CREATE", "", item.title)
    return item


def _parent(portal: Portal, actor_id: int, task: Task, value: Any) -> int:
    """PARENT_ID 0, or of an item that is not there, makes a new list; without it the first list is meant."""
    items = items_of(portal, task.id)
    if value is not None:
        wanted = as_int(value, 0)
        return next((row.id for row in items if row.id == wanted), 0)
    lists = [row.id for row in items if not row.parent_id]
    if lists:
        return min(lists)
    heading = ChecklistItem(portal.checklist.next_id(), task.id, UNNAMED, 0, 0, actor_id)
    return portal.checklist.put(heading).id


def _read(portal: Portal, actor_id: int, task: Task, item: ChecklistItem, given: Params) -> None:
    item.title = str(given.get("TITLE", item.title)).strip()
    item.important = flag(given["IS_IMPORTANT"]) if "IS_IMPORTANT" in given else item.important
    if "MEMBERS" in given:
        item.members = {
            key: str(as_dict(value).get("TYPE", "A"))
            for key, value in as_dict(given["MEMBERS"]).items()
            if portal.users.get(as_int(key)) is not None
        }
        _take_part(task, item)
    if "IS_COMPLETE" in given:
        _set(portal, actor_id, item, flag(given["IS_COMPLETE"]))


def _take_part(task: Task, item: ChecklistItem) -> None:
    """Members of an item become accomplices (A) or auditors (U) of the task."""
    for key, kind in item.members.items():
        people = task.accomplices if kind == "A" else task.auditors
        if int(key) not in people:
            people.append(int(key))


def _set(portal: Portal, actor_id: int, item: ChecklistItem, complete: bool) -> bool:
    """Whether it changed; who and when are kept only then."""
    if item.complete == complete:
        return False
    item.complete, item.toggled_by, item.toggled_at = complete, actor_id, portal.now()
    return True


def toggle(portal: Portal, actor_id: int, item: ChecklistItem, complete: bool) -> None:
    task = portal.tasks.get(item.task_id)
    if task is None or not _set(portal, actor_id, item, complete):
        return
    portal.checklist.put(item)
    tasks.note(portal, actor_id, task, "CHECKLIST_ITEM_CHECK" if complete else "CHECKLIST_ITEM_UNCHECK", "", item.title)


def _toggling(complete: bool) -> Method:
    def run(call: Call) -> bool:
        """False for an item that is not there; the task's id is not compared with the item's."""
        task_id, raw = talk.by_order(call, 2)
        talk.number(call, task_id, 0, "taskId")
        item = call.portal.checklist.get(talk.number(call, raw, 1, "itemId"))
        if item is None:
            return False
        toggle(call.portal, call.who.user_id, item, complete)
        return True

    return Method(run, "task")


def update(call: Call) -> None:
    task_id, raw_id, raw = talk.by_order(call, 3)
    task, item = _item(call, (task_id, raw_id), "Изменение элемента")
    given, old = talk.fields(call, raw, 2), item.title
    if "PARENT_ID" in given:
        parent = _parent(call.portal, call.who.user_id, task, given["PARENT_ID"])
        _must_be_outside(call.portal, item, parent)
        item.parent_id = parent
    _read(call.portal, call.who.user_id, task, item, given)
    item.sort_index = as_int(given.get("SORT_INDEX"), item.sort_index) or 0
    call.portal.checklist.put(item)
    tasks.note(call.portal, call.who.user_id, task, "CHECKLIST_ITEM_RENAME", old, item.title)


def _item(call: Call, ids: Sequence[Any], action: str) -> tuple[Task, ChecklistItem]:
    task_id, item_id = ids
    task = talk.task_of(call, task_id, action)
    item = call.portal.checklist.get(talk.number(call, item_id, 1, "itemId"))
    if item is None or item.task_id != task.id:
        raise talk.failed(f"{action}: действие недоступно")
    return task, item


def branch(portal: Portal, item: ChecklistItem) -> list[int]:
    """The item and all that is under it."""
    found = [item.id]
    for parent in found:
        found += [row.id for row in items_of(portal, item.task_id) if row.parent_id == parent]
    return found


def _must_be_outside(portal: Portal, item: ChecklistItem, place: int) -> None:
    """An item cannot go under itself."""
    if place in branch(portal, item):
        raise talk.failed("Невозможно привязать узел к самому себе")


def delete(call: Call) -> bool:
    """Takes everything under the item with it."""
    task, item = _item(call, talk.by_order(call, 2), "Удаление элемента")
    for number in branch(call.portal, item):
        call.portal.checklist.drop(number)
    tasks.note(call.portal, call.who.user_id, task, "CHECKLIST_ITEM_REMOVE", item.title, "")
    return True


def move_after(call: Call) -> bool:
    task_id, raw_id, raw_after = talk.by_order(call, 3)
    task, item = _item(call, (task_id, raw_id), "Перемещение элемента")
    _, after = _item(call, (task_id, raw_after), "Перемещение элемента")
    _must_be_outside(call.portal, item, after.id)
    item.parent_id, item.sort_index = after.parent_id, after.sort_index + 1
    for row in items_of(call.portal, task.id):
        if row.parent_id == item.parent_id and row.sort_index >= item.sort_index and row.id != item.id:
            row.sort_index += 1
            call.portal.checklist.put(row)
    call.portal.checklist.put(item)
    return True


def is_allowed(call: Call) -> bool:
    task_id, item_id, action = talk.by_order(call, 3)
    task = tasks.find(call.portal, call.who.user_id, talk.number(call, task_id, 0, "taskId"))
    item = call.portal.checklist.get(talk.number(call, item_id, 1, "itemId"))
    known = talk.number(call, action, 2, "actionId") in ACTIONS
    return known and task is not None and item is not None and item.task_id == task.id


def get(call: Call) -> dict[str, Any]:
    return _row(call.portal, _item(call, talk.by_order(call, 2), "Чтение элемента")[1])


def get_list(call: Call) -> list[dict[str, Any]]:
    """All items of a task, the newest first unless ORDER says else."""
    task_id, order = talk.by_order(call, 2)
    task = talk.task_of(call, task_id, "Чтение списка")
    rows = [_row(call.portal, item) for item in items_of(call.portal, task.id)]
    for name, direction in reversed(list((as_dict(order) or {"ID": "desc"}).items())):
        rows.sort(key=_by(name.upper()), reverse=str(direction).lower() == "desc")
    return rows


def _by(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: _sortable(row.get(name))


def _sortable(value: Any) -> tuple[int, int, str]:
    found = as_int(value)
    return (0, found, "") if found is not None else (1, 0, str(value or ""))


def _row(portal: Portal, item: ChecklistItem) -> dict[str, Any]:
    return {
        "ID": str(item.id),
        "TASK_ID": str(item.task_id),
        "PARENT_ID": str(item.parent_id) if item.parent_id else 0,
        "CREATED_BY": str(item.created_by),
        "TITLE": item.title,
        "SORT_INDEX": str(item.sort_index),
        "IS_COMPLETE": "Y" if item.complete else "N",
        "IS_IMPORTANT": "Y" if item.important else "N",
        "TOGGLED_BY": None if item.toggled_by is None else str(item.toggled_by),
        "TOGGLED_DATE": iso(item.toggled_at) or "",
        "MEMBERS": [_member(portal, key, kind) for key, kind in item.members.items()],
        "ATTACHMENTS": {},
    }


def _member(portal: Portal, user_id: str, kind: str) -> dict[str, Any]:
    user = portal.users.get(int(user_id))
    return {"ID": user_id, "TYPE": kind, "NAME": user.full_name if user else "", "IS_COLLABER": False}


METHODS: dict[str, Method] = {
    "task.checklistitem.add": Method(add, "task"),
    "task.checklistitem.update": Method(update, "task"),
    "task.checklistitem.delete": Method(delete, "task"),
    "task.checklistitem.complete": _toggling(True),
    "task.checklistitem.renew": _toggling(False),
    "task.checklistitem.moveafteritem": Method(move_after, "task"),
    "task.checklistitem.isactionallowed": Method(is_allowed, "task"),
    "task.checklistitem.get": Method(get, "task"),
    "task.checklistitem.getlist": Method(get_list, "task"),
}
