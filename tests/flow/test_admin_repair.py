"""Administrators look for what went wrong and repair it: lanes, the journal, dead letters, quarantine, destinations."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    Service,
    division,
    new_ref,
    order,
    references,
    running,
    settings,
)
from tests.flow.people_kit import Office
from tests.flow.test_api_edges import is_problem

from posrednik.config import Bitrix24

Json = dict[str, Any]
ADMIN = "/api/v1/admin"
PORTAL = "https://portal.example"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, settings(bitrix24=Bitrix24(portal_url=PORTAL, webhook=f"{PORTAL}/rest/1/x/"))) as made:
        yield made


async def told(service: Service, path: str, **query: Any) -> Json:
    answer = await service.person("GET", f"{ADMIN}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def done(service: Service, path: str, body: Json, **more: Any) -> Json:
    answer = await service.person("POST", f"{ADMIN}/{path}", body, **more)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def waits(service: Service, **changes: Any) -> Json:
    """A lane of Bitrix24 whose next try is in an hour."""
    await service.ready_order()
    await service.rows(
        "UPDATE lane SET due_at = now() + interval '1 hour', why = 'try_later', why_text = 'сайт отвечает 503' "
        "WHERE destination_id = (SELECT id FROM destination WHERE name = 'bitrix24') RETURNING id"
    )
    return await task_lane(service)


async def task_lane(service: Service) -> Json:
    """Beside it there is the lane of its checklist."""
    lanes = (await told(service, "lanes", destination="bitrix24"))["lanes"]
    [lane] = [lane for lane in lanes if lane["key"].startswith("delivery:")]
    return lane


async def journalled(service: Service, outcome: str) -> list[str]:
    return [row["summary"] for row in (await told(service, "journal", outcome=outcome))["lines"]]


# -- lanes


async def test_a_lane_is_found_by_its_order_its_system_and_why_it_waits(service: Service):
    lane = await waits(service)
    assert (lane["why"], lane["may_hasten"], lane["order_number"]) == ("try_later", True, "ТД00-000123")
    for query, found in (
        ({"q": "ТД00-000123"}, True), ({"q": lane["key"]}, True), ({"q": lane["key"].partition(":")[2]}, True),
        ({"q": "ТД00-000124"}, False), ({"why": "try_later"}, True), ({"why": "dead"}, False),
        ({"destination": "bitrix24", "why": "try_later"}, True), ({"destination": "site"}, False),
    ):  # fmt: skip
        ids = [one["lane_id"] for one in (await told(service, "lanes", **query))["lanes"]]
        assert (lane["lane_id"] in ids) == found, query


async def test_a_waiting_lane_is_sent_now_and_the_journal_says_who_wanted_it(service: Service):
    lane = await waits(service)
    path = f"lanes/{lane['lane_id']}/send-now"
    assert await done(service, path, {}) == {"done": True}
    now = await task_lane(service)
    assert datetime.fromisoformat(now["due_at"]) <= datetime.now(UTC) + timedelta(seconds=5)
    assert await journalled(service, "hastened") == ["отправить сейчас: Логист"]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'dead'", "held = true", "doubt_upto = 1", "why = 'given'",
        "state = 'leased', owner = gen_random_uuid(), leased_until = now()",
    ],
)  # fmt: skip
async def test_what_must_not_be_hastened_is_refused(service: Service, change: str):
    lane = await waits(service)
    await service.rows(f"UPDATE lane SET {change} WHERE id = %s RETURNING id", lane["lane_id"])
    answer = await service.person("POST", f"{ADMIN}/lanes/{lane['lane_id']}/send-now", {})
    is_problem(answer, 422, "cannot_send_now")
    assert await journalled(service, "hastened") == []


# -- destinations


async def test_a_destination_is_paused_and_goes_on_with_a_reason(service: Service):
    await service.ready_order()
    [portal] = [one for one in (await told(service, "exchange"))["destinations"] if one["name"] == "bitrix24"]
    assert portal["limits"]["fill"] == 1.0
    path = f"destinations/{portal['id']}/state"
    is_problem(await service.person("POST", f"{ADMIN}/{path}", {"state": "paused", "reason": " "}), 422, "malformed")
    assert await done(service, path, {"state": "paused", "reason": "ремонт"}) == {"state": "paused", "was": "open"}
    lane = await task_lane(service)
    assert (lane["why"], lane["why_text"]) == ("paused", "отправка приостановлена: ремонт (Логист)")
    assert await done(service, path, {"state": "open", "reason": "готово"}) == {"state": "open", "was": "paused"}
    lane = await task_lane(service)
    assert lane["why"] == "ready"
    assert await journalled(service, "paused") == ["отправка приостановлена: ремонт (Логист)"]
    is_problem(await service.person("POST", f"{ADMIN}/destinations/999999/state", {"state": "open", "reason": "так"}),
               404, "not_found")  # fmt: skip


async def test_a_paused_method_and_the_bucket_are_shown(service: Service):
    await service.ready_order()
    await service.rows("INSERT INTO bucket (name, tokens) VALUES (%s, 0) RETURNING name", f"bitrix24:{PORTAL}")
    await service.rows(
        "INSERT INTO method_pause SELECT id, 'tasks.task.add', now() + interval '1 minute', 'устал' FROM destination "
        "WHERE name = 'bitrix24' RETURNING method"
    )
    [portal] = [one for one in (await told(service, "exchange"))["destinations"] if one["name"] == "bitrix24"]
    assert portal["limits"]["fill"] < 1
    [pause] = portal["pauses"]
    assert (pause["method"], pause["why"]) == ("tasks.task.add", "устал")
    assert 0 < pause["left_s"] <= 60


# -- dead letters


async def dead(service: Service) -> Json:
    """The only message of the lane of a task, refused."""
    lane = await waits(service)
    await service.rows(
        "UPDATE message SET dead_at = now(), dead_code = 'http_400', dead_why = 'не принято' WHERE lane_id = %s "
        "RETURNING seq", lane["lane_id"],
    )  # fmt: skip
    await service.rows("UPDATE lane SET state = 'dead' WHERE id = %s RETURNING id", lane["lane_id"])
    [letter] = (await told(service, "dead"))["dead"]
    return letter


async def test_a_dry_run_counts_and_the_replay_sends_once_under_its_key(service: Service):
    letter = await dead(service)
    assert letter["order_number"] == "ТД00-000123"
    wanted = {"order_number": "ТД00-000123", "code": "http_400"}
    tried = await done(service, "replay", {**wanted, "dry_run": True})
    assert (tried["count"], tried["replayed"]) == (1, 0)
    assert len((await told(service, "dead", code="http_400", order="ТД00-000123"))["dead"]) == 1
    answers = [await done(service, "replay", {**wanted, "dry_run": False}, key="again") for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["replayed"] == 1
    assert (await told(service, "dead"))["dead"] == []
    assert await journalled(service, "replayed") == ["отправляем заново — Логист: не принято"]
    acts = [row["action"] for row in await service.rows("SELECT action FROM audit WHERE operation = 'replay'")]
    assert acts == ["exchange.repair"]  # counting is no act, and a repeat is the same one


async def test_another_order_s_dead_letters_are_left_alone(service: Service):
    await dead(service)
    tried = await done(service, "replay", {"order_number": "ТД00-999999", "dry_run": False})
    assert (tried["count"], tried["replayed"]) == (0, 0)
    assert len((await told(service, "dead"))["dead"]) == 1


async def test_a_dead_letter_is_skipped_with_a_reason(service: Service):
    letter = await dead(service)
    which = {"lane_id": letter["lane_id"], "seq": letter["seq"]}
    is_problem(await service.person("POST", f"{ADMIN}/skip", {**which, "reason": ""}), 422, "malformed")
    assert await done(service, "skip", {**which, "reason": "закрыли руками"}) == {"skipped": True}
    is_problem(await service.person("POST", f"{ADMIN}/skip", {**which, "reason": "ещё"}), 404, "not_found")
    assert await journalled(service, "skipped") == ["пропущено по решению: Логист; причина: закрыли руками"]


# -- quarantine


async def quarantined(service: Service, ref: str, **data: Any) -> int:
    """The id of an order's row that could not be read; its body is then as if the base had been right all along."""
    await service.onec.send([*references(), order(ref, lines=None)])
    [row] = (await told(service, "quarantine"))["objects"]
    right = await service.onec.call("GET", "/api/v1/exchange/state", params=service.onec.sender())
    assert right.status_code == 200
    body = json.dumps(order(ref, **data), ensure_ascii=False).encode()
    await service.rows("UPDATE quarantine SET body = %s WHERE id = %s RETURNING id", body, row["id"])
    return int(row["id"])


