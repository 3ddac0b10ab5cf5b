"""The checklist of a task: whatever stands there, whatever answers get lost, in the end it is as wanted, once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notes_portal import FakeCalls, Refusal

from posrednik.connectors.base import Accepted, Item, Outcome, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.steps import TITLE, Steps
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.events import Data
from posrednik.domain.proofs import DEFAULT_RULES, PROOFS, rules_with
from posrednik.domain.task_notes import checklist
from posrednik.kit.ids import uuid7

HEADS = {"pick_up": "Забрать заказ", "depart": "Выехать к покупателю", "hand_over": "Отдать заказ"}
titles = st.sampled_from(["", ": фото", ": фото, сумма"])
wanted_steps = st.lists(st.sampled_from(list(HEADS)), unique=True, min_size=1).flatmap(
    lambda keys: st.tuples(*(st.tuples(st.just(key), titles, st.booleans()) for key in keys))
)
foreign = st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from(["Хлеб", "Забрать чек", TITLE])), max_size=3)


@dataclass
class Portal:
    """One task's checklist: id -> (parent, title, done)."""

    rows: dict[int, tuple[int, str, bool]] = field(default_factory=dict)
    task: bool = True

    def serve(self, method: str, params: Mapping[str, Any]) -> Any:
        if method == wire.TASK_GET:
            return {"task": {"id": "5"}} if self.task else []
        if not self.task:
            raise Refusal("error_core")
        if method == wire.CHECKLIST_LIST:
            return [
                {"ID": str(n), "PARENT_ID": parent or False, "TITLE": title, "IS_COMPLETE": "Y" if done else "N"}
                for n, (parent, title, done) in self.rows.items()
            ]
        if method == wire.CHECKLIST_ADD:
            fields = params["1"]
            number = max(self.rows, default=0) + 1
            self.rows[number] = (fields["PARENT_ID"], fields["TITLE"], bool(fields.get("IS_COMPLETE")))
            return number
        if params["1"] not in self.rows:
            return False
        parent, title, done = self.rows[params["1"]]
        if method == wire.CHECKLIST_UPDATE:
            self.rows[params["1"]] = (parent, params["2"]["TITLE"], done)
            return None
        self.rows[params["1"]] = (parent, title, method == wire.CHECKLIST_DONE)
        return True

    def ours(self) -> list[tuple[str, bool]]:
        root = min(n for n, (parent, title, _) in self.rows.items() if not parent and title == TITLE)
        return [(title, done) for parent, title, done in self.rows.values() if parent == root]


class Facts:
    async def tasks_of(self, deliveries: Collection[str]) -> Mapping[str, str]:
        return dict.fromkeys(deliveries, "5")

    async def photo(self, sha256: str) -> bytes | None:
        return None

    async def audience(self, division: str, about: str) -> Sequence[int]:
        return ()


def item_of(steps: Sequence[tuple[str, str, bool]], **more: Any) -> Item:
    rows = [{"key": key, "title": HEADS[key] + tail, "done": done} for key, tail, done in steps]
    return Item(uuid7(), "steps:1", "steps.put", {"delivery": "1", "version": 1, "steps": rows}, **more)


async def send(portal: Portal, item: Item, lost: frozenset[int] = frozenset()) -> tuple[Outcome, FakeCalls]:
    calls, told = FakeCalls(portal.serve, lost), list[Outcome]()
    await Steps(Facts()).send(calls, [item], lambda _, outcome: told.append(outcome))  # type: ignore[arg-type]
    assert len(told) == 1
    return told[0], calls


@given(first=wanted_steps, second=wanted_steps, others=foreign, lost=st.sets(st.integers(1, 12), max_size=4))
async def test_in_the_end_each_step_stands_once_and_what_is_not_ours_stays(
    first: Any, second: Any, others: Any, lost: set[int]
) -> None:
    portal = Portal({n: (parent, title, False) for n, (parent, title) in enumerate(others, 100)})
    left: tuple[str | None, Any] = (None, None)
    for steps in (first, second):
        item = item_of(steps, remote_id=left[0], written=left[1])
        outcome, _ = await send(portal, item, frozenset(lost))
        while not isinstance(outcome, Accepted):
            assert isinstance(outcome, Unclear | TryLater)
            item = replace(item, attempt=item.attempt + 1)
            outcome, _ = await send(portal, item)
        left = outcome.remote_id, outcome.written
        ours = [one for one in portal.ours() if one[0].partition(":")[0] in HEADS.values()]
        for key, tail, done in steps:
            assert ours.count((HEADS[key] + tail, done)) == 1
            assert len([one for one in ours if one[0].partition(":")[0] == HEADS[key]]) == 1
    assert {100 + n for n in range(len(others))} <= set(portal.rows)


