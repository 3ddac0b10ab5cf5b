"""What the doors of the pilot read and answer, for the published OpenAPI."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from posrednik.api.documents_divisions import Mode, Reason, Ref, Version


class Check(Struct):
    """One line of the check list: what is so, what it means, what to do."""

    key: str
    state: Literal["ok", "warn", "stop"]
    title: str
    text: str


class Gate(Struct):
    """One gate on one day. fine null: no data. cases: address of what is behind it, may be empty."""

    key: str
    title: str
    day: str
    value: float | None
    limit: float | None
    fine: bool | None
    why: str
    cases: str


class PilotCourier(Struct):
    ref: str
    name: str | None
    active: bool
    mapped: bool
    chosen: bool


class TrialOrder(Struct):
    """delivery, stage: null before «Готов»."""

    order_ref: str
    order_number: str | None
    delivery: str | None
    stage: str | None


class PilotDivision(Struct):
    """since, by: null while the mode is the file's. next: what the check list is for."""

    ref: str
    name: str
    version: int
    mode: Mode
    source: Literal["file", "page"]
    since: str | None
    by: str | None
    next: Mode
    may_switch: bool
    why_not: list[str]
    checklist: list[Check]
    couriers: list[PilotCourier]
    trial_orders: list[TrialOrder]
    gates: list[Gate]


class Pilot(Struct):
    divisions: list[PilotDivision]
    gate_days: int
    status_chat: bool


class Plan(Struct):
    """tell: deliveries whose state goes to Bitrix24. hold, release: lanes. join: deliveries that enter the pilot."""

    tell: int
    hold: int
    release: int
    join: int


class SwitchMode(Struct):
    """dry_run: only the check list and the plan. force: although the check list says no."""

    mode: Mode
    reason: Reason = ""
    version: Version | None = None
    dry_run: bool = False
    force: bool = False


class PilotCouriers(Struct):
    add: Annotated[list[Ref], Meta(max_length=500)] = []
    remove: Annotated[list[Ref], Meta(max_length=500)] = []
    reason: Reason = ""
    version: Version | None = None
    dry_run: bool = False


class Switched(Struct):
    """done false: a dry run, or it stood so already."""

    done: bool
    version: int
    mode: Mode
    was: Mode
    may_switch: bool
    checklist: list[Check]
    plan: Plan


class TrialMark(Struct):
    """order: its number, site number or ref."""

    order: Annotated[str, Meta(min_length=1, max_length=100)]
    trial: bool = True
    reason: Reason = ""


class TrialMarked(Struct):
    order_ref: str
    order_number: str
    trial: bool
    delivery: dict[str, Any] | None


class WeekLine(Struct):
    """shown, shown_earlier: as people read them. fine null: there is nothing to compare with."""

    key: str
    title: str
    unit: str
    value: float | None
    earlier: float | None
    shown: str
    shown_earlier: str
    fine: bool | None


class WeekStands(Struct):
    """red: days out of bounds in the last two weeks, null = not counted."""

    division: str
    mode: Mode
    red: int | None


class WeekSwitch(Struct):
    division: str
    at: str
    who: str
    reason: str
    before: Mode
    after: Mode


class WeekStatus(Struct):
    """markdown: the same as a page of Markdown."""

    about: str | None
    first: str
    last: str
    lines: list[WeekLine]
    stands: list[WeekStands]
    switches: list[WeekSwitch]
    markdown: str


class SendWeek(Struct):
    """last: the day it ends with; absent = today."""

    division: Ref | None = None
    last: str = ""


class WeekSent(Struct):
    sent: bool
    chat: str


class ShadowExample(Struct):
    """body null: too large to be kept."""

    at: str
    event_id: str
    order_number: str | None
    bytes: int
    body: Any


class ShadowKind(Struct):
    type: str
    destination: str
    title: str
    method: str
    n: int
    trial: int
    bytes: int
    first_at: str
    last_at: str
    examples: list[ShadowExample]


class Shadow(Struct):
    since: str
    until: str
    total: int
    kinds: list[ShadowKind]
