"""What a run finds, object by object: each kind of difference, the hard cases between telling and sending again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.flow.exchange_client import PRODUCT, WAREHOUSE, Service, new_ref, obj, order, product, references, running
from tests.flow.reconcile_kit import Comparing, found_of, hash_of, parts_of, run_of, start
from tests.flow.test_after_restore import told as incidents_told

from posrednik.usecases import compare_slice

Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        yield made


def at(ref: str, version: str, **head: Any) -> Json:
    return {**product(ref, f"Товар {version}"), "version": version, **head}


async def products(service: Service, *refs: str) -> dict[str, str]:
    """Products at version 1 on both sides; what the base has, with those of the references."""
    await service.onec.send([at(ref, "1") for ref in refs])
    return {PRODUCT: "1", **dict.fromkeys(refs, "1")}


async def test_each_difference_is_named_and_repaired_when_its_object_has_come(service: Service):
    same, changed, gone, lost = sorted(new_ref() for _ in range(4))
    has = await products(service, same, changed, gone)
    run = await start(service)
    has[changed], has[lost] = "2", "1"
    del has[gone]
    assert await run.digest("product", has) == "list"
    told = await run.listing("product", has)
    assert (told["answer"], told["refs"], told["unknown"]) == ("send", sorted([changed, lost]), [gone])
    assert await found_of(service) == {
        changed: ("changed", False), lost: ("missing_here", False), gone: ("missing_there", False),
    }  # fmt: skip
    await service.onec.send([at(changed, "2"), at(lost, "1"), at(gone, "2", deleted=True)])
    assert await run.digest("product", has) == "equal"
    assert (await run.end())["state"] == "done"
    shown = await run_of(service)
    counts = [shown[key] for key in ("slices", "differed", "objects", "agreeing", "found_count", "repaired", "unknown")]
    assert (shown["state"], counts) == ("done", [1, 1, 4, 1, 3, 3, 1])
    assert await incidents_told(service) == [], "the base marked it for deletion meanwhile: nothing is missing"


async def test_a_large_slice_is_compared_by_parts_before_any_is_listed(
    service: Service, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(compare_slice, "MOST_AT_ONCE", 2)
    here, there, same = "aa" + new_ref()[2:], "bb" + new_ref()[2:], "cc" + new_ref()[2:]
    has = await products(service, here, same)
    del has[here]
    has[there] = "1"
    run = await start(service)
    assert await run.digest("product", has) == "split"
    assert await run.parts("product", has) == ["aa", "bb"]
    assert (await run.listing("product", {}, "aa"))["unknown"] == [here]
    [check] = await service.rows("SELECT differing, unlisted FROM slice_check WHERE run_id IS NOT NULL")
    assert check == {"differing": 1, "unlisted": ["bb"]}, "not the whole yet"
    assert (await run.listing("product", {there: "1"}, "bb"))["refs"] == [there]
    await service.onec.send([at(there, "1")])
    assert await run.parts("product", {**has, here: "1"}) == []
    await run.end()
    assert await found_of(service) == {here: ("missing_there", False), there: ("missing_here", True)}


async def test_refs_that_begin_alike_are_told_apart_by_where_they_differ(service: Service):
    """Those of stock begin with the warehouse, so a base names a later place; of a short ref its beginning counts."""
    aa, bb, short = f"{WAREHOUSE}/aa-1", f"{WAREHOUSE}/bb:2", "x"
    data = {"warehouse": WAREHOUSE, "product": PRODUCT, "quantity": "1"}
    await service.onec.send([obj("stock", ref, data) for ref in (aa, bb, short)])
    run, at = await start(service), len(WAREHOUSE) + 2
    told = await run.say("digest_parts", kind="stock", at=str(at), parts=[
        *parts_of({aa: "1", bb: "2"}, at), {"part": "x", "count": 1, "hash": hash_of(["x:1"])},
    ])  # fmt: skip
    assert told["result"]["parts"] == ["bb"]
    assert await run.listing("stock", {bb: "2"}, "bb", at) == {"answer": "send", "refs": [bb], "unknown": []}


async def test_what_waits_or_cannot_be_read_is_not_asked_for_again(service: Service):
    waits, bad, worse = sorted(new_ref() for _ in range(3))
    waiting = order(waits, head={"version": "7"}, lines=[{"line": "1", "product": new_ref(), "quantity": 1,
                                                         "price": "1", "sum": "1"}])  # fmt: skip
    unreadable = [order(ref, head={"version": "5"}, date="вчера") for ref in (bad, worse)]
    assert len((await service.onec.send([waiting, *unreadable]))["quarantined"]) == 2
    run = await start(service)
    told = await run.listing("order", {waits: "7", bad: "5", worse: "6"})
    assert (told["answer"], told["refs"], told["unknown"]) == ("send", [worse], [])
    assert await found_of(service) == {
        waits: ("waiting", False), bad: ("quarantined", False), worse: ("missing_here", False),
    }  # fmt: skip
    await service.onec.send([order(worse, head={"version": "6"}, date="завтра")])
    assert (await run.listing("order", {waits: "7", bad: "5", worse: "6"}))["refs"] == [], "a base does not go round"
    assert (await found_of(service))[worse] == ("quarantined", False)
    await service.onec.send([order(bad, head={"version": "8"})])
    await run.end()
    assert (await found_of(service))[bad] == ("quarantined", True)


async def test_an_object_that_changes_between_listing_and_sending_is_repaired_by_what_comes(service: Service):
    ref = new_ref()
    has = await products(service, ref)
    run = await start(service)
    assert (await run.listing("product", {**has, ref: "2"}))["refs"] == [ref]
    await service.onec.send([at(ref, "3")])
    assert await run.digest("product", {**has, ref: "3"}) == "equal"
    assert await found_of(service) == {ref: ("changed", True)}


async def test_a_list_that_is_older_than_the_mirror_only_has_the_object_sent_once_more(service: Service):
    """It was written down before the edit and came after it."""
    ref = new_ref()
    has = await products(service, ref)
    await service.onec.send([at(ref, "2")])
    run = await start(service)
    assert (await run.listing("product", has))["refs"] == [ref]
    told = await service.onec.send([at(ref, "2")])
    assert told["objects"]["unchanged"] == 1
    assert await run.digest("product", {**has, ref: "2"}) == "equal"
    assert await found_of(service) == {ref: ("changed", True)}


async def test_an_object_deleted_here_and_alive_there_is_asked_for(service: Service):
    ref = new_ref()
    await service.onec.send([at(ref, "2", deleted=True)])
    run = await start(service)
    assert (await run.listing("product", {PRODUCT: "1", ref: "2"}))["refs"] == [ref]


async def test_a_document_dated_in_another_month_is_found_where_the_base_has_it(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref, date="2026-10-31T12:00:00")])
    run = await start(service)
    october, november = (Comparing(service, run.run, month) for month in ("2026-10", "2026-11"))
    assert (await october.listing("order", {}))["unknown"] == [ref]
    assert (await november.listing("order", {ref: "2"}))["refs"] == [ref]
    await service.onec.send([order(ref, head={"version": "2"}, date="2026-11-01T12:00:00")])
    assert await october.digest("order", {}) == await november.digest("order", {ref: "2"}) == "equal"
    await run.end()
    assert await incidents_told(service) == []


async def test_what_the_base_has_not_is_told_at_the_end_and_closes_when_it_is_sent(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref, number="ТД00-000007")])
    run = await start(service)
    await Comparing(service, run.run, "2026-11").listing("order", {})
    assert await incidents_told(service) == [], "the base may have it all the same and say so"
    assert await run.end() == {"state": "done", "missing": 1}
    assert await incidents_told(service) == [(f"order:{ref}", "open", None)]
    shown = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"]
    assert "Сверка прошла всё" in shown[0]["why"]
    await service.onec.send([order(ref, number="ТД00-000007")])
    assert await incidents_told(service) == [(f"order:{ref}", "decided", "explained")]


async def night(service: Service) -> int:
    """A run that finds no orders in the base; how many incidents are new."""
    run = await start(service)
    await Comparing(service, run.run, "2026-11").listing("order", {})
    return int((await run.end())["missing"])


async def test_people_are_told_of_a_missing_object_once_however_many_nights_it_is_missing(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    assert [await night(service), await night(service)] == [1, 0]
    [incident] = await service.rows("SELECT id FROM incident")
    decided = await service.person(
        "POST", f"/api/v1/board/incidents/{incident['id']}/decide", {"decision": "accepted", "reason": "удалён в 1С"}
    )
    assert decided.status_code == 200, decided.text
    assert await night(service) == 0, "it was decided and has not changed since"
    await service.onec.send([order(ref, comment="другой", head={"version": "2"})])
    assert await night(service) == 1


async def test_a_base_in_doubt_that_lists_need_not_send_the_slice_again(service: Service):
    kept, lost = new_ref(), new_ref()
    await service.onec.send([order(kept), order(lost, number="ТД00-000002")])
    await service.onec.begin_epoch("restore")
    november = Comparing(service, None, "2026-11")
    assert await november.digest("order", {kept: "1"}) == "list"
    told = await november.listing("order", {kept: "1"})
    assert (told["refs"], told["unknown"]) == ([], [lost])
    assert await incidents_told(service) == [(f"order:{lost}", "open", None)]
    shown = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"]
    assert "восстановлена из копии" in shown[0]["why"]
    assert await service.onec.events() == []


async def test_a_base_without_detail_works_by_sending_slices_again(service: Service):
    ref = new_ref()
    has = await products(service, ref)
    run = await start(service)
    assert await run.digest("product", {**has, ref: "2"}, detail=False) == "send"
    assert [event["type"] for event in await service.onec.events()] == ["exchange.send_slice"]
    await service.onec.send([at(ref, "2")])
    assert await run.digest("product", {**has, ref: "2"}, detail=False) == "equal"
    await run.end()
    shown = await run_of(service)
    assert (shown["state"], shown["slices"], shown["differed"], shown["found_count"]) == ("done", 1, 1, 0)
    assert (shown["objects"], shown["agreeing"]) == (2, 0), "which of them differed nobody has told"


async def test_a_base_that_dies_in_the_middle_says_nothing_false_and_a_later_end_counts(service: Service):
    ref = new_ref()
    await service.onec.send([order(ref)])
    run = await start(service)
    await Comparing(service, run.run, "2026-11").listing("order", {})
    await service.rows("UPDATE reconciliation SET state = 'late', finished_at = now() RETURNING 1")
    assert await incidents_told(service) == []
    other = await start(service)
    assert other.run != run.run
    assert (await run.end())["state"] == "done"
    assert (await other.end())["state"] == "done"


async def test_a_run_of_another_base_or_none_is_compared_and_counted_nowhere(service: Service):
    has = await products(service)
    strange = Comparing(service, new_ref())
    assert await strange.digest("product", has) == "equal"
    assert (await strange.say("digest_end"))["code"] == "digest_wrong"
    assert (await strange.say("sample", objects=[]))["code"] == "digest_wrong"


@pytest.mark.parametrize(("type", "data"), [
    ("digest_parts", {"parts": [{"part": "abc", "count": 1, "hash": "0" * 64}]}),
    ("digest_parts", {"parts": [{"part": "ab", "count": "x", "hash": "0" * 64}]}),
    ("digest_parts", {"parts": [{"part": "ab", "count": 1, "hash": "0" * 64}] * 2}),
    ("digest_parts", {"parts": ["ab"]}), ("digest_parts", {"at": 0}), ("listing", {"at": "x"}),
    ("listing", {"versions": ["no colon"]}), ("listing", {"versions": [7]}), ("listing", {"versions": ["зззз:1"]}),
    ("listing", {"versions": [f"{new_ref()}:1"] * 20_001}), ("listing", {"kind": "cat"}),
])  # fmt: skip
async def test_what_cannot_be_read_is_rejected_with_a_sentence(service: Service, type: str, data: Json):
    told = await Comparing(service).say(type, **{"kind": "product", **data})
    assert (told["status"], told["code"]) == ("rejected", "digest_wrong")
    assert "Сверка не читается" in told["message"]


async def test_what_is_no_list_is_an_unreadable_value(service: Service):
    told = await Comparing(service).say("listing", kind="product", versions="все")
    assert (told["status"], told["code"]) == ("rejected", "unreadable_value")


async def test_long_lists_are_not_kept_twice(service: Service):
    has = await products(service)
    run = await start(service)
    await run.listing("product", has)
    [kept] = await service.rows("SELECT data FROM command WHERE type = 'listing'")
    assert kept["data"] == {"kind": "product", "versions": 1, "run": run.run}


refs = st.uuids(version=4).map(str)
states = st.sampled_from(["same", "changed", "here", "there"])


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.dictionaries(refs, states, min_size=1, max_size=12), whole=st.booleans())
async def test_exactly_what_differs_is_found_and_agrees_when_it_was_sent(
    service: Service, fates: dict[str, str], whole: bool
):
    """By one list or by parts: the differences made are those found, and nothing else ever is."""
    await service.rows("DELETE FROM mirror WHERE kind = 'product' AND ref <> %s RETURNING 1", PRODUCT)
    await service.rows(
        "UPDATE reconciliation SET state = 'late', finished_at = now() WHERE state = 'running' RETURNING 1"
    )
    of = {fate: {ref for ref, its in fates.items() if its == fate} for fate in ("same", "changed", "here", "there")}
    await service.onec.send([at(ref, "1") for ref in of["same"] | of["changed"] | of["here"]])
    has = {PRODUCT: "1", **dict.fromkeys(of["same"] | of["there"], "1"), **dict.fromkeys(of["changed"], "2")}
    run = await start(service)
    parts = [None] if whole else await run.parts("product", has)
    answers = [
        await run.listing("product", {r: v for r, v in has.items() if part is None or r[:2] == part}, part)
        for part in parts
    ]
    asked = {ref for one in answers for ref in one["refs"]}
    assert asked == of["changed"] | of["there"]
    assert {ref for one in answers for ref in one["unknown"]} == of["here"]
    await service.onec.send([at(ref, has[ref]) for ref in asked])
    assert await run.digest("product", {**has, **dict.fromkeys(of["here"], "1")}) == "equal"
    assert await found_of(service) == {
        **dict.fromkeys(of["changed"], ("changed", True)), **dict.fromkeys(of["there"], ("missing_here", True)),
        **dict.fromkeys(of["here"], ("missing_there", False)),
    }  # fmt: skip
