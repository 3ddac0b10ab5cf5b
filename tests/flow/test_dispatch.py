"""Workers, a moody destination and a real database: nothing lost, nothing twice, in order."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import pytest
from tests.flow.dispatch_kit import (
    DYING_S,
    FAST,
    PATIENCE_S,
    Bench,
    Destination,
    bench,
    dispatchers,
    faulty,
    kill,
    refused,
    until,
    workers,
)

from posrednik.connectors.base import Item, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch import breaker
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.finisher import Finisher
from posrednik.dispatch.limiter import Limits
from posrednik.dispatch.notifier import Notifier
from posrednik.kit.ids import uuid7
from posrednik.store import lanes
from posrednik.store.db import CommitUnknown, Database, Tx, Work
from posrednik.store.lanes import BULK, Attempt, LaneResult

T = TypeVar("T")
TUNING = Tuning(runners=8, per_lane=4, pauses=FAST, cut_s=0.0)


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as one:
        yield one


def check(destination: Destination, sent: dict[str, list[UUID]]) -> None:
    assert dict(destination.applied) == sent
    assert set(destination.effects.values()) == {1}
    assert destination.most_per_key == 1


async def journal(made: Bench) -> Counter[str]:
    return Counter(
        {row.outcome: row.n for row in await made.sql("SELECT outcome, count(*) AS n FROM journal GROUP BY 1")}
    )


async def test_messages_arrive_in_order_and_once_under_failures(made: Bench) -> None:
    dice = random.Random(1)

    async def mood(item: Item) -> Outcome | None:
        await asyncio.sleep(dice.random() / 200)
        return dice.choice([
            None, None, None, None, TryLater("занято"), Unclear("нет ответа", fault=False),
            Unclear("не дошло", "lost_before", fault=False),
        ])  # fmt: skip

    destination = Destination(mood)
    to = await made.add("portal", destination)
    async with workers(made, 2):
        sent = {f"k{n}": await made.put(to, f"k{n}", 3) for n in range(12)}
        for key in sent:
            sent[key] += await made.put(to, key, 2)
        await made.emptied()
    check(destination, sent)
    outcomes = await journal(made)
    assert outcomes["accepted"] + outcomes["found"] == 60
    assert outcomes["unclear"] > 0
    assert outcomes["not_there"] > 0


@pytest.mark.parametrize("seed", range(4))
async def test_a_killed_worker_loses_and_doubles_nothing(made: Bench, seed: int) -> None:
    dice = random.Random(seed)

    async def mood(item: Item) -> Outcome | None:
        await asyncio.sleep(dice.random() / 50)
        return Unclear("нет ответа", fault=False) if dice.random() < 0.1 else None

    destination = Destination(mood)
    to = await made.add("portal", destination, time_limit_s=0.0)
    sent = {f"k{n}": await made.put(to, f"k{n}", 6) for n in range(20)}
    async with made.worker(beat_s=DYING_S) as victim, made.worker(beat_s=DYING_S):
        await until(lambda: len(destination.calls) > 10 + 15 * seed and any(d._busy for d in dispatchers(victim)))
        await kill(victim)
        await made.emptied()
    check(destination, sent)
    assert (await journal(made))["rescued"] > 0


async def test_the_breaker_opens_and_one_worker_probes(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pause is ended by hand: none of them is over by itself while the test looks."""
    monkeypatch.setattr(breaker, "FIRST_PAUSE_S", 100.0)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE_S", 1000.0)
    destination = Destination(lambda _: faulty())
    to = await made.add("portal", destination)
    async with workers(made, 2):
        sent = {f"k{n}": await made.put(to, f"k{n}") for n in range(30)}
        await opened(made)
        before = len(destination.calls)
        for _ in range(3):
            await made.sql("UPDATE destination SET breaker_until = now() WHERE breaker = 'open'")
            probes = len(destination.calls) + 1
            await until(lambda: len(destination.calls) >= probes)  # noqa: B023
            await opened(made)
        assert len(destination.calls) == before + 3
        pause = (await made.sql("SELECT breaker_pause_s AS s FROM destination"))[0].s
        assert pause == 800.0
        destination.mood = lambda _: None
        await made.sql("UPDATE destination SET breaker_until = now() WHERE breaker = 'open'")
        await made.emptied()
    check(destination, sent)
    assert (await made.sql("SELECT breaker FROM destination"))[0].breaker == "closed"


