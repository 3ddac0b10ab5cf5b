"""contract.md §4: subscriptions and the feed for those who cannot be called."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    Service,
    division,
    new_ref,
    order,
    references,
    running,
)  # fmt: skip
from tests.flow.exchange_client import settings as configured

from posrednik.config import Division
from posrednik.domain.events import Actor, Event
from posrednik.kit.ids import uuid7
from posrednik.store import events as event_store
from posrednik.store.db import Database, Tx
from posrednik.usecases.read_feed import read_feed

URL = "https://shop.example/hook"


async def subscribe(service: Service, **more) -> dict:
    answer = await service.person("POST", "/api/v1/subscriptions", {"url": URL, "events": ["delivery.*"], **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


# -- subscriptions


async def test_a_subscription_is_made_shown_changed_and_ended_and_its_secret_is_shown_once(service: Service):
    made = await subscribe(service)
    assert made["secret"].startswith("whsec_")
    path = f"/api/v1/subscriptions/{made['id']}"
    shown = (await service.person("GET", path)).json()
    assert (shown["url"], shown["events"], shown["state"], shown["division"]) == (URL, ["delivery.*"], "open", None)
    assert (await service.person("GET", "/api/v1/subscriptions")).json()["subscriptions"] == [shown]
    assert made["secret"] not in (await service.person("GET", path)).text
    changed = await service.person("PATCH", path, {"events": ["delivery.handed_over"], "division": DIVISION})
    assert changed.json() == {**shown, "events": ["delivery.handed_over"], "division": DIVISION}
    assert (await service.person("GET", path)).json() == changed.json()
    assert (await service.person("PATCH", path, {"division": ""})).json()["division"] is None
    assert (await service.person("PATCH", path, {"state": "paused"})).json()["state"] == "paused"
    assert (await service.person("DELETE", path)).status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        answer = await service.person(method, path, {} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await service.person("GET", "/api/v1/subscriptions")).json() == {"subscriptions": []}


async def test_a_rotation_gives_a_new_secret_and_the_old_one_signs_on_for_a_day(service: Service):
    made = await subscribe(service)
    new = (await service.person("POST", f"/api/v1/subscriptions/{made['id']}/rotate")).json()["secret"]
    assert new != made["secret"]
    [row] = await service.rows("SELECT secret, old_secret, old_secret_until FROM subscription")
    assert (row["secret"], row["old_secret"]) == (new, made["secret"])
    assert 23 < (row["old_secret_until"] - datetime.now(UTC)).total_seconds() / 3600 <= 24


async def test_a_test_event_is_queued_for_that_subscriber_alone(service: Service):
    made, other = await subscribe(service), await subscribe(service)
    answer = await service.person("POST", f"/api/v1/subscriptions/{made['id']}/test")
    assert answer.status_code == 202
    rows = await service.rows("SELECT d.name FROM message m JOIN lane l ON l.id = m.lane_id "
                              "JOIN destination d ON d.id = l.destination_id")  # fmt: skip
    assert [row["name"] for row in rows] == [f"site:{made['id']}"]
    assert other["id"] != made["id"]


async def test_an_address_that_cannot_be_called_is_refused(module_service: Service):
    for url in [
        "ftp://shop.example/x",
        "shop.example",
        "https://",
        "https://user:secret@shop.example/",
        "http://shop.example/x",
        "https://[::1",
        "https://shop.example:port/",
        "https://10.0.0.1/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest",
        "https://shop.example/ x",
        "https://" + "x" * 3000,
    ]:
        answer = await module_service.person("POST", "/api/v1/subscriptions", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_subscription")
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/url"]


@pytest.fixture
async def module_service(module_database: str) -> AsyncIterator[Service]:
    async with running(module_database) as made:
        yield made


async def test_private_addresses_are_allowed_by_configuration(database: str):
    from posrednik.config import Webhooks

    async with running(database, configured(webhooks=Webhooks(allow_private=True))) as service:
        await subscribe(service, url="http://127.0.0.1:9/hook")


async def test_patterns_that_cannot_match_are_refused(module_service: Service):
    for events in [[], [""], ["delivery *"], ["'; drop"], ["x"] * 60]:
        answer = await module_service.person("POST", "/api/v1/subscriptions", {"url": URL, "events": events})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/events")


async def test_subscribers_get_what_they_asked_for(service: Service):
    both, one = await subscribe(service), await subscribe(service, events=["delivery.picked_up"])
    elsewhere = await subscribe(service, division=new_ref())
    await service.picked_up()
    rows = await service.rows(
        "SELECT d.name, e.type FROM message m JOIN lane l ON l.id = m.lane_id JOIN destination d "
        "ON d.id = l.destination_id JOIN event e ON e.id = m.event_id WHERE d.kind = 'site' ORDER BY e.pos"
    )
    told = {
        made["id"]: [r["type"] for r in rows if r["name"] == f"site:{made['id']}"] for made in (both, one, elsewhere)
    }
    assert list(told.values()) == [["delivery.readied", "delivery.picked_up"], ["delivery.picked_up"], []]


# -- the feed


async def test_the_feed_gives_the_bodies_of_webhooks_from_the_oldest_on(service: Service):
    ref, delivery = await service.picked_up()
    feed = await service.feed()
    assert [e["type"] for e in feed["events"]] == ["delivery.readied", "delivery.picked_up"]
    body = feed["events"][0]
    assert set(body) == {"type", "timestamp", "data"}
    assert set(body["data"]) == {"event_id", "delivery"}
    assert body["data"]["delivery"] == {
        "id": delivery["id"], "version": 1, "stage": "ready", "amount_due": "2280.00",
        "order": {"ref": ref, "number": "ТД00-000123", "site_number": "1001"},
        "courier": {"ref": COURIER, "name": "Пётр Иванов"},
    }  # fmt: skip
    assert (await service.feed(after=feed["next"]))["events"] == []
    first = await service.feed(limit=1)
    assert (await service.feed(after=first["next"]))["events"] == feed["events"][1:]


async def test_the_feed_is_filtered_by_patterns_and_its_cursor_goes_on(service: Service):
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    types = [e["type"] for e in (await service.feed(types="delivery.picked_up,delivery.dep*"))["events"]]
    assert types == ["delivery.picked_up", "delivery.departed"]
    assert (await service.feed(types="sale.*"))["events"] == []
    assert len((await service.feed(types="*"))["events"]) == 3
    assert (await service.feed(types="delivery_picked"))["events"] == []


async def test_the_feed_waits_for_news(service: Service):
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    cursor = (await service.feed())["next"]
    poll = asyncio.create_task(service.feed(after=cursor, wait=60))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await service.act(delivery["id"], "pick_up")
    assert [e["type"] for e in (await poll)["events"]] == ["delivery.picked_up"]
    assert time.monotonic() - started < 50


async def test_events_of_divisions_in_shadow_do_not_leave_by_the_feed(database: str):
    async with running(database, configured(divisions=(Division(ref=DIVISION, mode="shadow"),))) as service:
        await service.ready_order()
        shown = new_ref()
        await service.onec.send([division(shown), order(ref := new_ref(), division=shown, number="2")])
        await service.onec.press("delivery.ready", ref)
        told = [e["data"]["delivery"]["order"]["number"] for e in (await service.feed())["events"]]
        assert told == ["2"]
        assert len(await service.rows("SELECT 1 FROM event")) == 2


async def test_the_feed_tells_only_of_what_subscribers_are_told_by_the_table(service: Service):
    db = Database(service.dsn)
    await db.open()
    db.before_commit = event_store.flush
    try:
        await db.transact(events_for_nobody)
        told = await read_feed(db, after=0, limit=100, types=None)
        assert [event["type"] for event in told["events"]] == ["delivery.readied"]
        assert len(await service.rows("SELECT 1 FROM event")) == 6
    finally:
        await db.close()


async def events_for_nobody(tx: Tx) -> None:
    """Shifts, incidents and a courier's own word; and one event that everybody hears."""
    for event_type in ("shift.opened", "shift.closed", "incident.raised", "incident.decided"):
        data = {"kind": "dark_photo"} if event_type == "incident.raised" else {}
        event = replace(an_event(), type=event_type, subject_kind=event_type.split(".")[0], data=data)
        event_store.emit(tx, replace(event, subject_id=uuid4(), cause_base=BASE), BASE, None)
    event_store.emit(tx, replace(an_event(), type="delivery.give_back_claimed"), BASE, None)
    event_store.emit(tx, an_event(), BASE, None)


