"""Couriers and users of Bitrix24, divisions and projects, couriers and warehouses: what 1C says, and a page over it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.exchange_client import (  # fmt: skip
    COURIER,
    DIVISION,
    SECOND_COURIER,
    WAREHOUSE,
    Json,
    Service,
    courier,
    division,
    obj,
    running,
    settings,
)
from tests.flow.people_kit import Office

from posrednik.config import Bitrix24
from posrednik.store import couriers
from posrednik.store.db import Database
from posrednik.usecases import enter_from_portal
from posrednik.usecases.mappings import MappingWrong, _checked

WAY = "/api/v1/admin/mappings"
NORTH, NORTHERN = "d0000000-0000-4000-8000-00000000000f", "c0000000-0000-4000-8000-00000000000f"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as it:
        await it.onec.send([division(), courier(bitrix24_user="17"), courier(SECOND_COURIER, "Иван Петров")])
        yield it


async def told(service: Service) -> Json:
    answer = await service.person("GET", WAY)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def wrong(service: Service) -> dict[str, list[str]]:
    return {one["ref"]: one["wrong"] for one in (await told(service))["couriers"]}


async def put(service: Service, ref: str, user: str | None, **more: Any) -> Any:
    return await service.person("PUT", f"{WAY}/couriers/{ref}", {"bitrix24_user": user, "reason": "так", **more})


async def users_found(service: Service, user: str) -> list[str]:
    db = Database(service.dsn, size=1)
    await db.open()
    try:
        return [row.ref for row in await couriers.found(db, bitrix24_user=user)]
    finally:
        await db.close()


# -- what is missing


async def test_what_is_missing_and_what_is_double_is_named(service: Service) -> None:
    assert await wrong(service) == {COURIER: ["no_warehouse"], SECOND_COURIER: ["no_user", "no_warehouse"]}
    await service.onec.send([
        courier(SECOND_COURIER, "Иван Петров", bitrix24_user="17"),
        *(obj("warehouse", f"{WAREHOUSE[:-1]}{n}", {"name": f"Рюкзак {n}", "courier": COURIER}) for n in (2, 3)),
    ])  # fmt: skip
    assert await wrong(service) == {
        COURIER: ["user_of_several", "several_warehouses"], SECOND_COURIER: ["user_of_several", "no_warehouse"],
    }  # fmt: skip
    await service.onec.send([courier(SECOND_COURIER, "Иван Петров", bitrix24_user="Петров")])
    assert (await wrong(service))[SECOND_COURIER] == ["bad_user", "no_warehouse"]
    await service.onec.send([courier(SECOND_COURIER, "Иван Петров", active=False)])
    assert (await wrong(service))[SECOND_COURIER] == []


async def test_a_division_without_any_project_is_told(service: Service) -> None:
    [before] = (await told(service))["divisions"]
    assert (before["group"], before["source"], before["wrong"]) == (None, "file", ["no_group"])
    change = {"changes": {"bitrix24_group": 11}, "reason": "проект готов"}
    await service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    [after] = (await told(service))["divisions"]
    assert (after["group"], after["source"], after["who"], after["wrong"]) == (11, "page", "Логист", [])


# -- a page's word over 1C's


async def test_a_page_wins_over_1c_until_it_gives_the_word_back(service: Service) -> None:
    answer = await put(service, COURIER, "23", version=0)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["said"], shown["user"], shown["source"], shown["who"], shown["version"]) == (
        "17", "23", "page", "Логист", 1,
    )  # fmt: skip
    assert (await users_found(service, "23"), await users_found(service, "17")) == ([COURIER], [])
    await service.onec.send([courier(bitrix24_user="18")])
    assert (await told(service))["couriers"][1]["user"] == "23"
    back = (await put(service, COURIER, None)).json()
    assert (back["user"], back["source"], back["version"]) == ("18", "1c", 2)
    assert await users_found(service, "18") == [COURIER]


async def test_a_courier_can_be_kept_from_having_a_user(service: Service) -> None:
    assert (await put(service, COURIER, "")).json()["wrong"] == ["no_user", "no_warehouse"]
    assert await users_found(service, "17") == []


async def test_events_and_tasks_have_the_page_s_user(database: str) -> None:
    portal = Bitrix24(portal_url="https://portal.example", webhook="https://portal.example/rest/1/x/")
    async with running(database, settings(bitrix24=portal)) as service:
        await service.onec.send([division(), courier(bitrix24_user="17")])
        await put(service, COURIER, "23")
        _, delivery = await service.ready_order(ready={"courier": COURIER})
        assert await users_told(service) == ("23", "23")
        await put(service, COURIER, "24")
        await service.act(delivery["id"], "pick_up")
        assert await users_told(service) == ("24", "24")


async def users_told(service: Service) -> tuple[str, str]:
    """In the newest event, and in the newest message to the portal."""
    [event] = await service.rows(
        "SELECT data #>> '{delivery,courier,bitrix24_user}' AS u FROM event WHERE subject_kind = 'delivery'"
        " ORDER BY version DESC LIMIT 1"
    )
    [message] = await service.rows(
        "SELECT body::jsonb #>> '{courier,bitrix24_user}' AS u FROM message WHERE method = 'task.put'"
        " ORDER BY seq DESC LIMIT 1"
    )
    return event["u"], message["u"]


async def test_the_page_s_user_lets_the_courier_in_from_the_portal_and_1c_s_does_not(service: Service) -> None:
    await put(service, COURIER, "23")
    db, now = Database(service.dsn, size=1), datetime.now(UTC)
    await db.open()
    try:
        ticket = await db.transact(lambda tx: enter_from_portal.enter(tx, "pass-1", "23", now))
        assert ticket
        with pytest.raises(enter_from_portal.NoCourier, match="user_unknown"):
            await db.transact(lambda tx: enter_from_portal.enter(tx, "pass-2", "17", now))
    finally:
        await db.close()


async def test_lists_of_couriers_show_the_page_s_user(service: Service) -> None:
    await put(service, SECOND_COURIER, "31")
    shown = (await service.person("GET", "/api/v1/board/couriers")).json()["couriers"]
    assert {one["ref"]: one["bitrix24_user"] for one in shown} == {COURIER: "17", SECOND_COURIER: "31"}


# -- what is refused


async def test_one_user_is_not_given_to_two(service: Service) -> None:
    answer = await put(service, SECOND_COURIER, "17")
    assert (answer.status_code, answer.json()["code"]) == (422, "mapping_taken")
    assert "Пётр Иванов" in answer.json()["detail"]
    await put(service, COURIER, "")
    assert (await put(service, SECOND_COURIER, "17")).status_code == 200
    assert (await put(service, COURIER, "17")).status_code == 422


async def test_what_is_no_number_is_refused(service: Service) -> None:
    for user in ("Иванов", "1 2", "-1", "0", "١٢", "1" * 19):
        answer = await put(service, COURIER, user)
        assert (answer.status_code, answer.json()["code"]) == (422, "mapping_wrong"), user
    answer = await service.person("PUT", f"{WAY}/couriers/{COURIER}", {"bitrix24_user": "5", "reason": " "})
    assert answer.json()["code"] == "setting_reason_missing"


@given(st.text(max_size=30))
def test_a_user_is_kept_as_digits_or_refused(typed: str) -> None:
    try:
        kept = _checked(typed)
    except MappingWrong:
        return
    assert kept == "" or (kept.isascii() and kept.isdigit() and not kept.startswith("0") and len(kept) <= 18)


async def test_two_pages_do_not_overwrite_each_other_and_an_unknown_courier_is_none(service: Service) -> None:
    await put(service, COURIER, "23", version=0)
    answer = await put(service, COURIER, "24", version=0)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "mapping_changed", 1)
    assert (await put(service, NORTHERN, "24")).status_code == 404


async def test_a_mapping_is_audited_and_in_the_journal(service: Service) -> None:
    await put(service, COURIER, "23")
    [act] = await Office(service).acts(action="settings.change")
    assert (act["operation"], act["subject"], act["division"]["ref"]) == ("mapCourier", COURIER, DIVISION)
    assert act["data"]["bitrix24_user"] == "23"
    [line] = await service.rows("SELECT summary FROM journal WHERE kind = 'settings'")
    assert "17 (из 1С) → 23" in line["summary"]


async def test_somebody_of_one_division_sees_and_changes_his_own_only(service: Service) -> None:
    office = Office(service)
    await service.onec.send([division(NORTH, "Север"), courier(NORTHERN, "Северный", division=NORTH)])
    _, head = await office.employed("head-of-one", ["head"], [DIVISION])
    shown = (await office.ask(head, "GET", WAY)).json()
    assert {one["ref"] for one in shown["couriers"]} == {COURIER, SECOND_COURIER}
    assert [one["ref"] for one in shown["divisions"]] == [DIVISION]
    _, administrator = await office.employed("administrator-of-one", ["administrator"], [DIVISION])
    body = {"bitrix24_user": "5", "reason": "так"}
    answer = await office.ask(administrator, "PUT", f"{WAY}/couriers/{NORTHERN}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    assert (await office.ask(head, "PUT", f"{WAY}/couriers/{COURIER}", body)).status_code == 403
    assert (await office.ask(administrator, "PUT", f"{WAY}/couriers/{COURIER}", body)).status_code == 200
