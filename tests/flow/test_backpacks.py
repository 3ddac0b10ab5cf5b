"""The office's backpacks over HTTP: what is carried, disputed and missing, beside 1C, and what 1C is told of it."""

from typing import Any

from tests.flow import test_trade
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import COURIER, PRODUCT, Service, new_ref, obj
from tests.flow.test_trade import BAG, bag_command, loaded, transfer

service = test_trade.service
Json = dict[str, Any]
PATH = f"/api/v1/board/backpacks/{COURIER}"


async def the_backpack(service: Service) -> Json:
    (row,) = (await service.person("GET", "/api/v1/board/backpacks")).json()["couriers"]
    told: Json = row
    return told


async def accepted(phone: Phone, quantity: Any) -> None:
    (load,) = (await phone.day())["backpack_loads"]
    payload = {"loads": [load["id"]], "lines": [{"product": PRODUCT, "quantity": quantity}]}
    assert (await phone.do("backpack.accept", payload=payload))["status"] == "accepted"


async def short_by_two(service: Service) -> Phone:
    phone = await loaded(service)
    await phone.do("shift.open", payload={"goods": [{"product": PRODUCT, "quantity": "5"}], "cash": "0"})
    await phone.do("shift.close", payload={"goods": [{"product": PRODUCT, "quantity": "3"}], "cash": "0"})
    await service.onec.ack([one["id"] for one in await service.onec.events()])
    return phone


async def test_a_backpack_names_its_warehouse_and_what_waits(service: Service):
    await loaded(service)
    told = await the_backpack(service)
    assert told["warehouse"] == {"ref": BAG, "name": "Рюкзак Иванова"}
    assert [(one["quantity"], one["pending"], one["onec"]) for one in told["goods"]] == [("5", "5", None)]


async def test_what_1c_had_before_the_first_shift_waits_to_be_counted_and_is_no_difference(service: Service):
    await loaded(service)
    data = {"warehouse": BAG, "product": PRODUCT, "quantity": 8}
    await service.onec.send([obj("stock", "s1", data)])
    (line,) = (await the_backpack(service))["goods"]
    assert (line["quantity"], line["pending"], line["onec"], line["difference"]) == ("5", "8", "8", "0")


async def test_what_the_count_did_not_find_stays_disputed_after_it(service: Service):
    await accepted(await loaded(service), "4")
    assert [(one["name"], one["quantity"]) for one in (await the_backpack(service))["disputed"]] == [("Термос", "1")]


async def test_what_came_too_much_is_disputed_below_zero(service: Service):
    await accepted(await loaded(service), "6")
    assert [one["quantity"] for one in (await the_backpack(service))["disputed"]] == ["-1"]


async def test_a_dispute_ends_when_1c_takes_the_transfer_back(service: Service):
    document = new_ref()
    await service.onec.send([transfer(document, 5)], [bag_command("load", 5, document=document)])
    await accepted(await test_trade.a_phone(service), "4")
    assert [one["quantity"] for one in (await the_backpack(service))["disputed"]] == ["1"]
    await service.onec.send([transfer(document, 5, "2", posted=False)])
    assert (await service.person("GET", "/api/v1/board/backpacks")).json()["couriers"] == []


async def test_1c_is_told_which_transfers_a_count_accepts(service: Service):
    document = new_ref()
    await service.onec.send([transfer(document, 5)], [bag_command("load", 5, document=document)])
    await accepted(await test_trade.a_phone(service), "5")
    (event,) = await service.onec.events()
    assert (event["type"], event["data"]["documents"]) == ("backpack.accepted", [document])


async def test_1c_is_told_of_both_decisions_on_a_shortage(service: Service):
    await short_by_two(service)
    body = {"product": PRODUCT, "quantity": "1", "reason": "нашлась в машине"}
    assert (await service.person("POST", f"{PATH}/found", body)).status_code == 200
    assert (await service.person("POST", f"{PATH}/write-off", {**body, "reason": "разбит"})).status_code == 200
    told = [
        (one["type"], one["data"]["courier"], one["data"]["warehouse"], one["data"]["reason"],
         [(line["product"], line["quantity"], "price" in line) for line in one["data"]["lines"]])
        for one in await service.onec.events()
    ]  # fmt: skip
    line = [(PRODUCT, "1", False)]
    assert told == [
        ("backpack.found", COURIER, BAG, "нашлась в машине", line),
        ("backpack.written_off", COURIER, BAG, "разбит", line),
    ]
