"""What a courier's phone needs for a day without a network (contract.md §5): deliveries, rules, backpack, cash."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from posrednik.domain.backpack import Backpack, Load
from posrednik.domain.deliveries import Delivery, Line
from posrednik.domain.goods import sums
from posrednik.domain.publication import rubles, units
from posrednik.domain.shifts import Key, Shift
from posrednik.store import deliveries, mirror, phones, shifts, step_photos, trade
from posrednik.store.db import Database, Row, Tx
from posrednik.store.inbox import Base, first_base, get_base
from posrednik.usecases import courier_goods as own
from posrednik.usecases import courier_rules
from posrednik.usecases.courier_money import cash_told, sale_told
from posrednik.usecases.couriers import Courier
from posrednik.usecases.opening_stock import opening, together
from posrednik.usecases.order_facts import Rules

Document = dict[str, Any]
FAVOURITES = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Day:
    """told: the answer without the server's time. tag: of its content."""

    told: Document
    tag: str


@dataclass(frozen=True, slots=True)
class _Seen:
    base: Base | Row
    deliveries: list[Delivery]
    names: Mapping[str, str]
    weighed: Mapping[str, bool]
    photos: Mapping[UUID, list[Row]]
    shift: Shift | None
    trade: Document


async def day(db: Database, courier: Courier, device: str, rules: Rules, now: datetime) -> Day:
    """The day of `courier` as of `now`. device: the phone's own text, may be empty."""
    seen = await db.transact(lambda tx: _look(tx, courier, rules, now))
    zone = rules.of(courier.division).time_zone or seen.base.time_zone
    divisions = sorted({courier.division, *(d.division_ref for d in seen.deliveries)} - {""})
    told_rules = courier_rules.document(rules, divisions, seen.names, seen.base.time_zone)
    told = {
        "day": now.astimezone(ZoneInfo(zone)).date().isoformat(), "time_zone": zone,
        "rules_version": await courier_rules.keep(db, told_rules), "rules": told_rules,
        "courier": {"ref": courier.ref, "name": courier.name, "phone": courier.phone, "division": courier.division},
        "deliveries": [_delivery(one, courier.ref, seen) for one in seen.deliveries],
        **seen.trade, "shift": _shift(seen.shift),
        "device": await _device(db, courier.ref, device),
    }  # fmt: skip
    return Day(told, hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32])


