"""Years of work in a database, made by the database itself: deliveries, events, ledgers, figures, incidents.

Every row is of the shape that the service writes, so `posrednik figures check` finds nothing. Indexes are dropped
before and built after: that is what makes ten million events a matter of minutes.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from bench.service import BASE
from posrednik.domain import delivery_after, delivery_courier, delivery_office
from posrednik.domain.deliveries import Address, Delivery, OrderFacts, OrderLine, Recipient, Window
from posrednik.domain.events import Actor, Names, snapshot
from posrednik.store import board

# The server's own settings while it is filled: nothing of it must survive a crash.
FAST = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "16GB", "checkpoint_timeout": "1h",
        "maintenance_work_mem": "1GB", "work_mem": "256MB", "autovacuum": "off"}  # fmt: skip
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TABLES = ("event", "delivery", "incident", "day_entry", "money_posting", "goods_posting", "day_figure", "day_reason",
          "day_product")  # fmt: skip
EACH = 10  # events of a delivery, the sale made with it among them


@dataclass(frozen=True, slots=True)
class Size:
    """deliveries: each has ten events. data_bytes: about how much an event says."""

    deliveries: int = 1_000_000
    days: int = 730
    couriers: int = 70
    divisions: int = 5
    data_bytes: int = 1000

    @property
    def events(self) -> int:
        return self.deliveries * EACH


def fill(dsn: str, size: Size, last: date, told: Callable[[str], None]) -> None:
    """Into a migrated, empty database. last: the day of the newest delivery. told: hears how long each part took."""
    began = time.monotonic()
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SET synchronous_commit = off")
        rebuilt, values = list(_without_indexes(conn)), _values(size, last)
        with conn.transaction():
            conn.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, TABLES[:4]))))
            for name, statement in statements():
                at = time.monotonic()
                psycopg.ClientCursor(conn).execute(statement, values)
                told(f"{name}: {time.monotonic() - at:.0f} s")
        at = time.monotonic()
        for statement in rebuilt:
            conn.execute(statement)
        told(f"indexes: {time.monotonic() - at:.0f} s")
        conn.execute("ANALYZE")
    told(f"filled in {time.monotonic() - began:.0f} s")


def _without_indexes(conn: psycopg.Connection) -> Iterator[sql.SQL]:
    """Drops triggers' work, indexes and unique constraints; yields the statements that make them again."""
    for table in TABLES:
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        yield sql.SQL(f"ALTER TABLE {table} ENABLE TRIGGER USER")  # type: ignore[arg-type]
    query = """
        SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),
            c.conname, pg_get_constraintdef(c.oid)
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
        WHERE i.indrelid::regclass::text = ANY(%s)
            AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f')"""
    for table, index, definition, constraint, wording in conn.execute(query, [list(TABLES)]).fetchall():
        if constraint:
            conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())
            yield sql.SQL(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {wording}")  # type: ignore[arg-type]
        else:
            conn.execute(f"DROP INDEX {index}".encode())
            yield sql.SQL(definition)


# -- what is put in


def _values(size: Size, last: date) -> dict[str, object]:
    settled, returned, ready = (_document(one) for one in _deliveries())
    search = str(board.columns([_deliveries()[0]])["searches"][0])
    told = msgspec.json.encode(snapshot(_deliveries()[0], Names())).decode()
    return {
        "base": BASE, "deliveries": size.deliveries, "days": size.days, "couriers": size.couriers,
        "divisions": size.divisions, "first": last - timedelta(days=size.days - 1), "last": last,
        "settled": settled, "returned": returned, "ready": ready,
        "told": msgspec.json.encode(told[: size.data_bytes]).decode(), "search": search,
    }  # fmt: skip


def _document(delivery: Delivery) -> str:
    return msgspec.json.encode(delivery).decode()


def _deliveries() -> tuple[Delivery, Delivery, Delivery]:
    """One that is settled, one that came back, one that is ready."""
    line = OrderLine("1", "product-1", None, "Термос 1 л", "шт", 1000, 100000, 100000)
    order = OrderFacts(
        BASE, "00000000-0000-4000-8000-000000000001", "000-1", "division", Recipient("Иван П.", "+79123456789"),
        Address("Москва, ул. Ленина, 10", "2", "4", "17", "17К", 55.75, 37.62), (line,), delivery_price_kop=30000,
        window=Window(NOW, NOW + timedelta(hours=2)), warehouse_ref="main", payment_method="cash",
    )  # fmt: skip
    courier = Actor("courier", "courier", "Петров Иван")
    known = {"now": NOW, "names": Names()}
    ready = delivery_office.ready(
        order=order, delivery=None, new_id=UUID(int=1), courier_ref="courier", actor=Actor("onec"), **known
    ).delivery
    taken = delivery_courier.pick_up(delivery=ready, actor=courier, **known).delivery
    given = delivery_courier.hand_over(
        delivery=taken, actor=courier, amount_taken_kop=130000, payment_method="cash", **known
    ).delivery
    settled = delivery_after.settle(delivery=given, actor=Actor("system"), **known).delivery
    failed = delivery_courier.not_deliver(delivery=taken, actor=courier, reason="not_home", **known).delivery
    back = delivery_after.give_back(delivery=failed, quantities=None, actor=Actor("warehouse"), **known).delivery
    return settled, back, ready


def statements() -> Iterator[tuple[str, bytes]]:
    """(what, statement)."""
    text = (Path(__file__).parent / "filling.sql").read_text(encoding="utf-8")
    for part in text.partition("\n\n")[2].removeprefix("-- ").split("\n\n-- "):
        name, _, statement = part.partition("\n")
        yield name.strip(), statement.strip().encode()
