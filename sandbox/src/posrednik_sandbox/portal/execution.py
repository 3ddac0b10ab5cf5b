"""Running methods for one HTTP request, as one PHP process of the portal would."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from posrednik_sandbox.portal import drive, methods, v3_tasks
from posrednik_sandbox.portal.calls import Call, Listing, Method
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import ExecutionKilledError, wrong_auth_type
from posrednik_sandbox.portal.limits import operation_limit
from posrednik_sandbox.portal.model import Principal
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params


@dataclass
class Executed:
    """What one method gave; `time` is its block of the answer."""

    result: Any
    time: dict[str, Any]
    total: int | None = None
    next: int | None = None


class Execution:
    """Runs methods one after another; the process is killed when the time limit of the request is reached.

    `started` is the portal's clock at the first byte of work. `ran` lists the methods in order.
    """

    def __init__(self, portal: Portal, who: Principal) -> None:
        self.portal, self.who = portal, who
        self.started = portal.now()
        self.ran: list[str] = []
        self._waited_s = 0.0

    async def classic(self, name: str, params: Params, in_batch: bool = False) -> Executed:
        """Raises RestError, or ExecutionKilledError when the time of the request is over."""
        lowered = name.lower()
        method = methods.find(lowered, self.who.scope)
        return await self._run(method, Call(self.portal, self.who, lowered, params, in_batch))

    async def v3(self, name: str, params: Params) -> Executed:
        """Raises V3Error, RestError for limits, ExecutionKilledError."""
        lowered = name.lower()
        method = v3_tasks.find(lowered, self.who.scope)
        return await self._run(method, Call(self.portal, self.who, lowered, params))

    async def _run(self, method: Method, call: Call) -> Executed:
        portal, limits = self.portal, self.portal.limits
        if method.application and not self.who.client_id:
            raise wrong_auth_type()
        limits.check_operating(self.who.key, call.method, portal.now())
        if portal.faults.strikes("operation_limit", call.method):
            raise operation_limit()
        started, slow_s = portal.now(), drive.slowness_s(portal, call.method)
        cost_s = limits.cost_s(call.method) if slow_s is None else slow_s
        await self._wait(cost_s * limits.wait_scale)
        if slow_s is not None:
            drive.may_fail(portal)
        self.ran.append(call.method)
        working = time.perf_counter()
        operating: tuple[float, int] = (0.0, 0)
        try:
            with portal.events.caused_by(self.who, str(call.params.get("auth_connector") or "")):
                answer = method.run(call)
        finally:
            spent_s = cost_s * limits.charge_scale + time.perf_counter() - working
            operating = limits.charge(self.who.key, call.method, spent_s, portal.now())
        listing = answer if isinstance(answer, Listing) else Listing(answer)
        block = self.time_block(started, operating)
        return Executed(listing.result, block, listing.total, listing.next)

    async def _wait(self, seconds: float) -> None:
        left = self.portal.limits.time_limit_s - self._waited_s
        if seconds > 0:
            await asyncio.sleep(min(seconds, max(0.0, left)))
        self._waited_s += seconds
        if seconds > left:
            raise ExecutionKilledError

    def time_block(self, started: float, operating: tuple[float, int] | None = None) -> dict[str, Any]:
        finish = self.portal.now()
        block: dict[str, Any] = {
            "start": started,
            "finish": finish,
            "duration": finish - started,
            "processing": finish - started,
            "date_start": iso(started),
            "date_finish": iso(finish),
        }
        if operating is not None:
            block |= {"operating_reset_at": operating[1], "operating": operating[0]}
        return block
