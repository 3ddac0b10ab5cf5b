"""Dead letters: what a person must decide about, and what he decides. See docs/subsystems/dispatch.md, "Replay"."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.store.db import Database, Row, Tx
from posrednik.store.lanes import BULK, PERSON

CHUNK = 500
SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReplayFilter:
    """Which dead letters; every part that is given must fit. destination: name. code: why it died. since: died then or
    later. lane_id and seq together name one message."""

    destination: str | None = None
    code: str | None = None
    since: datetime | None = None
    lane_id: int | None = None
    seq: int | None = None
    order_ref: UUID | None = None
    order_number: str | None = None

    @property
    def priority(self) -> int:
        """A person waits for the one he named; many go behind the live traffic."""
        return PERSON if self.lane_id is not None and self.seq is not None else BULK


@dataclass(frozen=True, slots=True)
class Replayed:
    """count: dead letters the filter had. replayed: those sent on their way again (0 in a dry run). first: the oldest
    of them, columns of `dead`."""

    count: int
    replayed: int
    first: Sequence[Row]


async def found(db: Database, which: ReplayFilter, limit: int) -> Sequence[Row]:
    """Dead letters of a filter, oldest first; columns of `dead`."""
    return await db.read("dead_letters", _params(which, limit=limit))


async def dead(db: Database, destination: str | None = None, limit: int = 200) -> Sequence[Row]:
    """Dead letters, oldest first: lane_id, seq, destination, kind, key, event_id, order_ref, method, made_at, dead_at,
    dead_code, dead_why."""
    return await found(db, ReplayFilter(destination), limit)


async def replay(db: Database, which: ReplayFilter, dry_run: bool, who: str = "", *, chunk: int = CHUNK) -> Replayed:
    """Send dead letters again, in the order of their lanes, each journalled with `who`; a repeat finds nothing to do.

    In chunks, so that live traffic is never locked out for long. One that dies again meanwhile is not taken twice.
    """
    counted = (await db.read("dead_count", asdict(which)))[0]
    first = await db.read("dead_letters", _params(which, limit=SHOWN, before=counted.at))
    if dry_run:
        return Replayed(counted.n, 0, first)
    done = 0
    while (moved := await db.transact(lambda tx: _some(tx, which, counted.at, who, chunk))) is not None:
        done += moved
    return Replayed(counted.n, done, first)


async def _some(tx: Tx, which: ReplayFilter, before: datetime, who: str, chunk: int) -> int | None:
    """How many of the next chunk were replayed; None when there is none left."""
    chosen = await tx.fetch("dead_letters", _params(which, limit=chunk, before=before))
    if not chosen:
        return None
    rows = await tx.fetch("dead_replay", {
        "lane_ids": [row.lane_id for row in chosen], "seqs": [row.seq for row in chosen],
        "priority": which.priority, "who": who,
    })  # fmt: skip
    tx.hints.update(row.destination_id for row in rows)
    return len(rows)


async def skip(db: Database, lane_id: int, seq: int, reason: str, who: str) -> bool:
    """Drop a message for good by a person's decision; its lane goes on, the journal keeps reason and name.

    False when there is no such message, or it is on the way or in doubt without being dead.
    """
    return await db.transact(lambda tx: skip_in(tx, lane_id, seq, reason, who))


async def skip_in(tx: Tx, lane_id: int, seq: int, reason: str, who: str) -> bool:
    """`skip` inside a transaction."""
    row = await tx.one("dead_skip", {"lane_id": lane_id, "seq": seq, "reason": reason, "who": who})
    if row is None:
        return False
    tx.hints.add(row.destination_id)
    return True


async def send_now(tx: Tx, lane_id: int, who: str) -> bool:
    """The next try of a waiting lane is due at once, and the journal says who wanted it.

    False when it may not be hastened: on the way, given to 1C, stopped, held, or to be looked up first.
    """
    row = await tx.one("lane_send_now", {"lane_id": lane_id, "who": who})
    if row is None:
        return False
    tx.hints.add(row.destination_id)
    return True


def _params(which: ReplayFilter, *, limit: int, before: datetime | None = None) -> dict[str, Any]:
    return {**asdict(which), "before": before, "limit": limit}
