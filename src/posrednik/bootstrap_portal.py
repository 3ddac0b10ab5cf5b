"""What talks to the portal of Bitrix24, built: the dispatch connector, and calls beside dispatch (watching, check,
set-up), which share its limits."""

from dataclasses import dataclass

from posrednik.config import Settings
from posrednik.connectors.bitrix24.access import Access, WebhookAccess
from posrednik.connectors.bitrix24.acts import Acts
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.transport import Calls, Meter, Transport
from posrednik.dispatch.dispatcher import Tuning
from posrednik.dispatch.limiter import Limiter, Limits
from posrednik.dispatch.worker import Served
from posrednik.kit.http import Sessions
from posrednik.store import destinations
from posrednik.store.db import Database

DESTINATION = "bitrix24"


@dataclass(frozen=True, slots=True)
class OpenPortal:
    """destination_id: of dispatch. calls: charged to the same bucket as what dispatch sends."""

    destination_id: int
    settings: Bitrix24Settings
    calls: Calls


def access_of(settings: Settings, db: Database, sessions: Sessions) -> Access | None:
    """None: nothing is configured by which calls could be authorised."""
    b = settings.bitrix24
    return WebhookAccess(b.portal_url, b.webhook) if b.portal_url and b.webhook else None


def limits_of(settings: Settings) -> Limits | None:
    b = settings.bitrix24
    if b.calls_per_second <= 0:
        return None
    return Limits(f"bitrix24:{b.portal_url}", b.calls_per_second, b.call_burst)


def portal_settings(settings: Settings, access: Access) -> Bitrix24Settings:
    b = settings.bitrix24
    return Bitrix24Settings(
        portal_url=b.portal_url, webhook=b.webhook, creator_id=access.user_id,
        groups={d.ref.lower(): d.bitrix24_group for d in settings.divisions if d.bitrix24_group is not None},
        default_group=b.default_group or None, responsible_id=b.responsible_id or None,
        time_limit_s=b.time_limit_s, timeout_s=b.timeout_s,
    )  # fmt: skip


async def open_portal(settings: Settings, db: Database, sessions: Sessions) -> OpenPortal | None:
    """For one who asks the portal outside of dispatch; None: it is not configured."""
    access = access_of(settings, db, sessions)
    if access is None:
        return None
    destination_id = await db.transact(lambda tx: destinations.ensure(tx, DESTINATION, "bitrix24"))
    told, gate = portal_settings(settings, access), Limiter(db, destination_id, limits_of(settings))
    return OpenPortal(destination_id, told, Calls(_transport(told, access, sessions, None), gate))


def served(settings: Settings, db: Database, sessions: Sessions, destination_id: int) -> Served | None:
    """How dispatch serves the portal; None: it is not configured."""
    access = access_of(settings, db, sessions)
    if access is None:
        return None
    told = portal_settings(settings, access)
    connector = Bitrix24Connector(
        told, sessions.get(public_only=False), transport=_transport(told, access, sessions, meter(db, destination_id)),
        acts=acts(settings, db),
    )  # fmt: skip
    return Served(connector, limits_of(settings), Tuning(runners=4, per_lane=1, linger_s=0.02))


def meter(db: Database, destination_id: int) -> Meter | None:
    """What the portal's answers teach of its limits is kept here."""
    return None


def acts(settings: Settings, db: Database) -> list[Acts]:
    """Messages that are no task."""
    return []


def _transport(told: Bitrix24Settings, access: Access, sessions: Sessions, meter: Meter | None) -> Transport:
    return Transport(access, sessions.get(public_only=False), timeout_s=told.timeout_s, meter=meter)
