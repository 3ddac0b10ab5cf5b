"""The portal's own time, which tests move."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

# The year 9000: dates near the end of what Python can hold break on a change of zone.
LATEST = 221_845_000_000.0
PORTAL_ZONE = timezone(timedelta(hours=3))


class Clock:
    """Seconds since the epoch, shifted by what `advance` has added."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._shift_s = 0.0

    def now(self) -> float:
        return self._source() + self._shift_s

    def advance(self, seconds: float) -> None:
        self._shift_s += seconds


def iso(at: float | None) -> str | None:
    """`2026-11-22T14:05:00+03:00` in the portal's zone, to the second; None stays None."""
    return None if at is None else datetime.fromtimestamp(int(at), PORTAL_ZONE).isoformat()


def parse_time(text: object) -> float | None:
    """A date of a request, in the portal's zone unless it names one; None when it cannot be read."""
    raw = str(text).strip()
    for read in (datetime.fromisoformat, _russian):
        try:
            moment = read(raw)
        except ValueError:
            continue
        at = (moment if moment.tzinfo else moment.replace(tzinfo=PORTAL_ZONE)).timestamp()
        return at if 0 <= at < LATEST else None
    return None


def _russian(raw: str) -> datetime:
    return datetime.strptime(raw, "%d.%m.%Y %H:%M:%S" if ":" in raw else "%d.%m.%Y").replace(tzinfo=PORTAL_ZONE)
