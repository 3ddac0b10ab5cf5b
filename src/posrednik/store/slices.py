"""Slices of a base's objects: what the mirror has of one, and how comparisons ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from posrednik.store.db import Database, Row, Tx

Sent = tuple[int, int]  # (epoch_no, number of the message)


@dataclass(frozen=True, slots=True)
class Slice:
    """kind; slice: "2026-11" or "" = all of the kind. since, until: the month in UTC as the mirror writes times."""

    base_id: UUID
    kind: str
    slice: str
    since: str | None = None
    until: str | None = None


async def digest(tx: Tx, one: Slice, after: Sent = (0, 0)) -> tuple[int, str]:
    """(count, hash) of its objects that are not deleted: SHA-256 over the sorted lines `ref:version`.

    after: only of what the base has sent after this.
    """
    row = await tx.one("slice_digest", {
        "base_id": one.base_id, "kind": one.kind, "since": one.since, "until": one.until, "epoch_no": after[0],
        "number": after[1],
    })  # fmt: skip
    assert row is not None
    return row.n, row.hash


async def unconfirmed(tx: Tx, one: Slice, after: Sent, limit: int) -> list[Row]:
    """Objects of it that the base has not sent after this: ref, version, changed_at, number, division, name."""
    return await tx.fetch("slice_unconfirmed", {
        "base_id": one.base_id, "kind": one.kind, "since": one.since, "until": one.until, "epoch_no": after[0],
        "number": after[1], "limit": limit,
    })  # fmt: skip


async def any_doubted(tx: Tx, base_id: UUID) -> bool:
    """Whether anything is open about any object of the base: one look at an index that is nearly always empty."""
    return await tx.one("incidents_of_objects_any", {"base_id": base_id}) is not None


async def doubted(tx: Tx, base_id: UUID, subjects: Sequence[str]) -> list[Row]:
    """Open incidents about these objects (`kind:ref`) of the base, locked: id, subject_id."""
    return await tx.fetch("incidents_of_objects", {"base_id": base_id, "subjects": list(subjects)})


async def latest(source: Tx | Database, base_id: UUID) -> list[Row]:
    """The last comparison of each slice."""
    return await _rows(source, "slices_latest", {"base_id": base_id})


async def history(source: Tx | Database, base_id: UUID, kind: str, slice: str, limit: int) -> list[Row]:
    """Comparisons of one slice, newest first."""
    return await _rows(source, "slice_history", {"base_id": base_id, "kind": kind, "slice": slice, "limit": limit})


async def lost(source: Tx | Database) -> dict[UUID, int]:
    """How many objects each base has lost in a restore and nobody has decided on."""
    return {row.base_id: row.n for row in await _rows(source, "objects_lost", {})}


async def agreement(source: Tx | Database, first: date, last: date) -> dict[date | None, tuple[int, int]]:
    """(objects compared, of them that agreed) of each day; of None: of all these days together."""
    rows = await _rows(source, "slices_agreement", {"first": first, "last": last})
    return {row.day: (row.checked, row.agreeing) for row in rows}


async def _rows(source: Tx | Database, query: LiteralString, values: dict[str, Any]) -> list[Row]:
    if isinstance(source, Tx):
        return await source.fetch(query, values)
    return list(await source.read(query, values))


async def asked(tx: Tx, one: Slice, within_s: float) -> Row:
    """times: how often it was asked for; lately: within so many seconds."""
    row = await tx.one("slice_asked", {
        "base_id": one.base_id, "kind": one.kind, "slice": one.slice, "within_s": within_s,
    })  # fmt: skip
    assert row is not None
    return row


async def add_check(
    tx: Tx, one: Slice, epoch_no: int, theirs_count: int | None, ours_count: int | None, *, equal: bool | None,
    asked: bool, run_id: UUID | None = None,
) -> None:  # fmt: skip
    """Counts and equal None: nothing was compared, a person asked."""
    await tx.run("slice_check_add", {
        "base_id": one.base_id, "kind": one.kind, "slice": one.slice, "epoch_no": epoch_no,
        "theirs_count": theirs_count, "ours_count": ours_count, "equal": equal, "asked": asked,
        "run_id": run_id,
    })  # fmt: skip
