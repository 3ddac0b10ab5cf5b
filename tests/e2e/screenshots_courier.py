"""Pictures of the courier's application: a phone that logs in to the demo, works, loses the network and its login.

Writes docs/images/courier/NAME.png and NAME-dark.png, 390 wide; of some also NAME-320.png. A picture is a whole sheet.
"""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect
from tests.desk import Desk, Json, until
from tests.pictures import picture

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDTH, HEIGHT, NARROW = 390, 844, 320
COLOURS = 192
# How far the six orders have come that 1C prepares for a courier.
THERMOS, PUT = "Термос «Тайга» 1 л", (6, 3, 2, 5)
FRESH = (("pick_up", "depart"), ("pick_up",), (), ("pick_up", "depart", "not_deliver"), ("pick_up", "hand_over"), ())


def shrink(file: Path) -> None:
    """Few colours are enough for a screen; nobody sees the difference but the one who clones the repository."""
    with Image.open(file) as image:
        small = image.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


class Phone:
    """The page of the application, and the deliveries of its courier by stage."""

    def __init__(self, page: Page, desk: Desk, courier: str) -> None:
        self.page, self.desk, self.courier = page, desk, courier

    async def shoot(self, name: str, *, narrow: bool = False) -> None:
        """In both themes, and on the smallest phone there is."""
        await settled(self.page)
        for scheme, ending in (("light", ""), ("dark", "-dark")):
            await self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await self._keep(f"{name}{ending}", WIDTH, HEIGHT)
        await self.page.emulate_media(color_scheme="light")
        if narrow:
            await self._keep(f"{name}-320", NARROW, 640)
        await self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    async def _keep(self, name: str, width: int, height: int) -> None:
        """As if the phone were so long that nothing has to be scrolled: what sticks to its ends stays there."""
        await self.page.set_viewport_size({"width": width, "height": height})
        whole: int = await self.page.evaluate("document.documentElement.scrollHeight")
        await self.page.set_viewport_size({"width": width, "height": max(height, whole)})
        file = IMAGES / "courier" / f"{name}.png"
        await self.page.screenshot(path=file, animations="disabled")
        shrink(file)
        print(file.relative_to(IMAGES.parents[1]), file.stat().st_size)

    async def go(self, path: str) -> None:
        await self.page.evaluate("to => { location.hash = to }", path)
        await self.page.locator("main:not([aria-busy=true])").wait_for()

    async def sheet(self, delivery: Json, step: str) -> None:
        await self.go(f"#/order/{delivery['id']}/{step}")
        await self.page.get_by_role("heading", name="Фото").wait_for()

    async def one(self, stage: str) -> Json:
        """A delivery of his at this stage: one whose place is known, with the most money to take."""
        cards = (await self.desk.board(courier=self.courier)).values()
        fit = [card for card in cards if card["stage"] == stage]
        return max(fit, key=lambda card: ("latitude" in card["address"], float(card["amount_due"])))

    async def press(self, *names: str | re.Pattern[str]) -> None:
        for name in names:
            await self.page.get_by_role("button", name=name).last.click()

    async def photo(self, number: int) -> None:
        """A shot of the door: what a camera would give, not a drawing of it."""
        file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": _door(number)}
        await self.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        await expect(self.page.get_by_text("Сохранено: 1")).to_be_visible()

    async def stands_at(self, delivery: Json, off: float = 0.0001) -> None:
        """off: degrees to the north of the address; 0.0001 are 11 metres."""
        at = delivery["address"]
        place = {"latitude": at["latitude"] + off, "longitude": at["longitude"], "accuracy": 9}
        await self.page.context.set_geolocation(place)  # type: ignore[arg-type]

    def footer(self) -> Locator:
        return self.page.locator("footer button.btn-main")


def _door(number: int) -> bytes:
    """The small picture of the tests, as large and soft as a photo taken in a stairwell."""
    _, small = picture(number)
    made = io.BytesIO()
    with Image.open(io.BytesIO(small)) as image:
        image.resize((800, 600), Image.Resampling.BICUBIC).save(made, "JPEG", quality=85)
    return made.getvalue()


