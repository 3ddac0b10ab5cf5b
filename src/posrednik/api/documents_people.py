"""What the doors for people read and answer: who they are, how they sign in, what they did."""

from msgspec import Struct


class DivisionName(Struct):
    ref: str
    name: str


class Me(Struct):
    """divisions: null = all of them. rights: what the pages are shown and hidden by; the server asks again."""

    name: str
    login: str | None
    roles: list[str]
    rights: list[str]
    divisions: list[DivisionName] | None
    time_zone: str
