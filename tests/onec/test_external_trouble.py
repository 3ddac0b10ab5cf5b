"""The old 1C under any mixture of edits, buttons, events, lost answers and deaths: nothing lost, nothing twice."""

import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bsl.native import KilledHere
from tests.bsl.platform.infobase import Infobase
from tests.onec.old_stage import ACK, Stage, copied, event

Json = dict[str, Any]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 2)),
        st.tuples(st.just("press"), st.integers(0, 2)),
        st.tuples(st.just("event"), st.integers(0, 2)),
        st.tuples(st.just("fault"), st.sampled_from(["lose", "cut", "die"])),
        st.tuples(st.just("kill"), st.sampled_from(["before-commit", "after-commit", "after-send"])),
        st.tuples(st.just("send"), st.just(0)),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("clock"), st.integers(-3600, 3600)),
    ),
    min_size=3, max_size=14,
)  # fmt: skip


class Trouble:
    """Plays the steps; `given` are the events that were not acknowledged yet, as the service would keep them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.orders = stage.refs("order")[:3]
        self.pressed: list[str] = []
        self.events: list[Json] = []
        self.left: list[Json] = []

    def play(self, step: str, value: Any) -> None:
        try:
            getattr(self, f"_{step}")(value)
        except KilledHere:
            return

    def _edit(self, which: int) -> None:
        self.stage.edit("order", self.orders[which], comment=str(uuid.uuid4()))

    def _press(self, which: int) -> None:
        known = {name for name, _ in self.stage.items("cmd")}
        try:
            self.stage.app.call("Нажать", "delivery.ready", self.orders[which])
        finally:
            new = [one for name, one in self.stage.items("cmd") if name not in known]
            keys = {str(one.bsl_get("Идентификатор")) for one in new}
            self.pressed += sorted(keys - set(self.pressed))

    def _event(self, which: int) -> None:
        line = {"line": "1", "product": self.stage.refs("product")[which], "accepted": "1", "price": "10.00"}
        data = {"lines": [line], "amount_taken": "10.00", "payment_method": "cash"}
        made = event("delivery.handed_over", data, len(self.events) + 1, order=self.orders[which])
        self.events.append(made)
        self.left.append(made)

    def _fault(self, kind: str) -> None:
        self.stage.base.fault(kind)

    def _kill(self, point: str) -> None:
        self.stage.base.kill_at(point)

    def _send(self, _: int) -> None:
        self.stage.app.call("ШагОтправки")

    def _take(self, _: int) -> None:
        acked = len(self.stage.service.of(ACK))
        self.stage.give(*self.left)
        try:
            self.stage.app.call("ШагПриема")
        finally:
            for one in self.stage.service.of(ACK)[acked:]:
                done = set(one.body.get("accepted") or [])
                self.left = [item for item in self.left if item["id"] not in done]
            self.stage.service.answers.clear()

    def _clock(self, seconds: int) -> None:
        self.stage.clock.pass_(seconds=seconds)

    def end(self) -> None:
        """The trouble is over: everything comes to rest."""
        self.stage.base.http_faults.clear()
        self.stage.base._kill.clear()
        self.stage.app.call("ПродолжитьОбмен")
        self.stage.app.send()
        if self.left:
            self._take(0)
        self.stage.app.send()


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost_and_nothing_is_twice(source: Path, old: Infobase, steps: list[tuple[str, Any]]) -> None:
    with copied(source, old) as stage:
        before = len(stage.rows("SELECT ref FROM document WHERE kind IN ('shipment', 'cash_receipt')"))
        trouble = Trouble(stage)
        for step, value in steps:
            trouble.play(step, value)
        trouble.end()

        bodies: dict[str, bytes] = {}
        for asked in stage.messages:
            assert bodies.setdefault(asked.body["number"], asked.raw) == asked.raw
        first = int(source.with_name("number").read_text()) + 1
        assert [int(number) for number in bodies] == list(range(first, int(stage.state()["ПоследнийНомер"]) + 1))
        last = {one["ref"]: one["version"] for one in stage.objects()}
        now = dict(stage.rows("SELECT ref, version FROM object WHERE kind IN ('order', 'shipment', 'cash_receipt')"))
        assert {ref: now[ref] for ref in last if ref in now} == {ref: last[ref] for ref in last if ref in now}
        made = stage.rows("SELECT ref FROM document WHERE kind IN ('shipment', 'cash_receipt')")
        assert len(made) == before + 2 * len(trouble.events)
        assert {ref for (ref,) in made} <= last.keys() | {ref for (ref,) in made[:before]}
        sent = Counter(one["id"] for body in _once(stage) for one in body.get("commands") or [])
        assert all(stage.app.get("Команда", key)["Состояние"] == "done" for key in trouble.pressed)
        assert set(trouble.pressed) <= sent.keys()


def _once(stage: Stage) -> Iterator[Json]:
    """Each message once, however often it was sent."""
    seen = set()
    for asked in stage.messages:
        if asked.raw not in seen:
            seen.add(asked.raw)
            yield asked.body
