"""Divisions are switched on, off and back while orders flow and workers die: nothing is lost, nothing comes twice.

POSREDNIK_CHAOS_ORDERS: how many (80). POSREDNIK_CHAOS_SEED: another run of the same kind.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from tests.chaos.drive import Drive, orders_of
from tests.chaos.verdict import CLOSED, ONEC_IS_TOLD, SHOP_IS_NOT_TOLD, Verdict
from tests.desk import Desk, until
from tests.system import System, running

ORDERS = int(os.environ.get("POSREDNIK_CHAOS_ORDERS", "80"))
SEED = int(os.environ.get("POSREDNIK_CHAOS_SEED", "20261122"))
AT_ONCE = 64
QUIET_S = 90.0 + ORDERS / 10
# (when this share of the orders is through, mode of every division)
SWITCHES = ((0.1, "shadow"), (0.25, "live"), (0.4, "pilot"), (0.55, "shadow"), (0.7, "pilot"), (0.8, "live"))
OPEN = "on_board AND stage NOT IN ('settled', 'returned', 'cancelled')"
Json = dict[str, Any]

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300 + 2 * ORDERS)]


class Switchboard:
    """Switches all divisions by HTTP, as the page of the pilot does. done: what each switch did."""

    def __init__(self, system: System, rng: random.Random) -> None:
        self.system, self.desk, self._rng = system, system.desk, rng
        self.done: list[tuple[str, Counter[str]]] = []

    async def begin(self) -> None:
        """Half of the couriers of each division take part in its pilot. The portal is a box without our limits."""
        await self.desk.tell("/portal/api/limits", tariff="box", time_limit_s=self.system.pace.time_limit_s)
        found = (await self.desk.ask("/api/v1/admin/pilot"))["divisions"]
        self._refs = [one["ref"] for one in found if one["couriers"]]
        for one in found:
            chosen = [courier["ref"] for courier in one["couriers"] if self._rng.random() < 0.5]
            await self._tell(one["ref"], "couriers", {"add": chosen, "reason": "проверка"})

    async def run(self, progress: Callable[[], float]) -> None:
        for share, mode in SWITCHES:
            while progress() < share:
                await asyncio.sleep(0.05)
            self.system.kill(self._rng.choice(["worker1", "worker2"]), group=True)
            counts = Counter[str]()
            for ref in self._refs:
                answer = await self._tell(ref, "mode", {"mode": mode, "reason": "проверка", "force": True})
                assert answer["mode"] == mode
                counts.update(answer["plan"])
            self.done.append((mode, counts))

    async def _tell(self, ref: str, what: str, body: Json) -> Json:
        url = f"{self.desk.service}/api/v1/admin/pilot/{ref}/{what}"
        answer: Json = await self.desk._json("POST", url, body, self.desk._person())
        return answer


class Switched(Verdict):
    """The same as everywhere, for what was sent: `published` of an event is the decision of its own transaction."""

    async def books_of(self) -> dict[str, list[Json]]:
        rows = await self._rows("SELECT order_ref::text, version, type, published FROM event ORDER BY version")
        found: dict[str, list[Json]] = {order.ref: [] for order in self.orders}
        for row in rows:
            if row["order_ref"] in found and row["type"].startswith("delivery."):
                found[row["order_ref"]].append(row)
        return found

    async def tasks_of_open_ones(self) -> int:
        """One task for each open delivery, in the column of its stage; of the others one or none, and right as well."""
        tasks = await until("the portal's tasks", self.desk.tasks)
        per_marker = Counter(task["xmlId"] for task in tasks)
        assert {marker: n for marker, n in per_marker.items() if n > 1} == {}, "more than one task"
        open_ids = {f"posrednik:{row['id']}" for row in await self._rows(f"SELECT id FROM delivery WHERE {OPEN}")}
        books = await self.books_of()
        told = {f"posrednik:{order.delivery}" for order in self.orders if any(e["published"] for e in books[order.ref])}
        wanted = {f"posrednik:{order.delivery}": order for order in self.orders}
        assert open_ids | told <= set(per_marker) <= set(wanted)
        titles: dict[str, str] = {}
        for group in (11, 12):
            titles |= await until("the columns", partial(self.desk.columns, group))
        wrong = [
            (wanted[task["xmlId"]].plan.stage, titles[task["stageId"]], task) for task in tasks
            if titles[task["stageId"]] != wanted[task["xmlId"]].plan.column
            or (task["status"] == CLOSED) != wanted[task["xmlId"]].plan.closed
        ]  # fmt: skip
        assert wrong == []
        return len(open_ids)

    async def told_once(self) -> tuple[int, int]:
        """1C and the shop heard of exactly what was sent, each once and in order. How many each was told."""
        onec, shop = await self.desk.look("/onec/api/state"), await self.desk.look("/shop/api/state")
        assert (onec["out_of_order"], onec["gaps"], onec["refused"], onec["quarantined"]) == (0, [], [], [])
        assert shop["out_of_order"] == 0
        books, counts = await self.books_of(), [0, 0]
        for order in self.orders:
            moves = [move for move in order.plan.moves if move.event]
            sent = [(e["version"], e["type"]) for e in books[order.ref] if e["published"]]
            by_hand = [one for one in sent if one[1] in ONEC_IS_TOLD and moves[one[0] - 1].where == "act"]
            there = onec["applied"].get(order.ref, {"versions": [], "types": []})
            assert list(zip(there["versions"], there["types"], strict=True)) == by_hand, order
            statuses = [one for one in sent if one[1] not in SHOP_IS_NOT_TOLD]
            heard = shop["deliveries"].get(order.delivery, {"versions": [], "types": []})
            assert list(zip(heard["versions"], heard["types"], strict=True)) == statuses, order
            counts = [counts[0] + len(by_hand), counts[1] + len(statuses)]
        return counts[0], counts[1]


async def test_switching_under_load_loses_nothing_and_doubles_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(workers=2) as system:
        drive = Drive(system.desk, await orders_of(system.desk, ORDERS, SEED), at_once=AT_ONCE)
        board = Switchboard(system, random.Random(SEED + 2))
        verdict = Switched(system.desk, drive.orders, system.database.dsn)
        await until_known(system.desk)
        await board.begin()
        started = time.monotonic()
        async with asyncio.TaskGroup() as both:
            both.create_task(drive.run())
            both.create_task(board.run(lambda: drive.progress))
        driven_s = time.monotonic() - started
        await verdict.quiet(QUIET_S)
        await verdict.events()
        opened = await verdict.tasks_of_open_ones()
        told = await verdict.told_once()
        await verdict.books()
        events = sum(len(one) for one in (await verdict.books_of()).values())
        with capsys.disabled():
            print(
                f"\n{ORDERS} orders, {events} events in {driven_s:.1f} s ({ORDERS / driven_s:.1f} orders/s, "
                f"{events / driven_s:.1f} events/s); open at the end {opened}; told 1C {told[0]}, shop {told[1]}; "
                f"switches {[(mode, dict(counts)) for mode, counts in board.done]}"
            )
        assert told[0] > 0
        assert any(counts["hold"] for _, counts in board.done)
        assert any(counts["tell"] for _, counts in board.done)
        assert sum(told) < 2 * events


async def until_known(desk: Desk) -> Sequence[Json]:
    """The pilot's page knows the divisions once 1C has told of them."""
    deadline = time.monotonic() + 60
    while True:
        found: list[Json] = (await desk.ask("/api/v1/admin/pilot"))["divisions"]
        if sum(bool(one["couriers"]) for one in found) >= 2:
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)
