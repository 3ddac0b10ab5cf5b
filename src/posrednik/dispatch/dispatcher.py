"""One destination's dispatcher: claim lanes, let the connector send, decide, record. See docs/subsystems/dispatch.md.

claim (commit = intent) ──▶ queue ──▶ runner: look up what is in doubt, send ──▶ policy ──▶ finisher (group commit)
"""

import asyncio
import random
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from posrednik.connectors.base import Connector, Item, NotThere, Outcome, Refused, StoredBody, TryLater, Unclear
from posrednik.dispatch.breaker import Breaker
from posrednik.dispatch.finisher import Finisher
from posrednik.dispatch.gate import GuardedGate
from posrednik.dispatch.heart import Heart
from posrednik.dispatch.limiter import Limiter
from posrednik.dispatch.policy import PAUSES, next_step
from posrednik.dispatch.run import LaneRun
from posrednik.dispatch.waiting_runs import WaitingRuns
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import destinations, lanes
from posrednik.store.db import CommitUnknown, Database, StoreError, Tx
from posrednik.store.lanes import Claimed, LaneResult

log = get_logger("dispatch")
_KINDS = ("Accepted", "TryLater", "Refused", "Unclear", "NotThere")
LEASE_MARGIN_S = 5.0
PROBE_AGAIN_S = 1.0
QUIET_CHECK_S = 0.01
SOONEST_S = 0.01  # for none at all uvloop makes no timer


@dataclass(frozen=True, slots=True)
class Tuning:
    """How one destination is served. runners: sends (or groups) at the same time in this worker. per_lane: messages of
    a lane offered at once. linger_s: wait so long for a group to fill. pauses: the retry schedule, seconds.
    bulk_first_every: bulk goes first in one claim of so many. cut_s: a connector that is so much over its own
    `timeout_s` is cut off."""

    runners: int = 32
    per_lane: int = 10
    linger_s: float = 0.0
    pauses: Sequence[float] = PAUSES
    bulk_first_every: int = 8
    cut_s: float = 5.0


class _NothingToProbe(Exception):
    """Rolls the taking of a probe back."""


