"""What the doors for people read and answer: who they are, how they sign in, what they did."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Short = Annotated[str, Meta(max_length=200)]
Password = Annotated[str, Meta(max_length=1000)]
Code = Annotated[str, Meta(max_length=40)]


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


class SignIn(Struct):
    """code: of the telephone, or a recovery code. new_password: instead of one that works once."""

    login: Short
    password: Password
    code: Code | None = None
    new_password: Password | None = None


class Ticket(Struct):
    ticket: Short


class SignedIn(Struct):
    token: str
    expires_at: datetime
    name: str


class Done(Struct):
    done: bool


class Ended(Struct):
    ended: int


class Account(Struct):
    """Who is signed in. recovery_left: recovery codes that are not used."""

    login: str
    name: str
    email: str
    bitrix24_user: str | None
    totp: bool
    recovery_left: int


class NewPassword(Struct):
    password: Password
    new_password: Password


class OwnPassword(Struct):
    password: Password


class Totp(Struct):
    """secret: base32, to be typed. qr: its rows of modules, 1 = dark."""

    secret: str
    url: str
    qr: list[list[int]]


class TotpCode(Struct):
    code: Code


class TotpOff(Struct):
    password: Password
    code: Code


class Recovery(Struct):
    """Shown once; each works once instead of a code of the telephone."""

    recovery: list[str]


class Session(Struct, rename={"from_at": "from"}):
    id: UUID
    browser: str
    entry: Literal["password", "portal", "token"]
    from_at: datetime
    last_at: datetime
    until: datetime | None
    current: bool


class Sessions(Struct):
    sessions: list[Session]


class Person(Struct):
    """divisions: null = all of them. one_time_until: his password works once and only until then."""

    id: UUID
    login: str
    name: str
    email: str
    bitrix24_user: str | None
    roles: list[str]
    divisions: list[str] | None
    active: bool
    totp: bool
    has_password: bool
    one_time_until: datetime | None
    sessions: int
    last_at: datetime | None
    version: int


class RoleName(Struct):
    role: str
    rights: list[str]


class People(Struct):
    people: list[Person]
    roles: list[RoleName]
    divisions: list[DivisionName]


class NewPerson(Struct):
    login: Short
    name: Short
    roles: Annotated[list[Short], Meta(max_length=10)]
    divisions: Annotated[list[Short], Meta(max_length=1000)] | None = None
    email: Short = ""
    bitrix24_user: Short | None = None


class PersonChanges(Struct):
    """What is not named stays. version: the one that was seen. divisions: null = all."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    name: Short | UnsetType = UNSET
    email: Short | UnsetType = UNSET
    bitrix24_user: Short | UnsetType | None = UNSET
    roles: Annotated[list[Short], Meta(max_length=10)] | UnsetType = UNSET
    divisions: Annotated[list[Short], Meta(max_length=1000)] | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class OneTimePassword(Struct):
    """password: shown once, works once until then, and must be replaced at that sign-in."""

    id: UUID
    password: str
    until: datetime


class AuditRow(Struct):
    """action: the right that it took. outcome: done, or the code of a refusal that was remembered; outcome_text: what
    that means, null = done."""

    id: int
    at: datetime
    who: str
    name: str
    action: str
    operation: str
    subject: str
    division: DivisionName | None
    outcome: str
    outcome_text: str | None
    data: dict[str, Any]


class Named(Struct):
    """What a ref or an id of the acts is called. ref: what its page is opened by."""

    kind: Literal["order", "courier", "division", "product", "base", "person", "token", "subscription", "destination"]
    title: str
    ref: str


class Actor(Struct):
    who: str
    name: str


class Audit(Struct):
    """next: give it as `before` for the rows before these; null = there are none. people: everybody who is in it.
    names: of the refs and ids in the acts that are known, by them (of a destination: `destination:<id>`)."""

    acts: list[AuditRow]
    next: int | None
    people: list[Actor]
    names: dict[str, Named]
