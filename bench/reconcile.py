"""`reconcile`: a base with a million objects, a hundred of which differ: what is found and repaired, traffic, time.

The mirror is filled by COPY. Then 1C is played here, over HTTP, as docs/subsystems/reconciliation.md has it: digests of
every slice, parts and lists of those that differ, the objects that are asked for, the sample.
"""

import hashlib
import http.client
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import psycopg
from rich.console import Console

from bench import goods, intake, service
from bench.machine import Place, memory_mb
from bench.report import Report
from posrednik.connectors.onec.inbound import Inbound

OBJECTS, QUICK, DIFFERENCES, SAMPLE = 1_000_000, 20_000, 100, 400
MONTHS = 36
ZONE = "Europe/Moscow"
MOST_COMMANDS, MOST_BYTES, SENT_AT_ONCE = 200, 2_000_000, 500
IDLE_S = 3.0
LINE_BYTES = 50
WANTED_TRAFFIC = 0.02  # of what sending everything again would cost
JSON = dict[str, Any]
Slice = tuple[str, str]


@dataclass(slots=True)
class Traffic:
    """Bodies alone, bytes. longest_s: the longest answer."""

    up: int = 0
    down: int = 0
    calls: int = 0
    longest_s: float = 0.0


@dataclass(slots=True)
class Onec:
    """What the base has: of each slice ref → (version, number of the object). here: number → object for the wire."""

    slices: dict[Slice, dict[str, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    gone: dict[str, int] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)

    def object(self, number: int) -> JSON:
        return an_object(number, changed=number in self.changed)


def an_object(number: int, *, changed: bool = False) -> JSON:
    """Object `number` of the base; orders are spread over three years."""
    (one,) = goods.objects(number, 1)
    if one["kind"] == "order":
        year, month = divmod(number // len(goods.MIX) % MONTHS, 12)
        one["data"]["date"] = f"{2023 + year}-{month + 1:02d}-15T10:15:00"
    if changed:
        one["version"] = "AAAAAA2="
        one["data"]["comment"] = "Изменено в 1С"
    return one


def slice_of(one: JSON) -> Slice:
    return one["kind"], one["data"]["date"][:7] if one["kind"] == "order" else ""


def measure(place: Place, console: Console, *, quick: bool, objects: int | None = None) -> Report:
    total = objects or (QUICK if quick else OBJECTS)
    port = service.free_port()
    with place.migrated("reconcile") as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        settings = service.config(place.folder, dsn, port)
        with service.api(place.folder, settings, port) as api:
            door = Door(port)
            door.send(goods.firsts())
            onec, made, whole = _fill(connection, total)
            connection.execute("ANALYZE mirror")
            console.print(f"{total} objects are here, {len(made)} of them made to differ")
            place.checkpoint()
            started = time.perf_counter()
            run = _start(settings)
            asked_s = time.perf_counter() - started
            door.traffic, started = Traffic(), time.perf_counter()
            _play(door, onec, run)
            took_s = time.perf_counter() - started
            peak = memory_mb(api.process.pid, "VmHWM")
        found = _found(connection, run)
    return _report(total, made, found, door.traffic, whole, (asked_s, took_s), peak)


# -- the two sides


def _fill(connection: psycopg.Connection, total: int) -> tuple[Onec, dict[str, str], int]:
    """(the base, ref → in what it differs, bytes of all objects as the base would send them)."""
    fates = _fates(total)
    onec, made, whole = Onec(), dict[str, str](), 0
    columns = intake.COLUMNS.removesuffix(", changed_at")
    with connection.cursor().copy(f"COPY mirror ({columns}) FROM STDIN".encode()) as copy:
        inbound = Inbound(ZONE)
        for number in range(total):
            one, fate = an_object(number), fates.get(number)
            raw = msgspec.json.encode(one)
            whole += len(raw)
            if fate != "missing_here":
                read = inbound.object(0, raw)
                copy.write_row((service.BASE, read.kind, read.ref, read.version, read.hash, 1, 1, number, False, True,
                                None, read.body))  # fmt: skip
            _keep(onec, one, number, fate)
            made |= {one["ref"]: fate} if fate else {}
    return onec, made, whole


def _fates(total: int) -> dict[int, str]:
    """A third each; what is missing there is marked for deletion there, which the exchange has not heard."""
    drawn = random.Random(1).sample(range(total), DIFFERENCES)
    return {number: ("changed", "missing_here", "missing_there")[place % 3] for place, number in enumerate(drawn)}


def _keep(onec: Onec, one: JSON, number: int, fate: str | None) -> None:
    if fate == "missing_there":
        onec.gone[one["ref"]] = number
        return
    if fate == "changed":
        onec.changed.add(number)
        one = onec.object(number)
    onec.slices[slice_of(one)][one["ref"]] = (one["version"], number)


def _start(settings: Path) -> str:
    """As an administrator begins it; the id of the run."""
    command = (sys.executable, "-m", "posrednik.cli", "reconcile", "--start", "--sample", str(SAMPLE))
    done = subprocess.run([*command, "--config", str(settings)], capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


class Door:
    """One client that waits for each answer, and counts."""

    def __init__(self, port: int) -> None:
        self.traffic, self._number, self._quiet_since = Traffic(), 0, time.perf_counter()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._head = {"base": str(service.BASE), "epoch": goods.EPOCH, "instance": goods.INSTANCE}

    def send(self, objects: Sequence[JSON] = (), commands: Sequence[JSON] = ()) -> list[JSON]:
        """One message; the results of its commands."""
        self._number += 1
        body = {**self._head, "number": self._number, "objects": objects, "commands": commands}
        answer = self._call("POST", "/api/v1/exchange/messages", body)
        if answer["quarantined"] or any(one["status"] != "done" for one in answer["commands"]):
            raise AssertionError(str(answer)[:500])
        return [one["result"] for one in answer["commands"]]

    def events(self) -> list[JSON]:
        asked = urlencode({**self._head, "wait": 20})
        given = self._call("GET", f"/api/v1/exchange/outgoing?{asked}", None)
        ids = [event["id"] for event in given["events"]]
        self._call("POST", "/api/v1/exchange/outgoing/ack", {**self._head, "batch": given["batch"], "accepted": ids})
        return list(given["events"])

    def _call(self, method: str, path: str, told: JSON | None) -> JSON:
        body = b"" if told is None else msgspec.json.encode(told)
        headers = {"Authorization": f"Bearer {service.TOKEN}", "Content-Type": "application/json"}
        started = time.perf_counter()
        if started - self._quiet_since > IDLE_S:
            self._connection.close()  # the service keeps no quiet connection for long; the next request opens another
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        self._quiet_since = time.perf_counter()
        self.traffic.longest_s = max(self.traffic.longest_s, self._quiet_since - started)
        self.traffic.up += len(body)
        self.traffic.down += len(answer)
        self.traffic.calls += 1
        if response.status != 200:
            raise AssertionError(f"{response.status}: {answer[:500]!r}")
        decoded: JSON = msgspec.json.decode(answer)
        return decoded


# -- the base's part of a run


def _play(door: Door, onec: Onec, run: str) -> None:
    asked = {event["type"]: event["data"] for event in door.events()}
    assert asked["exchange.send_digests"]["run"] == run
    numbers = {ref: number for held in onec.slices.values() for ref, (_, number) in held.items()} | onec.gone
    _compare(door, onec, run, list(onec.slices), numbers)
    objects = [_sampled(onec, one, numbers) for one in asked["exchange.send_sample"]["objects"]]
    portions = [objects[at : at + MOST_COMMANDS] for at in range(0, len(objects), MOST_COMMANDS)]
    _say(door, (("sample", {"run": run, "objects": portion}) for portion in portions))
    _say(door, [("digest_end", {"run": run})])


def _compare(door: Door, onec: Onec, run: str, slices: Sequence[Slice], numbers: dict[str, int]) -> None:
    """Digests, then what differs in detail, then the objects, then once more the digests of what differed."""
    heads: list[JSON] = [{"kind": kind, "slice": month, "run": run} for kind, month in slices]
    digests = [{**head, **_figures(_lines(onec, one)), "detail": True} for head, one in zip(heads, slices, strict=True)]
    answers = [told["answer"] for told in _say(door, (("digest", one) for one in digests))]
    differ = [head for head, answer in zip(heads, answers, strict=True) if answer != "equal"]
    split = [head for head, answer in zip(heads, answers, strict=True) if answer == "split"]
    parts = _say(door, (("digest_parts", {**head, "at": _at(head), "parts": _parts(onec, head)}) for head in split))
    lists = [head for head in differ if head not in split]
    lists += [
        {**head, "at": _at(head), "part": part}
        for head, told in zip(split, parts, strict=True)
        for part in told["parts"]
    ]
    listed = _say(door, (("listing", {**head, "versions": _versions(onec, head)}) for head in lists))
    refs = [ref for told in listed for ref in (*told["refs"], *told["unknown"])]
    for at in range(0, len(refs), SENT_AT_ONCE):
        door.send([_sent(onec, ref, numbers) for ref in refs[at : at + SENT_AT_ONCE]])
    if refs:
        _compare(door, onec, run, [(head["kind"], head["slice"]) for head in differ], numbers)


def _say(door: Door, commands: Iterable[tuple[str, JSON]]) -> list[JSON]:
    """In messages of at most 200 commands and 2 MB of lines told or compared; all results."""
    results: list[JSON] = []
    batch: list[JSON] = []
    size = 0
    for type, data in commands:
        batch.append({"id": str(uuid4()), "type": type, "data": data})
        compared = data.get("count", 0) + sum(part["count"] for part in data.get("parts", ()))
        size += len(msgspec.json.encode(data)) + LINE_BYTES * compared
        if len(batch) == MOST_COMMANDS or size > MOST_BYTES:
            results, batch, size = results + door.send([], batch), [], 0
    return results + (door.send([], batch) if batch else [])


def _sent(onec: Onec, ref: str, numbers: dict[str, int]) -> JSON:
    one = onec.object(numbers[ref])
    return {**one, "version": "AAAAAA9=", "deleted": True} if ref in onec.gone else one


def _sampled(onec: Onec, asked: JSON, numbers: dict[str, int]) -> JSON:
    if asked["ref"] not in numbers:  # of the two that were sent first
        return {**next(one for one in goods.firsts() if one["ref"] == asked["ref"]), "found": True}
    return {**_sent(onec, asked["ref"], numbers), "found": True}


def _lines(onec: Onec, one: Slice) -> list[str]:
    return sorted(f"{ref}:{version}" for ref, (version, _) in onec.slices[one].items())


def _figures(lines: Sequence[str]) -> JSON:
    return {"count": len(lines), "hash": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def _at(head: JSON) -> int:
    """Where a ref's part begins: that of a stock is its warehouse, which all have, and its product."""
    return len(goods.WAREHOUSE) + 2 if head["kind"] == "stock" else 1


def _part(head: JSON, line: str) -> str:
    return line[_at(head) - 1 : _at(head) + 1]


def _parts(onec: Onec, head: JSON) -> list[JSON]:
    parts: dict[str, list[str]] = defaultdict(list)
    for line in _lines(onec, (head["kind"], head["slice"])):
        parts[_part(head, line)].append(line)
    return [{"part": part, **_figures(lines)} for part, lines in parts.items()]


def _versions(onec: Onec, head: JSON) -> list[str]:
    lines = _lines(onec, (head["kind"], head["slice"]))
    return [line for line in lines if "part" not in head or _part(head, line) == head["part"]]


# -- what came of it


@dataclass(frozen=True, slots=True)
class Outcome:
    state: str
    what: dict[str, str]
    repaired: int
    checked: int
    sampled: dict[str, list[str]]


def _found(connection: psycopg.Connection, run: str) -> Outcome:
    rows = connection.execute(
        "SELECT ref, what, sampled, repaired_at IS NOT NULL, fields FROM reconciliation_found WHERE run_id = %s", [run]
    ).fetchall()
    state = connection.execute("SELECT state, sample_checked FROM reconciliation WHERE id = %s", [run]).fetchone()
    assert state is not None
    listed = [row for row in rows if not row[2]]
    return Outcome(
        state[0], {row[0]: row[1] for row in listed}, sum(row[3] for row in listed), state[1],
        {row[0]: row[4] for row in rows if row[2]},
    )  # fmt: skip


def _report(
    total: int, made: dict[str, str], found: Outcome, traffic: Traffic, whole: int, seconds: tuple[float, float],
    peak_mb: float,
) -> Report:  # fmt: skip
    report = Report(
        f"reconcile: {total} objects, {len(made)} of them differ", f"./run bench reconcile --objects {total}"
    )
    kinds = ", ".join(f"{n} {what}" for what, n in sorted(Counter(made.values()).items()))
    report.must("found", f"{len(found.what)} of {len(made)} ({kinds})", "exactly these", found.what == made)
    report.must("repaired", f"{found.repaired}, the run is {found.state}", "all", found.repaired == len(made))
    false = set(found.sampled) - set(made)
    report.must("sample", f"{found.checked} compared, {len(found.sampled)} differ", f"{SAMPLE}, none that agrees",
                not false and found.checked == min(SAMPLE, total))  # fmt: skip
    report.tell("traffic", f"{traffic.up / 1e6:.2f} MB up, {traffic.down / 1e6:.2f} MB down, {traffic.calls} calls")
    share = (traffic.up + traffic.down) / whole
    if total >= OBJECTS:
        report.at_most("traffic : sending all", share, WANTED_TRAFFIC, "", f" ({whole / 1e6:.0f} MB)")
    else:
        report.tell("traffic : sending all", f"{share:.3f} ({whole / 1e6:.0f} MB)")
    report.tell("time", f"{seconds[1]:.1f} s; to begin it, sample and process start included, {seconds[0]:.1f} s")
    report.tell("longest answer", f"{traffic.longest_s:.2f} s")
    report.tell("peak memory of the API process", f"{peak_mb:.0f} MB")
    return report
