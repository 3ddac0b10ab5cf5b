"""Live updates of the board: every change, to whoever may see it, whatever order it was committed in."""

import asyncio
import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.board_kit import Stream, as_person, person, stream
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    PERSON_TOKEN,
    Service,
    courier,
    division,
    new_ref,
    references,
    running,
)  # fmt: skip
from tests.pg import Databases

from posrednik.api import stream as door
from posrednik.store import board, deliveries
from posrednik.store.board import CursorUnknown
from posrednik.store.db import Database
from posrednik.usecases import watch_board

OTHER = "d0000000-0000-4000-8000-000000000002"
BOARD = "/api/v1/board/deliveries"


async def cursor_of(service: Service) -> str:
    return str((await service.person("GET", BOARD)).json()["cursor"])


async def card(opened: Stream) -> dict:
    return (await opened.next("card"))[1]["card"]


async def test_a_change_comes_at_once_as_the_board_shows_it(service: Service):
    async with stream(service, PERSON_TOKEN) as opened:
        assert (await opened.next())[0] == "hello"
        _, one = await service.ready_order()
        told = await card(opened)
        assert (told["id"], told["stage"], told["version"]) == (one["id"], "ready", 1)
        shown = (await service.person("GET", BOARD)).json()["cards"][0]
        assert told == shown


async def test_incidents_and_cash_are_told_with_their_card(service: Service):
    _, one = await service.picked_up()
    async with stream(service, PERSON_TOKEN) as opened:
        await service.act(one["id"], "hand_over", amount_taken="2000.00", difference_reason="скидка")
        told = await card(opened)
        assert (told["stage"], told["incidents"], told["on_hand"]) == ("handed_over", 1, "2000.00")
        assert (await opened.next("cash"))[1] == {"courier": COURIER, "on_hand": "2000.00"}
        assert (await opened.next("incident"))[1] == {"open": 1}
        incident = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"][0]
        path = f"/api/v1/board/incidents/{incident['id']}/decide"
        await service.person("POST", path, {"decision": "accepted", "reason": "так"})
        assert (await card(opened))["incidents"] == 0


async def test_who_comes_back_is_told_what_he_missed_and_nothing_twice(service: Service):
    async with stream(service, PERSON_TOKEN) as opened:
        await opened.next("hello")
        await service.ready_order(number="ТД-1")
        assert (await card(opened))["order_number"] == "ТД-1"
        await asyncio.sleep(0)
        last_id = opened.last_id
    await service.ready_order(number="ТД-2")
    async with stream(service, PERSON_TOKEN, last_id=last_id) as again:
        await again.next("hello")
        assert (await card(again))["order_number"] == "ТД-2"
        await service.ready_order(number="ТД-3")
        assert (await card(again))["order_number"] == "ТД-3"


async def test_nothing_falls_between_the_board_and_its_stream(service: Service):
    cursor = await cursor_of(service)
    await service.ready_order(number="ТД-1")
    async with stream(service, PERSON_TOKEN, last_id=cursor) as opened:
        await opened.next("hello")
        assert (await card(opened))["order_number"] == "ТД-1"


async def test_a_cursor_goes_on_after_the_service_was_started_anew(database: str):
    async with running(database) as service:
        cursor = await cursor_of(service)
        await service.ready_order(number="ТД-1")
    async with running(database) as service, stream(service, PERSON_TOKEN, last_id=cursor) as opened:
        assert (await card(opened))["order_number"] == "ТД-1"


@pytest.mark.parametrize(
    "last_id", ["x", "1:2", "9:1:5", "999999999999:999999999999:", "1:99999999999999999999:", "::"]
)
async def test_a_cursor_that_is_none_of_this_database_starts_anew(service: Service, last_id: str):
    async with stream(service, PERSON_TOKEN, last_id=last_id) as opened:
        assert (await opened.next())[0] == "reset"
        await opened.end()


async def test_more_than_can_be_told_starts_anew(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_board, "MOST_CHANGES", 3)
    cursor = await cursor_of(service)
    async with stream(service, PERSON_TOKEN) as watching:
        await watching.next("hello")
        for n in range(5):
            await service.ready_order(number=f"ТД-{n}")
        async with stream(service, PERSON_TOKEN, last_id=cursor) as late:
            assert (await late.next())[0] == "reset"


async def test_who_is_limited_is_told_of_his_division_alone_and_when_something_leaves_it(service: Service):
    await service.onec.send([*references(), division(OTHER, "Север"), courier(new_ref(), "Чужой", division=OTHER)])
    token = await person(service, "logistician", divisions=[DIVISION])
    async with stream(service, token) as mine, stream(service, PERSON_TOKEN) as all_of_it:
        await mine.next("hello")
        await service.ready_order(number="чужая", division=OTHER)
        assert (await card(all_of_it))["order_number"] == "чужая"
        _, own = await service.ready_order(number="своя")
        assert (await card(mine))["order_number"] == "своя"
        await service.rows(
            "UPDATE delivery SET division_ref = %s, moved_from = %s, "
            "doc = jsonb_set(doc, '{division_ref}', to_jsonb(%s::text)) WHERE id = %s RETURNING id",
            OTHER, DIVISION, OTHER, UUID(own["id"]),
        )  # fmt: skip
        assert await mine.next() == ("gone", {"id": own["id"]})


