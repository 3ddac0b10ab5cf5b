"""Brings orders through their scenarios, many at once, as managers and couriers would."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.scenarios import Move, Scenario, scenario
from tests.desk import Desk

AT_ONCE = 16
LONGEST_PAUSE_S = 0.3


@dataclass(slots=True)
class Order:
    """One order of 1C. delivery: id in the service, known from the answer to «Готов»."""

    ref: str
    plan: Scenario
    rng: random.Random
    delivery: str = ""


@dataclass
class Drive:
    """orders: made in 1C, each with a plan of its own from the seed. at_once: so many of them are on their way."""

    desk: Desk
    orders: Sequence[Order]
    at_once: int = AT_ONCE
    finished: int = 0
    _couriers: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """Share of the orders that are through."""
        return self.finished / len(self.orders)

    async def run(self) -> None:
        self._couriers = (await self.desk.look("/onec/api/couriers"))["couriers"]
        places = asyncio.Semaphore(self.at_once)
        async with asyncio.TaskGroup() as all_orders:
            for order in self.orders:
                all_orders.create_task(self._through(order, places))

    async def _through(self, order: Order, places: asyncio.Semaphore) -> None:
        async with places:
            courier = await self._courier_for(order)
            for move in order.plan.moves:
                await self._do(order, move, courier)
                await asyncio.sleep(order.rng.random() * LONGEST_PAUSE_S)
        self.finished += 1

    async def _courier_for(self, order: Order) -> str:
        division = (await self.desk.look(f"/onec/api/orders/{order.ref}"))["division"]
        return str(order.rng.choice([c["ref"] for c in self._couriers if c["division"] == division]))

    async def _do(self, order: Order, move: Move, courier: str) -> None:
        body = {name: courier if name == "courier" else value for name, value in move.body}
        if move.where == "act":
            await self.desk.act(order.delivery, move.name, **body)
            return
        command = await self.desk.press(order.ref, move.name, **body)
        assert command["status"] == "done", (move, command)
        if command["result"].get("delivery"):
            order.delivery = command["result"]["delivery"]["id"]


async def orders_of(desk: Desk, count: int, seed: int) -> list[Order]:
    """New orders in 1C with their plans, in an order of their own."""
    rng = random.Random(seed)
    refs = await desk.make_orders(count)
    orders = [Order(ref, scenario(own), own) for ref, own in ((ref, random.Random(rng.random())) for ref in refs)]
    rng.shuffle(orders)
    return orders
