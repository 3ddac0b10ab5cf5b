"""`boards`: 50 boards open at once beside a million deliveries, with 20 changes a second.

Each board reads the day and is told the rest by its stream; in the end it must have what the database has. One reader
more reads nothing at all: it must cost nothing. Queries stand beside a bare sequential scan of the same table.
"""

import asyncio
import random
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import psycopg
from rich.console import Console

from bench import goods, service
from bench.intake import Sender
from bench.latency import command
from bench.machine import Place, memory_mb
from bench.report import Report, median, percentile
from posrednik.bootstrap import keep_token
from posrednik.store import board
from posrednik.store.db import Database

BOARDS, RATE, TODAY = 50, 20, 2000
PERSON = "bench-token-of-a-person"
WANTED_S, WANTED_SHARE, WANTED_MB = 2.0, 1 / 50, 30.0
COURIERS = [goods.ref("courier", n) for n in (1, 2)]
BOARD = "/api/v1/board/deliveries?slim=true&limit=2000"
STAGES = ("ready", "picked_up", "en_route", "handed_over", "settled", "not_delivered")

# Copies of one delivery that came by the doors: ids, numbers and days are their own.
COPIES = """
INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial,
    doc, made_at, changed_at, planned_at, due_kop, taken_kop, on_hand_kop, search)
SELECT u.id, d.base_id, u.order_ref, u.number, d.division_ref, %(courier)s::text, u.stage, true, 1, false,
    d.doc || jsonb_build_object('id', u.id, 'order_ref', u.order_ref, 'order_number', u.number, 'stage', u.stage,
        'version', 1, 'courier_ref', %(courier)s::text, 'ready_at', u.at, 'window', null),
    u.at, u.at, u.at, d.due_kop, CASE WHEN u.stage = 'settled' THEN d.due_kop END, 0, lower(u.number)
FROM (SELECT * FROM delivery LIMIT 1) AS d, LATERAL (
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS order_ref, %(prefix)s::text || n AS number,
        CASE WHEN %(old)s::boolean THEN 'settled' ELSE (%(stages)s::text[])[1 + mod(n, 6)] END AS stage,
        CASE WHEN %(old)s::boolean THEN now() - interval '2 days' - n * interval '30 s'
            ELSE now() - n * interval '1 s' END AS at
    FROM generate_series(1, %(count)s::integer) AS n
) u
"""


@dataclass(slots=True)
class Screen:
    """One open board: what it shows, and when it learnt of each version."""

    cards: dict[str, Any] = field(default_factory=dict)
    seen_at: dict[tuple[str, int], float] = field(default_factory=dict)
    last_id: str = ""
    resets: int = 0

    def take(self, block: str) -> None:
        said = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        self.last_id = said.get("id", self.last_id)
        match said.get("event"):
            case "card":
                card = msgspec.json.decode(said["data"])["card"]
                self.cards[card["id"]] = card
                self.seen_at.setdefault((card["id"], card["version"]), time.time())
            case "gone":
                self.cards.pop(msgspec.json.decode(said["data"])["id"], None)
            case "reset":
                self.resets += 1


@dataclass(slots=True)
class Result:
    different: int
    delays: list[float]
    before_mb: float
    after_mb: float
    changes: int
    resets: int
    board_s: list[float]
    late: float


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    seconds, old = (10, 20_000) if quick else (60, 1_000_000)
    with place.migrated("boards") as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        port = service.free_port()
        settings = service.config(place.folder, dsn, port, _sections())
        with service.api(place.folder, settings, port) as process:
            asyncio.run(_person(dsn))
            _fill(port, connection, old)
            console.print(f"{old + TODAY} deliveries are there")
            result = asyncio.run(_watch(port, process.process.pid, seconds))
        return _report(result, asyncio.run(_query(dsn)), _scan(connection), old, seconds, quick)


