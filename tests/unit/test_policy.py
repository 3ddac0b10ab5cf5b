"""What becomes of a message after a try, line by line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors.base import Accepted, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch.policy import LONGEST_ASKED_S, PAUSES, SHORTEST_S, Step, next_step

OUTCOMES: list[Outcome] = [
    Accepted(), Refused("нет"), Refused("410", disable=True), TryLater("занято"), TryLater("502", fault=True),
    TryLater("лимит", free=True), TryLater("метод", scope="method"), TryLater("503", scope="destination"), Unclear("?"),
]  # fmt: skip


def step(outcome: Outcome, attempt: int = 1, *, limit: float = 60.0, jitter: float = 0.0, probe: bool = False) -> Step:
    return next_step(outcome, attempt, time_limit_s=limit, jitter=jitter, probe=probe)


def test_an_accepted_message_is_done() -> None:
    assert step(Accepted(), 5) == Step("done", 0.0, 0)


def test_a_refused_message_stops_its_lane() -> None:
    assert step(Refused("нет"), 2) == Step("dead", 0.0, 2)


def test_a_destination_that_wants_nothing_more_keeps_the_message() -> None:
    assert step(Refused("410", disable=True), 2) == Step("held", 0.0, 1)


@pytest.mark.parametrize(
    "outcome", [o for o in OUTCOMES if isinstance(o, TryLater) and (o.free or o.scope != "message")]
)
@pytest.mark.parametrize("attempt", [1, 7, 1000])
def test_waiting_for_limits_and_breakers_never_costs_an_attempt(outcome: TryLater, attempt: int) -> None:
    assert step(outcome, attempt) == Step("waiting", PAUSES[0], attempt - 1)


def test_retries_follow_the_schedule_and_end_with_a_dead_letter() -> None:
    delays = [step(TryLater("занято"), attempt).delay_s for attempt in range(1, len(PAUSES) + 1)]
    assert delays == list(PAUSES)
    assert step(TryLater("занято"), len(PAUSES) + 1) == Step("dead", 0.0, len(PAUSES) + 1)


def test_the_destination_may_ask_for_more_than_the_schedule_but_not_for_less() -> None:
    assert step(TryLater("занято", after_s=100.0)).delay_s == 100.0
    assert step(TryLater("занято", after_s=0.2), 3).delay_s == PAUSES[2]


@pytest.mark.parametrize(("asked", "got"), [(0.0, SHORTEST_S), (-5.0, SHORTEST_S), (math.inf, LONGEST_ASKED_S),
                                            (math.nan, LONGEST_ASKED_S), (7.0, 7.0)])  # fmt: skip
def test_what_is_asked_for_is_bounded(asked: float, got: float) -> None:
    assert step(TryLater("лимит", free=True, after_s=asked)).delay_s == got


def test_an_unclear_try_is_looked_up_after_the_time_limit_of_the_destination() -> None:
    assert step(Unclear("?")) == Step("verify", 61.0, 1, in_doubt=True)


def test_unclear_tries_of_a_destination_without_a_time_limit_follow_the_schedule() -> None:
    """Else a few timeouts in a row would use up every attempt within seconds."""
    assert [step(Unclear("?"), n, limit=0.0).delay_s for n in (1, 2, 3)] == list(PAUSES[:3])


def test_a_dead_unclear_message_stays_in_doubt() -> None:
    made = step(Unclear("?"), len(PAUSES) + 1)
    assert made == Step("dead", PAUSES[-1], len(PAUSES) + 1, in_doubt=True)


@pytest.mark.parametrize("outcome", [TryLater("502", fault=True), Unclear("?")])
def test_a_probe_of_an_unwell_destination_costs_no_attempt(outcome: Outcome) -> None:
    assert step(outcome, 4, probe=True).attempt == 3
    assert step(outcome, 4).attempt == 4
    assert step(outcome, len(PAUSES) + 1, probe=True).state != "dead"


@given(st.sampled_from(OUTCOMES), st.integers(1, 20), st.floats(0, 1), st.floats(0, 120), st.booleans())
def test_every_step_makes_sense(outcome: Outcome, attempt: int, jitter: float, limit: float, probe: bool) -> None:
    made = step(outcome, attempt, limit=limit, jitter=jitter, probe=probe)
    assert 0 <= made.attempt <= attempt
    assert (made.delay_s > 0) == (made.in_doubt or made.state == "waiting")
    assert made.delay_s <= LONGEST_ASKED_S
    assert made.in_doubt == isinstance(outcome, Unclear)
    if made.in_doubt:
        assert made.delay_s > limit
