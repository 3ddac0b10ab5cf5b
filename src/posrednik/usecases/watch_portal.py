"""Watches the portal: looks at tasks that an event hinted at, polls what changed, compares open tasks, counts doubles.

Events only make it quicker: none of them is needed. One worker at a time does it; two at once would do no harm, since
every decision is taken under the locks of its delivery and lane.
See docs/subsystems/portal.md, "Coming from the portal".
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from uuid import UUID

import msgspec

from posrednik.domain.portal_tasks import Hand, Known, Marked, Page, PortalSilent, PortalTasks, TaskSeen
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import portal_watch, upkeep
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.usecases import portal_sweep
from posrednik.usecases.deleted_task import take_gone
from posrednik.usecases.portal_sweep import Swept, sweep
from posrednik.usecases.take_seen_task import BUSY, WAITS, Watching, is_plain, note_plain, stood, take_seen

log = get_logger("portal")
DUTY = "portal"
TTL_S, TICK_S = 30.0, 1.0
# Looked at in one go; they are read by one call.
MOST_AT_ONCE, AHEAD_S = 500, 20.0
BUSY_S, AGAIN_S = 10.0, 30.0
FIRST_REST_S = 2.0  # after an answer that told nothing; twice as long after each in a row, up to AGAIN_S
NOTED_AT_ONCE = 50
UNREAD, _STOPPED = "unread", "stopped"
AGAIN = (WAITS, _STOPPED)
OVERLAP, DRIFT = timedelta(minutes=10), timedelta(seconds=30)
SAME_SECOND = timedelta(seconds=5)
COMPARE_EVERY = timedelta(minutes=30)
COMPARED_AT_ONCE = 1000
# A portal that does not filter is compared as a whole instead of polled, as rarely as this.
UNFILTERED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Times:
    """poll_s: between polls. compare_at_s: when doubles are counted, seconds after midnight of the portal's zone."""

    poll_s: float = 60.0
    compare_at_s: int = 4 * 3600


@dataclass(frozen=True, slots=True)
class Compared:
    """tasks: that were looked at. hinted: that do not stand as they were written, and are decided now."""

    tasks: int
    hinted: int


