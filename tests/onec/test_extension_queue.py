"""The extension's queue: what is registered, packed, numbered, taken away and kept."""

import hashlib
import json
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.bsl.native import KilledHere
from tests.onec.extension import Base, Clock, accepted

Json = dict[str, Any]


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path, None, Clock())


def acknowledge(base: Base, message: Json, **more: Any) -> None:
    base.call("кд_Очередь.Подтвердить", message, accepted(message["Номер"], **more))


def packed(base: Base) -> Json:
    found = base.pack()
    assert found is not None
    return found


def body_of(message: Json) -> Json:
    return json.loads(message["Тело"])  # type: ignore[no-any-return]


# -- packing


def test_a_message_holds_its_head_objects_and_commands_and_its_bytes_are_stored(base: Base) -> None:
    base.touch("product", "p1", name="Термос")
    command = base.command("delivery.ready", "o9")
    message = packed(base)
    body = body_of(message)
    assert body["base"] == base.setting("ИдентификаторБазы")
    assert body["epoch"] == base.setting("Эпоха")
    assert body["instance"] == base.setting("ЭкземплярБазы")
    assert body["number"] == 1
    assert body["sent_at"] == "2026-11-23T12:00:00+03:00"
    assert body["objects"] == [
        {
            "kind": "product",
            "ref": "p1",
            "version": "p1-1",
            "deleted": False,
            "posted": True,
            "data": {"name": "Термос"},
        }
    ]
    assert [(one["id"], one["type"], one["data"]) for one in body["commands"]] == [
        (command, "delivery.ready", {"order": "o9"})
    ]
    assert body["commands"][0]["issued_by"] == "Менеджер Анна"
    assert message["Хеш"] == hashlib.sha256(message["Тело"].encode()).hexdigest()


def test_one_message_at_a_time_and_the_next_number_after_it(base: Base) -> None:
    base.touch("product", "p1")
    first = packed(base)
    base.touch("product", "p2")
    assert packed(base) == first
    acknowledge(base, first)
    assert packed(base)["Номер"] == 2


def test_references_leave_before_what_needs_them_and_the_urgent_first_of_all(base: Base) -> None:
    base.touch("order", "o1")
    base.touch("product", "p1")
    base.touch("order", "o2", urgent=True)
    assert [one["ref"] for one in body_of(packed(base))["objects"]] == ["o2", "p1", "o1"]


def test_nothing_to_send_is_no_message(base: Base) -> None:
    assert base.pack() is None
    assert base.setting("ПоследнийНомер") == "0"


def test_a_message_holds_at_most_two_hundred_objects_and_two_hundred_commands(base: Base) -> None:
    for number in range(201):
        base.touch("product", f"p{number:03}")
        base.command("delivery.ready", f"x{number}")
    first = body_of(packed(base))
    assert len(first["objects"]) == 200
    assert len(first["commands"]) == 200
    acknowledge(base, packed(base))
    second = body_of(packed(base))
    # The answer named no command, so all of them are asked for again, in their order.
    assert len(second["objects"]) == 1
    assert second["commands"][0]["id"] == first["commands"][0]["id"]


def test_a_message_stays_under_a_megabyte_but_for_an_object_that_is_larger_itself(base: Base) -> None:
    for ref, size in (("p1", 300_000), ("p2", 150_000), ("p3", 600_000), ("p4", 10)):
        base.touch("product", ref, name="ы" * size)
    sizes, refs = [], []
    while (message := base.pack()) is not None:
        sizes.append(len(message["Тело"].encode()))
        refs.append([one["ref"] for one in body_of(message)["objects"]])
        acknowledge(base, message)
    assert refs == [["p1", "p2"], ["p3"], ["p4"]]
    assert sizes[0] < 1_000_000 < sizes[1]


