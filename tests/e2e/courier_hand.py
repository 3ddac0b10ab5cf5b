"""The courier's hand: what he presses and reads on the screens, by their words."""

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page, expect
from tests.desk import until
from tests.e2e.courier_handset import Handset, shot

Json = dict[str, Any]
DONE = {
    "pick_up": "Забрал", "depart": "В пути", "hand_over": "Отдал", "not_deliver": "Не вручил",
    "shift.open": "Смена начата", "shift.close": "Смена закончена",
}  # fmt: skip
BUTTON = {"pick_up": "Забрал", "depart": "В путь", "hand_over": "Отдал", "not_deliver": "Не вручил"}
STAGE = {
    "ready": "Готов", "picked_up": "Забрал", "en_route": "В пути", "handed_over": "Отдал",
    "settled": "Сдал деньги", "not_delivered": "Не вручено",
}  # fmt: skip
METHODS = {"cash": "Наличные", "card": "Карта", "transfer": "Перевод", "prepaid": "Оплачено"}
ALL_SENT = "Всё отправлено"
# Fingers that really came down; a label's click on its own field is none.
COUNT_TAPS = """() => {
  window.tapsOfTest = 0
  window.listenToTaps ??= addEventListener('pointerdown', (one) => { window.tapsOfTest += one.isTrusted }, true) ?? true
}"""


def kopecks(shown: str) -> int:
    """«2 450,50 ₽» with any kind of space."""
    whole, _, part = re.sub(r"[^\d,]", "", shown).partition(",")
    return int(whole or "0") * 100 + int(part or "0")


def _plain(quantity: str) -> str:
    """«1,5» as the service writes it."""
    return quantity.replace(",", ".")


def rubles(kop: int) -> str:
    return f"{kop // 100}.{kop % 100:02d}"