async def opened(made: Bench) -> None:
    """Wait until the breaker is open and every send has come back."""
    async with asyncio.timeout(PATIENCE_S):
        while not await made.sql(
            "SELECT 1 FROM destination WHERE breaker = 'open' AND breaker_until > now()"
        ) or await made.sql("SELECT 1 FROM lane WHERE state = 'leased'"):
            await asyncio.sleep(0.01)


async def test_an_open_breaker_costs_no_attempt(made: Bench) -> None:
    destination = Destination(lambda _: TryLater("503", after_s=30.0, scope="destination", status=503))
    to = await made.add("portal", destination)
    async with made.worker():
        await made.put(to, "k", 3)
        await opened(made)
    row = (await made.sql("SELECT attempt, depth, state FROM lane"))[0]
    assert (row.attempt, row.depth, row.state) == (0, 3, "ready")
    assert (await made.sql("SELECT why FROM lane_wait"))[0].why == "breaker"
    assert len(destination.calls) == 1


async def test_a_paused_method_waits_and_others_go_on(made: Bench) -> None:
    destination = Destination()
    to = await made.add("portal", destination)
    await made.sql("INSERT INTO method_pause VALUES (%s, 'slow', now() + interval '1 h', 'ресурс исчерпан')", to)
    await made.put(to, "slow", method="slow")
    quick = await made.put(to, "quick", 3)
    async with made.worker():
        await until(lambda: destination.applied["quick"] == quick)
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM lane WHERE why = 'method_pause' AND attempt = 0"):
                await asyncio.sleep(0.01)
        waits = (await made.sql("SELECT why, due_at > now() + interval '50 min' AS far FROM lane_wait"))[0]
        assert waits == ("method_pause", True)
    assert "slow" not in destination.applied


async def test_a_limit_is_kept_by_all_workers_together_and_costs_no_attempt(made: Bench) -> None:
    destination = Destination()
    to = await made.add("portal", destination, limits=Limits("bucket", rate=40.0, burst=5.0))
    sent = {f"k{n}": await made.put(to, f"k{n}") for n in range(25)}
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with workers(made, 2):
        await made.emptied()
    assert loop.time() - started >= (25 - 5) / 40 - 0.05
    check(destination, sent)
    assert set(destination.attempts) == {1}


async def test_a_graceful_stop_costs_no_attempt_and_leaves_nothing_leased(made: Bench) -> None:
    gate = asyncio.Event()

    async def mood(item: Item) -> None:
        await gate.wait()

    destination = Destination(mood)
    to = await made.add("portal", destination, tuning=replace(TUNING, runners=2))
    sent = {f"k{n}": await made.put(to, f"k{n}", 3) for n in range(9)}
    async with made.worker() as worker:
        await until(lambda: len(destination.calls) == 2)
        stopping = asyncio.create_task(worker.stop(PATIENCE_S))
        await until(lambda: all(dispatcher._stopping for dispatcher in dispatchers(worker)))
        gate.set()
        await stopping
        worker._loops = []
    assert len(destination.calls) == 2
    rows = await made.sql("SELECT state, attempt, doubt_upto FROM lane")
    assert {(row.state, row.attempt, row.doubt_upto) for row in rows} == {("ready", 0, 0)}
    assert sum(destination.effects.values()) == 2
    async with made.worker():
        await made.emptied()
    check(destination, sent)


async def test_what_a_forced_stop_cuts_off_is_in_doubt(made: Bench) -> None:
    async def mood(item: Item) -> None:
        await asyncio.Event().wait()

    to = await made.add("portal", Destination(mood), timeout_s=30.0)
    await made.put(to, "k", 2)
    async with made.worker() as worker:
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM lane WHERE state = 'leased'"):
                await asyncio.sleep(0.01)
        await worker.stop(0.1)
        worker._loops = []
    row = (await made.sql("SELECT state, doubt_upto, sending_upto FROM lane"))[0]
    assert row == ("ready", 1, 0)


