"""`posrednik ledgers check`: what it finds, what it puts right, and how it ends."""

from datetime import UTC, datetime

import psycopg
from tests.command import posrednik
from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import COURIER, Service, settings
from tests.flow.test_trade import handed_over, service

from posrednik import bootstrap
from posrednik.store.db import Database
from posrednik.usecases.cash_desk import Desk, issue_change

__all__ = ["service"]


async def test_books_that_are_whole_end_with_0(service: Service):
    await handed_over(service, await a_phone(service))
    done = posrednik("ledgers", "check", dsn=service.dsn)
    assert (done.returncode, done.stdout.strip()) == (0, "книги сходятся"), done.stderr


async def test_a_wrong_balance_is_found_and_put_right(service: Service):
    await handed_over(service, await a_phone(service))
    with psycopg.connect(service.dsn) as conn:
        conn.execute("UPDATE money_balance SET sum_kop = sum_kop + 7 WHERE starts_with(account, 'cash:')")
        conn.execute("DELETE FROM goods_balance WHERE account = 'customer'")
        conn.execute("INSERT INTO money_balance VALUES ('till:nowhere', 5)")
    found = posrednik("ledgers", "check", dsn=service.dsn)
    assert (found.returncode, f"cash:{COURIER}" in found.stdout) == (1, True)
    done = posrednik("ledgers", "check", "--rebuild", dsn=service.dsn)
    assert done.returncode == 0, done.stdout
    assert "исправлено остатков 3" in done.stdout
    assert "книги сходятся" in done.stdout
    (row,) = await service.rows("SELECT summary FROM journal WHERE code = 'ledgers_rebuilt'")
    assert "исправлено остатков 3" in row["summary"]


async def test_events_of_before_the_ledgers_are_posted(service: Service):
    await handed_over(service, await a_phone(service))
    with psycopg.connect(service.dsn) as conn:
        for book in ("goods", "money"):
            conn.execute(f"ALTER TABLE {book}_posting DISABLE TRIGGER {book}_posting_is_appended".encode())
            conn.execute(f"DELETE FROM {book}_posting".encode())
            conn.execute(f"DELETE FROM {book}_balance".encode())
            conn.execute(f"ALTER TABLE {book}_posting ENABLE TRIGGER {book}_posting_is_appended".encode())
    assert posrednik("ledgers", "check", dsn=service.dsn).returncode == 1
    done = posrednik("ledgers", "check", "--rebuild", dsn=service.dsn)
    assert (done.returncode, "добавлено 2" in done.stdout) == (0, True), done.stdout


async def test_entries_of_one_moment_keep_their_own_ids_and_people(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    configured, at = settings(), datetime.now(UTC)
    rules = bootstrap.rules_of(configured)
    db: Database = bootstrap.database(configured, service.dsn)
    await db.open()
    for person, sum_kop in (("Анна", 10_000), ("Борис", 20_000)):
        desk = (person, sum_kop)
        await db.transact(lambda tx, d=desk: issue_change(Desk(tx, rules, d[0], at), COURIER, d[1]))
    await db.close()
    told = (await service.person("GET", f"/api/v1/board/cash/couriers/{COURIER}")).json()
    lines = {line["sum"]: line for line in told["lines"] if line["kind"] == "change"}
    assert {sum: line["receiver"] for sum, line in lines.items()} == {"100.00": "Анна", "200.00": "Борис"}
    known = {str(row["id"]): row["kop"] for row in await service.rows(
        "SELECT id, (doc ->> 'sum_kop')::int AS kop FROM cash_entry"
    )}  # fmt: skip
    assert {sum: known[line["id"]] for sum, line in lines.items()} == {"100.00": 10_000, "200.00": 20_000}
