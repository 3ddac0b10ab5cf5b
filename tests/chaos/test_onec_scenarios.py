"""The ten acceptance scenarios of the exchange with 1C, by real processes over HTTP (marks: docs/acceptance.md).

One running system plays them in turn; the old base of scenario 8 has a system of its own. All of them are played by the
extension's own code in test_extension_scenarios.py, and here by the sandbox's own sender, which the demo has.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from tests.chaos.scenario_lost_day import LostDay
from tests.chaos.scenario_same_state import left, work
from tests.chaos.scenario_stage import Stage
from tests.chaos.trade_books import differences
from tests.chaos.trade_day import Size
from tests.desk import until
from tests.system import running

Json = dict[str, Any]
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]
FIRST_ORDERS = 5  # of both bases, the same to the letter but for their dates: scenario 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with running(workers=1, orders=FIRST_ORDERS, kind=Stage) as system:
        assert isinstance(system, Stage)
        yield system


async def test_1_an_order_is_delivered_paid_and_becomes_a_cash_receipt_in_1c(stage: Stage) -> None:
    """E-20, E-28, E-42, D-3, D-5: what 1C makes of our event comes back linked to it and starts nothing new."""
    desk = stage.desk
    (ref,) = await desk.make_orders(1)
    delivery = await stage.ready(ref)
    await desk.press(ref, "amount", amount_due="1500.00")
    await stage.hand_over(delivery)
    await stage.quiet()
    papers = await stage.papers(ref)
    assert papers.keys() == {"shipment", "cash_receipt"}
    assert papers["cash_receipt"]["sum"] == "1500.00"
    happened = ["readied", "changed", "picked_up", "departed", "handed_over"]
    assert await stage.events_of(ref) == happened
    event = (await stage.rows("SELECT id FROM event WHERE order_ref = %s AND type = 'delivery.handed_over'", ref))[0]
    echo = await stage.rows(
        "SELECT kind, event_id FROM mirror WHERE ref = ANY(%s)", [p["ref"] for p in papers.values()]
    )
    assert {(row["kind"], row["event_id"]) for row in echo} == {(kind, event["id"]) for kind in papers}
    courier = await stage.courier_for(ref)
    url = f"{desk.service}/api/v1/board/cash/counts"
    counted = await desk._json("POST", url, {"courier": courier, "counted": "1500.00"}, desk._person())
    assert counted["state"] == "posted"
    await stage.quiet()
    books = {one["ref"]: one for one in (await desk.look("/onec/api/books"))["couriers"]}
    assert (books[courier]["cash"], books[courier]["handed_in"]) == ("0.00", "1500.00")
    assert await stage.events_of(ref) == [*happened, "settled"]
    assert await stage.tasks_of([delivery]) == [f"posrednik:{delivery}"]


async def test_2_goods_go_out_are_sold_come_back_and_all_books_agree(stage: Stage) -> None:
    """E-05, E-28: «Положить в рюкзак», a sale, a customer's return, the rest back; the digests agree, too."""
    day = await stage.day_of(3, Size(deliveries=1, sales=0))
    goods = next(
        one["goods"] for one in (await stage.desk.look("/onec/api/backpacks"))["couriers"] if one["ref"] == day.ref
    )
    await day.morning(goods)
    for _ in range(3):
        await day.sell()
    (one,) = day.deliveries
    one["way"] = "cash"
    await day.hand_over(one)
    await day.customer_return(one)
    await day.give_back()
    left = next(product for product, count in sorted(day.own.bag.items()) if count >= 1000)
    await day.move("unload", {left: 1000})
    day.own.bag[left] -= 1000
    await day.hand_in(day.own.cash)
    await day.close()
    await stage.quiet()
    base, ledgers = await stage.books()
    assert differences(day.name, ledgers[day.ref], day.own.told()) == []
    assert differences(day.name, base[day.ref], day.own.told()) == []
    assert set(await stage.digests()) == {"equal"}


