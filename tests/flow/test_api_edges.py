"""contract.md §1: who may call, what is refused and how it is said, Idempotency-Key, and what is never written down."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import pytest
from tests.flow.exchange_client import (
    BASE,
    BASE_TOKEN,
    COURIER,
    FEED_TOKEN,
    OTHER_TOKEN,
    PERSON_TOKEN,
    Service,
    command,
    division,
    new_ref,
    obj,
    order,
    product,
    references,
    running,
    settings,
)  # fmt: skip

from posrednik.config import Server

DOORS = [
    ("POST", "/api/v1/exchange/messages"), ("POST", "/api/v1/exchange/commands"), ("POST", "/api/v1/exchange/epochs"),
    ("POST", "/api/v1/exchange/outgoing/ack"), ("GET", "/api/v1/exchange/state"), ("GET", "/api/v1/exchange/outgoing"),
    ("GET", "/api/v1/events"), ("POST", "/api/v1/subscriptions"), ("GET", "/api/v1/subscriptions"),
    ("GET", "/api/v1/board/deliveries"), ("GET", "/api/v1/board/me"), ("GET", "/api/v1/admin/exchange"),
    ("GET", "/api/v1/board/incidents"), ("POST", f"/api/v1/board/incidents/{BASE}/decide"),
    ("GET", f"/api/v1/board/deliveries/{BASE}/steps"),
]  # fmt: skip


@pytest.fixture
async def shared(module_database: str) -> AsyncIterator[Service]:
    """On the database of this file; only for tests that take nothing."""
    async with running(module_database) as made:
        yield made


def is_problem(answer, status: int, code: str) -> dict:
    """The answer says no in the one shape of all doors."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert {"type", "status", "code", "title", "detail"} <= told.keys()
    assert (told["status"], told["code"]) == (status, code)
    assert "Traceback" not in answer.text
    return told


# -- who may call


async def test_every_door_wants_a_token(shared: Service):
    for method, path in DOORS:
        for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic ???"}, {"Authorization": "x"}):
            answer = await shared.client.request(method, path, headers=headers, params=shared.onec.sender())
            is_problem(answer, 401, "unauthorized")
            assert "Bearer" in answer.headers["www-authenticate"]


async def test_a_token_opens_only_the_doors_of_its_kind(shared: Service):
    for token, method, path in (
        (PERSON_TOKEN, "GET", "/api/v1/exchange/state"), (FEED_TOKEN, "POST", "/api/v1/exchange/messages"),
        (BASE_TOKEN, "GET", "/api/v1/board/deliveries"), (BASE_TOKEN, "GET", "/api/v1/events"),
        (FEED_TOKEN, "GET", "/api/v1/subscriptions"),
    ):  # fmt: skip
        headers = {"Authorization": f"Bearer {token}"}
        is_problem(
            await shared.client.request(method, path, headers=headers, params=shared.onec.sender()), 403, "forbidden"
        )