# -- the feed under commits at the same time: a reader who follows `next` never misses one

STEP = st.sampled_from(["begin", "write", "commit", "roll back", "read"])


class Writers:
    """Transactions that write events and end when the test says so."""

    def __init__(self, db: Database) -> None:
        self._db, self.committed = db, set[str]()
        self._open: list[tuple[asyncio.Event, asyncio.Task, list[str], list[bool]]] = []

    async def begin(self) -> None:
        go_on, begun, ids, keep = asyncio.Event(), asyncio.Event(), [], [True]

        async def work(tx: Tx) -> None:
            happened = event_store.Happened(uuid7(), an_event(), BASE, None)
            await event_store._add(tx, [happened], {happened.id})
            ids.append(str(happened.id))
            begun.set()
            await go_on.wait()
            if not keep[0]:
                raise RollBack

        task = asyncio.create_task(self._db.transact(work))
        await begun.wait()
        self._open.append((go_on, task, ids, keep))

    async def end(self, keep: bool) -> None:
        """The newest first, so that commits come in another order than the events."""
        if not self._open:
            return
        go_on, task, ids, kept = self._open.pop()
        kept[0] = keep
        go_on.set()
        try:
            await task
            self.committed |= set(ids)
        except RollBack:
            pass


class RollBack(Exception):
    pass


