"""Postings come with their events or not at all, are never changed, and the balances are their sums."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.unit.domain.delivery_builders import an_order, do, readied
from tests.unit.domain.test_delivery_model import BEGINNINGS

from posrednik.checks.housekeeper import Housekeeper
from posrednik.domain import ledger as rules
from posrednik.domain.deliveries import Delivery
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, Event
from posrednik.domain.ledger import Balances, postings_of
from posrednik.domain.settled import settled_by
from posrednik.kit import metrics
from posrednik.kit.ids import uuid7
from posrednik.store import deliveries, events, ledger, upkeep
from posrednik.store.db import Database, Tx

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BASE = UUID("11111111-1111-4111-8111-111111111111")
FLASK, PLAID = "flask", "plaid"
ACTIONS = ("pick_up", "hand_over", "not_deliver", "retry", "cancel", "give_back", "correct_pick_up")
LIVES = [
    (*beginning, (action, {}), (then, fields))
    for beginning, action, (then, fields) in itertools.product(
        BEGINNINGS,
        ACTIONS,
        [
            ("give_back", {"quantities": {"1": 500}}),
            ("customer_return", {"lines": {"1": 500}, "refund_kop": 700}),
            ("correct_hand_over", {"accepted": {"1": 1500}, "amount_taken_kop": 100, "payment_method": "transfer"}),
        ],
    )
]


async def opened(dsn: str) -> Database:
    db = Database(dsn)
    db.before_commit = events.flush
    await db.open()
    return db


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = await opened(database)
    yield made
    await made.close()


def cash_event(name: str, sum_kop: int, *, courier: str = "petrov", minute: int = 0, version: int = 1) -> Event:
    data = {"base_id": str(BASE), "courier_ref": courier, "till_ref": "till-1", "sum_kop": sum_kop}
    at = NOW + timedelta(minutes=minute)
    return Event(f"cash.{name}", "cash", uuid4(), version, at, Actor("cash_desk"), "moscow", False, data)


def sale(courier: str, sum_kop: int = 99000, payment_method: str = "cash", **quantities: int) -> Event:
    data = {
        "courier_ref": courier,
        "lines": [{"product": p, "characteristic": None, "quantity_milli": q} for p, q in quantities.items()],
        "sum_kop": sum_kop,
        "payment_method": payment_method,
    }
    return Event("sale.made", "sale", uuid4(), 1, NOW, Actor("courier", courier), "moscow", False, data)


def load(courier: str, **quantities: int) -> Event:
    data = {
        "courier_ref": courier,
        "warehouse_ref": "main",
        "lines": [{"product": p, "characteristic": None, "quantity_milli": q} for p, q in quantities.items()],
    }
    return Event("backpack.loaded", "backpack", uuid4(), 1, NOW, Actor("onec"), "moscow", False, data)


async def append(db: Database, *happened: Event) -> None:
    await db.transact(lambda tx: ledger.append(tx, [(uuid7(), event) for event in happened]))


def rows(dsn: str, query: str) -> list[tuple]:
    with psycopg.connect(dsn) as conn:
        return conn.execute(query).fetchall()


def counts(dsn: str) -> tuple[int, int, int]:
    (found,) = rows(dsn, "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM goods_posting),"
                         " (SELECT count(*) FROM money_posting)")  # fmt: skip
    return found


def balances_of(dsn: str) -> tuple[dict, dict]:
    goods = rows(dsn, "SELECT account, product, characteristic, quantity_milli FROM goods_balance")
    money = rows(dsn, "SELECT account, sum_kop FROM money_balance")
    return {row[:3]: row[3] for row in goods if row[3]}, {row[0]: row[1] for row in money if row[1]}


def posted(happened: Iterable[Event]) -> tuple[dict, dict]:
    balances = Balances()
    for event in happened:
        balances.add(postings_of(event))
    return {k: v for k, v in balances.goods.items() if v}, {k: v for k, v in balances.money.items() if v}


async def sound(db: Database) -> bool:
    checks = [name for name in (*upkeep.CHECKS, *upkeep.DEEP_CHECKS) if name.startswith("check_ledger")]
    return [list(await upkeep.check(db, name)) for name in checks] == [[]] * 3


# -- appended, with the event, once


@pytest.mark.parametrize("table", ["goods_posting", "money_posting"])
@pytest.mark.parametrize("change", ["UPDATE {} SET why = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_a_posting_is_never_changed(db: Database, database: str, table: str, change: str):
    await append(db, sale("petrov", flask=1000))
    with psycopg.connect(database) as conn, pytest.raises(psycopg.errors.RestrictViolation):
        conn.execute(change.format(table))
    assert counts(database) == (0, 1, 1)


async def test_an_event_is_posted_by_the_commit_that_records_it(db: Database, database: str):
    async def work(tx: Tx) -> None:
        events.emit(tx, cash_event("change_issued", 200000), None, None)

    await db.transact(work)
    assert counts(database) == (1, 0, 1)
    assert rows(
        database, "SELECT p.source, p.target, p.sum_kop FROM money_posting p JOIN event e ON e.id = event_id"
    ) == [("till:till-1", "cash:petrov", 200000)]
    assert await ledger.money(db, [rules.cash("petrov"), rules.cash("sidorov")]) == {
        "cash:petrov": 200000,
        "cash:sidorov": 0,
    }


async def test_what_is_rolled_back_leaves_nothing(db: Database, database: str):
    async def flush_then_break(tx: Tx) -> None:
        events.emit(tx, cash_event("change_issued", 200000), None, None)
        await events.flush(tx)
        raise RuntimeError("after the postings")

    with pytest.raises(RuntimeError):
        await db.transact(flush_then_break)
    assert counts(database) == (0, 0, 0)
    assert balances_of(database) == ({}, {})


async def test_what_moves_nothing_asks_the_database_nothing():
    still = replace(cash_event("change_issued", 1), type="delivery.departed")
    await ledger.append(Tx(None), [(uuid7(), still)])  # type: ignore[arg-type]


async def test_an_event_is_posted_once_however_often_it_is_told(db: Database, database: str):
    told = [(uuid7(), sale("petrov", flask=1000)), (uuid7(), load("petrov", flask=3000))]
    for _ in range(3):
        await db.transact(lambda tx: ledger.append(tx, told))
    assert counts(database) == (0, 2, 1)
    assert balances_of(database) == posted(event for _, event in told)
    columns = "event_id, n, source, target, sum_kop, why, subject_kind, subject_id, courier_ref, at"
    with psycopg.connect(database) as conn, pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute(f"INSERT INTO money_posting ({columns}) SELECT {columns} FROM money_posting")


async def test_goods_are_read_by_account_product_and_characteristic(db: Database):
    loaded = load("petrov", flask=3000, plaid=1000)
    loaded.data["lines"][0]["characteristic"] = "red"
    await append(db, loaded, sale("petrov", plaid=1000))
    accounts = [rules.backpack("petrov"), rules.orders("petrov")]
    assert await ledger.goods(db, accounts) == {"backpack:petrov": {(FLASK, "red"): 3000}, "orders:petrov": {}}


# -- many at once


async def test_the_balances_are_the_sums_after_writers_at_the_same_time(db: Database, database: str):
    couriers = ["petrov", "sidorov", "orlov"]
    told = [
        event
        for number in range(20)
        for courier in couriers
        for event in (load(courier, flask=1000, plaid=2000), sale(courier, 100 * number, plaid=500, flask=10 * number))
    ]
    groups = [told[n : n + 4] if n % 8 else told[n : n + 4][::-1] for n in range(0, len(told), 4)]
    await asyncio.gather(*(append(db, *group) for group in groups))
    assert balances_of(database) == posted(told)
    assert await sound(db)


async def test_the_same_event_by_two_at_once_is_posted_once(db: Database, database: str):
    one = (uuid7(), sale("petrov", flask=1000))
    await asyncio.gather(*(db.transact(lambda tx: ledger.append(tx, [one])) for _ in range(8)))
    assert counts(database) == (0, 1, 1)
    assert balances_of(database) == posted([one[1]])


async def test_a_courier_with_ten_thousand_postings_is_settled_at_once(db: Database, database: str):
    def handed_over(minute: int) -> Event:
        data = {"courier_ref": "petrov", "lines": [], "amount_taken_kop": 1000, "payment_method": "cash"}
        at = NOW + timedelta(minutes=minute)
        return Event("delivery.handed_over", "delivery", uuid4(), 2, at, Actor("courier"), "moscow", False, data)

    told = [handed_over(minute) for minute in range(10_000)]
    await append(db, *told, cash_event("handed_in", 1000 * 9_999, minute=10_000))
    await append(db, *(sale(f"other-{number % 50}", flask=1) for number in range(5_000)))
    with psycopg.connect(database) as conn:
        conn.execute("ANALYZE money_posting")
        plan = conn.execute(
            "EXPLAIN SELECT * FROM money_posting WHERE courier_ref = 'other-7'"
            " AND (source = 'cash:other-7' OR target = 'cash:other-7') ORDER BY at, id"
        ).fetchall()
    assert any("money_posting_of_courier" in line for (line,) in plan)
    entries = await ledger.cash_from(db, "petrov", NOW)
    assert settled_by(entries, "petrov") == {event.subject_id for event in told[:-1]}


# -- deliveries


async def lived(db: Database, lives: list, *, flush: bool = True) -> list[Event]:
    """Deliveries that went through these actions, stored with all their events; what is refused is left out."""
    happened: list[Event] = []
    kept: list[Delivery] = []
    for life in lives:
        delivery = replace(readied(an_order(ref=str(uuid4()))).delivery, id=uuid4())
        for action, fields in life:
            try:
                change = do(action, delivery, **fields)
            except DomainError:
                continue
            delivery = change.delivery
            happened += change.events
        kept.append(delivery)

    async def work(tx: Tx) -> None:
        await tx.conn.execute("INSERT INTO base (id, name) VALUES (%s, 'b') ON CONFLICT DO NOTHING", [BASE])
        await deliveries.save(tx, kept)
        for event in happened:
            events.emit(tx, event, BASE, None)
        if not flush:
            await events._add(tx, tx.outbox, set())
            tx.outbox.clear()

    await db.transact(work)
    return happened


async def test_deliveries_agree_with_the_ledgers_whatever_was_done_to_them(db: Database, database: str):
    happened = await lived(db, LIVES)
    types = {event.type for event in happened}
    assert types >= {
        "delivery.done_by_another", "delivery.corrected", "delivery.customer_returned", "delivery.returned",
    }  # fmt: skip
    assert balances_of(database) == posted(happened)
    assert await sound(db)


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        ("goods_posting", "orders:petrov: product-1 differs by"),
        ("money_posting", "cash:petrov differs by"),
    ],
)
async def test_a_delivery_whose_posting_is_lost_is_noticed(db: Database, database: str, lost: str, what: str):
    await lived(db, [[("pick_up", {}), ("hand_over", {})]])
    with psycopg.connect(database) as conn:
        conn.execute(f"ALTER TABLE {lost} DISABLE TRIGGER USER")
        conn.execute(f"DELETE FROM {lost} WHERE target IN ('customer', 'cash:petrov')")
    assert any(what in row.what for row in await upkeep.check(db, "check_ledger_deliveries"))


async def test_balances_that_lie_are_noticed(db: Database, database: str):
    await append(db, sale("petrov", flask=1000))
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE money_balance SET sum_kop = sum_kop + 1 WHERE account = 'cash:petrov'")
        conn.execute("UPDATE goods_balance SET quantity_milli = 0 WHERE account = 'customer'")
    await Housekeeper(db, uuid4()).round()
    for check in ("check_ledger_sums", "check_ledger_balances"):
        assert metrics.CHECKS.labels(check)._value.get() == 2


# -- data older than the ledgers


async def test_events_older_than_the_ledgers_are_posted_once(db: Database, database: str):
    happened = await lived(db, LIVES[:60], flush=False)
    assert balances_of(database) == ({}, {})
    moving = sum(event.type in rules.MOVING for event in happened)
    assert await ledger.rebuild(db, chunk=7) == moving
    after = counts(database)
    assert balances_of(database) == posted(happened)
    assert await ledger.rebuild(db) == moving
    assert (counts(database), balances_of(database)) == (after, posted(happened))
    assert await sound(db)


async def test_rebuilding_beside_live_traffic_posts_nothing_twice(db: Database, database: str):
    old = await lived(db, LIVES[:20], flush=False)
    made = await asyncio.gather(ledger.rebuild(db, chunk=5), lived(db, LIVES[20:40]), ledger.rebuild(db, chunk=3))
    assert balances_of(database) == posted([*old, *made[1]])
    assert await sound(db)


async def test_events_that_did_not_say_yet_what_the_ledgers_need_are_completed(db: Database, database: str):
    taken = [*BEGINNINGS[7], ("hand_over", {"offline": True})]
    returned = [("pick_up", {}), ("hand_over", {}), ("customer_return", {"lines": {"1": 500}, "refund_kop": 700})]
    happened = await lived(db, [taken, returned], flush=False)
    assert [e.data["taken_over_from_ref"] for e in happened if e.type == "delivery.handed_over"] == ["sidorov", None]
    with psycopg.connect(database) as conn:
        conn.execute(
            "UPDATE event SET data = (data::jsonb - 'taken_over_from_ref' - 'refund_cash_kop')::json"
            " WHERE type IN ('delivery.handed_over', 'delivery.customer_returned')"
        )
    await ledger.rebuild(db)
    assert balances_of(database) == posted(happened)
