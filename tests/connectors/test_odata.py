"""The OData client and the names of both profiles: facts about 1C, §1 and §3."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid5

import msgspec
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from tests.flow import odata_rows as rows
from tests.flow.fake_odata import HTML_ERROR, JSON_ERROR, NO_LICENCE, PASSWORD, USER, XML_ERROR, FakeOData, odata

from posrednik.connectors.odata.client import ODataClient, ODataError, words_of
from posrednik.connectors.odata.profile import PROFILES, ProfileError, load_profile, places
from posrednik.connectors.odata.reader import WHOLE, Reader
from posrednik.connectors.odata.rows import wires_of
from posrednik.connectors.onec.inbound import Inbound, Unreadable
from posrednik.connectors.onec.wire import KINDS
from posrednik.domain.loads import Position

PRODUCTS = "Catalog_Номенклатура"
# Names of both families as they are known of live bases, by the meaning.
KNOWN = {
    "ut11": {
        "division": "Catalog_СтруктураПредприятия", "product": PRODUCTS, "counterparty": "Catalog_Контрагенты",
        "warehouse": "Catalog_Склады", "courier": "Catalog_ФизическиеЛица", "order": "Document_ЗаказКлиента",
        "shipment": "Document_РеализацияТоваровУслуг", "receipt": "Document_ПриобретениеТоваровУслуг",
        "transfer": "Document_ПеремещениеТоваров", "return": "Document_ВозвратТоваровОтКлиента",
        "cash_receipt": "Document_ПриходныйКассовыйОрдер", "price": "InformationRegister_ЦеныНоменклатуры",
        "stock": "AccumulationRegister_ТоварыНаСкладах",
    },
    "ut103": {
        "division": "Catalog_Подразделения", "product": PRODUCTS, "counterparty": "Catalog_Контрагенты",
        "warehouse": "Catalog_Склады", "courier": "Catalog_ФизическиеЛица", "order": "Document_ЗаказПокупателя",
        "shipment": "Document_РеализацияТоваровУслуг", "receipt": "Document_ПоступлениеТоваровУслуг",
        "transfer": "Document_ПеремещениеТоваров", "return": "Document_ВозвратТоваровОтПокупателя",
        "cash_receipt": "Document_ПриходныйКассовыйОрдер", "price": "InformationRegister_ЦеныНоменклатуры",
        "stock": "AccumulationRegister_ТоварыНаСкладах",
    },
}  # fmt: skip


def wire_of(names: Any, row: dict[str, Any], shown: dict[tuple[str, str, str], Any]) -> dict[str, Any]:
    """One row alone."""
    (wire,) = wires_of(names, [row], shown)
    return wire


class Pauses:
    """Notes how long somebody would have waited."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Made:
    def __init__(self, fake: FakeOData, client: ODataClient, pauses: Pauses) -> None:
        self.fake, self.client, self.pauses = fake, client, pauses

    async def refs(self) -> list[str]:
        page = await self.client.page(PRODUCTS, {"$orderby": "Description,Ref_Key"})
        return [row["Ref_Key"] for row in page.rows]


@pytest.fixture
async def made() -> AsyncIterator[Made]:
    async with odata() as fake, ClientSession() as session:
        fake.sets, pauses = rows.base(), Pauses()
        yield Made(fake, ODataClient(fake.url, USER, PASSWORD, session, sleep=pauses), pauses)


@pytest.mark.parametrize("fault", [
    (429, ""), (502, HTML_ERROR), (503, JSON_ERROR, {"Retry-After": "7"}), (504, HTML_ERROR), (408, ""), "cut", "drop",
    (200, '{"value": [{"Ref_Key": "1'),
])  # fmt: skip
async def test_what_passes_is_asked_again_after_a_pause(made: Made, fault: Any):
    made.fake.faults = [fault, fault]
    assert len(await made.refs()) == 3
    if fault == "drop":
        return  # on a connection that was used before the session itself asks once more
    assert len(made.pauses.taken) == 2
    if fault[0] == 503:
        assert made.pauses.taken == [7.0, 7.0], "as long as 1C asks for"
    else:
        assert 0.4 < made.pauses.taken[0] < 1.1 < made.pauses.taken[1] * 1.2


