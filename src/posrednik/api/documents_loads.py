"""What the page of the first load reads and sends, for the published OpenAPI."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

State = Literal["running", "stopped", "failed", "done"]


class Differing(Struct):
    """An object that does not agree. theirs, ours: versions; null = it is not there."""

    ref: str
    theirs: str | None
    ours: str | None
    why: Literal["missing", "version", "waiting", "quarantined", "gone"]


class ReadKind(Struct):
    """One kind. bad: rows in quarantine. theirs, ours: objects compared at the end, null = not yet. total: null = not
    known."""

    kind: str
    state: Literal["waiting", "read", "checked"]
    done: int
    total: int | None
    bad: int
    theirs: int | None
    ours: int | None


class Set(ReadKind):
    """differing: the first 200."""

    differing: list[Differing]


class AnyLoad(Struct):
    """The newest load of a base. kind: what is read now. rate: rows a second. reads: a process does, at this moment."""

    id: int
    base: UUID
    state: State
    kind: str | None
    done: int
    total: int | None
    bad: int
    rate: float
    left_s: float | None
    reads: bool
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    errors: list[str]


class Load(AnyLoad):
    sets: list[Set]


class Loads(Struct):
    """configured: bases that have OData in the configuration."""

    loads: list[Load]
    configured: list[UUID]


class Act(Struct):
    action: Literal["start", "stop", "resume"]
