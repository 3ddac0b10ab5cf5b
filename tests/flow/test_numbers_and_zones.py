"""Numbers and dates of documents as bases have them (facts about 1C, mark E-02): neither says what a document is."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from tests.flow.exchange_client import (
    OTHER_BASE,
    OTHER_TOKEN,
    Exchange,
    Service,
    new_ref,
    order,
    references,
    running,
    settings,
)

Json = dict[str, Any]
FAR = "Asia/Vladivostok"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    here, there = settings().bases
    bases = (here, msgspec.structs.replace(there, time_zone=FAR))
    async with running(database, settings(bases=bases)) as made:
        await made.onec.send(references())
        yield made


async def test_e02_a_number_used_again_is_another_order_and_an_edited_one_the_same(service: Service) -> None:
    old, new = new_ref(), new_ref()
    await service.onec.send([order(old, number="ТД00-000001", date="2025-01-09T10:00:00")])
    await service.onec.send([order(new, number="ТД00-000001", date="2026-01-09T10:00:00")])
    first = await service.onec.press("delivery.ready", old)
    second = await service.onec.press("delivery.ready", new)
    assert first["result"]["delivery"]["id"] != second["result"]["delivery"]["id"]
    await service.onec.send([order(new, number="ИШ-7", date="2025-12-31T23:59:59")])
    rows = await service.rows("SELECT order_ref, order_number, version FROM delivery ORDER BY order_number")
    assert {(str(row["order_ref"]), row["order_number"]) for row in rows} == {(new, "ИШ-7"), (old, "ТД00-000001")}


async def test_e02_the_same_local_time_of_two_bases_is_two_moments(service: Service) -> None:
    far = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await far.send(references())
    refs = [new_ref(), new_ref()]
    for base, ref in zip((service.onec, far), refs, strict=True):
        await base.send([order(ref, date="2026-11-20T03:00:00")])
    rows = await service.rows("SELECT ref, data ->> 'date' AS date FROM mirror WHERE kind = 'order'")
    told = {row["ref"]: row["date"] for row in rows}
    assert [told[ref] for ref in refs] == ["2026-11-20T00:00:00Z", "2026-11-19T17:00:00Z"]
