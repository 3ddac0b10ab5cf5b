"""What goes together in one call, and what must wait for what. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from posrednik.connectors.base import Accepted, Item, Outcome, Report, TryLater
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.work import LookUp, Work

_BEHIND = TryLater("предыдущее изменение этой задачи ещё не записано", "behind", free=True)


def chunks(wanted: Sequence[tuple[Work, Command]]) -> Iterator[list[tuple[Work, Command]]]:
    """Batches of at most 50 commands with at most 15 creates among them."""
    adds = [pair for pair in wanted if pair[1].step is Step.ADD]
    others = [pair for pair in wanted if pair[1].step is not Step.ADD]
    while adds or others:
        chunk = adds[: wire.BATCH_CREATES_MAX]
        adds = adds[wire.BATCH_CREATES_MAX :]
        room = wire.BATCH_MAX - len(chunk)
        yield [*chunk, *others[:room]]
        others = others[room:]


def slices(wanted: Sequence[tuple[LookUp, Command]]) -> Iterator[list[tuple[LookUp, Command]]]:
    """Batches of at most 50 look-ups."""
    rest = iter(wanted)
    while chunk := list(islice(rest, wire.BATCH_MAX)):
        yield chunk


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