async def test_the_store_remembers_which_division_had_a_delivery_before(service: Service):
    await service.onec.send([division(OTHER, "Север")])
    ref, one = await service.ready_order()
    token = await person(service, "logistician", divisions=[DIVISION])
    async with stream(service, token) as mine:
        await mine.next("hello")
        await service.rows("UPDATE delivery SET moved_from = NULL WHERE order_ref = %s RETURNING id", ref)
        db = Database(service.dsn, size=1)
        await db.open()

        async def move(tx: Any) -> None:
            found = await deliveries.lock(tx, UUID(one["id"]))
            assert found is not None
            await deliveries.save(tx, [replace(found, division_ref=OTHER, version=2)])

        await db.transact(move)
        await db.close()
        assert await mine.next("gone") == ("gone", {"id": one["id"]})


async def test_a_filter_of_the_stream_is_the_filter_of_the_board(service: Service):
    async with stream(service, PERSON_TOKEN, query="stage=ready&q=%D1%82%D0%B4-1") as opened:
        await opened.next("hello")
        _, one = await service.ready_order(number="ТД-1", ready={"courier": COURIER})
        assert (await card(opened))["stage"] == "ready"
        await service.act(one["id"], "pick_up")
        assert await opened.next() == ("gone", {"id": one["id"]})


async def test_a_stream_needs_a_right_and_ends_when_it_is_lost(service: Service, monkeypatch: pytest.MonkeyPatch):
    for token, status in (("nobody", 401), (await person(service, "courier"), 403)):
        async with stream(service, token) as opened:
            assert opened.status == status
    monkeypatch.setattr(door, "TICK_S", 0.2)
    token = await person(service, "logistician", divisions=[DIVISION])
    async with stream(service, token) as opened:
        await opened.next("hello")
        await service.rows("UPDATE person SET divisions = NULL RETURNING id")
        await opened.end()
    async with stream(service, token) as opened:
        await opened.next("hello")
        await service.rows("UPDATE token SET revoked_at = now() WHERE person_id IS NOT NULL RETURNING id")
        await opened.end()


async def test_the_process_stops_with_boards_open(database: str):
    async with running(database) as service:
        opened = stream(service, PERSON_TOKEN)
        reader = await opened.__aenter__()
        await reader.next("hello")
        app: Any = service.client._transport.app  # type: ignore[attr-defined]
        app.state.services.waker.close()
        await reader.end()
        await opened.__aexit__(None, None, None)
        async with stream(service, PERSON_TOKEN, last_id=reader.last_id) as again:
            await again.end()


