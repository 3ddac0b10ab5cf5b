"""What people did: appended in the transaction of the act, never changed. See docs/subsystems/people.md."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Database, Row, Tx


@dataclass(slots=True)
class Act:
    """One act of a person. who: `person:<id or name>`, `cli:<user of the machine>`. name: what he is called.

    action: the right that it takes. operation: of the OpenAPI, or the command. subject: what it was done to.
    outcome: done, or the code of what said no and was remembered. data: what was asked, free of secrets.
    """

    who: str
    name: str
    action: str
    operation: str
    subject: str = ""
    division_ref: str | None = None
    outcome: str = "done"
    person_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


async def add(tx: Tx, act: Act) -> None:
    await tx.run("audit_add", {**asdict(act), "data": msgspec.json.encode(act.data, enc_hook=str).decode()})


async def write(tx: Tx, who: str, action: str, subject: str, data: Mapping[str, Any] | None = None) -> None:
    """An act from elsewhere than HTTP. who: `cli:<user of the machine>`. data: free of secrets, JSON-able."""
    name = who.partition(":")[2] or who
    await add(tx, Act(who, name, action, action, subject, data=data or {}))


@dataclass(frozen=True, slots=True)
class Sought:
    """Words that are looked for, and what else is shown by them. ids: whoever is called so. destinations: as text.
    told: (operation, "" = any; what was asked with it) of the acts that are told by these words."""

    words: str
    ids: Sequence[str] = ()
    destinations: Sequence[str] = ()
    told: Sequence[tuple[str, Mapping[str, Any]]] = ()


def folded(words: str) -> str:
    """As words are compared: small letters, е for ё."""
    return words.lower().replace("ё", "е")


async def listed(
    db: Database, *, who: str | None = None, action: str | None = None, sought: Sought | None = None,
    division_ref: str | None = None, from_at: datetime | None = None, to_at: datetime | None = None,
    before: int | None = None, limit: int = 100,
) -> Sequence[Row]:  # fmt: skip
    """Columns of audit, last first. action: a right, or what stands before its dot. before: an id, to page on."""
    seek = sought or Sought("")
    return await db.read("audit_list", {
        "who": who, "action": action, "division_ref": division_ref, "from_at": from_at, "to_at": to_at,
        "before": before, "limit": limit, "q": folded(seek.words) or None, "ids": list(seek.ids),
        "destinations": list(seek.destinations), "operations": [operation for operation, _ in seek.told],
        "saids": [msgspec.json.encode(said).decode() for _, said in seek.told],
    })  # fmt: skip


async def named(db: Database, words: str, limit: int) -> list[str]:
    """Ids and refs of whoever is called so, at most `limit`."""
    rows = await db.read("audit_ids_named", {"q": folded(words), "whole": words, "limit": limit})
    return [row.id for row in rows]


async def known_people(db: Database) -> Sequence[Row]:
    """who, name: everybody who is in it."""
    return await db.read("audit_who")


async def names(db: Database, ids: Sequence[str], destinations: Sequence[int]) -> Sequence[Row]:
    """What these refs and ids (UUIDs in lower case), and these destinations, are called: see audit_names.sql."""
    return await db.read("audit_names", {"ids": list(ids), "destinations": list(destinations)})