def _sections() -> list[str]:
    return [
        "[[divisions]]", f'ref = "{goods.DIVISION}"', 'mode = "shadow"',
        '[proofs]', 'hand_over = { photo = "optional", amount = "optional" }',
    ]  # fmt: skip


async def _person(dsn: str) -> None:
    db = Database(dsn, size=1)
    await db.open()
    await keep_token(db, "person", "Логист", PERSON)
    await db.close()


def _fill(port: int, connection: psycopg.Connection, old: int) -> None:
    sender = Sender(port)
    about = {"name": "Курьер", "division": goods.DIVISION, "active": True}
    sender.send([*goods.firsts(), *(goods.an_object("courier", one, about) for one in COURIERS)])
    sent = list(goods.objects(0, len(goods.MIX)))
    sender.send(sent)
    order = next(one["ref"] for one in sent if one["kind"] == "order")
    asyncio.run(_ready(port, order))
    plain = {"courier": COURIERS[0], "stages": list(STAGES)}
    with connection.transaction():
        connection.execute("SET LOCAL synchronous_commit = off")
        connection.execute(COPIES, {**plain, "old": True, "prefix": "OLD-", "count": old})
        connection.execute(COPIES, {**plain, "old": False, "prefix": "ТД-", "count": TODAY})
    connection.execute("VACUUM ANALYZE delivery")


async def _ready(port: int, order: str) -> None:
    headers = {"Authorization": f"Bearer {service.TOKEN}", "Content-Type": "application/json"}
    said = command(order, courier=COURIERS[0])
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session,
        session.post("/api/v1/exchange/commands", data=said) as response,
    ):
        told = await response.text()
        assert '"status":"done"' in told.replace(" ", ""), told


def _session(port: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {PERSON}"},
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None), read_bufsize=2**20,
    )  # fmt: skip


async def _watch(port: int, pid: int, seconds: int) -> Result:
    screens, idle = [Screen() for _ in range(BOARDS)], _deaf(port)
    async with _session(port) as session:
        began = [await _open(session, screen) for screen in screens]
        readers = [asyncio.create_task(_follow(session, screen)) for screen in screens]
        await asyncio.sleep(3)
        before = memory_mb(pid)
        done, late = await _change(session, list(screens[0].cards.values()), seconds)
        deadline = time.time() + 20
        while (different := await _different(session, screens)) and time.time() < deadline:
            await asyncio.sleep(0.5)
        after = memory_mb(pid)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    idle.close()
    delays = [screen.seen_at[key] - at for screen in screens for key, at in done.items() if key in screen.seen_at]
    resets = sum(screen.resets for screen in screens)
    return Result(different, delays, before, after, len(done), resets, began, late)


async def _open(session: aiohttp.ClientSession, screen: Screen) -> float:
    began = time.perf_counter()
    async with session.get(BOARD) as response:
        told = msgspec.json.decode(await response.read())
    assert response.status == 200, told
    screen.cards, screen.last_id = {card["id"]: card for card in told["cards"]}, told["cursor"]
    return time.perf_counter() - began


async def _follow(session: aiohttp.ClientSession, screen: Screen) -> None:
    """As the page does: on after a break from where it was, anew after a reset."""
    while True:
        resets = screen.resets
        async with session.get("/api/v1/board/stream", headers={"Last-Event-ID": screen.last_id}) as response:
            assert response.status == 200, await response.text()
            rest = ""
            async for chunk in response.content.iter_any():
                *blocks, rest = (rest + chunk.decode()).split("\n\n")
                for block in blocks:
                    screen.take(block)
        if screen.resets > resets:
            await _open(session, screen)


