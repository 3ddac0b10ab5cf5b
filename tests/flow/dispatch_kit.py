"""A destination that can be moody, connectors to it, and workers to serve it: for the tests of dispatch."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from posrednik.connectors.base import (
    Accepted,
    Gate,
    Held,
    Item,
    LookUpReport,
    NotThere,
    Outcome,
    Refused,
    Report,
    TryLater,
    Unclear,
)
from posrednik.dispatch.dispatcher import Dispatcher, Tuning
from posrednik.dispatch.limiter import Limits
from posrednik.dispatch.worker import Served, Worker
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes
from posrednik.store.db import Database, Row, Tx
from posrednik.store.lanes import PERSON, Draft

FAST: Sequence[float] = (0.02, 0.03, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05)
DYING_S = 0.15
PATIENCE_S = 60.0  # nothing here takes long, but the machine may be busy
Mood = Callable[[Item], Outcome | Awaitable[Outcome | None] | None]


@dataclass
class Destination:
    """Applies by message id. mood: what to answer instead of yes; it may await. An `Unclear` it returns means: applied,
    and the answer got lost; `lost_before` in its code means that the request got lost."""

    mood: Mood = lambda _: None
    applied: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    effects: Counter[UUID] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    looked_up: list[UUID] = field(default_factory=list)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    most_per_key: int = 0

    async def take(self, item: Item) -> Outcome:
        self.calls.append(item.key)
        self.attempts.append(item.attempt)
        self.at_once[item.key] += 1
        self.most_per_key = max(self.most_per_key, self.at_once[item.key])
        self.most_at_once = max(self.most_at_once, self.at_once.total())
        try:
            answer = self.mood(item)
            outcome = await answer if isinstance(answer, Awaitable) else answer
        finally:
            self.at_once[item.key] -= 1
        if outcome is None or isinstance(outcome, Accepted):
            self._apply(item)
            return outcome or Accepted(f"remote-{item.key}")
        if isinstance(outcome, Unclear) and outcome.code != "lost_before":
            self._apply(item)
        return outcome

    def _apply(self, item: Item) -> None:
        self.applied[item.key].append(item.id)
        self.effects[item.id] += 1

    def find(self, item: Item) -> Accepted | NotThere:
        self.looked_up.append(item.id)
        return Accepted(f"remote-{item.key}") if self.effects[item.id] else NotThere()


class FakeConnector:
    """Sends into a `Destination`, through the gate, as the real ones do."""

    kind = "bitrix24"

    def __init__(
        self, destination: Destination, *, group_size: int = 1, time_limit_s: float = 0.0, timeout_s: float = 2.0
    ) -> None:
        self.destination, self.group_size = destination, group_size
        self.time_limit_s, self.timeout_s = time_limit_s, timeout_s
        self.closed = False

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        for item in items:
            try:
                await gate.enter(item.method)
            except Held as held:
                report(item, held.outcome())
                continue
            report(item, await self.destination.take(item))

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        for item in items:
            report(item, self.destination.find(item))

    async def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """A database, destinations in it, and what serves them."""

    db: Database
    dsn: str
    served: dict[str, Callable[[], Served]] = field(default_factory=dict)

    async def add(
        self, name: str, destination: Destination, *, limits: Limits | None = None, tuning: Tuning | None = None,
        **connector: Any,
    ) -> int:  # fmt: skip
        made = tuning or Tuning(runners=8, per_lane=4, pauses=FAST, cut_s=0.0)
        self.served[name] = lambda: Served(FakeConnector(destination, **connector), limits, made)
        return await self.db.transact(lambda tx: destinations.ensure(tx, name, "bitrix24"))

    async def put(
        self, destination_id: int, key: str, count: int = 1, *, priority: int = PERSON, state_of: str | None = None,
        method: str = "do",
    ) -> list[UUID]:  # fmt: skip
        drafts = [Draft(destination_id, key, uuid7(), method, "{}", None, state_of, priority) for _ in range(count)]
        await self.db.transact(lambda tx: lanes.put(tx, drafts))
        return [draft.event_id for draft in drafts]

    async def serve(self, row: Row) -> Served | None:
        make = self.served.get(row.name)
        return make() if make else None

    async def sql(self, query: str, *params: Any) -> list[Row]:
        async def work(tx: Tx) -> list[Row]:
            cursor = await tx.conn.execute(query.encode(), params)
            return await cursor.fetchall() if cursor.description else []

        return await self.db.transact(work)

    async def left(self) -> int:
        return int((await self.sql("SELECT coalesce(sum(depth), 0)::int AS n FROM lane"))[0].n)

    async def emptied(self) -> None:
        """Wait until every lane is through."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.left():
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def worker(self, **options: Any) -> AsyncIterator[Worker]:
        """A worker with a pool of its own, stopped gracefully at the end unless it was killed.

        Where workers die, `beat_s=DYING_S`, to notice it soon; elsewhere a beat that a busy machine delays is none."""
        db = Database(self.dsn, size=4)
        await db.open()
        worker = Worker(
            db, self.serve, {"bitrix24": options.pop("limit_s", 0.0)},
            **{"poll_s": 0.05, "beat_s": 3.0, "notify": False} | options,
        )  # fmt: skip
        await worker.start()
        try:
            yield worker
        finally:
            if worker._loops:
                await worker.stop(2.0)
            await db.close()


@asynccontextmanager
async def bench(dsn: str) -> AsyncIterator[Bench]:
    db = Database(dsn, size=4)
    await db.open()
    try:
        yield Bench(db, dsn)
    finally:
        await db.close()


@asynccontextmanager
async def workers(made: Bench, count: int, **options: Any) -> AsyncIterator[list[Worker]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(made.worker(**options)) for _ in range(count)]


def dispatchers(worker: Worker) -> list[Dispatcher]:
    return [dispatcher for _, dispatcher in worker._dispatchers.values()]


async def kill(worker: Worker) -> None:
    """As kill -9 does it: nothing more is sent, written or told. Only the database notices, by the silence."""
    tasks = [*worker._loops]
    for dispatcher in dispatchers(worker):
        dispatcher._finisher._recorded = lambda results, ours: None
        tasks += [dispatcher._finishing, dispatcher._claiming, *dispatcher._effects, *dispatcher._runners]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    worker._loops = []


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.005)


def faulty(why: str = "500") -> TryLater:
    return TryLater(why, "server_error", fault=True)


def refused() -> Refused:
    return Refused("так нельзя", "bad_value")
