"""The doubt about a restored base ends when it has confirmed all that it sent before, and not sooner."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.exchange_client import BASE, PRODUCT, Service, new_ref, order, product, references, running
from tests.flow.kpi_kit import database_of
from tests.flow.reconcile_kit import Comparing, start
from tests.flow.test_after_restore import told
from tests.flow.test_slices import compare

from posrednik.usecases.end_doubt import end_doubts

Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send([product()])
        yield made


async def look(service: Service) -> tuple[list[Json] | None, int]:
    """(what is left of the doubt by slices as the page shows it, None = there is none; how many doubts ended now)"""
    async with database_of(service.dsn) as db:
        ended = await end_doubts(db)
    bases = (await service.person("GET", "/api/v1/admin/bases")).json()["bases"]
    one = next(base for base in bases if base["id"] == str(BASE))
    assert (one["restored"] is None) == (one["confirmed_at"] is not None)
    return one["restored"] and one["restored"]["left"], len(ended)


def left(kind: str, slice: str, count: int) -> list[Json]:
    return [{"kind": kind, "slice": slice, "count": count}]


async def test_it_ends_when_every_slice_has_agreed_since(service: Service):
    await compare(service, "product", {PRODUCT: "1"})
    await service.onec.begin_epoch("restore")
    assert await look(service) == (left("product", "", 1), 0), "what agreed before the restore is no proof"
    await compare(service, "product", {PRODUCT: "1"})
    assert await look(service) == (None, 1)
    assert await look(service) == (None, 0)
    lines = await service.rows("SELECT outcome, system FROM journal WHERE outcome = 'confirmed'")
    assert lines == [{"outcome": "confirmed", "system": f"onec:{BASE}"}], "told once"


async def test_it_ends_when_everything_has_come_again_or_was_deleted(service: Service):
    gone = new_ref()
    await service.onec.send([product(gone)])
    await service.onec.begin_epoch("restore")
    await service.onec.send([product()])
    assert await look(service) == (left("product", "", 1), 0)
    await service.onec.send([{**product(gone), "deleted": True, "version": "2"}])
    assert await look(service) == (None, 1)


async def test_a_month_of_documents_is_confirmed_by_its_own_slice_only(service: Service):
    await service.onec.send(references())
    first, second = new_ref(), new_ref()
    # The end of October in UTC is November in Moscow, by whose calendar the base has its months.
    await service.onec.send([order(first, date="2026-11-01T00:30:00"), order(second, date="2026-09-15T10:00:00")])
    await service.onec.begin_epoch("restore")
    await service.onec.send(references())
    await compare(service, "order", {first: "1"}, "2026-11")
    assert await look(service) == (left("order", "2026-09", 1), 0)
    await compare(service, "order", {second: "1"}, "2026-09")
    assert await look(service) == (None, 1)


async def test_what_is_lost_keeps_it_until_a_person_has_decided(service: Service):
    lost = new_ref()
    await service.onec.send([product(lost)])
    await service.onec.begin_epoch("restore")
    run: Comparing = await start(service)
    assert await run.digest("product", {PRODUCT: "1"}) == "list"
    assert (await run.listing("product", {PRODUCT: "1"}))["unknown"] == [lost]
    await run.end()
    assert await look(service) == (left("product", "", 1), 0), "the rest of the list is confirmed by the list"
    [incident] = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"]
    path = f"/api/v1/board/incidents/{incident['id']}/decide"
    answer = await service.person("POST", path, {"decision": "accepted", "reason": "товар больше не нужен"})
    assert answer.status_code == 200, answer.text
    assert await look(service) == (None, 1)
    assert [state for _, state, _ in await told(service)] == ["decided"]


async def test_a_slice_that_is_listed_in_part_proves_nothing(service: Service):
    await service.onec.begin_epoch("restore")
    run = await start(service)
    assert await run.digest("product", {}) == "list"
    assert await look(service) == (left("product", "", 1), 0)


async def test_a_new_restore_begins_it_anew(service: Service):
    await service.onec.begin_epoch("restore")
    await compare(service, "product", {PRODUCT: "1"})
    await service.onec.begin_epoch("restore")
    assert await look(service) == (left("product", "", 1), 0)


async def test_numbers_that_went_back_are_forgotten_when_all_is_confirmed(service: Service):
    await service.onec.send([])
    again = await service.onec.post("messages", service.onec.envelope([product(new_ref())], number=1))
    assert again.json()["code"] == "message_conflict"
    assert await look(service) == (left("product", "", 1), 0)
    await compare(service, "product", {PRODUCT: "1"})
    assert await look(service) == (None, 1)
