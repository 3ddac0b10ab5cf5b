"""Backpack, quick sales and cash by people's hands: a courier at his phone, a cashier at the office's page."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.e2e.courier_hand import Hand, kopecks, rubles
from tests.e2e.courier_handset import FLAGS
from tests.e2e.courier_stage import Stage, stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
Json = dict[str, Any]
THERMOS, LOADED, ORDERS, MOST_TAPS = "Термос «Тайга» 1 л", 5, 3, 6
SHORT = 40_00
WHY, SECOND = "Не хватило сдачи у покупателя", "Иванова Анна"


@pytest.fixture
async def open_stage(browser_path: str) -> AsyncIterator[Stage]:
    async with stage(browser_path) as made:
        yield made


async def test_goods_are_sold_in_six_taps_and_cash_is_counted_blind(open_stage: Stage) -> None:
    courier = (await open_stage.couriers())[0]
    hand = await begun(open_stage, courier)
    sold = await sells_online_offline_and_by_card(open_stage, hand)
    await sells_and_corrects(hand)
    order, taken = await delivers(open_stage, hand)
    expected = 2 * sold + taken
    assert await hand.on_hand() == expected
    await hand.asks_to_hand_in(expected - SHORT)
    await hand.send_now()
    code = await hand.code_for_cashier()
    await counts_blind(open_stage, courier, code, expected, order)


async def begun(stage: Stage, courier: Json) -> Hand:
    """He comes in, counts what is in his backpack and begins; 1C puts thermoses into it, he takes them by count."""
    await stage.known(courier)
    await stage.day_for(courier, ORDERS)
    phone = await stage.phone()
    hand = Hand(phone)
    page = await phone.open()
    await hand.enter((await stage.code(courier))["code"])
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{ORDERS} осталось")
    await page.wait_for_function("navigator.serviceWorker.controller !== null")
    await hand.open_shift()
    await hand.send_now()
    await hand.all_sent()
    await stage.load(courier, {THERMOS: LOADED})
    await hand.to_load()
    await hand.fits_all()
    await hand.press()
    await hand.at_backpack()
    await hand.send_now()
    await hand.all_sent()
    return hand


async def sells_online_offline_and_by_card(stage: Stage, hand: Hand) -> int:
    """Two in cash, one of them with no network and the page closed before it is sent; one by card with a receipt."""
    await hand.at_list()
    async with hand.taps(MOST_TAPS):
        sold = await hand.sells(THERMOS, "cash")
    await expect(hand.page.get_by_text("К сдаче +")).to_be_visible()
    await hand.send_now()
    await hand.all_sent()
    await stage.network.cut()
    await hand.at_list()
    async with hand.taps(MOST_TAPS):
        assert await hand.sells(THERMOS, "cash") == sold
    await hand.handset.close_tab()
    await hand.handset.open()
    await hand.go("#/backpack")
    await expect(hand.page.get_by_role("listitem").get_by_text("не отправлено")).to_be_visible()
    assert await hand.on_hand() == 2 * sold
    await stage.network.connect()
    await hand.send_now()
    await hand.all_sent()
    assert await hand.sells(THERMOS, "card", receipt=True) == sold
    await expect(hand.page.get_by_text("Наличных не брали")).to_be_visible()
    await hand.send_now()
    await hand.all_sent()
    return sold


async def sells_and_corrects(hand: Hand) -> None:
    """He wrote cash, but the customer had paid by card."""
    wrong = await hand.sells(THERMOS, "cash")
    await hand.send_now()
    await hand.all_sent()
    before = await hand.on_hand()
    await hand.corrects_sale(0, "card", "Оплатили картой")
    await hand.send_now()
    await hand.all_sent()
    assert await hand.on_hand() == before - wrong
    await hand.go("#/backpack")
    await expect(hand.page.get_by_role("listitem").get_by_text("исправлена")).to_be_visible()


async def delivers(stage: Stage, hand: Hand) -> tuple[Json, int]:
    """An order is brought and paid in cash; it, and the kopecks."""
    orders = stage.network.json("/api/v1/courier/day")["deliveries"]
    one = next(one for one in orders if Decimal(one["amount_due"]) > SHORT // 100)
    number = one["order"]["number"]
    await hand.at_order(one["id"], number)
    for step in ("pick_up", "depart", "hand_over"):
        await hand.open_sheet(step)
        if step != "depart":
            await hand.fits_all() if step == "pick_up" else await hand.pays("cash", await hand.due())
            await hand.take(await hand.camera(), 1 if step == "pick_up" else 2, 1)
            await hand.press()
        await hand.confirmed(step, number)
        await hand.at_order(one["id"], number)
    await hand.send_now()
    await hand.all_sent()
    return one, kopecks(one["amount_due"].replace(".", ","))


async def counts_blind(stage: Stage, courier: Json, code: str, expected: int, order: Json) -> None:
    """The cashier finds him by his code, counts, and learns only then what was expected; two sign for the rest."""
    page = await cashier(stage)
    await page.get_by_role("searchbox").fill(code)
    await page.get_by_role("searchbox").press("Enter")
    desk = page.get_by_role("region", name=courier["name"])
    counted = desk.get_by_label("Сколько насчитали")
    await expect(counted).to_be_visible()
    shown = await page.locator("body").inner_text()
    assert shown_sums(expected).isdisjoint(words_of(shown))
    for told_later in ("Ожидалось", order["order"]["number"]):
        assert told_later not in shown
    await counted.fill(rubles(expected - SHORT).replace(".", ","))
    await desk.get_by_role("button", name="Сверить").click()
    await expect(desk.get_by_role("alert").first).to_contain_text("Не хватает 40")
    await desk.get_by_role("button", name="Принять").last.click()
    await expect(desk.get_by_text("Напишите причину")).to_be_visible()
    await desk.get_by_label("Причина разницы").fill(WHY)
    await desk.get_by_label("Второй человек").fill(SECOND)
    await desk.get_by_role("button", name="с разницей").click()


async def cashier(stage: Stage) -> Page:
    """The office's page of the cash desk, in a browser of its own that ends with the stage."""
    browser = await stage.playwright.chromium.launch(executable_path=stage.browser, args=FLAGS)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU")
    page = await context.new_page()
    await page.goto(f"{stage.system.service}/office/#token={stage.system.desk.token}&to=/cash")
    return page


def shown_sums(kop: int) -> set[str]:
    """A sum without its spaces, as a page may show it."""
    whole, part = divmod(kop, 100)
    return {f"{whole}₽", f"{whole},{part:02d}₽"}


def words_of(shown: str) -> set[str]:
    """Lines and what is between marks, without spaces of any kind."""
    return {"".join(part.split()) for line in shown.splitlines() for part in (line, *line.split("·"))}
