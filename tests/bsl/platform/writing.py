"""How what BSL writes lies in the sandbox's file: an object's data, extra attributes, paper, movements of goods."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Value
from tests.bsl.platform import additional
from tests.bsl.platform.columns import EMPTY_DATE, ZERO_GUID
from tests.bsl.platform.configuration import Attribute, Thing
from tests.bsl.platform.platform import iso
from tests.bsl.platform.refs import EnumReference, Reference
from tests.bsl.platform.sources import moved_set

from posrednik_sandbox.onec import books, papers
from posrednik_sandbox.onec.odata.model import ENUMS, put_at, word_ref
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store, now

if TYPE_CHECKING:
    from tests.bsl.platform.objects import DataObject, PartRow
    from tests.bsl.platform.platform import Platform

Json = dict[str, Any]
# What a document's goods do to the warehouse.
SIGNS = {"shipment": -1, "retail_report": -1, "write_off": -1, "surplus": 1, "return": 1, "receipt": 1}
# The sandbox counts a courier's cash by kinds of papers; in a УТ it is the operation of one kind of document.
PAPERS = {
    ("cash_receipt", "ВозвратДенежныхСредствОтПодотчетника"): "cash_hand_in",
    ("cash_refund", "ВыдачаДенежныхСредствПодотчетнику"): "change_issue",
    ("card_payment", "ВозвратОплатыНаПлатежнуюКарту"): "card_refund",
    ("cash_refund", "ПрочаяВыдачаДенежныхСредств"): "cash_shortage",
    ("cash_receipt", "ПрочееПоступлениеДенежныхСредств"): "cash_surplus",
    ("cash_receipt", "ВозвратДенежныхСредствПодотчетником"): "cash_hand_in",
    ("cash_receipt", "ПриходДенежныхСредствПрочее"): "cash_surplus",
    ("cash_refund", "РасходДенежныхСредствПрочее"): "cash_shortage",
    ("card_payment", "ВозвратДенежныхСредствПокупателю"): "card_refund",
}
PREFIXES = {"receipt": "ПР"} | papers.PREFIX


def written(platform: Platform, store: Store, thing: DataObject, *, posting: bool) -> Json:
    """Write the object's row. posting: its movements are made anew. Returns its data. Raises BslError."""
    data = _data(platform, store, thing)
    if thing.thing.is_document:
        if not data.get("date"):
            raise BslError("Не заполнена дата документа")
        if not data.get("number"):
            data["number"] = next_number(store, thing.thing, int(str(data["date"])[:4]))
            thing.values["номер"] = data["number"]
    event = str(thing.values.get("иш_событие") or "") or None
    new = not thing.version
    posted = thing.posted or not thing.thing.is_document
    store.put(thing.thing.kind, thing.guid, data, event=event, deleted=thing.deleted, posted=posted)
    _extras(platform, store, thing)
    if thing.thing.kind == "order" and new:
        _show_order(store, thing.guid, data)
    if thing.thing.is_document:
        _paper(platform, store, thing, data, new=new, posting=posting)
    return data


def _data(platform: Platform, store: Store, thing: DataObject) -> Json:
    data: Json = json.loads(json.dumps(thing.data))
    for low, value in thing.changed_values().items():
        attribute = thing.thing.attributes[low]
        if attribute.path and not attribute.path[0].startswith("@"):
            put_at(data, attribute.path, plain(store, thing.thing, attribute, value))
    for table in thing.parts.values():
        if not table.changed:
            continue
        if table.part.path and not table.part.path.startswith("@"):
            data[table.part.path] = _lines(store, thing, table.rows)
        elif not table.part.path:
            _single(store, thing, table.rows, data)
    return data


def _single(store: Store, thing: DataObject, rows: list[PartRow], data: Json) -> None:
    """A part that the sandbox keeps in the document itself: the first row counts."""
    for row in rows[:1]:
        for low in row.changed:
            attribute = row.part.part.attributes[low]
            if attribute.path and not attribute.path[0].startswith("@"):
                put_at(data, attribute.path, plain(store, thing.thing, attribute, row.values[low]))


def _lines(store: Store, thing: DataObject, rows: list[PartRow]) -> list[Json]:
    """КодСтроки that nobody gave is the next free one."""
    made, used = [], {str(row.source.get("line") or "") for row in rows}
    for row in rows:
        line = dict(row.source)
        for low in sorted(row.changed, key=lambda name: name == "количество"):
            attribute = row.part.part.attributes[low]
            if attribute.path:
                put_at(line, attribute.path, plain(store, thing.thing, attribute, row.values[low]))
        if not line.get("line"):
            code = next(number for number in range(1, len(rows) + len(used) + 2) if str(number) not in used)
            line = {"line": str(code)} | line
        used.add(str(line["line"]))
        made.append(line)
    return made


def plain(store: Store, owner: Thing, attribute: Attribute, value: Value) -> Any:
    """A value in the object's own form; None = empty."""
    if attribute.column.kind == "characteristic":
        return additional.tagged(value)
    if isinstance(value, Reference):
        if value.guid == ZERO_GUID:
            return None
        return _word(value) if value.thing.word and value.thing.word != "-" else value.guid
    if isinstance(value, EnumReference):
        table = ENUMS.get(attribute.about, {})
        return next((key for key, name in table.items() if name == value.name), value.name or None)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return _number(attribute, Decimal(value))
    if isinstance(value, datetime):
        text = iso(value)
        return None if text == EMPTY_DATE else text
    return None if value in (None, "") else str(value)


