"""Bringing a database to the schema of this version. See docs/subsystems/store.md.

A fresh database runs all files of migrations/ too, so there is one way only; schema.sql is the readable whole and
a test proves that both give the same. Files are `NNNN_name.sql`; each runs in its own transaction under a lock
timeout, so that a long reader makes the migration fail and be tried again instead of queueing everybody behind it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import LiteralString

import psycopg

from posrednik.store import partitions
from posrednik.store.sql import literal

ADVISORY_KEY = 0x706F7372  # "posr": one migrating process at a time
MINIMUM_SERVER = 150000


class SchemaError(Exception):
    """The database cannot be used with this version.

    ├── ServerTooOld    PostgreSQL below 15
    └── SchemaTooNew    migrated by a later version of Posrednik
    """


class ServerTooOld(SchemaError):
    """PostgreSQL below 15."""


class SchemaTooNew(SchemaError):
    """A later version has been here; an older program must not write."""


def available() -> list[tuple[int, str, LiteralString]]:
    """(number, name, SQL) of each migration, in order."""
    found: list[tuple[int, str, LiteralString]] = []
    for file in sorted((files("posrednik.store") / "migrations").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append((int(number), name, literal(file.read_text(encoding="utf-8"))))
    return found


def migrate(dsn: str) -> list[str]:
    """Apply what is missing; returns the names applied. Needs a direct connection, not a transaction pooler."""
    return list(steps(dsn))


def steps(dsn: str) -> Iterator[str]:
    """The same, yielding each name when it is applied, for a progress line."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        if conn.info.server_version < MINIMUM_SERVER:
            raise ServerTooOld(f"PostgreSQL {conn.info.server_version // 10000}: version 15 or later is needed")
        conn.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_KEY])
        conn.execute(
            "CREATE TABLE IF NOT EXISTS migration"
            " (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row[0] for row in conn.execute("SELECT number FROM migration")}
        known = available()
        if done and max(done) > known[-1][0]:
            raise SchemaTooNew(f"the database has migration {max(done)}, this version knows {known[-1][0]}")
        for number, name, text in known:
            if number not in done:
                _apply(conn, number, name, text)
                yield f"{number:04d} {name}"
        partitions.ensure(conn, datetime.now(UTC))


def _apply(conn: psycopg.Connection, number: int, name: str, text: LiteralString) -> None:
    with conn.transaction():
        conn.execute("SET LOCAL lock_timeout = '4s'")
        conn.execute(text)
        conn.execute("INSERT INTO migration (number, name) VALUES (%s, %s)", [number, name])


def pending(dsn: str) -> int:
    """How many migrations this version has that the database has not."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        if conn.execute("SELECT to_regclass('migration')").fetchone() == (None,):
            return len(available())
        done = {row[0] for row in conn.execute("SELECT number FROM migration")}
    return sum(number not in done for number, _, _ in available())
