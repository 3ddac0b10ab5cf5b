"""A sample of objects compared field by field, in both forms, and a run by a base of the 8.2 family."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    PRODUCT,
    WAREHOUSE,
    Service,
    courier,
    new_ref,
    order,
    product,
    references,
    running,
    settings,
)  # fmt: skip
from tests.flow.reconcile_kit import PATH, Comparing, found_of, run_of, start
from tests.flow.xml_base import XmlExchange

Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        yield made


def told(one: Json, **changes: Any) -> Json:
    """An object as the base has it, in the command `sample`."""
    return {**one, "found": True, "data": {**one["data"], **changes}}


async def test_a_sample_that_agrees_says_so_whatever_the_writing_of_its_values(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    run = await start(service, sample=100)
    dialect = told(order(ref), delivery_price="300,00", prepaid=0, comment=None, number=" ТД00-000123\u00a0")
    result = await run.sample(dialect, told(product()))
    assert result == {"checked": 2, "agreed": 2, "differs": []}
    shown = (await run_of(service))["sample"]
    assert (shown["size"], shown["checked"], shown["share"], shown["high"]) == (6, 2, 1.0, 1.0)
    assert 0.3 < shown["low"] < 0.4, "two of two prove little"


async def test_each_field_that_differs_is_named_and_counted(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    run = await start(service, sample=100)
    address = {"text": "Москва, Тверская, 1", "flat": "13"}
    changed = told(order(ref), comment="звонить", address=address, lines=[])
    result = await run.sample({**changed, "posted": False}, told(product(), name="Термосы"), told(courier()))
    assert result["checked"], result["agreed"] == (3, 1)
    fields = ["address.flat", "comment", "lines"]
    assert result["differs"] == [
        {"kind": "order", "ref": ref, "fields": ["posted", *fields]},
        {"kind": "product", "ref": PRODUCT, "fields": ["name"]},
    ]
    counted = (await run_of(service))["sample"]["fields"]
    assert {(one["kind"], one["field"], one["count"]) for one in counted} == {
        ("product", "name", 1), *(("order", field, 1) for field in ["posted", *fields]),
    }  # fmt: skip
    await service.onec.send([product(name="Термосы")])
    await run.end()
    assert await found_of(service) == {ref: ("sample", False), PRODUCT: ("sample", True)}


async def test_what_is_gone_there_or_cannot_be_read_differs_as_a_whole(service: Service):
    run = await start(service, sample=100)
    gone = {"kind": "courier", "ref": COURIER, "found": False}
    result = await run.sample(
        gone, told(product(), unit={"no": "text"}), {"kind": "division", "ref": DIVISION, "found": 1}
    )
    assert {one["ref"] for one in result["differs"]} == {COURIER, PRODUCT, DIVISION}
    assert all(one["fields"] == [""] for one in result["differs"])


async def test_what_was_deleted_meanwhile_on_both_sides_agrees(service: Service):
    run = await start(service, sample=100)
    await service.onec.send([{**product(), "deleted": True}, {**courier(), "deleted": True, "data": {}}])
    gone = {"kind": "courier", "ref": COURIER, "found": False}
    result = await run.sample(gone, {"kind": "product", "ref": PRODUCT, "found": True, "deleted": True, "data": {}})
    assert result == {"checked": 2, "agreed": 2, "differs": []}


async def test_only_what_was_asked_for_counts_and_only_once(service: Service):
    stranger = new_ref()
    run = await start(service, sample=100)
    await service.onec.send([product(stranger)])
    first = await run.sample(told(product()), told(product(stranger)))
    assert (first["checked"], (await run.sample(told(product())))["checked"]) == (1, 0)


async def test_the_user_of_the_portal_that_a_page_gave_a_courier_is_no_difference(service: Service):
    await service.rows(
        "INSERT INTO courier_mapping (courier_ref, bitrix24_user, who, at, reason) VALUES (%s, '78', 'x', now(), 'x')"
        " RETURNING 1", COURIER,
    )  # fmt: skip
    run = await start(service, sample=100)
    assert (await run.sample(told(courier())))["differs"] == []


async def test_a_run_is_done_when_its_slices_and_its_sample_have_come(service: Service):
    run = await start(service, sample=100)
    assert await run.end() == {"state": "running", "missing": 0}
    await run.sample(*(told(one) for one in references()))
    assert (await run_of(service))["state"] == "done"


async def test_more_than_two_hundred_in_a_command_are_refused(service: Service):
    run = await start(service, sample=1)
    answer = await run.say("sample", objects=[told(product())] * 201)
    assert (answer["status"], answer["code"]) == ("rejected", "digest_wrong")


async def test_a_field_that_1c_does_not_own_is_not_compared(database: str):
    """Posrednik keeps its own value of it, on purpose."""
    async with running(database, settings(ownership={"order.address": ("posrednik",)})) as service:
        ref = new_ref()
        await service.onec.send([*references(), order(ref)])
        moved = order(ref, head={"version": "2"}, address={"text": "Казань"}, comment="звонить")
        await service.onec.send([moved])
        run = await start(service, sample=100)
        assert (await run.sample(told(moved)))["differs"] == []


async def test_e32_a_base_of_the_82_family_goes_through_a_whole_run(service: Service):
    """Every value a text, one item alone a list, an empty list an empty element."""
    json_side = service.onec
    service.onec = XmlExchange(service.client)
    service.onec.epoch, service.onec.instance = json_side.epoch, json_side.instance
    service.onec._numbers = json_side._numbers
    changed = new_ref()
    await service.onec.send([product(changed)])
    begun = await service.person("POST", f"{PATH}/start", {"base": str(BASE), "sample": 50})
    run = Comparing(service, begun.json()["run"])
    has = {PRODUCT: "1", changed: "2"}
    assert await run.digest("product", has) == "list"
    assert await run.parts("product", has) == sorted({changed[:2]})
    listed = await run.say("listing", kind="product", versions=[f"{changed}:2"], part=changed[:2])
    assert listed["result"]["refs"] == [changed]
    assert (await run.listing("warehouse", {}))["unknown"] == [WAREHOUSE]
    await service.onec.send([{**product(changed), "version": "2"}])
    assert await run.digest("product", has) == "equal"
    sampled = (await run.sample(told(product(name="Не термос"))))["differs"]
    assert [one["fields"] for one in sampled] == [["name"]]
    await run.end()
    assert await found_of(service) == {
        changed: ("changed", True), WAREHOUSE: ("missing_there", False), PRODUCT: ("sample", False),
    }  # fmt: skip
