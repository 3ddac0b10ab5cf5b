"""One destination's dispatcher: claim lanes, let the connector send, decide, record. See docs/subsystems/dispatch.md.

claim (commit = intent) ──▶ queue ──▶ runner: look up what is in doubt, send ──▶ policy ──▶ finisher (group commit)
"""

import asyncio
import random
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from posrednik.connectors.base import Connector, Item, NotThere, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch.breaker import Breaker
from posrednik.dispatch.finisher import Finisher
from posrednik.dispatch.heart import Heart
from posrednik.dispatch.limiter import Limiter
from posrednik.dispatch.policy import PAUSES, next_step
from posrednik.dispatch.run import LaneRun
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import destinations, lanes
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.lanes import Claimed

log = get_logger("dispatch")
_KINDS = ("Accepted", "TryLater", "Refused", "Unclear", "NotThere")


@dataclass(frozen=True, slots=True)
class Tuning:
    """How one destination is served. runners: sends (or groups) at the same time in this worker. per_lane: messages of
    a lane offered at once. linger_s: wait so long for a group to fill. pauses: the retry schedule, seconds."""

    runners: int = 32
    per_lane: int = 10
    linger_s: float = 0.0
    pauses: Sequence[float] = PAUSES
    bulk_first_every: int = 8


