"""What the doors read and answer, for the published OpenAPI (contract.md §1 to §4).

The hot path reads raw bytes by itself; a test holds these shapes against real requests and answers.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Number = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Instance = Annotated[str, Meta(min_length=1, max_length=500, description="Tells one copy of the base from another")]
Money = Annotated[str, Meta(pattern=r"^-?\d+\.\d{2}$", description="Rubles with two digits")]
Data = Annotated[dict[str, Any], Meta(description="By kind or type: see the table of the contract")]
Stage = Literal["ready", "picked_up", "en_route", "handed_over", "settled", "not_delivered", "returned", "cancelled",
                "withdrawn"]  # fmt: skip


class Fault(Struct):
    pointer: str
    detail: str


class Problem(Struct):
    """RFC 9457. `code` is stable and English; `detail` follows Accept-Language, Russian by default.

    proofs: of `proof_missing`, what is missing.
    """

    type: str
    status: int
    code: str
    title: str
    detail: str
    errors: list[Fault] | UnsetType = UNSET
    proofs: list[str] | UnsetType = UNSET


# -- 1C, in


class Object(Struct):
    """The state of one reference item or document of 1C."""

    kind: Annotated[str, Meta(examples=["order", "product"])]
    ref: str
    version: str | int | float | None = None
    deleted: bool | None = False
    posted: bool | None = True
    event: UUID | None = None
    data: Data | None = None


class Command(Struct):
    """What a person wants done."""

    id: UUID
    type: Annotated[str, Meta(examples=["delivery.ready"])]
    data: Data
    issued_at: datetime | None = None
    issued_by: str | None = None


class Message(Struct):
    base: UUID
    epoch: UUID
    instance: Instance
    number: Number
    sent_at: datetime | None = None
    objects: list[Object] | None = None
    commands: list[Command] | None = None


class SingleCommand(Struct):
    base: UUID
    epoch: UUID
    instance: Instance
    command: Command


class EpochCall(Struct):
    base: UUID
    epoch: UUID
    instance: Instance
    reason: str | None = ""


class Counts(Struct):
    applied: int
    unchanged: int
    stale: int
    waiting: int


class Quarantined(Struct):
    index: int
    kind: str
    ref: str
    code: str
    message: str


class DeliveryNow(Struct):
    id: UUID
    version: int
    stage: Stage
    amount_due: Money
    courier: str | None


class CommandResult(Struct):
    delivery: DeliveryNow | UnsetType | None = UNSET
    already: bool | UnsetType = UNSET


class CommandAnswer(Struct):
    """What became of one command."""

    id: str
    status: Literal["done", "waiting", "rejected"]
    code: str | None
    message: str | None
    result: CommandResult


class MessageAnswer(Struct):
    """`applied + unchanged + stale + waiting + quarantined` = objects sent."""

    status: Literal["accepted", "duplicate"]
    number: int
    last_accepted: int
    epoch: UUID
    objects: Counts
    released: int
    quarantined: list[Quarantined]
    commands: list[CommandAnswer]
    gap: list[int]


class EpochAnswer(Struct):
    epoch: UUID
    last_accepted: int


class StateAnswer(Struct):
    epoch: UUID | None
    last_accepted: int
    gaps: list[int]
    waiting: int
    quarantined: int
    outgoing: int


# -- 1C, out


class Subject(Struct):
    kind: str
    id: str
    order_ref: str | UnsetType = UNSET
    order_number: str | UnsetType = UNSET


class Actor(Struct):
    kind: str
    ref: str | None = None
    name: str | None = None


class OutgoingEvent(Struct):
    id: UUID
    number: int
    type: str
    subject: Subject
    version: int
    occurred_at: datetime
    actor: Actor
    division: str | None
    trial: bool
    data: Data


class Batch(Struct):
    batch: UUID
    events: list[OutgoingEvent]


class Rejection(Struct):
    """retry: it may become possible; only that subject's lane waits."""

    id: UUID
    code: str | None = ""
    message: str | None = ""
    retry: bool | None = False