async def test_a_stream_of_some_seconds_ends_by_itself(service: Service):
    answer = await service.person("GET", "/api/v1/board/stream", params={"seconds": "0.05"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
    assert answer.text.startswith("id: ")
    answer = await service.person("GET", "/api/v1/board/stream", params={"seconds": "nan"})
    assert answer.status_code == 400


async def test_a_reader_that_is_too_slow_is_dropped_and_told_to_start_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_board, "MOST_WAITING", 3)
    viewer = watch_board.Viewer("1:1:", None)
    for n in range(5):
        viewer.put(watch_board.Batch(board.Changes(f"{n}:{n}:", {}, None, (), False), {}))
    with pytest.raises(watch_board.Lagging):
        await viewer.next(1)
    assert not viewer._waiting


async def test_many_boards_are_one_look_at_the_database(service: Service, monkeypatch: pytest.MonkeyPatch):
    looks = 0
    plain = board.changes

    async def counted(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        return await plain(*args)

    monkeypatch.setattr(board, "changes", counted)
    opened = [stream(service, PERSON_TOKEN) for _ in range(20)]
    readers = [await one.__aenter__() for one in opened]
    await service.ready_order(number="ТД-1")
    for reader in readers:
        assert (await card(reader))["order_number"] == "ТД-1"
    assert looks < 20
    for one in opened:
        await one.__aexit__(None, None, None)


# -- whatever order transactions commit in


ROWS, WRITERS = 4, 3
steps = st.lists(
    st.tuples(st.sampled_from(["write", "write", "commit", "rollback", "look"]), st.integers(0, WRITERS - 1),
              st.integers(0, ROWS - 1)),
    max_size=40,
)  # fmt: skip


class Writers:
    """Transactions side by side, each with rows of its own while it is open: they would wait for each other."""

    def __init__(self, dsn: str, ids: list[UUID]) -> None:
        self.ids = ids
        self.conns = [psycopg.connect(dsn) for _ in range(WRITERS)]
        self.held: dict[int, int] = {}

    def do(self, step: str, who: int, row: int) -> None:
        if step == "write" and self.held.get(row, who) == who:
            self.held[row] = who
            self.conns[who].execute(
                "UPDATE delivery SET version = version + 1, doc = jsonb_set(doc, '{version}', to_jsonb(version + 1)) "
                "WHERE id = %s",
                [self.ids[row]],
            )
        elif step in ("commit", "rollback"):
            (self.conns[who].commit if step == "commit" else self.conns[who].rollback)()
            self.held = {row: holder for row, holder in self.held.items() if holder != who}

    def close(self) -> None:
        for conn in self.conns:
            conn.close()


async def _made(dsn: str) -> list[UUID]:
    async with running(dsn) as service:
        return [UUID((await service.ready_order(number=f"ТД-{n}"))[1]["id"]) for n in range(ROWS)]


async def _walk(dsn: str, ids: list[UUID], course: list[tuple[str, int, int]]) -> None:
    db, writers = Database(dsn, size=1), Writers(dsn, ids)
    await db.open()
    cursor, seen, told = await board.cursor(db), {}, 0
    before = {row.delivery.id: row.delivery.version for row in (await board.docs(db, ids)).values()}
    committed = dict(before)
    try:
        for step, who, row in [*course, *(("commit", n, 0) for n in range(WRITERS)), ("look", 0, 0)]:
            writers.do(step, who, row)
            if step == "look":
                changes = await board.changes(db, cursor, 1000)
                cursor = changes.cursor
                now = await board.docs(db, changes.moved_from)
                assert all(now[id].delivery.version > seen.get(id, before[id]) for id in now), "told twice"
                seen |= {id: one.delivery.version for id, one in now.items()}
                told += len(now)
        committed = {id: one.delivery.version for id, one in (await board.docs(db, ids)).items()}
        assert {**before, **seen} == committed
    finally:
        writers.close()
        await db.close()


def test_every_commit_is_seen_once_in_whatever_order_transactions_commit(database_server: Databases):
    with database_server.migrated() as dsn, asyncio.Runner() as runner:
        ids = runner.run(_made(dsn))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(course=steps)
        def walk(course: list[tuple[str, int, int]]) -> None:
            runner.run(_walk(dsn, ids, course))

        walk()


async def test_a_transaction_that_began_before_a_look_and_ends_after_later_ones_is_not_lost(service: Service):
    _, first = await service.ready_order(number="ТД-1")
    db = Database(service.dsn, size=1)
    await db.open()
    with psycopg.connect(service.dsn) as slow:
        slow.execute("UPDATE delivery SET doc = doc WHERE id = %s", [UUID(first["id"])])
        cursor = await board.cursor(db)
        _, second = await service.ready_order(number="ТД-2")
        changes = await board.changes(db, cursor, 100)
        assert set(changes.moved_from) == {UUID(second["id"])}
        slow.commit()
    changes = await board.changes(db, changes.cursor, 100)
    assert set(changes.moved_from) == {UUID(first["id"])}
    assert not (await board.changes(db, changes.cursor, 100)).moved_from
    with pytest.raises(CursorUnknown):
        await board.changes(db, "1'; DROP TABLE delivery; --", 100)
    await db.close()


async def test_old_deliveries_get_their_columns_and_no_board_is_told(service: Service):
    for n in range(3):
        await service.ready_order(number=f"ТД-{n}")
    await service.rows("UPDATE delivery SET planned_at = NULL, search = NULL, due_kop = NULL RETURNING id")
    db = Database(service.dsn, size=1)
    await db.open()
    cursor = await board.cursor(db)
    assert [await board.fill(db, 2) for _ in range(3)] == [2, 1, 0]
    assert not (await board.changes(db, cursor, 100)).moved_from
    told = (await service.person("GET", BOARD, params={"q": "ТД-"})).json()
    assert len(told["cards"]) == 3
    assert told["columns"][0]["due"] == "6840.00"
    await db.close()


async def test_random_days_end_as_the_board_has_them(service: Service):
    """Cards kept by what the stream says are those that the board shows."""
    chance = random.Random(7)
    ids = [(await service.ready_order(number=f"ТД-{n}", ready={"courier": COURIER}))[1]["id"] for n in range(5)]
    kept = {one["id"]: one for one in (await service.person("GET", BOARD)).json()["cards"]}
    async with stream(service, PERSON_TOKEN, last_id=await cursor_of(service)) as opened:
        await opened.next("hello")
        for _ in range(25):
            one, action = chance.choice(ids), chance.choice(["pick_up", "depart", "not_deliver", "retry", "hand_over"])
            body = {"action": action, "reason": "not_home"}
            await service.person("POST", f"{BOARD}/{one}/actions", body, headers=as_person(PERSON_TOKEN))
        shown = {one["id"]: one for one in (await service.person("GET", BOARD)).json()["cards"]}
        async with asyncio.timeout(30):
            while kept != shown:
                told = await card(opened)
                kept[told["id"]] = told
