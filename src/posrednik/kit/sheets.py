"""Tables as Excel files, row by row: memory does not grow with their length. Text is never taken for a formula."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "date", "count", "money", "quantity", "share", "seconds"]
Row = Mapping[str, Any]
LONGEST_TEXT = 32_000  # Excel takes 32 767 characters
A4 = 9
_WIDTHS: Mapping[Kind, int] = {
    "text": 26,
    "date": 12,
    "count": 11,
    "money": 15,
    "quantity": 12,
    "share": 11,
    "seconds": 12,
}
_FORMATS: Mapping[Kind, str] = {
    "text": "General", "date": "dd.mm.yyyy", "count": "#,##0", "money": "#,##0.00", "quantity": "General",
    "share": "0.0%", "seconds": "[h]:mm:ss",
}  # fmt: skip
_UNITS: Mapping[Kind, int] = {"money": 100, "quantity": 1000, "seconds": 86_400}
_NAMED = re.compile(r"\{(\w+)(\.all)?\}")


@dataclass(frozen=True, slots=True)
class Column:
    """Values: money in kopecks, quantity in thousandths, share as a part of one, seconds, date; None = an empty cell.

    total: a formula of the totals' row without `=`, where {key} is the sum of another column's shown rows and {key.all}
    its cells; empty = no total.
    """

    key: str
    title: str
    kind: Kind
    total: str = ""


class Sheet:
    """One table in one file: title, what was asked for, header, rows, totals. Close it, or the file is none."""

    def __init__(self, path: Path, title: str, asked: Sequence[str], columns: Sequence[Column]) -> None:
        import xlsxwriter  # large, and no process needs it at its start

        self.columns = columns
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), {**options, "tmpdir": str(path.parent)})
        self._sheet = self._book.add_worksheet()
        look = {"valign": "top"}
        self._formats = {kind: self._book.add_format({**look, "num_format": _FORMATS[kind]}) for kind in _FORMATS}
        self._sums = {
            kind: self._book.add_format({"bold": True, "top": 1, "num_format": _FORMATS[kind]}) for kind in _FORMATS
        }
        self._row = self._head(title, asked)
        self._first = self._row

    def _head(self, title: str, asked: Sequence[str]) -> int:
        bold = self._book.add_format({"bold": True, "font_size": 14})
        header = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
        self._sheet.write_string(0, 0, title, bold)
        for row, text in enumerate(asked, 1):
            self._sheet.write_string(row, 0, text)
        row = len(asked) + 2
        for number, column in enumerate(self.columns):
            self._sheet.set_column(number, number, _WIDTHS[column.kind])
            self._sheet.write_string(row, number, column.title, header)
        self._sheet.freeze_panes(row + 1, 0)
        self._print(title, row)
        return row + 1

    def _print(self, title: str, header: int) -> None:
        self._sheet.set_landscape()
        self._sheet.set_paper(A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(header)
        self._sheet.set_header("&L" + title.replace("&", "&&"))
        self._sheet.set_footer("&R&P / &N")

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            for number, column in enumerate(self.columns):
                self._write(number, column.kind, row.get(column.key), self._formats[column.kind])
            self._row += 1

    def _write(self, number: int, kind: Kind, value: Any, shape: Any) -> None:
        if value is None:
            return
        if kind == "text":
            self._sheet.write_string(self._row, number, str(value)[:LONGEST_TEXT], shape)
        elif kind == "date" and isinstance(value, date):
            self._sheet.write_datetime(self._row, number, value, shape)
        else:
            self._sheet.write_number(self._row, number, _number(kind, value), shape)

    def close(self, word: str, totals: Row) -> None:
        """word: before the totals. totals: the values that the formulas have now, for those who do not calculate."""
        last = self._row - 1
        if last >= self._first:
            self._sheet.autofilter(self._first - 1, 0, last, len(self.columns) - 1)
            self._sheet.write_string(self._row, 0, word, self._sums["text"])
            for number, column in enumerate(self.columns):
                if column.total:
                    shape, value = self._sums[column.kind], totals.get(column.key)
                    told = "" if value is None else _number(column.kind, value)
                    self._sheet.write_formula(self._row, number, self._formula(column.total, last), shape, told)
        self._book.close()

    def _formula(self, total: str, last: int) -> str:
        from xlsxwriter.utility import xl_range

        numbers = {column.key: number for number, column in enumerate(self.columns)}

        def cells(found: re.Match[str]) -> str:
            number = numbers[found[1]]
            named = xl_range(self._first, number, last, number)
            return str(named) if found[2] else f"SUBTOTAL(109,{named})"

        return "=" + _NAMED.sub(cells, total)


def _number(kind: Kind, value: float) -> float:
    return value / _UNITS.get(kind, 1)
