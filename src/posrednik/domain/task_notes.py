"""What an event says beside its task in the portal: checklist, lines of the chat, photos, notices. Pure.

Each kind has a lane of its own, so that nothing waits for it. Bodies are neutral, as those of tasks are; the words that
people read are made here of `texts_notes.py`, and links are added where the portal is known, by its connector.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from posrednik.domain import texts
from posrednik.domain import texts_notes as said
from posrednik.domain.events import Data, Event
from posrednik.domain.proofs import DEFAULT_RULES, PROOFS, ProofRules
from posrednik.domain.routes import INCIDENT, NOTICE, PHOTOS, SAY, STEPS, Route

# The most notices of incidents that one division gets within an hour; what is more is told as a number.
MOST_INCIDENTS = 20
# What lanes of photos end with.
PHOTO_LANES = [event_type.partition(".")[2] for event_type in said.PHOTO_STEPS]
_TRIP = ("pick_up", "depart", "hand_over")
# What of a delivery is news to its courier, by the names of its attributes.
_NEWS: Mapping[str, str] = {
    "address": "address", "recipient": "recipient", "window": "window", "delivery_price_kop": "amount",
    "prepaid_kop": "amount", "amount_due_by_hand_kop": "amount", "lines": "goods",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """A message beside the task. state_of: as of a lane's draft. background: it goes behind what people wait for."""

    lane: str
    body: Data
    state_of: str | None = None
    background: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What notes need beside the event. users: courier's ref -> his user of the portal. proofs: the division's rules.

    nth: which one an incident is in its division within the last hour, by its id; the first is 1.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    proofs: Callable[[str], ProofRules] = lambda division: DEFAULT_RULES
    nth: Mapping[UUID, int] = field(default_factory=dict)


def notes(event: Event, route: Route, around: Around) -> Sequence[Note]:
    """The messages of one route of an event; none where there is nothing to say."""
    return tuple(_MAKERS[route.method](event, around))


def couriers_told(event: Event) -> set[str]:
    """Refs of couriers whose users `Around` must know, because the event itself does not say them."""
    former = _former(event) if event.type in _ABOUT else None
    return set() if former is None else {former}


def is_loud(event: Event) -> bool:
    """Whether the event is an incident that those who decide hear of."""
    return event.subject_kind == "incident" and event.data.get("severity") != "notice"


# -- the checklist


def checklist(data: Data, rules: ProofRules) -> Data:
    """Body of `steps.put`, of an event's data: delivery, version, steps [{key, title, done}] in their order.

    A step that no rule makes mandatory and that may be left out is none of the list.
    """
    snapshot = data["delivery"]
    return {
        "delivery": snapshot["id"],
        "version": snapshot["version"],
        "steps": [
            {"key": step, "title": _step_title(step, asked), "done": _done(step, snapshot)}
            for step in _TRIP
            if (asked := _required(rules, step)) or step != "depart"
        ],
    }


def steps_lane(delivery: str) -> str:
    return f"steps:{delivery}"


def _required(rules: ProofRules, step: str) -> list[str]:
    return [proof for proof in PROOFS if rules.level(step, proof) == "required"]


def _step_title(step: str, asked: Sequence[str]) -> str:
    words = ", ".join(texts.told(said.PROOFS[proof]) for proof in asked)
    return texts.told(said.STEPS[step]) + (f": {words}" if words else "")


def _done(step: str, snapshot: Data) -> bool:
    """By the stage: another try begins anew, but for goods that the courier still has."""
    stage = snapshot["stage"]
    if step == "hand_over":
        return snapshot["handed_over_at"] is not None
    if stage in ("ready", "withdrawn"):
        return False
    return snapshot["picked_up_at" if step == "pick_up" else "departed_at"] is not None


def _steps(event: Event, around: Around) -> Iterator[Note]:
    body = checklist(event.data, around.proofs(event.division_ref))
    yield Note(steps_lane(body["delivery"]), body, "steps", background=True)


# -- lines in the task's chat


def _said(event: Event, around: Around) -> Iterator[Note]:
    text = line_of(event)
    if text:
        yield Note(f"talk:{event.subject_id}", {"delivery": str(event.subject_id), "text": text}, background=True)


def line_of(event: Event, lang: str = "ru") -> str:
    """What the chat of the task is told of an event of its delivery; empty = nothing."""
    words = said.LINES.get(event.type)
    if words is None:
        return ""
    about = _about(event, lang)
    also = [texts.told(said.ALSO[key], lang, **about) for key in _also(event)]
    return " ".join([texts.told(words, lang, **about), *also])


