"""Pictures of every page of the office (pages.ts) at three widths, and of signing in: docs/images/office/."""

from pathlib import Path
from typing import Literal
from urllib.parse import quote

from bench.office_pages import office_pages
from playwright.async_api import Browser, Page, ViewportSize
from tests.e2e.demo_running import Demo
from tests.e2e.screenshots_courier import settled, shrink

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images" / "office"
SIZES: dict[str, ViewportSize] = {
    "": {"width": 1440, "height": 900}, "-1024": {"width": 1024, "height": 768}, "-390": {"width": 390, "height": 844},
}  # fmt: skip
LARGEST_BYTES = 400_000


async def take_office(browser: Browser, running: Demo, number: str) -> None:
    """number: of an order that has a way to show."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    await _sign_in(browser, running)
    themes: dict[str, Literal["light", "dark"]] = {"": "light", "-dark": "dark"}
    for theme, scheme in themes.items():
        context = await browser.new_context(
            viewport=SIZES[""],
            locale="ru-RU",
            timezone_id="Europe/Moscow",
            reduced_motion="reduce",
            color_scheme=scheme,
        )
        page = await context.new_page()
        await page.goto(f"{running.service}/office/#token={running.token}")
        for key, path in office_pages().items():
            more = f"?q={quote(number)}" if key == "way" else ""
            await page.evaluate("(to) => { location.hash = to }", path + more)
            await page.locator(f"main.{key}").wait_for()
            for size, viewport in SIZES.items():
                if not theme or not size:
                    await page.set_viewport_size(viewport)
                    await _take(page, f"{key}{theme}{size}")
            await page.set_viewport_size(SIZES[""])
        await context.close()


async def _sign_in(browser: Browser, running: Demo) -> None:
    context = await browser.new_context(viewport=SIZES[""], locale="ru-RU", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{running.service}/office/")
    await _take(page, "sign-in")
    await context.close()


async def _take(page: Page, name: str) -> None:
    await page.locator("main").get_by_role("heading").first.wait_for(state="attached")
    await settled(page)
    file = IMAGES / f"{name}.png"
    await page.screenshot(path=file, animations="disabled")
    shrink(file)
    assert file.stat().st_size <= LARGEST_BYTES, f"{file} is too large: {file.stat().st_size} bytes"
    print(file.relative_to(IMAGES.parents[2]), file.stat().st_size)
