"""A delivery as a column of the board shows it, in the language of whoever looks."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from posrednik.api.shapes import Card, Known
from posrednik.domain.board import Seen, facts_of
from posrednik.domain.deliveries import Delivery
from posrednik.domain.publication import rubles
from posrednik.domain.texts import contradiction_text
from posrednik.store.db import Row
from posrednik.usecases.act_on_delivery import allowed

_ON_CARD = ("text", "entrance", "floor", "flat")
_SINCE = {"ready": "ready_at", "picked_up": "picked_up_at", "en_route": "departed_at", "handed_over": "handed_over_at",
          "settled": "settled_at"}  # fmt: skip


def board_card(delivery: Delivery, marks: Row, known: Known, lang: str, now: datetime) -> tuple[Seen, Card]:
    """What its filters look at, and what its column shows. marks: of `store.board.docs`."""
    d, facts, seen = delivery, facts_of(delivery), seen_of(delivery, marks.changed_at, marks.incidents, known)
    since = getattr(d, _SINCE.get(d.stage.value, ""), None)
    return seen, {
        "id": str(d.id), "order_ref": d.order_ref, "order_number": d.order_number, "site_number": d.site_number,
        "stage": d.shown_stage, "version": d.version, "courier": known.courier(d.courier_ref),
        "division": {"ref": d.division_ref, "name": known.divisions.get(d.division_ref)},
        "recipient": {"name": d.recipient.name, "phone": d.recipient.phone},
        "address": {k: getattr(d.address, k) for k in _ON_CARD if getattr(d.address, k) is not None},
        "window": {"from": d.window.from_at.isoformat(), "to": d.window.to_at.isoformat()} if d.window else None,
        "time_zone": seen.zone, "planned_day": seen.day, "left_over": left_over(seen, now), "since": since,
        "amount_due": rubles(facts.due_kop), "on_hand": rubles(facts.on_hand_kop),
        "amount_taken": None if facts.taken_kop is None else rubles(facts.taken_kop),
        "payment_method": d.payment_method, "claimed_back": d.claimed_back is not None, "incidents": marks.incidents,
        "trouble": _trouble(marks, lang, seen.zone), "discrepant": seen.discrepant, "photos": marks.photos,
        "place": marks.place, "comments": marks.comments, "next_date": d.next_date, "trial": d.trial,
        "changed_at": marks.changed_at.astimezone(UTC), "allowed": allowed(d),
    }  # fmt: skip


def seen_of(delivery: Delivery, changed_at: datetime, incidents: int, known: Known) -> Seen:
    facts = facts_of(delivery)
    return Seen(
        delivery.shown_stage, delivery.on_board, delivery.division_ref, delivery.courier_ref, facts.planned_at,
        facts.due_kop, facts.taken_kop, facts.search, changed_at, incidents, known.zone(delivery),
    )  # fmt: skip


def left_over(seen: Seen, now: datetime) -> bool:
    return seen.open and seen.day is not None and seen.day < now.astimezone(ZoneInfo(seen.zone)).date()


def _trouble(marks: Row, lang: str, zone: str) -> dict[str, Any] | None:
    if marks.kind is None:
        return None
    try:
        what = contradiction_text(marks.kind, lang, **{"time_zone": zone, **msgspec.json.decode(marks.data)})[0]
    except KeyError:
        what = marks.what  # a kind whose words the catalogue has lost
    return {"kind": marks.kind, "what": what}
