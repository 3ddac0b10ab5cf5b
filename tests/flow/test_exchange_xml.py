"""contract.md §2: the XML form of the exchange, for the 8.2 family; facts about 1C, marks E-30 to E-34 and 10.6 (8)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.exchange_client import (
    BASE,
    BASE_TOKEN,
    COURIER,
    PRODUCT,
    WAREHOUSE,
    Exchange,
    Service,
    command,
    line,
    obj,
    order,
    references,
    running,
    settings,
)
from tests.flow.xml_base import XmlExchange, written
from tests.pg import Databases

from posrednik.config import BaseSection, Server
from posrednik.kit import xml

ORDER, RETURNED = (str(uuid5(BASE, name)) for name in ("order", "return"))


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        made.onec = XmlExchange(made.client)
        yield made


# -- the same story in both forms leaves the same state


async def story(service: Service, onec: Exchange) -> list[Any]:
    """A base's day; what it was answered, without what is made new each time."""
    await onec.send([*references(), obj("product", str(UUID(int=7)), {"name": "Без кода"})])
    told = [await onec.send([
        order(ORDER, lines=[line(), line("2", quantity="1,5", price="1\u00a0000,00", sum="1 500,00", cancelled=False)]),
        obj("stock", "с-1", {"warehouse": WAREHOUSE, "product": PRODUCT, "quantity": "12,000"}),
        obj("return", RETURNED, {"number": "7", "date": "2026-11-20T10:00:00", "warehouse": WAREHOUSE, "sum": "5",
                                 "lines": [{"product": PRODUCT, "quantity": 1}]}),
    ], [command("delivery.set_price", ORDER, str(UUID(int=1)), delivery_price="250,00")])]  # fmt: skip
    told.append(
        await onec.press("delivery.ready", ORDER, str(UUID(int=2)), courier=COURIER, comment="звонить, «код 5»")
    )
    told.append(await onec.press("delivery.set_amount_due", ORDER, str(UUID(int=3)), amount_due="100"))
    told.append(await onec.press("delivery.set_amount_due", ORDER, str(UUID(int=4)), amount_due=None))
    told.append(await onec.press("delivery.ready", ORDER, str(UUID(int=4))))
    delivery = (await service.rows("SELECT id FROM delivery"))[0]["id"]
    await service.act(str(delivery), "pick_up")
    events = await onec.events()
    told.append([(one["number"], one["type"], one["data"].get("courier")) for one in events])
    await onec.ack([one["id"] for one in events])
    told.append(await onec.state())
    return told


async def left(service: Service) -> dict[str, Any]:
    deliveries = await service.rows("SELECT order_ref, stage, version, courier_ref, doc - 'id' AS doc FROM delivery")
    for row in deliveries:
        row["doc"] = {key: value for key, value in row["doc"].items() if not key.endswith("_at")}
    return {
        "mirror": await service.mirror(), "deliveries": deliveries,
        "commands": await service.rows("SELECT id, type, status, code, data FROM command ORDER BY id"),
        "events": await service.rows("SELECT type, version FROM event ORDER BY pos"),
        "quarantine": await service.rows("SELECT kind, ref, code, message FROM quarantine"),
    }  # fmt: skip


