"""E-06, E-30 to E-34: normalise(any writing of a value) = the value, for each type of value, by JSON and by XML.

A value is drawn, then one of the ways in which a careless exchange writes it; whatever the way, the object that comes
out is the same to the last byte, and so is its hash.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from posrednik.connectors.onec.inbound import Inbound, Object, Unreadable
from posrednik.connectors.onec.wire import KINDS
from posrednik.intake.reading import Form, decode_form

ZERO = "00000000-0000-0000-0000-000000000000"
REF, PRODUCT, WAREHOUSE = (f"{letter}0000000-0000-4000-8000-000000000001" for letter in "0fa")
BLANKS = ["", " ", "\u00a0", "\u2009", "\u202f"]  # nothing, a blank, no-break, thin, narrow
GROUPS = st.sampled_from(BLANKS)
ZONES = ["Europe/Moscow", "Europe/Berlin", "Asia/Vladivostok", "America/Sao_Paulo", "UTC"]
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
FORMS = ["json", "json with BOM", "xml utf-8", "xml utf-8 with BOM", "xml windows-1251", "xml of a header"]
EMPTY = object()  # a field that is written without a value


class _Body(msgspec.Struct):
    objects: list[msgspec.Raw]


def read(wire: dict[str, Any], form: str, *, zone: str = "Europe/Moscow") -> Object:
    """One object, through the bytes of a request in that form."""
    charset = "windows-1251" if form == "xml of a header" else None
    asked = Form(form.startswith("xml"), charset)
    body = _xml(wire, form) if asked.xml else _json(wire, bom=form.endswith("BOM"))
    (raw,) = decode_form(body, _Body, asked).objects
    return Inbound(zone).object(0, raw)


def _json(wire: dict[str, Any], *, bom: bool) -> bytes:
    plain = json.dumps({"objects": [_present(wire)]}, ensure_ascii=not bom).encode()
    return b"\xef\xbb\xbf" + plain if bom else plain


def _present(value: Any) -> Any:
    """JSON writes no value as null."""
    if isinstance(value, dict):
        return {name: _present(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_present(one) for one in value]
    return None if value is EMPTY else value


def _xml(wire: dict[str, Any], form: str) -> bytes:
    """As the 8.2 family does: texts alone, CRLF, an empty element or xsi:nil for nothing, characters as references."""
    encoding = "windows-1251" if "1251" in form or "header" in form else "UTF-8"
    head = "" if "header" in form else f'<?xml version="1.0" encoding="{encoding}"?>\r\n'
    text = f"{head}<message {XSI}>\r\n<objects>\r\n{_element('item', wire)}</objects>\r\n</message>"
    bom = b"\xef\xbb\xbf" if form.endswith("BOM") else b""
    return bom + text.encode(encoding, "xmlcharrefreplace")


def _element(name: str, value: Any) -> str:
    if value is EMPTY:
        return f'<{name} xsi:nil="true"/>' if len(name) % 2 else f"<{name}></{name}>"
    if isinstance(value, dict):
        return f"<{name}>\r\n{''.join(_element(key, one) for key, one in value.items())}</{name}>\r\n"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element('item', one) for one in value)}</{name}>"
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return f"<{name}>{escaped}</{name}>"


# -- the ways of writing a value


@st.composite
def decimals(draw: st.DrawFn, digits: int, *, signed: bool = True) -> tuple[Decimal, Any]:
    """A number, and a writing of it: JSON's number, a text with a point or a comma, groups by any blank, a minus in
    brackets, more zeros, blanks around."""
    least = -(10**9) if signed else 0
    number = draw(st.decimals(least, 10**9, places=draw(st.integers(0, digits))))
    plain = f"{abs(number):f}"
    whole, _, part = plain.partition(".")
    part += "0" * draw(st.integers(0, 2)) if part else ""
    grouped = f"{int(whole):,}".replace(",", draw(GROUPS))
    looks = [(whole, "."), (whole, ","), (grouped, ",")]
    look = draw(st.sampled_from([one + (f"{point}{part}" if part else "") for one, point in looks]))
    if number < 0:
        look = draw(st.sampled_from([f"-{look}", f"({look})", f"\u2212{look}"]))
    if float(number) == number and draw(st.booleans()):
        return number, float(number) if part else int(number)
    return number, draw(GROUPS) + look + draw(GROUPS)


@st.composite
def times(draw: st.DrawFn, zone: str) -> tuple[datetime, str]:
    """A moment, and a writing of it: in the base's zone without an offset, in UTC with Z, with an offset of its own."""
    local = draw(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))).replace(microsecond=0)
    fold = draw(st.sampled_from([0, 1]))
    moment = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    # What no clock of that zone has shown, and the second pass of an hour that it has shown twice, need an offset.
    told = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    looks = [f"{moment:%Y-%m-%dT%H:%M:%S}Z", moment.isoformat()]
    if told == local and local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) == moment:
        looks += [local.isoformat(), f" {local.isoformat()} ", local.isoformat(" ")]
    offset = timedelta(minutes=15 * draw(st.integers(-48, 56)))
    shifted = moment + offset
    sign, minutes = ("+", offset) if offset >= timedelta(0) else ("-", -offset)
    looks.append(f"{shifted:%Y-%m-%dT%H:%M:%S}{sign}{minutes.seconds // 3600:02}:{minutes.seconds // 60 % 60:02}")
    return moment, draw(st.sampled_from(looks))


