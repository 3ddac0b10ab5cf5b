"""Backpack, quick sales and cash from end to end over HTTP: contract.md §2, §3, §5, domain.md §4."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response
from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    PRODUCT,
    WAREHOUSE,
    Service,
    new_ref,
    obj,
    references,
    running,
    settings,
)
from tests.pictures import picture

from posrednik.config import Division, Proofs

Json = dict[str, Any]
BAG = "ba600000-0000-4000-8000-000000000001"
PRICE = "990.00"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    divisions = (Division(ref=DIVISION, cash_ceiling="5000", oversale="1"),)
    async with running(database, settings(proofs=Proofs(), divisions=divisions)) as made:
        bag = obj("warehouse", BAG, {"name": "Рюкзак Иванова", "courier": COURIER})
        price = obj("price", "p1", {"product": PRODUCT, "price_type": "Розничная", "price": PRICE})
        await made.onec.send([*references(), bag, price])
        yield made


def bag_command(action: str, quantity: Any, id: str | None = None, **data: Any) -> Json:
    lines = [{"product": PRODUCT, "quantity": quantity}]
    return {"id": id or new_ref(), "type": f"backpack.{action}", "issued_by": "Мария",
            "data": {"courier": COURIER, "warehouse": WAREHOUSE, "lines": lines, **data}}  # fmt: skip


def transfer(ref: str, quantity: Any, version: str = "1", **head: Any) -> Json:
    data = {"number": "7", "date": "2026-11-22T09:00:00", "from": WAREHOUSE, "to": BAG,
            "lines": [{"product": PRODUCT, "quantity": quantity}]}  # fmt: skip
    return {**obj("transfer", ref, data, **head), "version": version}


async def loaded(service: Service, quantity: int = 5) -> Phone:
    done = await service.onec.press_as(bag_command("load", quantity))
    assert (done["status"], done["result"]["already"]) == ("done", False), done
    return await a_phone(service)


async def balances(service: Service) -> dict[str, int]:
    rows = await service.rows(
        "SELECT account, sum(quantity_milli)::bigint AS q FROM goods_balance WHERE quantity_milli <> 0 GROUP BY 1"
    )
    return {row["account"].partition(":")[0]: row["q"] for row in rows}


async def money(service: Service) -> dict[str, int]:
    rows = await service.rows("SELECT account, sum_kop FROM money_balance WHERE sum_kop <> 0")
    return {row["account"].partition(":")[0]: row["sum_kop"] for row in rows}


async def kinds(service: Service) -> list[str]:
    return [row["kind"] for row in await service.rows("SELECT kind FROM incident ORDER BY raised_at, kind")]


async def counted(service: Service, sum: str, **more: Any) -> Json:
    answer = await service.person("POST", "/api/v1/board/cash/counts", {"courier": COURIER, "counted": sum, **more})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def sale(quantity: Any = 1, method: str = "cash", **more: Any) -> Json:
    lines = [{"product": PRODUCT, "quantity": quantity, "price": PRICE}]
    return {"payload": {"lines": lines, "payment_method": method, **more}}


async def test_a_load_is_in_the_backpack_at_once_and_waits_to_be_counted(service: Service):
    phone = await loaded(service)
    day = await phone.day()
    assert [(one["name"], one["quantity"], one["pending"], one["price"]) for one in day["backpack"]] == [
        ("Термос", "5", "5", PRICE)
    ]
    (load,) = day["backpack_loads"]
    lines = [{"product": PRODUCT, "quantity": "4"}]
    done = await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": lines})
    assert (done["status"], await kinds(service)) == ("accepted", ["count_difference"])
    assert (await phone.day())["backpack"][0]["quantity"] == "4"
    assert await balances(service) == {"warehouse": -5000, "backpack": 4000, "disputed": 1000}
    (event,) = await service.onec.events()
    assert (event["type"], event["data"]["lines"][0]["counted"]) == ("backpack.accepted", "4")


async def test_a_load_command_works_once_by_id_and_by_document(service: Service):
    document, first = new_ref(), bag_command("load", 5, document=None)
    command = bag_command("load", 5, document=document)
    await service.onec.send([transfer(document, 5)], [command])
    again = await service.onec.press_as(bag_command("load", 5, document=document))
    assert (again["status"], again["result"]["already"]) == ("done", True)
    await service.onec.press_as(command)
    assert (await balances(service))["backpack"] == 5000
    assert first["type"] == "backpack.load"


async def test_a_transfer_without_a_command_loads_and_unposted_takes_back(service: Service):
    document = new_ref()
    await service.onec.send([transfer(document, 5)])
    assert (await balances(service))["backpack"] == 5000
    await service.onec.send([transfer(document, 5, "2", posted=False)])
    assert await balances(service) == {}


async def test_a_transfer_undone_after_a_sale_is_one_incident(service: Service):
    document = new_ref()
    await service.onec.send([transfer(document, 2)])
    phone = await a_phone(service)
    await phone.do("sale.make", **sale(2))
    await service.onec.send([transfer(document, 2, "2", posted=False)])
    assert await kinds(service) == ["transfer_undone_after_sale"]


async def test_a_sale_lowers_the_backpack_raises_the_cash_and_reaches_1c(service: Service):
    phone = await loaded(service)
    done = await phone.do("sale.make", **sale(2, receipt=True))
    assert done["status"] == "accepted", done
    day = await phone.day()
    assert (day["backpack"][0]["quantity"], day["cash"]["to_hand_in"], day["cash"]["sold"]) == (
        "3",
        "1980.00",
        "1980.00",
    )
    assert [(one["sum"], one["receipt"]) for one in day["sales"]] == [("1980.00", True)]
    (event,) = await service.onec.events()
    data = event["data"]
    assert (event["type"], event["subject"]["kind"]) == ("sale.made", "sale")
    assert (data["courier"], data["warehouse"], data["sum"], data["payment_method"]) == (
        COURIER,
        BAG,
        "1980.00",
        "cash",
    )
    assert data["lines"][0]["quantity"] == "2"


async def test_a_sale_repeated_or_sent_twice_is_one(service: Service):
    phone = await loaded(service)
    event = phone.act("sale.make", **sale(1))
    await phone.send(event)
    told = await phone.send(event)
    assert told["results"][0]["status"] == "duplicate"
    assert await money(service) == {"customer": -99000, "cash": 99000}


async def test_oversale_within_the_limit_is_an_incident_and_beyond_it_refused(service: Service):
    phone = await loaded(service, 1)
    version = (await phone.day())["backpack_version"]
    within = await phone.do("sale.make", version=version, **sale(2, "card"))
    assert (within["status"], await kinds(service)) == ("accepted", ["backpack_negative"])
    beyond = await phone.do("sale.make", version=version, **sale(1, "card"))
    assert (beyond["status"], beyond["code"]) == ("rejected", "not_in_backpack")


async def test_a_sale_is_corrected_by_a_new_event(service: Service):
    phone = await loaded(service)
    made = phone.act("sale.make", **sale(2))
    await phone.send(made)
    right = sale(1, "card")["payload"]
    done = await phone.do("correction", payload={"of": made["id"], "reason": "взял один", "payload": right})
    assert done["status"] == "accepted", done
    assert await money(service) == {"customer": -99000, "acquiring": 99000}
    assert (await balances(service))["backpack"] == 4000
    assert [one["type"] for one in await service.onec.events()] == ["sale.made", "sale.corrected"]


async def handed_over(service: Service, phone: Phone, sum: str = "2280.00") -> str:
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await phone.do("delivery.pick_up", delivery["id"])
    payload = {"amount_taken": sum, "payment_method": "cash"}
    done = await phone.do("delivery.hand_over", delivery["id"], payload=payload, photos=[picture(1)[0]])
    assert done["status"] == "accepted", done
    return str(delivery["id"])


async def stage(service: Service, delivery: str) -> str:
    (row,) = await service.rows("SELECT stage FROM delivery WHERE id = %s", delivery)
    return str(row["stage"])


async def test_the_example_of_the_rules(service: Service):
    """domain.md §4: change 2 000, an order of 2 450 (here 2 280), thermoses for 990 in cash and by card."""
    phone = await loaded(service)
    await service.person("POST", "/api/v1/board/cash/change", {"courier": COURIER, "sum": "2000.00"})
    delivery = await handed_over(service, phone)
    await phone.do("sale.make", **sale(1))
    await phone.do("sale.make", **sale(1, "card"))
    assert (await phone.day())["cash"]["to_hand_in"] == "5270.00"
    first = await counted(service, "5230.00")
    assert (first["state"], first["expected"], first["difference"]) == ("needs_reason", "5270.00", "-40.00")
    assert await stage(service, delivery) == "handed_over"
    confirm = f"/api/v1/board/cash/counts/{first['id']}/confirm"
    alone = await service.person("POST", confirm, {"reason": "недосдача", "second": "Логист"})
    assert (alone.status_code, alone.json()["code"]) == (422, "second_name_missing")
    done = await service.person("POST", confirm, {"reason": "недосдача", "second": "Иванова А."})
    assert done.status_code == 200, done.text
    assert done.json()["settled"] == ["ТД00-000123"]
    assert await stage(service, delivery) == "settled"
    assert (await phone.day())["cash"]["to_hand_in"] == "40.00"
    assert "cash_difference" in await kinds(service)


async def test_an_equal_count_is_posted_at_once_and_settles(service: Service):
    phone = await a_phone(service)
    delivery = await handed_over(service, phone)
    asked = await phone.do("cash.hand_in_request", payload={"sum": "2280.00"})
    assert asked["status"] == "accepted"
    desk = (await service.person("GET", "/api/v1/board/cash")).json()
    assert "2280" not in str(desk)
    code = (await phone.day())["cash"]["hand_in_code"]
    assert code == desk["couriers"][0]["requested"]["code"]
    done = await counted(service, "2280.00")
    assert (done["state"], done["difference"], done["settled"]) == ("posted", "0.00", ["ТД00-000123"])
    assert await stage(service, delivery) == "settled"
    assert (await phone.day())["cash"]["hand_in_code"] is None
    types = [one["type"] for one in await service.onec.events()]
    assert types == ["delivery.picked_up", "delivery.handed_over", "cash.handed_in"]


async def test_a_count_given_up_is_kept_with_the_next(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    wrong = await counted(service, "2000.00")
    await service.person("POST", f"/api/v1/board/cash/counts/{wrong['id']}/cancel", {})
    right = await counted(service, "2280.00")
    assert right["state"] == "posted"
    (row,) = await service.rows("SELECT doc -> 'earlier_counts_kop' AS earlier FROM cash_entry")
    assert row["earlier"] == [200000]


async def test_settled_by_the_board_is_a_hand_in(service: Service):
    phone = await a_phone(service)
    delivery = await handed_over(service, phone)
    await service.act(delivery, "settle")
    assert await stage(service, delivery) == "settled"
    assert (await money(service))["till"] == 228000


async def test_at_the_ceiling_no_new_delivery_is_assigned(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    await handed_over(service, phone, "2800.00")
    assert "ceiling_exceeded" in await kinds(service)
    assert (await phone.day())["cash"]["ceiling_state"] == "reached"
    _, delivery = await service.ready_order()
    refused = await act(service, delivery["id"], "assign", courier=COURIER)
    assert (refused.status_code, refused.json()["code"]) == (422, "cash_ceiling_reached")
    await counted(service, "5080.00")
    assert (await act(service, delivery["id"], "assign", courier=COURIER)).status_code == 200


async def act(service: Service, delivery: str, action: str, **more: Any) -> Response:
    body = {"action": action, **more}
    return await service.person("POST", f"/api/v1/board/deliveries/{delivery}/actions", body)


async def test_the_end_of_a_shift_counts_the_backpack_and_a_shortage_is_decided(service: Service):
    phone = await loaded(service)
    goods = [{"product": PRODUCT, "quantity": "5"}]
    await phone.do("shift.open", payload={"goods": goods, "cash": "0"})
    short = [{"product": PRODUCT, "quantity": "3"}]
    done = await phone.do("shift.close", payload={"goods": short, "cash": "0"})
    assert (done["status"], await kinds(service)) == ("accepted", ["count_difference"])
    (row,) = (await service.person("GET", "/api/v1/board/backpacks")).json()["couriers"]
    assert [(one["quantity"], one["value"]) for one in row["shortage"]] == [("2", "1980.00")]
    path = f"/api/v1/board/backpacks/{COURIER}"
    body = {"product": PRODUCT, "quantity": "1", "reason": "нашлась в машине"}
    assert (await service.person("POST", f"{path}/found", body)).status_code == 200
    assert (await service.person("POST", f"{path}/write-off", {**body, "reason": "разбит"})).status_code == 200
    over = await service.person("POST", f"{path}/write-off", body)
    assert over.status_code == 422
    assert await balances(service) == {"warehouse": -5000, "backpack": 4000, "written_off": 1000}


async def test_a_hand_in_is_corrected_with_its_reason(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    await counted(service, "2280.00")
    told = (await service.person("GET", f"/api/v1/board/cash/couriers/{COURIER}")).json()
    line = next(one for one in told["lines"] if one["kind"] == "hand_in")
    assert (line["sum"], line["receiver"], told["to_hand_in"]) == ("-2280.00", "Логист", "0.00")
    body = {"event": line["id"], "sum": "2200.00", "reason": "пересчитали", "second": "Иванова А."}
    assert (await service.person("POST", "/api/v1/board/cash/corrections", body)).status_code == 200
    assert (await phone.day())["cash"]["to_hand_in"] == "80.00"
    assert [one["type"] for one in await service.onec.events()][-1] == "cash.corrected"


async def test_what_an_administrator_asks_the_books_is_always_zero(service: Service):
    phone = await loaded(service)
    await handed_over(service, phone)
    await phone.do("sale.make", **sale(1))
    await counted(service, "3270.00")
    (goods,) = await service.rows("SELECT sum(quantity_milli)::bigint AS q FROM goods_balance")
    (cash,) = await service.rows("SELECT sum(sum_kop)::bigint AS q FROM money_balance")
    assert (goods["q"], cash["q"]) == (0, 0)


async def test_cash_that_is_left_at_the_end_of_a_shift_is_one_incident_until_it_is_explained(service: Service):
    phone = await a_phone(service)
    nothing: Json = {"goods": [], "cash": "0"}
    await phone.do("shift.open", payload=nothing)
    await handed_over(service, phone)
    first = await counted(service, "2240.00")
    path = f"/api/v1/board/cash/counts/{first['id']}/confirm"
    await service.person("POST", path, {"reason": "недосдача", "second": "Иванова А."})
    await phone.do("shift.close", payload={**nothing, "cash": "40.00"})
    (told,) = await service.rows("SELECT id, subject_id, doc FROM incident WHERE kind = 'cash_difference'")
    assert (told["subject_id"], told["doc"]["subject_kind"], told["doc"]["times"]) == (COURIER, "cash", 2)
    assert "к сдаче осталось 40\u00a0₽" in told["doc"]["news"][-1]["what"]
    body = {"decision": "explained", "reason": "разменяет завтра"}
    await service.person("POST", f"/api/v1/board/incidents/{told['id']}/decide", body)
    await phone.do("shift.open", payload={**nothing, "cash": "40.00"})
    await phone.do("shift.close", payload={**nothing, "cash": "40.00"})
    assert len(await service.rows("SELECT 1 FROM incident WHERE kind = 'cash_difference'")) == 1
    await phone.do("shift.open", payload={**nothing, "cash": "50.00"})
    await phone.do("shift.close", payload={**nothing, "cash": "50.00"})
    assert len(await service.rows("SELECT 1 FROM incident WHERE kind = 'cash_difference'")) == 2


async def test_a_shift_that_ends_with_all_cash_handed_in_raises_nothing(service: Service):
    phone = await a_phone(service)
    await phone.do("shift.open", payload={"goods": [], "cash": "0"})
    await handed_over(service, phone)
    await counted(service, "2280.00")
    await phone.do("shift.close", payload={"goods": [], "cash": "0"})
    assert "cash_difference" not in await kinds(service)
