"""`tasks.task.*` of REST v3: typed fields, objects in answers, errors with the failing field."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso, parse_time
from posrednik_sandbox.portal.errors import RestError, V3Error
from posrednik_sandbox.portal.model import AWAITING_CONTROL, COMPLETED, DEFERRED, IN_PROGRESS, PENDING, Task
from posrednik_sandbox.portal.values import Params

STATUSES = {
    PENDING: "pending",
    IN_PROGRESS: "in_progress",
    AWAITING_CONTROL: "supposedly_completed",
    COMPLETED: "completed",
    DEFERRED: "deferred",
}
PRIORITIES = {0: "low", 1: "average", 2: "high"}
LARGEST_PAGE = 1000


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and all(_is_int(item) for item in value)


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
    "creatorId": ("int", _is_int, "creator_id", int),
    "responsibleId": ("int", _is_int, "responsible_id", int),
    "groupId": ("int", _is_int, "group_id", int),
    "stageId": ("int", _is_int, "stage_id", int),
    "deadline": ("datetime", _is_moment, "deadline", lambda value: parse_time(value) if value else None),
    "accomplices": ("array", _is_ids, "accomplices", list),
    "auditors": ("array", _is_ids, "auditors", list),
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
    "fileIds": ("array", _is_ids, "files", lambda value: [f"n{number}" for number in value]),
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
        "fileIds": task.files,
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


def _invalid(field: str, text: str, name: str = "VALIDATION_DTOVALIDATION") -> V3Error:
    return V3Error(name, "Validation failed", validation=[{"message": text, "field": field}])


def _values(fields: Any, locked: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise _invalid("fields", "Required parameter is missing", "VALIDATION_REQUESTVALIDATION")
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in FIELDS and name not in READ_ONLY:
            raise V3Error("UNKNOWNDTOPROPERTY", f"Unknown property: {name}")
        if name in READ_ONLY or name in locked:
            raise _invalid(name, "The field is not editable")
        kind, fits, target, convert = FIELDS[name]
        if not fits(value):
            raise _invalid(name, f"The value must be of type {kind}")
        values[target] = convert(value)
    return values


def _task(call: Call, name: str = "id", source: Params | None = None) -> Task:
    number = (call.params if source is None else source).get(name)
    if not _is_int(number):
        raise _invalid(name, "The value must be of type int", "VALIDATION_REQUESTVALIDATION")
    task = tasks.find(call.portal, call.who.user_id, number)
    if task is None:
        raise V3Error("ENTITYNOTFOUND", f"Entity with id {number} was not found")
    return task


def _as_v3(refusal: RestError) -> V3Error:
    return _invalid("fields", refusal.text)


def add(call: Call) -> dict[str, Any]:
    values = _values(call.params.get("fields"))
    lacking = [name for name in REQUIRED if not values.get(FIELDS[name][2])]
    if lacking:
        rows = [{"message": "Required field is not filled", "field": name} for name in lacking]
        raise V3Error("VALIDATION_DTOVALIDATION", "Validation failed", validation=rows)
    try:
        return {"item": item(tasks.create(call.portal, call.who.user_id, values))}
    except RestError as refusal:
        raise _as_v3(refusal) from refusal


def update(call: Call) -> dict[str, bool]:
    task, values = _task(call), _values(call.params.get("fields"), NOT_EDITABLE)
    try:
        tasks.update(call.portal, call.who.user_id, task, values)
    except RestError as refusal:
        raise _as_v3(refusal) from refusal
    return {"result": True}


def get(call: Call) -> dict[str, Any]:
    return {"item": _selected(call, _task(call), call.params.get("select"))}


def list_(call: Call) -> dict[str, Any]:
    if not call.params.get("select"):
        raise V3Error("INVALIDSELECT", "select is required")
    fits = _id_filter(call.params.get("filter"))
    found = [task for task in call.portal.tasks if fits(task.id) and tasks.visible(call.portal, call.who.user_id, task)]
    found = sorted(found, key=lambda task: task.id, reverse=_descending(call.params.get("order")))
    start, limit = _window(call.params.get("pagination"))
    chosen = found[start : start + limit]
    return {"items": [_selected(call, task, call.params["select"]) for task in chosen]}


def _id_filter(conditions: Any) -> Callable[[int], bool]:
    """Triples `[field, operator, value]` over `id` alone, which is all the method can filter by."""
    if conditions is None or conditions == []:
        return lambda task_id: True
    if not isinstance(conditions, list):
        raise V3Error("INVALIDFILTER", "filter must be an array of conditions")
    tests = [_condition(row) for row in conditions]
    return lambda task_id: all(test(task_id) for test in tests)


def _condition(row: Any) -> Callable[[int], bool]:
    if not isinstance(row, list) or len(row) not in (2, 3):
        raise V3Error("INVALIDFILTER", "A condition is [field, operator, value]")
    field, operator, value = row if len(row) == 3 else (row[0], "=", row[1])
    if field != "id":
        raise V3Error("INVALIDFILTER", f"The field {field} cannot be filtered by")
    if operator in ("in", "between"):
        return _range(operator, value)
    tests: dict[str, Callable[[int], bool]] = {
        "=": lambda task_id: task_id == value,
        "!=": lambda task_id: task_id != value,
        ">": lambda task_id: task_id > value,
        ">=": lambda task_id: task_id >= value,
        "<": lambda task_id: task_id < value,
        "<=": lambda task_id: task_id <= value,
    }
    if operator not in tests:
        raise V3Error("UNKNOWNFILTEROPERATOR", f"Unknown operator {operator}")
    if not _is_int(value):
        raise V3Error("INVALIDFILTER", "id is compared with an integer")
    return tests[operator]


def _range(operator: str, value: Any) -> Callable[[int], bool]:
    if not _is_ids(value) or (operator == "between" and len(value) != 2):
        raise V3Error("INVALIDFILTER", f"{operator} takes a list of integers")
    if operator == "between":
        return lambda task_id: bool(value[0] <= task_id <= value[1])
    return lambda task_id: task_id in value


def _descending(order: Any) -> bool:
    if order is None or order == [] or order == {}:
        return False
    if not isinstance(order, dict) or set(order) - {"id"}:
        raise V3Error("INVALIDORDER", "Tasks can be ordered by id only")
    return str(order["id"]).lower() == "desc"


def _window(pagination: Any) -> tuple[int, int]:
    if pagination is None:
        return 0, 50
    known = isinstance(pagination, dict) and not set(pagination) - {"page", "limit", "offset"}
    if not known or not all(_is_int(value) and value >= 0 for value in pagination.values()):
        raise V3Error("INVALIDPAGINATION", "pagination takes whole numbers: page, limit, offset")
    limit = min(pagination.get("limit", 50), LARGEST_PAGE)
    offset = pagination.get("offset", (max(pagination.get("page", 1), 1) - 1) * limit)
    return offset, limit


def delete(call: Call) -> dict[str, bool]:
    task = _task(call)
    if not call.portal.is_admin(call.who.user_id) and call.who.user_id != task.creator_id:
        raise V3Error("ACCESSDENIED", "Access denied", 403)
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


def file_attach(call: Call) -> dict[str, bool]:
    """Hang files of the Disk on a task: all of them or, when one is out of reach, none."""
    task, ids = _task(call, "taskId"), call.params.get("fileIds")
    if not _is_ids(ids) or not ids:
        raise _invalid("fileIds", "The value must be of type int[]", "VALIDATION_REQUESTVALIDATION")
    try:
        tasks.attach(call.portal, call.who.user_id, task, ids)
    except RestError as refusal:
        raise _invalid("fileIds", refusal.text, "VALIDATION_REQUESTVALIDATION") from refusal
    return {"result": True}


def send_message(call: Call) -> dict[str, bool]:
    fields = call.params.get("fields")
    if not isinstance(fields, dict) or set(fields) - {"taskId", "text"}:
        raise _invalid("fields", "taskId and text are expected", "VALIDATION_REQUESTVALIDATION")
    task = _task(call, "taskId", fields)
    if not call.portal.new_card:
        raise V3Error("METHODNOTFOUND", f"Method {call.method} was not found", 404)
    if not isinstance(fields.get("text"), str) or not fields["text"]:
        raise _invalid("text", "Required field is not filled")
    tasks.say(call.portal, call.who.user_id, tasks.dialog_of(task), fields["text"])
    return {"result": True}


METHODS: dict[str, Method] = {
    "tasks.task.add": Method(add, "tasks"),
    "tasks.task.update": Method(update, "tasks"),
    "tasks.task.get": Method(get, "tasks"),
    "tasks.task.list": Method(list_, "tasks"),
    "tasks.task.delete": Method(delete, "tasks"),
    "tasks.task.field.list": Method(field_list, "tasks"),
    "tasks.task.file.attach": Method(file_attach, "tasks"),
    "tasks.task.chat.message.send": Method(send_message, "tasks"),
}
# Methods whose answers an Idempotency-Key protects.
WRITES = frozenset(METHODS) - {"tasks.task.get", "tasks.task.list", "tasks.task.field.list"}


def find(name: str, scope: frozenset[str]) -> Method:
    """V3Error METHODNOTFOUND, INSUFFICIENTSCOPE."""
    method = METHODS.get(name)
    if method is None:
        raise V3Error("METHODNOTFOUND", f"Method {name} was not found")
    if method.scope is not None and method.scope not in scope:
        raise V3Error("INSUFFICIENTSCOPE", "The request requires higher privileges", 403)
    return method
