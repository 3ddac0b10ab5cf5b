"""What a courier's doors refuse, and what strange requests can never do (contract.md §1, §5).

Login: test_entry_codes.py. Any JSON at all: test_courier_any_json.py.
Who may see photos and signed links: test_photos.py.
"""

import io
import json
import struct
import zlib
from collections.abc import AsyncIterator
from hashlib import sha256 as hashed
from typing import Any

import pytest
from httpx import Response
from PIL import Image
from tests.flow.courier_phone import Phone, a_phone, device_token
from tests.flow.exchange_client import (
    BASE_TOKEN,
    COURIER,
    DIVISION,
    FEED_TOKEN,
    PERSON_TOKEN,
    SECOND_COURIER,
    Json,
    Service,
    courier,
    new_ref,
    running,
    settings,
)
from tests.flow.test_api_edges import is_problem
from tests.pictures import picture

from posrednik.config import Division, Proofs
from posrednik.kit.ids import uuid7

CASH = {"amount_taken": "2280.00", "payment_method": "cash"}
STEPS: dict[str, Json] = {
    "delivery.pick_up": {}, "delivery.depart": {}, "delivery.hand_over": CASH,
    "delivery.not_deliver": {"reason": "not_home"}, "delivery.retry": {}, "delivery.give_back": {},
    "delivery.customer_return": {"lines": [{"line": "1", "quantity": "1"}], "refund": "0"},
}  # fmt: skip
AS_JSON = {"Content-Type": "application/json"}
OFFICE = ("ready", "withdraw", "assign", "set_price", "set_amount_due", "cancel", "settle", "order_changed")


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, settings(proofs=Proofs(), divisions=(Division(ref=DIVISION),))) as made:
        yield made


async def assigned(service: Service) -> tuple[str, Phone]:
    """(delivery, phone of its courier)"""
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    return delivery["id"], await a_phone(service)


async def version_of(service: Service, delivery: str) -> int:
    (row,) = await service.rows("SELECT version FROM delivery WHERE id = %s", delivery)
    version: int = row["version"]
    return version


async def recorded(service: Service) -> int:
    (row,) = await service.rows("SELECT count(*) AS n FROM courier_event")
    number: int = row["n"]
    return number


async def escaped(phone: Phone, *events: Any) -> Json:
    """Sent with every character escaped, as half a surrogate pair can only be sent."""
    body = json.dumps({"device": phone.device, "events": events}).encode()
    answer = await phone.call("POST", "courier/events", content=body, headers=AS_JSON)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


# -- who comes in


@pytest.mark.parametrize(
    ("token", "status"),
    [("", 401), ("nobody", 401), (PERSON_TOKEN, 403), (BASE_TOKEN, 403), (FEED_TOKEN, 403)],
    ids=["none", "wrong", "person", "base", "feed"],
)
async def test_only_a_phones_token_opens_a_couriers_doors(service: Service, token: str, status: int):
    delivery, phone = await assigned(service)
    body = {"device": "x", "events": [phone.act("delivery.pick_up", delivery)]}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    code = {401: "unauthorized", 403: "forbidden"}[status]
    is_problem(await service.client.get("/api/v1/courier/day", headers=headers), status, code)
    is_problem(await service.client.post("/api/v1/courier/events", json=body, headers=headers), status, code)
    assert await recorded(service) == 0


async def test_a_revoked_phone_neither_sends_nor_sees(service: Service, database: str):
    delivery, phone = await assigned(service)
    await phone.day()
    (row,) = await service.rows("SELECT id FROM token WHERE kind = 'device'")
    await service.person("POST", f"/api/v1/board/devices/{row['id']}/revoke")
    async with running(database) as fresh:  # this process has not remembered the token for its 5 seconds
        phone.service = fresh
        for answer in await every_door(phone, delivery):
            is_problem(answer, 401, "unauthorized")
    assert await recorded(service) == 0