@pytest.mark.parametrize(("body", "words"), [
    (XML_ERROR, "Нет прав на чтение"), (JSON_ERROR, "Недостаточно прав"), (HTML_ERROR, "страница веб-сервера"),
    ('{"odata.error": {"code": "6", "message": {"lang": "ru", "value": "Неверный сегмент"}}}', "Неверный сегмент"),
    ("", ""), ("oops", ""), ("{", ""), ("<", ""),
])  # fmt: skip
async def test_each_body_of_an_error_is_told_in_its_words(made: Made, body: str, words: str):
    made.fake.faults = [(500, body)]
    with pytest.raises(ODataError) as caught:
        await made.refs()
    assert caught.value.why == "1С отвечает 500" + (f": {words}" if words else "")
    assert (caught.value.lasting, made.pauses.taken) == (True, [])


@pytest.mark.parametrize("body", [
    HTML_ERROR.replace("Runtime error 1c4e", NO_LICENCE), json.dumps({"exception": {"descr": NO_LICENCE}}),
    XML_ERROR.replace("Нет прав на чтение", NO_LICENCE),
    HTML_ERROR.replace("Runtime error 1c4e", NO_LICENCE).encode("cp1251"),
])  # fmt: skip
async def test_e16_without_a_free_licence_it_is_asked_again_and_told_when_none_comes(made: Made, body: str | bytes):
    made.fake.faults = [(500, body)] * 2
    assert len(await made.refs()) == 3
    assert len(made.pauses.taken) == 2
    made.fake.faults = [(500, body)] * 8
    with pytest.raises(ODataError, match="нет свободной лицензии"):
        await made.refs()


@given(body=st.binary())
def test_no_body_of_an_error_breaks_the_reader(body: bytes):
    assert isinstance(words_of(body), str)


async def test_what_does_not_pass_is_given_up_after_some_tries(made: Made):
    made.fake.faults = [(504, HTML_ERROR)] * 50
    with pytest.raises(ODataError, match="504"):
        await made.refs()
    assert len(made.pauses.taken) == 7


async def test_a_wrong_password_is_told_without_it(made: Made):
    async with ClientSession() as session:
        client = ODataClient(made.fake.url, USER, "неверный", session)
        with pytest.raises(ODataError, match="проверьте имя пользователя и пароль") as caught:
            await client.page(PRODUCTS, {})
    assert "неверный" not in caught.value.why


async def test_cyrillic_is_percent_encoded_and_a_blank_is_never_a_plus(made: Made):
    options = {"$filter": "Date ge datetime'2026-10-01T00:00:00'", "$orderby": "Date"}
    await made.client.page("Document_ЗаказКлиента", options)
    (raw,) = made.fake.raw
    assert raw.isascii()
    assert "+" not in raw
    assert "Document_ЗаказКлиента?" in unquote(raw)


async def test_a_number_keeps_the_digits_that_1c_wrote(made: Made):
    page = await made.client.page("Document_ЗаказКлиента", {"$orderby": "Date,Number"})
    assert page.rows[0]["Товары"][0]["Цена"] == "990.1"


async def test_parallel_requests_wait_for_a_free_session(made: Made):
    async with ClientSession() as session:
        client = ODataClient(made.fake.url, USER, PASSWORD, session, parallel=2)
        await asyncio.gather(*(client.page(PRODUCTS, {}) for _ in range(12)))
    assert made.fake.most_at_once <= 2


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_has_the_names_of_its_family(name: str):
    sets = {one.kind: one.set for one in load_profile(name, registers=True)}
    assert sets == KNOWN[name]


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_fills_no_field_that_its_kind_does_not_know(name: str):
    for one in load_profile(name, registers=True):
        fields = KINDS[one.kind]
        known = {*fields.required, *fields.optional}
        known |= {f"lines.{field}" for field in {**fields.lines, **fields.lines_optional}}
        known |= {f"{part}.{field}" for part, inner in fields.parts.items() for field in inner}
        assert {*one.places, *one.fixed} <= known, one.kind


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_profile_leaves_open_is_only_what_the_standard_has_no_place_for(name: str):
    open_fields = set()
    for one in load_profile(name, registers=True):
        fields = KINDS[one.kind]
        needed = {*fields.required, *(f"lines.{field}" for field in fields.lines)}
        open_fields |= {f"{one.kind}.{field}" for field in needed - {*one.places, *one.fixed}}
    assert open_fields == {"courier.division"}


