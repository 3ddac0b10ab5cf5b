"""The first load of a base: its objects are read page by page and applied below every message.

A page and the place where the reading stands are one transaction, so any end of the process loses and doubles nothing.
Pages shift while people work in 1C: each begins with the last row of the one before it, and at the end the keys and
versions of everything are read once more and compared.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import msgspec

from posrednik.domain.loads import Position, SourceFailed, difference, paced
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import inbox, journal, loads, slices
from posrednik.store.db import Database, Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.store.lanes import BULK
from posrednik.store.loads import LoadSet
from posrednik.store.mirror import Bad, State
from posrednik.usecases.after_restore import confirm
from posrednik.usecases.compare_slice import slice_of
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.order_desk import OrderDesk
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.owned_objects import take_owned
from posrednik.usecases.take_message import follow
from posrednik.usecases.take_objects import Arrived, Taken

log = get_logger("load")
PAGE, KEYS_PAGE, AHEAD = 300, 1000, 2
MOST_SHIFTS = 5  # of one window; then on: what slipped through is found by the comparison at the end
MOST_SEEN = 100_000  # refs of one window that are kept to find what 1C does not have
FIRST_EPOCH = 1  # of a base that has sent nothing yet: its first message begins this one, with numbers from 1
LIVE_DAYS = 7  # transfers older than this move nothing into or out of a backpack
BEAT_S = loads.LEASE_S / 3
Window = tuple[str | None, str | None]


class Read(msgspec.Struct, frozen=True, gc=False):
    """One row of 1C. arrived, bad: one of them, or none when only keys were read."""

    ref: str
    version: str
    deleted: bool
    arrived: Arrived | None = None
    bad: Bad | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """count: of the whole window, None = not told. epoch_no: of the base, when they were asked for."""

    rows: list[Read]
    count: int | None
    epoch_no: int = 0


class Source(Protocol):
    """Where the objects are read from. Every call raises SourceFailed."""

    async def prepare(self) -> list[str]:
        """What a person must know: sets and fields that this base does not have."""

    def kinds(self) -> list[str]:
        """In the order of reading."""

    async def total(self, kind: str) -> int | None: ...

    async def bounds(self, kind: str) -> tuple[str, str] | None:
        """First and last month; None = read whole."""

    async def page(self, kind: str, window: Window, skip: int, top: int) -> Rows: ...

    async def keys(self, kind: str, window: Window, skip: int, top: int) -> Rows: ...

    async def again(self, kind: str, refs: Sequence[str]) -> list[Read]: ...

    def is_register(self, kind: str) -> bool:
        """Its versions are hashes of content, which messages do not have."""


class Lost(Exception):
    """The load was stopped, or another process reads it now."""


Fetch = Callable[[Position, int, int], Awaitable[Rows]]


class _Ahead:
    """Pages of one set, some of them asked for before they are needed. Use `close` at the end."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self.size = fetch, size
        self._tasks: dict[tuple[int, int, int], asyncio.Task[Rows]] = {}

    async def page(self, at: Position) -> Rows:
        """From the row before `at`, if that is known, else from `at`."""
        key = self._key(at)
        page = await self._task(at, key)
        self._tasks.pop(key, None)
        for number in range(1, AHEAD + 1):
            then = replace(at, skip=at.skip + number * self.size, last="?")
            if page.count is not None and then.skip < page.count:
                self._task(then, self._key(then))
        return page

    def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    def _key(self, at: Position) -> tuple[int, int, int]:
        overlap = 1 if at.last else 0
        return at.window, at.skip - overlap, self.size + overlap

    def _task(self, at: Position, key: tuple[int, int, int]) -> asyncio.Task[Rows]:
        if key not in self._tasks:
            self._tasks[key] = asyncio.ensure_future(self._fetch(at, key[1], key[2]))
        return self._tasks[key]


@dataclass(slots=True)
class _Window:
    """What a comparison has found of one window."""

    theirs: int = 0
    seen: list[str] = field(default_factory=list)
    differing: list[dict[str, Any]] = field(default_factory=list)

    @property
    def absent(self) -> int:
        return sum(one["ours"] is None for one in self.differing)