def _about(event: Event, lang: str) -> Data:
    data, snapshot = event.data, event.data["delivery"]
    return {
        "done_at": event.occurred_at, "time_zone": snapshot["time_zone"], "who": _who(event, lang),
        "taken_kop": snapshot["amount_taken_kop"], "due_kop": snapshot["amount_due_kop"],
        "how": _word(said.PAYMENTS, snapshot["payment_method"], lang), "refund_kop": data.get("refund_kop") or 0,
        "reason": snapshot["reason_title"] or _word(texts.REASONS, data.get("reason"), lang),
        "comment": data.get("comment"), "why": data.get("difference_reason") or _why(data.get("reason"), lang),
        "next_date": _day(data.get("next_date")), "courier": (snapshot["courier"] or {}).get("name"),
        "correction": data.get("correction_reason"), "goods": _goods(event, lang),
    }  # fmt: skip


def _also(event: Event) -> Iterator[str]:
    data, snapshot = event.data, event.data["delivery"]
    if event.type == "delivery.handed_over":
        if snapshot["amount_taken_kop"] != snapshot["amount_due_kop"]:
            yield "due"
        if data.get("difference_reason"):
            yield "why"
        if any(line["refused_milli"] for line in snapshot["lines"]):
            yield "refused"
    elif event.type in ("delivery.not_delivered", "delivery.retried"):
        yield from (key for key in ("comment", "next_date") if data.get(key))
    elif event.type in ("delivery.cancelled", "delivery.withdrawn"):
        if data.get("reason"):
            yield "why"
        if snapshot["goods_out"]:
            yield "goods_out"


def _who(event: Event, lang: str) -> str:
    return event.actor.name or texts.told(texts.ACTORS[event.actor.kind], lang)


def _why(reason: str | None, lang: str) -> str | None:
    return _word({**texts.REASONS, **said.BY_ORDER}, reason, lang) if reason else None


def _goods(event: Event, lang: str) -> str:
    """Names and quantities of what was refused, or of the goods that the event is about."""
    lines = event.data["delivery"]["lines"]
    if event.type == "delivery.handed_over":
        told = [(line["name"], line["refused_milli"]) for line in lines]
    else:
        names = {line["line"]: line["name"] for line in lines}
        told = [(names.get(one["line"]), one.get("quantity_milli")) for one in event.data.get("lines") or ()]
    return ", ".join(f"{name} × {texts.quantity(milli, lang)}" for name, milli in told if name and milli)


# -- photos


def _photos(event: Event, around: Around) -> Iterator[Note]:
    """A lane for each kind of step: a photo that never comes from its phone holds up no other step's."""
    hashes = list(event.data.get("photo_hashes") or ())
    if not hashes:
        return
    snapshot = event.data["delivery"]
    body = {
        "delivery": snapshot["id"], "order_number": snapshot["order"]["number"], "step": event.type,
        "at": event.occurred_at.isoformat(), "time_zone": snapshot["time_zone"], "division": snapshot["division"],
        "photos": hashes,
    }  # fmt: skip
    yield Note(f"photos:{snapshot['id']}:{event.type.partition('.')[2]}", body, background=True)


# -- notices to couriers


_ABOUT: Mapping[str, str] = {
    "delivery.readied": "new", "delivery.assigned": "new", "delivery.changed": "changed",
    "delivery.retried": "again", "delivery.withdrawn": "cancelled", "delivery.cancelled": "cancelled",
}  # fmt: skip


def _notices(event: Event, around: Around) -> Iterator[Note]:
    about, snapshot = _ABOUT[event.type], event.data["delivery"]
    courier, changed, former = snapshot["courier"] or {}, _changed(event), _former(event)
    told: dict[str | None, str] = {courier.get("ref"): about} if about != "changed" or changed else {}
    if former is not None:
        told[former] = "taken"
    for ref, kind in told.items():
        user = _number(courier.get("bitrix24_user") if ref == courier.get("ref") else around.users.get(ref or ""))
        if user is not None and not (event.actor.kind == "courier" and event.actor.ref == ref):
            yield _notice(event, user, kind, changed)


def _former(event: Event) -> str | None:
    """Who was to deliver it, or still has the goods, and is not any more."""
    snapshot = event.data["delivery"]
    now = (snapshot["courier"] or {}).get("ref")
    if event.type == "delivery.assigned":
        before = event.data.get("previous_courier_ref")
    else:
        before = (snapshot["holder"] or {}).get("ref") if event.type == "delivery.retried" else None
    return str(before) if before and before != now else None


def _changed(event: Event) -> list[str]:
    if event.type != "delivery.changed":
        return []
    return list(dict.fromkeys(_NEWS[name] for name in event.data.get("changed") or () if name in _NEWS))


