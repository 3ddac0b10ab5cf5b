"""Values as people and old programs write them (facts E-30, E-31, E-34)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.kit import values

ZONE = "Europe/Moscow"


@pytest.mark.parametrize(("given_value", "read"), [
    (1234.5, "1234.50"), ("1234.5", "1234.50"), ("1234,50", "1234.50"), ("1\u00a0234,50", "1234.50"),
    ("1\u202f234,5", "1234.50"), ("1'234.50", "1234.50"), (" 5 ", "5.00"), ("(5)", "-5.00"), ("\u22125,1", "-5.10"),
    (0, "0.00"), ("", None), (None, None), ("1e3", "1000.00"), (".5", "0.50"), ("5.", "5.00"), ("+7", "7.00"),
    ("-0", "0.00"), ("(0)", "0.00"),
])  # fmt: skip
def test_money_is_read_in_every_dialect(given_value: object, read: str | None):
    assert values.money(given_value) == read


@pytest.mark.parametrize("bad", [
    "дорого",
    "1,2,3", "1.234,50", "--5", "()", "1_000", "\u0661\u0662", "NaN", "Infinity", "1e999999999", "1e13", 10**13,
    10**5000, True, [], {}, "0.001", 0.001, "1e-5",
], ids=lambda bad: type(bad).__name__)  # fmt: skip
def test_what_is_no_money_is_refused_and_never_rounded(bad: object):
    with pytest.raises(ValueError):
        values.money(bad)


def test_quantities_have_up_to_three_digits():
    assert [values.quantity(q) for q in ("1,500", 2, "0.125", "0", None)] == ["1.5", "2", "0.125", "0", None]
    with pytest.raises(ValueError):
        values.quantity("0.1234")


@given(st.decimals(-(10**12), 10**12, places=2))
def test_money_goes_through_kopecks_without_loss(amount: Decimal):
    read = values.money(str(amount))
    assert read is not None
    assert Decimal(values.kopecks(read)) / 100 == amount
    assert values.money(read) == read


@given(st.decimals(-(10**9), 10**9, places=3))
def test_quantity_goes_through_thousandths_without_loss(amount: Decimal):
    read = values.quantity(str(amount))
    assert read is not None
    assert Decimal(values.milli(read)) / 1000 == amount


@pytest.mark.parametrize(("given_value", "read"), [
    (True, True), ("Да", True), ("истина", True), ("1", True), (1, True), ("Нет", False), ("ЛОЖЬ", False), (0, False),
    ("", None), (None, None),
])  # fmt: skip
def test_yes_and_no_in_every_dialect(given_value: object, read: bool | None):
    assert values.flag(given_value) is read


@pytest.mark.parametrize(("given_value", "read"), [
    ("2024-01-31T10:00:00", "2024-01-31T07:00:00Z"), ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
    ("2024-01-31T10:00:00+05:00", "2024-01-31T05:00:00Z"), ("2024-01-31", "2024-01-30T21:00:00Z"),
    ("0001-01-01T00:00:00", None), ("0001-01-01", None), ("", None), (None, None),
])  # fmt: skip
def test_times_are_of_the_zone_of_the_base_unless_they_say(given_value: object, read: str | None):
    assert values.time(given_value, ZONE) == read


@pytest.mark.parametrize("bad", ["вчера", "31.01.2024", 5, "9999-12-31T23:59:59-05:00", []])
def test_what_is_no_time_is_refused(bad: object):
    with pytest.raises(ValueError):
        values.time(bad, "Asia/Omsk")


def test_references_are_written_one_way_and_zero_is_none():
    one = "ABCDEF00-0000-4000-8000-000000000001"
    assert {values.guid(v) for v in (one, "{" + one + "}", f" {one} ", one.replace("-", ""))} == {one.lower()}
    assert values.guid(values.ZERO_GUID) is None
    for bad in ("x", 5, one + "0"):
        with pytest.raises(ValueError):
            values.guid(bad)


def test_texts_lose_control_characters_and_outer_blanks_only():
    assert values.text("\ufeff \u00a0ё «x» 😀\x00\x02 ") == "ё «x» 😀"
    assert values.text(" \u00a0 ") is None
    assert values.text("а\n\tб") == "а\n\tб"
    assert values.text(7) == "7"
    for bad in (True, [], {}):
        with pytest.raises(ValueError):
            values.text(bad)


def test_without_nul_takes_out_nothing_else():
    assert values.without_nul({"a\x00": ["\x00б\x01", 1, None, {"в": "\x00"}]}) == {"a": ["б\x01", 1, None, {"в": ""}]}


@given(st.integers(0, 200))
def test_depth_counts_levels(levels: int):
    value: object = 1
    for i in range(levels):
        value = [1, value] if i % 2 else {"x": value, "y": 1}
    assert values.depth(value) == levels
