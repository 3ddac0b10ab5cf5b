"""contract.md §2: commands, singly and in messages, in every stage (facts E-28)."""

import asyncio
from uuid import uuid4

import pytest
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Service,
    command,
    courier,
    division,
    new_ref,
    order,
    references,
    running,
)  # fmt: skip


async def known_order(service: Service, **data) -> str:
    ref = new_ref()
    await service.onec.send([*references(), order(ref, **data)])
    return ref


# -- shapes


async def test_ready_makes_a_delivery_and_its_answer_has_the_shape_of_the_contract(service: Service):
    ref = await known_order(service)
    told = await service.onec.press("delivery.ready", ref, "c0000000-0000-4000-8000-00000000000a", courier=COURIER)
    delivery = told["result"].pop("delivery")
    assert told == {
        "id": "c0000000-0000-4000-8000-00000000000a", "status": "done", "code": None, "message": None,
        "result": {"already": False},
    }  # fmt: skip
    assert set(delivery) == {"id", "version", "stage", "amount_due", "courier"}
    assert (delivery["version"], delivery["stage"], delivery["amount_due"]) == (1, "ready", "2280.00")
    assert delivery["courier"] == COURIER


async def test_e28_a_double_press_is_done_already_and_makes_no_version(service: Service):
    ref, delivery = await service.ready_order()
    again = await service.onec.press("delivery.ready", ref)
    assert (again["status"], again["result"]) == ("done", {"delivery": delivery, "already": True})
    assert len(await service.rows("SELECT 1 FROM event")) == 1


COMMANDS = [
    ("delivery.withdraw", {"reason": "передумали"}, "withdrawn"),
    ("delivery.set_price", {"delivery_price": "100"}, "ready"),
    ("delivery.set_amount_due", {"amount_due": 5}, "ready"),
    ("delivery.assign", {"courier": COURIER}, "ready"),
    ("delivery.cancel", {}, "cancelled"),
]


@pytest.mark.parametrize(("name", "data", "stage"), COMMANDS, ids=[name for name, _, _ in COMMANDS])
async def test_what_holds_already_is_done_without_a_new_version(service: Service, name: str, data: dict, stage: str):
    ref, _ = await service.ready_order()
    first = await service.onec.press(name, ref, **data)
    assert (first["status"], first["result"]["already"]) == ("done", False)
    assert (first["result"]["delivery"]["stage"], first["result"]["delivery"]["version"]) == (stage, 2)
    again = await service.onec.press(name, ref, **data)
    assert (again["status"], again["result"]) == ("done", {**first["result"], "already": True})


async def test_a_withdrawn_delivery_is_reopened_by_the_next_ready(service: Service):
    ref, delivery = await service.ready_order()
    await service.onec.press("delivery.withdraw", ref)
    again = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    assert (again["id"], again["stage"], again["version"]) == (delivery["id"], "ready", 3)


# -- ids (invariants 2 and 3)


async def test_the_same_id_again_gives_its_status_and_result(service: Service):
    ref = await known_order(service)
    one = command("delivery.ready", ref)
    first = await service.onec.press_as(one)
    await service.onec.press("delivery.set_price", ref, delivery_price="0")
    assert await service.onec.press_as(one) == first
    assert (await service.onec.send(commands=[one]))["commands"] == [first]


async def test_the_same_id_at_once_takes_effect_once(service: Service):
    ref = await known_order(service)
    one = command("delivery.ready", ref)
    told = await asyncio.gather(*(service.onec.press_as(one) for _ in range(6)))
    assert all(answer == told[0] for answer in told)
    assert len(await service.rows("SELECT 1 FROM event")) == 1


async def test_the_same_id_with_other_content_is_rejected_and_the_rest_of_the_message_applies(service: Service):
    ref = await known_order(service)
    one = command("delivery.set_price", ref, delivery_price="100")
    await service.onec.press_as(one)
    other, good = {**one, "data": {**one["data"], "delivery_price": "200"}}, command("delivery.ready", ref)
    told = (await service.onec.send([division(name="Юг")], [other, good]))["commands"]
    assert [(t["id"], t["status"], t["code"]) for t in told] == [
        (one["id"], "rejected", "command_conflict"), (good["id"], "done", None),
    ]  # fmt: skip
    assert told[1]["result"]["delivery"]["amount_due"] == "2080.00"
    assert [r["outcome"] for r in await service.rows("SELECT outcome FROM journal WHERE code='command_conflict'")] == [
        "refused"
    ]


