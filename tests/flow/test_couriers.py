"""Who a courier is, as 1C says: the question that every courier door asks."""

from collections.abc import AsyncIterator

import pytest
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    OTHER_BASE,
    OTHER_TOKEN,
    Exchange,
    Service,
    courier,
    division,
    new_ref,
)  # fmt: skip

from posrednik.store.db import Database
from posrednik.usecases.couriers import Courier, courier_of


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = Database(database, size=1)
    await made.open()
    yield made
    await made.close()


async def test_a_courier_is_known_by_his_ref_in_any_case(service: Service, db: Database):
    await service.onec.send([division(), courier(bitrix24_user=" 7 ")])
    expected = Courier(COURIER, "Пётр Иванов", "+79161234567", DIVISION, BASE, True, "7")
    assert await courier_of(db, COURIER.upper()) == expected
    assert await db.transact(lambda tx: courier_of(tx, COURIER)) == expected
    assert await courier_of(db, new_ref()) is None


async def test_a_courier_who_left_or_was_deleted_is_inactive(service: Service, db: Database):
    await service.onec.send([division(), courier(active=False)])
    found = await courier_of(db, COURIER)
    assert found is not None
    assert not found.active
    await service.onec.send([{**courier(), "version": "3"}])
    assert (await courier_of(db, COURIER)).active
    await service.onec.send([{**courier(), "version": "4", "deleted": True}])
    assert not (await courier_of(db, COURIER)).active


@pytest.mark.parametrize("told_before", [True, False])
async def test_a_courier_deleted_without_a_word_more_is_inactive_and_not_unknown(
    service: Service, db: Database, told_before: bool
):
    if told_before:
        await service.onec.send([division(), courier()])
    await service.onec.send([{"kind": "courier", "ref": COURIER, "version": "2", "deleted": True}])
    found = await courier_of(db, COURIER)
    assert found is not None
    assert not found.active


async def test_of_a_courier_in_two_bases_the_active_one_counts(service: Service, db: Database):
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await service.onec.send([division(), courier(active=False)])
    await other.send([division(), courier()])
    found = await courier_of(db, COURIER)
    assert (found.base_id, found.active) == (OTHER_BASE, True)
