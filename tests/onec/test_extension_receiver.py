"""The extension's receiver: each event once, in its transaction, acknowledged, refused in words, read again."""

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.extension import ACK, OUTGOING, Base, Clock, Said, Service

Json = dict[str, Any]
ORDER = "0a000000-0000-4000-8000-000000000001"


def event(number: int, type_: str = "delivery.picked_up", version: int = 1, /, **data: Any) -> Json:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), "number": number, "type": type_, "version": version,
        "subject": {"kind": "delivery", "id": "d1", "order_ref": ORDER, "order_number": "77"},
        "occurred_at": "2026-11-23T09:00:00Z", "data": data,
    }  # fmt: skip


def batch(*events: Json) -> Said:
    return Said(200, {"batch": str(uuid.uuid4()), "events": list(events)})


def take(base: Base, *events: Json) -> Json:
    return base.call("кд_Прием.ПрименитьСобытия", list(events))  # type: ignore[no-any-return]


# -- asking and acknowledging


def test_a_batch_is_applied_and_acknowledged_under_its_name(base: Base, service: Service) -> None:
    told = batch(event(1), event(2, "sale.made"))
    service.then(OUTGOING, told)
    assert base.call("кд_Прием.Шаг", 20) == 0
    (asked,) = service.of(OUTGOING)
    assert {name: asked.params[name] for name in ("limit", "wait", "known", "base")} == {
        "limit": "100", "wait": "20", "known": "0", "base": base.setting("ИдентификаторБазы"),
    }  # fmt: skip
    (ack,) = service.of(ACK)
    assert ack.body["batch"] == told.body["batch"]
    assert ack.body["accepted"] == [event(1)["id"], event(2)["id"]]
    assert ack.body["rejected"] == []
    assert all(row["Подтверждено"] > 0 for row in base.rows("кд_ПринятыеСобытия"))
    base.call("кд_Прием.Шаг", 0)
    assert service.of(OUTGOING)[1].params["known"] == "2"


def test_a_base_that_posrednik_does_not_know_asks_for_nothing(tmp_path: Path, service: Service) -> None:
    base = Base(tmp_path, service, Clock(), known=False)
    assert base.call("кд_Прием.Шаг", 0) == 30
    assert service.asked == []
    base.touch("product", "p1")
    base.step()
    assert base.call("кд_Прием.Шаг", 0) == 0


def test_a_pushed_base_asks_for_nothing(base: Base, service: Service) -> None:
    base.set(СпособПриема="push")
    assert base.call("кд_Прием.Шаг", 0) == 30
    assert service.asked == []


def test_failures_have_growing_pauses_and_an_error_of_their_own(base: Base, service: Service) -> None:
    service.then(OUTGOING, Said(503, {"title": "занят"}), Said(0), Said(200, b"?"))
    pauses = []
    for _ in range(3):
        pauses.append(base.call("кд_Прием.Шаг", 0))
        assert base.setting("ОшибкаПриема") != ""
        base.clock.pass_(minutes=1)
    assert pauses == [1, 2, 4]
    assert base.call("кд_Прием.Шаг", 0) == 0
    assert base.setting("ОшибкаПриема") == base.setting("ПоследняяОшибка") == ""


def test_an_acknowledgement_that_was_not_taken_lets_the_events_come_again_once(base: Base, service: Service) -> None:
    service.then(OUTGOING, batch(event(1)), batch(event(1)))
    service.then(ACK, Said(0))
    assert base.call("кд_Прием.Шаг", 0) > 0
    (row,) = base.rows("кд_ПринятыеСобытия")
    assert row["Подтверждено"] == 0
    base.clock.pass_(minutes=1)
    assert base.call("кд_Прием.Шаг", 0) == 0
    (row,) = base.rows("кд_ПринятыеСобытия")
    assert (row["Повторов"], row["Подтверждено"] > 0) == (2, True)
    assert len(base.objects.applied) == 1


def test_the_job_ends_when_answers_come_without_waiting(base: Base, service: Service) -> None:
    base.call("кд_Прием.ВыполнитьЗадание")
    assert len(service.of(OUTGOING)) == 1


# -- once


@pytest.mark.parametrize("point", ["applied", "before-commit"])
def test_a_kill_before_the_commit_leaves_nothing_and_the_event_comes_again(base: Base, point: str) -> None:
    base.base.kill_at(point)
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Прием.ПрименитьСобытия", [event(1)])
    assert base.rows("кд_ПринятыеСобытия") == base.rows("кд_ДокументыСобытий") == []
    assert take(base, event(1))["accepted"] == [event(1)["id"]]
    assert len(base.rows("кд_ДокументыСобытий")) == 1