@dataclass
class Hand:
    handset: Handset

    @property
    def page(self) -> Page:
        return self.handset.page

    # -- where he is

    async def at_list(self) -> None:
        await self.go("#/")
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text("осталось")

    async def go(self, hash: str) -> None:
        """By the address, as a link or the phone's «back» does; nothing is loaded."""
        await self.page.evaluate("to => { location.hash = to }", hash)

    async def at_order(self, id: str, number: str) -> None:
        await self.go(f"#/order/{id}")
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(f"Заказ {number}")

    async def at_stage(self, code: str) -> None:
        """The order on the screen: its mark at the top says so."""
        await expect(self.page.locator("header h1 + span")).to_have_text(re.compile(rf"^\s*{STAGE[code]}\s*$"))

    async def left(self) -> int:
        """«17 осталось» at the top of the list."""
        heading = await self.page.get_by_role("heading", level=1).inner_text()
        return int(heading.split()[0])

    # -- coming in

    async def enter(self, code: str) -> None:
        await self.page.get_by_label("Код входа").fill(code)
        await self.page.get_by_role("button", name="Войти").click()

    async def open_shift(self) -> None:
        """With no change."""
        await self.page.get_by_role("button", name="Начать смену").click()
        await self._count(0)
        await self.press()
        await self.confirmed("shift.open")

    async def close_shift(self, cash_kop: int) -> None:
        await self.go("#/shift/close")
        await self._count(cash_kop)
        await self.press()
        await self.confirmed("shift.close")

    async def _count(self, cash_kop: int) -> None:
        """The goods are what they should be."""
        await self.page.get_by_label("Сосчитано").fill(rubles(cash_kop).replace(".", ","))
        await self.fits_all()

    # -- sheets

    async def open_sheet(self, action: str) -> None:
        name = {"hand_over": re.compile("^Отдал$|^Отдать сразу$")}.get(action, BUTTON[action])
        await self.page.get_by_role("button", name=name, exact=True).click()
        if action != "depart":
            await self.sheet_ready()

    async def sheet_ready(self) -> None:
        await self.page.locator("main:not([aria-busy=true])").wait_for()
        await self.page.get_by_role("heading", name="Фото").wait_for()

    async def fits_all(self) -> None:
        """Where something is to be counted: the sheet is there when its main button is, its goods when it is ready."""
        await self.page.locator("footer button.btn-main").wait_for()
        await self.page.locator("main:not([aria-busy=true])").wait_for()
        button = self.page.get_by_role("button", name="Всё совпадает")
        if await button.count():
            await button.click()

    async def shots(self) -> int:
        """How many photos the sheet says it has saved."""
        said = await self.page.locator("section:has(input[type=file]) [role=status]").inner_text()
        return int(said.split(":")[1]) if ":" in said else 0

    async def camera(self) -> Any:
        """The camera is open: its chooser."""
        async with self.page.expect_file_chooser() as opened:
            await self.page.locator("label:has(input[type=file])").click()
        return await opened.value

    async def take(self, camera: Any, number: int, becomes: int) -> None:
        """A picture is taken; until the sheet says how many are saved."""
        await camera.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": shot(number)})
        await expect(self._saved()).to_have_text(f"Сохранено: {becomes}")

    def _saved(self) -> Locator:
        return self.page.locator("section:has(input[type=file]) [role=status]")

    async def refuse_one(self, quantity: str) -> str:
        """The customer does not want one of the first goods, of which there are `quantity`; how many he accepts."""
        goods = self.page.locator("details", has_text="Товары")
        if await goods.get_attribute("open") is None:
            await goods.locator("summary").click()
        field = goods.get_by_role("textbox").first
        if float(_plain(await field.input_value())) == float(quantity):
            await goods.get_by_role("button", name=re.compile("^меньше: ")).first.click()
        return _plain(await field.input_value())

    async def due(self) -> int:
        """«К получению» of the sheet, in kopecks."""
        return kopecks(
            await self.page.get_by_role("region", name="К получению").get_by_role("status").first.inner_text()
        )

    async def pays(self, method: str, kop: int, given: int = 0, reference: str = "") -> None:
        await self.page.get_by_role("group", name="Способ оплаты").get_by_text(METHODS[method]).click()
        if method == "prepaid":
            return
        await self.page.get_by_role("button", name=re.compile("^Ровно")).click()
        if reference:
            await self.page.get_by_label("Номер перевода").fill(reference)
        if given:
            await self.page.get_by_label("Дали").fill(str(given // 100))
            change = self.page.locator("p[role=status]:has(span.label) strong")
            await until("the change is right", lambda: self._says(change, given - kop))

    async def _says(self, sum: Locator, kop: int) -> bool:
        return kopecks(await sum.inner_text()) == kop

    async def fails(self, reason: str, comment: str, when: str) -> None:
        await self.page.get_by_role("group", name="Почему не вручено").get_by_text(reason, exact=True).click()
        await self.page.get_by_label("Комментарий").fill(comment)
        await self.page.get_by_role("group", name="Когда везти снова").get_by_text(re.compile(f"^{when}")).click()

    async def press(self) -> None:
        """The main button of a sheet."""
        await self.page.locator("footer button.btn-main").click()

    async def confirmed(self, action: str, number: str = "") -> None:
        """The screen says that it is done, and that it can be undone; the sheet is closed."""
        await expect(self.page).not_to_have_url(re.compile(f"/{action.replace('.', '/')}$"))
        await expect(self.undo_bar(action, number)).to_be_visible()

    def undo_bar(self, action: str, number: str = "") -> Locator:
        text = re.compile(rf"^\s*{DONE[action]}\s*" + (rf"·\s*{re.escape(number)}\s*$" if number else "$"))
        return self.page.locator("footer p[role=status]").filter(has_text=text)

    async def undo(self) -> None:
        await self.page.get_by_role("button", name=re.compile("^Отменить")).click()

    # -- selling and cash

    @contextlib.asynccontextmanager
    async def taps(self, most: int) -> AsyncIterator[None]:
        """What is done meanwhile takes no more taps than that, and at least one; the page is not loaded anew."""
        await self.page.evaluate(COUNT_TAPS)
        yield
        made = await self.page.evaluate("window.tapsOfTest")
        assert 1 <= made <= most, f"{made} taps"

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("navigation").get_by_role("link", name=name).click()

    async def look_anew(self) -> None:
        """«Обновить» at the list of orders, to the end of it."""
        await self.at_list()
        again = self.page.get_by_role("button", name="Обновить").last
        await again.click()
        await expect(again).not_to_have_attribute("aria-disabled", "true")

    async def to_load(self) -> None:
        """The count of a load that 1C has put into the backpack; the list is read anew until the phone knows of it."""
        button = self.page.get_by_role("button", name="Пересчитать")

        async def known() -> bool:
            await self.look_anew()
            await self.go("#/backpack")
            await self.at_backpack()
            return await button.is_visible()

        await until("the phone knows of the load", known)
        await button.click()

    async def put_in_basket(self, name: str) -> None:
        await self.page.get_by_role("button", name=f"В корзину: {name}").click()

    async def to_payment(self) -> None:
        await self.page.get_by_role("button", name="Продать", exact=True).click()

    async def sells(self, name: str, method: str, *, receipt: bool = False) -> int:
        """One piece from the list of orders on; its price in kopecks, as the sheet says it."""
        await self.tab("Рюкзак")
        await self.put_in_basket(name)
        await self.to_payment()
        await self.page.get_by_role("group", name="Способ оплаты").get_by_text(METHODS[method]).click()
        if receipt:
            await self.page.get_by_label("Покупателю нужен чек").check()
        said = await self.page.locator("footer button.btn-main").inner_text()
        await self.press()
        await expect(self.page.get_by_role("heading", name="Продано")).to_be_visible()
        return kopecks(said.removeprefix("Продано,"))

    async def corrects_sale(self, number: int, method: str, why: str) -> None:
        """One of today's sales, the newest is 0, was paid by another way."""
        await self.go("#/backpack")
        await self.page.get_by_role("button", name=re.compile("^Исправить: ")).nth(number).click()
        await self.page.get_by_label("Что было записано неверно").fill(why)
        await self.page.get_by_role("group", name="Способ оплаты").get_by_text(METHODS[method]).click()
        await self.press()
        await self.at_backpack()

    async def at_backpack(self) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Рюкзак")

    async def on_hand(self) -> int:
        """«К сдаче» of the screen of cash, in kopecks."""
        await self.go("#/cash")
        return kopecks(await self.page.get_by_role("region", name="К сдаче").locator("p").nth(1).inner_text())

    async def asks_to_hand_in(self, kop: int) -> None:
        await self.go("#/cash")
        await self.page.get_by_role("button", name="Сдать", exact=True).click()
        await self.page.get_by_role("textbox", name="Сумма в рублях").fill(rubles(kop).replace(".", ","))
        await self.press()
        await expect(self.page.get_by_role("heading", name="Сдаёте")).to_be_visible()

    async def code_for_cashier(self) -> str:
        await self.go("#/cash")
        code = self.page.get_by_role("region", name="Сдача денег").get_by_role("status")
        await expect(code).to_have_text(re.compile(r"^\s*\d{4}\s*$"))
        return (await code.inner_text()).strip()

    # -- sending

    async def send_now(self) -> None:
        """Pressed, unless all goes by itself: the button rests while the phone sends, and is gone when all is sent."""
        await self.go("#/more/queue")
        await until("the courier has asked to send, or all is sent", self._asked_to_send)

    async def _asked_to_send(self) -> bool:
        with contextlib.suppress(PlaywrightError):
            await self.page.get_by_role("button", name="Отправить сейчас").click(timeout=1000)
            return True
        return await self._sent().is_visible()

    async def all_sent(self, within_s: float = 60) -> None:
        await self.go("#/more/queue")
        await expect(self._sent()).to_be_visible(timeout=within_s * 1000)

    def _sent(self) -> Locator:
        return self.page.locator("header a").get_by_text(ALL_SENT)