async def take_courier(browser: Browser, desk: Desk, service: str) -> None:
    (IMAGES / "courier").mkdir(parents=True, exist_ok=True)
    courier = await _some_work(desk)
    async with _phone(browser, desk, courier) as phone:
        await _comes_in(phone, f"{service}/courier/")
        await _looks_around(phone)
        await _works(phone)
        await _trades(phone)
        await _raises_doubts(phone)
        await _loses_the_network(phone)
        await _loses_the_login(phone)


async def _some_work(desk: Desk) -> str:
    """A courier of «Центр» with the day that 1C's button prepares, at all stages; his ref."""
    courier = next(one for one in (await desk.look("/onec/api/couriers"))["couriers"] if one["division"] == "Центр")
    ref = str(courier["ref"])
    made = [one["ref"] for one in (await desk.tell(f"/onec/api/couriers/{ref}/day", count=len(FRESH)))["orders"]]

    async def assigned() -> dict[str, Json] | None:
        known = await desk.board(courier=ref)
        return known if set(made) <= known.keys() else None

    known = await until("the prepared orders are his", assigned)
    for card, steps in zip([known[one] for one in made], FRESH, strict=True):
        for step in steps:
            await desk.act(card["id"], step, **await _said(desk, card, step))
    return ref


async def _said(desk: Desk, card: Json, step: str) -> Json:
    if step == "not_deliver":
        return {"reason": "not_home", "next_date": None}
    return {"amount_taken": card["amount_due"], "photos": await desk.proof(7)} if step == "hand_over" else {}


@asynccontextmanager
async def _phone(browser: Browser, desk: Desk, courier: str) -> AsyncIterator[Phone]:
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="ru-RU", timezone_id="Europe/Moscow",
        reduced_motion="reduce", color_scheme="light", has_touch=True, is_mobile=True,
        geolocation={"latitude": 55.7601, "longitude": 37.6187, "accuracy": 12}, permissions=["geolocation", "camera"],
    )  # fmt: skip
    page = await context.new_page()
    try:
        yield Phone(page, desk, courier)
    finally:
        await context.close()


async def _comes_in(phone: Phone, address: str) -> None:
    await phone.page.goto(address)
    field = phone.page.get_by_label("Код входа")
    await field.wait_for()
    await phone.shoot("entry", narrow=True)
    await field.fill("2345WXYZ")
    await phone.press("Войти")
    await phone.page.locator("p[role=alert]", has_text=re.compile(r"\S")).wait_for()
    await phone.shoot("entry-refused")
    await field.fill(await _code(phone))
    await phone.press("Войти")
    await phone.page.get_by_role("heading", level=1, name=re.compile("осталось")).wait_for()
    await phone.shoot("orders-before-shift")
    await phone.go("#/shift/open")
    await _count(phone, "500")
    await phone.shoot("shift-open")
    await phone.footer().click()
    await phone.page.get_by_role("button", name=re.compile("^Отменить")).wait_for()
    await phone.shoot("orders-undo")


async def _code(phone: Phone) -> str:
    made = await _post(phone.desk, f"couriers/{phone.courier}/login-codes")
    return str(made["code"])


async def _post(desk: Desk, path: str) -> Json:
    headers = {"Authorization": f"Bearer {desk.token}"}
    async with desk.session.post(f"{desk.service}/api/v1/board/{path}", headers=headers) as answer:
        answer.raise_for_status()
        told: Json = await answer.json() if answer.content_type.endswith("json") else {}
    return told


async def _count(phone: Phone, cash: str) -> None:
    """Counts money and goods of a shift."""
    await phone.page.get_by_label("Сосчитано").fill(cash)
    await _fits(phone)


async def _fits(phone: Phone) -> None:
    """Every line is there; a draft may say so already."""
    fits = phone.page.get_by_role("button", name="Всё совпадает")
    if await fits.count():
        await fits.click()


