"""Which documents the base makes of an event, once per event; they go back as objects that carry the
event's id (E-42).

The choice is a setting of 1C; this base makes a shipment of what was accepted and a cash receipt of the
cash taken. A corrected hand-over rewrites its documents under their numbers and unposts what it no longer
calls for.
"""

import json
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
    told = event | {"data": _with_refs(store, event.get("data") or {})}
    wanted = _wanted(told, _order_of(store, event))
    known = _of_the_hand_over(store, event) if _corrects_hand_over(event) else {}
    for kind, total, data in wanted:
        row = known.pop(kind, None) or _new(store, event, kind, data.get("order"), moment)
        store.db.execute("UPDATE document SET sum = ? WHERE ref = ?", (rubles(total), row["ref"]))
        if kind in ON_THE_WIRE and switches.send_documents:
            data |= {"number": row["number"], "date": row["date"]}
            store.put(kind, row["ref"], data, event=event["id"])
    for row in known.values():
        _unpost(store, switches, event, row)
    return [kind for kind, _, _ in wanted]


def _new(store: Store, event: Json, kind: str, order: str | None, moment: datetime) -> Json:
    ref = str(uuid.UUID(int=random.Random(f"{event['id']}:{kind}").getrandbits(128), version=4))
    number = _next_number(store, kind)
    store.db.execute(
        "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?)", (ref, kind, number, event["id"], order, rubles(0), now())
    )
    return {"ref": ref, "number": number, "date": moment.replace(tzinfo=None).isoformat(timespec="seconds")}


def _corrects_hand_over(event: Json) -> bool:
    return event.get("type") == "delivery.corrected" and (event.get("data") or {}).get("corrects") == "hand_over"


def _of_the_hand_over(store: Store, event: Json) -> dict[str, Json]:
    """The documents of the delivery's newest hand-over and of what corrected it since, by kind."""
    key = (event.get("subject") or {}).get("id")
    rows = store.rows(
        "SELECT d.ref, d.kind, d.number, d.created_at, o.data FROM document d JOIN event e ON e.id = d.event"
        " LEFT JOIN object o ON o.kind = d.kind AND o.ref = d.ref"
        " WHERE e.subject_kind = 'delivery' AND e.subject_id = ?"
        " AND e.type IN ('delivery.handed_over', 'delivery.corrected') AND e.version >= (SELECT max(version) FROM event"
        " WHERE subject_kind = 'delivery' AND subject_id = ? AND type = 'delivery.handed_over')",
        key,
        key,
    )
    return {
        row["kind"]: row | {"date": json.loads(row["data"])["date"] if row["data"] else row["created_at"]}
        for row in rows
    }


def _unpost(store: Store, switches: Switches, event: Json, row: Json) -> None:
    store.db.execute("DELETE FROM document WHERE ref = ?", (row["ref"],))
    if row["data"] and switches.send_documents:
        store.put(row["kind"], row["ref"], json.loads(row["data"]), event=event["id"], posted=False)


def _wanted(event: Json, order: Json) -> list[tuple[str, int, Json]]:
    """(kind, sum in kopecks, data) of every document the event calls for."""
    data, kind = event.get("data") or {}, str(event.get("type"))
    if kind == "delivery.handed_over" or _corrects_hand_over(event):
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
