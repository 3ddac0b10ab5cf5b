"""What subscribers have accepted is counted by the database itself, in the very buckets of domain/lags.py."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from posrednik.domain.lags import EDGE_S, GROWTH, bucket_of
from posrednik.kit.ids import uuid7
from posrednik.store import lags
from posrednik.store.db import Database

Sent = tuple[int, UUID]
# Among them all that a bucket can end with: nothing at all, a clock set back, both sides of the edge, a hundred years.
AGES = (-5.0, 0.0, 0.002, 0.02, 0.5, *(EDGE_S * GROWTH**n for n in range(-30, 30, 5)), EDGE_S + 1, 86400.0, 3.2e9)


def events_of(dsn: str, kind: str, ages: Iterable[float], *, trial: bool = False) -> list[Sent]:
    """A lane of a destination of this kind, with an event of each age."""
    with psycopg.connect(dsn) as conn:
        lane = conn.execute(
            "WITH d AS (INSERT INTO destination (name, kind) VALUES (%s, %s) RETURNING id)"
            " INSERT INTO lane (destination_id, key) SELECT id, 'k' FROM d RETURNING id",
            [f"{kind}{trial}", kind],
        ).fetchone()
        assert lane is not None
        events = [uuid7() for _ in ages]
        conn.cursor().executemany(
            "INSERT INTO event (id, type, subject_kind, subject_id, version, occurred_at, recorded_at, actor, trial,"
            " data) VALUES (%s, 'delivery.departed', 'delivery', %s, 1, now(),"
            " clock_timestamp() - make_interval(secs => %s), %s, %s, '{}')",
            [(event, str(event), age, Jsonb({}), trial) for event, age in zip(events, ages, strict=True)],
        )
    return [(int(lane[0]), event) for event in events]


async def note(dsn: str, sent: list[Sent]) -> None:
    db = Database(dsn, size=1)
    await db.open()
    await db.transact(lambda tx: lags.note_sent(tx, sent, [], [], []))
    await db.close()


async def test_the_database_puts_each_time_into_the_bucket_that_the_rule_says(database: str) -> None:
    await note(database, events_of(database, "site", AGES))
    with psycopg.connect(database) as conn:
        worst = [float(row[0]) for row in conn.execute("SELECT seconds FROM lag WHERE name = 'event_to_site'")]
        buckets = conn.execute("SELECT bucket, sum(n)::int FROM lag_day WHERE name = 'event_to_site' GROUP BY 1")
        assert len(worst) == len(AGES)
        assert min(worst) == 0
        assert dict(buckets.fetchall()) == Counter(bucket_of(one) for one in worst)


async def test_neither_trial_orders_nor_other_destinations_count_as_told_to_a_subscriber(database: str) -> None:
    sent = events_of(database, "site", [1.0], trial=True) + events_of(database, "bitrix24", [1.0])
    await note(database, sent)
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT count(*) FROM lag_day").fetchone() == (0,)
        assert conn.execute("SELECT count(*) FROM lag").fetchone() == (0,)
