"""The gates of a switch: each turns red and green by facts, and a day without data is neither."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.flow.exchange_client import BASE, DIVISION, Service, obj, references, running
from tests.flow.kpi_kit import arrive, configured, counted, database_of, figured, lasted

from posrednik.checks.housekeeper import Housekeeper
from posrednik.kit.ids import uuid7
from posrednik.usecases.gates import DAYS, GATES, Fact, Faults, gates_facts

OTHER = "d0000000-0000-4000-8000-000000000002"
Prepare = Callable[[Service], Awaitable[Any]]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, configured()) as made:
        yield made


async def facts(service: Service, division: str | None = DIVISION, days: int = DAYS) -> tuple[Fact, ...]:
    async with database_of(service.dsn) as db:
        return await gates_facts(db, division, days)


async def gate(service: Service, key: str, days_ago: int = 1, division: str | None = DIVISION) -> Fact:
    day = (datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(days=days_ago)).date()
    [found] = [one for one in await facts(service, division) if one.key == key and one.day == day]
    return found


async def some_work(service: Service) -> None:
    await figured(service, done=3)


async def compared(service: Service, kind: str, objects: int, *, equal: bool) -> None:
    """1C compared a slice yesterday at noon."""
    await service.rows(
        "INSERT INTO slice_check (base_id, kind, slice, at, epoch_no, theirs_count, ours_count, equal, asked)"
        " VALUES (%s, %s, '', date_trunc('day', now() AT TIME ZONE 'Europe/Moscow') AT TIME ZONE 'Europe/Moscow'"
        " - interval '12 hours', 1, %s, %s, %s, false) RETURNING 1",
        BASE, kind, objects, objects - (not equal), equal,
    )  # fmt: skip


GREEN: dict[str, Prepare] = {
    "order_to_bitrix24": lambda s: lasted(s, "onec_to_bitrix24", *[30] * 19, 4000),
    "event_to_onec": lambda s: lasted(s, "event_to_onec", 60, 290),
    "event_to_site": lambda s: lasted(s, "event_to_site", 1),
    "dead": some_work,
    "quarantine": some_work,
    "faults": some_work,
    "duplicates": some_work,
    "cash": lambda s: figured(s, hand_ins=2),
    "goods": lambda s: counted(s, "goods_counts", 2),
    "agree": lambda s: compared(s, "product", 995, equal=True),
}
RED: dict[str, Prepare] = {
    "order_to_bitrix24": lambda s: lasted(s, "onec_to_bitrix24", *[30] * 18, 125, 125),
    "event_to_onec": lambda s: lasted(s, "event_to_onec", 400),
    "event_to_site": lambda s: lasted(s, "event_to_site", 400),
    "dead": lambda s: counted(s, "dead", 2),
    "quarantine": lambda s: counted(s, "quarantined", ref=""),
    "faults": lambda s: counted(s, "server_errors", ref=""),
    "duplicates": lambda s: counted(s, "duplicates"),
    "cash": lambda s: figured(s, cash_shortage_kop=100),
    "goods": lambda s: figured(s, goods_surplus_kop=100),
    "agree": lambda s: compared(s, "order", 6, equal=False),
}


def test_every_gate_is_tested() -> None:
    assert set(GREEN) == set(RED) == set(GATES)


@pytest.mark.parametrize("key", sorted(GATES))
async def test_a_day_without_data_is_neither_red_nor_green_and_says_so(service: Service, key: str):
    found = await gate(service, key)
    assert (found.fine, found.value, found.cases) == (None, None, "")
    assert found.why.startswith("Нет данных")


@pytest.mark.parametrize("key", sorted(GREEN))
async def test_a_gate_turns_green(service: Service, key: str):
    await GREEN[key](service)
    found = await gate(service, key)
    assert found.fine is True, found
    assert found.value is not None
    assert found.limit is not None
    assert found.why.endswith(".")


@pytest.mark.parametrize("key", sorted(RED))
async def test_a_gate_turns_red_and_leads_to_its_cases(service: Service, key: str):
    await GREEN[key](service)
    await RED[key](service)
    found = await gate(service, key)
    assert found.fine is False, found
    if key == "agree":  # more is better; what differs is seen on the page of reconciliation
        assert found.value < found.limit  # type: ignore[operator]
        return
    assert found.value > found.limit  # type: ignore[operator]
    day = found.day.isoformat()
    assert found.cases == f"#/kpi?cases={key}&from={day}&to={day}&division={DIVISION}"
    answer = await service.person("GET", f"/api/v1/board/kpi/{key}/cases?from={day}&to={day}&division={DIVISION}")
    assert answer.status_code == 200, answer.text


async def test_each_of_fourteen_days_has_every_gate_in_order(service: Service):
    found = await facts(service)
    assert len(found) == DAYS * len(GATES)
    assert [one.day for one in found] == sorted(one.day for one in found)


async def test_what_is_red_today_is_told_today_and_what_is_green_waits_for_the_end_of_the_day(service: Service):
    await lasted(service, "event_to_site", 1, days_ago=0)
    assert len(await facts(service)) == DAYS * len(GATES)
    await counted(service, "dead", days_ago=0)
    [today] = (await facts(service))[DAYS * len(GATES) :]
    assert (today.key, today.fine) == ("dead", False)


async def test_a_division_is_not_judged_by_another_one_but_by_the_whole_company(service: Service):
    await figured(service, done=1)
    await counted(service, "dead", ref=OTHER)
    assert (await gate(service, "dead")).fine is True
    assert (await gate(service, "dead", division=None)).fine is False
    await counted(service, "server_errors", ref="")
    assert (await gate(service, "faults")).fine is False


# -- where what they count comes from


async def counts(service: Service) -> dict[str, int]:
    return {row["name"]: row["n"] for row in await service.rows("SELECT name, n FROM day_count")}


async def test_a_dead_letter_counts_whoever_refused_it(service: Service):
    await service.picked_up()
    assert await arrive(service, "site", code="bad_value", dead=True) >= 1
    [event] = await service.onec.events()
    refused = [{"id": event["id"], "code": "no", "message": "нельзя", "retry": False}]
    await service.onec.ack(rejected=refused)
    await service.onec.ack(rejected=refused)
    assert (await counts(service))["dead"] == 2


async def test_what_cannot_be_read_counts_as_quarantined(service: Service):
    await service.onec.send([*references(), obj("nonsense", "x"), obj("nonsense", "y")])
    assert await counts(service) == {"quarantined": 2}


async def test_faults_of_the_service_are_written_and_a_polite_no_is_none(service: Service):
    async with database_of(service.dsn) as db:
        faults = Faults(db)
        for status in (200, 404, 503, 500, 502):
            faults.note(status)
        await faults.write()
        await faults.write()
    assert await counts(service) == {"server_errors": 2}


async def test_a_rule_that_is_broken_counts_once_a_day_with_its_worst(service: Service):
    await service.picked_up()
    await service.rows("UPDATE lane SET depth = depth + 1 WHERE depth > 0 RETURNING id")
    async with database_of(service.dsn) as db:
        keeper = Housekeeper(db, uuid7())
        await keeper._checks()
        first = await counts(service)
        await keeper._checks()
    assert first["checks"] > 0
    assert await counts(service) == first


async def test_days_begin_where_the_division_is(service: Service):
    """A quarter to one at night in Vladivostok is still yesterday in Moscow."""
    body = {"changes": {"time_zone": "Asia/Vladivostok"}, "reason": "переезд", "version": 0}
    await service.onec.send(references())
    answer = await service.person("PATCH", f"/api/v1/admin/divisions/{DIVISION}", body)
    assert answer.status_code == 200, answer.text
    now = datetime(2026, 11, 22, 14, 45, tzinfo=UTC)
    async with database_of(service.dsn) as db:
        found = await gates_facts(db, DIVISION, 1, now=now)
        assert {one.day.isoformat() for one in found} == {"2026-11-22"}
        found = await gates_facts(db, None, 1, now=now)
        assert {one.day.isoformat() for one in found} == {"2026-11-21"}
