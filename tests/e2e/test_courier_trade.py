"""Backpack, quick sales and cash by people's hands: a courier at his phone, a cashier at the office's page, 1C behind.

Afterwards the service's ledgers, 1C's documents and what the hands did are the same.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.browser import FLAGS
from tests.desk import until
from tests.e2e.courier_hand import Hand, kopecks, rubles
from tests.e2e.courier_stage import Stage, stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
Json = dict[str, Any]
THERMOS, LOADED, SOLD, ORDERS, MOST_TAPS = "Термос «Тайга» 1 л", 6, 4, 3, 6
# Less than the sales in cash, so that the order, which is older, is covered by what was counted.
SHORT = 40_00
WHY, SECOND = "Не хватило сдачи у покупателя", "Иванова Анна"
HELD = "SELECT split_part(account, ':', 1) AS account, sum(sum_kop)::bigint AS kop FROM money_balance GROUP BY 1"
CARRIED = "SELECT product, quantity_milli FROM goods_balance WHERE account = %(account)s AND quantity_milli <> 0"


@pytest.fixture
async def open_stage(browser_path: str, built_pages: Path) -> AsyncIterator[Stage]:
    async with stage(browser_path) as made:
        yield made


@dataclass(frozen=True)
class Took:
    """Kopecks, by way of payment."""

    order: int
    cash: int
    card: int

    @property
    def on_hand(self) -> int:
        return self.order + self.cash


async def test_what_is_sold_and_handed_in_by_hand_is_the_same_in_all_books(open_stage: Stage) -> None:
    courier = (await open_stage.couriers())[0]
    hand = await begun(open_stage, courier)
    await takes_the_load(open_stage, hand, courier)
    order, taken = await delivers(open_stage, hand)
    price = await sells_online_and_offline(open_stage, hand)
    await sells_by_card_and_corrects(hand, price)
    took = Took(taken, 2 * price, 2 * price)
    assert await hand.on_hand() == took.on_hand
    await hand.asks_to_hand_in(took.on_hand)
    code = await hand.code_for_cashier()
    await counts_blind(open_stage, courier, code, took, order)
    await sees_it_handed_in(hand, order, took)
    await books_agree(open_stage, courier, took)
    assert hand.handset.hosts == {open_stage.network.url.removeprefix("http://")}


async def begun(stage: Stage, courier: Json) -> Hand:
    """He comes in, counts what is in his backpack and begins."""
    await stage.known(courier)
    await stage.day_for(courier, ORDERS)
    phone = await stage.phone()
    hand = Hand(phone)
    page = await phone.open()
    await hand.enter((await stage.code(courier))["code"])
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{ORDERS} осталось")
    await phone.installed()
    await hand.open_shift()
    await hand.all_sent()
    return hand


async def takes_the_load(stage: Stage, hand: Hand, courier: Json) -> None:
    """1C puts thermoses into his backpack, he takes them by count."""
    await stage.load(courier, {THERMOS: LOADED})
    await hand.to_load()
    await hand.fits_all()
    await hand.press()
    await hand.at_backpack()
    await hand.all_sent()


async def delivers(stage: Stage, hand: Hand) -> tuple[Json, int]:
    """An order is brought and paid in cash; it, and the kopecks."""
    orders = stage.network.json("/api/v1/courier/day")["deliveries"]
    one = next(one for one in orders if Decimal(one["amount_due"]) > 0)
    number = one["order"]["number"]
    await hand.at_order(one["id"], number)
    for photo, step in enumerate(("pick_up", "depart", "hand_over")):
        await hand.open_sheet(step)
        if step != "depart":
            await hand.fits_all() if step == "pick_up" else await hand.pays("cash", await hand.due())
            await hand.take(await hand.camera(), photo + 1, 1)
            await hand.press()
        await hand.confirmed(step, number)
        await hand.at_order(one["id"], number)
    await hand.all_sent()
    return one, kopecks(one["amount_due"].replace(".", ","))


async def sells_online_and_offline(stage: Stage, hand: Hand) -> int:
    """Two in cash, one of them with no network and the page closed before it is sent. The price in kopecks."""
    before = await hand.on_hand()
    await hand.at_list()
    async with hand.taps(MOST_TAPS):
        price = await hand.sells(THERMOS, "cash")
    await expect(hand.page.get_by_text("К сдаче +")).to_be_visible()
    await hand.all_sent()
    await stage.network.cut()
    await hand.at_list()
    async with hand.taps(MOST_TAPS):
        assert await hand.sells(THERMOS, "cash") == price
    await hand.handset.close_tab()
    await hand.handset.open()
    await hand.go("#/backpack")
    await expect(hand.page.get_by_role("listitem").get_by_text("не отправлено")).to_be_visible()
    assert await hand.on_hand() == before + 2 * price
    await stage.network.connect()
    await hand.send_now()
    await hand.all_sent()
    return price


async def sells_by_card_and_corrects(hand: Hand, price: int) -> None:
    """One by card with a receipt; one that he wrote down as cash, but the customer had paid by card."""
    before = await hand.on_hand()
    assert await hand.sells(THERMOS, "card", receipt=True) == price
    await expect(hand.page.get_by_text("Наличных не брали")).to_be_visible()
    await hand.at_list()
    assert await hand.sells(THERMOS, "cash") == price
    await hand.all_sent()
    assert await hand.on_hand() == before + price
    await hand.corrects_sale(0, "card", "Оплатили картой")
    await hand.all_sent()
    assert await hand.on_hand() == before
    await hand.go("#/backpack")
    await expect(hand.page.get_by_role("listitem").get_by_text("исправлена")).to_be_visible()


async def counts_blind(stage: Stage, courier: Json, code: str, took: Took, order: Json) -> None:
    """The cashier finds him by his code, counts, and learns only then what was expected; two sign for the rest."""
    page = await cashier(stage)
    await page.get_by_role("searchbox").fill(code)
    await page.get_by_role("searchbox").press("Enter")
    desk = page.get_by_role("region", name=courier["name"])
    counted = desk.get_by_label("Сколько насчитали")
    await expect(counted).to_be_visible()
    shown = await page.locator("body").inner_text()
    assert shown_sums(took.on_hand).isdisjoint(words_of(shown))
    for told_later in ("Ожидалось", order["order"]["number"]):
        assert told_later not in shown
    await counted.fill(rubles(took.on_hand - SHORT).replace(".", ","))
    await desk.get_by_role("button", name="Сверить").click()
    await expect(desk.get_by_role("alert").first).to_contain_text("Не хватает 40")
    await desk.get_by_role("button", name="Принять").last.click()
    await expect(desk.get_by_text("Напишите причину: ")).to_be_visible()
    await desk.get_by_label("Причина разницы").fill(WHY)
    await desk.get_by_label("Второй человек").fill(SECOND)
    await desk.get_by_role("button", name="с разницей").click()
    await expect(desk.get_by_text("Деньги приняты")).to_be_visible()
    for said in (order["order"]["number"], WHY, SECOND):
        await expect(desk.get_by_role("article")).to_contain_text(said)


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


async def sees_it_handed_in(hand: Hand, order: Json, took: Took) -> None:
    """His screen says who took it and that the difference is still on him; the order is settled."""
    await hand.look_anew()
    assert await hand.on_hand() == SHORT
    await expect(hand.page.get_by_text("Принял: Проверяющий")).to_be_visible()
    line = hand.page.get_by_role("listitem").filter(has_text="Принял: Проверяющий")
    assert kopecks(await line.locator("strong").inner_text()) == took.on_hand - SHORT
    await hand.at_order(order["id"], order["order"]["number"])
    await hand.at_stage("settled")


async def books_agree(stage: Stage, courier: Json, took: Took) -> None:
    """1C has made each document once; its books and the service's ledgers say the same of goods and money."""

    async def there() -> bool:
        return bool((await books(stage, courier))["handed_in"] == rubles(took.on_hand - SHORT))

    await until("1C has the hand-in", there)
    told = await books(stage, courier)
    held = {row["account"]: row["kop"] for row in stage.rows(HELD)}
    assert (told["cash"], told["card"]) == (rubles(SHORT), rubles(took.card))
    found = {name: held.get(name, 0) for name in ("cash", "acquiring", "till")}
    assert found == {"cash": SHORT, "acquiring": took.card, "till": took.on_hand - SHORT}
    assert sum(held.values()) == 0
    carried = stage.rows(CARRIED, account=f"backpack:{courier['ref']}")
    assert {row["product"]: Decimal(row["quantity_milli"]) / 1000 for row in carried} == {
        line["product"]: Decimal(line["quantity"]) for line in told["goods"]
    }
    state = await stage.system.desk.look("/onec/api/state")
    assert (state["duplicates"], state["out_of_order"], state["gaps"]) == (0, 0, [])
    assert await documents(stage) == {
        "order": SOLD, "shipment": SOLD + 1, "cash_receipt": 3, "card_payment": 2, "cash_hand_in": 1, "transfer": 1,
    }  # fmt: skip


async def documents(stage: Stage) -> Counter[str]:
    """Posted documents of 1C by kind."""
    told = (await stage.system.desk.look("/onec/api/documents"))["documents"]
    return Counter(str(one["kind"]) for one in told if one["posted"])


async def books(stage: Stage, courier: Json) -> Json:
    told = (await stage.system.desk.look("/onec/api/books"))["couriers"]
    return next(dict(one) for one in told if one["ref"] == courier["ref"])