async def test_3_after_an_hour_without_1c_both_backlogs_drain_in_order(stage: Stage) -> None:
    """E-21, E-27, E-41: nothing is sent nor asked for; then all of it, once, each delivery in the order of versions."""
    desk, (volume, orders) = stage.desk, stage.hour
    refs = await desk.make_orders(volume)
    deliveries = dict(zip(refs, await asyncio.gather(*map(stage.ready, refs)), strict=True))
    await stage.quiet()
    before = await stage.state()
    await desk.switch("onec", False)
    await asyncio.gather(*map(stage.hand_over, deliveries.values()))
    written = await desk.make_orders(orders)
    waiting = (await stage.rows("SELECT sum(depth) AS n FROM lane_wait WHERE destination LIKE 'onec:%%'"))[0]["n"]
    assert waiting == 3 * volume
    assert (await stage.state())["queue_length"] >= orders
    await desk.tell("/onec/api/switches", crash_before_ack=1)
    await desk.switch("onec", True)
    await stage.quiet()
    after = await stage.state()
    assert (after["gaps"], after["out_of_order"], after["refused"]) == ([], 0, [])
    assert after["last_event"] == before["last_event"] + 3 * volume
    assert after["duplicates"] > before["duplicates"], "it died before it acknowledged"
    for ref in refs:
        assert after["applied"][ref]["types"] == ["delivery.picked_up", "delivery.departed", "delivery.handed_over"]
        assert (await stage.papers(ref)).keys() >= {"shipment"}
    there = await stage.rows("SELECT ref FROM mirror WHERE kind = 'order' AND ref = ANY(%s)", written)
    assert len(there) == orders


async def test_4_while_the_middleware_is_killed_nothing_is_lost(stage: Stage) -> None:
    """E-20, E-21, E-22: buttons, documents and the phone keep what they have; a lost answer is asked again."""
    desk = stage.desk
    refs = await desk.make_orders(6)
    early = await asyncio.gather(*map(stage.ready, refs[:3]))
    courier = await stage.courier_for(refs[0])
    phone = await stage.phone(courier)
    ours = [one for one, ref in zip(early, refs, strict=False) if await stage.courier_for(ref) == courier]
    await desk.tell("/onec/api/switches", lose_command_answers=1, lose_answers=1)
    phone.offline = True
    at = datetime.now(UTC) - timedelta(minutes=5)
    async with stage.without(*stage.service_processes):
        buttons = [asyncio.create_task(stage.ready(ref)) for ref in refs[3:]]
        for one in ours:
            await phone.do("delivery.pick_up", at, one)
        await desk.make_orders(30)
    late = await asyncio.gather(*buttons)
    await phone.send()
    await stage.quiet()
    state = await stage.state()
    assert (state["gaps"], state["out_of_order"], state["stopped"]) == ([], 0, "")
    for ref, one in zip(refs, [*early, *late], strict=True):
        assert await stage.events_of(ref) == ["readied", *(["picked_up"] if one in ours else [])]
    assert len(await stage.tasks_of([*early, *late])) == 6
    gaps = await stage.rows("SELECT * FROM base_gap")
    assert gaps == []


@pytest.mark.parametrize("mode", ["same_epoch", "ask", "new_epoch"])
async def test_5_1c_is_restored_from_yesterday_and_goes_on(stage: Stage, mode: str) -> None:
    """E-24 in its three kinds, D-1: numbers go back; events of the lost day come again with the same ids, once."""
    desk = stage.desk
    (kept,) = await desk.make_orders(1)
    delivery = await stage.ready(kept)
    await stage.quiet()
    await stage.drill("snapshot")
    yesterday = await stage.state()
    (lost,) = await desk.make_orders(1)
    await stage.hand_over(delivery)
    await stage.ready(lost)
    await stage.quiet()
    today, papers = await stage.state(), await stage.papers(kept)
    assert yesterday["last_number"] < today["last_number"]
    await stage.drill("restore", mode=mode)  # and the base sends again at once: its number is looked at no more
    await desk.tell(f"/onec/api/orders/{kept}/edit", data={"comment": f"после копии {mode}"})
    await until("the restored base has sent its edit", lambda: _comment(stage, kept, f"после копии {mode}"))
    await until("the lost events are read again", lambda: _has_event(stage, today["last_event"]))
    await stage.quiet()
    state = await stage.state()
    assert (state["stopped"], state["gaps"], state["last_event"]) == ("", [], today["last_event"])
    assert {kind: paper["ref"] for kind, paper in (await stage.papers(kept)).items()} == {
        kind: paper["ref"] for kind, paper in papers.items()
    }
    happened = await stage.events_of(kept)  # settled: of one who had nothing left to pay
    assert happened[:4] == ["readied", "picked_up", "departed", "handed_over"]
    assert happened[4:] in ([], ["settled"])
    await stage.drill("register_all")
    await stage.quiet()
    told = await until("the lost order is told", lambda: _told_lost(stage, lost))
    assert told == ["open"]


