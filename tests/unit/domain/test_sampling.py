"""The interval of a sample's share, and the fields in which two readings of an object differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.sampling import differing, interval

counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("agreed", "checked", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0),
])  # fmt: skip
def test_the_interval_is_that_of_newcombes_tables(agreed: int, checked: int, low: float, high: float):
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3 (the score method of Wilson without correction)."""
    assert interval(agreed, checked) == pytest.approx((low, high), abs=5e-5)


@given(counts)
def test_the_share_of_the_sample_lies_within_its_interval_and_that_within_all(figures: tuple[int, int]):
    agreed, checked = figures
    low, high = interval(agreed, checked)
    assert 0 <= low <= agreed / checked <= high <= 1


@given(counts)
def test_what_disagrees_is_as_far_from_nothing_as_what_agrees_from_all(figures: tuple[int, int]):
    agreed, checked = figures
    low, high = interval(agreed, checked)
    assert interval(checked - agreed, checked) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.integers(1, 1000), st.integers(2, 50))
def test_a_larger_sample_of_the_same_share_tells_more(agreed: int, times: int):
    small, large = interval(agreed, 1000), interval(agreed * times, 1000 * times)
    assert small[0] <= large[0] <= large[1] <= small[1]


names = st.text("abc", min_size=1, max_size=2)
datas = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(names, datas, max_size=4)


@given(objects)
def test_an_object_does_not_differ_from_itself(one: dict[str, Any]):
    assert differing(one, one) == ()


@given(objects, objects)
def test_what_differs_is_named_the_same_from_either_side(one: dict[str, Any], other: dict[str, Any]):
    assert differing(one, other) == differing(other, one)


def test_parts_are_named_by_their_fields_and_lists_as_a_whole():
    one = {"comment": "а", "address": {"text": "Тверская", "flat": "1"}, "lines": [{"line": "1"}], "same": 1}
    other = {"address": {"text": "Тверская", "flat": "2"}, "lines": [{"line": "2"}], "same": 1, "new": False}
    assert differing(one, other) == ("address.flat", "comment", "lines", "new")


def test_a_flag_is_not_a_number():
    assert differing({"receipt": True}, {"receipt": 1}) == ("receipt",)
