"""The mirror of 1C's objects, what waits for others, and the quarantine: all of it in sets, never row by row."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store import lags
from posrednik.store.db import Database, Row, Tx

NULL = r"\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
Key = tuple[str, str]  # (kind, ref)
Rank = tuple[int, int, int]  # (epoch_no, number, index): newer state has the greater one


class State(msgspec.Struct, frozen=True, gc=False):
    """One object's state as it is stored. body: canonical JSON text."""

    kind: str
    ref: str
    version: str
    hash: bytes
    rank: Rank
    deleted: bool
    posted: bool
    event_id: UUID | None
    body: str

    @property
    def key(self) -> Key:
        return self.kind, self.ref


@dataclass(frozen=True, slots=True)
class Bad:
    """An object that cannot be applied, kept whole. field: path of what cannot be read; value: None = no single one."""

    kind: str
    ref: str
    index: int
    code: str
    message: str
    body: bytes
    field: str = ""
    value: str | None = None


def _keys(keys: Iterable[Key]) -> dict[str, list[str]]:
    pairs = list(keys)
    return {"kinds": [kind for kind, _ in pairs], "refs": [ref for _, ref in pairs]}


async def known(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> tuple[dict[Key, tuple[Rank, bytes]], dict[Key, Rank]]:
    """(rank, hash) of those that are applied, and the rank of those that wait."""
    rows = await tx.fetch("mirror_known", {"base_id": base_id, **_keys(keys)})
    applied = {(r.kind, r.ref): ((r.epoch_no, r.number, r.idx), r.hash) for r in rows if not r.waiting}
    waiting = {(r.kind, r.ref): (r.epoch_no, r.number, r.idx) for r in rows if r.waiting}
    return applied, waiting


async def have(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> set[Key]:
    """Which of these objects are known."""
    rows = await tx.fetch("mirror_have", {"base_id": base_id, **_keys(keys)})
    return {(row.kind, row.ref) for row in rows}


async def get(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> dict[Key, Row]:
    """Objects with their data (JSON text), by key."""
    wanted = _keys(keys)
    if not wanted["refs"]:
        return {}
    rows = await tx.fetch("mirror_get", {"base_id": base_id, **wanted})
    return {(row.kind, row.ref): row for row in rows}


async def texts(source: Database, base_id: UUID, kind: str, field: str, refs: Sequence[str]) -> dict[str, str]:
    """One field of objects, by ref; those that are not here or have nothing in it are left out."""
    rows = await source.read("mirror_texts", {"base_id": base_id, "kind": kind, "field": field, "refs": list(refs)})
    return {row.ref: row.value for row in rows}


async def put(tx: Tx, base_id: UUID, states: Sequence[State]) -> None:
    """The newest state of each object; the caller has compared ranks under the base's lock."""
    if states:
        await tx.run("mirror_put", {"base_id": base_id, **_columns(states)})


async def add(tx: Tx, base_id: UUID, states: Sequence[State]) -> None:
    """Objects that the caller knows to be new."""
    if states:
        await tx.copy("mirror_add", "".join([_line(str(base_id), state) for state in states]))


def _line(base_id: str, state: State) -> str:
    """A row of mirror_add. A JSON text has no plain tabs or line ends: only backslashes have to be escaped there."""
    epoch_no, number, index = state.rank
    body = state.body.replace("\\", "\\\\") if "\\" in state.body else state.body
    return (
        f"{base_id}\t{state.kind}\t{_escaped(state.ref)}\t{_escaped(state.version)}\t\\\\x{state.hash.hex()}\t{epoch_no}\t"
        f"{number}\t{index}\t{state.deleted}\t{state.posted}\t{state.event_id or NULL}\t{body}\n"
    )


def _escaped(text: str) -> str:
    """A text in COPY's text format."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


async def touch(tx: Tx, base_id: UUID, states: Sequence[State]) -> None:
    """The same content under a newer rank or version."""
    if states:
        columns = _columns(states)
        names = ("kinds", "refs", "versions", "epoch_nos", "numbers", "idxs", "event_ids")
        await tx.run("mirror_touch", {"base_id": base_id, **{name: columns[name] for name in names}})


def _columns(states: Sequence[State]) -> dict[str, list[Any]]:
    return {
        "kinds": [s.kind for s in states],
        "refs": [s.ref for s in states],
        "versions": [s.version for s in states],
        "hashes": [s.hash for s in states],
        "epoch_nos": [s.rank[0] for s in states],
        "numbers": [s.rank[1] for s in states],
        "idxs": [s.rank[2] for s in states],
        "deleteds": [s.deleted for s in states],
        "posteds": [s.posted for s in states],
        "event_ids": [s.event_id for s in states],
        "datas": [s.body for s in states],
    }


async def wait(tx: Tx, base_id: UUID, states: Sequence[State], needs: Sequence[tuple[Key, Key]]) -> None:
    """Keep objects until what they need has come. needs: (needed, by whom)."""
    if not states:
        return
    await tx.run("waiting_put", {"base_id": base_id, **_columns(states)})
    await tx.run("waiting_needs_put", {
        "base_id": base_id,
        "needed_kinds": [needed[0] for needed, _ in needs], "needed_refs": [needed[1] for needed, _ in needs],
        "kinds": [by[0] for _, by in needs], "refs": [by[1] for _, by in needs],
    })  # fmt: skip


async def stop_waiting(tx: Tx, base_id: UUID, keys: Iterable[Key]) -> None:
    wanted = _keys(keys)
    if wanted["refs"]:
        await tx.run("waiting_drop", {"base_id": base_id, **wanted})


async def release(tx: Tx, base_id: UUID, come: Iterable[Key]) -> list[State]:
    """What waited for these and for nothing else any more, in the order of rank; still to be applied."""
    wanted = _keys(come)
    if not wanted["refs"] or not await tx.one("waiting_any", {"base_id": base_id}):
        return []
    return [_state(row) for row in await tx.fetch("waiting_release", {"base_id": base_id, **wanted})]


async def waiting_for(tx: Tx, base_id: UUID, kind: str, needed: Key, limit: int) -> list[State]:
    """Objects of a kind that wait for this one, in the order of rank."""
    rows = await tx.fetch("waiting_for_value", {
        "base_id": base_id, "kind": kind, "needed_kind": needed[0], "needed_ref": needed[1], "limit": limit,
    })  # fmt: skip
    return [_state(row) for row in rows]


def _state(r: Row) -> State:
    rank = (r.epoch_no, r.number, r.idx)
    return State(r.kind, r.ref, r.version, r.hash, rank, r.deleted, r.posted, r.event_id, r.data)


async def quarantine(tx: Tx, base_id: UUID, epoch_no: int, number: int, bad: Sequence[Bad]) -> None:
    """Keep what could not be applied, with the reason."""
    if bad:
        await tx.run("quarantine_put", {
            "base_id": base_id, "epoch_no": epoch_no, "number": number,
            "kinds": [b.kind for b in bad], "refs": [b.ref for b in bad], "idxs": [b.index for b in bad],
            "codes": [b.code for b in bad], "messages": [b.message for b in bad], "bodies": [b.body for b in bad],
            "fields": [b.field for b in bad], "values": [b.value for b in bad],
        })  # fmt: skip
        await lags.count(tx, [lags.Count("quarantined", "", base_id, datetime.now(UTC), len(bad))])


async def clear_quarantine(tx: Tx, base_id: UUID, states: Sequence[State]) -> None:
    """Good versions have come; they clear what is older than they are."""
    if states and await tx.one("quarantine_any", {"base_id": base_id}):
        columns = _columns(states)
        names = ("kinds", "refs", "epoch_nos", "numbers", "idxs")
        await tx.run("quarantine_clear", {"base_id": base_id, **{name: columns[name] for name in names}})


async def in_quarantine(
    tx: Tx, base_id: UUID, *, ids: list[int] | None, kind: str | None, code: str | None, field: str | None,
    value: str | None, limit: int,
) -> Sequence[Row]:  # fmt: skip
    """Rows of a base, locked, in the order of their ranks: id, kind, ref, epoch_no, number, idx, body."""
    return await tx.fetch("quarantine_take", {
        "base_id": base_id, "ids": ids, "kind": kind, "code": code, "field": field, "value": value, "limit": limit,
    })  # fmt: skip


async def stay_in_quarantine(tx: Tx, rows: Sequence[tuple[int, str, str, str, str | None]]) -> None:
    """What was tried again and still cannot be read, and why now: id, code, message, field, value."""
    if rows:
        ids, codes, messages, fields, values = (list(column) for column in zip(*rows, strict=True))
        await tx.run("quarantine_again", {
            "ids": ids, "codes": codes, "messages": messages, "fields": fields, "values": values,
        })  # fmt: skip


async def leave_quarantine(tx: Tx, ids: Sequence[int], why: str) -> None:
    if ids:
        await tx.run("quarantine_done", {"ids": list(ids), "why": why})
