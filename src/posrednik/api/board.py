"""Doors for people: deliveries, their actions, and «Где мой заказ» (contract.md §6)."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents as told
from posrednik.api.auth import asked, body_of, caller_of, keyed, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.shapes import Known, card, known
from posrednik.api.way import way
from posrednik.domain.changes import Contradiction
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import contradiction_text
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Tx
from posrednik.usecases.act_on_delivery import Action, NoSuchDelivery, UnknownAction, act

AnyRequest = Request[Any, Any, Any]
MOST_CARDS = 2000
LONGEST_SEARCH = 100


@get("/deliveries", summary="Deliveries on the board", **documented("deliveries", answer=told.Board))
async def deliveries(
    request: AnyRequest,
    q: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    division: FromQuery[str] = "",
    limit: FromQuery[int] = 500,
) -> Response[bytes]:
    await caller_of(request, "person")
    db = services_of(request).db
    found = await views.deliveries(
        db,
        q=asked(q, LONGEST_SEARCH),
        courier=asked(courier),
        division=asked(division),
        limit=min(max(limit, 1), MOST_CARDS),
    )
    names, marks = await known(db, services_of(request).rules), await views.marks(db, [d for d, _ in found])
    return plain({
        "deliveries": [card(d, names, marks.get(d.id), row.changed_at) for d, row in found],
        "counts": Counter(d.shown_stage for d, _ in found),
        "couriers": names.active,
        **_divisions(names, language(request)),
    })  # fmt: skip


def _divisions(names: Known, lang: str) -> dict[str, Any]:
    """Divisions with the codes of their reasons, and every reason that any of them has."""
    policies = {ref: names.rules.of(ref).policy for ref in names.divisions}
    reasons = {r.code: r for policy in (*policies.values(), names.rules.default.policy) for r in policy.reasons}
    return {
        "divisions": [
            {"ref": ref, "name": name, "reasons": policies[ref].reason_codes} for ref, name in names.divisions.items()
        ],
        "reasons": [{"code": r.code, "title": r.en if lang == "en" else r.ru} for r in reasons.values()],
    }


@get(
    "/deliveries/{delivery_id:uuid}", summary="One delivery",
    **documented("delivery", answer=told.Card, says_no=(404,)),
)  # fmt: skip
async def delivery(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    await caller_of(request, "person")
    db = services_of(request).db
    found = await views.delivery(db, delivery_id)
    if found is None:
        raise Problem(404, "not_found")
    names, marks = await known(db, services_of(request).rules), await views.marks(db, [found[0]])
    return plain(card(found[0], names, marks[delivery_id], found[1].changed_at))


@post(
    "/deliveries/{delivery_id:uuid}/actions", status_code=200, summary="Do something with a delivery",
    **documented("actOnDelivery", body=Action, answer=told.ActionAnswer, says_no=(404, 409, 415, 422)),
)  # fmt: skip
async def action(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    caller = await caller_of(request, "person")
    services, body = services_of(request), await body_of(request)
    wanted, once = decode_text(body, Action), keyed(request, caller, body)
    names = await known(services.db, services.rules)

    async def work(tx: Tx) -> Any:
        done = await act(
            tx, delivery_id, wanted, caller.name or caller.owner, services.rules, datetime.now(UTC),
            owner=caller.principal,
        )  # fmt: skip
        if done.refusal is not None:
            return done.refusal  # said after the commit: what contradicts stays an incident
        marks = await views.marks(tx, [done.delivery])
        return {"delivery": card(done.delivery, names, marks[delivery_id]), "already": done.already,
                "contradictions": [_told(c, language(request)) for c in done.contradictions]}  # fmt: skip

    try:
        answer = await once.run(work)
    except NoSuchDelivery as error:
        raise Problem(404, "not_found") from error
    except UnknownAction as error:
        raise Problem(422, "malformed", errors=[{"pointer": "/action", "detail": "unknown action"}]) from error
    except ValueError as error:
        raise Problem(400, "malformed", errors=[{"pointer": "", "detail": str(error)}]) from error
    if isinstance(answer, DomainError):
        raise answer
    return answer_of(answer, replayed=once.replayed)


def _told(found: Contradiction, lang: str) -> dict[str, str]:
    what, why, suggestion = contradiction_text(found.kind, lang, **found.data)
    return {"kind": found.kind, "what": what, "why": why, "suggestion": suggestion}


@get("/way", summary="One order's whole way", **documented("orderWay", answer=told.Way))
async def order_way(request: AnyRequest, q: FromQuery[str]) -> Response[bytes]:
    await caller_of(request, "person")
    return plain(await way(services_of(request).db, services_of(request).rules, asked(q, LONGEST_SEARCH)))


router = Router("/api/v1/board", route_handlers=[deliveries, delivery, action, order_way], tags=["Board"])
