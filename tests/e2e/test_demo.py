"""The demo as its users see it: a manager, a courier, a logistician and the site, in a real browser."""

import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect
from tests.browser import chromium, watched
from tests.desk import Desk, until
from tests.e2e.demo_running import Demo, demo
from tests.system import gone

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
# What was on its way to the portal at a kill is looked up only after the portal's own 60 s.
DOUBT_S = 100.0
Json = dict[str, Any]


@asynccontextmanager
async def in_browser(path: str) -> AsyncIterator[Page]:
    """A page of 1440 × 900, in the time zone of the base; an error in a script fails the test."""
    async with chromium(path) as browser:
        page = await browser.new_page(
            viewport={"width": 1440, "height": 900}, locale="ru-RU", timezone_id="Europe/Moscow"
        )
        failures = watched(page)
        yield page
    assert failures == []


async def an_order(desk: Desk, skip: int = 0) -> Json:
    """A fresh order of the division «Центр» that the customer made on the site and has to pay for."""
    orders = (await desk.look("/onec/api/orders?limit=200"))["orders"]
    fit = [o for o in orders if o["division"] == "Центр" and o["site_number"] and float(o["amount_due"]) > 0]
    found: Json = await desk.look(f"/onec/api/orders/{fit[skip]['ref']}")
    return found


async def a_courier(desk: Desk, division: str) -> Json:
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    found: Json = next(courier for courier in couriers if courier["division"] == division)
    return found


async def deliver(desk: Desk, order: Json, *steps: str) -> None:
    """The courier's steps by the door that the pages use."""
    card = (await desk.board())[order["ref"]]
    proofs: Json = {"amount_taken": card["amount_due"], "photos": await desk.proof()}
    for step in steps:
        await desk.act(card["id"], step, **(proofs if step == "hand_over" else {}))


def card_in(page: Page, column: str, order: Json) -> Locator:
    heading = page.locator(".column-head .name", has_text=re.compile(f"^{column}$"))
    return page.locator(".column", has=heading).locator(".task", has_text=order["number"])


def rubles(amount: str) -> re.Pattern[str]:
    """«30 840 ₽» with any kind of space, kopecks only when there are some."""
    whole, part = amount.split(".")
    digits = r"\s".join(re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole))
    return re.compile(digits + ("" if part == "00" else f",{part}") + r"\s₽")


async def press(page: Page, order: Json, button: str) -> Locator:
    """Choose the order in the list of 1C and press; what stands in «Сообщения»."""
    await page.locator("#rows tr", has_text=order["number"]).click()
    await page.get_by_role("toolbar").get_by_role("button", name=button, exact=True).click()
    return page.locator("#saying")


async def test_an_order_goes_through_all_systems_and_a_day_is_played_at_a_button(
    browser_path: str, built_pages: Path
) -> None:
    async with demo() as running, aiohttp.ClientSession() as session, in_browser(browser_path) as page:
        await running.start()
        desk = running.desk(session)
        first, second = await an_order(desk), await an_order(desk, 1)
        await _start_page(page, running)
        await _ready_in_1c(page, desk, first)
        await _task_in_the_portal(page, running, first)
        await _steps_move_everything(page, running, desk, first)
        await _portal_off_and_on(page, running, desk, second)
        await _way(page, running, second)
        await _a_day_at_a_button(page, running, desk)
        assert (await desk.look("/portal/api/state"))["duplicates"] == {}


async def _start_page(page: Page, running: Demo) -> None:
    await page.goto(f"{running.control}/")
    for role in ("Менеджер", "Курьер", "Логист", "Администратор"):
        await expect(page.get_by_role("heading", name=role)).to_be_visible()
    await expect(page.get_by_text("Посредник работает")).to_be_visible()
    await page.get_by_role("link", name="Заказы в 1С").first.click()


