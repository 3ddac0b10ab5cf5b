"""The breaker of one destination, as a pure state. Kept in the database so that all workers see the same.

closed ──5 faults in a row──▶ open ──time over, one worker──▶ half_open
  ▲                            ▲                                │
  │                            └───── fault, twice as long ─────┤
  └───────────────────── the probe was answered ────────────────┘

What is still on the way when it opens decides nothing: neither a late success nor a late fault moves an open breaker.
"""

from dataclasses import dataclass, replace

from posrednik.connectors.base import Accepted, NotThere, Outcome, TryLater, Unclear

FAULTS_TO_OPEN = 5
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
LONGEST_ASKED_S = 3600.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """state: closed, open, half_open. pause_s: how long it was open last. faults: in a row, in this worker."""

    state: str = "closed"
    pause_s: float = 0.0
    faults: int = 0

    def after(self, outcome: Outcome | NotThere, *, probe: bool) -> "Breaker":
        """What an outcome says about the destination. probe: it is the answer to the breaker's own probe."""
        if self is _CLOSED and isinstance(outcome, Accepted):
            return self  # of nearly every message
        match outcome:
            case TryLater(scope="destination", after_s=after_s):
                return self.opened(min(max(after_s or 0.0, FIRST_PAUSE_S), LONGEST_ASKED_S))
            case _ if self.state == "open" or (self.state == "half_open" and not probe):
                return self
            case TryLater(fault=True) | Unclear(fault=True):
                return self._fault()
            case NotThere() | TryLater(free=True):
                return self
            case _:
                return _CLOSED

    def _fault(self) -> "Breaker":
        """One more answer that shows the destination itself unwell. Open when it was one too many."""
        if self.state == "half_open" or self.faults + 1 >= FAULTS_TO_OPEN:
            return self.opened(min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S))
        return replace(self, faults=self.faults + 1)

    def opened(self, pause_s: float) -> "Breaker":
        """Open for `pause_s` seconds; the destination asked for it, or the faults did."""
        return Breaker("open", pause_s)


_CLOSED = Breaker()
