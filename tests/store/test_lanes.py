"""What the lanes cost and promise: plans that do not grow with the backlog, order of commits, why a lane waits."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.flow.dispatch_kit import Bench, Destination, bench

from posrednik.dispatch.dispatcher import Tuning
from posrednik.kit.ids import uuid7
from posrednik.store import lanes
from posrednik.store.lanes import Attempt, LaneResult, Remote
from posrednik.store.sql import sql

BACKED_OFF = 100_000


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as one:
        yield one


async def claim(made: Bench, to: int, **options: Any) -> list[lanes.Claimed]:
    worker = uuid7()
    await lanes.beat(made.db, worker, "h", 1, 60.0)
    asked = {"lanes": 10, "per_lane": 10, "lease_s": 60.0} | options
    return await made.db.transact(lambda tx: lanes.claim(tx, to, worker, **asked))


async def finish(made: Bench, *results: LaneResult, remotes: tuple[Remote, ...] = ()) -> dict[int, bool]:
    return await made.db.transact(lambda tx: lanes.finish(tx, "portal", results, [], remotes))


# -- plans


def scans(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind of scan, index or table) of every scan in a plan."""
    found = [(plan["Node Type"], plan.get("Index Name") or plan["Relation Name"])] if "Relation Name" in plan else []
    for child in plan.get("Plans", []):
        found += scans(child)
    return found


def explain(dsn: str, query: str, params: Mapping[str, Any]) -> tuple[list[tuple[str, str]], int]:
    """The scans of a query and the pages it touched; what it changed is rolled back."""
    with psycopg.connect(dsn) as conn:
        text = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql(query)}"
        row = conn.execute(text.encode(), params).fetchone()
        assert row is not None
        plan = (json.loads(row[0]) if isinstance(row[0], str) else row[0])[0]["Plan"]
        conn.rollback()
    return scans(plan), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def test_a_claim_reads_only_what_is_due_whatever_waits_in_back_off(made: Bench, database: str) -> None:
    to = await made.add("portal", Destination())
    for n in range(50):
        await made.put(to, f"due{n}", 3, priority=n % 2)
    await made.sql(
        "INSERT INTO lane (destination_id, key, state, priority, depth, due_at)"
        " SELECT %s, 'w' || n, 'ready', n %% 2, 1, now() + interval '1 h' FROM generate_series(1, %s) n", to, BACKED_OFF
    )  # fmt: skip
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE lane, message")
    params = {"destination_id": to, "owner": uuid4(), "lanes": 50, "bulk": 50, "per_lane": 10, "lease_s": 60.0,
              "bulk_first": False, "probe": False}  # fmt: skip
    used, pages = explain(database, "lanes_claim", params)
    assert ("Index Scan", "lane_ready") in used
    assert ("Seq Scan", "lane") not in used
    assert pages < 3000
    used, pages = explain(database, "destinations_due", {})
    assert {index for kind, index in used if kind.startswith("Index")} == {"lane_ready"}
    assert pages < 30


# -- order


async def test_no_number_is_seen_before_the_one_in_front_of_it(made: Bench) -> None:
    """Two producers on one lane: whoever reads finds the numbers without a gap at any moment, since they are given
    in the order of commits."""
    to = await made.add("portal", Destination())
    await made.put(to, "k")
    over = asyncio.Event()

    async def produce() -> None:
        for _ in range(60):
            await made.put(to, "k")

    async def watch() -> int:
        looks = 0
        while not over.is_set():
            seen = (await made.sql("SELECT array_agg(seq ORDER BY seq) AS seqs FROM message"))[0].seqs
            assert seen == list(range(1, len(seen) + 1))
            looks += 1
        return looks

    watching = asyncio.create_task(watch())
    await asyncio.gather(produce(), produce())
    over.set()
    assert await watching > 10
    assert (await made.sql("SELECT depth, last_seq FROM lane"))[0] == (121, 121)


