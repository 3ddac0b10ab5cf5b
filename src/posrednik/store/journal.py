"""The journal of exchanges: what came in, what was decided, what went out. Attempts are written by store/lanes.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Tx


@dataclass(frozen=True, slots=True)
class Entry:
    """kind: message, object, command, action, shadow. system: where it came from or would go. summary: Russian."""

    kind: str
    system: str
    outcome: str
    summary: str
    code: str = ""
    order_ref: UUID | None = None
    event_id: UUID | None = None
    detail: Any = None


async def add(tx: Tx, entries: Sequence[Entry]) -> None:
    """Write lines in their order. Secrets and whole phone numbers never go in."""
    if not entries:
        return
    await tx.run("journal_add", {
        "kinds": [e.kind for e in entries],
        "systems": [e.system for e in entries],
        "outcomes": [e.outcome for e in entries],
        "order_refs": [e.order_ref for e in entries],
        "event_ids": [e.event_id for e in entries],
        "codes": [e.code for e in entries],
        "summaries": [e.summary for e in entries],
        "details": [None if e.detail is None else msgspec.json.encode(e.detail).decode() for e in entries],
    })  # fmt: skip