async def test_a_base_may_use_basic_with_its_id_and_token(shared: Service):
    def basic(user: str, password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    path, query = "/api/v1/exchange/state", shared.onec.sender()
    for user in (str(BASE), str(BASE).upper()):
        assert (await shared.client.get(path, params=query, headers=basic(user, BASE_TOKEN))).status_code == 200
    for user, password in ((str(BASE), OTHER_TOKEN), ("admin", BASE_TOKEN), (str(BASE), ""), ("", "")):
        is_problem(await shared.client.get(path, params=query, headers=basic(user, password)), 401, "unauthorized")


async def test_a_base_cannot_speak_for_another(shared: Service):
    onec = shared.onec
    bodies = {
        "messages": onec.envelope([division()], number=1), "epochs": onec.sender(), "outgoing/ack": onec.sender(),
        "commands": {**onec.sender(), "command": command("delivery.ready", new_ref())},
    }  # fmt: skip
    for path, body in bodies.items():
        is_problem(await onec.post(path, body, token=OTHER_TOKEN), 403, "forbidden")
    for path in ("state", "outgoing"):
        answer = await onec.call("GET", f"/api/v1/exchange/{path}", params=onec.sender(), token=OTHER_TOKEN)
        is_problem(answer, 403, "forbidden")


async def test_too_many_requests_are_told_when_to_come_again(no_time_passes: None, database: str):
    slow = settings(server=Server(requests_per_second=0.5, request_burst=3))
    async with running(database, slow) as service:
        answers = [
            await service.onec.call("GET", "/api/v1/exchange/state", params=service.onec.sender()) for _ in range(5)
        ]
        assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
        is_problem(answers[-1], 429, "rate_limited")
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 3
        assert (await service.person("GET", "/api/v1/board/me")).status_code == 200


# -- what cannot be read


def spoiled(onec, **changes) -> bytes:
    return json.dumps({**onec.envelope([division()], number=1), **changes}).encode()


async def test_an_unreadable_envelope_is_400_and_nothing_is_taken(shared: Service):
    for changes in [
        {"number": "1"},
        {"number": 1.5},
        {"number": True},
        {"number": None},
        {"number": 0},
        {"number": -1},
        {"number": 2**53},
        {"number": 10**30},
        {"base": "base"},
        {"epoch": 7},
        {"epoch": ""},
        {"instance": None},
        {"instance": "  "},
        {"instance": "x" * 501},
        {"objects": {}},
        {"objects": "нет"},
        {"commands": 1},
    ]:
        answer = await shared.onec.post("messages", spoiled(shared.onec, **changes))
        told = is_problem(answer, 400, "malformed")
        assert told["errors"][0]["pointer"] == "/" + next(iter(changes))
        assert told["errors"][0]["detail"]
        assert (await shared.onec.state())["epoch"] is None


async def test_garbage_is_400_at_every_post(shared: Service):
    for body in [
        b"",
        b"null",
        b"[]",
        b"5",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b"<message/>",
        b'{"base": "\xff"}',
        b"\x00",
        b"[" * 100_000,
        b'{"objects":' * 5_000,
        b"{}",
    ]:
        for path in ("messages", "commands", "epochs", "outgoing/ack"):
            is_problem(await shared.onec.post(path, body), 400, "malformed")
        headers = {"Authorization": f"Bearer {PERSON_TOKEN}", "Content-Type": "application/json"}
        for path in ("/api/v1/subscriptions", f"/api/v1/board/deliveries/{new_ref()}/actions", "/api/v1/admin/skip"):
            is_problem(await shared.client.post(path, content=body, headers=headers), 400, "malformed")


async def test_bytes_that_are_no_utf8_are_400_and_nothing_is_taken(service: Service):
    body = json.dumps(service.onec.envelope([division(), product()], number=1), ensure_ascii=False)
    for encoded in (body.encode("cp1251"), body.encode().replace("Термос".encode(), b"\xd0\xff")):
        is_problem(await service.onec.post("messages", encoded), 400, "malformed")
    assert await service.mirror() == []


async def test_a_byte_order_mark_and_half_an_emoji_are_no_error(service: Service):
    body = json.dumps(service.onec.envelope([division(name="Центр 😀 ?"), product()], number=1))
    body = body.replace("?", "\\ud83d").replace("00-01", "\\\\ud83d")
    answer = await service.onec.post("messages", b"\xef\xbb\xbf" + body.encode())
    assert answer.json()["objects"]["applied"] == 2
    data = {row["kind"]: row["data"] for row in await service.mirror()}
    assert data["division"]["name"] == "Центр 😀 \ufffd"
    assert data["product"]["code"] == "\\ud83d"


async def test_control_characters_are_taken_out_wherever_they_are(service: Service):
    ref, evil = new_ref(), "а\x00б\x02"
    service.onec.instance = "srv\x001"
    await service.onec.send([
        *references(), order(ref, comment=evil, extra={evil: [evil]}, head={"version": evil}),
        obj(evil, evil, {}), obj("price", evil, {"product": product()["ref"], "price_type": evil, "price": 1}),
    ])  # fmt: skip
    one = command("delivery.ready", ref, comment=evil, extra={evil: evil})
    assert (await service.onec.press_as({**one, "issued_by": evil}))["status"] == "done"
    data = next(row["data"] for row in await service.mirror() if row["kind"] == "order")
    assert (data["comment"], data["extra"]) == ("аб", {"аб\x02": ["аб\x02"]})
    assert (await service.onec.begin_epoch(evil)).status_code == 200
    for path in ("/api/v1/board/deliveries", "/api/v1/board/way", "/api/v1/admin/lanes", "/api/v1/admin/dead"):
        for name in ("q", "courier", "division", "destination"):
            query = {"q": "", name: evil}
            assert (await service.person("GET", path, params=query)).status_code == 200, path


async def test_numbers_out_of_all_reason_spoil_only_their_object(service: Service):
    body = json.dumps(service.onec.envelope([division(), {**product(), "data": {"x": "HUGE"}}], number=1))
    for i, huge in enumerate((b"1e999", b"9" * 5000, b"-" + b"9" * 400, b"1e-400"), 1):
        raw = body.replace('"number": 1', f'"number": {i}').encode().replace(b'"HUGE"', huge)
        answer = await service.onec.post("messages", raw)
        assert (answer.status_code, len(answer.json()["quarantined"])) == (200, 1), (huge[:9], answer.text)


async def test_too_large_is_413(database: str):
    small = settings(server=Server(max_body_bytes=20_000, max_objects=10, max_commands=2, requests_per_second=1e6))
    async with running(database, small) as service:
        onec, ref = service.onec, new_ref()
        many = onec.envelope([division(new_ref()) for _ in range(11)], number=1)
        assert is_problem(await onec.post("messages", many), 413, "too_large")["errors"][0]["pointer"] == "/objects"
        pressed = onec.envelope([], [command("delivery.ready", ref) for _ in range(3)], number=1)
        is_problem(await onec.post("messages", pressed), 413, "too_large")
        is_problem(
            await onec.post("messages", onec.envelope([division(name="х" * 20_000)], number=1)), 413, "too_large"
        )
        assert (await onec.state())["epoch"] is None
        await onec.send([division(new_ref()) for _ in range(10)])


async def test_the_limits_of_the_contract_are_the_default(service: Service):
    told = await service.onec.send([division(new_ref()) for _ in range(1000)])
    assert told["objects"]["applied"] == 1000
    answer = await service.onec.post("messages", service.onec.envelope([division()] * 1001))
    is_problem(answer, 413, "too_large")


async def test_what_is_no_json_is_415(shared: Service):
    for headers in [
        {"Content-Type": "text/html"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Encoding": "gzip"},
    ]:
        is_problem(await shared.onec.post("messages", b"<p/>", headers=headers), 415, "unsupported_media_type")


async def test_json_by_any_usual_name_is_read(shared: Service):
    for kind in ["", "application/json; charset=utf-8", "text/plain", "application/vnd.x+json"]:
        other = {**shared.onec.sender(), "instance": "not yet bound"}
        answer = await shared.onec.post("outgoing/ack", other, headers={"Content-Type": kind})
        is_problem(answer, 409, "unknown_epoch")


async def test_a_query_that_cannot_be_read_is_400(shared: Service):
    for query in [
        {"base": "x"},
        {"epoch": "x"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "x"},
        {"wait": "-1"},
        {"wait": "nan"},
        {"wait": "x"},
        {"after": "-1"},
        {"after": "x"},
        {"after": "9" * 30},
        {"instance": ""},
    ]:
        is_problem(await shared.onec.outgoing(**query), 400, "malformed")


async def test_a_feed_query_that_cannot_be_read_is_400(shared: Service):
    for query in [{"after": "²"}, {"after": "-1"}, {"limit": "0"}, {"wait": "inf-"}, {"types": "'"}]:
        headers = {"Authorization": f"Bearer {FEED_TOKEN}"}
        is_problem(await shared.client.get("/api/v1/events", params=query, headers=headers), 400, "malformed")


async def test_unknown_query_parameters_and_fields_are_passed_over(service: Service):
    answer = await service.onec.post("messages", {**service.onec.envelope([division()]), "new_field": 1})
    assert answer.status_code == 200
    assert (await service.onec.outgoing(new_parameter="x", wait=0)).status_code == 200


async def test_methods_that_a_door_does_not_have_are_problems_too(shared: Service):
    for method, path in (
        ("DELETE", "/api/v1/exchange/messages"),
        ("PUT", "/api/v1/events"),
        ("GET", "/api/v1/exchange/epochs"),
    ):
        answer = await shared.onec.call(method, path)
        is_problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"]
    is_problem(await shared.onec.call("GET", "/api/v1/nothing"), 404, "not_found")
    is_problem(await shared.person("GET", "/api/v1/subscriptions/not-an-id"), 404, "not_found")
    assert (await shared.onec.call("HEAD", "/api/v1/exchange/state")).status_code == 405
    assert (await shared.onec.call("OPTIONS", "/api/v1/exchange/state")).status_code == 204


async def test_detail_and_title_are_russian_unless_english_is_asked_for(shared: Service):
    body = {**shared.onec.sender(), "command": command("delivery.ready", new_ref())}
    told = {
        language: (await shared.onec.post("commands", body, headers={"Accept-Language": language})).json()
        for language in ("", "ru-RU,ru;q=0.9,en;q=0.8", "en", "en-US,en;q=0.5", "de")
    }
    assert {told[k]["detail"][:5] for k in ("", "ru-RU,ru;q=0.9,en;q=0.8", "de")} == {"Эпоха"}
    assert {told[k]["detail"][:9] for k in ("en", "en-US,en;q=0.5")} == {"The epoch"}
    assert (told[""]["title"], told["en"]["title"]) == ("Противоречие", "Conflict")
    assert len({t["code"] for t in told.values()}) == 1


# -- Idempotency-Key (invariants 2 and 3)


async def subscribe(service: Service, key: str, url: str = "https://shop.example/a"):
    return await service.person("POST", "/api/v1/subscriptions", {"url": url}, key=key)


async def test_the_same_key_and_body_get_the_same_answer_and_one_effect(service: Service):
    first = await subscribe(service, "key-1")
    again = [await subscribe(service, key) for key in ("key-1", '"key-1"')]
    assert "idempotent-replayed" not in first.headers
    for answer in again:
        assert (answer.status_code, answer.json()) == (201, first.json())
        assert answer.headers["idempotent-replayed"] == "true"
    assert len(await service.rows("SELECT 1 FROM subscription")) == 1


async def test_the_same_key_with_another_request_is_422_and_changes_nothing(service: Service):
    made = (await subscribe(service, "k")).json()
    is_problem(await subscribe(service, "k", "https://shop.example/b"), 422, "idempotency_key_reused")
    answer = await service.person("POST", f"/api/v1/subscriptions/{made['id']}/rotate", key="k")
    is_problem(answer, 422, "idempotency_key_reused")
    assert len(await service.rows("SELECT 1 FROM subscription")) == 1


async def test_keys_of_different_callers_do_not_meet(service: Service):
    await subscribe(service, "k")
    headers = {"Authorization": f"Bearer {FEED_TOKEN}", "Idempotency-Key": "k"}
    answer = await service.client.post("/api/v1/subscriptions", json={"url": "https://b.example/"}, headers=headers)
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers


async def test_a_key_that_is_being_worked_on_is_409(service: Service):
    async with await _locked(service.dsn, "person:Логист", "slow"):
        answer = await subscribe(service, "slow")
    is_problem(answer, 409, "still_running")
    assert answer.headers["retry-after"] == "1"
    assert (await subscribe(service, "slow")).status_code == 201


async def _locked(dsn: str, principal: str, key: str):
    """Another request that holds this key."""
    import psycopg

    conn = await psycopg.AsyncConnection.connect(dsn)
    await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s || chr(10) || %s, 0))", (principal, key))
    return conn


