"""Reading values as people and old programs write them, and writing them one way only.

Every reader takes any JSON value and returns the canonical form, or None for an empty one; ValueError says what could
not be read. Dialects: docs/subsystems/intake.md (comma decimals, spaces of any kind, Да/Нет, empty dates).
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
_CANONICAL_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUL = re.compile(r"\x00")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")
_YES = {"да", "истина", "true", "1", "y", "yes"}
_NO = {"нет", "ложь", "false", "0", "n", "no"}
_EMPTY_YEAR = 1
LONGEST_KEPT = 40  # characters of a number that is worth remembering
LIMIT = Decimal(10) ** 13
PLAIN_LIMIT = 1e13


def text(value: Any) -> str | None:
    """Trimmed, without control characters; numbers become text. '' is None."""
    if isinstance(value, str):
        if value and value.isprintable() and value[0] != " " != value[-1]:
            return value  # most texts: nothing to remove (a no-break space is not printable)
        return _CONTROL.sub("", value).replace("\u00a0", " ").strip() or None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a text")
    return str(value)


@lru_cache(maxsize=65536)
def _guid(value: str) -> str | None:
    if _CANONICAL_GUID.fullmatch(value) and value != ZERO_GUID:
        return value
    plain = value.strip().strip("{}").lower()
    if not plain or plain == ZERO_GUID:
        return None
    return str(UUID(plain))


def guid(value: Any) -> str | None:
    """Lower case with hyphens; the zero GUID is None."""
    if isinstance(value, str):
        return _guid(value)
    if value is not None:
        raise ValueError("not a GUID")
    return None


def decimal(value: Any) -> Decimal | None:
    """1234.5, "1234,50", "1 234,5" with any space, "(5)" for minus five."""
    if value is None or value == "":
        return None
    if type(value) is int:
        return _within(Decimal(value))
    if not isinstance(value, float | str):
        raise ValueError("not a number")
    plain = _SPACES.sub("", str(value)).replace("\u2212", "-")
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise ValueError("not a number")
    return _within(Decimal(plain))


def _within(number: Decimal) -> Decimal:
    if not -LIMIT < number < LIMIT:
        raise ValueError("a number out of range")
    return number


def money(value: Any) -> str | None:
    """Rubles as text with two digits. More than two digits of kopecks are refused, never rounded silently."""
    if type(value) is str and len(value) < LONGEST_KEPT:
        return _money_text(value)
    return _money_whole(value) if type(value) is int else _money(value)


def quantity(value: Any) -> str | None:
    """Units as text with up to three digits after the point."""
    if type(value) is str and len(value) < LONGEST_KEPT:
        return _quantity_text(value)
    return _quantity_whole(value) if type(value) is int else _quantity(value)


def _money(value: Any) -> str | None:
    number = decimal(value)
    return None if number is None else _fixed(number, 2)


def _quantity(value: Any) -> str | None:
    number = decimal(value)
    return None if number is None else _fixed(number, 3).rstrip("0").rstrip(".")


# The same few prices and quantities come over and over; texts and integers apart, since 1, 1.0 and True are one key.
_money_text, _money_whole = lru_cache(maxsize=16384)(_money), lru_cache(maxsize=4096)(_money)
_quantity_text, _quantity_whole = lru_cache(maxsize=16384)(_quantity), lru_cache(maxsize=4096)(_quantity)


def _fixed(number: Decimal, digits: int) -> str:
    fixed = round(number, digits)
    if fixed != number:
        raise ValueError(f"more than {digits} digits after the point")
    return f"{fixed or abs(fixed):.{digits}f}"  # zero has no sign


def number(value: Any) -> float | None:
    """A plain number (coordinates)."""
    if type(value) is float and -PLAIN_LIMIT < value < PLAIN_LIMIT:
        return value
    read = decimal(value)
    return None if read is None else float(read)


def flag(value: Any) -> bool | None:
    """true/false, Да/Нет, Истина/Ложь, 1/0."""
    if value is None or value == "" or isinstance(value, bool):
        return None if value == "" else value
    plain = str(value).strip().lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise ValueError("neither yes nor no")


@lru_cache(maxsize=4096)
def _time(value: str, zone: str) -> str | None:
    moment = datetime.fromisoformat(value.strip())
    if moment.year == _EMPTY_YEAR:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def time(value: Any, zone: str) -> str | None:
    """ISO 8601 to UTC with `Z`; without an offset it is in `zone`. 1C's empty date (year 1) is None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("not a time")
    try:
        return _time(value, zone)
    except (ValueError, OverflowError):
        raise ValueError("not a time") from None


def kopecks(value: str | None) -> int:
    """Canonical money to kopecks; None is 0."""
    return 0 if value is None else int(value.replace(".", ""))


def milli(value: str | None) -> int:
    """Canonical quantity to thousandths; None is 0."""
    if value is None:
        return 0
    whole, _, part = value.partition(".")
    return int(whole + part.ljust(3, "0"))


def depth(value: Any) -> int:
    """How deep lists and objects are nested: 0 for a plain value."""
    level, deep = [value], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        deep += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return deep


def without_nul(value: Any) -> Any:
    """The same JSON value without U+0000, which PostgreSQL cannot keep in jsonb."""
    if isinstance(value, str):
        return _NUL.sub("", value)
    if isinstance(value, list):
        return [without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_NUL.sub("", k): without_nul(v) for k, v in value.items()}
    return value


def content_hash(deleted: bool, posted: bool, body: bytes) -> bytes:
    """Of all that makes an object's state different. body: canonical JSON."""
    return blake2b(b"%d%d" % (deleted, posted) + body, digest_size=16).digest()
