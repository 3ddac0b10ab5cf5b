"""What the base says it has: commands `digest` of every kind and month (contract.md §2, E-27)."""

import hashlib
import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from posrednik_sandbox.onec import wire, words
from posrednik_sandbox.onec.store import Store

KINDS = ("division", "product", "price", "stock", "counterparty", "warehouse", "courier", "outlet")
MONTHLY = ("order", "shipment", "receipt", "transfer", "return", "cash_receipt")
AFTER_LOAD = "digest_after_load"
Slices = dict[tuple[str, str], list[str]]


def register(store: Store, offset_h: int) -> int:
    """Queue a digest of each slice; the caller holds the transaction. Returns how many."""
    found = slices(store, offset_h)
    for (kind, month), lines in sorted(found.items()):
        data: dict[str, Any] = {"kind": kind, "count": len(lines), "hash": hash_of(lines)}
        text = json.dumps(data | ({"slice": month} if month else {}), ensure_ascii=False)
        store.db.execute(
            "INSERT INTO command (id, type, order_ref, data, issued_at, issued_by) VALUES (?, 'digest', '', ?, ?, ?)",
            (str(uuid.uuid4()), text, wire.local_now(offset_h).isoformat(), words.MANAGER),
        )
    return len(found)


def after_load(store: Store, offset_h: int) -> bool:
    """When the last object of a full registration has gone, its digests follow, once."""
    if not store.get(AFTER_LOAD) or store.value("SELECT 1 FROM dirty LIMIT 1"):
        return False
    with store.tx():
        store.set(AFTER_LOAD, "")
        register(store, offset_h)
    return True


def slices(store: Store, offset_h: int) -> Slices:
    """Lines `ref:version` of what is not deleted, by kind and month; a kind without months has one slice.

    A document whose date cannot be read is in none.
    """
    found: Slices = {(kind, ""): [] for kind in KINDS}
    sql = "SELECT kind, ref, version, json_extract(data, '$.date') AS date FROM object WHERE deleted = 0"
    for row in store.db.execute(sql):
        if row["kind"] in KINDS:
            found[row["kind"], ""].append(f"{row['ref']}:{row['version']}")
        elif row["kind"] in MONTHLY and (month := _month(str(row["date"]), offset_h)):
            found.setdefault((row["kind"], month), []).append(f"{row['ref']}:{row['version']}")
    return found


def _month(date: str, offset_h: int) -> str:
    """By the base's own clock."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone(timedelta(hours=offset_h)))
    return moment.strftime("%Y-%m")


def hash_of(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
