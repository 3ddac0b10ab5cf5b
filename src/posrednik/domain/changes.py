"""What an action gives back: the next delivery, its one event, and what contradicts the office's plan."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from posrednik.domain.deliveries import Delivery, EarlierLines, Line, Stage
from posrednik.domain.errors import AlreadyHandedOver, AlreadyPickedUp, AmountNotANumber, DomainError
from posrednik.domain.events import Cause, Data, Event, delivery_event
from posrednik.domain.texts import contradiction_text

MOST_EARLIER = 20
MAX_KOP = 10**13  # A hundred billion rubles: no sum of a delivery is near it, a slipped finger is.


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A fact that does not agree with the office; becomes an incident (domain.md §3).

    what, why, suggestion: Russian sentences. data: the figures in them, so that other languages can be made by
    `texts.contradiction_text(kind, lang, **data)`.
    """

    kind: str
    what: str
    why: str
    suggestion: str
    data: Data


def contradiction(kind: str, delivery: Delivery, **data: Any) -> Contradiction:
    return found(kind, order_number=delivery.order_number, **data)


def found(kind: str, **data: Any) -> Contradiction:
    """A contradiction about something that is no delivery."""
    what, why, suggestion = contradiction_text(kind, "ru", **data)
    return Contradiction(kind, what, why, suggestion, data)


@dataclass(frozen=True, slots=True)
class Change:
    """already: it held before, so there is no event and no new version. Without both, `delivery` has something to keep
    that nobody is told of.

    refusal: the answer is no, yet a person must look at it, so it is a value and not raised: store the
    contradictions, answer with the refusal.
    kept: attributes of the delivery that were wanted otherwise by who does not own them, and stay.
    """

    delivery: Delivery
    events: tuple[Event, ...] = ()
    already: bool = False
    contradictions: tuple[Contradiction, ...] = ()
    refusal: DomainError | None = None
    kept: tuple[str, ...] = ()


def same(delivery: Delivery) -> Change:
    return Change(delivery, already=True)


def record(
    before: Delivery,
    event_type: str,
    cause: Cause,
    data: Data,
    contradictions: tuple[Contradiction, ...] = (),
    **fields: Any,
) -> Change:
    """`before` with `fields` changed, one version further, and the one event that says so."""
    after = replace(before, version=before.version + 1, **fields)
    if "claimed_back" not in fields and _carried(after) != _carried(before):
        after = replace(after, claimed_back=None)  # It was said of other goods than these.
    if after.whole_due_kop != before.whole_due_kop:
        after = replace(after, amount_changed_version=after.version)
    if before.stage is Stage.READY and plan(after.lines) != plan(before.lines):
        earlier = (*before.earlier_lines, EarlierLines(before.version, before.lines))
        after = replace(after, earlier_lines=earlier[-MOST_EARLIER:])
    event = delivery_event(event_type, after, cause, data)
    return Change(after, (event,), contradictions=contradictions)


def plan(lines: tuple[Line, ...]) -> list[tuple[str, str, str | None, int, int]]:
    """What the lines say of the order, without what became of the goods."""
    return [(line.line, line.product, line.characteristic, line.quantity_milli, line.sum_kop) for line in lines]


def _carried(delivery: Delivery) -> tuple[str | None, dict[str, int]]:
    return delivery.holder_ref, {line.line: line.carried_milli for line in delivery.lines}


def kopecks(value: object) -> int:
    """`value` if it can be a sum of money at all, else AmountNotANumber. True is no number here."""
    if type(value) is not int or not 0 <= value <= MAX_KOP:
        raise AmountNotANumber(asked=value)
    return value


def already_picked_up(delivery: Delivery) -> AlreadyPickedUp:
    return AlreadyPickedUp(**_who_since(delivery, delivery.picked_up_at))


def already_handed_over(delivery: Delivery) -> AlreadyHandedOver:
    return AlreadyHandedOver(**_who_since(delivery, delivery.handed_over_at))


def _who_since(delivery: Delivery, since_at: datetime | None) -> Data:
    person = delivery.handed_over_by or delivery.holder
    who = (person.name or person.ref) if person else delivery.courier_ref
    return {"order_number": delivery.order_number, "who": who, "since_at": since_at}
