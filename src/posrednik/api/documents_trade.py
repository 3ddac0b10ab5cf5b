"""What the office's pages of cash and backpacks read and send, for the published OpenAPI."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Sum = Annotated[str | float, Meta(description="Rubles; two digits at most")]
Text = Annotated[str, Meta(max_length=1000)]
Ref = Annotated[str, Meta(min_length=1, max_length=100)]


class CashDesk(Struct):
    """couriers: without what is expected of them, for the count is blind."""

    couriers: list[dict[str, Any]]
    counts: list[dict[str, Any]]


class CashBook(Struct):
    """difference: what counts differ by and nobody has decided on; below zero it is missing."""

    courier: dict[str, Any]
    to_hand_in: str
    difference: str
    lines: list[dict[str, Any]]


class Count(Struct):
    """counted: what the receiver counted before anything was shown to him. declared: only so much is handed in."""

    courier: Ref
    counted: Sum
    declared: Sum | None = None


class Counted(Struct):
    """state: posted, or needs_reason. settled: numbers of orders."""

    id: UUID
    state: str
    counted: str
    expected: str
    difference: str
    settled: list[str]


class Confirmation(Struct):
    reason: Text = ""
    second: Text = ""


class Change(Struct):
    courier: Ref
    sum: Sum


class DifferenceDecision(Struct):
    """decision: the money that is missing is no longer owed, or what was over is his again. sum: absent = all of it."""

    decision: Literal["shortage", "surplus"]
    sum: Sum | None = None
    reason: Text = ""
    second: Text | None = None


class DecidedDifference(Struct):
    """decided, difference: signed as in the book; the second is what is left to decide."""

    decided: str
    difference: str
    to_hand_in: str


class CashCorrection(Struct):
    """event: id of the line of a hand-in or of change."""

    event: UUID
    sum: Sum
    reason: Text = ""
    second: Text | None = None


class Backpacks(Struct):
    couriers: list[dict[str, Any]]


class Decision(Struct):
    product: Ref
    quantity: Annotated[str | float, Meta(description="Units; three digits at most")]
    characteristic: Ref | None = None
    reason: Text = ""


class Done(Struct):
    done: bool
