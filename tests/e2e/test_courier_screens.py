"""Every screen and sheet of the courier's application: no fault of axe, nothing foreign, nothing too small or too wide.

In the light theme on a plain phone, in the dark one on a small phone, with real data: orders at every stage, money, a
queue.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser import ask_axe
from tests.e2e.courier_hand import Hand
from tests.e2e.courier_handset import Handset
from tests.e2e.courier_stage import Stage, stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
Json = dict[str, Any]
# Each theme and each size once: what is judged depends on one of them, not on both together, for a theme is nothing but
# colours (tests/unit/test_themes.py).
LOOKS = {"light": {"width": 390, "height": 844}, "dark": {"width": 320, "height": 640}}
ORDERS = 6
LEAST_PX = 56
# What a press or an address has begun has begun, and the screen that it leads to is there.
SETTLED = """async () => {
  await new Promise((done) => setTimeout(() => requestAnimationFrame(done)))
  const main = document.querySelector('main')
  return main !== null && main.ariaBusy !== 'true' && document.querySelector('h1') !== null
}"""
THERMOS = "Термос «Тайга» 1 л"
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).position !== 'absolute')
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120)).concat(
    document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the page itself'] : [])"""
SMALL = """(least) => [...document.querySelectorAll(
    'main .btn, footer .btn, footer button, footer a, dialog[open] .btn, main .row')]
  .filter((one) => one.checkVisibility() && one.matches('button, a, label, summary'))
  .filter((one) => one.getBoundingClientRect().height < least - 0.5)
  .map((one) => `${Math.round(one.getBoundingClientRect().height)}: ${one.innerText || one.ariaLabel}`)"""


@pytest.fixture
async def open_stage(browser_path: str, built_pages: Path) -> AsyncIterator[Stage]:
    async with stage(browser_path) as made:
        yield made


class Eye:
    """Looks at what is on the screen, in each of LOOKS; `found` is what is wrong."""

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        self.found: list[str] = []
        self.looked: list[str] = []

    async def look(self, name: str) -> None:
        page = self.handset.page
        self.looked.append(name)
        await page.wait_for_function(SETTLED)
        for theme, viewport in LOOKS.items():
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            await page.set_viewport_size(viewport)
            where = f"{name} ({theme}, {viewport['width']} px)"
            self._note(where, await ask_axe(page))
            self._note(f"{where}: wider than the screen", await page.evaluate(WIDER))
            self._note(f"{where}: too small", await page.evaluate(SMALL, LEAST_PX))

    def _note(self, where: str, faults: list[str]) -> None:
        self.found += [f"{where}: {fault}" for fault in faults]


async def test_every_screen_can_be_read_reached_and_pressed(open_stage: Stage) -> None:
    phone = await open_stage.phone()
    eye, hand = Eye(phone), Hand(phone)
    orders = await coming_in(open_stage, eye, hand)
    await before_the_shift(eye, hand)
    await sheets(eye, hand, orders)
    await trade(open_stage, eye, hand)
    await rest(open_stage, eye, hand, orders)
    assert not eye.found, "\n".join(eye.found)
    assert phone.faults == []
    assert phone.hosts == {open_stage.network.url.removeprefix("http://")}
    assert len(eye.looked) >= 40


async def coming_in(stage: Stage, eye: Eye, hand: Hand) -> list[Json]:
    """Empty field, wrong code, then the list; orders as the phone has them."""
    courier = (await stage.couriers())[0]
    await stage.known(courier)
    page = await eye.handset.open()
    await expect(page.get_by_label("Код входа")).to_be_visible()
    await eye.look("entry")
    await hand.enter("ABC")
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await eye.look("entry, too short")
    await hand.enter((await stage.code(courier))["code"])
    await expect(page.get_by_text("Заказов пока нет")).to_be_visible()
    await eye.look("no orders")
    await stage.day_for(courier, ORDERS)
    await page.get_by_role("button", name="Обновить").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{ORDERS} осталось")
    return list(stage.network.json("/api/v1/courier/day")["deliveries"])


async def before_the_shift(eye: Eye, hand: Hand) -> None:
    await eye.look("orders")
    await hand.page.get_by_role("button", name="Начать смену").click()
    await hand.page.get_by_label("Сосчитано").fill("150")
    await eye.look("shift, begin")
    await hand.go("#/")
    await hand.open_shift()
    await eye.look("orders, shift begun")


