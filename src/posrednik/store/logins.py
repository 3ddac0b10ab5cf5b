"""Ways in for couriers: codes that work once, passes of the portal, and the phones with their tokens.

See docs/subsystems/entry.md. A code is kept as a hash with a key of the service, so that a leaked table is no use.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from posrednik.kit.ids import new_token, uuid7
from posrednik.store import secrets, tokens
from posrednik.store.db import Database, Row, Tx

KEY = "login_codes"
FORGET_DAYS = 30


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that enters. device: its own text. entry: code or portal. agent: what its browser calls itself."""

    courier_ref: str
    device: str
    token_id: UUID
    entry: str
    agent: str


async def hash_of(tx: Tx, code: str) -> bytes:
    """HMAC-SHA-256 of a code as it was made; the key is in the database, apart from the codes."""
    return hmac.digest(await secrets.key(tx, KEY), code.encode(), hashlib.sha256)


async def replace(
    tx: Tx, code: str, courier_ref: str, kind: str, made_by: str, now: datetime, expires_at: datetime
) -> bool:
    """A new code of the courier instead of his unused ones of this kind. False: this very code was here once."""
    await tx.run("login_turn", {"courier_ref": courier_ref})
    await tx.run("login_end", {"courier_ref": courier_ref, "kind": kind, "now": now})
    added = await tx.run("login_add", {
        "hash": await hash_of(tx, code), "courier_ref": courier_ref, "kind": kind, "made_by": made_by,
        "made_at": now, "expires_at": expires_at,
    })  # fmt: skip
    return added == 1


async def lock(tx: Tx, code_hash: bytes) -> Row | None:
    """courier_ref, kind, expires_at, used_at, used_key, token_id; until the commit nobody else uses it."""
    return await tx.one("login_lock", {"hash": code_hash})


async def use(tx: Tx, code_hash: bytes, token_id: UUID, used_key: bytes | None, now: datetime) -> None:
    await tx.run("login_use", {"hash": code_hash, "token_id": token_id, "used_key": used_key, "now": now})


async def issue(tx: Tx, courier_ref: str, label: str, expires_at: datetime) -> tuple[UUID, str]:
    """(id, text) of a new token of the courier; the text is shown once."""
    token_id, token = uuid7(), new_token()
    await tx.run("login_token", {
        "id": token_id, "owner": courier_ref, "name": label, "hash": tokens.hash_of(token), "expires_at": expires_at,
    })  # fmt: skip
    return token_id, token


async def enter(tx: Tx, phone: Phone) -> None:
    """The phone has this token from now on, and no other."""
    before = await tx.one("device_lock", {"courier_ref": phone.courier_ref, "device": phone.device})
    await tx.run("device_enter", asdict(phone))
    if before is not None and before.token_id is not None:
        await tokens.revoke(tx, before.token_id)


async def pass_seen(db: Database, auth_hash: bytes) -> bool:
    """Whether this pass of the portal let somebody in before."""
    return bool(await db.read("login_entry_find", {"auth_hash": auth_hash}))


async def take_pass(tx: Tx, auth_hash: bytes, courier_ref: str, now: datetime) -> bool:
    """True the first time, and only then."""
    return await tx.run("login_entry_add", {"auth_hash": auth_hash, "courier_ref": courier_ref, "now": now}) == 1


async def delivery_of_chat(db: Database, auth_hash: bytes, chat_id: int) -> UUID | None:
    """Of the task that has this chat in the portal, if it is with the courier whom this pass let in."""
    rows = await db.read("portal_chat_delivery", {"auth_hash": auth_hash, "chat_id": chat_id})
    return rows[0].delivery_id if rows else None


async def phones(db: Database, courier_ref: str | None = None) -> Sequence[Row]:
    """Columns of device_list; last seen first."""
    return await db.read("device_list", {"courier_ref": courier_ref, "keep_days": FORGET_DAYS})


async def revoke(tx: Tx, token_id: UUID) -> str | None:
    """End a courier's token, or find it ended; whose it is. None = there is no such token of a courier."""
    row = await tx.one("device_revoke", {"token_id": token_id})
    return None if row is None else str(row.owner)
