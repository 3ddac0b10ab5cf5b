"""The mirror: what is put in comes out as it was."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posrednik.kit import loop
from posrednik.store import mirror
from posrednik.store.db import Database, Tx
from posrednik.store.mirror import State

BASE = UUID("b0000000-0000-4000-8000-000000000001")
# What PostgreSQL can keep in a text, those with a meaning in COPY's text format more often than the others.
TEXTS = st.text(st.sampled_from("\\\t\n\r\"'.NxТж") | st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
DATA = st.dictionaries(TEXTS, TEXTS | st.integers(-(2**53), 2**53) | st.none() | st.booleans() | st.lists(TEXTS))


@pytest.fixture(scope="module")
def dsn(module_database: str) -> str:
    with psycopg.connect(module_database) as connection:
        connection.execute("INSERT INTO base (id, name, time_zone) VALUES (%s, 'base', 'UTC')", [BASE])
    return module_database


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS, DATA, st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_new_objects_are_kept_to_the_last_character(
    dsn: str, made: list[tuple[str, str, dict[str, object], bool, bool]]
):
    states = [
        State("product", f"{ref}{n}", version, bytes([n] * 16), (1, n, 2**31 - 1), deleted, posted,
              uuid5(BASE, version) if deleted else None, msgspec.json.encode(data).decode())
        for n, (ref, version, data, deleted, posted) in enumerate(made)
    ]  # fmt: skip
    loop.run(_added(dsn, states))
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("""
            DELETE FROM mirror RETURNING kind, ref, version, hash, (epoch_no, number, idx), deleted, posted, event_id,
                data, changed_at""").fetchall()  # fmt: skip
    assert {row[1]: row[:9] for row in rows} == {
        s.ref: (s.kind, s.ref, s.version, s.hash, tuple(map(str, s.rank)), s.deleted, s.posted, s.event_id,
                msgspec.json.decode(s.body))
        for s in states
    }  # fmt: skip
    assert all(row[9] <= datetime.now(UTC) for row in rows)


async def _added(dsn: str, states: list[State]) -> None:
    db = Database(dsn, size=1)
    await db.open()

    async def work(tx: Tx) -> None:
        await mirror.add(tx, BASE, states)

    try:
        await db.transact(work)
    finally:
        await db.close()
