"""Doors for the site and others: subscriptions and the feed (contract.md §4)."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post

from posrednik.api.auth import caller_of, idempotency_key, services_of
from posrednik.api.problems import Problem, plain
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases import manage_subscriptions as manage
from posrednik.usecases.once import KeyReused, StillRunning, once
from posrednik.usecases.read_feed import read_feed

AnyRequest = Request[Any, Any, Any]
LONGEST_WAIT_S = 60.0
MOST_EVENTS = 1000


class NewSubscription(msgspec.Struct):
    url: str
    events: list[str] = msgspec.field(default_factory=lambda: ["delivery.*"])
    division: str | None = None


class Changes(msgspec.Struct):
    url: str | None = None
    events: list[str] | None = None
    state: str | None = None


def _read(body: bytes, shape: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise Problem(400, "malformed", errors=[{"pointer": "/", "detail": str(error)}]) from error


def _check(request: AnyRequest, url: str, events: list[str]) -> None:
    try:
        manage.check(url, events, allow_private=services_of(request).allow_private)
    except manage.BadSubscription as error:
        raise Problem(422, "bad_subscription", errors=[{"pointer": error.pointer, "detail": str(error)}]) from error


def _shown(row: Row) -> dict[str, Any]:
    return {"id": str(row.id), "url": row.url, "events": row.events, "division": getattr(row, "division", None),
            "state": row.state, "why": row.why, "made_at": row.made_at.isoformat()}  # fmt: skip


@post("/subscriptions", status_code=201, summary="Subscribe to events")
async def add(request: AnyRequest) -> Response[bytes]:
    caller = await caller_of(request, "person", "feed")
    body, key = await request.body(), idempotency_key(request)
    wanted: NewSubscription = _read(body, NewSubscription)
    _check(request, wanted.url, wanted.events)

    async def work(tx: Tx) -> Any:
        return await manage.add(tx, wanted.url, wanted.events, wanted.division)

    try:
        answer, replayed = await services_of(request).db.transact(
            lambda tx: once(tx, caller.principal, key, body, work)
        )
    except KeyReused as error:
        raise Problem(422, "idempotency_key_reused") from error
    except StillRunning as error:
        raise Problem(409, "still_running", retry_after=1) from error
    return plain(answer, 201, {"Idempotent-Replayed": "true"} if replayed else None)


@get("/subscriptions", summary="All subscriptions, without secrets")
async def listed(request: AnyRequest) -> Response[bytes]:
    await caller_of(request, "person")
    rows = await views.subscriptions(services_of(request).db)
    return plain({"subscriptions": [_shown(row) for row in rows]})


@patch("/subscriptions/{subscription_id:uuid}", summary="Change a subscription")
async def change(request: AnyRequest, subscription_id: UUID) -> Response[bytes]:
    await caller_of(request, "person")
    wanted: Changes = _read(await request.body(), Changes)
    if wanted.state not in (None, "open", "paused"):
        raise Problem(422, "bad_subscription", errors=[{"pointer": "/state", "detail": "open | paused"}])
    if wanted.url is not None or wanted.events is not None:
        _check(request, wanted.url or "https://unchanged.example", wanted.events or ["*"])
    row = await services_of(request).db.transact(
        lambda tx: manage.change(tx, subscription_id, wanted.url, wanted.events, wanted.state)
    )
    if row is None:
        raise Problem(404, "not_found")
    return plain(_shown(row))


@delete("/subscriptions/{subscription_id:uuid}", status_code=200, summary="End a subscription")
async def remove(request: AnyRequest, subscription_id: UUID) -> Response[bytes]:
    await caller_of(request, "person")
    if not await services_of(request).db.transact(lambda tx: manage.remove(tx, subscription_id)):
        raise Problem(404, "not_found")
    return plain({"removed": True})


@post("/subscriptions/{subscription_id:uuid}/rotate", status_code=200, summary="A new secret, the old one for a day")
async def rotate(request: AnyRequest, subscription_id: UUID) -> Response[bytes]:
    await caller_of(request, "person")
    secret = await services_of(request).db.transact(lambda tx: manage.rotate(tx, subscription_id))
    if secret is None:
        raise Problem(404, "not_found")
    return plain({"id": str(subscription_id), "secret": secret})


@post("/subscriptions/{subscription_id:uuid}/test", status_code=202, summary="Send a test event")
async def test(request: AnyRequest, subscription_id: UUID) -> Response[bytes]:
    await caller_of(request, "person")
    now = datetime.now(UTC).isoformat()
    if not await services_of(request).db.transact(lambda tx: manage.test(tx, subscription_id, now)):
        raise Problem(404, "not_found")
    return plain({"queued": True}, 202)


@get("/events", summary="The feed: the same bodies as webhooks, by cursor")
async def events(
    request: AnyRequest, after: str = "", limit: int = 100, wait: float = 0.0, types: str = ""
) -> Response[bytes]:
    await caller_of(request, "feed", "person")
    if not 1 <= limit <= MOST_EVENTS or wait < 0 or not (after.isdigit() or after == "") or len(after) > 18:
        raise Problem(400, "malformed", errors=[{"pointer": "/query", "detail": f"after, limit 1..{MOST_EVENTS}"}])
    services = services_of(request)
    cursor, patterns = int(after or 0), [t.strip() for t in types.split(",") if t.strip()] or None
    deadline = time.monotonic() + min(wait, LONGEST_WAIT_S)
    while True:
        answer = await read_feed(services.db, after=cursor, limit=limit, types=patterns)
        cursor = int(answer["next"])
        left = deadline - time.monotonic()
        if answer["events"] or left <= 0:
            return plain(answer)
        await services.waker.wait(min(left, 1.0))


router = Router("/api/v1", route_handlers=[add, listed, change, remove, rotate, test, events], tags=["Subscribers"])
