"""What people did: appended in the transaction of the act, never changed. See docs/subsystems/people.md."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store.db import Tx


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
