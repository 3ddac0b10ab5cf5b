"""The first load of a base, pure: windows of months, where a reader stands, how long it will take."""

from dataclasses import dataclass, replace
from typing import Any

from posrednik.domain.errors import DomainError

PACE_KEPT = 0.8  # of the rate so far, when a page gives a new one


class LoadRunning(DomainError):
    """This base is being loaded already."""

    code = "load_running"


class NoLoad(DomainError):
    """There is nothing to stop or to go on with."""

    code = "load_none"


class NoOData(DomainError):
    """The configuration has no [bases.odata] for this base."""

    code = "load_not_configured"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the reading of a set stands. since, until: first and last month ("2019-03"); empty: the set is read whole.

    window: number of the month; skip: rows of it that are read; last: ref of the last of them ("" = nothing to check
    the next page by); shifts: how often its pages have shifted.
    """

    since: str = ""
    until: str = ""
    window: int = 0
    skip: int = 0
    last: str = ""
    shifts: int = 0
    begun: bool = False

    @property
    def months(self) -> int:
        return 1 + _number(self.until) - _number(self.since) if self.since else 1

    @property
    def over(self) -> bool:
        return self.window >= self.months

    @property
    def month(self) -> str:
        """Of this window; empty: the whole set."""
        return _month(_number(self.since) + self.window) if self.since else ""

    def bounds(self) -> tuple[str | None, str | None]:
        """Local times; the first window has no beginning and the last no end, so that nothing falls between."""
        if not self.since:
            return None, None
        first, last = self.window == 0, self.window == self.months - 1
        number = _number(self.since) + self.window
        return None if first else f"{_month(number)}-01T00:00:00", None if last else f"{_month(number + 1)}-01T00:00:00"

    def after(self, rows: int, last: str) -> "Position":
        return replace(self, skip=self.skip + rows, last=last)

    def back(self, rows: int) -> "Position":
        """Pages have shifted: some rows once more."""
        return replace(self, skip=max(0, self.skip - rows), last="", shifts=self.shifts + 1)

    def next_window(self) -> "Position":
        return Position(self.since, self.until, self.window + 1, begun=True)


def _number(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def paced(rate: float, rows: int, seconds: float) -> float:
    """Rows a second, smoothed."""
    now = rows / max(seconds, 0.001)
    return now if rate <= 0 else PACE_KEPT * rate + (1 - PACE_KEPT) * now


def left_s(done: int, total: int | None, rate: float) -> float | None:
    """None: not known."""
    return None if total is None or rate <= 0 else max(0.0, (total - done) / rate)


def difference(ref: str, theirs: str | None, ours: str | None, *, waits: bool, quarantined: bool) -> dict[str, Any]:
    """One object that does not agree. why: waiting, quarantined, missing (not here), gone (not in 1C), version."""
    why = "quarantined" if quarantined else "waiting" if waits else "missing" if ours is None else "version"
    return {"ref": ref, "theirs": theirs, "ours": ours, "why": "gone" if theirs is None else why}


class SourceFailed(Exception):
    """1C does not give what was asked, and asking again did not help; the text says why in words."""
