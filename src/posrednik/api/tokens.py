"""Doors for keys: of bases, phones, feeds and administrators. A key is shown once; only its hash is kept."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_settings as told
from posrednik.api.auth import body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.intake.reading import decode_text
from posrednik.store.db import Row, Tx
from posrednik.usecases import manage_tokens as manage
from posrednik.usecases.authenticate import Caller

AnyRequest = Request[Any, Any, Any]
KINDS = ("base", "device", "person", "feed")


@get("/tokens", summary="Keys, without themselves, last used first",
     **documented("tokens", answer=told.Tokens, right=Right.TOKEN_MANAGE))  # fmt: skip
async def tokens(request: AnyRequest, kind: FromQuery[str] = "", ended: FromQuery[bool] = False) -> Response[bytes]:
    caller, db = await person_of(request, Right.TOKEN_MANAGE), services_of(request).db
    if kind and kind not in KINDS:
        raise Problem(400, "malformed", errors=[{"pointer": "/query/kind", "detail": ", ".join(KINDS)}])
    bases, couriers = await manage.owners(db)
    return plain({
        "tokens": [_shown(row, caller) for row in await manage.shown(db, kind or None, ended=ended)],
        "bases": [{"ref": ref, "name": name} for ref, name in bases],
        "couriers": [{"ref": ref, "name": name} for ref, name, _ in couriers],
    })  # fmt: skip


def _shown(row: Row, caller: Caller) -> dict[str, Any]:
    return {
        "id": str(row.id), "kind": row.kind, "owner": row.owner, "owner_name": row.owner_name, "name": row.name,
        "made_at": row.made_at.isoformat(), "last_used_at": _at(row.last_at), "expires_at": _at(row.expires_at),
        "ended": row.ended, "ended_at": _at(row.ended_at), "agent": row.agent or None,
        "mine": row.id == caller.token_id,
    }  # fmt: skip


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


@post("/tokens", status_code=201, summary="A new key; it is shown once",
      **documented("makeToken", body=told.NewToken, answer=told.MadeToken, says_no=(409, 415, 422),
                   right=Right.TOKEN_MANAGE))  # fmt: skip
async def make(request: AnyRequest) -> Response[bytes]:
    caller, body = await person_of(request, Right.TOKEN_MANAGE), await body_of(request)
    wanted, once = decode_text(body, told.NewToken), keyed(request, caller, body)
    secret: str | None = None

    async def work(tx: Tx) -> dict[str, Any]:
        nonlocal secret
        token_id, secret = await manage.make(tx, wanted.kind, wanted.owner, wanted.name)
        once.about(str(token_id))
        return {"id": str(token_id), "kind": wanted.kind, "owner": wanted.owner, "token": None}

    # The answer that is kept for a repetition has no key in it.
    answer = await once.run(work)
    if once.replayed:
        return answer_of(answer, 201, replayed=True)
    return plain({**answer, "token": secret}, 201, {"Cache-Control": "no-store"})


@post("/tokens/{token_id:uuid}/revoke", status_code=200, summary="Nobody comes in by this key any more",
      **documented("revokeToken", answer=told.EndedToken, says_no=(404, 409, 422),
                   right=Right.TOKEN_MANAGE))  # fmt: skip
async def revoke(request: AnyRequest, token_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.TOKEN_MANAGE)
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        if await manage.end(tx, token_id, caller.token_id) is None:
            raise Problem(404, "not_found")
        return {"revoked": True}

    answer = await once.run(work)
    request.app.state.doorkeeper.forget()
    return answer_of(answer, replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[tokens, make, revoke], tags=["Tokens"])
