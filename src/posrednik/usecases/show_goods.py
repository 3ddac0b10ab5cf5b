"""Cash and backpacks of all couriers for the office's pages: by the ledgers, beside what 1C says (domain.md §4)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from posrednik.domain import ledger as accounts
from posrednik.domain.backpack import Backpack
from posrednik.domain.cash import ceiling_state
from posrednik.domain.goods import sums, worth_kop
from posrednik.domain.publication import rubles, units
from posrednik.domain.shifts import Goods, Key
from posrednik.kit.values import milli
from posrednik.store import couriers, ledger, mirror, shifts, trade
from posrednik.store.db import Row, Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases import opening_stock
from posrednik.usecases.cash_desk import difference_of
from posrednik.usecases.compare_backpacks import DISPUTED
from posrednik.usecases.courier_money import cash_told
from posrednik.usecases.couriers import Courier, courier_from
from posrednik.usecases.order_facts import Rules

Document = dict[str, Any]


async def _active(tx: Tx, divisions: Collection[str] | None) -> list[Row]:
    """divisions: only couriers of these, None = of all."""
    rows = await couriers.found(tx)
    return [row for row in rows if row.active and (divisions is None or row.division in divisions)]


async def cash_desk(tx: Tx, rules: Rules, divisions: Collection[str] | None = None) -> Document:
    """Who may hand in, those who asked first; without what is expected of anybody, for the count is blind."""
    rows = await _active(tx, divisions)
    held = await ledger.money(tx, [accounts.cash(row.ref) for row in rows])
    asked = {row.courier_ref: row for row in await trade.requests(tx)}
    last = {row.courier_ref: row for row in await trade.last_hand_ins(tx)}
    told = [_desk_row(row, rules, held[accounts.cash(row.ref)], asked, last) for row in rows]
    names = {row.ref: row.name for row in rows}
    opened = [one for one in await trade.open_counts(tx) if divisions is None or one.courier_ref in names]
    counts = [await _open_count(tx, one, names.get(one.courier_ref)) for one in opened]
    return {"couriers": sorted(told, key=lambda one: (one["requested"] is None, one["name"])), "counts": counts}


async def _open_count(tx: Tx, row: Row, name: str | None) -> Document:
    """It was counted, so what is expected is no secret any more. recounts: sums of this hand-in counted before."""
    books_kop = await own.cash_kop(tx, row.courier_ref)
    expected_kop = books_kop if row.declared_kop is None else min(row.declared_kop, books_kop)
    return {
        "id": str(row.id), "courier": {"ref": row.courier_ref, "name": name}, "counted": rubles(row.counted_kop),
        "expected": rubles(expected_kop), "difference": rubles(row.counted_kop - expected_kop),
        "at": row.made_at.isoformat(), "by": row.receiver,
        "recounts": [rubles(one) for one in await trade.counts_given_up(tx, row.courier_ref)],
    }  # fmt: skip


async def is_blind(tx: Tx, courier_ref: str) -> bool:
    """He asked to hand in and nobody has counted it: what is expected of him is told to nobody yet."""
    if not await trade.requests(tx, courier_ref):
        return False
    counted = any(one.courier_ref == courier_ref for one in await trade.open_counts(tx))
    return not counted and not await trade.counts_given_up(tx, courier_ref)


def _desk_row(row: Row, rules: Rules, cash_kop: int, asked: Mapping[str, Row], last: Mapping[str, Row]) -> Document:
    wants, before = asked.get(row.ref), last.get(row.ref)
    ceiling = rules.of(row.division or "").policy.cash_ceiling_kop
    return {
        "ref": row.ref, "name": row.name, "division": {"ref": row.division, "name": row.division_name},
        "ceiling_state": ceiling_state(cash_kop, ceiling),
        "requested": wants and {"at": wants.asked_at.isoformat(), "code": wants.code},
        "last_hand_in": before and {
            "at": before.at.isoformat(), "sum": rubles(before.sum_kop), "receiver": before.receiver,
        },
    }  # fmt: skip


async def cash_of(tx: Tx, courier: Courier, rules: Rules, since: datetime) -> Document:
    """One courier's cash with its lines since that moment."""
    shift = await shifts.current(tx, courier.ref)
    change = rubles(shift.change_kop) if shift else rubles(0)
    ceiling = rules.of(courier.division).policy.cash_ceiling_kop
    told = await cash_told(tx, courier.ref, since, change, ceiling)
    differs_kop = await difference_of(tx, courier.ref)
    return {"courier": {"ref": courier.ref, "name": courier.name}, **told, "difference": rubles(differs_kop)}


