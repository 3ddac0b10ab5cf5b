"""«Положить в рюкзак», «Забрать из рюкзака» and the transfers behind them: contract.md §2, domain.md §4."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import backpack as bag
from posrednik.domain.backpack import Backpack, BackpackChange, Load
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor
from posrednik.domain.goods import Names, less, sums
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Goods
from posrednik.domain.texts import text
from posrednik.kit.ids import uuid7
from posrednik.kit.values import milli
from posrednik.store import mirror, trade
from posrednik.store.commands import Stored
from posrednik.store.db import Cause
from posrednik.store.mirror import State
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.couriers import Courier
from posrednik.usecases.opening_stock import opening, together
from posrednik.usecases.order_desk import OrderDesk, actor_of

BACKPACK = ("backpack.load", "backpack.unload")


async def run_backpack(desk: OrderDesk, command: Stored) -> None:
    """Decide a command and do it. Sets status, code, message and result; never raises a rule."""
    desk.tx.cause = Cause(command.id, command.issued_at)
    try:
        change = await _commanded(desk, command)
        command.status, command.code, command.message = "done", None, None
        command.result = _result(change.backpack, change)
    except DomainError as error:
        command.status, command.code = "rejected", error.code
        command.message, command.result = text(error.code, **error.data), {"backpack": None, "already": False}


def _result(backpack: Backpack, change: BackpackChange) -> dict[str, Any]:
    waiting = sum(len(load.waiting) for load in backpack.pending)
    told = {"courier": backpack.courier_ref, "version": backpack.version, "goods": waiting}
    return {"backpack": told, "already": change.already}


async def _commanded(desk: OrderDesk, command: Stored) -> BackpackChange:
    courier = await own.courier_here(desk.tx, command.data["courier"], None)
    lines = await _named(desk, courier, command.data["lines"])
    actor, document = actor_of(desk.base, command.issued_by), command.data.get("document")
    warehouse = command.data["warehouse"]
    if command.type == "backpack.load":
        return await _load(desk, courier, Load(command.id, lines, warehouse, desk.now, document), actor)
    return await _unload(desk, courier, Load(command.id, lines, warehouse, desk.now, _back(document)), actor)


def _back(document: str | None) -> str | None:
    """One document is one load; of a transfer out of the backpack the same table keeps that it was done."""
    return f"unload:{document}" if document else None


async def _load(desk: OrderDesk, courier: Courier, load: Load, actor: Actor, *beside: Load) -> BackpackChange:
    """beside: what else is to be remembered."""
    change = bag.load(
        backpack=await own.backpack_of(desk.tx, courier), load=load, actor=actor, now=desk.now,
        known=await trade.find_load(desk.tx, courier.ref, load.id, load.document),
        carried=await own.carried(desk.tx, courier), cause_base=desk.base.id,
    )  # fmt: skip
    return await _keep(desk, courier, replace(change, loads=(*change.loads, *beside)))


async def _unload(desk: OrderDesk, courier: Courier, done: Load, actor: Actor) -> BackpackChange:
    """done: as which it is remembered."""
    backpack = await own.backpack_of(desk.tx, courier)
    if await trade.find_load(desk.tx, courier.ref, done.id, done.document) is not None:
        return BackpackChange(backpack, already=True)
    return await _keep(desk, courier, await _left(desk, courier, done.lines, done, actor, late=False))


async def _left(
    desk: OrderDesk, courier: Courier, lines: Sequence[Goods], done: Load, actor: Actor, *, late: bool = True
) -> BackpackChange:
    """late: 1C tells of what has happened already."""
    backpack, carried = await own.backpack_of(desk.tx, courier), await own.carried(desk.tx, courier)
    carried = together(carried, await opening(desk.tx, courier, backpack, carried) or ())
    change = bag.unload(
        backpack=backpack, lines=lines, warehouse_ref=done.warehouse_ref, carried=carried, actor=actor, now=desk.now,
        late=late, document=done.document, cause_base=desk.base.id,
    )  # fmt: skip
    return replace(change, loads=(done,))


async def _keep(desk: OrderDesk, courier: Courier, change: BackpackChange) -> BackpackChange:
    if not change.already:
        await trade.save_backpack(desk.tx, change.backpack, change.loads)
        own.emit(desk.tx, change.events, desk.base.id)
    about = About("backpack", courier.ref, courier.division, courier.ref, desk.base.id)
    await incidents.raise_all(desk.tx, change.contradictions, about, desk.now)
    return change


async def _named(desk: OrderDesk, courier: Courier, lines: Iterable[dict[str, Any]]) -> tuple[Goods, ...]:
    read = [(line["product"], line.get("characteristic"), milli(line["quantity"])) for line in lines]
    known = await own.products(desk.tx, courier.base_id, ((p, c) for p, c, _ in read))
    return tuple(Goods(p, c, quantity, known[p, c].name) for p, c, quantity in read)


# -- transfers that came as documents


async def transfers_changed(desk: OrderDesk, states: Sequence[State]) -> None:
    """A transfer into or out of a courier's warehouse loads or unloads once, whether a command told of it or not; one
    that 1C took back is taken back. Documents that 1C made of our own events change nothing (E-42)."""
    desk.tx.cause = None
    for state in states:
        if state.event_id is not None:
            continue
        data = msgspec.json.decode(state.body)
        couriers = await _couriers_of(desk, (data["from"], data["to"]))
        if data["to"] in couriers:
            await _into(desk, couriers[data["to"]], state, data)
        if data["from"] in couriers:
            await _out_of(desk, couriers[data["from"]], state, data)


async def _couriers_of(desk: OrderDesk, warehouses: Iterable[str]) -> dict[str, str]:
    rows = await mirror.get(desk.tx, desk.base.id, [("warehouse", ref) for ref in warehouses])
    found = {ref: msgspec.json.decode(row.data).get("courier") for (_, ref), row in rows.items()}
    return {ref: courier for ref, courier in found.items() if courier}


async def _into(desk: OrderDesk, courier_ref: str, state: State, data: dict[str, Any]) -> None:
    courier = await own.courier_here(desk.tx, courier_ref, None)
    known = await trade.find_load(desk.tx, courier.ref, UUID(state.ref), state.ref)
    actor = actor_of(desk.base, "")
    if state.posted and not state.deleted:
        lines = await _named(desk, courier, data["lines"])
        await _load(desk, courier, Load(UUID(state.ref), lines, data["from"], desk.now, state.ref), actor)
    elif known is not None:
        change = bag.undo_load(
            backpack=await own.backpack_of(desk.tx, courier), load=known, actor=actor, now=desk.now,
            carried=await own.carried(desk.tx, courier), cause_base=desk.base.id,
        )  # fmt: skip
        await _keep(desk, courier, change)


async def _out_of(desk: OrderDesk, courier_ref: str, state: State, data: dict[str, Any]) -> None:
    """What the transfer holds more than before leaves the backpack; what it holds less never left, and is in it again,
    to be counted like any load."""
    courier = await own.courier_here(desk.tx, courier_ref, None)
    document, actor = _back(state.ref), actor_of(desk.base, "")
    # By its document only: a transfer from one backpack to another is a load of the other by its own id.
    known = await trade.find_load(desk.tx, courier.ref, uuid7(), document)
    holds = state.posted and not state.deleted
    lines = await _named(desk, courier, data["lines"]) if holds else ()
    had = () if known is None or known.undone else known.lines
    names = Names(had, lines)
    more, fewer = less(sums(lines), sums(had)), less(sums(had), sums(lines))
    done = replace(known or Load(uuid7(), (), data["to"], desk.now, document), lines=lines or had, undone=not holds)
    if more:
        await _keep(desk, courier, await _left(desk, courier, names.goods(more), done, actor))
    if fewer:
        await _load(desk, courier, Load(uuid7(), names.goods(fewer), done.warehouse_ref, desk.now), actor, done)
