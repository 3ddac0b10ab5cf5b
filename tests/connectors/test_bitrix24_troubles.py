"""The Bitrix24 connector against a portal in trouble: limits, closed doors, doubtful answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness, a_body
from tests.connectors.bitrix24_steps import OWN_COLUMNS, after, column, created, look_up, send
from tests.connectors.bitrix24_steps import system as system
from tests.connectors.harness import PATIENT_S, Reports, TestGate, Trouble, new_key

from posrednik.connectors.base import Accepted, Item, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.kit import http


async def test_a_spent_method_rests_and_the_others_go_on(system: Bitrix24Harness) -> None:
    first, second = await created(system), await created(system)
    gate = TestGate()
    system.portal.faults.set("operation_limit", method="tasks.task.update")
    text = after(system, *first, comment="другой")
    move = after(system, *second, stage="picked_up")
    spent, moved = await send(system, text, move, gate=gate)
    assert isinstance(moved, Accepted)
    assert isinstance(spent, TryLater)
    assert (spent.code, spent.scope, spent.free) == ("operation_time_limit", "method", True)
    assert 60 <= gate.paused["tasks.task.update"] <= 600
    system.portal.faults.clear()
    before = system.received
    assert isinstance((await send(system, text))[0], TryLater), "the pause is kept without asking again"
    assert system.received == before


@pytest.mark.parametrize(
    ("fault", "code", "pause_s"),
    [
        ("overload", "overload_limit", 900),
        ("webhook_revoked", "no_auth_found", 300),
        ("tariff_lapsed", "access_denied", 300),
        ("portal_deleted", "portal_deleted", 300),
    ],
)
@pytest.mark.parametrize("kind", ["create", "change", "look_up"])
async def test_a_closed_portal_stops_the_destination_and_loses_nothing(
    system: Bitrix24Harness, fault: str, code: str, pause_s: float, kind: str
) -> None:
    item, first = await created(system)
    system.portal.faults.set(fault)
    if kind == "look_up":
        outcome = (await look_up(system, item))[0]
    elif kind == "create":
        outcome = (await send(system, system.item(new_key())))[0]
    else:
        outcome = (await send(system, after(system, item, first, stage="picked_up")))[0]
    assert isinstance(outcome, TryLater)
    assert (outcome.code, outcome.scope, outcome.after_s, outcome.free) == (code, "destination", pause_s, True)


@pytest.mark.parametrize("fault", ["http_500", "http_502", "truncated", "drop", "error_200", "http_500_before"])
async def test_an_ambiguous_answer_to_a_change_is_unclear_to_a_read_it_is_not(
    system: Bitrix24Harness, fault: str
) -> None:
    item, first = await created(system)
    system.portal.faults.set(fault)
    change = after(system, item, first, stage="picked_up")
    assert isinstance((await send(system, change))[0], Unclear)
    looked = (await look_up(system, item))[0]
    assert isinstance(looked, TryLater)
    assert looked.fault


async def test_an_answer_without_time_is_an_answer(system: Bitrix24Harness) -> None:
    system.portal.faults.set("no_time")
    await created(system)


async def test_a_request_that_the_portal_kills_is_unclear(system: Bitrix24Harness) -> None:
    old = [await created(system) for _ in range(3)]
    system.portal.limits.latency, system.portal.limits.time_limit_s = "docs", 0.02
    system.portal.limits.wait_scale = 0.04
    changes: Sequence[Item] = [after(system, item, out, stage="picked_up") for item, out in old]
    assert all(isinstance(outcome, Unclear) for outcome in await send(system, *changes))


async def test_a_follower_of_a_failed_message_waits(system: Bitrix24Harness) -> None:
    item, first = await created(system)
    system.portal.faults.set("drop")
    second = after(system, item, first, stage="picked_up")
    outcomes = await send(system, second, after(system, second, first, stage="en_route"))
    assert isinstance(outcomes[0], Unclear)
    assert isinstance(outcomes[1], TryLater)
    assert (outcomes[1].code, outcomes[1].free) == ("behind", True)


@pytest.mark.parametrize(
    "wrong", [{"stage": "no such"}, {"time_zone": "No/Where"}, {"delivery": "x"}, {"window": {"to": "завтра"}}]
)
async def test_an_unfit_body_is_refused_and_nothing_is_called(system: Bitrix24Harness, wrong: dict[str, Any]) -> None:
    item = replace(system.item(new_key()), body=a_body(**wrong))
    outcome = (await send(system, item))[0]
    assert isinstance(outcome, Refused)
    assert outcome.code == "bad_body"
    assert system.received == 0


class BrokenGate(TestGate):
    async def enter(self, method: str) -> None:
        raise RuntimeError("https://portal/rest/1/sandboxsecret/ is in this text")


async def test_a_bug_of_ours_is_reported_and_does_not_escape(system: Bitrix24Harness) -> None:
    items = [system.item(new_key()) for _ in range(3)]
    for outcome in await send(system, *items, gate=BrokenGate()):
        assert isinstance(outcome, TryLater)
        assert outcome.code == "internal_error"


async def test_a_send_that_takes_too_long_ends_with_reports(system: Bitrix24Harness) -> None:
    await created(system)
    await system.have(Trouble.HANGS)
    system.wait_at_most(PATIENT_S)
    system.connector.timeout_s = 1.0
    items = [system.item(new_key()) for _ in range(20)]
    outcomes = await send(system, *items)
    assert {type(outcome) for outcome in outcomes} == {Unclear, TryLater}, "8 are under way, 12 were never sent"


async def test_two_processes_that_make_the_columns_at_once_end_with_one_set(system: Bitrix24Harness) -> None:
    session = http.new_session()
    other = Bitrix24Connector(system.settings(), session)
    items = [system.item(new_key()), system.item(new_key())]
    reports = Reports()
    await asyncio.gather(
        system.connector.send(items[:1], TestGate(), reports), other.send(items[1:], TestGate(), reports)
    )
    assert all(isinstance(reports.of(item), Accepted) for item in items)
    assert sorted(system.columns().values()) == sorted(OWN_COLUMNS + list(outbound.COLUMNS.values()))
    assert {column(system, item.key) for item in items} == {"Готов"}
    await session.close()
