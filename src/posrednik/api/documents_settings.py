"""What the doors of settings, mappings, tokens and the page of subscriptions read and answer, for the OpenAPI."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from posrednik.api.documents import Subscription
from posrednik.api.documents_divisions import Reason

Kind = Literal["base", "device", "person", "feed"]
Text = Annotated[str, Meta(max_length=400)]


class Changes(Struct):
    """As in a change of the division; nothing is saved."""

    changes: Annotated[dict[str, Any], Meta(max_length=20)]


class KnownReason(Struct):
    code: str
    ru: str
    en: str


class PhoneReason(Struct):
    code: str
    title: dict[str, str]


class PhoneRules(Struct):
    """What a courier's phone is told of its division: contract of the day's answer."""

    name: str
    phone: str
    time_zone: str
    radius_m: int
    cash_ceiling: str | None
    oversale: str
    sale_receipt: bool
    proofs: dict[str, dict[str, str]]
    reasons: list[PhoneReason]


class SettingsLook(Struct):
    """wrong: key → what is expected. then: null while something is wrong. proofs: the company's, which hold where the
    division names none. reasons: those that a division may take by their code. default_group: of tasks without one."""

    wrong: dict[str, str]
    now: PhoneRules
    then: PhoneRules | None
    proofs: dict[str, dict[str, str]]
    reasons: list[KnownReason]
    default_group: bool


class Place(Struct):
    ref: str
    name: str | None


CourierWrong = Literal[
    "no_user", "bad_user", "user_of_several", "no_warehouse", "several_warehouses", "user_unknown", "user_inactive",
    "user_never_came", "user_twin",
]  # fmt: skip


class SuggestedUser(Struct):
    """Who he is on the portal by all signs. by: what he was found by."""

    user: str
    name: str
    by: Literal["id", "email", "phone"]


class CourierMapping(Struct):
    """said: 1C's user. user: that holds; user_name: his on the portal, null = not known. source: 1c, or page with who,
    at and reason. wrong: no_user, bad_user, user_of_several, no_warehouse, several_warehouses; of the user on the
    portal: user_unknown, user_inactive (dismissed), user_never_came, user_twin (another active one of this name)."""

    ref: str
    name: str | None
    active: bool
    division: Place
    said: str
    user: str
    user_name: str | None
    source: Literal["1c", "page"]
    version: int
    who: str | None
    at: datetime | None
    reason: str | None
    warehouses: list[str]
    wrong: list[CourierWrong]
    suggestion: SuggestedUser | None


class DivisionMapping(Struct):
    """group: the project in Bitrix24; project: its name there, null = not known. wrong: no_group when there is not even
    a common one, group_unknown when the portal shows no such project, group_closed when it is archived."""

    ref: str
    name: str | None
    group: int | None
    project: str | None
    source: Literal["file", "page"]
    who: str | None
    at: datetime | None
    version: int
    wrong: list[Literal["no_group", "group_unknown", "group_closed"]]


class PersonMapping(Struct):
    """Somebody of the office. user: his number on the portal, "" = none. version: of the person."""

    id: UUID
    login: str
    name: str
    user: str
    user_name: str | None
    version: int
    wrong: list[CourierWrong]
    suggestion: SuggestedUser | None


class PortalProject(Struct):
    """closed: archived, it takes no tasks."""

    id: int
    name: str
    closed: bool


class PortalReading(Struct):
    """How users and projects of the portal were read. read_at: null = never. why: of the last try, "" = it was good."""

    read_at: datetime | None
    users: int
    projects: int
    why: str


class Mappings(Struct):
    """portal: there is one that can be asked. people: null for one who may not manage them."""

    couriers: list[CourierMapping]
    divisions: list[DivisionMapping]
    default_group: bool
    people: list[PersonMapping] | None
    projects: list[PortalProject]
    portal: bool
    reading: PortalReading


class MapCourier(Struct):
    """bitrix24_user: digits; "" = none, null = 1C's again. version: of the mapping as the page saw it."""

    bitrix24_user: Text | None
    reason: Reason
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None


class ShownToken(Struct):
    """owner_name: of the base or courier. agent: of the phone. mine: this page is opened with it."""

    id: UUID
    kind: Kind
    owner: str
    owner_name: str | None
    name: str
    made_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    ended: bool
    ended_at: datetime | None
    agent: str | None
    mine: bool


class Tokens(Struct):
    """bases, couriers: whose tokens can be made."""

    tokens: list[ShownToken]
    bases: list[Place]
    couriers: list[Place]


class NewToken(Struct):
    """owner: a base's id, a courier's ref, else a name."""

    kind: Kind
    owner: Text
    name: Text = ""


class MadeToken(Struct):
    """token: shown this once; null in a repeated answer, which is never kept with it."""

    id: UUID
    kind: Kind
    owner: str
    token: str | None


class EndedToken(Struct):
    revoked: bool


class SubscriptionState(Subscription):
    """waiting, dead: messages. oldest_s: of the first that waits, seconds. last_error: of the last hour.
    old_secret_until: the secret before a rotation still signs until then."""

    division_name: str | None = None
    destination: str = ""
    waiting: int = 0
    dead: int = 0
    oldest_s: float | None = None
    breaker: str = "closed"
    last_error: str | None = None
    last_error_at: datetime | None = None
    done_last_hour: int = 0
    old_secret_until: datetime | None = None


class EventKind(Struct):
    type: str
    title: str
    about: str


class SubscriptionsPage(Struct):
    """events: what can be subscribed to. divisions: to limit one by."""

    subscriptions: list[SubscriptionState]
    events: list[EventKind]
    divisions: list[Place]
    rotation_hours: int
