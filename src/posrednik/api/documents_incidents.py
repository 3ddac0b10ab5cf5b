"""What the doors of incidents and of a delivery's steps read and answer, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from posrednik.api.documents import Named


class News(Struct):
    at: datetime
    what: str


class Incident(Struct):
    """What a person must decide. times: how often it was found; news: what was found last, newest first."""

    id: UUID
    kind: Annotated[str, Meta(examples=["far_from_address", "amount_mismatch"])]
    title: str
    severity: Literal["notice", "warning", "alarm"]
    state: Literal["open", "decided"]
    what: str
    why: str
    suggestion: str
    order_number: str | None
    order_ref: str | None
    delivery_id: str | None
    courier: Named | None
    division: Named | None
    raised_at: datetime
    last_at: datetime
    times: int
    news: list[News]
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class Incidents(Struct):
    """open: how many wait for a decision, whatever was asked for."""

    incidents: list[Incident]
    open: int


class Decision(Struct, frozen=True):
    """decision: accepted, corrected, rejected, explained, or of differing cash settled, which also moves the money.
    reason: a must."""

    decision: Annotated[str, Meta(max_length=50, examples=["explained"])]
    reason: Annotated[str, Meta(max_length=2000)] = ""


class StepPhoto(Struct):
    """small, full: links that are good for a few minutes; absent while the picture has not arrived."""

    sha256: str
    arrived: bool
    small: str | UnsetType = UNSET
    full: str | UnsetType = UNSET


class Flag(Struct):
    kind: str
    what: str
    why: str


class Step(Struct):
    """event_id: of the phone's event, null for an action of the office. distance_m: from the address."""

    event_id: UUID | None
    action: str
    title: str
    state: Literal["accepted", "rejected", "parked"]
    courier: Named | None
    at_device: datetime | None
    occurred_at: datetime
    received_at: datetime
    distance_m: int | None
    accuracy_m: int | None
    geo_error: str | None
    photos: list[StepPhoto]
    flags: list[Flag]
    code: str
    message: str


class Steps(Struct):
    steps: list[Step]
