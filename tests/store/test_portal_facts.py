"""What messages for the portal have to know of us: tasks of deliveries, and who is told."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from posrednik.store import lanes, people
from posrednik.store.db import Database, Tx
from posrednik.store.destinations import ensure
from posrednik.store.lanes import Draft, Remote
from posrednik.store.people import Account
from posrednik.store.portal_facts import PortalFacts

CENTRE, NORTH = "d1", "d2"


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = Database(database)
    await db.open()
    yield db
    await db.close()


async def no_photo(sha256: str) -> bytes | None:
    return None


async def hired(db: Database, *accounts: Account) -> PortalFacts:
    async def work(tx: Tx) -> int:
        for number, account in enumerate(accounts):
            await people.add(tx, f"login{number}", account, None, None)
        return await ensure(tx, "bitrix24", "bitrix24")

    return PortalFacts(db, await db.transact(work), no_photo)


async def test_of_an_incident_hears_who_runs_the_division_and_of_an_alarm_administrators(db: Database) -> None:
    facts = await hired(
        db,
        Account("Админ", ["administrator"], None, "", "1"),
        Account("Логист центра", ["logistician"], [CENTRE], "", "2"),
        Account("Логист севера", ["logistician"], [NORTH], "", "3"),
        Account("Руководитель", ["head"], None, "", "4"),
        Account("Кассир", ["cashier"], [CENTRE], "", "5"),
        Account("Без портала", ["head"], None, "", None),
    )
    assert set(await facts.audience(CENTRE, "incident")) == {2, 4}
    assert set(await facts.audience(NORTH, "incident")) == {3, 4}
    assert await facts.audience("", "alarm") == [1]


async def test_where_nobody_runs_a_division_administrators_hear(db: Database) -> None:
    facts = await hired(db, Account("Админ", ["administrator"], None, "", "1"))
    assert await facts.audience(CENTRE, "incident") == [1]
    assert await (await hired(db)).audience(NORTH, "alarm") == [1]


async def test_only_deliveries_with_a_task_are_told(db: Database) -> None:
    facts, made, waits = await hired(db), str(uuid4()), str(uuid4())
    portal = await db.transact(lambda tx: ensure(tx, "bitrix24", "bitrix24"))

    async def work(tx: Tx) -> None:
        await lanes.put(tx, [Draft(portal, f"delivery:{one}", uuid4(), "task.put", "{}") for one in (made, waits)])

    await db.transact(work)
    waiting = await lanes.waiting(db)
    lane_id = next(row.lane_id for row in waiting if row.key == f"delivery:{made}")
    await db.transact(lambda tx: lanes.finish(tx, "bitrix24", [], [], [Remote(lane_id, "457", None)]))
    assert await facts.tasks_of({made, waits}) == {made: "457"}
    assert await facts.tasks_of(()) == {}