async def sheets(eye: Eye, hand: Hand, orders: list[Json]) -> None:
    """Two orders are brought to their ends; each sheet is looked at empty and filled."""
    paid = next(one for one in orders if float(one["amount_due"]) > 0)
    other = next(one for one in orders if one["id"] != paid["id"])
    for number, one in enumerate((paid, other)):
        await hand.at_order(one["id"], one["order"]["number"])
        await eye.look(f"order {number}, ready")
        await hand.page.locator("summary").first.click()
        await hand.open_sheet("pick_up")
        await eye.look(f"pick up {number}")
        await hand.fits_all()
        await hand.take(await hand.camera(), 2 * number + 1, 1)
        await eye.look(f"pick up {number}, filled")
        await hand.press()
        await hand.confirmed("pick_up", one["order"]["number"])
        await hand.open_sheet("depart")
        await hand.confirmed("depart", one["order"]["number"])
        await eye.look(f"order {number}, on its way")
    await _hand_over(eye, hand, paid)
    await _not_deliver(eye, hand, other)


async def _hand_over(eye: Eye, hand: Hand, one: Json) -> None:
    await hand.at_order(one["id"], one["order"]["number"])
    await hand.open_sheet("hand_over")
    await eye.look("hand over")
    due = await hand.due()
    await hand.pays("cash", due, -(-due // 100_000) * 100_000)
    await hand.refuse_one(one["lines"][0]["quantity"])
    await expect(hand.page.get_by_text("Почему сумма другая")).to_be_visible()
    await eye.look("hand over, partly, another sum")
    await hand.pays("transfer", await hand.due(), reference="42")
    await eye.look("hand over by transfer")
    await hand.pays("cash", await hand.due())
    await hand.take(await hand.camera(), 10, 1)
    await hand.press()
    await hand.confirmed("hand_over", one["order"]["number"])
    await eye.look("orders, undo")


async def _not_deliver(eye: Eye, hand: Hand, one: Json) -> None:
    await hand.at_order(one["id"], one["order"]["number"])
    await hand.open_sheet("not_deliver")
    await eye.look("not delivered")
    await hand.fails("Другое", "Не пустила охрана", "Другой день")
    await hand.page.get_by_label("День", exact=True).fill("2099-01-15")
    await eye.look("not delivered, filled")
    await hand.press()
    question = hand.page.get_by_role("dialog")
    await expect(question).to_be_visible()
    await eye.look("not delivered, without a photo?")
    await question.get_by_role("button", name="Записать так").click()
    await hand.confirmed("not_deliver", one["order"]["number"])


async def trade(stage: Stage, eye: Eye, hand: Hand) -> None:
    """A load is counted in, a thermos is sold and its sale corrected, money is asked to be taken."""
    await stage.load((await stage.couriers())[0], {THERMOS: 2})
    page = hand.page
    await hand.to_load()
    less = page.get_by_role("button", name=f"меньше: {THERMOS}")
    await expect(less).to_be_visible()
    await eye.look("load, to be counted")
    await less.click()
    await expect(page.get_by_text("Расхождения со складом")).to_be_visible()
    await eye.look("load, less than was sent")
    await page.get_by_role("button", name=f"больше: {THERMOS}").click()
    await hand.fits_all()
    await hand.press()
    await hand.at_backpack()
    await hand.all_sent()
    await hand.go("#/backpack/accept")
    await eye.look("load, gone")
    await _backpack(eye, hand)
    await _sale(eye, hand)
    await _hand_in(eye, hand)


async def _backpack(eye: Eye, hand: Hand) -> None:
    await hand.go("#/backpack")
    await hand.at_backpack()
    await eye.look("backpack, with goods")
    search = hand.page.get_by_role("searchbox")
    await search.fill("терм")
    await eye.look("backpack, found")
    await search.fill("самовар")
    await eye.look("backpack, nothing found")
    await search.fill("")
    await hand.put_in_basket(THERMOS)
    await eye.look("backpack, basket")
    await hand.page.get_by_role("textbox", name=THERMOS).first.fill("999")
    await eye.look("backpack, more than there is")
    await hand.page.get_by_role("button", name="Очистить").click()


async def _sale(eye: Eye, hand: Hand) -> None:
    page = hand.page
    await hand.put_in_basket(THERMOS)
    await hand.to_payment()
    ways = page.get_by_role("group", name="Способ оплаты")
    await expect(ways).to_be_visible()
    await eye.look("sale, payment")
    await ways.get_by_text("Перевод").click()
    await eye.look("sale, by transfer")
    await ways.get_by_text("Наличные").click()
    await page.get_by_label("Дали").fill("5000")
    await page.get_by_label("Покупателю нужен чек").check()
    await eye.look("sale, payment filled")
    await hand.press()
    await expect(page.get_by_role("heading", name="Продано")).to_be_visible()
    await eye.look("sold")
    await hand.all_sent()
    await hand.go("#/backpack/sold/none")
    await eye.look("sold, undone")
    await hand.go("#/backpack")
    await page.get_by_role("button", name=f"Исправить: {THERMOS}").click()
    await expect(page.get_by_label("Что было записано неверно")).to_be_visible()
    await eye.look("correction of a sale")


async def _hand_in(eye: Eye, hand: Hand) -> None:
    await hand.go("#/cash")
    begin = hand.page.get_by_role("button", name="Сдать", exact=True)
    sum = hand.page.get_by_role("textbox", name="Сумма в рублях")
    await expect(begin).to_be_visible()
    await eye.look("cash, to be handed in")
    await begin.click()
    await expect(sum).to_be_visible()
    await eye.look("hand in")
    await sum.fill("999999")
    await eye.look("hand in, more than there is")
    await hand.page.get_by_role("button", name="Всё: ").click()
    await hand.press()
    await expect(hand.page.get_by_role("heading", name="Сдаёте")).to_be_visible()
    await eye.look("cash, asked")
    await hand.code_for_cashier()
    await eye.look("cash, code for the cashier")


async def rest(stage: Stage, eye: Eye, hand: Hand, orders: list[Json]) -> None:
    await hand.all_sent()
    await eye.look("queue, all is sent")
    done = next(one for one in orders if float(one["amount_due"]) > 0)
    failed = next(one for one in orders if one["id"] != done["id"])
    for name, one in (("handed over", done), ("not delivered", failed)):
        await hand.at_order(one["id"], one["order"]["number"])
        await eye.look(f"order, {name}")
    for name, hash in {
        "correction of a hand-over": f"#/order/{done['id']}/correct",
        "return of a customer": f"#/order/{done['id']}/customer_return",
        "goods back": f"#/order/{failed['id']}/give_back", "nothing there": "#/order/none", "backpack": "#/backpack",
        "cash": "#/cash", "more": "#/more", "diagnostics": "#/more/diagnostics", "end of the shift": "#/shift/close",
    }.items():  # fmt: skip
        if hash.endswith("/correct"):
            await hand.at_order(done["id"], done["order"]["number"])
            await hand.page.get_by_role("button", name="Исправить").first.click()
        else:
            await hand.go(hash)
        await hand.page.locator("main:not([aria-busy=true])").wait_for()
        await eye.look(name)
    await _without_a_network(stage, eye, hand, orders)


async def _without_a_network(stage: Stage, eye: Eye, hand: Hand, orders: list[Json]) -> None:
    """Console errors of the network are the browser's own, so they are not counted from here on."""
    faults = list(hand.handset.faults)
    await stage.network.cut()
    one = orders[-1]
    await hand.at_order(one["id"], one["order"]["number"])
    await hand.page.get_by_role("button", name="Маршрут").click()
    await expect(hand.page.get_by_role("dialog")).to_be_visible()
    await eye.look("order, by which map")
    await hand.page.keyboard.press("Escape")
    await hand.open_sheet("pick_up")
    await hand.fits_all()
    await hand.take(await hand.camera(), 11, 1)
    await hand.press()
    await hand.confirmed("pick_up", one["order"]["number"])
    await eye.look("order, not sent")
    await hand.go("#/more/queue")
    await hand.page.get_by_role("button", name="Отправить сейчас").click()
    await expect(hand.page.get_by_text("Нет связи, всё сохраняется")).to_be_visible()
    await eye.look("queue, no network")
    hand.handset.faults = faults
