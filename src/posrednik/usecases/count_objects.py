"""How many objects of each kind the bases have here.

Counting reads the whole mirror, so it is done seldom, when somebody looks, and what is told says how old it is.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from posrednik.kit.log import get_logger
from posrednik.store import bases
from posrednik.store.db import Database, Row, StoreError

log = get_logger("bases")
FRESH_S = 2.0
REST = 50  # counting takes at most a fiftieth of the time, however large the mirror
PATIENCE_S = 0.3  # of the one who asks; a small mirror is counted by then


@dataclass(frozen=True, slots=True)
class Counted:
    """rows: base_id, kind, present, deleted, changed_at. took_s: how long counting took."""

    rows: Sequence[Row]
    at: datetime
    took_s: float


class ObjectCounts:
    """The figures of one process. `stop` before the database closes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._counted: Counted | None = None
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    async def now(self) -> Counted | None:
        """The newest figures; counted anew beside it when that is due. None: never counted yet, ask again."""
        if self._task is None and time.monotonic() >= self._due:
            self._task = asyncio.create_task(self._count())
        quick = self._counted is None or self._counted.took_s < PATIENCE_S
        if self._task is not None and quick:
            await asyncio.wait([self._task], timeout=PATIENCE_S)
        return self._counted

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _count(self) -> None:
        started, at = time.monotonic(), datetime.now(UTC)
        try:
            rows = await bases.objects(self._db)
            self._counted = Counted(rows, at, time.monotonic() - started)
        except StoreError as error:
            log.warning("objects.not_counted", error=str(error))
        finally:
            ended = time.monotonic()
            self._due = ended + max(FRESH_S, REST * (ended - started))
            self._task = None
