"""What contradicts is shown to people and decided by them; the board asks for the proofs that phones are asked for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from tests.flow.courier_phone import HERE, a_phone
from tests.flow.exchange_client import (
    BASE_TOKEN,
    COURIER,
    DIVISION,
    PERSON_TOKEN,
    SECOND_COURIER,
    Service,
    new_ref,
    order,
    running,
    settings,
)
from tests.flow.test_api_edges import is_problem
from tests.pictures import picture

from posrednik.config import Division, OwnReason, Proofs, Server
from posrednik.store import events
from posrednik.store.db import Database
from posrednik.usecases.give_up_parked import give_up_parked

Json = dict[str, Any]
BOARD = "/api/v1/board"
ADDRESS = {"text": "Москва, Тверская, 1", "latitude": HERE["latitude"], "longitude": HERE["longitude"]}


@pytest.fixture
async def service(database: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with running(database, settings(server=server(tmp_path))) as made:
        yield made


@pytest.fixture
async def strict(database: str, tmp_path: Path) -> AsyncIterator[Service]:
    """With the real default rules."""
    async with running(database, settings(server=server(tmp_path), proofs=Proofs())) as made:
        yield made


def server(folder: Path) -> Server:
    return Server(requests_per_second=1e6, request_burst=1e6, data_dir=str(folder))


async def incidents(service: Service, query: str = "", **headers: str) -> Json:
    answer = await service.person("GET", f"{BOARD}/incidents{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def decide(service: Service, incident: str, **body: str) -> Response:
    return await service.person("POST", f"{BOARD}/incidents/{incident}/decide", body)


async def card(service: Service, delivery: str) -> Json:
    told: Json = (await service.person("GET", f"{BOARD}/deliveries/{delivery}")).json()
    return told


async def try_to(service: Service, delivery: str, action: str, **more: Any) -> Response:
    return await service.person("POST", f"{BOARD}/deliveries/{delivery}/actions", {"action": action, **more})


async def put_photo(service: Service, number: int = 0) -> str:
    sha256, content = picture(number)
    headers = {"Authorization": f"Bearer {PERSON_TOKEN}", "Content-Type": "image/jpeg"}
    answer = await service.client.put(f"/api/v1/photos/{sha256}", content=content, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return sha256


async def with_another_sum(service: Service) -> tuple[str, str]:
    """(delivery, its incident): less was taken than was due."""
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "hand_over", amount_taken="2000.00", difference_reason="скидка")
    return delivery["id"], (await incidents(service))["incidents"][0]["id"]


# -- incidents


async def test_another_sum_is_an_incident_with_its_figures_in_both_languages(service: Service):
    delivery, _ = await with_another_sum(service)
    told = await incidents(service)
    (one,) = told["incidents"]
    assert (told["open"], one["kind"], one["title"], one["state"]) == (
        1, "amount_mismatch", "Взята другая сумма", "open",
    )  # fmt: skip
    assert "2\u2009000\u00a0₽" in one["what"]
    assert "скидка" in one["why"]
    assert (one["delivery_id"], one["courier"]) == (delivery, {"ref": COURIER, "name": "Пётр Иванов"})
    assert (one["division"]["name"], one["times"], one["decision"]) == ("Центр", 1, None)
    (english,) = (await incidents(service, **{"Accept-Language": "en"}))["incidents"]
    assert english["title"] == "Another sum was taken"
    assert english["what"].startswith("2\u2009000\u00a0₽ was taken")
    assert (await card(service, delivery))["incidents"] == 1


async def test_a_decision_is_final_and_takes_the_incident_from_the_card(service: Service):
    delivery, incident = await with_another_sum(service)
    is_problem(await decide(service, incident, decision="explained"), 422, "decision_missing")
    is_problem(await decide(service, incident, decision="fined", reason="так"), 422, "decision_missing")
    is_problem(await decide(service, new_ref(), decision="explained", reason="так"), 404, "not_found")
    decided = await decide(service, incident, decision="accepted", reason="Скидка по акции")
    assert decided.status_code == 200, decided.text
    assert {k: decided.json()[k] for k in ("state", "decision", "decided_by", "reason")} == {
        "state": "decided", "decision": "accepted", "decided_by": "Логист", "reason": "Скидка по акции",
    }  # fmt: skip
    is_problem(await decide(service, incident, decision="rejected", reason="нет"), 422, "already_decided")
    left = await incidents(service)
    assert (left["incidents"], left["open"], left["kinds"]) == ([], 0, [])
    assert [one["id"] for one in (await incidents(service, "?state=decided"))["incidents"]] == [incident]
    assert (await card(service, delivery))["incidents"] == 0


async def test_a_decision_under_a_key_is_taken_once(service: Service):
    _, incident = await with_another_sum(service)
    path, body = f"{BOARD}/incidents/{incident}/decide", {"decision": "accepted", "reason": "да"}
    answers = [await service.person("POST", path, body, key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


async def test_incidents_are_found_by_delivery_courier_and_state(service: Service):
    first, incident = await with_another_sum(service)
    second, _ = await with_another_sum(service)
    for query, found in (
        ("", 2), (f"?delivery={first}", 1), (f"?delivery={second}", 1), (f"?delivery={new_ref()}", 0),
        (f"?courier={COURIER.upper()}", 2), (f"?courier={SECOND_COURIER}", 0), ("?limit=1", 1), ("?state=decided", 0),
    ):  # fmt: skip
        assert len((await incidents(service, query))["incidents"]) == found, query
    assert (await incidents(service, f"?delivery={first}"))["incidents"][0]["id"] != incident or first != second
    for query in ("?state=closed", "?delivery=x"):
        is_problem(await service.person("GET", f"{BOARD}/incidents{query}"), 400, "malformed")


async def test_an_order_edited_twice_after_the_pick_up_is_one_incident_with_news(service: Service):
    ref, delivery = await service.picked_up()
    await service.onec.send([order(ref, address={"text": "Тула, Ленина, 5"})])
    await service.onec.send([order(ref, address={"text": "Тула, Ленина, 7"})])
    (one,) = (await incidents(service))["incidents"]
    assert (one["kind"], one["times"], one["order_ref"], one["courier"]["ref"]) == (
        "order_changed_after_pick_up", 2, ref, COURIER,
    )  # fmt: skip
    assert len(one["news"]) == 1
    assert one["delivery_id"] == delivery["id"]


async def test_regression_a_refused_cancel_leaves_its_incident(service: Service):
    """The refusal rolled the contradiction back with it."""
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "hand_over")
    for key in ("a", "a", "b"):
        path = f"{BOARD}/deliveries/{delivery['id']}/actions"
        is_problem(await service.person("POST", path, {"action": "cancel"}, key=key), 422, "already_handed_over")
    (one,) = (await incidents(service))["incidents"]
    assert (one["kind"], one["severity"], one["times"]) == ("cancelled_but_handed_over", "alarm", 3)


async def test_nobody_outside_hears_of_incidents(service: Service):
    _, incident = await with_another_sum(service)
    await decide(service, incident, decision="accepted", reason="да")
    assert not [one for one in (await service.feed())["events"] if one["type"].startswith("incident")]
    assert not [one for one in await service.onec.events() if one["type"].startswith("incident")]
    assert await service.rows("SELECT 1 FROM journal WHERE kind = 'shadow'") == []
    kept = await service.rows("SELECT type, version FROM event WHERE subject_kind = 'incident' ORDER BY pos")
    assert [(one["type"], one["version"]) for one in kept] == [("incident.raised", 1), ("incident.decided", 2)]


async def test_the_way_of_an_order_tells_of_its_incident_and_the_decision(service: Service):
    delivery, incident = await with_another_sum(service)
    await decide(service, incident, decision="accepted", reason="Скидка по акции")
    number = (await card(service, delivery))["order_ref"]
    way = (await service.person("GET", f"{BOARD}/way?q={number}")).json()["way"]
    titles = [step["title"] for step in way["steps"]]
    assert {"Расхождение", "Нужно решение", "Решение", "Решено"} <= set(titles)


async def test_only_people_see_incidents_and_steps(service: Service):
    phone = await a_phone(service)
    delivery, incident = await with_another_sum(service)
    for method, path in (
        ("GET", "/incidents"), ("POST", f"/incidents/{incident}/decide"), ("GET", f"/deliveries/{delivery}/steps"),
    ):  # fmt: skip
        for token in (BASE_TOKEN, phone.token):
            headers = {"Authorization": f"Bearer {token}"}
            is_problem(await service.client.request(method, BOARD + path, headers=headers), 403, "forbidden")
        is_problem(await service.client.request(method, BOARD + path), 401, "unauthorized")


# -- proofs


async def test_the_board_hands_over_only_with_the_proofs_of_the_division(strict: Service):
    _, delivery = await strict.picked_up()
    refused = await try_to(strict, delivery["id"], "hand_over", amount_taken="2280.00")
    assert "фото" in is_problem(refused, 422, "proof_missing")["detail"]
    sha256 = await put_photo(strict)
    is_problem(await try_to(strict, delivery["id"], "hand_over", photos=[sha256]), 422, "proof_missing")
    assert (await card(strict, delivery["id"]))["stage"] == "picked_up"
    done = await strict.act(delivery["id"], "hand_over", amount_taken="2280.00", photos=[sha256.upper()])
    assert (done["delivery"]["stage"], done["delivery"]["photos"]) == ("handed_over", 1)


async def test_a_step_that_holds_already_needs_no_proof_again(strict: Service):
    _, delivery = await strict.picked_up()
    shown = {"amount_taken": "2280.00", "photos": [await put_photo(strict)]}
    await strict.act(delivery["id"], "hand_over", **shown)
    again = await strict.act(delivery["id"], "hand_over", amount_taken="2280.00")
    assert again["already"]
    assert len(await strict.rows("SELECT 1 FROM step_photo")) == 1


async def test_a_photo_of_somebody_else_or_of_nobody_is_no_proof(strict: Service):
    _, delivery = await strict.picked_up()
    phone = await a_phone(strict)
    foreign = await phone.put_photo(7)
    for photos, status, code in (
        ([foreign], 422, "foreign_photo"), (["ab" * 32], 422, "photo_not_here"), (["x"], 400, "malformed"),
        (["ab" * 32] * 21, 400, "malformed"),
    ):  # fmt: skip
        answer = await try_to(strict, delivery["id"], "hand_over", amount_taken="2280.00", photos=photos)
        is_problem(answer, status, code)
    assert (await card(strict, delivery["id"]))["stage"] == "picked_up"
    assert await strict.rows("SELECT 1 FROM step_photo") == []


async def test_where_the_position_is_required_the_office_cannot_stand_in(database: str):
    rules = Division(ref=DIVISION, proofs={"hand_over": {"position": "required", "photo": "optional"}})
    async with running(database, settings(divisions=(rules,))) as service:
        _, delivery = await service.picked_up()
        refused = await try_to(service, delivery["id"], "hand_over", amount_taken="2280.00")
        assert "на телефоне" in is_problem(refused, 422, "taken_on_phone")["detail"]
        assert (await service.act(delivery["id"], "not_deliver", reason="not_home"))["delivery"]["reason"] == "not_home"


async def test_the_recipients_code_and_the_count_are_asked_for_where_they_are_required(database: str):
    rules = Division(ref=DIVISION, proofs={"hand_over": {"code": "required", "photo": "off"},
                                           "pick_up": {"items": "required"}})  # fmt: skip
    async with running(database, settings(divisions=(rules,))) as service:
        _, delivery = await service.ready_order(ready={"courier": COURIER})
        is_problem(await try_to(service, delivery["id"], "pick_up", lines=[]), 422, "proof_missing")
        await service.act(delivery["id"], "pick_up")
        given = {"amount_taken": "2280.00"}
        for code in (None, "  "):
            is_problem(await try_to(service, delivery["id"], "hand_over", **given, code=code), 422, "proof_missing")
        assert (await service.act(delivery["id"], "hand_over", **given, code="4711"))["delivery"][
            "stage"
        ] == "handed_over"


async def test_reasons_are_those_of_the_division(database: str):
    rules = Division(ref=DIVISION, reasons=("refused", OwnReason("no_lift", "нет лифта", "no lift")))
    async with running(database, settings(divisions=(rules,))) as service:
        _, delivery = await service.picked_up()
        is_problem(await try_to(service, delivery["id"], "not_deliver", reason="damaged"), 422, "reason_unknown")
        board = (await service.person("GET", f"{BOARD}/deliveries")).json()
        assert board["divisions"] == [{"ref": DIVISION, "name": "Центр", "reasons": ["refused", "no_lift"]}]
        assert {"code": "no_lift", "title": "нет лифта"} in board["reasons"]
        await service.act(delivery["id"], "not_deliver", reason="no_lift")


# -- goods on their way back


async def test_what_the_courier_brings_back_is_on_the_card_until_it_is_counted(service: Service):
    _, delivery = await service.picked_up()
    failed = await service.act(delivery["id"], "not_deliver", reason="not_home")
    assert {"give_back", "claim_give_back"} <= set(failed["delivery"]["allowed"])
    claimed = await service.act(delivery["id"], "claim_give_back", lines=[{"line": "1", "quantity": 2}])
    assert claimed["delivery"]["claimed_back"] == [{"line": "1", "quantity": "2"}]
    back = await service.act(delivery["id"], "give_back", lines=[{"line": "1", "quantity": 1}])
    assert back["delivery"]["claimed_back"] is None
    (one,) = (await incidents(service))["incidents"]
    assert (one["kind"], one["courier"]["ref"]) == ("count_difference", COURIER)
    assert [c["kind"] for c in back["contradictions"]] == ["count_difference"]


# -- steps


async def test_steps_tell_places_times_pictures_and_doubts(service: Service):
    _, delivery = await service.ready_order(ready={"courier": COURIER}, address=ADDRESS)
    phone = await a_phone(service)
    far = {**HERE, "latitude": HERE["latitude"] + 0.01}
    on_the_way = picture(3)[0]
    await phone.do("delivery.pick_up", delivery["id"])
    await phone.do("delivery.hand_over", delivery["id"], geo=far, photos=[on_the_way, await phone.put_photo(4)],
                   payload={"amount_taken": "2280.00", "payment_method": "cash"})  # fmt: skip
    steps = (await service.person("GET", f"{BOARD}/deliveries/{delivery['id']}/steps")).json()["steps"]
    assert [(one["action"], one["title"], one["state"]) for one in steps] == [
        ("pick_up", "Забрал", "accepted"), ("hand_over", "Отдал", "accepted"),
    ]  # fmt: skip
    assert (steps[0]["distance_m"], steps[0]["accuracy_m"], steps[0]["flags"]) == (0, 12, [])
    assert 1100 < steps[1]["distance_m"] < 1125
    assert "far_from_address" in [flag["kind"] for flag in steps[1]["flags"]]
    pictures = {one["arrived"]: one for one in steps[1]["photos"]}
    assert pictures[False] == {"sha256": on_the_way, "arrived": False}
    for size in ("small", "full"):
        assert (await service.client.get(pictures[True][size])).status_code == 200
    assert (await card(service, delivery["id"]))["photos"] == 2


async def test_steps_of_the_office_show_their_photos(strict: Service):
    _, delivery = await strict.picked_up()
    sha256 = await put_photo(strict)
    await strict.act(delivery["id"], "hand_over", amount_taken="2280.00", photos=[sha256])
    headers = {"Accept-Language": "en"}
    answer = await strict.person("GET", f"{BOARD}/deliveries/{delivery['id']}/steps", headers=headers)
    (step,) = answer.json()["steps"]
    assert (step["event_id"], step["action"], step["title"]) == (None, "hand_over", "hand over")
    assert (step["courier"]["ref"], step["photos"][0]["sha256"]) == (COURIER, sha256)
    is_problem(await strict.person("GET", f"{BOARD}/deliveries/{new_ref()}/steps"), 404, "not_found")


async def test_a_parked_step_given_up_is_an_incident_of_its_delivery_and_stays_refused(service: Service):
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    phone = await a_phone(service)
    payload = {"amount_taken": "2280.00", "payment_method": "cash"}
    step = phone.act("delivery.hand_over", delivery["id"], seq=2, payload=payload)
    assert (await phone.send(step))["results"][0]["code"] == "waits_for_earlier"
    assert await give_up(service, hours=23) == 0
    assert await give_up(service, hours=25) == 1
    (one,) = (await incidents(service))["incidents"]
    assert (one["kind"], one["delivery_id"], one["courier"]["ref"]) == ("sequence_gap", delivery["id"], COURIER)
    assert one["what"] == "С телефона курьера Пётр Иванов не дошли записи: 1."
    (shown,) = (await service.person("GET", f"{BOARD}/deliveries/{delivery['id']}/steps")).json()["steps"]
    assert (shown["state"], shown["code"]) == ("rejected", "waits_for_earlier")
    again = (await phone.send(step))["results"][0]
    assert (again["status"], again["incident"]) == ("rejected", one["id"])
    await phone.do("delivery.pick_up", delivery["id"], seq=1)
    assert (await card(service, delivery["id"]))["stage"] == "picked_up"
    assert await give_up(service, hours=50) == 0
    assert (await incidents(service))["open"] == 1


async def give_up(service: Service, hours: int) -> int:
    """The housekeeper's round, that many hours from now."""
    db = Database(service.dsn, size=1)
    db.before_commit = events.flush
    await db.open()
    try:
        return await give_up_parked(db, datetime.now(UTC) + timedelta(hours=hours))
    finally:
        await db.close()
