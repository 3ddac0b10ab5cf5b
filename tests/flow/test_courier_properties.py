"""Office and couriers in any interleaving, against the service on a real database: design.md §4 (6, 7)."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flow import exchange_client
from tests.flow.courier_walk import CHOICES, Step, walk
from tests.flow.exchange_client import DIVISION, running

from posrednik.config import Division, Proofs
from posrednik.domain import delivery_after, delivery_courier, proofs
from posrednik.domain.changes import record
from posrednik.domain.deliveries import Stage
from posrednik.domain.events import Cause
from posrednik.store import phones
from posrednik.usecases import courier_steps
from posrednik.usecases.courier_case import Act
from posrednik.usecases.courier_event import Event
from posrednik.usecases.take_courier_events import _Desk

WALKS = int(os.environ.get("POSREDNIK_COURIER_WALKS", "16"))
STEPS_OF_A_WALK = 50
MOST_WALKS = 40  # for one fault; eight are enough for each of these
EXPLORE = settings(
    max_examples=WALKS, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip
NUMBER = st.integers(0, 83)
WALK = st.lists(st.tuples(st.sampled_from(CHOICES), NUMBER, NUMBER, NUMBER), min_size=20, max_size=STEPS_OF_A_WALK)
Run = Callable[[list[Step]], None]


@pytest.fixture(scope="module")
def run(module_database: str) -> Iterator[Run]:
    """Walks one list of steps; each walk has couriers, phones and orders of its own."""
    configured = exchange_client.settings(proofs=Proofs(), divisions=(Division(ref=DIVISION),))
    with asyncio.Runner() as loop, psycopg.connect(module_database, autocommit=True) as db:
        serving = running(module_database, configured)
        service = loop.run(serving.__aenter__())
        yield lambda steps: loop.run(walk(service, db, steps))
        loop.run(serving.__aexit__(None, None, None))


# -- faults, put into the service on purpose: each is found by the same walks


async def _takes_again(desk: Any, tx: Any, event: Any, known: Any) -> Any:
    act = Act(tx, desk._phone, event, desk._actor, desk._rules, datetime.now(UTC), None)
    return (await desk._fate(tx, act))[1]


async def _releases_nothing(desk: Any) -> list[Any]:
    return []


async def _misses_nothing(*_: Any, below: int | None = None, most: int = 1000) -> list[int]:
    return [] if below is not None else await _MISSING(*_, most=most)


async def _forgets_contradictions(act: Any, change: Any, found: Any, flags: Any, **more: Any) -> Any:
    return await _WRITE(act, change, (), flags, **more)


def _departs_from_anywhere(
    *, delivery: Any, actor: Any, now: Any, names: Any, offline: bool, seen_version: int | None
) -> Any:
    data = {"courier_ref": actor.ref}
    return record(delivery, "delivery.departed", Cause(actor, now, names), data, stage=Stage.EN_ROUTE)


def _knows_the_latest(act: Any) -> dict[str, Any]:
    return {**act.step(), "seen_version": act.delivery.version, "offline": False}


_MISSING, _WRITE = phones.missing, courier_steps.write
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "takes an event twice": (_Desk, "_repeat", _takes_again),
    "never looks at what waits": (_Desk, "release", _releases_nothing),
    "refuses what should wait": (phones, "missing", _misses_nothing),
    "forgets what contradicts": (courier_steps, "write", _forgets_contradictions),
    "lets a step go before the one it follows": (delivery_courier, "depart", _departs_from_anywhere),
    "takes other content under a known id": (Event, "fingerprint", property(lambda _: b"")),
    "asks for no proof": (proofs, "check", lambda *_: ()),
    "believes the office and not the courier": (Act, "fact", _knows_the_latest),
    "lets customers return more than they got": (delivery_after, "over_kept", lambda *_: None),
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
    numbers = ((dice.randint(0, 83), dice.randint(0, 83), dice.randint(0, 83)) for _ in range(STEPS_OF_A_WALK))
    return [(dice.choice(CHOICES), *three) for three in numbers]


@EXPLORE
@given(steps=WALK)
def test_any_interleaving_of_office_and_couriers_keeps_what_must_hold(run: Run, steps: list[Step]):
    run(steps)


@pytest.mark.parametrize("seed", range(4))
def test_walks_by_chance_find_nothing(run: Run, seed: int):
    run(dealt(seed))