class FirstLoad:
    """Reads one base; one instance for one run."""

    def __init__(
        self, db: Database, base_id: UUID, source: Source, rules: Rules, *, page: int = PAGE,
        keys_page: int = KEYS_PAGE, refresh: Callable[[], Awaitable[object]] | None = None,
    ) -> None:  # fmt: skip
        """refresh: brings `rules` up to date."""
        self._db, self._base_id, self._source, self._rules = db, base_id, source, rules
        self._size, self._keys_size, self._refresh = page, keys_page, refresh
        self._id, self._runner, self._epoch_no, self._rate = 0, uuid4(), 0, 0.0

    async def run(self, load_id: int, *, force: bool = False) -> str:
        """To its end, or as far as it goes: done, failed (see its notes) or lost (stopped, or another reads it).

        force: take it over from a reader that may still live; that one writes nothing any more.
        """
        claimed = await self._db.transact(lambda tx: loads.claim(tx, load_id, self._runner, force=force))
        if claimed is None:
            return "lost"
        self._id, self._rate = load_id, claimed.rate
        beat = asyncio.create_task(self._beat())
        try:
            await self._all()
            return "done"
        except Lost:
            return "lost"
        except SourceFailed as error:
            await self._end("failed", [str(error)])
            return "failed"
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat(self) -> None:
        """A slow answer of 1C must not look like the end of this process."""
        while True:
            await asyncio.sleep(BEAT_S)
            with contextlib.suppress(Exception):  # the next page tells of a database that does not answer
                await self._db.transact(lambda tx: loads.hold(tx, self._id, self._runner, 0, self._rate))

    async def _all(self) -> None:
        if self._refresh is not None:
            await self._refresh()
        notes = await self._source.prepare()
        await self._see_epoch()
        sets = await loads.sets(self._db, self._id) or await self._begin(notes)
        for one in sets:
            if one.kind not in self._source.kinds():
                raise SourceFailed(f"вид {one.kind} больше не читается: состав загрузки изменился, начните её заново")
            if one.state == "waiting":
                await self._read(one)
        for one in sets:
            if one.state != "checked":
                await self._check(one)
        await self._end("done", [])

    async def _begin(self, notes: list[str]) -> list[LoadSet]:
        kinds = self._source.kinds()
        totals = [(kind, await self._source.total(kind)) for kind in kinds]

        async def work(tx: Tx) -> list[LoadSet]:
            if await loads.hold(tx, self._id, self._runner, 0, self._rate) is None:
                raise Lost
            await loads.add_sets(tx, self._id, totals)
            await loads.note(tx, self._id, notes)
            await journal.add(tx, [self._entry("started", f"первая загрузка начата, видов: {len(kinds)}")])
            return await loads.sets(tx, self._id)

        return await self._db.transact(work)

    async def _see_epoch(self) -> None:
        base = await self._db.transact(lambda tx: inbox.get_base(tx, self._base_id))
        self._epoch_no = base.epoch_no if base else 0

    # -- reading

    async def _read(self, one: LoadSet) -> None:
        if not one.position.begun:
            since, until = await self._source.bounds(one.kind) or ("", "")
            one.position = Position(since, until, begun=True)
        ahead = _Ahead(self._fetching(one.kind, self._source.page), self._size)
        try:
            while not one.position.over:
                await self._read_page(one, ahead)
        finally:
            ahead.close()
        one.state = "read"
        await self._apply(one, [], self._epoch_no)

    async def _read_page(self, one: LoadSet, ahead: _Ahead) -> None:
        started = time.monotonic()
        page = await ahead.page(one.position)
        rows = _continued(one.position, page.rows)
        if rows is None:
            one.position, one.done = one.position.back(self._size), max(0, one.done - self._size)
            ahead.close()
            return
        short = len(rows) < self._size
        one.position = one.position.next_window() if short else one.position.after(len(rows), rows[-1].ref)
        one.done += len(rows)
        await self._apply(one, rows, page.epoch_no)
        self._rate = paced(self._rate, len(rows), time.monotonic() - started) if rows else self._rate

    def _fetching(self, kind: str, ask: Callable[[str, Window, int, int], Awaitable[Rows]]) -> Fetch:
        async def fetch(at: Position, skip: int, top: int) -> Rows:
            epoch_no = self._epoch_no
            return replace(await ask(kind, at.bounds(), skip, top), epoch_no=epoch_no)

        return fetch

    async def _apply(self, one: LoadSet, rows: Sequence[Read], epoch_no: int) -> None:
        """Rows and the place after them in one transaction. Raises Lost."""
        now = datetime.now(UTC)

        async def work(tx: Tx) -> tuple[int, int]:
            first = await loads.hold(tx, self._id, self._runner, len(rows), self._rate)
            base = await inbox.lock_base(tx, self._base_id)
            if first is None or base is None:
                raise Lost
            bad = await self._take(tx, base, rows, (epoch_no, first), now) if rows else 0
            await loads.put_set(tx, self._id, replace(one, bad=one.bad + bad))
            return bad, base.epoch_no

        bad, self._epoch_no = await self._db.transact(work)
        one.bad += bad
        metrics.LOAD_ROWS.labels(str(self._base_id), "quarantined").inc(bad)
        metrics.LOAD_ROWS.labels(str(self._base_id), "read").inc(len(rows) - bad)

    async def _take(self, tx: Tx, base: Base, rows: Sequence[Read], rank: tuple[int, int], now: datetime) -> int:
        """Returns how many went to quarantine. Below every message of the epoch in which the rows were asked for."""
        epoch_no, first = max(rank[0], FIRST_EPOCH), rank[1]
        come = [_ranked(r.arrived, epoch_no, first + i) for i, r in enumerate(rows) if r.arrived is not None]
        bad = [replace(r.bad, index=first + i) for i, r in enumerate(rows) if r.bad is not None]
        known = await loads.known_bad(tx, base.id, bad)
        bad = [one for one in bad if (one.kind, one.ref) not in known]
        taken, bad = await take_owned(tx, base, self._rules.ownership, (epoch_no, 0), come, bad, now)
        if base.doubt_epoch_no:
            await confirm(tx, base.id, [one.state for one in come], now)
        await self._follow(tx, base, taken, now)
        return len(bad)

    async def _follow(self, tx: Tx, base: Base, taken: Taken, now: datetime) -> None:
        """Deliveries of these orders, commands that waited for them, and loads of transfers, as with a message.

        Transfers of long ago are in what the courier counts at his first shift (opening stock), not in his backpack.
        """
        transfers = [one for one in taken.transfers if _is_live(one, now)]
        await follow(OrderDesk(tx, base, self._rules, now), taken.orders, transfers, priority=BULK)

    # -- comparing

    async def _check(self, one: LoadSet) -> None:
        """Keys and versions of the whole set against what is here; what is not so is read once more, then told."""
        position, theirs, ours, differing = replace(one.position, window=0), 0, 0, list[dict[str, Any]]()
        ahead = _Ahead(self._fetching(one.kind, self._source.keys), self._keys_size)
        try:
            while not position.over:
                found = await self._check_window(one, position, ahead)
                here = await self._compared(one, position, found)
                theirs, ours, differing = theirs + found.theirs, ours + here, differing + found.differing
                position = position.next_window()
        finally:
            ahead.close()
        one.state, one.theirs, one.ours, one.differing = "checked", theirs, ours, differing
        await self._apply(one, [], self._epoch_no)

    async def _check_window(self, one: LoadSet, position: Position, ahead: _Ahead) -> _Window:
        at, found = replace(position, skip=0, last="", shifts=0), _Window()
        counted: dict[str, bool] = {}
        while True:
            page = await ahead.page(at)
            rows = _continued(at, page.rows)
            if rows is None:
                at = at.back(self._keys_size)
                ahead.close()
                continue
            fresh = [row for row in rows if row.ref not in counted]
            counted.update({row.ref: row.deleted for row in fresh})
            found.differing += await self._unequal(one, fresh, page.epoch_no)
            if len(rows) < self._keys_size:
                break
            at = at.after(len(rows), rows[-1].ref)
        found.seen, found.theirs = list(counted), sum(not deleted for deleted in counted.values())
        return found

    async def _unequal(self, one: LoadSet, rows: Sequence[Read], epoch_no: int) -> list[dict[str, Any]]:
        """What does not agree, after those objects were read once more."""
        told = await self._differing(one.kind, rows)
        wanted = {each["ref"] for each in told if each["why"] in ("missing", "version")}
        if not wanted:
            return told
        again = [row for row in rows if row.ref in wanted and (row.arrived or row.bad)]
        again = again or await self._source.again(one.kind, sorted(wanted))
        await self._apply(one, again, epoch_no)
        now = {row.ref: row for row in again}
        return await self._differing(one.kind, [now.get(row.ref, row) for row in rows])

    async def _differing(self, kind: str, rows: Sequence[Read]) -> list[dict[str, Any]]:
        versions, by_message = [(row.ref, row.version) for row in rows], self._source.is_register(kind)
        found = await self._db.transact(
            lambda tx: loads.unequal(tx, self._base_id, kind, versions, by_message=by_message)
        )
        return [difference(r.ref, r.theirs, r.ours, waits=r.waits, quarantined=r.quarantined) for r in found]

    async def _compared(self, one: LoadSet, position: Position, found: _Window) -> int:
        """Note the comparison of the window's slice; objects of it that are here."""

        async def work(tx: Tx) -> tuple[int, list[Any]]:
            base = await inbox.lock_base(tx, self._base_id)
            if base is None or await loads.hold(tx, self._id, self._runner, 0, self._rate) is None:
                raise Lost
            part = slice_of(base, one.kind, position.month)
            if position.month:
                since, until = position.bounds()
                part = replace(part, since=part.since if since else "0000", until=part.until if until else "9999")
            here, _ = await slices.digest(tx, part)
            more = []
            if here > found.theirs - found.absent and len(found.seen) <= MOST_SEEN:
                more = await loads.not_there(tx, part, found.seen)
            equal = not found.differing and here == found.theirs
            await slices.add_check(tx, part, base.epoch_no, found.theirs, here, equal=equal, asked=False)
            return here, more

        here, more = await self._db.transact(work)
        found.differing += [difference(r.ref, None, r.version, waits=False, quarantined=False) for r in more]
        return here

    async def _end(self, state: str, notes: Sequence[str]) -> None:
        words = {"done": "первая загрузка закончена", "failed": "первая загрузка прервана"}
        summary = ": ".join([words[state], *notes])

        async def work(tx: Tx) -> None:
            await loads.end(tx, self._id, self._runner, state, notes)
            await journal.add(tx, [self._entry(state, summary)])

        await self._db.transact(work)
        log.info("load.ended", base=str(self._base_id), state=state)

    def _entry(self, became: str, summary: str) -> Entry:
        return Entry("object", system(self._base_id), became, summary, detail={"load": self._id})


def _continued(at: Position, rows: list[Read]) -> list[Read] | None:
    """The rows after `at`; None: the page does not begin where the last one ended, rows have come or gone before it."""
    if not at.last:
        return rows
    if (rows and rows[0].ref == at.last) or at.shifts >= MOST_SHIFTS:
        return rows[1:]
    return None


def _is_live(transfer: State, now: datetime) -> bool:
    date = msgspec.json.decode(transfer.body).get("date")
    return date is not None and datetime.fromisoformat(date) > now - timedelta(days=LIVE_DAYS)


def _ranked(one: Arrived, epoch_no: int, index: int) -> Arrived:
    return msgspec.structs.replace(one, state=msgspec.structs.replace(one.state, rank=(epoch_no, 0, index)))
