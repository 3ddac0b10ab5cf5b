"""Runs of reconciliation: asked for, compared, found, repaired (docs/subsystems/reconciliation.md)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Database, Row, Tx
from posrednik.store.mirror import Key, Rank
from posrednik.store.slices import Slice

NOT_THERE: Rank = (0, 0, 0)
REFS_ARE_TEXTS = frozenset({"price", "stock"})
REPAIRED_WITHIN_DAYS = 7  # after that a run is history; what still differs is found by a later one
_OF_GUIDS = re.compile(r"[0-9a-f]{2}")
# The next one in every collation: digits, then letters.
_AFTER = dict(zip("0123456789abcdef", "123456789abcdefg", strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """An object that did not agree. what: missing_here, changed, missing_there, waiting, quarantined, sample.

    rank: of the mirror then. fields: that differ, of a sampled one; "" = it could not be read or is on one side only.
    """

    kind: str
    ref: str
    what: str
    rank: Rank = NOT_THERE
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an object. version None: it is not in the mirror. waiting: version that waits for others.

    bad: what came last and could not be read.
    """

    version: str | None
    deleted: bool
    rank: Rank
    waiting: str | None
    bad: bytes | None


def key_of(key: Key) -> str:
    return f"{key[0]}:{key[1]}"


async def begin(tx: Tx, run_id: UUID, base_id: UUID, reason: str, by: str, night: date | None) -> bool:
    """False: a run of the base is under way, or this night has had its own."""
    return await tx.one("reconciliation_add", {
        "id": run_id, "base_id": base_id, "reason": reason, "asked_by": by, "night": night,
    }) is not None  # fmt: skip


async def running(tx: Tx, base_id: UUID) -> UUID | None:
    row = await tx.one("reconciliation_running", {"base_id": base_id})
    return row.id if row else None


async def get(tx: Tx, base_id: UUID, run_id: UUID) -> Row | None:
    """id, state, ended, sample_left of a run of this base."""
    return await tx.one("reconciliation_get", {"base_id": base_id, "run_id": run_id})


async def draw(tx: Tx, base_id: UUID, size: int) -> list[Key]:
    """So many objects of the mirror at random, or all there are."""
    return [(row.kind, row.ref) for row in await tx.fetch("reconciliation_draw", {"base_id": base_id, "size": size})]


async def ask_sample(tx: Tx, run_id: UUID, keys: Iterable[Key]) -> None:
    await tx.run("reconciliation_ask_sample", {"run_id": run_id, "keys": [key_of(key) for key in keys]})


async def sampled(tx: Tx, run_id: UUID, keys: Iterable[Key], agreed: int) -> None:
    """These have come; so many of them agreed."""
    await tx.run("reconciliation_sampled", {
        "run_id": run_id, "keys": [key_of(key) for key in keys], "agreed": agreed,
    })  # fmt: skip


async def end(tx: Tx, run_id: UUID) -> None:
    """The base has compared everything."""
    await tx.run("reconciliation_end", {"run_id": run_id})


async def close(tx: Tx, run_id: UUID) -> bool:
    """Whether the run is done with this: it has all that it asked for."""
    return await tx.one("reconciliation_close", {"run_id": run_id}) is not None


async def give_up(tx: Tx, hours: float) -> list[Row]:
    """Runs that have not come to their end in so many hours are late: id, base_id."""
    return await tx.fetch("reconciliation_late", {"hours": hours})


async def nights(source: Tx | Database, start_s: int, moment: datetime | None = None) -> list[Row]:
    """Bases whose nightly run is due: base_id, night. start_s: after midnight there. moment: None = now."""
    return await _rows(source, "reconciliation_nights", {"start": start_s, "moment": moment})


async def add_found(tx: Tx, run_id: UUID, found: Sequence[Found]) -> None:
    for sampled in (False, True):
        if rows := [one for one in found if (one.what == "sample") == sampled]:
            await tx.run("reconciliation_found_add", {
                "run_id": run_id, "sampled": sampled, "kinds": [f.kind for f in rows], "refs": [f.ref for f in rows],
                "whats": [f.what for f in rows], "fields": [msgspec.json.encode(f.fields).decode() for f in rows],
                "epoch_nos": [f.rank[0] for f in rows], "numbers": [f.rank[1] for f in rows],
                "idxs": [f.rank[2] for f in rows],
            })  # fmt: skip


async def repair(tx: Tx, run_id: UUID) -> int:
    """What the run has found and what has come in a later version since. Returns how many."""
    await tx.one("reconciliation_lock", {"run_id": run_id})  # a base that goes on with it does the same
    return await tx.run("reconciliation_repair", {"run_id": run_id})


async def not_repaired(db: Database) -> list[UUID]:
    """Young runs with something that is not."""
    return [row.id for row in await db.read("reconciliation_open", {"days": REPAIRED_WITHIN_DAYS})]


