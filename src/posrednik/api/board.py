"""Doors for people: deliveries, their actions, and «Где мой заказ» (contract.md §6)."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents as told_all
from posrednik.api import documents_board as told
from posrednik.api.auth import asked, body_of, check, keyed, person_of, services_of
from posrednik.api.board_filter import filter_of
from posrednik.api.cards import board_card, seen_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.query import malformed
from posrednik.api.shapes import Card, Known, card, known
from posrednik.api.way import systems_of, way
from posrednik.domain.changes import Contradiction
from posrednik.domain.deliveries import Delivery
from posrednik.domain.errors import DomainError
from posrednik.domain.publication import rubles
from posrednik.domain.rights import Right
from posrednik.domain.texts import contradiction_text
from posrednik.domain.texts_board import account_title, money_title
from posrednik.intake.reading import Malformed, decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases.act_on_delivery import Action, NoSuchDelivery, UnknownAction, act
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.comment import comment
from posrednik.usecases.ownership import telling
from posrednik.usecases.read_board import Column, Wanted, read_board

AnyRequest = Request[Any, Any, Any]


class _Asked(msgspec.Struct):
    action: str


class Said(msgspec.Struct):
    text: Annotated[str, msgspec.Meta(max_length=4000)]


MOST_CARDS = 2000
LONGEST_SEARCH = 100
LONGEST_CURSOR = 100
# Whose right an action takes; the others are steps that are written for a courier.
RIGHTS = {"assign": Right.DELIVERY_ASSIGN, "cancel": Right.DELIVERY_CANCEL, "settle": Right.DELIVERY_SETTLE}


@get("/deliveries", summary="Deliveries on the board", **documented(
    "deliveries", answer=told.Board, right=Right.BOARD_SEE,
))  # fmt: skip
async def deliveries(
    request: AnyRequest,
    q: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    division: FromQuery[str] = "",
    day: FromQuery[str] = "",
    only: FromQuery[str] = "",
    stage: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int] = 500,
    slim: FromQuery[bool] = False,
) -> Response[bytes]:
    """day: a date; without one all that is open, and what changed within a day. only: `discrepancies`."""
    caller = await person_of(request, Right.BOARD_SEE)
    services, lang, now = services_of(request), language(request), datetime.now(UTC)
    wanted = Wanted(
        filter_of(caller, q=q, courier=courier, division=division, day=day, only=only, stage=stage),
        asked(q, LONGEST_SEARCH), asked(after, LONGEST_CURSOR), min(max(limit, 1), MOST_CARDS),
    )  # fmt: skip
    names = await known(services.db, services.rules)
    try:
        page = await read_board(services.db, wanted, names.zone_of, now)
    except ValueError as error:
        raise malformed("after", "`next` of an earlier answer") from error
    choice = names.only(caller.divisions)
    return plain({
        "cards": [board_card(one.delivery, one.marks, names, lang, now)[1] for one in page.shown],
        "columns": [_column(column) for column in page.columns if column.stage != "withdrawn"],
        "cursor": page.cursor, "next": page.next, "made_at": now,
        "deliveries": [] if slim else [
            card(one.delivery, names, one.marks, one.marks.changed_at) for one in page.shown
        ],
        "counts": {column.stage: column.n for column in page.columns if column.n},
        "couriers": choice.active, **_divisions(choice, lang),
    })  # fmt: skip


def _column(column: Column) -> Card:
    c = column
    return {"stage": c.stage, "n": c.n, "due": rubles(c.due_kop), "taken": rubles(c.taken_kop),
            "on_hand": rubles(c.on_hand_kop)}  # fmt: skip


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
    **documented("delivery", answer=told.DeliveryCard, says_no=(404,), right=Right.BOARD_SEE),
)  # fmt: skip
async def delivery(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    found, row = await seen_by(request, delivery_id, Right.BOARD_SEE)
    services, lang = services_of(request), language(request)
    db = services.db
    names, marks = await known(db, services.rules), await views.marks(db, [found])
    comments, money = await views.delivery_comments(db, delivery_id), await views.delivery_money(db, delivery_id)
    shown = marks[delivery_id]
    seen = seen_of(found, row.changed_at, shown.incidents, names)
    return plain({
        **card(found, names, shown, row.changed_at), "planned_day": seen.day, "discrepant": seen.discrepant,
        "money": [_money(line, names, lang) for line in money],
        "comments": [{"id": c.id, "at": c.at.astimezone(UTC), "author": c.author, "text": c.text} for c in comments],
        "systems": await systems_of(db, found),
    })  # fmt: skip


def _money(row: Row, names: Known, lang: str) -> Card:
    """Above zero: to the courier or the bank, below: back to the customer."""
    back = row.target == "customer"
    return {
        "at": row.at.astimezone(UTC), "title": money_title(row.why, lang),
        "account": account_title(row.source if back else row.target, lang),
        "sum": rubles(-row.sum_kop if back else row.sum_kop), "courier": names.courier(row.courier_ref),
    }  # fmt: skip


async def seen_by(request: AnyRequest, delivery_id: UUID, right: Right) -> tuple[Delivery, Row]:
    """The delivery, if this person has the right to it. Raises Problem 401, 403, 404."""
    caller = await person_of(request, right)
    found = await views.delivery(services_of(request).db, delivery_id)
    if found is None:
        raise Problem(404, "not_found")
    check(caller, right, found[0].division_ref)
    return found


@post(
    "/deliveries/{delivery_id:uuid}/comments", status_code=200, summary="Say something about a delivery",
    **documented("commentOnDelivery", body=told.NewComment, answer=told.Comment, says_no=(404, 409, 415, 422),
                 right=Right.DELIVERY_COMMENT),
)  # fmt: skip
async def comments(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.DELIVERY_COMMENT)
    found, _ = await seen_by(request, delivery_id, Right.DELIVERY_COMMENT)
    services, body = services_of(request), await body_of(request)
    said, once = decode_text(body, Said), keyed(request, caller, body)
    once.about(str(delivery_id), found.division_ref)
    person = caller.name or caller.owner
    answer = await once.run(lambda tx: comment(tx, delivery_id, person, said.text, datetime.now(UTC)))
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


@post(
    "/deliveries/{delivery_id:uuid}/actions", status_code=200, summary="Do something with a delivery",
    **documented("actOnDelivery", body=Action, answer=told_all.ActionAnswer, says_no=(404, 409, 415, 422),
                 right=Right.DELIVERY_ACT),
)  # fmt: skip
async def action(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.BOARD_SEE)
    services, body = services_of(request), await body_of(request)
    right = _right_of(body)
    check(caller, right)
    wanted, once = decode_text(body, Action), keyed(request, caller, body)
    names = await known(services.db, services.rules)
    _check_courier(caller, right, names, wanted)

    async def work(tx: Tx) -> Any:
        done = await act(
            tx, delivery_id, wanted, caller.name or caller.owner, services.rules, datetime.now(UTC),
            owner=caller.principal, permit=lambda found: check(caller, right, found.division_ref),
        )  # fmt: skip
        if done.refusal is not None:
            return done.refusal  # said after the commit: what contradicts stays an incident
        marks = await views.marks(tx, [done.delivery])
        return {"delivery": card(done.delivery, names, marks[delivery_id]), "already": done.already,
                "contradictions": [_told(c, language(request)) for c in done.contradictions]}  # fmt: skip

    try:
        answer = await telling(services.db, once.run(work), datetime.now(UTC))
    except NoSuchDelivery as error:
        raise Problem(404, "not_found") from error
    except UnknownAction as error:
        raise Problem(422, "malformed", errors=[{"pointer": "/action", "detail": "unknown action"}]) from error
    except ValueError as error:
        raise Problem(400, "malformed", errors=[{"pointer": "", "detail": str(error)}]) from error
    if isinstance(answer, DomainError):
        raise answer
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


def _right_of(body: bytes) -> Right:
    """A body that cannot be read is refused later; until then it wants what most actions want."""
    try:
        return RIGHTS.get(decode_text(body, _Asked).action, Right.DELIVERY_ACT)
    except Malformed:
        return Right.DELIVERY_ACT


def _check_courier(caller: Caller, right: Right, names: Known, wanted: Action) -> None:
    """Nobody gives a delivery to a courier whose division is not his. Raises Problem 403."""
    if wanted.courier and caller.divisions is not None:
        mine = {one["ref"]: one["division"] for one in names.active}
        check(caller, Right.DELIVERY_ASSIGN if wanted.action == "retry" else right, mine.get(wanted.courier))


def _told(found: Contradiction, lang: str) -> dict[str, str]:
    what, why, suggestion = contradiction_text(found.kind, lang, **found.data)
    return {"kind": found.kind, "what": what, "why": why, "suggestion": suggestion}


@get("/way", summary="One order's whole way", **documented("orderWay", answer=told_all.Way, right=Right.WAY_SEE))
async def order_way(request: AnyRequest, q: FromQuery[str]) -> Response[bytes]:
    caller, services = await person_of(request, Right.WAY_SEE), services_of(request)
    return plain(await way(services.db, services.rules, asked(q, LONGEST_SEARCH), caller.divisions))


router = Router(
    "/api/v1/board", route_handlers=[deliveries, delivery, comments, action, order_way], tags=["Board"]
)  # fmt: skip