async def every_door(phone: Phone, delivery: str) -> list[Response]:
    sha256, content = picture(3)
    body = {"device": phone.device, "events": [phone.act("delivery.pick_up", delivery)]}
    return [
        await phone.call("GET", "courier/day"),
        await phone.call("POST", "courier/events", json=body),
        await phone.call("PUT", f"photos/{sha256}", content=content, headers={"Content-Type": "image/jpeg"}),
        await phone.call("GET", f"photos/{sha256}"),
    ]


async def test_a_courier_who_left_in_1c_neither_sends_nor_sees_and_his_events_wait(service: Service):
    delivery, phone = await assigned(service)
    await service.onec.send([courier(active=False) | {"version": "2"}])
    day, events, *_ = await every_door(phone, delivery)
    is_problem(day, 403, "courier_unknown")
    is_problem(events, 403, "courier_unknown")
    assert (await recorded(service), await version_of(service, delivery)) == (0, 1)


async def test_a_phones_token_opens_no_door_of_the_office(service: Service):
    delivery, phone = await assigned(service)
    doors = [
        ("GET", "board/deliveries"), ("GET", f"board/deliveries/{delivery}"), ("GET", "board/incidents"),
        ("GET", f"board/deliveries/{delivery}/steps"), ("POST", f"board/deliveries/{delivery}/actions"),
        ("POST", f"board/incidents/{new_ref()}/decide"), ("GET", "board/couriers"),
        ("POST", f"board/couriers/{COURIER}/login-codes"), ("GET", "events"), ("GET", "subscriptions"),
        ("POST", "exchange/messages"), ("POST", "exchange/commands"),
    ]  # fmt: skip
    for method, path in doors:
        body = {"json": {"action": "pick_up"}} if method == "POST" else {}
        assert (await phone.call(method, path, **body)).status_code == 403, path
    assert await version_of(service, delivery) == 1


async def test_no_phone_does_what_only_the_office_may(service: Service):
    delivery, phone = await assigned(service)
    for action in OFFICE:
        await phone.do(f"delivery.{action}", delivery, payload={"courier": SECOND_COURIER, "delivery_price": "0.00"})
    assert await version_of(service, delivery) == 1


# -- whose delivery, whose picture


@pytest.mark.parametrize("stage", ["ready", "picked_up"])
async def test_another_couriers_delivery_is_out_of_reach_and_nothing_is_told_of_it(service: Service, stage: str):
    delivery, phone = await assigned(service)
    if stage == "picked_up":
        await phone.do("delivery.pick_up", delivery)
    before = await version_of(service, delivery)
    stranger = await a_phone(service, SECOND_COURIER)
    for type, payload in STEPS.items():
        refused = await stranger.do(type, delivery, payload=payload, photos=[picture(1)[0]])
        assert (refused["status"], refused["code"]) == ("rejected", "not_his_delivery"), type
        assert "incident" not in refused
        for secret in ("000123", "Смирнова", "Тверская", "Иванов", "9031234567"):
            assert secret not in json.dumps(refused, ensure_ascii=False), type
    assert await version_of(service, delivery) == before
    assert (await stranger.day())["deliveries"] == []
    assert await service.rows("SELECT 1 FROM incident WHERE courier_ref = %s", SECOND_COURIER) == []


async def test_another_couriers_step_cannot_be_corrected(service: Service):
    delivery, phone = await assigned(service)
    pick_up = phone.act("delivery.pick_up", delivery)
    await phone.send(pick_up)
    stranger = await a_phone(service, SECOND_COURIER)
    payload = {"of": pick_up["id"], "reason": "так", "payload": {"lines": [{"line": "1", "quantity": "1"}]}}
    told = [await stranger.do("correction", payload={**payload, "of": of}) for of in (pick_up["id"], new_ref())]
    assert [(one["status"], one["code"]) for one in told] == [("rejected", "nothing_to_correct")] * 2
    assert told[0]["message"] == told[1]["message"]
    assert await version_of(service, delivery) == 2


