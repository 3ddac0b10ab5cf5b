"""What the exchange pages read and send, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Big = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Reason = Annotated[str, Meta(max_length=500)]


class Limits(Struct):
    """rate: calls a second. burst: most at once. fill: 0 (used up) to 1 (all free)."""

    rate: float
    burst: float
    fill: float


class Pause(Struct):
    method: str
    left_s: float
    why: str


class Destination(Struct):
    """per_minute: sent in the last five minutes. oldest_s: age of what has waited longest."""

    id: int
    name: str
    kind: str
    title: str
    state: Literal["open", "paused", "disabled"]
    why: str
    breaker: Literal["closed", "open", "half_open"]
    breaker_until: datetime | None
    breaker_why: str
    waiting: int
    dead: int
    oldest_s: float | None
    last_error: str | None
    last_error_at: datetime | None
    done_last_hour: int
    failed_last_hour: int
    per_minute: float
    limits: Limits | None
    pauses: list[Pause]


class Exchange(Struct):
    destinations: list[Destination]
    bases: list[dict[str, Any]]
    workers: list[dict[str, Any]]


class Lane(Struct):
    """may_hasten: `send-now` would be taken."""

    lane_id: int
    destination: str
    key: str
    order_number: str | None
    depth: int
    state: str
    why: str
    why_text: str
    due_at: datetime | None
    attempt: int
    since: datetime | None
    may_hasten: bool


class Lanes(Struct):
    lanes: list[Lane]


class Line(Struct):
    """One line of the journal."""

    id: int
    at: datetime
    kind: str
    system: str
    outcome: str
    order_number: str | None
    order_ref: UUID | None
    event_id: UUID | None
    attempt: int | None
    duration_ms: int | None
    code: str
    summary: str


class Journal(Struct):
    """next: `before` of the next page, null at the end."""

    lines: list[Line]
    next: str | None
    took_ms: int


class WholeLine(Line):
    """detail: what was written down with it. event: what it was about. message: what 1C sent, as far as it is shown; in
    all of them phone numbers and secrets are masked. cut: the message is longer than what is shown."""

    detail: Any = None
    event: Any = None
    message: Any = None
    cut: bool = False


class Switch(Struct):
    """state: paused = nothing is sent and all of it waits. reason: a must."""

    state: Literal["open", "paused"]
    reason: Reason = ""


class Switched(Struct):
    state: str
    was: str


class Done(Struct):
    done: bool
