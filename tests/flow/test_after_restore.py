"""A base restored from a copy (facts about 1C, marks E-24 and 10.6 (5)): what is newer here is told, until 1C confirms
or deletes it (contract.md §3); nothing is lost and nothing doubled."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.exchange_client import Exchange, Service, new_ref, order, product, references, running
from tests.flow.test_slices import compare

Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        yield made


async def told(service: Service) -> list[tuple[str, str, str | None]]:
    """(subject, state, decision) of the incidents about objects."""
    rows = await service.rows(
        "SELECT subject_id, state, doc ->> 'decision' AS decision FROM incident"
        " WHERE subject_kind = 'object' ORDER BY 1"
    )
    return [(row["subject_id"], row["state"], row["decision"]) for row in rows]


async def send_slice(service: Service, objects: list[Json]) -> None:
    """1C answers the question for the slice."""
    events = await service.onec.events()
    assert "exchange.send_slice" in [event["type"] for event in events]
    await service.onec.ack([event["id"] for event in events])
    await service.onec.send(objects)


async def yesterday(service: Service, same_epoch: bool) -> tuple[str, str]:
    """An old order that the copy has and a new one that it lacks; the base is restored and speaks again."""
    old, lost = new_ref(), new_ref()
    await service.onec.send([order(old, number="ТД00-000001")])
    await service.onec.send([order(lost, number="ТД00-000002")])
    if same_epoch:
        await service.onec.send([])
        again = await service.onec.post("messages", service.onec.envelope([product(new_ref())], number=3))
        assert again.json()["code"] == "message_conflict"
        assert again.json()["last_accepted"] == 4  # the rule of 1C: go on from there
    else:
        assert (await service.onec.begin_epoch("restore")).status_code == 200
    return old, lost


@pytest.mark.parametrize("same_epoch", [False, True])
async def test_e24_what_a_restored_base_has_lost_is_told_once_and_only_when_it_is_sure(
    service: Service, same_epoch: bool
):
    old, lost = await yesterday(service, same_epoch)
    has = {old: "1"}
    assert (await compare(service, "order", has, "2026-11"))["code"] == "send"
    assert await told(service) == [], "the slice is on its way"
    await send_slice(service, [order(old, number="ТД00-000001")])
    answer = await compare(service, "order", has, "2026-11")
    assert (answer["code"], answer["result"]["missing"]) == ("send", [lost])
    assert await told(service) == [(f"order:{lost}", "open", None)]
    await compare(service, "order", has, "2026-11")
    assert await told(service) == [(f"order:{lost}", "open", None)]
    assert [e["type"] for e in await service.onec.events()] == [], "asking again would bring nothing"
    shown = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"]
    assert [(one["kind"], one["order_number"]) for one in shown] == [("does_not_agree", "ТД00-000002")]
    assert "заказ ТД00-000002" in shown[0]["what"]


@pytest.mark.parametrize(("same_epoch", "deleted"), [(False, False), (False, True), (True, False), (True, True)])
async def test_e24_it_is_over_when_1c_confirms_or_deletes_the_object(service: Service, same_epoch: bool, deleted: bool):
    old, lost = await yesterday(service, same_epoch)
    await compare(service, "order", {old: "1"}, "2026-11")
    await send_slice(service, [order(old, number="ТД00-000001")])
    await compare(service, "order", {old: "1"}, "2026-11")
    again = {"deleted": True, "version": "2"} if deleted else None
    await service.onec.send([order(lost, number="ТД00-000002", head=again)])
    assert await told(service) == [(f"order:{lost}", "decided", "explained")]
    has = {old: "1"} if deleted else {old: "1", lost: "1"}
    assert (await compare(service, "order", has, "2026-11"))["code"] == "equal"


async def test_e24_a_slice_that_agrees_after_the_restore_needs_nothing(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    await service.onec.begin_epoch("restore")
    assert (await compare(service, "order", {ref: "1"}, "2026-11"))["code"] == "equal"
    assert await told(service) == []


async def test_e24_an_older_version_of_the_restored_base_wins(service: Service):
    """Its state is of the newer epoch; what was edited after the copy is lost in 1C, and 1C owns it."""
    ref = new_ref()
    await service.onec.send([order(ref, comment="до копии")])
    await service.onec.send([order(ref, comment="после копии", head={"version": "2"})])
    await service.onec.begin_epoch("restore")
    await compare(service, "order", {ref: "1"}, "2026-11")
    await send_slice(service, [order(ref, comment="до копии")])
    assert (await compare(service, "order", {ref: "1"}, "2026-11"))["code"] == "equal"
    row = next(one for one in await service.mirror() if one["kind"] == "order")
    assert (row["version"], row["data"]["comment"]) == ("1", "до копии")
    assert await told(service) == []


async def test_a_base_that_was_never_restored_is_told_nothing(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    assert (await compare(service, "order", {}, "2026-11"))["code"] == "send"
    assert await told(service) == []


async def test_e25_a_copy_of_the_base_changes_nothing_here(service: Service):
    """It speaks with the epoch of the real one from another place: refused, and no number is in doubt for it."""
    copy = Exchange(service.client)
    copy.epoch, copy.instance = service.onec.epoch, "test server"
    answer = await copy.post("messages", copy.envelope([product(new_ref())]))
    assert answer.json()["code"] == "other_instance"
    assert (await service.rows("SELECT doubt_epoch_no FROM base WHERE epoch IS NOT NULL"))[0]["doubt_epoch_no"] == 0
