"""Everything fails at random, in any order; driven to the end as the dispatcher does, the portal shows the truth."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness, a_portal
from tests.connectors.bitrix24_lanes import Lane, one_round
from tests.connectors.harness import new_key

from posrednik.connectors.bitrix24.outbound import COLUMNS
from posrednik_sandbox.portal.model import COMPLETED

FAULTS = (
    "drop",
    "http_500",
    "http_502",
    "truncated",
    "http_500_before",
    "error_200",
    "query_limit",
    "v3_off",
    "no_time",
)
WAYS = (
    ("ready", "picked_up", "en_route", "handed_over", "settled"),
    ("ready", "picked_up", "not_delivered", "returned"),
    ("ready", "withdrawn", "ready", "cancelled"),
)


def a_lane(system: Bitrix24Harness, rng: random.Random) -> Lane:
    key, way = new_key(), rng.choice(WAYS)
    closed = {"settled", "returned", "withdrawn", "cancelled"}
    bodies: list[dict[str, Any]] = [
        {"stage": stage, "closed": stage in closed, "amount_due_kop": rng.choice([245000, 100])} for stage in way
    ]
    return Lane([system.item(key, version, **body) for version, body in enumerate(bodies, start=1)])


@pytest.fixture
async def system() -> AsyncIterator[Bitrix24Harness]:
    async with a_portal() as made:
        yield made


@pytest.mark.parametrize("seed", range(8))
async def test_after_any_storm_each_delivery_is_one_task_in_its_last_state(system: Bitrix24Harness, seed: int) -> None:
    rng = random.Random(seed)
    system.portal.rng.seed(seed)
    lanes = [a_lane(system, rng) for _ in range(12)]
    last = [lane.messages[-1] for lane in lanes]
    for number in range(200):
        waiting = [lane for lane in lanes if lane.messages]
        if not waiting:
            break
        system.portal.faults.clear()
        for fault in rng.sample(FAULTS, 3 if number < 60 else 0):
            system.portal.faults.set(fault, share=rng.choice([0.2, 0.6]))
        await one_round(system, waiting)
    assert not [lane for lane in lanes if lane.messages], "the storm never ended"
    assert system.portal.same_xml_id() == {}
    for item in last:
        (task,) = system.tasks(item.key)
        stage = COLUMNS.get(item.body["stage"], COLUMNS["cancelled"])
        assert system.columns()[task.stage_id] == stage
        assert (task.status == COMPLETED) == item.body["closed"]
        assert system.version(item.key) == item.body["version"]
