"""Lists of a product's own things, of any writing to one: barcodes, characteristics, packagings (contract.md §2).

Each reader takes any JSON value and returns the canonical list, or None for an empty one; ValueError says what could
not be read. An entry without its own name is nothing; unknown fields of an entry are kept.
"""

from collections.abc import Callable, Mapping
from typing import Any

from posrednik.kit import values

JSON = dict[str, Any]
Reader = Callable[[Any], Any]
_OF_BARCODE: Mapping[str, Reader] = {"barcode": values.text, "characteristic": values.guid, "packaging": values.guid}
_OF_NAMED: Mapping[str, Reader] = {"ref": values.guid, "name": values.text}
_OF_PACKAGING: Mapping[str, Reader] = {**_OF_NAMED, "coefficient": values.quantity}


def barcodes(value: Any) -> list[Any] | None:
    """Texts; one that is of a characteristic or a packaging is `{barcode, characteristic?, packaging?}`."""
    found: list[Any] = []
    for one in _items(value):
        read = _entry(one, _OF_BARCODE) if isinstance(one, dict) else {"barcode": values.text(one)}
        if read.get("barcode") is None:
            continue
        told = read if len(read) > 1 else read["barcode"]
        if told not in found:
            found.append(told)
    return found or None


def characteristics(value: Any) -> list[JSON] | None:
    """`{ref, name}`."""
    return _named(value, _OF_NAMED)


def packagings(value: Any) -> list[JSON] | None:
    """`{ref, name, coefficient}`: so many of the product's unit are in one."""
    return _named(value, _OF_PACKAGING)


READERS: dict[str, Reader] = {"barcodes": barcodes, "characteristics": characteristics, "packagings": packagings}


def _named(value: Any, fields: Mapping[str, Reader]) -> list[JSON] | None:
    return [read for one in _items(value) if "ref" in (read := _entry(one, fields))] or None


def _items(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _entry(one: Any, fields: Mapping[str, Reader]) -> JSON:
    if one is None or one == "":
        return {}
    if not isinstance(one, dict):
        raise ValueError("not an object")
    read = {name: fields[name](given) if name in fields else given for name, given in one.items()}
    return {name: given for name, given in read.items() if given is not None or name not in fields}
