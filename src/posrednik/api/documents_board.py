"""What the doors of the board read and answer, for the published OpenAPI."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from posrednik.api.documents import Card, CardHead, Courier, Division, Money, Named, Reason, Stage


class Trouble(Struct):
    """What a person must decide about it, by the incident that has news last."""

    kind: str
    what: str


class BoardCard(CardHead):
    """One delivery as a column shows it; the rest by its own request.

    since: when it came to its stage. place: whether the last step of a phone knew where it was; null = no such step.
    planned_day: the day on whose board it stands, by its division's time zone. left_over: it is of an earlier day than
    today and still open.
    """

    planned_day: date
    left_over: bool
    since: datetime | None
    amount_due: Money
    amount_taken: Money | None
    on_hand: Money
    payment_method: str | None
    claimed_back: bool
    incidents: int
    trouble: Trouble | None
    discrepant: bool
    photos: int
    place: bool | None
    comments: int
    next_date: date | None
    trial: bool
    changed_at: datetime
    allowed: list[str]


class Column(Struct):
    """on_hand: cash that was taken and not handed in."""

    stage: Stage
    n: int
    due: Money
    taken: Money
    on_hand: Money


class Board(Struct):
    """cards: a page of them, newest change first; `next` asks for the next one (`after`). columns: of all that fit.

    cursor: from which the stream goes on (`Last-Event-ID`). deliveries: the same page as whole cards, unless `slim`.
    """

    cards: list[BoardCard]
    columns: list[Column]
    cursor: str
    next: str | None
    made_at: datetime
    deliveries: list[Card]
    counts: dict[str, int]
    couriers: list[Courier]
    divisions: list[Division]
    reasons: list[Reason]


class MoneyLine(Struct):
    """One posting of the ledger; below zero: it went back to the customer."""

    at: datetime
    title: str
    account: str
    sum: Money
    courier: Named | None


class Comment(Struct):
    id: UUID
    at: datetime
    author: str
    text: str


class NewComment(Struct):
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class DeliveryCard(Card):
    """The whole card. money: its lines of the ledger. systems: where it is in each system, and why it waits."""

    planned_day: date
    discrepant: bool
    money: list[MoneyLine]
    comments: list[Comment]
    systems: list[dict[str, Any]]
