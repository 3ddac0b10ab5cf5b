"""What goes wrong during a chaos run, from a seed: kills, faults of the three systems, restarts of the database."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.desk import until
from tests.system import System

FIRST_RESTART, SECOND_RESTART = 0.25, 0.6
# Between two troubles: a process is up again after about 2 s, and something has to get done in between.
BREATH_S = (0.5, 0.98)
# Of the calls of a kind. Each `after` fault leaves a portal that has done the work and did not say so.
PORTAL_FAULTS: Sequence[dict[str, Any]] = (
    {"kind": "drop", "method": "tasks.task.add", "share": 0.10},
    {"kind": "http_502", "share": 0.03},
    {"kind": "truncated", "share": 0.02},
    {"kind": "drop", "method": "tasks.task.update", "share": 0.03},
    {"kind": "drop", "method": "task.stages.movetask", "share": 0.03},
    {"kind": "delay", "method": "tasks.task.add", "share": 0.02, "seconds": 4.0},
    {"kind": "http_500_before", "share": 0.02},
    {"kind": "query_limit", "share": 0.01},
)
SHOP_FAULTS: Sequence[dict[str, Any]] = (
    {"mode": "503", "left": 5, "share": 0.5, "retry_after_s": 1},
    {"mode": "drop", "left": 3, "share": 0.5},
    {"mode": "500", "left": 2, "share": 0.5},
)
ONEC_FAULTS: Sequence[dict[str, Any]] = (
    {"crash_before_ack": 1}, {"lose_command_answers": 1}, {"lose_answers": 1}, {"fail_writes": 1},
)  # fmt: skip


class Trouble:
    """done: how often each thing was done."""

    def __init__(self, system: System, rng: random.Random) -> None:
        self.system, self.desk, self._rng = system, system.desk, rng
        self.done: Counter[str] = Counter()
        self.portal_hits: Counter[str] = Counter()
        self._restarts: list[tuple[float, signal.Signals]] = [
            (FIRST_RESTART, signal.SIGINT), (SECOND_RESTART, signal.SIGKILL),
        ]  # fmt: skip

    async def begin(self) -> None:
        await self.desk.tell("/portal/api/limits", tariff="box", time_limit_s=self.system.pace.time_limit_s)
        await self.desk.tell("/portal/api/faults", faults=[dict(fault) for fault in PORTAL_FAULTS])

    async def run(self, progress: Callable[[], float]) -> None:
        """Until all orders are through."""
        while progress() < 1:
            await asyncio.sleep(self._rng.uniform(*BREATH_S))
            if self._restarts and progress() >= self._restarts[0][0]:
                _, sign = self._restarts.pop(0)
                await self.system.restart_database(sign)
                self.done[f"database {sign.name}"] += 1
            else:
                await self._something()

    async def let_the_portal_fail(self, orders: int) -> None:
        """No more kills, but the portal stays as it is until most tasks are made, so that its faults meet creates."""

        async def most() -> bool:
            return int((await self.desk.look("/portal/api/state"))["tasks"]) >= 0.9 * orders

        await until("most tasks are made", most)

    async def end(self) -> None:
        """Everything healthy again, for good."""
        for fault in (await self.desk.look("/portal/api/state"))["faults"]:
            self.portal_hits[f"{fault['kind']} {fault['method']}"] += fault["hits"]
        await self.desk.tell("/portal/api/faults", faults=[])
        await self.desk.tell("/shop/api/faults", mode="none", left=None)
        await self.desk.tell("/onec/api/switches", **{name: 0 for fault in ONEC_FAULTS for name in fault})
        for name in ("portal", "shop", "onec"):
            await self.desk.switch(name, True)

    async def _something(self) -> None:
        kinds: list[tuple[int, str, Callable[[], Awaitable[None]]]] = [
            (6, "worker", self._kill_worker), (3, "api", self._kill_api), (2, "1C", self._spoil_onec),
            (2, "shop", self._spoil_shop), (1, "v3 off", self._v3_off), (2, "outage", self._outage),
        ]  # fmt: skip
        _, name, do = self._rng.choices(kinds, weights=[weight for weight, *_ in kinds])[0]
        await do()
        self.done[name] += 1

    async def _kill_worker(self) -> None:
        workers = [name for name in self.system.processes if name.startswith("worker")]
        self.system.kill(self._rng.choice(workers))

    async def _kill_api(self) -> None:
        how = self._rng.choice(({"child": True}, {"group": True}, {}))
        self.system.kill("api", **how)
        if self._rng.random() < 0.8:
            await until("the API again", lambda: self.desk.ask("/health/ready"))

    async def _spoil_onec(self) -> None:
        await self.desk.tell("/onec/api/switches", **self._rng.choice(ONEC_FAULTS))

    async def _spoil_shop(self) -> None:
        await self.desk.tell("/shop/api/faults", **self._rng.choice(SHOP_FAULTS))

    async def _v3_off(self) -> None:
        await self.desk.tell("/portal/api/faults", kind="v3_off", count=2)

    async def _outage(self) -> None:
        name = self._rng.choice(("portal", "shop", "onec"))
        await self.desk.switch(name, False)
        await asyncio.sleep(self._rng.uniform(0.3, 0.9))
        await self.desk.switch(name, True)
