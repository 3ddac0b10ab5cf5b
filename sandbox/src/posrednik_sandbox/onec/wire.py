"""What 1C puts on the wire (contract.md §2), in its clean form and with the habits of careless exchanges."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

Json = dict[str, Any]
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
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


def message(
    head: Mapping[str, Any], objects: Sequence[Json], commands: Sequence[Json], bom: bool, encoding: str = "json"
) -> bytes:
    return encoded({**head, "objects": list(objects), "commands": list(commands)}, encoding, bom)


def encoded(body: Mapping[str, Any], encoding: str, bom: bool = False, root: str = "message") -> bytes:
    """JSON in UTF-8, or XML as the 8.2 family writes it: windows-1251 declared, CRLF, `xsi:nil` or an empty element."""
    if encoding != "xml":
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8-sig" if bom else "utf-8")
    text = f'<?xml version="1.0" encoding="windows-1251"?>\r\n{_element(root, body)}'
    text = text.replace(f"<{root}>", f'<{root} xmlns:xsi="{XSI}">', 1)
    return text.encode("windows-1251", "xmlcharrefreplace")


def decoded(body: bytes, encoding: str) -> Json:
    """What `encoded` wrote or the service answered. Raises ValueError."""
    if encoding != "xml" or body.startswith(b"{"):
        found = json.loads(body.decode("utf-8-sig"))
        return found if isinstance(found, dict) else {"detail": str(found)[:200]}
    try:
        value = _value(ElementTree.fromstring(body))  # noqa: S314 - of the service under test
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    return value if isinstance(value, dict) else {}


def _element(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>\r\n'
    if value in ("", [], {}):
        return f"<{name}/>\r\n"
    if isinstance(value, Mapping):
        inner = "\r\n" + "".join(_element(key, one) for key, one in value.items())
    elif isinstance(value, list | tuple):
        inner = "\r\n" + "".join(_element("item", one) for one in value)
    else:
        inner = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{inner}</{name}>\r\n"


def _value(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        text = element.text or None
        return text == "true" if text in ("true", "false") else text
    if all(child.tag == "item" for child in children):
        return [_value(child) for child in children]
    return {child.tag: _value(child) for child in children}


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
