"""Runs that begin by themselves: once a night of each base's calendar, whatever the clocks and processes do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.flow.exchange_client import BASE, OTHER_BASE, Service, new_ref, order, references, running, settings
from tests.flow.reconcile_kit import Comparing, run_of, start

from posrednik import bootstrap
from posrednik.store import upkeep
from posrednik.store.db import Database
from posrednik.usecases.reconcile_runs import Nightly, keep, note_repairs

ZONE = ZoneInfo("Europe/Moscow")
SINCE = datetime(2026, 11, 20, 12, tzinfo=ZONE)
AT_THREE = Nightly(sample=0)


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    """A base that has been here since noon of the 20th."""
    async with running(database) as made:
        await made.onec.send(references())
        await made.rows("UPDATE base_epoch SET started_at = %s RETURNING 1", SINCE)
        yield made


@asynccontextmanager
async def database_of(service: Service) -> AsyncIterator[Database]:
    db = bootstrap.database(settings(), service.dsn)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


async def look(db: Database, moment: datetime | None, nightly: Nightly = AT_THREE) -> list[UUID]:
    return await keep(db, nightly, datetime.now(UTC), moment)


async def nights(service: Service) -> list[str]:
    """Each must end before the next can begin; here they have."""
    late = "UPDATE reconciliation SET state = 'late', finished_at = now() WHERE finished_at IS NULL RETURNING 1"
    await service.rows(late)
    return [f"{row['night']:%d}" for row in await service.rows("SELECT night FROM reconciliation ORDER BY night")]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


async def test_a_base_is_compared_when_its_night_begins_and_not_on_the_day_it_came(service: Service):
    async with database_of(service) as db:
        assert await look(db, at(20, 23)) == []
        assert await look(db, at(21, 2, 59)) == []
        assert len(await look(db, at(21, 3))) == 1
    assert await nights(service) == ["21"]
    [event] = await service.onec.events()
    assert (event["type"], event["actor"]["name"]) == ("exchange.send_digests", "Посредник")
    assert (await run_of(service))["reason"] == "nightly"
    bases = await service.rows("SELECT DISTINCT base_id FROM reconciliation")
    assert [row["base_id"] for row in bases] == [BASE], f"{OTHER_BASE} has never spoken"


async def test_a_service_that_was_off_at_night_compares_when_it_is_on_again(service: Service):
    async with database_of(service) as db:
        assert len(await look(db, at(23, 17))) == 1
    assert await nights(service) == ["23"]


async def test_the_hour_is_that_of_the_bases_own_zone(service: Service):
    await service.rows("UPDATE base SET time_zone = 'Asia/Vladivostok' RETURNING 1")
    async with database_of(service) as db:
        assert await look(db, at(20, 19, 59)) == []
        assert len(await look(db, at(20, 20))) == 1  # seven hours ahead of Moscow


async def test_without_a_word_of_another_time_it_is_the_databases_clock_that_counts(service: Service):
    async with database_of(service) as db:
        assert len(await look(db, None)) == 1
    [row] = await service.rows("SELECT (now() AT TIME ZONE 'Europe/Moscow' - interval '3 hours')::date AS night")
    assert [one["night"] for one in await service.rows("SELECT night FROM reconciliation")] == [row["night"]]


async def test_nothing_begins_by_itself_when_it_is_switched_off(service: Service):
    async with database_of(service) as db:
        assert await look(db, at(23, 4), Nightly(enabled=False)) == []


async def test_a_run_that_a_person_began_is_waited_for(service: Service):
    run = await start(service)
    async with database_of(service) as db:
        assert await look(db, at(21, 3)) == []
        await run.end()
        assert len(await look(db, at(21, 3, 10))) == 1


async def test_two_leaders_at_once_begin_one_run(service: Service):
    async with database_of(service) as one, database_of(service) as other:
        begun = await asyncio.gather(*(look(db, at(22, 4)) for db in (one, other, one, other)))
    assert len([run for runs in begun for run in runs]) == 1
    assert len(await service.onec.events()) == 1


async def test_a_run_that_does_not_end_is_late_and_the_next_night_has_its_own(service: Service):
    async with database_of(service) as db:
        (late,) = await look(db, at(21, 3))
        await service.rows("UPDATE reconciliation SET started_at = now() - interval '2 hours 1 minute' RETURNING 1")
        assert await look(db, at(21, 5, 1)) == []
        assert (await run_of(service, str(late)))["state"] == "late"
        assert len(await look(db, at(22, 3))) == 1
    assert (await Comparing(service, str(late)).end())["state"] == "done", "the base has come to it all the same"
    assert {row["state"] for row in await service.rows("SELECT state FROM reconciliation")} == {"done", "running"}


async def test_what_a_person_repairs_after_the_run_is_noted_later(service: Service):
    """An object that could not be read is mended in 1C the next morning."""
    ref = new_ref()
    await service.onec.send([order(ref, date="вчера")])
    run = await start(service)
    await Comparing(service, run.run, "2026-11").listing("order", {ref: "1"})
    await run.end()
    async with database_of(service) as db:
        assert await note_repairs(db) == 0
        await service.onec.send([order(ref, head={"version": "2"})])
        assert [await note_repairs(db), await note_repairs(db)] == [1, 0]
    assert (await run_of(service))["repaired"] == 1


async def test_what_runs_found_long_ago_is_forgotten_but_not_how_often_a_slice_was_asked_for(service: Service):
    run = await start(service)
    has = {new_ref(): "1"}
    await run.digest("product", has, detail=False)
    await run.digest("courier", has)
    await run.listing("courier", has)
    await service.rows("UPDATE slice_check SET at = at - interval '401 days' RETURNING 1")
    queries = ("prune_found", "prune_slice_checks")
    async with database_of(service) as db:
        told = [await upkeep.prune(db, query, keep_days=400, limit=10, timeout_ms=5000) for query in queries]
        assert told == [0, 1]
        await service.rows("UPDATE reconciliation SET started_at = started_at - interval '401 days' RETURNING 1")
        told = [await upkeep.prune(db, query, keep_days=400, limit=10, timeout_ms=5000) for query in queries]
    assert told[0] > 0
    assert [row["asked"] for row in await service.rows("SELECT asked FROM slice_check")] == [True]


moments = st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=12)  # minutes after noon of the 20th, in any order


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=moments)
async def test_a_night_has_exactly_one_run_however_often_and_in_whatever_order_it_is_looked_at(
    service: Service, minutes: list[int]
):
    """Restarts look again, and a clock that jumps looks back: every night that was looked at has one run."""
    await service.rows("DELETE FROM reconciliation RETURNING 1")
    looked = set()
    async with database_of(service) as db:
        for minute in minutes:
            moment = SINCE + timedelta(minutes=minute)
            await look(db, moment)
            await nights(service)
            looked.add((moment - timedelta(hours=3)).date())
    expected = sorted(f"{night:%d}" for night in looked if night > SINCE.date())
    assert await nights(service) == expected
