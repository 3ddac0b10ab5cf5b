"""Differences of counted cash: what is left to decide is what the books are off by, whatever came between."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.cash import Entry
from posrednik.domain.deliveries import Person
from posrednik.domain.differences import decided_kop, last_whole, open_kop
from posrednik.domain.errors import MoreThanDiffers

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def a_hand_in(minutes: int, books_kop: int, counted_kop: int, **changes: Any) -> Entry:
    expected = changes.pop("expected_kop", books_kop)
    return Entry(
        UUID(int=minutes + 1), "handed_in", None, counted_kop, Person("1", "Анна"), at(minutes), expected, counted_kop,
        books_kop=books_kop, **changes,
    )  # fmt: skip


def test_what_differs_at_a_hand_in_of_a_part_adds_to_what_differed_before():
    entries = [a_hand_in(2, 50_040, 49_900, expected_kop=50_000), a_hand_in(1, 500_000, 496_000), a_hand_in(0, 9, 0)]
    told = last_whole(entries)
    assert told == entries[:2]
    assert open_kop(told, [], 10**6) == -4_100


def test_a_hand_in_put_right_to_nothing_is_left_out():
    void = a_hand_in(2, 100, 0, corrections=1)
    assert last_whole([void, a_hand_in(1, 100, 90)]) == [a_hand_in(1, 100, 90)]


def test_more_than_he_holds_is_not_missing():
    assert open_kop([a_hand_in(0, 1000, 900)], [], 30) == -30
    assert open_kop([a_hand_in(0, 1000, 900)], [], -30) == 0


days = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans()), min_size=1, max_size=6)


@given(day=days)
def test_after_hand_ins_of_everything_what_is_open_is_the_balance(day: list[tuple[int, int, bool]]):
    """Each day: so much is taken, so much is counted, and perhaps the difference is decided."""
    held, entries, moved = 0, [], []
    for number, (taken, counted, decides) in enumerate(day):
        held += taken
        entries.insert(0, a_hand_in(10 * number, max(0, held), counted, expected_kop=max(0, held)))
        books, held = held, held - counted
        if books < 0:
            return
        differs = open_kop(last_whole(entries), moved, held)
        assert differs == -held
        if decides and differs:
            step = decided_kop(differs, "shortage" if differs < 0 else "surplus", None)
            moved.append((at(10 * number + 1), step))
            held += step
            assert (held, open_kop(last_whole(entries), moved, held)) == (0, 0)


@given(differs=st.integers(-(10**6), 10**6), asked=st.integers(-5, 10**6))
def test_no_more_is_decided_than_differs_in_that_direction(differs: int, asked: int):
    for decision, most in (("shortage", -differs), ("surplus", differs)):
        if 0 < asked <= most:
            assert abs(decided_kop(differs, decision, asked)) == asked  # type: ignore[arg-type]
        else:
            with pytest.raises(MoreThanDiffers):
                decided_kop(differs, decision, asked)  # type: ignore[arg-type]
