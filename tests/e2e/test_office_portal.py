"""The tab «Битрикс24» and the alarms above it, in a real browser: what stands out, the check, every width."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser import FAULTS, SIZES, WIDER
from tests.conftest import AXE
from tests.e2e import office_desk
from tests.e2e import office_portal as portal
from tests.e2e.fake_office import FakeOffice
from tests.e2e.office_desk import FAINT_TEXTS, Desk

pytestmark = pytest.mark.e2e

browser, service, office, desk = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk
HASH = "/exchange?tab=portal"


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_the_state_of_the_portal_is_read_checked_and_fits_every_screen(desk: Desk, office: FakeOffice) -> None:
    office.portal.alarms = [
        portal.an_alarm(),
        portal.an_alarm("dead_letters", "amber", subject="bitrix24", title="Битрикс24: не принято сообщений: 2"),
    ]
    page = desk.open(HASH)
    alarms = page.get_by_role("status", name="Тревоги")
    alarms_say_where_to_go(alarms)
    facts_are_told(page)
    every_screen_fits(page)
    a_lost_check_is_asked_again(page, office)
    office.portal.alarms, office.portal.portal = [], None
    expect(page.get_by_text("Портал не подключён")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Портал не подключён")).to_be_visible()
    expect(alarms).to_have_count(0)


def alarms_say_where_to_go(alarms: Locator) -> None:
    expect(alarms).to_contain_text("Битрикс24 закрыл доступ из-за нагрузки")
    expect(alarms).to_contain_text("напишите в поддержку Битрикс24.")
    expect(alarms).to_contain_text("уже 25 мин")
    links = alarms.get_by_role("link", name="Подробнее")
    expect(links.nth(0)).to_have_attribute("href", "#/exchange?tab=portal")
    expect(links.nth(1)).to_have_attribute("href", "#/exchange?tab=dead")


def facts_are_told(page: Page) -> None:
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("Закрыт из-за нагрузки")
    for words in ("Анна Кузнецова", "без обновления живёт ещё 24 дня", "1,6 из 5", "портал отказывал", "поддельных: 44",
                  "не удаётся уже 11 мин", "im, sonet_group, task, tasks, user"):  # fmt: skip
        expect(panel).to_contain_text(words)
    expect(part(page, "Очередь").get_by_role("row", name=re.compile("Фотографии"))).to_contain_text("2 ч")
    methods = part(page, "Время методов")
    expect(methods.get_by_role("row").nth(1)).to_contain_text(re.compile("441 из 480 с.*отдыхает ещё 3:", re.S))
    expect(methods.get_by_role("row").nth(2)).to_contain_text("предел узнан по отказу")
    twins = part(page, "Двойники задач")
    expect(twins.get_by_role("link", name="№ 211")).to_have_attribute(
        "href", f"{portal.URL}/company/personal/user/0/tasks/task/view/211/"
    )
    expect(twins).to_contain_text("ведём эту")


def every_screen_fits(page: Page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        page.evaluate(Path(AXE).read_text("utf-8"))
        assert (theme, page.evaluate(FAULTS)) == (theme, [])
        assert (theme, page.evaluate(FAINT_TEXTS)) == (theme, [])
    for size in SIZES:
        page.set_viewport_size(size)
        assert (size, page.evaluate(WIDER)) == (size, 0)


def a_lost_check_is_asked_again(page: Page, office: FakeOffice) -> None:
    check = part(page, "Проверка")
    expect(check).to_contain_text("Нет права «Диск» (disk)")
    expect(check).to_contain_text("Без пользователя: Ринат Ахметов.")
    office.lost = 1
    check.get_by_role("button", name="Проверить снова").click()
    expect(check).to_contain_text("Всё в порядке")
    assert office.portal.checked == 2, "its answer was lost, and it was asked again"
