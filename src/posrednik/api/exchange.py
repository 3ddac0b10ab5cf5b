"""Doors for 1C (contract.md §2, §3): read the request, call intake, answer."""

import math
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from posrednik.api import documents as told
from posrednik.api.auth import body_as_sent, body_of, caller_of, check_range, keyed, services_of
from posrednik.api.forms import answer_in_xml, answers_xml, form_of, in_its_form
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.intake.onec import NotYours
from posrednik.intake.reading import Form
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.exchange_guard import Conflict, Sender
from posrednik.usecases.give_outgoing import UnknownEvents
from posrednik.usecases.once import Keyed

AnyRequest = Request[Any, Any, Any]
LONGEST_WAIT_S = 60.0
MOST_EVENTS = 1000
LARGEST_NUMBER = 2**53 - 1
Answer = dict[str, Any] | Conflict
Call = Callable[[bytes, UUID, Keyed, Form], Awaitable[Answer]]


async def _posted(request: AnyRequest, call: Call) -> Response[bytes]:
    """One POST of a base: whose it is, its body, and the answer under its Idempotency-Key if it has one."""
    caller = await _base_of(request)
    form = form_of(request)
    body = await (body_as_sent(request) if form.xml else body_of(request))
    once = keyed(request, caller, body)
    answer = await _answered(request, caller, call(body, UUID(caller.owner), once, form))
    return in_its_form(request, answer_of(answer, replayed=once.replayed))


async def _base_of(request: AnyRequest) -> Caller:
    """The calling base; a GET of one that is configured for XML is answered in it whatever it asks for."""
    caller = await caller_of(request, "base")
    if (
        request.method == "GET"
        and not answers_xml(request)
        and await services_of(request).onec.encoding(UUID(caller.owner)) == "xml"
    ):
        answer_in_xml(request)
    return caller


async def _answered(request: AnyRequest, caller: Caller, asked: Awaitable[Answer]) -> dict[str, Any]:
    """The answer; a base that got one was heard, a copy of it that is refused was not."""
    answer = await _said(asked)
    await services_of(request).heard.note(UUID(caller.owner))
    return answer


async def _said(asked: Awaitable[Answer]) -> dict[str, Any]:
    """The answer, or the problem that it is."""
    try:
        answer = await asked
    except UnknownEvents as error:
        raise Problem(422, "unknown_event", events=[str(event_id) for event_id in error.ids]) from error
    except NotYours as error:
        raise Problem(403, "forbidden") from error
    if isinstance(answer, Conflict):
        if answer.code == "unknown_base":
            raise Problem(403, "unknown_base")
        epoch = str(answer.epoch) if answer.epoch else None
        raise Problem(409, answer.code, last_accepted=answer.last_accepted, epoch=epoch)
    return answer


@post(
    "/messages", status_code=200, summary="A message: objects and commands of a base",
    **documented("sendMessage", body=told.Message, answer=told.MessageAnswer, says_no=(409, 413, 415)),
)  # fmt: skip
async def messages(request: AnyRequest) -> Response[bytes]:
    return await _posted(request, services_of(request).onec.message)


@post(
    "/commands", status_code=200, summary="One command, answered at once",
    **documented("sendCommand", body=told.SingleCommand, answer=told.CommandAnswer, says_no=(409, 413, 415)),
)  # fmt: skip
async def commands(request: AnyRequest) -> Response[bytes]:
    return await _posted(request, services_of(request).onec.command)


@post(
    "/epochs", status_code=200, summary="A new series of message numbers, on purpose",
    **documented("beginEpoch", body=told.EpochCall, answer=told.EpochAnswer, says_no=(409, 415)),
)  # fmt: skip
async def epochs(request: AnyRequest) -> Response[bytes]:
    return await _posted(request, services_of(request).onec.epoch)


@post(
    "/outgoing/ack", status_code=200, summary="What became of events in 1C",
    **documented("acknowledge", body=told.Ack, answer=told.AckAnswer, says_no=(409, 413, 415, 422)),
)  # fmt: skip
async def acknowledge(request: AnyRequest) -> Response[bytes]:
    return await _posted(request, services_of(request).onec.acknowledge)


@get(
    "/state",
    summary="How far the exchange has come",
    **documented("exchangeState", answer=told.StateAnswer, says_no=(409,)),
)
async def state(
    request: AnyRequest, base: FromQuery[UUID], epoch: FromQuery[UUID], instance: FromQuery[str]
) -> Response[bytes]:
    caller = await _base_of(request)
    asked = services_of(request).onec.state(Sender(base, epoch, instance), UUID(caller.owner))
    return in_its_form(request, plain(await _answered(request, caller, asked)))


@get(
    "/outgoing", summary="Events for the base; waits for some up to `wait` seconds",
    **documented("outgoingEvents", answer=told.Batch, says_no=(409,)),
)  # fmt: skip
async def outgoing(
    request: AnyRequest, base: FromQuery[UUID], epoch: FromQuery[UUID], instance: FromQuery[str],
    limit: FromQuery[int] = 100, wait: FromQuery[float] = 0.0, after: FromQuery[int | None] = None,
    known: FromQuery[int | None] = None,
) -> Response[bytes]:  # fmt: skip
    """known: the greatest number of an event that the base has; one never given here tells that this is a copy."""
    caller = await _base_of(request)
    check_range("limit", limit, 1, MOST_EVENTS)
    check_range("wait", wait, 0, math.inf)
    check_range("after", after or 0, 0, LARGEST_NUMBER)
    check_range("known", known or 0, 0, LARGEST_NUMBER)
    services = services_of(request)
    asked = services.onec.outgoing(
        Sender(base, epoch, instance), UUID(caller.owner), limit=limit, after=after, known=known,
        wait_for_news=services.waker.wait, wait_s=min(wait, LONGEST_WAIT_S),
    )  # fmt: skip
    return in_its_form(request, plain(await _answered(request, caller, asked)))


router = Router("/api/v1/exchange", route_handlers=[messages, commands, epochs, state, outgoing, acknowledge],
                tags=["1C"])  # fmt: skip
