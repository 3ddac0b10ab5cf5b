"""Doors for the cash desk and for those who answer for backpacks (domain.md §4)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from posrednik.api import documents_trade as told
from posrednik.api.auth import asked, body_of, check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.errors import CountFirst, QuantityNotANumber
from posrednik.domain.publication import rubles
from posrednik.domain.rights import Right
from posrednik.domain.shifts import Goods
from posrednik.intake.reading import decode_text
from posrednik.kit.values import milli, quantity
from posrednik.store.db import Tx
from posrednik.usecases import cash_desk, show_goods
from posrednik.usecases.cash_desk import Counted, Desk, NoSuchCount, NoSuchCourier
from posrednik.usecases.courier_event import kop
from posrednik.usecases.couriers import Courier, courier_of
from posrednik.usecases.decide_shortage import decide_shortage

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
SHOWN = timedelta(days=31)


async def _posted(
    request: AnyRequest, right: Right, shape: type[T], work: Callable[[Desk, T], Awaitable[dict[str, Any]]]
) -> Response[bytes]:
    """One POST of a person at the desk, under its Idempotency-Key. right: with couriers of his divisions."""
    caller = await person_of(request, right)
    body = await body_of(request)
    asked_for = decode_text(body, shape)
    once, rules = keyed(request, caller, body), services_of(request).rules
    person = caller.name or caller.owner

    def permit(courier: Courier) -> None:
        check(caller, right, courier.division)
        once.about(division=courier.division)

    async def run(tx: Tx) -> dict[str, Any]:
        return await work(Desk(tx, rules, person, datetime.now(UTC), permit), asked_for)

    try:
        answer = await once.run(run)
    except (NoSuchCount, NoSuchCourier) as error:
        raise Problem(404, "not_found") from error
    services_of(request).waker.wake()
    return answer_of(answer, replayed=once.replayed)


@get("/cash", summary="Who may hand in cash", **documented("cashDesk", answer=told.CashDesk, right=Right.CASH_SEE))
async def desk(request: AnyRequest) -> Response[bytes]:
    caller, services = await person_of(request, Right.CASH_SEE), services_of(request)
    return plain(await services.db.transact(
        lambda tx: show_goods.cash_desk(tx, services.rules, caller.divisions)
    ))  # fmt: skip


@get(
    "/cash/couriers/{ref:str}", summary="A courier's cash with its lines",
    **documented("cashBook", answer=told.CashBook, says_no=(404, 422), right=Right.CASH_SEE),
)  # fmt: skip
async def book(request: AnyRequest, ref: FromPath[str]) -> Response[bytes]:
    caller, services = await person_of(request, Right.CASH_SEE), services_of(request)

    async def look(tx: Tx) -> dict[str, Any]:
        courier = await _courier(tx, ref)
        check(caller, Right.CASH_SEE, courier.division)
        if await show_goods.is_blind(tx, courier.ref):
            raise CountFirst
        return await show_goods.cash_of(tx, courier, services.rules, datetime.now(UTC) - SHOWN)

    return plain(await services.db.transact(look))


async def _courier(tx: Tx, ref: str) -> Courier:
    found = await courier_of(tx, asked(ref, 100).lower())
    if found is None:
        raise Problem(404, "not_found")
    return found


def _counted(done: Counted) -> dict[str, Any]:
    return {
        "id": str(done.id), "state": done.state, "counted": rubles(done.counted_kop),
        "expected": rubles(done.expected_kop), "difference": rubles(done.counted_kop - done.expected_kop),
        "settled": list(done.settled),
    }  # fmt: skip


@post(
    "/cash/counts", status_code=200, summary="A blind count of what a courier hands in",
    **documented("countCash", body=told.Count, answer=told.Counted, says_no=(404, 415, 422), right=Right.CASH_COUNT),
)  # fmt: skip
async def count(request: AnyRequest) -> Response[bytes]:
    async def work(at: Desk, body: told.Count) -> dict[str, Any]:
        declared = None if body.declared is None else kop(body.declared)
        return _counted(await cash_desk.count(at, body.courier, kop(body.counted), declared))

    return await _posted(request, Right.CASH_COUNT, told.Count, work)


@post(
    "/cash/counts/{count_id:uuid}/confirm", status_code=200, summary="A difference, with its reason and a second name",
    **documented("confirmCount", body=told.Confirmation, answer=told.Counted, says_no=(404, 415, 422),
                 right=Right.CASH_COUNT),
)  # fmt: skip
async def confirm(request: AnyRequest, count_id: FromPath[UUID]) -> Response[bytes]:
    async def work(at: Desk, body: told.Confirmation) -> dict[str, Any]:
        return _counted(await cash_desk.confirm(at, count_id, body.reason, body.second))

    return await _posted(request, Right.CASH_COUNT, told.Confirmation, work)


@post(
    "/cash/counts/{count_id:uuid}/cancel", status_code=200, summary="It will be counted again",
    **documented("cancelCount", body=told.Confirmation, answer=told.Done, says_no=(404, 415), right=Right.CASH_COUNT),
)  # fmt: skip
async def cancel(request: AnyRequest, count_id: FromPath[UUID]) -> Response[bytes]:
    async def work(at: Desk, _: told.Confirmation) -> dict[str, Any]:
        await cash_desk.give_up(at, count_id)
        return {"done": True}

    return await _posted(request, Right.CASH_COUNT, told.Confirmation, work)


@post(
    "/cash/change", status_code=200, summary="Change for a courier's day",
    **documented("issueChange", body=told.Change, answer=told.Done, says_no=(404, 415, 422), right=Right.CASH_CHANGE),
)  # fmt: skip
async def change(request: AnyRequest) -> Response[bytes]:
    async def work(at: Desk, body: told.Change) -> dict[str, Any]:
        await cash_desk.issue_change(at, body.courier, kop(body.sum))
        return {"done": True}

    return await _posted(request, Right.CASH_CHANGE, told.Change, work)


@post(
    "/cash/corrections", status_code=200, summary="Another sum was given out or taken in",
    **documented("correctCash", body=told.CashCorrection, answer=told.Done, says_no=(404, 415, 422),
                 right=Right.CASH_CORRECT),
)  # fmt: skip
async def correct(request: AnyRequest) -> Response[bytes]:
    async def work(at: Desk, body: told.CashCorrection) -> dict[str, Any]:
        done = await cash_desk.correct(at, body.event, kop(body.sum), body.reason, body.second)
        return {"done": not done.already}

    return await _posted(request, Right.CASH_CORRECT, told.CashCorrection, work)


@post(
    "/cash/differences/{ref:str}", status_code=200, summary="A decision on cash that differed at a count",
    **documented("decideDifference", body=told.DifferenceDecision, answer=told.DecidedDifference,
                 says_no=(404, 415, 422), right=Right.CASH_CORRECT),
)  # fmt: skip
async def difference(request: AnyRequest, ref: FromPath[str]) -> Response[bytes]:
    async def work(at: Desk, body: told.DifferenceDecision) -> dict[str, Any]:
        sum_kop = None if body.sum is None else kop(body.sum)
        courier_ref = asked(ref, 100)
        moved_kop = await cash_desk.decide_difference(at, courier_ref, body.decision, body.reason, sum_kop, body.second)
        return await show_goods.after_decision(at.tx, courier_ref.lower(), moved_kop)

    return await _posted(request, Right.CASH_CORRECT, told.DifferenceDecision, work)


@get(
    "/backpacks",
    summary="What couriers carry, beside what 1C says",
    **documented("backpacks", answer=told.Backpacks, right=Right.BACKPACK_SEE),
)
async def backpacks(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.BACKPACK_SEE)
    return plain(await services_of(request).db.transact(
        lambda tx: show_goods.backpacks(tx, datetime.now(UTC), caller.divisions)
    ))  # fmt: skip


def _shortage(found: bool) -> Callable[[AnyRequest, str], Awaitable[Response[bytes]]]:
    async def decide(request: AnyRequest, ref: str) -> Response[bytes]:
        async def work(at: Desk, body: told.Decision) -> dict[str, Any]:
            courier = await _courier(at.tx, ref)
            at.permit(courier)
            try:
                amount = milli(quantity(body.quantity))
            except ValueError as error:
                raise QuantityNotANumber(line=body.product, asked=body.quantity) from error
            lines = [Goods(body.product, body.characteristic, amount)]
            await decide_shortage(at.tx, courier, lines, body.reason, at.person, at.rules, at.now, found=found)
            return {"done": True}

        return await _posted(request, Right.BACKPACK_DECIDE, told.Decision, work)

    return decide


@post(
    "/backpacks/{ref:str}/write-off", status_code=200, summary="A shortage is written off",
    **documented("writeOff", body=told.Decision, answer=told.Done, says_no=(404, 415, 422),
                 right=Right.BACKPACK_DECIDE),
)  # fmt: skip
async def write_off(request: AnyRequest, ref: FromPath[str]) -> Response[bytes]:
    return await _shortage(found=False)(request, ref)


@post(
    "/backpacks/{ref:str}/found", status_code=200, summary="A piece that was short is found",
    **documented("foundPiece", body=told.Decision, answer=told.Done, says_no=(404, 415, 422),
                 right=Right.BACKPACK_DECIDE),
)  # fmt: skip
async def piece_found(request: AnyRequest, ref: FromPath[str]) -> Response[bytes]:
    return await _shortage(found=True)(request, ref)


router = Router(
    "/api/v1/board", tags=["Board"],
    route_handlers=[desk, book, count, confirm, cancel, change, correct, difference, backpacks, write_off, piece_found],
)  # fmt: skip
