"""One lease of one lane: which message is next, and what the lease has come to."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from posrednik.connectors.base import Accepted, NotThere, Outcome, TryLater
from posrednik.dispatch.policy import Step
from posrednik.store.lanes import Attempt, Claimed, LaneResult, Remote

SAVE_EVERY_S = 0.2
LONGEST_TEXT = 1000


@dataclass(slots=True)
class LaneRun:
    """Goes through the messages of a lease in order and stops at the first that is not done."""

    lane_id: int
    epoch: int
    key: str
    messages: list[Claimed]
    claimed_at: float
    probe: bool = False
    over: bool = False
    _next: int = 0
    _done_upto: int = 0
    _step: Step | None = None
    _outcome: Outcome | None = None
    _saved_at: float = 0.0
    _attempts: list[Attempt] = field(default_factory=list)
    _remotes: list[Remote] = field(default_factory=list)

    @classmethod
    def of(cls, messages: list[Claimed], claimed_at: float, *, probe: bool = False) -> "LaneRun":
        """messages: those of one lane, in order, at least one. claimed_at: time.monotonic() before the claim, so that
        the lease by our clock never outlasts the database's."""
        first = messages[0]
        return cls(first.lane_id, first.epoch, first.key, messages, claimed_at, probe, _saved_at=time.monotonic())

    @property
    def current(self) -> Claimed:
        return self.messages[self._next]

    @property
    def urgent(self) -> bool:
        return self.messages[0].urgent

    def age_s(self) -> float:
        return time.monotonic() - self.claimed_at

    def not_there(self, outcome: NotThere, took_s: float) -> None:
        """A look-up is sure: the message in hand may be sent after all."""
        self._note("not_there", "not_there", outcome.why, took_s)
        self.messages[self._next] = msgspec.structs.replace(self.current, in_doubt=False)

    def apply(self, outcome: Outcome, step: Step, took_s: float) -> None:
        """Move on after a try of the message in hand."""
        name = "found" if isinstance(outcome, Accepted) and self.current.in_doubt else _NAMES[type(outcome).__name__]
        if not _is_mere_wait(outcome):
            self._note(name, outcome.code, outcome.why, took_s)
        if isinstance(outcome, Accepted) and outcome.remote_id is not None:
            written = msgspec.json.encode(outcome.written).decode() if outcome.written is not None else None
            remote_id = storable(outcome.remote_id)
            self._remotes.append(Remote(self.lane_id, remote_id, written))
            self._pass_on(remote_id, written)
        if step.state == "done":
            self._done_upto = self.current.seq
            self._next += 1
            self.over = self._next == len(self.messages)
        else:
            self.over, self._step, self._outcome = True, step, outcome

    def _pass_on(self, remote_id: str, written: str | None) -> None:
        """The next messages of this lease know what the one before has learned."""
        for i in range(self._next + 1, len(self.messages)):
            self.messages[i] = msgspec.structs.replace(self.messages[i], remote_id=remote_id, written=written)

    def _note(self, outcome: str, code: str, why: str, took_s: float) -> None:
        m = self.current
        self._attempts.append(
            Attempt(m.lane_id, datetime.now(UTC), outcome, m.order_ref, m.event_id, m.attempt, round(took_s * 1000),
                    storable(code), storable(why), m.method)
        )  # fmt: skip

    def release(self) -> None:
        """Stop here; what was not sent costs nothing."""
        self.over = True

    def worth_saving(self) -> bool:
        """Slow lanes record progress on the way, so that a crash leaves little in doubt."""
        return time.monotonic() - self._saved_at > SAVE_EVERY_S

    def result(self) -> LaneResult:
        """What to write now."""
        self._saved_at = time.monotonic()
        result = LaneResult(self.lane_id, self.epoch, self._done_upto, release=self.over)
        doubt = [m.seq for m in self.messages[self._next :] if m.in_doubt]
        if doubt:
            result.doubt_upto = max(doubt)
        if self.over and self._next < len(self.messages):
            result.attempt = max(0, self.current.attempt - 1)
        if self._step is not None and self._outcome is not None:
            self._stopped(result, self._step, self._outcome)
        return result

    def _stopped(self, result: LaneResult, step: Step, outcome: Outcome) -> None:
        result.dead = step.state == "dead"
        result.delay_s, result.attempt = step.delay_s, step.attempt
        result.why, result.why_text = storable(outcome.code), storable(outcome.why)
        if step.in_doubt:
            result.doubt_upto = max(result.doubt_upto, self.current.seq)

    def take_records(self) -> tuple[list[Attempt], list[Remote]]:
        records = self._attempts, self._remotes
        self._attempts, self._remotes = [], []
        return records


def _is_mere_wait(outcome: Outcome) -> bool:
    """It costs nothing and nothing was answered, so nothing was exchanged: the lane says why it waits, no journal."""
    return isinstance(outcome, TryLater) and outcome.free and outcome.scope == "message" and outcome.status is None


def storable(text: str) -> str:
    """What PostgreSQL can keep of a text from outside: no NUL, no lone surrogates, not endless."""
    text = text[:LONGEST_TEXT]
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


_NAMES = {"Accepted": "accepted", "TryLater": "try_later", "Refused": "refused", "Unclear": "unclear"}
