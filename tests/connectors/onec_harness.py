"""The pull form of 1C in the suite of connectors: giving and acknowledging play `send` and `report`.

Nothing of ours calls a base that pulls, so there is no client to put to the test. Here a small base pulls from the real
service over its real door, applies what it gets by the ids of events, and acknowledges. `Pulled.send` puts the messages
into lanes, lets the base pull, and reports what the store knows afterwards.
"""

import asyncio
import atexit
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from tests.connectors.harness import PATIENT_S, Harness, Trouble, harness
from tests.flow.exchange_client import BASE, DIVISION, Exchange, Json, running
from tests.pg import Databases, databases

from posrednik.bootstrap import database
from posrednik.config import Settings
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
)  # fmt: skip
from posrednik.domain.events import Actor, Event
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, events, lanes
from posrednik.store.db import Database, Tx
from posrednik.store.lanes import Draft

_stack = ExitStack()
_server: list[Databases] = []


def _databases() -> Databases:
    """The PostgreSQL of this process, started by the first test that needs it."""
    if not _server:
        _server.append(_stack.enter_context(databases()))
        atexit.register(_stack.close)
    return _server[0]


class Base:
    """A 1C base that pulls. applied: what its documents were made of, by the id of the event."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.applied: dict[str, Json] = {}
        self.seen: list[tuple[str, str]] = []

    async def pull(self, trouble: Trouble, released: asyncio.Event, hangs: Callable[[], None]) -> None:
        """One round: take, apply what is new, say so. In doubt = applied, and the word about it is lost.

        hangs: called when nothing more will come."""
        given = await self.exchange.events(limit=1000)
        self.seen += [(one["subject"]["id"], one["id"]) for one in given]
        if trouble is Trouble.REFUSES:
            await self.exchange.ack([], [{"id": one["id"], "code": "no", "message": "нет прав"} for one in given])
            return
        for one in given:
            self.applied.setdefault(one["id"], one)
        if trouble is Trouble.HANGS:
            hangs()
            await released.wait()
        if trouble is Trouble.NONE:
            await self.exchange.ack([one["id"] for one in given])


class Pulled:
    """The connector that the suite drives."""

    kind, group_size, time_limit_s, timeout_s = "onec", 10, 0.0, PATIENT_S

    def __init__(self, owner: "OnecHarness", db: Database) -> None:
        self._owner, self._db = owner, db

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        mine = [item for item in items if item.method == "event"]
        for item in items:
            if item.method != "event":
                report(item, Refused("базе, которая забирает события сама, дают только события", "unknown_method"))
        if mine:
            await self._send(mine, gate, report)

    async def _send(self, items: Sequence[Item], gate: Gate, report: Report) -> None:
        outcome: Outcome = TryLater("1С ещё не подтвердила", "given")
        try:
            await gate.enter("outgoing")
            outcome = await self._pulled(items) or outcome
        except Held as held:
            outcome = held.outcome()
        finally:
            states = {} if outcome.code in ("limiter", "down", "limited") else await self._states(items)
            for item in items:
                report(item, states.get(item.id, outcome))

    async def _pulled(self, items: Sequence[Item]) -> TryLater | None:
        """Let the base pull, unless it does not; then why."""
        owner = self._owner
        if owner.trouble is Trouble.DOWN:
            return TryLater("1С не забирает события", "down", fault=True)
        owner.received += 1
        if owner.trouble is Trouble.LIMITED:
            return TryLater("1С просит подождать", "limited", after_s=7.0, free=True)
        await self._db.transact(lambda tx: self._put(tx, items))
        try:
            async with asyncio.timeout(self.timeout_s) as limit:
                await owner.base.pull(owner.trouble, owner._released, lambda: limit.reschedule(_in_a_moment()))
        except TimeoutError:
            return None
        return None

    async def _put(self, tx: Tx, items: Sequence[Item]) -> None:
        """Into the lanes, as a use case does; what is there already is due again, its lease is over."""
        rows = await (await tx.conn.execute("SELECT id FROM event")).fetchall()
        new = [item for item in items if item.id not in {row.id for row in rows}]
        destination_id = await destinations.ensure(tx, f"onec:{BASE}", "onec")
        if new:
            happened = [events.Happened(item.id, _event(item), BASE, None) for item in new]
            await events._add(tx, happened, {one.id for one in happened})
            await lanes.put(tx, [Draft(destination_id, item.key, item.id, "event", "{}") for item in new])
        await tx.conn.execute("UPDATE lane SET due_at = clock_timestamp() WHERE state = 'ready'")

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        """A base knows repeats by the id of the event, so what it has not acknowledged may be given again."""
        states = await self._states(items)
        for item in items:
            known = states.get(item.id)
            report(item, known if isinstance(known, Accepted) else NotThere("не подтверждено, дать ещё раз можно"))

    async def _states(self, items: Sequence[Item]) -> dict[UUID, Outcome]:
        async with await psycopg.AsyncConnection.connect(self._db.dsn) as conn:
            found = await conn.execute("SELECT event_id, state FROM outgoing WHERE event_id = ANY(%s)",
                                       ([item.id for item in items],))  # fmt: skip
            told: dict[str, Outcome] = {"accepted": Accepted(), "rejected": Refused("нет прав", "no")}
            return {event_id: told[state] for event_id, state in await found.fetchall() if state in told}

    async def close(self) -> None:
        await self._db.close()


def _in_a_moment() -> float:
    return asyncio.get_running_loop().time() + 0.1


def _event(item: Item) -> Event:
    snapshot: Json = {"order": {"ref": str(uuid4()), "number": "1", "site_number": None}, "holder": None,
                      "handed_over_by": None, "courier": None, "warehouse_ref": None, "receipt": False}  # fmt: skip
    return Event("delivery.departed", "delivery", UUID(item.key.partition(":")[2]), item.body["version"],
                 datetime.now(UTC), Actor("courier"), DIVISION, False, {"delivery": snapshot})  # fmt: skip


class OnecHarness(Harness):
    secrets = ("base-token",)
    settles_by_looking = False

    def __init__(self, base: Base) -> None:
        super().__init__()
        self.base = base

    def item(self, key: str, version: int = 1, attempt: int = 1) -> Item:
        return Item(uuid7(), key, "event", {"version": version}, attempt)

    def effects(self, key: str) -> int:
        return len([one for one in self.base.applied.values() if key.endswith(one["subject"]["id"])])

    def version(self, key: str) -> int | None:
        found = [one["version"] for one in self.base.applied.values() if key.endswith(one["subject"]["id"])]
        return found[-1] if found else None

    def markers(self, key: str) -> set[str]:
        return {event_id for subject, event_id in self.base.seen if key.endswith(subject)}

    def wait_at_most(self, seconds: float) -> None:
        """A base that hangs says so itself: see `Base.pull`."""

    async def down(self, is_down: bool) -> None:
        """A base that is switched off does not pull: see `Pulled`."""


@harness("onec")
async def onec() -> AsyncIterator[Harness]:
    with _databases().migrated() as dsn:
        async with running(dsn) as service:
            await service.onec.begin_epoch()
            made = OnecHarness(Base(service.onec))
            db: Any = database(Settings(), dsn)
            await db.open()
            made.connector = Pulled(made, db)
            try:
                yield made
            finally:
                made.release()
                await made.connector.close()
