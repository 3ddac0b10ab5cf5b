"""One contradiction is one incident, whoever raises it and however often; a decided one is closed for good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.errors import AlreadyDecided, DecisionMissing
from posrednik.store import events, incidents, views
from posrednik.store.db import Database, Row, Tx
from posrednik.store.views import IncidentFilter
from posrednik.usecases.give_up_parked import give_up_parked
from posrednik.usecases.incidents import About, NoSuchIncident, decide, raise_all, raise_many

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COURIER, OTHER = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"


async def opened(dsn: str) -> Database:
    db = Database(dsn)
    db.before_commit = events.flush
    await db.open()
    return db


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = await opened(database)
    yield made
    await made.close()


def gap(*missing: int) -> Contradiction:
    return found("sequence_gap", who="Пётр", device="abc", missing=list(missing))


def about(subject: str | None = None, courier: str | None = COURIER) -> About:
    return About("device", subject or str(uuid4()), courier_ref=courier)


async def raise_one(db: Database, one: Contradiction, of: About, now: datetime = NOW) -> UUID:
    return (await db.transact(lambda tx: raise_all(tx, [one], of, now)))[0]


async def decide_one(db: Database, incident: UUID, decision: str = "explained", reason: str = "Спросили") -> None:
    await db.transact(lambda tx: decide(tx, incident, decision, reason, "Логист", NOW))


async def rows(db: Database, query: str) -> list[Row]:
    async def work(tx: Tx) -> list[Row]:
        return await (await tx.conn.execute(query.encode())).fetchall()

    return await db.transact(work)


async def events_of(db: Database) -> list[tuple[str, int, bool]]:
    return [tuple(row) for row in await rows(db, "SELECT type, version, published FROM event ORDER BY pos")]


async def test_the_same_contradiction_joins_the_open_incident(db: Database):
    of = about()
    first = await raise_one(db, gap(43), of)
    assert await raise_one(db, gap(43, 47), of, NOW + timedelta(hours=1)) == first
    (incident,) = await views.incidents(db, IncidentFilter(state="open", courier=COURIER), 10)
    assert (incident.times, incident.last_at - incident.raised_at) == (2, timedelta(hours=1))
    assert [news.data["missing"] for news in incident.news] == [[43, 47]]
    assert await events_of(db) == [("incident.raised", 1, False)]
    assert len(await rows(db, "SELECT 1 FROM journal WHERE kind = 'contradiction'")) == 2


async def test_another_kind_subject_or_courier_is_another_incident(db: Database):
    of = about("x")
    cash = found("cash_difference", who="Пётр", difference_kop=100, expected_kop=200, counted_kop=100)
    made = {
        await raise_one(db, gap(1), of), await raise_one(db, cash, of), await raise_one(db, gap(1), about("y")),
        await raise_one(db, gap(1), about("x", OTHER)), await raise_one(db, gap(1), about("x", None)),
    }  # fmt: skip
    assert len(made) == sum((await views.incidents_open(db)).values()) == 5


async def test_many_at_once_are_raised_in_one_go_and_twins_among_them_join(db: Database):
    of, other = about("x"), about("y")
    told = await db.transact(lambda tx: raise_many(tx, [(gap(1), of), (gap(2), other), (gap(3), of)], NOW))
    assert told[0] == told[2] != told[1]
    found_ = await views.incidents(db, IncidentFilter(), 10)
    assert {one.subject_id: one.times for one in found_} == {"x": 2, "y": 1}


async def test_requests_at_the_same_time_raise_one_incident(db: Database):
    of = about()
    made = await asyncio.gather(*(raise_one(db, gap(number), of) for number in range(12)))
    assert len(set(made)) == 1
    (incident,) = await views.incidents(db, IncidentFilter(state="open"), 10)
    assert incident.times == 12
    assert await events_of(db) == [("incident.raised", 1, False)]


async def test_a_decision_in_the_middle_of_news_loses_none_of_them(db: Database):
    of = about()
    first = await raise_one(db, gap(0), of)
    made = await asyncio.gather(*(raise_one(db, gap(number), of) for number in range(10)), decide_one(db, first))
    all_of_them = await views.incidents(db, IncidentFilter(), 10)
    assert {one for one in made if one is not None} <= {one.id for one in all_of_them}
    assert sum(one.times for one in all_of_them) == 11
    assert [one.state for one in all_of_them].count("open") <= 1


async def test_what_is_found_after_a_decision_is_an_incident_of_its_own(db: Database):
    of = about()
    first = await raise_one(db, gap(1), of)
    await decide_one(db, first)
    second = await raise_one(db, gap(1), of)
    assert second != first
    decided = next(one for one in await views.incidents(db, IncidentFilter(state="decided"), 10))
    assert (decided.id, decided.decision, decided.reason, decided.decided_by, decided.times) == (
        first, "explained", "Спросили", "Логист", 1,
    )  # fmt: skip
    assert await events_of(db) == [
        ("incident.raised", 1, False), ("incident.decided", 2, False), ("incident.raised", 1, False),
    ]  # fmt: skip


async def test_a_decision_needs_an_open_incident_a_known_word_and_a_reason(db: Database):
    first = await raise_one(db, gap(1), about())
    for decision, reason in (("fined", "так"), ("explained", " ")):
        with pytest.raises(DecisionMissing):
            await decide_one(db, first, decision, reason)
    await decide_one(db, first)
    with pytest.raises(AlreadyDecided):
        await decide_one(db, first)
    with pytest.raises(NoSuchIncident):
        await decide_one(db, uuid4())


ACTS = st.lists(st.tuples(st.sampled_from(["raise", "decide"]), st.integers(0, 1), st.integers(0, 1)), max_size=12)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_after_anything_at_most_one_is_open_and_every_contradiction_is_in_one(module_database: str, acts):
    asyncio.run(_walk(module_database, acts))


async def _walk(dsn: str, acts: list[tuple[str, int, int]]) -> None:
    db, run = await opened(dsn), str(uuid4())
    try:
        told: dict[tuple[int, int], list[UUID]] = {}
        for act, subject, who in acts:
            known = told.setdefault((subject, who), [])
            if act == "raise":
                known.append(await raise_one(db, gap(1), about(f"{run}{subject}", (COURIER, OTHER)[who])))
            elif known:
                await _decide_again(db, known[-1])
        found_ = [
            one for one in await views.incidents(db, IncidentFilter(), 10_000)
            if one.subject_id.startswith(run)
        ]  # fmt: skip
        assert sum(one.times for one in found_) == sum(map(len, told.values()))
        opens = [(one.subject_id, one.courier_ref) for one in found_ if one.state == "open"]
        assert len(opens) == len(set(opens))
    finally:
        await db.close()


async def _decide_again(db: Database, incident: UUID) -> None:
    """Twice is refused, and harms nothing."""
    try:
        await decide_one(db, incident)
    except AlreadyDecided:
        assert await db.transact(lambda tx: incidents.lock(tx, incident))


# -- steps that wait too long


async def a_phone(db: Database, *, whole_to: int, last_seq: int, device: str = "abc") -> None:
    columns = "courier_ref, device, whole_to, last_seq"
    await _run(db, f"INSERT INTO device ({columns}) VALUES ('{COURIER}', '{device}', {whole_to}, {last_seq})")


async def a_step(
    db: Database, seq: int, *, state: str = "accepted", device: str = "abc", at: datetime = NOW
) -> UUID:  # fmt: skip
    made, code = uuid4(), "waits_for_earlier" if state == "parked" else ""
    columns = "id, courier_ref, device, seq, type, at_device, occurred_at, received_at, body_hash, body, state, code"
    await _run(
        db,
        f"INSERT INTO courier_event ({columns}) VALUES ('{made}', '{COURIER}', '{device}', {seq}, 'delivery.depart',"
        f" '{at}', '{at}', '{at}', '', '{{}}', '{state}', '{code}')",
    )
    return made


async def _run(db: Database, query: str) -> None:
    async def work(tx: Tx) -> None:
        await tx.conn.execute(query.encode())

    await db.transact(work)


async def told_of(db: Database) -> list[tuple[str, str, int]]:
    found_ = await views.incidents(db, IncidentFilter(), 10)
    return [(one.kind, one.subject_id, one.times) for one in found_]


async def test_a_step_that_waited_a_day_is_refused_and_a_person_is_told(db: Database):
    await a_phone(db, whole_to=1, last_seq=4)
    old = await a_step(db, 3, state="parked", at=NOW - timedelta(hours=24, seconds=1))
    young = await a_step(db, 4, state="parked", at=NOW - timedelta(hours=23))
    assert await give_up_parked(db, NOW) == 1
    kept = {row.id: row for row in await rows(db, "SELECT id, state, code, message, incident_id FROM courier_event")}
    assert (kept[old].state, kept[old].code, kept[young].state) == ("rejected", "waits_for_earlier", "parked")
    assert "(2)" in kept[old].message
    (incident,) = await views.incidents(db, IncidentFilter(state="open", courier=COURIER), 10)
    assert (incident.id, incident.kind, incident.subject_kind) == (kept[old].incident_id, "sequence_gap", "device")
    assert incident.subject_id == f"{COURIER}/abc"
    assert incident.data["missing"] == [2]
    assert await give_up_parked(db, NOW) == 0
    assert (await told_of(db))[0][2] == 1


async def test_a_gap_of_a_day_is_told_once(db: Database):
    await a_phone(db, whole_to=1, last_seq=3)
    await a_step(db, 3, at=NOW - timedelta(hours=25))
    for minutes in range(3):
        await give_up_parked(db, NOW + timedelta(minutes=minutes))
    assert await told_of(db) == [("sequence_gap", f"{COURIER}/abc", 1)]


async def test_a_decided_gap_is_not_told_again_but_a_new_one_is(db: Database):
    await a_phone(db, whole_to=1, last_seq=3)
    await a_step(db, 3, at=NOW - timedelta(hours=25))
    await give_up_parked(db, NOW)
    (incident,) = await views.incidents(db, IncidentFilter(state="open"), 10)
    await decide_one(db, incident.id)
    await give_up_parked(db, NOW + timedelta(minutes=1))
    assert sum((await views.incidents_open(db)).values()) == 0
    await _run(db, "UPDATE device SET whole_to = 3, last_seq = 5")
    await a_step(db, 5, at=NOW)
    await give_up_parked(db, NOW + timedelta(hours=25))
    assert sum((await views.incidents_open(db)).values()) == 1


async def test_a_young_gap_a_whole_sequence_and_a_gap_with_parked_steps_are_no_incident(db: Database):
    await a_phone(db, whole_to=1, last_seq=3)
    await a_step(db, 3, at=NOW - timedelta(hours=23))
    await a_phone(db, whole_to=2, last_seq=2, device="whole")
    await a_step(db, 2, at=NOW - timedelta(hours=99), device="whole")
    await a_phone(db, whole_to=1, last_seq=4, device="parked")
    await a_step(db, 3, at=NOW - timedelta(hours=99), device="parked")
    await a_step(db, 4, state="parked", at=NOW - timedelta(hours=1), device="parked")
    assert await give_up_parked(db, NOW) == 0
    assert await told_of(db) == []
