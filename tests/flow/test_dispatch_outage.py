"""The database goes away in the middle of claims, sends and finishes: nothing is lost, nothing happens twice."""

import asyncio
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.flow.dispatch_kit import Destination, bench, until, workers
from tests.pg import PREFIX, SMALL, places

from posrednik.kit.postgres import EmbeddedPostgres
from posrednik.store.migrate import migrate


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with (
        tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=places()[-1]) as folder,
        EmbeddedPostgres(Path(folder), SMALL, durable=False) as made,
    ):
        migrate(made.dsn)
        yield made


def cut(dsn: str) -> int:
    """End every connection to the database, in whatever they are doing."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        rows = conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        ).fetchall()
    return len(rows)


async def test_a_restart_of_the_database_loses_and_doubles_nothing(server: EmbeddedPostgres) -> None:
    async def mood(_: object) -> None:
        await asyncio.sleep(0.01)

    destination = Destination(mood)
    async with bench(server.dsn) as made:
        to = await made.add("portal", destination)
        sent = {f"k{n}": await made.put(to, f"k{n}", 15) for n in range(20)}
        async with workers(made, 2):
            for count in (30, 120):
                await until(lambda: len(destination.calls) >= count)  # noqa: B023
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
            await made.emptied()
        journalled = (
            await made.sql("SELECT count(DISTINCT event_id) AS n FROM journal WHERE outcome ~ 'accepted|found'")
        )[0]
    assert dict(destination.applied) == sent
    assert set(destination.effects.values()) == {1}
    assert journalled.n == 300


@pytest.mark.parametrize("seed", range(2))
async def test_connections_that_break_at_any_moment_lose_and_double_nothing(database: str, seed: int) -> None:
    dice = random.Random(seed)

    async def mood(_: object) -> None:
        await asyncio.sleep(dice.random() / 100)

    destination = Destination(mood)
    async with bench(database) as made:
        to = await made.add("portal", destination)
        sent = {f"k{n}": await made.put(to, f"k{n}", 10) for n in range(20)}
        async with workers(made, 2, notify=True):
            for _ in range(8):
                enough = min(len(destination.calls) + dice.randint(1, 10), 200)
                await until(lambda: len(destination.calls) >= enough)  # noqa: B023
                await asyncio.to_thread(cut, database)
            await made.emptied()
    assert dict(destination.applied) == sent
    assert set(destination.effects.values()) == {1}
