"""From when a poll asks: whatever the portal's clock and zone do between two polls, no change falls out of it."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from posrednik.usecases.watch_portal import OVERLAP, since

POLLED_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
seconds = st.integers(-172_800, 172_800)
zones = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(seconds, seconds, st.integers(0, 7200), st.floats(0, 1), st.floats(0, 1), zones, zones)
def test_a_poll_reaches_back_to_the_last_one_over_any_jump(
    skew_s: int, jump_s: int, passed_s: int, jumped: float, changed: float, before: timezone, after: timezone
) -> None:
    now, offset = POLLED_AT + timedelta(seconds=passed_s), before.utcoffset(None).total_seconds()
    state = SimpleNamespace(
        polled_to=POLLED_AT + timedelta(seconds=skew_s), polled_at=POLLED_AT, now=now, zone_s=int(offset)
    )
    at_jump, at_change = passed_s * jumped, passed_s * changed
    shown_s = skew_s + (jump_s if at_change >= at_jump else 0) + at_change
    shown = POLLED_AT + timedelta(seconds=shown_s)
    portal_now = now.astimezone(after) + timedelta(seconds=skew_s + jump_s)
    asked = since(state, now, portal_now)
    assert asked <= shown - OVERLAP + timedelta(microseconds=1)
    assert asked.utcoffset() == portal_now.utcoffset()


@given(st.integers(0, 7200), zones)
def test_without_a_word_of_the_portal_its_last_clock_and_zone_hold(passed_s: int, zone: timezone) -> None:
    offset = int(zone.utcoffset(None).total_seconds())
    now = POLLED_AT + timedelta(seconds=passed_s)
    state = SimpleNamespace(polled_to=POLLED_AT, polled_at=POLLED_AT, now=now, zone_s=offset)
    asked = since(state, now, None)
    assert asked == POLLED_AT - OVERLAP
    assert asked.utcoffset() == timedelta(seconds=offset)
    first = SimpleNamespace(polled_to=None, polled_at=None, now=now, zone_s=0)
    assert since(first, now, None) == now - OVERLAP