async def test_identical_requests_at_once_have_one_effect(service: Service):
    answers = await asyncio.gather(*(subscribe(service, "k") for _ in range(6)))
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.text for a in answers if a.status_code == 201}) == 1
    assert len(await service.rows("SELECT 1 FROM subscription")) == 1


async def test_a_refusal_is_not_kept_under_its_key(service: Service):
    is_problem(await subscribe(service, "k", "ftp://x"), 422, "bad_subscription")
    assert (await subscribe(service, "k")).status_code == 201


async def test_a_key_that_is_none_is_400(shared: Service):
    for key in ["", '""', "x" * 256, "a\tb"]:
        is_problem(await subscribe(shared, key), 400, "malformed")


async def test_a_base_may_use_keys_too(service: Service):
    onec, ref, key = service.onec, new_ref(), {"Idempotency-Key": "k1"}
    await onec.send([*references(), order(ref)])
    body = {**onec.sender(), "command": command("delivery.ready", ref)}
    first = await onec.post("commands", body, headers=key)
    again = await onec.post("commands", body, headers=key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    other = {**body, "command": command("delivery.cancel", ref)}
    is_problem(await onec.post("commands", other, headers=key), 422, "idempotency_key_reused")


async def test_an_action_on_the_board_takes_effect_once(service: Service):
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    path = f"/api/v1/board/deliveries/{delivery['id']}/actions"
    answers = [await service.person("POST", path, {"action": "pick_up"}, key="p") for _ in range(3)]
    assert [a.json() for a in answers] == [answers[0].json()] * 3
    assert answers[0].json()["already"] is False
    is_problem(await service.person("POST", path, {"action": "fly"}), 422, "malformed")
    is_problem(await service.person("POST", path, {"action": "hand_over", "amount_taken": "много"}), 400, "malformed")
    is_problem(
        await service.person("POST", path.replace(delivery["id"], new_ref()), {"action": "pick_up"}), 404, "not_found"
    )


# -- what is never written down (invariant 10)


async def test_secrets_and_full_phone_numbers_are_neither_in_the_journal_nor_in_the_log(
    service: Service, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    phone = "+79031234567"
    ref, delivery = await service.picked_up(comment=f"звонить {phone}")
    await service.onec.send([order(ref, comment=[phone]), obj(phone, phone, {}), order(ref, comment=phone + "!")])
    await service.onec.press_as({**command("delivery.set_price", ref, delivery_price=phone + "x"), "issued_by": phone})
    await service.onec.press_as(
        {**command("delivery.set_price", ref, delivery_price="1"), "issued_by": f"Анна {phone}"}
    )
    [event] = await service.onec.events()
    await service.onec.ack([], [{"id": event["id"], "code": phone, "message": f"не дозвониться {phone}"}])
    await service.onec.begin_epoch(f"восстановлена, {phone}")
    made = (await subscribe(service, "s")).json()["secret"]
    await service.person("POST", "/api/v1/subscriptions", {"url": "https://u:p4ssw0rd@x.example/"})
    await service.client.get("/api/v1/board/me", headers={"Authorization": "Bearer wr0ng-token"})
    journal = json.dumps(await service.rows("SELECT * FROM journal"), default=str, ensure_ascii=False)
    out, err = capfd.readouterr()
    for place, text in (("journal", journal), ("log", caplog.text + out + err)):
        for hidden in (phone, phone[2:], made, BASE_TOKEN, PERSON_TOKEN, FEED_TOKEN, "p4ssw0rd", "wr0ng-token"):
            assert hidden not in text, (place, hidden)
    assert delivery["id"]


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer nobody"}, {"Authorization": f"Bearer {PERSON_TOKEN}"}, {"Content-Type": "text/html"},
], ids=["413", "401", "403", "415"])  # fmt: skip
async def test_regression_a_refusal_waits_until_the_body_was_sent(shared: Service, headers: dict[str, str]):
    """Else the connection ends while the client is still writing, and it never sees why."""
    sent: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for i in range(50):
            sent.append(i)
            yield b"x" * 100_000

    all_headers = {"Authorization": f"Bearer {BASE_TOKEN}", **headers}
    answer = await shared.client.post("/api/v1/exchange/messages", content=body(), headers=all_headers)
    assert answer.status_code in (413, 401, 403, 415)
    assert len(sent) == 50
