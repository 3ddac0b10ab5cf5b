"""Mixed work of a day (new tasks, changed texts, columns) under the portal's own limits, and bare updates beside
fast_bitrix24. The portal counts and takes its time as its documentation says, waits a quarter of it."""

import asyncio
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

import msgspec
import psycopg
from fast_bitrix24 import BitrixAsync
from rich.console import Console

from bench import service, tasks
from bench.machine import Place, child
from bench.portal_process import SETTINGS, Asker, Seen
from bench.report import Report
from bench.work import an_event
from posrednik.config import load
from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.domain.task_body import task_body
from posrednik.store.lanes import PERSON
from posrednik_sandbox.portal.limits import TARIFFS
from posrednik_sandbox.portal.portal import WEBHOOK

BATCH = 50
WANTED = 0.9
ON = {"tariff": "standard", "latency": "docs", "wait_scale": 0.25, "charge_scale": 1.0, "forget": True}
OFF = {"tariff": "box", "latency": "off"}
FULL_BUCKET = "UPDATE bucket SET tokens = 1e6, filled_at = clock_timestamp()"  # cut to the burst when it is asked
WATCHED = "SELECT FROM portal_watch WHERE swept_at IS NOT NULL AND NOT EXISTS (SELECT FROM portal_hint)"
TASKS = "SELECT l.key, r.remote_id FROM remote_object r JOIN lane l ON l.id = r.lane_id"
WARM_UP, PATIENCE_S = BATCH, 400.0


@dataclass(frozen=True, slots=True)
class Mix:
    """How many of each."""

    creates: int
    updates: int
    moves: int
    notices: int

    @property
    def calls(self) -> int:
        """The fewest calls: creates go one by one, so that each has its own key; the rest fifty a call."""
        return self.creates + math.ceil((self.updates + self.moves + self.notices) / BATCH)

    @property
    def least_s(self) -> float:
        """The least time by the portal's limit on calls, from an empty counter on."""
        tariff = TARIFFS["standard"]
        assert tariff is not None
        return max(0.0, (self.calls - tariff.threshold) / tariff.drain_per_s)

    def put(self, desk: tasks.Desk, version: int) -> None:
        """All of it at once, in no order. version: 1 makes the tasks that are changed by the next."""
        old = [_delivery("old", number) for number in range(self.updates + self.moves)]
        if version == 1:
            desk.put(old, 1, PERSON)
            return
        changed = [(one, body_of(one, 2)) for one in old[: self.updates]]
        moved = [(one, body_of(one, 1) | {"version": 2, "stage": "picked_up"}) for one in old[self.updates :]]
        new = [_delivery("new", number) for number in range(self.creates)]
        told = [(_delivery("told", number), a_notice(number)) for number in range(self.notices)]
        work = [*changed, *moved, *told, *((one, body_of(one, 1)) for one in new)]
        random.Random(7).shuffle(work)
        desk.put_bodies(work, PERSON)


def _delivery(kind: str, number: int) -> UUID:
    return uuid5(service.BASE, f"{kind}-{number}")


def body_of(delivery: UUID, version: int) -> tasks.Body:
    return task_body(an_event(delivery, version, datetime.now(UTC)))


def a_notice(number: int) -> tasks.Body:
    """What a courier is told of a new delivery."""
    delivery = str(_delivery("told", number))
    return {
        "delivery": delivery, "user": 7, "about": "new", "order_number": f"000-{number:06d}",
        "at": datetime.now(UTC).isoformat(), "address": "ул. Ленина, 10", "amount_due_kop": 245000,
    }  # fmt: skip


