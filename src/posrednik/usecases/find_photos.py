"""Pictures whose files are here although the database, restored from a copy, does not know them: phones have given
their files away and cannot send them again. See docs/runbooks/restored-posrednik.md."""

from datetime import datetime

from posrednik.domain.errors import DomainError
from posrednik.kit.blobs import Blobs
from posrednik.store import photos
from posrednik.store.db import Database
from posrednik.usecases.keep_photo import KeepPhoto, PhotoQuota, key_of


async def find_photos(db: Database, blobs: Blobs, keep: KeepPhoto, now: datetime) -> tuple[int, int]:
    """Take over those that couriers' steps name. Returns how many were found, and how many are not (or not yet) here.

    Raises StorageUnavailable, Overloaded.
    """
    found = missing = 0
    for row in await photos.named_unknown(db):
        data = await blobs.get(key_of(row.sha256))
        try:
            if data is None:
                raise FileNotFoundError
            await keep.keep(row.sha256, data, f"device:{row.courier_ref}", now)
            found += 1
        except (FileNotFoundError, DomainError, PhotoQuota):
            missing += 1
    return found, missing
