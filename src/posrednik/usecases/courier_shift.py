"""A courier's shift, opened and closed by his own count: domain/shifts.py, domain.md §4."""

from collections.abc import Sequence
from uuid import UUID

from posrednik.domain import backpack as bag
from posrednik.domain import cash as money
from posrednik.domain import shifts as rules
from posrednik.domain.backpack import Load
from posrednik.domain.changes import found
from posrednik.domain.events import Actor
from posrednik.domain.goods import Names, less, sums
from posrednik.domain.shifts import Goods, Shift, ShiftChange
from posrednik.kit.ids import uuid7
from posrednik.store import events, phones, shifts, trade
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.courier_case import Act, Done
from posrednik.usecases.courier_event import ShiftNotOpen, WaitsForEarlier, goods, kop
from posrednik.usecases.courier_late import about_shift
from posrednik.usecases.courier_trade import keep_backpack
from posrednik.usecases.couriers import Courier
from posrednik.usecases.end_shift import Closing, about_cash, end_shift
from posrednik.usecases.opening_stock import Held, held


async def open_shift(act: Act) -> Done:
    """«Начать смену»; on a second phone the open one stays, and what was counted there counts nothing in."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    there = await shifts.lock_open(act.tx, courier.ref)
    there = there or await shifts.lock_at(act.tx, courier.ref, act.at, itself=True)
    if there is not None:
        return await _write(act, ShiftChange(there, already=True), [])
    counted, cash_kop = await _counted(act, courier), _cash(act)
    raised, expected = await _count_in(act, courier, counted)
    change = rules.open_shift(
        opened=None, new_id=act.event.id, division_ref=courier.division, base_id=courier.base_id,
        device=act.phone.device, goods=counted, cash_kop=cash_kop, expected_goods=expected, actor=act.actor, now=act.at,
    )  # fmt: skip
    return await _write(act, change, [*raised, *await _change_of(act, courier, cash_kop)])


async def _count_in(act: Act, courier: Courier, counted: list[Goods]) -> tuple[list[UUID], list[Goods] | None]:
    """The count of the start is the acceptance when all that he has still waits for one, and always that of what he
    had in 1C before there were ledgers. Returns the incidents, and what else the count is to be compared with."""
    has = (await held(act.tx, courier, act.rules, act.at)).counted_at(act.at)
    seen = [load for load in has.backpack.pending if load.at <= act.at]
    waiting = [one for load in seen for one in load.waiting]
    if waiting and sums(waiting) == sums(has.carried):
        change = bag.accept(
            backpack=has.backpack, goods=counted, carried=has.carried, actor=act.actor, now=act.at,
            seen=[load.id for load in seen],
        )  # fmt: skip
        return await keep_backpack(act.tx, courier, change, act.rules, act.now), None
    if has.opening is None:
        return [], has.carried or None
    return await _accept_opening(act, courier, has, has.opening, counted)


async def _accept_opening(
    act: Act, courier: Courier, has: Held, opening: Load, counted: list[Goods]
) -> tuple[list[UUID], list[Goods]]:
    """What he counted is first what the books had, and the rest of it the opening."""
    names = Names(has.carried, counted)
    books = less(sums(has.carried), sums(opening.lines))
    change = bag.accept(
        backpack=has.backpack, goods=names.goods(less(sums(counted), books)), carried=has.carried, actor=act.actor,
        now=act.at, seen=[opening.id],
    )  # fmt: skip
    raised = await keep_backpack(act.tx, courier, change, act.rules, act.now)
    missing = less(books, sums(counted))
    return raised, list(names.goods(sums((*counted, *names.goods(missing)))))


async def _change_of(act: Act, courier: Courier, counted_kop: int) -> list[UUID]:
    """The change that he counted is what he owes: more than the books know was issued to him now, less is told."""
    books_kop = await own.cash_kop(act.tx, courier.ref)
    if counted_kop > books_kop:
        change = money.issue_change(
            book=await own.book_of(act.tx, courier), known=None, new_id=uuid7(), sum_kop=counted_kop - books_kop,
            till_ref=None, actor=Actor("cash_desk", None, "по счёту курьера"), now=act.at,
        )  # fmt: skip
        await trade.save_book(act.tx, change.book, change.entry)
        own.emit(act.tx, change.events, courier.base_id)
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
