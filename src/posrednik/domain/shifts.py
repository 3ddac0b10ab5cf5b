"""A courier's shift: what he has when it opens and when it closes, by his own count. Rules: domain.md §4.

Counting decides nothing: a difference is a fact for a person, who has both figures. Where the other figure is not
known (None), nothing is compared. docs/subsystems/courier.md, "Shifts".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from posrednik.domain.changes import Contradiction, found, kopecks
from posrednik.domain.errors import DomainError, QuantityNotANumber
from posrednik.domain.events import Actor, Data, Event

# Steps that change what he should have at the end. What he says he brings back moves only when it is counted in; a
# count of the backpack moves what it found to differ.
OF_THE_TOTALS = frozenset({
    "pick_up", "hand_over", "customer_return", "correct_pick_up", "correct_hand_over", "sale", "correct_sale",
    "count_backpack", "accept_backpack",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goods:
    """So much of a product, in thousandths of a unit. name: for people, None = not known."""

    product: str
    characteristic: str | None
    quantity_milli: int
    name: str | None = None


class CloseReasonMissing(DomainError):
    """Somebody else than the courier ends his shift and does not say why."""

    code = "close_reason_missing"


@dataclass(frozen=True, slots=True)
class Difference:
    """Counted otherwise than the books have it, in thousandths of a unit."""

    product: str
    characteristic: str | None
    name: str
    expected_milli: int
    counted_milli: int


@dataclass(frozen=True, slots=True)
class Shift:
    """change_kop: cash counted at the opening. late: steps that came after the closing though they happened before.

    closed_goods, closed_cash_kop: None = not counted. expected_cash_kop: what he held by the books when it closed.
    closed_by, close_reason: of a manager who closed it for him.
    """

    id: UUID
    courier_ref: str
    courier_name: str | None
    division_ref: str
    base_id: UUID
    device: str
    opened_at: datetime
    version: int
    change_kop: int
    opened_goods: tuple[Goods, ...]
    closed_at: datetime | None = None
    closed_goods: tuple[Goods, ...] | None = None
    closed_cash_kop: int | None = None
    late: int = 0
    trial: bool = False
    opened_differences: tuple[Difference, ...] = ()
    closed_differences: tuple[Difference, ...] = ()
    expected_cash_kop: int | None = None
    closed_by: str | None = None
    close_reason: str | None = None

    @property
    def who(self) -> str:
        return self.courier_name or self.courier_ref


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """As `changes.Change`, of a shift. already: it held before, so there is no event and no new version."""

    shift: Shift
    events: tuple[Event, ...] = ()
    already: bool = False
    contradictions: tuple[Contradiction, ...] = ()


def open_shift(
    *,
    opened: Shift | None,
    new_id: UUID,
    division_ref: str,
    base_id: UUID,
    device: str,
    goods: Sequence[Goods],
    cash_kop: int,
    expected_goods: Iterable[Goods] | None,
    actor: Actor,
    now: datetime,
    trial: bool = False,
) -> ShiftChange:
    """Open the shift of the courier `actor`. opened: his open one, which then stays, whatever device he has now.

    goods, cash_kop: what he counted. expected_goods: his backpack by 1C. Raises QuantityNotANumber, AmountNotANumber.
    """
    if opened is not None:
        return ShiftChange(opened, already=True)
    counted = _counted(goods)
    differences = _differences(counted, expected_goods)
    shift = Shift(
        id=new_id,
        courier_ref=actor.ref or actor.kind,
        courier_name=actor.name,
        division_ref=division_ref,
        base_id=base_id,
        device=device,
        opened_at=now,
        version=1,
        change_kop=kopecks(cash_kop),
        opened_goods=counted,
        trial=trial,
        opened_differences=_kept(differences),
    )
    data = {"change_kop": cash_kop, "goods": _told(counted), "differences": differences}
    event = _event("shift.opened", shift, actor, now, data)
    return ShiftChange(shift, (event,), contradictions=_goods_differ(shift, "shift_open", differences))


def close_shift(
    *,
    shift: Shift,
    goods: Sequence[Goods] | None,
    cash_kop: int | None,
    expected_goods: Iterable[Goods] | None,
    expected_cash_kop: int | None,
    actor: Actor,
    now: datetime,
    explained: bool = False,
    reason: str | None = None,
) -> ShiftChange:
    """Close it with what was counted. A closed one stays as it is.

    Cash that is left on him is the contradiction cash_difference also where he counted it right; explained: a person
    has decided on this very rest. goods, cash_kop: None = not counted, which only somebody else than the courier may
    leave open; he says why (reason). Raises CloseReasonMissing, QuantityNotANumber, AmountNotANumber.
    """
    if shift.closed_at is not None:
        return ShiftChange(shift, already=True)
    by = _closer(actor, reason)
    counted = None if goods is None else _counted(goods)
    differences = [] if counted is None else _differences(counted, expected_goods)
    closed = replace(
        shift,
        version=shift.version + 1,
        closed_at=now,
        closed_goods=counted,
        closed_cash_kop=None if cash_kop is None else kopecks(cash_kop),
        closed_differences=_kept(differences),
        expected_cash_kop=expected_cash_kop,
        closed_by=by,
        close_reason=(reason or "").strip() or None,
    )
    data = {
        "opened_at": shift.opened_at.isoformat(),
        "cash_kop": cash_kop,
        "expected_cash_kop": expected_cash_kop,
        "goods": None if counted is None else _told(counted),
        "differences": differences,
        "reason": closed.close_reason,
    }
    cash = _cash_differs(shift, cash_kop, expected_cash_kop) or _cash_left(closed, expected_cash_kop, explained)
    contradictions = _goods_differ(shift, "shift_close", differences) + cash
    return ShiftChange(closed, (_event("shift.closed", closed, actor, now, data),), contradictions=contradictions)


def late_event(*, shift: Shift, action: str, order_number: str | None, moves: bool = True) -> ShiftChange:
    """What comes only now and is of a closed shift; an open one takes it as it is. action: of `stages.TABLE`, or sale,
    correct_sale, count_backpack, accept_backpack. order_number: None = of no delivery. moves: whether anything did.

    It is counted with the shift; there is no event and no new version, as the step has its own.
    """
    if shift.closed_at is None:
        return ShiftChange(shift, already=True)
    counted = replace(shift, late=shift.late + 1)
    if action not in OF_THE_TOTALS or not moves:
        return ShiftChange(counted)
    about: Data = {"order_number": order_number} if order_number else {"variant": "no_order"}
    said = {**about, "closed_at": shift.closed_at.isoformat(), "late": counted.late}
    return ShiftChange(counted, contradictions=(found("late_after_shift", who=shift.who, action=action, **said),))


Key = tuple[str, str | None]


def _counted(goods: Sequence[Goods]) -> tuple[Goods, ...]:
    """One entry for each product and characteristic, in the order in which they were named; nothing of 0."""
    for one in goods:
        if type(one.quantity_milli) is not int or one.quantity_milli < 0:
            raise QuantityNotANumber(line=one.name or one.product, asked=one.quantity_milli)
    return tuple(one for one in _summed(goods).values() if one.quantity_milli)


def _summed(goods: Iterable[Goods]) -> dict[Key, Goods]:
    sums: dict[Key, Goods] = {}
    for one in goods:
        key = one.product, one.characteristic
        before_milli = sums[key].quantity_milli if key in sums else 0
        sums[key] = replace(one, quantity_milli=before_milli + one.quantity_milli)
    return sums


def _differences(counted: tuple[Goods, ...], expected: Iterable[Goods] | None) -> list[Data]:
    """What was counted otherwise. What 1C has below zero is nothing that could be counted."""
    if expected is None:
        return []
    have, should = _summed(counted), _summed(expected)
    return [
        {**_of(have.get(key), should.get(key)), "counted_milli": is_milli, "expected_milli": should_milli}
        for key in dict.fromkeys((*have, *should))
        if (is_milli := _milli(have.get(key))) != (should_milli := _milli(should.get(key)))
    ]


def _milli(goods: Goods | None) -> int:
    return max(0, goods.quantity_milli) if goods else 0


def _of(*known: Goods | None) -> Data:
    said = [one for one in known if one is not None]
    name = next((one.name for one in said if one.name), said[0].product)
    return {"goods": name, "product": said[0].product, "characteristic": said[0].characteristic}


def _goods_differ(shift: Shift, occasion: str, differences: list[Data]) -> tuple[Contradiction, ...]:
    if not differences:
        return ()
    return (found("count_difference", who=shift.who, occasion=occasion, differences=differences),)


def _closer(actor: Actor, reason: str | None) -> str | None:
    """Who ended it for him."""
    if actor.kind == "courier":
        return None
    if not (reason or "").strip():
        raise CloseReasonMissing
    return actor.name or actor.kind


def _kept(differences: list[Data]) -> tuple[Difference, ...]:
    return tuple(
        Difference(one["product"], one["characteristic"], one["goods"], one["expected_milli"], one["counted_milli"])
        for one in differences
    )


def _cash_differs(shift: Shift, counted_kop: int | None, expected_kop: int | None) -> tuple[Contradiction, ...]:
    if counted_kop is None or expected_kop is None or counted_kop == expected_kop:
        return ()
    figures = {"counted_kop": counted_kop, "expected_kop": expected_kop, "difference_kop": counted_kop - expected_kop}
    return (found("cash_difference", who=shift.who, **figures),)


def _cash_left(shift: Shift, left_kop: int | None, explained: bool) -> tuple[Contradiction, ...]:
    """He has what the books say, and it is not handed in."""
    if not left_kop or explained:
        return ()
    if shift.closed_cash_kop is not None:
        return (found("cash_difference", variant="left", who=shift.who, left_kop=left_kop),)
    by = {"who": shift.who, "closed_by": shift.closed_by, "said": shift.close_reason}
    return (found("cash_difference", variant="uncounted", left_kop=left_kop, **by),)


def _told(goods: tuple[Goods, ...]) -> list[Data]:
    return [
        {"product": one.product, "characteristic": one.characteristic, "quantity_milli": one.quantity_milli}
        for one in goods
    ]


def _event(event_type: str, shift: Shift, actor: Actor, now: datetime, data: Data) -> Event:
    about = {"courier_ref": shift.courier_ref, "courier_name": shift.courier_name, "device": shift.device}
    return Event(
        event_type, "shift", shift.id, shift.version, now, actor, shift.division_ref, shift.trial, {**about, **data}
    )