async def _ready_in_1c(page: Page, desk: Desk, order: Json) -> None:
    said = await press(page, order, "Готов")
    await expect(said.locator("p").first).to_contain_text(f"Заказ {order['number']}, «Готов»: принято")
    await press(page, order, "Назначить курьера")
    dialog = page.get_by_role("dialog")
    await dialog.locator("select").select_option((await a_courier(desk, "Центр"))["ref"])
    await dialog.get_by_role("button", name="Назначить").click()
    await expect(said.locator("p").first).to_contain_text("«Назначить курьера»: принято")
    await press(page, order, "Сумма к получению")
    await page.get_by_role("dialog").locator("input").fill("2450")
    await page.get_by_role("dialog").get_by_role("button", name="Сохранить").click()
    await expect(said.locator("p").first).to_contain_text("«Сумма к получению»: принято")


async def _task_in_the_portal(page: Page, running: Demo, order: Json) -> None:
    await page.goto(f"{running.control}/portal/?group=11")
    card = card_in(page, "Готов", order)
    await expect(card).to_be_visible()
    await expect(card).to_contain_text(rubles("2450.00"))
    await card.get_by_role("link").click()
    whole = page.locator("#card")
    await expect(whole).to_contain_text(order["address"])
    for line in order["lines"]:
        await expect(whole).to_contain_text(line["name"])
    await page.keyboard.press("Escape")


async def _steps_move_everything(page: Page, running: Demo, desk: Desk, order: Json) -> None:
    for step, column in (
        ("pick_up", "Забрал"),
        ("depart", "В пути"),
        ("hand_over", "Отдал"),
        ("settle", "Сдал деньги"),
    ):
        await deliver(desk, order, step)
        await expect(card_in(page, column, order)).to_be_visible()
    await page.goto(f"{running.control}/shop/")
    await page.locator("#rows tr", has_text=order["site_number"]).click()
    for stage in ("Готов", "Забрал", "В пути", "Отдал"):
        await expect(page.locator("#history")).to_contain_text(stage)
    await page.goto(f"{running.control}/onec/orders/{order['ref']}")
    form = page.locator("#form")
    for text in ("курьер забрал", "курьер в пути", "отдано", "Реализация"):
        await expect(form).to_contain_text(text)


async def _portal_off_and_on(page: Page, running: Demo, desk: Desk, order: Json) -> None:
    """Work goes on while the portal is away; afterwards it has one task, in the last column."""
    await _switch(page, running, "Портал Битрикс24", "Выключено")
    courier = (await a_courier(desk, "Центр"))["ref"]
    assert (await desk.press(order["ref"], "ready", courier=courier))["status"] == "done"
    await deliver(desk, order, "pick_up", "depart", "hand_over")
    way = await until("the way tells of waiting", lambda: _waiting_for_bitrix24(desk, order))
    assert way["text"]
    shop = await until("the shop has it all", lambda: _told_to_the_shop(desk, order, 4))
    assert shop["versions"] == [1, 2, 3, 4]
    await _switch(page, running, "Портал Битрикс24", "Работает")
    await page.goto(f"{running.control}/portal/?group=11")
    await expect(card_in(page, "Отдал", order)).to_be_visible(timeout=60_000)
    tasks = [task for task in await desk.tasks() if order["number"] in task["title"]]
    assert len(tasks) == 1


async def _switch(page: Page, running: Demo, system: str, becomes: str) -> None:
    await page.goto(f"{running.control}/")
    button = page.get_by_role("switch", name=system)
    await button.click()
    await expect(button).to_contain_text(becomes)


async def _waiting_for_bitrix24(desk: Desk, order: Json) -> Json | None:
    way = (await desk.ask(f"/api/v1/board/way?q={order['number']}"))["way"]
    found: Json = next(system for system in way["systems"] if system["kind"] == "bitrix24")
    return found if found["state"] in ("waiting", "trouble") else None


async def _told_to_the_shop(desk: Desk, order: Json, versions: int) -> Json | None:
    deliveries = (await desk.look("/shop/api/state"))["deliveries"].values()
    told: list[Json] = [one for one in deliveries if one["order_ref"] == order["ref"]]
    return told[0] if told and len(told[0]["versions"]) >= versions else None


