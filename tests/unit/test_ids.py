"""Identifiers that follow from their cause: the same for the same, sorted by its time, never met by another."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from posrednik.kit.ids import uuid7, uuid7_of

moments = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_the_same_parts_make_the_same_uuid7_of_their_moment(at: datetime, parts: list[str]) -> None:
    made = uuid7_of(at, *parts)
    assert made == uuid7_of(at, *parts)
    assert (made.version, made.variant) == (7, uuid7().variant)
    assert made.int >> 80 == int(at.timestamp() * 1000)


@given(moments, st.uuids(), st.uuids())
def test_other_parts_make_another_id(at: datetime, one: UUID, other: UUID) -> None:
    assert (uuid7_of(at, one, "a") == uuid7_of(at, other, "a")) == (one == other)
    assert uuid7_of(at, one, "a", "b") != uuid7_of(at, one, "ab")
    assert uuid7_of(at, one) < uuid7_of(at + timedelta(milliseconds=2), other)


def test_a_cause_without_a_moment_or_before_1970_is_of_1970() -> None:
    assert uuid7_of(None, "a") == uuid7_of(datetime(1, 1, 2, tzinfo=UTC), "a")
    assert uuid7_of(None, "a").int >> 80 == 0
