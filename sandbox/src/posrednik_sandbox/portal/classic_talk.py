"""Checklists, comments, notifications and chat messages.

The task methods here read their parameters by order, as the old part of the portal does.
"""

from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError, core
from posrednik_sandbox.portal.model import GENERAL_CHAT, ChecklistItem, Notification, Task
from posrednik_sandbox.portal.values import Params, as_dict, as_int, flag

# Added to a call by clients or by the transport, never a parameter of a method.
SERVICE = ("auth", "access_token", "__order", "auth_connector")


def _by_order(call: Call, count: int) -> list[Any]:
    values = [value for name, value in call.params.items() if name.lower() not in SERVICE]
    return [*values, *[None] * count][:count]


def _bad_arguments() -> RestError:
    return core("TASKS_ERROR_EXCEPTION_#8; Неверные параметры вызова; 8/TE/WRONG_ARGUMENTS")


def _task(call: Call, value: Any) -> Task:
    task_id = as_int(value)
    if task_id is None:
        raise _bad_arguments()
    task = tasks.find(call.portal, call.who.user_id, task_id)
    if task is None:
        raise core("TASKS_ERROR_EXCEPTION_#256; Нет доступа; 256/TE/ACTION_NOT_ALLOWED")
    return task


def _upper(value: Any) -> Params:
    return {name.upper(): item for name, item in as_dict(value).items()}


def checklist_add(call: Call) -> int:
    task_id, raw = _by_order(call, 2)
    task, fields = _task(call, task_id), _upper(raw)
    if not str(fields.get("TITLE") or "").strip():
        raise _bad_arguments()
    item = ChecklistItem(
        call.portal.checklist.next_id(),
        task.id,
        str(fields["TITLE"]),
        as_int(fields.get("PARENT_ID"), 0) or 0,
        as_int(fields.get("SORT_INDEX"), 0) or 0,
        call.who.user_id,
        complete=flag(fields.get("IS_COMPLETE")),
        important=flag(fields.get("IS_IMPORTANT")),
    )
    return call.portal.checklist.put(item).id


def _toggle(complete: bool) -> Method:
    def run(call: Call) -> bool:
        task_id, item_id = _by_order(call, 2)
        task = _task(call, task_id)
        item = call.portal.checklist.get(as_int(item_id))
        if item is None or item.task_id != task.id:
            raise _bad_arguments()
        item.complete, item.toggled_by, item.toggled_at = complete, call.who.user_id, call.now
        call.portal.checklist.put(item)
        return True

    return Method(run, "task")


def checklist_list(call: Call) -> list[dict[str, Any]]:
    task = _task(call, _by_order(call, 1)[0])
    items = sorted((row for row in call.portal.checklist if row.task_id == task.id), key=lambda row: row.id)
    return [
        {
            "ID": str(item.id),
            "TASK_ID": str(item.task_id),
            "PARENT_ID": item.parent_id or False,
            "CREATED_BY": str(item.created_by),
            "TITLE": item.title,
            "SORT_INDEX": str(item.sort_index),
            "IS_COMPLETE": "Y" if item.complete else "N",
            "IS_IMPORTANT": "Y" if item.important else "N",
            "TOGGLED_BY": None if item.toggled_by is None else str(item.toggled_by),
            "TOGGLED_DATE": iso(item.toggled_at) or "",
            "MEMBERS": {},
            "ATTACHMENTS": {},
        }
        for item in items
    ]


def comment_add(call: Call) -> int:
    """Still works in the new card: the comment becomes a message of the task's chat."""
    task_id, raw = _by_order(call, 2)
    task, fields = _task(call, task_id), _upper(raw)
    if not str(fields.get("POST_MESSAGE") or ""):
        raise _bad_arguments()
    author = as_int(fields.get("AUTHOR_ID"), call.who.user_id) or call.who.user_id
    return tasks.say(call.portal, author, tasks.dialog_of(task), str(fields["POST_MESSAGE"])).id


LONGEST_ATTACH = 60_000


def notify(call: Call) -> int:
    """A notification; a repeat with the same TAG of the same webhook replaces the earlier one."""
    user = call.portal.users.get(as_int(call.any_case("USER_ID")))
    text, tag = str(call.any_case("MESSAGE") or ""), str(call.any_case("TAG") or "")
    if user is None:
        raise RestError("USER_ID_EMPTY", "Не указан получатель")
    if not text:
        raise RestError("MESSAGE_EMPTY", "Не указан текст сообщения")
    if len(str(call.any_case("ATTACH") or "")) > LONGEST_ATTACH:
        raise RestError("ATTACH_OVERSIZE", "Вложение слишком велико")
    owner = call.who.key
    same = [row for row in call.portal.notifications if tag and (row.owner, row.tag) == (owner, tag)]
    for earlier in same:
        if earlier.user_id == user.id:
            call.portal.notifications.drop(earlier.id)
    row = Notification(call.portal.notifications.next_id(), user.id, text, call.now, owner, tag)
    return call.portal.notifications.put(row).id


MOST_LINES = 50


def _dialog(call: Call) -> str:
    """The general chat, a task's chat or a user's own."""
    dialog = str(call.any_case("DIALOG_ID") or "")
    known = (
        dialog == GENERAL_CHAT or dialog in {tasks.dialog_of(task) for task in call.portal.tasks}
        if dialog.startswith("chat")
        else (call.portal.users.get(as_int(dialog)) is not None)
    )
    if not known:
        raise RestError("DIALOG_ID_EMPTY", "Не указан или не найден диалог")
    return dialog


def messages_get(call: Call) -> dict[str, Any]:
    """The last lines of a chat, newest first."""
    dialog = _dialog(call)
    most = min(max(as_int(call.any_case("LIMIT"), 20) or 20, 1), MOST_LINES)
    rows = [row for row in call.portal.messages if row.dialog == dialog][-most:]
    return {
        "chat_id": as_int(dialog.removeprefix("chat")),
        "messages": [
            {"id": row.id, "author_id": row.author_id, "date": iso(row.at) or "", "text": row.text}
            for row in reversed(rows)
        ],
    }


def message_add(call: Call) -> int:
    dialog, text = _dialog(call), str(call.any_case("MESSAGE") or "")
    if not text:
        raise RestError("MESSAGE_EMPTY", "Не указан текст сообщения")
    return tasks.say(call.portal, call.who.user_id, dialog, text).id


METHODS: dict[str, Method] = {
    "task.checklistitem.add": Method(checklist_add, "task"),
    "task.checklistitem.complete": _toggle(True),
    "task.checklistitem.renew": _toggle(False),
    "task.checklistitem.getlist": Method(checklist_list, "task"),
    "task.commentitem.add": Method(comment_add, "task"),
    "im.notify.personal.add": Method(notify, "im"),
    "im.message.add": Method(message_add, "im"),
    "im.dialog.messages.get": Method(messages_get, "im"),
}
