"""Modes of divisions over HTTP: what is sent in each, decided in the transaction of the event."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Json,
    Service,
    new_ref,
    order,
    references,
    running,
    settings,
)

from posrednik import bootstrap
from posrednik.config import Bitrix24, Division, SubscriptionSection, Webhooks
from posrednik.store.db import Tx
from posrednik.usecases.act_on_delivery import Action, act

PILOT = f"/api/v1/admin/pilot/{DIVISION}"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    configured = settings(
        divisions=(Division(ref=DIVISION, mode="shadow"),),
        bitrix24=Bitrix24(portal_url="https://portal.example", webhook="1/secret"),
        webhooks=Webhooks(allow_private=True),
        subscriptions=(SubscriptionSection(url="http://127.0.0.1:9/hook", secret=SECRET),),
    )
    async with running(database, configured) as it:
        yield it


async def switch(service: Service, mode: str, **more: Any) -> Json:
    answer = await service.person("POST", f"{PILOT}/mode", {"mode": mode, "reason": "проба", "force": True, **more})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def couriers(service: Service, *add: str, remove: tuple[str, ...] = ()) -> Json:
    body = {"add": list(add), "remove": list(remove), "reason": "состав пилота"}
    answer = await service.person("POST", f"{PILOT}/couriers", body)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def messages(service: Service) -> Counter[tuple[str, str]]:
    """(kind of destination, type of event) of all that waits; of what stands beside tasks see `beside`."""
    rows = await service.rows(
        """SELECT d.kind, e.type FROM message m JOIN lane l ON l.id = m.lane_id
        JOIN destination d ON d.id = l.destination_id JOIN event e ON e.id = m.event_id
        WHERE NOT l.held AND m.method IN ('task.put', 'event', 'webhook') ORDER BY m.seq"""
    )
    return Counter((row["kind"], row["type"]) for row in rows)


async def beside(service: Service) -> Counter[str]:
    """Methods of what waits beside tasks."""
    rows = await service.rows(
        "SELECT m.method FROM message m JOIN lane l ON l.id = m.lane_id"
        " WHERE NOT l.held AND m.method NOT IN ('task.put', 'event', 'webhook')"
    )
    return Counter(row["method"] for row in rows)


async def held(service: Service) -> int:
    return int((await service.rows("SELECT count(*) AS n FROM lane WHERE held AND depth > 0"))[0]["n"])


async def test_in_shadow_nothing_is_put_anywhere_and_everything_is_shown(service: Service) -> None:
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "depart")
    await service.act(delivery["id"], "hand_over", amount_taken="2280.00")
    assert not await messages(service)
    assert not await beside(service)
    assert await service.onec.events() == []
    assert (await service.feed())["events"] == []
    told = (await service.person("GET", "/api/v1/admin/shadow?examples=5")).json()
    assert {kind["type"] for kind in told["kinds"]} >= {
        "delivery.readied",
        "delivery.picked_up",
        "delivery.handed_over",
    }
    systems = Counter(kind["destination"].partition(":")[0] for kind in told["kinds"])
    assert systems["bitrix24"] >= 4
    assert systems["onec"] == 3
    assert sum(n for name, n in systems.items() if name not in ("bitrix24", "onec")) == 4
    bodies = [example["body"] for kind in told["kinds"] for example in kind["examples"]]
    assert all(bodies)
    assert "+79031234567" not in str(bodies)
    assert "…4567" in str(bodies)
    assert told["total"] == sum(kind["n"] for kind in told["kinds"])
    lines = await service.rows("SELECT outcome, code FROM journal WHERE kind = 'shadow'")
    assert len(lines) == told["total"]
    assert {(line["outcome"], line["code"]) for line in lines} == {("not_sent", "shadow")}


async def test_switched_on_the_portal_gets_each_open_delivery_once_and_others_what_comes(service: Service) -> None:
    _, open_one = await service.picked_up()
    _, done = await service.picked_up()
    await service.act(done["id"], "hand_over", amount_taken="0.00", payment_method="card")
    answer = await switch(service, "live")
    assert (answer["done"], answer["plan"]["tell"]) == (True, 1)
    assert await messages(service) == Counter({("bitrix24", "delivery.picked_up"): 1})
    assert await beside(service) == Counter({"steps.put": 1})
    rows = await service.rows(
        "SELECT body->>'stage' AS stage, body->>'delivery' AS id FROM message WHERE method = 'task.put'"
    )
    assert rows == [{"stage": "picked_up", "id": open_one["id"]}]
    again = await switch(service, "live")
    assert (again["done"], again["version"]) == (False, answer["version"])
    await service.act(open_one["id"], "depart")
    assert await messages(service) == Counter(
        {("bitrix24", "delivery.departed"): 1, ("onec", "delivery.departed"): 1, ("site", "delivery.departed"): 1}
    )


async def test_back_in_shadow_what_waits_is_held_and_goes_on_when_it_is_switched_on_again(service: Service) -> None:
    await switch(service, "live")
    _, delivery = await service.picked_up()
    before = await messages(service)
    assert before["onec", "delivery.picked_up"] == 1
    answer = await switch(service, "shadow")
    assert answer["plan"] == {"tell": 0, "hold": 4, "release": 0, "join": 0}
    assert await held(service) == 4
    assert await service.onec.events() == []
    lanes = (await service.person("GET", "/api/v1/admin/lanes")).json()["lanes"]
    assert {lane["why"] for lane in lanes} == {"held"}
    await service.act(delivery["id"], "depart")
    assert not await messages(service)
    assert not await beside(service)
    back = await switch(service, "live")
    assert back["plan"] == {"tell": 1, "hold": 0, "release": 4, "join": 0}
    assert await held(service) == 0
    waits = await messages(service)
    assert waits["bitrix24", "delivery.departed"] == 1
    assert sum(n for (kind, _), n in waits.items() if kind == "bitrix24") == 1
    assert [event["type"] for event in await service.onec.events()] == ["delivery.picked_up"]
    assert waits["site", "delivery.readied"] == waits["site", "delivery.picked_up"] == 1


async def test_what_ended_while_it_was_quiet_ends_at_the_portal_too(service: Service) -> None:
    await switch(service, "live")
    _, delivery = await service.picked_up()
    await switch(service, "shadow")
    await service.act(delivery["id"], "hand_over", amount_taken="0.00", payment_method="card")
    assert (await switch(service, "live"))["plan"]["tell"] == 1
    rows = await service.rows(
        "SELECT body->>'stage' AS stage FROM message m JOIN lane l ON l.id = m.lane_id JOIN destination d"
        " ON d.id = l.destination_id WHERE m.method = 'task.put'"
    )
    assert rows == [{"stage": "settled"}]


async def test_regression_what_began_before_the_switch_and_ended_after_it_is_told_of(
    service: Service, database: str
) -> None:
    await switch(service, "live")
    _, delivery = await service.picked_up()
    configured = settings(divisions=(Division(ref=DIVISION, mode="shadow"),))
    db, began, switched = bootstrap.database(configured, database), asyncio.Event(), asyncio.Event()
    await db.open()

    async def slow(tx: Tx) -> None:
        await tx.conn.execute("SELECT now()")
        began.set()
        await switched.wait()
        action = Action("hand_over", amount_taken="0.00", payment_method="card")
        await act(tx, UUID(delivery["id"]), action, "Анна", bootstrap.rules_of(configured), datetime.now(UTC))

    handing_over = asyncio.create_task(db.transact(slow))
    try:
        await began.wait()
        await switch(service, "shadow")
        switched.set()
        await handing_over
    finally:
        await db.close()
    assert (await switch(service, "live"))["plan"]["tell"] == 1


async def test_in_a_pilot_only_listed_couriers_are_told_of(service: Service) -> None:
    await couriers(service, COURIER)
    await switch(service, "pilot")
    _, mine = await service.picked_up()
    ref = new_ref()
    await service.onec.send([*references(), order(ref, number="ТД00-000124")])
    other = (await service.onec.press("delivery.ready", ref, courier=SECOND_COURIER))["result"]["delivery"]
    keys = await service.rows("SELECT DISTINCT key FROM lane")
    assert {row["key"] for row in keys} == {f"delivery:{mine['id']}", f"steps:{mine['id']}"}
    await service.act(other["id"], "assign", courier=COURIER)
    waits = await service.rows(f"SELECT count(*) AS n FROM lane WHERE key = 'delivery:{other['id']}'")
    assert waits[0]["n"] == 2


async def test_what_began_in_the_pilot_ends_in_it(service: Service) -> None:
    await couriers(service, COURIER)
    await switch(service, "pilot")
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await service.act(delivery["id"], "assign", courier=SECOND_COURIER)
    await service.act(delivery["id"], "pick_up", courier=SECOND_COURIER)
    waits = await messages(service)
    assert waits["bitrix24", "delivery.picked_up"] == 1
    assert [event["type"] for event in await service.onec.events()] == ["delivery.picked_up"]


async def test_a_courier_who_leaves_the_pilot_takes_no_new_deliveries_into_it(service: Service) -> None:
    await couriers(service, COURIER)
    await switch(service, "pilot")
    _, old = await service.ready_order(ready={"courier": COURIER})
    await couriers(service, remove=(COURIER,))
    await service.act(old["id"], "pick_up")
    _, new = await service.picked_up()
    keys = await service.rows("SELECT DISTINCT key FROM lane WHERE NOT held")
    assert {row["key"] for row in keys} == {f"delivery:{old['id']}", f"steps:{old['id']}"}
    assert new["id"] != old["id"]


async def test_from_live_to_pilot_the_others_are_held_and_go_on_when_they_join(service: Service) -> None:
    await switch(service, "live")
    _, mine = await service.picked_up()
    ref = new_ref()
    await service.onec.send([*references(), order(ref, number="ТД00-000124")])
    await service.onec.press("delivery.ready", ref, courier=SECOND_COURIER)
    await couriers(service, COURIER)
    assert (await switch(service, "pilot"))["plan"]["hold"] == 3
    keys = {row["key"] for row in await service.rows("SELECT key FROM lane WHERE NOT held")}
    assert keys == {f"delivery:{mine['id']}", f"steps:{mine['id']}"}
    assert (await couriers(service, SECOND_COURIER))["plan"]["release"] == 3
    assert await held(service) == 0


async def test_a_trial_order_goes_to_1c_and_the_portal_marked_and_never_to_the_site(service: Service) -> None:
    await switch(service, "pilot")
    ref = new_ref()
    await service.onec.send([*references(), order(ref)])
    answer = await service.person("POST", "/api/v1/admin/pilot/orders", {"order": ref, "reason": "первая проба"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"order_ref": ref, "order_number": "ТД00-000123", "trial": True, "delivery": None}
    delivery = (await service.onec.press("delivery.ready", ref, courier=COURIER))["result"]["delivery"]
    await service.act(delivery["id"], "pick_up")
    assert await messages(service) == Counter(
        {("bitrix24", "delivery.picked_up"): 1, ("onec", "delivery.picked_up"): 1}
    )
    assert [(event["type"], event["trial"]) for event in await service.onec.events()] == [("delivery.picked_up", True)]
    await switch(service, "live")
    await service.act(delivery["id"], "depart")
    assert (await service.feed())["events"] == []
    assert not [kind for kind, _ in await messages(service) if kind == "site"]
    stands = (await service.person("GET", "/api/v1/admin/pilot")).json()["divisions"][0]
    assert [(one["order_number"], one["stage"]) for one in stands["trial_orders"]] == [("ТД00-000123", "en_route")]
    late = await service.person(
        "POST", "/api/v1/admin/pilot/orders", {"order": ref, "trial": False, "reason": "хватит"}
    )
    assert (late.status_code, late.json()["code"]) == (422, "trial_too_late")


async def test_the_mark_of_1c_itself_makes_a_trial_order(service: Service) -> None:
    await switch(service, "pilot")
    _, delivery = await service.ready_order(ready={"courier": COURIER}, trial=True)
    assert await messages(service) == Counter({("bitrix24", "delivery.readied"): 1})
    unmarked = await service.person(
        "POST", "/api/v1/admin/pilot/orders", {"order": "ТД00-000123", "trial": False, "reason": "обычный"}
    )
    assert unmarked.json()["delivery"] == {"id": delivery["id"], "version": 2}


async def test_off_takes_no_ready_and_tells_nobody(service: Service) -> None:
    await switch(service, "live")
    _, delivery = await service.picked_up()
    await switch(service, "off")
    ref = new_ref()
    await service.onec.send([*references(), order(ref)])
    answer = await service.onec.press("delivery.ready", ref)
    assert (answer["status"], answer["code"]) == ("rejected", "division_off")
    await service.act(delivery["id"], "depart")
    assert not await messages(service)