async def test_a_quarantined_object_is_shown_as_it_came_without_phone_numbers(service: Service):
    ref = new_ref()
    await service.onec.send([*references(), order(ref, lines=None)])
    [row] = (await told(service, "quarantine", kind="order"))["objects"]
    assert (row["ref"], row["code"]) == (ref, "missing_field")
    whole = await told(service, f"quarantine/{row['id']}")
    assert whole["raw"]["ref"] == ref
    assert whole["raw"]["data"]["recipient"] == {"name": "Анна Смирнова", "phone": "…67"}
    assert (await told(service, "quarantine", kind="product"))["objects"] == []
    is_problem(await service.person("GET", f"{ADMIN}/quarantine/99999"), 404, "not_found")


async def test_what_still_cannot_be_read_stays_in_quarantine(service: Service):
    await service.onec.send([*references(), order(new_ref(), lines=None)])
    for dry_run in (True, False):
        tried = await done(service, "quarantine/replay", {"dry_run": dry_run})
        assert (tried["count"], tried["replayed"]) == (0, 0)
        assert [(one["became"], one["code"]) for one in tried["objects"]] == [("bad", "missing_field")]
    assert len((await told(service, "quarantine"))["objects"]) == 1


async def test_what_can_be_read_now_is_applied_after_a_dry_run_that_changes_nothing(service: Service):
    ref = new_ref()
    row = await quarantined(service, ref)
    pressed = await service.onec.press("delivery.ready", ref, courier=COURIER)
    assert pressed["status"] == "waiting"
    tried = await done(service, "quarantine/replay", {"ids": [row]})
    assert (tried["count"], tried["replayed"], tried["objects"][0]["became"]) == (1, 0, "applied")
    assert len((await told(service, "quarantine"))["objects"]) == 1
    assert await service.rows("SELECT id FROM delivery") == []
    answers = [await done(service, "quarantine/replay", {"ids": [row], "dry_run": False}, key="q") for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["replayed"] == 1
    assert (await told(service, "quarantine"))["objects"] == []
    [made] = await service.rows("SELECT order_number, stage FROM delivery")  # «Готов» had waited for the order
    assert (made["order_number"], made["stage"]) == ("ТД00-000123", "ready")
    assert len(await journalled(service, "replayed")) == 1


async def test_an_older_version_from_quarantine_does_not_win_over_a_newer_one(service: Service):
    ref = new_ref()
    row = await quarantined(service, ref, number="СТАРЫЙ")
    await service.rows("UPDATE quarantine SET ref = 'kept', cleared_at = NULL, cleared_why = NULL RETURNING id")
    await service.onec.send([order(ref, number="НОВЫЙ")])
    done_now = await done(service, "quarantine/replay", {"ids": [row], "dry_run": False})
    assert done_now["objects"][0]["became"] == "stale"
    [kept] = await service.rows("SELECT data ->> 'number' AS number FROM mirror WHERE kind = 'order'")
    assert kept["number"] == "НОВЫЙ"
    assert (await told(service, "quarantine"))["objects"] == []


# -- the journal


async def test_the_journal_is_searched_by_system_kind_outcome_order_and_words(service: Service):
    ref, _ = await service.ready_order()
    base = f"onec:{BASE}"
    for query, some in (
        ({}, True), ({"system": base}, True), ({"system": "bitrix24"}, False), ({"kind": "command"}, True),
        ({"kind": "command", "outcome": "done"}, True), ({"kind": "command", "outcome": "rejected"}, False),
        ({"order": "ТД00-000123"}, True), ({"order": ref}, True), ({"order": "нет такого"}, False),
        ({"q": "сообщение № 1"}, True), ({"q": "сообщение № 77"}, False), ({"only": "trouble"}, False),
        ({"until": "2020-01-01T00:00:00Z"}, False),
    ):  # fmt: skip
        assert bool((await told(service, "journal", **query))["lines"]) == some, query


async def test_pages_of_the_journal_follow_each_other_without_a_gap(service: Service):
    for _ in range(3):
        await service.ready_order()
    whole = [one["id"] for one in (await told(service, "journal", limit=200))["lines"]]
    assert len(whole) > 6
    seen: list[int] = []
    before = ""
    while before is not None:
        page = await told(service, "journal", limit=4, before=before)
        seen += [one["id"] for one in page["lines"]]
        before = page["next"]
    assert seen == whole


async def test_a_line_shows_the_whole_exchange_masked(service: Service):
    await service.ready_order()
    [line] = (await told(service, "journal", kind="message"))["lines"]
    whole = await told(service, f"journal/{line['id']}", at=line["at"])
    assert whole["detail"]["number"] == 1
    sent = [one for one in whole["message"]["objects"] if one["kind"] == "order"]
    assert sent[0]["data"]["recipient"]["phone"] == "…67"
    assert "9031234567" not in str(whole)
    assert whole["message"]["base"] == str(BASE)
    is_problem(await service.person("GET", f"{ADMIN}/journal/{line['id']}", params={"at": "2020-01-01T00:00:00Z"}),
               404, "not_found")  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [{"since": "вчера"}, {"since": "2026-11-22"}, {"only": "all"}, {"before": "x"},
     {"q": "а", "since": "2026-01-01T00:00:00Z"}],
)  # fmt: skip
async def test_a_search_that_cannot_be_read_says_where(service: Service, query: Json):
    is_problem(await service.person("GET", f"{ADMIN}/journal", params=query), 400, "malformed")


