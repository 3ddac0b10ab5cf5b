"""`intake`: objects in messages of 500 through the API process, against a bare COPY of the rows they became."""

import http.client
import time
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

import msgspec
import psycopg
from rich.console import Console

from bench import goods, service
from bench.machine import Place, cpu_s
from bench.report import Report, median, spread

SIZE = 500
WANTED = 0.15
COLUMNS = "base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data, changed_at"
# The rows and the primary key of the mirror; its two indexes over orders are what the bare COPY goes without.
BARE = "CREATE TABLE bare (LIKE mirror INCLUDING DEFAULTS, PRIMARY KEY (base_id, kind, ref))"


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    total, rounds = (10_000, 2) if quick else (100_000, 5)
    rates: list[float] = []
    bare: list[float] = []
    cpu = [0.0, 0.0]
    port = service.free_port()
    with place.migrated("intake") as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BARE)
        settings = service.config(place.folder, dsn, port)
        with service.api(place.folder, settings, port) as api:
            sender = Sender(port)
            sender.send(goods.firsts())
            pids = (api.process.pid, place.server.pid)
            for number in range(rounds):
                bodies = sender.prepared(number * total // rounds, total // rounds)
                place.checkpoint()
                before = [cpu_s(pid) for pid in pids]
                rates.append(len(bodies) * SIZE / sender.send_all(bodies))
                cpu = [was + cpu_s(pid) - then for was, pid, then in zip(cpu, pids, before, strict=True)]
                place.checkpoint()
                bare.append(copy(connection, f"number > {sender.number - len(bodies)}"))
                console.print(f"round {number + 1}: intake {rates[-1]:.0f}/s, bare COPY {bare[-1]:.0f}/s")
            _check(connection, total)
    return _report(total, rounds, rates, bare, [1e6 * seconds / total for seconds in cpu], quick)


class Sender:
    """The one client: sends message after message, as 1C does, each after the answer to the one before."""

    def __init__(self, port: int, base: UUID = service.BASE, token: str = service.TOKEN, size: int = SIZE) -> None:
        """size: objects in a message."""
        self.number, self._base, self._size = 0, base, size
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def prepared(self, first: int, count: int) -> list[bytes]:
        """Bodies of the next messages, made before the clock starts."""
        made = goods.objects(first, count)
        bodies = []
        while batch := list(islice(made, self._size)):
            self.number += 1
            bodies.append(goods.message(self.number, batch, self._base))
        return bodies

    def send(self, batch: list[goods.Object]) -> None:
        self.number += 1
        self._post(goods.message(self.number, batch, self._base), len(batch))

    def send_all(self, bodies: Sequence[bytes]) -> float:
        """Seconds for all, with every object applied."""
        started = time.perf_counter()
        for body in bodies:
            self._post(body, self._size)
        return time.perf_counter() - started

    def _post(self, body: bytes, objects: int) -> None:
        self._connection.request("POST", "/api/v1/exchange/messages", body, self._headers)
        response = self._connection.getresponse()
        answer = msgspec.json.decode(response.read())
        if response.status != 200 or answer["objects"]["applied"] != objects:
            raise AssertionError(f"{response.status}: {str(answer)[:500]}")


def copy(connection: psycopg.Connection, which: str, size: int = SIZE) -> float:
    """Rows a second of a COPY, `size` rows a transaction, of the rows of the mirror that `which` (SQL) is true of."""
    rows: list[bytes] = []
    source = f"COPY (SELECT {COLUMNS} FROM mirror WHERE {which} ORDER BY number, idx) TO STDOUT"
    with connection.cursor().copy(source.encode()) as out:
        rows += [bytes(row) for row in out]
    chunks = [b"".join(rows[at : at + size]) for at in range(0, len(rows), size)]
    into = f"COPY bare ({COLUMNS}) FROM STDIN".encode()
    started = time.perf_counter()
    for chunk in chunks:
        with connection.cursor().copy(into) as target:
            target.write(chunk)
    return len(rows) / (time.perf_counter() - started)


def _check(connection: psycopg.Connection, total: int) -> None:
    row = connection.execute("SELECT (SELECT count(*) FROM mirror), (SELECT count(*) FROM bare)").fetchone()
    if row != (total + len(goods.firsts()), total):
        raise AssertionError(f"mirror and bare table hold {row}, expected {total} and {len(goods.firsts())} more")


def _report(total: int, rounds: int, rates: list[float], bare: list[float], cpu_us: list[float], quick: bool) -> Report:
    report = Report(
        f"intake: {total} objects in messages of {SIZE} through the HTTP API, one client, {rounds} rounds",
        "./run bench intake" + (" --quick" if quick else ""),
    )
    report.tell(
        "intake", f"{spread(rates)} objects/s · CPU µs an object: API {cpu_us[0]:.0f}, PostgreSQL {cpu_us[1]:.0f}"
    )
    report.tell("bare COPY of the same rows", f"{spread(bare)} rows/s")
    ratio = median([mine / floor for mine, floor in zip(rates, bare, strict=True)])
    report.at_least("intake : bare COPY", ratio, WANTED)
    return report
