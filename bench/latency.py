"""`latency`: from the button «Готов» in 1C until the courier's task is asked for at the portal, at 20 orders a second.

The clock starts when the call was due, not when it left, and stops when the create reaches the portal: what the portal
takes for it is its own. Once on a calm service, once while 50 000 bulk messages wait for the same portal.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import aiohttp
import msgspec
import psycopg
from rich.console import Console

from bench import goods, service, tasks
from bench.intake import Sender
from bench.machine import Place, child
from bench.portal_process import GROUP, SETTINGS, Asker, Seen
from bench.report import Report, percentile
from posrednik.config import load
from posrednik.kit.ids import uuid7
from posrednik.store.lanes import BULK, PERSON

RATE = 20
WANTED_S, WANTED_BEHIND_BULK_S = 1.0, 3.0
WARM_UP = RATE


@dataclass(frozen=True, slots=True)
class Pressed:
    """One «Готов»: when it was due, how long 1C waited for the answer, and the task's external key."""

    due: float
    answered_s: float
    marker: str


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds, one of each order: until the answer, and until the task."""

    answers: list[float]
    tasks: list[float]


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    seconds, bulk = (3, 5_000) if quick else (20, 50_000)
    with (
        place.migrated("latency") as dsn, child("bench.portal_process", log=place.folder / "portal.log") as process,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):  # fmt: skip
        portal, port = Asker(int(process.line())), service.free_port()
        portal.limits(tariff="box")
        settings = service.config(place.folder, dsn, port, _sections(portal.url))
        with service.api(place.folder, settings, port), service.worker(place.folder, settings):
            orders = _known_orders(port, 2 * seconds * RATE + WARM_UP)
            asyncio.run(_press(port, orders[:WARM_UP]))
            tasks.until_done(connection, 30)
            portal.seen()
            calm = _run(port, orders[WARM_UP : WARM_UP + seconds * RATE], connection, portal)
            console.print(f"calm: worst {max(calm.tasks):.2f} s")
            desk = tasks.Desk(load(str(settings), {}), dsn)
            desk.put([uuid5(service.BASE, f"bulk-{number}") for number in range(bulk)], 1, BULK)
            busy = _run(port, orders[WARM_UP + seconds * RATE :], connection, portal)
            return _report(calm, busy, bulk, tasks.waits(connection), portal.doubles(), quick)


def _sections(portal: str) -> list[str]:
    return [
        "[bitrix24]", f'portal_url = "{portal}"', *SETTINGS, "calls_per_second = 0",
        "[[divisions]]", f'ref = "{goods.DIVISION}"', 'mode = "live"', f"bitrix24_group = {GROUP}",
    ]  # fmt: skip


def _known_orders(port: int, count: int) -> list[str]:
    """Refs of orders that 1C has sent already."""
    sender = Sender(port)
    sender.send(goods.firsts())
    group = len(goods.MIX)
    sent = list(goods.objects(0, -(-count // goods.MIX.count("order")) * group))
    for at in range(0, len(sent), 500):
        sender.send(sent[at : at + 500])
    return [one["ref"] for one in sent if one["kind"] == "order"][:count]


def _run(port: int, orders: Sequence[str], connection: psycopg.Connection, portal: Asker) -> Waits:
    pressed = asyncio.run(_press(port, orders))
    deadline = time.monotonic() + 60
    while tasks.waits(connection, PERSON) and time.monotonic() < deadline:
        time.sleep(0.05)
    return waits_of(pressed, portal.seen())


def waits_of(pressed: Sequence[Pressed], seen: Sequence[Seen]) -> Waits:
    """Join the buttons with the creates that the portal got. Raises AssertionError when a task is missing or double."""
    came: dict[str, list[float]] = {}
    for one in seen:
        if one.marker:
            came.setdefault(one.marker, []).append(one.came)
    wrong = [one.marker for one in pressed if len(came.get(one.marker, ())) != 1]
    if wrong:
        raise AssertionError(f"{len(wrong)} of {len(pressed)} tasks were not created exactly once, so {wrong[0]}")
    return Waits([one.answered_s for one in pressed], [came[one.marker][0] - one.due for one in pressed])


async def _press(port: int, orders: Sequence[str]) -> list[Pressed]:
    """«Готов» on each order, RATE a second whatever the answers take."""
    headers = {"Authorization": f"Bearer {service.TOKEN}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
        start = time.time() + 0.1
        return await asyncio.gather(
            *(_ready(session, order, start + number / RATE) for number, order in enumerate(orders))
        )


async def _ready(session: aiohttp.ClientSession, order: str, due: float) -> Pressed:
    await asyncio.sleep(due - time.time())
    async with session.post("/api/v1/exchange/commands", data=command(order)) as response:
        answer = msgspec.json.decode(await response.read())
        if response.status != 200 or answer["status"] != "done":
            raise AssertionError(f"{response.status}: {answer}")
    return Pressed(due, time.time() - due, f"posrednik:{UUID(answer['result']['delivery']['id'])}")


def command(order: str, **data: str) -> bytes:
    """«Готов» as a request to the endpoint for one command. data: what more it says."""
    return msgspec.json.encode({
        "base": str(service.BASE), "epoch": goods.EPOCH, "instance": goods.INSTANCE,
        "command": {"id": str(uuid7()), "type": "delivery.ready", "issued_by": "Анна",
                    "data": {"order": order, **data}},
    })  # fmt: skip


def _report(calm: Waits, busy: Waits, bulk: int, left: int, doubles: int, quick: bool) -> Report:
    report = Report(
        f"latency: «Готов» → task at the portal, {RATE} orders/s for {len(calm.tasks) // RATE} s, without the portal's"
        " own time",
        "./run bench latency" + (" --quick" if quick else ""),
    )
    for name, waits, limit in (("calm", calm, WANTED_S), (f"behind {bulk} bulk", busy, WANTED_BEHIND_BULK_S)):
        p50, p99, worst = (percentile(waits.tasks, share) for share in (0.5, 0.99, 1.0))
        report.at_most(f"{name}: p99", p99, limit, "s", f" (p50 {p50:.3f}, worst {worst:.3f})")
        answers = [percentile(waits.answers, share) for share in (0.5, 0.99)]
        report.tell(f"{name}: answer to the button", f"p50 {answers[0]:.3f} s, p99 {answers[1]:.3f} s")
    report.must("bulk messages that still waited at the end", str(left), "> 0", left > 0)
    report.must("tasks made twice", str(doubles), "0", doubles == 0)
    return report
