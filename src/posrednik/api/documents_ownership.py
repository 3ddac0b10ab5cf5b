"""What the page «Владение полями» reads and sends, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(max_length=100)]
Owner = Annotated[str, Meta(max_length=200)]


class OwnerTitle(Struct):
    """Somebody who can own a field: a system, or `base:NAME`."""

    owner: str
    title: str


class OwnedField(Struct):
    """default: no row speaks of it. source: where the row is that does. inherited: it is that of the kind's other
    fields. else_owners: what would hold without the page's own row. required: a new object without it cannot be.

    refused_7d: writes of others in seven days; last_by: the system that tried most.
    """

    field: str
    title: str
    owners: list[str]
    default: bool
    source: Literal["default", "file", "page"]
    inherited: bool
    else_owners: list[str]
    who: str | None
    at: datetime | None
    reason: str | None
    required: bool
    refused_7d: int
    last_at: datetime | None
    last_by: str | None


class OwnedKind(Struct):
    kind: str
    title: str
    fields: list[OwnedField]


class Ownership(Struct):
    version: int
    owners: list[OwnerTitle]
    kinds: list[OwnedKind]


class ChangeOwnership(Struct):
    """changes: `{kind}.{field}` → owners, null = as the file or the default has it. version: that the page saw."""

    changes: Annotated[
        dict[Name, Annotated[list[Owner], Meta(min_length=1, max_length=50)] | None], Meta(max_length=500)
    ]
    reason: str
    version: int | None = None
