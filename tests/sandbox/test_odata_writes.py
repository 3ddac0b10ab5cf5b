"""Writing by OData, the exchange plan, and what goes wrong by switch: E-12, E-13, E-15, E-16, E-26."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.sandbox.odata_running import Reader, a_reader, basic
from tests.sandbox.onec_running import left, named

from posrednik_sandbox.onec import bags

ORDERS = "Document_ЗаказКлиента"
PLAN = "ExchangePlan_ОбменСПосредником"


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Reader]:
    async with a_reader(tmp_path, orders=8) as reader:
        yield reader


async def an_order(base: Reader) -> dict[str, object]:
    return (await base.rows(f"{ORDERS}?$top=1&$orderby=Number"))[0]


async def a_node(base: Reader) -> str:
    return str((await base.read(PLAN, "POST", 201, json={"Code": "КД"}))["Ref_Key"])


def changes(base: Reader, what: str, node: str, number: int) -> str:
    return f"{what}?DataExchangePoint='{base.root}/{PLAN}(guid'{node}')'&MessageNo={number}"


async def test_created_order_stands_in_the_list_and_waits_to_be_sent(base: Reader) -> None:
    body = {"Date": "2026-11-22T10:00:00", "АдресДоставки": "Тула, ул. Мира, 1", "ИШ_Свой": "да", "Товары": []}
    row = await base.read(ORDERS, "POST", 201, json=body)
    assert (row["АдресДоставки"], row["ИШ_Свой"], row["Posted"]) == ("Тула, ул. Мира, 1", "да", False)
    assert base.onec.store.value("SELECT 1 FROM order_card WHERE ref = ?", row["Ref_Key"])
    assert base.onec.store.value("SELECT 1 FROM dirty WHERE ref = ?", row["Ref_Key"])
    assert (await base.ask(ORDERS, "POST", json={"Номера": "1", "Date": "2026-11-22T10:00:00"}))[0] == 400


async def test_document_without_a_date_is_refused_unless_it_is_loaded(base: Reader) -> None:
    assert (await base.ask(ORDERS, "POST", json={}))[0] == 500
    await base.read(ORDERS, "POST", 201, json={}, headers={"1C_OData-DataLoadMode": "true"})


async def test_table_part_is_replaced_whole_and_codes_of_lines_stay(base: Reader) -> None:
    row = (await base.rows(f"{ORDERS}?$filter=МаксимальныйКодСтроки gt 2&$top=1"))[0]
    await base.read(f"{ORDERS}(guid'{row['Ref_Key']}')", "PATCH", json={"Товары": row["Товары"][1:]})
    lines = (await base.rows(f"{ORDERS}?$filter=Ref_Key eq guid'{row['Ref_Key']}'"))[0]["Товары"]
    assert [line["LineNumber"] for line in lines] == [str(place) for place in range(1, len(row["Товары"]))]
    assert [line["КодСтроки"] for line in lines] == [line["КодСтроки"] for line in row["Товары"][1:]]


async def test_put_empties_what_it_does_not_name(base: Reader) -> None:
    row = await an_order(base)
    address = f"{ORDERS}(guid'{row['Ref_Key']}')"
    kept = {name: row[name] for name in ("Number", "Date", "Товары")}
    changed = await base.read(address, "PUT", json=kept)
    assert {name: changed[name] for name in kept} == kept
    assert changed["АдресДоставки"] == ""


async def test_change_of_an_older_version_is_412(base: Reader) -> None:
    row = await an_order(base)
    address = f"{ORDERS}(guid'{row['Ref_Key']}')"
    await base.read(address, "PATCH", json={"Комментарий": "раз"}, headers={"If-Match": str(row["DataVersion"])})
    late = await base.ask(address, "PATCH", json={"Комментарий": "два"}, headers={"If-Match": str(row["DataVersion"])})
    assert late[0] == 412
    assert (await base.read(address))["Комментарий"] == "раз"


async def test_post_unpost_and_mark_for_deletion(base: Reader) -> None:
    row = await an_order(base)
    address = f"{ORDERS}(guid'{row['Ref_Key']}')"
    await base.ask(f"{address}/Unpost", "POST")
    assert (await base.read(address))["Posted"] is False
    await base.ask(f"{address}/Post?PostingModeOperational=false", "POST")
    assert (await base.read(address))["Posted"] is True
    marked = await base.read(address, "PATCH", json={"DeletionMark": True})
    assert (marked["DeletionMark"], marked["Posted"]) == (True, False)
    assert (await base.ask(f"{address}/Post", "POST"))[0] == 500


async def test_transfer_that_is_unposted_gives_its_goods_back(base: Reader) -> None:
    onec = base.onec
    bag, main = named(onec, "warehouse", "Рюкзак: Петров Илья"), named(onec, "warehouse", "Склад «Центр»")
    courier = named(onec, "courier", "Петров Илья")
    thermos = named(onec, "product", "Термос «Тайга» 1 л")
    before = left(onec, main, thermos)
    await bags.move(onec, courier, "load", main, [{"product": thermos, "quantity": "2"}])
    ref = (await base.rows("Document_ПеремещениеТоваров"))[0]["Ref_Key"]
    address = f"Document_ПеремещениеТоваров(guid'{ref}')"
    in_bag = left(onec, bag, thermos)
    assert left(onec, main, thermos) == before - 2000
    await base.ask(f"{address}/Unpost", "POST")
    assert (left(onec, main, thermos), left(onec, bag, thermos)) == (before, in_bag - 2000)
    await base.ask(f"{address}/Post", "POST")
    assert (left(onec, main, thermos), left(onec, bag, thermos)) == (before - 2000, in_bag)
    assert (await base.read(address))["Posted"] is True


async def test_removed_object_is_gone_and_its_removal_goes_out(base: Reader) -> None:
    row = await an_order(base)
    assert (await base.ask(f"{ORDERS}(guid'{row['Ref_Key']}')", "DELETE"))[0] == 204
    assert (await base.ask(f"{ORDERS}(guid'{row['Ref_Key']}')"))[0] == 404
    assert len(await base.rows(ORDERS)) == 7
    message = base.onec.outbox.pack()
    while message is not None and row["Ref_Key"] not in message["body"].decode():
        base.onec.outbox.drop(message, "")
        with base.onec.store.tx():
            base.onec.store.db.execute("DELETE FROM dirty WHERE kind <> 'order'")
        message = base.onec.outbox.pack()
    assert message is not None
    sent = next(one for one in json.loads(message["body"])["objects"] if one["ref"] == row["Ref_Key"])
    assert (sent["deleted"], sent["data"]) == (True, {})


async def test_package_comes_again_until_it_is_confirmed(base: Reader) -> None:
    node, row = await a_node(base), await an_order(base)
    await base.read(f"{ORDERS}(guid'{row['Ref_Key']}')", "PATCH", json={})
    first = (await base.read(changes(base, "SelectChanges", node, 1), "POST"))["value"]
    assert [one["Ref_Key"] for one in first] == [row["Ref_Key"]]
    other = (await base.rows(f"{ORDERS}?$top=1&$orderby=Number desc"))[0]
    await base.read(f"{ORDERS}(guid'{other['Ref_Key']}')", "PATCH", json={})
    again = (await base.read(changes(base, "SelectChanges", node, 1), "POST"))["value"]
    assert len(again) == 2
    await base.read(f"{ORDERS}(guid'{other['Ref_Key']}')", "PATCH", json={})
    await base.ask(changes(base, "NotifyChangesReceived", node, 1), "POST")
    left = (await base.read(changes(base, "SelectChanges", node, 2), "POST"))["value"]
    assert [one["Ref_Key"] for one in left] == [other["Ref_Key"]]


async def test_numbers_of_a_node_are_texts(base: Reader) -> None:
    node = await a_node(base)
    row = next(one for one in await base.rows(PLAN) if one["Ref_Key"] == node)
    assert (row["SentNo"], row["ReceivedNo"]) == ("0", "0")
    await base.read(f"{PLAN}(guid'{node}')", "PATCH", json={"ReceivedNo": "5"})
    assert (await base.read(f"{PLAN}(guid'{node}')"))["ReceivedNo"] == "5"


async def test_one_bad_character_stops_the_package(base: Reader) -> None:
    node, row = await a_node(base), await an_order(base)
    await base.read(f"{ORDERS}(guid'{row['Ref_Key']}')", "PATCH", json={"Комментарий": "сканер\x02"})
    assert (await base.ask(changes(base, "SelectChanges", node, 1), "POST"))[0] == 400
    assert (await base.ask(f"{ORDERS}?$top=8", headers={"Accept": "application/atom+xml"}))[0] == 400
    await base.read(f"{ORDERS}(guid'{row['Ref_Key']}')", "PATCH", json={"Комментарий": "сканер"})
    assert (await base.ask(changes(base, "SelectChanges", node, 1), "POST"))[0] == 200


async def test_removed_object_and_hidden_set_in_a_package(base: Reader) -> None:
    node, row = await a_node(base), await an_order(base)
    await base.ask(f"{ORDERS}(guid'{row['Ref_Key']}')", "DELETE")
    body = await base.read(changes(base, "SelectChanges", node, 1), "POST")
    assert body["value"] == [
        {"odata.type": f"StandardODATA.{ORDERS}", "Ref_Key": row["Ref_Key"], "ObjectDeletion": True}
    ]
    base.onec.odata.quirks.change({"hidden_sets": ORDERS})
    assert (await base.read(changes(base, "SelectChanges", node, 2), "POST"))["value"] == []


@pytest.mark.parametrize(("form", "words"), [("xml", "<m:error"), ("json", "odata.error"), ("html", "<html")])
async def test_error_has_three_bodies(base: Reader, form: str, words: str) -> None:
    base.onec.odata.quirks.change({"fail_next": 1, "error_form": form})
    status, text = await base.ask(ORDERS)
    assert status == 500
    assert words in text
    assert (await base.ask(ORDERS))[0] == 200


@pytest.mark.parametrize(
    ("switch", "status"),
    [
        ({"published": False}, 404),
        ({"composition": False}, 404),
        ({"hidden_sets": ORDERS}, 404),
        ({"forbidden_sets": ORDERS}, 403),
        ({"timeout_next": 1}, 504),
        ({"bad_gateway_next": 1}, 502),
        ({"busy_next": 1}, 503),
        ({"denied_rows": 1}, 500),
    ],
)
async def test_status_by_switch(base: Reader, switch: dict[str, object], status: int) -> None:
    base.onec.odata.quirks.change(switch)
    assert (await base.ask(ORDERS))[0] == status


async def test_denied_rows_are_skipped_with_allowed_only(base: Reader) -> None:
    base.onec.odata.quirks.change({"denied_rows": 2})
    assert 0 <= len(await base.rows(f"{ORDERS}?allowedOnly=true")) < 8


async def test_body_is_cut_and_connection_dropped(base: Reader) -> None:
    for switch in ("cut_next", "drop_next"):
        base.onec.odata.quirks.change({switch: 5})  # the client asks once more by itself
        with pytest.raises(aiohttp.ClientError):
            await base.ask(ORDERS)
        base.onec.odata.quirks.change({switch: 0})
    assert (await base.ask(ORDERS))[0] == 200


async def test_order_by_reference_is_unstable_and_keyset_paging_fails(base: Reader) -> None:
    base.onec.odata.quirks.change({"unstable_order": True})
    asked = [tuple(row["Ref_Key"] for row in await base.rows(f"{ORDERS}?$orderby=Ref_Key")) for _ in range(5)]
    assert len(set(asked)) > 1
    assert (await base.ask(f"{ORDERS}?$filter=Ref_Key gt guid'11111111-2222-4333-8444-555555555555'"))[0] == 500


async def test_count_and_date_filter_are_refused_by_switch(base: Reader) -> None:
    base.onec.odata.quirks.change({"count_status": 404, "dates_refused": True, "lambdas": False})
    assert (await base.ask(f"{ORDERS}/$count"))[0] == 404
    assert (await base.ask(f"{ORDERS}?$filter=Date ge datetime'2026-01-01T00:00:00'"))[0] == 400
    assert (await base.ask(f"{ORDERS}?$filter=Товары/any(d: d/Цена gt 1)"))[0] == 400


async def test_pages_shift_while_somebody_works(base: Reader) -> None:
    before = {row["Ref_Key"] for row in await base.rows(ORDERS)}
    base.onec.odata.quirks.change({"shifting": 1})
    seen = []
    for skip in range(0, 12, 2):
        seen += [row["Ref_Key"] for row in await base.rows(f"{ORDERS}?$orderby=Date,Ref_Key&$top=2&$skip={skip}")]
    assert before - set(seen) or len(seen) > len(set(seen))


async def test_more_sessions_than_licences_are_refused(base: Reader) -> None:
    base.onec.odata.quirks.change({"sessions": 1, "latency_s": 0.2})
    answers = await asyncio.gather(*(base.ask(f"{ORDERS}?$top=1") for _ in range(3)))
    assert sorted(status for status, _ in answers)[-1] == 500
    assert any("лицензии" in text for _, text in answers)


async def test_switches_are_read_and_changed_by_their_address(base: Reader) -> None:
    async with base.session.post(f"{base.home}/onec/api/odata", json={"fail_next": 2}) as answer:
        told = await answer.json()
    assert (told["fail_next"], told["profile"], told["user"]) == (2, "ut11", "Обмен")
    async with base.session.post(f"{base.home}/onec/api/odata", json={"fail": 2}) as answer:
        assert answer.status == 400
    assert basic() == basic("Обмен")
