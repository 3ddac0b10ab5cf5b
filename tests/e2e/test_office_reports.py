"""The page of reports in a browser: a figure follows a hand-over, opens its cases, and goes into a file."""

import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect
from tests.browser import chromium
from tests.desk import Desk
from tests.e2e.demo_running import demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
async def office(browser_path: str, built_pages: Path) -> AsyncIterator[tuple[Page, Desk]]:
    async with demo() as running, aiohttp.ClientSession() as session, chromium(browser_path) as browser:
        await running.start()
        context = await browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        page = await context.new_page()
        await page.goto(f"{running.service}/office/#token={running.token}")
        # Signed in, the office goes to its first page; only then to another.
        await expect(page.get_by_role("navigation").first).to_be_visible()
        await page.evaluate("() => { location.hash = '/reports' }")
        yield page, running.desk(session)


async def handed_over(desk: Desk) -> None:
    order = (await desk.look("/onec/api/orders?limit=1"))["orders"][0]
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    own = next(one["ref"] for one in couriers if one["division"] == order["division"])
    await desk.press(order["ref"], "ready", courier=own)
    card = (await desk.board())[order["ref"]]
    await desk.act(card["id"], "pick_up")
    await desk.act(card["id"], "hand_over", amount_taken=card["amount_due"], photos=await desk.proof())


async def test_a_figure_follows_a_hand_over_opens_its_cases_and_goes_into_a_file(
    office: tuple[Page, Desk], tmp_path: Path
) -> None:
    page, desk = office
    await expect(page.get_by_role("heading", name="За этот период данных нет")).to_be_visible()
    await handed_over(desk)
    await page.reload()
    table = page.get_by_role("region", name="По курьерам и дням")
    await expect(table.locator("tfoot")).to_contain_text("Итого")
    await table.locator("tbody tr").first.get_by_role("link", name="1", exact=True).first.click()
    cases = page.get_by_role("dialog", name="Что за этой цифрой: Вручено")
    await expect(cases.get_by_role("listitem")).to_have_count(1)
    await expect(cases.get_by_role("link", name="Весь путь заказа")).to_be_visible()
    await page.reload()
    await expect(cases.get_by_role("listitem")).to_have_count(1)
    await page.keyboard.press("Escape")
    async with page.expect_download() as found:
        await page.get_by_role("button", name="Excel").click()
    file = await found.value
    await file.save_as(tmp_path / "report.xlsx")
    assert zipfile.ZipFile(tmp_path / "report.xlsx").testzip() is None
    await page.get_by_role("tab", name="Доказательства").click()
    await expect(page.get_by_text("Есть ли у шагов фото и место")).to_be_visible()
    assert "report=proofs" in page.url
