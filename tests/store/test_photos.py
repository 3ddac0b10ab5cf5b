"""What is known of photos: facts, repeats, whose they are, and that an arrival and a step do not miss each other."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posrednik.domain.evidence import NEAR
from posrednik.store import photos, step_photos
from posrednik.store.db import Database, Tx
from posrednik.store.photos import NewPhoto, PhotoFacts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = Database(database)
    await db.open()
    yield db
    await db.close()


def a_photo(name: object = 1, phash: int = 0, brightness: float = 0.5) -> NewPhoto:
    return NewPhoto(hashlib.sha256(str(name).encode()).hexdigest(), 1000, 640, 480, brightness, phash)


async def add(db: Database, *made: NewPhoto, at: datetime = NOW, owner: str = "device:c") -> None:
    async def work(tx: Tx) -> None:
        for photo in made:
            await photos.add(tx, photo, at)
            await photos.add_owner(tx, photo.sha256, owner, at)

    await db.transact(work)


async def name_in_step(db: Database, sha256: str, *, at: datetime = NOW, courier: str | None = "c") -> UUID:
    source, step = uuid4(), {"delivery_id": None, "action": "hand_over", "courier_ref": courier, "at": at}
    await db.transact(lambda tx: step_photos.put(tx, source, [sha256], **step))
    return source


async def repeats(
    db: Database, photo: NewPhoto, *, not_source: UUID | None = None, since: datetime = NOW - MONTH
) -> list[photos.PhotoRepeat]:
    return await db.transact(
        lambda tx: photos.photo_repeats(tx, photo.sha256, photo.phash, not_source=not_source or uuid4(), since=since)
    )


async def test_a_photo_is_added_once_and_keeps_what_it_was(db: Database):
    first, again = a_photo(1, phash=5), a_photo(1, phash=6)
    assert await db.transact(lambda tx: photos.add(tx, first, NOW))
    assert not await db.transact(lambda tx: photos.add(tx, again, NOW))
    facts = await db.transact(lambda tx: photos.photo_facts(tx, [first.sha256]))
    assert facts == [PhotoFacts(first.sha256, 0.5, 5)]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(phash=st.integers(0, 2**64 - 1), brightness=st.floats(0, 1, width=32))
async def test_every_hash_and_brightness_comes_back_as_it_was(db: Database, phash: int, brightness: float):
    made = a_photo(uuid4(), phash, brightness)
    await add(db, made)
    (facts,) = await db.transact(lambda tx: photos.photo_facts(tx, [made.sha256]))
    assert (facts.sha256, facts.phash) == (made.sha256, phash)
    assert facts.brightness == pytest.approx(brightness, abs=1e-6)


async def test_facts_of_photos_that_have_not_come_are_left_out(db: Database):
    here, away = a_photo(1), a_photo(2)
    await add(db, here)
    told = await db.transact(lambda tx: photos.photo_facts(tx, [away.sha256, here.sha256.upper(), here.sha256]))
    assert [one.sha256 for one in told] == [here.sha256]
    assert await db.transact(lambda tx: photos.photo_facts(tx, [])) == []


async def test_whose_a_photo_is(db: Database):
    own, foreign, both = a_photo(1), a_photo(2), a_photo(3)
    await add(db, own, both)
    await add(db, foreign, both, owner="device:d")
    asked = [own.sha256.upper(), foreign.sha256, both.sha256, "0" * 64]
    told = await db.transact(lambda tx: photos.known_to(tx, asked, "device:c"))
    assert told == dict(zip(asked, ("own", "foreign", "own", "unknown"), strict=True))
    assert await db.transact(lambda tx: photos.known_to(tx, [], "device:c")) == {}


# -- repeats


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(phash=st.integers(0, 2**64 - 1), places=st.sets(st.integers(0, 63), max_size=12))
async def test_a_photo_that_differs_in_few_bits_is_a_repeat(db: Database, phash: int, places: set[int]):
    mine, other = a_photo(uuid4(), phash), a_photo(uuid4(), phash ^ sum(1 << place for place in places))
    await add(db, mine, other)
    source = await name_in_step(db, other.sha256)
    found = {one.source: one for one in await repeats(db, mine)}
    assert (source in found) == (len(places) <= NEAR)
    if source in found:
        assert (found[source].sha256, found[source].phash) == (other.sha256, other.phash)


async def test_the_same_photo_in_another_step_is_a_repeat_and_in_its_own_step_is_not(db: Database):
    photo = a_photo()
    await add(db, photo)
    own = await name_in_step(db, photo.sha256)
    assert await repeats(db, photo, not_source=own) == []
    before = NOW - timedelta(days=3)
    other = await name_in_step(db, photo.sha256, courier="d", at=before)
    (found,) = await repeats(db, photo, not_source=own)
    assert (found.source, found.courier_ref, found.at, found.order_number) == (other, "d", before, None)


async def test_steps_before_the_time_asked_are_not_looked_at(db: Database):
    photo, alike = a_photo(1), a_photo(2)
    await add(db, photo)
    await add(db, alike, at=NOW - MONTH - timedelta(days=2))
    await name_in_step(db, photo.sha256, at=NOW - MONTH - timedelta(seconds=1))
    await name_in_step(db, alike.sha256, at=NOW - MONTH - timedelta(days=2))
    assert await repeats(db, photo) == []
    await name_in_step(db, photo.sha256, at=NOW - MONTH)
    assert len(await repeats(db, photo)) == 1


async def test_a_photo_that_no_step_names_repeats_nothing(db: Database):
    await add(db, a_photo(1), a_photo(2))
    assert await repeats(db, a_photo(1)) == []


# -- an arrival and a step at the same time


@pytest.mark.parametrize("first", ["arrival", "step"])
async def test_an_arrival_and_a_step_at_once_see_each_other_exactly_once(db: Database, first: str):
    photo, source = a_photo(), uuid4()
    began, may_end, saw = asyncio.Event(), asyncio.Event(), []

    async def pause(who: str) -> None:
        if who == first:
            began.set()
            await may_end.wait()

    async def arrive(tx: Tx) -> None:
        await photos.lock(tx, [photo.sha256])
        await pause("arrival")
        await photos.add(tx, photo, NOW)
        cursor = await tx.conn.execute("SELECT 1 FROM step_photo WHERE source = %s", [source])
        saw.extend("arrival" for _ in await cursor.fetchall())

    async def step(tx: Tx) -> None:
        await step_photos.put(tx, source, [photo.sha256], delivery_id=None, action="hand_over", courier_ref="c", at=NOW)
        saw.extend("step" for _ in await photos.photo_facts(tx, [photo.sha256]))
        await pause("step")

    works = {"arrival": arrive, "step": step}
    one = asyncio.create_task(db.transact(works.pop(first)))
    await began.wait()
    two = asyncio.create_task(db.transact(next(iter(works.values()))))
    await waits_for_a_lock(db.dsn)
    may_end.set()
    await asyncio.gather(one, two)
    assert saw == ["step" if first == "arrival" else "arrival"]


async def waits_for_a_lock(dsn: str) -> None:
    """Until somebody in this database waits for an advisory lock."""
    query = (
        "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted"
    )
    async with asyncio.timeout(60), await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        while not await (await conn.execute(query)).fetchall():
            await asyncio.sleep(0.01)


async def test_two_steps_that_name_the_same_photos_in_other_orders_do_not_block_each_other(db: Database):
    names = [a_photo(n).sha256 for n in range(20)]

    async def look(order: list[str]) -> None:
        await db.transact(lambda tx: photos.photo_facts(tx, order))

    async with asyncio.timeout(60):
        await asyncio.gather(*(look(names if n % 2 else names[::-1]) for n in range(12)))
