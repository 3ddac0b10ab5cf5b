"""`million`: 1 000 000 objects by messages and by OData, beside a bare COPY of the rows they became, and the memory.

By messages: one API process, one client that waits for each answer, as a base must by its numbers; then several bases
at once. By OData: `posrednik load start` reads the sets of `bench/million_source.py` and compares them at the end.
"""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid5

import psycopg
from rich.console import Console

from bench import goods, intake, service
from bench.intake import Sender
from bench.machine import Child, Place, child, cpu_s, memory_mb
from bench.report import Report, spread

OBJECTS, ROUNDS, PORTION = 1_000_000, 10, 20_000
SIZE = 1000  # objects in a message, the most it may have
TOGETHER = 4
PAGE, PARALLEL = 1000, 2
WANTED, WANTED_MB = 0.15, 300.0
LOOK_S = 0.2
MOST_S = 3600.0


@dataclass(slots=True)
class Found:
    """Of one way in. seconds, bare_s: by round. peak_mb: the most the process ever had; grown_mb: since it was warm."""

    objects: int = 0
    seconds: list[float] = field(default_factory=list)
    bare_s: list[float] = field(default_factory=list)
    cpu_us: tuple[float, float] = (0.0, 0.0)
    peak_mb: float = 0.0
    grown_mb: float = 0.0
    checked_s: float = 0.0

    def rates(self, seconds: list[float]) -> list[float]:
        """Objects a second of each round, when all rounds are done."""
        return [self.objects / len(seconds) / one for one in seconds]

    @property
    def ratio(self) -> float:
        return sum(self.bare_s) / sum(self.seconds)


def measure(place: Place, console: Console, *, quick: bool, objects: int | None = None) -> Report:
    total = (objects or (40_000 if quick else OBJECTS)) // (ROUNDS * SIZE) * ROUNDS * SIZE or ROUNDS * SIZE
    with place.migrated("million_messages") as dsn:
        one, together = by_messages(place, console, dsn, total)
    with place.migrated("million_odata") as dsn:
        loaded = by_odata(place, console, dsn, total)
    return _report(one, together, loaded, total)


