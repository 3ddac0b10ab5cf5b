"""Doors of reconciliation: how far the bases agree, and a slice asked for again."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_reconcile as told
from posrednik.api.auth import asked, body_of, check_range, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.store.db import Tx
from posrednik.usecases import reconcile, reconcile_runs
from posrednik.usecases.reconcile import NoSuchBase
from posrednik.usecases.reconcile_runs import MOST_RUNS, NoSuchRun

AnyRequest = Request[Any, Any, Any]


@get(
    "/reconciliation", summary="How far the bases agree",
    **documented("reconciliation", answer=told.Reconciliation, right=Right.EXCHANGE_SEE),
)  # fmt: skip
async def agreement(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    return plain({"bases": await reconcile.agreement(services_of(request).db)})


@get(
    "/reconciliation/history", summary="Comparisons of one slice",
    **documented("sliceHistory", answer=told.History, right=Right.EXCHANGE_SEE),
)  # fmt: skip
async def history(
    request: AnyRequest, base: FromQuery[UUID | None] = None, kind: FromQuery[str] = "", slice: FromQuery[str] = "",
) -> Response[bytes]:  # fmt: skip
    """slice: YYYY-MM of documents, or empty. Nothing of a slice that was never compared."""
    await person_of(request, Right.EXCHANGE_SEE)
    if base is None:
        return plain({"comparisons": []})
    found = await reconcile.history(services_of(request).db, base, asked(kind, 30), asked(slice, 7))
    return plain({"comparisons": found})


@post(
    "/reconciliation/ask", status_code=200, summary="Ask a base to send a slice again",
    **documented("askSlice", body=told.Ask, answer=told.Asked, says_no=(404, 415, 422), right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def ask(request: AnyRequest) -> Response[bytes]:
    caller, body = await person_of(request, Right.EXCHANGE_REPAIR), await body_of(request)
    said, once = decode_text(body, told.Ask), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(str(said.base))
        who, now = caller.name or caller.owner, datetime.now(UTC)
        return {"asked": await reconcile.ask(tx, said.base, said.kind, said.slice, who, now)}

    try:
        answer = await once.run(work)
    except NoSuchBase as error:
        raise Problem(404, "not_found") from error
    return answer_of(answer, replayed=once.replayed)


@get(
    "/reconciliation/runs", summary="Runs of reconciliation, newest first",
    **documented("reconciliationRuns", answer=told.Runs, right=Right.EXCHANGE_SEE),
)  # fmt: skip
async def runs(request: AnyRequest, base: FromQuery[UUID | None] = None, limit: FromQuery[int] = 50) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    check_range("limit", limit, 1, MOST_RUNS)
    return plain({"runs": await reconcile_runs.told(services_of(request).db, base, limit)})


@get(
    "/reconciliation/runs/{run:uuid}", summary="One run, with the objects it has found",
    **documented("reconciliationRun", answer=told.RunDetail, says_no=(404,), right=Right.EXCHANGE_SEE),
)  # fmt: skip
async def run(request: AnyRequest, run: FromPath[UUID]) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    try:
        return plain(await reconcile_runs.detail(services_of(request).db, run))
    except NoSuchRun as error:
        raise Problem(404, "not_found") from error


@post(
    "/reconciliation/start", status_code=200, summary="Compare a base as a whole, and a sample field by field",
    **documented(
        "startReconciliation", body=told.Start, answer=told.Started, says_no=(404, 415), right=Right.EXCHANGE_REPAIR
    ),
)  # fmt: skip
async def start(request: AnyRequest) -> Response[bytes]:
    """1C compares when it takes the event; the run is told of under `runs`."""
    caller, body = await person_of(request, Right.EXCHANGE_REPAIR), await body_of(request)
    said, once = decode_text(body, told.Start), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(str(said.base))
        who, now = caller.name or caller.owner, datetime.now(UTC)
        return await reconcile_runs.begin(tx, said.base, who, said.sample, now)

    try:
        answer = await once.run(work)
    except NoSuchBase as error:
        raise Problem(404, "not_found") from error
    return answer_of(answer, replayed=once.replayed)


router = Router(
    "/api/v1/admin", route_handlers=[agreement, history, ask, runs, run, start], tags=["Administration"]
)  # fmt: skip
