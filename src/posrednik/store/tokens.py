"""Tokens: made once, shown once, stored as a hash, revocable. Also the answers kept for Idempotency-Key."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from posrednik.kit.ids import new_token, uuid7
from posrednik.store.db import Database, Row, Tx


def hash_of(token: str) -> bytes:
    """SHA-256: a token has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


async def add(tx: Tx, kind: str, owner: str, name: str, token: str | None = None) -> str:
    """A new token of `owner` (a base's id, a person's name, ...); returns the text that is shown once."""
    return (await made(tx, kind, owner, name, token))[1]


async def made(tx: Tx, kind: str, owner: str, name: str, token: str | None = None) -> tuple[UUID, str]:
    """The same with the token's id."""
    token_id, secret = uuid7(), token or new_token()
    await tx.run("token_add", {"id": token_id, "kind": kind, "owner": owner, "name": name, "hash": hash_of(secret)})
    return token_id, secret


async def find(db: Database, token: str) -> Row | None:
    """Columns of token_find, if the token is valid now."""
    rows = await db.read("token_find", {"hash": hash_of(token)})
    return rows[0] if rows else None


async def listed(db: Database) -> list[Row]:
    return list(await db.read("tokens"))


async def shown(db: Database, *, kind: str | None, ended: bool, limit: int) -> Sequence[Row]:
    """Those that are nobody's session, last used first: columns of view_tokens."""
    return await db.read("view_tokens", {"kind": kind, "ended": ended, "limit": limit})


async def end(tx: Tx, token_id: UUID) -> Row | None:
    """kind, owner, name of the token that is no more; None = there is no such token, or it is a session."""
    return await tx.one("token_end", {"id": token_id})


async def revoke(tx: Tx, token_id: UUID) -> bool:
    return await tx.run("token_revoke", {"id": token_id}) == 1


async def kept_answer(tx: Tx, principal: str, key: str) -> Row | None:
    """request_hash, status and answer of a finished request; None = new. Raises StillRunning."""
    lock = await tx.one("idempotency_lock", {"principal": principal, "key": key})
    if lock is None or not lock.mine:
        raise StillRunning
    return await tx.one("idempotency_find", {"principal": principal, "key": key})


class StillRunning(Exception):
    """The first request with this Idempotency-Key has not ended yet."""


async def keep_answer(tx: Tx, principal: str, key: str, request_hash: bytes, status: int, answer: bytes) -> None:
    await tx.run("idempotency_keep", {
        "principal": principal, "key": key, "request_hash": request_hash, "status": status, "answer": answer,
    })  # fmt: skip
