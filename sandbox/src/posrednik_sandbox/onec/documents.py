"""Which documents the base makes of an event, once per event; they go back as objects that carry the
event's id (E-42).

The choice is a setting of 1C; this base makes a shipment of what was accepted and a cash receipt of the
cash taken.
"""

import random
import uuid
from datetime import datetime
from typing import Any

from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store, now
from posrednik_sandbox.onec.switches import Switches

Json = dict[str, Any]
TITLES = {
    "shipment": "Реализация товаров",
    "cash_receipt": "Приходный кассовый ордер",
    "card_payment": "Оплата картой",
    "return": "Возврат товаров от клиента",
    "cash_refund": "Расходный кассовый ордер",
}
# Kinds of contract.md §2; the others stay inside the base.
ON_THE_WIRE = {"shipment", "cash_receipt", "return"}
PREFIX = {"shipment": "РТ", "cash_receipt": "ПК", "card_payment": "ОК", "return": "ВЗ", "cash_refund": "РК"}


def make(store: Store, switches: Switches, event: Json, moment: datetime) -> list[str]:
    """Write the documents of an event inside the caller's transaction. Returns their kinds."""
    made = []
    told = event | {"data": _with_refs(store, event.get("data") or {})}
    for kind, total, data in _wanted(told, _order_of(store, event)):
        ref = str(uuid.UUID(int=random.Random(f"{event['id']}:{kind}").getrandbits(128), version=4))
        number = _next_number(store, kind)
        data |= {"number": number, "date": moment.replace(tzinfo=None).isoformat(timespec="seconds")}
        store.db.execute(
            "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ref, kind, number, event["id"], data.get("order"), rubles(total), now()),
        )
        if kind in ON_THE_WIRE and switches.send_documents:
            store.put(kind, ref, data, event=event["id"])
        made.append(kind)
    return made


def _wanted(event: Json, order: Json) -> list[tuple[str, int, Json]]:
    """(kind, sum in kopecks, data) of every document the event calls for."""
    data, kind = event.get("data") or {}, str(event.get("type"))
    if kind == "delivery.handed_over":
        return _goods("shipment", data, order, "accepted") + _paid(data, order, data.get("amount_taken"))
    if kind == "sale.made":
        return _goods("shipment", data, order, "quantity") + _paid(data, order, data.get("sum"))
    if kind in ("delivery.returned", "delivery.customer_returned"):
        return _goods("return", data, order, "quantity") + _refund(data, order)
    return []


def _with_refs(store: Store, data: Json) -> Json:
    """The event's courier and warehouse only where they are refs of this base; else they are mere text."""
    known = {name: data[name] for name in ("courier", "warehouse") if store.object(name, str(data.get(name)))}
    return {name: value for name, value in data.items() if name not in ("courier", "warehouse")} | known


def _goods(kind: str, data: Json, order: Json, quantity: str) -> list[tuple[str, int, Json]]:
    lines, total = [], 0
    for line in data.get("lines") or []:
        milli = round(float(line.get(quantity) or line.get("quantity") or 0) * 1000)
        price = kopecks(line.get("price"))
        if milli <= 0:
            continue
        amount = (price * milli + 500) // 1000
        total += amount
        known = {name: line[name] for name in ("line", "product", "characteristic") if line.get(name)}
        count = f"{milli / 1000:.3f}".rstrip("0").rstrip(".")
        lines.append(known | {"quantity": count, "price": rubles(price), "sum": rubles(amount)})
    if not lines:
        return []
    warehouse = data.get("warehouse") or order.get("warehouse")
    return [(kind, total, _references(order) | {"warehouse": warehouse, "lines": lines, "sum": rubles(total)})]


def _paid(data: Json, order: Json, amount: Any) -> list[tuple[str, int, Json]]:
    taken = kopecks(amount)
    if taken <= 0 or data.get("payment_method") not in ("cash", "card"):
        return []
    kind = "cash_receipt" if data["payment_method"] == "cash" else "card_payment"
    return [(kind, taken, _references(order) | _courier(data) | {"sum": rubles(taken)})]


def _refund(data: Json, order: Json) -> list[tuple[str, int, Json]]:
    amount = kopecks(data.get("refund"))
    return [("cash_refund", amount, _references(order) | {"sum": rubles(amount)})] if amount > 0 else []


def _courier(data: Json) -> Json:
    return {"courier": data["courier"]} if data.get("courier") else {}


def _references(order: Json) -> Json:
    return {name: order[name] for name in ("order", "counterparty") if order.get(name)}


def _order_of(store: Store, event: Json) -> Json:
    ref = (event.get("subject") or {}).get("order_ref")
    found = store.object("order", str(ref)) if ref else None
    return {} if found is None else found["data"] | {"order": ref}


def _next_number(store: Store, kind: str) -> str:
    number = int(store.get(f"last_{kind}", "0")) + 1
    store.set(f"last_{kind}", str(number))
    return f"{PREFIX[kind]}00-{number:06d}"


def kopecks(value: Any) -> int:
    """Rubles as text or number, absent = 0."""
    if isinstance(value, dict):
        value = value.get("sum") or value.get("amount")
    return round(float(str(value).replace(",", ".")) * 100) if value not in (None, "") else 0
