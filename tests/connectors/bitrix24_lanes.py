"""Lanes of deliveries' tasks, driven to their ends as the dispatcher does, without its pauses."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness
from tests.connectors.harness import Reports, TestGate

from posrednik.connectors.base import Accepted, Body, Item, NotThere, Outcome, TryLater, Unclear

ROUNDS = 60


@dataclass
class Lane:
    """One delivery with its messages still to send, strictly in order."""

    messages: list[Item]
    remote_id: str | None = None
    written: Body | None = None
    must_look: bool = False
    outcomes: list[Outcome | NotThere] = field(default_factory=list)

    def head(self) -> Item:
        return replace(self.messages[0], remote_id=self.remote_id, written=self.written)

    def take(self, outcome: Outcome | NotThere) -> None:
        self.outcomes.append(outcome)
        match outcome:
            case Accepted():
                self.remote_id, self.written = outcome.remote_id, outcome.written
                self.messages.pop(0)
                self.must_look = False
            case Unclear():
                self._next_try(look=True)
            case TryLater():
                if not outcome.free:
                    self._next_try(look=self.must_look)
            case NotThere():
                self.must_look = False
            case _:
                pytest.fail(f"a storm is no refusal: {outcome}")

    def _next_try(self, look: bool) -> None:
        self.messages[0] = replace(self.messages[0], attempt=self.messages[0].attempt + 1)
        self.must_look = look


async def one_round(system: Bitrix24Harness, lanes: Sequence[Lane]) -> None:
    by_id = {lane.messages[0].id: lane for lane in lanes}
    looks = [lane.head() for lane in lanes if lane.must_look]
    sends = [lane.head() for lane in lanes if not lane.must_look]
    looked, sent = Reports(), Reports()
    await system.connector.look_up(looks, TestGate(), looked)
    await system.connector.send(sends, TestGate(), sent)
    assert len(looked.rows) == len(looks)
    assert len(sent.rows) == len(sends)
    for item_id, outcome in looked.rows + sent.rows:
        by_id[item_id].take(outcome)


async def to_the_end(system: Bitrix24Harness, lanes: Sequence[Lane], rounds: int = ROUNDS) -> None:
    """Until every message is accepted. Fails when that takes too many rounds."""
    for _ in range(rounds):
        waiting = [lane for lane in lanes if lane.messages]
        if not waiting:
            return
        await one_round(system, waiting)
    pytest.fail(f"still waiting: {[lane.outcomes[-1] for lane in lanes if lane.messages]}")
