"""From stored events to those a base is given: contract.md §3."""

import json
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from posrednik.connectors import onec
from posrednik.connectors.onec import outbound

SAMPLES = sorted(Path(onec.__path__[0], "samples").glob("event_*.json"))
Row = namedtuple(
    "Row", "number id type subject_kind subject_id version occurred_at actor division_ref trial order_ref data"
)


def row(stored: dict) -> Row:
    values = {**stored, "id": UUID(stored["id"]), "occurred_at": datetime.fromisoformat(stored["occurred_at"])}
    values["order_ref"] = UUID(stored["order_ref"]) if stored["order_ref"] else None
    return Row(**{**values, "actor": json.dumps(stored["actor"]), "data": json.dumps(stored["data"])})


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_event_is_given_as_it_was_agreed(path: Path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert outbound.event(row(sample["stored"])) == sample["given"]


def test_there_is_a_sample_of_both_kinds_of_subjects():
    assert len(SAMPLES) >= 2


def test_a_batch_has_its_name_and_its_events_in_order():
    samples = [json.loads(path.read_text(encoding="utf-8")) for path in SAMPLES]
    told = outbound.batch(UUID(int=7), [row(sample["stored"]) for sample in samples])
    assert told == {"batch": str(UUID(int=7)), "events": [sample["given"] for sample in samples]}


def test_no_time_is_given_without_its_offset():
    stored = json.loads(SAMPLES[0].read_text(encoding="utf-8"))["stored"]
    told = outbound.event(row(stored))
    assert datetime.fromisoformat(told["occurred_at"]).tzinfo == UTC
