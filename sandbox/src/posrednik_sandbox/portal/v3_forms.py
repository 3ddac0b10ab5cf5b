"""How REST v3 reads its parameters and refuses them, whatever the entity."""

from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call
from posrednik_sandbox.portal.errors import RestError, V3Error
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.values import Params

LARGEST_PAGE = 1000
Test = Callable[[Any], bool]


def is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_ids(value: Any) -> bool:
    return isinstance(value, list) and all(is_int(item) for item in value)


def invalid(field: str, text: str, name: str = "VALIDATION_DTOVALIDATION") -> V3Error:
    return V3Error(name, "Validation failed", validation=[{"message": text, "field": field}])


def bad_request(field: str, text: str) -> V3Error:
    return invalid(field, text, "VALIDATION_REQUESTVALIDATION")


def as_v3(refusal: RestError) -> V3Error:
    return invalid("fields", refusal.text)


def denied() -> V3Error:
    return V3Error("ACCESSDENIED", "Access denied", 403)


def task_of(call: Call, name: str = "id", source: Params | None = None) -> Task:
    """The task of an integer; V3Error for any other value, ENTITYNOTFOUND where the caller sees none."""
    number = (call.params if source is None else source).get(name)
    if not is_int(number):
        raise bad_request(name, "The value must be of type int")
    task = tasks.find(call.portal, call.who.user_id, number)
    if task is None:
        raise V3Error("ENTITYNOTFOUND", f"Entity with id {number} was not found")
    return task


def fields_of(call: Call, known: tuple[str, ...]) -> Params:
    """The object `fields` with nothing but `known` names."""
    fields = call.params.get("fields")
    if not isinstance(fields, dict):
        raise bad_request("fields", "Required parameter is missing")
    for name in fields:
        if name not in known:
            raise V3Error("UNKNOWNDTOPROPERTY", f"Unknown property: {name}")
    return fields


def text_of(fields: Params, name: str) -> str:
    if not isinstance(fields.get(name), str) or not fields[name].strip():
        raise invalid(name, "Required field is not filled")
    return str(fields[name])


def conditions(rows: Any, known: tuple[str, ...]) -> list[tuple[str, Test]]:
    """`(field, test of a value)` for each condition `[field, operator, value]` of a filter over `known` integers."""
    if rows is None or rows == []:
        return []
    if not isinstance(rows, list):
        raise V3Error("INVALIDFILTER", "filter must be an array of conditions")
    return [_condition(row, known) for row in rows]


def _condition(row: Any, known: tuple[str, ...]) -> tuple[str, Test]:
    if not isinstance(row, list) or len(row) not in (2, 3):
        raise V3Error("INVALIDFILTER", "A condition is [field, operator, value]")
    field, operator, value = row if len(row) == 3 else (row[0], "=", row[1])
    if field not in known:
        raise V3Error("INVALIDFILTER", f"The field {field} cannot be filtered by")
    if operator in ("in", "between"):
        return field, _range(operator, value)
    tests: dict[str, Test] = {
        "=": lambda held: held == value,
        "!=": lambda held: held != value,
        ">": lambda held: held > value,
        ">=": lambda held: held >= value,
        "<": lambda held: held < value,
        "<=": lambda held: held <= value,
    }
    if operator not in tests:
        raise V3Error("UNKNOWNFILTEROPERATOR", f"Unknown operator {operator}")
    if not is_int(value):
        raise V3Error("INVALIDFILTER", f"{field} is compared with an integer")
    return field, tests[operator]


def _range(operator: str, value: Any) -> Test:
    if not is_ids(value) or (operator == "between" and len(value) != 2):
        raise V3Error("INVALIDFILTER", f"{operator} takes a list of integers")
    if operator == "between":
        return lambda held: bool(value[0] <= held <= value[1])
    return lambda held: held in value


def descending(order: Any) -> bool:
    if order is None or order == [] or order == {}:
        return False
    if not isinstance(order, dict) or set(order) - {"id"}:
        raise V3Error("INVALIDORDER", "Ordering is by id only")
    return str(order["id"]).lower() == "desc"


def window(pagination: Any) -> tuple[int, int]:
    """Offset and limit of `{page, limit, offset}`."""
    if pagination is None:
        return 0, 50
    known = isinstance(pagination, dict) and not set(pagination) - {"page", "limit", "offset"}
    if not known or not all(is_int(value) and value >= 0 for value in pagination.values()):
        raise V3Error("INVALIDPAGINATION", "pagination takes whole numbers: page, limit, offset")
    limit = min(pagination.get("limit", 50), LARGEST_PAGE)
    offset = pagination.get("offset", (max(pagination.get("page", 1), 1) - 1) * limit)
    return offset, limit