async def test_what_is_known_to_stand_is_not_read_again() -> None:
    portal = Portal()
    done, _ = await send(portal, item_of([("pick_up", "", False), ("hand_over", "", False)]))
    assert isinstance(done, Accepted)
    next_one = item_of(
        [("pick_up", "", True), ("hand_over", "", False)], remote_id=done.remote_id, written=done.written
    )
    _, calls = await send(portal, next_one)
    assert calls.done == [wire.CHECKLIST_DONE]


async def test_an_item_that_people_took_away_is_put_back() -> None:
    portal = Portal()
    done, _ = await send(portal, item_of([("pick_up", "", False)]))
    assert isinstance(done, Accepted)
    del portal.rows[2]
    again, _ = await send(portal, item_of([("pick_up", "", True)], remote_id=done.remote_id, written=done.written))
    assert isinstance(again, Accepted)
    assert portal.ours() == [("Забрать заказ", True)]


async def test_a_task_that_is_gone_is_told_from_one_that_refuses() -> None:
    gone, _ = await send(Portal(task=False), item_of([("pick_up", "", False)]))
    assert isinstance(gone, Accepted)
    assert gone.code == "task_gone"

    def serve(method: str, params: Mapping[str, Any]) -> Any:
        if method == wire.TASK_GET:
            return {"task": {"id": "5"}}
        raise Refusal("error_core")

    portal = Portal()
    portal.serve = serve  # type: ignore[method-assign]
    refused, _ = await send(portal, item_of([("pick_up", "", False)]))
    assert isinstance(refused, Refused)


async def test_a_method_that_rests_costs_nothing() -> None:
    portal = Portal()
    calls, told = FakeCalls(portal.serve), list[Outcome]()
    calls.rests[wire.CHECKLIST_LIST] = TryLater("отдыхает", "operation_time_limit", 90.0, "method", free=True)
    await Steps(Facts()).send(calls, [item_of([("pick_up", "", False)])], lambda _, one: told.append(one))  # type: ignore[arg-type]
    assert isinstance(told[0], TryLater)
    assert (told[0].free, told[0].after_s, calls.done) == (True, 90.0, [])


async def test_what_concerns_the_whole_portal_is_told_so() -> None:
    def serve(method: str, params: Mapping[str, Any]) -> Any:
        raise Refusal("overload_limit", Kind.OVERLOAD)

    portal = Portal()
    portal.serve = serve  # type: ignore[method-assign]
    outcome, _ = await send(portal, item_of([("pick_up", "", False)]))
    assert isinstance(outcome, TryLater)
    assert outcome.scope == "destination"


# -- which steps


levels = st.dictionaries(st.sampled_from(PROOFS), st.sampled_from(["required", "warn", "optional", "off"]))


def snapshot(stage: str, **times: Any) -> Data:
    at = {"picked_up_at": None, "departed_at": None, "handed_over_at": None}
    return {"delivery": {"id": "1", "version": 1, "stage": stage, **at, **times}}


@given(st.dictionaries(st.sampled_from(["pick_up", "depart", "hand_over"]), levels))
def test_the_list_names_what_is_required_and_leaves_out_a_step_that_may_be_skipped(named: Any) -> None:
    rules = rules_with(named)
    steps = checklist(snapshot("ready"), rules)["steps"]
    required = {step: [one for one in PROOFS if rules.level(step, one) == "required"] for step in HEADS}
    assert [step["key"] for step in steps] == [step for step in HEADS if step != "depart" or required["depart"]]
    for step in steps:
        assert step["title"].count(",") == max(0, len(required[step["key"]]) - 1)
        assert (":" in step["title"]) == bool(required[step["key"]])


@pytest.mark.parametrize(
    ("stage", "times", "done"),
    [
        ("ready", {}, [False, False]),
        ("picked_up", {"picked_up_at": "t"}, [True, False]),
        ("en_route", {"picked_up_at": "t", "departed_at": "t"}, [True, False]),
        ("handed_over", {"picked_up_at": "t", "handed_over_at": "t"}, [True, True]),
        ("not_delivered", {"picked_up_at": "t"}, [True, False]),
        # Another try by somebody who has not the goods.
        ("ready", {"picked_up_at": "t"}, [False, False]),
    ],
)
def test_a_step_is_ticked_when_it_is_done(stage: str, times: Data, done: list[bool]) -> None:
    assert [step["done"] for step in checklist(snapshot(stage, **times), DEFAULT_RULES)["steps"]] == done
