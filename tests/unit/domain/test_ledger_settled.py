"""A delivery is settled when the cash taken for it is handed in, the oldest first: the rule and its example."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import NOW
from tests.unit.domain.ledger_builders import OTHER, SUBJECT, a_sale, an_event, cash_event, posted

from posrednik.domain.events import Event
from posrednik.domain.ledger import postings_of
from posrednik.domain.settled import settled_by, signed_kop


def handed_over(delivery: UUID, sum_kop: int, minute: int) -> Event:
    data = {"lines": [], "amount_taken_kop": sum_kop, "payment_method": "cash"}
    return an_event("delivery.handed_over", delivery, minute, **data)


def settled(*events: Event) -> frozenset[UUID]:
    return settled_by([posting for event in events for posting in postings_of(event).money], "petrov")


def the_example() -> tuple[Event, ...]:
    """Change 2 000, an order 2 450, a flask 990 in cash and one by card: 5 440 to hand in."""
    return (
        cash_event("change_issued", 200000),
        handed_over(SUBJECT, 245000, 1),
        an_event("sale.made", OTHER, 2, **a_sale(flask=1000)),
        an_event("sale.made", OTHER, 3, **a_sale(flask=1000, payment_method="card")),
    )


def test_the_example_of_the_rules():
    day = the_example()
    assert posted(*day).money_of("cash:petrov") == 544000
    assert posted(*day).money_of("acquiring") == 99000
    after = (*day, cash_event("handed_in", 540000, 4))
    assert posted(*after).money_of("cash:petrov") == 4000
    assert settled(*after) == {SUBJECT}


@pytest.mark.parametrize(("counted_kop", "covered"), [(444999, set()), (445000, {SUBJECT})])
def test_a_delivery_is_settled_once_what_is_older_and_it_are_covered(counted_kop: int, covered: set[UUID]):
    assert settled(*the_example(), cash_event("handed_in", counted_kop, 4)) == covered


def test_a_hand_in_of_the_middle_of_the_day_covers_the_oldest():
    events = (handed_over(SUBJECT, 1000, 1), cash_event("handed_in", 1500, 2), handed_over(OTHER, 1000, 3))
    assert settled(*events) == {SUBJECT}
    assert settled(*events, cash_event("handed_in", 500, 4)) == {SUBJECT, OTHER}


def test_refunds_and_corrections_count_against_their_own_delivery():
    refund = an_event("delivery.customer_returned", OTHER, 3, lines=[], refund_cash_kop=600)
    events = (handed_over(SUBJECT, 1000, 1), handed_over(OTHER, 1000, 2), refund)
    assert settled(*events, cash_event("handed_in", 1000, 4)) == {SUBJECT}
    assert settled(*events, cash_event("handed_in", 1400, 4)) == {SUBJECT, OTHER}


def test_a_delivery_whose_cash_went_back_whole_waits_for_nothing():
    refund = an_event("delivery.customer_returned", OTHER, 3, lines=[], refund_cash_kop=1000)
    assert settled(handed_over(SUBJECT, 1000, 1), handed_over(OTHER, 1000, 2), refund) == {OTHER}


def test_who_only_gave_a_refund_settles_nothing_by_it():
    refund = an_event("delivery.customer_returned", OTHER, 3, lines=[], refund_cash_kop=1000)
    assert settled(refund) == set()
    assert settled(handed_over(SUBJECT, 1000, 1), refund) == {SUBJECT}


def test_a_decided_shortage_covers_what_it_was_missing_of():
    events = (handed_over(SUBJECT, 1000, 1), cash_event("handed_in", 900, 2))
    assert settled(*events) == set()
    assert settled(*events, cash_event("corrected", 0, 3, corrects="difference", difference_kop=-100)) == {SUBJECT}


def test_a_hand_in_that_was_corrected_covers_what_it_truly_was():
    events = (handed_over(SUBJECT, 1000, 1), handed_over(OTHER, 1000, 2), cash_event("handed_in", 2000, 3))
    right = cash_event("corrected", 1500, 4, corrects="handed_in", before=events[-1].data)
    assert (settled(*events), settled(*events, right)) == ({SUBJECT, OTHER}, {SUBJECT})


def test_corrected_change_is_as_old_as_the_change_was():
    change = cash_event("change_issued", 2000, 1)
    right = cash_event("corrected", 1000, 3, corrects="change_issued", before=change.data)
    events = (change, handed_over(SUBJECT, 500, 2), right)
    assert settled(*events, cash_event("handed_in", 1499, 4)) == set()
    assert settled(*events, cash_event("handed_in", 1500, 4)) == {SUBJECT}


def test_of_two_changes_of_one_sum_the_one_that_is_named_is_corrected():
    first, second = cash_event("change_issued", 1000, 1), cash_event("change_issued", 1000, 4)
    right = cash_event("corrected", 0, 5, corrects="change_issued", before=first.data)
    events = (first, handed_over(SUBJECT, 500, 2), second, right)
    assert settled(*events, cash_event("handed_in", 500, 6)) == {SUBJECT}


def test_a_hand_in_that_names_its_delivery_covers_that_one_first():
    older, newer = handed_over(SUBJECT, 1000, 1), handed_over(OTHER, 700, 2)
    named = cash_event("handed_in", 700, 3, delivery_id=str(OTHER))
    assert settled(older, newer, named) == {OTHER}
    assert settled(older, newer, cash_event("handed_in", 700, 3)) == set()
    assert settled(older, newer, named, cash_event("handed_in", 999, 4)) == {OTHER}
    assert settled(older, newer, named, cash_event("handed_in", 1000, 4)) == {SUBJECT, OTHER}


def test_what_a_named_hand_in_has_too_much_covers_the_oldest():
    named = cash_event("handed_in", 1700, 3, delivery_id=str(OTHER))
    assert settled(handed_over(SUBJECT, 1000, 1), handed_over(OTHER, 700, 2), named) == {SUBJECT, OTHER}


def test_a_named_hand_in_that_was_corrected_covers_what_it_truly_was():
    named = cash_event("handed_in", 700, 3, delivery_id=str(OTHER))
    right = cash_event("corrected", 600, 4, corrects="handed_in", before=named.data, delivery_id=str(OTHER))
    assert settled(handed_over(SUBJECT, 100, 1), handed_over(OTHER, 700, 2), named, right) == set()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 5), st.integers(1, 1000)),
        st.tuples(st.just("refund"), st.integers(0, 5), st.integers(1, 500)),
        st.tuples(st.just("change"), st.just(0), st.integers(1, 1000)),
        st.tuples(st.just("hand_in"), st.just(0), st.integers(1, 2000)),
        st.tuples(st.just("named"), st.integers(0, 5), st.integers(1, 1000)),
    ),
    max_size=20,
)


def as_events(steps: list[tuple[str, int, int]]) -> list[Event]:
    made: list[Event] = []
    for minute, (what, number, sum_kop) in enumerate(steps):
        delivery = UUID(int=number + 1)
        made.append(
            {
                "take": lambda d=delivery, m=minute, s=sum_kop: handed_over(d, s, m),
                "refund": lambda d=delivery, m=minute, s=sum_kop: an_event(
                    "delivery.customer_returned", d, m, lines=[], refund_cash_kop=s
                ),
                "change": lambda m=minute, s=sum_kop: cash_event("change_issued", s, m),
                "hand_in": lambda m=minute, s=sum_kop: cash_event("handed_in", s, m),
                "named": lambda d=delivery, m=minute, s=sum_kop: cash_event("handed_in", s, m, delivery_id=str(d)),
            }[what]()
        )
    return made


@given(STEPS)
def test_whoever_has_handed_in_everything_has_everything_settled(steps: list[tuple[str, int, int]]):
    events = as_events(steps)
    left = posted(*events).money_of("cash:petrov")
    if left > 0:
        events.append(cash_event("handed_in", left, len(steps)))
    assert settled(*events) == {event.subject_id for event in events if event.type == "delivery.handed_over"}


@given(STEPS, st.integers(1, 2000))
def test_handing_in_more_never_unsettles_anything(steps: list[tuple[str, int, int]], more_kop: int):
    events = as_events(steps)
    assert settled(*events) <= settled(*events, cash_event("handed_in", more_kop, len(steps)))


@given(STEPS, st.randoms())
def test_the_order_in_which_entries_are_read_does_not_matter(steps: list[tuple[str, int, int]], random):
    entries = [posting for event in as_events(steps) for posting in postings_of(event).money]
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert settled_by(shuffled, "petrov") == settled_by(entries, "petrov")


@given(STEPS, st.integers(0, 5))
def test_of_what_began_later_the_newest_entries_tell_as_much_as_all(steps: list[tuple[str, int, int]], oldest: int):
    entries = [posting for event in as_events(steps) for posting in postings_of(event).money]
    cash_kop = sum(signed_kop(entry, "cash:petrov") for entry in entries)
    began = {entry.subject_id: entry.at for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)}
    since = began.get(str(UUID(int=oldest + 1)), NOW)
    later = [one for one in entries if (one.at if one.subject_kind == "cash" else began[one.subject_id]) >= since]
    asked = {UUID(one.subject_id) for one in later if one.subject_kind == "delivery"}
    assert settled_by(later, "petrov", cash_kop) & asked == settled_by(entries, "petrov") & asked