def mixed(place: Place, console: Console, report: Report, *, quick: bool) -> None:
    mix = Mix(60, 100, 150, 150) if quick else Mix(190, 300, 1200, 900)
    with (
        place.migrated("mixed") as dsn,
        child("bench.portal_process", log=place.folder / "portal.log") as process,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        portal = Asker(int(process.line()))
        portal.limits(**OFF)
        section = ["[bitrix24]", f'portal_url = "{portal.url}"', *SETTINGS]
        free = service.config(place.folder, dsn, service.free_port(), [*section, "calls_per_second = 0"])
        desk = tasks.Desk(load(str(free), {}), dsn)
        mix.put(desk, 1)
        with service.worker(place.folder, free):
            tasks.until_done(connection, 120)
        console.print(f"{portal.tasks()} tasks made")
        limited = service.config(place.folder, dsn, service.free_port(), section)
        with service.worker(place.folder, limited):
            _mixed(connection, portal, desk, mix, report)
            _beside(connection, portal, desk, mix, report, console)
        report.must("tasks made twice", str(portal.doubles()), "0", portal.doubles() == 0)


def _mixed(connection: psycopg.Connection, portal: Asker, desk: tasks.Desk, mix: Mix, report: Report) -> None:
    desk.put([_delivery("warm", number) for number in range(WARM_UP)], 1, PERSON)
    tasks.until_done(connection, 30)
    _until_watched(connection)
    seen, started = _timed(connection, portal, lambda: mix.put(desk, 2))
    took_s = max(one.went for one in seen) - started
    tariff = TARIFFS["standard"]
    assert tariff is not None
    allowed = tariff.threshold + tariff.drain_per_s * took_s
    report.tell(
        "mixed work",
        f"{mix.creates} new tasks, {mix.updates} texts, {mix.moves} columns, {mix.notices} notices in {took_s:.1f} s",
    )
    report.tell("mixed: seconds of 480 spent", _spent(portal))
    report.at_least("mixed: calls used : allowed meanwhile", len(seen) / allowed, WANTED, f" ({len(seen)})")
    report.at_least("mixed: calls needed : used", mix.calls / len(seen), WANTED)
    report.tell("mixed: least time by the limits : time, the last answer's included", f"{mix.least_s / took_s:.2f}")
    refused = sum(one.status != 200 for one in seen)
    report.must("mixed: calls that the portal refused", str(refused), "0", refused == 0)


def _until_watched(connection: psycopg.Connection) -> None:
    """Whoever watches the portal has read it once, as it does when a service starts."""
    deadline = time.monotonic() + PATIENCE_S
    while connection.execute(WATCHED.encode()).fetchone() is None:
        if time.monotonic() > deadline:
            raise TimeoutError("nobody watches the portal")
        time.sleep(0.1)


def _timed(
    connection: psycopg.Connection, portal: Asker, put: tasks.Put
) -> tuple[list[Seen], float]:  # fmt: skip
    """Work put and done from fresh limits on both sides: the calls, and when it was there."""
    portal.limits(**ON)
    connection.execute(FULL_BUCKET)
    portal.seen()
    started = time.time()
    put()
    tasks.until_done(connection, PATIENCE_S)
    return portal.seen(), started


def _spent(portal: Asker) -> str:
    spent = sorted(portal.state()["operating_s"].items(), key=lambda row: -row[1])
    return ", ".join(f"{method} {seconds:.0f}" for method, seconds in spent[:4])


# -- beside fast_bitrix24


def _beside(
    connection: psycopg.Connection, portal: Asker, desk: tasks.Desk, mix: Mix, report: Report, console: Console
) -> None:
    """The same new texts of the same tasks by each, from fresh limits; theirs first."""
    deliveries = [_delivery("old", number) for number in range(mix.updates)]
    rows = connection.execute(TASKS.encode()).fetchall()
    ids = {str(key): int(task_id) for key, task_id in rows if str(key).startswith("delivery:")}
    texts = list(_texts(deliveries, 4, portal.url))
    updates = [
        {"taskId": ids[f"delivery:{one}"], "fields": {"DESCRIPTION": text}}
        for one, text in zip(deliveries, texts, strict=True)
    ]
    portal.limits(**ON)
    portal.seen()
    started = time.time()
    asyncio.run(_by_fast_bitrix24(portal.url, updates))
    theirs_s = max(one.went for one in portal.seen()) - started
    console.print(f"fast_bitrix24: {theirs_s:.1f} s")
    seen, began = _timed(
        connection, portal, lambda: desk.put_bodies([(one, body_of(one, 3)) for one in deliveries], PERSON)
    )
    ours_s = max(one.went for one in seen) - began
    report.tell("updates alone", f"{mix.updates}: Posrednik {ours_s:.1f} s, {len(seen)} calls; theirs {theirs_s:.1f} s")
    report.at_least("updates alone: fast_bitrix24's time : ours", theirs_s / ours_s, WANTED)


def _texts(deliveries: Sequence[UUID], version: int, url: str) -> Iterator[str]:
    settings = Bitrix24Settings(url, "/".join(WEBHOOK))
    for one in deliveries:
        body = msgspec.json.decode(msgspec.json.encode(body_of(one, version)))
        yield str(outbound.desired(outbound.parse(body), settings, None).fields["DESCRIPTION"])


async def _by_fast_bitrix24(url: str, updates: Sequence[tasks.Body]) -> None:
    client = BitrixAsync(f"{url}/rest/{'/'.join(WEBHOOK)}/", verbose=False)
    await client.call("tasks.task.update", list(updates))
