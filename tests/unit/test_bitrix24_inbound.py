"""Every recorded answer of Bitrix24 means what its sample says; and the table of errors holds its promises."""

import json
from pathlib import Path
from typing import Any

import pytest

from posrednik.connectors import bitrix24
from posrednik.connectors.base import Accepted, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import inbound, wire
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.kit.http import Failure

SAMPLES = Path(bitrix24.__file__ or "").parent / "samples"
SECRET = "s3cr3tw3bh00k"


def load(pattern: str) -> list[Any]:
    found = [pytest.param(json.loads(path.read_text()), id=path.stem) for path in sorted(SAMPLES.glob(pattern))]
    assert found, "samples are missing"
    return found


def answer_of(sample: dict[str, Any]) -> Answer | Problem:
    body = sample["body"]
    raw = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    return inbound.read(sample["status"], raw, [SECRET], sample["v3"])


def kind_of(answer: Answer | Problem) -> str:
    return "ANSWER" if isinstance(answer, Answer) else answer.kind.name


@pytest.mark.parametrize("sample", [p for p in load("*.json") if "means" in p.values[0]])
def test_an_answer_means_what_its_sample_says(sample: dict[str, Any]) -> None:
    answer, means = answer_of(sample), sample["means"]
    assert kind_of(answer) == means["kind"]
    if isinstance(answer, Problem):
        assert answer.code == means["code"]
        assert answer.why.startswith("Битрикс24: ")
    else:
        assert answer.operating_reset_at == means["reset_at"]
    if "task" in means:
        assert isinstance(answer, Answer)
        row = inbound.one_task(answer.result)
        expected = means["task"]
        assert row == (inbound.TaskRow(**expected) if expected else None)


@pytest.mark.parametrize("sample", load("batch_*.json"))
def test_a_batch_is_split_by_its_labels(sample: dict[str, Any]) -> None:
    answer = answer_of(sample)
    assert isinstance(answer, Answer)
    parts = inbound.batch(answer, sample["labels"], [SECRET])
    assert {label: kind_of(part) for label, part in parts.items()} == sample["labels"]


@pytest.mark.parametrize("code", sorted(wire.ERRORS))
def test_a_code_of_the_table_is_known_in_any_case_of_letters(code: str) -> None:
    told = inbound.error({"error": code.lower()}, 400)
    assert told.kind is wire.ERRORS[code].kind


@pytest.mark.parametrize("code", sorted(wire.ERRORS))
def test_what_rests_costs_no_attempt_and_says_for_how_long(code: str) -> None:
    outcome = inbound.error({"error": code}, 400).outcome(writing=True)
    if isinstance(outcome, TryLater) and outcome.scope != "message":
        assert outcome.free
        assert outcome.after_s
        assert outcome.after_s >= 3


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_only_what_certainly_did_not_happen_is_called_so(kind: Kind) -> None:
    outcome = Problem(kind, "code", "why").outcome(writing=True)
    assert isinstance(outcome, Unclear) == (kind in (Kind.AMBIGUOUS, Kind.KEY_USED))
    assert isinstance(outcome, Refused) == (kind in (Kind.RULE, Kind.MISSING))
    assert not isinstance(outcome, Accepted)


@pytest.mark.parametrize(
    ("fate", "writing", "expected"),
    [("not_sent", True, TryLater), ("in_doubt", True, Unclear), ("in_doubt", False, TryLater)],
)
def test_a_broken_connection_is_judged_by_what_may_have_left(fate: Any, writing: bool, expected: type) -> None:
    assert type(inbound.transport(Failure(fate, "code", "почему")).outcome(writing)) is expected


def test_an_answer_that_quotes_the_webhook_does_not_tell_it() -> None:
    body = {"error": "SOMETHING", "error_description": f"/rest/1/{SECRET}/x failed for +7 916 123-45-67"}
    problem = inbound.error(body, 400, [SECRET])
    assert SECRET not in problem.why
    assert "123-45" not in problem.why
    assert "…67" in problem.why


def row(number: int, xml_id: str | None) -> dict[str, Any]:
    return {"id": str(number), "xmlId": xml_id, "status": "2", "stageId": "0", "groupId": "11"}


def test_foreign_rows_are_not_ours_and_show_that_the_filter_was_ignored() -> None:
    page = inbound.found({"tasks": [row(number, f"x:{number}") for number in range(100, 50, -1)]}, "posrednik:a")
    assert page == inbound.Found((), False, 51)


def test_a_short_page_is_the_last_one_whatever_it_holds() -> None:
    page = inbound.found({"tasks": [row(9, "x"), row(7, "m"), row(8, "m")]}, "m")
    assert [task.id for task in page.rows] == ["7", "8"]
    assert page.lowest_seen is None


def test_an_empty_list_of_tasks_proves_absence() -> None:
    assert inbound.found({"tasks": []}, "m") == inbound.Found((), True)


def test_a_row_without_its_marker_is_not_ours() -> None:
    assert inbound.found({"tasks": [{"id": "5"}]}, "m").rows == ()


def test_columns_come_as_a_map_or_a_list_and_the_lowest_of_twins_counts() -> None:
    stages = [
        {"ID": "12", "TITLE": "Готов", "SORT": "300"},
        {"ID": "10", "TITLE": "готов ", "SORT": "200"},
        {"ID": "9", "TITLE": "Новые", "SORT": "100"},
    ]
    expected = inbound.Columns({"готов": 10, "новые": 9}, first=9, last=12)
    assert inbound.columns(stages) == expected
    assert inbound.columns({stage["ID"]: stage for stage in stages}) == expected
    assert inbound.columns([]) == inbound.Columns()
