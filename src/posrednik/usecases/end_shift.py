"""The end of a shift, by the courier himself or by a manager for him: domain/shifts.py, domain.md §4."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from posrednik.domain import shifts as rules
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Goods, Shift, ShiftChange
from posrednik.store import events, ledger, shifts
from posrednik.store import incidents as decided
from posrednik.store.db import Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.courier_trade import count_backpack, keep_backpack
from posrednik.usecases.couriers import Courier
from posrednik.usecases.opening_stock import held
from posrednik.usecases.order_facts import Rules

Line = tuple[str, str | None, int]  # product, characteristic, thousandths


class NoSuchShift(DomainError):
    """No shift has this id."""

    code = "not_found"


@dataclass(frozen=True, slots=True)
class Closing:
    """Whose shift ends. at: when it did; now: when that is taken."""

    tx: Tx
    courier: Courier
    rules: Rules
    actor: Actor
    at: datetime
    now: datetime


async def close_for(
    tx: Tx, shift_id: UUID, reason: str, goods: Sequence[Line] | None, cash_kop: int | None, person: str, rules: Rules,
    now: datetime,
) -> Shift:  # fmt: skip
    """A manager says why a shift ends although the phone still has a queue; what comes later is `late_after_shift`.

    goods, cash_kop: None = not counted, then the books stay as they are. A closed one stays as it is.
    Raises NoSuchShift, CloseReasonMissing, QuantityNotANumber, AmountNotANumber.
    """
    shift = await shifts.lock(tx, shift_id)
    if shift is None:
        raise NoSuchShift
    courier = await own.courier_here(tx, shift.courier_ref, shift.courier_name)
    at = Closing(tx, courier, rules, Actor("logistician", None, person), now, now)
    counted = None if goods is None else await _named(at, goods)
    return (await end_shift(at, shift, counted, cash_kop, reason))[0]


async def division_of(tx: Tx, shift_id: UUID) -> str:
    """Whose right is asked for. Raises NoSuchShift."""
    shift = await shifts.lock(tx, shift_id)
    if shift is None:
        raise NoSuchShift
    return shift.division_ref


async def _named(at: Closing, goods: Sequence[Line]) -> list[Goods]:
    known = await own.products(at.tx, at.courier.base_id, ((p, c) for p, c, _ in goods))
    return [Goods(p, c, milli, known[p, c].name) for p, c, milli in goods]


async def end_shift(
    at: Closing, shift: Shift, counted: Sequence[Goods] | None, cash_kop: int | None, reason: str | None
) -> tuple[Shift, list[UUID]]:
    """The shift as it is then, and the incidents. The backpack is counted with it, if anybody has counted."""
    has = (await held(at.tx, at.courier, at.rules, at.at, counted=counted is not None)).counted_at(at.at)
    change = rules.close_shift(
        shift=shift, goods=counted, cash_kop=cash_kop, expected_goods=has.carried, actor=at.actor, now=at.at,
        reason=reason, expected_cash_kop=await own.cash_kop(at.tx, at.courier.ref), explained=await _explained(at),
    )  # fmt: skip
    if change.already:
        return shift, []
    raised = await _write(at, change)
    if counted or (counted is not None and has.carried):
        backpack = await count_backpack(at.tx, at.courier, counted, has, at.actor, at.at)
        raised += await keep_backpack(at.tx, at.courier, backpack, at.rules, at.now)
    return change.shift, raised


async def _write(at: Closing, change: ShiftChange) -> list[UUID]:
    """Goods that differ are told with the count of the backpack, where they have a value."""
    await shifts.save(at.tx, change.shift)
    for event in change.events:
        events.emit(at.tx, event, change.shift.base_id, None)
    cash = [one for one in change.contradictions if one.kind == "cash_difference"]
    return await incidents.raise_all(at.tx, cash, about_cash(at.courier), at.now)


async def _explained(at: Closing) -> bool:
    """What he holds is what a person decided on: his cash has not moved since."""
    incident = await decided.newest(at.tx, "cash_difference", "cash", at.courier.ref)
    if incident is None or incident.decided_at is None:
        return False
    return not await ledger.cash_moved_since(at.tx, at.courier.ref, incident.decided_at)


def about_cash(courier: Courier) -> About:
    """All news of one courier's cash are of one incident."""
    return About("cash", courier.ref, courier.division, courier.ref, courier.base_id)
