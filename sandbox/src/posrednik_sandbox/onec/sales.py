"""A sale from the backpack becomes an order that is done at once («моментальный заказ»), its shipment from the
courier's warehouse, and the document of its money.
"""

from typing import Any

from posrednik_sandbox.onec import books, papers
from posrednik_sandbox.onec.books import kopecks, milli, units
from posrednik_sandbox.onec.papers import Paper
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store, now

Json = dict[str, Any]
PAYMENTS = {"cash": "cash_receipt", "card": "card_payment", "transfer": "bank_payment"}
BUYER = "Розничный покупатель"
PLACE = "Продажа курьером из рюкзака"


def papers_of(store: Store, event: Json) -> list[Paper]:
    """The documents of a sale as it is after this event; none when all of it was taken back.

    Raises ValueError when it can be laid on no warehouse or division of the base.
    """
    data, lines = event["data"], _lines(event["data"])
    if not lines:
        return []
    courier = data.get("courier")
    bag = (books.bag_of(store, courier) if courier else None) or data.get("warehouse")
    if bag is None:
        raise ValueError("у продажи нет склада курьера")
    goods, ref = sum(kopecks(line["sum"]) for line in lines), _order_ref(store, event)
    order = _order(store, event, bag, lines)
    shipped = {"order": ref, "warehouse": bag, "lines": lines, "sum": rubles(goods)}
    return [
        Paper("order", goods, order, courier),
        Paper("shipment", goods, shipped, courier, ref, books.moved(bag, lines, -1)),
        *_payment(data, courier, ref),
    ]


def show(store: Store, row: Json) -> None:
    """The order in the list of orders: there is nothing to deliver and nothing to get."""
    data = row["data"]
    store.db.execute(
        "INSERT INTO order_card"
        " (ref, position, number, recipient, ready, delivery_price, amount_due, courier, created_at)"
        " VALUES (?, (SELECT coalesce(max(position), 100) + 1 FROM order_card), ?, ?, 0, '0.00', '0.00', ?, ?)"
        " ON CONFLICT (ref) DO NOTHING",
        (row["ref"], data["number"], data["recipient"]["name"], data.get("courier"), now()),
    )


def _payment(data: Json, courier: str | None, order: str) -> list[Paper]:
    kind, taken = PAYMENTS.get(str(data.get("payment_method"))), kopecks(data.get("sum"))
    if kind is None or taken <= 0:
        return []
    told = {"order": order, "sum": rubles(taken)} | ({"courier": courier} if courier else {})
    return [Paper(kind, taken, told, courier, order)]


def _lines(data: Json) -> list[Json]:
    return [
        _line(number, line) for number, line in enumerate(data.get("lines") or [], 1) if milli(line.get("quantity"))
    ]


def _line(number: int, line: Json) -> Json:
    """The sum that the courier took, also where price × quantity is a kopeck off."""
    count, price = milli(line["quantity"]), kopecks(line.get("price"))
    amount = kopecks(line["sum"]) if line.get("sum") is not None else (price * count + 500) // 1000
    known = {name: line[name] for name in ("product", "characteristic") if line.get(name)}
    return {"line": str(number), **known, "quantity": units(count), "price": rubles(price), "sum": rubles(amount)}


def _order(store: Store, event: Json, bag: str, lines: list[Json]) -> Json:
    data, delivered = event["data"], _delivered(store, event["data"].get("delivery"))
    return {
        "division": _division(store, event, bag),
        "recipient": delivered.get("recipient") or {"name": BUYER},
        "address": delivered.get("address") or {"text": PLACE},
        **{name: delivered[name] for name in ("counterparty",) if delivered.get(name)},
        **{name: data[name] for name in ("courier", "receipt") if data.get(name)},
        "warehouse": bag,
        "lines": lines,
        "delivery_price": "0.00",
        "payment_method": data.get("payment_method"),
        "status": "Выполнен",
        "comment": PLACE,
    }


def _delivered(store: Store, delivery: Any) -> Json:
    """The order of the delivery that the sale was made at."""
    sql = "SELECT order_ref FROM event WHERE subject_kind = 'delivery' AND subject_id = ? LIMIT 1"
    found = store.object("order", str(store.value(sql, str(delivery)))) if delivery else None
    return dict(found["data"]) if found else {}


def _division(store: Store, event: Json, bag: str) -> str:
    warehouse = store.object("warehouse", bag)
    for ref in (event.get("division"), warehouse["data"].get("division") if warehouse else None):
        if ref and store.object("division", str(ref)):
            return str(ref)
    raise ValueError("у продажи нет подразделения")


def _order_ref(store: Store, event: Json) -> str:
    """The same order for all versions of a sale."""
    known = store.value(
        "SELECT d.ref FROM document d JOIN event e ON e.id = d.event"
        " WHERE e.subject_kind = 'sale' AND e.subject_id = ? AND d.kind = 'order'",
        (event.get("subject") or {}).get("id"),
    )
    return str(known or papers.ref_of(event["id"], "order"))
