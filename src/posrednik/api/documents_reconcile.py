"""What the page of reconciliation reads and sends, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated
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
