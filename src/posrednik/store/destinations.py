"""The systems that are sent to: their state, breaker, and (for the site and others) their subscriptions."""

from collections.abc import Sequence
from uuid import UUID

from posrednik.store.db import Database, Row, Tx


async def due(db: Database) -> Sequence[Row]:
    """Every destination that is pushed to, with what a dispatcher must know of it now."""
    return await db.read("destinations_due")


async def ensure(tx: Tx, name: str, kind: str) -> int:
    """The destination of this name, made if new. Returns its id."""
    row = await tx.one("destination_ensure", {"name": name, "kind": kind})
    assert row is not None
    return int(row.id)


async def set_state(db: Database, destination_id: int, state: str, why: str) -> None:
    """state: open, paused, disabled or deleted; why: a sentence for people."""

    async def work(tx: Tx) -> None:
        await tx.run("destination_state", {"destination_id": destination_id, "state": state, "why": why})
        tx.hints.add(destination_id)

    await db.transact(work)


async def subscription_of(db: Database, destination_id: int) -> Row | None:
    """url, secret, old_secret (while it still signs) of a destination of kind `site`."""
    rows = await db.read("subscription_of", {"destination_id": destination_id})
    return rows[0] if rows else None


async def subscriptions(db: Database) -> Sequence[Row]:
    return await db.read("subscriptions")


async def add_subscription(
    tx: Tx, subscription_id: UUID, url: str, events: Sequence[str], secret: str, division_ref: str | None
) -> None:
    """A new subscriber and its destination."""
    destination_id = await ensure(tx, f"site:{subscription_id}", "site")
    await tx.run("subscription_add", {
        "id": subscription_id, "destination_id": destination_id, "url": url, "events": list(events),
        "secret": secret, "division_ref": division_ref,
    })  # fmt: skip


async def subscription(tx: Tx, subscription_id: UUID) -> Row | None:
    """One subscriber, locked: id, destination_id, url, events, division_ref, secret, state, why, made_at."""
    return await tx.one("subscription_get", {"id": subscription_id})


async def change_subscription(
    tx: Tx,
    row: Row,
    url: str,
    events: Sequence[str],
    secret: str,
    *,
    old_secret: str | None = None,
    overlap_s: float = 0.0,
) -> None:
    """New settings; workers take them over within a poll. old_secret signs beside the new one for `overlap_s`."""
    params = {"id": row.id, "url": url, "events": list(events), "division_ref": row.division_ref, "secret": secret,
              "old_secret": old_secret, "overlap_s": overlap_s}  # fmt: skip
    await tx.run("subscription_change", params)
    tx.hints.add(row.destination_id)


async def set_state_in(tx: Tx, destination_id: int, state: str, why: str) -> None:
    """`set_state` inside a transaction."""
    await tx.run("destination_state", {"destination_id": destination_id, "state": state, "why": why})
    tx.hints.add(destination_id)
