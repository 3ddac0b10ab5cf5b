"""`growth`: the dispatch rate beside a long history and a backlog, against the rate on empty tables, in turn."""

import contextlib
from collections.abc import Iterator

import psycopg
from rich.console import Console

from bench.contenders.base import CHUNK
from bench.contenders.registry import contender
from bench.dispatch import deliver, enqueue
from bench.loop import run
from bench.machine import Place, child
from bench.report import Report, median, spread
from bench.work import BASE, jobs

LANES = 20_000
KEYS = 1000
WANTED = 0.8

# Finished: the event and its attempt stay. Waiting: in back-off, due far ahead, or behind a dead letter.
FILL = """
INSERT INTO event (id, type, subject_kind, subject_id, version, occurred_at, actor, base_id, order_ref, data)
SELECT gen_random_uuid(), 'delivery.changed', 'delivery', md5('d' || n / 5)::uuid::text, mod(n, 5) + 1,
    now() - n * interval '1 s', '{"kind": "onec"}', %(base)s, md5('d' || n / 5)::uuid,
    json_build_object('text', repeat('ж', 300))
FROM generate_series(0, %(finished)s - 1) AS n;

INSERT INTO journal (at, kind, system, outcome, order_ref, event_id, attempt, duration_ms, code)
SELECT now() - n * interval '1 s', 'attempt', d.name, 'done_before', md5('d' || n / 5)::uuid, gen_random_uuid(), 1, 12,
    'accepted'
FROM generate_series(0, %(finished)s - 1) AS n, destination d WHERE d.kind = 'site';

INSERT INTO lane (destination_id, key, state, priority, due_at, depth, last_seq, attempt, why, why_text)
SELECT d.id, 'delivery:' || md5('w' || n)::uuid, CASE WHEN mod(n, 4) = 0 THEN 'dead' ELSE 'ready' END, mod(n, 2),
    now() + interval '1 day' + n * interval '1 s', %(depth)s, %(depth)s, 3, 'http_500', 'приёмник ответил ошибкой'
FROM generate_series(1, %(lanes)s) AS n, destination d WHERE d.kind = 'site';

INSERT INTO message (lane_id, seq, event_id, order_ref, method, priority, body, dead_at, dead_code, dead_why)
SELECT l.id, s, gen_random_uuid(), NULL, 'webhook', 0, json_build_object('text', repeat('ж', 300)),
    CASE WHEN l.state = 'dead' AND s = 1 THEN now() END, CASE WHEN l.state = 'dead' AND s = 1 THEN 'http_400' END,
    CASE WHEN l.state = 'dead' AND s = 1 THEN 'приёмник отказал' END
FROM lane l CROSS JOIN generate_series(1, %(depth)s) AS s WHERE l.depth > 0;
"""


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    finished, lanes, events, rounds = (50_000, 2_000, 1500, 2) if quick else (1_000_000, LANES, 5000, 5)
    empty: list[float] = []
    full: list[float] = []
    with _database(place, "growth_empty") as new, _database(place, "growth_full") as old:
        waiting = fill(old, finished, lanes)
        console.print(f"filled: {finished} finished, {waiting} waiting")
        for number in range(rounds):
            for dsn, rates in ((new, empty), (old, full)):
                rates.append(one_run(place, dsn, events))
            console.print(f"round {number + 1}: empty {empty[-1]:.0f}/s, full {full[-1]:.0f}/s")
    report = Report(
        f"growth: {finished} finished and {waiting} waiting messages over {lanes} lanes, {rounds} rounds of {events}",
        "./run bench growth" + (" --quick" if quick else ""),
    )
    report.tell("on empty tables", f"{spread(empty)} /s")
    report.tell("on full tables", f"{spread(full)} /s")
    report.at_least("full : empty", median(full) / median(empty), WANTED)
    return report


@contextlib.contextmanager
def _database(place: Place, name: str) -> Iterator[str]:
    """A database whose one subscriber is told a new address before each run."""
    with place.migrated(name) as dsn:
        run(contender("posrednik").prepare(dsn, "http://127.0.0.1:9/hook"))
        yield dsn


def fill(dsn: str, finished: int, lanes: int) -> int:
    """Returns the number of waiting messages."""
    depth = 5
    with psycopg.connect(dsn, autocommit=True) as connection:
        values = {"base": BASE, "finished": finished, "lanes": lanes, "depth": depth}
        for statement in FILL.strip().split(";\n"):
            connection.execute(statement.encode(), values)
        connection.execute("VACUUM ANALYZE")
    return lanes * depth


def one_run(place: Place, dsn: str, events: int) -> float:
    """Events a second, of new events over new lanes; the tables keep what is there."""
    engine = contender("posrednik")
    with child("bench.sink", log=place.folder / "sink.log") as sink:
        port = int(sink.line())
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE subscription SET url = %s", [f"http://127.0.0.1:{port}/hook"])
            connection.execute("ANALYZE lane, message")
        enqueue(engine, dsn, jobs(events, KEYS), CHUNK)
        return deliver(place, "posrednik", dsn, port, events, sink.process.pid)[0]
