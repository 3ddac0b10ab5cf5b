"""Doors for a courier's phone: his day and what he did (contract.md §5). Login: entry.py, pictures: photos.py."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery

from posrednik.api import courier_documents as told
from posrednik.api.auth import asked, body_of, caller_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, language, plain
from posrednik.intake import courier as intake
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.courier_day import day
from posrednik.usecases.courier_event import Answer
from posrednik.usecases.couriers import Courier, courier_of
from posrednik.usecases.take_courier_events import Phone, missing, take

AnyRequest = Request[Any, Any, Any]
LARGEST_BODY = 1024 * 1024
LONGEST_AGENT = 200


async def courier_behind(request: AnyRequest) -> tuple[Caller, Courier]:
    """Whose phone it is. Raises Problem 401, and 403 for one who is no courier any more."""
    caller = await caller_of(request, "device")
    courier = await courier_of(services_of(request).db, caller.owner)
    if courier is None:
        # 1C may tell of couriers after it told of their orders (contract.md §2).
        return caller, Courier.not_told_yet(caller.owner)
    if not courier.active:
        raise Problem(403, "courier_unknown")
    return caller, courier


@get("/ping", summary="Is there a network, and what time is it", tags=["Courier"],
     **documented("courierPing", answer=told.ServerTime, open_to_all=True))  # fmt: skip
async def ping() -> Response[bytes]:
    return plain({"server_time": _now()})


@get("/day", summary="Everything for a day without a network", tags=["Courier"],
     **documented("courierDay", answer=told.CourierDay))  # fmt: skip
async def courier_day(request: AnyRequest, device: FromQuery[str] = "") -> Response[bytes]:
    _, courier = await courier_behind(request)
    services = services_of(request)
    found = await day(services.db, courier, asked(device, 100), services.rules, datetime.now(UTC))
    tag = f'"{found.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    answer = plain({"server_time": _now(), **found.told})
    answer.headers.update(headers)
    return answer


@post("/events", status_code=200, summary="What a courier did", tags=["Courier"],
      request_max_body_size=LARGEST_BODY,
      **documented("courierEvents", body=told.CourierEvents, answer=told.CourierAnswers, says_no=(413, 415)),
)  # fmt: skip
async def events(request: AnyRequest) -> Response[bytes]:
    caller, courier = await courier_behind(request)
    sent = intake.read(await body_of(request))
    phone = Phone(
        courier.ref, sent.device, caller.token_id, request.headers.get("user-agent", "")[:LONGEST_AGENT],
        sent.app_version, sent.unsent,
    )  # fmt: skip
    services = services_of(request)
    answers = await take(services.db, phone, courier.name or None, sent.events, services.rules, language(request))
    services.waker.wake()
    return plain({
        "server_time": _now(), "results": [_answer(one) for one in answers],
        "missing": await missing(services.db, phone),
    })  # fmt: skip


def _answer(answer: Answer) -> dict[str, Any]:
    said = {"id": answer.id, "status": answer.status}
    more = {"code": answer.code, "message": answer.message, "incident": answer.incident}
    return {**said, **{name: value for name, value in more.items() if value}}


def _now() -> str:
    return datetime.now(UTC).isoformat()


router = Router("/api/v1/courier", route_handlers=[ping, courier_day, events])