async def _looks_around(phone: Phone) -> None:
    await _sent(phone)
    await phone.go("#/")
    await phone.shoot("orders", narrow=True)
    for name, path in (("backpack", "#/backpack"), ("cash", "#/cash"), ("more", "#/more"),
                       ("diagnostics", "#/more/diagnostics"), ("shift-close", "#/shift/close")):  # fmt: skip
        await phone.go(path)
        await phone.shoot(name, narrow=name == "more")


async def _sent(phone: Phone) -> None:
    await phone.go("#/more/queue")
    await phone.press("Отправить сейчас")
    await phone.page.locator("header a").get_by_text("Всё отправлено").wait_for()


async def _works(phone: Phone) -> None:
    """Every sheet, filled in as a courier does; one of them is recorded."""
    way = await phone.one("en_route")
    await phone.stands_at(way)
    await phone.go(f"#/order/{way['id']}")
    await phone.shoot("order", narrow=True)
    await phone.sheet(await phone.one("ready"), "pick_up")
    await _fits(phone)
    await phone.shoot("pick-up", narrow=True)
    await phone.sheet(await phone.one("picked_up"), "depart")
    await phone.shoot("depart")
    await phone.sheet(way, "not_deliver")
    await phone.page.get_by_text("Нет дома", exact=True).click()
    await phone.page.get_by_text(re.compile("^Завтра")).click()
    await phone.shoot("not-deliver", narrow=True)
    await _not_sure(phone)
    await phone.sheet(await phone.one("handed_over"), "customer_return")
    await phone.shoot("customer-return")
    await phone.sheet(await phone.one("not_delivered"), "give_back")
    await phone.shoot("give-back")
    await _hands_over(phone, way)


async def _not_sure(phone: Phone) -> None:
    """Without the photo that the division wishes for, the application asks."""
    await phone.footer().click()
    await phone.page.get_by_role("dialog").wait_for()
    await phone.shoot("without-photo")
    await phone.press("Вернуться")


