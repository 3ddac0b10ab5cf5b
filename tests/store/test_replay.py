"""Dead letters and what a person decides: listed, replayed in order, skipped with a reason; all of it journalled."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.flow.dispatch_kit import Bench, Destination, bench

from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes, outgoing, replay
from posrednik.store.inbox import Base
from posrednik.store.lanes import BULK, PERSON, LaneResult
from posrednik.store.replay import ReplayFilter


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as one:
        yield one


async def now(made: Bench) -> datetime:
    at: datetime = (await made.sql("SELECT clock_timestamp() AS at"))[0].at
    return at


async def claim(made: Bench, to: int) -> list[lanes.Claimed]:
    worker = uuid7()
    await lanes.beat(made.db, worker, "h", 1, 60.0)
    return await made.db.transact(lambda tx: lanes.claim(tx, to, worker, lanes=100, per_lane=1, lease_s=60.0))


async def die(made: Bench, to: int, code: str = "bad_value", doubt: bool = False) -> None:
    """Every lane that is ready now gets a dead head."""
    results = [
        LaneResult(
            m.lane_id, m.epoch, 0, True, True, attempt=3, doubt_upto=m.seq if doubt else 0, why=code, why_text="нет"
        )
        for m in await claim(made, to)
    ]
    await made.db.transact(lambda tx: lanes.finish(tx, "portal", results, [], []))


async def states(made: Bench) -> list[tuple[str, int, int]]:
    return [tuple(row) for row in await made.sql("SELECT state, depth, attempt FROM lane ORDER BY key")]


async def test_dead_letters_are_listed_oldest_first(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "a", 2)
    await die(made, to)
    await made.put(to, "b")
    await die(made, to, "gone")
    rows = await replay.dead(made.db)
    assert [(row.key, row.seq, row.dead_code, row.dead_why, row.destination) for row in rows] == [
        ("a", 1, "bad_value", "нет", "portal"), ("b", 1, "gone", "нет", "portal"),
    ]  # fmt: skip
    assert list(await replay.dead(made.db, "another")) == []


async def test_a_dry_run_counts_and_changes_nothing(made: Bench) -> None:
    to = await made.add("portal", Destination())
    for n in range(25):
        await made.put(to, f"k{n:02}")
    await die(made, to)
    told = await replay.replay(made.db, ReplayFilter("portal"), True)
    assert (told.count, told.replayed, len(told.first)) == (25, 0, replay.SHOWN)
    assert len(await replay.dead(made.db)) == 25


async def test_one_is_replayed_urgently_and_only_once(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "a", 2, priority=BULK)
    await made.put(to, "b")
    await die(made, to)
    row = (await replay.dead(made.db))[0]
    which = ReplayFilter(lane_id=row.lane_id, seq=row.seq)
    assert which.priority == PERSON
    assert (await replay.replay(made.db, which, False, "Иванов")).replayed == 1
    assert (await replay.replay(made.db, which, False, "Иванов")).replayed == 0
    assert await states(made) == [("ready", 2, 0), ("dead", 1, 3)]
    assert [m.event_id for m in await claim(made, to)] == [row.event_id]
    told = await made.sql("SELECT summary, code, event_id FROM journal WHERE outcome = 'replayed'")
    assert [(t.code, t.event_id) for t in told] == [("bad_value", row.event_id)]
    assert "Иванов" in told[0].summary


async def test_many_are_chosen_by_every_part_of_the_filter(made: Bench) -> None:
    to, shop = await made.add("portal", Destination()), await made.add("shop", Destination())
    order = uuid4()
    drafts = [
        lanes.Draft(to, "of-order", uuid7(), "do", "{}", order),
        lanes.Draft(shop, "elsewhere", uuid7(), "do", "{}"),
    ]
    await made.db.transact(lambda tx: lanes.put(tx, drafts))
    await die(made, to)
    await die(made, shop)
    await made.put(to, "later")
    since = await now(made)
    await die(made, to, "gone")
    for which, keys in (
        (ReplayFilter("shop"), {"elsewhere"}), (ReplayFilter(code="gone"), {"later"}),
        (ReplayFilter(since=since), {"later"}), (ReplayFilter(order_ref=order), {"of-order"}),
        (ReplayFilter("shop", code="gone"), set()),
        (ReplayFilter(since=since + timedelta(hours=1)), set()), (ReplayFilter(), {"of-order", "elsewhere", "later"}),
    ):  # fmt: skip
        told = await replay.replay(made.db, which, True)
        assert ({row.key for row in told.first}, told.count) == (keys, len(keys))
    assert ReplayFilter("shop").priority == BULK


async def test_a_great_replay_goes_in_chunks_and_tells_the_workers(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints: set[int] = set()
    to = await made.add("portal", Destination())
    for n in range(25):
        await made.put(to, f"k{n:02}", 2)
    await die(made, to)
    made.db.on_hints = hints.update
    told = await replay.replay(made.db, ReplayFilter(), False, chunk=7)
    assert (told.count, told.replayed, hints) == (25, 25, {to})
    assert set(await states(made)) == {("ready", 2, 0)}
    claimed = await claim(made, to)
    assert {(m.seq, m.attempt, m.in_doubt, m.urgent) for m in claimed} == {(1, 1, False, False)}


async def test_a_replayed_message_that_may_be_there_is_looked_up_first(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "a")
    await die(made, to, doubt=True)
    await replay.replay(made.db, ReplayFilter(), False)
    assert [m.in_doubt for m in await claim(made, to)] == [True]


async def test_skipping_a_dead_letter_lets_its_lane_go_on(made: Bench) -> None:
    to = await made.add("portal", Destination())
    ids = await made.put(to, "a", 2)
    await die(made, to)
    lane_id = (await replay.dead(made.db))[0].lane_id
    assert await replay.skip(made.db, lane_id, 1, "заказ отменён", "Петрова")
    assert not await replay.skip(made.db, lane_id, 1, "заказ отменён", "Петрова")
    assert await states(made) == [("ready", 1, 0)]
    assert [m.event_id for m in await claim(made, to)] == ids[1:]
    told = (await made.sql("SELECT event_id, summary FROM journal WHERE outcome = 'skipped'"))[0]
    assert told.event_id == ids[0]
    assert "Петрова" in told.summary
    assert "заказ отменён" in told.summary


async def test_what_is_on_the_way_or_in_doubt_cannot_be_skipped(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "a", 2)
    message = (await claim(made, to))[0]
    assert not await replay.skip(made.db, message.lane_id, 1, "–", "Петрова")
    assert await replay.skip(made.db, message.lane_id, 2, "–", "Петрова")
    lost = LaneResult(message.lane_id, message.epoch, release=True, attempt=1, doubt_upto=1)
    await made.db.transact(lambda tx: lanes.finish(tx, "portal", [lost], [], []))
    assert not await replay.skip(made.db, message.lane_id, 1, "–", "Петрова")
    assert await states(made) == [("ready", 1, 1)]


# -- a base that pulls: its dead letters were passed by


async def pulled(made: Bench, count: int) -> tuple[Base, int, list[UUID]]:
    """A base, its destination and `count` events of one subject in its lane."""
    base_id = uuid4()
    await made.sql(
        "INSERT INTO base (id, name, epoch, epoch_no, instance) VALUES (%s, 'b', %s, 1, 'i')", base_id, uuid4()
    )
    to = await made.db.transact(lambda tx: destinations.ensure(tx, f"onec:{base_id}", "onec"))
    ids = await made.put(to, "delivery:1", count, method="event")
    for version, event_id in enumerate(ids, 1):
        await made.sql(
            "INSERT INTO event (id, type, subject_kind, subject_id, version, occurred_at, actor, data)"
            " VALUES (%s, 'delivery.departed', 'delivery', '1', %s, now(), '{}', '{}')", event_id, version
        )  # fmt: skip
    row = (await made.sql("SELECT * FROM base"))[0]
    return Base(**{name: getattr(row, name) for name in Base.__slots__}), to, ids


async def given(made: Bench, base: Base, to: int) -> list[tuple[int, UUID]]:
    await made.sql("UPDATE lane SET due_at = now()")
    _, rows, _ = await made.db.transact(lambda tx: outgoing.give(tx, base, to, 10))
    return [(row.number, row.id) for row in rows]


async def accept(made: Bench, base: Base, ids: Sequence[UUID]) -> None:
    await made.db.transact(lambda tx: outgoing.accept(tx, base.id, ids))


async def reject(made: Bench, base: Base, event_id: UUID) -> None:
    await made.db.transact(lambda tx: outgoing.reject(tx, base.id, event_id, "no_document", "документ закрыт"))


async def test_a_rejected_event_of_a_base_is_given_again_under_its_number(made: Bench) -> None:
    base, to, ids = await pulled(made, 3)
    assert await given(made, base, to) == [(1, ids[0]), (2, ids[1]), (3, ids[2])]
    await reject(made, base, ids[0])
    await accept(made, base, ids[1:])
    assert await states(made) == [("idle", 0, 0)]
    assert [row.event_id for row in await replay.dead(made.db)] == ids[:1]
    for _ in range(2):
        await replay.replay(made.db, ReplayFilter(f"onec:{base.id}"), False)
        assert await states(made) == [("ready", 1, 0)]
    assert await given(made, base, to) == [(1, ids[0])]
    await reject(made, base, ids[0])
    assert await states(made) == [("idle", 0, 0)]
    await replay.replay(made.db, ReplayFilter(), False)
    assert await given(made, base, to) == [(1, ids[0])]
    await accept(made, base, ids[:1])
    assert await states(made) == [("idle", 0, 0)]
    assert list(await replay.dead(made.db)) == []


async def test_a_replay_beside_events_that_were_given_keeps_their_lease(made: Bench) -> None:
    base, to, ids = await pulled(made, 2)
    await given(made, base, to)
    await reject(made, base, ids[0])
    before = (await made.sql("SELECT due_at FROM lane"))[0]
    await replay.replay(made.db, ReplayFilter(), False)
    assert (await made.sql("SELECT due_at FROM lane"))[0] == before
    assert await states(made) == [("ready", 2, 0)]


async def test_a_skipped_event_of_a_base_leaves_the_depth_as_it_is(made: Bench) -> None:
    base, to, ids = await pulled(made, 2)
    await given(made, base, to)
    await reject(made, base, ids[0])
    lane_id = (await replay.dead(made.db))[0].lane_id
    assert await replay.skip(made.db, lane_id, 1, "не нужно", "Петрова")
    assert await states(made) == [("ready", 1, 0)]
    await accept(made, base, ids[1:])
    assert await states(made) == [("idle", 0, 0)]


async def test_regression_a_replay_does_not_look_before_the_time_limit_is_over(made: Bench) -> None:
    """The last try may still be running at the destination: found missing too early, it would be sent twice."""
    to = await made.add("portal", Destination())
    await made.put(to, "a")
    message = (await claim(made, to))[0]
    lost = LaneResult(message.lane_id, message.epoch, 0, True, True, 60.0, 13, 1, "unclear", "нет ответа")
    await made.db.transact(lambda tx: lanes.finish(tx, "portal", [lost], [], []))
    await replay.replay(made.db, ReplayFilter(), False)
    assert await states(made) == [("ready", 1, 0)]
    assert await claim(made, to) == []
    assert (await lanes.waiting(made.db))[0].why == "in_doubt"
