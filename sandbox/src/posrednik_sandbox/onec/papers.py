"""The base's documents: their numbers, whether they are posted, what they move, what of them goes on the wire."""

import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from posrednik_sandbox.onec import books
from posrednik_sandbox.onec.books import Move
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store, now
from posrednik_sandbox.onec.switches import Switches

Json = dict[str, Any]
TITLES = {
    "order": "Заказ клиента (моментальный)",
    "shipment": "Реализация товаров",
    "return": "Возврат товаров от клиента",
    "transfer": "Перемещение товаров",
    "write_off": "Списание недостач товаров",
    "surplus": "Оприходование излишков товаров",
    "cash_receipt": "Приходный кассовый ордер",
    "cash_refund": "Расходный кассовый ордер",
    "card_payment": "Оплата картой",
    "card_refund": "Возврат оплаты на карту или счёт",
    "bank_payment": "Поступление безналичных денег",
    "change_issue": "Выдача размена курьеру",
    "cash_hand_in": "Сдача наличных в кассу",
    "cash_shortage": "Недостача денег у курьера",
    "cash_surplus": "Излишек денег у курьера",
}
PREFIX = {
    "order": "МЗ",
    "shipment": "РТ",
    "return": "ВЗ",
    "transfer": "ПТ",
    "write_off": "СН",
    "surplus": "ОИ",
    "cash_receipt": "ПК",
    "cash_refund": "РК",
    "card_payment": "ОК",
    "card_refund": "ВК",
    "bank_payment": "ПБ",
    "change_issue": "РЗ",
    "cash_hand_in": "СК",
    "cash_shortage": "НД",
    "cash_surplus": "ИД",
}
# Kinds of contract.md §2; the others stay inside the base.
ON_THE_WIRE = {"order", "shipment", "return", "transfer", "cash_receipt"}


class NoSuchDocument(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it should be.

    total: kopecks. slot: tells apart documents of one kind that an event makes; empty = the kind. order: whose
    document it is. basis: the document it corrects.
    """

    kind: str
    total: int
    data: Json
    courier: str | None = None
    order: str | None = None
    moves: Sequence[Move] = ()
    slot: str = ""
    basis: str | None = None

    @property
    def place(self) -> str:
        return self.slot or self.kind


def write(
    store: Store, switches: Switches, paper: Paper, event: str | None, row: Json | None, moment: datetime
) -> Json:
    """Write and post a document inside the caller's transaction: a new one, or `row` renewed under its number.

    event: id of the event it is made of, None = a person's. Raises books.NotEnough where the base controls stock.
    """
    row = row or _new(store, paper, event, moment)
    data = paper.data | {"number": row["number"], "date": row["date"]}
    store.db.execute(
        "UPDATE document SET sum = ?, data = ?, courier = ?, posted = 1, deleted = 0 WHERE ref = ?",
        (rubles(paper.total), json.dumps(data, ensure_ascii=False), paper.courier, row["ref"]),
    )
    books.post(store, row["ref"], paper.moves, control=switches.control_stock or event is None)
    if paper.kind in ON_THE_WIRE and (switches.send_documents or event is None):
        store.put(paper.kind, row["ref"], data, event=event, urgent=event is None)
    return row | {"data": data}


def ref_of(event: str, place: str) -> str:
    """The reference follows from the event, so that a base that has lost a document makes the same one again."""
    return str(uuid.UUID(int=random.Random(f"{event}:{place}").getrandbits(128), version=4))


def _new(store: Store, paper: Paper, event: str | None, moment: datetime) -> Json:
    ref = ref_of(event, paper.place) if event else str(uuid.uuid4())
    date = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    row = {"ref": ref, "number": _next_number(store, paper.kind, moment.year), "date": date}
    order = ref if paper.kind == "order" else paper.order
    store.db.execute(
        "INSERT INTO document (ref, kind, slot, number, date, event, order_ref, basis, sum, data, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '0.00', '{}', ?)",
        (ref, paper.kind, paper.place, row["number"], date, event, order, paper.basis, now()),
    )
    return row


def unpost(store: Store, switches: Switches, row: Json, event: str | None, *, deleted: bool = False) -> None:
    """Take a document's movements back. It keeps its number, and the mark of the event that it was made of."""
    store.db.execute("UPDATE document SET posted = 0, deleted = ? WHERE ref = ?", (int(deleted), row["ref"]))
    books.post(store, row["ref"], ())
    if row["kind"] in ON_THE_WIRE and (switches.send_documents or event is None):
        store.put(row["kind"], row["ref"], json.loads(row["data"]), event=event, deleted=deleted, posted=False)


def found(store: Store, ref: str) -> Json:
    """Raises NoSuchDocument."""
    row = store.row("SELECT * FROM document WHERE ref = ?", ref)
    if row is None:
        raise NoSuchDocument(ref)
    return row


def change(store: Store, switches: Switches, ref: str, action: str) -> Json:
    """A person posts, unposts or marks a transfer for deletion. action: post, unpost, delete. Returns its row.

    What the courier's count had corrected in it goes with it. Raises NoSuchDocument, ValueError for another kind,
    books.NotEnough.
    """
    row = found(store, ref)
    if row["kind"] != "transfer":
        raise ValueError("руками проводят и отменяют только перемещения")
    if action == "post":
        repost(store, row)
    elif action in ("unpost", "delete"):
        unpost(store, switches, row, None, deleted=action == "delete")
        for correction in store.rows("SELECT * FROM document WHERE basis = ? AND posted = 1", ref):
            unpost(store, switches, correction, None, deleted=True)
    else:
        raise ValueError(f"нет такого действия: {action}")
    return found(store, ref)


def repost(store: Store, row: Json) -> None:
    """Post a document again by what is written in it. Raises books.NotEnough."""
    data = json.loads(row["data"])
    store.db.execute("UPDATE document SET posted = 1, deleted = 0 WHERE ref = ?", (row["ref"],))
    books.post(store, row["ref"], _moves_of(store, row, data), control=True)
    if row["kind"] in ON_THE_WIRE:
        store.put(row["kind"], row["ref"], data)


def _moves_of(store: Store, row: Json, data: Json) -> list[Move]:
    """Goods that come back to the warehouse without having been shipped move nothing."""
    if row["kind"] == "transfer":
        return transfer_moves(data)
    unshipped = store.value("SELECT 1 FROM event WHERE id = ? AND type = 'delivery.returned'", row["event"])
    signs = {"shipment": -1, "write_off": -1, "surplus": 1, "return": 0 if unshipped else 1}
    return books.moved(data.get("warehouse"), data.get("lines") or [], signs.get(row["kind"], 0))


def transfer_moves(data: Json) -> list[Move]:
    return books.moved(data["from"], data["lines"], -1) + books.moved(data["to"], data["lines"], 1)


def _next_number(store: Store, kind: str, year: int) -> str:
    """Numbers begin again each year (E-02)."""
    same = store.get(f"year_{kind}", str(year)) == str(year)
    number = int(store.get(f"last_{kind}", "0")) + 1 if same else 1
    store.set(f"year_{kind}", str(year))
    store.set(f"last_{kind}", str(number))
    return f"{PREFIX[kind]}00-{number:06d}"
