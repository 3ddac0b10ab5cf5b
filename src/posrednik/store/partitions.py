"""The journal's partitions: one a month, made ahead, dropped whole when they are too old."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

AHEAD_MONTHS = 2


def month_of(moment: datetime) -> datetime:
    """The first instant (UTC) of the month of `moment`."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    return month_of(month + timedelta(days=32))


def ensure(conn: psycopg.Connection, now: datetime) -> None:
    """Make the partitions of this month and of the next ones; harmless to repeat."""
    month = month_of(now)
    for _ in range(AHEAD_MONTHS + 1):
        after = next_month(month)
        conn.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF journal FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(f"journal_{month:%Y_%m}"), sql.Literal(month), sql.Literal(after)
            )
        )
        month = after


def drop_before(conn: psycopg.Connection, moment: datetime) -> list[str]:
    """Drop the partitions that end before `moment`; returns their names."""
    names = [
        row[0]
        for row in conn.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal'::regclass"
        )
    ]
    limit = f"journal_{month_of(moment):%Y_%m}"
    old = [name for name in names if name != "journal_default" and name < limit]
    for name in old:
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return old
