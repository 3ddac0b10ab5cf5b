"""A courier's shift, opened and closed by his own count: domain/shifts.py, domain.md §4."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from posrednik.domain import backpack as bag
from posrednik.domain import cash as money
from posrednik.domain import shifts as rules
from posrednik.domain.backpack import Backpack, Load
from posrednik.domain.changes import found
from posrednik.domain.events import Actor
from posrednik.domain.goods import sums
from posrednik.domain.shifts import Goods, Shift, ShiftChange
from posrednik.kit.ids import uuid7
from posrednik.kit.values import milli
from posrednik.store import events, phones, shifts, trade
from posrednik.store.db import Row
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.courier_event import ShiftNotOpen, WaitsForEarlier, goods, kop
from posrednik.usecases.courier_late import about_shift
from posrednik.usecases.courier_trade import keep_backpack
from posrednik.usecases.couriers import Courier
from posrednik.usecases.end_shift import Closing, about_cash, end_shift


async def open_shift(act: Act) -> Done:
    """«Начать смену»; on a second phone the open one stays, and what was counted there counts nothing in."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    there = await shifts.lock_open(act.tx, courier.ref)
    there = there or await shifts.lock_at(act.tx, courier.ref, act.at, itself=True)
    if there is not None:
        return await _write(act, ShiftChange(there, already=True), [])
    raised = await _count_in(act, courier)
    carried = await own.carried(act.tx, courier)
    cash_kop = _cash(act)
    change = rules.open_shift(
        opened=None, new_id=act.event.id, division_ref=courier.division,
        base_id=courier.base_id, device=act.phone.device, goods=await _counted(act, courier), cash_kop=cash_kop,
        expected_goods=None if raised is not None else carried or None, actor=act.actor, now=act.at,
    )  # fmt: skip
    return await _write(act, change, [*(raised or []), *await _change_of(act, courier, cash_kop)])


async def _count_in(act: Act, courier: Courier) -> list[UUID] | None:
    """The count of the start is the acceptance when all that he has still waits for one; also of what 1C had in his
    warehouse before there were ledgers. None: there was nothing to accept."""
    backpack, there = await own.backpack_of(act.tx, courier), await own.carried(act.tx, courier)
    if backpack.version == 0 and not there:
        backpack = await _opening(act, courier, backpack)
        there = [one for load in backpack.pending for one in load.waiting]  # posted at the end of this transaction
    waiting = [one for load in backpack.pending for one in load.waiting]
    if not waiting or sums(waiting) != sums(there):
        return None
    counted = await _counted(act, courier)
    change = bag.accept(backpack=backpack, goods=counted, carried=there, actor=act.actor, now=act.at)
    return await keep_backpack(act.tx, courier, change, act.rules, act.now)


async def _opening(act: Act, courier: Courier, backpack: Backpack) -> Backpack:
    stock = [goods_of(row) for row in await shifts.backpack(act.tx, courier.base_id, courier.ref)]
    there = [one for one in stock if one.quantity_milli > 0]
    if not there:
        return backpack
    load = Load(uuid7(), tuple(there), backpack.warehouse_ref, act.at, document="opening")
    change = bag.load(
        backpack=backpack, load=load, known=None, carried=[], actor=Actor("system"), now=act.at,
        cause_base=courier.base_id,
    )  # fmt: skip
    await keep_backpack(act.tx, courier, change, act.rules, act.now)
    return change.backpack


async def _change_of(act: Act, courier: Courier, counted_kop: int) -> list[UUID]:
    """The change that he counted is what he owes: more than the books know was issued to him now, less is told."""
    books_kop = await own.cash_kop(act.tx, courier.ref)
    if counted_kop > books_kop:
        change = money.issue_change(
            book=await own.book_of(act.tx, courier), known=None, new_id=uuid7(), sum_kop=counted_kop - books_kop,
            till_ref=None, actor=Actor("cash_desk", None, "по счёту курьера"), now=act.at,
        )  # fmt: skip
        await trade.save_book(act.tx, change.book, change.entry)
        own.emit(act.tx, change.events, courier.base_id, act.rules)
    if counted_kop >= books_kop:
        return []
    figures = {"counted_kop": counted_kop, "expected_kop": books_kop, "difference_kop": counted_kop - books_kop}
    told = [found("cash_difference", who=act.who, **figures)]
    return await incidents.raise_all(act.tx, told, about_cash(courier), act.now)


async def close_shift(act: Act) -> Done:
    """«Закончить смену»: waits for everything that the phone did before. Raises WaitsForEarlier, ShiftNotOpen."""
    if await phones.missing(act.tx, act.phone.courier_ref, act.phone.device, below=act.event.seq, most=1):
        raise WaitsForEarlier
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    shift = await _closing(act, courier)
    if shift is None:
        raise ShiftNotOpen
    at = Closing(act.tx, courier, act.rules, act.actor, act.at, act.now)
    shift, raised = await end_shift(at, shift, await _counted(act, courier), _cash(act), None)
    return Done(raised[0] if raised else None, division_ref=shift.division_ref, shift_id=shift.id)


async def _closing(act: Act, courier: Courier) -> Shift | None:
    """The shift in which he closed it; a phone whose clock is wrong closes the one that it opened. What comes late
    from another phone never closes a shift that began after it."""
    at = await shifts.lock_at(act.tx, courier.ref, act.at)
    opened = None if at else await shifts.lock_open(act.tx, courier.ref)
    return opened if opened is not None and opened.device == act.phone.device else at


async def _write(act: Act, change: ShiftChange, raised: Sequence[UUID]) -> Done:
    shift = change.shift
    if not change.already:
        await shifts.save(act.tx, shift)
    for event in change.events:
        events.emit(act.tx, event, shift.base_id, None)
    ids = [*await incidents.raise_all(act.tx, change.contradictions, about_shift(shift), act.now), *raised]
    return Done(ids[0] if ids else None, division_ref=shift.division_ref, shift_id=shift.id)


async def _counted(act: Act, courier: Courier) -> list[Goods]:
    read = goods(act.event.payload.get("goods"))
    known = await own.products(act.tx, courier.base_id, ((p, c) for p, c, _ in read))
    return [Goods(p, c, quantity, known[p, c].name) for p, c, quantity in read]


def _cash(act: Act) -> int:
    value = act.event.payload.get("cash")
    return 0 if value is None else kop(value)


def goods_of(row: Row) -> Goods:
    """Stock of one product, as `store.shifts.backpack` reads it."""
    product = msgspec.json.decode(row.data) if row.data else {}
    return Goods(row.product, row.characteristic, milli(row.quantity), product.get("name"))