class Ack(Struct):
    base: UUID
    epoch: UUID
    instance: Instance
    batch: UUID | None = None
    accepted: list[UUID] | None = None
    rejected: list[Rejection] | None = None


class AckAnswer(Struct):
    accepted: int
    rejected: int


# -- subscribers


class Subscription(Struct):
    id: UUID
    url: str
    events: list[str]
    division: str | None
    state: Literal["open", "paused", "disabled"]
    why: str
    made_at: datetime


class NewSubscriptionAnswer(Struct):
    """The secret is shown only here and after a rotation."""

    id: UUID
    url: str
    events: list[str]
    division: str | None
    secret: Annotated[str, Meta(pattern="^whsec_")]


class Subscriptions(Struct):
    subscriptions: list[Subscription]


class Removed(Struct):
    removed: bool


class Rotated(Struct):
    id: UUID
    secret: str


class Queued(Struct):
    queued: bool


class FeedOrder(Struct):
    ref: str
    number: str
    site_number: str | UnsetType = UNSET


class FeedDelivery(Struct):
    """What a subscriber learns of a delivery, by webhook and by feed alike."""

    id: UUID
    version: int
    stage: Stage
    order: FeedOrder
    amount_due: Money
    courier: dict[str, str] | UnsetType = UNSET
    amount_taken: Money | UnsetType = UNSET
    refused: list[dict[str, Any]] | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    next_date: str | UnsetType = UNSET


class FeedData(Struct):
    event_id: UUID
    delivery: FeedDelivery


class FeedEvent(Struct):
    type: str
    timestamp: datetime
    data: FeedData


class Feed(Struct):
    """Ask next with `after` = `next`."""

    events: list[FeedEvent]
    next: str


# -- photos


class KeptPhoto(Struct):
    """width, height: pixels, upright."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    bytes: int
    width: int
    height: int


# -- people


class Named(Struct):
    ref: str
    name: str | None


class Courier(Named):
    division: str | None


class Reason(Struct):
    code: str
    title: str


class Recipient(Struct):
    name: str
    phone: str


class CardLine(Struct):
    line: str
    name: str
    unit: str
    quantity: str
    price: Money
    sum: Money
    accepted: str
    refused: str
    carried: str


class Window(Struct, rename={"from_at": "from", "to_at": "to"}):
    from_at: datetime
    to_at: datetime


class Brought(Struct):
    line: str
    quantity: str


class CardHead(Struct):
    """What every card of a delivery begins with."""

    id: UUID
    order_ref: str
    order_number: str
    site_number: str | None
    stage: Stage
    version: int
    courier: Named | None
    division: Named
    recipient: Recipient
    address: dict[str, Any]
    window: Window | None
    time_zone: str


class Card(CardHead):
    """One delivery as people's screens show it. allowed: the actions that may be offered now.

    incidents: how many are open. photos: how many its steps name. claimed_back: what the courier says he brings back.
    """

    comment: str | None
    lines: list[CardLine]
    delivery_price: Money
    prepaid: Money
    amount_due: Money
    amount_due_by_hand: bool
    amount_taken: Money | None
    payment_method: str | None
    receipt: bool
    receipt_url: str | None
    reason: str | None
    claimed_back: list[Brought] | None
    incidents: int
    photos: int
    next_date: str | None
    trial: bool
    changed_at: datetime | None
    allowed: list[str]


class Division(Named):
    """reasons: codes of those with which its couriers may fail to deliver."""

    reasons: list[str]


class Contradiction(Struct):
    kind: str
    what: str
    why: str
    suggestion: str


class ActionAnswer(Struct):
    delivery: Card
    already: bool
    contradictions: list[Contradiction]


class Found(Struct):
    order_ref: str
    number: str | None
    site_number: str | None
    base: str


class Way(Struct):
    """With exactly one order found, its whole way through all systems."""

    found: list[Found]
    way: dict[str, Any] | UnsetType = UNSET


class Replayed(Struct):
    count: int
    replayed: int
    first: list[dict[str, Any]]


class Skipped(Struct):
    skipped: bool


class DeadLetters(Struct):
    dead: list[dict[str, Any]]