async def after_decision(tx: Tx, courier_ref: str, decided_kop: int) -> Document:
    """What a decision on a difference leaves; its posting comes with the commit and is added here."""
    to_hand_in, differs = await own.cash_kop(tx, courier_ref), await difference_of(tx, courier_ref)
    return {
        "decided": rubles(decided_kop), "difference": rubles(differs - decided_kop),
        "to_hand_in": rubles(to_hand_in + decided_kop),
    }  # fmt: skip


async def backpacks(tx: Tx, now: datetime, divisions: Collection[str] | None = None) -> Document:
    """Every courier who carries, awaits or owes goods, or has some by 1C. Locks nothing: the page asks often."""
    rows = await _active(tx, divisions)
    known = await trade.backpacks(tx)
    mine = [account(row.ref) for row in rows for account in (accounts.backpack, accounts.shortage)]
    held = await ledger.goods(tx, mine)
    told = [await _backpack(tx, row, known.get(row.ref), held, now) for row in rows]
    return {"couriers": [one for one in told if one["goods"] or one["disputed"] or one["shortage"]]}


async def _backpack(
    tx: Tx, row: Row, backpack: Backpack | None, held: Mapping[str, Mapping[Key, int]], now: datetime
) -> Document:
    courier = courier_from(row)
    carried, short = held[accounts.backpack(row.ref)], held[accounts.shortage(row.ref)]
    base = await _by_base(tx, courier)
    opening = await _opening(tx, courier, backpack, carried) if base else {}
    waiting = sums(one for load in backpack.pending for one in load.waiting) if backpack else {}
    disputed = await ledger.disputed(tx, row.ref, now - DISPUTED) if backpack else {}
    keys = dict.fromkeys((*carried, *(base or {}), *short, *disputed))
    known = await own.products(tx, courier.base_id, keys)
    prices = await trade.prices(tx, courier.base_id, (product for product, _ in short)) if short else {}
    ours = {key: carried.get(key, 0) + opening.get(key, 0) for key in keys}
    return {
        "ref": row.ref, "name": row.name, "division": {"ref": row.division, "name": row.division_name},
        "warehouse": await _warehouse(tx, courier),
        "goods": [
            {**_named(key, known), "quantity": units(carried.get(key, 0)),
             "pending": units(waiting.get(key, 0) + opening.get(key, 0)),
             "onec": None if base is None else units(base.get(key, 0)),
             "difference": None if base is None else units(ours[key] - base.get(key, 0))}
            for key in keys if carried.get(key) or (base or {}).get(key)
        ],
        "disputed": [{**_named(key, known), "quantity": units(n)} for key, n in disputed.items() if n],
        "shortage": [_short(key, n, known, prices) for key, n in short.items() if n],
    }  # fmt: skip


async def _opening(
    tx: Tx, courier: Courier, backpack: Backpack | None, carried: Mapping[Key, int]
) -> Mapping[Key, int]:
    """What 1C has in his warehouse and his next count takes over: no difference, it waits to be counted."""
    known = backpack or Backpack(courier.ref, courier.base_id, courier.division, None)
    goods = [Goods(*key, quantity_milli) for key, quantity_milli in carried.items()]
    return sums(await opening_stock.opening(tx, courier, known, goods) or ())


async def _warehouse(tx: Tx, courier: Courier) -> Document | None:
    """His own one in 1C."""
    ref = await trade.warehouse_of(tx, courier.base_id, courier.ref)
    if ref is None:
        return None
    row = (await mirror.get(tx, courier.base_id, [("warehouse", ref)])).get(("warehouse", ref))
    return {"ref": ref, "name": msgspec.json.decode(row.data).get("name") if row else None}


async def _by_base(tx: Tx, courier: Courier) -> dict[Key, int] | None:
    """1C's stock of his warehouse; None = 1C told nothing of it."""
    rows = await shifts.backpack(tx, courier.base_id, courier.ref)
    there: defaultdict[Key, int] = defaultdict(int)
    for row in rows:
        there[row.product, row.characteristic] += milli(row.quantity)
    return dict(there) if rows else None


def _named(key: Key, known: Mapping[Key, own.Product]) -> Document:
    return {"product": key[0], "characteristic": key[1], "name": known[key].name, "unit": known[key].unit}


def _short(key: Key, quantity_milli: int, known: Mapping[Key, own.Product], prices: Mapping[Key, int]) -> Document:
    price = prices.get(key, prices.get((key[0], None)))
    value = None if price is None else rubles(worth_kop(price, quantity_milli))
    return {**_named(key, known), "quantity": units(quantity_milli), "value": value}