async def test_commands_are_answered_in_the_order_of_the_message_unreadable_ones_too(service: Service):
    ref = await known_order(service)
    good, later = command("delivery.ready", ref), command("delivery.assign", ref, courier=COURIER)
    told = (await service.onec.send(commands=[
        {"id": "not an id", "type": "delivery.ready", "data": {"order": ref}}, good,
        command("delivery.fly", ref), 7, later, command("delivery.set_price", ref), good,
    ]))["commands"]  # fmt: skip
    assert [(t["status"], t["code"]) for t in told] == [
        ("rejected", "not_a_command"), ("done", None), ("rejected", "unknown_command"), ("rejected", "not_a_command"),
        ("done", None), ("rejected", "missing_field"), ("done", None),
    ]  # fmt: skip
    assert told[6] == told[1]
    assert [told[0]["id"], told[3]["id"]] == ["not an id", ""]


async def test_an_unreadable_single_command_is_rejected_and_journalled(service: Service):
    ref = await known_order(service)
    told = await service.onec.press("delivery.set_price", ref, delivery_price="дорого")
    assert (told["status"], told["code"]) == ("rejected", "unreadable_value")
    assert len(await service.rows("SELECT 1 FROM journal WHERE kind = 'command' AND outcome = 'rejected'")) == 1


async def test_the_amount_must_be_named_even_to_take_it_back(service: Service):
    ref = await known_order(service)
    told = await service.onec.press("delivery.set_amount_due", ref)
    assert (told["status"], told["code"]) == ("rejected", "missing_field")


# -- waiting (E-28, E-29)


async def test_e28_a_command_before_its_order_waits_and_1c_is_told_when_it_is_done(service: Service):
    ref = new_ref()
    await service.onec.send(references())
    one = command("delivery.ready", ref)
    waiting = await service.onec.press_as(one)
    assert (waiting["status"], waiting["result"]) == ("waiting", {"delivery": None, "already": False})
    assert (await service.onec.state())["waiting"] == 1
    await service.onec.send([order(ref)])
    assert (await service.onec.state())["waiting"] == 0
    done = await service.onec.press_as(one)
    assert (done["status"], done["result"]["delivery"]["stage"]) == ("done", "ready")
    [event] = await service.onec.events()
    assert event["type"] == "command.finished"
    assert event["subject"]["kind"] == "command"
    assert (event["subject"]["id"], event["version"]) == (one["id"], 1)
    assert event["data"] == {"id": one["id"], "status": "done", "result": done["result"]}


async def test_a_waiting_command_that_is_rejected_in_the_end_is_told_with_its_reason(service: Service):
    ref = new_ref()
    await service.onec.send([*references(), courier(active=False)])
    one = command("delivery.ready", ref, courier=COURIER)
    await service.onec.press_as(one)
    await service.onec.send([order(ref)])
    [event] = await service.onec.events()
    assert (event["data"]["status"], event["data"]["code"]) == ("rejected", "courier_inactive")
    assert event["data"]["message"]


async def test_waiting_commands_run_by_rank_and_the_message_that_brings_the_order_answers_their_repeats(
    service: Service,
):
    ref = new_ref()
    await service.onec.send(references())
    low, high = (command("delivery.set_price", ref, delivery_price=p) for p in ("100", "200"))
    ready = command("delivery.ready", ref)
    await service.onec.send(commands=[low])
    await service.onec.press_as(high)
    await service.onec.press_as(ready)
    told = await service.onec.send([order(ref)], [ready])
    assert told["commands"][0]["status"] == "done"
    assert told["commands"][0]["result"]["delivery"]["amount_due"] == "2180.00"
    events = await service.onec.events()
    assert {e["data"]["id"] for e in events} == {low["id"], high["id"], ready["id"]}
    assert {e["data"]["status"] for e in events} == {"done"}


async def test_a_command_and_its_order_in_one_message_need_no_waiting(service: Service):
    ref = new_ref()
    told = await service.onec.send([order(ref), *references()], [command("delivery.ready", ref)])
    assert told["commands"][0]["status"] == "done"
    assert await service.onec.events() == []


# -- price, amount, courier: before «Готов», by hand, against re-sent orders


async def test_price_amount_and_courier_set_before_ready_are_used_by_it(service: Service):
    ref = await known_order(service)
    for name, data in (("set_price", {"delivery_price": "50"}), ("assign", {"courier": COURIER})):
        told = await service.onec.press(f"delivery.{name}", ref, **data)
        assert (told["status"], told["result"]) == ("done", {"delivery": None, "already": False})
    ready = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    assert (ready["amount_due"], ready["courier"]) == ("2030.00", COURIER)


