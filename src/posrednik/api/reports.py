"""Doors of the reports: as JSON for the screen, as a file, and what is behind each figure."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from posrednik.api import documents_reports as told
from posrednik.api.auth import asked, check_range, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, language, plain
from posrednik.api.zone import zone_of
from posrednik.domain.publication import rubles, units
from posrednik.domain.reports import EVENTS, REPORTS, Column, Report
from posrednik.domain.rights import Right
from posrednik.store.db import Row, Tx
from posrednik.usecases import report_files
from posrednik.usecases import reports as made_of
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.kpi import note_report
from posrednik.usecases.reports import Behind, Made, Span, added

AnyRequest = Request[Any, Any, Any]
From = Annotated[date | None, QueryParameter(name="from")]
MOST_ON_SCREEN = 5_000
MOST_CASES = 500
NOBODY = "-"  # in the address: an empty courier means any
PIECE = 65_536
TYPES = {
    "csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def _report(name: str) -> Report:
    found = REPORTS.get(name)
    if found is None:
        raise Problem(404, "not_found")
    return found


def _span(caller: Caller, zone: ZoneInfo, first: date | None, last: date | None, division: str, courier: str) -> Span:
    """Of no days named: today. Only what the person may see."""
    last = last or (first if first else datetime.now(zone).date())
    whose = "" if courier == NOBODY else asked(courier, 100).lower() or None
    divisions = None if caller.divisions is None else sorted(caller.divisions)
    return Span(first or last, last, divisions, asked(division, 100).lower() or None, whose)


@get(
    "/{name:str}", summary="A report, as JSON or as a file",
    **documented("report", answer=told.ReportAnswer, says_no=(404, 422), right=Right.REPORT_SEE),
)  # fmt: skip
async def report(
    request: AnyRequest,
    name: FromPath[str],
    since: From = None,
    to: FromQuery[date | None] = None,
    division: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    format: FromQuery[str] = "json",
) -> Response[Any]:
    began = time.perf_counter()
    caller = await person_of(request, Right.REPORT_SEE, asked(division, 100).lower() or None)
    found, services, lang = _report(name), services_of(request), language(request)
    zone = await zone_of(services, caller, asked(division, 100).lower())
    span = _span(caller, zone, since, to, division, courier)
    if format in report_files.FORMS:
        file = await _file(request, found, span, format, datetime.now(zone))
        await note_report(services.db, time.perf_counter() - began, found.name)
        return file
    if format != "json":
        raise Problem(400, "malformed", errors=[{"pointer": "/query/format", "detail": "json, xlsx, csv"}])

    async def work(tx: Tx) -> dict[str, Any]:
        made = await made_of.opened(tx, found, span, services.rules, lang)
        lines = [line async for piece in made.lines(MOST_ON_SCREEN) for line in piece]
        return _answer(made, lines)

    answer = await services.db.transact(work)
    await note_report(services.db, time.perf_counter() - began, found.name)
    return plain({**answer, "made_at": datetime.now(UTC).isoformat(), "took_ms": _passed_ms(began)}, headers=HEADERS)


def _passed_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _answer(made: Made, lines: list[dict[str, Any]]) -> dict[str, Any]:
    columns, totals, lang = made.report.columns, made.totals, made.lang
    return {
        "name": made.report.name, "title": made.report.title[lang == "en"],
        "columns": [{"key": one.key, "title": one.words(lang), "kind": one.kind} for one in columns],
        "rows": [_refs(line) | values for line, values in zip(lines, _values(columns, lines), strict=True)],
        "totals": _values([one for one in columns if one.key in totals], [totals])[0],
        "cases": {one.key: address for one in columns if (address := _cases_of(made, one))},
        "choices": made.choices, "first": made.span.first.isoformat(), "last": made.span.last.isoformat(),
        "hidden": len(made.hidden) if made.report.hidden_before_count else 0,
    }  # fmt: skip


REFS = ("courier_ref", "division_ref", "product_ref", "reason_ref", "figure")


def _refs(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: line[key] for key in REFS if key in line}


# How values stand in JSON; those of the other kinds are as they are.
_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "money": rubles, "quantity": units, "seconds": round, "share": lambda share: round(share, 6),
    "date": lambda day: day.isoformat(),
}  # fmt: skip


def _values(columns: Iterable[Column], lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A month has tens of thousands of cells: what is done to each is looked up once for its column."""
    plan = [(one.key, _SHOWN.get(one.kind)) for one in columns]
    return [
        {key: value if (value := line.get(key)) is None or shown is None else shown(value) for key, shown in plan}
        for line in lines
    ]


