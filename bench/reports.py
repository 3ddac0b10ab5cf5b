"""`reports`: what the screens of the office take over years of data, each beside a bare scan of the same table.

A scan is `SELECT count(*)` with a filter, one process, no index: what an answer would cost that looks at every row.
"""

import asyncio
import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
from rich.console import Console

from bench.filling import FAST, Size, fill
from bench.machine import Place
from bench.report import Report, median
from bench.service import BASE, api, config, free_port
from posrednik import bootstrap
from posrednik.domain.events import Actor, Event
from posrednik.domain.reports import REPORTS
from posrednik.kit.postgres import EmbeddedPostgres
from posrednik.store import board, events, figures, migrate
from posrednik.store.db import Database, Tx
from posrednik.store.sql import sql

WANTED = 50
ROUNDS = 5
FILL_S = 300
QUICK = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """path: of the service. table: the one that an answer without figures of days would be made of. whole: it holds as
    many documents as a day has, which is a matter of these and not of the history: told, not judged."""

    title: str
    path: str
    table: str = "event"
    whole: bool = False


def asked(last: date) -> list[Asked]:
    month = last - timedelta(days=29)
    return [
        Asked("report by courier and day, a day", f"/api/v1/reports/couriers?from={last}&to={last}"),
        Asked("report by courier and day, a month", f"/api/v1/reports/couriers?from={month}&to={last}"),
        Asked("report of sales, a month", f"/api/v1/reports/sales?from={month}&to={last}"),
        Asked("report of cash, a month", f"/api/v1/reports/cash?from={month}&to={last}"),
        Asked("report of returns, a month", f"/api/v1/reports/returns?from={month}&to={last}"),
        Asked("report of proofs, a month", f"/api/v1/reports/proofs?from={month}&to={last}"),
        Asked("cases of a figure, a month", f"/api/v1/reports/couriers/cases?column=done&from={month}&to={last}"),
        Asked("board, a day with all its cards", f"/api/v1/board/deliveries?day={last}", "delivery", whole=True),
        Asked("KPI, a month", f"/api/v1/board/kpi?from={month}&to={last}"),
    ]


def measure(place: Place, console: Console, *, quick: bool, deliveries: int | None = None) -> Report:
    size = Size(deliveries=deliveries or (QUICK if quick else Size().deliveries))
    last = datetime.now(ZoneInfo("Europe/Moscow")).date()
    with _filled(place.folder, size, last, console) as (dsn, fill_s):
        port = free_port()
        settings = config(place.folder, dsn, port)
        token = asyncio.run(_token(dsn))
        with api(place.folder, settings, port):
            ask = _asking(port, token)
            report = Report(
                f"reports: {size.events} events, {size.deliveries} deliveries, {size.couriers} couriers",
                f"./run bench reports --deliveries {size.deliveries}",
            )
            report.at_most("filled", fill_s, FILL_S, "s")
            scans = {table: _scan_s(dsn, table, column, last) for table, column in TABLES.items()}
            for table, seconds in scans.items():
                report.tell(f"bare scan of {table}", f"{seconds * 1000:.0f} ms")
            for one in asked(last):
                _compare(report, ask, one, scans[one.table])
            _query(report, dsn, last)
            board_s = asyncio.run(_board_s(dsn, last))
            detail = f"  ({board_s * 1000:.1f} ms)"
            report.at_least(
                "board, which of a day: scan of delivery / statement", scans["delivery"] / board_s, WANTED, detail
            )
            _fresh(report, ask, dsn, last)
    console.print(markdown(report), markup=False, highlight=False, soft_wrap=True)
    return report


TABLES = {"event": "occurred_at", "delivery": "changed_at", "day_figure": "day"}


@contextlib.contextmanager
def _filled(folder: Path, size: Size, last: date, console: Console) -> Iterator[tuple[str, float]]:
    """A server of its own, not durable, for the scans and the answers read only."""
    with EmbeddedPostgres(folder / "filled", FAST, durable=False) as server:
        dsn = server.dsn_for("postgres")
        migrate.migrate(dsn)
        began = time.monotonic()
        fill(dsn, size, last, console.print)
        yield dsn, time.monotonic() - began


