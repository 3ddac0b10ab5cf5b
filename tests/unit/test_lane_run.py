"""What of a try goes into the journal: whatever was exchanged, and nothing that merely waits (docs: dispatch.md)."""

import time
from uuid import uuid4

import pytest

from posrednik.connectors.base import Accepted, Outcome, Refused, TryLater, Unclear
from posrednik.dispatch.policy import next_step
from posrednik.dispatch.run import LaneRun
from posrednik.store.lanes import Claimed


def after(outcome: Outcome) -> list[str]:
    """Outcomes in the journal after one try."""
    message = Claimed(1, 1, "delivery:1", 1, uuid4(), None, "task.put", "{}", 1, False, None, None)
    run = LaneRun.of([message], time.monotonic())
    run.apply(outcome, next_step(outcome, 1, time_limit_s=60.0), 0.1)
    return [attempt.outcome for attempt in run.take_records()[0]]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Accepted("7"), ["accepted"]),
        (Refused("нет"), ["refused"]),
        (Unclear("нет ответа"), ["unclear"]),
        (TryLater("занято"), ["try_later"]),
        (TryLater("нет права", "insufficient_scope", free=True, status=403), ["try_later"]),
        (TryLater("портал закрыт", scope="destination"), ["try_later"]),
        (TryLater("очередь фото", "photos_queue", 5.0, free=True), []),
        (TryLater("лимит обращений", "limiter", 1.0, free=True), []),
    ],
)
def test_what_was_exchanged_is_in_the_journal_and_what_only_waits_is_not(outcome: Outcome, told: list[str]) -> None:
    assert after(outcome) == told
