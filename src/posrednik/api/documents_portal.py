"""What the tab «Битрикс24» and the alarms on top of «Обмены» read, for the published OpenAPI."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Alarm(Struct):
    """Something that an administrator has to know now. subject: which of several. title: what happened; text: what it
    means; todo: what to do."""

    code: str
    subject: str
    level: Literal["red", "amber"]
    since: datetime | None
    title: str
    text: str
    todo: str


class Alarms(Struct):
    """The gravest first."""

    alarms: list[Alarm]


class Access(Struct):
    """way: by what calls are made. user: who acts. state, why: of our application there, "" = not installed.
    days_left: until its tokens end unless they are renewed."""

    way: Literal["application", "webhook", "none"]
    user: int | None
    user_name: str | None
    application: bool
    state: Literal["", "installed", "broken", "uninstalled", "unreadable"]
    why: str
    scope: list[str]
    installed_at: datetime | None
    renewed_at: datetime | None
    days_left: int | None


class CallLimits(Struct):
    """rate: calls a second that are allowed now; less than configured after the portal refused some. free: at once.
    refused: since ever. slowed_at: null = nothing is slowed down."""

    rate: float
    configured: float
    burst: float
    free: float
    refused: int
    slowed_at: datetime | None


class Queued(Struct):
    """What waits, by kind of message. doubt: of these may have arrived."""

    method: str
    waiting: int
    dead: int
    doubt: int
    oldest_s: float | None


class Method(Struct):
    """calls, refused: since ever. operating_s: of the limit_s seconds that it may run in ten minutes; learned: a
    refusal taught that limit. rests_s: how long it is left alone, why: the reason. code, at: of the last answer,
    "" = a yes."""

    method: str
    calls: int
    refused: int
    operating_s: float | None
    limit_s: float | None
    learned: bool
    reset_at: datetime | None
    rests_s: float
    why: str
    code: str
    at: datetime


class Events(Struct):
    """forged: calls at the door of events that were none of the portal's, since ever."""

    count: int
    last_at: datetime | None
    forged: int
    last_forged_at: datetime | None


class Watch(Struct):
    """polled_at: changes were read. failed_since, failure: they cannot be. compared_at: all open tasks were. swept_at:
    doubles were looked for."""

    polled_at: datetime | None
    failed_since: datetime | None
    failure: str
    compared_at: datetime | None
    swept_at: datetime | None


class Duplicate(Struct):
    """A delivery with several tasks. kept: the one that is written."""

    delivery: str
    order_number: str
    order_ref: str | None
    tasks: list[int]
    kept: int | None
    found_at: datetime


class CheckLine(Struct):
    key: str
    state: Literal["ok", "warn", "wrong", "skip", "done"]
    title: str
    text: str


class Check(Struct):
    at: datetime
    by: str
    lines: list[CheckLine]


class Portal(Struct):
    """standing: the worst that holds; why: of it, "" = it works. stopped_at: nothing is possible there since then.
    ok_at: the last call that was answered by a yes."""

    url: str
    standing: Literal["works", "unused", "away", "stopped", "overload", "paused", "disabled"]
    why: str
    stopped_at: datetime | None
    ok_at: datetime | None
    access: Access
    limits: CallLimits | None
    queue: list[Queued]
    methods: list[Method]
    events: Events
    watch: Watch
    duplicates: list[Duplicate]
    check: Check | None


class PortalPage(Struct):
    """portal: null = there is none."""

    portal: Portal | None