async def _look(tx: Tx, courier: Courier, rules: Rules, now: datetime) -> _Seen:
    base = await get_base(tx, courier.base_id) or await first_base(tx)
    zone = ZoneInfo(rules.of(courier.division).time_zone or base.time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    shift = await shifts.current(tx, courier.ref)
    since = min(midnight, shift.opened_at) if shift else midnight
    found = await deliveries.of_courier(tx, courier.ref, since)
    keys = [("division", d.division_ref) for d in found] + [("division", courier.division)]
    keys += [("product", line.product) for d in found for line in d.lines]
    rows = await mirror.get(tx, base.id, set(keys))
    known = {key: msgspec.json.decode(row.data) for key, row in rows.items()}
    photos: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in await step_photos.of_deliveries(tx, [d.id for d in found]):
        photos[row.delivery_id].append(row)
    return _Seen(
        base, found, {ref: data.get("name", "") for (kind, ref), data in known.items() if kind == "division"},
        {ref: bool(data.get("by_weight")) for (kind, ref), data in known.items() if kind == "product"}, photos,
        shift, await _trade(tx, replace(courier, base_id=base.id), rules, since, shift, now),
    )  # fmt: skip


async def _trade(
    tx: Tx, courier: Courier, rules: Rules, since: datetime, shift: Shift | None, now: datetime
) -> Document:
    """Backpack, cash and sales, by the ledgers."""
    backpack = await own.backpack_of(tx, courier)
    change = rubles(shift.change_kop) if shift else rubles(0)
    ceiling_kop = rules.of(courier.division).policy.cash_ceiling_kop
    return {
        "backpack": await _carried(tx, courier, backpack, now), "backpack_version": backpack.version,
        "backpack_loads": [await _load(tx, courier, load) for load in backpack.pending],
        "cash": await cash_told(tx, courier.ref, since, change, ceiling_kop),
        "sales": [sale_told(sale) for sale in await trade.sales_since(tx, courier.ref, since)],
    }  # fmt: skip


async def _carried(tx: Tx, courier: Courier, backpack: Backpack, now: datetime) -> list[Document]:
    """By the ledger, with what 1C has in his warehouse beyond it and his first act takes in."""
    carried = await own.carried(tx, courier)
    there = sums(together(carried, await opening(tx, courier, backpack, carried) or ()))
    waiting = sums(one for load in backpack.pending for one in load.waiting)
    known = await own.products(tx, courier.base_id, there)
    prices = await trade.prices(tx, courier.base_id, (product for product, _ in there))
    sold = await trade.sold_times(tx, courier.ref, now - FAVOURITES)
    goods = [
        {**_product(key, known[key]), "quantity": units(quantity), "pending": units(waiting.get(key, 0)),
         "price": rubles(prices[key]) if key in prices else _plain_price(prices, key), "sold": sold.get(key, 0),
         "barcodes": list(known[key].barcodes), "code": known[key].code, "article": known[key].article}
        for key, quantity in there.items()
    ]  # fmt: skip
    return sorted(goods, key=lambda one: (-one["sold"], one["name"]))


def _plain_price(prices: Mapping[Key, int], key: Key) -> str | None:
    """A price without a characteristic is that of all of them."""
    plain = prices.get((key[0], None))
    return None if plain is None else rubles(plain)


async def _load(tx: Tx, courier: Courier, load: Load) -> Document:
    keys = [(one.product, one.characteristic) for one in load.waiting]
    known = await own.products(tx, courier.base_id, keys)
    lines = [
        {**_product(key, known[key]), "quantity": units(one.quantity_milli)}
        for key, one in zip(keys, load.waiting, strict=True)
    ]
    return {"id": str(load.id), "document": load.document, "at": _at(load.at), "lines": lines}


def _product(key: Key, known: own.Product) -> Document:
    return {"product": key[0], "characteristic": key[1], "name": known.name, "unit": known.unit,
            "by_weight": known.by_weight}  # fmt: skip


def _delivery(d: Delivery, courier_ref: str, seen: _Seen) -> Document:
    return {
        "id": str(d.id), "version": d.version, "division": d.division_ref, "stage": d.shown_stage,
        "mine": d.courier_ref == courier_ref, "trial": d.trial,
        "order": {"ref": d.order_ref, "number": d.order_number, "site_number": d.site_number},
        "recipient": {"name": d.recipient.name, "phone": d.recipient.phone}, "address": _address(d),
        "window": {"from": _at(d.window.from_at), "to": _at(d.window.to_at)} if d.window else None,
        "comment": d.comment, "lines": [_line(line, seen.weighed) for line in d.lines], **_money(d), **_outcome(d),
        "photos": [
            {"sha256": row.sha256.hex(), "action": row.action, "at": _at(row.at)} for row in seen.photos.get(d.id, ())
        ],
    }  # fmt: skip


def _address(d: Delivery) -> Document:
    names = ("text", "entrance", "floor", "flat", "intercom", "latitude", "longitude")
    return {name: value for name in names if (value := getattr(d.address, name)) is not None}


def _line(line: Line, weighed: Mapping[str, bool]) -> Document:
    counted = ("quantity", "picked", "accepted", "refused", "carried", "returned")
    return {
        "line": line.line, "product": line.product, "characteristic": line.characteristic, "name": line.name,
        "unit": line.unit, "by_weight": weighed.get(line.product, False), "price": rubles(line.price_kop),
        "sum": rubles(line.sum_kop), **{name: units(getattr(line, f"{name}_milli")) for name in counted},
    }  # fmt: skip


def _money(d: Delivery) -> Document:
    return {
        "goods": rubles(d.goods_kop), "delivery_price": rubles(d.delivery_price_kop), "prepaid": rubles(d.prepaid_kop),
        "amount_due": rubles(d.amount_due_kop), "amount_due_by_hand": d.amount_due_by_hand_kop is not None,
        "payment_method": d.payment_method, "receipt": d.receipt, "receipt_url": d.receipt_url,
        "reference": d.reference,
        "amount_taken": None if d.amount_taken_kop is None else rubles(d.amount_taken_kop),
    }  # fmt: skip


def _outcome(d: Delivery) -> Document:
    return {
        "reason": d.reason, "reason_comment": d.reason_comment,
        "next_date": d.next_date.isoformat() if d.next_date else None, "retries": d.retries,
        "goods_out": d.goods_out, "claimed_back": d.claimed_back is not None,
        "times": {
            name: _at(getattr(d, name))
            for name in ("ready_at", "picked_up_at", "departed_at", "handed_over_at", "settled_at")
        },
    }  # fmt: skip


def _shift(shift: Shift | None) -> Document | None:
    if shift is None:
        return None
    return {"id": str(shift.id), "opened_at": _at(shift.opened_at), "change": rubles(shift.change_kop)}


async def _device(db: Database, courier_ref: str, device: str) -> Document | None:
    row = await phones.get(db, courier_ref, device) if device else None
    if row is None:
        return None
    missing: Iterable[int] = await phones.missing(db, courier_ref, device)
    return {"whole_to": row.whole_to, "last_seq": row.last_seq, "missing": missing}


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
