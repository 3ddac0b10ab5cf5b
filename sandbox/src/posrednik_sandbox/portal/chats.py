"""`im.*`: chats, their lines and files, notifications.

Source: api-reference/chats of the official documentation, 2026-08.
"""

from typing import Any

from posrednik_sandbox.portal import drive, tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import GENERAL_CHAT, DiskObject, Message, Notification, Task
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import as_ids, as_int, flag

LONGEST_ATTACH = 60_000
MOST_LINES = 50
GONE = "Сообщение удалено"


def _refusal(code: str, text: str, status: int = 400) -> RestError:
    return RestError(code, text, status)


# Which chat is meant.


def _dialog(call: Call) -> str:
    """The general chat, a task's chat, or a person's own; RestError DIALOG_ID_EMPTY, ACCESS_ERROR."""
    dialog = str(call.any_case("DIALOG_ID") or "")
    if not dialog and as_int(call.any_case("CHAT_ID")):
        dialog = f"chat{call.any_case('CHAT_ID')}"
    if not dialog:
        raise _refusal("DIALOG_ID_EMPTY", "Dialog ID can't be empty")
    if not dialog.startswith("chat"):
        if call.portal.users.get(as_int(dialog)) is None:
            raise _refusal("USER_NOT_FOUND", "User not found")
        return dialog
    task = _task(call.portal, dialog)
    if dialog != GENERAL_CHAT and (task is None or not tasks.visible(call.portal, call.who.user_id, task)):
        raise _refusal("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return dialog


def _task(portal: Portal, dialog: str) -> Task | None:
    return tasks.task_of(portal, dialog) if portal.new_card else None


def lines_of(portal: Portal, dialog: str) -> list[Message]:
    return portal.messages.of(dialog)


def _attach(call: Call) -> str:
    text = str(call.any_case("ATTACH") or "")
    if len(text) > LONGEST_ATTACH:
        raise _refusal("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    return text


# Lines.


def message_add(call: Call) -> int:
    text = str(call.any_case("MESSAGE") or "")
    if not text and not _attach(call):
        raise _refusal("MESSAGE_EMPTY", "Message can't be empty")
    row = tasks.say(call.portal, call.who.user_id, _dialog(call), text)
    row.system = flag(call.any_case("SYSTEM"))
    return call.portal.messages.put(row).id


def _own_line(call: Call) -> Message:
    """The caller's line of MESSAGE_ID; RestError MESSAGE_ID_ERROR, CANT_EDIT_MESSAGE."""
    number = as_int(call.any_case("MESSAGE_ID"))
    if not number or number < 0:
        raise _refusal("MESSAGE_ID_ERROR", "Message ID can't be empty")
    row = call.portal.messages.get(number)
    if row is None or row.deleted or row.author_id != call.who.user_id:
        raise _refusal("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access", 403)
    return row


def message_update(call: Call) -> bool:
    """An empty MESSAGE deletes the line."""
    row, text = _own_line(call), call.any_case("MESSAGE")
    if text is not None:
        row.text, row.edited, row.deleted = str(text) or GONE, True, str(text) == ""
    call.portal.messages.put(row)
    return True


def message_delete(call: Call) -> bool:
    row = _own_line(call)
    row.text, row.deleted = GONE, True
    call.portal.messages.put(row)
    return True


def messages_get(call: Call) -> dict[str, Any]:
    """The last lines, newest first; before LAST_ID so too, after FIRST_ID the oldest first."""
    dialog = _dialog(call)
    most = min(max(as_int(call.any_case("LIMIT"), 20) or 20, 1), MOST_LINES)
    last, first = as_int(call.any_case("LAST_ID")), as_int(call.any_case("FIRST_ID"))
    rows = lines_of(call.portal, dialog)
    if first is not None:
        shown = [row for row in rows if row.id > first][:most]
    else:
        shown = [row for row in rows if last is None or row.id < last][-most:][::-1]
    number = as_int(dialog.removeprefix("chat"), 0) or 0
    files = [call.portal.objects.get(file_id) for row in shown for file_id in row.files]
    return {
        "chat_id": number,
        "messages": [_line(row, number) for row in shown],
        "users": [_person(call.portal, user_id) for user_id in dict.fromkeys(row.author_id for row in shown)],
        "files": [_file(call.portal, file, number) for file in files if file is not None],
    }


def _line(row: Message, chat_id: int) -> dict[str, Any]:
    params: dict[str, Any] = {"FILE_ID": [str(number) for number in row.files]} if row.files else {}
    params |= {"IS_EDITED": "Y"} if row.edited else {}
    params |= {"IS_DELETED": "Y"} if row.deleted else {}
    return {
        "id": row.id,
        "chat_id": chat_id,
        "author_id": 0 if row.system else row.author_id,
        "date": iso(row.at) or "",
        "text": row.text,
        "unread": False,
        "uuid": None,
        "replaces": [],
        "params": params,
        "disappearing_date": None,
    }


def _person(portal: Portal, user_id: int) -> dict[str, Any]:
    user = portal.users.get(user_id)
    if user is None:
        return {"id": user_id, "active": False, "name": ""}
    names = {"name": user.full_name, "first_name": user.name, "last_name": user.last_name}
    return {"id": user_id, "active": user.active, **names, "work_position": user.position, "bot": False}


def dialog_get(call: Call) -> dict[str, Any]:
    dialog = _dialog(call)
    rows, task = lines_of(call.portal, dialog), _task(call.portal, dialog)
    people = _members(call.portal, dialog, task)
    return {
        "id": as_int(dialog.removeprefix("chat"), 0),
        "name": _name(call.portal, dialog, task),
        "owner": task.creator_id if task else 0,
        "type": "tasksTask" if task else "open",
        "user_counter": len(people),
        "message_count": len(rows),
        "last_message_id": rows[-1].id if rows else 0,
        "entity_type": "TASKS_TASK" if task else "",
        "entity_id": str(task.id) if task else "",
        "disk_folder_id": 0,
        "dialog_id": dialog,
    }


def _name(portal: Portal, dialog: str, task: Task | None) -> str:
    if task is not None:
        return task.title
    return "Общий чат" if dialog == GENERAL_CHAT else str(_person(portal, int(dialog))["name"])


def _members(portal: Portal, dialog: str, task: Task | None) -> set[int]:
    if task is not None:
        return {task.creator_id, task.responsible_id, *task.accomplices, *task.auditors}
    return {user.id for user in portal.users if user.active} if dialog == GENERAL_CHAT else {int(dialog)}


# Files.


def folder_get(call: Call) -> dict[str, int]:
    """The folder where files of a chat are kept, made when it is first asked for."""
    dialog = _dialog(call)
    storage = drive.storage_of(call.portal, drive.COMMON, "shared_files_s1", "Общий диск")
    root = call.portal.objects.get(storage.root_id)
    if root is None:
        raise _refusal("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    name = f"Чат {dialog}"
    for row in drive.children(call.portal, root.id):
        if row.folder and row.name == name:
            return {"ID": row.id}
    return {"ID": drive.add_folder(call.portal, call.who.user_id, root, name).id}


def file_commit(call: Call) -> dict[str, Any]:
    """Put files of the Disk into a chat as one line."""
    dialog = _dialog(call)
    wanted = as_ids(call.any_case("FILE_ID")) or as_ids(call.any_case("UPLOAD_ID"))
    if not wanted:
        raise _refusal("FILE_ID_EMPTY", "File ID can't be empty")
    files = [drive.must_open(call.portal, call.who.user_id, number) for number in wanted]
    row = tasks.say(call.portal, call.who.user_id, dialog, str(call.any_case("MESSAGE") or ""))
    row.files = [file.id for file in files]
    call.portal.messages.put(row)
    number = as_int(dialog.removeprefix("chat"), 0) or 0
    return {
        "FILES": {f"upload{file.id}": _file(call.portal, file, number) for file in files},
        "DISK_ID": [f"upload{file.id}" for file in files],
        "FILE_MODELS": {},
        "MESSAGE_ID": row.id,
    }


def _file(portal: Portal, file: DiskObject, chat_id: int) -> dict[str, Any]:
    name = file.name.rpartition(".")
    return {
        "id": file.id,
        "chatId": chat_id,
        "date": iso(file.created_at),
        "type": "image" if name[2].lower() in ("jpg", "jpeg", "png", "webp") else "file",
        "name": file.name,
        "extension": name[2],
        "size": file.size,
        "status": "done",
        "progress": 100,
        "authorId": file.created_by,
        "authorName": _person(portal, file.created_by)["name"],
    }


# Notifications.


def _recipient(call: Call) -> int:
    user = call.portal.users.get(as_int(call.any_case("USER_ID")))
    if user is None:
        raise _refusal("USER_ID_EMPTY", "User ID can't be empty")
    return user.id


def notify(call: Call) -> int:
    """A notification. One of the same application with the same TAG goes away, whoever had got it."""
    user_id, text, tag = _recipient(call), str(call.any_case("MESSAGE") or "").strip(), str(call.any_case("TAG") or "")
    if not text:
        raise _refusal("MESSAGE_EMPTY", "Message can't be empty")
    _attach(call)
    portal, owner = call.portal, call.who.client_id or str(call.any_case("CLIENT_ID") or call.who.key)
    for earlier in portal.notifications.of((owner, tag)) if tag else []:
        if portal.shared_tags or earlier.user_id == user_id:
            portal.notifications.drop(earlier.id)
    row = Notification(portal.notifications.next_id(), user_id, text, call.now, owner, tag)
    row.sub_tag, row.author_id = str(call.any_case("SUB_TAG") or ""), call.who.user_id
    return portal.notifications.put(row).id


def push_add(call: Call) -> bool:
    """A push to the phone in the application's name; it stands among the notices with a mark of its own."""
    if not call.who.client_id:
        raise _refusal("WRONG_AUTH_TYPE", "Application context required", 403)
    if not call.portal.is_admin(call.who.user_id):
        raise _refusal("ACCESS_DENIED", "Access denied", 403)
    text = str(call.any_case("TEXT") or "").strip()
    if not text:
        raise _refusal("TEXT_EMPTY", "Text can't be empty")
    row = Notification(call.portal.notifications.next_id(), _recipient(call), text, call.now, call.who.client_id)
    row.push = True
    call.portal.notifications.put(row)
    return True


METHODS: dict[str, Method] = {
    "im.message.add": Method(message_add, "im"),
    "im.message.update": Method(message_update, "im"),
    "im.message.delete": Method(message_delete, "im"),
    "im.dialog.get": Method(dialog_get, "im"),
    "im.dialog.messages.get": Method(messages_get, "im"),
    "im.disk.folder.get": Method(folder_get, "im"),
    "im.disk.file.commit": Method(file_commit, "im"),
    "im.notify.personal.add": Method(notify, "im"),
    "pull.application.push.add": Method(push_add, "pull"),
}
