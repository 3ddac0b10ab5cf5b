"""The breaker of one destination, as a pure state. Kept in the database so that all workers see the same.

closed ──5 faults in a row──▶ open ──time over, one worker──▶ half_open
  ▲                            ▲                                │
  └────────── success ─────────┼────────────── success ─────────┤
                               └────── fault, twice as long ────┘
"""

from dataclasses import dataclass, replace

FAULTS_TO_OPEN = 5
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """state: closed, open, half_open. pause_s: how long it was open last. faults: in a row, in this worker."""

    state: str = "closed"
    pause_s: float = 0.0
    faults: int = 0

    def success(self) -> "Breaker":
        return Breaker()

    def fault(self) -> "Breaker":
        """One more answer that shows the destination itself unwell. Open when it was one too many."""
        if self.state == "half_open" or self.faults + 1 >= FAULTS_TO_OPEN:
            return self.opened(min(max(self.pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S))
        return replace(self, faults=self.faults + 1)

    def opened(self, pause_s: float) -> "Breaker":
        """Open for `pause_s` seconds; the destination asked for it, or the faults did."""
        return Breaker("open", pause_s, 0)
