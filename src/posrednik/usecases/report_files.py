"""A report as a file: written row by row to the disk, so that memory does not grow with it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from posrednik.domain import reports as words
from posrednik.domain.reports import Report
from posrednik.kit import csv
from posrednik.kit.sheets import Column, Sheet
from posrednik.store.db import Database
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.reports import Made, Span, opened

MOST_ROWS = 200_000


async def write(
    db: Database, report: Report, span: Span, rules: Rules, lang: str, path: Path, form: str, now: datetime
) -> int:
    """The report into `path`, which is made anew; returns its rows. form: one of `FORMS`.

    Raises what `opened` does, TooBig.
    """
    read = 0

    async def work(tx: Any) -> None:
        nonlocal read
        made = await opened(tx, report, span, rules, lang)
        read, file = 0, _FORMS[form](path, made, now)
        try:
            async for piece in made.lines(MOST_ROWS):
                read += len(piece)
                await asyncio.to_thread(file.write, piece)  # a page of cells takes a while
        finally:
            await asyncio.to_thread(file.close)

    await db.transact(work)
    return read


def columns_of(report: Report, lang: str) -> list[Column]:
    return [Column(one.key, one.words(lang), one.kind, one.total) for one in report.columns]


def asked_for(made: Made, now: datetime) -> list[str]:
    """What was asked for, a line each: above the table."""
    in_words: Callable[[words.Words], str] = lambda pair: pair[made.lang == "en"]  # noqa: E731
    span, everybody = made.span, in_words(words.ALL)
    division = made.divisions.get(span.division, span.division) if span.division else everybody
    courier = made.couriers.get(span.courier, span.courier) if span.courier else everybody
    titles = {one.key: one.words(made.lang) for one in words.REPORTS["couriers"].columns}
    return [
        f"{in_words(words.PERIOD)}: {span.first:%d.%m.%Y} – {span.last:%d.%m.%Y}",
        f"{titles['division']}: {division}", f"{titles['courier']}: {courier}",
        f"{in_words(words.MADE)}: {now:%d.%m.%Y %H:%M}",
    ]  # fmt: skip


class _Xlsx:
    def __init__(self, path: Path, made: Made, now: datetime) -> None:
        self._made = made
        title = made.report.title[made.lang == "en"]
        self._sheet = Sheet(path, title, asked_for(made, now), columns_of(made.report, made.lang))

    def write(self, lines: Sequence[dict[str, Any]]) -> None:
        self._sheet.write(lines)

    def close(self) -> None:
        self._sheet.close(words.TOTAL[self._made.lang == "en"], self._made.totals)


class _Csv:
    """The table alone: whoever reads it by a program wants nothing above or below."""

    def __init__(self, path: Path, made: Made, now: datetime) -> None:
        self._columns = columns_of(made.report, made.lang)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(csv.header(self._columns))

    def write(self, lines: Iterable[dict[str, Any]]) -> None:
        self._file.write(csv.lines(self._columns, lines))

    def close(self) -> None:
        self._file.close()


_FORMS: dict[str, Callable[[Path, Made, datetime], _Xlsx | _Csv]] = {"xlsx": _Xlsx, "csv": _Csv}
FORMS = tuple(_FORMS)
