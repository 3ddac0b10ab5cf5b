"""What goes together in one call, and what must wait for what. Pure."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from posrednik.connectors.base import Accepted, Item, Outcome, Report, TryLater
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.pace import Pace
from posrednik.connectors.bitrix24.work import LookUp, Work

T = TypeVar("T")
_BEHIND = TryLater("предыдущее изменение этой задачи ещё не записано", "behind", free=True)


def chunks(wanted: Sequence[tuple[Work, Command]], pace: Pace) -> Iterator[list[tuple[Work, Command]]]:
    """Batches of at most 50 commands with at most 15 creates among them, none longer than the portal allows."""
    adds = deque(pair for pair in wanted if pair[1].step is Step.ADD)
    others = deque(pair for pair in wanted if pair[1].step is not Step.ADD)
    while adds or others:
        yield _filled([(adds, wire.BATCH_CREATES_MAX), (others, wire.BATCH_MAX)], pace)


def slices(wanted: Sequence[tuple[LookUp, Command]], pace: Pace) -> Iterator[list[tuple[LookUp, Command]]]:
    """Batches of at most 50 look-ups."""
    rest = deque(wanted)
    while rest:
        yield _filled([(rest, wire.BATCH_MAX)], pace)


def _filled(queues: Sequence[tuple[deque[tuple[T, Command]], int]], pace: Pace) -> list[tuple[T, Command]]:
    """One batch: from each queue in turn while it has less than so many, and one at least."""
    batch: list[tuple[T, Command]] = []
    seconds = 0.0
    for queue, most in queues:
        while queue and len(batch) < most:
            seconds += pace.seconds(queue[0][1].method)
            if batch and seconds > pace.room_s:
                return batch
            batch.append(queue.popleft())
    return batch


def one_of_each_key(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """The first item of each key, and the rest in their order."""
    first: dict[str, Item] = {}
    rest = [item for item in items if first.setdefault(item.key, item) is not item]
    return list(first.values()), rest


def following(wave: Sequence[Item], ended: Mapping[str, Outcome], report: Report) -> list[Item]:
    """Items that may go now; one that follows another of its key starts from what that one left behind."""
    going: list[Item] = []
    for item in wave:
        before = ended.get(item.key)
        if before is None:
            going.append(item)
        elif isinstance(before, Accepted):
            going.append(replace(item, remote_id=before.remote_id, written=before.written))
        else:
            report(item, _BEHIND)
    return going
