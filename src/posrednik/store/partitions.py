"""Tables that grow with traffic and are kept for a time: a partition a month, made ahead, dropped whole when too old.

Why these and no others: docs/decisions/0011-what-is-kept-how-long.md.
"""

import contextlib
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import errors, sql

AHEAD_MONTHS = 2
# Table → the column of its months. The default partition of each only catches a clock that jumps.
TABLES = {"journal": "at", "inbox": "received_at", "idempotency": "made_at"}
_BOUNDS = """
    SELECT c.relname AS name, (regexp_match(b.bounds, 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz AS since,
        (regexp_match(b.bounds, 'TO \\(''([^'']+)''\\)'))[1]::timestamptz AS until
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bounds) b
    WHERE i.inhparent = %s::regclass AND b.bounds <> 'DEFAULT' ORDER BY 3"""


def month_of(moment: datetime) -> datetime:
    """The first instant (UTC) of the month of `moment`."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    return month_of(month + timedelta(days=32))


def ensure(conn: psycopg.Connection, now: datetime) -> None:
    """Make the partitions of this month and of the next ones, where there are none; harmless to repeat."""
    for table in TABLES:
        ranges = [(since, until) for _, since, until in conn.execute(_BOUNDS, [table])]
        month = month_of(now)
        for _ in range(AHEAD_MONTHS + 1):
            after = next_month(month)
            if not any((since is None or since < after) and month < until for since, until in ranges):
                _add(conn, table, month, after)
            month = after


def _add(conn: psycopg.Connection, table: str, since: datetime, until: datetime) -> None:
    """Made beside and attached: unlike CREATE … PARTITION OF this does not wait for those who write to the table now.

    What a jumping clock has put into the default partition moves over; no other partition may have it then.
    """
    names = {
        "whole": sql.Identifier(table), "part": sql.Identifier(f"{table}_{since:%Y_%m}"),
        "rest": sql.Identifier(f"{table}_default"), "at": sql.Identifier(TABLES[table]),
        "since": sql.Literal(since), "until": sql.Literal(until),
    }  # fmt: skip
    with conn.transaction():
        for statement in (
            "CREATE TABLE {part} (LIKE {whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)",
            "WITH strays AS (DELETE FROM {rest} WHERE {at} >= {since} AND {at} < {until} RETURNING *)"
            " INSERT INTO {part} SELECT * FROM strays",
            "ALTER TABLE {whole} ATTACH PARTITION {part} FOR VALUES FROM ({since}) TO ({until})",
        ):  # fmt: skip
            conn.execute(sql.SQL(statement).format(**names))


def drop_before(conn: psycopg.Connection, table: str, moment: datetime) -> list[str]:
    """Detach and drop the partitions whose every row is older than `moment`; returns their names.

    One that is in use longer than the lock timeout of `conn` stays until the next time.
    """
    dropped = []
    for name, _, until in conn.execute(_BOUNDS, [table]).fetchall():
        if until > moment:
            continue
        names = {"whole": sql.Identifier(table), "part": sql.Identifier(name)}
        with contextlib.suppress(errors.LockNotAvailable), conn.transaction():
            conn.execute(sql.SQL("ALTER TABLE {whole} DETACH PARTITION {part}").format(**names))
            conn.execute(sql.SQL("DROP TABLE {part}").format(**names))
            dropped.append(name)
    return dropped
