"""Doors for repair: dead letters, replay with a dry run, skip, a try at once, a pause of a destination."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents as told
from posrednik.api import documents_exchange as pages
from posrednik.api.auth import asked, body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.store.db import Tx
from posrednik.usecases import repair
from posrednik.usecases.repair import NoSuchDestination, Replayed, ReplayFilter

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
    order_number: str | None = None

    def filter(self) -> ReplayFilter:
        return ReplayFilter(
            self.destination, self.code, self.since, self.lane_id, self.seq, self.order_ref, self.order_number
        )


class Skip(msgspec.Struct):
    lane_id: Big
    seq: Big
    reason: str


@get(
    "/dead", summary="Messages that a person must decide about",
    **documented("deadLetters", answer=told.DeadLetters, right=Right.EXCHANGE_SEE),
)  # fmt: skip
async def dead(
    request: AnyRequest, destination: FromQuery[str] = "", code: FromQuery[str] = "", order: FromQuery[str] = "",
    limit: FromQuery[int] = 200,
) -> Response[bytes]:  # fmt: skip
    """order: its number."""
    await person_of(request, Right.EXCHANGE_SEE)
    rows = await repair.dead(
        services_of(request).db, asked(destination) or None, min(max(limit, 1), MOST_ROWS),
        code=asked(code, 100) or None, order_number=asked(order, 100) or None,
    )  # fmt: skip
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
    **documented("replay", body=Replay, answer=told.Replayed, says_no=(409, 415, 422), right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def replay(request: AnyRequest) -> Response[bytes]:
    """In transactions of its own, so that live traffic is never locked out for long; the audit's row comes last."""
    caller, db = await person_of(request, Right.EXCHANGE_REPAIR), services_of(request).db
    body = await body_of(request)
    wanted, who = decode_text(body, Replay), caller.name or caller.owner
    if wanted.dry_run:
        return plain(_replayed(await repair.replay(db, wanted.filter(), dry_run=True, who=who)))

    async def work(_: Tx) -> dict[str, Any]:
        return _replayed(await repair.replay(db, wanted.filter(), dry_run=False, who=who))

    once = keyed(request, caller, body)
    answer = await once.run(work)
    return answer_of(answer, replayed=once.replayed)


def _replayed(done: Replayed) -> dict[str, Any]:
    first = [{"destination": r.destination, "key": r.key, "order_number": r.order_number or None} for r in done.first]
    return {"count": done.count, "replayed": done.replayed, "first": first}


@post(
    "/skip", status_code=200, summary="Let a lane go on without its dead message",
    **documented("skip", body=Skip, answer=told.Skipped, says_no=(404, 409, 415, 422), right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def skip(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.EXCHANGE_REPAIR)
    body = await body_of(request)
    wanted, once = decode_text(body, Skip), keyed(request, caller, body)
    reason = _reason(wanted.reason)

    async def work(tx: Tx) -> dict[str, bool]:
        if not await repair.skip(tx, wanted.lane_id, wanted.seq, reason, caller.name or caller.owner):
            raise Problem(404, "not_found")
        once.about(f"lane {wanted.lane_id}, {wanted.seq}")
        return {"skipped": True}

    answer = await once.run(work)
    return answer_of(answer, replayed=once.replayed)


def _reason(text: str) -> str:
    if not text.strip():
        raise Problem(422, "malformed", errors=[{"pointer": "/reason", "detail": "нужна причина"}])
    return text.strip()


@post(
    "/lanes/{lane_id:int}/send-now", status_code=200, summary="Do not wait for the next try of a lane",
    **documented("sendNow", answer=pages.Done, says_no=(409, 415, 422), right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def send_now(request: AnyRequest, lane_id: FromPath[int]) -> Response[bytes]:
    """Limits, pauses and the breaker of its destination stay as they are."""
    caller = await person_of(request, Right.EXCHANGE_REPAIR)
    once = keyed(request, caller, await body_of(request))

    async def work(tx: Tx) -> dict[str, bool]:
        await repair.send_now(tx, min(max(lane_id, 0), 2**63 - 1), caller.name or caller.owner)
        return {"done": True}

    answer = await once.run(work)
    return answer_of(answer, replayed=once.replayed)


@post(
    "/destinations/{destination_id:int}/state", status_code=200, summary="Pause a destination, or let it go on",
    **documented("switchDestination", body=pages.Switch, answer=pages.Switched, says_no=(404, 409, 415, 422),
                 right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def switch(request: AnyRequest, destination_id: FromPath[int]) -> Response[bytes]:
    caller = await person_of(request, Right.EXCHANGE_REPAIR)
    body = await body_of(request)
    wanted, once = decode_text(body, pages.Switch), keyed(request, caller, body)
    reason, who = _reason(wanted.reason), caller.name or caller.owner

    async def work(tx: Tx) -> dict[str, str]:
        was = await repair.switch_destination(tx, min(max(destination_id, 0), 2**31 - 1), wanted.state, reason, who)
        return {"state": wanted.state, "was": was}

    try:
        answer = await once.run(work)
    except NoSuchDestination as error:
        raise Problem(404, "not_found") from error
    return answer_of(answer, replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[dead, replay, skip, send_now, switch], tags=["Repair"])
