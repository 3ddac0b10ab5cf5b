"""A courier's shift, opened and closed by his own count: domain/shifts.py. And the cash that he has by what he told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from posrednik.domain import shifts as rules
from posrednik.domain.changes import Change
from posrednik.domain.deliveries import Delivery, PaymentMethod, Stage
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Goods, Shift, ShiftChange
from posrednik.kit.values import milli
from posrednik.store import deliveries, events, inbox, phones, shifts
from posrednik.store.db import Row, Tx
from posrednik.usecases import incidents
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.courier_event import ShiftNotOpen, WaitsForEarlier, goods, kop
from posrednik.usecases.couriers import Courier, courier_of


async def open_shift(act: Act) -> Done:
    """«Начать смену»; on a second phone the open one stays."""
    courier = await _courier(act)
    expected = await expected_goods(act.tx, courier.base_id, courier.ref)
    change = rules.open_shift(
        opened=await shifts.lock_open(act.tx, courier.ref), new_id=act.event.id, division_ref=courier.division,
        base_id=courier.base_id, device=act.phone.device, goods=_counted(act, expected), cash_kop=_cash(act),
        expected_goods=expected, actor=act.actor, now=act.at,
    )  # fmt: skip
    return await _write(act, change)


async def close_shift(act: Act) -> Done:
    """«Закончить смену»: waits for everything that the phone did before. Raises WaitsForEarlier, ShiftNotOpen."""
    if await phones.missing(act.tx, act.phone.courier_ref, act.phone.device, below=act.event.seq, most=1):
        raise WaitsForEarlier
    courier = await _courier(act)
    shift = await shifts.lock_open(act.tx, courier.ref) or await shifts.lock_at(act.tx, courier.ref, act.at)
    if shift is None:
        raise ShiftNotOpen
    expected = await expected_goods(act.tx, courier.base_id, courier.ref)
    cash = cash_of(courier.ref, shift, await deliveries.of_courier(act.tx, courier.ref, shift.opened_at))
    change = rules.close_shift(
        shift=shift, goods=_counted(act, expected), cash_kop=_cash(act), expected_goods=expected,
        expected_cash_kop=cash.to_hand_in_kop, actor=act.actor, now=act.at,
    )  # fmt: skip
    return await _write(act, change)


async def late(act: Act, change: Change, action: str) -> tuple[list[UUID], UUID | None]:
    """The shift in which a step happened and, if it was closed already, the incident that it comes after."""
    shift = await shifts.lock_at(act.tx, act.phone.courier_ref, act.at)
    if shift is None or change.already:
        return [], shift.id if shift else None
    counted = rules.late_event(shift=shift, action=action, order_number=change.delivery.order_number)
    if counted.already:
        return [], shift.id
    await shifts.save(act.tx, counted.shift)
    return await incidents.raise_all(act.tx, counted.contradictions, _about(shift), act.now), shift.id


async def _write(act: Act, change: ShiftChange) -> Done:
    shift = change.shift
    if not change.already:
        await shifts.save(act.tx, shift)
    for event in change.events:
        events.emit(act.tx, event, shift.base_id, None, send=False)
    raised = await incidents.raise_all(act.tx, change.contradictions, _about(shift), act.now)
    return Done(raised[0] if raised else None, division_ref=shift.division_ref, shift_id=shift.id)


def _about(shift: Shift) -> About:
    return About("shift", str(shift.id), shift.division_ref, shift.courier_ref, shift.base_id)


async def _courier(act: Act) -> Courier:
    """As 1C knows him; one that it has not told of yet belongs to the first base."""
    ref = act.phone.courier_ref
    known = await courier_of(act.tx, ref)
    if known is not None:
        return known
    base = await inbox.first_base(act.tx)
    return replace(Courier.not_told_yet(ref), base_id=base.id)


def _counted(act: Act, expected: Sequence[Goods] | None) -> list[Goods]:
    names = {(one.product, one.characteristic): one.name for one in expected or ()}
    return [Goods(p, c, quantity, names.get((p, c))) for p, c, quantity in goods(act.event.payload.get("goods"))]


def _cash(act: Act) -> int:
    value = act.event.payload.get("cash")
    return 0 if value is None else kop(value)


async def expected_goods(tx: Tx, base_id: UUID, courier_ref: str) -> list[Goods] | None:
    """What 1C has in the courier's warehouse; None = 1C told nothing of it."""
    return [goods_of(row) for row in await shifts.backpack(tx, base_id, courier_ref)] or None


def goods_of(row: Row) -> Goods:
    """Stock of one product, as `store.shifts.backpack` reads it."""
    product = msgspec.json.decode(row.data) if row.data else {}
    return Goods(row.product, row.characteristic, milli(row.quantity), product.get("name"))


# -- money


@dataclass(frozen=True, slots=True)
class Cash:
    """Kopecks. change: issued at the start of the shift. collected: taken in it. to_hand_in: what he holds now."""

    change_kop: int = 0
    collected_kop: int = 0
    to_hand_in_kop: int = 0


def cash_of(courier_ref: str, shift: Shift | None, done: Sequence[Delivery]) -> Cash:
    """done: all deliveries of the courier with cash that is not handed in, and those since the shift opened."""
    cash = Cash(shift.change_kop, 0, shift.change_kop) if shift else Cash()
    for delivery in done:
        by = delivery.handed_over_by
        if by is None or by.ref != courier_ref or delivery.handed_over_at is None:
            continue
        taken = delivery.cash_taken_kop
        if shift and delivery.handed_over_at >= shift.opened_at:
            cash = replace(cash, collected_kop=cash.collected_kop + taken)
        if delivery.stage is not Stage.SETTLED:
            refund = delivery.refund_kop if delivery.payment_method == PaymentMethod.CASH else 0
            cash = replace(cash, to_hand_in_kop=cash.to_hand_in_kop + taken - refund)
    return cash
