"""KPI of design §9: what each is, and how it is made of the figures of days. Pure. See docs/subsystems/kpi.md.

A KPI without data, or whose data nobody gathers yet, is `unknown`, never met.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from posrednik.domain.errors import DomainError
from posrednik.domain.lags import Counted, Name, above_edge, percentile

State = Literal["met", "missed", "unknown"]
Unit = Literal["share", "seconds", "count"]
Buckets = Counter[int]

PILOT_GAIN = 0.8  # «готов → отдан» is to become 20 % shorter
REPORT_S = 5.0


class BaselineEmpty(DomainError):
    """Nothing was delivered in these days. data: first, last."""

    code = "baseline_empty"


class BaselineUnfit(DomainError):
    """data: what (which of its values cannot be)."""

    code = "baseline_unfit"


@dataclass(frozen=True, slots=True)
class Definition:
    """limit None: it depends on the baseline. direction: `most` = the value may be the limit at most. lag, figures: of
    which it is made (domain/lags.py, domain/figures.py)."""

    key: str
    unit: Unit
    limit: float | None
    direction: Literal["most", "least"]
    lag: Name | None = None
    figures: tuple[str, ...] = ()


KPIS: Mapping[str, Definition] = MappingProxyType({
    one.key: one for one in (
        Definition("agree", "share", 0.995, "least"),
        Definition("order_to_bitrix24", "seconds", 120.0, "most", lag="onec_to_bitrix24"),
        Definition("duplicates", "count", 0.0, "most"),
        Definition("ready_to_handed", "seconds", None, "most", lag="ready_to_handed"),
        Definition("without_return", "share", 0.95, "least", figures=("done", "with_return")),
        Definition("cash_discrepancy", "share", 0.003, "most", figures=(
            "cash_shortage_kop", "cash_surplus_kop", "taken_cash_kop", "sold_cash_kop", "hand_ins")),
        Definition("report_time", "seconds", REPORT_S, "most", lag="report_time"),
    )
})  # fmt: skip


class LagRow(NamedTuple):
    name: str
    day: date
    grp: str
    bucket: int
    n: int


class Frozen(NamedTuple):
    """A baseline that is valid. p50_s: seconds."""

    p50_s: float
    n: int


@dataclass
class Facts:
    """What is known of some days. longest: of each lag, exact. figures, counts: by day. baselines: by division.
    delivered: how many lags «готов → отдан» each division has. agreement: (objects compared with 1C, of them that
    agreed) by day, of None: of all these days together, by the last run of each base or else slice by slice."""

    lags: Sequence[LagRow] = ()
    longest: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    counts: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    delivered: Mapping[str, int] = field(default_factory=dict)
    baselines: Mapping[str, Frozen] = field(default_factory=dict)
    agreement: Mapping[date | None, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def _rows_of(self) -> Mapping[date, Sequence[LagRow]]:
        found: dict[date, list[LagRow]] = defaultdict(list)
        for row in self.lags:
            found[row.day].append(row)
        return found

    @cached_property
    def _days(self) -> Mapping[str, Mapping[date, Buckets]]:
        found: dict[str, dict[date, Buckets]] = defaultdict(lambda: defaultdict(Counter))
        for row in self.lags:
            found[row.name][row.day][row.bucket] += row.n
        return found

    def days_of(self, name: str) -> Mapping[date, Buckets]:
        """The histogram of a lag on each day that has one."""
        return self._days.get(name, {})

    def buckets(self, name: str, grp: str | None = None) -> Buckets:
        """Of all days, or of one group."""
        if grp is None:
            return sum(self.days_of(name).values(), Counter())
        return _added(row for row in self.lags if row.name == name and row.grp == grp)

    def figure(self, name: str) -> int:
        return sum(of_day.get(name, 0) for of_day in self.figures.values())

    def count(self, name: Counted) -> int:
        return sum(of_day.get(name, 0) for of_day in self.counts.values())

    def duplicates(self) -> int:
        """What destinations answered and what somebody raised may be the same double: the larger of both, by day."""
        return sum(
            max(of_day.get("duplicates", 0), of_day.get("double_incidents", 0)) for of_day in self.counts.values()
        )

    def on(self, day: date) -> "Facts":
        """The same of one day; `longest`, `delivered` and `baselines` are left out."""
        agreed = self.agreement.get(day)
        return Facts(
            self._rows_of.get(day, ()), {}, _only(self.figures, day), _only(self.counts, day),
            agreement={None: agreed} if agreed else {},
        )  # fmt: skip

    def is_empty(self) -> bool:
        """Nothing was delivered, sold or sent."""
        return not self.lags and not self.figure("done") and not self.figure("sales")


def _added(rows: Iterable[LagRow]) -> Buckets:
    found: Buckets = Counter()
    for row in rows:
        found[row.bucket] += row.n
    return found


def _only(by_day: Mapping[date, Mapping[str, int]], day: date) -> dict[date, Mapping[str, int]]:
    return {day: by_day[day]} if day in by_day else {}


@dataclass(frozen=True, slots=True)
class Spread:
    """n times; percentiles within the histogram's error, worst exact; seconds, None without data."""

    n: int
    p50: float | None
    p95: float | None
    worst: float | None = None


def spread(buckets: Buckets, worst: float | None = None) -> Spread:
    """No percentile is told that is longer than the longest."""
    p50, p95 = (_capped(percentile(buckets, share), worst) for share in (0.5, 0.95))
    return Spread(buckets.total(), p50, p95, worst)


def _capped(value: float | None, worst: float | None) -> float | None:
    return value if value is None or worst is None else min(value, worst)


