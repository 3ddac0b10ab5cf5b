"""Shifts on the office's page, and the end that a manager gives one whose phone still has a queue: domain.md §4."""

from typing import Any

from httpx import Response
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import COURIER, DIVISION, PRODUCT, Service, new_ref
from tests.flow.test_trade import handed_over, kinds, loaded, sale, service

__all__ = ["service"]
Json = dict[str, Any]


def goods(quantity: int) -> list[Json]:
    return [{"product": PRODUCT, "quantity": str(quantity)}] if quantity else []


async def a_shift(service: Service, quantity: int = 5, cash: str = "0") -> tuple[Phone, str]:
    phone = await loaded(service, quantity)
    opened = phone.act("shift.open", payload={"goods": goods(quantity), "cash": cash})
    assert (await phone.send(opened))["results"][0]["status"] == "accepted"
    return phone, str(opened["id"])


async def close(service: Service, shift: str, **said: Any) -> Response:
    return await service.person("POST", f"/api/v1/board/shifts/{shift}/close", said)


async def shifts(service: Service, query: str = "") -> list[Json]:
    answer = await service.person("GET", f"/api/v1/board/shifts{query}")
    assert answer.status_code == 200, answer.text
    told: list[Json] = answer.json()["shifts"]
    return told


async def test_a_manager_ends_a_shift_and_what_its_phone_still_sends_is_late(service: Service):
    phone, shift = await a_shift(service)
    sold = phone.act("sale.make", **sale(1, "card"))
    done = await close(service, shift, reason="телефон разбит")
    assert (done.status_code, done.json()["closed_by"]) == (200, "Логист"), done.text
    assert (await phone.day())["shift"] is None
    after = phone.act("sale.make", **sale(1, "card"))
    own_end = phone.act("shift.close", payload={"goods": goods(3), "cash": "0"})
    results = (await phone.send(sold, after, own_end))["results"]
    assert [one["status"] for one in results] == ["accepted"] * 3
    (late,) = await service.rows("SELECT subject_id, doc FROM incident WHERE kind = 'late_after_shift'")
    assert (late["subject_id"], late["doc"]["times"]) == (shift, 2)
    (told,) = await shifts(service)
    assert (told["closed_by"], told["close_reason"], told["late"]) == ("Логист", "телефон разбит", 2)
    assert (told["closed"]["goods"], told["closed"]["cash"]) == (None, None)
    reopened = await phone.do("shift.open", payload={"goods": goods(3), "cash": "0"})
    assert reopened["status"] == "accepted"
    assert (await phone.day())["shift"] is not None
    assert len(await shifts(service)) == 2


async def test_a_manager_says_why(service: Service):
    _, shift = await a_shift(service)
    refused = await close(service, shift, reason="  ")
    assert (refused.status_code, refused.json()["code"]) == (422, "close_reason_missing")
    assert (await close(service, new_ref(), reason="нет")).status_code == 404
    assert (await close(service, shift, reason="так", cash="двести")).status_code == 422
    (told,) = await shifts(service)
    assert (told["closed_at"], told["closed"]) == (None, None)


async def test_what_a_manager_counted_is_compared_like_the_couriers_own_count(service: Service):
    phone, shift = await a_shift(service)
    await handed_over(service, phone)
    done = await close(service, shift, reason="уехал", goods=goods(4), cash="2000.00")
    assert done.status_code == 200, done.text
    assert {"count_difference", "cash_difference"} <= set(await kinds(service))
    (told,) = await shifts(service, f"?courier={COURIER}")
    closed = told["closed"]
    assert [(one["expected"], one["counted"]) for one in closed["differences"]] == [("5", "4")]
    assert (closed["cash"], closed["expected_cash"], closed["cash_difference"]) == ("2000.00", "2280.00", "-280.00")
    again = await close(service, shift, reason="ещё раз", goods=[], cash="0")
    assert again.json()["closed_at"] == told["closed_at"]
    assert (await shifts(service))[0]["close_reason"] == "уехал"


async def test_cash_that_nobody_counted_is_told_as_left(service: Service):
    phone, shift = await a_shift(service)
    await handed_over(service, phone)
    await close(service, shift, reason="не отвечает")
    (told,) = await service.rows("SELECT subject_id, doc FROM incident WHERE kind = 'cash_difference'")
    assert told["subject_id"] == COURIER
    assert "к сдаче осталось 2\u2009280\u00a0₽" in told["doc"]["what"]
    assert "не отвечает" in told["doc"]["why"]


async def test_the_page_shows_numbers_that_a_phone_still_owes(service: Service):
    phone, shift = await a_shift(service)
    phone.act("sale.make", **sale(1))
    await phone.do("cash.hand_in_request", payload={"sum": "1.00"})
    (told,) = await shifts(service)
    assert told["id"] == shift
    assert (told["courier"]["ref"], told["division"], told["opened"]["cash"]) == (COURIER, DIVISION, "0.00")
    assert [(one["name"], one["quantity"]) for one in told["opened"]["goods"]] == [("Термос", "5")]
    (its,) = told["phones"]
    assert (its["device"], its["last_seq"], its["whole_to"], its["missing"]) == (phone.device, 3, 1, [2])


async def test_shifts_are_asked_for_by_day_and_courier(service: Service):
    await a_shift(service)
    assert await shifts(service, "?day=2020-01-01") == []
    assert await shifts(service, f"?courier={new_ref()}") == []
    wrong = await service.person("GET", "/api/v1/board/shifts?day=вчера")
    assert wrong.status_code == 400
