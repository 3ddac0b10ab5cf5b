"""Which documents the base makes of an event, once per event; they go back as objects that carry the
event's id (E-42).

The choice is a setting of 1C; this base makes a shipment of what was accepted and a cash receipt of the cash taken, an
order with both of a sale, transfers of what the backpack's counts found. A correction rewrites the documents of what it
corrects under their numbers and unposts what it no longer calls for.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from posrednik_sandbox.onec import books, papers, sales
from posrednik_sandbox.onec.books import kopecks, milli, units
from posrednik_sandbox.onec.papers import Paper
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store
from posrednik_sandbox.onec.switches import Switches

Json = dict[str, Any]
TRIAL = "Пробный заказ"
SALES = ("sale.made", "sale.corrected")
# What of the courier's cash a correction is about: the document that it renews.
CASH = {"change_issued": "change_issue", "handed_in": "cash_hand_in"}


def make(store: Store, switches: Switches, event: Json, moment: datetime) -> list[str]:
    """Write the documents of an event inside the caller's transaction. Returns their kinds.

    Raises books.NotEnough when the base controls stock and there is less; then nothing may be kept.
    """
    if event.get("type") in SALES and _has_newer(store, event):
        return []
    told = event | {"data": _with_refs(store, event.get("data") or {})}
    wanted = _wanted(store, told)
    if event.get("trial"):
        wanted = [replace(paper, data=paper.data | {"comment": TRIAL}) for paper in wanted]
    known = _renewed(store, told)
    for paper in wanted:
        row = papers.write(store, switches, paper, event["id"], known.pop(paper.place, None), moment)
        if paper.kind == "order":
            sales.show(store, row)
    for row in known.values():
        if row["posted"]:
            papers.unpost(store, switches, row, event["id"])
    return [paper.kind for paper in wanted]


def _wanted(store: Store, event: Json) -> list[Paper]:
    kind, data = str(event.get("type")), event["data"]
    if kind == "delivery.handed_over" or _corrects_hand_over(event):
        return _handed_over(data, _order_of(store, event))
    if kind in ("delivery.returned", "delivery.customer_returned"):
        return _returned(data, _order_of(store, event), shipped=kind == "delivery.customer_returned")
    if kind in SALES:
        return sales.papers_of(store, event)
    if kind.startswith("cash."):
        return _cash(kind, data)
    bag = books.bag_of(store, data["courier"]) if data.get("courier") else None
    make_papers = _OF_BACKPACK.get(kind)
    return make_papers(store, data, bag) if make_papers and bag else []


# -- deliveries


def _handed_over(data: Json, order: Json) -> list[Paper]:
    paid = {"sum": data.get("amount_taken"), "payment_method": data.get("payment_method")}
    kinds = {"cash": "cash_receipt", "card": "card_payment"}
    return _goods("shipment", data, order, "accepted", -1) + _paid(kinds, paid, data.get("courier"), order)


def _returned(data: Json, order: Json, *, shipped: bool) -> list[Paper]:
    """Goods that come back to the warehouse without having been shipped move nothing: 1C ships what was accepted."""
    return _goods("return", data, order, "quantity", 1 if shipped else 0) + _refund(data, order)


def _goods(kind: str, data: Json, order: Json, quantity: str, sign: int) -> list[Paper]:
    lines, total = [], 0
    for line in data.get("lines") or []:
        count = milli(line.get(quantity) or line.get("quantity"))
        price = kopecks(line.get("price"))
        if count <= 0:
            continue
        amount = (price * count + 500) // 1000
        total += amount
        known = {name: line[name] for name in ("line", "product", "characteristic") if line.get(name)}
        lines.append(known | {"quantity": units(count), "price": rubles(price), "sum": rubles(amount)})
    if not lines:
        return []
    warehouse = data.get("warehouse") or order.get("warehouse")
    told = _references(order) | {"warehouse": warehouse, "lines": lines, "sum": rubles(total)}
    moves = books.moved(warehouse, lines, sign)
    return [Paper(kind, total, told, data.get("courier"), order.get("order"), moves)]


def _paid(kinds: dict[str, str], data: Json, courier: str | None, order: Json) -> list[Paper]:
    """kinds: way of payment -> kind of document; other ways make none."""
    taken, kind = kopecks(data.get("sum")), kinds.get(str(data.get("payment_method")))
    if taken <= 0 or kind is None:
        return []
    told = _references(order) | ({"courier": courier} if courier else {}) | {"sum": rubles(taken)}
    return [Paper(kind, taken, told, courier, order.get("order"))]


def _refund(data: Json, order: Json) -> list[Paper]:
    """What was not given back in cash goes past the courier."""
    whole = kopecks(data.get("refund"))
    cash = kopecks(data["refund_cash"]) if "refund_cash" in data else whole
    sums = {"cash_refund": cash, "card_refund": whole - cash}
    return [
        Paper(kind, amount, _references(order) | {"sum": rubles(amount)}, data.get("courier"), order.get("order"))
        for kind, amount in sums.items()
        if amount > 0
    ]


# -- the backpack


def _accepted(store: Store, data: Json, bag: str) -> list[Paper]:
    """What the courier did not find goes back by a transfer that corrects; what was too much comes by another."""
    less, more = _differences(data)
    other = _other_side(store, data)
    of = data.get("documents") or []
    basis = str(of[0]) if len(of) == 1 else None
    return _transfer(store, data, (bag, other), less, "less", basis) + _transfer(
        store, data, (other, bag), more, "more", basis
    )


def _unloaded(store: Store, data: Json, bag: str) -> list[Paper]:
    """A transfer back, unless it was a document of this base that took the goods out."""
    document = data.get("document")
    if document and store.value("SELECT 1 FROM document WHERE ref = ?", str(document)):
        return []
    lines = [_line(line, milli(line.get("counted") or line.get("quantity"))) for line in data.get("lines") or []]
    return _transfer(store, data, (bag, _other_side(store, data)), lines, "back", None)


def _counted(store: Store, data: Json, bag: str) -> list[Paper]:
    less, more = _differences(data)
    return _stock_fix(store, "write_off", data, bag, less) + _stock_fix(store, "surplus", data, bag, more)


def _found(store: Store, data: Json, bag: str) -> list[Paper]:
    """A piece that the count wrote off is in the backpack after all. What was not found stays written off by it."""
    lines = [_line(line, milli(line.get("quantity"))) for line in data.get("lines") or []]
    return _stock_fix(store, "surplus", data, bag, lines)


_OF_BACKPACK: dict[str, Callable[[Store, Json, str], list[Paper]]] = {
    "backpack.accepted": _accepted,
    "backpack.unloaded": _unloaded,
    "backpack.counted": _counted,
    "backpack.found": _found,
}


def _other_side(store: Store, data: Json) -> str:
    """The warehouse of the transfer that is nobody's backpack; if the event names none, the division's."""
    named = store.object("warehouse", str(data.get("warehouse")))
    if named is not None and not named["data"].get("courier"):
        return str(data["warehouse"])
    courier = store.object("courier", data["courier"])
    main = books.main_of(store, courier["data"].get("division") if courier else None)
    if main is None:
        raise ValueError("у подразделения курьера нет склада")
    return main


def _differences(data: Json) -> tuple[list[Json], list[Json]]:
    """Lines of what was counted less than expected, and of what more."""
    found = [(line, milli(line.get("counted")) - milli(line.get("expected"))) for line in data.get("lines") or []]
    return [_line(line, -more) for line, more in found if more < 0], [_line(line, more) for line, more in found]


def _line(line: Json, count: int) -> Json:
    known = {name: line[name] for name in ("product", "characteristic") if line.get(name)}
    return known | {"quantity": units(count)}


def _some(lines: Sequence[Json]) -> list[Json]:
    return [line for line in lines if milli(line["quantity"]) > 0]


def _transfer(
    store: Store, data: Json, way: tuple[str, str], lines: Sequence[Json], slot: str, basis: str | None
) -> list[Paper]:
    told = {"from": way[0], "to": way[1], "courier": data["courier"], "lines": _some(lines)}
    moves, total = papers.transfer_moves(told), books.worth(store, told["lines"])
    paper = Paper("transfer", total, told, data["courier"], None, moves, f"transfer_{slot}", basis)
    return [paper] if told["lines"] else []


def _stock_fix(store: Store, kind: str, data: Json, bag: str, lines: Sequence[Json]) -> list[Paper]:
    some = _some(lines)
    moves = books.moved(bag, some, -1 if kind == "write_off" else 1)
    paper = Paper(kind, books.worth(store, some), {"warehouse": bag, "lines": some}, data["courier"], None, moves)
    return [paper] if some else []


# -- money


def _cash(event_type: str, data: Json) -> list[Paper]:
    """A document by what the cash desk did. A difference that was decided takes a document of its own."""
    subject = str(data.get("corrects")) if event_type == "cash.corrected" else event_type.removeprefix("cash.")
    if subject == "difference":
        difference = kopecks(data.get("difference"))
        kind, total = ("cash_shortage" if difference < 0 else "cash_surplus"), abs(difference)
    else:
        kind, total = CASH.get(subject, ""), kopecks(data.get("sum"))
    names = ("entry_id", "till", "receiver", "second", "expected", "counted", "difference", "reason")
    told = {name: data[name] for name in names if data.get(name) is not None} | {"sum": rubles(total)}
    return [Paper(kind, total, told, data.get("courier"))] if kind and total > 0 else []


# -- what is renewed


def _renewed(store: Store, event: Json) -> dict[str, Json]:
    """The documents that a correction renews, by their place."""
    if _corrects_hand_over(event):
        rows = _of_the_hand_over(store, event)
    elif event.get("type") in SALES:
        rows = _of_the_sale(store, event)
    elif event.get("type") == "cash.corrected":
        rows = _of_the_cash(store, event["data"])
    else:
        rows = []
    return {row["slot"]: row for row in rows}


def _corrects_hand_over(event: Json) -> bool:
    return event.get("type") == "delivery.corrected" and (event.get("data") or {}).get("corrects") == "hand_over"


def _of_the_hand_over(store: Store, event: Json) -> list[Json]:
    """The documents of the delivery's newest hand-over and of what corrected it since."""
    key = (event.get("subject") or {}).get("id")
    return store.rows(
        "SELECT d.* FROM document d JOIN event e ON e.id = d.event"
        " WHERE e.subject_kind = 'delivery' AND e.subject_id = ?"
        " AND e.type IN ('delivery.handed_over', 'delivery.corrected') AND e.version >= (SELECT max(version) FROM event"
        " WHERE subject_kind = 'delivery' AND subject_id = ? AND type = 'delivery.handed_over')",
        key,
        key,
    )


