"""Doors of the first load: how far it is, and start, stop, resume."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from posrednik.api import documents_loads as told
from posrednik.api.auth import body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.loads import NoOData
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.store.db import Tx
from posrednik.usecases import manage_loads
from posrednik.usecases.reconcile import NoSuchBase

AnyRequest = Request[Any, Any, Any]


@get("/loads", summary="First loads of the bases", **documented("loads", answer=told.Loads, right=Right.EXCHANGE_SEE))
async def loads(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    services = services_of(request)
    configured = [str(one) for one in sorted(services.loadable)]
    return plain({**await manage_loads.told(services.db), "configured": configured})


@post(
    "/loads/{base:uuid}", status_code=200, summary="Start, stop or resume the first load of a base",
    **documented("actOnLoad", body=told.Act, answer=told.Load, says_no=(404, 415, 422), right=Right.EXCHANGE_REPAIR),
)  # fmt: skip
async def act(request: AnyRequest, base: FromPath[UUID]) -> Response[bytes]:
    """A worker begins to read within seconds. Answers what is told of the load."""
    caller, body = await person_of(request, Right.EXCHANGE_REPAIR), await body_of(request)
    services = services_of(request)
    said, once = decode_text(body, told.Act), keyed(request, caller, body)
    if base not in services.loadable and said.action != "stop":
        raise NoOData

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(str(base))
        return {"id": await manage_loads.ACTIONS[said.action](tx, base, caller.name or caller.owner)}

    try:
        answer = await once.run(work)
    except NoSuchBase as error:
        raise Problem(404, "not_found") from error
    (one,) = (await manage_loads.told(services.db, base))["loads"]
    return answer_of({**one, **answer}, replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[loads, act], tags=["Administration"])
