"""The page «Базы 1С»: the state of each base, what waits for what, when it was heard, its counts and its first load."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiohttp import web
from httpx import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    OTHER_BASE,
    OTHER_TOKEN,
    PRODUCT,
    WAREHOUSE,
    Exchange,
    Service,
    command,
    courier,
    division,
    line,
    new_ref,
    obj,
    order,
    product,
    running,
    warehouse,
)
from tests.flow.test_first_load import Loading, loading
from tests.flow.test_push import orders, pushing

from posrednik.api import documents_bases as told_of
from posrednik.api.documents_bases import SeenBase
from posrednik.usecases import count_objects, manage_loads
from posrednik.usecases.count_objects import ObjectCounts

Json = dict[str, Any]


async def _get(service: Service, path: str, **more: Any) -> Response:
    return await service.person("GET", path, **more)


async def change(service: Service, statement: str, *values: Any) -> None:
    await service.rows(f"{statement} RETURNING 1", *values)


async def bases(service: Service) -> dict[str, Json]:
    answer = await _get(service, "/api/v1/admin/bases")
    assert answer.status_code == 200, answer.text
    published = msgspec.json.decode(answer.content, type=told_of.Bases)
    found = answer.json()["bases"]
    assert all(set(one) == set(SeenBase.__struct_fields__) for one in found), "what is told is what is published"
    assert [str(one.id) for one in published.bases] == [one["id"] for one in found]
    return {one["id"]: one for one in found}


async def base(service: Service) -> Json:
    return (await bases(service))[str(BASE)]


async def waiting(service: Service, **query: Any) -> Json:
    answer = await _get(service, f"/api/v1/admin/bases/{BASE}/waiting", params=query)
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=told_of.WaitingPage)
    told: Json = answer.json()
    return told


# -- the state of each


async def test_a_base_that_never_called_is_told_so(service: Service):
    one = await base(service)
    assert (one["epoch"], one["heard_at"], one["last_accepted"], one["silent"]) == (None, None, None, False)
    assert (one["restored"], one["load"], one["gaps"], one["missing"]) == (None, None, [], 0)
    assert one["objects"]["kinds"] == []
    assert (one["mode"], one["encoding"], one["loadable"]) == ("pull", "json", False)


async def test_a_base_that_sent_something_is_told_with_its_numbers_and_objects(service: Service):
    await service.onec.send([division(), warehouse(), product(), product(new_ref())])
    await service.onec.send([{**product(new_ref()), "deleted": True}], number=5)
    one = await base(service)
    assert (one["epoch"], one["instance"], one["last_accepted"]) == (service.onec.epoch, "srv1/trade", 5)
    assert (one["gaps"], one["missing"]) == ([[2, 4]], 3)
    assert one["message_at"] is not None
    assert [(k["kind"], k["present"], k["deleted"]) for k in one["objects"]["kinds"]] == [
        ("product", 2, 1), ("division", 1, 0), ("warehouse", 1, 0),
    ]  # fmt: skip
    assert all(k["changed_at"] for k in one["objects"]["kinds"])
    assert (await bases(service))[str(OTHER_BASE)]["objects"]["kinds"] == []


async def test_more_gaps_than_are_shown_are_counted(service: Service):
    for number in range(2, 62, 2):
        await service.onec.send(number=number)
    one = await base(service)
    assert (len(one["gaps"]), one["missing"]) == (20, 30)


async def test_asking_for_events_is_being_heard_and_a_refused_copy_is_not(service: Service):
    await service.onec.send([division()])
    await change(service, "DELETE FROM base_heard")
    copy = Exchange(service.client)
    copy.epoch, copy.instance = service.onec.epoch, "srv2/copy"
    assert (await copy.post("messages", copy.envelope(number=2))).status_code == 409
    assert await service.rows("SELECT * FROM base_heard") == []
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await other.send([division()])
    await other.outgoing()
    assert [row["base_id"] for row in await service.rows("SELECT base_id FROM base_heard")] == [OTHER_BASE]


async def test_a_base_that_takes_what_is_pushed_is_heard_and_one_that_does_not_answer_is_not(database: str):
    async with pushing(database) as pushed:
        await orders(pushed.service, 1)
        await change(pushed.service, "DELETE FROM base_heard")
        pushed.onec.answers = [lambda _: web.Response(status=503)]
        await pushed.rounds()
        assert await pushed.service.rows("SELECT * FROM base_heard") == []
        await pushed.make_due()
        await pushed.rounds()
        assert [row["base_id"] for row in await pushed.service.rows("SELECT base_id FROM base_heard")] == [BASE]


async def test_a_base_that_is_not_heard_for_a_day_is_silent(service: Service):
    await service.onec.send([division()])
    assert (await base(service))["silent"] is False
    await change(service, "UPDATE base_heard SET at = now() - interval '25 hours'")
    assert (await base(service))["silent"] is False, "its message is from now"
    await change(service, "UPDATE inbox SET received_at = now() - interval '25 hours'")
    assert (await base(service))["silent"] is True


async def test_a_restored_base_is_in_doubt_and_tells_what_was_compared_since(service: Service):
    await service.onec.send([division(), product()])
    await service.onec.begin_epoch()
    one = (await base(service))["restored"]
    assert (one["reason"], one["lost"], one["compared"], one["left"]) == ("restore", 0, 0, None)
    assert one["at"] is not None
    await change(
        service, "INSERT INTO slice_check (base_id, kind, slice, epoch_no, theirs_count, ours_count, equal, asked)"
        " VALUES (%s, 'product', '', 2, 1, 1, true, false)", BASE,
    )  # fmt: skip
    one = (await base(service))["restored"]
    assert (one["compared"], one["agreed"]) == (1, 1)


async def test_numbers_that_go_back_put_a_base_in_doubt_without_a_new_epoch(service: Service):
    await service.onec.send([division(name="Центр")], number=1)
    await service.onec.post("messages", service.onec.envelope([division(name="Юг")], number=1))
    one = (await base(service))["restored"]
    assert (one["at"], one["left"]) == (None, None)


async def test_what_1c_has_not_acknowledged_is_told_with_its_age(service: Service):
    await service.picked_up()
    told = (await base(service))["outgoing"]
    assert (told["waiting"], told["given"], told["dead"], told["state"]) == (1, 0, 0, "open")
    assert told["oldest_s"] >= 0
    await service.onec.outgoing()
    assert (await base(service))["outgoing"]["given"] == 1


async def test_nobody_without_the_right_sees_bases(service: Service):
    for path in ("bases", f"bases/{BASE}/waiting"):
        assert (await service.onec.call("GET", f"/api/v1/admin/{path}")).status_code == 403
        assert (await service.client.get(f"/api/v1/admin/{path}")).status_code == 401


# -- what waits, and for what


async def test_a_waiting_object_is_told_with_what_it_waits_for(service: Service):
    first, second = new_ref(), new_ref()
    lines = [line(name="Термос стальной")]
    await service.onec.send([division(), order(first, lines=lines), order(second, number="ТД00-000124", lines=lines)])
    one = (await base(service))["waiting"]
    assert (one["objects"], one["oldest_at"] is not None) == ({"count": 2, "more": False}, True)
    told = await waiting(service)
    assert {(o["kind"], o["name"], o["number"]) for o in told["objects"]} == {
        ("order", "ТД00-000123", 1), ("order", "ТД00-000124", 1),
    }  # fmt: skip
    needs = {"kind": "product", "ref": PRODUCT, "name": "Термос стальной", "state": "absent"}
    assert all(needs in o["needs"] and o["needs_count"] == 2 for o in told["objects"])
    assert [(w["kind"], w["ref"], w["count"]["count"], w["name"]) for w in told["wanted"]] == [
        ("product", PRODUCT, 2, "Термос стальной"), ("warehouse", WAREHOUSE, 2, ""),
    ]  # fmt: skip
    await service.onec.send([product(), warehouse()])
    told = await waiting(service)
    assert (told["objects"], told["wanted"], told["next"]) == ([], [], None)


async def test_what_lies_in_quarantine_is_told_apart_from_what_never_came(service: Service):
    ref = new_ref()
    await service.onec.send([division(), warehouse(), obj("product", PRODUCT, {"code": "1", "unit": "шт"}), order(ref)])
    told = await waiting(service)
    assert [(n["kind"], n["state"]) for n in told["objects"][0]["needs"]] == [("product", "quarantined")]
    assert [(w["ref"], w["state"]) for w in told["wanted"]] == [(PRODUCT, "quarantined")]


async def test_a_command_waits_for_its_order_and_the_order_for_its_goods(service: Service):
    ref, never = new_ref(), new_ref()
    await service.onec.send([division(), warehouse(), order(ref)], [
        command("delivery.ready", ref, courier=COURIER), command("delivery.ready", never),
    ])  # fmt: skip
    assert (await base(service))["waiting"]["commands"] == {"count": 2, "more": False}
    told = await waiting(service)
    assert {(c["type"], c["order"], c["by"]) for c in told["commands"]} == {
        ("delivery.ready", ref, "Мария"), ("delivery.ready", never, "Мария"),
    }  # fmt: skip
    states = {w["ref"]: (w["kind"], w["state"], w["name"]) for w in told["wanted"]}
    assert states[ref] == ("order", "waiting", "ТД00-000123")
    assert states[never] == ("order", "absent", "")
    assert states[PRODUCT][:2] == ("product", "absent")


async def test_pages_of_what_waits_have_no_gap_and_no_double(service: Service):
    refs = sorted(new_ref() for _ in range(7))
    for ref in refs:
        await service.onec.send([order(ref)])
    seen, after = [], ""
    while True:
        told = await waiting(service, limit=3, after=after)
        seen += [o["ref"] for o in told["objects"]]
        if told["next"] is None:
            break
        after = told["next"]
    assert sorted(seen) == refs
    assert len(seen) == len(set(seen))
    answer = await _get(service, f"/api/v1/admin/bases/{BASE}/waiting", params={"after": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_a_base_that_is_not_there_has_nothing_waiting(service: Service):
    answer = await _get(service, f"/api/v1/admin/bases/{uuid4()}/waiting")
    assert answer.json() == {"objects": [], "commands": [], "wanted": [], "most": False, "next": None}


# -- counting


async def test_the_objects_are_not_counted_at_every_look(service: Service):
    await service.onec.send([division()])
    first = (await base(service))["objects"]
    await service.onec.send([product()])
    again = (await base(service))["objects"]
    assert again["counted_at"] == first["counted_at"]
    assert [k["kind"] for k in again["kinds"]] == ["division"]


async def test_a_count_that_takes_long_keeps_nobody_waiting_and_runs_once(service: Service, monkeypatch: Any):
    gate, counted = asyncio.Event(), 0

    async def slow(_: Any) -> list[Any]:
        nonlocal counted
        counted += 1
        await gate.wait()
        return []

    monkeypatch.setattr(count_objects.bases, "objects", slow)
    monkeypatch.setattr(count_objects, "PATIENCE_S", 0.01)
    counts = ObjectCounts(None)  # type: ignore[arg-type]  # nothing is read
    assert await asyncio.gather(*(counts.now() for _ in range(5))) == [None] * 5
    gate.set()
    made = await counts.now()
    assert (counted, made is not None) == (1, True)
    await counts.stop()


# -- the first load


@pytest.fixture
async def one(database: str) -> AsyncIterator[Loading]:
    async with loading(database) as made:
        yield made


async def test_the_load_of_a_base_is_told_with_it_without_the_objects_that_differ(one: Loading):
    assert await one.load() == "done"
    one.onec.sets["Catalog_Номенклатура"].pop()
    await one.load()
    told = await base(one.service)
    assert (told["loadable"], told["load"]["state"], told["load"]["asked_by"]) == (True, "done", "Мария")
    assert {s["kind"]: s["differing"] for s in told["load"]["sets"]}["product"] == 1


async def test_a_load_that_cannot_go_on_is_begun_anew_after_it_was_stopped(one: Loading):
    first = await one.start()
    assert await one.reader().run(first) == "done"
    second = await one.start()
    await one.db.transact(lambda tx: manage_loads.stop(tx, BASE))
    third = await one.start()
    told = await one.told()
    assert (third, told["state"], told["sets"], told["done"]) == (second, "running", [], 0)
    assert await one.reader().run(third) == "done"
    assert (await one.told())["total"] == (await one.told())["done"]


# -- E-29: the order in which things come does not matter, and nothing waits for ever

CYCLE_DIVISION, CYCLE_WAREHOUSE, CYCLE_COURIER, CYCLE_PRODUCT = (
    f"{n}1111111-0000-4000-8000-000000000001" for n in ("d", "a", "c", "f")
)


def in_a_circle() -> list[Json]:
    """Each refers to another, round and round: the division's parent is itself, the courier's warehouse is his, the
    warehouse's courier has it, the order ships by a document that names the order, the transfer names the order."""
    first, second = (f"e1111111-0000-4000-8000-00000000000{n}" for n in (1, 2))
    goods = {"lines": [line(product=CYCLE_PRODUCT)], "warehouse": CYCLE_WAREHOUSE}
    paper = {"number": "1", "date": "2026-11-20T10:00:00", "order": first}
    return [
        obj("division", CYCLE_DIVISION, {"name": "Центр", "parent": CYCLE_DIVISION}),
        obj("warehouse", CYCLE_WAREHOUSE, {"name": "Склад", "division": CYCLE_DIVISION, "courier": CYCLE_COURIER}),
        courier(CYCLE_COURIER, division=CYCLE_DIVISION, warehouse=CYCLE_WAREHOUSE),
        obj("product", CYCLE_PRODUCT, {"code": "1", "name": "Термос", "unit": "шт", "group": CYCLE_PRODUCT}),
        order(first, division=CYCLE_DIVISION, shipment=second, courier=CYCLE_COURIER, **goods),
        obj("shipment", second, {**paper, **goods, "sum": "1980.00"}),
        obj("return", new_ref(), {**paper, **goods, "sum": "1980.00"}),
        obj("transfer", new_ref(), {**paper, "from": CYCLE_WAREHOUSE, "to": CYCLE_WAREHOUSE, "lines": goods["lines"]}),
    ]  # fmt: skip


