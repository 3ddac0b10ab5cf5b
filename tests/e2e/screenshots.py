"""`python -m tests.e2e.screenshots`: pictures of the screens for the documents, taken from a demo with a day's work.

Writes docs/images/*.png, 1440 × 900, and phone versions of two, 390 × 844; the courier's application is done by
screenshots_courier.py, every page of the office by screenshots_office.py (`… office`: only these). Needs a browser
and the built pages.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import aiohttp
from playwright.async_api import Browser, Page
from tests.browser import chromium
from tests.conftest import HOW_TO_GET_A_BROWSER, find_browser
from tests.desk import Desk
from tests.e2e.demo_running import Demo, demo
from tests.e2e.office_day import a_day
from tests.e2e.screenshots_courier import settled, shrink, take_courier
from tests.e2e.screenshots_office import take_office

from posrednik.serving import web_folder

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDE, PHONE = (1440, 900), (390, 844)
LARGEST_BYTES = 400_000


async def main() -> int:
    path = find_browser()
    if path is None or web_folder() is None:
        print("Pictures need a browser and the built pages.", HOW_TO_GET_A_BROWSER, file=sys.stderr)
        return 1
    async with demo() as running, aiohttp.ClientSession() as session, chromium(path, "--hide-scrollbars") as browser:
        await running.start()
        desk = running.desk(session)
        told = await a_day(desk)
        await take_office(browser, running, told)
        if sys.argv[1:] == ["office"]:
            return 0
        await _take_all(browser, running, told)
        await take_courier(browser, desk, running.service)
        await _take_people(browser, running, desk)
    return 0


async def _take_all(browser: Browser, running: Demo, number: str) -> None:
    control, office = running.control, f"{running.service}/office/#token={running.token}&to="
    pages = {
        "start": (f"{control}/", "#live li"), "onec": (f"{control}/onec/", "#rows tr"),
        "kanban": (f"{control}/portal/?group=11", ".task"), "shop": (f"{control}/shop/", "#history li"),
        "way": (f"{office}/way?q={number}", "main"), "deliveries": (f"{office}/deliveries", "main"),
        "exchange": (f"{office}/exchange", "main"),
    }  # fmt: skip
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (url, ready) in pages.items():
        await _take(browser, name, url, ready, WIDE)
    for name in ("start", "way"):
        await _take(browser, f"{name}-phone", *pages[name], PHONE)


async def _take_people(browser: Browser, running: Demo, desk: Desk) -> None:
    """The office's pages about the work of couriers; a delivery whose steps came from a phone is open."""
    office = f"{running.service}/office/#token={running.token}&to="
    found = (await desk.ask("/api/v1/board/incidents?state=open"))["incidents"]
    delivery = next(one["delivery_id"] for one in found if one["delivery_id"])
    for name, to in (
        ("couriers", "/couriers"), ("incidents", "/incidents"), ("cash", "/cash"), ("backpacks", "/backpacks"),
        ("delivery-steps", quote(f"/deliveries?id={delivery}", safe="/")),
    ):  # fmt: skip
        await _take(browser, name, office + to, "main", WIDE)
    await _take(browser, "login-code", office + "/couriers", "main", WIDE, _asks_for_code)
    asked = next(one["ref"] for one in (await desk.ask("/api/v1/board/cash"))["couriers"] if one["requested"])
    await _take(
        browser, "cash-difference", f"{office}{quote('/cash?courier=', safe='/')}{asked}", "main", WIDE, _counts
    )


async def _asks_for_code(page: Page) -> None:
    await page.get_by_role("button", name="Код для входа").first.click()


async def _counts(page: Page) -> None:
    """Less than the books say: only now the page says by how much."""
    await page.get_by_label("Сколько насчитали").fill("1000")
    await page.get_by_role("button", name="Сверить").click()
    await page.get_by_role("alert").first.wait_for()


async def _take(
    browser: Browser, name: str, url: str, ready: str, size: tuple[int, int],
    act: Callable[[Page], Awaitable[None]] | None = None,
) -> None:  # fmt: skip
    """One picture, when what the page is about is there and nothing is being loaded. act: something done first."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ru-RU", timezone_id="Europe/Moscow",
        reduced_motion="reduce", color_scheme="light",
    )  # fmt: skip
    page = await context.new_page()
    await page.goto(url)
    await page.locator(ready).first.wait_for()
    if act:
        await act(page)
    await settled(page)
    file = IMAGES / f"{name}.png"
    await page.screenshot(path=file, animations="disabled")
    await context.close()
    shrink(file)
    assert file.stat().st_size <= LARGEST_BYTES, f"{file} is too large: {file.stat().st_size} bytes"
    print(file.relative_to(IMAGES.parents[1]), file.stat().st_size)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
