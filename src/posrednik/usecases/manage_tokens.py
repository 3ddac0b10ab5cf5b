"""Keys to the doors as the office manages them: of bases, phones, subscribers' feeds, administrators. Sessions of
people who sign in are no business of this (manage_people.py)."""

from collections.abc import Sequence
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.store import tokens, views
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases.couriers import courier_of

MOST_SHOWN = 500
LONGEST_NAME = 200


class TokenOwnerUnknown(DomainError):
    """No such base, or no such active courier."""

    code = "token_owner_unknown"


class TokenOwnerMissing(DomainError):
    """A person or a feed without a name."""

    code = "token_owner_missing"


class TokenInUse(DomainError):
    """The caller's own."""

    code = "token_in_use"


async def shown(db: Database, kind: str | None, *, ended: bool) -> Sequence[Row]:
    """Columns of view_tokens. ended: also those that are no more."""
    return await tokens.shown(db, kind=kind, ended=ended, limit=MOST_SHOWN)


async def owners(db: Database) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Who can have one: bases (id, name); active couriers (ref, name, division), by name."""
    bases = [(str(row.id), str(row.name)) for row in await views.base_settings(db)]
    named = [row for row in await views.names(db) if row.kind == "courier" and row.active]
    known = {row.ref: (str(row.ref), str(row.name or row.ref), str(row.division or "")) for row in named}
    return bases, list(known.values())


async def make(tx: Tx, kind: str, owner: str, name: str) -> tuple[UUID, str]:
    """(id, the text that is shown once). owner: a base's id, a courier's ref, else a name.

    Raises TokenOwnerUnknown, TokenOwnerMissing.
    """
    whose = await _owner(tx, kind, owner.strip())
    return await tokens.made(tx, kind, whose, name.strip() or whose)


async def _owner(tx: Tx, kind: str, owner: str) -> str:
    if kind not in ("base", "device"):
        if not owner or len(owner) > LONGEST_NAME or not owner.isprintable():
            raise TokenOwnerMissing
        return owner
    try:
        ref = str(UUID(owner))
    except ValueError:
        raise TokenOwnerUnknown from None
    if kind == "base":
        known = any(str(row.id) == ref for row in await tx.fetch("bases"))
    else:
        courier = await courier_of(tx, ref)
        known = courier is not None and courier.active
    if not known:
        raise TokenOwnerUnknown
    return ref


async def end(tx: Tx, token_id: UUID, own: UUID | None) -> Row | None:
    """kind, owner, name of what is no more; None = there is no such token. own: the caller's. Raises TokenInUse."""
    if token_id == own:
        raise TokenInUse
    return await tokens.end(tx, token_id)