async def test_a_hand_set_amount_stays_until_null(service: Service):
    ref = await known_order(service)
    await service.onec.press("delivery.set_amount_due", ref, amount_due="1 000,00")
    ready = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    assert ready["amount_due"] == "1000.00"
    await service.onec.send([order(ref, prepaid="500")])
    await service.onec.press("delivery.set_price", ref, delivery_price="0")
    kept = (await service.onec.press("delivery.assign", ref, courier=COURIER))["result"]["delivery"]
    assert kept["amount_due"] == "1000.00"
    freed = (await service.onec.press("delivery.set_amount_due", ref, amount_due=None))["result"]["delivery"]
    assert freed["amount_due"] == "1480.00"


@pytest.mark.parametrize("before_ready", [True, False], ids=["before ready", "after ready"])
async def test_a_price_of_a_re_sent_order_wins_only_if_it_differs_from_its_own_last(
    service: Service, before_ready: bool
):
    ref = await known_order(service, delivery_price="300")

    async def due() -> str:
        told = await service.onec.press("delivery.ready", ref)
        return told["result"]["delivery"]["amount_due"]

    if not before_ready:
        await service.onec.press("delivery.ready", ref)
    await service.onec.press("delivery.set_price", ref, delivery_price="100")
    await service.onec.send([order(ref, delivery_price="300", comment="правка")])
    assert await due() == "2080.00"
    await service.onec.send([order(ref, delivery_price="400")])
    assert await due() == "2380.00"


async def test_the_order_with_a_price_that_a_command_told_before_it_makes_no_second_event(service: Service):
    ref = await known_order(service, delivery_price="300")
    await service.onec.press("delivery.ready", ref)
    await service.onec.press("delivery.set_price", ref, delivery_price="100")
    before = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    await service.onec.send([order(ref, delivery_price="100")])
    assert (await service.onec.press("delivery.ready", ref))["result"]["delivery"] == before
    await service.onec.send([order(ref, delivery_price="300")])
    after = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    assert (after["version"], after["amount_due"]) == (before["version"] + 1, "2280.00")


async def test_fields_set_by_commands_rank_by_message_and_place(service: Service):
    ref = await known_order(service)
    await service.onec.send(commands=[command("delivery.set_price", ref, delivery_price="50")], number=9)
    late = await service.onec.send(commands=[command("delivery.set_price", ref, delivery_price="70")], number=5)
    assert late["commands"][0]["status"] == "done"
    assert late["commands"][0]["result"]["already"]
    ready = (await service.onec.press("delivery.ready", ref))["result"]["delivery"]
    assert ready["amount_due"] == "2030.00"
    await service.onec.press("delivery.set_price", ref, delivery_price="60")
    two = [command("delivery.set_price", ref, delivery_price=p) for p in ("1", "2")]
    told = await service.onec.send(commands=two, number=10)
    assert told["commands"][1]["result"]["delivery"]["amount_due"] == "1982.00"


@pytest.mark.parametrize("sum", ["-1", "1e12", "100000000000.01"])
async def test_sums_that_can_never_be_right_are_rejected(service: Service, sum: str):
    ref = await known_order(service)
    for name, field in (("set_price", "delivery_price"), ("set_amount_due", "amount_due")):
        told = await service.onec.press(f"delivery.{name}", ref, **{field: sum})
        assert told["status"] == "rejected", (name, told)
    assert (await service.onec.press("delivery.ready", ref))["result"]["delivery"]["amount_due"] == "2280.00"


# -- stages: what each command may still do


STAGES = {
    "picked_up": ["pick_up"],
    "en_route": ["pick_up", "depart"],
    "handed_over": ["pick_up", "hand_over"],
    "not_delivered": ["pick_up", "not_deliver"],
    "cancelled": ["cancel"],
}
# done: the delivery moves or takes it over; rejected: the answer says no.
MAY = {
    "delivery.ready": dict.fromkeys(STAGES, "rejected"),
    "delivery.withdraw": dict.fromkeys(STAGES, "rejected"),
    "delivery.assign": dict.fromkeys(STAGES, "rejected"),
    "delivery.set_price": {"picked_up": "done", "en_route": "done", "not_delivered": "done", "handed_over": "rejected",
                           "cancelled": "rejected"},
    "delivery.set_amount_due": {"picked_up": "done", "en_route": "done", "not_delivered": "done",
                                "handed_over": "rejected", "cancelled": "rejected"},
    "delivery.cancel": {"picked_up": "done", "en_route": "done", "not_delivered": "done", "handed_over": "rejected",
                        "cancelled": "done"},
}  # fmt: skip
DATA = {"delivery.set_price": {"delivery_price": "1"}, "delivery.set_amount_due": {"amount_due": "1"},
        "delivery.assign": {"courier": SECOND_COURIER}}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
