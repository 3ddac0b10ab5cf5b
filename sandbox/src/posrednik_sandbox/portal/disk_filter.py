"""Filters and sorting of `disk.*.getList` and `getChildren`: prefixed names over the rows as they are answered."""

import re
from collections.abc import Callable
from typing import Any

from posrednik_sandbox.portal.values import Params, as_int, as_list

_KEY = re.compile(r"(!@|!=|=%|%=|>=|<=|[!@%=<>])?(.+)", re.DOTALL)
Row = dict[str, Any]


def chosen(rows: list[Row], conditions: Params, order: Params) -> list[Row]:
    """Rows that fit every condition on a name they have, sorted; names they do not have count for nothing."""
    found = [row for row in rows if all(_fits(row, key, value) for key, value in conditions.items())]
    for name, direction in reversed(list(order.items())):
        found.sort(key=_by(name.upper()), reverse=str(direction).upper() == "DESC")
    return found


def _by(name: str) -> Callable[[Row], Any]:
    return lambda row: _order(row.get(name))


def _fits(row: Row, key: str, value: Any) -> bool:
    match = _KEY.fullmatch(key)
    if match is None or match[2].upper() not in row:
        return True
    held, wanted = str(row[match[2].upper()] or ""), [str(item) for item in as_list(value)]
    operator = match[1] or "="
    if operator in ("<", "<=", ">", ">="):
        return bool(wanted) and _compared(operator, _order(held), _order(wanted[0]))
    if operator == "%":
        return any(text.casefold() in held.casefold() for text in wanted)
    if operator in ("=%", "%="):
        return any(_like(text).fullmatch(held) for text in wanted)
    return (held.casefold() in {text.casefold() for text in wanted}) != operator.startswith("!")


def _compared(operator: str, left: Any, right: Any) -> bool:
    tests: dict[str, Callable[[], bool]] = {
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }
    return tests[operator]()


def _like(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.IGNORECASE | re.DOTALL)


def _order(value: Any) -> tuple[int, int, str]:
    number = as_int(value)
    return (0, number, "") if number is not None else (1, 0, str(value or ""))
