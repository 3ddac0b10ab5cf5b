"""Events for bases that pull: numbered without gaps, leased, acknowledged by id (contract.md §3)."""

from collections.abc import Sequence
from uuid import UUID

from posrednik.kit.ids import uuid7
from posrednik.store import lags
from posrednik.store.db import Database, Row, Tx
from posrednik.store.inbox import Base


async def anything_due(db: Database, destination_id: int) -> bool:
    """A cheap look for the long poll."""
    return bool(await db.read("outgoing_due", {"destination_id": destination_id}))


async def give(tx: Tx, base: Base, destination_id: int, limit: int) -> tuple[UUID, list[Row], dict[UUID, int]]:
    """Lease the next events. Returns the batch, the events in order of number, and each one's attempt.

    Numbers are given here, one caller at a time: no gap, and no hot row in the transactions that make events.
    """
    batch = uuid7()
    last_number = await lock(tx, base.id)
    rows = await tx.fetch("outgoing_claim", {
        "base_id": base.id, "destination_id": destination_id, "limit": limit, "lease_s": base.lease_s,
    })  # fmt: skip
    if not rows:
        return batch, [], {}
    fresh = [row for row in rows if row.number is None]
    if fresh:
        await tx.run("outgoing_number", {
            "base_id": base.id, "batch": batch, "last_number": last_number + len(fresh),
            "numbers": [last_number + i for i in range(1, len(fresh) + 1)],
            "event_ids": [r.event_id for r in fresh], "lane_ids": [r.lane_id for r in fresh],
            "seqs": [r.seq for r in fresh],
        })  # fmt: skip
    events = await read(tx, base.id, [row.event_id for row in rows], after=0, limit=limit)
    return batch, events, {row.event_id: row.attempt for row in rows}


async def read(tx: Tx, base_id: UUID, event_ids: list[UUID] | None, *, after: int, limit: int) -> list[Row]:
    """Events that were given to a base, by number."""
    return await tx.fetch(
        "outgoing_events", {"base_id": base_id, "event_ids": event_ids, "after": after, "limit": limit}
    )


async def lock(tx: Tx, base_id: UUID) -> int:
    """One call at a time hands out or takes back events of a base. Returns the last number given."""
    row = await tx.one("outgoing_lock", {"base_id": base_id})
    assert row is not None
    return int(row.last_number)


async def skip(tx: Tx, base_id: UUID, number: int) -> None:
    """Events get greater numbers than this from now on. Under `lock`."""
    await tx.run("outgoing_skip", {"base_id": base_id, "number": number})


async def find(tx: Tx, base_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Those that were ever given to this base."""
    rows = await tx.fetch("outgoing_find", {"base_id": base_id, "event_ids": list(event_ids)})
    return {row.event_id: row for row in rows}


async def accept(tx: Tx, base_id: UUID, event_ids: Sequence[UUID]) -> None:
    if event_ids:
        await lags.note_accepted_by_onec(tx, base_id, event_ids)
        await tx.run("outgoing_accept", {"base_id": base_id, "event_ids": list(event_ids)})


async def reject(tx: Tx, base_id: UUID, event_id: UUID, code: str, why: str) -> None:
    await tx.run("outgoing_reject", {"base_id": base_id, "event_id": event_id, "code": code, "why": why})


async def hold(tx: Tx, base: Base, event_id: UUID, code: str, why: str) -> None:
    await tx.run("outgoing_hold", {
        "base_id": base.id, "event_id": event_id, "lease_s": base.lease_s, "code": code, "why": why,
    })  # fmt: skip
