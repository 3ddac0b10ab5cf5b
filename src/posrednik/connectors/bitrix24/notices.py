"""Notices: a courier hears of his deliveries, those who decide of incidents, administrators of alarms.

`TAG` is a key: a notice with the same one takes the earlier one's place, so that a repeat is harmless and there is one
line of each thing. Some portals forget an earlier one whoever got it, so the tag names the person too.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from posrednik.connectors.base import Accepted, Item, LookUpReport, NotThere, Outcome, Refused, Report
from posrednik.connectors.bitrix24 import asides, links, wire
from posrednik.connectors.bitrix24.acts import Facts
from posrednik.connectors.bitrix24.asides import Got
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.inbound import Problem
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import harmless
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.routes import ALARM, INCIDENT, NOTICE
from posrednik.domain.task_notes import alarm_text, incident_text, notice_text
from posrednik.domain.texts import told
from posrednik.domain.texts_notes import OPEN

LATE_S = 12 * 3600.0
OURS = "posrednik"
_SAFE = NotThere("уведомление с той же меткой заменит прежнее, повтор безопасен")


class Courier(msgspec.Struct, frozen=True):
    """Of `notice.put`: what `task_notes.notice_text` reads. user: of the portal. at: when it happened."""

    delivery: str
    user: int
    about: str
    order_number: str
    at: str
    changed: Sequence[str] = ()
    address: str | None = None
    window: Mapping[str, Any] | None = None
    time_zone: str = "Europe/Moscow"
    next_date: str | None = None
    amount_due_kop: int = 0
    goods_out: bool = False


class Decision(msgspec.Struct, frozen=True):
    """Of `notice.incident`: one incident, or how many there were within the hour (`many`)."""

    division: str
    at: str
    incident: str = ""
    state: str = "open"
    severity: str = ""
    what: str = ""
    order_number: str | None = None
    decided_by: str | None = None
    reason: str | None = None
    many: int = 0
    hour: str = ""


class Alarm(msgspec.Struct, frozen=True):
    """Of `notice.alarm`. text: what happened and what to do. over: it is not so any more."""

    code: str
    text: str
    over: bool = False


class Notice:
    """One message on its way to all who are told."""

    def __init__(self, item: Item, tag: str, text: str, users: Sequence[int]) -> None:
        self.item, self.tag, self.text, self.users = item, tag, text, users
        self.outcome: Outcome | None = None
        self._reached: list[int] = []
        self._missed: list[str] = []

    def commands(self, client_id: str) -> list[Command]:
        return [asides.write(wire.NOTIFY, _params(user, self.text, self.tag, client_id)) for user in self.users]

    def take(self, command: Command, answer: Got) -> None:
        user = int(command.params["USER_ID"])
        if not isinstance(answer, Problem):
            self._reached.append(user)
        elif answer.kind in (Kind.RULE, Kind.MISSING):
            self._missed.append(f"{user}: {answer.why}")
        else:
            self.outcome = asides.outcome_of(answer, writing=True)

    def end(self) -> Outcome:
        """Somebody whom the portal does not tell is no reason to hold the others up; the journal has it."""
        if self.outcome is not None:
            return self.outcome
        if self._missed:
            why = f"уведомлены не все; {'; '.join(self._missed)}"
            return Accepted(self.tag, {"users": self._reached}, why, code="not_all_told")
        return Accepted(self.tag, {"users": self._reached})


class Notices:
    """The acts of `notice.put`, `notice.incident`, `notice.alarm`. clock: Unix time in seconds."""

    methods = frozenset({NOTICE.method, INCIDENT.method, ALARM.method})

    def __init__(self, facts: Facts, settings: Bitrix24Settings, clock: Callable[[], float] = time.time) -> None:
        self._facts, self._settings, self._clock = facts, settings, clock

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        audience = _Audience(self._facts)
        made = [await self._made(item, audience) for item in items]
        notices = [one for one in made if isinstance(one, Notice)]
        client_id = OURS if self._settings.webhook else ""
        wanted = [(notice, command) for notice in notices for command in notice.commands(client_id)]
        for notice, command, answer in await asides.run(calls, wanted):
            notice.take(command, answer)
        for item, one in zip(items, made, strict=True):
            report(item, one.end() if isinstance(one, Notice) else one)

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        for item in items:
            report(item, _SAFE)

    async def _made(self, item: Item, audience: "_Audience") -> Notice | Outcome:
        match _body(item):
            case Courier() as body:
                return self._to_courier(item, body)
            case Decision() as body:
                return await self._to_deciders(item, body, audience)
            case Alarm() as body:
                return await self._to_administrators(item, body, audience)
            case Refused() as unfit:
                return unfit

    def _to_courier(self, item: Item, body: Courier) -> Notice | Outcome:
        text = notice_text(msgspec.to_builtins(body), first=item.remote_id is None)
        if not text:
            return Accepted(why="о доставке не сообщали, снимать нечего", code="nothing_to_tell")
        if self._late(body.at):
            return _LATE
        return Notice(
            item, f"{OURS}:delivery:{body.delivery}", self._linked(text, "delivery", body.delivery), [body.user]
        )

    async def _to_deciders(self, item: Item, body: Decision, audience: "_Audience") -> Notice | Outcome:
        """Of a decision hear those who heard of the incident."""
        over = body.state == "decided"
        users = _told(item) if over else await audience.of(body.division, "incident")
        if over and not users:
            return Accepted(why="об инциденте не сообщали, сообщать о решении некому", code="nothing_to_tell")
        if self._late(body.at):
            return _LATE
        if not users:
            return _NOBODY
        tag = f"incidents:{body.division}:{body.hour}" if body.many else f"incident:{body.incident}"
        told_as = "incidents" if body.many else "incident"
        text = incident_text(msgspec.to_builtins(body))
        return Notice(item, f"{OURS}:{tag}", self._linked(text, told_as, body.order_number or ""), users)

    async def _to_administrators(self, item: Item, body: Alarm, audience: "_Audience") -> Notice | Outcome:
        users = await audience.of("", "alarm")
        text = alarm_text(body.text, over=body.over)
        return Notice(item, f"{OURS}:alarm:{body.code}", self._linked(text, "alarms", ""), users) if users else _NOBODY

    def _late(self, at: str) -> bool:
        """After a long outage nobody is told in the morning what was new the evening before: the board shows it."""
        return self._clock() - datetime.fromisoformat(at).timestamp() > LATE_S

    def _linked(self, text: str, what: str, about: str) -> str:
        url = links.notice_url(self._settings, what, about)
        return harmless(text) + (f"\n{links.link(url, told(OPEN[what]))}" if url else "")


_LATE = Accepted(why="уведомление опоздало больше чем на 12 часов, оно больше не нужно", code="too_late")
_NOBODY = Accepted(why="сообщать некому: ни у кого из ответственных нет пользователя портала", code="nobody_to_tell")


class _Audience:
    """Asked once a send for each division."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[str, str], Sequence[int]] = {}

    async def of(self, division: str, about: str) -> Sequence[int]:
        key = division, about
        if key not in self._known:
            self._known[key] = await self._facts.audience(division, about)
        return self._known[key]


def _body(item: Item) -> Courier | Decision | Alarm | Refused:
    if item.method == NOTICE.method:
        return asides.body_of(item, Courier)
    return asides.body_of(item, Decision) if item.method == INCIDENT.method else asides.body_of(item, Alarm)


def _told(item: Item) -> list[int]:
    """Whom an earlier message of this lane reached."""
    users = (item.written or {}).get("users") if item.remote_id is not None else None
    return [user for user in users if isinstance(user, int)] if isinstance(users, list) else []


def _params(user: int, text: str, tag: str, client_id: str) -> dict[str, Any]:
    """client_id: a webhook has no application whose tags they are, so it names one."""
    told_as = {"USER_ID": user, "MESSAGE": text, "TAG": f"{tag}:{user}", "SUB_TAG": OURS}
    return told_as | ({"CLIENT_ID": client_id} if client_id else {})
