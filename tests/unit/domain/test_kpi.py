"""KPI of any figures: what is met, missed and unknown."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.kpi import KPIS, PILOT_GAIN, Facts, Frozen, LagRow, Measured, baseline_limit, measure, spread
from posrednik.domain.lags import bucket_of

DAY = date(2026, 11, 20)
days = st.integers(0, 13).map(lambda n: DAY + timedelta(days=n))
divisions = st.sampled_from(["a", "b", "c"])
rows = st.lists(st.builds(
    LagRow, st.sampled_from(["onec_to_bitrix24", "ready_to_handed", "report_time"]), days,
    st.sampled_from(["", "pilot", "control"]), st.integers(-98, 100), st.integers(1, 50),
), max_size=40)  # fmt: skip
NAMES = ("done", "with_return", "taken_cash_kop", "sold_cash_kop", "cash_shortage_kop", "cash_surplus_kop")
figures = st.dictionaries(days, st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**9)))


def by_key(facts: Facts) -> dict[str, Measured]:
    return {one.of.key: one for one in measure(facts)}


def test_of_no_facts_nothing_is_met_and_nothing_missed() -> None:
    assert {one.state for one in measure(Facts())} == {"unknown"}
    assert [one.of.key for one in measure(Facts())] == list(KPIS)


@given(rows, figures)
def test_a_kpi_without_data_or_without_a_target_is_never_met(
    lags: list[LagRow], known: dict[date, dict[str, int]]
) -> None:
    for one in measure(Facts(lags, figures=known)):
        if one.value is None or one.limit is None:
            assert one.state != "met"


@given(rows, figures)
def test_the_days_of_a_trend_are_all_there_is(lags: list[LagRow], known: dict[date, dict[str, int]]) -> None:
    told = by_key(Facts(lags, figures=known))
    for key in ("order_to_bitrix24", "ready_to_handed", "report_time"):
        assert sum(point.n for point in told[key].trend) == told[key].n
        assert [point.day for point in told[key].trend] == sorted(
            {row.day for row in lags if row.name == KPIS[key].lag}
        )


@given(rows)
def test_pilot_control_and_the_rest_are_together_all_deliveries(lags: list[LagRow]) -> None:
    facts = Facts(lags)
    parts = [facts.buckets("ready_to_handed", grp) for grp in ("", "pilot", "control")]
    assert sum(parts, Counter()) == facts.buckets("ready_to_handed")


@given(
    st.dictionaries(divisions, st.integers(1, 500)),
    st.dictionaries(divisions, st.builds(Frozen, st.floats(1, 10**6), st.integers(1, 10**6))),
)
def test_a_target_lies_between_those_of_the_divisions_and_needs_all_of_them(
    delivered: dict[str, int], frozen: dict[str, Frozen]
) -> None:
    limit, without = baseline_limit(Facts(delivered=delivered, baselines=frozen))
    assert without == len(set(delivered) - set(frozen))
    if without or not delivered:
        assert limit is None
    else:
        own = [PILOT_GAIN * frozen[ref].p50_s for ref in delivered]
        assert limit is not None
        assert min(own) * 0.999 <= limit <= max(own) * 1.001


@pytest.mark.parametrize(("due", "state"), [(95, "met"), (94, "missed")])
def test_a_share_at_its_limit_is_met(due: int, state: str) -> None:
    told = by_key(Facts(figures={DAY: {"done": 100, "with_return": 100 - due}}))
    assert told["without_return"].state == state


@pytest.mark.parametrize(("seconds", "state"), [(120, "met"), (121, "missed")])
def test_an_order_of_exactly_two_minutes_is_in_time(seconds: float, state: str) -> None:
    told = by_key(Facts([LagRow("onec_to_bitrix24", DAY, "", bucket_of(seconds), 1)], {"onec_to_bitrix24": seconds}))
    assert told["order_to_bitrix24"].state == state


def test_missing_cash_with_none_taken_is_missed_though_it_is_no_share() -> None:
    told = by_key(Facts(figures={DAY: {"cash_shortage_kop": 1}}))
    assert (told["cash_discrepancy"].value, told["cash_discrepancy"].state) == (None, "missed")


def test_the_same_double_told_twice_is_one() -> None:
    told = by_key(Facts(counts={DAY: {"duplicates": 1, "double_incidents": 1}}))
    assert (told["duplicates"].value, told["duplicates"].state) == (1, "missed")


@given(st.lists(st.floats(0.001, 10**6), min_size=1, max_size=50))
def test_no_percentile_is_longer_than_the_longest(values: list[float]) -> None:
    told = spread(Counter(bucket_of(value) for value in values), max(values))
    assert told.p50 is not None
    assert told.p95 is not None
    assert told.p50 <= told.p95 <= max(values)
