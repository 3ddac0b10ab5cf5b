"""A delivery is settled as soon as its cash is covered, whatever covers it, and once: domain.md §4."""

from typing import Any

from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import COURIER, Service
from tests.flow.test_trade import counted, handed_over, money, sale, service, stage
from tests.pictures import picture

__all__ = ["service"]
DUE = "2280.00"


def taken(phone: Phone, delivery: str, sum: str = DUE, **more: Any) -> dict[str, Any]:
    payload = {"amount_taken": sum, "payment_method": "cash"}
    return phone.act("delivery.hand_over", delivery, payload=payload, photos=[picture(1)[0]], **more)


async def picked_up(service: Service, phone: Phone) -> str:
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await phone.do("delivery.pick_up", delivery["id"])
    return str(delivery["id"])


async def confirmed(service: Service, sum: str) -> None:
    """A count that differs, confirmed."""
    told = await counted(service, sum)
    assert told["state"] == "needs_reason", told
    path = f"/api/v1/board/cash/counts/{told['id']}/confirm"
    answer = await service.person("POST", path, {"reason": "так", "second": "Иванова А."})
    assert answer.status_code == 200, answer.text


async def settlings(service: Service) -> int:
    return len(await service.rows("SELECT 1 FROM event WHERE type = 'delivery.settled'"))


async def test_a_surplus_that_was_handed_in_before_settles_at_the_door(service: Service):
    phone = await a_phone(service)
    delivery = await picked_up(service, phone)
    await confirmed(service, DUE)
    assert (await phone.send(taken(phone, delivery)))["results"][0]["status"] == "accepted"
    assert (await stage(service, delivery), await settlings(service)) == ("settled", 1)


async def test_a_late_hand_over_that_is_older_than_a_hand_in_is_settled_by_it(service: Service):
    phone, other = await a_phone(service), await a_phone(service)
    first, second = await picked_up(service, phone), await picked_up(service, phone)
    late = taken(other, first)
    await phone.send(taken(phone, second))
    await counted(service, DUE)
    assert await stage(service, second) == "settled"
    await other.send(late)
    assert (await stage(service, first), await stage(service, second)) == ("settled", "settled")
    assert await settlings(service) == 2


async def test_a_correction_that_lowers_what_was_taken_settles(service: Service):
    phone = await a_phone(service)
    delivery = await picked_up(service, phone)
    made = taken(phone, delivery)
    await phone.send(made)
    await phone.do("cash.hand_in_request", payload={"sum": "2000.00"})
    await counted(service, "2000.00")
    assert await stage(service, delivery) == "handed_over"
    right = {"amount_taken": "2000.00", "payment_method": "cash"}
    await phone.do("correction", payload={"of": made["id"], "reason": "дал меньше", "payload": right})
    assert (await stage(service, delivery), await settlings(service)) == ("settled", 1)


async def test_a_sale_that_was_none_settles_what_it_kept_open(service: Service):
    phone = await a_phone(service)
    sold = phone.act("sale.make", version=0, **sale(1))
    await phone.send(sold)
    delivery = await handed_over(service, phone)
    await phone.do("cash.hand_in_request", payload={"sum": DUE})
    await counted(service, DUE)
    assert await stage(service, delivery) == "handed_over"
    nothing = {"lines": [], "payment_method": "cash"}
    await phone.do("correction", payload={"of": sold["id"], "reason": "вернул", "payload": nothing})
    assert (await stage(service, delivery), await settlings(service)) == ("settled", 1)


async def test_a_refund_settles_the_rest_of_its_delivery(service: Service):
    phone = await a_phone(service)
    delivery = await handed_over(service, phone)
    await phone.do("cash.hand_in_request", payload={"sum": "1290.00"})
    await counted(service, "1290.00")
    back = {"lines": [{"line": "1", "quantity": "1"}], "refund": "990.00"}
    await phone.do("delivery.customer_return", delivery, payload=back)
    assert (await stage(service, delivery), await settlings(service)) == ("settled", 1)


async def test_a_decided_difference_settles_what_it_was_missing_of(service: Service):
    phone = await a_phone(service)
    delivery = await handed_over(service, phone)
    await confirmed(service, "2200.00")
    assert await stage(service, delivery) == "handed_over"
    path = f"/api/v1/board/cash/differences/{COURIER}"
    answer = await service.person("POST", path, {"decision": "shortage", "reason": "простили"})
    assert answer.status_code == 200, answer.text
    assert (await stage(service, delivery), await settlings(service)) == ("settled", 1)


async def test_what_the_board_settles_by_name_covers_nothing_older(service: Service):
    phone = await a_phone(service)
    older, newer = await handed_over(service, phone), await handed_over(service, phone)
    await service.act(newer, "settle")
    assert (await stage(service, older), await stage(service, newer)) == ("handed_over", "settled")
    await phone.do("sale.make", version=0, **sale(1))
    assert await stage(service, older) == "handed_over"
    assert (await money(service))["till"] == 228000
    await phone.do("cash.hand_in_request", payload={"sum": DUE})
    assert (await counted(service, DUE))["settled"] == ["ТД00-000123"]
    assert (await stage(service, older), await settlings(service)) == ("settled", 2)


async def test_another_courier_who_says_that_he_handed_it_over_settles_nothing_by_his_cash(service: Service):
    phone = await a_phone(service)
    delivery = await handed_over(service, phone)
    await service.rows(
        "UPDATE delivery SET doc = jsonb_set(doc, '{handed_over_by,ref}', '\"somebody-else\"') WHERE id = %s "
        "RETURNING id", delivery,
    )  # fmt: skip
    await counted(service, DUE)
    assert await stage(service, delivery) == "handed_over"
