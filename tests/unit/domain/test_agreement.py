"""A backpack against 1C's stock: equal agrees, what counts have told already is not told again."""

from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.agreement import disagreement
from posrednik.domain.goods import Names
from posrednik.domain.shifts import Goods

FLASK, PLAID = ("flask", None), ("plaid", "red")
NAMES = Names([Goods("flask", None, 0, "Термос")])
sums = st.dictionaries(st.sampled_from([FLASK, PLAID]), st.integers(-5, 5))
amounts = st.dictionaries(st.sampled_from([FLASK, PLAID]), st.integers(0, 5))


def look(ours, theirs, missing=None, surplus=None):
    return disagreement(
        who="Петров", ours=ours, theirs=theirs, missing=missing or {}, surplus=surplus or {}, names=NAMES
    )


def test_a_difference_is_told_in_words_with_both_figures():
    told = look({FLASK: 3000, PLAID: 1000}, {FLASK: 2000, PLAID: 1000})
    assert told is not None
    assert (told.kind, "Термос: в рюкзаке 3, в 1С 2" in told.why, "plaid" in told.why) == (
        "does_not_agree",
        True,
        False,
    )


@given(ours=sums, theirs=sums)
def test_it_agrees_exactly_when_every_product_is_equal(ours, theirs):
    same = all(ours.get(key, 0) == theirs.get(key, 0) for key in (FLASK, PLAID))
    assert (look(ours, theirs) is None) == same


@given(ours=sums, missing=amounts, surplus=amounts, booked=st.data())
def test_what_a_count_has_told_of_may_be_booked_in_1c_or_not(ours, missing, surplus, booked):
    theirs = {
        key: ours.get(key, 0) + booked.draw(st.integers(-surplus.get(key, 0), missing.get(key, 0)))
        for key in (FLASK, PLAID)
    }
    assert look(ours, theirs, missing, surplus) is None
    further = {**theirs, FLASK: ours.get(FLASK, 0) + missing.get(FLASK, 0) + 1}
    assert look(ours, further, missing, surplus) is not None
