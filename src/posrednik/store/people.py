"""People of the office: accounts, what works once, sessions, and the guard against guessing.

See docs/subsystems/people.md. What is secret is kept as a hash with a key of the service, or encrypted by it.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.errors import UniqueViolation

from posrednik.domain.people import LoginTaken, PortalUserTaken
from posrednik.kit.ids import new_token, uuid7
from posrednik.store import secrets, tokens
from posrednik.store.db import Database, Row, Tx

KEY = "people"
NONCE = 12


@dataclass(frozen=True, slots=True)
class Account:
    """What an administrator says of somebody. divisions: None = all. bitrix24_user: the portal's number of him."""

    name: str
    roles: Sequence[str]
    divisions: Sequence[str] | None = None
    email: str = ""
    bitrix24_user: str | None = None
    active: bool = field(default=True)


async def add(tx: Tx, login: str, account: Account, password_hash: str | None, until: datetime | None) -> UUID:
    """His id. until: the password serves once, before this time. Raises LoginTaken, PortalUserTaken."""
    person_id, told = uuid7(), _told(account)
    told.pop("active")
    await _unique(tx, "person_add", {
        **told, "id": person_id, "login": login, "password_hash": password_hash, "one_time_until": until,
    })  # fmt: skip
    return person_id


async def change(tx: Tx, person_id: UUID, account: Account) -> None:
    """Raises PortalUserTaken."""
    await _unique(tx, "person_change", {"id": person_id, **_told(account)})


def _told(account: Account) -> dict[str, Any]:
    divisions = None if account.divisions is None else list(account.divisions)
    return {**asdict(account), "roles": list(account.roles), "divisions": divisions}


async def _unique(tx: Tx, query: str, params: Mapping[str, Any]) -> None:
    try:
        await tx.run(query, params)
    except UniqueViolation as error:
        if error.diag.constraint_name == "person_portal_user_once":
            raise PortalUserTaken(user=params["bitrix24_user"]) from error
        raise LoginTaken(login=params["login"]) from error


async def listed(db: Database, now: datetime) -> Sequence[Row]:
    """Columns of people.sql, by name, the locked ones last."""
    return await db.read("people", {"now": now})


async def found(
    tx: Tx, *, person_id: UUID | None = None, login: str | None = None, user: str | None = None
) -> Row | None:  # fmt: skip
    """All columns of the one with this id, login or user of the portal."""
    if person_id is None and login is None and user is None:
        return None
    return await tx.one("person_find", {"id": person_id, "login": login, "bitrix24_user": user})


async def lock(tx: Tx, person_id: UUID) -> Row | None:
    """The same; until the commit nobody else changes him."""
    return await tx.one("person_lock", {"id": person_id})


async def take_turn(tx: Tx) -> None:
    """One after another change roles and locks, so that no two lock each other out."""
    await tx.run("people_turn")


async def set_password(tx: Tx, person_id: UUID, password_hash: str | None, until: datetime | None = None) -> None:
    await tx.run("person_password", {"id": person_id, "password_hash": password_hash, "one_time_until": until})


async def came_in(tx: Tx, person_id: UUID, now: datetime) -> None:
    await tx.run("person_came_in", {"id": person_id, "now": now})


# -- the second factor


async def set_totp(tx: Tx, person_id: UUID, sealed: bytes | None, *, on: bool) -> None:
    """sealed: of `seal`; None = there is none any more."""
    await tx.run("person_totp", {"id": person_id, "secret": sealed, "is_on": on})
    if not on:
        await tx.run("person_codes_end", {"person_id": person_id, "kind": "recovery"})


async def totp_used(tx: Tx, person_id: UUID, step: int) -> None:
    await tx.run("person_totp_used", {"id": person_id, "step": step})


