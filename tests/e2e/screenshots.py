"""`python -m tests.e2e.screenshots`: pictures of the screens for the documents, taken from a demo with a day's work.

Writes docs/images/*.png, 1440 × 900, and phone versions of two, 390 × 844; the courier's application is done by
screenshots_courier.py. Needs a browser and the built pages.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import aiohttp
from playwright.async_api import Browser, Page, async_playwright
from tests.conftest import HOW_TO_GET_A_BROWSER, find_browser
from tests.desk import Desk, Json, Refused, until
from tests.e2e.demo_running import Demo, demo
from tests.e2e.screenshots_courier import settled, shrink, take_courier

from posrednik.serving import web_folder

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
WIDE, PHONE = (1440, 900), (390, 844)
LARGEST_BYTES = 400_000
# How far each order of the day has come; the steps of its courier.
DAY: tuple[tuple[str, ...], ...] = (
    ("pick_up", "depart", "hand_over", "settle"), ("pick_up", "depart", "hand_over"), ("pick_up", "depart"), (),
    ("pick_up",), ("pick_up", "hand_over"), ("pick_up", "depart", "not_deliver"), (), ("pick_up", "depart"), (),
    ("pick_up", "hand_over", "settle"), (), ("pick_up",), ("pick_up", "depart"), ("pick_up", "depart", "hand_over"),
    (), ("pick_up", "not_deliver", "give_back"), ("pick_up",),
)  # fmt: skip


async def main() -> int:
    path = find_browser()
    if path is None or web_folder() is None:
        print("Pictures need a browser and the built pages.", HOW_TO_GET_A_BROWSER, file=sys.stderr)
        return 1
    async with demo() as running, aiohttp.ClientSession() as session, async_playwright() as playwright:
        await running.start()
        desk = running.desk(session)
        told = await _a_day(desk)
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            await _take_all(browser, running, told)
            await take_courier(browser, desk, running.service)
            await _take_people(browser, running, desk)
        finally:
            await browser.close()
    return 0


async def _a_day(desk: Desk) -> str:
    """Orders at all stages, and one that waits for a shop that is out of order; the number of that one."""
    orders = (await desk.look("/onec/api/orders?limit=200"))["orders"]
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    chosen = [order for order in orders if order["division"] == "Центр"][: len(DAY)]
    for number, (order, steps) in enumerate(zip(chosen, DAY, strict=False)):
        own = [courier["ref"] for courier in couriers if courier["division"] == order["division"]]
        await desk.press(order["ref"], "ready", courier=own[number % len(own)])
        await _steps(desk, order, steps)
    await until("the portal has caught up", lambda: _caught_up(desk, len(chosen)))
    told: Json = next(order for order, steps in zip(chosen, DAY, strict=False) if _is_telling(order, steps))
    await _trouble(desk, orders, couriers)
    await _steps(desk, told, ("hand_over", "settle"))
    await until("lanes wait for the shop", lambda: _waits(desk))
    return str(told["number"])


def _is_telling(order: Json, steps: tuple[str, ...]) -> bool:
    """It is on its way, the shop waits for news of it, and there is money in it."""
    return bool(order["site_number"]) and steps[-1:] == ("depart",) and float(order["amount_due"]) > 0


async def _steps(desk: Desk, order: Json, steps: tuple[str, ...]) -> None:
    card = (await desk.board())[order["ref"]]
    said: dict[str, Json] = {
        "not_deliver": {"reason": "not_home", "next_date": None},
        "hand_over": {"amount_taken": card["amount_due"], "photos": await desk.proof()},
    }
    for step in steps:
        await desk.act(card["id"], step, **said.get(step, {}))


async def _caught_up(desk: Desk, wanted: int) -> bool:
    waiting = [row for row in (await desk.ask("/api/v1/admin/exchange"))["destinations"] if row["waiting"]]
    return len(await desk.cards(11)) == wanted and not waiting


async def _trouble(desk: Desk, orders: list[Json], couriers: list[Json]) -> None:
    """The shop answers 503: what goes there waits, and a page says why."""
    await desk.tell("/shop/api/faults", mode="503", share=1.0, retry_after_s=120)
    courier = next(courier for courier in couriers if courier["division"] == "Север")
    for order in [order for order in orders if order["division"] == "Север"][:3]:
        try:
            await desk.press(order["ref"], "ready", courier=courier["ref"])
        except Refused as error:
            print(f"{order['number']}: {error}", file=sys.stderr)
    await until("the portal has these too", lambda: _shown(desk, 12, 3))


async def _shown(desk: Desk, group: int, cards: int) -> bool:
    return len(await desk.cards(group)) == cards


async def _waits(desk: Desk) -> bool:
    """For the shop, and for nobody else any more."""
    lanes = (await desk.ask("/api/v1/admin/lanes"))["lanes"]
    return len(lanes) == 4 and all(lane["why"] == "try_later" for lane in lanes)


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
