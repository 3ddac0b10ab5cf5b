"""The courier's cash: change issued, money handed in, entries put right, the ceiling. Rules: domain.md §4.

«К сдаче» is the balance of his account, given in as `cash_kop` and never typed. Blind count: who takes the money in
counts first, and no refusal tells him what the books say. Kopecks everywhere. Each function is pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from posrednik.domain.changes import Contradiction, found, kopecks
from posrednik.domain.deliveries import Person
from posrednik.domain.errors import (
    AmountNotANumber,
    CorrectionReasonMissing,
    DecisionMissing,
    DifferenceReasonMissing,
    NotAllowed,
    SecondNameMissing,
)
from posrednik.domain.events import Actor, Data, Event

EntryKind = Literal["change_issued", "handed_in"]
CeilingState = Literal["none", "near", "reached"]

NEAR_PERCENT = 80
_DESK = ("cash_desk", "logistician")


@dataclass(frozen=True, slots=True)
class CashBook:
    """Whose cash it is. courier_ref: a UUID, also the id of the subject. version: 0 = no event yet."""

    courier_ref: str
    base_id: UUID
    division_ref: str
    version: int = 0
    courier_name: str | None = None
    trial: bool = False

    @property
    def who(self) -> str:
        return self.courier_name or self.courier_ref


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that went from a till to a courier (change_issued) or back (handed_in), as it stands now.

    id: of the operation, made before it is sent, so that a repeat is known. sum_kop: what moved. receiver: who gave the
    change out, or took the money in; second: who confirms a difference. expected_kop, counted_kop: of a hand-in.
    earlier_counts_kop: what was counted before he counted again. corrections: how often it was put right.
    books_kop: what he held by the books when it was counted. delivery_id: whose cash it is, if a hand-in names one.
    """

    id: UUID
    kind: EntryKind
    till_ref: str | None
    sum_kop: int
    receiver: Person
    at: datetime
    expected_kop: int | None = None
    counted_kop: int | None = None
    second: str | None = None
    reason: str | None = None
    earlier_counts_kop: tuple[int, ...] = ()
    corrections: int = 0
    books_kop: int | None = None
    delivery_id: UUID | None = None

    @property
    def void(self) -> bool:
        """It was put right to nothing: there was no such thing."""
        return bool(self.corrections) and not self.sum_kop

    @property
    def difference_kop(self) -> int:
        """By how much more was counted than expected; below zero: less."""
        if self.expected_kop is None or self.counted_kop is None or self.void:
            return 0
        return self.counted_kop - self.expected_kop


@dataclass(frozen=True, slots=True)
class CashChange:
    """As `changes.Change`. entry: to be stored, None where no till gave or took anything."""

    book: CashBook
    entry: Entry | None
    events: tuple[Event, ...] = ()
    already: bool = False
    contradictions: tuple[Contradiction, ...] = ()


def issue_change(
    *,
    book: CashBook,
    known: Entry | None,
    new_id: UUID,
    sum_kop: int,
    till_ref: str | None,
    actor: Actor,
    now: datetime,
) -> CashChange:
    """Change for the day, given out by `actor`. known: the entry of this id, which then stays as it is.

    Another id is other money. Raises AmountNotANumber (also for nothing), NotAllowed.
    """
    giver = _desk("issue_change", actor)
    if known is not None:
        return CashChange(book, known, already=True)
    if not kopecks(sum_kop):
        raise AmountNotANumber(asked=sum_kop)
    entry = Entry(new_id, "change_issued", till_ref, sum_kop, giver, now)
    return _recorded("cash.change_issued", book, entry, entry_data(entry), actor, now)


def hand_in(
    *,
    book: CashBook,
    known: Entry | None,
    new_id: UUID,
    counted_kop: int,
    cash_kop: int,
    till_ref: str | None,
    actor: Actor,
    now: datetime,
    declared_kop: int | None = None,
    second: str | None = None,
    reason: str | None = None,
    earlier_counts_kop: Sequence[int] = (),
    delivery_id: UUID | None = None,
) -> CashChange:
    """The courier hands in, `actor` has counted it blind. What was counted is what moves.

    cash_kop: what he holds by the ledger. declared_kop: only so much is handed in (in mid-day), None = all.
    Expected is the lesser of the two, so more than he can have is a surplus whatever he says. A difference needs a
    reason and a second name, and is the contradiction cash_difference. Nothing counted where nothing is expected
    holds already. delivery_id: the one whose cash it is, which it covers first.
    Raises DifferenceReasonMissing, SecondNameMissing, AmountNotANumber, NotAllowed.
    """
    receiver = _desk("hand_in", actor)
    if known is not None:
        return CashChange(book, known, already=True)
    expected_kop = cash_kop if declared_kop is None else min(kopecks(declared_kop), cash_kop)
    entry = Entry(
        new_id,
        "handed_in",
        till_ref,
        kopecks(counted_kop),
        receiver,
        now,
        expected_kop,
        counted_kop,
        earlier_counts_kop=tuple(kopecks(one) for one in earlier_counts_kop),
        books_kop=cash_kop,
        delivery_id=delivery_id,
    )
    if not counted_kop and not expected_kop:
        return CashChange(book, None, already=True)
    entry = _explained(entry, receiver, second, reason)
    change = _recorded("cash.handed_in", book, entry, entry_data(entry), actor, now)
    return replace(change, contradictions=_differs(book, entry))


