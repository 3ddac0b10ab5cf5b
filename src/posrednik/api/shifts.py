"""Doors of the office's page of shifts: what was counted and expected, and an end that a manager gives."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_shifts as told
from posrednik.api.auth import asked, body_of, check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.api.shapes import known
from posrednik.domain.errors import AmountNotANumber, QuantityNotANumber
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.kit.values import kopecks, milli, money, quantity
from posrednik.store.db import Tx
from posrednik.usecases.end_shift import Line, NoSuchShift, close_for, division_of
from posrednik.usecases.show_shifts import shifts_of_day

AnyRequest = Request[Any, Any, Any]


@get("/shifts", summary="Shifts of a day", **documented("shifts", answer=told.Shifts, right=Right.SHIFT_SEE))
async def shifts(request: AnyRequest, day: FromQuery[str] = "", courier: FromQuery[str] = "") -> Response[bytes]:
    """day: YYYY-MM-DD, today if absent. courier: his ref."""
    caller = await person_of(request, Right.SHIFT_SEE)
    services, ref = services_of(request), asked(courier, 100).lower() or None
    found = await shifts_of_day(services.db, services.rules, _day(day), ref, caller.divisions, datetime.now(UTC))
    names = (await known(services.db, services.rules)).divisions
    return plain({"shifts": [{**one, "division_name": names.get(one["division"])} for one in found]})


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        where = [{"pointer": "/query/day", "detail": "YYYY-MM-DD"}]
        raise Problem(400, "malformed", errors=where) from error


@post(
    "/shifts/{shift_id:uuid}/close", status_code=200, summary="End a courier's shift for him",
    **documented(
        "closeShift", body=told.Close, answer=told.ClosedNow, says_no=(404, 415, 422), right=Right.SHIFT_CLOSE
    ),
)  # fmt: skip
async def close(request: AnyRequest, shift_id: FromPath[UUID]) -> Response[bytes]:
    caller, services = await person_of(request, Right.SHIFT_CLOSE), services_of(request)
    body = await body_of(request)
    said, once = decode_text(body, told.Close), keyed(request, caller, body)
    person = caller.name or caller.owner

    async def work(tx: Tx) -> dict[str, Any]:
        check(caller, Right.SHIFT_CLOSE, division := await division_of(tx, shift_id))
        once.about(str(shift_id), division)
        done = await close_for(
            tx, shift_id, said.reason, _goods(said), _cash(said), person, services.rules, datetime.now(UTC)
        )
        return {"id": str(done.id), "closed_at": _at(done.closed_at), "closed_by": done.closed_by}

    try:
        answer = await once.run(work)
    except NoSuchShift as error:
        raise Problem(404, "not_found") from error
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _goods(said: told.Close) -> list[Line] | None:
    if said.goods is None:
        return None
    return [(one.product, one.characteristic, _milli(one)) for one in said.goods]


def _milli(line: told.Line) -> int:
    try:
        amount = quantity(line.quantity)
    except ValueError as error:
        raise QuantityNotANumber(line=line.product, asked=line.quantity) from error
    if amount is None:
        raise QuantityNotANumber(line=line.product, asked=line.quantity)
    return milli(amount)


def _cash(said: told.Close) -> int | None:
    try:
        amount = money(said.cash)
    except ValueError as error:
        raise AmountNotANumber(asked=said.cash) from error
    return None if amount is None else kopecks(amount)


router = Router("/api/v1/board", tags=["Board"], route_handlers=[shifts, close])