class Point(NamedTuple):
    day: date
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One KPI over some days. limit: None = there is nothing to compare with. note: key of the sentence beside it, with
    its data. groups: pilot beside control, if there was a pilot."""

    of: Definition
    value: float | None = None
    n: int = 0
    limit: float | None = None
    spread: Spread | None = None
    trend: Sequence[Point] = ()
    groups: Mapping[str, Spread] | None = None
    note: str = ""
    note_data: Mapping[str, object] = field(default_factory=dict)
    forced: State | None = None

    @property
    def state(self) -> State:
        if self.forced is not None:
            return self.forced
        if self.value is None or self.limit is None:
            return "unknown"
        fine = self.value <= self.limit if self.of.direction == "most" else self.value >= self.limit
        return "met" if fine else "missed"


def measure(facts: Facts) -> list[Measured]:
    """All KPI, in the order of `KPIS`."""
    return [_MEASURES[key](facts, one) for key, one in KPIS.items()]


def _agree(facts: Facts, one: Definition) -> Measured:
    trend = [
        Point(day, agreeing / checked, checked)
        for day, (checked, agreeing) in sorted((d, v) for d, v in facts.agreement.items() if d is not None) if checked
    ]  # fmt: skip
    checked, agreeing = facts.agreement.get(None, (0, 0))
    if not checked:
        return Measured(one, limit=one.limit, note="not_reconciled")
    return Measured(one, agreeing / checked, checked, one.limit, trend=trend)


def _order_to_bitrix24(facts: Facts, one: Definition) -> Measured:
    made = _by_lag(facts, one, "p95")
    late = above_edge(facts.buckets("onec_to_bitrix24"))
    return replace(made, note="late", note_data={"late": late, "n": made.n}) if made.n else made


def _report_time(facts: Facts, one: Definition) -> Measured:
    return _by_lag(facts, one, "p95")


def _ready_to_handed(facts: Facts, one: Definition) -> Measured:
    made = _by_lag(facts, one, "p50")
    groups = {grp: spread(found) for grp in ("pilot", "control") if (found := facts.buckets("ready_to_handed", grp))}
    limit, without = baseline_limit(facts)
    note = "" if limit is not None or not made.n else "no_baseline"
    return replace(made, limit=limit, groups=groups or None, note=note, note_data={"without": without})


def baseline_limit(facts: Facts) -> tuple[float | None, int]:
    """What the median may be at most, by the baselines of the divisions that delivered, each by its share of them; and
    how many of these have none, which leaves nothing to compare with."""
    without = sum(ref not in facts.baselines for ref in facts.delivered)
    if without or not facts.delivered:
        return None, without
    whole = sum(facts.baselines[ref].p50_s * n for ref, n in facts.delivered.items())
    return PILOT_GAIN * whole / sum(facts.delivered.values()), 0


def _by_lag(facts: Facts, one: Definition, of: Literal["p50", "p95"]) -> Measured:
    assert one.lag is not None
    whole = spread(facts.buckets(one.lag), facts.longest.get(one.lag))
    trend = [
        Point(day, getattr(spread(found), of), found.total()) for day, found in sorted(facts.days_of(one.lag).items())
    ]
    return Measured(one, getattr(whole, of), whole.n, one.limit, whole, trend, note="" if whole.n else "no_data")


def _duplicates(facts: Facts, one: Definition) -> Measured:
    """Zero of what is known is not zero at the destination: that nobody has counted there is said, not taken for a
    success."""
    n, counted = facts.duplicates(), facts.count("sweeps") > 0
    trend = [Point(day, found, found) for day in sorted(facts.counts) if (found := facts.on(day).duplicates())]
    forced: State = "missed" if n else "met" if counted else "unknown"
    return Measured(one, n, n, one.limit, trend=trend, note="" if counted else "not_swept", forced=forced)


def _without_return(facts: Facts, one: Definition) -> Measured:
    return _share(facts, one, _returned_share)


def _cash_discrepancy(facts: Facts, one: Definition) -> Measured:
    made = _share(facts, one, _cash_share)
    return replace(made, forced="missed") if made.value is None and cash_differs_kop(facts) else made


def _returned_share(facts: Facts) -> tuple[float | None, int]:
    done = facts.figure("done")
    return (1 - facts.figure("with_return") / done if done > 0 else None), done


def _cash_share(facts: Facts) -> tuple[float | None, int]:
    taken = facts.figure("taken_cash_kop") + facts.figure("sold_cash_kop")
    return (cash_differs_kop(facts) / taken if taken > 0 else None), facts.figure("hand_ins")


def cash_differs_kop(facts: Facts) -> int:
    """Missing and too much at counts of cash, together."""
    return max(0, facts.figure("cash_shortage_kop")) + max(0, facts.figure("cash_surplus_kop"))


def goods_differ_kop(facts: Facts) -> int:
    return max(0, facts.figure("goods_shortage_kop")) + max(0, facts.figure("goods_surplus_kop"))


Share = Callable[[Facts], tuple[float | None, int]]  # a share of some facts, and of how many it is


def _share(facts: Facts, one: Definition, of: Share) -> Measured:
    value, n = of(facts)
    days = ((day, *of(facts.on(day))) for day in sorted(facts.figures))
    trend = [Point(day, found, count) for day, found, count in days if found is not None]
    return Measured(one, value, n, one.limit, trend=trend, note="no_data" if value is None else "")


_MEASURES: Mapping[str, Callable[[Facts, Definition], Measured]] = MappingProxyType({
    "agree": _agree, "order_to_bitrix24": _order_to_bitrix24, "duplicates": _duplicates,
    "ready_to_handed": _ready_to_handed, "without_return": _without_return, "cash_discrepancy": _cash_discrepancy,
    "report_time": _report_time,
})  # fmt: skip
