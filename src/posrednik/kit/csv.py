"""Tables as CSV that a Russian Excel opens by a double click: `;`, decimal comma, BOM. Text is never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from posrednik.kit.sheets import Column, Kind, Row

BOM = "\ufeff"
# A cell that begins so is calculated by the program that opens the file: =cmd|' /C calc'!A0.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def header(columns: Sequence[Column]) -> str:
    return BOM + _text([column.title for column in columns])


def lines(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    """Values as `sheets.Column` has them; money in rubles, seconds as they are."""
    return "".join(_text([_cell(column.kind, row.get(column.key)) for column in columns]) for row in rows)


def _text(cells: Sequence[str]) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=";", lineterminator="\r\n").writerow(cells)
    return made.getvalue()


def _cell(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    match kind:
        case "text":
            return safe(str(value))
        case "date":
            return f"{value:%d.%m.%Y}" if isinstance(value, date) else ""
        case "money":
            return _decimal(value, 2)
        case "quantity":
            return _decimal(value, 3).rstrip("0").rstrip(",")
        case "share":
            return f"{value:.4f}".replace(".", ",")
        case _:
            return str(round(value))


def _decimal(value: int, digits: int) -> str:
    whole, part = divmod(abs(value), 10**digits)
    return f"{'-' if value < 0 else ''}{whole},{part:0{digits}d}"


def safe(text: str) -> str:
    """The text, after an apostrophe if it would be taken for a formula."""
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA and text else text
