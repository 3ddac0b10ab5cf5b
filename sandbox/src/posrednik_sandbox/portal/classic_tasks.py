"""`tasks.task.*` of the classic REST."""

from typing import Any

from posrednik_sandbox.portal import task_fields, task_filter, tasks
from posrednik_sandbox.portal.calls import Call, Handler, Listing, Method, page
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError, missing, not_allowed
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.values import Params, as_dict, as_int, as_list


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
    return _row(call, tasks.create(call.portal, call.who.user_id, values))


def update(call: Call) -> dict[str, Any]:
    task, values = task_of(call), task_fields.read(_fields(call))
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
    if not call.portal.is_admin(call.who.user_id) and call.who.user_id != task.creator_id:
        raise RestError("1048582", "Нет прав на удаление задачи")
    tasks.delete(call.portal, call.who.user_id, task)
    return {"task": True}


def _action(name: str) -> Handler:
    def run(call: Call) -> dict[str, Any]:
        return _row(call, tasks.act(call.portal, call.who.user_id, task_of(call), name))

    return run


def delegate(call: Call) -> dict[str, Any]:
    task = task_of(call)
    if "userId" not in call.params:
        raise missing("userId")
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
    return {"attachmentId": tasks.attach(call.portal, call.who.user_id, task, [number])[0].id}


def get_fields(call: Call) -> dict[str, Any]:
    fields = {
        name: {
            "title": name,
            "type": task_fields.KINDS.get(name, "integer"),
            "required": name in ("TITLE", "RESPONSIBLE_ID"),
        }
        for name in ("ID", *task_fields.WRITABLE)
    }
    return {"fields": fields}


def history(call: Call) -> Listing:
    task = task_of(call)
    rows = [change for change in call.portal.history if change.task_id == task.id]
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


METHODS: dict[str, Method] = {
    "tasks.task.add": Method(add, "task"),
    "tasks.task.update": Method(update, "task"),
    "tasks.task.get": Method(get, "task"),
    "tasks.task.list": Method(list_, "task"),
    "tasks.task.delete": Method(delete, "task"),
    "tasks.task.delegate": Method(delegate, "task"),
    "tasks.task.files.attach": Method(files_attach, "task"),
    "tasks.task.getfields": Method(get_fields, "task"),
    "tasks.task.history.list": Method(history, "task"),
    **{f"tasks.task.{name}": Method(_action(name), "task") for name in tasks.TRANSITIONS},
}
