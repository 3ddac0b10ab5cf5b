"""Facts as the rest of the world hears them: neutral, complete, JSON-able. Where each one goes: `routes.py`.

Every event of a delivery carries under "delivery" a full snapshot made by `snapshot`, so that 1C's event,
the site's body and Bitrix24's task can be built from the event alone. Money in kopecks (`_kop`), quantities in
thousandths (`_milli`), times and dates as ISO 8601 text in UTC. The event's id and recorded_at are the store's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from posrednik.domain.deliveries import Address, Delivery, Line, Person, Recipient, Window

ActorKind = Literal["onec", "courier", "logistician", "cash_desk", "warehouse", "system"]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    ref: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CourierName:
    ref: str
    name: str | None = None
    bitrix24_user: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What people and Bitrix24 call what the delivery only knows by reference.

    courier: of the delivery as it is after the action (the new one for `assign`, the actor for a courier's
    step); if it is another one, the snapshot has the reference without a name. reasons: what the division calls its
    reasons of «Не вручил», by code.
    """

    courier: CourierName | None = None
    division_name: str | None = None
    division_group: str | None = None
    time_zone: str = "Europe/Moscow"
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """cause_base: the base whose command caused it; it is not sent back there."""

    type: str
    subject_kind: str
    subject_id: UUID
    version: int
    occurred_at: datetime
    actor: Actor
    division_ref: str
    trial: bool
    data: Data
    cause_base: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Who did it, when, and whose command it was: the same for every event of one action."""

    actor: Actor
    now: datetime
    names: Names
    base: UUID | None = None

    @property
    def person(self) -> Person:
        return Person(self.actor.ref or self.actor.kind, self.actor.name)


def delivery_event(event_type: str, delivery: Delivery, cause: Cause, data: Data) -> Event:
    """The event of `delivery` as it is after the action; `data` is what the type has of its own."""
    return Event(
        type=event_type,
        subject_kind="delivery",
        subject_id=delivery.id,
        version=delivery.version,
        occurred_at=cause.now,
        actor=cause.actor,
        division_ref=delivery.division_ref,
        trial=delivery.trial,
        data={**data, "delivery": snapshot(delivery, cause.names)},
        cause_base=cause.base,
    )


def with_evidence(
    event: Event, *, position: Mapping[str, float | None] | None, photos: Sequence[str], asked: Sequence[str] = ()
) -> Event:
    """A courier's step with its evidence. position: latitude, longitude, accuracy_m. photos: SHA-256 in hex.

    asked: the proofs that the rules he saw wanted of it.
    """
    evidence = {
        "position": dict(position) if position else None,
        "photo_hashes": list(photos),
        "asked_proofs": list(asked),
    }
    return replace(event, data={**event.data, **evidence})


def command_finished(
    *,
    command_id: UUID,
    base_id: UUID,
    status: str,
    result: Data,
    actor: Actor,
    now: datetime,
    division_ref: str,
    trial: bool = False,
    code: str | None = None,
    message: str | None = None,
) -> Event:
    """A command that waited is done or rejected now: the one event that goes back to its base (contract.md §3)."""
    data = {"id": str(command_id), "status": status, "code": code, "message": message, "result": result}
    return Event(
        "command.finished", "command", command_id, 1, now, actor, division_ref, trial, data, cause_base=base_id
    )


def send_slice(*, base_id: UUID, kind: str, slice: str, version: int, actor: Actor, now: datetime) -> Event:
    """1C is asked to register a slice again, because it does not agree. version: how often it was asked for."""
    subject_id = uuid5(base_id, f"{kind}:{slice}")
    return Event("exchange.send_slice", "slice", subject_id, version, now, actor, "", False,
                 {"kind": kind, "slice": slice})  # fmt: skip


def send_digests(*, run_id: UUID, slices: Sequence[tuple[str, str]], actor: Actor, now: datetime) -> Event:
    """1C is asked to compare: slices as (kind, month), none = everything. The first event of the run."""
    data = {"run": str(run_id), "slices": [{"kind": kind, "slice": month} for kind, month in slices]}
    return Event("exchange.send_digests", "reconciliation", run_id, 1, now, actor, "", False, data)


def send_sample(*, run_id: UUID, objects: Sequence[tuple[str, str]], actor: Actor, now: datetime) -> Event:
    """1C is asked for these objects (kind, ref) as they are, to be compared field by field. The second of the run."""
    data = {"run": str(run_id), "objects": [{"kind": kind, "ref": ref} for kind, ref in objects]}
    return Event("exchange.send_sample", "reconciliation", run_id, 2, now, actor, "", False, data)


def send_again(
    *, id: UUID, epoch: UUID, after: int, events_after: int, since: datetime | None, actor: Actor, now: datetime
) -> Event:
    """1C is asked to send again what this database, restored from a copy, has lost: messages of the epoch after number
    `after`, commands answered since `since` (None = all), and which events it has got after number `events_after`."""
    data = {"epoch": str(epoch), "after": after, "events_after": events_after,
            "since": since.isoformat() if since else None}  # fmt: skip
    return Event("exchange.send_again", "restored", id, 1, now, actor, "", False, data)


def snapshot(delivery: Delivery, names: Names) -> Data:
    """The whole delivery as JSON-able data. "stage" is "withdrawn" when it is off the board."""
    return {
        "id": str(delivery.id),
        "base_id": str(delivery.base_id),
        "version": delivery.version,
        "stage": delivery.shown_stage,
        "on_board": delivery.on_board,
        "closed": delivery.closed,
        "trial": delivery.trial,
        "time_zone": names.time_zone,
        "warehouse_ref": delivery.warehouse_ref,
        "recipient": _recipient(delivery.recipient),
        "address": _address(delivery.address),
        "window": _window(delivery.window),
        "comment": delivery.comment,
        "lines": [_line(line) for line in delivery.lines],
        **_parties(delivery, names),
        **_money(delivery),
        **_history(delivery, names),
    }


def _parties(delivery: Delivery, names: Names) -> Data:
    return {
        "order": {
            "ref": delivery.order_ref,
            "number": delivery.order_number,
            "site_number": delivery.site_number,
        },
        "division": {
            "ref": delivery.division_ref,
            "name": names.division_name,
            "group": names.division_group,
        },
        "courier": _courier(delivery.courier_ref, names.courier),
        "holder": _person(delivery.holder),
        "handed_over_by": _person(delivery.handed_over_by),
    }


def _money(delivery: Delivery) -> Data:
    return {
        "goods_kop": delivery.goods_kop,
        "delivery_price_kop": delivery.delivery_price_kop,
        "prepaid_kop": delivery.prepaid_kop,
        "computed_due_kop": delivery.computed_due_kop,
        "amount_due_by_hand_kop": delivery.amount_due_by_hand_kop,
        "due_difference_kop": delivery.due_difference_kop,
        "amount_due_kop": delivery.amount_due_kop,
        "amount_taken_kop": delivery.amount_taken_kop,
        "refund_kop": delivery.refund_kop,
        "payment_method": delivery.payment_method,
        "reference": delivery.reference,
        "receipt": delivery.receipt,
        "receipt_url": delivery.receipt_url,
    }


def _history(delivery: Delivery, names: Names) -> Data:
    return {
        "goods_out": delivery.goods_out,
        "reason": delivery.reason,
        "reason_title": names.reasons.get(delivery.reason or ""),
        "reason_comment": delivery.reason_comment,
        "next_date": delivery.next_date.isoformat() if delivery.next_date else None,
        "retries": delivery.retries,
        "ready_at": _time(delivery.ready_at),
        "picked_up_at": _time(delivery.picked_up_at),
        "departed_at": _time(delivery.departed_at),
        "handed_over_at": _time(delivery.handed_over_at),
        "settled_at": _time(delivery.settled_at),
    }


def lines_with(delivery: Delivery, quantities_milli: dict[str, int]) -> list[Data]:
    """The named lines with that quantity and its part of the sum, in the delivery's order."""
    return [
        {
            "line": line.line,
            "product": line.product,
            "characteristic": line.characteristic,
            "quantity_milli": quantities_milli[line.line],
            "price_kop": line.price_kop,
            "sum_kop": line.sum_of_kop(quantities_milli[line.line]),
        }
        for line in delivery.lines
        if quantities_milli.get(line.line)
    ]


