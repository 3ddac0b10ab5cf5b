"""Quarantine set right and reconciliation looked at in a real browser, against the small service of `fake_office`."""

import pytest
from playwright.sync_api import expect
from tests.browser import WIDER
from tests.e2e import office_desk
from tests.e2e.fake_office import FakeOffice
from tests.e2e.office_desk import DESK, FAINT_TEXTS, PHONE, Desk
from tests.e2e.office_repair import LONG_NAME

pytestmark = pytest.mark.e2e

browser, service, office, desk = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk
TABS = (
    "tab=quarantine", "tab=quarantine&view=objects", "tab=quarantine&view=objects&raw=2", "tab=quarantine&view=maps",
    "tab=reconciliation", "tab=reconciliation&run=r1",
)  # fmt: skip


def test_a_value_of_a_reason_is_mapped_after_it_was_tried(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/exchange?tab=quarantine")
    reason = page.get_by_role("listitem").filter(has_text="«Центральный отдел»")
    expect(reason).to_contain_text("1 204 объекта".replace(" ", "\u202f", 1))
    reason.get_by_role("button", name="Сопоставить").click()
    dialog = page.get_by_role("dialog", name="Сопоставить: Заказ, Подразделение")
    expect(dialog.get_by_role("button", name="Проверить")).to_be_disabled()
    dialog.get_by_label("Найти по названию или ссылке").fill("сев")
    expect(dialog.get_by_role("radio")).to_have_count(2)
    dialog.get_by_role("radio", name="Север e0").check()
    dialog.get_by_role("button", name="Проверить").click()
    expect(dialog.get_by_text("Будет применено: 1208 объектов.")).to_be_visible()
    expect(dialog.get_by_text("5 ждавших дождутся.")).to_be_visible()
    dialog.get_by_role("button", name="Сохранить и применить 1208").click()
    expect(page.get_by_text("Сохранено и применено: 1208.")).to_be_visible()
    expect(reason).to_have_count(0)
    assert [one["dry_run"] for one in office.repair.tries] == [True, False]
    page.get_by_role("button", name="Сопоставления").click()
    row = page.get_by_role("row").filter(has_text="Центральный отдел")
    expect(row).to_contain_text("Север")
    row.get_by_role("button", name="Убрать").click()
    page.get_by_role("dialog").get_by_role("button", name="Убрать").click()
    expect(row).to_have_count(0)


def test_a_map_is_added_by_hand_for_a_field_that_is_none_of_a_list(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/exchange?tab=quarantine&view=maps")
    page.get_by_role("button", name="Добавить сопоставление").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").nth(2).select_option(label="Способ оплаты")
    dialog.get_by_label("В 1С написано").fill("Наличными курьеру")
    dialog.get_by_label("В Посреднике значит").fill("cash")
    dialog.get_by_role("button", name="Проверить").click()
    dialog.get_by_role("button", name="Сохранить и применить").click()
    expect(page.get_by_role("row").filter(has_text="Наличными курьеру")).to_be_visible()
    assert office.repair.tries[-1]["field"] == "payment_method"


def test_one_object_and_all_of_a_reason_are_tried_before_they_are_applied(desk: Desk) -> None:
    page = desk.open("/exchange?tab=quarantine&view=objects&raw=2")
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("не ссылка (вид «Склад»)")
    panel.get_by_role("button", name="Применить ещё раз").click()
    panel.get_by_role("button", name="Применить 4").click()
    expect(panel.get_by_text("Применено: 4.")).to_be_visible()
    page = desk.open("/exchange?tab=quarantine")
    reason = page.get_by_role("listitem").filter(has_text="salesdocument")
    expect(reason.get_by_role("button", name="Сопоставить")).to_have_count(0)
    reason.get_by_role("button", name="Применить ещё раз").click()
    reason.get_by_role("button", name="Проверить").click()
    expect(reason.get_by_text("Можно применить: 4.")).to_be_visible()


def test_a_reconciliation_is_begun_and_what_it_has_found_is_shown(desk: Desk) -> None:
    page = desk.open("/exchange?tab=reconciliation")
    base = page.get_by_role("region", name="Торговля", exact=True)
    expect(base).to_contain_text("99,99")
    expect(base).to_contain_text("от 97,46")
    expect(page.get_by_role("region", name=LONG_NAME)).to_contain_text("Ещё не сверялось")
    base.get_by_role("button", name="Запросить заново").first.click()
    expect(page.get_by_text("Срез запрошен")).to_be_visible()
    base.get_by_role("button", name="Сверить сейчас").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Сколько объектов").fill("2001")
    expect(dialog.get_by_role("button", name="Сверить", exact=True)).to_be_disabled()
    dialog.get_by_label("Сколько объектов").fill("2000")
    dialog.get_by_role("button", name="Сверить", exact=True).click()
    expect(base).to_contain_text("Сверка идёт")
    expect(base.get_by_role("button", name="Сверить сейчас")).to_have_count(0)
    base.get_by_role("link", name="Найдено расхождений").click()
    panel = page.get_by_role("dialog", name="Сверка: Торговля")
    expect(panel).to_contain_text("Показаны первые 14 из 100.")
    expect(panel).to_contain_text("не совпали поля: Телефон (получателя), Количество (в строке)")


def test_with_nothing_to_show_each_part_says_what_that_means(desk: Desk, office: FakeOffice) -> None:
    office.repair.state = "empty"
    for tab, words in (("quarantine", "Карантин пуст"), ("reconciliation", "Баз 1С ещё нет")):
        expect(desk.open(f"/exchange?tab={tab}").get_by_role("heading", name=words)).to_be_visible()
    expect(
        desk.open("/exchange?tab=quarantine&view=maps").get_by_role("heading", name="Сопоставлений нет")
    ).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_part_is_wider_than_its_screen_and_all_texts_can_be_read(desk: Desk, size: office_desk.ViewportSize) -> None:
    desk.page.set_viewport_size(size)
    for tab in TABS:
        page = desk.open(f"/exchange?{tab}")
        expect(page.locator("[role=tabpanel] .skeleton, .side .skeleton")).to_have_count(0)
        assert (tab, page.evaluate(WIDER)) == (tab, 0)
        assert (tab, page.evaluate(FAINT_TEXTS)) == (tab, [])
