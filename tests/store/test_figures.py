"""Figures come with their events or not at all; counted anew they are the same; checks notice what is lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pg import Databases
from tests.store.test_ledger import BASE, LIVES, cash_event, load, opened, sale
from tests.unit.domain.delivery_builders import an_order, do, readied

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Event
from posrednik.domain.figures import MONEY
from posrednik.domain.ledger import postings_of
from posrednik.kit.ids import uuid7
from posrednik.store import events, figures
from posrednik.store.db import Database, Tx

NOW = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # half an hour before midnight in Moscow
EVER = date(2000, 1, 1)
TABLES = ("day_figure", "day_reason", "day_product")
FAILED = next(n for n, one in enumerate(LIVES) if ("not_deliver", {}) in one and one[0] == ("pick_up", {}))
HANDED_OVER = next(n for n, one in enumerate(LIVES) if one[1][0] == "hand_over" and one[-1][0] == "customer_return")
COUNT = "SELECT (SELECT count(*) FROM day_entry), (SELECT count(*) FROM day_figure)"


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = await opened(database)
    yield made
    await made.close()


def life(number: int, *, courier: str = "petrov", later: timedelta = timedelta(0)) -> list[Event]:
    """The events of one delivery, the last of them corrections and returns."""
    delivery_id = uuid4()
    change = readied(an_order(ref=str(uuid4())), courier_ref=courier)
    delivery, happened = replace(change.delivery, id=delivery_id), list(change.events)
    for action, fields in LIVES[number % len(LIVES)]:
        try:
            change = do(action, delivery, **fields)
        except DomainError:
            continue
        delivery, happened = change.delivery, [*happened, *change.events]
    return [replace(one, subject_id=delivery_id, occurred_at=one.occurred_at + later) for one in happened]


def moved(happened: Sequence[Event], courier: str) -> list[Event]:
    """The same, of another courier."""
    return [
        replace(one, data={**one.data, "courier_ref": courier}) if one.data.get("courier_ref") else one
        for one in happened
    ]


async def record(db: Database, *happened: Event, base_id: UUID | None = None) -> None:
    async def work(tx: Tx) -> None:
        for event in happened:
            whole = replace(event, data={"base_id": str(BASE), **event.data})
            events.emit(tx, whole, base_id, None)

    await db.transact(work)


def rows(dsn: str, query: str) -> list[tuple]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        return conn.execute(query).fetchall()


def run(dsn: str, query: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(query)


def sums(dsn: str) -> list[list[tuple]]:
    """All that days came to, without zeros."""
    wanted = {"day_figure": "value <> 0", "day_reason": "n <> 0", "day_product": "(quantity_milli, sum_kop) <> (0, 0)"}
    return [sorted(rows(dsn, f"SELECT * FROM {table} WHERE {wanted[table]}"), key=str) for table in TABLES]


async def sound(db: Database) -> bool:
    return await figures.check(db, EVER, 0) == []


# -- with the event, once


async def test_an_event_is_counted_by_the_commit_that_records_it(db: Database, database: str):
    await record(db, cash_event("change_issued", 200000))
    assert rows(database, "SELECT day, division_ref, courier_ref, name, value FROM day_figure") == [
        (date(2026, 11, 22), "moscow", "petrov", "change_issued_kop", 200000)
    ]
    assert await sound(db)


async def test_what_is_rolled_back_counts_nothing(db: Database, database: str):
    async def flush_then_break(tx: Tx) -> None:
        events.emit(tx, cash_event("change_issued", 200000), None, None)
        await events.flush(tx)
        raise RuntimeError("after the figures")

    with pytest.raises(RuntimeError):
        await db.transact(flush_then_break)
    assert rows(database, COUNT) == [(0, 0)]


async def test_an_event_that_is_counted_already_stays_as_it_is(db: Database, database: str):
    event_id, event = uuid7(), cash_event("change_issued", 200000)
    for _ in range(2):
        await db.transact(lambda tx: figures.add(tx, [(event_id, event, None)]))
    assert rows(database, COUNT) == [(1, 1)]
    assert rows(database, "SELECT value FROM day_figure") == [(200000,)]


async def test_many_at_once_on_one_day_lose_nothing_and_never_wait_in_a_circle(db: Database, database: str):
    def mixed(n: int) -> list[Event]:
        one = [sale("petrov", flask=1000), cash_event("change_issued", 100, version=n + 1)]
        other = [replace(sale("sidorov", plaid=1000), occurred_at=one[0].occurred_at + timedelta(days=n % 3))]
        return [*one, *other] if n % 2 else [*other, *one]

    await asyncio.gather(*(record(db, *mixed(n)) for n in range(24)))
    found = rows(database, "SELECT name, sum(value)::bigint FROM day_figure GROUP BY 1 ORDER BY 1")
    assert dict(found)["sales"] == 48
    assert dict(found)["change_issued_kop"] == 2400
    assert await sound(db)


# -- the division's day


async def test_the_zone_is_the_divisions_else_its_bases(db: Database, database: str):
    base_id = uuid4()
    run(database, f"INSERT INTO base (id, name, time_zone) VALUES ('{base_id}', 'Восток', 'Asia/Vladivostok')")
    event = replace(cash_event("change_issued", 100), occurred_at=NOW)
    await record(db, event)
    await record(db, replace(event, subject_id=uuid4()), base_id=base_id)
    await db.transact(lambda tx: figures.set_zone(tx, "moscow", "Asia/Tokyo"))
    await record(db, replace(event, subject_id=uuid4()), base_id=base_id)
    found = rows(database, "SELECT day, value FROM day_figure ORDER BY 1")
    assert found == [(date(2026, 11, 20), 100), (date(2026, 11, 21), 200)]


async def test_a_zone_that_is_set_moves_days_that_are_over_only_when_they_are_counted_anew(db: Database, database: str):
    await record(db, replace(cash_event("change_issued", 100), occurred_at=NOW))
    await db.transact(lambda tx: figures.set_zone(tx, "moscow", "Asia/Tokyo"))
    assert await figures.rebuild(db) == 1
    assert rows(database, "SELECT day, value FROM day_figure WHERE value <> 0") == [(date(2026, 11, 21), 100)]
    assert await sound(db)


# -- counted anew


async def test_counted_anew_everything_is_as_it_was_and_what_is_cut_off_goes_on(db: Database, database: str):
    happened = [
        *life(HANDED_OVER),
        *moved(life(FAILED), "sidorov"),
        load("petrov", flask=5000),
        sale("petrov", flask=1000),
    ]
    for event in happened:
        await record(db, event)
    before, places = sums(database), []
    assert await figures.rebuild(db, chunk=3, seen=lambda pos, changed: places.append(pos)) == 0
    assert sums(database) == before
    run(database, "TRUNCATE day_entry, day_figure, day_reason, day_product")
    assert not await sound(db)
    await figures.rebuild(db, chunk=3)
    assert sums(database) == before
    assert len(places) > 1
    assert await figures.rebuild(db, after=places[-1]) == 0


async def test_figures_that_were_counted_wrongly_are_put_right(db: Database, database: str):
    await record(db, cash_event("change_issued", 100))
    right = sums(database)
    run(database, """UPDATE day_entry SET day = '2026-01-01', counted = '{"figures": {"done": 3}}'""")
    run(database, "UPDATE day_figure SET day = '2026-01-01', name = 'done', value = 3")
    assert await figures.rebuild(db) == 1
    assert sums(database) == right


# -- the checks


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE day_figure SET value = value + 1 WHERE name = 'change_issued_kop'",
        "DELETE FROM day_figure WHERE name = 'sales'", "DELETE FROM day_entry", "UPDATE day_reason SET n = n + 1",
        "UPDATE day_product SET sum_kop = sum_kop + 1", "UPDATE day_product SET quantity_milli = 1",
        "UPDATE day_entry SET counted = counted #- '{figures,change_issued_kop}'",
        "INSERT INTO day_figure VALUES ('2026-11-22', 'moscow', 'petrov', 'done', 1)",
    ],
)  # fmt: skip
async def test_whatever_is_lost_is_noticed(db: Database, database: str, broken: str):
    await record(db, cash_event("change_issued", 100), sale("petrov", flask=1000))
    for event in life(FAILED):
        await record(db, event)
    assert await sound(db)
    run(database, broken)
    assert not await sound(db)


async def test_days_before_the_given_one_are_not_looked_at(db: Database, database: str):
    await record(db, cash_event("change_issued", 100))
    run(database, "UPDATE day_figure SET value = 1")
    assert await figures.check(db, date(2026, 11, 23), await figures.last_place(db)) == []


# -- rules that hold for all inputs

WALKS = st.lists(
    st.tuples(
        st.integers(0, len(LIVES) - 1), st.sampled_from(["petrov", "sidorov"]),
        st.integers(0, 30 * 24).map(lambda hours: timedelta(hours=hours)),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@given(walks=WALKS, cash=st.lists(st.integers(1, 10**6), max_size=3))
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_sums_are_the_ledgers_by_courier_by_division_and_counted_anew(
    database_server: Databases, walks: list[tuple[int, str, timedelta]], cash: list[int]
):
    happened = [event for number, courier, later in walks for event in moved(life(number, later=later), courier)]
    happened += [cash_event("change_issued", kop, version=n + 1) for n, kop in enumerate(cash)]
    with database_server.migrated() as dsn:
        asyncio.run(_holds(dsn, happened))


async def _holds(dsn: str, happened: list[Event]) -> None:
    db = await opened(dsn)
    try:
        for event in happened:
            await record(db, event)
        assert await sound(db)
        by_courier = rows(dsn, "SELECT name, sum(value)::bigint FROM day_figure GROUP BY name, courier_ref")
        by_division = rows(dsn, "SELECT name, sum(value)::bigint FROM day_figure GROUP BY name, division_ref")
        assert added(by_courier) == added(by_division)
        assert {name: kop for name, kop in added(by_division).items() if name in MONEY} == paid(happened)
        before = sums(dsn)
        run(dsn, "TRUNCATE day_entry, day_figure, day_reason, day_product")
        await figures.rebuild(db, chunk=4)
        assert sums(dsn) == before
    finally:
        await db.close()


def added(found: list[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for name, value in found:
        total[name] += value
    return {name: value for name, value in total.items() if value}


def paid(happened: list[Event]) -> dict[str, int]:
    """The ledger's own words for the same money, read without the figures' code."""
    total: Counter[str] = Counter()
    for event in happened:
        for one in postings_of(event).money:
            back = one.target == "customer"
            held = one.source if back else one.target
            way = {"acquiring": "card", "transfers": "transfer"}.get(held, "cash")
            name = f"taken_{way}_kop" if "customer" in (one.source, one.target) else "change_issued_kop"
            if one.why == "refund":
                total["refunded_kop"] += one.sum_kop
            else:
                total[name] += -one.sum_kop if back else one.sum_kop
    return {name: value for name, value in total.items() if value}
