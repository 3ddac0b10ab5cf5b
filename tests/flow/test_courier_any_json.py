"""Any JSON at all that a phone may send: it gets an answer for good and harms no other event (contract.md §1, §5)."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as explore
from hypothesis import strategies as st
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import COURIER, DIVISION, Json, Service, running, settings, until
from tests.flow.test_courier_security import AS_JSON, STEPS, assigned, escaped

from posrednik.config import Division

ODD = ["", "\x00", "\ud800", "1e999", "-0", "NaN", "2026-11-22", COURIER, "x" * 300]
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=12) | st.sampled_from(ODD)
SOME, NAMES = 3, st.text(max_size=8)
ANY = st.recursive(PLAIN, lambda one: st.lists(one, max_size=SOME) | st.dictionaries(NAMES, one, max_size=SOME))
MEMBERS = ("id", "seq", "type", "delivery", "at_device", "clock_offset_ms", "geo", "geo_error", "photos", "version",
           "rules_version", "payload")  # fmt: skip
WORDS = ("lines", "line", "quantity", "accepted", "amount_taken", "payment_method", "reference", "difference_reason",
         "reason", "comment", "next_date", "refund", "of", "payload", "goods", "product", "characteristic", "cash",
         "code")  # fmt: skip
LINE = st.dictionaries(st.sampled_from(["line", "quantity", "accepted", "product"]), PLAIN | st.just("1"))
LIKELY = st.lists(LINE, max_size=SOME) | st.sampled_from(["cash", "1", "not_home", 1])
PAYLOAD = st.dictionaries(st.sampled_from(WORDS), ANY | LIKELY, max_size=5)
GEO = st.dictionaries(st.sampled_from(["latitude", "longitude", "accuracy_m"]), ANY | st.floats(-200, 200), max_size=3)
MANY = explore(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def quiet(database: str) -> Iterator[Any]:
    """A service in a loop of its own, for many requests of one test: (run, service, two deliveries, token).

    What is strange goes to the first one, which may be at any stage by it; what is good to the second."""
    with asyncio.Runner() as loop:
        serving = running(database, settings(divisions=(Division(ref=DIVISION),)))
        service = loop.run(serving.__aenter__())
        delivery, phone = loop.run(assigned(service))
        _, other = loop.run(service.ready_order(ready={"courier": COURIER}))
        yield loop.run, service, (delivery, other["id"]), phone.token
        left = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE %s"

        async def ended() -> bool:
            return not await service.rows(left, "idle in transaction%")

        loop.run(until(ended))  # the service's own looks were stopped with the loop, in the middle of one perhaps
        loop.run(serving.__aexit__(None, None, None))


async def beside_a_good_one(service: Service, token: str, other: str, strange: Any) -> None:
    """Whatever it is, it gets an answer for good or waits for what is missing, and a good event beside it is taken."""
    phone = Phone(service, token)
    good = phone.act("delivery.pick_up", other, seq=2)
    first, second = (await escaped(phone, strange, good))["results"]
    assert second["status"] == "accepted", second
    assert first["status"] in ("accepted", "rejected", "retry_later"), first
    assert first.get("code") != "unavailable", first
    assert first.get("message") or first["status"] == "accepted"
    rows = await service.rows("SELECT state FROM courier_event WHERE device = %s AND seq <> 2", phone.device)
    assert (first["status"] == "accepted") == (rows == [{"state": "accepted"}])


@MANY
@given(changed=st.dictionaries(st.sampled_from(MEMBERS), ANY | GEO | PAYLOAD, min_size=1, max_size=3))
@example(changed={"geo": {"latitude": 2**70, "longitude": 1, "accuracy_m": -1}})
@example(changed={"photos": ["0" * 64] * 21})
@example(changed={"version": -1})
@example(changed={"version": 2**60})
@example(changed={"seq": 2**63})
@example(changed={"id": "{" + COURIER + "}"})
def test_members_of_any_type_harm_no_other_event(quiet: Any, changed: Json):
    run, service, (delivery, other), token = quiet
    event = Phone(service, token).act("delivery.pick_up", delivery, seq=1)
    assume(changed.get("seq") != 2)  # that is the good one's number
    run(beside_a_good_one(service, token, other, {**event, **changed}))


@MANY
@given(strange=ANY)
def test_an_event_that_is_anything_harms_no_other_event(quiet: Any, strange: Any):
    run, service, (_, other), token = quiet
    run(beside_a_good_one(service, token, other, strange))


@explore(MANY, max_examples=80)
@given(type=st.sampled_from([*STEPS, "correction", "shift.open", "shift.close"]), payload=PAYLOAD)
@example(type="delivery.hand_over", payload={"amount_taken": 1e22, "payment_method": "cash"})
@example(type="delivery.not_deliver", payload={"reason": "not_home"})
@example(type="delivery.retry", payload={"next_date": "9999-12-31"})
@example(type="shift.open", payload={"cash": "9999999999999.99", "goods": [{"product": "x", "quantity": 1e12}]})
def test_a_payload_of_anything_harms_no_other_event(quiet: Any, type: str, payload: Json):
    run, service, (delivery, other), token = quiet
    delivery_of = delivery if type.startswith("delivery.") else None
    run(beside_a_good_one(service, token, other, Phone(service, token).act(type, delivery_of, payload=payload)))
    answer = run(service.person("GET", f"/api/v1/board/deliveries/{delivery}"))
    assert answer.status_code == 200, answer.text
    assert run(Phone(service, token).day())["deliveries"]


@MANY
@given(body=ANY | st.fixed_dictionaries({"code": ANY}, optional={"device": ANY}))
def test_a_login_of_anything_is_refused_in_order(quiet: Any, body: Any):
    run, service, *_ = quiet
    answer = run(service.client.post("/api/v1/courier/login", content=json.dumps(body).encode(), headers=AS_JSON))
    assert answer.status_code in (400, 401, 429), answer.text
