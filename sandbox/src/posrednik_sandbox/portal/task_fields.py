"""Task fields in the classic spelling: from request values to a Task and back to answer rows."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal.clock import iso, parse_time
from posrednik_sandbox.portal.errors import core
from posrednik_sandbox.portal.model import COMPLETED, Task, User
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_ids, as_int, as_list, camel, flag

Reader = Callable[[Any], Any]


def _number(value: Any) -> int:
    return as_int(value, 0) or 0


def _moment(value: Any) -> float | None:
    if value in (None, "", False):
        return None
    at = parse_time(value)
    if at is None:
        raise core("Недопустимый формат даты")
    return at


def _texts(value: Any) -> list[str]:
    return [str(item) for item in as_list(value)]


def _optional(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


WRITABLE: dict[str, tuple[str, Reader]] = {
    "TITLE": ("title", lambda value: str(value).strip() if value is not None else ""),
    "DESCRIPTION": ("description", lambda value: str(value or "")),
    "CREATED_BY": ("creator_id", _number),
    "RESPONSIBLE_ID": ("responsible_id", _number),
    "GROUP_ID": ("group_id", _number),
    "STAGE_ID": ("stage_id", _number),
    "STATUS": ("status", _number),
    "PRIORITY": ("priority", _number),
    "DEADLINE": ("deadline", _moment),
    "ACCOMPLICES": ("accomplices", as_ids),
    "AUDITORS": ("auditors", as_ids),
    "TAGS": ("tags", _texts),
    "XML_ID": ("xml_id", _optional),
    "PARENT_ID": ("parent_id", as_int),
    "TASK_CONTROL": ("control", flag),
    "ALLOW_CHANGE_DEADLINE": ("change_deadline", flag),
    "UF_CRM_TASK": ("crm", _texts),
    "UF_TASK_WEBDAV_FILES": ("files", _texts),
}
KINDS = {
    "DEADLINE": "datetime",
    "TITLE": "string",
    "DESCRIPTION": "string",
    "XML_ID": "string",
    "GUID": "string",
    "PRIORITY": "enum",
    "STATUS": "enum",
    "TASK_CONTROL": "enum",
    "ALLOW_CHANGE_DEADLINE": "enum",
    **dict.fromkeys(("TAGS", "ACCOMPLICES", "AUDITORS", "UF_CRM_TASK", "UF_TASK_WEBDAV_FILES"), "array"),
}


def read(fields: Params) -> dict[str, Any]:
    """Task values out of classic `fields`; names in any case, unknown ones ignored as the portal does."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        upper = name.upper()
        if upper in WRITABLE:
            target, reader = WRITABLE[upper]
            values[target] = reader(value)
        elif upper.startswith("UF_"):
            values.setdefault("custom", {})[upper] = str(value or "")
    return values


def sub_status(task: Task, now: float) -> int:
    """The virtual STATUS: -1 for an overdue open task, else the real one."""
    overdue = task.deadline is not None and task.deadline < now and task.status != COMPLETED
    return -1 if overdue else task.status


def columns(task: Task, now: float) -> dict[str, Any]:
    """The plain columns of a task under their UPPER names; numbers as text, absent values null."""
    return {
        "ID": str(task.id),
        "PARENT_ID": None if task.parent_id is None else str(task.parent_id),
        "TITLE": task.title,
        "DESCRIPTION": task.description,
        "DESCRIPTION_IN_BBCODE": "Y",
        "MARK": None,
        "PRIORITY": str(task.priority),
        "STATUS": str(task.status),
        "SUB_STATUS": str(sub_status(task, now)),
        "STAGE_ID": str(task.stage_id),
        "GROUP_ID": str(task.group_id),
        "CREATED_BY": str(task.creator_id),
        "CREATED_DATE": iso(task.created_at),
        "RESPONSIBLE_ID": str(task.responsible_id),
        "CHANGED_BY": str(task.changed_by),
        "CHANGED_DATE": iso(task.changed_at),
        "ACTIVITY_DATE": iso(task.active_at or task.changed_at),
        "STATUS_CHANGED_BY": str(task.status_changed_by or task.creator_id),
        "STATUS_CHANGED_DATE": iso(task.status_changed_at or task.created_at),
        "CLOSED_BY": None if task.closed_by is None else str(task.closed_by),
        "CLOSED_DATE": iso(task.closed_at),
        "DATE_START": iso(task.started_at),
        "DEADLINE": iso(task.deadline),
        "GUID": task.guid,
        "XML_ID": task.xml_id,
        "TASK_CONTROL": "Y" if task.control else "N",
        "ALLOW_CHANGE_DEADLINE": "Y" if task.change_deadline else "N",
        "CHAT_ID": str(task.chat_id),
        "ACCOMPLICES": [str(number) for number in task.accomplices],
        "AUDITORS": [str(number) for number in task.auditors],
    }


def _heavy(task: Task) -> dict[str, Any]:
    tags = {str(index): {"id": index, "title": tag} for index, tag in enumerate(task.tags, start=1)}
    return {"TAGS": tags, **task.custom}


def _system(task: Task) -> dict[str, Any]:
    """Links to other parts of the portal, given only when they are asked for by name."""
    return {"UF_CRM_TASK": task.crm, "UF_TASK_WEBDAV_FILES": task.files}


def row(portal: Portal, task: Task, select: list[str], full: bool = False) -> dict[str, Any]:
    """A task as `tasks.task.*` prints it: camelCase, plus the people and the group behind the ids.

    select: UPPER names, empty or `*` for the usual ones, `UF_*` for all fields of that prefix; `full` adds tags
    and user fields to the usual ones.
    """
    names = {name.upper() for name in select}
    everything = not names or "*" in names
    source = columns(task, portal.now())
    if not portal.new_card:
        source["CHAT_ID"] = None
    if full or names:
        source |= _heavy(task)
    if names:
        source |= _system(task)
    if "UF_*" in names:
        names |= {name for name in source if name.startswith("UF_")}
    wanted = names | (set(source) if not names else set(columns(task, 0)) if everything else set()) | {"ID"}
    answer = {camel(name): value for name, value in source.items() if name in wanted}
    if "GROUP_ID" in wanted:
        answer["group"] = _group(portal, task.group_id)
    for name, key, user_id in (
        ("CREATED_BY", "creator", task.creator_id),
        ("RESPONSIBLE_ID", "responsible", task.responsible_id),
    ):
        if name in wanted:
            answer[key] = _person(portal.users.get(user_id), user_id)
    return answer


def _group(portal: Portal, group_id: int) -> dict[str, Any]:
    group = portal.groups.get(group_id)
    return {"id": str(group.id), "name": group.name, "opened": group.opened} if group else {}


def _person(user: User | None, user_id: int) -> dict[str, Any]:
    name = user.full_name if user else ""
    position = user.position if user else ""
    link = f"/company/personal/user/{user_id}/"
    return {"id": str(user_id), "name": name, "link": link, "icon": "", "workPosition": position}
