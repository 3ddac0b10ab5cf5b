"""A phone's request, read event by event: one that cannot be read never stops the others (contract.md §5)."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from posrednik.domain.evidence import Place
from posrednik.intake.reading import Malformed, decode
from posrednik.kit.values import depth, without_nul
from posrednik.usecases.courier_event import MOST_OFFSET_MS, Event, Unread

MOST_EVENTS = 200
MOST_PHOTOS = 20
LONGEST_TYPE = 60
DEEPEST = 20
GREATEST_SEQ = 2**53 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
Text = Annotated[str, Meta(max_length=200)]


class _Envelope(msgspec.Struct):
    device: Annotated[str, Meta(min_length=1, max_length=100)]
    events: list[Any] = []
    app_version: Annotated[str, Meta(max_length=100)] | None = None
    unsent: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class _Wire(msgspec.Struct):
    id: UUID
    seq: Annotated[int, Meta(ge=1, le=GREATEST_SEQ)]
    type: Annotated[str, Meta(min_length=1, max_length=LONGEST_TYPE)]
    at_device: Annotated[str, Meta(max_length=64)]
    delivery: UUID | None = None
    clock_offset_ms: float | None = None
    geo: Any = None
    geo_error: Text | None = None
    photos: Annotated[list[str], Meta(max_length=MOST_PHOTOS)] | None = None
    version: Annotated[int, Meta(ge=0, le=GREATEST_SEQ)] | None = None
    rules_version: Text | None = None
    payload: dict[str, Any] | None = None


class Sent(msgspec.Struct, frozen=True):
    """events: in the order they were sent."""

    device: str
    events: list[Event | Unread]
    app_version: str
    unsent: int | None


def read(body: bytes) -> Sent:
    """Raises Malformed when the envelope itself cannot be read or holds too many events."""
    envelope = decode(body, _Envelope)
    if len(envelope.events) > MOST_EVENTS:
        raise Malformed(f"at most {MOST_EVENTS} events at a time", "/events", status=413, code="too_large")
    events = [_event(without_nul(one)) if depth(one) <= DEEPEST else _unread({}, "too deep") for one in envelope.events]
    return Sent(_plain(envelope.device), events, _plain(envelope.app_version or ""), envelope.unsent)


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _event(raw: Any) -> Event | Unread:
    try:
        msgspec.json.encode(raw)  # a number that can be read but not written again would stop the whole phone
        wire = msgspec.convert(raw, _Wire)
        return Event(
            id=wire.id, seq=wire.seq, type=wire.type, at_device=_moment(wire.at_device), delivery=wire.delivery,
            clock_offset_ms=_offset(wire.clock_offset_ms), place=_place(wire.geo), geo_error=_geo_error(wire),
            photos=_photos(wire.photos), version=wire.version, rules_version=wire.rules_version or "",
            payload=wire.payload or {},
        )  # fmt: skip
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        return _unread(raw, str(error))


def _moment(value: str) -> datetime:
    """ISO 8601; without an offset it is UTC, for a fact is not lost for want of a letter."""
    moment = msgspec.convert(value, type=datetime)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC)


def _offset(value: float | None) -> int:
    return 0 if value is None or abs(value) > MOST_OFFSET_MS else round(value)


def _place(geo: Any) -> Place | None:
    """A position that cannot be one is none: it must not cost the fact. One that does not tell its accuracy is taken at
    its word, else leaving that out would hide a flag."""
    if not isinstance(geo, dict):
        return None
    latitude, longitude, accuracy_m = (_number(geo.get(n)) for n in ("latitude", "longitude", "accuracy_m"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Place(latitude, longitude, abs(accuracy_m or 0.0))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else None


def _geo_error(wire: _Wire) -> str | None:
    return "unreadable" if wire.geo is not None and _place(wire.geo) is None else wire.geo_error


def _photos(named: list[str] | None) -> tuple[str, ...]:
    hashes = tuple(dict.fromkeys(one.lower() for one in named or ()))
    if not all(_SHA256.fullmatch(one) for one in hashes):
        raise ValueError("photos: sha256 in hex - at `$.photos`")
    return hashes


def _unread(raw: Any, what: str) -> Unread:
    known = raw if isinstance(raw, dict) else {}
    seq = known.get("seq")
    whole = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= GREATEST_SEQ
    return Unread(id=str(known.get("id", ""))[:100], seq=seq if whole else None, what=what[:300], body=raw)
