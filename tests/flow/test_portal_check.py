"""`posrednik bitrix24 check`: what the portal lacks is said in words, and nothing is changed there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.command import posrednik
from tests.flow.exchange_client import DIVISION, division
from tests.flow.portal_kit import ANNA, ILYA, PAVEL, SECOND, SOUTH, URL, Beside, beside, hire, now
from tests.sandbox.portal_running import SECRET

from posrednik.connectors.bitrix24.desk import Desk
from posrednik.domain.portal_check import Line, worst
from posrednik.usecases.check_portal import check, check_and_keep, last
from posrednik.usecases.set_up_portal import set_up
from posrednik_sandbox.portal.portal import SCOPE


@pytest.fixture
async def there(database: str) -> AsyncIterator[Beside]:
    async with beside(database) as made:
        yield made


async def asked(there: Beside, desk: Desk | None = None, **wanted: object) -> tuple[Line, ...]:
    return await check(there.db, there.live, desk or there.desk(), there.wanted(**wanted), now())


async def found(there: Beside, key: str, desk: Desk | None = None, **wanted: object) -> list[tuple[str, str]]:
    return [(one.state, one.what) for one in await asked(there, desk, **wanted) if one.key == key]


async def ready(there: Beside, desk: Desk | None = None) -> None:
    """Set up, and every courier mapped."""
    await there.service.person(
        "PUT", f"/api/v1/admin/mappings/couriers/{SECOND}", {"bitrix24_user": "8", "reason": "т"}
    )
    lines = await set_up(there.db, there.live, desk or there.desk(), there.wanted(), "cli:", now)
    assert worst(lines) == "ok"


async def test_after_a_set_up_by_a_webhook_all_is_fine_and_nothing_was_changed_by_looking(there: Beside) -> None:
    await ready(there)
    before = there.state.version
    lines = await asked(there)
    assert [one.told() for one in lines if one.state not in ("ok", "skip")] == []
    assert {one.key for one in lines if one.state == "skip"} == {"events", "placements"}
    assert there.state.version == before


async def test_after_a_set_up_by_the_application_events_and_placements_are_fine_too(there: Beside) -> None:
    desk = await there.application()
    await ready(there, desk)
    lines = await asked(there, desk)
    assert {one.state for one in lines} == {"ok"}, [one.told() for one in lines if one.state != "ok"]
    assert await found(there, "events", desk, own_url="https://elsewhere.example") == [("wrong", "missing")]


@pytest.mark.parametrize(("fault", "key", "what", "words"), [
    ("webhook_revoked", "access", "refused", "вебхук"), ("tariff_lapsed", "access", "tariff", "тариф"),
    ("portal_deleted", "address", "address", "удалён"), ("query_limit", "address", "busy", "реже"),
    ("http_500_before", "address", "busy", ""),
])  # fmt: skip
async def test_a_portal_that_does_not_let_us_in_says_why(
    there: Beside, fault: str, key: str, what: str, words: str
) -> None:
    there.state.faults.set(fault)
    lines = await asked(there)
    wrong = [one for one in lines if one.state == "wrong"]
    assert [(one.key, one.what) for one in wrong] == [(key, what)]
    assert words in wrong[0].told()["text"]
    assert SECRET.partition("/")[2] not in str([one.told() for one in lines])


async def test_an_address_where_nobody_is_is_said(there: Beside) -> None:
    nowhere = replace(there, portal=replace(there.portal, http="http://127.0.0.1:9"))
    assert await found(nowhere, "address") == [("wrong", "address")]


async def test_rights_that_are_missing_are_named_with_what_they_are_for(there: Beside) -> None:
    there.state.add_webhook("1", "few", SCOPE - {"disk", "sonet_group"})
    desk = there.desk("1/few")
    told = {one.key: one.told() for one in await asked(there, desk) if one.what == "missing"}
    assert {key: one["state"] for key, one in told.items()} == {"right_disk": "warn", "right_sonet_group": "wrong"}
    assert "фотографии" in told["right_disk"]["text"]


async def test_somebody_who_is_no_administrator_is_named(there: Beside) -> None:
    there.state.add_webhook(str(PAVEL), "pavel")
    assert await found(there, "admin", there.desk("2/pavel")) == [("wrong", "")]


async def test_a_portal_without_rest_v3_is_told_without_alarm(there: Beside) -> None:
    assert await found(there, "v3") == [("ok", "")]
    there.state.faults.set("v3_off")
    assert await found(there, "v3") == [("warn", "")]


async def test_a_clock_that_is_off_is_told(there: Beside) -> None:
    there.state.clock.advance(300)
    assert await found(there, "clock") == [("warn", "")]


async def test_who_answers_by_default_must_work_there(there: Beside) -> None:
    hire(there.state, 30, active=False)
    assert await found(there, "fallback", responsible=30) == [("wrong", "inactive")]
    assert await found(there, "fallback", responsible=31) == [("wrong", "unknown")]
    assert await found(there, "fallback", responsible=PAVEL) == [("ok", "")]
    assert await found(there, "creator") == [("ok", "")]


async def test_a_project_that_is_missing_archived_or_lacks_couriers_is_told_per_division(there: Beside) -> None:
    await there.service.onec.send([division(SOUTH, "Юг")])
    assert await found(there, "project") == [("wrong", "none"), ("wrong", "none")]
    await ready(there)
    assert await found(there, "project") == [("ok", "own"), ("ok", "own")]
    [project] = there.projects("Доставка: Центр")
    group = there.state.groups.get(project)
    assert group is not None
    group.members = [ANNA]
    [line] = [one for one in await asked(there) if one.what == "members"]
    assert list(line.data["names"]) == ["Илья Петров", "Ринат Ахметов"]
    for stage in there.state.group_stages(project)[3:5]:
        there.state.stages.drop(stage.id)
    group.members = [ANNA, ILYA, 8]
    [line] = [one for one in await asked(there) if one.what == "columns"]
    assert list(line.data["names"]) == ["Отдал", "Сдал деньги"]
    there.state.groups.drop(project)
    assert ("wrong", "unknown") in await found(there, "project")
    change = {"changes": {"bitrix24_group": 12}, "reason": "так"}
    await there.service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", change)
    assert ("wrong", "members") in await found(there, "project")


async def test_couriers_are_told_by_what_is_wrong_with_their_users(there: Beside) -> None:
    assert await found(there, "couriers") == [("warn", "no_user")]
    await ready(there)
    assert await found(there, "couriers") == [("ok", "")]
    ilya = there.state.users.get(ILYA)
    assert ilya is not None
    ilya.last_login = None
    hire(there.state, 40, name="Илья", last_name="Петров")
    assert await found(there, "couriers") == [("warn", "user_never_came"), ("warn", "user_twin")]
    ilya.active = False
    assert await found(there, "couriers") == [("wrong", "user_inactive")]
    there.state.users.drop(ILYA)
    assert await found(there, "couriers") == [("wrong", "user_unknown")]


async def test_the_last_check_is_kept_with_who_asked(there: Beside) -> None:
    assert await last(there.db) is None
    at = now()
    lines = await check_and_keep(there.db, there.live, there.desk(), there.wanted(), "Анна", at)
    kept = await last(there.db)
    assert kept is not None
    assert (kept.lines, kept.who, kept.at) == (lines, "Анна", at)
    assert [one.told() for one in kept.lines] == [one.told() for one in lines]


async def test_the_commands_say_it_all_on_a_terminal(there: Beside) -> None:
    env = {"POSREDNIK_BITRIX24_PORTAL_URL": there.portal.http, "POSREDNIK_BITRIX24_WEBHOOK": SECRET,
           "POSREDNIK_SERVER_PUBLIC_URL": URL}  # fmt: skip

    async def command(*words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(posrednik, "bitrix24", *words, dsn=there.service.dsn, **env)
        return done.returncode, done.stdout + done.stderr

    code, said = await command("check")
    assert (code, "✗ Проект: Центр: Проект не задан" in said) == (1, True), said
    assert SECRET.partition("/")[2] not in said
    code, said = await command("users", "--take")
    assert (code, "Ринат Ахметов: Ахметов Ринат (№ 8)" in said) == (0, True), said
    code, said = await command("setup")
    assert (code, "+ Проект: Центр: Создан «Доставка: Центр»" in said) == (0, True), said
    code, said = await command("check")
    assert (code, "✗" in said) == (0, False), said


def test_without_a_portal_the_commands_say_what_to_set(database: str) -> None:
    done = posrednik("bitrix24", "check", dsn=database)
    assert (done.returncode, "Портал не задан" in done.stderr) == (1, True)
    env = {"POSREDNIK_BITRIX24_PORTAL_URL": "http://127.0.0.1:9", "POSREDNIK_BITRIX24_CLIENT_ID": "local.1",
           "POSREDNIK_BITRIX24_CLIENT_SECRET": "x" * 20}  # fmt: skip
    done = posrednik("bitrix24", "setup", dsn=database, **env)
    assert (done.returncode, "ещё не установлено" in done.stderr) == (1, True), done.stderr
