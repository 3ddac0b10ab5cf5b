"""What becomes an alarm, and in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.alarms import (
    SILENT,
    SILENT_MOST,
    Alarm,
    BaseSeen,
    DestinationSeen,
    PortalSeen,
    Seen,
    WorkerSeen,
    alarms,
    by_portal,
    may_be_silent,
)
from posrednik.domain.texts_alarms import ALARMS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WELL = PortalSeen(state="installed", renewed_at=NOW - timedelta(hours=1), told_at=NOW, changed_at=NOW)
PORTAL = DestinationSeen("bitrix24", "bitrix24", "Битрикс24")
BASE = BaseSeen("b1", "Основная", NOW - timedelta(minutes=1), NOW - timedelta(days=30), 120.0)
WORKER = WorkerSeen("office", 17, NOW - timedelta(days=1), NOW)


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


def codes(seen: Seen) -> set[str]:
    return {code for code, _ in alarms(seen)}


def of_portal(**changed: object) -> set[str]:
    return codes(Seen(NOW, replace(WELL, **changed)))  # type: ignore[arg-type]


def test_a_sound_service_has_none() -> None:
    assert alarms(Seen(NOW, WELL, [PORTAL], [BASE], [WORKER], (2**40, 2**41))) == {}
    assert alarms(Seen(NOW)) == {}, "nor has one that nobody has used yet"


@pytest.mark.parametrize(
    ("code", "alarm"),
    [
        ("portal_deleted", "portal_stopped"),
        ("access_denied", "portal_stopped"),
        ("no_auth_found", "portal_stopped"),
        ("wrong_client", "portal_stopped"),
        ("overload_limit", "portal_overload"),
    ],
)
def test_a_portal_that_lets_nobody_in_is_told_in_its_own_words(code: str, alarm: str) -> None:
    found = alarms(Seen(NOW, replace(WELL, stopped_at=ago(minutes=3), code=code, why="портал удалён")))
    (one,) = found.values()
    assert (one.code, one.level, one.since) == (alarm, "red", ago(minutes=3))
    assert not by_portal(one), "Bitrix24 is not asked to tell of itself"
    if alarm == "portal_stopped":
        assert "портал удалён" in one.words()[1]


def test_a_dead_token_is_one_alarm_and_says_who_opens_what() -> None:
    found = alarms(Seen(NOW, replace(WELL, state="broken", broken="wrong_client", stopped_at=NOW, code="wrong_client")))
    (one,) = found.values()
    assert one.code == "token_dead"
    assert "client_id" in one.words()[1]
    assert "client_id" in one.words("en")[1]


def test_tokens_that_cannot_be_read_are_one_alarm_whether_the_portal_says_so_too_or_not() -> None:
    stopped = {"stopped_at": ago(minutes=3), "code": "unreadable", "why": "…"}
    for more in ({}, stopped):
        old = replace(WELL, state="unreadable", broken="token_dead", renewed_at=ago(days=170), **more)  # type: ignore[arg-type]
        (one,) = alarms(Seen(NOW, old, [replace(PORTAL, away_since=ago(hours=1), oldest_s=5000.0)])).values()
        assert (one.code, one.level, one.since) == ("token_unreadable", "red", more.get("stopped_at"))
        assert "client_secret" in one.words()[1]
        assert "client_secret" in one.words("en")[2]
        assert not by_portal(one)


@pytest.mark.parametrize(("days", "expected"), [(149, set()), (151, {"token_old"}), (190, {"token_old"})])
def test_a_token_that_is_not_renewed_is_told_a_month_before_its_end(days: int, expected: set[str]) -> None:
    assert of_portal(renewed_at=ago(days=days)) == expected


@pytest.mark.parametrize(
    ("told_at", "changed_at", "silent"),
    [
        (ago(minutes=10), NOW, False),
        (ago(minutes=16), NOW, True),
        (None, NOW, True),
        (None, None, False),
        (NOW, ago(days=3), False),
    ],
)
def test_events_are_missed_when_tasks_changed_long_after_the_last_of_them(
    told_at: datetime | None, changed_at: datetime | None, silent: bool
) -> None:
    assert of_portal(told_at=told_at, changed_at=changed_at) == ({"events_silent"} if silent else set())


def test_a_webhook_without_an_application_has_no_events_to_miss() -> None:
    assert of_portal(state="", renewed_at=None, told_at=None, changed_at=NOW) == set()


def test_many_forged_events_are_told_a_few_are_not() -> None:
    assert of_portal(forged=19) == set()
    assert of_portal(forged=20) == {"events_forged"}


def test_a_destination_that_is_away_for_more_than_five_minutes_is_told_once() -> None:
    away = replace(PORTAL, name="site:1", kind="site", away_since=ago(minutes=6), why="нет связи", oldest_s=5000.0)
    assert codes(Seen(NOW, destinations=[away])) == {"destination_away"}, "that its messages are late follows of it"
    assert codes(Seen(NOW, destinations=[replace(away, away_since=ago(minutes=4), oldest_s=0)])) == set()


def test_what_follows_of_a_stopped_portal_is_not_told_beside_it() -> None:
    stopped = replace(WELL, stopped_at=ago(hours=1), code="portal_deleted", why="…")
    late = replace(PORTAL, away_since=ago(hours=1), oldest_s=5000.0)
    assert codes(Seen(NOW, stopped, [late])) == {"portal_stopped"}


@pytest.mark.parametrize(("oldest_s", "is_open", "late"), [(901, True, True), (899, True, False), (9000, False, False)])
def test_messages_are_late_after_fifteen_minutes_unless_a_person_holds_them(
    oldest_s: float, is_open: bool, late: bool
) -> None:
    seen = Seen(NOW, destinations=[replace(PORTAL, oldest_s=oldest_s, open=is_open)])
    assert codes(seen) == ({"late"} if late else set())


def test_dead_letters_are_told_by_destination() -> None:
    seen = Seen(NOW, destinations=[replace(PORTAL, dead=3), replace(PORTAL, name="site:1", dead=1)])
    assert set(alarms(seen)) == {("dead_letters", "bitrix24"), ("dead_letters", "site:1")}


def test_a_silent_base_hides_that_its_events_are_late() -> None:
    silent = replace(BASE, heard_at=ago(hours=2))
    late = DestinationSeen("onec:b1", "onec", "1С «Основная»", oldest_s=5000.0)
    assert codes(Seen(NOW, destinations=[late], bases=[silent])) == {"base_silent"}
    assert codes(Seen(NOW, destinations=[late], bases=[BASE])) == {"late"}


@given(st.floats(0, 10**6), st.floats(0, 60))
def test_a_base_may_be_silent_between_half_an_hour_and_a_day(pause_s: float, known_days: float) -> None:
    base = replace(BASE, pause_s=pause_s, counted_since=ago(days=known_days))
    allowed = may_be_silent(base, NOW)
    assert SILENT <= allowed <= SILENT_MOST
    assert known_days >= 3 or allowed == SILENT_MOST
    assert allowed >= min(timedelta(seconds=pause_s), SILENT_MOST), "its usual pause is no silence"


def test_a_worker_that_fell_silent_is_told_until_another_takes_its_place() -> None:
    gone = replace(WORKER, beat_at=ago(minutes=5), pid=16)
    other = replace(WORKER, host="second")
    assert set(alarms(Seen(NOW, workers=[gone, other]))) == {("worker_gone", "office:16")}
    assert alarms(Seen(NOW, workers=[gone, replace(WORKER, started_at=ago(minutes=1))])) == {}
    assert codes(Seen(NOW, workers=[gone])) == {"no_worker"}


@pytest.mark.parametrize(
    ("free", "whole", "low"),
    [(2**29, 2**33, True), (2**31, 2**40, True), (2**37, 2**40, False), (2 * 2**30, 8 * 2**30, False)],
)
def test_the_disk_of_photos_is_told_before_it_is_full(free: int, whole: int, low: bool) -> None:
    assert codes(Seen(NOW, disk=(free, whole))) == ({"disk_low"} if low else set())


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("code", sorted(ALARMS))
def test_each_has_three_sentences_in_both_languages(code: str, lang: str) -> None:
    words = Alarm(code, facts={"why": "x"}).words(lang)
    assert all(words)
    assert any("а" <= letter <= "я" for letter in words[1]) == (lang == "ru")