async def _hands_over(phone: Phone, way: Json) -> None:
    await phone.sheet(way, "hand_over")
    await _pays(phone)
    await phone.page.get_by_label("Дали").fill(str((int(float(way["amount_due"])) // 5000 + 1) * 5000))
    await phone.photo(8)
    await phone.shoot("hand-over", narrow=True)
    await phone.footer().click()
    await phone.page.get_by_role("button", name=re.compile("^Отменить")).wait_for()
    await phone.shoot("order-handed-over")
    await _sent(phone)
    await phone.shoot("queue-sent")
    await phone.go(f"#/order/{way['id']}")
    await phone.press("Исправить")
    await phone.page.locator("main:not([aria-busy=true])").wait_for()
    await phone.shoot("correct")


async def _pays(phone: Phone) -> None:
    await phone.page.get_by_role("group", name="Способ оплаты").get_by_text("Наличные").click()
    await phone.press(re.compile("^Ровно"))


async def _trades(phone: Phone) -> None:
    """A load is counted in, a thermos is sold, its sale corrected, the money named to the cashier."""
    await _loaded(phone)
    await phone.go("#/backpack/accept")
    await phone.press(f"меньше: {THERMOS}")
    await phone.shoot("load", narrow=True)
    await phone.press(f"больше: {THERMOS}")
    await _fits(phone)
    await phone.footer().click()
    await phone.page.get_by_role("button", name=re.compile("^Отменить")).wait_for()
    await _sent(phone)
    await phone.go("#/backpack")
    await phone.press(f"В корзину: {THERMOS}")
    await phone.shoot("backpack-basket", narrow=True)
    await phone.go("#/backpack/sell")
    await phone.page.get_by_role("group", name="Способ оплаты").get_by_text("Наличные").click()
    await phone.page.get_by_label("Дали").fill("1500")
    await phone.shoot("sale", narrow=True)
    await phone.footer().click()
    await phone.page.get_by_role("heading", name="Продано").wait_for()
    await phone.shoot("sold", narrow=True)
    await _sent(phone)
    await phone.go("#/backpack")
    await phone.shoot("backpack-sold")
    await phone.press(re.compile("^Исправить: "))
    await phone.shoot("sale-correct", narrow=True)
    await _hands_in(phone)


async def _loaded(phone: Phone) -> None:
    """«Положить в рюкзак» in 1C, until the phone knows of it."""
    desk = phone.desk
    house = next(one for one in (await desk.look("/onec/api/backpacks"))["warehouses"] if one["division"] == "Центр")
    goods = sorted(house["goods"], key=lambda one: (one["name"] != THERMOS, one["by_weight"], one["name"]))
    lines = [{"product": one["product"], "quantity": str(count)} for one, count in zip(goods, PUT, strict=False)]
    path = f"/onec/api/couriers/{phone.courier}/backpack"
    await desk.tell(path, action="load", warehouse=house["ref"], lines=lines)

    async def known() -> bool:
        await phone.go("#/")
        await phone.press("Обновить")
        await phone.go("#/backpack")
        return await phone.page.get_by_role("button", name="Пересчитать").is_visible()

    await until("the phone knows of the load", known)


async def _hands_in(phone: Phone) -> None:
    await phone.go("#/cash")
    await phone.shoot("cash-lines", narrow=True)
    await phone.go("#/cash/hand_in")
    await phone.press(re.compile("^Всё: "))
    await phone.shoot("hand-in")
    await phone.footer().click()
    await phone.page.get_by_role("heading", name="Сдаёте").wait_for()
    await _sent(phone)
    await phone.go("#/cash")
    await phone.page.get_by_role("status").filter(has_text=re.compile(r"^\s*\d{4}\s*$")).wait_for()
    await phone.shoot("cash-code", narrow=True)


async def _raises_doubts(phone: Phone) -> None:
    """A hand-over from 3 km away with the photo of another order: the office has something to look into."""
    other = await phone.one("picked_up")
    await phone.stands_at(other, 0.027)
    await phone.sheet(other, "hand_over")
    await _pays(phone)
    await phone.photo(8)
    await phone.footer().click()
    await phone.page.get_by_role("button", name=re.compile("^Отменить")).wait_for()
    await _sent(phone)
    await until("the office has found both", lambda: _doubts(phone.desk))


async def _doubts(desk: Desk) -> bool:
    found = (await desk.ask("/api/v1/board/incidents?state=open"))["incidents"]
    return {"far_from_address", "repeated_photo"} <= {one["kind"] for one in found}


async def _loses_the_network(phone: Phone) -> None:
    ready = await phone.one("ready")
    await phone.page.context.set_offline(True)
    await phone.sheet(ready, "pick_up")
    await _fits(phone)
    await phone.photo(9)
    await phone.footer().click()
    await phone.page.get_by_role("button", name=re.compile("^Отменить")).wait_for()
    await phone.go("#/more/queue")
    await phone.press("Отправить сейчас")
    await phone.page.get_by_text("Нет связи").first.wait_for()
    await phone.shoot("queue-offline")
    await phone.go("#/")
    await phone.shoot("orders-offline", narrow=True)


async def _loses_the_login(phone: Phone) -> None:
    """The office ends the phone's token; what is unsent stays here and goes after a new login."""
    couriers = (await phone.desk.ask("/api/v1/board/couriers"))["couriers"]
    mine = next(one for one in couriers if one["ref"] == phone.courier)
    await _post(phone.desk, f"devices/{mine['devices'][0]['token_id']}/revoke")
    await phone.page.context.set_offline(False)
    await phone.page.get_by_text("Вход устарел").first.wait_for()
    await phone.shoot("orders-expired")
    await phone.go("#/entry")
    await phone.page.get_by_label("Код входа").wait_for()
    await phone.shoot("entry-expired")


async def settled(page: Page) -> None:
    """Until the text of the page is the same twice, with no placeholder in it."""
    before = ""
    for _ in range(40):
        now: str = await page.evaluate("document.body.innerText")
        if now and now == before and not await page.locator(".skeleton:visible, [aria-busy=true]").count():
            return
        before = now
        await page.wait_for_timeout(300)
