"""From 1C's words to ours: recorded payloads, and rules that hold for every one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors import onec
from posrednik.connectors.onec.inbound import DEEPEST, Inbound, Unreadable
from posrednik.connectors.onec.wire import KINDS

SAMPLES = sorted(Path(onec.__path__[0], "samples").glob("order_*.json")) + sorted(
    Path(onec.__path__[0], "samples").glob("transfer_*.json")
)
REF = "0f000000-0000-4000-8000-000000000001"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8,
)  # fmt: skip


def raw(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(value: Any, zone: str = "Europe/Moscow") -> Any:
    return Inbound(zone).object(0, raw(value))


def attempt(reader: Callable[[Any], Any], value: Any) -> tuple[Any, str]:
    """What was read, or None and the code of the refusal."""
    try:
        return reader(value), ""
    except Unreadable as error:
        return None, error.code


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_recorded_object_is_read_as_it_was_agreed(path: Path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    told = read(sample["object"], sample["zone"])
    wanted = sample["read"]
    assert (told.kind, told.ref, told.deleted, told.posted) == tuple(
        wanted[n] for n in ("kind", "ref", "deleted", "posted")
    )
    assert (str(told.event_id) if told.event_id else None) == wanted["event"]
    assert sorted(map(list, told.needs)) == sorted(wanted["needs"])
    assert len(told.odd_sums) == wanted["odd_sums"]
    assert json.loads(told.body) == wanted["data"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_was_read_is_read_the_same_again(path: Path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    once = read(sample["object"], sample["zone"])
    again = read({**sample["object"], "data": json.loads(once.body)}, "UTC")
    assert (again.body, again.hash) == (once.body, once.hash)


def test_the_hash_tells_content_deletion_and_posting_apart_and_nothing_else():
    one = {"kind": "division", "ref": REF, "version": "1", "data": {"name": "а", "b": 1}}
    assert read(one).hash == read({**one, "version": "2", "data": {"b": 1, "name": " а "}}).hash
    others = [{**one, "data": {"name": "б"}}, {**one, "deleted": True}, {**one, "posted": False}]
    assert len({read(other).hash for other in [one, *others]}) == 4


@pytest.mark.parametrize("head", [{}, {"deleted": None, "posted": None}, {"deleted": "", "posted": ""}])
def test_heads_that_are_not_said_mean_kept_and_posted(head: dict):
    told = read({"kind": "division", "ref": REF, "data": {"name": "а"}, **head})
    assert (told.deleted, told.posted, told.event_id) == (False, True, None)


@given(kind=st.sampled_from([*KINDS, "nonsense"]) | JSON, ref=st.just(REF) | JSON, data=JSON, more=JSON)
def test_whatever_comes_is_read_or_refused_with_a_reason(kind: Any, ref: Any, data: Any, more: Any):
    told, code = attempt(
        read, {"kind": kind, "ref": ref, "data": data, "deleted": more, "version": more, "event": more}
    )
    if told is None:
        assert code in {"unknown_kind", "missing_ref", "missing_field", "unreadable_value"}
    else:
        assert b"\\u0000" not in told.body.encode()
        assert isinstance(json.loads(told.body), dict)


NAMES = ["delivery.ready", "delivery.set_amount_due", "delivery.set_price"]
FIELDS = ["order", "courier", "amount_due", "delivery_price", "x"]


@given(data=st.dictionaries(st.sampled_from(FIELDS), JSON), kind=st.sampled_from(NAMES) | st.text())
def test_whatever_command_comes_is_read_or_refused_with_a_reason(kind: str, data: dict):
    body = {"id": REF, "type": kind, "data": {"order": REF, **data}}
    told, code = attempt(Inbound("UTC").command, raw(body))
    assert told or code in {"unknown_command", "not_a_command", "missing_field", "unreadable_value"}


@pytest.mark.parametrize(("levels", "fine"), [(DEEPEST - 1, True), (DEEPEST, False), (900, False)])
def test_nesting_deeper_than_sense_is_refused(levels: int, fine: bool):
    deep = b"[" * levels + b"]" * levels
    body = b'{"kind": "division", "ref": "%s", "data": {"name": "x", "deep": %s}}' % (REF.encode(), deep)
    if fine:
        assert Inbound("UTC").object(0, body)
    else:
        with pytest.raises(Unreadable):
            Inbound("UTC").object(0, body)


def test_phone_numbers_in_unreadable_values_are_not_repeated():
    with pytest.raises(Unreadable) as told:
        read({"kind": "counterparty", "ref": REF, "data": {"name": "а", "phone": ["+79031234567"]}})
    assert "79031234567" not in told.value.what


def test_an_amount_of_null_and_a_missing_amount_are_not_the_same():
    one = {"id": REF, "type": "delivery.set_amount_due", "data": {"order": REF, "amount_due": None}}
    assert "amount_due" not in Inbound("UTC").command(raw(one)).data
    with pytest.raises(Unreadable, match="amount_due"):
        Inbound("UTC").command(raw({**one, "data": {"order": REF}}))
