"""Backpacks, sales and cash in any interleaving, against the service on a real database: domain.md §4."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flow import exchange_client
from tests.flow.exchange_client import DIVISION, running
from tests.flow.trade_walk import CHOICES, Step, walk

from posrednik.config import Division, Proofs
from posrednik.domain import cash, ledger, sales
from posrednik.store import trade
from posrednik.usecases import settle_covered

WALKS = int(os.environ.get("POSREDNIK_TRADE_WALKS", "4"))
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


# -- faults, put into the service on purpose: each is found by the same walks


async def _finds_no_load(*_: Any) -> None:
    return None


def _settles_all(entries: Any, *_: Any) -> frozenset[Any]:
    return frozenset(UUID(one.subject_id) for one in entries if one.subject_kind == "delivery")


def _card_is_cash(courier_ref: str, sum_kop: int | None, payment_method: str | None) -> Any:
    return _PAID(courier_ref, sum_kop, payment_method and "cash")


def _as_expected(**said: Any) -> Any:
    return _HAND_IN(**{**said, "counted_kop": max(0, said["cash_kop"])})


_PAID, _HAND_IN = ledger._paid, cash.hand_in
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "loads the same document twice": (trade, "find_load", _finds_no_load),
    "settles what no hand-in covers": (settle_covered, "settled_by", _settles_all),
    "takes every card for cash": (ledger, "_paid", _card_is_cash),
    "forgets a backpack below zero": (sales, "negative", lambda *_: ()),
    "takes in what it expects": (cash, "hand_in", _as_expected),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_walks_find_a_service_that(run: Run, monkeypatch: pytest.MonkeyPatch, fault: str):
    monkeypatch.setattr(*FAULTS[fault])
    for seed in range(MOST_WALKS):
        try:
            run(dealt(seed))
        except AssertionError:
            return
    pytest.fail(f"{MOST_WALKS} walks did not find a service that {fault}")


def dealt(seed: int) -> list[Step]:
    """A walk by chance, the same for each seed."""
    dice = random.Random(seed)
    numbers: Any = ((dice.randint(0, 839), dice.randint(0, 839), dice.randint(0, 839)) for _ in range(STEPS_OF_A_WALK))
    return [(dice.choice(CHOICES), *three) for three in numbers]


@EXPLORE
@given(steps=WALK)
def test_any_interleaving_of_trade_keeps_what_must_hold(run: Run, steps: list[Step]):
    run(steps)


@pytest.mark.parametrize("seed", range(4))
def test_walks_by_chance_find_nothing(run: Run, seed: int):
    run(dealt(seed))
