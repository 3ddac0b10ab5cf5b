"""Doors for people of the office: who I am. See docs/subsystems/people.md."""

from typing import Any

from litestar import Request, Response, Router, get

from posrednik.api import documents_people as told
from posrednik.api.auth import caller_of, services_of
from posrednik.api.openapi import OWN, documented
from posrednik.api.problems import plain
from posrednik.domain.rights import rights_of
from posrednik.store import views
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.order_facts import Rules

AnyRequest = Request[Any, Any, Any]
DEFAULT_ZONE = "Europe/Moscow"


@get("/me", summary="Who I am and what I may do", **documented("me", answer=told.Me, right=OWN))
async def me(request: AnyRequest) -> Response[bytes]:
    caller, services = await caller_of(request, "person"), services_of(request)
    names = {row.ref: row.name for row in await views.names(services.db) if row.kind == "division"}
    mine = None if caller.divisions is None else sorted(caller.divisions)
    return plain({
        "name": caller.name or caller.owner, "login": caller.login, "roles": sorted(caller.roles),
        "rights": sorted(rights_of(caller.roles, limited=mine is not None)),
        "divisions": None if mine is None else [{"ref": ref, "name": names.get(ref) or ref} for ref in mine],
        "time_zone": _zone(caller, services.rules),
    })  # fmt: skip


def _zone(caller: Caller, rules: Rules) -> str:
    """Of the one division that he works in, else of those of the company."""
    refs = caller.divisions or rules.divisions.keys()
    zones = {rules.of(ref).time_zone for ref in refs} - {None}
    return zones.pop() or DEFAULT_ZONE if len(zones) == 1 else DEFAULT_ZONE


router = Router("/api/v1/board", route_handlers=[me], tags=["People"])
