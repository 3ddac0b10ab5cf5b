"""Couriers enter by codes that work once (docs/subsystems/entry.md)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.flow.entry_kit import home, knocks, login, new_code, phones, token_of, with_courier
from tests.flow.exchange_client import (
    COURIER,
    PERSON_TOKEN,
    SECOND_COURIER,
    Service,
    courier,
    division,
    new_ref,
    references,
    running,
)  # fmt: skip

from posrednik.usecases.let_in import ALPHABET, CODE_LENGTH


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await with_courier(made)
        yield made


def in_time(text: str, expected: timedelta) -> bool:
    return abs(datetime.fromisoformat(text) - datetime.now(UTC) - expected) < timedelta(minutes=1)


async def refused(service: Service, code: str, **more: str) -> None:
    answer = await login(service, code, **more)
    assert (answer.status_code, answer.json()["code"]) == (401, "login_code_wrong"), answer.text


# -- the code


async def test_a_code_is_easy_to_read_and_comes_with_a_link_and_its_picture(service: Service):
    made = await new_code(service)
    assert len(made["code"]) == CODE_LENGTH
    assert set(made["code"]) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL")
    assert made["url"] == f"http://127.0.0.1:8000/courier/#code={made['code']}"
    assert in_time(made["expires_at"], timedelta(minutes=10))
    rows = made["qr"]
    assert {len(row) for row in rows} == {len(rows)}
    assert rows[0][:7] == [1] * 7
    assert {cell for row in rows for cell in row} == {0, 1}


async def test_a_code_is_nowhere_in_the_database(service: Service):
    code = (await new_code(service))["code"]
    [row] = await service.rows("SELECT * FROM login_code")
    assert code not in str(row)
    assert (len(row["hash"]), row["made_by"]) == (32, "Логист")


async def test_a_code_becomes_a_token_of_the_courier(service: Service):
    answer = await login(service, (await new_code(service))["code"], "phone-1")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["courier"], told["entry"]) == ({"ref": COURIER, "name": "Пётр Иванов"}, "code")
    assert in_time(told["expires_at"], timedelta(days=90))
    assert await knocks(service, told["token"])
    [row] = await service.rows("SELECT kind, owner, name FROM token WHERE kind = 'device'")
    assert (row["owner"], row["name"]) == (COURIER, "Android, Chrome")
    assert told["token"] not in str(await service.rows("SELECT * FROM token"))


async def test_a_code_may_be_typed_in_any_way(service: Service):
    code = (await new_code(service))["code"]
    assert await token_of(service, f" {code[:4].lower()} - {code[4:].lower()} ")


async def test_a_code_works_once(service: Service):
    code = (await new_code(service))["code"]
    await token_of(service, code)
    await refused(service, code)


async def test_a_code_that_is_over_does_not_work(service: Service):
    code = (await new_code(service))["code"]
    await service.rows("UPDATE login_code SET expires_at = now() - interval '1 second' RETURNING 1")
    await refused(service, code)


async def test_a_new_code_ends_the_unused_one_of_this_courier_only(service: Service):
    await service.onec.send(references())
    other = (await new_code(service, SECOND_COURIER))["code"]
    first, second = (await new_code(service))["code"], (await new_code(service))["code"]
    await refused(service, first)
    assert await token_of(service, second)
    assert await token_of(service, other)


async def test_codes_asked_for_at_once_leave_one_that_works(service: Service):
    made = await asyncio.gather(*(new_code(service) for _ in range(5)))
    answers = [await login(service, one["code"]) for one in made]
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_code_lets_in_the_courier_it_was_made_for_and_nobody_else(service: Service):
    await service.onec.send(references())
    answer = await login(service, (await new_code(service, SECOND_COURIER))["code"])
    assert answer.json()["courier"]["ref"] == SECOND_COURIER
    assert [row["owner"] for row in await service.rows("SELECT owner FROM token WHERE kind = 'device'")] == [
        SECOND_COURIER
    ]


async def test_a_code_used_many_times_at_once_gives_exactly_one_token(service: Service):
    code = (await new_code(service))["code"]
    answers = await asyncio.gather(*(login(service, code, f"phone-{n}") for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    assert len(await service.rows("SELECT id FROM token WHERE kind = 'device'")) == 1


async def test_all_that_is_wrong_with_a_code_has_one_answer(service: Service):
    used, over = (await new_code(service))["code"], None
    await token_of(service, used)
    over = (await new_code(service))["code"]
    await service.rows("UPDATE login_code SET expires_at = now() - interval '1 s' WHERE used_at IS NULL RETURNING 1")
    answers = [await login(service, code) for code in (used, over, "22222222", "2", "яяяяяяяя", "2" * 200, "2" * 32)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert "Basic" not in answers[0].headers["www-authenticate"]


UNREADABLE: list[dict] = [
    {}, {"code": 5}, {"code": ""}, {"code": "2" * 201}, {"code": "2\x00"}, {"code": "22222222", "device": ""},
    {"code": "22222222", "device": "x" * 101},
]  # fmt: skip


@pytest.mark.parametrize("body", UNREADABLE)
async def test_a_login_that_cannot_be_read_is_malformed(service: Service, body: dict):
    answer = await service.client.post("/api/v1/courier/login", json=body, headers={"X-Forwarded-For": home()})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


# -- the answer was lost


async def test_the_same_key_repeats_a_login_and_the_lost_token_ends(service: Service):
    code = (await new_code(service))["code"]
    lost = await token_of(service, code, "phone", key="k-1")
    again = await token_of(service, code, "phone", key='"k-1"')
    assert lost != again
    assert (await knocks(service, lost), await knocks(service, again)) == (False, True)
    assert [phone["revoked"] for phone in await phones(service)] == [False]


async def test_another_key_or_none_repeats_nothing(service: Service):
    code = (await new_code(service))["code"]
    token = await token_of(service, code, key="k-1")
    await refused(service, code, key="k-2")
    await refused(service, code)
    without = (await new_code(service))["code"]
    await token_of(service, without)
    await refused(service, without, key="k-3")
    assert await knocks(service, token)


async def test_a_repeat_is_possible_for_ten_minutes(service: Service):
    code = (await new_code(service))["code"]
    await token_of(service, code, key="k")
    await service.rows("UPDATE login_code SET used_at = now() - interval '11 min' RETURNING 1")
    await refused(service, code, key="k")


async def test_repeats_at_once_leave_one_valid_token(service: Service):
    code = (await new_code(service))["code"]
    tokens = await asyncio.gather(*(token_of(service, code, "phone", key="k") for _ in range(6)))
    assert sorted([await knocks(service, token) for token in tokens]) == [False] * 5 + [True]


async def test_a_repeat_does_not_bring_back_what_the_office_ended(service: Service):
    code = (await new_code(service))["code"]
    await token_of(service, code, "phone", key="k")
    [phone] = await phones(service)
    assert (await service.person("POST", f"/api/v1/board/devices/{phone['token_id']}/revoke")).status_code == 200
    await refused(service, code, key="k")


# -- who may


async def test_a_courier_who_left_meanwhile_is_told_so_and_the_code_is_not_spent(service: Service):
    code = (await new_code(service))["code"]
    await service.onec.send([{**courier(active=False), "version": "2"}])
    answer = await login(service, code)
    assert (answer.status_code, answer.json()["code"]) == (403, "courier_unknown")
    assert await service.rows("SELECT 1 FROM token WHERE kind = 'device'") == []
    await service.onec.send([{**courier(), "version": "3"}])
    assert await token_of(service, code)


async def test_codes_are_made_only_for_active_couriers(service: Service):
    path = "/api/v1/board/couriers/{}/login-codes"
    assert (await service.person("POST", path.format(new_ref()))).status_code == 404
    assert (await service.person("POST", path.format("x"))).status_code == 404
    await service.onec.send([division(), courier(SECOND_COURIER, active=False)])
    answer = await service.person("POST", path.format(SECOND_COURIER))
    assert (answer.status_code, answer.json()["code"]) == (422, "courier_inactive")


async def test_the_doors_of_the_office_are_closed_to_phones_and_strangers(service: Service):
    token = await token_of(service, (await new_code(service))["code"], "phone")
    [phone] = await phones(service)
    doors = [("GET", "/api/v1/board/couriers"), ("POST", f"/api/v1/board/couriers/{COURIER}/login-codes"),
             ("POST", f"/api/v1/board/devices/{phone['token_id']}/revoke")]  # fmt: skip
    for method, path in doors:
        assert (await service.client.request(method, path)).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert (await service.client.request(method, path, headers=headers)).status_code == 403
    assert await knocks(service, token)


# -- guessing


async def test_one_address_has_ten_tries_a_minute(no_time_passes: None, service: Service):
    code, address = (await new_code(service))["code"], home()
    answers = [await login(service, "22222222", address=address) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[-1].json()["code"] == "login_tries"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 7
    assert (await login(service, code, address=address)).status_code == 429
    assert (await login(service, code)).status_code == 200


async def test_an_address_behind_a_proxy_is_what_the_proxy_says_and_not_what_the_phone_says(
    no_time_passes: None, service: Service
):
    address = home()
    answers = [await login(service, "22222222", address=f"{home()}, {address}") for _ in range(11)]
    assert answers[-1].status_code == 429


async def test_a_home_with_many_addresses_of_ipv6_is_one_address(no_time_passes: None, service: Service):
    answers = [await login(service, "22222222", address=f"2001:db8::{n:x}") for n in range(11)]
    assert answers[-1].status_code == 429
    assert (await login(service, "22222222", address="2001:db8:0:1::1")).status_code == 401


async def test_after_300_wrong_tries_from_anywhere_codes_are_refused_for_a_while_but_not_tickets(
    no_time_passes: None, service: Service
):
    right = [(await new_code(service))["code"]]
    assert await token_of(service, right[0])
    wrong = [await login(service, "22222222") for _ in range(300)]
    assert {answer.status_code for answer in wrong} == {401}
    answer = await login(service, (await new_code(service))["code"])
    assert (answer.status_code, answer.json()["code"]) == (429, "login_tries")
    assert 500 < int(answer.headers["retry-after"]) <= 601
    assert (await login(service, "2" * 32)).status_code == 401


# -- phones


async def test_the_office_sees_the_phones_of_a_courier(service: Service):
    await token_of(service, (await new_code(service))["code"], "phone-1")
    answer = await service.person("GET", "/api/v1/board/couriers")
    [seen] = answer.json()["couriers"]
    assert {**seen, "devices": []} == {
        "ref": COURIER, "name": "Пётр Иванов", "phone": "+7 916 ***-**-67", "active": True, "bitrix24_user": None,
        "division": {"ref": "d0000000-0000-4000-8000-000000000001", "name": "Центр"}, "devices": [],
    }  # fmt: skip
    [phone] = seen["devices"]
    assert {key: phone[key] for key in ("device", "entry", "agent", "unsent", "last_seq", "missing", "revoked")} == {
        "device": "phone-1", "entry": "code", "agent": "Android, Chrome", "unsent": None, "last_seq": 0, "missing": 0,
        "revoked": False,
    }  # fmt: skip
    assert in_time(phone["expires_at"], timedelta(days=90))
    assert "79161234567" not in answer.text


async def test_a_token_that_no_phone_has_shown_is_in_the_list_and_can_be_ended(service: Service):
    token = await token_of(service, (await new_code(service))["code"])
    [phone] = await phones(service)
    assert (phone["device"], phone["agent"]) == ("", "Android, Chrome")
    assert (await service.person("POST", f"/api/v1/board/devices/{phone['token_id']}/revoke")).json() == {
        "revoked": True, "courier": COURIER,
    }  # fmt: skip
    assert not await knocks(service, token)
    assert await phones(service) == []


async def test_numbers_that_have_not_come_are_counted(service: Service):
    await token_of(service, (await new_code(service))["code"], "phone-1")
    await service.rows("UPDATE device SET whole_to = 3, last_seq = 7, unsent = 2 RETURNING 1")
    for seq in (5, 7):
        await service.rows(
            "INSERT INTO courier_event (id, courier_ref, device, seq, type, at_device, occurred_at, body_hash, body,"
            " state) VALUES (%s, %s, 'phone-1', %s, 'delivery.depart', now(), now(), '', '{}', 'parked') RETURNING 1",
            new_ref(), COURIER, seq,
        )  # fmt: skip
    [phone] = await phones(service)
    assert (phone["missing"], phone["last_seq"], phone["unsent"]) == (2, 7, 2)


async def test_a_phone_that_enters_again_keeps_its_numbers_and_its_old_token_ends(service: Service):
    first = await token_of(service, (await new_code(service))["code"], "phone-1")
    await service.rows("UPDATE device SET whole_to = 3, last_seq = 3 RETURNING 1")
    second = await token_of(service, (await new_code(service))["code"], "phone-1")
    assert (await knocks(service, first), await knocks(service, second)) == (False, True)
    [phone] = await phones(service)
    assert (phone["last_seq"], phone["revoked"]) == (3, False)


async def test_a_revoked_phone_is_refused_and_other_phones_are_not(service: Service, database: str):
    first = await token_of(service, (await new_code(service))["code"], "phone-1")
    second = await token_of(service, (await new_code(service))["code"], "phone-2")
    assert await knocks(service, first)
    one = next(phone for phone in await phones(service) if phone["device"] == "phone-1")
    for _ in range(2):
        answer = await service.person("POST", f"/api/v1/board/devices/{one['token_id']}/revoke")
        assert answer.json() == {"revoked": True, "courier": COURIER}
    async with running(database) as fresh:  # this process has not remembered the token for its 5 seconds
        assert not await knocks(fresh, first)
        assert await knocks(fresh, second)
    assert {phone["device"]: phone["revoked"] for phone in await phones(service)} == {
        "phone-1": True, "phone-2": False,
    }  # fmt: skip


async def test_only_tokens_of_phones_can_be_ended_there(service: Service):
    [person] = await service.rows("SELECT id FROM token WHERE kind = 'person'")
    for token_id in (person["id"], new_ref()):
        assert (await service.person("POST", f"/api/v1/board/devices/{token_id}/revoke")).status_code == 404
    me = await service.client.get("/api/v1/board/me", headers={"Authorization": f"Bearer {PERSON_TOKEN}"})
    assert me.status_code == 200


async def test_a_token_that_is_over_is_none(service: Service):
    token = await token_of(service, (await new_code(service))["code"], "phone-1")
    await service.rows("UPDATE token SET expires_at = now() - interval '1 second' WHERE kind = 'device' RETURNING 1")
    assert not await knocks(service, token)
