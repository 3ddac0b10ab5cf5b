"""One look at the database for all boards of this process, however many watch. See docs/subsystems/board.md.

What a look finds is what its snapshot sees and the one before could not, so no change is missed however late and in
whatever order transactions commit; and whoever comes back with an older cursor gets the same from the database.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import board
from posrednik.store.board import Changes, CursorUnknown, Shown
from posrednik.store.db import Database, StoreError

__all__ = ["Batch", "BoardWatch", "CursorUnknown", "Full", "Lagging", "Viewer"]

log = get_logger("board")
POLL_S = 0.5
LEAST_PAUSE_S = 0.1  # between two looks, however often somebody says that there is news
MOST_CHANGES = 1000  # of one look; with more a board is read anew faster
MOST_WAITING = 100  # looks that a reader may be behind
MOST_VIEWERS = 500


class Lagging(Exception):
    """The reader must read the board anew: too far behind, or too much has changed."""


class Full(Exception):
    """This process has as many readers as it takes."""


@dataclass(eq=False, slots=True)
class Batch:
    """What one look found, the same object for all readers. memo: what they make of it, once for all of them."""

    changes: Changes
    shown: Mapping[UUID, Shown]
    memo: dict[Any, Any] = field(default_factory=dict)


class Viewer:
    """One reader's place; `missed`: what changed between his cursor and his coming."""

    def __init__(self, cursor: str, missed: Batch | None) -> None:
        self.cursor, self.missed = cursor, missed
        self._waiting: deque[Batch] = deque()
        self._news = asyncio.Event()
        self._lagging, self.closed = False, False

    def put(self, batch: Batch) -> None:
        if len(self._waiting) < MOST_WAITING and not self._lagging:
            self._waiting.append(batch)
        else:
            self.drop()
        self._news.set()

    def drop(self) -> None:
        self._lagging = True
        self._waiting.clear()
        self._news.set()

    def close(self) -> None:
        self.closed = True
        self._news.set()

    async def next(self, wait_s: float) -> Batch | None:
        """None: nothing came within that time, or it is over (`closed`). Raises Lagging."""
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return None
        if self._lagging:
            raise Lagging
        batch = self._waiting.popleft() if self._waiting else None
        if not self._waiting and not self.closed:
            self._news.clear()
        return batch


class BoardWatch:
    """wait: until there may be news, at most so many seconds; False = the process stops."""

    def __init__(self, db: Database, wait: Callable[[float], Awaitable[bool]], *, poll_s: float = POLL_S) -> None:
        self._db, self._wait, self._poll_s = db, wait, poll_s
        self._viewers: set[Viewer] = set()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._cursor, self._closing = "", False
        self.looked_at = datetime.now(UTC)

    @asynccontextmanager
    async def watching(self, since: str | None) -> AsyncIterator[Viewer]:
        """A place among the readers, from that cursor on, or from now. Raises Lagging, CursorUnknown, Full."""
        if len(self._viewers) >= MOST_VIEWERS:
            raise Full
        async with self._looking:
            viewer = await self._seat(since)
            self._viewers.add(viewer)
            if self._closing:  # a board that came back to the process that had just ended its stream
                viewer.close()
        metrics.BOARD_VIEWERS.set(len(self._viewers))
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)
            metrics.BOARD_VIEWERS.set(len(self._viewers))

    async def _seat(self, since: str | None) -> Viewer:
        """Under the lock, so that what he missed is older than all that he will be told."""
        if self._task is None or self._task.done():
            self._cursor, self.looked_at = await board.cursor(self._db), datetime.now(UTC)
            self._task = asyncio.create_task(self._run())
        if since is None:
            return Viewer(self._cursor, None)
        await self._advance()  # or he would be told the same again by the next look of all
        missed = await self._look(since)
        return Viewer(missed.changes.cursor, missed)

    async def close(self) -> None:
        """The process stops: all readers are told, and nobody looks any more."""
        self._end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        """As long as somebody watches."""
        while self._viewers or self._looking.locked():
            if not await self._wait(self._poll_s):
                self._end()
                return
            try:
                async with self._looking:
                    await self._advance()
            except (StoreError, psycopg.Error) as error:
                log.warning("board.not_read", error=str(error).strip())
            await asyncio.sleep(LEAST_PAUSE_S)

    def _end(self) -> None:
        self._closing = True
        for viewer in self._viewers:
            viewer.close()

    async def _advance(self) -> None:
        """One look for all, under the lock."""
        try:
            batch = await self._look(self._cursor)
        except (Lagging, CursorUnknown):
            log.info("board.reset", viewers=len(self._viewers))
            self._cursor = await board.cursor(self._db)
            for viewer in self._viewers:
                viewer.drop()
            return
        self._cursor, self.looked_at = batch.changes.cursor, datetime.now(UTC)
        if batch.shown or batch.changes.cash or batch.changes.open_incidents is not None:
            for viewer in self._viewers:
                viewer.put(batch)

    async def _look(self, since: str) -> Batch:
        """Raises Lagging when there is more than a reader can be told, CursorUnknown."""
        changes = await board.changes(self._db, since, MOST_CHANGES)
        if changes.more:
            raise Lagging
        return Batch(changes, await board.docs(self._db, changes.moved_from.keys()))
