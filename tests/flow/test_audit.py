"""What people did is written down with it: once, whole, without secrets, for ever."""

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.exchange_client import BASE, COURIER, DIVISION, SECOND_COURIER, courier, division, running
from tests.flow.people_kit import PEOPLE, Office

from posrednik.kit import values
from posrednik.usecases.fit_for_audit import HIDDEN, LARGEST, fit_for_audit

ACTS = Path(__file__).parents[2] / "web/office/src/features/audit/acts.ts"


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with running(database) as service:
        yield Office(service)


async def test_an_act_is_written_down_with_who_what_subject_and_division(office: Office):
    _, delivery = await office.service.ready_order()
    person_id, token = await office.employed("anna", ["logistician"])
    path = f"/api/v1/board/deliveries/{delivery['id']}/actions"
    answer = await office.ask(token, "POST", path, {"action": "assign", "courier": COURIER})
    assert answer.status_code == 200, answer.text
    [act] = await office.acts(action="delivery")
    assert (act["who"], act["name"]) == (f"person:{person_id}", "anna Петрова")
    assert act["action"].startswith("delivery.")
    assert (act["operation"], act["subject"], act["outcome"]) == ("actOnDelivery", delivery["id"], "done")
    assert act["division"] == {"ref": DIVISION, "name": "Центр"}
    assert act["data"] == {"action": "assign", "courier": COURIER}


async def test_a_repeat_of_one_request_is_written_down_once(office: Office):
    _, delivery = await office.service.ready_order()
    path, body = f"/api/v1/board/deliveries/{delivery['id']}/actions", {"action": "assign", "courier": COURIER}
    for _ in range(3):
        assert (await office.service.person("POST", path, body, key="one")).status_code == 200
    assert len(await office.acts(action="delivery")) == 1


async def test_what_was_not_done_is_not_written_down(office: Office):
    path = f"/api/v1/board/deliveries/{uuid.uuid4()}/actions"
    assert (await office.service.person("POST", path, {"action": "assign", "courier": COURIER})).status_code == 404
    await office.service.person("POST", PEOPLE, {"login": "?", "name": "А", "roles": ["head"]})
    assert await office.acts() == []


async def test_a_sign_in_is_written_down_with_its_address(office: Office):
    await office.employed("anna")
    [act] = await office.acts(action="session")
    assert (act["action"], act["subject"], act["data"]["entry"]) == ("session.open", "anna", "password")
    assert act["data"]["address"].startswith("198.19.")


async def test_it_is_searched_by_who_what_words_and_day(office: Office):
    person_id, token = await office.employed("anna", ["administrator"])
    await office.ask(token, "POST", PEOPLE, {"login": "boris", "name": "Борис", "roles": ["head"]})
    by_anna = await office.acts(who=f"person:{person_id}")
    assert [act["operation"] for act in by_anna] == ["addPerson", "signIn"]
    assert [act["operation"] for act in await office.acts(q="БОРИС")] == ["addPerson"]
    assert [act["operation"] for act in await office.acts(action="people.manage", limit=1)] == ["addPerson"]
    assert await office.acts(since="2999-01-01T00:00:00+03:00") == []
    assert len(await office.acts(until="2999-01-01T00:00:00+03:00")) == 3
    last, *_, first = await office.acts()
    assert [act["id"] for act in await office.acts(before=last["id"])][-1] == first["id"]
    answer = await office.service.person("GET", "/api/v1/admin/audit", params={"since": "вчера"})
    assert answer.status_code == 400


async def test_it_is_searched_by_whom_and_what_is_shown_of_an_act(office: Office):
    """Refs and ids are kept; names stand on the page."""
    service = office.service
    _, delivery = await service.ready_order(number="ТД00-000777")
    await service.onec.send([courier(SECOND_COURIER, "Семён Орлов")])
    await service.person("POST", f"/api/v1/board/deliveries/{delivery['id']}/actions",
                         {"action": "assign", "courier": SECOND_COURIER})  # fmt: skip
    await service.person("POST", f"/api/v1/board/couriers/{SECOND_COURIER}/login-codes")
    hired = await office.hired("anna")
    await service.person("POST", f"{PEOPLE}/{hired['id']}/unlock")

    async def found(q: str, **more: Any) -> list[str]:
        return [act["operation"] for act in await office.acts(q=q, **more)]

    assert await found("семен орлов") == ["loginCode", "actOnDelivery"], "his name, е for ё"
    assert await found("000777") == ["actOnDelivery"], "the order of the delivery"
    assert await found("центр", action="delivery") == ["actOnDelivery"], "the division"
    assert await found("anna петр") == ["unlockPerson", "addPerson"], "the person it was done to"
    assert await found("никто такой") == []
    assert await found("никто такой", said="loginCode") == ["loginCode"]
    assert await found("назначен", said="actOnDelivery?action=assign,?decision=found") == ["actOnDelivery"]
    assert await found("назначен", said="actOnDelivery?action=assign&courier=null") == []
    assert len(await found("", said="loginCode")) == 4, "words that nobody typed narrow nothing"


async def test_the_destination_that_was_switched_is_found_by_its_title(office: Office):
    await office.service.onec.send([])
    [row] = await office.service.rows("SELECT id FROM destination WHERE name = %s", f"onec:{BASE}")
    path = f"/api/v1/admin/destinations/{row['id']}/state"
    answer = await office.service.person("POST", path, {"state": "paused", "reason": "ремонт"})
    assert answer.status_code == 200, answer.text
    assert [act["operation"] for act in await office.acts(q="1с «основ")] == ["switchDestination"]
    assert await office.acts(q="битрикс24") == []