class Dispatcher:
    """Serves one destination until `stop`. Never raises for what the destination or the database does."""

    def __init__(
        self, db: Database, destination_id: int, name: str, connector: Connector, limiter: Limiter, heart: Heart,
        tuning: Tuning,
    ) -> None:  # fmt: skip
        self.id, self.name, self.connector = destination_id, name, connector
        self._db, self._limiter, self._heart, self._tuning = db, limiter, heart, tuning
        self._finisher = Finisher(db, name)
        self._queue: asyncio.Queue[list[LaneRun]] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._breaker = Breaker()
        self._probing = False
        self._stopping = False
        self._rounds = 0
        self._busy = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._effects: set[asyncio.Task[None]] = set()
        self.lease_s = connector.timeout_s * 3 + 30
        self._seconds = metrics.ATTEMPT_SECONDS.labels(name)
        self._counted = {kind: metrics.ATTEMPTS.labels(name, kind) for kind in _KINDS}

    # -- from outside

    def start(self) -> None:
        runners = [asyncio.create_task(self._runner()) for _ in range(self._tuning.runners)]
        self._finishing = asyncio.create_task(self._finisher.run())
        self._tasks = [asyncio.create_task(self._claimer()), *runners]

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def see(self, breaker: str, probe_due: bool) -> None:
        """What the poll read of the breaker; another worker may have moved it."""
        if breaker == "closed" and self._breaker.state != "closed" and not self._probing:
            self._breaker = Breaker()
        elif breaker != "closed" and self._breaker.state == "closed":
            self._breaker = Breaker("open", self._breaker.pause_s)
        if probe_due:
            self._probing = True
            self.wake()

    async def stop(self, grace_s: float) -> None:
        """Let what is being sent end, give back the rest; costs no attempt."""
        self._stopping = True
        self.wake()
        try:
            async with asyncio.timeout(grace_s):
                while self._busy:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("dispatch.stop_forced", destination=self.name, busy=self._busy)
        await self._give_back()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            async with asyncio.timeout(grace_s):
                await self._finisher.drain()
        except TimeoutError:
            log.error("dispatch.stop_unrecorded", destination=self.name)
        self._finishing.cancel()
        await asyncio.gather(self._finishing, *self._effects, return_exceptions=True)
        await self.connector.close()

    async def _give_back(self) -> None:
        leases = []
        while not self._queue.empty():
            leases += [(run.lane_id, run.epoch) for run in self._queue.get_nowait()]
        if leases:
            await self._db.transact(lambda tx: lanes.release(tx, leases))

    # -- claiming

    async def _claimer(self) -> None:
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            if self._tuning.linger_s:
                await asyncio.sleep(self._tuning.linger_s)
            try:
                while not self._stopping and await self._claim():
                    pass
            except StoreError as error:
                log.warning("dispatch.claim_failed", destination=self.name, error=str(error))
            except Exception:
                log.exception("dispatch.claim_crashed", destination=self.name)

    async def _claim(self) -> bool:
        """One claim. True when it is worth to ask again at once."""
        room = self._room()
        if room <= 0 or not self._heart.may_send():
            return False
        probe = self._probing
        if probe:
            self._probing = False
            if not await self._db.transact(lambda tx: lanes.claim_probe(tx, self.id, self.connector.timeout_s + 5)):
                return False
            self._breaker = Breaker("half_open", self._breaker.pause_s)
        elif self._breaker.state != "closed":
            return False
        await self._limiter.refresh()
        self._rounds += 1
        claimed = await self._db.transact(lambda tx: self._claim_in(tx, 1 if probe else room, probe))
        runs = [LaneRun.of(list(messages)) for _, messages in groupby(claimed, key=lambda c: c.lane_id)]
        for start in range(0, len(runs), self.connector.group_size):
            self._queue.put_nowait(runs[start : start + self.connector.group_size])
        return len(runs) >= room and not probe

    def _room(self) -> int:
        """Lanes to claim now: keep the runners fed and a little more, never more than the leases can bear."""
        waiting = self._queue.qsize()
        if self.connector.group_size > 1:
            return self.connector.group_size if self._busy + waiting < self._tuning.runners else 0
        return 2 * self._tuning.runners - waiting if waiting < self._tuning.runners else 0

    async def _claim_in(self, tx: Tx, room: int, probe: bool) -> list[Claimed]:
        return await lanes.claim(
            tx, self.id, self._heart.worker_id, lanes=room, probe=probe, lease_s=self.lease_s,
            per_lane=1 if probe or self.connector.group_size > 1 else self._tuning.per_lane,
            bulk_first=self._rounds % self._tuning.bulk_first_every == 0,
        )  # fmt: skip

    # -- sending

    async def _runner(self) -> None:
        while True:
            runs = await self._queue.get()
            self._busy += 1
            try:
                await self._work(runs)
            except Exception:
                log.exception("dispatch.runner_crashed", destination=self.name)
            finally:
                self._busy -= 1
                if self._room() > 0:
                    self._wake.set()

    async def _work(self, runs: list[LaneRun]) -> None:
        """Send message after message of each lane until the lane is through, or stops."""
        while open_runs := [run for run in runs if not run.over]:
            ready = [run for run in open_runs if self._may_send(run)]
            if not ready:
                break
            doubtful = [run for run in ready if run.current.in_doubt]
            if doubtful:
                await self._offer(doubtful, look_up=True)
            sure = [run for run in ready if not run.over and not run.current.in_doubt]
            if sure:
                await self._offer(sure, look_up=False)

    def _may_send(self, run: LaneRun) -> bool:
        """Deadlines in the right order: the longest send must fit into what is left of the lease."""
        why = ""
        if self._stopping:
            why = "stopping"
        elif self._breaker.state == "open":
            why = "breaker"
        elif not self._heart.may_send() or run.age_s() + self.connector.timeout_s > self.lease_s - 5:
            why = "lease_ends"
        if why:
            run.release(why)
            self._record(run)
        return not why

    async def _offer(self, runs: list[LaneRun], *, look_up: bool) -> None:
        """Hand the heads of `runs` to the connector; every head has an outcome afterwards."""
        by_id = {run.current.event_id: run for run in runs}
        items = [_item(run.current) for run in runs]
        started = time.monotonic()

        def report(item: Item, outcome: Outcome | NotThere) -> None:
            run = by_id.pop(item.id, None)
            if run is not None:
                self._decide(run, outcome, time.monotonic() - started)

        call = self.connector.look_up if look_up else self.connector.send
        why = "система не ответила вовремя"
        try:
            async with asyncio.timeout(self.connector.timeout_s):
                await call(items, self._limiter, report)
            why = "ответа об этом сообщении нет"
        except TimeoutError:
            pass
        except Exception as error:
            log.exception("dispatch.connector_crashed", destination=self.name)
            why = f"сбой при отправке: {type(error).__name__}"
        for run in list(by_id.values()):
            outcome = TryLater(why, "look_up_failed", free=False) if look_up else Unclear(why, "no_outcome")
            self._decide(run, outcome, time.monotonic() - started)

    # -- deciding

    def _decide(self, run: LaneRun, outcome: Outcome | NotThere, took_s: float) -> None:
        message = run.current
        self._log(run, outcome, took_s)
        if isinstance(outcome, NotThere):
            run.not_there(outcome, took_s)
            return
        self._watch(outcome)
        step = next_step(
            outcome, message.attempt, time_limit_s=self.connector.time_limit_s, pauses=self._tuning.pauses,
            jitter=random.random(),
        )  # fmt: skip
        run.apply(outcome, step, took_s)
        if run.over or run.worth_saving():
            self._record(run)

    def _record(self, run: LaneRun) -> None:
        self._finisher.add(run.result(), *run.take_records())

    def _log(self, run: LaneRun, outcome: Outcome | NotThere, took_s: float) -> None:
        kind = type(outcome).__name__
        self._counted[kind].inc()
        self._seconds.observe(took_s)
        log.info(
            "dispatch.attempted", destination=self.name, key=run.key, seq=run.current.seq, event_id=run.current.event_id,
            method=run.current.method, attempt=run.current.attempt, outcome=kind,
            code=getattr(outcome, "code", "not_there"), status=getattr(outcome, "status", None),
            ms=round(took_s * 1000),
        )  # fmt: skip

    def _watch(self, outcome: Outcome) -> None:
        """What an answer says about the destination itself."""
        before = self._breaker
        match outcome:
            case Refused(disable=True):
                self._later(destinations.set_state(self._db, self.id, "disabled", outcome.why))
                self._stop_sending()
            case TryLater(scope="destination"):
                self._breaker = before.opened(outcome.after_s or 2.0)
            case TryLater(fault=True) | Unclear(fault=True):
                self._breaker = before.fault()
            case TryLater():
                pass
            case _:
                self._breaker = before.success()
        if self._breaker.state != before.state:
            why = getattr(outcome, "why", "")
            log.warning("breaker.moved", destination=self.name, was=before.state, now=self._breaker.state, why=why)
            self._later(destinations.set_breaker(self._db, self.id, self._breaker.state, self._breaker.pause_s, why))
            if self._breaker.state == "closed":
                self.wake()

    def _stop_sending(self) -> None:
        self._breaker = Breaker("open", 60.0)

    def _later(self, effect: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(effect)
        self._effects.add(task)
        task.add_done_callback(self._effects.discard)


def _item(message: Claimed) -> Item:
    return Item(
        message.event_id, message.key, message.method, msgspec.json.decode(message.body), message.attempt,
        message.remote_id, msgspec.json.decode(message.written) if message.written else None,
    )  # fmt: skip