async def test_producers_of_many_lanes_never_lock_each_other_out(made: Bench) -> None:
    to = await made.add("portal", Destination())
    other = await made.add("shop", Destination())

    async def produce(turned: bool) -> None:
        for _ in range(25):
            drafts = [lanes.Draft(d, f"k{k}", uuid7(), "do", "{}") for d in (to, other) for k in range(5)]
            await made.db.transact(lambda tx, d=drafts: lanes.put(tx, d[::-1] if turned else d))  # type: ignore[misc]

    await asyncio.gather(produce(False), produce(True))
    rows = await made.sql("SELECT depth, last_seq FROM lane")
    assert set(rows) == {(50, 50)}


# -- priorities


async def test_a_claim_takes_people_first_and_bulk_by_its_own_limit(made: Bench) -> None:
    to = await made.add("portal", Destination())
    for n in range(4):
        await made.put(to, f"bulk{n}", priority=lanes.BULK)
        await made.put(to, f"person{n}")
    first = await claim(made, to, lanes=6, bulk=1)
    assert [message.key for message in first] == ["person0", "person1", "person2", "person3", "bulk0"]
    assert [message.urgent for message in first] == [True] * 4 + [False]


async def test_bulk_first_gives_it_a_share_and_not_the_whole(made: Bench) -> None:
    to = await made.add("portal", Destination())
    for n in range(8):
        await made.put(to, f"bulk{n}", priority=lanes.BULK)
        await made.put(to, f"person{n}")
    keys = [message.key for message in await claim(made, to, lanes=8, bulk=8, bulk_first=True)]
    assert keys == ["bulk0", "bulk1", "person0", "person1", "person2", "person3", "person4", "person5"]


# -- what a lost lease may still say


