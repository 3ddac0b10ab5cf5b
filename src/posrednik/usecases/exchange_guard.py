"""Who is calling: epochs, instances and numbers of a base (contract.md §2, facts E-22 to E-25)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from posrednik.domain.texts import text
from posrednik.store import inbox, journal
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry


@dataclass(frozen=True, slots=True)
class Sender:
    """What every request of a base carries. instance: tells one copy of the base from another."""

    base_id: UUID
    epoch: UUID
    instance: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """409: nothing was taken, the attempt is in the journal. code: unknown_epoch, other_instance, message_conflict,
    old_epoch, unknown_base."""

    code: str
    last_accepted: int = 0
    epoch: UUID | None = None


async def admit(tx: Tx, sender: Sender, *, bind: bool) -> Base | Conflict:
    """The base, locked, if the sender fits it. bind: a base never seen is bound to this epoch and instance."""
    base = await inbox.lock_base(tx, sender.base_id)
    if base is None:
        return Conflict("unknown_base")
    if base.epoch is None and bind:
        return await inbox.begin_epoch(tx, base, sender.epoch, sender.instance, "first message")
    wrong = misfit(base, sender)
    return await refuse(tx, base, wrong, sender) if wrong else base


def misfit(base: Base, sender: Sender) -> str | None:
    """Why this sender may not speak for the base now, or None."""
    if base.epoch != sender.epoch:
        return "unknown_epoch"
    return "other_instance" if base.instance != sender.instance else None


async def refuse(tx: Tx, base: Base, code: str, sender: Sender, **detail: Any) -> Conflict:
    """Journal the attempt; nothing else changes."""
    told = {"epoch": str(sender.epoch), "instance": sender.instance, **detail}
    await journal.add(tx, [Entry("message", system(base.id), "refused", text(code), code, detail=told)])
    return Conflict(code, base.last_accepted, base.epoch)


def system(base_id: UUID) -> str:
    """The name of a base in the journal, also that of its destination."""
    return f"onec:{base_id}"
