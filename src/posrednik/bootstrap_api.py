"""The API process, built."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar

from posrednik import __version__
from posrednik.api.app import make_app
from posrednik.api.services import RateLimit, Services, Waker
from posrednik.bootstrap import apply_configuration, database, rules_of
from posrednik.config import Settings
from posrednik.connectors.bitrix24.entry import EntrySettings, PortalEntry
from posrednik.dispatch.notifier import Listener, Notifier
from posrednik.division_file import DivisionFile
from posrednik.intake import onec
from posrednik.kit.blobs import Blobs, open_blobs
from posrednik.kit.http import Sessions
from posrednik.kit.images import Images
from posrednik.store import migrate, views
from posrednik.store.db import Database, StoreError, Tx
from posrednik.usecases import weigh_evidence
from posrednik.usecases.count_objects import ObjectCounts
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.enter_from_portal import pinned_member
from posrednik.usecases.gates import Faults
from posrednik.usecases.heard import Heard
from posrednik.usecases.keep_photo import KeepPhoto
from posrednik.usecases.show_photo import ShowPhoto
from posrednik.usecases.watch_board import BoardWatch


def api(settings: Settings, dsn: str, web: Path | None, close_polls_on: int | None = None) -> Litestar:
    """The ASGI application; it opens its database when the server starts it.

    close_polls_on: a signal that ends all long polls, because the process is about to stop.
    """
    rules = rules_of(settings)
    db = database(settings, dsn, rules)
    live = LiveRules(db, DivisionFile(settings), rules)
    waker = Waker()
    board = BoardWatch(db, waker.wait)
    notifier, faults, counts = Notifier(db), Faults(db), ObjectCounts(db)
    listener = Listener(db.direct_dsn, waker.wake)
    sessions = Sessions()
    blobs, images = _blobs(settings), Images()
    tasks: list[Any] = []

    def hinted(ids: set[int]) -> None:
        waker.wake()
        if settings.dispatch.notify:
            notifier.hint(ids)

    async def start() -> None:
        await db.open()
        await apply_configuration(db, settings)
        await live.refresh()
        tasks.extend(asyncio.create_task(run()) for run in (live.run, faults.run))
        if close_polls_on is not None:
            asyncio.get_running_loop().add_signal_handler(close_polls_on, waker.close)
        if settings.dispatch.notify:
            tasks.append(asyncio.create_task(listener.run()))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await counts.stop()
        await board.close()
        await images.close()
        await sessions.close()
        await db.close()

    db.on_hints = hinted
    limits = onec.Limits(settings.server.max_objects, settings.server.max_commands)
    services = Services(
        db=db, rules=rules, live=live, onec=onec.OneC(db, rules, limits), waker=waker, board=board,
        rate=RateLimit(settings.server.requests_per_second, settings.server.request_burst),
        ready=_ready(db, db.direct_dsn),
        keep_photo=KeepPhoto(db, blobs, images, on_photo=_weigh_photo), show_photo=ShowPhoto(db, blobs), faults=faults,
        heard=Heard(db), counts=counts,
        metrics_token=settings.server.metrics_token, allow_private=settings.webhooks.allow_private,
        portal_origin=settings.bitrix24.portal_url.rstrip("/"), portal_door=_portal_door(settings, db, sessions),
        public_url=settings.server.url, status_chat=settings.bitrix24.status_chat,
        limits=_limits(settings), loadable=frozenset(b.id for b in settings.bases if b.odata is not None),
    )  # fmt: skip
    return make_app(
        services, max_body_bytes=settings.server.max_body_bytes, web=web, version=__version__, start=[start],
        stop=[stop],
    )  # fmt: skip


def _limits(settings: Settings) -> dict[str, tuple[str, float, float]]:
    """For the exchange page: (bucket, calls a second, burst) by destination."""
    b = settings.bitrix24
    if b.calls_per_second <= 0:
        return {}
    return {"bitrix24": (f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst)}


def _blobs(settings: Settings) -> Blobs:
    """Where photos are."""
    p = settings.photos
    return open_blobs(
        p.url, Path(settings.server.data_dir).resolve() / "photos",
        {"endpoint": p.endpoint, "region": p.region, "access_key_id": p.access_key_id,
         "secret_access_key": p.secret_access_key, "allow_http": p.allow_http},
    )  # fmt: skip


def _portal_door(settings: Settings, db: Database, sessions: Sessions) -> PortalEntry | None:
    """None: this service has no application on a portal."""
    b = settings.bitrix24
    if not b.portal_url or not b.client_id:
        return None
    return PortalEntry(
        EntrySettings(b.portal_url, b.client_id, b.auth_url, b.member_id, b.application_token),
        lambda: sessions.get(public_only=False), lambda member_id: pinned_member(db, member_id),
    )  # fmt: skip


async def _weigh_photo(tx: Tx, sha256: str) -> None:
    """A picture that comes after its step is evidence too."""
    await weigh_evidence.on_photo(tx, sha256, datetime.now(UTC))


def _ready(db: Database, dsn: str) -> Callable[[], Awaitable[str | None]]:
    async def ready() -> str | None:
        try:
            await views.figures(db)
            missing = await asyncio.to_thread(migrate.pending, dsn)
        except StoreError:
            return "база данных не отвечает"
        return f"не выполнены миграции базы данных: {missing}" if missing else None

    return ready