CIRCLE = in_a_circle()


@pytest.fixture(scope="module")
def circle_database(module_database: str) -> str:
    return module_database


@given(order_of=st.permutations(range(len(CIRCLE))), cut=st.lists(st.booleans(), min_size=8, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_things_that_refer_to_each_other_in_a_circle_never_hang(
    circle_database: str, order_of: list[int], cut: list[bool]
):
    """E-29: whatever comes first, in one message or in eight, all is applied at the end and nothing waits."""
    asyncio.run(_tell_the_circle(circle_database, order_of, cut))


async def _tell_the_circle(dsn: str, order_of: list[int], cut: list[bool]) -> None:
    async with running(dsn) as service:
        await change(service, "DELETE FROM waiting_object")
        await change(service, "DELETE FROM mirror")
        await service.onec.begin_epoch()
        message: list[Json] = []
        for index, last in zip(order_of, cut, strict=True):
            message.append(CIRCLE[index])
            if last:
                await service.onec.send(message)
                message = []
        told = await service.onec.send(message)
        assert told["quarantined"] == []
        assert (await waiting(service))["wanted"] == []
        assert (await service.onec.state())["waiting"] == 0
        here = {(row["kind"], row["ref"]) for row in await service.mirror()}
        assert here == {(one["kind"], one["ref"]) for one in CIRCLE}


async def test_what_never_came_is_asked_for_and_frees_what_waited(service: Service):
    """E-29: nobody has to know which document waits: the kind that is missing is asked for as a whole."""
    await service.onec.send([division(), warehouse(), order(new_ref())])
    (wanted,) = (await waiting(service))["wanted"]
    asked = {"base": str(BASE), "kind": wanted["kind"], "slice": ""}
    answer = await service.person("POST", "/api/v1/admin/reconciliation/ask", asked)
    assert answer.json() == {"asked": True}
    (event,) = [one for one in await service.onec.events() if one["type"] == "exchange.send_slice"]
    assert event["data"]["kind"] == "product"
    assert (await service.onec.send([product()]))["released"] == 1
    assert (await base(service))["waiting"]["objects"]["count"] == 0


async def test_what_waits_is_visible_until_the_last_of_it_has_come(service: Service):
    """E-29: a document that came before its goods says at every moment which of them are still missing."""
    goods = [new_ref() for _ in range(4)]
    lines = [line(str(n), product=ref) for n, ref in enumerate(goods, 1)]
    await service.onec.send([division(), warehouse(), order(new_ref(), lines=lines)])
    for ref in goods[:-1]:
        await service.onec.send([product(ref)])
        (waits,) = (await waiting(service))["objects"]
        still = goods[goods.index(ref) + 1 :]
        assert sorted(n["ref"] for n in waits["needs"]) == sorted(still)
    told = await service.onec.send([product(goods[-1])])
    assert told["released"] == 1
    assert (await waiting(service))["objects"] == []
