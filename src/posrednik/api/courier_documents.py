"""What a courier's phone reads and sends, for the published OpenAPI (contract.md §5)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from posrednik.api.documents import Money, Stage

Quantity = Annotated[str, Meta(description="Units with up to three digits after the point", examples=["1.5"])]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$", description="Of the photo's bytes, in hex")]
Level = Literal["required", "warn", "optional", "off"]


class ServerTime(Struct):
    server_time: datetime


class CourierSelf(Struct):
    ref: str
    name: str
    phone: str
    division: str


class TwoTongues(Struct):
    ru: str
    en: str


class ReasonTold(Struct):
    code: str
    title: TwoTongues


class DivisionRulesTold(Struct):
    """proofs: step → proof (photo, position, amount, items, code) → level."""

    name: str
    phone: str
    time_zone: str
    radius_m: int
    cash_ceiling: Money | None
    proofs: dict[str, dict[str, Level]]
    reasons: list[ReasonTold]


class OrderTold(Struct):
    ref: str
    number: str
    site_number: str | None


class Contact(Struct):
    name: str
    phone: str


class LineTold(Struct):
    line: str
    product: str
    characteristic: str | None
    name: str
    unit: str
    by_weight: bool
    quantity: Quantity
    price: Money
    sum: Money
    picked: Quantity
    accepted: Quantity
    refused: Quantity
    carried: Quantity
    returned: Quantity


class PhotoTold(Struct):
    sha256: Sha256
    action: str
    at: datetime


class DeliveryTold(Struct):
    """mine: False = another courier's by now, but these goods are still with this one."""

    id: UUID
    version: int
    division: str
    stage: Stage
    mine: bool
    trial: bool
    order: OrderTold
    recipient: Contact
    address: dict[str, Any]
    window: dict[str, datetime] | None
    comment: str | None
    lines: list[LineTold]
    goods: Money
    delivery_price: Money
    prepaid: Money
    amount_due: Money
    amount_due_by_hand: bool
    payment_method: str | None
    receipt: bool
    receipt_url: str | None
    amount_taken: Money | None
    reference: str | None
    reason: str | None
    reason_comment: str | None
    next_date: str | None
    retries: int
    goods_out: bool
    claimed_back: bool
    times: dict[str, datetime | None]
    photos: list[PhotoTold]


class BackpackTold(Struct):
    product: str
    characteristic: str | None
    name: str
    unit: str
    by_weight: bool
    quantity: Quantity


class CashTold(Struct):
    """change: issued when the shift opened. collected: taken in it. to_hand_in: what the courier holds now."""

    change: Money
    collected: Money
    to_hand_in: Money


class ShiftTold(Struct):
    id: UUID
    opened_at: datetime
    change: Money


class DeviceTold(Struct):
    """whole_to: all numbers up to here have come."""

    whole_to: int
    last_seq: int
    missing: list[int]


class CourierDay(Struct):
    server_time: datetime
    day: str
    time_zone: str
    rules_version: str
    rules: dict[str, DivisionRulesTold]
    courier: CourierSelf
    deliveries: list[DeliveryTold]
    backpack: list[BackpackTold]
    cash: CashTold
    shift: ShiftTold | None
    device: DeviceTold | None


class GeoSent(Struct):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: float | None = None


class CourierEvent(Struct):
    """One act. seq: the phone's own count, from 1 without gaps. version: of the delivery as the courier saw it."""

    id: UUID
    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    type: Annotated[str, Meta(min_length=1, max_length=60, examples=["delivery.hand_over"])]
    at_device: datetime
    delivery: UUID | None = None
    clock_offset_ms: float | None = None
    geo: GeoSent | None = None
    geo_error: str | None = None
    photos: list[Sha256] | None = None
    version: int | None = None
    rules_version: str | None = None
    payload: dict[str, Any] | None = None


class CourierEvents(Struct):
    """device: a text of the phone. unsent: how many events are still on it."""

    device: Annotated[str, Meta(min_length=1, max_length=100)]
    events: Annotated[list[CourierEvent], Meta(max_length=200)]
    app_version: str | None = None
    unsent: int | None = None


class CourierResult(Struct, omit_defaults=True):
    id: str
    status: Literal["accepted", "duplicate", "rejected", "retry_later"]
    code: str = ""
    message: str = ""
    incident: UUID | None = None


class CourierAnswers(Struct):
    """missing: numbers of the phone that have not come; send them again."""

    server_time: datetime
    results: list[CourierResult]
    missing: list[int]
