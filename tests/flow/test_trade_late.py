"""Transfers out of backpacks that 1C takes back, and what phones tell late: found by test_trade_properties.py."""

from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import COURIER, PRODUCT, SECOND_COURIER, WAREHOUSE, Service, new_ref, obj
from tests.flow.test_trade import BAG, Json, balances, kinds, loaded, sale, service, transfer

__all__ = ["service"]
OTHER_BAG = "ba600000-0000-4000-8000-000000000002"


def moved(ref: str, source: str, target: str, quantity: int, version: str = "1", **head: bool) -> Json:
    made = transfer(ref, quantity, version, **head)
    return {**made, "data": {**made["data"], "from": source, "to": target}}


async def test_a_transfer_out_of_a_backpack_is_edited_taken_back_and_posted_again(service: Service):
    await loaded(service)
    ref = new_ref()
    for version, quantity, posted, left in (("1", 2, True, 3), ("2", 4, True, 1), ("3", 1, True, 4),
                                            ("4", 1, False, 5), ("5", 2, True, 3), ("6", 2, True, 3)):  # fmt: skip
        await service.onec.send([moved(ref, BAG, WAREHOUSE, quantity, version, posted=posted)])
        assert await balances(service) == {"warehouse": -1000 * left, "backpack": 1000 * left}, version


async def test_a_transfer_from_one_backpack_to_another_leaves_the_first(service: Service):
    await loaded(service)
    await service.onec.send([obj("warehouse", OTHER_BAG, {"name": "Рюкзак Петрова", "courier": SECOND_COURIER})])
    await service.onec.send([moved(new_ref(), BAG, OTHER_BAG, 2)])
    rows = await service.rows(
        "SELECT account, quantity_milli FROM goods_balance WHERE starts_with(account, 'backpack:')"
    )
    assert {row["account"]: row["quantity_milli"] for row in rows} == {
        f"backpack:{COURIER}": 3000, f"backpack:{SECOND_COURIER}": 2000,
    }  # fmt: skip


async def test_a_second_phone_that_opens_the_open_shift_counts_nothing_in(service: Service):
    first, second = await a_phone(service), await a_phone(service)
    await first.do("shift.open", payload={"goods": [], "cash": "0"})
    late = second.act("shift.open", payload={"goods": [], "cash": "0"})
    await loaded(service)
    assert (await second.send(late))["results"][0]["status"] == "accepted"
    assert (await balances(service), await kinds(service)) == ({"warehouse": -5000, "backpack": 5000}, [])


async def test_a_late_close_of_another_phone_leaves_the_next_shift_open(service: Service):
    first, second = await a_phone(service), await a_phone(service)
    nothing: Json = {"goods": [], "cash": "0"}
    await first.do("shift.open", payload=nothing)
    await first.do("shift.close", payload=nothing)
    late = second.act("shift.close", payload=nothing)
    await first.do("shift.open", payload=nothing)
    assert (await second.send(late))["results"][0]["code"] == "shift_not_open"
    assert (await first.day())["shift"] is not None


async def test_a_sale_waits_for_the_count_that_makes_it_possible(service: Service):
    phone = await loaded(service, 1)
    day = await phone.day()
    counted = [{"product": PRODUCT, "quantity": "4"}]
    count = phone.act("backpack.accept", payload={"loads": [day["backpack_loads"][0]["id"]], "lines": counted})
    sold = phone.act("sale.make", version=day["backpack_version"], **sale(4))
    assert (await phone.send(sold))["results"][0]["status"] == "retry_later"
    await phone.send(count)
    assert (await phone.send(sold))["results"][0]["status"] == "duplicate"


async def test_a_shift_that_starts_with_nothing_left_disputes_nothing(service: Service):
    phone = await a_phone(service)
    await phone.do("sale.make", version=0, **sale(1))
    await loaded(service, 1)
    await phone.do("shift.open", payload={"goods": [], "cash": "990.00"})
    assert (await balances(service)).get("disputed") is None


async def test_a_sale_and_its_correction_that_come_after_the_end_of_their_shift_are_told(service: Service):
    first, second = await loaded(service), await a_phone(service)
    await first.do("shift.open", payload={"goods": [{"product": PRODUCT, "quantity": "5"}], "cash": "0"})
    sold = second.act("sale.make", **sale(1, "card"))
    right = second.act("correction", payload={"of": sold["id"], "reason": "два", "payload": sale(2, "card")["payload"]})
    await first.do("shift.close", payload={"goods": [{"product": PRODUCT, "quantity": "5"}], "cash": "0"})
    assert [one["status"] for one in (await second.send(sold, right))["results"]] == ["accepted", "accepted"]
    told = await service.rows("SELECT subject_kind, doc FROM incident WHERE kind = 'late_after_shift'")
    assert [(one["subject_kind"], one["doc"]["times"]) for one in told] == [("shift", 2)]
    assert "Продажа" in told[0]["doc"]["what"]
    await second.send(sold)
    assert (await kinds(service)).count("late_after_shift") == 1


async def test_a_count_that_comes_after_the_end_of_its_shift_is_told_if_it_differs(service: Service):
    first, second = await loaded(service), await a_phone(service)
    await first.do("shift.open", payload={"goods": [{"product": PRODUCT, "quantity": "5"}], "cash": "0"})
    same = second.act("backpack.count", payload={"lines": [{"product": PRODUCT, "quantity": "5"}]})
    less = second.act("backpack.count", payload={"lines": [{"product": PRODUCT, "quantity": "3"}]})
    in_time = first.act("backpack.count", payload={"lines": [{"product": PRODUCT, "quantity": "5"}]})
    assert [one["status"] for one in (await first.send(in_time))["results"]] == ["accepted"]
    await first.do("shift.close", payload={"goods": [{"product": PRODUCT, "quantity": "5"}], "cash": "0"})
    assert (await second.send(same))["results"][0]["status"] == "accepted"
    assert await kinds(service) == [], "it agrees with the books, so it changes no total"
    (answer,) = (await second.send(less))["results"]
    assert answer["status"] == "accepted"
    assert sorted(await kinds(service)) == ["count_difference", "late_after_shift"]
    (told,) = await service.rows("SELECT subject_kind, doc FROM incident WHERE kind = 'late_after_shift'")
    assert (told["subject_kind"], told["doc"]["times"]) == ("shift", 1)
    assert "«Пересчитать рюкзак»" in told["doc"]["what"]
    (shift,) = await service.rows("SELECT doc ->> 'late' AS late FROM shift")
    assert shift["late"] == "2", "both belong to the shift"
    await second.send(less)
    assert sorted(await kinds(service)) == ["count_difference", "late_after_shift"]


async def test_a_load_that_is_counted_in_after_the_end_of_its_shift_is_told_if_it_differs(service: Service):
    first, second = await a_phone(service), await a_phone(service)
    await first.do("shift.open", payload={"goods": [], "cash": "0"})
    await loaded(service, 4)
    ids = [load["id"] for load in (await first.day())["backpack_loads"]]
    late = second.act("backpack.accept", payload={"loads": ids, "lines": [{"product": PRODUCT, "quantity": "3"}]})
    nothing: Json = {"goods": [{"product": PRODUCT, "quantity": "4"}], "cash": "0"}
    await first.do("shift.close", payload=nothing)
    assert (await second.send(late))["results"][0]["status"] == "accepted"
    assert "late_after_shift" in await kinds(service)
