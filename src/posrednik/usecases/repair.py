"""What an administrator decides about dead letters: again, or without it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.store import replay as store
from posrednik.store.db import Database, Row
from posrednik.store.replay import Replayed, ReplayFilter


async def dead(db: Database, destination: str | None, limit: int) -> Sequence[Row]:
    return await store.dead(db, destination, limit)


async def replay(
    db: Database, *, dry_run: bool, destination: str | None = None, code: str | None = None,
    since: datetime | None = None, lane_id: int | None = None, seq: int | None = None, order_ref: UUID | None = None,
) -> Replayed:  # fmt: skip
    """Send dead letters again, in lane order; with dry_run only count them."""
    wanted = ReplayFilter(
        destination=destination, code=code, since=since, lane_id=lane_id, seq=seq, order_ref=order_ref
    )
    return await store.replay(db, wanted, dry_run=dry_run)


async def skip(db: Database, lane_id: int, seq: int, reason: str, who: str) -> bool:
    """Let the lane go on without this message. False = it is not a dead letter any more."""
    return await store.skip(db, lane_id, seq, reason, who)
