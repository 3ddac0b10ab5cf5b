"""Functions that the SQL made of a query calls."""

import re
import sqlite3
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from posrednik_sandbox.onec.odata.model import ENUMS, word_ref


def register(db: sqlite3.Connection) -> None:
    for name, function in _FUNCTIONS.items():
        db.create_function(name, -1, function, deterministic=True)


def _enum_name(about: str, value: Any) -> str:
    table = ENUMS[about]
    if value is None:
        return table.get(False, "")
    return table.get(value, str(value).replace(" ", ""))


def _like(value: Any, pattern: Any, escape: str) -> int | None:
    if value is None or pattern is None:
        return None
    return int(_pattern(str(pattern), escape).fullmatch(str(value)) is not None)


@lru_cache(maxsize=512)  # the same for every row that is looked at
def _pattern(text: str, escape: str) -> re.Pattern[str]:
    made, letters = "", iter(text)
    for letter in letters:
        if escape and letter == escape:
            made += re.escape(next(letters, ""))
        else:
            made += {"%": ".*", "_": ".", "[": "[", "]": "]"}.get(letter, re.escape(letter))
    return re.compile(made, re.DOTALL | re.IGNORECASE)


def _start(value: Any, period: str) -> str | None:
    if value is None:
        return None
    return _start_of(datetime.fromisoformat(value), period).isoformat()


def _start_of(moment: datetime, period: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "ГОД":
            return day.replace(month=1, day=1)
        case "КВАРТАЛ":
            return day.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1)
        case "МЕСЯЦ":
            return day.replace(day=1)
        case "НЕДЕЛЯ":
            return day - timedelta(days=day.weekday())
        case "ЧАС":
            return moment.replace(minute=0, second=0)
        case "МИНУТА":
            return moment.replace(second=0)
    return day


def _end(value: Any, period: str) -> str | None:
    if value is None:
        return None
    start = _start_of(datetime.fromisoformat(value), period)
    return (_added(start, period, 1) - timedelta(seconds=1)).isoformat()


def _added(moment: datetime, period: str, count: int) -> datetime:
    months = {"ГОД": 12, "КВАРТАЛ": 3, "МЕСЯЦ": 1}.get(period)
    if months is None:
        seconds = {"НЕДЕЛЯ": 604800, "ДЕНЬ": 86400, "ЧАС": 3600, "МИНУТА": 60}.get(period, 1)
        return moment + timedelta(seconds=seconds * count)
    whole = moment.year * 12 + moment.month - 1 + months * count
    last = _days_of(whole // 12, whole % 12 + 1)
    return moment.replace(year=whole // 12, month=whole % 12 + 1, day=min(moment.day, last))


def _days_of(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def _date_add(value: Any, period: str, count: Any) -> str | None:
    return None if value is None else _added(datetime.fromisoformat(value), period, int(count)).isoformat()


def _date_diff(first: Any, second: Any, period: str) -> int | None:
    if first is None or second is None:
        return None
    one, two = datetime.fromisoformat(first), datetime.fromisoformat(second)
    if period in ("ГОД", "КВАРТАЛ", "МЕСЯЦ"):
        months = two.year * 12 + two.month - one.year * 12 - one.month
        return months // {"ГОД": 12, "КВАРТАЛ": 3, "МЕСЯЦ": 1}[period]
    seconds = {"НЕДЕЛЯ": 604800, "ДЕНЬ": 86400, "ЧАС": 3600, "МИНУТА": 60}.get(period, 1)
    return int((two - one).total_seconds()) // seconds


_FUNCTIONS: dict[str, Any] = {
    "word_ref": word_ref, "enum_name": _enum_name, "like_1c": _like, "period_start": _start, "period_end": _end,
    "date_add": _date_add, "date_diff": _date_diff,
}  # fmt: skip
