"""Doors of «Владение полями»: which system owns which field, and a change of it. See docs/subsystems/ownership.md."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, put

from posrednik.api import documents_ownership as told
from posrednik.api.auth import body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.domain.rights import Right
from posrednik.domain.texts import text
from posrednik.intake.reading import decode_text
from posrednik.store.db import Tx
from posrednik.usecases import field_owners
from posrednik.usecases.field_owners import OwnershipChanged, OwnershipWrong

AnyRequest = Request[Any, Any, Any]


@get("/ownership", summary="Which system owns which field", **documented(
    "ownership", answer=told.Ownership, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def ownership(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    return plain(await _told(request))


async def _told(request: AnyRequest) -> dict[str, Any]:
    services = services_of(request)
    return await field_owners.told(services.db, services.rules.owners, language(request), datetime.now(UTC))


@put("/ownership", summary="Change who owns fields", **documented(
    "changeOwnership", body=told.ChangeOwnership, answer=told.Ownership, says_no=(409, 415, 422),
    right=Right.SETTINGS_CHANGE,
))  # fmt: skip
async def change(request: AnyRequest) -> Response[bytes]:
    """Holds in this process at once, in all others within a second."""
    caller, services = await person_of(request, Right.SETTINGS_CHANGE), services_of(request)
    if caller.divisions is not None:  # it is of the whole company
        raise Problem(403, "other_division")
    body = await body_of(request)
    wanted, once = decode_text(body, told.ChangeOwnership), keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(", ".join(wanted.changes)[:200])
        return await field_owners.change(
            tx, services.rules.owners, wanted.changes, version=wanted.version, who=caller.name or caller.owner,
            reason=wanted.reason, now=datetime.now(UTC), soon=services.live.soon,
        )  # fmt: skip

    try:
        await once.run(work)
    except OwnershipChanged as error:
        raise Problem(409, error.code, version=error.data["version"]) from error
    except OwnershipWrong as error:
        lang, row = language(request), error.data["row"]
        detail = text(error.code, lang, row=row, what=field_owners.what(error, lang))
        where = [{"pointer": f"/changes/{row}", "detail": field_owners.what(error, lang)}]
        raise Problem(422, error.code, detail, errors=where) from error
    return answer_of(await _told(request), replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[ownership, change], tags=["Exchange"])