def test_a_command_does_not_overtake_its_changed_order(base: Base) -> None:
    for number in range(200):
        base.touch("product", f"p{number:03}")
    base.touch("order", "o1")
    later = base.command("delivery.ready", "o1")
    other = base.command("delivery.ready", "o2")
    first = body_of(packed(base))
    assert [one["id"] for one in first["commands"]] == [other]
    acknowledge(base, packed(base), commands=[{"id": other, "status": "done"}])
    second = body_of(packed(base))
    assert [one["ref"] for one in second["objects"]] == ["o1"]
    assert [one["id"] for one in second["commands"]] == [later]


def test_an_order_that_changes_while_it_is_described_goes_again_before_its_command(base: Base) -> None:
    base.touch("order", "o1")

    def press(name: str, ref: str) -> None:
        base.objects.when_described.clear()
        other = base.base.session()
        other.call("кд_Регистрация.ОтметитьИзменение", name, ref)
        other.call("кд_Очередь.ДобавитьКоманду", "delivery.ready", ref, {"order": ref})

    base.objects.when_described.append(press)
    first = packed(base)
    assert body_of(first)["commands"] == []
    acknowledge(base, first)
    second = body_of(packed(base))
    assert [one["ref"] for one in second["objects"]] == ["o1"]
    assert len(second["commands"]) == 1


def test_an_object_with_nothing_to_send_leaves_the_queue_and_holds_nobody(base: Base) -> None:
    for number in range(250):
        base.objects.known["Справочник.Номенклатура", f"g{number:03}"] = None
        base.call("кд_Регистрация.ОтметитьИзменение", "Справочник.Номенклатура", f"g{number:03}")
    base.touch("order", "o1")
    message = packed(base)
    assert [one["ref"] for one in body_of(message)["objects"]] == ["o1"]
    assert message["Номер"] == 1
    acknowledge(base, message)
    assert base.dirty() == []


