"""What the doors of incidents and of a delivery's steps read and answer, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from posrednik.api.documents import Named


class News(Struct):
    at: datetime
    what: str


class Incident(Struct):
    """What a person must decide. times: how often it was found; news: what was found last, newest first. moves: the
    decisions that also post a correction. together: many of this kind may be decided at once."""

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
    moves: list[str]
    together: bool
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class OpenOfKind(Struct):
    kind: str
    title: str
    open: int


class Incidents(Struct):
    """open, kinds: how many wait for a decision, whatever was asked for. couriers, divisions: to choose from."""

    incidents: list[Incident]
    open: int
    kinds: list[OpenOfKind]
    couriers: list[dict[str, Any]]
    divisions: list[Named]


class MoneyMoved(Struct, rename={"source": "from"}):
    sum: str
    source: str
    to: str


class GoodsMoved(Struct, rename={"source": "from"}):
    quantity: str
    name: str
    source: str
    to: str


class MessageOf(Struct):
    """state: waits or done; text: why it waits."""

    destination: str
    title: str
    state: Literal["waits", "done"]
    text: str


class Caused(Struct):
    """One event of a decision: what it posted, and where its messages are."""

    id: UUID
    type: str
    title: str
    order_number: str | None
    money: list[MoneyMoved]
    goods: list[GoodsMoved]
    messages: list[MessageOf]


class Effect(Struct):
    effect: list[Caused]


class WholeIncident(Incident):
    """effect: of its decision; empty while it is open and for a decision that posts nothing."""

    effect: list[Caused] = []


class Decision(Struct, frozen=True):
    """decision: accepted, corrected, rejected, explained, or one of the incident's `moves`: settled (differing cash is
    posted), written_off, found (goods that are short), recreated, left (a deleted task). reason: a must."""

    decision: Annotated[str, Meta(max_length=50, examples=["explained"])]
    reason: Annotated[str, Meta(max_length=2000)] = ""


class Decisions(Struct, frozen=True):
    """ids: of open incidents of one kind of evidence."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    decision: Annotated[str, Meta(max_length=50, examples=["explained"])]
    reason: Annotated[str, Meta(max_length=2000)] = ""


class DecidedMany(Struct):
    """before: ids that somebody had decided already."""

    decided: int
    before: list[UUID]


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
