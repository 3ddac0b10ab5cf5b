"""Maintenance: one leader, bounded pruning, and checks that notice what must never be."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from posrednik.checks.housekeeper import Duty, Housekeeper
from posrednik.kit import metrics
from posrednik.kit.ids import uuid7
from posrednik.store import lanes, partitions, upkeep
from posrednik.store.db import Database
from posrednik.store.destinations import ensure
from posrednik.store.lanes import Draft


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = Database(database)
    await db.open()
    yield db
    await db.close()


async def _a_lane(db: Database, key: str) -> None:
    async def work(tx):
        destination = await ensure(tx, "site:x", "site")
        await lanes.put(tx, [Draft(destination, key, uuid7(), "webhook", "{}")])

    await db.transact(work)


def _failures(check: str) -> float:
    return metrics.CHECKS.labels(check)._value.get()


async def test_only_one_worker_leads_and_the_next_takes_over_when_it_resigns(db: Database):
    first, second = uuid4(), uuid4()
    assert await upkeep.lead(db, "d", first, 60)
    assert not await upkeep.lead(db, "d", second, 60)
    assert await upkeep.lead(db, "d", first, 60)
    await upkeep.resign(db, "d", first)
    assert await upkeep.lead(db, "d", second, 60)


async def test_a_silent_leader_is_replaced_after_its_time(db: Database):
    assert await upkeep.lead(db, "d", uuid4(), -1)
    assert await upkeep.lead(db, "d", uuid4(), 60)


async def test_a_sound_database_passes_all_checks(db: Database):
    await _a_lane(db, "a")
    keeper = Housekeeper(db, uuid4())
    await keeper.round()
    assert [_failures(check) for check in upkeep.CHECKS] == [0] * len(upkeep.CHECKS)


async def test_a_duty_given_from_outside_is_done_by_the_leader_alone(db: Database):
    done = []

    async def duty() -> None:
        done.append(1)

    for _ in range(2):
        await Housekeeper(db, uuid4(), more=[Duty("parked", 60, duty)]).round()
    assert done == [1]


async def test_a_lane_whose_depth_lies_is_noticed(db: Database, database: str):
    await _a_lane(db, "a")
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE lane SET depth = 5")
    await Housekeeper(db, uuid4()).round()
    assert _failures("check_lane_depths") == 1


async def test_idle_lanes_are_forgotten_after_their_time_unless_they_stand_for_an_object(db: Database, database: str):
    for key in ("old", "known", "fresh", "full"):
        await _a_lane(db, key)
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM message USING lane l WHERE l.id = lane_id AND l.key <> 'full'")
        conn.execute("UPDATE lane SET state = 'idle', depth = 0 WHERE key <> 'full'")
        conn.execute("UPDATE lane SET due_at = now() - interval '8 days' WHERE key <> 'fresh'")
        conn.execute("INSERT INTO remote_object SELECT id, '101' FROM lane WHERE key = 'known'")
    await Housekeeper(db, uuid4()).round()
    with psycopg.connect(database) as conn:
        assert {row[0] for row in conn.execute("SELECT key FROM lane")} == {"known", "fresh", "full"}


async def test_checklists_and_notices_are_forgotten_too_only_much_later(db: Database, database: str):
    keys = {"delivery:1": 300, "steps:1": 300, "notice:1:7": 300, "steps:2": 30, "notice:2:7": 30}
    for key in keys:
        await _a_lane(db, key)
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM message")
        conn.execute("INSERT INTO remote_object SELECT id, '101' FROM lane")
        for key, days in keys.items():
            conn.execute(
                "UPDATE lane SET state = 'idle', depth = 0, due_at = now() - make_interval(days => %s) WHERE key = %s",
                (days, key),
            )
    await Housekeeper(db, uuid4()).round()
    with psycopg.connect(database) as conn:
        left = {row[0] for row in conn.execute("SELECT key FROM lane JOIN remote_object ON lane_id = id")}
    assert left == {"delivery:1", "steps:2", "notice:2:7"}


async def test_the_journal_has_partitions_ahead_and_drops_old_ones_whole(db: Database, database: str):
    now = datetime.now(UTC)
    with psycopg.connect(database, autocommit=True) as conn:
        partitions.ensure(conn, now - timedelta(days=500))
        dropped = await upkeep.keep_partitions(db, {"journal": 400})
        assert f"journal_{now - timedelta(days=500):%Y_%m}" in dropped
        names = {row[0] for row in conn.execute("SELECT inhrelid::regclass::text FROM pg_inherits")}
    assert f"journal_{partitions.next_month(now):%Y_%m}" in names
    assert "journal_default" in names


async def test_codes_and_passes_of_couriers_are_forgotten_after_their_time(db: Database, database: str):
    with psycopg.connect(database) as conn:
        for days in (1, 31):
            conn.execute(
                "INSERT INTO login_code (hash, courier_ref, kind, made_by, expires_at)"
                " VALUES (%s, 'c', 'code', 'x', now() - make_interval(days => %s))", [bytes([days]), days],
            )  # fmt: skip
            conn.execute(
                "INSERT INTO portal_entry (auth_hash, courier_ref, entered_at)"
                " VALUES (%s, 'c', now() - make_interval(days => %s))", [bytes([days]), days],
            )  # fmt: skip
    for query in ("prune_login_codes", "prune_portal_entries"):
        assert await upkeep.prune(db, query, keep_days=30, limit=10, timeout_ms=5000) == 1
        assert await upkeep.prune(db, query, keep_days=30, limit=10, timeout_ms=5000) == 0


async def test_sessions_and_passes_of_people_are_forgotten_after_their_time(db: Database, database: str):
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO person (id, login, name, roles) VALUES (gen_random_uuid(), 'a1', 'A', '{head}')")
        for n, ended in enumerate(("now() - interval '31 days'", "now() - interval '1 day'", "NULL")):
            conn.execute(
                "INSERT INTO token (id, kind, owner, hash, person_id, expires_at) SELECT gen_random_uuid(), 'person',"
                f" 'a1', %s, id, {ended} FROM person", [bytes([n])],
            )  # fmt: skip
            conn.execute(f"INSERT INTO person_entry SELECT %s, id, coalesce({ended}, now()) FROM person", [bytes([n])])
        conn.execute("INSERT INTO token (id, kind, owner, hash) VALUES (gen_random_uuid(), 'person', 'cli', 'x')")
    for query in ("prune_sessions", "prune_person_entries"):
        assert await upkeep.prune(db, query, keep_days=30, limit=10, timeout_ms=5000) == 1
        assert await upkeep.prune(db, query, keep_days=30, limit=10, timeout_ms=5000) == 0
