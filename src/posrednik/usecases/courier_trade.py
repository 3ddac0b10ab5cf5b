"""What a courier does with his backpack and his cash, from his phone: domain.md §4, contract.md §5."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain import backpack as bag
from posrednik.domain import cash as money
from posrednik.domain import sales
from posrednik.domain.changes import Contradiction
from posrednik.domain.events import Actor, Event
from posrednik.domain.incidents import About
from posrednik.domain.sales import Item, Sale, SaleChange
from posrednik.domain.shifts import Goods
from posrednik.store import ledger, shifts, trade
from posrednik.store.db import Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.courier_case import Act, Done, open_delivery
from posrednik.usecases.courier_event import MalformedEvent, NothingToCorrect, goods, kop, link, said
from posrednik.usecases.courier_late import late_in
from posrednik.usecases.couriers import Courier
from posrednik.usecases.opening_stock import Held, held
from posrednik.usecases.order_facts import Rules


async def sell(act: Act) -> Done:
    """`sale.make`. Raises NotInBackpack, what the money cannot be, NotHisDelivery."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    has = await held(act.tx, courier, act.rules, act.at)
    delivery_id = act.event.delivery or _uuid(act.event.payload.get("delivery"))
    if delivery_id is not None:
        await open_delivery(act, delivery_id)
    change = sales.make(
        made=await trade.lock_sale(act.tx, act.event.id), new_id=act.event.id, base_id=courier.base_id,
        division_ref=courier.division, warehouse_ref=has.backpack.warehouse_ref, carried=has.carried,
        delivery_id=delivery_id, now=act.at, **await _said(act, courier, act.event.payload, has.version),
    )  # fmt: skip
    return await _sold(act, courier, change, "sale")


async def correct_sale(act: Act, sale_id: UUID, right: dict[str, Any], why: str | None) -> Done:
    """The whole right sale in place of the wrong one."""
    sale = await trade.lock_sale(act.tx, sale_id)
    if sale is None:
        raise NothingToCorrect
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    has = await held(act.tx, courier, act.rules, act.at)
    change = sales.correct(
        sale=sale, why=why, carried=has.carried, now=act.at, **await _said(act, courier, right, has.version),
    )  # fmt: skip
    return await _sold(act, courier, change, "correct_sale")


async def _said(act: Act, courier: Courier, payload: dict[str, Any], version: int) -> dict[str, Any]:
    """What the courier entered, beside what is known of it."""
    items = _items(payload)
    policy = act.rules.of(courier.division).policy
    known = await own.products(act.tx, courier.base_id, ((i.product, i.characteristic) for i in items))
    named = [Item(i.product, i.characteristic, i.quantity_milli, i.price_kop, known[i.product, i.characteristic].name,
                  i.sum_kop) for i in items]  # fmt: skip
    return {
        "items": named, "payment_method": said(payload, "payment_method", 50) or "",
        "prices": await trade.prices(act.tx, courier.base_id, (i.product for i in items)),
        "oversale_milli": policy.oversale_milli, "actor": act.actor, "reference": said(payload, "reference", 200),
        "receipt": bool(payload.get("receipt")), "receipt_url": link(payload, "receipt_url"),
        "late": await _fell(act, courier, version),
    }  # fmt: skip


async def _fell(act: Act, courier: Courier, version: int) -> bool:
    """Whether his books fell after his phone last saw them: then what he sold was there, and is gone."""
    seen = act.event.version
    if seen is not None and seen < version:
        return True
    return await ledger.fell_since(act.tx, courier.ref, act.at)


def _items(payload: dict[str, Any]) -> list[Item]:
    read = goods(payload.get("lines"))
    lines = payload.get("lines") or []
    return [
        Item(product, characteristic, milli, kop(line.get("price")), None,
             None if line.get("sum") is None else kop(line.get("sum")))
        for (product, characteristic, milli), line in zip(read, lines, strict=True)
    ]  # fmt: skip


async def _sold(act: Act, courier: Courier, change: SaleChange, action: str) -> Done:
    sale = change.sale
    found = list(change.contradictions)
    if not change.already:
        found += await _over_ceiling(act, courier, change.events)
        await trade.save_sale(act.tx, sale)
        own.emit(act.tx, change.events, courier.base_id)
    raised = await incidents.raise_all(act.tx, found, _about("sale", str(sale.id), sale), act.now)
    order_number = act.delivery.order_number if act.delivery else None
    too_late, shift_id = await late_in(act, action, order_number, already=change.already)
    return _done(act, courier, [*raised, *too_late], shift_id)


