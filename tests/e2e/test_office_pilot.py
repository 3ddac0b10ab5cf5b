"""The page «Пилот» in a browser: a division is switched to shadow and back, its couriers chosen, an order marked."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser import axe_faults, chromium, too_wide
from tests.desk import Desk, until
from tests.e2e.demo_running import Demo, demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
DIVISION = "Центр"


@pytest.fixture
async def running(browser_path: str, built_pages: Path) -> AsyncIterator[tuple[Demo, Browser]]:
    async with demo() as made, chromium(browser_path) as browser:
        await made.start()
        yield made, browser


async def test_a_division_is_switched_off_and_back_by_hand(running: tuple[Demo, Browser]) -> None:
    made, browser = running
    async with aiohttp.ClientSession() as session:
        desk = made.desk(session)
        await until("1C has told of its divisions", lambda: _known(desk))
        page = await browser.new_page(locale="ru-RU", viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        await page.goto(f"{made.service}/office/#token={made.token}")
        await page.goto(f"{made.service}/office/#/pilot")
        card = page.get_by_role("region", name=DIVISION, exact=True)
        await expect(card.get_by_text("Работает", exact=True)).to_be_visible()

        await card.get_by_role("button", name="В теневой режим").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("Что произойдёт")).to_be_visible()
        await _faultless(page)
        button = dialog.get_by_role("button", name="Переключить")
        await expect(button).to_be_disabled()
        await dialog.get_by_label("Причина").fill("проверка страницы")
        await dialog.get_by_label(f"Чтобы продолжить, напишите: {DIVISION}").fill("центр")
        await button.click()
        await expect(page.get_by_text(f"{DIVISION}: теперь «Теневой режим»")).to_be_visible()
        await expect(card.get_by_text("Теневой режим", exact=True)).to_be_visible()

        await card.get_by_role("button", name="Изменить состав").click()
        await dialog.get_by_role("checkbox").first.check()
        await dialog.get_by_label("Причина").fill("первый курьер")
        await _faultless(page)
        await dialog.get_by_role("button", name="Сохранить состав").click()
        await expect(card.get_by_text("Курьеры пилота: 1")).to_be_visible()

        (ref,) = await desk.make_orders(1)
        number = str((await desk.look(f"/onec/api/orders/{ref}"))["number"])
        await until("the order has come", lambda: _order(desk, number))
        await page.get_by_role("button", name="Пометить пробный заказ").click()
        await dialog.get_by_label("Номер заказа или ссылка").fill(number)
        await dialog.get_by_label("Причина").fill("первая проба")
        await dialog.get_by_role("button", name="Пометить", exact=True).click()
        await expect(page.get_by_text(f"Заказ {number} помечен пробным")).to_be_visible()
        assert (await desk.press(ref, "ready"))["status"] == "done"

        for tab in ("Что было бы отправлено", "Неделя"):
            await page.get_by_role("tab", name=tab).click()
            await expect(page.locator("main .skeleton")).to_have_count(0)
            await _faultless(page)


async def _known(desk: Desk) -> bool:
    found = (await desk.ask("/api/v1/admin/pilot"))["divisions"]
    return any(one["name"] == DIVISION and one["couriers"] for one in found)


async def _order(desk: Desk, number: str) -> bool:
    return bool((await desk.ask(f"/api/v1/board/way?q={number}"))["found"])


async def _faultless(page: Page) -> None:
    assert await axe_faults(page) + await too_wide(page) == []
