"""The door for 1C: bases, their epochs and numbers, and the messages as they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Database, Row, Tx

MOST_GAPS = 1000


@dataclass(frozen=True, slots=True)
class Base:
    """One base's exchange state. epoch_no 0: it was never seen.

    doubt_epoch_no, doubt_number: what it sent up to this rank it may have lost when it was restored from a copy.
    maps_version: of its value maps, 0 = it never had any.
    """

    id: UUID
    name: str
    time_zone: str
    lease_s: int
    epoch: UUID | None
    epoch_no: int
    instance: str | None
    last_accepted: int
    arrivals: int
    encoding: str = "json"
    doubt_epoch_no: int = 0
    doubt_number: int = 0
    maps_version: int = 0


async def lock_base(tx: Tx, base_id: UUID) -> Base | None:
    """The base, locked until the commit: its writing calls take turns, so a repeat waits for the first."""
    row = await tx.one("base_lock", {"base_id": base_id})
    return Base(*row) if row else None


async def get_base(tx: Tx, base_id: UUID) -> Base | None:
    row = await tx.one("base_get", {"base_id": base_id})
    return Base(*row) if row else None


async def first_base(tx: Tx) -> Row:
    """The base that was made first, for what belongs to none. There is always one behind a courier."""
    return (await tx.fetch("bases"))[0]


async def doubt(tx: Tx, base: Base) -> Base:
    """The base was restored: what it has sent until now counts as known there only when it sends it again."""
    await tx.run("base_doubt", {"base_id": base.id, "epoch_no": base.epoch_no, "number": base.last_accepted})
    return replace(base, doubt_epoch_no=base.epoch_no, doubt_number=base.last_accepted)


async def doubted(db: Database) -> Sequence[Row]:
    """Bases in doubt: id, name, doubt_at."""
    return await db.read("bases_doubted")


async def doubt_left(db: Database, base_id: UUID, monthly: Iterable[str]) -> Sequence[Row]:
    """What it sent before and has not confirmed: kind, slice, n. monthly: kinds that are compared by months."""
    return await db.read("base_doubt_left", {"base_id": base_id, "monthly": sorted(monthly)})


async def note_doubt(tx: Tx, base_id: UUID, at: datetime, left: Sequence[tuple[str, str, int]]) -> bool:
    """Keep what is left of the doubt that began `at`; of nothing it ends. False: there is a newer one."""
    told = msgspec.json.encode(left).decode() if left else None
    return await tx.one("base_doubt_note", {"base_id": base_id, "at": at, "left": told}) is not None


async def begin_epoch(tx: Tx, base: Base, epoch: UUID, instance: str, reason: str) -> Base:
    """A new series of numbers, the next in rank. Returns the base as it is now."""
    number = base.epoch_no + 1
    await tx.run("base_epoch_add", {
        "base_id": base.id, "epoch": epoch, "epoch_no": number, "reason": reason, "last_accepted": base.last_accepted,
    })  # fmt: skip
    await tx.run("base_bind", {
        "base_id": base.id, "epoch": epoch, "epoch_no": number, "instance": instance, "last_accepted": 0,
    })  # fmt: skip
    return replace(base, epoch=epoch, epoch_no=number, instance=instance, last_accepted=0)


async def epoch_number(tx: Tx, base_id: UUID, epoch: UUID) -> int | None:
    """Rank of an epoch that was here once, else None."""
    row = await tx.one("base_epoch_find", {"base_id": base_id, "epoch": epoch})
    return row.epoch_no if row else None


async def next_arrival(tx: Tx, base_id: UUID) -> int:
    """Single commands have no message number; they rank by their arrival."""
    row = await tx.one("base_arrival", {"base_id": base_id})
    assert row is not None
    return int(row.arrivals)


async def find_message(tx: Tx, base: Base, number: int) -> Row | None:
    """body_hash and answer (JSON text) of a number that was taken in this epoch, while it is kept."""
    if number > base.last_accepted:
        return None  # whoever holds the base's lock knows that without a look
    return await tx.one("inbox_find", {"base_id": base.id, "epoch_no": base.epoch_no, "number": number})


async def take_number(tx: Tx, base: Base, number: int) -> int | None:
    """Account for a number that `find_message` does not know; returns the new last_accepted.

    What was jumped over becomes a gap. None: it was taken once, but so long ago that its content is not kept.
    """
    key = {"base_id": base.id, "epoch_no": base.epoch_no}
    if number <= base.last_accepted:
        return base.last_accepted if await _fill_gap(tx, key, number) else None
    if number > base.last_accepted + 1:
        await tx.run("gap_open", {**key, "first_number": base.last_accepted + 1, "last_number": number - 1})
    await tx.run("base_advance", {"base_id": base.id, "last_accepted": number})
    return number


async def _fill_gap(tx: Tx, key: dict[str, Any], number: int) -> bool:
    """Whether the number was missing."""
    gap = await tx.one("gap_fill", {**key, "number": number})
    if gap and gap.first_number < number:
        await tx.run("gap_open", {**key, "first_number": gap.first_number, "last_number": number - 1})
    return gap is not None


async def gaps(tx: Tx, base: Base) -> list[int]:
    """Missing numbers, the first thousand."""
    rows = await tx.fetch("gaps", {"base_id": base.id, "epoch_no": base.epoch_no})
    missing: list[int] = []
    for row in rows:
        missing += range(row.first_number, min(row.last_number, row.first_number + MOST_GAPS) + 1)
        if len(missing) >= MOST_GAPS:
            break
    return missing[:MOST_GAPS]


async def add_message(tx: Tx, base: Base, number: int, body_hash: bytes, packed: bytes, answer: Any) -> None:
    """Keep the raw body (zlib) and the answer that every repeat gets."""
    await tx.run("inbox_add", {
        "base_id": base.id, "epoch_no": base.epoch_no, "number": number, "body_hash": body_hash, "body": packed,
        "answer": msgspec.json.encode(answer).decode(),
    })  # fmt: skip


async def counts(tx: Tx, base_id: UUID) -> Row:
    """waiting, quarantined, outgoing of GET /exchange/state."""
    row = await tx.one("exchange_counts", {"base_id": base_id})
    assert row is not None
    return row


async def ensure_base(
    tx: Tx, base_id: UUID, name: str, *, time_zone: str, lease_s: int, mode: str, encoding: str, push_url: str
) -> None:
    """A base of the configuration; its epoch and numbers stay as they are."""
    await tx.run("base_ensure", {
        "id": base_id, "name": name, "time_zone": time_zone, "lease_s": lease_s, "mode": mode, "encoding": encoding,
        "push_url": push_url,
    })  # fmt: skip


async def last_heard(tx: Tx, base_id: UUID) -> datetime | None:
    """When the base was last taken a message or command from."""
    row = await tx.one("base_last_taken", {"base_id": base_id})
    assert row is not None
    heard: datetime | None = row.at
    return heard