async def _comment(stage: Stage, ref: str, text: str) -> bool:
    return bool(await stage.rows("SELECT 1 FROM mirror WHERE ref = %s AND data ->> 'comment' = %s", ref, text))


async def _has_event(stage: Stage, number: int) -> bool:
    return bool((await stage.state())["last_event"] == number)


async def _told_lost(stage: Stage, ref: str) -> list[str]:
    rows = await stage.rows("SELECT state FROM incident WHERE subject_id = %s", f"order:{ref}")
    return [row["state"] for row in rows]


async def test_5_a_copied_base_is_refused_and_the_working_one_is_not_disturbed(stage: Stage) -> None:
    """E-25: the same epoch, another instance."""
    (ref,) = await stage.desk.make_orders(1)
    await stage.quiet()
    before = (await stage.rows("SELECT epoch, instance, last_accepted FROM base"))[0]
    refused = await stage.drill("other_instance")
    assert (refused["status"], refused["answer"]["code"]) == (409, "other_instance")
    assert (await stage.rows("SELECT epoch, instance, last_accepted FROM base"))[0] == before
    await stage.ready(ref)
    assert (await stage.state())["stopped"] == ""


async def test_6_the_middleware_is_restored_from_yesterday_and_gets_its_day_back(stage: Stage) -> None:
    """D-1, D-2, D-5: 1C and the phone send again, ids stay, what only the office did is told; nothing comes twice."""
    day = LostDay(stage)
    await day.yesterday()
    async with stage.without(*stage.service_processes):
        await asyncio.to_thread(stage.copy_database, day.copy)
    await day.today()
    before = await day.known_outside()
    async with stage.without(*stage.service_processes):
        await asyncio.to_thread(stage.restore_database, day.copy)
        assert "запрошено всё, чего нет в копии" in await stage.command("restored")
    await day.the_phone_goes_on()
    await until("1C has sent everything again", day.is_sent_again)
    await stage.quiet()
    await day.check_what_came_back()
    assert await day.known_outside() == before, "not a document, task or delivery more than before"
    assert [row["what"] for row in await day.lost()] == [
        "delivery.departed", "delivery.handed_over", "delivery.picked_up",
    ]  # fmt: skip
    await stage.hand_over(day.by_the_office)
    await stage.quiet()
    assert await day.lost() == []
    assert await day.known_outside() == before, "1C knows what was done again"
    await day.check_new_events_are_new()


async def test_7_a_poison_object_and_a_poison_event_are_set_aside_and_the_rest_flows(stage: Stage) -> None:
    """E-06, E-33, E-41, D-4: one order of a message and one event of a batch; both are mended later."""
    desk = stage.desk
    bad, good = await desk.make_orders(2)
    await stage.quiet()
    lines = (await stage.order(bad))["data"]["lines"]
    poison = [stage.poison(lines[0]), *lines[1:]]
    await desk.tell("/onec/api/switches", hold_sender=True)
    for ref, changes in ((bad, {"lines": poison}), (good, {"comment": "позвонить за час\u00a0 ", "ИШ_Метка": "своё"})):
        await desk.tell(f"/onec/api/orders/{ref}/edit", data=changes)
    await desk.tell("/onec/api/switches", hold_sender=False, reject_type="delivery.picked_up")
    await stage.quiet()
    (row,) = (await desk.ask("/api/v1/admin/quarantine?kind=order"))["objects"]
    assert (row["ref"], row["code"]) == (bad, "unreadable_value")
    data = (await stage.rows("SELECT data FROM mirror WHERE ref = %s", good))[0]["data"]
    assert (data["comment"], data["ИШ_Метка"]) == ("позвонить за час", "своё")
    delivery = await stage.ready(good)
    await stage.hand_over(delivery)
    await stage.settled_but_for(1)
    assert (await stage.state())["applied"][good]["types"] == ["delivery.departed", "delivery.handed_over"]
    await desk.tell("/onec/api/switches", reject_type="")
    await desk.tell(f"/onec/api/orders/{bad}/edit", data={"lines": lines})
    assert "отправлено снова: 1" in await stage.command("replay", "--yes")
    await stage.quiet()
    assert (await desk.ask("/api/v1/admin/quarantine?kind=order"))["objects"] == []
    assert "delivery.picked_up" in (await stage.state())["applied"][good]["types"]
    assert (await stage.state())["quarantined_count"] == 0


