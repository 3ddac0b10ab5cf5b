"""What a receiver's answer means for a message."""

from email.utils import formatdate

import pytest

from posrednik.connectors.base import Accepted, Outcome, Refused, TryLater
from posrednik.connectors.site import inbound, wire
from posrednik.kit.http import Failure

NOW = 1_795_000_000.0


def outcome(status: int, retry_after: str | None = None, answer: str = "") -> Outcome:
    return inbound.outcome(status, retry_after, answer, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_a_success_is_a_success(status: int) -> None:
    assert outcome(status) == Accepted(status=status)


def test_gone_ends_the_subscription() -> None:
    gone = outcome(410)
    assert isinstance(gone, Refused)
    assert gone.disable


@pytest.mark.parametrize("status", [301, 307, 308, 400, 401, 403, 404, 405, 413, 422, 418])
def test_a_receiver_that_is_wrongly_set_up_gets_it_again_later(status: int) -> None:
    later = outcome(status)
    assert isinstance(later, TryLater)
    assert (later.scope, later.fault, later.after_s, later.status) == ("message", False, None, status)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 507])
def test_a_receiver_that_fails_counts_as_unwell(status: int) -> None:
    later = outcome(status)
    assert isinstance(later, TryLater)
    assert later.fault


def test_a_throttling_receiver_is_left_alone_for_as_long_as_it_asks() -> None:
    later = outcome(429, "120")
    assert isinstance(later, TryLater)
    assert (later.after_s, later.scope, later.free) == (120.0, "destination", True)
    assert isinstance(outcome(429), TryLater)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0", 1.0),
        (" 30 ", 30.0),
        ("99999999999999999999", 86400.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 1.0),
        ("Sun, 22 Nov 2099 00:00:00 GMT", 86400.0),
        ("Sun, 99 Nov 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_number_or_date_within_limits(header: str | None, seconds: float | None) -> None:
    assert inbound.pause(header, NOW) == seconds


def test_retry_after_counts_only_where_it_belongs() -> None:
    waiting, refusing = outcome(503, "60"), outcome(404, "60")
    assert isinstance(waiting, TryLater)
    assert waiting.after_s == 60.0
    assert isinstance(refusing, TryLater)
    assert refusing.after_s is None


@pytest.mark.parametrize("fate", ["not_sent", "in_doubt"])
def test_no_answer_means_again_because_repeats_are_known_by_their_id(fate: str) -> None:
    later = inbound.failure(Failure("in_doubt" if fate == "in_doubt" else "not_sent", "timeout", "ответа нет"))
    assert (later.code, later.fault, later.free) == ("timeout", True, False)


def test_a_private_address_does_not_count_as_an_outage() -> None:
    assert not inbound.failure(Failure("not_sent", "private_address", "внутренняя сеть")).fault


def test_the_schedule_runs_for_about_three_days() -> None:
    assert len(wire.RETRY_SCHEDULE) == 9
    assert list(wire.RETRY_SCHEDULE) == sorted(wire.RETRY_SCHEDULE)
    assert 75 <= sum(wire.RETRY_SCHEDULE) / 3600 <= 76


def test_escaped_letters_of_an_answer_are_made_readable() -> None:
    assert inbound.readable(r'{"status": "\u0437\u0430\u043d\u044f\u0442", "n": 1}') == '{"status": "занят", "n": 1}'
    assert inbound.readable(r"\ud83d\ude9a") == "🚚"
    assert inbound.readable(r"cut off \u04") == r"cut off \u04"