def _explained(entry: Entry, first: Person, second: str | None, reason: str | None) -> Entry:
    """first: who counted, or puts it right."""
    second, reason = (second or "").strip(), (reason or "").strip()
    if entry.difference_kop and not reason:
        raise DifferenceReasonMissing()
    if entry.difference_kop and (not second or _name(second) in _names(first)):
        raise SecondNameMissing()
    return replace(entry, second=second or None, reason=reason or None)


def _name(text: str) -> str:
    """«Иванова  А.» and «иванова а.» are one name."""
    return " ".join(text.casefold().replace("ё", "е").split())


def _names(person: Person) -> tuple[str, ...]:
    return tuple(_name(text) for text in (person.ref, person.name) if text)


def _differs(book: CashBook, entry: Entry) -> tuple[Contradiction, ...]:
    if not entry.difference_kop:
        return ()
    figures = {
        "expected_kop": entry.expected_kop,
        "counted_kop": entry.counted_kop,
        "difference_kop": entry.difference_kop,
    }
    people = {"who": book.who, "receiver": entry.receiver.name or entry.receiver.ref, "second": entry.second}
    return (found("cash_difference", variant="hand_in", **people, **figures, said=entry.reason),)


def correct(
    *,
    book: CashBook,
    entry: Entry,
    sum_kop: int,
    why: str | None,
    actor: Actor,
    now: datetime,
    second: str | None = None,
) -> CashChange:
    """Another sum was given out or taken in. 0 = there was no such thing. What was expected then stays.

    A hand-in that differs after it is told again; it differs by `why`, and needs a second name as any difference does.
    Raises CorrectionReasonMissing, SecondNameMissing, AmountNotANumber, NotAllowed.
    """
    author = _desk("correct_cash", actor)
    reason = (why or "").strip()
    if not reason:
        raise CorrectionReasonMissing()
    if kopecks(sum_kop) == entry.sum_kop:
        return CashChange(book, entry, already=True)
    right = replace(entry, sum_kop=sum_kop, corrections=entry.corrections + 1)
    if entry.kind == "handed_in":
        right = _explained(replace(right, counted_kop=sum_kop), author, second, reason)
    data = {
        **entry_data(right),
        "corrects": entry.kind,
        "correction_reason": reason,
        "before": entry_data(entry),
    }
    change = _recorded("cash.corrected", book, right, data, actor, now)
    return replace(change, contradictions=_differs(book, right))


def settle_difference(
    *, book: CashBook, difference_kop: int, reason: str, actor: Actor, now: datetime, second: str | None = None
) -> CashChange:
    """A person decided on a difference. Below zero: so much is missing, and he no longer owes it; above: he has more.

    second: who confirms it, if anybody was asked to. Raises DecisionMissing (no reason), AmountNotANumber, NotAllowed.
    """
    decider = _desk("settle_difference", actor)
    if not reason.strip():
        raise DecisionMissing()
    sum_kop = kopecks(abs(difference_kop)) if type(difference_kop) is int else 0
    if not sum_kop:
        raise AmountNotANumber(asked=difference_kop)
    data = {
        "corrects": "difference",
        "correction_reason": reason.strip(),
        "till_ref": None,
        "sum_kop": sum_kop,
        "difference_kop": difference_kop,
        "receiver": {"ref": decider.ref, "name": decider.name},
        "second": (second or "").strip() or None,
    }
    return _recorded("cash.corrected", book, None, data, actor, now)


def ceiling_state(cash_kop: int, ceiling_kop: int | None) -> CeilingState:
    """reached: no new assignments. near: from 80 % on, so that he can hand in before. None = no ceiling."""
    if ceiling_kop is None:
        return "none"
    if cash_kop >= ceiling_kop:
        return "reached"
    return "near" if 100 * cash_kop >= NEAR_PERCENT * ceiling_kop else "none"


def over_ceiling(*, who: str, before_kop: int, after_kop: int, ceiling_kop: int | None) -> tuple[Contradiction, ...]:
    """The contradiction ceiling_exceeded of the one fact that took his cash over the ceiling; else nothing."""
    if ceiling_kop is None or not before_kop <= ceiling_kop < after_kop:
        return ()
    over_kop = after_kop - ceiling_kop
    return (found("ceiling_exceeded", who=who, cash_kop=after_kop, ceiling_kop=ceiling_kop, over_kop=over_kop),)


def _desk(action: str, actor: Actor) -> Person:
    if actor.kind not in _DESK:
        raise NotAllowed(action=action, actor_kind=actor.kind)
    return Person(actor.ref or actor.kind, actor.name)


def entry_data(entry: Entry) -> Data:
    """The whole entry as an event tells it; also the `before` of its correction. receiver: 1C ref, else name."""
    return {
        "entry_id": str(entry.id),
        "till_ref": entry.till_ref,
        "sum_kop": entry.sum_kop,
        "expected_kop": entry.expected_kop,
        "counted_kop": entry.counted_kop,
        "difference_kop": entry.difference_kop,
        "receiver": {"ref": entry.receiver.ref, "name": entry.receiver.name},
        "second": entry.second,
        "reason": entry.reason,
        "earlier_counts_kop": list(entry.earlier_counts_kop),
        "delivery_id": str(entry.delivery_id) if entry.delivery_id else None,
    }


def _recorded(
    event_type: str, book: CashBook, entry: Entry | None, data: Data, actor: Actor, now: datetime
) -> CashChange:
    after = replace(book, version=book.version + 1)
    about = {"base_id": str(book.base_id), "courier_ref": book.courier_ref, "courier_name": book.courier_name}
    event = Event(
        event_type,
        "cash",
        UUID(book.courier_ref),
        after.version,
        now,
        actor,
        book.division_ref,
        book.trial,
        {**about, **data},
    )
    return CashChange(after, entry, (event,))
