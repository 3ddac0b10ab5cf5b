"""The page of reconciliation: what agrees by the last comparison of each slice, and a slice that a person asks for."""

from collections.abc import AsyncIterator

import pytest
from tests.flow.exchange_client import BASE, OTHER_BASE, Service, new_ref, order, product, references, running
from tests.flow.test_slices import compare

PATH = "/api/v1/admin/reconciliation"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        yield made


async def base_of(service: Service) -> dict:
    bases = (await service.person("GET", PATH)).json()["bases"]
    return next(one for one in bases if one["id"] == str(BASE))


async def test_what_was_never_compared_has_no_share(service: Service):
    told = await base_of(service)
    assert (told["checked"], told["share"], told["slices"], told["lost"]) == (0, None, [], 0)


async def test_the_share_is_that_of_objects_by_the_last_comparison_of_each_slice(service: Service):
    refs = {new_ref(): "1" for _ in range(3)}
    await service.onec.send([product(ref) for ref in refs])
    product_refs = {row["ref"]: row["version"] for row in await service.mirror() if row["kind"] == "product"}
    await compare(service, "product", {})
    await compare(service, "product", product_refs)
    await compare(service, "order", {new_ref(): "1"}, "2026-11")
    told = await base_of(service)
    assert (told["checked"], told["agreeing"], told["share"]) == (5, 4, 0.8)
    rows = {(s["kind"], s["slice"]): (s["equal"], s["times"], s["differed"]) for s in told["slices"]}
    assert rows == {("product", ""): (True, 2, 1), ("order", "2026-11"): (False, 1, 1)}
    history = (await service.person("GET", f"{PATH}/history?base={BASE}&kind=product")).json()["comparisons"]
    assert [(one["equal"], one["theirs"], one["asked"]) for one in history] == [(True, 4, False), (False, 0, True)]


async def test_a_person_asks_for_a_slice_once_a_minute(service: Service):
    body = {"base": str(BASE), "kind": "order", "slice": "2026-11"}
    assert (await service.person("POST", f"{PATH}/ask", body)).json() == {"asked": True}
    assert (await service.person("POST", f"{PATH}/ask", body)).json() == {"asked": False}
    [event] = await service.onec.events()
    assert (event["type"], event["data"]) == ("exchange.send_slice", {"kind": "order", "slice": "2026-11"})
    assert event["actor"]["name"] == "Логист"
    assert (await base_of(service))["share"] is None, "nothing was compared by that"


async def test_what_cannot_be_asked_for_is_told_so(service: Service):
    async def ask(**body: str) -> tuple[int, str]:
        answer = await service.person("POST", f"{PATH}/ask", body)
        return answer.status_code, answer.json().get("code", "")

    assert await ask(base=str(BASE), kind="cat") == (422, "digest_wrong")
    assert await ask(base=str(BASE), kind="product", slice="2026-11") == (422, "digest_wrong")
    assert await ask(base=new_ref(), kind="product") == (404, "not_found")


async def test_what_was_lost_in_a_restore_is_counted_until_it_is_decided(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    await service.onec.begin_epoch("restore")
    await service.onec.send([])
    await compare(service, "order", {}, "2026-11")
    assert (await base_of(service))["lost"] == 1
    bases = (await service.person("GET", PATH)).json()["bases"]
    assert [one["lost"] for one in bases if one["id"] == str(OTHER_BASE)] == [0]