async def test_a_destination_that_times_out_after_applying_gets_one_effect(made: Bench) -> None:
    async def mood(item: Item) -> Outcome | None:
        if item.attempt == 1:
            destination._apply(item)
            await asyncio.Event().wait()
        return None

    destination = Destination(mood)
    to = await made.add("portal", destination, timeout_s=0.05, time_limit_s=0.1)
    made.served["portal"]().connector.time_limit_s = 0.1
    sent = {f"k{n}": await made.put(to, f"k{n}") for n in range(3)}
    async with made.worker(limit_s=0.1):
        await made.emptied()
    assert dict(destination.applied) == sent
    assert set(destination.effects.values()) == {1}
    assert set(destination.looked_up) == {event_id for ids in sent.values() for event_id in ids}


async def test_one_hanging_destination_does_not_slow_the_others(made: Bench) -> None:
    async def hang(item: Item) -> None:
        await asyncio.Event().wait()

    hanging, brisk, calm = Destination(hang), Destination(), Destination()
    stuck = await made.add("stuck", hanging, timeout_s=30.0)
    first, second = await made.add("first", brisk), await made.add("second", calm)
    for n in range(40):
        await made.put(stuck, f"k{n}")
    async with made.worker():
        await until(lambda: hanging.most_at_once == TUNING.runners)
        sent = await made.put(first, "k", 30)
        also = await made.put(second, "k", 30)
        await until(lambda: brisk.applied["k"] == sent and calm.applied["k"] == also)


async def test_a_destination_that_wants_nothing_more_is_disabled_and_keeps_its_messages(made: Bench) -> None:
    destination = Destination(lambda _: Refused("подписка закрыта", "gone", disable=True))
    to = await made.add("shop", destination)
    sent = {"k": await made.put(to, "k", 3)}
    async with made.worker():
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM destination WHERE state = 'disabled' AND why <> ''"):
                await asyncio.sleep(0.01)
        assert (await made.sql("SELECT why FROM lane_wait"))[0].why == "disabled"
        assert len(destination.calls) == 1
        destination.mood = lambda _: None
        await made.sql("UPDATE destination SET state = 'open'")
        await made.emptied()
    check(destination, sent)


async def test_a_refused_message_stops_its_lane_and_no_other(made: Bench) -> None:
    destination = Destination(lambda item: refused() if item.key == "bad" else None)
    to = await made.add("portal", destination)
    await made.put(to, "bad", 2)
    good = await made.put(to, "good", 5)
    async with made.worker():
        await until(lambda: destination.applied["good"] == good)
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM lane_wait WHERE why = 'dead' AND key = 'bad' AND depth = 2"):
                await asyncio.sleep(0.01)
    assert "bad" not in destination.applied


async def test_notify_makes_it_fast_and_polling_alone_works(made: Bench) -> None:
    """The first with a poll so rare that only the hint can be in time; the others of this file poll alone."""
    destination = Destination()
    to = await made.add("portal", destination)
    made.db.on_hints = Notifier(made.db).hint
    async with made.worker(poll_s=10 * PATIENCE_S, notify=True):
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"):
                await asyncio.sleep(0.01)
        sent = await made.put(to, "k")
        await until(lambda: destination.applied["k"] == sent)


async def test_what_a_person_waits_for_overtakes_bulk(made: Bench) -> None:
    there = asyncio.Event()

    async def mood(item: Item) -> None:
        if len(destination.calls) >= 5:
            await there.wait()

    destination = Destination(mood)
    to = await made.add("portal", destination, tuning=replace(TUNING, runners=2))
    for n in range(60):
        await made.put(to, f"bulk{n}", priority=BULK)
    async with made.worker():
        await until(lambda: len(destination.calls) >= 5)
        at = len(destination.calls)
        await made.put(to, "person")
        there.set()
        await until(lambda: "person" in destination.calls)
        # What was being sent, and at most the bulk that was claimed before.
        assert destination.calls.index("person") - at < 10
        await made.emptied()
    assert len(destination.effects) == 61


async def test_bulk_is_not_starved_by_people(made: Bench) -> None:
    async def mood(item: Item) -> None:
        await asyncio.sleep(0.002)

    destination = Destination(mood)
    to = await made.add("portal", destination, tuning=replace(TUNING, runners=2, bulk_first_every=4))
    for n in range(120):
        await made.put(to, f"person{n}")
    await made.put(to, "bulk", priority=BULK)
    async with made.worker():
        await made.emptied()
    assert destination.calls.index("bulk") < 110


