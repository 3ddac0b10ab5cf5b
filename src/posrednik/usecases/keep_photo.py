"""Take a photo: its bytes are durable first, then its row is, then comes the answer. See docs/subsystems/photos.md."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from posrednik.domain.errors import DomainError
from posrednik.kit import metrics
from posrednik.kit.blobs import Blobs, StorageUnavailable
from posrednik.kit.images import Images, Overloaded, Picture, Unreadable
from posrednik.store import photos
from posrednik.store.db import Database, Row, Tx
from posrednik.store.photos import NewPhoto

MEDIA_TYPE = "image/jpeg"
MOST_A_DAY, DAY = 2000, timedelta(days=1)
OnPhoto = Callable[[Tx, str], Awaitable[None]]


class PhotoMismatch(DomainError):
    """The bytes are not those that the hash promises."""

    code = "photo_mismatch"


class PhotoUnreadable(DomainError):
    """No JPEG by its bytes, a damaged one, or one of too many pixels."""

    code = "photo_unreadable"


class PhotoQuota(Exception):
    """The owner sent MOST_A_DAY within a day. retry_after_s: until the next is welcome."""

    code = "photo_quota"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"{MOST_A_DAY} photos within a day")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """sha256: hex, lower case. bytes: their number. width, height: pixels, upright. new: it was not known before."""

    sha256: str
    bytes: int
    width: int
    height: int
    new: bool


def key_of(sha256: str, size: str = "full") -> str:
    """Where the storage has it. size: full or small."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}{'.small' if size == 'small' else ''}.jpg"


class KeepPhoto:
    """One for the process. on_photo: told of a new photo in the transaction that makes it known."""

    def __init__(self, db: Database, blobs: Blobs, images: Images, on_photo: OnPhoto | None = None) -> None:
        self._db, self._blobs, self._images, self._on_photo = db, blobs, images, on_photo

    async def keep(self, sha256: str, data: bytes, owner: str, now: datetime) -> KeptPhoto:
        """sha256: hex, lower case. owner: the caller's principal. A repeat at any point changes nothing.

        Raises PhotoMismatch, PhotoUnreadable, PhotoQuota, StorageUnavailable, Overloaded; then nothing was kept.
        """
        became = "failed"
        try:
            kept = await self._keep(sha256, data, owner, now)
            became = "new" if kept.new else "known"
        except (DomainError, PhotoQuota) as error:
            became = error.code
            raise
        except (StorageUnavailable, Overloaded):
            became = "storage_unavailable"
            raise
        finally:
            metrics.PHOTOS.labels(became).inc()
        return kept

    async def _keep(self, sha256: str, data: bytes, owner: str, now: datetime) -> KeptPhoto:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PhotoMismatch
        await self._db.transact(lambda tx: _check_quota(tx, sha256, owner, now))
        known = await photos.get(self._db, sha256)
        if known is not None and await self._blobs.has((key_of(sha256), key_of(sha256, "small"))):
            return await self._one_more_owner(sha256, known, owner, now)
        picture = await self._look(data)
        await self._blobs.put({key_of(sha256): data, key_of(sha256, "small"): picture.small}, MEDIA_TYPE)
        return await self._make_known(_photo(sha256, data, picture), owner, now)

    async def _look(self, data: bytes) -> Picture:
        try:
            return await self._images.look(data)
        except Unreadable as error:
            raise PhotoUnreadable from error

    async def _one_more_owner(self, sha256: str, known: Row, owner: str, now: datetime) -> KeptPhoto:
        async def work(tx: Tx) -> None:
            await _check_quota(tx, sha256, owner, now)
            await photos.add_owner(tx, sha256, owner, now)

        await self._db.transact(work)
        return KeptPhoto(sha256, known.bytes, known.width, known.height, new=False)

    async def _make_known(self, photo: NewPhoto, owner: str, now: datetime) -> KeptPhoto:
        async def work(tx: Tx) -> bool:
            await photos.lock(tx, [photo.sha256])
            await _check_quota(tx, photo.sha256, owner, now)
            new = await photos.add(tx, photo, now)
            await photos.add_owner(tx, photo.sha256, owner, now)
            if new and self._on_photo is not None:
                await self._on_photo(tx, photo.sha256)
            return new

        new = await self._db.transact(work)
        return KeptPhoto(photo.sha256, photo.bytes, photo.width, photo.height, new)


def _photo(sha256: str, data: bytes, picture: Picture) -> NewPhoto:
    return NewPhoto(sha256, len(data), picture.width, picture.height, picture.brightness, picture.phash)


async def _check_quota(tx: Tx, sha256: str, owner: str, now: datetime) -> None:
    """Asked before the work and again where the photo is counted: two at once must not both be the last one."""
    day = await photos.day_of(tx, owner, sha256, now)
    if day.sent >= MOST_A_DAY and not day.his:
        raise PhotoQuota(max(1, round((day.first_at + DAY - now).total_seconds() + 0.5)))
