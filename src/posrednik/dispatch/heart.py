"""A worker's sign of life. Others may take its lanes after `dead_after_s` of silence; it stops sending earlier, by its
own clock, so that no two workers ever hold one lane with bytes on the way."""

import asyncio
import os
import socket
import time
from uuid import UUID

from posrednik.kit.log import get_logger
from posrednik.store import lanes
from posrednik.store.db import Database, StoreError

log = get_logger("dispatch")


class Heart:
    """interval_s: between beats; dead_after_s: three missed beats and a little."""

    def __init__(self, db: Database, worker_id: UUID, interval_s: float = 3.0) -> None:
        self.worker_id, self.interval_s = worker_id, interval_s
        self.dead_after_s = interval_s * 3.5
        self._db = db
        self._last = float("-inf")

    async def beat(self) -> None:
        """Taken from before the write: what the database saw is never older than what we believe."""
        at = time.monotonic()
        await lanes.beat(self._db, self.worker_id, socket.gethostname(), os.getpid(), self.interval_s * 2)
        self._last = at

    def may_send(self) -> bool:
        """False once others might believe us dead: a beat less than the rescue needs."""
        return time.monotonic() - self._last < self.dead_after_s - self.interval_s

    async def run(self) -> None:
        """Until cancelled. Nothing that goes wrong with one beat may stop the next."""
        while True:
            await asyncio.sleep(self.interval_s)
            try:
                await self.beat()
            except StoreError as error:
                log.warning("worker.beat_missed", error=str(error))
            except Exception:
                log.exception("worker.beat_crashed")
