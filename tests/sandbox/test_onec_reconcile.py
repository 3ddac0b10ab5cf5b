"""The emulated base compares itself: steps become commands at the right moment, answers lead to the next (E-27)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.onec_running import a_base

from posrednik_sandbox.onec import Onec, digests, wire
from posrednik_sandbox.onec.client import Answer

Json = dict[str, Any]
RUN = "5a4b1c00-0000-4000-8000-0000000000aa"


@pytest.fixture
def onec(tmp_path: Path) -> Onec:
    base = a_base(tmp_path)
    base.store.db.execute("DELETE FROM dirty")
    return base


def begin(onec: Onec, *wanted: tuple[str, str]) -> None:
    with onec.store.tx():
        digests.register(onec.store, onec.offset_h, RUN, wanted)


def packed(onec: Onec) -> Json:
    """The next message, as it goes."""
    message = onec.outbox.pack()
    assert message is not None
    return wire.decoded(message["body"], "json")


def answer(onec: Onec, *results: Json) -> None:
    """The service takes the message; what it says of its commands, in their order."""
    message = onec.outbox.on_its_way()
    assert message is not None
    said = [
        {"id": key, "status": "done", "result": result}
        for key, result in zip(json.loads(message["commands"]), results, strict=True)
    ]
    onec.outbox.acknowledge(message, Answer(200, {"commands": said}, None))


def said(message: Json) -> list[tuple[str, Json]]:
    return [(command["type"], command["data"]) for command in message["commands"]]


def some_product(onec: Onec) -> str:
    return str(onec.store.value("SELECT ref FROM object WHERE kind = 'product' LIMIT 1"))


def test_a_run_goes_from_digests_to_lists_to_objects_to_digests_to_its_end(onec: Onec) -> None:
    begin(onec, ("product", ""), ("courier", ""))
    told = said(packed(onec))
    assert [(type, data["kind"], data["detail"], data["run"]) for type, data in told] == [
        ("digest", "courier", True, RUN), ("digest", "product", True, RUN),
    ]  # fmt: skip
    answer(onec, {"answer": "equal"}, {"answer": "list"})
    [(type, data)] = said(packed(onec))
    lines = digests.slices(onec.store, onec.offset_h)["product", ""]
    assert (type, sorted(data["versions"])) == ("listing", sorted(lines))
    answer(onec, {"answer": "send", "refs": [some_product(onec)], "unknown": ["not here"]})
    again = packed(onec)
    assert [one["ref"] for one in again["objects"]] == [some_product(onec)]
    assert [data["kind"] for _, data in said(again)] == ["product"], "it goes with what was asked for"
    answer(onec, {"answer": "equal"})
    assert said(packed(onec)) == [("digest_end", {"run": RUN})]
    answer(onec, {"state": "done"})
    assert onec.outbox.pack() is None


def test_a_large_slice_goes_by_the_parts_that_differ(onec: Onec) -> None:
    begin(onec, ("product", ""))
    packed(onec)
    answer(onec, {"answer": "split"})
    [(type, data)] = said(packed(onec))
    assert type == "digest_parts"
    lines = digests.slices(onec.store, onec.offset_h)["product", ""]
    assert sum(one["count"] for one in data["parts"]) == len(lines)
    first, second = data["parts"][0]["part"], data["parts"][-1]["part"]
    answer(onec, {"answer": "list", "parts": [first, second]})
    listed = said(packed(onec))
    assert [(type, data["part"]) for type, data in listed] == [("listing", first), ("listing", second)]
    assert all(digests.part_of(line, data["at"]) == data["part"] for _, data in listed for line in data["versions"])
    answer(onec, *({"answer": "send", "refs": [data["versions"][0].split(":")[0]]} for _, data in listed))
    assert [type for type, _ in said(packed(onec))] == ["digest"], "once for all its parts"


def test_what_is_said_is_what_the_base_has_when_it_is_packed(onec: Onec) -> None:
    """An edit between the question and the packing goes in the same message, before the command."""
    begin(onec, ("product", ""))
    ref = some_product(onec)
    with onec.store.tx():
        onec.store.put("product", ref, {"code": "1", "name": "Новое имя", "unit": "шт"})
    message = packed(onec)
    [(_, data)] = said(message)
    assert data["hash"] == digests.hash_of(digests.slices(onec.store, onec.offset_h)["product", ""])
    assert [one["ref"] for one in message["objects"]] == [ref]


def test_nothing_is_compared_while_changed_objects_are_left_behind(onec: Onec) -> None:
    with onec.store.tx():
        for number in range(201):
            onec.store.put("counterparty", f"c{number}", {"name": f"К {number}"})
    begin(onec, ("product", ""))
    assert (len(packed(onec)["objects"]), onec.outbox.counts()["commands"]) == (200, 1)
    answer(onec)
    message = packed(onec)
    assert (len(message["objects"]), [type for type, _ in said(message)]) == (1, ["digest"])


def test_a_number_that_can_never_be_accepted_takes_its_old_words_with_it(onec: Onec) -> None:
    begin(onec, ("product", ""))
    before = said(packed(onec))[0][1]["hash"]
    onec.outbox.continue_from(onec.outbox.last_number + 3)
    with onec.store.tx():
        onec.store.put("product", some_product(onec), {"code": "1", "name": "Новое имя", "unit": "шт"})
    [(type, data)] = said(packed(onec))
    assert (type, data["hash"] != before) == ("digest", True)


def test_a_sample_tells_what_the_base_has_and_sends_what_differs(onec: Onec) -> None:
    ref = some_product(onec)
    asked = [{"kind": "product", "ref": ref}, {"kind": "product", "ref": "gone"}]
    with onec.store.tx():
        digests.register_sample(onec.store, RUN, asked)
    [(_, data)] = said(packed(onec))
    found, gone = data["objects"]
    assert (found["found"], found["data"]["name"]) == (True, onec.store.names("product")[ref]["name"])
    assert gone == {"kind": "product", "ref": "gone", "found": False}
    answer(onec, {"checked": 2, "agreed": 0, "differs": [{"kind": "product", "ref": ref, "fields": ["name"]}]})
    assert [one["ref"] for one in packed(onec)["objects"]] == [ref]


def test_what_cannot_be_mended_does_not_go_round_for_ever(onec: Onec) -> None:
    begin(onec, ("product", ""))
    rounds = 0
    while (message := onec.outbox.pack()) is not None:
        commands = wire.decoded(message["body"], "json")["commands"]
        rounds += [one["type"] for one in commands].count("digest")
        answers = ("list" if one["type"] == "digest" else "send" for one in commands)
        answer(onec, *({"answer": one, "refs": [some_product(onec)]} for one in answers))
    assert rounds == digests.ROUNDS


def test_a_newer_run_takes_the_place_of_an_older_one_that_nobody_waits_for(onec: Onec) -> None:
    begin(onec)
    with onec.store.tx():
        digests.register(onec.store, onec.offset_h, "newer", [("product", "")])
    assert {data["run"] for _, data in said(packed(onec))} == {"newer"}


@pytest.mark.parametrize(("refs", "at"), [
    (["ab", "ac"], 2), (["x/1", "x/2"], 3), (["a"], 1), ([], 1), (["ab", "b"], 1),
])  # fmt: skip
def test_parts_begin_where_refs_begin_to_differ(refs: list[str], at: int) -> None:
    assert digests.varying([f"{ref}:1" for ref in refs]) == at
