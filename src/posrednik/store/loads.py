"""First loads of bases: where each stands, who reads it, and what does not agree at its end."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.loads import Position
from posrednik.store.db import Database, Row, Tx
from posrednik.store.mirror import Bad, Key
from posrednik.store.slices import Slice

LEASE_S = 30.0
MOST_DIFFERING = 200  # of a set, kept by name; the counts are of all


@dataclass(slots=True)
class LoadSet:
    """One entity set. state: waiting, read, checked. theirs, ours: objects compared at the end."""

    place: int
    kind: str
    state: str
    total: int | None
    done: int
    bad: int
    theirs: int | None = None
    ours: int | None = None
    position: Position = field(default_factory=Position)
    differing: list[dict[str, Any]] = field(default_factory=list)


async def add(tx: Tx, base_id: UUID, who: str) -> int | None:
    """Begin a load, anew if one was stopped or failed; None: one is running."""
    row = await tx.one("load_add", {"base_id": base_id, "who": who})
    if row is None:
        return None
    await tx.run("load_sets_drop", {"id": row.id})
    return int(row.id)


async def change(tx: Tx, base_id: UUID, state: str, was: Sequence[str]) -> int | None:
    """The open load of a base, if it was in one of these states."""
    row = await tx.one("load_state", {"base_id": base_id, "state": state, "was": list(was)})
    return row.id if row else None


async def claim(tx: Tx, load_id: int, runner: UUID, *, force: bool = False) -> Row | None:
    """Read it from now on: id, base_id, rows_read, rate. None: another does, or it shall not be read."""
    return await tx.one("load_claim", {"id": load_id, "runner": runner, "lease_s": LEASE_S, "force": force})


async def hold(tx: Tx, load_id: int, runner: UUID, rows: int, rate: float) -> int | None:
    """Note so many rows more; the number of the first of them. None: the runner must stop, nothing may be written."""
    row = await tx.one("load_hold", {
        "id": load_id, "runner": runner, "lease_s": LEASE_S, "rows": rows, "rate": rate,
    })  # fmt: skip
    return row.before if row else None


async def end(tx: Tx, load_id: int, runner: UUID, state: str, notes: Sequence[str]) -> None:
    """state: done or failed."""
    await tx.run("load_end", {"id": load_id, "runner": runner, "state": state, "notes": _json(list(notes))})


async def note(tx: Tx, load_id: int, notes: Sequence[str]) -> None:
    await tx.run("load_notes", {"id": load_id, "notes": _json(list(notes))})


async def add_sets(tx: Tx, load_id: int, sets: Sequence[tuple[str, int | None]]) -> None:
    """sets: (kind, rows or None)."""
    kinds, totals = [kind for kind, _ in sets], [total for _, total in sets]
    await tx.run("load_sets_add", {"id": load_id, "kinds": kinds, "totals": totals})


async def sets(source: Tx | Database, load_id: int) -> list[LoadSet]:
    reader = source.fetch if isinstance(source, Tx) else source.read
    return [
        LoadSet(r.place, r.kind, r.state, r.total, r.done, r.bad, r.theirs, r.ours, Position(**r.position), r.differing)
        for r in await reader("load_sets", {"id": load_id})
    ]


async def put_set(tx: Tx, load_id: int, one: LoadSet) -> None:
    await tx.run("load_set_put", {
        "id": load_id, "place": one.place, "state": one.state, "done": one.done, "bad": one.bad, "theirs": one.theirs,
        "ours": one.ours, "position": _json(asdict(one.position)), "differing": _json(one.differing[:MOST_DIFFERING]),
    })  # fmt: skip


async def newest(source: Database, base_id: UUID | None = None) -> list[Row]:
    """The newest load of each base: columns of queries/loads.sql."""
    return list(await source.read("loads", {"base_id": base_id}))


async def due(source: Database, bases: Sequence[UUID]) -> list[Row]:
    """Loads of these bases that nobody reads although they should be read: id, base_id."""
    return list(await source.read("loads_due", {"bases": list(bases)}))


async def unequal(
    tx: Tx, base_id: UUID, kind: str, versions: Sequence[tuple[str, str]], *, by_message: bool
) -> list[Row]:
    """Which of these (ref, version) are not here so: ref, theirs, ours, waits, quarantined."""
    return await tx.fetch("load_compare", {
        "base_id": base_id, "kind": kind, "refs": [ref for ref, _ in versions],
        "versions": [version for _, version in versions], "by_message": by_message,
    })  # fmt: skip


async def not_there(tx: Tx, one: Slice, seen: Sequence[str]) -> list[Row]:
    """Objects of the slice that are here and were not seen in 1C: ref, version."""
    return await tx.fetch("load_extra", {
        "base_id": one.base_id, "kind": one.kind, "since": one.since, "until": one.until, "seen": list(seen),
        "limit": MOST_DIFFERING,
    })  # fmt: skip


async def known_bad(tx: Tx, base_id: UUID, bad: Sequence[Bad]) -> set[Key]:
    """Those that lie in quarantine already: a row that is read twice is told once."""
    if not bad:
        return set()
    rows = await tx.fetch("load_bad_known", {
        "base_id": base_id, "kinds": [one.kind for one in bad], "refs": [one.ref for one in bad],
        "bodies": [one.body for one in bad],
    })  # fmt: skip
    return {(row.kind, row.ref) for row in rows}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
