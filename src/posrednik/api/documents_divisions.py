"""What the doors of divisions' settings read and answer, for the published OpenAPI."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Mode = Literal["off", "shadow", "pilot", "live"]
Reason = Annotated[str, Meta(max_length=1000, description="Why; it stays in the history")]
Version = Annotated[int, Meta(ge=0, le=2**53 - 1, description="Of the division as the page saw it")]
Ref = Annotated[str, Meta(min_length=1, max_length=100)]


class Setting(Struct):
    """One key. source: file, or page with who and when."""

    value: Any
    source: Literal["file", "page"]
    who: str | None
    at: str | None
    file: Any


class DivisionBrief(Struct):
    ref: str
    name: str | None
    version: int
    mode: Mode
    changed: list[str]


class Divisions(Struct):
    divisions: list[DivisionBrief]


class DivisionChange(Struct):
    """kind: settings, mode, couriers. changes: key → before, after."""

    version: int
    at: str
    who: str
    kind: str
    reason: str
    changes: dict[str, Any]


class DivisionSettings(Struct):
    """settings: key → value; file: what the file says of the key. history: newest first."""

    ref: str
    name: str | None
    version: int
    mode: Mode
    changed: list[str]
    settings: dict[str, Setting]
    history: list[DivisionChange]


class DivisionEdit(Struct):
    """changes: keys of [[divisions]] in the file; null = back to the file's value."""

    changes: Annotated[dict[str, Any], Meta(min_length=1, max_length=20)]
    reason: Reason
    version: Version | None = None