def _of_the_sale(store: Store, event: Json) -> list[Json]:
    return store.rows(
        "SELECT d.* FROM document d JOIN event e ON e.id = d.event WHERE e.subject_kind = 'sale' AND e.subject_id = ?",
        (event.get("subject") or {}).get("id"),
    )


def _of_the_cash(store: Store, data: Json) -> list[Json]:
    """The document of the entry that is corrected; where the event does not name it, the newest of the wrong sum."""
    kind, before = CASH.get(str(data.get("corrects"))), data.get("before") or {}
    entry = data.get("entry_id") or before.get("entry_id")
    if entry:
        of_it = "kind = ? AND courier = ? AND json_extract(data, '$.entry_id') = ?"
    else:
        of_it = "kind = ? AND courier = ? AND sum = ? AND posted = 1"
    return store.rows(
        f"SELECT * FROM document WHERE {of_it} ORDER BY created_at DESC, number DESC LIMIT 1",  # noqa: S608
        kind,
        data.get("courier"),
        entry or rubles(kopecks(before.get("sum"))),
    )


def _has_newer(store: Store, event: Json) -> bool:
    """A later version of the same sale has come before: its documents are the right ones."""
    subject = event.get("subject") or {}
    sql = "SELECT 1 FROM event WHERE subject_kind = ? AND subject_id = ? AND version > ?"
    return store.value(sql, subject.get("kind"), subject.get("id"), event["version"]) is not None


def _with_refs(store: Store, data: Json) -> Json:
    """The event's courier and warehouse only where they are refs of this base; else they are mere text."""
    known = {name: data[name] for name in ("courier", "warehouse") if store.object(name, str(data.get(name)))}
    return {name: value for name, value in data.items() if name not in ("courier", "warehouse")} | known


def _references(order: Json) -> Json:
    return {name: order[name] for name in ("order", "counterparty") if order.get(name)}


def _order_of(store: Store, event: Json) -> Json:
    ref = (event.get("subject") or {}).get("order_ref")
    found = store.object("order", str(ref)) if ref else None
    return {} if found is None else found["data"] | {"order": ref}