@dataclass
class PortalWatch:
    """groups: projects of our divisions now. holder: the worker that watches."""

    db: Database
    destination_id: int
    portal: PortalTasks
    watching: Watching
    groups: Callable[[], Collection[int]]
    holder: UUID
    times: Times = Times()
    refresh: Callable[[], Awaitable[None]] | None = None
    _leads_until: float = field(default=float("-inf"), init=False)
    _rest_until: float = field(default=float("-inf"), init=False)
    _rest_s: float = field(default=0.0, init=False)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.sleep(TICK_S * (0.8 + 0.4 * random.random()))
                await self.round()
        finally:
            await self._resign()

    async def round(self) -> None:
        """One look: lead if possible, then do what is due. Raises nothing that a portal or a database may do."""
        try:
            if time.monotonic() >= self._rest_until and await self._lead():
                await self._work()
                self._rest_s = 0.0
        except PortalSilent as silent:
            await self._silent(silent)
        except StoreError as error:
            log.warning("portal.watch_failed", error=str(error))
        except Exception:
            log.exception("portal.watch_crashed")
            self._rest_until = time.monotonic() + AGAIN_S

    async def _lead(self) -> bool:
        at = time.monotonic()
        if at < self._leads_until - TTL_S / 2:
            return True
        leads = await upkeep.lead(self.db, DUTY, self.holder, TTL_S)
        self._leads_until = at + TTL_S if leads else float("-inf")
        return leads

    async def _resign(self) -> None:
        if self._leads_until > time.monotonic():
            try:
                await upkeep.resign(self.db, DUTY, self.holder)
            except StoreError:
                log.info("portal.not_resigned")

    async def _silent(self, silent: PortalSilent) -> None:
        if silent.code == "held":
            self._rest_until = time.monotonic() + max(silent.after_s, TICK_S)
            return
        self._rest_s = min(max(self._rest_s * 2, FIRST_REST_S), AGAIN_S)
        self._rest_until = time.monotonic() + max(silent.after_s, self._rest_s)
        log.warning("portal.silent", code=silent.code, why=str(silent))
        try:
            await portal_watch.failed(self.db, str(silent))
        except StoreError as error:
            log.warning("portal.watch_failed", error=str(error))

    async def _work(self) -> None:
        """Reading many pages takes longer than the lead lasts."""
        keeping = asyncio.create_task(self._keep_leading())
        try:
            await self._what_is_due()
        finally:
            keeping.cancel()

    async def _keep_leading(self) -> None:
        while True:
            await asyncio.sleep(TTL_S / 3)
            with contextlib.suppress(StoreError):
                await upkeep.lead(self.db, DUTY, self.holder, TTL_S)

    async def _what_is_due(self) -> None:
        await self.look()
        state = await portal_watch.state(self.db)
        if _over(state.polled_at, timedelta(seconds=self.times.poll_s), state.now):
            await self.poll()
        if _over(state.compared_at, COMPARE_EVERY, state.now):
            await self.compare()
        if self._sweep_is_due(state):
            await self.sweep()

    # -- tasks that may have changed

    async def look(self) -> None:
        """Read the tasks that are due and decide each. One that was read and not decided yet stays hinted."""
        hints = {hint.task_id: hint for hint in await portal_watch.due(self.db, MOST_AT_ONCE, AHEAD_S)}
        if not hints:
            return
        if self.refresh is not None:
            await self.refresh()
        marks = await portal_watch.marks(self.db, self.destination_id, hints)
        busy = [
            (hints[one], _STOPPED if mark.state == "dead" else BUSY) for one, mark in marks.items() if _is_busy(mark)
        ]
        await self._settle(busy)
        wanted = [mark for mark in marks.values() if not _is_busy(mark)]
        reading = await self.portal.read([known_of(mark) for mark in wanted])
        read = {task.task_id: task for task in reading.tasks}
        hands = await self._hands(read)
        became = await self._note([(mark, task) for mark in wanted if (task := read.get(mark.task_id)) is not None])
        for mark in wanted:
            if mark.task_id not in became:
                gone = mark.task_id in reading.gone
                became[mark.task_id] = await self._decide(mark, read.get(mark.task_id), gone, hands)
        for what in became.values():
            metrics.PORTAL_LOOKS.labels(what).inc()
        await self._settle([(hints[one], what) for one, what in became.items()])

    async def _note(self, looked: Sequence[tuple[Row, TaskSeen]]) -> dict[int, str]:
        """Most tasks stand as they were written: many in one transaction."""
        plain = [(mark, task) for mark, task in looked if mark.lane_id is not None and is_plain(mark, task)]
        became: dict[int, str] = {}
        for start in range(0, len(plain), NOTED_AT_ONCE):
            part = plain[start : start + NOTED_AT_ONCE]
            became |= await self.db.transact(partial(note_plain, looked=part))
        return became

    async def _hands(self, read: Mapping[int, TaskSeen]) -> Mapping[int, Hand]:
        """Who changed those that were changed: by their history, else by what the task itself tells."""
        fields = {one: task.seen.fields for one, task in read.items() if task.seen.fields}
        if not fields:
            return {}
        told = await self.portal.hands(list(fields), fields)
        last = {one: read[one].changed_by for one in fields}
        others = {one: Hand(user) for one, user in last.items() if user and user != self.portal.user_id}
        return {**others, **told}

    async def _decide(self, mark: Row, task: TaskSeen | None, gone: bool, hands: Mapping[int, Hand]) -> str:
        now = datetime.now(UTC)
        if mark.lane_id is None:
            return await self._unknown(task, now)
        if task is not None:
            hand = hands.get(task.task_id)
            return await self.db.transact(lambda tx: take_seen(tx, self.watching, mark, task, hand, now))
        if not gone:
            return UNREAD
        done = await self.db.transact(lambda tx: take_gone(tx, mark, mark.task_id, now))
        return "gone" if done else BUSY

    async def _unknown(self, task: TaskSeen | None, now: datetime) -> str:
        """No task that dispatch keeps. Under our marker it is a second one, unless ours is just being made."""
        if task is None or not task.marker:
            return "foreign"
        delivery_id = UUID(task.marker)
        kept = (await portal_watch.tasks_of(self.db, self.destination_id, [delivery_id])).get(delivery_id)
        if kept is None or not kept.idle:
            return BUSY if kept is not None else "foreign"
        there = await portal_sweep.there(self.portal, {delivery_id: {task.task_id, int(kept.task_id)}})
        await self.db.transact(lambda tx: portal_sweep.note(tx, self.destination_id, there, now))
        return "double"

    async def _settle(self, looked: Sequence[tuple[Row, str]]) -> None:
        """Only now are the hints forgotten: whoever is killed before that is followed by one who looks again. What
        could not be read is hinted again by the next poll, if it is there at all."""
        if not looked:
            return

        async def work(tx: Tx) -> None:
            await portal_watch.later(tx, [hint for hint, what in looked if what == BUSY], BUSY_S)
            await portal_watch.later(tx, [hint for hint, what in looked if what in AGAIN], AGAIN_S)
            await portal_watch.done(tx, [hint for hint, what in looked if what != BUSY and what not in AGAIN])

        await self.db.transact(work)

    # -- what events did not tell

    async def poll(self) -> None:
        """Hint at what changed since the last poll, by the portal's clock and in its zone, with an overlap."""
        state = await portal_watch.state(self.db)
        groups = await self._groups()
        asked = since(state, state.now, None)
        page = await self.portal.changed(asked, groups)
        wanted = since(state, page.at or state.now, page.at)
        if page.at is not None and (wanted < asked - DRIFT or wanted.utcoffset() != asked.utcoffset()):
            page = _joined(page, await self.portal.changed(wanted, groups))
        if page.ignored or not page.whole:
            await self._poll_unfiltered(state)
        await self._hint(page.rows, None if state.polled_to is None else state.polled_to - SAME_SECOND)
        at = page.at or state.now
        await portal_watch.polled(self.db, at, state.now, int((at.utcoffset() or timedelta()).total_seconds()))

    async def _poll_unfiltered(self, state: Row) -> None:
        log.info("portal.not_filtered")
        if _over(state.compared_at, UNFILTERED_EVERY, state.now):
            await self.compare()

    async def _groups(self) -> frozenset[int]:
        """Projects of divisions, and those where tasks were seen: a task may stand in a project of yesterday."""
        return frozenset(self.groups()) | frozenset(await portal_watch.groups(self.db))

    async def _hint(self, rows: Sequence[Marked], again_since: datetime | None) -> None:
        """Those that changed since they were seen; looked at once more, since their lane is not known to be quiet.

        again_since: what changed since then in any case: the portal tells whole seconds, and may have been read in the
        middle of one.
        """
        ours = [row for row in rows if row.marker]
        marks = await portal_watch.marks(self.db, self.destination_id, [row.task_id for row in ours])
        await self._put({row.task_id: 0.0 for row in ours if _is_news(row, marks[row.task_id], again_since)})

    async def _put(self, hints: Mapping[int, float]) -> None:
        if hints:
            await self.db.transact(lambda tx: portal_watch.hint(tx, hints))

    async def compare(self) -> Compared:
        """Look at every task of a delivery that is not over, in few calls; hints at those that differ. Raises
        PortalSilent."""
        after, tasks, hinted = 0, 0, 0
        while numbers := await portal_watch.open_tasks(self.db, self.destination_id, after, COMPARED_AT_ONCE):
            marks = await portal_watch.marks(self.db, self.destination_id, numbers)
            reading = await self.portal.read([known_of(mark) for mark in marks.values()])
            differ = {task.task_id: 0.0 for task in reading.tasks if _differs(task, marks[task.task_id])}
            differ |= {number: 0.0 for number in reading.gone if marks[number].gone_at is None}
            await self._put(differ)
            after, tasks, hinted = numbers[-1], tasks + len(numbers), hinted + len(differ)
        await portal_watch.compared(self.db)
        log.info("portal.compared", tasks=tasks, hinted=hinted)
        return Compared(tasks, hinted)

    async def sweep(self, *, everything: bool = False) -> Swept:
        """Count the tasks of each delivery there. Raises PortalSilent."""
        return await sweep(self.db, self.destination_id, self.portal, await self._groups(), everything=everything)

    def _sweep_is_due(self, state: Row) -> bool:
        """Once a day of the portal, at its time or as soon after it as somebody watches."""
        zone = timezone(timedelta(seconds=state.zone_s))
        local = state.now.astimezone(zone)
        start = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=self.times.compare_at_s)
        last = start if local >= start else start - timedelta(days=1)
        return state.swept_at is None or bool(state.swept_at < last)