async def unknown(tx: Tx, run_id: UUID, limit: int) -> list[Key]:
    """What a run did not find in the base, and has not come since."""
    rows = await tx.fetch("reconciliation_unknown", {"run_id": run_id, "limit": limit})
    return [(row.kind, row.ref) for row in rows]


async def untold(tx: Tx, base_id: UUID, objects: Sequence[Key], onec: str) -> list[Row]:
    """Of these those that people do not know to be missing in the base; columns of the query.

    onec: who decides by itself; what he decided is no decision of a person.
    """
    if not objects:
        return []
    return await tx.fetch("objects_untold", {
        "base_id": base_id, "kinds": [kind for kind, _ in objects], "refs": [ref for _, ref in objects], "onec": onec,
    })  # fmt: skip


async def kept(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> dict[Key, Row]:
    """Objects of the mirror as 1C told them: deleted, posted, epoch_no, number, idx, data (JSON text)."""
    pairs = list(keys)
    if not pairs:
        return {}
    rows = await tx.fetch("objects_as_kept", {
        "base_id": base_id, "kinds": [kind for kind, _ in pairs], "refs": [ref for _, ref in pairs],
    })  # fmt: skip
    return {(row.kind, row.ref): row for row in rows}


async def runs(source: Tx | Database, base_id: UUID | None, run_id: UUID | None, limit: int) -> list[Row]:
    """Newest first, with what they have compared and found (columns of the query)."""
    return await _rows(source, "reconciliation_runs", {"base_id": base_id, "run_id": run_id, "limit": limit})


async def fields(source: Tx | Database, run_ids: Sequence[UUID]) -> list[Row]:
    """What differed in samples: run_id, kind, field, n."""
    return await _rows(source, "reconciliation_fields", {"run_ids": list(run_ids)}) if run_ids else []


async def objects(source: Tx | Database, run_id: UUID, limit: int) -> list[Row]:
    """What a run has found: kind, ref, name, what, fields, repaired_at."""
    return await _rows(source, "reconciliation_objects", {"run_id": run_id, "limit": limit})


# -- slices in detail


def _slice(one: Slice) -> dict[str, Any]:
    return {"base_id": one.base_id, "kind": one.kind, "since": one.since, "until": one.until}


async def parts(tx: Tx, one: Slice, at: int) -> dict[str, tuple[int, str]]:
    """(count, hash) of each part of a slice, by two characters of the ref; at: place of the first, 1 and up."""
    return {row.part: (row.n, row.hash) for row in await tx.fetch("slice_parts", {**_slice(one), "at": at})}


async def unlike(
    tx: Tx, one: Slice, at: int, part: str | None, lines: Sequence[str]
) -> tuple[list[str], dict[str, Rank]]:
    """(lines `ref:version` that are only there, objects of the slice whose line is only here with their ranks)."""
    theirs = {**_slice(one), "lines": list(lines)}
    if at == 1 and one.kind not in REFS_ARE_TEXTS and part is not None and _OF_GUIDS.fullmatch(part):
        rows = await tx.fetch("slice_unlike_guid", {**theirs, "low": part, "high": part[0] + _AFTER[part[1]]})
    else:
        rows = await tx.fetch("slice_unlike", {**theirs, "at": at, "part": part})
    here = {row.ref: (row.epoch_no, row.number, row.idx) for row in rows if row.theirs is None}
    return [row.theirs for row in rows if row.theirs is not None], here


async def standing(tx: Tx, base_id: UUID, kind: str, refs: Sequence[str]) -> dict[str, Standing]:
    """What is known of these objects, each of them."""
    if not refs:
        return {}
    rows = await tx.fetch("objects_standing", {"base_id": base_id, "kind": kind, "refs": list(refs)})
    return {
        row.ref: Standing(row.version, bool(row.deleted), (row.epoch_no, row.number, row.idx), row.waiting, row.bad)
        for row in rows
    }


async def split(tx: Tx, one: Slice, run_id: UUID | None, differing: Sequence[str]) -> None:
    """These parts of the slice differ and are to be listed."""
    await tx.run("slice_split", {**_of(one, run_id), "parts": list(differing)})


async def listed(tx: Tx, one: Slice, run_id: UUID | None, part: str | None, differing: int) -> None:
    """The slice, or a part of it, was listed: so many objects differ."""
    await tx.run("slice_listed", {**_of(one, run_id), "part": part, "differing": differing})


def _of(one: Slice, run_id: UUID | None) -> dict[str, Any]:
    return {"base_id": one.base_id, "kind": one.kind, "slice": one.slice, "run_id": run_id}


async def _rows(source: Tx | Database, query: Any, values: dict[str, Any]) -> list[Row]:
    return await source.fetch(query, values) if isinstance(source, Tx) else list(await source.read(query, values))
