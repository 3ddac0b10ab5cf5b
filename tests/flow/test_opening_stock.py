"""What a courier carried before there were ledgers comes into his backpack once, in whatever order 1C tells of it."""

from typing import Any

import pytest
from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import PRODUCT, Service, new_ref, obj
from tests.flow.test_trade import BAG, bag_command, balances, kinds, loaded, sale, service, transfer

__all__ = ["service"]
Json = dict[str, Any]
STOCK = new_ref()


def goods(quantity: int) -> list[Json]:
    return [{"product": PRODUCT, "quantity": str(quantity)}] if quantity else []


async def in_1c(service: Service, quantity: int, version: str = "1") -> None:
    data = {"warehouse": BAG, "product": PRODUCT, "quantity": quantity}
    await service.onec.send([{**obj("stock", STOCK, data), "version": version}])


async def shown(phone: Phone) -> list[str]:
    return [one["quantity"] for one in (await phone.day())["backpack"]]


async def opened(phone: Phone, quantity: int) -> None:
    assert (await phone.do("shift.open", payload={"goods": goods(quantity), "cash": "0"}))["status"] == "accepted"


async def closed(phone: Phone, quantity: int, cash: str = "0") -> None:
    assert (await phone.do("shift.close", payload={"goods": goods(quantity), "cash": cash}))["status"] == "accepted"


async def test_a_load_before_the_first_shift_does_not_hide_the_opening(service: Service):
    phone = await loaded(service, 5)
    await in_1c(service, 8)
    assert await shown(phone) == ["8"]
    await opened(phone, 8)
    assert (await shown(phone), await kinds(service)) == (["8"], [])
    assert (await balances(service))["backpack"] == 8000
    assert (await phone.day())["backpack_loads"] == []


async def test_a_load_that_was_counted_before_the_first_shift_does_not_hide_it_either(service: Service):
    phone = await loaded(service, 5)
    await in_1c(service, 8)
    (load,) = (await phone.day())["backpack_loads"]
    await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": goods(5)})
    await opened(phone, 7)
    assert (await shown(phone), await kinds(service)) == (["7"], ["count_difference"])
    assert (await phone.day())["backpack_loads"] == []


async def test_less_than_the_books_had_is_told_of_the_shift_and_of_the_opening(service: Service):
    phone = await loaded(service, 5)
    (load,) = (await phone.day())["backpack_loads"]
    await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": goods(5)})
    await in_1c(service, 8)
    await opened(phone, 4)
    told = await service.rows("SELECT subject_kind FROM incident WHERE kind = 'count_difference' ORDER BY subject_kind")
    assert [one["subject_kind"] for one in told] == ["backpack", "shift"]
    assert (await balances(service))["backpack"] == 5000


async def test_stock_that_comes_after_the_first_shift_began_is_sold_from_and_counted(service: Service):
    phone = await a_phone(service)
    await opened(phone, 0)
    await in_1c(service, 3)
    assert await shown(phone) == ["3"]
    version = (await phone.day())["backpack_version"]
    assert (await phone.do("sale.make", version=version, **sale(2, "card")))["status"] == "accepted"
    assert await shown(phone) == ["1"]
    await closed(phone, 1)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 1000)


async def test_stock_that_comes_after_the_first_shift_began_is_counted_at_its_end(service: Service):
    phone = await a_phone(service)
    await opened(phone, 0)
    await in_1c(service, 3)
    await closed(phone, 3)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 3000)
    assert (await phone.day())["backpack_loads"] == []


async def test_the_opening_is_taken_once(service: Service):
    phone = await a_phone(service)
    await in_1c(service, 3)
    await opened(phone, 3)
    await in_1c(service, 10, "2")
    assert await shown(phone) == ["3"]
    await closed(phone, 3)
    await opened(phone, 3)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 3000)
    assert "backpack.loaded" not in [one["type"] for one in await service.onec.events()]


async def test_a_transfer_that_1c_counts_in_its_stock_is_no_opening(service: Service):
    phone = await a_phone(service)
    await service.onec.send([transfer(new_ref(), 4)])
    await in_1c(service, 4)
    await opened(phone, 4)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 4000)


async def test_what_was_sold_and_not_told_to_1c_yet_is_of_the_opening(service: Service):
    phone = await a_phone(service)
    await phone.do("sale.make", version=0, **sale(1, "card"))
    await in_1c(service, 3)
    await opened(phone, 2)
    assert (await shown(phone), (await balances(service))["backpack"]) == (["2"], 2000)


async def test_1c_takes_goods_of_the_opening_back(service: Service):
    await in_1c(service, 3)
    done = await service.onec.press_as(bag_command("unload", 2))
    assert done["status"] == "done", done
    await in_1c(service, 1, "2")
    phone = await a_phone(service)
    await opened(phone, 1)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 1000)


@pytest.mark.parametrize("act", ["shift.open", "shift.close", "backpack.count"])
async def test_what_1c_loads_while_a_count_is_on_its_way_waits_for_the_next_one(service: Service, act: str):
    phone = await a_phone(service)
    await in_1c(service, 3)
    if act != "shift.open":
        await opened(phone, 3)
    counted = {"goods": goods(3), "cash": "0"} if act.startswith("shift") else {"lines": goods(3)}
    held = phone.act(act, payload=counted)  # may be undone for ten seconds, and longer without a network
    await service.onec.press_as(bag_command("load", 2))
    await in_1c(service, 5, "2")
    await phone.send(held)
    assert (await kinds(service), (await balances(service))["backpack"]) == ([], 5000)
    (load,) = (await phone.day())["backpack_loads"]
    await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": goods(2)})
    assert (await kinds(service), await shown(phone)) == ([], ["5"])