async def test_groups_are_filled_and_every_member_gets_its_own_outcome(made: Bench) -> None:
    destination = Destination(lambda item: refused() if item.key == "k3" else None)
    to = await made.add("portal", destination, group_size=10)
    sent = {f"k{n}": await made.put(to, f"k{n}", 2) for n in range(25)}
    async with made.worker():
        await until(lambda: len(destination.effects) == 48)
    del sent["k3"]
    check(destination, sent)


async def test_a_worker_whose_heart_fails_stops_sending(made: Bench) -> None:
    destination = Destination()
    to = await made.add("portal", destination)
    async with made.worker() as worker:
        await made.put(to, "before")
        await made.emptied()
        worker._loops[0].cancel()
        worker.heart._last -= 3600
        await made.put(to, "after")
        await asyncio.sleep(0.3)
        assert "after" not in destination.applied
    assert (await made.sql("SELECT attempt, doubt_upto FROM lane WHERE key = 'after'"))[0] == (0, 0)


async def test_an_answer_that_cannot_be_stored_keeps_no_other_outcome_back(made: Bench) -> None:
    """NUL and lone surrogates are no text for PostgreSQL; even what slips through stops only its own lane."""
    dirty = "\x00 и \ud83d"
    destination = Destination(lambda item: Refused(dirty, dirty) if item.key == "dirty" else None)
    to = await made.add("portal", destination, group_size=5)
    await made.put(to, "dirty")
    good = await made.put(to, "good", 3)
    async with made.worker():
        await until(lambda: destination.applied["good"] == good)
        async with asyncio.timeout(PATIENCE_S):
            while not await made.sql("SELECT 1 FROM lane_wait WHERE key = 'dirty' AND why = 'dead'"):
                await asyncio.sleep(0.01)


async def test_a_result_that_cannot_be_stored_is_kept_without_its_texts(made: Bench) -> None:
    to = await made.add("portal", Destination())
    for key in ("bad", "good"):
        await made.put(to, key)
    owner = uuid7()
    await lanes.beat(made.db, owner, "h", 1, 60.0)
    claimed = await made.db.transact(lambda tx: lanes.claim(tx, to, owner, lanes=9, per_lane=1, lease_s=60.0))
    written: dict[int, bool] = {}
    finisher = Finisher(made.db, "portal", lambda _, ours: written.update(ours))
    running = asyncio.create_task(finisher.run())
    for message in claimed:
        texts = ("\x00", "\x00") if message.key == "bad" else ("", "")
        finisher.add(LaneResult(message.lane_id, message.epoch, message.seq, True, False, 0.0, 0, 0, *texts), [], [])
    await finisher.drain()
    running.cancel()
    assert len(written) == 2
    assert await made.left() == 0


class LosesAnswers(Database):
    """The answer to its first commit after `armed` gets lost; the commit itself happens or not."""

    armed = ""

    async def _once(self, work: Work[T]) -> T:
        how, self.armed = self.armed, ""
        if how == "rolled back":

            async def fails(tx: Tx) -> T:
                await work(tx)
                raise CommitUnknown

            return await super()._once(fails)
        result = await super()._once(work)
        if how == "committed":
            raise CommitUnknown
        return result


@pytest.mark.parametrize("how", ["committed", "rolled back"])
async def test_a_finish_whose_commit_got_no_answer_is_recorded_once(made: Bench, how: str) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "k", 2)
    owner = uuid7()
    await lanes.beat(made.db, owner, "h", 1, 60.0)
    m = (await made.db.transact(lambda tx: lanes.claim(tx, to, owner, lanes=9, per_lane=1, lease_s=60.0)))[0]
    db = LosesAnswers(made.dsn, size=1)
    await db.open()
    written: list[dict[int, bool]] = []
    finisher = Finisher(db, "portal", lambda _, ours: written.append(dict(ours)))
    db.armed = how
    running = asyncio.create_task(finisher.run())
    attempt = Attempt(m.lane_id, datetime.now(UTC), "accepted", None, m.event_id, 1, 5, "accepted", "")
    finisher.add(LaneResult(m.lane_id, m.epoch, m.seq, release=True), [attempt], [])
    await finisher.drain()
    running.cancel()
    await db.close()
    assert written == [{m.lane_id: True}]
    assert await made.left() == 1
    assert await journal(made) == {"accepted": 1}