@pytest.mark.parametrize("type", STEPS)
async def test_another_couriers_picture_proves_no_step(service: Service, type: str):
    delivery, phone = await assigned(service)
    own = [picture(1)[0]]
    before = {
        "delivery.pick_up": [], "delivery.retry": ["delivery.pick_up", "delivery.not_deliver"],
        "delivery.give_back": ["delivery.pick_up", "delivery.not_deliver"],
        "delivery.customer_return": ["delivery.pick_up", "delivery.hand_over"],
    }.get(type, ["delivery.pick_up"])  # fmt: skip
    for earlier in before:
        assert (await phone.do(earlier, delivery, payload=STEPS[earlier], photos=own))["status"] == "accepted"
    version = await version_of(service, delivery)
    foreign = await (await a_phone(service, SECOND_COURIER)).put_photo(5)
    refused = await phone.do(type, delivery, payload=STEPS[type], photos=[*own, foreign])
    assert (refused["status"], refused["code"]) == ("rejected", "foreign_photo")
    assert await version_of(service, delivery) == version


async def test_another_couriers_picture_proves_no_correction(service: Service):
    delivery, phone = await assigned(service)
    pick_up = phone.act("delivery.pick_up", delivery)
    await phone.send(pick_up)
    foreign = await (await a_phone(service, SECOND_COURIER)).put_photo(5)
    payload = {"of": pick_up["id"], "reason": "так", "payload": {"lines": [{"line": "1", "quantity": "1"}]}}
    refused = await phone.do("correction", payload=payload, photos=[foreign])
    assert (refused["status"], refused["code"]) == ("rejected", "foreign_photo")
    assert await version_of(service, delivery) == 2


# -- whose phone


async def test_two_couriers_with_the_same_device_text_share_no_sequence(service: Service):
    delivery, _ = await assigned(service)
    phone = await a_phone(service, COURIER, "один и тот же")
    stranger = await a_phone(service, SECOND_COURIER, phone.device)
    for seq in (1, 2, 5):
        await stranger.do("delivery.depart", new_ref(), seq=seq)
    assert (await phone.day())["device"] is None
    told = await phone.send(phone.act("delivery.pick_up", delivery, seq=1))
    assert (told["results"][0]["status"], told["missing"]) == ("accepted", [])
    assert (await phone.day())["device"] == {"whole_to": 1, "last_seq": 1, "missing": []}
    assert (await stranger.day())["device"] == {"whole_to": 2, "last_seq": 5, "missing": [3, 4]}


@pytest.mark.parametrize("state", ["accepted", "rejected", "parked"])
async def test_the_id_of_another_couriers_event_is_a_conflict_and_tells_nothing(service: Service, state: str):
    delivery, phone = await assigned(service)
    type = "delivery.pick_up" if state == "accepted" else "delivery.depart"
    event = phone.act(type, delivery, seq=2 if state == "parked" else 1)
    await phone.send(event)
    stranger = await a_phone(service, SECOND_COURIER, phone.device)
    told = (await stranger.send(event))["results"][0]
    assert (told["status"], told["code"]) == ("rejected", "event_conflict")
    assert set(told) == {"id", "status", "code", "message"}
    assert "000123" not in told["message"]
    (row,) = await service.rows("SELECT courier_ref, state FROM courier_event")
    assert (row["courier_ref"], row["state"]) == (COURIER, state)


# -- sizes and shapes


async def test_a_body_of_events_over_1_mb_is_413_with_and_without_its_length(service: Service):
    delivery, phone = await assigned(service)
    heavy = phone.act("delivery.pick_up", delivery, payload={"note": "я" * 530_000})
    body = json.dumps({"device": phone.device, "events": [heavy]}, ensure_ascii=False).encode()
    assert len(body) > 1024 * 1024
    for content in (body, in_pieces(body)):
        answer = await phone.call("POST", "courier/events", content=content, headers=AS_JSON)
        is_problem(answer, 413, "too_large")
    assert await recorded(service) == 0


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body whose length is not said."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


async def test_a_body_whose_length_is_not_said_is_taken_as_any_other(service: Service):
    delivery, phone = await assigned(service)
    body = json.dumps({"device": phone.device, "events": [phone.act("delivery.pick_up", delivery)]}).encode()
    answer = await phone.call("POST", "courier/events", content=in_pieces(body), headers=AS_JSON)
    assert answer.json()["results"][0]["status"] == "accepted"


