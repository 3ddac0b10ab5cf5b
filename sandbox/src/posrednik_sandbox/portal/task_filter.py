"""Filters and sorting of the classic `tasks.task.list`."""

import re
from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal.clock import parse_time
from posrednik_sandbox.portal.errors import core, not_allowed
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.task_fields import sub_status
from posrednik_sandbox.portal.values import Params, as_int, as_list

Test = Callable[[Task], bool]
Getter = Callable[[Task], Any]

_KEY = re.compile(r"(!?)(<=|>=|<|>|%|=|@)?(.+)", re.DOTALL)

NUMBERS: dict[str, Getter] = {
    "ID": lambda task: task.id,
    "PARENT_ID": lambda task: task.parent_id or 0,
    "GROUP_ID": lambda task: task.group_id,
    "STAGE_ID": lambda task: task.stage_id,
    "CREATED_BY": lambda task: task.creator_id,
    "RESPONSIBLE_ID": lambda task: task.responsible_id,
    "STATUS_CHANGED_BY": lambda task: task.status_changed_by,
    "PRIORITY": lambda task: task.priority,
    "REAL_STATUS": lambda task: task.status,
    "CHANGED_BY": lambda task: task.changed_by,
    "CLOSED_BY": lambda task: task.closed_by or 0,
}
TEXTS: dict[str, Getter] = {
    "TITLE": lambda task: task.title,
    "XML_ID": lambda task: task.xml_id or "",
    "GUID": lambda task: task.guid,
}
TIMES: dict[str, Getter] = {
    "CREATED_DATE": lambda task: task.created_at,
    "CHANGED_DATE": lambda task: task.changed_at,
    "ACTIVITY_DATE": lambda task: task.active_at or task.changed_at,
    "CLOSED_DATE": lambda task: task.closed_at,
    "DEADLINE": lambda task: task.deadline,
    "DATE_START": lambda task: task.started_at,
    "STATUS_CHANGED_DATE": lambda task: task.status_changed_at,
}
SETS: dict[str, Getter] = {
    "ACCOMPLICE": lambda task: {str(number) for number in task.accomplices},
    "AUDITOR": lambda task: {str(number) for number in task.auditors},
    "UF_CRM_TASK": lambda task: set(task.crm),
}


def compiled(conditions: Params, now: float, strict: bool = False) -> Test:
    """One test out of a filter. Unknown keys count for nothing, as on a real portal, unless `strict`."""
    tests = [test for key, value in conditions.items() if (test := _condition(key, value, now, strict)) is not None]
    return lambda task: all(test(task) for test in tests)


def _condition(key: str, value: Any, now: float, strict: bool) -> Test | None:
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    negated, operator, name = bool(match[1]), match[2] or "=", match[3].upper()
    test = _positive(name, operator, value, now)
    if test is None:
        if strict:
            raise core(f"Неизвестное поле фильтра: {key}")
        return None
    return (lambda task: not test(task)) if negated else test


def _positive(name: str, operator: str, value: Any, now: float) -> Test | None:
    if name == "STATUS":
        return _compare(lambda task: sub_status(task, now), operator, _numbers(value))
    if name in NUMBERS:
        return _compare(NUMBERS[name], operator, _numbers(value))
    if name in TIMES:
        return _compare(_to_seconds(TIMES[name]), operator, _moments(value))
    if name in TEXTS:
        return _like(TEXTS[name], value) if operator == "%" else _compare(TEXTS[name], operator, _texts(value))
    if name == "TAG":
        return lambda task: set(_texts(value)) <= set(task.tags)
    if name in SETS:
        return lambda task: bool(SETS[name](task) & set(_texts(value)))
    if name.startswith("UF_"):
        return _compare(lambda task: task.custom.get(name, ""), operator, _texts(value))
    return None


def _compare(getter: Getter, operator: str, values: list[Any]) -> Test:
    """Equality with any of `values`; an order with the first of them. Nothing compares to nothing."""
    if operator in ("=", "@", "%"):
        return lambda task: getter(task) in values
    if not values:
        return lambda task: False
    limit = values[0]
    orders: dict[str, Callable[[Any], bool]] = {
        "<": lambda item: item < limit,
        "<=": lambda item: item <= limit,
        ">": lambda item: item > limit,
        ">=": lambda item: item >= limit,
    }
    return lambda task: (item := getter(task)) is not None and orders[operator](item)


def _like(getter: Getter, value: Any) -> Test:
    parts = [text.lower() for text in _texts(value)]
    return lambda task: any(part in getter(task).lower() for part in parts)


def _to_seconds(getter: Getter) -> Getter:
    return lambda task: None if (at := getter(task)) is None else int(at)


def _numbers(value: Any) -> list[int]:
    return [number for item in as_list(value) if (number := as_int(item)) is not None]


def _moments(value: Any) -> list[int]:
    return [int(at) for item in as_list(value) if (at := parse_time(item)) is not None]


def _texts(value: Any) -> list[str]:
    return [str(item) for item in as_list(value)] or [""]


def ordered(tasks: list[Task], order: Params) -> list[Task]:
    """Sorted by each `{field: asc|desc}` in turn; RestError 0 for a field that cannot be sorted by."""
    getters = {**NUMBERS, **TEXTS, **TIMES}
    for name, direction in reversed(list((order or {"ID": "asc"}).items())):
        getter = getters.get(name.upper())
        if getter is None:
            raise not_allowed(f"Сортировка по полю {name} невозможна")
        tasks = sorted(tasks, key=_sortable(getter), reverse=str(direction).lower().startswith("desc"))
    return tasks


def _sortable(getter: Getter) -> Getter:
    return lambda task: (0, 0) if (value := getter(task)) is None else (1, value)
