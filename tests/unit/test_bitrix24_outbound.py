"""A delivery becomes the task a courier can work with, and a plan writes only what differs."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import FieldInfo, fields
from tests.unit.domain.delivery_builders import a_delivery, do

from posrednik.connectors.bitrix24 import outbound, texts
from posrednik.connectors.bitrix24.commands import Command, Step
from posrednik.connectors.bitrix24.inbound import Columns, TaskRow
from posrednik.connectors.bitrix24.outbound import COLUMNS, Written
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.domain.task_body import task_body

SETTINGS = Bitrix24Settings("https://company.bitrix24.ru", "1/secret", {"d1": 11}, responsible_id=2)
COLUMN_IDS = Columns({title.casefold(): 100 + n for n, title in enumerate(COLUMNS.values())}, first=99, last=107)


def a_body(**changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "delivery": "0198c0de-0000-7000-8000-000000000001",
        "version": 5,
        "order_number": "000-000123",
        "site_number": None,
        "stage": "ready",
        "recipient": {"name": "Мария Соколова", "phone": "+79161234567"},
        "address": {"text": "ул. Ленина, 10", "entrance": "2", "floor": None, "flat": "17"},
        "window": {"from": "2026-11-22T07:00:00+00:00", "to": "2026-11-22T11:00:00Z"},
        "comment": "Позвонить за час",
        "lines": [
            {"name": "Термос", "quantity_milli": 2000, "unit": "шт", "price_kop": 99000, "sum_kop": 198000},
            {"name": "Чай", "quantity_milli": 50, "unit": "кг", "price_kop": 1, "sum_kop": 10050, "refused_milli": 10},
        ],
        "delivery_price_kop": 30000,
        "prepaid_kop": 0,
        "amount_due_kop": 245000,
        "receipt": False,
        "courier": {"ref": "c1", "name": "Иван", "bitrix24_user": "7"},
        "division": {"ref": "d1", "name": "Центр", "group": None},
    }
    return body | changed


def wanted(**changed: Any) -> outbound.Desired:
    return outbound.desired(outbound.parse(a_body(**changed)), SETTINGS, COLUMN_IDS)


def text_of(**changed: Any) -> str:
    return texts.description(outbound.parse(a_body(**changed)))


# -- texts ---------------------------------------------------------------------------------------------------


def test_the_title_holds_the_number_of_the_order_and_the_address() -> None:
    assert texts.title(outbound.parse(a_body())) == "Доставка 000-000123 · ул. Ленина, 10"
    assert texts.title(outbound.parse(a_body(address=None, trial=True))) == "Доставка 000-000123 · пробный заказ"


def test_the_description_says_where_to_whom_when_and_how_much() -> None:
    assert text_of().split("\n") == [
        "[B]Адрес:[/B] ул. Ленина, 10, подъезд 2, кв. 17",
        "[URL=https://yandex.ru/maps/?text=%D1%83%D0%BB.%20%D0%9B%D0%B5%D0%BD%D0%B8%D0%BD%D0%B0%2C%2010]"
        "Открыть на карте[/URL]",
        "[B]Получатель:[/B] Мария Соколова",
        "[B]Телефон:[/B] +79161234567",
        "[B]Когда:[/B] 22.11.2026, 10:00–14:00",
        "",
        "[SIZE=18][B]К получению: 2 450 ₽[/B][/SIZE]",
        "",
        "[B]Товары:[/B]",
        "[LIST]",
        "[*]Термос × 2 шт, 1 980 ₽",
        "[*]Чай × 0,05 кг, 100,50 ₽ (отказ: 0,01)",
        "[/LIST]",
        "Доставка: 300 ₽",
        "",
        "[B]Комментарий:[/B] Позвонить за час",
        "[B]Заказ:[/B] 000-000123",
    ]


def test_a_paid_order_says_that_nothing_is_to_be_taken() -> None:
    assert "К получению: 0 ₽, заказ оплачен" in text_of(amount_due_kop=0, prepaid_kop=245000)


def test_what_was_taken_and_why_not_are_shown() -> None:
    assert "[B]Получено:[/B] 2 450 ₽, наличными" in text_of(amount_taken_kop=245000, payment_method="cash")
    text = text_of(stage="not_delivered", reason="Не дозвонился", next_date="2026-11-23")
    assert "[B]Причина:[/B] Не дозвонился\n[B]Новая дата:[/B] 23.11.2026" in text


def test_a_reason_of_the_list_is_shown_in_words() -> None:
    assert "[B]Причина:[/B] нет дома" in text_of(stage="not_delivered", reason="not_home")


def test_coordinates_win_over_the_text_of_the_address_on_the_map() -> None:
    text = text_of(address={"text": "где-то", "latitude": 55.75, "longitude": 37.61})
    assert "[URL=https://yandex.ru/maps/?pt=37.61,55.75&z=17&l=map]" in text


def test_a_delivery_about_which_little_is_known_still_has_a_text() -> None:
    bare = text_of(recipient=None, address=None, window=None, comment=None, lines=[], delivery_price_kop=0)
    assert bare == "[SIZE=18][B]К получению: 2 450 ₽[/B][/SIZE]\n\n[B]Заказ:[/B] 000-000123"


@pytest.mark.parametrize(("kop", "text"), [(0, "0 ₽"), (5, "0,05 ₽"), (99900, "999 ₽"), (123456789, "1 234 567,89 ₽")])
def test_rubles_are_written_as_people_write_them(kop: int, text: str) -> None:
    assert texts.rubles(kop) == text


@given(st.text(alphabet=st.sampled_from("ab<>[]/$ResultNEXTtime@\n\r\t\x00 B")) | st.text())
def test_no_foreign_text_is_markup_or_a_reference_of_a_batch(text: str) -> None:
    safe = texts.harmless(text)
    assert not re.search(r"[<>\x00-\x08]", safe)
    assert not re.search(r"\[[a-z/*]", safe, re.IGNORECASE)
    assert not re.search(r"\$(result|next|total|error|time)", safe, re.IGNORECASE)
    assert "\n" not in texts.plain(text)


# -- fields --------------------------------------------------------------------------------------------------


def test_the_deadline_is_the_end_of_the_window_in_the_zone_of_the_division() -> None:
    assert wanted().fields["DEADLINE"] == "2026-11-22T14:00:00+03:00"
    assert wanted(time_zone="Asia/Yekaterinburg").fields["DEADLINE"] == "2026-11-22T16:00:00+05:00"
    assert wanted(window=None).fields["DEADLINE"] == ""


@pytest.mark.parametrize("user", [None, "", "0", "ivanov", "-7"])
def test_a_courier_without_a_user_leaves_the_task_with_the_fallback(user: str | None) -> None:
    assert wanted(courier={"ref": "c", "name": "", "bitrix24_user": user}).fields["RESPONSIBLE_ID"] == 2
    assert wanted(courier=None).fields["RESPONSIBLE_ID"] == 2


def test_the_project_comes_from_the_division_then_the_mapping_then_the_default() -> None:
    groups = [
        wanted(division={"ref": "d1", "name": "", "group": 5}).group,
        wanted().group,
        wanted(division={"ref": "other", "name": ""}).group,
    ]
    assert groups == [5, 11, None]
    assert wanted(division={"ref": "d1", "name": None, "group": "12"}).group == 12
    assert wanted(division={"ref": "d1", "name": None, "group": "sonet-5"}).group == 11


def test_the_marker_holds_nothing_that_changes() -> None:
    assert wanted().marker == wanted(version=9, stage="settled", comment="x").marker


def test_a_create_carries_all_that_the_task_needs() -> None:
    made = outbound.v3_add(wanted(), SETTINGS)["fields"]
    assert set(made) == {
        "title", "description", "responsibleId", "deadline", "groupId", "creatorId", "xmlId", "stageId",
    }  # fmt: skip
    assert (made["creatorId"], made["responsibleId"], made["groupId"], made["stageId"]) == (1, 7, 11, 100)
    classic = outbound.classic_add(wanted(), SETTINGS).params["fields"]
    assert (classic["CREATED_BY"], classic["XML_ID"], classic["STAGE_ID"]) == (1, wanted().marker, 100)


def test_a_command_line_of_a_batch_survives_any_sign() -> None:
    command = Command(Step.UPDATE, "m", {"fields": {"A": "x&y=#?+ %", "<ID": 5}, "l": ["a", True, None]})
    assert command.line() == "m?fields[A]=x%26y%3D%23%3F%2B%20%25&fields[%3CID]=5&l[0]=a&l[1]=Y&l[2]="


@pytest.mark.parametrize("broken", [{"delivery": "x"}, {"version": "x"}, {"stage": "gone"}, {"time_zone": "No/Where"}])
def test_a_body_that_is_not_as_promised_is_bad(broken: dict[str, Any]) -> None:
    with pytest.raises(outbound.BadBody):
        outbound.parse(a_body(**broken))


def known_names(kind: type[Struct]) -> dict[str, FieldInfo]:
    return {field.encode_name: field for field in fields(kind)}


@pytest.mark.parametrize("action", ["pick_up", "withdraw", "cancel"])
def test_nothing_that_the_route_table_tells_is_lost(action: str) -> None:
    """The body comes from the domain; a name that differs would silently vanish from the task."""
    body = task_body(do(action, a_delivery(), **({} if action == "pick_up" else {"reason": "x"})).events[0])
    assert set(body) <= set(known_names(texts.Task))
    parts: dict[str, type[Struct]] = {
        "recipient": texts.Recipient,
        "address": texts.Address,
        "window": texts.Window,
        "courier": texts.Courier,
        "division": texts.Division,
    }
    for name, kind in parts.items():
        assert set(body[name]) <= set(known_names(kind)), name
    assert set(body["lines"][0]) <= set(known_names(texts.Line))
    state = outbound.desired(outbound.parse(body), SETTINGS, COLUMN_IDS)
    assert state.fields["DEADLINE"] == "2026-11-20T19:00:00+03:00"
    assert state.fields["RESPONSIBLE_ID"] == 17


# -- plan ----------------------------------------------------------------------------------------------------


def written_of(state: outbound.Desired) -> Written:
    return Written(outbound.hashes(state), state.group, state.stage, state.closed)


def steps(state: outbound.Desired, written: Written) -> list[Step]:
    return [command.step for command in outbound.plan(state, written, "457")]


def test_what_stands_already_is_not_written() -> None:
    assert steps(wanted(), written_of(wanted())) == []


def test_a_step_of_the_courier_is_one_move() -> None:
    commands = outbound.plan(wanted(stage="en_route"), written_of(wanted()), "457")
    assert [(command.method, dict(command.params)) for command in commands] == [
        ("task.stages.movetask", {"id": 457, "stageId": 102})
    ]


def test_a_new_amount_writes_the_description_alone() -> None:
    commands = outbound.plan(wanted(amount_due_kop=1), written_of(wanted()), "457")
    assert [set(command.params["fields"]) for command in commands] == [{"DESCRIPTION"}]


def test_fields_column_and_status_are_written_in_this_order() -> None:
    state = wanted(stage="cancelled", closed=True, reason="Отказ")
    assert steps(state, written_of(wanted())) == [Step.UPDATE, Step.MOVE, Step.COMPLETE]
    assert steps(wanted(), written_of(state)) == [Step.UPDATE, Step.MOVE, Step.RENEW]


def test_a_task_that_changes_its_project_is_put_into_its_column_again() -> None:
    state = wanted(division={"ref": "d1", "name": "", "group": 12})
    assert steps(state, written_of(wanted())) == [Step.UPDATE, Step.MOVE]


def test_stage_zero_is_the_first_column_and_no_other() -> None:
    first = Columns({**COLUMN_IDS.ids, "готов": 99}, first=99)
    state = outbound.desired(outbound.parse(a_body()), SETTINGS, first)
    assert outbound.same_stage(0, state)
    assert not outbound.same_stage(0, wanted())
    assert not outbound.same_stage(None, wanted())


BODIES = st.fixed_dictionaries(
    {
        "stage": st.sampled_from([*COLUMNS, "withdrawn"]),
        "closed": st.booleans(),
        "amount_due_kop": st.integers(0, 3),
        "courier": st.sampled_from([None, {"ref": "c", "name": "", "bitrix24_user": "8"}]),
        "division": st.sampled_from([{"ref": "d1", "name": "", "group": group} for group in (None, 12)]),
        "window": st.sampled_from([None, {"from": None, "to": "2026-11-22T11:00:00Z"}]),
    }
)
KNOWN = st.builds(
    Written.of_row,
    st.builds(
        TaskRow,
        st.just("457"),
        st.none(),
        st.sampled_from([None, "2", "3", "4", "5"]),
        st.sampled_from([None, 0, 99, 100, 101]),
        st.sampled_from([None, 0, 11, 12]),
    ),
)


@given(BODIES, BODIES, st.none() | KNOWN)
def test_any_plan_carried_out_ends_with_nothing_left(old: Any, new: Any, known: Written | None) -> None:
    state = wanted(**new)
    written = written_of(wanted(**old)) if known is None else known
    done: list[Step] = []
    while commands := outbound.plan(state, written, "457"):
        step = commands[0].step
        assert step not in done, "a plan that repeats itself never ends"
        done.append(step)
        written = outbound.after(step, state, written)
    assert done == sorted(done, key=[Step.UPDATE, Step.MOVE, Step.COMPLETE, Step.RENEW].index)
    assert Written.from_body(written.as_body()) == written


def test_an_unreadable_memory_means_reading_the_task() -> None:
    assert Written.from_body({"fields": 5}) is None
    assert Written.from_body(None) is None


# -- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "webhook"),
    [
        ("http://company.bitrix24.ru", "1/secret"),
        ("ftp://127.0.0.1", "1/secret"),
        ("https://user:pass@company.bitrix24.ru", "1/secret"),
        ("company.bitrix24.ru", "1/secret"),
        ("https://company.bitrix24.ru", "secret"),
        ("https://company.bitrix24.ru", "1/se/cret"),
        ("https://company.bitrix24.ru", "x/secret"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(url: str, webhook: str) -> None:
    with pytest.raises(ValueError, match=r"bitrix24\.") as refused:
        Bitrix24Settings(url, webhook)
    assert "secret" not in str(refused.value)


def test_settings_do_not_show_the_webhook() -> None:
    assert "secret" not in repr(SETTINGS)
    assert Bitrix24Settings("http://127.0.0.1:8000", "7/abc").creator == 7