def test_a_kill_between_the_commit_and_the_acknowledgement_makes_no_second_document(
    base: Base, service: Service
) -> None:
    service.then(OUTGOING, batch(event(1)), batch(event(1)))
    base.base.kill_at("after-commit", 1)
    with pytest.raises(KilledHere):
        base.base.session().call("кд_Прием.ПрименитьСобытия", [event(1)])
    assert len(base.rows("кд_ДокументыСобытий")) == 1
    assert base.call("кд_Прием.Шаг", 0) == 0
    assert service.of(ACK)[0].body["accepted"] == [event(1)["id"]]
    assert len(base.objects.applied) == 1


def test_two_sessions_with_the_same_event_apply_it_once(base: Base) -> None:
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(base.base.session().call("кд_Прием.ПрименитьСобытия", [event(1)])))
        for _ in range(3)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 3
    assert len(base.objects.applied) == 1


def test_a_known_event_under_another_number_is_known_and_renumbered(base: Base) -> None:
    take(base, event(5))
    renumbered = event(5) | {"number": 9}
    assert take(base, renumbered)["accepted"] == [event(5)["id"]]
    (row,) = base.rows("кд_ПринятыеСобытия")
    assert (row["Номер"], row["Повторов"]) == (9, 2)


def test_an_event_that_comes_after_a_newer_one_says_so(base: Base) -> None:
    take(base, event(2, "delivery.departed", 5), event(1, "delivery.picked_up", 4))
    assert [row["ПоПорядку"] for row in base.rows("кд_ПринятыеСобытия", "Номер")] == [0, 1]


# -- refusals


def test_a_refusal_is_told_in_its_code_and_words_and_the_rest_is_applied(base: Base, service: Service) -> None:
    base.objects.refusals["sale.made"] = "[not_posted] Не хватает товара «Термос»: есть 1, нужно 2"
    service.then(OUTGOING, batch(event(1), event(2, "sale.made"), event(3)))
    assert base.call("кд_Прием.Шаг", 0) == 0
    (ack,) = service.of(ACK)
    assert ack.body["accepted"] == [event(1)["id"], event(3)["id"]]
    assert ack.body["rejected"] == [{
        "id": event(2)["id"], "code": "not_posted", "message": "Не хватает товара «Термос»: есть 1, нужно 2",
        "retry": False,
    }]  # fmt: skip
    assert {row["Событие"] for row in base.rows("кд_ДокументыСобытий")} == {event(1)["id"], event(3)["id"]}
    (row,) = base.rows("кд_ОтклоненныеСобытия")
    assert (row["Код"], row["Раз"], row["Повторять"]) == ("not_posted", 1, 0)


def test_a_lock_asks_for_the_event_again_however_often_and_is_forgotten_when_it_passes(base: Base) -> None:
    base.objects.refusals["sale.made"] = "Конфликт блокировок при выполнении транзакции"
    for _ in range(5):
        (refused,) = take(base, event(1, "sale.made"))["rejected"]
        assert (refused["code"], refused["retry"]) == ("object_locked", True)
    assert base.rows("кд_ОтклоненныеСобытия")[0]["Раз"] == 5
    base.objects.refusals.clear()
    assert take(base, event(1, "sale.made"))["accepted"]
    assert base.rows("кд_ОтклоненныеСобытия") == []


def test_an_error_nobody_expected_is_tried_three_times_and_then_given_to_a_person(base: Base) -> None:
    base.objects.refusals["sale.made"] = "Деление на 0"
    told = [take(base, event(1, "sale.made"))["rejected"][0] for _ in range(3)]
    assert [(one["code"], one["retry"]) for one in told] == [("error", True), ("error", True), ("error", False)]
    assert "Деление на 0" in told[0]["message"]
    assert any("Деление на 0" in str(line) for line in base.base.log)


def test_an_event_without_a_type_stops_nobody(base: Base) -> None:
    said = take(base, {"id": "1", "number": 1, "data": {}}, event(2))
    assert said["accepted"] == [event(2)["id"]]
    assert [(one["id"], one["code"], one["retry"]) for one in said["rejected"]] == [("1", "cannot_apply", False)]


# -- after a restore


