"""What a decision posts is shown before it and after it; doubts of one kind are decided many at once."""

from typing import Any

import pytest
from tests.flow import test_trade
from tests.flow.exchange_client import COURIER, DIVISION, PRODUCT, Service, division
from tests.flow.people_kit import Office
from tests.flow.test_api_edges import is_problem
from tests.flow.test_cash_desk import short_by_40
from tests.flow.test_shifts import a_shift
from tests.flow.test_trade import money

service = test_trade.service
Json = dict[str, Any]
INCIDENTS = "/api/v1/board/incidents"
NORTH = "d0000000-0000-4000-8000-00000000000f"


async def of_kind(service: Service, kind: str) -> Json:
    answer = await service.person("GET", INCIDENTS, params={"kind": kind})
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["incidents"]
    one: Json = found
    return one


async def effect(service: Service, incident: str, decision: str) -> Any:
    return await service.person("GET", f"{INCIDENTS}/{incident}/effect", params={"decision": decision})


async def decide(service: Service, incident: str, decision: str) -> None:
    done = await service.person("POST", f"{INCIDENTS}/{incident}/decide", {"decision": decision, "reason": "так"})
    assert done.status_code == 200, done.text


async def after(service: Service, incident: str) -> list[Json]:
    told: list[Json] = (await service.person("GET", f"{INCIDENTS}/{incident}")).json()["effect"]
    return told


async def test_cash_that_differs_shows_its_posting_before_and_after(service: Service):
    await short_by_40(service)
    incident = await of_kind(service, "cash_difference")
    assert incident["moves"] == ["settled"]
    before = await money(service)
    [would, settled] = (await effect(service, incident["id"], "settled")).json()["effect"]
    assert (would["type"], settled["type"]) == ("cash.corrected", "delivery.settled")  # the order is covered by it
    assert settled["order_number"] == "ТД00-000123"
    assert would["money"] == [
        {"sum": "40.00", "from": "наличные у курьера (Пётр Иванов)", "to": "недостача наличных (Пётр Иванов)"}
    ]
    assert [one["title"] for one in would["messages"]] == ["1С «Основная»"]
    assert await money(service) == before  # it was only tried
    assert await after(service, incident["id"]) == []
    await decide(service, incident["id"], "settled")
    did, _ = await after(service, incident["id"])
    assert (did["money"], did["messages"][0]["state"]) == (would["money"], "waits")
    events = [one["id"] for one in await service.onec.events()]
    assert events[-1] == did["id"]
    await service.onec.ack(events)
    told, _ = await after(service, incident["id"])
    assert told["messages"][0]["state"] == "done"
    is_problem(await effect(service, incident["id"], "settled"), 422, "already_decided")


async def test_a_decision_that_moves_nothing_says_so(service: Service):
    await short_by_40(service)
    incident = (await of_kind(service, "cash_difference"))["id"]
    assert (await effect(service, incident, "explained")).json() == {"effect": []}
    is_problem(await effect(service, incident, "written_off"), 422, "decision_missing")
    is_problem(await effect(service, "0199a000-0000-7000-8000-000000000000", "explained"), 404, "not_found")
    await decide(service, incident, "explained")
    assert await after(service, incident) == []


@pytest.mark.parametrize(("decision", "to"), [("written_off", "списано"), ("found", "рюкзак (Пётр Иванов)")])
async def test_goods_that_a_count_missed_are_written_off_or_found_by_the_decision(
    service: Service, decision: str, to: str
):
    phone, _ = await a_shift(service)
    counted = await phone.do("shift.close", payload={"goods": [{"product": PRODUCT, "quantity": "3"}], "cash": "0"})
    assert counted["status"] == "accepted"
    incident = await of_kind(service, "count_difference")
    assert incident["moves"] == ["written_off", "found"]
    [would] = (await effect(service, incident["id"], decision)).json()["effect"]
    assert [(one["quantity"], one["from"], one["to"]) for one in would["goods"]] == [
        ("2", "недостача товара (Пётр Иванов)", to)
    ]
    await decide(service, incident["id"], decision)
    [did] = await after(service, incident["id"])
    assert did["goods"] == would["goods"]
    [left] = await service.rows(
        "SELECT coalesce(sum(quantity_milli), 0) AS n FROM goods_balance WHERE account = %s", f"shortage:{COURIER}"
    )
    assert left["n"] == 0


