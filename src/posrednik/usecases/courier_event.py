"""What a phone sends and what it is answered (contract.md §5), in types."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.errors import AmountNotANumber, DomainError, QuantityNotANumber
from posrednik.domain.evidence import Place
from posrednik.kit.values import kopecks, milli, money, quantity

_LINK = re.compile(r"https://[^\s/?#@\\<>\"']+([/?#][^\s\\<>\"']*)?")
MOST_OFFSET_MS = 10 * 365 * 86_400_000


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a courier. photos: sha256 in hex, lower case. place: None = none, geo_error may say why."""

    id: UUID
    seq: int
    type: str
    at_device: datetime
    delivery: UUID | None = None
    clock_offset_ms: int = 0
    place: Place | None = None
    geo_error: str | None = None
    photos: tuple[str, ...] = ()
    version: int | None = None
    rules_version: str = ""
    payload: dict[str, Any] = {}

    @property
    def action(self) -> str:
        """`delivery.pick_up` → `pick_up`."""
        return self.type.rpartition(".")[2]

    def occurred_at(self, now: datetime) -> datetime:
        """By the device's clock with its measured offset; never later than it was received (courier.md §6.5).

        A clock that is out of all reason says nothing, and the fact is of the moment when it was received.
        """
        try:
            at = self.at_device + timedelta(milliseconds=self.clock_offset_ms)
        except OverflowError:
            return now
        return at if now - timedelta(milliseconds=MOST_OFFSET_MS) <= at <= now else now

    @property
    def fingerprint(self) -> bytes:
        """Equal for repeats: what was done, not how often or how late it is sent."""
        said = (self.seq, self.type, self.at_device, self.delivery, self.place, self.photos, self.version, self.payload)
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()


@dataclass(frozen=True, slots=True)
class Answer:
    """status: accepted, duplicate, rejected or retry_later. message: in the caller's language."""

    id: str
    status: str
    code: str = ""
    message: str = ""
    incident: UUID | None = None


class MalformedEvent(DomainError):
    """Cannot be read; pointer: where, as a JSON pointer in the event."""

    code = "malformed_event"


class ForeignPhoto(DomainError):
    """A picture that only others sent."""

    code = "foreign_photo"


class WaitsForEarlier(DomainError):
    """Earlier events of the phone have not come yet."""

    code = "waits_for_earlier"


class ShiftNotOpen(DomainError):
    """There is no shift to close."""

    code = "shift_not_open"


class NothingToCorrect(DomainError):
    """No accepted step of this courier has the id that a correction names."""

    code = "nothing_to_correct"


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """An event that cannot be read. seq: of what could be read, so that the phone's numbers have no hole."""

    id: str
    seq: int | None
    what: str
    body: Any


def kop(value: Any) -> int:
    """Rubles of a payload. Raises AmountNotANumber, also when there is none."""
    try:
        amount = money(value)
    except ValueError as error:
        raise AmountNotANumber(asked=value) from error
    if amount is None:
        raise AmountNotANumber(asked=value)
    return kopecks(amount)


def quantities(lines: Any, name: str) -> dict[str, int] | None:
    """`[{"line": "1", "accepted": "1.5"}]` → thousandths by line; None = not said. Raises QuantityNotANumber."""
    if lines is None:
        return None
    if not isinstance(lines, list):
        raise MalformedEvent(pointer="/payload/lines")
    read: dict[str, int] = {}
    for line in lines:
        if not isinstance(line, dict) or "line" not in line:
            raise MalformedEvent(pointer="/payload/lines")
        key = str(line["line"])
        if key in read:
            raise MalformedEvent(pointer="/payload/lines")
        read[key] = _milli(key, line.get(name))
    return read


def _milli(line: str, value: Any) -> int:
    try:
        amount = quantity(value)
    except ValueError as error:
        raise QuantityNotANumber(line=line, asked=value) from error
    if amount is None:
        raise QuantityNotANumber(line=line, asked=value)
    return milli(amount)


def goods(value: Any) -> tuple[tuple[str, str | None, int], ...]:
    """`[{"product", "characteristic"?, "quantity"}]` → (product, characteristic, thousandths). Raises as above."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) and one.get("product") for one in value):
        raise MalformedEvent(pointer="/payload/goods")
    return tuple(
        (str(one["product"]), str(one["characteristic"]) if one.get("characteristic") else None,
         _milli(str(one["product"]), one.get("quantity")))
        for one in value
    )  # fmt: skip


def said(payload: dict[str, Any], name: str, longest: int = 1000) -> str | None:
    """A text of the payload; empty = absent. Raises MalformedEvent for what is no text or too long."""
    value = payload.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise MalformedEvent(pointer=f"/payload/{name}")
    return value.strip() or None


def link(payload: dict[str, Any], name: str, longest: int = 500) -> str | None:
    """An https address of the payload; empty = absent. People press it: nothing else passes, or MalformedEvent."""
    value = said(payload, name, longest)
    if value is not None and not (value.isprintable() and _LINK.fullmatch(value)):
        raise MalformedEvent(pointer=f"/payload/{name}")
    return value
