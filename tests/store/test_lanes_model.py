"""The lanes behave as their model, and the model finds faults that are put into the SQL on purpose."""

import random
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.store.lanes_model import Lanes
from tests.store.lanes_walk import walk
from tests.store.lanes_world import World

from posrednik.store.sql import sql


@pytest.fixture
def machine(database: str) -> Iterator[Callable[[dict[str, str]], type[Lanes]]]:
    worlds: list[World] = []

    def make(broken: dict[str, str]) -> type[Lanes]:
        worlds.append(World(database, broken))
        return type("LanesMachine", (Lanes,), {"world": worlds[-1]})

    yield make
    for world in worlds:
        world.close()


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
EXPLORE = settings(max_examples=100, stateful_step_count=25, deadline=None, suppress_health_check=CHECKS)


def changed(query: str, old: str, new: str) -> dict[str, str]:
    """One query with a fault put in."""
    text = sql(query)
    assert old in text
    return {query: text.replace(old, new)}


# The numbers come from a sequence, as in every engine that orders by id: before the lock, so not in commit order.
NUMBERED_TOO_EARLY = {
    "lanes_lock": """
        WITH made AS (
            INSERT INTO lane (destination_id, key, priority)
            SELECT destination_id, key, priority FROM unnest(%(destination_ids)b::int[], %(keys)b::text[],
                %(priorities)b::smallint[]) AS u (destination_id, key, priority) ORDER BY key COLLATE "C"
            ON CONFLICT DO NOTHING RETURNING id, destination_id, key, 0::bigint AS fence
        ), known AS (
            SELECT * FROM made UNION ALL
            SELECT id, destination_id, key, greatest(doubt_upto, sending_upto) FROM lane
            WHERE destination_id = ANY(%(destination_ids)b::int[]) AND key = ANY(%(keys)b::text[])
        )
        SELECT destination_id, key, id AS lane_id, nextval('too_early') * 100 AS last_seq, fence
        FROM known WHERE cardinality(%(counts)b::int[]) > 0""",
    "messages_put": sql("messages_put").replace("INSERT INTO", "WITH put AS (INSERT INTO").rstrip()
    + """ RETURNING lane_id, seq)
        UPDATE lane SET depth = depth + n, last_seq = greatest(last_seq, upto),
            state = CASE state WHEN 'idle' THEN 'ready' ELSE state END
        FROM (SELECT lane_id, count(*)::int AS n, max(seq) AS upto FROM put GROUP BY lane_id) p
        WHERE id = p.lane_id""",
}
BROKEN = {
    "acknowledged by id, without the epoch": changed("lanes_finish", "AND f.epoch = l.epoch", ""),
    "rescued as a retry, not as in doubt": changed(
        "lanes_rescue", "doubt_upto = greatest(l.doubt_upto, l.sending_upto), ", ""
    ),
    "looked up before the destination's time limit": changed(
        "lanes_rescue", "coalesce(k.limit_s, 60)", "0 * k.limit_s"
    ),
    "numbered before the lock": NUMBERED_TOO_EARLY,
    "superseded while on the way": changed("messages_supersede", "AND m.seq > new.fence ", ""),
    "replayed without looking": changed("dead_replay", "attempt = 0,", "attempt = 0, doubt_upto = 0,"),
    "a leased lane claimed again": changed("lanes_claim", "l.state = 'ready'", "l.state <> 'idle'"),
}


def hunt(made: type[Lanes], walks: int) -> None:
    for seed in range(walks):
        walk(made(), random.Random(seed), 30)


def test_lanes_behave_as_their_model(machine: Callable[[dict[str, str]], type[Lanes]]) -> None:
    run_state_machine_as_test(machine({}), settings=EXPLORE)


@pytest.mark.parametrize("fault", BROKEN)
def test_the_model_finds_sql_that_is(machine: Callable[[dict[str, str]], type[Lanes]], fault: str) -> None:
    made = machine(BROKEN[fault])
    made.world.run(made.world.raw("CREATE SEQUENCE too_early"))
    with pytest.raises((AssertionError, psycopg.Error, StopIteration)):
        hunt(made, 100)


def test_walks_find_nothing_in_the_real_sql(machine: Callable[[dict[str, str]], type[Lanes]]) -> None:
    made = machine({})
    hunt(made, 10)
