"""What the kanban page and the task card show, as JSON."""

import re
from collections import Counter
from typing import Any

from posrednik_sandbox.portal import chats, checklists, drive, tasks
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.model import (
    COMPLETED,
    GENERAL_CHAT,
    Change,
    ChecklistItem,
    DiskObject,
    Group,
    Message,
    Stage,
    Task,
    User,
)
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.rights import rights

# Cards drawn in one column; its count is of all of them.
LARGEST_COLUMN = 200
CHAT_LINES = 20
STATUS_TITLES = {
    2: "Ждёт выполнения",
    3: "Выполняется",
    4: "Ждёт контроля",
    5: "Завершена",
    6: "Отложена",
}
FIELD_TITLES = {
    "NEW": "Задача создана",
    "TITLE": "Название",
    "DESCRIPTION": "Описание",
    "STAGE": "Колонка",
    "STATUS": "Статус",
    "DEADLINE": "Крайний срок",
    "RESPONSIBLE_ID": "Исполнитель",
    "GROUP_ID": "Проект",
    "XML_ID": "Внешний код",
    "UF_TASK_WEBDAV_FILES": "Файл прикреплён",
    "CHECKLIST_ITEM_CREATE": "В чек-лист добавлено",
    "CHECKLIST_ITEM_CHECK": "В чек-листе отмечено",
    "CHECKLIST_ITEM_UNCHECK": "В чек-листе снята отметка",
    "CHECKLIST_ITEM_RENAME": "Пункт чек-листа",
    "CHECKLIST_ITEM_REMOVE": "Из чек-листа удалено",
    "TIME_SPENT_IN_LOGS": "Затрачено секунд",
    "ACCOMPLICES": "Соисполнители",
    "AUDITORS": "Наблюдатели",
    "PRIORITY": "Приоритет",
    "TAGS": "Теги",
}
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_MONEY = re.compile(r"(\d[\d\s\u00a0\u2009\u202f]*(?:,\d{2})?)\s*(?:₽|руб)")
_DUE = re.compile(r"(?:к получению|к оплате|сумма)\D{0,20}?" + _MONEY.pattern, re.IGNORECASE)


def moment(at: float | None) -> str | None:
    return iso(at)


def amount_kop(text: str) -> int | None:
    """The money a courier takes, out of the task's text: what stands after «К получению», else the first sum."""
    found = _DUE.search(text) or _MONEY.search(text)
    if found is None:
        return None
    whole, _, part = re.sub(r"\s", "", found[1]).partition(",")
    return int(whole) * 100 + int(part or 0)


def chat(portal: Portal) -> list[dict[str, Any]]:
    """The last lines of the general chat, newest first."""
    rows = portal.messages.of(GENERAL_CHAT)[-CHAT_LINES:]
    users = {user.id: user.full_name for user in portal.users}
    return [{"at": iso(row.at), "author": users.get(row.author_id, "?"), "text": row.text} for row in reversed(rows)]


def origin(portal: Portal) -> str:
    """Where links of the portal's own texts lead."""
    return f"http://{portal.address}"


def tasks_by_group(portal: Portal) -> dict[str, int]:
    return {str(group_id): count for group_id, count in Counter(task.group_id for task in portal.tasks).items()}


def board(portal: Portal, groups: list[Group], group: Group | None) -> dict[str, Any]:
    """Columns of `group` from left to right with their cards, and the groups to choose from."""
    counts = tasks_by_group(portal)
    doubled = {task_id for ids in portal.same_xml_id().values() for task_id in ids}
    talk = Counter(message.dialog for message in portal.messages)
    checks: dict[int, list[ChecklistItem]] = {}
    for item in portal.checklist:
        checks.setdefault(item.task_id, []).append(item)
    stages = portal.group_stages(group.id) if group else []
    by_stage: dict[int, list[Task]] = {stage.id: [] for stage in stages}
    for task in sorted((task for task in portal.tasks if group and task.group_id == group.id), key=_position):
        by_stage[tasks.column_of(portal, task.stage_id, task.group_id)].append(task)
    return {
        "version": portal.version,
        "online": portal.online,
        "bin": len(portal.deleted),
        "unread": dict(Counter(str(row.user_id) for row in portal.notifications if not row.read)),
        "group": group.id if group else None,
        "groups": [{"id": row.id, "name": row.name, "tasks": counts.get(str(row.id), 0)} for row in groups],
        "stages": [{**_column(stage), "count": len(by_stage[stage.id])} for stage in stages],
        "cards": [
            {
                **_brief(portal, task, checks.get(task.id, [])),
                "double": task.id in doubled,
                "talk": talk[tasks.dialog_of(task)],
            }
            for stage in stages
            for task in by_stage[stage.id][:LARGEST_COLUMN]
        ],
    }


def _position(task: Task) -> tuple[float, int]:
    return task.sort, task.id


