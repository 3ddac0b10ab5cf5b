"""The emulated base against the contract: what it writes, sends, repeats and takes in."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import BASE, a_base, drained, first_order, press_ready, quiet, served

from posrednik_sandbox.onec import Onec, routes, views, words
from posrednik_sandbox.onec.drills import Drills
from posrednik_sandbox.onec.opening import BAG_GOODS
from posrednik_sandbox.onec.sender import pause_after


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
    stock = len(words.COURIERS) * BAG_GOODS + len(words.STREETS) * len(words.PRODUCTS)
    goods = {"product": len(words.PRODUCTS), "price": len(words.PRODUCTS), "stock": stock}
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
    drills, last = Drills(onec, tmp_path), onec.outbox.last_number
    await drills.run("gap", {"count": 2})
    assert (await drills.run("out_of_order", {}))["status"] == 200
    onec.edit_order(first_order(onec)["ref"], {"comment": "после дыры"})
    await drained(fake, onec)
    before = list(range(1, last + 1))
    assert sorted(fake.hashes) == [*before, last + 3, last + 4, last + 5]
    assert [json.loads(body)["number"] for body in fake.bodies] == [*before, last + 4, last + 3, last + 5]


async def test_silent_service_does_not_hold_the_manager_longer_than_the_limit(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    onec.button_limit_s = 0.1
    fake.speaks.clear()
    ref = first_order(onec)["ref"]
    async with asyncio.timeout(45):
        pressed = await onec.press(ref, "delivery.set_price", {"delivery_price": "1.00"}, {}, {})
    assert pressed["saved"]
    fake.speaks.set()
    await drained(fake, onec)
    assert list(fake.commands) == [pressed["command"]["id"]]
