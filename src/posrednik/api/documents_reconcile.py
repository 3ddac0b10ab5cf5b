"""What the page of reconciliation reads and sends, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Kind = Annotated[str, Meta(min_length=1, max_length=30)]
Month = Annotated[str, Meta(max_length=7, description="YYYY-MM of documents, or empty = all of the kind")]


class Slice(Struct):
    """The last comparison of a slice. theirs, ours: objects. differed: of `times` comparisons."""

    kind: str
    slice: str
    at: datetime
    theirs: int
    ours: int
    equal: bool
    asked: bool
    times: int
    differed: int


class Base(Struct):
    """share: of objects, null = nothing was compared yet. lost: by a restore, not decided."""

    id: UUID
    name: str
    checked: int
    agreeing: int
    share: float | None
    lost: int
    last_at: datetime | None
    slices: list[Slice]


class Reconciliation(Struct):
    bases: list[Base]


class Comparison(Struct):
    """Null where a person asked and nothing was compared."""

    at: datetime
    theirs: int | None
    ours: int | None
    equal: bool | None
    asked: bool


class History(Struct):
    comparisons: list[Comparison]


class Ask(Struct):
    base: UUID
    kind: Kind
    slice: Month = ""


class Asked(Struct):
    """asked: false = it was asked for less than a minute ago."""

    asked: bool


class Field(Struct):
    """How many of the sample differed in it. field: "" = could not be read, or is on one side only."""

    kind: str
    field: str
    count: int


class Sample(Struct):
    """Objects drawn at random, compared field by field. share: of `checked`; low, high: where that of all objects lies
    (Wilson, 95 %). Null: none has come yet."""

    size: int
    checked: int
    agreed: int
    share: float | None
    low: float | None
    high: float | None
    fields: list[Field]


class Summary(Struct):
    """differed: of `slices`. objects: compared, agreeing: of them, both by the first comparison of each slice. Of a
    slice that differs and was not listed none agrees, so that the share is agreeing / objects. `found`: objects that
    differ by name, repaired: of these that have come again; unknown: that 1C has not. late: not finished in time."""

    id: UUID
    base: UUID
    base_name: str
    state: Literal["running", "done", "late"]
    reason: Literal["nightly", "asked", "load"]
    by: str
    started_at: datetime
    finished_at: datetime | None
    slices: int
    differed: int
    objects: int
    agreeing: int
    repaired: int
    unknown: int
    sample: Sample | None


class Run(Summary, kw_only=True):
    found: int


class Runs(Struct):
    runs: list[Run]


class Found(Struct):
    """what: waiting = it came and waits for what it refers to; quarantined = it came and cannot be read; sample = its
    `fields` differed. name: number or name, empty = not known here."""

    kind: str
    ref: str
    name: str
    what: Literal["missing_here", "changed", "missing_there", "waiting", "quarantined", "sample"]
    fields: list[str]
    repaired_at: datetime | None


class RunDetail(Summary, kw_only=True):
    """found: at most 1000 of the objects and of those of the sample, first what still differs. found_count: all objects
    that differed."""

    found_count: int
    found: list[Found]


class Start(Struct):
    """sample: objects to be compared field by field."""

    base: UUID
    sample: Annotated[int, Meta(ge=0, le=2000)] = 400


class Started(Struct):
    """started: false = `run` was under way already."""

    run: UUID
    started: bool
