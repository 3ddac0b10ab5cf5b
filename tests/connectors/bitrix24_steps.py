"""What the tests of the Bitrix24 connector do over and over."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness, a_portal
from tests.connectors.harness import Reports, TestGate, new_key

from posrednik.connectors.base import Accepted, Gate, Item, NotThere, Outcome
from posrednik_sandbox.portal import tasks

OWN_COLUMNS = ["Новые", "Выполняются", "Сделаны"]


@pytest.fixture
async def system() -> AsyncIterator[Bitrix24Harness]:
    async with a_portal() as made:
        yield made


async def send(system: Bitrix24Harness, *items: Item, gate: Gate | None = None) -> list[Outcome | NotThere]:
    reports = Reports()
    await system.connector.send(items, gate or TestGate(), reports)
    return [reports.of(item) for item in items]


async def look_up(system: Bitrix24Harness, *items: Item) -> list[Outcome | NotThere]:
    reports = Reports()
    await system.connector.look_up(items, TestGate(), reports)
    return [reports.of(item) for item in items]


async def created(system: Bitrix24Harness, key: str | None = None, **changed: Any) -> tuple[Item, Accepted]:
    item = system.item(key or new_key(), **changed)
    outcome = (await send(system, item))[0]
    assert isinstance(outcome, Accepted)
    return item, outcome


def after(system: Bitrix24Harness, item: Item, outcome: Accepted, **changed: Any) -> Item:
    body = {**item.body, "version": item.body["version"] + 1, **changed}
    fresh = system.item(item.key)
    return replace(fresh, body=body, remote_id=outcome.remote_id, written=outcome.written)


def calls(system: Bitrix24Harness) -> dict[str, int]:
    return dict(system.portal.by_method)


def column(system: Bitrix24Harness, key: str) -> str:
    return system.columns()[system.tasks(key)[0].stage_id]


def fill(system: Bitrix24Harness, count: int) -> None:
    """Foreign tasks in the portal."""
    for _ in range(count):
        tasks.create(system.portal, 1, {"title": "Чужая", "responsible_id": 1})


# -- creating and columns ------------------------------------------------------------------------------------
