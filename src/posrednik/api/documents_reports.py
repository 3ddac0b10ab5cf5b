"""What the doors of reports answer, for the published OpenAPI."""

from datetime import date
from typing import Any, Literal

from msgspec import Struct

Name = Literal["couriers", "sales", "cash", "returns", "proofs"]
Kind = Literal["text", "date", "count", "money", "quantity", "share", "seconds"]


class ReportColumn(Struct):
    """kind: money and quantity are decimals as text, share is a part of one; null = nothing to say."""

    key: str
    title: str
    kind: Kind


class ReportAnswer(Struct):
    """rows and totals by the keys of the columns; rows have refs beside the names (courier_ref, division_ref, …).

    cases: key of a column → address of what is behind its figure, with {keys} of the row in it. hidden: couriers whose
    cash is not told, because they asked to hand in and it is not counted yet; the totals are without it. choices: by
    which divisions and couriers the reader may ask. first, last: the days that it is of.
    """

    name: Name
    title: str
    columns: list[ReportColumn]
    rows: list[dict[str, Any]]
    totals: dict[str, Any]
    cases: dict[str, str]
    choices: dict[str, list[dict[str, str]]]
    first: date
    last: date
    hidden: int
    made_at: str
    took_ms: float


class ReportCase(Struct):
    """One event behind a figure. at: when it happened, recorded_at: when it was taken. value: what it adds, as the
    column has it. subject: {"kind", "id"}, with its page if there is one. note: what was said of it."""

    event: str
    day: date
    at: str
    recorded_at: str
    type: str
    title: str
    courier: str
    courier_ref: str
    division: str
    subject: dict[str, str]
    order_number: str | None
    value: Any
    note: str | None


class ReportCases(Struct):
    """more: there are further ones."""

    title: str
    kind: Kind
    cases: list[ReportCase]
    more: bool