def same(told: list[Any], epoch: str) -> str:
    """What XML cannot tell apart: no value and an empty one, a number and its text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k != "id" and plain(v) is not None} or None
        if isinstance(value, list | tuple):
            return [plain(one) for one in value] or None
        return None if value in (None, "", {}) else str(value).lower()

    return repr(plain(told)).replace(epoch, "EPOCH")


async def test_10_6_8_the_same_story_in_xml_and_json_gives_the_same_state(database_server: Databases):
    seen = []
    for kind in (Exchange, XmlExchange):
        with database_server.migrated() as dsn:
            async with running(dsn) as service:
                onec = kind(service.client)
                answers = await story(service, onec)
                seen.append((same(answers, onec.epoch), await left(service)))
    (json_answers, json_left), (xml_answers, xml_left) = seen
    assert xml_left == json_left
    assert xml_answers == json_answers
    assert [row["code"] for row in json_left["quarantine"]] == ["missing_field"]


# -- what old code needs


async def test_a_refusal_is_http_200_with_the_status_inside(service: Service):
    wrong = await service.client.post(
        "/api/v1/exchange/messages", content=written({}), headers={"Content-Type": "text/xml"}
    )
    assert wrong.status_code == 200
    assert xml.read(wrong.content, "result")["http_status"] == "401"
    assert (await service.onec.post("messages", {**service.onec.sender(), "number": 0})).status_code == 400
    assert (await service.onec.post("messages", b"<message><base>")).json()["code"] == "malformed"
    await service.onec.send([])
    service.onec.epoch = str(UUID(int=9))
    refused = await service.onec.post("messages", service.onec.envelope())
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_epoch")


async def test_a_message_that_is_too_large_is_told_so_in_xml(service: Service):
    answer = await service.onec.post("messages", service.onec.envelope([obj("division", "x")] * 1001))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_caller_who_is_too_quick_reads_when_to_come_again(no_time_passes: None, database: str):
    limited = settings(server=Server(requests_per_second=0.01, request_burst=1))
    async with running(database, limited) as service:
        onec = XmlExchange(service.client)
        await onec.call("GET", "/api/v1/exchange/state", params=onec.sender())
        answer = await onec.call("GET", "/api/v1/exchange/state", params=onec.sender())
        assert answer.status_code == 429
        assert answer.json()["retry_after"] > 1


async def test_a_get_asks_by_accept_or_by_the_configured_encoding(database: str):
    configured = settings(bases=(BaseSection(id=BASE, name="Старая", token=BASE_TOKEN, encoding="xml"),))
    async with running(database, configured) as service:
        plain = await Exchange(service.client).call("GET", "/api/v1/exchange/state", params=service.onec.sender())
        assert xml.read(plain.content, "result")["http_status"] == "200"


async def test_e21_a_repeat_is_told_by_the_raw_bytes_and_the_raw_bytes_are_kept(service: Service):
    body = written(service.onec.envelope(references(), number=1))
    assert (await service.onec.post("messages", body)).json()["status"] == "accepted"
    assert (await service.onec.post("messages", body)).json()["status"] == "duplicate"
    other = body.replace(b"\r\n", b"\n")
    assert (await service.onec.post("messages", other)).json()["code"] == "message_conflict"


async def test_e06_a_control_character_spoils_nothing(service: Service):
    body = written(service.onec.envelope([*references()], number=1)).replace(b"00-01", b"00\x02-01&#x2;&#2;")
    told = (await service.onec.post("messages", body)).json()
    assert told["quarantined"] == []
    assert next(row for row in await service.mirror() if row["kind"] == "product")["data"]["code"] == "00-01"


async def test_xsi_nil_namespaces_and_attributes_say_nothing(service: Service):
    o = service.onec
    body = f"""<?xml version="1.0"?><m:message xmlns:m="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <m:base>{o.base}</m:base><m:epoch>{o.epoch}</m:epoch><m:instance>{o.instance}</m:instance><m:number>1</m:number>
      <m:commands xsi:nil="true"/><m:objects a="b"><m:item><m:kind>division</m:kind><m:ref>{BASE}</m:ref>
      <m:version>1</m:version><m:data><m:name>Центр</m:name><m:parent xsi:nil="true"/></m:data></m:item></m:objects>
      </m:message>"""
    told = (await o.post("messages", body.encode())).json()
    assert told["objects"]["applied"] == 1


# -- what is dangerous


@pytest.mark.parametrize("body", [
    b'<!DOCTYPE message [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><message><base>&b;</base></message>',
    b'<!DOCTYPE message SYSTEM "file:///etc/passwd"><message/>',
    b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><message><base>&x;</base></message>',
    b"<message>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</message>", b"", b"\xff\xfe", b"{}",
])  # fmt: skip
async def test_no_document_type_no_outside_reference_no_depth(service: Service, body: bytes):
    answer = await service.onec.post("messages", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert "root:" not in answer.text


# -- the form itself

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda t: t.strip() == t and t)
names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda n: n != "item")
values = st.recursive(
    st.none() | texts,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(names, inner, min_size=1, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(names, values, min_size=1, max_size=5))
def test_what_is_written_is_read_back(told: dict[str, Any]):
    assert xml.read(xml.write(told, "message"), "message") == told


@given(st.dictionaries(names, texts, min_size=1, max_size=5))
def test_windows_1251_is_read_as_it_is_declared(told: dict[str, str]):
    assert xml.read(written(told), "message") == {k: v.replace("\r\n", "\n") for k, v in told.items()}