def test_the_line_of_an_order_is_told_by_its_code_where_there_is_one():
    orders = {name: next(one for one in load_profile(name) if one.kind == "order") for name in PROFILES}
    lines = {name: one.places["lines.line"][0].name for name, one in orders.items()}
    assert lines == {"ut11": "КодСтроки", "ut103": "LineNumber"}


def test_names_of_one_base_win_over_the_profile():
    made = {one.kind: one for one in load_profile(
        "ut11", sets={"receipt": "Document_ПоступлениеТоваровУслуг", "return": ""},
        fields={"order.recipient.phone": "ИШ_Телефон", "order.courier": ""}, fixed={"courier.division": "d"},
        values={"order.payment_method": {"Предоплата": "prepaid"}, "order.status": {"Закрыт": "done"}},
    )}  # fmt: skip
    assert made["receipt"].set == "Document_ПоступлениеТоваровУслуг"
    assert "return" not in made
    assert made["order"].places["recipient.phone"] == places("ИШ_Телефон")
    assert "courier" not in made["order"].places
    paid = made["order"].values["payment_method"]
    assert (paid["Предоплата"], paid["Наличная"]) == ("prepaid", "cash")
    status = made["order"].values["status"]
    assert (status["Закрыт"], status["КОтгрузке"], status["*"]) == ("done", "К отгрузке", "=")
    assert made["courier"].fixed == {"active": True, "division": "d"}


@pytest.mark.parametrize("wrong", [
    {"fields": {"cat.name": "Имя"}}, {"fields": {"order": "Имя"}}, {"fields": {"order.number": "Два слова"}},
    {"sets": {"cat": "Catalog_Кошки"}},
])  # fmt: skip
def test_names_that_cannot_be_meant_are_refused(wrong: Any):
    with pytest.raises(ProfileError):
        load_profile("ut11", **wrong)


ROW = {
    "Ref_Key": "F0000000-0000-4000-8000-000000000009", "DataVersion": "AAAAAAAAAAE=", "DeletionMark": False,
    "Description": "ООО Ромашка", "ИНН": "", "ЮрФизЛицо": "ЮрЛицо",
    "КонтактнаяИнформация": [
        {"Тип": "Адрес", "Представление": "Москва"}, {"Тип": "Телефон", "НомерТелефона": "", "Представление": "+7 916"},
    ],
}  # fmt: skip


def test_a_place_in_a_table_part_is_the_first_row_that_fits():
    (names,) = [one for one in load_profile("ut11") if one.kind == "counterparty"]
    data = wire_of(names, ROW, {})["data"]
    assert data == {"name": "ООО Ромашка", "phone": "+7 916", "legal": True}


def test_an_enumeration_that_nobody_knows_is_not_guessed():
    (names,) = [one for one in load_profile("ut11") if one.kind == "counterparty"]
    names.values["legal"] = {"ЮрЛицо": True}
    wire = wire_of(names, {**ROW, "ЮрФизЛицо": "Кооператив"}, {})
    with pytest.raises(Unreadable, match="Кооператив"):
        Inbound("Europe/Moscow").object(0, msgspec.json.encode(wire))


def test_a_reference_of_several_types_counts_only_when_it_points_where_it_should():
    (names,) = [one for one in load_profile("ut11") if one.kind == "shipment"]
    there = {"ЗаказКлиента": ROW["Ref_Key"], "ЗаказКлиента_Type": "StandardODATA.Document_ЗаказКлиента"}
    other = {**there, "ЗаказКлиента_Type": "StandardODATA.Document_ЗаявкаНаВозвратТоваровОтКлиента"}
    assert wire_of(names, there, {})["data"]["order"] == ROW["Ref_Key"]
    assert "order" not in wire_of(names, other, {})["data"]


