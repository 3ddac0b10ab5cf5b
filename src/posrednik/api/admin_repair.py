"""Doors for repair: dead letters, replay with a dry run, skip."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from posrednik.api import documents as told
from posrednik.api.auth import asked, body_of, caller_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, plain
from posrednik.intake.reading import decode_text
from posrednik.usecases import repair

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 1000
Big = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Replay(msgspec.Struct):
    """Which dead letters; nothing named = all. dry_run: only count them."""

    dry_run: bool = True
    destination: str | None = None
    code: str | None = None
    since: datetime | None = None
    lane_id: Big | None = None
    seq: Big | None = None
    order_ref: UUID | None = None


class Skip(msgspec.Struct):
    lane_id: Big
    seq: Big
    reason: str


@get(
    "/dead", summary="Messages that a person must decide about",
    **documented("deadLetters", answer=told.DeadLetters),
)  # fmt: skip
async def dead(request: AnyRequest, destination: FromQuery[str] = "", limit: FromQuery[int] = 200) -> Response[bytes]:
    await caller_of(request, "person")
    rows = await repair.dead(services_of(request).db, asked(destination) or None, min(max(limit, 1), MOST_ROWS))
    return plain({
        "dead": [
            {"lane_id": r.lane_id, "seq": r.seq, "destination": r.destination, "key": r.key,
             "order_number": r.order_number or None, "method": r.method, "dead_at": r.dead_at.isoformat(),
             "code": r.dead_code, "why": r.dead_why, "attempt": r.attempt}
            for r in rows
        ]
    })  # fmt: skip


@post(
    "/replay", status_code=200, summary="Send dead letters again, in lane order",
    **documented("replay", body=Replay, answer=told.Replayed, says_no=(415,)),
)  # fmt: skip
async def replay(request: AnyRequest) -> Response[bytes]:
    await caller_of(request, "person")
    wanted = decode_text(await body_of(request), Replay)
    done = await repair.replay(
        services_of(request).db, dry_run=wanted.dry_run, destination=wanted.destination, code=wanted.code,
        since=wanted.since, lane_id=wanted.lane_id, seq=wanted.seq, order_ref=wanted.order_ref,
    )  # fmt: skip
    first = [{"destination": r.destination, "key": r.key, "order_number": r.order_number or None} for r in done.first]
    return plain({"count": done.count, "replayed": done.replayed, "first": first})


@post(
    "/skip", status_code=200, summary="Let a lane go on without its dead message",
    **documented("skip", body=Skip, answer=told.Skipped, says_no=(404, 415, 422)),
)  # fmt: skip
async def skip(request: AnyRequest) -> Response[bytes]:
    caller = await caller_of(request, "person")
    wanted = decode_text(await body_of(request), Skip)
    if not wanted.reason.strip():
        raise Problem(422, "malformed", errors=[{"pointer": "/reason", "detail": "нужна причина"}])
    who = caller.name or caller.owner
    if not await repair.skip(services_of(request).db, wanted.lane_id, wanted.seq, wanted.reason.strip(), who):
        raise Problem(404, "not_found")
    return plain({"skipped": True})


router = Router("/api/v1/admin", route_handlers=[dead, replay, skip], tags=["Repair"])