async def test_a_late_finisher_is_journalled_as_late_and_changes_nothing_else(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await made.put(to, "k")
    message = (await claim(made, to))[0]
    await made.db.transact(lambda tx: lanes.rescue(tx, dead_after_s=-60.0, limits_s={"bitrix24": 60.0}))
    now = (await made.sql("SELECT now() AS at"))[0].at
    attempt = Attempt(message.lane_id, now, "accepted", None, message.event_id, 1, 5, "accepted", "")
    result = LaneResult(message.lane_id, message.epoch, done_upto=1, release=True)
    remote = Remote(message.lane_id, "17", '{"title": "x"}')
    ours = await made.db.transact(lambda tx: lanes.finish(tx, "portal", [result], [attempt], [remote]))
    assert ours == {}
    row = (await made.sql("SELECT state, depth, doubt_upto, attempt, due_at - now() AS pause FROM lane"))[0]
    assert row[:4] == ("ready", 1, 1, 1)
    assert row.pause > timedelta(seconds=55)
    outcomes = [r.outcome for r in await made.sql("SELECT outcome FROM journal ORDER BY id")]
    assert outcomes == ["rescued", "late_accepted"]
    assert (await made.sql("SELECT remote_id, written FROM remote_object"))[0] == ("17", None)


async def test_a_worker_with_a_gap_in_its_own_beats_rescues_nobody(made: Bench) -> None:
    """After an outage of the database every worker looks dead to the first one that comes back."""
    to = await made.add("portal", Destination())
    await made.put(to, "k")
    await claim(made, to)
    me = uuid7()
    await lanes.beat(made.db, me, "h", 1, 6.0)
    await made.sql("UPDATE worker SET beat_at = beat_at - interval '1 min'")

    async def rescued() -> int:
        await lanes.beat(made.db, me, "h", 1, 6.0)
        work = lanes.rescue
        return len(await made.db.transact(lambda tx: work(tx, dead_after_s=10.5, limits_s={}, me=me)))

    assert await rescued() == 0
    await made.sql("UPDATE worker SET steady_since = steady_since - interval '11 s' WHERE id = %s", me)
    assert await rescued() == 1


async def test_regression_doubt_behind_the_messages_of_a_lease_stays(made: Bench) -> None:
    """Three were on the way when their worker died; the next lease took only the first of them."""
    to = await made.add("portal", Destination())
    await made.put(to, "k", 3)
    await claim(made, to)
    await made.db.transact(lambda tx: lanes.rescue(tx, dead_after_s=-60.0, limits_s={"bitrix24": 0.0}))
    first = (await claim(made, to, per_lane=1))[0]
    assert first.in_doubt
    await finish(made, LaneResult(first.lane_id, first.epoch, done_upto=1, release=True))
    assert [(m.seq, m.in_doubt) for m in await claim(made, to)] == [(2, True), (3, True)]


async def test_strays_of_a_broken_claim_are_given_back_and_nothing_else(made: Bench) -> None:
    to = await made.add("portal", Destination())
    for key in ("held", "stray"):
        await made.put(to, key)
    claimed = await claim(made, to)
    owner = (await made.sql("SELECT owner FROM lane"))[0].owner
    held = [message.lane_id for message in claimed if message.key == "held"]
    assert await made.db.transact(lambda tx: lanes.release_strays(tx, to, owner, held)) == 1
    rows = await made.sql("SELECT key, state, attempt, doubt_upto FROM lane ORDER BY key")
    assert rows == [("held", "leased", 0, 0), ("stray", "ready", 0, 0)]
    stray = next(message for message in claimed if message.key == "stray")
    assert await finish(made, LaneResult(stray.lane_id, stray.epoch, 1, True)) == {}


async def test_a_probe_is_given_to_one_and_only_when_its_time_has_come(made: Bench) -> None:
    to = await made.add("portal", Destination())
    await lanes.move_breaker(made.db, to, "open", 30.0, 8.0, "502")
    assert await made.db.transact(lambda tx: lanes.claim_probe(tx, to, 10.0)) is None
    await made.sql("UPDATE destination SET breaker_until = now()")
    assert await made.db.transact(lambda tx: lanes.claim_probe(tx, to, 10.0)) == 8.0
    assert await made.db.transact(lambda tx: lanes.claim_probe(tx, to, 10.0)) is None


# -- why it waits


async def why(made: Bench) -> str:
    rows = await lanes.waiting(made.db, "portal")
    assert rows[0].why_text
    return str(rows[0].why)


async def test_the_reason_for_waiting_is_the_first_that_holds(made: Bench) -> None:
    to = await made.add("portal", Destination(), tuning=Tuning())
    assert list(await lanes.waiting(made.db)) == []
    await made.put(to, "k", 2, method="put")
    assert await why(made) == "ready"
    message = (await claim(made, to))[0]
    assert await why(made) == "sending"
    lost = LaneResult(
        message.lane_id, message.epoch, release=True, delay_s=60.0, attempt=1, doubt_upto=1, why="unclear"
    )
    await finish(made, lost)
    assert await why(made) == "in_doubt"
    for code, expected in (("limiter", "limiter"), ("locked", "try_later"), ("given", "given")):
        await made.sql("UPDATE lane SET doubt_upto = 0, why = %s, why_text = 'занято'", code)
        assert await why(made) == expected
    await made.sql("INSERT INTO method_pause VALUES (%s, 'put', now() + interval '1 h', 'ресурс')", to)
    assert await why(made) == "method_pause"
    await made.sql("UPDATE lane SET state = 'dead'")
    await made.sql("UPDATE message SET dead_at = now(), dead_code = 'x', dead_why = 'нет такого поля' WHERE seq = 1")
    assert await why(made) == "dead"
    await lanes.move_breaker(made.db, to, "open", 30.0, 8.0, "502")
    assert await why(made) == "breaker"
    for state in ("paused", "disabled"):
        await made.sql("UPDATE destination SET state = %s, why = 'так решили'", state)
        assert await why(made) == state
    row = (await lanes.waiting(made.db, "portal"))[0]
    assert (row.kind, row.key, row.depth, row.state, row.seq) == ("bitrix24", "k", 2, "dead", 1)
    assert "так решили" in row.why_text
