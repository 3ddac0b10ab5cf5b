"""What people's screens are shown, from what the domain holds: money in rubles, quantities in units, times in UTC."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from posrednik.domain.deliveries import Delivery
from posrednik.domain.publication import rubles, units
from posrednik.store import views
from posrednik.store.db import Database, Row
from posrednik.usecases.act_on_delivery import allowed
from posrednik.usecases.order_facts import Rules

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What cards call things by. couriers, divisions: ref → name; zones: base → its time zone."""

    couriers: Mapping[str, str]
    divisions: Mapping[str, str]
    zones: Mapping[UUID, str]
    rules: Rules
    active: list[Card]

    def zone(self, delivery: Delivery) -> str:
        """Windows and days are those of the division, else of its base, wherever the page is looked at."""
        return self.zone_of(delivery.division_ref, delivery.base_id)

    def zone_of(self, division_ref: str, base_id: UUID) -> str:
        return self.rules.of(division_ref).time_zone or self.zones.get(base_id, "Europe/Moscow")

    def courier(self, ref: str | None) -> Card | None:
        return None if ref is None else {"ref": ref, "name": self.couriers.get(ref)}

    def only(self, divisions: Collection[str] | None) -> "Known":
        """What somebody who is limited to these divisions may choose from."""
        if divisions is None:
            return self
        return replace(
            self, divisions={ref: name for ref, name in self.divisions.items() if ref in divisions},
            active=[one for one in self.active if one["division"] in divisions],
        )  # fmt: skip


async def known(db: Database, rules: Rules) -> Known:
    names = await views.names(db)
    return Known(
        {n.ref: n.name for n in names if n.kind == "courier"}, {n.ref: n.name for n in names if n.kind == "division"},
        {b.id: b.time_zone for b in await views.base_settings(db)}, rules,
        [{"ref": n.ref, "name": n.name, "division": n.division} for n in names if n.kind == "courier" and n.active],
    )  # fmt: skip


def card(delivery: Delivery, known: Known, marks: Row | None, changed_at: Any = None) -> Card:
    """One delivery as people are shown it. marks: of `views.marks`."""
    d, divisions = delivery, known.divisions
    return {
        "id": str(d.id), "order_ref": d.order_ref, "order_number": d.order_number, "site_number": d.site_number,
        "stage": d.shown_stage, "version": d.version, "courier": known.courier(d.courier_ref),
        "division": {"ref": d.division_ref, "name": divisions.get(d.division_ref)},
        "recipient": {"name": d.recipient.name, "phone": d.recipient.phone},
        "address": {k: getattr(d.address, k) for k in _ADDRESS if getattr(d.address, k) is not None},
        "window": {"from": d.window.from_at.isoformat(), "to": d.window.to_at.isoformat()} if d.window else None,
        "time_zone": known.zone(d), "comment": d.comment, "lines": [_line(line) for line in d.lines],
        "delivery_price": rubles(d.delivery_price_kop), "prepaid": rubles(d.prepaid_kop),
        "amount_due": rubles(d.amount_due_kop), "amount_due_by_hand": d.amount_due_by_hand_kop is not None,
        "amount_taken": None if d.amount_taken_kop is None else rubles(d.amount_taken_kop),
        "payment_method": d.payment_method, "receipt": d.receipt, "receipt_url": d.receipt_url,
        "reason": d.reason, "claimed_back": _claimed(d),
        "incidents": marks.incidents if marks else 0, "photos": marks.photos if marks else 0,
        "next_date": d.next_date.isoformat() if d.next_date else None, "trial": d.trial,
        "changed_at": changed_at.isoformat() if changed_at else None, "allowed": allowed(d),
    }  # fmt: skip


_ADDRESS = ("text", "entrance", "floor", "flat", "intercom", "latitude", "longitude")


def _claimed(delivery: Delivery) -> list[Card] | None:
    """What the courier says he brings back, until the warehouse has counted it."""
    if delivery.claimed_back is None:
        return None
    return [{"line": line, "quantity": units(milli)} for line, milli in delivery.claimed_back.items()]


def _line(line: Any) -> Card:
    return {
        "line": line.line, "name": line.name, "unit": line.unit, "quantity": units(line.quantity_milli),
        "price": rubles(line.price_kop), "sum": rubles(line.sum_kop), "accepted": units(line.accepted_milli),
        "refused": units(line.refused_milli), "carried": units(line.carried_milli),
    }  # fmt: skip


def destination_title(name: str, kind: str, url: str | None, bases: dict[str, str]) -> str:
    """«Битрикс24», «1С «Основная»», «Сайт shop.example»."""
    match kind:
        case "bitrix24":
            return "Битрикс24"
        case "onec":
            return f"1С «{bases.get(name.removeprefix('onec:'), '?')}»"
        case _:
            host = (url or "").partition("://")[2].partition("/")[0]
            return f"Сайт {host}".strip()
