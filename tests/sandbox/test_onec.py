"""The emulated base against the contract: what it writes, sends, repeats and takes in."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from tests.sandbox.fake_posrednik import FakePosrednik

from posrednik_sandbox.onec import Onec, routes, views, words
from posrednik_sandbox.onec.drills import Drills
from posrednik_sandbox.onec.seed import BAG_GOODS
from posrednik_sandbox.onec.sender import pause_after

BASE = "5a4b1c00-0000-4000-8000-000000000009"
NOWHERE = "http://127.0.0.1:9"


def quiet(text: str, **about: Any) -> None:
    """Nobody reads the strip here."""


def a_base(folder: Path, url: str = NOWHERE, orders: int = 3) -> Onec:
    onec = Onec(folder / "onec.sqlite3", url, BASE, "token", quiet)
    onec.prepare(7, orders)
    return onec


async def served(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def fake() -> AsyncIterator[FakePosrednik]:
    fake = FakePosrednik()
    runner, fake.url = await served(fake.application())
    yield fake
    await runner.cleanup()


@pytest.fixture
async def onec(fake: FakePosrednik, tmp_path: Path) -> AsyncIterator[Onec]:
    onec = a_base(tmp_path, fake.url)
    yield onec
    await onec.close()


def first_order(onec: Onec) -> dict[str, Any]:
    found = onec.store.row("SELECT ref, number FROM order_card ORDER BY position LIMIT 1")
    assert found is not None
    return found


async def press_ready(onec: Onec, ref: str) -> dict[str, Any]:
    return await onec.press(ref, "delivery.ready", {}, {"status": "Готов к доставке"}, {"ready": 1})


async def drained(fake: FakePosrednik, onec: Onec) -> None:
    await fake.until(lambda: not any(onec.outbox.counts()[key] for key in ("objects", "commands")))


def data_of(onec: Onec) -> list[tuple[Any, ...]]:
    sql = "SELECT kind, ref, json_remove(data, '$.date', '$.window') FROM object ORDER BY kind, ref"
    return [tuple(row) for row in onec.store.db.execute(sql)]


def test_same_seed_gives_same_data(tmp_path: Path) -> None:
    one, other = a_base(tmp_path / "one", orders=45), a_base(tmp_path / "other", orders=45)
    assert data_of(one) == data_of(other)
    one.store.close()
    other.store.close()


def test_seeded_base_has_what_a_demonstration_needs(tmp_path: Path) -> None:
    onec = a_base(tmp_path, orders=40)
    count = {row["kind"]: row["n"] for row in onec.store.rows("SELECT kind, count(*) n FROM object GROUP BY kind")}
    goods = {"product": len(words.PRODUCTS), "stock": len(words.COURIERS) * BAG_GOODS}
    assert count == goods | {"division": 2, "counterparty": 40, "warehouse": 6, "courier": 4, "order": 40}
    orders = list(onec.store.names("order").values())
    assert any(len(order["comment"]) == 300 for order in orders)
    assert any("«" in order["comment"] and "ё" in order["comment"].lower() for order in orders)
    assert all(1 <= len(order["lines"]) <= 6 for order in orders)
    assert sorted(c["bitrix24_user"] for c in onec.store.names("courier").values()) == [7, 8, 9, 10]
    onec.store.close()


def test_failed_write_leaves_neither_document_nor_mark_nor_command(tmp_path: Path) -> None:
    onec = a_base(tmp_path)
    onec.store.db.execute("DELETE FROM dirty")
    ref = first_order(onec)["ref"]
    before = onec.store.object("order", ref)
    onec.switches.fail_writes = 1
    with pytest.raises(Exception, match="Запись не удалась"):
        onec._write(ref, "delivery.ready", "key", {"order": ref}, {"status": "Готов"}, {"ready": 1})
    assert onec.store.object("order", ref) == before
    assert onec.store.value("SELECT count(*) FROM dirty") == 0
    assert onec.store.value("SELECT count(*) FROM command") == 0
    onec.store.close()


async def test_references_leave_before_orders_and_everything_arrives(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    kinds = [item["kind"] for body in fake.bodies for item in json.loads(body)["objects"]]
    assert kinds.index("order") > max(kinds.index("division"), kinds.index("product"), kinds.index("warehouse"))
    assert len(fake.objects) == onec.store.value("SELECT count(*) FROM object")


async def test_messages_hold_at_most_200_objects_and_numbers_follow(fake: FakePosrednik, onec: Onec) -> None:
    onec.create_orders(450, ready=False)
    await onec.start()
    await drained(fake, onec)
    bodies = [json.loads(body) for body in fake.bodies]
    assert [body["number"] for body in bodies] == list(range(1, len(bodies) + 1))
    assert max(len(body["objects"]) for body in bodies) == 200


async def test_retry_after_503_sends_identical_bytes(fake: FakePosrednik, onec: Onec) -> None:
    fake.answer_with = [(503, {}), (500, {}), (429, {"Retry-After": "0"})]
    await onec.start()
    await drained(fake, onec)
    assert len(fake.bodies) >= 4
    assert len(set(fake.bodies[:4])) == 1


async def test_lost_answer_leads_to_a_repeat_that_counts_once(fake: FakePosrednik, onec: Onec) -> None:
    onec.switches.lose_answers = 1
    await onec.start()
    await drained(fake, onec)
    assert fake.bodies[0] == fake.bodies[1]
    assert fake.last_accepted == onec.outbox.last_number


async def test_crash_after_packing_sends_the_stored_bytes(fake: FakePosrednik, tmp_path: Path) -> None:
    first = a_base(tmp_path)
    packed = first.outbox.pack()
    assert packed is not None
    await first.close()
    again = Onec(tmp_path / "onec.sqlite3", fake.url, BASE, "token", quiet)
    await again.start()
    await drained(fake, again)
    assert fake.bodies[0] == packed["body"]
    await again.close()


async def test_edit_while_a_message_travels_is_sent_again(fake: FakePosrednik, onec: Onec) -> None:
    ref = first_order(onec)["ref"]
    packed = onec.outbox.pack()
    assert packed is not None
    onec.edit_order(ref, {"comment": "позже"})
    await onec.start()
    await fake.until(lambda: fake.objects.get(("order", ref), {}).get("data", {}).get("comment") == "позже")


async def test_refusal_stops_with_a_visible_error_until_a_person_goes_on(fake: FakePosrednik, onec: Onec) -> None:
    fake.answer_with = [(401, {})]
    await onec.start()
    await fake.until(lambda: bool(onec.sender.stopped))
    assert "401" in onec.sender.stopped
    assert onec.outbox.counts()["objects"] > 0
    onec.sender.resume()
    await drained(fake, onec)
    assert onec.sender.last_error == ""


async def test_button_shows_the_answer_at_once(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    ref = first_order(onec)["ref"]
    pressed = await press_ready(onec, ref)
    assert pressed["command"]["status"] == "done"
    assert not pressed["saved"]
    assert ("order", ref) in fake.objects
    assert all(not json.loads(body)["commands"] for body in fake.bodies)


async def test_button_without_answer_is_saved_and_goes_with_the_same_id(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    fake.answer_with = [(503, {})] * 3
    ref = first_order(onec)["ref"]
    pressed = await press_ready(onec, ref)
    assert pressed["saved"]
    assert pressed["text"] == "Команда сохранена и будет отправлена"
    await drained(fake, onec)
    assert list(fake.commands) == [pressed["command"]["id"]]
    assert onec.command(pressed["command"]["id"])["status"] == "done"


async def test_lost_answer_of_a_button_takes_effect_once(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    onec.switches.lose_command_answers = 1
    pressed = await press_ready(onec, first_order(onec)["ref"])
    assert pressed["saved"]
    await drained(fake, onec)
    assert list(fake.commands) == [pressed["command"]["id"]]


async def test_copy_with_other_instance_is_refused_and_the_base_goes_on(
    fake: FakePosrednik, onec: Onec, tmp_path: Path
) -> None:
    await onec.start()
    await drained(fake, onec)
    result = await Drills(onec, tmp_path).run("other_instance", {})
    assert result["status"] == 409
    assert onec.sender.stopped == ""


async def test_replay_is_a_duplicate_and_other_content_a_conflict(
    fake: FakePosrednik, onec: Onec, tmp_path: Path
) -> None:
    await onec.start()
    await drained(fake, onec)
    drills = Drills(onec, tmp_path)
    assert (await drills.run("replay", {"number": 1}))["answer"]["status"] == "duplicate"
    assert (await drills.run("conflict", {}))["answer"]["code"] == "message_conflict"


@pytest.mark.parametrize("mode", ["same_epoch", "ask", "new_epoch"])
async def test_restored_base_goes_on_and_loses_nothing(
    fake: FakePosrednik, onec: Onec, tmp_path: Path, mode: str
) -> None:
    drills = Drills(onec, tmp_path)
    await drills.run("snapshot", {})
    await onec.start()
    await drained(fake, onec)
    ref = first_order(onec)["ref"]
    await press_ready(onec, ref)
    await drained(fake, onec)
    old_epoch = fake.epoch
    await drills.run("restore", {"mode": mode})
    onec.edit_order(ref, {"comment": "после восстановления"})
    await fake.until(lambda: fake.objects["order", ref]["data"]["comment"] == "после восстановления")
    await drained(fake, onec)
    assert onec.sender.stopped == ""
    assert (fake.epoch != old_epoch) == (mode == "new_epoch")


async def test_restored_base_reads_forgotten_events_again_once(fake: FakePosrednik, onec: Onec, tmp_path: Path) -> None:
    drills = Drills(onec, tmp_path)
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.picked_up", order, 2)
    await fake.until(lambda: len(fake.acked) == 1)
    await drills.run("snapshot", {})
    fake.emit("delivery.departed", order, 3)
    await fake.until(lambda: len(fake.acked) == 2)
    await drills.run("restore", {"mode": "ask"})
    await fake.until(lambda: onec.store.value("SELECT count(*) FROM event") == 2 and not onec.store.get("reread"))
    assert onec.store.value("SELECT coalesce(sum(seen - 1), 0) FROM event") == 0


async def test_event_is_applied_once_and_makes_its_documents(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    line = stored["data"]["lines"][0]
    data = {
        "lines": [line | {"accepted": line["quantity"], "refused": "0"}],
        "amount_taken": "150.00",
        "payment_method": "cash",
        "courier": None,
        "warehouse": None,
    }
    onec.switches.crash_before_ack = 1
    event = fake.emit("delivery.handed_over", order, 4, data)
    await fake.until(lambda: onec.store.value("SELECT count(*) FROM event") == 1)
    assert fake.acked == {}
    fake.leased.clear()
    await fake.until(lambda: event["id"] in fake.acked)
    kinds = sorted(row["kind"] for row in onec.store.rows("SELECT kind FROM document"))
    assert kinds == ["cash_receipt", "shipment"]
    assert onec.store.value("SELECT seen FROM event") == 2
    await drained(fake, onec)
    echoes = [item for (kind, _), item in fake.objects.items() if kind in kinds]
    assert {item["event"] for item in echoes} == {event["id"]}
    assert onec.store.value("SELECT stage FROM order_card WHERE ref = ?", order["ref"]) == "handed_over"


async def test_corrected_hand_over_rewrites_its_documents_and_unposts_the_needless_one(
    fake: FakePosrednik, onec: Onec
) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    lines = [line | {"accepted": line["quantity"], "refused": "0"} for line in stored["data"]["lines"]]
    data = {"lines": lines, "amount_taken": "150.00", "payment_method": "cash"}
    fake.emit("delivery.handed_over", order, 4, data)
    await fake.until(lambda: len(fake.acked) == 1)
    before = {row["kind"]: row for row in onec.store.rows("SELECT * FROM document")}
    right = {"lines": [lines[0] | {"accepted": "0.001"}], "amount_taken": "70.00", "payment_method": "card"}
    correction = fake.emit("delivery.corrected", order, 5, {"corrects": "hand_over", "before": data} | right)
    await fake.until(lambda: fake.acked.get(correction["id"]) == "accepted")
    after = {row["kind"]: row for row in onec.store.rows("SELECT * FROM document")}
    assert set(before) == {"shipment", "cash_receipt"}
    assert set(after) == {"shipment", "card_payment"}
    assert (after["shipment"]["ref"], after["shipment"]["number"]) == (
        before["shipment"]["ref"],
        before["shipment"]["number"],
    )
    assert after["card_payment"]["sum"] == "70.00"
    await drained(fake, onec)
    shipment = fake.objects["shipment", before["shipment"]["ref"]]
    receipt = fake.objects["cash_receipt", before["cash_receipt"]["ref"]]
    assert (shipment["event"], shipment["posted"], shipment["data"]["lines"][0]["quantity"]) == (
        correction["id"],
        True,
        "0.001",
    )
    assert (receipt["event"], receipt["posted"]) == (correction["id"], False)
    assert onec.store.value("SELECT stage FROM order_card WHERE ref = ?", order["ref"]) == "handed_over"


async def test_correction_of_another_step_is_taken_and_changes_no_document(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.handed_over", order, 4, {"amount_taken": "150.00", "payment_method": "cash"})
    fake.emit("delivery.corrected", order, 5, {"corrects": "not_deliver", "reason": "refused", "before": {}})
    await fake.until(lambda: len(fake.acked) == 2)
    assert set(fake.acked.values()) == {"accepted"}
    assert [row["kind"] for row in onec.store.rows("SELECT kind FROM document")] == ["cash_receipt"]


async def test_correction_leaves_the_documents_of_an_earlier_trip_alone(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.handed_over", order, 4, {"amount_taken": "150.00", "payment_method": "cash"})
    fake.emit("delivery.handed_over", order, 9, {"amount_taken": "90.00", "payment_method": "cash"})
    right = {"corrects": "hand_over", "amount_taken": "80.00", "payment_method": "card"}
    fake.emit("delivery.corrected", order, 10, right)
    fake.emit("delivery.corrected", order, 11, right | {"amount_taken": "70.00"})
    await fake.until(lambda: len(fake.acked) == 4)
    papers = [(row["kind"], row["sum"]) for row in onec.store.rows("SELECT kind, sum FROM document ORDER BY kind")]
    assert papers == [("card_payment", "70.00"), ("cash_receipt", "150.00")]


async def test_older_version_is_noted_and_does_not_turn_the_stage_back(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.departed", order, 3)
    fake.emit("delivery.picked_up", order, 2)
    await fake.until(lambda: len(fake.acked) == 2)
    assert onec.store.value("SELECT stage FROM order_card WHERE ref = ?", order["ref"]) == "en_route"
    assert onec.store.value("SELECT count(*) FROM event WHERE in_order = 0") == 1


async def test_refused_type_is_answered_with_its_reason(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    onec.switches.change({"reject_type": "delivery.departed", "reject_retry": True})
    event = fake.emit("delivery.departed", first_order(onec), 3)
    await fake.until(lambda: bool(fake.acked))
    assert fake.acked[event["id"]] == "rejected:object_locked:True"
    assert onec.store.value("SELECT count(*) FROM event") == 0


async def test_finished_command_of_an_event_shows_in_the_form(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    onec.switches.hold_sender = True
    onec.edit_order(order["ref"], {"comment": "ещё не ушёл"})
    fake.objects.clear()
    pressed = await onec.press(order["ref"], "delivery.set_price", {"delivery_price": "1.00"}, {}, {})
    assert pressed["command"]["status"] == "waiting"
    key = pressed["command"]["id"]
    fake.emit("command.finished", order, 1, {"id": key, "status": "done", "result": {}})
    await fake.until(lambda: onec.command(key)["status"] == "done")


async def test_odd_values_and_mark_of_byte_order_are_on_the_wire(fake: FakePosrednik, onec: Onec) -> None:
    onec.switches.change({"odd_values": True, "bom": True})
    await onec.start()
    await drained(fake, onec)
    assert fake.bodies[0].startswith(b"\xef\xbb\xbf")
    order = next(item for (kind, _), item in fake.objects.items() if kind == "order")
    assert order["data"]["receipt"] in ("Да", "Нет")
    assert "." not in order["data"]["lines"][0]["sum"]


async def test_double_press_and_bulk_orders_by_the_api(fake: FakePosrednik, onec: Onec, tmp_path: Path) -> None:
    await onec.start()
    runner, url = await served(routes.application(onec, Drills(onec, tmp_path)))
    async with ClientSession() as session:
        made = await (await session.post(f"{url}/api/orders", json={"count": 20, "ready": True})).json()
        assert len({item["number"] for item in made["orders"]}) == 20
        await fake.until(lambda: len(fake.commands) == 20)
        ref = made["orders"][0]["ref"]
        twice = await (await session.post(f"{url}/api/orders/{ref}/price", json={"delivery_price": "1 350"})).json()
        assert twice["command"]["data"]["delivery_price"] == "1350.00"
        twice = await (await session.post(f"{url}/api/orders/{ref}/ready", json={"double": True})).json()
        assert twice["second"]["command"]["id"] != twice["command"]["id"]
        wrong = await session.post(f"{url}/api/orders/{ref}/price", json={"delivery_price": "много"})
        assert wrong.status == 400
        assert (await session.post(f"{url}/api/orders/nothing/ready", json={})).status == 404
        state = await (await session.get(f"{url}/api/state")).json()
        assert (state["online"], state["orders"]) == (True, 23)
        form = await (await session.get(f"{url}/api/orders/{ref}")).json()
        assert len(form["commands"]) == 4
    await runner.cleanup()


def test_pause_grows_to_its_limit() -> None:
    assert [pause_after(n) for n in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert pause_after(50) == 30.0


def test_base_is_durable_on_every_commit(tmp_path: Path) -> None:
    onec = a_base(tmp_path)
    assert onec.store.value("PRAGMA synchronous") == 2
    with sqlite3.connect(tmp_path / "onec.sqlite3") as other:
        assert other.execute("SELECT count(*) FROM order_card").fetchone()[0] == 3
    other.close()
    onec.store.close()


async def test_missing_numbers_of_events_are_listed(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    fake.emit("delivery.picked_up", order, 2)["number"] = 3
    fake.emit("delivery.departed", order, 3)["number"] = 5
    await fake.until(lambda: len(fake.acked) == 2)
    state = views.state(onec)
    assert state["gaps"] == [1, 2, 4]
    assert state["applied"][order["ref"]]["versions"] == [2, 3]


async def test_return_of_a_part_leaves_the_stage_and_of_all_turns_it(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    order = first_order(onec)
    stored = onec.store.object("order", order["ref"])
    assert stored is not None
    lines = stored["data"]["lines"]
    fake.emit("delivery.handed_over", order, 4)
    fake.emit("delivery.customer_returned", order, 5, {"lines": [lines[0] | {"quantity": "0.001"}], "refund": "10.00"})
    await fake.until(lambda: len(fake.acked) == 2)
    stage = "SELECT stage FROM order_card WHERE ref = ?"
    assert onec.store.value(stage, order["ref"]) == "handed_over"
    fake.emit("delivery.customer_returned", order, 6, {"lines": lines})
    await fake.until(lambda: len(fake.acked) == 3)
    assert onec.store.value(stage, order["ref"]) == "returned"
    assert onec.store.value("SELECT count(*) FROM document WHERE kind = 'cash_refund'") == 1


async def test_slice_asked_for_is_registered_and_sent_again(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    fake.objects.clear()
    fake.emit("exchange.send_slice", {"ref": "", "number": ""}, 1, {"kind": "product", "slice": ""})
    await fake.until(lambda: len(fake.objects) == len(words.PRODUCTS))
    assert {kind for kind, _ in fake.objects} == {"product"}


async def test_no_command_leaves_before_its_order(fake: FakePosrednik, onec: Onec) -> None:
    onec.create_orders(300, ready=True)
    await onec.start()
    await drained(fake, onec)
    assert len(fake.commands) == 300
    assert {command["status"] for command in fake.commands.values()} == {"done"}
    numbers = [
        item["data"]["number"]
        for body in fake.bodies
        for item in json.loads(body)["objects"]
        if item["kind"] == "order"
    ]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("known", [True, False])
async def test_documents_name_the_courier_only_by_a_ref_of_the_base(onec: Onec, known: bool) -> None:
    order = first_order(onec)
    courier = next(iter(onec.store.names("courier"))) if known else "Петров, внештатный"
    data = {"lines": [], "amount_taken": 150, "payment_method": "cash", "courier": courier}
    event = {"id": "e-1", "number": 1, "type": "delivery.handed_over", "version": 1, "data": data}
    subject = {"kind": "delivery", "id": "d", "order_ref": order["ref"]}
    accepted, _ = onec.receiver._apply_all([event | {"subject": subject}])
    assert accepted == ["e-1"]
    (receipt,) = onec.store.names("cash_receipt").values()
    assert receipt.get("courier") == (courier if known else None)
    assert receipt["sum"] == "150.00"


async def test_two_senders_at_once_count_once(fake: FakePosrednik, onec: Onec, tmp_path: Path) -> None:
    await onec.start()
    await drained(fake, onec)
    onec.switches.hold_sender = True
    onec.edit_order(first_order(onec)["ref"], {"comment": "дважды"})
    result = await Drills(onec, tmp_path).run("twin", {})
    assert sorted(answer["status"] for answer in result["answers"]) == ["accepted", "duplicate"]
    assert onec.outbox.counts()["objects"] == 0
    with pytest.raises(ValueError, match="нечего"):
        await Drills(onec, tmp_path).run("twin", {})


async def test_gap_and_number_ahead_of_time_leave_holes_and_go_on(
    fake: FakePosrednik, onec: Onec, tmp_path: Path
) -> None:
    await onec.start()
    await drained(fake, onec)
    drills = Drills(onec, tmp_path)
    await drills.run("gap", {"count": 2})
    assert (await drills.run("out_of_order", {}))["status"] == 200
    onec.edit_order(first_order(onec)["ref"], {"comment": "после дыры"})
    await drained(fake, onec)
    assert sorted(fake.hashes) == [1, 4, 5, 6]
    assert [json.loads(body)["number"] for body in fake.bodies] == [1, 5, 4, 6]


async def test_silent_service_does_not_hold_the_manager_longer_than_the_limit(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    onec.button_limit_s = 0.1
    fake.silent_s = 0.5
    ref = first_order(onec)["ref"]
    async with asyncio.timeout(0.4):
        pressed = await onec.press(ref, "delivery.set_price", {"delivery_price": "1.00"}, {}, {})
    assert pressed["saved"]
    fake.silent_s = 0.0
    await drained(fake, onec)
    assert list(fake.commands) == [pressed["command"]["id"]]
