"""Settings of divisions over HTTP: what holds, where it comes from, who changed it, and that it holds everywhere."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.exchange_client import COURIER, DIVISION, Json, Service, division, running, settings, until

from posrednik import bootstrap
from posrednik.config import Division
from posrednik.division_file import DivisionFile
from posrednik.store import division as store
from posrednik.store.db import Database
from posrednik.usecases.division_settings import KEYS, LiveRules

WAY = f"/api/v1/admin/divisions/{DIVISION}"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(
        database, settings(divisions=(Division(ref=DIVISION, radius_m=300, cash_ceiling="9000"),))
    ) as it:
        await it.onec.send([division()])
        yield it


async def change(service: Service, changes: Json, *, reason: str = "проверка", **more: Any) -> Any:
    return await service.person("PATCH", WAY, {"changes": changes, "reason": reason, **more})


async def shown(service: Service) -> Json:
    answer = await service.person("GET", WAY)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def test_a_setting_says_whether_it_is_the_files_or_a_pages(service: Service) -> None:
    before = (await shown(service))["settings"]
    assert set(before) == set(KEYS)
    assert before["radius_m"] == {"value": 300, "source": "file", "who": None, "at": None, "file": 300}
    after = (await change(service, {"radius_m": 500})).json()
    assert after["version"] == 1
    assert after["settings"]["radius_m"]["value"] == 500
    assert (after["settings"]["radius_m"]["source"], after["settings"]["radius_m"]["who"]) == ("page", "Логист")
    assert after["settings"]["cash_ceiling"]["source"] == "file"
    assert after == await shown(service)


async def test_null_goes_back_to_the_file(service: Service) -> None:
    await change(service, {"radius_m": 500, "phone": "+7 495 000-00-00"})
    after = (await change(service, {"radius_m": None}, reason="вернули")).json()
    assert (after["settings"]["radius_m"]["value"], after["settings"]["radius_m"]["source"]) == (300, "file")
    assert after["settings"]["phone"]["value"] == "+7 495 000-00-00"
    assert [(one["version"], one["reason"], one["changes"]) for one in after["history"]] == [
        (2, "вернули", {"radius_m": {"before": 500, "after": 300}}),
        (
            1,
            "проверка",
            {"radius_m": {"before": 300, "after": 500}, "phone": {"before": "", "after": "+7 495 000-00-00"}},
        ),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"radius_m": 0}, {"radius_m": "много"}, {"cash_ceiling": "-1"}, {"cash_ceiling": 5}, {"oversale": "x"},
        {"time_zone": "Moscow/Kremlin"}, {"phone": "позвоните мне"}, {"reasons": []}, {"reasons": ["так вышло"]},
        {"reasons": [{"code": "dog", "ru": "", "en": "dog"}]}, {"proofs": {"fly": {"photo": "required"}}},
        {"proofs": {"hand_over": {"photo": "always"}}}, {"mode": "off"}, {"ref": DIVISION}, {"no_such_key": 1},
        {"radius_m": 500, "phone": "?"},
    ],
)  # fmt: skip
async def test_what_the_file_could_not_say_a_page_cannot_either(service: Service, changes: Json) -> None:
    answer = await change(service, changes)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert told["code"] == "setting_wrong"
    assert told["errors"][0]["pointer"].startswith("/changes/")
    assert (await shown(service))["version"] == 0


async def test_a_change_needs_a_reason(service: Service) -> None:
    for reason in ("", "   ", "д" * 501):
        answer = await change(service, {"radius_m": 500}, reason=reason)
        assert (answer.status_code, answer.json()["code"]) == (422, "setting_reason_missing")


async def test_two_pages_do_not_overwrite_each_other(service: Service) -> None:
    assert (await change(service, {"radius_m": 500}, version=0)).status_code == 200
    answer = await change(service, {"radius_m": 600}, version=0)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "settings_changed", 1)
    assert (await shown(service))["settings"]["radius_m"]["value"] == 500


async def test_a_change_holds_for_couriers_at_once_and_in_other_processes_soon(service: Service, database: str) -> None:
    configured = settings(divisions=(Division(ref=DIVISION, radius_m=300),))
    rules = bootstrap.rules_of(configured)
    db = Database(database, size=2)
    await db.open()
    try:
        other = LiveRules(db, DivisionFile(configured), rules)
        await other.refresh()
        assert rules.of(DIVISION).policy.radius_m == 300
        await change(service, {"radius_m": 700, "proofs": {"depart": {"photo": "required"}}})
        await other.refresh()
        assert rules.of(DIVISION).policy.radius_m == 700
        assert rules.of(DIVISION).policy.proofs.level("depart", "photo") == "required"
    finally:
        await db.close()

    async def asked_for() -> bool:
        _, delivery = await service.ready_order(ready={"courier": COURIER})
        await service.act(delivery["id"], "pick_up")
        told = await service.person(
            "POST", f"/api/v1/board/deliveries/{delivery['id']}/actions", {"action": "depart"}
        )  # fmt: skip
        return bool(told.status_code == 422 and told.json()["code"] == "proof_missing")

    assert await until(asked_for)


async def test_a_value_that_this_program_cannot_use_leaves_the_division_as_it_was(
    service: Service, database: str
) -> None:
    await change(service, {"radius_m": 500})
    await service.rows(
        """UPDATE division_setting SET version = version + 1,
            changes = '{"radius_m": {"value": -5, "who": "x", "at": "2026-11-22T10:00:00+00:00"}}' RETURNING 1"""
    )
    configured = settings(divisions=(Division(ref=DIVISION, radius_m=300),))
    rules = bootstrap.rules_of(configured)
    db = Database(database, size=1)
    await db.open()
    try:
        live = LiveRules(db, DivisionFile(configured), rules)
        await live.refresh()
        assert rules.of(DIVISION).policy.radius_m == 300
        assert (await store.get(db, DIVISION)).version == 2
    finally:
        await db.close()


async def test_days_of_reports_begin_by_the_zone_that_a_page_set_also_after_a_start(
    service: Service, database: str
) -> None:
    await change(service, {"time_zone": "Asia/Omsk"})
    zones = "SELECT time_zone FROM division_zone"
    assert await service.rows(zones) == [{"time_zone": "Asia/Omsk"}]
    db = Database(database, size=1)
    await db.open()
    try:
        started = settings(divisions=(Division(ref=DIVISION, time_zone="Europe/Moscow"),))
        await bootstrap.apply_configuration(db, started)
    finally:
        await db.close()
    assert await service.rows(zones) == [{"time_zone": "Asia/Omsk"}]
    await change(service, {"time_zone": None})
    assert await service.rows(zones) == []


async def test_a_division_that_only_1c_told_of_has_settings_too(service: Service) -> None:
    other = "d0000000-0000-4000-8000-000000000009"
    await service.onec.send([division(other, "Новое")])
    told = (await service.person("GET", "/api/v1/admin/divisions")).json()["divisions"]
    assert [(one["name"], one["mode"]) for one in told] == [("Новое", "live"), ("Центр", "live")]
    answer = await service.person(
        "PATCH", f"/api/v1/admin/divisions/{other}", {"changes": {"radius_m": 50}, "reason": "я"}
    )
    assert answer.json()["settings"]["radius_m"]["value"] == 50
    unknown = await service.person("GET", "/api/v1/admin/divisions/d0000000-0000-4000-8000-00000000000f")
    assert unknown.status_code == 404
