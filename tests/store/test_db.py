"""Transactions: what survives lost connections, deadlocks and impatient callers."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import errors

from posrednik.store.db import Database, Tx, Unavailable


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TABLE t (n int)")
    db = Database(database, size=4)
    await db.open()
    yield db
    await db.close()


async def _count(db: Database) -> int:
    async def work(tx: Tx) -> int:
        row = await (await tx.conn.execute("SELECT count(*) AS n FROM t")).fetchone()
        return int(row.n)

    return await db.transact(work)


async def test_an_error_in_the_work_changes_nothing(db: Database):
    async def work(tx: Tx) -> None:
        await tx.conn.execute("INSERT INTO t VALUES (1)")
        raise ValueError

    with pytest.raises(ValueError):
        await db.transact(work)
    assert await _count(db) == 0


async def test_a_connection_lost_before_the_commit_is_repeated_once_in_effect(db: Database, database: str):
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await tx.conn.execute("INSERT INTO t VALUES (1)")
        if tries == 1:
            with psycopg.connect(database, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [tx.conn.info.backend_pid])
            await tx.conn.execute("SELECT 1")

    await db.transact(work)
    assert tries == 2
    assert await _count(db) == 1


async def test_all_connections_killed_at_once_are_replaced(db: Database, database: str):
    await asyncio.gather(*(_count(db) for _ in range(8)))
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
    assert await asyncio.gather(*(_count(db) for _ in range(8))) == [0] * 8


async def test_a_deadlock_is_repeated_and_both_transactions_end(db: Database):
    await db.transact(lambda tx: tx.conn.execute("INSERT INTO t VALUES (1), (2)"))
    met = asyncio.Barrier(2)
    first_time = {1: True, 2: True}

    async def update(own: int, other: int) -> None:
        async def work(tx: Tx) -> None:
            await tx.conn.execute("UPDATE t SET n = n WHERE n = %s", [own])
            if first_time[own]:
                first_time[own] = False
                await met.wait()
            await tx.conn.execute("UPDATE t SET n = n WHERE n = %s", [other])

        await db.transact(work)

    await asyncio.gather(update(1, 2), update(2, 1))
    assert await _count(db) == 2


async def test_a_caller_that_is_cancelled_does_not_cancel_the_transaction(db: Database):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(tx: Tx) -> None:
        await tx.conn.execute("INSERT INTO t VALUES (1)")
        begun.set()
        await go_on.wait()

    caller = asyncio.create_task(db.transact(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    while db._running:
        await asyncio.sleep(0.01)
    assert await _count(db) == 1


async def test_a_broken_rule_of_the_schema_is_not_repeated(db: Database):
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await tx.conn.execute("INSERT INTO lane (destination_id, key) VALUES (1, 'x')")

    with pytest.raises(errors.IntegrityError):
        await db.transact(work)
    assert tries == 1


async def test_without_a_database_it_says_so_and_does_not_hang(free_port: int):
    db = Database(f"postgresql://nobody@127.0.0.1:{free_port}/x")
    db.pool.timeout = 0.2
    await db.pool.open()
    with pytest.raises(Unavailable):
        await db.transact(lambda tx: tx.conn.execute("SELECT 1"))
    await db.close()


async def test_a_full_disk_is_told_at_once_and_changes_nothing(db: Database):
    async def work(tx: Tx) -> None:
        await tx.conn.execute("INSERT INTO t VALUES (1)")
        await tx.conn.execute("DO $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$")

    with pytest.raises(Unavailable, match="no space left"):
        await db.transact(work)
    assert await _count(db) == 0


async def test_a_statement_over_its_time_limit_is_told_as_it_is(db: Database):
    async def work(tx: Tx) -> None:
        await tx.conn.execute("SELECT set_config('statement_timeout', '20', true)")
        await tx.conn.execute("SELECT pg_sleep(5)")

    with pytest.raises(errors.QueryCanceled):
        await db.transact(work)