async def test_who_may_not_move_money_settles_nothing(service: Service):
    await short_by_40(service)
    office, incident = Office(service), (await of_kind(service, "cash_difference"))["id"]
    _, logistician = await office.employed("logist", ["logistician"])
    path, body = f"{INCIDENTS}/{incident}", {"decision": "settled", "reason": "так"}
    is_problem(await office.ask(logistician, "POST", f"{path}/decide", body), 403, "forbidden")
    refused = await office.ask(logistician, "GET", f"{path}/effect", params={"decision": "settled"})
    is_problem(refused, 403, "forbidden")
    assert (await of_kind(service, "cash_difference"))["state"] == "open"
    done = await office.ask(logistician, "POST", f"{path}/decide", {**body, "decision": "explained"})
    assert done.status_code == 200, done.text


# -- many at once


async def doubts(service: Service, kind: str, n: int) -> list[str]:
    """Open incidents of a kind, as the evidence of n deliveries would raise them."""
    rows = await service.rows(
        """
        INSERT INTO incident (id, kind, severity, subject_kind, subject_id, division_ref, raised_at, last_at, version,
            state, doc)
        SELECT id, %s, 'warning', 'delivery', id::text, %s, now(), now(), 1, 'open', jsonb_build_object(
            'id', id, 'kind', %s::text, 'severity', 'warning', 'subject_kind', 'delivery', 'subject_id', id::text,
            'division_ref', %s::text, 'courier_ref', NULL, 'base_id', NULL, 'order_ref', NULL, 'order_number', NULL,
            'what', 'снято темно', 'why', '', 'suggestion', '', 'data', '{}'::jsonb, 'raised_at', now(),
            'last_at', now())
        FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, %s)) x RETURNING id""",
        kind, DIVISION, kind, DIVISION, n,
    )  # fmt: skip
    return [str(row["id"]) for row in rows]


async def many(service: Service, ids: list[str], **more: Any) -> Any:
    body = {"ids": ids, "decision": "explained", "reason": "вечерние снимки"}
    return await service.person("POST", f"{INCIDENTS}/decide", {**body, **more})


async def test_doubts_of_one_kind_are_decided_together_but_for_those_already_decided(service: Service):
    await service.onec.send([])
    ids = await doubts(service, "dark_photo", 3)
    await decide(service, ids[0], "accepted")
    done = await many(service, ids)
    assert done.json() == {"decided": 2, "before": [ids[0]]}, done.text
    told = (await service.person("GET", INCIDENTS, params={"state": "decided"})).json()
    assert {one["id"]: one["decision"] for one in told["incidents"]} == {
        ids[0]: "accepted", ids[1]: "explained", ids[2]: "explained",
    }  # fmt: skip
    events = await service.rows("SELECT subject_id FROM event WHERE type = 'incident.decided'")
    assert sorted(one["subject_id"] for one in events) == sorted(ids)


async def test_what_is_not_a_doubt_or_of_two_kinds_is_not_decided_together(service: Service):
    dark, far = await doubts(service, "dark_photo", 1), await doubts(service, "far_from_address", 1)
    twice = await doubts(service, "handed_over_twice", 1)
    is_problem(await many(service, dark + far), 422, "not_together")
    is_problem(await many(service, twice), 422, "not_together")
    is_problem(await many(service, dark, decision="settled"), 422, "decision_missing")
    is_problem(await many(service, dark, reason=" "), 422, "decision_missing")
    is_problem(await many(service, []), 400, "malformed")
    assert (await service.person("GET", INCIDENTS)).json()["open"] == 3


# -- filters


async def test_incidents_are_found_by_kind_severity_division_time_and_words(service: Service):
    await service.onec.send([])
    await doubts(service, "dark_photo", 2)
    for query, n in (
        ({}, 2), ({"kind": "dark_photo"}, 2), ({"kind": "no_position"}, 0), ({"severity": "warning"}, 2),
        ({"severity": "alarm"}, 0), ({"division": DIVISION}, 2), ({"division": COURIER}, 0), ({"q": "Снято ТЕМНО"}, 2),
        ({"q": "светло"}, 0), ({"since": "2020-01-01T00:00:00Z"}, 2), ({"until": "2020-01-01T00:00:00Z"}, 0),
    ):  # fmt: skip
        told = (await service.person("GET", INCIDENTS, params=query)).json()
        assert (len(told["incidents"]), told["open"]) == (n, 2), query
    assert told["kinds"] == [{"kind": "dark_photo", "title": told["kinds"][0]["title"], "open": 2}]
    for wrong in ({"since": "вчера"}, {"severity": "huge"}, {"state": "closed"}):
        is_problem(await service.person("GET", INCIDENTS, params=wrong), 400, "malformed")


async def test_who_is_limited_sees_and_counts_only_his_divisions(service: Service):
    await doubts(service, "dark_photo", 2)
    await service.onec.send([division(NORTH, "Север")])
    _, other = await Office(service).employed("other", ["logistician"], [NORTH])
    told = (await Office(service).ask(other, "GET", INCIDENTS)).json()
    assert (told["incidents"], told["open"], told["kinds"]) == ([], 0, [])