def test_two_sessions_that_pack_at_once_make_one_message(base: Base) -> None:
    base.touch("product", "p1")
    found: list[Json] = []

    def pack() -> None:
        found.append(base.base.session().call("кд_Очередь.Упаковать"))

    threads = [threading.Thread(target=pack) for _ in range(2)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert len(base.rows("кд_ИсходящиеСообщения")) == 1
    assert base.setting("ПоследнийНомер") == "1"
    assert len(found) == 2


def test_a_kill_before_the_commit_leaves_no_number_and_no_message(base: Base) -> None:
    base.touch("product", "p1")
    base.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Очередь.Упаковать")
    assert base.setting("ПоследнийНомер") == "0"
    assert base.rows("кд_ИсходящиеСообщения") == []
    assert packed(base)["Номер"] == 1


# -- a poisoned object


def test_an_object_that_cannot_be_described_is_told_without_its_data_and_stops_nobody(base: Base) -> None:
    base.touch("product", "good")
    base.touch("product", "bad")
    base.objects.known["Справочник.Номенклатура", "bad"] = "Поле объекта не обнаружено (Единица)"
    message = packed(base)
    told = {one["ref"]: one for one in body_of(message)["objects"]}
    assert told["good"]["data"] == {}
    assert told["bad"]["kind"] == "product"
    assert list(told["bad"]["data"]) == ["export_error"]
    assert "Единица" in told["bad"]["data"]["export_error"]
    quarantined = [{"index": 1, "kind": "product", "ref": "bad", "code": "missing_field", "message": "name"}]
    acknowledge(base, message, quarantined=quarantined)
    (row,) = base.rows("кд_Карантин")
    assert (row["Вид"], row["Идентификатор"], row["Код"]) == ("product", "bad", "cannot_describe")
    assert base.dirty() == []
    assert base.pack() is None
    assert any("Единица" in str(one) for one in base.base.log)

    base.touch("product", "bad")
    acknowledge(base, packed(base))
    assert base.rows("кд_Карантин") == []


def test_a_poisoned_price_is_told_under_the_ref_it_would_have(base: Base) -> None:
    product, kind = str(uuid.uuid4()), str(uuid.uuid4())
    base.objects.known["РегистрСведений.ЦеныНоменклатуры", f"{product}||{kind}"] = "Деление на 0"
    base.call("кд_Регистрация.ОтметитьИзменение", "РегистрСведений.ЦеныНоменклатуры", f"{product}||{kind}")
    (told,) = base.packed()["objects"]
    assert told["ref"] == str(uuid.uuid5(uuid.UUID(product), kind))


def test_an_object_that_somebody_holds_stays_in_the_queue_without_holding_the_others(base: Base) -> None:
    base.touch("product", "busy")
    base.touch("product", "free")
    base.objects.known["Справочник.Номенклатура", "busy"] = "Конфликт блокировок при выполнении транзакции"
    message = packed(base)
    assert [one["ref"] for one in body_of(message)["objects"]] == ["free"]
    acknowledge(base, message)
    assert base.dirty() == ["busy"]
    assert base.rows("кд_Карантин") == []


# -- what an answer does


def test_an_edit_made_while_the_message_travels_survives_its_acknowledgement(base: Base) -> None:
    base.touch("product", "p1")
    base.touch("product", "p2")
    message = packed(base)
    base.touch("product", "p1", name="иначе")
    acknowledge(base, message)
    assert base.dirty() == ["p1"]


def test_what_was_refused_is_in_quarantine_until_a_good_version_goes(base: Base) -> None:
    base.touch("product", "p1")
    message = packed(base)
    refused = {"index": 0, "kind": "product", "ref": "p1", "code": "unreadable_value", "message": "цена"}
    acknowledge(base, message, quarantined=[refused])
    (row,) = base.rows("кд_Карантин")
    assert (row["Код"], row["Сообщение"], row["Номер"]) == ("unreadable_value", "цена", 1)
    assert base.dirty() == []
    base.touch("product", "p1")
    acknowledge(base, packed(base))
    assert base.rows("кд_Карантин") == []


def test_results_of_commands_are_kept_with_where_they_came_from(base: Base) -> None:
    keys = {way: base.command("delivery.ready", f"o-{way}") for way in ("message", "button", "event")}
    for way in ("button", "event"):
        base.in_transaction(
            "кд_Очередь.ЗаписатьРезультатКоманды", {"id": keys[way], "status": "rejected", "code": "c"}, way
        )
    acknowledge(base, packed(base), commands=[{"id": keys["message"], "status": "waiting", "message": "ждёт"}])
    found = {row["Идентификатор"]: row for row in base.rows("кд_Команды")}
    assert [found[keys[way]]["Способ"] for way in keys] == ["message", "button", "event"]
    assert [found[keys[way]]["Состояние"] for way in keys] == ["waiting", "rejected", "rejected"]


def test_a_late_waiting_does_not_undo_what_an_event_has_finished(base: Base) -> None:
    key = base.command("delivery.ready", "o1")
    message = packed(base)
    base.in_transaction("кд_Очередь.ЗаписатьРезультатКоманды", {"id": key, "status": "done"}, "event")
    acknowledge(base, message, commands=[{"id": key, "status": "waiting"}])
    (row,) = base.rows("кд_Команды")
    assert (row["Состояние"], row["Способ"]) == ("done", "event")


def test_a_command_that_the_answer_does_not_name_is_asked_for_again_as_it_was(base: Base) -> None:
    base.command("delivery.ready", "o1")
    first = packed(base)
    base.clock.pass_(hours=1)
    acknowledge(base, first)
    assert body_of(packed(base))["commands"] == body_of(first)["commands"]


def test_an_answer_shows_the_delivery_unless_something_newer_is_known(base: Base) -> None:
    base.call("кд_Команды.Записать", "delivery.ready", "o1", {"order": "o1"}, {"Готов": True}, {})
    key = base.rows("кд_Команды")[0]["Идентификатор"]

    def told(version: int, stage: str) -> None:
        delivery = {"id": "d1", "version": version, "stage": stage, "amount_due": "10.00", "courier": {"ref": "c1"}}
        result = {"id": key, "status": "done", "result": {"delivery": delivery}}
        base.in_transaction("кд_Очередь.ЗаписатьРезультатКоманды", result, "event")

    told(3, "ready")
    told(2, "old")
    (row,) = base.rows("кд_Доставки")
    assert (row["Стадия"], row["ВерсияСтадии"], row["СуммаКПолучению"], row["Курьер"]) == ("ready", 3, "10.00", "c1")
    assert row["Готов"] == 1


# -- numbers


def test_after_a_restore_numbers_go_on_and_nothing_is_lost(base: Base) -> None:
    base.touch("product", "p1")
    command = base.command("delivery.ready", "o1")
    assert packed(base)["Номер"] == 1
    base.call("кд_Очередь.ПродолжитьС", 7)
    again = packed(base)
    assert again["Номер"] == 8
    assert [one["ref"] for one in body_of(again)["objects"]] == ["p1"]
    assert [one["id"] for one in body_of(again)["commands"]] == [command]
    assert [row["Состояние"] for row in base.rows("кд_ИсходящиеСообщения", "Номер")] == ["dropped", "waiting"]
    assert base.setting("ПеречитатьСобытия") == "Да"


def test_a_message_above_the_accepted_number_is_kept_as_it_is(base: Base) -> None:
    base.set(ПоследнийНомер=7)
    base.touch("product", "p1")
    message = packed(base)
    base.call("кд_Очередь.ПродолжитьС", 7)
    assert packed(base) == message


def test_a_new_epoch_begins_its_numbers_and_packs_what_was_on_its_way_anew(base: Base) -> None:
    base.touch("product", "p1")
    packed(base)
    epoch = str(uuid.uuid4())
    base.call("кд_Очередь.НачатьЭпоху", epoch, 0)
    body = body_of(packed(base))
    assert (body["epoch"], body["number"]) == (epoch, 1)


def test_too_large_a_message_is_made_smaller_under_its_number_and_grows_again(base: Base) -> None:
    for number in range(8):
        base.touch("product", f"p{number}")
    first = packed(base)
    base.call("кд_Упаковка.УменьшитьСообщение", first, "413")
    half = packed(base)
    assert half["Номер"] == 1
    assert len(body_of(half)["objects"]) == 4
    sizes = []
    while (message := base.pack()) is not None:
        sizes.append(len(body_of(message)["objects"]))
        acknowledge(base, message)
        base.call("кд_Упаковка.УвеличитьПредел")
        for number in range(6 if len(sizes) < 6 else 0):
            base.touch("product", f"q{len(sizes)}-{number}")
    assert sizes[:2] == [4, 8]
    assert base.setting("ПределПакета") == ""


def test_an_object_that_does_not_fit_in_alone_is_told_without_its_data(base: Base) -> None:
    base.touch("product", "huge", name="x" * 100)
    base.call("кд_Упаковка.УменьшитьСообщение", packed(base), "413 слишком велико")
    message = packed(base)
    (told,) = body_of(message)["objects"]
    assert message["Номер"] == 1
    assert list(told["data"]) == ["export_error"]
    acknowledge(base, message)
    assert base.rows("кд_Карантин")[0]["Код"] == "too_large"
    assert base.dirty() == []


def test_a_command_that_does_not_fit_in_alone_is_refused_here(base: Base) -> None:
    key = base.command("backpack.load", "t1", {"lines": ["x" * 50]})
    base.call("кд_Упаковка.УменьшитьСообщение", packed(base), "413")
    (row,) = base.rows("кд_Команды")
    assert (row["Идентификатор"], row["Состояние"], row["Код"]) == (key, "rejected", "too_large")
    assert base.pack() is None


# -- keeping


def test_old_messages_and_commands_go_with_their_age_and_events_lose_only_their_text(base: Base) -> None:
    base.touch("product", "p1")
    done, waiting = base.command("delivery.ready", "o1"), base.command("delivery.ready", "o2")
    acknowledge(base, packed(base), commands=[{"id": done, "status": "done"}, {"id": waiting, "status": "waiting"}])
    event = {"id": str(uuid.uuid4()), "number": 1, "type": "shift.opened", "subject": {}, "version": 1, "data": {}}
    base.call("кд_Прием.ПрименитьСобытия", [event])
    base.clock.pass_(days=29)
    base.call("кд_Очередь.ОчиститьСтарое")
    assert len(base.rows("кд_ИсходящиеСообщения")) == 1
    assert len(base.rows("кд_Команды")) == 2
    base.clock.pass_(days=2)
    base.touch("product", "p2")
    base.pack()
    base.call("кд_Очередь.ОчиститьСтарое")
    assert [row["Состояние"] for row in base.rows("кд_ИсходящиеСообщения")] == ["waiting"]
    assert [row["Идентификатор"] for row in base.rows("кд_Команды")] == [waiting]
    (row,) = base.rows("кд_ПринятыеСобытия")
    assert row["Тело"] == ""
    assert row["Номер"] == 1


# -- whatever happens in whatever order


class AnyOrder(RuleBasedStateMachine):
    """Edits, presses, packing, lost and given answers, restores: in the end the service has the newest of all."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.base = Base(self.folder / uuid.uuid4().hex, None, Clock())
        self.version: dict[str, int] = {}
        self.pressed: set[str] = set()
        self.seen: dict[str, int] = {}
        self.taken: dict[str, list[str]] = {}
        self.last = 0
        self.bytes: dict[int, str] = {}

    @rule(ref=st.sampled_from(["o1", "o2", "o3"]))
    def edit(self, ref: str) -> None:
        self.version[ref] = self.version.get(ref, 0) + 1
        self.base.touch("order", ref, at=self.version[ref])

    @rule(ref=st.sampled_from(["o1", "o2", "o3"]))
    def press(self, ref: str) -> None:
        self.pressed.add(self.base.command("delivery.ready", ref, {"order": ref, "at": self.version.get(ref, 0)}))

    @rule(answered=st.booleans())
    def send(self, answered: bool) -> None:
        message = self.base.pack()
        if message is None:
            return
        number, text = message["Номер"], message["Тело"]
        if number > self.last:
            self._take(number, text)
        elif self.bytes[number] != text:
            self.base.call("кд_Очередь.ПродолжитьС", self.last)
            return
        if answered:
            commands = [{"id": one["id"], "status": "done"} for one in json.loads(text)["commands"]]
            self.base.call("кд_Очередь.Подтвердить", message, accepted(number, commands))

    def _take(self, number: int, text: str) -> None:
        assert number == self.last + 1, "numbers have no gap"
        self.last, self.bytes[number] = number, text
        body = json.loads(text)
        for one in body["objects"]:
            self.seen[one["ref"]] = one["data"]["at"]
        for one in body["commands"]:
            assert self.seen.get(one["data"]["order"], 0) >= one["data"]["at"], "the order comes before its command"
            self.taken.setdefault(one["id"], []).append(json.dumps(one))

    @invariant()
    def a_repeated_command_is_the_same(self) -> None:
        assert all(len(set(texts)) == 1 for texts in self.taken.values())

    def teardown(self) -> None:
        for _ in range(20):
            self.send(True)
        assert self.base.dirty() == []
        assert self.seen == self.version
        assert set(self.taken) == self.pressed


def test_whatever_happens_the_newest_of_everything_arrives_once_and_in_order(tmp_path: Path) -> None:
    machine = type("AnyOrderHere", (AnyOrder,), {"folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