def known_of(mark: Row) -> Known:
    written = msgspec.json.decode(mark.written) if mark.written else None
    return Known(mark.task_id, written, stood(mark) if mark.lane_id is not None else None, mark.time_zone)


def _is_busy(mark: Row) -> bool:
    """Something of ours waits or is on its way; what waits in vain for a task that is gone does not count."""
    return (
        mark.lane_id is not None and mark.depth > 0 and not (mark.state == "dead" and mark.dead_code == "task_deleted")
    )


def _is_news(row: Marked, mark: Row, again_since: datetime | None) -> bool:
    if mark.lane_id is None or mark.gone_at is not None or mark.changed_at is None or row.changed_at is None:
        return True
    again = again_since is None or row.changed_at >= again_since
    return again or bool(row.changed_at != mark.changed_at) or mark.seq != mark.last_seq


def _differs(task: TaskSeen, mark: Row) -> bool:
    return not _is_busy(mark) and (not task.seen.plain or mark.gone_at is not None)


def _over(since: datetime | None, every: timedelta, now: datetime) -> bool:
    return since is None or now - since >= every


def since(state: Row, now: datetime, at: datetime | None) -> datetime:
    """From when to ask, in the portal's zone. at: the portal's clock, once it is known: a clock that was put back, or
    is not ours, must not cost a change."""
    zone = at.tzinfo if at is not None else timezone(timedelta(seconds=state.zone_s))
    passed = state.now - state.polled_at if state.polled_at is not None else timedelta()
    sides = [one for one in (state.polled_to, at - passed if at is not None else None) if one is not None]
    return (min(sides, default=now) - OVERLAP).astimezone(zone)


def _joined(first: Page, second: Page) -> Page:
    rows = {row.task_id: row for row in (*first.rows, *second.rows)}
    return Page(list(rows.values()), second.at or first.at, second.whole, second.ignored)
