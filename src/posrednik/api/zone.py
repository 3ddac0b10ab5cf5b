"""Which day it is for whoever looks at a page of the office: never his browser's."""

from zoneinfo import ZoneInfo

from posrednik.api.services import Services
from posrednik.store import views
from posrednik.store.db import Database, Tx
from posrednik.usecases.authenticate import Caller


async def zone_of(
    services: Services, caller: Caller, division: str | None, source: Database | Tx | None = None
) -> ZoneInfo:
    """Of the division that is asked for, else of those that he may see. division: its ref, empty or None = any."""
    every = not division and caller.divisions is None
    refs = services.rules.divisions if every else [division] if division else caller.divisions or ()
    return ZoneInfo(await views.office_zone(source or services.db, refs, every=every))
