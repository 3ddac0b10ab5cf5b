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
from posrednik.bootstrap_notes import photo_blobs
from posrednik.bootstrap_portal import chest_of, installer, open_desk, portal_entry, portal_wanted
from posrednik.bootstrap_watch import event_door
from posrednik.config import Settings
from posrednik.connectors.bitrix24.desk import Desk
from posrednik.connectors.bitrix24.meter import LIMIT_S
from posrednik.dispatch.notifier import Listener, Notifier
from posrednik.division_file import DivisionFile
from posrednik.intake import onec
from posrednik.kit.http import Sessions
from posrednik.kit.images import Images
from posrednik.store import migrate, views
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.portal_facts import photo_came
from posrednik.usecases import weigh_evidence
from posrednik.usecases.count_objects import ObjectCounts
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.find_photos import find_photos
from posrednik.usecases.gates import Faults
from posrednik.usecases.heard import Heard
from posrednik.usecases.keep_photo import KeepPhoto
from posrednik.usecases.portal_state import PortalSaid
from posrednik.usecases.show_photo import ShowPhoto
from posrednik.usecases.watch_board import BoardWatch


def api(settings: Settings, dsn: str, web: Path | None, close_polls_on: int | None = None) -> Litestar:
    """The ASGI application; it opens its database when the server starts it.

    close_polls_on: a signal that ends all long polls, because the process is about to stop.
    """
    parts = _Parts(settings, dsn, close_polls_on)
    return make_app(
        parts.services(), max_body_bytes=settings.server.max_body_bytes, web=web, version=__version__,
        start=[parts.start], stop=[parts.stop],
    )  # fmt: skip


async def find_lost_photos(settings: Settings, db: Database) -> tuple[int, int]:
    """For the command line, after the database was restored: found, and still missing."""
    blobs, images = photo_blobs(settings), Images()
    try:
        keep = KeepPhoto(db, blobs, images, on_photo=_weigh_photo)
        return await find_photos(db, blobs, keep, datetime.now(UTC))
    finally:
        await images.close()


class _Parts:
    """What lives as long as the process: begun when the server starts, ended when it stops."""

    def __init__(self, settings: Settings, dsn: str, close_polls_on: int | None) -> None:
        self._settings, self._close_polls_on = settings, close_polls_on
        self.rules = rules_of(settings)
        self.db = database(settings, dsn, self.rules)
        self.live = LiveRules(self.db, DivisionFile(settings), self.rules)
        self.waker = Waker()
        self.board = BoardWatch(self.db, self.waker.wait)
        self.notifier, self.faults, self.counts = Notifier(self.db), Faults(self.db), ObjectCounts(self.db)
        self.listener = Listener(self.db.direct_dsn, self.waker.wake)
        self.sessions, self.images = Sessions(), Images()
        self._tasks: list[asyncio.Task[Any]] = []
        self.db.on_hints = self._hinted

    def _hinted(self, ids: set[int]) -> None:
        self.waker.wake()
        if self._settings.dispatch.notify:
            self.notifier.hint(ids)

    async def start(self) -> None:
        await self.db.open()
        await apply_configuration(self.db, self._settings)
        await self.live.refresh()
        runs = [self.live.run, self.faults.run, *([self.listener.run] if self._settings.dispatch.notify else [])]
        self._tasks += [asyncio.create_task(run()) for run in runs]
        if self._close_polls_on is not None:
            asyncio.get_running_loop().add_signal_handler(self._close_polls_on, self.waker.close)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.counts.stop()
        for part in (self.board, self.images, self.sessions, self.db):
            await part.close()

    async def _desk(self) -> Desk | None:
        """Each time anew: the application may have been installed meanwhile."""
        return await open_desk(self._settings, self.db, self.sessions)

    def services(self) -> Services:
        server, bitrix24, blobs = self._settings.server, self._settings.bitrix24, photo_blobs(self._settings)
        limits = onec.Limits(server.max_objects, server.max_commands)
        return Services(
            db=self.db, rules=self.rules, live=self.live, onec=onec.OneC(self.db, self.rules, limits), waker=self.waker,
            board=self.board, rate=RateLimit(server.requests_per_second, server.request_burst),
            ready=_ready(self.db, self.db.direct_dsn), show_photo=ShowPhoto(self.db, blobs),
            keep_photo=KeepPhoto(self.db, blobs, self.images, on_photo=_weigh_photo),
            faults=self.faults, heard=Heard(self.db), counts=self.counts,
            metrics_token=server.metrics_token, allow_private=self._settings.webhooks.allow_private,
            portal_origin=bitrix24.portal_url.rstrip("/"),
            portal_door=portal_entry(self._settings, self.db, self.sessions), public_url=server.url,
            portal_install=installer(self._settings, self.db, self.sessions),
            portal_events=event_door(self._settings, self.db, self.sessions),
            portal_js=bitrix24.js_url,
            portal_desk=self._desk if bitrix24.portal_url else None,
            portal_said=_portal_said(self._settings), portal_wanted=portal_wanted(self._settings),
            status_chat=bitrix24.status_chat, limits=_limits(self._settings),
            loadable=frozenset(base.id for base in self._settings.bases if base.odata is not None),
        )  # fmt: skip


def _limits(settings: Settings) -> dict[str, tuple[str, float, float]]:
    """For the exchange page: (bucket, calls a second, burst) by destination."""
    b = settings.bitrix24
    if b.calls_per_second <= 0:
        return {}
    return {"bitrix24": (f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst)}


def _portal_said(settings: Settings) -> PortalSaid:
    b = settings.bitrix24
    user = b.webhook.strip("/").partition("/")[0]
    bucket = _limits(settings).get("bitrix24")
    application = bool(b.client_id and b.client_secret)
    return PortalSaid(
        b.portal_url.rstrip("/"), int(user) if user.isdecimal() else None, application, bucket,
        LIMIT_S if bucket else None, chest_of(settings),
    )  # fmt: skip


async def _weigh_photo(tx: Tx, sha256: str) -> None:
    """A picture that comes after its step is evidence too, and the portal waits for it."""
    await weigh_evidence.on_photo(tx, sha256, datetime.now(UTC))
    await photo_came(tx, sha256)


def _ready(db: Database, dsn: str) -> Callable[[], Awaitable[str | None]]:
    async def ready() -> str | None:
        try:
            await views.figures(db)
            missing = await asyncio.to_thread(migrate.pending, dsn)
        except StoreError:
            return "база данных не отвечает"
        return f"не выполнены миграции базы данных: {missing}" if missing else None

    return ready