async def _over_ceiling(act: Act, courier: Courier, happened: Sequence[Event]) -> tuple[Contradiction, ...]:
    before = await own.cash_kop(act.tx, courier.ref)
    ceiling = act.rules.of(courier.division).policy.cash_ceiling_kop
    return money.over_ceiling(
        who=act.who, before_kop=before, after_kop=before + own.own_cash(courier.ref, happened), ceiling_kop=ceiling
    )


def _about(kind: str, subject_id: str, sale: Sale) -> About:
    return About(kind, subject_id, sale.division_ref, sale.courier_ref, sale.base_id)


def _done(act: Act, courier: Courier, raised: Sequence[UUID], shift_id: UUID | None) -> Done:
    return Done(raised[0] if raised else None, None, act.order_ref, courier.division, shift_id)


async def _done_in_shift(act: Act, courier: Courier, raised: Sequence[UUID]) -> Done:
    shift = await shifts.lock_at(act.tx, courier.ref, act.at)
    return _done(act, courier, raised, shift.id if shift else None)


# -- the backpack counted


async def accept(act: Act) -> Done:
    """`backpack.accept`: the loads that wait are counted in, all that are named; without names all that wait."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    named = act.event.payload.get("loads")
    change = bag.accept(
        backpack=await own.backpack_of(act.tx, courier), goods=await _counted(act, courier),
        carried=await own.carried(act.tx, courier), actor=act.actor, now=act.at,
        seen=None if named is None else [_sure(one) for one in named],
    )  # fmt: skip
    return await _counted_done(act, courier, change, "accept_backpack")


async def count(act: Act) -> Done:
    """`backpack.count`: the whole backpack."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    there = await _counted(act, courier)
    has = await held(act.tx, courier, act.rules, act.at, counted=True)
    change = await count_backpack(act.tx, courier, there, has.counted_at(act.at), act.actor, act.at)
    return await _counted_done(act, courier, change, "count_backpack")


async def count_backpack(
    tx: Tx, courier: Courier, there: Sequence[Goods], has: Held, actor: Actor, at: datetime
) -> bag.BackpackChange:
    """There against the ledger, valued at 1C's prices of now."""
    keys = {one.product for one in (*has.carried, *there)}
    return bag.count(
        backpack=has.backpack, goods=there, carried=has.carried,
        prices=await trade.prices(tx, courier.base_id, keys), actor=actor, now=at,
    )  # fmt: skip


async def _counted_done(act: Act, courier: Courier, change: bag.BackpackChange, action: str) -> Done:
    """What agrees moves nothing, so a late one of these is no case."""
    raised = await keep_backpack(act.tx, courier, change, act.rules, act.now)
    too_late, shift_id = await late_in(act, action, None, already=change.already, moves=bool(change.contradictions))
    return _done(act, courier, [*raised, *too_late], shift_id)


async def keep_backpack(
    tx: Tx, courier: Courier, change: bag.BackpackChange, rules: Rules, now: datetime
) -> list[UUID]:
    """Write it; the incidents that it raised."""
    if not change.already:
        await trade.save_backpack(tx, change.backpack, change.loads)
        own.emit(tx, change.events, courier.base_id)
    about = About("backpack", courier.ref, courier.division, courier.ref, courier.base_id)
    return await incidents.raise_all(tx, change.contradictions, about, now)


async def _counted(act: Act, courier: Courier) -> list[Goods]:
    read = goods(act.event.payload.get("lines"))
    known = await own.products(act.tx, courier.base_id, ((p, c) for p, c, _ in read))
    return [Goods(p, c, milli, known[p, c].name) for p, c, milli in read]


# -- cash


async def ask_hand_in(act: Act) -> Done:
    """`cash.hand_in_request`: the cashier finds him by a code; nothing moves before the money is counted."""
    courier = await own.courier_here(act.tx, act.phone.courier_ref, act.actor.name)
    sum_kop = kop(act.event.payload.get("sum"))
    await trade.ask_hand_in(act.tx, courier.ref, sum_kop, f"{secrets.randbelow(10_000):04d}", act.at)
    return await _done_in_shift(act, courier, [])


def _sure(value: Any) -> UUID:
    found = _uuid(value)
    if found is None:
        raise MalformedEvent(pointer="/payload/loads")
    return found


def _uuid(value: Any) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise MalformedEvent(pointer="/payload/delivery") from error


__all__ = ["accept", "ask_hand_in", "correct_sale", "count", "count_backpack", "keep_backpack", "sell"]
