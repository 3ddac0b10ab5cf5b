"""What pages said of owners of fields, what was refused, and objects as their bases sent them. See
docs/subsystems/ownership.md."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from posrednik.store.db import Database, Row, Tx
from posrednik.store.mirror import Key


async def every(source: Tx | Database) -> Sequence[Row]:
    """All rows that a page ever wrote, in one look: name, owners (None = the file's again), version, who, at,
    reason."""
    return await (source.fetch if isinstance(source, Tx) else source.read)("field_owners")


async def lock(tx: Tx) -> None:
    """One change at a time, until the commit."""
    await tx.run("field_owners_lock")


async def put(
    tx: Tx, rows: Mapping[str, Collection[str] | None], *, version: int, who: str, at: datetime, reason: str
) -> None:
    """rows: name → owners, None = the file's again."""
    joined = [None if owners is None else "\n".join(sorted(owners)) for owners in rows.values()]
    await tx.run("field_owners_put", {
        "names": list(rows), "owners": joined, "version": version, "who": who, "at": at, "reason": reason,
    })  # fmt: skip


async def count(tx: Tx, refused: Mapping[tuple[str, str], int], at: datetime) -> None:
    """refused: (name, system) → how often."""
    if refused:
        keys = sorted(refused)
        await tx.run("field_refusals_add", {
            "names": [name for name, _ in keys], "systems": [system for _, system in keys],
            "ns": [refused[key] for key in keys], "at": at,
        })  # fmt: skip


async def refusals(db: Database, since: date) -> Sequence[Row]:
    """name, n, last_at, by: the system that was refused most on a day."""
    return await db.read("field_refusals", {"since": since})


async def open_cases(tx: Tx, subjects: Sequence[str]) -> list[UUID]:
    """Incidents about these fields that nobody has decided. subjects: `kind:ref:field`."""
    return [row.id for row in await tx.fetch("field_cases_open", {"subjects": list(subjects)})] if subjects else []


async def contents(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> dict[Key, Row]:
    """What was accepted last of these objects, applied or waiting: deleted, posted, data (JSON text)."""
    wanted = list(keys)
    rows = await tx.fetch("mirror_content", {
        "base_id": base_id, "kinds": [kind for kind, _ in wanted], "refs": [ref for _, ref in wanted],
    })  # fmt: skip
    return {(row.kind, row.ref): row for row in rows}