async def seal(tx: Tx, person_id: UUID, secret: bytes) -> bytes:
    """AES-256-GCM, bound to the person."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(await secrets.key(tx, KEY)).encrypt(nonce, secret, person_id.bytes)


async def unseal(tx: Tx, person_id: UUID, sealed: bytes) -> bytes | None:
    """None: it was sealed with another key (the table `secret` was lost) or for somebody else."""
    key = await secrets.key(tx, KEY)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], person_id.bytes)
    except InvalidTag:
        return None


# -- what works once


async def add_code(tx: Tx, person_id: UUID, kind: str, text: str, expires_at: datetime | None = None) -> None:
    """kind: recovery, or ticket (the newest one alone counts)."""
    if kind == "ticket":
        await tx.run("person_codes_end", {"person_id": person_id, "kind": kind})
    await tx.run("person_code_add", {
        "hash": await hash_of(tx, kind, text), "person_id": person_id, "kind": kind, "expires_at": expires_at,
    })  # fmt: skip


async def use_code(tx: Tx, kind: str, text: str, now: datetime, person_id: UUID | None = None) -> UUID | None:
    """Whose it is, the first time and only then; person_id: it must be his."""
    row = await tx.one("person_code_use", {
        "hash": await hash_of(tx, kind, text), "kind": kind, "person_id": person_id, "now": now,
    })  # fmt: skip
    return None if row is None else row.person_id


async def codes_left(tx: Tx, person_id: UUID) -> int:
    row = await tx.one("person_codes_left", {"person_id": person_id})
    return 0 if row is None else int(row.n)


async def hash_of(tx: Tx, kind: str, text: str) -> bytes:
    """HMAC-SHA-256 with the key of the service, so that a leaked table cannot be searched."""
    return hmac.digest(await secrets.key(tx, KEY), f"{kind}:{text}".encode(), hashlib.sha256)


async def pass_seen(db: Database, auth_hash: bytes) -> bool:
    return bool(await db.read("person_entry_find", {"auth_hash": auth_hash}))


async def take_pass(tx: Tx, auth_hash: bytes, person_id: UUID) -> bool:
    """True the first time, and only then."""
    return await tx.run("person_entry_add", {"auth_hash": auth_hash, "person_id": person_id}) == 1


# -- the guard. subject: of hash_of, kind login or address


async def take_try(tx: Tx, subject: bytes, now: datetime, forgotten: datetime) -> int | None:
    """How many wrong ones in a row there are with this one; None: it must wait (`locked_until`)."""
    row = await tx.one("guard_take", {"subject": subject, "now": now, "forgotten": forgotten})
    return None if row is None else int(row.failed)


async def lock_until(tx: Tx, subject: bytes, until: datetime) -> None:
    await tx.run("guard_lock_until", {"subject": subject, "locked_until": until})


async def locked_until(tx: Tx, subject: bytes) -> datetime | None:
    row = await tx.one("guard_find", {"subject": subject})
    return None if row is None else row.locked_until


async def give_back(tx: Tx, subject: bytes) -> None:
    """That try was no wrong one."""
    await tx.run("guard_give_back", {"subject": subject})


async def clear_guard(tx: Tx, subject: bytes) -> None:
    await tx.run("guard_clear", {"subject": subject})


async def forget_tries(tx: Tx, forgotten: datetime) -> None:
    await tx.run("guard_forget", {"forgotten": forgotten})


# -- sessions


async def open_session(
    tx: Tx, person: Row, agent: str, entry: str, now: datetime, expires_at: datetime | None, token: str | None = None
) -> tuple[UUID, str]:  # fmt: skip
    """(id, text) of a new token; the text is shown once. entry: password, portal, or token (one that is known already).
    expires_at: None = it is ended by somebody."""
    session_id, token = uuid7(), token or new_token()
    await tx.run("session_add", {
        "id": session_id, "owner": str(person.id), "name": person.name, "hash": tokens.hash_of(token),
        "person_id": person.id, "agent": agent, "entry": entry, "now": now, "expires_at": expires_at,
    })  # fmt: skip
    return session_id, token


async def touch_session(tx: Tx, session_id: UUID, idle_s: float, most_s: float) -> None:
    await tx.run("session_touch", {"id": session_id, "idle_s": idle_s, "most_s": most_s})


async def sessions(tx: Tx, person_id: UUID, now: datetime) -> Sequence[Row]:
    """id, agent, entry, created_at, last_at, expires_at of the open ones, last used first."""
    return await tx.fetch("sessions", {"person_id": person_id, "now": now})


async def end_sessions(tx: Tx, person_id: UUID, *, session_id: UUID | None = None, but: UUID | None = None) -> int:
    """All of them, one, or all but one; how many ended."""
    return await tx.run("sessions_end", {"person_id": person_id, "id": session_id, "but": but})
