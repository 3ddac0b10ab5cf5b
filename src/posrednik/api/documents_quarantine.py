"""What the pages of quarantine and of value maps read and send, for the published OpenAPI."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Big = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Short = Annotated[str, Meta(max_length=50)]
Value = Annotated[str, Meta(max_length=200)]
Type = Literal["text", "guid", "money", "quantity", "flag", "time", "number"]


class Unread(Struct):
    """What could not be read. field: its path (`lines.product`), "" = the whole, null = not kept. value: "" = empty
    or absent, null = no single value. expects: how the field is read, null = it is none of the data's. refers: the kind
    that it points to. may_map: a map can be made of it."""

    base: str
    base_id: UUID
    kind: str
    code: str
    message: str
    field: str | None
    value: str | None
    expects: Type | None
    refers: str | None
    may_map: bool


class Quarantined(Unread, kw_only=True):
    id: int
    ref: str
    received_at: datetime
    number: int


class Quarantine(Struct):
    objects: list[Quarantined]
    next: int | None


class QuarantinedWhole(Quarantined, kw_only=True):
    """raw: the object as it came, phone numbers and secrets masked; a text if it is no JSON."""

    raw: Any = None


class Reason(Unread, kw_only=True):
    """Objects that lie in quarantine for one and the same reason. message: of one of them."""

    count: int
    first_at: datetime
    last_at: datetime


class Reasons(Struct):
    """The most frequent first. more: there are further ones."""

    reasons: list[Reason]
    more: bool


class ReplayQuarantine(Struct):
    """Which objects; nothing named = all, at most 5 000 of a base. dry_run: only say what would become of them."""

    dry_run: bool = True
    ids: Annotated[list[Big], Meta(max_length=500)] | None = None
    base: UUID | None = None
    kind: Short | None = None
    code: Short | None = None
    field: Short | None = None
    value: Value | None = None


class TriedAgain(Struct):
    """became: applied, unchanged, stale (a newer version holds), waiting (for what it refers to), bad (stays)."""

    id: int
    kind: str
    ref: str
    became: Literal["applied", "unchanged", "stale", "waiting", "bad"]
    code: str
    message: str


class ReplayedQuarantine(Struct):
    """count: those that can be read now. more: there may be more than were tried. objects: the first hundred."""

    count: int
    replayed: int
    more: bool
    objects: list[TriedAgain]


class ValueMap(Struct):
    """ours_name: of the object that `ours` refers to."""

    id: int
    base: UUID
    base_name: str
    kind: str
    field: str
    theirs: str
    ours: str
    ours_name: str | None
    by: str
    at: datetime


class ValueMaps(Struct):
    maps: list[ValueMap]


class MapValue(Struct):
    """theirs: as the base writes it, "" = empty. dry_run: only say what would become of objects that wait for it."""

    base: UUID
    kind: Short
    field: Short
    theirs: Value
    ours: Annotated[str, Meta(min_length=1, max_length=200)]
    dry_run: bool = True


class MappedValue(ReplayedQuarantine, kw_only=True):
    """id: null after a dry run. waited: objects that waited for what `theirs` refers to, and do no more."""

    id: int | None
    waited: int


class Unmapped(Struct):
    base: UUID
    kind: str
    field: str
    theirs: str
    ours: str


class Field(Struct):
    """values: that Posrednik itself knows of a list; others are kept as they are."""

    field: str
    type: Type
    refers: str | None
    required: bool
    values: list[str]


class KindFields(Struct):
    kind: str
    fields: list[Field]


class Fields(Struct):
    kinds: list[KindFields]


class Choice(Struct):
    ref: str
    name: str | None


class Choices(Struct):
    """The first fifty by name."""

    choices: list[Choice]
