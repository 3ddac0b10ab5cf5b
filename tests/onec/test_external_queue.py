"""The old 1C sends: what it finds changed, in which bytes, and what it does when something goes wrong."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.bsl.platform.functions import SystemInfo
from tests.onec.extension import EPOCHS, STATE
from tests.onec.old_stage import MESSAGES, Said, Stage, copied, event, fill, new_base, staged

from posrednik.kit import xml
from posrednik_sandbox.onec import wire
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]


def plain(value: Any) -> Any:
    """As XML tells it: texts, without what is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [plain(one) for one in value]
    text = str(value)
    return text.rstrip("0").rstrip(".") if text.replace(".", "").lstrip("-").isdigit() and "." in text else text


# -- what is sent


def test_everything_is_sent_as_the_emulated_base_itself_tells_it(tmp_path: Path) -> None:
    """The differential: each object of the sandbox's own base, but for what УТ 10.3 has no place for."""
    path = tmp_path / "base.sqlite3"
    fill(path)
    with staged(path, СтрокХешировать=0) as stage:
        stage.app.send()
        told = {(one["kind"], one["ref"]): one for one in stage.objects()}
        store = Store(path)
        rows = store.rows("SELECT * FROM object WHERE deleted < 2 AND kind NOT IN ('price', 'stock')")
        store.close()
    assert len(rows) > 80
    for row in rows:
        ours, theirs = told[row["kind"], row["ref"]], wire.object_of(row, odd=False)
        theirs["data"].pop("status", None)
        theirs["data"].pop("base_price", None)
        assert plain(ours) == plain(theirs)


def test_what_is_referred_to_goes_first_and_prices_and_stock_have_stable_refs(tmp_path: Path) -> None:
    path = tmp_path / "base.sqlite3"
    fill(path)
    with staged(path, СтрокХешировать=0) as stage:
        stage.app.send()
        kinds = list(dict.fromkeys(one["kind"] for one in stage.objects()))
        price = next(one for one in stage.objects() if one["kind"] == "price")
        stock = next(one for one in stage.objects() if one["kind"] == "stock")
    assert kinds == ["division", "warehouse", "product", "courier", "counterparty", "price", "stock", "order"]
    assert price["ref"].startswith(price["data"]["product"])
    assert stock["ref"] == f"{stock['data']['product']}||{stock['data']['warehouse']}"
    assert ":" not in price["version"] + stock["version"]


@pytest.mark.parametrize("encoding", ["UTF-8", "windows-1251"])
def test_any_text_is_read_as_it_was_written(stage: Stage, encoding: str) -> None:
    text = "Ёлка «№ 5» — <не> & \"так\" 'там' 😊 ₽ é\tконец\x02"
    ref = stage.refs("order")[0]
    stage.edit("order", ref, comment=text)
    stage.app.set_up(stage.service.url, Кодировка=encoding, СтрокХешировать=0)
    before = len(stage.messages)
    stage.app.send()
    raw = stage.messages[before].raw
    assert f'encoding="{encoding}"'.encode() in raw[:60]
    sent = next(one for one in xml.read(raw, "message")["objects"] if one["ref"] == ref)
    assert sent["data"]["comment"] == text.replace("\x02", "")
    assert wire.decoded(raw, "xml")["number"] == xml.read(raw, "message")["number"]
    if encoding == "windows-1251":
        assert "Ёлка «№ 5»".encode("windows-1251") in raw
        assert b"&#128522;" in raw


