"""A shift opens and closes with what was counted; a difference is told, never decided."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import BASE, NEW_ID, NOW, PETROV

from posrednik.domain import errors
from posrednik.domain.routes import routes_for
from posrednik.domain.shifts import Goods, Shift, ShiftChange, close_shift, late_event, open_shift

EVENING = NOW + timedelta(hours=10)
FLASK = Goods("flask", None, 2000, "Термос 1 л")
PLAID = Goods("plaid", "red", 1000)
GOODS = st.lists(
    st.builds(Goods, st.sampled_from(["flask", "plaid"]), st.sampled_from([None, "red", "blue"]), st.integers(0, 5000)),
    max_size=6,
)


def opened(**fields) -> ShiftChange:
    values = {
        "opened": None,
        "new_id": NEW_ID,
        "division_ref": "moscow",
        "base_id": BASE,
        "device": "phone-1",
        "goods": [FLASK, PLAID],
        "cash_kop": 200000,
        "expected_goods": None,
        "actor": PETROV,
        "now": NOW,
    }
    return open_shift(**{**values, **fields})


def closed(shift: Shift | None = None, **fields) -> ShiftChange:
    values = {
        "goods": [FLASK],
        "cash_kop": 544000,
        "expected_goods": None,
        "expected_cash_kop": None,
        "actor": PETROV,
        "now": EVENING,
    }
    return close_shift(shift=shift or opened().shift, **{**values, **fields})


def test_a_shift_opens_with_what_was_counted():
    change = opened()
    shift, (event,) = change.shift, change.events
    assert (shift.courier_ref, shift.change_kop, shift.opened_goods, shift.version) == (
        "petrov",
        200000,
        (FLASK, PLAID),
        1,
    )
    assert (event.type, event.subject_kind, event.subject_id, event.version) == ("shift.opened", "shift", NEW_ID, 1)
    assert (event.division_ref, event.data["device"], event.data["change_kop"]) == ("moscow", "phone-1", 200000)
    assert change.contradictions == ()


def test_a_second_device_gets_the_shift_that_is_open():
    shift = opened().shift
    change = opened(opened=shift, new_id=UUID(int=9), device="phone-2", cash_kop=1)
    assert (change.shift, change.already, change.events) == (shift, True, ())


def test_a_shift_closes_once():
    change = closed()
    assert (change.shift.closed_at, change.shift.closed_cash_kop, change.shift.version) == (EVENING, 544000, 2)
    assert [event.type for event in change.events] == ["shift.closed"]
    again = closed(change.shift, cash_kop=1)
    assert (again.shift, again.already, again.events) == (change.shift, True, ())


def test_events_of_a_shift_go_nowhere():
    events = (*opened().events, *closed().events)
    assert [routes_for(event) for event in events] == [(), ()]


def test_a_shift_is_the_same_after_being_stored_as_json():
    for shift in (opened().shift, closed().shift):
        assert msgspec.json.decode(msgspec.json.encode(shift), type=Shift) == shift


def test_a_count_that_differs_from_the_books_says_so_by_name():
    change = opened(expected_goods=[Goods("flask", None, 3000), Goods("plaid", "blue", 1000, "Плед синий")])
    (found,) = change.contradictions
    assert found.kind == "count_difference"
    for words in ("Термос 1 л: по учёту 3, посчитано 2", "plaid: по учёту 0, посчитано 1", "Плед синий: по учёту 1"):
        assert words in found.why
    assert change.shift.opened_goods == (FLASK, PLAID)
    assert "Петров Иван" in found.what


def test_goods_that_the_books_have_below_zero_are_not_missed():
    assert opened(goods=[], expected_goods=[Goods("flask", None, -1000)]).contradictions == ()


@given(GOODS, GOODS, st.booleans())
def test_differences_are_told_exactly_when_sums_by_product_differ(counted: list, expected: list, closing: bool):
    def sums(goods: list[Goods]) -> dict[tuple, int]:
        keys = {(one.product, one.characteristic) for one in goods}
        all_of = {key: sum(g.quantity_milli for g in goods if (g.product, g.characteristic) == key) for key in keys}
        return {key: milli for key, milli in all_of.items() if milli}

    act = closed if closing else opened
    change = act(goods=counted, expected_goods=expected)
    assert bool(change.contradictions) == (sums(counted) != sums(expected))
    assert act(goods=counted, expected_goods=None).contradictions == ()
    differing = {key for key in sums(counted) | sums(expected) if sums(counted).get(key) != sums(expected).get(key)}
    told = change.events[0].data["differences"]
    assert {(one["product"], one["characteristic"]) for one in told} == differing
    kept = change.shift.closed_goods if closing else change.shift.opened_goods
    assert sums(list(kept)) == sums(counted)
    assert len(kept) == len(sums(counted))


@given(counted_kop=st.integers(0, 3), expected_kop=st.none() | st.integers(-3, 3), explained=st.booleans())
def test_cash_is_told_if_it_differs_and_if_it_is_left(counted_kop: int, expected_kop: int | None, explained: bool):
    told = closed(cash_kop=counted_kop, expected_cash_kop=expected_kop, explained=explained).contradictions
    differs = expected_kop not in (None, counted_kop)
    left = expected_kop not in (None, 0) and not explained
    assert [one.kind for one in told] == ["cash_difference"] * (differs or left)
    if differs:
        assert told[0].data["difference_kop"] == counted_kop - expected_kop
    elif left:
        assert told[0].data["left_kop"] == expected_kop


def test_cash_that_is_left_is_told_in_rubles():
    (found,) = closed(cash_kop=54000, expected_cash_kop=54000).contradictions
    assert "к сдаче осталось 540\u00a0₽" in found.what


def test_a_difference_in_cash_is_told_in_rubles():
    (found,) = closed(cash_kop=540000, expected_cash_kop=544000).contradictions
    assert "5\u2009440\u00a0₽" in found.why
    assert "5\u2009400\u00a0₽" in found.why
    assert "40\u00a0₽" in found.what


@pytest.mark.parametrize("milli", [-1, 1.5, True, "1"])
def test_goods_that_cannot_be_counted_so_are_refused(milli: object):
    for act in (opened, closed):
        with pytest.raises(errors.QuantityNotANumber):
            act(goods=[Goods("flask", None, milli)])


@pytest.mark.parametrize("kop", [-1, 1.5, True, "1"])
def test_cash_that_is_no_sum_is_refused(kop: object):
    for act in (opened, closed):
        with pytest.raises(errors.AmountNotANumber):
            act(cash_kop=kop)


@pytest.mark.parametrize(
    ("action", "told"), [("hand_over", True), ("correct_hand_over", True), ("depart", False), ("give_back", False)]
)
def test_a_late_step_is_told_if_it_changes_the_totals(action: str, told: bool):
    change = late_event(shift=closed().shift, action=action, order_number="000-123")
    assert (change.shift.late, change.shift.version, change.events) == (1, 2, ())
    assert [found.kind for found in change.contradictions] == ["late_after_shift"] * told
    assert all("000-123" in found.what and "Петров Иван" in found.what for found in change.contradictions)


@pytest.mark.parametrize(("action", "words"), [("sale", "«Продажа»"), ("correct_sale", "«Исправить продажу»")])
def test_a_late_sale_is_told_without_an_order(action: str, words: str):
    (found,) = late_event(shift=closed().shift, action=action, order_number=None).contradictions
    assert found.kind == "late_after_shift"
    assert words in found.what
    assert "заказ" not in found.what


@pytest.mark.parametrize(
    ("action", "words"), [("count_backpack", "«Пересчитать рюкзак»"), ("accept_backpack", "«Принять в рюкзак»")]
)
def test_a_late_count_is_told_only_if_it_moved_something(action: str, words: str):
    (found,) = late_event(shift=closed().shift, action=action, order_number=None).contradictions
    assert words in found.what
    calm = late_event(shift=closed().shift, action=action, order_number=None, moves=False)
    assert (calm.contradictions, calm.shift.late) == ((), 1)


def test_a_step_of_an_open_shift_is_not_late():
    change = late_event(shift=opened().shift, action="hand_over", order_number="000-123")
    assert (change.already, change.contradictions) == (True, ())
