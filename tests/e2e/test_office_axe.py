"""Every page of the office, before the first order and after a day's work, in both themes: axe finds nothing, nothing
is loaded from elsewhere, the policy blocks nothing, and no page is wider than its window.

A new page of pages.ts joins by itself.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from bench.office_pages import office_pages
from playwright.async_api import Browser, Page, expect
from tests.browser import axe_faults, chromium, too_wide, watched
from tests.desk import Desk
from tests.e2e.demo_running import HURRIED, Demo, demo
from tests.e2e.office_day import a_day

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


class Eye:
    """Looks at pages; `found` is what is wrong."""

    def __init__(self, browser: Browser, running: Demo) -> None:
        self.browser, self.running = browser, running
        self.found: list[str] = []

    async def walk(self, when: str) -> None:
        context = await self.browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        page = await context.new_page()
        faults = watched(page, self.running.service)
        await page.goto(f"{self.running.service}/office/#token={self.running.token}")
        for key, path in office_pages().items():
            await self._open(page, key, path)
            await self._look(page, f"{key}, {when}")
        self.found += faults
        await context.close()

    async def _open(self, page: Page, key: str, path: str) -> None:
        await page.evaluate("(to) => { location.hash = to }", path)
        await expect(page.locator(f"main.{key}").get_by_role("heading").first).to_be_attached()
        # Nothing is being read any more.
        await expect(page.locator("main .skeleton")).to_have_count(0)

    async def _look(self, page: Page, where: str) -> None:
        self.found += [f"{where}: {fault}" for fault in await axe_faults(page) + await too_wide(page)]


@pytest.fixture
async def looking(browser_path: str, built_pages: Path) -> AsyncIterator[tuple[Eye, Desk]]:
    async with demo(HURRIED) as running, aiohttp.ClientSession() as session, chromium(browser_path) as browser:
        await running.start()
        yield Eye(browser, running), running.desk(session)


async def test_every_page_is_without_fault_before_the_first_order_and_after_a_day_s_work(
    looking: tuple[Eye, Desk],
) -> None:
    eye, desk = looking
    await eye.walk("empty")
    await a_day(desk)
    await eye.walk("after a day")
    assert eye.found == [], "\n".join(eye.found)