class Dispatcher:
    """Serves one destination until `stop`. Never raises for what the destination or the database does.

    before: the dispatcher that this one replaces, already stopped. It may have left leases behind that only the
    rescue may touch.
    """

    def __init__(
        self, db: Database, destination_id: int, name: str, connector: Connector, limiter: Limiter, heart: Heart,
        tuning: Tuning, before: "Dispatcher | None" = None,
    ) -> None:  # fmt: skip
        self.id, self.name, self.connector = destination_id, name, connector
        self._db, self._limiter, self._heart, self._tuning = db, limiter, heart, tuning
        self._gate = GuardedGate(limiter, self._forbidden)
        self._finisher = Finisher(db, name, self._recorded)
        self._queue = WaitingRuns(tuning.runners, connector.group_size)
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._breaker = Breaker()
        self._probing = self._paused = self._stopping = False
        self._held: dict[int, int] = before._held if before else {}
        self._strays = before is not None
        self._more = False
        self._rounds = self._busy = 0
        self._runners: list[asyncio.Task[None]] = []
        self._effects: set[asyncio.Task[None]] = set()
        self._effects_turn = asyncio.Lock()
        self._send_s = connector.timeout_s + tuning.cut_s
        self.lease_s = self._send_s * 3 + 30
        self._seconds = metrics.ATTEMPT_SECONDS.labels(name)
        self._counted = {kind: metrics.ATTEMPTS.labels(name, kind) for kind in _KINDS}

    # -- from outside

    def start(self) -> None:
        self._finishing = asyncio.create_task(self._finisher.run())
        self._claiming = asyncio.create_task(self._claimer())
        self._runners = [asyncio.create_task(self._runner()) for _ in range(self._tuning.runners)]

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def wake_in(self, seconds: float) -> None:
        """The next lane is due then; sooner than the next poll."""
        loop = asyncio.get_running_loop()
        if self._timer is None or self._timer.when() <= loop.time():
            self._timer = loop.call_later(max(seconds, SOONEST_S), self.wake)

    def see(self, state: str, breaker: str, probe_due: bool) -> None:
        """What the poll read of the destination; another worker or a person may have moved it."""
        if self._effects:
            return  # what we are writing is newer than what was read
        self._paused = state != "open"
        if breaker == "closed" and self._breaker.state != "closed":
            self._breaker = Breaker()
        elif breaker != "closed" and self._breaker.state == "closed":
            self._breaker = Breaker("open", self._breaker.pause_s)
        if probe_due:
            self._probing = True
            self.wake()

    async def stop(self, grace_s: float) -> None:
        """Let what is being sent end, give back the rest; costs no attempt. What does not end in time is cut off and
        in doubt."""
        self._stopping = True
        self.wake()
        try:
            async with asyncio.timeout(grace_s):
                await self._claiming
                while self._busy or not self._queue.empty():
                    await asyncio.sleep(QUIET_CHECK_S)
        except TimeoutError:
            log.warning("dispatch.stop_forced", destination=self.name, busy=self._busy)
        for task in self._runners:
            task.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        try:
            async with asyncio.timeout(max(grace_s, 1.0)):
                await self._finisher.drain()
        except TimeoutError:
            log.error("dispatch.stop_unrecorded", destination=self.name, lanes=len(self._held))
        await self._end()

    async def _end(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._finishing.cancel()
        self._claiming.cancel()
        await asyncio.gather(self._finishing, self._claiming, *self._effects, return_exceptions=True)
        await self.connector.close()

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
                self._strays = self._strays or isinstance(error, CommitUnknown)
                log.warning("dispatch.claim_failed", destination=self.name, error=str(error))
            except Exception:
                log.exception("dispatch.claim_crashed", destination=self.name)

    async def _claim(self) -> bool:
        """One claim. True when it is worth to ask again at once."""
        room, bulk = self._queue.room(self._busy)
        self._more = True
        if room <= 0 or self._paused or not self._heart.may_send():
            return False
        if self._strays:
            await self._give_back_strays()
        if self._probing:
            self._probing = False
            return await self._probe()
        if self._breaker.state != "closed":
            return False
        await self._limiter.refresh()
        self._rounds += 1
        started = time.monotonic()
        claimed = await self._db.transact(lambda tx: self._claim_in(tx, room, bulk))
        runs = self._take(claimed, started)
        full = len(runs) == room or (bulk > 0 and sum(not run.urgent for run in runs) >= bulk)
        self._more = full or bulk == 0
        return full

    async def _claim_in(self, tx: Tx, room: int, bulk: int, probe: bool = False) -> list[Claimed]:
        return await lanes.claim(
            tx, self.id, self._heart.worker_id, lanes=room, bulk=bulk, probe=probe, lease_s=self.lease_s,
            per_lane=1 if probe or self.connector.group_size > 1 else self._tuning.per_lane,
            bulk_first=bulk > 0 and self._rounds % self._tuning.bulk_first_every == 0,
        )  # fmt: skip

    async def _probe(self) -> bool:
        """Take the probe of an open breaker together with one lane, or neither."""

        async def work(tx: Tx) -> tuple[float, list[Claimed]]:
            pause_s = await lanes.claim_probe(tx, self.id, self._send_s * 2)
            claimed = [] if pause_s is None else await self._claim_in(tx, 1, 1, probe=True)
            if pause_s is None or not claimed:
                raise _NothingToProbe
            return pause_s, claimed

        started = time.monotonic()
        try:
            pause_s, claimed = await self._db.transact(work)
        except _NothingToProbe:
            return False
        self._breaker = Breaker("half_open", pause_s)
        self._take(claimed, started, probe=True)
        return False

    def _take(self, claimed: list[Claimed], started: float, *, probe: bool = False) -> list[LaneRun]:
        runs = [
            LaneRun.of(list(messages), started, probe=probe)
            for _, messages in groupby(claimed, key=lambda c: c.lane_id)
        ]
        self._held.update((run.lane_id, run.epoch) for run in runs)
        for start in range(0, len(runs), self.connector.group_size):
            self._queue.put(runs[start : start + self.connector.group_size])
        return runs

    async def _give_back_strays(self) -> None:
        """A claim whose commit broke may have taken lanes that nobody works on."""
        owner, held = self._heart.worker_id, list(self._held)
        strays = await self._db.transact(lambda tx: lanes.release_strays(tx, self.id, owner, held))
        self._strays = False
        if strays:
            log.info("dispatch.strays_released", destination=self.name, lanes=strays)

    # -- sending

    async def _runner(self) -> None:
        while True:
            runs = await self._queue.get()
            self._busy += 1
            try:
                async with asyncio.timeout(self._send_s * max(len(run.messages) for run in runs)):
                    await self._work(runs)
            except TimeoutError:
                self._cut_off(runs)
            except Exception:
                log.exception("dispatch.runner_crashed", destination=self.name)
            finally:
                self._busy -= 1
                if self._breaker.state == "half_open" and runs[0].probe:
                    self._move(Breaker("open", self._breaker.pause_s), "проба не состоялась", PROBE_AGAIN_S)
                if self._more and self._queue.room(self._busy)[1] > 0:
                    self._wake.set()

    def _cut_off(self, runs: list[LaneRun]) -> None:
        """A connector did not end by itself as it must; what it was sending has its outcome (see `_offer`)."""
        log.error("dispatch.connector_hangs", destination=self.name)
        for run in runs:
            if not run.over:
                run.release()
                self._record(run)

    async def _work(self, runs: list[LaneRun]) -> None:
        """Send message after message of each lane until the lane is through, or stops. What is in doubt is looked up
        first; the deadline is looked at before each."""
        while ready := [run for run in runs if not run.over and self._may_send(run)]:
            doubtful = [run for run in ready if run.current.in_doubt]
            await self._offer(doubtful or ready, look_up=bool(doubtful))

    def _forbidden(self) -> str:
        """Why nothing at all may leave this worker for this destination now; empty when it may."""
        if self._paused:
            return "paused"
        return "" if self._heart.may_send() else "no_heartbeat"

    def _may_send(self, run: LaneRun) -> bool:
        """Deadlines in the right order: the longest send must fit into what is left of the lease."""
        why = self._forbidden()
        if self._stopping:
            why = "stopping"
        elif self._breaker.state == "open" or (self._breaker.state == "half_open" and not run.probe):
            why = "breaker"
        elif run.age_s() + self._send_s > self.lease_s - LEASE_MARGIN_S:
            why = "lease_ends"
        if why:
            run.release()
            self._record(run)
        return not why

    async def _offer(self, runs: list[LaneRun], *, look_up: bool) -> None:
        """Hand the heads of `runs` to the connector; every head has an outcome afterwards."""
        waiting = {run.key: run for run in runs}
        items = [_item(run.current) for run in runs]
        started = time.monotonic()
        faulty = False

        def decide(run: LaneRun, outcome: Outcome | NotThere) -> None:
            nonlocal faulty
            fault = getattr(outcome, "fault", False)
            self._decide(run, outcome, time.monotonic() - started, known_fault=fault and faulty)
            faulty = faulty or fault

        def report(item: Item, outcome: Outcome | NotThere) -> None:
            run = waiting.get(item.key)
            if run is not None and run.current.event_id == item.id:
                del waiting[item.key]
                decide(run, outcome)

        call = self.connector.look_up if look_up else self.connector.send
        why = "система не ответила вовремя, отправка прервана"
        try:
            await call(items, self._gate, report)
            why = "ответа об этом сообщении нет"
        except Exception as error:
            log.exception("dispatch.connector_crashed", destination=self.name)
            why = f"сбой при отправке: {type(error).__name__}"
        finally:
            for run in list(waiting.values()):
                decide(run, TryLater(why, "look_up_failed") if look_up else Unclear(why, "no_outcome"))

    # -- deciding

    def _decide(self, run: LaneRun, outcome: Outcome | NotThere, took_s: float, *, known_fault: bool = False) -> None:
        """known_fault: the breaker has counted this call already. One lost answer to a batch of fifty is one fault,
        not fifty."""
        message = run.current
        self._log(run, outcome, took_s)
        if isinstance(outcome, NotThere):
            run.not_there(outcome, took_s)
            return
        if not known_fault:
            self._watch(outcome, run.probe)
        step = next_step(
            outcome, message.attempt, time_limit_s=self.connector.time_limit_s, pauses=self._tuning.pauses,
            jitter=random.random(), probe=run.probe,
        )  # fmt: skip
        run.apply(outcome, step, took_s)
        if run.over or run.worth_saving():
            self._record(run)

    def _record(self, run: LaneRun) -> None:
        self._finisher.add(run.result(), *run.take_records())

    def _recorded(self, results: Mapping[int, LaneResult], ours: Mapping[int, bool]) -> None:
        """The database has it: what is released is not ours any more, and may have more to do."""
        for lane_id, result in results.items():
            if (result.release or lane_id not in ours) and self._held.get(lane_id) == result.epoch:
                del self._held[lane_id]
        if any(ours.values()):
            self.wake()

    def _log(self, run: LaneRun, outcome: Outcome | NotThere, took_s: float) -> None:
        kind, message = type(outcome).__name__, run.current
        self._counted[kind].inc()
        self._seconds.observe(took_s)
        log.info(
            "dispatch.attempted", destination=self.name, key=run.key, seq=message.seq, event_id=message.event_id,
            method=message.method, attempt=message.attempt, outcome=kind,
            code=getattr(outcome, "code", "not_there"), status=getattr(outcome, "status", None),
            ms=round(took_s * 1000),
        )  # fmt: skip

    def _watch(self, outcome: Outcome, probe: bool) -> None:
        """What an answer says about the destination itself."""
        if isinstance(outcome, Refused) and outcome.disable:
            self._paused = True
            self._later(destinations.set_state(self._db, self.id, "disabled", outcome.why))
            return
        moved = self._breaker.after(outcome, probe=probe)
        if moved.state == "open" and moved == self._breaker:
            return
        self._move(moved, outcome.why, moved.pause_s)

    def _move(self, moved: Breaker, why: str, for_s: float) -> None:
        before, self._breaker = self._breaker, moved
        if moved.state == before.state != "open":
            return
        log.warning("breaker.moved", destination=self.name, was=before.state, now=moved.state, why=why)
        self._later(lanes.move_breaker(self._db, self.id, moved.state, for_s, moved.pause_s, why))
        if moved.state == "closed":
            self.wake()

    def _later(self, effect: Coroutine[Any, Any, None]) -> None:
        """Write what was learned of the destination, in order."""

        async def write() -> None:
            async with self._effects_turn:
                try:
                    await effect
                except StoreError as error:
                    log.warning("dispatch.not_shared", destination=self.name, error=str(error))
                except Exception:
                    log.exception("dispatch.effect_crashed", destination=self.name)

        task = asyncio.create_task(write())
        self._effects.add(task)
        task.add_done_callback(self._effects.discard)


def _item(message: Claimed) -> Item:
    return Item(
        message.event_id, message.key, message.method, StoredBody(message.body), message.attempt,
        message.remote_id, msgspec.json.decode(message.written) if message.written else None,
    )  # fmt: skip
