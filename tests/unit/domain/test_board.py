"""The board's rules: the day of a delivery, what is found by which words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import NOW, a_delivery

from posrednik.domain.board import Filter, Seen, facts_of, planned_at, search_text, words_of
from posrednik.domain.deliveries import Recipient, Stage, Window


def seen(**changes) -> Seen:
    plain = Seen("ready", True, "d1", "c1", NOW, 100, None, "тд-1\nиванов", NOW, 0, "Europe/Moscow")
    return replace(plain, **changes)


def fits(found: Seen, now: datetime = NOW, **wanted) -> bool:
    return Filter(**wanted).fits(found, now)


def test_a_delivery_stands_on_the_day_of_its_window_until_it_is_put_off_or_done():
    at = NOW + timedelta(days=1)
    one = a_delivery(window=Window(at, at + timedelta(hours=2)))
    assert planned_at(one) == at
    assert planned_at(replace(one, window=None)) == one.ready_at
    put_off = replace(one, next_date=date(2026, 12, 1), stage=Stage.READY)
    assert planned_at(put_off).date() == date(2026, 12, 1)
    assert planned_at(replace(put_off, stage=Stage.NOT_DELIVERED)) == at
    done = replace(put_off, handed_over_at=NOW, stage=Stage.HANDED_OVER)
    assert planned_at(done) == NOW


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["Asia/Kamchatka", "Europe/Kaliningrad", "UTC"]))
def test_a_date_without_a_time_is_that_date_in_every_zone(day: date, zone: str):
    one = replace(a_delivery(), next_date=day, stage=Stage.READY)
    assert planned_at(one).astimezone(ZoneInfo(zone)).date() == day


def test_cash_is_on_hand_from_the_hand_over_until_it_is_settled():
    taken = replace(
        a_delivery(), stage=Stage.HANDED_OVER, handed_over_at=NOW, amount_taken_kop=100, payment_method="cash"
    )
    assert facts_of(taken).on_hand_kop == 100
    assert facts_of(replace(taken, payment_method="card")).on_hand_kop == 0
    assert facts_of(replace(taken, stage=Stage.SETTLED)).on_hand_kop == 0


@given(st.from_regex(r"9[0-9]{9}", fullmatch=True), st.sampled_from(["+7{}", "8{}", "7{}", "8 {}", "+7 ({}", "{}"]))
def test_a_phone_is_found_however_it_is_written(digits: str, written: str):
    text = search_text(replace(a_delivery(), recipient=Recipient("Анна", f"+7{digits}")))
    (word,) = words_of(written.format(digits))
    assert any(way in text for way in word)


@given(st.text(max_size=60))
def test_whatever_is_typed_can_be_looked_for(typed: str):
    words = words_of(typed)
    assert all(way for word in words for way in word) or not typed.strip("\0 \t\n")
    assert Filter(words=words).fits(seen(search="\n".join(word[0] for word in words)), NOW)


def test_a_filter_is_met_only_by_what_meets_all_of_it():
    assert fits(seen())
    assert fits(seen(), divisions={"d1"}, division="d1", courier="c1", stage="ready", words=words_of("Иванов ТД"))
    for wanted in (
        {"divisions": {"d2"}}, {"divisions": ()}, {"division": "d2"}, {"courier": "c2"}, {"stage": "settled"},
        {"words": words_of("петров")}, {"discrepancies": True},
    ):  # fmt: skip
        assert not fits(seen(), **wanted), wanted
    assert fits(seen(incidents=1), discrepancies=True)
    assert fits(seen(taken_kop=99), discrepancies=True)
    assert not fits(seen(taken_kop=100), discrepancies=True)


@pytest.mark.parametrize(("stage", "shown"), [("ready", True), ("handed_over", True), ("settled", False)])
def test_without_a_day_what_is_open_stays_however_old_it_is(stage: str, shown: bool):
    old = seen(stage=stage, changed_at=NOW - timedelta(days=9))
    assert fits(old) is shown
    assert fits(replace(old, changed_at=NOW - timedelta(hours=23)))


def test_the_border_of_a_day_is_the_divisions():
    late = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    for zone, day in (("Europe/Moscow", date(2026, 11, 21)), ("UTC", date(2026, 11, 20))):
        assert fits(seen(planned_at=late, zone=zone), day=day)
        assert not fits(seen(planned_at=late, zone=zone, stage="settled"), day=day - timedelta(days=1))


def test_today_has_what_is_left_over_and_other_days_have_not():
    left = seen(planned_at=NOW - timedelta(days=3))
    assert fits(left, day=NOW.date())
    assert not fits(left, day=NOW.date() + timedelta(days=1))
    assert not fits(replace(left, stage="settled"), day=NOW.date())