async def test_more_than_200_events_are_413_and_200_are_taken(service: Service):
    _, phone = await assigned(service)
    events = [phone.act("delivery.depart", new_ref()) for _ in range(201)]
    answer = await phone.call("POST", "courier/events", json={"device": phone.device, "events": events})
    is_problem(answer, 413, "too_large")
    assert await recorded(service) == 0
    assert len((await phone.send(*events[:200]))["results"]) == 200


async def test_nesting_without_end_costs_one_event_and_not_the_phone(service: Service):
    delivery, phone = await assigned(service)
    deep = json.dumps(phone.act("delivery.pick_up", delivery, payload={"x": "HERE"}))
    for depth in (21, 500):
        body = f'{{"device": "d", "events": [{deep.replace(json.dumps("HERE"), "[" * depth + "]" * depth)}]}}'
        answer = await phone.call("POST", "courier/events", content=body.encode(), headers=AS_JSON)
        assert answer.json()["results"][0]["code"] == "malformed_event"
    body = '{"device": "d", "events": ' + "[" * 100_000 + "]" * 100_000 + "}"
    answer = await phone.call("POST", "courier/events", content=body.encode(), headers=AS_JSON)
    is_problem(answer, 400, "malformed")
    assert await version_of(service, delivery) == 1


async def test_a_text_of_any_characters_spoils_no_fact(service: Service):
    for text in ("a\x00b", "\x00", "половина \ud83d", "\udc00\udc00", "\u202e\ufeff", "я" * 900):
        delivery, phone = await assigned(service)
        await phone.do("delivery.pick_up", delivery)
        step = phone.act("delivery.not_deliver", delivery, payload={"reason": "other", "comment": text})
        assert (await escaped(phone, step))["results"][0]["status"] == "accepted"
        assert (await phone.delivery(delivery))["stage"] == "not_delivered"  # type: ignore[index]


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
async def test_a_clock_out_of_all_reason_costs_no_fact(service: Service, at: str):
    delivery, phone = await assigned(service)
    for offset in (3e11, -3e11, 1e300, 0, 0.4):
        told = await phone.send(phone.act("delivery.pick_up", delivery, at_device=at, clock_offset_ms=offset))
        assert (told["results"][0]["status"], told["missing"]) == ("accepted", []), told
    rows = await service.rows("SELECT 1 FROM courier_event WHERE occurred_at < now() - interval '11 years'")
    assert rows == []
    for path in (f"board/deliveries/{delivery}/steps", f"board/deliveries/{delivery}", "board/incidents"):
        assert (await service.person("GET", f"/api/v1/{path}")).status_code == 200, path
    await phone.day()


BODIES = (
    b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"device": ""}', b'{"device": 5, "events": []}', b'{"events": []}',
    b'{"device": "d", "events": {}}', b'{"device": "d", "events": "x"}', b'{"device": ["d"], "events": []}',
    b'{"device": "d", "events": [], "unsent": "x"}', b'{"device": "d", "events": [], "unsent": -1}', b"\xff\xfe\x00",
    b'{"device": "' + b"d" * 101 + b'", "events": []}', b'{"device": "d", "events": [], "app_version": {}}',
)  # fmt: skip


async def test_an_envelope_that_cannot_be_read_is_400(service: Service):
    _, phone = await assigned(service)
    for body in BODIES:
        is_problem(await phone.call("POST", "courier/events", content=body, headers=AS_JSON), 400, "malformed")


async def test_a_body_that_is_no_json_by_its_type_is_415(service: Service):
    _, phone = await assigned(service)
    for headers in ({"Content-Type": "text/xml"}, {**AS_JSON, "Content-Encoding": "gzip"}):
        answer = await phone.call("POST", "courier/events", content=b'{"device": "d", "events": []}', headers=headers)
        is_problem(answer, 415, "unsupported_media_type")


