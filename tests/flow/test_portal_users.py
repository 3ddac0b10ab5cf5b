"""Users and projects of the portal: read whole, kept, matched with couriers and people, shown on «Соответствия»."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.flow.exchange_client import COURIER, DIVISION, Json, courier, running
from tests.flow.people_kit import Office
from tests.flow.portal_kit import ILYA, PAVEL, RINAT, SECOND, Beside, beside, hire, now

from posrednik.store import portal_users
from posrednik.usecases import portal_people
from posrednik.usecases.mappings import MappingTaken
from posrednik_sandbox.portal.portal import SCOPE

WAY = "/api/v1/admin/mappings"
THIRD = "c0000000-0000-4000-8000-0000000000bb"


@pytest.fixture
async def there(database: str) -> AsyncIterator[Beside]:
    async with beside(database) as made:
        yield made


async def told(there: Beside) -> Json:
    answer = await there.service.person("GET", WAY)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def refreshed(there: Beside) -> Json:
    answer = await there.service.person("POST", f"{WAY}/refresh", {})
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def of(there: Beside, ref: str) -> Json:
    [found] = [one for one in (await told(there))["couriers"] if one["ref"] == ref]
    return found


# -- reading


async def test_all_users_are_read_by_pages_and_dismissed_ones_too(there: Beside) -> None:
    for number in range(100, 230):
        hire(there.state, number, active=number % 2 == 0, email=f"u{number}@x.ru", phone=f"+7 999 000-0{number}")
    read = await refreshed(there)
    assert (read["users"], read["projects"], read["why"]) == (136, 2, "")
    known = {one.id: one for one in await portal_users.users(there.db)}
    assert (known[229].active, known[228].active) == (False, True)
    assert (known[228].email, known[228].phones) == ("u228@x.ru", ("79990000228",))
    assert known[ILYA].last_login is not None


async def test_whoever_is_gone_is_forgotten_and_who_changed_is_changed(there: Beside) -> None:
    hire(there.state, 30, phone="+79990000030")
    await portal_people.read(there.db, there.desk(), now())
    there.state.users.drop(30)
    pavel = there.state.users.get(PAVEL)
    assert pavel is not None
    pavel.active, pavel.phone = False, "8 999 000 00 02"
    there.state.groups.drop(12)
    await portal_people.read(there.db, there.desk(), now())
    known = {one.id: one for one in await portal_users.users(there.db)}
    assert 30 not in known
    assert (known[PAVEL].active, known[PAVEL].phones) == (False, ("79990000002",))
    assert [one.id for one in await portal_users.projects(there.db)] == [11]


async def test_a_reading_that_fails_keeps_what_was_read_and_says_why(there: Beside) -> None:
    await refreshed(there)
    there.state.faults.set("webhook_revoked")
    failed = await portal_people.read(there.db, there.desk(), now())
    assert (failed.users, "вебхук" in failed.why) == (6, True)
    shown = (await told(there))["reading"]
    assert (shown["users"], "вебхук" in shown["why"]) == (6, True)
    there.state.faults.clear()
    assert (await portal_people.read(there.db, there.desk(), now())).why == ""


async def test_a_page_cut_in_the_middle_of_the_list_is_no_list(there: Beside) -> None:
    for number in range(100, 200):
        hire(there.state, number)
    await portal_people.read(there.db, there.desk(), now())
    there.state.faults.set("http_500_before", method="user.get", count=1)
    assert (await portal_people.read(there.db, there.desk(), now())).why
    assert len(await portal_users.users(there.db)) == 106


async def test_it_is_read_once_an_hour_and_sooner_after_a_failure(there: Beside) -> None:
    at, desk = now(), there.desk()
    assert await portal_people.keep_fresh(there.db, desk, at)
    assert not await portal_people.keep_fresh(there.db, desk, at + timedelta(minutes=59))
    there.state.faults.set("query_limit")
    assert await portal_people.keep_fresh(there.db, desk, at + timedelta(minutes=61))
    assert not await portal_people.keep_fresh(there.db, desk, at + timedelta(minutes=65))
    there.state.faults.clear()
    assert await portal_people.keep_fresh(there.db, desk, at + timedelta(minutes=67))
    assert (await portal_people.reading(there.db)).why == ""


async def test_a_portal_that_takes_too_long_is_left_for_later(there: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_people, "LONGEST_S", 0.05)
    there.state.faults.set("delay", method="user.get", seconds=3)
    assert await portal_people.keep_fresh(there.db, there.desk(), now())
    assert "слишком долго" in (await portal_people.reading(there.db)).why


async def test_a_right_that_is_missing_is_named_by_what_needs_it(there: Beside) -> None:
    there.state.add_webhook("1", "few", SCOPE - {"user"})
    why = (await portal_people.read(there.db, there.desk("1/few"), now())).why
    assert "user.get" in why
    assert "«Задачи»" not in why


async def test_an_older_reading_never_replaces_a_newer_one(there: Beside) -> None:
    at = now()
    await portal_people.read(there.db, there.desk(), at)
    hire(there.state, 30)
    await portal_people.read(there.db, there.desk(), at - timedelta(seconds=5))
    assert len(await portal_users.users(there.db)) == 6


async def test_the_button_pressed_twice_asks_the_portal_once(there: Beside) -> None:
    await refreshed(there)
    before = there.state.by_method["user.get"]
    await refreshed(there)
    assert there.state.by_method["user.get"] == before
    [act, _] = await Office(there.service).acts(action="settings.change")
    assert act["operation"] == "readPortalPeople"


async def test_without_a_portal_there_is_nothing_to_read(database: str) -> None:
    async with running(database) as service:
        answer = await service.person("POST", f"{WAY}/refresh", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "no_portal")
        assert (await service.person("GET", WAY)).json()["portal"] is False


# -- who is who


async def test_before_anything_was_read_nothing_of_the_portal_is_told(there: Beside) -> None:
    shown = await told(there)
    assert (shown["portal"], shown["reading"]["read_at"], shown["projects"]) == (True, None, [])
    assert (await of(there, COURIER))["wrong"] == ["no_warehouse"]
    assert (await of(there, SECOND))["suggestion"] is None


async def test_a_courier_is_suggested_the_user_with_his_telephone_and_takes_him(there: Beside) -> None:
    await refreshed(there)
    found = await of(there, SECOND)
    assert found["suggestion"] == {"user": str(RINAT), "name": "Ахметов Ринат", "by": "phone"}
    body = {"bitrix24_user": found["suggestion"]["user"], "reason": "подобран", "version": found["version"]}
    after = (await there.service.person("PUT", f"{WAY}/couriers/{SECOND}", body)).json()
    assert (after["user"], after["user_name"], after["suggestion"], after["wrong"]) == (
        "8", "Ахметов Ринат", None, ["no_warehouse"],
    )  # fmt: skip


async def test_a_dismissed_user_is_told_and_his_new_account_is_suggested(there: Beside) -> None:
    ilya = there.state.users.get(ILYA)
    assert ilya is not None
    ilya.active = False
    hire(there.state, 50, name="Илья", last_name="Петров", phone="8-912-000-00-07")
    await refreshed(there)
    found = await of(there, COURIER)
    assert found["wrong"] == ["no_warehouse", "user_inactive"]
    assert (found["suggestion"]["user"], found["suggestion"]["by"]) == ("50", "phone")


async def test_a_second_account_that_nobody_looks_into_is_told(there: Beside) -> None:
    hire(there.state, 50, name="Илья", last_name="Петров", phone="+79120000007", last_login=None)
    await there.service.onec.send([courier(name="Илья Петров", bitrix24_user="50", phone="+79120000007")])
    await refreshed(there)
    found = await of(there, COURIER)
    assert found["wrong"] == ["no_warehouse", "user_never_came", "user_twin"]
    assert found["suggestion"]["user"] == str(ILYA)


async def test_a_text_with_a_number_in_1c_is_a_suggestion(there: Beside) -> None:
    profile = f"{there.portal.http}/company/personal/user/{ILYA}/"
    await there.service.onec.send([courier(name="Илья Петров", bitrix24_user=profile, phone="")])
    await refreshed(there)
    found = await of(there, COURIER)
    assert ("bad_user" in found["wrong"], found["suggestion"]["by"]) == (True, "id")


async def test_nobody_is_suggested_to_two_and_who_was_given_none_is_left_alone(there: Beside) -> None:
    await there.service.onec.send([courier(THIRD, "Ринат А.", phone="+79120000008")])
    await refreshed(there)
    assert ((await of(there, SECOND))["suggestion"], (await of(there, THIRD))["suggestion"]) == (None, None)
    body: Json = {"bitrix24_user": "", "reason": "нет на портале"}
    await there.service.person("PUT", f"{WAY}/couriers/{THIRD}", body)
    assert (await of(there, SECOND))["suggestion"]["user"] == str(RINAT)
    assert (await of(there, THIRD))["suggestion"] is None


async def test_all_suggestions_are_taken_by_one_command_each_by_itself(there: Beside) -> None:
    await portal_people.read(there.db, there.desk(), now())
    [(one, found, error)] = await portal_people.take_suggestions(there.db, there.live, "cli:anna", "подобран", now())
    assert (one.row.ref, found.user.id, error) == (SECOND, RINAT, None)
    assert (await of(there, SECOND))["user"] == str(RINAT)
    assert await portal_people.take_suggestions(there.db, there.live, "cli:anna", "подобран", now()) == []
    [act] = await Office(there.service).acts(action="settings.change")
    assert (act["subject"], act["data"]["bitrix24_user"]) == (SECOND, str(RINAT))


async def test_one_who_was_mapped_meanwhile_is_refused_and_told(there: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    await portal_people.read(there.db, there.desk(), now())
    seen = await portal_people.matched(there.db)
    await there.service.person("PUT", f"{WAY}/couriers/{COURIER}", {"bitrix24_user": str(RINAT), "reason": "так"})

    async def before(source: Any) -> portal_people.Matched:
        return seen

    monkeypatch.setattr(portal_people, "matched", before)
    [(_, _, error)] = await portal_people.take_suggestions(there.db, there.live, "cli:anna", "подобран", now())
    assert isinstance(error, MappingTaken)


async def test_people_of_the_office_are_found_by_their_mail(there: Beside) -> None:
    office = Office(there.service)
    await office.hired("pavel", email=" Pavel@Sandbox.local")
    await office.hired("anna", bitrix24_user="77")
    await refreshed(there)
    people = {one["login"]: one for one in (await told(there))["people"]}
    assert people["pavel"]["suggestion"] == {"user": str(PAVEL), "name": "Логинов Павел", "by": "email"}
    assert (people["anna"]["wrong"], people["anna"]["suggestion"]) == (["user_unknown"], None)
    body = {"bitrix24_user": str(PAVEL), "version": people["pavel"]["version"]}
    await there.service.person("PATCH", f"/api/v1/admin/people/{people['pavel']['id']}", body)
    [pavel] = [one for one in (await told(there))["people"] if one["login"] == "pavel"]
    assert (pavel["user"], pavel["user_name"], pavel["suggestion"]) == (str(PAVEL), "Логинов Павел", None)


async def test_who_may_not_manage_people_sees_none_of_them_and_reads_nothing(there: Beside) -> None:
    office = Office(there.service)
    _, head = await office.employed("head", ["head"], [DIVISION])
    shown = (await office.ask(head, "GET", WAY)).json()
    assert shown["people"] is None
    assert (await office.ask(head, "POST", f"{WAY}/refresh", {})).status_code == 403


# -- projects


async def test_projects_of_divisions_are_named_and_lost_ones_told(there: Beside) -> None:
    async def given(group: int | None) -> Json:
        change = {"changes": {"bitrix24_group": group}, "reason": "так"}
        await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
        [division] = (await told(there))["divisions"]
        found: Json = division
        return found

    assert (await given(77))["wrong"] == []
    await refreshed(there)
    shown = await told(there)
    assert {one["name"]: one["id"] for one in shown["projects"]} == {"Доставка. Север": 12, "Доставка. Центр": 11}
    assert (await given(77))["wrong"] == ["group_unknown"]
    division = await given(11)
    assert (division["project"], division["wrong"]) == ("Доставка. Центр", [])
    assert (await given(None))["wrong"] == ["no_group"]
