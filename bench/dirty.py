"""`dirty`: objects as twenty years of careless hands leave them, from the emulated base through the message channel.

Two processes, each started as an administrator starts it: the API and the sandbox, whose generator says of each object
what should become of it. In JSON, then in XML as windows-1251. Each must be in the mirror, waiting for what it names,
or in quarantine with the reason that was foretold; and nothing else.
"""

import json
import re
import sqlite3
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from bench import service
from bench.machine import Child, Place, child, memory_mb
from bench.report import Report

OBJECTS, QUICK = 100_000, 2_000
SENT_S, LOOK_S = 1800.0, 0.25
SHOWN = 20
Key = tuple[str, str]  # kind, ref
_FAILED = re.compile(r'^posrednik_http_request_seconds_count\{.*status="5\d\d"\} ([0-9.e+]+)', re.M)
_FAULT = re.compile(r'"level":"(error|critical)"|^(ERROR|CRITICAL)|Traceback')


@dataclass(slots=True)
class Found:
    """fates: how many ended how. wrong: (kind, ref, foretold, found). unhandled: answers 5xx and lines of errors."""

    encoding: str
    objects: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0
    fates: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str, str, str]] = field(default_factory=list)
    unhandled: list[str] = field(default_factory=list)


def measure(place: Place, console: Console, *, quick: bool, objects: int | None = None) -> Report:
    count = objects or (QUICK if quick else OBJECTS)
    found = []
    for encoding in ("json", "xml"):
        with place.migrated(f"dirty_{encoding}") as dsn:
            found.append(exchange(place.folder / encoding, dsn, count, encoding))
        _tell(console, found[-1])
    return _report(found, count, quick)


def _tell(console: Console, found: Found) -> None:
    console.print(f"{found.encoding}: {found.objects} in {found.seconds:.0f} s, {dict(found.fates)}")
    for one in found.wrong[:SHOWN]:
        console.print("not as foretold:", *one)
    for line in found.unhandled[:SHOWN]:
        console.print("unhandled:", line)


def exchange(folder: Path, dsn: str, count: int, encoding: str) -> Found:
    """Write `count` objects, let the base send them, compare. dsn: a migrated database of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    port, found = service.free_port(), Found(encoding)
    settings = service.config(folder, dsn, port, [f'encoding = "{encoding}"'])
    with service.api(folder, settings, port) as api, _sandbox(folder, port, encoding) as (sandbox, control):
        _until_sent(control, sandbox)
        began = time.perf_counter()
        _ask(f"{control}/onec/api/dirty", {"count": count, "seed": 1})
        _until_sent(control, sandbox)
        found.seconds, found.peak_mb = time.perf_counter() - began, memory_mb(api.process.pid, "VmHWM")
        found.unhandled = [f"{n} answers 5xx" for n in _FAILED.findall(_text(f"http://127.0.0.1:{port}/metrics"))]
    found.unhandled += _errors(folder / "api.log")
    with psycopg.connect(dsn) as connection, sqlite3.connect(folder / "sandbox" / "onec.sqlite3") as base:
        _compare(found, connection, base)
    return found


@contextmanager
def _sandbox(folder: Path, port: int, encoding: str) -> Iterator[tuple[Child, str]]:
    """The process and the address of its pages."""
    free = "127.0.0.1:0"
    arguments = [
        "--control", free, "--portal", free, "--shop", free, "--posrednik", f"http://127.0.0.1:{port}", "--orders", "1",
        "--base-id", str(service.BASE), "--base-token", service.TOKEN, "--data-dir", str(folder / "sandbox"),
        "--encoding", encoding, "--die-with-parent",
    ]  # fmt: skip
    with child("posrednik_sandbox", *arguments, log=folder / "sandbox.log") as process:
        yield process, str(json.loads(process.line())["control"])


def _until_sent(control: str, sandbox: Child) -> None:
    deadline = time.monotonic() + SENT_S
    while True:
        sandbox.check()
        state = _ask(f"{control}/onec/api/state?brief=1")
        if state["stopped"] or time.monotonic() > deadline:
            raise RuntimeError(f"the base does not send: {state['stopped'] or state['last_error']}")
        if state["queue_length"] == 0 and not state["on_its_way"]:
            return
        time.sleep(LOOK_S)


def _ask(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SENT_S) as answer:
        return json.loads(answer.read())


def _text(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def _errors(log: Path) -> list[str]:
    """Lines of the service's log that tell of a fault."""
    return [line for line in log.read_text("utf-8").splitlines() if _FAULT.search(line)]


def _compare(found: Found, connection: psycopg.Connection, base: sqlite3.Connection) -> None:
    """What was foretold against where each object is. Those without a reference are told apart by nothing: counted."""
    foretold = base.execute("SELECT kind, ref, fate, code FROM spoiled").fetchall()
    here = _where(connection)
    found.objects = len(foretold)
    nameless: Counter[str] = Counter()
    for kind, ref, fate, code in foretold:
        told = f"{fate} {code}".strip()
        found.fates[told] += 1
        if not ref.strip():
            nameless[told] += 1
        elif (is_now := here.pop((kind, ref), "nowhere")) != told:
            found.wrong.append((kind, ref, told, is_now))
    strange = {key: why for key, why in here.items() if why != "applied" and key[1]}
    found.wrong += [(*key, "nothing", why) for key, why in strange.items()]
    if (counted := _nameless(connection)) != nameless:
        found.wrong.append(("", "", str(nameless), str(counted)))


def _where(connection: psycopg.Connection) -> dict[Key, str]:
    """Where each object is that has a reference; one that is in two places is in neither."""
    places: dict[Key, str] = {}
    for place, query in (
        ("applied", "SELECT kind, ref, '' FROM mirror"),
        ("waiting", "SELECT kind, ref, '' FROM waiting_object"),
        ("quarantined", "SELECT kind, ref, code FROM quarantine WHERE cleared_at IS NULL AND ref <> ''"),
    ):
        for kind, ref, code in connection.execute(query):
            is_now = f"{place} {code}".strip()
            places[kind, ref] = f"{places[kind, ref]} and {is_now}" if (kind, ref) in places else is_now
    return places


def _nameless(connection: psycopg.Connection) -> Counter[str]:
    query = "SELECT 'quarantined ' || code, count(*) FROM quarantine WHERE cleared_at IS NULL AND ref = '' GROUP BY 1"
    return Counter(dict(connection.execute(query).fetchall()))


def _report(found: list[Found], count: int, quick: bool) -> Report:
    report = Report(
        f"dirty: {count} dirty objects by the message channel, in each encoding",
        "./run bench dirty" + (" --quick" if quick else ""),
    )
    for one in found:
        name = f"{one.encoding}: "
        report.tell(name + "sent and applied", f"{one.objects / one.seconds:.0f} objects/s, API {one.peak_mb:.0f} MB")
        for fate, number in sorted(one.fates.items()):
            report.tell(name + fate, str(number))
        whole = one.objects == count
        report.must(name + "objects", str(one.objects), str(count), whole)
        report.must(name + "not as foretold", str(len(one.wrong)), "0", not one.wrong)
        report.must(name + "unhandled errors", str(len(one.unhandled)), "0", not one.unhandled)
    return report
