"""Who may do what, over HTTP: every route of the OpenAPI for every role, with all divisions and with one."""

import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import (
    BASE_TOKEN,
    COURIER,
    DIVISION,
    FEED_TOKEN,
    PERSON_TOKEN,
    courier,
    division,
    order,
    running,
)  # fmt: skip
from tests.flow.people_kit import Office
from tests.pictures import picture

from posrednik.domain.rights import OF_THE_WHOLE, RIGHTS_OF, Right, Role, may, rights_of

Json = dict[str, Any]
PATH = "/api/v1/openapi.json"
NORTH, NORTHERN = "d0000000-0000-4000-8000-00000000000f", "c0000000-0000-4000-8000-00000000000f"
# Doors of bases and of phones; all other doors behind a token are for people (some also for a subscriber's feed).
NOT_FOR_PEOPLE = ("/api/v1/exchange/", "/api/v1/courier/")


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with running(database) as service:
        yield Office(service)


# -- what is declared


async def operations(office: Office) -> list[tuple[str, str, Json]]:
    """(method, path, operation) of each route for people."""
    told = (await office.service.client.get(PATH)).json()
    return [
        (method.upper(), path, operation)
        for path, known in told["paths"].items()
        for method, operation in known.items()
        if path.startswith("/api/") and operation.get("security") and not path.startswith(NOT_FOR_PEOPLE)
    ]


async def test_every_route_for_people_declares_its_right(office: Office):
    known = {*Right, "own"}
    without = [f"{method} {path}" for method, path, operation in await operations(office)
               if operation.get("x-right") not in known]  # fmt: skip
    assert without == []


async def test_every_right_opens_something(office: Office):
    """Some doors ask for a further right once they know what is to be done: an action, a decision."""
    used = {operation.get("x-right") for _, _, operation in await operations(office)}
    sources = "".join(file.read_text() for file in files("posrednik.api").iterdir() if file.name.endswith(".py"))
    assert {right for right in Right if right not in used and f"Right.{right.name}" not in sources} == set()


# -- role × action


def path_of(path: str, operation: Json, ids: Json | None = None) -> str:
    """With `ids` for the parts of its address, and with what can be there for the others."""
    for part in (one for one in operation.get("parameters", ()) if one["in"] == "path"):
        plain = "1" if part["schema"].get("type") == "integer" else str(uuid4())
        plain = "a" * 64 if part["name"] == "sha256" else plain
        path = path.replace(f"{{{part['name']}}}", (ids or {}).get(part["name"], plain))
    assert "{" not in path
    return path


def query_of(operation: Json) -> Json:
    """What must be there for the door to hear the question at all; a stream is asked for no longer than it takes."""
    if operation["operationId"] == "boardStream":
        return {"seconds": "0.01"}
    asked = [p for p in operation.get("parameters", ()) if p["in"] == "query" and p.get("required")]
    return {p["name"]: "2026-11-20" if p["name"] in ("from", "to", "day") else "1" for p in asked}


async def status_of(office: Office, token: str | None, method: str, path: str, operation: Json) -> tuple[int, str]:
    """(status, code) of an answer."""
    body = None if method == "GET" else {}
    answer = await office.ask(token, method, path_of(path, operation), body, params=query_of(operation))
    plain = answer.headers.get("content-type", "").endswith("json") and answer.content
    told = json.loads(answer.content) if plain else {}
    return answer.status_code, str(told.get("code", "")) if isinstance(told, dict) else ""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("limited", [False, True], ids=["all divisions", "one division"])
@pytest.mark.parametrize("role", [*Role])
async def test_a_role_opens_what_it_has_the_right_to_and_nothing_else(office: Office, role: Role, limited: bool):
    await office.service.onec.send([division(), courier()])
    _, token = await office.employed(f"{role}-{'one' if limited else 'all'}", [role], [DIVISION] if limited else None)
    given, wrong = rights_of([role], limited=limited), []
    for method, path, operation in await operations(office):
        right = operation.get("x-right")
        if right in (None, "own"):
            continue
        status, code = await status_of(office, token, method, path, operation)
        refused = (status, code) == (403, "forbidden")
        if status == 401 or status >= 500 or refused == (right in given):
            wrong.append(f"{right}: {method} {path} answered {status} {code}")
    assert wrong == []


@pytest.mark.timeout(300)
async def test_nobody_else_s_token_opens_a_door_of_people(office: Office):
    wrong = []
    for method, path, operation in await operations(office):
        for token, expected in ((None, {401}), (BASE_TOKEN, {403}), (FEED_TOKEN, {403})):
            feeds = token == FEED_TOKEN and path in ("/api/v1/events", "/api/v1/subscriptions")
            status, _ = await status_of(office, token, method, path, operation)
            # A picture may be asked for by a signed link, so that its door reads the link first.
            if status not in expected and not feeds:
                wrong.append(f"{method} {path} answered {status} to {token}")
    assert wrong == []


# -- × division


