"""The ledger of one portal: what each method's calls cost there, when it had better rest, and whether the portal as a
whole lets us in. See docs/subsystems/portal.md, "Limits".

Source: official REST documentation of Bitrix24 (limits), as of August 2026: the execution time of a method is added up
over ten minutes, the call that crosses the limit ends and the next one is refused.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import OF_ONE_METHOD, Kind
from posrednik.kit.log import get_logger

log = get_logger("bitrix24")
LIMIT_S = 480.0
SHARE = 0.9
# A refusal teaches the limit only if the figure before it is no older, and what it taught is doubted after a day.
FRESH_S, LEARNED_FOR_S = 60.0, 86_400.0
# Bounds of a rest: the portal's own word may be missing, late, or of another clock.
REST_S, SPENT_REST_S = (1.0, 600.0), (60.0, 600.0)
SAVE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Use:
    """One method. calls, refused: since the last save. operating_s: of its budget, as last told, at `seen_at`.

    reset_at: when the budget grows again. limit_s: the budget as a refusal taught it, at `learned_at`. Unix seconds of
    our clock; None = not told yet.
    """

    method: str
    calls: int = 0
    refused: int = 0
    operating_s: float | None = None
    seen_at: float | None = None
    reset_at: float | None = None
    limit_s: float | None = None
    learned_at: float | None = None
    last_code: str = ""
    last_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """ok_at: the last definite yes, unix seconds. stopped_at, code, why: since then nothing at all is possible."""

    ok_at: float | None = None
    stopped_at: float | None = None
    code: str = ""
    why: str = ""


Save = Callable[[Sequence[Use], Health], Awaitable[None]]


class Ledger:
    """The `Meter` of transport.py. limit_s: of a method nobody has learned more of; None = the portal has none.

    save: keeps what has changed, at most every five seconds; must not raise. clock: unix seconds.
    """

    def __init__(
        self, save: Save | None = None, *, limit_s: float | None = LIMIT_S, clock: Callable[[], float] = time.time
    ) -> None:
        self._save, self._limit_s, self._clock = save, limit_s, clock
        self._uses: dict[str, Use] = {}
        self.health = Health()
        self._changed: set[str] = set()
        self._saving: asyncio.Task[None] | None = None

    def used(self, method: str, answer: Answer) -> float:
        now = self._clock()
        use = self._of(method)
        use = replace(use, calls=use.calls + 1, last_at=now, last_code="")
        if answer.operating is not None:
            limit = use.limit_s if use.limit_s is None else max(use.limit_s, answer.operating)
            use = replace(use, operating_s=answer.operating, seen_at=now, limit_s=limit)
        if answer.operating_reset_at is not None:
            # The portal's own clock says how far off that is; ours may be wrong.
            theirs = answer.at.timestamp() if answer.at else now
            use = replace(use, reset_at=now + answer.operating_reset_at - theirs)
        self._note(use, replace(self.health, ok_at=now, stopped_at=None, code="", why=""))
        return self._rest_of(use, now)

    def refused(self, method: str, problem: Problem) -> float:
        now = self._clock()
        use = self._of(method)
        use = replace(use, refused=use.refused + 1, last_at=now, last_code=problem.code)
        spent = problem.kind is Kind.BUDGET
        if spent and use.operating_s and use.seen_at is not None and now - use.seen_at <= FRESH_S:
            use = replace(use, limit_s=use.operating_s, learned_at=now)
        health = self.health
        if _stops(problem):
            health = Health(health.ok_at, health.stopped_at or now, problem.code, problem.why)
        self._note(use, health)
        return _until(use.reset_at, now, SPENT_REST_S, problem.pause_s) if spent else 0.0

    def limit_of(self, method: str) -> float | None:
        """Seconds in ten minutes, as far as it is known."""
        use = self._of(method)
        return use.limit_s or self._limit_s

    def _of(self, method: str) -> Use:
        use = self._uses.get(method) or Use(method)
        if use.learned_at is not None and self._clock() - use.learned_at > LEARNED_FOR_S:
            return replace(use, limit_s=None, learned_at=None)
        return use

    def _rest_of(self, use: Use, now: float) -> float:
        limit = use.limit_s or self._limit_s
        if limit is None or use.operating_s is None or use.operating_s < SHARE * limit:
            return 0.0
        return _until(use.reset_at, now, REST_S, SPENT_REST_S[0])

    def _note(self, use: Use, health: Health) -> None:
        self._uses[use.method] = use
        self.health = health
        self._changed.add(use.method)
        if self._save is not None and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save_soon(self._save))

    async def _save_soon(self, save: Save) -> None:
        while self._changed:
            rows = [self._uses[method] for method in sorted(self._changed)]
            self._changed.clear()
            for row in rows:
                self._uses[row.method] = replace(row, calls=0, refused=0)
            await save(rows, self.health)
            await asyncio.sleep(SAVE_EVERY_S)


def _stops(problem: Problem) -> bool:
    """Whether the portal as a whole lets nobody in."""
    return problem.kind is Kind.OVERLOAD or (problem.kind is Kind.ACCESS and problem.code not in OF_ONE_METHOD)


def _until(at: float | None, now: float, bounds: tuple[float, float], otherwise: float) -> float:
    """Seconds until a moment within bounds; one that is not known or is over: `otherwise`."""
    left = 0.0 if at is None else at - now
    return min(max(left, bounds[0]), bounds[1]) if left > 0 else otherwise
