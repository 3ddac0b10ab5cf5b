"""Workers, a moody destination and a real database: nothing lost, nothing twice, in order."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from tests.flow.dispatch_kit import Bench, Destination, bench, workers

from posrednik.connectors.base import Item, Outcome, TryLater, Unclear


@pytest.fixture
async def made(database: str) -> AsyncIterator[Bench]:
    async with bench(database) as one:
        yield one


def check(destination: Destination, sent: dict[str, list]) -> None:
    assert {key: list(ids) for key, ids in destination.applied.items()} == sent
    assert set(destination.effects.values()) <= {1}
    assert destination.most_per_key <= 1


async def test_messages_arrive_in_order_and_once_under_failures(made: Bench) -> None:
    dice = random.Random(1)

    async def mood(item: Item) -> Outcome | None:
        await asyncio.sleep(dice.random() / 200)
        return dice.choice([
            None, None, None, None, TryLater("занято"), Unclear("нет ответа", fault=False),
            Unclear("не дошло", "lost_before", fault=False),
        ])  # fmt: skip

    destination = Destination(mood)
    to = await made.add("portal", destination)
    async with workers(made, 2):
        sent = {f"k{n}": await made.put(to, f"k{n}", 3) for n in range(12)}
        for key in sent:
            sent[key] += await made.put(to, key, 2)
        await made.emptied()
    check(destination, sent)
