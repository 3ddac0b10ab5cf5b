"""Value maps where values are read: mapping x to y and reading x is reading y, whatever the field and the form."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.xml_base import written

from posrednik.connectors.onec.inbound import LONGEST_VALUE, Inbound, Unreadable, named
from posrednik.connectors.onec.wire import KINDS, type_of
from posrednik.intake.quarantine import mappable
from posrednik.kit import xml

REF, OTHER = "0f000000-0000-4000-8000-000000000001", "0f000000-0000-4000-8000-000000000002"
GOOD = {"text": "тест", "guid": OTHER, "money": "12.50", "quantity": "3", "flag": "true", "number": "55.7",
        "time": "2026-11-20T10:00:00Z"}  # fmt: skip
LINE = {"line": "1", "product": REF, "quantity": "2", "price": "10.00", "sum": "20.00"}
PART = {"recipient": {"name": "Анна"}, "address": {"text": "Тверская, 1"}, "lines": [LINE, LINE]}
FIELDS = [(kind, field) for kind, known in mappable().items() for field in known]
# What no field but a text can read; a text reads it as itself.
theirs = st.text("абвгд ёъ-«»№", min_size=1, max_size=30).map(lambda text: text.strip() + "ъ")


def whole(kind: str, field: str, value: Any) -> dict[str, Any]:
    """An object of this kind that is right but for one field."""
    fields = KINDS[kind]
    data: dict[str, Any] = copy.deepcopy({part: PART[part] for part in fields.parts_required})
    data |= {"lines": copy.deepcopy(PART["lines"])} if fields.lines else {}
    data |= {path: GOOD[type] for path, type in fields.required.items()}
    part, _, name = field.rpartition(".")
    for target in data["lines"] if part == "lines" else [data.setdefault(part, {}) if part else data]:
        target[name] = value
    return {"kind": kind, "ref": REF, "version": "1", "data": data}


def read(inbound: Inbound, one: dict[str, Any]) -> tuple[Any, ...]:
    found = inbound.object(0, json.dumps(one).encode())
    return found.kind, found.ref, found.hash, found.body, found.needs


def by_xml(one: dict[str, Any]) -> dict[str, Any]:
    plain = xml.read(written({"objects": [one]}), "message", None)
    (found,) = plain["objects"]
    return dict(found)


@given(st.sampled_from(FIELDS), theirs, st.sampled_from([dict, by_xml]))
def test_mapping_x_to_y_and_reading_x_is_reading_y(field: tuple[str, str], x: str, form: Any):
    y = GOOD[str(type_of(*field))]
    mapped = Inbound("Europe/Moscow", {field: {x: y}})
    assert read(mapped, form(whole(*field, x))) == read(Inbound("Europe/Moscow"), form(whole(*field, y)))


@given(st.sampled_from(FIELDS), theirs, theirs)
def test_a_value_without_a_map_is_read_as_ever(field: tuple[str, str], x: str, another: str):
    if x == another:
        return
    mapped = Inbound("Europe/Moscow", {field: {x: GOOD[str(type_of(*field))]}})
    for value in (another, GOOD[str(type_of(*field))], None, ""):
        ends = []
        for inbound in (mapped, Inbound("Europe/Moscow")):
            try:
                ends.append(read(inbound, whole(*field, value)))
            except Unreadable as error:
                ends.append((error.code, error.what, error.field, error.value))
        assert ends[0] == ends[1]


@given(st.sampled_from([field for field in FIELDS if type_of(*field) not in ("text", "number")]), theirs)
def test_what_cannot_be_read_is_told_with_its_field_and_its_value(field: tuple[str, str], x: str):
    with pytest.raises(Unreadable) as told:
        Inbound("UTC").object(0, json.dumps(whole(*field, x)).encode())
    assert (told.value.field, told.value.value) == (field[1], x)


@pytest.mark.parametrize("value", [None, "", "00000000-0000-0000-0000-000000000000"])
def test_an_empty_required_field_may_mean_something(value: Any):
    one = whole("order", "division", value)
    with pytest.raises(Unreadable) as told:
        Inbound("UTC").object(0, json.dumps(one).encode())
    assert (told.value.code, told.value.field, told.value.value) == ("missing_field", "division", "")
    mapped = Inbound("UTC", {("order", "division"): {"": OTHER}})
    assert read(mapped, one) == read(Inbound("UTC"), whole("order", "division", OTHER))
    del one["data"]["division"]
    assert mapped.object(0, json.dumps(one).encode()).data["division"] == OTHER


@pytest.mark.parametrize("written_as", [REF, REF.upper(), f"{{{REF}}}", f" {REF} "])
def test_a_reference_is_mapped_in_whatever_way_it_is_written(written_as: str):
    mapped = Inbound("UTC", {("order", "warehouse"): {REF: OTHER}})
    assert mapped.object(0, json.dumps(whole("order", "warehouse", written_as)).encode()).data["warehouse"] == OTHER


def test_a_map_of_one_kind_does_not_touch_another():
    mapped = Inbound("UTC", {("order", "division"): {REF: OTHER}})
    assert mapped.object(0, json.dumps(whole("outlet", "division", REF)).encode()).data["division"] == REF


def test_a_map_that_cannot_be_read_any_more_means_nothing():
    mapped = Inbound("UTC", {("courier", "active"): {"работает": "наверное"}, ("courier", "gone"): {"а": "б"}})
    with pytest.raises(Unreadable) as told:
        mapped.object(0, json.dumps(whole("courier", "active", "работает")).encode())
    assert told.value.field == "active"


def test_values_have_one_name_in_all_forms():
    assert [named(one) for one in (True, 5, "5", " 5\u00a0", None, "")] == ["true", "5", "5", "5", "", ""]
    assert [named(one) for one in ([1], {"a": 1}, "я" * (LONGEST_VALUE + 1))] == [None, None, None]


def test_a_quantity_that_is_not_there_and_means_less_than_nothing_is_refused():
    mapped = Inbound("UTC", {("order", "lines.quantity"): {"": "-1"}})
    one = whole("order", "comment", "а")
    del one["data"]["lines"][0]["quantity"]
    with pytest.raises(Unreadable) as told:
        mapped.object(0, json.dumps(one).encode())
    assert (told.value.field, told.value.value) == ("lines.quantity", "")
