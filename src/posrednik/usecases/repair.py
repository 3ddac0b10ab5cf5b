"""What an administrator decides about what does not go out: again, without it, now, not now."""

from collections.abc import Sequence
from datetime import datetime

from posrednik.domain.errors import DomainError
from posrednik.store import journal
from posrednik.store import replay as store
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.store.replay import Replayed, ReplayFilter

__all__ = [
    "CannotSendNow",
    "NoSuchDestination",
    "ReplayFilter",
    "Replayed",
    "dead",
    "replay",
    "send_now",
    "skip",
    "switch_destination",
]  # fmt: skip


class CannotSendNow(DomainError):
    """It is on the way, with 1C, stopped, held, or must be looked up first."""

    code = "cannot_send_now"


class NoSuchDestination(DomainError):
    """None has this id, or it was deleted."""

    code = "not_found"


async def dead(
    db: Database, destination: str | None, limit: int, *, code: str | None = None, since: datetime | None = None,
    order_number: str | None = None,
) -> Sequence[Row]:  # fmt: skip
    """Oldest first."""
    wanted = ReplayFilter(destination, code=code, since=since, order_number=order_number)
    return await store.found(db, wanted, limit)


async def replay(db: Database, wanted: ReplayFilter, *, dry_run: bool, who: str) -> Replayed:
    """Send dead letters again, in lane order; with dry_run only count them."""
    return await store.replay(db, wanted, dry_run=dry_run, who=who)


async def skip(tx: Tx, lane_id: int, seq: int, reason: str, who: str) -> bool:
    """Let the lane go on without this message. False = it is not a dead letter any more."""
    return await store.skip_in(tx, lane_id, seq, reason, who)


async def send_now(tx: Tx, lane_id: int, who: str) -> None:
    """The next try is due at once; limits and breaker stay. Raises CannotSendNow."""
    if not await store.send_now(tx, lane_id, who):
        raise CannotSendNow


async def switch_destination(tx: Tx, destination_id: int, state: str, reason: str, who: str) -> str:
    """state: paused (nothing is sent, all of it waits) or open. Returns what it was. Raises NoSuchDestination."""
    why = f"{reason} ({who})" if state == "paused" else ""
    row = await tx.one("destination_switch", {"destination_id": destination_id, "state": state, "why": why})
    if row is None:
        raise NoSuchDestination
    word = "отправка приостановлена" if state == "paused" else "отправка продолжена"
    entry = Entry("dispatch", row.name, "paused" if state == "paused" else "opened", f"{word}: {reason} ({who})")
    await journal.add(tx, [entry])
    tx.hints.add(destination_id)
    return str(row.was)
