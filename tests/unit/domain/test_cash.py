"""Cash: change, blind count, differences with two names, corrections, the ceiling; balances come from the ledger."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.backpack_builders import FLASK, REF, TILL, World, an_item
from tests.unit.domain.delivery_builders import BASE, CASH_DESK, LOGISTICIAN, PETROV, a_delivery, do

from posrednik.domain import errors, ledger
from posrednik.domain.cash import Entry, ceiling_state, over_ceiling
from posrednik.domain.delivery_office import CourierFacts, check_courier
from posrednik.domain.publication import base_data
from posrednik.domain.routes import routes_for
from posrednik.domain.texts import LANGUAGES, contradiction_text, text

KOP = st.integers(1, 10**7)
EXPLAINED = {"second": "Ольга Н.", "reason": "не хватило сдачи"}


def with_cash(kop: int = 544000) -> World:
    world = World()
    world.issue(kop)
    return world


def till_of(world: World) -> int:
    return world.balances.money_of(ledger.till(TILL, "moscow"))


@given(KOP, KOP)
def test_change_issued_twice_is_twice_the_money_and_the_same_one_repeated_is_not(first: int, second: int):
    world = World()
    world.issue(first)
    again = world.issue(first)
    assert (again.already, again.events, world.cash_kop) == (True, (), first)
    world.issue(second, number=3)
    assert (world.cash_kop, till_of(world)) == (first + second, -first - second)
    assert [event.version for event in world.events] == [1, 2]


def test_the_example_of_the_domain():
    world = with_cash(200000)
    world.load({FLASK: 2000})
    world.sell(an_item(sum_kop=245000 + 99000), late=True)
    world.sell(an_item(), number=2, payment_method="card")
    assert (world.cash_kop, world.balances.money_of(ledger.ACQUIRING)) == (544000, 99000)
    change = world.hand_in(540000, **EXPLAINED)
    assert (world.cash_kop, change.entry.difference_kop) == (4000, -4000)
    (found,) = change.contradictions
    assert "разницей −40\u00a0₽" in found.what
    assert found.why == (
        "Ожидалось 5\u2009440\u00a0₽, посчитано 5\u2009400\u00a0₽. Считали Касса и Ольга Н., "
        "причина: «не хватило сдачи»."
    )


@given(KOP, KOP, st.none() | KOP)
def test_what_was_counted_moves_and_what_differs_is_told(cash_kop: int, counted_kop: int, declared_kop: int | None):
    """In the middle of the day he hands in only a part; more than he has is a surplus, whatever he says."""
    world = with_cash(cash_kop)
    expected_kop = cash_kop if declared_kop is None else min(declared_kop, cash_kop)
    change = world.hand_in(counted_kop, declared_kop=declared_kop, **EXPLAINED)
    assert (world.cash_kop, till_of(world)) == (cash_kop - counted_kop, counted_kop - cash_kop)
    entry, (event,) = change.entry, change.events
    assert (entry.expected_kop, entry.counted_kop, entry.sum_kop) == (expected_kop, counted_kop, counted_kop)
    assert (event.data["expected_kop"], event.data["difference_kop"]) == (expected_kop, counted_kop - expected_kop)
    assert [one.kind for one in change.contradictions] == ["cash_difference"] * (counted_kop != expected_kop)


@given(KOP, st.lists(KOP, max_size=4))
def test_parts_handed_in_through_the_day_leave_the_rest(cash_kop: int, parts: list):
    world = with_cash(cash_kop)
    for number, part in enumerate(parts, 2):
        part = min(part, world.cash_kop)
        if part:
            world.hand_in(part, number, declared_kop=part)
    world.hand_in(world.cash_kop, 99)
    assert (world.cash_kop, till_of(world), world.found) == (0, 0, [])


@given(KOP, KOP)
def test_no_refusal_of_a_blind_count_tells_what_the_books_say(cash_kop: int, counted_kop: int):
    """The receiver hears that it differs, never by how much or in which direction."""
    told = set()
    for expected_kop in (cash_kop, cash_kop + 1, 2 * counted_kop + 1):
        world = with_cash(expected_kop)
        if expected_kop == counted_kop:
            continue
        with pytest.raises(errors.DifferenceReasonMissing) as refused:
            world.hand_in(counted_kop)
        with pytest.raises(errors.SecondNameMissing) as unconfirmed:
            world.hand_in(counted_kop, reason="нет сдачи")
        told |= {(one.value.code, str(one.value.data), str(one.value)) for one in (refused, unconfirmed)}
        told |= {(lang, text(refused.value.code, lang, **refused.value.data)) for lang in LANGUAGES}
        assert (world.cash_kop, len(world.events)) == (expected_kop, 1)
    assert len(told) == 4


@pytest.mark.parametrize(
    "second", [None, "", "  ", "Касса", " касса ", "КАССА", "till-1"], ids=lambda second: repr(second)
)
def test_the_second_name_is_another_one(second: str | None):
    world = with_cash()
    with pytest.raises(errors.SecondNameMissing):
        world.hand_in(540000, reason="нет сдачи", second=second)
    assert world.cash_kop == 544000
    assert world.hand_in(540000, reason="нет сдачи", second="Ольга Н.").entry.second == "Ольга Н."


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_difference_needs_a_reason(reason: str | None):
    with pytest.raises(errors.DifferenceReasonMissing):
        with_cash().hand_in(540000, reason=reason, second="Ольга Н.")


def test_nothing_counted_is_a_difference_where_something_is_expected():
    world = with_cash()
    change = world.hand_in(0, **EXPLAINED)
    assert (world.cash_kop, change.entry.difference_kop, world.found) == (544000, -544000, ["cash_difference"])
    nothing = World().hand_in(0)
    assert (nothing.already, nothing.events, nothing.entry) == (True, (), None)


def test_a_hand_in_comes_once_and_keeps_what_was_counted_before():
    world = with_cash()
    change = world.hand_in(540000, earlier_counts_kop=[530000], **EXPLAINED)
    assert change.events[0].data["earlier_counts_kop"] == [530000]
    again = world.hand_in(1, **EXPLAINED)
    assert (again.entry, again.already, again.events, world.cash_kop) == (change.entry, True, (), 4000)


@given(KOP, st.lists(st.integers(0, 10**7), min_size=1, max_size=4), st.booleans())
def test_the_last_correction_of_an_entry_holds(sum_kop: int, corrections: list, of_change: bool):
    world = with_cash(sum_kop)
    if not of_change:
        world.hand_in(sum_kop)
    for right_kop in corrections:
        world.correct_cash(right_kop, 1 if of_change else 2, second="Ольга Н.")
    right_kop = corrections[-1]
    assert world.cash_kop == (right_kop if of_change else sum_kop - right_kop)
    assert till_of(world) == -world.cash_kop
    assert [event.version for event in world.events] == list(range(1, world.book.version + 1))


def test_a_correction_says_what_was_before_why_and_who():
    world = with_cash()
    (first,) = world.hand_in(540000, **EXPLAINED).events
    change = world.correct_cash(544000, why=" не заметили купюру ", actor=LOGISTICIAN)
    (event,) = change.events
    assert (event.type, event.actor, event.data["corrects"]) == ("cash.corrected", LOGISTICIAN, "handed_in")
    assert event.data["correction_reason"] == "не заметили купюру"
    assert event.data["before"] == {name: first.data[name] for name in event.data["before"]}
    assert (change.contradictions, change.entry.difference_kop, change.entry.corrections) == ((), 0, 1)
    again = world.correct_cash(544000)
    assert (again.already, again.events) == (True, ())


def test_a_correction_that_makes_a_difference_needs_two_names_too():
    world = with_cash()
    world.hand_in(544000)
    with pytest.raises(errors.CorrectionReasonMissing):
        world.correct_cash(540000, why=" ")
    for second in (None, "Касса"):
        with pytest.raises(errors.SecondNameMissing):
            world.correct_cash(540000, second=second)
    world.correct_cash(540000, second="Ольга Н.")
    assert (world.cash_kop, world.found) == (4000, ["cash_difference"])


def test_a_hand_in_that_never_was_is_put_right_to_nothing_without_a_difference():
    world = with_cash()
    world.hand_in(544000)
    entry = world.correct_cash(0).entry
    assert (entry.void, entry.difference_kop, world.cash_kop, world.found) == (True, 0, 544000, [])
    world.correct_cash(540000, second="Ольга Н.")
    assert (world.entries[entry.id].difference_kop, world.found) == (-4000, ["cash_difference"])


@given(KOP, KOP)
def test_a_decided_difference_is_no_longer_his(cash_kop: int, counted_kop: int):
    world = with_cash(cash_kop)
    world.hand_in(counted_kop, **EXPLAINED)
    if counted_kop == cash_kop:
        return
    world.settle(counted_kop - cash_kop)
    assert world.cash_kop == 0
    assert world.balances.money_of(ledger.cash_shortage(REF)) == max(0, cash_kop - counted_kop)
    assert world.balances.money_of(ledger.CASH_SURPLUS) == -max(0, counted_kop - cash_kop)


def test_a_decision_on_a_difference_needs_a_reason_and_a_sum():
    with pytest.raises(errors.DecisionMissing):
        with_cash().settle(-100, reason=" ")
    for nothing in (0, True, 1.5):
        with pytest.raises(errors.AmountNotANumber):
            with_cash().settle(nothing)


@pytest.mark.parametrize("kop", [-1, 1.5, True, "1", 10**14])
def test_what_is_no_sum_is_refused(kop: object):
    world = with_cash()
    for act in (lambda: world.issue(kop, 9), lambda: world.hand_in(kop), lambda: world.correct_cash(kop, 1)):
        with pytest.raises(errors.AmountNotANumber):
            act()
    with pytest.raises(errors.AmountNotANumber):
        world.issue(0, 9)


def test_a_courier_does_not_take_in_his_own_money():
    world = with_cash()
    world.hand_in(544000)
    for act in (
        lambda: world.issue(1, 9, actor=PETROV),
        lambda: world.hand_in(1, 9, actor=PETROV),
        lambda: world.correct_cash(1, actor=PETROV),
        lambda: world.settle(1, actor=PETROV),
    ):
        with pytest.raises(errors.NotAllowed):
            act()


@given(st.integers(-(10**8), 10**8), st.none() | st.integers(0, 10**8))
def test_the_ceiling_is_near_at_eighty_percent_and_reached_at_itself(cash_kop: int, ceiling_kop: int | None):
    state = ceiling_state(cash_kop, ceiling_kop)
    if ceiling_kop is None:
        assert state == "none"
    else:
        assert (state == "reached") == (cash_kop >= ceiling_kop)
        assert (state == "none") == (cash_kop * 5 < ceiling_kop * 4 and cash_kop < ceiling_kop)


@pytest.mark.parametrize(
    ("cash_kop", "state"), [(0, "none"), (799999, "none"), (800000, "near"), (999999, "near"), (1000000, "reached")]
)
def test_a_ceiling_of_ten_thousand(cash_kop: int, state: str):
    assert ceiling_state(cash_kop, 1000000) == state


@given(st.lists(st.integers(-1000, 1000), max_size=10), st.integers(0, 2000))
def test_each_way_over_the_ceiling_is_told_exactly_once(moves: list, ceiling_kop: int):
    cash_kop, told, above = 0, 0, 0
    for move in moves:
        told += len(over_ceiling(who="x", before_kop=cash_kop, after_kop=cash_kop + move, ceiling_kop=ceiling_kop))
        above += cash_kop <= ceiling_kop < cash_kop + move
        cash_kop += move
    assert told == above
    assert over_ceiling(who="x", before_kop=0, after_kop=10**9, ceiling_kop=None) == ()


def test_cash_over_the_ceiling_is_told_with_both_figures():
    (found,) = over_ceiling(who="Петров", before_kop=0, after_kop=1200000, ceiling_kop=1000000)
    assert (found.kind, "на 2\u2009000\u00a0₽" in found.what) == ("ceiling_exceeded", True)
    assert found.why == "На руках 12\u2009000\u00a0₽, предел 10\u2009000\u00a0₽."
    assert "12\u2009000\u00a0₽ in hand" in contradiction_text(found.kind, "en", **found.data)[1]


def test_a_courier_at_the_ceiling_gets_no_delivery_and_both_figures_are_told():
    full = CourierFacts("sidorov", "moscow", cash_kop=1000000, ceiling_kop=1000000)
    with pytest.raises(errors.CashCeilingReached) as refused:
        do("assign", a_delivery(), courier_ref="sidorov", courier=full)
    told = text(refused.value.code, **refused.value.data)
    assert told.startswith("У курьера на руках 10\u2009000\u00a0₽ наличными, предел 10\u2009000\u00a0₽.")


@given(st.integers(0, 2000), st.none() | st.integers(0, 2000))
def test_an_assignment_is_refused_exactly_when_the_ceiling_is_reached(cash_kop: int, ceiling_kop: int | None):
    courier = CourierFacts("sidorov", "moscow", cash_kop=cash_kop, ceiling_kop=ceiling_kop)
    if ceiling_state(cash_kop, ceiling_kop) == "reached":
        with pytest.raises(errors.CashCeilingReached):
            check_courier(courier, "moscow")
    else:
        check_courier(courier, "moscow")


def test_1c_is_told_of_cash_exactly_as_the_contract_says():
    world = with_cash()
    world.hand_in(540000, **EXPLAINED)
    world.correct_cash(544000)
    world.settle(-100)
    told = [base_data(event.type, event.data) for event in world.events]
    change, hand_in, corrected = (one.pop("entry_id") for one in told[:3])
    assert change != hand_in == corrected, "a correction names the entry whose document it renews"
    assert "entry_id" not in told[3]
    common = {"courier": REF, "till": TILL, "receiver": CASH_DESK.ref}
    assert told[0] == {**common, "sum": "5440.00"}
    assert told[1] == {**common, "expected": "5440.00", "counted": "5400.00", "sum": "5400.00"}
    assert told[2] == {
        **common,
        "expected": "5440.00",
        "counted": "5440.00",
        "sum": "5440.00",
        "corrects": "handed_in",
        "correction_reason": "ошибка кассы",
    }
    assert (told[3]["corrects"], told[3]["sum"], told[3]["difference"]) == ("difference", "1.00", "-1.00")
    for event in world.events:
        assert [route.destination for route in routes_for(event)] == ["onec"]
        assert (event.subject_kind, str(event.subject_id), event.data["base_id"]) == ("cash", REF, str(BASE))


def test_an_entry_is_the_same_after_being_stored_as_json():
    entry = with_cash().hand_in(540000, earlier_counts_kop=[1, 2], **EXPLAINED).entry
    assert msgspec.json.decode(msgspec.json.encode(entry), type=Entry) == entry
