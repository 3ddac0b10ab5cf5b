"""Keys that the service makes for itself, once, the same for all its processes."""

import os

from posrednik.store.db import Tx

LENGTH = 32


async def key(tx: Tx, name: str) -> bytes:
    """32 random bytes under this name; whoever asks first makes them."""
    return await first(tx, name, os.urandom(LENGTH))


async def first(tx: Tx, name: str, value: bytes) -> bytes:
    """What was kept first under this name: `value`, if nothing was."""
    row = await tx.one("secret_get", {"name": name})
    if row is None:
        await tx.run("secret_add", {"name": name, "value": value})
        row = await tx.one("secret_get", {"name": name})
    assert row is not None
    return bytes(row.value)
