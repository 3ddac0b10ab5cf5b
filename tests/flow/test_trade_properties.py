"""Backpacks, sales and cash in any interleaving, against the service on a real database: domain.md §4."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flow import exchange_client
from tests.flow.exchange_client import DIVISION, running
from tests.flow.trade_walk import CHOICES, Step, walk

from posrednik.config import Division, Proofs

WALKS = int(os.environ.get("POSREDNIK_TRADE_WALKS", "8"))
STEPS_OF_A_WALK = 50
MOST_WALKS = 20  # for one fault
EXPLORE = settings(
    max_examples=WALKS, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip
NUMBER = st.integers(0, 839)
WALK = st.lists(st.tuples(st.sampled_from(CHOICES), NUMBER, NUMBER, NUMBER), min_size=20, max_size=STEPS_OF_A_WALK)
Run = Callable[[list[Step]], None]


@pytest.fixture(scope="module")
def run(module_database: str) -> Iterator[Run]:
    """Walks one list of steps; each walk has couriers, phones, goods and orders of its own."""
    division = Division(ref=DIVISION, cash_ceiling="5000", oversale="1")
    configured = exchange_client.settings(proofs=Proofs(), divisions=(division,))
    with asyncio.Runner() as loop, psycopg.connect(module_database, autocommit=True) as db:
        serving = running(module_database, configured)
        service = loop.run(serving.__aenter__())
        yield lambda steps: loop.run(walk(service, db, steps))
        loop.run(serving.__aexit__(None, None, None))


def dealt(seed: int) -> list[Step]:
    """A walk by chance, the same for each seed."""
    dice = random.Random(seed)
    numbers: Any = ((dice.randint(0, 839), dice.randint(0, 839), dice.randint(0, 839)) for _ in range(STEPS_OF_A_WALK))
    return [(dice.choice(CHOICES), *three) for three in numbers]


@EXPLORE
@given(steps=WALK)
def test_any_interleaving_of_trade_keeps_what_must_hold(run: Run, steps: list[Step]):
    run(steps)


@pytest.mark.parametrize("seed", range(8))
def test_walks_by_chance_find_nothing(run: Run, seed: int):
    run(dealt(seed))
