"""Secrets kept in the database under a key that is not there: AES-256-GCM, the key by HKDF from a secret of the
settings."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class Sealer:
    """secret: long and random. purpose: another one gives another key."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
        self._cipher = AESGCM(key)

    def seal(self, text: str, bound_to: str) -> bytes:
        """bound_to: what it is a secret of; elsewhere it does not open."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> str | None:
        """None: sealed under another secret, bound to something else, or damaged."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode()).decode()
        except (InvalidTag, ValueError):
            return None