def _deaf(port: int) -> socket.socket:
    """A reader that asks for everything and reads nothing."""
    deaf = socket.create_connection(("127.0.0.1", port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(f"GET /api/v1/board/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {PERSON}\r\n\r\n".encode())
    return deaf


async def _change(
    session: aiohttp.ClientSession, cards: Sequence[dict[str, Any]], seconds: int
) -> tuple[dict[tuple[str, int], float], float]:
    """RATE changes a second, whatever the answers take. When each version was answered, and how late the last began."""
    chance, done = random.Random(20261122), dict[tuple[str, int], float]()
    ready = [card["id"] for card in cards if card["stage"] == "ready"]
    whom = dict.fromkeys(ready, 0)
    start = time.time() + 0.2
    late = 0.0
    running: list[asyncio.Task[None]] = []

    async def assign(id: str, courier: str) -> None:
        body = {"action": "assign", "courier": courier}
        async with session.post(f"/api/v1/board/deliveries/{id}/actions", json=body) as response:
            told = msgspec.json.decode(await response.read())
        assert response.status == 200, told
        if not told["already"]:
            done[id, told["delivery"]["version"]] = time.time()

    for n in range(seconds * RATE):
        await asyncio.sleep(start + n / RATE - time.time())
        late = max(late, time.time() - start - n / RATE)
        id = chance.choice(ready)
        whom[id] = 1 - whom[id]
        running.append(asyncio.create_task(assign(id, COURIERS[whom[id]])))
    await asyncio.gather(*running)
    return done, late


async def _different(session: aiohttp.ClientSession, screens: Sequence[Screen]) -> int:
    """How many boards show something else than the database has now."""
    now = Screen()
    await _open(session, now)
    return sum(screen.cards != now.cards for screen in screens)


async def _query(dsn: str) -> float:
    """Seconds for what a board asks of the database: which deliveries, and their cards; the median of five."""
    db = Database(dsn, size=1)
    await db.open()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        rows = await board.look(
            db, day=None, carry=False, number=None, divisions=None, division=None, courier=None, most=20_000
        )
        took.append(time.perf_counter() - began)
        assert len(rows) >= TODAY
        await board.docs(db, [row.id for row in rows[:100]])
    await db.close()
    return median(took)


def _scan(connection: psycopg.Connection) -> float:
    """Seconds of a bare sequential scan that looks into every row; the median of three."""
    took = []
    with connection.transaction():
        connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        connection.execute("SET LOCAL enable_indexscan = off")
        connection.execute("SET LOCAL enable_indexonlyscan = off")
        for _ in range(3):
            began = time.perf_counter()
            connection.execute("SELECT count(*) FROM delivery WHERE doc ->> 'stage' = 'none'")
            took.append(time.perf_counter() - began)
    return median(took)


def _report(result: Result, query: float, scan: float, old: int, seconds: int, quick: bool) -> Report:
    report = Report(
        f"boards: {BOARDS} open beside {old + TODAY} deliveries, {RATE} changes/s for {seconds} s",
        "./run bench boards" + (" --quick" if quick else ""),
    )
    report.must("boards that end unlike the database", str(result.different), "0", result.different == 0)
    p50, p99, worst = (percentile(result.delays, share) for share in (0.5, 0.99, 1.0))
    report.at_most(
        "answer to a change → on each board, p99", p99, WANTED_S, "s", f" (p50 {p50:.3f}, worst {worst:.3f})"
    )
    told = f"{len(result.delays)} of {BOARDS * result.changes}, the others in one with a later change of the same card"
    report.tell("changes told one by one", told)
    report.tell("boards that had to begin anew", str(result.resets))
    grown = result.after_mb - result.before_mb
    report.at_most("memory of the API processes grew by", grown, WANTED_MB, "MB",
                   f" ({result.before_mb:.0f} → {result.after_mb:.0f})")  # fmt: skip
    board_s = median(result.board_s)
    report.tell(f"a board of {TODAY} cards, read whole over HTTP", f"{board_s:.3f} s")
    what, beside = f"which {TODAY} are on the board, by the database", f" (sequential scan {scan:.2f} s)"
    if quick:  # among few deliveries those of today are not few
        report.tell(what, f"{query:.3f} s{beside}")
    else:
        report.at_most(what, query, round(scan * WANTED_SHARE, 3), "s", beside)
    report.tell("the changes began late by at most", f"{result.late:.3f} s")
    return report