async def test_every_command_in_every_stage_answers_with_the_delivery_as_it_is(service: Service, stage: str):
    for name, may in MAY.items():
        ref, delivery = await service.ready_order(ready={"courier": COURIER}, number=name)
        for step in STAGES[stage]:
            more = {"reason": "refused"} if step == "not_deliver" else {}
            await service.act(delivery["id"], step, **more)
        told = await service.onec.press(name, ref, **DATA.get(name, {}))
        assert told["status"] == may[stage], (name, told)
        assert told["result"]["delivery"]["id"] == delivery["id"]
        if told["status"] == "rejected":
            assert told["code"]
            assert told["message"]


async def test_withdraw_after_pick_up_says_who_has_it(service: Service):
    ref, _ = await service.picked_up()
    told = await service.onec.press("delivery.withdraw", ref)
    assert (told["status"], told["code"]) == ("rejected", "already_picked_up")
    assert "Пётр Иванов" in told["message"]


# -- orders that change


@pytest.mark.parametrize("head", [{"deleted": True}, {"posted": False}], ids=["deleted", "unposted"])
async def test_e26_a_deleted_or_unposted_order_cancels_its_delivery(service: Service, head: dict):
    ref, delivery = await service.ready_order()
    await service.onec.send([order(ref, head=head)])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["stage"] == "cancelled"
    assert await service.onec.events() == []
    again = await service.onec.press("delivery.ready", ref)
    assert (again["status"], again["code"]) == ("rejected", "order_cancelled")


async def test_e26_a_physically_deleted_order_cancels_its_delivery(service: Service):
    ref, delivery = await service.ready_order()
    await service.onec.send([{"kind": "order", "ref": ref, "deleted": True}])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["stage"] == "cancelled"


async def test_an_order_edited_after_ready_updates_the_delivery_until_it_is_picked_up(service: Service):
    ref, delivery = await service.ready_order()
    await service.onec.send([order(ref, address={"text": "Тула, Ленина, 5"}, prepaid="280")])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert (card["address"]["text"], card["amount_due"], card["version"]) == ("Тула, Ленина, 5", "2000.00", 2)


async def test_an_order_edited_after_pick_up_is_an_incident_and_changes_nothing(service: Service):
    ref, delivery = await service.picked_up()
    await service.onec.send([order(ref, address={"text": "Тула, Ленина, 5"})])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["address"]["text"] == "Москва, Тверская, 1"
    found = await service.rows("SELECT code FROM journal WHERE kind = 'contradiction'")
    assert [row["code"] for row in found] == ["order_changed_after_pick_up"]


async def test_cancel_and_withdraw_before_ready_hold_already(service: Service):
    ref = await known_order(service)
    for name in ("delivery.cancel", "delivery.withdraw"):
        told = await service.onec.press(name, ref)
        assert (told["status"], told["result"]) == ("done", {"delivery": None, "already": True})


async def test_a_courier_of_another_division_or_inactive_is_rejected(service: Service):
    ref, other = await known_order(service), new_ref()
    await service.onec.send([division(other), courier(SECOND_COURIER, division=other), courier(active=False)])
    for who, code in ((SECOND_COURIER, "courier_other_division"), (COURIER, "courier_inactive")):
        told = await service.onec.press("delivery.assign", ref, courier=who)
        assert (told["status"], told["code"]) == ("rejected", code)


async def test_a_command_names_an_unknown_courier_and_he_may_come_later(service: Service):
    ref, unknown = await known_order(service), str(uuid4())
    told = await service.onec.press("delivery.ready", ref, courier=unknown)
    assert (told["status"], told["result"]["delivery"]["courier"]) == ("done", unknown)


async def test_a_division_that_is_off_makes_no_delivery(database: str):
    from tests.flow.exchange_client import settings

    from posrednik.config import Division

    async with running(database, settings(divisions=(Division(ref=DIVISION, mode="off"),))) as service:
        told = await service.onec.press("delivery.ready", await known_order(service))
        assert (told["status"], told["code"]) == ("rejected", "division_off")
