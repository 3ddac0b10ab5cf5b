"""`task.stages.*`: the columns of a project's kanban."""

import re
from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import Group, Stage
from posrednik_sandbox.portal.values import as_dict, as_int, flag

# Given in turn to columns whose maker names no colour, so that neighbours differ on the board.
COLORS = ("2FC6F6", "A77BFF", "FFB020", "59B336", "8FA69A", "FF8A3D", "A8B4BE", "F26C9E")


def _id(call: Call, name: str) -> int:
    return as_int(call.any_case(name), 0) or 0


def _group(call: Call, group_id: int) -> Group:
    """RestError ACCESS_DENIED unless the caller is in the group, or an administrator saying `isAdmin`."""
    group, user_id = call.portal.groups.get(group_id), call.who.user_id
    as_admin = flag(call.any_case("isAdmin")) and call.portal.is_admin(user_id)
    if group is None or not (user_id in group.members or as_admin):
        raise RestError("ACCESS_DENIED", "Доступ запрещен")
    return group


def _stage(call: Call, stage_id: int) -> Stage:
    stage = call.portal.stages.get(stage_id)
    if stage is None:
        raise RestError("NOT_FOUND", "Стадия не найдена")
    return stage


def _row(stage: Stage) -> dict[str, Any]:
    return {
        "ID": str(stage.id),
        "TITLE": stage.title,
        "SORT": str(stage.sort),
        "COLOR": stage.color,
        "SYSTEM_TYPE": stage.kind,
        "ENTITY_ID": str(stage.group_id),
        "ENTITY_TYPE": "G",
        "ADDITIONAL_FILTER": [],
        "TO_UPDATE": [],
        "TO_UPDATE_ACCESS": False,
    }


def get(call: Call) -> dict[str, Any]:
    """Columns by id. The plan of a user (entityId 0) has none in this portal."""
    group_id = _id(call, "entityId")
    if group_id == 0:
        return {}
    group = _group(call, group_id)
    return {str(stage.id): _row(stage) for stage in call.portal.group_stages(group.id)}


def add(call: Call) -> int:
    fields = {name.upper(): value for name, value in as_dict(call.any_case("fields")).items()}
    title = str(fields.get("TITLE") or "").strip()
    if not title:
        raise RestError("EMPTY_TITLE", "Не указано название стадии")
    group = _group(call, as_int(fields.get("ENTITY_ID"), 0) or 0)
    sort = _make_room(call, group.id, as_int(fields.get("AFTER_ID"), 0) or 0)
    own = sum(not stage.kind for stage in call.portal.group_stages(group.id))
    color = _color(fields.get("COLOR"), COLORS[own % len(COLORS)])
    stage = Stage(call.portal.stages.next_id(), group.id, title, sort, color)
    return call.portal.stages.put(stage).id


def _make_room(call: Call, group_id: int, after_id: int) -> int:
    """The sort of a new column after `after_id` (0: at the left end), moving the others aside."""
    stages = call.portal.group_stages(group_id)
    ids = [stage.id for stage in stages]
    place = ids.index(after_id) + 1 if after_id in ids else 0
    for position, stage in enumerate(stages, start=1):
        sort = (position + (position > place)) * 100
        if stage.sort != sort:
            stage.sort = sort
            call.portal.stages.put(stage)
    return (place + 1) * 100


def _color(value: Any, otherwise: str) -> str:
    """Six hexadecimal digits; anything else keeps `otherwise`."""
    text = str(value or "").lstrip("#").upper()
    return text if re.fullmatch("[0-9A-F]{6}", text) else otherwise


def update(call: Call) -> bool:
    stage = _stage(call, _id(call, "id"))
    _group(call, stage.group_id)
    fields = {name.upper(): value for name, value in as_dict(call.any_case("fields")).items()}
    if "TITLE" in fields:
        title = str(fields["TITLE"] or "").strip()
        if not title:
            raise RestError("EMPTY_TITLE", "Не указано название стадии")
        stage.title = title
    stage.color = _color(fields.get("COLOR"), stage.color)
    call.portal.stages.put(stage)
    after_id = as_int(fields.get("AFTER_ID"))
    if after_id is not None and after_id != stage.id:
        stage.sort = _make_room(call, stage.group_id, after_id)
        call.portal.stages.put(stage)
    return True


def delete(call: Call) -> bool:
    stage = _stage(call, _id(call, "id"))
    _group(call, stage.group_id)
    if call.portal.group_stages(stage.group_id)[0].id == stage.id:
        raise RestError("CANT_DELETE_FIRST", "Нельзя удалить первую стадию")
    if stage.kind in ("NEW", "FINISH"):
        raise RestError("IS_SYSTEM", "Нельзя удалить системную стадию")
    if any(task.stage_id == stage.id for task in call.portal.tasks):
        raise RestError("NOT_EMPTY", "В стадии есть задачи")
    call.portal.stages.drop(stage.id)
    return True


def move_task(call: Call) -> bool:
    task = tasks.find(call.portal, call.who.user_id, _id(call, "id"))
    if task is None:
        raise RestError("TASK_NOT_FOUND", "Задача не найдена")
    stage = _stage(call, _id(call, "stageId"))
    if not _may_move(call, task.group_id):
        raise RestError("ACCESS_DENIED_MOVE", "Нет прав на перемещение задачи")
    sort = tasks.sort_beside(call.portal, task, _id(call, "before"), _id(call, "after"))
    tasks.move(call.portal, call.who.user_id, task, stage, sort)
    return True


def _may_move(call: Call, group_id: int) -> bool:
    group = call.portal.groups.get(group_id)
    member = group is not None and call.who.user_id in group.members
    return group is not None and (member or call.portal.is_admin(call.who.user_id))


def can_move_task(call: Call) -> bool:
    if str(call.any_case("entityType", "G")).upper() == "U":
        return _id(call, "entityId") == call.who.user_id
    return _may_move(call, _id(call, "entityId"))


METHODS: dict[str, Method] = {
    "task.stages.get": Method(get, "task"),
    "task.stages.add": Method(add, "task"),
    "task.stages.update": Method(update, "task"),
    "task.stages.delete": Method(delete, "task"),
    "task.stages.movetask": Method(move_task, "task"),
    "task.stages.canmovetask": Method(can_move_task, "task"),
}
