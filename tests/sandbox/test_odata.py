"""Reading the emulated base by OData: E-01, E-10, E-11, E-14."""

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from tests.sandbox.odata_running import Reader, a_reader, basic
from yarl import URL

ORDERS = "Document_ЗаказКлиента"


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Reader]:
    async with a_reader(tmp_path, orders=12) as reader:
        yield reader


async def test_service_document_names_all_sets_as_json_and_as_xml(base: Reader) -> None:
    named = {one["name"] for one in await base.rows("")}
    _, text = await base.ask("", headers={"Accept": "application/atom+xml"})
    shown = {one.get("href") for one in ElementTree.fromstring(text).iter("{http://www.w3.org/2007/app}collection")}
    assert named == shown
    assert {ORDERS, "Catalog_Номенклатура", "ExchangePlan_ОбменСПосредником"} <= named


@pytest.mark.parametrize("profile", ["ut11", "ut103"])
async def test_metadata_names_every_column_of_every_row(tmp_path: Path, profile: str) -> None:
    async with a_reader(tmp_path, profile=profile) as reader:
        _, text = await reader.ask("$metadata")
        edm = "{http://schemas.microsoft.com/ado/2009/11/edm}"
        kinds = {one.get("Name"): one for one in ElementTree.fromstring(text).iter(f"{edm}EntityType")}
        for one in await reader.rows(""):
            known = {column.get("Name") for column in kinds[one["name"]].iter(f"{edm}Property")}
            for row in await reader.rows(f"{one['name']}?$top=2"):
                assert set(row) <= known, one["name"]


async def test_an_order_has_the_names_of_its_profile(base: Reader) -> None:
    row = (await base.rows(f"{ORDERS}?$top=1&$orderby=Number"))[0]
    order = base.onec.store.object("order", row["Ref_Key"])
    assert order is not None
    assert row["Number"] == order["data"]["number"]
    assert row["Подразделение_Key"] == order["data"]["division"]
    assert row["Товары"][0]["Номенклатура_Key"] == order["data"]["lines"][0]["product"]
    assert row["Товары"][0]["КодСтроки"] == "1"
    assert row["ВремяДоставкиС"] == order["data"]["window"]["from"]


async def test_the_old_profile_has_no_statuses_and_no_line_codes(tmp_path: Path) -> None:
    async with a_reader(tmp_path, profile="ut103") as reader:
        row = (await reader.rows("Document_ЗаказПокупателя?$top=1"))[0]
        assert "Статус" not in row
        assert "КодСтроки" not in row["Товары"][0]
        assert row["СкладГруппа_Type"] == "StandardODATA.Catalog_Склады"
        assert (await reader.ask("Document_ЗаказКлиента"))[0] == 404


