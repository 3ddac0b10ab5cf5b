"""What the page «Базы 1С» reads, for the published OpenAPI."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from posrednik.api.documents_loads import AnyLoad, ReadKind


class Count(Struct):
    """more: there are more than `count`; they were not counted to the end."""

    count: int
    more: bool


class Waits(Struct):
    """oldest_at: since when the longest waits."""

    objects: Count
    commands: Count
    oldest_at: datetime | None


class DoubtLeft(Struct):
    """slice: a month, or empty: the whole kind."""

    kind: str
    slice: str
    count: int


class Restored(Struct):
    """The base was restored from a copy or moved. at: null = its numbers went back in the same epoch.

    lost: objects that it has not, each an incident. compared, agreed: slices since then. left: objects that it has not
    confirmed yet, by slices, as they were counted within the last minutes; null = not counted yet."""

    at: datetime | None
    reason: str
    lost: int
    compared: int
    agreed: int
    left: list[DoubtLeft] | None


class Kind(Struct):
    """deleted: marked for deletion, not in `present`. changed_at: the last change of any of them."""

    kind: str
    present: int
    deleted: int
    changed_at: datetime | None


class Objects(Struct):
    """counted_at: a large mirror is counted seldom, so the figures may be minutes old."""

    counted_at: datetime
    kinds: list[Kind]


class Outgoing(Struct):
    """waiting: events not acknowledged. given: orders and the like whose events are with 1C now. dead: events that 1C
    refused for good. oldest_s: age of what has waited longest. state, why: of the destination."""

    waiting: int
    given: int
    dead: int
    oldest_s: float | None
    state: Literal["open", "paused", "disabled"]
    why: str


class LoadedKind(ReadKind):
    """differing: how many are known by name, 200 at most."""

    differing: int


class BaseLoad(AnyLoad):
    """The newest first load, as `GET /loads` tells it, without the differing objects themselves."""

    sets: list[LoadedKind]


class SeenBase(Struct):
    """epoch: null = it has never called. heard_at: the last call of any kind; message_at: the last message taken.
    gaps: ranges of numbers that are missing, the first 20; missing: how many numbers. silent: not heard for a day.
    confirmed_at: when a doubt after a restore ended.
    objects: null = not counted yet. loadable: the first load by OData is configured."""

    id: UUID
    name: str
    time_zone: str
    mode: Literal["pull", "push"]
    encoding: Literal["json", "xml"]
    epoch: UUID | None
    epoch_no: int
    epoch_at: datetime | None
    epoch_reason: str
    confirmed_at: datetime | None
    instance: str | None
    last_accepted: int | None
    heard_at: datetime | None
    message_at: datetime | None
    gaps: list[tuple[int, int]]
    missing: int
    silent: bool
    restored: Restored | None
    objects: Objects | None
    waiting: Waits
    quarantined: Count
    outgoing: Outgoing
    load: BaseLoad | None
    loadable: bool


class Bases(Struct):
    """address: where 1C sends, as the configuration has it; empty = the address of this page."""

    bases: list[SeenBase]
    address: str


class Need(Struct):
    """state: absent (never came), waiting (waits itself), quarantined (came and could not be read). name: empty = not
    known."""

    kind: str
    ref: str
    name: str
    state: Literal["absent", "waiting", "quarantined"]


class Wanted(Need):
    """One thing that others wait for, and how many do. since: the longest; null = they are many."""

    count: Count
    since: datetime | None


class Waiting(Struct):
    """number: of the message it came with, null: read by a first load. needs: the first five of needs_count."""

    kind: str
    ref: str
    name: str
    since: datetime
    number: int | None
    needs: list[Need]
    needs_count: int


class WaitingCommand(Struct):
    id: UUID
    type: str
    order: UUID | None
    since: datetime
    by: str


class WaitingPage(Struct):
    """wanted: what most wait for; most: only the first two hundred things were looked at for it. next: `after` of the
    next page, null at the end."""

    objects: list[Waiting]
    commands: list[WaitingCommand]
    wanted: list[Wanted]
    most: bool
    next: str | None