async def _way(page: Page, running: Demo, order: Json) -> None:
    """«Где мой заказ» of the order that had to wait."""
    await page.goto(f"{running.service}/office/#token={running.token}&to=/way")
    await page.get_by_role("searchbox").fill(order["number"])
    await page.get_by_role("button", name="Найти").click()
    for text in (order["number"], "Битрикс24", "Всё доставлено", "Отдал"):
        await expect(page.get_by_role("main")).to_contain_text(text)


async def _a_day_at_a_button(page: Page, running: Demo, desk: Desk) -> None:
    """Afterwards the board, the reports, the cash desk and the incidents have something to show."""
    await page.goto(f"{running.control}/")
    before = await desk.board()
    button = page.get_by_role("button", name="Прожить день")
    await button.click()
    lived = page.get_by_text("День прожит за")
    await expect(lived).to_contain_text("заказов 14, вручено 8, не вручено 2, продаж 4", timeout=120_000)
    await expect(button).to_be_enabled()
    stages = Counter(card["stage"] for ref, card in (await desk.board()).items() if ref not in before)
    assert stages == {
        "ready": 2, "picked_up": 1, "en_route": 1, "handed_over": 1, "settled": 7, "not_delivered": 2,
    }  # fmt: skip
    found = (await desk.ask("/api/v1/board/incidents?state=open"))["incidents"]
    assert sorted(one["kind"] for one in found if one["courier"]) == [
        "amount_mismatch", "cash_difference", "count_difference", "repeated_photo",
    ]  # fmt: skip
    await page.get_by_role("link", name="Отчёты", exact=True).click()
    await expect(page.get_by_role("region", name="По курьерам и дням").locator("tfoot")).to_contain_text("Итого")


async def test_a_killed_demo_leaves_nothing_behind_and_starts_again_with_its_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with demo() as running, aiohttp.ClientSession() as session:
        took = [await running.start()]
        desk = running.desk(session)
        assert (await desk.look("/portal/api/limits"))["tariff"] == "standard", "set up by a larger one, left so"
        order = await an_order(desk)
        courier = (await a_courier(desk, "Центр"))["ref"]
        assert (await desk.press(order["ref"], "ready", courier=courier))["status"] == "done"
        await deliver(desk, order, "pick_up")
        await until("the portal knows", lambda: _stands_in(desk, order, "Забрал"))
        running.kill()
        assert await gone(running.left_behind) == []
        took.append(await running.start())
        await deliver(desk, order, "depart")
        await until("the card moves", lambda: _stands_in(desk, order, "В пути"), DOUBT_S)
        assert await _one_task(desk, order)
        with capsys.disabled():
            print(f"\nstarts of the demo: first {took[0]:.1f} s, after kill -9 {took[1]:.1f} s")


async def test_the_demo_survives_a_kill_of_each_of_its_processes() -> None:
    async with demo() as running, aiohttp.ClientSession() as session:
        await running.start()
        desk = running.desk(session)
        first = set(running.left_behind())
        names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in first}
        order = await an_order(desk)
        courier = (await a_courier(desk, "Центр"))["ref"]
        for word in (b"worker", b"api", b"-D", b"posrednik_sandbox"):
            os.kill(next(pid for pid, command in sorted(names.items()) if word in command.split(b"\0")), signal.SIGKILL)
        await until("the sandbox again", lambda: desk.look("/onec/api/state"))
        assert (await desk.press(order["ref"], "ready", courier=courier))["status"] == "done"
        await until("the board answers", lambda: desk.board())
        await deliver(desk, order, "pick_up", "depart")
        await until("one task", lambda: _one_task(desk, order))


async def _stands_in(desk: Desk, order: Json, column: str) -> bool:
    board = await desk.look("/portal/api/board?group=11")
    titles = {stage["id"]: stage["title"] for stage in board["stages"]}
    return any(order["number"] in card["title"] and titles[card["stage"]] == column for card in board["cards"])


async def _one_task(desk: Desk, order: Json) -> bool:
    return len([card for card in await desk.cards(11) if order["number"] in card["title"]]) == 1
