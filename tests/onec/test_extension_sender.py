"""The extension's sender on the wire: the same bytes until an answer, restores, refusals, buttons."""

import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.extension import (
    BASE,
    COMMANDS,
    EPOCHS,
    MESSAGES,
    STATE,
    TOKEN,
    Asked,
    Base,
    Clock,
    Said,
    Service,
    accepted,
    serving,
)

Json = dict[str, Any]
DOWN = Said(503, {"title": "Сервис занят"})


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        yield made


@pytest.fixture
def base(tmp_path: Path, service: Service) -> Base:
    return Base(tmp_path, service, Clock())


def fresh_failures(base: Base) -> None:
    base.set(НеРаньше="")


def press(base: Base, kind: str, ref: str, card: Json | None = None, **data: Any) -> Json:
    return base.call("кд_Команды.Нажать", kind, ref, {"order": ref, **data}, card or {"Готов": True})


# -- the wire


def test_a_message_goes_with_the_token_in_utf_8_without_a_mark_of_byte_order(base: Base, service: Service) -> None:
    base.touch("product", "p1", name="Ёлка «№ 5»")
    assert base.step() == 0
    (asked,) = service.of(MESSAGES)
    assert asked.method == "POST"
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Content-Type"] == "application/json; charset=utf-8"
    assert asked.raw == base.rows("кд_ИсходящиеСообщения")[0]["Тело"].encode()
    assert asked.body["objects"][0]["data"]["name"] == "Ёлка «№ 5»"
    assert base.dirty() == []
    (state,) = service.of(STATE)
    assert state.params == {
        "base": BASE, "epoch": base.setting("Эпоха"), "instance": base.setting("ЭкземплярБазы"),
    }  # fmt: skip


def test_an_address_may_have_a_port_and_a_path_and_no_scheme(base: Base) -> None:
    def taken(address: str) -> tuple[bool, str, int, str]:
        parts = base.call("кд_Транспорт.РазобратьАдрес", address)
        return parts["Защищенный"], parts["Сервер"], parts["Порт"], parts["Путь"]

    assert taken("https://posrednik.example.ru/") == (True, "posrednik.example.ru", 443, "")
    assert taken(" http://10.0.0.5:8000/kd//") == (False, "10.0.0.5", 8000, "/kd")
    assert taken("posrednik.local:8443") == (True, "posrednik.local", 8443, "")


def test_a_request_inside_a_transaction_is_a_mistake_of_the_module(base: Base) -> None:
    base.session.execute("НачатьТранзакцию();")
    with pytest.raises(Exception, match="транзакции"):
        base.call("кд_Транспорт.Запросить", "GET", "/x", None, None, 1)
    base.session.execute("ОтменитьТранзакцию();")


# -- no answer


@pytest.mark.parametrize("said", [Said(0), DOWN, Said(200, b"<html>proxy</html>"), Said(429), Said(500, b"oops")])
def test_without_an_answer_the_same_bytes_go_again_under_the_same_number(
    base: Base, service: Service, said: Said
) -> None:
    base.touch("product", "p1")
    service.then(MESSAGES, said)
    assert base.step() > 0
    assert base.setting("Остановлен") == ""
    base.touch("product", "p1", name="новее")
    fresh_failures(base)
    assert base.step() == 0
    first, second = service.of(MESSAGES)
    assert first.raw == second.raw
    assert base.dirty() == ["p1"]
    base.step(False)
    assert service.of(MESSAGES)[2].body["number"] == 2


def test_an_answer_that_was_lost_is_a_duplicate_and_counts_as_taken(base: Base, service: Service) -> None:
    base.touch("product", "p1")

    def cut(asked: Asked) -> Said:
        service.last_accepted, service.epoch = 1, asked.body["epoch"]
        return Said(0)

    service.then(MESSAGES, cut, lambda asked: Said(200, accepted(1) | {"status": "duplicate"}))
    assert base.step(False) > 0
    fresh_failures(base)
    assert base.step() == 0
    assert base.dirty() == []
    assert base.setting("ПеречитатьСобытия") == ""


