"""What the breaker makes of calls that carry many messages, and of a probe whose worker dies. Found by tests/chaos."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.flow.dispatch_kit import DYING_S, Bench, Destination, bench, faulty, kill, until

from posrednik.connectors.base import Item, Outcome
from posrednik.dispatch.breaker import FAULTS_TO_OPEN


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as ready:
        yield ready


async def test_regression_one_failed_call_of_many_messages_is_one_fault(made: Bench) -> None:
    """An answer that is lost to a batch of twenty says as much of the portal as one that is lost to a single call."""
    many = 4 * FAULTS_TO_OPEN
    breakers: list[str] = []

    async def mood(_: Item) -> Outcome | None:
        if len(destination.calls) <= many:
            return faulty()
        breakers.append((await made.sql("SELECT breaker FROM destination"))[0].breaker)
        return None

    destination = Destination(mood)
    to = await made.add("portal", destination, group_size=50)
    for number in range(many):
        await made.put(to, f"k{number}")
    async with made.worker():
        await made.emptied()
    assert breakers == ["closed"] * many


async def test_regression_a_probe_whose_worker_died_keeps_nobody_from_probing(made: Bench) -> None:
    answered = asyncio.Event()

    async def never(_: Item) -> Outcome | None:
        await answered.wait()
        return None

    destination = Destination(never)
    to = await made.add("portal", destination, timeout_s=60.0)
    await made.put(to, "k")
    await made.sql("UPDATE destination SET breaker = 'open', breaker_until = now(), breaker_pause_s = 2")
    async with made.worker(beat_s=DYING_S) as worker:
        await until(lambda: destination.calls)
        assert (await made.sql("SELECT breaker FROM destination"))[0].breaker == "half_open"
        await kill(worker)
    # A cancelled worker still tidies up after itself; this is what one that was killed leaves.
    await made.sql("UPDATE destination SET breaker = 'half_open', breaker_until = now() + interval '1 h'")
    destination.mood = lambda _: None
    async with made.worker(beat_s=DYING_S):
        await made.emptied()
    assert (await made.sql("SELECT breaker FROM destination"))[0].breaker == "closed"
