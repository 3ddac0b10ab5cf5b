"""When a base was last heard: whatever it asked, so that silence is told from having nothing to send."""

import contextlib
import time
from uuid import UUID

from posrednik.store import bases
from posrednik.store.db import Database, StoreError

NOTED_EVERY_S = 10.0


class Heard:
    """Notes calls of bases, each base at most once in ten seconds of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._noted: dict[UUID, float] = {}

    async def note(self, base_id: UUID) -> None:
        """It has called and was answered. Never raises for the database: the answer is what matters."""
        now = time.monotonic()
        if now - self._noted.get(base_id, float("-inf")) < NOTED_EVERY_S:
            return
        self._noted[base_id] = now
        with contextlib.suppress(StoreError):
            await bases.heard(self._db, base_id)