def _value(column: Column, value: Any) -> Any:
    shown = _SHOWN.get(column.kind)
    return value if value is None or shown is None else shown(value)


def _cases_of(made: Made, column: Column) -> str:
    """Where the cases of a column are; empty: it has none."""
    if not column.names:
        return ""
    name, span = made.report.name, made.span
    days = "from={day}&to={day}" if made.report.by_day else f"from={span.first}&to={span.last}"
    more = {"returns": "&figure={figure}&reason={reason_ref}", "sales": "&product={product_ref}"}.get(name, "")
    whose = "&division={division_ref}&courier={courier_ref}"
    return f"/api/v1/reports/{name}/cases?column={column.key}&{days}{whose}{more}"


# -- as a file


async def _file(request: AnyRequest, found: Report, span: Span, form: str, now: datetime) -> Stream:
    """Made whole before its first byte goes out, so that a fault is told as one; the file has no name meanwhile."""
    services = services_of(request)
    with tempfile.TemporaryDirectory(prefix="posrednik-report-") as folder:
        path = Path(folder) / f"report.{form}"
        async with services.exports:
            await report_files.write(services.db, found, span, services.rules, language(request), path, form, now)
        opened = await asyncio.to_thread(path.open, "rb")
    name = quote(f"{found.title[language(request) == 'en']} {span.first}–{span.last}.{form}")
    disposition = f"attachment; filename=\"{found.name}.{form}\"; filename*=UTF-8''{name}"
    return Stream(_pieces(opened), media_type=TYPES[form], headers={**HEADERS, "Content-Disposition": disposition})


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


# -- what is behind a figure


@get(
    "/{name:str}/cases", summary="What is behind a figure",
    **documented("reportCases", answer=told.ReportCases, says_no=(404, 422), right=Right.REPORT_SEE),
)  # fmt: skip
async def cases(
    request: AnyRequest,
    name: FromPath[str],
    column: FromQuery[str],
    since: From = None,
    to: FromQuery[date | None] = None,
    division: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    figure: FromQuery[str] = "",
    reason: FromQuery[str] = "",
    product: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
) -> Response[bytes]:
    caller = await person_of(request, Right.REPORT_SEE, asked(division, 100).lower() or None)
    found, services, lang = _report(name), services_of(request), language(request)
    asked_column = found.column(column)
    if asked_column is None or not asked_column.names:
        raise Problem(404, "not_found")
    check_range("limit", limit, 1, MOST_CASES)
    zone = await zone_of(services, caller, asked(division, 100).lower())
    span = _span(caller, zone, since, to, division, courier)
    names = [one for one in asked_column.names if one == figure or not (figure or reason)]
    behind = Behind(names, asked(reason, 100) or None, asked(product, 100) or None)

    async def work(tx: Tx) -> dict[str, Any]:
        made = await made_of.opened(tx, found, span, services.rules, lang)
        rows = await made_of.cases(tx, span, behind, limit + 1)
        hidden = made.hidden if column in found.hidden_before_count else frozenset()
        told_cases = [_case(made, asked_column, row, behind) for row in rows[:limit] if row.courier_ref not in hidden]
        return {"title": asked_column.words(lang), "kind": asked_column.kind, "cases": told_cases,
                "more": len(rows) > limit}  # fmt: skip

    return plain(await services.db.transact(work), headers=HEADERS)


def _case(made: Made, column: Column, row: Row, behind: Behind) -> dict[str, Any]:
    title = EVENTS.get(row.type, (row.type, row.type))[made.lang == "en"]
    return {
        "event": str(row.event_id), "day": row.day.isoformat(), "at": row.occurred_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(), "type": row.type, "title": title,
        "courier": made.couriers.get(row.courier_ref, row.courier_ref), "courier_ref": row.courier_ref,
        "division": made.divisions.get(row.division_ref, row.division_ref),
        "subject": {"kind": row.subject_kind, "id": row.subject_id}, "order_number": row.order_number,
        "value": _value(column, added(column, msgspec.json.decode(row.counted), behind)),
        "note": row.what or _note(made, row),
    }  # fmt: skip


def _note(made: Made, row: Row) -> str | None:
    if row.type == "delivery.not_delivered" and row.reason:
        return made.reason(row.division_ref, row.reason)
    return row.reason or None


router = Router("/api/v1/reports", route_handlers=[report, cases], tags=["Reports"])
