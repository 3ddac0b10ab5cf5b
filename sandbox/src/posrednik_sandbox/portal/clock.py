"""The portal's own time and time zone, which tests move."""

import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The year 9000: dates near the end of what Python can hold break on a change of zone.
LATEST = 221_845_000_000.0
MOSCOW = timezone(timedelta(hours=3))
# Of the portal that is answering: each request says whose it is, so that two portals in one process do not mix.
_zone: ContextVar[tzinfo] = ContextVar("zone", default=MOSCOW)


class Clock:
    """Seconds since the epoch, shifted by what `advance` has added; `zone` is what dates are written in."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self.shift_s = 0.0
        self.zone: tzinfo = MOSCOW
        self.zone_name = "Europe/Moscow"
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return self._source() + self.shift_s

    def advance(self, seconds: float) -> None:
        """Forward, or back with a negative number."""
        self.shift_s += seconds
        for listener in self._listeners:
            listener()

    def on_move(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def set_zone(self, name: str) -> None:
        """By its name, as Asia/Omsk. ValueError for one that is not known."""
        try:
            self.zone, self.zone_name = ZoneInfo(name), name
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"нет такого часового пояса: {name}") from error
        self.use()

    def use(self) -> None:
        """From here on this task writes dates in this clock's zone."""
        _zone.set(self.zone)


def iso(at: float | None) -> str | None:
    """`2026-11-22T14:05:00+03:00` in the portal's zone, to the second; None stays None."""
    return None if at is None else datetime.fromtimestamp(int(at), _zone.get()).isoformat()


def parse_time(text: object) -> float | None:
    """A date of a request, in the portal's zone unless it names one; None when it cannot be read."""
    raw = str(text).strip()
    for read in (datetime.fromisoformat, _russian):
        try:
            moment = read(raw)
        except ValueError:
            continue
        at = (moment if moment.tzinfo else moment.replace(tzinfo=_zone.get())).timestamp()
        return at if 0 <= at < LATEST else None
    return None


def _russian(raw: str) -> datetime:
    return datetime.strptime(raw, "%d.%m.%Y %H:%M:%S" if ":" in raw else "%d.%m.%Y").replace(tzinfo=_zone.get())