def _word(ref: Reference) -> str | None:
    found = ref.platform.read(ref)
    if found is None:
        raise BslError(f"Объект не найден ({ref.thing.full})")
    return str(found["Наименование"])


def _number(attribute: Attribute, value: Decimal) -> Any:
    if attribute.path[-1:] and attribute.path[-1] in ("latitude", "longitude"):
        return float(value)
    if attribute.column.scale == 2:
        return f"{value:.2f}"
    return format(value.normalize(), "f") if value else "0"


def _extras(platform: Platform, store: Store, thing: DataObject) -> None:
    extra: Json = {}
    for low, value in thing.changed_values().items():
        attribute = thing.thing.attributes[low]
        if attribute.extra:
            cell = platform.encode(attribute.column, value)
            extra[attribute.name] = bool(cell) if attribute.column.kind == "boolean" else cell
    if extra:
        store.add_extra(thing.thing.kind, thing.guid, extra)


def next_number(store: Store, thing: Thing, year: int) -> str:
    """The sandbox's own counter for its kinds, so that numbers go on."""
    prefix = PREFIXES.get(thing.kind, "НФ")
    same = store.get(f"year_{thing.kind}", str(year)) == str(year)
    number = int(store.get(f"last_{thing.kind}", "0")) + 1 if same else 1
    store.set(f"year_{thing.kind}", str(year))
    store.set(f"last_{thing.kind}", str(number))
    return f"{prefix}00-{number:06d}"


def _paper(platform: Platform, store: Store, thing: DataObject, data: Json, *, new: bool, posting: bool) -> None:
    """The row that the sandbox's reports count, and the movements. Orders that came from elsewhere have none."""
    known = store.row("SELECT * FROM document WHERE ref = ?", thing.guid)
    if known is None and not new:
        return
    row = _paper_row(thing, data)
    if known is None:
        kept = (thing.guid, row["kind"], row["kind"], data["number"], data["date"], row["order"], now())
        store.db.execute(
            "INSERT INTO document (ref, kind, slot, number, date, order_ref, sum, data, posted, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, '0.00', '{}', 0, ?)",
            kept,
        )
    store.db.execute(
        "UPDATE document SET kind = ?, sum = ?, data = ?, courier = ?, posted = ?, deleted = ? WHERE ref = ?",
        (row["kind"], row["sum"], json.dumps(data, ensure_ascii=False), row["courier"], int(thing.posted),
         int(thing.deleted), thing.guid),
    )  # fmt: skip
    if posting:
        _post(platform, store, thing, _moves(thing, data) if thing.posted else [])


def _post(platform: Platform, store: Store, thing: DataObject, moves: list[books.Move]) -> None:
    """The document's record set of the register of goods, with its events."""
    written = moved_set(platform, Reference(platform, thing.thing, thing.guid), moves)
    told = thing.thing.kind in (*SIGNS, "transfer")
    if told:
        platform.base.subscribers.tell(platform.session, written, "BeforeWrite", True)
    try:
        books.post(store, thing.guid, moves, control=platform.base.control_stock)
    except books.NotEnough as error:
        raise BslError(str(error)) from error
    if told:
        platform.base.subscribers.tell(platform.session, written, "OnWrite", True)


def _paper_row(thing: DataObject, data: Json) -> Mapping[str, Any]:
    operation = thing.values.get("хозяйственнаяоперация") or thing.values.get("видоперации")
    name = operation.name if isinstance(operation, EnumReference) else ""
    kind = PAPERS.get((thing.thing.kind, name), thing.thing.kind)
    total = data.get("sum") or rubles(sum(books.kopecks(line.get("sum")) for line in data.get("lines") or []))
    order = thing.guid if kind == "order" else data.get("order")
    return {"kind": kind, "sum": rubles(books.kopecks(total)), "courier": data.get("courier"), "order": order}


def _moves(thing: DataObject, data: Json) -> list[books.Move]:
    lines = [line for line in data.get("lines") or [] if line.get("product")]
    if thing.thing.kind == "transfer":
        return papers.transfer_moves(data | {"lines": lines})
    return books.moved(data.get("warehouse"), lines, SIGNS.get(thing.thing.kind, 0))


def _show_order(store: Store, ref: str, data: Json) -> None:
    """A new order stands in the managers' list as any other."""
    position = int(store.value("SELECT coalesce(max(position), 100) FROM order_card") or 100) + 1
    recipient = (data.get("recipient") or {}).get("name") or ""
    store.db.execute(
        "INSERT INTO order_card (ref, position, number, site_number, recipient, delivery_price, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (ref, position, data["number"], data.get("site_number"), recipient, data.get("delivery_price"), now()),
    )


def removed(platform: Platform, store: Store, thing: DataObject) -> None:
    """Physical deletion with its movements."""
    if thing.thing.is_document:
        _post(platform, store, thing, [])
        store.db.execute("DELETE FROM document WHERE ref = ?", (thing.guid,))
    store.remove(thing.thing.kind, thing.guid)


__all__ = ["next_number", "removed", "word_ref", "written"]
