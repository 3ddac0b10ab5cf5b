"""A receipt is made elsewhere; its link travels with sale and hand-over. See docs/decisions/0009-receipts.md."""

import pytest
from tests.flow import test_trade
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import COURIER, Service
from tests.flow.test_incidents import put_photo
from tests.flow.test_trade import loaded, sale
from tests.pictures import picture

service = test_trade.service
LINK = "https://lk.example/check/7000123?fp=11&t=20261122T1200"
OTHER = "https://ofd.example/2"
CARD = {"amount_taken": "2280.00", "payment_method": "card"}


async def picked_up(service: Service, phone: Phone) -> str:
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await phone.do("delivery.pick_up", delivery["id"])
    found: str = delivery["id"]
    return found


async def test_the_link_of_a_hand_over_is_told_to_1c_the_phone_and_the_board(service: Service):
    phone = await loaded(service)
    delivery = await picked_up(service, phone)
    handed = phone.act("delivery.hand_over", delivery, payload={**CARD, "receipt_url": LINK}, photos=[picture(1)[0]])
    assert (await phone.send(handed))["results"][0]["status"] == "accepted"
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert shown["receipt_url"] == LINK
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery}")).json()
    assert (card["receipt_url"], card["receipt"]) == (LINK, False)
    right = {"of": handed["id"], "reason": "не та ссылка", "payload": {**CARD, "receipt_url": OTHER}}
    assert (await phone.do("correction", payload=right))["status"] == "accepted"
    events = {one["type"]: one["data"] for one in await service.onec.events()}
    assert events["delivery.handed_over"]["receipt_url"] == LINK
    corrected = events["delivery.corrected"]
    assert (corrected["receipt_url"], corrected["before"]["receipt_url"]) == (OTHER, LINK)


async def test_the_link_of_a_sale_is_told_to_1c_and_the_phone(service: Service):
    phone = await loaded(service)
    made = phone.act("sale.make", **sale(1, receipt=True, receipt_url=LINK))
    await phone.send(made)
    assert [one["receipt_url"] for one in (await phone.day())["sales"]] == [LINK]
    right = sale(1, receipt=True)["payload"]
    done = await phone.do("correction", payload={"of": made["id"], "reason": "чужой чек", "payload": right})
    assert done["status"] == "accepted"
    assert [one["receipt_url"] for one in (await phone.day())["sales"]] == [None]
    told = [(one["type"], one["data"].get("receipt_url")) for one in await service.onec.events()]
    assert told == [("sale.made", LINK), ("sale.corrected", None)]


async def test_a_hand_over_without_a_link_has_none(service: Service):
    phone = await loaded(service)
    delivery = await picked_up(service, phone)
    await phone.do("delivery.hand_over", delivery, payload=CARD, photos=[picture(1)[0]])
    shown = await phone.delivery(delivery)
    assert shown is not None
    assert shown["receipt_url"] is None
    assert "receipt_url" not in (await service.onec.events())[-1]["data"]


@pytest.mark.parametrize(
    "link",
    [
        "http://ofd.example/1",
        "javascript:alert(1)",
        "https://",
        "https://ofd.example@other.example/1",
        "https://ofd.example/a b",
        "https://ofd.example/\u202e1",
        'https://ofd.example/"onclick=',
        "https://ofd.example/\x1b",
        "https://ofd.example/" + "1" * 500,
        7,
    ],
)
async def test_what_is_no_https_address_is_malformed(service: Service, link: object):
    phone = await loaded(service)
    done = await phone.do("sale.make", **sale(1, receipt_url=link))
    assert (done["status"], done["code"]) == ("rejected", "malformed_event")
    assert (await phone.day())["sales"] == []


async def test_the_office_hands_over_with_a_link_too(service: Service):
    delivery = await picked_up(service, await loaded(service))
    said = {"action": "hand_over", **CARD, "photos": [await put_photo(service)]}
    path = f"/api/v1/board/deliveries/{delivery}/actions"
    for wrong in ("javascript:alert(1)", "http://ofd.example/2", "https://ofd.example/ 2"):
        refused = await service.person("POST", path, {**said, "receipt_url": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "receipt_link_wrong"), refused.text
    done = await service.person("POST", path, {**said, "receipt_url": LINK})
    assert done.status_code == 200, done.text
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery}")).json()
    assert card["receipt_url"] == LINK
    events = {one["type"]: one["data"] for one in await service.onec.events()}
    assert events["delivery.handed_over"]["receipt_url"] == LINK
