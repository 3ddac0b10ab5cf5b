"""`bitrix24`: updates of existing tasks under the portal's own limit, 2 calls a second of 50 commands each."""

import time
from uuid import uuid5

import psycopg
from rich.console import Console

from bench import service, tasks
from bench.machine import Place, child
from bench.portal_process import SETTINGS, Asker, Seen
from bench.report import Report
from posrednik.config import load
from posrednik.store.lanes import PERSON

BATCH, CALLS_PER_S = 50, 2
WANTED = 0.95
WARM_UP = BATCH


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    updates = BATCH * CALLS_PER_S * (8 if quick else 40)
    deliveries = [uuid5(service.BASE, f"task-{number}") for number in range(updates + WARM_UP)]
    with (
        place.migrated("bitrix24") as dsn, child("bench.portal_process", log=place.folder / "portal.log") as process,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):  # fmt: skip
        portal = Asker(int(process.line()))
        portal.limits(tariff="box")
        section = ["[bitrix24]", f'portal_url = "{portal.url}"', *SETTINGS]
        free = service.config(place.folder, dsn, service.free_port(), [*section, "calls_per_second = 0"])
        desk = tasks.Desk(load(str(free), {}), dsn)
        desk.put(deliveries, 1, PERSON)
        with service.worker(place.folder, free):
            tasks.until_done(connection, 120)
        console.print(f"{portal.tasks()} tasks made")
        limited = service.config(place.folder, dsn, service.free_port(), section)
        portal.limits(tariff="standard", forget=True)
        with service.worker(place.folder, limited):
            desk.put(deliveries[:WARM_UP], 2, PERSON)
            tasks.until_done(connection, 30)
            portal.seen()
            started = _without_burst(connection)
            desk.put(deliveries[WARM_UP:], 2, PERSON)
            tasks.until_done(connection, 240)
        return _report(portal.seen(), started, updates, portal.doubles(), quick)


def _without_burst(connection: psycopg.Connection) -> float:
    """Take the saved-up calls out of our bucket, so that every call from now on was earned by time. Returns when."""
    connection.execute("UPDATE bucket SET tokens = 0, filled_at = clock_timestamp()")
    return time.time()


def _report(seen: list[Seen], started: float, updates: int, doubles: int, quick: bool) -> Report:
    batches = [one for one in seen if one.method.startswith("batch")]
    took_s = max(one.went for one in batches) - started
    done = sum(one.commands for one in batches if one.status == 200)
    limit = BATCH * CALLS_PER_S
    report = Report(
        f"bitrix24: {updates} updates of existing tasks, the portal allows {CALLS_PER_S} calls/s × {BATCH}",
        "./run bench bitrix24" + (" --quick" if quick else ""),
    )
    report.tell("rate, the burst taken away before", f"{updates / took_s:.1f} updates/s in {took_s:.1f} s")
    report.tell("HTTP calls", f"{len(seen)} for {updates} updates, {done} commands in {len(batches)} batches")
    report.at_least(f"rate : limit of {limit}/s", updates / took_s / limit, WANTED)
    refused = sum(one.status != 200 for one in seen)
    report.must("calls that the portal refused", str(refused), "0", refused == 0)
    report.must("updates sent twice", str(done - updates), "0", done == updates)
    report.must("tasks made twice", str(doubles), "0", doubles == 0)
    return report