def test_pauses_grow_and_the_next_try_is_not_before_its_time(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    service.then(MESSAGES, *[DOWN] * 9)
    pauses = []
    for _ in range(9):
        pauses.append(base.step(False))
        assert 0 < base.step(False) <= pauses[-1]
        base.clock.pass_(seconds=pauses[-1] + 1)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(service.of(MESSAGES)) == 9
    assert base.rows("кд_ИсходящиеСообщения")[0]["ЧислоПопыток"] == 9
    assert base.step(False) == 0
    assert base.setting("ПоследняяОшибка") == base.setting("НеудачПодряд") == ""


def test_a_pause_that_was_asked_for_is_kept(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    service.then(MESSAGES, Said(429, {"title": "Слишком часто"}, {"retry-after": "7"}))
    assert base.step(False) == 7
    service.then(MESSAGES, Said(503, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}))
    base.clock.pass_(seconds=8)
    assert base.step(False) == 2


def test_a_greeting_that_succeeds_does_not_shorten_the_pauses(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    service.then(MESSAGES, DOWN, DOWN, DOWN)
    pauses = []
    for _ in range(3):
        pauses.append(base.step(True))
        base.clock.pass_(seconds=100)
    assert pauses == [1, 2, 4]


def test_a_kill_after_the_answer_sends_the_same_bytes_again(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.base.kill_at("after-send")
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Отправка.Шаг", False)
    assert base.step() == 0
    first, second = service.of(MESSAGES)
    assert first.raw == second.raw
    assert base.dirty() == []


# -- refusals


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        (Said(409, {"code": "unknown_epoch"}), "unknown_epoch", "эпохи"),
        (Said(409, {"code": "other_instance"}), "other_instance", "копи"),
        (Said(409, {"code": "old_epoch"}), "old_epoch", "закрыта"),
        (Said(401, {"title": "Токен не подходит"}), "401", "Токен не подходит"),
        (Said(403, b"<html>no</html>"), "403", "403"),
        (Said(404, b"nothing here"), "404", "nothing here"),
        (Said(409, {"code": "message_conflict", "last_accepted": 0}), "message_conflict", "409"),
    ],
)
def test_a_refusal_stops_the_exchange_until_a_person_has_read_it(
    base: Base, service: Service, said: Said, code: str, text: str
) -> None:
    base.touch("product", "p1")
    service.then(MESSAGES, said)
    assert base.step(False) == 30
    assert base.setting("КодОстановки") == code
    assert text in base.setting("Остановлен")
    assert base.step() == 30
    assert len(service.of(MESSAGES)) == 1
    state = base.call("кд_Отправка.Состояние")
    assert state["Остановлен"] == state["ПоследняяОшибка"] != ""
    assert state["Объектов"] == 1
    base.call("кд_Отправка.ПродолжитьОбмен")
    assert base.step(False) == 0
    first, second = service.of(MESSAGES)
    assert first.raw == second.raw


def test_a_message_that_cannot_be_read_is_made_anew_under_its_number_when_a_person_goes_on(
    base: Base, service: Service
) -> None:
    base.touch("product", "p1", name="плохо")
    service.then(MESSAGES, Said(400, {"code": "malformed", "title": "Не читается"}))
    base.step(False)
    assert base.setting("КодОстановки") == "400"
    base.touch("product", "p1", name="хорошо")
    base.call("кд_Отправка.ПродолжитьОбмен")
    assert base.step(False) == 0
    body = service.of(MESSAGES)[1].body
    assert (body["number"], body["objects"][0]["data"]) == (1, {"name": "хорошо"})


def test_a_message_that_changed_in_the_base_is_not_sent(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.pack()
    base.session.execute(
        """
        Набор = РегистрыСведений.кд_ИсходящиеСообщения.СоздатьНаборЗаписей();
        Набор.Прочитать();
        Набор[0].Тело = СтрЗаменить(Набор[0].Тело, "p1", "p2");
        Набор.Записать();"""
    )
    assert base.step(False) == 30
    assert service.of(MESSAGES) == []
    base.call("кд_Отправка.ПродолжитьОбмен")
    assert base.step(False) == 0
    assert service.of(MESSAGES)[0].body["objects"][0]["ref"] == "p1"


def test_too_large_is_halved_until_it_fits_and_stops_nobody(base: Base, service: Service) -> None:
    for number in range(5):
        base.touch("product", f"p{number}")

    def most_two(asked: Asked) -> Said:
        if len(asked.body["objects"]) > 2:
            return Said(413, {"title": "Слишком много"})
        return service._messages(asked)

    service.then(MESSAGES, *[most_two] * 4)
    base.send_all()
    taken = [one.body for one in service.of(MESSAGES) if len(one.body["objects"]) <= 2]
    assert sorted(one["ref"] for body in taken for one in body["objects"]) == [f"p{number}" for number in range(5)]
    assert [body["number"] for body in taken] == [1, 2, 3]
    assert base.setting("Остановлен") == ""


# -- restores, epochs, copies


def test_a_restored_base_goes_on_behind_what_the_service_has_seen(base: Base, service: Service) -> None:
    service.last_accepted, service.epoch = 41, base.setting("Эпоха")
    base.touch("product", "p1")
    assert base.step() == 0
    assert service.of(MESSAGES)[0].body["number"] == 42
    assert base.setting("ПеречитатьСобытия") == "Да"
    assert base.dirty() == []


def test_a_restored_base_that_did_not_ask_learns_it_by_the_conflict(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    key = base.command("delivery.ready", "o9")
    conflict = {"code": "message_conflict", "last_accepted": 5, "epoch": base.setting("Эпоха")}
    service.then(MESSAGES, Said(409, conflict))
    assert base.step(False) == 0
    assert base.step(False) == 0
    body = service.of(MESSAGES)[1].body
    assert body["number"] == 6
    assert body["objects"][0]["ref"] == "p1"
    assert body["commands"][0]["id"] == key


def test_a_new_epoch_begins_on_purpose_and_a_repeat_asks_for_the_same(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.pack()
    service.then(EPOCHS, Said(0))
    assert base.call("кд_Отправка.НачатьНовуюЭпоху", "restore")["Успешно"] is False
    assert base.call("кд_Отправка.НачатьНовуюЭпоху", "restore")["Успешно"] is True
    first, second = service.of(EPOCHS)
    assert first.body["epoch"] == second.body["epoch"] == base.setting("Эпоха")
    assert second.body["reason"] == "restore"
    assert base.setting("ПеречитатьСобытия") == "Да"
    assert base.step() == 0
    assert service.of(MESSAGES)[0].body["number"] == 1


def test_an_epoch_that_is_closed_is_not_asked_for_again(base: Base, service: Service) -> None:
    service.then(EPOCHS, Said(409, {"code": "old_epoch"}))
    assert base.call("кд_Отправка.НачатьНовуюЭпоху", "restore")["Успешно"] is False
    assert base.call("кд_Отправка.НачатьНовуюЭпоху", "restore")["Успешно"] is True
    first, second = service.of(EPOCHS)
    assert first.body["epoch"] != second.body["epoch"]


def test_a_copied_base_asks_nothing_and_sends_nothing(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.base.connection = 'Srvr="test";Ref="copy";'
    assert base.step() == 30
    assert base.call("кд_Прием.Шаг", 0) == 30
    assert press(base, "delivery.ready", "o1")["Состояние"] == "queued"
    assert base.call("кд_Отправка.ПроверитьСвязь")["Успешно"] is False
    assert service.asked == []
    base.call("кд_Отправка.ПродолжитьОбмен")
    assert base.step() == 30
    assert service.asked == []


def test_a_base_that_moved_binds_its_new_instance(base: Base, service: Service) -> None:
    before = base.setting("ЭкземплярБазы")
    base.base.connection = 'Srvr="new";Ref="trade";'
    base.step()
    assert base.call("кд_Отправка.НачатьНовуюЭпоху", "move")["Успешно"] is True
    (asked,) = service.of(EPOCHS)
    assert asked.body["instance"] == base.setting("ЭкземплярБазы") != before
    assert base.setting("Остановлен") == ""
    base.touch("product", "p1")
    assert base.step() == 0


# -- one sender


def test_the_job_sends_everything_and_a_second_one_does_nothing_meanwhile(base: Base, service: Service) -> None:
    for number in range(450):
        base.touch("product", f"p{number}")
    begun, go = threading.Event(), threading.Event()

    def hold(asked: Asked) -> Said:
        begun.set()
        go.wait(5)
        return service._messages(asked)

    service.then(MESSAGES, hold)
    job = threading.Thread(target=lambda: base.base.session().call("кд_Отправка.ВыполнитьЗадание"))
    job.start()
    assert begun.wait(5)
    assert base.call("кд_Отправка.ОтправитьСейчас") == {
        "Успешно": False, "Текст": "Отправка уже идет в другом сеансе.",
    }  # fmt: skip
    go.set()
    job.join(20)
    assert [one.body["number"] for one in service.of(MESSAGES)] == [1, 2, 3]
    assert base.dirty() == []
    assert base.setting("Пульс") == ""


def test_a_sender_whose_session_died_is_replaced_at_once(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.base.kill_at("before-send")
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Отправка.ОтправитьСейчас")
    assert base.setting("Пульс") != ""
    assert base.call("кд_Отправка.ОтправитьСейчас") == {"Успешно": True, "Текст": "Все отправлено."}
    assert base.dirty() == []


def test_a_sender_that_lives_and_is_silent_is_replaced_when_its_pulse_is_old(base: Base, service: Service) -> None:
    base.touch("product", "p1")
    base.occupy()
    assert base.call("кд_Отправка.ОтправитьСейчас")["Успешно"] is False
    base.clock.pass_(minutes=3)
    assert base.call("кд_Отправка.ОтправитьСейчас")["Успешно"] is True


def test_checking_the_connection_says_what_is_wrong(base: Base, service: Service) -> None:
    assert "еще не знает" in base.call("кд_Отправка.ПроверитьСвязь")["Текст"]
    service.epoch, service.last_accepted = "x", 12345
    assert "№ 12345" in base.call("кд_Отправка.ПроверитьСвязь")["Текст"]
    service.then(STATE, Said(401, {"title": "Токен не подходит"}))
    assert base.call("кд_Отправка.ПроверитьСвязь") == {
        "Успешно": False, "Текст": "Посредник отказал: 401 Токен не подходит",
    }  # fmt: skip
    base.set(АдресСервиса="")
    assert "адрес" in base.call("кд_Отправка.ПроверитьСвязь")["Текст"]
    assert base.dirty() == []


# -- buttons


def test_a_button_sends_its_order_and_its_command_in_one_message(base: Base, service: Service) -> None:
    for number in range(300):
        base.touch("product", f"p{number}")
    base.objects.put("order", "o1", number="1")
    pressed = press(base, "delivery.ready", "o1")
    assert (pressed["Сохранено"], pressed["Состояние"], pressed["Текст"]) == (False, "done", "принято")
    (asked,) = service.of(MESSAGES)
    assert [one["ref"] for one in asked.body["objects"]] == ["o1"]
    assert [one["id"] for one in asked.body["commands"]] == [pressed["Идентификатор"]]
    assert base.rows("кд_Доставки")[0]["Готов"] == 1


def test_while_another_session_sends_a_button_asks_for_its_command_alone(base: Base, service: Service) -> None:
    base.objects.put("order", "o1", number="1")
    base.occupy()
    pressed = press(base, "delivery.set_price", "o1", {"ЦенаДоставки": "300.00"}, delivery_price="300.00")
    assert pressed["Состояние"] == "done"
    (asked,) = service.of(COMMANDS)
    assert asked.body["epoch"] == base.setting("Эпоха")
    assert asked.body["command"]["data"] == {"order": "o1", "delivery_price": "300.00"}
    assert base.rows("кд_Команды")[0]["Способ"] == "button"
    assert base.dirty() == ["o1"]


def test_a_button_without_an_answer_is_saved_and_the_queue_brings_the_very_same_command(
    base: Base, service: Service
) -> None:
    base.objects.put("order", "o1", number="1")
    base.occupy()
    service.then(COMMANDS, Said(0))
    pressed = press(base, "delivery.ready", "o1")
    assert (pressed["Сохранено"], pressed["Текст"]) == (True, "Команда сохранена и будет отправлена")
    base.clock.pass_(minutes=5)
    assert base.step() == 0
    alone, (queued,) = service.of(COMMANDS)[0].body["command"], service.of(MESSAGES)[0].body["commands"]
    assert json.dumps(alone) == json.dumps(queued)
    assert base.rows("кд_Команды")[0]["Состояние"] == "done"


def test_a_stopped_exchange_only_saves_what_is_pressed(base: Base, service: Service) -> None:
    base.set(Остановлен="причина")
    assert press(base, "delivery.ready", "o1")["Сохранено"] is True
    assert service.asked == []


def test_a_refused_command_leaves_the_delivery_as_it_was(base: Base, service: Service) -> None:
    base.objects.put("order", "o1", number="1")

    def refuse(asked: Asked) -> Said:
        (command,) = asked.body["commands"]
        said = {"id": command["id"], "status": "rejected", "code": "too_late", "message": "Заказ уже у курьера"}
        return Said(200, accepted(asked.body["number"], [said]))

    service.then(MESSAGES, refuse)
    pressed = press(base, "delivery.set_price", "o1", {"ЦенаДоставки": "500.00"}, delivery_price="500.00")
    assert (pressed["Состояние"], pressed["Текст"]) == ("rejected", "Заказ уже у курьера")
    assert base.rows("кд_Доставки")[0]["ЦенаДоставки"] == ""
    assert base.dirty() == ["o1"]


def test_a_press_is_written_wholly_or_not_at_all(base: Base, service: Service) -> None:
    base.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Команды.Нажать", "delivery.ready", "o1", {"order": "o1"}, {})
    assert base.rows("кд_Команды") == base.rows("кд_Доставки") == []
    assert base.dirty() == []


def test_without_the_right_nothing_is_written(base: Base, service: Service) -> None:
    guest = base.base.session("Гость", roles=[])
    pressed = guest.call("кд_Команды.Нажать", "delivery.ready", "o1", {"order": "o1"}, {})
    assert pressed.bsl_get("Идентификатор") == ""
    assert base.rows("кд_Команды") == []
    assert service.asked == []


def test_a_backpack_waits_for_its_transfer(base: Base, service: Service) -> None:
    base.objects.put("transfer", "t1")
    data = {"courier": "c1", "warehouse": "w1", "lines": [], "document": "t1"}
    pressed = base.call("кд_Команды.Нажать", "backpack.load", "t1", data, {"x": 1})
    assert pressed["Состояние"] == "done"
    (asked,) = service.of(MESSAGES)
    assert asked.body["objects"][0]["kind"] == "transfer"
    assert asked.body["commands"][0]["data"] == data
    assert base.rows("кд_Доставки") == []


# -- Posrednik was restored from a copy


def test_what_a_restored_posrednik_has_lost_goes_again_byte_for_byte_and_before_anything_new(
    base: Base, service: Service
) -> None:
    for number in range(1, 5):
        base.touch("product", f"p{number}")
        base.step(False)
    in_a_message = press(base, "delivery.ready", "o1")["Идентификатор"]
    base.occupy()
    ready = press(base, "delivery.ready", "o1")["Идентификатор"]
    base.send_all()
    sent = [one.raw for one in service.of(MESSAGES)]
    known = [event(number, "delivery.picked_up", f"d{number}") for number in range(1, 151)]
    base.call("кд_Прием.ПрименитьСобытия", known)
    asked = {"epoch": base.setting("Эпоха"), "after": 2, "since": None, "events_after": 20}
    base.call("кд_Прием.ПрименитьСобытия", [event(151, "exchange.send_again", "x", **asked)])
    base.touch("product", "new")
    service.asked.clear()
    service.last_accepted = 2
    base.send_all()
    again = service.of(MESSAGES)
    assert [one.raw for one in again[:3]] == sent[2:]
    assert [one["id"] for one in again[2].body["commands"]] == [in_a_message]
    assert [one["ref"] for one in again[3].body["objects"]] == ["new"]
    assert [one["id"] for one in again[3].body["commands"]] == [ready]
    told = [one["data"] for one in again[4].body["commands"]]
    assert [(len(one["events"]), one["more"]) for one in told] == [(100, True), (30, False)]
    first = told[0]["events"][0]
    assert (first["number"], first["subject"], first["order_number"]) == (21, "d21", "77")
    assert base.setting("ПовторСобытия") == base.setting("ПовторДо") == ""


def test_what_is_not_stored_any_more_is_registered_anew(base: Base, service: Service) -> None:
    for number in range(1, 4):
        base.touch("product", f"p{number}")
        base.step(False)
    base.clock.pass_(days=40)
    base.call("кд_Очередь.ОчиститьСтарое")
    asked = {"epoch": base.setting("Эпоха"), "after": 0, "since": "2026-11-01T00:00:00+03:00", "events_after": 0}
    base.call("кд_Прием.ПрименитьСобытия", [event(1, "exchange.send_again", "x", **asked)])
    service.asked.clear()
    base.send_all()
    first, compared, last = service.of(MESSAGES)
    assert sorted(one["ref"] for one in first.body["objects"]) == ["p1", "p2", "p3"]
    assert [one["type"] for one in compared.body["commands"]] == ["digest"]
    assert last.body["commands"][-1]["type"] == "sent_again"
    assert last.body["commands"][-1]["data"] == {"events": [], "more": False}


def event(number: int, kind: str, subject: str, **data: Any) -> Json:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}{kind}")), "number": number, "type": kind, "version": 1,
        "subject": {"kind": "delivery", "id": subject, "order_ref": "o1", "order_number": "77"},
        "occurred_at": "2026-11-23T09:00:00Z", "data": data,
    }  # fmt: skip
