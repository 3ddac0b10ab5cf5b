"""Who is calling: bearer tokens, and Basic for a base (contract.md §1)."""

import base64
import binascii
import time
from dataclasses import dataclass
from uuid import UUID

from posrednik.domain.rights import Right, Role, may
from posrednik.store import people, tokens
from posrednik.store.db import Database, Row

KEEP_S = 5.0
# A session of a person ends after so long without use, and in any case after the second.
IDLE_S, LONGEST_S = 12 * 3600.0, 7 * 24 * 3600.0
MOST_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Caller:
    """kind: base, device, person, feed. owner: a base's id, a courier's ref, a person's id or name, a subscriber.

    roles, divisions (None = all), person_id, login: of a person. A token that the command line made has no person
    behind it and is an administrator's.
    """

    kind: str
    owner: str
    name: str
    token_id: UUID | None = None
    person_id: UUID | None = None
    login: str | None = None
    roles: frozenset[str] = frozenset({Role.ADMINISTRATOR})
    divisions: frozenset[str] | None = None

    @property
    def principal(self) -> str:
        return f"{self.kind}:{self.owner}"

    def may(self, right: Right, division: str | None = None) -> bool:
        """Whether this person has the right, for what is of `division` (None: of nothing in particular)."""
        return self.kind == "person" and may(self.roles, self.divisions, right, division)


def _caller(row: Row) -> Caller:
    if row.person_id is None:
        return Caller(row.kind, row.owner, row.name, row.id)
    divisions = None if row.divisions is None else frozenset(row.divisions)
    return Caller(
        row.kind, row.owner, row.name, row.id, row.person_id, row.login, frozenset(row.roles), divisions
    )  # fmt: skip


class Doorkeeper:
    """Looks a token up; what it finds is remembered for a few seconds, so that a revocation acts at once enough."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[bytes, tuple[float, Caller | None]] = {}

    async def caller(self, authorization: str) -> Caller | None:
        """The caller behind an Authorization header, or None."""
        scheme, _, value = authorization.partition(" ")
        match scheme.lower():
            case "bearer":
                return await self._by_token(value.strip())
            case "basic":
                return await self._basic(value.strip())
            case _:
                return None

    def forget(self) -> None:
        """Somebody's access has changed: in this process at once, in the others within seconds."""
        self._kept.clear()

    async def _basic(self, value: str) -> Caller | None:
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        caller = await self._by_token(password)
        return caller if caller and caller.kind == "base" and caller.owner == user.lower() else None

    async def _by_token(self, token: str) -> Caller | None:
        key, now = tokens.hash_of(token), time.monotonic()
        until, caller = self._kept.get(key, (0.0, None))
        if until > now:
            return caller
        row = await tokens.find(self._db, token)
        caller = _caller(row) if row else None
        if row and row.stale:
            await self._db.transact(lambda tx: people.touch_session(tx, row.id, IDLE_S, LONGEST_S))
        if len(self._kept) > MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (now + KEEP_S, caller)
        return caller
