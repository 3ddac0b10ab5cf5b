"""Формат(): numbers, dates and booleans by a format string of 1C."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from tests.bsl import ops
from tests.bsl.native import BslError, Value

_ENGLISH = {
    "nd": "чц", "nfd": "чдц", "nds": "чрд", "ngs": "чрг", "ng": "чг", "nz": "чн", "nlz": "чвн", "nn": "чо", "ns": "чс",
    "df": "дф", "dlf": "длф", "de": "дп", "bf": "бл", "bt": "би", "l": "л",
}  # fmt: skip
_PART = re.compile(r"""\s*(\w+)\s*(?:=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*))?\s*(?:;|$)""")
_MONTHS = [
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
]  # fmt: skip
_DAYS = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]


def options_of(text: str) -> dict[str, str]:
    """«ЧДЦ=2; ЧРД=.» as {"чдц": "2", "чрд": "."}; values may be quoted. Raises BslError for what is no format."""
    found, at = {}, 0
    while at < len(text.rstrip()):
        part = _PART.match(text, at)
        if part is None:
            raise BslError("Недопустимое значение параметра (параметр номер '2')")
        name, value = part[1].lower(), part[2] or ""
        quoted = value[:1] in ("'", '"') and len(value) > 1
        found[_ENGLISH.get(name, name)] = value[1:-1].replace(value[0] * 2, value[0]) if quoted else value
        at = part.end()
    return found


def formatted(value: Value, text: str) -> str:
    """The text of a value by a format; other values as Строка()."""
    options = options_of(text)
    if value is True or value is False:
        default = "Да" if value else "Нет"
        return options.get("би" if value else "бл", default)
    if ops.is_number(value):
        return number_by(value, options)
    if isinstance(value, datetime):
        return date_by(value, options)
    return ops.text(value)


def number_by(value: int | Decimal, options: dict[str, str]) -> str:
    """A number; zero is an empty text unless ЧН says otherwise."""
    if value == 0 and options.get("чн", "") == "" and "чн" not in options:
        return ""
    if value == 0 and options["чн"]:
        return options["чн"]
    sign = "-" if value < 0 else ""
    whole, fraction = _digits(abs(Decimal(value)), options)
    if not (whole + fraction).strip("0"):
        sign = ""
    grouped = _grouped(whole, options)
    body = grouped + (options.get("чрд", ",")[:1] + fraction if fraction else "")
    return f"({body})" if sign and options.get("чо") == "0" else sign + body


def _digits(value: Decimal, options: dict[str, str]) -> tuple[str, str]:
    """The digits before and after the point, cut to ЧЦ and rounded to ЧДЦ."""
    value = value.scaleb(-int(options.get("чс") or 0))
    total = int(options.get("чц") or 0)
    if "чдц" in options or total:
        value = value.quantize(Decimal(1).scaleb(-int(options.get("чдц") or 0)), ROUND_HALF_UP, ops.EXACT)
        whole, _, fraction = f"{value:f}".partition(".")
    else:
        whole, _, fraction = f"{value:f}".partition(".")
        fraction = fraction.rstrip("0")
    room = total - len(fraction)
    if total and len(whole) > room:
        return "9" * max(room, 1), "9" * len(fraction)
    return (whole.zfill(room) if total and "чвн" in options else whole), fraction


def _grouped(whole: str, options: dict[str, str]) -> str:
    mark = options.get("чрг", ops.NBSP)[:1]
    sizes = [int(size) for size in re.findall(r"\d+", options.get("чг", "3"))] or [0]
    parts: list[str] = []
    while whole and sizes[0]:
        parts.insert(0, whole[-sizes[0] :])
        whole = whole[: -sizes[0]]
        if len(sizes) > 1:
            sizes = sizes[1:] if sizes[1] else [len(whole) or 1]
    return mark.join([whole, *parts] if whole else parts)


def date_by(value: datetime, options: dict[str, str]) -> str:
    """A date by ДФ or ДЛФ; the empty date is ДП or an empty text."""
    if value == ops.EMPTY_DATE:
        return options.get("дп", "")
    if "дф" in options:
        return _by_pattern(value, options["дф"])
    return _local(value, options.get("длф", "ДВ").upper())


def _local(value: datetime, kind: str) -> str:
    """ДЛФ: Д and DD date, В and T time, ДВ and DT both, ДД the long date."""
    day = f"{value:%d.%m.}{value.year:04}"
    time = f"{value.hour}:{value:%M:%S}"
    long = f"{value.day} {_MONTHS[value.month - 1]} {value.year} г."
    known = {"Д": day, "D": day, "В": time, "T": time, "ДД": long, "DD": long}
    known |= {"ДДВ": f"{long} {time}", "DDT": f"{long} {time}"}
    return known.get(kind, f"{day} {time}")


_LETTERS: dict[str, Callable[[datetime, int], str]] = {
    "d": lambda v, n: str(v.day).zfill(n) if n < 3 else _DAYS[v.weekday()][: 2 if n == 3 else None],
    "M": lambda v, n: str(v.month).zfill(n) if n < 3 else _MONTHS[v.month - 1][: 3 if n == 3 else None],
    "y": lambda v, n: str(v.year).zfill(4) if n > 2 else str(v.year % 100).zfill(n),
    "H": lambda v, n: str(v.hour).zfill(n),
    "h": lambda v, n: str(v.hour % 12 or 12).zfill(n),
    "m": lambda v, n: str(v.minute).zfill(n),
    "s": lambda v, n: str(v.second).zfill(n),
    "t": lambda v, n: "AM" if v.hour < 12 else "PM",
}
_RUSSIAN = {"д": "d", "М": "M", "г": "y", "Ч": "H", "ч": "h", "м": "m", "с": "s", "в": "t"}
_PIECE = re.compile(r"""'([^']*)'|"([^"]*)"|(([dMyHhmstдМгЧчмсв])\4*)|(.)""", re.DOTALL)


def _by_pattern(value: datetime, pattern: str) -> str:
    """A pattern of letters; what is quoted and what is no letter of a pattern stays."""
    made = []
    for piece in _PIECE.finditer(pattern):
        if piece[3]:
            letter = _RUSSIAN.get(piece[4], piece[4])
            made.append(_LETTERS[letter](value, len(piece[3])))
        else:
            made.append(piece[1] or piece[2] or piece[5] or "")
    return "".join(made)
