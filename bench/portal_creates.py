"""Creates against a portal that loses answers: each delivery must end as one task, counted in the portal."""

import time
from dataclasses import dataclass
from uuid import uuid5

import psycopg
from rich.console import Console

from bench import service, tasks
from bench.machine import Place, child
from bench.portal_process import SETTINGS, Asker
from bench.report import Report
from posrednik.config import load
from posrednik.store.lanes import PERSON

SHARE = 0.05
FAULTS = [{"kind": kind, "method": "tasks.task.add", "share": SHARE} for kind in ("drop", "http_502")]
V3_OFF = {"kind": "v3_off"}
# The portal's own cut, after which a lost answer is looked up: nothing here takes as long.
PATIENCE = ["calls_per_second = 0", "time_limit_s = 1", "timeout_s = 10"]
PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in the portal. spoiled: answers that it lost after it had made a task."""

    tasks: int
    doubles: int
    spoiled: int
    took_s: float


def creates(place: Place, console: Console, count: int, *, v3: bool) -> Made:
    """`count` deliveries' tasks, by a real worker on a database of its own."""
    name = "v3" if v3 else "classic"
    with (
        place.migrated(f"creates_{name}") as dsn,
        child("bench.portal_process", log=place.folder / "portal.log") as process,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        portal = Asker(int(process.line()))
        portal.limits(tariff="box")
        portal.faults(*FAULTS, *([] if v3 else [V3_OFF]))
        section = ["[bitrix24]", f'portal_url = "{portal.url}"', *SETTINGS, *PATIENCE]
        settings = service.config(place.folder, dsn, service.free_port(), section)
        desk = tasks.Desk(load(str(settings), {}), dsn)
        desk.put([uuid5(service.BASE, f"create-{number}") for number in range(count)], 1, PERSON)
        started = time.monotonic()
        with service.worker(place.folder, settings):
            tasks.until_done(connection, PATIENCE_S)
        took_s, state = time.monotonic() - started, portal.state()
        spoiled = sum(fault["hits"] for fault in state["faults"] if fault["kind"] != V3_OFF["kind"])
        console.print(f"{name}: {state['tasks']} tasks in {took_s:.0f} s, {spoiled} answers lost")
        return Made(state["tasks"], len(state["duplicates"]), spoiled, took_s)


def tell(report: Report, made: Made, count: int, name: str) -> None:
    report.tell(f"{name}: answers lost after the write", f"{made.spoiled}, in {made.took_s:.0f} s")
    report.must(f"{name}: tasks of {count} deliveries", str(made.tasks), str(count), made.tasks == count)
    report.must(f"{name}: deliveries with several tasks", str(made.doubles), "0", made.doubles == 0)
