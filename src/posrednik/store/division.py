"""What pages and commands set of divisions over the file, with its history. See docs/subsystems/pilot.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Database, Row, Tx


class Changed(msgspec.Struct, frozen=True):
    """One key of a division that is not the file's any more."""

    value: Any
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """What was set of a division beside its file. version 0: nothing ever was. mode None: the file's.

    quiet_since: since when not everything is sent that was sent before; None = never so.
    """

    ref: str
    version: int = 0
    mode: str | None = None
    mode_at: datetime | None = None
    mode_by: str | None = None
    quiet_since: datetime | None = None
    pilot_couriers: frozenset[str] = frozenset()
    changes: Mapping[str, Changed] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        return {key: one.value for key, one in self.changes.items()}


async def every(source: Tx | Database) -> list[Own]:
    """All divisions that were ever changed, in one look: never half of a change."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return [_own(row) for row in await read("division_settings", {"ref": None})]


async def get(source: Tx | Database, ref: str) -> Own:
    read = source.fetch if isinstance(source, Tx) else source.read
    rows = await read("division_settings", {"ref": ref})
    return _own(rows[0]) if rows else Own(ref)


async def lock(tx: Tx, ref: str) -> Own:
    """The division's row, made if new, locked until the commit; `lock_modes` first when the mode is to change."""
    row = await tx.one("division_lock", {"ref": ref})
    return _own(row)


async def lock_open(tx: Tx, ref: str) -> list[UUID]:
    """Ids of the division's deliveries that are not over, locked until the commit. Before `lock`."""
    return [row.id for row in await tx.fetch("division_open_deliveries", {"ref": ref})]


async def lock_modes(tx: Tx, ref: str) -> None:
    """Wait for all transactions that send by the present mode, and let the next ones wait for this one."""
    await tx.run("division_modes_lock", {"ref": ref})


async def save(tx: Tx, own: Own, *, kind: str, who: str, reason: str, at: datetime, changes: Mapping[str, Any]) -> None:
    """`own` with its version already one higher. kind: settings, mode, couriers. changes: key → before, after."""
    encode = msgspec.json.encode
    await tx.run("division_save", {
        "ref": own.ref, "version": own.version, "mode": own.mode, "mode_at": own.mode_at, "mode_by": own.mode_by,
        "quiet_since": own.quiet_since, "pilot_couriers": sorted(own.pilot_couriers),
        "changes": encode(own.changes).decode(), "kind": kind, "who": who, "reason": reason, "at": at,
        "history": encode(changes).decode(),
    })  # fmt: skip


async def history(source: Tx | Database, ref: str, most: int = 100) -> Sequence[Row]:
    """Newest first: version, at, who, kind, reason, changes (JSON text)."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("division_history", {"ref": ref, "most": most})


async def mode_before(db: Database, ref: str) -> str | None:
    """Before the last switch of the mode; None when it was never switched."""
    rows = await db.read("division_mode_before", {"ref": ref})
    return str(rows[0].before) if rows else None


def _own(row: Row) -> Own:
    return Own(
        row.division_ref, row.version, row.mode, row.mode_at, row.mode_by, row.quiet_since,
        frozenset(row.pilot_couriers), msgspec.json.decode(row.changes, type=dict[str, Changed]),
    )  # fmt: skip
