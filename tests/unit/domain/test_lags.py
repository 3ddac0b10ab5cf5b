"""Percentiles of a histogram by day against exact ones."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.lags import EDGE_S, ERROR, LEAST_S, above_edge, bucket_of, percentile, seconds_of

times = st.floats(min_value=0, max_value=30 * 86_400, allow_nan=False)
samples = st.lists(times, min_size=1, max_size=300)


def exact(values: list[float], share: float) -> float:
    """Nearest rank."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


def histogram(values: list[float]) -> Counter[int]:
    return Counter(bucket_of(value) for value in values)


@given(samples, st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]))
def test_a_percentile_of_the_histogram_is_within_the_error_of_the_exact_one(values: list[float], share: float) -> None:
    told, right = percentile(histogram(values), share), exact(values, share)
    assert told is not None
    if right <= LEAST_S:
        assert told == LEAST_S
    else:
        assert abs(told - right) <= right * ERROR * (1 + 1e-9)


def test_the_error_that_is_promised_is_below_five_percent() -> None:
    assert ERROR < 0.05


@given(samples)
def test_whether_a_percentile_is_within_two_minutes_is_never_estimated(values: list[float]) -> None:
    told = percentile(histogram(values), 0.95)
    assert told is not None
    assert (told <= EDGE_S) == (exact(values, 0.95) <= EDGE_S)
    assert above_edge(histogram(values)) == sum(value > EDGE_S for value in values)


def test_exactly_two_minutes_is_within_two_minutes() -> None:
    assert bucket_of(EDGE_S) == 0
    assert bucket_of(math.nextafter(EDGE_S, math.inf)) == 1


@given(samples, samples)
def test_days_are_added_by_adding_their_buckets(one: list[float], other: list[float]) -> None:
    assert histogram(one) + histogram(other) == histogram(one + other)


@given(times, times)
def test_a_longer_time_never_falls_into_an_earlier_bucket(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert bucket_of(low) <= bucket_of(high)
    assert seconds_of(bucket_of(low)) <= seconds_of(bucket_of(high))


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