async def test_8_an_old_base_by_xml_ends_in_the_same_state(stage: Stage) -> None:
    """E-01, E-03, E-32, D-3: УТ 10.3 on 8.2 against УТ 11, the same work on the same orders."""
    async with running(workers=1, orders=FIRST_ORDERS, kind=stage.old) as old:
        assert isinstance(old, Stage)
        await asyncio.gather(work(stage), work(old))
        new_state, old_state = await left(stage), await left(old)
        assert old_state.keys() == new_state.keys()
        for ref, one in new_state.items():
            assert old_state[ref] == one


async def test_9_parallel_duplicates_have_one_effect(stage: Stage) -> None:
    """E-22, E-23, D-1: two senders, one button twice at once, old bytes eight times at once."""
    desk = stage.desk
    await desk.switch("onec", False)  # or its own sender may be the third
    (ref,) = await desk.make_orders(1)
    both = (await stage.drill("twin"))["answers"]
    await desk.switch("onec", True)
    assert sorted(str(answer["status"]) for answer in both) == ["accepted", "duplicate"]
    pressed = await desk.tell(f"/onec/api/orders/{ref}/ready", double=True)
    results = [one["command"]["result"] for one in (pressed, pressed["second"])]
    assert sorted(result["already"] for result in results) == [False, True]
    assert len({result["delivery"]["id"] for result in results}) == 1
    again = await asyncio.gather(*(stage.drill("replay") for _ in range(8)))
    assert {answer["answer"]["status"] for answer in again} == {"duplicate"}
    await stage.quiet()
    assert await stage.events_of(ref) == ["readied"]
    numbers = Counter(row["number"] for row in await stage.rows("SELECT number FROM inbox WHERE epoch_no = 1"))
    assert set(numbers.values()) == {1}
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert len(await stage.tasks_of([results[0]["delivery"]["id"]])) == 1


async def test_10_the_standard_exchange_with_the_site_goes_on_beside(stage: Stage) -> None:
    """E-43, D-8: it rewrites orders all the time; it sees no foreign change, and its noise makes no news here."""
    desk = stage.desk
    refs = await desk.make_orders(8)
    await stage.quiet()
    before = {ref: (await stage.order(ref))["data"] for ref in refs}
    shop = (await desk.look("/shop/api/state"))["deliveries"]
    await desk.tell("/onec/api/switches", site_exchange_s=0.02)
    deliveries = await asyncio.gather(*map(stage.ready, refs))
    await asyncio.gather(*map(stage.hand_over, deliveries))
    done = [await stage.drill("site_exchange", count=10_000) for _ in range(2)]  # the rest of a round, and a whole one
    sold_by_the_site = {ref for ref in refs if before[ref].get("site_number")}
    assert sold_by_the_site
    assert sold_by_the_site <= set(done[1]["refs"])
    await desk.tell("/onec/api/switches", site_exchange_s=0.0)
    await stage.quiet()
    for ref in refs:
        after = (await stage.order(ref))["data"]
        changed = {name for name in after if after[name] != before[ref].get(name)}
        assert changed <= {"site_exchanged", "status"}, "by the site itself, and by the manager's button"
        happened = await stage.events_of(ref)  # settled: of one who had nothing left to pay
        assert happened[:4] == ["readied", "picked_up", "departed", "handed_over"]
        assert happened[4:] in ([], ["settled"])
        (row,) = await stage.rows("SELECT version FROM mirror WHERE kind = 'order' AND ref = %s", ref)
        assert [(row["version"],)] == stage.base(f"SELECT version FROM object WHERE kind = 'order' AND ref = '{ref}'")
    told = (await desk.look("/shop/api/state"))["deliveries"]
    assert told.keys() - shop.keys() == set(deliveries)
    assert all(len(told[one]["versions"]) == 4 for one in deliveries)


async def test_edits_after_the_fact_and_a_full_load_end_in_agreement(stage: Stage) -> None:
    """E-26, E-27: everything is registered, people go on unposting, marking, renumbering and moving dates meanwhile."""
    await stage.drill("register_all")
    for seed in range(3):
        done = await stage.drill("noise", count=40, seed=seed)
        assert len(done["done"]) > 20
    await stage.quiet()
    assert set(await stage.digests()) == {"equal"}
    theirs = {ref: bool(deleted) for ref, deleted in stage.base("SELECT ref, deleted FROM object WHERE kind = 'order'")}
    ours = {
        row["ref"]: row["deleted"] for row in await stage.rows("SELECT ref, deleted FROM mirror WHERE kind = 'order'")
    }
    assert {ref: deleted for ref, deleted in ours.items() if ref in theirs} == theirs
