"""The extension's sender when something was restored, moved or copied, and beside another sender."""

import threading
import uuid
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.extension import (
    EPOCHS,
    MESSAGES,
    STATE,
    Asked,
    Base,
    Said,
    Service,
)

Json = dict[str, Any]


def press(base: Base, kind: str, ref: str, card: Json | None = None, **data: Any) -> Json:
    return base.call("кд_Команды.Нажать", kind, ref, {"order": ref, **data}, card or {"Готов": True})


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
        go.wait(60)
        return service._messages(asked)

    service.then(MESSAGES, hold)
    job = threading.Thread(target=lambda: base.base.session().call("кд_Отправка.ВыполнитьЗадание"))
    job.start()
    assert begun.wait(60)
    assert base.call("кд_Отправка.ОтправитьСейчас") == {
        "Успешно": False, "Текст": "Отправка уже идет в другом сеансе.",
    }  # fmt: skip
    go.set()
    job.join(60)
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
