"""What 1C puts on the wire (contract.md §2), in its clean form and with the habits of careless exchanges."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

Json = dict[str, Any]
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = "0001-01-01T00:00:00"
_DECIMAL = re.compile(r"\d+\.\d+")
_AMOUNTS = {"price", "sum", "quantity", "delivery_price", "prepaid"}


def local_now(offset_h: int) -> datetime:
    """The base's clock: local, without a zone in its documents."""
    return datetime.now(timezone(timedelta(hours=offset_h))).replace(microsecond=0)


def object_of(row: Mapping[str, Any], odd: bool) -> Json:
    data = json.loads(row["data"])
    item: Json = {
        "kind": row["kind"],
        "ref": row["ref"],
        "version": row["version"],
        "deleted": bool(row["deleted"]),
        "posted": bool(row["posted"]),
        "data": oddly(data) if odd else data,
    }
    return item | ({"event": row["event"]} if row["event"] else {})


def command_of(row: Mapping[str, Any]) -> Json:
    return {
        "id": row["id"],
        "type": row["type"],
        "issued_at": row["issued_at"],
        "issued_by": row["issued_by"],
        "data": json.loads(row["data"]),
    }


def message(head: Mapping[str, Any], objects: Sequence[Json], commands: Sequence[Json], bom: bool) -> bytes:
    body = {**head, "objects": list(objects), "commands": list(commands)}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8-sig" if bom else "utf-8")


def oddly(value: Any, key: str = "") -> Any:
    """The same data as an author writes them who forgot the format string (E-30, E-31)."""
    if isinstance(value, dict):
        changed = {name: oddly(item, name) for name, item in value.items()}
        return changed | ({"characteristic": ZERO_GUID} if "product" in value else {})
    if isinstance(value, list):
        return [oddly(item, key) for item in value]
    if isinstance(value, bool):
        return "Да" if value else "Нет"
    if key in _AMOUNTS and isinstance(value, str) and _DECIMAL.fullmatch(value):
        return f"{float(value):,.3f}".rstrip("0").rstrip(".").replace(",", "\u00a0").replace(".", ",")
    return value + "  " if key in ("name", "comment") and isinstance(value, str) else value
