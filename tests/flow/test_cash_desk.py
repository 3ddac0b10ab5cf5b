"""The cash desk over HTTP: a count is blind, its difference waits for people and is decided once (domain.md §4)."""

from typing import Any

from tests.flow import test_trade
from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import COURIER, Service
from tests.flow.test_trade import counted, handed_over, kinds, money

service = test_trade.service
Json = dict[str, Any]
CASH = "/api/v1/board/cash"
BOOK = f"{CASH}/couriers/{COURIER}"


async def asked_to_hand_in(service: Service, sum: str = "2280.00") -> Phone:
    phone = await a_phone(service)
    await handed_over(service, phone, "2280.00")
    assert (await phone.do("cash.hand_in_request", payload={"sum": sum}))["status"] == "accepted"
    return phone


async def desk(service: Service) -> Json:
    told: Json = (await service.person("GET", CASH)).json()
    return told


async def short_by_40(service: Service) -> Phone:
    """2 240 counted of 2 280 and taken in; 40 rubles are missing."""
    phone = await a_phone(service)
    await handed_over(service, phone, "2280.00")
    told = await counted(service, "2240.00")
    await confirmed(service, told["id"])
    return phone


async def confirmed(service: Service, count_id: str) -> None:
    body = {"reason": "не было сдачи", "second": "Иванова А."}
    assert (await service.person("POST", f"{CASH}/counts/{count_id}/confirm", body)).status_code == 200


async def decided(service: Service, **body: Any) -> Any:
    return await service.person(
        "POST", f"{CASH}/differences/{COURIER}", {"decision": "shortage", "reason": "обсчёт", **body}
    )


async def test_before_the_count_no_answer_holds_what_is_expected(service: Service):
    await asked_to_hand_in(service)
    told = await desk(service)
    assert set(told["couriers"][0]["requested"]) == {"at", "code"}
    assert "2280" not in str(told)
    shut = await service.person("GET", BOOK)
    assert (shut.status_code, shut.json()["code"], "2280" in shut.text) == (422, "count_first", False)


async def test_the_number_of_open_incidents_is_told_without_their_sums(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    await handed_over(service, phone, "2800.00")
    told = (await service.person("GET", "/api/v1/board/incidents?state=open&limit=0")).json()
    assert (told["incidents"], told["open"] >= 1) == ([], True)


async def test_after_the_count_both_figures_and_the_entries_are_shown(service: Service):
    await asked_to_hand_in(service)
    told = await counted(service, "2200.00")
    assert (told["counted"], told["expected"], told["difference"]) == ("2200.00", "2280.00", "-80.00")
    assert (await service.person("GET", BOOK)).json()["to_hand_in"] == "2280.00"


async def test_a_count_given_up_keeps_the_entries_open_to_who_counts_again(service: Service):
    await asked_to_hand_in(service)
    told = await counted(service, "2200.00")
    await service.person("POST", f"{CASH}/counts/{told['id']}/cancel", {})
    assert (await service.person("GET", BOOK)).status_code == 200


async def test_an_open_count_is_told_with_its_difference_and_the_counts_before_it(service: Service):
    await asked_to_hand_in(service)
    first = await counted(service, "2000.00")
    await service.person("POST", f"{CASH}/counts/{first['id']}/cancel", {})
    second = await counted(service, "2270.00")
    (told,) = (await desk(service))["counts"]
    assert told.pop("at")
    assert told == {
        "id": second["id"], "courier": {"ref": COURIER, "name": "Пётр Иванов"}, "counted": "2270.00",
        "expected": "2280.00", "difference": "-10.00", "by": "Логист", "recounts": ["2000.00"],
    }  # fmt: skip
    await confirmed(service, second["id"])
    assert (await desk(service))["counts"] == []


async def test_missing_money_is_no_longer_owed_once_it_is_decided(service: Service):
    phone = await short_by_40(service)
    assert (await service.person("GET", BOOK)).json()["difference"] == "-40.00"
    done = await decided(service, second="Иванова А.")
    assert done.json() == {"decided": "-40.00", "difference": "0.00", "to_hand_in": "0.00"}, done.text
    assert {name: kop for name, kop in (await money(service)).items() if name.startswith("cash")} == {
        "cash_shortage": 4000
    }
    newest = (await phone.day())["cash"]["lines"][0]
    assert (newest["kind"], newest["sum"]) == ("difference", "-40.00")
    event = (await service.onec.events())[-1]
    assert (event["type"], event["data"]["corrects"], event["data"]["difference"]) == (
        "cash.corrected", "difference", "-40.00",
    )  # fmt: skip
    again = await decided(service)
    assert (again.status_code, again.json()["code"]) == (422, "more_than_differs")


async def test_a_part_of_a_difference_is_decided_and_the_rest_stays_open(service: Service):
    await short_by_40(service)
    assert (await decided(service, sum="15.00")).json()["difference"] == "-25.00"
    (incident,) = await service.rows("SELECT state FROM incident WHERE kind = 'cash_difference'")
    assert incident["state"] == "open"
    assert (await decided(service, sum="25.01")).json()["code"] == "more_than_differs"
    assert (await decided(service, decision="surplus")).json()["code"] == "more_than_differs"
    assert (await decided(service, reason=" ")).json()["code"] == "decision_missing"
    assert (await decided(service)).json()["difference"] == "0.00"
    (incident,) = await service.rows("SELECT doc FROM incident WHERE kind = 'cash_difference'")
    assert (incident["doc"]["state"], incident["doc"]["decision"]) == ("decided", "settled")


async def test_money_handed_in_later_is_not_missing_any_more(service: Service):
    await short_by_40(service)
    assert (await counted(service, "40.00"))["state"] == "posted"
    assert (await service.person("GET", BOOK)).json()["difference"] == "0.00"
    assert (await decided(service)).status_code == 422


async def test_more_money_than_expected_is_his_again_when_it_is_decided(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone, "2280.00")
    told = await counted(service, "2300.00")
    await confirmed(service, told["id"])
    assert (await decided(service, decision="surplus")).json()["to_hand_in"] == "0.00"
    assert (await money(service))["cash_surplus"] == -2000


async def test_an_incident_of_cash_posts_its_difference_once(service: Service):
    await short_by_40(service)
    assert "cash_difference" in await kinds(service)
    (row,) = await service.rows("SELECT id FROM incident WHERE kind = 'cash_difference'")
    path = f"/api/v1/board/incidents/{row['id']}/decide"
    body = {"decision": "settled", "reason": "удержать не будем"}
    done = await service.person("POST", path, body)
    assert (done.status_code, done.json()["decision"]) == (200, "settled"), done.text
    assert (await service.person("POST", path, body)).status_code == 422
    assert (await money(service))["cash_shortage"] == 4000
    assert (await decided(service)).status_code == 422


async def test_an_incident_without_open_money_is_not_settled(service: Service):
    await short_by_40(service)
    await counted(service, "40.00")
    (row,) = await service.rows("SELECT id FROM incident WHERE kind = 'cash_difference'")
    path = f"/api/v1/board/incidents/{row['id']}/decide"
    refused = await service.person("POST", path, {"decision": "settled", "reason": "спишем"})
    assert (refused.status_code, refused.json()["code"]) == (422, "more_than_differs")
    done = await service.person("POST", path, {"decision": "explained", "reason": "нашлись"})
    assert done.json()["state"] == "decided"
