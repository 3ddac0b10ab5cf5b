"""Doors for the site and others: subscriptions and the feed (contract.md §4)."""

import math
import re
import time
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents as told
from posrednik.api.auth import body_of, check_range, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.kit import values
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases import manage_subscriptions as manage
from posrednik.usecases.read_feed import read_feed

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
LONGEST_WAIT_S = 60.0
MOST_EVENTS = 1000


class NewSubscription(msgspec.Struct):
    url: str
    events: list[str] = msgspec.field(default_factory=lambda: ["delivery.*"])
    division: str | None = None


class Changes(msgspec.Struct):
    """What is not named stays. division: "" = of all divisions. state: `open` also wakes a disabled one."""

    url: str | None = None
    events: list[str] | None = None
    division: str | None = None
    state: Literal["open", "paused"] | None = None


def _check(request: AnyRequest, url: str | None, events: list[str] | None) -> None:
    try:
        if url is not None:
            manage.check_url(url, allow_private=services_of(request).allow_private)
        if events is not None:
            manage.check_events(events)
    except manage.BadSubscription as error:
        raise Problem(422, "bad_subscription", errors=[{"pointer": error.pointer, "detail": str(error)}]) from error


def _division(value: str | None) -> str | None:
    """A division's reference as the mirror has it; "" asks for all."""
    if not value:
        return value
    try:
        return values.guid(value) or ""
    except ValueError as error:
        wrong = [{"pointer": "/division", "detail": "нужна ссылка (GUID) подразделения"}]
        raise Problem(422, "bad_subscription", errors=wrong) from error


def shown(row: Row) -> dict[str, Any]:
    """As the doors tell of it: without its secret."""
    return {"id": str(row.id), "url": row.url, "events": row.events, "division": row.division_ref,
            "state": row.state, "why": row.why, "made_at": row.made_at.isoformat()}  # fmt: skip


def _there(found: T | None) -> T:
    if found is None:
        raise Problem(404, "not_found")
    return found


@post(
    "/subscriptions", status_code=201, summary="Subscribe to events",
    **documented("subscribe", body=NewSubscription, answer=told.NewSubscriptionAnswer, says_no=(409, 415, 422),
                 right=Right.SUBSCRIPTION_MANAGE),
)  # fmt: skip
async def add(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.SUBSCRIPTION_MANAGE, also="feed")
    body = await body_of(request)
    wanted, once = decode_text(body, NewSubscription), keyed(request, caller, body)
    _check(request, wanted.url, wanted.events)
    division = _division(wanted.division) or None
    answer = await once.run(lambda tx: manage.add(tx, wanted.url, wanted.events, division))
    return answer_of(answer, 201, replayed=once.replayed)


@get("/subscriptions", summary="All subscriptions, without secrets",
     **documented("subscriptions", answer=told.Subscriptions, right=Right.SUBSCRIPTION_MANAGE))  # fmt: skip
async def listed(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.SUBSCRIPTION_MANAGE)
    rows = await views.subscriptions(services_of(request).db)
    return plain({"subscriptions": [shown(row) for row in rows]})


@get("/subscriptions/{subscription_id:uuid}", summary="One subscription, without its secret",
     **documented("subscription", answer=told.Subscription, says_no=(404,),
                  right=Right.SUBSCRIPTION_MANAGE))  # fmt: skip
async def one(request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[bytes]:
    await person_of(request, Right.SUBSCRIPTION_MANAGE)
    return plain(shown(_there(await services_of(request).db.transact(lambda tx: manage.one(tx, subscription_id)))))


@patch(
    "/subscriptions/{subscription_id:uuid}", summary="Change a subscription",
    **documented("changeSubscription", body=Changes, answer=told.Subscription, says_no=(404, 409, 415, 422),
                 right=Right.SUBSCRIPTION_MANAGE),
)  # fmt: skip
async def change(request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SUBSCRIPTION_MANAGE)
    body = await body_of(request)
    wanted, once = decode_text(body, Changes), keyed(request, caller, body)
    _check(request, wanted.url, wanted.events)
    division = _division(wanted.division)

    async def work(tx: Tx) -> dict[str, Any]:
        return shown(_there(await manage.change(
            tx, subscription_id, url=wanted.url, events=wanted.events, division=division, state=wanted.state
        )))  # fmt: skip

    return answer_of(await once.run(work), replayed=once.replayed)


@delete(
    "/subscriptions/{subscription_id:uuid}", status_code=200, summary="End a subscription",
    **documented("unsubscribe", answer=told.Removed, says_no=(404, 409, 422), right=Right.SUBSCRIPTION_MANAGE),
)  # fmt: skip
async def remove(request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SUBSCRIPTION_MANAGE)
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        _there(await manage.remove(tx, subscription_id) or None)
        return {"removed": True}

    return answer_of(await once.run(work), replayed=once.replayed)


@post(
    "/subscriptions/{subscription_id:uuid}/rotate", status_code=200, summary="A new secret, the old one for a day",
    **documented("rotateSecret", answer=told.Rotated, says_no=(404, 409, 422), right=Right.SUBSCRIPTION_MANAGE),
)  # fmt: skip
async def rotate(request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SUBSCRIPTION_MANAGE)
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        return {"id": str(subscription_id), "secret": _there(await manage.rotate(tx, subscription_id))}

    answer = await once.run(work)
    return answer_of(answer, replayed=once.replayed)


@post(
    "/subscriptions/{subscription_id:uuid}/test", status_code=202, summary="Send a test event",
    **documented("testSubscription", answer=told.Queued, says_no=(404, 409, 422), right=Right.SUBSCRIPTION_MANAGE),
)  # fmt: skip
async def test(request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SUBSCRIPTION_MANAGE)
    once, now = keyed(request, caller, b""), datetime.now(UTC).isoformat()

    async def work(tx: Tx) -> dict[str, Any]:
        _there(await manage.test(tx, subscription_id, now) or None)
        return {"queued": True}

    answer = await once.run(work)
    return answer_of(answer, 202, replayed=once.replayed)


@get("/events", summary="The feed: the same bodies as webhooks, by cursor",
     **documented("feed", answer=told.Feed, right=Right.EXCHANGE_SEE))  # fmt: skip
async def events(
    request: AnyRequest,
    after: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
    wait: FromQuery[float] = 0.0,
    types: FromQuery[str] = "",
) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE, also="feed")
    check_range("limit", limit, 1, MOST_EVENTS)
    check_range("wait", wait, 0, math.inf)
    if not re.fullmatch(r"[0-9]{0,18}", after):
        raise Problem(400, "malformed", errors=[{"pointer": "/query/after", "detail": "a cursor from `next`"}])
    services = services_of(request)
    cursor, patterns = int(after or 0), _patterns(types)
    deadline = time.monotonic() + min(wait, LONGEST_WAIT_S)
    while True:
        answer = await read_feed(services.db, after=cursor, limit=limit, types=patterns)
        cursor = int(answer["next"])
        left = deadline - time.monotonic()
        if answer["events"] or left <= 0 or not await services.waker.wait(min(left, 1.0)):
            return plain(answer)


def _patterns(types: str) -> list[str] | None:
    patterns = [pattern.strip() for pattern in types.split(",") if pattern.strip()]
    try:
        manage.check_events(patterns or ["*"])
    except manage.BadSubscription as error:
        raise Problem(400, "malformed", errors=[{"pointer": "/query/types", "detail": str(error)}]) from error
    return patterns or None


router = Router(
    "/api/v1", route_handlers=[add, listed, one, change, remove, rotate, test, events], tags=["Subscribers"]
)