def an_event() -> Event:
    delivery_id = uuid4()
    snapshot = {
        "id": str(delivery_id), "base_id": str(BASE), "stage": "ready", "amount_due_kop": 0, "courier": None,
        "amount_taken_kop": None, "lines": [], "reason": None, "next_date": None,
        "order": {"ref": str(uuid4()), "number": "1", "site_number": None},
    }  # fmt: skip
    return Event("delivery.readied", "delivery", delivery_id, 1, datetime.now(UTC), Actor("system"), DIVISION, False,
                 {"delivery": snapshot})  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14), limit=st.integers(1, 3))
def test_a_reader_by_cursor_never_skips_an_event_whatever_the_order_of_commits(
    module_database: str, steps: list[str], limit: int
):
    asyncio.run(_follow(module_database, steps, limit))


async def _follow(dsn: str, steps: list[str], limit: int) -> None:
    db = Database(dsn, size=16)
    await db.open()
    writers, seen = Writers(db), list[str]()
    start = await read_feed(db, after=0, limit=10_000, types=None)
    cursor = int(start["next"])

    async def read() -> bool:
        nonlocal cursor
        answer = await read_feed(db, after=cursor, limit=limit, types=None)
        cursor = int(answer["next"])
        seen.extend(event["data"]["event_id"] for event in answer["events"])
        return bool(answer["events"])

    try:
        for step in steps:
            if step in ("begin", "write"):
                await writers.begin()
            elif step == "read":
                await read()
            else:
                await writers.end(keep=step == "commit")
        while writers._open:
            await writers.end(keep=True)
        while await read():
            pass
        assert len(seen) == len(set(seen))
        assert set(seen) == writers.committed
    finally:
        await db.close()


async def test_references_alone_make_no_news(service: Service):
    await service.onec.send(references())
    assert await service.feed() == {"events": [], "next": "0"}
