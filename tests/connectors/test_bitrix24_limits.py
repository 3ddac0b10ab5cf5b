"""The portal's own limits: how often it may be called, and how long each method may run there."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness, a_body, a_portal
from tests.connectors.bitrix24_steps import after, created, send
from tests.connectors.harness import TestGate, new_key
from tests.flow.dispatch_kit import Bench, bench

from posrednik.connectors.base import Accepted, Held, TryLater
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.meter import Health, Ledger, Use
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.limiter import Limiter, Limits
from posrednik.dispatch.worker import Served
from posrednik.kit import http
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes
from posrednik.store.lanes import Draft
from posrednik_sandbox.portal.clock import Clock

SPEED = 20.0  # of the portal's clock, so that its bucket of 2 calls a second drains 40 in one of ours
METHOD = "tasks.task.update"


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as ready:
        yield ready


@pytest.fixture
async def system() -> AsyncIterator[Bitrix24Harness]:
    async with a_portal() as ready:
        yield ready


def quick_clock() -> Clock:
    start = time.time()
    return Clock(lambda: start + (time.time() - start) * SPEED)


async def _put(made: Bench, to: int, count: int) -> None:
    """Deliveries that are over: each is a create and then more of one task."""
    drafts = []
    for _ in range(count):
        body = a_body(stage="settled", closed=True)
        key = f"delivery:{body['delivery']}"
        drafts.append(Draft(to, key, uuid7(), "task.put", msgspec.json.encode(body).decode(), None, key))
    await made.db.transact(lambda tx: lanes.put(tx, drafts))


async def test_regression_lanes_drain_though_more_calls_are_configured_than_the_portal_allows(made: Bench) -> None:
    """Each refusal used to open the breaker: creates then ate what the portal allowed, and nothing was ever whole."""
    async with a_portal(timeout_s=20.0) as system:
        system.portal.clock = quick_clock()
        system.portal.limits.set_tariff("standard")
        session = http.new_session()
        limits = Limits("b", 1000.0, 500.0, frozenset({"batch"}), sure=2.0 * SPEED)
        made.served["portal"] = lambda: Served(
            Bitrix24Connector(system.settings(timeout_s=20.0), session), limits,
            Tuning(runners=4, per_lane=1, linger_s=0.02),
        )  # fmt: skip
        to = await made.db.transact(lambda tx: destinations.ensure(tx, "portal", "bitrix24"))
        await _put(made, to, 150)
        async with made.worker():
            await made.emptied()
        await session.close()
        assert system.portal.same_xml_id() == {}
        assert len(system.portal.tasks) >= 150
        assert system.received < 200, "calls that were refused are few"
        (bucket,) = await made.sql("SELECT learned, refused FROM bucket")
        # A machine that is busy may be slower than the portal's limit.
        assert bucket.refused == 0 or bucket.learned < 1000.0
        assert (await made.sql("SELECT breaker FROM destination"))[0].breaker == "closed"


async def test_a_call_too_many_is_sent_again_when_the_gate_lets_it(system: Bitrix24Harness) -> None:
    gate = TestGate()
    system.portal.faults.set("query_limit", count=2)
    item = system.item(new_key())
    (outcome,) = await send(system, item, gate=gate)
    assert isinstance(outcome, Accepted)
    assert gate.slowed == [3.0, 3.0]
    system.portal.faults.set("query_limit")
    (outcome,) = await send(system, system.item(new_key()), gate=gate)
    assert isinstance(outcome, TryLater)
    assert (outcome.code, outcome.scope, outcome.free) == ("query_limit_exceeded", "message", True)


async def test_a_method_that_has_nearly_spent_its_time_rests_and_the_others_go_on(system: Bitrix24Harness) -> None:
    session, gate = http.new_session(), TestGate()
    system.connector = Bitrix24Connector(system.settings(), session, clock=system.portal.now)
    item, first = await created(system)
    limits = system.portal.limits
    limits.operating_limit_s = 480.0
    limits.latency, limits.wait_scale, limits.charge_scale = "docs", 0.0, 370.0
    text = after(system, item, first, comment="Другой")
    (outcome,) = await send(system, text, gate=gate)
    assert isinstance(outcome, Accepted)
    assert 1 <= gate.paused[METHOD] <= 600
    again = after(system, text, outcome, comment="Третий")
    (held,) = await send(system, again, gate=gate)
    assert isinstance(held, TryLater)
    assert (held.code, held.scope, held.free) == ("operating_rest", "method", True)
    moved = system.item(new_key())
    assert isinstance((await send(system, moved, gate=gate))[0], Accepted)
    limits.charge_scale = 0.0
    system.portal.clock.advance(601)
    (outcome,) = await send(system, again, gate=gate)
    assert isinstance(outcome, Accepted)
    await session.close()


# -- the ledger by itself --------------------------------------------------------------------------------------


class Desk:
    """A ledger on a clock of its own, and what it saved."""

    def __init__(self, limit_s: float | None = 480.0) -> None:
        self.now = 1_000_000.0
        self.saved: list[tuple[list[Use], Health]] = []
        self.ledger = Ledger(limit_s=limit_s, clock=lambda: self.now)

    def used(self, operating_s: float | None, left_s: float = 300.0) -> float:
        return self.ledger.used(METHOD, Answer(None, self.now + left_s, operating_s))

    def refused(self, kind: Kind = Kind.BUDGET, code: str = "operation_time_limit") -> float:
        return self.ledger.refused(METHOD, Problem(kind, code, "…", 90.0))


@pytest.mark.parametrize(("operating_s", "rests_s"), [(431.9, 0.0), (432.0, 300.0), (700.0, 300.0), (None, 0.0)])
def test_at_nine_tenths_of_its_time_a_method_rests_until_the_portal_forgets_some(
    operating_s: float | None, rests_s: float
) -> None:
    assert Desk().used(operating_s) == rests_s


def test_a_refusal_teaches_the_limit_and_a_success_beyond_it_teaches_more() -> None:
    desk = Desk()
    assert desk.used(100.0) == 0
    assert desk.refused() == 300.0
    assert desk.ledger.limit_of(METHOD) == 100.0
    assert desk.used(95.0) > 0
    desk.used(150.0)
    assert desk.ledger.limit_of(METHOD) == 150.0
    desk.now += 2 * 86_400
    assert desk.ledger.limit_of(METHOD) == 480.0


def test_a_refusal_long_after_the_last_figure_teaches_nothing() -> None:
    desk = Desk()
    desk.used(100.0, 30.0)
    desk.now += 100
    assert desk.refused() == 90.0, "nobody knows when the time grows again"
    assert desk.ledger.limit_of(METHOD) == 480.0


def test_a_portal_without_limits_rests_nothing_until_it_refuses() -> None:
    desk = Desk(limit_s=None)
    assert desk.used(5000.0) == 0
    assert desk.refused() == 300.0
    assert desk.used(5000.0) > 0


def test_a_clock_that_differs_from_the_portals_does_not_lengthen_a_rest() -> None:
    desk = Desk()
    theirs = desk.now - 7200
    at = replace(Answer(None, theirs + 60, 470.0), at=datetime.fromtimestamp(theirs, UTC))
    assert desk.ledger.used(METHOD, at) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("kind", "code", "stops"),
    [
        (Kind.ACCESS, "access_denied", True),
        (Kind.OVERLOAD, "overload_limit", True),
        (Kind.ACCESS, "insufficient_scope", False),
        (Kind.RULE, "access_denied", False),
        (Kind.LIMIT, "query_limit_exceeded", False),
    ],
)
def test_only_what_concerns_the_whole_portal_stops_it(kind: Kind, code: str, stops: bool) -> None:
    desk = Desk()
    desk.used(1.0)
    desk.refused(kind, code)
    assert (desk.ledger.health.stopped_at is not None) == stops
    desk.used(1.0)
    assert desk.ledger.health == Health(ok_at=desk.now)


async def test_what_a_portal_said_is_saved_with_how_the_portal_is() -> None:
    desk, saved = Desk(), asyncio.Event()

    async def save(rows: object, health: Health) -> None:
        desk.saved.append((list(rows), health))  # type: ignore[call-overload]
        saved.set()

    ledger = Ledger(save, clock=lambda: desk.now)
    ledger.used(METHOD, Answer(None, None, 3.0))
    ledger.used(METHOD, Answer(None, None, 4.0))
    ledger.refused(METHOD, Problem(Kind.ACCESS, "portal_deleted", "портал удалён"))
    await saved.wait()
    ((use,), health) = desk.saved[0]
    assert (use.calls, use.refused, use.operating_s, use.last_code) == (2, 1, 4.0, "portal_deleted")
    assert (health.code, health.stopped_at, health.ok_at) == ("portal_deleted", desk.now, desk.now)


async def test_while_the_staff_of_bitrix24_have_closed_it_nobody_calls(system: Bitrix24Harness, made: Bench) -> None:
    """Whoever asks beside dispatch would keep the block alive: the pause of one gate holds for all."""
    to = await made.db.transact(lambda tx: destinations.ensure(tx, "portal", "bitrix24"))
    gate, beside = Limiter(made.db, to, None), Limiter(made.db, to, None)
    system.portal.faults.set("overload")
    (outcome,) = await send(system, system.item(new_key()), gate=gate)
    assert isinstance(outcome, TryLater)
    assert (outcome.code, outcome.scope, outcome.after_s) == ("overload_limit", "destination", 900)
    await asyncio.gather(*gate._writes)
    with pytest.raises(Held, match="все обращения приостановлены"):
        await beside.enter("user.get")
