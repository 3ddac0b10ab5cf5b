"""`Idempotency-Key`: same key and request = same answer; other request = refused (contract.md §1).

What a person asked for is written down in the same transaction, once, however often it is repeated.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from posrednik.store import audit, tokens
from posrednik.store.audit import Act
from posrednik.store.db import Database, Tx
from posrednik.store.tokens import StillRunning

__all__ = ["Act", "KeyReused", "Keyed", "StillRunning"]

T = TypeVar("T")


class KeyReused(Exception):
    """The key was used with another request."""


class Keyed:
    """Runs one request in one transaction; with a key its answer is kept and given again.

    principal: whose keys these are. request: all that makes it the same request (way and body).
    replayed: whether the answer is that of an earlier request. act: what a person does by it, for the audit.
    """

    def __init__(
        self, db: Database, principal: str, key: str | None, request: bytes, act: Act | None = None
    ) -> None:  # fmt: skip
        self._db, self._principal, self._key, self._act = db, principal, key, act
        self._digest = hashlib.sha256(request).digest() if key is not None else b""
        self.replayed = False

    def about(self, subject: str | None = None, division: str | None = None) -> None:
        """What `work` has found out: what it was done to, and of which division that is."""
        if self._act is not None:
            self._act.subject = self._act.subject if subject is None else subject
            self._act.division_ref = division or self._act.division_ref

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Answer and effect commit together. Only a plain answer (dict) is kept: what says no may be tried again.

        Raises KeyReused and StillRunning, and what `work` raises.
        """
        if self._key is None:
            return await self._db.transact(lambda tx: self._noted(tx, work))
        return await self._db.transact(lambda tx: self._once(tx, work))

    async def _noted(self, tx: Tx, work: Callable[[Tx], Awaitable[T]]) -> T:
        answer = await work(tx)
        if self._act is not None:
            self._act.outcome = str(getattr(answer, "code", "done")) if isinstance(answer, Exception) else "done"
            self._act.division_ref = self._act.division_ref or _division(answer)
            await audit.add(tx, self._act)
        return answer

    async def _once(self, tx: Tx, work: Callable[[Tx], Awaitable[T]]) -> T:
        assert self._key is not None
        kept = await tokens.kept_answer(tx, self._principal, self._key)
        self.replayed = kept is not None
        if kept is not None:
            if bytes(kept.request_hash) != self._digest:
                raise KeyReused
            answer: T = msgspec.json.decode(kept.answer)
            return answer
        answer = await self._noted(tx, work)
        if isinstance(answer, dict):
            await tokens.keep_answer(tx, self._principal, self._key, self._digest, 200, _text(answer))
        return answer


def _text(answer: Any) -> bytes:
    return msgspec.json.encode(answer)


def _division(answer: Any) -> str | None:
    """Of what division the thing is that the answer shows: `division`, a ref or an object with one."""
    if not isinstance(answer, dict):
        return None
    shown = answer.get("delivery")
    found = (shown if isinstance(shown, dict) else answer).get("division")
    ref = found.get("ref") if isinstance(found, dict) else found
    return ref if isinstance(ref, str) else None
