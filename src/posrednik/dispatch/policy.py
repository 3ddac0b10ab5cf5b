"""What becomes of a message after a try: one pure function. See docs/subsystems/dispatch.md, "Outcomes"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from posrednik.connectors.base import Accepted, Outcome, Refused, TryLater, Unclear

# Seconds before try 2, 3, ... A destination that is down opens its breaker long before these run out.
PAUSES: tuple[float, ...] = (1, 3, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800)
VERIFY_MARGIN_S = 1.0
SHORTEST_S = 0.1
LONGEST_ASKED_S = 86400.0


@dataclass(frozen=True, slots=True)
class Step:
    """done: gone from the lane. waiting: again in `delay_s`. verify: look it up in `delay_s`, then decide.
    dead: the lane stands until a person decides or a newer state replaces it. held: the destination stands, the
    message keeps its place. attempt: tries that count so far. in_doubt: it may be there; never send it unlooked,
    nor look before `delay_s` is over, not even when a person replays it at once."""

    state: Literal["done", "waiting", "verify", "dead", "held"]
    delay_s: float
    attempt: int
    in_doubt: bool = False


def next_step(
    outcome: Outcome,
    attempt: int,
    *,
    time_limit_s: float,
    pauses: Sequence[float] = PAUSES,
    jitter: float = 0.0,
    probe: bool = False,
) -> Step:
    """What becomes of a message after its `attempt`-th try (the first is 1).

    time_limit_s: the destination's own; an unclear try is looked up only after it (engines.md §4, 3).
    jitter: 0..1, lengthens a pause by up to a tenth, so that lanes that failed together do not return together.
    probe: the try was the breaker's probe; that the destination is still unwell costs the message no attempt, else
    a long outage would bury whatever is used for probing.
    """
    counted = attempt - 1 if probe and getattr(outcome, "fault", False) else attempt
    match outcome:
        case Accepted():
            return _DONE
        case Refused(disable=True):
            return Step("held", 0.0, attempt - 1)
        case Refused():
            return Step("dead", 0.0, attempt)
        case TryLater(free=True) | TryLater(scope="method") | TryLater(scope="destination"):
            return Step("waiting", _asked(outcome.after_s, pauses[0]), attempt - 1)
        case Unclear():
            wait = max(time_limit_s + VERIFY_MARGIN_S * (time_limit_s > 0), _pause(pauses, attempt, jitter))
            return Step("dead" if counted > len(pauses) else "verify", wait, counted, in_doubt=True)
        case TryLater() if counted > len(pauses):
            return Step("dead", 0.0, attempt)
        case TryLater(after_s=after_s):
            return Step("waiting", max(_pause(pauses, attempt, jitter), _asked(after_s, 0.0)), counted)


def _pause(pauses: Sequence[float], attempt: int, jitter: float) -> float:
    return pauses[min(attempt, len(pauses)) - 1] * (1 + jitter / 10)


def _asked(after_s: float | None, otherwise: float) -> float:
    """What the destination asked for, within reason: neither a hot loop nor a year."""
    return float(otherwise if after_s is None else max(SHORTEST_S, min(LONGEST_ASKED_S, after_s)))


_DONE = Step("done", 0.0, 0)