def _notice(event: Event, user: str, about: str, changed: Sequence[str]) -> Note:
    snapshot = event.data["delivery"]
    body = {
        "delivery": snapshot["id"], "user": user, "about": about, "changed": list(changed),
        "order_number": snapshot["order"]["number"], "address": snapshot["address"]["text"],
        "window": snapshot["window"], "time_zone": snapshot["time_zone"], "next_date": snapshot["next_date"],
        "amount_due_kop": snapshot["amount_due_kop"], "goods_out": bool(snapshot["goods_out"]),
        "at": event.occurred_at.isoformat(),
    }  # fmt: skip
    return Note(f"notice:{snapshot['id']}:{user}", body, "notice")


def notice_text(body: Mapping[str, Any], *, first: bool, lang: str = "ru") -> str:
    """first: he was told nothing of this delivery yet. Empty: then what is over need not be told."""
    about = body["about"]
    if first and about in ("taken", "cancelled"):
        return ""
    about = "new" if first and about == "changed" else about
    changed = ", ".join(texts.told(said.CHANGED[one], lang) for one in body["changed"])
    lines = [texts.told(said.NOTICES[about], lang, order_number=body["order_number"], changed=changed)]
    if about in ("taken", "cancelled"):
        now = {"goods_out": body["goods_out"] and about == "cancelled"}
    else:
        window = window_words(body["window"], body["time_zone"], lang)
        now = {"address": body["address"], "window": window, "next_date": _day(body["next_date"]), "due": True}
    told = {**body, **now, "due_kop": body["amount_due_kop"]}
    return "\n".join([*lines, *(texts.told(said.NOW[key], lang, **told) for key, holds in now.items() if holds)])


def window_words(window: Mapping[str, Any] | None, time_zone: str, lang: str = "ru") -> str:
    """«24.11, 10:00–14:00»; empty = no window."""
    ends = [(window or {}).get(name) for name in ("from_at", "to_at")]
    since, to = (datetime.fromisoformat(end).astimezone(ZoneInfo(time_zone)) if end else None for end in ends)
    if since and to and since.date() == to.date():
        return f"{since:%d.%m, %H:%M}–{to:%H:%M}"
    parts = [(said.SINCE, since), (said.UNTIL, to)]
    return " ".join(texts.told(words, lang, end=f"{end:%d.%m, %H:%M}") for words, end in parts if end)


# -- notices to those who decide


def _incidents(event: Event, around: Around) -> Iterator[Note]:
    if not is_loud(event):
        return
    n = around.nth.get(event.subject_id, 1)
    if event.type == "incident.raised" and n > MOST_INCIDENTS:
        hour = event.occurred_at.strftime("%Y%m%d%H")
        at = event.occurred_at.isoformat()
        body: Data = {"division": event.division_ref, "many": n, "hour": hour, "at": at}
        yield Note(f"notice:incidents:{event.division_ref}", body, "notice")
        return
    data = event.data
    body = {
        "incident": str(event.subject_id), "division": event.division_ref, "state": data["state"],
        "severity": data["severity"], "what": data["what"], "order_number": data["order_number"],
        "decided_by": data["decided_by"], "reason": data["reason"], "at": event.occurred_at.isoformat(),
    }  # fmt: skip
    yield Note(f"notice:incident:{event.subject_id}", body, "notice")


def incident_text(body: Mapping[str, Any], lang: str = "ru") -> str:
    if body.get("many"):
        return texts.told(said.INCIDENTS["many"], lang, n=body["many"])
    number = body.get("order_number")
    order = texts.told(said.INCIDENTS["of_order"], lang, order_number=number) if number else ""
    decided = body["state"] == "decided"
    lines = [texts.told(said.INCIDENTS["decided" if decided else "raised"], lang, order=order, what=body["what"])]
    if decided and body.get("decided_by"):
        lines.append(
            texts.told(said.INCIDENTS["by"], lang, decided_by=body["decided_by"], reason=body.get("reason") or "")
        )
    return "\n".join(lines)


def alarm_text(text: str, *, over: bool, lang: str = "ru") -> str:
    return texts.told(said.ALARMS["over" if over else "raised"], lang, text=text)


def _word(words: Mapping[str, tuple[str, str]], key: str | None, lang: str) -> str | None:
    return texts.told(words[key], lang) if key is not None and key in words else key


def _number(user: Any) -> str | None:
    """A user of the portal, or nobody: what 1C says there may be anything."""
    told = str(user or "").strip()
    return told.lstrip("0") or None if told.isascii() and told.isdigit() else None


def _day(text: str | None) -> str | None:
    return f"{datetime.fromisoformat(text):%d.%m.%Y}" if text else None


METHODS = frozenset(route.method for route in (STEPS, SAY, PHOTOS, NOTICE, INCIDENT))
_MAKERS: Mapping[str, Callable[[Event, Around], Iterator[Note]]] = {
    STEPS.method: _steps, SAY.method: _said, PHOTOS.method: _photos, NOTICE.method: _notices,
    INCIDENT.method: _incidents,
}  # fmt: skip