async def in_the_north(office: Office) -> Json:
    """What there is of another division: ids by the name of the part of an address."""
    onec, ref = office.service.onec, str(uuid4())
    await office.service.ready_order()
    await onec.send([division(NORTH, "Север"), courier(NORTHERN, "Северный", division=NORTH)])
    await onec.send([order(ref, division=NORTH, number="ТД00-000777")])
    done = await onec.press("delivery.ready", ref, courier=NORTHERN)
    phone = await a_phone(office.service, NORTHERN)
    assert (await phone.do("shift.open", payload={"goods": [], "cash": "0.00"}))["status"] == "accepted"
    delivery_id = done["result"]["delivery"]["id"]
    await office.service.act(delivery_id, "pick_up")
    await office.service.act(delivery_id, "hand_over", amount_taken="1.00", difference_reason="скидка")
    [incident] = (await office.service.person("GET", "/api/v1/board/incidents")).json()["incidents"][:1]
    [token] = await office.service.rows("SELECT id FROM token WHERE owner = %s", NORTHERN)
    [shift] = await office.service.rows("SELECT id FROM shift WHERE courier_ref = %s", NORTHERN)
    return {"delivery_id": delivery_id, "ref": NORTHERN, "incident_id": incident["id"], "token_id": str(token["id"]),
            "shift_id": str(shift["id"])}  # fmt: skip


# A body that the door can read, for those that look at the object only then.
BODIES: Json = {
    "actOnDelivery": {"action": "assign", "courier": COURIER},
    "commentDelivery": {"text": "так"},
    "decideIncident": {"decision": "explained", "reason": "так"},
    "countCash": {"courier": NORTHERN, "counted": "1.00"},
    "issueChange": {"courier": NORTHERN, "sum": "1.00"},
    "decideDifference": {"decision": "shortage", "sum": "1.00", "reason": "так"},
    "writeOff": {"product": str(uuid4()), "quantity": "1", "reason": "так"},
    "foundPiece": {"product": str(uuid4()), "quantity": "1", "reason": "так"},
    "closeShift": {"reason": "так"},
}
OF_A_DIVISION = ("delivery_id", "incident_id", "token_id", "shift_id")


@pytest.mark.timeout(300)
async def test_an_object_of_another_division_is_refused_whatever_the_role(office: Office):
    ids = await in_the_north(office)
    _, token = await office.employed("head-of-one", ["head", "logistician", "cashier"], [DIVISION])
    wrong, seen = [], 0
    for method, path, operation in await operations(office):
        right, named = operation.get("x-right"), operation["operationId"]
        about_couriers = "{ref}" in path and path.startswith("/api/v1/board/")
        about_one = about_couriers or any(f"{{{name}}}" in path for name in OF_A_DIVISION) or named in BODIES
        if not about_one or right in (None, "own"):
            continue
        if Right(right) not in rights_of(["head", "logistician", "cashier"], limited=True):
            continue
        body = None if method == "GET" else BODIES.get(named, {})
        answer = await office.ask(token, method, path_of(path, operation, ids), body, params=query_of(operation))
        seen += 1
        if (answer.status_code, answer.json().get("code")) != (403, "other_division"):
            wrong.append(f"{named}: {method} {path} answered {answer.status_code} {answer.text[:100]}")
    assert wrong == []
    assert seen > 10


@pytest.mark.timeout(300)
async def test_no_list_shows_anything_of_another_division(office: Office):
    ids = await in_the_north(office)
    _, token = await office.employed("looker", ["head", "logistician", "cashier"], [DIVISION])
    tokens = {"him": token, "an administrator": PERSON_TOKEN}
    told: dict[str, list[str]] = {who: [] for who in tokens}
    signs = {*ids.values(), "000777", "Северный"}
    for method, path, operation in await operations(office):
        if method != "GET" or operation.get("x-right") == "own":
            continue
        for who, one in tokens.items():
            answer = await office.ask(one, method, path_of(path, operation, ids), params=query_of(operation))
            if answer.status_code == 200 and any(sign in answer.text for sign in signs):
                told[who].append(path)
    assert told["him"] == []
    assert len(told["an administrator"]) > 4  # so the signs are where they would be seen


async def test_a_photo_is_shown_to_those_of_its_delivery_s_division(office: Office):
    await in_the_north(office)
    sha256, content = picture(7)
    put = {"content": content, "headers": {"Content-Type": "image/jpeg"}}
    assert (await office.service.person("PUT", f"/api/v1/photos/{sha256}", **put)).status_code == 201
    onec, ref = office.service.onec, str(uuid4())
    await onec.send([order(ref, division=NORTH, number="ТД00-000778")])
    done = await onec.press("delivery.ready", ref, courier=NORTHERN)
    await office.service.act(done["result"]["delivery"]["id"], "pick_up", photos=[sha256])
    _, here = await office.employed("here", ["logistician"], [DIVISION])
    _, north = await office.employed("north", ["logistician"], [NORTH])
    told = [await office.ask(token, "GET", f"/api/v1/photos/{sha256}") for token in (here, north, PERSON_TOKEN)]
    assert [one.status_code for one in told] == [403, 200, 200]
    assert told[0].json()["code"] == "other_division"
    acts = (await office.acts(q=sha256))[-1:]
    assert [(one["operation"], one["data"]) for one in acts] == [("putPhoto", {"bytes": len(content)})]


# -- the rule itself


@given(roles=st.sets(st.sampled_from([*Role])), right=st.sampled_from([*Right]))
def test_limits_only_take_away(roles: set[Role], right: Right):
    whole, limited = rights_of(roles, limited=False), rights_of(roles, limited=True)
    assert limited == whole - OF_THE_WHOLE
    assert whole == frozenset().union(*(RIGHTS_OF[role] for role in roles))
    assert may(roles, None, right, NORTH) == (right in whole)
    assert may(roles, {DIVISION}, right, DIVISION) == (right in limited)
    assert not may(roles, {DIVISION}, right, NORTH)
