"""A courier's cash and sales of the day as people are shown them: from the ledger, never typed (domain.md §4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain import ledger as accounts
from posrednik.domain.cash import ceiling_state
from posrednik.domain.publication import rubles, units
from posrednik.domain.sales import Sale
from posrednik.store import ledger, trade
from posrednik.store.db import Row, Tx

Document = dict[str, Any]
# Why money moved → what the line is called; what is not here is a correction.
KINDS: Mapping[str, str] = {
    "hand_over": "delivery", "hand_over_by_another": "delivery", "sale": "sale", "hand_in": "hand_in",
    "change_issued": "change", "refund": "refund", "difference": "difference",
}  # fmt: skip

OF_ENTRIES = ("hand_in", "change")


async def cash_told(tx: Tx, courier_ref: str, since: datetime, change: str, ceiling_kop: int | None) -> Document:
    """since: of the shift or the day. change: rubles, as counted at the start of the shift."""
    account = accounts.cash(courier_ref)
    rows = await ledger.cash_since(tx, courier_ref, since)
    entries = await trade.entries_since(tx, courier_ref, since)
    balance = (await ledger.money(tx, [account]))[account]
    asked = await trade.requests(tx, courier_ref)
    by = {one.id: one.receiver.name or one.receiver.ref for one in entries}
    newest = {row.entry_id: row.id for row in reversed(rows) if KINDS.get(row.why) in OF_ENTRIES}
    lines = [_line(row, account, by, newest.get(row.entry_id)) for row in rows]
    return {
        "change": change, **_sums(lines), "to_hand_in": rubles(balance),
        "ceiling": None if ceiling_kop is None else rubles(ceiling_kop),
        "ceiling_state": ceiling_state(balance, ceiling_kop), "hand_in_code": asked[0].code if asked else None,
        "lines": [{**{k: v for k, v in line.items() if k != "why"}, "sum": rubles(line["sum"])} for line in lines],
    }  # fmt: skip


def _line(row: Row, account: str, by: Mapping[UUID, str], newest: int | None) -> Document:
    """by: who took in or gave out, of each entry. newest: the line of its entry that has the entry's id, which a
    correction names."""
    signed = row.sum_kop if row.target == account else -row.sum_kop
    kind = KINDS.get(row.why, "correction")
    of_entry = kind in OF_ENTRIES
    told_id = row.entry_id if row.entry_id and row.id == newest else row.id
    return {
        "id": str(told_id), "why": row.why, "at": row.at.isoformat(), "kind": kind, "sum": signed,
        "order_number": row.order_number, "receiver": by.get(row.entry_id) if of_entry else None,
    }  # fmt: skip


def _sums(lines: Sequence[Document]) -> Document:
    """A corrected step counts with its reversal."""

    def of(kind: str, reversed_by: str = "") -> int:
        return sum(line["sum"] for line in lines if line["kind"] == kind or line["why"] == reversed_by)

    return {
        "collected": rubles(of("delivery", "hand_over_reversed")), "sold": rubles(of("sale", "sale_reversed")),
        "handed_in": rubles(-of("hand_in", "hand_in_reversed")), "refunded": rubles(-of("refund")),
    }  # fmt: skip


def sale_told(sale: Sale) -> Document:
    return {
        "id": str(sale.id), "at": sale.made_at.isoformat(), "sum": rubles(sale.sum_kop),
        "payment_method": sale.payment_method, "reference": sale.reference, "receipt": sale.receipt,
        "receipt_url": sale.receipt_url, "delivery": str(sale.delivery_id) if sale.delivery_id else None,
        "corrected": sale.version > 1,
        "lines": [
            {"product": line.product, "characteristic": line.characteristic, "name": line.name or "",
             "quantity": units(line.quantity_milli), "price": rubles(line.price_kop), "sum": rubles(line.sum_kop)}
            for line in sale.lines
        ],
    }  # fmt: skip
