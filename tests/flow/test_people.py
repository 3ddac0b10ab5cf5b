"""People of the office: they sign in, guessing is made to wait, and who is changed or dismissed loses his access."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.flow.exchange_client import COURIER, DIVISION, PERSON_TOKEN, courier, division, running, settings
from tests.flow.people_kit import PASSWORD, PEOPLE, Office, code_of, home

from posrednik.kit.passwords import Passwords
from posrednik.usecases import authenticate

FAR_DIVISION = "d0000000-0000-4000-8000-000000000009"


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with running(database) as service:
        yield Office(service)


def told(answer: object, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


# -- the sign-in


async def test_a_one_time_password_lets_in_only_to_choose_another_one(office: Office):
    made = await office.hired("anna")
    told(await office.sign_in("anna", made["password"]), 401, "sign_in_new_password_wanted")
    told(await office.sign_in("anna", made["password"], new_password="short"), 422, "password_too_short")
    told(await office.sign_in("anna", made["password"], new_password="qwertyuiop"), 422, "password_too_plain")
    token = await office.token("ANNA ", made["password"], new_password=PASSWORD)
    assert (await office.me(token)).json()["login"] == "anna"
    told(await office.sign_in("anna", made["password"]), 401, "sign_in_wrong")
    await office.token("anna")


async def test_a_one_time_password_ends_by_itself(office: Office):
    made = await office.hired("anna")
    await office.service.rows("UPDATE person SET one_time_until = now() - interval '1 second' RETURNING id")
    told(await office.sign_in("anna", made["password"], new_password=PASSWORD), 401, "sign_in_wrong")


async def test_who_i_am_tells_roles_rights_divisions_and_zone(office: Office):
    await office.service.onec.send([division(), courier()])
    _, token = await office.employed("anna", ["logistician", "cashier"], [DIVISION])
    me = (await office.me(token)).json()
    assert me["name"] == "anna Петрова"
    assert me["roles"] == ["cashier", "logistician"]
    assert me["divisions"] == [{"ref": DIVISION, "name": "Центр"}]
    assert {"board.see", "cash.count"} <= set(me["rights"])
    assert "people.see" not in me["rights"]
    whole = (await office.me(PERSON_TOKEN)).json()
    assert (whole["divisions"], whole["login"], whole["roles"]) == (None, None, ["administrator"])


async def test_the_zone_is_that_of_his_divisions_else_of_the_company_by_its_1c(office: Office):
    async def zone(token: str = PERSON_TOKEN) -> str:
        return str((await office.me(token)).json()["time_zone"])

    await office.service.onec.send([division(), division(FAR_DIVISION, "Владивосток")])
    _, limited = await office.employed("anna", ["logistician"], [FAR_DIVISION])
    await office.service.rows("UPDATE base SET time_zone = 'Asia/Omsk' RETURNING 1")
    assert (await zone(), await zone(limited)) == ("Asia/Omsk", "Asia/Omsk")
    body = {"changes": {"time_zone": "Asia/Vladivostok"}, "reason": "переезд", "version": 0}
    path = f"/api/v1/admin/divisions/{FAR_DIVISION}"
    answer = await office.service.person("PATCH", path, body)
    assert answer.status_code == 200, answer.text
    assert (await zone(), await zone(limited)) == ("Asia/Omsk", "Asia/Vladivostok")


async def test_a_division_with_a_zone_of_its_own_does_not_speak_for_those_without_a_setting(database: str):
    async with running(database, settings(divisions=())) as service:
        await service.onec.send([division(), division(FAR_DIVISION, "Владивосток")])
        body = {"changes": {"time_zone": "Asia/Vladivostok"}, "reason": "переезд", "version": 0}
        answer = await service.person("PATCH", f"/api/v1/admin/divisions/{FAR_DIVISION}", body)
        assert answer.status_code == 200, answer.text
        assert (await service.person("GET", "/api/v1/board/me")).json()["time_zone"] == "Europe/Moscow"


async def test_a_report_of_no_days_is_of_the_companys_today(office: Office):
    farthest = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Etc/GMT+12"
    await office.service.rows("UPDATE base SET time_zone = %s RETURNING 1", farthest)
    answer = await office.service.person("GET", "/api/v1/reports/couriers")
    today = datetime.now(ZoneInfo(farthest)).date()
    assert today != datetime.now(UTC).date()
    assert answer.json()["last"] == today.isoformat()


async def test_nothing_tells_a_wrong_password_from_an_unknown_or_locked_login(office: Office):
    await office.employed("anna")
    await office.employed("boris")
    assert (await office.change("boris", active=False)).status_code == 200
    answers = [await office.sign_in(login, "not the password") for login in ("anna", "boris", "nobody", "?!")]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    told(await office.sign_in("boris"), 401, "sign_in_wrong")


async def test_an_unknown_login_takes_as_long_as_a_wrong_password(real_passwords: None, office: Office):
    await office.employed("anna")
    took: dict[str, list[float]] = {"anna": [], "nobody": []}
    for _ in range(4):
        for login, times in took.items():
            started = time.process_time()  # the machine may be busy with something else
            await office.sign_in(login, "not the password")
            times.append(time.process_time() - started)
    least, most = sorted(min(times) for times in took.values())
    assert most < 3 * least, took  # without the work of a hash it would be a tenth


async def test_a_password_is_kept_as_dearly_as_owasp_advises(real_passwords: None):
    """19 MiB and two passes (2026-11)."""
    kept = await Passwords().hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_five_wrong_passwords_lock_the_login_and_the_pause_grows(office: Office):
    await office.employed("anna")
    for _ in range(5):
        told(await office.sign_in("anna", "not the password"), 401, "sign_in_wrong")
    pauses = []
    for _ in range(3):
        locked = await office.sign_in("anna")
        told(locked, 429, "sign_in_locked")
        pauses.append(int(locked.headers["retry-after"]))
        await office.service.rows("UPDATE sign_in_guard SET locked_until = now() RETURNING 1 AS x")
        told(await office.sign_in("anna", "not the password"), 401, "sign_in_wrong")
    assert [round(p / 60) for p in pauses] == [1, 5, 15]
    await office.service.rows("UPDATE sign_in_guard SET locked_until = now() RETURNING 1 AS x")
    await office.token("anna")
    told(await office.sign_in("anna", "not the password"), 401, "sign_in_wrong")


async def test_tries_at_the_same_time_are_counted_as_those_one_after_another(office: Office):
    await office.employed("anna")
    answers = await asyncio.gather(*(office.sign_in("anna", f"guess number {n}") for n in range(15)))
    assert sorted(a.status_code for a in answers) == [401] * 5 + [429] * 10


async def test_an_unknown_login_is_locked_as_a_known_one(office: Office):
    for _ in range(5):
        await office.sign_in("nobody", "not the password")
    told(await office.sign_in("nobody", "not the password"), 429, "sign_in_locked")


async def test_one_address_that_tries_many_logins_is_locked_and_his_own_right_one_does_not_help(office: Office):
    await office.employed("mallory")
    address = home()
    for n in range(20):
        await office.sign_in(f"user{n}", "spring 2026", address=address)
    told(await office.sign_in("mallory", address=address), 429, "sign_in_locked")
    await office.token("mallory")


async def test_an_administrator_opens_a_locked_login(office: Office):
    person_id, _ = await office.employed("anna")
    for _ in range(5):
        await office.sign_in("anna", "not the password")
    answer = await office.service.person("POST", f"{PEOPLE}/{person_id}/unlock")
    assert answer.json() == {"done": True}
    await office.token("anna")


# -- the second factor


async def test_a_code_of_the_telephone_is_asked_for_and_counts_once(office: Office):
    _, token = await office.employed("anna")
    secret, _ = await office.with_totp(token)
    told(await office.sign_in("anna"), 401, "sign_in_code_wanted")
    told(await office.sign_in("anna", code="000000"), 401, "sign_in_code_wrong")
    code = code_of(secret)
    await office.token("anna", code=code)
    told(await office.sign_in("anna", code=code), 401, "sign_in_code_wrong")
    await office.token("anna", code=code_of(secret, 1))


async def test_the_code_that_switched_it_on_does_not_let_in(office: Office):
    _, token = await office.employed("anna")
    secret, _ = await office.with_totp(token)
    told(await office.sign_in("anna", code=code_of(secret, -1)), 401, "sign_in_code_wrong")


async def test_one_code_used_twice_at_the_same_time_lets_in_once(office: Office):
    _, token = await office.employed("anna")
    secret, _ = await office.with_totp(token)
    answers = await asyncio.gather(*(office.sign_in("anna", code=code_of(secret)) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [200, 401, 401, 401]


async def test_a_recovery_code_counts_once_however_it_is_typed(office: Office):
    _, token = await office.employed("anna")
    _, codes = await office.with_totp(token)
    assert len(set(codes)) == 8
    await office.token("anna", code=codes[0].lower().replace("-", " "))
    told(await office.sign_in("anna", code=codes[0]), 401, "sign_in_code_wrong")
    account = await office.ask(token, "GET", "/api/v1/board/me/account")
    assert account.json()["recovery_left"] == 7


async def test_asking_for_the_code_does_not_forgive_wrong_ones(office: Office):
    _, token = await office.employed("anna")
    await office.with_totp(token)
    for n in range(5):
        told(await office.sign_in("anna"), 401, "sign_in_code_wanted")
        told(await office.sign_in("anna", code=f"00000{n}"), 401, "sign_in_code_wrong")
    told(await office.sign_in("anna"), 429, "sign_in_locked")


async def test_who_was_locked_comes_in_with_password_and_code_after_the_pause(office: Office):
    _, token = await office.employed("anna")
    secret, _ = await office.with_totp(token)
    for _ in range(5):
        await office.sign_in("anna", "not the password")
    await office.service.rows("UPDATE sign_in_guard SET locked_until = now() RETURNING 1 AS x")
    told(await office.sign_in("anna"), 401, "sign_in_code_wanted")
    await office.token("anna", code=code_of(secret))


async def test_the_second_factor_ends_by_password_and_code_or_by_an_administrator(office: Office):
    person_id, token = await office.employed("anna")
    secret, _ = await office.with_totp(token)
    path = "/api/v1/board/me/totp/off"
    told(await office.ask(token, "POST", path, {"password": PASSWORD, "code": "000000"}), 422, "totp_code_wrong")
    told(await office.ask(token, "POST", path, {"password": "?", "code": code_of(secret)}), 422, "password_wrong")
    assert (await office.ask(token, "POST", path, {"password": PASSWORD, "code": code_of(secret)})).json()["done"]
    await office.token("anna")
    await office.with_totp(token)
    await office.service.person("POST", f"{PEOPLE}/{person_id}/totp-off")
    await office.token("anna")


async def test_the_secret_of_the_telephone_is_nowhere_in_plain(office: Office):
    _, token = await office.employed("anna")
    secret, codes = await office.with_totp(token)
    rows = str(await office.service.rows("SELECT totp_secret::text, p::text AS all FROM person p"))
    rows += str(await office.service.rows("SELECT c::text FROM person_code c"))
    rows += str(await office.service.rows("SELECT i::text, convert_from(answer, 'UTF8') AS told FROM idempotency i"))
    assert secret.hex() not in rows
    assert not any(code in rows or code.replace("-", "") in rows for code in codes)


# -- sessions


async def test_a_session_is_a_new_one_at_every_sign_in(office: Office):
    _, first = await office.employed("anna")
    headers = {"Authorization": f"Bearer {first}", "Cookie": f"session={first}"}
    body = {"login": "anna", "password": PASSWORD}
    answer = await office.service.client.post("/api/v1/signin", json=body, headers=headers)
    assert answer.json()["token"] != first
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_who_signs_out_is_out(office: Office):
    _, token = await office.employed("anna")
    other = await office.token("anna")
    assert (await office.ask(token, "POST", "/api/v1/signout")).json() == {"done": True}
    assert (await office.me(token)).status_code == 401
    assert (await office.me(other)).status_code == 200


async def test_a_session_goes_on_with_use_but_not_for_ever(office: Office):
    _, token = await office.employed("anna")
    await office.service.rows("""UPDATE token SET last_at = now() - interval '1 hour', created_at = now() - interval
        '6 days 20 hours', expires_at = now() + interval '1 minute' WHERE person_id IS NOT NULL RETURNING id""")
    await office.me(token)  # remembered for a few seconds
    office.service.client._transport.app.state.doorkeeper.forget()
    assert (await office.me(token)).status_code == 200
    [row] = await office.service.rows(
        "SELECT extract(epoch FROM expires_at - now())::float AS left_s FROM token WHERE person_id IS NOT NULL"
    )
    assert 3.9 * 3600 < row["left_s"] < 4.1 * 3600


async def test_a_dismissed_person_loses_access_and_gets_it_back(office: Office):
    _, token = await office.employed("anna")
    assert (await office.change("anna", active=False)).status_code == 200
    assert (await office.me(token)).status_code == 401
    told(await office.sign_in("anna"), 401, "sign_in_wrong")
    assert (await office.change("anna", active=True)).status_code == 200
    assert (await office.me(token)).status_code == 401
    await office.token("anna")


async def test_another_process_forgets_a_dismissed_person_within_five_seconds(office: Office):
    assert authenticate.KEEP_S <= 5
    _, token = await office.employed("anna")
    assert (await office.me(token)).status_code == 200
    await office.service.rows("UPDATE person SET active = false RETURNING id")
    office.service.client._transport.app.state.doorkeeper.forget()  # what five seconds do
    assert (await office.me(token)).status_code == 401


async def test_changed_roles_count_for_open_sessions(office: Office):
    _, token = await office.employed("anna", ["head"])
    assert (await office.ask(token, "GET", PEOPLE)).status_code == 200
    await office.change("anna", roles=["logistician"])
    told(await office.ask(token, "GET", PEOPLE), 403, "forbidden")


async def test_a_new_password_ends_the_other_sessions_and_asks_for_the_present_one(office: Office):
    _, token = await office.employed("anna")
    other, path = await office.token("anna"), "/api/v1/board/me/password"
    new = "совсем другие слова"
    told(await office.ask(token, "POST", path, {"password": "?", "new_password": new}), 422, "password_wrong")
    assert (await office.ask(token, "POST", path, {"password": PASSWORD, "new_password": new})).json()["done"]
    assert [(await office.me(one)).status_code for one in (token, other)] == [200, 401]
    await office.token("anna", new)


async def test_a_stolen_session_cannot_try_out_the_password(office: Office):
    _, token = await office.employed("anna")
    body = {"password": "not the password", "new_password": "совсем другие слова"}
    answers = [await office.ask(token, "POST", "/api/v1/board/me/password", body) for _ in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]


async def test_somebody_sees_and_ends_his_own_sessions_and_no_others(office: Office):
    _, anna = await office.employed("anna")
    _, boris = await office.employed("boris")
    await office.token("anna")
    mine = (await office.ask(anna, "GET", "/api/v1/board/me/sessions")).json()["sessions"]
    assert [(one["browser"], one["entry"]) for one in mine] == [("Windows, Chrome", "password")] * 2
    other = next(one["id"] for one in mine if not one["current"])
    ended = await office.ask(boris, "POST", f"/api/v1/board/me/sessions/{other}/end")
    assert ended.json() == {"ended": 0}
    ended = await office.ask(anna, "POST", f"/api/v1/board/me/sessions/{other}/end")
    assert ended.json() == {"ended": 1}


async def test_an_administrator_sees_and_ends_sessions_and_resets_passwords(office: Office):
    person_id, token = await office.employed("anna")
    seen = (await office.service.person("GET", f"{PEOPLE}/{person_id}/sessions")).json()["sessions"]
    assert len(seen) == 1
    assert (await office.service.person("POST", f"{PEOPLE}/{person_id}/sessions/end")).json() == {"ended": 1}
    assert (await office.me(token)).status_code == 401
    made = (await office.service.person("POST", f"{PEOPLE}/{person_id}/password")).json()
    told(await office.sign_in("anna"), 401, "sign_in_wrong")
    await office.token("anna", made["password"], new_password=PASSWORD)


# -- who may come in


async def test_logins_and_users_of_the_portal_are_of_one_person(office: Office):
    await office.hired("anna", bitrix24_user="7")
    body = {"login": "Anna", "name": "А", "roles": ["head"]}
    told(await office.service.person("POST", PEOPLE, body), 422, "login_taken")
    told(await office.service.person("POST", PEOPLE, {**body, "login": "b1", "bitrix24_user": "7"}), 422,
         "portal_user_taken")  # fmt: skip
    for wrong, code in (({"roles": []}, "role_unknown"), ({"roles": ["king"]}, "role_unknown"),
                        ({"divisions": []}, "division_unknown"), ({"divisions": ["x"]}, "division_unknown"),
                        ({"name": " "}, "name_missing"), ({"login": "a b"}, "login_unfit")):  # fmt: skip
        told(await office.service.person("POST", PEOPLE, {**body, "login": "boris", **wrong}), 422, code)


async def test_two_administrators_do_not_overwrite_each_other(office: Office):
    await office.hired("anna")
    person = (await office.people())["anna"]
    path = f"{PEOPLE}/{person['id']}"
    first = await office.service.person("PATCH", path, {"version": person["version"], "name": "Первый"})
    assert (first.json()["name"], first.json()["version"]) == ("Первый", person["version"] + 1)
    told(await office.service.person("PATCH", path, {"version": person["version"], "name": "Второй"}), 409,
         "person_changed")  # fmt: skip


async def test_the_last_administrator_stays(office: Office):
    await office.hired("admin", ["administrator"])
    told(await office.change("admin", active=False), 422, "last_administrator")
    told(await office.change("admin", roles=["head"]), 422, "last_administrator")
    told(await office.change("admin", divisions=[DIVISION]), 422, "last_administrator")
    await office.hired("second", ["administrator"])
    assert (await office.change("admin", active=False)).status_code == 200
    told(await office.change("second", active=False), 422, "last_administrator")


async def test_two_administrators_cannot_lock_each_other_out_at_once(office: Office):
    for login in ("one", "two"):
        await office.hired(login, ["administrator"])
    answers = await asyncio.gather(office.change("one", active=False), office.change("two", active=False))
    assert sorted(a.status_code for a in answers) == [200, 422]


async def test_a_token_of_the_command_line_has_no_account_and_goes_on_working(office: Office):
    told(await office.ask(PERSON_TOKEN, "GET", "/api/v1/board/me/account"), 403, "no_account")
    assert (await office.ask(PERSON_TOKEN, "POST", "/api/v1/signout")).json() == {"done": False}
    assert (await office.me(PERSON_TOKEN)).status_code == 200


async def test_a_limited_logistician_lets_in_couriers_of_his_division_only(office: Office):
    other, foreign = (f"{letter}0000000-0000-4000-8000-00000000000f" for letter in "dc")
    await office.service.onec.send([division(), division(other, "Север"), courier()])
    await office.service.onec.send([courier(foreign, "Чужой", division=other)])
    _, token = await office.employed("anna", ["logistician"], [DIVISION])
    seen = (await office.ask(token, "GET", "/api/v1/board/couriers")).json()["couriers"]
    assert [one["ref"] for one in seen] == [COURIER]
    path = "/api/v1/board/couriers/{}/login-codes"
    assert (await office.ask(token, "POST", path.format(COURIER))).status_code == 201
    told(await office.ask(token, "POST", path.format(foreign)), 403, "other_division")
    acts = await office.acts(action="courier")
    assert [(act["subject"], act["division"]["ref"]) for act in acts] == [(COURIER, DIVISION)]


async def test_a_password_is_in_no_log_and_in_no_audit(office: Office, capfd: pytest.CaptureFixture[str]):
    made = await office.hired("anna")
    await office.sign_in("anna", "слово мимо цели")
    await office.sign_in("слово вместо логина", "слово мимо цели")
    token = await office.token("anna", made["password"], new_password=PASSWORD)
    body = {"password": PASSWORD, "new_password": "совсем другие слова"}
    await office.ask(token, "POST", "/api/v1/board/me/password", body)
    await office.with_totp(token, "совсем другие слова")
    kept = str(await office.service.rows("SELECT a::text FROM audit a")) + "".join(capfd.readouterr())
    for word in (made["password"], "мимо", "вместо логина", PASSWORD, "другие слова", token):
        assert word not in kept
    assert not re.search(r"\b[A-Z2-7]{32}\b", kept)