async def test_the_name_of_a_phone_in_the_address_is_only_a_text(service: Service):
    _, phone = await assigned(service)
    for device in ("x" * 101, "\x00", "' OR 1=1 --", "%", "../..", "я" * 100):
        answer = await phone.call("GET", "courier/day", params={"device": device})
        assert answer.status_code in (200, 400), device
        if answer.status_code == 200:
            assert answer.json()["device"] is None


# -- pictures that are none


async def put(phone: Phone, content: Any, sha256: str) -> Response:
    return await phone.call("PUT", f"photos/{sha256}", content=content, headers={"Content-Type": "image/jpeg"})


def drawn(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 40)).save(made, kind)
    return made.getvalue()


async def test_another_picture_by_the_name_of_a_jpeg_is_422(service: Service):
    _, phone = await assigned(service)
    for kind in ("PNG", "GIF", "WEBP", "BMP", "TIFF"):
        content = drawn(kind)
        is_problem(await put(phone, content, hashed(content).hexdigest()), 422, "photo_unreadable")
    assert await service.rows("SELECT 1 FROM photo") == []


def bomb(side: int = 65_000) -> bytes:
    """A JPEG whose head promises more pixels than any memory holds."""
    whole = drawn("JPEG")
    start = whole.index(b"\xff\xc0") + 5
    return whole[:start] + struct.pack(">HH", side, side) + whole[start + 4 :]


async def test_a_picture_that_would_fill_the_memory_is_422(service: Service):
    _, phone = await assigned(service)
    squeezed = zlib.compress(b"\0" * 20_000_000)
    for content in (bomb(), bomb(20_000), drawn("JPEG")[:-2] + squeezed[:1000]):
        answer = await put(phone, content, hashed(content).hexdigest())
        assert answer.status_code in (201, 422), answer.text
        if content.find(squeezed[:1000]) < 0:
            is_problem(answer, 422, "photo_unreadable")
    assert (await put(phone, picture(4)[1], picture(4)[0])).status_code == 201, "the decoder lives on"


async def test_a_picture_whose_length_is_not_said_has_the_same_limit(service: Service):
    _, phone = await assigned(service)
    sha256, content = picture(1)
    assert (await put(phone, in_pieces(content), sha256)).status_code == 201
    large = content + b"\0" * (5 * 1024 * 1024 + 1 - len(content))
    is_problem(await put(phone, in_pieces(large), hashed(large).hexdigest()), 413, "photo_too_large")


# -- texts that want to be code

CODE = "<script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}"


async def test_a_text_that_looks_like_code_is_given_back_as_text_only(service: Service):
    delivery, phone = await assigned(service)
    await phone.do("delivery.pick_up", delivery)
    payload = {**CASH, "amount_taken": "1.00", "reference": CODE, "difference_reason": CODE}
    assert (await phone.do("delivery.hand_over", delivery, payload=payload, photos=[picture(2)[0]]))["incident"]
    await phone.do(CODE[:60], delivery)
    shown = await phone.call("GET", "courier/day")
    assert shown.json()["deliveries"][0]["reference"] == CODE
    only_text(shown)
    for path in (f"board/deliveries/{delivery}/steps", f"board/deliveries/{delivery}", "board/incidents"):
        only_text(await service.person("GET", f"/api/v1/{path}"))


def only_text(answer: Response) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_refusal_repeats_no_text_of_the_phone_as_markup(service: Service):
    delivery, phone = await assigned(service)
    refused = await phone.do("delivery.not_deliver", delivery, payload={"reason": CODE})
    assert refused["status"] == "rejected"
    answer = await phone.call("POST", "courier/events", content=CODE.encode(), headers=AS_JSON)
    is_problem(answer, 400, "malformed")
    assert "<script>" not in answer.text


async def test_a_token_is_in_no_answer(service: Service):
    delivery, phone = await assigned(service)
    phone.token = await device_token(service)
    told = await phone.send(phone.act("delivery.pick_up", delivery, id=str(uuid7())))
    assert phone.token not in json.dumps([told, await phone.day()])
