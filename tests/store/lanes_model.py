"""The lanes against a model: any interleaving of two workers, producers, crashes, late answers and people.

The worker's part is the real one (LaneRun and the policy), the SQL is the real one; only the destination is fake. Time
is moved by hand. No rule has a precondition: what hypothesis draws must not depend on the state of the database.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, LiteralString, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.store.lanes_world import World

from posrednik.connectors.base import Accepted, NotThere, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch.policy import next_step
from posrednik.dispatch.run import LaneRun
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes, replay
from posrednik.store.db import Row, Tx
from posrednik.store.lanes import Draft
from posrednik.store.replay import ReplayFilter

T = TypeVar("T")
KEYS = ("a", "b", "c")
LIMIT_S = 60.0
PAUSES = (30.0,)
BLOCKED_S = 0.004
DRAFTS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from([None, None, "task", "note"]), st.sampled_from([0, 1])),
    min_size=1, max_size=4,
)  # fmt: skip
FATES_KNOWN = ("ok", "ok", "ok", "later", "free", "refused", "answer_lost", "late_effect", "never_arrived")
FATES = st.sampled_from(FATES_KNOWN)
PICK = st.integers(0, 7)
WORKER = st.integers(0, 1)


@dataclass
class Message:
    """n: its place in the order of commits. seq: what the database made of that, as seen afterwards."""

    n: int
    id: UUID
    state_of: str | None
    seq: int = 0


@dataclass
class Lease:
    """What a worker knows. zombie: it is dead, or its own clock has told it to stop: it may only report."""

    worker: int
    key: str
    run: LaneRun
    attempt: int
    zombie: bool = False
    done: list[int] = field(default_factory=list)
    end: str = ""


@dataclass
class Lane:
    queue: list[Message] = field(default_factory=list)
    last: int = 0
    attempt: int = 0
    dead: bool = False
    lease: Lease | None = None
    order: list[int] = field(default_factory=list)


SNAPSHOT: LiteralString = """
    SELECT l.*, ARRAY(SELECT m.seq FROM message m WHERE m.lane_id = l.id ORDER BY m.seq) AS seqs,
        ARRAY(SELECT m.event_id FROM message m WHERE m.lane_id = l.id ORDER BY m.seq) AS ids,
        ARRAY(SELECT m.seq FROM message m WHERE m.lane_id = l.id AND m.dead_at IS NOT NULL) AS dead_seqs
    FROM lane l WHERE l.destination_id = %s"""


class Lanes(RuleBasedStateMachine):
    """Every rule does something to the database and the same to the model; the invariants compare."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        name = f"d{next(self.world.numbers)}"
        self.to = self._tx(lambda tx: destinations.ensure(tx, name, "bitrix24"))
        self.lanes = {key: Lane() for key in KEYS}
        self.leases: list[Lease] = []
        self.there: Counter[UUID] = Counter()
        self.flying: list[tuple[str, Message]] = []
        self.wanted: set[UUID] = set()
        self.rows: dict[str, Row] = {}
        self.workers = [uuid7() for _ in range(2)]
        for worker in self.workers:
            self._beat(worker)

    # -- the ways to the database

    def _tx(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return self.world.run(self.world.transact(work))

    def _sql(self, query: LiteralString, *params: Any) -> list[Row]:
        return self.world.run(self.world.raw(query, *params))

    def _beat(self, worker: UUID) -> None:
        self._tx(lambda tx: tx.run("worker_beat", {"id": worker, "host": "h", "pid": 1, "gap_s": 1e9}))

    def _look(self) -> dict[str, Row]:
        return {row.key: row for row in self._sql(SNAPSHOT, self.to)}

    # -- producers

    def _drafts(self, wanted: Sequence[tuple[str, str | None, int]]) -> list[Draft]:
        return [Draft(self.to, key, uuid7(), "do", "{}", None, state_of, prio) for key, state_of, prio in wanted]

    def _appended(self, drafts: Sequence[Draft]) -> None:
        fences = {key: max(row.doubt_upto, row.sending_upto) for key, row in self.rows.items()}
        for draft in drafts:
            lane = self.lanes[draft.key]
            lane.last += 1
            lane.queue.append(Message(lane.last, draft.event_id, draft.state_of))
            self.wanted.add(draft.event_id)
        for key, state_of in {(d.key, d.state_of) for d in drafts if d.state_of}:
            self._superseded(self.lanes[key], state_of, fences.get(key, 0))

    def _superseded(self, lane: Lane, state_of: str, fence: int) -> None:
        same = [m for m in lane.queue if m.state_of == state_of]
        old = [m for m in same[:-1] if not 0 < m.seq <= fence]
        if not old:
            return
        if old[0] is lane.queue[0]:
            lane.dead, lane.attempt = False, 0
        self._forget(lane, old)

    def _forget(self, lane: Lane, messages: Sequence[Message]) -> None:
        for message in messages:
            assert not self.there[message.id], "dropped although it is there"
            self.wanted.discard(message.id)
            lane.queue.remove(message)

    @rule(wanted=DRAFTS)
    def enqueue(self, wanted: list[tuple[str, str | None, int]]) -> None:
        drafts = self._drafts(wanted)
        self._tx(lambda tx: lanes.put(tx, drafts))
        self._appended(drafts)

    @rule(one=DRAFTS, two=DRAFTS, schedule=st.lists(st.booleans(), min_size=2, max_size=8))
    def enqueue_together(
        self, one: list[tuple[str, str | None, int]], two: list[tuple[str, str | None, int]], schedule: list[bool]
    ) -> None:
        """Two producers at once, statement by statement in the order of `schedule`; the model follows the commits."""
        pair = [self._drafts(one), self._drafts(two)]
        for number in self.world.run(self._race(pair, schedule)):
            self._appended(pair[number])

    async def _race(self, pair: list[list[Draft]], schedule: list[bool]) -> list[int]:
        """The numbers of the producers in the order of their commits."""
        may = [asyncio.Semaphore(0), asyncio.Semaphore(0)]
        waits = [asyncio.Event(), asyncio.Event()]
        committed: list[int] = []

        async def produce(number: int) -> None:
            async def turn() -> None:
                waits[number].set()
                await may[number].acquire()

            async def work(tx: Tx) -> None:
                await lanes.put(tx, pair[number])
                committed.append(number)

            await self.world.on(number, work, turn)

        tasks = [asyncio.create_task(produce(number)) for number in (0, 1)]
        for who in schedule:
            waits[who].clear()
            may[who].release()
            through = asyncio.create_task(waits[who].wait())
            await asyncio.wait([tasks[who], through], timeout=BLOCKED_S, return_when=asyncio.FIRST_COMPLETED)
            through.cancel()
        for semaphore in may:
            for _ in range(9):
                semaphore.release()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
        return committed

    # -- workers

    @rule(worker=WORKER, count=st.integers(1, 3), per_lane=st.integers(1, 3), bulk_first=st.booleans())
    def claim(self, worker: int, count: int, per_lane: int, bulk_first: bool) -> None:
        self._beat(self.workers[worker])
        claimed = self._tx(
            lambda tx: lanes.claim(
                tx, self.to, self.workers[worker], lanes=count, per_lane=per_lane, lease_s=600.0, bulk_first=bulk_first
            )
        )
        by_key = {message.key: [m for m in claimed if m.key == message.key] for message in claimed}
        assert len(by_key) <= count
        for key, messages in by_key.items():
            lane, row = self.lanes[key], self.rows[key]
            assert lane.lease is None, "two workers hold one lane"
            assert not lane.dead, "a dead head was passed by"
            assert [m.event_id for m in messages] == [m.id for m in lane.queue[:per_lane]], (
                "not in the order of commits"
            )
            assert [m.in_doubt for m in messages] == [m.seq <= row.doubt_upto for m in messages]
            assert messages[0].attempt == lane.attempt + 1
            lane.lease = Lease(worker, key, LaneRun.of(messages, 0.0), messages[0].attempt)
            self.leases.append(lane.lease)

    @rule(worker=WORKER, waited=st.booleans(), fates=st.lists(FATES, min_size=1, max_size=5), record=st.booleans())
    def work(self, worker: int, waited: bool, fates: list[str], record: bool) -> None:
        """What a worker does in one go; `claim`, `send` and `record` are the same in pieces."""
        if waited:
            self.time_passes()
        self.claim(worker, 3, 2, False)
        for fate in fates:
            mine = [lease for lease in self._unfinished() if lease.worker == worker]
            if mine:
                self._step(mine[0], fate)
        if record:
            self.record_all(worker)

    def _unfinished(self) -> list[Lease]:
        return [lease for lease in self._live() if not lease.run.over]

    def _live(self) -> list[Lease]:
        return [lease for lease in self.leases if not lease.zombie]

    @rule(pick=PICK, fate=FATES)
    def send(self, pick: int, fate: str) -> None:
        if live := self._unfinished():
            self._step(live[pick % len(live)], fate)

    def _step(self, lease: Lease, fate: str) -> None:
        lane, now = self.lanes[lease.key], lease.run.current
        assert lane.lease is lease, "a live worker lost its lane"
        message = next(m for m in lane.queue if m.seq == now.seq)
        if now.in_doubt:
            outcome = self._look_up(message, fate)
            if isinstance(outcome, NotThere):
                lease.run.not_there(outcome, 0.0)
                return
        else:
            outcome = self._deliver(lease.key, message, fate)
        step = next_step(outcome, now.attempt, time_limit_s=LIMIT_S, pauses=PAUSES)
        lease.run.apply(outcome, step, 0.0)
        lease.attempt = step.attempt
        if step.state == "done":
            lease.done.append(now.seq)
        else:
            lease.end = step.state

    def _look_up(self, message: Message, fate: str) -> Outcome | NotThere:
        assert all(other is not message for _, other in self.flying), "looked up before the time limit"
        if fate == "later":
            return TryLater("занято")
        return Accepted() if self.there[message.id] else NotThere()

    def _deliver(self, key: str, message: Message, fate: str) -> Outcome:
        match fate:
            case "ok" | "answer_lost":
                self._apply(key, message)
                return Accepted() if fate == "ok" else Unclear("нет ответа")
            case "late_effect" | "never_arrived":
                if fate == "late_effect":
                    self.flying.append((key, message))
                return Unclear("нет ответа")
            case "refused":
                return Refused("так нельзя")
            case _:
                return TryLater("занято", free=fate == "free")

    def _apply(self, key: str, message: Message) -> None:
        self.there[message.id] += 1
        assert self.there[message.id] == 1, "an effect happened twice"
        order = self.lanes[key].order
        assert not order or order[-1] < message.n, "effects out of order"
        order.append(message.n)

    @rule(pick=PICK)
    def record(self, pick: int) -> None:
        if self.leases:
            self._record([self.leases[pick % len(self.leases)]])

    @rule(worker=WORKER)
    def record_all(self, worker: int) -> None:
        """One transaction for all that a worker has, as the finisher does it."""
        self._record([lease for lease in self._live() if lease.worker == worker])

    def _record(self, leases: Sequence[Lease]) -> None:
        """Progress, or the end of a lease; what a lost lease reports goes to the journal alone."""
        results = [lease.run.result() for lease in leases]
        records = [lease.run.take_records() for lease in leases]
        attempts = [a for some, _ in records for a in some]
        ours = self._tx(lambda tx: lanes.finish(tx, "x", results, attempts, []))
        expected = {lease.run.lane_id for lease in leases if self.lanes[lease.key].lease is lease}
        assert set(ours) == expected, "fencing"
        for lease in leases:
            if lease.run.lane_id in expected:
                self._recorded(lease)
            if lease.run.over or lease.run.lane_id not in expected:
                self.leases.remove(lease)

    def _recorded(self, lease: Lease) -> None:
        lane = self.lanes[lease.key]
        lane.queue = [m for m in lane.queue if m.seq not in lease.done]
        # What is done is off the list; an over lease without an end went through all that was claimed.
        lane.attempt = 0
        if lease.run.over:
            lane.lease = None
            lane.dead = lease.end == "dead"
            lane.attempt = lease.attempt if lease.end else 0

    @rule(pick=PICK)
    def stop_gracefully(self, pick: int) -> None:
        if live := self._unfinished():
            lease = live[pick % len(live)]
            lease.attempt, lease.end = lease.run.current.attempt - 1, "released"
            lease.run.release()
            self._record([lease])

    # -- what goes wrong

    @rule(worker=WORKER, in_flight=st.booleans(), rescued=st.booleans())
    def crash(self, worker: int, in_flight: bool, rescued: bool) -> None:
        """kill -9: with the bytes of what it had in hand on the way, or not. Another comes in its place."""
        for lease in [lease for lease in self._live() if lease.worker == worker]:
            lease.zombie = True
            if in_flight and not lease.run.over and not lease.run.current.in_doubt:
                self.flying.append((lease.key, self._message(lease.key, lease.run.current.seq)))
        self._sql("UPDATE worker SET beat_at = beat_at - interval '1 hour' WHERE id = %s", self.workers[worker])
        self.workers[worker] = uuid7()
        self._beat(self.workers[worker])
        if rescued:
            self.rescue()

    def _message(self, key: str, seq: int) -> Message:
        return next(m for m in self.lanes[key].queue if m.seq == seq)

    @rule(pick=PICK)
    def lease_ends(self, pick: int) -> None:
        if live := self._live():
            lease = live[pick % len(live)]
            lease.zombie = True
            self._sql("UPDATE lane SET leased_until = now() - interval '1 s' WHERE id = %s", lease.run.lane_id)

    @rule()
    def rescue(self) -> None:
        rows = self._tx(lambda tx: lanes.rescue(tx, dead_after_s=600, limits_s={"bitrix24": LIMIT_S}))
        gone = [lane for lane in self.lanes.values() if lane.lease and lane.lease.zombie]
        assert {row.key for row in rows if row.destination_id == self.to} == {
            lane.lease.key for lane in gone if lane.lease
        }
        for lane in gone:
            lane.lease = None
            lane.attempt += 1

    @rule()
    def time_passes(self) -> None:
        """Longer than any pause and than the destination's own limit: what was on the way has arrived by then."""
        for key, message in self.flying:
            self._apply(key, message)
        self.flying.clear()
        self._sql("UPDATE lane SET due_at = due_at - interval '1 day' WHERE destination_id = %s", self.to)

    # -- people

    @rule()
    def replay(self) -> None:
        dead = [lane for lane in self.lanes.values() if lane.dead]
        done = self.world.run(replay.replay(self.world, ReplayFilter(self._name()), False))  # type: ignore[arg-type]
        assert (done.count, done.replayed) == (len(dead), len(dead))
        for lane in dead:
            lane.dead, lane.attempt = False, 0

    def _name(self) -> str:
        return str(self._sql("SELECT name FROM destination WHERE id = %s", self.to)[0].name)

    @rule(key=st.sampled_from(KEYS), pick=PICK)
    def skip(self, key: str, pick: int) -> None:
        lane, row = self.lanes[key], self.rows.get(key)
        if not lane.queue or row is None:
            return
        message = lane.queue[pick % len(lane.queue)]
        may = (lane.dead and message is lane.queue[0]) or message.seq > max(row.doubt_upto, row.sending_upto)
        skipped = replay.skip(self.world, row.id, message.seq, "не нужно", "Иванов")  # type: ignore[arg-type]
        assert self.world.run(skipped) == may
        if may:
            if message is lane.queue[0]:
                lane.dead, lane.attempt = False, 0
            lane.queue.remove(message)
            self.wanted.discard(message.id)

    # -- what must always hold

    @invariant()
    def the_database_is_as_the_model(self) -> None:
        self.rows = self._look()
        for key, lane in self.lanes.items():
            if key not in self.rows:
                assert not lane.queue
                continue
            row = self.rows[key]
            assert row.ids == [m.id for m in lane.queue]
            for message, seq in zip(lane.queue, row.seqs, strict=True):
                message.seq = seq
            assert row.depth == len(row.seqs)
            assert row.last_seq >= max(row.seqs, default=0)
            assert row.dead_seqs == ([lane.queue[0].seq] if lane.dead else [])
            assert row.state == self._state(lane)
            assert row.attempt == lane.attempt
            assert (row.epoch == lane.lease.run.epoch) if lane.lease else row.sending_upto == 0

    def _state(self, lane: Lane) -> str:
        if lane.lease:
            return "leased"
        return "dead" if lane.dead else "ready" if lane.queue else "idle"

    @invariant()
    def what_may_be_there_is_never_sent_again_unlooked(self) -> None:
        flying = {message.id for _, message in self.flying}
        for key, lane in self.lanes.items():
            for message in lane.queue:
                if self.there[message.id] or message.id in flying:
                    row = self.rows[key]
                    assert message.seq <= max(row.doubt_upto, row.sending_upto)

    def teardown(self) -> None:
        """In the end everything arrives, once and in order, whatever happened before."""
        try:
            for worker in range(2):
                self.crash(worker, False, False)
            for _ in range(40):
                if not any(lane.queue for lane in self.lanes.values()):
                    break
                self._tidy_up()
            assert self.wanted == {message_id for message_id, n in self.there.items() if n == 1} & self.wanted
            assert not any(lane.queue for lane in self.lanes.values())
        finally:
            self._sql("DELETE FROM message WHERE lane_id IN (SELECT id FROM lane WHERE destination_id = %s)", self.to)
            self._sql("DELETE FROM lane WHERE destination_id = %s", self.to)

    def _tidy_up(self) -> None:
        self.rescue()
        self.replay()
        self.time_passes()
        self.the_database_is_as_the_model()
        self.claim(0, 3, 3, False)
        for lease in self._live():
            while not lease.run.over:
                self._step(lease, "ok")
            self._record([lease])
        self.the_database_is_as_the_model()
