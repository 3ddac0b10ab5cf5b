"""The page «Пилот» by hand: a division is switched to shadow and back, its couriers chosen, an order marked."""

from playwright.async_api import expect
from tests.desk import Desk, until
from tests.e2e.office_live import Office

DIVISION = "Центр"


async def a_division_is_switched(office: Office) -> None:
    page, desk = office.page, office.desk
    await until("1C has told of its divisions", lambda: _known(desk))
    await office.open("/pilot")
    card = page.get_by_role("region", name=DIVISION, exact=True)
    await expect(card.get_by_text("Работает", exact=True)).to_be_visible()

    await card.get_by_role("button", name="В теневой режим").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Что произойдёт")).to_be_visible()
    await office.looked_at("to shadow")
    button = dialog.get_by_role("button", name="Переключить")
    await expect(button).to_be_disabled()
    await dialog.get_by_label("Причина").fill("проверка страницы")
    await dialog.get_by_label(f"Чтобы продолжить, напишите: {DIVISION}").fill("центр")
    await button.click()
    await expect(page.get_by_text(f"{DIVISION}: теперь «Теневой режим»")).to_be_visible()
    await expect(card.get_by_text("Теневой режим", exact=True)).to_be_visible()

    await card.get_by_role("button", name="Изменить состав").click()
    await dialog.get_by_role("checkbox").first.check()
    await dialog.get_by_label("Причина").fill("первый курьер")
    await office.looked_at("couriers of the pilot")
    await dialog.get_by_role("button", name="Сохранить состав").click()
    await expect(card.get_by_text("Курьеры пилота: 1")).to_be_visible()

    (ref,) = await desk.make_orders(1)
    number = str((await desk.look(f"/onec/api/orders/{ref}"))["number"])
    await until("the order has come", lambda: _order(desk, number))
    await page.get_by_role("button", name="Пометить пробный заказ").click()
    await dialog.get_by_label("Номер заказа или ссылка").fill(number)
    await dialog.get_by_label("Причина").fill("первая проба")
    await dialog.get_by_role("button", name="Пометить", exact=True).click()
    await expect(page.get_by_text(f"Заказ {number} помечен пробным")).to_be_visible()
    assert (await desk.press(ref, "ready"))["status"] == "done"

    for tab in ("Что было бы отправлено", "Неделя"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator("main .skeleton")).to_have_count(0)
        await office.looked_at(tab)


async def _known(desk: Desk) -> bool:
    found = (await desk.ask("/api/v1/admin/pilot"))["divisions"]
    return any(one["name"] == DIVISION and one["couriers"] for one in found)


async def _order(desk: Desk, number: str) -> bool:
    return bool((await desk.ask(f"/api/v1/board/way?q={number}"))["found"])
