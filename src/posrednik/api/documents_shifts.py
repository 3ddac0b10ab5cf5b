"""What the office's page of shifts reads and sends, for the published OpenAPI."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Ref = Annotated[str, Meta(min_length=1, max_length=100)]
Quantity = Annotated[str | float, Meta(description="Units; three digits at most")]
Sum = Annotated[str | float, Meta(description="Rubles; two digits at most")]


class Named(Struct):
    ref: str
    name: str | None


class Goods(Struct):
    """quantity: in units."""

    product: str
    characteristic: str | None
    name: str
    unit: str
    quantity: str


class Difference(Struct):
    """expected: by the books, counted: by the courier; in units."""

    product: str
    characteristic: str | None
    name: str
    expected: str
    counted: str


class Opened(Struct):
    goods: list[Goods]
    cash: str
    differences: list[Difference]


class Closed(Struct):
    """goods, cash: null = not counted. expected_cash: by the books when it closed."""

    goods: list[Goods] | None
    cash: str | None
    expected_cash: str | None
    cash_difference: str | None
    differences: list[Difference]


class Phone(Struct):
    """missing: numbers of its records that have not come (50 at most). unsent: what it said it still has."""

    device: str
    name: str | None
    last_seq: int
    whole_to: int
    missing: list[int]
    unsent: int | None
    last_at: str


class Shift(Struct):
    """division: its ref. closed_by, close_reason: of a manager who closed it. late: records that came after its end."""

    id: UUID
    courier: Named
    division: str
    division_name: str | None
    opened_at: str
    closed_at: str | None
    closed_by: str | None
    close_reason: str | None
    late: int
    opened: Opened
    closed: Closed | None
    phones: list[Phone]


class Shifts(Struct):
    shifts: list[Shift]


class Line(Struct):
    product: Ref
    quantity: Quantity
    characteristic: Ref | None = None


class Close(Struct):
    """reason: why he does not close it himself. goods, cash: what somebody counted; absent = nobody did."""

    reason: Annotated[str, Meta(max_length=1000)] = ""
    goods: Annotated[list[Line], Meta(max_length=1000)] | None = None
    cash: Sum | None = None


class ClosedNow(Struct):
    id: UUID
    closed_at: str
    closed_by: str | None
