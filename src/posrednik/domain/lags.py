"""How long things took, as a histogram by day: percentiles without sorting. See docs/subsystems/kpi.md.

Buckets grow by 10 %; the value told for one is at most 4.8 % away from any in it. Bucket 0 ends at 120 s exactly, so
that "within two minutes" is counted, not estimated.
"""

import math
from collections.abc import Mapping
from typing import Literal

Name = Literal["onec_to_bitrix24", "ready_to_handed", "event_to_onec", "event_to_site", "report_time"]
# What is counted by day beside the figures of reports.
Counted = Literal[
    "dead", "quarantined", "server_errors", "checks", "duplicates", "double_incidents", "goods_counts", "sweeps"
]

GROWTH = 1.1
EDGE_S = 120.0
LEAST_S = 0.01
ERROR = (GROWTH - 1) / (GROWTH + 1)
_STEP = math.log(GROWTH)
_FIRST = math.ceil(math.log(LEAST_S / EDGE_S) / _STEP)
_LAST = 200  # 120 s × 1.1^200: 700 years


def bucket_of(seconds: float) -> int:
    """The bucket of a time; what is shorter than 10 ms is all in the first one."""
    if seconds <= LEAST_S:
        return _FIRST
    return min(_LAST, max(_FIRST, math.ceil(math.log(seconds / EDGE_S) / _STEP)))


def seconds_of(bucket: int) -> float:
    """The value told for a bucket: equally far, in relation, from both of its ends."""
    if bucket == _FIRST:
        return LEAST_S
    high = EDGE_S * GROWTH**bucket
    return 2 * high / (1 + GROWTH)


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """The value below or at which `share` of all are (nearest rank), within `ERROR`. None: there are none."""
    total = sum(buckets.values())
    if total <= 0:
        return None
    rank, seen = max(1, math.ceil(share * total)), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank:
            return seconds_of(bucket)
    raise AssertionError("the ranks of a histogram are all in it")


def above_edge(buckets: Mapping[int, int]) -> int:
    """How many took longer than `EDGE_S`; exact."""
    return sum(n for bucket, n in buckets.items() if bucket > 0)
