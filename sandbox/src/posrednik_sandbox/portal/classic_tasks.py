"""`tasks.task.*` of the classic REST."""

from typing import Any

from posrednik_sandbox.portal import task_fields, task_filter, tasks, userfields
from posrednik_sandbox.portal.calls import Call, Handler, Listing, Method, page
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError, missing, not_allowed
from posrednik_sandbox.portal.model import COMPLETED, Task
from posrednik_sandbox.portal.rights import rights
from posrednik_sandbox.portal.values import Params, as_dict, as_ids, as_int, as_list


def task_of(call: Call) -> Task:
    """The task of `taskId`; RestError 100 without it, 0 when there is none the caller may see."""
    if "taskId" not in call.params:
        raise missing("taskId")
    task = tasks.find(call.portal, call.who.user_id, as_int(call.params["taskId"]))
    if task is None:
        raise not_allowed("Задача не найдена или недоступна")
    return task


def _fields(call: Call) -> Params:
    if "fields" not in call.params:
        raise missing("fields")
    return as_dict(call.params["fields"])


def _row(call: Call, task: Task) -> dict[str, Any]:
    return {"task": task_fields.row(call.portal, task, [], full=True)}


def add(call: Call) -> dict[str, Any]:
    values = task_fields.read(_fields(call))
    userfields.check(call.portal, values)
    return _row(call, tasks.create(call.portal, call.who.user_id, values))


def _must_have(call: Call, task: Task, right: str) -> None:
    if not rights(call.portal, call.who.user_id, task)[right]:
        raise not_allowed("Действие над задачей не разрешено")


def update(call: Call) -> dict[str, Any]:
    task, values = task_of(call), task_fields.read(_fields(call))
    _must_have(call, task, tasks.right_for(values))
    return _row(call, tasks.update(call.portal, call.who.user_id, task, values))


def get(call: Call) -> Any:
    """A missing task is no error here: `result` is empty."""
    if "taskId" not in call.params:
        raise missing("taskId")
    task = tasks.find(call.portal, call.who.user_id, as_int(call.params["taskId"]))
    if task is None:
        return []
    select = [str(name) for name in as_list(call.params.get("select"))]
    return {"task": task_fields.row(call.portal, task, select, full=True)}


def list_(call: Call) -> Listing:
    portal = call.portal
    conditions = as_dict(call.params.get("filter"))
    if portal.faults.strikes("filter_ignored", call.method):
        conditions = {}
    fits = task_filter.compiled(conditions, call.now, portal.strict_filters)
    found = [task for task in portal.tasks if fits(task) and tasks.visible(portal, call.who.user_id, task)]
    found = task_filter.ordered(found, as_dict(call.params.get("order")))
    start = call.params.get("start")
    if call.in_batch and portal.faults.strikes("start_ignored", call.method):
        start = 0
    rows, total, following = page(found, start)
    select = [str(name) for name in as_list(call.params.get("select"))]
    return Listing({"tasks": [task_fields.row(portal, task, select) for task in rows]}, total, following)


def delete(call: Call) -> dict[str, bool]:
    task = task_of(call)
    if not rights(call.portal, call.who.user_id, task)["REMOVE"]:
        raise RestError("1048582", "Нет прав на удаление задачи")
    tasks.delete(call.portal, call.who.user_id, task)
    return {"task": True}


def _action(name: str) -> Handler:
    def run(call: Call) -> dict[str, Any]:
        task = task_of(call)
        _must_have(call, task, name.upper())
        return _row(call, tasks.act(call.portal, call.who.user_id, task, name))

    return run


def delegate(call: Call) -> dict[str, Any]:
    task = task_of(call)
    if "userId" not in call.params:
        raise missing("userId")
    _must_have(call, task, "DELEGATE")
    values = {"responsible_id": as_int(call.params["userId"], -1)}
    return _row(call, tasks.update(call.portal, call.who.user_id, task, values))


def files_attach(call: Call) -> dict[str, int]:
    """Each call hangs the file once more, also when it hangs there already."""
    task = task_of(call)
    if "fileId" not in call.params:
        raise missing("fileId")
    number = as_int(str(call.params["fileId"]).removeprefix("n"))
    if number is None:
        raise RestError("100", "Invalid value to match with parameter {fileId}. Should be value of type int.")
    _must_have(call, task, "ATTACH")
    return {"attachmentId": tasks.attach(call.portal, call.who.user_id, task, [number])[0].id}


def result_list(call: Call) -> list[dict[str, Any]]:
    """What was reported as done, the newest first."""
    task = task_of(call)
    rows = [row for row in call.portal.results if row.task_id == task.id]
    return [
        {
            "id": row.id,
            "taskId": row.task_id,
            "commentId": row.message_id or 0,
            "createdBy": row.author_id,
            "createdAt": iso(row.at),
            "updatedAt": iso(row.updated_at or row.at),
            "text": row.text,
            "formattedText": row.text,
            "status": int(task.status == COMPLETED),
            "files": [],
        }
        for row in reversed(rows)
    ]


