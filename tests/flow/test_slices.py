"""contract.md §2, command `digest`: slices are compared by count and hash, one that differs is asked for again."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.flow.exchange_client import Service, new_ref, order, product, references, running

Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send([])  # binds the base
        yield made


def hash_of(objects: dict[str, str]) -> str:
    """As 1C computes it: the lines `ref:version` in order of their bytes."""
    lines = sorted(f"{ref}:{version}".encode() for ref, version in objects.items())
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def digest(kind: str, objects: dict[str, str], slice: str = "", changes: Json | None = None) -> Json:
    data = {"kind": kind, "slice": slice, "count": len(objects), "hash": hash_of(objects), **(changes or {})}
    return {"id": str(uuid4()), "type": "digest", "issued_by": "регламент", "data": data}


async def compare(service: Service, kind: str, objects: dict[str, str], slice: str = "") -> Json:
    return await service.onec.press_as(digest(kind, objects, slice))


async def test_a_slice_that_agrees_is_told_equal_and_asked_for_by_nobody(service: Service):
    refs = {new_ref(): "в-1", new_ref(): "AAAA=="}
    await service.onec.send([{**product(ref), "version": version} for ref, version in refs.items()])
    told = await compare(service, "product", refs)
    assert (told["status"], told["code"], told["result"]["answer"]) == ("done", "equal", "equal")
    assert (told["result"]["count"], told["result"]["hash"]) == (2, hash_of(refs))
    assert await service.onec.events() == []


async def test_a_slice_that_differs_is_asked_for_once_and_agrees_when_it_was_sent(service: Service):
    ref, lost = new_ref(), new_ref()
    await service.onec.send([{**product(ref), "version": "1"}])
    told = await compare(service, "product", {ref: "2", lost: "1"})
    assert (told["status"], told["code"]) == ("done", "send")
    assert (await compare(service, "product", {ref: "2", lost: "1"}))["code"] == "send"
    [event] = await service.onec.events()
    assert (event["type"], event["data"]) == ("exchange.send_slice", {"kind": "product", "slice": ""})
    assert event["subject"]["kind"] == "slice"
    await service.onec.ack([event["id"]])
    await service.onec.send([{**product(ref, "Термос 2"), "version": "2"}, product(lost)])
    assert (await compare(service, "product", {ref: "2", lost: "1"}))["code"] == "equal"
    checks = await service.rows("SELECT equal, asked, theirs_count, ours_count FROM slice_check ORDER BY id")
    assert [(c["equal"], c["asked"], c["theirs_count"], c["ours_count"]) for c in checks] == [
        (False, True, 2, 1), (False, False, 2, 1), (True, False, 2, 2),
    ]  # fmt: skip


async def test_a_slice_is_asked_for_again_when_the_first_question_came_to_nothing(service: Service):
    await compare(service, "product", {new_ref(): "1"})
    await service.rows("UPDATE slice_check SET at = at - interval '1 hour' RETURNING 1")
    await compare(service, "product", {new_ref(): "1"})
    assert [event["version"] for event in await service.onec.events()] == [1, 2]


async def test_months_are_those_of_the_bases_calendar(service: Service):
    """23:30 in Moscow on the last of October is October there, though it is 20:30 by UTC either way of writing it."""
    october, november = new_ref(), new_ref()
    await service.onec.send([
        *references(), order(october, date="2026-10-31T23:30:00"), order(november, date="2026-10-31T21:00:00Z"),
    ])  # fmt: skip
    assert (await compare(service, "order", {october: "1"}, "2026-10"))["code"] == "equal"
    assert (await compare(service, "order", {november: "1"}, "2026-11"))["code"] == "equal"
    assert (await compare(service, "order", {}, "2026-12"))["code"] == "equal"
    assert (await compare(service, "order", {october: "1", november: "1"}))["code"] == "equal"


async def test_what_is_marked_for_deletion_is_in_no_slice(service: Service):
    ref, gone = new_ref(), new_ref()
    await service.onec.send([product(ref), {**product(gone), "deleted": True}])
    assert (await compare(service, "product", {ref: "1"}))["code"] == "equal"


async def test_objects_that_wait_or_are_bad_make_a_slice_unequal(service: Service):
    ref = new_ref()
    told = await service.onec.send([order(ref)])
    assert told["objects"]["waiting"] == 1
    assert (await compare(service, "order", {ref: "1"}, "2026-11"))["code"] == "send"


@pytest.mark.parametrize("changes", [
    {"kind": "cat"}, {"kind": "product", "slice": "2026-11"}, {"slice": "2026-13"}, {"slice": "0000-01"},
    {"slice": "2026-1"}, {"count": "-1"}, {"count": "two"}, {"hash": "x"}, {"hash": "0" * 63},
])  # fmt: skip
async def test_a_digest_that_is_none_is_rejected_with_a_sentence(service: Service, changes: Json):
    told = await service.onec.press_as(digest("order", {}, "2026-11", changes))
    assert (told["status"], told["code"]) == ("rejected", "digest_wrong")
    assert "Сверка не читается" in told["message"]


async def test_the_same_digest_again_gets_its_first_answer(service: Service):
    body = digest("product", {new_ref(): "1"})
    first = await service.onec.press_as(body)
    assert await service.onec.press_as(body) == first
    assert len(await service.rows("SELECT 1 FROM slice_check")) == 1


async def test_a_digest_within_a_message_sees_the_objects_of_that_message(service: Service):
    ref = new_ref()
    told = await service.onec.send([product(ref)], [digest("product", {ref: "1"})])
    assert told["commands"][0]["code"] == "equal"


versions = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).filter(
    lambda text: text == text.strip() and "\u00a0" not in text and "\ufeff" not in text
)


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=st.dictionaries(st.uuids(version=4).map(str), versions, max_size=8))
async def test_any_objects_agree_with_the_hash_that_1c_computes(service: Service, objects: dict[str, str]):
    await service.rows("DELETE FROM mirror WHERE kind = 'product' RETURNING 1")
    await service.onec.send([{**product(ref), "version": version} for ref, version in objects.items()])
    assert (await compare(service, "product", objects))["code"] == "equal"
