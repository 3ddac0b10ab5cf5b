"""What tells a repeat is kept by months: the migration of a database that has some, months ahead, old ones dropped."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.pg import Databases

from posrednik.store import migrate, partitions, upkeep
from posrednik.store.db import Database

BASE = UUID("b0000000-0000-4000-8000-000000000001")
KEYS_MIGRATION = 18
KEPT = {"journal": 400, "inbox": 90, "idempotency": 90}
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=400)  # as a clock that jumped has dated it


@pytest.fixture
def old(database_server: Databases) -> Iterator[str]:
    """A database as it was before the keys went by months, with rows of 200 days ago, of now and of a jumped clock."""
    with database_server.empty() as dsn:
        with psycopg.connect(dsn) as conn:
            conn.execute("CREATE TABLE migration (number integer PRIMARY KEY, name text NOT NULL,"
                         " applied_at timestamptz NOT NULL DEFAULT now())")  # fmt: skip
            for number, name, text in migrate.available():
                if number < KEYS_MIGRATION:
                    conn.execute(text)
                    conn.execute("INSERT INTO migration (number, name) VALUES (%s, %s)", [number, name])
            conn.execute("INSERT INTO base (id, name) VALUES (%s, 'Основная')", [BASE])
            for number, at in enumerate((NOW - timedelta(days=200), NOW, LATER), 1):
                _a_number(conn, number, at)
                _a_key(conn, f"key {number}", at)
        yield dsn


def _a_number(conn: psycopg.Connection, number: int, at: datetime) -> None:
    conn.execute("INSERT INTO inbox (base_id, epoch_no, number, body_hash, body, answer, received_at)"
                 " VALUES (%s, 1, %s, 'h', 'b', '{}', %s)", [BASE, number, at])  # fmt: skip


def _a_key(conn: psycopg.Connection, key: str, at: datetime) -> None:
    conn.execute("INSERT INTO idempotency (principal, key, request_hash, status, answer, made_at)"
                 " VALUES ('person:1', %s, 'h', 200, '{}', %s)", [key, at])  # fmt: skip


def _numbers(conn: psycopg.Connection) -> list[tuple[int, datetime]]:
    return conn.execute("SELECT number, received_at FROM inbox ORDER BY number").fetchall()


def _kept(conn: psycopg.Connection, name: str) -> list[int]:
    return [row[0] for row in conn.execute(f"SELECT number FROM {name} ORDER BY number")]


def _partitions(conn: psycopg.Connection, table: str) -> set[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass"
    return {row[0] for row in conn.execute(query, [table])}


# -- the migration


def test_a_database_with_rows_keeps_them_all_and_takes_new_ones(old: str):
    migrate.migrate(old)
    with psycopg.connect(old) as conn:
        assert _numbers(conn) == [(1, NOW - timedelta(days=200)), (2, NOW), (3, LATER)]
        assert _kept(conn, "inbox_before") == [1, 2]
        assert _kept(conn, "inbox_default") == [3]
        _a_number(conn, 4, NOW)
        _a_number(conn, 5, partitions.next_month(NOW))
        _a_key(conn, "key 4", partitions.next_month(NOW))
        assert _kept(conn, "inbox_before") == [1, 2, 4]
        assert _kept(conn, f"inbox_{partitions.next_month(NOW):%Y_%m}") == [5]
        assert conn.execute("SELECT count(*) FROM idempotency").fetchone() == (4,)


def test_the_migration_that_is_cut_off_leaves_everything_and_is_done_by_the_next_start(old: str):
    text = next(text for number, _, text in migrate.available() if number == KEYS_MIGRATION)
    with psycopg.connect(old) as conn:
        before = conn.execute("SELECT relname, relkind FROM pg_class ORDER BY 1, 2").fetchall()
        conn.execute(text)
        conn.rollback()
        assert conn.execute("SELECT relname, relkind FROM pg_class ORDER BY 1, 2").fetchall() == before
        assert _kept(conn, "inbox") == [1, 2, 3]
    assert any(name.startswith("0018") for name in migrate.migrate(old))
    assert migrate.migrate(old) == []


def test_a_database_without_rows_has_no_partition_of_the_past(database: str):
    with psycopg.connect(database) as conn:
        months = [NOW, partitions.next_month(NOW), partitions.next_month(partitions.next_month(NOW))]
        for table in partitions.TABLES:
            assert _partitions(conn, table) == {f"{table}_default", *(f"{table}_{month:%Y_%m}" for month in months)}


async def test_what_was_there_before_the_months_is_dropped_when_all_of_it_is_old_enough(old: str):
    migrate.migrate(old)
    end = partitions.next_month(NOW)
    with psycopg.connect(old, autocommit=True) as conn:
        assert partitions.drop_before(conn, "inbox", end - timedelta(seconds=1)) == []
        assert partitions.drop_before(conn, "inbox", end) == ["inbox_before"]
        assert [number for number, _ in _numbers(conn)] == [3]


# -- upkeep


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = Database(database)
    await db.open()
    yield db
    await db.close()


async def test_a_key_is_kept_at_least_ninety_days_and_then_goes_with_its_month(db: Database, database: str):
    kept, gone = NOW - timedelta(days=90), NOW - timedelta(days=90 + 31)
    with psycopg.connect(database, autocommit=True) as conn:
        for moment in (kept, gone):
            partitions.ensure(conn, moment)
        for number, at in enumerate((gone, kept, NOW), 1):
            _a_number(conn, number, at)
            _a_key(conn, f"key {number}", at)
        dropped = await upkeep.keep_partitions(db, KEPT)
        assert {f"inbox_{gone:%Y_%m}", f"idempotency_{gone:%Y_%m}"} <= set(dropped)
        assert [number for number, _ in _numbers(conn)] == [2, 3]
        assert [row[0] for row in conn.execute("SELECT key FROM idempotency ORDER BY 1")] == ["key 2", "key 3"]
        assert await upkeep.keep_partitions(db, KEPT) == []


async def test_rows_that_a_jumping_clock_put_aside_move_into_their_month_when_it_is_made(db: Database, database: str):
    with psycopg.connect(database, autocommit=True) as conn:
        _a_number(conn, 1, LATER)
        assert _kept(conn, "inbox_default") == [1]
        partitions.ensure(conn, LATER)
        assert _kept(conn, f"inbox_{LATER:%Y_%m}") == [1]
        assert _kept(conn, "inbox_default") == []


async def test_a_partition_in_use_stays_until_the_next_time(db: Database, database: str):
    gone = NOW - timedelta(days=200)
    with psycopg.connect(database, autocommit=True) as conn, psycopg.connect(database) as reader:
        partitions.ensure(conn, gone)
        reader.execute("SELECT count(*) FROM inbox")
        conn.execute("SET lock_timeout = '10ms'")
        assert partitions.drop_before(conn, "inbox", NOW - timedelta(days=90)) == []
        reader.rollback()
        conn.execute("SET lock_timeout = '45s'")
        assert f"inbox_{gone:%Y_%m}" in partitions.drop_before(conn, "inbox", NOW - timedelta(days=90))


async def test_a_number_that_was_kept_twice_is_noticed(db: Database, database: str):
    with psycopg.connect(database) as conn:
        _a_number(conn, 1, NOW)
        _a_number(conn, 1, NOW - timedelta(hours=1))
        _a_number(conn, 2, NOW)
    assert [row.what for row in await upkeep.check(db, "check_numbers")] == ["taken 2 times"]


async def test_comparisons_are_forgotten_after_their_time_and_what_commands_did_is_not(db: Database, database: str):
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO base (id, name) VALUES (%s, 'Основная')", [BASE])
        for kind, days in (("digest", 91), ("digest", 1), ("delivery.ready", 91), ("backpack.load", 91)):
            conn.execute(
                "INSERT INTO command (base_id, id, type, content_hash, status, data, epoch_no, number, idx,"
                " finished_at, received_at)"
                " VALUES (%s, %s, %s, 'h', 'done', '{}', 1, 1, 1, now(), now() - make_interval(days => %s))",
                [BASE, uuid4(), kind, days],
            )
    assert await upkeep.prune(db, "prune_commands", keep_days=90, limit=10, timeout_ms=5000) == 1
    assert await upkeep.prune(db, "prune_commands", keep_days=90, limit=10, timeout_ms=5000) == 0


async def test_objects_repaired_long_ago_are_forgotten_and_open_ones_are_not(db: Database, database: str):
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO base (id, name) VALUES (%s, 'Основная')", [BASE])
        for days in (401, 1, None):
            conn.execute(
                "INSERT INTO quarantine (base_id, kind, ref, epoch_no, number, idx, code, message, body, cleared_at,"
                " cleared_why) VALUES (%s, 'order', 'r', 1, 1, 1, 'c', 'm', 'b',"
                " now() - make_interval(days => %s::int), CASE WHEN %s::int IS NOT NULL THEN 'later' END)",
                [BASE, days, days],
            )
    assert await upkeep.prune(db, "prune_quarantine", keep_days=400, limit=10, timeout_ms=5000) == 1
    assert await upkeep.prune(db, "prune_quarantine", keep_days=400, limit=10, timeout_ms=5000) == 0