def get_access(call: Call) -> dict[str, Any]:
    """What each of `users` may do with a task, the caller when none is named; nothing where he sees no task."""
    task = tasks.find(call.portal, call.who.user_id, as_int(call.params.get("taskId")))
    users = call.params.get("users")
    if users is not None and not isinstance(users, list):
        raise RestError("100", "Invalid value {} to match with parameter {users}. Should be value of type array.")
    ids = as_ids(users) or [call.who.user_id]
    return {"allowedActions": {str(number): _actions(call, number, task) for number in ids} if task else {}}


def _actions(call: Call, user_id: int, task: Task) -> dict[str, bool]:
    known = rights(call.portal, user_id, task)
    names = ("COMPLETE", "APPROVE", "DISAPPROVE", "START", "PAUSE", "DELEGATE", "REMOVE", "EDIT", "DEFER", "RENEW")
    checks = dict.fromkeys(("CHECKLIST_ADD_ITEMS", "CHECKLIST.ADD", "CHECKLIST.REORDER"), known["CHECKLIST"])
    more = {"CREATE": known["READ"], "CHANGE_DEADLINE": known["CHANGE_DEADLINE"], "EDIT.PLAN": known["EDIT"]}
    never = dict.fromkeys(("ACCEPT", "DECLINE", "TAKE", "EDIT.ORIGINATOR"), False)
    return {**{name: known[name] for name in names}, **more, **checks, "ELAPSEDTIME.ADD": known["CHECKLIST"], **never}


def get_fields(call: Call) -> dict[str, Any]:
    """The fields of a task and those an administrator has added."""
    named = {name: _field(name) for name in ("ID", *task_fields.WRITABLE, *READ_ONLY)}
    own = {row.name: {"title": row.label or row.name, "type": row.kind} for row in call.portal.userfields}
    return {"fields": {**named, **own}}


def _field(name: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "title": TITLES.get(name, name),
        "type": task_fields.KINDS.get(name, "datetime" if name.endswith("_DATE") else "integer"),
    }
    if name in ("TITLE", "RESPONSIBLE_ID", "CREATED_BY"):
        shape["required"] = True
    if name in VALUES:
        shape["values"] = VALUES[name]
    return shape


def history(call: Call) -> Listing:
    task = task_of(call)
    rows = call.portal.history.of(task.id)
    shown, total, following = page(rows, call.params.get("start"))
    answer = [
        {
            "id": str(change.id),
            "createdDate": iso(change.at),
            "field": change.field,
            "value": {"from": change.old or None, "to": change.new or None},
            "user": _user(call, change.user_id),
        }
        for change in shown
    ]
    return Listing({"list": answer}, total, following)


def _user(call: Call, user_id: int) -> dict[str, str]:
    user = call.portal.users.get(user_id)
    return {"id": str(user_id), "name": user.name if user else "", "lastName": user.last_name if user else ""}


READ_ONLY = (
    "CREATED_DATE",
    "CHANGED_BY",
    "CHANGED_DATE",
    "CLOSED_BY",
    "CLOSED_DATE",
    "ACTIVITY_DATE",
    "GUID",
    "CHAT_ID",
)
TITLES = {
    "TITLE": "Название",
    "DESCRIPTION": "Описание",
    "GROUP_ID": "Проект",
    "STAGE_ID": "Стадия",
    "STATUS": "Статус",
    "PRIORITY": "Приоритет",
    "CREATED_BY": "Постановщик",
    "RESPONSIBLE_ID": "Исполнитель",
    "DEADLINE": "Крайний срок",
    "XML_ID": "Внешний код",
}
VALUES = {
    "PRIORITY": {"2": "Высокий", "1": "Средний", "0": "Низкий"},
    "STATUS": {
        "2": "Ждёт выполнения",
        "3": "Выполняется",
        "4": "Ожидает контроля",
        "5": "Завершена",
        "6": "Отложена",
    },
}

METHODS: dict[str, Method] = {
    "tasks.task.add": Method(add, "task"),
    "tasks.task.update": Method(update, "task"),
    "tasks.task.get": Method(get, "task"),
    "tasks.task.list": Method(list_, "task"),
    "tasks.task.delete": Method(delete, "task"),
    "tasks.task.delegate": Method(delegate, "task"),
    "tasks.task.files.attach": Method(files_attach, "task"),
    "tasks.task.result.list": Method(result_list, "task"),
    "tasks.task.getaccess": Method(get_access, "task"),
    "tasks.task.getfields": Method(get_fields, "task"),
    "tasks.task.history.list": Method(history, "task"),
    **{f"tasks.task.{name}": Method(_action(name), "task") for name in tasks.TRANSITIONS},
}
