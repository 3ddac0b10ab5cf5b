"""What changed at the portal is read in few calls, however much it is and whatever the portal makes of references."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.connectors.bitrix24_harness import GROUP, Bitrix24Harness
from tests.connectors.bitrix24_steps import system as system
from tests.connectors.harness import TestGate

from posrednik.connectors.bitrix24.access import WebhookAccess
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.reader import PortalReader
from posrednik.connectors.bitrix24.transport import Calls, Transport
from posrednik.domain.portal_tasks import Known
from posrednik.kit import http
from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.portal import WEBHOOK

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


class WithoutReferences(Calls):
    """Of a portal whose batches do not put one answer into the next command: each gets what the first one asks for."""

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | Problem]:
        answers = await super().batch(commands)
        return dict.fromkeys(answers, answers["c0"])


def made(system: Bitrix24Harness, count: int) -> set[int]:
    return {
        tasks.create(system.portal, 1, {"title": "Д", "responsible_id": 7, "group_id": GROUP}).id for _ in range(count)
    }


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 1050, 1120])
@pytest.mark.parametrize("kind", [Calls, WithoutReferences])
async def test_all_that_changed_is_read_once(system: Bitrix24Harness, kind: type[Calls], count: int) -> None:
    wanted = made(system, count)
    session = http.new_session()
    settings = system.settings()
    transport = Transport(WebhookAccess(settings.portal_url, "/".join(WEBHOOK)), session, timeout_s=30.0)
    page = await PortalReader(kind(transport, TestGate())).changed(LONG_AGO, {GROUP})
    assert page.whole
    assert sorted(row.task_id for row in page.rows) == sorted(wanted)
    assert system.received <= (3 if kind is Calls else count // 50 + 2)
    await session.close()


@pytest.mark.parametrize("kind", [Calls, WithoutReferences])
@pytest.mark.parametrize("modes", [(), ("filter_ignored",), ("filter_ignored", "start_ignored")])
async def test_all_of_ours_are_counted_whatever_the_portal_ignores(
    system: Bitrix24Harness, modes: tuple[str, ...], kind: type[Calls]
) -> None:
    ours = made(system, 1120)
    for number in ours:
        task = system.portal.tasks.get(number)
        assert task is not None
        task.xml_id = f"posrednik:{uuid4()}"
    for mode in modes:
        system.portal.faults.set(mode)
    session = http.new_session()
    transport = Transport(WebhookAccess(system.settings().portal_url, "/".join(WEBHOOK)), session, timeout_s=30.0)
    page = await PortalReader(kind(transport, TestGate())).marked({GROUP}, None)
    assert {row.task_id for row in page.rows} == ours
    assert page.whole
    if kind is Calls and not modes:
        assert system.received <= 3
    await session.close()


async def test_a_filter_that_is_ignored_is_told(system: Bitrix24Harness) -> None:
    made(system, 120)
    tasks.create(system.portal, 1, {"title": "Чужая", "responsible_id": 1})
    system.portal.faults.set("filter_ignored")
    session = http.new_session()
    transport = Transport(WebhookAccess(system.settings().portal_url, "/".join(WEBHOOK)), session, timeout_s=30.0)
    page = await PortalReader(Calls(transport, TestGate())).changed(LONG_AGO, {GROUP})
    assert page.ignored
    assert not page.whole
    await session.close()


async def test_a_task_read_within_the_second_of_its_change_is_looked_at_once_more(system: Bitrix24Harness) -> None:
    """What changes again in that second would have the same time, and an event may be lost."""
    (number,) = made(system, 1)
    session = http.new_session()
    transport = Transport(WebhookAccess(system.settings().portal_url, "/".join(WEBHOOK)), session, timeout_s=30.0)
    reader = PortalReader(Calls(transport, TestGate()))
    system.portal.clock.advance(60 - system.portal.now() % 1)
    task = system.portal.tasks.get(number)
    assert task is not None
    tasks.update(system.portal, 2, task, {"title": "Раз"})
    known = Known(number, None, None, "Europe/Moscow")
    (once,) = (await reader.read([known])).tasks
    (row,) = (await reader.changed(LONG_AGO, {GROUP})).rows
    assert once.changed_at is not None
    assert row.changed_at is not None
    assert row.changed_at > once.changed_at
    system.portal.clock.advance(2)
    (later,) = (await reader.read([known])).tasks
    assert later.changed_at == row.changed_at
    await session.close()
