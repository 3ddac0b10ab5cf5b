"""The 1C page in a browser: a courier's day is prepared by one button."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect
from tests.browser import chromium, watched

from posrednik_sandbox.app import Sandbox
from posrednik_sandbox.config import Address, Config

pytestmark = pytest.mark.e2e

FREE = Address("127.0.0.1", 0)


async def test_a_button_prepares_six_orders_for_the_chosen_courier(tmp_path: Path, browser_path: str) -> None:
    service = "http://127.0.0.1:9"
    sandbox = Sandbox(Config(FREE, FREE, FREE, service, UUID(int=5), "token", (), tmp_path, orders=1))
    ready = await sandbox.start()
    async with chromium(browser_path) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(f"{ready['control']}/onec/")
        await expect(page.locator("#rows tr")).to_have_count(1)
        await page.get_by_role("button", name="Подготовить день курьеру").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("6 заказов")
        await dialog.get_by_label("Курьер").select_option(label="Петров Илья (Центр)")
        await dialog.get_by_role("button", name="Подготовить").click()
        await expect(page.locator("#rows tr")).to_have_count(7)
        await expect(page.locator("#rows tr", has_text="Петров Илья")).to_have_count(6)
        await expect(page.locator("#saying")).to_contain_text("Петров Илья: создано")
    await sandbox.stop()


async def test_drawer_sets_the_switches_of_odata_and_of_pushes(tmp_path: Path, browser_path: str) -> None:
    sandbox = Sandbox(Config(FREE, FREE, FREE, "http://127.0.0.1:9", UUID(int=5), "token", (), tmp_path, orders=1))
    ready = await sandbox.start()
    async with chromium(browser_path) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        faults = watched(page)
        await page.goto(f"{ready['control']}/onec/exchange")
        await page.get_by_role("button", name="Неполадки").click()
        await expect(page.get_by_role("checkbox", name="Опубликован")).to_be_checked()
        await page.get_by_label("Ошибка 500, раз").fill("3")
        await page.get_by_label("Отказать присланному, раз").fill("2")
        await page.keyboard.press("Tab")
        await page.get_by_label("с ответом").select_option("423")
        await expect(page.get_by_text("Применено")).to_be_visible()
        await page.get_by_role("button", name="1000 грязных объектов").click()
        await expect(page.get_by_text("Записано объектов: 1000")).to_be_visible()
        assert sandbox.onec.odata.quirks.fail_next == 3
        assert (sandbox.onec.switches.push_faults, sandbox.onec.switches.push_status) == (2, 423)
        assert not faults
    await sandbox.stop()


async def test_goods_are_put_into_a_backpack_and_the_transfer_is_unposted(tmp_path: Path, browser_path: str) -> None:
    service = "http://127.0.0.1:9"
    sandbox = Sandbox(Config(FREE, FREE, FREE, service, UUID(int=5), "token", (), tmp_path, orders=1))
    sandbox.onec.button_limit_s = 0.2
    ready = await sandbox.start()
    async with chromium(browser_path) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        faults = watched(page)
        await page.goto(f"{ready['control']}/onec/backpacks")
        await page.get_by_label("Курьер").select_option(label="Петров Илья (Центр)")
        await expect(page.locator("#warehouse")).to_have_value(
            next(ref for ref, data in sandbox.onec.store.names("warehouse").items() if data["name"] == "Склад «Центр»")
        )
        await page.get_by_role("button", name="Положить в рюкзак").click()
        await expect(page.locator("#saying")).to_contain_text("впишите количество")
        await page.locator("#stock").get_by_label("Взять: Зонт складной").fill("2")
        await page.get_by_role("button", name="Положить в рюкзак").click()
        await expect(page.locator("#saying")).to_contain_text("перемещение ПТ00-000001: Команда сохранена")
        await expect(page.locator("#bag tr", has_text="Зонт складной")).to_contain_text("2")
        await expect(page.locator("#commands")).to_contain_text("Положить в рюкзак")
        await page.get_by_role("link", name="Документы").click()
        transfer = page.locator("#papers tr", has_text="ПТ00-000001")
        await expect(transfer).to_contain_text("Склад «Центр» → Рюкзак: Петров Илья")
        await transfer.get_by_role("button", name="Отменить проведение").click()
        await expect(transfer).to_contain_text("не проведён")
        await expect(page.locator("#saying")).to_contain_text("проведение отменено")
        assert faults == []
    await sandbox.stop()
