"""Give a photo to who may see it: by token and right, or by a link that we signed a few minutes ago."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from posrednik.kit.blobs import Blobs, StorageUnavailable
from posrednik.kit.log import get_logger
from posrednik.store import photos, secrets
from posrednik.store.db import Database
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.keep_photo import key_of

log = get_logger("photos")
Size = Literal["full", "small"]
KEY = "photo_links"
# A link lives 5 to 10 minutes and is the same for 5: a page that is read again finds its pictures in the cache.
STEP_S, LONGEST_S = 300, 600
CLOCKS_DIFFER_S = 60  # another machine of ours may have signed it


class OtherDivision(Exception):
    """The photo is of no division that the caller is limited to."""


class NoSuchPhoto(Exception):
    """There is none, or it is not for this caller: he is not told which."""


class LinkWrong(Exception):
    """Not signed by us, for another photo or size, or too old."""


class ShowPhoto:
    """One for the process: it remembers the key of the links."""

    def __init__(self, db: Database, blobs: Blobs) -> None:
        self._db, self._blobs = db, blobs
        self._key: bytes | None = None

    async def links(self, sha256s: Sequence[str], now: datetime) -> dict[str, dict[str, str]]:
        """By hash: {"small": url, "full": url}, relative to the service's root. For pages of those who may see them."""
        if not sha256s:
            return {}
        key, until = await self._signing_key(), (int(now.timestamp()) // STEP_S + 2) * STEP_S
        return {one: {"small": _link(key, one, "small", until), "full": _link(key, one, "full", until)}
                for one in sha256s}  # fmt: skip

    async def check_link(self, sha256: str, size: Size, until: int, sign: str, now: datetime) -> int:
        """Seconds that the link still lives. Raises LinkWrong."""
        right = _sign(await self._signing_key(), sha256, size, until)
        left_s = until - int(now.timestamp())
        if not hmac.compare_digest(right.encode(), sign.encode()) or not 0 < left_s <= LONGEST_S + CLOCKS_DIFFER_S:
            raise LinkWrong
        return left_s

    async def check_right(self, sha256: str, caller: Caller) -> None:
        """People see those of their divisions; a courier his own and those of deliveries that are or were his. Raises
        NoSuchPhoto, OtherDivision."""
        if caller.kind == "person":
            await self._check_divisions(sha256, caller)
            return
        if not await photos.of_courier(self._db, sha256, caller.principal, caller.owner):
            raise NoSuchPhoto

    async def _check_divisions(self, sha256: str, caller: Caller) -> None:
        if caller.divisions is None:
            return
        await self.check_known(sha256)
        if not await photos.of_divisions(self._db, sha256, caller.principal, caller.divisions):
            raise OtherDivision

    async def read(self, sha256: str, size: Size) -> bytes:
        """The JPEG. Whether the caller may is asked before. Raises NoSuchPhoto, StorageUnavailable."""
        await self.check_known(sha256)
        data = await self._blobs.get(key_of(sha256, size))
        if data is None:
            log.error("photo.blob_missing", sha256=sha256, size=size)
            raise StorageUnavailable("the photo is not in the storage")
        return data

    async def check_known(self, sha256: str) -> None:
        """Raises NoSuchPhoto."""
        if await photos.get(self._db, sha256) is None:
            raise NoSuchPhoto

    async def _signing_key(self) -> bytes:
        if self._key is None:
            self._key = await self._db.transact(lambda tx: secrets.key(tx, KEY))
        return self._key


def _link(key: bytes, sha256: str, size: Size, until: int) -> str:
    sign = _sign(key, sha256, size, until)
    return f"/api/v1/photos/{sha256}?size={size}&until={until}&sign={sign}"


def _sign(key: bytes, sha256: str, size: Size, until: int) -> str:
    return hmac.new(key, f"{sha256}\n{size}\n{until}".encode(), hashlib.sha256).hexdigest()
