"""The base's register of goods: what posted documents moved, and the balances it tells Posrednik as kind `stock`.

A balance is the sum of movements and is never typed, so that a reconciliation compares two books and not two copies.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
# Documents of money by what they do to the cash a courier has on him.
CASH_SIGNS = {
    "change_issue": 1,
    "cash_receipt": 1,
    "cash_surplus": 1,
    "cash_refund": -1,
    "cash_hand_in": -1,
    "cash_shortage": -1,
}
# Names of the totals in `totals`, by kind of document.
TOTALS = {
    "cash_receipt": "cash_documents",
    "order": "sales",
    "card_payment": "card",
    "bank_payment": "transfer",
    "change_issue": "change_issued",
    "cash_hand_in": "handed_in",
    "cash_refund": "refunded",
    "cash_shortage": "cash_shortage",
    "cash_surplus": "cash_surplus",
    "write_off": "shortage",
    "surplus": "surplus",
}


KEYS_SQL = "SELECT DISTINCT warehouse, product, characteristic FROM goods_move WHERE document = ?"


class NotEnough(Exception):
    """A document would leave less than nothing in a warehouse; it is not posted."""


@dataclass(frozen=True, slots=True)
class Move:
    """milli: thousandths that come into the warehouse, below zero = that leave it."""

    warehouse: str
    product: str
    characteristic: str
    milli: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.warehouse, self.product, self.characteristic


def moved(warehouse: str | None, lines: Iterable[Json], sign: int) -> list[Move]:
    """Movements of a document's lines; none without a warehouse. sign: 1 = in, -1 = out."""
    if not warehouse:
        return []
    return [
        Move(warehouse, line["product"], line.get("characteristic") or "", sign * milli(line["quantity"]))
        for line in lines
    ]


def post(store: Store, document: str, moves: Iterable[Move], *, control: bool = False) -> None:
    """Let the document have these movements and no others, and write the balances that are different now.

    The caller holds the transaction. Raises NotEnough if `control` and a balance that shrinks falls below zero.
    """
    keys = [Move(**row, milli=0).key for row in store.rows(KEYS_SQL, document)]
    store.db.execute("DELETE FROM goods_move WHERE document = ?", (document,))
    rows = [(document, *move.key, move.milli) for move in moves if move.milli]
    store.db.executemany("INSERT INTO goods_move VALUES (?, ?, ?, ?, ?)", rows)
    for key in dict.fromkeys([*keys, *((row[1], row[2], row[3]) for row in rows)]):
        left = balance(store, *key)
        if control and left < min(0, _told(store, key)):
            raise NotEnough(_too_little(store, key, left))
        _tell(store, key, left)


def balance(store: Store, warehouse: str, product: str, characteristic: str = "") -> int:
    """Thousandths in a warehouse; below zero when more left it than came."""
    sql = "SELECT coalesce(sum(milli), 0) FROM goods_move WHERE warehouse = ? AND product = ? AND characteristic = ?"
    return int(store.value(sql, warehouse, product, characteristic))


def goods(store: Store, warehouse: str) -> list[Json]:
    """What is in a warehouse, without what there is nothing of."""
    sql = (
        "SELECT product, characteristic, sum(milli) AS milli FROM goods_move WHERE warehouse = ?"
        " GROUP BY product, characteristic HAVING sum(milli) <> 0"
    )
    return [
        {"product": row["product"], "characteristic": row["characteristic"] or None, "quantity": units(row["milli"])}
        for row in store.rows(sql, warehouse)
    ]


def totals(store: Store) -> list[Json]:
    """Every courier: goods of his own warehouse, sums of his posted documents, and the cash they leave on him."""
    sums: dict[str, dict[str, int]] = {ref: {} for ref in store.names("courier")}
    for row in store.rows("SELECT courier, kind, sum FROM document WHERE posted = 1 AND courier IS NOT NULL"):
        own = sums.setdefault(row["courier"], {})
        own[row["kind"]] = own.get(row["kind"], 0) + kopecks(row["sum"])
    names = store.names("courier")
    return [_of_courier(store, ref, str(names.get(ref, {}).get("name", "")), own) for ref, own in sums.items()]


def _of_courier(store: Store, ref: str, name: str, own: dict[str, int]) -> Json:
    bag = bag_of(store, ref)
    cash = sum(sign * own.get(kind, 0) for kind, sign in CASH_SIGNS.items())
    return {
        "ref": ref,
        "name": name,
        "warehouse": bag,
        "goods": goods(store, bag) if bag else [],
        "cash": rubles(cash),
        **{title: rubles(own.get(kind, 0)) for kind, title in TOTALS.items()},
    }


def bag_of(store: Store, courier: str) -> str | None:
    """The courier's own warehouse."""
    return next((ref for ref, data in store.names("warehouse").items() if data.get("courier") == courier), None)


def main_of(store: Store, division: str | None) -> str | None:
    """The warehouse of a division that is nobody's backpack."""
    known = store.names("warehouse").items()
    return next((ref for ref, data in known if data.get("division") == division and not data.get("courier")), None)


def worth(store: Store, lines: Iterable[Json]) -> int:
    """Kopecks of the lines at the retail price of today; the list of documents shows it."""
    found = [(store.object("product", line["product"]), milli(line["quantity"])) for line in lines]
    return sum((kopecks(one["data"].get("base_price")) * count + 500) // 1000 for one, count in found if one)


def kopecks(value: Any) -> int:
    """Rubles as text or number, absent = 0."""
    if isinstance(value, dict):
        value = value.get("sum") or value.get("amount")
    return _scaled(value, 100)


def milli(value: Any) -> int:
    """A quantity as text or number in thousandths, absent = 0."""
    return _scaled(value, 1000)


def _scaled(value: Any, times: int) -> int:
    if value in (None, ""):
        return 0
    try:
        return round(Decimal(str(value).replace(",", ".")) * times)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise ValueError(f"«{value}» не число") from error


def units(quantity: int) -> str:
    """Thousandths as a decimal text."""
    sign = "-" if quantity < 0 else ""
    whole, rest = divmod(abs(quantity), 1000)
    return f"{sign}{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _told(store: Store, key: tuple[str, str, str]) -> int:
    """The balance that was written last."""
    found = store.object("stock", _stock_ref(*key))
    return milli(found["data"]["quantity"]) if found else 0


def _tell(store: Store, key: tuple[str, str, str], left: int) -> None:
    warehouse, product, characteristic = key
    ref = _stock_ref(*key)
    found = store.object("stock", ref)
    data = {"warehouse": warehouse, "product": product, "quantity": units(left)}
    data |= {"characteristic": characteristic} if characteristic else {}
    if found is None or found["data"] != data:
        store.put("stock", ref, data)


def _stock_ref(warehouse: str, product: str, characteristic: str) -> str:
    return str(uuid.uuid5(uuid.UUID(warehouse), product + characteristic))


def _too_little(store: Store, key: tuple[str, str, str], left: int) -> str:
    warehouse, product = store.object("warehouse", key[0]), store.object("product", key[1])
    where = warehouse["data"]["name"] if warehouse else key[0]
    what = product["data"]["name"] if product else key[1]
    return f"Не хватает остатка: {what}, {where}, недостаёт {units(-left)}. Документ не проведён"