async def _token(dsn: str) -> str:
    db = Database(dsn, size=1)
    await db.open()
    try:
        wrong = await figures.check(db, date.today() - timedelta(days=60), 0)
        assert not wrong, wrong
        return await bootstrap.make_token(db, "person", "bench", "bench")
    finally:
        await db.close()


Ask = Callable[[str], tuple[float, object] | None]


def _asking(port: int, token: str) -> Ask:
    """(seconds, answer) of a GET; None where the service has no such door."""

    def ask(path: str) -> tuple[float, object] | None:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise RuntimeError(f"{path}: {error.code} {error.read().decode()}") from error
        return time.perf_counter() - began, json.loads(body)

    return ask


def _compare(report: Report, ask: Ask, one: Asked, scan_s: float) -> None:
    took: list[float] = []
    for _ in range(ROUNDS + 1):
        found = ask(one.path)
        if found is None:
            report.tell(one.title, "not there")
            return
        took.append(found[0])
    answer_s = median(took[1:])
    if one.whole:
        report.tell(one.title, f"{answer_s * 1000:.1f} ms")
        return
    detail = f"  ({answer_s * 1000:.1f} ms)"
    report.at_least(f"{one.title}: scan of {one.table} / answer", scan_s / answer_s, WANTED, detail)


def _scan_s(dsn: str, table: str, column: str, last: date) -> float:
    took = []
    with psycopg.connect(dsn, autocommit=True) as conn:
        for setting in ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"):
            conn.execute(f"SET {setting} = off".encode())
        conn.execute("SET max_parallel_workers_per_gather = 0")
        for _ in range(3):
            began = time.perf_counter()
            conn.execute(f"SELECT count(*) FROM {table} WHERE {column} >= %s".encode(), [last - timedelta(days=30)])
            took.append(time.perf_counter() - began)
    return median(took)


def _query(report: Report, dsn: str, last: date) -> None:
    """The month's statement alone, without HTTP and JSON."""
    values = {
        "first": last - timedelta(days=29), "last": last, "names": list(REPORTS["couriers"].names),
        "divisions": None, "division": None, "courier": None, "refs": [], "called": [],
    }  # fmt: skip
    took = []
    with psycopg.connect(dsn, autocommit=True) as conn:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            conn.execute(sql("report_days"), values).fetchall()
            took.append(time.perf_counter() - began)
    report.tell("the statement of a month alone", f"{median(took) * 1000:.1f} ms")


async def _board_s(dsn: str, last: date) -> float:
    """Which deliveries are on the board of a day, with what its columns sum up."""
    db = Database(dsn, size=1)
    await db.open()
    took = []
    try:
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            await board.look(
                db, day=last, carry=False, number=None, divisions=None, division=None, courier=None, most=2000
            )
            took.append(time.perf_counter() - began)
    finally:
        await db.close()
    return median(took[1:])


def _fresh(report: Report, ask: Ask, dsn: str, last: date) -> None:
    """What is recorded is in the very next answer."""
    path = f"/api/v1/reports/couriers?from={last}&to={last}"
    before = _change(ask, path)
    asyncio.run(_record(dsn))
    report.must("a new event is in the next answer", f"{_change(ask, path) - before:.2f}", "1.00", True)
    assert _change(ask, path) - before == 1.0


def _change(ask: Ask, path: str) -> float:
    found = ask(path)
    assert found is not None
    told = found[1]
    assert isinstance(told, dict)
    return float(told["totals"]["change_issued"])


async def _record(dsn: str) -> None:
    db = Database(dsn, size=1)
    db.before_commit = events.flush
    await db.open()
    data = {"base_id": str(BASE), "courier_ref": "c0", "till_ref": None, "sum_kop": 100}
    at = datetime.now(ZoneInfo("UTC"))
    event = Event("cash.change_issued", "cash", UUID(int=uuid4().int), 1, at, Actor("cash_desk"), "d0", False, data)

    async def work(tx: Tx) -> None:
        events.emit(tx, event, BASE, None)

    try:
        await db.transact(work)
    finally:
        await db.close()


def markdown(report: Report) -> str:
    """The same table for documents."""
    rows = [f"| {one.what} | {one.figure.strip()} | {one.wanted} | {_VERDICTS[one.ok]} |" for one in report.lines]
    return "\n".join([f"{report.title}\n", "| what | figure | wanted | |", "|---|---|---|---|", *rows])


_VERDICTS = {None: "", True: "met", False: "not met"}
