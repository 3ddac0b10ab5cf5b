"""`Idempotency-Key`: same key and body = same answer; other body = refused (contract.md §1)."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from posrednik.store import tokens
from posrednik.store.db import Tx
from posrednik.store.tokens import StillRunning

__all__ = ["KeyReused", "StillRunning", "once"]


class KeyReused(Exception):
    """The key was used with another request."""


async def once(
    tx: Tx, principal: str, key: str | None, request: bytes, work: Callable[[Tx], Awaitable[Any]]
) -> tuple[Any, bool]:
    """The answer of `work`, or that of the first request with this key; and whether it was replayed.

    Answer and effect commit together. Raises KeyReused, StillRunning; an error of `work` is not kept.
    """
    if key is None:
        return await work(tx), False
    digest = hashlib.sha256(request).digest()
    kept = await tokens.kept_answer(tx, principal, key)
    if kept is not None:
        if bytes(kept.request_hash) != digest:
            raise KeyReused
        return msgspec.json.decode(kept.answer), True
    answer = await work(tx)
    await tokens.keep_answer(tx, principal, key, digest, 200, msgspec.json.encode(answer))
    return answer, False