# -- rights


async def test_only_an_administrator_repairs(service: Service):
    office = Office(service)
    _, head = await office.employed("head", ["head"])
    _, limited = await office.employed("limited", ["administrator"], [DIVISION])
    lane = await waits(service)
    assert (await office.ask(head, "GET", f"{ADMIN}/lanes")).status_code == 200
    for token, path in ((head, f"lanes/{lane['lane_id']}/send-now"), (head, "replay"), (limited, "quarantine/replay")):
        is_problem(await office.ask(token, "POST", f"{ADMIN}/{path}", {}), 403, "forbidden")
    is_problem(await office.ask(limited, "GET", f"{ADMIN}/journal"), 403, "forbidden")


async def test_the_way_of_an_order_is_told_to_its_own_division_only(service: Service):
    office, north = Office(service), "d0000000-0000-4000-8000-00000000000f"
    ref, delivery = await service.ready_order()
    await service.onec.send([division(north, "Север")])
    _, own = await office.employed("own", ["logistician"], [DIVISION])
    _, other = await office.employed("other", ["logistician"], [north])
    for q in ("ТД00-000123", ref, delivery["id"]):
        for token, found in ((own, 1), (other, 0)):
            told = (await office.ask(token, "GET", "/api/v1/board/way", params={"q": q})).json()
            assert (len(told["found"]), "way" in told) == (found, bool(found)), q


async def test_couriers_of_another_division_are_at_no_desk_of_his(service: Service):
    office, north = Office(service), "d0000000-0000-4000-8000-00000000000f"
    await service.ready_order()
    await service.onec.send([division(north, "Север")])
    _, own = await office.employed("own", ["cashier"], [DIVISION])
    _, other = await office.employed("other", ["cashier"], [north])
    cash = "/api/v1/board/cash"
    for token, some in ((own, True), (other, False)):
        assert bool((await office.ask(token, "GET", cash)).json()["couriers"]) == some
    is_problem(await office.ask(other, "GET", f"{cash}/couriers/{COURIER}"), 403, "other_division")
    body = {"courier": COURIER, "sum": "100.00"}
    is_problem(await office.ask(other, "POST", f"{cash}/change", body), 403, "other_division")
    assert (await office.ask(own, "POST", f"{cash}/change", body)).status_code == 200
    [act] = await service.rows("SELECT division_ref FROM audit WHERE action = 'cash.change'")
    assert act["division_ref"] == DIVISION