def _column(stage: Stage) -> dict[str, Any]:
    return {"id": stage.id, "title": stage.title, "color": stage.color, "kind": stage.kind}


def _brief(portal: Portal, task: Task, checklist: list[ChecklistItem]) -> dict[str, Any]:
    checks = [item for item in checklist if item.parent_id]
    return {
        "id": task.id,
        "title": task.title,
        "stage": tasks.column_of(portal, task.stage_id, task.group_id),
        "status": task.status,
        "deadline": iso(task.deadline),
        "today": (iso(task.deadline) or "")[:10] == (iso(portal.now()) or "")[:10],
        "overdue": task.status != COMPLETED and task.deadline is not None and task.deadline < portal.now(),
        "done": task.status == COMPLETED,
        "responsible": person(portal, task.responsible_id),
        "amount_kop": amount_kop(task.description),
        "files": len(task.files),
        "checks": [sum(item.complete for item in checks), len(checks)] if checks else None,
        "xml_id": task.xml_id,
    }


def person(portal: Portal, user_id: int) -> dict[str, Any]:
    user = portal.users.get(user_id)
    name = user.full_name if user else f"Сотрудник {user_id}"
    initials = "".join(part[0] for part in name.split()[:2]).upper()
    post = {"position": user.position if user else "", "courier": user is not None and is_courier(user)}
    return {"id": user_id, "name": name, "initials": initials, **post}


def is_courier(user: User) -> bool:
    return "курьер" in user.position.lower()


def card(portal: Portal, task: Task, viewer: int) -> dict[str, Any]:
    """The whole card as `viewer` sees it: text, people, chat, checklist, files and history, newest last."""
    group = portal.groups.get(task.group_id)
    checklist = sorted(checklists.items_of(portal, task.id), key=lambda item: (item.sort_index, item.id))
    return {
        **_brief(portal, task, checklist),
        "version": portal.version,
        "portal": origin(portal),
        "can": rights(portal, viewer, task),
        "dialog": tasks.dialog_of(task),
        "new_card": portal.new_card,
        "description": task.description,
        "status_title": STATUS_TITLES[task.status],
        "group": {"id": task.group_id, "name": group.name if group else ""},
        "groups": [{"id": row.id, "name": row.name} for row in portal.groups],
        "stages": [_column(stage) for stage in portal.group_stages(task.group_id)],
        "creator": person(portal, task.creator_id),
        "people": [person(portal, user.id) for user in portal.users if user.active],
        "created": iso(task.created_at),
        "changed": iso(task.changed_at),
        "changed_by": person(portal, task.changed_by),
        "messages": [_line(portal, row) for row in chats.lines_of(portal, tasks.dialog_of(task))],
        "checklist": _checks(checklist),
        "attached": [{**_file(row), "attachment": hung.id} for hung, row in drive.attached(portal, task)],
        "history": [_history_row(portal, change) for change in portal.history.of(task.id)],
    }


def _line(portal: Portal, row: Message) -> dict[str, Any]:
    files = [found for number in row.files if (found := portal.objects.get(number)) is not None]
    return {
        "id": row.id,
        "author": person(portal, row.author_id),
        "text": row.text,
        "at": iso(row.at),
        "mark": "удалено" if row.deleted else "изменено" if row.edited else "",
        "files": [_file(file) for file in files],
    }


def _file(row: DiskObject) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "size": row.size, "picture": row.name.lower().endswith(PICTURES)}


def _checks(items: list[ChecklistItem]) -> list[dict[str, Any]]:
    """Lists one after another, each with what is under it."""
    return [_check_row(row) for top in items if not top.parent_id for row in _branch(items, top)]


def _branch(items: list[ChecklistItem], top: ChecklistItem) -> list[ChecklistItem]:
    below = [row for item in items if item.parent_id == top.id for row in _branch(items, item)]
    return [top, *below]


def _check_row(item: ChecklistItem) -> dict[str, Any]:
    title = "Чек-лист" if item.title == checklists.UNNAMED else item.title
    return {"id": item.id, "title": title, "complete": item.complete, "heading": not item.parent_id}


def _history_row(portal: Portal, change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "at": iso(change.at),
        "who": person(portal, change.user_id)["name"],
        "what": FIELD_TITLES.get(change.field, change.field),
        "old": _readable(portal, change.field, change.old),
        "new": _readable(portal, change.field, change.new),
    }


def _readable(portal: Portal, field: str, value: str) -> str:
    if not value:
        return ""
    if field == "STATUS":
        return STATUS_TITLES.get(int(value), value)
    if field == "GROUP_ID":
        group = portal.groups.get(int(value))
        return group.name if group else "без проекта"
    if field == "RESPONSIBLE_ID":
        return str(person(portal, int(value))["name"])
    if field == "DEADLINE":
        return (iso(float(value)) or "")[:16].replace("T", " ")
    return value if len(value) <= 60 else value[:60] + "…"
