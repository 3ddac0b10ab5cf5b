"""The extension's sender on the wire: the same bytes until an answer, restores, refusals, buttons."""

import json
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.extension import (
    BASE,
    COMMANDS,
    MESSAGES,
    STATE,
    TOKEN,
    Asked,
    Base,
    Said,
    Service,
    accepted,
)

Json = dict[str, Any]
DOWN = Said(503, {"title": "Сервис занят"})


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
