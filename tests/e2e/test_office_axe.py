"""Every page of the office, before the first order and after a day's work, in both themes: axe finds nothing, nothing
is loaded from elsewhere, the policy blocks nothing, and no page is wider than its window.

A new page of pages.ts joins by itself.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from bench.office_pages import office_pages
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from tests.desk import Desk
from tests.e2e.demo_running import Demo, demo
from tests.e2e.office_day import a_day

from posrednik.serving import web_folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NOT_BUILT = "The pages are not built: run `npm ci && npm run build` in web/, or ./run test."
THEMES = ("light", "dark")
SIZES: tuple[ViewportSize, ...] = (
    {"width": 1440, "height": 900}, {"width": 1024, "height": 768}, {"width": 390, "height": 844},
)  # fmt: skip
PATIENCE_MS = 20_000
FAULTS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] })
  return violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id}: ${node.target.join(' ')} ${(node.failureSummary ?? '').replaceAll('\\n', ' ')}`))
}"""
WIDER = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"


class Eye:
    """Looks at pages; `found` is what is wrong."""

    def __init__(self, browser: Browser, running: Demo) -> None:
        self.browser, self.running = browser, running
        self.found: list[str] = []
        self._axe = AXE.read_text("utf-8")

    async def walk(self, when: str) -> None:
        context = await self.browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        page = await context.new_page()
        self._listen(page)
        await page.goto(f"{self.running.service}/office/#token={self.running.token}")
        for key, path in office_pages().items():
            await self._open(page, key, path)
            await self._look(page, f"{key}, {when}")
        await context.close()

    async def _open(self, page: Page, key: str, path: str) -> None:
        await page.evaluate("(to) => { location.hash = to }", path)
        await expect(page.locator(f"main.{key}").get_by_role("heading").first).to_be_attached(timeout=PATIENCE_MS)
        # Nothing is being read any more.
        await expect(page.locator("main .skeleton")).to_have_count(0, timeout=PATIENCE_MS)

    async def _look(self, page: Page, where: str) -> None:
        for theme in THEMES:
            await page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            if not await page.evaluate("typeof axe === 'object'"):
                await page.evaluate(self._axe)
            self.found += [f"{where}, {theme}: {fault}" for fault in await page.evaluate(FAULTS)]
        for size in SIZES:
            await page.set_viewport_size(size)
            if over := await page.evaluate(WIDER):
                self.found.append(f"{where}: {over} px wider than {size['width']}")
        await page.set_viewport_size(SIZES[0])

    def _listen(self, page: Page) -> None:
        own = urlsplit(self.running.service).netloc
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._note(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: self._note(asked.url) if urlsplit(asked.url).netloc not in (own, "") else None)

    def _note(self, text: str) -> None:
        self.found.append(text)


@pytest.fixture
async def looking(browser_path: str) -> AsyncIterator[tuple[Eye, Desk]]:
    folder = web_folder()
    if folder is None or not (folder / "office" / "index.html").is_file() or not AXE.is_file():
        pytest.skip(NOT_BUILT)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    async with demo() as running, aiohttp.ClientSession() as session, async_playwright() as playwright:
        await running.start()
        browser = await playwright.chromium.launch(executable_path=browser_path, args=flags)
        yield Eye(browser, running), running.desk(session)
        await browser.close()


async def test_every_page_is_without_fault_before_the_first_order_and_after_a_day_s_work(
    looking: tuple[Eye, Desk],
) -> None:
    eye, desk = looking
    await eye.walk("empty")
    await a_day(desk)
    await eye.walk("after a day")
    assert eye.found == [], "\n".join(eye.found)