@pytest.mark.parametrize("said", ["a b", "?", "x?y", "x?y=1", "x?y=z&", ",", "x" * 41, ",".join(["replay"] * 301)])
async def test_what_no_act_can_be_told_by_is_refused(office: Office, said: str):
    answer = await office.service.person("GET", "/api/v1/admin/audit", params={"q": "ы", "said": said})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_who_does_it_cannot_change_or_remove_it(office: Office, database: str):
    await office.employed("anna")
    for statement in ("UPDATE audit SET name = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with psycopg.connect(database) as conn, pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute(statement)


async def test_every_change_over_http_by_a_person_writes_a_row(office: Office):
    await office.service.onec.send([division(), courier()])
    made = (await office.service.person("POST", "/api/v1/subscriptions", {"url": "https://shop.example/"})).json()
    one = f"/api/v1/subscriptions/{made['id']}"
    await office.service.person("PATCH", one, {"state": "paused"})
    await office.service.person("POST", f"{one}/rotate")
    await office.service.person("POST", f"{one}/test")
    await office.service.person("DELETE", one)
    await office.service.person("POST", f"/api/v1/board/couriers/{COURIER}/login-codes")
    hired = await office.hired("anna")
    for path in ("password", "unlock", "totp-off", "sessions/end"):
        assert (await office.service.person("POST", f"{PEOPLE}/{hired['id']}/{path}")).status_code == 200
    await office.change("anna", name="Анна")
    assert [act["operation"] for act in reversed(await office.acts())] == [
        "subscribe", "changeSubscription", "rotateSecret", "testSubscription", "unsubscribe", "loginCode", "addPerson",
        "resetPassword", "unlockPerson", "resetTotp", "endSessions", "changePerson",
    ]  # fmt: skip


# -- what is kept of a request


def test_secrets_and_whole_phone_numbers_are_left_out():
    ref = str(uuid.uuid4())
    body = {"password": "a", "new_password": "b", "token": "c", "deep": [{"secret": "d", "code": "e"}],
            "comment": "звоните +7 916 123-45-67", "id": ref, "sum": "990.00", "code": ""}  # fmt: skip
    assert fit_for_audit(msgspec.json.encode(body)) == {
        "password": HIDDEN, "new_password": HIDDEN, "token": HIDDEN, "deep": [{"secret": HIDDEN, "code": HIDDEN}],
        "comment": "звоните …67", "id": ref, "sum": "990.00", "code": "",
    }  # fmt: skip


def test_what_is_no_object_or_too_large_is_told_by_its_size():
    assert fit_for_audit(b"") == {}
    assert fit_for_audit(b"\xff\xd8picture") == {"bytes": 9}
    assert fit_for_audit(b"[1]") == {"bytes": 3}
    assert fit_for_audit(b'{"a":"' + b"x" * LARGEST + b'"}')["bytes"] > LARGEST


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20,
)  # fmt: skip


@given(body=st.dictionaries(st.text(), json_values, max_size=5))
def test_whatever_was_asked_can_be_kept(body: dict[str, Any]):
    kept = msgspec.json.encode(fit_for_audit(msgspec.json.encode(body))).decode()
    assert "\\u0000" not in kept
    assert values.text(kept) is not None


async def test_what_acts_name_is_called_by_its_name(office: Office):
    ref, delivery = await office.service.ready_order(number="ИМ-7")
    path = f"/api/v1/board/deliveries/{delivery['id']}/actions"
    person_id, _ = await office.employed("anna", ["administrator"])
    assert (await office.service.person("POST", path, {"action": "assign", "courier": COURIER})).status_code == 200
    new = f"{PEOPLE}/{person_id}/sessions/end"
    assert (await office.service.person("POST", new, {})).status_code == 200
    answer = await office.service.person("GET", "/api/v1/admin/audit")
    names = answer.json()["names"]
    assert names[delivery["id"]] == {"kind": "order", "title": "ИМ-7", "ref": ref}
    assert (names[COURIER]["kind"], names[COURIER]["ref"]) == ("courier", COURIER)
    assert names[person_id] == {"kind": "person", "title": "anna Петрова", "ref": person_id}


async def test_a_destination_that_was_switched_is_called_as_on_the_exchange_pages(office: Office):
    told = (await office.service.person("GET", "/api/v1/admin/exchange")).json()["destinations"]
    for one in told:
        path = f"/api/v1/admin/destinations/{one['id']}/state"
        answer = await office.service.person("POST", path, {"state": "paused", "reason": "проверка"})
        assert answer.status_code == 200, answer.text
    names = (await office.service.person("GET", "/api/v1/admin/audit")).json()["names"]
    assert told
    assert {f"destination:{one['id']}": one["title"] for one in told} == {
        key: one["title"] for key, one in names.items() if one["kind"] == "destination"
    }


async def test_every_act_of_a_person_has_its_words_on_the_page(office: Office):
    """In both languages: an id of an operation means nothing to who reads the audit."""
    published = (await office.service.client.get("/api/v1/openapi.json")).json()["paths"]
    changing = {
        operation["operationId"]
        for known in published.values() for method, operation in known.items()
        if method in ("post", "put", "patch", "delete") and "x-right" in operation
    }  # fmt: skip
    told = re.findall(r"^    operations: \{(.*?)^    \}", ACTS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    words = [set(re.findall(r"(\w+): '", part)) for part in told]
    assert changing
    assert [sorted(changing - known) for known in words] == [[], []]
