"""Shadow sends nothing: every type of event, with the real worker and the sandbox's portal and a shop that count."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from tests.connectors.bitrix24_harness import a_portal
from tests.connectors.harness import Server
from tests.flow.exchange_client import BASE, COURIER, DIVISION, Json, Service, running, settings, until
from tests.flow.test_modes import SECRET
from tests.unit.domain.delivery_builders import NOW, a_delivery, names_for

from posrednik import bootstrap, bootstrap_worker
from posrednik.config import Bitrix24, Division, SubscriptionSection, Webhooks
from posrednik.domain.events import Actor, Cause, Event, delivery_event, hand_over_data
from posrednik.domain.routes import TABLE, routes_for
from posrednik.kit.http import Sessions
from posrednik.store import destinations, events
from posrednik.store.db import Database, Tx

LINE = {
    "line": "1", "product": str(uuid4()), "characteristic": None, "quantity_milli": 1000, "price_kop": 100,
    "sum_kop": 100, "expected_milli": 1000, "counted_milli": 1000, "accepted_milli": 1000, "refused_milli": 0,
    "name": "Плед",
}  # fmt: skip
# More than any type has of its own: what is left out would be a type that nobody has thought of here.
OF_TRADE: Json = {
    "base_id": str(BASE), "courier_ref": COURIER, "warehouse_ref": "w1", "till_ref": "till", "lines": [LINE],
    "sum_kop": 100, "payment_method": "cash", "entry_id": str(uuid4()), "receiver": {"ref": None, "name": "Анна"},
    "documents": [], "document": None, "reason": "x", "receipt": False, "id": str(uuid4()), "status": "done",
    "code": None, "message": None, "result": {}, "corrects": "hand_in", "kind": "no_photo", "fresh": True,
    "before": {"lines": [], "sum_kop": 100, "payment_method": "cash", "till_ref": "till"},
    "severity": "alarm", "state": "open", "what": "x", "order_number": "1", "decided_by": None,
}  # fmt: skip


def any_event(event_type: str) -> Event:
    """One event of this type, complete enough for ledgers, figures and everybody who is told."""
    if event_type.startswith("delivery."):
        delivery = replace(
            a_delivery("pick_up", "hand_over"), base_id=BASE, division_ref=DIVISION, id=uuid4(), order_ref=str(uuid4())
        )
        own = {**hand_over_data(delivery), "lines": [], "refund_kop": 0, "refund_cash_kop": 0, "reason": "x", "by": "y",
               "changed": ["address"], "photo_hashes": ["ab" * 32], "action": "depart", "corrects": "not_deliver",
               "before": {"reason": "y"}}  # fmt: skip
        return delivery_event(event_type, delivery, Cause(Actor("system"), NOW, names_for("petrov")), own)
    kind = event_type.partition(".")[0]
    return Event(event_type, kind, uuid4(), 1, NOW, Actor("system"), DIVISION, False, dict(OF_TRADE))


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    made = Database(database, size=2)
    await made.open()
    try:
        await bootstrap.apply_configuration(made, configured("https://portal.example", "http://127.0.0.1:9/hook"))
        yield made
    finally:
        await made.close()


def configured(portal: str, shop: str, mode: str = "shadow") -> Any:
    return settings(
        divisions=(Division(ref=DIVISION, mode=mode),),
        bitrix24=Bitrix24(portal_url=portal, webhook="1/sandboxsecret", default_group=11, calls_per_second=0),
        webhooks=Webhooks(allow_private=True),
        subscriptions=(SubscriptionSection(url=shop, secret=SECRET, events=("*",)),),
    )


async def messages_of(db: Database, event: Event, mode: str) -> int:
    """How many messages the event makes in a division of this mode."""
    db.before_commit = partial(_only_messages, mode=mode)

    async def work(tx: Tx) -> None:
        events.emit(tx, event, BASE, None)

    await db.transact(work)
    rows = await db.read("lanes_waiting", {"destination": None, "limit": 1000})
    return sum(row.depth for row in rows)


async def _only_messages(tx: Tx, mode: str) -> None:
    await events.flush(tx, lambda division: mode)


@pytest.mark.parametrize("event_type", sorted(TABLE))
async def test_no_type_of_event_is_sent_in_shadow_or_off(db: Database, event_type: str) -> None:
    event = any_event(event_type)
    answer = event.subject_kind == "command"  # 1C asked for it by its own command
    for mode in ("shadow", "off"):
        silent = replace(event, subject_id=uuid4())
        assert await messages_of(db, silent, mode) == (len(TABLE[event_type]) if answer else 0)
        if answer:
            return
    live = replace(event, subject_id=uuid4())
    assert await messages_of(db, live, "live") == len(routes_for(live))


async def test_the_portal_and_the_shop_get_no_call_until_it_is_switched_on(database: str) -> None:
    calls: list[str] = []

    async def hook(request: web.Request) -> web.Response:
        calls.append((await request.json())["type"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    shop = Server(app)
    await shop.start()
    try:
        async with a_portal() as portal:
            made = configured(f"http://127.0.0.1:{portal.server.port}", f"http://127.0.0.1:{shop.port}/hook")
            async with running(database, made) as service:
                await _a_day(service)
                await _work_until(database, made, _all_looked_at)
                assert (portal.received, calls, await service.onec.events()) == (0, [], [])
                answer = await service.person(
                    "POST", f"/api/v1/admin/pilot/{DIVISION}/mode", {"mode": "live", "reason": "x", "force": True}
                )
                assert answer.json()["plan"]["tell"] == 1

                async def told(db: Database) -> bool:
                    return len(list(portal.portal.tasks)) == 1

                await _work_until(database, made, told)
                assert portal.received > 0
                assert calls == []
    finally:
        await shop.stop()


async def _a_day(service: Service) -> None:
    """One delivery that stays on its way, one that is settled."""
    await service.picked_up()
    _, done = await service.picked_up()
    await service.act(done["id"], "hand_over", amount_taken="0.00", payment_method="card")


async def _all_looked_at(db: Database) -> bool:
    """Every destination has a dispatcher by now that has had its chance."""
    await asyncio.sleep(0.5)
    return not [row for row in await destinations.due(db) if row.due]


async def _work_until(dsn: str, made: Any, true: Any) -> None:
    """The worker as `posrednik worker` runs it, until something is so."""
    db, sessions = bootstrap.database(made, dsn), Sessions()
    await db.open()
    worker = bootstrap_worker.worker(made, db, sessions)
    await worker.start()
    try:
        await until(partial(true, db))
    finally:
        await worker.stop(2.0)
        await sessions.close()
        await db.close()
