"""`tasks.task.*` of REST v3: typed fields, objects in answers, errors with the failing field."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal import tasks, userfields, v3_results
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso, parse_time
from posrednik_sandbox.portal.errors import RestError, V3Error
from posrednik_sandbox.portal.model import AWAITING_CONTROL, COMPLETED, DEFERRED, IN_PROGRESS, PENDING, Task
from posrednik_sandbox.portal.rights import rights
from posrednik_sandbox.portal.v3_forms import (
    as_v3,
    bad_request,
    conditions,
    denied,
    descending,
    fields_of,
    invalid,
    is_ids,
    is_int,
    task_of,
    text_of,
    window,
)

STATUSES = {
    PENDING: "pending",
    IN_PROGRESS: "in_progress",
    AWAITING_CONTROL: "supposedly_completed",
    COMPLETED: "completed",
    DEFERRED: "deferred",
}
PRIORITIES = {0: "low", 1: "average", 2: "high"}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_moment(value: Any) -> bool:
    return value is None or (isinstance(value, str) and parse_time(value) is not None)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


# name: (type, check of a value, Task attribute, value for the Task)
FIELDS: dict[str, tuple[str, Callable[[Any], bool], str, Callable[[Any], Any]]] = {
    "title": ("string", lambda value: isinstance(value, str), "title", str.strip),
    "description": ("string", _is_text, "description", lambda value: value or ""),
    "creatorId": ("int", is_int, "creator_id", int),
    "responsibleId": ("int", is_int, "responsible_id", int),
    "groupId": ("int", is_int, "group_id", int),
    "stageId": ("int", is_int, "stage_id", int),
    "deadline": ("datetime", _is_moment, "deadline", lambda value: parse_time(value) if value else None),
    "accomplices": ("array", is_ids, "accomplices", list),
    "auditors": ("array", is_ids, "auditors", list),
    "priority": (
        "string",
        lambda value: value in PRIORITIES.values(),
        "priority",
        lambda value: next(key for key, name in PRIORITIES.items() if name == value),
    ),
    "status": (
        "string",
        lambda value: value in STATUSES.values(),
        "status",
        lambda value: next(key for key, name in STATUSES.items() if name == value),
    ),
    "needsControl": ("bool", lambda value: isinstance(value, bool), "control", bool),
    "allowsChangeDeadline": ("bool", lambda value: isinstance(value, bool), "change_deadline", bool),
    "crmItemIds": ("array", _is_texts, "crm", list),
    "fileIds": ("array", is_ids, "files", lambda value: [f"n{number}" for number in value]),
    "xmlId": ("string", _is_text, "xml_id", lambda value: value or None),
}
READ_ONLY = ("id", "guid", "created", "changed", "closed", "chatId", "changedById")
REQUIRED = ("title", "creatorId", "responsibleId")
NOT_EDITABLE = ("creatorId",)


def item(task: Task) -> dict[str, Any]:
    """A task as v3 prints it: integers, words for status and priority."""
    return {
        "id": task.id,
        "title": task.title,
        "description": task.description,
        "creatorId": task.creator_id,
        "responsibleId": task.responsible_id,
        "groupId": task.group_id,
        "stageId": task.stage_id,
        "status": STATUSES[task.status],
        "priority": PRIORITIES.get(task.priority, "average"),
        "deadline": iso(task.deadline),
        "accomplices": task.accomplices,
        "auditors": task.auditors,
        "needsControl": task.control,
        "allowsChangeDeadline": task.change_deadline,
        "crmItemIds": task.crm,
        "fileIds": task.files or None,
        "xmlId": task.xml_id,
        "guid": task.guid,
        "created": iso(task.created_at),
        "changed": iso(task.changed_at),
        "changedById": task.changed_by,
        "closed": iso(task.closed_at),
        "chatId": task.chat_id,
    }


def related(call: Call, task: Task, name: str) -> Any:
    """A dotted field: `chat.id`, `responsible.name`, `creator.name`, `group.name`."""
    group = call.portal.groups.get(task.group_id)
    people = {"responsible": task.responsible_id, "creator": task.creator_id}
    head, _, tail = name.partition(".")
    if (head, tail) == ("chat", "id"):
        return task.chat_id
    if head == "group" and tail in ("id", "name"):
        return None if group is None else group.id if tail == "id" else group.name
    if head in people and tail in ("id", "name"):
        user = call.portal.users.get(people[head])
        return people[head] if tail == "id" else user.full_name if user else None
    raise V3Error("INVALIDSELECT", f"Unknown field in select: {name}")


def _selected(call: Call, task: Task, select: Any) -> dict[str, Any]:
    plain = item(task)
    if select is None:
        return plain
    if not isinstance(select, list) or not all(isinstance(name, str) for name in select):
        raise V3Error("INVALIDSELECT", "select must be an array of field names")
    answer: dict[str, Any] = {"id": task.id}
    for name in select:
        if "." in name:
            head, _, tail = name.partition(".")
            answer.setdefault(head, {})[tail] = related(call, task, name)
        elif name in plain:
            answer[name] = plain[name]
        else:
            raise V3Error("UNKNOWNDTOPROPERTY", f"Unknown property: {name}")
    return answer


def _values(fields: Any, locked: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise bad_request("fields", "Required parameter is missing")
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in FIELDS and name not in READ_ONLY:
            raise V3Error("UNKNOWNDTOPROPERTY", f"Unknown property: {name}")
        if name in READ_ONLY or name in locked:
            raise invalid(name, "The field is not editable")
        kind, fits, target, convert = FIELDS[name]
        if not fits(value):
            raise invalid(name, f"The value must be of type {kind}")
        values[target] = convert(value)
    return values


def add(call: Call) -> dict[str, Any]:
    values = _values(call.params.get("fields"))
    lacking = [name for name in REQUIRED if not values.get(FIELDS[name][2])]
    if lacking:
        rows = [{"message": "Required field is not filled", "field": name} for name in lacking]
        raise V3Error("VALIDATION_DTOVALIDATION", "Validation failed", validation=rows)
    try:
        userfields.check(call.portal, values)
        return {"item": item(tasks.create(call.portal, call.who.user_id, values))}
    except RestError as refusal:
        raise as_v3(refusal) from refusal


def update(call: Call) -> dict[str, bool]:
    task, values = task_of(call), _values(call.params.get("fields"), NOT_EDITABLE)
    if not rights(call.portal, call.who.user_id, task)[tasks.right_for(values)]:
        raise denied()
    try:
        tasks.update(call.portal, call.who.user_id, task, values)
    except RestError as refusal:
        raise as_v3(refusal) from refusal
    return {"result": True}


def get(call: Call) -> dict[str, Any]:
    return {"item": _selected(call, task_of(call), call.params.get("select"))}


def list_(call: Call) -> dict[str, Any]:
    if not call.params.get("select"):
        raise V3Error("INVALIDSELECT", "select is required")
    tests = conditions(call.params.get("filter"), ("id",))
    fits = [task for task in call.portal.tasks if all(test(task.id) for _, test in tests)]
    found = [task for task in fits if tasks.visible(call.portal, call.who.user_id, task)]
    found = sorted(found, key=lambda task: task.id, reverse=descending(call.params.get("order")))
    start, limit = window(call.params.get("pagination"))
    chosen = found[start : start + limit]
    return {"items": [_selected(call, task, call.params["select"]) for task in chosen]}


def delete(call: Call) -> dict[str, bool]:
    task = task_of(call)
    if not rights(call.portal, call.who.user_id, task)["REMOVE"]:
        raise denied()
    tasks.delete(call.portal, call.who.user_id, task)
    return {"result": True}


def field_list(call: Call) -> dict[str, Any]:
    rows = [
        {
            "name": name,
            "type": row[0],
            "required": name in REQUIRED,
            "editable": name not in NOT_EDITABLE,
            "filterable": False,
            "sortable": False,
        }
        for name, row in FIELDS.items()
    ]
    own = {"name": "id", "type": "int", "required": False, "editable": False, "filterable": True, "sortable": True}
    return {"items": [own, *rows]}


def field_get(call: Call) -> dict[str, Any]:
    found = [row for row in field_list(call)["items"] if row["name"] == call.params.get("name")]
    if not found:
        raise V3Error("ENTITYNOTFOUND", "The field was not found")
    return {"item": found[0]}


def access_get(call: Call) -> dict[str, bool]:
    """What the caller may do with a task, under the names of v3."""
    task = task_of(call)
    open_to = rights(call.portal, call.who.user_id, task)
    talks, edits, checks = open_to["READ"], open_to["EDIT"], open_to["CHECKLIST"]
    return {
        "read": talks,
        "edit": edits,
        "remove": open_to["REMOVE"],
        "delegate": open_to["DELEGATE"],
        "deadline": open_to["CHANGE_DEADLINE"],
        "changeDirector": False,
        "changeResponsible": edits,
        "changeAccomplices": edits,
        "addAuditors": talks,
        "createResult": talks,
        "resultRead": talks,
        "elapsedTime": checks,
        **{f"checklist{name}": checks for name in ("Add", "Edit", "Save", "Toggle")},
        "attachFile": open_to["ATTACH"],
        "detachFile": open_to["ATTACH"],
        "sort": open_to["MOVE"],
        **{name: open_to[name.upper()] for name in tasks.TRANSITIONS},
    }


def file_attach(call: Call) -> dict[str, bool]:
    """Hang files of the Disk on a task: all of them or, when one is out of reach, none."""
    task, ids = task_of(call, "taskId"), call.params.get("fileIds")
    if not is_ids(ids) or not ids:
        raise bad_request("fileIds", "The value must be of type int[]")
    if not rights(call.portal, call.who.user_id, task)["ATTACH"]:
        raise denied()
    try:
        tasks.attach(call.portal, call.who.user_id, task, ids)
    except RestError as refusal:
        raise bad_request("fileIds", refusal.text) from refusal
    return {"result": True}


def send_message(call: Call) -> dict[str, bool]:
    if not call.portal.new_card:
        raise V3Error("METHODNOTFOUND", f"Method {call.method} was not found", 404)
    fields = fields_of(call, ("taskId", "text"))
    task, text = task_of(call, "taskId", fields), text_of(fields, "text")
    tasks.say(call.portal, call.who.user_id, tasks.dialog_of(task), text)
    return {"result": True}


METHODS: dict[str, Method] = {
    "tasks.task.add": Method(add, "tasks"),
    "tasks.task.update": Method(update, "tasks"),
    "tasks.task.get": Method(get, "tasks"),
    "tasks.task.list": Method(list_, "tasks"),
    "tasks.task.delete": Method(delete, "tasks"),
    "tasks.task.field.list": Method(field_list, "tasks"),
    "tasks.task.field.get": Method(field_get, "tasks"),
    "tasks.task.access.get": Method(access_get, "tasks"),
    "tasks.task.file.attach": Method(file_attach, "tasks"),
    "tasks.task.chat.message.send": Method(send_message, "tasks"),
    **v3_results.METHODS,
}
# Methods whose answers an Idempotency-Key protects.
WRITES = frozenset(name for name in METHODS if name.split(".")[-1] not in ("get", "list"))


def find(name: str, scope: frozenset[str]) -> Method:
    """V3Error METHODNOTFOUND, INSUFFICIENTSCOPE."""
    method = METHODS.get(name)
    if method is None:
        raise V3Error("METHODNOTFOUND", f"Method {name} was not found")
    if method.scope is not None and method.scope not in scope:
        raise V3Error("INSUFFICIENTSCOPE", "The request requires higher privileges", 403)
    return method
