"""Settings over HTTP: a change looked at before it is saved, and the phones that take it over with their next day."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import COURIER, DIVISION, Json, Service, division, running, settings
from tests.flow.people_kit import Office

from posrednik.config import Division
from posrednik.division_file import DivisionFile
from posrednik.domain.publication import units
from posrednik.domain.routes import TABLE, WEBHOOK
from posrednik.domain.texts_settings import EVENTS
from posrednik.usecases.courier_rules import _told, policy_from
from posrednik.usecases.division_settings import KEYS

NORTH = "d0000000-0000-4000-8000-00000000000f"
WAY = f"/api/v1/admin/divisions/{DIVISION}"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    configured = settings(divisions=(Division(ref=DIVISION, radius_m=300, phone="+7 495 000-00-00"),))
    async with running(database, configured) as it:
        await it.onec.send([division()])
        yield it


async def look(service: Service, changes: Json) -> Json:
    answer = await service.person("POST", f"{WAY}/look", {"changes": changes})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def change(service: Service, changes: Json) -> Any:
    answer = await service.person("PATCH", WAY, {"changes": changes, "reason": "проверка"})
    assert answer.status_code == 200, answer.text
    return answer.json()


# -- a look before a change


async def test_a_look_says_what_phones_would_be_told_and_saves_nothing(service: Service) -> None:
    told = await look(service, {"radius_m": 50, "proofs": {"depart": {"photo": "required"}}, "phone": None})
    assert told["wrong"] == {}
    assert (told["now"]["radius_m"], told["then"]["radius_m"]) == (300, 50)
    assert told["then"]["proofs"]["depart"]["photo"] == "required"
    assert told["then"]["phone"] == "+7 495 000-00-00"
    assert told["proofs"]["depart"]["photo"] == "optional"  # the company's, where the division says nothing
    assert (await service.person("GET", WAY)).json()["version"] == 0
    assert await service.rows("SELECT * FROM audit WHERE operation = 'lookAtSettings'") == []


async def test_a_look_names_every_wrong_value_at_once(service: Service) -> None:
    told = await look(service, {"radius_m": 0, "phone": "позвоните", "oversale": "1", "mode": "off"})
    assert set(told["wrong"]) == {"radius_m", "phone", "mode"}
    assert told["then"] is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["Europe/Moscow", "..", "/etc/passwd", "not_home", "1e999", "required"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["hand_over", "photo", "code", "ru", "en", "x"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(changes=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
def test_any_value_becomes_rules_that_phones_say_back_or_is_said_to_be_wrong(changes: Json) -> None:
    with contextlib.suppress(ValueError):
        told = DivisionFile(settings()).rules(DIVISION, changes)
        assert policy_from(_told(told.policy, "", "Europe/Moscow")) == told.policy  # as a phone will say it back


async def test_what_is_shown_is_what_the_phone_gets(service: Service) -> None:
    await service.ready_order(ready={"courier": COURIER})
    phone = await a_phone(service)
    changes = {"reasons": ["refused", {"code": "dog", "ru": "Собака", "en": "A dog"}], "cash_ceiling": "9000",
               "oversale": "2", "sale_receipt": True, "time_zone": "Asia/Yekaterinburg"}  # fmt: skip
    expected = (await look(service, changes))["then"]
    await change(service, changes)
    assert (await look(service, {}))["now"] == expected
    assert (await phone.day())["rules"][DIVISION] == expected
    assert expected["oversale"] == units(2000)


async def test_a_division_without_a_zone_shows_the_one_of_its_base(service: Service) -> None:
    assert (await look(service, {}))["now"]["time_zone"] == "Europe/Moscow"


async def test_an_unknown_division_and_one_of_others_are_no_ones_to_look_at(service: Service) -> None:
    office = Office(service)
    await service.onec.send([division(NORTH, "Север")])
    _, token = await office.employed("head-of-one", ["head"], [DIVISION])
    answer = await office.ask(token, "POST", f"/api/v1/admin/divisions/{NORTH}/look", {"changes": {}})
    assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    answer = await office.ask(token, "POST", f"{WAY}/look", {"changes": {}})
    assert answer.status_code == 200
    unknown = await service.person(
        "POST", "/api/v1/admin/divisions/d0000000-0000-4000-8000-0000000000aa/look", {"changes": {}}
    )
    assert unknown.status_code == 404


# -- phones take it over


async def test_a_step_is_judged_by_the_rules_that_its_phone_had(service: Service) -> None:
    _, first = await service.ready_order(ready={"courier": COURIER})
    _, second = await service.ready_order(ready={"courier": COURIER}, number="ТД00-000124")
    for one in (first, second):
        await service.act(one["id"], "pick_up")
    phone = await a_phone(service)
    old = (await phone.day())["rules_version"]
    await change(service, {"proofs": {"depart": {"photo": "required"}}})
    day = await phone.day()
    assert day["rules_version"] != old
    assert day["rules"][DIVISION]["proofs"]["depart"]["photo"] == "required"
    done = await phone.do("delivery.depart", first["id"], rules_version=old)
    assert done["status"] == "accepted", done
    done = await phone.do("delivery.depart", second["id"], rules_version=day["rules_version"])
    assert (done["status"], done["code"]) == ("rejected", "proof_missing")


# -- subscriptions of the page


async def test_the_page_of_subscriptions_tells_their_lag_and_the_end_of_an_old_secret(service: Service) -> None:
    body = {"url": "https://shop.example/hook", "events": ["delivery.handed_over"], "division": DIVISION}
    made = (await service.person("POST", "/api/v1/subscriptions", body)).json()
    await service.person("POST", f"/api/v1/subscriptions/{made['id']}/test")
    await service.person("POST", f"/api/v1/subscriptions/{made['id']}/rotate")
    answer = await service.person("GET", "/api/v1/admin/subscriptions")
    [shown] = answer.json()["subscriptions"]
    assert (shown["url"], shown["division_name"], shown["waiting"]) == (body["url"], "Центр", 1)
    assert shown["oldest_s"] >= 0
    assert shown["old_secret_until"] is not None
    assert "whsec_" not in answer.text
    assert answer.json()["rotation_hours"] == 24


async def test_every_event_that_subscribers_get_is_explained_in_both_languages(service: Service) -> None:
    to_subscribers = {event for event, routes in TABLE.items() if WEBHOOK in routes}
    assert set(EVENTS) == to_subscribers
    assert all(word for titles in EVENTS.values() for pair in titles for word in pair)
    english = await service.person("GET", "/api/v1/admin/subscriptions", headers={"Accept-Language": "en"})
    assert {one["type"]: one["title"] for one in english.json()["events"]}["delivery.readied"] == "Ready"
