"""What takes in that people changed something in the portal, built: the door of events, and the watch of a worker."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from posrednik.bootstrap import rules_of
from posrednik.bootstrap_portal import OpenPortal, installer, open_portal
from posrednik.config import Settings
from posrednik.connectors.bitrix24.reader import PortalReader
from posrednik.division_file import DivisionFile
from posrednik.kit.http import Sessions
from posrednik.kit.ids import uuid7
from posrednik.kit.log import get_logger
from posrednik.store.db import Database, StoreError
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.install_portal import where
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.take_hint import Configured, EventDoor, host_of
from posrednik.usecases.take_seen_task import Watching
from posrednik.usecases.watch_portal import PortalWatch, Times

log = get_logger("bootstrap")
LOOK_AGAIN_S = 30.0


def event_door(settings: Settings, db: Database, sessions: Sessions) -> EventDoor | None:
    """None: there is no portal."""
    b = settings.bitrix24
    if not b.portal_url:
        return None
    user = b.webhook.strip("/").partition("/")[0]
    told = Configured(host_of(b.portal_url), b.application_token, b.member_id, int(user) if user.isdigit() else 0)
    at = where(b.portal_url, b.client_id) if b.client_id else None
    return EventDoor(db, told, installer(settings, db, sessions), at)


async def watch(settings: Settings, db: Database, sessions: Sessions, holder: UUID | None = None) -> PortalWatch | None:
    """For a worker, or for the command line. None: the portal is not configured, or nobody installed us there."""
    opened = await open_portal(settings, db, sessions)
    if opened is None:
        return None
    file, rules, b = DivisionFile(settings), rules_of(settings), settings.bitrix24
    live = LiveRules(db, file, rules)
    await live.refresh()
    return PortalWatch(
        db, opened.destination_id, PortalReader(opened.calls), Watching(rules, file.mode), _groups(opened, rules),
        holder or uuid7(), Times(b.poll_s, b.compare_at_s), live.refresh,
    )  # fmt: skip


def _groups(opened: OpenPortal, rules: Rules) -> Callable[[], set[int]]:
    """Projects of divisions as they are now, and the one for the rest."""

    def groups() -> set[int]:
        told = [one.group for one in rules.divisions.values()]
        now = {int(group) for group in told if group and group.isdigit()}
        return now | set(opened.settings.groups.values()) | ({opened.settings.default_group or 0} - {0})

    return groups


async def watch_always(settings: Settings, db: Database, sessions: Sessions, holder: UUID) -> None:
    """Until cancelled; begins when there is a way to the portal."""
    if not settings.bitrix24.portal_url:
        return
    while True:
        try:
            watching = await watch(settings, db, sessions, holder)
        except StoreError as error:
            log.warning("portal.watch_failed", error=str(error))
            watching = None
        if watching is not None:
            await watching.run()
        await asyncio.sleep(LOOK_AGAIN_S)