def lines_handed_over(lines: Iterable[Line]) -> list[Data]:
    """Every line with what was accepted and refused; the sum is that of the accepted part."""
    return [
        {
            "line": line.line,
            "product": line.product,
            "characteristic": line.characteristic,
            "accepted_milli": line.accepted_milli,
            "refused_milli": line.refused_milli,
            "price_kop": line.price_kop,
            "sum_kop": line.sum_of_kop(line.accepted_milli),
        }
        for line in lines
    ]


def hand_over_data(delivery: Delivery) -> Data:
    """What `delivery.handed_over` has of its own, of a delivery that was handed over."""
    by = delivery.handed_over_by
    return {
        "courier_ref": by.ref if by else None,
        "warehouse_ref": delivery.warehouse_ref,
        "lines": lines_handed_over(delivery.lines),
        "amount_due_kop": delivery.amount_due_kop,
        "amount_taken_kop": delivery.amount_taken_kop,
        "payment_method": delivery.payment_method,
        "reference": delivery.reference,
        "receipt": delivery.receipt,
        "receipt_url": delivery.receipt_url,
        "difference_reason": delivery.difference_reason,
    }


def _line(line: Line) -> Data:
    return {
        "line": line.line,
        "product": line.product,
        "characteristic": line.characteristic,
        "name": line.name,
        "unit": line.unit,
        "quantity_milli": line.quantity_milli,
        "price_kop": line.price_kop,
        "sum_kop": line.sum_kop,
        "picked_milli": line.picked_milli,
        "accepted_milli": line.accepted_milli,
        "refused_milli": line.refused_milli,
        "given_back_milli": line.given_back_milli,
        "returned_milli": line.returned_milli,
        "carried_milli": line.carried_milli,
    }


def _recipient(recipient: Recipient) -> Data:
    return {"name": recipient.name, "phone": recipient.phone}


def _address(address: Address) -> Data:
    return {
        "text": address.text,
        "entrance": address.entrance,
        "floor": address.floor,
        "flat": address.flat,
        "intercom": address.intercom,
        "latitude": address.latitude,
        "longitude": address.longitude,
    }


def _window(window: Window | None) -> Data | None:
    return {"from_at": _time(window.from_at), "to_at": _time(window.to_at)} if window else None


def _courier(ref: str | None, known: CourierName | None) -> Data | None:
    if ref is None:
        return None
    if known is None or known.ref != ref:
        return {"ref": ref, "name": None, "bitrix24_user": None}
    return {"ref": ref, "name": known.name, "bitrix24_user": known.bitrix24_user}


def _person(person: Person | None) -> Data | None:
    return {"ref": person.ref, "name": person.name} if person else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
