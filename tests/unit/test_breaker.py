"""The breaker as a pure state: what opens it, what closes it, what leaves it alone."""

import pytest

from posrednik.connectors.base import Accepted, NotThere, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch.breaker import FAULTS_TO_OPEN, FIRST_PAUSE_S, LONGEST_ASKED_S, LONGEST_PAUSE_S, Breaker

FAULT = TryLater("502", fault=True)
LOST = Unclear("нет ответа")
OPEN = Breaker("open", 8.0)
HALF = Breaker("half_open", 8.0)


def after(breaker: Breaker, *outcomes: Outcome | NotThere, probe: bool = False) -> Breaker:
    for outcome in outcomes:
        breaker = breaker.after(outcome, probe=probe)
    return breaker


def test_faults_in_a_row_open_it() -> None:
    assert after(Breaker(), *[FAULT] * (FAULTS_TO_OPEN - 1)).state == "closed"
    assert after(Breaker(), *[LOST] * FAULTS_TO_OPEN) == Breaker("open", FIRST_PAUSE_S)


@pytest.mark.parametrize("answer", [Accepted(), Refused("нет"), TryLater("занято")])
def test_any_real_answer_begins_the_row_anew(answer: Outcome) -> None:
    assert after(Breaker(), *[FAULT] * 4, answer, *[FAULT] * 4).state == "closed"


def test_waiting_for_our_own_limits_says_nothing_of_the_destination() -> None:
    held = TryLater("лимит", "limiter", free=True)
    assert after(Breaker(), *[FAULT] * 4, held, FAULT).state == "open"
    assert after(HALF, held, probe=True) == HALF


@pytest.mark.parametrize("late", [Accepted(), FAULT, LOST, Refused("нет"), NotThere()])
def test_what_was_on_the_way_does_not_move_an_open_breaker(late: Outcome | NotThere) -> None:
    assert after(OPEN, *[late] * 10) == OPEN


@pytest.mark.parametrize("late", [Accepted(), FAULT, LOST])
def test_only_the_probe_decides_when_half_open(late: Outcome) -> None:
    assert after(HALF, late) == HALF
    assert after(HALF, late, probe=True) != HALF


def test_a_probe_that_is_answered_closes_it_and_forgets_the_pause() -> None:
    assert after(HALF, Accepted(), probe=True) == Breaker()
    assert after(HALF, Refused("так нельзя"), probe=True) == Breaker()


def test_a_failed_probe_doubles_the_pause_up_to_a_limit() -> None:
    assert after(HALF, FAULT, probe=True) == Breaker("open", 16.0)
    assert after(Breaker("half_open", 59.0), FAULT, probe=True) == Breaker("open", LONGEST_PAUSE_S)


def test_the_destination_may_ask_for_its_own_pause_in_any_state() -> None:
    asked = TryLater("503", after_s=30.0, scope="destination")
    assert [after(b, asked) for b in (Breaker(), OPEN, HALF)] == [Breaker("open", 30.0)] * 3
    assert after(Breaker(), TryLater("503", after_s=0.0, scope="destination")).pause_s == FIRST_PAUSE_S
    assert after(Breaker(), TryLater("503", after_s=1e9, scope="destination")).pause_s == LONGEST_ASKED_S