def by_messages(place: Place, console: Console, dsn: str, total: int) -> tuple[Found, Found]:
    """One sender with everything, then several bases with a tenth more between them."""
    others = [(uuid5(service.BASE, f"base-{n}"), f"bench-token-of-base-{n}") for n in range(TOGETHER)]
    more = [line for base, token in others for line in ("[[bases]]", f'id = "{base}"', f'token = "{token}"')]
    port = service.free_port()
    settings = service.config(place.folder, dsn, port, more)
    with psycopg.connect(dsn, autocommit=True) as connection, service.api(place.folder, settings, port) as api:
        connection.execute(intake.BARE)
        one = _one_sender(place, console, connection, api, Sender(port, size=SIZE), total)
        senders = [Sender(port, base, token, SIZE) for base, token in others]
        together = _together(place, connection, senders, max(total // ROUNDS // TOGETHER // SIZE, 1) * SIZE)
        together.peak_mb = memory_mb(api.process.pid, "VmHWM")
    return one, together


def _one_sender(
    place: Place, console: Console, connection: psycopg.Connection, api: Child, sender: Sender, total: int
) -> Found:
    found, pids, each = Found(total), (api.process.pid, place.server.pid), total // ROUNDS
    sender.send(goods.firsts())
    began_mb, cpu = 0.0, [0.0, 0.0]
    for number in range(ROUNDS):
        place.checkpoint()
        before = [cpu_s(pid) for pid in pids]
        found.seconds.append(_send(sender, number * each, each))
        cpu = [was + cpu_s(pid) - then for was, pid, then in zip(cpu, pids, before, strict=True)]
        began_mb = began_mb or memory_mb(pids[0])
        place.checkpoint()
        after = sender.number - each // SIZE
        found.bare_s.append(each / intake.copy(connection, f"base_id = '{service.BASE}' AND number > {after}", SIZE))
        rates = [each / one[-1] for one in (found.seconds, found.bare_s)]
        console.print(f"round {number + 1}: {rates[0]:.0f}/s, bare COPY {rates[1]:.0f}/s, {memory_mb(pids[0]):.0f} MB")
    found.peak_mb, found.grown_mb = memory_mb(pids[0], "VmHWM"), memory_mb(pids[0]) - began_mb
    found.cpu_us = (1e6 * cpu[0] / total, 1e6 * cpu[1] / total)
    _count(connection, "mirror", total + len(goods.firsts()))
    _count(connection, "bare", total)
    return found


def _send(sender: Sender, first: int, count: int) -> float:
    """Seconds of sending alone; the bodies are made in portions, with the clock stopped."""
    took = 0.0
    for at in range(first, first + count, PORTION):
        took += sender.send_all(sender.prepared(at, min(PORTION, first + count - at)))
    return took


def _together(place: Place, connection: psycopg.Connection, senders: list[Sender], each: int) -> Found:
    """Each sender a base of its own; the rows' bare COPY is the one of their first."""
    for sender in senders:
        sender.send(goods.firsts())
    bodies = [sender.prepared(0, each) for sender in senders]
    threads = [threading.Thread(target=s.send_all, args=(b,)) for s, b in zip(senders, bodies, strict=True)]
    place.checkpoint()
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Found(each * len(senders), [time.perf_counter() - began])
    place.checkpoint()
    connection.execute("TRUNCATE bare")
    found.bare_s = [found.objects / intake.copy(connection, f"base_id <> '{service.BASE}' AND number > 1", SIZE)]
    _count(connection, "bare", found.objects)
    return found


def by_odata(place: Place, console: Console, dsn: str, total: int) -> Found:
    """The mix of the messages: of twenty objects 8 products, 5 counterparties, 5 orders of three lines, 2 stocks."""
    kinds = ("order", "product", "counterparty", "stock")
    sizes = [str(goods.MIX.count(kind) * total // len(goods.MIX)) for kind in kinds]
    with (
        child("bench.million_source", *sizes, log=place.folder / "source.log") as source,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        settings = service.config(place.folder, dsn, service.free_port(), [
            "[bases.odata]", f'url = "http://127.0.0.1:{source.line()}/odata/standard.odata"', "registers = true",
            f"page = {PAGE}", f"parallel = {PARALLEL}",
        ])  # fmt: skip
        place.checkpoint()
        found = _load(place, console, connection, settings, total)
        connection.execute(intake.BARE)
        for at in range(0, total, total // ROUNDS):
            place.checkpoint()
            which = f"idx BETWEEN {at} + 2 AND {at} + 1 + {total // ROUNDS}"
            found.bare_s.append(total // ROUNDS / intake.copy(connection, which, PAGE))
        _count(connection, "bare", total)
    return found


def _load(place: Place, console: Console, connection: psycopg.Connection, settings: Path, total: int) -> Found:
    """The process of a whole first load, from its start to its end; it must end with everything equal."""
    env = {"POSREDNIK_CONFIG": str(settings)}
    args, log = ("load", "start", "--base", str(service.BASE)), place.folder / "load.log"
    with child("posrednik.cli", *args, log=log, env=env, quiet=True) as process, _Watch(process) as watch:
        code = process.process.wait(MOST_S)
        if code != 0:
            raise RuntimeError(f"the load ended with {code}: {process.tail()}")
    row = connection.execute("""
        SELECT extract(epoch FROM m.last - l.started_at), extract(epoch FROM l.finished_at - m.last)
        FROM load l, (SELECT max(changed_at) AS last FROM mirror) m""").fetchone()  # fmt: skip
    assert row is not None
    _count(connection, "mirror", total + 2)
    found = Found(total, [float(row[0])], peak_mb=watch.peak_mb, grown_mb=watch.peak_mb - watch.early_mb)
    found.checked_s = float(row[1])
    found.cpu_us = (1e6 * watch.cpu_s / total, 0.0)
    console.print(f"OData: {_rate(found)}, compared in {found.checked_s:.1f} s, {found.peak_mb:.0f} MB")
    return found


class _Watch:
    """Looks at a process until it ends: its peak of memory, its CPU time. early_mb: three seconds after its start."""

    def __init__(self, process: Child) -> None:
        self._process = process.process
        self._thread = threading.Thread(target=self._look)
        self.peak_mb = self.early_mb = self.cpu_s = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10 * LOOK_S)

    def _look(self) -> None:
        began = time.monotonic()
        while self._process.returncode is None:
            self.peak_mb = max(self.peak_mb, memory_mb(self._process.pid, "VmHWM"))
            self.cpu_s = max(self.cpu_s, cpu_s(self._process.pid))
            if time.monotonic() - began < 3:
                self.early_mb = self.peak_mb
            time.sleep(LOOK_S)


def _count(connection: psycopg.Connection, table: str, wanted: int) -> None:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    if row[0] != wanted:
        raise AssertionError(f"{table} has {row[0]} rows, expected {wanted}")


def _report(one: Found, together: Found, loaded: Found, total: int) -> Report:
    report = Report(
        f"million: {total} objects by messages of {SIZE}, and by OData in pages of {PAGE}",
        f"./run bench million --objects {total}",
    )
    report.tell("messages, one sender", f"{_rate(one)} · {_rounds(one)} · CPU µs an object: API {one.cpu_us[0]:.0f}, "
                f"PostgreSQL {one.cpu_us[1]:.0f}")  # fmt: skip
    report.tell("bare COPY of the same rows", f"{spread(one.rates(one.bare_s))} rows/s")
    report.at_least("messages : bare COPY", one.ratio, WANTED)
    report.at_most("memory of the API process, at most", one.peak_mb, WANTED_MB, "MB",
                   f" ({one.grown_mb:+.1f} since the first {total // ROUNDS} objects)")  # fmt: skip
    report.tell(f"messages, {TOGETHER} bases at once", f"{_rate(together)}, {together.ratio:.2f} of COPY; memory then "
                f"at most {together.peak_mb:.0f} MB")  # fmt: skip
    report.tell("OData, read", f"{_rate(loaded)} · CPU µs an object with the comparison: {loaded.cpu_us[0]:.0f} · "
                f"comparison with 1C at the end: {loaded.checked_s:.0f} s")  # fmt: skip
    report.tell("bare COPY of the same rows", f"{spread(loaded.rates(loaded.bare_s))} rows/s")
    report.at_least("OData : bare COPY", loaded.ratio, WANTED)
    report.at_most("memory of the loading process, at most", loaded.peak_mb, WANTED_MB, "MB",
                   f" ({loaded.grown_mb:+.1f} since its third second)")  # fmt: skip
    return report


def _rate(found: Found) -> str:
    return f"{found.objects / sum(found.seconds):.0f} objects/s"


def _rounds(found: Found) -> str:
    rates = found.rates(found.seconds)
    return f"rounds {min(rates):.0f}…{max(rates):.0f}"