def test_a_restored_base_reads_again_what_it_has_forgotten_and_makes_no_second_document(
    base: Base, service: Service
) -> None:
    take(base, event(1))
    base.set(ПеречитатьСобытия="Да")
    service.then(OUTGOING, batch(event(2), event(3)), batch(event(4)), batch(), batch())
    assert base.call("кд_Прием.Шаг", 20) == 0
    asked = [(one.params.get("after"), one.params.get("known"), one.params["wait"]) for one in service.of(OUTGOING)]
    assert asked == [("1", None, "0"), ("3", None, "0"), ("4", None, "0"), (None, "4", "20")]
    assert base.setting("ПеречитатьСобытия") == ""
    assert len(base.objects.applied) == 4


def test_a_reading_that_is_cut_off_goes_on_where_it_was(base: Base, service: Service) -> None:
    base.set(ПеречитатьСобытия="Да")
    service.then(OUTGOING, batch(event(1)), Said(0))
    assert base.call("кд_Прием.Шаг", 0) > 0
    assert base.setting("ПеречитатьСобытия") == "Да"
    base.clock.pass_(minutes=1)
    base.call("кд_Прием.Шаг", 0)
    assert service.of(OUTGOING)[2].params["after"] == "1"
    assert base.setting("ПеречитатьСобытия") == ""


def test_events_that_are_refused_again_do_not_keep_the_reading_going(base: Base, service: Service) -> None:
    base.set(ПеречитатьСобытия="Да")
    base.objects.refusals["sale.made"] = "[cannot_apply] нет"
    service.then(OUTGOING, batch(event(1, "sale.made")))
    assert base.call("кд_Прием.Шаг", 0) == 0
    assert base.setting("ПеречитатьСобытия") == ""


def test_a_pushed_base_reads_again_too(base: Base, service: Service) -> None:
    base.set(ПеречитатьСобытия="Да", СпособПриема="push")
    service.then(OUTGOING, batch(event(1)))
    assert base.call("кд_Прием.Шаг", 0) == 30
    assert len(base.objects.applied) == 1


# -- what events do besides documents


def test_a_finished_command_is_shown_with_its_result(base: Base) -> None:
    key = base.command("delivery.ready", ORDER)
    take(base, event(1, "command.finished", id=key, status="rejected", code="cancelled", message="Заказ отменён"))
    (row,) = base.rows("кд_Команды")
    assert (row["Состояние"], row["Способ"], row["Сообщение"]) == ("rejected", "event", "Заказ отменён")
    assert base.objects.applied == []


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("delivery.picked_up", "picked_up"), ("delivery.departed", "en_route"), ("delivery.retried", "picked_up"),
        ("delivery.handed_over", "handed_over"), ("delivery.not_delivered", "not_delivered"),
        ("delivery.returned", "returned"), ("delivery.cancelled", "cancelled"), ("delivery.withdrawn", "withdrawn"),
    ],
)  # fmt: skip
def test_the_stage_is_shown(base: Base, kind: str, stage: str) -> None:
    take(base, event(1, kind, 3))
    (row,) = base.rows("кд_Доставки")
    assert (row["Заказ"], row["Стадия"], row["ВерсияСтадии"], row["Доставка"]) == (ORDER, stage, 3, "d1")


def test_an_older_stage_does_not_cover_a_newer_one(base: Base) -> None:
    take(base, event(1, "delivery.handed_over", 4), event(2, "delivery.departed", 3))
    assert base.rows("кд_Доставки")[0]["Стадия"] == "handed_over"


def test_a_return_of_some_lines_leaves_a_handed_over_delivery_as_it_is(base: Base) -> None:
    base.objects.put("order", ORDER, lines=[{"quantity": "2"}, {"quantity": "1.5"}, {"quantity": 9, "cancelled": True}])
    take(base, event(1, "delivery.handed_over", 4))
    take(base, event(2, "delivery.returned", 5, lines=[{"quantity": "1"}]))
    assert base.rows("кд_Доставки")[0]["Стадия"] == "handed_over"
    take(base, event(3, "delivery.returned", 6, lines=[{"quantity": "2"}, {"quantity": "1.5"}]))
    assert base.rows("кд_Доставки")[0]["Стадия"] == "returned"


def test_a_slice_is_sent_again_when_it_is_asked_for(base: Base) -> None:
    base.objects.put("order", "o1", month="2026-11")
    base.objects.put("order", "o2", month="2026-10")
    take(base, event(1, "exchange.send_slice", kind="order", slice="2026-11"))
    assert base.dirty() == ["o1"]
