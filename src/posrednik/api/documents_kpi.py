"""What the doors of KPI and baselines read and answer, for the published OpenAPI."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, max_length=500)]


class Target(Struct):
    """value null: it depends on a baseline that is not there. direction: the value may be so at most, or at least."""

    text: str
    value: float | None
    direction: Literal["most", "least"]


class TrendDay(Struct):
    day: str
    value: float | None
    n: int


class Group(Struct):
    """Seconds."""

    n: int
    p50: float | None
    p95: float | None


class Groups(Struct, omit_defaults=True):
    """Couriers of the pilot beside the others of the same days."""

    pilot: Group | None = None
    control: Group | None = None


class Kpi(Struct):
    """cases: address of what is behind it, empty = nothing is known. p50, p95, worst: seconds, of times only."""

    key: str
    title: str
    definition: str
    target: Target
    value: float | None
    unit: Literal["share", "seconds", "count"]
    state: Literal["met", "missed", "unknown"]
    state_text: str
    note: str
    n: int
    p50: float | None
    p95: float | None
    worst: float | None
    trend: list[TrendDay]
    cases: str
    groups: Groups | None


class KpiDivision(Struct):
    ref: str
    name: str


class KpiAnswer(Struct):
    """divisions: those that the person may ask for. first, last: the days that are counted."""

    kpis: list[Kpi]
    divisions: list[KpiDivision]
    first: str
    last: str
    made_at: str
    took_ms: float


class KpiCase(Struct):
    """value: rubles as text for money, else a number. what: type of the event, name of the report or of the count;
    title: the same in words."""

    day: str
    at: str | None
    unit: Literal["seconds", "count", "money"]
    value: float | str
    what: str
    title: str
    order_ref: str | None
    order_number: str | None
    courier_ref: str | None
    courier: str | None
    division_ref: str | None
    division: str | None


class KpiCases(Struct):
    key: str
    title: str
    cases: list[KpiCase]
    more: bool


class Baseline(Struct):
    """What «готов → отдан» was. valid false: a later one supersedes it."""

    id: int
    division: str
    division_name: str | None
    kind: Literal["measured", "imported"]
    first: str
    last: str
    p50_s: float
    n: int
    source: str
    who: str
    why: str
    made_at: str
    valid: bool


class Baselines(Struct):
    baselines: list[Baseline]


class NewBaseline(Struct, rename={"first": "from", "last": "to"}):
    """Without p50_s, n and source: measured by the deliveries of these days."""

    division: Annotated[str, Meta(min_length=1, max_length=100)]
    first: date
    last: date
    why: Text
    p50_s: float | None = None
    n: int | None = None
    source: Annotated[str, Meta(max_length=500)] = ""


class ImportBaselines(Struct):
    """csv: rows `division;from;to;p50_s;n;source` under that header."""

    csv: Annotated[str, Meta(min_length=1, max_length=200_000)]
    why: Text


class FrozenBaselines(Struct):
    frozen: list[int]