def test_nothing_is_left_in_the_folder_of_temporary_files_and_the_token_never_lies_there(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    stage.edit("order", stage.refs("order")[0], comment="иначе")
    stage.app.send()
    stage.app.call("ШагПриема")
    stage.base.fault("cut")
    stage.app.call("ШагПриема")
    assert os.listdir(folder) == []
    asked = stage.messages[-1]
    assert asked.headers["Authorization"].startswith("Basic ")
    assert b"token-of-the-base" not in asked.raw
    assert "token-of-the-base" not in json.dumps(stage.base.log, ensure_ascii=False, default=str)


# -- what is found changed


def test_only_what_has_another_version_is_sent_and_once(stage: Stage) -> None:
    ref = stage.refs("product")[0]
    stage.edit("product", ref, name="Термос")
    before = len(stage.messages)
    stage.app.send()
    stage.app.send()
    assert [(one["kind"], one["ref"]) for one in stage.objects(before)] == [("product", ref)]


def test_where_queries_do_not_know_versions_objects_are_asked_one_by_one(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "base.sqlite3"
    fill(path)
    base = new_base(path)
    for table in base.tables.everything.values():
        columns = {name: one for name, one in table.columns.items() if name != "версияданных"}
        object.__setattr__(table, "columns", columns)
    with copied(source, base) as stage:
        ref = stage.refs("product")[0]
        stage.edit("product", ref, name="Термос")
        before = len(stage.messages)
        stage.app.send()
        assert [one["ref"] for one in stage.objects(before)] == [ref]
        assert any("ВерсияДанных" in one["text"] for one in base.log)


def test_an_edit_while_a_message_travels_is_sent_after_it(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    stage.edit("order", ref, comment="первый")

    def edited(asked: Any) -> Said:
        stage.edit("order", ref, comment="второй")
        return stage.service._messages(asked)

    stage.service.then(MESSAGES, edited)
    before = len(stage.messages)
    stage.app.send()
    comments = [one["data"]["comment"] for one in stage.objects(before) if one["ref"] == ref]
    assert comments == ["первый", "второй"]


def test_a_deletion_mark_comes_with_data_and_a_removed_object_without(stage: Stage) -> None:
    marked, removed = stage.refs("product")[:2]
    stage.edit("product", marked, deleted=True)
    stage.remove("product", removed)
    before = len(stage.messages)
    stage.app.send()
    told = {one["ref"]: one for one in stage.objects(before) if one["kind"] == "product"}
    assert told[marked]["deleted"] == "true"
    assert told[marked]["data"]["name"]
    assert told[removed]["deleted"] == "true"
    assert "data" not in told[removed]
    again = len(stage.messages)
    stage.app.send()
    assert not [one for one in stage.objects(again) if one["kind"] == "product"]


def test_a_document_moved_to_another_month_is_no_deletion(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    stage.edit("order", ref, date="2026-12-01T10:00:00")
    before = len(stage.messages)
    stage.app.send()
    told = [one for one in stage.objects(before) if one["kind"] == "order"]
    assert [(one["ref"], one["deleted"], one["data"]["date"]) for one in told] == [
        (ref, "false", "2026-12-01T10:00:00")
    ]


def test_a_document_older_than_the_window_is_found_when_its_slice_is_asked_for(stage: Stage) -> None:
    ref = stage.refs("order")[0]
    stage.edit("order", ref, date="2026-02-01T10:00:00")
    stage.app.send()
    stage.edit("order", ref, comment="старый заказ")
    before = len(stage.messages)
    stage.app.send()
    assert not [one for one in stage.objects(before) if one["ref"] == ref]
    stage.take(event("exchange.send_slice", {"kind": "order", "slice": "2026-02"}))
    stage.app.send()
    assert [one["data"]["comment"] for one in stage.objects(before) if one["ref"] == ref] == ["старый заказ"]


def test_goods_that_have_run_out_are_told_as_nought(stage: Stage) -> None:
    ref = stage.refs("stock")[0]
    ((text,),) = stage.rows("SELECT data FROM object WHERE ref = ?", ref)
    stage.remove("stock", ref)  # Остатки() has no row of nothing
    before = len(stage.messages)
    stage.app.send()
    (told,) = [one for one in stage.objects(before) if one["kind"] == "stock"]
    assert (told["data"]["product"], told["data"]["quantity"]) == (json.loads(text)["product"], "0")
    again = len(stage.messages)
    stage.app.send()
    assert not stage.objects(again)


def test_a_courier_without_a_division_is_nobody_of_the_delivery(stage: Stage) -> None:
    ref = stage.refs("courier")[0]
    stage.edit("courier", ref, division=None, name="Бухгалтер")
    before = len(stage.messages)
    stage.app.send()
    assert not stage.objects(before)
    stage.edit("courier", ref, division=stage.refs("division")[0])
    stage.app.send()
    assert [one["ref"] for one in stage.objects(before)] == [ref]


def test_all_is_sent_again_when_a_person_says_so_and_then_compared(stage: Stage) -> None:
    before = len(stage.messages)
    count = int(stage.app.get("ЗарегистрироватьВсе"))
    stage.app.send()
    assert len(stage.objects(before)) == count > 150
    listed = [one["data"] for asked in stage.messages[before:] for one in asked.body.get("commands") or []]
    assert {one["kind"] for one in listed} >= {"product", "stock", "order"}


# -- numbers, repeats, restores


def test_without_an_answer_the_same_bytes_go_again(stage: Stage) -> None:
    stage.edit("order", stage.refs("order")[0], comment="иначе")
    before = len(stage.messages)
    stage.base.fault("lose", MESSAGES)
    assert stage.app.get("ШагОтправки") > 0
    assert "не отвечает" in stage.state()["ПоследняяОшибка"]
    stage.edit("order", stage.refs("order")[1], comment="другой")
    stage.service.then(MESSAGES, Said(503, {"code": "busy", "title": "Занят"}, {"Retry-After": "7"}))
    assert stage.app.get("ШагОтправки") == 7
    stage.app.send()
    first, second, third, fourth = (asked.raw for asked in stage.messages[before : before + 4])
    assert first == second == third != fourth
    assert stage.state()["ПоследняяОшибка"] == ""


def test_a_base_that_dies_between_storing_and_sending_sends_the_stored_bytes(stage: Stage) -> None:
    stage.edit("order", stage.refs("order")[0], comment="иначе")
    stage.app.call("ШагПриема")
    stage.base.fault("die", MESSAGES)
    with pytest.raises(KilledHere):
        stage.app.call("ШагОтправки")
    (stored,) = [one for name, one in stage.items("msg") if name.startswith("кд.msg.waiting.")]
    stage.app.send()
    assert stage.messages[-1].raw == stored.bsl_get("Тело").data


def test_a_restored_base_asks_first_and_goes_on_after_the_last_accepted_number(stage: Stage) -> None:
    stage.service.last_accepted += 5
    expected = stage.service.last_accepted + 1
    stage.edit("order", stage.refs("order")[0], comment="после восстановления")
    stage.app.send()
    assert int(stage.messages[-1].body["number"]) == expected
    questions = [one.params for one in stage.service.asked if one.path.endswith("/outgoing")]
    stage.app.call("ШагПриема")
    asked = [one.params for one in stage.service.asked if one.path.endswith("/outgoing")][len(questions) :]
    assert "after" in asked[0]


def test_a_number_that_was_used_otherwise_is_left_and_its_objects_go_under_the_next(stage: Stage) -> None:
    stage.app.send()
    taken = stage.service.last_accepted + 3
    conflict = Said(409, {"code": "message_conflict", "last_accepted": taken, "epoch": stage.service.epoch})
    stage.service.then(MESSAGES, conflict)
    ref = stage.refs("order")[0]
    stage.edit("order", ref, comment="иначе")
    before = len(stage.messages)
    stage.app.send()
    first, second = stage.messages[before : before + 2]
    assert int(second.body["number"]) == taken + 1
    assert first.body["objects"] == second.body["objects"]


@pytest.mark.parametrize("code", ["unknown_epoch", "other_instance", "old_epoch"])
def test_a_refusal_stops_the_exchange_until_a_person_goes_on(stage: Stage, code: str) -> None:
    stage.service.then(STATE, Said(409, {"code": code, "title": "Нет"}))
    stage.edit("order", stage.refs("order")[0], comment="иначе")
    before = len(stage.messages)
    stage.app.send()
    assert stage.state()["Остановлен"]
    stage.app.send()
    assert len(stage.messages) == before
    stage.app.call("ПродолжитьОбмен")
    stage.app.send()
    assert len(stage.messages) > before
    assert stage.state()["Остановлен"] == ""


def test_a_copy_of_the_base_sends_nothing_until_it_is_said_to_be_the_base(stage: Stage) -> None:
    stage.base.connection = 'File="D:\\Копия";'
    before = len(stage.service.asked)
    stage.edit("order", stage.refs("order")[0], comment="в копии")
    stage.app.send()
    stage.app.call("ШагПриема")
    assert len(stage.service.asked) == before
    assert "копия" in stage.state()["Остановлен"]
    instance = stage.state()["Экземпляр"]
    assert stage.app.get("НачатьНовуюЭпоху", "moved")["Успешно"] is True
    stage.app.send()
    assert stage.messages[-1].body["instance"] != instance
    assert int(stage.messages[-1].body["number"]) >= 1


def test_a_new_epoch_asked_for_twice_is_the_same_one(stage: Stage) -> None:
    stage.base.fault("lose", EPOCHS)
    assert stage.app.get("НачатьНовуюЭпоху", "restore")["Успешно"] is False
    assert stage.app.get("НачатьНовуюЭпоху", "restore")["Успешно"] is True
    first, second = (one.body for one in stage.service.of(EPOCHS))
    assert (first["epoch"], first["reason"]) == (second["epoch"], "restore")
    assert stage.state()["ПоследнийНомер"] == 0
    stage.edit("order", stage.refs("order")[0], comment="новая эпоха")
    stage.app.send()
    body = stage.messages[-1].body
    assert (body["epoch"], body["number"]) == (first["epoch"], "1")


def test_one_session_sends_at_a_time(stage: Stage) -> None:
    other = stage.another()
    stage.edit("order", stage.refs("order")[0], comment="иначе")

    paused: list[Any] = []

    def meanwhile(asked: Any) -> Said:
        paused.append(other.get("ШагОтправки"))
        other.close()
        return stage.service._messages(asked)

    stage.service.then(MESSAGES, meanwhile)
    before = len(stage.messages)
    stage.app.send()
    assert len(stage.messages) == before + 1
    assert paused == [5]
    third = stage.another()
    assert third.get("ШагОтправки") > 5
    third.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_new_platform_in_the_old_mode_is_spoken_to_as_the_old_one(
    stage: Stage, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells a new version there, while its connection has no limit and takes TLS for the sixth argument."""
    monkeypatch.setattr(SystemInfo.bsl_props["версияприложения"], "get", lambda _: "8.3.27.1000")
    stage.app.set_up(stage.service.url.replace("http:", f"{scheme}:"))
    said = stage.app.get("ПроверитьСвязь")
    assert said["Успешно"] is (scheme == "http")
    if scheme == "https":  # the tests' service has no TLS: that it was tried is enough
        assert "SSLError" in said["Текст"]
