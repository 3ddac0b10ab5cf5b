"""`tasks.task.result.*` of REST v3: what somebody reports as done.

Source: api-reference/tasks/result of the official documentation, 2026-08.
"""

from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import V3Error
from posrednik_sandbox.portal.model import COMPLETED, Result
from posrednik_sandbox.portal.v3_forms import (
    bad_request,
    conditions,
    denied,
    descending,
    fields_of,
    is_int,
    task_of,
    text_of,
    window,
)

FIELDS = (
    "id",
    "taskId",
    "text",
    "authorId",
    "createdAt",
    "updatedAt",
    "status",
    "fileIds",
    "rights",
    "messageId",
)
FILTERED = {"taskId": "task_id", "id": "id", "authorId": "author_id", "messageId": "message_id"}


def _item(call: Call, row: Result) -> dict[str, Any]:
    task, own = call.portal.tasks.get(row.task_id), row.author_id == call.who.user_id
    closed = task is not None and task.status == COMPLETED
    return {
        "id": row.id,
        "taskId": row.task_id,
        "text": row.text,
        "authorId": row.author_id,
        "createdAt": iso(row.at),
        "updatedAt": iso(row.updated_at),
        "status": "closed" if closed else "open",
        "fileIds": [],
        "rights": {"edit": own, "remove": own},
        "messageId": row.message_id,
    }


def _added(call: Call, task_id: int, text: str, message_id: int | None = None) -> dict[str, Any]:
    row = Result(call.portal.results.next_id(), task_id, call.who.user_id, text, call.now, None, message_id)
    return {"item": _item(call, call.portal.results.put(row))}


def add(call: Call) -> dict[str, Any]:
    fields = fields_of(call, ("taskId", "text"))
    task = task_of(call, "taskId", fields)
    return _added(call, task.id, text_of(fields, "text"))


def add_from_message(call: Call) -> dict[str, Any]:
    number = fields_of(call, ("messageId",)).get("messageId")
    if not is_int(number):
        raise bad_request("messageId", "The value must be of type int")
    line = call.portal.messages.get(number)
    task = tasks.task_of(call.portal, line.dialog) if line is not None else None
    if line is None or task is None:
        raise bad_request("messageId", "Message is not from task chat")
    if not tasks.visible(call.portal, call.who.user_id, task):
        raise denied()
    return _added(call, task.id, line.text, line.id)


def _own(call: Call) -> Result:
    number = call.params.get("id")
    if not is_int(number):
        raise bad_request("id", "The value must be of type int")
    row = call.portal.results.get(number)
    if row is None:
        raise V3Error("ENTITYNOTFOUND", f"Entity with id {number} was not found")
    if row.author_id != call.who.user_id:
        raise denied()
    return row


def update(call: Call) -> dict[str, Any]:
    row = _own(call)
    row.text, row.updated_at = text_of(fields_of(call, ("text",)), "text"), call.now
    return {"item": _item(call, call.portal.results.put(row))}


def delete(call: Call) -> dict[str, bool]:
    call.portal.results.drop(_own(call).id)
    return {"result": True}


def list_(call: Call) -> dict[str, Any]:
    tests = conditions(call.params.get("filter"), tuple(FILTERED))
    if not any(field == "taskId" for field, _ in tests):
        raise bad_request("filter", "A condition on taskId is required")
    found = [row for row in call.portal.results if all(test(getattr(row, FILTERED[name])) for name, test in tests)]
    seen = [row for row in found if tasks.find(call.portal, call.who.user_id, row.task_id) is not None]
    seen.sort(key=lambda row: row.id, reverse=descending(call.params.get("order")))
    start, limit = window(call.params.get("pagination"))
    names = _select(call.params.get("select"))
    items = [_item(call, row) for row in seen[start : start + limit]]
    return {"items": [{name: item[name] for name in names} for item in items]}


def _select(names: Any) -> tuple[str, ...]:
    """The asked fields in the order of FIELDS, `id` always; all of them when none is asked."""
    if not names:
        return FIELDS
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise V3Error("UNKNOWNDTOPROPERTY", f"Unknown property: {unknown[0]}")
    return tuple(name for name in FIELDS if name == "id" or name in names)


METHODS: dict[str, Method] = {
    "tasks.task.result.add": Method(add, "tasks"),
    "tasks.task.result.addfromchatmessage": Method(add_from_message, "tasks"),
    "tasks.task.result.update": Method(update, "tasks"),
    "tasks.task.result.delete": Method(delete, "tasks"),
    "tasks.task.result.list": Method(list_, "tasks"),
}
