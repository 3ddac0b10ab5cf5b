"""Subscribers that are really called: a worker beside the service of a test, and the wait until all is sent."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from unittest.mock import patch

from tests.flow.exchange_client import Service, until
from tests.flow.exchange_client import settings as configured

from posrednik import bootstrap_worker
from posrednik.config import Dispatch, Webhooks
from posrednik.kit.http import Sessions
from posrednik.store.db import Database

FAST: Sequence[float] = (0.05,) * 20
SETTINGS = configured(webhooks=Webhooks(allow_private=True), dispatch=Dispatch(poll_s=0.1, grace_s=2.0))
PATIENCE_S = 60.0


@asynccontextmanager
async def dispatching(service: Service) -> AsyncIterator[None]:
    """A worker as `posrednik worker` has it, with shorter pauses between tries."""
    db, sessions = Database(service.dsn, size=4), Sessions()
    await db.open()
    with patch.object(bootstrap_worker, "retry_schedule", FAST):
        worker = bootstrap_worker.worker(SETTINGS, db, sessions)
        await worker.start()
        try:
            yield
        finally:
            await worker.stop(2.0)
            await sessions.close()
            await db.close()


async def delivered(service: Service) -> None:
    """Wait until nothing is left to be sent. Pauses that the site asked for (`Retry-After`) end at once."""

    async def look() -> bool:
        await service.rows("UPDATE destination SET breaker_until = now() WHERE breaker = 'open' RETURNING 1")
        await service.rows("UPDATE lane SET due_at = now() WHERE due_at > now() + interval '5 s' RETURNING 1")
        return not (await service.rows(
            "SELECT 1 FROM lane l JOIN destination d ON d.id = l.destination_id WHERE d.kind = 'site' AND l.depth > 0"
        ))  # fmt: skip

    await until(look, PATIENCE_S)
