"""What couriers and those who decide read in a notice."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors.bitrix24 import links
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import harmless
from posrednik.domain import texts_notes as catalogue
from posrednik.domain.task_notes import alarm_text, incident_text, notice_text, window_words

SETTINGS = Bitrix24Settings(
    "https://company.bitrix24.ru", "1/secret", client_id="local.5b/?", public_url="https://p.example/"
)


def body(about: str = "new", **more: Any) -> dict[str, Any]:
    return {
        "about": about, "changed": [], "order_number": "000-123", "address": "ул. Ленина, 10",
        "window": {"from_at": "2026-11-22T07:00:00+00:00", "to_at": "2026-11-22T11:00:00+00:00"},
        "time_zone": "Asia/Omsk", "next_date": None, "amount_due_kop": 245050, "goods_out": False,
    } | more  # fmt: skip


def test_a_new_delivery_is_told_whole() -> None:
    assert notice_text(body(), first=True) == (
        "Новая доставка 000-123\nАдрес: ул. Ленина, 10\nКогда: 22.11, 13:00–17:00\n"
        "К получению: 2\u2009450,50\u00a0₽"
    )  # fmt: skip


def test_a_change_names_what_changed() -> None:
    changed = body("changed", changed=["address", "amount"])
    assert notice_text(changed, first=False).startswith("Изменилась доставка 000-123: адрес, сумма\nАдрес:")
    assert notice_text(changed, first=True).startswith("Новая доставка 000-123\n")


def test_another_try_tells_its_day() -> None:
    assert "Новая дата: 25.11.2026" in notice_text(body("again", next_date="2026-11-25"), first=False)


@pytest.mark.parametrize("about", ["taken", "cancelled"])
def test_what_is_over_is_told_only_to_who_knew_of_it(about: str) -> None:
    assert notice_text(body(about), first=True) == ""
    assert "000-123" in notice_text(body(about), first=False)


def test_who_has_the_goods_of_a_cancelled_delivery_is_told_to_bring_them_back() -> None:
    assert notice_text(body("cancelled", goods_out=True), first=False).endswith("Товар у вас: верните его на склад.")
    assert "склад" not in notice_text(body("taken", goods_out=True), first=False)


@pytest.mark.parametrize(
    ("since", "to", "words"),
    [
        (None, None, ""),
        ("2026-11-22T07:00:00+00:00", None, "с 22.11, 10:00"),
        (None, "2026-11-22T07:00:00+00:00", "до 22.11, 10:00"),
        ("2026-11-22T07:00:00+00:00", "2026-11-23T07:00:00+00:00", "с 22.11, 10:00 до 23.11, 10:00"),
    ],
)
def test_a_window_may_be_open(since: str | None, to: str | None, words: str) -> None:
    assert window_words({"from_at": since, "to_at": to}, "Europe/Moscow") == words


def test_an_incident_and_its_decision() -> None:
    raised = {"state": "open", "what": "Сумма не сходится.", "order_number": "1"}
    assert incident_text(raised) == "Нужно решение, заказ 1. Сумма не сходится."
    decided = raised | {"state": "decided", "decided_by": "Ольга", "reason": "скидка"}
    assert incident_text(decided) == "Решено, заказ 1. Сумма не сходится.\nРешил: Ольга. скидка"
    assert "37" in incident_text({"many": 37})
    assert alarm_text("Портал молчит.", over=False) == "Тревога Посредника. Портал молчит."


@given(st.text(), st.text())
def test_no_text_of_anybody_is_markup_or_a_reference(address: str, number: str) -> None:
    text = harmless(notice_text(body(address=address, order_number=number), first=True))
    assert not re.search(r"\$(result|next|total|error|time)|\[[^\u200b]", text, re.IGNORECASE)


def test_links_lead_into_the_portal_and_else_to_the_phones_application() -> None:
    app = links.notice_url(SETTINGS, "delivery", "d-1")
    assert app == "https://company.bitrix24.ru/marketplace/view/local.5b%2F%3F/?params%5Bdelivery%5D=d-1"
    without = Bitrix24Settings("https://company.bitrix24.ru", "1/secret", public_url="https://p.example")
    assert re.fullmatch(r"https://p\.example/courier/#.*d-1", links.notice_url(without, "delivery", "d-1"))
    nowhere = Bitrix24Settings("https://company.bitrix24.ru", "1/secret")
    assert links.notice_url(nowhere, "delivery", "d-1") == links.notice_url(nowhere, "incident", "1") == ""
    assert links.of_task(nowhere, "d-1") == []
    assert len(links.of_task(SETTINGS, "d-1")) == 2
    assert links.notice_url(SETTINGS, "incident", "А 1") == "https://p.example/office/#/incidents?q=%D0%90%201"


PAIRS = [
    (f"{name}.{key}", pair)
    for name, words in vars(catalogue).items()
    if name.isupper()
    for key, pair in (words.items() if isinstance(words, dict) else [("", words)])
]


@pytest.mark.parametrize(("name", "pair"), PAIRS, ids=[name for name, _ in PAIRS])
def test_every_text_is_there_in_both_languages(name: str, pair: tuple[str, str]) -> None:
    russian, english = pair
    assert set(re.findall(r"{\w+}", russian)) == set(re.findall(r"{\w+}", english))
    assert not re.search("[а-яё]", english, re.IGNORECASE)
    assert name in ("SINCE.", "UNTIL.") or re.search("[а-яё]", russian, re.IGNORECASE) or russian.startswith(",")
