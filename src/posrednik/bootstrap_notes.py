"""What carries messages beside tasks into the portal, built: checklists, lines of chats, photos, notices."""

from pathlib import Path

from posrednik.config import Settings
from posrednik.connectors.bitrix24.acts import Acts
from posrednik.connectors.bitrix24.comments import Comments
from posrednik.connectors.bitrix24.notices import Notices
from posrednik.connectors.bitrix24.photos import Photos
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.steps import Steps
from posrednik.kit.blobs import Blobs, open_blobs
from posrednik.store.db import Database
from posrednik.store.portal_facts import PortalFacts
from posrednik.usecases.keep_photo import key_of


def acts(settings: Settings, db: Database, told: Bitrix24Settings, destination_id: int) -> list[Acts]:
    """destination_id: of the portal in dispatch."""
    blobs = photo_blobs(settings)
    facts = PortalFacts(db, destination_id, lambda sha256: blobs.get(key_of(sha256)))
    return [Steps(facts), Comments(facts), Photos(facts, told), Notices(facts, told)]


def photo_blobs(settings: Settings) -> Blobs:
    """Where photos are."""
    p = settings.photos
    return open_blobs(
        p.url, Path(settings.server.data_dir).resolve() / "photos",
        {"endpoint": p.endpoint, "region": p.region, "access_key_id": p.access_key_id,
         "secret_access_key": p.secret_access_key, "allow_http": p.allow_http},
    )  # fmt: skip
