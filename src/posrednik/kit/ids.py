"""Identifiers made here: UUIDv7 (RFC 9562 §5.7), so that they sort by time and index well."""

import hashlib
import os
import secrets
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """A new UUIDv7: 48 bits of milliseconds, 74 random bits."""
    return _uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def uuid7_of(at: datetime | None, *parts: object) -> UUID:
    """The UUIDv7 of that moment (None: of 1970) that follows from `parts`, the same again for the same parts."""
    milliseconds = max(0, int(at.timestamp() * 1000)) if at is not None else 0
    return _uuid7(milliseconds, hashlib.sha256("\0".join(map(str, parts)).encode()).digest()[:10])


def _uuid7(milliseconds: int, noise: bytes) -> UUID:
    random = int.from_bytes(noise)
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF)


def new_token() -> str:
    """A bearer token: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)
