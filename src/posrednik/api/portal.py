"""Doors of the tab «Битрикс24»: the state of the portal, its check, and the alarms on top of the exchange page."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, post

from posrednik.api import documents_portal as told
from posrednik.api.auth import person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, language, plain
from posrednik.domain.rights import Right
from posrednik.usecases.check_portal import check_and_keep
from posrednik.usecases.portal_state import last_check, show_portal
from posrednik.usecases.watch_alarms import show_alarms

AnyRequest = Request[Any, Any, Any]


@get("/alarms", summary="What an administrator has to know now", **documented(
    "alarms", answer=told.Alarms, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def alarms(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    return plain({"alarms": await show_alarms(services_of(request).db, datetime.now(UTC), language(request))})


@get("/portal", summary="State of the portal of Bitrix24", **documented(
    "portal", answer=told.PortalPage, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def portal(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    services = services_of(request)
    seen = await show_portal(services.db, services.portal_said, datetime.now(UTC), language(request))
    return plain({"portal": seen})


@post("/portal/check", status_code=200, summary="Asks the portal whether all that is needed is there", **documented(
    "checkPortal", answer=told.Check, says_no=(409,), right=Right.EXCHANGE_REPAIR,
))  # fmt: skip
async def check(request: AnyRequest) -> Response[bytes]:
    """Reads only; one at a time, for it asks the portal a good deal. One that ended while this waited is its answer."""
    caller, services = await person_of(request, Right.EXCHANGE_REPAIR), services_of(request)
    desk = await services.portal_desk() if services.portal_desk else None
    if desk is None or services.portal_wanted is None:
        raise Problem(409, "no_portal")
    asked_at, lang = datetime.now(UTC), language(request)
    async with services.checking:
        found = await last_check(services.db, lang)
        if found is None or found["at"] < asked_at:
            who = caller.name or caller.owner
            await check_and_keep(services.db, services.live, desk, services.portal_wanted, who, datetime.now(UTC))
            found = await last_check(services.db, lang)
    return plain(found or {})


router = Router("/api/v1/admin", route_handlers=[alarms, portal, check], tags=["Exchange"])
