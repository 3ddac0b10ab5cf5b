"""A task as the portal shows it, beside what was written last."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors.bitrix24 import outbound, seen
from posrednik.connectors.bitrix24.outbound import Desired, Written
from posrednik.connectors.bitrix24.seen import Kanban
from posrednik.domain.moved_task import Seen
from posrednik.domain.portal_tasks import Known

US, THEM = 1, 2
DELIVERY = "6f0607da-03a6-4530-9736-81594a009004"
TITLES = {201: "Готов", 202: "Забрал", 203: "В пути", 209: "Сделаны", 210: "готов "}
KANBAN = Kanban(TITLES, 201)
WANTED = Desired(
    outbound.marker(DELIVERY),
    {"TITLE": "Доставка 1", "DESCRIPTION": "ул. Ленина & Ко", "RESPONSIBLE_ID": 7,
     "DEADLINE": "2026-11-22T14:00:00+03:00", "GROUP_ID": 11},
    11, "Готов", 201, 201, False, 3,
)  # fmt: skip
WRITTEN = Written(outbound.hashes(WANTED), 11, 201, False, 3)


def a_row(**changed: Any) -> dict[str, Any]:
    return {
        "id": "105", "xmlId": WANTED.marker, "status": "2", "stageId": "201", "groupId": "11", "responsibleId": "7",
        "title": "Доставка 1", "description": "ул. Ленина & Ко", "deadline": "2026-11-22T11:00:00+00:00",
        "changedDate": "2026-11-22T12:00:00+03:00", "changedBy": str(US), "chatId": "5105", **changed,
    }  # fmt: skip


def looked(stood: dict[str, str] | None = None, written: Written | None = WRITTEN, **changed: Any) -> Seen:
    row = seen.row(a_row(**changed))
    assert row is not None
    known = Known(105, written.as_body() if written else None, stood)
    return seen.beside(row, known, KANBAN, US).seen


def test_what_stands_as_it_was_written_is_plain() -> None:
    assert looked().plain


@pytest.mark.parametrize(
    ("changed", "fields", "column"),
    [
        ({"stageId": "202"}, ("stage",), "picked_up"),
        ({"stageId": "209"}, ("stage",), ""),
        ({"stageId": "777"}, ("stage",), ""),
        ({"stageId": "0"}, (), None),
        ({"stageId": "210"}, (), None),
        ({"status": "5"}, ("status",), None),
        ({"status": "3"}, (), None),
        ({"responsibleId": "8"}, ("responsible",), None),
        ({"groupId": "12", "stageId": "301"}, ("group",), ""),
        ({"groupId": "0", "stageId": "0"}, ("group",), None),
    ],
)
def test_what_people_change_is_seen(changed: dict[str, str], fields: tuple[str, ...], column: str | None) -> None:
    found = looked(**changed)
    assert (found.fields, found.column) == (fields, column)


def test_a_text_that_differs_is_an_edit_only_beside_what_stood_there() -> None:
    before = seen.beside(seen.row(a_row(title="ДОСТАВКА 1")), Known(105, WRITTEN.as_body()), KANBAN, US)  # type: ignore[arg-type]
    assert before.seen.plain, "the portal's own spelling: we were the last"
    assert looked(title="ДОСТАВКА 1", changedBy=str(THEM)).unsure
    assert looked(dict(before.texts), title="ДОСТАВКА 1", changedBy=str(THEM)).plain
    assert looked(dict(before.texts), title="Позвонить", changedBy=str(THEM)).edited == ("title",)
    assert looked(dict(before.texts), title="Позвонить").edited == ("title",), "whoever was the last to touch it"


@pytest.mark.parametrize("changed", [{"description": "ул. Ленина &amp; Ко"}, {"deadline": "2026-11-22T17:00:00+06:00"}])
def test_entities_and_zones_are_no_edits(changed: dict[str, str]) -> None:
    assert looked(changedBy=str(THEM), **changed).plain


def test_an_emptied_deadline_is_an_edit() -> None:
    stood = {"title": "x", "description": "x", "deadline": outbound.digest("2026-11-22T14:00:00+03:00")}
    assert looked(stood, deadline=None).edited == ("deadline",)


def test_what_was_written_in_an_unknown_way_is_written_whole() -> None:
    assert looked(written=None).unsure


@pytest.mark.parametrize("xml_id", [None, "", "1c:5", "posrednik:", "posrednik:x", f"posrednik:{DELIVERY.upper()}x"])
def test_only_our_marker_names_a_delivery(xml_id: str | None) -> None:
    row = seen.row(a_row(xmlId=xml_id))
    assert row is not None
    assert row.marker == ""


@given(st.dictionaries(st.sampled_from(list(a_row())), st.none() | st.text() | st.integers() | st.lists(st.none())))
def test_whatever_the_portal_tells_of_a_task_can_be_read(changed: dict[str, Any]) -> None:
    row = seen.row(a_row(**changed))
    if row is not None:
        seen.beside(row, Known(105, WRITTEN.as_body()), KANBAN, US)


@pytest.mark.parametrize("result", [[], {}, None, "x", [{"ID": "1"}, "x", {"TITLE": "y"}]])
def test_columns_in_any_shape(result: Any) -> None:
    assert isinstance(seen.kanban(result), Kanban)


def test_columns_are_known_by_what_dispatch_knows() -> None:
    stages = {str(number): {"ID": str(number), "TITLE": title, "SORT": "100"} for number, title in TITLES.items()}
    assert seen.kanban(stages).stage(202) == "picked_up"
