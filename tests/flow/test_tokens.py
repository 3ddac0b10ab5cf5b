"""Keys over HTTP: made once, shown once, known by their last use, and ended."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.exchange_client import (  # fmt: skip
    BASE,
    BASE_TOKEN,
    COURIER,
    PERSON_TOKEN,
    Exchange,
    Json,
    Service,
    courier,
    division,
    running,
)
from tests.flow.people_kit import Office

WAY = "/api/v1/admin/tokens"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as it:
        await it.onec.send([division(), courier()])
        yield it


async def listed(service: Service, **query: Any) -> list[Json]:
    answer = await service.person("GET", WAY, params=query)
    assert answer.status_code == 200, answer.text
    tokens: list[Json] = answer.json()["tokens"]
    return tokens


async def make(service: Service, kind: str, owner: str, **more: Any) -> Any:
    return await service.person("POST", WAY, {"kind": kind, "owner": owner, "name": "проверка"}, **more)


async def made(service: Service, kind: str, owner: str) -> Json:
    answer = await make(service, kind, owner)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def test_each_kind_is_made_shown_once_and_opens_its_door(service: Service) -> None:
    office = Office(service)
    doors = {"base": (str(BASE), "/api/v1/exchange/state"), "person": ("Анна", WAY),
             "feed": ("магазин", "/api/v1/events"), "device": (COURIER, "/api/v1/courier/day?device=x")}  # fmt: skip
    for kind, (owner, door) in doors.items():
        told = await made(service, kind, owner)
        query = Exchange(service.client).sender() if kind == "base" else None
        answer = await office.ask(told["token"], "GET", door, params=query)
        assert answer.status_code not in (401, 403), (kind, answer.text)
        assert told["token"] not in (await service.person("GET", WAY)).text
    names = {(one["kind"], one["owner_name"]) for one in await listed(service) if one["name"] == "проверка"}
    assert names == {("base", "Основная"), ("person", None), ("feed", None), ("device", "Пётр Иванов")}


async def test_a_repeated_answer_has_no_key_in_it_and_makes_no_second_one(service: Service) -> None:
    first = await make(service, "feed", "магазин", key="one")
    again = await make(service, "feed", "магазин", key="one")
    assert first.headers["cache-control"] == "no-store"
    assert (again.json()["id"], again.json()["token"]) == (first.json()["id"], None)
    assert again.headers["idempotent-replayed"] == "true"
    kept = await service.rows("SELECT convert_from(answer, 'UTF8') AS text FROM idempotency")
    assert all(first.json()["token"] not in row["text"] for row in kept)
    [act] = await Office(service).acts(action="token.manage")
    assert (act["operation"], act["subject"]) == ("makeToken", first.json()["id"])
    assert first.json()["token"] not in str(act)


async def test_the_last_use_is_written_down_at_most_once_a_minute(service: Service) -> None:
    async def used() -> Any:
        return next(one["last_used_at"] for one in await listed(service, kind="base") if one["owner"] == str(BASE))

    first = await used()
    assert first is not None  # the fixture has sent by it
    service.client._transport.app.state.doorkeeper.forget()
    await service.onec.state()
    assert await used() == first
    await service.rows("UPDATE token SET last_at = now() - interval '61 seconds' WHERE kind = 'base' RETURNING 1")
    service.client._transport.app.state.doorkeeper.forget()
    await service.onec.state()
    assert await used() > first


async def test_a_revoked_key_opens_nothing_from_then_on(service: Service) -> None:
    told, office = await made(service, "feed", "магазин"), Office(service)
    assert (await office.ask(told["token"], "GET", "/api/v1/events")).status_code == 200
    answer = await service.person("POST", f"{WAY}/{told['id']}/revoke")
    assert (answer.status_code, answer.json()) == (200, {"revoked": True})
    assert (await office.ask(told["token"], "GET", "/api/v1/events")).status_code == 401
    assert told["id"] not in {one["id"] for one in await listed(service)}
    [ended] = [one for one in await listed(service, ended="true") if one["id"] == told["id"]]
    assert ended["ended"]
    assert ended["ended_at"]
    assert (await service.person("POST", f"{WAY}/{told['id']}/revoke")).status_code == 404


async def test_nobody_revokes_the_key_that_he_is_in_with(service: Service) -> None:
    [mine] = [one for one in await listed(service) if one["mine"]]
    answer = await service.person("POST", f"{WAY}/{mine['id']}/revoke")
    assert (answer.status_code, answer.json()["code"]) == (422, "token_in_use")
    assert (await service.person("GET", WAY)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "owner", "code"),
    [
        ("base", "b0000000-0000-4000-8000-0000000000ff", "token_owner_unknown"),
        ("base", "Основная", "token_owner_unknown"), ("device", str(BASE), "token_owner_unknown"),
        ("person", "  ", "token_owner_missing"), ("feed", "и" * 201, "token_owner_missing"),
    ],
)  # fmt: skip
async def test_a_key_of_nobody_is_not_made(service: Service, kind: str, owner: str, code: str) -> None:
    before = await service.rows("SELECT count(*) AS n FROM token")
    answer = await make(service, kind, owner)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await service.rows("SELECT count(*) AS n FROM token") == before


async def test_sessions_of_people_are_not_among_the_keys(service: Service) -> None:
    office = Office(service)
    _, token = await office.employed("anna", ["administrator"])
    [session] = await service.rows("SELECT id FROM token WHERE person_id IS NOT NULL AND revoked_at IS NULL")
    assert str(session["id"]) not in {one["id"] for one in await listed(service, ended="true")}
    answer = await service.person("POST", f"{WAY}/{session['id']}/revoke")
    assert answer.status_code == 404
    assert (await office.me(token)).status_code == 200


async def test_only_an_administrator_of_all_divisions_has_to_do_with_keys(service: Service) -> None:
    office = Office(service)
    _, head = await office.employed("head", ["head"])
    _, limited = await office.employed("limited", ["administrator"], ["d0000000-0000-4000-8000-000000000001"])
    for token in (head, limited, BASE_TOKEN):
        assert (await office.ask(token, "GET", WAY)).status_code == 403
        body = {"kind": "person", "owner": "я"}
        assert (await office.ask(token, "POST", WAY, body)).status_code == 403
    assert (await office.ask(PERSON_TOKEN, "GET", WAY)).status_code == 200
    assert (await office.ask(PERSON_TOKEN, "GET", WAY, params={"kind": "cookie"})).status_code == 400
