"""Doors of the page «Базы 1С»: the state of each base, and what waits for what."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_bases as told
from posrednik.api.auth import asked, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, plain
from posrednik.domain.rights import Right
from posrednik.usecases.show_bases import show_bases, show_waiting

AnyRequest = Request[Any, Any, Any]
Place = tuple[datetime, str, str]
MOST_ROWS = 200
LONGEST_PLACE = 600


@get("/bases", summary="State of each base of 1C", **documented(
    "bases", answer=told.Bases, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def bases(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    services = services_of(request)
    found = await show_bases(services.db, await services.counts.now(), datetime.now(UTC))
    loadable = {str(one) for one in services.loadable}
    return plain({
        "bases": [{**one, "loadable": one["id"] in loadable} for one in found],
        "address": services.public_url.rstrip("/"),
    })  # fmt: skip


@get("/bases/{base:uuid}/waiting", summary="What of a base waits, and for what", **documented(
    "baseWaiting", answer=told.WaitingPage, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def waiting(
    request: AnyRequest, base: FromPath[UUID], after: FromQuery[str] = "", limit: FromQuery[int] = 50,
) -> Response[bytes]:  # fmt: skip
    """after: `next` of the last page. Nothing of a base that is not there."""
    await person_of(request, Right.EXCHANGE_SEE)
    most = min(max(limit, 1), MOST_ROWS)
    found = await show_waiting(services_of(request).db, base, _place(after), most)
    return plain({**found, "next": found["next"] and _after(found["next"])})


def _after(place: Place) -> str:
    since, kind, ref = place
    return f"{since.astimezone(UTC).isoformat()}~{kind}~{ref}"


def _place(after: str) -> Place | None:
    if not after:
        return None
    try:
        since, kind, ref = asked(after, LONGEST_PLACE).split("~", 2)
        return datetime.fromisoformat(since).astimezone(UTC), kind, ref
    except (ValueError, OverflowError) as error:
        where = [{"pointer": "/query/after", "detail": "`next` of the page before"}]
        raise Problem(400, "malformed", errors=where) from error


router = Router("/api/v1/admin", route_handlers=[bases, waiting], tags=["Administration"])
