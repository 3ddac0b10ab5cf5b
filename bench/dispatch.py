"""`dispatch`: the same events delivered by each engine, in turn, several rounds, medians compared."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from rich.console import Console

from bench.contenders.base import CHUNK, Contender
from bench.contenders.registry import NAMES, contender
from bench.loop import run
from bench.machine import Child, Place, child, cpu_s
from bench.report import Report, median, spread
from bench.sink import Asker
from bench.work import Job, jobs

KEYS = 1000
PATIENCE_S = 120.0
# Ten times slower than the rest: one round of fewer events says enough, and it is in none of the ratios.
SLOW, SLOW_EVENTS = ("procrastinate",), {True: 400, False: 3000}
WANTED_OF_PGQUEUER, WANTED_OF_FLOOR = 1.2, 0.8


@dataclass(slots=True)
class Figures:
    """One engine over all rounds. rates: events a second. cpu_ms: per event: worker, PostgreSQL, sink."""

    bulk: list[float] = field(default_factory=list)
    single: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[tuple[float, float, float]] = field(default_factory=list)


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    events, rounds, singles = (1500, 2, 100) if quick else (5000, 5, 500)
    figures: dict[str, Figures] = defaultdict(Figures)
    for number in range(rounds):
        for name in NAMES:
            slow = name in SLOW
            if slow and number:
                continue
            count = min(events, SLOW_EVENTS[quick]) if slow else events
            one_round(place, name, number, jobs(count, KEYS), jobs(singles, KEYS), figures[name])
            console.print(f"round {number + 1}: {contender(name).name} {figures[name].rates[-1]:.0f}/s")
    return _report(figures, events, rounds, quick)


def one_round(
    place: Place, name: str, number: int, bulk: Sequence[Job], single: Sequence[Job], figures: Figures
) -> None:
    engine = contender(name)
    made = place.migrated if engine.ours else place.empty
    log = place.folder / f"{name}.log"
    with made(f"{name}_{number}") as dsn, child("bench.sink", log=log) as sink:
        port = int(sink.line())
        url = f"http://127.0.0.1:{port}/hook"
        run(engine.prepare(dsn, url))
        figures.bulk.append(len(bulk) / enqueue(engine, dsn, bulk, CHUNK))
        rate, cpu = deliver(place, name, dsn, port, len(bulk), sink.process.pid)
        figures.rates.append(rate)
        figures.cpu_ms.append(cpu)
        if single:
            figures.single.append(len(single) / enqueue(engine, dsn, single, 1))


def enqueue(engine: Contender, dsn: str, batch: Sequence[Job], chunk: int) -> float:
    took: list[float] = []

    async def put() -> None:
        took.append(await engine.enqueue(dsn, batch, chunk))

    run(put())
    return took[0]


def deliver(
    place: Place, name: str, dsn: str, port: int, count: int, sink_pid: int
) -> tuple[float, tuple[float, float, float]]:
    """Let one worker process deliver `count` waiting events. Returns events a second, from the first POST until all
    are recorded, and CPU milliseconds per event, the engine's start included, of worker, PostgreSQL and sink."""
    log = place.folder / f"{name}.log"
    with child("bench.worker", name, dsn, f"http://127.0.0.1:{port}/hook", str(log), log=log) as worker:
        worker.line()
        place.checkpoint()
        pids = (worker.process.pid, place.server.pid, sink_pid)
        before = [cpu_s(pid) for pid in pids]
        worker.say("go")
        try:
            took_s = _until_recorded(contender(name), dsn, port, count, worker)
        except TimeoutError as error:
            raise TimeoutError(f"{name}: {error}; its log ends with: {worker.tail()}") from error
        used = [1000 * (cpu_s(pid) - was) / count for pid, was in zip(pids, before, strict=True)]
    return count / took_s, (used[0], used[1], used[2])


def _until_recorded(engine: Contender, dsn: str, port: int, count: int, worker: Child) -> float:
    asker, deadline = Asker(port), time.monotonic() + PATIENCE_S
    with psycopg.connect(dsn, autocommit=True) as connection:
        asker.wait_for(1, deadline, worker.check, every_s=0.001)
        started = time.perf_counter()
        asker.wait_for(count, deadline, worker.check)
        while (row := connection.execute(engine.recorded.encode()).fetchone()) is None or row[0] < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{row} of {count} recorded")
            time.sleep(0.003)
    took_s = time.perf_counter() - started
    posts, different = asker.counts()
    asker.close()
    if (posts, different) != (count, count):
        raise AssertionError(f"{engine.name}: {posts} POSTs of {different} events, expected {count}")
    return took_s


def _report(figures: dict[str, Figures], events: int, rounds: int, quick: bool) -> Report:
    report = Report(
        f"dispatch: {events} events over {KEYS} keys, one POST each, one worker, {rounds} rounds",
        "./run bench dispatch" + (" --quick" if quick else ""),
    )
    for name, one in figures.items():
        cpu = [median([row[i] for row in one.cpu_ms]) for i in range(3)]
        report.tell(
            contender(name).name,
            f"{spread(one.rates)} /s · CPU ms an event: worker {cpu[0]:.2f}, PostgreSQL {cpu[1]:.2f}, sink {cpu[2]:.2f}"
            f" · enqueue/s: bulk {median(one.bulk):.0f}, one by one {median(one.single):.0f}",
        )
    rate = {name: median(one.rates) for name, one in figures.items()}
    report.at_least("Posrednik : PgQueuer", rate["posrednik"] / rate["pgqueuer"], WANTED_OF_PGQUEUER)
    report.at_least("Posrednik : floor", rate["posrednik"] / rate["floor"], WANTED_OF_FLOOR)
    return report