async def test_cyrillic_comes_raw_and_percent_encoded(base: Reader) -> None:
    raw = f"{base.root}/{ORDERS}?$top=1&$format=json"
    answers = []
    for url in (URL(raw, encoded=True), URL(raw)):
        async with base.session.get(url, headers={"Authorization": basic()}) as answer:
            answers.append((answer.status, await answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200


async def test_plus_is_no_blank(base: Reader) -> None:
    status, _ = await base.ask(f"{ORDERS}?$filter=Number+ne+''")
    assert status == 400
    assert len(await base.rows(f"{ORDERS}?$filter=Number ne ''")) == 12


async def test_user_is_known_by_utf8_alone(base: Reader) -> None:
    assert (await base.ask(f"{ORDERS}?$top=1", headers={"Authorization": basic(charset="cp1251")}))[0] == 401
    assert (await base.ask(f"{ORDERS}?$top=1", headers={"Authorization": basic(password="x")}))[0] == 401
    assert (await base.ask(f"{ORDERS}?$top=1"))[0] == 200


async def test_json_with_metadata_links_what_a_row_refers_to(base: Reader) -> None:
    body = await base.read(f"{ORDERS}?$top=1&$format=json", headers={"Accept": "*/*"})
    row = body["value"][0]
    assert row["Склад@navigationLinkUrl"] == f"{ORDERS}(guid'{row['Ref_Key']}')/Склад"
    assert (await base.read(row["Склад@navigationLinkUrl"]))["Ref_Key"] == row["Склад_Key"]
    assert "odata.metadata" in body
    assert not any("@" in key for key in (await base.rows(f"{ORDERS}?$top=1"))[0])


async def test_atom_has_the_same_values(base: Reader) -> None:
    row = (await base.rows(f"{ORDERS}?$top=1&$orderby=Number"))[0]
    _, text = await base.ask(f"{ORDERS}?$top=1&$orderby=Number", headers={"Accept": "application/atom+xml"})
    data = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
    top = ElementTree.fromstring(text)
    assert next(top.iter(f"{data}Number")).text == row["Number"]
    assert len(list(top.iter(f"{data}element"))) == len(row["Товары"])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Number eq '000-000103'", lambda row: row["Number"] == "000-000103"),
        ("СуммаДокумента gt 2000 and not (Posted eq false)", lambda row: row["СуммаДокумента"] > 2000),
        ("СуммаДокумента add 1 sub 1 mul 2 div 2 eq СуммаДокумента", lambda row: True),
        ("СуммаДокумента mod 2 eq 0", lambda row: row["СуммаДокумента"] % 2 == 0),
        (
            "substringof('00010', Number) or endswith(Number, '2')",
            lambda row: row["Number"][-3:] < "110" or row["Number"][-1] == "2",
        ),
        ("startswith(Number,'000-') and length(Number) eq 10", lambda row: True),
        ("Date ge datetime'2020-01-01T00:00:00' and year(Date) gt 2020", lambda row: True),
        ("Date lt datetime'2020-01-01T00:00:00'", lambda row: False),
        ("Number like '000-00010_'", lambda row: row["Number"].startswith("000-00010")),
        ("Товары/any(t: t/Цена gt 3000)", lambda row: any(line["Цена"] > 3000 for line in row["Товары"])),
        ("Товары/all(t: t/Количество ge 1)", lambda row: all(line["Количество"] >= 1 for line in row["Товары"])),
    ],
)
async def test_filter_keeps_the_rows_it_names(base: Reader, text: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    everything = await base.rows(ORDERS)
    kept = await base.rows(f"{ORDERS}?$filter={text}")
    assert {row["Ref_Key"] for row in kept} == {row["Ref_Key"] for row in everything if holds(row)}


async def test_references_are_asked_for_by_guid_and_by_cast(base: Reader) -> None:
    row = (await base.rows(ORDERS))[0]
    same = await base.rows(f"{ORDERS}?$filter=Склад_Key eq guid'{row['Склад_Key'].upper()}'")
    assert row in same
    ref = row["Ref_Key"]
    await base.read(
        "Document_РеализацияТоваровУслуг", "POST", 201,
        json={"Date": "2026-11-22T10:00:00", "Number": "1", "ЗаказКлиента": ref, "Товары": []},
    )  # fmt: skip
    by_cast = f"Document_РеализацияТоваровУслуг?$filter=ЗаказКлиента eq cast(guid'{ref}','{ORDERS}')"
    typed = f"ЗаказКлиента_Type eq 'StandardODATA.{ORDERS}' and isof(ЗаказКлиента,'{ORDERS}')"
    by_type = f"Document_РеализацияТоваровУслуг?$filter={typed}"
    assert len(await base.rows(by_cast)) == len(await base.rows(by_type)) == 1


async def test_pages_by_a_full_key_give_every_row_once(base: Reader) -> None:
    pages = [await base.rows(f"{ORDERS}?$orderby=Date,Ref_Key&$top=5&$skip={skip}") for skip in (0, 5, 10)]
    rows = [row["Ref_Key"] for page in pages for row in page]
    assert len(rows) == len(set(rows)) == 12
    dates = [row["Date"] for page in pages for row in page]
    assert dates == sorted(dates)


async def test_select_expand_and_count(base: Reader) -> None:
    asked = "$select=Number,Склад____Presentation&$expand=Контрагент&$inlinecount=allpages&$top=2"
    body = await base.read(f"{ORDERS}?{asked}")
    assert body["odata.count"] == "12"
    assert set(body["value"][0]) == {"Number", "Склад____Presentation", "Контрагент"}
    assert body["value"][0]["Склад____Presentation"].startswith("Склад")
    assert body["value"][0]["Контрагент"]["Description"]
    assert (await base.ask(f"{ORDERS}?$select=Нет"))[0] == 400
    assert (await base.ask(f"{ORDERS}/$count"))[1] == "12"


async def test_slice_last_and_balance(base: Reader) -> None:
    prices = await base.rows("InformationRegister_ЦеныНоменклатуры/SliceLast()")
    assert len(prices) == len(base.onec.store.names("price"))
    ref = prices[0]["Номенклатура_Key"]
    one = await base.rows(
        f"InformationRegister_ЦеныНоменклатуры/SliceLast(Condition='Номенклатура_Key eq guid''{ref}''')"
    )
    assert [row["Цена"] for row in one] == [prices[0]["Цена"]]
    balance = await base.rows("AccumulationRegister_ТоварыНаСкладах/Balance()")
    assert len(balance) == len(base.onec.store.names("stock"))
    assert balance[0]["КОтгрузкеBalance"] is None


async def test_a_register_comes_as_whole_sets_and_as_rows(base: Reader) -> None:
    sets = await base.rows("InformationRegister_ЦеныНоменклатуры")
    rows = await base.rows("InformationRegister_ЦеныНоменклатуры_RecordType")
    assert sum(len(one["RecordSet"]) for one in sets) == len(rows)
    assert rows == await base.rows("InformationRegister_ЦеныНоменклатуры_RecordType?$orderby=Цена desc")


async def test_table_part_is_a_set_of_its_own(base: Reader) -> None:
    lines = await base.rows(f"{ORDERS}_Товары")
    orders = await base.rows(ORDERS)
    assert sum(len(row["Товары"]) for row in orders) == len(lines)
    ref = orders[0]["Ref_Key"]
    assert await base.rows(f"{ORDERS}(guid'{ref}')/Товары") == orders[0]["Товары"]


async def test_version_is_eight_bytes_and_grows_at_every_write(base: Reader) -> None:
    row = (await base.rows(f"{ORDERS}?$top=1"))[0]
    versions = [base64.b64decode(row["DataVersion"])]
    for _ in range(3):
        again = await base.read(f"{ORDERS}(guid'{row['Ref_Key']}')", "PATCH", json={})
        versions.append(base64.b64decode(again["DataVersion"]))
    assert versions == sorted(set(versions))
    assert {len(version) for version in versions} == {8}


async def test_unknown_set_and_unknown_row_are_404(base: Reader) -> None:
    assert (await base.ask("Catalog_Нет"))[0] == 404
    assert (await base.ask(f"{ORDERS}(guid'11111111-2222-4333-8444-555555555555')"))[0] == 404


async def test_connection_is_a_plain_session(base: Reader) -> None:
    async with aiohttp.ClientSession() as session, session.get(base.root + "/") as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