def flags() -> st.SearchStrategy[tuple[bool, Any]]:
    yes, no = (True, "Да", "ДА", "Истина", "true", " да ", "1"), (False, "Нет", "нет", "Ложь", "false", "ЛОЖЬ ", "0")
    return st.booleans().flatmap(lambda said: st.tuples(st.just(said), st.sampled_from(yes if said else no)))


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A text of people, and the same with blanks around, control characters between, no-break blanks for blanks."""
    letters = st.sampled_from("абвгдёЁЖя abcXYZ 0123456789«»№.,-&<>'\"")
    text = draw(st.text(letters, min_size=1, max_size=30)).strip()
    assume(text)
    dirty = list(text)
    for _ in range(draw(st.integers(0, 3))):
        dirty.insert(draw(st.integers(0, len(dirty))), draw(st.sampled_from("\x00\x01\x02\x08\x0b\x1f\ufeff")))
    written = "".join(dirty).replace(" ", draw(st.sampled_from([" ", "\u00a0"])))
    return text, draw(st.sampled_from(["", " ", "\u00a0", "\t", "\n", "  "])) + written + draw(GROUPS)


def guids() -> st.SearchStrategy[tuple[str, str]]:
    looks: list[Callable[[str], str]] = [str, str.upper, lambda one: f"{{{one}}}", lambda one: f" {one.upper()} "]
    return st.tuples(st.uuids().map(str), st.sampled_from(looks)).map(lambda both: (both[0], both[1](both[0])))


def form() -> st.SearchStrategy[str]:
    return st.sampled_from(FORMS)


def price(value: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "price", "ref": REF, "version": "1",
            "data": {"product": PRODUCT, "price_type": "Розничная", "price": value, **more}}  # fmt: skip


def stock(quantity: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "stock", "ref": REF, "version": "1",
            "data": {"warehouse": WAREHOUSE, "product": PRODUCT, "quantity": quantity, **more}}  # fmt: skip


def product(**data: Any) -> dict[str, Any]:
    return {"kind": "product", "ref": REF, "version": "1",
            "data": {"code": "1", "name": "Термос", "unit": "шт", **data}}  # fmt: skip


def receipt(date: Any) -> dict[str, Any]:
    return {"kind": "cash_receipt", "ref": REF, "version": "1", "data": {"number": "1", "date": date, "sum": "1"}}


# -- normalise(any writing) = the value


@given(written=decimals(2), way=form())
def test_e31_a_sum_is_the_same_however_it_is_written(written: tuple[Decimal, Any], way: str):
    number, look = written
    told = read(price(look), way)
    assert told.data["price"] == f"{number or Decimal(0):.2f}"
    assert told.hash == read(price(f"{number:f}"), "json").hash


@given(written=decimals(3), way=form())
def test_e31_a_quantity_is_the_same_however_it_is_written(written: tuple[Decimal, Any], way: str):
    number, look = written
    told = read(stock(look), way)
    assert Decimal(told.data["quantity"]) == number
    assert told.hash == read(stock(f"{number:f}"), "json").hash


@given(written=st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), times(zone))), way=form())
def test_e30_e34_a_moment_is_the_same_in_any_zone_and_by_any_offset(
    written: tuple[str, tuple[datetime, str]], way: str
):
    zone, (moment, look) = written
    assert read(receipt(look), way, zone=zone).data["date"] == f"{moment:%Y-%m-%dT%H:%M:%S}Z"


@pytest.mark.parametrize(("zone", "local", "moment"), [
    ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),  # before the hour that comes twice
    ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # comes twice: the first of them
    ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),  # never shown: as if the clocks had not moved
    ("Europe/Moscow", "2010-07-01T12:00:00", "2010-07-01T08:00:00Z"),  # Moscow has moved its clocks, and its zone
    ("Europe/Moscow", "2012-07-01T12:00:00", "2012-07-01T08:00:00Z"),
    ("Europe/Moscow", "2026-07-01T12:00:00", "2026-07-01T09:00:00Z"),
])  # fmt: skip
def test_e34_where_the_clocks_are_moved_a_local_time_is_still_one_moment(zone: str, local: str, moment: str):
    assert {read(receipt(local), way, zone=zone).data["date"] for way in FORMS} == {moment}


@given(written=flags(), way=form())
def test_e31_yes_and_no_are_the_same_in_any_language(written: tuple[bool, Any], way: str):
    said, look = written
    assert read(product(by_weight=look), way).data["by_weight"] is said


@given(written=texts(), way=form())
def test_e06_a_text_is_the_same_with_whatever_got_into_it(written: tuple[str, str], way: str):
    text, look = written
    told = read(product(article=look), way)
    assert told.data["article"] == text
    assert told.hash == read(product(article=text), "json").hash


@given(written=guids(), way=form())
def test_e30_a_reference_is_the_same_however_it_is_written(written: tuple[str, str], way: str):
    ref, look = written
    assume(ref != ZERO)
    one = price("1", characteristic=look)
    told = read({**one, "ref": f" {ref}"}, way)
    assert (told.ref, told.data["characteristic"]) == (ref, ref)


NOTHING = {
    "text": ["", " ", "\u00a0", "\x02", "\r\n", EMPTY], "guid": ["", ZERO, f"{{{ZERO}}}", EMPTY],
    "time": ["", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", EMPTY], "money": ["", EMPTY],
    "quantity": ["", EMPTY], "flag": ["", EMPTY], "barcodes": ["", [], [""], EMPTY],
    "characteristics": ["", [], [{"ref": ZERO, "name": "нет"}], EMPTY], "packagings": ["", [], EMPTY],
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "text": "1", "guid": PRODUCT, "time": "2026-11-20T10:00:00", "money": "1", "quantity": "1", "flag": True,
}  # fmt: skip


def whole(kind: str) -> dict[str, Any]:
    """The least that a kind must have."""
    fields = KINDS[kind]
    data = {name: WHOLE[reader] for name, reader in fields.required.items()}
    data |= {part: {"text": "Тула"} for part in fields.parts_required}
    if fields.lines:
        data["lines"] = [{name: WHOLE[reader] for name, reader in fields.lines.items()}]
    return {"kind": kind, "ref": REF, "version": "1", "data": data}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), way=form())
def test_e30_an_empty_value_is_an_absent_one_in_every_optional_field_of_every_kind(
    kind: str, data: st.DataObject, way: str
):
    fields, plain = KINDS[kind], whole(kind)
    empty = {name: data.draw(st.sampled_from(NOTHING[reader])) for name, reader in fields.optional.items()}
    told = read({**plain, "data": {**plain["data"], **empty}}, way)
    assert (told.body, told.hash) == (read(plain, "json").body, read(plain, "json").hash)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", FORMS)
def test_e30_an_empty_value_is_missing_in_every_required_field_of_every_kind(kind: str, way: str):
    plain = whole(kind)
    for name, reader in KINDS[kind].required.items():
        for nothing in NOTHING[reader]:
            with pytest.raises(Unreadable) as caught:
                read({**plain, "data": {**plain["data"], name: nothing}}, way)
            assert (caught.value.code, caught.value.field) == ("missing_field", name)


def test_e32_windows_1251_entities_and_line_ends_of_windows_are_the_same_document():
    """What that encoding has no sign for is written as a reference; a sign of XML as an entity."""
    text = "ООО «Ёж & Ко» <пл. 5> № 7 — 🚚"
    assert {read(product(article=text), way).data["article"] for way in FORMS} == {text}


@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufffe\uffff"), max_size=40))
def test_e33_an_unknown_field_and_an_unknown_text_of_an_open_list_are_kept_as_they_are(value: str):
    plain = whole("order")
    told = read({**plain, "data": {**plain["data"], "ИШ_Поле": value, "status": f"а{value}я"}}, "json")
    assert told.data["ИШ_Поле"] == value.replace("\0", "")
    assert told.data["status"].startswith("а")
    assert told.data["status"].endswith("я")


# -- lists of a product (E-04)


@given(written=st.lists(st.tuples(st.integers(10**7, 10**13).map(str), st.booleans()), max_size=4), way=form())
def test_e04_barcodes_are_texts_whether_they_come_as_numbers_or_not(written: list[tuple[str, bool]], way: str):
    looks: list[Any] = [int(code) if plain else f" {code}\u00a0" for code, plain in written]
    told = read(product(barcodes=looks), way).data.get("barcodes", [])
    assert told == list(dict.fromkeys(code for code, _ in written))


@given(
    refs=st.lists(guids(), min_size=1, max_size=3, unique_by=lambda one: one[0]), way=form(),
    coefficient=decimals(3, signed=False),
)  # fmt: skip
def test_e04_characteristics_and_packagings_are_typed_and_what_else_they_have_is_kept(
    refs: list[tuple[str, str]], way: str, coefficient: tuple[Decimal, Any]
):
    assume(all(ref != ZERO for ref, _ in refs))
    number, look = coefficient
    given_lists = {
        "characteristics": [{"ref": written, "name": " красный "} for _, written in refs],
        "packagings": [{"ref": one, "name": "коробка", "coefficient": look, "цвет": "белый"} for _, one in refs],
        "barcodes": [{"barcode": "4600000000017", "characteristic": refs[0][1], "packaging": ZERO}],
    }
    data = read(product(**given_lists), way).data
    assert data["characteristics"] == [{"ref": ref, "name": "красный"} for ref, _ in refs]
    assert data["barcodes"] == [{"barcode": "4600000000017", "characteristic": refs[0][0]}]
    assert [(one["ref"], one["name"], one["цвет"]) for one in data["packagings"]] == [
        (ref, "коробка", "белый") for ref, _ in refs
    ]
    assert {Decimal(one["coefficient"]) for one in data["packagings"]} == {number}


@pytest.mark.parametrize(("name", "bad"), [
    ("characteristics", ["красный"]), ("characteristics", [{"ref": "не ссылка"}]), ("barcodes", [["4600"]]),
    ("packagings", [{"ref": REF, "coefficient": "много"}]), ("barcodes", {"barcode": {"x": 1}}),
])  # fmt: skip
def test_a_list_that_cannot_be_read_is_told_by_its_name(name: str, bad: Any):
    with pytest.raises(Unreadable) as caught:
        read(product(**{name: bad}), "json")
    assert (caught.value.code, caught.value.field) == ("unreadable_value", name)
