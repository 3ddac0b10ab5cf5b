"""`Idempotency-Key`: same key and request = same answer; other request = refused (contract.md §1)."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from posrednik.store import tokens
from posrednik.store.db import Database, Tx
from posrednik.store.tokens import StillRunning

__all__ = ["KeyReused", "Keyed", "StillRunning"]

T = TypeVar("T")


class KeyReused(Exception):
    """The key was used with another request."""


class Keyed:
    """Runs one request in one transaction; with a key its answer is kept and given again.

    principal: whose keys these are. request: all that makes it the same request (way and body).
    replayed: whether the answer is that of an earlier request.
    """

    def __init__(self, db: Database, principal: str, key: str | None, request: bytes) -> None:
        self._db, self._principal, self._key = db, principal, key
        self._digest = hashlib.sha256(request).digest() if key is not None else b""
        self.replayed = False

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Answer and effect commit together. Only a plain answer (dict) is kept: what says no may be tried again.

        Raises KeyReused and StillRunning, and what `work` raises.
        """
        if self._key is None:
            return await self._db.transact(work)
        return await self._db.transact(lambda tx: self._once(tx, work))

    async def _once(self, tx: Tx, work: Callable[[Tx], Awaitable[T]]) -> T:
        assert self._key is not None
        kept = await tokens.kept_answer(tx, self._principal, self._key)
        self.replayed = kept is not None
        if kept is not None:
            if bytes(kept.request_hash) != self._digest:
                raise KeyReused
            answer: T = msgspec.json.decode(kept.answer)
            return answer
        answer = await work(tx)
        if isinstance(answer, dict):
            await tokens.keep_answer(tx, self._principal, self._key, self._digest, 200, _text(answer))
        return answer


def _text(answer: Any) -> bytes:
    return msgspec.json.encode(answer)
