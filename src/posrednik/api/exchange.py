"""Doors for 1C (contract.md §2, §3): read the request, call intake, answer."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post

from posrednik.api.auth import caller_of, services_of
from posrednik.api.problems import Problem, plain
from posrednik.intake.onec import Malformed, NotYours
from posrednik.usecases.exchange_guard import Conflict, Sender
from posrednik.usecases.give_outgoing import UnknownEvents

AnyRequest = Request[Any, Any, Any]
LONGEST_WAIT_S = 60.0
MOST_EVENTS = 1000


async def _base(request: AnyRequest) -> UUID:
    caller = await caller_of(request, "base")
    return UUID(caller.owner)


def _told(answer: dict[str, Any] | Conflict) -> Response[bytes]:
    if isinstance(answer, Conflict):
        if answer.code == "unknown_base":
            raise Problem(403, "unknown_base")
        epoch = str(answer.epoch) if answer.epoch else None
        raise Problem(409, answer.code, last_accepted=answer.last_accepted, epoch=epoch)
    return plain(answer)


def _refusal(error: Exception) -> Problem:
    match error:
        case Malformed():
            return Problem(error.status, error.code, str(error))
        case UnknownEvents():
            return Problem(422, "unknown_event", events=[str(event_id) for event_id in error.ids])
        case _:
            return Problem(403, "forbidden")


_SAID_NO = (Malformed, NotYours, UnknownEvents)


def _sender(base: UUID, epoch: UUID, instance: str) -> Sender:
    return Sender(base, epoch, instance)


@post("/messages", status_code=200, summary="A message: objects and commands of a base")
async def messages(request: AnyRequest) -> Response[bytes]:
    caller = await _base(request)
    try:
        return _told(await services_of(request).onec.message(await request.body(), caller))
    except _SAID_NO as error:
        raise _refusal(error) from error


@post("/commands", status_code=200, summary="One command, answered at once")
async def commands(request: AnyRequest) -> Response[bytes]:
    caller = await _base(request)
    try:
        return _told(await services_of(request).onec.command(await request.body(), caller))
    except _SAID_NO as error:
        raise _refusal(error) from error


@post("/epochs", status_code=200, summary="A new series of message numbers, on purpose")
async def epochs(request: AnyRequest) -> Response[bytes]:
    caller = await _base(request)
    try:
        return _told(await services_of(request).onec.epoch(await request.body(), caller))
    except _SAID_NO as error:
        raise _refusal(error) from error


@get("/state", summary="How far the exchange has come")
async def state(request: AnyRequest, base: UUID, epoch: UUID, instance: str) -> Response[bytes]:
    caller = await _base(request)
    try:
        return _told(await services_of(request).onec.state(_sender(base, epoch, instance), caller))
    except _SAID_NO as error:
        raise _refusal(error) from error


@get("/outgoing", summary="Events for the base; waits for some up to `wait` seconds")
async def outgoing(
    request: AnyRequest, base: UUID, epoch: UUID, instance: str, limit: int = 100, wait: float = 0.0,
    after: int | None = None,
) -> Response[bytes]:  # fmt: skip
    caller = await _base(request)
    services = services_of(request)
    if not 1 <= limit <= MOST_EVENTS or wait < 0 or (after is not None and after < 0):
        raise Problem(400, "malformed", errors=[{"pointer": "/query/limit", "detail": f"1..{MOST_EVENTS}"}])
    try:
        answer = await services.onec.outgoing(
            _sender(base, epoch, instance), caller, limit=limit, after=after,
            wait_for_news=services.waker.wait, wait_s=min(wait, LONGEST_WAIT_S),
        )  # fmt: skip
    except _SAID_NO as error:
        raise _refusal(error) from error
    return _told(answer)


@post("/outgoing/ack", status_code=200, summary="What became of events in 1C")
async def acknowledge(request: AnyRequest) -> Response[bytes]:
    caller = await _base(request)
    try:
        return _told(await services_of(request).onec.acknowledge(await request.body(), caller))
    except _SAID_NO as error:
        raise _refusal(error) from error


router = Router("/api/v1/exchange", route_handlers=[messages, commands, epochs, state, outgoing, acknowledge],
                tags=["1C"])  # fmt: skip
