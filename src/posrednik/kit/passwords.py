"""Passwords as argon2id: slow on purpose, so beside the event loop and few at a time."""

import asyncio
import functools

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 4
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


class Passwords:
    """19 MiB and two passes each, the least that OWASP advises (2026-11): a flood of tries takes no more than
    AT_ONCE of these."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        # Made at the start: the first one who is asked for in vain must not take longer than others.
        self._nobodys = _nobodys()

    async def hashed(self, password: str) -> str:
        """In the PHC form, salt and costs in it."""
        async with self._turns:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, kept: str | None, password: str) -> bool:
        """None is nobody's: it fits nothing, after the same work."""
        async with self._turns:
            right = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return _HASHER.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