async def test_a_reference_is_shown_by_what_it_refers_to_asked_for_once(made: Made):
    reader = Reader(made.client, load_profile("ut11"))
    await reader.publish()
    page = await reader.page("product", WHOLE, 0, 10)
    for _ in range(2):
        shown = await reader.shown("product", page.rows)
    assert set(shown.values()) == {"шт"}
    assert sum(name == "Catalog_УпаковкиЕдиницыИзмерения" for name, _ in made.fake.asked) == 1


@given(year=st.integers(1990, 2090), month=st.integers(1, 12), months=st.integers(0, 60))
def test_windows_cover_every_moment_once(year: int, month: int, months: int):
    number = year * 12 + month - 1 + months
    at = Position(f"{year:04}-{month:02}", f"{number // 12:04}-{number % 12 + 1:02}", begun=True)
    bounds = []
    while not at.over:
        bounds.append(at.bounds())
        at = at.next_window()
    assert len(bounds) == months + 1
    assert (bounds[0][0], bounds[-1][1]) == (None, None)
    assert all(left[1] == right[0] is not None for left, right in pairwise(bounds))


def test_the_profiles_are_data_beside_the_reader():
    folder = Path(__file__).parents[2] / "src/posrednik/connectors/odata/profiles"
    assert {path.stem for path in folder.iterdir()} == set(PROFILES)


# -- references of registers, words of lists


def _names(kind: str, profile: str = "ut11", **more: Any) -> Any:
    return next(one for one in load_profile(profile, registers=True, **more) if one.kind == kind)


def _price(names: Any, **row: Any) -> dict[str, Any]:
    shown = {(place.shown_by, rows.ref("d", 1), "Description"): "Розничная" for place in names.places["price_type"]}
    plain = dict.fromkeys(names.keys, rows.ZERO) | {names.keys[0]: rows.PRODUCT, names.keys[2]: rows.ref("d", 1)}
    return wire_of(names, {**plain, "Цена": "990.00", **row}, shown)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_row_of_a_register_has_the_reference_that_messages_give_it(profile: str):
    price, stock = _names("price", profile), _names("stock", profile)
    characteristic = rows.ref("c", 7)
    assert _price(price)["ref"] == str(uuid5(UUID(rows.PRODUCT), "Розничная"))
    row = {price.keys[1]: characteristic}
    assert _price(price, **row)["ref"] == str(uuid5(UUID(rows.PRODUCT), "Розничная" + characteristic))
    row = dict(zip(stock.keys, (rows.WAREHOUSE, rows.PRODUCT, characteristic), strict=True))
    made = wire_of(stock, row, {})["ref"]
    assert made == str(uuid5(UUID(rows.WAREHOUSE), rows.PRODUCT + characteristic))


def test_a_base_with_another_rule_says_so():
    names = _names("price", refs={"price": ["product", "characteristic"]})
    assert _price(names)["ref"] == str(uuid5(UUID(rows.PRODUCT), ""))
    assert _price(_names("price", refs={"price": []}))["ref"] == f"{rows.PRODUCT}/{rows.ZERO}/{rows.ref('d', 1)}"
    for wrong in ({"order": ["number"]}, {"price": ["nothing"]}, {"outlet": []}):
        with pytest.raises(ProfileError, match="refs"):
            load_profile("ut11", refs=wrong)


@pytest.mark.parametrize(("theirs", "ours"), [
    ("КОтгрузке", "К отгрузке"), ("НеСогласован", "Не согласован"), ("Закрыт", "Закрыт"), ("ИШ_Свой", "ИШ_Свой"),
])  # fmt: skip
def test_a_status_is_the_text_that_messages_bring(theirs: str, ours: str):
    row = {**rows.order(1), "Статус": theirs, "ФормаОплаты": "Предоплата"}
    data = wire_of(_names("order"), row, {})["data"]
    assert (data["status"], data["payment_method"]) == (ours, "prepaid")


def test_an_added_way_of_payment_of_the_old_family_is_read_by_the_same_words():
    names = _names("order", "ut103", fields={"order.payment_method": "ИШ_ФормаОплаты"})
    assert wire_of(names, {"ИШ_ФормаОплаты": "ПлатежнаяКарта"}, {})["data"]["payment_method"] == "card"
