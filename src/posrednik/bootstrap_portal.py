"""What talks to the portal of Bitrix24, built: the dispatch connector, and calls beside dispatch (watching, check,
set-up), which share its limits."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from posrednik.bootstrap_meter import meter
from posrednik.bootstrap_notes import acts
from posrednik.checks.housekeeper import Duty
from posrednik.config import Settings
from posrednik.connectors.bitrix24.access import Access, NoAccess, WebhookAccess
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.desk import Desk
from posrednik.connectors.bitrix24.dismissed import dismissed
from posrednik.connectors.bitrix24.entry import EntrySettings, PortalEntry
from posrednik.connectors.bitrix24.install import PortalExaminer
from posrednik.connectors.bitrix24.oauth import OAuthAccess, TokenServer
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.transport import Calls, Meter, Transport
from posrednik.connectors.bitrix24.wire import BATCH
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.limiter import Limiter, Limits
from posrednik.dispatch.worker import Served
from posrednik.kit.http import Sessions
from posrednik.store import destinations
from posrednik.store.db import Database
from posrednik.usecases.check_portal import PortalWanted
from posrednik.usecases.end_dismissed import end_dismissed
from posrednik.usecases.enter_from_portal import pinned_member
from posrednik.usecases.install_portal import PortalInstall, application_token, where
from posrednik.usecases.portal_people import keep_fresh
from posrednik.usecases.portal_tokens import Chest, PortalVault

DESTINATION = "bitrix24"


@dataclass(frozen=True, slots=True)
class OpenPortal:
    """destination_id: of dispatch. calls: charged to the same bucket as what dispatch sends."""

    destination_id: int
    settings: Bitrix24Settings
    calls: Calls


async def access_of(settings: Settings, db: Database, sessions: Sessions) -> Access | None:
    """The tokens of the installed application; while there are none, the webhook. None: there is no way, neither is
    configured, or the application was never installed."""
    b = settings.bitrix24
    webhook = WebhookAccess(b.portal_url, b.webhook) if b.portal_url and b.webhook else None
    chest = chest_of(settings)
    if chest is None:
        return webhook
    server = TokenServer(b.auth_url, b.client_id, b.client_secret)
    access = OAuthAccess(b.portal_url, PortalVault(db, chest), server, instead=webhook)
    with suppress(NoAccess):
        await access.ticket()
    return access if access.user_id else None


def portal_entry(settings: Settings, db: Database, sessions: Sessions) -> PortalEntry | None:
    """Who vouches for users of the portal; None: this service has no application there."""
    b = settings.bitrix24
    if not b.portal_url or not b.client_id:
        return None
    chest = chest_of(settings)
    return PortalEntry(
        EntrySettings(b.portal_url, b.client_id, b.auth_url, b.member_id, b.application_token),
        lambda: sessions.get(public_only=False), lambda member_id: pinned_member(db, member_id),
        lambda: application_token(db, chest),
    )  # fmt: skip


def installer(settings: Settings, db: Database, sessions: Sessions) -> PortalInstall | None:
    """Takes installations; None: this service has no application on a portal."""
    b, entry = settings.bitrix24, portal_entry(settings, db, sessions)
    if entry is None:
        return None
    examiner = PortalExaminer(b.portal_url, entry, lambda: sessions.get(public_only=False))
    return PortalInstall(db, where(b.portal_url, b.client_id), chest_of(settings), examiner, b.application_token)


def chest_of(settings: Settings) -> Chest | None:
    """None: without client_secret no token is kept."""
    b = settings.bitrix24
    if not (b.portal_url and b.client_id and b.client_secret):
        return None
    return Chest(where(b.portal_url, b.client_id), b.client_secret)


def duties(settings: Settings, db: Database, sessions: Sessions) -> list[Duty]:
    """What one worker at a time asks of the portal, again and again."""

    async def dismissed_out() -> None:
        portal = await open_portal(settings, db, sessions)
        if portal is not None:
            await end_dismissed(db, lambda users: dismissed(portal.calls, users), datetime.now(UTC))

    async def people_read() -> None:
        desk = await open_desk(settings, db, sessions)
        if desk is not None:
            await keep_fresh(db, desk, datetime.now(UTC))

    return [Duty("dismissed", 60, dismissed_out), Duty("portal people", 60, people_read)]


def limits_of(settings: Settings) -> Limits | None:
    b = settings.bitrix24
    if b.calls_per_second <= 0:
        return None
    return Limits(f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst, first=frozenset({BATCH}))


def portal_settings(settings: Settings, access: Access) -> Bitrix24Settings:
    b = settings.bitrix24
    return Bitrix24Settings(
        portal_url=b.portal_url, webhook=b.webhook, creator_id=access.user_id,
        groups={d.ref.lower(): d.bitrix24_group for d in settings.divisions if d.bitrix24_group is not None},
        default_group=b.default_group or None, responsible_id=b.responsible_id or None,
        time_limit_s=b.time_limit_s, timeout_s=b.timeout_s, client_id=b.client_id,
        public_url=settings.server.public_url,
    )  # fmt: skip


async def open_portal(settings: Settings, db: Database, sessions: Sessions) -> OpenPortal | None:
    """For one who asks the portal outside of dispatch; None: it is not configured."""
    access = await access_of(settings, db, sessions)
    if access is None:
        return None
    destination_id = await db.transact(lambda tx: destinations.ensure(tx, DESTINATION, "bitrix24"))
    told, gate = portal_settings(settings, access), Limiter(db, destination_id, limits_of(settings))
    transport = _transport(told, access, sessions, meter(settings, db, destination_id))
    return OpenPortal(destination_id, told, Calls(transport, gate))


def portal_wanted(settings: Settings) -> PortalWanted:
    b = settings.bitrix24
    return PortalWanted(settings.server.url, b.default_group or None, b.responsible_id or None)


async def open_desk(settings: Settings, db: Database, sessions: Sessions) -> Desk | None:
    """For check, set-up and the list of users; None: the portal is not configured, or nobody installed us there."""
    opened = await open_portal(settings, db, sessions)
    if opened is None:
        return None
    try:
        application = bool((await opened.calls.transport.access.ticket()).auth)
    except NoAccess:
        application = True
    return Desk(opened.calls, application=application)


async def served(settings: Settings, db: Database, sessions: Sessions, destination_id: int) -> Served | None:
    """How dispatch serves the portal; None: it is not configured."""
    access = await access_of(settings, db, sessions)
    if access is None:
        return None
    told = portal_settings(settings, access)
    connector = Bitrix24Connector(
        told, sessions.get(public_only=False), acts=acts(settings, db, told, destination_id),
        transport=_transport(told, access, sessions, meter(settings, db, destination_id)),
    )  # fmt: skip
    return Served(connector, limits_of(settings), Tuning(runners=8, per_lane=1, linger_s=0.02))


def _transport(told: Bitrix24Settings, access: Access, sessions: Sessions, meter: Meter) -> Transport:
    return Transport(access, sessions.get(public_only=False), timeout_s=told.timeout_s, meter=meter)
