"""The base's OData as `python-1c-odata` sees it: a client written by others, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from python_1c_odata import (
    AccumulationRegister,
    Catalog,
    Document,
    F,
    Infobase,
    InformationRegister,
    ODataError,
    PostingMode,
    endswith,
    guid,
    startswith,
    substringof,
)
from tests.sandbox.odata_running import PASSWORD, USER, Reader, a_reader


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Reader]:
    async with a_reader(tmp_path, orders=12) as reader:
        yield reader


def client(base: Reader, form: str = "json") -> Infobase:
    return Infobase(base.home, "onec", USER, PASSWORD, format=form)


async def test_it_finds_the_sets_and_their_types(base: Reader) -> None:
    async with client(base) as known:
        assert "Document_ЗаказКлиента" in await known.entity_sets()
        kind = await known.entity_type_for_set("Catalog_Номенклатура")
        assert "Артикул" in str(kind)


async def test_it_reads_all_pages_of_a_catalog(base: Reader) -> None:
    async with client(base) as known:
        goods = Catalog(known, "Номенклатура")
        rows = [row async for row in goods.iterate(page_size=7)]
        assert len({row["Ref_Key"] for row in rows}) == len(base.onec.store.names("product"))
        assert await goods.count(odata_filter=F("DeletionMark") == False) == len(rows)  # noqa: E712 - its filter


async def test_its_filters_are_understood(base: Reader) -> None:
    async with client(base) as known:
        orders = Document(known, "ЗаказКлиента")
        page = await orders.query(
            top=3, select=["Ref_Key", "Number"], odata_filter=F("СуммаДокумента") > 0, inlinecount=True
        )
        assert (len(page.value), page.count) == (3, 12)
        for wanted in (
            startswith(F("Number"), "000-"),
            endswith(F("Number"), "101") | substringof("00", F("Number")),
            F("Товары").any(F("Цена") > 0) & ~F("DeletionMark"),
            F("Ref_Key") == guid(page.value[0]["Ref_Key"]),
        ):
            assert (await orders.query(odata_filter=wanted)).value


async def test_it_creates_changes_posts_and_removes(base: Reader) -> None:
    async with client(base) as known:
        orders = Document(known, "ЗаказКлиента")
        made = await orders.create({"Date": "2026-11-22T10:00:00", "Комментарий": "раз"}, posting_mode=PostingMode.POST)
        ref = made["Ref_Key"]
        row = await orders.get(ref)
        assert row["Posted"] is True
        await orders.edit(ref, {"Комментарий": "два"}, if_match=row["DataVersion"])
        with pytest.raises(ODataError):
            await orders.edit(ref, {"Комментарий": "три"}, if_match=row["DataVersion"])
        await orders.unpost(ref)
        row = await orders.get(ref)
        assert (row["Комментарий"], row["Posted"]) == ("два", False)
        await orders.delete(ref)
        with pytest.raises(ODataError):
            await orders.get(ref)


async def test_it_reads_registers(base: Reader) -> None:
    async with client(base) as known:
        prices = InformationRegister(known, "ЦеныНоменклатуры")
        rows = (await prices.slice_last())["value"]
        ref = rows[0]["Номенклатура_Key"]
        one = (await prices.slice_last(condition=F("Номенклатура_Key") == guid(ref)))["value"]
        assert [row["Номенклатура_Key"] for row in one] == [ref]
        stock = (await AccumulationRegister(known, "ТоварыНаСкладах").balance(period="2026-12-01T00:00:00"))["value"]
        assert len(stock) == len(base.onec.store.names("stock"))


async def test_it_reads_and_writes_atom(base: Reader) -> None:
    async with client(base, "atom") as known:
        orders = Document(known, "ЗаказКлиента")
        row = (await orders.query(top=1)).value[0]
        assert row["Number"].startswith("000-")
        await orders.edit(row["Ref_Key"], {"Комментарий": "атом"})
        assert (await orders.get(row["Ref_Key"]))["Комментарий"] == "атом"


async def test_it_reads_every_form_of_an_error(base: Reader) -> None:
    async with client(base) as known:
        for form in ("xml", "json", "html"):
            base.onec.odata.quirks.change({"fail_next": 1, "error_form": form})
            with pytest.raises(ODataError):
                await Catalog(known, "Номенклатура").query(top=1)


async def test_presentations_and_expanded_references(base: Reader) -> None:
    async with client(base) as known:
        page = await Document(known, "ЗаказКлиента").query(top=1, select="*", presentations=True, expand="Склад")
        row = page.value[0]
        assert row["Склад____Presentation"] == row["Склад"]["Description"]
